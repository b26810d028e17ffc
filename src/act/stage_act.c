#include "act/stage_act.h"

#include "act/gate.h"
#include "act/inbox_reply.h"
#include "base/civil.h"
#include "sql/know_stage.h"

enum { ROUTED_MOST = 200, ACCOUNTS_MOST = 200 };

// ---- what is held back ----

static bool check_kind(str kind, err *e) {
    const enum gate_kind k = gate_kind_of(kind);
    if (k == GATE_none)
        return fail(e, ERR_invalid, "'%.*s' is no kind of message; 'heed gate kinds' lists them",
                    (int)MIN(kind.len, (size_t)40), kind.s);
    if (k == GATE_reply || k == GATE_service)
        return fail(e, ERR_invalid, "'%.*s' cannot be held back: it is what a customer waits for or has to know",
                    STR_ARG(kind));
    return true;
}

bool stage_act_check(const stage_row *x, const char **field, err *e) {
    *field = "acts";
    for (size_t i = 0; i < x->n_acts; i++)
        for (size_t k = 0; k < x->acts[i].n_kinds; k++)
            if (!check_kind(x->acts[i].kinds[k], e)) return false;
    *field = NULL;
    return true;
}

bool stage_holds(arena *a, store *s, int64_t customer, int64_t now_us, str kind, str *name, int64_t *until_us, err *e) {
    stage_now at;
    const stage_row *st;
    const stage_act *v;
    size_t n;
    arena mine = arena_open((size_t)1 << 26);
    *name = S(""), *until_us = INT64_MAX;
    const bool ok = stage_acts_now(&mine, s, customer, now_us, &at, &st, &v, &n, e);
    bool held = false;
    for (size_t i = 0; ok && i < n; i++)
        for (size_t k = 0; v[i].what == STAGE_hold && k < v[i].n_kinds; k++) held |= str_eq(v[i].kinds[k], kind);
    if (held) *name = str_dup(a, st->name), *until_us = at.due_us;
    arena_close(&mine);
    return ok;
}

// ---- who gets it ----

typedef struct {
    int64_t id, open;
    str email, role;
} colleague;

typedef struct {
    ledger *l;
    arena *a;
    store *s;
    int64_t now_us, routed;
    journey j;
    colleague *v;
    size_t n;
} routing;

static bool read_colleagues(routing *k, err *e) {
    k->v = make(k->a, colleague, ACCOUNTS_MOST), k->n = 0;
    for (row r = store_query(k->s, Q_stage_accounts, e, ""); row_next(&r);)
        if (k->n < ACCOUNTS_MOST)
            k->v[k->n++] = (colleague){row_int(&r, 0), row_int(&r, 3), str_dup(k->a, row_str(&r, 1)),
                                       str_dup(k->a, row_str(&r, 2))};
    return err_ok(e);
}

// Of a role whoever has the least that is open; NULL: nobody is there.
static colleague *who_of(routing *k, str to) {
    colleague *best = NULL;
    for (size_t i = 0; i < k->n; i++) {
        const bool fits = str_eq_ci(k->v[i].email, to) || str_eq(k->v[i].role, to);
        if (fits && (!best || k->v[i].open < best->open)) best = &k->v[i];
    }
    return best;
}

static bool route_one(routing *k, int64_t inbox, int64_t customer, err *e) {
    const inbox_hand heed = {.by = S("heed"), .name = S("heed")};
    arena scratch = *k->a;
    stage_now at;
    const stage_row *st;
    const stage_act *v;
    size_t n;
    inbox_item x;
    colleague *to = NULL;
    str undo;
    if (!stage_acts_now(&scratch, k->s, customer, k->now_us, &at, &st, &v, &n, e)) return false;
    for (size_t i = 0; i < n && !to; i++)
        if (v[i].what == STAGE_route) to = who_of(k, v[i].to);
    if (!to) return true;
    if (!inbox_get(k->s, inbox, &x, e) || !inbox_assign(k->l, &scratch, &x, to->id, &heed, &undo, e)) return false;
    to->open++, k->routed++;
    return true;
}

bool stage_route_all(ledger *l, arena *a, int64_t now_us, int64_t *routed, err *e) {
    routing k = {.l = l, .a = a, .s = ledger_store(l), .now_us = now_us};
    *routed = 0;
    if (!journey_read(a, k.s, &k.j, e) || !read_colleagues(&k, e)) return false;
    for (size_t i = 0; k.n && i < k.j.n; i++) {
        const stage_row *x = &k.j.v[i];
        bool routes = false;
        int64_t ids[ROUTED_MOST], customers[ROUTED_MOST];
        size_t n = 0;
        for (size_t t = 0; t < x->n_acts; t++) routes |= x->acts[t].what == STAGE_route;
        if (!routes || !x->used) continue;
        for (row r =
                 store_query(k.s, Q_stage_waiting, e, "iii", x->id, now_us - INBOX_DAYS * DAY_US, (int64_t)ROUTED_MOST);
             row_next(&r);)
            if (n < ROUTED_MOST) ids[n] = row_int(&r, 0), customers[n++] = row_int(&r, 1);
        for (size_t t = 0; err_ok(e) && t < n; t++)
            if (!route_one(&k, ids[t], customers[t], e)) return false;
    }
    *routed = k.routed;
    return err_ok(e);
}
