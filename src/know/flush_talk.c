// Conversations: what was gathered is merged into their stored sets of steps.
#include "know/fold_private.h"
#include "know/inbox.h"
#include "sql/know.h"

enum { GROUPS = 500 };

static int by_id(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

size_t sort_unique(int64_t *ids, size_t n) {
    size_t m = 0;
    qsort(ids, n, sizeof *ids, by_id);
    for (size_t i = 0; i < n; i++)
        if (!i || ids[i] != ids[i - 1]) ids[m++] = ids[i];
    return m;
}

bool sorted_has(const int64_t *ids, size_t n, int64_t id) {
    return n && bsearch(&id, ids, n, sizeof id, by_id) != NULL;
}

// Up to GROUPS whole conversations, their items in order.
typedef struct {
    folder *f;
    arena *a;
    talk_item *items;
    size_t n, room;
    size_t starts[GROUPS];
    int n_groups;
} crowd;

// Loads the stored steps of the conversations at hand.
static bool load_talks(crowd *c, talk *talks, err *e) {
    int64_t *profiles = make(c->a, int64_t, c->n_groups), *threads = make(c->a, int64_t, c->n_groups);
    map64 at = map64_new(c->a, (size_t)c->n_groups);
    for (int g = 0; g < c->n_groups; g++) {
        profiles[g] = (int64_t)c->items[c->starts[g]].profile, threads[g] = (int64_t)c->items[c->starts[g]].thread;
        map64_put(&at, threads[g] ^ profiles[g], g);
    }
    str p = list_json(c->a, profiles, (size_t)c->n_groups), t = list_json(c->a, threads, (size_t)c->n_groups);
    for (row r = store_query(c->f->s, Q_conversation_some, e, "tt", p, t); row_next(&r);) {
        int32_t g = map64_get(&at, row_int(&r, 1) ^ row_int(&r, 0));
        if (g < 0 || profiles[g] != row_int(&r, 0) || threads[g] != row_int(&r, 1)) continue;
        if (!talk_decode(c->a, row_str(&r, 2), &talks[g], e)) row_end(&r);
    }
    return err_ok(e);
}

// A customer's list of waits follows its conversations.
static bool tell_wait(folder *f, const talk_item *x, const talk *t, err *e) {
    if (!x->customer) return true;
    if (f->n_items == ITEMS && !spill(f, e)) return false;
    f->items[f->n_items++] = (item){.customer = (uint64_t)x->customer,
                                    .at_us = (uint64_t)talk_now(t).waiting_us,
                                    .thread = talk_wait_key((int64_t)x->profile, (int64_t)x->thread),
                                    .flags = WAITING};
    return true;
}

static bool write_crowd(crowd *c, err *e) {
    if (!c->n_groups) return true;
    arena keep = *c->a;
    talk *talks = make(c->a, talk, c->n_groups);
    bool ok = load_talks(c, talks, e);
    for (int g = 0; ok && g < c->n_groups; g++) {
        const talk_item *x = &c->items[c->starts[g]];
        size_t end = g + 1 < c->n_groups ? c->starts[g + 1] : c->n;
        for (size_t i = c->starts[g]; i < end; i++)
            talk_take(c->a, &talks[g], c->items[i].at_us, talk_who_of(c->items[i].kind), c->items[i].channel);
        ok = tell_wait(c->f, x, &talks[g], e) &&
             talk_rows_put(c->f->talk_rows, (int64_t)x->profile, (int64_t)x->thread, x->source_id, &talks[g], e);
    }
    *c->a = keep;
    c->n = 0, c->n_groups = 0;
    return ok;
}

// Items come in order of profile and thread.
static bool take(crowd *c, const talk_item *x, err *e) {
    const talk_item *last = c->n ? &c->items[c->n - 1] : NULL;
    if (!last || last->profile != x->profile || last->thread != x->thread) {
        if (c->n_groups == GROUPS && !write_crowd(c, e)) return false;
        c->starts[c->n_groups++] = c->n;
    }
    if (c->n == c->room) {
        talk_item *more = make(c->a, talk_item, c->room * 2);
        memcpy(more, c->items, c->n * sizeof *more);
        c->items = more, c->room *= 2;
    }
    c->items[c->n++] = *x;
    return true;
}

static crowd crowd_new(folder *f, arena *a) {
    return (crowd){.f = f, .a = a, .items = make(a, talk_item, 4096), .room = 4096};
}

// ---- anew from the events ----

typedef struct {
    folder *f;
    arena *a;
    talk_item *items;
    size_t n, room;
} gathered;

static bool gather(void *ctx, const record *r, err *e) {
    gathered *g = ctx;
    (void)e;
    if (kind_class(r->kind) != CLASS_TALK) return true;
    if (g->n == g->room) {
        talk_item *more = make(g->a, talk_item, g->room = g->room ? g->room * 2 : 64);
        if (g->n) memcpy(more, g->items, g->n * sizeof *more);
        g->items = more;
    }
    // No customer: the customers of changed profiles are folded anew, and read the waits then.
    g->items[g->n++] = (talk_item){.profile = (uint64_t)r->profile_id,
                                   .thread = (uint64_t)r->thread,
                                   .at_us = r->at_us,
                                   .source_id = (int32_t)ledger_import_source(g->f->l, r->import_id),
                                   .kind = r->kind,
                                   .channel = r->channel};
    return true;
}

static int by_thread(const void *a, const void *b) {
    const talk_item *x = a, *y = b;
    return (x->thread > y->thread) - (x->thread < y->thread);
}

static bool talk_anew(folder *f, arena a, int64_t profile, err *e) {
    gathered g = {.f = f, .a = &a};
    bool ok = store_run(f->s, Q_conversation_delete_profile, NULL, e, "i", profile) &&
              inbox_forget_talks(f->s, profile, e) && ledger_profile_events(f->s, profile, gather, &g, e);
    if (g.n) qsort(g.items, g.n, sizeof *g.items, by_thread);
    crowd c = crowd_new(f, &a);
    for (size_t i = 0; ok && i < g.n; i++) ok = take(&c, &g.items[i], e);
    return ok && write_crowd(&c, e) && talk_rows_send(f->talk_rows, e);
}

bool flush_talk(folder *f, err *e) {
    arena a = arena_open((size_t)1 << 34);
    f->n_talk_anew = sort_unique(f->talk_anew, f->n_talk_anew);
    crowd c = crowd_new(f, &a);
    bool ok = runs_begin(f->talk_runs, e);
    for (const void *x; ok && runs_next(f->talk_runs, &x, e);)
        if (!sorted_has(f->talk_anew, f->n_talk_anew, (int64_t)((const talk_item *)x)->profile)) ok = take(&c, x, e);
    ok = ok && err_ok(e) && write_crowd(&c, e) && talk_rows_send(f->talk_rows, e);
    for (size_t i = 0; ok && i < f->n_talk_anew; i++) ok = talk_anew(f, a, f->talk_anew[i], e);
    arena_close(&a);
    return ok;
}
