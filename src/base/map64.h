// map64: 64-bit numbers to small numbers, in an arena. Open addressing, grows by doubling, nothing is removed.
#ifndef HEED_MAP64_H
#define HEED_MAP64_H

#include "base/base.h"

typedef struct {
    arena *a;
    int64_t *keys;
    int32_t *vals; // -1: empty
    size_t cap, n;
} map64;

map64 map64_new(arena *a, size_t expected);
int32_t map64_get(const map64 *m, int64_t key);     // -1 when absent
void map64_put(map64 *m, int64_t key, int32_t val); // val >= 0; replaces
// The value's place, made with `fresh` when absent; *made says so. Valid until the next call that may grow.
int32_t *map64_at(map64 *m, int64_t key, int32_t fresh, bool *made);

#endif
