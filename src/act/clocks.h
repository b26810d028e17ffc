// clocks: how long a customer waited for us in each conversation (F33): first reply, next replies, solution, waiting.
//
// Computed from the events whenever it is asked, by the hours of the agreement that held for the customer when a clock
// began. Bots and systems never stop one; what comes after a solution begins a new one; nothing but thanks begins none;
// until somebody of ours is named in the conversation the time is the team's.
#ifndef HEED_CLOCKS_H
#define HEED_CLOCKS_H

#include "know/standard.h"

typedef struct {
    int64_t from_us, to_us; // to_us is now while it lasts
    int64_t open_us;        // open time between
    int64_t team_us;        // of it, before anybody of ours was named
    enum clock_end end;
} clocked_wait;

typedef struct {
    int64_t profile, thread;
    enum channel channel; // by which it began
    bool reopened;
    int64_t start_us, reply_us, solved_us, waiting_us;      // as in stats/clock.h; 0: none
    int64_t reply_open_us, solved_open_us, waiting_open_us; // open time
    clocked_wait *waits;
    int n_waits;
    str agreement; // its name; empty: the usual hours
} clocked;

// From a customer's events, in any order; the oldest clock first.
void clocks_from(arena *a, agreements *hours, const int64_t *profiles, size_t n_profiles, str segment,
                 standard_event *evs, size_t n, int64_t now_us, clocked **out, size_t *n_out);
must_use bool clocks_of_customer(arena *a, store *s, int64_t customer, int64_t now_us, clocked **out, size_t *n,
                                 err *e);

#endif
