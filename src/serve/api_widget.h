// What the handlers of the widget and of the public pages share.
#ifndef HEED_API_WIDGET_H
#define HEED_API_WIDGET_H

#include "act/ask.h"
#include "serve/handlers.h"
#include "serve/server.h"

// At most so many a minute from one address; ERR_too_many with Retry-After.
must_use bool widget_pace(call *c, const char *what, int64_t per_minute, err *e);
// Leaves an event for the writer, as said at this site; link: of what was asked, or NULL.
void widget_leave(call *c, const site *x, const event *ev, const ask_link *link);

#endif
