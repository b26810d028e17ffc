// block_private: what choosing rules and running them share.
#ifndef HEED_LINK_BLOCK_PRIVATE_H
#define HEED_LINK_BLOCK_PRIVATE_H

#include "link/block.h"
#include "link/trait.h"

static inline const uint32_t *block_row(const link_blocks *b, uint32_t row) {
    return b->row + (size_t)row * (size_t)b->width;
}

static inline uint64_t block_mix(uint64_t x) { // the finalizer of splitmix64 (Steele, Lea and Flood 2014)
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
    x = (x ^ x >> 27) * 0x94D049BB133111EBu;
    return x ^ x >> 31;
}

// What a record is sorted by under a rule; 0 when something is missing.
static inline uint64_t block_key(const link_rule *r, const uint32_t *row) {
    uint64_t k = 0x9E3779B97F4A7C15u;
    for (int i = 0; i < r->n; i++) {
        const uint32_t x = row[r->atom[i]];
        if (!x) return 0;
        k = block_mix(k ^ x);
    }
    return k | 1;
}

// Bits of the atoms in which two records agree.
static inline uint64_t block_agree(const uint32_t *x, const uint32_t *y, int width) {
    uint64_t m = 0;
    for (int i = 0; i < width; i++) m |= (uint64_t)(x[i] == y[i] && x[i]) << i;
    return m;
}

// What a record with these values has of an atom; 0: nothing.
uint32_t block_atom(const link_blocks *b, int atom, const uint32_t *cells);
// The first word, not too common, that two records share; UINT32_MAX if they share none.
uint32_t block_shared_word(const link_blocks *b, const link_rule *r, uint32_t x, uint32_t y);
// Bits of the rules that a pair fulfils.
uint64_t block_rules_of(const link_blocks *b, uint32_t x, uint32_t y);

static inline bool block_may_pair(const link_table *t, uint32_t a, uint32_t b) { // a < b
    return !t->two || (a < t->rows_a && b >= t->rows_a);
}

#endif
