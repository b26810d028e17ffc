// What the handlers of stages share with those of customers and the inbox.
#ifndef HEED_API_STAGES_H
#define HEED_API_STAGES_H

#include "know/stage_figures.h"
#include "serve/handlers.h"

// Where a customer is, and what that changes now: shape stage_now, null in none.
must_use bool put_stage_now(call *c, const char *key, int64_t customer, err *e);

#endif
