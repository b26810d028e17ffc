#include <unicode/ucurr.h>
#include <unicode/ustring.h>

#include "test.h"

#include "base/money.h"
#include "base/rng.h"

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

static void amounts_as_people_write_them(void **state) {
    (void)state;
    static const struct {
        const char *in, *currency; // the column's, or NULL
        int64_t minor;
        const char *found;
    } rows[] = {
        {"12.50", NULL, 1250, NULL},
        {"12,50", "EUR", 1250, NULL},
        {"12", "EUR", 1200, NULL},
        {"12.5 EUR", NULL, 1250, "EUR"},
        {"1,234.50", "USD", 123450, NULL},
        {"1.234,50", "EUR", 123450, NULL},
        {"1 234,5", "EUR", 123450, NULL},
        {"1\xc2\xa0"
         "234,5",
         "EUR", 123450, NULL},
        {"1\xe2\x80\xaf"
         "234\xe2\x80\xaf"
         "567,89",
         "EUR", 123456789, NULL},
        {"1'234.50", "CHF", 123450, NULL},
        {"1\xe2\x80\x99"
         "234.50 CHF",
         NULL, 123450, "CHF"},
        {"1,234,567", "USD", 123456700, NULL},
        {"1.234.567,8", "EUR", 123456780, NULL},
        {"1,23,456.78", "INR", 12345678, NULL},
        {"12,34,56,789", "INR", 12345678900, NULL},
        {"\xe2\x82\xac 12", NULL, 1200, "EUR"},
        {"12,50\xc2\xa0\xe2\x82\xac", NULL, 1250, "EUR"},
        {"\xe2\x82\xac-12.50", NULL, -1250, "EUR"},
        {"-$1,234.50", NULL, -123450, "USD"},
        {"($5.00)", NULL, -500, "USD"},
        {"$(5.00)", NULL, -500, "USD"},
        {"(5.00)", NULL, -500, NULL},
        {"-3", NULL, -300, NULL},
        {"+3", NULL, 300, NULL},
        {"3-", NULL, -300, NULL},
        {"\xe2\x88\x92"
         "3,00",
         NULL, -300, NULL},
        {"- 3", NULL, -300, NULL},
        {"12,- \xe2\x82\xac", NULL, 1200, "EUR"},
        {"12.-", "CHF", 1200, NULL},
        {"eur 12", NULL, 1200, "EUR"},
        {"EUR12", NULL, 1200, "EUR"},
        {"US$ 12", NULL, 1200, "USD"},
        {"R$ 1.234,50", NULL, 123450, "BRL"},
        {"\xc2\xa3"
         "12.50",
         NULL, 1250, "GBP"},
        {"12,50 z\xc5\x82", NULL, 1250, "PLN"},
        // signs that several currencies share
        {"$5", "CAD", 500, "CAD"},
        {"$5", "EUR", 500, "USD"},
        {"\xc2\xa5"
         "1000",
         NULL, 1000, "JPY"},
        {"\xc2\xa5"
         "1000",
         "CNY", 100000, "CNY"},
        {"199 kr", "SEK", 19900, "SEK"},
        // decimals
        {"1500", "JPY", 1500, NULL},
        {"1,500", "JPY", 1500, NULL},
        {"1.500 JPY", NULL, 1500, "JPY"},
        {"1.234", "KWD", 1234, NULL},
        {"1,234", "KWD", 1234, NULL},
        {"1.5", "KWD", 1500, NULL},
        {"1,234.567", "KWD", 1234567, NULL},
        {"1.2345", "CLF", 12345, NULL},
        {"1.234", "EUR", 123400, NULL}, // thousands
        {"1,234", "EUR", 123400, NULL},
        {"0.125", "EUR", 12, NULL}, // no thousands begin with nought: half to even
        {"0.375", "EUR", 38, NULL},
        {"1234.567", "EUR", 123457, NULL},
        {"1234,567", "EUR", 123457, NULL},
        {".5", "EUR", 50, NULL},
        {",5", "EUR", 50, NULL},
        {"0.0050", "EUR", 0, NULL},
        {"0.0150", "EUR", 2, NULL},
        {"0.01500001", "EUR", 2, NULL},
        {"0.00500001", "EUR", 1, NULL},
        {"-0.0250", "EUR", -2, NULL},
        {"0.5", "JPY", 0, NULL},
        {"1.5", "JPY", 2, NULL},
        {"2.5", "JPY", 2, NULL},
        {"0", NULL, 0, NULL},
        {"-0.00", NULL, 0, NULL},
        {"000012.50", NULL, 1250, NULL},
        // the edge
        {"92233720368547758.07", NULL, INT64_MAX, NULL},
        {"-92233720368547758.08", NULL, INT64_MIN, NULL},
        {"9223372036854775807", "JPY", INT64_MAX, NULL},
        {"9999999999999999", "CLF", 0, "overflow"},
        {"92233720368547758.08", NULL, 0, "overflow"},
        {"92233720368547758.075", NULL, 0, "overflow"},
        {"9223372036854775808", "JPY", 0, "overflow"},
        {"99999999999999999999999999999999", "JPY", 0, "overflow"},
        {"184467440737095516.16", NULL, 0, "overflow"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        int64_t minor = -42;
        const currency *found = NULL, *c = rows[i].currency ? currency_of(str_c(rows[i].currency)) : NULL;
        const bool ok = money_parse(str_c(rows[i].in), c, &minor, &found);
        const bool too_large = rows[i].found && strcmp(rows[i].found, "overflow") == 0;
        if (ok == too_large) fail_msg("\"%s\" is %sread", rows[i].in, ok ? "" : "not ");
        if (too_large) continue;
        if (minor != rows[i].minor) fail_msg("\"%s\" is read as %" PRId64, rows[i].in, minor);
        if (rows[i].found ? !found || strcmp(found->code, rows[i].found) != 0 : found != NULL)
            fail_msg("\"%s\" finds %s", rows[i].in, found ? found->code : "no currency");
        assert_true(money_parse(str_c(rows[i].in), c, &minor, NULL));
    }
}

static void no_amount_is_made_up(void **state) {
    (void)state;
    static const char *const rows[] = {
        "",
        " ",
        "-",
        "EUR",
        "$",
        "()",
        "(",
        "abc",
        "n/a",
        "1e5",
        "0x10",
        "12%",
        "12 EUR USD",
        "EUR 12 EUR",
        "12 XYZ",
        "1.2.3",
        "1,2,3",
        "12,34,5",
        "1,234,56",
        "1,23.456,7",
        "1.234.5",
        "1234,567,890",
        "1,,234",
        "1.",
        "1,",
        "--1",
        "-(1)",
        "(-1)",
        "-1-",
        "+-1",
        "1 2",
        "1 23",
        "1  234",
        "1,234 567",
        "1'23",
        "12.5 0",
        "12.50.",
        "12:30",
        "2026-01-02",
        "199 kr",
        "12 5 EUR",
        "1/2",
        "1_000",
        ".",
        ",",
        "- EUR",
        "12 -5",
        "\xff"
        "12",
        "12 \xe2\x82",
        "00000000000000000000000000000000000000000000000000000000000000012",
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        int64_t minor = 42;
        const currency *found = NULL;
        if (money_parse(str_c(rows[i]), NULL, &minor, &found)) fail_msg("\"%s\" is read as %" PRId64, rows[i], minor);
        assert_int_equal(minor, 42);
        assert_null(found);
    }
}

static void currencies_are_found_by_code_sign_and_number(void **state) {
    (void)state;
    assert_int_equal(currency_of(S("eur"))->number, 978);
    assert_int_equal(currency_of(S(" JPY "))->exponent, 0);
    assert_int_equal(currency_of(S("KWD"))->exponent, 3);
    assert_string_equal(currency_of(S("\xe2\x82\xac"))->code, "EUR");
    assert_string_equal(currency_of(S("$"))->code, "USD");
    assert_string_equal(currency_of(S("\xc2\xa3"))->code, "GBP");
    assert_string_equal(currency_of(S("\xc2\xa5"))->code, "JPY");
    static const char *const none[] = {"", "EU", "EURO", "XYZ", "12", "E R", "kr", "E\x00R", "[]^", "\xc3\xa9R"};
    for (size_t i = 0; i < COUNT(none); i++) assert_null(currency_of(str_c(none[i])));
    static const int no_number[] = {-1, 0, 1, 999, 1000, 99999};
    for (size_t i = 0; i < COUNT(no_number); i++) assert_null(currency_by_number(no_number[i]));
    assert_string_equal(currency_by_number(8)->code, "ALL");
    assert_string_equal(currency_by_number(978)->code, "EUR");
}

// Every code that ICU knows as current is known here with the same number. Decimals are ISO's: ICU's are those of
// common use, which leaves out the fils and the millime, so the list of the standard's exceptions stands here.
static void the_table_is_iso_4217(void **state) {
    (void)state;
    static const char *const none = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF BYR",
                             *const three = "BHD IQD JOD KWD LYD OMR TND", *const four = "CLF UYW";
    int known = 0;
    for (int n = 1; n < 1000; n++) {
        const currency *c = currency_by_number(n);
        if (!c) continue;
        known++;
        assert_int_equal(c->number, n);
        assert_ptr_equal(currency_of(str_c(c->code)), c);
        const str code = str_c(c->code);
        const int decimals = str_has(str_c(none), code)    ? 0
                             : str_has(str_c(three), code) ? 3
                             : str_has(str_c(four), code)  ? 4
                                                           : 2;
        assert_int_equal(c->exponent, decimals);
        UChar wide[4];
        u_charsToUChars(c->code, wide, 4);
        const int32_t icu = ucurr_getNumericCode(wide);
        if (icu && icu != n) fail_msg("%s is %d, not %d", c->code, icu, n);
    }
    assert_in_range(known, 165, 200);
    UErrorCode st = U_ZERO_ERROR;
    UEnumeration *all = ucurr_openISOCurrencies(UCURR_COMMON | UCURR_NON_DEPRECATED, &st);
    for (const char *code; (code = uenum_next(all, NULL, &st)) != NULL;)
        if (!currency_of(str_c(code)) && code[0] != 'X' && strcmp(code, "ANG") != 0 && strcmp(code, "LSM") != 0)
            fail_msg("%s is not known", code);
    uenum_close(all);
}

// Half to even over more digits than any type holds: the value is compared with its two neighbours by halves.
static void rounding_is_half_to_even(void **state) {
    (void)state;
    rng r = rng_seed(9);
    for (int i = 0; i < 100000; i++) {
        char text[64];
        const int64_t whole = rng_range(&r, 0, 99999),
                      micro = rng_chance(&r, 0.5) ? rng_range(&r, 0, 199) * 5000 : rng_range(&r, 0, 999999);
        snprintf(text, sizeof text, "%s%" PRId64 ".%06" PRId64, i % 2 ? "-" : "", whole, micro);
        const int64_t exact = whole * 1000000 + micro, down = exact / 10000, left = exact % 10000;
        const int64_t want = left > 5000 || (left == 5000 && down % 2) ? down + 1 : down;
        int64_t minor = 0;
        assert_true(money_parse(str_c(text), NULL, &minor, NULL));
        if (minor != (i % 2 ? -want : want)) fail_msg("%s is read as %" PRId64, text, minor);
    }
}

static void what_is_printed_is_read_again(void **state) {
    arena *a = *state;
    rng r = rng_seed(10);
    for (int i = 0; i < 100000; i++) {
        arena scratch = *a;
        const currency *c = NULL, *found = NULL;
        while (!c) c = currency_by_number((int)rng_range(&r, 1, 999));
        const int64_t minor = (int64_t)rng_u64(&r) >> rng_range(&r, 0, 63);
        int64_t back = 0;
        assert_true(money_parse(money_str(&scratch, minor, c), NULL, &back, &found));
        assert_int_equal(back, minor);
        assert_ptr_equal(found, c);
        assert_true(money_parse(money_str(&scratch, minor, NULL), NULL, &back, NULL));
        assert_int_equal(back, minor);
    }
}

static void amounts_are_printed_for_people(void **state) {
    arena *a = *state;
    static const struct {
        int64_t minor;
        const char *currency, *want;
    } rows[] = {
        {123450, "EUR", "1,234.50 EUR"},
        {5, "EUR", "0.05 EUR"},
        {-5, "EUR", "-0.05 EUR"},
        {1500, "JPY", "1,500 JPY"},
        {0, "JPY", "0 JPY"},
        {0, "EUR", "0.00 EUR"},
        {1234567, "KWD", "1,234.567 KWD"},
        {100000000, "EUR", "1,000,000.00 EUR"},
        {99999, "", "999.99"},
        {INT64_MIN, "", "-92,233,720,368,547,758.08"},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_str(money_str(a, rows[i].minor, currency_of(str_c(rows[i].currency))), str_c(rows[i].want));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(amounts_as_people_write_them),
        cmocka_unit_test(no_amount_is_made_up),
        cmocka_unit_test(currencies_are_found_by_code_sign_and_number),
        cmocka_unit_test(the_table_is_iso_4217),
        cmocka_unit_test(rounding_is_half_to_even),
        cmocka_unit_test(what_is_printed_is_read_again),
        cmocka_unit_test(amounts_are_printed_for_people),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
