#include "stats/near.h"

#include "base/rng.h"
#include "stats/chart.h"

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

// Montgomery 2009, table 7.1: cans of orange juice that leak, of 50 each. Centre .2313, limits .0524 and .4102; samples
// 15 and 23 are beyond them.
static void orange_juice_cans(void **state) {
    (void)state;
    static const int leaks[] = {12, 15, 8, 10, 4,  7,  16, 9,  14, 10, 5,  6, 17, 12, 22,
                                8,  10, 5, 13, 11, 20, 18, 24, 15, 9,  12, 7, 13, 9,  6};
    fraction x[COUNT(leaks)];
    for (size_t i = 0; i < COUNT(leaks); i++) x[i] = (fraction){leaks[i], 50};
    chart c = chart_shares(&a, x, COUNT(leaks), 0, false);
    assert_near(c.center, .2313, PRINTED(4));
    assert_near(c.points[0].lo, .0524, PRINTED(4));
    assert_near(c.points[0].hi, .4102, PRINTED(4));
    for (size_t i = 0; i < COUNT(leaks); i++) {
        assert_int_equal((c.points[i].rules & CHART_BEYOND) != 0, i == 14 || i == 22);
    }
    assert_int_equal(c.state, ESTIMATE_OK);
    assert_near(c.more, 1, 0);
    assert_true(c.first >= 0 && c.first <= 14);
}

// NIST/SEMATECH e-Handbook 6.3.2.2: ten flow rates; centre 50.81, mean range 1.8778, limits 45.8159 and 55.8041.
static void flow_rates(void **state) {
    (void)state;
    static const double x[] = {49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1};
    chart c = chart_values(&a, x, COUNT(x), 0);
    assert_near(c.center, 50.81, 1e-9);
    assert_near(c.sigma, 1.8778 / 1.128, 1e-4);
    assert_near(c.points[3].lo, 45.8159, 2e-4);
    assert_near(c.points[3].hi, 55.8041, 2e-4);
    assert_int_equal(c.first, -1);
    assert_int_equal(c.state, ESTIMATE_THIN);
}

// Montgomery 2009, table 9.1: the process mean moves from 10 to 11 after the twentieth value; the upper sum passes 5 at
// the 29th with 5.28, and the drift began at the 23rd. The last value gives 5.30.
static void cusum_finds_the_drift(void **state) {
    (void)state;
    static const double x[] = {9.45,  7.99,  9.29,  11.66, 12.16, 10.18, 8.04,  11.46, 9.20,  10.34,
                               9.03,  11.47, 10.51, 9.40,  10.08, 9.37,  10.62, 10.31, 8.52,  10.84,
                               10.90, 9.33,  12.29, 11.50, 10.60, 11.08, 10.38, 11.62, 11.31, 10.52};
    double z[COUNT(x)];
    for (size_t i = 0; i < COUNT(x); i++) z[i] = x[i] - 10;
    const chart_drift *d = chart_cusum(&a, z, COUNT(x), 0, 0);
    assert_near(d[1].down, 1.56, 1e-9);
    assert_near(d[4].up, 2.82, 1e-9);
    for (size_t i = 0; i < 28; i++) assert_false(d[i].alarm);
    assert_near(d[28].up, 5.28, 1e-9);
    assert_true(d[28].alarm);
    assert_int_equal(d[28].since, 22);
    assert_near(d[29].up, 5.30, 1e-9);
    z[5] = NAN;
    d = chart_cusum(&a, z, 6, 0, 0);
    assert_near(d[5].up, d[4].up, 0);
}

// A false alarm of either side every 465 points on average, and a drift of one sigma found after 10.4 (Montgomery 2009,
// table 9.3).
static void cusum_runs_as_long_as_the_table_says(void **state) {
    (void)state;
    rng r = rng_seed(131);
    enum { N = 6000 };
    static const double want[] = {465, 10.4};
    for (int shift = 0; shift < 2; shift++) {
        double sum = 0;
        int runs = shift ? 2000 : 500;
        for (int run = 0; run < runs; run++) {
            arena kept = a;
            double *z = make(&a, double, N);
            int n = shift ? 200 : N;
            for (int i = 0; i < n; i++) z[i] = rng_normal(&r, shift, 1);
            const chart_drift *d = chart_cusum(&a, z, (size_t)n, 0, 0);
            int i = 0;
            while (i < n - 1 && !d[i].alarm) i++;
            sum += i + 1;
            a = kept;
        }
        assert_near(sum / runs / want[shift], 1, shift ? 0.04 : 0.13);
    }
}

static void rules_see_runs_and_pairs(void **state) {
    (void)state;
    double x[40];
    for (int i = 0; i < 40; i++) x[i] = i % 2 ? 1.128 / 2 : -1.128 / 2; // ranges of 1.128: sigma 1
    x[20] = 2.2, x[21] = .4, x[22] = 2.3;
    for (int i = 30; i < 38; i++) x[i] = .3;
    chart c = chart_values(&a, x, 40, 20);
    assert_near(c.sigma, 1, 1e-9);
    assert_int_equal(c.points[20].rules, 0);
    assert_int_equal(c.points[22].rules, CHART_TWO);
    assert_int_equal(c.points[35].rules, 0); // it stands above since the 29th
    assert_int_equal(c.points[36].rules, CHART_RUN);
    assert_int_equal(c.first, 22);
    for (int i = 24; i < 28; i++) x[i] = -1.5;
    x[25] = NAN, x[28] = -1.4;
    c = chart_values(&a, x, 40, 20);
    assert_true(c.points[25].gap && c.points[25].rules == 0);
    assert_int_equal(c.points[28].rules, CHART_FOUR);
    x[39] = -3.1;
    assert_true(chart_values(&a, x, 40, 20).points[39].rules & CHART_BEYOND);
}

// Counts of a quiet process: about one point in 370 beyond, whatever the sizes; with more wandering than chance only
// Laney's limits hold.
static void limits_hold_for_counts(void **state) {
    (void)state;
    rng r = rng_seed(132);
    int beyond[3] = {0}, points = 0;
    for (int round = 0; round < 100; round++) {
        arena kept = a;
        enum { N = 100 };
        fraction s[N];
        rate_counts u[N], w[N];
        for (int i = 0; i < N; i++) {
            int64_t n = rng_range(&r, 300, 900), hits = 0;
            for (int64_t k = 0; k < n; k++) hits += rng_chance(&r, .2);
            s[i] = (fraction){hits, n};
            u[i] = (rate_counts){rng_poisson(&r, .05 * (double)n), (double)n};
            w[i] = (rate_counts){rng_poisson(&r, 2000 * exp(rng_normal(&r, 0, .1))), 1000};
        }
        chart charts[] = {chart_shares(&a, s, N, 0, false), chart_rates(&a, u, N, 0, false),
                          chart_rates(&a, w, N, 0, true)};
        for (int k = 0; k < 3; k++) {
            for (int i = 0; i < N; i++) beyond[k] += charts[k].points[i].rules & CHART_BEYOND;
        }
        points += N;
        assert_true(charts[2].more > 3);
        if (round == 0) {
            int odd = 0;
            chart plain = chart_rates(&a, w, N, 0, false);
            for (int i = 0; i < N; i++) odd += plain.points[i].rules & CHART_BEYOND;
            assert_true(odd > 20);
        }
        a = kept;
    }
    for (int k = 0; k < 3; k++) assert_near((double)beyond[k] / points, .0035, .003);
}

static void odd_series_do_no_harm(void **state) {
    (void)state;
    fraction none[3] = {{0, 0}, {0, 0}, {0, 0}}, some[3] = {{1, 10}, {0, 0}, {2, 10}},
             all[3] = {{5, 5}, {5, 5}, {4, 5}};
    assert_int_equal(chart_shares(&a, none, 3, 0, true).state, ESTIMATE_REFUSED);
    chart c = chart_shares(&a, some, 3, 0, true);
    assert_true(c.points[1].gap && !c.points[2].gap && c.state == ESTIMATE_THIN);
    c = chart_shares(&a, all, 3, 2, false);
    assert_near(c.points[2].hi, 1, 0);
    assert_true(isfinite(c.points[2].z));
    assert_int_equal(chart_rates(&a, NULL, 0, 0, false).state, ESTIMATE_REFUSED);
    assert_int_equal(chart_values(&a, (double[]){4}, 1, 0).state, ESTIMATE_REFUSED);
    c = chart_values(&a, (double[]){4, 4, 4, 5}, 4, 3);
    assert_true(c.points[3].rules & CHART_BEYOND);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(orange_juice_cans),        cmocka_unit_test(flow_rates),
        cmocka_unit_test(cusum_finds_the_drift),    cmocka_unit_test(cusum_runs_as_long_as_the_table_says),
        cmocka_unit_test(rules_see_runs_and_pairs), cmocka_unit_test(limits_hold_for_counts),
        cmocka_unit_test(odd_series_do_no_harm),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
