#include "stats/near.h"

#include "base/civil.h"
#include "base/rng.h"
#include "stats/returns.h"

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

static void open_windows_do_not_count(void **state) {
    (void)state;
    const int64_t now = 100 * DAY_US;
    const sale x[] = {
        {.closes_us = 90 * DAY_US, .sold = 60, .returned = 6},
        {.closes_us = 100 * DAY_US, .sold = 40, .returned = 4, .faulty = 3},
        {.closes_us = 101 * DAY_US, .sold = 500, .returned = 1}, // may still come back
    };
    estimate e = returns_rate(&a, x, COUNT(x), now);
    assert_int_equal(e.n, 100);
    assert_near(e.value, 0.10, 1e-12);
    assert_int_equal(returns_open(x, COUNT(x), now), 500);
    fraction own = returns_closed(x, COUNT(x), now, false);
    assert_int_equal(own.hits, 7);
    assert_int_equal(own.n, 97);
    estimate later = returns_rate(&a, x, COUNT(x), 101 * DAY_US);
    assert_int_equal(later.n, 600);
    estimate early = returns_rate(&a, x, COUNT(x), 0);
    assert_int_equal(early.state, ESTIMATE_NONE);
    assert_string_equal(early.why, "no return window has closed yet");
}

static void impossible_counts_are_held_in_bounds(void **state) {
    (void)state;
    const sale x[] = {{0, 2, 5, 9}, {0, -3, 1, 0}, {0, 4, -1, -1}};
    fraction all = returns_closed(x, COUNT(x), 1, true), own = returns_closed(x, COUNT(x), 1, false);
    assert_int_equal(all.n, 6);
    assert_int_equal(all.hits, 2);
    assert_int_equal(own.n, 4);
    assert_int_equal(own.hits, 0);
}

// The same trade in every month. Counting units that may still come back makes the last months look better than they
// are; waiting for the windows does not.
static void recent_months_do_not_look_better(void **state) {
    (void)state;
    enum { MONTHS = 12, PER_MONTH = 2000 };
    rng r = rng_seed(61);
    sale *x = make(&a, sale, MONTHS * PER_MONTH);
    const int64_t now = MONTHS * 30 * DAY_US;
    double naive_returned = 0;
    for (int i = 0; i < MONTHS * PER_MONTH; i++) {
        int64_t sold = rng_range(&r, 0, now - 1), back = sold + rng_range(&r, 0, 29 * DAY_US);
        bool returned = rng_chance(&r, 0.2) && back <= now;
        x[i] = (sale){.closes_us = sold + 30 * DAY_US, .sold = 1, .returned = returned};
        if (sold > now - 15 * DAY_US) naive_returned += returned;
    }
    estimate e = returns_rate(&a, x, MONTHS * PER_MONTH, now);
    assert_true(e.lo < 0.2 && 0.2 < e.hi);
    assert_true(naive_returned / (PER_MONTH / 2.0) < 0.1);
}

// 300 customers at about 10 %: one who sends back 18 of 20 stands out, one who sends back 2 of 2 does not (yet).
static void only_sure_cases_stand_out(void **state) {
    (void)state;
    fraction x[304];
    customer_returns out[304];
    rng r = rng_seed(62);
    for (int i = 0; i < 300; i++) {
        x[i] = (fraction){0, rng_range(&r, 1, 30)};
        double p = rng_beta(&r, 2, 18);
        for (int64_t j = 0; j < x[i].n; j++) x[i].hits += rng_chance(&r, p);
    }
    x[300] = (fraction){18, 20};
    x[301] = (fraction){2, 2};
    x[302] = (fraction){7, 7}; // sure by its bound, but the rule wants eight units
    x[303] = (fraction){8, 8};
    returns_customers(&a, x, 304, out);
    assert_true(out[300].unusual);
    assert_false(out[301].unusual);
    assert_false(out[302].unusual);
    assert_true(out[303].unusual);
    assert_true(out[302].shrunk.lo > 2 * shrink_prior(x, 304).mean);
    assert_near(out[301].raw.value, 1, 0);
    assert_true(out[301].shrunk.value < 0.5);
    int others = 0;
    for (int i = 0; i < 300; i++) others += out[i].unusual;
    assert_true(others <= 6);
    const fraction lonely[] = {{9, 10}, {0, 10}};
    returns_customers(&a, lonely, 2, out);
    assert_false(out[0].unusual); // two customers say nothing about what is usual
}

// Customers of known spread around rates to expect that differ by product: the weight is found again.
static void the_weight_is_found_around_different_rates(void **state) {
    (void)state;
    enum { MANY = 20000 };
    rng r = rng_seed(63);
    fraction *x = make(&a, fraction, MANY);
    double *m = make(&a, double, MANY);
    for (int i = 0; i < MANY; i++) {
        m[i] = i % 3 == 0 ? 0.02 : i % 3 == 1 ? 0.1 : 0.4;
        x[i] = (fraction){0, rng_range(&r, 1, 40)};
        double p = rng_beta(&r, m[i] * 25, (1 - m[i]) * 25);
        for (int64_t j = 0; j < x[i].n; j++) x[i].hits += rng_chance(&r, p);
    }
    assert_near(returns_weight(x, m, MANY), 25, 2.5);
    for (int i = 0; i < MANY; i++) {
        x[i].hits = 0;
        for (int64_t j = 0; j < x[i].n; j++) x[i].hits += rng_chance(&r, m[i]);
    }
    assert_true(returns_weight(x, m, MANY) > 200); // nobody differs
}

// Who buys what everybody sends back is not unusual by it; the posterior is the textbook's Beta.
static void what_is_usual_depends_on_what_one_buys(void **state) {
    (void)state;
    assert_false(returns_against(&a, (fraction){8, 20}, 0.4, 25).unusual);
    assert_true(returns_against(&a, (fraction){8, 20}, 0.05, 25).unusual);
    assert_near(returns_against(&a, (fraction){2, 8}, 0.01, 25).shrunk.lo, 0.010297332148, 1e-9); // R: qbeta
    assert_false(returns_against(&a, (fraction){2, 8}, 0.01, 25).unusual); // twice of eight may be chance
    assert_false(returns_against(&a, (fraction){7, 7}, 0.05, 25).unusual); // eight are needed
    assert_false(returns_against(&a, (fraction){20, 20}, 0.05, INFINITY).unusual);
    assert_int_equal(returns_against(&a, (fraction){20, 20}, 0.05, NAN).shrunk.state, ESTIMATE_THIN);
    customer_returns c = returns_against(&a, (fraction){8, 20}, 0.05, 25);
    assert_near(c.shrunk.value, (0.05 * 25 + 8) / 45, 1e-12);
    assert_near(c.shrunk.lo, 0.1021654288, 1e-9); // R: qbeta(.025, 9.25, 35.75)
    assert_near(c.shrunk.hi, 0.3336649918, 1e-9); // R: qbeta(.975, 9.25, 35.75)
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(open_windows_do_not_count),
        cmocka_unit_test(impossible_counts_are_held_in_bounds),
        cmocka_unit_test(recent_months_do_not_look_better),
        cmocka_unit_test(only_sure_cases_stand_out),
        cmocka_unit_test(the_weight_is_found_around_different_rates),
        cmocka_unit_test(what_is_usual_depends_on_what_one_buys),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
