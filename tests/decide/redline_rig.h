// redline_rig: lines, reservations and checks in a few words, for tests of red lines and concessions.
#ifndef HEED_REDLINE_RIG_H
#define HEED_REDLINE_RIG_H

// clang-format off
#include "know/rig.h"
#include <math.h>
// clang-format on

#include "base/civil.h"
#include "decide/approval.h"
#include "decide/cost.h"
#include "decide/envelope.h"
#include "know/erase.h"
#include "know/segment.h"
#include "know/value.h"
#include "sql/know.h"

enum { EUR = 978 };

static inline ledger *book(rig *r) {
    return know_ledger(r->k);
}

static inline redline draw(rig *r, redline x) {
    err e = {0};
    const char *field = NULL;
    arena a = arena_open(1 << 26);
    if (!x.name.len) x.name = S("a line");
    if (!x.by.len) x.by = S("test");
    if (!x.currency) x.currency = EUR;
    assert_ok(store_begin(r->s, &e), e);
    assert_ok(redline_put(book(r), a, &x, &field, &e), e);
    assert_ok(ledger_commit(book(r), &e), e);
    arena_close(&a);
    return x;
}

static inline concession_made reserve(rig *r, arena *a, concession_new n) {
    err e = {0};
    concession_made out;
    if (!n.ask.currency) n.ask.currency = EUR;
    assert_ok(store_begin(r->s, &e), e);
    assert_ok(concession_reserve(book(r), a, &n, &out, &e), e);
    assert_ok(ledger_commit(book(r), &e), e);
    return out;
}

static inline bool step(rig *r, bool (*fn)(ledger *, arena *, int64_t, str, err *), int64_t id) {
    err e = {0};
    arena a = arena_open(1 << 26);
    assert_ok(store_begin(r->s, &e), e);
    bool ok = fn(book(r), &a, id, S("tester"), &e);
    if (ok)
        assert_ok(ledger_commit(book(r), &e), e);
    else
        store_rollback(r->s);
    arena_close(&a);
    return ok;
}

static inline redline_answer check(rig *r, arena *a, concession_ask ask) {
    err e = {0};
    redline_answer x;
    if (!ask.currency) ask.currency = EUR;
    assert_ok(redline_check(a, r->s, &ask, r->now, &x, &e), e);
    return x;
}

static inline void assert_sum(const redline_answer *x, size_t i, const char *text) {
    assert_true(i < x->n_asked);
    assert_int_equal(x->asked[i].sum.len, strlen(text));
    assert_memory_equal(x->asked[i].sum.s, text, strlen(text));
}

static inline int64_t one_customer(rig *r) {
    err e = {0};
    int64_t customer = 0;
    event evs[5];
    evs[0] = order("o1", 20400, 5000, "u1", NULL), evs[1] = order("o2", 20410, 7000, "u1", NULL);
    for (int i = 2; i < 5; i++) {
        evs[i] = from(event_of(KIND_message_in, (20455 + i) * DAY_US,
                               i == 2   ? "m2"
                               : i == 3 ? "m3"
                                        : "m4"),
                      IDENT_user_id, "u1");
        evs[i].channel = i == 4 ? CHANNEL_phone : CHANNEL_email, evs[i].thread = evs[i].ext;
    }
    rig_put(r, evs, 5);
    rig_flush(r);
    for (row q = store_query(r->s, Q_summary_scan, &e, ""); row_next(&q);) customer = row_int(&q, 0);
    return customer;
}

#endif
