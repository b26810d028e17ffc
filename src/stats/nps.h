// nps: the net promoter score with the adjusted Wald interval (F01-F04), in points from −100 to 100.
#ifndef HEED_NPS_H
#define HEED_NPS_H

#include "stats/estimate.h"

typedef struct {
    int64_t promoters, passives, detractors; // answers 9-10, 7-8, 0-6
} nps_counts;

// counts[i] answers gave mark lowest + i, up to highest. Only the 0-10 scale is one: for any other the estimate is
// REFUSED and says so.
estimate nps_of_marks(arena *a, const int64_t *counts, int lowest, int highest, sampling s);
nps_counts nps_count(const int64_t counts[11]);

// The raw score as value; the interval and point are those of the adjusted score. THIN below 30 answers.
estimate nps(arena *a, nps_counts c, sampling s);

// Two waves of different people: Z on the adjusted scores.
change nps_change(const estimate *now, const estimate *before);
// Two waves of the same people: moved[i][j] persons were in group i before and are in group j now (0 detractor,
// 1 passive, 2 promoter). Paired differences with Student's interval.
change nps_change_paired(const int64_t moved[3][3]);

// Answers needed for an interval of ± margin points; v is the variance of one answer (1 at worst, 0.61 is usual),
// base the number of customers in all or 0.
int64_t nps_need(double v, double margin, int64_t base);
// Answers needed in each of two waves to detect a change of that many points with that power (0.8) at the 5 % level.
int64_t nps_per_wave(double v, double points, double power);

#endif
