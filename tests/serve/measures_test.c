// Measures through the API: what cost a pass over everybody is kept while nothing changes, made anew after, made once
// for all who ask at one time; the rows behind a figure are as many as it says.
#include "asked.h"

#include <pthread.h>
#include <unistd.h>

#include "know/measure.h"
#include "serve/kept.h"

// ---- answers that are kept ----

typedef struct {
    int made, slow_us;
    bool fails;
    const char *text;
} teller;

static bool tell(void *ctx, buf *b, err *e) {
    teller *t = ctx;
    __atomic_fetch_add(&t->made, 1, __ATOMIC_RELAXED);
    if (t->slow_us) usleep((useconds_t)t->slow_us);
    buf_add(b, str_c(t->text));
    return !t->fails || fail(e, ERR_invalid, "no");
}

static str ask(answers_kept *k, arena *a, const char *question, int64_t now_us, teller *t) {
    err e = {0};
    str out;
    int64_t age;
    kept_ask q = {.question = str_c(question), .now_us = now_us, .change = kept_change(k)};
    assert_ok(kept_answer(k, a, &q, tell, t, &out, &age, &e), e);
    assert_int_equal(age, 0);
    return out;
}

static void an_answer_is_kept_until_something_changes(void **state) {
    (void)state;
    arena a = arena_open(1 << 26);
    answers_kept *k = kept_open();
    teller t = {.text = "1"}, other = {.text = "2"};
    for (int i = 0; i < 3; i++) assert_str(ask(k, &a, "x", 1000, &t), S("1"));
    assert_str(ask(k, &a, "y", 1000, &other), S("2"));
    assert_int_equal(t.made, 1);
    kept_changed(k);
    ask(k, &a, "x", 1000, &t);
    assert_int_equal(t.made, 2);
    ask(k, &a, "x", 1000 + INT64_C(599000000), &t);
    assert_int_equal(t.made, 2);
    ask(k, &a, "x", 1000 + INT64_C(601000000), &t); // ten minutes later the clock alone makes it another
    assert_int_equal(t.made, 3);
    ask(k, &a, "x", 0, &t); // and so does a clock that goes back
    assert_int_equal(t.made, 4);
    kept_close(k);
    arena_close(&a);
}

static void a_failure_is_not_kept_and_memory_is_bounded(void **state) {
    (void)state;
    arena a = arena_open((size_t)1 << 32);
    answers_kept *k = kept_open();
    err e = {0};
    str out;
    teller bad = {.text = "", .fails = true};
    for (int i = 0; i < 2; i++) {
        e = (err){0};
        int64_t age;
        assert_false(kept_answer(k, &a, &(kept_ask){.question = S("bad"), .now_us = 1}, tell, &bad, &out, &age, &e));
        assert_int_equal(e.code, ERR_invalid);
    }
    assert_int_equal(bad.made, 2);
    char *big = malloc((1 << 20) + 1);
    memset(big, 'x', 1 << 20), big[1 << 20] = 0;
    teller t = {.text = big};
    for (int i = 0; i < 600; i++) {
        char q[20];
        arena scratch = a;
        snprintf(q, sizeof q, "q%d", i);
        assert_int_equal(ask(k, &scratch, q, 1, &t).len, 1 << 20);
        assert_true(kept_look(k).bytes <= 16 << 20);
    }
    free(big);
    kept_close(k);
    arena_close(&a);
}

typedef struct {
    answers_kept *k;
    teller *t;
} asker;

static void *ask_it(void *ctx) {
    asker *x = ctx;
    arena a = arena_open(1 << 22);
    ask(x->k, &a, "x", 1000, x->t);
    arena_close(&a);
    return NULL;
}

static void who_asks_at_one_time_waits_for_one_answer(void **state) {
    (void)state;
    teller t = {.text = "1", .slow_us = 30000};
    asker x = {kept_open(), &t};
    pthread_t threads[8];
    for (size_t i = 0; i < COUNT(threads); i++) pthread_create(&threads[i], NULL, ask_it, &x);
    for (size_t i = 0; i < COUNT(threads); i++) pthread_join(threads[i], NULL);
    assert_int_equal(t.made, 1);
    assert_int_equal(kept_look(x.k).given, 7);
    kept_close(x.k);
}

// ---- through the server ----

static int64_t made(serve_rig *r) {
    return kept_look(server_kept(r->sv)).made;
}

static void an_event_makes_a_figure_anew(void **state) {
    serve_rig r;
    (void)state;
    serve_open(&r, sample_base);
    json_t *before = get_json(&r, S("/api/measures/repeat?since=2026-10-01"));
    int64_t then = made(&r);
    for (int i = 0; i < 5; i++) json_decref(get_json(&r, S("/api/measures/repeat?since=2026-10-01")));
    json_decref(get_json(&r, S("/api/customers/7"))); // a look is noted, and changes no figure
    serve_settle(&r);
    then = made(&r);
    json_decref(get_json(&r, S("/api/today")));
    json_decref(get_json(&r, S("/api/today")));
    assert_int_equal(made(&r), then + 1);
    send_event(&r, "/v1/track",
               "{\"userId\":\"new1\",\"messageId\":\"m1\",\"timestamp\":\"2026-10-20T10:00:00Z\",\"event\":\"Order "
               "Completed\","
               "\"properties\":{\"order_id\":\"o1\",\"total\":12.5,\"currency\":\"EUR\"}}");
    json_t *after = get_json(&r, S("/api/measures/repeat?since=2026-10-01"));
    int64_t n = json_integer_value(json_find(before, "rows.0.estimate.n"));
    assert_int_equal(json_integer_value(json_find(after, "rows.0.estimate.n")), n + 1);
    json_decref(before), json_decref(after);
    serve_close(&r);
}

static void count_rows(void *ctx, const json_t *item) {
    (void)item;
    ++*(int64_t *)ctx;
}

// Of measures whose figure counts rows one by one.
static void a_figure_has_as_many_rows_as_it_says(void **state) {
    static const char *const names[] = {"nps", "stars", "repeat", "first_reply", "response_rate"};
    serve_rig r;
    (void)state;
    serve_open(&r, sample_base);
    for (size_t i = 0; i < COUNT(names); i++) {
        arena a = r.life;
        json_t *v = get_json(&r, str_fmt(&a, "/api/measures/%s?by=month&since=2026-01-01&until=2026-10-01", names[i]));
        size_t m;
        json_t *point;
        json_array_foreach(json_object_get(v, "rows"), m, point) {
            int64_t rows = 0;
            str id = json_text(json_object_get(point, "evidence"));
            each_item(&r, str_fmt(&a, "/api/evidence/%.*s?limit=3", STR_ARG(id)), count_rows, &rows);
            if (rows != json_integer_value(json_find(point, "estimate.n")))
                fail_msg("%.*s: %d rows", STR_ARG(id), (int)rows);
        }
        assert_int_equal(json_array_size(json_object_get(v, "rows")), 9);
        json_decref(v);
    }
    serve_close(&r);
}

// A viewer sees figures and no names.
static void today_without_names_has_the_same_figures(void **state) {
    serve_rig r;
    (void)state;
    serve_open(&r, sample_base);
    serve_ask(&r, "GET", "/api/today", "", "viewer");
    json_t *plain = serve_json(&r), *whole = get_json(&r, S("/api/today"));
    assert_true(json_equal(json_object_get(plain, "measures"), json_object_get(whole, "measures")));
    assert_true(json_equal(json_object_get(plain, "need_counts"), json_object_get(whole, "need_counts")));
    assert_int_equal(json_array_size(json_object_get(plain, "needs")), 0);
    json_t *examples = json_object_get(plain, "rising"), *one;
    size_t i;
    json_array_foreach(examples, i, one) assert_int_equal(json_string_length(json_object_get(one, "example")), 0);
    json_decref(plain), json_decref(whole);
    serve_close(&r);
}

int main(void) {
    struct CMUnitTest tests[] = {cmocka_unit_test(an_answer_is_kept_until_something_changes),
                                 cmocka_unit_test(a_failure_is_not_kept_and_memory_is_bounded),
                                 cmocka_unit_test(who_asks_at_one_time_waits_for_one_answer),
                                 cmocka_unit_test(an_event_makes_a_figure_anew),
                                 cmocka_unit_test(a_figure_has_as_many_rows_as_it_says),
                                 cmocka_unit_test(today_without_names_has_the_same_figures)};
    return cmocka_run_group_tests_name("measures", tests, make_sample, drop_sample);
}
