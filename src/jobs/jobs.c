#include "jobs/jobs.h"
#include "sql/serve_jobs.h"

#define JOB(kind, every_s, flags, text) bool job_##kind(job *j, err *e);
#include "jobs/jobs.def"

static const job_kind kinds[] = {
#define JOB(kind, every_s, flags, text) {#kind, every_s, job_##kind, flags, text},
#include "jobs/jobs.def"
};

const job_kind *job_kinds(size_t *n) {
    *n = COUNT(kinds);
    return kinds;
}

const char *job_state_name(enum job_state s) {
    static const char *const names[] = {"waiting", "running", "done", "failed", "cancelled"};
    return names[s];
}

job_row job_read(arena *a, const row *r) {
    return (job_row){.id = row_int(r, 0),
                     .kind = str_dup(a, row_str(r, 1)),
                     .args = str_dup(a, row_str(r, 2)),
                     .state = (enum job_state)row_int(r, 3),
                     .every_s = row_int(r, 4),
                     .next_us = row_int(r, 5),
                     .lease = str_dup(a, row_str(r, 6)),
                     .lease_us = row_int(r, 7),
                     .done = row_int(r, 8),
                     .total = row_int(r, 9),
                     .result = str_dup(a, row_str(r, 10)),
                     .error = str_dup(a, row_str(r, 11)),
                     .created_us = row_int(r, 12),
                     .started_us = row_int(r, 13),
                     .ended_us = row_int(r, 14),
                     .by = str_dup(a, row_str(r, 15)),
                     .tries = row_int(r, 16),
                     .asked = row_int(r, 17) != 0,
                     .version = row_int(r, 18)};
}

bool job_get(arena *a, store *s, int64_t id, job_row *out, err *e) {
    bool found = false;
    for (row r = store_query(s, Q_job_get, e, "i", id); row_next(&r);) *out = job_read(a, &r), found = true;
    if (!err_ok(e)) return false;
    return found || fail(e, ERR_not_found, "there is no job %" PRId64, id);
}

// ---- asking for work ----

enum { REPEATED = 99 };

static bool put(store *s, int64_t now_us, const new_job *n, enum job_state state, int64_t every_s, int64_t *id,
                err *e) {
    int64_t next = n->at_us ? n->at_us : now_us;
    // What repeats has the small numbers: they stay the same, and people know them.
    int64_t least = every_s ? 0 : REPEATED;
    return store_int(s, every_s ? Q_job_last_repeated : Q_job_last, id, 0, e, "") && (*id = MAX(*id, least) + 1) &&
           store_run(s, Q_job_put, NULL, e, "ittiiiit", *id, str_c(n->kind), n->args.len ? n->args : S("{}"),
                     (int64_t)state, every_s, next, now_us, n->by);
}

bool job_make(store *s, const world *w, const new_job *n, int64_t *id, err *e) {
    return put(s, w->now_us(w), n, JOB_WAITING, 0, id, e);
}

bool job_underway(store *s, const char *kind, str args, int64_t *id, err *e) {
    *id = 0;
    return store_int(s, Q_job_underway, id, 0, e, "tt", str_c(kind), args);
}

bool job_run_now(store *s, const world *w, int64_t id, err *e) {
    arena a = arena_open((size_t)1 << 28);
    job_row r;
    int64_t changed = 0;
    bool ok = job_get(&a, s, id, &r, e);
    if (ok && !r.every_s) ok = fail(e, ERR_conflict, "job %" PRId64 " is not one that is repeated", id);
    ok = ok && store_run(s, Q_job_run_now, &changed, e, "ii", id, w->now_us(w));
    if (ok && !changed) ok = fail(e, ERR_conflict, "job %" PRId64 " is running already", id);
    arena_close(&a);
    return ok;
}

bool job_cancel(store *s, const world *w, int64_t id, err *e) {
    arena a = arena_open((size_t)1 << 28);
    job_row r;
    int64_t changed = 0;
    bool ok = job_get(&a, s, id, &r, e) && store_run(s, Q_job_ask, &changed, e, "i", id);
    if (ok && !changed) ok = store_run(s, Q_job_cancel_waiting, &changed, e, "ii", id, w->now_us(w));
    if (ok && !changed && r.every_s)
        ok = fail(e, ERR_conflict, "job %" PRId64 " does not run now; to keep it from running, turn it off", id);
    else if (ok && !changed)
        ok = fail(e, ERR_conflict, "job %" PRId64 " has ended: it is %s", id, job_state_name(r.state));
    arena_close(&a);
    return ok;
}

bool job_schedule(store *s, int64_t id, int64_t every_s, int64_t next_us, bool on, err *e) {
    enum { LEAST = 15, MOST = 366 * 86400 };
    arena a = arena_open((size_t)1 << 28);
    job_row r;
    bool ok = job_get(&a, s, id, &r, e);
    if (ok && !r.every_s) ok = fail(e, ERR_conflict, "job %" PRId64 " is not one that is repeated", id);
    if (ok && (every_s < LEAST || every_s > MOST))
        ok = fail(e, ERR_invalid, "a job is repeated every %d to %d seconds", LEAST, MOST);
    if (ok) {
        enum job_state state = r.state == JOB_RUNNING ? JOB_RUNNING : on ? JOB_WAITING : JOB_DONE;
        ok = store_run(s, Q_job_schedule, NULL, e, "iiii", id, on ? every_s : -every_s, next_us, (int64_t)state);
    }
    arena_close(&a);
    return ok;
}

// The first time of a repeated job is spread over its first hour, so that they do not all begin with the program.
static bool ready(store *s, const world *w, const job_kind *k, size_t nth, err *e) {
    bool there = false;
    int64_t id, now = w->now_us(w);
    if (!k->every_s) return true;
    for (row r = store_query(s, Q_job_kinds_repeated, e, ""); row_next(&r);)
        there |= str_eq(row_str(&r, 0), str_c(k->kind));
    if (!err_ok(e) || there) return err_ok(e);
    bool off = k->flags & JOB_OFF;
    new_job n = {.kind = k->kind, .by = S("system"), .at_us = now + (int64_t)(500 + 100 * (nth + 1)) * 1000000};
    return put(s, now, &n, off ? JOB_DONE : JOB_WAITING, off ? -k->every_s : k->every_s, &id, e);
}

bool jobs_ready(store *s, const world *w, const job_kind *more, size_t n_more, err *e) {
    bool ok = true;
    for (size_t i = 0; ok && i < COUNT(kinds); i++) ok = ready(s, w, &kinds[i], i, e);
    for (size_t i = 0; ok && i < n_more; i++) ok = ready(s, w, &more[i], COUNT(kinds) + i, e);
    return ok;
}

// ---- leases ----

bool job_claim(store *s, const lease *l, const job_row *r, bool *got, err *e) {
    int64_t changed = 0;
    bool ok = store_run(s, Q_job_claim, &changed, e, "itiiitii", r->id, l->name, l->now_us + l->us, l->now_us,
                        (int64_t)r->state, r->lease, r->lease_us, r->next_us);
    *got = changed == 1;
    return ok;
}

bool job_keep(store *s, const lease *l, int64_t id, int64_t done, int64_t total, bool *mine, err *e) {
    int64_t changed = 0;
    bool ok = store_run(s, Q_job_keep, &changed, e, "itiii", id, l->name, l->now_us + l->us, done, total);
    *mine = changed == 1;
    return ok;
}

int64_t job_next(const job_row *r, int64_t now_us) {
    int64_t every = (r->every_s < 0 ? -r->every_s : r->every_s) * 1000000;
    if (!every || r->next_us > now_us) return r->next_us;
    return r->next_us + ((now_us - r->next_us) / every + 1) * every;
}

int64_t job_backoff(int64_t tries) {
    int64_t minutes = tries > 7 ? 60 : (int64_t)1 << MAX(tries - 1, 0);
    return MIN(minutes, 60) * 60 * 1000000;
}

bool job_end(store *s, const lease *l, int64_t id, const job_ended *how, err *e) {
    arena a = arena_open((size_t)1 << 28);
    job_row r;
    bool ok = job_get(&a, s, id, &r, e), over = how->state != JOB_WAITING;
    if (ok) {
        // A repeated one waits for its next time however it went.
        bool again = over && r.every_s > 0;
        int64_t next = again ? job_next(&r, l->now_us) : over ? r.next_us : how->next_us;
        ok = store_run(s, Q_job_end, NULL, e, "itittiiiii", id, l->name, (int64_t)(again ? JOB_WAITING : how->state),
                       how->result, how->error, how->done, how->total, next, l->now_us, over ? (int64_t)0 : r.tries);
    }
    arena_close(&a);
    return ok;
}
