// Files by jobs: the same as by the command, also after a kill in the middle; taken back exactly; and live events are
// acknowledged meanwhile.
#include "know/rig.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>

#include "jobs/content.h"
#include "jobs/runner.h"
#include "jobs/uploads.h"
#include "sql/ledger.h"
#include "sql/serve_jobs.h"

static const int64_t LEASE_US = 400000;

typedef struct {
    fixture *f;
    writer *w;
    runner *r;
} bench;

static void start(bench *b) {
    err e = {0};
    for (int i = 0; i < 200; i++) { // a server needs a moment to see that its client is dead
        err_clear(&e);
        if (writer_open(&b->w, (writer_opts){.where = b->f->where, .w = world_real()}, &e) || e.code != ERR_busy) break;
        usleep(20000);
    }
    if (!err_ok(&e)) fail_msg("%s", e.msg);
    runner_opts o = {.w = b->w, .where = b->f->where, .world = world_real(), .lease_us = LEASE_US};
    assert_ok(runner_open(&b->r, o, &e), e);
}

static void stop(bench *b) {
    runner_close(b->r);
    writer_close(b->w);
    b->r = NULL, b->w = NULL;
}

static void open_bench(bench *b, void **state) {
    void *v = NULL;
    *b = (bench){0};
    assert_int_equal(fixture_open(&v, lasting_place(state)), 0);
    b->f = v;
    store_close(b->f->s);
    b->f->s = NULL;
}

static void close_bench(bench *b) {
    void *v = b->f;
    stop(b);
    fixture_close(&v);
}

// ---- a file, and a job that reads it ----

// Orders of a few thousand people, out of order, some of them twice, and some rows that nobody can read.
static const char *make_csv(bench *b, const char *name, int rows, uint64_t seed, int newer) {
    const char *path = at(b->f, name);
    FILE *f = fopen(path, "w");
    rng r = rng_seed(seed);
    fputs("Order ID,Date,Email,Name,Amount,Currency,Updated at\n", f);
    for (int i = 0; i < rows; i++) {
        int id = rng_chance(&r, 0.02) ? (int)rng_range(&r, 0, rows - 1) : i, who = (int)rng_range(&r, 0, rows / 8 + 3);
        int day = (int)rng_range(&r, 1, 28), month = (int)rng_range(&r, 1, 12);
        if (rng_chance(&r, 0.01))
            fprintf(f, "o%d,some day,p%d@example.org,Person %d,10.00,EUR,\n", id, who, who);
        else
            fprintf(f, "o%d,2025-%02d-%02d,p%d@example.org,Person %d,%d.%02d,EUR,2026-%02d-01\n", id, month, day, who,
                    who, (int)rng_range(&r, 5, 300), (int)rng_range(&r, 0, 99), newer + i % 2);
    }
    fclose(f);
    return path;
}

typedef struct {
    upload u;
    const char *kind;
    str args;
    int64_t job_id;
} order_of;

static bool order_piece(void *ctx, desk *d, err *e) {
    order_of *x = ctx;
    if (x->u.path.len) {
        if (!upload_put(d, &x->u, e)) return false;
        x->args = str_fmt(d->a, "{\"upload\":%" PRId64 "}", x->u.id);
    }
    return job_make(d->s, d->w, &(new_job){.kind = x->kind, .args = x->args, .by = S("system")}, &x->job_id, e);
}

static int64_t begin_job(bench *b, const char *kind, const char *args, upload u);

static int64_t import_job(bench *b, const char *kind, const char *csv) {
    err e = {0};
    upload u = {.name = S("orders.csv"), .by = S("system"), .how = S("{\"source\":\"shop\"}")};
    char copy[400];
    snprintf(copy, sizeof copy, "cp '%s' '%s.sent'", csv, csv);
    shell(copy);
    str sent = str_fmt(&b->f->a, "%s.sent", csv);
    assert_ok(upload_keep(&b->f->a, str_c(b->f->where), world_real(), sent, S(""), &u.path, &u.bytes, &e), e);
    return begin_job(b, kind, "", u);
}

static int64_t begin_job(bench *b, const char *kind, const char *args, upload u) {
    err e = {0};
    order_of x = {.u = u, .kind = kind, .args = str_c(args)};
    assert_ok(writer_do(b->w, order_piece, &x, &e), e);
    runner_wake(b->r);
    return x.job_id;
}

static job_row wait_for_end(bench *b, int64_t id) {
    err e = {0};
    job_row j = {0};
    store *s = open_again(b->f, (store_opts){.read_only = true});
    await(job_get(&b->f->a, s, id, &j, &e) && j.state != JOB_WAITING && j.state != JOB_RUNNING);
    store_close(s);
    return j;
}

static job_row done(bench *b, int64_t id) {
    job_row j = wait_for_end(b, id);
    if (j.state != JOB_DONE) fail_msg("job %d is %s: %.*s", (int)id, job_state_name(j.state), STR_ARG(j.error));
    return j;
}

static void a_job_imports_what_the_command_imports(void **state) {
    bench one, two;
    take_reason bad[TAKE_REASONS];
    size_t n_bad;
    open_bench(&one, state);
    open_bench(&two, state);
    const char *csv = make_csv(&one, "orders.csv", 30000, 5, 1);
    import_directly(two.f->where, csv, (listen_opts){.source = S("shop")}, S("orders.csv"), bad, &n_bad);
    start(&one);

    // First what would become of it: nothing is written, and the counts are those that follow.
    job_row check = done(&one, import_job(&one, "import_check", csv));
    content none = content_of(one.f->where);
    assert_true(none.n == 0 && none.rows == 0 && none.bad == 0);
    job_row import = done(&one, import_job(&one, "import", csv));
    json_t *would = NULL, *did = NULL;
    err e = {0};
    assert_ok(json_read(check.result, &would, &e) && json_read(import.result, &did, &e), e);
    const char *const names[] = {"rows",    "new",         "changed",         "same",
                                 "skipped", "quarantined", "quarantined_why", "adapter"};
    for (size_t i = 0; i < COUNT(names); i++)
        if (!json_equal(json_object_get(would, names[i]), json_object_get(did, names[i]))) fail_msg("%s", names[i]);
    assert_int_equal(json_array_size(json_object_get(did, "quarantined_why")), n_bad);
    assert_int_equal(json_array_size(json_object_get(did, "imports")), 1);
    json_decref(would);
    json_decref(did);
    assert_true(import.done == import.total && import.total > 100000);

    stop(&one);
    content got = content_of(one.f->where), want = content_of(two.f->where);
    assert_same(&got, &want);
    assert_true(want.n > 29000 && want.bad > 100);
    // The file is gone; the one that was only checked is still there.
    store *s = open_again(one.f, (store_opts){.read_only = true});
    int64_t uploads = 0;
    for (row r = store_query(s, Q_upload_list, &e, "ii", INT64_MAX, INT64_C(10)); row_next(&r);) uploads++;
    assert_int_equal(uploads, 1);
    store_close(s);
    close_bench(&one);
    close_bench(&two);
}

// ---- a kill in the middle ----

static int64_t rows_so_far(bench *b, store **s) {
    err e = {0};
    int64_t rows = 0;
    if (!*s) *s = open_again(b->f, (store_opts){.read_only = true});
    for (row r = store_query(*s, Q_import_list, &e, "i", INT64_C(10)); row_next(&r);) rows += row_int(&r, 6);
    return rows;
}

static void killed_at(bench *b, const char *csv, int64_t rows) {
    pid_t child = fork();
    if (child == 0) {
        start(b);
        import_job(b, "import", csv);
        for (;;) pause();
    }
    store *s = NULL;
    int64_t seen = 0;
    await((seen = rows_so_far(b, &s)) >= rows);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    store_close(s);
}

static void what_a_kill_cut_short_is_completed(void **state) {
    enum { ROWS = 45000 };
    bench whole;
    err e = {0};
    open_bench(&whole, state);
    const char *csv = make_csv(&whole, "orders.csv", ROWS, 6, 1);
    import_directly(whole.f->where, csv, (listen_opts){.source = S("shop")}, S("orders.csv"), NULL, NULL);
    content want = content_of(whole.f->where);
    for (int64_t at_row = 1; at_row <= ROWS; at_row += ROWS / 3) {
        bench b;
        int64_t id = 0, n = 0;
        open_bench(&b, state);
        killed_at(&b, csv, at_row);
        start(&b);
        store *s = open_again(b.f, (store_opts){.read_only = true});
        assert_ok(job_underway(s, "import", S(""), &id, &e), e);
        if (id) done(&b, id);
        stop(&b);
        for (row r = store_query(s, Q_import_list, &e, "i", INT64_C(10)); row_next(&r);) n++;
        store_close(s);
        assert_int_equal(n, 1); // one import, as if nothing had been
        content got = content_of(b.f->where);
        assert_same(&got, &want);
        close_bench(&b);
    }
    close_bench(&whole);
}

// A stop in the middle gives the import back, and the next start goes on with it.
static void what_a_stop_cut_short_is_completed(void **state) {
    bench whole, b;
    int64_t id, n = 0;
    err e = {0};
    store *s = NULL;
    open_bench(&whole, state);
    open_bench(&b, state);
    const char *csv = make_csv(&whole, "orders.csv", 45000, 16, 1);
    import_directly(whole.f->where, csv, (listen_opts){.source = S("shop")}, S("orders.csv"), NULL, NULL);
    start(&b);
    id = import_job(&b, "import", csv);
    await(rows_so_far(&b, &s) > 0);
    stop(&b);
    job_row j;
    assert_ok(job_get(&b.f->a, s, id, &j, &e), e);
    assert_int_equal(j.state, JOB_WAITING);
    start(&b);
    done(&b, id);
    stop(&b);
    for (row r = store_query(s, Q_import_list, &e, "i", INT64_C(10)); row_next(&r);) n++;
    assert_int_equal(n, 1);
    store_close(s);
    content got = content_of(b.f->where), want = content_of(whole.f->where);
    assert_same(&got, &want);
    close_bench(&b);
    close_bench(&whole);
}

// ---- taking back ----

static void an_undo_leaves_nothing(void **state) {
    bench b;
    char args[60];
    open_bench(&b, state);
    const char *first = make_csv(&b, "first.csv", 4000, 7, 1), *second = make_csv(&b, "second.csv", 6000, 8, 3);
    start(&b);
    done(&b, import_job(&b, "import", first));
    content before = content_of(b.f->where);
    job_row j = done(&b, import_job(&b, "import", second));
    content with = content_of(b.f->where);
    assert_true(with.n > before.n && with.changed > before.changed && with.customers != before.customers);
    json_t *v = NULL;
    err e = {0};
    assert_ok(json_read(j.result, &v, &e), e);
    json_t *import = json_array_get(json_object_get(v, "imports"), 0);
    snprintf(args, sizeof args, "{\"import\":%" PRId64 "}", (int64_t)json_integer_value(json_object_get(import, "id")));
    json_decref(v);
    done(&b, begin_job(&b, "import_undo", args, (upload){0}));
    content after = content_of(b.f->where);
    assert_same(&after, &before);
    job_row again = wait_for_end(&b, begin_job(&b, "import_undo", args, (upload){0}));
    assert_true(again.state == JOB_FAILED && str_has(again.error, S("undone already")));
    // And in again, as if it had never been taken back.
    done(&b, import_job(&b, "import", second));
    content back = content_of(b.f->where);
    assert_true(back.n == with.n && back.events != before.events && back.customers == with.customers);
    close_bench(&b);
}

// ---- live events meanwhile ----

typedef struct {
    atomic_bool done, ok;
} acknowledgement;

static void on_done(void *ctx, const err *e) {
    acknowledgement *a = ctx;
    atomic_store(&a->ok, err_ok(e));
    atomic_store(&a->done, true);
}

static int64_t clock_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void live_events_are_acknowledged_meanwhile(void **state) {
    enum {
        BOUND_US = 20000000
    }; // generous: machines that test are slow; what must not be is waiting for the whole file
    bench b;
    err e = {0};
    open_bench(&b, state);
    const char *csv = make_csv(&b, "orders.csv", 100000, 9, 1);
    start(&b);
    int64_t id = import_job(&b, "import", csv), acks = 0, worst = 0, during = 0;
    store *s = open_again(b.f, (store_opts){.read_only = true});
    for (bool over = false; !over;) {
        char ext[20];
        job_row j;
        snprintf(ext, sizeof ext, "live%d", (int)acks);
        event ev = from(event_of(KIND_usage, 20400 * DAY_US + acks, ext), IDENT_user_id, "u1");
        int32_t first = 0;
        acknowledgement a = {0};
        parcel p = {.source = S("app"), .adapter = S("test"), .channel = CHANNEL_web, .bytes = 100};
        p.in = (intake){.events = &ev, .row_of = &first, .n = 1, .rows = 1};
        p.done = on_done, p.ctx = &a;
        int64_t began = clock_us();
        assert_ok(writer_take(b.w, &p, &e), e);
        while (!atomic_load(&a.done)) usleep(200);
        assert_true(atomic_load(&a.ok));
        worst = MAX(worst, clock_us() - began), acks++;
        assert_ok(job_get(&b.f->a, s, id, &j, &e), e);
        during += j.state == JOB_RUNNING;
        over = j.state != JOB_WAITING && j.state != JOB_RUNNING;
    }
    store_close(s);
    print_message("%d live events were acknowledged during the import, at the latest after %d ms\n", (int)during,
                  (int)(worst / 1000));
    assert_true(worst < BOUND_US && during > 10);
    done(&b, id);
    stop(&b);
    content c = content_of(b.f->where);
    assert_true(c.n > 95000 + acks);
    close_bench(&b);
}

int main(void) {
    struct CMUnitTest tests[] = {
        cmocka_unit_test(a_job_imports_what_the_command_imports), cmocka_unit_test(what_a_kill_cut_short_is_completed),
        cmocka_unit_test(what_a_stop_cut_short_is_completed),     cmocka_unit_test(an_undo_leaves_nothing),
        cmocka_unit_test(live_events_are_acknowledged_meanwhile),
    };
    return rig_run(tests, COUNT(tests));
}
