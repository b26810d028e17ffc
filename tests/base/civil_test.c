#include <unicode/ucal.h>
#include <unicode/ustring.h>

#include "test.h"

#include "base/civil.h"
#include "base/rng.h"

// Zones that show every kind of change: DST of an hour and of half an hour, changes at midnight, negative DST and
// months of Ramadan, a skipped day, odd offsets, none at all.
static const char *const zones[] = {
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "Asia/Beirut",
    "Africa/Casablanca",
    "Pacific/Apia",
    "Asia/Kathmandu",
    "Europe/Dublin",
    "America/St_Johns",
    "America/Havana",
    "Asia/Tehran",
    "Antarctica/Troll",
    "Pacific/Chatham",
    "America/Caracas",
    "Asia/Pyongyang",
    "America/Santiago",
    "Africa/Cairo",
    "UTC",
};

static arena *memory(void **state) {
    arena_reset(*state);
    return *state;
}

static zone *opened(arena *a, const char *name) {
    zone *z = NULL;
    err e = {0};
    assert_ok(zone_open(a, str_c(name), &z, &e), e);
    return z;
}

static int64_t instant(int32_t year, int month, int day) {
    return days_of((ymd){year, (int8_t)month, (int8_t)day}) * DAY_US;
}

static void days_count_like_a_calendar(void **state) {
    (void)state;
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int32_t n = -135140; // 1600-01-01, which Julian day numbers 2305447.5 and 2440587.5 put here
    int of_week = 5;     // a Saturday
    for (int32_t y = 1600; y <= 2400; y++)
        for (int m = 1; m <= 12; m++) {
            const bool leap = y % 400 == 0 || (y % 4 == 0 && y % 100 != 0);
            const int last = lengths[m - 1] + (m == 2 && leap);
            assert_int_equal(days_in_month(y, m), last);
            assert_false(ymd_ok((ymd){y, (int8_t)m, (int8_t)(last + 1)}));
            for (int d = 1; d <= last; d++, n++, of_week = (of_week + 1) % 7) {
                const ymd date = {y, (int8_t)m, (int8_t)d}, back = ymd_of(n);
                assert_true(ymd_ok(date));
                assert_int_equal(days_of(date), n);
                assert_int_equal(weekday(n), of_week);
                assert_true(back.year == y && back.month == m && back.day == d);
            }
        }
}

static void impossible_dates_are_refused(void **state) {
    (void)state;
    static const ymd bad[] = {{2026, 0, 1}, {2026, 13, 1}, {2026, 1, 0}, {2026, 1, 32}, {2026, -1, 1}, {1900, 2, 29}};
    for (size_t i = 0; i < COUNT(bad); i++) assert_false(ymd_ok(bad[i]));
    assert_true(ymd_ok((ymd){2000, 2, 29}));
}

static void far_dates_survive_the_round_trip(void **state) {
    (void)state;
    rng r = rng_seed(1);
    for (int i = 0; i < 100000; i++) {
        const int32_t day = (int32_t)rng_range(&r, -700000000, 700000000);
        assert_int_equal(days_of(ymd_of(day)), day);
        assert_true(ymd_ok(ymd_of(day)));
    }
}

static void months_are_clamped(void **state) {
    (void)state;
    static const struct {
        ymd from;
        int months;
        ymd to;
    } rows[] = {
        {{2026, 1, 31}, 1, {2026, 2, 28}},   {{2024, 1, 31}, 1, {2024, 2, 29}},  {{2026, 3, 31}, -1, {2026, 2, 28}},
        {{2024, 2, 29}, 12, {2025, 2, 28}},  {{2024, 2, 29}, 48, {2028, 2, 29}}, {{2026, 12, 31}, 2, {2027, 2, 28}},
        {{2026, 1, 15}, -1, {2025, 12, 15}}, {{2026, 5, 31}, 1, {2026, 6, 30}},  {{2026, 1, 1}, -24313, {-1, 12, 1}},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_int_equal(add_months(days_of(rows[i].from), rows[i].months), days_of(rows[i].to));
}

static void leap_day_people_have_birthdays_every_year(void **state) {
    (void)state;
    const ymd leap = {2000, 2, 29};
    for (int32_t y = 1990; y <= 2110; y++) {
        const bool common = days_in_month(y, 2) == 28;
        const ymd before = {y, 2, (int8_t)(common ? 28 : 29)},
                  after = {y, (int8_t)(common ? 3 : 2), (int8_t)(common ? 1 : 29)};
        assert_int_equal(anniversary(leap, y, false), days_of(before));
        assert_int_equal(anniversary(leap, y, true), days_of(after));
        assert_int_equal(anniversary((ymd){2000, 2, 28}, y, true), days_of((ymd){y, 2, 28}));
        assert_int_equal(anniversary((ymd){2000, 12, 31}, y, false), days_of((ymd){y, 12, 31}));
    }
}

static void unknown_zones_are_named(void **state) {
    arena *a = memory(state);
    static const char *const bad[] = {"Europe/Nowhere", "europe/berlin",        "Etc/Unknown",      "Berlin",
                                      "Europe/Berlin ", "Europe/B\xc3\xa4rlin", "../../etc/passwd", "x"};
    for (size_t i = 0; i < COUNT(bad); i++) {
        err e = {0};
        zone *z = NULL;
        assert_false(zone_open(a, str_c(bad[i]), &z, &e));
        assert_int_equal(e.code, ERR_invalid);
        assert_true(str_has(str_c(e.msg), str_c(bad[i])));
    }
    err e = {0};
    zone *z = NULL;
    char longest[400];
    memset(longest, 'a', sizeof longest);
    assert_false(zone_open(a, (str){longest, sizeof longest}, &z, &e));
    assert_false(zone_open(a, (str){"UTC\0x", 5}, &z, &e));
}

static void utc_is_the_zone_of_nothing(void **state) {
    arena *a = memory(state);
    const zone *z = opened(a, "");
    assert_str(zone_name(z), S("UTC"));
    assert_str(zone_name(NULL), S("UTC"));
    assert_str(zone_name(opened(a, "Asia/Kathmandu")), S("Asia/Kathmandu"));
    assert_int_equal(zone_days(NULL, -1), -1);
    assert_int_equal(zone_days(z, -1), -1);
    assert_int_equal(zone_us(NULL, (ymd){1970, 1, 2}, 1), DAY_US + SECOND_US);
    assert_int_equal(zone_change_us(z, 0), INT64_MAX);
    ymd d;
    assert_int_equal(zone_second(z, INT64_MAX, &d), 14454); // sentinels do no harm
    assert_int_equal(zone_second(z, INT64_MIN, &d), 71945);
}

static UCalendar *oracle(const char *name) {
    UChar id[64];
    u_charsToUChars(name, id, (int32_t)strlen(name) + 1);
    UErrorCode st = U_ZERO_ERROR;
    UCalendar *cal = ucal_open(id, -1, "", UCAL_GREGORIAN, &st);
    ucal_setGregorianChange(cal, -1e18, &st);
    ucal_setAttribute(cal, UCAL_REPEATED_WALL_TIME, UCAL_WALLTIME_FIRST);
    ucal_setAttribute(cal, UCAL_SKIPPED_WALL_TIME, UCAL_WALLTIME_LAST);
    assert_true(U_SUCCESS(st));
    return cal;
}

static void same_fields(UCalendar *cal, const zone *z, int64_t s) {
    UErrorCode st = U_ZERO_ERROR;
    ucal_setMillis(cal, (double)s * 1000, &st);
    const int64_t millis = ucal_get(cal, UCAL_MILLISECONDS_IN_DAY, &st);
    const ymd want = {ucal_get(cal, UCAL_EXTENDED_YEAR, &st), (int8_t)(ucal_get(cal, UCAL_MONTH, &st) + 1),
                      (int8_t)ucal_get(cal, UCAL_DATE, &st)};
    const int64_t clock = ucal_get(cal, UCAL_HOUR_OF_DAY, &st) * 3600 + ucal_get(cal, UCAL_MINUTE, &st) * 60 +
                          ucal_get(cal, UCAL_SECOND, &st);
    const int64_t offset = (ucal_get(cal, UCAL_ZONE_OFFSET, &st) + ucal_get(cal, UCAL_DST_OFFSET, &st)) / 1000;
    ymd got;
    const int64_t us = s * SECOND_US + 999999;
    if (zone_second(z, us, &got) != clock || days_of(got) != days_of(want) || zone_days(z, us) != days_of(want) ||
        zone_offset_s(z, us) != offset)
        fail_msg("%.*s at %" PRId64 ": fields differ from ICU's (%" PRId64 ")", STR_ARG(zone_name(z)), s, millis);
}

// The instant that ICU gives to a local time. It looks six hours back for the offset before a gap, so it is asked for
// changes of less than that.
static void same_instant(UCalendar *cal, const zone *z, int64_t local_s) {
    UErrorCode st = U_ZERO_ERROR;
    const int32_t days = (int32_t)floor_div(local_s, 86400);
    const int32_t second = (int32_t)(local_s - (int64_t)days * 86400);
    const ymd d = ymd_of(days);
    ucal_clear(cal);
    ucal_setDateTime(cal, d.year, d.month - 1, d.day, second / 3600, second / 60 % 60, second % 60, &st);
    const int64_t want = (int64_t)(ucal_getMillis(cal, &st) / 1000);
    const int64_t got = zone_us(z, d, second) / SECOND_US;
    if (got != want)
        fail_msg("%.*s, local second %" PRId64 ": %" PRId64 " but ICU has %" PRId64, STR_ARG(zone_name(z)), local_s,
                 got, want);
}

// What the header promises about a change from one offset to another at an instant, told by the offsets alone.
static void round_trips(const zone *z, int64_t change, int64_t from_offset, int64_t to_offset, int64_t s) {
    const int64_t offset = s < change ? from_offset : to_offset;
    const int64_t overlap = MAX(0, from_offset - to_offset);
    const int64_t first = s >= change && s < change + overlap ? s - overlap : s;
    ymd d;
    const int32_t second = zone_second(z, s * SECOND_US, &d);
    assert_int_equal((int64_t)days_of(d) * 86400 + second, s + offset);
    assert_int_equal(zone_us(z, d, second), first * SECOND_US);
}

static void gap_moves_forward(const zone *z, int64_t change, int64_t from_offset, int64_t to_offset) {
    for (int64_t local = change + from_offset; local < change + to_offset; local += 60) {
        const int32_t days = (int32_t)floor_div(local, 86400);
        const int64_t us = zone_us(z, ymd_of(days), (int32_t)(local - (int64_t)days * 86400));
        const int64_t shown = us / SECOND_US + zone_offset_s(z, us);
        assert_int_equal(shown - local, to_offset - from_offset);
    }
}

static int check_change(UCalendar *cal, const zone *z, int64_t change) {
    const int64_t from = zone_offset_s(z, change * SECOND_US - 1), to = zone_offset_s(z, change * SECOND_US);
    assert_true(from != to);
    for (int64_t s = change - 30 * 3600; s <= change + 30 * 3600; s += 600) {
        same_fields(cal, z, s);
        round_trips(z, change, from, to, s);
        if (llabs(to - from) < 6 * 3600) same_instant(cal, z, s + to);
    }
    for (int64_t s = change - 2; s <= change + 2; s++) {
        same_fields(cal, z, s);
        round_trips(z, change, from, to, s);
    }
    gap_moves_forward(z, change, from, to);
    return 1;
}

static void every_change_from_1990_to_2040_holds(void **state) {
    arena *a = memory(state);
    int changes = 0;
    for (size_t i = 0; i < COUNT(zones); i++) {
        const zone *z = opened(a, zones[i]);
        UCalendar *cal = oracle(zones[i]);
        for (int64_t us = instant(1990, 1, 1); (us = zone_change_us(z, us)) < instant(2041, 1, 1);)
            changes += check_change(cal, z, us / SECOND_US);
        ucal_close(cal);
    }
    assert_in_range(changes, 1000, 2000);
}

static void any_instant_of_two_centuries_agrees(void **state) {
    arena *a = memory(state);
    rng r = rng_seed(2);
    for (size_t i = 0; i < COUNT(zones); i++) {
        const zone *z = opened(a, zones[i]);
        UCalendar *cal = oracle(zones[i]);
        for (int k = 0; k < 5000; k++)
            same_fields(cal, z, rng_range(&r, instant(1900, 1, 3), instant(2099, 12, 30)) / SECOND_US);
        ucal_close(cal);
    }
}

// Every day and every change as the C library sees them. The years end where the two sources may carry different
// editions of the zone rules.
static void the_c_library_agrees(void **state) {
    arena *a = memory(state);
    int checked = 0;
    for (size_t i = 0; i < COUNT(zones); i++) {
        const zone *z = opened(a, zones[i]);
        const str path = str_fmt(a, "/usr/share/zoneinfo/%s", zones[i]);
        FILE *f = fopen(str_z(a, path), "rb");
        if (!f) continue;
        fclose(f);
        setenv("TZ", zones[i], 1);
        tzset();
        for (time_t s = instant(1990, 1, 1) / SECOND_US; s < instant(2022, 1, 1) / SECOND_US; s += 5 * 3600 + 1) {
            struct tm tm;
            ymd d;
            assert_non_null(localtime_r(&s, &tm));
            const int32_t second = zone_second(z, s * SECOND_US, &d);
            if (second != tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec || d.day != tm.tm_mday ||
                d.month != tm.tm_mon + 1 || d.year != tm.tm_year + 1900 || weekday(days_of(d)) != (tm.tm_wday + 6) % 7)
                fail_msg("%s at %lld differs from localtime_r", zones[i], (long long)s);
            checked++;
        }
    }
    unsetenv("TZ");
    tzset();
    if (checked) return;
    print_message("skipped: the C library has no zones here\n");
    skip();
}

static void known_gaps_and_overlaps(void **state) {
    arena *a = memory(state);
    static const struct {
        const char *zone;
        ymd date;
        int32_t second;
        const char *want;
    } rows[] = {
        {"Europe/Berlin", {2026, 3, 29}, 9000, "2026-03-29T01:30:00Z"},       // 02:30 is skipped: 03:30
        {"Europe/Berlin", {2026, 10, 25}, 9000, "2026-10-25T00:30:00Z"},      // 02:30 comes twice: summer time
        {"America/New_York", {2026, 3, 8}, 7200, "2026-03-08T07:00:00Z"},     // 02:00 is 03:00
        {"America/New_York", {2026, 11, 1}, 5400, "2026-11-01T05:30:00Z"},    // 01:30 EDT
        {"Australia/Lord_Howe", {2025, 10, 5}, 8100, "2025-10-04T15:45:00Z"}, // 02:15 is 02:45 at +11
        {"Australia/Lord_Howe", {2026, 4, 5}, 6300, "2026-04-04T14:45:00Z"},  // 01:45 at +11
        {"Pacific/Apia", {2011, 12, 30}, 43200, "2011-12-30T22:00:00Z"},      // that Friday was skipped: Saturday noon
        {"America/Sao_Paulo", {2018, 11, 4}, 0, "2018-11-04T03:00:00Z"},      // midnight was 01:00
        {"Asia/Beirut", {2022, 3, 27}, 0, "2022-03-26T22:00:00Z"},            // midnight was 01:00
        {"Asia/Kathmandu", {1985, 12, 31}, 86399, "1985-12-31T18:29:59Z"},    // the last second at +05:30
        {"Asia/Kathmandu", {1986, 1, 1}, 900, "1985-12-31T18:30:00Z"},        // then +05:45
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_str(iso_str(a, zone_us(opened(a, rows[i].zone), rows[i].date, rows[i].second)), str_c(rows[i].want));
}

static void days_begin_where_they_can(void **state) {
    arena *a = memory(state);
    static const struct {
        const char *zone;
        ymd date;
        const char *want;
    } rows[] = {
        {"Europe/Berlin", {2026, 3, 29}, "2026-03-28T23:00:00Z"},
        {"America/Sao_Paulo", {2018, 11, 4}, "2018-11-04T03:00:00Z"},
        {"America/St_Johns", {2007, 11, 4}, "2007-11-04T02:30:00Z"}, // 00:01 fell back to 23:01
        {"Pacific/Apia", {2011, 12, 29}, "2011-12-29T10:00:00Z"},
        {"Pacific/Apia", {2011, 12, 30}, "2011-12-30T10:00:00Z"}, // never was: the next day's start
        {"Pacific/Apia", {2011, 12, 31}, "2011-12-30T10:00:00Z"},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_str(iso_str(a, zone_day_start_us(opened(a, rows[i].zone), days_of(rows[i].date))), str_c(rows[i].want));
    for (size_t i = 0; i < COUNT(zones); i++) {
        const zone *z = opened(a, zones[i]);
        for (int32_t day = days_of((ymd){1990, 1, 1}); day < days_of((ymd){2041, 1, 1}); day++) {
            const int64_t start = zone_day_start_us(z, day);
            const bool skipped = strcmp(zones[i], "Pacific/Apia") == 0 && day == days_of((ymd){2011, 12, 30});
            assert_int_equal(zone_days(z, start), day + skipped);
            assert_true(zone_days(z, start - 1) < day);
        }
    }
}

static void times_are_printed(void **state) {
    arena *a = memory(state);
    assert_str(iso_str(a, 0), S("1970-01-01T00:00:00Z"));
    assert_str(iso_str(a, -1), S("1969-12-31T23:59:59.999999Z"));
    assert_str(iso_str(a, INT64_C(1767323045123000)), S("2026-01-02T03:04:05.123Z"));
    assert_str(iso_str(a, INT64_C(1767323045000001)), S("2026-01-02T03:04:05.000001Z"));
    assert_str(iso_str(a, INT64_C(-62135596800) * SECOND_US), S("0001-01-01T00:00:00Z"));
    assert_str(iso_str(a, INT64_MAX), S("294247-01-10T04:00:54.775807Z"));
    assert_str(date_str(a, 0), S("1970-01-01"));
    assert_str(date_str(a, -719529), S("-1-12-31"));
}

static int set_up(void **state) {
    static arena a;
    a = arena_open(16 << 20);
    *state = &a;
    return 0;
}

static int tear_down(void **state) {
    arena_close(*state);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(days_count_like_a_calendar),
        cmocka_unit_test(impossible_dates_are_refused),
        cmocka_unit_test(far_dates_survive_the_round_trip),
        cmocka_unit_test(months_are_clamped),
        cmocka_unit_test(leap_day_people_have_birthdays_every_year),
        cmocka_unit_test(unknown_zones_are_named),
        cmocka_unit_test(utc_is_the_zone_of_nothing),
        cmocka_unit_test(every_change_from_1990_to_2040_holds),
        cmocka_unit_test(any_instant_of_two_centuries_agrees),
        cmocka_unit_test(the_c_library_agrees),
        cmocka_unit_test(known_gaps_and_overlaps),
        cmocka_unit_test(days_begin_where_they_can),
        cmocka_unit_test(times_are_printed),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
