// Other rules of who is who: what they would change is said beforehand, exactly, and can be taken back.
#include "know/rig.h"

#include "know/identity.h"

enum { PEOPLE = 15 };

static void office(rig *r) {
    arena a = arena_open(1 << 20);
    event evs[PEOPLE];
    for (int i = 0; i < PEOPLE; i++) {
        evs[i] = order(str_z(&a, str_fmt(&a, "o%d", i)), 20000 + i, 100, NULL, NULL);
        evs[i] = from(from(evs[i], IDENT_stripe_id, str_z(&a, str_fmt(&a, "c%d", i))), IDENT_email, "info@x.org");
    }
    rig_put(r, evs, PEOPLE);
    rig_flush(r);
    arena_close(&a);
}

static identity_effect tried(rig *r, arena *a, const identity_rules *rules) {
    err e = {0};
    identity_effect x;
    assert_ok(identity_try(a, r->s, rules, 10, NULL, NULL, &x, &e), e);
    return x;
}

static void put_rules(rig *r, const identity_rules *rules) {
    err e = {0};
    assert_ok(store_begin(r->s, &e) && identity_rules_write(r->s, rules, &e) && store_commit(r->s, &e), e);
    rig_rebuild(r);
}

static void a_limit_is_tried_and_taken_back(void **state) {
    rig r;
    arena a = arena_open(1 << 22);
    rig_open(&r, place_of(state));
    office(&r);
    assert_int_equal(rig_count(&r, Q_summary_count), 1);
    const uint64_t before = portrait(&r);
    identity_rules usual = identity_rules_usual(), tight = usual;
    tight.limit[IDENT_email] = 10;
    identity_effect x = tried(&r, &a, &tight);
    assert_int_equal(x.now, 1);
    assert_int_equal(x.then, PEOPLE);
    assert_int_equal(x.torn, 1);
    assert_int_equal(x.joined, 0);
    assert_int_equal(x.moved, PEOPLE - 1);
    assert_int_equal(x.demoted_then, 1);
    assert_int_equal(x.n_changes, 1);
    assert_true(x.changes[0].torn);
    assert_int_equal(x.changes[0].parts, PEOPLE);
    assert_true(portrait(&r) == before); // trying writes nothing
    put_rules(&r, &tight);
    assert_int_equal(rig_count(&r, Q_summary_count), PEOPLE);
    assert_verified(&r);
    identity_effect back = tried(&r, &a, &usual);
    assert_int_equal(back.joined, 1);
    assert_int_equal(back.then, 1);
    assert_int_equal(back.largest_then, PEOPLE);
    put_rules(&r, &usual);
    assert_true(portrait(&r) == before);
    assert_verified(&r);
    rig_close(&r);
    arena_close(&a);
}

static void a_kind_can_stop_joining(void **state) {
    rig r;
    arena a = arena_open(1 << 22);
    rig_open(&r, place_of(state));
    identity_rules rules = identity_rules_usual();
    rules.joins[IDENT_email] = false;
    put_rules(&r, &rules);
    office(&r); // as they come, not only when all is made anew
    assert_int_equal(rig_count(&r, Q_summary_count), PEOPLE);
    assert_verified(&r);
    identity_effect x = tried(&r, &a, &rules);
    assert_int_equal(x.torn + x.joined + x.moved, 0);
    rig_close(&r);
    arena_close(&a);
}

enum { CROWD = 60 };

static const int32_t windows[] = {RULE_EVER, RULE_WEEK, RULE_MONTH, RULE_YEAR};

// Some people with few values, so that much is shared; the oldest first.
static void crowd_of(rng *g, arena *a, event evs[CROWD]) {
    for (int i = 0; i < CROWD; i++) {
        evs[i] = order(str_z(a, str_fmt(a, "x%d", i)), 20000 + i, 100, NULL, NULL);
        evs[i] = from(evs[i], IDENT_stripe_id, str_z(a, str_fmt(a, "c%d", (int)rng_range(g, 0, 40))));
        if (rng_chance(g, 0.7))
            evs[i] = from(evs[i], IDENT_email, str_z(a, str_fmt(a, "m%d@x.org", (int)rng_range(g, 0, 6))));
        if (rng_chance(g, 0.5))
            evs[i] =
                from(evs[i], IDENT_anonymous_id, str_z(a, str_fmt(a, "device-%d-of-them", (int)rng_range(g, 0, 8))));
    }
}

static void crowd(rig *r, rng *g, arena *a) {
    event evs[CROWD];
    crowd_of(g, a, evs);
    rig_put(r, evs, CROWD);
    rig_flush(r);
}

// Tight limits, some of which count within a window.
static identity_rules some_rules(rng *g) {
    identity_rules rules = identity_rules_usual();
    rules.limit[IDENT_email] = (int32_t)rng_range(g, 2, 8);
    rules.window[IDENT_email] = windows[rng_range(g, 0, COUNT(windows) - 1)];
    rules.limit[IDENT_anonymous_id] = (int32_t)rng_range(g, 2, 5);
    rules.window[IDENT_anonymous_id] = windows[rng_range(g, 0, COUNT(windows) - 1)];
    rules.joins[IDENT_anonymous_id] = rng_chance(g, 0.7);
    return rules;
}

static void what_is_foreseen_is_what_comes(void **state) {
    rng g = rng_seed(4);
    for (int turn = 0; turn < (on_server(state) ? 2 : 8); turn++) {
        rig r;
        arena a = arena_open(1 << 24);
        rig_open(&r, place_of(state));
        crowd(&r, &g, &a);
        identity_rules rules = some_rules(&g);
        identity_effect x = tried(&r, &a, &rules);
        assert_int_equal(x.now, rig_count(&r, Q_summary_count));
        put_rules(&r, &rules);
        assert_int_equal(x.then, rig_count(&r, Q_summary_count));
        assert_int_equal(x.demoted_then, rig_count(&r, Q_identity_demoted_count));
        assert_verified(&r);
        rig_close(&r);
        arena_close(&a);
    }
}

// Five people have one number: all within a week, or one a month.
static void a_window_tells_a_till_from_a_family(void **state) {
    static const int gaps[] = {1, 30};
    for (size_t k = 0; k < COUNT(gaps); k++) {
        rig r;
        arena a = arena_open(1 << 22);
        rig_open(&r, place_of(state));
        event evs[5];
        for (int i = 0; i < 5; i++) {
            evs[i] = order(str_z(&a, str_fmt(&a, "o%d", i)), 20000 + gaps[k] * i, 100, NULL, NULL);
            evs[i] = from(from(evs[i], IDENT_stripe_id, str_z(&a, str_fmt(&a, "c%d", i))), IDENT_phone, "+4930123");
        }
        rig_put(&r, evs, 5);
        rig_flush(&r);
        const uint64_t before = portrait(&r);
        identity_rules rules = identity_rules_usual();
        rules.limit[IDENT_phone] = 2, rules.window[IDENT_phone] = RULE_WEEK;
        identity_effect x = tried(&r, &a, &rules);
        assert_int_equal(x.then, gaps[k] == 1 ? 5 : 1);
        put_rules(&r, &rules);
        assert_int_equal(rig_count(&r, Q_summary_count), gaps[k] == 1 ? 5 : 1);
        rules.window[IDENT_phone] = RULE_EVER;
        assert_int_equal(tried(&r, &a, &rules).then, 5);
        rules = identity_rules_usual();
        put_rules(&r, &rules);
        assert_true(portrait(&r) == before);
        rig_close(&r);
        arena_close(&a);
    }
}

// Three had a number within a week, so it is nobody's; then it comes out that one of them had it long before.
static void what_is_nobodys_is_somebodys_again_when_it_comes_out_that_it_was_long_before(void **state) {
    rig r;
    arena a = arena_open(1 << 22);
    rig_open(&r, place_of(state));
    identity_rules rules = identity_rules_usual();
    rules.limit[IDENT_phone] = 2, rules.window[IDENT_phone] = RULE_WEEK;
    put_rules(&r, &rules);
    event evs[3];
    for (int i = 0; i < 3; i++) {
        evs[i] = order(str_z(&a, str_fmt(&a, "o%d", i)), 20000 + i, 100, NULL, NULL);
        evs[i] = from(from(evs[i], IDENT_stripe_id, str_z(&a, str_fmt(&a, "c%d", i))), IDENT_phone, "+4930123");
    }
    rig_put(&r, evs, 3);
    rig_flush(&r);
    assert_int_equal(rig_count(&r, Q_summary_count), 3);
    assert_int_equal(rig_count(&r, Q_identity_demoted_count), 1);
    event late = from(from(order("o9", 19000, 100, NULL, NULL), IDENT_stripe_id, "c1"), IDENT_phone, "+4930123");
    rig_put(&r, &late, 1);
    rig_flush(&r);
    assert_int_equal(rig_count(&r, Q_summary_count), 1);
    assert_int_equal(rig_count(&r, Q_identity_demoted_count), 0);
    assert_verified(&r);
    rig_close(&r);
    arena_close(&a);
}

static void shuffle(rng *g, event *evs, int n) {
    for (int i = n - 1; i > 0; i--) {
        const int j = (int)rng_range(g, 0, i);
        const event t = evs[i];
        evs[i] = evs[j], evs[j] = t;
    }
}

// Two imports take turns; at the end one of them may be taken back.
static uint64_t arrived(void **state, rng *g, const identity_rules *rules, const event evs[CROWD], bool undo) {
    rig r;
    rig_open(&r, place_of(state));
    put_rules(&r, rules);
    const int64_t first = r.import;
    rig_next_import(&r);
    const int64_t second = r.import;
    for (int i = 0, n; i < CROWD; i += n) { // events of even number are the first one's
        event of[2][CROWD];
        size_t k[2] = {0};
        n = (int)rng_range(g, 1, 9);
        n = MIN(n, CROWD - i);
        for (int j = i; j < i + n; j++) {
            const int which = (evs[j].at_us / DAY_US) % 2 != 0;
            of[which][k[which]++] = evs[j];
        }
        for (int which = 0; which < 2; which++) {
            r.import = which ? second : first;
            if (k[which]) rig_put(&r, of[which], k[which]);
        }
        if (rng_chance(g, 0.2)) rig_flush(&r);
    }
    rig_flush(&r);
    assert_verified(&r);
    if (undo) rig_undo(&r, first, false);
    const uint64_t sum = portrait(&r) + (uint64_t)rig_count(&r, Q_identity_demoted_count);
    rig_rebuild(&r);
    assert_true(portrait(&r) + (uint64_t)rig_count(&r, Q_identity_demoted_count) == sum);
    rig_close(&r);
    return sum;
}

static void the_order_of_arrival_does_not_matter_to_windows(void **state) {
    rng g = rng_seed(11);
    for (int turn = 0; turn < (on_server(state) ? 1 : 25); turn++) {
        arena a = arena_open(1 << 24);
        event evs[CROWD];
        const identity_rules rules = some_rules(&g);
        const bool undo = rng_chance(&g, 0.3);
        crowd_of(&g, &a, evs);
        for (int i = 0; i < CROWD; i++) evs[i].at_us = (20000 + rng_range(&g, 0, 500)) * DAY_US + 1000 * i;
        const uint64_t first = arrived(state, &g, &rules, evs, undo);
        shuffle(&g, evs, CROWD);
        assert_true(arrived(state, &g, &rules, evs, undo) == first);
        arena_close(&a);
    }
}

static void looking_tells_who_is_large_and_what_was_kept_apart(void **state) {
    rig r;
    err e = {0};
    arena a = arena_open(1 << 22);
    identity_state x;
    rig_open(&r, place_of(state));
    office(&r);
    event evs[] = {from(order("p1", 20100, 5, "7", NULL), IDENT_email, "two@x.org"),
                   from(order("p2", 20101, 5, "8", NULL), IDENT_email, "two@x.org")};
    rig_put(&r, evs, 2);
    rig_flush(&r);
    identity_rules rules = identity_rules_usual();
    rules.crowd = 10;
    put_rules(&r, &rules);
    assert_ok(identity_look(&a, r.s, 5, &x, &e), e);
    assert_int_equal(x.profiles, PEOPLE + 2);
    assert_int_equal(x.customers, 3);
    assert_int_equal(x.joined, 1);
    assert_int_equal(x.n_crowds, 1);
    assert_int_equal(x.crowds[0].profiles, PEOPLE);
    assert_int_equal(x.crowds[0].shared, 1);
    assert_int_equal(x.n_vetoes, 1);
    assert_true(str_eq(x.vetoes[0].value, S("two@x.org")));
    rig_close(&r);
    arena_close(&a);
}

static void bad_rules_are_refused_by_name(void **state) {
    (void)state;
    static const struct {
        const char *in, *says;
    } bad[] = {{"{\"crowd\":1}", "crowd: a whole number"},
               {"{\"kinds\":[{\"kind\":\"email\",\"limit\":0}]}", "email: a whole number"},
               {"{\"kinds\":[{\"kind\":\"email\",\"limit\":2.5}]}", "email: a whole number"},
               {"{\"kinds\":[{\"kind\":\"email\",\"joins\":1}]}", "email joins or does not"},
               {"{\"kinds\":[{\"kind\":\"name\",\"joins\":true}]}", "\"name\" is no identifier that joins"},
               {"{\"kinds\":[{\"kind\":\"email\",\"window\":\"day\"}]}", "window of email is one of ever"},
               {"{\"kinds\":[{\"kind\":\"email\",\"window\":7}]}", "window of email is one of ever"},
               {"{\"kinds\":[{\"joins\":true}]}", "is no identifier that joins"}};
    for (size_t i = 0; i < COUNT(bad); i++) {
        err e = {0};
        json_t *doc = NULL;
        identity_rules r = identity_rules_usual();
        assert_true(json_read(str_c(bad[i].in), &doc, &e));
        assert_false(identity_rules_take(&r, doc, &e));
        assert_non_null(strstr(e.msg, bad[i].says));
        json_decref(doc);
    }
}

int main(void) {
    struct CMUnitTest tests[] = {
        cmocka_unit_test(a_limit_is_tried_and_taken_back),
        cmocka_unit_test(a_kind_can_stop_joining),
        cmocka_unit_test(what_is_foreseen_is_what_comes),
        cmocka_unit_test(a_window_tells_a_till_from_a_family),
        cmocka_unit_test(what_is_nobodys_is_somebodys_again_when_it_comes_out_that_it_was_long_before),
        cmocka_unit_test(the_order_of_arrival_does_not_matter_to_windows),
        cmocka_unit_test(looking_tells_who_is_large_and_what_was_kept_apart),
        cmocka_unit_test(bad_rules_are_refused_by_name),
    };
    return rig_run(tests, COUNT(tests));
}
