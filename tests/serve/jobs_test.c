// Jobs through the API: what repeats and is run by hand, settings that need work, the sample company.
#include "working.h"

#include "base.h"

#include "base/civil.h"
#include "sql/know.h"
#include "sql/ledger.h"
#include "sql/serve_auth.h"

static int64_t rows_of(serve_rig *r, enum query q) {
    err e = {0};
    int64_t n = 0;
    store *s = NULL;
    assert_ok(store_open(&s, str_c(r->where), (store_opts){.read_only = true}, &e), e);
    for (row x = store_query(s, q, &e, ""); row_next(&x);) n++;
    store_close(s);
    return n;
}

static void verify_proves_and_finds(void **state) {
    (void)state;
    serve_rig r;
    work_open(&r, base);
    json_t *j = job_run(&r, "verify");
    assert_int_equal(number(json_object_get(j, "result"), "differences"), 0);
    assert_true(number(json_object_get(j, "result"), "events") > 100 && json_is_null(json_object_get(j, "error")));
    assert_str(json_at(j, "state"), S("done")); // it is off: it ran because somebody said so
    json_decref(j);
    server_close(r.sv);
    r.sv = NULL;
    err e = {0};
    store *s = NULL;
    assert_ok(store_open(&s, str_c(r.where), (store_opts){0}, &e), e);
    assert_ok(store_run(s, Q_summary_delete, NULL, &e, "i", INT64_C(1)), e);
    store_close(s);
    server_opts o = {.where = r.where, .w = &r.w, .work = true};
    o.log.least = LOG_ERROR + 1;
    assert_ok(server_open(&r.sv, o, &e), e);
    j = job_run(&r, "verify");
    assert_str(json_at(j, "state"), S("failed"));
    assert_true(str_has(json_at(j, "error"), S("differ")));
    json_decref(j);
    serve_close(&r);
}

static void a_copy_is_made_where_the_settings_say(void **state) {
    (void)state;
    serve_rig r;
    char dir[260];
    work_open(&r, base);
    json_t *j = job_run(&r, "backup");
    assert_str(json_at(j, "result.skipped"), S("no folder is set"));
    json_decref(j);
    snprintf(dir, sizeof dir, "%s/copies", r.dir);
    mkdir(dir, 0700);
    str body = str_fmt(&r.life, "{\"backup_folder\":\"%s\",\"backup_keep\":2}", dir);
    json_decref(ask(&r, 200, "PATCH", "/api/settings", body));
    str inside = str_fmt(&r.life, "{\"backup_folder\":\"%s\"}", r.where);
    json_decref(ask(&r, 400, "PATCH", "/api/settings", inside));
    content want = content_of(r.where);
    for (int i = 0; i < 4; i++) {
        j = job_run(&r, "backup");
        assert_true(number(json_object_get(j, "result"), "removed") == (i < 2 ? 0 : 1));
        str to = json_at(j, "result.to");
        content got = content_of(str_z(&r.life, to));
        assert_same(&got, &want);
        json_decref(j);
    }
    char count[700]; // and what is not ours stays
    snprintf(count, sizeof count, "mkdir '%s/heed-old' && test $(ls '%s' | wc -l) = 3", dir, dir);
    rig_shell(count);
    serve_close(&r);
}

static bool old_rows(void *ctx, desk *d, err *e) {
    (void)ctx;
    int64_t now = d->w->now_us(d->w), day = INT64_C(86400000000);
    return store_run(d->s, Q_session_put, NULL, e, "bitiitt", S("old"), INT64_C(1), S("c"), now - day, now - 1000,
                     S("agent"), S("address")) &&
           store_run(d->s, Q_session_put, NULL, e, "bitiitt", S("new"), INT64_C(1), S("c"), now, now + day, S("agent"),
                     S("address"));
}

static void what_is_over_is_swept_up(void **state) {
    (void)state;
    serve_rig r;
    err e = {0};
    work_open(&r, base);
    assert_ok(writer_do(server_writer(r.sv), old_rows, NULL, &e), e);
    int64_t up = upload_bytes(&r, "forgotten.csv", S("Name,E-mail\nAda,ada@example.org\n"));
    json_t *j = job_run(&r, "sweep");
    assert_int_equal(number(json_object_get(j, "result"), "session"), 1);
    assert_null(json_object_get(json_object_get(j, "result"), "upload"));
    json_decref(j);
    json_decref(ask(&r, 200, "GET", path_of(&r, "/api/uploads/#", up), S("")));
    pass_time(&r, INT64_C(2) * 86400 * 1000000);
    j = job_run(&r, "sweep");
    assert_true(number(json_object_get(j, "result"), "upload") >= 1);
    json_decref(j);
    json_decref(ask(&r, 404, "GET", path_of(&r, "/api/uploads/#", up), S("")));
    char left[300];
    snprintf(left, sizeof left, "test -z \"$(ls -A '%s/uploads')\"", r.where);
    rig_shell(left);
    serve_close(&r);
}

// Days are counted in the zone: half of the world away, every day is another one for some events.
static void another_zone_computes_everybody_anew(void **state) {
    (void)state;
    serve_rig r;
    work_open(&r, base);
    content before = content_of(r.where);
    json_t *s = ask(&r, 200, "PATCH", "/api/settings", S("{\"zone\":\"Pacific/Auckland\"}"));
    int64_t id = number(s, "rebuild");
    json_decref(s);
    json_decref(job_until(&r, id, "done"));
    content there = content_of(r.where); // proved in the new zone
    assert_true(there.events == before.events && there.customers != before.customers);
    s = ask(&r, 200, "PATCH", "/api/settings", S("{\"zone\":\"Europe/Berlin\"}"));
    json_decref(job_until(&r, number(s, "rebuild"), "done"));
    json_decref(s);
    content back = content_of(r.where);
    assert_same(&back, &before);
    serve_close(&r);
}

static void other_rules_are_tried_and_written(void **state) {
    (void)state;
    serve_rig r;
    work_open(&r, base);
    content before = content_of(r.where);
    const str tight = S("{\"kinds\":[{\"kind\":\"email\",\"joins\":false},{\"kind\":\"phone\",\"joins\":false}]}");
    json_t *j = ask(&r, 202, "POST", "/api/identity/try", tight);
    json_t *tried = job_until(&r, number(j, "id"), "done");
    const json_t *effect = json_object_get(tried, "result");
    assert_true(number(effect, "then") > number(effect, "now"));
    content same = content_of(r.where); // proved: nothing was written
    assert_same(&same, &before);
    json_decref(j);
    j = ask(&r, 202, "PUT", "/api/identity/rules", tight);
    json_decref(job_until(&r, number(j, "id"), "done"));
    json_decref(j);
    content there = content_of(r.where); // proved under the new rules
    assert_true(there.events == before.events);
    j = ask(&r, 200, "GET", "/api/identity", S(""));
    assert_int_equal(number(j, "customers"), number(effect, "then"));
    json_decref(j);
    json_decref(tried);
    serve_close(&r);
}

static void the_sample_company_comes_and_goes(void **state) {
    (void)state;
    serve_rig r;
    work_open(&r, NULL);
    int64_t up = upload_bytes(&r, "people.csv", S("Name,E-mail\nAda,ada@example.org\nBob,bob@example.org\n"));
    json_decref(done_by(&r, "POST", path_of(&r, "/api/uploads/#/run", up), ""));
    content mine = content_of(r.where);
    json_t *made = done_by(&r, "POST", "/api/sample", "{\"customers\":30,\"years\":1,\"seed\":3}");
    assert_true(number(made, "rows") > 50 && number(made, "new") == number(made, "rows"));
    json_decref(made);
    json_t *s = ask(&r, 200, "GET", "/api/sample", S(""));
    assert_true(json_is_true(json_object_get(s, "complete")) && number(s, "customers") == 30);
    json_decref(s);
    json_decref(ask(&r, 409, "POST", "/api/sample", S("{\"customers\":30,\"years\":1,\"seed\":3}")));
    json_decref(ask(&r, 409, "POST", "/api/sample", S("{\"customers\":31}")));
    content both = content_of(r.where);
    assert_true(both.n > mine.n + 50);
    json_decref(done_by(&r, "DELETE", "/api/sample", ""));
    content left = content_of(r.where);
    assert_same(&left, &mine);
    assert_int_equal(rows_of(&r, Q_source_list), 1);
    json_decref(ask(&r, 404, "DELETE", "/api/sample", S("")));
    // And once more, as if it had never been there.
    json_decref(done_by(&r, "POST", "/api/sample", "{\"customers\":30,\"years\":1,\"seed\":3}"));
    content again = content_of(r.where);
    assert_true(again.n == both.n && again.customers == both.customers);
    serve_close(&r);
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(verify_proves_and_finds),           cmocka_unit_test(a_copy_is_made_where_the_settings_say),
        cmocka_unit_test(what_is_over_is_swept_up),          cmocka_unit_test(another_zone_computes_everybody_anew),
        cmocka_unit_test(other_rules_are_tried_and_written), cmocka_unit_test(the_sample_company_comes_and_goes),
    };
    return cmocka_run_group_tests(tests, make_base, drop_base);
}
