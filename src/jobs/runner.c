#include <pthread.h>
#include <stdatomic.h>

#include "jobs/runner.h"
#include "sql/ledger.h"
#include "sql/serve_jobs.h"

enum { WORKERS = 3, WORKERS_MOST = 16, DUE = 500, RESULT_MOST = 1 << 20 };
static const int64_t LEASE_US = 60 * 1000000, NOTE_US = 1000000; // how often progress is noted
static const int64_t LOOK_US = 1000000, SOON_US = 20000, AWAKE_US = 500000;
enum { SOON_KINDS = 8 };
static const int64_t GATHER_US = 100000, APART_US = 1000000; // of jobs that are asked for: how long, and how often

enum why { GOES_ON, CANCELLED, STOPPING, LOST };

// A job that is being done.
typedef struct {
    runner *r;
    const job_kind *kind; // NULL: the place is free
    pthread_t thread;
    atomic_bool finished;
    atomic_int why; // enum why
    atomic_llong done, total;
    // the looking thread's own
    int64_t noted_done, noted_us, renewed_us;
    // the working thread's own
    job j;
    arena a;
    buf b;
    json_out out;
    store *s;
} run;

// A repeated kind that somebody asked for.
typedef struct {
    const job_kind *kind;
    bool asked;
    int64_t from_us, last_us; // not before; when it began last
} soon;

struct runner {
    runner_opts o;
    arena life, look; // look: of one round
    char name[40];
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t come;
    bool started, stop;
    int64_t awake_us; // until when to look often: somebody said that there is something
    soon soon[SOON_KINDS];
    size_t n_soon;
    store *s; // the looking thread's
    run *runs;
    int n_runs;
};

static int64_t clock_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static lease mine(const runner *r) {
    return (lease){str_c(r->name), r->o.world->now_us(r->o.world), r->o.lease_us};
}

static void note(const runner *r, enum log_level level, const char *what, const run *x, const char *why) {
    char id[24];
    snprintf(id, sizeof id, "%" PRId64, x->j.row.id);
    if (r->o.log) log_line(r->o.log, level, what, "job", id, "kind", x->kind->kind, "error", why, (const char *)NULL);
}

static void tell(const runner *r, const job_row *now) {
    if (r->o.told) r->o.told(r->o.ctx, now);
}

// ---- what functions use ----

void job_at(job *j, int64_t done, int64_t total) {
    run *x = j->run;
    if (!x) return;
    atomic_store(&x->done, done);
    atomic_store(&x->total, total);
}

bool job_goes_on(job *j, err *e) {
    run *x = j->run;
    switch (x ? (enum why)atomic_load(&x->why) : GOES_ON) {
    case GOES_ON: return true;
    case CANCELLED: return fail(e, ERR_conflict, "it was cancelled");
    case STOPPING: return fail(e, ERR_unavailable, "heed is stopping; it goes on at the next start");
    case LOST: return fail(e, ERR_conflict, "somebody else does it by now");
    }
    return true;
}

bool job_reader(job *j, store **s, err *e) {
    run *x = j->run;
    if (!x->s && !store_open(&x->s, str_c(j->where), (store_opts){.read_only = true, .cache_mb = 8}, e)) return false;
    *s = x->s;
    return true;
}

// Between two pieces of the writer nothing changes, so what the reader sees first is what was merged just now.
static bool pin(void *ctx, desk *d, err *e) {
    run *x = ctx;
    int64_t n;
    return ledger_flush(know_ledger(d->k), e) && store_begin_read(x->s, e) && store_int(x->s, Q_tail_any, &n, 0, e, "");
}

bool job_snapshot(job *j, store **s, err *e) {
    run *x = j->run;
    if (!job_reader(j, s, e)) return false;
    store_rollback(x->s);
    return writer_alone(j->w, pin, x, e);
}

// ---- doing one ----

typedef struct {
    const runner *r;
    int64_t id;
    job_ended how;
} ending;

static bool end_piece(void *ctx, desk *d, err *e) {
    ending *x = ctx;
    lease l = mine(x->r);
    return job_end(d->s, &l, x->id, &x->how, e);
}

// What did not work may yet: a full disk, a server that was away. Until then the lease holds others off.
static void end_it(run *x, const job_ended *how) {
    ending to = {x->r, x->j.row.id, *how};
    for (int i = 0; i < 20; i++) {
        err e = {0};
        if (writer_do(x->r->o.w, end_piece, &to, &e)) return;
        note(x->r, LOG_ERROR, "how a job ended could not be stored", x, e.msg);
        if (atomic_load(&x->why) != GOES_ON) return;
        nanosleep(&(struct timespec){.tv_sec = 1}, NULL);
    }
}

static bool tries_again(const run *x, const err *e) {
    return x->kind->flags & JOB_RETRY && x->j.row.tries < JOB_TRIES && e->code != ERR_invalid && e->code != ERR_usage &&
           e->code != ERR_denied;
}

static void finish(run *x, bool ok, const err *e) {
    enum why why = (enum why)atomic_load(&x->why);
    const job_row *was = &x->j.row;
    int64_t now = x->r->o.world->now_us(x->r->o.world);
    job_ended how = {.state = JOB_DONE, .done = atomic_load(&x->done), .total = atomic_load(&x->total)};
    json_close(&x->out, '}');
    how.result = x->b.full ? S("{}") : buf_str(&x->b);
    if (!ok) how.state = JOB_FAILED, how.error = str_c(e->msg);
    if (!ok && why == CANCELLED) how.state = JOB_CANCELLED, how.error = S("");
    if (!ok && why == STOPPING && !(x->kind->flags & JOB_ONCE)) how.state = JOB_WAITING, how.next_us = was->next_us;
    if (how.state == JOB_FAILED && tries_again(x, e))
        how.state = JOB_WAITING, how.next_us = now + job_backoff(was->tries);
    if (how.state == JOB_FAILED) note(x->r, LOG_WARN, "a job failed", x, e->msg);
    if (!ok && why == LOST) return;
    end_it(x, &how);
    job_row told = *was;
    told.state = how.state, told.done = how.done, told.total = how.total, told.error = how.error;
    told.result = how.result, told.ended_us = now;
    tell(x->r, &told);
}

static void *work(void *ctx) {
    run *x = ctx;
    err e = {0};
    json_t *in = NULL;
    bool ok = json_read(x->j.row.args, &in, &e);
    x->j.in = in;
    writer_known(x->r->o.w, x->kind->kind);
    json_open(&x->out, NULL, '{');
    tell(x->r, &x->j.row);
    if (ok && x->j.row.tries > JOB_CRASHES)
        ok = fail(&e, ERR_internal, "heed ended %d times while it ran", JOB_CRASHES);
    ok = ok && x->kind->run(&x->j, &e);
    if (x->s) store_close(x->s);
    x->s = NULL;
    finish(x, ok, &e);
    writer_known(x->r->o.w, NULL);
    json_decref(in);
    pthread_mutex_lock(&x->r->lock);
    atomic_store(&x->finished, true);
    x->r->awake_us = clock_us() + SOON_US; // its place is free for the next
    pthread_cond_signal(&x->r->come);
    pthread_mutex_unlock(&x->r->lock);
    return NULL;
}

// ---- looking what there is to do ----

static void reap(run *x) {
    pthread_join(x->thread, NULL);
    arena_close(&x->a);
    x->kind = NULL;
}

static void reap_finished(runner *r) {
    for (int i = 0; i < r->n_runs; i++)
        if (r->runs[i].kind && atomic_load(&r->runs[i].finished)) reap(&r->runs[i]);
}

static const job_kind *kind_named(const runner *r, str kind) {
    size_t n;
    const job_kind *all = job_kinds(&n);
    for (size_t i = 0; i < n; i++)
        if (str_eq(kind, str_c(all[i].kind))) return &all[i];
    for (size_t i = 0; i < r->o.n_more; i++)
        if (str_eq(kind, str_c(r->o.more[i].kind))) return &r->o.more[i];
    return NULL;
}

static run *free_place(runner *r) {
    for (int i = 0; i < r->n_runs; i++)
        if (!r->runs[i].kind) return &r->runs[i];
    return NULL;
}

static bool runs_now(const runner *r, const job_kind *k) {
    for (int i = 0; i < r->n_runs; i++)
        if (r->runs[i].kind == k) return true;
    return false;
}

typedef struct {
    runner *r;
    const job_row *due;
    bool got;
    bool lost; // its last run ended with the program, and it must not be begun again
} claim;

static bool claim_piece(void *ctx, desk *d, err *e) {
    claim *x = ctx;
    lease l = mine(x->r);
    if (!job_claim(d->s, &l, x->due, &x->got, e)) return false;
    if (!x->got || !x->lost) return true;
    job_ended how = {.state = JOB_FAILED, .result = S("{}"), .error = S("heed ended while it ran")};
    return job_end(d->s, &l, x->due->id, &how, e);
}

static void begin(runner *r, run *x, const job_kind *k, const job_row *due) {
    *x = (run){.r = r, .a = arena_open((size_t)1 << 34)};
    x->kind = k;
    x->b = buf_new(&x->a, RESULT_MOST);
    x->out = json_to(&x->b);
    x->j = (job){.row = *due, .w = r->o.w, .world = r->o.world, .where = r->o.where};
    str *const texts[] = {&x->j.row.kind,   &x->j.row.args,  &x->j.row.lease,
                          &x->j.row.result, &x->j.row.error, &x->j.row.by};
    for (size_t i = 0; i < COUNT(texts); i++) *texts[i] = str_dup(&x->a, *texts[i]);
    x->j.row.state = JOB_RUNNING, x->j.row.tries++;
    x->j.row.started_us = r->o.world->now_us(r->o.world);
    x->j.row.done = x->j.row.total = 0;
    x->j.a = &x->a, x->j.out = &x->out, x->j.run = x;
    x->renewed_us = x->noted_us = clock_us();
    if (pthread_create(&x->thread, NULL, work, x)) {
        note(r, LOG_ERROR, "no thread for a job", x, "");
        arena_close(&x->a);
        x->kind = NULL; // its lease runs out
    }
}

static void take(runner *r, const job_row *due, err *e) {
    const job_kind *k = kind_named(r, due->kind);
    run *x = free_place(r);
    if (!k || !x || runs_now(r, k) || (r->o.only && due->id != r->o.only)) return;
    claim c = {.r = r, .due = due, .lost = due->state == JOB_RUNNING && k->flags & JOB_ONCE};
    if (writer_do(r->o.w, claim_piece, &c, e) && c.got && !c.lost) begin(r, x, k, due);
}

static bool reader(runner *r, err *e) {
    return r->s || store_open(&r->s, str_c(r->o.where), (store_opts){.read_only = true, .cache_mb = 2}, e);
}

static void take_due(runner *r, err *e) {
    arena_reset(&r->look);
    job_row *rows = make(&r->look, job_row, DUE);
    int64_t n = 0, now = r->o.world->now_us(r->o.world);
    if (!free_place(r)) return;
    for (row q = store_query(r->s, Q_job_due, e, "iti", now, str_c(r->name), (int64_t)DUE); row_next(&q);)
        if (n < DUE) rows[n++] = job_read(&r->look, &q);
    for (int64_t i = 0; err_ok(e) && i < n; i++) take(r, &rows[i], e);
}

// ---- what somebody asked for ----

static soon *soon_of(runner *r, const char *kind) {
    for (size_t i = 0; i < r->n_soon; i++)
        if (!strcmp(r->soon[i].kind->kind, kind)) return &r->soon[i];
    const job_kind *k = kind_named(r, str_c(kind));
    if (!k || r->n_soon == SOON_KINDS) return NULL;
    r->soon[r->n_soon] = (soon){.kind = k};
    return &r->soon[r->n_soon++];
}

// One that is to begin now. What comes from here on asks again.
static const job_kind *soon_take(runner *r) {
    const job_kind *k = NULL;
    const int64_t now = clock_us();
    pthread_mutex_lock(&r->lock);
    for (size_t i = 0; i < r->n_soon && !k; i++) {
        soon *x = &r->soon[i];
        if (!x->asked || x->from_us > now || runs_now(r, x->kind)) continue;
        x->asked = false, x->last_us = now;
        k = x->kind;
    }
    pthread_mutex_unlock(&r->lock);
    return k;
}

static bool begin_soon(runner *r, const job_kind *k, err *e) {
    job_row j = {0};
    int64_t id = 0;
    if (!store_int(r->s, Q_job_repeated, &id, 0, e, "t", str_c(k->kind))) return false;
    if (!id || !job_get(&r->look, r->s, id, &j, e)) return err_ok(e);
    if (j.state == JOB_WAITING && j.every_s > 0) take(r, &j, e);
    return err_ok(e);
}

static void take_soon(runner *r, err *e) {
    for (const job_kind *k; err_ok(e) && free_place(r) && (k = soon_take(r));) begin_soon(r, k, e);
}

// Under the lock: until when to sleep.
static int64_t look_next(const runner *r) {
    const int64_t now = clock_us();
    int64_t until = now + (now < r->awake_us ? SOON_US : LOOK_US);
    for (size_t i = 0; i < r->n_soon; i++)
        if (r->soon[i].asked && !runs_now(r, r->soon[i].kind))
            until = MIN(until, MAX(r->soon[i].from_us, now + SOON_US));
    return until;
}

// ---- those that run: their leases, how far they are, whether they are to stop ----

static bool keep_piece(void *ctx, desk *d, err *e) {
    runner *r = ctx;
    lease l = mine(r);
    for (int i = 0; i < r->n_runs; i++) {
        run *x = &r->runs[i];
        bool still = true;
        if (!x->kind || atomic_load(&x->finished)) continue;
        if (!job_keep(d->s, &l, x->j.row.id, atomic_load(&x->done), atomic_load(&x->total), &still, e)) return false;
        // It may have ended just now, and then nobody asks any more.
        if (!still) atomic_store(&x->why, LOST);
    }
    return true;
}

static void keep(runner *r, err *e) {
    int64_t now = clock_us(), third = r->o.lease_us / 3;
    bool any = false;
    for (int i = 0; i < r->n_runs; i++) {
        run *x = &r->runs[i];
        if (!x->kind || atomic_load(&x->finished) || now - x->noted_us < NOTE_US) continue;
        bool moved = x->noted_done != atomic_load(&x->done), due = now - x->renewed_us > third;
        if (!moved && !due) continue;
        any = true;
        x->noted_done = atomic_load(&x->done), x->noted_us = x->renewed_us = now;
        job_row told = x->j.row;
        told.done = x->noted_done, told.total = atomic_load(&x->total);
        tell(r, &told);
    }
    if (any && !writer_do(r->o.w, keep_piece, r, e) && r->o.log)
        log_line(r->o.log, LOG_WARN, "leases of jobs could not be renewed", "error", e->msg, (const char *)NULL);
}

static void ask(runner *r, err *e) {
    bool any = false;
    for (int i = 0; i < r->n_runs; i++) any |= r->runs[i].kind != NULL;
    if (!any) return;
    for (row q = store_query(r->s, Q_job_asked, e, "t", str_c(r->name)); row_next(&q);)
        for (int i = 0; i < r->n_runs; i++) {
            int goes_on = GOES_ON;
            if (r->runs[i].kind && r->runs[i].j.row.id == row_int(&q, 0))
                atomic_compare_exchange_strong(&r->runs[i].why, &goes_on, CANCELLED);
        }
}

static void look(runner *r) {
    err e = {0};
    reap_finished(r);
    keep(r, &e);
    err_clear(&e);
    if (reader(r, &e)) ask(r, &e);
    if (err_ok(&e) && r->s) take_due(r, &e);
    if (err_ok(&e) && r->s) take_soon(r, &e);
    if (err_ok(&e)) return;
    if (r->o.log && e.code != ERR_unavailable)
        log_line(r->o.log, LOG_WARN, "what is to be done could not be read", "error", e.msg, (const char *)NULL);
    store_close(r->s); // a connection that broke is made anew
    r->s = NULL;
}

static void *look_on(void *ctx) {
    runner *r = ctx;
    writer_known(r->o.w, "jobs");
    pthread_mutex_lock(&r->lock);
    while (!r->stop) {
        pthread_mutex_unlock(&r->lock);
        look(r);
        pthread_mutex_lock(&r->lock);
        if (r->stop) break;
        int64_t until = look_next(r);
        pthread_cond_timedwait(&r->come, &r->lock, &(struct timespec){until / 1000000, until % 1000000 * 1000});
    }
    pthread_mutex_unlock(&r->lock);
    writer_known(r->o.w, NULL);
    return NULL;
}

// ---- opening and closing ----

static bool ready_piece(void *ctx, desk *d, err *e) {
    const runner *r = ctx;
    return jobs_ready(d->s, d->w, r->o.more, r->o.n_more, e);
}

static void draw_name(runner *r) {
    unsigned char dice[12];
    size_t n = 0;
    r->o.world->random(r->o.world, dice, sizeof dice);
    for (size_t i = 0; i < sizeof dice; i++) n += (size_t)snprintf(r->name + n, sizeof r->name - n, "%02x", dice[i]);
}

bool runner_open(runner **out, runner_opts o, err *e) {
    arena life = arena_open((size_t)1 << 22);
    runner *r = make(&life, runner, 1);
    *r = (runner){.o = o, .n_runs = o.workers ? MIN(o.workers, WORKERS_MOST) : WORKERS};
    r->runs = make(&life, run, r->n_runs);
    r->life = life, r->look = arena_open((size_t)1 << 30);
    if (!r->o.lease_us) r->o.lease_us = LEASE_US;
    draw_name(r);
    pthread_mutex_init(&r->lock, NULL);
    pthread_condattr_t mono;
    pthread_condattr_init(&mono);
    pthread_condattr_setclock(&mono, CLOCK_MONOTONIC);
    pthread_cond_init(&r->come, &mono);
    pthread_condattr_destroy(&mono);
    bool ok = writer_do(o.w, ready_piece, r, e);
    if (ok && pthread_create(&r->thread, NULL, look_on, r)) ok = fail(e, ERR_internal, "no thread for jobs");
    r->started = ok;
    if (!ok) return runner_close(r), false;
    *out = r;
    return true;
}

void runner_close(runner *r) {
    if (!r) return;
    pthread_mutex_lock(&r->lock);
    r->stop = true;
    pthread_cond_signal(&r->come);
    pthread_mutex_unlock(&r->lock);
    if (r->started) pthread_join(r->thread, NULL);
    for (int i = 0; i < r->n_runs; i++) {
        int goes_on = GOES_ON;
        atomic_compare_exchange_strong(&r->runs[i].why, &goes_on, STOPPING);
    }
    for (int i = 0; i < r->n_runs; i++)
        if (r->runs[i].kind) reap(&r->runs[i]);
    store_close(r->s);
    pthread_mutex_destroy(&r->lock);
    pthread_cond_destroy(&r->come);
    arena_close(&r->look);
    arena life = r->life;
    arena_close(&life);
}

void runner_wake(runner *r) {
    if (!r) return;
    pthread_mutex_lock(&r->lock);
    r->awake_us = clock_us() + AWAKE_US;
    pthread_cond_signal(&r->come);
    pthread_mutex_unlock(&r->lock);
}

void runner_soon(runner *r, const char *kind) {
    if (!r) return;
    pthread_mutex_lock(&r->lock);
    soon *x = soon_of(r, kind);
    if (x && !x->asked) {
        x->asked = true;
        x->from_us = MAX(clock_us() + GATHER_US, x->last_us + APART_US);
        pthread_cond_signal(&r->come);
    }
    pthread_mutex_unlock(&r->lock);
}
