#include "test.h"

#include "base/civil.h"
#include "listen/log_file.h"

#include <unistd.h>

static char path[] = "/tmp/heed-log-XXXXXX";

static const char *file_of(str text) {
    FILE *f = fopen(path, "wb");
    if (!f || fwrite(text.s, 1, text.len, f) != text.len || fclose(f) != 0) fail_msg("%s cannot be written", path);
    return path;
}

static log_file read_it(arena *a, str text, str map) {
    log_file f;
    err e = {0};
    assert_ok(log_read(a, file_of(text), &(log_opts){.map = map}, &f, &e), e);
    return f;
}

static int32_t day(int y, int m, int d) {
    return days_of((ymd){y, (int8_t)m, (int8_t)d});
}

static void a_plain_log_becomes_arrays(void **state) {
    (void)state;
    arena a = arena_open(64 << 20);
    log_file f = read_it(&a,
                         S("customer,order_date,total\nann,2026-01-31,12.50\nbob,2026-02-01 10:11:12,3\n"
                           "ann,20260203,-12.5\n"),
                         S(""));
    assert_int_equal(f.n, 3);
    assert_int_equal(f.customers, 2);
    assert_str(log_name(&f, 0), S("ann"));
    assert_str(log_name(&f, 1), S("bob"));
    assert_int_equal(f.who[2], 0);
    assert_int_equal(f.day[0], day(2026, 1, 31));
    assert_int_equal(f.day[1], day(2026, 2, 1));
    assert_int_equal(f.day[2], day(2026, 2, 3));
    assert_int_equal(f.amount[0], 1250);
    assert_int_equal(f.amount[1], 300);
    assert_int_equal(f.amount[2], -1250);
    log_close(&f);
    arena_close(&a);
}

static void what_cannot_be_read_is_counted_with_its_reason(void **state) {
    (void)state;
    arena a = arena_open(64 << 20);
    log_file f =
        read_it(&a,
                S("customer,date,amount\nann,2026-01-31,1\nann,2026-02-31,1\nbob,2026-03-01,much\n,2026-03-01,2\n"
                  "\nbob,2026-03-02,2\n"),
                S(""));
    assert_int_equal(f.rows, 5);
    assert_int_equal(f.n, 2);
    assert_int_equal(f.bad, 3);
    assert_int_equal(f.first[0].line, 3);
    assert_non_null(strstr(f.first[0].why, "2026-02-31"));
    assert_non_null(strstr(f.first[1].why, "much"));
    assert_non_null(strstr(f.first[2].why, "empty"));
    log_close(&f);
    arena_close(&a);
}

static void quotes_marks_and_cancellations_are_understood(void **state) {
    (void)state;
    arena a = arena_open(64 << 20);
    log_file f = read_it(
        &a,
        S("\"Kunde\";\"Datum\";\"Betrag\";\"Storno\"\n\"M\xC3\xBCller; Jan\";\"31.01.2026\";\"1.234,50\";\"nein\"\n"
          "\"A \"\"B\"\" C\";01.02.2026;7,5;ja\n\"zwei\nZeilen\";02.02.2026;1,00;nein\n"),
        S(""));
    assert_int_equal(f.n, 3);
    assert_str(log_name(&f, 0), S("M\xC3\xBCller; Jan"));
    assert_str(log_name(&f, 1), S("A \"B\" C"));
    assert_str(log_name(&f, 2), S("zwei\nZeilen"));
    assert_int_equal(f.day[0], day(2026, 1, 31));
    assert_int_equal(f.amount[0], 123450);
    assert_int_equal(f.amount[1], -750);
    log_close(&f);
    arena_close(&a);
}

static void columns_can_be_named(void **state) {
    (void)state;
    arena a = arena_open(64 << 20);
    str text = S("a,b,c,d\nx,3,01/02/2026,2.5\ny,2,13/02/2026,4\n");
    log_file f = read_it(&a, text,
                         S("{\"customer\":\"a\",\"date\":3,\"price\":\"d\",\"quantity\":\"b\",\"day_first\":\"yes\"}"));
    assert_int_equal(f.n, 2);
    assert_int_equal(f.day[0], day(2026, 2, 1));
    assert_int_equal(f.amount[0], 750);
    log_close(&f);
    static const char *const wrong[] = {"{\"customer\":\"nobody\"}", "{\"colour\":\"a\"}", "[1]", "{", "{\"date\":9}"};
    for (size_t i = 0; i < COUNT(wrong); i++) {
        err e = {0};
        assert_false(log_read(&a, file_of(text), &(log_opts){.map = str_c(wrong[i])}, &f, &e));
        assert_false(err_ok(&e));
    }
    arena_close(&a);
}

static void another_currency_and_what_was_never_paid_stay_out(void **state) {
    (void)state;
    arena a = arena_open(64 << 20);
    log_file f =
        read_it(&a,
                S("customer,date,amount,currency,status\nann,2026-01-31,1,EUR,paid\nann,2026-02-01,1,USD,paid\n"
                  "bob,2026-02-02,5,EUR,payment failed\nbob,2026-02-03,5,EUR,paid\n"),
                S(""));
    assert_int_equal(f.n, 2);
    assert_int_equal(f.others, 2);
    assert_int_equal(f.money->number, 978);
    log_close(&f);
    arena_close(&a);
}

// The quick way and the general reader give the same arrays: a quote within a cell sends all that follows to the
// latter.
static void both_ways_of_reading_say_the_same(void **state) {
    (void)state;
    arena a = arena_open(256 << 20);
    buf b = buf_new(&a, 64 << 20);
    uint64_t x = 7;
    for (int i = 0; i < 200000; i++) {
        x = x * 6364136223846793005u + 1442695040888963407u;
        buf_fmt(&b, "c%u,20%02u-%02u-%02u,%s%u.%02u\n", (unsigned)(x >> 40) % 5000, 10 + (unsigned)(x >> 20) % 10,
                1 + (unsigned)(x >> 30) % 12, 1 + (unsigned)(x >> 35) % 28, (x >> 11) % 17 ? "" : "-",
                (unsigned)(x >> 50) % 900, (unsigned)(x >> 13) % 100);
    }
    str rows = buf_str(&b);
    str plain = str_fmt(&a, "customer,date,amount\nfirst,2010-01-01,1\n%.*s", STR_ARG(rows));
    str odd = str_fmt(&a, "customer,date,amount\n\"fir\"\"st\",2010-01-01,1\n%.*s", STR_ARG(rows));
    log_file f = read_it(&a, plain, S(""));
    log_file g = read_it(&a, odd, S(""));
    assert_int_equal(f.n, 200001);
    assert_int_equal(f.n, g.n);
    assert_int_equal(f.customers, g.customers);
    assert_memory_equal(f.who, g.who, f.n * sizeof *f.who);
    assert_memory_equal(f.day, g.day, f.n * sizeof *f.day);
    assert_memory_equal(f.amount, g.amount, f.n * sizeof *f.amount);
    for (uint32_t i = 1; i < f.customers; i++) assert_str(log_name(&f, i), log_name(&g, i));
    log_close(&f);
    log_close(&g);
    arena_close(&a);
}

static void the_real_logs_have_their_known_sums(void **state) {
    (void)state;
    test_need_data(dir);
    static const struct {
        const char *path;
        size_t n, customers;
        int64_t sum;
    } files[] = {{"clv/cdnow/CDNOW_master.txt", 69659, 23570, 250031563},
                 {"clv/cdnow/CDNOW_sample.txt", 6919, 2357, 0},
                 {"clv/apparel/apparel_tx.csv", 3187, 600, 0},
                 {"clv/online_retail_A/invoices.csv", 10692, 2176, 378540068}};
    arena a = arena_open(64 << 20);
    for (size_t i = 0; i < COUNT(files); i++) {
        log_file f;
        err e = {0};
        str p = str_fmt(&a, "%s/%s", dir, files[i].path);
        assert_ok(log_read(&a, str_z(&a, p), &(log_opts){0}, &f, &e), e);
        int64_t sum = 0;
        for (size_t k = 0; k < f.n; k++) sum += f.amount[k];
        assert_int_equal(f.n, files[i].n);
        assert_int_equal(f.customers, files[i].customers);
        if (files[i].sum) assert_int_equal(sum, files[i].sum);
        log_close(&f);
    }
    arena_close(&a);
}

static void files_that_are_no_logs_are_refused(void **state) {
    (void)state;
    static const char *const texts[] = {
        "", "x", "a,b\n1,2\n", "{\"a\":1}", "customer,date\n", "customer,date\nx,never\n"};
    arena a = arena_open(64 << 20);
    for (size_t i = 0; i < COUNT(texts); i++) {
        log_file f;
        err e = {0};
        assert_false(log_read(&a, file_of(str_c(texts[i])), &(log_opts){0}, &f, &e));
        assert_false(err_ok(&e));
        assert_null(f.own);
    }
    arena_close(&a);
}

int main(void) {
    int fd = mkstemp(path);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plain_log_becomes_arrays),
        cmocka_unit_test(what_cannot_be_read_is_counted_with_its_reason),
        cmocka_unit_test(quotes_marks_and_cancellations_are_understood),
        cmocka_unit_test(columns_can_be_named),
        cmocka_unit_test(another_currency_and_what_was_never_paid_stay_out),
        cmocka_unit_test(both_ways_of_reading_say_the_same),
        cmocka_unit_test(the_real_logs_have_their_known_sums),
        cmocka_unit_test(files_that_are_no_logs_are_refused),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    close(fd);
    unlink(path);
    return failed;
}
