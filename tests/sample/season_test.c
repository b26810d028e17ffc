#include "test.h"

#include "base/civil.h"
#include "base/rng.h"
#include "sample/season.h"

static const int64_t NOW_US = 20498 * DAY_US; // 2026-02-14

static int set_up(void **state) {
    static arena a;
    a = arena_open(16 << 20);
    season *s = make(&a, season, 1);
    err e = {0};
    assert_ok(season_init(&a, s, NOW_US, 3, &e), e);
    *state = s;
    return 0;
}

static void the_span_is_three_years(void **state) {
    const season *s = *state;
    assert_int_equal(s->start_us, days_of((ymd){2023, 2, 14}) * DAY_US);
    assert_int_equal(s->end_s, 1096 * 86400);
}

// Berlin's midnight is at 23:00 UTC in winter and at 22:00 in summer, against ICU.
static void days_begin_at_local_midnight(void **state) {
    const season *s = *state;
    assert_int_equal(s->midnight_s[1], 23 * 3600);
    assert_int_equal(s->midnight_s[150] % 86400, 22 * 3600);
    for (int d = 0; d < s->days; d++) {
        int32_t length = s->midnight_s[d + 1] - s->midnight_s[d];
        assert_true(length == 86400 || length == 82800 || length == 90000);
        assert_int_equal(season_day(s, s->midnight_s[d] + 1), d);
        assert_int_equal(season_day(s, s->midnight_s[d + 1] - 1), d);
    }
}

static void rhythms_are_one_calendar_day_a_day_on_average(void **state) {
    const season *s = *state;
    for (enum rhythm r = 0; r < RHYTHMS; r++) {
        assert_float_equal(season_clock(s, r, 0), 0, 1e-9);
        assert_float_equal(season_clock(s, r, s->end_s), 1096, 1e-6);
    }
}

static void time_is_the_inverse_of_the_clock(void **state) {
    const season *s = *state;
    rng r = rng_seed(11);
    for (int i = 0; i < 20000; i++) {
        double days = rng_unit(&r) * 1096;
        for (enum rhythm k = 0; k < RHYTHMS; k++) {
            int64_t at = season_time(s, k, days);
            // within what one second of the busiest hour is worth
            assert_float_equal(season_clock(s, k, at), days, 0.003);
            assert_true(season_after(s, k, at, 0.5) > at);
        }
    }
}

static void clocks_never_run_backwards(void **state) {
    const season *s = *state;
    for (enum rhythm k = 0; k < RHYTHMS; k++) {
        double before = -1;
        for (int64_t at = 0; at < s->end_s; at += 1801) {
            double now = season_clock(s, k, at);
            assert_true(now >= before);
            before = now;
        }
    }
}

static double ticks(const season *s, enum rhythm r, ymd from, ymd to) {
    int64_t x = (days_of(from) * DAY_US - s->start_us) / SECOND_US,
            y = (days_of(to) * DAY_US - s->start_us) / SECOND_US;
    return season_clock(s, r, y) - season_clock(s, r, x);
}

static void december_is_busy_and_the_office_rests(void **state) {
    const season *s = *state;
    double december = ticks(s, RHYTHM_shop, (ymd){2024, 12, 1}, (ymd){2024, 12, 20});
    double july = ticks(s, RHYTHM_shop, (ymd){2024, 7, 1}, (ymd){2024, 7, 20});
    assert_true(december > 1.8 * july);
    assert_float_equal(ticks(s, RHYTHM_office, (ymd){2025, 5, 17}, (ymd){2025, 5, 19}), 0, 1e-9); // Saturday, Sunday
    assert_float_equal(ticks(s, RHYTHM_office, (ymd){2025, 5, 1}, (ymd){2025, 5, 2}), 0, 0.01);   // a holiday
    assert_true(ticks(s, RHYTHM_office, (ymd){2025, 5, 20}, (ymd){2025, 5, 21}) > 1.3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_span_is_three_years),
        cmocka_unit_test(days_begin_at_local_midnight),
        cmocka_unit_test(rhythms_are_one_calendar_day_a_day_on_average),
        cmocka_unit_test(time_is_the_inverse_of_the_clock),
        cmocka_unit_test(clocks_never_run_backwards),
        cmocka_unit_test(december_is_busy_and_the_office_rests),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
