#include <pthread.h>

#include "base/civil.h"
#include "base/json.h"
#include "jobs/outgoing.h"
#include "jobs/pump.h"
#include "jobs/raw.h"
#include "jobs/redact.h"
#include "know/settings.h"
#include "ledger/sources.h"
#include "sql/know_privacy.h"
#include "sql/serve_hooks.h"

enum {
    ROWS = 64,
    PASS_BYTES = 16 << 20,
    EVENTS = 20000,
    BAD = 1000,
    TRIES = 3,
    REASON = 300,
    AGAIN_S = 5,
    LOOK_S = 60,
    RESTING = 256 << 10
};

static const char *const state_names[] = {"waiting", "read", "refused"};

const char *raw_state_name(int64_t state) {
    return state >= 0 && state < (int64_t)COUNT(state_names) ? state_names[state] : "unknown";
}

int raw_state_of(str name) {
    for (size_t i = 0; i < COUNT(state_names); i++)
        if (str_eq(name, str_c(state_names[i]))) return (int)i;
    return -1;
}

// Rows

raw_row raw_read(arena *a, const row *r) {
    return (raw_row){.id = row_int(r, 0),
                     .source_id = row_int(r, 1),
                     .at_us = row_int(r, 2),
                     .delivery = str_dup(a, row_str(r, 3)),
                     .headers = str_dup(a, row_str(r, 4)),
                     .body = str_dup(a, row_str(r, 5)),
                     .size = (int64_t)row_str(r, 5).len,
                     .state = row_int(r, 6),
                     .tries = row_int(r, 7),
                     .reason = str_dup(a, row_str(r, 8)),
                     .source = str_dup(a, row_str(r, 9))};
}

bool raw_get(arena *a, store *s, int64_t id, raw_row *out, err *e) {
    bool found = false;
    for (row r = store_query(s, Q_raw_get, e, "i", id); row_next(&r);) {
        *out = raw_read(a, &r);
        found = true;
    }
    if (!err_ok(e)) return false;
    return found || fail(e, ERR_not_found, "there is no raw payload %" PRId64, id);
}

bool raw_put(desk *d, const raw_new *n, int64_t *id, err *e) {
    int64_t known = 0;
    *id = 0;
    if (n->delivery.len && !store_int(d->s, Q_raw_known, &known, 0, e, "it", n->source_id, n->delivery)) return false;
    if (known) return true;
    return ledger_id(know_ledger(d->k), id, e) && store_run(d->s, Q_raw_put, NULL, e, "iiittb", *id, n->source_id,
                                                            d->w->now_us(d->w), n->delivery, n->headers, n->body);
}

static bool may_be_secret(str name) {
    static const char *const words[] = {"authorization", "cookie", "token", "secret", "password", "api-key", "apikey"};
    for (size_t i = 0; i < COUNT(words); i++)
        if (str_has_ci(name, str_c(words[i]))) return true;
    return false;
}

str raw_headers(arena *a, const sent *q) {
    size_t most = 64;
    for (size_t i = 0; i < q->n_headers; i++) most += 6 * (q->headers[i].name.len + q->headers[i].value.len) + 8;
    char *names = make(a, char, most);
    buf b = buf_new(a, most);
    json_out j = json_to(&b);
    json_open(&j, NULL, '{');
    for (size_t i = 0; i < q->n_headers; i++) {
        str name = str_lower(a, q->headers[i].name);
        if (may_be_secret(name)) continue;
        snprintf(names, most, "%.*s", STR_ARG(name));
        json_put_str(&j, names, q->headers[i].value);
    }
    json_close(&j, '}');
    return buf_str(&b);
}

bool raw_replay(desk *d, int64_t id, err *e) {
    int64_t n = 0;
    if (!store_run(d->s, Q_raw_again, &n, e, "i", id)) return false;
    return n > 0 || fail(e, ERR_not_found, "there is no raw payload %" PRId64, id);
}

bool raw_replay_since(desk *d, int64_t source_id, int64_t since_us, int state, int64_t *n, err *e) {
    return store_run(d->s, Q_raw_again_since, n, e, "iii", source_id, since_us, (int64_t)state);
}

// The reader

// What became of one row.
typedef struct {
    int64_t id;
    bool refused, settles; // settles: it was refused before, and is read now
    str reason;
    redact_ask ask; // .kind: what it asks of personal data
} verdict;

struct raw_reader {
    raw_opts o;
    arena life;
    pthread_t thread;
    bool started;
    pthread_mutex_t lock;
    pthread_cond_t come;
    bool stop, look; // under the lock
    bool announced;  // atomic

    // of whoever works
    pthread_mutex_t work;
    store *s;
    arena rows, batch, scratch;
    int64_t begun; // rows up to this one were begun by this program
    listen_opts how;
    // the parcel at hand
    str source, adapter;
    enum channel channel;
    const scheme *sc;
    event *events;
    int32_t *row_of;
    bad_row *bad;
    size_t n, n_bad;
    int64_t n_rows, n_skipped;
    // the row at hand
    const raw_row *row;
    verdict now;
    int parts, refused_parts;
};

// Waiting for the writer

typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t came;
    bool done;
    err e;
} wait_for;

static void stored(void *ctx, const err *e) {
    wait_for *x = ctx;
    pthread_mutex_lock(&x->lock);
    x->e = *e, x->done = true;
    pthread_cond_signal(&x->came);
    pthread_mutex_unlock(&x->lock);
}

static bool stopping(raw_reader *r) {
    pthread_mutex_lock(&r->lock);
    bool stop = r->stop;
    pthread_mutex_unlock(&r->lock);
    return stop;
}

// What is waiting must not push out what is coming in: when the line is full, it waits on.
static bool in_line(raw_reader *r, const parcel *p, err *e) {
    for (;;) {
        err now = {0};
        if (writer_take(r->o.w, p, &now)) return true;
        if (now.code != ERR_too_many || stopping(r)) return fail(e, now.code, "%s", now.msg);
        nanosleep(&(struct timespec){0, 50000000}, NULL);
    }
}

static bool flush(raw_reader *r, err *e) {
    wait_for x = {.done = false};
    parcel p = {.source = r->source, .adapter = r->adapter, .channel = r->channel, .done = stored, .ctx = &x};
    p.in = (intake){.events = r->events,
                    .row_of = r->row_of,
                    .n = r->n,
                    .rows = r->n_rows,
                    .skipped = r->n_skipped,
                    .bad = r->bad,
                    .n_bad = r->n_bad};
    if (!r->n && !r->n_bad) return true;
    p.bytes = arena_used(&r->batch);
    pthread_mutex_init(&x.lock, NULL);
    pthread_cond_init(&x.came, NULL);
    bool ok = in_line(r, &p, e);
    pthread_mutex_lock(&x.lock);
    while (ok && !x.done) pthread_cond_wait(&x.came, &x.lock);
    pthread_mutex_unlock(&x.lock);
    if (ok && !err_ok(&x.e)) ok = fail(e, x.e.code, "%s", x.e.msg);
    pthread_mutex_destroy(&x.lock);
    pthread_cond_destroy(&x.came);
    arena_reset(&r->batch);
    r->n = r->n_bad = 0, r->n_rows = r->n_skipped = 0;
    return ok;
}

// One row

static bool take_bad(raw_reader *r, const heard *h, err *e) {
    if (r->n_bad == BAD && !flush(r, e)) return false;
    if (r->row->reason.len) return true; // it stands in quarantine since it was refused first
    r->bad[r->n_bad++] = (bad_row){.file = str_fmt(&r->batch, "webhook %" PRId64, r->row->id),
                                   .line = h->line,
                                   .field = str_dup(&r->batch, h->field),
                                   .reason = str_dup(&r->batch, h->reason),
                                   .header = S(""),
                                   .raw = str_dup(&r->batch, h->raw)};
    return true;
}

static bool on_heard(void *ctx, const heard *h, err *e) {
    raw_reader *r = ctx;
    r->parts++;
    if (h->skipped) {
        r->n_skipped++;
        if (!r->now.reason.len) r->now.reason = str_dup(&r->rows, str_sub(h->reason, 0, REASON));
        return true;
    }
    if (h->rejected) {
        if (!r->refused_parts++)
            r->now.reason = str_fmt(&r->rows, "%.*s: %.*s", (int)MIN(h->field.len, 100), h->field.s,
                                    (int)MIN(h->reason.len, REASON), h->reason.s);
        return take_bad(r, h, e);
    }
    assert(h->n <= EVENTS);
    if (r->n + (size_t)h->n > EVENTS && !flush(r, e)) return false;
    for (int i = 0; i < h->n; i++) {
        event_copy(&r->batch, &r->events[r->n], &h->events[i]);
        r->row_of[r->n++] = (int32_t)r->n_rows;
    }
    r->n_rows++;
    return true;
}

// The headers that were kept.
static sent sent_of(arena *a, str body, json_t *headers) {
    sent q = {.body = body};
    const char *name;
    json_t *value;
    sent_header *h = make(a, sent_header, json_object_size(headers) + 1);
    json_object_foreach(headers, name, value) h[q.n_headers++] = (sent_header){str_c(name), json_text(value)};
    q.headers = h;
    return q;
}

// A request that means somebody is made in the transaction that marks the row; any other is for a person to look at.
static void note_request(raw_reader *r, json_t *headers) {
    r->now.refused = !r->now.ask.kind.len;
    r->now.reason = r->now.refused ? r->now.ask.why : S("a request about personal data; it is worked off as such");
    json_decref(headers);
}

static bool read_row(raw_reader *r, str adapter, err *e) {
    json_t *headers = NULL;
    err why = {0};
    sink to = {.row = on_heard, .ctx = r};
    listen_opts how = r->how;
    how.adapter = adapter;
    arena_reset(&r->scratch);
    if (!json_read(r->row->headers, &headers, NULL)) headers = NULL;
    sent q = sent_of(&r->scratch, r->row->body, headers);
    if (redact_asked(&r->rows, r->sc, &q, &r->now.ask)) return note_request(r, headers), true;
    str body = sent_json(&r->scratch, &q);
    bool ok = listen_body(&r->scratch, body, &how, NULL, &to, &why);
    json_decref(headers);
    if (!ok && why.code == ERR_internal) return fail(e, why.code, "%s", why.msg); // the writer stopped us
    if (!ok)
        r->now.reason = adapter.len ? str_dup(&r->rows, str_c(why.msg))
                                    : str_fmt(&r->rows, "nobody here reads this yet, so it is kept: %s", why.msg);
    r->now.refused = !ok || r->refused_parts;
    if (r->refused_parts && r->parts > 1)
        r->now.reason = str_fmt(&r->rows, "%d of %d: %.*s", r->refused_parts, r->parts, STR_ARG(r->now.reason));
    r->now.settles = !r->now.refused && r->row->reason.len;
    return true;
}

// Who reads the bodies of a source: whoever knows its sender, else the adapter of the source if it reads JSON, else
// whoever recognises them.
static bool reads_json(str adapter) {
    size_t n = 0;
    const adapter_info *all = listen_adapters(&n);
    for (size_t i = 0; i < n; i++)
        if (str_eq(adapter, str_c(all[i].name))) return all[i].json && !str_starts(adapter, S("generic"));
    return false;
}

static bool know_source(raw_reader *r, int64_t source_id, str *adapter, err *e) {
    *adapter = S("");
    r->source = S("");
    for (row q = store_query(r->s, Q_hook_scheme, e, "i", source_id); row_next(&q);) {
        const scheme *sc = r->sc = scheme_get(row_str(&q, 3));
        r->source = str_dup(&r->rows, row_str(&q, 0));
        r->adapter = str_dup(&r->rows, row_str(&q, 1));
        r->channel = (enum channel)row_int(&q, 2);
        *adapter = sc && sc->adapter ? str_c(sc->adapter) : reads_json(r->adapter) ? r->adapter : S("");
    }
    return err_ok(e);
}

// A pass: some rows that wait

typedef struct {
    raw_reader *r;
    const raw_row *rows;
    const verdict *verdicts;
    size_t n;
} pass;

// Before a row is read it is noted that it is: should reading it end the program, it must not do so for ever.
static bool begin_piece(void *ctx, desk *d, err *e) {
    pass *p = ctx;
    for (size_t i = 0; i < p->n; i++)
        if (p->rows[i].id > p->r->begun && !store_run(d->s, Q_raw_begin, NULL, e, "i", p->rows[i].id)) return false;
    return true;
}

// One message for all of a pass that were not refused before.
static bool tell_refused(const pass *p, desk *d, err *e) {
    int64_t n = 0;
    str why = S("");
    for (size_t i = p->n; i-- > 0;)
        if (p->verdicts[i].refused && !p->rows[i].reason.len) n++, why = p->verdicts[i].reason;
    if (!n) return true;
    buf b = buf_new(d->a, 8192);
    json_out j = json_to(&b);
    json_open(&j, NULL, '{');
    json_put_str(&j, "source", p->r->source);
    json_put_int(&j, "rows", n);
    json_put_str(&j, "reason", str_sub(why, 0, REASON));
    json_close(&j, '}');
    return outgoing_tell(d->out, d, MESSAGE_quarantine, 0, buf_str(&b), e);
}

// Once for each payload, however often it is read.
static bool make_request(const pass *p, desk *d, const verdict *v, err *e) {
    int64_t id;
    str ext = str_fmt(d->a, "webhook %" PRId64, v->id);
    bool made = false;
    for (row r = store_query(d->s, Q_request_by_ext, e, "t", ext); row_next(&r);) made = true;
    if (made || !err_ok(e)) return err_ok(e);
    return privacy_make(d->s, d->w,
                        &(new_privacy_request){.kind = v->ask.kind,
                                               .regulation = S("gdpr"),
                                               .origin = S("shopify"),
                                               .ext = ext,
                                               .by = str_fmt(d->a, "source:%.*s", STR_ARG(p->r->source)),
                                               .subjects = v->ask.subjects},
                        &id, e);
}

static bool end_piece(void *ctx, desk *d, err *e) {
    pass *p = ctx;
    for (size_t i = 0; i < p->n; i++) {
        const verdict *v = &p->verdicts[i];
        if (v->ask.kind.len && !make_request(p, d, v, e)) return false;
        if (!store_run(d->s, Q_raw_end, NULL, e, "iit", v->id, (int64_t)(v->refused ? RAW_REFUSED : RAW_READ),
                       v->reason))
            return false;
        if (v->settles && !store_run(d->s, Q_raw_settled, NULL, e, "t", str_fmt(d->a, "webhook %" PRId64, v->id)))
            return false;
    }
    return tell_refused(p, d, e);
}

static bool judge(raw_reader *r, const raw_row *x, str adapter, verdict *out, err *e) {
    r->row = x;
    r->now = (verdict){.id = x->id};
    r->parts = r->refused_parts = 0;
    if (x->tries >= TRIES && x->id > r->begun) {
        r->now.refused = true;
        r->now.reason = S("reading it ended the program more than once");
    } else if (!read_row(r, adapter, e))
        return false;
    *out = r->now;
    return true;
}

// Rows of one source that follow each other are stored together; one that was begun by a program that ended stands
// alone.
static size_t run_of(const raw_reader *r, const raw_row *rows, size_t n) {
    size_t k = 1;
    bool alone = rows[0].tries > 0 && rows[0].id > r->begun;
    while (!alone && k < n && rows[k].source_id == rows[0].source_id && !(rows[k].tries > 0 && rows[k].id > r->begun))
        k++;
    return k;
}

static bool one_run(raw_reader *r, const raw_row *rows, size_t n, err *e) {
    str adapter;
    verdict *verdicts = make(&r->rows, verdict, n);
    pass p = {r, rows, verdicts, n};
    bool fresh = false;
    for (size_t i = 0; i < n; i++) fresh |= rows[i].id > r->begun;
    if (fresh && !writer_do(r->o.w, begin_piece, &p, e)) return false;
    if (!know_source(r, rows[0].source_id, &adapter, e)) return false;
    for (size_t i = 0; i < n; i++)
        if (!judge(r, &rows[i], adapter, &verdicts[i], e)) return false;
    r->begun = MAX(r->begun, rows[n - 1].id);
    if (!flush(r, e) || !writer_do(r->o.w, end_piece, &p, e)) return false;
    bool asked = false;
    for (size_t i = 0; i < n; i++) asked |= verdicts[i].ask.kind.len > 0;
    if (asked && r->o.asked) r->o.asked(r->o.ctx);
    return true;
}

static bool some_rows(raw_reader *r, raw_row rows[ROWS], size_t *n, err *e) {
    *n = 0;
    arena_reset(&r->rows);
    arena_reset(&r->batch);
    r->n = r->n_bad = 0, r->n_rows = r->n_skipped = 0;
    settings set;
    if (!settings_read(&r->rows, r->s, &set, e)) return false;
    r->how = (listen_opts){.zone = set.zone, .country = set.country, .currency = set.currency};
    row q = store_query(r->s, Q_raw_next, e, "i", (int64_t)ROWS);
    while (*n < ROWS && arena_used(&r->rows) < PASS_BYTES && row_next(&q)) rows[(*n)++] = raw_read(&r->rows, &q);
    row_end(&q);
    return err_ok(e);
}

// What a large body has taken is given back.
static void rest(raw_reader *r) {
    arena_trim(&r->rows, RESTING);
    arena_trim(&r->batch, RESTING);
    arena_trim(&r->scratch, RESTING);
}

static bool work(raw_reader *r, err *e) {
    raw_row rows[ROWS];
    size_t n = 0;
    if (!r->s && !store_open(&r->s, str_c(r->o.where), (store_opts){.read_only = true, .cache_mb = 4}, e)) return false;
    while (!stopping(r)) {
        if (!some_rows(r, rows, &n, e)) return false;
        if (!n) return rest(r), true;
        for (size_t i = 0, k; i < n; i += k) {
            k = run_of(r, &rows[i], n - i);
            if (!one_run(r, &rows[i], k, e)) return false;
        }
    }
    return true;
}

bool raw_work(raw_reader *r, err *e) {
    pthread_mutex_lock(&r->work);
    bool ok = work(r, e);
    pthread_mutex_unlock(&r->work);
    return ok;
}

// The thread

raw_reader *raw_open(raw_opts o) {
    arena life = arena_open((size_t)1 << 26);
    raw_reader *r = make(&life, raw_reader, 1);
    *r = (raw_reader){.o = o, .look = true};
    r->events = make(&life, event, EVENTS);
    r->row_of = make(&life, int32_t, EVENTS);
    r->bad = make(&life, bad_row, BAD);
    r->life = life;
    r->rows = arena_open((size_t)1 << 30);
    r->batch = arena_open((size_t)1 << 32);
    r->scratch = arena_open((size_t)1 << 28);
    pthread_mutex_init(&r->lock, NULL);
    pthread_mutex_init(&r->work, NULL);
    pthread_cond_init(&r->come, NULL);
    return r;
}

void raw_stop(raw_reader *r) {
    if (!r) return;
    pthread_mutex_lock(&r->lock);
    r->stop = true;
    pthread_cond_broadcast(&r->come);
    pthread_mutex_unlock(&r->lock);
    if (r->started) pthread_join(r->thread, NULL);
    r->started = false;
}

void raw_close(raw_reader *r) {
    if (!r) return;
    raw_stop(r);
    store_close(r->s);
    pthread_cond_destroy(&r->come);
    pthread_mutex_destroy(&r->work);
    pthread_mutex_destroy(&r->lock);
    arena_close(&r->rows);
    arena_close(&r->batch);
    arena_close(&r->scratch);
    arena life = r->life;
    arena_close(&life);
}

void raw_announce(raw_reader *r) {
    __atomic_store_n(&r->announced, true, __ATOMIC_RELEASE);
}

void raw_committed(raw_reader *r) {
    if (!__atomic_exchange_n(&r->announced, false, __ATOMIC_ACQ_REL)) return;
    pthread_mutex_lock(&r->lock);
    r->look = true;
    pthread_cond_signal(&r->come);
    pthread_mutex_unlock(&r->lock);
}

// False when it is time to end.
static bool wait_for_work(raw_reader *r, int seconds) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += seconds;
    pthread_mutex_lock(&r->lock);
    while (!r->look && !r->stop)
        if (pthread_cond_timedwait(&r->come, &r->lock, &until)) break;
    r->look = false;
    bool stop = r->stop;
    pthread_mutex_unlock(&r->lock);
    return !stop;
}

static void *run(void *ctx) {
    raw_reader *r = ctx;
    int seconds = LOOK_S;
    while (wait_for_work(r, seconds)) {
        err e = {0};
        bool ok = raw_work(r, &e);
        seconds = ok ? LOOK_S : AGAIN_S;
        if (!ok && r->o.log && !stopping(r))
            log_line(r->o.log, LOG_ERROR, "webhooks wait to be read", "why", e.msg, NULL);
    }
    return NULL;
}

bool raw_start(raw_reader *r, err *e) {
    r->started = !pthread_create(&r->thread, NULL, run, r);
    return r->started || fail(e, ERR_unavailable, "no thread to read webhooks with");
}
