// Red lines: what each kind says, and what would pass instead.
#include "decide/redline_rig.h"

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
    };
    return rig_run(tests, COUNT(tests));
}
