// What the handlers of red lines, concessions and costs share: reading what is asked.
#ifndef HEED_API_REDLINES_H
#define HEED_API_REDLINES_H

#include "base/civil.h"
#include "base/money.h"
#include "decide/approval.h"
#include "serve/handlers.h"
#include "serve/looks.h"
#include "serve/server.h"

// "in": an object of the shape concession_ask; place: where it stands ("ask."), for messages.
must_use bool ask_in(call *c, const json_t *in, const char *place, concession_ask *out, err *e);
must_use bool currency_in(call *c, const char *field, str code, int32_t *out, err *e); // 0 when empty
must_use bool kinds_in(call *c, const char *field, const json_t *list, uint32_t *out, err *e);
// A day or a time in the store's zone, or how long ago; 0 when it is empty.
must_use bool moment_in(call *c, const char *field, str text, int64_t *at_us, err *e);
// A message about a field of a row, with its field.
bool fail_about(call *c, err *e, const char *field, const err *why);

#endif
