// estimate: a figure with its uncertainty. There is no other way to report a number.
#ifndef HEED_ESTIMATE_H
#define HEED_ESTIMATE_H

#include "base/base.h"

enum estimate_state {
    ESTIMATE_NONE,       // nothing was measured: no number
    ESTIMATE_THIN,       // too few answers: the number is directional, no verdict
    ESTIMATE_OK,
    ESTIMATE_REFUSED,    // the data cannot carry it; why says so
};

enum verdict { VERDICT_NONE, VERDICT_TOO_FEW, VERDICT_NO_CHANGE, VERDICT_BETTER, VERDICT_WORSE };

typedef struct {
    double value, lo, hi;   // in the measure's unit; the interval is 95 % unless said otherwise, clamped to the scale
    int64_t n;              // answered, exposed or observed units; skips never count
    const char *method;     // "adjusted Wald", "Wilson", "Garwood", …
    enum estimate_state state;
    const char *why;        // NULL, or what is missing: "12 more answers are needed"
    double var;             // variance of `point` below, for differences; 0 when unknown
    double point;           // the value the variance belongs to (the adjusted one where the method adjusts)
} estimate;

#define Z95 1.959963984540054

#endif
