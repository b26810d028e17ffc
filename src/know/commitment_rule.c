// What is owed by rule, in the store: the steps that follow from standards stand beside those that events said.
#include "base/civil.h"

#include "know/commitment_private.h"
#include "know/standard.h"
#include "sql/act.h"
#include "sql/act_promise.h"

typedef struct {
    arena *a;
    standard_event *evs;
    size_t n, room;
} gathering;

static bool gather(void *ctx, const record *r, err *e) {
    gathering *g = ctx;
    (void)e;
    if (!standard_minds(r)) return true;
    if (g->n == g->room) {
        standard_event *more = make(g->a, standard_event, g->room = g->room ? g->room * 2 : 64);
        if (g->n) memcpy(more, g->evs, g->n * sizeof *more);
        g->evs = more;
    }
    g->evs[g->n++] = standard_event_of(g->a, r);
    return true;
}

static bool steps_of(arena *a, store *s, standards *x, const int64_t *profiles, size_t n_profiles,
                     commitment_step **out, size_t *n, err *e) {
    gathering g = {.a = a};
    for (size_t i = 0; i < n_profiles; i++)
        if (!ledger_profile_events(s, profiles[i], gather, &g, e)) return false;
    standards_steps(a, x, profiles, n_profiles, g.evs, g.n, out, n);
    return true;
}

static int by_number(const void *a, const void *b) {
    const commitment_step *x = a, *y = b;
    if (x->id != y->id) return x->id < y->id ? -1 : 1;
    if (x->at_us != y->at_us) return x->at_us < y->at_us ? -1 : 1;
    return (x->key > y->key) - (x->key < y->key);
}

static bool same_step(const commitment_step *x, const commitment_step *y) {
    return x->profile_id == y->profile_id && x->what == y->what && x->due_us == y->due_us && x->about == y->about &&
           x->standard_id == y->standard_id && str_eq(x->topic, y->topic) && str_eq(x->words, y->words);
}

// Puts what is wanted in the place of what is stored; both sorted. Tells which commitments changed.
static bool replace(store *s, arena *a, const commitment_step *want, size_t n_want, const commitment_step *have,
                    size_t n_have, int64_t **changed, size_t *n, err *e) {
    size_t i = 0, j = 0, room = 0;
    *changed = NULL, *n = 0;
    while (i < n_want || j < n_have) {
        const commitment_step *w = i < n_want ? &want[i] : NULL, *h = j < n_have ? &have[j] : NULL;
        int c = !w ? 1 : !h ? -1 : by_number(w, h);
        const commitment_step *either = c > 0 ? h : w;
        assert(either);
        if (w && h && c == 0 && same_step(w, h)) {
            i++, j++;
            continue;
        }
        list_push(a, changed, n, &room, either->id);
        if (c > 0 && !store_run(s, Q_commitment_step_drop, NULL, e, "iii", either->id, either->at_us, either->key))
            return false;
        if (c <= 0 && !owed_put_step(s, either, e)) return false;
        i += c <= 0, j += c >= 0;
    }
    return true;
}

static bool one_customer(store *s, arena a, standards *x, int64_t customer, err *e) {
    int64_t *profiles, *changed;
    commitment_step *want, *have = NULL;
    size_t n_profiles, n_want, n_have = 0, room = 0, n;
    if (!owed_profiles(s, &a, customer, &profiles, &n_profiles, e) ||
        !steps_of(&a, s, x, profiles, n_profiles, &want, &n_want, e))
        return false;
    for (size_t i = 0; i < n_profiles; i++)
        for (row r = store_query(s, Q_standard_steps_of_profile, e, "i", profiles[i]); row_next(&r);)
            owed_push(&a, &have, &n_have, &room, owed_read_step(&a, &r));
    if (!err_ok(e)) return false;
    if (n_have) qsort(have, n_have, sizeof *have, by_number);
    if (!replace(s, &a, want, n_want, have, n_have, &changed, &n, e)) return false;
    n = list_unique(changed, n);
    assert(changed || !n);
    for (size_t i = 0; i < n; i++)
        if (!owed_fold(s, a, changed[i], e)) return false;
    return !n || owed_settle(s, a, customer, e);
}

static bool some_customers(store *s, int64_t *customers, size_t n, err *e) {
    arena life = arena_open((size_t)1 << 24), a = arena_open((size_t)1 << 30);
    standards *x;
    bool ok = standards_read(&life, s, &x, e);
    n = list_unique(customers, n);
    assert(customers || !n);
    for (size_t i = 0; ok && i < n; i++) ok = one_customer(s, a, x, customers[i], e);
    arena_close(&a);
    arena_close(&life);
    return ok;
}

bool commitment_by_rule(store *s, const int64_t *profiles, size_t n, err *e) {
    bool any;
    if (!n || !standards_any(s, &any, e)) return err_ok(e);
    if (!any) return true;
    arena a = arena_open(n * 48 + ((size_t)1 << 24));
    int64_t *customers;
    size_t n_customers;
    bool ok =
        list_customers(&a, s, profiles, n, &customers, &n_customers, e) && some_customers(s, customers, n_customers, e);
    arena_close(&a);
    return ok;
}

// Everybody whose events lie where a standard holds, or to whom anything is owed by rule already.
static bool touched(store *s, arena *a, int64_t since_us, int64_t **ids, size_t *n, err *e) {
    size_t room = 0;
    *ids = NULL, *n = 0;
    row r = store_query(s, Q_standard_customers_since, e, "ii", (int64_t)event_period(since_us), since_us);
    while (row_next(&r)) list_push(a, ids, n, &room, row_int(&r, 0));
    r = store_query(s, Q_standard_customers_made, e, "");
    while (row_next(&r)) list_push(a, ids, n, &room, row_int(&r, 0));
    *n = list_unique(*ids, *n);
    return err_ok(e);
}

bool commitment_by_rule_since(store *s, int64_t since_us, err *e) {
    arena a = arena_open((size_t)1 << 30);
    int64_t *ids;
    size_t n;
    bool ok = touched(s, &a, since_us, &ids, &n, e) && some_customers(s, ids, n, e);
    arena_close(&a);
    return ok;
}

bool owed_by_rule(store *s, owed_rule_fn fn, void *ctx, err *e) {
    int64_t first, *ids;
    size_t n = 0;
    if (!store_int(s, Q_standard_first, &first, INT64_MIN, e, "")) return false;
    if (first == INT64_MIN) return true;
    arena life = arena_open((size_t)1 << 30), a = arena_open((size_t)1 << 30);
    standards *x;
    bool ok = standards_read(&life, s, &x, e) && touched(s, &life, first, &ids, &n, e);
    for (size_t i = 0; ok && i < n; i++, arena_reset(&a)) {
        int64_t *profiles;
        commitment_step *steps;
        size_t n_profiles, n_steps;
        ok = owed_profiles(s, &a, ids[i], &profiles, &n_profiles, e) &&
             steps_of(&a, s, x, profiles, n_profiles, &steps, &n_steps, e) && fn(ctx, steps, n_steps, e);
    }
    arena_close(&a);
    arena_close(&life);
    return ok;
}
