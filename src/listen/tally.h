// tally: how often each 64-bit hash was counted, in eight bytes for each that came once: three million rows take 32 MiB.
#ifndef HEED_TALLY_H
#define HEED_TALLY_H

#include "base/base.h"

typedef struct tally tally;

tally *tally_open(arena *a);                 // the tables have memory of their own, so tally_close it
void tally_close(tally *t);                  // NULL is fine
uint32_t tally_add(tally *t, uint64_t hash); // counts once more; 1 for a hash that is new
size_t tally_size(const tally *t);           // different hashes

#endif
