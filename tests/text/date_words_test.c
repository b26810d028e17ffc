// Dates in words. What they mean is written here by hand from the calendar of 2026 (and of 2028 for 29 February), with
// the public holidays of Germany: Good Friday 3 April, Easter Monday 6 April, 1 May, 14 May, 25 May.
#include "test.h"

#include "base/civil.h"
#include "text/date_words.h"

typedef struct {
    enum language l;
    const char *said, *words, *due; // wall clock of the zone; due "-": none
} dated;

static const dated table[] = {
    // said on Wednesday, 11 March 2026
    {LANG_en, "2026-03-11T10:00", "tomorrow", "2026-03-12T17:00"},
    {LANG_en, "2026-03-11T10:00", "today", "2026-03-11T17:00"},
    {LANG_en, "2026-03-11T18:00", "today", "2026-03-12T00:00"},
    {LANG_en, "2026-03-11T10:00", "by Friday", "2026-03-13T17:00"},
    {LANG_en, "2026-03-11T10:00", "before Friday", "2026-03-12T17:00"},
    {LANG_en, "2026-03-11T10:00", "by Wednesday", "2026-03-18T17:00"},
    {LANG_en, "2026-03-11T10:00", "this Wednesday", "2026-03-11T17:00"},
    {LANG_en, "2026-03-11T10:00", "next Friday", "2026-03-20T17:00"},
    {LANG_en, "2026-03-11T10:00", "on Saturday", "2026-03-15T00:00"},
    {LANG_en, "2026-03-11T10:00", "on Friday at 3 pm", "2026-03-13T15:00"},
    {LANG_en, "2026-03-11T10:00", "at 9.30 am on Monday", "2026-03-16T09:30"},
    {LANG_en, "2026-03-11T10:00", "by noon tomorrow", "2026-03-12T12:00"},
    {LANG_en, "2026-03-11T10:00", "tomorrow afternoon", "2026-03-12T17:00"},
    {LANG_en, "2026-03-11T10:00", "tonight", "2026-03-12T00:00"},
    {LANG_en, "2026-03-11T10:00", "within 24 hours", "2026-03-12T10:00"},
    {LANG_en, "2026-03-11T10:00", "within the next two hours", "2026-03-11T12:00"},
    {LANG_en, "2026-03-11T10:00", "in half an hour", "2026-03-11T10:30"},
    {LANG_en, "2026-03-11T16:00", "within 4 business hours", "2026-03-12T12:00"},
    {LANG_en, "2026-03-11T10:00", "in 3 working days", "2026-03-16T17:00"},
    {LANG_en, "2026-03-11T10:00", "in 3-5 working days", "2026-03-18T17:00"},
    {LANG_en, "2026-03-11T10:00", "within two to three days", "2026-03-15T00:00"},
    {LANG_en, "2026-03-11T10:00", "within a week", "2026-03-18T17:00"},
    {LANG_en, "2026-03-11T10:00", "in a fortnight", "2026-03-25T17:00"},
    {LANG_en, "2026-01-30T10:00", "in one month", "2026-03-01T00:00"}, // 28 February is a Saturday
    {LANG_en, "2026-03-11T10:00", "by the end of the week", "2026-03-13T17:00"},
    {LANG_en, "2026-03-11T10:00", "by the end of next week", "2026-03-20T17:00"},
    {LANG_en, "2026-03-11T10:00", "early next week", "2026-03-17T17:00"},
    {LANG_en, "2026-03-11T10:00", "over the weekend", "2026-03-16T00:00"},
    {LANG_en, "2026-03-11T10:00", "before the weekend", "2026-03-13T17:00"},
    {LANG_en, "2026-03-11T10:00", "by the end of the month", "2026-03-31T17:00"},
    {LANG_en, "2026-03-11T10:00", "by the end of May", "2026-05-29T17:00"}, // the 31st is a Sunday
    {LANG_en, "2026-03-11T10:00", "by the end of the year", "2026-12-31T17:00"},
    {LANG_en, "2026-03-11T10:00", "on March 20", "2026-03-20T17:00"},
    {LANG_en, "2026-03-11T10:00", "by 20 March", "2026-03-20T17:00"},
    {LANG_en, "2026-03-11T10:00", "on Thursday, 19 March", "2026-03-19T17:00"},
    {LANG_en, "2026-03-11T10:00", "on 2 March", "2027-03-02T17:00"},
    {LANG_en, "2026-03-11T10:00", "on the 20th", "2026-03-20T17:00"},
    {LANG_en, "2026-03-11T10:00", "on the 5th", "2026-04-06T00:00"}, // 5 April is Easter Sunday
    {LANG_en, "2026-03-11T10:00", "by 24/03/2026", "2026-03-24T17:00"},
    {LANG_en, "2026-03-11T10:00", "by 2026-03-24", "2026-03-24T17:00"},
    {LANG_en, "2026-03-11T10:00", "on 29 February", "2028-02-29T17:00"},
    {LANG_en, "2026-03-11T10:00", "on 31 February", "-"},
    {LANG_en, "2026-03-11T10:00", "since Monday", "-"},
    {LANG_en, "2026-03-11T10:00", "three days ago", "-"},
    {LANG_en, "2026-03-11T10:00", "every Friday", "-"},
    {LANG_en, "2026-03-11T10:00", "two months free", "-"},
    // holidays and the change of the clocks on 29 March
    {LANG_en, "2026-04-01T10:00", "in two working days", "2026-04-07T17:00"},
    {LANG_en, "2026-04-01T10:00", "by the end of the week", "2026-04-02T17:00"},
    {LANG_en, "2026-04-01T10:00", "by Friday", "2026-04-04T00:00"},
    {LANG_de, "2026-04-01T10:00", "vor Montag", "2026-04-02T17:00"},
    {LANG_en, "2026-03-28T10:00", "within 24 hours", "2026-03-29T11:00"},
    {LANG_en, "2026-03-28T10:00", "tomorrow at 10 am", "2026-03-29T10:00"},
    {LANG_en, "2026-10-24T10:00", "within 24 hours", "2026-10-25T09:00"},
    {LANG_en, "2028-02-28T10:00", "tomorrow", "2028-02-29T17:00"},
    {LANG_en, "2028-02-01T10:00", "by the end of the month", "2028-02-29T17:00"},
    {LANG_en, "2028-01-31T10:00", "in one month", "2028-02-29T17:00"},
    {LANG_en, "2026-12-30T10:00", "by the end of the week", "2026-12-31T17:00"}, // Friday is New Year's Day
    {LANG_en, "2026-12-30T10:00", "on 2 January", "2027-01-03T00:00"},
    // German
    {LANG_de, "2026-03-11T10:00", "bis morgen Mittag", "2026-03-12T12:00"},
    {LANG_de, "2026-03-11T10:00", "morgen früh", "2026-03-12T12:00"},
    {LANG_de, "2026-03-11T10:00", "übermorgen um 9:30 Uhr", "2026-03-13T09:30"},
    {LANG_de, "2026-03-11T10:00", "am Montagvormittag", "2026-03-16T12:00"},
    {LANG_de, "2026-03-11T10:00", "bis Ende der Woche", "2026-03-13T17:00"},
    {LANG_de, "2026-03-11T10:00", "Anfang nächster Woche", "2026-03-17T17:00"},
    {LANG_de, "2026-03-11T10:00", "nächste Woche Donnerstag", "2026-03-19T17:00"},
    {LANG_de, "2026-03-11T10:00", "innerhalb von drei Werktagen", "2026-03-16T17:00"},
    {LANG_de, "2026-03-11T10:00", "binnen 48 Stunden", "2026-03-13T10:00"},
    {LANG_de, "2026-03-11T10:00", "bis zum 20. März", "2026-03-20T17:00"},
    {LANG_de, "2026-03-11T10:00", "bis zum 24.03.", "2026-03-24T17:00"},
    {LANG_de, "2026-03-11T10:00", "am Donnerstag, den 19. März 2026, um 14.30 Uhr", "2026-03-19T14:30"},
    {LANG_de, "2026-03-11T10:00", "am Freitag zwischen 8 und 12 Uhr", "2026-03-13T12:00"},
    {LANG_de, "2026-03-11T10:00", "Ende April", "2026-04-30T17:00"},
    {LANG_de, "2026-03-11T10:00", "Mitte April", "2026-04-15T17:00"},
    {LANG_de, "2026-03-11T10:00", "vor drei Tagen", "-"},
    {LANG_de, "2026-03-11T10:00", "seit Montag", "-"},
    // Spanish
    {LANG_es, "2026-03-11T10:00", "mañana por la mañana", "2026-03-12T12:00"},
    {LANG_es, "2026-03-11T10:00", "pasado mañana", "2026-03-13T17:00"},
    {LANG_es, "2026-03-11T10:00", "a más tardar el lunes", "2026-03-16T17:00"},
    {LANG_es, "2026-03-11T10:00", "antes del viernes", "2026-03-12T17:00"},
    {LANG_es, "2026-03-11T10:00", "el próximo viernes", "2026-03-13T17:00"},
    {LANG_es, "2026-03-11T10:00", "el jueves de la semana que viene", "2026-03-19T17:00"},
    {LANG_es, "2026-03-11T10:00", "a finales de mes", "2026-03-31T17:00"},
    {LANG_es, "2026-03-11T10:00", "el 15 de abril de 2026", "2026-04-15T17:00"},
    {LANG_es, "2026-03-11T10:00", "mañana a las cinco de la tarde", "2026-03-12T17:00"},
    {LANG_es, "2026-03-11T10:00", "en tres días hábiles", "2026-03-16T17:00"},
    {LANG_es, "2026-03-11T10:00", "hace dos días", "-"},
};

typedef struct {
    arena a;
    zone *z;
    calendar cal;
} fixture;

static fixture *fixture_open(int32_t *holidays) {
    static fixture f;
    err e = {0};
    f.a = arena_open(1 << 24);
    assert_ok(zone_open(&f.a, S("Europe/Berlin"), &f.z, &e), e);
    f.cal = calendar_weekdays(f.z, 9 * 3600, 17 * 3600);
    f.cal.holidays = holidays;
    for (int32_t y = 2026; y <= 2028; y++) f.cal.n_holidays += holidays_of(S("DE"), y, holidays + f.cal.n_holidays, 32);
    return &f;
}

static str local(arena *a, const zone *z, int64_t at_us) {
    ymd d;
    const int32_t s = zone_second(z, at_us, &d);
    return str_fmt(a, "%04d-%02d-%02dT%02d:%02d", d.year, d.month, d.day, s / 3600, s / 60 % 60);
}

static void every_wording_means_its_moment(void **state) {
    (void)state;
    int32_t holidays[96];
    fixture *f = fixture_open(holidays);
    int bad = 0;
    for (size_t i = 0; i < COUNT(table); i++) {
        arena a = f->a;
        date_context ctx = {.z = f->z, .calendar = &f->cal};
        date_words found[4];
        assert_true(time_parse(str_c(table[i].said), f->z, 0, &ctx.said_us));
        const size_t n = date_words_find(tokens_of(&a, str_c(table[i].words)), table[i].l, &ctx, found, COUNT(found));
        const str got = n ? local(&a, f->z, found[0].due_us) : S("-");
        if (n < 2 && str_eq(got, str_c(table[i].due))) continue;
        print_error("\"%s\" said %s: %zu found, %.*s; want %s\n", table[i].words, table[i].said, n, STR_ARG(got),
                    table[i].due);
        bad++;
    }
    assert_int_equal(bad, 0);
    arena_close(&f->a);
}

static void a_week_and_a_month_end_with_an_open_day(void **state) {
    (void)state;
    int32_t holidays[96];
    fixture *f = fixture_open(holidays);
    for (int32_t day = days_of((ymd){2026, 1, 1}); day < days_of((ymd){2028, 12, 1}); day++) {
        arena a = f->a;
        date_context ctx = {.said_us = zone_us(f->z, ymd_of(day), 8 * 3600), .z = f->z, .calendar = &f->cal};
        date_words found[4];
        if (!is_business_day(&f->cal, day)) continue;
        assert_int_equal(date_words_find(tokens_of(&a, S("end of the month")), LANG_en, &ctx, found, 4), 1);
        const int32_t end = found[0].day;
        assert_true(end >= day && is_business_day(&f->cal, end));
        for (int32_t later = end + 1; ymd_of(later).month == ymd_of(day).month; later++)
            assert_false(is_business_day(&f->cal, later));
        assert_int_equal(date_words_find(tokens_of(&a, S("end of the week")), LANG_en, &ctx, found, 4), 1);
        assert_true(found[0].day - day <= 6 - weekday(day) && is_business_day(&f->cal, found[0].day));
    }
    arena_close(&f->a);
}

static void the_month_stands_first_where_it_is_told(void **state) {
    (void)state;
    int32_t holidays[96];
    fixture *f = fixture_open(holidays);
    date_context ctx = {.z = f->z, .calendar = &f->cal, .month_first = true};
    date_words found[2];
    assert_true(time_parse(S("2026-03-11T10:00"), f->z, 0, &ctx.said_us));
    assert_int_equal(date_words_find(tokens_of(&f->a, S("by 4/8/2026")), LANG_en, &ctx, found, 2), 1);
    assert_str(date_str(&f->a, found[0].day), S("2026-04-08"));
    arena_close(&f->a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_wording_means_its_moment),
        cmocka_unit_test(a_week_and_a_month_end_with_an_open_day),
        cmocka_unit_test(the_month_stands_first_where_it_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
