#include "test.h"

#include "base/map64.h"
#include "sample/words.h"

enum { DRAWS = 200 };

static int set_up(void **state) {
    static arena a;
    a = arena_open(64 << 20);
    *state = &a;
    return 0;
}

static void assert_good(str x) {
    assert_true(x.len > 0 && str_utf8_ok(x));
    assert_true(str_find(x, '{') < 0 && str_find(x, '}') < 0);
    assert_false(str_has(x, S("  ")));
    assert_false(str_has(x, S(" .")));
    char last = x.s[x.len - 1];
    assert_true(last != ' ' && last != '\n');
}

static void assert_ends_like_a_sentence(str x) {
    assert_non_null(strchr(".!?", x.s[x.len - 1]));
}

// How many different texts come out of DRAWS.
static int variety(arena scratch, const says *w, str (*write)(pen *, rng *, const says *, enum intent *)) {
    map64 seen = map64_new(&scratch, DRAWS);
    pen to = pen_new(&scratch, 1 << 14);
    rng r = rng_seed(7);
    for (int i = 0; i < DRAWS; i++) {
        pen_reset(&to);
        enum intent intent = INTENTS;
        str x = write(&to, &r, w, &intent);
        assert_good(x);
        assert_true(intent < INTENTS);
        if (write == words_remark) assert_false(str_has(x, S("4711")));
        if (write != words_letter) assert_ends_like_a_sentence(x);
        bool made;
        map64_at(&seen, (int64_t)(str_hash(x) >> 1), 1, &made);
    }
    return (int)seen.n;
}

static void every_topic_can_be_said_in_every_language_and_mood(void **state) {
    for (enum lang l = 0; l < LANGS; l++)
        for (enum topic t = 0; t < TOPICS; t++)
            for (int mood = -1; mood <= 1; mood++) {
                says w = {l, t, mood, 4711, S("Anna"), S("Marta"), S("")};
                assert_true(variety(*(arena *)*state, &w, words_letter) >= 40);
                assert_true(variety(*(arena *)*state, &w, words_chat) >= 2);
                assert_true(variety(*(arena *)*state, &w, words_remark) >= 1);
                if (mood < 0) assert_true(variety(*(arena *)*state, &w, words_remark) >= 4);
            }
}

static void staff_and_machine_answer_everything(void **state) {
    arena scratch = *(arena *)*state;
    pen to = pen_new(&scratch, 1 << 14);
    rng r = rng_seed(8);
    for (enum lang l = 0; l < LANGS; l++)
        for (enum topic t = 0; t < TOPICS; t++)
            for (int mood = -1; mood <= 1; mood++) {
                says w = {l, t, mood, 4711, S("Anna"), S("Marta"), S("")};
                pen_reset(&to);
                str first = words_reply(&to, &r, &w, true), later = words_reply(&to, &r, &w, false);
                assert_good(first);
                assert_good(later);
                assert_true(str_has(first, S("Anna")) && str_has(first, S("Marta")));
                str again = words_again(&to, &r, &w), bot = words_bot(&to, &r, &w);
                assert_good(again);
                assert_good(bot);
                assert_ends_like_a_sentence(again);
            }
}

// A text is in its language: the letters that only one of the three uses appear there alone.
static void languages_do_not_mix(void **state) {
    static const struct {
        enum lang lang;
        str letters[4];
    } foreign[] = {
        {LANG_en, {S("ä"), S("ß"), S("ñ"), S("¿")}},
        {LANG_de, {S("ñ"), S("¿"), S("ó"), S(" the ")}},
        {LANG_es, {S("ä"), S("ß"), S("ö"), S(" the ")}},
    };
    arena scratch = *(arena *)*state;
    pen to = pen_new(&scratch, 1 << 14);
    rng r = rng_seed(9);
    for (size_t i = 0; i < COUNT(foreign); i++)
        for (int n = 0; n < 3000; n++) {
            enum topic t = (enum topic)rng_range(&r, 0, TOPICS - 1);
            says w = {foreign[i].lang, t, (int)rng_range(&r, -1, 1), 4711, S("Anna"), S("Marta"), S("")};
            pen_reset(&to);
            str x = words_letter(&to, &r, &w, NULL);
            for (size_t k = 0; k < COUNT(foreign[i].letters); k++) assert_false(str_has(x, foreign[i].letters[k]));
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_topic_can_be_said_in_every_language_and_mood),
        cmocka_unit_test(staff_and_machine_answer_everything),
        cmocka_unit_test(languages_do_not_mix),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
