#include "stats/near.h"

#include "base/rng.h"
#include "stats/retention.h"
#include "stats/spread.h"

static arena a;

static int open_arena(void **state) {
    (void)state;
    a = test_arena();
    return 0;
}

static int close_arena(void **state) {
    (void)state;
    arena_close(&a);
    return 0;
}

// F15: S = 100 000, expansion 12 000, contraction 4 000, churn 9 000: GRR 87.0 %, NRR 99.0 %.
static void revenue_vector(void **state) {
    (void)state;
    worth x[102] = {{0}};
    for (int i = 0; i < 100; i++) x[i] = (worth){1000, 1000};
    for (int i = 0; i < 9; i++) x[i].now = 0;
    for (int i = 9; i < 17; i++) x[i].now = 500;
    for (int i = 17; i < 29; i++) x[i].now = 2000;
    x[100] = (worth){0, 700};  // a new customer does not count
    x[101] = (worth){0, -700}; // nor does one that was never there
    retention r = retention_of(&a, x, 102);
    assert_int_equal(r.start, 100000);
    assert_int_equal(r.expansion, 12000);
    assert_int_equal(r.contraction, 4000);
    assert_int_equal(r.churned, 9000);
    assert_near(100 * r.gross.value, 87.0, 1e-9);
    assert_near(100 * r.net.value, 99.0, 1e-9);
    assert_int_equal(r.customers, 100);
    assert_near(r.logo_churn.value, 0.09, 1e-12);
    assert_int_equal(r.gross.state, ESTIMATE_OK);
    // equal customers: the delta method is Student's interval of the customers' own ratios
    double own[100];
    for (int i = 0; i < 100; i++) own[i] = (double)x[i].now / 1000;
    estimate t = spread_mean(&a, own, 100, (sampling){0});
    assert_near(r.net.lo, t.lo, 1e-12);
    assert_near(r.net.hi, t.hi, 1e-12);
}

static double net_ratio(const void *data, const size_t *rows, size_t n) {
    const worth *x = data;
    double start = 0, now = 0;
    for (size_t i = 0; i < n; i++) {
        start += (double)x[rows[i]].start;
        now += (double)x[rows[i]].now;
    }
    return now / start;
}

static worth random_worth(rng *r) {
    worth w = {.start = rng_range(r, 10, 500)};
    double u = rng_unit(r);
    w.now = u < 0.1 ? 0 : u < 0.2 ? w.start / 2 : u < 0.35 ? w.start + rng_range(r, 1, 100) : w.start;
    return w;
}

static void interval_agrees_with_the_bootstrap(void **state) {
    (void)state;
    rng r = rng_seed(51);
    worth x[400];
    for (int i = 0; i < 400; i++) x[i] = random_worth(&r);
    estimate net = retention_of(&a, x, 400).net, boot = spread_bootstrap(&a, x, 400, NULL, net_ratio, 4000, &r);
    assert_near(net.value, boot.value, 1e-12);
    assert_near((net.hi - net.lo) / (boot.hi - boot.lo), 1, 0.06);
    assert_near(net.lo, boot.lo, 0.01);
}

static void interval_covers(void **state) {
    (void)state;
    rng r = rng_seed(52);
    double start = 0, now = 0;
    for (int i = 0; i < 400000; i++) {
        worth w = random_worth(&r);
        start += (double)w.start, now += (double)w.now;
    }
    int covered = 0, rounds = 2000;
    for (int round = 0; round < rounds; round++) {
        worth x[80];
        for (int i = 0; i < 80; i++) x[i] = random_worth(&r);
        estimate net = retention_of(&a, x, 80).net;
        covered += net.lo <= now / start && now / start <= net.hi;
    }
    assert_near((double)covered / rounds, 0.95, 0.02);
}

static void gross_never_exceeds_one_nor_net(void **state) {
    (void)state;
    rng r = rng_seed(53);
    for (int round = 0; round < 500; round++) {
        worth x[30];
        size_t n = (size_t)rng_range(&r, 1, 30);
        for (size_t i = 0; i < n; i++) x[i] = random_worth(&r);
        retention t = retention_of(&a, x, n);
        assert_true(t.gross.value <= 1 && t.gross.hi <= 1 && t.gross.lo >= 0);
        assert_true(t.gross.value <= t.net.value + 1e-12);
        assert_true(t.gross.lo <= t.gross.value && t.gross.value <= t.gross.hi + 1e-12);
        assert_true(t.net.lo <= t.net.value && t.net.value <= t.net.hi);
        assert_int_equal(t.start + t.expansion - t.contraction - t.churned,
                         (int64_t)llround(t.net.value * (double)t.start));
        rng_shuffle(&r, x, n, sizeof *x);
        assert_near(retention_of(&a, x, n).net.lo, t.net.lo, 1e-9);
    }
}

static void nothing_seen_is_not_certainty(void **state) {
    (void)state;
    worth x[60];
    for (int i = 0; i < 60; i++) x[i] = (worth){100, 100};
    retention r = retention_of(&a, x, 60);
    assert_near(r.gross.value, 1, 0);
    assert_near(r.gross.hi, 1, 0);
    assert_near(r.gross.lo, 0.94, 0.01); // Wilson 60/60
    assert_true(r.net.hi > 1);
    assert_int_equal(retention_of(&a, NULL, 0).gross.state, ESTIMATE_NONE);
    assert_int_equal(retention_of(&a, NULL, 0).logo_churn.state, ESTIMATE_NONE);
    assert_int_equal(retention_of(&a, x, 12).gross.state, ESTIMATE_THIN);
}

// 99 small customers and one that pays half of everything: what it does next is not known from a hundred customers.
static void one_large_customer_makes_it_thin(void **state) {
    (void)state;
    worth x[100];
    for (int i = 0; i < 100; i++) x[i] = (worth){100, i % 10 ? 100 : 0};
    x[99] = (worth){9900, 9900};
    retention r = retention_of(&a, x, 100);
    assert_int_equal(r.gross.state, ESTIMATE_THIN);
    assert_int_equal(r.logo_churn.state, ESTIMATE_OK);
}

static void logo_churn_is_a_share(void **state) {
    (void)state;
    estimate e = retention_logo_churn(&a, 8, 80);
    assert_near(e.value, 0.1, 1e-12);
    assert_string_equal(e.method, "Wilson");
    assert_string_equal(retention_logo_churn(&a, 1, 10).why, "20 more customers are needed");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(revenue_vector),
        cmocka_unit_test(interval_agrees_with_the_bootstrap),
        cmocka_unit_test(interval_covers),
        cmocka_unit_test(gross_never_exceeds_one_nor_net),
        cmocka_unit_test(nothing_seen_is_not_certainty),
        cmocka_unit_test(one_large_customer_makes_it_thin),
        cmocka_unit_test(logo_churn_is_a_share),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
