// Whose holidays are known, and when they are: by the laws that holidays.def and holidays_regions.def name. The days
// below are those on which two lists that others keep, of the packages date-holidays 3.37 and python-holidays 0.10,
// agree with the law (the second up to 2020). Where they differ from each other the law is named.
#include "test.h"

#include "base/civil.h"

static void of_year(arena *a, const char *code, int32_t year, buf *b) {
    int32_t days[32];
    const int n = holidays_of(str_c(code), year, days, 32);
    *b = buf_new(a, 1024);
    for (int k = 0; k < n; k++) {
        const ymd d = ymd_of(days[k]);
        assert_int_equal(d.year, year);
        buf_fmt(b, "%s%02d-%02d", k ? " " : "", d.month, d.day);
    }
}

static void holidays_are_those_of_the_laws(void **state) {
    (void)state;
    static const struct {
        const char *code;
        int32_t year;
        const char *days;
    } rows[] = {
        // Italy: the act of 1949; St Francis from 2026 on (act 151 of 2025). South Tyrol: Whit Monday.
        {"IT", 2025, "01-01 01-06 04-20 04-21 04-25 05-01 06-02 08-15 11-01 12-08 12-25 12-26"},
        {"IT", 2026, "01-01 01-06 04-05 04-06 04-25 05-01 06-02 08-15 10-04 11-01 12-08 12-25 12-26"},
        {"IT-BZ", 2026, "01-01 01-06 04-05 04-06 04-25 05-01 05-25 06-02 08-15 10-04 11-01 12-08 12-25 12-26"},
        // The Netherlands: 27 April 2025 was a Sunday, and Liberation Day is free every fifth year.
        {"NL", 2024, "01-01 03-31 04-01 04-27 05-09 05-19 05-20 12-25 12-26"},
        {"NL", 2025, "01-01 04-20 04-21 04-26 05-05 05-29 06-08 06-09 12-25 12-26"},
        // Belgium, Luxembourg.
        {"BE", 2026, "01-01 04-06 05-01 05-14 05-25 07-21 08-15 11-01 11-11 12-25"},
        {"LU", 2026, "01-01 04-06 05-01 05-09 05-14 05-25 06-23 08-15 11-01 12-25 12-26"},
        // Ireland: St Brigid since 2023.
        {"IE", 2023, "01-01 02-06 03-17 04-10 05-01 06-05 08-07 10-30 12-25 12-26"},
        {"IE", 2024, "01-01 02-05 03-17 04-01 05-06 06-03 08-05 10-28 12-25 12-26"},
        {"IE", 2026, "01-01 02-02 03-17 04-06 05-04 06-01 08-03 10-26 12-25 12-26"},
        // Poland: Christmas Eve from 2025 on.
        {"PL", 2024, "01-01 01-06 03-31 04-01 05-01 05-03 05-19 05-30 08-15 11-01 11-11 12-25 12-26"},
        {"PL", 2025, "01-01 01-06 04-20 04-21 05-01 05-03 06-08 06-19 08-15 11-01 11-11 12-24 12-25 12-26"},
        // Portugal, the Azores and Madeira.
        {"PT", 2026, "01-01 04-03 04-05 04-25 05-01 06-04 06-10 08-15 10-05 11-01 12-01 12-08 12-25"},
        {"PT-20", 2026, "01-01 04-03 04-05 04-25 05-01 05-25 06-04 06-10 08-15 10-05 11-01 12-01 12-08 12-25"},
        {"PT-30", 2026, "01-01 04-03 04-05 04-25 05-01 06-04 06-10 07-01 08-15 10-05 11-01 12-01 12-08 12-25 12-26"},
        // Denmark: the Great Prayer Day was kept in 2023 for the last time.
        {"DK", 2023, "01-01 04-06 04-07 04-09 04-10 05-05 05-18 05-28 05-29 12-25 12-26"},
        {"DK", 2024, "01-01 03-28 03-29 03-31 04-01 05-09 05-19 05-20 12-25 12-26"},
        // Sweden, Norway, Finland.
        {"SE", 2026, "01-01 01-06 04-03 04-05 04-06 05-01 05-14 05-24 06-06 06-20 10-31 12-25 12-26"},
        {"NO", 2026, "01-01 04-02 04-03 04-05 04-06 05-01 05-14 05-17 05-24 05-25 12-25 12-26"},
        {"FI", 2026, "01-01 01-06 04-03 04-05 04-06 05-01 05-14 05-24 06-20 10-31 12-06 12-25 12-26"},
        // Switzerland; the Thursday of Näfels is not that before Easter.
        {"CH-ZH", 2026, "01-01 01-02 04-03 04-06 05-01 05-14 05-25 08-01 12-25 12-26"},
        {"CH-BE", 2026, "01-01 01-02 04-03 04-06 05-14 05-25 08-01 12-25 12-26"},
        {"CH-TI", 2026, "01-01 01-06 03-19 04-06 05-01 05-14 05-25 06-04 06-29 08-01 08-15 11-01 12-08 12-25 12-26"},
        {"CH-GE", 2026, "01-01 04-03 04-06 05-14 05-25 08-01 09-10 12-25 12-31"},
        {"CH-VD", 2026, "01-01 01-02 04-03 04-06 05-14 05-25 08-01 09-21 12-25"},
        {"CH-VS", 2026, "01-01 03-19 05-14 06-04 08-01 08-15 11-01 12-08 12-25"},
        {"CH-JU", 2026, "01-01 01-02 04-03 04-06 05-01 05-14 05-25 06-04 06-23 08-01 08-15 11-01 12-25"},
        {"CH-GL", 2026, "01-01 01-02 04-03 04-06 04-09 05-14 05-25 08-01 11-01 12-25 12-26"},
        {"CH-NE", 2023, "01-01 01-02 03-01 04-07 04-10 05-01 05-18 08-01 12-25"},
        {"CH-SZ", 2025, "01-01 01-06 03-19 04-18 04-21 05-29 06-09 06-19 08-01 08-15 11-01 12-08 12-25 12-26"},
        // Spain.
        {"ES-AN", 2025, "01-01 01-06 02-28 04-17 04-18 05-01 08-15 10-12 11-01 12-06 12-08 12-25"},
        {"ES-CT", 2025, "01-01 01-06 04-18 04-21 05-01 06-24 08-15 09-11 10-12 11-01 12-06 12-08 12-25 12-26"},
        {"ES-MD", 2025, "01-01 01-06 04-17 04-18 05-01 05-02 08-15 10-12 11-01 12-06 12-08 12-25"},
        {"ES-VC", 2025, "01-01 01-06 03-19 04-18 04-21 05-01 06-24 08-15 10-09 10-12 11-01 12-06 12-08 12-25"},
        {"ES-PV", 2025, "01-01 01-06 04-17 04-18 04-21 05-01 07-25 08-15 10-12 11-01 12-06 12-08 12-25"},
        {"ES-CN", 2025, "01-01 01-06 04-17 04-18 05-01 05-30 08-15 10-12 11-01 12-06 12-08 12-25"},
        {"ES-GA", 2025, "01-01 01-06 04-17 04-18 05-01 05-17 07-25 08-15 10-12 11-01 12-06 12-08 12-25"},
        // Canada.
        {"CA", 2026, "01-01 04-03 07-01 09-07 12-25"},
        {"CA-ON", 2026, "01-01 02-16 04-03 05-18 07-01 09-07 10-12 12-25 12-26"},
        {"CA-QC", 2026, "01-01 04-03 05-18 06-24 07-01 09-07 10-12 12-25"},
        {"CA-BC", 2026, "01-01 02-16 04-03 05-18 07-01 08-03 09-07 09-30 10-12 11-11 12-25"},
        {"CA-NB", 2026, "01-01 02-16 04-03 07-01 08-03 09-07 11-11 12-25"},
        {"CA-NU", 2026, "01-01 04-03 05-18 07-01 07-09 08-03 09-07 09-30 10-12 11-11 12-25"},
        {"CA-NL", 2026, "01-01 04-03 07-01 09-07 11-11 12-25"},
        // Australia: Anzac Day 2026 is a Saturday, 1 January 2023 was a Sunday.
        {"AU-NSW", 2026, "01-01 01-26 04-03 04-04 04-05 04-06 04-25 04-27 06-08 10-05 12-25 12-26 12-28"},
        {"AU-VIC", 2024, "01-01 01-26 03-11 03-29 03-30 03-31 04-01 04-25 06-10 09-27 11-05 12-25 12-26"},
        {"AU-QLD", 2027, "01-01 01-26 03-26 03-27 03-28 03-29 04-25 04-26 05-03 10-04 12-25 12-26 12-27 12-28"},
        {"AU-WA", 2024, "01-01 01-26 03-04 03-29 03-31 04-01 04-25 06-03 09-23 12-25 12-26"},
        {"AU-SA", 2023, "01-01 01-02 01-26 03-13 04-07 04-08 04-10 04-25 06-12 10-02 12-25 12-26"},
        {"AU-TAS", 2026, "01-01 01-26 03-09 04-03 04-06 04-25 06-08 12-25 12-26 12-28"},
        {"AU-ACT", 2025, "01-01 01-26 01-27 03-10 04-18 04-19 04-20 04-21 04-25 06-02 06-09 10-06 12-25 12-26"},
        {"AU-NT", 2026, "01-01 01-26 04-03 04-04 04-05 04-06 04-25 05-04 06-08 08-03 12-25 12-26 12-28"},
        // American states.
        {"US-CA", 2026, "01-01 01-19 02-16 03-31 05-25 06-19 07-03 07-04 09-07 11-11 11-26 11-27 12-25"},
        {"US-NY", 2026, "01-01 01-19 02-12 02-16 05-25 06-19 07-03 07-04 09-07 10-12 11-03 11-11 11-26 12-25"},
        {"US-LA", 2026, "01-01 01-19 02-16 02-17 04-03 05-25 06-19 07-03 07-04 09-07 11-03 11-11 11-26 12-25"},
        {"US-MA", 2026, "01-01 01-19 02-16 04-20 05-25 06-19 07-03 07-04 09-07 10-12 11-11 11-26 12-25"},
        {"US-HI", 2026,
         "01-01 01-19 02-16 03-26 04-03 05-25 06-11 06-19 07-03 07-04 08-21 09-07 11-03 11-11 11-26 12-25"},
        {"US-TX", 2026, "01-01 01-19 02-16 05-25 06-19 07-03 07-04 09-07 11-11 11-26 11-27 12-24 12-25 12-26"},
        {"US-VA", 2025, "01-01 01-20 02-17 05-26 06-19 07-04 09-01 10-13 11-04 11-11 11-27 11-28 12-25"},
        {"US-DE", 2025, "01-01 01-20 04-18 05-26 06-19 07-04 09-01 11-11 11-27 11-28 12-25"},
        {"US-UT", 2027,
         "01-01 01-18 02-15 05-31 06-18 06-19 07-04 07-05 07-23 07-24 09-06 10-11 11-11 11-25 12-24 12-25 12-31"},
        // Overseas.
        {"FR-974", 2026, "01-01 04-06 05-01 05-08 05-14 05-25 07-14 08-15 11-01 11-11 12-20 12-25"},
        {"CA", 2029, "01-01 03-30 07-01 07-02 09-03 12-25"},
        {"IE", 2030, "01-01 02-01 03-17 04-22 05-06 06-03 08-05 10-28 12-25 12-26"},
        {"NL", 2003, "01-01 04-20 04-21 04-30 05-29 06-08 06-09 12-25 12-26"},
        {"PT", 2014, "01-01 04-18 04-20 04-25 05-01 06-10 08-15 12-08 12-25"}, // four were suspended
        {"SE", 2004, "01-01 01-06 04-09 04-11 04-12 05-01 05-20 05-30 05-31 06-26 11-06 12-25 12-26"},
    };
    arena a = arena_open(1 << 16);
    for (size_t i = 0; i < COUNT(rows); i++) {
        arena scratch = a;
        buf b;
        of_year(&scratch, rows[i].code, rows[i].year, &b);
        if (!str_eq(buf_str(&b), str_c(rows[i].days)))
            fail_msg("%s %d: %.*s", rows[i].code, rows[i].year, STR_ARG(buf_str(&b)));
    }
    arena_close(&a);
}

static void every_region_is_one_of_a_known_country_and_fits_the_room(void **state) {
    (void)state;
    const char *countries[HOLIDAY_COUNTRIES];
    size_t n;
    const size_t n_countries = holiday_countries(countries, COUNT(countries));
    const holiday_region *all = holiday_regions(&n);
    assert_true(n_countries >= 20 && n_countries < HOLIDAY_COUNTRIES);
    for (size_t i = 0; i < n_countries; i++) assert_true(!i || strcmp(countries[i - 1], countries[i]) < 0);
    for (size_t i = 0; i < n; i++) {
        bool known = false;
        for (size_t k = 0; k < n_countries; k++) known |= str_starts(str_c(all[i].code), str_c(countries[k]));
        assert_true(known && all[i].code[2] == '-');
        assert_true(!i || strcmp(all[i - 1].code, all[i].code) < 0);
        for (int32_t y = 1990; y <= 2100; y++) {
            int32_t days[64];
            const int k = holidays_of(str_c(all[i].code), y, days, 64);
            assert_true(k >= 4 && k <= 32);
            for (int j = 1; j < k; j++) assert_true(days[j - 1] < days[j]);
        }
    }
}

// The pages call a holiday by "holiday." and its English name, in lower case, with one "_" for all else.
static void every_holiday_has_a_word_in_every_language(void **state) {
    (void)state;
    arena a = arena_open(1 << 20);
    char *text = make(&a, char, 1 << 18);
    static const char *const names[] = {
#define HOLIDAY(country, first, last, rule, a, b, c, name)     name,
#define IN(country, regions, first, last, rule, a, b, c, name) name,
#define ALONE(country, region)
#define WITHOUT(country, regions, name)
#define REGION(code, name)
#include "base/holidays.def"
    };
    static const char *const languages[] = {"en", "de", "es"};
    for (size_t l = 0; l < COUNT(languages); l++) {
        arena scratch = a;
        FILE *f = fopen(str_z(&scratch, str_fmt(&scratch, "web/i18n/%s.json", languages[l])), "rb");
        assert_non_null(f);
        const size_t size = fread(text, 1, 1 << 18, f);
        fclose(f);
        assert_true(size && size < 1 << 18);
        for (size_t i = 0; i < COUNT(names); i++) {
            arena row = scratch;
            buf key = buf_new(&row, 200);
            buf_add(&key, S("\"holiday."));
            for (const char *p = names[i]; *p; p++) {
                const char c = (char)(*p >= 'A' && *p <= 'Z' ? *p + 32 : *p);
                const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
                if (plain || !str_ends(buf_str(&key), S("_"))) buf_addc(&key, plain ? c : '_');
            }
            buf_add(&key, S("\":"));
            if (!str_has((str){text, size}, buf_str(&key)))
                fail_msg("%s lacks %.*s", languages[l], STR_ARG(buf_str(&key)));
        }
    }
    arena_close(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holidays_are_those_of_the_laws),
        cmocka_unit_test(every_region_is_one_of_a_known_country_and_fits_the_room),
        cmocka_unit_test(every_holiday_has_a_word_in_every_language),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
