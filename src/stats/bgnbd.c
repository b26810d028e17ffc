#include <math.h>

#include "stats/purchase_private.h"

// BG/NBD and MBG/NBD with their likelihood as Fader & Hardie 2013 (note 027) write it against overflow:
//
//   Γ(r+x)/Γ(r) · B(a, b+m)/B(a, b) · α^r (α+T)^−(r+x) · (1 + e^d),  d = ln a/(b+m−1) + (r+x) ln (α+T)/(α+tx)
//
// where m is how often the customer could have left and stayed, not counting the last purchase's survival: x in the
// BG/NBD, in which e^d is absent for x = 0, and x + 1 in the MBG/NBD. 1/(1 + e^d) is P(alive).

static moment *bg_moments(arena *a, const stratum *s, double alpha) {
    moment *of = make(a, moment, s->n_t), *m = make(a, moment, s->n_pairs);
    for (size_t i = 0; i < s->n_t; i++) of[i] = (moment){ln_above(s->t[i] / alpha), s->t[i] / (alpha + s->t[i])};
    for (size_t i = 0; i < s->n_pairs; i++) m[i] = of[s->pairs[i].t];
    return m;
}

// The part of all customers with the same x that depends on x alone. With Erlang-k gaps every purchase is k events of
// the Gamma-Poisson process: kx stands for x.
static double shared_part(const law *l, double kx, double m, double n, double *g) {
    double r = l->p[0], a = l->p[2], b = l->p[3];
    g[0] += n * r * rising_by(r, kx);
    g[1] -= n * kx;
    g[2] -= n * a * rising_by(a + b, m);
    g[3] += n * b * (rising_by(b, m) - rising_by(a + b, m));
    return n * (rising_ln(r, kx) - kx * log(l->p[1]) + rising_ln(b, m) - rising_ln(a + b, m));
}

// Σ ln(1 + e^d) over the rows of one x.
static double rows_part(const stratum *s, const law *l, const moment *at, size_t block, double m, double *g) {
    double rx = l->p[0] + s->x[block], ln_odds = log(l->p[2] / (l->p[3] + m - 1));
    double sum = 0, gone = 0, by_ln = 0, by_u = 0;
    for (size_t i = s->x_row[block]; i < s->x_row[block + 1]; i++) {
        const cell *c = &s->row[i];
        const moment *late = &at[c->late], *early = &at[c->early];
        double ln = late->ln - early->ln, d = ln_odds + rx * ln, e = exp(-fabs(d)), q = 1 / (1 + e);
        double p = c->count * (d > 0 ? q : e * q);
        sum += c->count * (fmax(d, 0) + log(1 + e));
        gone += p;
        by_ln += p * ln;
        by_u += p * (early->u - late->u);
    }
    g[0] += l->p[0] * by_ln;
    g[1] += rx * by_u;
    g[2] += gone;
    g[3] -= gone * l->p[3] / (l->p[3] + m - 1);
    return sum;
}

double bg_loglik(arena scratch, const stratum *s, const law *l, double *g) {
    const moment *at = bg_moments(&scratch, s, l->p[1]);
    bool modified = l->model == PURCHASE_MBG;
    double sum = 0;
    memset(g, 0, PARAMS * sizeof *g);
    for (size_t i = 0; i < s->n_x; i++) {
        double m = s->x[i] + modified;
        sum += shared_part(l, l->k * s->x[i], m, s->x_count[i], g);
        if (l->k > 1)
            sum += cnbd_rows(s, l, at, i, m, g);
        else if (m > 0)
            sum += rows_part(s, l, at, i, m, g);
    }
    for (size_t i = 0; i < s->n_pairs; i++) {
        const pair *q = &s->pairs[i];
        double rx = l->p[0] + l->k * s->x[q->x];
        sum -= q->late * rx * at[i].ln;
        g[0] -= q->late * l->p[0] * at[i].ln;
        g[1] += q->late * rx * at[i].u;
    }
    return sum;
}

void bg_view(arena *a, view *v) {
    const law *l = &v->l;
    v->at = bg_moments(a, v->s, l->p[1]);
    v->lost = make(a, double, v->s->n_x);
    for (size_t i = 0; i < v->s->n_x; i++) {
        double m = v->s->x[i] + (l->model == PURCHASE_MBG);
        v->lost[i] = m > 0 ? log(l->p[2] / (l->p[3] + m - 1)) : -INFINITY;
    }
}
