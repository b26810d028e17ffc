// theme_rig: texts made up of groups, each with words and a direction of meaning of its own.
#ifndef HEED_THEME_RIG_H
#define HEED_THEME_RIG_H

#include <math.h>

#include "base/rng.h"
#include "text/theme.h"

typedef struct {
    size_t groups, each, people;
    bool no_vectors, loose; // loose: groups overlap
    uint64_t seed;
} rig_opts;

typedef struct {
    theme_text *x; // group after group
    uint32_t *group;
    size_t n, groups;
} rig;

static inline str rig_word(arena *a, rng *r) {
    static const char *const parts[] = {"ka", "lo", "mi", "ter", "san", "du", "pre", "vil", "bo", "ne", "gra", "shu"};
    str w = str_c(parts[rng_range(r, 0, 11)]);
    for (int64_t n = rng_range(r, 1, 2); n; n--) w = str_cat(a, w, str_c(parts[rng_range(r, 0, 11)]));
    return w;
}

static inline int8_t *rig_vector(arena *a, rng *r, const float *middle, float noise) {
    float v[EMBEDDING];
    double length = 0;
    int8_t *out = make(a, int8_t, EMBEDDING);
    for (size_t k = 0; k < EMBEDDING; k++) {
        v[k] = middle[k] + noise * (float)rng_normal(r, 0, 1) / sqrtf(EMBEDDING);
        length += (double)(v[k] * v[k]);
    }
    for (size_t k = 0; k < EMBEDDING; k++) v[k] = (float)((double)v[k] / sqrt(length));
    embedding_pack(v, out);
    return out;
}

static inline rig rig_new(arena *a, rig_opts o) {
    enum { WORDS = 8, COMMON = 20 };
    rng r = rng_seed(o.seed);
    rig g = {make(a, theme_text, o.groups * o.each), make(a, uint32_t, o.groups * o.each), 0, o.groups};
    str common[COMMON];
    for (int i = 0; i < COMMON; i++) common[i] = rig_word(a, &r);
    float all[EMBEDDING];
    for (size_t k = 0; k < EMBEDDING; k++) all[k] = (float)rng_normal(&r, 0, 1) / sqrtf(EMBEDDING);
    for (uint32_t t = 0; t < o.groups; t++) {
        str own[WORDS];
        float middle[EMBEDDING];
        for (int i = 0; i < WORDS; i++) own[i] = rig_word(a, &r);
        for (size_t k = 0; k < EMBEDDING; k++)
            middle[k] = all[k] + (o.loose ? 0.8f : 1.0f) * (float)rng_normal(&r, 0, 1) / sqrtf(EMBEDDING);
        for (size_t i = 0; i < o.each; i++, g.n++) {
            str text = S("");
            for (int w = 0; w < 6; w++) {
                const bool mine = rng_chance(&r, o.loose ? 0.5 : 0.7);
                const str word = mine ? own[rng_range(&r, 0, WORDS - 1)] : common[rng_range(&r, 0, COMMON - 1)];
                text = str_fmt(a, "%.*s%s%.*s", STR_ARG(text), w ? " " : "", STR_ARG(word));
            }
            g.x[g.n] = (theme_text){text, o.no_vectors ? NULL : rig_vector(a, &r, middle, o.loose ? 1.6f : 1.0f),
                                    rng_range(&r, 1, (int64_t)o.people)};
            g.group[g.n] = t;
        }
    }
    return g;
}

// Returns where each text was.
static inline uint32_t *rig_shuffle(arena *a, rig *g, rng *r) {
    uint32_t *at = make(a, uint32_t, g->n), *group = make(a, uint32_t, g->n);
    theme_text *x = make(a, theme_text, g->n);
    for (size_t i = 0; i < g->n; i++) at[i] = (uint32_t)i;
    rng_shuffle(r, at, g->n, sizeof *at);
    for (size_t i = 0; i < g->n; i++) x[i] = g->x[at[i]], group[i] = g->group[at[i]];
    memcpy(g->x, x, g->n * sizeof *x);
    memcpy(g->group, group, g->n * sizeof *group);
    return at;
}

static inline void rig_unshuffle(rig *g, const uint32_t *at) {
    arena a = arena_open((size_t)64 << 20);
    theme_text *x = make(&a, theme_text, g->n);
    uint32_t *group = make(&a, uint32_t, g->n);
    for (size_t i = 0; i < g->n; i++) x[at[i]] = g->x[i], group[at[i]] = g->group[i];
    memcpy(g->x, x, g->n * sizeof *x);
    memcpy(g->group, group, g->n * sizeof *group);
    arena_close(&a);
}

// The share of pairs of texts on which groups and themes agree.
static inline double rig_agreement(const rig *g, const theme_mark *m, size_t themes_n) {
    double agree = 0, all = 0;
    (void)themes_n;
    for (size_t i = 0; i < g->n; i++)
        for (size_t k = 0; k < i; k++) {
            agree += (g->group[i] == g->group[k]) == (m[i].theme == m[k].theme);
            all++;
        }
    return agree / all;
}

#endif
