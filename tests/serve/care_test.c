// Steps about returns through the API, from the notice to the decision on an appeal, and looks at hardship that are
// noted.
#include "asked.h"

#include "base/civil.h"

typedef struct {
    arena *a;
    int64_t now;
} seller;

static event sold(seller *k, enum kind kind, int who_no, int n) {
    event ev = {.kind = kind, .channel = CHANNEL_shop, .mood = MOOD_UNKNOWN};
    ev.at_us = k->now - (200 - n) * DAY_US + (kind == KIND_return_ ? 5 * DAY_US : 0);
    ev.ext = str_fmt(k->a, "%d-%d-%d", (int)kind, who_no, n), ev.thread = str_fmt(k->a, "%d-%d", who_no, n);
    ev.value = 1900, ev.has_value = true, ev.unit = 978, ev.extra = S("\"product\":\"mug\"");
    ev.ids[ev.n_ids++] = (ident){IDENT_user_id, str_fmt(k->a, "mug-%d", who_no)};
    return ev;
}

// Thirty people buy ten mugs each, and hardly send one back; one buys twenty and sends back fifteen.
static bool sell(void *ctx, desk *d, err *e) {
    enum { MOST = 400 };
    seller k = {d->a, *(int64_t *)ctx};
    event *evs = make(d->a, event, MOST);
    int32_t *rows = make(d->a, int32_t, MOST);
    int64_t source, import;
    size_t n = 0;
    tally t;
    for (int who_no = 0; who_no < 31; who_no++)
        for (int i = 0; i < (who_no ? 10 : 20); i++) {
            evs[n++] = sold(&k, KIND_order, who_no, i);
            if (who_no ? (who_no * 7 + i) % 29 == 0 : i < 15) evs[n++] = sold(&k, KIND_return_, who_no, i);
        }
    for (size_t i = 0; i < n; i++) rows[i] = (int32_t)i;
    intake in = {.events = evs, .row_of = rows, .n = n, .rows = (int64_t)n};
    ledger *l = know_ledger(d->k);
    return ledger_source(l, S("mugs"), S("test"), CHANNEL_shop, false, &source, e) &&
           ledger_import_begin(l, source, S("t"), S("{}"), &import, e) && ledger_write(l, import, &in, &t, e);
}

static void open_shop(serve_rig *r) {
    err e = {0};
    serve_open(r, sample_base);
    assert_ok(writer_alone(server_writer(r->sv), sell, &r->now, &e), e);
    serve_settle(r);
}

static int64_t number(const json_t *v, const char *path) {
    const json_t *x = json_find(v, path);
    return json_is_integer(x) ? json_integer_value(x) : -1;
}

static str text(serve_rig *r, const json_t *v, const char *path) {
    return str_dup(&r->life, json_text(json_find(v, path)));
}

// Somebody with a role and a number; answers hold their shape.
static json_t *as(serve_rig *r, const char *role, int64_t id, const char *method, str path, const char *body,
                  int status, const char *type) {
    const bool program = !strcmp(role, "key");
    who w = program ? (who){.kind = WHO_KEY, .name = S("k"), .needs = ~UINT64_C(0)} : serve_as(role);
    char field[64] = "", at[300];
    err e = {0};
    w.id = id;
    snprintf(at, sizeof at, "%.*s", STR_ARG(path));
    const response *got = serve_ask_as(r, method, at, NULL, 0, str_c(body), &w);
    if (got->status != status) fail_msg("%s %s answered %d %.*s", method, at, got->status, STR_ARG(got->body));
    json_t *v = serve_json(r);
    if (type && !shape_holds(str_c(type), v, field, &e)) fail_msg("%s: %s %s", at, field, e.msg);
    return v;
}

static void steps_are_taken_and_appealed(void **state) {
    serve_rig r;
    (void)state;
    open_shop(&r);
    arena *a = &r.life;
    json_t *v = as(&r, "agent", 2, "GET", S("/api/returns"), "", 200, "returns_view");
    assert_int_equal(number(v, "unusual"), 1);
    const int64_t cus = number(v, "people.0.customer");
    assert_true(json_is_true(json_find(v, "people.0.unusual")));
    json_decref(v);
    char body[300];
    snprintf(body, sizeof body, "{\"customer\":%" PRId64 ",\"step\":\"notice\"}", cus);
    v = as(&r, "agent", 2, "POST", S("/api/returns/steps"), body, 201, "return_step");
    assert_str(text(&r, v, "state"), S("holds")); // a notice needs nobody's signature
    assert_int_equal(number(v, "evidence.customer.returned"), 15);
    int64_t id = number(v, "id");
    json_decref(v);
    json_decref(
        as(&r, "agent", 2, "POST", str_fmt(a, "/api/returns/steps/%" PRId64 "/tell", id), "", 200, "return_step"));
    r.now += 15 * DAY_US;
    snprintf(body, sizeof body, "{\"customer\":%" PRId64 ",\"step\":\"friction\",\"frictions\":[\"return_fee\"]}", cus);
    v = as(&r, "agent", 2, "POST", S("/api/returns/steps"), body, 201, "return_step");
    assert_str(text(&r, v, "state"), S("proposed")); // an agent may propose it,
    id = number(v, "id");
    json_decref(v);
    str at = str_fmt(a, "/api/returns/steps/%" PRId64, id);
    json_decref(as(&r, "agent", 2, "POST", str_cat(a, at, S("/sign")), "", 403, NULL)); // and not sign,
    json_decref(as(&r, "key", 1, "POST", str_cat(a, at, S("/sign")), "", 403, NULL));   // nor can a program
    v = as(&r, "manager", 3, "POST", str_cat(a, at, S("/sign")), "", 200, "return_step");
    assert_str(text(&r, v, "state"), S("holds"));
    assert_str(text(&r, v, "signed_by"), S("account:3"));
    json_decref(v);
    v = as(&r, "agent", 2, "POST", str_cat(a, at, S("/appeal")), "{\"words\":\"too small\"}", 200, "return_step");
    assert_str(text(&r, v, "state"), S("appealed"));
    json_decref(v);
    json_decref(as(&r, "manager", 3, "POST", str_cat(a, at, S("/decision")), "{\"granted\":false,\"why\":\"no\"}", 409,
                   NULL)); // whoever signed it does not turn it down
    v = as(&r, "owner", 1, "POST", str_cat(a, at, S("/decision")), "{\"granted\":true,\"why\":\"they are\"}", 200,
           "return_step");
    assert_str(text(&r, v, "state"), S("granted"));
    json_decref(v);
    json_decref(as(&r, "agent", 2, "POST", str_cat(a, at, S("/end")), "{\"words\":\"x\"}", 409, NULL));
    json_decref(as(&r, "agent", 2, "GET", at, "", 200, "return_step"));
    v = as(&r, "viewer", 9, "GET", S("/api/returns/audit"), "", 200, "returns_audit");
    assert_int_equal(number(v, "steps.1.granted"), 1);
    json_decref(v);
    v = as(&r, "agent", 2, "GET", str_fmt(a, "/api/returns/steps?customer=%" PRId64, cus), "", 200, NULL);
    assert_int_equal(json_array_size(json_find(v, "items")), 2);
    json_decref(v);
    serve_close(&r);
}

static int64_t looks_noted(serve_rig *r, const char *action) {
    arena a = r->life;
    json_t *v = get_json(r, str_fmt(&a, "/api/audit?action=%s&limit=500", action));
    const int64_t n = (int64_t)json_array_size(json_find(v, "items"));
    json_decref(v);
    return n;
}

static void every_look_at_hardship_is_noted(void **state) {
    serve_rig r;
    (void)state;
    serve_open(&r, sample_base);
    arena *a = &r.life;
    json_t *v = get_json(&r, S("/api/customers?limit=1"));
    char body[300];
    snprintf(body, sizeof body, "{\"customer\":%" PRId64 ",\"kind\":\"cannot_pay\"}", number(v, "items.0.id"));
    json_decref(v);
    v = as(&r, "agent", 2, "POST", S("/api/hardships"), body, 201, "hardship");
    const str at = str_fmt(a, "/api/hardships/%" PRId64, number(v, "id"));
    json_decref(v);
    assert_int_equal(looks_noted(&r, "hardship.look"), 0);
    for (int i = 1; i <= 3; i++) { // each of them: not once an hour
        json_decref(as(&r, "manager", 3, "GET", at, "", 200, "hardship_page"));
        assert_int_equal(looks_noted(&r, "hardship.look"), i);
    }
    json_decref(as(&r, "manager", 3, "GET", S("/api/hardships"), "", 200, NULL));
    assert_int_equal(looks_noted(&r, "hardship.list"), 1);
    json_decref(as(&r, "agent", 2, "GET", at, "", 403, NULL)); // who may note it may not read it
    serve_close(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_are_taken_and_appealed),
        cmocka_unit_test(every_look_at_hardship_is_noted),
    };
    return cmocka_run_group_tests_name("care", tests, make_sample, drop_sample);
}
