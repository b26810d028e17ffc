#include "stats/clock.h"

enum state { IDLE, WAITING, ANSWERED, STATES };

// What a step does is in the change of state: leaving IDLE starts a clock, entering WAITING a wait, going from WAITING
// to ANSWERED is the reply, and entering IDLE is the solution.
// clang-format off
static const int8_t next[STATES][CLOCK_STEPS] = {
    //            OPENED    CUSTOMER  MACHINE   PERSON    SOLVED
    [IDLE]     = {WAITING,  WAITING,  IDLE,     IDLE,     IDLE},
    [WAITING]  = {WAITING,  WAITING,  WAITING,  ANSWERED, IDLE},
    [ANSWERED] = {ANSWERED, WAITING,  ANSWERED, ANSWERED, IDLE},
};
// clang-format on

static int by_time(const void *x, const void *y) {
    const clock_step *u = x, *v = y;
    if (u->at_us != v->at_us) return u->at_us < v->at_us ? -1 : 1;
    return (u->who > v->who) - (u->who < v->who);
}

static int64_t open_between(const calendar *cal, int64_t from_us, int64_t to_us) {
    return cal ? business_us(cal, from_us, to_us) : to_us - from_us;
}

static void end_wait(clock_wait *w, const calendar *cal, int64_t at_us, enum clock_end end) {
    w->to_us = at_us;
    w->open_us = open_between(cal, w->from_us, at_us);
    w->end = end;
}

// The clocks and waits so far; the last of each is the one at hand.
typedef struct {
    clock_run *runs;
    clock_wait *waits;
    int n_runs, n_waits;
    const calendar *cal;
} reading;

static void begin(reading *r, enum state was, enum state is, int64_t at_us) {
    if (was == IDLE && is != IDLE) {
        r->runs[r->n_runs] = (clock_run){.start_us = at_us, .waits = r->waits + r->n_waits, .reopened = r->n_runs > 0};
        r->n_runs++;
    }
    if (was != WAITING && is == WAITING) {
        r->waits[r->n_waits++].from_us = at_us;
        r->runs[r->n_runs - 1].n_waits++;
    }
}

static void finish(reading *r, enum state was, enum state is, int64_t at_us) {
    if (was == IDLE || was == is) return;
    clock_run *c = &r->runs[r->n_runs - 1];
    if (was == WAITING) {
        end_wait(&r->waits[r->n_waits - 1], r->cal, at_us, is == IDLE ? CLOCK_CLOSED : CLOCK_REPLIED);
        if (is == ANSWERED && !c->reply_us) {
            c->reply_us = at_us;
            c->reply_open_us = open_between(r->cal, c->start_us, at_us);
        }
    }
    if (is == IDLE) {
        c->solved_us = at_us;
        c->solved_open_us = open_between(r->cal, c->start_us, at_us);
    }
}

clock_runs clock_read(arena *a, const clock_step *steps, size_t n, const calendar *cal, int64_t now_us) {
    reading r = {.runs = make(a, clock_run, n), .waits = make(a, clock_wait, n), .cal = cal};
    arena scratch = *a;
    clock_step *sorted = make(&scratch, clock_step, n);
    if (n) memcpy(sorted, steps, n * sizeof *sorted);
    if (n) qsort(sorted, n, sizeof *sorted, by_time);
    enum state state = IDLE;
    for (size_t i = 0; i < n && sorted[i].at_us <= now_us; i++) {
        enum state to = (enum state)next[state][sorted[i].who];
        finish(&r, state, to, sorted[i].at_us);
        begin(&r, state, to, sorted[i].at_us);
        state = to;
    }
    if (state == WAITING) {
        clock_wait *w = &r.waits[r.n_waits - 1];
        clock_run *c = &r.runs[r.n_runs - 1];
        end_wait(w, cal, now_us, CLOCK_WAITING);
        c->waiting_us = w->from_us;
        c->waiting_open_us = w->open_us;
    }
    return (clock_runs){.runs = r.runs, .n = r.n_runs};
}
