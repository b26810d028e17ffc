// Files through the API: sent, looked at, mapped, tried, imported, taken back; the same as `heed import` of the file.
#include "sql/ledger.h"
#include "working.h"

#include <dirent.h>

static str read_bytes(serve_rig *r, const char *path) {
    err e = {0};
    str x;
    assert_ok(world_real()->read_file(world_real(), &r->life, path, 64 << 20, &x, &e), e);
    return x;
}

static int by_name(const struct dirent **x, const struct dirent **y) {
    return strcmp((*x)->d_name, (*y)->d_name);
}

static int visible(const struct dirent *d) {
    return d->d_name[0] != '.';
}

// Every format that the room of adapters has a file of.
static void a_file_by_the_api_is_a_file_by_the_command(void **state) {
    (void)state;
    serve_rig r;
    char other[260], path[400];
    struct dirent **names = NULL;
    work_open(&r, NULL);
    snprintf(other, sizeof other, "%s/other", r.dir);
    int n = scandir("tests/listen/data", &names, visible, by_name), read = 0;
    if (n < 10) fail_msg("run from the project's folder");
    for (int i = 0; i < n; i++) {
        snprintf(path, sizeof path, "tests/listen/data/%s", names[i]->d_name);
        str name = str_dup(&r.life, str_c(names[i]->d_name));
        free(names[i]);
        json_t *u = ask(&r, 201, "POST", str_z(&r.life, str_fmt(&r.life, "/api/uploads?name=%.*s", STR_ARG(name))),
                        read_bytes(&r, path));
        if (json_is_null(json_object_get(u, "format"))) { // needs to be told, as the command does
            assert_true(json_at(u, "problem").len > 0);
            json_decref(u);
            continue;
        }
        char *run = path_of(&r, "/api/uploads/#/run", number(u, "id")),
             *check = path_of(&r, "/api/uploads/#/check", number(u, "id"));
        json_t *would = done_by(&r, "POST", check, ""), *did = done_by(&r, "POST", run, "");
        assert_str(json_at(did, "source"), json_at(u, "format.source"));
        assert_str(json_at(did, "adapter"), json_at(u, "format.adapter"));
        static const char *const counts[] = {"rows", "new", "changed", "same", "skipped", "quarantined"};
        for (size_t k = 0; k < COUNT(counts); k++)
            if (number(would, counts[k]) != number(did, counts[k]))
                fail_msg("%s: %s would be %d and is %d", path, counts[k], (int)number(would, counts[k]),
                         (int)number(did, counts[k]));
        import_directly(other, path, (listen_opts){0}, name, NULL, NULL);
        json_decref(would);
        json_decref(did);
        json_decref(u);
        read++;
    }
    free(names);
    serve_settle(&r);
    content got = content_of(r.where), want = content_of(other);
    assert_same(&got, &want);
    assert_true(read > 10 && want.n > 50);
    json_t *left = ask(&r, 200, "GET", "/api/uploads", S(""));
    assert_true(json_array_size(json_object_get(left, "items")) + (size_t)read == (size_t)n);
    json_decref(left);
    serve_close(&r);
}

// ---- one file from its beginning to its end ----

static const char ORDERS[] = "Order ID;Date;E-mail;Name;Total;Currency\n"
                             "1001;02.03.2026;ada@example.org;Ada;12,50;EUR\n"
                             "1002;13.03.2026;bob@example.org;Bob;7,00;EUR\n"
                             "1003;;eve@example.org;Eve;8,00;EUR\n"
                             "1004;15.03.2026;ada@example.org;Ada;free;EUR\n"
                             "1005;16.03.2026;cy@example.org;Cy;9,00;EUR\n"
                             "1006;17.03.2026;di@example.org;Di;9,10;EUR\n"
                             "1007;18.03.2026;mo@example.org;Mo;19,00;EUR\n"
                             "1008;19.03.2026;jo@example.org;Jo;29,00;EUR\n";

static int64_t only_import(const json_t *result) {
    const json_t *list = json_object_get(result, "imports");
    assert_int_equal(json_array_size(list), 1);
    return number(json_array_get(list, 0), "id");
}

static void what_was_refused_is_shown_given_back_and_read_again(void **state) {
    (void)state;
    serve_rig r;
    work_open(&r, NULL);
    content nothing = content_of(r.where);
    int64_t up = upload_bytes(&r, "orders.csv", S(ORDERS));
    json_t *seen = ask(&r, 200, "GET", path_of(&r, "/api/uploads/#/rows", up), S("")), *x = NULL;
    size_t i, refused = 0;
    json_array_foreach(json_object_get(seen, "items"), i, x) {
        bool bad = str_eq(json_at(x, "becomes"), S("quarantined"));
        refused += bad;
        assert_true(bad ? json_at(x, "reason").len > 0 : json_array_size(json_object_get(x, "events")) > 0);
    }
    assert_int_equal(i, 8);
    json_decref(seen);
    json_t *did = done_by(&r, "POST", path_of(&r, "/api/uploads/#/run", up), "");
    int64_t id = only_import(did);
    assert_int_equal(number(did, "quarantined"), (int64_t)refused);
    assert_true(refused == 2 && number(did, "new") == 6);
    json_decref(did);

    // In quarantine, by reason, one of them whole, and as a file with one column more.
    json_t *page = ask(&r, 200, "GET", path_of(&r, "/api/quarantine?import=#", id), S(""));
    const json_t *items = json_object_get(page, "items");
    assert_int_equal(json_array_size(items), 2);
    json_t *one = ask(&r, 200, "GET", path_of(&r, "/api/quarantine/#", number(json_array_get(items, 1), "id")), S(""));
    assert_str(json_at(one, "text"), S("1003;;eve@example.org;Eve;8,00;EUR"));
    assert_true(str_ends(json_at(one, "header"), S("Order ID;Date;E-mail;Name;Total;Currency")));
    json_decref(one);
    json_t *facets = ask(&r, 200, "GET", "/api/quarantine/reasons", S(""));
    assert_int_equal(number(facets, "rows"), 2);
    const json_t *facet = json_array_get(json_object_get(facets, "items"), 0);
    assert_true(number(facet, "rows") == 1 && number(facet, "example") > 0);
    buf by = buf_new(&r.life, 4000);
    buf_add(&by, S("/api/quarantine?reason="));
    url_encode(&by, json_at(facet, "reason"));
    json_t *found = ask(&r, 200, "GET", str_z(&r.life, buf_str(&by)), S(""));
    assert_int_equal(json_array_size(json_object_get(found, "items")), 1);
    json_decref(found);
    json_decref(facets);
    assert_null(ask(&r, 200, "GET", path_of(&r, "/api/imports/#/refused", id), S("")));
    str file = r.x.r.body, head = str_cut(&file, '\n');
    assert_str(head, S("Order ID;Date;E-mail;Name;Total;Currency;why refused"));
    assert_true(str_starts(file, S("1003;;eve@example.org;Eve;8,00;EUR;\"")));

    // Read again as it is, nothing is better; with the amount from another column, one is.
    json_t *again = done_by(&r, "POST", "/api/quarantine/replay", "{\"all\":true}");
    assert_true(number(again, "still_waiting") == 2 && number(again, "new") == 0);
    json_decref(again);
    again = done_by(&r, "POST", "/api/quarantine/replay", "{\"all\":true,\"columns\":{\"amount\":\"Order ID\"}}");
    assert_true(number(again, "still_waiting") == 1 && number(again, "new") == 1);
    json_decref(again);
    json_t *dropped = ask(&r, 200, "POST", "/api/quarantine/drop", str_fmt(&r.life, "{\"import\":%" PRId64 "}", id));
    assert_int_equal(number(dropped, "rows"), 1);
    json_decref(dropped);
    json_decref(page);

    // Taken back, both imports: nothing is left of them.
    page = ask(&r, 200, "GET", "/api/imports?state=done", S(""));
    json_array_foreach(json_object_get(page, "items"), i, x) {
        json_t *undone = done_by(&r, "POST", path_of(&r, "/api/imports/#/undo", number(x, "id")), "");
        json_decref(undone);
    }
    json_decref(page);
    content left = content_of(r.where);
    assert_same(&left, &nothing);
    serve_close(&r);
}

static void what_a_person_says_about_a_file_counts(void **state) {
    (void)state;
    serve_rig r;
    static const char csv[] = "a,b,c,d\nx1,02/01/2026,5,ada@example.org\nx2,03/01/2026,6,bob@example.org\n"
                              "x3,04/01/2026,7,eve@example.org\n";
    work_open(&r, NULL);
    int64_t up = upload_bytes(&r, "odd.csv", S(csv));
    json_t *u = ask(&r, 200, "PATCH", path_of(&r, "/api/uploads/#", up),
                    S("{\"source\":\"till\",\"dates\":\"day_first\",\"currency\":\"CHF\","
                      "\"columns\":{\"id\":\"a\",\"date\":\"b\",\"amount\":\"c\",\"email\":\"d\"}}"));
    assert_str(json_at(u, "format.source"), S("till"));
    assert_str(json_at(u, "format.columns.amount"), S("c"));
    json_decref(u);
    json_t *did = done_by(&r, "POST", path_of(&r, "/api/uploads/#/run", up), "");
    assert_int_equal(number(did, "new"), 3);
    int64_t id = only_import(did), orders = 0, chf = 0, january = 0;
    json_decref(did);
    err e = {0};
    store *s = NULL;
    assert_ok(store_open(&s, str_c(r.where), (store_opts){.read_only = true}, &e), e);
    for (row q = store_query(s, Q_event_of_import, &e, "i", id); row_next(&q);) {
        orders += row_int(&q, 4) == KIND_order, chf += row_int(&q, 8) == 756;
        january += row_int(&q, 0) == (2026 - 1970) * 12;
    }
    store_close(s);
    assert_true(orders == 3 && chf == 3 && january >= 3);
    serve_close(&r);
}

// ---- in the middle ----

static str many_orders(serve_rig *r, int n) {
    buf b = buf_new(&r->life, (size_t)n * 80 + 100);
    buf_add(&b, S("Order ID,Date,E-mail,Name,Total,Currency\n"));
    for (int i = 0; i < n; i++)
        buf_fmt(&b, "o%d,2026-%02d-%02d,p%d@example.org,P %d,%d.00,EUR\n", i, i % 9 + 1, i % 28 + 1, i % 5000, i % 5000,
                i % 90 + 1);
    return buf_str(&b);
}

static void an_import_is_cancelled_and_told_of(void **state) {
    (void)state;
    serve_rig r;
    char told[64 << 10];
    work_open(&r, NULL);
    live_at at_live = live_join(server_live(r.sv), S(""), ~UINT64_C(0));
    int64_t up = upload_bytes(&r, "many.csv", many_orders(&r, 150000));
    json_t *begun = ask(&r, 202, "POST", path_of(&r, "/api/uploads/#/run", up), S(""));
    int64_t id = number(begun, "id"), rows = 0;
    json_decref(begun);
    while (!rows) { // some of it is stored
        json_t *page = ask(&r, 200, "GET", "/api/imports", S(""));
        const json_t *first = json_array_get(json_object_get(page, "items"), 0);
        if (first) rows = number(first, "rows");
        json_decref(page);
        usleep(2000);
    }
    json_decref(ask(&r, 202, "POST", path_of(&r, "/api/jobs/#/cancel", id), S("")));
    json_t *j = job_until(&r, id, "cancelled");
    json_t *result = json_object_get(j, "result");
    assert_true(number(result, "rows") > 0 && number(result, "rows") < 150000);
    int64_t import = only_import(result);
    json_t *i = ask(&r, 200, "GET", path_of(&r, "/api/imports/#", import), S(""));
    assert_str(json_at(i, "state"), S("interrupted"));
    assert_int_equal(number(i, "rows"), number(result, "rows"));
    json_decref(i);
    json_decref(j);
    str text = S(""); // it is told a moment after it is stored
    for (size_t n; !str_has(text, S("\"state\":\"cancelled\"")); text = str_cat(&r.life, text, (str){told, n}))
        await((n = live_read(server_live(r.sv), &at_live, told, sizeof told)) > 0);
    assert_true(str_has(text, S("event: job")) && str_has(text, S("\"kind\":\"import\"")));
    // The file is still there: it can be taken in whole, or what is in can be taken back.
    json_decref(ask(&r, 200, "GET", path_of(&r, "/api/uploads/#", up), S("")));
    json_decref(done_by(&r, "POST", path_of(&r, "/api/imports/#/undo", import), ""));
    content left = content_of(r.where);
    assert_int_equal(left.n, 0);
    serve_close(&r);
}

// A file that came as a spooled body is moved, not copied.
static void a_spooled_body_is_moved(void **state) {
    (void)state;
    serve_rig r;
    work_open(&r, NULL);
    char spool[300];
    snprintf(spool, sizeof spool, "%s/spooled", r.dir);
    err e = {0};
    assert_ok(world_real()->write_file(world_real(), spool, S(ORDERS), &e), e);
    exchange *x = &r.x;
    arena_reset(&x->a);
    arena a = x->a;
    *x = (exchange){.a = a};
    x->q = (request){.method = METHOD_POST, .path = S("/api/uploads"), .query = S("name=o.csv"), .secure = true};
    x->q.spool = str_c(spool), x->q.length = sizeof ORDERS - 1, x->q.peer = S("127.0.0.1");
    who w = serve_as("manager");
    server_run(r.sv, x, &w);
    assert_int_equal(x->r.status, 201);
    assert_int_not_equal(access(spool, F_OK), 0);
    json_t *u = serve_json(&r);
    assert_int_equal(number(u, "bytes"), sizeof ORDERS - 1);
    json_t *did = done_by(&r, "POST", path_of(&r, "/api/uploads/#/run", number(u, "id")), "");
    assert_int_equal(number(did, "new"), 6);
    json_decref(did);
    json_decref(u);
    // Nothing is left in the folder of uploads.
    char left[300];
    snprintf(left, sizeof left, "test -z \"$(ls -A '%s/uploads')\"", r.where);
    rig_shell(left);
    serve_close(&r);
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_by_the_api_is_a_file_by_the_command),
        cmocka_unit_test(what_was_refused_is_shown_given_back_and_read_again),
        cmocka_unit_test(what_a_person_says_about_a_file_counts),
        cmocka_unit_test(an_import_is_cancelled_and_told_of),
        cmocka_unit_test(a_spooled_body_is_moved),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
