#include "base/map64.h"
#include "text/floats.h"
#include "text/near.h"
#include "text/theme_inside.h"

enum {
    HEARD = 2000,  // texts that quotes are to stand for
    ASKED = 400,   // texts that may be quotes
    SHORTEST = 20, // bytes of a good quote
    LONGEST = 300,
    SHORT_ENOUGH = 1200,
};
#define SAME   0.95f // meanings nearer than this are one
#define COPIED 0.6   // and so are letters

typedef struct {
    const theme_text *x;
    uint32_t *heard, *asked;
    size_t n_heard, n_asked;
    bool meaning;
    float *rows, *asked_rows;
    float *weight; // of each heard: a person has one voice
    float *best;   // likeness of each heard to the nearest quote so far
} chorus;

static bool is_good(str text) {
    text = str_trim(text);
    return text.len >= SHORTEST && text.len <= LONGEST;
}

static void listen(chorus *c, arena *a, const uint32_t *of, size_t n) {
    c->heard = make(a, uint32_t, HEARD + 1);
    c->n_heard = theme_distinct(*a, c->x, of, n, HEARD, c->heard);
    c->meaning = theme_all_meant(c->x, of, n);
    c->rows = theme_plain_rows(a, c->x, c->heard, c->n_heard, c->meaning);
    c->weight = make(a, float, c->n_heard + 1);
    c->best = make(a, float, c->n_heard + 1);
    map64 said = map64_new(a, c->n_heard);
    bool made;
    for (size_t i = 0; i < c->n_heard; i++)
        if (c->x[c->heard[i]].who) ++*map64_at(&said, c->x[c->heard[i]].who, 0, &made);
    for (size_t i = 0; i < c->n_heard; i++) {
        const int32_t times = c->x[c->heard[i]].who ? map64_get(&said, c->x[c->heard[i]].who) : 1;
        c->weight[i] = 1 / (float)times;
    }
}

// Good ones first; others only where there are not enough.
static void ask(chorus *c, arena *a, size_t most) {
    c->asked = make(a, uint32_t, ASKED + 1);
    size_t good = 0;
    for (size_t i = 0; i < c->n_heard; i++) good += is_good(c->x[c->heard[i]].text);
    for (size_t i = 0; i < c->n_heard && c->n_asked < ASKED; i++)
        if (good < most * 2 ? c->x[c->heard[i]].text.len <= SHORT_ENOUGH || !good : is_good(c->x[c->heard[i]].text))
            c->asked[c->n_asked++] = (uint32_t)i;
}

static bool said_already(const chorus *c, arena scratch, uint32_t at, const theme_quote *out, size_t n,
                         const uint32_t *chosen) {
    const theme_text *x = &c->x[c->heard[at]];
    for (size_t k = 0; k < n; k++) {
        const theme_text *y = &c->x[out[k].text];
        if (x->who && x->who == y->who) return true;
        if (floats_dot(c->rows + (size_t)at * EMBEDDING, c->rows + (size_t)chosen[k] * EMBEDDING, EMBEDDING) > SAME)
            return true;
        if (near_jaccard(scratch, x->text, y->text) > COPIED) return true;
    }
    return false;
}

static double gain_of(const chorus *c, uint32_t at) {
    double gain = 0;
    for (size_t i = 0; i < c->n_heard; i++) {
        const float like = floats_dot(c->rows + (size_t)at * EMBEDDING, c->rows + i * EMBEDDING, EMBEDDING);
        if (like > c->best[i]) gain += (double)(c->weight[i] * (like - c->best[i]));
    }
    return gain;
}

// The quote that adds most; THEME_NONE: all is said.
static uint32_t next_quote(const chorus *c, arena scratch, const theme_quote *out, size_t n, const uint32_t *chosen) {
    uint32_t best = THEME_NONE;
    double most = 0;
    for (size_t k = 0; k < c->n_asked; k++) {
        const double gain = gain_of(c, c->asked[k]);
        if (gain > most && !said_already(c, scratch, c->asked[k], out, n, chosen)) most = gain, best = c->asked[k];
    }
    return best;
}

static void stand_for(const chorus *c, arena scratch, const uint32_t *of, size_t n, const uint32_t *chosen,
                      theme_quote *out, size_t n_out) {
    map64 heard = map64_new(&scratch, n);
    double *like = make(&scratch, double, n_out + 1);
    for (size_t i = 0; i < n; i++) {
        arena brief = scratch;
        bool made = true;
        size_t near = 0;
        float most = -2;
        const float *row = theme_plain_rows(&brief, c->x, of + i, 1, c->meaning);
        for (size_t k = 0; k < n_out; k++) {
            const float is = floats_dot(row, c->rows + (size_t)chosen[k] * EMBEDDING, EMBEDDING);
            if (is > most || of[i] == out[k].text) most = of[i] == out[k].text ? 2 : is, near = k;
        }
        const uint64_t key[2] = {near, (uint64_t)c->x[of[i]].who};
        out[near].texts++;
        like[near] += most > 1 ? 1 : (double)most;
        if (c->x[of[i]].who) map64_at(&heard, (int64_t)str_hash((str){(const char *)key, sizeof key}), 1, &made);
        out[near].stands_for += made;
    }
    for (size_t k = 0; k < n_out; k++) out[k].likeness = out[k].texts ? like[k] / (double)out[k].texts : 0;
}

static int by_weight(const void *x, const void *y) {
    const theme_quote *a = x, *b = y;
    if (a->stands_for != b->stands_for) return a->stands_for > b->stands_for ? -1 : 1;
    return a->texts > b->texts ? -1 : a->texts < b->texts;
}

size_t theme_quotes(arena scratch, const theme_text *x, const uint32_t *of, size_t n, size_t most, theme_quote *out) {
    chorus c = {.x = x};
    uint32_t *chosen = make(&scratch, uint32_t, most + 1);
    size_t n_out = 0;
    listen(&c, &scratch, of, n);
    ask(&c, &scratch, most);
    while (n_out < most) {
        const uint32_t at = next_quote(&c, scratch, out, n_out, chosen);
        if (at == THEME_NONE) break;
        for (size_t i = 0; i < c.n_heard; i++) {
            const float like = floats_dot(c.rows + (size_t)at * EMBEDDING, c.rows + i * EMBEDDING, EMBEDDING);
            if (like > c.best[i]) c.best[i] = like;
        }
        chosen[n_out] = at;
        out[n_out++] = (theme_quote){.text = c.heard[at]};
    }
    if (n_out) stand_for(&c, scratch, of, n, chosen, out, n_out);
    if (n_out) qsort(out, n_out, sizeof *out, by_weight);
    return n_out;
}
