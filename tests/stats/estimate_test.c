#include "stats/near.h"

#include "stats/nps.h"
#include "stats/proportion.h"

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

static void zero_is_no_number(void **state) {
    (void)state;
    estimate e = {0};
    assert_int_equal(e.state, ESTIMATE_NONE);
    assert_false(estimate_shown(&e));
    assert_true(isnan(estimate_change(&e, &e).p));
    estimate no = estimate_refused("x", "because"), none = estimate_none("x", "nothing yet");
    assert_int_equal(no.state, ESTIMATE_REFUSED);
    assert_string_equal(none.why, "nothing yet");
    assert_false(estimate_shown(&no) || estimate_shown(&none));
    assert_true(isnan(estimate_change(&no, &none).p));
}

// A figure without a variance cannot be compared: half of the uncertainty would be left out.
static void unknown_variance_gives_no_change(void **state) {
    (void)state;
    estimate x = {.point = 5, .var = 1, .state = ESTIMATE_OK}, y = {.point = 3, .state = ESTIMATE_OK};
    assert_true(isnan(estimate_change(&x, &y).p));
    assert_null(estimate_change(&x, &y).method);
    y.var = 3;
    change c = estimate_change(&x, &y);
    assert_near(c.diff, 2, 0);
    assert_near(c.hi - c.lo, 4 * Z95, 1e-12);
    assert_near(c.p, 0.3173105, PRINTED(7)); // z = 1
}

// Everybody answered both times: the difference is what it is.
static void two_censuses_differ_for_sure(void **state) {
    (void)state;
    sampling s = {.base = 40};
    estimate now = nps(&a, (nps_counts){20, 10, 10}, s), before = nps(&a, (nps_counts){19, 11, 10}, s);
    change c = nps_change(&now, &before);
    assert_near(c.lo, 2.5, 1e-9);
    assert_near(c.hi, 2.5, 1e-9);
    assert_near(c.p, 0, 0);
    assert_near(nps_change(&now, &now).p, 1, 0);
    estimate x = proportion(&a, 20, 40, s), y = proportion(&a, 19, 40, s);
    assert_near(proportion_change(&x, &y).lo, 0.025, 1e-12);
    assert_near(proportion_change(&x, &y).p, 0, 0);
}

// Half of a million answers: the correction is √½ whatever the rest is.
static void effective_n_follows_the_correction(void **state) {
    (void)state;
    assert_near(sampling_eff((sampling){0}, 100), 100, 0);
    assert_near(sampling_eff((sampling){.base = 1000001}, 500000), 500000.0 * 1000000 / 500001, 1e-6);
    assert_near(sampling_eff((sampling){.deff = 2.5}, 100), 40, 1e-12);
    assert_true(isinf(sampling_eff((sampling){.base = 1}, 1)));
    assert_near(sampling_eff((sampling){.base = 5}, 0), 0, 0);
}

static void intervals_are_clamped_to_the_scale(void **state) {
    (void)state;
    estimate e = {.lo = -3, .hi = 9};
    estimate_clamp(&e, 1, 5);
    assert_near(e.lo, 1, 0);
    assert_near(e.hi, 5, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zero_is_no_number),
        cmocka_unit_test(unknown_variance_gives_no_change),
        cmocka_unit_test(two_censuses_differ_for_sure),
        cmocka_unit_test(effective_n_follows_the_correction),
        cmocka_unit_test(intervals_are_clamped_to_the_scale),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
