#include <math.h>

#include "know/value_crowd.h"

#include "base/civil.h"
#include "know/fold.h"
#include "sql/know.h"
#include "sql/serve_know.h"

enum { LATELY_DAYS = 90, A_MONTH_S = 2629746 };

#define ROOM(a, array, n, room)                                                                                        \
    do {                                                                                                               \
        if ((n) == (room)) {                                                                                           \
            size_t was_ = (room), now_ = was_ ? was_ * 2 : 1024;                                                       \
            void *more_ = arena_alloc((a), sizeof *(array), 16, now_);                                                 \
            if (was_) memcpy(more_, (array), was_ * sizeof *(array));                                                  \
            (array) = more_;                                                                                           \
            (room) = now_;                                                                                             \
        }                                                                                                              \
    } while (0)

// ---- buyers ----

static crowd *crowd_of(gathered *g, int32_t currency) {
    for (size_t i = 0; i < g->n_crowds; i++)
        if (g->crowds[i].currency == currency) return &g->crowds[i];
    if (g->n_crowds == CROWDS) return NULL;
    g->crowds[g->n_crowds] = (crowd){.currency = currency};
    return &g->crowds[g->n_crowds++];
}

static void crowd_row(arena *a, crowd *c, uint32_t who, int32_t day, int64_t amount) {
    if (c->n == c->room) {
        size_t room = c->room;
        ROOM(a, c->who, c->n, room);
        room = c->room;
        ROOM(a, c->day, c->n, room);
        ROOM(a, c->amount, c->n, c->room);
    }
    c->who[c->n] = who, c->day[c->n] = day, c->amount[c->n++] = amount;
}

static void take_purse(gathered *g, int64_t customer, int32_t currency, const timeline *t) {
    bool any = false;
    for (int32_t i = 0; i < t->n_purse && !any; i++)
        any = t->purse[i].unit == currency && t->purse[i].day <= g->today && timeline_is_purchase(t, &t->purse[i]);
    if (!any) return;
    crowd *c = crowd_of(g, currency);
    if (!c) return;
    ROOM(g->a, c->customer, c->n_customers, c->room_customers);
    uint32_t who = (uint32_t)c->n_customers;
    c->customer[c->n_customers++] = customer;
    for (int32_t i = 0; i < t->n_purse; i++) {
        const purse_entry *p = &t->purse[i];
        if (p->unit != currency || p->day > g->today) continue;
        if (timeline_is_purchase(t, p))
            crowd_row(g->a, c, who, p->day, p->value);
        else if (p->kind == KIND_refund || p->kind == KIND_cancel)
            crowd_row(g->a, c, who, p->day, -p->value);
    }
}

// ---- contracts ----

static const char *const NAMES[FEATURES] = {
    "months under contract",   "worth a month",   "orders in the last 90 days",   "days since the last order",
    "changes of the contract", "the last change", "returns in the last 180 days", "other contracts",
};

const char *gather_feature(int i) {
    return NAMES[i];
}

// What was known of a spell at an instant.
static void features_at(const gathered *g, const timeline *t, const spell *x, int32_t others, int64_t at_us,
                        double *f) {
    int32_t day = zone_days(g->z, at_us), last = INT32_MIN, orders = 0, returns = 0;
    for (int32_t i = 0; i < t->n_purse; i++) {
        const purse_entry *p = &t->purse[i];
        if (p->day >= day) continue;
        if (timeline_is_purchase(t, p)) {
            last = MAX(last, p->day);
            orders += p->day >= day - LATELY_DAYS ? p->count : 0;
        }
        returns += p->kind == KIND_return_ && p->day >= day - 2 * LATELY_DAYS ? p->count : 0;
    }
    f[0] = (double)(at_us - x->start_us) / 1e6 / A_MONTH_S;
    f[1] = (double)x->monthly;
    f[2] = orders, f[3] = last == INT32_MIN ? (double)NAN : (double)(day - last);
    f[4] = x->changes, f[5] = x->last_change, f[6] = returns, f[7] = others;
}

// A contract as it stood at an instant: false when it did not run then.
static bool spell_at(const timeline *t, int32_t from, int32_t to, int64_t at_us, spell *x) {
    bool on = false;
    for (int32_t i = from; i < to; i++) {
        const contract_entry *c = &t->contracts[i];
        if (c->at_us >= at_us) break;
        if (c->kind == KIND_contract_end) {
            on = false;
            continue;
        }
        if (on && c->value != x->monthly) x->changes++, x->last_change = c->value > x->monthly ? 1 : -1;
        if (!on) x->start_us = c->at_us, x->changes = 0, x->last_change = 0;
        on = true, x->monthly = c->value;
    }
    return on;
}

static int32_t running_at(const timeline *t, int64_t at_us) {
    int32_t n = 0;
    for (int32_t i = 0, j; i < t->n_contracts; i = j) {
        spell x = {0};
        for (j = i; j < t->n_contracts && t->contracts[j].thread == t->contracts[i].thread; j++) {
        }
        n += spell_at(t, i, j, at_us, &x);
    }
    return n;
}

static void keep_spell(gathered *g, const timeline *t, int32_t from, int32_t to, spell x) {
    int64_t then_us = g->terms->now_us - VALUE_RISK_DAYS * DAY_US;
    size_t before = g->room_spells;
    ROOM(g->a, g->spells, g->n_spells, g->room_spells);
    if (g->room_spells != before)
        for (int i = 0; i < FEATURES; i++) {
            double *then = make(g->a, double, g->room_spells), *now = make(g->a, double, g->room_spells);
            if (before) memcpy(then, g->then[i], before * sizeof *then), memcpy(now, g->now[i], before * sizeof *now);
            g->then[i] = then, g->now[i] = now;
        }
    double f[FEATURES];
    spell past = x;
    past.changes = past.last_change = 0;
    bool ran = spell_at(t, from, to, then_us, &past);
    features_at(g, t, &past, running_at(t, then_us) - 1, then_us, f);
    for (int i = 0; i < FEATURES; i++) g->then[i][g->n_spells] = ran ? f[i] : NAN;
    if (!ran) g->then[0][g->n_spells] = NAN; // months under contract are always known of one that ran
    features_at(g, t, &x, running_at(t, g->terms->now_us) - 1, g->terms->now_us, f);
    for (int i = 0; i < FEATURES; i++) g->now[i][g->n_spells] = f[i];
    g->spells[g->n_spells++] = x;
}

// Each spell from its start to its end; a contract that began anew is another spell.
static void take_contracts(gathered *g, int64_t customer, const timeline *t) {
    for (int32_t i = 0, j; i < t->n_contracts; i = j) {
        spell x = {.customer = customer, .currency = t->contracts[i].unit};
        bool on = false;
        for (j = i; j < t->n_contracts && t->contracts[j].thread == t->contracts[i].thread; j++) {
            const contract_entry *c = &t->contracts[j];
            if (c->at_us >= g->terms->now_us) continue;
            if (c->kind == KIND_contract_end) {
                if (on) x.end_us = c->at_us, keep_spell(g, t, i, j + 1, x);
                on = false;
                continue;
            }
            if (!on) x.start_us = c->at_us, x.end_us = 0, x.changes = x.last_change = 0;
            if (on && c->value != x.monthly) x.changes++, x.last_change = c->value > x.monthly ? 1 : -1;
            on = true, x.monthly = c->value;
        }
        if (on) keep_spell(g, t, i, j, x);
    }
}

bool gather_one(arena *a, store *s, const value_terms *terms, int64_t customer, gathered *g, err *e) {
    bool found = false;
    *g = (gathered){.a = a, .terms = terms};
    if (!store_zone(s, a, &g->z, e)) return false;
    g->today = zone_days(g->z, terms->now_us);
    for (row r = store_query(s, Q_segment_one, e, "i", customer); row_next(&r);) {
        timeline t;
        if (!timeline_decode(a, row_str(&r, 1), &t, e)) return row_end(&r), false;
        take_purse(g, customer, timeline_summary(*a, &t).currency, &t);
        take_contracts(g, customer, &t);
        found = true;
    }
    return found && err_ok(e);
}

bool gather(arena *a, store *s, const value_terms *terms, void (*progress)(void *, int64_t), void *ctx, gathered *g,
            err *e) {
    arena scratch = arena_open((size_t)1 << 30);
    *g = (gathered){.a = a, .terms = terms};
    if (!store_zone(s, a, &g->z, e)) return arena_close(&scratch), false;
    g->today = zone_days(g->z, terms->now_us);
    for (row r = store_query(s, Q_summary_scan, e, ""); row_next(&r);) {
        arena one = scratch;
        timeline t;
        int64_t customer = row_int(&r, 0);
        int32_t currency = (int32_t)row_int(&r, 3);
        if (!timeline_decode(&one, row_str(&r, 25), &t, e)) {
            row_end(&r);
            break;
        }
        take_purse(g, customer, currency, &t);
        take_contracts(g, customer, &t);
        if (++g->customers % 65536 == 0 && progress) progress(ctx, g->customers);
    }
    arena_close(&scratch);
    return err_ok(e);
}
