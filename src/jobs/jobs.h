// jobs: work beside requests. A job is a row: something to be done once (an import, an undo), or again and again
// (tidying up, back-ups). A runner (jobs/runner.h) takes what is due by a lease, so that two processes never do one
// twice.
//
// A new kind is a row in jobs.def and a function job_KIND in this room; a room above brings its own kinds along with
// the runner. The function reads j->in, reads the store by job_reader or job_snapshot, writes by j->w in pieces, says
// how far it is, and asks now and then whether to go on. After a crash it begins again from its beginning, so it must
// be able to: what it did already must do no harm when it is done again (JOB_ONCE: it cannot, and is marked as failed
// instead).
#ifndef HEED_JOBS_H
#define HEED_JOBS_H

#include "base/json.h"
#include "jobs/writer.h"

enum {
    JOB_PLAIN = 0,
    JOB_RETRY = 1, // a failure is tried again, later and later
    JOB_ONCE = 2,  // not begun again after a crash
    JOB_OFF = 4,   // repeated, but not before somebody turns it on
};
enum job_state { JOB_WAITING, JOB_RUNNING, JOB_DONE, JOB_FAILED, JOB_CANCELLED };
const char *job_state_name(enum job_state s);

typedef struct job job;
typedef bool (*job_fn)(job *j, err *e);

typedef struct {
    const char *kind;
    int64_t every_s;
    job_fn run;
    int flags;
    const char *text; // one sentence
} job_kind;
const job_kind *job_kinds(size_t *n); // those of jobs.def

// A row of the table.
typedef struct {
    int64_t id, every_s, next_us, lease_us, done, total, created_us, started_us, ended_us, tries, version;
    enum job_state state;
    bool asked; // to stop
    str kind, args, lease, result, error, by;
} job_row;
job_row job_read(arena *a, const row *r);                                    // columns of job_get, job_list, job_due
must_use bool job_get(arena *a, store *s, int64_t id, job_row *out, err *e); // ERR_not_found

// ---- for whoever wants something done: in a transaction of the writer; wake the runner afterwards ----

typedef struct {
    const char *kind;
    str args;      // JSON object; empty: {}
    str by;        // "account:3", "system"
    int64_t at_us; // not before; 0: now
} new_job;
must_use bool job_make(store *s, const world *w, const new_job *n, int64_t *id, err *e);
// Whether one of a kind waits or runs already; $args: with exactly these, empty: with any.
must_use bool job_underway(store *s, const char *kind, str args, int64_t *id, err *e);
// A repeated job at once; its next time counts from then. ERR_conflict when it runs.
must_use bool job_run_now(store *s, const world *w, int64_t id, err *e);
// What waits is cancelled; what runs is asked to stop. ERR_conflict when it has ended, or is repeated and waits.
must_use bool job_cancel(store *s, const world *w, int64_t id, err *e);
// How often a repeated job runs and when next, and whether at all.
must_use bool job_schedule(store *s, int64_t id, int64_t every_s, int64_t next_us, bool on, err *e);
// Makes the rows of repeated kinds that are not there yet.
must_use bool jobs_ready(store *s, const world *w, const job_kind *more, size_t n_more, err *e);

// ---- for the functions ----

struct job {
    job_row row;
    const json_t *in; // its arguments
    writer *w;
    const world *world;
    const char *where; // the store
    arena *a;          // of this run
    json_out *out;     // its result: members of an object that is open; whole ones, best at the end
    void *run;         // private to the runner
};
void job_at(job *j, int64_t done, int64_t total); // how far it is; cheap, call it often
// False, with e filled, when it is time to stop: somebody cancelled it, or heed stops (then it goes on at the next
// start).
must_use bool job_goes_on(job *j, err *e);
// A reader of the store, as it is at each statement; it belongs to the run.
must_use bool job_reader(job *j, store **s, err *e);
// The same at one moment, with everything merged that had come until then.
must_use bool job_snapshot(job *j, store **s, err *e);

// ---- leases: for the runner ----

typedef struct {
    str name;           // whose they are: another one for every runner that was ever opened
    int64_t now_us, us; // how long they last
} lease;
// Takes a job that is due, or whose lease is over; row is as read. False in *got when somebody was quicker.
must_use bool job_claim(store *s, const lease *l, const job_row *row, bool *got, err *e);
// Renews it and notes how far it is; false in *mine when it is somebody else's by now.
must_use bool job_keep(store *s, const lease *l, int64_t id, int64_t done, int64_t total, bool *mine, err *e);
// Gives it back, with how it ended. JOB_WAITING: it goes on when somebody takes it next, at next_us.
typedef struct {
    enum job_state state;
    str result, error;
    int64_t done, total, next_us;
} job_ended;
must_use bool job_end(store *s, const lease *l, int64_t id, const job_ended *how, err *e);
// When a repeated job is due next: what was missed meanwhile is not made up for.
int64_t job_next(const job_row *row, int64_t now_us);
int64_t job_backoff(int64_t tries); // how long to wait after so many failures, in microseconds
enum { JOB_TRIES = 8, JOB_CRASHES = 5 };

#endif
