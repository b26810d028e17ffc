// contingency: are counts in classes the same in all groups, or what was expected? Chi-square and G tests.
//
// Two shares alone are compared with an interval: proportion_change.
#ifndef HEED_CONTINGENCY_H
#define HEED_CONTINGENCY_H

#include "base/base.h"
#include "stats/estimate.h"

typedef struct {
    double chisq, p; // Pearson 1900; NAN when there is nothing to test
    double g, g_p;   // Woolf 1957; Sokal & Rohlf 1995, Biometry, 17
    int df;
    double v;     // Cramér's V, 0..1: how strong; of a table of groups only
    double least; // the smallest expected count
    // THIN when more than a fifth of the cells are expected below 5, or one below 1: then p is too small (Cochran 1954)
    enum estimate_state state;
    const char *why;
} contingency;

// counts of rows × columns, row by row. Rows and columns without any count are left out.
contingency contingency_of(const int64_t *counts, size_t rows, size_t columns);
// Counts of n classes against shares that sum to 1 (any positive weights do). A share of 0 that was seen gives p = 0.
contingency contingency_fit(const int64_t *counts, const double *shares, size_t n);

#endif
