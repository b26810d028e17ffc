// Policies: versions, who is held out, what they cost (counted a second time from lists), and what they do, on
// histories whose effect is known because it was put in.
#include "decide/shop.h"

#include "decide/policy.h"
#include "know/segment.h"
#include "know/settings.h"
#include "stats/proportion.h"

static bool put_try(shop *d, policy *p, err *e) {
    *e = (err){0};
    if (!store_begin(d->r.s, e)) return false;
    if (policy_put(know_ledger(d->r.k), &d->a, p, e) && ledger_commit(know_ledger(d->r.k), e)) return true;
    store_rollback(d->r.s);
    return false;
}

static void keep(shop *d, policy *p) {
    err e;
    assert_ok(put_try(d, p, &e), e);
}

static policy a_policy(enum policy_cost cost, int64_t unit_cost) {
    return (policy){.name = S("free returns"), .cost = cost, .unit_cost = unit_cost, .currency = EUR, .by = S("x")};
}

// ---- the ledger ----

static void versions_are_never_changed(void **state) {
    shop *d = shop_open(place_of(state), 10);
    err e;
    policy p = a_policy(POLICY_COST_returns, 450), got, *all;
    size_t n;
    keep(d, &p);
    assert_int_equal(p.version, 1);
    p.unit_cost = 500, p.reason = S("the carrier is dearer");
    keep(d, &p);
    policy stale = p;
    stale.version = 1;
    assert_false(put_try(d, &stale, &e));
    assert_int_equal(e.code, ERR_changed);
    e = (err){0};
    assert_ok(policy_history(&d->a, d->r.s, p.id, &all, &n, &e), e);
    assert_int_equal(n, 2);
    assert_int_equal(all[0].unit_cost, 500), assert_int_equal(all[1].unit_cost, 450);
    p.retired = true;
    keep(d, &p);
    assert_ok(policy_list(&d->a, d->r.s, false, 0, 10, &all, &n, &e), e);
    assert_int_equal(n, 0);
    assert_ok(policy_list(&d->a, d->r.s, true, 0, 10, &all, &n, &e), e);
    assert_int_equal(n, 1);
    assert_ok(policy_get(&d->a, d->r.s, p.id, &got, &e), e);
    assert_int_equal(got.version, 3);
    assert_false(policy_get(&d->a, d->r.s, 12345, &got, &e));
    assert_int_equal(e.code, ERR_not_found);
    static const struct {
        policy p;
        const char *names;
    } bad[] = {{{.cost = POLICY_COST_returns, .unit_cost = 1}, "'name'"},
               {{.name = {"x", 1}}, "'cost'"},
               {{.name = {"x", 1}, .cost = POLICY_COST_returns}, "'unit_cost'"},
               {{.name = {"x", 1}, .cost = POLICY_COST_refunds, .unit_cost = 5}, "'unit_cost'"},
               {{.name = {"x", 1}, .cost = POLICY_COST_orders, .unit_cost = 5, .after_days = 3}, "'after_days'"},
               {{.name = {"x", 1}, .cost = POLICY_COST_refunds, .of = 2}, "'kinds'"},
               {{.name = {"x", 1}, .cost = POLICY_COST_refunds, .holdout_bp = 6000}, "'holdout'"},
               {{.name = {"x", 1}, .cost = POLICY_COST_refunds, .from_us = 5, .until_us = 5}, "'until'"},
               {{.name = {"x", 1}, .cost = POLICY_COST_refunds, .segment = 77}, "'segment'"}};
    for (size_t i = 0; i < COUNT(bad); i++) {
        policy x = bad[i].p;
        assert_false(put_try(d, &x, &e));
        assert_int_equal(e.code, ERR_invalid);
        if (!strstr(e.msg, bad[i].names)) fail_msg("%s, want %s", e.msg, bad[i].names);
    }
    shop_close(d);
}

static void the_hold_out_is_a_stable_share(void **state) {
    (void)state;
    for (int64_t id = 1; id <= 5; id++) {
        const policy p = {.id = id, .holdout_bp = 1000}, more = {.id = id, .holdout_bp = 2000}, none = {.id = id};
        int out = 0, same = 0;
        for (int64_t c = 1; c <= 100000; c++) {
            out += !policy_holds(&p, c);
            assert_true(policy_holds(&none, c));
            assert_true(policy_holds(&p, c) || !policy_holds(&more, c)); // a larger one holds out the same and more
            same += !policy_holds(&p, c) && !policy_holds(&(policy){.id = id + 9, .holdout_bp = 1000}, c);
        }
        assert_in_range(out, 9700, 10300); // 10 %, three standard errors
        assert_in_range(same, 900, 1100);  // policies hold out independently of one another
    }
}

// ---- what it costs ----

static double cost_in(const policy_bill *b, const char *month) {
    arena a = arena_open(1 << 16);
    double v = NAN;
    for (size_t i = 0; i < b->n; i++)
        if (str_starts(date_str(&a, b->months[i].day), str_c(month))) v = b->months[i].cost.value;
    arena_close(&a);
    return v;
}

static policy_bill bill_of(shop *d, const policy *p, int months) {
    err e = {0};
    policy_bill b;
    assert_ok(policy_bill_read(&d->a, d->r.s, p, d->r.now, months, &b, &e), e);
    return b;
}

// BASE is 2024-10-04, and today 2025-11-08.
static void costs_are_what_happened(void **state) {
    shop *d = shop_open(place_of(state), 100);
    shop_add(d, KIND_order, 300, 1, 10000);
    shop_add(d, KIND_return_, 310, 1, 10000); // 2025-08-10, ten days after
    shop_add(d, KIND_order, 320, 2, 8000);
    shop_add(d, KIND_return_, 370, 2, 8000); // 2025-10-09, fifty days after
    shop_add(d, KIND_return_, 372, 2, 8000);
    shop_add(d, KIND_refund, 372, 2, 2500);
    shop_add(d, KIND_refund, 330, 2, 700)->unit = 840; // dollars
    shop_add(d, KIND_order, 300, 3, 36500);
    shop_add(d, KIND_payment, 340, 3, 20000); // forty days after
    shop_add(d, KIND_payment, 400, 3, 16500); // a hundred days after: today
    shop_add(d, KIND_return_, 200, 4, 100);   // before it began
    store_all(d);
    policy p = a_policy(POLICY_COST_returns, 450);
    p.from_us = (BASE + 250) * DAY_US;
    keep(d, &p);
    policy_bill b = bill_of(d, &p, 12);
    assert_int_equal(b.n, 6); // June to November
    assert_true(cost_in(&b, "2025-08") == 450 && cost_in(&b, "2025-10") == 900);
    assert_true(b.total.value == 1350);
    assert_int_equal(b.times, 3), assert_int_equal(b.customers, 2), assert_int_equal(b.scope, 4);
    assert_true(fabs(b.total.var - (450.0 * 450 + 900.0 * 900)) < 1e-6); // by customer: Σ x²
    policy dear = p;
    dear.unit_cost = 9999; // from today on: what happened before cost what it cost
    keep(d, &dear);
    assert_true(bill_of(d, &dear, 12).total.value == 1350);
    p = dear, p.unit_cost = 450, p.after_days = 14;
    keep(d, &p);
    assert_true(bill_of(d, &p, 12).total.value == 900); // what the law gives costs us anyway
    policy late = a_policy(POLICY_COST_refunds, 0);
    late.from_us = p.from_us, late.after_days = 30;
    keep(d, &late);
    b = bill_of(d, &late, 12);
    assert_true(b.total.value == 2500);
    late.after_days = 0;
    keep(d, &late);
    b = bill_of(d, &late, 12);
    assert_true(b.total.value == 2500);
    assert_int_equal(b.other_currency, 1);
    policy terms = a_policy(POLICY_COST_terms, 800); // 8 % a year
    terms.from_us = p.from_us, terms.after_days = 30;
    keep(d, &terms);
    b = bill_of(d, &terms, 12);
    // 200.00 ten days late and 165.00 seventy days late: 20000 × 10 × 0.08 / 365 = 43.8, 16500 × 70 × 0.08 / 365 =
    // 253.2
    assert_true(b.total.value == 44 + 253);
    policy post = a_policy(POLICY_COST_orders, 390);
    post.from_us = (BASE + 310) * DAY_US;
    keep(d, &post);
    assert_true(bill_of(d, &post, 12).total.value == 390);
    shop_close(d);
}

static void what_was_conceded_counts(void **state) {
    shop *d = shop_open(place_of(state), 100);
    err e = {0};
    for (int i = 0; i < 3; i++) shop_add(d, KIND_order, 300, i, 5000);
    store_all(d);
    policy p = a_policy(POLICY_COST_concessions, 0), all = a_policy(POLICY_COST_concessions, 0);
    p.from_us = all.from_us = (BASE + 300) * DAY_US, all.of = 1u << CONCEDE_grant;
    keep(d, &p), keep(d, &all);
    for (int i = 0; i < 3; i++) {
        if (!store_begin(d->r.s, &e)) fail_msg("%s", e.msg);
        concession_made made;
        const concession_new n = {.ask = {.kind = i ? CONCEDE_grant : CONCEDE_refund,
                                          .customer = customer_of(d, i),
                                          .role = S("owner"),
                                          .by = S("account:1"),
                                          .price = -1,
                                          .cost = -1,
                                          .service = -1,
                                          .currency = EUR,
                                          .amount = 1000 * (i + 1),
                                          .policy = i < 2 ? p.id : 0,
                                          .reason = S("sorry")}};
        assert_ok(concession_reserve(know_ledger(d->r.k), &d->a, &n, &made, &e), e);
        assert_ok(made.state == CONCESSION_RESERVED, e);
        assert_ok(concession_commit(know_ledger(d->r.k), &d->a, made.id, S("account:1"), &e), e);
        assert_ok(ledger_commit(know_ledger(d->r.k), &e), e);
    }
    assert_true(bill_of(d, &p, 12).total.value == 1000 + 2000);
    assert_true(bill_of(d, &all, 12).total.value == 2000 + 3000);
    shop_close(d);
}

// ---- what it does ----

// Customers who were there before it began, and of whom `with` of those who get it are here at the end, and `without`
// of those who do not. Whoever gets it sends one parcel back at our cost.
static policy held_out(shop *d, int n, double with, double without, uint64_t seed, int64_t *kept, int64_t *arms) {
    rng r = rng_seed(seed);
    for (int i = 0; i < n; i++) shop_add(d, KIND_order, 150, i, 5000);
    store_all(d);
    policy p = a_policy(POLICY_COST_returns, 450);
    p.holdout_bp = 2000;
    const int64_t now = d->r.now;
    d->r.now = (BASE + 200) * DAY_US; // a hold-out begins when it is decided on
    keep(d, &p);
    d->r.now = now;
    for (int i = 0; i < n; i++) {
        const bool under = policy_holds(&p, customer_of(d, i)), stays = rng_chance(&r, under ? with : without);
        if (under) shop_add(d, KIND_return_, 230, i, 100);
        if (stays) shop_add(d, KIND_order, 350, i, 6000);
        arms[under]++, kept[under] += stays;
    }
    store_all(d);
    return p;
}

static policy_effect effect_of(shop *d, const policy *p) {
    err e = {0};
    policy_effect x;
    assert_ok(policy_effect_read(&d->a, d->r.s, p, d->r.now, 0, &x, &e), e);
    return x;
}

static void a_hold_out_shows_what_a_policy_keeps(void **state) {
    shop *d = shop_open(place_of(state), 10000);
    int64_t kept[2] = {0}, arms[2] = {0};
    const policy p = held_out(d, 3000, 0.6, 0.4, 5, kept, arms);
    const policy_effect x = effect_of(d, &p);
    assert_int_equal(x.by, POLICY_BY_HOLDOUT);
    assert_int_equal(x.with, arms[1]), assert_int_equal(x.without, arms[0]);
    const double p1 = (double)kept[1] / (double)arms[1], p0 = (double)kept[0] / (double)arms[0];
    assert_true(fabs(x.kept[1].value - p1) < 1e-12 && fabs(x.kept[0].value - p0) < 1e-12);
    assert_true(fabs(x.kept_more.diff - (p1 - p0)) < 1e-12);
    assert_true(x.kept_more.lo < 0.2 && x.kept_more.hi > 0.2);
    assert_int_equal(x.verdict, POLICY_KEEPS);
    assert_true(fabs(x.cost.value - 450) < 1e-9);
    assert_true(fabs(x.per_kept.value - 450 / (p1 - p0)) < 1e-6);
    // The cost is the same for all, so the bounds are those of the difference (by its standard error) alone.
    const double se = sqrt(p1 * (1 - p1) / (double)arms[1] + p0 * (1 - p0) / (double)arms[0]);
    assert_true(fabs(x.per_kept.lo - 450 / (p1 - p0 + Z95 * se)) < 1e-3);
    assert_true(fabs(x.per_kept.hi - 450 / (p1 - p0 - Z95 * se)) < 1e-3);
    assert_true(fabs(x.value_more.diff - (6000 * p1 - 450 - 6000 * p0)) < 1e-6);
    assert_true(str_has(x.words, S("One more customer kept costs")));
    shop_close(d);
}

static void what_cannot_be_told_is_said(void **state) {
    shop *d = shop_open(place_of(state), 10000);
    int64_t kept[2] = {0}, arms[2] = {0};
    policy p = held_out(d, 300, 0.5, 0.5, 6, kept, arms);
    const policy_effect x = effect_of(d, &p);
    assert_int_equal(x.verdict, POLICY_CANNOT_TELL);
    const double se = sqrt(x.kept[0].var + x.kept[1].var);
    assert_int_equal(x.need, (int64_t)ceil((pow((Z95 + 0.8416212335729143) * se / 0.05, 2) - 1) * 300));
    assert_true(str_has(x.words, S("Cannot tell yet")) && str_has(x.words, S("more customers are needed")));
    assert_true(x.per_kept.state == ESTIMATE_REFUSED);
    p.holdout_bp = 0; // everybody gets it: nobody to compare with
    keep(d, &p);
    d->r.now += 40 * DAY_US;
    const policy_effect y = effect_of(d, &p);
    assert_int_equal(y.by, POLICY_BY_NOTHING);
    assert_true(str_has(y.words, S("give it a hold-out")));
    policy young = a_policy(POLICY_COST_returns, 450);
    young.holdout_bp = 1000;
    keep(d, &young);
    assert_true(str_has(effect_of(d, &young).words, S("younger than the time to stay")));
    shop_close(d);
}

// Two countries with different levels and the same trend; one of them gets the policy, and buys more often since.
static policy two_countries(shop *d, int n, double more, double steeper) {
    rng r = rng_seed(8);
    err e = {0};
    char field[SEGMENT_FIELD_LEN];
    segment_rule *rule;
    segment_row seg = {.name = S("Germany"), .by = S("x")};
    const int start = 200;
    for (int i = 0; i < n; i++) {
        const bool de = i % 2;
        event *ev = shop_add(d, KIND_order, 10, i, 1000);
        ev->country = de ? S("DE") : S("AT");
        for (int b = -6; b < 6; b++) {
            double p = (de ? 0.5 : 0.35) - 0.01 * b + (de ? steeper * b : 0) + (de && b >= 0 ? more : 0);
            if (rng_chance(&r, p)) shop_add(d, KIND_order, start + b * 30 + (int)rng_range(&r, 0, 29), i, 2000);
        }
        if (de) shop_add(d, KIND_return_, start + 15, i, 100);
    }
    store_all(d);
    if (!store_begin(d->r.s, &e)) fail_msg("%s", e.msg);
    assert_ok(segment_read_text(&d->a, d->r.s, S("country = DE"), 0, &rule, field, &e), e);
    assert_ok(segment_put(know_ledger(d->r.k), &seg, rule, d->r.now, &e), e);
    assert_ok(ledger_commit(know_ledger(d->r.k), &e), e);
    policy p = a_policy(POLICY_COST_returns, 600);
    p.segment = seg.id, p.from_us = (BASE + start) * DAY_US;
    keep(d, &p);
    return p;
}

static void differences_show_it_without_a_hold_out(void **state) {
    shop *d = shop_open(place_of(state), 30000);
    const policy p = two_countries(d, 1600, 0.15, 0);
    const policy_effect x = effect_of(d, &p);
    assert_int_equal(x.by, POLICY_BY_DIFFERENCES);
    assert_int_equal(x.with, 800), assert_int_equal(x.without, 800);
    assert_true(x.scope_now); // countries are not remembered by day
    assert_int_equal(x.verdict, POLICY_KEEPS);
    assert_true(x.kept_more.lo < 0.15 && x.kept_more.hi > 0.15);
    assert_true(fabs(x.cost.value - 100) < 1e-9); // 6.00 once in six stretches
    assert_true(fabs(x.per_kept.value - 100 / x.kept_more.diff) < 1e-6);
    assert_true(x.value_more.lo < 0.15 * 2000 - 100 && x.value_more.hi > 0.15 * 2000 - 100);
    assert_true(x.trend_p > 0.01);
    policy_bill b = bill_of(d, &p, 12);
    assert_int_equal(b.scope, 800);
    shop_close(d);
}

static void other_trends_before_are_no_effect(void **state) {
    shop *d = shop_open(place_of(state), 30000);
    const policy p = two_countries(d, 1600, 0, 0.04);
    const policy_effect x = effect_of(d, &p);
    assert_int_equal(x.verdict, POLICY_CANNOT_TELL);
    assert_true(str_has(x.words, S("moved differently before")));
    assert_true(x.trend_p < 0.05);
    shop_close(d);
}

// People buy at their own pace and stop one day. A policy for those who have bought much, which does nothing, must not
// be told to do something: they buy less from then on, because they were chosen when they bought much.
static void whom_behaviour_chose_shows_no_effect(void **state) {
    int claims = 0;
    for (uint64_t seed = 1; seed <= 6; seed++) {
        shop *d = shop_open(place_of(state), 60000);
        rng r = rng_seed(seed);
        err e = {0};
        char field[SEGMENT_FIELD_LEN];
        segment_rule *rule;
        segment_row seg = {.name = S("much"), .by = S("x")};
        for (int i = 0; i < 900; i++) {
            const double pace = rng_gamma(&r, 0.8, 30), gone = rng_exp(&r, 1 / 400.0);
            const int from = (int)rng_range(&r, -300, 20);
            for (double t = 0; t < gone && from + t < 400; t += 1 + rng_exp(&r, pace))
                if (from + t >= 0) shop_add(d, KIND_order, (int)(from + t), i, 2000);
        }
        store_all(d);
        if (!store_begin(d->r.s, &e)) fail_msg("%s", e.msg);
        assert_ok(segment_read_text(&d->a, d->r.s, S("order_value > 60 EUR"), 0, &rule, field, &e), e);
        assert_ok(segment_put(know_ledger(d->r.k), &seg, rule, d->r.now, &e), e);
        assert_ok(ledger_commit(know_ledger(d->r.k), &e), e);
        policy p = a_policy(POLICY_COST_orders, 10);
        p.segment = seg.id, p.from_us = (BASE + 320) * DAY_US;
        keep(d, &p);
        const policy_effect x = effect_of(d, &p);
        assert_true(x.with > 20 && !x.scope_now);
        claims += x.verdict == POLICY_KEEPS || x.verdict == POLICY_LOSES;
        shop_close(d);
    }
    assert_in_range(claims, 0, 1); // one of twenty by chance
}

static void it_covers_whom_it_is_for(void **state) {
    shop *d = shop_open(place_of(state), 30000);
    err e = {0};
    str why;
    bool covers;
    policy p = two_countries(d, 20, 0, 0);
    const int64_t de = customer_of(d, 1), at = customer_of(d, 2);
    assert_ok(policy_covers(&d->a, d->r.s, &p, de, d->r.now, &covers, &why, &e), e);
    assert_true(covers);
    assert_ok(policy_covers(&d->a, d->r.s, &p, at, d->r.now, &covers, &why, &e), e);
    assert_false(covers);
    assert_str(why, S("the customer is not in its segment"));
    assert_ok(policy_covers(&d->a, d->r.s, &p, de, p.from_us - 1, &covers, &why, &e), e);
    assert_false(covers);
    p.segment = 0, p.holdout_bp = 5000;
    int held = 0;
    for (int i = 0; i < 20; i++) {
        assert_ok(policy_covers(&d->a, d->r.s, &p, customer_of(d, i), d->r.now, &covers, &why, &e), e);
        assert_int_equal(covers, policy_holds(&p, customer_of(d, i)));
        held += !covers;
    }
    assert_in_range(held, 3, 17);
    shop_close(d);
}

int main(void) {
    struct CMUnitTest tests[] = {
        cmocka_unit_test(versions_are_never_changed),
        cmocka_unit_test(the_hold_out_is_a_stable_share),
        cmocka_unit_test(costs_are_what_happened),
        cmocka_unit_test(what_was_conceded_counts),
        cmocka_unit_test(a_hold_out_shows_what_a_policy_keeps),
        cmocka_unit_test(what_cannot_be_told_is_said),
        cmocka_unit_test(differences_show_it_without_a_hold_out),
        cmocka_unit_test(other_trends_before_are_no_effect),
        cmocka_unit_test(whom_behaviour_chose_shows_no_effect),
        cmocka_unit_test(it_covers_whom_it_is_for),
    };
    return rig_run(tests, COUNT(tests));
}
