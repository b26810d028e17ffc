// reward_liability: what the points and vouchers that customers hold will cost us: points × what a point is worth × the
// share that will be spent, with its range.
//
// The share comes from the company's own past: a life table of points by their age in months (of the points that were
// there at an age, how many were spent within the month), which uses lots that are still open as far as they are known
// (actuarial method, Cutler and Ederer 1958). The range is that of a jackknife that leaves out a twentieth of the
// customers at a time (Kott 2001), and of chance, because points of one customer are spent together.
#ifndef HEED_REWARD_LIABILITY_H
#define HEED_REWARD_LIABILITY_H

#include "act/programme.h"
#include "know/reward.h"
#include "stats/estimate.h"

typedef struct {
    int64_t programme; // 0: of no programme that is known: its points are worth what those of the first are
    str name;
    int32_t currency;
    int64_t points; // that can still be spent, now or later
    int64_t most;   // all of them spent, minor units
    estimate cost;  // what is expected, minor units
    estimate share; // of the points, how many will be spent
} liability_row;

typedef struct {
    int32_t currency;
    int64_t vouchers, most; // open ones, and what they take off at most
    estimate share;         // of those that are over, the share that was used (Wilson)
    estimate cost;          // minor units
} liability_vouchers;

typedef struct {
    liability_row *rows;
    size_t n;
    liability_vouchers *vouchers;
    size_t n_vouchers;
    int64_t customers; // who have or had points
} liability;

must_use bool reward_liability(arena *a, store *s, int64_t now_us, liability *out, err *e);

#endif
