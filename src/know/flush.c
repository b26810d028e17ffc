// The merge: what was gathered goes into the stored timelines, customer by customer in rising order.
#include "base/radix.h"

#include "know/fold_private.h"

enum { CHUNK = 500 };

// Where a customer went, after any number of merges.
static int64_t final_of(const map64 *gone, const merger *m, int64_t customer) {
    for (int32_t i; gone->n && (i = map64_get(gone, customer)) >= 0;) customer = m[i].into;
    return customer;
}

// What there is to do, sorted by customer: items first, then waits, then timelines to be taken over.
typedef struct {
    folder *f;
    arena *a;
    const fold_item *waits;
    size_t n_waits;
    keyed *tasks;       // key: the customer in the end; at: index over items, waits and mergers in turn
    size_t n;
} merging;

enum { SPARSE = 8 }; // read single rows when fewer than one customer in so many is touched

static bool take_state(arena *a, const row *r, const map64 *at, timeline *ts, err *e) {
    int32_t k = map64_get(at, row_int(r, 0));
    return k < 0 || timeline_decode(a, row_str(r, 1), &ts[k], e);
}

// Reads the stored timelines of some customers: as one range where most of it is wanted, else by lists of ids.
static bool load_timelines(merging *m, arena *a, const int64_t *ids, size_t n, const map64 *at, timeline *ts, err *e) {
    int64_t lo = INT64_MAX, hi = 0;
    for (size_t i = 0; i < n; i++) lo = MIN(lo, ids[i]), hi = MAX(hi, ids[i]);
    if (hi - lo < (int64_t)n * SPARSE) {
        for (row r = store_query(m->f->s, Q_summary_range, e, "ii", lo, hi); row_next(&r);)
            if (!take_state(a, &r, at, ts, e)) row_end(&r);
        return err_ok(e);
    }
    for (size_t i = 0; i < n; i += LIST_IDS) {
        str list = list_json(a, ids + i, MIN((size_t)LIST_IDS, n - i));
        for (row r = store_query(m->f->s, Q_summary_state, e, "t", list); row_next(&r);)
            if (!take_state(a, &r, at, ts, e)) row_end(&r);
        if (!err_ok(e)) return false;
    }
    return true;
}

static bool delete_summaries(store *s, const int64_t *ids, size_t n, err *e) {
    column col = {'i', ids, NULL};
    return !n || store_bulk(s, Q_summary_delete, &col, 1, n, NULL, e);
}

static bool put_or_delete(folder *f, int64_t customer, const timeline *t, err *e) {
    return timeline_empty(t) ? delete_summaries(f->s, &customer, 1, e) : summary_rows_put(f->summaries, customer, t, e);
}

static const merger *merger_of(const merging *m, uint32_t at) {
    size_t others = m->f->n_items + m->n_waits;
    return at < others ? NULL : &m->f->mergers[at - others];
}

static void take_task(merging *m, arena *a, timeline *own, uint32_t at) {
    if (at >= m->f->n_items) {
        timeline_take(a, own, &m->waits[at - m->f->n_items]);
        return;
    }
    fold_item x = unpack(m->f, &m->f->items[at]);
    timeline_take(a, own, &x);
}

// The tasks of whole customers, at most CHUNK of them.
static bool merge_run(merging *m, size_t from, size_t to, err *e) {
    arena a = *m->a;
    size_t room = 0, n = 0, n_gone = 0;
    for (size_t i = from; i < to; i++) {
        if (i == from || m->tasks[i].key != m->tasks[i - 1].key) room++;
        if (merger_of(m, m->tasks[i].at)) room++;
    }
    int64_t *ids = make(&a, int64_t, room), *gone = make(&a, int64_t, room);
    map64 at = map64_new(&a, room);
    bool made;
    for (size_t i = from; i < to; i++) {
        const keyed *t = &m->tasks[i];
        map64_at(&at, (int64_t)t->key, (int32_t)n, &made);
        if (made) ids[n++] = (int64_t)t->key;
        const merger *g = merger_of(m, t->at);
        if (!g) continue;
        map64_at(&at, g->from, (int32_t)n, &made);
        if (made) ids[n++] = g->from;
        gone[n_gone++] = g->from;
    }
    timeline *ts = make(&a, timeline, n);
    if (!load_timelines(m, &a, ids, n, &at, ts, e)) return false;
    for (size_t i = from; i < to; i++) {
        const keyed *t = &m->tasks[i];
        const merger *g = merger_of(m, t->at);
        timeline *own = &ts[map64_get(&at, (int64_t)t->key)];
        if (g) timeline_merge(&a, own, &ts[map64_get(&at, g->from)]);
        else take_task(m, &a, own, t->at);
        bool last = i + 1 == to || m->tasks[i + 1].key != t->key;
        if (last && !put_or_delete(m->f, (int64_t)t->key, own, e)) return false;
    }
    return delete_summaries(m->f->s, gone, n_gone, e);
}

static bool merge_tasks(merging *m, err *e) {
    radix_sort(*m->a, m->tasks, m->n);
    size_t from = 0, customers = 0;
    for (size_t i = 0; i < m->n; i++) {
        if (i && m->tasks[i].key != m->tasks[i - 1].key && ++customers == CHUNK) {
            if (!merge_run(m, from, i, e)) return false;
            from = i, customers = 0;
        }
    }
    return (from == m->n || merge_run(m, from, m->n, e)) && summary_rows_send(m->f->summaries, e);
}

// Every gathered item, wait and merger as a task, but for customers that are folded anew anyway.
static void plan_tasks(merging *m, const map64 *gone) {
    folder *f = m->f;
    m->tasks = make(m->a, keyed, f->n_items + m->n_waits + f->n_mergers + 1);
    for (size_t i = 0; i < f->n_items + m->n_waits; i++) {
        int64_t c = i < f->n_items ? f->items[i].customer : m->waits[i - f->n_items].customer;
        if (!c) continue;
        c = final_of(gone, f->mergers, c);
        if (!sorted_has(f->anew, f->n_anew, c)) m->tasks[m->n++] = (keyed){(uint64_t)c, (uint32_t)i};
    }
    for (size_t i = 0; i < f->n_mergers; i++) {
        int64_t into = final_of(gone, f->mergers, f->mergers[i].into);
        if (into != f->mergers[i].from && !sorted_has(f->anew, f->n_anew, into))
            m->tasks[m->n++] = (keyed){(uint64_t)into, (uint32_t)(f->n_items + m->n_waits + i)};
    }
}

// ---- anew from the events ----

typedef struct {
    folder *f;
    arena *a;
    timeline t;
} refold;

static bool take_record(void *ctx, const record *r, err *e) {
    refold *x = ctx;
    arena scratch = x->f->scratch;
    said s;
    bool says = said_of(&scratch, r, &s);
    fold_item item = fold_item_of(r, says ? &s : NULL, x->f->z);
    (void)e;
    timeline_take(x->a, &x->t, &item);
    return true;
}

static bool take_waits(refold *x, int64_t profile, err *e) {
    for (row r = store_query(x->f->s, Q_conversation_of_profile, e, "i", profile); row_next(&r);) {
        fold_item w = {
            .thread = talk_wait_key(profile, row_int(&r, 1)), .at_us = row_int(&r, 4), .waiting_known = true};
        timeline_take(x->a, &x->t, &w);
    }
    return err_ok(e);
}

static bool fold_one_anew(folder *f, arena a, int64_t customer, err *e) {
    refold x = {.f = f, .a = &a};
    int64_t *profiles = NULL;
    size_t n = 0, room = 0;
    for (row r = store_query(f->s, Q_profile_of_customer, e, "i", customer); row_next(&r);)
        list_push(&a, &profiles, &n, &room, row_int(&r, 0));
    if (!err_ok(e)) return false;
    if (!n) return delete_summaries(f->s, &customer, 1, e);
    for (size_t i = 0; i < n; i++)
        if (!ledger_profile_events(f->s, profiles[i], take_record, &x, e) || !take_waits(&x, profiles[i], e))
            return false;
    return put_or_delete(f, customer, &x.t, e);
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

static bool drop_merged(folder *f, const map64 *gone, err *e) {
    for (size_t i = 0; i < f->n_mergers; i++) {
        int64_t from = f->mergers[i].from;
        if (!sorted_has(f->anew, f->n_anew, final_of(gone, f->mergers, from)) || sorted_has(f->anew, f->n_anew, from))
            continue;
        if (!delete_summaries(f->s, &from, 1, e)) return false;
    }
    return true;
}

bool fold_flush(folder *f, err *e) {
    arena a = arena_open((size_t)1 << 34);
    map64 gone = map64_new(&a, f->n_mergers);
    for (size_t i = 0; i < f->n_mergers; i++)
        if (f->mergers[i].from != f->mergers[i].into) map64_put(&gone, f->mergers[i].from, (int32_t)i);
    spread_anew(f, &gone);
    merging m = {.f = f, .a = &a};
    fold_item *waits;
    size_t n_waits;
    bool ok = flush_talk(f, &a, &waits, &n_waits, e);
    if (ok) {
        m.waits = waits, m.n_waits = n_waits;
        plan_tasks(&m, &gone);
        ok = merge_tasks(&m, e) && drop_merged(f, &gone, e);
    }
    for (size_t i = 0; ok && i < f->n_anew; i++) ok = fold_one_anew(f, a, f->anew[i], e);
    ok = ok && summary_rows_send(f->summaries, e);
    f->n_items = f->n_more = f->n_mergers = f->n_anew = f->n_talk_anew = 0;
    arena_close(&a);
    return ok;
}
