// concordance: how often, of two customers, the one who was said to be at higher risk left first.
//
// 0.5 is guessing, 1 is always. A pair counts when it is known who left first: one left while the other was watched and
// stayed longer; at the same time, whoever was only last seen stayed longer. Equal risks count half.
#ifndef HEED_CONCORDANCE_H
#define HEED_CONCORDANCE_H

#include "stats/survival.h"

typedef struct {
    estimate value;                      // n is the customers; REFUSED when there is no pair to compare
    double concordant, discordant, tied; // pairs; tied are those with the same risk
} concordance;

// risk[i] belongs to x[i]: more is riskier, NAN is left out. stratum (NULL, or 0, 1, …): only pairs within one count.
// Interval by the infinitesimal jackknife: Therneau & Atkinson, vignette "concordance" of R's survival.
concordance concordance_of(arena scratch, const stay *x, const double *risk, const int32_t *stratum, size_t n);

// The same for what simply happened or not: the area under the ROC curve. value.n is the rows. The interval is nearly
// that of DeLong, DeLong & Clarke-Pearson 1988, Biometrics 44, who divide by one less.
concordance concordance_auc(arena scratch, const double *risk, const bool *happened, size_t n);

#endif
