// recall: what part of all who are something was found, from samples of those found and of those not found; and lifts.
//
// Nobody can judge everybody, and those not found are many: a few of each part are drawn and judged. What is estimated
// is a ratio of sums of shares, each weighted by the size of its part.
#ifndef HEED_RECALL_H
#define HEED_RECALL_H

#include "stats/estimate.h"

// A part of the population: how many there are, how many were drawn by chance and judged, and how many of these are it.
typedef struct {
    double size;
    int64_t asked, yes;
} stratum;

enum { STRATUM_LEAST = 10 }; // judged in each part, below which nothing is sure

// Of all who are it, the share in the first `inside` parts; the interval is MOVER's (see recall.c). NONE when a part
// that is not empty was not asked, or nobody is it; THIN with too few judged.
estimate recall_found(arena *a, const stratum *v, size_t n, size_t inside, sampling s);
// How many in 100 of the whole population are it.
estimate recall_prevalence(arena *a, const stratum *v, size_t n, sampling s);

// hits among n that were drawn with unequal chances, weights being one over those: Wilson's interval on Kish's
// effective n (Franco, Little, Louis and Slud 2019, J. Surv. Stat. Methodol. 7: 334-364).
estimate recall_weighted(arena *a, const double *weights, const bool *hit, size_t n, sampling s);

// How many times as often it happens to the first as to the others, with the interval of Katz et al. 1978 (Biometrics
// 34: 469-474) on the logarithm; a half is added to each count where one is zero. NAN without anybody.
typedef struct {
    double ratio, lo, hi;
} lift;
lift lift_of(int64_t hits, int64_t n, int64_t other_hits, int64_t other_n);

#endif
