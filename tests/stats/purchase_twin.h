// purchase_twin: the purchase models from their definition, slowly: what one customer with known rates would do, summed
// over a fine grid of rates. Knows no hypergeometric function and no closed form.
#ifndef HEED_TEST_PURCHASE_TWIN_H
#define HEED_TEST_PURCHASE_TWIN_H

#include "stats/purchase_private.h"

#include <math.h>

typedef struct {
    double loglik, alive; // of x, tx, T; P(alive at T)
    ahead next;           // given alive
} twin;

static inline double twin_lgamma(double x) {
    int sign;
    return lgamma_r(x, &sign);
}

// A grid point: a value and the logarithm of its weight. Trapezoidal in ln λ or in logit p, which converges
// geometrically.
typedef struct {
    double at, ln_weight;
} grid_point;

enum { GRID_MOST = 4000 };

static inline size_t gamma_grid(grid_point *g, double r, double alpha, double more, double step) {
    size_t n = 0;
    double top = log((r + more) / alpha) + 6;
    for (double v = top; v > log(r / alpha) - 32 / r - 4 && n < GRID_MOST; v -= step) {
        double ln = r * v - alpha * exp(v) + r * log(alpha) - twin_lgamma(r) + log(step);
        g[n++] = (grid_point){exp(v), ln};
    }
    return n;
}

static inline size_t beta_grid(grid_point *g, double a, double b, double step) {
    size_t n = 0;
    double ln_beta = twin_lgamma(a) + twin_lgamma(b) - twin_lgamma(a + b);
    for (double w = -32 / fmin(a, 1); w < 32 / fmin(b, 1) && n < GRID_MOST; w += step) {
        double ln_p = -log1p(exp(-w)), ln_q = -log1p(exp(w));
        g[n++] = (grid_point){exp(ln_p), a * ln_p + b * ln_q - ln_beta + log(step)};
    }
    return n;
}

// ---- One customer with known rates: how likely the data are if alive at T, and if gone; and what is ahead ----

typedef struct {
    double alive, gone; // likelihoods
} person;

static inline double ln_or_zero(double n, double v) {
    return n > 0 ? n * log(v) : 0;
}

static inline ahead pareto_next(double l, double m, const purchase_terms *t) {
    double h = t->horizon, d = t->discount, y = m * h;
    double square = y < 1e-2 ? 1 - 2 * y / 3 + y * y / 4 - y * y * y / 15 + y * y * y * y / 72
                             : 2 * (1 - (1 + y) * exp(-y)) / (y * y); // E min(lifetime, h)² ÷ h²
    return (ahead){.buys = l / m * -expm1(-m * h),
                   .twice = l * l * h * h * square,
                   .quiet = 1 - l / (l + m) * -expm1(-(l + m) * t->quiet),
                   .worth = l / (d + m) * -expm1(-(d + m) * h),
                   .residual = t->residual ? l / (d + m) : NAN};
}

// Erlang-k gaps, standing in stage j: purchases are counted through the Poisson events to come.
static inline ahead geometric_next(double l, double p, int k, int j, const purchase_terms *t) {
    ahead a = {.quiet = 0, .residual = NAN};
    double events = l * t->horizon, most = events + 12 * sqrt(events) + 40, mass = exp(-events), above = 1 - mass;
    double stay = 1, i = 0;
    for (double n = 1; n < most; n++) {
        if (fmod(n + j, k) == 0) a.buys += stay * above, a.twice += 2 * i * stay * above, stay *= 1 - p, i++;
        mass *= events / n;
        above -= mass;
    }
    double none = exp(-l * t->quiet);
    for (int n = 0; n < k - j; n++) a.quiet += none, none *= l * t->quiet / (n + 1);
    double d = t->discount, rho = l / (l + d);
    if (k == 1) a.worth = l / (d + l * p) * -expm1(-(d + l * p) * t->horizon);
    if (t->residual) a.residual = pow(rho, k - j) / (1 - (1 - p) * pow(rho, k));
    return a;
}

static inline person pareto_person(double l, double m, double x, double tx, double T) {
    return (person){exp(ln_or_zero(x, l) - (l + m) * T),
                    exp(ln_or_zero(x, l)) * m / (l + m) * (exp(-(l + m) * tx) - exp(-(l + m) * T))};
}

static inline person geometric_person(const law *w, double l, double p, double x, double tx, double T) {
    double m = x + (w->model == PURCHASE_MBG), sum = 0, term = 1;
    for (int j = 0; j < w->k; j++) sum += term, term *= l * (T - tx) / (j + 1);
    person q = {exp(ln_or_zero(w->k * x, l) + ln_or_zero(m, 1 - p) - l * T) * sum, 0};
    if (m > 0) q.gone = exp(ln_or_zero(w->k * x, l) + ln_or_zero(m - 1, 1 - p) - l * tx) * p;
    return q;
}

static inline ahead staged_next(const law *w, double l, double p, double since, const purchase_terms *t) {
    ahead next = {0};
    double sum = 0, term = 1;
    for (int j = 0; j < w->k; j++) {
        ahead a = geometric_next(l, p, w->k, j, t);
        sum += term;
        next.buys += term * a.buys, next.twice += term * a.twice, next.quiet += term * a.quiet;
        next.worth += term * a.worth, next.residual += term * a.residual;
        term *= l * since / (j + 1);
    }
    return (ahead){next.buys / sum, next.twice / sum, next.quiet / sum, next.worth / sum, next.residual / sum};
}

static inline person bgbb_person(double p, double th, double x, double tx, double n) {
    person q = {exp(ln_or_zero(x, p) + ln_or_zero(n - x, 1 - p) + ln_or_zero(n, 1 - th)), 0};
    for (double i = tx; i < n; i++)
        q.gone += exp(ln_or_zero(x, p) + ln_or_zero(i - x, 1 - p) + ln_or_zero(i, 1 - th)) * th;
    return q;
}

static inline ahead bgbb_next(double p, double th, const purchase_terms *t) {
    ahead a = {.quiet = 1, .residual = NAN};
    double stay = 1;
    for (double i = 1; i <= t->horizon; i++) {
        stay *= 1 - th;
        a.buys += p * stay, a.twice += 2 * (i - 1) * p * p * stay, a.worth += p * stay * exp(-i * t->discount);
        a.quiet -= (i <= t->quiet) * stay * p * pow(1 - p, i - 1);
    }
    if (t->residual) a.residual = p * (1 - th) * exp(-t->discount) / (1 - (1 - th) * exp(-t->discount));
    return a;
}

// ---- Everybody ----

static inline person person_of(const law *w, double l, double m, double x, double tx, double T) {
    if (w->model == PURCHASE_PARETO) return pareto_person(l, m, x, tx, T);
    if (w->model == PURCHASE_BGBB) return bgbb_person(l, m, x, tx, T);
    return geometric_person(w, l, m, x, tx, T);
}

static inline ahead next_of(const law *w, double l, double m, double since, const purchase_terms *t) {
    if (w->model == PURCHASE_PARETO) return pareto_next(l, m, t);
    if (w->model == PURCHASE_BGBB) return bgbb_next(l, m, t);
    return staged_next(w, l, m, since, t);
}

static inline twin twin_of(const law *w, double x, double tx, double T, purchase_terms t, double step) {
    static grid_point g[GRID_MOST], h[GRID_MOST];
    size_t n = w->model == PURCHASE_BGBB ? beta_grid(g, w->p[0], w->p[1], step)
                                         : gamma_grid(g, w->p[0], w->p[1], w->k * x, step);
    size_t m =
        w->model == PURCHASE_PARETO ? gamma_grid(h, w->p[2], w->p[3], 0, step) : beta_grid(h, w->p[2], w->p[3], step);
    double alive = 0, gone = 0;
    ahead sum = {0};
    for (size_t i = 0; i < n * m; i++) {
        double weight = exp(g[i / m].ln_weight + h[i % m].ln_weight);
        person q = weight > 1e-60 ? person_of(w, g[i / m].at, h[i % m].at, x, tx, T) : (person){0};
        alive += weight * q.alive, gone += weight * q.gone;
    }
    for (size_t i = 0; i < n * m; i++) {
        double l = g[i / m].at, p = h[i % m].at, weight = exp(g[i / m].ln_weight + h[i % m].ln_weight);
        weight *= weight > 1e-60 ? person_of(w, l, p, x, tx, T).alive / alive : 0;
        if (weight < 1e-18) continue;
        ahead f = next_of(w, l, p, T - tx, &t);
        sum.buys += weight * f.buys, sum.twice += weight * f.twice, sum.quiet += weight * f.quiet;
        sum.worth += weight * f.worth, sum.residual += weight * f.residual;
    }
    return (twin){log(alive + gone), alive / (alive + gone), sum};
}

// A set of one customer, for calling the likelihood on it.
static inline purchase_set *set_of_one(arena *a, int32_t x, double tx, double T) {
    purchase_people *p = make(a, purchase_people, 1);
    int32_t *xs = make(a, int32_t, 1);
    double *t = make(a, double, 2);
    xs[0] = x, t[0] = tx, t[1] = T;
    *p = (purchase_people){.n = 1, .x = xs, .tx = &t[0], .T = &t[1]};
    return purchase_group(a, p);
}

#endif
