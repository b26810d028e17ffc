// suppress: people who asked to be forgotten, or left alone. Their identifiers are remembered as salted hashes, so that
// a file read again, or a system that goes on sending, does not bring them back.
#ifndef HEED_SUPPRESS_H
#define HEED_SUPPRESS_H

#include "base/world.h"
#include "ledger/event.h"
#include "store/store.h"

enum suppress_mode {
    SUPPRESS_PAST = 1, // what happened before the erasure stays out; whoever comes back is a new customer
    SUPPRESS_ALL = 2,  // everything stays out
};

typedef struct suppressed suppressed;
must_use bool suppressed_load(suppressed **out, store *s, err *e);
void suppressed_close(suppressed *x); // NULL is fine
bool suppressed_any(const suppressed *x);
bool suppressed_event(const suppressed *x, const event *ev); // it must stay out

// In an open transaction. The salt is made with the first one.
must_use bool suppress_put(store *s, const world *w, enum ident_kind kind, str value, enum suppress_mode mode,
                           int64_t since_us, int64_t request_id, err *e);
// What happens from now on may come in again.
must_use bool suppress_lift(store *s, enum ident_kind kind, str value, int64_t *lifted, err *e);
must_use bool suppress_hash(store *s, enum ident_kind kind, str value, int64_t *hash, err *e);

#endif
