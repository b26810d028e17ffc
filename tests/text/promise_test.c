// Promises in what staff write: the untouched part of the labelled sentences, and what a whole message asks for.
#include <stdio.h>
#include <time.h>

#include "test.h"

#include "text/promise_measure.h"

static arena memory;
static promise_context ctx;
static int32_t holidays[32];
static calendar cal;

static int open_all(void **state) {
    (void)state;
    zone *z = NULL;
    err e = {0};
    memory = arena_open((size_t)1 << 30);
    if (!zone_open(&memory, S("Europe/Berlin"), &z, &e)) return -1;
    cal = calendar_weekdays(z, 9 * 3600, 17 * 3600);
    cal.holidays = holidays;
    cal.n_holidays = holidays_of(S("DE"), 2026, holidays, 32);
    ctx = (promise_context){.when = {.z = z, .calendar = &cal}};
    return time_parse(S("2026-03-11T10:00"), z, 0, &ctx.when.said_us) ? 0 : -1;
}

static str labelled_set(void) {
    FILE *f = fopen("tests/text/data/promises.tsv", "r");
    assert_non_null(f);
    char *s = make(&memory, char, 1 << 20);
    const size_t n = fread(s, 1, 1 << 20, f);
    fclose(f);
    return (str){s, n};
}

static void the_untouched_part_stays_at_its_level(void **state) {
    (void)state;
    promise_tally rows[16], sum = {0};
    size_t n;
    err e = {0};
    assert_ok(promise_measure(&memory, labelled_set(), &ctx, rows, COUNT(rows), &n, NULL, NULL, &e), e);
    assert_int_equal(n, 9);
    for (size_t i = 0; i < n; i++) {
        if (!str_eq(rows[i].part, S("test"))) continue;
        assert_true(rows[i].sentences >= 70 && rows[i].promises >= 35);
        assert_true((double)rows[i].right >= .94 * (double)rows[i].noticed);
        assert_true((double)rows[i].right >= .92 * (double)rows[i].promises);
        sum.right += rows[i].right, sum.noticed += rows[i].noticed, sum.promises += rows[i].promises;
        sum.due_right += rows[i].due_right, sum.kind_right += rows[i].kind_right;
    }
    assert_true((double)sum.right >= .95 * (double)sum.noticed);
    assert_true((double)sum.right >= .95 * (double)sum.promises);
    assert_true((double)sum.due_right >= .95 * (double)sum.right);
    assert_true((double)sum.kind_right >= .93 * (double)sum.right);
}

static size_t find(const char *text, promise *out, size_t max) {
    return promise_find(&memory, str_c(text), &ctx, out, max);
}

static void a_message_gives_its_promises_in_order_and_not_what_it_quotes(void **state) {
    (void)state;
    promise p[8];
    const char *mail = "Hi Anna,\n\nthank you for your patience. I'll call you back tomorrow\nat 10 am. If you send us "
                       "the receipt, we will refund\nthe amount by Friday.\n\nAnything else? Please let us know.\n\n"
                       "> You told me: we will ship the parcel today.\n> I will wait.\n\nBest regards\n";
    assert_int_equal(find(mail, p, COUNT(p)), 2);
    assert_str(p[0].words, S("I'll call you back tomorrow\nat 10 am."));
    assert_int_equal(p[0].kind, PROMISE_callback);
    assert_false(p[0].conditional);
    assert_str(p[0].due_words, S("tomorrow\nat 10 am"));
    assert_str(iso_str(&memory, p[0].due_us), S("2026-03-12T09:00:00Z"));
    assert_int_equal(p[1].kind, PROMISE_refund);
    assert_true(p[1].conditional);
    assert_str(p[1].words, str_sub(str_c(mail), p[1].from, p[1].to - p[1].from));
    assert_true(p[0].sure > .9 && p[0].sure < 1);
}

static void other_apostrophes_and_cases_change_nothing(void **state) {
    (void)state;
    promise p[2];
    assert_int_equal(find("I\xE2\x80\x99ll call you back tomorrow.", p, 2), 1);
    assert_int_equal(find("I WILL CALL YOU BACK TOMORROW", p, 2), 1);
    assert_str(p[0].why, S("i will call"));
    assert_int_equal(find("I won't call you back tomorrow.", p, 2), 0);
    assert_int_equal(find("I won\xE2\x80\x99t call you back tomorrow.", p, 2), 0);
    assert_int_equal(find("Ma\xCC\x83nana le llamar\xC3\xA9.", p, 2), 1); // the accent as a character of its own
}

static void a_condition_keeps_its_own_dates(void **state) {
    (void)state;
    promise p[2];
    assert_int_equal(find("If you order by Thursday, we will ship it on Monday.", p, 2), 1);
    assert_true(p[0].conditional);
    assert_str(p[0].due_words, S("Monday"));
    assert_int_equal(find("We'll reply as soon as possible.", p, 2), 1);
    assert_false(p[0].conditional);
}

static void both_sides_of_a_but_are_heard(void **state) {
    (void)state;
    promise p[2];
    assert_int_equal(find("We can't promise a date, but I will call you on Monday.", p, 2), 1);
    assert_int_equal(p[0].kind, PROMISE_callback);
    assert_int_equal(find("I would call you, but the line is busy.", p, 2), 0);
}

static void a_line_that_cannot_be_read_is_named(void **state) {
    (void)state;
    promise_tally rows[2];
    size_t n;
    err e = {0};
    assert_false(
        promise_measure(&memory, S("# a set\nen\ttest\tmaybe\t-\t-\tHello.\n"), &ctx, rows, 2, &n, NULL, NULL, &e));
    assert_non_null(strstr(e.msg, "line 2"));
}

static void five_hundred_words_take_well_under_a_millisecond(void **state) {
    (void)state;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    skip();
#endif
    buf b = buf_new(&memory, 1 << 16);
    for (int i = 0; i < 10; i++)
        buf_add(&b,
                S("Thank you for the photo of the table. I can see that the left leg is broken, and I am sorry for the "
                  "trouble. You can keep the screws. The new leg fits without any tools. The colour is the same as "
                  "before. We will send it to you on Friday. "));
    promise p[64];
    double best = 1;
    for (int i = 0; i < 200; i++) {
        struct timespec from, to;
        arena a = memory;
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
        assert_int_equal(promise_find(&a, buf_str(&b), &ctx, p, 64), 10);
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
        best = MIN(best, (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9);
    }
    print_message("500 words: %.3f ms\n", best * 1e3);
    assert_true(best < .002);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_untouched_part_stays_at_its_level),
        cmocka_unit_test(a_message_gives_its_promises_in_order_and_not_what_it_quotes),
        cmocka_unit_test(other_apostrophes_and_cases_change_nothing),
        cmocka_unit_test(a_condition_keeps_its_own_dates),
        cmocka_unit_test(both_sides_of_a_but_are_heard),
        cmocka_unit_test(a_line_that_cannot_be_read_is_named),
        cmocka_unit_test(five_hundred_words_take_well_under_a_millisecond),
    };
    return cmocka_run_group_tests(tests, open_all, NULL);
}
