#include "stats/near.h"

#include "stats/purchases.h"

static arena a;

static int open_arena(void **state) {
    (void)state;
    a = arena_open((size_t)2 << 30);
    return 0;
}

static int close_arena(void **state) {
    (void)state;
    arena_close(&a);
    return 0;
}

static purchase_people in_dollars(purchase_people p) {
    double *spend = make(&a, double, p.n);
    for (size_t i = 0; i < p.n; i++) spend[i] = p.spend[i] / 100;
    p.spend = spend;
    return p;
}

// Fader & Hardie 2013, note 025; all of CDNOW and the online shop by lifetimes, CLVTools and BTYD.
static void published_fits(void **state) {
    (void)state;
    test_need_data(dir);
    purchase_log sample = cdnow(&a, dir, true), all = cdnow(&a, dir, false), shop = online_retail(&a, dir, false);
    purchase_people p = in_dollars(purchase_summarise(&a, &sample, CDNOW_SPLIT, NULL));
    purchase_spend g = purchase_spend_fit(&a, &p);
    assert_int_equal(g.state, ESTIMATE_OK);
    assert_int_equal(g.n, 946);
    assert_near(g.p, 6.25, PRINTED(2));
    assert_near(g.q, 3.74, 0.0055); // 3.744 by all programs; the note rounds 3.744 down
    assert_near(g.gamma, 15.44, 0.0055);
    assert_near(g.loglik, -4055.917695, 2e-6);
    p = in_dollars(purchase_summarise(&a, &all, CDNOW_SPLIT, NULL));
    g = purchase_spend_fit(&a, &p);
    assert_int_equal(g.n, 9450);
    assert_int_equal(g.ignored, 1);
    assert_near(g.p, 6.275359, 2e-5);
    assert_near(g.q, 3.624450, 2e-5);
    assert_near(g.gamma, 14.983688, 2e-4);
    assert_near(g.loglik, -40763.476261, 2e-6);
    p = in_dollars(purchase_summarise(&a, &shop, (purchase_window){.hold = 100}, NULL));
    g = purchase_spend_fit(&a, &p);
    assert_int_equal(g.n, 963);
    assert_near(g.p, 2.12455, PRINTED(5));
    assert_near(g.q, 3.40396, PRINTED(5));
    assert_near(g.gamma, 461.599, PRINTED(3));
    assert_near(g.loglik, -6586.0389, PRINTED(4));
    assert_int_equal(g.state, ESTIMATE_OK);
}

// Hardie's spreadsheet: the first ten customers of the sample with the parameters rounded.
static void customers_agree_with_the_note(void **state) {
    (void)state;
    test_need_data(dir);
    static const double want[] = {24.65, 18.91, 35.17, 35.17, 35.17, 71.46, 18.91, 35.17, 27.28, 35.17};
    purchase_log sample = cdnow(&a, dir, true);
    purchase_people p = in_dollars(purchase_summarise(&a, &sample, CDNOW_SPLIT, NULL));
    purchase_spend g = {.state = ESTIMATE_OK, .p = 6.25, .q = 3.74, .gamma = 15.44};
    for (int i = 0; i < 10; i++) assert_near(purchase_spend_mean(&g, p.x[i], p.spend[i]), want[i], 0.06);
}

static double loglik(const purchase_people *b, double p, double q, double c) {
    double sum = 0;
    for (size_t i = 0; i < b->n; i++) {
        double x = b->x[i], m = b->spend[i];
        if (x <= 0 || !(m > 0)) continue;
        sum += lgamma(p * x + q) - lgamma(p * x) - lgamma(q) + q * log(c) + (p * x - 1) * log(m) + p * x * log(x) -
               (p * x + q) * log(c + m * x);
    }
    return sum;
}

static folk buyers(rng *r, size_t n, double p, double q, double c, double *spend) {
    folk f = folk_new(&a, n);
    for (size_t i = 0; i < n; i++) {
        int32_t x = (int32_t)rng_range(r, 0, 8);
        double nu = rng_gamma(r, q, c), sum = 0;
        for (int k = 0; k < x; k++) sum += rng_gamma(r, p, nu);
        spend[i] = x ? sum / x : NAN;
        folk_add(&f, x, x ? 5 : 0, 20);
    }
    return f;
}

// The likelihood by its formula falls in every direction from the fit, and true parameters lie in the intervals.
static void the_fit_is_the_top_and_covers_the_truth(void **state) {
    (void)state;
    static const double truth[][3] = {{6, 4, 15}, {1.2, 3, 80}, {20, 2.5, 4}};
    enum { ROUNDS = 150 };
    int inside = 0, asked = 0;
    for (int round = 0; round < ROUNDS; round++) {
        rng r = rng_fork(61, (uint64_t)round);
        const double *w = truth[round % 3];
        arena before = a;
        double *spend = make(&a, double, 1200);
        folk f = buyers(&r, 1200, w[0], w[1], w[2], spend);
        purchase_people p = people_of(&f, 0);
        p.spend = spend;
        purchase_spend g = purchase_spend_fit(&a, &p);
        assert_int_equal(g.state, ESTIMATE_OK);
        double top = loglik(&p, g.p, g.q, g.gamma), at[] = {g.p, g.q, g.gamma};
        assert_near(g.loglik, top, 1e-6 * fabs(top));
        for (int k = 0; k < 6 && round < 6; k++) {
            double moved[3] = {at[0], at[1], at[2]};
            moved[k / 2] *= k % 2 ? 1.003 : 1 / 1.003;
            assert_true(loglik(&p, moved[0], moved[1], moved[2]) < top);
        }
        for (int k = 0; k < 3; k++, asked++) inside += fabs(log(at[k] / w[k])) <= Z95 * g.se[k] / at[k];
        a = before;
    }
    assert_near((double)inside / asked, 0.95, 0.04);
}

static void what_the_data_cannot_carry_is_refused(void **state) {
    (void)state;
    rng r = rng_seed(62);
    double *spend = make(&a, double, 600);
    folk f = buyers(&r, 600, 6, 4, 15, spend);
    purchase_people p = people_of(&f, 0);
    assert_int_equal(purchase_spend_fit(&a, &p).state, ESTIMATE_NONE); // no money at all
    p.spend = spend;
    assert_int_equal(purchase_spend_fit(&a, &p).state, ESTIMATE_OK);
    p.n = 21;
    purchase_spend few = purchase_spend_fit(&a, &p);
    assert_int_equal(few.state, few.n < 20 ? ESTIMATE_REFUSED : ESTIMATE_THIN);
    p.n = 15;
    few = purchase_spend_fit(&a, &p);
    assert_int_equal(few.state, ESTIMATE_REFUSED);
    assert_non_null(strstr(few.why, "20 customers with the money of a repeat purchase are needed"));
    p.n = 600;
    double *more = make(&a, double, 600), *less = make(&a, double, 600), *wild = make(&a, double, 600);
    for (int i = 0; i < 600; i++) more[i] = spend[i] * (1 + 0.5 * f.x[i]), less[i] = spend[i] / (1 + f.x[i]);
    p.spend = more;
    purchase_spend g = purchase_spend_fit(&a, &p);
    assert_int_equal(g.state, ESTIMATE_REFUSED);
    assert_non_null(strstr(g.why, "who buys more often spends more on a purchase (correlation 0."));
    p.spend = less;
    g = purchase_spend_fit(&a, &p);
    assert_int_equal(g.state, ESTIMATE_REFUSED);
    assert_non_null(strstr(g.why, "spends less"));
    folk w = buyers(&r, 600, 6, 0.6, 15, wild); // no mean exists
    p = people_of(&w, 0), p.spend = wild;
    g = purchase_spend_fit(&a, &p);
    assert_true(g.q <= 1);
    assert_int_equal(g.state, ESTIMATE_REFUSED);
    for (int i = 0; i < 600; i++) wild[i] = i % 2 ? 0 : -3;
    assert_int_equal(purchase_spend_fit(&a, &p).state, ESTIMATE_REFUSED);
    for (int i = 0; i < 600; i++) wild[i] = 25; // everybody pays the same
    g = purchase_spend_fit(&a, &p);
    assert_true(isfinite(g.loglik));
    assert_near(purchase_spend_mean(&g, 3, 25), 25, 0.01);
    assert_near(purchase_spend_mean(&g, 0, NAN), 25, 0.01);
}

// Nearer to the customer's own mean the more was seen of them, and to everybody's the less.
static void means_are_drawn_together(void **state) {
    (void)state;
    purchase_spend g = {.p = 6.25, .q = 3.74, .gamma = 15.44};
    double everybody = 6.25 * 15.44 / 2.74, before = everybody;
    assert_near(purchase_spend_mean(&g, 0, NAN), everybody, 1e-12);
    for (int32_t x = 1; x < 2000; x *= 2) {
        double now = purchase_spend_mean(&g, x, 100);
        assert_true(now > before && now < 100);
        before = now;
    }
    assert_near(before, 100, 0.1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_fits),
        cmocka_unit_test(customers_agree_with_the_note),
        cmocka_unit_test(the_fit_is_the_top_and_covers_the_truth),
        cmocka_unit_test(what_the_data_cannot_carry_is_refused),
        cmocka_unit_test(means_are_drawn_together),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
