// How long grouping takes: link_cluster [records in millions] [pairs per record]. People of a heavy-tailed number of
// records, pairs inside them at random weights, and one wrong pair for every fifty records.
#include "base/rng.h"
#include "link/cluster.h"

#include <sys/resource.h>

static double cpu(void) {
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)u.ru_utime.tv_sec + (double)u.ru_utime.tv_usec / 1e6;
}

int main(int argc, char **argv) {
    uint32_t n = (uint32_t)((argc > 1 ? strtod(argv[1], NULL) : 1) * 1e6);
    size_t most = (size_t)(n * (argc > 2 ? strtod(argv[2], NULL) : 2)), m = 0;
    arena a = arena_open((size_t)1 << 34);
    uint32_t *row = make(&a, uint32_t, n), *out = make(&a, uint32_t, n);
    link_pair *p = make(&a, link_pair, most);
    rng r = rng_seed(1);
    for (uint32_t i = 0; i < n; i++) row[i] = i;
    rng_shuffle(&r, row, n, sizeof *row);
    for (uint32_t i = 0; i + 64 < n && m + 4096 < most;) {
        uint32_t size = 1 + (uint32_t)MIN(rng_poisson(&r, rng_exp(&r, 0.4)), 60);
        for (uint32_t j = 0; j < size; j++)
            for (uint32_t k = j + 1; k < size; k++)
                if (rng_chance(&r, 0.9)) p[m++] = (link_pair){row[i + j], row[i + k], link_grain(rng_normal(&r, 7, 5))};
        if (rng_chance(&r, 0.02 * size)) p[m++] = (link_pair){row[i], row[rng_range(&r, 0, n - 1)], 3};
        i += size;
    }
    rng_shuffle(&r, p, m, sizeof *p);
    for (size_t i = 0; i < m; i++)
        if (p[i].a == p[i].b) p[i].b = (p[i].a + 1) % n;
    link_clusters told = {0};
    link_cluster_opts o = {.told = &told};
    err e = {0};
    double before = cpu();
    if (!link_cluster(&a, p, m, n, &o, out, &e)) return fprintf(stderr, "%s\n", e.msg), 1;
    printf("%u records, %zu pairs: %.2f s; %u components, largest %u; %u clusters, largest %u; %u pairs refused, %zu "
           "alarms\n",
           n, m, cpu() - before, told.components, told.largest_component, told.clusters, told.largest_cluster,
           told.refused, told.n_alarms);
    arena_close(&a);
}
