#include "stats/near.h"

#include "base/rng.h"
#include "stats/many.h"

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

// Benjamini & Hochberg 1995, section 3.2: 15 comparisons of Neuhaus et al.; the first four are discoveries at 5 %.
// Adjusted values as R's p.adjust(p, "BH") gives them.
static void the_example_of_the_paper(void **state) {
    (void)state;
    static const double p[] = {.0001, .0004, .0019, .0095, .0201, .0278, .0298, .0344,
                               .0459, .3240, .4262, .5719, .6528, .7590, 1.0};
    static const double want[] = {.0015, .003, .0095,       .035625, .0603,       .0638571429, .0638571429, .0645,
                                  .0765, .486, .5811818182, .714875, .7532307692, .8132142857, 1.0};
    double got[15];
    many_adjust(a, p, got, 15);
    for (int i = 0; i < 15; i++) {
        assert_near(got[i], want[i], 1e-9);
        assert_int_equal(got[i] < SIGNIFICANT, i < 4);
    }
}

// The procedure as the paper states it: the largest k with p₍ₖ₎ ≤ k/m q, and all up to it are discoveries.
static void adjusted_values_reproduce_the_procedure(void **state) {
    (void)state;
    rng r = rng_seed(21);
    for (int round = 0; round < 300; round++) {
        double p[25], adjusted[25], q = 0.02 + 0.2 * rng_unit(&r);
        int n = (int)rng_range(&r, 1, 25);
        for (int i = 0; i < n; i++) p[i] = pow(rng_unit(&r), 3);
        many_adjust(a, p, adjusted, (size_t)n);
        double limit = 0;
        for (int k = 1; k <= n; k++) {
            int at_most = 0;
            for (int i = 0; i < n; i++) {
                if (p[i] <= (double)k / n * q) at_most++;
            }
            if (at_most >= k) limit = (double)k / n * q;
        }
        for (int i = 0; i < n; i++) {
            assert_int_equal(adjusted[i] <= q, p[i] <= limit);
            assert_true(adjusted[i] >= p[i] && adjusted[i] <= 1);
            for (int j = 0; j < n; j++) assert_true(p[i] > p[j] || adjusted[i] <= adjusted[j]);
        }
    }
}

static void untested_values_do_not_count(void **state) {
    (void)state;
    double p[] = {0.02, NAN, 0.04, NAN}, got[4];
    many_adjust(a, p, got, 4);
    assert_near(got[0], 0.04, 1e-15);
    assert_near(got[2], 0.04, 1e-15);
    assert_true(isnan(got[1]) && isnan(got[3]));
    many_adjust(a, p, p, 4);
    assert_near(p[0], 0.04, 1e-15);
    many_adjust(a, NULL, NULL, 0);
}

// With nothing going on, a page of 20 figures shows an alarm on about one page in twenty, not on two pages in three.
static void pages_without_news_stay_quiet(void **state) {
    (void)state;
    rng r = rng_seed(33);
    int alarms = 0, raw = 0;
    for (int page = 0; page < 4000; page++) {
        double p[20], adjusted[20];
        for (int i = 0; i < 20; i++) p[i] = rng_unit(&r);
        many_adjust(a, p, adjusted, 20);
        bool any = false, any_raw = false;
        for (int i = 0; i < 20; i++) {
            any |= adjusted[i] < 0.05;
            any_raw |= p[i] < 0.05;
        }
        alarms += any, raw += any_raw;
    }
    assert_near(alarms / 4000.0, 0.05, 0.012);
    assert_near(raw / 4000.0, 0.64, 0.03);
}

static void verdicts(void **state) {
    (void)state;
    static const struct {
        enum estimate_state now, before;
        change c;
        int better;
        double p;
        enum verdict want;
    } rows[] = {
        {ESTIMATE_OK, ESTIMATE_OK, {5, 1, 9, .02, "Z"}, +1, .03, VERDICT_BETTER},
        {ESTIMATE_OK, ESTIMATE_OK, {5, 1, 9, .02, "Z"}, -1, .03, VERDICT_WORSE},
        {ESTIMATE_OK, ESTIMATE_OK, {-5, -9, -1, .02, "Z"}, +1, .03, VERDICT_WORSE},
        {ESTIMATE_OK, ESTIMATE_OK, {-5, -9, -1, .02, "Z"}, -1, .03, VERDICT_BETTER},
        {ESTIMATE_OK, ESTIMATE_OK, {5, 1, 9, .02, "Z"}, +1, .06, VERDICT_NO_CHANGE},   // does not survive the page
        {ESTIMATE_OK, ESTIMATE_OK, {5, -1, 11, .04, "Z"}, +1, .04, VERDICT_NO_CHANGE}, // the interval holds 0
        {ESTIMATE_OK, ESTIMATE_OK, {5, 1, 9, .02, "Z"}, 0, .03, VERDICT_NONE},
        {ESTIMATE_OK, ESTIMATE_OK, {0, -1, 1, 1, "Z"}, 0, 1, VERDICT_NO_CHANGE},
        {ESTIMATE_THIN, ESTIMATE_OK, {5, 1, 9, .001, "Z"}, +1, .001, VERDICT_TOO_FEW},
        {ESTIMATE_OK, ESTIMATE_THIN, {5, 1, 9, .001, "Z"}, +1, .001, VERDICT_TOO_FEW},
        {ESTIMATE_NONE, ESTIMATE_OK, {5, 1, 9, .001, "Z"}, +1, .001, VERDICT_NONE},
        {ESTIMATE_OK, ESTIMATE_REFUSED, {5, 1, 9, .001, "Z"}, +1, .001, VERDICT_NONE},
        {ESTIMATE_OK, ESTIMATE_OK, {0, 0, 0, NAN, NULL}, +1, NAN, VERDICT_NONE},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        estimate now = {.state = rows[i].now}, before = {.state = rows[i].before};
        enum verdict got = verdict_of(&now, &before, &rows[i].c, rows[i].better, rows[i].p);
        if (got != rows[i].want) fail_msg("row %zu: %s, want %s", i, verdict_text(got), verdict_text(rows[i].want));
    }
    assert_string_equal(verdict_text(VERDICT_TOO_FEW), "too few answers");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_example_of_the_paper),
        cmocka_unit_test(adjusted_values_reproduce_the_procedure),
        cmocka_unit_test(untested_values_do_not_count),
        cmocka_unit_test(pages_without_news_stay_quiet),
        cmocka_unit_test(verdicts),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
