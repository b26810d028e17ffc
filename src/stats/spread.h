// spread: means, medians and quantiles of measured values, with intervals, and the bootstrap for whatever has no
// formula.
#ifndef HEED_SPREAD_H
#define HEED_SPREAD_H

#include "base/rng.h"
#include "stats/estimate.h"

// The mean with Student's interval; var is that of the mean. All values equal: THIN, because the spread is unknown.
estimate spread_mean(arena *a, const double *x, size_t n, sampling s);
// The same from sums: Σx and Σx² over n values.
estimate spread_mean_of(arena *a, int64_t n, double sum, double squares, sampling s);
// Difference of two independent means by Welch's test.
change spread_mean_change(const estimate *now, const estimate *before);

// The q-quantile with the interval between two order statistics, which holds for any distribution. When n is too small
// for 95 % (6 values for a median), the interval is the whole range, the state THIN, and why says what is needed.
estimate spread_quantile(arena *a, const double *x, size_t n, double q, sampling s);
estimate spread_median(arena *a, const double *x, size_t n, sampling s);

// The q-quantile of sorted values, R's type 7 (linear between order statistics). n > 0.
double spread_quantile_at(const double *sorted, size_t n, double q);
void spread_sort(double *x, size_t n);

// A statistic of the chosen rows of data (a row may stand there more than once). NAN when it has no value.
typedef double (*spread_statistic)(const void *data, const size_t *rows, size_t n);

// The statistic with the percentile interval of `rounds` resamples (0 = 2000). With cluster (one id per row, e.g. the
// customer), whole clusters are drawn, and they, not rows, must be enough. The same rng gives the same interval.
estimate spread_bootstrap(arena *a, const void *data, size_t n, const int64_t *cluster, spread_statistic f, int rounds,
                          rng *r);

// Rows by cluster: cluster c is rows[start[c]] to rows[start[c + 1] − 1]. Without ids every row is a cluster.
typedef struct {
    size_t *rows, *start, n;
} spread_clusters;
spread_clusters spread_clusters_of(arena *a, const int64_t *ids, size_t n);
// The rows of as many clusters as there are, drawn with replacement; *n is how many rows. Both live in a.
size_t *spread_draw(arena *a, const spread_clusters *c, rng *r, size_t *n);

#endif
