#include "stats/near.h"

#include "base/rng.h"
#include "stats/its.h"
#include "stats/logit.h"

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

static const double flights[] = {112, 118, 132, 129, 121, 135, 148, 148, 136, 119, 104, 118,
                                 115, 126, 141, 135, 125, 149, 170, 170, 158, 133, 114, 140,
                                 145, 150, 178, 163, 172, 178, 199, 199, 184, 162, 146, 166}, // Box & Jenkins 1976
    beside[] = {100, 104, 110, 108, 103, 112, 118, 117, 110, 101, 95,  101, 100, 106, 112, 109, 104, 114,
                124, 125, 119, 108, 100, 110, 112, 114, 126, 119, 122, 125, 134, 133, 127, 117, 110, 118};

// R: lm(y ~ t + D + s) with sandwich::NeweyWest(lag, prewhite = FALSE, adjust = TRUE), as if something had happened
// after two years.
static void a_line_agrees_with_R(void **state) {
    (void)state;
    static const struct {
        int lag, used;
        double level, slope;
    } rows[] = {{-1, 0, 12.026289433393, 1.598322408219},
                {2, 2, 13.387600686489, 1.978718049394},
                {3, 3, 12.150444482195, 1.982699302249}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        its k = its_of(&a, &(its_data){.value = flights, .n = 36, .at = 24, .lag = rows[i].lag});
        assert_int_equal(k.lag, rows[i].used);
        assert_near(k.level.value, 19.2926421404682, 1e-9);
        assert_near(k.slope.value, 0.0435512313773, 1e-9);
        assert_near(sqrt(k.level.var), rows[i].level, 1e-8);
        assert_near(sqrt(k.slope.var), rows[i].slope, 1e-8);
    }
    its k = its_of(&a, &(its_data){.value = flights, .n = 36, .at = 24, .lag = 3});
    assert_near(k.mean.value, 19.532173913, PRINTED(9));
    assert_near(sqrt(k.mean.var), 13.7395116649, PRINTED(9));
    assert_near(k.last.value, 19.7717056856, PRINTED(9));
    assert_near(sqrt(k.last.var), 21.6274455291, PRINTED(9));
    assert_near(k.mean.hi - k.mean.value, 2.036933343 * 13.7395116649, 1e-6); // Student with 32 degrees of freedom
    assert_near(k.expected[30], 122.0066666666666 + 30 * 0.9704347826087, 1e-9);
    assert_string_equal(k.told, "cannot tell: what is seen may be chance");
    its by_rule = its_of(&a, &(its_data){.value = flights, .n = 36, .at = 24});
    assert_int_equal(by_rule.lag, 3);
    assert_true(by_rule.mean.value == k.mean.value && by_rule.mean.var >= k.mean.var);
    k = its_of(&a, &(its_data){.value = flights, .n = 36, .at = 24, .season = 12, .lag = 3});
    assert_near(k.level.value, 21.718542604398, 1e-8);
    assert_near(k.slope.value, -0.168163718202, 1e-8);
    assert_near(sqrt(k.level.var), 6.197666081128, 1e-8);
    assert_near(sqrt(k.slope.var), 0.775840715535, 1e-8);
}

// R: the same of the differences to the control.
static void a_control_takes_away_what_happened_to_both(void **state) {
    (void)state;
    its k = its_of(&a, &(its_data){.value = flights, .control = beside, .n = 36, .at = 24, .lag = 3});
    assert_near(k.level.value, 11.372630992196, 1e-8);
    assert_near(k.slope.value, 0.176570386136, 1e-8);
    assert_near(sqrt(k.level.var), 6.882962543542, 1e-7);
    assert_near(sqrt(k.slope.var), 1.130207935672, 1e-7);
    assert_near(k.mean.value, 11.372630992196 + 5.5 * 0.176570386136, 1e-8);
}

static const double lost[] = {41, 38, 44, 40, 36, 47, 39, 45, 43, 37, 42, 40, 41, 46,
                              38, 44, 39, 43, 31, 30, 33, 28, 29, 27, 30, 25, 28, 24};

// R: glm(cbind(hits, tr − hits) ~ t + D + s, binomial), and NeweyWest of it; the mean difference by the delta method.
static void shares_agree_with_R(void **state) {
    (void)state;
    double of[28];
    for (int i = 0; i < 28; i++) of[i] = (double[]){400, 410, 395, 405}[i % 4];
    its k = its_of(&a, &(its_data){.value = lost, .trials = of, .n = 28, .at = 18, .lag = 3});
    assert_near(k.level.value, -0.29968323964033, 1e-8);
    assert_near(k.slope.value, -0.02832063574718, 1e-8);
    assert_near(sqrt(k.level.var), 0.01992366446155, 1e-8);
    assert_near(sqrt(k.slope.var), 0.00425827175747, 1e-8);
    assert_near(k.mean.value, -0.0335886500746, 1e-9);
    assert_near(sqrt(k.mean.var), 0.00209963581613, 1e-9);
    assert_int_equal(k.state, ESTIMATE_OK);
    assert_string_equal(k.told,
                        "something changed then; without a segment that was not touched it cannot be told what");
}

// Errors that hang together, a trend, and nothing that happened: seldom an alarm; something: found, with the truth
// inside.
static void it_finds_what_was_made_and_little_else(void **state) {
    (void)state;
    rng r = rng_seed(151);
    int alarms = 0, found = 0, inside = 0, rounds = 300;
    for (int round = 0; round < rounds; round++) {
        arena kept = a;
        enum { N = 60 };
        double y[N], c[N], error = 0, both = 0;
        for (int effect = 0; effect < 2; effect++) {
            for (int t = 0; t < N; t++) {
                error = .3 * error + rng_normal(&r, 0, 1);
                both = .8 * both + rng_normal(&r, 0, 2); // happens to both
                y[t] = 20 + .1 * t + error + both - (effect && t >= 36 ? 3 : 0);
                c[t] = 15 + .05 * t + rng_normal(&r, 0, 1) + both;
            }
            its k = its_of(&a, &(its_data){.value = y, .control = c, .n = N, .at = 36});
            bool told = strncmp(k.told, "it made a difference", 20) == 0;
            *(effect ? &found : &alarms) += told;
            inside += effect && k.mean.lo <= -3 && -3 <= k.mean.hi;
        }
        a = kept;
    }
    assert_true(alarms < .09 * rounds); // Newey and West's interval alone gives twelve in a hundred
    assert_true(found > .85 * rounds);
    assert_true(inside > .92 * rounds);
}

static void shares_with_a_control_and_gaps(void **state) {
    (void)state;
    rng r = rng_seed(152);
    enum { N = 40 };
    double y[N], n[N], c[N], m[N];
    for (int t = 0; t < N; t++) {
        n[t] = 2000, m[t] = 3000;
        double common = -2 + .01 * t + .3 * sin(t);
        y[t] = c[t] = 0;
        for (int i = 0; i < 2000; i++) y[t] += rng_chance(&r, logit_share(common - (t >= 25 ? .5 : 0)));
        for (int i = 0; i < 3000; i++) c[t] += rng_chance(&r, logit_share(common - .2));
    }
    y[5] = NAN, m[30] = 0;
    its k = its_of(&a, &(its_data){y, n, c, m, N, 25, 0, 0});
    assert_int_equal(k.state, ESTIMATE_OK);
    assert_near(k.level.value + 7 * k.slope.value, -.5, .12);
    assert_true(k.mean.hi < 0 && k.mean.lo > -.12 && k.mean.hi > -.06);
    assert_string_equal(k.told, "it made a difference: less than the segment that was not touched");
    for (int t = 0; t < N; t++) assert_true(k.expected[t] > 0 && k.expected[t] < 1);
}

static void it_refuses_short_series(void **state) {
    (void)state;
    its k = its_of(&a, &(its_data){.value = flights, .n = 36, .at = 34});
    assert_int_equal(k.state, ESTIMATE_REFUSED);
    assert_string_equal(k.told, "cannot tell: 34 periods before and 2 after are known; 8 and 4 are needed");
    assert_int_equal(k.mean.state, ESTIMATE_REFUSED);
    assert_int_equal(its_of(&a, &(its_data){.value = flights, .n = 14, .at = 9}).state, ESTIMATE_THIN);
    assert_int_equal(its_of(&a, &(its_data){0}).state, ESTIMATE_REFUSED);
    double flat[30];
    for (int i = 0; i < 30; i++) flat[i] = 5;
    k = its_of(&a, &(its_data){.value = flat, .n = 30, .at = 15});
    assert_near(k.mean.value, 0, 1e-9);
    assert_near(k.mean.var, 0, 1e-9);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_agrees_with_R),
        cmocka_unit_test(a_control_takes_away_what_happened_to_both),
        cmocka_unit_test(shares_agree_with_R),
        cmocka_unit_test(it_finds_what_was_made_and_little_else),
        cmocka_unit_test(shares_with_a_control_and_gaps),
        cmocka_unit_test(it_refuses_short_series),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
