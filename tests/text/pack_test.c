#include "test.h"

#include <math.h>

#include "base/rng.h"
#include "small_pack.h"
#include "text/encoder.h"
#include "text/langid.h"

static int set_up(void **state) {
    static arena a;
    a = arena_open((size_t)1 << 30);
    *state = &a;
    return 0;
}

static int tear_down(void **state) {
    arena_close(*state);
    return 0;
}

static double value(const pack_words *t, const char *word, size_t column) {
    double v[PACK_COLUMNS] = {0};
    if (!pack_word(t, str_c(word), v)) fail_msg("\"%s\" is not there", word);
    return v[column];
}

// Lines of vader_lexicon.txt (Hutto & Gilbert 2014), of AFINN-165, and of SUBTLEXus ("the": 29449.18 a million,
// Brysbaert & New 2009, whose counts the package holds without words that begin with capitals).
static void words_have_the_published_numbers(void **state) {
    arena a = *(arena *)*state;
    test_need_words(path);
    err e = {0};
    pack *p;
    pack_words t;
    assert_ok(pack_open(&a, &p, path, &e), e);
    assert_true(pack_words_of(p, S("lexicon.vader"), &t));
    assert_int_equal(t.columns, 2);
    assert_true(fabs(value(&t, "good", 0) - 1.9) < 1e-9 && fabs(value(&t, "good", 1) - 0.943) < 1e-9);
    assert_true(fabs(value(&t, "horrible", 0) + 2.5) < 1e-9);
    assert_true(fabs(value(&t, ":)", 0) - 2.0) < 1e-9);
    assert_true(pack_words_of(p, S("lexicon.en"), &t));
    assert_true(fabs(value(&t, "abandon", 0) + 2) < 1e-9);
    assert_true(pack_words_of(p, S("lexicon.de"), &t));
    assert_true(value(&t, "abscheulich", 0) < 0);
    assert_true(pack_words_of(p, S("frequency.en"), &t));
    assert_true(fabs(value(&t, "the", 0) - log10(29449.18)) < 0.1);
    assert_true(pack_words_of(p, S("stop.de"), &t));
    assert_true(t.columns == 0 && pack_word(&t, S("und"), NULL) && !pack_word(&t, S("rechnung"), NULL));
    pack_close(p);
}

static void every_word_of_a_list_is_found_again(void **state) {
    arena a = *(arena *)*state;
    test_need_words(path);
    err e = {0};
    pack *p;
    assert_ok(pack_open(&a, &p, path, &e), e);
    str name, origin, last = {0};
    size_t bytes, words = 0;
    for (size_t i = 0; pack_about(p, i, &name, &origin, &bytes); i++) {
        pack_words t;
        assert_true(bytes > 0 && origin.len > 0);
        if (!str_starts(name, S("lexicon.")) && !str_starts(name, S("frequency.")) && !str_starts(name, S("stop.")))
            continue;
        assert_true(pack_words_of(p, name, &t) && t.n > 100);
        last = (str){0};
        for (size_t k = 0; k < t.n; k++, words++) {
            double here[PACK_COLUMNS], there[PACK_COLUMNS];
            const str word = pack_word_at(&t, k, here);
            assert_true(str_cmp(last, word) < 0);
            assert_true(pack_word(&t, word, there));
            for (size_t c = 0; c < t.columns; c++) assert_true(here[c] == there[c]);
            last = word;
        }
    }
    assert_true(words > 80000);
    pack_close(p);
}

static void damage_is_noticed(void **state) {
    arena a = *(arena *)*state;
    const small_section sections[] = {{"one", S("some bytes of no use")}, {"two", S("")}, {"three", S("xyz")}};
    const str good = small_pack(&a, sections, COUNT(sections));
    err e = {0};
    pack *p;
    str bytes;
    assert_ok(pack_read(&a, &p, good, &e), e);
    assert_true(pack_section(p, S("one"), &bytes) && str_eq(bytes, sections[0].bytes));
    assert_true(pack_section(p, S("two"), &bytes) && bytes.len == 0);
    assert_false(pack_section(p, S("four"), &bytes));
    assert_false(pack_section(NULL, S("one"), &bytes));
    size_t unnoticed = 0;
    for (size_t i = 0; i < good.len; i++) {
        char *bad = arena_alloc(&a, 1, 64, good.len);
        memcpy(bad, good.s, good.len);
        bad[i] ^= 16;
        err_clear(&e);
        unnoticed += pack_read(&a, &p, (str){bad, good.len}, &e);
    }
    assert_true(unnoticed <= 32 + 3 * 64); // what is reserved, and what only fills up to the next section
    for (size_t n = 0; n < good.len; n++) {
        err_clear(&e);
        assert_false(pack_read(&a, &p, (str){good.s, n}, &e));
        assert_int_equal(e.code, ERR_invalid);
    }
    err_clear(&e);
    assert_false(pack_open(&a, &p, "/nowhere/heed-text.data", &e));
    assert_int_equal(e.code, ERR_not_found);
}

static void without_the_file_nothing_is_found_and_nothing_breaks(void **state) {
    arena a = *(arena *)*state;
    pack_words t;
    assert_false(pack_words_of(NULL, S("lexicon.vader"), &t));
    assert_false(pack_word(&t, S("good"), NULL));
    assert_null(encoder_open(&a, NULL));
    assert_non_null(langid_open(&a, NULL));
    assert_true(strlen(pack_missing()) > 20);
}

// Sections whose bytes make no sense are refused or harmless, whatever stands in them.
static void nonsense_in_a_section_is_harmless(void **state) {
    rng r = rng_seed(8);
    static const char *const names[] = {"encoder", "pieces", "languages", "lexicon.vader"};
    for (int round = 0; round < 4000; round++) {
        arena a = *(arena *)*state;
        char bytes[400];
        const size_t n = (size_t)rng_range(&r, 0, sizeof bytes);
        for (size_t i = 0; i < n; i++) bytes[i] = rng_chance(&r, 0.8) ? 0 : (char)rng_range(&r, 0, 255);
        const small_section one = {names[round % 4], {bytes, n}};
        err e = {0};
        pack *p;
        pack_words t;
        assert_ok(pack_read(&a, &p, small_pack(&a, &one, 1), &e), e);
        assert_null(encoder_open(&a, p));
        const langid *l = langid_open(&a, p);
        langid_of(l, a, S("what language is this"));
        if (pack_words_of(p, S("lexicon.vader"), &t)) pack_word(&t, S("good"), NULL);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_have_the_published_numbers),
        cmocka_unit_test(every_word_of_a_list_is_found_again),
        cmocka_unit_test(damage_is_noticed),
        cmocka_unit_test(without_the_file_nothing_is_found_and_nothing_breaks),
        cmocka_unit_test(nonsense_in_a_section_is_harmless),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
