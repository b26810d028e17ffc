// gate_rig: people before the gate: what is known of them, and asks about them.
#ifndef HEED_GATE_RIG_H
#define HEED_GATE_RIG_H

#include "know/rig.h"

#include "act/address.h"
#include "act/gate_settings.h"
#include "act/preference.h"
#include "know/suppress.h"
#include "ledger/ident.h"
#include "sql/act_gate.h"
#include "sql/know.h"

#define GATE_NOON INT64_C(1767268800000000) // 2026-01-01T12:00Z, a Thursday

static inline int64_t person_of(rig *r, const char *user, const char *country, const char *segment) {
    err e = {0};
    int64_t customer = 0;
    arena a = arena_open(1 << 16);
    event ev = event_of(KIND_identify, 20000 * DAY_US, str_z(&a, str_fmt(&a, "who-%s", user)));
    ev = from(from(ev, IDENT_user_id, user), IDENT_email, str_z(&a, str_fmt(&a, "%s@example.org", user)));
    ev.country = str_c(country), ev.segment = str_c(segment);
    rig_put(r, &ev, 1);
    uint64_t hash = ident_hash(IDENT_user_id, str_c(user));
    for (row q = store_query(r->s, Q_identifier_find, &e, "i", (int64_t)hash); row_next(&q);) customer = row_int(&q, 1);
    assert_true(err_ok(&e) && customer > 0);
    arena_close(&a);
    return customer;
}

static inline void consent_says(rig *r, const char *user, const char *purpose, bool given, int64_t at_us) {
    arena a = arena_open(1 << 16);
    event ev = event_of(KIND_consent, at_us, str_z(&a, str_fmt(&a, "c-%s-%s-%" PRId64, user, purpose, at_us)));
    ev = from(ev, IDENT_user_id, user);
    ev.topic = str_c(purpose), ev.value = given, ev.has_value = true;
    rig_put(r, &ev, 1);
    arena_close(&a);
}

static inline void in_transaction(rig *r) {
    err e = {0};
    assert_ok(store_begin(r->s, &e), e);
}

static inline void end_transaction(rig *r) {
    err e = {0};
    assert_ok(ledger_commit(know_ledger(r->k), &e), e);
}

static inline void set_limit(rig *r, const char *name, const char *scope, int64_t value) {
    err e = {0};
    arena a = arena_open(1 << 20);
    gate_limit_set x = {.limit = gate_limit_named(str_c(name)), .scope = str_c(scope), .by = S("test"), .value = value};
    in_transaction(r);
    assert_ok(gate_limit_put(&a, r->s, &x, &e), e);
    end_transaction(r);
    arena_close(&a);
}

static inline gate_answer look_at(rig *r, arena *a, const gate_ask *ask, int64_t now_us) {
    err e = {0};
    gate_answer out;
    assert_ok(gate_look(a, r->s, ask, now_us, &out, &e), e);
    return out;
}

// What a dry run said a moment before is what the gate says.
static inline gate_answer pass(rig *r, arena *a, const gate_ask *ask) {
    err e = {0};
    gate_answer out, dry = look_at(r, a, ask, r->now);
    in_transaction(r);
    assert_ok(gate_pass(know_ledger(r->k), a, ask, &out, &e), e);
    end_transaction(r);
    assert_int_equal(dry.verdict, out.verdict);
    assert_string_equal(dry.rule, out.rule);
    assert_true(dry.until_us == out.until_us && str_eq(dry.reason, out.reason));
    assert_int_equal(dry.id, 0);
    assert_true(out.id > 0);
    return out;
}

// Something that went out at a time, as the gate keeps it.
static inline int64_t went_out(rig *r, int64_t customer, enum gate_kind k, int64_t at_us, const char *template,
                               const char *occasion, const char *survey, const char *quota) {
    err e = {0};
    int64_t id;
    in_transaction(r);
    assert_ok(ledger_id(know_ledger(r->k), &id, &e), e);
    assert_ok(store_run(r->s, Q_gate_put, NULL, &e, "iiiiittttiinttt", id, customer, at_us, (int64_t)k,
                        (int64_t)CHANNEL_email, str_c(template), str_c(occasion), str_c(survey), str_c(quota),
                        (int64_t)gate_kind_row_of(k)->halves, INT64_C(0), S(""), S(""), S("test")),
              e);
    end_transaction(r);
    return id;
}

#endif
