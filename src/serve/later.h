// later: a small change that nobody waits for: when somebody was last seen, a note in the audit log.
#ifndef HEED_LATER_H
#define HEED_LATER_H

#include "serve/server.h"

// Posts a piece with a copy of `size` bytes as its ctx.
must_use bool later_post(server *sv, piece_fn fn, const void *ctx, size_t size, err *e);

#endif
