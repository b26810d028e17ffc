// its: did something change when we did something? Interrupted time series: a trend before, another after, and the step
// between (F45; Bernal, Cummins & Gasparrini 2017, Int. J. Epidemiol. 46).
//
// What is seen is a change at that time, not its cause: whatever else happened then is in it. A control, a segment that
// was not touched, takes away what happened to both.
#ifndef HEED_ITS_H
#define HEED_ITS_H

#include "stats/estimate.h"

// One value per period, oldest first. With trials the values are hits of so many (left of active customers), and the
// trend is one of log odds; NAN, or no trials, is a gap.
typedef struct {
    const double *value, *trials;           // n each; trials may be NULL
    const double *control, *control_trials; // n each, of the segment that was not touched; NULL: none
    size_t n;
    size_t at;     // the first period under the change
    size_t season; // periods in a year: adds one yearly wave; 0: none, and none below two years of periods
    int lag; // how many periods errors hang together (Newey & West 1987); 0: by the rule 4 (n/100)^(2/9); −1: not
} its_data;

typedef struct {
    // REFUSED below 8 periods before or 4 after; THIN below 12 or 8.
    enum estimate_state state;
    const char *why;
    estimate level,
        slope;           // the step, and how much steeper the trend is, per period; in values, or log odds with trials
    estimate mean, last; // value less what it would have been, on average over the periods since, and in the last
    double *expected;    // [n] what the trend before says; the last ones from `at` on are what would have been
    int lag;
    const char *told; // one sentence for people: a difference, a change without a control, or "cannot tell"
} its;

// Intervals are Student's with Newey and West's covariance, times n/(n − k). Lives in a.
its its_of(arena *a, const its_data *d);

#endif
