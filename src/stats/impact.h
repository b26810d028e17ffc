// impact: how many points of a score does a theme cost, or bring? (F38)
//
// v(T) = m(all) − m(rows with no theme of T), m the mean of what the rows say (score). A theme's impact is its Shapley
// value: its average step when themes are taken in every order (Shapley 1953). The parts sum to v of all themes, which
// leaving out one theme at a time does not when themes stand in the same rows; that stands beside.
#ifndef HEED_IMPACT_H
#define HEED_IMPACT_H

#include "base/rng.h"
#include "stats/estimate.h"

typedef struct {
    size_t rows, themes;
    const double *value;     // [rows] what a row adds to the score's mean: impact_nps(mark), a mark, 0 or 1
    const int64_t *customer; // [rows] whose rows hang together; NULL: each its own
    const uint32_t *start;   // [rows + 1] themes of row i: theme[start[i]] to theme[start[i + 1] − 1]
    const uint32_t *theme;   // below `themes`; twice is once
} impact_data;

static inline double impact_nps(int mark) { // 0..10
    return mark >= 9 ? 100 : mark <= 6 ? -100 : 0;
}

typedef struct {
    estimate shapley;        // points of the score, below 0: it costs; cluster bootstrap by customer, 95 %
    estimate leave_out;      // m(all) − m(all rows without it), as other tools have it
    double error;            // standard error of the sampled orders; 0 when exact
    int64_t rows, customers; // that have it
} impact_theme;

typedef struct {
    const impact_theme *theme; // [n] in the order of the numbers
    size_t n;
    estimate all, rest; // the score of all rows, and of those without any theme (NONE: there are none)
    double joint;       // v of all themes: what the Shapley values sum to
    double overlap;     // leave-outs' sum less joint: how far they count twice
    bool exact;         // all sets were gone through; else `orders` orders, each with its reverse
    size_t orders;
    enum estimate_state state; // THIN: fewer than 30 rows have no theme, so that there is little to compare with
    const char *why;
} impact;

enum { IMPACT_EXACT = 12 }; // up to so many themes every set is gone through

// rounds of the bootstrap (0 = 400). When every row has a theme, m(no rows) is m(all), and the parts sum to 0: themes
// are then compared with one another. Lives in a.
impact impact_of(arena *a, const impact_data *d, int rounds, rng *r);

#endif
