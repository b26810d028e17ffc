// Who reads what customers said is noted, and who reads figures is not: told by the table of routes, so that none that
// comes can forget it, and seen in the log.
#include "base.h"

#include "jobs/understand.h"
#include "serve/server.h"

// Addresses below which customers' words are shown.
static const char *const areas[] = {"/api/search", "/api/feedback", "/api/meaning",    "/api/topics",
                                    "/api/themes", "/api/rising",   "/api/priorities", "/api/inbox"};
// Of these, what shows no words: figures, names of topics and themes, and what people of ours said.
static const char *const no_words[] = {"feedback_facets",  "meaning_state",    "topics_tree",    "topics_suggest",
                                       "topics_stand",     "topics_history",   "topics_audited", "topics_show",
                                       "themes_stand",     "themes_said_page", "inbox_sums",     "inbox_colleagues",
                                       "inbox_topics_page"};

static bool listed(const char *const *list, size_t n, const char *name) {
    for (size_t i = 0; i < n; i++)
        if (!strcmp(list[i], name)) return true;
    return false;
}

static bool in_area(const char *path) {
    for (size_t i = 0; i < COUNT(areas); i++)
        if (str_starts(str_c(path), str_c(areas[i]))) return true;
    return str_ends(str_c(path), S("/needs"));
}

static void every_route_says_whether_it_shows_words(void **state) {
    (void)state;
    size_t n, words = 0, none = 0;
    const route *all = routes_all(&n);
    for (size_t i = 0; i < n; i++) {
        const bool marked = all[i].flags & ROUTE_WORDS, exempt = listed(no_words, COUNT(no_words), all[i].name);
        if (all[i].mode != MODE_READ || !in_area(all[i].path)) {
            if (exempt) fail_msg("%s is named here and is no such route", all[i].name);
            continue;
        }
        if (marked == exempt)
            fail_msg("%s %s (%s): mark it ROUTE_WORDS if it shows what customers said, else name it in this test",
                     method_name(all[i].method), all[i].path, all[i].name);
        words += marked, none += exempt;
    }
    assert_true(words > 10);
    assert_int_equal(none, COUNT(no_words));
}

static json_t *get(serve_rig *r, const who *w, const char *path) {
    const response *got = serve_ask_as(r, "GET", path, NULL, 0, S(""), w);
    if (got->status != 200) fail_msg("%s: %d %.*s", path, got->status, STR_ARG(got->body));
    return serve_json(r);
}

static size_t noted(serve_rig *r, const char *action, const char *subject) {
    const who owner = serve_as("owner");
    size_t i, n = 0;
    const json_t *v;
    serve_settle(r);
    json_t *log = get(r, &owner, str_z(&r->life, str_fmt(&r->life, "/api/audit?action=%s&limit=200", action)));
    json_array_foreach(json_object_get(log, "items"), i, v) n += str_eq(json_at(v, "subject"), str_c(subject));
    json_decref(log);
    return n;
}

static void looks_are_in_the_log(void **state) {
    (void)state;
    serve_rig r;
    err e = {0};
    understood sum;
    const who agent = serve_as("agent"), viewer = serve_as("viewer");
    serve_open(&r, base);
    store *s = server_reader_take(r.sv, &e);
    assert_ok(understand(&(understanding){.s = s, .w = server_writer(r.sv), .where = S("")}, &sum, &e), e);
    server_reader_give(r.sv, s);
    json_t *page = get(&r, &agent, "/api/feedback?limit=1");
    const int64_t customer = json_integer_value(json_find(page, "items.0.customer"));
    json_decref(page);
    json_decref(get(&r, &agent, "/api/feedback?limit=1"));
    assert_int_equal(noted(&r, "words.look", "/api/feedback"), 1); // once an hour
    r.now += INT64_C(3600000000);
    json_decref(get(&r, &agent, "/api/feedback?limit=2"));
    assert_int_equal(noted(&r, "words.look", "/api/feedback"), 2);
    const str of = str_fmt(&r.life, "customer:%" PRId64, customer);
    const size_t before = noted(&r, "customer.look", str_z(&r.life, of));
    json_decref(get(&r, &agent, str_z(&r.life, str_fmt(&r.life, "/api/search?words=a&customer=%" PRId64, customer))));
    assert_int_equal(noted(&r, "customer.look", str_z(&r.life, of)), before + 1);
    assert_int_equal(noted(&r, "words.look", "/api/search"), 0);
    json_decref(get(&r, &agent, "/api/feedback/facets"));
    assert_int_equal(noted(&r, "words.look", "/api/feedback/facets"), 0);
    json_decref(get(&r, &viewer, "/api/rising"));
    assert_int_equal(noted(&r, "words.look", "/api/rising"), 0); // it is shown figures
    json_decref(get(&r, &agent, "/api/rising"));
    assert_int_equal(noted(&r, "words.look", "/api/rising"), 1);
    serve_close(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_route_says_whether_it_shows_words),
        cmocka_unit_test(looks_are_in_the_log),
    };
    return cmocka_run_group_tests(tests, make_base, drop_base);
}
