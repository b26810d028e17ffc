// seen: every external key ever taken, exactly and for ever, in about eight bytes each.
//
// Keys are 64-bit hashes. They stand in the store as sorted runs in buckets by their leading bits. New ones gather in
// memory (the ledger's tail makes them durable) and are merged in bulk, because a tree of random keys would rewrite a
// page per event. A filter in memory answers "new" for most keys without a look into the store.
#ifndef HEED_SEEN_H
#define HEED_SEEN_H

#include "store/store.h"

typedef struct seen seen;

must_use bool seen_open(seen **out, store *s, err *e);
void seen_close(seen *k);

// known[i] says whether keys[i] was there before this call (or came earlier in it); new ones are added.
must_use bool seen_take(seen *k, arena scratch, const uint64_t *keys, size_t n, bool *known, err *e);
// The same question without adding anything.
must_use bool seen_ask(seen *k, arena scratch, const uint64_t *keys, size_t n, bool *known, err *e);
// Adds keys without asking: replay of the tail.
void seen_add(seen *k, const uint64_t *keys, size_t n);
size_t seen_pending(const seen *k);
// Merges what is pending into the store, in the open transaction.
must_use bool seen_merge(seen *k, err *e);
// Forgets every key, in the store too: a rebuild adds them again from the events.
must_use bool seen_reset(seen *k, err *e);

#endif
