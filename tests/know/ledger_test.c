// The loop: events in, identity, folds; idempotence, versions, order of arrival, dry runs, undo.
#include "know/rig.h"
#include "sql/know.h"
#include "sql/ledger.h"

enum { N = 400 };

static void same_twice_changes_nothing(void **state) {
    rig r;
    rig_open(&r, place_of(state));
    event evs[] = {order("o1", 20000, 500, "7", "a@x.org"), order("o2", 20010, 700, "7", NULL),
                   order("o3", 20020, 900, "8", NULL)};
    tally t = rig_put(&r, evs, 3);
    assert_int_equal(t.added, 3);
    t = rig_put(&r, evs, 3);
    assert_int_equal(t.same, 3);
    assert_int_equal(t.added, 0);
    rig_flush(&r);
    t = rig_put(&r, evs, 3);
    assert_int_equal(t.same, 3);
    assert_int_equal(rig_count(&r, Q_summary_count), 2);
    rig_close(&r);
}

// One column of the only customer.
static int64_t summary_of(rig *r, int col) {
    err e = {0};
    int64_t v = 0, rows = 0;
    for (row q = store_query(r->s, Q_summary_scan, &e, ""); row_next(&q); rows++) v = row_int(&q, col);
    if (!err_ok(&e) || rows != 1) fail_msg("%d customers: %s", (int)rows, e.msg);
    return v;
}

static void an_edit_replaces_and_keeps(void **state) {
    rig r;
    rig_open(&r, place_of(state));
    event a = order("o1", 20000, 500, "7", NULL), b = a, c = a;
    b.value = 400, b.edited_us = a.at_us + 10;
    c.value = 450, c.edited_us = a.at_us + 5;
    assert_int_equal(rig_put(&r, &a, 1).added, 1);
    assert_int_equal(rig_put(&r, &b, 1).changed, 1);
    assert_int_equal(rig_put(&r, &c, 1).same, 1); // older than what stands
    rig_flush(&r);
    assert_int_equal(rig_count(&r, Q_event_count), 2); // the order and what is known of the profile
    assert_int_equal(summary_of(&r, 6), 400);
    rig_close(&r);
}

static void another_time_is_not_a_second_event(void **state) {
    rig r;
    rig_open(&r, place_of(state));
    event a = order("o1", 20000, 500, "7", NULL), b = order("o1", 20400, 500, "7", NULL),
          c = order("o1", 20100, 500, "9", NULL);
    rig_put(&r, &a, 1);
    rig_put(&r, &b, 1);
    rig_put(&r, &c, 1);
    rig_flush(&r);
    int64_t orders = 0;
    err e = {0};
    for (row q = store_query(r.s, Q_summary_scan, &e, ""); row_next(&q);) orders += row_int(&q, 4);
    assert_int_equal(orders, 1);
    assert_verified(&r);
    rig_close(&r);
}

// ---- versions ----

// The bodies of what event_past keeps, in any order.
static uint64_t past(rig *r, int64_t *n) {
    err e = {0};
    uint64_t sum = 0;
    *n = 0;
    for (row q = store_query(r->s, Q_past_facts, &e, ""); row_next(&q); ++*n)
        sum += str_hash2((uint64_t)row_int(&q, 2), row_str(&q, 3));
    assert_true(err_ok(&e));
    return sum;
}

// Five versions of one order in every order of arrival and in batches of every cut: the newest by the provider's time
// stands, of two equals always the same one, and the others are kept.
static void the_newest_version_stands_in_any_order(void **state) {
    static const int64_t edited[] = {0, 50, 20, 50, 7};
    static const char *const names[] = {"v0", "v1", "v2", "v3", "v4"};
    uint64_t first = 0, first_past = 0;
    rng g = rng_seed(4);
    int order_of[] = {0, 1, 2, 3, 4};
    for (int turn = 0; turn < (on_server(state) ? 3 : 25); turn++) {
        rig r;
        int64_t n;
        event evs[5];
        rig_open(&r, place_of(state));
        for (int i = 0; i < 5; i++) {
            int v = order_of[i];
            evs[i] = order("o1", 20000 + v % 2 * 40, 100 * (v + 1), "7", NULL);
            evs[i].edited_us = edited[v], evs[i].name = str_c(names[v]);
        }
        for (int i = 0; i < 5;) {
            int k = (int)rng_range(&g, 1, 5 - i);
            rig_put(&r, evs + i, (size_t)k), i += k;
            if (rng_chance(&g, 0.3)) rig_flush(&r);
        }
        rig_flush(&r);
        assert_verified(&r);
        int64_t value = summary_of(&r, 6);
        assert_true(value == 200 || value == 400);
        uint64_t now = portrait(&r), kept = past(&r, &n);
        assert_int_equal(n, 4);
        if (!turn) first = now, first_past = kept;
        if (now != first || kept != first_past)
            fail_msg("turn %d: another order of versions, another state (%d stands)", turn, (int)value);
        rig_put(&r, evs, 5); // all of them again
        rig_flush(&r);
        assert_true(portrait(&r) == first && past(&r, &n) == first_past);
        rig_close(&r);
        rng_shuffle(&g, order_of, 5, sizeof *order_of);
    }
}

// The order was written down under the wrong customer number.
static void a_key_may_come_back_under_another_profile(void **state) {
    rig r;
    err e = {0};
    int64_t sums[2] = {0};
    rig_open(&r, place_of(state));
    event evs[] = {order("o1", 20000, 500, "7", NULL), order("o2", 20001, 30, "7", NULL),
                   order("o3", 20002, 60, "8", NULL)};
    rig_put(&r, evs, 3);
    rig_flush(&r);
    event moved = order("o1", 20090, 500, "8", NULL), stale = order("o1", 20050, 500, "9", NULL);
    moved.edited_us = moved.at_us + 9, stale.edited_us = moved.at_us + 3;
    assert_int_equal(rig_put(&r, &moved, 1).changed, 1);
    assert_int_equal(rig_put(&r, &moved, 1).same, 1);
    assert_int_equal(rig_put(&r, &stale, 1).same, 1);
    rig_flush(&r);
    int n = 0;
    for (row q = store_query(r.s, Q_summary_scan, &e, ""); row_next(&q);)
        if (n < 2) sums[n++] = row_int(&q, 6);
    assert_true(err_ok(&e));
    assert_int_equal(sums[0], 30);
    assert_int_equal(sums[1], 560);
    assert_verified(&r);
    rig_close(&r);
}

// ---- facts ----

static str name_of(rig *r, arena *a) {
    err e = {0};
    str name = S("");
    for (row q = store_query(r->s, Q_profile_scan, &e, ""); row_next(&q);) name = str_dup(a, row_str(&q, 3));
    assert_true(err_ok(&e));
    return name;
}

// A name said in 1969 is older than one of 1971, and of two said at one time the same one stands in any order.
static void the_newest_fact_stands(void **state) {
    static const struct {
        int64_t day;
        const char *name;
    } told[] = {{-200, "Ada before the epoch"}, {-100, "Ada B"}, {-100, "Ada A"}, {400, "Ada L"}, {400, "Ada K"}};
    arena a = arena_open(1 << 20);
    for (int upto = on_server(state) ? 5 : 1; upto <= 5; upto++)
        for (int turn = 0; turn < (on_server(state) ? 1 : 6); turn++) {
            rig r;
            rig_open(&r, place_of(state));
            rng g = rng_seed((uint64_t)turn);
            int at[] = {0, 1, 2, 3, 4};
            rng_shuffle(&g, at, (size_t)upto, sizeof *at);
            for (int i = 0; i < upto; i++) {
                event ev = order(str_z(&a, str_fmt(&a, "o%d", i)), told[at[i]].day, 100, "7", NULL);
                ev.name = str_c(told[at[i]].name);
                rig_put(&r, &ev, 1);
            }
            rig_flush(&r);
            static const int want[] = {0, 1, 1, 3, 3};
            assert_str(name_of(&r, &a), str_c(told[want[upto - 1]].name));
            assert_verified(&r);
            rig_close(&r);
        }
    arena_close(&a);
}

// Two imports tell the same second of the same person, by turns, and the program is started anew in between.
static void one_second_may_be_told_by_turns(void **state) {
    rig r;
    rig_open(&r, lasting_place(state));
    event evs[] = {order("o1", 20000, 500, "7", "a@x.org"), order("o2", 20000, 500, "7", "a@x.org"),
                   order("o3", 20000, 500, "7", "a@x.org"), order("o4", 20000, 500, "7", "a@x.org")};
    int64_t first = r.import;
    rig_put(&r, &evs[0], 1);
    rig_next_import(&r);
    int64_t second = r.import;
    rig_put(&r, &evs[1], 1);
    rig_crash(&r);
    r.import = first;
    rig_put(&r, &evs[2], 1);
    rig_crash(&r);
    r.import = second;
    rig_put(&r, &evs[3], 1);
    rig_flush(&r);
    assert_int_equal(summary_of(&r, 4), 4);
    assert_verified(&r);
    rig_close(&r);
}

// ---- words of every length ----

// What a door lets in must not stop a batch: words that no search index takes whole, and that no small memory holds.
static void long_words_come_and_go(void **state) {
    static const size_t lengths[] = {100, 3 << 20};
    arena a = arena_open((size_t)1 << 28);
    char *words = make(&a, char, 17 << 20);
    for (size_t i = 0; i < 17 << 20; i++) words[i] = (char)(i % 8 == 7 ? ' ' : 'a' + (i / 8 >> i % 8 * 3 & 15));
    for (size_t i = 0; i < COUNT(lengths); i++) {
        rig r;
        rig_open(&r, place_of(state));
        event ev = event_of(KIND_complaint, 20000 * DAY_US, "c1"), other = event_of(KIND_comment, 20001 * DAY_US, "c2");
        ev = from(ev, IDENT_user_id, "7"), other = from(other, IDENT_user_id, "7");
        ev.text = (str){words, lengths[i]}, other.text = S("thank you");
        event both[] = {ev, other};
        assert_int_equal(rig_put(&r, both, 2).added, 2);
        rig_flush(&r);
        assert_int_equal(rig_count(&r, Q_feedback_words_count), 2);
        assert_verified(&r);
        ev.text = S("I was wrong"), ev.edited_us = ev.at_us + 1;
        assert_int_equal(rig_put(&r, &ev, 1).changed, 1);
        rig_flush(&r);
        assert_int_equal(rig_count(&r, Q_feedback_words_count), 2);
        assert_verified(&r);
        rig_close(&r);
    }
    arena_close(&a);
}

// ---- properties over random histories ----

static void order_of_arrival_does_not_matter(void **state) {
    for (uint64_t seed = 1; seed <= (on_server(state) ? 2 : 6); seed++) {
        arena a = arena_open((size_t)1 << 24);
        event *evs = make(&a, event, N);
        random_events(&a, seed, evs, N);
        uint64_t first = 0;
        rng g = rng_seed(seed + 1000);
        for (int turn = 0; turn < (on_server(state) ? 2 : 4); turn++) {
            rig r;
            rig_open(&r, place_of(state));
            put_batches(&r, evs, N, &g, 0.2);
            rig_flush(&r);
            rebuilt_report v = assert_verified(&r);
            assert_true(v.events > 0 && v.customers > 0 && v.conversations > 0 && v.feedback > 0);
            uint64_t p = portrait(&r);
            if (!turn) first = p;
            if (p != first) fail_msg("seed %d: another order gives another state (turn %d)", (int)seed, turn);
            rig_close(&r);
            rng_shuffle(&g, evs, N, sizeof *evs);
        }
        arena_close(&a);
    }
}

static void a_rebuild_gives_the_same(void **state) {
    arena a = arena_open((size_t)1 << 24);
    event *evs = make(&a, event, N);
    random_events(&a, 77, evs, N);
    rig r;
    rng g = rng_seed(5);
    rig_open(&r, place_of(state));
    put_batches(&r, evs, N, &g, 0.2);
    rig_flush(&r);
    uint64_t before = portrait(&r);
    rig_rebuild(&r);
    assert_true(before == portrait(&r));
    assert_verified(&r);
    rig_put(&r, evs, N); // and everything is still known
    rig_flush(&r);
    assert_true(before == portrait(&r));
    assert_verified(&r);
    rig_close(&r);
    arena_close(&a);
}

static void damage_is_found_and_named(void **state) {
    arena a = arena_open((size_t)1 << 24);
    event *evs = make(&a, event, N);
    random_events(&a, 3, evs, N);
    rig r;
    rng g = rng_seed(5);
    rig_open(&r, place_of(state));
    put_batches(&r, evs, N, &g, 0.2);
    rig_flush(&r);
    err e = {0};
    int64_t id = 0;
    for (row q = store_query(r.s, Q_summary_scan, &e, ""); row_next(&q);) id = row_int(&q, 0);
    column col = {'i', &id, NULL};
    assert_ok(store_bulk(r.s, Q_summary_delete, &col, 1, 1, NULL, &e), e);
    rebuilt_report out;
    assert_ok(know_verify(&a, r.s, NULL, NULL, &out, &e), e);
    assert_true(out.differences > 0 && out.first.len > 0);
    rig_close(&r);
    arena_close(&a);
}

// ---- dry runs ----

static uint64_t everything(rig *r) {
    err e = {0};
    uint64_t sum = portrait(r);
    static const enum query all[] = {Q_tail_scan, Q_profile_scan, Q_link_scan, Q_identifier_scan, Q_demoted_list};
    for (size_t i = 0; i < COUNT(all); i++)
        for (row q = store_query(r->s, all[i], &e, ""); row_next(&q);)
            sum += (uint64_t)row_int(&q, 0) * 0x9E3779B97F4A7C15u;
    for (row q = store_query(r->s, Q_import_list, &e, "i", (int64_t)100); row_next(&q);)
        for (int c = 0; c < 12; c++) sum = sum * 31 + (uint64_t)row_int(&q, c);
    for (row q = store_query(r->s, Q_meta_value, &e, "t", S("next_id")); row_next(&q);) sum += str_hash(row_str(&q, 0));
    if (!err_ok(&e)) fail_msg("%s", e.msg);
    return sum * 31 + (uint64_t)rig_count(r, Q_event_count);
}

static void assert_same_tally(const tally *x, const tally *y) {
    if (memcmp(x, y, sizeof *x) != 0)
        fail_msg("foretold %d added, %d changed, %d same; became %d, %d, %d", (int)x->added, (int)x->changed,
                 (int)x->same, (int)y->added, (int)y->changed, (int)y->same);
}

// What a dry run foretells is what then happens, also of rows that stand in the file twice; and it writes nothing.
static void a_dry_run_foretells(void **state) {
    for (uint64_t seed = 1; seed <= (on_server(state) ? 1 : 3); seed++) {
        arena a = arena_open((size_t)1 << 24);
        event *evs = make(&a, event, 2 * N);
        random_events(&a, seed, evs, 2 * N);
        rng g = rng_seed(seed);
        for (int i = N; i < 2 * N; i++) { // the second half: rows of before, new versions of them, and new rows
            if (rng_chance(&g, 0.3)) evs[i] = evs[rng_range(&g, 0, i - 1)];
            if (rng_chance(&g, 0.1)) evs[i].edited_us = evs[i].at_us + 1000 + i, evs[i].value++;
        }
        rig r;
        rig_open(&r, place_of(state));
        put_batches(&r, evs, N, &g, 0.2);
        rig_flush(&r);
        uint64_t before = everything(&r);
        tally would[N] = {0}, sum = {0};
        for (int i = 0; i < N; i += 40) would[i] = rig_would(&r, evs + N + i, 40), tally_add(&sum, &would[i]);
        assert_true(everything(&r) == before);
        assert_true(sum.added > 0 && sum.changed > 0 && sum.same > 0 && sum.rows == N);
        for (int i = 0; i < N; i += 40) {
            tally t = rig_put(&r, evs + N + i, 40);
            assert_same_tally(&would[i], &t);
        }
        rig_flush(&r);
        assert_verified(&r);
        rig_close(&r);
        arena_close(&a);
    }
}

// ---- undo and purge ----

static void undo_leaves_the_others(void **state, uint64_t seed) {
    arena a = arena_open((size_t)1 << 24);
    event *evs = make(&a, event, N);
    random_events(&a, seed, evs, N);
    rig r, alone;
    rng g = rng_seed(5);
    size_t step = on_server(state) ? 20 : 1;
    rig_open(&alone, place_of(state));
    for (size_t i = 0; i < N / 2; i += step) rig_put(&alone, evs + i, step);
    rig_flush(&alone);
    rig_open(&r, place_of(state));
    for (size_t i = 0; i < N / 2; i += step) rig_put(&r, evs + i, step);
    rig_next_import(&r);
    for (size_t i = N / 2; i < N; i += step) rig_put(&r, evs + i, step);
    assert_true(rig_undo(&r, r.import, false) > 0);
    if (portrait(&r) != portrait(&alone)) fail_msg("seed %d: more than the import is undone", (int)seed);
    assert_verified(&r);
    rig_next_import(&r);
    put_batches(&r, evs, N, &g, 0.2); // and what was undone can come again
    rig_flush(&r);
    assert_verified(&r);
    rig_close(&r);
    rig_close(&alone);
    arena_close(&a);
}

// In some of these an event has several older versions of one time.
static void undo_of_an_import_leaves_the_others(void **state) {
    static const uint64_t seeds[] = {18, 21, 39};
    for (size_t i = 0; i < (on_server(state) ? 1 : COUNT(seeds)); i++) undo_leaves_the_others(state, seeds[i]);
}

// Three imports, each with a newer version of one order; they are undone in every order.
static void undo_restores_what_was_replaced(void **state) {
    static const int orders[][3] = {{2, 1, 0}, {2, 0, 1}, {1, 2, 0}, {1, 0, 2}, {0, 1, 2}, {0, 2, 1}};
    for (size_t k = 0; k < (on_server(state) ? 2 : COUNT(orders)); k++) {
        rig r;
        int64_t imports[3], n;
        bool stands[3] = {true, true, true};
        rig_open(&r, place_of(state));
        for (int v = 0; v < 3; v++) {
            event ev = order("o1", 20000 + 40 * v, 100 * (v + 1), v == 1 ? "8" : "7", NULL);
            event other = order(v ? v > 1 ? "p2" : "p1" : "p0", 20300, 7, "7", NULL);
            ev.edited_us = v * 10;
            if (v) rig_next_import(&r);
            imports[v] = r.import;
            rig_put(&r, &ev, 1);
            rig_put(&r, &other, 1);
        }
        for (int i = 0; i < 3; i++) {
            rig_undo(&r, imports[orders[k][i]], false);
            stands[orders[k][i]] = false;
            int64_t want = 0, got = 0;
            for (int v = 0; v < 3; v++) want = stands[v] ? 100 * (v + 1) : want;
            for (int v = 0; v < 3; v++) want += stands[v] ? 7 : 0;
            err e = {0};
            for (row q = store_query(r.s, Q_summary_scan, &e, ""); row_next(&q);) got += row_int(&q, 6);
            if (got != want) fail_msg("case %d, step %d: %d, not %d", (int)k, i, (int)got, (int)want);
            assert_verified(&r);
        }
        assert_int_equal(rig_count(&r, Q_event_count), 0);
        (void)past(&r, &n);
        rig_next_import(&r);
        event again = order("o1", 20000, 100, "7", NULL);
        assert_int_equal(rig_put(&r, &again, 1).added, 1); // nothing of it is known any more
        rig_flush(&r);
        assert_verified(&r);
        rig_close(&r);
    }
}

static void purge_leaves_nothing(void **state) {
    arena a = arena_open((size_t)1 << 24);
    event *evs = make(&a, event, N);
    int64_t n;
    random_events(&a, 31, evs, N);
    rig r;
    rng g = rng_seed(5);
    rig_open(&r, place_of(state));
    put_batches(&r, evs, N, &g, 0.2);
    rig_flush(&r);
    assert_true(rig_undo(&r, r.import, true) > 0);
    assert_int_equal(rig_count(&r, Q_event_count), 0);
    assert_int_equal(rig_count(&r, Q_summary_count), 0);
    assert_int_equal(rig_count(&r, Q_profile_count), 0);
    (void)past(&r, &n);
    assert_int_equal(n, 0);
    assert_verified(&r);
    rig_next_import(&r);
    put_batches(&r, evs, N, &g, 0.2);
    rig_flush(&r);
    assert_verified(&r);
    rig_close(&r);
    arena_close(&a);
}

int main(void) {
    struct CMUnitTest tests[] = {
        cmocka_unit_test(same_twice_changes_nothing),
        cmocka_unit_test(an_edit_replaces_and_keeps),
        cmocka_unit_test(another_time_is_not_a_second_event),
        cmocka_unit_test(the_newest_version_stands_in_any_order),
        cmocka_unit_test(a_key_may_come_back_under_another_profile),
        cmocka_unit_test(the_newest_fact_stands),
        cmocka_unit_test(one_second_may_be_told_by_turns),
        cmocka_unit_test(long_words_come_and_go),
        cmocka_unit_test(order_of_arrival_does_not_matter),
        cmocka_unit_test(a_rebuild_gives_the_same),
        cmocka_unit_test(damage_is_found_and_named),
        cmocka_unit_test(a_dry_run_foretells),
        cmocka_unit_test(undo_of_an_import_leaves_the_others),
        cmocka_unit_test(undo_restores_what_was_replaced),
        cmocka_unit_test(purge_leaves_nothing),
    };
    return rig_run(tests, COUNT(tests));
}
