// rate: events per exposure (complaints per 1,000 active customers) with exact Poisson intervals.
#ifndef HEED_RATE_H
#define HEED_RATE_H

#include "stats/estimate.h"

typedef struct {
    int64_t events;
    double exposure; // what could have had an event: active customers, orders, customer-months
} rate_counts;

// Garwood's exact interval of a Poisson count: [0, 3.689] for 0 events.
void rate_garwood(int64_t events, double *lo, double *hi);

// events ÷ exposure × per. estimate.n is the exposure, rounded. THIN while the exposure is below s.need (default 30).
estimate rate(arena *a, rate_counts t, double per, sampling s);

// The difference of two independent rates (× per). p is exact: given all events, those of now are binomial.
change rate_change(rate_counts now, rate_counts before, double per);

// The ratio of the two rates with its exact conditional interval; INFINITY above when nothing happened before.
typedef struct {
    double ratio, lo, hi, p;
} rate_ratio;
rate_ratio rate_ratio_of(rate_counts now, rate_counts before);

#endif
