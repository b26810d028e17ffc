// What the handlers of promises share.
#ifndef HEED_API_PROMISES_H
#define HEED_API_PROMISES_H

#include "act/proposal.h"
#include "base/civil.h"
#include "serve/route.h"

must_use bool api_put_proposal(call *c, const char *key, const proposal *p, err *e);
// A day or a time in the store's zone; 0 when it is not given. day_end: a day is meant to its end.
must_use bool api_in_moment(call *c, const char *name, bool day_end, int64_t *at_us, err *e);

void api_put_week(call *c, const char *key, const calendar *cal); // the hours of seven days, Monday first

#endif
