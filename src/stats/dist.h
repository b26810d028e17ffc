// dist: the few distribution functions that the measures need, safe at every size.
//
// Distribution functions come from GSL. Its inverses do not serve: the inverse gamma of GSL 2.7.1 returns wrong values
// from shapes of about ten thousand on without saying so, and others abort the program when they do not converge. The
// quantiles here are found by a bracketed Newton search on the distribution function.
#ifndef HEED_DIST_H
#define HEED_DIST_H

#include "base/base.h"

double dist_normal_both(double z);                    // P(|Z| ≥ |z|); of χ² with one degree of freedom at its root
double dist_t_both(double t, double df);              // P(|T| ≥ |t|); df > 0, may be INFINITY
double dist_chisq_above(double x, double df);         // P(χ² ≥ x); df > 0
double dist_gamma_below(double x, double shape);      // P(G ≤ x), scale 1
double dist_beta_below(double x, double a, double b); // P(B ≤ x)
double dist_binom_below(int64_t k, int64_t n, double q); // P(X ≤ k) of n trials with chance q; 0 for k < 0

double dist_normal_at(double p); // quantiles: the value with P(below) = p, 0 < p < 1
double dist_t_at(double p, double df);
double dist_gamma_at(double p, double shape); // scale 1; χ²(p; 2k)/2 = dist_gamma_at(p, k)
double dist_beta_at(double p, double a, double b);
// The smallest k with P(X ≤ k) ≥ p.
int64_t dist_binom_at(double p, int64_t n, double q);

#endif
