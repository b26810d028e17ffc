// The merge: what was gathered goes into the stored timelines, customer by customer in rising order.
#include "know/fold_private.h"
#include "know/stage.h"
#include "sql/know.h"

enum { CHUNK = 500, SPARSE = 8 }; // SPARSE: read single rows when fewer than one customer in so many is touched

// The customers at hand: their items, sorted by customer.
typedef struct {
    folder *f;
    arena *a;
    item *items;
    size_t n, room, customers;
} crowd;

// ---- who went where ----

// Where a customer went, after any number of merges.
static int64_t final_of(const map64 *gone, const merger *m, int64_t customer) {
    for (int32_t i; gone->n && (i = map64_get(gone, customer)) >= 0;) customer = m[i].into;
    return customer;
}

// ---- stored timelines ----

static bool take_state(arena *a, const row *r, const map64 *at, timeline *ts, bool *stored, err *e) {
    int32_t k = map64_get(at, row_int(r, 0));
    if (k < 0) return true;
    stored[k] = true;
    return timeline_decode(a, row_str(r, 1), &ts[k], e);
}

// Reads the stored timelines of some customers: as one range where most of it is wanted, else by lists of ids.
static bool load_timelines(store *s, arena *a, const int64_t *ids, size_t n, const map64 *at, timeline *ts,
                           bool *stored, err *e) {
    int64_t lo = INT64_MAX, hi = 0;
    for (size_t i = 0; i < n; i++) lo = MIN(lo, ids[i]), hi = MAX(hi, ids[i]);
    if (hi - lo < (int64_t)n * SPARSE) {
        for (row r = store_query(s, Q_summary_range, e, "ii", lo, hi); row_next(&r);)
            if (!take_state(a, &r, at, ts, stored, e)) row_end(&r);
        return err_ok(e);
    }
    for (size_t i = 0; i < n; i += LIST_IDS) {
        str list = list_json(a, ids + i, MIN((size_t)LIST_IDS, n - i));
        for (row r = store_query(s, Q_summary_state, e, "t", list); row_next(&r);)
            if (!take_state(a, &r, at, ts, stored, e)) row_end(&r);
        if (!err_ok(e)) return false;
    }
    return true;
}

static bool delete_summaries(store *s, const int64_t *ids, size_t n, err *e) {
    column col = {'i', ids, NULL};
    return !n || (store_bulk(s, Q_summary_delete, &col, 1, n, NULL, e) && stage_touch(s, ids, n, e));
}

static bool put_or_delete(folder *f, int64_t customer, const timeline *t, bool stored, err *e) {
    if (timeline_empty(t)) return delete_summaries(f->s, &customer, 1, e);
    return summary_rows_put(stored ? f->summaries : f->new_summaries, customer, t, e);
}

static bool send_summaries(folder *f, err *e) {
    return summary_rows_send(f->summaries, e) && summary_rows_send(f->new_summaries, e);
}

// ---- customers that only gained events ----

static bool write_crowd(crowd *c, err *e) {
    if (!c->n) return true;
    arena a = *c->a;
    int64_t *ids = make(&a, int64_t, c->customers);
    timeline *ts = make(&a, timeline, c->customers);
    bool *stored = make(&a, bool, c->customers);
    map64 at = map64_new(&a, c->customers);
    size_t n = 0;
    for (size_t i = 0; i < c->n; i++)
        if (!i || c->items[i].customer != c->items[i - 1].customer)
            map64_put(&at, (int64_t)c->items[i].customer, (int32_t)n), ids[n++] = (int64_t)c->items[i].customer;
    bool ok = load_timelines(c->f->s, &a, ids, n, &at, ts, stored, e);
    for (size_t i = 0, k = 0; ok && i < c->n; i++) {
        fold_item x = unpack(c->f, &c->items[i]);
        timeline_take(&a, &ts[k], &x);
        bool last = i + 1 == c->n || c->items[i + 1].customer != c->items[i].customer;
        if (last) ok = put_or_delete(c->f, ids[k], &ts[k], stored[k], e), k++;
    }
    c->n = c->customers = 0;
    return ok;
}

static void keep(crowd *c, const item *x) {
    if (c->n == c->room) {
        item *more = make(c->a, item, c->room * 2);
        memcpy(more, c->items, c->n * sizeof *more);
        c->items = more, c->room *= 2;
    }
    c->items[c->n++] = *x;
}

static bool take(crowd *c, const item *x, err *e) {
    bool next = !c->n || c->items[c->n - 1].customer != x->customer;
    if (next && c->customers == CHUNK && !write_crowd(c, e)) return false;
    c->customers += next;
    keep(c, x);
    return true;
}

static crowd crowd_new(folder *f, arena *a) {
    return (crowd){.f = f, .a = a, .items = make(a, item, 16384), .room = 16384};
}

// ---- customers that merged ----

typedef struct {
    map64 gone;    // merged away → index of its merger
    map64 tangled; // everybody in a merge
    crowd items;   // of the tangled, in any order
} tangle;

static tangle tangle_new(folder *f, arena *a) {
    tangle t = {.gone = map64_new(a, f->n_mergers), .tangled = map64_new(a, f->n_mergers * 2)};
    for (size_t i = 0; i < f->n_mergers; i++) {
        const merger *m = &f->mergers[i];
        if (m->from != m->into) map64_put(&t.gone, m->from, (int32_t)i);
        map64_put(&t.tangled, m->from, 1), map64_put(&t.tangled, m->into, 1);
    }
    return t;
}

// Everybody in a merge is loaded; those merged away and all their items go into the one that is left.
static bool write_tangle(folder *f, arena *a, tangle *t, err *e) {
    size_t n = 0;
    int64_t *ids = make(a, int64_t, f->n_mergers * 2 + 1);
    map64 at = map64_new(a, f->n_mergers * 2);
    bool made;
    for (size_t i = 0; i < f->n_mergers; i++)
        for (int side = 0; side < 2; side++) {
            int64_t id = side ? f->mergers[i].into : f->mergers[i].from;
            map64_at(&at, id, (int32_t)n, &made);
            if (made) ids[n++] = id;
        }
    timeline *ts = make(a, timeline, n + 1);
    bool *stored = make(a, bool, n + 1);
    if (!load_timelines(f->s, a, ids, n, &at, ts, stored, e)) return false;
    for (size_t i = 0; i < n; i++) {
        int64_t to = final_of(&t->gone, f->mergers, ids[i]);
        if (to != ids[i]) timeline_merge(a, &ts[map64_get(&at, to)], &ts[i]);
    }
    // What was gathered comes after what was stored, because it says of a conversation who waits now.
    for (size_t i = 0; i < t->items.n; i++) {
        fold_item x = unpack(f, &t->items.items[i]);
        timeline_take(a, &ts[map64_get(&at, final_of(&t->gone, f->mergers, x.customer))], &x);
    }
    for (size_t i = 0; i < n; i++) {
        int64_t to = final_of(&t->gone, f->mergers, ids[i]);
        if (sorted_has(f->anew, f->n_anew, ids[i])) continue; // settled by its fold from the events
        bool stays = to == ids[i] && !sorted_has(f->anew, f->n_anew, to);
        if (stays ? !put_or_delete(f, ids[i], &ts[i], stored[i], e) : !delete_summaries(f->s, &ids[i], 1, e))
            return false;
    }
    return true;
}

// A customer that merged away or into one that is folded anew is settled by that fold.
static void spread_anew(folder *f, const map64 *gone) {
    size_t n = f->n_anew;
    for (size_t i = 0; i < n; i++) {
        int64_t to = final_of(gone, f->mergers, f->anew[i]);
        if (to != f->anew[i]) f->anew[f->n_anew++] = to;
    }
    f->n_anew = sort_unique(f->anew, f->n_anew);
}

// ---- customers whose events changed: anew from them ----

static bool fold_one_anew(folder *f, arena a, int64_t customer, err *e) {
    timeline t;
    int64_t *profiles = NULL;
    size_t n = 0, room = 0;
    for (row r = store_query(f->s, Q_profile_of_customer, e, "i", customer); row_next(&r);)
        list_push(&a, &profiles, &n, &room, row_int(&r, 0));
    if (!err_ok(e)) return false;
    if (!n) return delete_summaries(f->s, &customer, 1, e);
    return fold_profiles(&a, f->scratch, f->s, f->z, profiles, n, &t, e) && put_or_delete(f, customer, &t, true, e);
}

// ---- all ----

// Every gathered item finds its customer; those of customers folded anew are in the events already.
static bool stream(folder *f, arena *a, tangle *t, err *e) {
    arena side = arena_open((size_t)1 << 34);
    crowd c = crowd_new(f, a);
    t->items = crowd_new(f, &side);
    bool ok = runs_begin(f->item_runs, e);
    for (const void *p; ok && runs_next(f->item_runs, &p, e);) {
        const item *x = p;
        int64_t customer = (int64_t)x->customer;
        if (f->n_anew && sorted_has(f->anew, f->n_anew, final_of(&t->gone, f->mergers, customer))) continue;
        if (t->tangled.n && map64_get(&t->tangled, customer) >= 0)
            keep(&t->items, x);
        else
            ok = take(&c, x, e);
    }
    ok = ok && err_ok(e) && write_crowd(&c, e);
    if (ok && f->n_mergers) ok = write_tangle(f, &side, t, e);
    arena_close(&side);
    return ok && send_summaries(f, e);
}

bool fold_flush(folder *f, err *e) {
    arena a = arena_open((size_t)1 << 34);
    tangle t = tangle_new(f, &a);
    spread_anew(f, &t.gone);
    // Talk first: the waits that follow from it are items too.
    bool ok = spill(f, e) && flush_talk(f, e) && spill(f, e) && stream(f, &a, &t, e);
    for (size_t i = 0; ok && i < f->n_anew; i++) ok = fold_one_anew(f, a, f->anew[i], e);
    ok = ok && send_summaries(f, e);
    if (ok) {
        f->n_mergers = f->n_anew = f->n_talk_anew = 0;
        runs_reset(f->item_runs);
        runs_reset(f->talk_runs);
    }
    arena_close(&a);
    return ok;
}
