// page: what one customer's page tells beside who they are: who waits, what happened last, what was said.
#ifndef HEED_PAGE_H
#define HEED_PAGE_H

#include "know/person.h"
#include "ledger/ledger.h"

// A conversation in which the customer waits for us.
typedef struct {
    int64_t profile, since_us, opened_us;
    enum channel channel;
    const origin *from;
} page_wait;

// The longest first.
must_use bool page_waits(arena *a, store *s, const sources *all, const person *p, page_wait **out, size_t *n, err *e);

// The timeline, newest first, without what heed notes for itself (the identifiers of a profile).
typedef struct {
    int64_t before_us, before_key; // only what stands after this moment in the list; 0, 0: from the newest on
    int64_t since_us, until_us;    // since <= t < until; 0: no bound
    uint64_t kinds, channels;      // bit per kind and channel; 0: all
    bool in_thread;                // only what belongs to this conversation, order or contract
    int64_t thread;
    int64_t most; // 0: all
} moments_ask;
// Months are read from the newest back, so that the cost follows what is shown. *more: there are older ones.
must_use bool page_moments(arena *a, store *s, const person *p, const moments_ask *ask, record **out, size_t *n,
                           bool *more, err *e);

#endif
