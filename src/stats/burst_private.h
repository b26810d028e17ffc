// What the files of burst.h share: what is usual, fitted to the periods before the newest windows.
#ifndef HEED_BURST_PRIVATE_H
#define HEED_BURST_PRIVATE_H

#include "stats/burst.h"

enum { BURST_SEASON_MOST = 31 };

typedef struct {
    size_t n, baseline, season, columns;
    double unit;        // periods of one step of the trend: 28 days, 4 weeks
    const double *size; // [n] how many could have said it, 1 on average; 0 is a gap
    double *beta;       // level at the end of the baseline, trend, and one for each place in the season
    double *cov;        // columns², of beta
    double spread, spread_sd;
    double *mean; // [n]
    double *odd;  // [baseline] what is left over in standard deviations, bounded; 0 in gaps
    double used;  // periods of the baseline without gaps
} burst_fit;

burst_fit burst_fit_of(arena *a, const burst_series *s, const double *size, size_t baseline);
// The columns of period t that are not 0: three of them, or two without a season.
size_t burst_fit_row(const burst_fit *f, size_t t, size_t at[3], double x[3]);

#endif
