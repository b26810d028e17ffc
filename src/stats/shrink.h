// shrink: figures of small groups, drawn towards what all groups have in common (F21). Raw and shrunk go side by side.
//
// The intervals of shrunk figures take the common part as known; with few groups they are a little too narrow (Morris
// 1983). A figure is never shrunk unless at least three groups show how much groups differ.
#ifndef HEED_SHRINK_H
#define HEED_SHRINK_H

#include "stats/estimate.h"

typedef struct {
    estimate raw, shrunk;
} shrunk;

// Shares: hits of n in each group.
typedef struct {
    int64_t hits, n;
} fraction;

// What the groups have in common: Beta(mean × weight, (1 − mean) × weight). weight counts like that many answers; it is
// INFINITY when the groups differ no more than chance makes them. lo and hi are the pooled share's interval.
typedef struct {
    double mean, weight, lo, hi;
    int64_t groups; // with at least one answer
} beta_prior;

beta_prior shrink_prior(const fraction *x, size_t k);
shrunk shrink_share(arena *a, const beta_prior *prior, fraction x, sampling s);
void shrink_shares(arena *a, const fraction *x, size_t k, sampling s, shrunk *out);

// Means: a value per group with its known sampling variance (> 0) and n.
typedef struct {
    double mean, var;
    int64_t n;
} group_mean;

// Group means spread normally around `mean` with variance `between` (0 when they differ no more than chance).
typedef struct {
    double mean, var, between; // var is that of mean
    double q;                  // Cochran's Q
    int64_t groups;
} normal_prior;

normal_prior shrink_normal_prior(const group_mean *x, size_t k);
void shrink_means(arena *a, const group_mean *x, size_t k, sampling s, shrunk *out);

#endif
