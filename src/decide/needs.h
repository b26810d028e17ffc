// needs: the customers who need us now, found in one pass over the summaries.
#ifndef HEED_NEEDS_H
#define HEED_NEEDS_H

#include "decide/today.h"

// The best of each need by value at stake, with names and last words. quiet_after: silence beyond this many of the
// customer's own median gaps; complaints of the last `days` days that no person has answered since.
must_use bool needs_find(arena *a, store *s, int64_t now_us, int days, int most, today *out, err *e);

#endif
