// cells: a table of customers out of a CSV file, whole in memory, with the columns that its header names.
#ifndef HEED_CELLS_H
#define HEED_CELLS_H

#include "cli/cli.h"

typedef struct {
    str *names; // [columns]
    int columns;
    size_t n;    // rows
    str *at;     // [n × columns], trimmed; empty where a row is short
    int64_t odd; // rows that were not read whole
} cells;

// Packed or not; "-" is standard input. Lives in a.
must_use bool cells_read(arena *a, const cli *c, const char *path, cells *out, err *e);
str cells_at(const cells *t, size_t row, int column);
// The first column whose name in letters and digits is one of these, with blanks between; -1 if there is none.
int cells_find(arena scratch, const cells *t, const char *names);
// The column that an option names; the error lists what there is.
must_use bool cells_asked(arena *a, const cells *t, const char *option, str name, int *column, err *e);
bool cells_numeric(const cells *t, int column); // are all filled cells numbers, and is there one

#endif
