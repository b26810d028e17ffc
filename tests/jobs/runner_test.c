// The runner: everything due is done once, may be stopped, goes on after a stop or a crash, and is tried again when it
// is of a kind that may be.
#include "know/rig.h"

#include <pthread.h>
#include <stdatomic.h>

#include "jobs/runner.h"

enum { MOST = 400 };
static const int64_t T0 = INT64_C(1793577600000000); // 2026-11-02

// What the functions of the test did, by job; one test at a time.
static atomic_int begun[MOST], ended[MOST], told_running[MOST];
static atomic_int fails; // how often `shaky` fails before it works
static atomic_llong seen_done;

static bool do_quick(job *j, err *e) {
    (void)e;
    atomic_fetch_add(&begun[j->row.id], 1);
    usleep(2000);
    json_put_int(j->out, "n", json_integer_value(json_object_get(j->in, "n")) * 2);
    atomic_fetch_add(&ended[j->row.id], 1);
    return true;
}

static bool do_long(job *j, err *e) {
    atomic_fetch_add(&begun[j->row.id], 1);
    for (int64_t i = 0;; i++) {
        job_at(j, i, 1000000);
        if (!job_goes_on(j, e)) break;
        usleep(1000);
    }
    json_put_bool(j->out, "stopped", true);
    return false;
}

// Waits until the test has looked, and ends.
static bool do_once_stopped(job *j, err *e) {
    if (atomic_fetch_add(&begun[j->row.id], 1) == 0) return do_long(j, e);
    return true;
}

static bool do_shaky(job *j, err *e) {
    atomic_fetch_add(&begun[j->row.id], 1);
    if (atomic_fetch_sub(&fails, 1) > 0) return fail(e, ERR_unavailable, "the disk is away");
    return true;
}

static const job_kind more[] = {
    {"quick", 0, do_quick, JOB_PLAIN, ""},  {"quick2", 0, do_quick, JOB_PLAIN, ""},
    {"quick3", 0, do_quick, JOB_PLAIN, ""}, {"long", 0, do_long, JOB_PLAIN, ""},
    {"again", 0, do_once_stopped, 0, ""},   {"once", 0, do_long, JOB_ONCE, ""},
    {"shaky", 0, do_shaky, JOB_RETRY, ""},  {"often", 60, do_quick, JOB_PLAIN, ""},
};

static void on_told(void *ctx, const job_row *j) {
    (void)ctx;
    if (j->id < MOST && j->state == JOB_RUNNING) atomic_fetch_add(&told_running[j->id], 1);
    if (j->done > atomic_load(&seen_done)) atomic_store(&seen_done, j->done);
}

typedef struct {
    fixture *f;
    atomic_llong now;
    world w;
    writer *wr;
} bench;

static int64_t bench_now(const world *w) {
    return atomic_load((const atomic_llong *)w->ctx);
}

static void open_bench(bench *b, void **state) {
    void *v = NULL;
    err e = {0};
    *b = (bench){0};
    atomic_store(&b->now, T0);
    assert_int_equal(fixture_open(&v, lasting_place(state)), 0);
    b->f = v;
    b->w = *world_real();
    b->w.now_us = bench_now, b->w.ctx = &b->now;
    store_close(b->f->s);
    b->f->s = NULL;
    for (int i = 0; i < MOST; i++) begun[i] = ended[i] = told_running[i] = 0;
    atomic_store(&seen_done, 0);
    assert_ok(writer_open(&b->wr, (writer_opts){.where = b->f->where, .w = &b->w}, &e), e);
}

static void close_bench(bench *b) {
    void *v = b->f;
    writer_close(b->wr);
    fixture_close(&v);
}

static runner *start(bench *b, int workers) {
    err e = {0};
    runner *r = NULL;
    runner_opts o = {.w = b->wr, .where = b->f->where, .world = &b->w, .more = more, .n_more = COUNT(more)};
    o.workers = workers, o.told = on_told;
    assert_ok(runner_open(&r, o, &e), e);
    return r;
}

typedef struct {
    new_job n;
    int64_t id;
} order_of;

static bool make_piece(void *ctx, desk *d, err *e) {
    order_of *x = ctx;
    return job_make(d->s, d->w, &x->n, &x->id, e);
}

static int64_t make_job(bench *b, const char *kind, const char *args) {
    err e = {0};
    order_of x = {.n = {.kind = kind, .args = str_c(args), .by = S("system")}};
    assert_ok(writer_do(b->wr, make_piece, &x, &e), e);
    return x.id;
}

static bool cancel_piece(void *ctx, desk *d, err *e) {
    return job_cancel(d->s, d->w, *(int64_t *)ctx, e);
}

static bool off_piece(void *ctx, desk *d, err *e) {
    return job_schedule(d->s, *(int64_t *)ctx, 60, T0 + INT64_C(60000000), false, e);
}

typedef struct {
    arena *a;
    int64_t id;
    job_row out;
} look_of;

static bool look_piece(void *ctx, desk *d, err *e) {
    look_of *x = ctx;
    return job_get(x->a, d->s, x->id, &x->out, e);
}

static job_row row_of(bench *b, int64_t id) {
    err e = {0};
    look_of x = {&b->f->a, id, {0}};
    assert_ok(writer_do(b->wr, look_piece, &x, &e), e);
    return x.out;
}

static job_row row_in(bench *b, int64_t id, enum job_state state) {
    job_row r;
    await((r = row_of(b, id)).state == state);
    return r;
}

static void two_runners_do_everything_once(void **state) {
    enum { JOBS = 90 };
    bench b;
    int64_t ids[JOBS];
    open_bench(&b, state);
    runner *one = start(&b, 3), *two = start(&b, 3);
    for (int i = 0; i < JOBS; i++) {
        ids[i] = make_job(&b, i % 3 == 0 ? "quick" : i % 3 == 1 ? "quick2" : "quick3", "{\"n\":21}");
        if (i % 10 == 0) runner_wake(one), runner_wake(two);
    }
    for (int i = 0; i < JOBS; i++) {
        job_row r = row_in(&b, ids[i], JOB_DONE);
        assert_str(r.result, S("{\"n\":42}"));
        assert_int_equal(begun[ids[i]], 1);
        assert_int_equal(ended[ids[i]], 1);
        assert_true(told_running[ids[i]] >= 1);
    }
    runner_close(one);
    runner_close(two);
    close_bench(&b);
}

static void a_job_is_cancelled_while_it_runs(void **state) {
    bench b;
    err e = {0};
    open_bench(&b, state);
    int64_t id = make_job(&b, "long", "");
    runner *r = start(&b, 2);
    row_in(&b, id, JOB_RUNNING);
    await(row_of(&b, id).done > 0 && seen_done > 0); // noted as it goes
    assert_int_equal(row_of(&b, id).total, 1000000);
    assert_ok(writer_do(b.wr, cancel_piece, &id, &e), e);
    runner_wake(r);
    job_row now = row_in(&b, id, JOB_CANCELLED);
    assert_str(now.result, S("{\"stopped\":true}"));
    assert_true(!now.error.len && begun[id] == 1);
    runner_close(r);
    close_bench(&b);
}

static void a_stop_gives_back_what_runs(void **state) {
    bench b;
    open_bench(&b, state);
    int64_t again = make_job(&b, "again", ""), once = make_job(&b, "once", "");
    runner *r = start(&b, 2);
    row_in(&b, again, JOB_RUNNING);
    row_in(&b, once, JOB_RUNNING);
    runner_close(r);
    job_row now = row_of(&b, again);
    assert_true(now.state == JOB_WAITING && !now.lease.len);
    now = row_of(&b, once); // it cannot be done twice
    assert_true(now.state == JOB_FAILED && now.error.len);
    r = start(&b, 2);
    row_in(&b, again, JOB_DONE);
    assert_int_equal(begun[again], 3); // do_long counts too
    runner_close(r);
    close_bench(&b);
}

typedef struct {
    int64_t id, now;
} dead;

static bool die_piece(void *ctx, desk *d, err *e) {
    dead *x = ctx;
    bool got;
    arena a = arena_open(1 << 20);
    job_row r;
    lease l = {S("dead"), x->now, 60000000};
    bool ok = job_get(&a, d->s, x->id, &r, e) && job_claim(d->s, &l, &r, &got, e);
    assert_true(!ok || got);
    arena_close(&a);
    return ok;
}

static void what_a_dead_process_held_is_taken_over(void **state) {
    bench b;
    err e = {0};
    open_bench(&b, state);
    int64_t again = make_job(&b, "quick", "{\"n\":1}"), once = make_job(&b, "once", ""),
            tired = make_job(&b, "quick2", "");
    int64_t ids[] = {again, once, tired};
    for (size_t i = 0; i < COUNT(ids); i++) assert_ok(writer_do(b.wr, die_piece, &(dead){ids[i], T0}, &e), e);
    for (int i = 0; i < JOB_CRASHES; i++) { // this one takes heed with it again and again
        b.now += 61000000;
        job_row r = row_of(&b, tired);
        assert_int_equal(r.state, JOB_RUNNING);
        assert_ok(writer_do(b.wr, die_piece, &(dead){tired, b.now}, &e), e);
    }
    b.now = T0 + 30000000;
    runner *r = start(&b, 3);
    usleep(300000);
    assert_int_equal(begun[again], 0); // its lease is not over yet
    b.now = T0 + 600000000;
    runner_wake(r);
    row_in(&b, again, JOB_DONE);
    job_row now = row_in(&b, once, JOB_FAILED);
    assert_str(now.error, S("heed ended while it ran"));
    assert_int_equal(begun[once], 0);
    now = row_in(&b, tired, JOB_FAILED);
    assert_true(str_has(now.error, S("5 times")) && !begun[tired]);
    runner_close(r);
    close_bench(&b);
}

static void a_failure_is_tried_again_later_and_later(void **state) {
    bench b;
    open_bench(&b, state);
    atomic_store(&fails, 3);
    int64_t id = make_job(&b, "shaky", ""), last = 0;
    runner *r = start(&b, 1);
    for (int i = 1; i <= 3; i++) {
        job_row now;
        await((now = row_of(&b, id)).state == JOB_WAITING && begun[id] == i && now.tries == i);
        assert_str(now.error, S("the disk is away"));
        assert_true(now.next_us - b.now > last);
        last = now.next_us - b.now;
        b.now = now.next_us;
        runner_wake(r);
    }
    job_row now = row_in(&b, id, JOB_DONE);
    assert_true(begun[id] == 4 && !now.error.len);
    runner_close(r);
    close_bench(&b);
}

static void missed_repeats_run_once(void **state) {
    bench b;
    err e = {0};
    int64_t id = 0;
    open_bench(&b, state);
    runner_close(start(&b, 1)); // makes the rows
    store *s = open_again(b.f, (store_opts){.read_only = true});
    assert_ok(job_underway(s, "often", S(""), &id, &e), e);
    store_close(s);
    assert_true(id > 0);
    b.now += INT64_C(86400) * 1000000; // a day of minutes
    runner *r = start(&b, 1);
    await(ended[id]);
    usleep(300000);
    assert_int_equal(begun[id], 1);
    job_row now = row_of(&b, id);
    assert_true(now.state == JOB_WAITING && now.next_us > b.now && now.next_us <= b.now + 60000000);
    runner_close(r);
    close_bench(&b);
}

// Asked for a thousand times it runs soon, few times, and again by itself when it would have; turned off it does not.
static void what_is_asked_for_runs_soon_and_not_often(void **state) {
    bench b;
    err e = {0};
    int64_t id = 0;
    open_bench(&b, state);
    runner *r = start(&b, 2);
    store *s = open_again(b.f, (store_opts){.read_only = true});
    assert_ok(job_underway(s, "often", S(""), &id, &e), e);
    store_close(s);
    const int64_t next = row_of(&b, id).next_us;
    assert_true(id > 0 && next > b.now);
    for (int i = 0; i < 1000; i++) runner_soon(r, "often");
    runner_soon(r, "nothing of this name");
    for (int i = 0; i < 1000 && !ended[id]; i++) usleep(5000);
    assert_int_equal(ended[id], 1);
    for (int i = 0; i < 300; i++) runner_soon(r, "often"), usleep(5000);
    for (int i = 0; i < 1000 && ended[id] < 2; i++) usleep(5000);
    assert_in_range(ended[id], 2, 4); // in one and a half seconds, or more where the machine is busy
    job_row now = row_in(&b, id, JOB_WAITING);
    assert_int_equal(now.next_us, next);
    assert_ok(writer_do(b.wr, off_piece, &id, &e), e);
    usleep(1300000); // what was asked for before may still run
    const int was = begun[id];
    runner_soon(r, "often");
    usleep(300000);
    assert_int_equal(begun[id], was);
    runner_close(r);
    close_bench(&b);
}

int main(void) {
    struct CMUnitTest tests[] = {
        cmocka_unit_test(two_runners_do_everything_once),
        cmocka_unit_test(a_job_is_cancelled_while_it_runs),
        cmocka_unit_test(a_stop_gives_back_what_runs),
        cmocka_unit_test(what_a_dead_process_held_is_taken_over),
        cmocka_unit_test(a_failure_is_tried_again_later_and_later),
        cmocka_unit_test(missed_repeats_run_once),
        cmocka_unit_test(what_is_asked_for_runs_soon_and_not_often),
    };
    return rig_run(tests, COUNT(tests));
}
