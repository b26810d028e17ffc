// Opening hours, days and lengths of time as people write them; what is written out is read again as the same.
#include "test.h"

#include "base/rng.h"
#include "know/hours.h"
#include "text/thanks.h"

static arena a;

static void hours_are(const char *text, const char *want) {
    err e = {0};
    calendar c = {0};
    if (!hours_read(str_c(text), &c, &e)) fail_msg("%s: %s", text, e.msg);
    str got = hours_words(&a, &c);
    if (!str_eq(got, str_c(want))) fail_msg("%s: %.*s", text, STR_ARG(got));
    calendar again = {0};
    assert_true(hours_read(got, &again, &e));
    assert_memory_equal(c.week, again.week, sizeof c.week);
}

static void hours_are_read(void **state) {
    (void)state;
    hours_are("mon-fri 9-17", "mon-fri 09:00-17:00");
    hours_are("MON-FRI 09:00-17:00, sat 10-14:30", "mon-fri 09:00-17:00, sat 10:00-14:30");
    hours_are("wed+mon 8-12;", "mon 08:00-12:00, wed 08:00-12:00");
}

static void hours_are_refused(void **state) {
    static const char *const bad[] = {
        "",         "monday 9-17", "mon 9",           "mon 17-9",   "mon 9-25",   "mon 9:60-10", "mon 9-17, mon 18-19",
        "fri-mon",  "mon  ",       "mon-fri 9.00-17", "mon 009-17", "mon 9:0-10", "mon- 9-17",   "-mon 9-17",
        "mon+ 9-17"};
    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        err e = {0};
        calendar c = {0};
        if (hours_read(str_c(bad[i]), &c, &e)) fail_msg("'%s' was read", bad[i]);
        assert_int_equal(e.code, ERR_invalid);
        assert_true(str_has(str_c(e.msg), S("mon")) || str_has(str_c(e.msg), S("span")));
    }
}

static void a_week_may_wrap(void **state) {
    (void)state;
    hours_are("sat-mon 10-12", "mon 10:00-12:00, sat-sun 10:00-12:00");
    hours_are("always", "daily 00:00-24:00");
    hours_are("daily 6-22", "daily 06:00-22:00");
}

static void any_week_is_read_again(void **state) {
    rng g = rng_seed(3);
    err e = {0};
    (void)state;
    for (int round = 0; round < 2000; round++) {
        arena scratch = a;
        calendar c = {0}, again = {0};
        for (int i = 0; i < 7; i++) {
            if (rng_chance(&g, 0.3)) continue;
            c.week[i].open_s = (int32_t)rng_range(&g, 0, 1438) * 60;
            c.week[i].close_s = (int32_t)rng_range(&g, c.week[i].open_s / 60 + 1, 1440) * 60;
        }
        if (round % 3 == 0)
            for (int i = 1; i < 7; i++) c.week[i] = c.week[i / 4 * 4];
        str words = hours_words(&scratch, &c);
        if (words.len && !hours_read(words, &again, &e)) fail_msg("%.*s: %s", STR_ARG(words), e.msg);
        assert_memory_equal(c.week, again.week, sizeof c.week);
    }
}

static void lengths_and_days_are_read(void **state) {
    static const struct {
        const char *text;
        int64_t minutes;
        const char *words;
    } lengths[] = {{"4", 240, "4h"},   {"4h", 240, "4h"},  {"30m", 30, "30m"},
                   {"90m", 90, "90m"}, {"2d", 2880, "2d"}, {"1d", 1440, "24h"}};
    static const char *const bad[] = {"", "0", "-1h", "4 hours", "h", "1.5h", "99999999999", "5000d"};
    err e = {0};
    int64_t m, kinds[COMMITMENT_KINDS];
    int32_t *days;
    int n;
    (void)state;
    for (size_t i = 0; i < COUNT(lengths); i++) {
        assert_true(hours_length_read(str_c(lengths[i].text), &m, &e));
        assert_int_equal(m, lengths[i].minutes);
        assert_true(str_eq(hours_length_words(&a, m), str_c(lengths[i].words)));
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        err why = {0};
        if (hours_length_read(str_c(bad[i]), &m, &why)) fail_msg("'%s' was read", bad[i]);
    }
    assert_true(hours_days_read(&a, S("2026-12-31, 2026-12-24 2026-12-24,,2028-02-29"), &days, &n, &e));
    assert_int_equal(n, 3);
    assert_int_equal(days[0], days_of((ymd){2026, 12, 24}));
    assert_int_equal(days[2], days_of((ymd){2028, 2, 29}));
    assert_false(hours_days_read(&a, S("2026-02-29"), &days, &n, &e));
    e = (err){0};
    assert_true(hours_promises_read(S("fix 16h, reply 30m"), kinds, &e));
    assert_true(str_eq(hours_promises_words(&a, kinds), S("reply 30m, fix 16h")));
    assert_false(hours_promises_read(S("reply 4, reply 5"), kinds, &e));
    e = (err){0};
    assert_false(hours_promises_read(S("lunch 1"), kinds, &e));
}

static void thanks_are_told_from_more(void **state) {
    static const char *const yes[] = {"Thanks!",
                                      "Thank you so much, that works now.",
                                      "Danke, alles prima.",
                                      "Vielen Dank!",
                                      "¡Muchas gracias, perfecto!",
                                      "ok great, cheers",
                                      "Super, hat geklappt"};
    static const char *const no[] = {"Thanks, but it still does not work.",
                                     "Thank you. When will it arrive?",
                                     "Danke, aber es geht nicht.",
                                     "Gracias, pero sigue igual",
                                     "It is broken.",
                                     "",
                                     "Danke für nichts, immer noch kaputt",
                                     "Thanks for nothing, not solved"};
    (void)state;
    for (size_t i = 0; i < COUNT(yes); i++)
        if (!words_are_thanks(a, str_c(yes[i]))) fail_msg("no thanks: %s", yes[i]);
    for (size_t i = 0; i < COUNT(no); i++)
        if (words_are_thanks(a, str_c(no[i]))) fail_msg("thanks: %s", no[i]);
}

int main(void) {
    a = arena_open(1 << 24);
    struct CMUnitTest tests[] = {
        cmocka_unit_test(hours_are_read),
        cmocka_unit_test(hours_are_refused),
        cmocka_unit_test(a_week_may_wrap),
        cmocka_unit_test(any_week_is_read_again),
        cmocka_unit_test(lengths_and_days_are_read),
        cmocka_unit_test(thanks_are_told_from_more),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_close(&a);
    return failed;
}
