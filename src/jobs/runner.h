// runner: does the jobs that are due: one thread that looks what there is to do, and a few that do it.
#ifndef HEED_RUNNER_H
#define HEED_RUNNER_H

#include "base/log.h"
#include "jobs/jobs.h"

typedef struct runner runner;

typedef struct {
    writer *w;
    const char *where; // the store, for readers
    const world *world;
    const logger *log;    // may be NULL
    const job_kind *more; // kinds of rooms above
    size_t n_more;
    int workers;      // jobs at once, of different kinds; 0: 3
    int64_t lease_us; // 0: a minute
    int64_t only;     // this job alone; 0: whatever is due
    // Called when a job began, went on (at most once a second) or ended; on any thread. May be NULL.
    void (*told)(void *ctx, const job_row *j);
    void *ctx;
} runner_opts;

// Makes the rows of repeated kinds, and begins.
must_use bool runner_open(runner **out, runner_opts o, err *e);
// Asks what runs to stop, waits for it, and gives it back: it goes on at the next start. NULL is fine.
void runner_close(runner *r);
// There is something new to do, or somebody wants one to stop. NULL is fine.
void runner_wake(runner *r);
// There is new work for a repeated job: it begins a moment later, so that what comes together is done together, and at
// most once a second. When it runs next by itself stays as it is, and one that is turned off stays off. NULL is fine.
void runner_soon(runner *r, const char *kind);

#endif
