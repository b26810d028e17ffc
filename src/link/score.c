#include <math.h>

#include "link/score.h"

// Rarity (term frequency) of what two records agree on: among strangers a value v meets itself with the chance of v, on
// average over agreeing pairs the mean of these; the difference is what agreeing on v says beyond agreeing
// (Winkler 2000). Fields that are nearly unique only lose by a common value: that theirs is rare says nothing.
static bool gains_by_rarity(enum link_kind k) {
    switch (k) {
    case LINK_given:
    case LINK_family:
    case LINK_full:
    case LINK_birth:
    case LINK_city:
    case LINK_locality:
    case LINK_postcode:
    case LINK_word:
    case LINK_text:
    case LINK_state: return true;
    default: return false;
    }
}

// Returns what a value of one row adds.
static float rarity(const link_table *t, int i, float *rare) {
    const link_field *f = &t->field[i];
    double sum = 0, filled = 0, mean = 0;
    for (uint32_t v = 1; v < f->v.n; v++) {
        const double n = f->v.count[v];
        filled += n, sum += n * n;
    }
    mean = filled > 0 ? sum / filled : 1; // rows that share the value of a row, on average over rows
    const double floor_of = gains_by_rarity(f->col.kind) ? 3 : fmax(mean, 12);
    rare[0] = 0;
    for (uint32_t v = 1; v < f->v.n; v++)
        rare[v] = link_grain(log2(fmax(mean, floor_of) / fmax((double)f->v.count[v], floor_of)));
    return link_grain(log2(fmax(mean, floor_of) / floor_of));
}

static float *grains(size_t n) {
    size_t had = 0;
    return room_for(NULL, &had, n, sizeof(float));
}

static float *ratios(const link_group *g, const double *m, const double *u, double same, double other) {
    size_t had = 0, had_mass = 0;
    double *mass = room_for(NULL, &had_mass, (size_t)g->codes, sizeof *mass);
    double *w = room_for(NULL, &had, (size_t)g->codes, sizeof *w);
    float *out = grains((size_t)g->codes);
    for (int k = 0; k < g->codes; k++) w[k] = log2(fmax(m[k], 1e-12) / fmax(u[k], 1e-18));
    for (int k = 0; k < g->codes; k++) mass[k] = same * m[k] + other * u[k];
    w[0] = 0;
    cells_rise(g, mass, w);
    free(mass);
    for (int k = 0; k < g->codes; k++) out[k] = link_grain(w[k]);
    free(w);
    return out;
}

// Swapped names are the same names with a slip that befalls strangers of one name as often: they weigh what the same
// names weigh. By themselves they are too rare to be counted.
static void swapped_as_same(const link_group *q, float *w) {
    int g = -1, f = -1;
    for (int i = 0; i < q->n; i++) {
        if (q->kind[i] == LINK_given) g = i;
        if (q->kind[i] == LINK_family) f = i;
    }
    for (int k = 0; k < q->codes && g >= 0 && f >= 0; k++) {
        if (cells_level(q, k, g) != LINK_NAMES_SWAPPED) continue;
        const int up = (q->levels[g] - 1 - LINK_NAMES_SWAPPED) * q->stride[g];
        w[k] = w[k + up + (q->levels[f] - 1 - cells_level(q, k, f)) * q->stride[f]];
    }
}

static void sharing(link_score *s, const link_fit *f, int g) {
    const link_group *q = &f->group[g];
    for (int i = 0; i < q->n; i++) {
        double m[1 << LINK_BITS], h[1 << LINK_BITS];
        cells_margin(q, f->m[g], i, m);
        cells_margin(q, f->h[g], i, h);
        const int top = q->levels[i] - 1;
        s->at_home[q->field[i]] = f->homes && h[top] > 0.4 * m[top];
    }
}

// What a group tells of the same, in bits on average (Kullback and Leibler 1951).
static double told_by(const link_group *q, const double *m, const double *u) {
    double sum = 0;
    for (int k = 0; k < q->codes; k++)
        if (cells_whole(q, k) && m[k] > 0) sum += m[k] * log2(fmax(m[k], 1e-12) / fmax(u[k], 1e-18));
    return fmax(sum, 0);
}

// Words of one title are one event, so evidence of texts is far too sure of itself. Of a file that says all by them so
// much of a weight is meant, of others more: the least wrong round number on the files of bench/link.
#define TEXTS_MEAN 0.25

static link_curve curve_of(const link_fit *f) {
    double texts = 0, all = 0;
    for (int g = 0; g < f->n_groups; g++) {
        const double bits = told_by(&f->group[g], f->m[g], f->u[g]);
        all += bits, texts += f->group[g].kind[0] == LINK_text ? bits : 0;
    }
    const double share = all > 0 ? texts / all : 0;
    return (link_curve){.slope_less_1 = (TEXTS_MEAN - 1) * share * share};
}

void link_score_open(link_score *s, const link_table *t, const link_fit *f) {
    *s = (link_score){.t = t, .n_groups = f->n_groups, .homes = f->homes};
    memcpy(s->group, f->group, sizeof s->group);
    for (int g = 0; g < f->n_groups; g++) {
        s->stranger[g] = ratios(&f->group[g], f->m[g], f->u[g], f->same, f->same);
        swapped_as_same(&f->group[g], s->stranger[g]);
        if (f->homes) s->housemate[g] = ratios(&f->group[g], f->m[g], f->h[g], f->same, f->home);
        if (f->homes) swapped_as_same(&f->group[g], s->housemate[g]);
        sharing(s, f, g);
        for (int i = 0; i < f->group[g].n; i++) {
            cells_margin(&f->group[g], f->m[g], i, s->m[f->group[g].field[i]]);
            cells_margin(&f->group[g], f->u[g], i, s->u[f->group[g].field[i]]);
        }
    }
    s->curve = curve_of(f);
    for (int i = 0; i < t->n_fields; i++) s->fresh[i] = rarity(t, i, s->rare[i] = grains(t->field[i].v.n));
    s->bests = f->bests;
    if (f->bests)
        s->best = link_grain(log2(LINK_SAME_BEST / f->best)),
        s->not_best = link_grain(log2((1 - LINK_SAME_BEST) / (1 - f->best)));
    s->prior = link_grain(log2(f->same / fmax(f->pairs, 1)));
    s->prior_home = link_grain(log2(f->same / fmax(f->home, 1e-9)));
}

void link_score_close(link_score *s) {
    for (int g = 0; g < s->n_groups; g++) {
        free(s->stranger[g]);
        free(s->housemate[g]);
    }
    for (int i = 0; i < s->t->n_fields; i++) free(s->rare[i]);
    *s = (link_score){0};
}

// What the two lose because they may only share a home.
static float home_of(float stranger, float housemate) {
    return link_grain(-log2(1 + exp2((double)stranger - (double)housemate)));
}

float link_rarity(const link_score *s, uint64_t pattern, int i, const uint32_t *a, const uint32_t *b) {
    const int g = s->t->given, f = s->t->family;
    if (a[i] == b[i]) return s->rare[i][a[i]];
    if ((i != g && i != f) || g < 0 || f < 0 || link_level(pattern, g) != LINK_NAMES_SWAPPED) return 0;
    // Of the two orders the one in which the names are common is how they are meant.
    const float x = s->rare[g][a[g]] + s->rare[f][a[f]], y = s->rare[g][b[g]] + s->rare[f][b[f]];
    return s->rare[i][x <= y ? a[i] : b[i]];
}

float link_weight(const link_score *s, uint64_t pattern, const uint32_t *a, const uint32_t *b) {
    float w = s->prior, h = s->prior_home;
    for (int g = 0; g < s->n_groups; g++) {
        const int code = link_code(&s->group[g], pattern);
        w += s->stranger[g][code];
        if (s->homes) h += s->housemate[g][code];
    }
    for (int i = 0; i < s->t->n_fields; i++) {
        const float r = link_rarity(s, pattern, i, a, b);
        w += r;
        if (!s->at_home[i]) h += r;
    }
    return s->homes ? w + home_of(w, h) : w;
}
