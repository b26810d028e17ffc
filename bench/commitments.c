// How long it takes to find what is due and what is at risk among many open commitments. Usage: commitments [N].
#include "act/commitment_rates.h"
#include "base/civil.h"
#include "base/rng.h"
#include "sql/act.h"

enum { DAYS = 60, PART = 50000 };

static double seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

// Made in the last month, due from five days ago to 60 days ahead; every twentieth of another hundred thousand history.
static bool fill(store *s, int64_t n, int64_t now, err *e) {
    rng g = rng_seed(5);
    for (int64_t i = 0; i < n + n / 20; i++) {
        if (i % PART == 0 && (!store_begin(s, e))) return false;
        bool kept = i >= n;
        int64_t made = now - rng_range(&g, kept ? 20 : 6, kept ? 90 : 30) * DAY_US - rng_range(&g, 0, DAY_US - 1);
        int64_t due = kept ? made + 10 * DAY_US : now + rng_range(&g, -5, DAYS) * DAY_US + rng_range(&g, 0, DAY_US - 1);
        int64_t done = made + rng_range(&g, 1, 20 * 24) * HOUR_US, *kept_us = kept ? &done : NULL;
        if (!store_run(s, Q_commitment_put, NULL, e, "iiitttIiIIIiiiIIIIIIiIIii", i + 1, i % 200000,
                       rng_range(&g, 1, 13), S("you will have it by Friday"), S("Olga"), S("desk"), NULL, made, &due,
                       &due, &due, (int64_t)0, (int64_t)1, made, kept_us, NULL, NULL, kept_us, NULL, NULL,
                       (int64_t)kept, NULL, NULL, INT64_C(0), INT64_C(0)))
            return false;
        if ((i % PART == PART - 1 || i + 1 == n + n / 20) && !store_commit(s, e)) return false;
    }
    return store_optimize(s, e);
}

static bool run(const char *where, int64_t n, err *e) {
    const int64_t now = INT64_C(1793577600000000);
    arena a = arena_open((size_t)1 << 32);
    store *s = NULL;
    commitment_curves curves;
    commitment_watch w;
    double best = 1e9, curve = 0;
    bool ok = store_open(&s, str_c(where), (store_opts){.create = true, .cache_mb = 256}, e) && store_lock(s, 0, e) &&
              fill(s, n, now, e);
    for (int i = 0; ok && i < 7; i++) {
        double start = seconds();
        ok = commitment_curves_read(&a, s, now, &curves, e);
        double read = seconds();
        ok = ok && commitment_watch_read(&a, s, &curves, &(commitment_watch_ask){.now_us = now}, &w, e);
        double done = seconds() - read;
        curve = read - start, best = done < best ? done : best;
    }
    if (ok)
        printf("%" PRId64 " open: %" PRId64 " due, %" PRId64 " fall due in two days, %" PRId64
               " of them at risk: %.1f ms (curves of the kinds: %.1f ms)\n",
               n, w.due, w.ahead, w.risky_count, best * 1e3, curve * 1e3);
    store_close(s);
    arena_close(&a);
    return ok;
}

int main(int argc, char **argv) {
    err e = {0};
    int64_t n = 1000000;
    if (argc > 1 && !str_i64(str_c(argv[1]), &n)) return 2;
    if (run(argc > 2 ? argv[2] : ":memory:", n, &e)) return 0;
    fprintf(stderr, "%s\n", e.msg);
    return 1;
}
