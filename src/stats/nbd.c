#include <math.h>

#include "stats/purchase_private.h"

// Ehrenberg 1959: Poisson purchases whose rates are Gamma(r, α). As a density of when they fall, which makes it
// comparable to the models with leaving: Γ(r+x)/Γ(r) α^r (α+T)^−(r+x).
double nbd_loglik(arena scratch, const stratum *s, const law *l, double *g) {
    (void)scratch;
    double r = l->p[0], alpha = l->p[1], ln_alpha = log(alpha), sum = 0, by_r = 0, by_alpha = 0;
    for (size_t i = 0; i < s->n_x; i++) {
        double x = s->x[i];
        sum += s->x_count[i] * (rising_ln(r, x) - x * ln_alpha);
        by_r += s->x_count[i] * rising_by(r, x);
        by_alpha -= s->x_count[i] * x;
    }
    for (size_t i = 0; i < s->n_pairs; i++) {
        const pair *q = &s->pairs[i];
        if (q->late <= 0) continue;
        double t = s->t[q->t], rx = r + s->x[q->x], ln = ln_above(t / alpha);
        sum -= q->late * rx * ln;
        by_r -= q->late * ln;
        by_alpha += q->late * rx * t / (alpha + t);
    }
    g[0] = by_r * r, g[1] = by_alpha;
    return sum;
}

ahead nbd_ahead(const law *l, double x, double T, const purchase_terms *t) {
    double rx = l->p[0] + x, pace = rx / (l->p[1] + T), h = t->horizon;
    double worth = t->discount > 0 ? -expm1(-t->discount * h) / t->discount : h;
    return (ahead){.buys = pace * h,
                   .twice = pace * (pace + 1 / (l->p[1] + T)) * h * h,
                   .quiet = exp(-rx * log1p(t->quiet / (l->p[1] + T))),
                   .worth = pace * worth,
                   .residual = t->residual ? pace / t->discount : NAN};
}

void nbd_pmf(const law *l, double x, double T, double t, size_t most, double *out) {
    double r = l->p[0] + x, alpha = l->p[1] + T, ln_z = log(t / (alpha + t)), ln_rest = -log1p(t / alpha);
    for (size_t n = 0; n <= most; n++) {
        double k = (double)n;
        out[n] = exp(rising_ln(r, k) - rising_ln(1, k) + r * ln_rest + (n ? k * ln_z : 0));
    }
}
