// The way of a webhook: verified, stored, answered, read; once however often it comes, in any order, and again when
// asked.
// clang-format off
#include "rig.h"
// clang-format on

#include "base/civil.h"
#include "jobs/raw.h"
#include "sql/ledger.h"
#include "sql/serve_hooks.h"
#include "sql/store.h"

static serve_rig r;

static int open_rig(void **state) {
    (void)state;
    serve_open(&r, NULL);
    return 0;
}

static int close_rig(void **state) {
    (void)state;
    serve_close(&r);
    return 0;
}

static const char *text(const char *fmt, ...) {
    static char room[8][400];
    static int at;
    char *p = room[at++ % 8];
    va_list args;
    va_start(args, fmt);
    vsnprintf(p, sizeof room[0], fmt, args);
    va_end(args);
    return p;
}

static void must(const response *x, int status) {
    if (x->status != status) fail_msg("%d instead of %d: %.*s", x->status, status, STR_ARG(x->body));
}

static void set_up(const char *source, const char *scheme_name, const char *secret) {
    must(serve_ask(&r, "PUT", text("/api/hooks/%s", source), text("{\"scheme\":\"%s\"}", scheme_name), "owner"), 201);
    must(serve_ask(&r, "POST", text("/api/hooks/%s/secrets", source), text("{\"secret\":\"%s\"}", secret), "owner"),
         201);
}

// A body as its sender would send it, signed; more: further headers.
static const response *send_signed(const char *source, const char *scheme_name, const char *secret, str body,
                                   const pair *more, size_t n_more) {
    static arena life;
    pair headers[12];
    sent_header as_sent[12];
    size_t n = 0;
    const scheme *s = scheme_get(str_c(scheme_name));
    if (life.base) arena_close(&life);
    life = arena_open(64 << 20);
    str seconds = str_fmt(&life, "%" PRId64, r.now / SECOND_US);
    headers[n++] = (pair){S("content-type"), S("application/json")};
    for (size_t i = 0; i < n_more; i++) headers[n++] = more[i];
    if (s->time_prefix)
        headers[n++] = (pair){str_c(s->time), str_cat(&life, str_c(s->time_prefix), seconds)};
    else if (s->time)
        headers[n++] = (pair){str_c(s->time), s->time_as == TIME_iso ? iso_str(&life, r.now) : seconds};
    if (s->id) headers[n++] = (pair){str_c(s->id), str_fmt(&life, "msg_%016" PRIx64, str_hash(body))};
    for (size_t i = 0; i < n; i++) as_sent[i] = (sent_header){headers[i].name, headers[i].value};
    sent q = {.method = S("POST"),
              .url = str_fmt(&life, "https://heed.example/hooks/%s", source),
              .headers = as_sent,
              .n_headers = n,
              .body = body};
    str signature = signature_make(&life, s, &q, str_c(secret));
    if (s->time_prefix)
        headers[n - 1].value = str_fmt(&life, "%.*s,%.*s", STR_ARG(headers[n - 1].value), STR_ARG(signature));
    else
        headers[n++] = (pair){str_c(s->header), signature};
    return serve_send(&r, "POST", text("/hooks/%s", source), headers, n, body);
}

static void read_all(void) {
    err e = {0};
    assert_ok(raw_work(server_raw(r.sv), &e), e);
}

static int64_t count(enum query q) {
    err e = {0};
    int64_t n = 0;
    store *s = server_reader_take(r.sv, &e);
    assert_non_null(s);
    assert_ok(store_int(s, q, &n, 0, &e, ""), e);
    server_reader_give(r.sv, s);
    return n;
}

static int64_t quarantined(int64_t state) {
    err e = {0};
    int64_t n = 0;
    store *s = server_reader_take(r.sv, &e);
    assert_ok(store_int(s, Q_quarantine_count, &n, 0, &e, "i", state), e);
    server_reader_give(r.sv, s);
    return n;
}

// Everything in the ledger, whatever the order in which it came: kinds, times, values, words. The key of a sighting
// holds the version that was first.
static uint64_t portrait(void) {
    err e = {0};
    uint64_t sum = 0;
    arena a = arena_open(1 << 20);
    store *s = server_reader_take(r.sv, &e);
    for (row q = store_query(s, Q_store_events, &e, ""); row_next(&q);) {
        arena one = a;
        str x = str_fmt(&one, "%" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %.*s", row_int(&q, 2),
                        row_int(&q, 4) == KIND_identify ? 0 : row_int(&q, 3), row_int(&q, 4), row_int(&q, 7),
                        STR_ARG(row_str(&q, 11)));
        sum += str_hash(x);
    }
    if (!err_ok(&e)) fail_msg("%s", e.msg);
    server_reader_give(r.sv, s);
    arena_close(&a);
    return sum;
}

// The state and reason of the newest payload.
static void newest_is(const char *state, const char *reason) {
    must(serve_ask(&r, "GET", "/api/raw?limit=1", "", "owner"), 200);
    json_t *v = serve_json(&r);
    str got = json_at(v, "items.0.state"), why = json_at(v, "items.0.reason");
    if (!str_eq(got, str_c(state)) || !str_has(why, str_c(reason)))
        fail_msg("it is %.*s: %.*s", STR_ARG(got), STR_ARG(why));
    json_decref(v);
}

// ---- real payloads ----

static str file_of(arena *a, const char *dir, const char *name) {
    err e = {0};
    str body;
    assert_ok(world_real()->read_file(world_real(), a, text("%s/channels/%s", dir, name), 1 << 20, &body, &e), e);
    return body;
}

// The files of Stripe share one delivery id, which is nobody's else.
static str with_own_id(arena *a, str body, int i) {
    static const char shared[] = "evt_00000000000000";
    char *p = str_z(a, body), *at = strstr(p, shared);
    if (at) at[sizeof shared - 2] = (char)('a' + i);
    return (str){p, body.len};
}

// What the same file gives when it is imported.
typedef struct {
    str keys[64];
    size_t n;
    arena *a;
} expected;

static bool on_row(void *ctx, const heard *h, err *e) {
    expected *x = ctx;
    (void)e;
    for (int i = 0; i < h->n; i++) {
        bool known = false;
        for (size_t k = 0; k < x->n; k++) known |= str_eq(x->keys[k], h->events[i].ext);
        if (!known) x->keys[x->n++] = str_dup(x->a, h->events[i].ext);
    }
    return true;
}

static void real_payloads_become_the_events_that_their_files_do(void **state) {
    static const struct {
        const char *source, *scheme, *file;
    } cases[] = {{"stripe", "stripe", "stripe/webhook/charge.succeeded.json"},
                 {"stripe", "stripe", "stripe/webhook/charge.dispute.created.json"},
                 {"stripe", "stripe", "stripe/webhook/customer.subscription.created.json"},
                 {"stripe", "stripe", "stripe/webhook/invoice.payment_succeeded.json"},
                 {"stripe", "stripe", "stripe/webhook/payout.paid.json"},
                 {"zendesk", "zendesk", "zendesk/webhook/ticket.status_changed.json"},
                 {"zendesk", "zendesk", "zendesk/webhook/user.created.json"},
                 {"typeform", "typeform", "survey/typeform/webhook-form_response.json"},
                 {"intercom", "intercom", "intercom/webhook/conversation_user_created.json"}};
    arena a = arena_open(8 << 20);
    expected all = {.a = &a};
    (void)state;
    test_need_data(dir);
    set_up("stripe", "stripe", "whsec_s");
    set_up("zendesk", "zendesk", "zs");
    set_up("typeform", "typeform", "ts");
    set_up("intercom", "intercom", "is");
    for (size_t i = 0; i < COUNT(cases); i++) {
        err e = {0};
        str body = with_own_id(&a, file_of(&a, dir, cases[i].file), (int)i);
        const char *secret = cases[i].source[0] == 's' ? "whsec_s" : text("%cs", cases[i].source[0]);
        must(send_signed(cases[i].source, cases[i].scheme, secret, body, NULL, 0), 200);
        sink to = {.row = on_row, .ctx = &all};
        assert_ok(listen_file(&a, text("%s/channels/%s", dir, cases[i].file), &(listen_opts){0}, NULL, &to, &e), e);
    }
    assert_int_equal(count(Q_raw_waiting), COUNT(cases));
    assert_int_equal(count(Q_event_count), 0);
    read_all();
    assert_int_equal(count(Q_raw_waiting), 0);
    assert_int_equal(quarantined(0), 0);
    // identify events are added for identifiers that are seen first; what was said must be there in any case
    assert_true(count(Q_event_count) >= (int64_t)all.n && all.n >= 9);
    newest_is("read", "");
    // Read again, all of it: nothing is new.
    uint64_t before = portrait();
    must(
        serve_ask(&r, "POST", "/api/raw/replay", "{\"source\":\"stripe\",\"since\":\"2020-01-01T00:00:00Z\"}", "owner"),
        202);
    assert_int_equal(count(Q_raw_waiting), 5);
    read_all();
    assert_int_equal(count(Q_raw_waiting), 0);
    assert_true(portrait() == before);
    arena_close(&a);
}

// ---- once, in any order ----

static str order_json(arena *a, const char *updated, const char *price) {
    return str_fmt(a,
                   "{\"id\":1001,\"admin_graphql_api_id\":\"gid://shopify/Order/1001\",\"email\":\"jon@example.com\","
                   "\"created_at\":\"2026-11-01T10:00:00Z\",\"updated_at\":\"%s\",\"total_price\":\"%s\","
                   "\"currency\":\"EUR\",\"financial_status\":\"paid\"}",
                   updated, price);
}

static void send_order(const char *id, str body) {
    const pair more[] = {{S("x-shopify-topic"), S("orders/updated")},
                         {S("x-shopify-shop-domain"), S("acme.myshopify.com")},
                         {S("x-shopify-api-version"), S("2026-01")},
                         {S("x-shopify-webhook-id"), str_c(id)}};
    must(send_signed("shop", "shopify", "hush", body, more, 4), 200);
}

static void the_newest_version_stands_whatever_came_first(void **state) {
    arena a = arena_open(1 << 20);
    str versions[3];
    uint64_t seen = 0;
    (void)state;
    static const int orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    for (int i = 0; i < 6; i++) {
        serve_close(&r);
        serve_open(&r, NULL);
        set_up("shop", "shopify", "hush");
        versions[0] = order_json(&a, "2026-11-01T10:00:00Z", "10.00");
        versions[1] = order_json(&a, "2026-11-01T11:00:00Z", "20.00");
        versions[2] = order_json(&a, "2026-11-01T12:00:00Z", "15.00");
        for (int k = 0; k < 3; k++) {
            send_order(text("w%d", orders[i][k]), versions[orders[i][k]]);
            if (i % 2) read_all(); // one by one, and all together
        }
        read_all();
        uint64_t now = portrait();
        if (seen && now != seen) fail_msg("order %d gives another ledger", i);
        seen = now;
    }
    serve_ask(&r, "GET", "/api/raw", "", "owner");
    arena_close(&a);
}

static void a_delivery_that_comes_again_is_stored_once(void **state) {
    arena a = arena_open(1 << 20);
    str body = order_json(&a, "2026-11-01T10:00:00Z", "10.00");
    (void)state;
    set_up("shop", "shopify", "hush");
    send_order("w1", body);
    send_order("w1", body);
    assert_int_equal(count(Q_raw_waiting), 1);
    read_all();
    int64_t events = count(Q_event_count);
    send_order("w1", body);
    assert_int_equal(count(Q_raw_waiting), 0);
    send_order("w2", body); // another delivery of the same fact
    assert_int_equal(count(Q_raw_waiting), 1);
    read_all();
    assert_int_equal(count(Q_event_count), events);
    arena_close(&a);
}

// ---- what is not understood ----

static void what_is_not_understood_is_kept_and_read_when_it_can_be(void **state) {
    arena a = arena_open(1 << 20);
    (void)state;
    set_up("shop", "stripe", "hush"); // the wrong sender
    must(send_signed("shop", "stripe", "hush", order_json(&a, "2026-11-01T10:00:00Z", "10.00"), NULL, 0), 200);
    read_all();
    newest_is("refused", "this is no object of Stripe");
    assert_int_equal(quarantined(0), 1);
    assert_int_equal(count(Q_event_count), 0);

    must(serve_ask(&r, "POST", "/api/raw/replay", "{\"source\":\"shop\",\"since\":\"2020-01-01T00:00:00Z\"}", "owner"),
         202);
    read_all();
    newest_is("refused", "this is no object of Stripe");
    assert_int_equal(quarantined(0), 1); // not twice

    const pair match = {S("If-Match"), S("*")};
    who owner = serve_as("owner");
    must(serve_ask_as(&r, "PUT", "/api/hooks/shop", &match, 1, S("{\"scheme\":\"shopify\"}"), &owner), 200);
    must(serve_ask(&r, "POST", "/api/raw/replay",
                   "{\"source\":\"shop\",\"since\":\"2020-01-01T00:00:00Z\",\"state\":\"refused\"}", "owner"),
         202);
    read_all();
    newest_is("read", "");
    assert_int_equal(quarantined(0), 0);
    assert_int_equal(quarantined(1), 1);
    assert_true(count(Q_event_count) > 0);
    arena_close(&a);
}

static void send_token(str body, const char *type) {
    const pair h[] = {{S("X-Heed-Token"), S("open sesame")}, {S("content-type"), str_c(type)}};
    must(serve_send(&r, "POST", "/hooks/desk", h, 2, body), 200);
}

#define EVENT "{\"kind\":\"usage\",\"at\":\"2026-01-02T03:04:05Z\",\"ext\":\"%s\",\"ids\":{\"user_id\":\"7\"}}"

static void bodies_of_every_form_are_read_or_refused_with_a_reason(void **state) {
    (void)state;
    set_up("desk", "token", "open sesame");
    send_token(str_c(text(EVENT, "a")), "application/json");
    read_all();
    newest_is("read", "");
    send_token(str_c(text("[" EVENT "," EVENT "]", "b", "c")), "application/json");
    read_all();
    newest_is("read", "");
    send_token(S("payload=%7B%22kind%22%3A%22usage%22%2C%22at%22%3A%222026-01-02T03%3A04%3A05Z%22%2C%22ext%22%3A%22d%"
                 "22%2C%22ids%22%3A%7B%22user_id%22%3A%227%22%7D%7D"),
               "application/x-www-form-urlencoded");
    read_all();
    newest_is("read", "");
    int64_t events = count(Q_event_count);
    assert_true(events >= 4);
    static const char *const odd[] = {"", "no JSON", "{", "{\"hello\":1}", "a,b\n1,2\n", "\xff\xfe\x00", "[]", "null"};
    for (size_t i = 0; i < COUNT(odd); i++) {
        send_token(str_c(odd[i]), "application/json");
        read_all();
        must(serve_ask(&r, "GET", "/api/raw?limit=1", "", "owner"), 200);
        json_t *v = serve_json(&r);
        if (!json_at(v, "items.0.reason").len && str_eq(json_at(v, "items.0.state"), S("refused")))
            fail_msg("\"%s\" was refused without a reason", odd[i]);
        if (str_eq(json_at(v, "items.0.state"), S("waiting"))) fail_msg("\"%s\" waits for ever", odd[i]);
        json_decref(v);
    }
    assert_int_equal(count(Q_event_count), events);
}

static void many_events_in_one_body_are_stored_in_several_batches(void **state) {
    enum { N = 30000 };
    arena a = arena_open(64 << 20);
    buf b = buf_new(&a, 32 << 20);
    (void)state;
    set_up("desk", "token", "open sesame");
    buf_addc(&b, '[');
    for (int i = 0; i < N; i++) buf_fmt(&b, "%s" EVENT, i ? "," : "", text("e%d", i));
    buf_addc(&b, ']');
    send_token(buf_str(&b), "application/json");
    read_all();
    newest_is("read", "");
    assert_true(count(Q_event_count) >= N);
    arena_close(&a);
}

// ---- what shops ask of personal data ----

static void send_topic(const char *topic, const char *id, const char *body) {
    const pair more[] = {{S("x-shopify-topic"), str_c(topic)},
                         {S("x-shopify-shop-domain"), S("acme.myshopify.com")},
                         {S("x-shopify-api-version"), S("2026-01")},
                         {S("x-shopify-webhook-id"), str_c(id)}};
    must(send_signed("shop", "shopify", "hush", str_c(body), more, 4), 200);
    read_all();
}

// Bodies from signatures/shopify.json.
static void requests_of_a_shop_become_requests(void **state) {
    (void)state;
    set_up("shop", "shopify", "hush");
    send_topic("customers/redact", "w1",
               "{\"shop_id\":954889,\"shop_domain\":\"cf-dev.myshopify.com\",\"customer\":{\"id\":191167,\"email\":"
               "\"john@example.com\",\"phone\":\"555-625-1199\"},\"orders_to_redact\":[299938]}");
    newest_is("read", "a request about personal data");
    send_topic("customers/data_request", "w2",
               "{\"shop_id\":954889,\"customer\":{\"id\":191168,\"email\":\"jane@example.com\"},\"data_request\":{"
               "\"id\":9999}}");
    newest_is("read", "a request about personal data");
    send_topic("shop/redact", "w3", "{\"shop_id\":954889,\"shop_domain\":\"cf-dev.myshopify.com\"}");
    newest_is("refused", "the shop has removed the app");
    send_topic("customers/redact", "w4", "{\"shop_id\":954889,\"customer\":{}}");
    newest_is("refused", "does not say of whom");
    must(serve_ask(&r, "POST", "/api/raw/replay", "{\"source\":\"shop\",\"since\":\"2020-01-01T00:00:00Z\"}", "owner"),
         202);
    read_all(); // again, and no request twice
    must(serve_ask(&r, "GET", "/api/privacy/requests", "", "owner"), 200);
    json_t *v = serve_json(&r);
    assert_int_equal(json_array_size(json_object_get(v, "items")), 2);
    assert_str(json_at(v, "items.0.kind"), S("access"));
    assert_str(json_at(v, "items.1.kind"), S("erasure"));
    assert_str(json_at(v, "items.1.origin"), S("shopify"));
    json_decref(v);
}

// ---- when reading it ends the program ----

static bool begin_thrice(void *ctx, desk *d, err *e) {
    bool ok = true;
    for (int i = 0; i < 3; i++) ok = ok && store_run(d->s, Q_raw_begin, NULL, e, "i", *(int64_t *)ctx);
    return ok;
}

static void a_payload_that_ends_the_program_is_put_aside(void **state) {
    err e = {0};
    int64_t id = 0;
    (void)state;
    set_up("desk", "token", "open sesame");
    send_token(str_c(text(EVENT, "a")), "application/json");
    must(serve_ask(&r, "GET", "/api/raw", "", "owner"), 200);
    json_t *v = serve_json(&r);
    id = json_integer_value(json_find(v, "items.0.id"));
    json_decref(v);
    assert_ok(writer_do(server_writer(r.sv), begin_thrice, &id, &e), e);
    send_token(str_c(text(EVENT, "b")), "application/json");
    read_all();
    newest_is("read", ""); // the one after it
    must(serve_ask(&r, "GET", text("/api/raw/%" PRId64, id), "", "owner"), 200);
    v = serve_json(&r);
    assert_str(json_at(v, "state"), S("refused"));
    assert_true(str_has(json_at(v, "reason"), S("ended the program")));
    json_decref(v);
    // A person may try again.
    must(serve_ask(&r, "POST", text("/api/raw/%" PRId64 "/replay", id), "", "owner"), 202);
    read_all();
    must(serve_ask(&r, "GET", text("/api/raw/%" PRId64, id), "", "owner"), 200);
    v = serve_json(&r);
    assert_str(json_at(v, "state"), S("read"));
    json_decref(v);
}

// ---- at rest and at work ----

static void no_secret_is_kept_with_what_came(void **state) {
    (void)state;
    set_up("desk", "token", "open sesame");
    const pair h[] = {{S("Authorization"), S("Bearer open sesame")},
                      {S("Cookie"), S("a=open sesame")},
                      {S("X-Api-Key"), S("open sesame")},
                      {S("X-Telegram-Bot-Api-Secret-Token"), S("open sesame")},
                      {S("X-Event"), S("made")},
                      {S("content-type"), S("application/json")}};
    must(serve_send(&r, "POST", "/hooks/desk", h, COUNT(h), S("{}")), 200);
    must(serve_ask(&r, "GET", "/api/raw", "", "owner"), 200);
    json_t *v = serve_json(&r);
    int64_t id = json_integer_value(json_find(v, "items.0.id"));
    json_decref(v);
    const response *x = serve_ask(&r, "GET", text("/api/raw/%" PRId64, id), "", "owner");
    must(x, 200);
    assert_false(str_has(x->body, S("sesame")));
    assert_true(str_has(x->body, S("\"x-event\":\"made\"")));
}

static void a_server_at_work_reads_by_itself_and_what_waited_when_it_starts(void **state) {
    err e = {0};
    (void)state;
    set_up("desk", "token", "open sesame");
    send_token(str_c(text(EVENT, "before")), "application/json");
    assert_int_equal(count(Q_raw_waiting), 1);
    server_close(r.sv);
    server_opts o = {.where = r.where, .create = true, .w = &r.w, .origin = S("https://heed.example"), .work = true};
    o.log.least = LOG_ERROR;
    assert_ok(server_open(&r.sv, o, &e), e);
    await(!count(Q_raw_waiting));
    int64_t events = count(Q_event_count);
    assert_true(events > 0);
    for (int k = 0; k < 50; k++) send_token(str_c(text(EVENT, text("k%d", k))), "application/json");
    await(!count(Q_raw_waiting));
    assert_int_equal(count(Q_event_count), events + 50);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define CASE(f) cmocka_unit_test_setup_teardown(f, open_rig, close_rig)
        CASE(real_payloads_become_the_events_that_their_files_do),
        CASE(the_newest_version_stands_whatever_came_first),
        CASE(a_delivery_that_comes_again_is_stored_once),
        CASE(what_is_not_understood_is_kept_and_read_when_it_can_be),
        CASE(bodies_of_every_form_are_read_or_refused_with_a_reason),
        CASE(many_events_in_one_body_are_stored_in_several_batches),
        CASE(requests_of_a_shop_become_requests),
        CASE(a_payload_that_ends_the_program_is_put_aside),
        CASE(no_secret_is_kept_with_what_came),
        CASE(a_server_at_work_reads_by_itself_and_what_waited_when_it_starts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
