// confseq: intervals and tests that stay valid however often one looks, and whenever one stops (F43).
//
// An ordinary 95 % interval is right for one look at a size fixed before. Who looks every day and stops when it pleases
// is wrong far more often. These intervals hold at all times at once with 95 %; they are about half again as wide.
// Howard, Ramdas, McAuliffe & Sekhon 2021, Ann. Stat. 49(2).
//
// plan is the number of answers at which a decision is expected: there the interval is nearly as narrow as it can be;
// it is valid at every other too. It must not depend on the answers. 0 = 500.
#ifndef HEED_CONFSEQ_H
#define HEED_CONFSEQ_H

#include "stats/estimate.h"

// Whether it happened: the mixture of beta-binomials around every possible share. n = 0: NONE. Their proposition 7.
estimate confseq_share(arena *a, int64_t hits, int64_t n, int64_t plan);

// A mean of values between low and high, in the order in which they came; values outside are taken as the nearest.
typedef struct {
    double low, high;
    int64_t plan;
    int64_t n;       // from here on kept by confseq_add
    double sum, off; // of values scaled to 0..1: Σ, and Σ (x − mean before)²
} confseq_mean;
void confseq_add(confseq_mean *s, double x);
// Empirical Bernstein: the width follows the variance that was seen. Their theorem 4.
estimate confseq_mean_now(arena *a, const confseq_mean *s);

// What a treatment changes, when it was given with a known chance: mean with less mean without, of outcomes between low
// and high. Their section on the average treatment effect.
typedef struct {
    double low, high, chance; // 0 < chance < 1
    int64_t plan;
    int64_t n; // from here on kept by confseq_try
    double sum, off, arm_n[2], arm_sum[2];
} confseq_effect;
void confseq_try(confseq_effect *s, bool treated, double outcome);
// p holds at all times too: it may be watched, and stopped at. method NULL while there is nothing.
change confseq_effect_now(const confseq_effect *s);

// The boundaries themselves. v is the variance gone through so far; a sum stays below the boundary at all v with 1 − α
// (normal: the sum's absolute value). They are narrowest at v_opt. c is the scale of the heavy tail.
double confseq_normal(double v, double alpha, double v_opt);                            // equation 14
double confseq_gamma(double v, double alpha, double v_opt, double c, double alpha_opt); // proposition 9
double confseq_gamma_log(double s, double v, double v_opt, double c, double alpha_opt); // its log mixture
double confseq_stitched(double v, double alpha, double v_min, double c);                // equation 10

#endif
