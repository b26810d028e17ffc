// clock: how long a customer waits for a person of ours (F33). A pure state machine over the steps of one conversation.
//
// A clock runs from the customer's first word to the solution. Machines never stop one. What comes after a solution
// starts a new clock, so that a conversation reopened days later is timed from the reopening. Inside a clock, each time
// the customer writes and nobody has answered yet is a wait; the first wait is the first reply, the others the next
// replies. Time before a person is assigned is the team's, and counts like any other. A phone call is two steps at the
// same instant: the customer's and the person's.
#ifndef HEED_CLOCK_H
#define HEED_CLOCK_H

#include "base/civil.h"

enum clock_who {
    CLOCK_OPENED,   // the customer's side opened or reopened it; not for a conversation that we began
    CLOCK_CUSTOMER, // the customer wrote
    CLOCK_MACHINE,  // a bot or the system wrote: changes nothing
    CLOCK_PERSON,   // a person of ours answered (notes that the customer does not see are no steps)
    CLOCK_SOLVED,   // we, or a machine of ours, called it solved
    CLOCK_STEPS,
};

typedef struct {
    int64_t at_us;
    enum clock_who who;
} clock_step;

enum clock_end { CLOCK_WAITING, CLOCK_REPLIED, CLOCK_CLOSED }; // still waiting, answered, solved without an answer

typedef struct {
    int64_t from_us, to_us; // to_us is now_us while it lasts
    int64_t open_us;        // open time between, by the calendar of the customer's agreement
    enum clock_end end;
} clock_wait;

// One clock.
typedef struct {
    int64_t start_us;
    int64_t reply_us;   // first reply of a person; 0 = none
    int64_t solved_us;  // 0 = not solved
    int64_t waiting_us; // since when the customer waits at now_us; 0 = does not wait
    int64_t reply_open_us, solved_open_us, waiting_open_us; // open time from start (waiting: from waiting_us to now)
    const clock_wait *waits;                                // waits[0] is the wait for the first reply
    int n_waits;
    bool reopened; // not the first clock of the conversation
} clock_run;

typedef struct {
    const clock_run *runs;
    int n;
} clock_runs;

// Steps in any order; those after now_us have not happened yet. At the same instant they count in the order of enum
// clock_who: the reply before the solution that was logged with it. cal NULL: every hour counts. Lives in a.
clock_runs clock_read(arena *a, const clock_step *steps, size_t n, const calendar *cal, int64_t now_us);

#endif
