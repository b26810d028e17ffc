// reward_earn: what points are due by the programmes: for orders, reviews, answers and referrals that are not rewarded
// yet; back for orders that were cancelled, returned or changed, and for what is not there any more; and those whose
// time is over.
//
// All of it follows from what is stored: what was done already is not found again, and every event has a key that
// follows from what it is for. So it can be stopped anywhere and begun again.
#ifndef HEED_REWARD_EARN_H
#define HEED_REWARD_EARN_H

#include "act/reward_note.h"

typedef struct {
    int64_t looked;                      // orders and other causes
    int64_t earned, taken_back, expired; // events
    int64_t held_back;                   // points beyond what a customer gets in a day
    int64_t suspicious;                  // referrals between what may be one person
    int64_t skipped;                     // customers who cannot be named
} reward_tally;

// Events found, some at a time; the list is forgotten when it returns.
typedef bool (*reward_found_fn)(void *ctx, const reward_told *list, size_t n, err *e);
typedef struct {
    int64_t now_us;
    reward_found_fn found;
    void *ctx;
    bool (*goes_on)(void *ctx, int64_t looked, err *e); // may be NULL
} reward_search;
// Reads alone: s may be another handle than the one that writes what was found.
must_use bool reward_find_due(store *s, const reward_search *q, reward_tally *t, err *e);
must_use bool reward_find_expired(store *s, const reward_search *q, reward_tally *t, err *e);

// Both, with one handle, and vouchers that are over: for commands and tests. In transactions of its own.
must_use bool reward_run(ledger *l, reward_tally *t, err *e);

#endif
