// needs: the customers who need us now, found in one pass over the summaries.
#ifndef HEED_NEEDS_H
#define HEED_NEEDS_H

#include "decide/today.h"
#include "know/timeline.h"

// The best of each need by value at stake, with names and last words. quiet_after: silence beyond this many of the
// customer's own median gaps; complaints of the last `days` days that no person has answered since.
must_use bool needs_find(arena *a, store *s, int64_t now_us, int days, int most, today *out, err *e);

// What we stand to lose: net money of the last 365 days in this currency, or a year of contract worth so much a month.
int64_t need_at_stake(const timeline *t, int32_t day, int32_t unit, int64_t monthly);
int64_t need_yearly(const row *r); // what a year of their orders is worth, by all the time they have been with us

#endif
