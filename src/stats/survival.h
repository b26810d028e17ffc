// survival: how long customers stay, when most have not left yet (F16). Kaplan-Meier, its quantiles, the log-rank test.
//
// Whoever is still here is right-censored: known to have stayed at least so long. Leaving these out, or counting them
// as gone, gives wrong answers, so there is no function that does.
#ifndef HEED_SURVIVAL_H
#define HEED_SURVIVAL_H

#include "stats/estimate.h"

// One customer, or `count` alike. Any unit of time. With enter > 0 the customer was first seen that long after starting
// (left-truncated: customers who left before we looked are not in the data) and counts at risk only from then on.
typedef struct {
    double time; // from the start to leaving, or to the last time seen
    bool ended;  // left at `time`; false: still here then
    double enter;
    int64_t count; // 0 = 1
} stay;

bool stay_watched(const stay *x); // has it a length that was seen; those that have not are ignored everywhere
// Whole periods that were survived by `time`, and the period (from 0) in which a stay that ended then ended. Leaving at
// the very end of a period is leaving in it; multiples may miss by rounding.
size_t stay_periods(double time, double period);
size_t stay_ended_in(double time, double period);

typedef struct {
    double time; // every distinct time at which somebody left or was last seen
    int64_t at_risk, ended, last_seen;
    double s, lo, hi; // share still here after `time`, with its interval
    double greenwood; // Σ d/(n(n−d)); the variance of s is s² times this
} survival_step;

typedef struct {
    const survival_step *steps;
    size_t n_steps;
    int64_t n, ended;
    int64_t ignored; // stays of no length seen (time before enter, or not a number)
} survival;

survival survival_fit(arena *a, const stay *x, size_t n); // in any order; lives in a

// The share still here after t. THIN with fewer than 30 customers or fewer than 10 watched at t; REFUSED beyond the
// longest time anybody was watched.
estimate survival_at(arena *a, const survival *k, double t);

// The time by which share q has left (0.5: the median stay). hi is INFINITY when the data do not bound it. While fewer
// than q have left, the state is REFUSED and lo still holds: "more than lo".
estimate survival_quantile(arena *a, const survival *k, double q);

// Are two groups' curves the same? Observed and expected leavers of the first; p of the log-rank test.
typedef struct {
    double chisq, p, observed, expected;
} logrank;
logrank survival_compare(arena scratch, const stay *x, size_t n, const stay *y, size_t m);

// Are the curves of several groups the same? group[i] is 0 to groups − 1; others are left out. df is the number of
// groups with somebody at risk beside another, less one; p is NAN when there are not two.
typedef struct {
    double chisq, p;
    int df;
} logrank_groups;
logrank_groups survival_compare_groups(arena scratch, const stay *x, const int32_t *group, size_t n, int32_t groups);

#endif
