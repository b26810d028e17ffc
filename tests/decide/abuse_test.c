// Returns: who sends back far more than others of the same products, counted a second time here from lists; steps one
// after the other, stopped by appeals; and whether groups are under them alike.
#include "decide/shop.h"

#include "decide/abuse.h"
#include "decide/concession.h"
#include "decide/policy.h"
#include "sql/decide_care.h"
#include "stats/returns.h"

static event *add(shop *d, enum kind kind, int day, int who, const char *product, int units) {
    event *ev = shop_add(d, kind, day, who, 1000);
    ev->quantity = units;
    if (product) ev->extra = str_fmt(&d->a, "\"product\":\"%s\"", product);
    return ev;
}

static abuse_view look(shop *d, int64_t customer) {
    err e = {0};
    abuse_view v;
    const abuse_ask ask = {.now_us = d->r.now, .customer = customer};
    assert_ok(abuse_read(&d->a, d->r.s, &ask, &v, &e), e);
    return v;
}

static const abuse_person *person_in(const abuse_view *v, int64_t customer) {
    for (size_t i = 0; i < v->n_people; i++)
        if (v->people[i].customer == customer) return &v->people[i];
    return NULL;
}

static const abuse_product *product_in(const abuse_view *v, const char *name) {
    for (size_t i = 0; i < v->n_products; i++)
        if (str_eq(v->products[i].name, str_c(name))) return &v->products[i];
    return NULL;
}

// A shop of n customers: shoes come back often, mugs hardly ever, and lamps are broken.
static void trade(shop *d, int n, rng *r) {
    static const char *const products[] = {"shoe", "mug", "lamp"};
    static const double rates[] = {0.35, 0.03, 0.8};
    for (int who = 0; who < n; who++)
        for (int k = 0; k < 12; k++) {
            const int p = k == 11 ? 2 : (who + k) % 2, day = (int)rng_range(r, 0, 300);
            add(d, KIND_order, day, who, products[p], 1)->thread = str_fmt(&d->a, "t%d-%d", who, k);
            if (rng_chance(r, rates[p]))
                add(d, KIND_return_, day + 5, who, products[p], 1)->thread = str_fmt(&d->a, "t%d-%d", who, k);
        }
}

static void a_heavy_returner(shop *d, int who, int sold, int back) {
    for (int k = 0; k < sold; k++) {
        add(d, KIND_order, 100 + k, who, "mug", 1)->thread = str_fmt(&d->a, "t%d-%d", who, k);
        if (k < back) add(d, KIND_return_, 110 + k, who, "mug", 1)->thread = str_fmt(&d->a, "t%d-%d", who, k);
    }
}

// ---- rates ----

static void who_stands_out_and_who_does_not(void **state) {
    shop *d = shop_open(place_of(state), 8000);
    rng r = rng_seed(11);
    trade(d, 150, &r);
    a_heavy_returner(d, 500, 20, 15); // mugs, which nobody else sends back
    a_heavy_returner(d, 501, 6, 6);   // too few to say
    for (int k = 0; k < 20; k++) {    // shoes, which everybody sends back
        add(d, KIND_order, 100 + k, 502, "shoe", 1);
        if (k % 5 < 2) add(d, KIND_return_, 110 + k, 502, "shoe", 1);
    }
    store_all(d);
    abuse_view v = look(d, customer_of(d, 502));
    const abuse_person *heavy = person_in(&v, customer_of(d, 500));
    assert_non_null(heavy);
    assert_true(heavy->unusual);
    assert_int_equal(heavy->sold, 20), assert_int_equal(heavy->returned, 15);
    assert_true(heavy->expected < 0.08);
    assert_true(v.people[0].customer == heavy->customer);
    const abuse_person *shoes = person_in(&v, customer_of(d, 502));
    assert_non_null(shoes); // because it was asked for
    assert_false(shoes->unusual);
    assert_true(shoes->expected > 0.25);
    const abuse_person *few = person_in(&v, customer_of(d, 501));
    assert_true(!few || !few->unusual);
    assert_true(v.unusual <= 4);
    assert_true(product_in(&v, "lamp")->at_fault); // everybody sends them back
    assert_false(product_in(&v, "shoe")->at_fault && product_in(&v, "mug")->at_fault);
    assert_int_equal(v.window_days, 30);
    shop_close(d);
}

static void open_windows_and_faults_do_not_count(void **state) {
    shop *d = shop_open(place_of(state), 100);
    const int today = 400;
    add(d, KIND_order, 10, 1, "mug", 3)->thread = S("a");
    event *back = add(d, KIND_return_, 20, 1, "mug", 2);
    back->thread = S("a"), back->topic = S("Kam BESCHÄDIGT an");
    add(d, KIND_order, 50, 1, "mug", 4)->thread = S("b");
    add(d, KIND_return_, 60, 1, "mug", 1)->thread = S("b");
    add(d, KIND_order, today - 31, 1, "mug", 5)->thread = S("c"); // closed yesterday
    add(d, KIND_order, today - 29, 1, "mug", 7)->thread = S("d"); // may still come back
    add(d, KIND_order, 70, 1, "mug", 9)->thread = S("e");
    add(d, KIND_cancel, 71, 1, "mug", 9)->thread = S("e"); // never was
    add(d, KIND_return_, 5, 1, "mug", 1);                  // before anything was bought
    store_all(d);
    abuse_view v = look(d, customer_of(d, 1));
    const abuse_person *x = person_in(&v, customer_of(d, 1));
    assert_int_equal(x->faulty, 2);
    assert_int_equal(x->sold, 3 + 4 + 5 - 2);
    assert_int_equal(x->returned, 1);
    assert_int_equal(x->open, 7);
    assert_int_equal(v.unmatched, 1);
    shop_close(d);
}

static void a_return_finds_its_sale(void **state) {
    shop *d = shop_open(place_of(state), 100);
    add(d, KIND_order, 10, 1, "mug", 2)->thread = S("a");
    add(d, KIND_order, 12, 1, "shoe", 1)->thread = S("b");
    add(d, KIND_order, 395, 1, "mug", 1)->thread = S("c");
    add(d, KIND_return_, 30, 1, "shoe", 1);                 // by product
    add(d, KIND_return_, 396, 1, NULL, 1)->thread = S("c"); // by order: its window is open
    add(d, KIND_return_, 397, 1, "mug", 5);                 // more than there ever were
    store_all(d);
    abuse_view v = look(d, customer_of(d, 1));
    const abuse_person *x = person_in(&v, customer_of(d, 1));
    assert_int_equal(x->sold, 3);
    assert_int_equal(x->returned, 3); // the shoe and both mugs of the first order
    assert_int_equal(x->open, 1);
    assert_int_equal(v.unmatched, 3);
    shop_close(d);
}

// Every figure a second time from the list: without threads, one unit and one product, so that counting is all.
static void figures_equal_a_count_by_hand(void **state) {
    enum { WHO = 60, MOST = 40 };
    shop *d = shop_open(place_of(state), 8000);
    rng r = rng_seed(77);
    int64_t sold[WHO] = {0}, back[WHO] = {0}, all_sold = 0, all_back = 0;
    fraction x[WHO];
    double m[WHO];
    for (int i = 0; i < WHO; i++) {
        const double p = i < 3 ? 0.7 : 0.05;
        const int n = (int)rng_range(&r, 1, MOST);
        for (int k = 0; k < n; k++) {
            add(d, KIND_order, k, i, "mug", 1)->thread = str_fmt(&d->a, "%d-%d", i, k);
            sold[i]++;
            if (!rng_chance(&r, p)) continue;
            add(d, KIND_return_, k + 1, i, "mug", 1)->thread = str_fmt(&d->a, "%d-%d", i, k);
            back[i]++;
        }
        all_sold += sold[i], all_back += back[i];
    }
    store_all(d);
    const double rate = (double)all_back / (double)all_sold;
    for (int i = 0; i < WHO; i++)
        x[i] = (fraction){back[i], sold[i]}, m[i] = rate; // one product: nothing to draw it to
    const double weight = returns_weight(x, m, WHO);
    int unusual = 0;
    for (int i = 0; i < WHO; i++) {
        const int64_t id = customer_of(d, i);
        abuse_view v = look(d, id);
        const abuse_person *p = person_in(&v, id);
        arena a = d->a;
        const customer_returns want = returns_against(&a, x[i], m[i], weight);
        assert_int_equal(p->sold, sold[i]), assert_int_equal(p->returned, back[i]);
        assert_true(fabs(p->expected - rate) < 1e-12);
        assert_true(fabs(p->shrunk.lo - want.shrunk.lo) < 1e-12);
        assert_int_equal(p->unusual, want.unusual);
        unusual += want.unusual;
        if (i == WHO - 1) assert_int_equal(v.unusual, unusual);
    }
    shop_close(d);
}

// ---- steps ----

typedef struct {
    shop *d;
    abuse_new n;
    abuse_step out;
    int64_t id;
    bool granted;
    str by, why;
} stepping;
typedef bool (*step_fn)(stepping *x, err *e);

static bool make_it(stepping *x, err *e) {
    return abuse_make(know_ledger(x->d->r.k), &x->d->a, &x->n, &x->out, e);
}
static bool sign_it(stepping *x, err *e) {
    return abuse_sign(know_ledger(x->d->r.k), &x->d->a, x->id, x->by, e);
}
static bool tell_it(stepping *x, err *e) {
    return abuse_tell(know_ledger(x->d->r.k), &x->d->a, x->id, e);
}
static bool end_it(stepping *x, err *e) {
    return abuse_end(know_ledger(x->d->r.k), &x->d->a, x->id, x->by, x->why, e);
}
static bool appeal_it(stepping *x, err *e) {
    return abuse_appeal(know_ledger(x->d->r.k), &x->d->a, x->id, S("the sizes are wrong"), e);
}
static bool decide_it(stepping *x, err *e) {
    return abuse_decide(know_ledger(x->d->r.k), &x->d->a, x->id, x->granted, x->by, x->why, e);
}

static bool step(stepping *x, step_fn fn, err *e) {
    *e = (err){0};
    if (!store_begin(x->d->r.s, e)) return false;
    if (fn(x, e) && ledger_commit(know_ledger(x->d->r.k), e)) return true;
    store_rollback(x->d->r.s);
    return false;
}

static enum abuse_step_kind stands(shop *d, int64_t customer, uint32_t *bits) {
    err e = {0};
    enum abuse_step_kind k;
    assert_ok(abuse_step_of_customer(d->r.s, customer, d->r.now, &k, bits, &e), e);
    return k;
}

static abuse_step read_it(shop *d, int64_t id) {
    err e = {0};
    abuse_step x;
    assert_ok(abuse_get(&d->a, d->r.s, id, &x, &e), e);
    return x;
}

static void steps_go_one_after_the_other(void **state) {
    shop *d = shop_open(place_of(state), 8000);
    rng r = rng_seed(12);
    err e;
    uint32_t bits;
    trade(d, 100, &r);
    a_heavy_returner(d, 500, 30, 24);
    store_all(d);
    const int64_t who = customer_of(d, 500), other = customer_of(d, 3);
    stepping x = {.d = d, .n = {.customer = who, .step = ABUSE_friction, .by = S("account:1"), .person = true}};
    assert_false(step(&x, make_it, &e)); // no notice yet
    assert_non_null(strstr(e.msg, "needs a notice"));
    x.n.step = ABUSE_notice, x.n.customer = other;
    assert_false(step(&x, make_it, &e)); // not of the class
    assert_non_null(strstr(e.msg, "no step is fair"));
    x.n.customer = who, x.n.person = false, x.n.by = S("rule");
    assert_ok(step(&x, make_it, &e), e);
    assert_int_equal(stands(d, who, &bits), ABUSE_notice);
    assert_true(str_has(x.out.words, S("of 30 pieces you bought from us, 24 were sent back")));
    assert_true(str_has(x.out.evidence, S("\"returned\":24")));
    assert_false(step(&x, make_it, &e)); // one at a time
    x.id = x.out.id;
    assert_ok(step(&x, tell_it, &e), e);
    x.n.step = ABUSE_friction;
    assert_false(step(&x, make_it, &e)); // two weeks to answer
    d->r.now += 15 * DAY_US;
    x.n.frictions = FRICTION_return_fee | FRICTION_no_instant_refund;
    assert_ok(step(&x, make_it, &e), e); // a rule may propose it,
    assert_int_equal(abuse_state_of(&x.out, d->r.now), ABUSE_PROPOSED);
    assert_int_equal(stands(d, who, &bits), ABUSE_notice); // and it does nothing until a person signs
    assert_true(str_has(x.out.words, S("Sending something back costs a fee. Money comes back once")));
    x.id = x.out.id, x.by = S("account:1");
    assert_ok(step(&x, sign_it, &e), e);
    assert_int_equal(stands(d, who, &bits), ABUSE_friction);
    assert_int_equal(bits, FRICTION_return_fee | FRICTION_no_instant_refund);
    x.n = (abuse_new){.customer = who, .step = ABUSE_restored, .by = S("account:2")};
    assert_false(step(&x, make_it, &e)); // a person's word
    x.n.person = true;
    assert_ok(step(&x, make_it, &e), e);
    d->r.now += 1;
    assert_int_equal(read_it(d, x.id).ended_us, d->r.now - 1);
    x.n.step = ABUSE_friction;
    assert_false(step(&x, make_it, &e)); // what was put right needs a new notice
    d->r.now += 200 * DAY_US;
    assert_int_equal(stands(d, who, &bits), ABUSE_none); // all of it ends by itself
    shop_close(d);
}

static void an_appeal_stops_it_until_a_person_decides(void **state) {
    shop *d = shop_open(place_of(state), 8000);
    rng r = rng_seed(13);
    err e;
    trade(d, 100, &r);
    a_heavy_returner(d, 500, 30, 24);
    store_all(d);
    const int64_t who = customer_of(d, 500);
    stepping x = {.d = d, .n = {.customer = who, .step = ABUSE_notice, .by = S("account:1"), .person = true}};
    assert_ok(step(&x, make_it, &e), e);
    x.id = x.out.id;
    assert_ok(step(&x, appeal_it, &e), e);
    assert_int_equal(stands(d, who, NULL), ABUSE_none);
    assert_false(step(&x, appeal_it, &e));
    x.by = S("account:1"), x.why = S("no");
    assert_false(step(&x, decide_it, &e)); // not by whoever signed it
    x.by = S("account:2"), x.why = S(" ");
    assert_false(step(&x, decide_it, &e)); // and not without a reason
    x.why = S("the sizes are as described");
    assert_ok(step(&x, decide_it, &e), e);
    assert_int_equal(stands(d, who, NULL), ABUSE_notice);
    assert_ok(step(&x, end_it, &e), e);
    assert_int_equal(stands(d, who, NULL), ABUSE_none);
    assert_ok(step(&x, make_it, &e), e);
    x.id = x.out.id, x.granted = true;
    assert_ok(step(&x, appeal_it, &e), e);
    assert_ok(step(&x, decide_it, &e), e);
    assert_int_equal(abuse_state_of(&(abuse_step){.granted = true}, 0), ABUSE_GRANTED);
    assert_int_equal(stands(d, who, NULL), ABUSE_none);
    abuse_audit audit;
    assert_ok(abuse_audit_read(&d->a, d->r.s, ABUSE_BY_COUNTRY, 0, d->r.now, &audit, &e), e);
    assert_int_equal(audit.steps[ABUSE_notice].made, 2);
    assert_int_equal(audit.steps[ABUSE_notice].appealed, 2);
    assert_int_equal(audit.steps[ABUSE_notice].granted, 1);
    assert_int_equal(audit.steps[ABUSE_notice].waiting, 0);
    shop_close(d);
}

// ---- what a step does ----

static concession_made ask_for(shop *d, int64_t who, enum concession_kind kind, bool machine) {
    err e = {0};
    concession_made made;
    concession_new n = {.ask = {.kind = kind, .customer = who, .amount = 500, .currency = EUR, .role = S("agent")},
                        .no_approval = machine};
    assert_ok(store_begin(d->r.s, &e), e);
    assert_ok(concession_reserve(know_ledger(d->r.k), &d->a, &n, &made, &e), e);
    assert_ok(ledger_commit(know_ledger(d->r.k), &e), e);
    return made;
}

static str not_covered(shop *d, enum policy_cost cost, int64_t who) {
    err e = {0};
    bool covers;
    str why;
    policy p = {.id = 1, .name = S("p"), .cost = cost, .of = ~UINT32_C(0)};
    assert_ok(policy_covers(&d->a, d->r.s, &p, who, d->r.now, &covers, &why, &e), e);
    assert_int_equal(covers, !why.len);
    return why;
}

// What we owe stays as it is; what we give beyond it waits for a signature, and no program gives it.
static void a_friction_holds_back_what_is_beyond_our_duty(void **state) {
    shop *d = shop_open(place_of(state), 8000);
    rng r = rng_seed(15);
    err e;
    trade(d, 100, &r);
    a_heavy_returner(d, 500, 30, 24), a_heavy_returner(d, 501, 30, 24);
    store_all(d);
    const int64_t who = customer_of(d, 500), later = customer_of(d, 501), other = customer_of(d, 3);
    stepping x = {.d = d, .n = {.step = ABUSE_notice, .by = S("account:1"), .person = true}};
    for (int i = 0; i < 2; i++) {
        x.n.customer = i ? who : later;
        assert_ok(step(&x, make_it, &e), e);
        x.id = x.out.id;
        assert_ok(step(&x, tell_it, &e), e);
    }
    assert_int_equal(ask_for(d, who, CONCEDE_grant, true).state, CONCESSION_RESERVED); // a notice takes nothing away
    d->r.now += 15 * DAY_US;
    x.n.step = ABUSE_friction, x.n.frictions = FRICTION_no_goodwill | FRICTION_return_fee;
    assert_ok(step(&x, make_it, &e), e);
    x.id = x.out.id;
    concession_made made = ask_for(d, who, CONCEDE_grant, false);
    assert_int_equal(made.state, CONCESSION_WAITING);
    assert_str(made.answer.signer, S("manager"));
    assert_str(made.answer.asked[0].line.name, S("a step after many returns"));
    assert_true(str_has(made.answer.asked[0].sum, S("what we give beyond our duty is on hold for them")));
    assert_int_equal(ask_for(d, who, CONCEDE_refund, true).state, CONCESSION_DECLINED);
    assert_int_equal(ask_for(d, who, CONCEDE_hardship, true).state, CONCESSION_RESERVED);
    assert_int_equal(ask_for(d, other, CONCEDE_grant, true).state, CONCESSION_RESERVED);
    assert_true(str_has(not_covered(d, POLICY_COST_returns, who), S("costs this customer a fee")));
    assert_true(str_has(not_covered(d, POLICY_COST_concessions, who), S("goodwill is on hold")));
    assert_str(not_covered(d, POLICY_COST_refunds, who), S(""));
    assert_str(not_covered(d, POLICY_COST_returns, other), S(""));
    assert_ok(step(&x, appeal_it, &e), e); // until a person has decided, it does nothing
    assert_int_equal(ask_for(d, who, CONCEDE_refund, true).state, CONCESSION_RESERVED);
    assert_str(not_covered(d, POLICY_COST_returns, who), S(""));
    x.n.frictions = FRICTION_no_instant_refund, x.n.customer = later;
    assert_ok(step(&x, make_it, &e), e);
    assert_int_equal(ask_for(d, later, CONCEDE_refund, true).state, CONCESSION_DECLINED);
    assert_int_equal(ask_for(d, later, CONCEDE_grant, true).state, CONCESSION_RESERVED);
    assert_true(str_has(not_covered(d, POLICY_COST_refunds, later), S("once the parcel was looked at")));
    shop_close(d);
}

static void who_is_treated_gently_gets_no_step(void **state) {
    shop *d = shop_open(place_of(state), 8000);
    rng r = rng_seed(14);
    err e = {0};
    trade(d, 100, &r);
    a_heavy_returner(d, 500, 30, 24);
    store_all(d);
    const int64_t who = customer_of(d, 500);
    assert_ok(store_run(d->r.s, Q_hardship_put, NULL, &e, "iiiintnttiti", INT64_C(1), who, INT64_C(1),
                        d->r.now - DAY_US, S(""), S(""), S(""), d->r.now, S(""), INT64_C(0)),
              e);
    stepping x = {.d = d, .n = {.customer = who, .step = ABUSE_notice, .by = S("rule")}};
    assert_false(step(&x, make_it, &e));
    assert_int_equal(e.code, ERR_conflict);
    assert_null(strstr(e.msg, "pay")); // and nothing is told of why
    shop_close(d);
}

// ---- fairness ----

static void groups_are_compared(void **state) {
    shop *d = shop_open(place_of(state), 4000);
    err e = {0};
    for (int who = 0; who < 400; who++) {
        event *ev = add(d, KIND_order, 10, who, "mug", 1);
        ev->country = who < 200 ? S("DE") : who < 390 ? S("AT") : S("CH");
    }
    store_all(d);
    for (int i = 0; i < 44; i++) { // forty in one country, four in the other
        const int64_t id = customer_of(d, i < 40 ? i : 200 + i);
        const int64_t now = d->r.now;
        assert_ok(store_run(d->r.s, Q_abuse_step_put, NULL, &e, "iiiittittiii", (int64_t)i + 1, id, INT64_C(1),
                            INT64_C(0), S("{}"), S(""), now, S(""), S(""), now, now + DAY_US, INT64_C(0)),
                  e);
    }
    abuse_audit audit;
    assert_ok(abuse_audit_read(&d->a, d->r.s, ABUSE_BY_COUNTRY, 0, d->r.now, &audit, &e), e);
    assert_int_equal(audit.n, 3);
    assert_str(audit.groups[0].group, S("DE"));
    assert_int_equal(audit.groups[0].under, 40);
    assert_true(fabs(audit.groups[0].share.value - 0.2) < 1e-12);
    assert_true(fabs(audit.groups[0].share.lo - 0.1504) < 5e-4); // R: prop.test(40, 200, correct = FALSE)
    assert_true(fabs(audit.groups[0].share.hi - 0.2609) < 5e-4);
    assert_true(audit.groups[0].uneven);
    assert_int_equal(audit.groups[1].under + audit.groups[2].under, 4);
    assert_false(audit.groups[1].uneven);
    shop_close(d);
}

int main(void) {
    struct CMUnitTest tests[] = {
        cmocka_unit_test(who_stands_out_and_who_does_not),
        cmocka_unit_test(open_windows_and_faults_do_not_count),
        cmocka_unit_test(a_return_finds_its_sale),
        cmocka_unit_test(figures_equal_a_count_by_hand),
        cmocka_unit_test(steps_go_one_after_the_other),
        cmocka_unit_test(an_appeal_stops_it_until_a_person_decides),
        cmocka_unit_test(a_friction_holds_back_what_is_beyond_our_duty),
        cmocka_unit_test(who_is_treated_gently_gets_no_step),
        cmocka_unit_test(groups_are_compared),
    };
    return rig_run(tests, COUNT(tests));
}
