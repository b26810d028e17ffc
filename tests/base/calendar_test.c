#include "test.h"

#include "base/civil.h"
#include "base/rng.h"

enum { ZONES = 8 };
#define MINUTE_US (60 * SECOND_US)

typedef struct {
    arena a;
    zone *zones[ZONES];
} room;

static int set_up(void **state) {
    static const char *const names[ZONES] = {
        "UTC",          "Europe/Berlin",     "America/New_York", "Australia/Lord_Howe",
        "Pacific/Apia", "America/Sao_Paulo", "Asia/Beirut",      "Asia/Kathmandu"};
    static room r;
    err e = {0};
    r.a = arena_open(16 << 20);
    for (int i = 0; i < ZONES; i++)
        if (!zone_open(&r.a, str_c(names[i]), &r.zones[i], &e)) return 1;
    *state = &r;
    return 0;
}

static int tear_down(void **state) {
    room *r = *state;
    arena_close(&r->a);
    return 0;
}

static int32_t day(int32_t y, int m, int d) {
    return days_of((ymd){y, (int8_t)m, (int8_t)d});
}

// The U.S. Census Bureau's table of the dates of Easter, 1990 to 2049, and the extremes.
static void easter_is_where_the_table_says(void **state) {
    (void)state;
    static const struct {
        int year, month, day;
    } rows[] = {
        {1961, 4, 2},  {1990, 4, 15}, {1991, 3, 31}, {1992, 4, 19}, {1993, 4, 11}, {1994, 4, 3},  {1995, 4, 16},
        {1996, 4, 7},  {1997, 3, 30}, {1998, 4, 12}, {1999, 4, 4},  {2000, 4, 23}, {2001, 4, 15}, {2002, 3, 31},
        {2003, 4, 20}, {2004, 4, 11}, {2005, 3, 27}, {2006, 4, 16}, {2007, 4, 8},  {2008, 3, 23}, {2009, 4, 12},
        {2010, 4, 4},  {2011, 4, 24}, {2012, 4, 8},  {2013, 3, 31}, {2014, 4, 20}, {2015, 4, 5},  {2016, 3, 27},
        {2017, 4, 16}, {2018, 4, 1},  {2019, 4, 21}, {2020, 4, 12}, {2021, 4, 4},  {2022, 4, 17}, {2023, 4, 9},
        {2024, 3, 31}, {2025, 4, 20}, {2026, 4, 5},  {2027, 3, 28}, {2028, 4, 16}, {2029, 4, 1},  {2030, 4, 21},
        {2031, 4, 13}, {2032, 3, 28}, {2033, 4, 17}, {2034, 4, 9},  {2035, 3, 25}, {2036, 4, 13}, {2037, 4, 5},
        {2038, 4, 25}, {2039, 4, 10}, {2040, 4, 1},  {2041, 4, 21}, {2042, 4, 6},  {2043, 3, 29}, {2044, 4, 17},
        {2045, 4, 9},  {2046, 3, 25}, {2047, 4, 14}, {2048, 4, 5},  {2049, 4, 18}, {1818, 3, 22}, {1943, 4, 25},
        {2285, 3, 22},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_int_equal(easter(rows[i].year), day(rows[i].year, rows[i].month, rows[i].day));
}

// Easter by its definition (the Sunday after the ecclesiastical full moon), from the epact tables of Clavius.
static int32_t easter_by_epact(int32_t year) {
    const int golden = year % 19 + 1, century = year / 100 + 1;
    const int solar = 3 * century / 4 - 12, lunar = (8 * century + 5) / 25 - 5;
    int epact = (11 * golden + 20 + lunar - solar) % 30;
    if (epact < 0) epact += 30;
    if ((epact == 25 && golden > 11) || epact == 24) epact++;
    int32_t moon = day(year, 3, 1) + (44 - epact) - 1;
    if (44 - epact < 21) moon += 30;
    return moon + 1 + (6 - weekday(moon + 1)) % 7;
}

static void easter_follows_the_moon(void **state) {
    (void)state;
    for (int32_t y = 1583; y <= 9999; y++) {
        assert_int_equal(easter(y), easter_by_epact(y));
        assert_int_equal(weekday(easter(y)), 6);
    }
}

// The lists that the governments published: gov.uk, opm.gov, and the federal laws.
static void holidays_are_what_governments_published(void **state) {
    room *r = *state;
    static const struct {
        const char *country;
        int32_t year;
        const char *days;
    } rows[] = {
        {"DE", 2024, "01-01 03-29 04-01 05-01 05-09 05-20 10-03 12-25 12-26"},
        {"DE", 2017, "01-01 04-14 04-17 05-01 05-25 06-05 10-03 10-31 12-25 12-26"},
        {"de", 1989, "01-01 03-24 03-27 05-01 05-04 05-15 12-25 12-26"},
        {"AT", 2025, "01-01 01-06 04-21 05-01 05-29 06-09 06-19 08-15 10-26 11-01 12-08 12-25 12-26"},
        {"CH", 2026, "01-01 05-14 08-01 12-25"},
        {"ES", 2026, "01-01 01-06 04-03 05-01 08-15 10-12 11-01 12-06 12-08 12-25"},
        {"FR", 2024, "01-01 04-01 05-01 05-08 05-09 05-20 07-14 08-15 11-01 11-11 12-25"},
        {"FR", 2008, "01-01 03-24 05-01 05-08 05-12 07-14 08-15 11-01 11-11 12-25"}, // Ascension on 1 May
        // gov.uk lists the days given instead; the days themselves stay in the list too
        {"GB", 2020, "01-01 04-10 04-13 05-08 05-25 08-31 12-25 12-26 12-28"},
        {"GB", 2021, "01-01 04-02 04-05 05-03 05-31 08-30 12-25 12-26 12-27 12-28"},
        {"GB", 2022, "01-01 01-03 04-15 04-18 05-02 06-02 06-03 08-29 09-19 12-25 12-26 12-27"},
        {"GB", 2023, "01-01 01-02 04-07 04-10 05-01 05-08 05-29 08-28 12-25 12-26"},
        {"GB", 2012, "01-01 01-02 04-06 04-09 05-07 06-04 06-05 08-27 12-25 12-26"},
        {"US", 2020, "01-01 01-20 02-17 05-25 07-03 07-04 09-07 10-12 11-11 11-26 12-25"},
        {"US", 2021, "01-01 01-18 02-15 05-31 06-18 06-19 07-04 07-05 09-06 10-11 11-11 11-25 12-24 12-25 12-31"},
        {"US", 2022, "01-01 01-17 02-21 05-30 06-19 06-20 07-04 09-05 10-10 11-11 11-24 12-25 12-26"},
        {"US", 2026, "01-01 01-19 02-16 05-25 06-19 07-03 07-04 09-07 10-12 11-11 11-26 12-25"},
        // Regions, as their governments list them: gov.scot, nidirect.gov.uk, the holiday laws of the German states.
        {"GB-SCT", 2022, "01-01 01-02 01-03 01-04 04-15 05-02 06-02 06-03 08-01 09-19 11-30 12-25 12-26 12-27"},
        {"GB-SCT", 2023, "01-01 01-02 01-03 04-07 05-01 05-08 05-29 08-07 11-30 12-25 12-26"},
        {"GB-SCT", 2025, "01-01 01-02 04-18 05-05 05-26 08-04 11-30 12-01 12-25 12-26"},
        {"GB-NIR", 2024, "01-01 03-17 03-18 03-29 04-01 05-06 05-27 07-12 08-26 12-25 12-26"},
        {"DE-BY", 2026, "01-01 01-06 04-03 04-06 05-01 05-14 05-25 06-04 10-03 11-01 12-25 12-26"},
        {"de-sn", 2026, "01-01 04-03 04-06 05-01 05-14 05-25 10-03 10-31 11-18 12-25 12-26"},
        {"DE-SN", 2023, "01-01 04-07 04-10 05-01 05-18 05-29 10-03 10-31 11-22 12-25 12-26"},
        {"DE-BE", 2025, "01-01 03-08 04-18 04-21 05-01 05-08 05-29 06-09 10-03 12-25 12-26"},
        {"DE-NI", 2017, "01-01 04-14 04-17 05-01 05-25 06-05 10-03 10-31 12-25 12-26"},
        {"DE-TH", 2024, "01-01 03-29 04-01 05-01 05-09 05-20 09-20 10-03 10-31 12-25 12-26"},
        {"FR-6AE", 2024, "01-01 03-29 04-01 05-01 05-08 05-09 05-20 07-14 08-15 11-01 11-11 12-25 12-26"},
        {"DE-XX", 2026, ""},
        {"DE-", 2026, ""},
        {"XX", 2026, ""},
        {"", 2026, ""},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        arena scratch = r->a;
        int32_t days[32];
        const int n = holidays_of(str_c(rows[i].country), rows[i].year, days, 32);
        buf b = buf_new(&scratch, 1024);
        for (int k = 0; k < n; k++) {
            const ymd d = ymd_of(days[k]);
            assert_int_equal(d.year, rows[i].year);
            buf_fmt(&b, "%s%02d-%02d", k ? " " : "", d.month, d.day);
        }
        if (!str_eq(buf_str(&b), str_c(rows[i].days)))
            fail_msg("%s %d: %.*s", rows[i].country, rows[i].year, STR_ARG(buf_str(&b)));
    }
    int32_t few[3];
    assert_int_equal(holidays_of(S("DE"), 2024, few, 3), 3);
    assert_int_equal(few[2], day(2024, 4, 1));
}

static bool is_open(const calendar *c, int64_t at_us) {
    ymd d;
    const int32_t second = zone_second(c->z, at_us, &d);
    const int32_t days = days_of(d);
    for (int i = 0; i < c->n_holidays; i++)
        if (c->holidays[i] == days) return false;
    const int w = weekday(days);
    return second >= c->week[w].open_s && second < c->week[w].close_s;
}

static int64_t by_minutes(const calendar *c, int64_t from, int64_t to) {
    int64_t sum = 0;
    for (int64_t at = from; at < to; at += MINUTE_US) sum += is_open(c, at) ? MINUTE_US : 0;
    return sum;
}

static int by_day(const void *x, const void *y) {
    return *(const int32_t *)x - *(const int32_t *)y;
}

// Hours on whole minutes: none, a few, the whole day. Holidays in any number, twice the same too.
static calendar random_calendar(rng *r, const zone *z, int64_t around, int32_t *holidays) {
    calendar c = {.z = z, .holidays = holidays};
    for (int i = 0; i < 7; i++) {
        const int32_t a = (int32_t)rng_range(r, 0, 1440) * 60, b = (int32_t)rng_range(r, 0, 1440) * 60;
        const bool whole = rng_chance(r, 0.2);
        c.week[i].open_s = whole ? 0 : MIN(a, b);
        c.week[i].close_s = whole ? 86400 : MAX(a, b);
        if (rng_chance(r, 0.2)) c.week[i].close_s = c.week[i].open_s;
    }
    c.n_holidays = (int)rng_range(r, 0, 5);
    for (int i = 0; i < c.n_holidays; i++) holidays[i] = zone_days(z, around) + (int32_t)rng_range(r, -8, 8);
    qsort(holidays, (size_t)c.n_holidays, sizeof *holidays, by_day);
    return c;
}

// A minute near a change of the clocks in most cases, any minute otherwise.
static int64_t interesting(rng *r, const zone *z) {
    int64_t at = rng_range(r, day(1990, 1, 1), day(2040, 1, 1)) * DAY_US;
    const int64_t change = zone_change_us(z, at);
    if (change < day(2040, 1, 1) * DAY_US && rng_chance(r, 0.7)) at = change;
    return at + rng_range(r, -5000, 5000) * MINUTE_US;
}

static void open_time_is_counted_minute_by_minute(void **state) {
    room *room_ = *state;
    rng r = rng_seed(6);
    for (int i = 0; i < 3000; i++) {
        int32_t holidays[5];
        const zone *z = room_->zones[i % ZONES];
        const int64_t from = interesting(&r, z), to = from + rng_range(&r, 0, 9 * 1440) * MINUTE_US;
        const calendar c = random_calendar(&r, z, from, holidays);
        const int64_t want = by_minutes(&c, from, to), got = business_us(&c, from, to);
        if (got != want)
            fail_msg("%.*s, case %d: %" PRId64 " minutes, not %" PRId64, STR_ARG(zone_name(z)), i, got / MINUTE_US,
                     want / MINUTE_US);
        assert_int_equal(business_us(&c, to, from), -want);
    }
}

static void adding_undoes_counting(void **state) {
    room *room_ = *state;
    rng r = rng_seed(7);
    for (int i = 0; i < 3000; i++) {
        int32_t holidays[5];
        const zone *z = room_->zones[i % ZONES];
        const int64_t from = interesting(&r, z) + rng_range(&r, 0, MINUTE_US);
        const int64_t to = from + rng_range(&r, -9 * DAY_US, 9 * DAY_US);
        const calendar c = random_calendar(&r, z, from, holidays);
        const int64_t open = business_us(&c, from, to), back = business_add(&c, from, open);
        if (open == 0) {
            assert_int_equal(back, from);
            continue;
        }
        assert_true(open > 0 ? from < back && back <= to : to <= back && back < from);
        assert_int_equal(business_us(&c, from, back), open);
        assert_int_equal(business_us(&c, from, open > 0 ? back - 1 : back + 1), open > 0 ? open - 1 : open + 1);
    }
}

static void open_time_adds_up(void **state) {
    room *room_ = *state;
    rng r = rng_seed(8);
    for (int i = 0; i < 3000; i++) {
        int32_t holidays[5];
        const zone *z = room_->zones[i % ZONES];
        const int64_t a = interesting(&r, z), b = interesting(&r, z), c_ = interesting(&r, z);
        const calendar c = random_calendar(&r, z, a, holidays);
        assert_int_equal(business_us(&c, a, b) + business_us(&c, b, c_), business_us(&c, a, c_));
        const calendar always = calendar_always(z);
        assert_int_equal(business_us(&always, a, b), b - a);
        assert_int_equal(business_add(&always, a, b - a), b);
    }
}

static void office_hours_by_hand(void **state) {
    const room *r = *state;
    const calendar office = calendar_weekdays(r->zones[1], 9 * 3600, 17 * 3600);
    const int64_t friday = zone_us(r->zones[1], (ymd){2026, 3, 27}, 16 * 3600); // the clocks change on Sunday
    const int64_t monday = zone_us(r->zones[1], (ymd){2026, 3, 30}, 10 * 3600);
    assert_int_equal(business_us(&office, friday, monday), 2 * HOUR_US);
    assert_int_equal(business_add(&office, friday, 2 * HOUR_US), monday);
    assert_int_equal(business_add(&office, friday, HOUR_US), friday + HOUR_US); // closing time, not Monday morning
    assert_int_equal(business_add(&office, monday, -2 * HOUR_US), friday);
    assert_int_equal(business_us(&office, friday, friday + 7 * DAY_US), 41 * HOUR_US); // to 17:00 in summer time
    int32_t days[32];
    calendar with_holidays = office;
    with_holidays.n_holidays = holidays_of(S("DE"), 2026, days, 32);
    with_holidays.holidays = days;
    assert_false(is_business_day(&with_holidays, day(2026, 4, 3)));
    assert_true(is_business_day(&office, day(2026, 4, 3)));
    assert_false(is_business_day(&office, day(2026, 4, 4)));
    const int64_t thursday = zone_us(r->zones[1], (ymd){2026, 4, 2}, 17 * 3600 - 60);
    assert_int_equal(business_add(&with_holidays, thursday, 2 * MINUTE_US),
                     zone_us(r->zones[1], (ymd){2026, 4, 7}, 9 * 3600 + 60)); // after Easter Monday
}

static void what_never_opens_never_ends(void **state) {
    (void)state;
    const calendar never = {0};
    assert_int_equal(business_us(&never, INT64_MIN, INT64_MAX), 0);
    assert_int_equal(business_add(&never, 0, 1), INT64_MAX);
    assert_int_equal(business_add(&never, 0, -1), INT64_MIN);
    assert_int_equal(business_add(&never, 5, 0), 5);
    const calendar always = calendar_always(NULL);
    assert_int_equal(business_add(&always, 0, INT64_MAX), INT64_MAX);
    assert_true(business_us(&always, 0, INT64_MAX) > 70000 * 365 * DAY_US);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(easter_is_where_the_table_says),
        cmocka_unit_test(easter_follows_the_moon),
        cmocka_unit_test(holidays_are_what_governments_published),
        cmocka_unit_test(open_time_is_counted_minute_by_minute),
        cmocka_unit_test(adding_undoes_counting),
        cmocka_unit_test(open_time_adds_up),
        cmocka_unit_test(office_hours_by_hand),
        cmocka_unit_test(what_never_opens_never_ends),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
