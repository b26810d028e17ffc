// Days that come round: golden vectors for 29 February and odd zones, and ICU's calendar as the twin.
// clang-format off
#include <math.h>
#include <unicode/ustring.h>
// clang-format on
#include <unicode/ucal.h>

#include "test.h"

#include "act/occasion.h"
#include "base/rng.h"

static void a_birthday_is_read_as_a_date_and_not_as_an_instant(void **state) {
    (void)state;
    static const struct {
        const char *text;
        bool ok;
        ymd is;
    } cases[] = {
        {"1988-02-29", true, {1988, 2, 29}},
        {"1988-02-29T00:00:00.000Z", true, {1988, 2, 29}},
        {"1988-02-29 23:00:00 +0200", true, {1988, 2, 29}},
        {"--02-29", true, {0, 2, 29}},
        {"12-31", true, {0, 12, 31}},
        {"1604-07-04", true, {0, 7, 4}},
        {"1900-01-01", true, {0, 1, 1}},
        {"1987-02-29", false, {0}},
        {"1988-13-01", false, {0}},
        {"29.02.1988", false, {0}},
        {"1988", false, {0}},
        {"", false, {0}},
        {"--2-29", false, {0}},
        {"1988-02-29x", false, {0}},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        ymd d = {0};
        bool ok = birthday_read(str_c(cases[i].text), &d);
        if (ok != cases[i].ok) fail_msg("%s", cases[i].text);
        if (!ok) continue;
        assert_int_equal(d.year, cases[i].is.year);
        assert_int_equal(d.month, cases[i].is.month);
        assert_int_equal(d.day, cases[i].is.day);
    }
}

static int32_t day(int32_t y, int m, int d) {
    return days_of((ymd){y, (int8_t)m, (int8_t)d});
}

static void the_29th_of_february_comes_every_year(void **state) {
    (void)state;
    const ymd born = {1988, 2, 29};
    static const struct {
        int32_t from_year;
        int from_month, from_day;
        bool on;
        int32_t year;
        int month, day, years;
    } cases[] = {
        {2025, 2, 1, false, 2025, 2, 28, 37},  {2025, 3, 1, false, 2026, 2, 28, 38},
        {2025, 2, 1, true, 2025, 3, 1, 37},    {2025, 3, 1, true, 2025, 3, 1, 37},
        {2024, 1, 1, false, 2024, 2, 29, 36},  {2024, 2, 29, true, 2024, 2, 29, 36},
        {2100, 1, 1, false, 2100, 2, 28, 112}, {2000, 2, 1, true, 2000, 2, 29, 12},
        {1988, 2, 29, false, 1989, 2, 28, 1},  {1980, 1, 1, true, 1989, 3, 1, 1},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        int32_t years;
        int32_t got =
            occasion_next(born, day(cases[i].from_year, cases[i].from_month, cases[i].from_day), cases[i].on, &years);
        assert_int_equal(got, day(cases[i].year, cases[i].month, cases[i].day));
        assert_int_equal(years, cases[i].years);
    }
    assert_true(occasion_moves_on(S("GB")) && occasion_moves_on(S("hk")));
    assert_false(occasion_moves_on(S("DE")) || occasion_moves_on(S("NZ")) || occasion_moves_on(S("")));
}

static void set_day(UCalendar *cal, int32_t days, UErrorCode *st) {
    ucal_setMillis(cal, (double)days * 86400e3 + 43200e3, st);
}
static int32_t get_day(UCalendar *cal, UErrorCode *st) {
    return (int32_t)floor(ucal_getMillis(cal, st) / 86400e3);
}

// ICU adds years and months with the day pinned to the month's end, which is the rule of those that do not move on.
static void anniversaries_agree_with_icu(void **state) {
    (void)state;
    UErrorCode st = U_ZERO_ERROR;
    UCalendar *cal = ucal_open(u"UTC", -1, "en", UCAL_GREGORIAN, &st);
    ucal_setGregorianChange(cal, -1e18, &st);
    rng r = rng_seed(29);
    for (int i = 0; i < 20000; i++) {
        int32_t first = (int32_t)rng_range(&r, day(1900, 1, 1), day(2030, 12, 31));
        if (rng_chance(&r, 0.2))
            first = day((int32_t)rng_range(&r, 476, 505) * 4 + (rng_chance(&r, 0.5) ? 0 : 4), 2, 29);
        int32_t from = first + (int32_t)rng_range(&r, 0, 40000), years,
                got = occasion_next(ymd_of(first), from, false, &years);
        int32_t want = INT32_MIN;
        for (int k = 1; want < from; k++) {
            set_day(cal, first, &st);
            ucal_add(cal, UCAL_YEAR, k, &st);
            want = get_day(cal, &st);
            if (want >= from) assert_int_equal(years, k);
        }
        assert_int_equal(got, want);
        int32_t months = (int32_t)rng_range(&r, 1, 36), term = term_next(first, months, from);
        want = INT32_MIN;
        for (int k = 1; want < from; k++) {
            set_day(cal, first, &st);
            ucal_add(cal, UCAL_MONTH, k * months, &st);
            want = get_day(cal, &st);
        }
        assert_int_equal(term, want);
    }
    assert_true(U_SUCCESS(st));
    ucal_close(cal);
}

static void a_country_has_its_zone(void **state) {
    (void)state;
    arena a = arena_open(1 << 24);
    assert_str(country_zone(&a, S("FR"), S("UTC")), S("Europe/Paris"));
    assert_str(country_zone(&a, S("de"), S("UTC")), S("Europe/Berlin"));
    assert_str(country_zone(&a, S("US"), S("America/Los_Angeles")), S("America/Los_Angeles"));
    assert_str(country_zone(&a, S("US"), S("Europe/Berlin")), S("America/Chicago"));
    assert_str(country_zone(&a, S("ES"), S("Atlantic/Canary")), S("Atlantic/Canary"));
    assert_int_equal(country_zone(&a, S("XX"), S("UTC")).len, 0);
    assert_int_equal(country_zone(&a, S("Germany"), S("UTC")).len, 0);
    arena_close(&a);
}

// Every country of several zones has a row whose zone lies in it, as the system's own table of zones says.
static void every_country_with_several_zones_has_a_row(void **state) {
    (void)state;
    FILE *f = fopen("/usr/share/zoneinfo/zone.tab", "r");
    if (!f) skip();
    arena a = arena_open(1 << 24);
    char line[400], code[3] = "", name[100];
    int n = 0;
    while (fgets(line, sizeof line, f)) {
        if (sscanf(line, "%2s %*s %99s", code, name) != 2 || line[0] == '#') continue;
        if (!strcmp(code, "AQ")) continue; // nobody is a customer there
        n++;
        if (!country_zone(&a, str_c(code), S("UTC")).len) fail_msg("%s has no zone", code);
        // The company's own zone holds for a country that it lies in, if ICU knows it by that name.
        struct zone *z = NULL;
        err e = {0};
        if (!zone_open(&a, country_zone(&a, str_c(code), S("UTC")), &z, &e)) fail_msg("%s", e.msg);
        arena_reset(&a);
    }
    fclose(f);
    arena_close(&a);
    assert_true(n > 200);
}

// At the hour of a greeting it is the customer's day, wherever the company sits; Apia skipped 2011-12-30.
static void the_day_is_the_customers(void **state) {
    (void)state;
    static const char *const names[] = {"Pacific/Kiritimati", "Pacific/Apia",     "Pacific/Pago_Pago",
                                        "Asia/Kathmandu",     "America/St_Johns", "Australia/Lord_Howe",
                                        "Europe/Berlin",      "America/Sao_Paulo"};
    UErrorCode st = U_ZERO_ERROR;
    arena a = arena_open(1 << 24);
    rng r = rng_seed(7);
    for (size_t i = 0; i < COUNT(names); i++) {
        struct zone *z = NULL;
        err e = {0};
        UChar id[40];
        assert_ok(zone_open(&a, str_c(names[i]), &z, &e), e);
        u_uastrcpy(id, names[i]);
        UCalendar *cal = ucal_open(id, -1, "en", UCAL_GREGORIAN, &st);
        for (int k = 0; k < 2000; k++) {
            int32_t d = (int32_t)rng_range(&r, day(1995, 1, 1), day(2050, 1, 1));
            if (d == day(2011, 12, 30) && i == 1) continue;
            ymd date = ymd_of(d);
            int64_t at = zone_us(z, date, 10 * 3600);
            ucal_setMillis(cal, (double)(at / 1000), &st);
            assert_int_equal(ucal_get(cal, UCAL_YEAR, &st), date.year);
            assert_int_equal(ucal_get(cal, UCAL_MONTH, &st) + 1, date.month);
            assert_int_equal(ucal_get(cal, UCAL_DAY_OF_MONTH, &st), date.day);
            assert_int_equal(ucal_get(cal, UCAL_HOUR_OF_DAY, &st), 10);
        }
        ucal_close(cal);
    }
    assert_true(U_SUCCESS(st));
    zones *all = zones_new(&a, NULL);
    assert_str(zone_name(zones_of(all, S("Asia/Tokyo"), S("DE"))), S("Asia/Tokyo"));
    assert_str(zone_name(zones_of(all, S("nonsense"), S("DE"))), S("Europe/Berlin"));
    assert_str(zone_name(zones_of(all, S(""), S("Atlantis"))), S("UTC"));
    arena_close(&a);
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_birthday_is_read_as_a_date_and_not_as_an_instant),
        cmocka_unit_test(the_29th_of_february_comes_every_year),
        cmocka_unit_test(anniversaries_agree_with_icu),
        cmocka_unit_test(a_country_has_its_zone),
        cmocka_unit_test(every_country_with_several_zones_has_a_row),
        cmocka_unit_test(the_day_is_the_customers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
