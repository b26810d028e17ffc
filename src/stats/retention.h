// retention: what becomes of recurring revenue and of the customers who pay it (F14, F15).
//
// The cohort is closed: only customers active at the start count, new ones never. A customer who comes back within 30
// days has not left; the caller decides that before counting.
#ifndef HEED_RETENTION_H
#define HEED_RETENTION_H

#include "stats/estimate.h"

// One customer's monthly worth at the start and at the end of the period, in minor units; now = 0 when gone.
typedef struct {
    int64_t start, now;
} worth;

typedef struct {
    int64_t start, expansion, contraction, churned; // sums in minor units; churned and contraction positive
    int64_t customers, lost;
    estimate gross, net; // GRR (never above 1) and NRR
    estimate logo_churn; // share of the customers lost, Wilson
} retention;

retention retention_of(arena *a, const worth *x, size_t n);

// The same from any stream of customers, without holding them: add each, then finish.
typedef struct {
    retention so_far;
    double x2;        // Σ start²
    double g, g2, gx; // Σ kept, Σ kept², Σ kept × start; kept = min(start, now)
    double h, h2, hx; // the same for now
} retention_sums;

void retention_add(retention_sums *s, worth w);
retention retention_finish(arena *a, const retention_sums *s);

// F14 alone: lost of those active at the start.
estimate retention_logo_churn(arena *a, int64_t lost, int64_t active);

#endif
