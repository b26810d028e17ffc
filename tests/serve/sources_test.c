// Sources: what they say of themselves follows what came, by files and live, whatever they are called.
#include "working.h"

static const json_t *source_named(const json_t *page, const char *name) {
    size_t i;
    json_t *s;
    json_array_foreach(json_object_get(page, "items"), i, s) if (str_eq(json_at(s, "name"), str_c(name))) return s;
    fail_msg("there is no source %s", name);
    return NULL;
}

static void send_live(serve_rig *r, const char *body, int64_t source_id, const char *source) {
    who w = {.kind = WHO_KEY, .id = 1, .name = S("a program"), .needs = N(signed_in) | N(intake)};
    w.source_id = source_id, w.source = str_c(source);
    const response *got = serve_ask_as(r, "POST", "/v1/track", NULL, 0, str_c(body), &w);
    assert_int_equal(got->status, 200);
}

static void a_source_says_what_came(void **state) {
    (void)state;
    serve_rig r;
    work_open(&r, NULL);
    json_t *made =
        ask(&r, 201, "POST", "/api/sources", S("{\"name\":\"app\",\"label\":\"Our app\",\"channel\":\"app\"}"));
    int64_t id = number(made, "id");
    assert_str(json_at(made, "state"), S("new"));
    assert_true(json_is_null(json_object_get(made, "last")));
    json_decref(made);

    send_live(&r,
              "{\"userId\":\"u1\",\"event\":\"Order Completed\",\"messageId\":\"m1\","
              "\"properties\":{\"order_id\":\"1\",\"total\":5,\"currency\":\"EUR\"}}",
              id, "app");
    send_live(&r, "{\"userId\":\"u1\"}", id, "app"); // says nothing that could be understood
    int64_t up = upload_bytes(&r, "people.csv", S("Name,E-mail\nAda,ada@example.org\nBob,bob@example.org\n"));
    json_decref(done_by(&r, "POST", path_of(&r, "/api/uploads/#/run", up), ""));

    json_t *page = ask(&r, 200, "GET", "/api/sources", S(""));
    const json_t *app = source_named(page, "app"), *people = source_named(page, "people");
    assert_true(number(app, "rows") == 2 && number(app, "added") == 1 && number(app, "refused") == 1);
    assert_true(number(app, "waiting") == 1 && number(app, "imports") == 1 && number(app, "id") == id);
    assert_str(json_at(app, "label"), S("Our app"));
    assert_str(json_at(app, "state"), S("live"));
    assert_str(json_at(app, "last"), S("2026-11-02T00:00:00Z"));
    assert_true(number(people, "rows") == 2 && number(people, "added") == 2 && number(people, "refused") == 0);
    assert_str(json_at(people, "label"), S("people"));

    // Another label is another label: the events that come next are of the same source and person.
    json_decref(ask(&r, 200, "PATCH", path_of(&r, "/api/sources/#", id), S("{\"label\":\"App 2.0\"}")));
    send_live(&r,
              "{\"userId\":\"u1\",\"event\":\"Order Completed\",\"messageId\":\"m2\","
              "\"properties\":{\"order_id\":\"2\",\"total\":6,\"currency\":\"EUR\"}}",
              id, "app");
    serve_settle(&r);
    json_t *again = ask(&r, 200, "GET", path_of(&r, "/api/sources/#", id), S(""));
    assert_true(number(again, "rows") == 3 && number(again, "added") == 2 && number(again, "imports") == 1);
    assert_str(json_at(again, "label"), S("App 2.0"));
    assert_str(json_at(again, "name"), S("app"));
    json_decref(again);
    json_decref(page);

    // A day later it is quiet, and what was taken back counts no more.
    pass_time(&r, INT64_C(86400) * 1000000 + 1);
    json_t *imports = ask(&r, 200, "GET", "/api/imports?state=done", S(""));
    int64_t import = number(json_array_get(json_object_get(imports, "items"), 0), "id");
    json_decref(imports);
    json_decref(done_by(&r, "POST", path_of(&r, "/api/imports/#/undo", import), ""));
    page = ask(&r, 200, "GET", "/api/sources", S(""));
    assert_str(json_at(source_named(page, "app"), "state"), S("quiet"));
    assert_true(number(source_named(page, "people"), "rows") == 0 &&
                number(source_named(page, "people"), "imports") == 0);
    assert_str(json_at(source_named(page, "people"), "state"), S("quiet"));
    json_decref(page);
    serve_close(&r);
}

// Rows that came live and were not understood are read again as their source reads them.
static void what_came_live_is_replayed(void **state) {
    (void)state;
    serve_rig r;
    work_open(&r, NULL);
    send_live(&r, "{\"userId\":\"u1\"}", 1, "app");
    json_t *again = done_by(&r, "POST", "/api/quarantine/replay", "{\"all\":true}");
    assert_true(number(again, "still_waiting") == 1 && number(again, "rows") == 0);
    const json_t *why = json_array_get(json_object_get(again, "still_why"), 0);
    assert_true(str_has(json_at(why, "reason"), S("is missing"))); // read, not unreadable
    json_decref(again);
    serve_close(&r);
}

static void pages_of_sources_hold_each_once(void **state) {
    (void)state;
    serve_rig r;
    int64_t after = 0, seen = 0;
    work_open(&r, NULL);
    for (int i = 0; i < 23; i++) {
        char body[80];
        snprintf(body, sizeof body, "{\"name\":\"s%d\"}", i);
        json_decref(ask(&r, 201, "POST", "/api/sources", str_c(body)));
    }
    for (;;) {
        char path[100];
        snprintf(path, sizeof path, "/api/sources?limit=5&after=%" PRId64, after);
        json_t *page = ask(&r, 200, "GET", path, S("")), *s;
        size_t i;
        json_array_foreach(json_object_get(page, "items"), i, s) {
            assert_true(number(s, "id") > after);
            after = number(s, "id"), seen++;
        }
        bool more = !json_is_null(json_object_get(page, "next"));
        json_decref(page);
        if (!more) break;
    }
    assert_int_equal(seen, 23);
    serve_close(&r);
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_source_says_what_came),
        cmocka_unit_test(what_came_live_is_replayed),
        cmocka_unit_test(pages_of_sources_hold_each_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
