// reliability: how good probabilities were, once it is known what happened: proper scores, and whether what was said to
// happen to one in five happened to one in five.
#ifndef HEED_RELIABILITY_H
#define HEED_RELIABILITY_H

#include "stats/concordance.h"

// Rows whose probabilities are alike: what was said on average, and what happened (Wilson's interval).
typedef struct {
    double from, to, said;
    estimate seen;
} reliability_bin;

// Log loss and Brier score are proper: nobody gains by saying anything but what he believes. Less is better. loss_base
// and brier_base are those of always saying the share of all; below them a prediction is worth something.
typedef struct {
    int64_t n, hits;
    estimate loss, brier; // mean over the rows; loss in nats, a probability of 0 or 1 counts as 1e−15 from it
    double loss_base, brier_base;
    concordance auc;
    double ece; // expected calibration error: Σ of the bins' share × |said − seen|
    const reliability_bin *bins;
    size_t n_bins;
} reliability;

// n > 0 rows: said[i] of 0..1 and whether it happened. The bins (0 = 10) hold equally many rows; equal probabilities
// stand together, so there may be fewer. Lives in a.
// Brier 1950, Mon. Weather Rev. 78; Good 1952, J. R. Stat. Soc. B 14; Murphy & Winkler 1977, J. R. Stat. Soc. C 26;
// Naeini, Cooper & Hauskrecht 2015, AAAI.
reliability reliability_of(arena *a, const double *said, const bool *happened, size_t n, size_t bins);
// The same with bins of equal width, for the calibration error alone.
double reliability_ece_wide(const double *said, const bool *happened, size_t n, size_t bins);

double reliability_loss(double said, bool happened); // of one row, in nats
// Which of two predictions of the same rows has the smaller log loss: the paired difference, q less p, with its
// interval. hi < 0: q is measurably better.
change reliability_compare(arena scratch, const double *p, const double *q, const bool *happened, size_t n);

#endif
