// Working off a request: as a job, so that it goes on after a crash, and in pieces of the writer.
#include "jobs/privacy_private.h"

#include "base/civil.h"
#include "jobs/fetch.h"
#include "know/access.h"
#include "know/erase.h"
#include "know/settings.h"
#include "sql/know_privacy.h"

enum { DOCUMENT_MOST = 64 << 20 };

typedef struct {
    job *j;
    privacy_request r;
    str country;
    int64_t *customers;
    size_t n;
    erased sum;
    int64_t lifted;
    access_count told;
} work;

static bool erases(const work *x) {
    return str_starts(x->r.kind, S("erasure"));
}

static bool blocks(const work *x) {
    return str_eq(x->r.kind, S("block")) || str_eq(x->r.kind, S("erasure_and_block"));
}

// ---- pieces of the writer ----

typedef struct {
    work *x;
    desk *d;
    int64_t customer;
} piece;

// The identifiers of the request themselves: somebody may ask before they are known.
static bool block_one(void *ctx, const subject *s, err *e) {
    piece *p = ctx;
    const world *w = p->d->w;
    if (s->kind == IDENT_none || !str_eq(s->format, S("raw"))) return true;
    return suppress_put(p->d->s, w, s->kind, s->value, SUPPRESS_ALL, w->now_us(w), p->x->r.id, e);
}

static bool unblock_one(void *ctx, const subject *s, err *e) {
    piece *p = ctx;
    int64_t lifted = 0;
    if (s->kind == IDENT_none || !str_eq(s->format, S("raw"))) return true;
    if (!suppress_lift(p->d->s, s->kind, s->value, &lifted, e)) return false;
    p->x->lifted += lifted;
    return true;
}

static bool with_subjects(piece *p, subject_fn fn, err *e) {
    desk *d = p->d;
    if (!store_begin(d->s, e)) return false;
    bool ok = privacy_subjects(d->a, p->x->r.subjects, p->x->country, fn, p, e) && ledger_commit(know_ledger(d->k), e);
    if (!ok) store_rollback(d->s);
    return ok && know_people_gone(d->k, e);
}

static bool block_all(void *ctx, desk *d, err *e) {
    piece *p = ctx;
    p->d = d;
    return with_subjects(p, blocks(p->x) ? block_one : unblock_one, e);
}

static bool erase_one(void *ctx, desk *d, err *e) {
    piece *p = ctx;
    erased out;
    erase_ask ask = {p->customer, blocks(p->x) ? SUPPRESS_ALL : SUPPRESS_PAST, p->x->r.id};
    if (!know_erase(d->k, &ask, &out, e)) {
        if (e->code != ERR_not_found) return false;
        err_clear(e); // an earlier run of this job did it
        return true;
    }
    erased *sum = &p->x->sum;
    sum->profiles += out.profiles, sum->identifiers += out.identifiers, sum->events += out.events;
    sum->raw += out.raw, sum->quarantine += out.quarantine, sum->messages += out.messages;
    sum->rebuild |= out.rebuild;
    return true;
}

typedef struct {
    const privacy_request *r;
    enum privacy_state state;
    int64_t ended_us;
    str result, subjects;
} to_state;

static bool put_state(void *ctx, desk *d, err *e) {
    to_state *x = ctx;
    return privacy_set(d->s, x->r, x->state, x->ended_us, x->result, x->subjects, e);
}

// ---- the steps ----

static bool find(work *x, err *e) {
    store *s;
    settings set;
    return job_reader(x->j, &s, e) && settings_read(x->j->a, s, &set, e) && (x->country = set.country, true) &&
           privacy_customers(x->j->a, s, x->r.subjects, x->country, &x->customers, &x->n, e);
}

static bool erase_all(work *x, err *e) {
    rebuilt_report report = {0};
    for (size_t i = 0; i < x->n; i++) {
        piece p = {.x = x, .customer = x->customers[i]};
        job_at(x->j, (int64_t)i, (int64_t)x->n);
        if (!job_goes_on(x->j, e) || !writer_alone(x->j->w, erase_one, &p, e)) return false;
    }
    return !x->sum.rebuild || writer_rebuild(x->j->w, NULL, NULL, NULL, NULL, &report, e);
}

// Counts what the document will hold; it is written when somebody fetches it, from what is true then.
static bool count_all(work *x, err *e) {
    store *s;
    if (!job_reader(x->j, &s, e)) return false;
    for (size_t i = 0; i < x->n; i++) {
        arena a = arena_open((size_t)1 << 30);
        buf b = buf_new(&a, DOCUMENT_MOST);
        access_count n;
        access_ask ask = {.customer = x->customers[i], .now_us = x->j->world->now_us(x->j->world)};
        bool ok = access_write(&a, s, &ask, &b, &n, e);
        x->told.profiles += n.profiles, x->told.events += n.events, x->told.feedback += n.feedback;
        arena_close(&a);
        if (!ok) return false;
    }
    return true;
}

static void result_members(json_out *j, const work *x) {
    json_put_int(j, "customers", (int64_t)x->n);
    if (erases(x)) {
        json_put_int(j, "profiles", x->sum.profiles);
        json_put_int(j, "identifiers", x->sum.identifiers);
        json_put_int(j, "events", x->sum.events);
        json_put_int(j, "raw", x->sum.raw);
        json_put_int(j, "quarantine", x->sum.quarantine);
        json_put_int(j, "messages", x->sum.messages);
    } else if (str_eq(x->r.kind, S("unblock")))
        json_put_int(j, "let_in", x->lifted);
    else if (!blocks(x)) {
        json_put_int(j, "profiles", x->told.profiles);
        json_put_int(j, "events", x->told.events);
    }
}

// After an erasure the request itself must not tell who it was.
static bool forget_one(void *ctx, const subject *s, err *e) {
    json_out *j = ctx;
    char hash[24];
    (void)e;
    snprintf(hash, sizeof hash, "%016" PRIx64, str_hash2((uint64_t)s->kind, s->value));
    json_open(j, NULL, '{');
    json_put_str(j, "type", s->kind ? ident_name(s->kind) : S("customer"));
    json_put_str(j, "value", str_c(hash));
    json_put_str(j, "format", S("erased"));
    json_close(j, '}');
    return true;
}

static bool done(work *x, err *e) {
    buf b = buf_new(x->j->a, 1 << 16), who = buf_new(x->j->a, 1 << 20);
    json_out j = json_to(&b), w = json_to(&who);
    json_open(&j, NULL, '{');
    result_members(&j, x);
    json_close(&j, '}');
    to_state to = {&x->r, PRIVACY_DONE, x->j->world->now_us(x->j->world), buf_str(&b), x->r.subjects};
    if (erases(x)) {
        json_open(&w, NULL, '[');
        if (!privacy_subjects(x->j->a, x->r.subjects, x->country, forget_one, &w, e)) return false;
        json_close(&w, ']');
        to.subjects = buf_str(&who);
    }
    result_members(x->j->out, x);
    return writer_do(x->j->w, put_state, &to, e);
}

static bool work_off(work *x, err *e) {
    to_state begun = {&x->r, PRIVACY_WORKING, 0, S("{}"), x->r.subjects};
    piece p = {.x = x};
    if (!find(x, e) || !writer_do(x->j->w, put_state, &begun, e)) return false;
    bool block = blocks(x) || str_eq(x->r.kind, S("unblock"));
    if (erases(x) && !erase_all(x, e)) return false;
    if (block && !writer_alone(x->j->w, block_all, &p, e)) return false;
    if (!erases(x) && !block && !count_all(x, e)) return false;
    return done(x, e);
}

// ---- telling those who asked ----

static bool call_back(work *x, str url, str site, err *e) {
    fetch_reply reply;
    str signature;
    buf b = buf_new(x->j->a, 1 << 16);
    privacy_status_json(&b, &x->r, site, url);
    if (!privacy_sign(x->j->a, x->j->w, buf_str(&b), &signature, e)) return false;
    str domain = site;
    if (str_has(domain, S("://"))) domain = str_sub(domain, (size_t)str_find(domain, '/') + 2, domain.len);
    fetch_header headers[] = {{S("Content-Type"), S("application/json")},
                              {S("X-OpenDSR-Processor-Domain"), domain},
                              {S("X-OpenDSR-Signature"), signature}};
    fetch_ask ask = {
        .method = "POST", .url = url, .headers = headers, .n_headers = 3, .body = buf_str(&b), .cut = true};
    if (!fetch(x->j->a, &ask, &reply, e)) return false;
    return reply.status / 100 == 2 ||
           fail(e, ERR_unavailable, "\"%.*s\" answered %d", (int)MIN(url.len, 100), url.s, reply.status);
}

static bool call_all_back(work *x, err *e) {
    json_t *list = NULL, *v;
    size_t i;
    str site = S("");
    store *s;
    if (!job_reader(x->j, &s, e) || !settings_get(x->j->a, s, "origin", &site, e) ||
        !privacy_get(x->j->a, s, x->r.id, &x->r, e) || !json_read(x->r.callbacks, &list, e))
        return false;
    bool ok = true;
    json_array_foreach(list, i, v) ok = ok && call_back(x, json_text(v), site, e);
    json_decref(list);
    return ok;
}

bool job_privacy(job *j, err *e) {
    work x = {.j = j};
    store *s;
    int64_t id = json_integer_value(json_object_get(j->in, "request"));
    if (!job_reader(j, &s, e) || !privacy_get(j->a, s, id, &x.r, e)) return false;
    bool open = x.r.state == PRIVACY_PENDING || x.r.state == PRIVACY_WORKING;
    if (open && !work_off(&x, e)) return false;
    return x.r.state == PRIVACY_CANCELLED || call_all_back(&x, e);
}

// ---- retention ----

#define B(kind) (UINT64_C(1) << KIND_##kind)
static const struct {
    const char *what;
    uint64_t kinds;
} KEEPINGS[] = {
#define KEEP(what, kinds, text) {#what, kinds},
#include "jobs/retention.def"
};

typedef struct {
    uint64_t kinds;
    int64_t before_us, events;
} retiring;

// Whole kinds of events that are older than they may be. Their keys stay known, so that no file brings them back.
static bool retire(void *ctx, desk *d, err *e) {
    retiring *x = ctx;
    int32_t *months;
    size_t n;
    if (!ledger_flush(know_ledger(d->k), e) || !ledger_periods(d->s, d->a, &months, &n, e) || !store_begin(d->s, e))
        return false;
    bool ok = true;
    for (int kind = 1; ok && kind < 64; kind++) {
        if (!(x->kinds >> kind & 1)) continue;
        for (size_t i = 0; ok && i < n && period_start_us(months[i]) < x->before_us; i++) {
            int64_t gone = 0;
            ok = store_run(d->s, Q_retain_keys, NULL, e, "iii", (int64_t)months[i], (int64_t)kind, x->before_us) &&
                 store_run(d->s, Q_retain_events, &gone, e, "iii", (int64_t)months[i], (int64_t)kind, x->before_us);
            x->events += gone;
        }
        ok = ok && store_run(d->s, Q_retain_past, NULL, e, "ii", (int64_t)kind, x->before_us);
    }
    ok = ok && (!x->events || settings_put(d->s, "rebuild", S("due"), e)) && ledger_commit(know_ledger(d->k), e);
    if (!ok) store_rollback(d->s);
    return ok;
}

bool job_retain(job *j, err *e) {
    store *s;
    int64_t now = j->world->now_us(j->world), events = 0;
    rebuilt_report report = {0};
    if (!job_reader(j, &s, e)) return false;
    for (size_t i = 0; i < COUNT(KEEPINGS); i++) {
        int64_t days = 0;
        if (!store_int(s, Q_retention_get, &days, 0, e, "t", str_c(KEEPINGS[i].what))) return false;
        if (!days || !KEEPINGS[i].kinds) continue;
        retiring x = {KEEPINGS[i].kinds, now - days * DAY_US, 0};
        if (!job_goes_on(j, e) || !writer_alone(j->w, retire, &x, e)) return false;
        events += x.events;
        json_put_int(j->out, KEEPINGS[i].what, x.events);
    }
    return !events || writer_rebuild(j->w, NULL, NULL, NULL, NULL, &report, e);
}
