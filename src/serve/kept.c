#include "serve/kept.h"

#include <pthread.h>

#include "base/civil.h"
#include "know/kept.h"
#include "serve/live.h"
#include "serve/private.h"
#include "sql/know_kept.h"

enum { ROWS = 256, MOST_BYTES = 16 << 20, ROWS_ON_DISK = 200 };
enum { AT_ONCE_US = 100000, TIMES = 10, TIMES_QUIET = 20, QUIET_PART = 8 };
#define SECONDS(n)     ((n)*SECOND_US)
#define OLD_US         SECONDS(600)
#define LEAST_US       SECONDS(2)
#define MOST_US        SECONDS(300)
#define LEAST_QUIET_US SECONDS(60)
#define MOST_QUIET_US  SECONDS(3600)
#define FORGET_US      SECONDS(7 * 86400)

// An answer, or the place of one that is being made for the first time (text NULL).
typedef struct {
    bool used, making;
    bool wanted; // given while it was older than what is true
    bool passing;
    uint64_t question, change;
    char era[24];
    char *path, *query;
    int64_t account;
    uint64_t needs;
    int64_t now_us;             // of the store's clock when it was begun
    int64_t ended_us, asked_us; // of the machine's clock
    int64_t took_us, last_us;   // took: the lesser of the last two, as a busy machine makes all things slow
    uint64_t turn;              // rises with every use: the smallest goes first
    char *text;
    size_t len;
} kept_row;

struct answers_kept {
    pthread_mutex_t lock;
    pthread_cond_t ended, come; // an answer was made; there is something to renew
    uint64_t change, turns;
    kept_row rows[ROWS];
    kept_counts counts;
    server *sv; // NULL: nobody renews
    int64_t at_once_us;
    pthread_t thread;
    bool stop;
};

answers_kept *kept_open(void) {
    answers_kept *k = calloc(1, sizeof *k);
    if (!k) abort();
    k->at_once_us = AT_ONCE_US;
    pthread_mutex_init(&k->lock, NULL);
    pthread_cond_init(&k->ended, NULL);
    pthread_condattr_t mono;
    pthread_condattr_init(&mono);
    pthread_condattr_setclock(&mono, CLOCK_MONOTONIC);
    pthread_cond_init(&k->come, &mono);
    pthread_condattr_destroy(&mono);
    return k;
}

static void forget(answers_kept *k, kept_row *r) {
    if (!r) return;
    k->counts.bytes -= (int64_t)r->len;
    free(r->text), free(r->path), free(r->query);
    *r = (kept_row){0};
}

void kept_close(answers_kept *k) {
    if (!k) return;
    for (int i = 0; i < ROWS; i++) forget(k, &k->rows[i]);
    pthread_mutex_destroy(&k->lock);
    pthread_cond_destroy(&k->ended);
    pthread_cond_destroy(&k->come);
    free(k);
}

void kept_slow_from(answers_kept *k, int64_t us) {
    pthread_mutex_lock(&k->lock);
    k->at_once_us = us;
    pthread_cond_broadcast(&k->come);
    pthread_mutex_unlock(&k->lock);
}

void kept_changed(answers_kept *k) {
    __atomic_fetch_add(&k->change, 1, __ATOMIC_RELAXED);
}

uint64_t kept_change(answers_kept *k) {
    return __atomic_load_n(&k->change, __ATOMIC_RELAXED);
}

kept_counts kept_look(answers_kept *k) {
    pthread_mutex_lock(&k->lock);
    kept_counts c = k->counts;
    pthread_mutex_unlock(&k->lock);
    return c;
}

// ---- the rows ----

static kept_row *find(answers_kept *k, uint64_t question) {
    for (int i = 0; i < ROWS; i++)
        if (k->rows[i].used && k->rows[i].question == question) return &k->rows[i];
    return NULL;
}

// The one whose use is longest ago; NULL when all are being made.
static kept_row *oldest(answers_kept *k) {
    kept_row *best = NULL;
    for (int i = 0; i < ROWS; i++) {
        kept_row *r = &k->rows[i];
        if (r->used && !r->making && (!best || r->turn < best->turn)) best = r;
    }
    return best;
}

static kept_row *place_for(answers_kept *k, uint64_t question) {
    kept_row *r = find(k, question);
    for (int i = 0; !r && i < ROWS; i++)
        if (!k->rows[i].used) r = &k->rows[i];
    if (!r && (r = oldest(k))) forget(k, r);
    if (r) r->used = true, r->question = question;
    return r;
}

static bool stale(const answers_kept *k, const kept_row *r, int64_t now_us) {
    return r->change != __atomic_load_n(&k->change, __ATOMIC_RELAXED) || now_us - r->now_us > OLD_US;
}

static bool of_era(const kept_row *r, const kept_ask *q) {
    return q->now_us >= r->now_us && str_eq(str_c(r->era), q->era);
}

// The analyzer of gcc 12 takes a copy kept in a row for lost; forget frees it, as do asks and whoever keeps the next
// text.
#ifndef __clang__
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"
#endif
static char *copy(str x) {
    char *to = malloc(x.len + 1);
    if (!to) abort();
    if (x.len) memcpy(to, x.s, x.len);
    to[x.len] = 0;
    return to;
}

static void asks(kept_row *r, const kept_ask *q) {
    free(r->path), free(r->query);
    r->path = copy(q->path), r->query = copy(q->query);
    r->account = q->account, r->needs = q->needs, r->passing = q->passing;
    snprintf(r->era, sizeof r->era, "%.*s", (int)MIN(q->era.len, sizeof r->era - 1), q->era.s);
}

// ---- asking ----

// Whether what is there is the answer to give; age: how old it says it is.
static bool gives(answers_kept *k, kept_row *r, const kept_ask *q, int64_t *age) {
    if (!r || !r->text || q->renews || !of_era(r, q)) return false;
    *age = 0;
    if (!stale(k, r, q->now_us)) return true;
    if (!k->sv || r->took_us < k->at_once_us) return false;
    *age = MAX(1, (q->now_us - r->now_us + SECOND_US - 1) / SECOND_US);
    if (!r->wanted) pthread_cond_signal(&k->come);
    r->wanted = true;
    k->counts.given_old++;
    k->counts.oldest_s = MAX(k->counts.oldest_s, *age);
    return true;
}

// Answered from memory, or the place to make it in; NULL with found false: make it and keep nothing.
static kept_row *begin(answers_kept *k, arena *a, const kept_ask *q, bool *found, str *out, int64_t *age) {
    const uint64_t question = str_hash(q->question);
    kept_row *r;
    while ((r = find(k, question)) && !gives(k, r, q, age) && r->making) pthread_cond_wait(&k->ended, &k->lock);
    if (r && !q->renews) r->asked_us = server_clock_us();
    *found = r && gives(k, r, q, age);
    if (*found) {
        *out = str_dup(a, (str){r->text, r->len});
        r->turn = ++k->turns;
        k->counts.given++;
        return r;
    }
    *age = 0;
    k->counts.made += !q->renews, k->counts.renewed += q->renews;
    const bool there = r != NULL;
    if (!r && !(r = place_for(k, question))) return NULL;
    if (!there) r->asked_us = server_clock_us();
    r->making = true;
    return r;
}

static void keep(answers_kept *k, kept_row *r, const kept_ask *q, char *text, size_t len, int64_t took) {
    k->counts.bytes += (int64_t)len - (int64_t)r->len;
    free(r->text);
    r->text = text, r->len = len, r->turn = ++k->turns;
    r->change = q->change, r->now_us = q->now_us, r->wanted = false;
    r->took_us = r->last_us ? MIN(r->last_us, took) : took;
    r->last_us = took, r->ended_us = server_clock_us();
    asks(r, q);
    for (kept_row *o; k->counts.bytes > MOST_BYTES && (o = oldest(k));) forget(k, o);
}

static void end(answers_kept *k, kept_row *r, const kept_ask *q, str text, bool ok, int64_t took) {
    char *own = ok && text.len <= MOST_BYTES / 4 ? copy(text) : NULL;
    pthread_mutex_lock(&k->lock);
    r->making = false;
    if (own)
        keep(k, r, q, own, text.len, took);
    else
        forget(k, r);
    pthread_cond_broadcast(&k->ended);
    pthread_mutex_unlock(&k->lock);
}

static void store_row(answers_kept *k, uint64_t question);

bool kept_answer(answers_kept *k, arena *a, const kept_ask *q, kept_fn tell, void *ctx, str *out, int64_t *age,
                 err *e) {
    bool found;
    pthread_mutex_lock(&k->lock);
    kept_row *r = begin(k, a, q, &found, out, age);
    pthread_mutex_unlock(&k->lock);
    if (found) return true;
    int64_t began = server_clock_us();
    buf b = buf_new(a, (size_t)64 << 20);
    bool ok = tell(ctx, &b, e) && (!b.full || fail(e, ERR_too_large, "the answer is too large; ask for less"));
    *out = buf_str(&b);
    if (r) end(k, r, q, *out, ok, server_clock_us() - began);
    if (r && ok) store_row(k, str_hash(q->question));
    return ok;
}

bool kept_put(call *c, str question, kept_fn tell, void *ctx, err *e) {
    kept_ask q = {.question = question,
                  .path = c->q->path,
                  .query = c->q->query,
                  .account = c->who.kind == WHO_ACCOUNT ? c->who.id : 0,
                  .needs = c->who.needs,
                  .now_us = c->now_us,
                  .change = c->change,
                  .renews = c->renews,
                  .passing = c->passing};
    str answer;
    int64_t age;
    if (!kept_era(c->a, c->s, &q.era, e) || !kept_answer(server_kept(c->sv), c->a, &q, tell, ctx, &answer, &age, e))
        return false;
    response_header(c->r, "Age", str_fmt(c->a, "%" PRId64, age));
    json_put_raw(&c->out, NULL, answer);
    return true;
}

typedef struct {
    call *c;
    bool (*body)(call *c, err *e);
} whole;

static bool tell_whole(void *ctx, buf *b, err *e) {
    const whole *k = ctx;
    const json_out out = k->c->out;
    k->c->out = json_to(b);
    bool ok = k->body(k->c, e);
    k->c->out = out;
    return ok;
}

bool kept_whole(call *c, str more, bool (*body)(call *c, err *e), err *e) {
    whole k = {c, body};
    return kept_put(c,
                    str_fmt(c->a, "%.*s?%.*s %d %.*s", STR_ARG(c->q->path), STR_ARG(c->q->query),
                            (c->who.needs & N(customers_read)) != 0, STR_ARG(more)),
                    tell_whole, &k, e);
}

void kept_passing(call *c) {
    c->passing = true;
}

// ---- on the disk ----

// A row on its way into the store; its texts lie behind it.
typedef struct {
    arena a;
    uint64_t question;
    int64_t account, needs, made_us, took_us, asked_us;
    str path, query, era, answer;
} stored;

// What was made before an erasure must not come back after it.
static bool put_stored(void *ctx, desk *d, err *e) {
    const stored *x = ctx;
    str era;
    if (!kept_era(d->a, d->s, &era, e)) return false;
    if (!str_eq(era, x->era)) return true;
    return store_run(d->s, Q_kept_put, NULL, e, "ittiiiiit", (int64_t)x->question, x->path, x->query, x->account,
                     x->needs, x->made_us, x->took_us, x->asked_us, x->answer);
}

static void put_done(void *ctx, const err *e) {
    stored *x = ctx;
    (void)e; // it is made again
    arena a = x->a;
    arena_close(&a);
}

static void store_row(answers_kept *k, uint64_t question) {
    stored *x = NULL;
    pthread_mutex_lock(&k->lock);
    server *sv = k->sv;
    const kept_row *r = find(k, question);
    if (sv && r && r->text && !r->passing && r->took_us >= k->at_once_us) {
        const world *w = server_world(sv);
        arena a = arena_open(r->len + (1 << 16));
        x = make(&a, stored, 1);
        *x = (stored){.question = question,
                      .account = r->account,
                      .needs = (int64_t)r->needs,
                      .made_us = r->now_us,
                      .took_us = r->took_us,
                      .asked_us = w->now_us(w) - (server_clock_us() - r->asked_us),
                      .path = str_dup(&a, str_c(r->path)),
                      .query = str_dup(&a, str_c(r->query)),
                      .era = str_dup(&a, str_c(r->era)),
                      .answer = str_dup(&a, (str){r->text, r->len})};
        x->a = a;
    }
    pthread_mutex_unlock(&k->lock);
    err e = {0};
    if (x && !writer_post(server_writer(sv), x->answer.len, put_stored, put_done, x, &e)) put_done(x, &e);
}

// What is read is of now's era: the rows of others went with it.
static bool read_rows(answers_kept *k, store *s, int64_t now_us, err *e) {
    arena a = arena_open((size_t)1 << 20);
    str era;
    bool ok = kept_era(&a, s, &era, e);
    for (row q = store_query(s, Q_kept_list, e, "i", (int64_t)ROWS_ON_DISK); ok && row_next(&q);) {
        kept_row *r = place_for(k, (uint64_t)row_int(&q, 0));
        str text = row_str(&q, 8);
        const int64_t asked = MAX(0, now_us - row_int(&q, 7)), made = MAX(0, now_us - row_int(&q, 5));
        if (!r || r->text || k->counts.bytes + (int64_t)text.len > MOST_BYTES) continue;
        asks(r, &(kept_ask){.path = row_str(&q, 1),
                            .query = row_str(&q, 2),
                            .account = row_int(&q, 3),
                            .needs = (uint64_t)row_int(&q, 4),
                            .era = era});
        r->text = copy(text), r->len = text.len, k->counts.bytes += (int64_t)text.len;
        r->now_us = row_int(&q, 5), r->took_us = r->last_us = row_int(&q, 6);
        r->asked_us = server_clock_us() - asked, r->ended_us = server_clock_us() - made;
        r->change = UINT64_MAX, r->turn = ++k->turns;
    }
    arena_close(&a);
    return ok && err_ok(e);
}

// ---- renewing ----

// When it is to be made anew (of the machine's clock).
static int64_t due_us(const kept_row *r, int64_t now_us) {
    if (r->wanted) return r->ended_us + MIN(MAX(LEAST_US, r->took_us * TIMES), MOST_US);
    const int64_t least = MAX(LEAST_QUIET_US, r->took_us * TIMES_QUIET);
    return r->ended_us + MAX(least, MIN((now_us - r->asked_us) / QUIET_PART, MOST_QUIET_US));
}

// What is due next, and when; NULL: nothing.
static kept_row *next_due(answers_kept *k, int64_t store_now_us, int64_t *when) {
    const int64_t now = server_clock_us();
    kept_row *best = NULL;
    for (int i = 0; i < ROWS; i++) {
        kept_row *r = &k->rows[i];
        if (!r->text || r->making || r->took_us < k->at_once_us || !stale(k, r, store_now_us)) continue;
        if (r->passing && !r->wanted) continue;
        if (now - r->asked_us > FORGET_US) {
            forget(k, r);
            continue;
        }
        const int64_t due = due_us(r, now);
        if (!best || due < *when) best = r, *when = due;
    }
    return best;
}

typedef struct {
    str path, query;
    int64_t account;
    uint64_t needs;
} asked_again;

// Asks the same address as the same person, without a socket.
static void ask_again(answers_kept *k, arena *a, const asked_again *g) {
    exchange *x = make(a, exchange, 1);
    const who w = {.kind = g->account ? WHO_ACCOUNT : WHO_SYSTEM, .id = g->account, .needs = g->needs};
    x->a = arena_open((size_t)1 << 32);
    x->q = (request){.method = METHOD_GET, .path = g->path, .query = g->query};
    x->renews = true;
    server_run(k->sv, x, &w);
    arena done = x->a;
    arena_close(&done);
}

// One row anew. What cannot be asked any more (its segment is gone), or became another question, is forgotten.
static void renew(answers_kept *k, kept_row *r) {
    const uint64_t question = r->question;
    const int64_t before = r->ended_us;
    arena a = arena_open(1 << 20);
    asked_again g = {str_dup(&a, str_c(r->path)), str_dup(&a, str_c(r->query)), r->account, r->needs};
    pthread_mutex_unlock(&k->lock);
    ask_again(k, &a, &g);
    pthread_mutex_lock(&k->lock);
    r = find(k, question);
    const bool anew = r && r->ended_us != before;
    if (r && !anew && !r->making) forget(k, r);
    pthread_mutex_unlock(&k->lock);
    if (anew) live_tell(server_live(k->sv), S("figures"), S("{}"));
    arena_close(&a);
    pthread_mutex_lock(&k->lock);
}

// What the first pages ask, before anybody does.
static void ask_first(answers_kept *k) {
    static const struct {
        const char *path, *query;
    } first[] = {
#define FIRST(path, query) {path, query},
#include "serve/kept_first.def"
    };
    for (size_t i = 0; i < COUNT(first); i++) {
        bool there = k->stop;
        for (int n = 0; n < ROWS && !there; n++)
            there =
                k->rows[n].text && !strcmp(k->rows[n].path, first[i].path) && !strcmp(k->rows[n].query, first[i].query);
        if (there) continue;
        arena a = arena_open(1 << 20);
        asked_again g = {str_c(first[i].path), str_c(first[i].query), 0, ~UINT64_C(0)};
        pthread_mutex_unlock(&k->lock);
        ask_again(k, &a, &g);
        arena_close(&a);
        pthread_mutex_lock(&k->lock);
    }
}

static void wait_until(answers_kept *k, int64_t until_us) {
    const struct timespec t = {until_us / 1000000, until_us % 1000000 * 1000};
    pthread_cond_timedwait(&k->come, &k->lock, &t);
}

// At most half of a processor: it rests for as long as it worked.
static void *run(void *ctx) {
    answers_kept *k = ctx;
    const world *w = server_world(k->sv);
    int64_t rest = 0;
    pthread_mutex_lock(&k->lock);
    ask_first(k);
    while (!k->stop) {
        int64_t when = 0;
        const int64_t now = server_clock_us();
        kept_row *r = next_due(k, w->now_us(w), &when);
        if (r) when = MAX(when, rest);
        if (r && when <= now) {
            renew(k, r);
            rest = 2 * server_clock_us() - now;
        } else
            wait_until(k, r ? MIN(when, now + LEAST_QUIET_US) : now + LEAST_QUIET_US);
    }
    pthread_mutex_unlock(&k->lock);
    return NULL;
}

static bool drop_old(void *ctx, desk *d, err *e) {
    (void)ctx;
    return store_run(d->s, Q_kept_drop_old, NULL, e, "i", d->w->now_us(d->w) - FORGET_US);
}

bool kept_start(answers_kept *k, server *sv, err *e) {
    const world *w = server_world(sv);
    if (!writer_do(server_writer(sv), drop_old, NULL, e)) return false;
    store *s = server_reader_take(sv, e);
    bool ok = s && read_rows(k, s, w->now_us(w), e);
    server_reader_give(sv, s);
    if (!ok) return false;
    k->sv = sv;
    if (!pthread_create(&k->thread, NULL, run, k)) return true;
    k->sv = NULL;
    return fail(e, ERR_internal, "no thread that renews answers");
}

void kept_stop(answers_kept *k) {
    if (!k || !k->sv) return;
    pthread_mutex_lock(&k->lock);
    k->stop = true;
    pthread_cond_broadcast(&k->come);
    pthread_mutex_unlock(&k->lock);
    pthread_join(k->thread, NULL);
    k->sv = NULL;
}
