// Playbooks in a server that works: the job lets people in and takes them on; the API shows, stops and tells.
#include "working.h"

#include "base.h"

#include "base/civil.h"

static json_t *run_playbooks(serve_rig *r) {
    serve_settle(r);
    json_t *j = job_run(r, "playbooks");
    if (json_at(j, "error").len) fail_msg("%.*s", STR_ARG(json_at(j, "error")));
    return j;
}

static int64_t result_of(const json_t *job_shown, const char *name) {
    return number(json_object_get(job_shown, "result"), name);
}

static void order_of(serve_rig *r, int person) {
    static int orders;
    orders++;
    arena a = arena_open(1 << 20);
    event ev = {.kind = KIND_order, .channel = CHANNEL_shop, .at_us = r->now, .mood = MOOD_UNKNOWN, .n_ids = 1};
    ev.ext = str_fmt(&a, "t%d", orders), ev.name = S("Ada Okafor");
    ev.ids[0] = (ident){IDENT_email, str_fmt(&a, "p%d@x.org", person)};
    ev.value = 1000, ev.has_value = true, ev.unit = 978;
    int32_t row_of = 0;
    parcel p = {.source = S("shop"),
                .adapter = S("test"),
                .channel = CHANNEL_shop,
                .in = {.events = &ev, .row_of = &row_of, .n = 1, .rows = 1}};
    err e = {0};
    assert_ok(writer_take(server_writer(r->sv), &p, &e), e);
    assert_ok(writer_settle(server_writer(r->sv), &e), e);
    arena_close(&a);
}

static json_t *runs_of(serve_rig *r, int64_t playbook) {
    return ask(r, 200, "GET", path_of(r, "/api/playbook-runs?playbook=#", playbook), S(""));
}

static void customers_are_let_in_and_taken_on(void **state) {
    (void)state;
    serve_rig r;
    work_open(&r, base);
    json_t *made = ask(
        &r, 201, "POST", "/api/playbooks",
        S("{\"name\":\"card\",\"definition\":{\"from\":\"Maria Lopez\",\"hold\":0,\"trigger\":{\"event\":\"order\","
          "\"first\":true},\"stop\":[\"complained\"],\"steps\":[{\"wait\":{\"hours\":12}},{\"message\":{\"template\":"
          "\"thank_first\",\"kind\":\"thanks\"}},{\"task\":{\"what\":\"Send a card\"}}]}}"));
    int64_t id = number(made, "id");
    json_decref(made);
    json_decref(ask(&r, 200, "PATCH", path_of(&r, "/api/playbooks/#", id), S("{\"on\":true}")));
    pass_time(&r, HOUR_US);
    for (int i = 1; i <= 3; i++) order_of(&r, i);
    json_t *j = run_playbooks(&r);
    assert_int_equal(result_of(j, "entered"), 3);
    json_decref(j);
    json_t *page = runs_of(&r, id), *items = json_object_get(page, "items");
    assert_int_equal(json_array_size(items), 3);
    int64_t first = number(json_array_get(items, 0), "id");
    assert_str(json_at(json_array_get(items, 0), "state"), S("going"));
    json_decref(page);
    json_decref(ask(&r, 200, "POST", path_of(&r, "/api/playbook-runs/#/stop", first), S("{\"why\":\"asked for it\"}")));
    json_decref(ask(&r, 409, "POST", path_of(&r, "/api/playbook-runs/#/stop", first), S("{}")));
    pass_time(&r, 14 * HOUR_US);
    j = run_playbooks(&r);
    assert_int_equal(result_of(j, "failed"), 0);
    json_decref(j);
    page = runs_of(&r, id), items = json_object_get(page, "items");
    for (size_t i = 0; i < 3; i++) {
        int64_t run = number(json_array_get(items, i), "id");
        json_t *shown = ask(&r, 200, "GET", path_of(&r, "/api/playbook-runs/#", run), S(""));
        assert_str(json_at(shown, "state"), run == first ? S("stopped") : S("ended"));
        assert_int_equal(json_array_size(json_object_get(shown, "notes")), run == first ? 0 : 2);
        if (run != first) assert_str(json_at(shown, "notes.0.what"), S("message"));
        if (run != first) assert_str(json_at(shown, "notes.1.what"), S("task"));
        json_decref(shown);
    }
    json_decref(page);
    // Again: nothing more is done.
    pass_time(&r, HOUR_US);
    j = run_playbooks(&r);
    assert_int_equal(result_of(j, "entered") + result_of(j, "steps") + result_of(j, "tasks"), 0);
    json_decref(j);
    json_t *shown = ask(&r, 200, "GET", path_of(&r, "/api/playbooks/#", id), S(""));
    assert_int_equal(json_integer_value(json_find(shown, "runs.ended")), 2);
    assert_int_equal(json_integer_value(json_find(shown, "runs.stopped")), 1);
    json_decref(shown);
    serve_close(&r);
}

static void a_try_as_a_job_tells_the_same(void **state) {
    (void)state;
    serve_rig r;
    work_open(&r, base);
    json_t *now = ask(&r, 200, "GET", "/api/playbooks/1/try?days=60", S(""));
    json_t *later = done_by(&r, "POST", "/api/playbooks/1/try", "{\"days\":60}");
    assert_int_equal(number(now, "entered"), number(json_object_get(later, "try"), "entered"));
    assert_int_equal(number(now, "allow"), number(json_object_get(later, "try"), "allow"));
    assert_true(number(now, "entered") > 0);
    json_decref(now);
    json_decref(later);
    serve_close(&r);
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(customers_are_let_in_and_taken_on),
        cmocka_unit_test(a_try_as_a_job_tells_the_same),
    };
    return cmocka_run_group_tests(tests, make_base, drop_base);
}
