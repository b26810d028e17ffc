// Templates: facts, refusals, and how much they sound like a machine.
#include "know/rig.h"

#include "act/playbook.h"

static template_row of(const char *subject, const char *words) {
    return (template_row){.name = S("t"), .lang = S("en"), .subject = str_c(subject), .words = str_c(words)};
}

static void a_missing_fact_refuses_or_has_other_words(void **state) {
    (void)state;
    static const struct {
        const char *words, *want; // NULL: refused
    } cases[] = {
        {"Hello {{first_name}}.", "Hello Ada."},
        {"Hello {{ first_name }}, {{sender}}", "Hello Ada, Maria"},
        {"Your {{product}}.", NULL},
        {"Your {{product|order}}.", "Your order."},
        {"See {{preferences}}.", "See."},
        {"A {{product|}} {{product|}}, b", "A, b"},
        {"{{name}}", "Ada {{sender}} Okafor x"},
        {"{ {single} } braces", "{ {single} } braces"},
    };
    arena a = arena_open(1 << 24);
    facts f = {0};
    f.of[FACT_first_name] = S("Ada"), f.of[FACT_sender] = S("Maria"), f.of[FACT_name] = S("Ada {{sender}} Okafor\nx");
    for (size_t i = 0; i < COUNT(cases); i++) {
        template_row t = of("s", cases[i].words);
        str subject, words;
        err e = {0};
        bool ok = template_fill(&a, &t, &f, &subject, &words, &e);
        if (ok != (cases[i].want != NULL)) fail_msg("%s: %s", cases[i].words, e.msg);
        if (ok) assert_str(words, str_c(cases[i].want));
        if (!ok) assert_int_equal(e.code, ERR_conflict);
    }
    arena_close(&a);
}

static void what_is_saved_is_checked(void **state) {
    (void)state;
    static const struct {
        const char *subject, *words, *field, *says; // says NULL: sound
    } cases[] = {
        {"Hello", "Thank you, {{first_name|friend}}.", NULL, NULL},
        {"Hello", "{{fist_name}}", "words", "is no fact"},
        {"Hello {{name", "x", "subject", "not closed"},
        {"Hello", "a }} b", "words", "never opened"},
        {"Hello", "{{name{{first_name}}}}", "words", "not closed"},
        {"", "x", "subject", "one line"},
        {"two\nlines", "x", "subject", "one line"},
        {"Hello", "", "words", "plain text"},
        {"Hello", "Please give us 5 stars.", "words", ""},
        {"Hello", "If you are happy with us, please leave a review.", "words", ""},
        {"Hallo", "Wenn Sie zufrieden waren, freuen wir uns\nüber eine Bewertung.", "words", ""},
        {"Hola", "Si está satisfecho, deje una reseña.", "words", ""},
        {"Five stars, please", "x", "subject", ""},
        {"Hello", "Please tell us honestly how it went, good or bad.", NULL, NULL},
    };
    arena a = arena_open(1 << 24);
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *field = NULL;
        err e = {0};
        bool ok = template_check(a, str_c(cases[i].subject), str_c(cases[i].words), &field, &e);
        if (ok != !cases[i].says) fail_msg("%s / %s: %s", cases[i].subject, cases[i].words, e.msg);
        if (ok) continue;
        assert_int_equal(e.code, ERR_invalid);
        assert_string_equal(field, cases[i].field);
        assert_non_null(strstr(e.msg, cases[i].says));
    }
    arena_close(&a);
}

static void machines_are_heard(void **state) {
    (void)state;
    arena a = arena_open(1 << 24);
    template_row person =
        of("s", "{{greeting}}\n\nyour last order was on {{last_order_date}}. All well?\n\n{{sender}}");
    template_row machine =
        of("s", "DEAR VALUED CUSTOMER!!! This mail was automatically generated, please do not reply. "
                "Click here for AMAZING offers!!");
    robotic p = template_robotic(a, &person), m = template_robotic(a, &machine);
    assert_int_equal(p.score, 0);
    assert_true(m.score >= 90 && m.n >= 5);
    arena_close(&a);
}

static void the_newest_version_stands_in_the_right_language(void **state) {
    rig r;
    err e = {0};
    const char *field;
    template_row t, *all;
    size_t n;
    arena a = arena_open(1 << 26);
    rig_open(&r, place_of(state));
    assert_true(template_get(&a, r.s, S("birthday"), S("de-AT"), &t, &e));
    assert_str(t.lang, S("de"));
    assert_true(t.shipped && t.version == 1);
    assert_true(template_get(&a, r.s, S("birthday"), S("fr"), &t, &e));
    assert_str(t.lang, S("en"));
    template_row mine = {.name = S("birthday"),
                         .lang = S("fr"),
                         .subject = S("Bon anniversaire"),
                         .words = S("{{greeting}}"),
                         .by = S("x")};
    for (int i = 1; i <= 3; i++) {
        assert_ok(store_begin(r.s, &e) && template_put(know_ledger(r.k), &mine, &field, &e) &&
                      ledger_commit(know_ledger(r.k), &e),
                  e);
        assert_int_equal(mine.version, i);
    }
    mine.lang = S("de");
    assert_ok(store_begin(r.s, &e) && template_put(know_ledger(r.k), &mine, &field, &e) &&
                  ledger_commit(know_ledger(r.k), &e),
              e);
    assert_int_equal(mine.version, 2); // version 1 came with heed
    assert_true(template_get(&a, r.s, S("birthday"), S("fr-CA"), &t, &e));
    assert_int_equal(t.version, 3);
    assert_ok(template_versions(&a, r.s, S("birthday"), S("de"), &all, &n, &e), e);
    assert_int_equal(n, 2);
    assert_false(template_get(&a, r.s, S("nothing"), S("en"), &t, &e));
    assert_true(err_ok(&e));
    arena_close(&a);
    rig_close(&r);
}

// A person of the store: their name, language and address, and what the occasion knows.
static void facts_are_those_of_the_customer(void **state) {
    rig r;
    err e = {0};
    playbook_person p;
    arena a = arena_open(1 << 26);
    rig_open(&r, place_of(state));
    event evs[] = {order("1", 20400, 1000, "u1", "ada@x.org"), order("2", 20410, 2000, "u1", "ada@x.org"),
                   order("3", 20410, 2000, "u2", "b@x.org")};
    evs[0].name = S("Ada Okafor"), evs[0].country = S("AT");
    evs[2].name = S("Bäckerei Klein"), evs[2].country = S("DE");
    rig_put(&r, evs, 3);
    rig_flush(&r);
    assert_ok(playbook_person_read(&a, r.s, 1, S("Maria"), S("{\"years\":2,\"product\":\"Tea\"}"), S(""),
                                   20420 * DAY_US, &p, &e),
              e);
    assert_str(p.lang, S("de"));
    assert_str(p.email, S("ada@x.org"));
    assert_str(p.known.of[FACT_greeting], S("Guten Tag Ada Okafor,"));
    assert_str(p.known.of[FACT_orders], S("2"));
    assert_str(p.known.of[FACT_days_since_order], S("10"));
    assert_str(p.known.of[FACT_last_order_date], S("18. November 2025"));
    assert_str(p.known.of[FACT_years], S("2"));
    assert_str(p.known.of[FACT_product], S("Tea"));
    assert_ok(playbook_person_read(&a, r.s, 1, S("Maria"), S(""), S("es"), 20420 * DAY_US, &p, &e), e);
    assert_str(p.known.of[FACT_greeting], S("Hola Ada:"));
    assert_str(p.known.of[FACT_last_order_date], S("18 de noviembre de 2025"));
    assert_ok(playbook_person_read(&a, r.s, 2, S("Maria"), S(""), S(""), 20420 * DAY_US, &p, &e), e);
    assert_str(p.known.of[FACT_greeting], S("Guten Tag,"));
    assert_true(p.firm && !p.first_name.len);
    assert_false(playbook_person_read(&a, r.s, 99, S("Maria"), S(""), S(""), 20420 * DAY_US, &p, &e));
    assert_int_equal(e.code, ERR_not_found);
    arena_close(&a);
    rig_close(&r);
}

int main(void) {
    struct CMUnitTest tests[] = {
        cmocka_unit_test(a_missing_fact_refuses_or_has_other_words),
        cmocka_unit_test(what_is_saved_is_checked),
        cmocka_unit_test(machines_are_heard),
        cmocka_unit_test(the_newest_version_stands_in_the_right_language),
        cmocka_unit_test(facts_are_those_of_the_customer),
    };
    return rig_run(tests, COUNT(tests));
}
