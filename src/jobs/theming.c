#include "jobs/theming.h"

#include <time.h>

#include "decide/priorities.h"
#include "know/measure.h"

enum { LOOKS = 5 }; // again when people spoke of themes meanwhile

typedef struct {
    const theming *x;
    arena a; // of one look
    reader *r;
    int64_t now_us;
    themed *out;
    const themes_look *look;
    size_t from, next;
    str hints;
    const bursts_found *bursts;
    const priorities_found *priorities;
    const themes_place *places;
    size_t n_places;
} theming_run;

// ---- a piece of writing ----

typedef bool (*step_fn)(theming_run *t, store *s, err *e);
typedef struct {
    step_fn fn;
    theming_run *t;
} step;

static bool by_writer(void *ctx, desk *d, err *e) {
    const step *p = ctx;
    return p->fn(p->t, d->s, e);
}

static bool put(theming_run *t, step_fn fn, err *e) {
    step p = {fn, t};
    store *s = t->x->s;
    if (t->x->w) return writer_do(t->x->w, by_writer, &p, e);
    if (!store_begin(s, e)) return false;
    if (fn(t, s, e) && store_commit(s, e)) return true;
    store_rollback(s);
    return false;
}

static bool keep(theming_run *t, store *s, err *e) {
    return themes_keep(s, t->look, t->from, &t->next, e) &&
           (t->next || themes_report_put(s, "hints", t->now_us, t->hints, e));
}

static bool mark(theming_run *t, store *s, err *e) {
    return themes_mark(s, t->look, t->from, &t->next, e);
}

static bool keep_bursts(theming_run *t, store *s, err *e) {
    t->next = 0;
    return bursts_keep(s, t->bursts, t->now_us, e);
}

static bool keep_priorities(theming_run *t, store *s, err *e) {
    return priorities_keep(s, t->priorities, t->now_us, t->from, &t->next, e);
}

static bool keep_places(theming_run *t, store *s, err *e) {
    return themes_store_new(s, t->places, t->n_places, e);
}

// ---- one look ----

static bool go_on(const theming_run *t, int64_t done, int64_t all, err *e) {
    return !t->x->goes_on || t->x->goes_on(t->x->ctx, done, all, e);
}

// Piece by piece, so that nobody waits for the writer long.
static bool put_all(theming_run *t, step_fn fn, int64_t all, err *e) {
    for (t->from = 0, t->next = 1; t->next; t->from = t->next)
        if (!go_on(t, all ? (int64_t)t->from : 0, all, e) || !put(t, fn, e)) return false;
    return true;
}

static void how_far(void *ctx, int64_t done, int64_t all) {
    err quiet = {0};
    (void)go_on(ctx, done, all, &quiet);
}

static bool search(theming_run *t, err *e) {
    themes_look *look;
    for (int i = 0;; i++) {
        arena_reset(&t->a);
        const themes_terms terms = {t->x->anew, t->now_us, t->x->texts, how_far, t};
        if (!go_on(t, 0, 0, e) || !themes_search(&t->a, t->x->s, t->r, &terms, &look, e)) return false;
        t->look = look, t->hints = themes_hinted(&t->a, look);
        if (put_all(t, keep, 0, e)) break;
        if (e->code != ERR_changed || i + 1 == LOOKS) return false;
        *e = (err){0};
    }
    t->out->count = themes_counted(t->look);
    return put_all(t, mark, (int64_t)t->out->count.marked, e);
}

static bool weigh(theming_run *t, err *e) {
    talked all;
    arena_reset(&t->a);
    if (!go_on(t, 0, 0, e) || !talked_read(&t->a, t->x->s, t->now_us, &all, e)) return false;
    bursts_found *b = make(&t->a, bursts_found, 1);
    priorities_found *p = make(&t->a, priorities_found, 1);
    *b = bursts_look(&t->a, &all);
    if (!go_on(t, 0, 0, e)) return false;
    *p = priorities_count(&t->a, &all, b);
    t->bursts = b, t->priorities = p;
    t->out->rising = b->n, t->out->weighed = p->n;
    for (size_t i = 0; i < b->n; i++) t->out->alarms += b->v[i].alarm;
    return put(t, keep_bursts, e) && put_all(t, keep_priorities, 0, e);
}

static double clock_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

bool theme_all(const theming *x, themed *out, err *e) {
    bool historic;
    arena life = arena_open((size_t)64 << 20);
    theming_run t = {.x = x, .out = out, .a = arena_open((size_t)1 << 38)};
    *out = (themed){0};
    double began = clock_s(), turn = began;
    bool ok =
        as_of_us(x->s, x->clock_us, &t.now_us, &historic, e) && reader_open(&life, &t.r, x->where, e) && search(&t, e);
    turn = clock_s();
    ok = ok && weigh(&t, e);
    out->search_s = turn - began, out->rest_s = clock_s() - turn;
    reader_close(t.r);
    arena_close(&t.a);
    arena_close(&life);
    return ok;
}

bool theme_new_words(const theming *x, int64_t *placed, err *e) {
    theming_run t = {.x = x, .a = arena_open((size_t)1 << 30)};
    themes_placer *p = themes_placer_open();
    themes_place *v;
    bool ok = true;
    for (*placed = 0; ok;) {
        arena_reset(&t.a);
        ok = go_on(&t, *placed, 0, e) && themes_read_new(&t.a, x->s, p, &v, &t.n_places, e);
        if (!ok || !t.n_places) break;
        t.places = v;
        ok = put(&t, keep_places, e);
        *placed += (int64_t)t.n_places;
    }
    themes_placer_close(p);
    arena_close(&t.a);
    return ok;
}
