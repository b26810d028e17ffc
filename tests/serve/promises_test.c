// What is written to a customer through the running server is noticed, accepted by one request, owed, kept by the next
// message, and told on the public page once it is switched on.
#include "serve/asked.h"

#include "know/settings.h"

static bool store_one(void *ctx, desk *d, err *e) {
    const event *ev = ctx;
    ledger *l = know_ledger(d->k);
    int64_t source, import;
    tally t;
    intake in = {.events = ev, .row_of = &(int32_t){0}, .n = 1, .rows = 1};
    return ledger_source(l, S("desk"), S("test"), CHANNEL_email, false, &source, e) &&
           ledger_import_begin(l, source, S("live"), S("{}"), &import, e) && ledger_write(l, import, &in, &t, e);
}

static void say(serve_rig *r, enum kind kind, int64_t ago_us, const char *ext, const char *text) {
    err e = {0};
    event ev = {.kind = kind,
                .channel = CHANNEL_email,
                .at_us = r->now - ago_us,
                .ext = str_c(ext),
                .thread = S("T"),
                .text = str_c(text),
                .staff = kind == KIND_message_out ? S("Olga") : S(""),
                .mood = MOOD_UNKNOWN,
                .ids = {{IDENT_user_id, S("4711")}},
                .n_ids = 1};
    assert_ok(writer_alone(server_writer(r->sv), store_one, &ev, &e), e);
}

static void expect(json_t *v, const char *path, const char *want) {
    arena a = arena_open(1 << 16);
    const json_t *x = json_find(v, path);
    str got = x ? json_scalar(&a, x) : S("(none)");
    if (!str_eq(got, str_c(want))) fail_msg("%s is %.*s, not %s", path, STR_ARG(got), want);
    arena_close(&a);
    json_decref(v);
}

static void a_promise_is_noticed_accepted_and_kept(void **state) {
    serve_rig r;
    (void)state;
    serve_open(&r, NULL);
    say(&r, KIND_message_out, 4 * DAY_US, "m1", "I am sorry. I will get back to you tomorrow.");
    json_t *v = get_json(&r, S("/api/promises/proposals"));
    json_int_t id = json_integer_value(json_find(v, "items.0.id"));
    expect(v, "items.0.kind", "reply");
    str path = str_fmt(&r.life, "/api/promises/proposals/%" PRId64, (int64_t)id);
    v = ask_json(&r, "POST", path, "{\"what\":\"accept\"}", 200);
    json_int_t owed = json_integer_value(json_find(v, "commitment"));
    expect(v, "state", "accepted");
    json_decref(ask_json(&r, "POST", path, "{\"what\":\"accept\"}", 409));
    str of = str_fmt(&r.life, "/api/commitments/%" PRId64, (int64_t)owed);
    expect(get_json(&r, of), "commitment.status", "broken");
    expect(get_json(&r, of), "noticed.words", "I will get back to you tomorrow.");
    say(&r, KIND_message_out, HOUR_US, "m2", "Here is your answer.");
    expect(get_json(&r, of), "commitment.status", "kept_late");
    expect(get_json(&r, S("/api/promises/proposals/counts")), "accepted", "1");
    serve_close(&r);
}

static void the_page_is_there_when_it_is_switched_on(void **state) {
    serve_rig r;
    arena a = arena_open(1 << 20);
    (void)state;
    serve_open(&r, NULL);
    json_decref(ask_json(&r, "POST", S("/api/promises/standards"),
                         "{\"name\":\"<b>Quick</b>\",\"kind\":\"reply\",\"starts\":\"message\",\"within\":\"4h\","
                         "\"clock\":\"always\",\"from\":\"2026-09-01\"}",
                         201));
    for (int i = 0; i < 25; i++) {
        say(&r, KIND_message_in, (60 - 2 * i) * DAY_US, str_z(&a, str_fmt(&a, "in%d", i)), "Where is it?");
        say(&r, KIND_message_out, (60 - 2 * i) * DAY_US - (i < 20 ? HOUR_US : 9 * HOUR_US),
            str_z(&a, str_fmt(&a, "out%d", i)), "It is on its way.");
    }
    assert_int_equal(serve_ask(&r, "GET", "/promises", "", "nobody")->status, 404);
    who w = serve_as("owner");
    str etag = str_dup(&r.life, response_get(serve_ask(&r, "GET", "/api/promises/settings", "", "owner"), "ETag"));
    pair match = {S("If-Match"), etag};
    assert_int_equal(serve_ask_as(&r, "PATCH", "/api/promises/settings", &match, 1, S("{\"page\":true}"), &w)->status,
                     200);
    const response *got = serve_ask(&r, "GET", "/promises", "", "nobody");
    assert_int_equal(got->status, 200);
    assert_true(str_has(got->body, S("&lt;b&gt;Quick&lt;/b&gt;")));
    assert_true(str_has(got->body, S("20 of 25 in time, 5 late")));
    assert_true(str_has(got->body, S("kept in at least 61 of 100 cases"))); // Wilson of 20 in 25: 0.609 to 0.911
    assert_false(str_has(got->body, S("<script")));
    serve_close(&r);
    arena_close(&a);
}

static bool put_origin(void *ctx, desk *d, err *e) {
    (void)ctx;
    return settings_put(d->s, "origin", S("https://heed.example"), e);
}

static const response *answer(serve_rig *r, str path, const char *lang, const char *body) {
    pair headers[] = {{S("Accept-Language"), str_c(lang)}, {S("Content-Type"), S("application/x-www-form-urlencoded")}};
    return serve_send(r, body ? "POST" : "GET", str_z(&r->life, path), headers, 2, str_c(body ? body : ""));
}

// The customer says by a link, without an account and without scripts, whether a fix is one; looking changes nothing.
static void a_fix_is_confirmed_by_its_link(void **state) {
    serve_rig r;
    err e = {0};
    (void)state;
    serve_open(&r, NULL);
    assert_ok(writer_do(server_writer(r.sv), put_origin, NULL, &e), e);
    say(&r, KIND_message_in, DAY_US, "m1", "The lamp is broken.");
    serve_settle(&r);
    json_t *v = get_json(&r, S("/api/customers?limit=1"));
    str customer = str_fmt(&r.life, "%" PRId64, (int64_t)json_integer_value(json_find(v, "items.0.id")));
    json_decref(v);
    str body = str_fmt(&r.life, "{\"customer\":%.*s,\"kind\":\"fix\",\"what\":\"The lamp will shine <b>again</b>\"}",
                       STR_ARG(customer));
    v = ask_json(&r, "POST", S("/api/commitments"), str_z(&r.life, body), 201);
    str of = str_fmt(&r.life, "/api/commitments/%" PRId64, (int64_t)json_integer_value(json_find(v, "id")));
    json_decref(v);
    str steps = str_cat(&r.life, of, S("/steps"));
    v = get_json(&r, of);
    str url = str_dup(&r.life, json_at(v, "confirm_url"));
    json_decref(v);
    assert_true(str_starts(url, S("https://heed.example/fix/")));
    str path = str_sub(url, sizeof "https://heed.example" - 1, url.len);
    json_decref(ask_json(&r, "POST", steps, "{\"what\":\"kept\"}", 200));
    const response *x = answer(&r, path, "de-AT", NULL);
    assert_int_equal(x->status, 200);
    assert_true(str_has(x->body, S("<html lang=\"de-AT\"")) && str_has(x->body, S("Ja, es ist gelöst")));
    assert_true(str_has(x->body, S("shine &lt;b&gt;again")));
    expect(get_json(&r, of), "commitment.fix", "waiting");
    assert_int_equal(answer(&r, path, "es", "do=maybe")->status, 400);
    expect(get_json(&r, of), "commitment.fix", "waiting");
    x = answer(&r, path, "es", "do=solved&words=gracias");
    assert_int_equal(x->status, 200);
    assert_true(str_has(x->body, S("Gracias. Nos alegra saber que funciona.")));
    expect(get_json(&r, of), "commitment.fix", "confirmed");
    assert_int_equal(answer(&r, path, "en", "do=solved")->status, 200); // said twice is said once
    v = get_json(&r, of);
    assert_int_equal(json_array_size(json_object_get(v, "steps")), 3);
    expect(v, "steps.2.words", "gracias");
    assert_int_equal(answer(&r, path, "en", "do=not&words=dark")->status, 200);
    expect(get_json(&r, of), "commitment.status", "open");
    expect(get_json(&r, of), "commitment.fix", "reopened");
    str wrong = str_cat(&r.life, str_sub(path, 0, path.len - 3), S("AAA"));
    assert_int_equal(answer(&r, wrong, "en", NULL)->status, 404);
    str other = str_cat(&r.life, S("/u/"), str_sub(path, 5, path.len));
    assert_int_equal(answer(&r, other, "en", NULL)->status, 404); // it opens nothing else
    json_decref(ask_json(&r, "POST", steps, "{\"what\":\"void\"}", 200));
    assert_int_equal(answer(&r, path, "en", "do=solved")->status, 410);
    serve_close(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_promise_is_noticed_accepted_and_kept),
                                       cmocka_unit_test(a_fix_is_confirmed_by_its_link),
                                       cmocka_unit_test(the_page_is_there_when_it_is_switched_on)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
