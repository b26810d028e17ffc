// did: what a policy did, by the difference of two differences: those under it before and since, less those who are not
// (Card & Krueger 1994, Am. Econ. Rev. 84; Angrist & Pischke 2009, ch. 5).
//
// It stands and falls with one assumption: without the policy both groups would have moved alike. The trends before are
// compared, and where they differ nothing is claimed; that they do not differ measurably is no proof either (Roth 2022,
// AER: Insights 4). Values of one customer hang together, so errors are clustered by customer (Bertrand, Duflo &
// Mullainathan 2004, Q. J. Econ. 119).
#ifndef HEED_DID_H
#define HEED_DID_H

#include "stats/estimate.h"

// All that is needed of one customer: sums over its periods before the policy and since. t is the period's number.
typedef struct {
    bool treated;
    int32_t n_before, n_since;
    double before, since; // Σ y
    double t, tt, ty;     // Σ t, Σ t², Σ t y over the periods before
    double t_since;       // Σ t over those since
} did_unit;
void did_add(did_unit *u, int32_t period, bool since, double y);

typedef struct {
    estimate before[2], since[2]; // means of those outside [0] and under the policy [1]
    estimate effect;              // with its interval; REFUSED when the trends before differ, THIN with few customers
    double se, p;
    estimate trend; // by how much the trend under the policy is steeper before it, per period; NONE: too few periods
    double trend_p;
    // The effect if the trends before had gone on: effect − trend × (mean t since − mean t before). What is claimed
    // should hold both ways (Rambachan & Roth 2023, Rev. Econ. Stud. 90). NONE without a trend.
    estimate beyond;
    int64_t units[2]; // customers outside, and under the policy
    double tells;     // the smallest effect that so many customers would show with 80 % chance
} did;

enum { DID_UNITS = 30, DID_PERIODS = 3 }; // customers in each group, and periods before that a trend needs

// Ordinary least squares on group, time and their product, which is saturated; covariance clustered by customer with
// the usual correction G/(G − 1) × (N − 1)/(N − 4) (Cameron & Miller 2015, J. Human Resources 50), Student's t with G −
// 1 degrees of freedom. Texts live in a.
did did_of(arena *a, const did_unit *x, size_t n);

// The smallest difference that a standard error shows with 80 % chance at 5 %: (z₀.₉₇₅ + z₀.₈) × se (Cohen 1988).
double did_tells(double se);

// A ratio of two estimated means that may hang together, with Fieller's interval (Fieller 1954, J. R. Stat. Soc. B 16):
// what one more customer kept costs. REFUSED where the lower part may be zero: then no number bounds it.
typedef struct {
    double top, top_var, low, low_var, cov;
    int64_t n;
} did_parts;
estimate did_ratio(const did_parts *x);

#endif
