// A program that dies between a commit and the merge of what it gathered, or whose transaction fails: nothing that was
// acknowledged is lost or counted twice.
// clang-format off
#include "know/rig.h"
#include "sql/know.h"
#include "sql/ledger.h"
#include <signal.h>
// clang-format on

enum { N = 400, STEP = 20 };

typedef struct {
    arena a;
    event *evs;
} history;

static history history_of(uint64_t seed) {
    history h = {.a = arena_open((size_t)1 << 24)};
    h.evs = make(&h.a, event, N);
    random_events(&h.a, seed, h.evs, N);
    return h;
}

// A person's decisions in between, the same in every run: the last joined profile is split off, and two are joined.
static void decide(rig *r, int step) {
    err e = {0};
    int64_t customer = 0, profile = 0, first = 0, last = 0;
    for (row q = store_query(r->s, Q_profile_scan, &e, ""); row_next(&q);) {
        if (row_int(&q, 0) != row_int(&q, 1)) customer = row_int(&q, 1), profile = row_int(&q, 0);
        if (!first) first = row_int(&q, 0);
        last = row_int(&q, 0);
    }
    assert_true(err_ok(&e) && first);
    if (step % 2 && customer)
        assert_ok(know_split(r->k, customer, profile, S("test"), &e), e);
    else if (first != last)
        assert_ok(know_join(r->k, first, last, S("test"), &e), e);
}

// Steps through a history; crash and flush say how often.
static uint64_t run(history *h, enum place place, double crash, double flush, bool verdicts) {
    rig r;
    rng g = rng_seed(99);
    int64_t replayed = 0;
    rig_open(&r, place);
    for (int i = 0; i < N; i += STEP) {
        rig_put(&r, h->evs + i, STEP);
        if (rng_chance(&g, flush)) rig_flush(&r);
        if (verdicts && i / STEP % 3 == 2) decide(&r, i / STEP / 3);
        if (crash > 0 && rng_chance(&g, crash)) replayed += rig_crash(&r);
    }
    if (crash > 0)
        replayed += rig_crash(&r);
    else
        rig_flush(&r);
    assert_true(crash <= 0 || replayed > 0);
    assert_int_equal(rig_count(&r, Q_tail_due), 0);
    assert_verified(&r);
    uint64_t p = portrait(&r);
    rig_put(&r, h->evs, N); // every event is known
    rig_flush(&r);
    assert_true(portrait(&r) == p);
    rig_close(&r);
    return p;
}

static void what_was_acknowledged_is_there(void **state) {
    for (uint64_t seed = 1; seed <= (on_server(state) ? 1 : 2); seed++) {
        history h = history_of(seed);
        uint64_t whole = run(&h, MEMORY, 0, 0.2, false);
        assert_true(run(&h, lasting_place(state), 0.001, 0, false) == whole); // dies once, at the end
        assert_true(run(&h, lasting_place(state), 0.5, 0.2, false) == whole);
        arena_close(&h.a);
    }
}

static void verdicts_survive_a_crash(void **state) {
    for (uint64_t seed = 1; seed <= (on_server(state) ? 1 : 2); seed++) {
        history h = history_of(seed + 50);
        uint64_t whole = run(&h, MEMORY, 0, 0.2, true);
        assert_true(run(&h, lasting_place(state), 0.001, 0, true) == whole);
        assert_true(run(&h, lasting_place(state), 0.5, 0.2, true) == whole);
        arena_close(&h.a);
    }
}

// Customers that stand in the store already become one, that one another, and then the program dies.
static void pending_merges_survive_a_crash(void **state) {
    uint64_t whole = 0;
    for (int crash = 0; crash < 2; crash++) {
        rig r;
        rig_open(&r, lasting_place(state));
        event evs[] = {order("o1", 20000, 1, "u1", NULL), order("o2", 20001, 20, NULL, "b@x.org"),
                       order("o3", 20002, 300, NULL, "c@x.org"), order("o4", 20003, 4000, "u4", NULL),
                       order("o5", 20004, 50000, NULL, "d@x.org")};
        rig_put(&r, evs, 5);
        rig_flush(&r);
        assert_int_equal(rig_count(&r, Q_summary_count), 5);
        event links[] = {event_of(KIND_identify, 20010 * DAY_US, "l1"), event_of(KIND_identify, 20010 * DAY_US, "l2"),
                         event_of(KIND_identify, 20010 * DAY_US, "l3"), order("o6", 20011, 600000, "u4", NULL)};
        links[0] = from(from(from(links[0], IDENT_stripe_id, "s1"), IDENT_email, "c@x.org"), IDENT_phone, "+49301");
        links[1] = from(from(from(links[1], IDENT_stripe_id, "s2"), IDENT_email, "b@x.org"), IDENT_phone, "+49301");
        links[2] = from(from(links[2], IDENT_user_id, "u4"), IDENT_email, "b@x.org");
        for (int i = 0; i < 4; i++) rig_put(&r, &links[i], 1);
        if (crash)
            assert_true(rig_crash(&r) > 0);
        else
            rig_flush(&r);
        assert_int_equal(rig_count(&r, Q_summary_count), 3);
        assert_verified(&r);
        if (!crash) whole = portrait(&r);
        assert_true(portrait(&r) == whole);
        rig_close(&r);
    }
}

// ---- a program that is really killed ----

static void write_on(fixture *f, const event *evs, int pipe_end) {
    store *s = NULL;
    knowing *k = NULL;
    int64_t now = 1, source, import;
    world w = world_fixed(&now);
    tally t;
    int32_t rows[STEP];
    for (int i = 0; i < STEP; i++) rows[i] = i;
    if (!store_open(&s, str_c(f->where), (store_opts){0}, &f->e) || !store_lock(s, 0, &f->e) ||
        !know_open(&k, s, &w, NULL, &f->e) ||
        !ledger_source(know_ledger(k), S("shop"), S("test"), CHANNEL_shop, false, &source, &f->e) ||
        !ledger_import_begin(know_ledger(k), source, S("t"), S("{}"), &import, &f->e))
        _exit(3);
    for (int i = 0; i < N; i += STEP) {
        intake in = {.events = evs + i, .row_of = rows, .n = STEP, .rows = STEP};
        if (!ledger_write(know_ledger(k), import, &in, &t, &f->e)) _exit(4);
        if (i % (4 * STEP) == 0 && !ledger_flush(know_ledger(k), &f->e)) _exit(5);
        if (write(pipe_end, "x", 1) != 1) _exit(6);
    }
    for (;;) pause();
}

// Kills the writer when it has acknowledged some batches: those are there, at most one more is, and all of it is whole.
static void a_killed_writer_loses_nothing(void **state) {
    history h = history_of(7);
    rng g = rng_seed(1);
    for (int round = 0; round < (on_server(state) ? 2 : 6); round++) {
        rig r, twin;
        int ends[2], acknowledged = 0, status;
        int64_t most = rng_range(&g, 1, N / STEP);
        char c;
        rig_open(&r, lasting_place(state));
        know_close(r.k);
        store_close(r.s);
        r.k = NULL, r.s = r.f->s = NULL;
        assert_int_equal(pipe(ends), 0);
        pid_t child = fork();
        if (!child) write_on(r.f, h.evs, ends[1]);
        close(ends[1]);
        while (acknowledged < most && read(ends[0], &c, 1) == 1) acknowledged++;
        assert_int_equal(acknowledged, most);
        usleep((useconds_t)rng_range(&g, 0, 3000));
        kill(child, SIGKILL);
        while (read(ends[0], &c, 1) == 1) acknowledged++;
        close(ends[0]);
        waitpid(child, &status, 0);
        assert_true(WIFSIGNALED(status));
        r.s = r.f->s = open_again(r.f, (store_opts){0});
        err e = {0};
        assert_ok(store_lock(r.s, 5000, &e), e); // a server may need a moment to notice
        assert_ok(know_open(&r.k, r.s, &r.w, NULL, &e), e);
        assert_verified(&r);
        int64_t rows = 0;
        for (row q = store_query(r.s, Q_import_list, &e, "i", (int64_t)10); row_next(&q);) rows += row_int(&q, 6);
        assert_true(err_ok(&e));
        if (rows != acknowledged * STEP && rows != (acknowledged + 1) * STEP)
            fail_msg("%d batches were acknowledged, %d rows are there", acknowledged, (int)rows);
        rig_open(&twin, MEMORY);
        for (int i = 0; i < rows; i += STEP) rig_put(&twin, h.evs + i, STEP);
        rig_flush(&twin);
        assert_true(portrait(&twin) == portrait(&r));
        rig_close(&twin);
        rig_close(&r);
    }
    arena_close(&h.a);
}

// ---- transactions that fail ----

// The disk is full by turns; what failed is tried again.
static uint64_t run_on_a_full_disk(history *h, int *failures) {
    rig r;
    rng g = rng_seed(4);
    tally t;
    rig_open(&r, MEMORY);
    for (int i = 0; i < N;) {
        err e = {0};
        if (rng_chance(&g, 0.5)) assert_ok(r.s->ops->exec(r.s, "PRAGMA max_page_count = 1", &e), e); // as it is
        bool ok = rig_try(&r, h->evs + i, STEP, &t, false, &e);
        if (ok && rng_chance(&g, 0.3)) ok = ledger_flush(know_ledger(r.k), &e), i += ok ? 0 : STEP;
        if (ok)
            i += STEP;
        else if (++*failures, e.code != ERR_full)
            fail_msg("%s", e.msg);
        err_clear(&e);
        assert_ok(r.s->ops->exec(r.s, "PRAGMA max_page_count = 1000000", &e), e);
    }
    rig_flush(&r);
    assert_verified(&r);
    uint64_t p = portrait(&r);
    rig_close(&r);
    return p;
}

static void a_full_disk_stops_and_loses_nothing(void **state) {
    int failures = 0;
    if (on_server(state)) return; // its disk is not ours to fill
    for (uint64_t seed = 1; seed <= 3; seed++) {
        history h = history_of(seed);
        assert_true(run_on_a_full_disk(&h, &failures) == run(&h, MEMORY, 0, 0.2, false));
        arena_close(&h.a);
    }
    assert_true(failures > 10);
}

// The batch that makes an address known for a shared one does not go through; when it comes again, the same is found.
static void a_failed_batch_demotes_nothing(void **state) {
    enum { PEOPLE = 25 };
    arena a = arena_open((size_t)1 << 26);
    uint64_t whole = 0;
    event evs[PEOPLE];
    if (on_server(state)) return;
    for (int full = 0; full < 2; full++) {
        rig r;
        err e = {0};
        tally t;
        rig_open(&r, MEMORY);
        for (int i = 0; i < PEOPLE; i++) {
            char *words = make(&a, char, 20000);
            memset(words, 'w', 20000);
            const char *mail = str_z(&a, str_fmt(&a, "m%d@x.org", i));
            evs[i] = event_of(KIND_comment, 20000 * DAY_US + i, str_z(&a, str_fmt(&a, "c%d", i)));
            evs[i] = from(from(evs[i], IDENT_email, mail), IDENT_phone, "+4930123");
            evs[i].text = (str){words, 20000};
        }
        if (full) {
            // There is room for the people, but not for their words.
            assert_ok(r.s->ops->exec(r.s,
                                     "CREATE TABLE ballast (x); INSERT INTO ballast VALUES (zeroblob(100000));"
                                     "DROP TABLE ballast; PRAGMA max_page_count = 1",
                                     &e),
                      e);
            assert_false(rig_try(&r, evs, PEOPLE, &t, false, &e));
            assert_int_equal(e.code, ERR_full);
            err_clear(&e);
            assert_ok(r.s->ops->exec(r.s, "PRAGMA max_page_count = 1000000", &e), e);
        }
        rig_put(&r, evs, PEOPLE);
        rig_flush(&r);
        assert_verified(&r);
        int64_t demoted = 0;
        for (row q = store_query(r.s, Q_demoted_list, &e, ""); row_next(&q);) demoted++;
        assert_int_equal(demoted, 1);
        if (!full) whole = portrait(&r);
        assert_true(portrait(&r) == whole);
        rig_close(&r);
    }
    arena_close(&a);
}

int main(void) {
    struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_acknowledged_is_there),      cmocka_unit_test(verdicts_survive_a_crash),
        cmocka_unit_test(pending_merges_survive_a_crash),      cmocka_unit_test(a_killed_writer_loses_nothing),
        cmocka_unit_test(a_full_disk_stops_and_loses_nothing), cmocka_unit_test(a_failed_batch_demotes_nothing),
    };
    return rig_run(tests, COUNT(tests));
}
