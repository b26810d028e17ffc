// Search and meanings through the API on the sample company, once its words are understood: what is found holds what
// was asked for, filters hold, nothing is found that is gone, and a killed start goes on where it was.
#include "base.h"

#include "jobs/understand.h"
#include "serve/server.h"

static bool stop_after(void *ctx, int64_t done, int64_t total, err *e) {
    (void)total;
    return done < *(const int64_t *)ctx || fail(e, ERR_conflict, "it was cancelled");
}

static understood work(serve_rig *r, int64_t most) {
    err e = {0};
    understood sum;
    store *s = server_reader_take(r->sv, &e);
    const understanding x = {
        .s = s, .w = server_writer(r->sv), .where = str_c(r->where), .goes_on = most ? stop_after : NULL, .ctx = &most};
    const bool ok = understand(&x, &sum, &e);
    assert_true(ok || most);
    server_reader_give(r->sv, s);
    return sum;
}

static json_t *asked(serve_rig *r, const char *path) {
    const who owner = serve_as("owner");
    const response *got = serve_ask_as(r, "GET", path, NULL, 0, S(""), &owner);
    if (got->status != 200) fail_msg("%s: %d %.*s", path, got->status, STR_ARG(got->body));
    return serve_json(r);
}

static int64_t number(const json_t *v, const char *name) {
    return json_integer_value(json_object_get(v, name));
}

static void understanding_goes_on(void **state) {
    (void)state;
    serve_rig r;
    serve_open(&r, base);
    json_t *v = asked(&r, "/api/meaning");
    const int64_t all = number(v, "waiting");
    assert_true(all > 10);
    json_decref(v);
    const understood first = work(&r, 1);
    assert_true(first.words > 0);
    work(&r, 0);
    v = asked(&r, "/api/meaning");
    assert_int_equal(number(v, "understood"), all);
    assert_int_equal(number(v, "waiting"), 0);
    json_decref(v);
    assert_int_equal(work(&r, 0).words, 0);
    serve_close(&r);
}

// Each hit's snippet is a part of its words, and its hits are words that were looked for.
static void check_hit(const json_t *hit, const char *word) {
    const char *words = json_string_value(json_object_get(json_object_get(hit, "voice"), "words"));
    const json_t *piece;
    size_t i;
    char text[4096] = "";
    json_array_foreach(json_object_get(hit, "snippet"), i, piece) {
        const char *part = json_string_value(json_object_get(piece, "text"));
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s", part);
        if (json_is_true(json_object_get(piece, "hit"))) assert_true(str_eq_ci(str_c(part), str_c(word)));
    }
    assert_non_null(strstr(words, text));
    assert_true(json_is_integer(json_object_get(hit, "by_words")) ||
                json_is_number(json_object_get(hit, "by_meaning")));
}

static void search_finds_what_is_asked(void **state) {
    (void)state;
    serve_rig r;
    serve_open(&r, base);
    work(&r, 0);
    json_t *v = asked(&r, "/api/search?words=Paket&limit=50"), *hit;
    size_t i, n = json_array_size(json_object_get(v, "items"));
    assert_true(n > 1);
    double last = 1;
    json_array_foreach(json_object_get(v, "items"), i, hit) {
        const double score = json_number_value(json_object_get(hit, "score"));
        check_hit(hit, "Paket");
        assert_true(score <= last);
        last = score;
    }
    const json_t *first = json_object_get(json_array_get(json_object_get(v, "items"), 0), "voice");
    const int64_t customer = number(first, "customer"), id = number(first, "id");
    char path[200];
    snprintf(path, sizeof path, "/api/search?words=Paket&customer=%d", (int)customer);
    json_t *theirs = asked(&r, path);
    json_array_foreach(json_object_get(theirs, "items"), i, hit)
        assert_int_equal(number(json_object_get(hit, "voice"), "customer"), customer);
    assert_true(i > 0);
    json_decref(theirs);
    snprintf(path, sizeof path, "/api/feedback/%d/meaning", (int)id);
    json_t *one = asked(&r, path);
    assert_true(json_is_true(json_object_get(one, "understood")));
    assert_string_equal(json_string_value(json_object_get(one, "language")), "de");
    assert_true(json_array_size(json_object_get(one, "clauses")) > 0);
    assert_true(json_array_size(json_object_get(one, "copies")) > 0 && number(one, "people") > 0);
    json_array_foreach(json_object_get(one, "near"), i, hit)
        assert_int_not_equal(number(json_object_get(hit, "voice"), "id"), id);
    json_decref(one);
    json_decref(v);
    serve_close(&r);
}

// Facets count what the words say where the source said nothing, and the list keeps to the filter.
static void moods_are_read(void **state) {
    (void)state;
    serve_rig r;
    serve_open(&r, base);
    json_t *before = asked(&r, "/api/feedback/facets"), *v;
    work(&r, 0);
    serve_settle(&r);
    r.now += INT64_C(3600000000); // what was answered before is old
    json_t *after = asked(&r, "/api/feedback/facets");
    int64_t languages = 0, unhappy = 0;
    size_t i;
    json_array_foreach(json_object_get(after, "language"), i, v) languages += number(v, "count");
    json_array_foreach(json_object_get(after, "mood"), i, v) if (!strcmp(json_string_value(json_object_get(v, "value")),
                                                                         "unhappy")) unhappy = number(v, "count");
    assert_int_equal(number(before, "total"), number(after, "total"));
    assert_true(languages > 10);
    json_t *list = asked(&r, "/api/feedback?mood=unhappy&limit=500");
    assert_int_equal((int64_t)json_array_size(json_object_get(list, "items")), unhappy);
    json_decref(list);
    json_decref(before);
    json_decref(after);
    serve_close(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(understanding_goes_on),
                                       cmocka_unit_test(search_finds_what_is_asked), cmocka_unit_test(moods_are_read)};
    return cmocka_run_group_tests(tests, make_base, drop_base);
}
