#include <pthread.h>

#include "base/civil.h"
#include "jobs/crew.h"
#include "jobs/fetch.h"
#include "jobs/outgoing_private.h"
#include "listen/signature.h"
#include "sql/serve_auth.h"
#include "sql/serve_hooks.h"

enum { TIMEOUT_MS = 20000, REPLY_MOST = 500, GIVE_UP_DAYS = 5 };
static const int64_t RETRY_MOST_US = DAY_US;

// Seconds between a try and the next (Standard Webhooks 1.0.0, "Retry schedule").
static const int32_t pauses[DELIVERY_TRIES] = {0, 5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400};

// How long after a try that failed, the first being 1, the next one follows, in seconds; 0: none does.
static int64_t delivery_pause_s(int64_t tries) {
    return tries > 0 && tries < DELIVERY_TRIES ? pauses[tries] : 0;
}

// What this process knows of an endpoint beside the store.
typedef struct {
    int64_t id;
    int flying;  // tries under way
    bool gentle; // it asked for less: one at a time until something gets through
} lane;

struct deliverer {
    deliver_opts o;
    arena life;
    crew *crew;
    pthread_mutex_t picking; // of what follows
    store *s;
    arena scratch;
    lane lanes[ENDPOINTS];
    int n_lanes;
    int64_t turn; // the endpoint that was last chosen
};

// A try that was claimed.
typedef struct {
    deliverer *d;
    endpoint to;
    delivery what;
    int64_t due_us, lease_us, at_us;
    fetch_reply reply;
    err why;
    bool answered, taken, ended, disabled;
    int64_t next_us;
    bool claimed;
} attempt;

static int64_t now_of(const deliverer *d) {
    return d->o.world->now_us(d->o.world);
}

static int64_t timeout_ms(const deliverer *d) {
    return d->o.timeout_ms ? d->o.timeout_ms : TIMEOUT_MS;
}

// Choosing what to send

static lane *lane_of(deliverer *d, int64_t id) {
    for (int i = 0; i < d->n_lanes; i++)
        if (d->lanes[i].id == id) return &d->lanes[i];
    int at = 0; // one that is idle gives way
    while (at < d->n_lanes && d->lanes[at].flying) at++;
    if (d->n_lanes < ENDPOINTS) at = d->n_lanes++;
    d->lanes[at] = (lane){.id = id};
    return &d->lanes[at];
}

static bool may_fly(const lane *l) {
    return l->flying < (l->gentle ? 1 : DELIVERY_PER_ENDPOINT);
}

// Endpoints take turns, so that a busy one does not keep others waiting. The first that has something due is chosen;
// *next_us: when the next one of any is.
static bool choose(deliverer *d, arena *a, attempt *x, int64_t *next_us, err *e) {
    int64_t now = now_of(d), chosen = 0;
    bool later = false; // the chosen one comes after whoever was last
    *next_us = INT64_MAX;
    for (row r = store_query(d->s, Q_endpoint_list, e, "ii", INT64_C(0), (int64_t)ENDPOINTS); row_next(&r);) {
        int64_t id = row_int(&r, 0), delivery_id = 0, due = INT64_MAX;
        if (row_int(&r, 5) != ENDPOINT_ON || !may_fly(lane_of(d, id))) continue;
        for (row q = store_query(d->s, Q_delivery_due, e, "i", id); row_next(&q);)
            delivery_id = row_int(&q, 0), due = row_int(&q, 1);
        if (due > now)
            *next_us = MIN(*next_us, due);
        else if (!chosen || (!later && id > d->turn))
            chosen = delivery_id, x->due_us = due, later = id > d->turn;
    }
    return err_ok(e) && chosen && delivery_get(a, d->s, chosen, &x->what, e) &&
           endpoint_get(a, d->s, x->what.endpoint_id, &x->to, e);
}

static bool claim(void *ctx, desk *k, err *e) {
    attempt *x = ctx;
    int64_t n = 0;
    if (!store_run(k->s, Q_delivery_claim, &n, e, "iii", x->what.id, x->due_us, x->lease_us)) return false;
    x->claimed = n > 0;
    return true;
}

static bool open_store(deliverer *d, err *e) {
    return d->s || store_open(&d->s, str_c(d->o.where), (store_opts){.read_only = true, .cache_mb = 2}, e);
}

// The next try that is due, claimed, so that nobody else makes it. False with e clear when nothing is due.
static bool pick(deliverer *d, arena *a, attempt *x, int64_t *next_us, err *e) {
    bool got = false;
    pthread_mutex_lock(&d->picking);
    while (!got && open_store(d, e) && choose(d, a, x, next_us, e)) {
        x->at_us = now_of(d);
        x->lease_us = x->at_us + 3000 * timeout_ms(d);
        if (!writer_do(d->o.w, claim, x, e)) break;
        got = x->claimed;
        d->turn = x->to.id;
        x->what.tries++;
        if (got) lane_of(d, x->to.id)->flying++;
    }
    pthread_mutex_unlock(&d->picking);
    return got;
}

// Sending

static str signatures(arena *a, const attempt *x, const sent *q) {
    const scheme *standard = scheme_get(S("standard"));
    buf b = buf_new(a, 2048);
    for (int i = 0; i < x->to.n_secrets; i++) {
        const endpoint_secret *k = &x->to.secrets[i];
        if (k->until_us && k->until_us <= x->at_us) continue;
        if (b.len) buf_addc(&b, ' ');
        buf_add(&b, signature_make(a, standard, q, k->secret));
    }
    return buf_str(&b);
}

static void send_it(arena *a, attempt *x) {
    str stamp = str_fmt(a, "%" PRId64, floor_div(x->at_us, SECOND_US));
    const sent_header signed_with[] = {{S("webhook-id"), x->what.message}, {S("webhook-timestamp"), stamp}};
    sent q = {.headers = signed_with, .n_headers = 2, .body = x->what.body};
    const fetch_header headers[] = {{S("content-type"), S("application/json")},
                                    {S("webhook-id"), x->what.message},
                                    {S("webhook-timestamp"), stamp},
                                    {S("webhook-signature"), signatures(a, x, &q)}};
    fetch_ask ask = {.method = "POST",
                     .url = x->to.url,
                     .headers = headers,
                     .n_headers = COUNT(headers),
                     .body = x->what.body,
                     .timeout_ms = (int)timeout_ms(x->d),
                     .most = REPLY_MOST,
                     .cut = true,
                     .cancel = crew_stopped(x->d->crew),
                     .allow_private = outgoing_private(x->d->o.out)};
    x->answered = fetch(a, &ask, &x->reply, &x->why);
    x->taken = x->answered && x->reply.status >= 200 && x->reply.status < 300;
}

// What follows from it

static bool wants_less(int status) {
    return status == 429 || status == 502 || status == 503 || status == 504;
}

// Retry-After: seconds, or a date (RFC 9110, 10.2.3).
static int64_t asked_pause_us(const attempt *x, int64_t now) {
    str text = fetch_header_of(&x->reply, "retry-after");
    int64_t seconds = 0, at_us = 0;
    if (!x->answered || !text.len) return 0;
    if (str_i64(text, &seconds)) return MIN(MAX(seconds, 0), RETRY_MOST_US / SECOND_US) * SECOND_US;
    if (!time_parse(text, NULL, 0, &at_us)) return 0;
    return MIN(MAX(at_us - now, 0), RETRY_MOST_US);
}

static void decide(attempt *x, int64_t now) {
    int64_t pause = delivery_pause_s(x->what.tries) * SECOND_US, asked = asked_pause_us(x, now);
    bool gone = x->answered && x->reply.status == 410;
    bool too_long = x->to.failing_us && now - x->to.failing_us > GIVE_UP_DAYS * DAY_US;
    if (x->taken) {
        x->ended = true;
        return;
    }
    x->disabled = gone || too_long;
    x->ended = gone || !pause;
    x->next_us = now + MAX(crew_jitter(x->d->o.world, pause), asked);
}

static str reply_text(arena *a, const attempt *x) {
    str text = x->answered ? x->reply.body : str_c(x->why.msg);
    buf b = buf_new(a, REPLY_MOST + 8);
    for (size_t i = 0; i < text.len;) {
        size_t n = str_utf8_1(str_sub(text, i, 4));
        bool shown = n > 1 || (n == 1 && (unsigned char)text.s[i] >= ' ');
        if (shown)
            buf_add(&b, str_sub(text, i, n));
        else
            buf_addc(&b, ' ');
        i += n ? n : 1;
    }
    return buf_str(&b);
}

static bool note(desk *k, const char *action, int64_t endpoint_id, str why, err *e) {
    int64_t id;
    buf b = buf_new(k->a, 1024);
    json_out j = json_to(&b);
    json_open(&j, NULL, '{');
    json_put_str(&j, "why", why);
    json_close(&j, '}');
    return ledger_id(know_ledger(k->k), &id, e) &&
           store_run(k->s, Q_audit_put, NULL, e, "iittttt", id, k->w->now_us(k->w), S("system"), str_c(action),
                     str_fmt(k->a, "endpoint:%" PRId64, endpoint_id), buf_str(&b), S(""));
}

static bool disable(attempt *x, desk *k, err *e) {
    str why = x->answered && x->reply.status == 410 ? S("it answered 410 Gone") : S("nothing got through for days");
    return endpoint_turn(x->d->o.out, k, x->to.id, ENDPOINT_FAILED, e) &&
           note(k, "endpoint.disabled", x->to.id, why, e);
}

static bool record_failure(attempt *x, desk *k, int64_t now, err *e) {
    if (!store_run(k->s, Q_endpoint_failing, NULL, e, "ii", x->to.id, now)) return false;
    if (x->ended && !store_run(k->s, Q_delivery_end, NULL, e, "iii", x->what.id, (int64_t)DELIVERY_LOST, now))
        return false;
    if (!x->ended && !store_run(k->s, Q_delivery_later, NULL, e, "ii", x->what.id, x->next_us)) return false;
    if (x->disabled) return disable(x, k, e);
    int64_t asked = asked_pause_us(x, now);
    bool hold = x->answered && wants_less(x->reply.status) && asked;
    return !hold || store_run(k->s, Q_delivery_hold, NULL, e, "ii", x->to.id, now + asked);
}

static bool record_try(void *ctx, desk *k, err *e) {
    attempt *x = ctx;
    int64_t now = k->w->now_us(k->w);
    if (!store_run(k->s, Q_try_put, NULL, e, "iiiiit", x->what.id, x->what.tries, x->at_us, (int64_t)x->reply.status,
                   x->reply.took_us, reply_text(k->a, x)))
        return false;
    if (!x->taken) return record_failure(x, k, now, e);
    return store_run(k->s, Q_delivery_end, NULL, e, "iii", x->what.id, (int64_t)DELIVERY_DONE, now) &&
           store_run(k->s, Q_endpoint_well, NULL, e, "i", x->to.id);
}

static void land(attempt *x) {
    deliverer *d = x->d;
    pthread_mutex_lock(&d->picking);
    lane *l = lane_of(d, x->to.id);
    if (l->flying) l->flying--;
    l->gentle = !x->taken && (l->gentle || (x->answered && wants_less(x->reply.status)));
    pthread_mutex_unlock(&d->picking);
}

static void tell_log(const attempt *x) {
    char id[24], status[24];
    if (!x->d->o.log || (!x->disabled && !x->ended) || x->taken) return;
    snprintf(id, sizeof id, "%" PRId64, x->to.id);
    snprintf(status, sizeof status, "%d", x->reply.status);
    log_line(x->d->o.log, LOG_WARN, x->disabled ? "an endpoint was turned off" : "a message was given up", "endpoint",
             id, "status", status, NULL);
}

// A try that is broken off at the end of the program counts as none that was answered; the next one follows when its
// lease is over.
static bool fly(arena *a, attempt *x, err *e) {
    send_it(a, x);
    if (!x->answered && __atomic_load_n(crew_stopped(x->d->crew), __ATOMIC_RELAXED)) return land(x), false;
    decide(x, now_of(x->d));
    bool ok = writer_do(x->d->o.w, record_try, x, e);
    land(x);
    tell_log(x);
    if (ok && x->ended && x->d->o.ended) x->d->o.ended(x->d->o.ctx, x->to.id, x->taken);
    return ok;
}

bool deliver_due(deliverer *d, int64_t *n, err *e) {
    arena a = arena_open(1 << 22);
    int64_t next_us;
    *n = 0;
    for (attempt x = {.d = d}; pick(d, &a, &x, &next_us, e) && fly(&a, &x, e); x = (attempt){.d = d}) {
        arena_reset(&a);
        ++*n;
    }
    arena_close(&a);
    return err_ok(e);
}

// The threads

static bool work(void *ctx, int nth, int64_t *next_us, err *e) {
    deliverer *d = ctx;
    arena a = arena_open(1 << 22);
    attempt x = {.d = d};
    (void)nth;
    bool more = pick(d, &a, &x, next_us, e) && fly(&a, &x, e);
    arena_close(&a);
    return more;
}

deliverer *deliver_open(deliver_opts o) {
    arena life = arena_open(1 << 20);
    deliverer *d = make(&life, deliverer, 1);
    *d = (deliverer){.o = o};
    d->life = life;
    d->crew = crew_open((crew_opts){.threads = DELIVERY_PARALLEL,
                                    .work = work,
                                    .ctx = d,
                                    .world = o.world,
                                    .log = o.log,
                                    .waits = "outgoing messages wait"});
    pthread_mutex_init(&d->picking, NULL);
    return d;
}

void deliver_stop(deliverer *d) {
    if (d) crew_stop(d->crew);
}

void deliver_close(deliverer *d) {
    if (!d) return;
    crew_close(d->crew);
    store_close(d->s);
    pthread_mutex_destroy(&d->picking);
    arena life = d->life;
    arena_close(&life);
}

bool deliver_start(deliverer *d, err *e) {
    return crew_start(d->crew, e);
}

void deliver_committed(deliverer *d) {
    if (outgoing_waits(d->o.out)) crew_wake(d->crew);
}
