// The widget and the public pages as websites, browsers, mail scanners and people come to them.
#include <openssl/hmac.h>

#include "base.h"

#include "act/ask.h"
#include "act/gate_settings.h"
#include "base/civil.h"
#include "know/consent.h"
#include "sql/know_privacy.h"

typedef struct {
    serve_rig r;
    char key[100], secret[100], page[200];
    int64_t site, question;
    int n; // of answers
} shop;

static str text_at(const json_t *v, const char *path) {
    return json_at(v, path);
}

static void open_shop(shop *w, const char *scale, int share) {
    char body[300];
    *w = (shop){0};
    serve_open(&w->r, base);
    w->r.now += 12 * HOUR_US; // noon
    const response *x =
        serve_ask(&w->r, "POST", "/api/sites",
                  "{\"name\":\"Shop\",\"slug\":\"shop\",\"origins\":[\"https://www.shop.example\"]}", "owner");
    assert_int_equal(x->status, 201);
    json_t *v = serve_json(&w->r);
    w->site = json_integer_value(json_find(v, "site.id"));
    snprintf(w->key, sizeof w->key, "%.*s", STR_ARG(text_at(v, "site.key")));
    snprintf(w->secret, sizeof w->secret, "%.*s", STR_ARG(text_at(v, "secret")));
    json_decref(v);
    if (!scale) return;
    snprintf(body, sizeof body,
             "{\"site\":%" PRId64 ",\"name\":\"Q\",\"way\":\"widget\",\"scale\":\"%s\",\"share\":%d,\"days\":30}",
             w->site, scale, share);
    assert_int_equal(serve_ask(&w->r, "POST", "/api/questions", body, "owner")->status, 201);
    v = serve_json(&w->r);
    w->question = json_integer_value(json_object_get(v, "id"));
    json_decref(v);
}

static const response *from(shop *w, const char *path, const char *website, const char *body) {
    pair headers[] = {{S("Origin"), str_c(website)}, {S("Content-Type"), S("text/plain")}};
    return serve_send(&w->r, "POST", path, headers, 2, str_c(body));
}

static const response *say(shop *w, const char *path, const char *rest) {
    char body[1000];
    snprintf(body, sizeof body, "{\"key\":\"%s\"%s}", w->key, rest);
    return from(w, path, "https://www.shop.example", body);
}

// The token of what may be asked; empty: nothing.
static str next(shop *w, const char *rest) {
    assert_int_equal(say(w, "/w/v1/next", rest)->status, 200);
    json_t *v = serve_json(&w->r);
    str token = str_dup(&w->r.life, json_at(v, "ask.ask"));
    json_decref(v);
    return token;
}

static bool is_signed(shop *w, const char *rest) {
    assert_int_equal(say(w, "/w/v1/next", rest)->status, 200);
    json_t *v = serve_json(&w->r);
    bool is = json_is_true(json_object_get(v, "signed"));
    json_decref(v);
    return is;
}

static size_t heard_of(shop *w, const char *query) {
    serve_settle(&w->r);
    assert_int_equal(serve_ask(&w->r, "GET", query, "", "owner")->status, 200);
    json_t *v = serve_json(&w->r);
    size_t n = json_array_size(json_object_get(v, "items"));
    json_decref(v);
    return n;
}

#define TODAY "/api/feedback?since=2026-11-02"

// RFC 2104 by another library.
static const char *sign(shop *w, const char *user) {
    unsigned char mac[32];
    unsigned n = 0;
    char *hex = make(&w->r.life, char, 65);
    HMAC(EVP_sha256(), w->secret, (int)strlen(w->secret), (const unsigned char *)user, strlen(user), mac, &n);
    for (unsigned i = 0; i < n; i++) snprintf(hex + 2 * i, 3, "%02x", mac[i]);
    return hex;
}

// ---- who ----

static void only_what_the_website_signed_is_believed(void **state) {
    (void)state;
    shop w;
    char body[400];
    open_shop(&w, NULL, 0);
    const char *right = sign(&w, "C-1001");
    snprintf(body, sizeof body, ",\"user\":\"C-1001\",\"hash\":\"%s\"", right);
    assert_true(is_signed(&w, body));
    snprintf(body, sizeof body, ",\"user\":\"C-1002\",\"hash\":\"%s\"", right);
    assert_false(is_signed(&w, body));
    assert_false(is_signed(&w, ",\"user\":\"C-1001\""));
    assert_false(is_signed(&w, ",\"user\":\"C-1001\",\"hash\":\"\""));
    snprintf(body, sizeof body, ",\"user\":\"C-1001\",\"hash\":\"%.63s0\"", right);
    assert_int_equal(is_signed(&w, body), right[63] == '0');
    // Everybody's number of nobody identifies nobody.
    snprintf(body, sizeof body, ",\"user\":\"null\",\"hash\":\"%s\"", sign(&w, "null"));
    assert_false(is_signed(&w, body));
    serve_close(&w.r);
}

static void only_listed_websites_may_carry_it(void **state) {
    (void)state;
    shop w;
    char body[200];
    open_shop(&w, "nps", 100);
    snprintf(body, sizeof body, "{\"key\":\"%s\",\"visitor\":\"visitor-1\"}", w.key);
    static const char *const others[] = {"",
                                         "null",
                                         "https://shop.example",
                                         "http://www.shop.example",
                                         "https://www.shop.example.evil.example",
                                         "https://evil.example"};
    for (size_t i = 0; i < COUNT(others); i++) assert_int_equal(from(&w, "/w/v1/next", others[i], body)->status, 403);
    const response *x = from(&w, "/w/v1/next", "https://www.shop.example", body);
    assert_int_equal(x->status, 200);
    assert_true(str_eq(response_get(x, "access-control-allow-origin"), S("https://www.shop.example")));
    assert_int_equal(response_get(x, "access-control-allow-credentials").len, 0);
    assert_int_equal(response_get(x, "set-cookie").len, 0);
    serve_close(&w.r);
}

static void stars_stand_for_hosts_below(void **state) {
    (void)state;
    str list[] = {S("https://*.shop.example"), S("https://shop.example:8443")};
    site x = {.origins = list, .n_origins = COUNT(list)};
    assert_true(site_allows(&x, S("https://www.shop.example")));
    assert_true(site_allows(&x, S("https://a.b.shop.example")));
    assert_true(site_allows(&x, S("https://shop.example:8443")));
    assert_false(site_allows(&x, S("https://shop.example")));
    assert_false(site_allows(&x, S("https://.shop.example/")));
    assert_false(site_allows(&x, S("https://evil.example/.shop.example")));
    assert_false(site_allows(&x, S("https://www.shop.example:444")));
    assert_false(site_allows(&x, S("https://evilshop.example")));
    assert_false(site_allows(&x, S("")));
}

// ---- how often ----

static void nobody_is_asked_twice(void **state) {
    (void)state;
    shop w;
    open_shop(&w, "nps", 100);
    assert_true(next(&w, ",\"visitor\":\"visitor-1\"").len > 0);
    assert_int_equal(next(&w, ",\"visitor\":\"visitor-1\"").len, 0);
    assert_true(next(&w, ",\"visitor\":\"visitor-2\"").len > 0);
    w.r.now += 29 * DAY_US;
    assert_int_equal(next(&w, ",\"visitor\":\"visitor-1\"").len, 0);
    w.r.now += 2 * DAY_US;
    assert_true(next(&w, ",\"visitor\":\"visitor-1\"").len > 0);
    serve_close(&w.r);
}

static void a_share_is_a_share(void **state) {
    (void)state;
    shop w;
    char visitor[100];
    int asked = 0;
    open_shop(&w, "nps", 20);
    enum { VISITORS = 300 };
    for (int i = 0; i < VISITORS; i++) {
        snprintf(visitor, sizeof visitor, ",\"visitor\":\"visitor-%04d\"", i);
        asked += next(&w, visitor).len > 0;
        if (i % 100 == 99) w.r.now += 60 * SECOND_US; // what may come from one address
    }
    // 20 of a hundred: within four standard deviations of a binomial.
    assert_in_range(asked, 60 - 28, 60 + 28);
    for (int i = 0; i < 20; i++) { // who was left out stays out
        snprintf(visitor, sizeof visitor, ",\"visitor\":\"visitor-%04d\"", i);
        assert_int_equal(next(&w, visitor).len, 0);
    }
    serve_close(&w.r);
}

static void not_now_is_peace_for_a_month_and_never_for_good(void **state) {
    (void)state;
    shop w;
    char body[300];
    open_shop(&w, "csat5", 100);
    str token = next(&w, ",\"visitor\":\"visitor-1\"");
    snprintf(body, sizeof body, ",\"visitor\":\"visitor-1\",\"ask\":\"%.*s\"", STR_ARG(token));
    assert_int_equal(say(&w, "/w/v1/no", body)->status, 204);
    assert_int_equal(say(&w, "/w/v1/no", ",\"visitor\":\"visitor-2\",\"for_ever\":true")->status, 204);
    w.r.now += 20 * DAY_US;
    assert_int_equal(next(&w, ",\"visitor\":\"visitor-1\"").len, 0);
    w.r.now += 380 * DAY_US;
    assert_true(next(&w, ",\"visitor\":\"visitor-1\"").len > 0);
    assert_int_equal(next(&w, ",\"visitor\":\"visitor-2\"").len, 0);
    serve_close(&w.r);
}

static bool read_customer(void *ctx, desk *d, err *e) {
    str *out = ctx;
    for (row r = store_query(d->s, Q_identifier_of_kind, e, "i", (int64_t)IDENT_user_id); row_next(&r);)
        if (!out->len) *out = str_dup(d->a, row_str(&r, 1));
    char *kept = out->len ? strndup(out->s, out->len) : NULL;
    *out = str_c(kept);
    return err_ok(e);
}

// Somebody whom the store knows: a number of the sample company.
static str known_user(shop *w) {
    err e = {0};
    str out = {0};
    assert_ok(writer_do(server_writer(w->r.sv), read_customer, &out, &e), e);
    str mine = str_dup(&w->r.life, out);
    free((char *)(uintptr_t)out.s);
    assert_true(mine.len > 0);
    return mine;
}

static void whom_we_know_passes_the_gate(void **state) {
    (void)state;
    shop w;
    char body[400];
    who as = serve_as("owner");
    open_shop(&w, "nps", 100);
    str user = known_user(&w);
    snprintf(body, sizeof body, ",\"visitor\":\"visitor-9\",\"user\":\"%.*s\",\"hash\":\"%s\"", STR_ARG(user),
             sign(&w, str_z(&w.r.life, user)));
    // No budget at all: nobody known is asked, by whatever number of browsers.
    assert_int_equal(serve_ask(&w.r, "GET", "/api/gate/limits/budget", "", "owner")->status, 200);
    pair match[] = {{S("If-Match"), S("\"0\"")}};
    assert_int_equal(serve_ask_as(&w.r, "PUT", "/api/gate/limits/budget", match, 1, S("{\"value\":0}"), &as)->status,
                     200);
    assert_int_equal(next(&w, body).len, 0);
    match[0].value = S("\"1\"");
    assert_int_equal(serve_ask_as(&w.r, "PUT", "/api/gate/limits/budget", match, 1, S("{\"value\":2}"), &as)->status,
                     200);
    size_t before = heard_of(&w, "/api/gate/records?kind=survey");
    str token = next(&w, body);
    assert_int_equal(heard_of(&w, "/api/gate/records?kind=survey"), before + (token.len > 0));
    serve_close(&w.r);
}

// ---- what is said ----

static void sent_twice_is_stored_once_and_sent_anew_is_an_edit(void **state) {
    (void)state;
    shop w;
    char body[400];
    open_shop(&w, "nps", 100);
    str token = next(&w, ",\"visitor\":\"visitor-1\"");
    for (int i = 0; i < 3; i++) {
        snprintf(body, sizeof body,
                 ",\"visitor\":\"visitor-1\",\"id\":\"answer-000%d\",\"ask\":\"%.*s\",\"score\":%d,\"at\":%" PRId64, i,
                 STR_ARG(token), i < 2 ? 9 : 3, w.r.now / 1000 - 5000 + i / 2);
        assert_int_equal(say(&w, "/w/v1/answer", body)->status, 200);
    }
    assert_int_equal(heard_of(&w, TODAY "&channel=web"), 1);
    json_t *v = NULL;
    err e = {0};
    assert_ok(json_read(w.r.x.r.body, &v, &e), e);
    assert_int_equal(json_integer_value(json_find(v, "items.0.score")), 3);
    json_decref(v);
    for (int i = 0; i < 2; i++)
        assert_int_equal(
            say(&w, "/w/v1/answer", ",\"visitor\":\"visitor-2\",\"id\":\"words-00001\",\"text\":\"Hm\"")->status, 200);
    assert_int_equal(heard_of(&w, TODAY "&channel=web"), 2);
    serve_close(&w.r);
}

// An address may be anybody's: whoever types it becomes nobody else.
static void a_typed_address_joins_nobody(void **state) {
    (void)state;
    shop w;
    open_shop(&w, NULL, 0);
    assert_int_equal(
        say(&w, "/w/v1/answer",
            ",\"visitor\":\"visitor-1\",\"id\":\"words-00001\",\"text\":\"Hello\",\"mail\":\"heike@example.org\"")
            ->status,
        200);
    assert_int_equal(
        say(&w, "/w/v1/answer",
            ",\"visitor\":\"visitor-2\",\"id\":\"words-00002\",\"text\":\"Hello\",\"mail\":\"heike@example.org\"")
            ->status,
        200);
    assert_int_equal(heard_of(&w, TODAY "&channel=web"), 2);
    json_t *v = serve_json(&w.r);
    assert_true(json_integer_value(json_find(v, "items.0.customer")) !=
                json_integer_value(json_find(v, "items.1.customer")));
    json_decref(v);
    serve_close(&w.r);
}

static void one_address_sends_so_much_and_no_more(void **state) {
    (void)state;
    shop w;
    open_shop(&w, NULL, 0);
    int refused = 0, status = 200;
    char body[200];
    for (int i = 0; i < 80; i++) {
        snprintf(body, sizeof body, ",\"id\":\"flood-%04d\",\"text\":\"x\"", i);
        status = say(&w, "/w/v1/answer", body)->status;
        refused += status == 429;
    }
    assert_int_equal(refused, 20);
    assert_true(response_get(&w.r.x.r, "retry-after").len > 0);
    serve_close(&w.r);
}

// ---- links in mails ----

typedef struct {
    int64_t profile, now;
    str url;
} linking;

static bool make_link(void *ctx, desk *d, err *e) {
    linking *l = ctx;
    if (!ask_url(d->a, d->s, l->profile, l->now, &l->url, e)) return false;
    l->url = str_c(strndup(l->url.s, l->url.len));
    return true;
}

static void mail_question(shop *w) {
    char body[300];
    err e = {0};
    snprintf(body, sizeof body, "{\"site\":%" PRId64 ",\"name\":\"By mail\",\"way\":\"mail\",\"scale\":\"nps\"}",
             w->site);
    assert_int_equal(serve_ask(&w->r, "POST", "/api/questions", body, "owner")->status, 201);
    linking l = {.profile = 7, .now = w->r.now};
    assert_ok(writer_do(server_writer(w->r.sv), make_link, &l, &e), e);
    assert_true(str_starts(l.url, S("https://heed.example/s/")));
    snprintf(w->page, sizeof w->page, "%.*s", STR_ARG(str_sub(l.url, 20, l.url.len)));
    free((char *)(uintptr_t)l.url.s);
}

static const response *post(shop *w, const char *path, const char *form) {
    pair headers[] = {{S("Content-Type"), S("application/x-www-form-urlencoded")}};
    return serve_send(&w->r, "POST", path, headers, 1, str_c(form));
}

static const response *get(shop *w, const char *method, const char *more) {
    char path[300];
    snprintf(path, sizeof path, "%s%s", w->page, more);
    return serve_send(&w->r, method, path, NULL, 0, S(""));
}

// Programs that look at mails open all eleven links of them.
static void opening_every_link_answers_nothing(void **state) {
    (void)state;
    shop w;
    char more[20];
    open_shop(&w, NULL, 0);
    mail_question(&w);
    size_t before = heard_of(&w, TODAY);
    for (int i = 0; i <= 10; i++) {
        snprintf(more, sizeof more, "?v=%d", i);
        const response *x = get(&w, i % 2 ? "GET" : "HEAD", more);
        assert_int_equal(x->status, 200);
        assert_int_equal(response_get(x, "set-cookie").len, 0);
        x = get(&w, "GET", more);
        snprintf(more, sizeof more, "value=\"%d\" checked", i);
        assert_true(str_has(x->body, str_c(more)));
        assert_false(str_has(x->body, S("<script")));
    }
    assert_int_equal(get(&w, "GET", "/thanks")->status, 200);
    assert_int_equal(get(&w, "GET", "/never")->status, 405);
    assert_int_equal(heard_of(&w, TODAY), before);
    serve_close(&w.r);
}

static void the_same_link_twice_is_an_edit(void **state) {
    (void)state;
    shop w;
    open_shop(&w, NULL, 0);
    mail_question(&w);
    size_t before = heard_of(&w, TODAY);
    const response *x = post(&w, w.page, "score=9&text=Good");
    assert_int_equal(x->status, 303);
    assert_true(str_ends(response_get(x, "location"), S("/thanks")));
    w.r.now += HOUR_US;
    assert_int_equal(post(&w, w.page, "score=2&text=Not+so+good")->status, 303);
    assert_int_equal(heard_of(&w, TODAY), before + 1);
    json_t *v = serve_json(&w.r);
    assert_int_equal(json_integer_value(json_find(v, "items.0.score")), 2);
    assert_int_equal(json_integer_value(json_find(v, "items.0.customer")), 7);
    json_decref(v);
    assert_int_equal(post(&w, w.page, "text=No+score")->status, 400);
    assert_true(str_has(w.r.x.r.body, S("No score</textarea>")));
    assert_int_equal(post(&w, w.page, "score=11")->status, 400);
    serve_close(&w.r);
}

static void a_link_ends_and_no_other_opens(void **state) {
    (void)state;
    shop w;
    open_shop(&w, NULL, 0);
    mail_question(&w);
    char *last = &w.page[strlen(w.page) - 3];
    *last = *last == 'A' ? 'B' : 'A';
    assert_int_equal(get(&w, "GET", "")->status, 404);
    assert_int_equal(post(&w, w.page, "score=9")->status, 404);
    mail_question(&w);
    w.r.now += (ASK_LINK_DAYS + 1) * DAY_US;
    assert_int_equal(get(&w, "GET", "")->status, 410);
    assert_int_equal(post(&w, w.page, "score=9")->status, 410);
    serve_close(&w.r);
}

static void never_again_holds_for_the_gate(void **state) {
    (void)state;
    shop w;
    char path[300];
    open_shop(&w, NULL, 0);
    mail_question(&w);
    snprintf(path, sizeof path, "%s/never", w.page);
    assert_int_equal(post(&w, path, "")->status, 200);
    serve_ask(&w.r, "POST", "/api/gate/check", "{\"customer\":7,\"kind\":\"survey\"}", "owner");
    json_t *v = serve_json(&w.r);
    assert_true(str_eq(json_at(v, "verdict"), S("skip")) && str_eq(json_at(v, "rule"), S("consent")));
    json_decref(v);
    serve_close(&w.r);
}

static void a_double_click_on_the_form_is_one(void **state) {
    (void)state;
    shop w;
    open_shop(&w, NULL, 0);
    const char *form = "id=aaaaaaaabbbbbbbb&text=Hello&mood=1";
    assert_int_equal(post(&w, "/f/shop", form)->status, 303);
    assert_int_equal(post(&w, "/f/shop", form)->status, 303);
    assert_int_equal(heard_of(&w, TODAY "&channel=web"), 1);
    // Their words are in the form again, whatever was wrong with it.
    assert_int_equal(post(&w, "/f/shop", "text=%3Cscript%3E&mail=x")->status, 400);
    assert_true(str_has(w.r.x.r.body, S("&lt;script&gt;</textarea>")));
    serve_close(&w.r);
}

// ---- tokens ----

static void a_token_opens_to_what_was_sealed(void **state) {
    (void)state;
    unsigned char key[PREFERENCE_KEY] = {7}, other[PREFERENCE_KEY] = {8};
    arena a = arena_open(1 << 20);
    static const ask_link links[] = {
        {.question = 1, .profile = 2, .minute = 3}, {.question = INT64_MAX, .asked = INT64_MAX}, {.question = 5}};
    for (size_t i = 0; i < COUNT(links); i++) {
        ask_link back;
        str token = ask_token(&a, key, &links[i]);
        assert_true(ask_open(key, token, &back));
        assert_memory_equal(&back, &links[i], sizeof back);
        assert_false(ask_open(other, token, &back));
        for (size_t k = 0; k + 1 < token.len; k++) { // each letter counts; the last has bits to spare
            char *wrong = str_z(&a, token);
            wrong[k] = wrong[k] == 'A' ? 'B' : 'A';
            assert_false(ask_open(key, str_c(wrong), &back));
        }
    }
    arena_close(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_the_website_signed_is_believed),
        cmocka_unit_test(only_listed_websites_may_carry_it),
        cmocka_unit_test(stars_stand_for_hosts_below),
        cmocka_unit_test(nobody_is_asked_twice),
        cmocka_unit_test(a_share_is_a_share),
        cmocka_unit_test(not_now_is_peace_for_a_month_and_never_for_good),
        cmocka_unit_test(whom_we_know_passes_the_gate),
        cmocka_unit_test(sent_twice_is_stored_once_and_sent_anew_is_an_edit),
        cmocka_unit_test(a_typed_address_joins_nobody),
        cmocka_unit_test(one_address_sends_so_much_and_no_more),
        cmocka_unit_test(opening_every_link_answers_nothing),
        cmocka_unit_test(the_same_link_twice_is_an_edit),
        cmocka_unit_test(a_link_ends_and_no_other_opens),
        cmocka_unit_test(never_again_holds_for_the_gate),
        cmocka_unit_test(a_double_click_on_the_form_is_one),
        cmocka_unit_test(a_token_opens_to_what_was_sealed),
    };
    return cmocka_run_group_tests_name("widget", tests, make_base, drop_base);
}
