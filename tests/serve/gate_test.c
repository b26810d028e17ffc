// The page of preferences as mail providers, scanners and people come to it, and the gate as the API shows it.
#include "base.h"

#include "act/gate_log.h"
#include "act/preference.h"
#include "know/consent.h"
#include "sql/act_gate.h"

typedef struct {
    serve_rig r;
    int64_t who;
    unsigned char key[PREFERENCE_KEY];
    gate_ask ask;
    gate_answer answer;
    char path[100];
} guest;

static bool make_key(void *ctx, desk *d, err *e) {
    guest *g = ctx;
    return preference_key_make(know_ledger(d->k), e) && preference_key(d->s, g->key, e);
}

static void come(guest *g, enum purpose p) {
    err e = {0};
    g->who = 7;
    serve_open(&g->r, base);
    g->r.now += 12 * HOUR_US; // noon
    assert_ok(writer_do(server_writer(g->r.sv), make_key, g, &e), e);
    str token = preference_token(&g->r.life, g->key, g->who, p);
    snprintf(g->path, sizeof g->path, "/u/%.*s", STR_ARG(token));
}

static const response *post(guest *g, const char *type, const char *body) {
    pair headers[] = {{S("Content-Type"), str_c(type)}};
    return serve_send(&g->r, "POST", g->path, headers, 1, str_c(body));
}

static bool ask_gate(void *ctx, desk *d, err *e) {
    guest *g = ctx;
    return gate_pass(know_ledger(d->k), d->a, &g->ask, &g->answer, e);
}

static const char *rule_of(guest *g, enum gate_kind k) {
    err e = {0};
    g->ask = (gate_ask){.kind = k, .customer = g->who, .channel = CHANNEL_email, .by = S("test")};
    assert_ok(writer_do(server_writer(g->r.sv), ask_gate, g, &e), e);
    return g->answer.rule;
}

static void opening_it_changes_nothing(void **state) {
    (void)state;
    guest g;
    come(&g, PURPOSE_surveys);
    static const char *const methods[] = {"GET", "HEAD", "GET"};
    for (size_t i = 0; i < COUNT(methods); i++) {
        const response *x = serve_send(&g.r, methods[i], g.path, NULL, 0, S(""));
        assert_int_equal(x->status, 200);
        assert_true(str_has(response_get(x, "content-security-policy"), S("default-src 'none'")));
        assert_true(str_eq(response_get(x, "x-robots-tag"), S("noindex")));
        assert_true(str_eq(response_get(x, "cache-control"), S("no-store")));
        assert_int_equal(response_get(x, "set-cookie").len, 0);
        assert_int_equal(response_get(x, "location").len, 0);
    }
    const response *x = serve_send(&g.r, "GET", g.path, NULL, 0, S(""));
    // Who it is stays with us, whoever has the link.
    assert_false(str_has(x->body, S("Schneider")) || str_has(x->body, S("Heike")) || str_has(x->body, S("@")));
    assert_false(str_has(x->body, S("<script")));
    assert_string_equal(rule_of(&g, GATE_survey), "");
    serve_close(&g.r);
}

// RFC 8058, 3.1 and 8: no cookie, no account, no redirect; again and again.
static void one_click_is_enough(void **state) {
    (void)state;
    guest g;
    come(&g, PURPOSE_surveys);
    for (int i = 0; i < 3; i++) {
        const response *x = post(&g, "application/x-www-form-urlencoded", "List-Unsubscribe=One-Click");
        assert_int_equal(x->status, 200);
        assert_int_equal(response_get(x, "location").len, 0);
        assert_true(str_has(x->body, S("undo")));
    }
    assert_string_equal(rule_of(&g, GATE_survey), "consent");
    const response *x = post(&g, "application/x-www-form-urlencoded", "do=undo");
    assert_int_equal(x->status, 200);
    assert_string_equal(rule_of(&g, GATE_survey), "");
    x = post(&g, "multipart/form-data; boundary=b",
             "--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--\r\n");
    assert_int_equal(x->status, 200);
    assert_string_equal(rule_of(&g, GATE_survey), "consent");
    serve_close(&g.r);
}

static void what_is_not_understood_changes_nothing(void **state) {
    (void)state;
    static const char *const bodies[] = {"", "hello", "List-Unsubscribe=", "do=everything", "{\"do\":\"all_off\"}"};
    guest g;
    come(&g, PURPOSE_surveys);
    for (size_t i = 0; i < COUNT(bodies); i++) assert_int_equal(post(&g, "text/plain", bodies[i])->status, 400);
    char *last = &g.path[strlen(g.path) - 3];
    *last = *last == 'A' ? 'B' : 'A';
    const response *x = post(&g, "application/x-www-form-urlencoded", "List-Unsubscribe=One-Click");
    assert_int_equal(x->status, 404);
    *last = 'A';
    assert_string_equal(rule_of(&g, GATE_survey), "");
    serve_close(&g.r);
}

static void the_page_says_what_holds(void **state) {
    (void)state;
    guest g;
    come(&g, PURPOSE_surveys);
    const char *form = "application/x-www-form-urlencoded";
    const response *x =
        post(&g, form, "do=save&shown=surveys&shown=courtesy&on=courtesy&shown=marketing_email&on=marketing_email");
    assert_int_equal(x->status, 200);
    assert_true(str_has(x->body, S("value=\"marketing_email\" checked")));
    assert_true(str_has(x->body, S("value=\"courtesy\" checked")));
    assert_false(str_has(x->body, S("value=\"surveys\" checked")));
    assert_string_equal(rule_of(&g, GATE_marketing), "");
    assert_string_equal(rule_of(&g, GATE_survey), "consent");
    x = post(&g, form, "do=pause90");
    assert_true(str_has(x->body, S("31. Januar 2027")));
    assert_string_equal(rule_of(&g, GATE_thanks), "state");
    x = post(&g, form, "do=wake");
    assert_false(str_has(x->body, S("31. Januar 2027")));
    assert_string_equal(rule_of(&g, GATE_thanks), "");
    x = post(&g, form, "do=all_off");
    assert_false(str_has(x->body, S("\" checked")));
    assert_string_equal(rule_of(&g, GATE_thanks), "consent");
    assert_string_equal(rule_of(&g, GATE_reply), "");
    serve_close(&g.r);
}

// What a page in another language says: the browser's, unless the person's own is known.
static void it_speaks_their_language(void **state) {
    (void)state;
    static const struct {
        const char *accept, *lang;
    } cases[] = {{"es-MX,es;q=0.9", "es"}, {"fr, de;q=0.5", "de"}, {"fr", "en"}, {"", "en"}};
    guest g;
    come(&g, PURPOSE_courtesy);
    err e = {0};
    store *s = server_reader_take(g.r.sv, &e);
    preferences now;
    assert_ok(preferences_read(&g.r.life, s, g.who, g.r.now, &now, &e), e);
    server_reader_give(g.r.sv, s);
    for (size_t i = 0; i < COUNT(cases); i++) {
        pair headers[] = {{S("Accept-Language"), str_c(cases[i].accept)}};
        const response *x = serve_send(&g.r, "GET", g.path, headers, 1, S(""));
        char want[32];
        snprintf(want, sizeof want, "<html lang=\"%.*s", now.lang.len >= 2 ? 2 : 0, now.lang.s);
        if (!now.lang.len) snprintf(want, sizeof want, "<html lang=\"%s", cases[i].lang);
        assert_true(str_has(x->body, str_c(want)));
    }
    serve_close(&g.r);
}

static bool open_hardship(void *ctx, desk *d, err *e) {
    guest *g = ctx;
    return store_run(d->s, Q_gate_pause_put, NULL, e, "iii", g->who, g->r.now - 1, g->r.now + DAY_US);
}

// Why somebody gets no survey is for those who may know who is in hardship.
static void states_are_for_few_eyes(void **state) {
    (void)state;
    guest g;
    err e = {0};
    come(&g, PURPOSE_surveys);
    assert_ok(writer_do(server_writer(g.r.sv), open_hardship, &g, &e), e);
    assert_string_equal(rule_of(&g, GATE_survey), "state");
    char path[80];
    snprintf(path, sizeof path, "/api/gate/records/%" PRId64, g.answer.id);
    const response *x = serve_ask(&g.r, "GET", path, "", "owner");
    assert_int_equal(x->status, 200);
    assert_true(str_has(x->body, S("they asked for peace")));
    who few = serve_as("owner");
    few.needs &= ~N(hardship_read);
    const char *const paths[] = {path, "/api/gate/records", "/api/gate/records?customer=7"};
    for (size_t i = 0; i < COUNT(paths); i++) {
        x = serve_ask_as(&g.r, "GET", paths[i], NULL, 0, S(""), &few);
        assert_int_equal(x->status, 200);
        assert_false(str_has(x->body, S("they asked for peace")));
        assert_true(str_has(x->body, S("this is not the moment for them")));
    }
    x = serve_ask_as(&g.r, "POST", "/api/gate/check", NULL, 0, S("{\"customer\":7,\"kind\":\"survey\"}"), &few);
    assert_false(str_has(x->body, S("they asked for peace")));
    serve_close(&g.r);
}

static void the_list_goes_on_page_by_page(void **state) {
    (void)state;
    enum { ASKED = 25 };
    guest g;
    come(&g, PURPOSE_surveys);
    int64_t ids[ASKED];
    for (int i = 0; i < ASKED; i++) {
        rule_of(&g, i % 2 ? GATE_welcome : GATE_marketing);
        ids[i] = g.answer.id;
    }
    char path[200] = "/api/gate/records?limit=4";
    int seen = 0;
    for (bool more = true; more;) {
        serve_ask(&g.r, "GET", path, "", "owner");
        json_t *v = serve_json(&g.r), *one;
        size_t i;
        json_array_foreach(json_object_get(v, "items"), i, one)
            assert_int_equal(json_integer_value(json_object_get(one, "id")), ids[ASKED - 1 - seen++]);
        str next = json_text(json_object_get(v, "next"));
        more = next.len > 0;
        snprintf(path, sizeof path, "/api/gate/records?limit=4&after=%.*s", STR_ARG(next));
        json_decref(v);
    }
    assert_int_equal(seen, ASKED);
    serve_ask(&g.r, "GET", "/api/gate/counts", "", "owner");
    json_t *v = serve_json(&g.r), *one;
    int64_t sum = 0;
    size_t i;
    json_array_foreach(json_object_get(v, "items"), i, one) sum += json_integer_value(json_object_get(one, "n"));
    json_decref(v);
    assert_int_equal(sum, ASKED);
    serve_close(&g.r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opening_it_changes_nothing),
        cmocka_unit_test(one_click_is_enough),
        cmocka_unit_test(what_is_not_understood_changes_nothing),
        cmocka_unit_test(the_page_says_what_holds),
        cmocka_unit_test(it_speaks_their_language),
        cmocka_unit_test(states_are_for_few_eyes),
        cmocka_unit_test(the_list_goes_on_page_by_page),
    };
    return cmocka_run_group_tests(tests, make_base, drop_base);
}
