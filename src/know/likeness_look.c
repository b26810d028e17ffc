// Comparing those that came or changed with those that share a key with them.
#include <math.h>

#include "know/likeness_private.h"

#include "know/lists.h"
#include "sql/know_likeness.h"

typedef struct {
    store *s;
    arena *a;
    link_keep keep;
    int64_t now_us;
    int64_t *todo; // profiles to be looked at: those to compare first
    size_t n_todo, n_compare;
    like_records who; // those to compare, then whom they are compared with
    uint64_t *home;   // of each: family name and address
    link_table t;
    link_score score;
    link_comparer c;
    likeness *pairs;
    size_t n, room;
    int64_t *decide;
    size_t n_decide, room_decide;
} looking;

static bool read_keep(looking *k, bool *there, err *e) {
    *there = false;
    str text = {0};
    for (row r = store_query(k->s, Q_likeness_model_newest, e, ""); row_next(&r);)
        text = str_dup(k->a, row_str(&r, 2)), *there = true;
    return err_ok(e) && (!*there || link_keep_read(k->a, text, &k->keep, e));
}

static bool read_todo(looking *k, err *e) {
    int64_t *decide = make(k->a, int64_t, LIKENESS_LOOK), n = 0;
    k->todo = make(k->a, int64_t, LIKENESS_LOOK);
    for (row r = store_query(k->s, Q_likeness_todo_some, e, "i", (int64_t)LIKENESS_LOOK); row_next(&r);) {
        if (row_int(&r, 1))
            decide[n++] = row_int(&r, 0);
        else
            k->todo[k->n_compare++] = row_int(&r, 0);
    }
    k->n_todo = k->n_compare;
    for (int64_t i = 0; i < n; i++) k->todo[k->n_todo++] = decide[i];
    for (size_t i = 0; i < k->n_todo; i++) list_push(k->a, &k->decide, &k->n_decide, &k->room_decide, k->todo[i]);
    return err_ok(e);
}

static void pair_up(looking *k, uint32_t x, uint32_t y) {
    const uint32_t *rx = link_row(&k->t, x), *ry = link_row(&k->t, y);
    const uint64_t pattern = link_pattern(&k->c, rx, ry);
    const float w = link_weight(&k->score, pattern, rx, ry);
    const like_record *p = &k->who.v[x], *q = &k->who.v[y];
    const bool together = k->home[x] && k->home[x] == k->home[y];
    if (w < k->keep.ask && !together) return;
    if (k->n == k->room) {
        likeness *more = make(k->a, likeness, k->room = k->room ? k->room * 2 : 64);
        if (k->n) memcpy(more, k->pairs, k->n * sizeof *more);
        k->pairs = more;
    }
    k->pairs[k->n++] = (likeness){
        .a = MIN(p->profile, q->profile),
        .b = MAX(p->profile, q->profile),
        .milli = (int64_t)lrint((double)w * 1000),
        .ppm = (int64_t)lrint(link_chance(&k->score.curve, (double)w) * 1e6),
        .parts = like_parts(k->a, &k->score, &k->keep.fit, &k->t, pattern, p->profile < q->profile ? x : y,
                            p->profile < q->profile ? y : x),
        .state = w < k->keep.ask ? LIKENESS_HOME : LIKENESS_OPEN,
    };
}

// Whom each is to be compared with, and the keys by which others will find it.
typedef struct {
    int64_t *with;
    size_t n;
} company;

static bool keys_of(looking *k, standard *s, const like_record *r, company *out, err *e) {
    uint64_t keys[LIKE_KEYS];
    size_t n = like_keys(s, r, keys), room = 0;
    *out = (company){0};
    if (!store_run(k->s, Q_likeness_key_drop, NULL, e, "i", r->profile)) return false;
    for (size_t i = 0; i < n; i++) {
        int64_t of = r->profile;
        size_t before = out->n;
        for (row q = store_query(k->s, Q_likeness_key_some, e, "ii", (int64_t)keys[i], (int64_t)LIKENESS_CROWD + 1);
             row_next(&q);)
            if (row_int(&q, 0) != of) list_push(k->a, &out->with, &out->n, &room, row_int(&q, 0));
        if (out->n - before > LIKENESS_CROWD) out->n = before;
        column cols[] = {{'i', &keys[i], NULL}, {'i', &of, NULL}};
        if (!err_ok(e) || !store_bulk(k->s, Q_likeness_key_put, cols, 2, 1, NULL, e)) return false;
    }
    out->n = out->n ? list_unique(out->with, out->n) : 0;
    return true;
}

static size_t place_of(const like_records *all, int64_t profile) {
    for (size_t i = 0; i < all->n; i++)
        if (all->v[i].profile == profile) return i;
    return SIZE_MAX;
}

// What was kept of a profile and is not found again.
static bool find_gone(looking *k, int64_t profile, err *e) {
    likeness *had;
    size_t n;
    if (!likeness_of(k->a, k->s, profile, &had, &n, e)) return false;
    for (size_t i = 0; i < n; i++) {
        bool still = false;
        for (size_t j = 0; j < k->n && !still; j++) still = k->pairs[j].a == had[i].a && k->pairs[j].b == had[i].b;
        if (still) continue;
        if (!store_run(k->s, Q_likeness_drop, NULL, e, "ii", had[i].a, had[i].b)) return false;
        list_push(k->a, &k->decide, &k->n_decide, &k->room_decide, had[i].a);
        list_push(k->a, &k->decide, &k->n_decide, &k->room_decide, had[i].b);
    }
    return true;
}

static bool gather(looking *k, company *with, err *e) {
    standard s = standard_open();
    int64_t *others = NULL;
    size_t n = 0, room = 0;
    bool ok = true;
    for (size_t i = 0; ok && i < k->who.n; i++) {
        ok = keys_of(k, &s, &k->who.v[i], &with[i], e);
        for (size_t j = 0; ok && j < with[i].n; j++) list_push(k->a, &others, &n, &room, with[i].with[j]);
    }
    standard_close(&s);
    like_records more;
    n = n ? list_unique(others, n) : 0;
    if (!ok || !like_read(k->a, k->s, others, n, &more, e)) return false;
    for (size_t i = 0; i < more.n; i++)
        if (place_of(&k->who, more.v[i].profile) == SIZE_MAX) *like_add(k->a, &k->who) = more.v[i];
    return true;
}

static void find_homes(looking *k) {
    standard s = standard_open();
    k->home = make(k->a, uint64_t, k->who.n + 1);
    for (size_t i = 0; i < k->who.n; i++) k->home[i] = like_home(&s, &k->who.v[i]);
    standard_close(&s);
}

static bool compare(looking *k, err *e) {
    if (!like_read(k->a, k->s, k->todo, k->n_compare, &k->who, e)) return false;
    const size_t n = k->who.n;
    company *with = make(k->a, company, n + 1);
    if (!gather(k, with, e)) return false;
    find_homes(k);
    if (k->who.n && !like_table(k->a, &k->who, &k->t, e)) return false;
    if (k->who.n && !link_keep_score(&k->keep, &k->t, &k->score, e)) return link_table_close(&k->t), false;
    if (k->who.n) k->c = link_comparer_open(&k->t);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < with[i].n; j++) {
            const size_t y = place_of(&k->who, with[i].with[j]);
            if (y == SIZE_MAX || (y > i && y < n)) continue; // of two that came at once the later finds the other
            pair_up(k, (uint32_t)i, (uint32_t)y);
        }
    if (k->who.n) link_comparer_close(&k->c), link_score_close(&k->score), link_table_close(&k->t);
    for (size_t i = 0; i < k->n; i++) {
        list_push(k->a, &k->decide, &k->n_decide, &k->room_decide, k->pairs[i].a);
        list_push(k->a, &k->decide, &k->n_decide, &k->room_decide, k->pairs[i].b);
    }
    for (size_t i = 0; i < k->n_compare; i++)
        if (!find_gone(k, k->todo[i], e)) return false;
    return like_put(k->s, k->pairs, k->n, k->now_us, e);
}

static bool done_with(looking *k, err *e) {
    for (size_t i = 0; i < k->n_todo; i++)
        if (!store_run(k->s, Q_likeness_todo_drop, NULL, e, "i", k->todo[i])) return false;
    return true;
}

static bool look_piece(void *ctx, store *s, regrouped *of, err *e) {
    looking *k = ctx;
    bool there;
    k->s = s;
    if (!read_todo(k, e) || !k->n_todo || !read_keep(k, &there, e) || !there) return err_ok(e);
    bool ok = compare(k, e) && done_with(k, e);
    link_keep_close(&k->keep);
    *of = (regrouped){k->decide, k->n_decide};
    return ok;
}

bool likeness_look(knowing *k, likeness_looked *out, err *e) {
    ledger *l = know_ledger(k);
    const world *w = ledger_world(l);
    arena a = arena_open((size_t)1 << 32);
    looking x = {.a = &a, .now_us = w->now_us(w)};
    *out = (likeness_looked){0};
    bool ok = know_regroup(k, look_piece, &x, S("heed"), e);
    out->looked = (int64_t)x.n_todo, out->pairs = (int64_t)x.n;
    arena_close(&a);
    return ok && store_int(ledger_store(l), Q_likeness_todo_count, &out->waiting, 0, e, "");
}
