// hazard: the chance of leaving in each period (month, contract year), given what is known of a customer (F24).
//
// Discrete-time survival: every period a customer was watched is one trial of a logistic regression, with a free level
// for each period and effects of traits that are the same in all of them (Singer & Willett 1993, J. Educ. Stat. 18).
// Customers alike are counted together, so that the work follows what differs, not how many there are.
#ifndef HEED_HAZARD_H
#define HEED_HAZARD_H

#include "stats/logit.h"
#include "stats/survival.h"

typedef struct {
    const stay *x;   // n stays, in any unit; one that entered late counts from the first whole period it was watched
    const double *z; // n × p traits, row by row; a row with a NaN or an infinity is ignored
    size_t n, p;
    double period; // the length of a period in the unit of the stays
} hazard_data;

// Periods are from 0. Periods in which few left are joined to bands of one level: at least 10 leavers each, 60 bands at
// most. The last band holds for ever after: whatever lies beyond it is a projection.
typedef struct {
    size_t p, bands;
    size_t *from;                      // the first period of each band
    logit fit;                         // groups are the bands
    size_t cells;                      // different (traits, band) there were
    size_t longest;                    // periods anybody was watched
    int64_t n, ended, trials, ignored; // trials are person-periods
    enum estimate_state state;         // REFUSED: the gates of F24, or nothing to fit; why says what is missing
    const char *why;
} hazard;

// Refused below 100 who left, 100 who did not, or 10 who left per trait. Lives in a.
hazard hazard_fit(arena *a, const hazard_data *d);

// The chance of leaving in that period of a customer who reached it.
estimate hazard_in(const hazard *k, const double *z, size_t period);
// The share of such customers, here after `from` periods, who are still here after `to`.
estimate hazard_survival(const hazard *k, const double *z, size_t from, size_t to);
// How the odds of leaving in a period multiply with one more of trait j, Wald's interval.
estimate hazard_ratio(const hazard *k, size_t j);

#endif
