// Messages to others: who is told of what, how they are signed, and what happens when nobody takes them.
// clang-format off
#include "receiver.h"
// clang-format on

#include "base/civil.h"
#include "jobs/outgoing.h"
#include "jobs/raw.h"
#include "know/erase.h"
#include "listen/signature.h"
#include "sql/know.h"

static serve_rig r;
static receiver to;

// Other threads look at the clock meanwhile.
static void clock_to(int64_t us) {
    __atomic_store_n(&r.now, us, __ATOMIC_RELAXED);
}

static void open_server(bool allow_private) {
    err e = {0};
    server_opts o = {.where = r.where,
                     .create = true,
                     .w = &r.w,
                     .origin = S("https://heed.example"),
                     .allow_private = allow_private};
    o.log.least = LOG_ERROR;
    server_close(r.sv);
    assert_ok(server_open(&r.sv, o, &e), e);
}

static int open_rig(void **state) {
    (void)state;
    serve_open(&r, NULL);
    open_server(true);
    receiver_open(&to);
    return 0;
}

static int close_rig(void **state) {
    (void)state;
    serve_close(&r);
    receiver_close(&to);
    return 0;
}

static const char *text(const char *fmt, ...) {
    static char room[8][400];
    static int turn;
    char *p = room[turn++ % 8];
    va_list args;
    va_start(args, fmt);
    vsnprintf(p, sizeof room[0], fmt, args);
    va_end(args);
    return p;
}

static void must(const response *x, int status) {
    if (x->status != status) fail_msg("%d instead of %d: %.*s", x->status, status, STR_ARG(x->body));
}

// An answer's value; lives until the next few.
static const char *value_at(const char *path) {
    arena a = arena_open(1 << 16);
    json_t *v = serve_json(&r);
    const char *got = text("%.*s", STR_ARG(json_scalar(&a, json_find(v, path))));
    json_decref(v);
    arena_close(&a);
    return got;
}

static int64_t number_at(const char *path) {
    return strtoll(value_at(path), NULL, 10);
}

// An endpoint at the receiver; its number, and its secret into `secret` (size 100) unless NULL.
static int64_t endpoint_at(const char *types, char *secret) {
    const char *body = text("{\"url\":\"http://127.0.0.1:%d/in\",\"types\":%s}", to.port, types);
    must(serve_ask(&r, "POST", "/api/endpoints", body, "owner"), 201);
    if (secret) snprintf(secret, 100, "%s", value_at("secret"));
    return number_at("endpoint.id");
}

static const char *look(int64_t at, const char *path) {
    must(serve_ask(&r, "GET", text("/api/endpoints/%" PRId64, at), "", "owner"), 200);
    return value_at(path);
}

static const char *look_delivery(int64_t id, const char *path) {
    must(serve_ask(&r, "GET", text("/api/deliveries/%" PRId64, id), "", "owner"), 200);
    return value_at(path);
}

static int64_t newest_delivery(int64_t at) {
    must(serve_ask(&r, "GET", text("/api/endpoints/%" PRId64 "/deliveries?limit=1", at), "", "owner"), 200);
    return number_at("items.0.id");
}

static int64_t deliveries(int64_t at) {
    must(serve_ask(&r, "GET", text("/api/endpoints/%" PRId64 "/deliveries?limit=500", at), "", "owner"), 200);
    json_t *v = serve_json(&r);
    int64_t n = (int64_t)json_array_size(json_object_get(v, "items"));
    json_decref(v);
    return n;
}

static int64_t test_message(int64_t at) {
    must(serve_ask(&r, "POST", text("/api/endpoints/%" PRId64 "/test", at), "", "owner"), 202);
    return number_at("id");
}

static int64_t deliver(void) {
    err e = {0};
    int64_t n = 0;
    assert_ok(deliver_due(server_deliverer(r.sv), &n, &e), e);
    return n;
}

// ---- events ----

static void done(void *ctx, const err *e) {
    if (!err_ok(e)) fail_msg("%s", e->msg);
    __atomic_store_n((bool *)ctx, true, __ATOMIC_RELEASE);
}

static void store_events(const event *evs, size_t n) {
    err e = {0};
    bool ended = false;
    int32_t rows[64];
    for (size_t i = 0; i < n; i++) rows[i] = (int32_t)i;
    parcel p = {.source = S("shop"), .adapter = S("heed-events"), .channel = CHANNEL_shop, .done = done, .ctx = &ended};
    p.in = (intake){.events = evs, .row_of = rows, .n = n, .rows = (int64_t)n};
    assert_ok(writer_take(server_writer(r.sv), &p, &e), e);
    await(__atomic_load_n(&ended, __ATOMIC_ACQUIRE));
}

static event told(enum kind kind, const char *ext, int64_t at_us) {
    event ev = {.kind = kind, .channel = CHANNEL_reviews, .at_us = at_us, .ext = str_c(ext), .mood = MOOD_UNKNOWN};
    ev.ids[ev.n_ids++] = (ident){IDENT_user_id, S("7")};
    return ev;
}

static event review(const char *ext, int64_t at_us, const char *words) {
    event ev = told(KIND_review, ext, at_us);
    ev.value = 400, ev.has_value = true, ev.unit = INSTRUMENT_stars5;
    ev.text = str_c(words);
    return ev;
}

// ---- what is sent ----

static bool verifies(const heard_request *h, const char *secret) {
    arena a = arena_open(4 << 20);
    err e = {0};
    sent_header headers[] = {{S("webhook-id"), receiver_header(h, "webhook-id")},
                             {S("webhook-timestamp"), receiver_header(h, "webhook-timestamp")},
                             {S("webhook-signature"), receiver_header(h, "webhook-signature")}};
    sent q = {.headers = headers, .n_headers = 3, .body = {h->body, h->n_body}, .now_us = r.now};
    str s = str_c(secret);
    bool ok = signature_check(a, scheme_get(S("standard")), &q, &s, 1, &e);
    arena_close(&a);
    return ok;
}

static void a_message_says_what_happened_and_is_signed(void **state) {
    char secret[100];
    err e = {0};
    json_t *v;
    (void)state;
    endpoint_at("[]", secret);
    event ev = review("r1", r.now - HOUR_US, "Zoë says: \"fine\"");
    ev.name = S("Zoë");
    store_events(&ev, 1);
    assert_int_equal(deliver(), 1);
    assert_int_equal(to.n, 1);
    const heard_request *h = &to.heard[0];
    assert_true(str_starts(str_c(h->head), S("POST /in HTTP/1.1\r\n")));
    assert_str(receiver_header(h, "content-type"), S("application/json"));
    assert_true(verifies(h, secret));
    assert_false(verifies(h, "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"));
    assert_ok(json_read((str){h->body, h->n_body}, &v, &e), e);
    assert_str(json_at(v, "type"), S("feedback.received"));
    assert_str(json_at(v, "timestamp"), S("2026-11-02T00:00:00Z"));
    assert_str(json_at(v, "data.kind"), S("review"));
    assert_str(json_at(v, "data.at"), S("2026-11-01T23:00:00Z"));
    assert_str(json_at(v, "data.source"), S("shop"));
    assert_str(json_at(v, "data.text"), S("Zoë says: \"fine\""));
    assert_str(json_at(v, "data.name"), S("Zoë"));
    assert_true(json_number_value(json_find(v, "data.score.value")) == 4);
    assert_str(json_at(v, "data.score.scale"), S("stars5"));
    assert_true(json_integer_value(json_find(v, "data.customer")) > 0);
    json_decref(v);
    assert_int_equal(deliver(), 0);
}

// Every example of data is what its shape promises.
static void each_message_has_the_shape_that_is_promised(void **state) {
    int64_t id;
    size_t n;
    (void)state;
    const message_row *all = message_rows(&n);
    for (size_t i = 0; i < n; i++) {
        shape s;
        if (!shape_get(str_c(all[i].shape), &s)) fail_msg("%s: no shape %s", all[i].type, all[i].shape);
    }
    id = endpoint_at("[]", NULL);
    event evs[] = {review("r1", r.now, "good"), told(KIND_complaint, "c1", r.now), told(KIND_message_in, "m1", r.now),
                   told(KIND_order, "o1", r.now), told(KIND_contract_end, "e1", r.now)};
    evs[2].thread = S("t1"), evs[4].thread = S("s1");
    evs[3].value = 1200, evs[3].has_value = true, evs[3].unit = 978;
    store_events(evs, COUNT(evs));
    test_message(id);
    assert_int_equal(deliver(), 6);
    for (int i = 0; i < to.n; i++) {
        err e = {0};
        char field[64];
        json_t *v;
        assert_ok(json_read((str){to.heard[i].body, to.heard[i].n_body}, &v, &e), e);
        const char *name = all[message_of(json_at(v, "type"))].shape;
        assert_ok(shape_check(str_c(name), json_find(v, "data"), field, &e), e);
        json_decref(v);
    }
}

static void only_those_who_want_it_are_told(void **state) {
    (void)state;
    int64_t orders = endpoint_at("[\"order.received\"]", NULL), words = endpoint_at("[\"feedback.received\"]", NULL),
            all = endpoint_at("[]", NULL), off = endpoint_at("[]", NULL);
    must(serve_ask(&r, "POST", text("/api/endpoints/%" PRId64 "/pause", off), "", "owner"), 200);
    event ev = review("r1", r.now, "good");
    store_events(&ev, 1);
    assert_int_equal(deliveries(orders), 0);
    assert_int_equal(deliveries(words), 1);
    assert_int_equal(deliveries(all), 1);
    assert_int_equal(deliveries(off), 0);
    const pair match = {S("If-Match"), S("*")};
    who owner = serve_as("owner");
    must(serve_ask_as(&r, "PATCH", text("/api/endpoints/%" PRId64, orders), &match, 1,
                      S("{\"types\":[\"feedback.received\",\"order.received\"]}"), &owner),
         200);
    event two = review("r2", r.now, "good");
    store_events(&two, 1);
    assert_int_equal(deliveries(orders), 1);
    assert_int_equal(deliver(), 5);
}

static void what_is_old_or_another_version_is_no_news(void **state) {
    (void)state;
    int64_t id = endpoint_at("[]", NULL);
    event old = review("r0", r.now - 30 * DAY_US, "last month");
    store_events(&old, 1);
    assert_int_equal(deliveries(id), 0);
    event first = review("r1", r.now, "good"), second = first;
    store_events(&first, 1);
    assert_int_equal(deliveries(id), 1);
    store_events(&first, 1);
    second.text = S("very good"), second.edited_us = r.now + SECOND_US;
    store_events(&second, 1);
    assert_int_equal(deliveries(id), 1);
}

static void long_words_are_cut_so_that_a_message_stays_small(void **state) {
    (void)state;
    arena a = arena_open(1 << 20);
    buf b = buf_new(&a, 1 << 19);
    while (b.len < 100000) buf_add(&b, S("\xF0\x9F\x98\x80\x01"));
    endpoint_at("[]", NULL);
    event ev = review("r1", r.now, "");
    ev.text = buf_str(&b);
    store_events(&ev, 1);
    assert_int_equal(deliver(), 1);
    assert_true(to.heard[0].n_body <= 20480 && to.heard[0].n_body > 5000);
    json_t *v;
    err e = {0};
    assert_ok(json_read((str){to.heard[0].body, to.heard[0].n_body}, &v, &e), e);
    assert_true(json_is_true(json_find(v, "data.cut")));
    json_decref(v);
    arena_close(&a);
}

static bool tell_and_fail(void *ctx, desk *d, err *e) {
    (void)ctx;
    if (!outgoing_tell(server_outgoing(r.sv), d, MESSAGE_imported, 0, S("{\"import\":1}"), e)) return false;
    return fail(e, ERR_conflict, "undone");
}

static bool tell_it(void *ctx, desk *d, err *e) {
    (void)ctx;
    return outgoing_tell(server_outgoing(r.sv), d, MESSAGE_imported, 0, S("{\"import\":1}"), e);
}

static void what_did_not_happen_is_not_told(void **state) {
    (void)state;
    err e = {0};
    int64_t id = endpoint_at("[]", NULL);
    assert_false(writer_do(server_writer(r.sv), tell_and_fail, NULL, &e));
    assert_int_equal(deliveries(id), 0);
    err_clear(&e);
    assert_ok(writer_do(server_writer(r.sv), tell_it, NULL, &e), e);
    assert_int_equal(deliveries(id), 1);
}

// ---- what is told beside events ----

typedef struct {
    int64_t customer, profile, other;
} people;

static bool split_them(void *ctx, desk *d, err *e) {
    const people *p = ctx;
    return know_split(d->k, p->customer, p->profile, S("account:1"), e);
}

static bool join_them(void *ctx, desk *d, err *e) {
    const people *p = ctx;
    return know_join(d->k, p->profile, p->other, S("account:1"), e);
}

static void newest_tells(int64_t at, const char *type, const char *path, const char *value) {
    int64_t id = newest_delivery(at);
    assert_string_equal(look_delivery(id, "delivery.type"), type);
    if (strcmp(look_delivery(id, path), value)) fail_msg("%s is %s", path, look_delivery(id, path));
}

static void a_verdict_of_a_colleague_is_told(void **state) {
    err e = {0};
    people p = {0};
    (void)state;
    int64_t at = endpoint_at("[\"customer.split\",\"customer.joined\"]", NULL);
    event one = review("r1", r.now, "good"), two = review("r2", r.now, "bad");
    one.ids[one.n_ids++] = (ident){IDENT_email, S("ada@example.com")};
    two.ids[0] = (ident){IDENT_email, S("ada@example.com")};
    two.ids[two.n_ids++] = (ident){IDENT_phone, S("+4930123456")};
    store_events(&one, 1);
    store_events(&two, 1);
    store *s = server_reader_take(r.sv, &e);
    for (row q = store_query(s, Q_profile_some, &e, "t", S("[1,2,3,4,5,6,7,8,9,10]")); row_next(&q);)
        p.other = p.profile ? p.profile : row_int(&q, 0), p.profile = row_int(&q, 0), p.customer = row_int(&q, 1);
    server_reader_give(r.sv, s);
    assert_true(p.profile && p.other != p.profile);
    assert_ok(writer_alone(server_writer(r.sv), split_them, &p, &e), e);
    newest_tells(at, "customer.split", "body.data.by", "account:1");
    assert_string_not_equal(look_delivery(newest_delivery(at), "body.data.customers.1"), "");
    assert_ok(writer_alone(server_writer(r.sv), join_them, &p, &e), e);
    newest_tells(at, "customer.joined", "body.data.by", "account:1");
    assert_string_equal(look_delivery(newest_delivery(at), "body.data.customers.1"), "");
    assert_int_equal(deliveries(at), 2);
}

static void the_end_of_an_import_is_told(void **state) {
    err e = {0};
    char field[64];
    arena life = arena_open(8 << 20);
    event evs[] = {review("r1", r.now - 90 * DAY_US, "good"), review("r2", r.now - 90 * DAY_US, "bad")};
    int32_t rows[] = {0, 1};
    bad_row bad = {.file = S("reviews.csv"),
                   .field = S("date"),
                   .reason = S("no time"),
                   .header = S(""),
                   .raw = S("x"),
                   .line = 3};
    pump_batch b = {.source = S("reviews"),
                    .channel = CHANNEL_reviews,
                    .events = evs,
                    .row_of = rows,
                    .n = 2,
                    .rows = 2,
                    .bad = &bad,
                    .n_bad = 1};
    take t = {.life = &life,
              .w = server_writer(r.sv),
              .name = S("reviews.csv"),
              .adapter = S("generic-csv"),
              .mapping = S("{}")};
    (void)state;
    int64_t at = endpoint_at("[]", NULL);
    assert_ok(take_batch(&t, &b, &e) && take_end(&t, &e), e);
    newest_tells(at, "import.finished", "body.data.added", "2");
    newest_tells(at, "import.finished", "body.data.rejected", "1");
    newest_tells(at, "import.finished", "body.data.name", "reviews.csv");
    must(serve_ask(&r, "GET", text("/api/deliveries/%" PRId64, newest_delivery(at)), "", "owner"), 200);
    json_t *v = serve_json(&r);
    assert_ok(shape_check(S("told_import"), json_find(v, "body.data"), field, &e), e);
    json_decref(v);
    assert_int_equal(deliveries(at), 1); // not what happened last season
    arena_close(&life);
}

static void what_is_not_understood_is_told_once(void **state) {
    err e = {0};
    char field[64];
    const pair h[] = {{S("X-Heed-Token"), S("open sesame")}, {S("content-type"), S("application/json")}};
    (void)state;
    int64_t at = endpoint_at("[]", NULL);
    must(serve_ask(&r, "PUT", "/api/hooks/desk", "{\"scheme\":\"token\"}", "owner"), 201);
    must(serve_ask(&r, "POST", "/api/hooks/desk/secrets", "{\"secret\":\"open sesame\"}", "owner"), 201);
    for (int i = 0; i < 3; i++) must(serve_send(&r, "POST", "/hooks/desk", h, 2, S("{\"hello\":1}")), 200);
    assert_ok(raw_work(server_raw(r.sv), &e), e);
    newest_tells(at, "quarantine.grew", "body.data.rows", "3");
    newest_tells(at, "quarantine.grew", "body.data.source", "desk");
    json_t *v = serve_json(&r);
    assert_ok(shape_check(S("told_refused"), json_find(v, "body.data"), field, &e), e);
    json_decref(v);
    must(serve_ask(&r, "POST", "/api/raw/replay", "{\"source\":\"desk\",\"since\":\"2020-01-01T00:00:00Z\"}", "owner"),
         202);
    assert_ok(raw_work(server_raw(r.sv), &e), e);
    assert_int_equal(deliveries(at), 1);
}

static bool erase_it(void *ctx, desk *d, err *e) {
    erased out;
    return know_erase(d->k, &(erase_ask){.customer = *(int64_t *)ctx}, &out, e);
}

static void what_was_told_of_a_person_is_forgotten_with_them(void **state) {
    err e = {0};
    (void)state;
    int64_t at = endpoint_at("[]", NULL);
    event mine = review("r1", r.now, "words without a name"), other = review("r2", r.now, "of somebody else");
    mine.ids[0] = (ident){IDENT_user_id, S("number-4711")};
    other.ids[0] = (ident){IDENT_user_id, S("number-4712")};
    store_events(&mine, 1);
    int64_t customer = strtoll(look_delivery(newest_delivery(at), "body.data.customer"), NULL, 10);
    store_events(&other, 1);
    test_message(at);
    deliver();
    assert_int_equal(deliveries(at), 3);
    assert_ok(writer_alone(server_writer(r.sv), erase_it, &customer, &e), e);
    assert_int_equal(deliveries(at), 2);
    assert_string_equal(look_delivery(newest_delivery(at), "delivery.type"), "webhook.test");
}

// ---- when it is not taken ----

static void a_message_is_tried_by_the_schedule_and_then_given_up(void **state) {
    // Standard Webhooks 1.0.0, "Retry schedule": the time since the try before.
    static const int64_t pauses[] = {0, 5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400};
    (void)state;
    to.always = "HTTP/1.1 500 No\r\nContent-Length: 5\r\nConnection: close\r\n\r\nsorry";
    int64_t at = endpoint_at("[]", NULL), id = test_message(at);
    for (size_t i = 0; i < COUNT(pauses); i++) {
        int64_t before = r.now, next = 0;
        if (i) {
            const char *when = look_delivery(id, "delivery.next");
            assert_true(time_parse(str_c(when), NULL, 0, &next));
            int64_t pause = next - before;
            if (pause < pauses[i] * SECOND_US * 9 / 10 - SECOND_US ||
                pause > pauses[i] * SECOND_US * 11 / 10 + SECOND_US)
                fail_msg("try %zu after %" PRId64 " s", i + 1, pause / SECOND_US);
            clock_to(next - SECOND_US);
            assert_int_equal(deliver(), 0); // not yet
            clock_to(next + SECOND_US);
        }
        assert_int_equal(deliver(), 1);
        assert_int_equal(to.n, (int)i + 1);
        assert_str(receiver_header(&to.heard[i], "webhook-id"), receiver_header(&to.heard[0], "webhook-id"));
        int64_t stamp = 0;
        assert_true(str_i64(receiver_header(&to.heard[i], "webhook-timestamp"), &stamp));
        assert_int_equal(stamp, r.now / SECOND_US);
    }
    assert_string_equal(look_delivery(id, "delivery.state"), "given up");
    assert_string_equal(look_delivery(id, "tries.9.status"), "500");
    assert_string_equal(look_delivery(id, "tries.9.reply"), "sorry");
    assert_string_not_equal(look(at, "failing"), "");
    clock_to(r.now + 30 * DAY_US);
    assert_int_equal(deliver(), 0);
    // A person may try it once more.
    to.always = NULL;
    must(serve_ask(&r, "POST", text("/api/deliveries/%" PRId64 "/replay", id), "", "owner"), 202);
    assert_int_equal(deliver(), 1);
    assert_string_equal(look_delivery(id, "delivery.state"), "delivered");
    assert_string_equal(look(at, "failing"), "");
}

static void only_2xx_is_taken_and_redirects_are_not_followed(void **state) {
    static const char *const answers[] = {
        "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 304 Same\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 400 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 500 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        "no HTTP at all",
    };
    (void)state;
    int64_t at = endpoint_at("[]", NULL);
    for (size_t i = 0; i < COUNT(answers); i++) {
        to.always = answers[i];
        int64_t id = test_message(at);
        assert_int_equal(deliver(), 1);
        assert_string_equal(look_delivery(id, "delivery.state"), "waiting");
        assert_int_equal(to.n, (int)i + 1); // and nobody asked for /elsewhere
    }
    to.always = "HTTP/1.1 204 Yes\r\nConnection: close\r\n\r\n";
    int64_t id = test_message(at);
    deliver();
    assert_string_equal(look_delivery(id, "delivery.state"), "delivered");
}

static void gone_turns_an_endpoint_off(void **state) {
    (void)state;
    to.always = "HTTP/1.1 410 Gone\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    int64_t at = endpoint_at("[]", NULL), first = test_message(at), second = test_message(at);
    assert_int_equal(deliver(), 1);
    assert_string_equal(look(at, "state"), "failed");
    assert_string_equal(look_delivery(first, "delivery.state"), "given up");
    assert_string_equal(look_delivery(second, "delivery.state"), "waiting");
    must(serve_ask(&r, "GET", "/api/audit?action=endpoint.disabled", "", "owner"), 200);
    assert_string_equal(value_at("items.0.who"), "system");
    // It is on again when a person says so, and what waited goes out.
    to.always = NULL;
    must(serve_ask(&r, "POST", text("/api/endpoints/%" PRId64 "/resume", at), "", "owner"), 200);
    assert_int_equal(deliver(), 1);
    assert_string_equal(look_delivery(second, "delivery.state"), "delivered");
    must(serve_ask(&r, "POST", text("/api/endpoints/%" PRId64 "/replay", at), "{\"since\":\"2026-11-01T00:00:00Z\"}",
                   "owner"),
         202);
    assert_int_equal(number_at("count"), 1);
    assert_int_equal(deliver(), 1);
    assert_string_equal(look_delivery(first, "delivery.state"), "delivered");
}

static void who_asks_for_time_gets_it(void **state) {
    static const char *const answers[] = {
        "HTTP/1.1 429 Slow\r\nRetry-After: 600\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 503 Later\r\nRetry-After: Mon, 02 Nov 2026 00:10:00 GMT\r\nContent-Length: 0\r\nConnection: "
        "close\r\n\r\n",
    };
    (void)state;
    for (int i = 0; i < 2; i++) {
        clock_to(RIG_NOW);
        to.always = answers[i];
        int64_t at = endpoint_at("[]", NULL), first = test_message(at), second = test_message(at);
        assert_int_equal(deliver(), 1); // the second one is held back too
        assert_string_equal(look_delivery(first, "delivery.next"), "2026-11-02T00:10:00Z");
        assert_string_equal(look_delivery(second, "delivery.next"), "2026-11-02T00:10:00Z");
        to.always = NULL;
        clock_to(r.now + 599 * SECOND_US);
        assert_int_equal(deliver(), 0);
        clock_to(r.now + SECOND_US);
        assert_int_equal(deliver(), 2);
    }
}

static void an_endpoint_that_fails_for_days_is_turned_off(void **state) {
    (void)state;
    to.always = "HTTP/1.1 500 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    int64_t at = endpoint_at("[]", NULL);
    for (int day = 0; day < 5; day++) {
        assert_string_equal(look(at, "state"), "on");
        test_message(at);
        deliver();
        clock_to(r.now + DAY_US + HOUR_US);
    }
    test_message(at);
    deliver();
    assert_string_equal(look(at, "state"), "failed");
    event ev = review("r1", r.now, "good");
    int64_t before = deliveries(at);
    store_events(&ev, 1);
    assert_int_equal(deliveries(at), before);
    assert_int_equal(deliver(), 0);
}

static void who_is_too_slow_has_not_taken_it(void **state) {
    (void)state;
    err e = {0};
    int64_t n = 0;
    to.wait_ms = 1500;
    int64_t at = endpoint_at("[]", NULL), id = test_message(at);
    deliverer *quick = deliver_open((deliver_opts){
        .where = r.where, .w = server_writer(r.sv), .out = server_outgoing(r.sv), .world = &r.w, .timeout_ms = 300});
    assert_ok(deliver_due(quick, &n, &e), e);
    deliver_close(quick);
    assert_int_equal(n, 1);
    assert_string_equal(look_delivery(id, "tries.0.status"), "0");
    assert_non_null(strstr(look_delivery(id, "tries.0.reply"), "timed out"));
    assert_string_equal(look_delivery(id, "delivery.state"), "waiting");
}

static void nothing_leads_into_our_own_network(void **state) {
    (void)state;
    open_server(false);
    must(serve_ask(&r, "POST", "/api/endpoints", "{\"url\":\"https://localhost/in\"}", "owner"), 201);
    int64_t at = number_at("endpoint.id"), id = test_message(at);
    assert_int_equal(deliver(), 1);
    assert_string_equal(look_delivery(id, "tries.0.status"), "0");
    assert_non_null(strstr(look_delivery(id, "tries.0.reply"), "private network"));
    must(serve_ask(&r, "POST", "/api/endpoints", text("{\"url\":\"http://127.0.0.1:%d/\"}", to.port), "owner"), 400);
    assert_int_equal(to.n, 0);
}

// ---- secrets ----

static void a_secret_is_changed_while_messages_go_on(void **state) {
    char old[100], new[100];
    (void)state;
    int64_t at = endpoint_at("[]", old);
    must(serve_ask(&r, "POST", text("/api/endpoints/%" PRId64 "/rotate", at), "", "owner"), 200);
    snprintf(new, sizeof new, "%s", value_at("secret"));
    test_message(at);
    deliver();
    assert_true(verifies(&to.heard[0], old) && verifies(&to.heard[0], new));
    clock_to(r.now + DAY_US);
    test_message(at);
    deliver();
    assert_true(!verifies(&to.heard[1], old) && verifies(&to.heard[1], new));
    must(serve_ask(&r, "GET", "/api/audit", "", "owner"), 200);
    assert_false(str_has(r.x.r.body, S("whsec_")));
}

// ---- several at once ----

static const char *busy(receiver *x, int i) {
    (void)x, (void)i;
    return "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
}

static const char *busy_then_watch(receiver *x, int i) {
    if (i == DELIVERY_PER_ENDPOINT) x->most_at_once = 0;
    return busy(x, i);
}

static void two_senders_never_make_the_same_try(void **state) {
    enum { N = 60 };
    err e = {0};
    (void)state;
    int64_t at = endpoint_at("[]", NULL), other = endpoint_at("[]", NULL);
    for (int i = 0; i < N / 2; i++) test_message(at), test_message(other);
    deliver_opts o = {.where = r.where, .w = server_writer(r.sv), .out = server_outgoing(r.sv), .world = &r.w};
    deliverer *one = deliver_open(o), *two = deliver_open(o);
    assert_ok(deliver_start(one, &e) && deliver_start(two, &e), e);
    await(receiver_count(&to) >= N);
    usleep(100000);
    deliver_stop(one), deliver_stop(two);
    assert_int_equal(to.n, N);
    for (int i = 0; i < N; i++)
        for (int k = 0; k < i; k++)
            assert_false(
                str_eq(receiver_header(&to.heard[i], "webhook-id"), receiver_header(&to.heard[k], "webhook-id")));
    assert_int_equal(deliver(), 0);
    deliver_close(one), deliver_close(two);
}

static void who_is_overloaded_gets_one_at_a_time(void **state) {
    enum { N = 24 };
    err e = {0};
    (void)state;
    to.script = busy_then_watch;
    to.wait_ms = 30;
    int64_t at = endpoint_at("[]", NULL);
    for (int i = 0; i < N; i++) test_message(at);
    deliverer *d = deliver_open(
        (deliver_opts){.where = r.where, .w = server_writer(r.sv), .out = server_outgoing(r.sv), .world = &r.w});
    assert_ok(deliver_start(d, &e), e);
    await(receiver_count(&to) >= N);
    deliver_stop(d);
    assert_true(to.most_at_once <= 2); // one, and the last of those that were under way
    deliver_close(d);
}

static void a_server_that_ends_breaks_off_what_is_under_way(void **state) {
    err e = {0};
    (void)state;
    to.wait_ms = 120000;
    int64_t at = endpoint_at("[]", NULL);
    test_message(at);
    deliverer *d = deliver_open(
        (deliver_opts){.where = r.where, .w = server_writer(r.sv), .out = server_outgoing(r.sv), .world = &r.w});
    assert_ok(deliver_start(d, &e), e);
    await(receiver_count(&to) == 1);
    time_t from = time(NULL);
    deliver_stop(d);
    assert_true(time(NULL) - from < 30);
    deliver_close(d);
    // Its lease over, it is tried again.
    receiver_wait(&to, 0);
    assert_int_equal(deliver(), 0);
    clock_to(r.now + 61 * SECOND_US);
    assert_int_equal(deliver(), 1);
    assert_int_equal(deliveries(at), 1);
    assert_string_equal(look_delivery(newest_delivery(at), "delivery.state"), "delivered");
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define CASE(f) cmocka_unit_test_setup_teardown(f, open_rig, close_rig)
        CASE(a_message_says_what_happened_and_is_signed),
        CASE(each_message_has_the_shape_that_is_promised),
        CASE(only_those_who_want_it_are_told),
        CASE(what_is_old_or_another_version_is_no_news),
        CASE(long_words_are_cut_so_that_a_message_stays_small),
        CASE(what_did_not_happen_is_not_told),
        CASE(a_verdict_of_a_colleague_is_told),
        CASE(the_end_of_an_import_is_told),
        CASE(what_is_not_understood_is_told_once),
        CASE(what_was_told_of_a_person_is_forgotten_with_them),
        CASE(a_message_is_tried_by_the_schedule_and_then_given_up),
        CASE(only_2xx_is_taken_and_redirects_are_not_followed),
        CASE(gone_turns_an_endpoint_off),
        CASE(who_asks_for_time_gets_it),
        CASE(an_endpoint_that_fails_for_days_is_turned_off),
        CASE(who_is_too_slow_has_not_taken_it),
        CASE(nothing_leads_into_our_own_network),
        CASE(a_secret_is_changed_while_messages_go_on),
        CASE(two_senders_never_make_the_same_try),
        CASE(who_is_overloaded_gets_one_at_a_time),
        CASE(a_server_that_ends_breaks_off_what_is_under_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
