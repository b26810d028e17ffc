// Moods: values of words and what turns them, clauses, things, and what was learned.
#include "../test.h"

#include <math.h>

#include "base/rng.h"
#include "text/mood.h"

static arena a;
static mood *m;
static pack *words_pack;

static bool words(void) {
    const char *path = getenv("HEED_TEXT");
    static const char *const usual[] = {"build/heed-text.data", "build-asan/heed-text.data"};
    err e = {0};
    a = arena_open(UINT64_C(1) << 30);
    for (size_t i = 0; !path && i < COUNT(usual); i++) {
        FILE *f = fopen(usual[i], "rb");
        if (f) fclose(f), path = usual[i];
    }
    if (!path || !pack_open(&a, &words_pack, path, &e)) {
        m = mood_open(&a, NULL);
        return false;
    }
    m = mood_open(&a, words_pack);
    return true;
}
#define need_words()                                                                                                   \
    if (!words()) {                                                                                                    \
        print_message("skipped: there is no file of words (make text-data)\n");                                        \
        skip();                                                                                                        \
    }

static double value(const char *text, enum language l) {
    return mood_read(m, a, str_c(text), NULL, l).value;
}

static void words_are_turned_and_strengthened(void **state) {
    (void)state;
    mood_word *w;
    need_words();
    assert_int_equal(mood_words_of(&a, m, S("The food was not good"), LANG_en, &w), 1);
    assert_true(w[0].turned && w[0].value < 0);
    assert_int_equal(w[0].from, 17);
    assert_int_equal(w[0].to, 21);
    mood_word *plain, *very, *loud;
    assert_int_equal(mood_words_of(&a, m, S("it was good"), LANG_en, &plain), 1);
    assert_int_equal(mood_words_of(&a, m, S("it was very good"), LANG_en, &very), 1);
    assert_int_equal(mood_words_of(&a, m, S("it was GOOD"), LANG_en, &loud), 1);
    assert_true(very[0].value > plain[0].value && loud[0].value > plain[0].value);
}

static void three_languages_say_good_and_bad(void **state) {
    (void)state;
    need_words();
    assert_true(value("I love this, it is excellent!", LANG_en) > 0.1);
    assert_true(value("This is terrible, I hate it.", LANG_en) < -0.1);
    assert_true(value("Das ist ausgezeichnet, ich liebe es", LANG_de) >
                value("Das ist furchtbar, ich hasse es", LANG_de));
    assert_true(value("Esto es excelente, me encanta", LANG_es) > value("Esto es terrible, lo odio", LANG_es));
}

static void clauses_are_told_apart(void **state) {
    (void)state;
    need_words();
    mood_clause *c;
    const str text = S("The food was great but the service was horrible");
    assert_int_equal(mood_clauses(&a, m, text, LANG_en, &c), 2);
    assert_true(c[0].value > 0 && c[1].value < 0 && c[1].contrast);
    assert_str(str_sub(text, c[1].from, c[1].to - c[1].from), S("but the service was horrible"));
    assert_int_equal(mood_about(m, a, text, 4, 8, LANG_en).is, MOOD_good);
    assert_int_equal(mood_about(m, a, text, 27, 34, LANG_en).is, MOOD_bad);
    assert_str(mood_window(m, a, text, 27, 34, LANG_en), S("but the service was horrible"));
}

// What words add is the difference that they make; with the encoder a thing is read from where it stands.
static void reasons_add_up_in_direction(void **state) {
    (void)state;
    mood_word *w;
    double meaning;
    need_words();
    const str text = S("great food, horrible service");
    assert_int_equal(mood_why(&a, m, text, NULL, LANG_en, &w, &meaning), 2);
    assert_true(w[0].adds > 0 && w[1].adds < 0 && meaning == 0);
    const encoder *enc = encoder_open(&a, words_pack);
    if (!enc) skip();
    float v[EMBEDDING], views[MOOD_VIEWS * EMBEDDING], plain[EMBEDDING];
    const str bad = S("My parcel never arrived and nobody answers.");
    encoder_embed(enc, a, &bad, 1, v);
    assert_int_equal(mood_read(m, a, bad, v, LANG_en).is, MOOD_bad);
    mood_why(&a, m, bad, v, LANG_en, &w, &meaning);
    assert_true(meaning < 0);
    const str both = S("The food was great but the service was horrible");
    static const struct {
        size_t from, to;
        enum mood_class is;
    } things[] = {{4, 8, MOOD_good}, {27, 34, MOOD_bad}};
    for (size_t i = 0; i < COUNT(things); i++) {
        const str clause = mood_window(m, a, both, things[i].from, things[i].to, LANG_en);
        encoder_embed(enc, a, &clause, 1, v);
        const mood_reading c = mood_read(m, a, clause, v, LANG_en);
        mood_views(m, enc, a, both, things[i].from, things[i].to, LANG_en, views);
        const mood_reading r = mood_about_by(m, a, both, things[i].from, things[i].to, LANG_en, views, &c);
        assert_int_equal(r.is, things[i].is);
        assert_true(fabs(r.sure[0] + r.sure[1] + r.sure[2] - 1) < 1e-9);
    }
    // A view that weighs all words alike is the embedding of the text; accounts and addresses say nothing.
    const str cut[] = {S("The"), S("food"), S("was"), S("great")}, whole = S("The food was great");
    const str named = S("@heed The food was great https://heed.test/x");
    const float alike[] = {1, 1, 1, 1};
    encoder_views(enc, a, cut, COUNT(cut), alike, 1, views);
    encoder_embed(enc, a, &whole, 1, v);
    encoder_embed(enc, a, &named, 1, plain);
    assert_true(embedding_cosine(views, v) > 0.999f && embedding_cosine(plain, v) > 0.9f);
}

static void languages_choose_their_words(void **state) {
    (void)state;
    enum language l;
    bool meaning;
    assert_true(mood_language(&(language_guess){.code = "de", .told = true}, &l, &meaning));
    assert_true(l == LANG_de && !meaning);
    assert_true(mood_language(&(language_guess){.code = "en", .told = false}, &l, &meaning));
    assert_true(l == LANG_none && meaning);
    assert_false(mood_language(&(language_guess){.code = "fr", .told = true}, &l, &meaning));
    assert_false(meaning);
}

static void nothing_is_neither(void **state) {
    (void)state;
    (void)words();
    m = mood_open(&a, NULL);
    const mood_reading r = mood_read(m, a, S("I love this"), NULL, LANG_en);
    assert_true(r.guess);
    assert_int_equal(r.is, MOOD_neither);
    assert_true(fabs(r.sure[0] + r.sure[1] + r.sure[2] - 1) < 1e-9);
}

// Whatever is written: numbers are finite, places lie in the text, probabilities sum to one.
static void anything_is_read(void **state) {
    (void)state;
    static const char *const pieces[] = {"not ", "good", " ", "but ", "!!", "\xC3\xA4",
                                         "\xFF", "BAD ", ",", ":-)",  "\n", "."};
    rng r = rng_seed(5);
    (void)words();
    for (int round = 0; round < 500; round++) {
        arena kept = a;
        buf b = buf_new(&a, 4096);
        for (int64_t n = rng_range(&r, 0, 40); n; n--) buf_add(&b, str_c(pieces[rng_range(&r, 0, COUNT(pieces) - 1)]));
        const str text = buf_str(&b);
        mood_word *w;
        mood_clause *c;
        const size_t n = mood_words_of(&a, m, text, LANG_none, &w), k = mood_clauses(&a, m, text, LANG_none, &c);
        for (size_t i = 0; i < n; i++) assert_true(w[i].from < w[i].to && w[i].to <= text.len && isfinite(w[i].value));
        for (size_t i = 0; i < k; i++) assert_true(c[i].from < c[i].to && c[i].to <= text.len && fabs(c[i].value) <= 1);
        const size_t from = text.len ? (size_t)rng_range(&r, 0, (int64_t)text.len - 1) : 0;
        const mood_reading g = mood_about(m, a, text, from, from + 1, LANG_en);
        assert_true(fabs(g.sure[0] + g.sure[1] + g.sure[2] - 1) < 1e-6 && fabs(g.value) <= 1);
        a.at = kept.at;
    }
}

// Sentences as customers write them; the lists of words were written before, and not changed by what is found here.
static void german_and_spanish_name_feelings(void **state) {
    (void)state;
    static const struct {
        enum language l;
        const char *text;
        enum mood_feeling f; // FEELINGS: none
    } all[] = {
        {LANG_de, "Ich bin wirklich wütend über diese Behandlung.", FEELING_anger},
        {LANG_de, "Eine Frechheit, was Sie sich da leisten!", FEELING_anger},
        {LANG_de, "Langsam nervt mich das ständige Nachfragen.", FEELING_annoyance},
        {LANG_de, "Von der Verarbeitung hatte ich mehr erwartet, schade.", FEELING_disappointment},
        {LANG_de, "Mit dem Ergebnis bin ich leider nicht zufrieden.", FEELING_disapproval},
        {LANG_de, "Ganz herzlichen Dank für die schnelle Hilfe!", FEELING_gratitude},
        {LANG_de, "Ich habe Angst, dass mein Geld verloren ist.", FEELING_fear},
        {LANG_de, "Die Anleitung ist für mich völlig unverständlich.", FEELING_confusion},
        {LANG_de, "Wir freuen uns sehr über das neue Sofa.", FEELING_joy},
        {LANG_de, "Hoffentlich klappt es beim nächsten Mal.", FEELING_optimism},
        {LANG_de, "Das war mir vor meinen Gästen ziemlich peinlich.", FEELING_embarrassment},
        {LANG_de, "Mein Sohn war richtig traurig, dass es kaputt ankam.", FEELING_sadness},
        {LANG_de, "Ich bin überrascht, wie schnell es ging.", FEELING_surprise},
        {LANG_de, "Der Kaffee schmeckt einfach ekelhaft.", FEELING_disgust},
        {LANG_de, "So einen Murks habe ich noch nie gesehen!", FEELING_annoyance},
        {LANG_de, "Bitte ändern Sie meine Lieferadresse auf Hauptstraße 5.", FEELINGS},
        {LANG_de, "Wann kommt die Bestellung an?", FEELINGS},
        {LANG_de, "Die Rechnung vom März liegt bei.", FEELINGS},
        {LANG_de, "Ich habe zwei Stück bestellt und eines erhalten.", FEELINGS},
        {LANG_de, "Keine Angst, es eilt nicht.", FEELINGS},
        {LANG_es, "Estoy furioso con el trato que me dieron.", FEELING_anger},
        {LANG_es, "Esto es una vergüenza, llevo un mes esperando.", FEELING_anger},
        {LANG_es, "Estoy harta de repetir lo mismo en cada llamada.", FEELING_annoyance},
        {LANG_es, "Qué decepción de producto.", FEELING_disappointment},
        {LANG_es, "No me gusta nada la nueva página.", FEELING_disapproval},
        {LANG_es, "Le agradezco mucho su paciencia.", FEELING_gratitude},
        {LANG_es, "Me preocupa que alguien use mi tarjeta.", FEELING_fear},
        {LANG_es, "No entiendo este cargo en mi cuenta.", FEELING_confusion},
        {LANG_es, "Mi hija está feliz con su bicicleta.", FEELING_joy},
        {LANG_es, "Espero que lo puedan arreglar pronto.", FEELING_optimism},
        {LANG_es, "Me encanta cómo quedó la cocina.", FEELING_love},
        {LANG_es, "Es muy triste que cierren la tienda del barrio.", FEELING_sadness},
        {LANG_es, "Me sorprendió lo rápido que llegó.", FEELING_surprise},
        {LANG_es, "La comida estaba fría y daba asco.", FEELING_disgust},
        {LANG_es, "Menos mal que apareció el paquete.", FEELING_relief},
        {LANG_es, "Vaya tomadura de pelo.", FEELING_anger},
        {LANG_es, "¿A qué hora abren los sábados?", FEELINGS},
        {LANG_es, "Adjunto la factura de marzo.", FEELINGS},
        {LANG_es, "Quiero cambiar la dirección de entrega.", FEELINGS},
        {LANG_es, "El pedido consta de tres cajas.", FEELINGS},
    };
    size_t told = 0, found = 0, named = 0, wrong = 0;
    need_words();
    for (size_t i = 0; i < COUNT(all); i++) {
        const mood_reading r = mood_read(m, a, str_c(all[i].text), NULL, all[i].l);
        told += all[i].f < FEELINGS;
        for (int f = 0; f < FEELINGS; f++) {
            if (r.feeling[f] < 0.3) continue;
            named++;
            found += f == (int)all[i].f;
            wrong += all[i].f == FEELINGS;
            if (all[i].f == FEELINGS) print_message("%s: %s\n", all[i].text, mood_feeling_name((enum mood_feeling)f));
        }
    }
    print_message("%zu of %zu feelings found, %zu named in all\n", found, told, named);
    assert_true(found * 4 >= told * 3 && found * 4 >= named * 3 && wrong <= 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_turned_and_strengthened),
        cmocka_unit_test(three_languages_say_good_and_bad),
        cmocka_unit_test(clauses_are_told_apart),
        cmocka_unit_test(reasons_add_up_in_direction),
        cmocka_unit_test(languages_choose_their_words),
        cmocka_unit_test(german_and_spanish_name_feelings),
        cmocka_unit_test(nothing_is_neither),
        cmocka_unit_test(anything_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
