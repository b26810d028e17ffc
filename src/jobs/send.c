#include <pthread.h>

#include "act/mail_setup.h"
#include "act/outbox_tell.h"
#include "base/civil.h"
#include "jobs/crew.h"
#include "jobs/send.h"
#include "jobs/send_smtp.h"
#include "know/fold.h"
#include "sql/act_outbox.h"

enum {
    TIMEOUT_MS = 60000,
    WHOLE = 10,
    CLAIM = 64,
    LOOK = 256,
    DOMAINS = 512,
    LANES = CREW_MOST + 1,
    FRESH_S = 5,
    TELL_AT = 200,
    HOLD_S = 30,
    HOLD_MOST_S = 900,
    SPARE_S = 900,
    MINUTE_S = 60
};

// Until the next try, after so many. RFC 5321, 4.5.4.1: soon at first, then at least half an hour, for four to five
// days.
static const int32_t pauses[] = {60, 300, 900, 1800, 3600, 7200, 14400};

typedef struct {
    int64_t id, lease_us;
} claimed;

// What a thread has for itself.
typedef struct {
    bool open;
    arena life, a; // life: of setup and signers
    store *s;
    smtp *c;
    int64_t read_us; // when setup and signers were read
    mail_setup setup;
    dkim *signers;
    zone *z;
} lane;

struct sender {
    send_opts o;
    arena life;
    crew *crew;
    lane lanes[LANES];
    arena connections;

    pthread_mutex_t picking; // of what follows
    store *s;
    claimed queue[CLAIM];
    int n_queue, at;
    struct {
        uint64_t domain;
        int64_t next_us;
    } paces[DOMAINS];
    int64_t next_any_us;    // by the pace of all
    int64_t hold_us, holds; // the server is to blame: nothing before, how often in a row
    int64_t resend_us;      // when unsure ones were last looked for
    bool began;

    pthread_mutex_t telling;
    int64_t untold;   // atomic
    int64_t woken_us; // atomic: when a commit woke the threads last
};

typedef struct {
    sender *d;
    lane *l;
    claimed mine;
    outbox_row o;
    outbox_leave leave;
    smtp_answer got;
    send_fate fate;
    int64_t at_us, now_us;
    str why;
    bool marked;
} attempt;

static int64_t now_of(const sender *d) {
    return d->o.world->now_us(d->o.world);
}

static int64_t timeout_us(const sender *d) {
    return 1000 * (int64_t)(d->o.timeout_ms ? d->o.timeout_ms : TIMEOUT_MS);
}

// ---- what follows ----

static send_fate send_judge(const send_seen *x, int64_t tries, int64_t tried_us) {
    size_t nth = (size_t)MIN(MAX(tries, 1), (int64_t)COUNT(pauses)) - 1;
    send_fate later = {.state = OUTBOX_WAITING, .pause_s = pauses[nth]};
    bool no = x->status / 100 == 5, ours = x->before_mail || x->status == 421;
    if (x->taken) return (send_fate){.state = OUTBOX_SENT};
    if (x->marked && x->status / 100 != 4 && !no) return (send_fate){.state = OUTBOX_UNSURE};
    // A "no" to MAIL is about us, unless it speaks of the size or of letters in addresses.
    if (x->mail && no && x->status != 552 && x->status != 553 && x->status != 555) ours = true;
    if (tried_us > SEND_DAYS * DAY_US || (no && !ours)) return (send_fate){.state = OUTBOX_FAILED};
    later.server = ours;
    return later;
}

// ---- lanes ----

static bool open_lane(sender *d, lane *l, err *e) {
    int64_t now = now_of(d);
    if (!l->open) {
        l->life = arena_open(1 << 24), l->a = arena_open(1 << 26);
        pthread_mutex_lock(&d->picking);
        l->c = smtp_open(&d->connections);
        pthread_mutex_unlock(&d->picking);
        l->open = true;
    }
    if (!l->c) return fail(e, ERR_unavailable, "no memory for a connection");
    if (!l->s && !store_open(&l->s, str_c(d->o.where), (store_opts){.read_only = true, .cache_mb = 2}, e)) return false;
    if (l->read_us && now >= l->read_us && now - l->read_us < FRESH_S * SECOND_US) return true;
    dkim_close(l->signers);
    l->signers = NULL;
    arena_reset(&l->life);
    l->read_us = 0;
    bool ok = mail_setup_read(&l->life, l->s, &l->setup, e) &&
              mail_signers(&l->life, l->s, &l->setup, &l->signers, e) && store_zone(l->s, &l->life, &l->z, e);
    if (ok) l->read_us = now;
    return ok;
}

static void close_lane(lane *l) {
    if (!l->open) return;
    smtp_close(l->c);
    dkim_close(l->signers);
    store_close(l->s);
    arena_close(&l->life);
    arena_close(&l->a);
}

// ---- choosing ----

typedef struct {
    int64_t id, due_us, then_us; // then_us: its lease, or when it is due instead
    const int64_t *pace;         // of its domain
    bool got;
} chosen;

typedef struct {
    chosen now[CLAIM], later[LOOK];
    int n_now, n_later;
    int64_t now_us, before_us;
} choice;

static bool begin_piece(void *ctx, desk *k, err *e) {
    const choice *c = ctx;
    return store_run(k->s, Q_outbox_orphans, NULL, e, "i", c->now_us);
}

static bool resend_piece(void *ctx, desk *k, err *e) {
    const choice *c = ctx;
    return store_run(k->s, Q_outbox_resend, NULL, e, "iiii", c->before_us, (int64_t)GATE_reply, (int64_t)GATE_service,
                     c->now_us);
}

static bool choose_piece(void *ctx, desk *k, err *e) {
    choice *c = ctx;
    for (int i = 0; i < c->n_now; i++) {
        int64_t n = 0;
        if (!store_run(k->s, Q_outbox_claim, &n, e, "iii", c->now[i].id, c->now[i].due_us, c->now[i].then_us))
            return false;
        c->now[i].got = n > 0;
    }
    for (int i = 0; i < c->n_later; i++)
        if (!store_run(k->s, Q_outbox_pace, NULL, e, "iii", c->later[i].id, c->later[i].due_us, c->later[i].then_us))
            return false;
    return true;
}

static int64_t *pace_of(sender *d, str domain, int64_t now) {
    uint64_t h = str_hash(domain) | 1;
    size_t at = h % DOMAINS;
    for (size_t i = 0; i < DOMAINS; i++, at = (at + 1) % DOMAINS) {
        if (d->paces[at].domain == h) return &d->paces[at].next_us;
        if (d->paces[at].domain && d->paces[at].next_us > now) continue;
        d->paces[at].domain = h, d->paces[at].next_us = 0;
        return &d->paces[at].next_us;
    }
    return &d->paces[at].next_us; // so many at once share one
}

static int64_t step_us(int64_t per_minute) {
    return per_minute ? MINUTE_S * SECOND_US / per_minute : 0;
}

// A time of its own for one that must go slowly: after those of its domain, and of all, that were put off before it.
static void put_off(choice *c, chosen x, int64_t next_any_us, int64_t step, int64_t any) {
    int64_t same = 0;
    for (int i = 0; i < c->n_later; i++) same += c->later[i].pace == x.pace;
    int64_t own = MAX(*x.pace, c->now_us) + same * step, all = MAX(next_any_us, c->now_us) + c->n_later * any;
    x.then_us = MAX(own, all);
    c->later[c->n_later++] = x;
}

// Those whose domain, or all of us, must go slowly are put off; so they stand in nobody's way.
static bool look(sender *d, const mail_setup *m, choice *c, err *e) {
    int64_t step = step_us(m->per_domain), any = step_us(m->per_minute);
    int64_t lease = c->now_us + (WHOLE + 1) * timeout_us(d) + SPARE_S * SECOND_US;
    for (row r = store_query(d->s, Q_outbox_due, e, "ii", c->now_us, (int64_t)LOOK); row_next(&r);) {
        int64_t *pace = pace_of(d, row_str(&r, 2), c->now_us);
        chosen x = {.id = row_int(&r, 0), .due_us = row_int(&r, 1), .then_us = lease, .pace = pace};
        if (*pace > c->now_us || d->next_any_us > c->now_us) {
            put_off(c, x, d->next_any_us, step, any);
        } else if (c->n_now < CLAIM) {
            c->now[c->n_now++] = x;
            *pace = c->now_us + step;
            d->next_any_us = MAX(d->next_any_us, c->now_us - SECOND_US) + any;
        }
    }
    return err_ok(e);
}

static bool begin(sender *d, choice *c, err *e) {
    if (d->began) return true;
    d->began = writer_do(d->o.w, begin_piece, c, e);
    return d->began;
}

// Not before the answer to a try that is under way must have come.
static bool resend(sender *d, const mail_setup *m, choice *c, err *e) {
    if (!m->resend_min || c->now_us - d->resend_us < MINUTE_S * SECOND_US) return true;
    int64_t least = (WHOLE + 1) * timeout_us(d), wanted = m->resend_min * MINUTE_S * SECOND_US;
    d->resend_us = c->now_us, c->before_us = c->now_us - MAX(least, wanted);
    return writer_do(d->o.w, resend_piece, c, e);
}

static bool fill(sender *d, arena a, int64_t *next_us, err *e) {
    choice c = {.now_us = now_of(d)};
    mail_setup m;
    if (!d->s && !store_open(&d->s, str_c(d->o.where), (store_opts){.read_only = true, .cache_mb = 2}, e)) return false;
    if (!begin(d, &c, e) || !mail_setup_read(&a, d->s, &m, e)) return false;
    *next_us = c.now_us + FRESH_S * SECOND_US;
    if (!m.on || !mail_setup_done(&m)) return false;
    *next_us = d->hold_us;
    if (d->hold_us > c.now_us) return false;
    if (!resend(d, &m, &c, e) || !look(d, &m, &c, e) ||
        (c.n_now + c.n_later > 0 && !writer_do(d->o.w, choose_piece, &c, e)))
        return false;
    d->n_queue = d->at = 0;
    for (int i = 0; i < c.n_now; i++)
        if (c.now[i].got) d->queue[d->n_queue++] = (claimed){c.now[i].id, c.now[i].then_us};
    if (d->n_queue) return true;
    bool known = store_int(d->s, Q_outbox_next, next_us, INT64_MAX, e, "");
    if (known) *next_us = MIN(*next_us, c.now_us + SECOND_US);
    return false;
}

// The next one, claimed. False with e clear when nothing is due.
static bool pick(sender *d, attempt *x, int64_t *next_us, err *e) {
    arena a = arena_open(1 << 20);
    bool got = false;
    pthread_mutex_lock(&d->picking);
    *next_us = d->hold_us;
    if (d->hold_us <= now_of(d)) {
        // What nobody got to in its time is somebody else's by now.
        while (d->at < d->n_queue && d->queue[d->at].lease_us - now_of(d) < WHOLE * timeout_us(d)) d->at++;
        got = d->at < d->n_queue || fill(d, a, next_us, e);
        if (got) x->mine = d->queue[d->at++];
    }
    pthread_mutex_unlock(&d->picking);
    arena_close(&a);
    return got;
}

// ---- one message ----

static bool mark_piece(void *ctx, desk *k, err *e) {
    attempt *x = ctx;
    int64_t n = 0;
    x->marked = store_run(k->s, Q_outbox_mark, &n, e, "iii", x->o.id, k->w->now_us(k->w), x->mine.lease_us) && n > 0;
    return err_ok(e);
}

static bool mark(void *ctx) {
    attempt *x = ctx;
    err e = {0};
    return writer_do(x->d->o.w, mark_piece, x, &e) && x->marked;
}

static bool unsend(desk *k, int64_t gate_id, err *e) {
    err none = {0};
    return gate_unsent(know_ledger(k->k), gate_id, &none) || none.code == ERR_not_found ||
           fail(e, none.code, "%s", none.msg);
}

static bool end(desk *k, const attempt *x, enum outbox_state state, int64_t tries, err *e) {
    return store_run(k->s, Q_outbox_end_mine, NULL, e, "iiitii", x->o.id, (int64_t)state, x->now_us, x->why, tries,
                     x->mine.lease_us) &&
           unsend(k, x->o.gate_id, e);
}

// Nothing was tried: it has to wait, or may not go at all.
static bool leave_piece(void *ctx, desk *k, err *e) {
    attempt *x = ctx;
    if (x->leave.may == OUTBOX_STOP) return end(k, x, OUTBOX_CANCELLED, x->o.tries, e);
    return store_run(k->s, Q_outbox_back, NULL, e, "iiti", x->o.id, x->leave.until_us, x->why, x->mine.lease_us);
}

static bool record_piece(void *ctx, desk *k, err *e) {
    attempt *x = ctx;
    int64_t tries = x->o.tries + 1;
    if (!store_run(k->s, Q_outbox_try_put, NULL, e, "iiitiit", x->o.id, tries, x->at_us,
                   str_c(smtp_stage_name(x->got.stage)), (int64_t)x->got.status, x->got.took_us, x->why))
        return false;
    switch (x->fate.state) {
    case OUTBOX_SENT: return store_run(k->s, Q_outbox_sent, NULL, e, "iiti", x->o.id, x->now_us, x->why, tries);
    case OUTBOX_UNSURE: return store_run(k->s, Q_outbox_unsure, NULL, e, "iti", x->o.id, x->why, tries);
    case OUTBOX_FAILED: return end(k, x, OUTBOX_FAILED, tries, e);
    case OUTBOX_WAITING:
        return store_run(k->s, Q_outbox_later, NULL, e, "iitiii", x->o.id,
                         x->now_us + crew_jitter(k->w, x->fate.pause_s * SECOND_US), x->why, tries, x->at_us,
                         x->mine.lease_us);
    case OUTBOX_SENDING:
    case OUTBOX_BOUNCED:
    case OUTBOX_CANCELLED:
    case OUTBOX_STATES: break;
    }
    return true;
}

// Words of a server as they may stand in a row: one line of UTF-8.
static str tidy(arena *a, str x) {
    buf b = buf_new(a, 1100);
    for (size_t i = 0; i < x.len && b.len < 1000;) {
        size_t n = str_utf8_1(str_sub(x, i, 4));
        if (n > 1 || (n == 1 && (unsigned char)x.s[i] >= ' ' && x.s[i] != 0x7F))
            buf_add(&b, str_sub(x, i, n));
        else
            buf_addc(&b, ' ');
        i += n ? n : 1;
    }
    return buf_str(&b);
}

static bool composed(attempt *x, str *message, err *e) {
    arena *a = &x->l->a;
    str plain, fields;
    return mail_of_row(a, x->l->s, &x->l->setup, &x->o, x->at_us, x->l->z, &plain, e) &&
           dkim_sign(a, x->l->signers, plain, x->at_us, &fields, e) && (*message = str_cat(a, fields, plain), true);
}

// The server, or our account there, is to blame: everything waits, longer each time.
static void hold(sender *d, const attempt *x) {
    pthread_mutex_lock(&d->picking);
    if (!x->fate.server) {
        d->holds = 0;
    } else if (d->hold_us <= x->now_us) {
        int64_t s = MIN((int64_t)HOLD_S << MIN(d->holds, 10), HOLD_MOST_S);
        d->holds++, d->hold_us = x->now_us + s * SECOND_US;
    }
    pthread_mutex_unlock(&d->picking);
}

static void tell_log(const attempt *x) {
    char id[24];
    if (!x->d->o.log || x->fate.state == OUTBOX_SENT) return;
    snprintf(id, sizeof id, "%" PRId64, x->o.id);
    log_line(x->d->o.log, LOG_WARN,
             x->fate.state == OUTBOX_WAITING ? "a message is tried again" : "a message was not sent", "message", id,
             "state", outbox_state_name(x->fate.state), "why", str_z(&x->l->a, x->why), NULL);
}

static void converse(attempt *x, str message) {
    sender *d = x->d;
    const mail_setup *m = &x->l->setup;
    arena *a = &x->l->a;
    smtp_server to = {.host = m->host,
                      .tls = m->tls,
                      .port = m->port,
                      .login = m->login,
                      .password = m->password,
                      .hello = mail_domain(m->from_address),
                      .timeout_ms = d->o.timeout_ms ? d->o.timeout_ms : TIMEOUT_MS,
                      .cancel = crew_stopped(d->crew)};
    smtp_ask ask = {.from =
                        m->bounce_address.len ? mail_return_path(a, m->bounce_address, x->o.token) : m->from_address,
                    .to = x->o.address,
                    .message = message,
                    .mark = mark,
                    .ctx = x};
    smtp_send(x->l->c, a, &to, &ask, &x->got);
    send_seen seen = {.marked = x->got.marked,
                      .taken = x->got.taken,
                      .before_mail = x->got.stage == SMTP_CONNECT,
                      .mail = x->got.stage == SMTP_MAIL,
                      .status = x->got.status};
    x->now_us = now_of(d);
    x->fate = send_judge(&seen, x->o.tries + 1, x->o.first_us ? x->now_us - x->o.first_us : 0);
    x->why = tidy(a, x->got.reply);
}

// Told to stop before anything was given away: somebody else goes on with it.
static bool broken_off(const attempt *x) {
    return !x->got.marked && __atomic_load_n(crew_stopped(x->d->crew), __ATOMIC_RELAXED);
}

static bool fly(attempt *x, err *e) {
    sender *d = x->d;
    err why = {0};
    str message = {0};
    x->at_us = x->now_us = now_of(d);
    if (!outbox_get(&x->l->a, x->l->s, x->mine.id, &x->o, e)) return false;
    if (x->o.state != OUTBOX_SENDING || x->o.next_us != x->mine.lease_us) return true;
    if (!outbox_ask(&x->l->a, x->l->s, &x->o, x->at_us, &x->leave, e)) return false;
    x->why = x->leave.why;
    if (x->leave.may == OUTBOX_GO && !composed(x, &message, &why)) {
        bool again = why.code != ERR_invalid && why.code != ERR_too_large;
        x->leave = (outbox_leave){again ? OUTBOX_LATER : OUTBOX_STOP, x->at_us + HOUR_US, S("")};
        x->why = str_c(why.msg);
    }
    if (x->leave.may != OUTBOX_GO) return writer_do(d->o.w, leave_piece, x, e);
    converse(x, message);
    if (broken_off(x)) return true;
    hold(d, x);
    bool ok = writer_do(d->o.w, record_piece, x, e);
    if (ok && x->fate.state == OUTBOX_SENT) __atomic_add_fetch(&d->untold, 1, __ATOMIC_RELAXED);
    tell_log(x);
    if (ok && d->o.ended) d->o.ended(d->o.ctx, x->o.id, x->fate.state);
    return ok;
}

// ---- telling ----

static bool tell_piece(void *ctx, desk *k, err *e) {
    size_t n = OUTBOX_TELL_MOST;
    (void)ctx;
    while (n == OUTBOX_TELL_MOST && err_ok(e)) {
        arena a = arena_open((size_t)1 << 30);
        bool ok = outbox_tell(know_ledger(k->k), &a, &n, e);
        arena_close(&a);
        if (!ok) return false;
    }
    return err_ok(e);
}

static bool tell(sender *d, int64_t at_least, err *e) {
    if (__atomic_load_n(&d->untold, __ATOMIC_RELAXED) < at_least || pthread_mutex_trylock(&d->telling)) return true;
    __atomic_store_n(&d->untold, 0, __ATOMIC_RELAXED);
    bool ok = writer_alone(d->o.w, tell_piece, NULL, e);
    if (!ok) __atomic_store_n(&d->untold, at_least, __ATOMIC_RELAXED);
    pthread_mutex_unlock(&d->telling);
    return ok;
}

// ---- the threads ----

static bool step(sender *d, int nth, int64_t *next_us, err *e) {
    lane *l = &d->lanes[nth];
    attempt x = {.d = d, .l = l};
    if (!pick(d, &x, next_us, e)) return false;
    bool ok = open_lane(d, l, e) && fly(&x, e);
    arena_reset(&l->a);
    return ok;
}

static bool work(void *ctx, int nth, int64_t *next_us, err *e) {
    sender *d = ctx;
    if (step(d, nth, next_us, e)) return tell(d, TELL_AT, e);
    return err_ok(e) && tell(d, 1, e) && false;
}

bool send_due(sender *d, int64_t *tries, err *e) {
    int64_t next_us;
    *tries = 0;
    while (step(d, LANES - 1, &next_us, e)) ++*tries;
    return err_ok(e) && tell(d, 1, e);
}

sender *send_open(send_opts o) {
    arena life = arena_open(1 << 20);
    sender *d = make(&life, sender, 1);
    *d = (sender){.o = o, .untold = 1}; // an earlier one may have left something untold
    d->life = life;
    d->connections = arena_open(1 << 16);
    d->crew = crew_open((crew_opts){.threads = o.threads ? MIN(o.threads, CREW_MOST) : SEND_PARALLEL,
                                    .work = work,
                                    .ctx = d,
                                    .world = o.world,
                                    .log = o.log,
                                    .waits = "the outbox waits"});
    pthread_mutex_init(&d->picking, NULL);
    pthread_mutex_init(&d->telling, NULL);
    return d;
}

bool send_start(sender *d, err *e) {
    return crew_start(d->crew, e);
}

// Commits may be many; the threads look every second anyway.
void send_committed(sender *d) {
    int64_t now = now_of(d), last = __atomic_load_n(&d->woken_us, __ATOMIC_RELAXED);
    if (now - last < SECOND_US / 5 && now >= last) return;
    __atomic_store_n(&d->woken_us, now, __ATOMIC_RELAXED);
    crew_wake(d->crew);
}

void send_stop(sender *d) {
    if (d) crew_stop(d->crew);
}

void send_close(sender *d) {
    if (!d) return;
    crew_close(d->crew);
    for (int i = 0; i < LANES; i++) close_lane(&d->lanes[i]);
    store_close(d->s);
    pthread_mutex_destroy(&d->picking);
    pthread_mutex_destroy(&d->telling);
    arena_close(&d->connections);
    arena life = d->life;
    arena_close(&life);
}
