// Concessions through the one writer: no interleaving of many threads spends more than a budget, and a kill loses
// nothing that was given, gives nothing twice, and tells each of it once.
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#include "know/rig.h"

#include "decide/concession.h"
#include "jobs/writer.h"
#include "sql/know.h"

enum { EUR = 978, THREADS = 12, STEPS = 40, LIMIT = 20000, PER_PERSON = 5, PEOPLE = 3, ROWS = 20000 };

typedef struct {
    fixture *f;
    writer *w;
    world world;
    int64_t now;
    int64_t people[PEOPLE];
    redline budget, times;
} shop;

static void start(shop *b) {
    err e = {0};
    assert_ok(writer_open(&b->w, (writer_opts){.where = b->f->where, .w = &b->world}, &e), e);
}

static bool draw(void *ctx, desk *d, err *e) {
    const char *field;
    return redline_put(know_ledger(d->k), *d->a, ctx, &field, e);
}

static void people(shop *b) {
    err e = {0};
    store *s;
    event evs[PEOPLE];
    char users[PEOPLE][8], exts[PEOPLE][8];
    for (int i = 0; i < PEOPLE; i++) {
        snprintf(users[i], sizeof users[i], "u%d", i), snprintf(exts[i], sizeof exts[i], "o%d", i);
        evs[i] = order(exts[i], 20000, 5000, users[i], NULL);
    }
    int32_t rows[PEOPLE] = {0, 1, 2};
    tally t;
    parcel p = {.source = S("shop"),
                .adapter = S("test"),
                .channel = CHANNEL_shop,
                .in = {.events = evs, .row_of = rows, .n = PEOPLE, .rows = PEOPLE},
                .t = &t};
    assert_ok(writer_take(b->w, &p, &e), e);
    assert_ok(writer_settle(b->w, &e), e);
    assert_ok(store_open(&s, str_c(b->f->where), (store_opts){.read_only = true}, &e), e);
    int n = 0;
    for (row q = store_query(s, Q_summary_scan, &e, ""); row_next(&q);) b->people[n++] = row_int(&q, 0);
    assert_int_equal(n, PEOPLE);
    store_close(s);
}

static void shop_open(shop *b, void **state) {
    void *f = NULL;
    err e = {0};
    assert_int_equal(fixture_open(&f, lasting_place(state)), 0);
    *b = (shop){.f = f, .now = INT64_C(1767225600000000)};
    b->world = world_fixed(&b->now);
    store_close(b->f->s);
    start(b);
    people(b);
    b->budget = (redline){.name = S("all"),
                          .kind = REDLINE_budget,
                          .limit = LIMIT,
                          .currency = EUR,
                          .period = PERIOD_MONTH,
                          .by = S("test")};
    b->times = (redline){.name = S("each"),
                         .kind = REDLINE_times,
                         .limit = PER_PERSON,
                         .period = PERIOD_MONTH,
                         .of = 1u << CONCEDE_reward,
                         .by = S("test")};
    assert_ok(writer_do(b->w, draw, &b->budget, &e) && writer_do(b->w, draw, &b->times, &e), e);
}

static void shop_close(shop *b) {
    void *f = b->f;
    err e = {0};
    writer_close(b->w);
    assert_ok(store_open(&b->f->s, str_c(b->f->where), (store_opts){0}, &e), e);
    fixture_close(&f);
}

// ---- one step of one agent ----

typedef struct {
    concession_new n;
    int64_t id;
    enum concession_state state;
    int what; // 0 reserve, 1 commit, 2 release, 3 reverse
} one_step;

static bool run_step(void *ctx, desk *d, err *e) {
    one_step *x = ctx;
    ledger *l = know_ledger(d->k);
    concession_made m;
    switch (x->what) {
    case 0:
        if (!concession_reserve(l, d->a, &x->n, &m, e)) return false;
        x->id = m.id, x->state = m.state;
        return true;
    case 1: return concession_commit(l, d->a, x->id, S("agent"), e);
    case 2: return concession_release(l, d->a, x->id, S("agent"), e);
    default: return concession_reverse(l, d->a, x->id, S("agent"), S("sent back"), e);
    }
}

static one_step new_ask(shop *b, rng *g) {
    bool reward = rng_chance(g, 0.5);
    return (one_step){.n = {.ask = {.kind = reward ? CONCEDE_reward : CONCEDE_grant,
                                    .amount = rng_range(g, 1, 900),
                                    .currency = EUR,
                                    .customer = reward ? b->people[rng_range(g, 0, PEOPLE - 1)] : 0}}};
}

// ---- what stands in the rows, added up without help ----

typedef struct {
    int64_t spent, held, given, of[PEOPLE];
} added;

static added add_rows(shop *b, store *s) {
    err e = {0};
    concession *all;
    size_t n;
    added sum = {0};
    arena a = arena_open((size_t)1 << 32);
    concession_which q = {.state = -1, .most = ROWS};
    assert_ok(concessions_list(&a, s, &q, b->now, &all, &n, &e), e);
    for (size_t i = 0; i < n; i++) {
        bool held = all[i].state == CONCESSION_RESERVED, given = all[i].state == CONCESSION_COMMITTED;
        sum.held += held ? all[i].costs : 0, sum.spent += given ? all[i].costs : 0, sum.given += given;
        for (int p = 0; p < PEOPLE; p++)
            sum.of[p] += (held || given) && all[i].ask.kind == CONCEDE_reward && all[i].ask.customer == b->people[p];
    }
    arena_close(&a);
    return sum;
}

static void assert_bounds(shop *b) {
    err e = {0};
    store *s;
    redline_used *near;
    size_t n;
    arena a = arena_open(1 << 28);
    assert_ok(store_open(&s, str_c(b->f->where), (store_opts){.read_only = true}, &e), e);
    assert_ok(store_begin_read(s, &e), e);
    added sum = add_rows(b, s);
    assert_true(sum.spent + sum.held <= LIMIT);
    for (int p = 0; p < PEOPLE; p++) assert_true(sum.of[p] <= PER_PERSON);
    assert_ok(redlines_near(&a, s, b->now, 1e-9, &near, &n, &e), e);
    if (sum.spent + sum.held > 0) {
        assert_int_equal(n, 1);
        assert_int_equal(near[0].used, sum.spent);
        assert_int_equal(near[0].reserved, sum.held);
    }
    store_close(s);
    arena_close(&a);
}

// ---- many at once ----

typedef struct {
    shop *b;
    uint64_t seed;
    int64_t reserved, refused;
    bool broken;
} agent;

static void *work(void *ctx) {
    agent *x = ctx;
    rng g = rng_seed(x->seed);
    int64_t mine[STEPS], n = 0;
    for (int i = 0; i < STEPS; i++) {
        err e = {0};
        one_step st = new_ask(x->b, &g);
        if (n && rng_chance(&g, 0.5)) {
            st.what = (int)rng_range(&g, 1, 3), st.id = mine[rng_range(&g, 0, n - 1)];
            if (!writer_do(x->b->w, run_step, &st, &e) && e.code != ERR_conflict) x->broken = true;
            continue;
        }
        if (!writer_do(x->b->w, run_step, &st, &e)) x->broken = true;
        if (st.state == CONCESSION_RESERVED)
            mine[n++] = st.id, x->reserved++;
        else
            x->refused++;
    }
    return NULL;
}

static void no_interleaving_spends_more_than_a_budget(void **state) {
    shop b;
    pthread_t threads[THREADS];
    agent agents[THREADS];
    shop_open(&b, state);
    int64_t refused = 0;
    for (int i = 0; i < THREADS; i++) {
        agents[i] = (agent){.b = &b, .seed = 100 + (uint64_t)i};
        assert_int_equal(pthread_create(&threads[i], NULL, work, &agents[i]), 0);
    }
    for (int i = 0; i < 10; i++) usleep(20000), assert_bounds(&b); // as a reader sees it meanwhile
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_false(agents[i].broken);
        refused += agents[i].refused;
    }
    assert_true(refused > 0); // the budget was fought for
    assert_bounds(&b);
    shop_close(&b);
}

// ---- a kill ----

static void give_until_killed(shop *b, int out, uint64_t seed) {
    rng g = rng_seed(seed);
    start(b);
    for (;;) {
        err e = {0};
        one_step st = new_ask(b, &g);
        st.n.ask.amount = rng_range(&g, 1, 30);
        if (!writer_do(b->w, run_step, &st, &e)) _exit(1);
        if (st.state != CONCESSION_RESERVED) continue;
        st.what = 1;
        if (!writer_do(b->w, run_step, &st, &e)) _exit(1);
        if (write(out, &st.id, sizeof st.id) != sizeof st.id) _exit(1);
    }
}

static bool tell(void *ctx, desk *d, err *e) {
    return concessions_tell(know_ledger(d->k), ctx, e);
}

static bool count_told(void *ctx, const record *r, err *e) {
    (void)e;
    *(int64_t *)ctx += r->kind == KIND_concession;
    return true;
}

static int64_t told_events(shop *b) {
    err e = {0};
    store *s;
    int64_t n = 0;
    assert_ok(store_open(&s, str_c(b->f->where), (store_opts){.read_only = true}, &e), e);
    assert_ok(ledger_all_events(s, count_told, &n, &e), e);
    store_close(s);
    return n;
}

static void a_kill_gives_nothing_twice_and_forgets_nothing(void **state) {
    shop b;
    shop_open(&b, state);
    writer_close(b.w);
    for (int round = 0; round < 6; round++) {
        int pipes[2];
        assert_int_equal(pipe(pipes), 0);
        fflush(NULL);
        pid_t child = fork();
        if (!child) close(pipes[0]), give_until_killed(&b, pipes[1], 7 + (uint64_t)round);
        close(pipes[1]);
        usleep((unsigned)(60000 + 25000 * round));
        kill(child, SIGKILL);
        int status;
        waitpid(child, &status, 0);
        err e = {0};
        start(&b);
        store *s;
        arena a = arena_open(1 << 28);
        assert_ok(store_open(&s, str_c(b.f->where), (store_opts){.read_only = true}, &e), e);
        int64_t id, told;
        while (read(pipes[0], &id, sizeof id) == sizeof id) {
            concession c;
            assert_true(concession_get(&a, s, id, b.now, &c, &e));
            assert_int_equal(c.state, CONCESSION_COMMITTED);
        }
        close(pipes[0]);
        assert_bounds(&b);
        added sum = add_rows(&b, s);
        store_close(s);
        if (round % 2 == 0) {
            assert_ok(writer_alone(b.w, tell, &told, &e), e);
            assert_ok(writer_alone(b.w, tell, &told, &e), e); // twice tells nothing new
            assert_int_equal(told, 0);
            assert_int_equal(told_events(&b), sum.given);
        }
        arena_close(&a);
        writer_close(b.w);
    }
    start(&b);
    shop_close(&b);
}

int main(void) {
    struct CMUnitTest tests[] = {
        cmocka_unit_test(no_interleaving_spends_more_than_a_budget),
        cmocka_unit_test(a_kill_gives_nothing_twice_and_forgets_nothing),
    };
    return rig_run(tests, COUNT(tests));
}
