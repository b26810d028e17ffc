// Learning from everybody in the store: the model, the pairs that it finds, and the keys of those that come later.
#include <math.h>

#include "know/likeness_private.h"

#include "base/radix.h"
#include "sql/know_likeness.h"

enum { HOME_MOST = 8 }; // of one family at one address; a hostel is no home

typedef struct {
    arena *a;
    const likeness_opts *o;
    like_records all;
    link_table t;
    link_model m;
    link_pairs found;
    link_comparer c;
    map64 seen; // pairs kept
    likeness_learnt *out;
    size_t room;
    float ask;
    int64_t last;
} learning;

static likeness *add_pair(learning *k, uint32_t x, uint32_t y) {
    likeness_learnt *out = k->out;
    if (out->n == k->room) {
        likeness *more = make(k->a, likeness, k->room = k->room ? k->room * 2 : 1024);
        if (out->n) memcpy(more, out->pairs, out->n * sizeof *more);
        out->pairs = more;
    }
    int64_t a = k->all.v[x].profile, b = k->all.v[y].profile;
    out->pairs[out->n] = (likeness){.a = MIN(a, b), .b = MAX(a, b)};
    return &out->pairs[out->n++];
}

static void keep_pair(learning *k, uint32_t x, uint32_t y, float weight, enum likeness_state state) {
    likeness *p = add_pair(k, x, y);
    const uint64_t pattern = link_pattern(&k->c, link_row(&k->t, x), link_row(&k->t, y));
    p->milli = (int64_t)lrint((double)weight * 1000);
    p->ppm = (int64_t)lrint(link_chance(&k->m.score.curve, (double)weight) * 1e6);
    p->parts = like_parts(k->a, &k->m.score, &k->m.fit, &k->t, pattern, MIN(x, y), MAX(x, y));
    p->state = state;
}

static void keep_pairs(learning *k) {
    for (size_t i = 0; i < k->found.n; i++) {
        const link_pair *p = &k->found.p[i];
        bool made;
        if (p->weight < k->ask) continue;
        keep_pair(k, p->a, p->b, p->weight, LIKENESS_OPEN);
        map64_at(&k->seen, (int64_t)p->a << 32 | p->b, 0, &made);
    }
}

// The others of a family at one address.
static void keep_homes(learning *k) {
    arena a = arena_open(k->all.n * 2 * sizeof(keyed) + 65536);
    keyed *at = make(&a, keyed, k->all.n + 1);
    size_t n = 0;
    standard s = standard_open();
    for (size_t i = 0; i < k->all.n; i++) {
        uint64_t home = like_home(&s, &k->all.v[i]);
        if (home) at[n++] = (keyed){home, (uint32_t)i};
    }
    standard_close(&s);
    if (n) radix_sort(a, at, n);
    for (size_t i = 0, j; i < n; i = j) {
        for (j = i + 1; j < n && at[j].key == at[i].key;) j++;
        for (size_t x = i; j - i <= HOME_MOST && x < j; x++)
            for (size_t y = x + 1; y < j; y++) {
                const uint32_t lo = MIN(at[x].at, at[y].at), hi = MAX(at[x].at, at[y].at);
                if (map64_get(&k->seen, (int64_t)lo << 32 | hi) >= 0) continue;
                keep_pair(k, lo, hi, link_model_weight(&k->m, lo, hi, NULL), LIKENESS_HOME);
            }
    }
    arena_close(&a);
}

static void keep_keys(learning *k) {
    likeness_learnt *out = k->out;
    standard s = standard_open();
    out->keys = make(k->a, uint64_t, k->all.n * LIKE_KEYS + 1),
    out->key_of = make(k->a, int64_t, k->all.n * LIKE_KEYS + 1);
    for (size_t i = 0; i < k->all.n; i++) {
        uint64_t keys[LIKE_KEYS];
        size_t n = like_keys(&s, &k->all.v[i], keys);
        for (size_t x = 0; x < n; x++) {
            out->keys[out->n_keys] = keys[x];
            out->key_of[out->n_keys++] = k->all.v[i].profile;
        }
    }
    standard_close(&s);
}

static bool weigh(learning *k, err *e) {
    const double join = k->o->join > 0 ? k->o->join : LIKENESS_JOIN, ask = k->o->ask > 0 ? k->o->ask : LIKENESS_ASK;
    link_model_opts o = {.threads = 1, .seed = 1, .progress = k->o->progress, .ctx = k->o->ctx, .floor = -1};
    if (!link_model_learn(&k->m, &k->t, &o, e)) return false;
    if (k->m.fit.doubt) return fail(e, ERR_conflict, "the profiles cannot tell who is alike: %s", k->m.fit.doubt);
    const float from = link_grain(link_weight_of(&k->m.score.curve, join));
    k->ask = link_grain(link_weight_of(&k->m.score.curve, MIN(ask, join)));
    k->m.o.floor = k->ask;
    if (!link_model_pairs(&k->m, &k->found, e)) return false;
    k->out->join_milli = (int64_t)lrint((double)from * 1000), k->out->ask_milli = (int64_t)lrint((double)k->ask * 1000);
    buf b = buf_new(k->a, (size_t)1 << 28);
    link_keep_write(&k->m, from, k->ask, &b);
    k->out->model = buf_str(&b);
    k->seen = map64_new(k->a, k->found.n + 64);
    k->c = link_comparer_open(&k->t);
    keep_pairs(k);
    keep_homes(k);
    link_comparer_close(&k->c);
    keep_keys(k);
    return true;
}

// Whether records as this version makes them can be judged by it.
static bool is_usable(arena *a, str model, err *e) {
    link_keep keep;
    link_table t;
    link_score score;
    like_records one = {0};
    like_record *r = like_add(a, &one);
    for (int c = 0; c < LIKE_COLUMNS; c++) r->cell[c] = S("");
    if (!link_keep_read(a, model, &keep, e)) return false;
    bool ok = like_table(a, &one, &t, e);
    if (ok) {
        ok = link_keep_score(&keep, &t, &score, e);
        if (ok) link_score_close(&score);
        link_table_close(&t);
    }
    link_keep_close(&keep);
    return ok;
}

bool likeness_kept(arena *a, store *s, likeness_age *out, err *e) {
    str model = {0};
    err why = {0};
    *out = (likeness_age){0};
    for (row r = store_query(s, Q_likeness_model_newest, e, ""); row_next(&r);) {
        model = str_dup(a, row_str(&r, 2));
        out->join = link_chance(NULL, row_double(&r, 4) / 1000), out->ask = link_chance(NULL, row_double(&r, 5) / 1000);
    }
    if (err_ok(e) && model.len && !is_usable(a, model, &why)) out->old = str_dup(a, str_c(why.msg));
    return err_ok(e);
}

bool likeness_learn(arena *a, store *s, const likeness_opts *o, likeness_learnt *out, err *e) {
    learning k = {.a = a, .o = o, .out = out};
    *out = (likeness_learnt){0};
    if (!like_read_all(a, s, &k.all, &k.last, e)) return false;
    out->profiles = (int64_t)k.all.n, out->last = k.last;
    if (k.all.n < LIKENESS_LEAST)
        return fail(
            e, ERR_conflict,
            "%zu profiles have a name, and %d are needed to learn what being alike says; until then customers are "
            "recognised by their identifiers alone",
            k.all.n, LIKENESS_LEAST);
    if (!like_table(a, &k.all, &k.t, e)) return false;
    bool ok = weigh(&k, e);
    link_pairs_close(&k.found);
    link_model_close(&k.m);
    link_table_close(&k.t);
    return ok;
}
