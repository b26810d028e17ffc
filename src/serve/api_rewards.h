// What the handlers of points, vouchers and stories share.
#ifndef HEED_API_REWARDS_H
#define HEED_API_REWARDS_H

#include "serve/api_redlines.h"

// A code of ISO 4217, or the company's when it is not given; ERR_invalid when neither is.
must_use bool reward_unit_in(call *c, const char *field, int32_t *out, err *e);
// A day counts to its end; 0 when it is not given.
must_use bool reward_end_in(call *c, const char *field, int64_t *at_us, err *e);

#endif
