#include <errno.h>
#include <pthread.h>

#include "base/map64.h"
#include "jobs/outgoing.h"
#include "jobs/writer.h"
#include "know/settings.h"
#include "sql/cli.h"

// Summaries wait for a moment of quiet, and under load no longer than this.
// A server that was killed holds the lock of a database for a moment longer than its process.
enum { LOCK_MS = 2000 };
enum { LINE = 1 << 15, GROUP = 512, QUIET_US = 50000, STALE_US = 3000000, MOST_SOURCES = 4096 };

enum place_kind { PLACE_PIECE, PLACE_ALONE, PLACE_PARCEL };

// One place in the line.
typedef struct {
    enum place_kind kind;
    piece_fn fn;
    piece_done done;
    void *ctx;
    size_t bytes;
    parcel p;
    const char *by; // who handed it over
} place;

struct writer {
    writer_opts o;
    arena life, work, batch;
    pthread_t thread;
    bool started;
    pthread_mutex_t lock;
    pthread_cond_t come; // something waits, or it is time to stop
    place *line;         // a ring
    size_t first, n;
    bool stop;
    writer_state st; // under the lock
    hold_book holds; // under the lock
    err broken;      // it cannot write any more

    // of the writer's thread alone
    store *s;
    knowing *k;
    map64 imports; // source → import of this run
    int64_t *live; // those imports
    size_t n_live;
    int64_t unsettled_us; // since when the oldest event waits for its summary; 0: none
    int64_t stored;       // events of the transaction at hand
};

static int64_t now_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

// ---- opening ----

static bool on_stored(void *ctx, const record *r, int sign, err *e) {
    writer *w = ctx;
    w->stored++;
    if (!w->o.stored) return true;
    desk d = {w->s, w->k, w->o.w, &w->batch, w, w->o.out};
    return w->o.stored(w->o.ctx, &d, r, sign, e);
}

static bool on_verdict(void *ctx, const verdict_told *t, err *e) {
    writer *w = ctx;
    desk d = {w->s, w->k, w->o.w, &w->work, w, w->o.out};
    return outgoing_verdict(w->o.out, &d, t, e);
}

static bool open_know(writer *w, err *e) {
    int64_t replayed = 0;
    if (!know_open(&w->k, w->s, w->o.w, &replayed, e)) return w->k = NULL, false;
    know_watch(w->k, on_stored, w);
    if (w->o.out) know_on_verdict(w->k, on_verdict, w);
    return true;
}

// What a crash or an undo left half done comes first.
static bool finish_rebuild(writer *w, err *e) {
    str due = S("");
    rebuilt_report report = {0};
    if (!settings_get(&w->work, w->s, "rebuild", &due, e) || !due.len) return err_ok(e);
    return know_rebuild(&w->work, w->s, w->o.w, NULL, NULL, &report, e) && settings_put(w->s, "rebuild", S(""), e);
}

static void *run(void *ctx);

bool writer_open(writer **out, writer_opts o, err *e) {
    arena life = arena_open((size_t)1 << 28);
    writer *w = make(&life, writer, 1);
    *w = (writer){.o = o, .line = make(&life, place, LINE)};
    w->life = life;
    w->work = arena_open((size_t)1 << 34);
    w->batch = arena_open((size_t)1 << 30);
    w->imports = map64_new(&w->life, 64);
    w->live = make(&w->life, int64_t, MOST_SOURCES);
    if (!w->o.most_bytes) w->o.most_bytes = (size_t)64 << 20;
    pthread_mutex_init(&w->lock, NULL);
    pthread_condattr_t mono;
    pthread_condattr_init(&mono);
    pthread_condattr_setclock(&mono, CLOCK_MONOTONIC);
    pthread_cond_init(&w->come, &mono);
    pthread_condattr_destroy(&mono);
    bool ok = store_open(&w->s, str_c(o.where), (store_opts){.create = o.create}, e) && store_lock(w->s, LOCK_MS, e) &&
              store_run(w->s, Q_import_interrupted, NULL, e, "i", o.w->now_us(o.w)) && finish_rebuild(w, e) &&
              open_know(w, e);
    if (ok && pthread_create(&w->thread, NULL, run, w)) ok = fail(e, ERR_internal, "no thread for the writer");
    w->started = ok;
    if (!ok) return writer_close(w), false;
    *out = w;
    return true;
}

void writer_close(writer *w) {
    if (!w) return;
    if (w->started) {
        pthread_mutex_lock(&w->lock);
        w->stop = true;
        pthread_cond_broadcast(&w->come);
        pthread_mutex_unlock(&w->lock);
        pthread_join(w->thread, NULL);
    }
    know_close(w->k);
    store_close(w->s);
    pthread_mutex_destroy(&w->lock);
    pthread_cond_destroy(&w->come);
    arena_close(&w->work);
    arena_close(&w->batch);
    arena life = w->life;
    arena_close(&life);
}

// ---- the line ----

static bool join(writer *w, const place *p, err *e) {
    pthread_mutex_lock(&w->lock);
    bool full = w->n == LINE || ((size_t)w->st.waiting_bytes + p->bytes > w->o.most_bytes && w->n);
    bool stop = w->stop;
    if (!full && !stop) {
        place *at = &w->line[(w->first + w->n++) % LINE];
        *at = *p;
        at->by = holds_me(&w->holds);
        w->st.waiting++, w->st.waiting_bytes += (int64_t)p->bytes;
        pthread_cond_signal(&w->come);
    }
    pthread_mutex_unlock(&w->lock);
    if (stop) return fail(e, ERR_unavailable, "heed is stopping; try again in a moment");
    return !full || fail(e, ERR_too_many, "more is coming in than can be stored; try again in a moment");
}

bool writer_post(writer *w, size_t bytes, piece_fn fn, piece_done done, void *ctx, err *e) {
    return join(w, &(place){.kind = PLACE_PIECE, .fn = fn, .done = done, .ctx = ctx, .bytes = bytes}, e);
}

bool writer_post_alone(writer *w, size_t bytes, piece_fn fn, piece_done done, void *ctx, err *e) {
    return join(w, &(place){.kind = PLACE_ALONE, .fn = fn, .done = done, .ctx = ctx, .bytes = bytes}, e);
}

bool writer_take(writer *w, const parcel *p, err *e) {
    assert(p->in.n <= LEDGER_BATCH);
    return join(w, &(place){.kind = PLACE_PARCEL, .done = p->done, .ctx = p->ctx, .bytes = p->bytes, .p = *p}, e);
}

// Somebody who waits for their piece.
typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t came;
    bool done;
    piece_fn fn;
    void *ctx;
    err e;
} waiter;

static bool waiter_fn(void *ctx, desk *d, err *e) {
    waiter *x = ctx;
    return x->fn(x->ctx, d, e);
}

static void waiter_done(void *ctx, const err *e) {
    waiter *x = ctx;
    pthread_mutex_lock(&x->lock);
    x->e = *e, x->done = true;
    pthread_cond_signal(&x->came);
    pthread_mutex_unlock(&x->lock);
}

static bool wait_for(writer *w, enum place_kind kind, piece_fn fn, void *ctx, err *e) {
    assert(!w->started || !pthread_equal(pthread_self(), w->thread));
    waiter x = {.fn = fn, .ctx = ctx};
    pthread_mutex_init(&x.lock, NULL);
    pthread_cond_init(&x.came, NULL);
    bool ok = join(w, &(place){.kind = kind, .fn = waiter_fn, .done = waiter_done, .ctx = &x}, e);
    if (ok) {
        pthread_mutex_lock(&x.lock);
        while (!x.done) pthread_cond_wait(&x.came, &x.lock);
        pthread_mutex_unlock(&x.lock);
        ok = err_ok(&x.e);
        if (!ok && err_ok(e)) *e = x.e;
    }
    pthread_mutex_destroy(&x.lock);
    pthread_cond_destroy(&x.came);
    return ok;
}

bool writer_do(writer *w, piece_fn fn, void *ctx, err *e) {
    return wait_for(w, PLACE_PIECE, fn, ctx, e);
}

bool writer_alone(writer *w, piece_fn fn, void *ctx, err *e) {
    return wait_for(w, PLACE_ALONE, fn, ctx, e);
}

// Takes what waits, up to a group and a batch of events.
static size_t take_group(writer *w, place *group) {
    size_t n = 0, events = 0;
    while (w->n && n < GROUP) {
        place *p = &w->line[w->first];
        if (p->kind == PLACE_PARCEL && n && events + p->p.in.n > LEDGER_BATCH) break;
        events += p->kind == PLACE_PARCEL ? p->p.in.n : 0;
        group[n++] = *p;
        w->first = (w->first + 1) % LINE, w->n--;
    }
    return n;
}

// ---- doing it ----

static void count(writer *w, const place *p, size_t n, int64_t took, bool ok) {
    pthread_mutex_lock(&w->lock);
    if (p->kind != PLACE_PIECE) holds_note(&w->holds, p->kind == PLACE_PARCEL ? "events" : p->by, took);
    for (size_t i = 0; i < n; i++) w->st.waiting--, w->st.waiting_bytes -= (int64_t)p[i].bytes;
    w->st.commits += ok, w->st.failed += ok ? 0 : (int64_t)n;
    w->st.pieces += (int64_t)n, w->st.events += ok ? w->stored : 0, w->st.commit_us += took;
    pthread_mutex_unlock(&w->lock);
}

// A transaction ended: tells those who waited. A failure that concerns everybody (a full disk) is remembered.
static void finish(writer *w, const place *p, size_t n, int64_t began, const err *e) {
    bool ok = err_ok(e);
    count(w, p, n, now_us() - began, ok);
    if (ok && w->stored && !w->unsettled_us) w->unsettled_us = now_us();
    if (ok && w->o.changed && (w->stored || p->kind == PLACE_ALONE)) w->o.changed(w->o.ctx);
    if (ok && w->o.committed) w->o.committed(w->o.ctx, w->stored);
    for (size_t i = 0; i < n; i++)
        if (p[i].done) p[i].done(p[i].ctx, e);
}

static void held(writer *w, const char *by, int64_t began) {
    pthread_mutex_lock(&w->lock);
    holds_note(&w->holds, by, now_us() - began);
    pthread_mutex_unlock(&w->lock);
}

static bool run_pieces(writer *w, const place *p, size_t n, err *e) {
    if (!store_begin(w->s, e)) return false;
    bool ok = true;
    for (size_t i = 0; ok && i < n; i++) {
        int64_t began = now_us();
        arena_reset(&w->work);
        desk d = {w->s, w->k, w->o.w, &w->work, w, w->o.out};
        ok = p[i].fn(p[i].ctx, &d, e);
        held(w, p[i].by, began);
    }
    int64_t began = now_us();
    ok = ok && ledger_commit(know_ledger(w->k), e);
    held(w, "commit", began);
    if (!ok) store_rollback(w->s);
    return ok;
}

static void do_pieces(writer *w, const place *p, size_t n) {
    err e = {0};
    int64_t began = now_us();
    w->stored = 0;
    // One of many that fails must not take the others with it.
    if (run_pieces(w, p, n, &e) || n == 1) {
        finish(w, p, n, began, &e);
        return;
    }
    for (size_t i = 0; i < n; i++) do_pieces(w, &p[i], 1);
}

static void do_alone(writer *w, const place *p) {
    err e = {0};
    int64_t began = now_us();
    w->stored = 0;
    arena_reset(&w->work);
    desk d = {w->s, w->k, w->o.w, &w->work, w, w->o.out};
    if (!p->fn(p->ctx, &d, &e)) store_rollback(w->s);
    finish(w, p, 1, began, &e);
}

static bool import_of(writer *w, const parcel *p, int64_t *import_id, err *e) {
    ledger *l = know_ledger(w->k);
    int64_t source = 0;
    if (!ledger_source(l, p->source, p->adapter, p->channel, false, &source, e)) return false;
    int32_t known = map64_get(&w->imports, source);
    if (known >= 0) return *import_id = known, true;
    if (!ledger_import_begin(l, source, S("live"), S(""), import_id, e)) return false;
    map64_put(&w->imports, source, (int32_t)*import_id);
    w->live[w->n_live++] = *import_id;
    return true;
}

// Several parcels of one source as one.
static intake join_intakes(arena *a, const place *p, size_t n) {
    if (n == 1) return p->p.in;
    intake all = {0};
    for (size_t i = 0; i < n; i++) all.n += p[i].p.in.n, all.n_bad += p[i].p.in.n_bad;
    event *events = make(a, event, all.n);
    int32_t *rows = make(a, int32_t, all.n), first = 0;
    bad_row *bad = make(a, bad_row, all.n_bad);
    size_t at = 0, at_bad = 0;
    for (size_t i = 0; i < n; i++) {
        const intake *in = &p[i].p.in;
        if (in->n) memcpy(&events[at], in->events, in->n * sizeof *events);
        for (size_t k = 0; k < in->n; k++) rows[at + k] = first + in->row_of[k];
        if (in->n_bad) memcpy(&bad[at_bad], in->bad, in->n_bad * sizeof *bad);
        first += in->n ? in->row_of[in->n - 1] + 1 : 0;
        at += in->n, at_bad += in->n_bad, all.rows += in->rows, all.skipped += in->skipped;
    }
    all.events = events, all.row_of = rows, all.bad = bad;
    return all;
}

static void do_parcels(writer *w, const place *p, size_t n) {
    err e = {0};
    tally t = {0};
    int64_t import_id = 0, began = now_us();
    w->stored = 0;
    arena_reset(&w->work);
    intake in = join_intakes(&w->work, p, n);
    bool ok = import_of(w, &p->p, &import_id, &e) && ledger_write(know_ledger(w->k), import_id, &in, &t, &e);
    if (ok || n == 1) {
        for (size_t i = 0; i < n; i++)
            if (p[i].p.t) *p[i].p.t = t;
        finish(w, p, n, began, &e);
        return;
    }
    for (size_t i = 0; i < n; i++) do_parcels(w, &p[i], 1);
}

// Those that waited together were acknowledged to nobody yet, so their order is free: parcels of one source stand
// together, then pieces, then what needs transactions of its own, each in the order in which it came.
static void do_group(writer *w, place *group, size_t n) {
    if (!w->k) return finish(w, group, n, now_us(), &w->broken);
    arena_reset(&w->batch);
    place parcels[GROUP], pieces[GROUP];
    size_t n_parcels = 0, n_pieces = 0;
    for (size_t i = 0; i < n; i++) {
        if (group[i].kind == PLACE_PARCEL) parcels[n_parcels++] = group[i];
        if (group[i].kind == PLACE_PIECE) pieces[n_pieces++] = group[i];
    }
    if (n_pieces) do_pieces(w, pieces, n_pieces);
    while (n_parcels) {
        place one[GROUP];
        size_t n_one = 0, others = 0;
        str source = parcels[0].p.source;
        for (size_t i = 0; i < n_parcels; i++)
            if (str_eq(parcels[i].p.source, source))
                one[n_one++] = parcels[i];
            else
                parcels[others++] = parcels[i];
        do_parcels(w, one, n_one);
        n_parcels = others;
    }
    for (size_t i = 0; i < n; i++)
        if (group[i].kind == PLACE_ALONE) do_alone(w, &group[i]);
}

static void settle(writer *w) {
    err e = {0};
    int64_t began = now_us();
    bool ok = w->k && ledger_settle(know_ledger(w->k), &e);
    held(w, "summaries", began);
    w->unsettled_us = ok ? 0 : now_us(); // tried again later
    if (ok && w->o.changed) w->o.changed(w->o.ctx);
    if (ok && w->o.settled) w->o.settled(w->o.ctx);
}

// Waits for work until it is time to bring summaries up to date. False when there is nothing more to come.
static bool wait_for_work(writer *w) {
    while (!w->n && !w->stop) {
        if (!w->unsettled_us) {
            pthread_cond_wait(&w->come, &w->lock);
            continue;
        }
        int64_t until = now_us() + QUIET_US;
        struct timespec t = {until / 1000000, until % 1000000 * 1000};
        if (pthread_cond_timedwait(&w->come, &w->lock, &t) == ETIMEDOUT && !w->n) {
            pthread_mutex_unlock(&w->lock);
            settle(w);
            pthread_mutex_lock(&w->lock);
        }
    }
    return w->n || !w->stop;
}

// The imports of this run are done; what was gathered is merged with them. If that fails it is replayed on the next
// start.
static void end_imports(writer *w) {
    err e = {0};
    bool ok = w->k && ledger_flush(know_ledger(w->k), &e);
    for (size_t i = 0; ok && i < w->n_live; i++) ok = ledger_import_end(know_ledger(w->k), w->live[i], &e);
}

static void *run(void *ctx) {
    writer *w = ctx;
    place group[GROUP];
    pthread_mutex_lock(&w->lock);
    while (wait_for_work(w)) {
        size_t n = take_group(w, group);
        pthread_mutex_unlock(&w->lock);
        do_group(w, group, n);
        if (w->unsettled_us && now_us() - w->unsettled_us > STALE_US) settle(w);
        pthread_mutex_lock(&w->lock);
        w->st.oldest_us = w->unsettled_us;
    }
    pthread_mutex_unlock(&w->lock);
    end_imports(w);
    return NULL;
}

// ---- looking ----

writer_state writer_look(writer *w) {
    pthread_mutex_lock(&w->lock);
    writer_state st = w->st;
    pthread_mutex_unlock(&w->lock);
    st.oldest_us = st.oldest_us ? now_us() - st.oldest_us : 0;
    return st;
}

void writer_known(writer *w, const char *as) {
    pthread_mutex_lock(&w->lock);
    holds_know(&w->holds, as);
    pthread_mutex_unlock(&w->lock);
}

size_t writer_holds(writer *w, hold_row *out, size_t most) {
    pthread_mutex_lock(&w->lock);
    size_t n = MIN(w->holds.n, most);
    memcpy(out, w->holds.of, n * sizeof *out);
    pthread_mutex_unlock(&w->lock);
    return n;
}

bool writer_ok(writer *w, err *e) {
    pthread_mutex_lock(&w->lock);
    err broken = w->broken;
    pthread_mutex_unlock(&w->lock);
    if (err_ok(&broken)) return true;
    return fail(e, broken.code, "%s", broken.msg);
}

static bool settle_now(void *ctx, desk *d, err *e) {
    writer *w = ctx;
    if (!ledger_settle(know_ledger(d->k), e)) return false;
    w->unsettled_us = 0;
    if (w->o.settled) w->o.settled(w->o.ctx);
    return true;
}

bool writer_settle(writer *w, err *e) {
    return writer_alone(w, settle_now, w, e);
}

typedef struct {
    writer *w;
    piece_fn first;
    void *first_ctx;
    rebuild_progress p;
    void *ctx;
    rebuilt_report *out;
} anew;

// The ledger is closed meanwhile; if it does not open again, nothing can be written any more.
static bool rebuild_now(void *ctx, desk *d, err *e) {
    anew *x = ctx;
    writer *w = x->w;
    if (x->first && !x->first(x->first_ctx, d, e)) return false;
    know_close(w->k);
    w->k = NULL;
    bool ok = settings_put(w->s, "rebuild", S("due"), e) && know_rebuild(d->a, w->s, w->o.w, x->p, x->ctx, x->out, e) &&
              settings_put(w->s, "rebuild", S(""), e);
    err again = {0};
    if (open_know(w, &again)) return w->unsettled_us = 0, ok;
    pthread_mutex_lock(&w->lock);
    w->broken = again;
    pthread_mutex_unlock(&w->lock);
    return ok ? fail(e, again.code, "%s", again.msg) : false;
}

bool writer_rebuild(writer *w, piece_fn first, void *first_ctx, rebuild_progress p, void *ctx, rebuilt_report *out,
                    err *e) {
    anew x = {w, first, first_ctx, p, ctx, out};
    return writer_alone(w, rebuild_now, &x, e);
}
