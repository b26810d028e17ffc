// Segments through the API: members, counts, lists and reasons agree; membership follows events and rules at once.
#include "asked.h"

static int64_t make_segment(serve_rig *r, const char *name, const char *rule) {
    char body[1000];
    snprintf(body, sizeof body, "{\"name\":\"%s\",\"rule\":\"%s\"}", name, rule);
    json_t *v = ask_json(r, "POST", S("/api/segments"), body, 201);
    int64_t id = json_integer_value(json_object_get(v, "id"));
    json_decref(v);
    return id;
}

static int64_t count_of(serve_rig *r, int64_t id) {
    arena a = r->life;
    json_t *v = get_json(r, str_fmt(&a, "/api/segments/%" PRId64 "/count", id));
    int64_t n = json_integer_value(json_object_get(v, "members"));
    json_decref(v);
    return n;
}

typedef struct {
    serve_rig *r;
    int64_t segment, ids[1000];
    size_t n;
} listed;

static void add_member(void *ctx, const json_t *item) {
    listed *k = ctx;
    k->ids[k->n++] = json_integer_value(json_object_get(item, "id"));
}

static bool listed_has(const listed *k, int64_t id) {
    for (size_t i = 0; i < k->n; i++)
        if (k->ids[i] == id) return true;
    return false;
}

static void check_reason(void *ctx, const json_t *item) {
    listed *k = ctx;
    arena a = k->r->life;
    int64_t id = json_integer_value(json_object_get(item, "id"));
    json_t *v = get_json(k->r, str_fmt(&a, "/api/segments/%" PRId64 "/why/%" PRId64, k->segment, id));
    bool member = json_is_true(json_object_get(v, "member"));
    assert_true(member == listed_has(k, id));
    assert_true(member == json_is_true(json_find(v, "rule.holds")));
    json_decref(v);
}

static void all_ways_to_ask_agree(void **state) {
    static const char *const rules[] = {"orders >= 3",
                                        "country = DE and not channel = chat",
                                        "score nps >= 9 or complaints in 365 days > 0",
                                        "identifier = phone, value >= 50 EUR",
                                        "days_since_seen <= 30 and source = sample-shop",
                                        "everybody",
                                        "nobody"};
    serve_rig r;
    (void)state;
    serve_open(&r, sample_base);
    for (size_t i = 0; i < COUNT(rules); i++) {
        char name[20];
        arena a = r.life;
        snprintf(name, sizeof name, "s%zu", i);
        listed k = {.r = &r, .segment = make_segment(&r, name, rules[i])}, list = k;
        each_item(&r, str_fmt(&a, "/api/segments/%" PRId64 "/members?limit=4", k.segment), add_member, &k);
        each_item(&r, str_fmt(&a, "/api/customers?limit=11&segment=%" PRId64, k.segment), add_member, &list);
        assert_int_equal(k.n, count_of(&r, k.segment));
        assert_int_equal(k.n, list.n);
        for (size_t n = 0; n < k.n; n++) assert_true(listed_has(&list, k.ids[n]) && (!n || k.ids[n - 1] < k.ids[n]));
        each_item(&r, S("/api/customers?limit=100"), check_reason, &k);
    }
    serve_close(&r);
}

static void membership_follows_events_and_rules_at_once(void **state) {
    serve_rig r;
    (void)state;
    serve_open(&r, sample_base);
    int64_t id = make_segment(&r, "Spenders", "order_value >= 1000 EUR"), before = count_of(&r, id);
    int64_t others = make_segment(&r, "Others", "not order_value >= 1000 EUR");
    str path = str_fmt(&r.life, "/api/segments/%" PRId64, others);
    arena a = r.life;
    pair match = {S("If-Match"), S("\"1\"")};
    who owner = serve_as("owner");
    // Made of the other segment it means the same.
    int64_t rest = count_of(&r, others);
    str rule = str_fmt(&a, "{\"rule\":{\"not\":{\"segment\":%" PRId64 "}}}", id);
    assert_int_equal(serve_ask_as(&r, "PATCH", str_z(&a, path), &match, 1, rule, &owner)->status, 200);
    assert_int_equal(count_of(&r, others), rest);
    send_event(&r, "/v1/track",
               "{\"userId\":\"new1\",\"messageId\":\"m1\",\"timestamp\":\"2026-10-20T10:00:00Z\",\"event\":\"Order "
               "Completed\","
               "\"properties\":{\"order_id\":\"o1\",\"total\":2000,\"currency\":\"EUR\"}}");
    assert_int_equal(count_of(&r, id), before + 1);
    assert_int_equal(count_of(&r, others), rest);
    // Another rule of what a segment is made of: the answer that was kept is of the old one.
    str low = S("{\"rule\":\"order_value >= 0 EUR\"}");
    assert_int_equal(
        serve_ask_as(&r, "PATCH", str_z(&a, str_fmt(&a, "/api/segments/%" PRId64, id)), &match, 1, low, &owner)->status,
        200);
    assert_true(count_of(&r, id) > before + 1 && count_of(&r, others) < rest);
    serve_close(&r);
}

static void what_many_say_together_is_what_each_says(void **state) {
    serve_rig r;
    (void)state;
    serve_open(&r, sample_base);
    int64_t x = make_segment(&r, "X", "orders >= 3"), y = make_segment(&r, "Y", "channel = shop");
    arena a = r.life;
    int64_t both = make_segment(&r, "Both", str_z(&a, str_fmt(&a, "segment %" PRId64 " and segment %" PRId64, x, y)));
    int64_t any = make_segment(&r, "Any", str_z(&a, str_fmt(&a, "segment %" PRId64 " or segment %" PRId64, x, y)));
    int64_t neither = make_segment(&r, "Neither", str_z(&a, str_fmt(&a, "not segment %" PRId64, any)));
    int64_t everybody = make_segment(&r, "All", "everybody");
    assert_int_equal(count_of(&r, x) + count_of(&r, y), count_of(&r, both) + count_of(&r, any));
    assert_int_equal(count_of(&r, any) + count_of(&r, neither), count_of(&r, everybody));
    serve_close(&r);
}

int main(void) {
    struct CMUnitTest tests[] = {cmocka_unit_test(all_ways_to_ask_agree),
                                 cmocka_unit_test(membership_follows_events_and_rules_at_once),
                                 cmocka_unit_test(what_many_say_together_is_what_each_says)};
    return cmocka_run_group_tests_name("segments", tests, make_sample, drop_sample);
}
