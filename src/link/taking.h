// taking: rows into a table. Cells are brought to their standard form and numbered by two threads, a batch at a time,
// while the next batch is read.
#ifndef HEED_LINK_TAKING_H
#define HEED_LINK_TAKING_H

#include "link/table.h"

typedef struct taking taking;

taking *taking_open(link_table *t, const link_plan *plan);
void taking_row(taking *k, const str *cells, int n); // cells are copied
void taking_close(taking *k);                        // what is not in the table yet goes there

#endif
