// Red lines: what they say, what would pass, and that no order of steps spends more than a line allows.
// clang-format off
#include "know/rig.h"
#include <math.h>
// clang-format on

#include "base/civil.h"
#include "decide/approval.h"
#include "decide/cost.h"
#include "decide/envelope.h"
#include "know/erase.h"
#include "know/segment.h"
#include "know/value.h"

enum { EUR = 978 };

static ledger *book(rig *r) {
    return know_ledger(r->k);
}

static redline draw(rig *r, redline x) {
    err e = {0};
    const char *field = NULL;
    arena a = arena_open(1 << 26);
    if (!x.name.len) x.name = S("a line");
    if (!x.by.len) x.by = S("test");
    if (!x.currency) x.currency = EUR;
    assert_ok(store_begin(r->s, &e), e);
    assert_ok(redline_put(book(r), a, &x, &field, &e), e);
    assert_ok(ledger_commit(book(r), &e), e);
    arena_close(&a);
    return x;
}

static concession_made reserve(rig *r, arena *a, concession_new n) {
    err e = {0};
    concession_made out;
    if (!n.ask.currency) n.ask.currency = EUR;
    assert_ok(store_begin(r->s, &e), e);
    assert_ok(concession_reserve(book(r), a, &n, &out, &e), e);
    assert_ok(ledger_commit(book(r), &e), e);
    return out;
}

static bool step(rig *r, bool (*fn)(ledger *, arena *, int64_t, str, err *), int64_t id) {
    err e = {0};
    arena a = arena_open(1 << 26);
    assert_ok(store_begin(r->s, &e), e);
    bool ok = fn(book(r), &a, id, S("tester"), &e);
    if (ok)
        assert_ok(ledger_commit(book(r), &e), e);
    else
        store_rollback(r->s);
    arena_close(&a);
    return ok;
}

static redline_answer check(rig *r, arena *a, concession_ask ask) {
    err e = {0};
    redline_answer x;
    if (!ask.currency) ask.currency = EUR;
    assert_ok(redline_check(a, r->s, &ask, r->now, &x, &e), e);
    return x;
}

static void assert_sum(const redline_answer *x, size_t i, const char *text) {
    assert_true(i < x->n_asked);
    assert_int_equal(x->asked[i].sum.len, strlen(text));
    assert_memory_equal(x->asked[i].sum.s, text, strlen(text));
}

// ---- each kind ----

// By hand: 100.00 − 15.00 − 70.00 = 15.00, which is 15/85 = 17.647 % of what is paid. The most that leaves 20 % of what
// is paid: (100 − d − 70) / (100 − d) ≥ 0.2, so d ≤ 12.50.
static void a_margin_is_what_is_left_of_what_is_paid(void **state) {
    rig r;
    arena a = arena_open(1 << 28);
    rig_open(&r, place_of(state));
    draw(&r, (redline){.kind = REDLINE_margin, .limit = 2000, .why = S("the rent")});
    concession_ask ask = {.kind = CONCEDE_discount, .price = 10000, .discount = 1500, .cost = 7000};
    redline_answer x = check(&r, &a, ask);
    assert_int_equal(x.verdict, REDLINE_REFUSED);
    assert_int_equal(x.margin, 1500);
    assert_int_equal(x.margin_bp, 1764);
    assert_sum(
        &x, 0,
        "price 100.00 EUR − discount 15.00 EUR − cost 70.00 EUR = 15.00 EUR: 17.64 % of what is paid, 20 % is the "
        "least");
    assert_true(x.n_instead >= 1);
    assert_int_equal(x.instead[0].ask.discount, 1250);
    ask.discount = 1250;
    assert_int_equal(check(&r, &a, ask).verdict, REDLINE_ALLOWED);
    ask.discount = 1251;
    assert_int_equal(check(&r, &a, ask).verdict, REDLINE_REFUSED);
    ask.cost = -1; // nobody has said it
    assert_int_equal(check(&r, &a, ask).verdict, REDLINE_REFUSED);
    arena_close(&a);
    rig_close(&r);
}

static void a_discount_and_an_amount_have_a_most(void **state) {
    rig r;
    arena a = arena_open(1 << 28);
    rig_open(&r, place_of(state));
    draw(&r, (redline){.name = S("discount"), .kind = REDLINE_discount, .limit = 1000, .signer = S("manager")});
    draw(&r, (redline){.name = S("amount"), .kind = REDLINE_amount, .limit = 5000, .signer = S("owner")});
    concession_ask ask = {.kind = CONCEDE_discount, .price = 100000, .discount = 10000};
    redline_answer x = check(&r, &a, ask);
    assert_int_equal(x.verdict, REDLINE_SIGNATURE);
    assert_true(str_eq(x.signer, S("owner")));
    ask.discount = 10001; // both: the higher role is named
    x = check(&r, &a, ask);
    assert_int_equal(x.asked[0].verdict, REDLINE_SIGNATURE);
    assert_int_equal(x.asked[1].verdict, REDLINE_SIGNATURE);
    assert_true(str_eq(x.signer, S("owner")));
    assert_int_equal(x.instead[0].ask.discount, 5000);
    ask = (concession_ask){.kind = CONCEDE_grant, .amount = 5000};
    assert_int_equal(check(&r, &a, ask).verdict, REDLINE_ALLOWED);
    ask.amount++;
    x = check(&r, &a, ask);
    assert_int_equal(x.verdict, REDLINE_SIGNATURE);
    assert_int_equal(x.instead[0].ask.amount, 5000);
    arena_close(&a);
    rig_close(&r);
}

static void another_currency_is_no_way_around(void **state) {
    enum { USD = 840 };
    rig r;
    arena a = arena_open(1 << 28);
    rig_open(&r, place_of(state));
    draw(&r, (redline){.kind = REDLINE_budget, .limit = 1000, .period = PERIOD_MONTH});
    concession_ask ask = {.kind = CONCEDE_grant, .amount = 1, .currency = USD};
    assert_int_equal(check(&r, &a, ask).verdict, REDLINE_REFUSED);
    draw(&r,
         (redline){.name = S("dollars"), .kind = REDLINE_budget, .limit = 5, .period = PERIOD_MONTH, .currency = USD});
    assert_int_equal(check(&r, &a, ask).verdict, REDLINE_ALLOWED);
    ask.amount = 6;
    assert_int_equal(check(&r, &a, ask).verdict, REDLINE_REFUSED);
    ask.currency = EUR;
    assert_int_equal(check(&r, &a, ask).verdict, REDLINE_ALLOWED);
    arena_close(&a);
    rig_close(&r);
}

static void scope_says_whom_and_what_a_line_is_for(void **state) {
    rig r;
    arena a = arena_open(1 << 28);
    rig_open(&r, place_of(state));
    draw(&r, (redline){.kind = REDLINE_amount,
                       .limit = 100,
                       .of = 1u << CONCEDE_grant,
                       .product = S("coffee"),
                       .role = S("agent")});
    concession_ask ask = {
        .kind = CONCEDE_grant, .amount = 200, .product = S("coffee"), .role = S("agent"), .by = S("x")};
    assert_int_equal(check(&r, &a, ask).verdict, REDLINE_REFUSED);
    ask.product = S("tea");
    assert_int_equal(check(&r, &a, ask).verdict, REDLINE_ALLOWED);
    ask.product = S("coffee"), ask.role = S("owner");
    assert_int_equal(check(&r, &a, ask).verdict, REDLINE_ALLOWED);
    ask.role = S("agent"), ask.kind = CONCEDE_reward;
    assert_int_equal(check(&r, &a, ask).verdict, REDLINE_ALLOWED);
    arena_close(&a);
    rig_close(&r);
}

static void a_promise_needs_its_lead_time(void **state) {
    rig r;
    err e = {0};
    redline_answer x;
    arena a = arena_open(1 << 28);
    rig_open(&r, place_of(state));
    draw(&r, (redline){.kind = REDLINE_lead, .limit = 48, .measure = S("delivery")});
    assert_ok(redline_promise(&a, r.s, COMMITMENT_delivery, 0, r.now + 47 * HOUR_US, S("agent"), r.now, &x, &e), e);
    assert_int_equal(x.verdict, REDLINE_REFUSED);
    assert_int_equal(x.n_instead, 1);
    assert_int_equal(x.instead[0].ask.due_us, r.now + 48 * HOUR_US);
    assert_ok(redline_promise(&a, r.s, COMMITMENT_delivery, 0, r.now + 48 * HOUR_US, S("agent"), r.now, &x, &e), e);
    assert_int_equal(x.verdict, REDLINE_ALLOWED);
    assert_ok(redline_promise(&a, r.s, COMMITMENT_callback, 0, r.now + HOUR_US, S("agent"), r.now, &x, &e), e);
    assert_int_equal(x.verdict, REDLINE_ALLOWED);
    arena_close(&a);
    rig_close(&r);
}

static void a_figure_stops_only_when_all_of_its_range_is_beyond(void **state) {
    static const struct {
        int64_t lo, hi;
        int state;
        enum redline_verdict want;
    } rows[] = {{400, 499, ESTIMATE_OK, REDLINE_ALLOWED},
                {400, 600, ESTIMATE_OK, REDLINE_ALLOWED},
                {500, 700, ESTIMATE_OK, REDLINE_REFUSED},
                {600, 700, ESTIMATE_OK, REDLINE_REFUSED},
                {600, 700, ESTIMATE_THIN, REDLINE_ALLOWED}};
    rig r;
    err e = {0};
    arena a = arena_open(1 << 28);
    rig_open(&r, place_of(state));
    draw(&r, (redline){.kind = REDLINE_measure, .limit = 500, .measure = S("returns"), .below = true});
    concession_ask ask = {.kind = CONCEDE_grant, .amount = 1};
    assert_int_equal(check(&r, &a, ask).verdict, REDLINE_ALLOWED); // never measured
    for (size_t i = 0; i < COUNT(rows); i++) {
        redline_measured m = {S("returns"), r.now,        (rows[i].lo + rows[i].hi) / 2, rows[i].lo, rows[i].hi,
                              100,          rows[i].state};
        assert_ok(store_begin(r.s, &e) && redlines_measured(r.s, &m, 1, &e) && store_commit(r.s, &e), e);
        assert_int_equal(check(&r, &a, ask).verdict, rows[i].want);
    }
    arena_close(&a);
    rig_close(&r);
}

// Replies and calls, and the hours of the people at work: 2026-01-02 is a Friday, the office opens at nine.
static void no_more_is_promised_than_people_at_work_can_do(void **state) {
    rig r;
    err e = {0};
    const char *field;
    redline_answer x;
    arena a = arena_open(1 << 28);
    rig_open(&r, place_of(state));
    r.now += DAY_US + 9 * HOUR_US;
    economics eco = {.cost_bp = -1, .cost = -1, .agents = 150, .by = S("test")};
    draw(&r, (redline){.kind = REDLINE_pace, .limit = 2});
    int64_t due = r.now + 2 * HOUR_US;
    assert_ok(redline_promise(&a, r.s, COMMITMENT_reply, 0, due, S("agent"), r.now, &x, &e), e);
    assert_int_equal(x.verdict, REDLINE_ALLOWED); // nobody has said how many are at work
    assert_ok(store_begin(r.s, &e) && economics_put(book(&r), &eco, &field, &e) && ledger_commit(book(&r), &e), e);
    // 1.5 people × 2 hours × 2 an hour = 6 may be due by then.
    for (int64_t i = 0; i < 6; i++) {
        assert_ok(redline_promise(&a, r.s, COMMITMENT_reply, 0, due, S("agent"), r.now, &x, &e), e);
        assert_int_equal(x.verdict, REDLINE_ALLOWED);
        event ev = event_of(KIND_commitment_made, r.now, str_z(&a, str_fmt(&a, "c%d", (int)i)));
        ev.thread = ev.ext, ev.topic = S("reply"), ev.text = S("soon"), ev.value = due - i, ev.has_value = true;
        rig_put(&r, &ev, 1);
    }
    assert_ok(redline_promise(&a, r.s, COMMITMENT_callback, 0, due, S("agent"), r.now, &x, &e), e);
    assert_int_equal(x.verdict, REDLINE_REFUSED);
    assert_int_equal(x.n_instead, 1);
    assert_true(x.instead[0].ask.due_us > due);
    assert_ok(redline_promise(&a, r.s, COMMITMENT_delivery, 0, due, S("agent"), r.now, &x, &e), e);
    assert_int_equal(x.verdict, REDLINE_ALLOWED);
    redline_used *near;
    size_t n;
    assert_ok(redlines_near(&a, r.s, r.now, 0.1, &near, &n, &e), e);
    assert_int_equal(n, 1);
    assert_int_equal(near[0].used, 6);
    arena_close(&a);
    rig_close(&r);
}

static int64_t one_customer(rig *r) {
    err e = {0};
    int64_t customer = 0;
    event evs[5];
    evs[0] = order("o1", 20400, 5000, "u1", NULL), evs[1] = order("o2", 20410, 7000, "u1", NULL);
    for (int i = 2; i < 5; i++) {
        evs[i] = from(event_of(KIND_message_in, (20455 + i) * DAY_US,
                               i == 2   ? "m2"
                               : i == 3 ? "m3"
                                        : "m4"),
                      IDENT_user_id, "u1");
        evs[i].channel = i == 4 ? CHANNEL_phone : CHANNEL_email, evs[i].thread = evs[i].ext;
    }
    rig_put(r, evs, 5);
    rig_flush(r);
    for (row q = store_query(r->s, Q_summary_scan, &e, ""); row_next(&q);) customer = row_int(&q, 0);
    return customer;
}

// By hand: two mails of five minutes and a call of ten at 36.00 an hour are 12.00; beside the time 2 × 0.10 + 0.50.
static void serving_costs_what_its_activities_cost(void **state) {
    rig r;
    err e = {0};
    const char *field;
    serve_cost c;
    arena a = arena_open(1 << 28);
    rig_open(&r, place_of(state));
    r.now = 20460 * DAY_US;
    int64_t customer = one_customer(&r);
    economics eco = {.cost_bp = 5000,
                     .cost = -1,
                     .hour_rate = 3600,
                     .contact_s = 300,
                     .contact_cost = 10,
                     .currency = EUR,
                     .channels = S("{\"phone\":{\"seconds\":600,\"cost\":50}}"),
                     .by = S("test")};
    assert_ok(store_begin(r.s, &e) && economics_put(book(&r), &eco, &field, &e) && ledger_commit(book(&r), &e), e);
    assert_ok(cost_to_serve(&a, r.s, customer, 20440 * DAY_US, r.now, &c, &e), e);
    assert_int_equal(c.contacts, 3);
    assert_int_equal(c.time_cost, 1200);
    assert_int_equal(c.contact_cost, 70);
    assert_int_equal(c.total, 1270);
    // A line of 20.00 in the quarter leaves 7.30 for goodwill, and of what is given nothing twice.
    draw(&r, (redline){.kind = REDLINE_service, .limit = 2000, .period = PERIOD_QUARTER});
    concession_new n = {.ask = {.kind = CONCEDE_grant, .amount = 731, .customer = customer}};
    concession_made m = reserve(&r, &a, n);
    assert_int_equal(m.state, CONCESSION_DECLINED);
    assert_int_equal(m.answer.instead[0].ask.amount, 730);
    n.ask.amount = 700;
    m = reserve(&r, &a, n);
    assert_int_equal(m.state, CONCESSION_RESERVED);
    assert_true(step(&r, concession_commit, m.id));
    n.ask.amount = 31;
    assert_int_equal(reserve(&r, &a, n).state, CONCESSION_DECLINED);
    n.ask.amount = 30;
    assert_int_equal(reserve(&r, &a, n).state, CONCESSION_RESERVED);
    // What is not said is looked up: orders of 60.00 on average, half of it cost, three contacts for two orders.
    redline_answer x = check(&r, &a,
                             (concession_ask){.kind = CONCEDE_discount,
                                              .customer = customer,
                                              .price = -1,
                                              .cost = -1,
                                              .service = -1,
                                              .discount_bp = 1000});
    assert_int_equal(x.costs, 600);
    assert_int_equal(x.margin, 6000 - 600 - 3000 - (((300 + 10) + (600 + 50)) / 2) * 3 / 2);
    arena_close(&a);
    rig_close(&r);
}

static void a_line_for_a_segment_speaks_of_its_members(void **state) {
    rig r;
    err e = {0};
    char place[SEGMENT_FIELD_LEN];
    segment_rule *rule;
    segment_row group = {.name = S("buyers"), .by = S("test")};
    arena a = arena_open(1 << 28);
    rig_open(&r, place_of(state));
    r.now = 20460 * DAY_US;
    int64_t customer = one_customer(&r);
    concession_new n = {.ask = {.kind = CONCEDE_grant, .amount = 60, .customer = customer}};
    concession_made early = reserve(&r, &a, n); // counts, though the line is drawn later
    assert_true(step(&r, concession_commit, early.id));
    assert_ok(store_begin(r.s, &e) && segment_read_text(&a, r.s, S("orders >= 2"), 0, &rule, place, &e) &&
                  segment_put(book(&r), &group, rule, r.now, &e) && ledger_commit(book(&r), &e),
              e);
    draw(&r, (redline){.kind = REDLINE_budget, .limit = 100, .period = PERIOD_YEAR, .segment = group.id});
    n.ask.amount = 41;
    assert_int_equal(reserve(&r, &a, n).state, CONCESSION_DECLINED);
    n.ask.customer = 0;
    assert_int_equal(reserve(&r, &a, n).state, CONCESSION_RESERVED);
    n.ask.customer = customer, n.ask.amount = 40;
    assert_int_equal(reserve(&r, &a, n).state, CONCESSION_RESERVED);
    arena_close(&a);
    rig_close(&r);
}

// Worth at most 5.00 in the coming year: 10.00 of goodwill is a loss however it goes.
static void nobody_loses_for_sure_without_a_signature(void **state) {
    rig r;
    err e = {0};
    arena a = arena_open(1 << 28);
    rig_open(&r, place_of(state));
    r.now = 20460 * DAY_US;
    int64_t customer = one_customer(&r);
    value_row v = {.customer = customer, .currency = EUR, .kind = VALUE_BUYS, .value = {300, 100, 500}, .why = S("[]")};
    v.alive = v.buys = v.stays = v.risk = (value_range){NAN, NAN, NAN};
    assert_ok(store_begin(r.s, &e) && value_put_rows(r.s, a, 1, &v, 1, &e) && store_commit(r.s, &e), e);
    concession_ask ask = {
        .kind = CONCEDE_grant, .amount = 1000, .customer = customer, .role = S("agent"), .by = S("x")};
    redline_answer x = check(&r, &a, ask);
    assert_int_equal(x.verdict, REDLINE_SIGNATURE);
    assert_int_equal(x.wins.win, WIN_LOSE);
    assert_int_equal(x.wins.ours_hi, 500 - 1000);
    assert_int_equal(x.instead[0].ask.amount, 500);
    ask.amount = 400;
    x = check(&r, &a, ask);
    assert_int_equal(x.verdict, REDLINE_ALLOWED);
    assert_int_equal(x.wins.win, WIN_UNSURE);
    assert_true(x.wins.pays_from > 1.33 && x.wins.pays_from < 1.34); // of what is expected, 3.00
    arena_close(&a);
    rig_close(&r);
}

static concession_ask random_ask(rng *g) {
    int64_t price = rng_chance(g, 0.8) ? rng_range(g, 1, 100000) : 0;
    concession_ask x = {.kind = price && rng_chance(g, 0.7) ? CONCEDE_discount : CONCEDE_grant,
                        .currency = EUR,
                        .price = price,
                        .cost = rng_range(g, 0, price),
                        .service = rng_range(g, 0, price / 10),
                        .units = (int32_t)rng_range(g, 1, 6)};
    if (x.kind == CONCEDE_discount) x.discount = rng_range(g, 1, price);
    if (x.kind == CONCEDE_grant || rng_chance(g, 0.2)) x.amount = rng_range(g, 1, 20000);
    return x;
}

static bool passes(rig *r, arena a, concession_ask ask) {
    return check(r, &a, ask).verdict == REDLINE_ALLOWED;
}

// Less of the same is never refused where more is allowed; what is proposed passes, and one cent more does not.
static void proposals_pass_and_are_the_greatest(void **state) {
    for (uint64_t seed = 1; seed <= 12; seed++) {
        rig r;
        rng g = rng_seed(seed);
        arena a = arena_open(1 << 28);
        rig_open(&r, place_of(state));
        const redline lines[] = {{.name = S("a"), .kind = REDLINE_margin, .limit = rng_range(&g, -500, 5000)},
                                 {.name = S("b"), .kind = REDLINE_discount, .limit = rng_range(&g, 0, 6000)},
                                 {.name = S("c"), .kind = REDLINE_amount, .limit = rng_range(&g, 0, 30000)},
                                 {.name = S("d"), .kind = REDLINE_budget, .limit = 20000, .period = PERIOD_WEEK}};
        for (size_t i = 0; i < COUNT(lines); i++)
            if (rng_chance(&g, 0.7)) draw(&r, lines[i]);
        for (int i = 0; i < 60; i++) {
            arena one = a;
            concession_ask ask = random_ask(&g);
            redline_answer x = check(&r, &one, ask);
            for (size_t k = 0; k < x.n_instead; k++)
                if (x.instead[k].can_ask) assert_true(passes(&r, one, x.instead[k].ask));
            if (x.verdict == REDLINE_ALLOWED) {
                concession_ask less = ask;
                less.discount = rng_range(&g, 0, ask.discount), less.amount = rng_range(&g, 0, ask.amount);
                assert_true(passes(&r, one, less));
            } else if (x.n_instead && ask.discount && !ask.amount && x.instead[0].ask.units == ask.units &&
                       x.instead[0].ask.discount) {
                concession_ask more = x.instead[0].ask;
                more.discount++;
                assert_false(passes(&r, one, more));
            }
        }
        arena_close(&a);
        rig_close(&r);
    }
}

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
        cmocka_unit_test(a_margin_is_what_is_left_of_what_is_paid),
        cmocka_unit_test(a_discount_and_an_amount_have_a_most),
        cmocka_unit_test(another_currency_is_no_way_around),
        cmocka_unit_test(scope_says_whom_and_what_a_line_is_for),
        cmocka_unit_test(a_promise_needs_its_lead_time),
        cmocka_unit_test(a_figure_stops_only_when_all_of_its_range_is_beyond),
        cmocka_unit_test(no_more_is_promised_than_people_at_work_can_do),
        cmocka_unit_test(serving_costs_what_its_activities_cost),
        cmocka_unit_test(a_line_for_a_segment_speaks_of_its_members),
        cmocka_unit_test(nobody_loses_for_sure_without_a_signature),
        cmocka_unit_test(proposals_pass_and_are_the_greatest),
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
