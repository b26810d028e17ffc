// Topics through the API on the sample company: suggestions become topics, are learned, answered, tried and audited.
#define BASE_CUSTOMERS 2000
#define BASE_YEARS     1
#include "base.h"

#include <math.h>

#include "jobs/tagging.h"
#include "jobs/understand.h"
#include "know/topic_audit.h"
#include "serve/server.h"
#include "sql/know_topic.h"

// ---- work, as jobs do it ----

static void work(serve_rig *r, bool learn) {
    err e = {0};
    understood sum;
    tagged done = {0};
    store *s = server_reader_take(r->sv, &e);
    arena a = arena_open(64 << 20);
    reader *words = NULL;
    const understanding x = {.s = s, .w = server_writer(r->sv), .where = str_c(server_options(r->sv)->where)};
    assert_ok(understand(&x, &sum, &e), e);
    assert_ok(reader_open(&a, &words, x.where, &e), e);
    const tagging t = {.s = s, .w = x.w, .now_us = INT64_C(1), .r = words};
    if (learn) assert_ok(tag_learn(&t, true, &done, &e), e);
    assert_ok(tag_new(&t, &done, &e) && tag_again(&t, &done, &e), e);
    reader_close(words);
    arena_close(&a);
    server_reader_give(r->sv, s);
}

static bool draw_now(void *ctx, desk *d, err *e) {
    topic_audit_drawn drawn;
    int64_t n;
    return topic_audit_draw(d->s, *(int64_t *)ctx, &drawn, e) && topic_audit_put(d->s, &drawn, &n, e);
}

static json_t *asked(serve_rig *r, const char *method, const char *path, const char *body, int status) {
    const who owner = serve_as("owner");
    json_t *v = NULL;
    err e = {0};
    const response *got = serve_ask_as(r, method, path, NULL, 0, str_c(body), &owner);
    if (got->status != status) fail_msg("%s %s: %d %.*s", method, path, got->status, STR_ARG(got->body));
    assert_ok(json_read(got->body, &v, &e), e);
    return v;
}

static int64_t number(const json_t *v, const char *path) {
    return json_integer_value(json_find(v, path));
}

// The topic of a name, in a tree.
static const json_t *node_of(const json_t *tree, const char *name) {
    size_t i;
    const json_t *v;
    json_array_foreach(json_object_get(tree, "items"), i, v) {
        if (str_eq(json_at(v, "topic.name"), str_c(name))) return v;
    }
    return NULL;
}

static void take_suggestions(serve_rig *r) {
    size_t i;
    const json_t *v;
    json_t *list = asked(r, "GET", "/api/topics/suggestions", "", 200);
    assert_true(json_array_size(json_object_get(list, "items")) > 5);
    json_array_foreach(json_object_get(list, "items"), i, v) {
        char body[200];
        snprintf(body, sizeof body, "{\"name\":\"%s\"}", json_string_value(json_object_get(v, "name")));
        json_decref(asked(r, "POST", "/api/topics", body, 201));
    }
    json_decref(list);
    list = asked(r, "GET", "/api/topics/suggestions", "", 200);
    assert_int_equal(json_array_size(json_object_get(list, "items")), 0);
    json_decref(list);
}

static const char *fmt(char into[300], const char *form, int64_t x, int64_t y) {
    snprintf(into, 300, form, (long long)x, (long long)y);
    return into;
}

static void sums_hold(const json_t *tree) {
    size_t i;
    const json_t *v;
    json_array_foreach(json_object_get(tree, "items"), i, v) {
        const json_t *f = json_object_get(v, "figures");
        assert_int_equal(number(f, "negative") + number(f, "neutral") + number(f, "positive") + number(f, "untold"),
                         number(f, "mentions"));
        assert_true(number(f, "people") <= number(f, "mentions"));
        assert_true(number(f, "people") <= number(tree, "people"));
    }
}

// What each part adds is the score.
static void parts_sum(const json_t *why) {
    size_t i, k;
    const json_t *t, *p;
    json_array_foreach(json_object_get(why, "topics"), i, t) {
        double sum =
            json_number_value(json_object_get(t, "meaning")) + json_number_value(json_object_get(t, "constant"));
        json_array_foreach(json_object_get(t, "parts"), k, p) sum += json_number_value(json_object_get(p, "adds"));
        assert_true(fabs(sum - json_number_value(json_object_get(t, "score"))) < 1e-6);
    }
}

// All that is said of all words: which topic, how sure.
static uint64_t labels_of_all(serve_rig *r) {
    err e = {0};
    uint64_t sum = 0;
    store *s = server_reader_take(r->sv, &e);
    for (row q = store_query(s, Q_meaning_topic_all, &e, ""); row_next(&q);) {
        uint64_t h = 1;
        for (int i = 0; i < 5; i++) h = str_hash2(h * 31 + (uint64_t)row_int(&q, i), S("n"));
        sum += h;
    }
    assert_true(err_ok(&e));
    server_reader_give(r->sv, s);
    return sum;
}

// yes: one of the two that is not what is guessed.
static int64_t answer_first(serve_rig *r, const int64_t yes[2], char step[40]) {
    char body[300];
    json_t *ask = asked(r, "GET", "/api/topics/ask", "", 200);
    const json_t *q = json_array_get(json_object_get(ask, "items"), 0);
    const int64_t words = number(q, "feedback"), guess = number(q, "guesses.0.topic");
    snprintf(body, sizeof body, "{\"feedback\":%d,\"yes\":[%d],\"no\":[%d]}", (int)words, (int)yes[yes[0] == guess],
             (int)guess);
    json_t *done = asked(r, "POST", "/api/topics/answers", body, 200);
    snprintf(step, 40, "%s", json_string_value(json_object_get(done, "undo")));
    json_decref(done);
    json_decref(ask);
    return words;
}

static void back(serve_rig *r, int64_t words, const char *step, int status) {
    char body[300];
    snprintf(body, sizeof body, "{\"feedback\":%d,\"step\":\"%s\"}", (int)words, step);
    json_t *done = asked(r, "POST", "/api/topics/answers/undo", body, status);
    if (status == 200) assert_true(json_is_null(json_object_get(done, "undo")));
    json_decref(done);
}

// What all words are about is exactly what it was before, whatever was answered in between.
static void an_answer_is_taken_back(void **state) {
    serve_rig r;
    char one[40], two[40];
    (void)state;
    serve_open(&r, base);
    take_suggestions(&r);
    work(&r, true);
    json_t *tree = asked(&r, "GET", "/api/topics?days=400", "", 200);
    int64_t yes[2] = {number(node_of(tree, "delivery"), "topic.id"), 0};
    for (size_t i = 0; !yes[1] || yes[1] == yes[0]; i++)
        yes[1] = number(json_array_get(json_object_get(tree, "items"), i), "topic.id");
    json_decref(tree);
    const uint64_t before = labels_of_all(&r);
    const int64_t first = answer_first(&r, yes, one);
    const uint64_t with_one = labels_of_all(&r);
    assert_true(with_one != before);
    const int64_t second = answer_first(&r, yes, two);
    assert_true(first != second && labels_of_all(&r) != with_one);
    back(&r, second, two, 200);
    assert_true(labels_of_all(&r) == with_one);
    back(&r, second, two, 404); // it was taken back already
    back(&r, first, "zz", 400);
    back(&r, first, one, 200);
    assert_true(labels_of_all(&r) == before);
    work(&r, true); // learned from both answers and without them: the same
    assert_true(labels_of_all(&r) == before);
    serve_close(&r);
}

static void from_names_to_answers(void **state) {
    serve_rig r;
    char path[300], body[300];
    (void)state;
    serve_open(&r, base);
    take_suggestions(&r);
    work(&r, true);
    json_t *tree = asked(&r, "GET", "/api/topics?days=400", "", 200);
    const json_t *delivery = node_of(tree, "delivery");
    assert_non_null(delivery);
    sums_hold(tree);
    assert_true(number(delivery, "figures.people") >= 60);
    assert_non_null(node_of(tree, "cancel risk")); // what they want came with the first
    json_t *ask = asked(&r, "GET", "/api/topics/ask", "", 200);
    const json_t *first = json_array_get(json_object_get(ask, "items"), 0);
    assert_non_null(first);
    const int64_t words = number(first, "feedback"), topic_id = number(first, "guesses.0.topic");
    json_t *why = asked(&r, "GET", fmt(path, "/api/feedback/%lld/topics", words, 0), "", 200);
    parts_sum(why);
    json_decref(why);
    json_t *done =
        asked(&r, "POST", "/api/topics/answers", fmt(body, "{\"feedback\":%lld,\"yes\":[%lld]}", words, topic_id), 200);
    assert_true(json_is_true(json_object_get(done, "learned")));
    assert_int_equal(number(done, "looked"), number(tree, "words"));
    int64_t gained = 0;
    size_t i;
    const json_t *f;
    json_array_foreach(json_object_get(done, "effects"), i, f) {
        if (number(f, "topic") == topic_id) gained = number(f, "gained");
    }
    assert_true(gained >= 1);
    json_decref(done);
    // It stands: it is listed as a person's word, is asked no more, and is what the customer speaks of.
    json_t *list = asked(&r, "GET", fmt(path, "/api/topics/%lld/mentions?how=person", topic_id, 0), "", 200);
    assert_int_equal(json_array_size(json_object_get(list, "items")), 1);
    assert_int_equal(number(list, "items.0.feedback"), words);
    json_t *needs =
        asked(&r, "GET", fmt(path, "/api/customers/%lld/needs", number(list, "items.0.customer"), 0), "", 200);
    assert_true(number(needs, "items.0.topic") == topic_id || number(needs, "items.1.topic") == topic_id);
    json_decref(needs);
    json_decref(list);
    list = asked(&r, "GET", "/api/topics/ask", "", 200);
    json_array_foreach(json_object_get(list, "items"), i, f) assert_true(number(f, "feedback") != words);
    json_decref(list);
    json_decref(ask);
    json_decref(tree);
    serve_close(&r);
}

static void a_preview_comes_true(void **state) {
    serve_rig r;
    char path[300], body[300];
    (void)state;
    serve_open(&r, base);
    take_suggestions(&r);
    work(&r, true);
    json_t *tree = asked(&r, "GET", "/api/topics?days=3650", "", 200);
    const int64_t from = number(node_of(tree, "order"), "topic.id"),
                  into = number(node_of(tree, "delivery"), "topic.id");
    json_t *told = asked(&r, "POST", "/api/topics/preview",
                         fmt(body, "{\"act\":\"merge\",\"topic\":%lld,\"into\":%lld}", from, into), 200);
    const int64_t loses = number(told, "moves.0.loses"), gains = number(told, "moves.1.gains"),
                  stays = number(told, "moves.1.stays");
    assert_true(loses > 10 && gains > 10 && json_is_true(json_object_get(told, "all")));
    json_decref(told);
    const pair match[] = {{S("If-Match"), S("\"1\"")}};
    const who owner = serve_as("owner");
    const response *got = serve_ask_as(&r, "POST", fmt(path, "/api/topics/%lld/merge", from, 0), match, 1,
                                       str_c(fmt(body, "{\"into\":%lld}", into, 0)), &owner);
    assert_int_equal(got->status, 200);
    json_t *after = asked(&r, "GET", fmt(path, "/api/topics/%lld/mentions?days=3650&limit=500", into, 0), "", 200);
    assert_int_equal(json_array_size(json_object_get(after, "items")), gains + stays);
    json_decref(after);
    // Filters follow: whoever asks for the old name finds all of it.
    json_t *old = asked(&r, "GET", "/api/feedback?topic=order&limit=500", "", 200);
    json_t *now = asked(&r, "GET", "/api/feedback?topic=delivery&limit=500", "", 200);
    assert_int_equal(json_array_size(json_object_get(old, "items")), json_array_size(json_object_get(now, "items")));
    assert_true((int64_t)json_array_size(json_object_get(now, "items")) >= gains + stays);
    json_decref(old);
    json_decref(now);
    json_decref(tree);
    serve_close(&r);
}

static void the_month_is_audited(void **state) {
    serve_rig r;
    char body[300];
    (void)state;
    serve_open(&r, base);
    take_suggestions(&r);
    work(&r, true);
    err e = {0};
    store *s = server_reader_take(r.sv, &e);
    bool due;
    assert_ok(topic_audit_due(s, r.now, &due, &e), e);
    assert_true(due);
    server_reader_give(r.sv, s);
    assert_ok(writer_do(server_writer(r.sv), draw_now, &r.now, &e), e);
    json_t *sample = asked(&r, "GET", "/api/topics/audit", "", 200);
    const json_t *items = json_object_get(sample, "items");
    size_t i;
    const json_t *v;
    assert_true(json_array_size(items) >= 30);
    json_array_foreach(items, i, v) {
        assert_null(json_object_get(v, "guesses")); // blind
        if (i < 3)
            json_decref(asked(&r, "POST", "/api/topics/audit",
                              fmt(body, "{\"feedback\":%lld,\"topics\":[]}", number(v, "feedback"), 0), 200));
    }
    json_t *report = asked(&r, "GET", "/api/topics/audit/report", "", 200);
    assert_int_equal(number(report, "judged"), 3);
    assert_int_equal(number(report, "sample"), json_array_size(items));
    json_decref(report);
    json_decref(sample);
    serve_close(&r);
}

int main(void) {
    struct CMUnitTest tests[] = {cmocka_unit_test(an_answer_is_taken_back), cmocka_unit_test(from_names_to_answers),
                                 cmocka_unit_test(a_preview_comes_true), cmocka_unit_test(the_month_is_audited)};
    return _cmocka_run_group_tests("topics", tests, COUNT(tests), make_base, drop_base);
}
