#include "stats/near.h"

#include "base/rng.h"
#include "stats/rate.h"

static arena a;

static int open_arena(void **state) {
    (void)state;
    a = test_arena();
    return 0;
}

static int close_arena(void **state) {
    (void)state;
    arena_close(&a);
    return 0;
}

// The table of exact Poisson limits (Ulm 1990, Am. J. Epidemiol. 131; Garwood 1936).
static void garwood_table(void **state) {
    (void)state;
    static const struct {
        int64_t k;
        double lo, hi;
        int digits;
    } rows[] = {
        {0, 0, 3.689, 3},      {1, .0253, 5.572, 3},    {2, .242, 7.225, 3},    {3, .619, 8.767, 3},
        {4, 1.090, 10.242, 3}, {5, 1.623, 11.668, 3},   {10, 4.795, 18.390, 3}, {20, 12.217, 30.888, 3},
        {50, 37.11, 65.92, 2}, {100, 81.36, 121.63, 2},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        double lo, hi;
        rate_garwood(rows[i].k, &lo, &hi);
        char what[20];
        snprintf(what, sizeof what, "%d events", (int)rows[i].k);
        assert_near_at(what, lo, rows[i].lo, PRINTED(rows[i].digits));
        assert_near_at(what, hi, rows[i].hi, PRINTED(rows[i].digits));
    }
}

// R's own example, poisson.test(137, 24.19893): [4.753125, 6.692709].
static void rate_has_the_interval_of_R(void **state) {
    (void)state;
    estimate e = rate(&a, (rate_counts){137, 24.19893}, 1, (sampling){.need = 1});
    assert_near(e.value, 137 / 24.19893, 1e-12);
    assert_near(e.lo, 4.753125, PRINTED(6));
    assert_near(e.hi, 6.692709, PRINTED(6));
}

static void complaints_per_thousand(void **state) {
    (void)state;
    estimate e = rate(&a, (rate_counts){10, 2500}, 1000, (sampling){0});
    assert_near(e.value, 4, 1e-12);
    assert_near(e.lo, 4.795 / 2.5, 1e-3);
    assert_near(e.hi, 18.39 / 2.5, 1e-3);
    assert_int_equal(e.n, 2500);
    assert_int_equal(e.state, ESTIMATE_OK);
    estimate quiet = rate(&a, (rate_counts){0, 2500}, 1000, (sampling){0});
    assert_near(quiet.lo, 0, 0);
    assert_near(quiet.hi, 3.689 / 2.5, 1e-3); // none seen is not none to come
    estimate few = rate(&a, (rate_counts){1, 12}, 1000, (sampling){0});
    assert_int_equal(few.state, ESTIMATE_THIN);
    assert_string_equal(few.why, "18 more customers are needed");
    assert_int_equal(rate(&a, (rate_counts){0, 0}, 1000, (sampling){0}).state, ESTIMATE_NONE);
}

// Exact means at least 95 % for every rate; enumerated.
static void garwood_covers_always(void **state) {
    (void)state;
    for (double truth = 0.1; truth < 40; truth *= 1.13) {
        double covered = 0;
        for (int64_t k = 0; k < 200; k++) {
            double lo, hi;
            rate_garwood(k, &lo, &hi);
            double chance = exp((double)k * log(truth) - truth - lgamma((double)k + 1));
            if (lo <= truth && truth <= hi) covered += chance;
        }
        assert_true(covered >= 0.95 - 1e-9);
    }
}

// R's example poisson.test(c(11, 21), c(800, 3011)): ratio 1.971488, [0.8584264, 4.2772659]. R's p takes all outcomes
// no likelier (0.07967); ours is twice the smaller tail, which is what the interval inverts.
static void ratio_has_the_interval_of_R(void **state) {
    (void)state;
    rate_ratio r = rate_ratio_of((rate_counts){11, 800}, (rate_counts){21, 3011});
    assert_near(r.ratio, 1.971488, PRINTED(6));
    assert_near(r.lo, 0.8584264, PRINTED(7));
    assert_near(r.hi, 4.2772659, PRINTED(7));
    assert_true(r.p > 0.05 && r.p < 0.15);
}

// The conditional test by adding up binomial chances.
static double exact_p(int k, int n, double q) {
    double below = 0, above = 0;
    for (int i = 0; i <= n; i++) {
        double chance = exp(lgamma(n + 1) - lgamma(i + 1) - lgamma(n - i + 1) + i * log(q) + (n - i) * log1p(-q));
        if (i <= k) below += chance;
        if (i >= k) above += chance;
    }
    return MIN(1, 2 * MIN(below, above));
}

static void ratio_agrees_with_sums_and_with_itself(void **state) {
    (void)state;
    rng g = rng_seed(5);
    for (int i = 0; i < 1000; i++) {
        rate_counts now = {rng_range(&g, 0, 60), (double)rng_range(&g, 100, 900)};
        rate_counts before = {rng_range(&g, 0, 60), (double)rng_range(&g, 100, 900)};
        int k = (int)now.events, n = k + (int)before.events;
        rate_ratio r = rate_ratio_of(now, before);
        change c = rate_change(now, before, 1000), back = rate_change(before, now, 1000);
        if (n == 0) {
            assert_near(c.p, 1, 0);
            continue;
        }
        assert_near(r.p, exact_p(k, n, now.exposure / (now.exposure + before.exposure)), 1e-9);
        assert_int_equal(r.p<0.05, r.lo> 1 || r.hi < 1);
        assert_true(r.lo <= r.ratio && (r.ratio <= r.hi || isinf(r.hi)));
        assert_true(c.lo <= c.diff && c.diff <= c.hi);
        assert_near(back.lo, -c.hi, 1e-9);
        assert_near(back.p, c.p, 1e-9);
    }
    assert_true(isnan(rate_change((rate_counts){1, 0}, (rate_counts){1, 5}, 1).p));
    assert_true(isinf(rate_ratio_of((rate_counts){3, 10}, (rate_counts){0, 10}).hi));
    assert_near(rate_ratio_of((rate_counts){20000000, 1e6}, (rate_counts){20000000, 1e6}).p, 1, 0.01);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(garwood_table),
        cmocka_unit_test(rate_has_the_interval_of_R),
        cmocka_unit_test(complaints_per_thousand),
        cmocka_unit_test(garwood_covers_always),
        cmocka_unit_test(ratio_has_the_interval_of_R),
        cmocka_unit_test(ratio_agrees_with_sums_and_with_itself),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
