#include "base/radix.h"

// Least significant digit first, eight bits at a time; digits in which all keys agree are passed over, so small numbers
// cost few passes. Knuth 5.2.5.
enum { DIGITS = 8, BUCKETS = 256 };

typedef struct {
    size_t count[DIGITS][BUCKETS];
} histogram;

static bool one_bucket(const size_t *count, size_t n) {
    for (int b = 0; b < BUCKETS; b++)
        if (count[b]) return count[b] == n;
    return true;
}

static void starts(size_t *count) {
    size_t sum = 0;
    for (int b = 0; b < BUCKETS; b++) {
        size_t c = count[b];
        count[b] = sum, sum += c;
    }
}

void radix_sort(arena scratch, keyed *x, size_t n) {
    histogram *h = make(&scratch, histogram, 1);
    keyed *from = x, *to = make(&scratch, keyed, n);
    for (size_t i = 0; i < n; i++)
        for (int d = 0; d < DIGITS; d++) h->count[d][x[i].key >> (8 * d) & 255]++;
    for (int d = 0; d < DIGITS; d++) {
        size_t *count = h->count[d];
        if (one_bucket(count, n)) continue;
        starts(count);
        for (size_t i = 0; i < n; i++) to[count[from[i].key >> (8 * d) & 255]++] = from[i];
        keyed *t = from;
        from = to, to = t;
    }
    if (from != x) memcpy(x, from, n * sizeof *x);
}

void radix_sort_u64(arena scratch, uint64_t *x, size_t n) {
    histogram *h = make(&scratch, histogram, 1);
    uint64_t *from = x, *to = make(&scratch, uint64_t, n);
    for (size_t i = 0; i < n; i++)
        for (int d = 0; d < DIGITS; d++) h->count[d][x[i] >> (8 * d) & 255]++;
    for (int d = 0; d < DIGITS; d++) {
        size_t *count = h->count[d];
        if (one_bucket(count, n)) continue;
        starts(count);
        for (size_t i = 0; i < n; i++) to[count[from[i] >> (8 * d) & 255]++] = from[i];
        uint64_t *t = from;
        from = to, to = t;
    }
    if (from != x) memcpy(x, from, n * sizeof *x);
}
