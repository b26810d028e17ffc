// cox: what makes customers leave sooner: proportional hazards regression (Cox 1972, J. R. Stat. Soc. B 34).
//
// A hazard ratio of 1.5 means: at any moment, 1.5 times as likely to leave as a customer who differs in nothing else
// by one unit. It is an association, not a cause. Still being here is censored, as in survival.h.
#ifndef HEED_COX_H
#define HEED_COX_H

#include "stats/concordance.h"

enum cox_ties { COX_EFRON, COX_BRESLOW }; // Efron 1977, J. Am. Stat. Assoc. 72; Breslow 1974, Biometrics 30

typedef struct {
    const stay *x;          // n stays in any order; count is the number of customers alike
    const double *z;        // n × p covariates, row by row; a row with a NaN or an infinity is ignored
    const int32_t *stratum; // NULL, or 0, 1, …: groups that leave each in their own rhythm
    size_t n, p;
    enum cox_ties ties;
} cox_data;

typedef struct {
    double chisq, p;
    int df;
} cox_test;

// The baseline, after each time at which somebody of a stratum left; for a customer with the average of every
// covariate. spread and mean are what cox_survival needs for its interval.
typedef struct {
    int32_t stratum;
    double time, hazard, spread;
    const double *mean; // p
} cox_step;

typedef struct {
    size_t p;
    double *beta, *se;   // p; log hazard ratios per unit; both 0 for a column that others already say
    double *cov;         // p × p
    double *center;      // p: the average of every covariate
    bool *runaway;       // p: nobody, or everybody, with this trait left: the true coefficient may be infinite
    double loglik, null; // with the covariates, and without
    cox_test ratio, wald, score;
    concordance agreement;
    cox_step *steps;
    size_t n_steps;
    int64_t n, ended, ignored;
    int rounds;                // Newton's, for the curious
    enum estimate_state state; // REFUSED: nobody left, nothing varies; THIN: fewer than 10 left per covariate
    const char *why;
} cox;

// Newton's method from 0, with sums that run backwards in time: n p² per round and no more, whatever the ties. Lives in
// a.
cox cox_fit(arena *a, const cox_data *d);

// exp(β) of covariate j, with its interval; p is that of Wald's test. REFUSED when the column says nothing new.
estimate cox_ratio(const cox *k, size_t j);
double cox_ratio_p(const cox *k, size_t j);

// The share of customers with these covariates still here after t, log-log interval. Beyond the last time at which
// somebody of the stratum left it stays as it was then. Tsiatis 1981, Ann. Stat. 9.
estimate cox_survival(const cox *k, const double *z, int32_t stratum, double t);

#endif
