#include "link/truth.h"

#include "base/radix.h"

static link_quality of(double right, double said, double true_) {
    const double p = said > 0 ? right / said : 1, r = true_ > 0 ? right / true_ : 1;
    return (link_quality){p, r, p + r > 0 ? 2 * p * r / (p + r) : 0};
}

static double pairs(double n) {
    return n * (n - 1) / 2;
}

typedef double measure(double both, double a, double b);

static double count_pairs(double both, double a, double b) {
    (void)a, (void)b;
    return pairs(both);
}

static double share_of_a(double both, double a, double b) {
    (void)b;
    return both * both / a;
}

static double share_of_b(double both, double a, double b) {
    (void)a;
    return both * both / b;
}

static uint32_t *sizes(arena *s, const uint32_t *g, uint32_t n) {
    uint32_t most = 0;
    for (uint32_t i = 0; i < n; i++) most = MAX(most, g[i]);
    uint32_t *size = make(s, uint32_t, (size_t)most + 1);
    for (uint32_t i = 0; i < n; i++) size[g[i]]++;
    return size;
}

// The sum of a measure over what clusters and true groups have in common.
static double sum(const uint32_t *x, const uint32_t *y, uint32_t n, measure *f) {
    arena s = arena_open((size_t)n * 24 + ((size_t)64 << 30));
    uint64_t *key = make(&s, uint64_t, n);
    const uint32_t *sx = sizes(&s, x, n), *sy = sizes(&s, y, n);
    for (uint32_t i = 0; i < n; i++) key[i] = (uint64_t)x[i] << 32 | y[i];
    radix_sort_u64(s, key, n);
    double total = 0;
    for (uint32_t i = 0, to; i < n; i = to) {
        for (to = i + 1; to < n && key[to] == key[i];) to++;
        total += f(to - i, sx[key[i] >> 32], sy[(uint32_t)key[i]]);
    }
    arena_close(&s);
    return total;
}

link_quality link_quality_pairs(const uint32_t *cluster, const uint32_t *truth, uint32_t n) {
    return of(sum(cluster, truth, n, count_pairs), sum(cluster, cluster, n, count_pairs),
              sum(truth, truth, n, count_pairs));
}

link_quality link_quality_b3(const uint32_t *cluster, const uint32_t *truth, uint32_t n) {
    const double p = sum(cluster, truth, n, share_of_a), r = sum(cluster, truth, n, share_of_b), all = n ? n : 1;
    const double pp = p / all, rr = r / all;
    return (link_quality){pp, rr, pp + rr > 0 ? 2 * pp * rr / (pp + rr) : 0};
}
