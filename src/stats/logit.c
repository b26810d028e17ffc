#include "stats/logit.h"

#include "stats/matrix.h"

#include <math.h>

enum { ROUNDS = 60 };

double logit_share(double log_odds) {
    return log_odds >= 0 ? 1 / (1 + exp(-log_odds)) : exp(log_odds) / (1 + exp(log_odds));
}

double logit_odds(double share) {
    return log(share) - log1p(-share);
}

size_t logit_dense(const void *of, size_t i, double *x) {
    const logit_table *t = of;
    memcpy(x, &t->x[i * t->p], t->p * sizeof *x);
    return 0;
}

// One evaluation: the log-likelihood with and without the penalty, gradient, information. Intercepts come first: their
// part of the information is a diagonal and a border.
typedef struct {
    size_t p, g, k;
    double value, loglik, *slope, *bend, *x;
    matrix_sum sum;
} level;

static level level_new(arena *a, const logit_data *d) {
    size_t g = MAX(d->groups, 1), k = d->p + g;
    level v = {.p = d->p, .g = g, .k = k};
    v.slope = make(a, double, k);
    v.bend = make(a, double, k *k);
    v.x = make(a, double, d->p);
    v.sum = matrix_sum_begin(a, make(a, double, d->p * d->p), d->p);
    return v;
}

static void add_row(level *v, size_t group, double hits, double trials, double odds) {
    double share = logit_share(odds), over = hits - trials * share, weight = trials * share * (1 - share);
    double rare = odds > 0 ? log1p(exp(-odds)) : log1p(exp(odds)) - odds; // −log share
    v->loglik -= hits * rare + (trials - hits) * (rare + odds);
    double *border = &v->bend[v->g * v->k + group], *slope = &v->slope[v->g];
    v->slope[group] += over;
    v->bend[group * v->k + group] += weight;
    for (size_t j = 0; j < v->p; j++) {
        slope[j] += over * v->x[j];
        border[j * v->k] += weight * v->x[j];
    }
    matrix_sum_add(&v->sum, v->x, weight);
}

static void evaluate(const logit_data *d, const double *beta, level *v) {
    v->loglik = 0;
    memset(v->slope, 0, v->k * sizeof *v->slope);
    memset(v->bend, 0, v->k * v->k * sizeof *v->bend);
    memset(v->sum.m, 0, v->p * v->p * sizeof *v->sum.m);
    for (size_t i = 0; i < d->n; i++) {
        double trials = d->trials ? d->trials[i] : 1;
        if (!(trials > 0)) continue;
        size_t group = d->row(d->of, i, v->x);
        double odds = beta[group];
        for (size_t j = 0; j < v->p; j++) odds += beta[v->g + j] * v->x[j];
        add_row(v, group, d->hits[i], trials, odds);
    }
    matrix_sum_end(&v->sum);
    v->value = v->loglik;
    for (size_t i = 0; i < v->p; i++) {
        size_t at = v->g + i;
        memcpy(&v->bend[at * v->k + v->g], &v->sum.m[i * v->p], (i + 1) * sizeof *v->bend);
        double ridge = d->ridge ? d->ridge[i] : 0;
        v->value -= ridge * beta[at] * beta[at] / 2;
        v->slope[at] -= ridge * beta[at];
        v->bend[at * v->k + at] += ridge;
    }
}

#define DONE 1e-11 // a rise of the log-likelihood that no interval would show

// Newton's step, halved until the value does not fall; false when there is nothing more to gain.
static bool climb(arena scratch, const logit_data *d, double *beta, level *v, level *next) {
    size_t k = v->k;
    double *l = make(&scratch, double, k *k), *by = make(&scratch, double, k), *to = make(&scratch, double, k);
    memcpy(l, v->bend, k * k * sizeof *l);
    memcpy(by, v->slope, k * sizeof *by);
    matrix_cholesky(l, k, 1e-11);
    matrix_solve(l, k, by);
    double rise = 0, most = 0;
    for (size_t j = 0; j < k; j++) rise += by[j] * v->slope[j] / 2;
    if (!(rise > 1e-22)) return false;
    for (size_t j = 0; j < v->g; j++) most = MAX(most, fabs(by[j]));
    for (double part = most > 8 ? 8 / most : 1; part > 1e-7; part /= 2) {
        for (size_t j = 0; j < k; j++) to[j] = beta[j] + part * by[j];
        evaluate(d, to, next);
        if (!(next->value >= v->value - 1e-12 * fabs(v->value))) continue;
        memcpy(beta, to, k * sizeof *to);
        level swap = *v;
        *v = *next, *next = swap;
        return rise > DONE;
    }
    return false;
}

// The intercepts alone have closed forms; they are also where Newton starts.
static void start(arena scratch, const logit_data *d, double *beta, logit *k) {
    double *hits = make(&scratch, double, k->groups), *trials = make(&scratch, double, k->groups);
    double *x = make(&scratch, double, k->p);
    for (size_t i = 0; i < d->n; i++) {
        double n = d->trials ? d->trials[i] : 1;
        if (!(n > 0)) continue;
        size_t g = d->row(d->of, i, x);
        hits[g] += d->hits[i], trials[g] += n;
    }
    for (size_t g = 0; g < k->groups; g++) {
        double h = hits[g], miss = trials[g] - h;
        if (h > 0) k->null += h * log(h / trials[g]);
        if (miss > 0) k->null += miss * log(miss / trials[g]);
        beta[g] = trials[g] > 0 ? log((h + 1e-3) / (miss + 1e-3)) : 0;
    }
}

static void finish(arena scratch, const level *v, logit *k) {
    double *l = make(&scratch, double, v->k * v->k);
    memcpy(l, v->bend, v->k * v->k * sizeof *l);
    k->rank = matrix_cholesky(l, v->k, 1e-11);
    matrix_inverse(scratch, l, v->k, k->cov);
    k->loglik = v->loglik;
}

logit logit_fit(arena *a, const logit_data *d) {
    size_t g = MAX(d->groups, 1), all = d->p + g;
    logit k = {.groups = g, .p = d->p, .beta = make(a, double, all), .cov = make(a, double, all *all)};
    arena scratch = *a;
    level v = level_new(&scratch, d), next = level_new(&scratch, d);
    start(scratch, d, k.beta, &k);
    if (d->start) memcpy(k.beta, d->start, all * sizeof *k.beta);
    evaluate(d, k.beta, &v);
    while (k.rounds < ROUNDS && climb(scratch, d, k.beta, &v, &next)) k.rounds++;
    finish(scratch, &v, &k);
    k.converged = k.rounds < 20; // it takes eight; a coefficient that runs away gains one unit a round
    return k;
}
