// calibrate: makes a score a probability, from rows that the score was not made from.
#ifndef HEED_CALIBRATE_H
#define HEED_CALIBRATE_H

#include "base/base.h"

enum calibration_kind { CALIBRATION_NONE, CALIBRATION_LINE, CALIBRATION_STEPS };

// From log odds to a probability: as they are; along a line (Platt 1999), which only turns and shifts the log odds; or
// along the best rising steps (isotonic: Ayer et al. 1955, Ann. Math. Stat. 26), joined by straight lines.
typedef struct {
    enum calibration_kind kind;
    double shift, slope;    // LINE: log odds become shift + slope × log odds
    size_t n;               // STEPS
    const double *odds, *p; // n, both rising
} calibration;

// Both need at least one row of each outcome. A line never turns the order round: its slope is 0 at least.
calibration calibrate_line(arena scratch, const double *odds, const bool *happened, size_t n);
calibration calibrate_steps(arena *a, const double *odds, const bool *happened, size_t n);

// Whichever has the least log loss in ten-fold cross-validation; a simpler one unless the other is measurably better.
// out, if not NULL, gets the n cross-validated probabilities of the choice.
calibration calibrate_choose(arena *a, const double *odds, const bool *happened, size_t n, double *out);

double calibrate(const calibration *c, double odds); // the probability, above 0 and below 1

#endif
