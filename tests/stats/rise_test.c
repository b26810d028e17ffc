#include "stats/near.h"

#include "base/rng.h"
#include "stats/rise.h"

// Mangiafico, An R Companion for the Handbook of Biological Statistics, "G-test of independence": vaccine in thigh or
// arm, severe reactions 30 of 4,818 and 76 of 8,992: G = 2.1087, p = 0.1465.
static void the_vaccine_example(void **state) {
    (void)state;
    rise r = rise_test((rise_counts){30, 4818, 76, 8992});
    assert_near(r.g, 2.1087, PRINTED(4));
    assert_near(r.p, 0.1465, PRINTED(4));
    assert_int_equal(r.direction, -1);
    assert_int_equal(r.state, ESTIMATE_OK);
}

static void direction_and_limits(void **state) {
    (void)state;
    rise up = rise_test((rise_counts){40, 200, 130, 2600});
    assert_int_equal(up.direction, 1);
    assert_true(up.p < 1e-6);
    assert_near(up.share, 0.2, 1e-12);
    assert_near(up.share_before, 0.05, 1e-12);
    rise same = rise_test((rise_counts){10, 200, 130, 2600});
    assert_int_equal(same.direction, 0);
    assert_near(same.g, 0, 1e-9);
    assert_near(same.p, 1, 1e-4);
    rise few = rise_test((rise_counts){3, 20, 0, 300});
    assert_int_equal(few.state, ESTIMATE_THIN);
    assert_string_equal(few.why, "too few rows mention it to test");
    assert_true(isfinite(few.p));
    rise none = rise_test((rise_counts){0, 0, 5, 100});
    assert_int_equal(none.state, ESTIMATE_NONE);
    assert_true(isnan(none.p));
    assert_string_equal(rise_test((rise_counts){5, 10, 0, 0}).why, "there is nothing to compare with");
    assert_near(rise_test((rise_counts){0, 50, 0, 500}).p, 1, 1e-12);
    assert_near(rise_test((rise_counts){50, 50, 500, 500}).p, 1, 1e-12);
}

// With nothing going on, about one theme in twenty has p < 0.05.
static void false_alarms_are_as_rare_as_promised(void **state) {
    (void)state;
    rng r = rng_seed(71);
    int alarms = 0, rounds = 4000;
    for (int i = 0; i < rounds; i++) {
        rise_counts c = {0, 150, 0, 1950};
        for (int64_t j = 0; j < c.now_all; j++) c.now += rng_chance(&r, 0.15);
        for (int64_t j = 0; j < c.before_all; j++) c.before += rng_chance(&r, 0.15);
        alarms += rise_test(c).p < 0.05;
    }
    assert_near((double)alarms / rounds, 0.05, 0.015);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_vaccine_example),
        cmocka_unit_test(direction_and_limits),
        cmocka_unit_test(false_alarms_are_as_rare_as_promised),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
