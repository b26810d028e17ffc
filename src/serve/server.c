#include <pthread.h>

#include "act/preference.h"
#include "jobs/outgoing.h"
#include "jobs/raw.h"
#include "jobs/runner.h"
#include "jobs/send.h"
#include "know/feedback.h"
#include "know/people.h"
#include "serve/kept.h"
#include "serve/live.h"
#include "serve/looks.h"
#include "serve/meanings.h"
#include "serve/private.h"
#include "serve/throttle.h"

struct server {
    server_opts o;
    logger log;
    arena life;
    writer *w;
    pthread_mutex_t lock;
    pthread_cond_t came;
    store *readers[64]; // those that are free; opened when first needed
    int n_free, n_open, n_most;
    live *live;
    throttle *throttle;
    answers_kept *kept;
    looks *looks;
    meanings *meanings;
    raw_reader *raw;
    outgoing *out;
    deliverer *deliverer;
    sender *sender;
    runner *jobs; // NULL unless it works
    bool words;   // of the writer's thread: words came that were not committed yet
    void (*more_metrics)(void *ctx, buf *b);
    void *metrics_ctx;
    route_count *counts; // one more than there are routes
    size_t n_routes;
};

int64_t server_clock_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

// On the writer's thread, which goes on when jobs have ended.
static void understand_soon(server *sv) {
    sv->words = false;
    pthread_mutex_lock(&sv->lock);
    runner_soon(sv->jobs, "meaning");
    pthread_mutex_unlock(&sv->lock);
}

static void on_committed(void *ctx, int64_t events) {
    server *sv = ctx;
    if (sv->raw) raw_committed(sv->raw);
    if (sv->deliverer) deliver_committed(sv->deliverer);
    if (sv->sender) send_committed(sv->sender);
    if (sv->words) understand_soon(sv);
    if (!events) return;
    char data[48];
    snprintf(data, sizeof data, "{\"events\":%" PRId64 "}", events);
    live_tell(sv->live, S("events"), str_c(data));
}

static bool on_stored(void *ctx, desk *d, const record *r, int sign, err *e) {
    server *sv = ctx;
    sv->words |= sign > 0 && said_by_kind(r->kind);
    return outgoing_stored(sv->out, d, r, sign, e);
}

static void on_settled(void *ctx) {
    live_tell(((server *)ctx)->live, S("fresh"), S("{}"));
}

static void on_changed(void *ctx) {
    kept_changed(((server *)ctx)->kept);
}

// Lists of customers are asked for often here.
static bool prepare(void *ctx, desk *d, err *e) {
    (void)ctx;
    return people_prepare(d->s, e);
}

static void on_delivered(void *ctx, int64_t endpoint_id, bool delivered) {
    char data[80];
    snprintf(data, sizeof data, "{\"endpoint\":%" PRId64 ",\"delivered\":%s}", endpoint_id,
             delivered ? "true" : "false");
    live_tell(((server *)ctx)->live, S("delivery"), str_c(data));
}

static void on_sent(void *ctx, int64_t id, enum outbox_state state) {
    char data[80];
    snprintf(data, sizeof data, "{\"message\":%" PRId64 ",\"state\":\"%s\"}", id, outbox_state_name(state));
    live_tell(((server *)ctx)->live, S("outbox"), str_c(data));
}

static void on_job(void *ctx, const job_row *j) {
    char data[160];
    snprintf(data, sizeof data,
             "{\"id\":%" PRId64 ",\"kind\":\"%.*s\",\"state\":\"%s\",\"done\":%" PRId64 ",\"total\":%" PRId64 "}",
             j->id, (int)MIN(j->kind.len, 40), j->kind.s, job_state_name(j->state), j->done, j->total);
    // It runs four times a minute, mostly for nothing.
    const bool quiet = str_eq(j->kind, S("meaning")) && j->state != JOB_FAILED && !j->total;
    if (!quiet) live_tell(((server *)ctx)->live, S("job"), str_c(data));
    if (j->state == JOB_DONE && !quiet) kept_changed(((server *)ctx)->kept); // it may have written beside events
    if (str_eq(j->kind, S("meaning")) && j->done) live_tell(((server *)ctx)->live, S("meaning"), S("{}"));
}

static bool make_jobs(void *ctx, desk *d, err *e) {
    (void)ctx;
    return jobs_ready(d->s, d->w, NULL, 0, e);
}

static bool start_jobs(server *sv, err *e) {
    const server_opts *o = &sv->o;
    if (!o->work) return writer_do(sv->w, make_jobs, NULL, e);
    runner *r = NULL;
    const runner_opts how = {.w = sv->w, .where = o->where, .world = o->w, .log = &sv->log, .told = on_job, .ctx = sv};
    if (!runner_open(&r, how, e)) return false;
    pthread_mutex_lock(&sv->lock);
    sv->jobs = r;
    pthread_mutex_unlock(&sv->lock);
    return true;
}

static void on_asked(void *ctx) {
    runner_wake(((server *)ctx)->jobs);
}

// What is done beside requests.
static bool start_work(server *sv, err *e) {
    const server_opts *o = &sv->o;
    sv->raw = raw_open(
        (raw_opts){.where = o->where, .w = sv->w, .world = o->w, .log = &sv->log, .asked = on_asked, .ctx = sv});
    sv->deliverer = deliver_open((deliver_opts){.where = o->where,
                                                .w = sv->w,
                                                .out = sv->out,
                                                .world = o->w,
                                                .log = &sv->log,
                                                .ended = on_delivered,
                                                .ctx = sv});
    // Only one of a process may send, and only who works; others would take up what it is sending.
    if (o->work)
        sv->sender = send_open(
            (send_opts){.where = o->where, .w = sv->w, .world = o->w, .log = &sv->log, .ended = on_sent, .ctx = sv});
    return start_jobs(sv, e) && (!o->work || (raw_start(sv->raw, e) && deliver_start(sv->deliverer, e) &&
                                              send_start(sv->sender, e) && kept_start(sv->kept, sv, e)));
}

// Messages that are sent while nobody asks carry links, too.
static bool keep_origin(void *ctx, desk *d, err *e) {
    return preference_origin(d->s, *(const str *)ctx, e);
}

bool server_open(server **out, server_opts o, err *e) {
    arena life = arena_open((size_t)1 << 24);
    server *sv = make(&life, server, 1);
    *sv = (server){
        .o = o, .log = o.log, .n_most = (o.readers ? MIN(o.readers, 60) : 4) + 1}; // one more for what is renewed
    routes_all(&sv->n_routes);
    sv->counts = make(&life, route_count, sv->n_routes + 1);
    sv->life = life;
    pthread_mutex_init(&sv->lock, NULL);
    pthread_cond_init(&sv->came, NULL);
    sv->live = live_open(o.w->now_us(o.w));
    sv->throttle = throttle_open(o.w);
    sv->kept = kept_open();
    sv->looks = looks_open();
    sv->meanings = meanings_open(o.where);
    sv->out = outgoing_open(o.w, o.allow_private);
    bool ok = writer_open(&sv->w,
                          (writer_opts){.where = o.where,
                                        .create = o.create,
                                        .w = o.w,
                                        .most_bytes = o.queue_bytes,
                                        .committed = on_committed,
                                        .settled = on_settled,
                                        .changed = on_changed,
                                        .stored = on_stored,
                                        .out = sv->out,
                                        .ctx = sv},
                          e) &&
              writer_do(sv->w, prepare, NULL, e) && writer_do(sv->w, keep_origin, &sv->o.origin, e) &&
              start_work(sv, e);
    if (!ok) return server_close(sv), false;
    *out = sv;
    return true;
}

static void end_jobs(server *sv) {
    pthread_mutex_lock(&sv->lock);
    runner *r = sv->jobs;
    sv->jobs = NULL;
    pthread_mutex_unlock(&sv->lock);
    runner_close(r);
}

void server_close(server *sv) {
    if (!sv) return;
    kept_stop(sv->kept);
    deliver_stop(sv->deliverer);
    send_stop(sv->sender);
    raw_stop(sv->raw);
    end_jobs(sv);
    writer_close(sv->w);
    deliver_close(sv->deliverer);
    send_close(sv->sender);
    raw_close(sv->raw);
    outgoing_close(sv->out);
    for (int i = 0; i < sv->n_free; i++) store_close(sv->readers[i]);
    live_close(sv->live);
    throttle_close(sv->throttle);
    kept_close(sv->kept);
    looks_close(sv->looks);
    meanings_close(sv->meanings);
    pthread_mutex_destroy(&sv->lock);
    pthread_cond_destroy(&sv->came);
    arena life = sv->life;
    arena_close(&life);
}

writer *server_writer(server *sv) {
    return sv->w;
}
const world *server_world(server *sv) {
    return sv->o.w;
}
const server_opts *server_options(server *sv) {
    return &sv->o;
}
logger *server_log(server *sv) {
    return &sv->log;
}
live *server_live(server *sv) {
    return sv->live;
}
throttle *server_throttle(server *sv) {
    return sv->throttle;
}
answers_kept *server_kept(server *sv) {
    return sv->kept;
}
meanings *server_meanings(server *sv) {
    return sv->meanings;
}
looks *server_looks(server *sv) {
    return sv->looks;
}
raw_reader *server_raw(server *sv) {
    return sv->raw;
}
outgoing *server_outgoing(server *sv) {
    return sv->out;
}
deliverer *server_deliverer(server *sv) {
    return sv->deliverer;
}
runner *server_jobs(server *sv) {
    return sv->jobs;
}
const route_count *server_counts(server *sv, size_t *n) {
    *n = sv->n_routes;
    return sv->counts;
}

void server_on_metrics(server *sv, void (*more)(void *ctx, buf *b), void *ctx) {
    pthread_mutex_lock(&sv->lock);
    sv->more_metrics = more, sv->metrics_ctx = ctx;
    pthread_mutex_unlock(&sv->lock);
}

void server_more_metrics(server *sv, buf *b) {
    pthread_mutex_lock(&sv->lock);
    if (sv->more_metrics) sv->more_metrics(sv->metrics_ctx, b);
    pthread_mutex_unlock(&sv->lock);
}

store *server_reader_take(server *sv, err *e) {
    store *s = NULL;
    pthread_mutex_lock(&sv->lock);
    while (!sv->n_free && sv->n_open == sv->n_most) pthread_cond_wait(&sv->came, &sv->lock);
    if (sv->n_free)
        s = sv->readers[--sv->n_free];
    else
        sv->n_open++;
    pthread_mutex_unlock(&sv->lock);
    if (s || store_open(&s, str_c(sv->o.where), (store_opts){.read_only = true, .cache_mb = 8}, e)) return s;
    pthread_mutex_lock(&sv->lock);
    sv->n_open--;
    pthread_mutex_unlock(&sv->lock);
    return NULL;
}

void server_reader_give(server *sv, store *s) {
    if (!s) return;
    store_rollback(s); // a snapshot that somebody left open
    pthread_mutex_lock(&sv->lock);
    sv->readers[sv->n_free++] = s;
    pthread_cond_signal(&sv->came);
    pthread_mutex_unlock(&sv->lock);
}

// ---- for tests: waiting for the answer ----

typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t came;
    bool done;
} waiter;

static void run_done(exchange *x) {
    waiter *w = x->ctx;
    pthread_mutex_lock(&w->lock);
    w->done = true;
    pthread_cond_signal(&w->came);
    pthread_mutex_unlock(&w->lock);
}

void server_run(server *sv, exchange *x, const who *as) {
    waiter w = {.done = false};
    pthread_mutex_init(&w.lock, NULL);
    pthread_cond_init(&w.came, NULL);
    x->done = run_done, x->ctx = &w;
    server_find(sv, x);
    server_handle_as(sv, x, as);
    pthread_mutex_lock(&w.lock);
    while (!w.done) pthread_cond_wait(&w.came, &w.lock);
    pthread_mutex_unlock(&w.lock);
    pthread_mutex_destroy(&w.lock);
    pthread_cond_destroy(&w.came);
}
