// Keeping what was understood, and forgetting it.
#include "base/json.h"

#include "know/meaning_private.h"

#include "know/lists.h"
#include "sql/know_meaning.h"

// ---- forgetting ----

static bool drop_bands(store *s, int64_t exact, str words, err *e) {
    arena scratch = arena_open((size_t)1 << 26);
    const near_sign sign = near_sign_of(scratch, words);
    bool ok = true;
    arena_close(&scratch);
    if ((int64_t)sign.exact != exact) return store_run(s, Q_meaning_band_all, NULL, e, "i", exact);
    for (int b = 0; ok && b < NEAR_BANDS; b++)
        ok = store_run(s, Q_meaning_band_drop, NULL, e, "ii", meaning_band(&sign, b), exact);
    return ok;
}

// What finds a text goes with the last who said it.
static bool drop_text(store *s, int64_t exact, str words, err *e) {
    int64_t others = 0;
    if (!exact) return true;
    if (!store_int(s, Q_meaning_exact_any, &others, 0, e, "i", exact)) return false;
    return others || drop_bands(s, exact, words, e);
}

static bool unmake(store *s, int64_t profile, int64_t key, str words, err *e) {
    bool there = false;
    int64_t exact = 0;
    for (row r = store_query(s, Q_meaning_exact_of, e, "ii", profile, key); row_next(&r);)
        exact = row_int(&r, 0), there = true;
    if (!there) return err_ok(e);
    return store_run(s, Q_meaning_same_lost, NULL, e, "ii", profile, key) &&
           store_run(s, Q_meaning_drop, NULL, e, "ii", profile, key) &&
           store_run(s, Q_meaning_vector_drop, NULL, e, "ii", profile, key) && drop_text(s, exact, words, e);
}

bool meaning_forget(store *s, int64_t profile, int64_t key, str words, err *e) {
    return unmake(s, profile, key, words, e) && store_run(s, Q_meaning_forget_topics, NULL, e, "ii", profile, key);
}

bool meaning_erase(store *s, int64_t profile, err *e) {
    arena a = arena_open((size_t)1 << 28);
    int64_t *keys = NULL;
    size_t n = 0, room = 0;
    for (row r = store_query(s, Q_meaning_of_profile, e, "i", profile); row_next(&r);)
        list_push(&a, &keys, &n, &room, row_int(&r, 0));
    bool ok = err_ok(e);
    for (size_t i = 0; ok && i < n; i++) ok = meaning_forget(s, profile, keys[i], S(""), e);
    arena_close(&a);
    return ok;
}

bool meaning_tidy(store *s, err *e) {
    static const enum query all[] = {Q_meaning_tidy, Q_meaning_tidy_same, Q_meaning_tidy_vectors, Q_meaning_tidy_topics,
                                     Q_meaning_tidy_bands};
    for (size_t i = 0; i < COUNT(all); i++)
        if (!store_run(s, all[i], NULL, e, "")) return false;
    return true;
}

// ---- rows ----

static str feelings_of(arena *a, const meaning *m) {
    buf b = buf_new(a, 64 * FEELINGS);
    json_out j = json_to(&b);
    json_open(&j, NULL, '{');
    for (int f = 0; f < FEELINGS; f++)
        if (m->feeling[f]) json_put_int(&j, mood_feeling_name((enum mood_feeling)f), m->feeling[f]);
    json_close(&j, '}');
    return buf_str(&b);
}

typedef struct {
    arena a;
    store *s;
    const meaning_batch *b;
    const meaning_item **v; // those that still stand as they were read
    size_t n, from, to;
    meaning_mark mark;
} storing;

static bool still_there(storing *x, err *e) {
    x->v = make(&x->a, const meaning_item *, x->b->n + 1);
    for (size_t i = x->from; i < x->to; i++) {
        const meaning_item *m = &x->b->v[i];
        int64_t there = 0;
        if (!store_int(x->s, Q_meaning_there, &there, 0, e, "i", m->feedback)) return false;
        if (!there) continue;
        if ((m->changed || m->gone) && !unmake(x->s, m->profile, m->key, S(""), e)) return false;
        if (!m->gone) x->v[x->n++] = m;
    }
    return true;
}

static bool put_rows(storing *x, err *e) {
    enum { COLS = 13 };
    int64_t *v[COLS];
    str *lang = make(&x->a, str, x->n), *feelings = make(&x->a, str, x->n);
    unsigned char *none = make(&x->a, unsigned char, x->n);
    for (int c = 0; c < COLS; c++) v[c] = make(&x->a, int64_t, x->n);
    for (size_t i = 0; i < x->n; i++) {
        const meaning_item *m = x->v[i];
        v[0][i] = m->profile, v[1][i] = m->key, v[2][i] = m->at_us, v[3][i] = m->period, v[4][i] = m->channel;
        v[5][i] = x->b->weak ? 0 : x->mark.make_id, v[6][i] = m->words, v[8][i] = m->m.mood;
        v[9][i] = m->m.bad, v[10][i] = m->m.good, v[12][i] = (int64_t)m->sign.exact;
        none[i] = !m->m.has_mood, lang[i] = m->m.lang, feelings[i] = feelings_of(&x->a, &m->m);
    }
    column cols[COLS];
    for (int c = 0; c < COLS; c++) cols[c] = (column){'i', v[c], c == 8 ? none : NULL};
    cols[7] = (column){'t', lang, NULL}, cols[11] = (column){'t', feelings, NULL};
    return store_bulk(x->s, Q_meaning_put, cols, COLS, x->n, NULL, e);
}

static bool put_vectors(storing *x, err *e) {
    enum { COLS = 8 };
    int64_t *v[COLS];
    str *codes = make(&x->a, str, x->n), *vectors = make(&x->a, str, x->n);
    size_t n = 0;
    for (int c = 0; c < COLS; c++) v[c] = make(&x->a, int64_t, x->n);
    for (size_t i = 0; i < x->n; i++) {
        const meaning_item *m = x->v[i];
        if (x->b->weak && !m->changed) continue; // it keeps what it has
        if (!store_run(x->s, Q_meaning_vector_drop, NULL, e, "ii", m->profile, m->key)) return false;
        if (!m->has_vector) continue;
        unsigned char *code = make(&x->a, unsigned char, MEANING_CODE);
        meaning_code(m->vector, code);
        codes[n] = (str){(const char *)code, MEANING_CODE}, vectors[n] = (str){(const char *)m->vector, EMBEDDING};
        v[0][n] = ++x->mark.place, v[1][n] = m->profile, v[2][n] = m->key, v[3][n] = m->at_us, v[4][n] = m->channel;
        v[5][n++] = meaning_class(&m->m);
    }
    column cols[COLS];
    for (int c = 0; c < COLS; c++) cols[c] = (column){'i', v[c], NULL};
    cols[6] = (column){'b', codes, NULL}, cols[7] = (column){'b', vectors, NULL};
    return !n || store_bulk(x->s, Q_meaning_vector_put, cols, COLS, n, NULL, e);
}

static bool put_bands(storing *x, err *e) {
    int64_t *band = make(&x->a, int64_t, x->n * NEAR_BANDS), *exact = make(&x->a, int64_t, x->n * NEAR_BANDS);
    size_t n = 0;
    for (size_t i = 0; i < x->n; i++) {
        const near_sign *sign = &x->v[i]->sign;
        bool again = !sign->exact;
        for (size_t k = 0; k < i && !again; k++) again = x->v[k]->sign.exact == sign->exact;
        for (int b = 0; b < NEAR_BANDS && !again; b++)
            band[n] = meaning_band(sign, b), exact[n++] = (int64_t)sign->exact;
    }
    column cols[] = {{'i', band, NULL}, {'i', exact, NULL}};
    return !n || store_bulk(x->s, Q_meaning_band_put, cols, 2, n, NULL, e);
}

// ---- who says the same: the first of all that it is equal or nearly equal to; at one time the smaller key, because
// profiles are numbered as they come ----

static bool before(const struct meaning_place *x, const struct meaning_place *y) {
    if (x->at_us != y->at_us) return x->at_us < y->at_us;
    return x->key != y->key ? x->key < y->key : x->profile < y->profile;
}

// Where one of them came before it, the later ones know of that one already.
static bool meet(storing *x, const struct meaning_place *self, int64_t exact, struct meaning_place *first, err *e) {
    bool known = false;
    for (row r = store_query(x->s, Q_meaning_first, e, "i", exact); row_next(&r);) {
        const struct meaning_place other = {row_int(&r, 1), row_int(&r, 2), row_int(&r, 0)};
        if (before(&other, first)) *first = other;
        known |= before(&other, self);
    }
    return err_ok(e) && (known || store_run(x->s, Q_meaning_same_later, NULL, e, "iiii", exact, self->at_us,
                                            self->profile, self->key));
}

// It does not matter in which order two that are alike are stored: the later one always finds the earlier.
static bool put_same(storing *x, const meaning_item *m, err *e) {
    const struct meaning_place self = {m->profile, m->key, m->at_us};
    struct meaning_place first = self;
    if (!m->sign.exact) return true;
    if (!meet(x, &self, (int64_t)m->sign.exact, &first, e)) return false;
    for (size_t i = 0; i < m->n_near; i++)
        if (!meet(x, &self, m->near[i], &first, e)) return false;
    return !before(&first, &self) || store_run(x->s, Q_meaning_same_set, NULL, e, "iiiii", m->profile, m->key,
                                               first.at_us, first.profile, first.key);
}

static int by_time(const void *p, const void *q) {
    const meaning_item *x = *(const meaning_item *const *)p, *y = *(const meaning_item *const *)q;
    if (x->at_us != y->at_us) return x->at_us < y->at_us ? -1 : 1;
    return x->key != y->key ? (x->key < y->key ? -1 : 1) : (x->profile > y->profile) - (x->profile < y->profile);
}

// The earliest first: of many copies only that one has others to tell.
static bool put_all(storing *x, err *e) {
    if (!x->n) return true;
    if (!put_rows(x, e) || !put_vectors(x, e) || !put_bands(x, e)) return false;
    qsort(x->v, x->n, sizeof *x->v, by_time);
    for (size_t i = 0; i < x->n; i++)
        if (!put_same(x, x->v[i], e)) return false;
    return true;
}

enum { PART = 64 };

bool meaning_store_part(store *s, const meaning_batch *b, size_t from, size_t *next, err *e) {
    storing x = {.a = arena_open((size_t)1 << 28), .s = s, .b = b, .from = from, .to = MIN(from + PART, b->n)};
    meaning_mark now;
    bool ok = meaning_mark_read(&x.a, s, &now, e);
    *next = x.to < b->n ? x.to : 0;
    x.mark = b->mark, x.mark.place = now.place;
    x.mark.feedback = *next ? b->mark.feedback : b->upto;
    x.mark.weak |= b->weak;
    // They are gone already where meaning_clear_some was asked.
    const bool other = (now.make.len || now.clearing) && !str_eq(now.make, x.mark.make);
    if (ok && other) ok = store_run(s, Q_meaning_vector_clear, NULL, e, "");
    ok = ok && still_there(&x, e) && put_all(&x, e) && meaning_mark_write(s, &x.mark, e);
    arena_close(&x.a);
    return ok;
}

bool meaning_store(store *s, const meaning_batch *b, err *e) {
    size_t from = 0;
    do {
        if (!meaning_store_part(s, b, from, &from, e)) return false;
    } while (from);
    return true;
}
