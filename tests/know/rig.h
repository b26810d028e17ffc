// rig: a ledger with its stages on a fresh store, for tests: events in, and what is known of it out.
#ifndef HEED_RIG_H
#define HEED_RIG_H

// clang-format off
#include "store/fixture.h"
// clang-format on

#include "base/rng.h"
#include "know/rebuild.h"
#include "know/stages.h"
#include "sql/know.h"

typedef struct {
    fixture *f;
    store *s;
    knowing *k;
    int64_t source, import;
    world w;
    int64_t now;
} rig;

static inline void rig_start(rig *r) {
    err e = {0};
    assert_ok(store_lock(r->s, 0, &e), e);
    assert_ok(know_open(&r->k, r->s, &r->w, NULL, &e), e);
}

static inline void rig_source(rig *r, const char *source) {
    err e = {0};
    assert_ok(ledger_source(know_ledger(r->k), str_c(source), S("test"), CHANNEL_shop, false, &r->source, &e), e);
    assert_ok(ledger_import_begin(know_ledger(r->k), r->source, S("t"), S("{}"), &r->import, &e), e);
}

static inline void rig_open(rig *r, enum place place) {
    void *f = NULL;
    assert_int_equal(fixture_open(&f, place), 0);
    *r = (rig){.f = f, .now = INT64_C(1767225600000000)}; // 2026-01-01
    r->s = r->f->s;
    r->w = world_fixed(&r->now);
    rig_start(r);
    rig_source(r, "shop");
}

static inline void rig_close(rig *r) {
    void *f = r->f;
    know_close(r->k);
    fixture_close(&f);
}

// What a killed program leaves: nothing of its memory. The store is opened again and the tail replayed.
static inline int64_t rig_crash(rig *r) {
    err e = {0};
    int64_t replayed = 0;
    know_close(r->k);
    store_close(r->s);
    r->s = r->f->s = open_again(r->f, (store_opts){0});
    assert_ok(store_lock(r->s, 1000, &e), e);
    assert_ok(know_open(&r->k, r->s, &r->w, &replayed, &e), e);
    return replayed;
}

static inline bool rig_try(rig *r, const event *evs, size_t n, tally *t, bool dry, err *e) {
    arena a = arena_open((n + 1) * 4 + (1 << 16));
    int32_t *rows = make(&a, int32_t, n + 1);
    for (size_t i = 0; i < n; i++) rows[i] = (int32_t)i;
    intake in = {.events = evs, .row_of = rows, .n = n, .rows = (int64_t)n};
    bool ok = dry ? ledger_would(know_ledger(r->k), r->source, &in, t, e)
                  : ledger_write(know_ledger(r->k), r->import, &in, t, e);
    arena_close(&a);
    return ok;
}

static inline tally rig_put(rig *r, const event *evs, size_t n) {
    tally t;
    err e = {0};
    assert_ok(rig_try(r, evs, n, &t, false, &e), e);
    return t;
}

static inline tally rig_would(rig *r, const event *evs, size_t n) {
    tally t;
    err e = {0};
    assert_ok(rig_try(r, evs, n, &t, true, &e), e);
    return t;
}

static inline void rig_flush(rig *r) {
    err e = {0};
    assert_ok(ledger_flush(know_ledger(r->k), &e), e);
}

// A new import of the same source.
static inline void rig_next_import(rig *r) {
    err e = {0};
    assert_ok(ledger_import_begin(know_ledger(r->k), r->source, S("t"), S("{}"), &r->import, &e), e);
}

static inline void rig_rebuild(rig *r) {
    err e = {0};
    rebuilt_report out;
    arena a = arena_open(1 << 20);
    know_close(r->k);
    r->k = NULL;
    assert_ok(know_rebuild(&a, r->s, &r->w, NULL, NULL, &out, &e), e);
    assert_ok(know_open(&r->k, r->s, &r->w, NULL, &e), e);
    arena_close(&a);
}

static inline int64_t rig_undo(rig *r, int64_t import, bool purge) {
    err e = {0};
    int64_t events = -1;
    assert_ok(ledger_import_undo(know_ledger(r->k), import, purge, &events, &e), e);
    rig_rebuild(r);
    return events;
}

static inline int64_t rig_count(rig *r, enum query q) {
    err e = {0};
    int64_t n = 0;
    assert_ok(store_int(r->s, q, &n, 0, &e, ""), e);
    return n;
}

static inline rebuilt_report assert_verified(rig *r) {
    err e = {0};
    arena a = arena_open(1 << 20);
    rebuilt_report out;
    assert_ok(know_verify(&a, r->s, NULL, NULL, &out, &e), e);
    if (out.differences) fail_msg("%d differences: %.*s", (int)out.differences, STR_ARG(out.first));
    arena_close(&a);
    return out;
}

// ---- events ----

static inline event event_of(enum kind kind, int64_t at_us, const char *ext) {
    return (event){.kind = kind, .channel = CHANNEL_shop, .at_us = at_us, .ext = str_c(ext), .mood = MOOD_UNKNOWN};
}

static inline event from(event ev, enum ident_kind kind, const char *value) {
    if (value) ev.ids[ev.n_ids++] = (ident){kind, str_c(value)};
    return ev;
}

static inline event order(const char *ext, int64_t day, int64_t value, const char *user, const char *email) {
    event ev = event_of(KIND_order, day * DAY_US + 1000, ext);
    ev.value = value, ev.has_value = true, ev.unit = 978;
    return from(from(ev, IDENT_user_id, user), IDENT_email, email);
}

// ---- everything derived, in words that do not depend on ids: customers by the identifiers of their profiles ----

static inline uint64_t portrait_customer(rig *r, arena scratch, const row *q, bool identifiers, err *e) {
    uint64_t people = 0, facts = 0, waits = 0;
    for (row p = store_query(r->s, Q_profile_of_customer, e, "i", row_int(q, 0)); row_next(&p);) {
        for (int c = 2; c < 6; c++) facts += str_hash2((uint64_t)c, row_str(&p, c));
        for (row i = store_query(r->s, Q_identifier_of_profile, e, "i", row_int(&p, 0)); row_next(&i);)
            if (identifiers || row_int(&i, 2))
                people += str_hash2((uint64_t)row_int(&i, 0) * 2 + (uint64_t)row_int(&i, 2), row_str(&i, 1));
    }
    buf b = buf_new(&scratch, 1 << 20);
    for (int c = 1; c < 25; c++) buf_i64(&b, row_int(q, c)), buf_addc(&b, ' ');
    timeline t;
    if (!timeline_decode(&scratch, row_str(q, 25), &t, e)) return 0;
    // Waits are named by profile ids, which are handed out in order of arrival.
    for (int32_t i = 0; i < t.n_waits; i++) waits += (uint64_t)t.waits[i].since_us * 0x9E3779B97F4A7C15u;
    t.n_waits = 0;
    timeline_encode(&b, &t);
    return waits * people + str_hash2(people * 31 + facts, buf_str(&b));
}

// With identifiers: also the weaker ones of every profile. What is said of a demoted one depends on the order.
static inline uint64_t portrait_of(rig *r, bool identifiers) {
    err e = {0};
    uint64_t sum = 0;
    arena a = arena_open((size_t)1 << 30);
    for (row q = store_query(r->s, Q_summary_scan, &e, ""); row_next(&q);)
        sum += portrait_customer(r, a, &q, identifiers, &e);
    for (row q = store_query(r->s, Q_conversation_scan, &e, ""); row_next(&q);)
        sum += str_hash2((uint64_t)row_int(&q, 1), row_str(&q, 9));
    if (!err_ok(&e)) fail_msg("%s", e.msg);
    arena_close(&a);
    return sum;
}

static inline uint64_t portrait(rig *r) {
    return portrait_of(r, true);
}

// A small crowded world, so that identifiers are shared, threads interleave and keys repeat.
static inline void random_events(arena *a, uint64_t seed, event *evs, int n) {
    static const enum kind kinds[] = {
        KIND_order,          KIND_order,        KIND_order,  KIND_refund,       KIND_return_,
        KIND_message_in,     KIND_message_out,  KIND_answer, KIND_message_auto, KIND_conversation_solved,
        KIND_contract_start, KIND_contract_end, KIND_usage,  KIND_complaint,    KIND_identify,
        KIND_payment,        KIND_call,         KIND_ask,    KIND_review,       KIND_conversation_opened,
        KIND_cancel,         KIND_note,         KIND_comment};
    rng r = rng_seed(seed);
    for (int i = 0; i < n; i++) {
        event *ev = &evs[i];
        *ev = (event){.kind = kinds[rng_range(&r, 0, COUNT(kinds) - 1)],
                      .channel = (enum channel)rng_range(&r, 1, 5),
                      .mood = MOOD_UNKNOWN};
        int64_t person = rng_range(&r, 0, 25);
        ev->at_us = (20000 + rng_range(&r, 0, 200)) * DAY_US + rng_range(&r, 0, 5) * HOUR_US;
        // Some events share a key: versions of one another.
        ev->ext = str_fmt(a, "e%d", (int)rng_range(&r, 0, 9) ? i : (int)rng_range(&r, 0, n - 1));
        ev->edited_us = rng_chance(&r, 0.3) ? ev->at_us + rng_range(&r, 1, 100) : 0;
        if (rng_chance(&r, 0.5)) ev->ids[ev->n_ids++] = (ident){IDENT_user_id, str_fmt(a, "u%d", (int)person)};
        if (rng_chance(&r, 0.5))
            ev->ids[ev->n_ids++] =
                (ident){IDENT_email, str_fmt(a, "m%d@x.org", (int)(rng_chance(&r, 0.2) ? person / 2 : person + 100))};
        if (rng_chance(&r, 0.3)) ev->ids[ev->n_ids++] = (ident){IDENT_phone, str_fmt(a, "+4930%d", (int)(person / 3))};
        if (kind_class(ev->kind) == CLASS_MONEY || kind_class(ev->kind) == CLASS_CONTRACT)
            ev->value = rng_range(&r, 100, 9000), ev->has_value = true, ev->unit = rng_chance(&r, 0.9) ? 978 : 840;
        if (ev->kind == KIND_answer || ev->kind == KIND_ask)
            ev->value = rng_range(&r, 0, 10) * 100, ev->has_value = ev->kind == KIND_answer, ev->unit = INSTRUMENT_nps;
        if (ev->kind == KIND_review)
            ev->value = rng_range(&r, 1, 5) * 100, ev->has_value = true, ev->unit = INSTRUMENT_stars5;
        if (kind_class(ev->kind) == CLASS_TALK || kind_class(ev->kind) == CLASS_CONTRACT)
            ev->thread = str_fmt(a, "t%d", (int)rng_range(&r, 0, 30));
        if (ev->kind == KIND_message_in || ev->kind == KIND_complaint || ev->kind == KIND_comment)
            ev->text = str_fmt(a, "words %d of a customer", i), ev->topic = str_fmt(a, "topic %d", i % 7);
        if (rng_chance(&r, 0.1)) ev->mood = (int)rng_range(&r, -1, 1);
        if (rng_chance(&r, 0.2)) ev->name = str_fmt(a, "Name %d", (int)rng_range(&r, 0, 9));
        if (rng_chance(&r, 0.1)) ev->segment = str_fmt(a, "Segment %d", (int)rng_range(&r, 0, 3));
        if (rng_chance(&r, 0.1)) ev->country = rng_chance(&r, 0.5) ? S("DE") : S("AT");
    }
}

static inline void put_batches(rig *r, const event *evs, size_t all, rng *g, double flush) {
    for (size_t i = 0; i < all;) {
        size_t n = (size_t)rng_range(g, 1, 60);
        n = MIN(n, all - i);
        rig_put(r, evs + i, n);
        if (rng_chance(g, flush)) rig_flush(r);
        i += n;
    }
}

// ---- running: every case on a database in memory, then, when PG_URL names a server, on PostgreSQL ----

static inline enum place place_of(void **state) {
    return *(const enum place *)*state;
}
static inline bool on_server(void **state) {
    return place_of(state) == SERVER;
}
// Where a crash leaves something to be opened again.
static inline enum place lasting_place(void **state) {
    return on_server(state) ? SERVER : FOLDER;
}

static inline int rig_run(struct CMUnitTest *tests, size_t n) {
    static enum place places[] = {MEMORY, SERVER};
    for (size_t i = 0; i < n; i++) tests[i].initial_state = &places[0];
    int failed = _cmocka_run_group_tests("sqlite", tests, n, NULL, NULL);
    for (size_t i = 0; i < n; i++) tests[i].initial_state = &places[1];
    if (server())
        failed += _cmocka_run_group_tests("postgres", tests, n, NULL, NULL);
    else
        print_message("skipped: PG_URL names no PostgreSQL\n");
    return failed;
}

#endif
