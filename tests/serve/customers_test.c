// Customers through the API: every page once, looks that are noted, answers cut to what is asked for, and a word about
// who is who that does what was foretold.
#include "asked.h"

#include "base/rng.h"
#include "serve/fields.h"

// ---- lists ----

typedef struct {
    int64_t ids[1000];
    size_t n;
} ids;

static void add_id(void *ctx, const json_t *item) {
    ids *k = ctx;
    k->ids[k->n++] = json_integer_value(json_object_get(item, "id"));
}

static bool has(const ids *k, int64_t id) {
    for (size_t i = 0; i < k->n; i++)
        if (k->ids[i] == id) return true;
    return false;
}

static void every_order_gives_everybody_once(void **state) {
    static const char *const sorts[] = {
        "",           "last_seen",      "-name",  "orders", "-order_value", "-first_seen",
        "complaints", "-monthly_value", "number", "-number"};
    serve_rig r;
    (void)state;
    serve_open(&r, sample_base);
    ids first = {.n = 0};
    for (size_t i = 0; i < COUNT(sorts); i++) {
        ids k = {.n = 0};
        arena a = r.life;
        each_item(&r, str_fmt(&a, "/api/customers?limit=7&sort=%s", sorts[i]), add_id, &k);
        if (!i) first = k;
        bool names = strstr(sorts[i], "name") != NULL; // who has none stands in no list of names
        if (names ? k.n > first.n : k.n != first.n) fail_msg("%s: %d, %d", sorts[i], (int)k.n, (int)first.n);
        for (size_t n = 0; n < k.n; n++) assert_true(has(&first, k.ids[n]));
        for (size_t n = 1; n < k.n; n++)
            for (size_t m = 0; m < n; m++) assert_true(k.ids[n] != k.ids[m]);
    }
    assert_true(first.n > 50);
    serve_close(&r);
}

static void lists_and_segments_find_the_same(void **state) {
    static const struct {
        const char *query, *rule;
    } cases[] = {{"where=orders+%3E%3D+3", "orders >= 3"},
                 {"channel=chat", "channel = chat"},
                 {"waiting=false&where=country+%3D+DE", "waiting = false and country = DE"},
                 {"since=2026-09-01&until=2026-10-15", "last_seen >= 2026-09-01 and last_seen < 2026-10-15"}};
    serve_rig r;
    (void)state;
    serve_open(&r, sample_base);
    for (size_t i = 0; i < COUNT(cases); i++) {
        arena a = r.life;
        ids k = {.n = 0};
        each_item(&r, str_fmt(&a, "/api/customers?limit=9&sort=-orders&%s", cases[i].query), add_id, &k);
        json_t *found = ask_json(&r, "POST", S("/api/segments/preview"),
                                 str_z(&a, str_fmt(&a, "{\"rule\":\"%s\"}", cases[i].rule)), 200);
        if ((int64_t)k.n != json_integer_value(json_object_get(found, "members")))
            fail_msg("%s: %d", cases[i].query, (int)k.n);
        assert_true(k.n > 0);
        json_decref(found);
    }
    serve_close(&r);
}

// ---- looks ----

static int64_t looks_at(serve_rig *r, const char *subject) {
    arena a = r->life;
    serve_settle(r); // behind the notes that are in line
    json_t *v = get_json(r, str_fmt(&a, "/api/audit?action=customer.look&subject=%s", subject));
    int64_t n = (int64_t)json_array_size(json_object_get(v, "items"));
    json_decref(v);
    return n;
}

static void a_look_is_noted_once_an_hour(void **state) {
    serve_rig r;
    (void)state;
    serve_open(&r, sample_base);
    for (int i = 0; i < 5; i++) json_decref(get_json(&r, S("/api/customers/7")));
    json_decref(get_json(&r, S("/api/customers/7/timeline")));
    json_decref(get_json(&r, S("/api/evidence/customer:7")));
    assert_int_equal(looks_at(&r, "customer:7"), 1);
    assert_int_equal(looks_at(&r, "customer:43"), 0);
    json_decref(get_json(&r, S("/api/customers/43")));
    assert_int_equal(looks_at(&r, "customer:43"), 1);
    who key = {.kind = WHO_KEY, .id = 9, .name = S("reports"), .needs = N(customers_read)};
    assert_int_equal(serve_ask_as(&r, "GET", "/api/customers/7", NULL, 0, S(""), &key)->status, 200);
    assert_int_equal(looks_at(&r, "customer:7"), 2); // another one looked
    r.now += INT64_C(3600000000);
    for (int i = 0; i < 2; i++) json_decref(get_json(&r, S("/api/customers/7")));
    assert_int_equal(looks_at(&r, "customer:7"), 3);
    serve_ask(&r, "GET", "/api/customers/999999", "", "owner"); // nobody was looked at
    assert_int_equal(looks_at(&r, "customer:999999"), 0);
    serve_close(&r);
}

// ---- a word about who is who ----

static uint64_t figures_of(const json_t *customer) {
    char *text = json_dumps(json_object_get(customer, "figures"), JSON_ENCODE_ANY | JSON_SORT_KEYS);
    uint64_t h = str_hash(str_c(text));
    free(text);
    return h;
}

// What is told of a customer is what its page then shows.
static void check_then(serve_rig *r, const json_t *told) {
    size_t i;
    json_t *c;
    json_array_foreach(json_object_get(told, "after"), i, c) {
        arena a = r->life;
        json_t *page = get_json(
            r, str_fmt(&a, "/api/customers/%" JSON_INTEGER_FORMAT, json_integer_value(json_object_get(c, "id"))));
        assert_int_equal(figures_of(page), figures_of(c));
        assert_int_equal(json_array_size(json_object_get(page, "identities")),
                         json_array_size(json_object_get(c, "profiles")));
        json_decref(page);
    }
}

static void what_is_foretold_comes_true_and_is_taken_back(void **state) {
    serve_rig r;
    (void)state;
    serve_open(&r, sample_base);
    json_t *before = get_json(&r, S("/api/customers/7"));
    json_t *told = ask_json(&r, "POST", S("/api/customers/7/split/preview"), "{\"profile\":152}", 200);
    pair match = {S("If-Match"), str_dup(&r.life, response_get(&r.x.r, "etag"))};
    who owner = serve_as("owner");
    assert_int_equal(
        serve_ask_as(&r, "POST", "/api/customers/7/split", &match, 1, S("{\"profile\":152}"), &owner)->status, 200);
    check_then(&r, told);
    match.value = S("*");
    static const char *const words[] = {"{\"a\":7,\"b\":152}", "{\"a\":26,\"b\":152}", "{\"a\":152,\"b\":56}"};
    for (size_t i = 0; i < COUNT(words); i++)
        assert_int_equal(
            serve_ask_as(&r, "POST", "/api/customers/152/undo", &match, 1, str_c(words[i]), &owner)->status, 200);
    json_t *after = get_json(&r, S("/api/customers/7"));
    assert_int_equal(figures_of(after), figures_of(before));
    assert_true(json_equal(json_object_get(after, "identities"), json_object_get(before, "identities")));
    assert_true(json_equal(json_object_get(after, "links"), json_object_get(before, "links")));
    json_decref(before), json_decref(told), json_decref(after);
    serve_close(&r);
}

// Somebody else's change must not be lost: a tag is good for the state that was read.
static void a_tag_is_of_what_is_known(void **state) {
    serve_rig r;
    (void)state;
    serve_open(&r, sample_base);
    json_decref(get_json(&r, S("/api/customers/7")));
    pair match = {S("If-Match"), str_dup(&r.life, response_get(&r.x.r, "etag"))};
    json_decref(get_json(&r, S("/api/customers/7")));
    assert_str(response_get(&r.x.r, "etag"), match.value);
    send_event(
        &r, "/v1/track",
        "{\"userId\":\"x1\",\"messageId\":\"m1\",\"timestamp\":\"2026-11-01T10:00:00Z\",\"event\":\"Order Completed\","
        "\"context\":{\"traits\":{\"email\":\"heike24@box.example.net\"}},\"properties\":{\"order_id\":\"o1\","
        "\"total\":12.5,"
        "\"currency\":\"EUR\",\"email\":\"heike24@box.example.net\"}}");
    json_t *page = get_json(&r, S("/api/customers/7"));
    if (str_eq(response_get(&r.x.r, "etag"), match.value)) fail_msg("the event changed nothing");
    json_decref(page);
    who owner = serve_as("owner");
    assert_int_equal(
        serve_ask_as(&r, "POST", "/api/customers/7/split", &match, 1, S("{\"profile\":152}"), &owner)->status, 412);
    serve_close(&r);
}

// ---- fields ----

static json_t *random_value(rng *g, int depth) {
    static const char *const names[] = {"a", "b", "ab", "c", "a.b", "\"x", "items", "next"};
    double p = rng_unit(g);
    if (depth && p < 0.3) {
        json_t *list = json_array();
        for (int64_t n = rng_range(g, 0, 3); n > 0; n--) json_array_append_new(list, random_value(g, depth - 1));
        return list;
    }
    if (depth && p < 0.8) {
        json_t *v = json_object();
        for (int64_t n = rng_range(g, 0, 5); n > 0; n--)
            json_object_set_new(v, names[rng_range(g, 0, COUNT(names) - 1)], random_value(g, depth - 1));
        return v;
    }
    static const char *const texts[] = {"", "x,y", "}]\"", "ä", "\\"};
    return p < 0.9 ? json_string(texts[rng_range(g, 0, COUNT(texts) - 1)]) : json_integer(rng_range(g, -5, 5));
}

// The slow way: a copy without what is not wanted.
static json_t *slow_keep(const json_t *v, const char *const *want, size_t n) {
    size_t i;
    const char *key;
    json_t *x;
    if (json_is_array(v)) {
        json_t *list = json_array();
        json_array_foreach(v, i, x) json_array_append_new(list, slow_keep(x, want, n));
        return list;
    }
    if (!json_is_object(v)) return json_incref((json_t *)(uintptr_t)v);
    json_t *out = json_object();
    json_object_foreach((json_t *)(uintptr_t)v, key, x) {
        const char *inner[8];
        size_t n_inner = 0, len = strlen(key);
        bool all = false, some = false;
        for (i = 0; i < n; i++) {
            if (strncmp(want[i], key, len)) continue;
            if (!want[i][len]) all = some = true;
            if (want[i][len] == '.' && want[i][len + 1]) inner[n_inner++] = want[i] + len + 1, some = true;
        }
        if (some) json_object_set_new(out, key, all ? json_incref(x) : slow_keep(x, inner, n_inner));
    }
    return out;
}

static void an_answer_is_cut_to_what_is_asked(void **state) {
    static const char *const fields[] = {"a", "b", "ab", "a.b", "a.b.c", "c.a", "b.b", "c"};
    rng g = rng_seed(1);
    (void)state;
    for (int i = 0; i < 3000; i++) {
        arena a = arena_open(1 << 22);
        err e = {0};
        const char *want[4];
        size_t n = (size_t)rng_range(&g, 1, 4);
        buf list = buf_new(&a, 200);
        for (size_t k = 0; k < n; k++)
            want[k] = fields[rng_range(&g, 0, COUNT(fields) - 1)], buf_fmt(&list, "%s%s", k ? "," : "", want[k]);
        json_t *v = random_value(&g, 4), *got = NULL, *right = slow_keep(v, want, n);
        char *text = json_dumps(v, JSON_ENCODE_ANY | (rng_chance(&g, 0.5) ? JSON_INDENT(2) : JSON_COMPACT));
        str out;
        assert_ok(fields_keep(&a, str_c(text), buf_str(&list), S("any"), &out, &e) && json_read(out, &got, &e), e);
        if (!json_equal(got, right)) fail_msg("%s of %s is %.*s", buf_str(&list).s, text, STR_ARG(out));
        free(text);
        json_decref(v), json_decref(got), json_decref(right);
        arena_close(&a);
    }
}

static void fields_reach_into_every_item(void **state) {
    serve_rig r;
    (void)state;
    serve_open(&r, sample_base);
    json_t *v = get_json(&r, S("/api/customers?limit=3&fields=id,order_value.value,channels"));
    size_t i;
    json_t *item;
    assert_true(json_is_string(json_object_get(v, "next")));
    json_array_foreach(json_object_get(v, "items"), i, item) {
        assert_int_equal(json_object_size(item), 3);
        assert_int_equal(json_object_size(json_object_get(item, "order_value")), 1);
    }
    json_decref(v);
    json_decref(ask_json(&r, "GET", S("/api/customers?fields=order_value.colour"), "", 400));
    json_decref(get_json(&r, S("/api/customers/7?fields=timeline.body.text,id"))); // a body may hold anything
    serve_close(&r);
}

int main(void) {
    struct CMUnitTest tests[] = {cmocka_unit_test(every_order_gives_everybody_once),
                                 cmocka_unit_test(lists_and_segments_find_the_same),
                                 cmocka_unit_test(a_look_is_noted_once_an_hour),
                                 cmocka_unit_test(what_is_foretold_comes_true_and_is_taken_back),
                                 cmocka_unit_test(a_tag_is_of_what_is_known),
                                 cmocka_unit_test(an_answer_is_cut_to_what_is_asked),
                                 cmocka_unit_test(fields_reach_into_every_item)};
    return cmocka_run_group_tests_name("customers", tests, make_sample, drop_sample);
}
