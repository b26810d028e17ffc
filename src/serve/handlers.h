// handlers: every handler that a route names, declared. For the files that hold them.
#ifndef HEED_HANDLERS_H
#define HEED_HANDLERS_H

#include "serve/route.h"

#define ROUTE(method, path, run, need, mode, asks, gives, flags, most_kb, text) bool run(call *c, err *e);
#include "serve/routes.def"

#endif
