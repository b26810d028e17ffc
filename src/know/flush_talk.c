// Conversations: what was gathered is merged into their stored sets of steps.
#include "know/fold_private.h"

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

static int by_thread(const void *a, const void *b) {
    const fold_item *x = *(const fold_item *const *)a, *y = *(const fold_item *const *)b;
    if (x->profile != y->profile) return x->profile < y->profile ? -1 : 1;
    return (x->thread > y->thread) - (x->thread < y->thread);
}

typedef struct {
    folder *f;
    arena *a;
    fold_item *waits;
    size_t n_waits;
} talking;

// Loads the stored steps of up to GROUPS conversations.
static bool load_talks(store *s, arena *a, const int64_t *profiles, const int64_t *threads, size_t n, map64 *at,
                       talk *talks, err *e) {
    str p = list_json(a, profiles, n), t = list_json(a, threads, n);
    for (size_t i = 0; i < n; i++) map64_put(at, threads[i] ^ profiles[i], (int32_t)i);
    for (row r = store_query(s, Q_conversation_some, e, "tt", p, t); row_next(&r);) {
        int32_t i = map64_get(at, row_int(&r, 1) ^ row_int(&r, 0));
        if (i < 0 || profiles[i] != row_int(&r, 0) || threads[i] != row_int(&r, 1)) continue;
        if (!talk_decode(a, str_dup(a, row_str(&r, 2)), &talks[i], e)) row_end(&r);
    }
    return err_ok(e);
}

static bool write_group(talking *w, arena *a, const fold_item *const *items, size_t n, talk *t, err *e) {
    const fold_item *x = items[0];
    for (size_t i = 0; i < n; i++) talk_take(a, t, items[i]->at_us, talk_who_of(items[i]->kind), items[i]->channel);
    if (x->customer)
        w->waits[w->n_waits++] = (fold_item){.customer = x->customer,
                                             .profile = x->profile,
                                             .thread = talk_wait_key(x->profile, x->thread),
                                             .at_us = talk_now(t).waiting_us,
                                             .waiting_known = true};
    return talk_rows_put(w->f->talks, x->profile, x->thread, x->source_id, t, e);
}

// A run of whole conversations, at most GROUPS of them.
static bool write_run(talking *w, const fold_item *const *items, const size_t *starts, size_t n_groups, size_t end,
                      err *e) {
    arena a = *w->a;
    int64_t *profiles = make(&a, int64_t, n_groups), *threads = make(&a, int64_t, n_groups);
    talk *talks = make(&a, talk, n_groups);
    map64 at = map64_new(&a, n_groups);
    for (size_t g = 0; g < n_groups; g++)
        profiles[g] = items[starts[g]]->profile, threads[g] = items[starts[g]]->thread;
    if (!load_talks(w->f->s, &a, profiles, threads, n_groups, &at, talks, e)) return false;
    for (size_t g = 0; g < n_groups; g++) {
        size_t to = g + 1 < n_groups ? starts[g + 1] : end;
        if (!write_group(w, &a, items + starts[g], to - starts[g], &talks[g], e)) return false;
    }
    return true;
}

static bool merge_talks(talking *w, const fold_item **items, size_t n, err *e) {
    size_t starts[GROUPS], n_groups = 0;
    qsort(items, n, sizeof *items, by_thread);
    for (size_t i = 0; i < n; i++) {
        if (i && !by_thread(&items[i], &items[i - 1])) continue;
        if (n_groups == GROUPS) {
            if (!write_run(w, items, starts, n_groups, i, e)) return false;
            n_groups = 0;
        }
        starts[n_groups++] = i;
    }
    return !n_groups || write_run(w, items, starts, n_groups, n, e);
}

// ---- anew from the events ----

typedef struct {
    ledger *l;
    arena *a;
    fold_item *items;
    size_t n, room;
} gathered;

static bool gather(void *ctx, const record *r, err *e) {
    gathered *g = ctx;
    (void)e;
    if (kind_class(r->kind) != CLASS_TALK) return true;
    if (g->n == g->room) {
        fold_item *more = make(g->a, fold_item, g->room = g->room ? g->room * 2 : 64);
        if (g->n) memcpy(more, g->items, g->n * sizeof *more);
        g->items = more;
    }
    g->items[g->n++] = (fold_item){.profile = r->profile_id,
                                   .at_us = r->at_us,
                                   .thread = r->thread,
                                   .kind = r->kind,
                                   .channel = r->channel,
                                   .source_id = (int32_t)ledger_import_source(g->l, r->import_id)};
    return true;
}

static bool talk_anew(talking *w, int64_t profile, err *e) {
    arena keep = *w->a;
    gathered g = {.l = w->f->l, .a = w->a};
    bool ok = store_run(w->f->s, Q_conversation_delete_profile, NULL, e, "i", profile) &&
              ledger_profile_events(w->f->s, profile, gather, &g, e);
    const fold_item **list = make(w->a, const fold_item *, g.n + 1);
    for (size_t i = 0; i < g.n; i++) list[i] = &g.items[i];
    ok = ok && (!g.n || merge_talks(w, list, g.n, e)) && talk_rows_send(w->f->talks, e);
    *w->a = keep;
    return ok;
}

bool flush_talk(folder *f, arena *a, fold_item **waits, size_t *n_waits, err *e) {
    const fold_item **items = make(a, const fold_item *, f->n_more + 1);
    fold_item *all = make(a, fold_item, f->n_more + 1);
    size_t n = 0;
    f->n_talk_anew = sort_unique(f->talk_anew, f->n_talk_anew);
    for (size_t i = 0; i < f->n_items; i++) {
        if (!f->items[i].more || kind_class(f->items[i].kind) != CLASS_TALK) continue;
        all[n] = unpack(f, &f->items[i]);
        if (!sorted_has(f->talk_anew, f->n_talk_anew, all[n].profile)) items[n] = &all[n], n++;
    }
    talking w = {.f = f, .a = a, .waits = make(a, fold_item, n + 1)};
    bool ok = merge_talks(&w, items, n, e) && talk_rows_send(f->talks, e);
    for (size_t i = 0; ok && i < f->n_talk_anew; i++) ok = talk_anew(&w, f->talk_anew[i], e);
    *waits = w.waits, *n_waits = w.n_waits;
    return ok;
}
