#include <math.h>

#include "know/likeness_private.h"

#include "know/lists.h"
#include "sql/cli.h"
#include "sql/know.h"
#include "sql/know_likeness.h"

const char *likeness_state_name(enum likeness_state s) {
    static const char *const names[] = {"none", "open", "same", "two", "home"};
    return names[s > 0 && s <= LIKENESS_HOME ? s : 0];
}

// ---- reading ----

static likeness pair_of(arena *a, const row *r) {
    return (likeness){.a = row_int(r, 0),
                      .b = row_int(r, 1),
                      .milli = row_int(r, 2),
                      .ppm = row_int(r, 3),
                      .parts = str_dup(a, row_str(r, 4)),
                      .state = (int)row_int(r, 5),
                      .at_us = row_int(r, 6),
                      .by = str_dup(a, row_str(r, 7)),
                      .version = row_int(r, 8)};
}

static bool customers_of(store *s, likeness *p, err *e) {
    return store_int(s, Q_people_by_profile, &p->customers[0], 0, e, "i", p->a) &&
           store_int(s, Q_people_by_profile, &p->customers[1], 0, e, "i", p->b);
}

static bool fill_customers(store *s, likeness *list, size_t n, err *e) {
    for (size_t i = 0; i < n; i++)
        if (!customers_of(s, &list[i], e)) return false;
    return true;
}

bool likeness_pairs(arena *a, store *s, enum likeness_list which, const likeness *after, size_t most, likeness **out,
                    size_t *n, err *e) {
    static const struct {
        enum query q;
        int state;
    } lists[] = {[LIKENESS_ASKED] = {Q_likeness_open, 0},
                 [LIKENESS_JOINED] = {Q_likeness_joined, 0},
                 [LIKENESS_SAID_SAME] = {Q_likeness_said, LIKENESS_SAME},
                 [LIKENESS_SAID_TWO] = {Q_likeness_said, LIKENESS_TWO},
                 [LIKENESS_HOMES] = {Q_likeness_said, LIKENESS_HOME}};
    const int64_t from = after->a ? after->milli : INT64_MAX;
    *out = make(a, likeness, most + 1), *n = 0;
    row r = lists[which].state ? store_query(s, lists[which].q, e, "iiiii", from, after->a, after->b, (int64_t)most,
                                             (int64_t)lists[which].state)
                               : store_query(s, lists[which].q, e, "iiii", from, after->a, after->b, (int64_t)most);
    while (row_next(&r)) (*out)[(*n)++] = pair_of(a, &r);
    return err_ok(e) && fill_customers(s, *out, *n, e);
}

static bool find(arena *a, store *s, int64_t x, int64_t y, likeness *out, bool *there, err *e) {
    *there = false;
    for (row r = store_query(s, Q_likeness_get, e, "ii", MIN(x, y), MAX(x, y)); row_next(&r);)
        *out = pair_of(a, &r), *there = true;
    return err_ok(e) && (!*there || customers_of(s, out, e));
}

bool likeness_get(arena *a, store *s, int64_t x, int64_t y, likeness *out, err *e) {
    bool there;
    if (!find(a, s, x, y, out, &there, e)) return false;
    return there || fail(e, ERR_not_found, "profiles %" PRId64 " and %" PRId64 " were not found alike", x, y);
}

bool likeness_of(arena *a, store *s, int64_t profile, likeness **out, size_t *n, err *e) {
    enum { MOST = 1000 };
    *out = make(a, likeness, MOST), *n = 0;
    for (row r = store_query(s, Q_likeness_of, e, "i", profile); row_next(&r);)
        if (*n < MOST) (*out)[(*n)++] = pair_of(a, &r);
    return err_ok(e);
}

bool likeness_stands(store *s, likeness_standing *out, err *e) {
    *out = (likeness_standing){0};
    for (row r = store_query(s, Q_likeness_model_newest, e, ""); row_next(&r);) {
        out->learnt = true, out->made_us = row_int(&r, 1), out->profiles = row_int(&r, 3);
        out->join_milli = row_double(&r, 4), out->ask_milli = row_double(&r, 5);
    }
    return store_int(s, Q_likeness_todo_count, &out->waiting, 0, e, "") &&
           store_int(s, Q_likeness_open_count, &out->asked, 0, e, "") &&
           store_int(s, Q_likeness_joined_count, &out->joined, 0, e, "") &&
           store_int(s, Q_likeness_state_count, &out->same, 0, e, "i", (int64_t)LIKENESS_SAME) &&
           store_int(s, Q_likeness_state_count, &out->two, 0, e, "i", (int64_t)LIKENESS_TWO) &&
           store_int(s, Q_likeness_state_count, &out->homes, 0, e, "i", (int64_t)LIKENESS_HOME);
}

// ---- writing ----

bool like_put(store *s, const likeness *pairs, size_t n, int64_t now_us, err *e) {
    enum { COLS = 7 };
    arena a = arena_open((n + 1) * (COLS * 16 + 16) + 65536);
    int64_t *v[COLS];
    str *parts = make(&a, str, n + 1);
    for (int c = 0; c < COLS; c++) v[c] = make(&a, int64_t, n + 1);
    for (size_t i = 0; i < n; i++) {
        const likeness *p = &pairs[i];
        v[0][i] = p->a, v[1][i] = p->b, v[2][i] = p->milli, v[3][i] = p->ppm, v[5][i] = p->state, v[6][i] = now_us;
        parts[i] = p->parts;
    }
    column cols[COLS];
    for (int c = 0; c < COLS; c++) cols[c] = (column){'i', v[c], NULL};
    cols[4] = (column){'t', parts, NULL};
    bool ok = !n || store_bulk(s, Q_likeness_put, cols, COLS, n, NULL, e);
    arena_close(&a);
    return ok;
}

typedef struct {
    const likeness_learnt *l;
    knowing *k;
    str by;
} taking;

static bool put_keys(store *s, const uint64_t *keys, const int64_t *of, size_t n, err *e) {
    column cols[] = {{'i', keys, NULL}, {'i', of, NULL}};
    return !n || store_bulk(s, Q_likeness_key_put, cols, 2, n, NULL, e);
}

// ---- what was learnt ----

static bool put_model(const taking *t, store *s, err *e) {
    ledger *l = know_ledger(t->k);
    const likeness_learnt *x = t->l;
    const world *w = ledger_world(l);
    int64_t id;
    return ledger_id(l, &id, e) &&
           store_run(s, Q_likeness_model_put, NULL, e, "iitiiit", id, w->now_us(w), x->model, x->profiles,
                     x->join_milli, x->ask_milli, t->by) &&
           store_run(s, Q_likeness_model_drop, NULL, e, "i", id) && store_run(s, Q_likeness_key_clear, NULL, e, "") &&
           store_run(s, Q_likeness_clear, NULL, e, "");
}

static bool decide_later(store *s, int64_t *ids, size_t n, err *e) {
    n = n ? list_unique(ids, n) : 0;
    column cols[] = {{'i', ids, NULL}};
    return !n || store_bulk(s, Q_likeness_todo_decide, cols, 1, n, NULL, e);
}

// Everybody whose customer may change: those of the new pairs, and those that older ones made one.
static bool put_todo(const taking *t, store *s, err *e) {
    arena a = arena_open((size_t)1 << 32);
    int64_t *ids = NULL;
    size_t n = 0, room = 0;
    for (size_t i = 0; i < t->l->n; i++)
        if (t->l->pairs[i].state == LIKENESS_OPEN)
            list_push(&a, &ids, &n, &room, t->l->pairs[i].a), list_push(&a, &ids, &n, &room, t->l->pairs[i].b);
    for (row r = store_query(s, Q_likeness_linked, e, ""); row_next(&r);)
        list_push(&a, &ids, &n, &room, row_int(&r, 0)), list_push(&a, &ids, &n, &room, row_int(&r, 1));
    bool ok = err_ok(e) && decide_later(s, ids, n, e) && store_run(s, Q_likeness_todo_later, NULL, e, "i", t->l->last);
    arena_close(&a);
    return ok;
}

static bool take_piece(void *ctx, store *s, regrouped *of, err *e) {
    enum { AT_ONCE = 5000 };
    (void)of; // later, by likeness_look
    const taking *t = ctx;
    const likeness_learnt *l = t->l;
    const world *w = ledger_world(know_ledger(t->k));
    const int64_t now_us = w->now_us(w);
    if (!put_model(t, s, e) || !put_todo(t, s, e)) return false;
    for (size_t i = 0; i < l->n_keys; i += AT_ONCE)
        if (!put_keys(s, l->keys + i, l->key_of + i, MIN((size_t)AT_ONCE, l->n_keys - i), e)) return false;
    for (size_t i = 0; i < l->n; i += AT_ONCE)
        if (!like_put(s, l->pairs + i, MIN((size_t)AT_ONCE, l->n - i), now_us, e)) return false;
    return true;
}

bool likeness_take(knowing *k, const likeness_learnt *l, str by, err *e) {
    taking t = {l, k, by};
    return know_regroup(k, take_piece, &t, by, e);
}

// ---- what a person says ----

typedef struct {
    int64_t both[2], now_us;
    int same;
    str by;
} saying_alike;

static bool say_piece(void *ctx, store *s, regrouped *of, err *e) {
    const saying_alike *x = ctx;
    const int64_t a = x->both[0], b = x->both[1];
    *of = (regrouped){x->both, 2};
    const int state = x->same > 0 ? LIKENESS_SAME : x->same < 0 ? LIKENESS_TWO : LIKENESS_OPEN;
    bool ok = x->same ? link_say(s, a, b, x->same > 0 ? LINK_TOLD : LINK_SPLIT, x->by, e)
                      : store_run(s, Q_link_verdict_undo, NULL, e, "ii", a, b);
    return ok &&
           store_run(s, Q_likeness_say, NULL, e, "iiiit", a, b, (int64_t)state, x->now_us, x->same ? x->by : S(""));
}

bool likeness_say(knowing *k, int64_t x, int64_t y, int same, int64_t version, str by, err *e) {
    ledger *l = know_ledger(k);
    const world *w = ledger_world(l);
    arena a = arena_open(1 << 20);
    likeness p;
    bool ok = likeness_get(&a, ledger_store(l), x, y, &p, e);
    arena_close(&a);
    if (!ok) return false;
    if (version && p.version != version)
        return fail(e, ERR_changed, "somebody has spoken of these two meanwhile; look again");
    if (!same && p.state != LIKENESS_SAME && p.state != LIKENESS_TWO)
        return fail(e, ERR_conflict, "nobody has spoken of these two; there is nothing to take back");
    saying_alike say = {{p.a, p.b}, w->now_us(w), same, by};
    return know_regroup(k, say_piece, &say, by, e);
}

bool likeness_erase(store *s, int64_t profile, err *e) {
    return store_run(s, Q_likeness_todo_drop, NULL, e, "i", profile) &&
           store_run(s, Q_likeness_key_drop, NULL, e, "i", profile) &&
           store_run(s, Q_likeness_erase, NULL, e, "i", profile);
}
