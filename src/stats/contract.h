// contract: how customers under contract renew, and how long they will stay (F18): the shifted-beta-geometric curve and
// its Weibull kind.
//
// Every customer has an own chance of leaving at each renewal, and those chances are spread as a beta distribution.
// Whoever is likely to leave leaves first, so that the retention of a cohort rises with its age although no customer
// becomes more loyal: a constant churn rate fitted to the first years makes the later ones far too low. In the Weibull
// kind a customer's own chance may also change with time (c above 1: leaving becomes likelier).
// Fader & Hardie 2007, J. Interactive Marketing 21(1); 2018, 31(3) for the Weibull kind.
//
// Time is counted in contract periods (months or years). Shares are 0..1.
#ifndef HEED_CONTRACT_H
#define HEED_CONTRACT_H

#include "stats/survival.h"

// Customers by the renewals they have had. periods is the most that anybody could have had, and a little memory per
// period is all it costs: 10 million customers are as cheap as 10.
typedef struct {
    size_t periods;
    const int64_t *lost; // [periods]: lost[t] renewed t times and left instead of renewing once more
    const int64_t *open; // [periods + 1]: open[t] renewed t times and are still here
    const int64_t *late; // [periods + 1] or NULL: of all these, late[t] were first seen when they had renewed t times
} contract_counts;

// Counts stays (survival.h) whose times are in any unit; period is the length of a contract in it. Leaving within a
// period is leaving at its end. Stays that are not watched are ignored, as there. Lives in a.
contract_counts contract_count(arena *a, const stay *x, size_t n, double period);

enum contract_kind { CONTRACT_SBG, CONTRACT_BDW };

typedef struct {
    enum contract_kind kind;
    double alpha, beta;  // of the beta distribution of the chance of leaving; INFINITY when all are alike
    double c;            // 1 with CONTRACT_SBG
    double mean;         // α/(α+β): the chance of a new customer to leave at the first renewal
    double lo[3], hi[3]; // 95 % intervals of alpha, beta, c; NAN when alike
    double loglik;
    bool alike; // the data show no difference between customers: one chance for all
    int64_t n, lost;
    size_t periods;            // the longest seen; beyond it a curve is a projection
    enum estimate_state state; // REFUSED, THIN (fewer than 30 lost, or the curve is not determined), OK
    const char *why;
    double at[3], cov[9]; // how it is stored: logit of mean, log(α+β), log c, and their covariance
} contract;

// Refused when nobody has faced a renewal, nobody has left, or everybody left at the first renewal.
contract contract_fit(const contract_counts *d, enum contract_kind kind);
// The Weibull kind only where it fits better than chance explains: likelihood ratio test at 5 %.
contract contract_choose(const contract_counts *d);
const char *contract_name(const contract *k); // "shifted-beta-geometric"

// The share of new customers still here after t periods, and the share of those with t renewals who renew once more.
estimate contract_survival(const contract *k, double t);
estimate contract_renewal(const contract *k, double t);

// How many of these customers will still be here after so many further periods: here[t] have renewed t times. The
// interval holds both what is not known of the curve and chance.
estimate contract_forecast(const contract *k, const int64_t *here, size_t n, double periods);

// Discounted expected residual lifetime, in periods, just before the renewal that follows `renewed` renewals: a payment
// now if the customer renews, and those after it. Times the margin of a period it is the residual value.
// Refused below a discount of 0.0001 per period: the sum may have no end. Fader & Hardie 2010, Marketing Science 29(1).
estimate contract_residual(const contract *k, int64_t renewed, double discount);
// The same for a customer won today, whose first period counts as 1.
estimate contract_lifetime(const contract *k, double discount);

#endif
