// What was given and taken back, told as events of the source "heed", once each however often this runs; and what is
// over by time alone, marked as such.
#include "decide/concession_private.h"

#include "know/told.h"
#include "sql/decide_redline.h"

enum { AT_ONCE = 200, BACK = 3 }; // BACK: told = 3, what was taken back

static event event_of(arena *a, const concession *c, const ident *who, bool back) {
    event ev = {.kind = back ? KIND_concession_back : KIND_concession,
                .channel = CHANNEL_staff,
                .at_us = back ? c->ended_us : c->at_us,
                .ext = str_fmt(a, "%s:%" PRId64, back ? "concession_back" : "concession", c->id),
                .thread = str_fmt(a, "concession:%" PRId64, c->id),
                .value = c->costs,
                .has_value = true,
                .unit = c->ask.currency,
                .topic = str_c(concession_name(c->ask.kind)),
                .text = back ? c->back_reason : c->ask.reason,
                .mood = MOOD_UNKNOWN};
    if (who->kind) ev.ids[ev.n_ids++] = *who;
    buf b = buf_new(a, 1 << 14);
    buf_add(&b, S("\"by\":"));
    buf_json_str(&b, back ? c->ended_by : c->ask.by);
    if (c->ask.product.len) buf_add(&b, S(",\"product\":")), buf_json_str(&b, c->ask.product);
    if (c->ask.policy) buf_fmt(&b, ",\"policy\":%" PRId64, c->ask.policy);
    ev.extra = buf_str(&b);
    return ev;
}

// What came back is told with what was given: a crash may have left both.
static bool read_untold(arena *a, store *s, concession *rows, size_t *n, int64_t now_us, err *e) {
    int64_t ids[AT_ONCE];
    *n = 0;
    for (row r = store_query(s, Q_concession_untold, e, "ii", (int64_t)0, (int64_t)AT_ONCE); row_next(&r);)
        ids[(*n)++] = row_int(&r, 0);
    for (size_t i = 0; err_ok(e) && i < *n; i++)
        if (!concession_get(a, s, ids[i], now_us, &rows[i], e)) return false;
    return err_ok(e);
}

static bool write_told(ledger *l, arena *a, const concession *rows, size_t n, bool sample, err *e) {
    event *evs = make(a, event, 2 * AT_ONCE);
    int32_t *row_of = make(a, int32_t, 2 * AT_ONCE);
    int64_t source, import;
    size_t m = 0;
    int32_t k = 0;
    tally t;
    for (size_t i = 0; i < n; i++) {
        ident who;
        if (rows[i].sample != sample) continue;
        if (!told_ident(a, ledger_store(l), rows[i].ask.customer, &who, NULL, e)) return false;
        const int last = rows[i].told == BACK ? 1 : 0;
        for (int back = 0; back <= last; back++) row_of[m] = k, evs[m++] = event_of(a, &rows[i], &who, back);
        k++;
    }
    intake in = {.events = evs, .row_of = row_of, .n = m, .rows = k};
    return !m ||
           (told_place_of(l, S("concessions"), sample, &source, &import, e) && ledger_write(l, import, &in, &t, e));
}

static bool tell_some(ledger *l, arena *a, size_t *n, err *e) {
    store *s = ledger_store(l);
    const world *w = ledger_world(l);
    concession *rows = make(a, concession, AT_ONCE);
    if (!read_untold(a, s, rows, n, w->now_us(w), e) || !*n) return err_ok(e);
    if (!write_told(l, a, rows, *n, false, e) || !write_told(l, a, rows, *n, true, e) || !store_begin(s, e))
        return false;
    for (size_t i = 0; i < *n; i++)
        if (!store_run(s, Q_concession_told, NULL, e, "iii", rows[i].id, (int64_t)rows[i].told,
                       (int64_t)rows[i].told + 1))
            return store_rollback(s), false;
    return ledger_commit(l, e);
}

bool concessions_tell(ledger *l, int64_t *told, err *e) {
    arena life = arena_open((size_t)1 << 30);
    size_t n = AT_ONCE;
    bool ok = true;
    if (told) *told = 0;
    while (ok && n == AT_ONCE) {
        arena a = life;
        ok = tell_some(l, &a, &n, e);
        if (ok && told) *told += (int64_t)n;
    }
    arena_close(&life);
    return ok;
}

// ---- what is over ----

static bool some_ids(store *s, enum query q, int64_t now_us, int col, int64_t *ids, size_t *n, err *e) {
    *n = 0;
    for (row r = store_query(s, q, e, "ii", now_us, (int64_t)AT_ONCE); row_next(&r);) ids[(*n)++] = row_int(&r, col);
    return err_ok(e);
}

static bool expire(ledger *l, int64_t id, int64_t now_us, err *e) {
    return store_run(ledger_store(l), Q_concession_state, NULL, e, "iiitti", id, (int64_t)CONCESSION_EXPIRED, now_us,
                     S("time"), S(""), (int64_t)-1);
}

bool concessions_expire(ledger *l, int64_t *n, err *e) {
    store *s = ledger_store(l);
    const world *w = ledger_world(l);
    int64_t ids[AT_ONCE], now = w->now_us(w);
    size_t held, asked;
    arena a = arena_open((size_t)1 << 26);
    bool ok = some_ids(s, Q_concession_overdue, now, 0, ids, &held, e);
    for (size_t i = 0; ok && i < held; i++) ok = concession_uncount(s, a, ids[i], e) && expire(l, ids[i], now, e);
    ok = ok && some_ids(s, Q_approval_overdue, now, 1, ids, &asked, e);
    for (size_t i = 0; ok && i < asked; i++)
        ok = expire(l, ids[i], now, e) && approval_close(l, ids[i], APPROVAL_EXPIRED, S("time"), S(""), e);
    arena_close(&a);
    if (ok) *n = (int64_t)(held + asked);
    return ok;
}
