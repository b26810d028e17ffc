#include "link/intern.h"

enum { FIRST = 1024 };

static uint64_t *new_slots(intern *t, size_t cap) {
    size_t had = 0;
    uint64_t *s = room_for(NULL, &had, cap, sizeof *s);
    memset(s, 0, cap * sizeof *s);
    t->cap = cap;
    return s;
}

intern intern_open(void) {
    intern t = {.n = 1};
    ROOM_FOR(t.at, &t.cap_at, FIRST);
    ROOM_FOR(t.count, &t.cap_count, FIRST);
    ROOM_FOR(t.bytes, &t.cap_bytes, FIRST);
    t.at[0] = t.at[1] = t.count[0] = 0;
    t.slot = new_slots(&t, FIRST);
    return t;
}

void intern_close(intern *t) {
    free(t->at);
    free(t->count);
    free(t->bytes);
    free(t->slot);
    *t = (intern){0};
}

void intern_done(intern *t) {
    free(t->slot);
    t->slot = NULL, t->cap = 0;
}

str intern_text(const intern *t, uint32_t i) {
    return (str){t->bytes + t->at[i], t->at[i + 1] - t->at[i]};
}

// The slot of x: its own, or the empty one where it belongs. Its home is the upper half of the hash, which the slot
// keeps, so that growing reads no text.
static size_t seek(const intern *t, str x, uint64_t hash) {
    const uint32_t piece = (uint32_t)(hash >> 32);
    for (size_t i = (size_t)piece & (t->cap - 1);; i = (i + 1) & (t->cap - 1)) {
        const uint64_t s = t->slot[i];
        if (!s) return i;
        if ((uint32_t)(s >> 32) == piece && str_eq(intern_text(t, (uint32_t)s), x)) return i;
    }
}

static void grow(intern *t) {
    const intern old = *t;
    t->slot = new_slots(t, old.cap * 2);
    for (size_t k = 0; k < old.cap; k++) {
        const uint64_t s = old.slot[k];
        if (!s) continue;
        size_t i = (size_t)(s >> 32) & (t->cap - 1);
        while (t->slot[i]) i = (i + 1) & (t->cap - 1);
        t->slot[i] = s;
    }
    free(old.slot);
}

void intern_again(intern *t) {
    size_t cap = FIRST;
    while (cap < (size_t)t->n * 2) cap *= 2;
    free(t->slot);
    t->slot = new_slots(t, cap);
    for (uint32_t k = 1; k < t->n; k++) {
        const uint64_t hash = str_hash(intern_text(t, k));
        size_t i = (size_t)(hash >> 32) & (cap - 1);
        while (t->slot[i]) i = (i + 1) & (cap - 1);
        t->slot[i] = (hash >> 32 << 32) | k;
    }
}

uint64_t intern_hash(str x) {
    return str_hash(x);
}

void intern_ask(const intern *t, uint64_t hash, int step) {
    const uint64_t *s = &t->slot[(size_t)(hash >> 32) & (t->cap - 1)];
    const uint32_t i = step ? (uint32_t)*s : 0;
    if (step == 0) __builtin_prefetch(s);
    if (step == 1) __builtin_prefetch(&t->at[i]), __builtin_prefetch(&t->count[i]);
    if (step == 2) __builtin_prefetch(t->bytes + t->at[i]);
}

uint32_t intern_put(intern *t, str x) {
    return intern_put_hashed(t, x, x.len ? str_hash(x) : 0);
}

uint32_t intern_put_hashed(intern *t, str x, uint64_t hash) {
    if (!x.len) return t->count[0]++, 0;
    const size_t i = seek(t, x, hash);
    if (t->slot[i]) return t->count[(uint32_t)t->slot[i]]++, (uint32_t)t->slot[i];
    const uint32_t from = t->at[t->n];
    assert(x.len < UINT32_MAX - from && t->n < UINT32_MAX - 1);
    ROOM_FOR(t->bytes, &t->cap_bytes, from + x.len);
    ROOM_FOR(t->at, &t->cap_at, (size_t)t->n + 2);
    ROOM_FOR(t->count, &t->cap_count, (size_t)t->n + 1);
    memcpy(t->bytes + from, x.s, x.len);
    t->at[t->n + 1] = from + (uint32_t)x.len;
    t->count[t->n] = 1;
    t->slot[i] = (hash >> 32 << 32) | t->n;
    if (++t->n * (size_t)2 > t->cap) grow(t);
    return t->n - 1;
}

uint32_t intern_find(const intern *t, str x) {
    return x.len ? (uint32_t)t->slot[seek(t, x, str_hash(x))] : 0;
}
