// id_set: a set of small numbers of customers or profiles, a bit each.
#ifndef HEED_ID_SET_H
#define HEED_ID_SET_H

#include "base/base.h"

typedef struct {
    uint64_t *bits;
    int64_t base, n; // holds base <= id < base + n
} id_set;

static inline bool id_set_has(const id_set *x, int64_t id) {
    uint64_t i = (uint64_t)id - (uint64_t)x->base;
    return i < (uint64_t)x->n && x->bits[i >> 6] >> (i & 63) & 1;
}
static inline void id_set_add(id_set *x, int64_t id) {
    uint64_t i = (uint64_t)id - (uint64_t)x->base;
    if (i < (uint64_t)x->n) x->bits[i >> 6] |= (uint64_t)1 << (i & 63);
}

#endif
