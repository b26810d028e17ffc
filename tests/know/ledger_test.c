// The loop: events in, identity, folds; idempotence, versions, order of arrival, crash and replay.
#include "test.h"

#include "base/rng.h"
#include "know/rebuild.h"
#include "know/stages.h"

typedef struct {
    store *s;
    knowing *k;
    int64_t source, import;
    world w;
    int64_t now;
} rig;

static void rig_open(rig *r, const char *where) {
    err e = {0};
    r->now = INT64_C(1767225600000000);
    r->w = world_fixed(&r->now);
    assert_ok(store_open(&r->s, str_c(where), (store_opts){.create = true}, &e), e);
    assert_ok(store_lock(r->s, 0, &e), e);
    assert_ok(know_open(&r->k, r->s, &r->w, NULL, &e), e);
    assert_ok(ledger_source(know_ledger(r->k), S("shop"), S("test"), CHANNEL_shop, false, &r->source, &e), e);
    assert_ok(ledger_import_begin(know_ledger(r->k), r->source, S("t"), S("{}"), &r->import, &e), e);
}

static void rig_close(rig *r) {
    know_close(r->k);
    store_close(r->s);
}

static event order(const char *ext, int64_t day, int64_t value, const char *user, const char *email) {
    event ev = {.kind = KIND_order,
                .channel = CHANNEL_shop,
                .at_us = day * INT64_C(86400000000) + 1000,
                .ext = str_c(ext),
                .value = value,
                .has_value = true,
                .unit = 978,
                .mood = MOOD_UNKNOWN};
    if (user) ev.ids[ev.n_ids++] = (ident){IDENT_user_id, str_c(user)};
    if (email) ev.ids[ev.n_ids++] = (ident){IDENT_email, str_c(email)};
    return ev;
}

static tally put(rig *r, const event *evs, size_t n) {
    int32_t rows[64];
    tally t;
    err e = {0};
    for (size_t i = 0; i < n; i++) rows[i] = (int32_t)i;
    intake in = {.events = evs, .row_of = rows, .n = n, .rows = (int64_t)n};
    assert_ok(ledger_write(know_ledger(r->k), r->import, &in, &t, &e), e);
    return t;
}

static int64_t count(rig *r, enum query q) {
    int64_t n;
    err e = {0};
    assert_ok(store_int(r->s, q, &n, 0, &e, ""), e);
    return n;
}

static void flush(rig *r) {
    err e = {0};
    assert_ok(ledger_flush(know_ledger(r->k), &e), e);
}

static void same_twice_changes_nothing(void **state) {
    (void)state;
    rig r;
    rig_open(&r, ":memory:");
    event evs[] = {order("o1", 20000, 500, "7", "a@x.org"), order("o2", 20010, 700, "7", NULL),
                   order("o3", 20020, 900, "8", NULL)};
    tally t = put(&r, evs, 3);
    assert_int_equal(t.added, 3);
    t = put(&r, evs, 3);
    assert_int_equal(t.same, 3);
    assert_int_equal(t.added, 0);
    flush(&r);
    t = put(&r, evs, 3);
    assert_int_equal(t.same, 3);
    assert_int_equal(count(&r, Q_summary_count), 2);
    rig_close(&r);
}

static void an_edit_replaces_and_keeps(void **state) {
    (void)state;
    rig r;
    rig_open(&r, ":memory:");
    event a = order("o1", 20000, 500, "7", NULL), b = a, c = a;
    b.value = 400, b.edited_us = a.at_us + 10;
    c.value = 450, c.edited_us = a.at_us + 5;
    assert_int_equal(put(&r, &a, 1).added, 1);
    assert_int_equal(put(&r, &b, 1).changed, 1);
    assert_int_equal(put(&r, &c, 1).same, 1); // older than what stands
    flush(&r);
    err e = {0};
    int64_t n;
    assert_ok(store_int(r.s, Q_event_count, &n, 0, &e, ""), e);
    assert_int_equal(n, 2); // the order and what is known of the profile
    for (row q = store_query(r.s, Q_summary_scan, &e, ""); row_next(&q);) assert_int_equal(row_int(&q, 6), 400);
    assert_true(err_ok(&e));
    rig_close(&r);
}

static void another_time_is_not_a_second_event(void **state) {
    (void)state;
    rig r;
    rig_open(&r, ":memory:");
    event a = order("o1", 20000, 500, "7", NULL), b = order("o1", 20400, 500, "7", NULL),
          c = order("o1", 20100, 500, "9", NULL);
    put(&r, &a, 1);
    put(&r, &b, 1);
    put(&r, &c, 1);
    flush(&r);
    int64_t orders = 0;
    err e = {0};
    for (row q = store_query(r.s, Q_summary_scan, &e, ""); row_next(&q);) orders += row_int(&q, 4);
    assert_int_equal(orders, 1);
    rig_close(&r);
}

static void profiles_join_by_email(void **state) {
    (void)state;
    rig r;
    rig_open(&r, ":memory:");
    event evs[] = {order("o1", 20000, 500, "7", "a@x.org"), order("o2", 20001, 500, NULL, "a@x.org"),
                   order("o3", 20002, 500, "8", "b@x.org"), order("o4", 20003, 500, "8", "a@x.org")};
    put(&r, evs, 4);
    flush(&r);
    // 7 and a@x.org are one; 8 carries a@x.org too, but two customer numbers are two people.
    assert_int_equal(count(&r, Q_summary_count), 2);
    assert_int_equal(count(&r, Q_profile_count), 3);
    rig_close(&r);
}

// ---- properties over random histories ----

enum { N = 400 };

// A small crowded world, so that identifiers are shared, threads interleave and keys repeat.
static void random_events(arena *a, uint64_t seed, event *evs) {
    static const enum kind kinds[] = {
        KIND_order,          KIND_order,        KIND_order,  KIND_refund,       KIND_return_,
        KIND_message_in,     KIND_message_out,  KIND_answer, KIND_message_auto, KIND_conversation_solved,
        KIND_contract_start, KIND_contract_end, KIND_usage,  KIND_complaint,    KIND_identify,
        KIND_payment};
    rng r = rng_seed(seed);
    for (int i = 0; i < N; i++) {
        event *ev = &evs[i];
        *ev = (event){.kind = kinds[rng_range(&r, 0, COUNT(kinds) - 1)],
                      .channel = (enum channel)rng_range(&r, 1, 5),
                      .mood = MOOD_UNKNOWN};
        int64_t person = rng_range(&r, 0, 25);
        ev->at_us = (20000 + rng_range(&r, 0, 200)) * DAY_US + rng_range(&r, 0, 5) * HOUR_US;
        // Some events share a key: versions of one another.
        ev->ext = str_fmt(a, "e%d", (int)rng_range(&r, 0, 9) ? i : (int)rng_range(&r, 0, N - 1));
        ev->edited_us = rng_chance(&r, 0.3) ? ev->at_us + rng_range(&r, 1, 100) : 0;
        if (rng_chance(&r, 0.5)) ev->ids[ev->n_ids++] = (ident){IDENT_user_id, str_fmt(a, "u%d", (int)person)};
        if (rng_chance(&r, 0.5))
            ev->ids[ev->n_ids++] =
                (ident){IDENT_email, str_fmt(a, "m%d@x.org", (int)(rng_chance(&r, 0.2) ? person / 2 : person + 100))};
        if (rng_chance(&r, 0.3)) ev->ids[ev->n_ids++] = (ident){IDENT_phone, str_fmt(a, "+4930%d", (int)(person / 3))};
        if (kind_class(ev->kind) == CLASS_MONEY || kind_class(ev->kind) == CLASS_CONTRACT)
            ev->value = rng_range(&r, 100, 9000), ev->has_value = true, ev->unit = rng_chance(&r, 0.9) ? 978 : 840;
        if (ev->kind == KIND_answer)
            ev->value = rng_range(&r, 0, 10) * 100, ev->has_value = true, ev->unit = INSTRUMENT_nps;
        if (kind_class(ev->kind) == CLASS_TALK || kind_class(ev->kind) == CLASS_CONTRACT)
            ev->thread = str_fmt(a, "t%d", (int)rng_range(&r, 0, 30));
        if (ev->kind == KIND_message_in || ev->kind == KIND_complaint)
            ev->text = str_fmt(a, "words %d of a customer", i);
        if (rng_chance(&r, 0.2)) ev->name = str_fmt(a, "Name %d", (int)rng_range(&r, 0, 9));
    }
}

static void put_batches(rig *r, const event *evs, rng *g) {
    for (size_t i = 0; i < N;) {
        size_t n = (size_t)rng_range(g, 1, 60);
        n = MIN(n, N - i);
        put(r, evs + i, n);
        if (rng_chance(g, 0.2)) flush(r);
        i += n;
    }
}

// Everything derived, in words that do not depend on ids: customers by the identifiers of their profiles.
static uint64_t portrait(rig *r) {
    err e = {0};
    uint64_t sum = 0;
    arena a = arena_open((size_t)1 << 30);
    for (row q = store_query(r->s, Q_summary_scan, &e, ""); row_next(&q);) {
        uint64_t people = 0, facts = 0;
        for (row p = store_query(r->s, Q_profile_of_customer, &e, "i", row_int(&q, 0)); row_next(&p);) {
            facts += str_hash(row_str(&p, 2));
            for (row i = store_query(r->s, Q_identifier_of_profile, &e, "i", row_int(&p, 0)); row_next(&i);)
                people += str_hash2((uint64_t)row_int(&i, 0) * 2 + (uint64_t)row_int(&i, 2), row_str(&i, 1));
        }
        buf b = buf_new(&a, 1 << 20);
        for (int c = 1; c < 25; c++) buf_i64(&b, row_int(&q, c)), buf_addc(&b, ' ');
        timeline t;
        assert_ok(timeline_decode(&a, row_str(&q, 25), &t, &e), e);
        uint64_t waits = 0; // named by profile ids, which are handed out in order of arrival
        for (int32_t i = 0; i < t.n_waits; i++) waits += (uint64_t)t.waits[i].since_us * 0x9E3779B97F4A7C15u;
        t.n_waits = 0;
        timeline_encode(&b, &t);
        sum += waits * people;
        sum += str_hash2(people * 31 + facts, buf_str(&b));
    }
    for (row q = store_query(r->s, Q_conversation_scan, &e, ""); row_next(&q);)
        sum += str_hash2((uint64_t)row_int(&q, 1), row_str(&q, 9));
    assert_true(err_ok(&e));
    arena_close(&a);
    return sum;
}

static void assert_verified(rig *r) {
    err e = {0};
    arena a = arena_open(1 << 20);
    rebuilt_report out;
    assert_ok(know_verify(&a, r->s, NULL, NULL, &out, &e), e);
    if (out.differences) fail_msg("%d differences: %.*s", (int)out.differences, STR_ARG(out.first));
    assert_true(out.events > 0 && out.customers > 0 && out.conversations > 0 && out.feedback > 0);
    arena_close(&a);
}

static void order_of_arrival_does_not_matter(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 10; seed++) {
        arena a = arena_open((size_t)1 << 24);
        event *evs = make(&a, event, N);
        random_events(&a, seed, evs);
        uint64_t first = 0;
        rng g = rng_seed(seed + 1000);
        for (int turn = 0; turn < 4; turn++) {
            rig r;
            rig_open(&r, ":memory:");
            put_batches(&r, evs, &g);
            flush(&r);
            assert_verified(&r);
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
    (void)state;
    arena a = arena_open((size_t)1 << 24);
    event *evs = make(&a, event, N);
    random_events(&a, 77, evs);
    rig r;
    rng g = rng_seed(5);
    rig_open(&r, ":memory:");
    put_batches(&r, evs, &g);
    flush(&r);
    uint64_t before = portrait(&r);
    know_close(r.k);
    r.k = NULL;
    rebuilt_report out;
    err e = {0};
    assert_ok(know_rebuild(&a, r.s, &r.w, NULL, NULL, &out, &e), e);
    assert_true(before == portrait(&r));
    assert_verified(&r);
    rig_close(&r);
    arena_close(&a);
}

static void damage_is_found_and_named(void **state) {
    (void)state;
    arena a = arena_open((size_t)1 << 24);
    event *evs = make(&a, event, N);
    random_events(&a, 3, evs);
    rig r;
    rng g = rng_seed(5);
    rig_open(&r, ":memory:");
    put_batches(&r, evs, &g);
    flush(&r);
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

static void split_and_join_give_back_exactly(void **state) {
    (void)state;
    arena a = arena_open((size_t)1 << 24);
    event *evs = make(&a, event, N);
    random_events(&a, 9, evs);
    rig r;
    rng g = rng_seed(5);
    rig_open(&r, ":memory:");
    put_batches(&r, evs, &g);
    flush(&r);
    uint64_t before = portrait(&r);
    err e = {0};
    int64_t customer = 0, profile = 0, n = 0, others[64] = {0};
    for (row q = store_query(r.s, Q_profile_scan, &e, ""); row_next(&q);)
        if (row_int(&q, 0) != row_int(&q, 1)) customer = row_int(&q, 1), profile = row_int(&q, 0);
    assert_true(customer > 0);
    for (row q = store_query(r.s, Q_profile_of_customer, &e, "i", customer); row_next(&q);)
        if (row_int(&q, 0) != profile && n < 64) others[n++] = row_int(&q, 0);
    int64_t customers = count(&r, Q_summary_count);
    assert_ok(know_split(r.k, customer, profile, S("test"), &e), e);
    assert_true(portrait(&r) != before);
    assert_true(count(&r, Q_summary_count) >= customers);
    assert_verified(&r);
    for (int i = 0; i < (int)n; i++) assert_ok(know_verdict_undo(r.k, profile, others[i], &e), e);
    assert_true(portrait(&r) == before);
    assert_verified(&r);
    rig_close(&r);
    arena_close(&a);
}

static void undo_of_an_import_leaves_the_others(void **state) {
    (void)state;
    arena a = arena_open((size_t)1 << 24);
    event *evs = make(&a, event, N);
    random_events(&a, 21, evs);
    rig r, alone;
    err e = {0};
    rng g = rng_seed(5);
    rig_open(&alone, ":memory:");
    for (size_t i = 0; i < N / 2; i++) put(&alone, evs + i, 1);
    flush(&alone);
    rig_open(&r, ":memory:");
    for (size_t i = 0; i < N / 2; i++) put(&r, evs + i, 1);
    int64_t second, events;
    assert_ok(ledger_import_begin(know_ledger(r.k), r.source, S("two"), S("{}"), &second, &e), e);
    int64_t first = r.import;
    r.import = second;
    for (size_t i = N / 2; i < N; i++) put(&r, evs + i, 1);
    r.import = first;
    assert_ok(ledger_import_undo(know_ledger(r.k), second, false, &events, &e), e);
    assert_true(events > 0);
    know_close(r.k);
    rebuilt_report out;
    assert_ok(know_rebuild(&a, r.s, &r.w, NULL, NULL, &out, &e), e);
    assert_true(portrait(&r) == portrait(&alone));
    assert_ok(know_open(&r.k, r.s, &r.w, NULL, &e), e);
    put_batches(&r, evs, &g); // and what was undone can come again
    flush(&r);
    assert_verified(&r);
    rig_close(&r);
    rig_close(&alone);
    arena_close(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_twice_changes_nothing),          cmocka_unit_test(an_edit_replaces_and_keeps),
        cmocka_unit_test(another_time_is_not_a_second_event),  cmocka_unit_test(profiles_join_by_email),
        cmocka_unit_test(order_of_arrival_does_not_matter),    cmocka_unit_test(a_rebuild_gives_the_same),
        cmocka_unit_test(damage_is_found_and_named),           cmocka_unit_test(split_and_join_give_back_exactly),
        cmocka_unit_test(undo_of_an_import_leaves_the_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
