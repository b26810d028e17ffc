// Answers that take long, in a server at work: given at once with their age, made anew in the background, there after
// a restart, and never given after an erasure.
#include "working.h"

#include "know/kept.h"
#include "serve/kept.h"
#include "sql/know_kept.h"

static char base[260];

static int make_base(void **state) {
    (void)state;
    char dir[200];
    rig_dir(dir, sizeof dir);
    snprintf(base, sizeof base, "%s/base", dir);
    rig_fill(base);
    return 0;
}

static int drop_base(void **state) {
    (void)state;
    char command[300];
    snprintf(command, sizeof command, "rm -rf '%.*s'", (int)(strrchr(base, '/') - base), base);
    return system(command);
}

typedef struct {
    str age;
    int64_t customers;
} figures;

static figures look_at(serve_rig *r, const char *path) {
    who w = serve_as("owner");
    const response *got = serve_ask_as(r, "GET", path, NULL, 0, S(""), &w);
    assert_int_equal(got->status, 200);
    json_t *v = serve_json(r);
    figures f = {str_dup(&r->life, response_get(got, "age")), json_integer_value(json_object_get(v, "customers"))};
    json_decref(v);
    return f;
}

static void comes_in(serve_rig *r, int nth) {
    char body[300];
    who w = {.kind = WHO_KEY, .id = 1, .name = S("web"), .needs = N(intake), .source_id = 1, .source = S("web")};
    snprintf(body, sizeof body,
             "{\"userId\":\"new%d\",\"messageId\":\"m%d\",\"timestamp\":\"2026-10-20T10:00:00Z\",\"event\":\"Order "
             "Completed\",\"properties\":{\"order_id\":\"o%d\",\"total\":12.5,\"currency\":\"EUR\"}}",
             nth, nth, nth);
    assert_int_equal(serve_ask_as(r, "POST", "/v1/track", NULL, 0, str_c(body), &w)->status, 200);
    serve_settle(r);
}

static bool void_all(void *ctx, desk *d, err *e) {
    (void)ctx;
    return kept_void(d->s, e);
}

static int64_t rows_kept(serve_rig *r) {
    err e = {0};
    int64_t n = 0;
    store *s = server_reader_take(r->sv, &e);
    for (row q = store_query(s, Q_kept_list, &e, "i", (int64_t)500); row_next(&q);) n++;
    server_reader_give(r->sv, s);
    return n;
}

#define PATH "/api/today?days=60&most=5"

static void an_old_answer_says_its_age_and_is_made_anew(void **state) {
    (void)state;
    serve_rig r;
    work_open(&r, base);
    kept_slow_from(server_kept(r.sv), 0);
    figures first = look_at(&r, PATH);
    assert_str(first.age, S("0"));
    pass_time(&r, 7 * SECOND_US);
    comes_in(&r, 1);
    figures now = look_at(&r, PATH);
    assert_str(now.age, S("7"));
    assert_int_equal(now.customers, first.customers);
    // Jobs of the server change things meanwhile, too: then it is a little old once more.
    for (int i = 0; i < 2000 && now.customers == first.customers; i++) usleep(10000), now = look_at(&r, PATH);
    assert_int_equal(now.customers, first.customers + 1);
    assert_true(kept_look(server_kept(r.sv)).renewed > 0);
    assert_int_equal(kept_look(server_kept(r.sv)).oldest_s, 7);
    serve_close(&r);
}

static void what_is_quick_is_never_old(void **state) {
    (void)state;
    serve_rig r;
    work_open(&r, base);
    kept_slow_from(server_kept(r.sv), INT64_MAX);
    for (int i = 0; i < 3; i++) {
        figures was = look_at(&r, PATH);
        comes_in(&r, i);
        figures now = look_at(&r, PATH);
        assert_str(now.age, S("0"));
        assert_int_equal(now.customers, was.customers + 1);
    }
    assert_int_equal(rows_kept(&r), 0);
    serve_close(&r);
}

static void starts_again(serve_rig *r) {
    err e = {0};
    server_close(r->sv);
    server_opts o = {.where = r->where, .w = &r->w, .origin = S("https://heed.example"), .work = true};
    o.log.least = LOG_ERROR + 1;
    assert_ok(server_open(&r->sv, o, &e), e);
    kept_slow_from(server_kept(r->sv), 0);
}

static void it_is_there_after_a_restart(void **state) {
    (void)state;
    serve_rig r;
    work_open(&r, base);
    kept_slow_from(server_kept(r.sv), 0);
    figures first = look_at(&r, PATH);
    assert_true(rows_kept(&r) > 0);
    pass_time(&r, 40 * SECOND_US); // before a minute is over nothing is made anew that nobody asks for
    starts_again(&r);
    figures again = look_at(&r, PATH);
    assert_str(again.age, S("40"));
    assert_int_equal(again.customers, first.customers);
    serve_close(&r);
}

static void none_of_it_is_given_after_an_erasure(void **state) {
    (void)state;
    serve_rig r;
    err e = {0};
    work_open(&r, base);
    kept_slow_from(server_kept(r.sv), 0);
    figures first = look_at(&r, PATH);
    comes_in(&r, 1);
    assert_ok(writer_do(server_writer(r.sv), void_all, NULL, &e), e);
    figures now = look_at(&r, PATH);
    assert_str(now.age, S("0"));
    assert_int_equal(now.customers, first.customers + 1);
    assert_ok(writer_do(server_writer(r.sv), void_all, NULL, &e), e);
    starts_again(&r);
    assert_str(look_at(&r, PATH).age, S("0"));
    serve_close(&r);
}

int main(void) {
    struct CMUnitTest tests[] = {
        cmocka_unit_test(an_old_answer_says_its_age_and_is_made_anew), cmocka_unit_test(what_is_quick_is_never_old),
        cmocka_unit_test(it_is_there_after_a_restart), cmocka_unit_test(none_of_it_is_given_after_an_erasure)};
    return cmocka_run_group_tests_name("kept", tests, make_base, drop_base);
}
