// Concessions: two steps and signatures, and that no order of steps spends more than a line allows.
#include "decide/redline_rig.h"
#include "sql/know.h"
#include "sql/ledger.h"

// ---- two steps ----

static void a_reservation_counts_until_it_ends(void **state) {
    rig r;
    arena a = arena_open(1 << 28);
    rig_open(&r, place_of(state));
    draw(&r, (redline){.kind = REDLINE_budget, .limit = 10000, .period = PERIOD_MONTH});
    concession_new n = {.ask = {.kind = CONCEDE_grant, .amount = 6000, .reason = S("late")}};
    concession_made one = reserve(&r, &a, n), two = reserve(&r, &a, n);
    assert_int_equal(one.state, CONCESSION_RESERVED);
    assert_int_equal(two.state, CONCESSION_DECLINED);
    assert_int_equal(two.answer.asked[0].headroom, -2000);
    assert_sum(&two.answer, 0, "0.00 EUR given, 60.00 EUR reserved + 60.00 EUR = 120.00 EUR of 100.00 EUR this month");
    assert_true(step(&r, concession_release, one.id));
    concession_made three = reserve(&r, &a, n);
    assert_int_equal(three.state, CONCESSION_RESERVED);
    r.now += 15 * 60 * SECOND_US; // its time is over
    assert_false(step(&r, concession_commit, three.id));
    concession_made four = reserve(&r, &a, n);
    assert_int_equal(four.state, CONCESSION_RESERVED);
    assert_true(step(&r, concession_commit, four.id));
    assert_true(step(&r, concession_commit, four.id)); // twice is once
    assert_false(step(&r, concession_release, four.id));
    n.ask.amount = 4000;
    assert_int_equal(reserve(&r, &a, n).state, CONCESSION_RESERVED);
    r.now += 31 * DAY_US; // February has a budget of its own
    n.ask.amount = 10000;
    assert_int_equal(reserve(&r, &a, n).state, CONCESSION_RESERVED);
    arena_close(&a);
    rig_close(&r);
}

static void what_is_taken_back_can_be_given_again(void **state) {
    rig r;
    err e = {0};
    arena a = arena_open(1 << 28);
    rig_open(&r, place_of(state));
    draw(&r, (redline){.kind = REDLINE_budget, .limit = 100, .period = PERIOD_YEAR});
    concession_new n = {.ask = {.kind = CONCEDE_refund, .amount = 100}};
    concession_made one = reserve(&r, &a, n);
    assert_true(step(&r, concession_commit, one.id));
    assert_int_equal(reserve(&r, &a, n).state, CONCESSION_DECLINED);
    assert_ok(store_begin(r.s, &e) && concession_reverse(book(&r), &a, one.id, S("me"), S("sent back"), &e) &&
                  ledger_commit(book(&r), &e),
              e);
    assert_int_equal(reserve(&r, &a, n).state, CONCESSION_RESERVED);
    arena_close(&a);
    rig_close(&r);
}

static void a_key_asks_once(void **state) {
    rig r;
    err e = {0};
    arena a = arena_open(1 << 28);
    rig_open(&r, place_of(state));
    concession_new n = {.ask = {.kind = CONCEDE_grant, .amount = 60, .currency = EUR}, .key = S("order-7")};
    concession_made one = reserve(&r, &a, n), two = reserve(&r, &a, n), out;
    assert_int_equal(one.id, two.id);
    assert_int_equal(two.state, CONCESSION_RESERVED);
    n.ask.amount = 61;
    assert_ok(store_begin(r.s, &e), e);
    assert_false(concession_reserve(book(&r), &a, &n, &out, &e));
    assert_int_equal(e.code, ERR_conflict);
    store_rollback(r.s);
    arena_close(&a);
    rig_close(&r);
}

static void given_and_taken_back_are_told_once(void **state) {
    rig r;
    err e = {0};
    int64_t told;
    arena a = arena_open(1 << 28);
    rig_open(&r, lasting_place(state));
    event ev = order("o1", 20000, 5000, "u1", "ann@x.org");
    rig_put(&r, &ev, 1);
    rig_flush(&r);
    int64_t customer = 0;
    for (row q = store_query(r.s, Q_summary_scan, &e, ""); row_next(&q);) customer = row_int(&q, 0);
    concession_new n = {.ask = {.kind = CONCEDE_grant, .amount = 500, .customer = customer, .reason = S("late")}};
    concession_made one = reserve(&r, &a, n), two = reserve(&r, &a, n);
    assert_true(step(&r, concession_commit, one.id));
    assert_true(step(&r, concession_commit, two.id));
    rig_crash(&r); // before anything was told
    assert_ok(concessions_tell(book(&r), &told, &e), e);
    assert_int_equal(told, 2);
    assert_ok(concessions_tell(book(&r), &told, &e), e);
    assert_int_equal(told, 0);
    int64_t before = rig_count(&r, Q_event_count);
    assert_ok(store_begin(r.s, &e) && concession_reverse(book(&r), &a, one.id, S("me"), S("wrong"), &e) &&
                  ledger_commit(book(&r), &e),
              e);
    assert_ok(concessions_tell(book(&r), &told, &e), e);
    assert_int_equal(told, 1);
    assert_int_equal(rig_count(&r, Q_event_count), before + 1);
    rig_flush(&r);
    assert_verified(&r);
    arena_close(&a);
    rig_close(&r);
}

// ---- signatures ----

static void nobody_signs_for_themselves(void **state) {
    rig r;
    err e = {0};
    const char *field;
    arena a = arena_open(1 << 28);
    rig_open(&r, place_of(state));
    envelope v = {
        .role = S("agent"), .most = 1000, .currency = EUR, .signer = S("manager"), .hours = 2, .by = S("test")};
    assert_ok(store_begin(r.s, &e) && envelope_put(book(&r), &v, &field, &e) && ledger_commit(book(&r), &e), e);
    draw(&r, (redline){.kind = REDLINE_budget, .limit = 5000, .period = PERIOD_MONTH});
    concession_new n = {.ask = {.kind = CONCEDE_reward, .amount = 1000, .role = S("agent"), .by = S("account:1")}};
    assert_int_equal(reserve(&r, &a, n).state, CONCESSION_RESERVED);
    n.ask.amount = 3000;
    concession_made big = reserve(&r, &a, n);
    assert_int_equal(big.state, CONCESSION_WAITING);
    assert_true(big.approval > 0);
    approval *list, x;
    size_t count;
    assert_ok(approvals_waiting(&a, r.s, S("manager"), r.now, &list, &count, &e), e);
    assert_int_equal(count, 1);
    // 2026-01-01 is a Thursday and no country is named: the office opens at 9, two hours later it is 11.
    assert_int_equal(list[0].due_us, r.now + 11 * HOUR_US);
    assert_ok(approvals_waiting(&a, r.s, S("agent"), r.now, &list, &count, &e), e);
    assert_int_equal(count, 0);
    const struct {
        approval_word w;
        enum err_code code;
    } tries[] = {{{S("account:1"), S("owner"), S("fine")}, ERR_denied},
                 {{S("account:2"), S("agent"), S("fine")}, ERR_denied},
                 {{S("account:2"), S("manager"), S(" ")}, ERR_invalid}};
    for (size_t i = 0; i < COUNT(tries); i++) {
        e = (err){0};
        assert_ok(store_begin(r.s, &e), e);
        assert_false(approval_grant(book(&r), &a, big.approval, &tries[i].w, &e));
        assert_int_equal(e.code, tries[i].code);
        store_rollback(r.s);
    }
    e = (err){0};
    approval_word yes = {S("account:2"), S("manager"), S("a good customer")};
    assert_ok(
        store_begin(r.s, &e) && approval_grant(book(&r), &a, big.approval, &yes, &e) && ledger_commit(book(&r), &e), e);
    assert_true(approval_get(&a, r.s, big.approval, r.now, &x, &e));
    assert_int_equal(x.state, APPROVAL_GRANTED);
    // Reserved now, so that of 50.00 there are 10.00 left.
    n.ask.amount = 1001, n.ask.role = S("");
    assert_int_equal(reserve(&r, &a, n).state, CONCESSION_DECLINED);
    assert_true(step(&r, concession_commit, big.id));
    arena_close(&a);
    rig_close(&r);
}

static void what_does_not_pass_any_more_is_not_granted(void **state) {
    rig r;
    err e = {0};
    arena a = arena_open(1 << 28);
    rig_open(&r, place_of(state));
    draw(&r, (redline){.name = S("big"), .kind = REDLINE_amount, .limit = 1000, .signer = S("manager")});
    draw(&r, (redline){.name = S("all"), .kind = REDLINE_budget, .limit = 5000, .period = PERIOD_MONTH});
    concession_new n = {.ask = {.kind = CONCEDE_grant, .amount = 4500, .by = S("account:1")}};
    concession_made big = reserve(&r, &a, n);
    assert_int_equal(big.state, CONCESSION_WAITING);
    n.ask.amount = 1000;
    assert_int_equal(reserve(&r, &a, n).state, CONCESSION_RESERVED);
    approval_word yes = {S("account:2"), S("owner"), S("fine")};
    assert_ok(store_begin(r.s, &e), e);
    assert_false(approval_grant(book(&r), &a, big.approval, &yes, &e));
    assert_int_equal(e.code, ERR_conflict);
    store_rollback(r.s);
    e = (err){0};
    r.now += 10 * DAY_US;
    assert_ok(store_begin(r.s, &e), e); // and after its time nobody decides any more
    assert_false(approval_decline(book(&r), &a, big.approval, &yes, &e));
    assert_int_equal(e.code, ERR_conflict);
    store_rollback(r.s);
    arena_close(&a);
    rig_close(&r);
}

static void an_unanswered_request_ends_by_itself(void **state) {
    rig r;
    err e = {0};
    int64_t n;
    concession c;
    approval x;
    arena a = arena_open(1 << 28);
    rig_open(&r, place_of(state));
    draw(&r, (redline){.kind = REDLINE_amount, .limit = 10, .signer = S("owner")});
    concession_made m = reserve(&r, &a, (concession_new){.ask = {.kind = CONCEDE_grant, .amount = 20}});
    r.now += 10 * DAY_US;
    assert_true(approval_get(&a, r.s, m.approval, r.now, &x, &e));
    assert_int_equal(x.state, APPROVAL_EXPIRED); // whether anything noticed or not
    assert_ok(store_begin(r.s, &e) && concessions_expire(book(&r), &n, &e) && ledger_commit(book(&r), &e), e);
    assert_int_equal(n, 1);
    assert_true(concession_get(&a, r.s, m.id, r.now, &c, &e));
    assert_int_equal(c.state, CONCESSION_EXPIRED);
    arena_close(&a);
    rig_close(&r);
}

static void how_often_somebody_gives_is_bounded_in_any_24_hours(void **state) {
    rig r;
    err e = {0};
    const char *field;
    arena a = arena_open(1 << 28);
    rig_open(&r, place_of(state));
    envelope v = {.role = S("agent"), .times = 2, .period = PERIOD_DAY, .by = S("test")};
    assert_ok(store_begin(r.s, &e) && envelope_put(book(&r), &v, &field, &e) && ledger_commit(book(&r), &e), e);
    concession_new n = {.ask = {.kind = CONCEDE_reward, .amount = 1, .role = S("agent"), .by = S("account:1")},
                        .keep_us = 40 * HOUR_US};
    assert_int_equal(reserve(&r, &a, n).state, CONCESSION_RESERVED);
    r.now += 20 * HOUR_US;
    assert_int_equal(reserve(&r, &a, n).state, CONCESSION_RESERVED);
    assert_int_equal(reserve(&r, &a, n).state, CONCESSION_WAITING);
    n.ask.by = S("account:2"); // each person alone
    assert_int_equal(reserve(&r, &a, n).state, CONCESSION_RESERVED);
    n.ask.by = S("account:1"), r.now += 5 * HOUR_US;
    assert_int_equal(reserve(&r, &a, n).state, CONCESSION_RESERVED);
    arena_close(&a);
    rig_close(&r);
}

static void who_is_forgotten_leaves_sums_and_no_name(void **state) {
    rig r;
    err e = {0};
    arena a = arena_open(1 << 28);
    rig_open(&r, place_of(state));
    r.now = 20460 * DAY_US;
    int64_t customer = one_customer(&r);
    draw(&r, (redline){.kind = REDLINE_budget, .limit = 100, .period = PERIOD_YEAR});
    draw(&r, (redline){.name = S("each"), .kind = REDLINE_times, .limit = 9, .period = PERIOD_YEAR});
    concession_new n = {.ask = {.kind = CONCEDE_grant, .amount = 60, .customer = customer, .reason = S("Ann was ill")},
                        .key = S("k")};
    concession_made m = reserve(&r, &a, n);
    assert_true(step(&r, concession_commit, m.id));
    erased out;
    erase_ask ask = {.customer = customer};
    assert_ok(know_erase(r.k, &ask, &out, &e), e);
    concession *all;
    size_t count;
    assert_ok(concessions_list(&a, r.s, &(concession_which){.state = -1, .most = 10}, r.now, &all, &count, &e), e);
    assert_int_equal(count, 1);
    assert_int_equal(all[0].profile, 0);
    assert_int_equal(all[0].ask.reason.len + all[0].key.len, 0);
    assert_true(str_eq(all[0].lines, S("{}")));
    n.key = S(""), n.ask.customer = 0, n.ask.amount = 41;
    assert_int_equal(reserve(&r, &a, n).state, CONCESSION_DECLINED); // the money is gone all the same
    arena_close(&a);
    rig_close(&r);
}

// ---- against a slow twin ----

enum { STEPS = 400, LINES = 5, PEOPLE = 4 };

typedef struct {
    int64_t id, at_us, keep_us, costs, customer;
    enum concession_kind kind;
    enum concession_state state;
} twin_row;

typedef struct {
    redline lines[LINES];
    twin_row rows[STEPS];
    size_t n;
} twin;

static bool twin_counts(const twin_row *x, int64_t now) {
    return x->state == CONCESSION_COMMITTED || (x->state == CONCESSION_RESERVED && x->keep_us > now);
}

static int32_t period_key(enum redline_period p, int64_t at) { // of UTC
    ymd d = ymd_of((int32_t)floor_div(at, DAY_US));
    int32_t day = days_of(d);
    switch (p) {
    case PERIOD_NONE: return 0;
    case PERIOD_DAY: return day;
    case PERIOD_WEEK: return day - weekday(day);
    case PERIOD_MONTH: return d.year * 12 + d.month;
    case PERIOD_QUARTER: return d.year * 4 + (d.month - 1) / 3;
    case PERIOD_YEAR: return d.year;
    }
    return 0;
}

// What a line sums, row by row.
static int64_t twin_sum(const twin *t, const redline *x, int64_t customer, int64_t now) {
    int64_t sum = 0;
    for (size_t i = 0; i < t->n; i++) {
        const twin_row *q = &t->rows[i];
        if (!twin_counts(q, now) || period_key(x->period, q->at_us) != period_key(x->period, now)) continue;
        if (x->of && !(x->of >> q->kind & 1)) continue;
        if (x->kind == REDLINE_budget) sum += q->costs;
        if (x->kind == REDLINE_times && q->customer == customer) sum++;
    }
    return sum;
}

static bool twin_allows(const twin *t, const concession_ask *ask, int64_t now) {
    for (int i = 0; i < LINES; i++) {
        const redline *x = &t->lines[i];
        if (x->of && !(x->of >> ask->kind & 1)) continue;
        int64_t more = x->kind == REDLINE_budget ? ask->amount : 1;
        if (twin_sum(t, x, ask->customer, now) + more > x->limit) return false;
    }
    return true;
}

static size_t people_of(rig *r, int64_t *ids) {
    err e = {0};
    size_t n = 0;
    event evs[PEOPLE];
    char users[PEOPLE][8], exts[PEOPLE][8];
    for (int i = 0; i < PEOPLE; i++) {
        snprintf(users[i], sizeof users[i], "u%d", i), snprintf(exts[i], sizeof exts[i], "o%d", i);
        evs[i] = order(exts[i], 20000, 5000, users[i], NULL);
    }
    rig_put(r, evs, PEOPLE);
    rig_flush(r);
    for (row q = store_query(r->s, Q_summary_scan, &e, ""); row_next(&q);) ids[n++] = row_int(&q, 0);
    return n;
}

static void random_step(rig *r, twin *t, rng *g, const int64_t *people) {
    arena a = arena_open(1 << 26);
    size_t which = t->n ? (size_t)rng_range(g, 0, (int64_t)t->n - 1) : 0;
    twin_row *q = &t->rows[which];
    int64_t dice = rng_range(g, 0, 9);
    if (dice < 5 || !t->n) {
        concession_new n = {.ask = {.kind = rng_chance(g, 0.5) ? CONCEDE_grant : CONCEDE_reward,
                                    .amount = rng_range(g, 1, 900),
                                    .customer = people[rng_range(g, 0, PEOPLE - 1)]},
                            .keep_us = rng_range(g, 1, 3) * HOUR_US};
        bool want = twin_allows(t, &n.ask, r->now);
        concession_made m = reserve(r, &a, n);
        assert_int_equal(m.state, want ? CONCESSION_RESERVED : CONCESSION_DECLINED);
        t->rows[t->n++] =
            (twin_row){m.id, r->now, r->now + n.keep_us, n.ask.amount, n.ask.customer, n.ask.kind, m.state};
        for (size_t i = 0; i < m.answer.n_instead; i++) { // what is proposed passes
            concession_ask again = m.answer.instead[i].ask;
            if (m.answer.instead[i].can_ask) assert_int_equal(check(r, &a, again).verdict, REDLINE_ALLOWED);
        }
    } else if (dice < 7) {
        bool can = (q->state == CONCESSION_RESERVED && q->keep_us > r->now) || q->state == CONCESSION_COMMITTED;
        assert_int_equal(step(r, concession_commit, q->id), can);
        if (can) q->state = CONCESSION_COMMITTED;
    } else if (dice < 8) {
        bool can = q->state == CONCESSION_RESERVED || q->state == CONCESSION_RELEASED;
        assert_int_equal(step(r, concession_release, q->id), can);
        if (can && q->keep_us > r->now) q->state = CONCESSION_RELEASED;
    } else if (dice < 9) {
        err e = {0};
        assert_ok(store_begin(r->s, &e), e);
        bool can = q->state == CONCESSION_COMMITTED || q->state == CONCESSION_REVERSED;
        assert_int_equal(concession_reverse(book(r), &a, q->id, S("x"), S("back"), &e), can);
        if (can) {
            q->state = CONCESSION_REVERSED;
            assert_ok(ledger_commit(book(r), &e), e);
        } else
            store_rollback(r->s);
    } else
        r->now += rng_chance(g, 0.8) ? rng_range(g, 1, 90) * 60 * SECOND_US : rng_range(g, 1, 20) * DAY_US;
    arena_close(&a);
}

static void compare_sums(rig *r, const twin *t, const int64_t *people) {
    arena a = arena_open(1 << 26);
    for (int i = 0; i < LINES; i++)
        for (int p = 0; p < PEOPLE; p++) {
            concession_ask ask = {.kind = CONCEDE_grant, .amount = 1, .customer = people[p]};
            redline_answer x = check(r, &a, ask);
            for (size_t k = 0; k < x.n_asked; k++)
                if (x.asked[k].line.id == t->lines[i].id)
                    assert_int_equal(x.asked[k].before, twin_sum(t, &t->lines[i], people[p], r->now));
        }
    arena_close(&a);
}

static void sums_are_those_of_a_slow_twin(void **state) {
    for (uint64_t seed = 1; seed <= 3; seed++) {
        rig r;
        rng g = rng_seed(seed);
        int64_t people[PEOPLE + 1];
        twin *t = calloc(1, sizeof *t);
        rig_open(&r, place_of(state));
        assert_int_equal(people_of(&r, people), PEOPLE);
        const redline lines[LINES] = {
            {.name = S("a"), .kind = REDLINE_budget, .limit = 3000, .period = PERIOD_DAY},
            {.name = S("b"), .kind = REDLINE_budget, .limit = 9000, .period = PERIOD_MONTH, .of = 1u << CONCEDE_grant},
            {.name = S("c"), .kind = REDLINE_times, .limit = 4, .period = PERIOD_WEEK},
            {.name = S("d"), .kind = REDLINE_times, .limit = 9, .period = PERIOD_QUARTER, .of = 1u << CONCEDE_reward},
            {.name = S("e"), .kind = REDLINE_budget, .limit = 40000, .period = PERIOD_YEAR}};
        for (int i = 0; i < LINES; i++) t->lines[i] = draw(&r, lines[i]);
        for (int i = 0; i < STEPS; i++) {
            random_step(&r, t, &g, people);
            if (i % 20 == 0) compare_sums(&r, t, people);
            if (i % 90 == 89) { // what a line counts is changed, and counted anew
                redline *x = &t->lines[rng_range(&g, 0, LINES - 1)];
                x->of = rng_chance(&g, 0.5) ? 0 : 1u << CONCEDE_grant;
                if (rng_chance(&g, 0.5)) x->period = (enum redline_period)rng_range(&g, PERIOD_DAY, PERIOD_YEAR);
                *x = draw(&r, *x);
                compare_sums(&r, t, people);
            }
            if (i % 70 == 69) {
                err e = {0};
                int64_t n;
                assert_ok(store_begin(r.s, &e) && concessions_expire(book(&r), &n, &e) && ledger_commit(book(&r), &e),
                          e);
                compare_sums(&r, t, people);
            }
        }
        free(t);
        rig_close(&r);
    }
}

int main(void) {
    struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reservation_counts_until_it_ends),
        cmocka_unit_test(what_is_taken_back_can_be_given_again),
        cmocka_unit_test(a_key_asks_once),
        cmocka_unit_test(given_and_taken_back_are_told_once),
        cmocka_unit_test(nobody_signs_for_themselves),
        cmocka_unit_test(what_does_not_pass_any_more_is_not_granted),
        cmocka_unit_test(an_unanswered_request_ends_by_itself),
        cmocka_unit_test(how_often_somebody_gives_is_bounded_in_any_24_hours),
        cmocka_unit_test(who_is_forgotten_leaves_sums_and_no_name),
        cmocka_unit_test(sums_are_those_of_a_slow_twin),
    };
    return rig_run(tests, COUNT(tests));
}
