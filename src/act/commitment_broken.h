// commitment_broken: whom we owe an apology. A promise of ours is broken when its date is over and it is not kept; the
// apology is owed until somebody says sorry (an event commitment_apologised), keeps it after all, or for ninety days:
// what is older is history, and no reason any more to hold back a word.
#ifndef HEED_COMMITMENT_BROKEN_H
#define HEED_COMMITMENT_BROKEN_H

#include "know/commitment.h"

enum { BROKEN_DAYS = 90 };

// broken[i]: an apology is owed to profiles[i]. A customer is every one of its profiles.
must_use bool commitment_broken_of(store *s, const int64_t *profiles, size_t n, int64_t now_us, bool *broken, err *e);

typedef struct {
    int64_t id, customer, judged_us; // the commitment, to whom, and when it should have been kept
    enum commitment_kind kind;
} commitment_broken;
// Every broken promise that an apology is owed for, the oldest first; `most` 0: 10,000.
must_use bool commitment_broken_list(arena *a, store *s, int64_t now_us, size_t most, commitment_broken **out,
                                     size_t *n, err *e);

#endif
