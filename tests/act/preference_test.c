// What a person lets us send: the link, what its page is sent, and what follows at the gate.
#include "act/gate_rig.h"

#include "act/preference.h"
#include "know/consent.h"
#include "sql/know.h"

// ---- the link ----

static void fill(rng *g, void *p, size_t n) {
    for (size_t i = 0; i < n; i++) ((unsigned char *)p)[i] = (unsigned char)rng_u64(g);
}

static void a_link_opens_for_whom_it_was_made_and_no_other(void **state) {
    (void)state;
    rng g = rng_seed(5);
    for (int i = 0; i < 300; i++) {
        arena a = arena_open(1 << 20);
        unsigned char key[PREFERENCE_KEY], other[PREFERENCE_KEY];
        int64_t profile = rng_range(&g, 1, i % 2 ? INT64_MAX : 100000), got = 0;
        enum purpose p = (enum purpose)rng_range(&g, 1, PURPOSES - 1), got_p = PURPOSE_none;
        fill(&g, key, sizeof key), fill(&g, other, sizeof other);
        str token = preference_token(&a, key, profile, p);
        assert_int_equal(token.len, 35);
        assert_true(str_eq(token, preference_token(&a, key, profile, p)));
        assert_true(preference_open(key, token, &got, &got_p));
        assert_true(got == profile && got_p == p);
        assert_false(preference_open(other, token, &got, &got_p));
        // One bit anywhere, a letter more or less: not valid.
        char bent[36];
        for (size_t at = 0; at < token.len; at++) {
            memcpy(bent, token.s, token.len);
            bent[at] = bent[at] == 'A' ? 'B' : 'A';
            bool same = bent[at] == token.s[at];
            // The last letter carries four bits; one that differs in the others stands for the same bytes or for none.
            if (!same && preference_open(key, (str){bent, token.len}, &got, &got_p))
                assert_true(at == token.len - 1 && got == profile && got_p == p);
        }
        for (size_t len = 0; len < token.len; len++)
            assert_false(preference_open(key, str_sub(token, 0, len), &got, &got_p));
        arena_close(&a);
    }
}

static void links_tell_nothing_of_one_another(void **state) {
    (void)state;
    arena a = arena_open(1 << 22);
    unsigned char key[PREFERENCE_KEY] = {7};
    char seen[1000][36];
    for (int i = 0; i < 1000; i++) {
        str t = preference_token(&a, key, 1 + i / 5, (enum purpose)(1 + i % 5));
        memcpy(seen[i], str_z(&a, t), 36);
        for (int k = 0; k < i; k++) assert_memory_not_equal(seen[i], seen[k], 8); // 48 bits: one in 10^8 by chance
    }
    arena_close(&a);
}

// ---- what is sent ----

static void bodies_are_read_as_they_are_sent(void **state) {
    (void)state;
    static const struct {
        const char *type, *body;
        enum preference_what what;
        uint32_t on, shown;
    } cases[] = {
        {"application/x-www-form-urlencoded", "List-Unsubscribe=One-Click", PREFER_one_click, 0, 0}, // RFC 8058, 8.1
        {"", "List-Unsubscribe=One-Click", PREFER_one_click, 0, 0},
        {"application/x-www-form-urlencoded; charset=utf-8", "x=1&List%2DUnsubscribe=One%2dClick", PREFER_one_click, 0,
         0},
        // RFC 8058, 8.2
        {"multipart/form-data; boundary=---FormBoundaryjWmhtjORrn",
         "-----FormBoundaryjWmhtjORrn\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n"
         "-----FormBoundaryjWmhtjORrn--\r\n",
         PREFER_one_click, 0, 0},
        {"Multipart/Form-Data; boundary=\"a b\"",
         "preamble\n--a b\nContent-Type: text/plain\nContent-Disposition: form-data; "
         "name=List-Unsubscribe\n\nOne-Click\n"
         "--a b--",
         PREFER_one_click, 0, 0},
        {"multipart/form-data; boundary=x",
         "--x\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\nOne-Click\r\n--x--", PREFER_nothing, 0, 0},
        {"", "List-Unsubscribe=Two-Clicks", PREFER_nothing, 0, 0},
        {"", "", PREFER_nothing, 0, 0},
        {"", "List-Unsubscribe", PREFER_nothing, 0, 0},
        {"", "do=all_off", PREFER_all_off, 0, 0},
        {"", "do=pause90", PREFER_pause, 0, 0},
        {"", "do=wake&List-Unsubscribe=no", PREFER_wake, 0, 0},
        {"", "do=drop+table", PREFER_nothing, 0, 0},
        {"", "shown=surveys&on=surveys&shown=marketing_email&shown=nonsense&do=save", PREFER_save,
         UINT32_C(1) << PURPOSE_surveys, UINT32_C(1) << PURPOSE_surveys | UINT32_C(1) << PURPOSE_marketing_email},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        arena a = arena_open(1 << 20);
        preference_said x = preference_read(&a, str_c(cases[i].type), str_c(cases[i].body));
        if (x.what != cases[i].what || x.on != cases[i].on || x.shown != cases[i].shown)
            fail_msg("case %zu: %d %x %x", i, (int)x.what, x.on, x.shown);
        arena_close(&a);
    }
}

// ---- what follows ----

typedef struct {
    rig r;
    arena a;
    int64_t who;
} page;

static void open_page(page *p, void **state) {
    rig_open(&p->r, place_of(state));
    p->r.now = GATE_NOON;
    p->a = arena_open((size_t)1 << 26);
    p->who = person_of(&p->r, "ada", "DE", "");
}

static void close_page(page *p) {
    arena_close(&p->a);
    rig_close(&p->r);
}

static void say(page *p, enum purpose x, const char *body) {
    err e = {0};
    preference_said asked = preference_read(&p->a, S(""), str_c(body));
    assert_ok(preference_write(know_ledger(p->r.k), &p->a, p->who, x, &asked, &e), e);
}

static const char *rule_of(page *p, enum gate_kind k) {
    gate_ask ask = {.kind = k, .customer = p->who, .channel = CHANNEL_email};
    return look_at(&p->r, &p->a, &ask, p->r.now).rule;
}

static void one_click_refuses_one_purpose_and_can_be_taken_back(void **state) {
    page p;
    open_page(&p, state);
    assert_string_equal(rule_of(&p, GATE_survey), "");
    for (int i = 0; i < 3; i++) say(&p, PURPOSE_surveys, "List-Unsubscribe=One-Click"); // as often as they like
    assert_string_equal(rule_of(&p, GATE_survey), "consent");
    assert_string_equal(rule_of(&p, GATE_reminder), "consent");
    assert_string_equal(rule_of(&p, GATE_thanks), "");
    say(&p, PURPOSE_surveys, "do=undo");
    assert_string_equal(rule_of(&p, GATE_survey), "");
    say(&p, PURPOSE_surveys, "List-Unsubscribe=One-Click");
    assert_string_equal(rule_of(&p, GATE_survey), "consent");
    // It stands in the events, and so survives whatever is folded anew.
    rig_flush(&p.r);
    rig_rebuild(&p.r);
    assert_string_equal(rule_of(&p, GATE_survey), "consent");
    assert_verified(&p.r);
    close_page(&p);
}

static void a_form_says_only_what_was_changed(void **state) {
    page p;
    err e = {0};
    preferences now;
    open_page(&p, state);
    say(&p, PURPOSE_surveys, "do=save&shown=surveys&on=surveys&shown=marketing_email&shown=courtesy");
    assert_ok(preferences_read(&p.a, p.r.s, p.who, p.r.now, &now, &e), e);
    assert_false(now.of[PURPOSE_surveys].said); // as it stood
    assert_false(now.of[PURPOSE_marketing_email].said);
    assert_true(now.of[PURPOSE_courtesy].said && !now.of[PURPOSE_courtesy].given);
    say(&p, PURPOSE_surveys, "do=save&shown=marketing_email&on=marketing_email");
    assert_string_equal(rule_of(&p, GATE_marketing), "");
    assert_string_equal(rule_of(&p, GATE_thanks), "consent");
    say(&p, PURPOSE_surveys, "do=all_off");
    assert_string_equal(rule_of(&p, GATE_marketing), "consent");
    assert_string_equal(rule_of(&p, GATE_survey), "consent");
    assert_string_equal(rule_of(&p, GATE_reward), "consent");
    assert_string_equal(rule_of(&p, GATE_service), "");
    assert_string_equal(rule_of(&p, GATE_reply), "");
    close_page(&p);
}

static void peace_lasts_as_long_as_it_was_asked_for(void **state) {
    page p;
    open_page(&p, state);
    say(&p, PURPOSE_surveys, "do=pause30");
    assert_string_equal(rule_of(&p, GATE_survey), "state");
    assert_string_equal(rule_of(&p, GATE_dunning), "");
    p.r.now += 31 * DAY_US;
    assert_string_equal(rule_of(&p, GATE_survey), "");
    say(&p, PURPOSE_surveys, "do=pause90");
    p.r.now += 80 * DAY_US;
    assert_string_equal(rule_of(&p, GATE_survey), "state");
    say(&p, PURPOSE_surveys, "do=wake");
    assert_string_equal(rule_of(&p, GATE_survey), "");
    close_page(&p);
}

// Whoever is known by a name alone cannot have an event of their own, but must be able to refuse.
static void who_cannot_be_named_can_still_refuse(void **state) {
    page p;
    err e = {0};
    open_page(&p, state);
    event ev = from(event_of(KIND_comment, 20000 * DAY_US, "w"), IDENT_author, "a passer-by");
    ev.text = S("nice");
    rig_put(&p.r, &ev, 1);
    for (row q = store_query(p.r.s, Q_identifier_find, &e, "i", (int64_t)ident_hash(IDENT_author, S("a passer-by")));
         row_next(&q);)
        p.who = row_int(&q, 1);
    assert_ok(err_ok(&e), e);
    assert_string_equal(rule_of(&p, GATE_survey), "");
    say(&p, PURPOSE_surveys, "List-Unsubscribe=One-Click");
    assert_string_equal(rule_of(&p, GATE_survey), "state");
    close_page(&p);
}

static void messages_carry_the_link(void **state) {
    page p;
    err e = {0}, none = {0};
    preference_headers h;
    int64_t who = 0;
    enum purpose got;
    unsigned char key[PREFERENCE_KEY];
    open_page(&p, state);
    gate_ask ask = {.kind = GATE_survey, .customer = p.who, .channel = CHANNEL_email, .by = S("t")};
    assert_false(preference_header(&p.a, p.r.s, &ask, &h, &none));
    assert_int_equal(none.code, ERR_conflict); // no address of ours is known
    in_transaction(&p.r);
    assert_ok(preference_origin(p.r.s, S("https://heed.example"), &e), e);
    assert_ok(preference_origin(p.r.s, S("http://127.0.0.1:8080"), &e), e); // does not replace it
    end_transaction(&p.r);
    none = (err){0};
    assert_false(preference_header(&p.a, p.r.s, &ask, &h, &none));
    assert_int_equal(none.code, ERR_not_found); // nor has anything passed the gate
    assert_int_equal(pass(&p.r, &p.a, &ask).verdict, GATE_ALLOW);
    assert_ok(preference_header(&p.a, p.r.s, &ask, &h, &e), e);
    assert_true(str_starts(h.list_unsubscribe, S("<https://heed.example/u/")) && str_ends(h.list_unsubscribe, S(">")));
    assert_true(str_eq(h.list_unsubscribe_post, S("List-Unsubscribe=One-Click")));
    assert_true(str_find(h.list_unsubscribe, ' ') < 0 && h.list_unsubscribe.len < 900); // one line, unfolded
    assert_ok(preference_key(p.r.s, key, &e), e);
    assert_true(preference_open(key, str_sub(h.url, 23, h.url.len), &who, &got));
    assert_true(who == p.who && got == PURPOSE_surveys);
    ask.kind = GATE_service;
    assert_ok(preference_header(&p.a, p.r.s, &ask, &h, &e), e);
    assert_int_equal(h.url.len + h.list_unsubscribe.len + h.list_unsubscribe_post.len, 0);
    close_page(&p);
}

// ---- words ----

static void honest_words_pass_and_bought_ones_do_not(void **state) {
    (void)state;
    static const char *const good[] = {"How did we do? Please tell us, whatever it is.",
                                       "On a scale from 1 to 5 stars, how was your visit?",
                                       "Please rate us: 1-5 stars.",
                                       "Customers give us 4.7 out of 5 stars. What do you say?",
                                       "Wie zufrieden sind Sie? Vergeben Sie 1 bis 5 Sterne.",
                                       "¿Cómo valora el servicio, de 1 a 5 estrellas?",
                                       "Would you recommend us to a friend? Say what you think.",
                                       "Dear Ada, thank you for five years with us. The stars are out tonight.",
                                       "If you are happy, we are happy. See you soon!",
                                       "Your order 5 starts its journey today.",
                                       "Bitte bewerten Sie uns ehrlich.",
                                       "Write a review, good or bad: both help others.",
                                       ""};
    static const char *const bad[] = {"Please give us 5 stars!",
                                      "A five-star review would make our day.",
                                      "Leave us a 5\xC2\xA0star rating",
                                      "We need your ★★★★★",
                                      "Only ⭐⭐⭐⭐⭐ help us",
                                      "Get 10 % off for a positive review.",
                                      "If you are happy with your order, please leave a review.",
                                      "If you’re happy, rate us.",
                                      "Über 5 Sterne freuen wir uns sehr.",
                                      "Wir freuen uns über eine positive Bewertung",
                                      "Wenn Sie zufrieden sind, bewerten Sie uns bitte.",
                                      "Danos cinco estrellas, por favor",
                                      "Si está satisfecho, deje una reseña",
                                      "GIVE US FIVE\nSTARS",
                                      "Please give us a good rating: 10 out of 10!"};
    for (size_t i = 0; i < COUNT(good); i++) {
        str why;
        if (!gate_words_ok(str_c(good[i]), &why)) fail_msg("refused: %s (%.*s)", good[i], STR_ARG(why));
        assert_int_equal(why.len, 0);
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        str why = {0};
        if (gate_words_ok(str_c(bad[i]), &why)) fail_msg("allowed: %s", bad[i]);
        assert_true(why.len > 0);
    }
}

int main(void) {
    const struct CMUnitTest alone[] = {
        cmocka_unit_test(a_link_opens_for_whom_it_was_made_and_no_other),
        cmocka_unit_test(links_tell_nothing_of_one_another),
        cmocka_unit_test(bodies_are_read_as_they_are_sent),
        cmocka_unit_test(honest_words_pass_and_bought_ones_do_not),
    };
    struct CMUnitTest tests[] = {
        cmocka_unit_test(one_click_refuses_one_purpose_and_can_be_taken_back),
        cmocka_unit_test(a_form_says_only_what_was_changed),
        cmocka_unit_test(peace_lasts_as_long_as_it_was_asked_for),
        cmocka_unit_test(who_cannot_be_named_can_still_refuse),
        cmocka_unit_test(messages_carry_the_link),
    };
    return cmocka_run_group_tests(alone, NULL, NULL) + rig_run(tests, COUNT(tests));
}
