// Leases: whoever comes first has a job, nobody else has it meanwhile, and what a dead process held is taken over.
#include "know/rig.h"

#include <pthread.h>

#include "jobs/jobs.h"
#include "sql/serve_jobs.h"

enum { JOBS = 60, THREADS = 4, FIRST = 100 }; // smaller numbers are for what repeats

static const int64_t T0 = INT64_C(1793577600000000), LEASE = 60000000; // 2026-11-02

static world clock_at(int64_t *now) {
    return world_fixed(now);
}

static int64_t make_job(store *s, int64_t at_us) {
    err e = {0};
    int64_t id = 0, now = T0;
    world w = clock_at(&now);
    assert_ok(job_make(s, &w, &(new_job){.kind = "test", .by = S("system"), .at_us = at_us}, &id, &e), e);
    return id;
}

static job_row row_of(arena *a, store *s, int64_t id) {
    err e = {0};
    job_row r;
    assert_ok(job_get(a, s, id, &r, &e), e);
    return r;
}

static bool claims(store *s, const char *who, int64_t now_us, const job_row *r) {
    err e = {0};
    bool got = false;
    lease l = {str_c(who), now_us, LEASE};
    assert_ok(job_claim(s, &l, r, &got, &e), e);
    return got;
}

static size_t due(arena *a, store *s, const char *who, int64_t now_us, job_row *rows, size_t most) {
    err e = {0};
    size_t n = 0;
    for (row q = store_query(s, Q_job_due, &e, "iti", now_us, str_c(who), (int64_t)most); row_next(&q);)
        if (n < most) rows[n++] = job_read(a, &q);
    if (!err_ok(&e)) fail_msg("%s", e.msg);
    return n;
}

static void a_lease_is_held_renewed_lost_and_taken_over(void **state) {
    void *v;
    fixture *f;
    err e = {0};
    bool mine = false;
    job_row rows[4];
    assert_int_equal(fixture_open(&v, lasting_place(state)), 0);
    f = v;
    int64_t id = make_job(f->s, 0), later = make_job(f->s, T0 + 1000);
    job_row read = row_of(&f->a, f->s, id);
    assert_int_equal(due(&f->a, f->s, "a", T0, rows, 4), 1);
    assert_int_equal(due(&f->a, f->s, "a", T0 + 1000, rows, 4), 2);
    assert_int_equal(rows[1].id, later);

    assert_true(claims(f->s, "a", T0, &read));
    assert_false(claims(f->s, "b", T0, &read)); // read before, too late
    job_row held = row_of(&f->a, f->s, id);
    assert_true(held.state == JOB_RUNNING && held.tries == 1 && held.lease_us == T0 + LEASE);
    assert_int_equal(due(&f->a, f->s, "b", T0 + LEASE, rows, 4), 1); // the other one alone
    lease a = {S("a"), T0 + LEASE / 2, LEASE}, b = {S("b"), T0 + 2 * LEASE, LEASE};
    assert_ok(job_keep(f->s, &a, id, 5, 10, &mine, &e), e);
    assert_true(mine);
    assert_int_equal(row_of(&f->a, f->s, id).done, 5);
    assert_false(claims(f->s, "b", T0 + 2 * LEASE, &held)); // renewed since it was read

    // Its holder does not take its own for dead, however late it is; others do.
    assert_int_equal(due(&f->a, f->s, "a", T0 + 2 * LEASE, rows, 4), 1);
    assert_int_equal(due(&f->a, f->s, "b", T0 + 2 * LEASE, rows, 4), 2);
    held = row_of(&f->a, f->s, id);
    assert_true(claims(f->s, "b", T0 + 2 * LEASE, &held));
    assert_int_equal(row_of(&f->a, f->s, id).tries, 2);
    a.now_us = T0 + 2 * LEASE + 1;
    assert_ok(job_keep(f->s, &a, id, 7, 10, &mine, &e), e);
    assert_false(mine);
    assert_ok(job_end(f->s, &a, id, &(job_ended){.state = JOB_FAILED, .error = S("x")}, &e), e);
    assert_int_equal(row_of(&f->a, f->s, id).state, JOB_RUNNING); // no business of a any more
    assert_ok(job_end(f->s, &b, id, &(job_ended){.state = JOB_DONE, .result = S("{\"n\":1}"), .done = 9}, &e), e);
    job_row ended = row_of(&f->a, f->s, id);
    assert_true(ended.state == JOB_DONE && ended.done == 9 && !ended.lease.len && !ended.tries);
    assert_str(ended.result, S("{\"n\":1}"));
    fixture_close(&v);
}

// ---- many at once ----

typedef struct {
    fixture *f;
    int nth;
    int got[JOBS];
} racer;

// Whoever finds the store busy asks again, as the writer's line does within a process.
static bool claim_once(store *s, const lease *l, const job_row *r) {
    for (int i = 0; i < 20000; i++) {
        err e = {0};
        bool got = false;
        if (job_claim(s, l, r, &got, &e)) return got;
        if (e.code != ERR_busy && e.code != ERR_conflict) fail_msg("%s", e.msg);
        usleep(500);
    }
    fail_msg("busy for ever");
    return false;
}

static void *race(void *ctx) {
    racer *x = ctx;
    arena a = arena_open(1 << 24);
    err e = {0};
    store *s = NULL;
    char name[8];
    snprintf(name, sizeof name, "r%d", x->nth);
    lease l = {str_c(name), T0, LEASE};
    if (!store_open(&s, str_c(x->f->where), (store_opts){0}, &e)) fail_msg("%s", e.msg);
    for (int round = 0; round < 20; round++) {
        job_row rows[JOBS];
        arena_reset(&a);
        size_t n = due(&a, s, name, T0, rows, JOBS);
        for (size_t i = 0; i < n; i++) x->got[rows[i].id - FIRST] += claim_once(s, &l, &rows[i]);
    }
    store_close(s);
    arena_close(&a);
    return NULL;
}

static void of_many_who_want_a_job_one_has_it(void **state) {
    void *v;
    racer x[THREADS];
    pthread_t t[THREADS];
    assert_int_equal(fixture_open(&v, lasting_place(state)), 0);
    fixture *f = v;
    for (int i = 0; i < JOBS; i++) assert_int_equal(make_job(f->s, 0), FIRST + i);
    for (int i = 0; i < THREADS; i++) {
        x[i] = (racer){.f = f, .nth = i};
        assert_int_equal(pthread_create(&t[i], NULL, race, &x[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) pthread_join(t[i], NULL);
    for (int id = 0; id < JOBS; id++) {
        int n = 0;
        for (int i = 0; i < THREADS; i++) n += x[i].got[id];
        assert_int_equal(n, 1);
    }
    fixture_close(&v);
}

// ---- times ----

// By steps, as a calendar on the wall would have it.
static int64_t next_by_steps(int64_t next, int64_t every_s, int64_t now) {
    while (next <= now) next += every_s * 1000000;
    return next;
}

static void what_was_missed_is_not_made_up_for(void **state) {
    (void)state;
    rng r = rng_seed(11);
    for (int i = 0; i < 2000; i++) {
        job_row j = {.every_s = rng_range(&r, 1, 5000), .next_us = T0 + rng_range(&r, -100000000, 100000000)};
        int64_t now = T0 + rng_range(&r, -200000000, 900000000);
        assert_int_equal(job_next(&j, now), next_by_steps(j.next_us, j.every_s, now));
    }
    for (int i = 1; i < 20; i++)
        assert_true(job_backoff(i) <= job_backoff(i + 1) && job_backoff(i) <= INT64_C(3600000000));
}

static void a_repeated_job_waits_again_however_it_went(void **state) {
    void *v;
    err e = {0};
    assert_int_equal(fixture_open(&v, lasting_place(state)), 0);
    fixture *f = v;
    int64_t now = T0;
    world w = clock_at(&now);
    job_kind more[] = {{.kind = "often", .every_s = 60}, {.kind = "seldom", .every_s = 3600, .flags = JOB_OFF}};
    assert_ok(jobs_ready(f->s, &w, more, 2, &e) && jobs_ready(f->s, &w, more, 2, &e), e); // twice changes nothing
    job_row rows[40];
    size_t n = 0, often = 0, seldom = 0;
    for (row q = store_query(f->s, Q_job_list, &e, "tiii", S(""), INT64_C(-1), INT64_MAX, INT64_C(40)); row_next(&q);) {
        rows[n] = job_read(&f->a, &q);
        if (str_eq(rows[n].kind, S("often"))) often = n;
        if (str_eq(rows[n].kind, S("seldom"))) seldom = n;
        n++;
    }
    size_t kinds, repeated = 2;
    const job_kind *all = job_kinds(&kinds);
    for (size_t i = 0; i < kinds; i++) repeated += all[i].every_s > 0;
    assert_int_equal(n, repeated);
    assert_true(rows[seldom].state == JOB_DONE && rows[seldom].every_s == -3600);

    now = rows[often].next_us + 30 * 60000000; // thirty times missed
    lease l = {S("a"), now, LEASE};
    assert_true(claims(f->s, "a", now, &rows[often]));
    assert_ok(
        job_end(f->s, &l, rows[often].id, &(job_ended){.state = JOB_FAILED, .result = S("{}"), .error = S("no")}, &e),
        e);
    job_row r = row_of(&f->a, f->s, rows[often].id);
    assert_true(r.state == JOB_WAITING && r.next_us > now && r.next_us <= now + 60000000);
    assert_str(r.error, S("no"));

    // Turned off it ends; asked for it runs once.
    assert_ok(job_schedule(f->s, r.id, 120, r.next_us, false, &e), e);
    r = row_of(&f->a, f->s, r.id);
    assert_true(r.state == JOB_DONE && r.every_s == -120 && r.version == 2);
    assert_ok(job_run_now(f->s, &w, r.id, &e), e);
    r = row_of(&f->a, f->s, r.id);
    assert_true(claims(f->s, "a", now, &r));
    assert_false(job_run_now(f->s, &w, r.id, &e));
    assert_int_equal(e.code, ERR_conflict);
    err_clear(&e);
    assert_ok(job_end(f->s, &l, r.id, &(job_ended){.state = JOB_DONE, .result = S("{}")}, &e), e);
    assert_int_equal(row_of(&f->a, f->s, r.id).state, JOB_DONE);
    assert_ok(job_schedule(f->s, r.id, 120, now + 5, true, &e), e);
    assert_int_equal(row_of(&f->a, f->s, r.id).state, JOB_WAITING);
    assert_false(job_schedule(f->s, r.id, 5, now, true, &e));
    assert_int_equal(e.code, ERR_invalid);
    fixture_close(&v);
}

static void what_waits_is_cancelled_and_what_runs_is_asked(void **state) {
    void *v;
    err e = {0};
    assert_int_equal(fixture_open(&v, lasting_place(state)), 0);
    fixture *f = v;
    int64_t now = T0;
    world w = clock_at(&now);
    int64_t waits = make_job(f->s, 0), runs = make_job(f->s, 0), n = 0;
    job_row r = row_of(&f->a, f->s, runs);
    assert_true(claims(f->s, "a", T0, &r));
    assert_ok(job_cancel(f->s, &w, waits, &e) && job_cancel(f->s, &w, runs, &e), e);
    assert_int_equal(row_of(&f->a, f->s, waits).state, JOB_CANCELLED);
    assert_true(row_of(&f->a, f->s, runs).state == JOB_RUNNING && row_of(&f->a, f->s, runs).asked);
    for (row q = store_query(f->s, Q_job_asked, &e, "t", S("a")); row_next(&q);) n += row_int(&q, 0) == runs;
    assert_int_equal(n, 1);
    assert_false(job_cancel(f->s, &w, waits, &e));
    assert_int_equal(e.code, ERR_conflict);
    err_clear(&e);
    assert_false(job_cancel(f->s, &w, 999, &e));
    assert_int_equal(e.code, ERR_not_found);
    fixture_close(&v);
}

int main(void) {
    struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lease_is_held_renewed_lost_and_taken_over),
        cmocka_unit_test(of_many_who_want_a_job_one_has_it),
        cmocka_unit_test(what_was_missed_is_not_made_up_for),
        cmocka_unit_test(a_repeated_job_waits_again_however_it_went),
        cmocka_unit_test(what_waits_is_cancelled_and_what_runs_is_asked),
    };
    return rig_run(tests, COUNT(tests));
}
