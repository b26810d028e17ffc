#include "test.h"

#include "base/civil.h"
#include "base/rng.h"

typedef struct {
    arena a;
    zone *berlin, *kolkata;
} room;

static int set_up(void **state) {
    static room r;
    err e = {0};
    r.a = arena_open(16 << 20);
    if (!zone_open(&r.a, S("Europe/Berlin"), &r.berlin, &e) || !zone_open(&r.a, S("Asia/Kolkata"), &r.kolkata, &e))
        return 1;
    *state = &r;
    return 0;
}

static int tear_down(void **state) {
    room *r = *state;
    arena_close(&r->a);
    return 0;
}

static void is_read(const zone *z, const char *in, int day_first, const char *want) {
    int64_t us = 0, expected = 0;
    if (!time_parse(str_c(in), z, day_first, &us)) fail_msg("\"%s\" is not read", in);
    // The expectation is spelled out by the C library, not by ours.
    struct tm tm = {0};
    const char *rest = strptime(want, "%Y-%m-%dT%H:%M:%S", &tm);
    assert_non_null(rest);
    expected = (int64_t)timegm(&tm) * SECOND_US;
    if (*rest == '.') expected += strtol(rest + 1, NULL, 10);
    if (us != expected) fail_msg("\"%s\" is read as %" PRId64 ", not %s (%" PRId64 ")", in, us, want, expected);
}

// Fractions in `want` are microseconds of six digits.
static void forms_that_systems_write(void **state) {
    (void)state;
    static const struct {
        const char *in, *want;
    } rows[] = {
        // ISO 8601
        {"2026-01-02", "2026-01-02T00:00:00"},
        {"2026-01-02T03:04:05Z", "2026-01-02T03:04:05"},
        {"2026-01-02t03:04:05z", "2026-01-02T03:04:05"},
        {"2026-01-02 03:04:05", "2026-01-02T03:04:05"},
        {"2026-01-02T03:04", "2026-01-02T03:04:00"},
        {"2026-01-02T03Z", "2026-01-02T03:00:00"},
        {"2026-01-02T03:04:05.1Z", "2026-01-02T03:04:05.100000"},
        {"2026-01-02T03:04:05,123Z", "2026-01-02T03:04:05.123000"},
        {"2026-01-02T03:04:05.123456Z", "2026-01-02T03:04:05.123456"},
        {"2026-01-02T03:04:05.123456789Z", "2026-01-02T03:04:05.123456"},
        {"2026-01-02T03:04:05.123456789123Z", "2026-01-02T03:04:05.123456"},
        {"2026-01-02T03:04:05+01:00", "2026-01-02T02:04:05"},
        {"2026-01-02T03:04:05-0330", "2026-01-02T06:34:05"},
        {"2026-01-02T03:04:05+05", "2026-01-01T22:04:05"},
        {"2026-01-02 03:04:05.123456+00", "2026-01-02T03:04:05.123456"},
        {"2026-01-02T24:00:00Z", "2026-01-03T00:00:00"},
        {"2016-12-31T23:59:60Z", "2017-01-01T00:00:00"},
        {"20260102", "2026-01-02T00:00:00"},
        {"19970101", "1997-01-01T00:00:00"},
        {"20260102T030405Z", "2026-01-02T03:04:05"},
        {"20260102T0304", "2026-01-02T03:04:00"},
        {"20260102030405", "2026-01-02T03:04:05"},
        {"202601020304", "2026-01-02T03:04:00"},
        {"2026-1-2T3:04:05.000Z", "2026-01-02T03:04:05"},
        {"2026/01/02 03:04", "2026-01-02T03:04:00"},
        {"2026-01-02T03:04:05+01:00[Europe/Berlin]", "2026-01-02T02:04:05"},
        {"  2026-01-02\n", "2026-01-02T00:00:00"},
        {"0001-01-01T00:00:00Z", "0001-01-01T00:00:00"},
        {"9999-12-31", "9999-12-31T00:00:00"},
        {"2024-02-29", "2024-02-29T00:00:00"},
        // unix time
        {"1767323045", "2026-01-02T03:04:05"},
        {"1767323045123", "2026-01-02T03:04:05.123000"},
        {"1767323045123456", "2026-01-02T03:04:05.123456"},
        {"1767323045123456789", "2026-01-02T03:04:05.123456"},
        {"1767323045.5", "2026-01-02T03:04:05.500000"},
        {"1355517523.000005", "2012-12-14T20:38:43.000005"}, // Slack's ts
        {"1767323045123.0", "2026-01-02T03:04:05.123000"},
        {"315532800", "1980-01-01T00:00:00"},
        {"-631152000", "1950-01-01T00:00:00"},
        // exports
        {"2026-01-02 11:11:26 +0530", "2026-01-02T05:41:26"}, // Shopify
        {"2026-01-02 02:38:54 UTC", "2026-01-02T02:38:54"},   // Stripe
        {"2015-02-24 11:35:52 -0800", "2015-02-24T19:35:52"}, // airline tweets
        {"1/2/2026 13:04:05", "2026-01-02T13:04:05"},         // Google Forms, US
        {"01/02/2026 10:11:12 AM", "2026-01-02T10:11:12"},    // SurveyMonkey
        {"01/02/2026 12:00:00 AM", "2026-01-02T00:00:00"},
        {"01/02/2026 12:00 PM", "2026-01-02T12:00:00"},
        {"1/2/2026 1:04:05 p.m.", "2026-01-02T13:04:05"},
        {"1/2/2026, 1:04:05\xe2\x80\xafPM", "2026-01-02T13:04:05"}, // browsers' narrow blank
        {"1/2/2026 1:04:05 p.\xc2\xa0m.", "2026-01-02T13:04:05"},
        {"12/1/2010 8:26", "2010-12-01T08:26:00"}, // Online Retail
        {"9/15/15 13:25", "2015-09-15T13:25:00"},
        {"1/2/69", "1969-01-02T00:00:00"},
        {"1/2/68", "2068-01-02T00:00:00"},
        {"13/1/2026", "2026-01-13T00:00:00"},
        {"1/13/2026", "2026-01-13T00:00:00"},
        {"01.02.2026 13:04", "2026-02-01T13:04:00"},
        {"1.2.26", "2026-02-01T00:00:00"},
        {"2. 1. 2026, 13:04", "2026-01-02T13:04:00"},
        {"31-12-2026 23:59", "2026-12-31T23:59:00"},
        // with words
        {"Fri, 02 Jan 2026 11:11:26 +0530", "2026-01-02T05:41:26"},
        {"2 Jan 2026 03:04:05 GMT", "2026-01-02T03:04:05"},
        {"Fri, 2 Jan 26 03:04 EST", "2026-01-02T08:04:00"},
        {"Fri, 02 Jan 2026 03:04:05 +0000 (UTC)", "2026-01-02T03:04:05"},
        {"Friday, 02-Jan-26 03:04:05 GMT", "2026-01-02T03:04:05"},
        {"Fri Jan  2 03:04:05 2026", "2026-01-02T03:04:05"},
        {"Fri Jan 02 03:04:05 +0100 2026", "2026-01-02T02:04:05"}, // Twitter
        {"Fri Jan 02 2026 03:04:05 GMT+0100 (Central European Standard Time)", "2026-01-02T02:04:05"},
        {"Jan 2, 2026", "2026-01-02T00:00:00"},
        {"January 2, 2026 10:11 PM", "2026-01-02T22:11:00"},
        {"Sept. 2nd, 2026 at 5 PM", "2026-09-02T17:00:00"},
        {"2 Jan 2026", "2026-01-02T00:00:00"},
        {"2-Jan-2026", "2026-01-02T00:00:00"},
        {"2026-Jan-02", "2026-01-02T00:00:00"},
        {"02/Jan/2026:13:04:05 +0200", "2026-01-02T11:04:05"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) is_read(NULL, rows[i].in, 0, rows[i].want);
}

static void no_time_is_made_up(void **state) {
    (void)state;
    static const char *const rows[] = {
        "",
        " ",
        "n/a",
        "hello",
        "5",
        "42",
        "-1",
        "2026",
        "12345678",
        "2026-01",
        "01/2026",
        "Jan 2026",
        "12:30",
        "2026-00-01",
        "2026-13-01",
        "2026-02-29",
        "2026-04-31",
        "0000-00-00 00:00:00",
        "0000-01-01",
        "31.04.2026",
        "2026-01-02T25:00:00Z",
        "2026-01-02T03:60:00Z",
        "2026-01-02T03:04:61Z",
        "2026-01-02T24:00:01Z",
        "2026-01-02T",
        "2026-01-02Z",
        "2026-01-02T03:04:05+1",
        "2026-01-02T03:04:05+16:00",
        "2026-01-02T03:04:05 XYZ",
        "2026-01-02T03:04:05Zulu",
        "2026-01-02x",
        "2026-01/02",
        "2026-01-02 13:04 and more",
        "13/13/2026",
        "1/2/3",
        "1/2/202",
        "1/2/20266",
        "12.31.2026",
        "1/2/2026 13:04 AM",
        "1/2/2026 0x",
        "Jan 2, 2026 Jan",
        "32 Jan 2026",
        "Jan Feb 2, 2026",
        "Mon Tue 2 Jan 2026",
        "2 Jan 2026 at",
        "2 Ja 2026",
        "Janus 2, 2026",
        "2 Jan 2026 1:02:03 1:02",
        "1767323045.",
        "1767323045.5x",
        "17673230451234567890123",
        "9223372036854775808",
        "99999999999999999999",
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-01:00",
        "+1767323045",
        "1e9",
        "-63115211000",
        "1.76e12",
        "\xff\xfe\x00",
        "2026-01-02T03:04:05Z2026-01-02T03:04:05Z2026-01-02T03:04:05Z2026-01-02T03:04:05Z2026-01-02T03:04:05Z",
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        int64_t us = 42;
        if (time_parse(str_c(rows[i]), NULL, 0, &us)) fail_msg("\"%s\" is read as %" PRId64, rows[i], us);
        assert_int_equal(us, 42);
    }
}

static void a_time_without_zone_is_local(void **state) {
    const room *r = *state;
    is_read(r->berlin, "2026-01-02 03:04:05", 0, "2026-01-02T02:04:05");
    is_read(r->berlin, "2026-07-02 03:04:05", 0, "2026-07-02T01:04:05");
    is_read(r->berlin, "2026-07-02 03:04:05Z", 0, "2026-07-02T03:04:05");
    is_read(r->berlin, "2026-03-29 02:30", 0, "2026-03-29T01:30:00");
    is_read(r->kolkata, "1/2/2026 13:04:05", 0, "2026-01-02T07:34:05");
    is_read(r->kolkata, "Jan 2, 2026", 0, "2026-01-01T18:30:00");
    is_read(r->kolkata, "1767323045", 0, "2026-01-02T03:04:05");
}

static void the_column_says_what_comes_first(void **state) {
    (void)state;
    int64_t us;
    is_read(NULL, "1/2/2026", 1, "2026-02-01T00:00:00");
    is_read(NULL, "1/2/2026", -1, "2026-01-02T00:00:00");
    is_read(NULL, "1.2.2026", -1, "2026-02-01T00:00:00");
    is_read(NULL, "2026-01-02", 1, "2026-01-02T00:00:00");
    assert_false(time_parse(S("13/1/2026"), NULL, -1, &us));
    assert_false(time_parse(S("1/13/2026"), NULL, 1, &us));
}

static void examples_decide_what_comes_first(void **state) {
    (void)state;
    static const struct {
        str rows[14];
        int want;
    } tables[] = {
        {{S("1/2/2026"), S("13/2/2026 10:00")}, 1},
        {{S("1/2/2026"), S("1/13/26")}, -1},
        {{S("1/2/2026"), S("12/12/2026"), S("n/a"), S("")}, 0},
        {{S("2026-01-13"), S("2026-02-13")}, 0},
        {{S("01.02.2026"), S("03.04.2026")}, 1},
        {{S("13/2/2026"), S("2/13/2026")}, 0},
        {{S("13-02-2026")}, 1},
        {{S("99/99/2026")}, 0},
        {{{0}}, 0},
        // one slip among many does not count
        {{S("1/13/2026"), S("1/14/2026"), S("1/15/2026"), S("1/16/2026"), S("1/17/2026"), S("1/18/2026"),
          S("1/19/2026"), S("1/20/2026"), S("1/21/2026"), S("1/22/2026"), S("1/23/2026"), S("25/1/2026")},
         -1},
    };
    for (size_t i = 0; i < COUNT(tables); i++)
        assert_int_equal(time_day_first(tables[i].rows, COUNT(tables[i].rows)), tables[i].want);
    assert_int_equal(time_day_first(NULL, 0), 0);
}

// The C library prints a random instant in every form that it can; all of them are read as that instant.
static void what_the_c_library_prints_is_read(void **state) {
    (void)state;
    static const char *const forms[] = {
        "%Y-%m-%dT%H:%M:%SZ",
        "%Y-%m-%d %H:%M:%S",
        "%Y-%m-%d %H:%M:%S UTC",
        "%a, %d %b %Y %H:%M:%S %z",
        "%s",
        "%m/%d/%Y %I:%M:%S %p",
        "%m/%d/%Y, %l:%M:%S %P",
        "%d.%m.%Y %H:%M:%S",
        "%Y%m%dT%H%M%SZ",
        "%Y%m%d%H%M%S",
        "%B %d, %Y %H:%M:%S",
        "%e %B %Y at %I:%M:%S %p",
        "%c",
        "%d/%b/%Y:%H:%M:%S %z",
        "%A, %d-%b-%Y %H:%M:%S GMT",
        "%Y/%m/%d %T",
    };
    rng r = rng_seed(3);
    for (int i = 0; i < 20000; i++) {
        const time_t s = rng_range(&r, 100000000, INT64_C(4102444799));
        struct tm tm;
        char text[96];
        gmtime_r(&s, &tm);
        for (size_t k = 0; k < COUNT(forms); k++) {
            int64_t us = 0;
            strftime(text, sizeof text, forms[k], &tm);
            if (!time_parse(str_c(text), NULL, 0, &us) || us != s * SECOND_US)
                fail_msg("\"%s\" is %lld, read as %" PRId64, text, (long long)s, us);
        }
    }
}

static void what_is_printed_is_read_again(void **state) {
    room *room_ = *state;
    rng r = rng_seed(4);
    for (int i = 0; i < 50000; i++) {
        arena scratch = room_->a;
        const int64_t at = rng_range(&r, INT64_C(-62135596800) * SECOND_US, INT64_C(253402300800) * SECOND_US - 1);
        int64_t back = 0;
        assert_true(time_parse(iso_str(&scratch, at), room_->berlin, 0, &back));
        assert_int_equal(back, at);
        const int32_t days = zone_days(NULL, at);
        assert_true(time_parse(date_str(&scratch, days), NULL, 0, &back));
        assert_int_equal(back, days * DAY_US);
    }
}

static void damaged_texts_do_no_harm(void **state) {
    (void)state;
    static const char *const seeds[] = {"2026-01-02T03:04:05.123+01:00", "Fri, 02 Jan 2026 11:11:26 +0530 (IST)",
                                        "01/02/2026 10:11:12 AM", "1767323045.123", "20260102T030405Z"};
    rng r = rng_seed(5);
    for (int i = 0; i < 200000; i++) {
        const str seed = str_c(seeds[rng_range(&r, 0, COUNT(seeds) - 1)]);
        char *text = malloc(seed.len); // its own block: a read past the end is seen
        memcpy(text, seed.s, seed.len);
        for (int64_t k = rng_range(&r, 0, 3); k > 0; k--)
            text[rng_range(&r, 0, (int64_t)seed.len - 1)] = (char)rng_range(&r, 0, 255);
        int64_t us;
        const size_t len = (size_t)rng_range(&r, 0, (int64_t)seed.len);
        if (time_parse((str){text + seed.len - len, len}, NULL, 0, &us))
            assert_true(us >= INT64_C(-62135596800) * SECOND_US && us < INT64_C(253402300800) * SECOND_US);
        free(text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms_that_systems_write),         cmocka_unit_test(no_time_is_made_up),
        cmocka_unit_test(a_time_without_zone_is_local),     cmocka_unit_test(the_column_says_what_comes_first),
        cmocka_unit_test(examples_decide_what_comes_first), cmocka_unit_test(what_the_c_library_prints_is_read),
        cmocka_unit_test(what_is_printed_is_read_again),    cmocka_unit_test(damaged_texts_do_no_harm),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
