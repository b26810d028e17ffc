// The one writer: what waits together is committed together, one that fails takes nobody along, nothing acknowledged is
// lost, and the derived state equals what one import of the same events would have given.
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "know/rig.h"

#include "jobs/writer.h"
#include "know/settings.h"
#include "sql/know.h"
#include "sql/ledger.h"
#include "sql/store.h"

typedef struct {
    fixture *f;
    writer *w;
    world world;
    int64_t now;
    _Atomic int64_t committed, settled, stored;
} bench;

static void on_committed(void *ctx, int64_t events) {
    (void)events;
    ((bench *)ctx)->committed++;
}
static void on_settled(void *ctx) {
    ((bench *)ctx)->settled++;
}
static bool on_stored(void *ctx, desk *d, const record *r, int sign, err *e) {
    (void)d, (void)r, (void)e;
    ((bench *)ctx)->stored += sign;
    return true;
}

static void start(bench *b, size_t most) {
    err e = {0};
    assert_ok(writer_open(&b->w,
                          (writer_opts){.where = b->f->where,
                                        .w = &b->world,
                                        .most_bytes = most,
                                        .committed = on_committed,
                                        .settled = on_settled,
                                        .stored = on_stored,
                                        .ctx = b},
                          &e),
              e);
}

static void bench_open(bench *b, void **state, size_t most) {
    void *f = NULL;
    assert_int_equal(fixture_open(&f, lasting_place(state)), 0);
    *b = (bench){.f = f, .now = INT64_C(1767225600000000)};
    b->world = world_fixed(&b->now);
    store_close(b->f->s);
    start(b, most);
}

static void bench_close(bench *b) {
    void *f = b->f;
    err e = {0};
    writer_close(b->w);
    assert_ok(store_open(&b->f->s, str_c(b->f->where), (store_opts){0}, &e), e);
    fixture_close(&f);
}

// Everything as a reader sees it.
static int64_t seen_by_reader(bench *b, enum query q) {
    err e = {0};
    store *s;
    int64_t n = 0;
    assert_ok(store_open(&s, str_c(b->f->where), (store_opts){.read_only = true}, &e), e);
    assert_ok(store_int(s, q, &n, 0, &e, ""), e);
    store_close(s);
    return n;
}

static void verified(bench *b) {
    err e = {0};
    store *s;
    rebuilt_report out;
    arena a = arena_open(1 << 20);
    assert_ok(store_open(&s, str_c(b->f->where), (store_opts){.read_only = true}, &e), e);
    assert_ok(know_verify(&a, s, NULL, NULL, &out, &e), e);
    if (out.differences) fail_msg("%d differences: %.*s", (int)out.differences, STR_ARG(out.first));
    store_close(s);
    arena_close(&a);
}

// ---- many at once ----

enum { THREADS = 8, EACH = 60 };

typedef struct {
    bench *b;
    int number;
    int64_t acknowledged;
} sender;

typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t came;
    bool done;
    err e;
} answer;

static void answered(void *ctx, const err *e) {
    answer *x = ctx;
    pthread_mutex_lock(&x->lock);
    x->done = true, x->e = *e;
    pthread_cond_signal(&x->came);
    pthread_mutex_unlock(&x->lock);
}

static bool send_one(bench *b, const event *ev, const char *source, err *e) {
    answer x = {.done = false};
    int32_t row_of = 0;
    pthread_mutex_init(&x.lock, NULL);
    pthread_cond_init(&x.came, NULL);
    parcel p = {.source = str_c(source),
                .adapter = S("track"),
                .channel = CHANNEL_web,
                .in = {.events = ev, .row_of = &row_of, .n = 1, .rows = 1},
                .bytes = 1000,
                .done = answered,
                .ctx = &x};
    bool ok = writer_take(b->w, &p, e);
    pthread_mutex_lock(&x.lock);
    while (ok && !x.done) pthread_cond_wait(&x.came, &x.lock);
    pthread_mutex_unlock(&x.lock);
    if (ok && !err_ok(&x.e)) *e = x.e, ok = false;
    pthread_mutex_destroy(&x.lock);
    pthread_cond_destroy(&x.came);
    return ok;
}

static void *sending(void *ctx) {
    sender *x = ctx;
    for (int i = 0; i < EACH; i++) {
        char ext[40], user[20];
        err e = {0};
        snprintf(ext, sizeof ext, "t%d-%d", x->number, i);
        snprintf(user, sizeof user, "%d", (x->number * 7 + i) % 23);
        event ev = order(ext, 20000 + i, 100, user, NULL);
        x->acknowledged += send_one(x->b, &ev, x->number % 2 ? "app" : "web", &e);
    }
    return NULL;
}

static void what_waits_together_is_committed_together(void **state) {
    bench b;
    pthread_t threads[THREADS];
    sender senders[THREADS];
    bench_open(&b, state, 0);
    for (int i = 0; i < THREADS; i++) {
        senders[i] = (sender){&b, i, 0};
        pthread_create(&threads[i], NULL, sending, &senders[i]);
    }
    int64_t all = 0;
    for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL), all += senders[i].acknowledged;
    assert_int_equal(all, THREADS * EACH);
    assert_int_equal(b.stored, all);
    assert_true(b.committed < all); // several at once
    err e = {0};
    assert_ok(writer_settle(b.w, &e), e);
    assert_int_equal(seen_by_reader(&b, Q_summary_count), 23);
    verified(&b);
    writer_close(b.w);
    start(&b, 0);
    assert_int_equal(seen_by_reader(&b, Q_summary_count), 23);
    verified(&b);
    bench_close(&b);
}

static void summaries_follow_in_a_quiet_moment(void **state) {
    bench b;
    err e = {0};
    bench_open(&b, state, 0);
    event ev = order("o1", 20000, 100, "7", NULL);
    assert_ok(send_one(&b, &ev, "web", &e), e);
    await(b.settled > 0);
    assert_int_equal(seen_by_reader(&b, Q_summary_count), 1);
    assert_int_equal(seen_by_reader(&b, Q_tail_due), 0);
    verified(&b);
    assert_ok(send_one(&b, &ev, "web", &e), e); // a retry, after the summaries
    assert_ok(writer_settle(b.w, &e), e);
    verified(&b);
    bench_close(&b);
}

// ---- pieces ----

static bool put_meta(void *ctx, desk *d, err *e) {
    return store_run(d->s, Q_meta_put, NULL, e, "tt", str_c(ctx), S("1"));
}
static bool refuse(void *ctx, desk *d, err *e) {
    bool put = put_meta(ctx, d, e);
    return put && fail(e, ERR_invalid, "not this one");
}

typedef struct {
    bench *b;
    char name[20];
    bool bad, ok;
} poster;

static void *posting(void *ctx) {
    poster *x = ctx;
    err e = {0};
    x->ok = writer_do(x->b->w, x->bad ? refuse : put_meta, x->name, &e);
    if (x->bad && e.code != ERR_invalid) x->ok = true; // the reason must come through
    return NULL;
}

static void one_that_fails_takes_nobody_along(void **state) {
    enum { N = 24 };
    bench b;
    pthread_t threads[N];
    poster posters[N];
    bench_open(&b, state, 0);
    for (int i = 0; i < N; i++) {
        posters[i] = (poster){.b = &b, .bad = i % 3 == 0};
        snprintf(posters[i].name, sizeof posters[i].name, "piece%d", i);
        pthread_create(&threads[i], NULL, posting, &posters[i]);
    }
    for (int i = 0; i < N; i++) pthread_join(threads[i], NULL);
    err e = {0};
    arena a = arena_open(1 << 20);
    store *s;
    assert_ok(store_open(&s, str_c(b.f->where), (store_opts){.read_only = true}, &e), e);
    for (int i = 0; i < N; i++) {
        str v;
        assert_ok(settings_get(&a, s, posters[i].name, &v, &e), e);
        assert_int_equal(v.len > 0, !posters[i].bad);
        assert_int_equal(posters[i].ok, !posters[i].bad);
    }
    store_close(s);
    arena_close(&a);
    bench_close(&b);
}

typedef struct {
    pthread_mutex_t lock;
    bool entered;
} gate;

static bool hold(void *ctx, desk *d, err *e) {
    gate *g = ctx;
    (void)d, (void)e;
    __atomic_store_n(&g->entered, true, __ATOMIC_SEQ_CST);
    pthread_mutex_lock(&g->lock);
    pthread_mutex_unlock(&g->lock);
    return true;
}

static bool count_put(void *ctx, desk *d, err *e) {
    (void)ctx;
    return store_run(d->s, Q_meta_put, NULL, e, "tt", S("x"), S("1"));
}

static void count_one(void *ctx, const err *e) {
    if (err_ok(e)) __atomic_fetch_add((int64_t *)ctx, 1, __ATOMIC_SEQ_CST);
}

static void a_full_line_says_so_and_loses_nothing(void **state) {
    bench b;
    err e = {0};
    gate g = {.entered = false};
    int64_t done = 0, taken = 0;
    bench_open(&b, state, 10000);
    pthread_mutex_init(&g.lock, NULL);
    pthread_mutex_lock(&g.lock);
    assert_ok(writer_post_alone(b.w, 0, hold, NULL, &g, &e), e);
    await(__atomic_load_n(&g.entered, __ATOMIC_SEQ_CST));
    for (int i = 0; i < 30; i++) {
        err full = {0};
        if (writer_post(b.w, 1000, count_put, count_one, &done, &full))
            taken++;
        else
            assert_int_equal(full.code, ERR_too_many);
    }
    assert_true(taken >= 9 && taken < 30);
    pthread_mutex_unlock(&g.lock);
    assert_ok(writer_settle(b.w, &e), e);
    assert_int_equal(writer_look(b.w).waiting, 0);
    assert_int_equal(writer_look(b.w).waiting_bytes, 0);
    assert_int_equal(__atomic_load_n(&done, __ATOMIC_SEQ_CST), taken);
    bench_close(&b);
}

// ---- a kill ----

static void nothing_acknowledged_is_lost_by_a_kill(void **state) {
    bench b;
    err e = {0};
    bench_open(&b, state, 0);
    writer_close(b.w);
    for (int round = 0; round < 6; round++) {
        int pipes[2];
        assert_int_equal(pipe(pipes), 0);
        fflush(NULL);
        pid_t child = fork();
        if (!child) {
            close(pipes[0]);
            start(&b, 0);
            for (int i = 0;; i++) {
                char ext[40], user[20];
                err ce = {0};
                snprintf(ext, sizeof ext, "k%d-%d", round, i);
                snprintf(user, sizeof user, "%d", i % 11);
                event ev = order(ext, 20000 + i % 300, 100, user, NULL);
                if (!send_one(&b, &ev, "web", &ce) || write(pipes[1], "+", 1) != 1) _exit(1);
            }
        }
        close(pipes[1]);
        char piece[512];
        assert_int_equal(read(pipes[0], piece, 1), 1); // it has begun, however long that took
        usleep((unsigned)(30000 + 30000 * round));
        kill(child, SIGKILL);
        int status;
        waitpid(child, &status, 0);
        int64_t acknowledged = 1;
        for (ssize_t n; (n = read(pipes[0], piece, sizeof piece)) > 0;) acknowledged += n;
        close(pipes[0]);
        start(&b, 0);
        assert_ok(writer_settle(b.w, &e), e);
        arena a = arena_open(64 << 20);
        store *s;
        assert_ok(store_open(&s, str_c(b.f->where), (store_opts){.read_only = true}, &e), e);
        buf keys = buf_new(&a, 16 << 20);
        for (int64_t i = 0; i < acknowledged; i++) {
            buf_addc(&keys, i ? ',' : '[');
            buf_i64(&keys, (int64_t)event_key(1, str_fmt(&a, "k%d-%d", round, (int)i)));
        }
        buf_addc(&keys, ']');
        int64_t found = 0;
        for (row q = store_query(s, Q_event_by_keys, &e, "t", buf_str(&keys)); row_next(&q);) found++;
        store_close(s);
        arena_close(&a);
        assert_int_equal(found, acknowledged);
        verified(&b);
        writer_close(b.w);
    }
    start(&b, 0);
    bench_close(&b);
}

int main(void) {
    struct CMUnitTest tests[] = {
        cmocka_unit_test(what_waits_together_is_committed_together),
        cmocka_unit_test(summaries_follow_in_a_quiet_moment),
        cmocka_unit_test(one_that_fails_takes_nobody_along),
        cmocka_unit_test(a_full_line_says_so_and_loses_nothing),
        cmocka_unit_test(nothing_acknowledged_is_lost_by_a_kill),
    };
    return rig_run(tests, COUNT(tests));
}
