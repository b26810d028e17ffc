// proportion: shares of answers, customers or orders, with Wilson's interval; and the differences of two shares.
//
// A score is answered on one scale: counts of different scales are never put together (F05).
#ifndef HEED_PROPORTION_H
#define HEED_PROPORTION_H

#include "stats/estimate.h"

// Wilson's interval of share p among n; n may be fractional or INFINITY (a census: the interval is p itself).
void proportion_wilson(double p, double n, double z, double *lo, double *hi);

// hits of n, as a share. Lists are sorted by its lo (Miller 2009).
estimate proportion(arena *a, int64_t hits, int64_t n, sampling s);

// A share among words of several people: hits[i] of n[i] words of person i. Words of one person hang together, so the
// interval is that of as many independent words as tell the same (Rao & Scott 1992): n by the variance of the ratio
// over persons beside that of independent words. Where all say the same, one word a person is what is known.
estimate proportion_clustered(arena *a, const int64_t *hits, const int64_t *n, size_t persons);
// Difference of two independent shares by Newcombe's hybrid score interval; p inverts the same interval, so that
// p < 0.05 exactly when the interval excludes 0.
change proportion_change(const estimate *now, const estimate *before);

// A score by the share of its top marks, and by its mean beside it. The distribution is the counts themselves.
typedef struct {
    estimate share, mean;
} scored;

// counts[i] answers gave mark lowest + i, of `points` marks; the share is that of the `top` highest.
scored proportion_scored(arena *a, const int64_t *counts, int points, int top, int lowest, sampling s);
scored proportion_csat(arena *a, const int64_t counts[5], sampling s); // F05: marks 1..5, share of 4 and 5
scored proportion_ces(arena *a, const int64_t counts[7], sampling s);  // F06: agreement 1..7, share of 5 to 7

// What became of those who were asked (AAPOR's final dispositions; skips and test traffic are none of these).
typedef struct {
    int64_t complete, partial, refused, no_contact, other, unknown;
} dispositions;

// F12: AAPOR RR1, complete answers among all asked, those of unknown eligibility included: the lowest rate of the
// family.
estimate proportion_response(arena *a, dispositions d);

#endif
