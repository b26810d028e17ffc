// tally: how often each 64-bit hash was counted, in eight bytes for each that came once: three million rows take 32
// MiB.
#ifndef HEED_TALLY_H
#define HEED_TALLY_H

#include "base/base.h"

typedef struct tally tally;

tally *tally_open(arena *a);                   // the tables have memory of their own, so tally_close it
void tally_close(tally *t);                    // NULL is fine
uint32_t tally_count(tally *t, uint64_t hash); // counts once more; 1 for a hash that is new

// For rows that have an id: what a row is among those with the same id. The first one's content is remembered in 20
// bits, so a different row is taken for the same once in a million times.
enum tally_was { TALLY_NEW, TALLY_SAME, TALLY_OTHER };
enum tally_was tally_first(tally *t, uint64_t id, uint64_t content);

size_t tally_size(const tally *t); // different hashes counted

#endif
