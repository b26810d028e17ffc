#include "listen/tally.h"

enum { FIRST_SLOTS = 1 << 12, CONTENT_BITS = 20 };

// Open addressing with linear probing; a slot whose first word is 0 is free.
typedef struct {
    arena mem;
    uint64_t *slots;
    size_t n, cap; // cap is a power of two
    size_t width;  // words per slot: the hash, and for the table of repeats also its count
    int low;       // lower bits that are not the hash's own
} table;

// Most rows come once, so their count is not stored: `seen` holds every hash, `repeats` those that came again.
// `firsts` holds ids in the upper 44 bits and what was said of them first in the lower 20.
struct tally {
    table seen, repeats, firsts;
};

static void table_open(table *t, size_t cap, size_t width, int low) {
    t->mem = arena_open(cap * width * sizeof *t->slots + 64);
    t->slots = make(&t->mem, uint64_t, cap * width);
    t->cap = cap;
    t->width = width;
    t->low = low;
}

tally *tally_open(arena *a) {
    tally *t = make(a, tally, 1);
    table_open(&t->seen, FIRST_SLOTS, 1, 0);
    table_open(&t->repeats, FIRST_SLOTS, 2, 0);
    table_open(&t->firsts, FIRST_SLOTS, 1, CONTENT_BITS);
    return t;
}

void tally_close(tally *t) {
    if (!t) return;
    arena_close(&t->seen.mem);
    arena_close(&t->repeats.mem);
    arena_close(&t->firsts.mem);
}

static uint64_t *find(const table *t, uint64_t hash) {
    size_t i = (size_t)(hash >> t->low) & (t->cap - 1);
    while (t->slots[i * t->width] && (t->slots[i * t->width] ^ hash) >> t->low) i = (i + 1) & (t->cap - 1);
    return &t->slots[i * t->width];
}

static void grow(table *t) {
    table old = *t;
    table_open(t, old.cap * 2, old.width, old.low);
    for (size_t i = 0; i < old.cap; i++) {
        const uint64_t *from = &old.slots[i * old.width];
        if (*from) memcpy(find(t, *from), from, old.width * sizeof *from);
    }
    arena_close(&old.mem);
}

// The slot of a hash, and whether it stood there before. Four fifths full is the limit.
static uint64_t *put(table *t, uint64_t hash, bool *known) {
    uint64_t *slot = find(t, hash);
    *known = *slot != 0;
    if (*known) return slot;
    if ((t->n + 1) * 5 > t->cap * 4) {
        grow(t);
        slot = find(t, hash);
    }
    t->n++;
    *slot = hash;
    return slot;
}

uint32_t tally_count(tally *t, uint64_t hash) {
    bool known = false;
    hash += !hash;
    put(&t->seen, hash, &known);
    if (!known) return 1;
    uint64_t *slot = put(&t->repeats, hash, &known);
    slot[1] = known ? slot[1] + 1 : 2;
    return (uint32_t)slot[1];
}

enum tally_was tally_first(tally *t, uint64_t id, uint64_t content) {
    uint64_t mask = (UINT64_C(1) << CONTENT_BITS) - 1, hash = (id & ~mask) | (content & mask);
    bool known = false;
    hash += !hash;
    const uint64_t *slot = put(&t->firsts, hash, &known);
    if (!known) return TALLY_NEW;
    return *slot == hash ? TALLY_SAME : TALLY_OTHER;
}

size_t tally_size(const tally *t) {
    return t->seen.n;
}
