#include "base/map64.h"

static size_t home(const map64 *m, int64_t key) {
    uint64_t h = (uint64_t)key * 0x9E3779B97F4A7C15u; // Fibonacci hashing, Knuth 6.4
    return (size_t)(h >> 32 ^ h) & (m->cap - 1);
}

static void empty(map64 *m, size_t cap) {
    m->cap = cap, m->n = 0;
    m->keys = make(m->a, int64_t, cap);
    m->vals = make(m->a, int32_t, cap);
    memset(m->vals, 0xff, cap * sizeof *m->vals);
}

map64 map64_new(arena *a, size_t expected) {
    map64 m = {.a = a};
    size_t cap = 16;
    while (cap < expected * 2) cap *= 2;
    empty(&m, cap);
    return m;
}

static size_t find(const map64 *m, int64_t key) {
    size_t i = home(m, key);
    while (m->vals[i] >= 0 && m->keys[i] != key) i = (i + 1) & (m->cap - 1);
    return i;
}

int32_t map64_get(const map64 *m, int64_t key) {
    return m->vals[find(m, key)];
}

static void grow(map64 *m) {
    map64 old = *m;
    empty(m, old.cap * 2);
    for (size_t i = 0; i < old.cap; i++)
        if (old.vals[i] >= 0) map64_put(m, old.keys[i], old.vals[i]);
}

int32_t *map64_at(map64 *m, int64_t key, int32_t fresh, bool *made) {
    if (m->n * 2 >= m->cap) grow(m);
    size_t i = find(m, key);
    *made = m->vals[i] < 0;
    if (*made) m->keys[i] = key, m->vals[i] = fresh, m->n++;
    return &m->vals[i];
}

void map64_put(map64 *m, int64_t key, int32_t val) {
    bool made;
    *map64_at(m, key, val, &made) = val;
}
