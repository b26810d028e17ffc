#include <math.h>

#include "stats/purchase_private.h"

int purchase_base(enum purchase_model m) {
    return m == PURCHASE_NBD ? 2 : PARAMS;
}

// Sets of coefficients: one moves buying (α); of those that move leaving, one moves β of the Pareto model, or two move
// a and b of the others. Fader & Hardie 2007 (note 019).
static int leaving_sets(enum purchase_model m) {
    switch (m) {
    case PURCHASE_NBD: return 0;
    case PURCHASE_PARETO: return 1;
    case PURCHASE_BG:
    case PURCHASE_MBG: return 2;
    case PURCHASE_BGBB:
    case PURCHASE_MODELS: break;
    }
    return 0;
}

// Which parameter the i-th set multiplies, and in which direction.
static int moved(enum purchase_model m, int set, double *sign) {
    *sign = set > 0 && m != PURCHASE_PARETO ? 1 : -1;
    if (set == 0) return 1;
    return m == PURCHASE_PARETO ? 3 : 1 + set;
}

static int sets_of(enum purchase_model m) {
    return m == PURCHASE_BGBB ? 0 : 1 + leaving_sets(m);
}

int purchase_width(enum purchase_model m, int n_traits) {
    return purchase_base(m) + n_traits * sets_of(m);
}

law purchase_law(enum purchase_model m, int k, const double *theta, int n_traits, const double *traits) {
    law l = {.k = k, .model = m};
    double ln[PARAMS] = {0};
    memcpy(ln, theta, (size_t)purchase_base(m) * sizeof *ln);
    const double *coef = theta + purchase_base(m);
    for (int set = 0; set < sets_of(m); set++) {
        double sign;
        int i = moved(m, set, &sign);
        for (int j = 0; j < n_traits; j++) ln[i] += sign * *coef++ * traits[j];
    }
    for (int i = 0; i < purchase_base(m); i++) l.p[i] = exp(ln[i]);
    return l;
}

void purchase_chain(enum purchase_model m, int n_traits, const double *traits, const double *g, double *out) {
    for (int i = 0; i < purchase_base(m); i++) *out++ += g[i];
    for (int set = 0; set < sets_of(m); set++) {
        double sign;
        int i = moved(m, set, &sign);
        for (int j = 0; j < n_traits; j++) *out++ += sign * g[i] * traits[j];
    }
}

double purchase_loglik(arena scratch, const stratum *s, const law *l, double *g) {
    static loglik_fn *const of[PURCHASE_MODELS] = {nbd_loglik, pareto_loglik, bg_loglik, bg_loglik, bgbb_loglik};
    return of[l->model](scratch, s, l, g);
}

double purchase_loglik_all(arena scratch, const purchase_set *s, enum purchase_model m, int k, const double *theta,
                           double *g) {
    int n_traits = s->people->n_traits;
    double sum = 0, own[PARAMS];
    memset(g, 0, (size_t)purchase_width(m, n_traits) * sizeof *g);
    for (size_t i = 0; i < s->n_strata; i++) {
        const stratum *st = &s->strata[i];
        if (st->rows == 0) continue;
        law l = purchase_law(m, k, theta, n_traits, st->traits);
        sum += purchase_loglik(scratch, st, &l, own);
        purchase_chain(m, n_traits, st->traits, own, g);
    }
    return sum;
}

double purchase_constant(const purchase_set *s, enum purchase_model m, int k) {
    if (k <= 1 || isnan(s->gaps) || (m != PURCHASE_BG && m != PURCHASE_MBG)) return 0;
    return (k - 1) * s->gaps - (double)s->size.purchases * rising_ln(1, k - 1);
}

view purchase_view(arena *a, const stratum *s, const law *l) {
    view v = {.l = *l, .s = s};
    if (l->model == PURCHASE_PARETO) pareto_view(a, &v);
    if (l->model == PURCHASE_BG || l->model == PURCHASE_MBG) bg_view(a, &v);
    return v;
}

double purchase_alive(const view *v, size_t row, double *stage) {
    stage[0] = 1;
    switch (v->l.model) {
    case PURCHASE_NBD: return 1;
    case PURCHASE_PARETO: return pareto_alive(v, row);
    case PURCHASE_BG:
    case PURCHASE_MBG: return bg_alive(v, row, stage);
    case PURCHASE_BGBB: return bgbb_alive(&v->l, row_x(v->s, row), row_tx(v->s, row), row_T(v->s, row));
    case PURCHASE_MODELS: break;
    }
    return NAN;
}

void purchase_aheads(arena scratch, const law *l, double x, int stage, const purchase_terms *t, size_t n,
                     const double *T, ahead *out) {
    for (size_t i = 0; i < n; i++) {
        switch (l->model) {
        case PURCHASE_NBD: out[i] = nbd_ahead(l, x, T[i], t); break;
        case PURCHASE_PARETO: out[i] = pareto_ahead(l, x, T[i], t); break;
        case PURCHASE_BG:
        case PURCHASE_MBG: cnbd_aheads(scratch, l, x, stage, t, n, T, out); return;
        case PURCHASE_BGBB: out[i] = bgbb_ahead(l, x, T[i], t); break;
        case PURCHASE_MODELS: break;
        }
    }
}

ahead purchase_ahead(arena scratch, const law *l, double x, double T, int stage, const purchase_terms *t) {
    ahead f;
    purchase_aheads(scratch, l, x, stage, t, 1, &T, &f);
    return f;
}

void purchase_pmf(const law *l, double x, double T, int stage, double t, size_t most, double *out) {
    switch (l->model) {
    case PURCHASE_NBD: nbd_pmf(l, x, T, t, most, out); break;
    case PURCHASE_PARETO: pareto_pmf(l, x, T, t, most, out); break;
    case PURCHASE_BG:
    case PURCHASE_MBG: cnbd_pmf(l, x, T, stage, t, most, out); break;
    case PURCHASE_BGBB: bgbb_pmf(l, x, T, t, most, out); break;
    case PURCHASE_MODELS: break;
    }
}
