// drivers: which of several related answers or traits go with an outcome, and how much each is worth (F23).
//
// Regression coefficients cannot say it when the drivers themselves hang together: one of two twins gets everything.
// Relative weights and Shapley shares divide R² among the drivers; both sum to it. A share is an association, not a
// cause.
#ifndef HEED_DRIVERS_H
#define HEED_DRIVERS_H

#include "base/rng.h"
#include "stats/estimate.h"

enum { DRIVERS_MOST = 12, DRIVERS_PER = 15 }; // for Shapley: all 2^12 models are fitted; answers needed per driver

// From correlations: r is p × p among the drivers, ry[p] with the outcome. out[p] sums to the R² that is returned; NAN,
// and out 0, when r is not a matrix of correlations of finite numbers. Drivers that say the same share equally.
// Johnson 2000, Multivar. Behav. Res. 35.
double drivers_johnson(arena scratch, const double *r, const double *ry, size_t p, double *out);
// Lipovetsky & Conklin 2001, Appl. Stoch. Models Bus. Ind. 17 (Lindeman, Merenda & Gold 1980). p ≤ DRIVERS_MOST.
double drivers_shapley(arena scratch, const double *r, const double *ry, size_t p, double *out);

enum drivers_method { DRIVERS_JOHNSON, DRIVERS_SHAPLEY };

typedef struct {
    const double *x; // n × p, row by row; a row with a NaN is left out
    const double *y; // n
    size_t n, p;
    const int64_t *cluster; // NULL, or whose answers they are: whole clusters are resampled
    enum drivers_method method;
    int rounds; // 0 = 500
} drivers_data;

typedef struct {
    estimate share;    // of R² on the scale of the outcome's variance, 0..1, with the bootstrap interval
    double r;          // its own correlation with the outcome: the sign
    bool above_chance; // in 97.5 % of the rounds it is worth more than a variable of pure noise beside it
} driver;

typedef struct {
    enum estimate_state state; // REFUSED below 15 rows per driver, or when the outcome does not vary
    const char *why;
    estimate r2;
    driver *of; // p
    int64_t n, ignored;
} drivers;

// A driver is to be shown only if it is above chance (Tonidandel, LeBreton & Johnson 2009, Psychol. Methods 14). Lives
// in a.
drivers drivers_of(arena *a, const drivers_data *d, rng *r);

#endif
