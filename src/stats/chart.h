// chart: does a series only wander as it always does, or has something changed? Control charts for levels and CUSUM for
// drifts (F44).
#ifndef HEED_CHART_H
#define HEED_CHART_H

#include "stats/rate.h"
#include "stats/shrink.h"

// What is odd about a point: bits (Western Electric 1956; Nelson 1984, J. Qual. Technol. 16).
enum chart_rule {
    CHART_BEYOND = 1, // outside three sigma
    CHART_TWO = 2,    // two of three beyond two sigma on its side
    CHART_FOUR = 4,   // four of five beyond one sigma on its side
    CHART_RUN = 8,    // eight in a row on its side of the centre
};

typedef struct {
    double value, lo, hi; // with its three-sigma limits; of shares and rates never below 0, nor shares above 1
    double z;             // in sigmas from the centre
    int rules;            // bits of chart_rule; it and the points before it show them
    bool gap;             // nothing was counted: no value
} chart_point;

// The centre and sigma come from the first `baseline` points (0 = all): a change must not hide in its own limits.
typedef struct {
    const chart_point *points;
    size_t n;
    double center, sigma; // sigma of single values; of shares and rates that of one unit, 0 where it differs by point
    double more;          // Laney's σz: how much more the points wander than chance does; 1 without
    ptrdiff_t first;      // the first odd point, or −1
    enum estimate_state state; // REFUSED without a centre; THIN below 12 points of baseline, or 5 expected per point
    const char *why;
} chart;

// Shares: hits of n in each period (p-chart); and events per exposure (u-chart). With laney the limits widen by what
// the baseline wanders beyond chance, which large counts always do (Laney 2002, Qual. Eng. 14). Live in a.
chart chart_shares(arena *a, const fraction *x, size_t n, size_t baseline, bool laney);
chart chart_rates(arena *a, const rate_counts *x, size_t n, size_t baseline, bool laney);
// Single values with limits from moving ranges (XmR: Wheeler & Chambers 1992).
chart chart_values(arena *a, const double *x, size_t n, size_t baseline);

// How far the sums of z beyond `slack` have come, up and down, in sigmas (Page 1954, Biometrika 41; Montgomery 2009,
// ch. 9). An alarm where a sum passes `limit`; since is the point at which the drift began.
typedef struct {
    double up, down;
    bool alarm;
    size_t since;
} chart_drift;

// z as a chart gives it, or (x − target)/sigma. slack 0 = 0.5 (half of the drift to be found), limit 0 = 5: a false
// alarm every 465 points, and a drift of one sigma found after 10. NAN changes nothing. Lives in a.
const chart_drift *chart_cusum(arena *a, const double *z, size_t n, double slack, double limit);

#endif
