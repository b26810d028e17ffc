// Two people at one item over the API: who answered first is seen by the other before anything goes out, what somebody
// writes is seen by the rest, an answer goes through the gate, what was done can be taken back, and an answer that
// comes back opens its item again.
#include "serve/asked.h"

#include "act/address.h"
#include "act/mail_setup.h"
#include "sql/act_outbox.h"
#include "sql/inbox.h"

typedef struct {
    serve_rig r;
    who ada, bo;
    int64_t item, customer;
    str path;
} desk_room;

static bool store_one(void *ctx, desk *d, err *e) {
    const event *ev = ctx;
    ledger *l = know_ledger(d->k);
    int64_t source, import;
    tally t;
    intake in = {.events = ev, .row_of = &(int32_t){0}, .n = 1, .rows = 1};
    return ledger_source(l, S("desk"), S("test"), CHANNEL_email, false, &source, e) &&
           ledger_import_begin(l, source, S("live"), S("{}"), &import, e) && ledger_write(l, import, &in, &t, e);
}

static void writes(serve_rig *r, int64_t ago_us, const char *ext, const char *text) {
    err e = {0};
    event ev = {.kind = KIND_message_in,
                .channel = CHANNEL_email,
                .at_us = r->now - ago_us,
                .ext = str_c(ext),
                .thread = S("T"),
                .text = str_c(text),
                .mood = MOOD_UNKNOWN,
                .ids = {{IDENT_email, S("zoe@example.org")}},
                .n_ids = 1};
    assert_ok(writer_alone(server_writer(r->sv), store_one, &ev, &e), e);
    serve_settle(r);
}

static void room_open(desk_room *m) {
    serve_open(&m->r, NULL);
    m->ada = serve_as("agent"), m->bo = serve_as("agent");
    m->bo.id = 2, m->bo.name = S("bo@example.com");
    writes(&m->r, DAY_US, "m1", "Where is my parcel?");
    json_t *v = get_json(&m->r, S("/api/inbox"));
    m->item = json_integer_value(json_find(v, "items.0.id"));
    m->customer = json_integer_value(json_find(v, "items.0.customer"));
    json_decref(v);
    assert_true(m->item > 0 && m->customer > 0);
    m->path = str_fmt(&m->r.life, "/api/inbox/%" PRId64, m->item);
}

// What somebody asks, by the version that they read (NULL: by none). The caller owns the answer.
static json_t *by(desk_room *m, const who *as, const char *method, const char *what, const char *tag, const char *body,
                  int status) {
    char path[200];
    pair match = {S("If-Match"), str_c(tag ? tag : "")};
    snprintf(path, sizeof path, "%.*s%s", STR_ARG(m->path), what);
    const response *got = serve_ask_as(&m->r, method, path, &match, tag ? 1 : 0, str_c(body), as);
    if (got->status != status) fail_msg("%s %s: %d %.*s", method, path, got->status, STR_ARG(got->body));
    return got->body.len ? serve_json(&m->r) : NULL;
}

static void done_by(desk_room *m, const who *as, const char *what, const char *tag, const char *body, int status) {
    json_decref(by(m, as, "POST", what, tag, body, status));
}

static const char *tag_read_by(desk_room *m, const who *as) {
    json_decref(by(m, as, "GET", "", NULL, "", 200));
    return str_z(&m->r.life, response_get(&m->r.x.r, "ETag"));
}

static void has(json_t *v, const char *path, const char *want) {
    arena a = arena_open(1 << 16);
    const json_t *x = json_find(v, path);
    str got = x ? json_scalar(&a, x) : S("(none)");
    if (!str_eq(got, str_c(want))) fail_msg("%s is %.*s, not %s", path, STR_ARG(got), want);
    arena_close(&a);
}

static void stands(desk_room *m, const char *state) {
    json_t *v = by(m, &m->ada, "GET", "", NULL, "", 200);
    has(v, "item.state", state);
    json_decref(v);
}

// ---- two people ----

static void who_answers_second_is_told_that_somebody_did(void **state) {
    desk_room m;
    (void)state;
    room_open(&m);
    const char *ada = tag_read_by(&m, &m.ada), *bo = tag_read_by(&m, &m.bo);
    assert_string_equal(ada, bo);
    done_by(&m, &m.bo, "/reply", NULL, "{\"words\":\"Today.\"}", 428);
    json_t *v = by(&m, &m.bo, "POST", "/reply", bo, "{\"words\":\"It left us today.\"}", 200);
    has(v, "sent", "queued");
    has(v, "item.state", "sending");
    json_decref(v);
    done_by(&m, &m.ada, "/reply", ada, "{\"words\":\"I shall look.\"}", 412);
    v = by(&m, &m.ada, "GET", "", NULL, "", 200); // what the other wrote stands there
    has(v, "sending.0.words", "It left us today.");
    json_decref(v);
    v = get_json(&m.r, S("/api/outbox"));
    assert_int_equal(json_array_size(json_object_get(v, "items")), 1);
    json_decref(v);
    done_by(&m, &m.ada, "/reply", tag_read_by(&m, &m.ada), "{\"words\":\"And it comes tomorrow.\"}", 200);
    serve_close(&m.r);
}

static void a_new_word_of_the_customer_is_a_new_version(void **state) {
    desk_room m;
    (void)state;
    room_open(&m);
    const char *ada = tag_read_by(&m, &m.ada);
    writes(&m.r, HOUR_US, "m2", "It came, thank you.");
    done_by(&m, &m.ada, "/reply", ada, "{\"words\":\"I shall look.\"}", 412);
    stands(&m, "unanswered");
    serve_close(&m.r);
}

static void a_draft_is_seen_by_the_others(void **state) {
    desk_room m;
    (void)state;
    room_open(&m);
    json_decref(by(&m, &m.bo, "PUT", "/draft", NULL, "{\"words\":\"It left\"}", 200));
    json_t *v = by(&m, &m.ada, "GET", "", NULL, "", 200);
    has(v, "drafts.0.words", "It left");
    has(v, "drafts.0.mine", "false");
    json_decref(v);
    v = by(&m, &m.bo, "GET", "", NULL, "", 200);
    has(v, "drafts.0.mine", "true");
    json_decref(v);
    serve_close(&m.r);
}

// ---- taking back ----

static void what_one_did_another_can_take_back(void **state) {
    desk_room m;
    char body[80];
    (void)state;
    room_open(&m);
    const char *before = tag_read_by(&m, &m.ada);
    static const char *const did[][3] = {{"/assign", "{\"to\":\"me\"}", "unanswered"},
                                         {"/later", "{\"until\":\"3d\"}", "later"},
                                         {"/done", "", "solved"}};
    for (size_t i = 0; i < COUNT(did); i++) {
        json_t *v = by(&m, &m.bo, "POST", did[i][0], NULL, did[i][1], 200);
        has(v, "item.state", did[i][2]);
        snprintf(body, sizeof body, "{\"step\":\"%s\"}", json_string_value(json_object_get(v, "undo")));
        json_decref(v);
        assert_string_not_equal(tag_read_by(&m, &m.ada), before);
        done_by(&m, &m.ada, "/undo", NULL, body, 200);
        assert_string_equal(tag_read_by(&m, &m.ada), before); // as if it had never been
        done_by(&m, &m.ada, "/undo", NULL, body, 404);
    }
    serve_close(&m.r);
}

// ---- the gate ----

static bool dead_address(void *ctx, desk *d, err *e) {
    ledger *l = know_ledger(d->k);
    return store_begin(ledger_store(l), e) && address_note(l, *(int64_t *)ctx, S("zoe@example.org"), ADDRESS_hard, e) &&
           ledger_commit(l, e);
}

static void what_the_gate_keeps_back_is_told_and_changes_nothing(void **state) {
    desk_room m;
    err e = {0};
    (void)state;
    room_open(&m);
    assert_ok(writer_alone(server_writer(m.r.sv), dead_address, &m.customer, &e), e);
    const char *tag = tag_read_by(&m, &m.bo);
    json_t *v = by(&m, &m.bo, "POST", "/reply", tag, "{\"words\":\"It left us today.\"}", 200);
    has(v, "sent", "kept_back");
    has(v, "gate.rule", "address");
    has(v, "item.state", "unanswered");
    json_decref(v);
    assert_string_equal(tag_read_by(&m, &m.bo), tag);
    serve_close(&m.r);
}

// ---- what comes back ----

typedef struct {
    int64_t id, now;
    str token;
    arena *a;
} sending;

// As the sender does it.
static bool send_it(void *ctx, desk *d, err *e) {
    sending *x = ctx;
    store *s = ledger_store(know_ledger(d->k));
    outbox_row o;
    int64_t lease = x->now + HOUR_US;
    if (!outbox_get(x->a, s, x->id, &o, e)) return false;
    x->token = str_dup(x->a, o.token);
    return store_run(s, Q_outbox_claim, NULL, e, "iii", x->id, o.next_us, lease) &&
           store_run(s, Q_outbox_mark, NULL, e, "iii", x->id, x->now, lease) &&
           store_run(s, Q_outbox_settled, NULL, e, "iit", x->id, x->now, S("250 ok"));
}

static void an_answer_that_comes_back_opens_its_item(void **state) {
    desk_room m;
    err e = {0};
    (void)state;
    room_open(&m);
    json_t *v =
        by(&m, &m.bo, "POST", "/reply", tag_read_by(&m, &m.bo), "{\"words\":\"Today.\",\"then\":\"done\"}", 200);
    sending x = {.id = json_integer_value(json_object_get(v, "message")), .a = &m.r.life};
    json_decref(v);
    stands(&m, "solved");
    m.r.now += HOUR_US, x.now = m.r.now;
    assert_ok(writer_alone(server_writer(m.r.sv), send_it, &x, &e), e);
    str to = mail_return_path(&m.r.life, S("bounce@example.com"), x.token);
    str report = str_fmt(
        &m.r.life,
        "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.net\nTo: %.*s\nSubject: Undelivered Mail\nMIME-Version: 1.0\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\n\n--b\n"
        "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.net\n\n"
        "Final-Recipient: rfc822; zoe@example.org\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 "
        "no\n\n--b--\n",
        STR_ARG(to));
    who owner = serve_as("owner");
    const response *got = serve_ask_as(&m.r, "POST", "/api/outbox/bounces", NULL, 0, report, &owner);
    if (got->status != 200) fail_msg("%d %.*s", got->status, STR_ARG(got->body));
    serve_settle(&m.r);
    v = by(&m, &m.ada, "GET", "", NULL, "", 200);
    has(v, "item.state", "unanswered");
    has(v, "item.tab", "open");
    json_decref(v);
    v = get_json(&m.r, S("/api/inbox/counts"));
    has(v, "open", "1");
    json_decref(v);
    serve_close(&m.r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_answers_second_is_told_that_somebody_did),
        cmocka_unit_test(a_new_word_of_the_customer_is_a_new_version),
        cmocka_unit_test(a_draft_is_seen_by_the_others),
        cmocka_unit_test(what_one_did_another_can_take_back),
        cmocka_unit_test(what_the_gate_keeps_back_is_told_and_changes_nothing),
        cmocka_unit_test(an_answer_that_comes_back_opens_its_item),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
