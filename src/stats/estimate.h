// estimate: a figure with its uncertainty. There is no other way to report a number.
//
// Shares are 0..1, NPS is −100..100, rates are per what the caller says. Intervals are 95 %. Only the state OK carries
// a verdict. What is computed here never looks at a clock, a file or the store.
#ifndef HEED_ESTIMATE_H
#define HEED_ESTIMATE_H

#include "base/base.h"

enum estimate_state {
    ESTIMATE_NONE, // nothing was measured: no number
    ESTIMATE_THIN, // too few answers: the number is directional, no verdict
    ESTIMATE_OK,
    ESTIMATE_REFUSED, // the data cannot carry it; why says so
};

enum verdict { VERDICT_NONE, VERDICT_TOO_FEW, VERDICT_NO_CHANGE, VERDICT_BETTER, VERDICT_WORSE };

typedef struct {
    double value, lo, hi; // in the measure's unit; the interval is 95 % unless said otherwise, clamped to the scale
    int64_t n;            // answered, exposed or observed units; skips never count
    const char *method;   // "adjusted Wald", "Wilson", "Garwood", …
    enum estimate_state state;
    const char *why; // NULL, or what is missing: "12 more answers are needed"
    double var;      // variance of `point` below, for differences; 0 when unknown
    double point;    // the value the variance belongs to (the adjusted one where the method adjusts)
    double eff;      // effective n behind the interval (see sampling_eff); 0 when unknown, INFINITY for a census
} estimate;

// A difference of two estimates: now less before, in the measure's unit, with its 95 % interval.
typedef struct {
    double diff, lo, hi;
    double p;           // two-sided, for "nothing changed"; NAN when it cannot be known
    const char *method; // NULL when there is no difference to show
} change;

// How the n units were drawn. All zero: from an unlimited population, each with equal weight.
typedef struct {
    int64_t base;   // how many there are in all (a small company's 60 customers); 0 = unlimited
    double deff;    // Kish's design effect of weights or clusters; 0 = 1
    int64_t need;   // effective n below which the estimate is THIN; 0 = ENOUGH
    const char *of; // what n counts, one of it, for the why text; NULL = "answer"
} sampling;

enum { ENOUGH = 30 }; // F02: below 30 answers a score is directional
#define Z95 1.959963984540054

// n after the design effect and the finite population: n/deff × (N−1)/(N−n). INFINITY when all were asked and answered.
double sampling_eff(sampling s, int64_t n);
// Kish's design effect of weights, 1 + CV²: n Σw² / (Σw)²; 1 for none or equal weights.
double sampling_deff(const double *weights, size_t n);

estimate estimate_none(const char *method, const char *why);
estimate estimate_refused(const char *method, const char *why);
// Fills n and eff, and sets the state: OK, THIN with how many more are needed, or NONE for n = 0.
void estimate_judge(arena *a, estimate *e, sampling s, int64_t n);
void estimate_clamp(estimate *e, double lo, double hi);
bool estimate_shown(const estimate *e); // is there a number: THIN or OK

change change_none(void);                                        // no difference can be told: p is NAN
change change_wald(double diff, double var, const char *method); // Z test and interval of a nearly normal difference
// Of two independent estimates by their points and variances; change_none when either has no variance.
change estimate_change(const estimate *now, const estimate *before);

#endif
