// Many at once: no interleaving of the writer's callers spends points that are not there, uses a voucher twice, or
// passes a budget; and the daily job gives what is due once.
#include <pthread.h>
#include <stdatomic.h>

#include "know/rig.h"

#include "act/reward_earn.h"
#include "act/voucher.h"
#include "jobs/runner.h"
#include "jobs/writer.h"
#include "ledger/ident.h"
#include "sql/act_reward.h"
#include "sql/know.h"

enum { THREADS = 6, ROUNDS = 40 };

typedef struct {
    fixture *f;
    writer *w;
    world world;
    int64_t now, customer, voucher;
    str code;
    arena life;
    _Atomic int64_t spent, refused, given, held, redeemed, issued;
} house;

static bool fill(void *ctx, desk *d, err *e) {
    house *h = ctx;
    ledger *l = know_ledger(d->k);
    int64_t source, import;
    tally t;
    const char *field;
    event ev = event_of(KIND_order, h->now - 5 * DAY_US, "o1");
    ev.value = 5000, ev.has_value = true, ev.unit = 978, ev.ids[ev.n_ids++] = (ident){IDENT_user_id, S("7")};
    intake in = {.events = &ev, .row_of = &(int32_t){0}, .n = 1, .rows = 1};
    if (!ledger_source(l, S("shop"), S("test"), CHANNEL_shop, false, &source, e) ||
        !ledger_import_begin(l, source, S("t"), S("{}"), &import, e) || !ledger_write(l, import, &in, &t, e))
        return false;
    for (row q = store_query(d->s, Q_identifier_find, e, "i", (int64_t)ident_hash(IDENT_user_id, S("7")));
         row_next(&q);)
        h->customer = row_int(&q, 1);
    programme p = {.name = S("Beans"),
                   .earned_by = EARNED_ORDER,
                   .currency = 978,
                   .rate = 1000,
                   .worth = 1000,
                   .from_us = h->now - 10 * DAY_US,
                   .on = true,
                   .by = S("test")};
    redline line = {.name = S("a month"),
                    .kind = REDLINE_budget,
                    .limit = 2000,
                    .currency = 978,
                    .period = PERIOD_MONTH,
                    .of = 1u << CONCEDE_reward,
                    .by = S("test")};
    voucher_new n = {.value = 100, .currency = 978, .why = S("try"), .by = S("test")};
    voucher v;
    if (!store_begin(d->s, e) || !programme_put(l, d->a, &p, &field, e) || !redline_put(l, *d->a, &line, &field, e) ||
        !ledger_commit(l, e) || !voucher_issue(l, d->a, &n, &v, e))
        return false;
    h->voucher = v.id, h->code = str_dup(&h->life, v.code);
    return true;
}

static void house_open(house *h, void **state) {
    void *f = NULL;
    err e = {0};
    assert_int_equal(fixture_open(&f, lasting_place(state)), 0);
    *h = (house){.f = f, .now = INT64_C(1767225600000000), .life = arena_open(1 << 20)};
    h->world = world_fixed(&h->now);
    store_close(h->f->s);
    assert_ok(writer_open(&h->w, (writer_opts){.where = h->f->where, .w = &h->world}, &e), e);
    assert_ok(writer_alone(h->w, fill, h, &e), e);
}

static void house_close(house *h) {
    void *f = h->f;
    err e = {0};
    rebuilt_report out;
    arena a = arena_open(1 << 24);
    writer_close(h->w);
    assert_ok(store_open(&h->f->s, str_c(h->f->where), (store_opts){0}, &e), e);
    assert_ok(know_verify(&a, h->f->s, NULL, NULL, &out, &e), e);
    if (out.differences) fail_msg("%.*s", STR_ARG(out.first));
    fixture_close(&f);
    arena_close(&a);
    arena_close(&h->life);
}

typedef struct {
    house *h;
    rng g;
    int me, round;
} caller;

// A refusal is no failure here.
static bool quiet(bool ok, err *mine, err *e) {
    if (ok || mine->code == ERR_conflict) return true;
    *e = *mine;
    return false;
}

static bool act(void *ctx, desk *d, err *e) {
    caller *c = ctx;
    house *h = c->h;
    ledger *l = know_ledger(d->k);
    err mine = {0};
    reward_done done = {0};
    voucher v;
    bool ok;
    switch (rng_range(&c->g, 0, 4)) {
    case 0: {
        reward_gift g = {.customer = h->customer, .points = rng_range(&c->g, 1, 60), .why = S("thanks"), .by = S("x")};
        ok = reward_give(l, d->a, &g, &done, &mine);
        if (ok) h->given += g.points;
        return quiet(ok, &mine, e);
    }
    case 1:
    case 2: {
        reward_spending s = {
            .customer = h->customer, .points = rng_range(&c->g, 1, 80), .what = S("a bag"), .by = S("x")};
        ok = reward_spend(l, d->a, &s, &done, &mine);
        if (ok) h->spent += s.points;
        h->refused += !ok;
        assert_true(!ok || done.account.balance >= 0);
        return quiet(ok, &mine, e);
    }
    case 3: {
        voucher_use u = {.code = h->code, .order = str_fmt(d->a, "order %d", c->me), .minor = 500, .currency = 978};
        ok = voucher_hold(l, d->a, &u, &v, &mine);
        h->held += ok;
        if (ok && rng_chance(&c->g, 0.3)) {
            ok = voucher_redeem(l, d->a, v.id, S("x"), &v, &mine);
            h->redeemed += ok;
        } else if (ok)
            ok = voucher_release(l, d->a, v.id, S("x"), &v, &mine);
        return quiet(ok, &mine, e);
    }
    default: {
        voucher_new n = {.value = rng_range(&c->g, 1, 200), .currency = 978, .why = S("more"), .by = S("x")};
        ok = voucher_issue(l, d->a, &n, &v, &mine);
        if (ok) h->issued += n.value;
        return quiet(ok, &mine, e);
    }
    }
}

static void *call_often(void *ctx) {
    caller *c = ctx;
    for (c->round = 0; c->round < ROUNDS; c->round++) {
        err e = {0};
        if (!writer_alone(c->h->w, act, c, &e)) fail_msg("%s", e.msg);
    }
    return NULL;
}

static bool look(void *ctx, desk *d, err *e) {
    house *h = ctx;
    reward_entry *v;
    size_t n;
    int64_t sum = 0, told = 0, cost = 0;
    if (!reward_entries(d->a, d->s, h->customer, &v, &n, e)) return false;
    for (size_t i = 0; i < n; i++) {
        if (v[i].unit) continue;
        sum += v[i].counts, told += v[i].points;
        assert_true(v[i].counts == v[i].points && v[i].lot >= 0);
    }
    reward_account x = reward_account_of(v, n, h->now);
    assert_true(x.balance == sum && sum == told && sum >= 0 && !x.missing);
    assert_true(sum == h->given - h->spent);
    for (row r = store_query(d->s, Q_voucher_list, e, "iii", INT64_MAX, (int64_t)0, INT64_C(1000)); row_next(&r);)
        cost += row_int(&r, 4);
    // points are worth a cent each, and vouchers their value: together no more than the line allows
    assert_true(cost + h->given <= 2000);
    return true;
}

static void no_interleaving_overspends(void **state) {
    for (uint64_t seed = 1; seed <= 3; seed++) {
        house h;
        caller callers[THREADS];
        pthread_t threads[THREADS];
        err e = {0};
        house_open(&h, state);
        for (int i = 0; i < THREADS; i++) {
            callers[i] = (caller){.h = &h, .g = rng_fork(seed, (uint64_t)i), .me = i};
            assert_int_equal(pthread_create(&threads[i], NULL, call_often, &callers[i]), 0);
        }
        for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
        assert_ok(writer_alone(h.w, look, &h, &e), e);
        assert_true(h.redeemed <= 1 && h.spent <= h.given && h.refused > 0);
        house_close(&h);
    }
}

// ---- the job ----

static bool new_run(void *ctx, desk *d, err *e) {
    int64_t *id = ctx;
    return job_make(d->s, d->w, &(new_job){.kind = "rewards", .by = S("test")}, id, e);
}

static bool balance(void *ctx, desk *d, err *e) {
    house *h = ctx;
    reward_entry *v;
    size_t n;
    if (!reward_entries(d->a, d->s, h->customer, &v, &n, e)) return false;
    h->given = reward_account_of(v, n, h->now).balance;
    return true;
}

static void the_job_gives_once(void **state) {
    house h;
    err e = {0};
    house_open(&h, state);
    for (int i = 0; i < 2; i++) {
        int64_t id;
        runner *r;
        job_row j = {.state = JOB_WAITING};
        arena a = arena_open(1 << 20);
        assert_ok(writer_do(h.w, new_run, &id, &e), e);
        assert_ok(runner_open(&r, (runner_opts){.w = h.w, .where = h.f->where, .world = &h.world, .only = id}, &e), e);
        store *s;
        assert_ok(store_open(&s, str_c(h.f->where), (store_opts){.read_only = true}, &e), e);
        await(job_get(&a, s, id, &j, &e) && j.state != JOB_WAITING && j.state != JOB_RUNNING);
        store_close(s);
        runner_close(r);
        if (j.state != JOB_DONE) fail_msg("%.*s", STR_ARG(j.error));
        arena_close(&a);
        assert_ok(writer_alone(h.w, balance, &h, &e), e);
        assert_int_equal(h.given, 50);
    }
    house_close(&h);
}

int main(void) {
    struct CMUnitTest tests[] = {
        cmocka_unit_test(no_interleaving_overspends),
        cmocka_unit_test(the_job_gives_once),
    };
    return rig_run(tests, COUNT(tests));
}
