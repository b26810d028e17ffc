#include <unicode/uenum.h>
#include <unicode/upluralrules.h>

#include "test.h"

#include "base/words.h"

static arena a;

static int set_up(void **state) {
    (void)state;
    a = arena_open(64 << 20);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    arena_close(&a);
    return 0;
}

static locale of(const char *tag) {
    locale l;
    if (!locale_of(str_c(tag), &l)) fail_msg("\"%s\" is not spoken", tag);
    return l;
}

// ICU parts numbers and units by blanks that do not break; for reading they are blanks.
static str plain(str x) {
    buf b = buf_new(&a, 4096);
    for (size_t i = 0; i < x.len; i++) {
        bool nbsp = i + 1 < x.len && memcmp(x.s + i, "\xc2\xa0", 2) == 0;
        bool narrow = i + 2 < x.len && memcmp(x.s + i, "\xe2\x80\xaf", 3) == 0;
        buf_addc(&b, nbsp || narrow ? ' ' : x.s[i]);
        i += narrow ? 2 : nbsp;
    }
    return buf_str(&b);
}

static void a_language_is_found_by_its_tag(void **state) {
    (void)state;
    locale l;
    assert_str(locale_tag(&a, &(locale){0}), S("en"));
    l = of("de-AT");
    assert_str(locale_tag(&a, &l), S("de-AT"));
    l = of("ES_mx");
    assert_str(locale_tag(&a, &l), S("es-MX"));
    l = of("en-DE"); // a language counts in the countries where it is at home
    assert_str(locale_tag(&a, &l), S("en"));
    assert_str(locale_dir(&l), S("ltr"));
    assert_false(locale_of(S("fr"), &l));
    assert_false(locale_of(S(""), &l));
    assert_false(locale_of(S("deutsch"), &l));
}

static void a_country_has_the_language_most_speak(void **state) {
    (void)state;
    locale l;
    assert_true(locale_of_country(S("AT"), &l) && l.lang == LOCALE_de);
    assert_true(locale_of_country(S("ch"), &l) && l.lang == LOCALE_de);
    assert_true(locale_of_country(S("PE"), &l) && l.lang == LOCALE_es);
    assert_true(locale_of_country(S("NZ"), &l) && l.lang == LOCALE_en);
    assert_false(locale_of_country(S("JP"), &l));
    assert_false(locale_of_country(S("ZZ"), &l));
    assert_false(locale_of_country(S("Austria"), &l));
    assert_str(locale_tag(&a, &(locale[]){locale_in(of("de"), S("CH"))}[0]), S("de-CH"));
    assert_str(locale_tag(&a, &(locale[]){locale_in(of("en"), S("CH"))}[0]), S("en"));
}

static void the_browser_says_what_it_likes_best(void **state) {
    (void)state;
    static const struct {
        const char *accept, *want;
    } rows[] = {
        {"fr-FR, de;q=0.7, en;q=0.8", "en"},
        {"de-CH", "de-CH"},
        {"es;q=0.5, de;q=0.5", "es"},
        {"de;q=0, es;q=0.1", "es"},
        {"de;q=2, es;q=0.1", "es"},
        {" en-GB , de", "en-GB"},
        {"fr", NULL},
        {"", NULL},
        {"*;q=0.5", NULL},
        {",;,;q=,de;q=", NULL},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        locale l;
        bool ok = locale_accepted(str_c(rows[i].accept), &l);
        if (ok != (rows[i].want != NULL)) fail_msg("\"%s\" is %sunderstood", rows[i].accept, ok ? "" : "not ");
        if (ok) assert_str(locale_tag(&a, &l), str_c(rows[i].want));
    }
}

// As CLDR 42 has them.
static void numbers_and_days_are_written_as_people_write_them(void **state) {
    (void)state;
    locale en = {0}, gb = of("en-GB"), us = of("en-US"), de = of("de"), ch = of("de-CH"), es = of("es");
    int32_t day = days_of((ymd){2026, 11, 3});
    assert_str(local_count(&a, &en, -12345), S("\xe2\x88\x92"
                                               "12,345"));
    assert_str(local_count(&a, &de, 12345), S("12.345"));
    assert_str(local_count(&a, &ch, 12345), S("12’345"));
    assert_str(local_count(&a, &es, 1234), S("1234")); // four digits are not parted in Spanish
    assert_str(local_number(&a, &de, 3.965, 1), S("4,0"));
    assert_str(plain(local_percent(&a, &de, 0.514, 0)), S("51 %"));
    assert_str(local_percent(&a, &en, 0.514, 1), S("51.4%"));
    assert_str(plain(local_money(&a, &de, -123450, currency_of(S("EUR")))), S("\xe2\x88\x92"
                                                                              "1.234,50 €"));
    assert_str(local_money(&a, &en, 123450, currency_of(S("GBP"))), S("£1,234.50"));
    assert_str(plain(local_money(&a, &es, 500, currency_of(S("JPY")))), S("500 JPY"));
    assert_str(local_money(&a, &de, 123450, NULL), S("1.234,50"));
    assert_str(local_day(&a, &en, day), S("3 November 2026"));
    assert_str(local_day(&a, &gb, day), S("3 November 2026"));
    assert_str(local_day(&a, &us, day), S("November 3, 2026"));
    assert_str(local_day(&a, &de, day), S("3. November 2026"));
    assert_str(local_day(&a, &es, day), S("3 de noviembre de 2026"));
    assert_str(local_day_short(&a, &de, day), S("03.11.2026"));
    assert_str(local_day_short(&a, &es, day), S("3 nov 2026"));
    assert_str(plain(local_moment(&a, &de, day * DAY_US + 14 * HOUR_US + 300 * SECOND_US, NULL)),
               S("3. November 2026 um 14:05"));
    assert_str(plain(local_span(&a, &de, 47 * HOUR_US)), S("47 Stunden"));
    assert_str(plain(local_span(&a, &es, 49 * HOUR_US)), S("2 días"));
    assert_str(plain(local_span(&a, &en, SECOND_US)), S("1 second"));
    assert_str(plain(local_span(&a, &en, 0)), S("0 seconds"));
}

static void words_are_filled_in_and_counted(void **state) {
    (void)state;
    locale en = {0}, de = of("de"), es = of("es");
    assert_str(word_of(&en, WORD_server_signin), S("Sign in"));
    assert_str(word_of(&de, WORD_server_signin), S("Anmelden"));
    assert_str(word_count(&a, &en, WORD_server_wait, 1, NULL),
               S("That was not right too often. Try again in 1 second."));
    assert_str(word_count(&a, &de, WORD_server_wait, 1200, NULL),
               S("Das war zu oft nicht richtig. Versuchen Sie es in 1.200 Sekunden noch einmal."));
    assert_str(word_count(&a, &es, WORD_server_wait, 1, NULL),
               S("Ha fallado demasiadas veces. Inténtelo de nuevo dentro de 1 segundo."));
    // What is filled in is not read again, and a place that nobody gave stays.
    assert_str(word_with(&a, &en, WORD_verdict_was, PLACES({"value", S("{value} {n}")})), S("was {value} {n}"));
    assert_str(word_with(&a, &en, WORD_verdict_was, PLACES({"other", S("x")})), S("was {value}"));
    assert_str(word_with(&a, &en, WORD_verdict_was, NULL), S("was {value}"));
}

// What words_of says of a key, so that tables of another kind do not go on unnoticed.
static void every_word_is_there_in_every_language(void **state) {
    (void)state;
    for (int l = 0; l < LANGS; l++)
        for (int w = 0; w < WORDS_ALL; w++) {
            str text = word_of(&(locale){.lang = (enum lang)l}, (enum word)w);
            if (!text.len || !str_utf8_ok(text))
                fail_msg("%s lacks %s", lang_code((enum lang)l), word_name((enum word)w));
        }
}

// A counted word must differ for one and two wherever ICU says that the language has forms for them; languages come as
// files, so it is asked of all of them.
static void counted_words_have_the_forms_that_their_language_needs(void **state) {
    (void)state;
    for (int l = 0; l < LANGS; l++) {
        UErrorCode st = U_ZERO_ERROR;
        UPluralRules *rules = uplrules_open(lang_code((enum lang)l), &st);
        UEnumeration *all = uplrules_getKeywords(rules, &st);
        int32_t len;
        for (const char *k; (k = uenum_next(all, &len, &st));)
            if (strcmp(k, "one") == 0) {
                locale of_lang = {.lang = (enum lang)l};
                str one = word_count(&a, &of_lang, WORD_server_wait, 1, NULL);
                str two = word_count(&a, &of_lang, WORD_server_wait, 2, NULL);
                assert_int_not_equal((int)one.len, (int)two.len);
            }
        uenum_close(all);
        uplrules_close(rules);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_language_is_found_by_its_tag, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_country_has_the_language_most_speak, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_browser_says_what_it_likes_best, set_up, tear_down),
        cmocka_unit_test_setup_teardown(numbers_and_days_are_written_as_people_write_them, set_up, tear_down),
        cmocka_unit_test_setup_teardown(words_are_filled_in_and_counted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_word_is_there_in_every_language, set_up, tear_down),
        cmocka_unit_test_setup_teardown(counted_words_have_the_forms_that_their_language_needs, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
