// special: functions and sums of the purchase models (purchase.h) that no library computes over the whole range.
//
// All terms added here are positive, so that nothing cancels: s = 1 and a = 1, where the published formulas divide by
// zero, are ordinary points, and a thousand purchases overflow nothing.
#ifndef HEED_SPECIAL_H
#define HEED_SPECIAL_H

#include "base/base.h"

#include <math.h>

// S = ₂F₁(1, d; e; z) for 0 ≤ z < 1, e > 1 and e > d > 0, and its derivatives.
typedef struct {
    double s, by_d, by_e, by_z;
} hyper;

// The series of one (d, e) for all z up to `most`: its coefficients are found once, and each z costs a polynomial.
typedef struct {
    double d, e;
    size_t n;
    double *c, *cd, *ce; // of S and of its derivatives by d and e
} hyper_series;

enum { HYPER_TERMS = 1400 };
hyper_series hyper_new(arena *a); // room for the coefficients; fill it as often as needed
void hyper_fill(hyper_series *h, double d, double e, double most);
// At n points; rest = 1 − z, known better than by subtracting.
void hyper_at(const hyper_series *h, size_t n, const double *z, const double *rest, hyper *out);
hyper hyper_one(double d, double e, double z, double rest);

// ∫₀ʰ e^(−δu) (1 + u/b)^(−s) du for b > 0, s ≥ 0; h may be INFINITY when δ > 0.
double decay_integral(double delta, double b, double s, double h);
double decay_moment(double b, double s, double h); // ∫₀ʰ u (1 + u/b)^(−s) du

// ln Γ(r + x) − ln Γ(r) for x ≥ 0, without cancelling where r is large and x a small whole number; its derivative by r.
double rising_ln(double r, double x);
double rising_by(double r, double x);
double log_sum(double a, double b);       // ln(e^a + e^b)
static inline double ln_above(double y) { // ln(1 + y) for y ≥ 0; log1p takes three times as long
    return y > 0.5 ? log(1 + y) : log1p(y);
}

// Gauss-Legendre on [0, 1]: sixteen nodes with their weights, and eight.
typedef struct {
    double at, weight;
} node;
extern const node GAUSS16[16], GAUSS8[8];

#endif
