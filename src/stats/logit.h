// logit: logistic regression on counts, with an optional ridge; Newton's method, which is iteratively reweighted least
// squares (McCullagh & Nelder 1989, Generalized Linear Models, 4.4).
#ifndef HEED_LOGIT_H
#define HEED_LOGIT_H

#include "base/base.h"

// Rows are made one at a time, so that a wide table need not stand in memory: row fills x with the p covariates of row
// i and returns which of the `groups` intercepts it has. hits of trials happened in row i; they need not be whole
// numbers.
typedef struct {
    size_t n, p;
    size_t groups; // 0 = 1
    size_t (*row)(const void *of, size_t i, double *x);
    const void *of;
    const double *hits, *trials; // trials NULL: 1 in every row
    const double *ridge;         // p values λ: λ/2 β² is taken off the log-likelihood; NULL: none
    const double *start;         // groups + p coefficients to begin from, near the answer; NULL: the intercepts alone
} logit_data;

typedef struct {
    size_t groups, p;
    double *beta;        // the intercepts, then the p coefficients; a column that others already say stays 0
    double *cov;         // (groups + p)²; with a ridge that of the penalised estimate
    double loglik, null; // without the penalty; null is that of the intercepts alone
    size_t rank;
    int rounds;
    bool converged; // false: a coefficient runs away, because a column separates hits from misses
} logit;

logit logit_fit(arena *a, const logit_data *d);

double logit_share(double log_odds); // 1/(1 + e^−x)
double logit_odds(double share);     // its inverse: log(share/(1 − share))

// A dense table for logit_data: row is logit_dense, of is a logit_table.
typedef struct {
    const double *x; // n × p
    size_t p;
} logit_table;
size_t logit_dense(const void *of, size_t i, double *x);

#endif
