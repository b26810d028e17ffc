// gsl first: base.h forbids what its headers name
#include <gsl/gsl_sf_hyperg.h>

#include "stats/near.h"

#include "base/csv.h"
#include "base/input.h"
#include "base/rng.h"
#include "stats/contract.h"

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

// Fader & Hardie 2007: 1,000 customers each, per cent still active; column 1 regular, 2 high end.
static contract_counts cohort(const char *dir, int column, size_t years, double *share) {
    err e = {0};
    input *in = NULL;
    assert_ok(input_open(&in, str_z(&a, str_fmt(&a, "%s/clv/sbg/fader_hardie_retention.csv", dir)), &e), e);
    csv *c = csv_open(&a, input_read, in, (csv_opts){0});
    csv_row row;
    assert_true(csv_next(c, &row, &e));
    size_t n = 0;
    while (csv_next(c, &row, &e)) assert_true(str_f64(row.cells[column], &share[n++]));
    input_close(in);
    assert_int_equal(n, 13);
    int64_t *lost = make(&a, int64_t, years), *open = make(&a, int64_t, years + 1);
    for (size_t t = 0; t < years; t++) lost[t] = llround(10 * (share[t] - share[t + 1]));
    open[years] = llround(10 * share[years]);
    return (contract_counts){.periods = years, .lost = lost, .open = open};
}

// The paper's table, and reference fits of both models over four and seven years (the data's SOURCE.md).
static void the_cohorts_of_fader_and_hardie(void **state) {
    (void)state;
    test_need_data(dir);
    static const struct {
        int column;
        size_t years;
        enum contract_kind kind;
        double alpha, beta, c, loglik;
        int digits;
    } rows[] = {
        {2, 7, CONTRACT_SBG, .668, 3.806, 1, -1611.158147, 3},
        {1, 7, CONTRACT_SBG, .704, 1.182, 1, -1680.265188, 3},
        {1, 7, CONTRACT_SBG, .70408, 1.18204, 1, -1680.265188, 5},
        {2, 4, CONTRACT_SBG, 1.28098, 7.79038, 1, -1225.1349, 5},
        {2, 4, CONTRACT_BDW, .259336, 1.722552, 1.584362, -1222.7493, 6},
        {1, 4, CONTRACT_SBG, .763665, 1.295830, 1, -1401.5594, 6},
        {1, 4, CONTRACT_BDW, .523029, .894283, 1.196399, -1401.3831, 6},
        {2, 7, CONTRACT_BDW, .214253, 1.426575, 1.723565, -1605.3142, 6},
        {1, 7, CONTRACT_BDW, .455614, .779326, 1.283451, -1679.6028, 6},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        double share[13];
        contract_counts d = cohort(dir, rows[i].column, rows[i].years, share);
        contract k = contract_fit(&d, rows[i].kind);
        double within = rows[i].digits > 5 ? 2e-6 : PRINTED(rows[i].digits); // the reference stops a little earlier
        assert_near(k.alpha, rows[i].alpha, within);
        assert_near(k.beta, rows[i].beta, within);
        assert_near(k.c, rows[i].c, within);
        assert_near(k.loglik, rows[i].loglik, rows[i].loglik > -1611.2 && rows[i].digits > 5 ? PRINTED(4) : 5e-5);
        assert_int_equal(k.state, ESTIMATE_OK);
        assert_int_equal(k.n, 1000);
    }
}

// What the paper is about: seven years are enough to see the next five, which a constant rate misses by far.
static void seven_years_tell_the_next_five(void **state) {
    (void)state;
    test_need_data(dir);
    for (int column = 1; column <= 2; column++) {
        double share[13];
        contract_counts d = cohort(dir, column, 7, share);
        contract k = contract_choose(&d);
        for (size_t t = 8; t <= 12; t++) {
            estimate e = contract_survival(&k, (double)t);
            assert_true(e.lo * 100 < share[t] && share[t] < e.hi * 100);
            assert_true(fabs(e.value * 100 - share[t]) < 2);
            assert_true(fabs(pow(share[7] / 100, (double)t / 7) * 100 - share[t]) > 2);
        }
    }
    double share[13];
    contract_counts four = cohort(dir, 2, 4, share), regular = cohort(dir, 1, 4, share);
    assert_int_equal(contract_choose(&four).kind, CONTRACT_BDW); // 2 × (1225.13 − 1222.75) = 4.77 > 3.84
    assert_int_equal(contract_choose(&regular).kind, CONTRACT_SBG);
}

static void lifetimes_agree_with_the_closed_form(void **state) {
    (void)state;
    contract k = {.kind = CONTRACT_SBG, .state = ESTIMATE_OK};
    static const double of[][2] = {{.668, 3.806}, {.704, 1.182}, {3.8, 15.2}, {.067, .267}, {40, 300}};
    for (size_t i = 0; i < COUNT(of); i++) {
        double alpha = of[i][0], beta = of[i][1];
        k.at[0] = log(alpha / beta);
        k.at[1] = log(alpha + beta);
        for (double d = 0.002; d < 0.5; d *= 3) {
            double v = 1 / (1 + d);
            assert_near(contract_lifetime(&k, d).value / gsl_sf_hyperg_2F1(1, beta, alpha + beta, v), 1, 1e-9);
            for (int n = 0; n < 20; n += 6) {
                double want =
                    (beta + n) / (alpha + beta + n) * gsl_sf_hyperg_2F1(1, beta + n + 1, alpha + beta + n + 1, v);
                assert_near(contract_residual(&k, n, d).value / want, 1, 1e-9);
            }
        }
    }
    assert_int_equal(contract_residual(&k, 0, 0).state, ESTIMATE_REFUSED);
    assert_int_equal(contract_residual(&k, 0, NAN).state, ESTIMATE_REFUSED);
}

// A cohort whose customers leave by their own chance θ, or by 1 − (1−θ)^(t^c − (t−1)^c) at renewal t.
static contract_counts simulate(rng *r, int n, size_t periods, double alpha, double beta, double c, int late_each) {
    int64_t *lost = make(&a, int64_t, periods), *open = make(&a, int64_t, periods + 1);
    int64_t *late = make(&a, int64_t, periods + 1);
    for (int i = 0; i < n; i++) {
        double theta = alpha > 0 ? rng_beta(r, alpha, beta) : beta;
        size_t first = late_each ? (size_t)(i % late_each) : 0, t = 0;
        size_t end = periods - (size_t)(i % 3 == 0 ? rng_range(r, 0, 2) : 0);
        while (t < end && rng_chance(r, pow(1 - theta, pow((double)t + 1, c) - pow((double)t, c)))) t++;
        if (t < first) continue; // left before anybody looked
        late[first] += first > 0;
        if (t < end)
            lost[t]++;
        else
            open[t]++;
    }
    return (contract_counts){periods, lost, open, late};
}

static void intervals_cover(void **state) {
    (void)state;
    rng r = rng_seed(31);
    int rounds = 400, hits[6] = {0};
    contract truth = {.kind = CONTRACT_SBG, .state = ESTIMATE_OK, .at = {log(.7 / 2.1), log(2.8), 0}};
    for (int round = 0; round < rounds; round++) {
        arena kept = a;
        contract_counts d = simulate(&r, 1500, 6, .7, 2.1, 1, 0);
        contract k = contract_fit(&d, CONTRACT_SBG);
        hits[0] += k.lo[0] <= .7 && .7 <= k.hi[0];
        hits[1] += k.lo[1] <= 2.1 && 2.1 <= k.hi[1];
        estimate s = contract_survival(&k, 12), l = contract_residual(&k, 3, .1), w = contract_renewal(&k, 8);
        double want = contract_survival(&truth, 12).value;
        hits[2] += s.lo <= want && want <= s.hi;
        want = contract_residual(&truth, 3, .1).value;
        hits[3] += l.lo <= want && want <= l.hi;
        want = contract_renewal(&truth, 8).value;
        hits[4] += w.lo <= want && want <= w.hi;
        int64_t here[4] = {0, 30, 0, 45}, stay_on = 0; // forecast of 75 customers, four periods ahead
        estimate f = contract_forecast(&k, here, 4, 4);
        for (int t = 0; t < 4; t++) {
            double p = contract_survival(&truth, t + 4).value / contract_survival(&truth, t).value;
            for (int64_t i = 0; i < here[t]; i++) stay_on += rng_chance(&r, p);
        }
        hits[5] += f.lo <= (double)stay_on && (double)stay_on <= f.hi;
        a = kept;
    }
    for (int i = 0; i < 6; i++) assert_near((double)hits[i] / rounds, 0.95, 0.03);
}

static void the_weibull_kind_is_recovered_with_late_entries(void **state) {
    (void)state;
    rng r = rng_seed(32);
    contract_counts d = simulate(&r, 200000, 8, 1.2, 4, 1.4, 3);
    contract k = contract_choose(&d);
    assert_int_equal(k.kind, CONTRACT_BDW);
    assert_true(k.lo[0] < 1.2 && 1.2 < k.hi[0] && k.lo[1] < 4 && 4 < k.hi[1] && k.lo[2] < 1.4 && 1.4 < k.hi[2]);
    assert_near(k.alpha, 1.2, 0.15);
    assert_near(k.c, 1.4, 0.06);
    contract_counts blind = d;
    blind.late = NULL; // as if those who left before anybody looked had never been
    contract wrong = contract_fit(&blind, CONTRACT_BDW);
    assert_true(fabs(wrong.mean - 1.2 / 5.2) > 10 * fabs(k.mean - 1.2 / 5.2));
}

// Everybody alike is a boundary of the model: one rate, and the interval of a share.
static void customers_who_are_alike_have_one_rate(void **state) {
    (void)state;
    int64_t lost[] = {400, 300, 225, 169}, open[] = {0, 0, 0, 0, 506};
    contract_counts d = {4, lost, open, NULL};
    contract k = contract_fit(&d, CONTRACT_SBG);
    assert_true(k.alike || k.alpha > 100);
    assert_near(contract_renewal(&k, 9).value, 0.75, 0.002);
    int64_t rising[] = {100, 200, 300, 250};
    contract_counts up = {4, rising, open, NULL}; // the chance of leaving grows: no mixture of constant chances
    k = contract_fit(&up, CONTRACT_SBG);
    assert_true(k.alike && isinf(k.alpha) && isnan(k.lo[0]));
    assert_string_equal(contract_name(&k), "geometric");
    double share = 850.0 / (100 + 400 + 900 + 1000 + 506 * 4);
    assert_near(k.mean, share, 1e-9);
    estimate e = contract_renewal(&k, 3);
    assert_near(e.value, 1 - share, 1e-9);
    assert_near(sqrt(e.var), sqrt(share * (1 - share) / 4424), 1e-7);
    k = contract_choose(&up);
    assert_true(k.kind == CONTRACT_BDW && k.c > 1.5);
    assert_true(contract_residual(&k, 2, .1).value < contract_residual(&k, 0, .1).value);
}

static void it_says_what_it_cannot_know(void **state) {
    (void)state;
    int64_t none[3] = {0}, some[3] = {40, 0, 0}, open0[4] = {60, 0, 0, 0}, open3[4] = {0, 0, 0, 60}, few[3] = {3, 2, 1};
    contract k = contract_fit(&(contract_counts){3, none, open0, NULL}, CONTRACT_SBG);
    assert_int_equal(k.state, ESTIMATE_REFUSED);
    assert_string_equal(k.why, "nobody has come to a renewal yet");
    k = contract_choose(&(contract_counts){3, none, open3, NULL});
    assert_string_equal(k.why, "nobody has left yet; how many will is not known");
    assert_int_equal(contract_survival(&k, 3).state, ESTIMATE_REFUSED);
    assert_int_equal(contract_forecast(&k, some, 3, 1).state, ESTIMATE_REFUSED);
    k = contract_fit(&(contract_counts){3, some, (int64_t[4]){0}, NULL}, CONTRACT_SBG);
    assert_string_equal(k.why, "nobody has ever renewed");
    k = contract_fit(&(contract_counts){3, few, open3, NULL}, CONTRACT_SBG);
    assert_int_equal(k.state, ESTIMATE_THIN);
    k = contract_fit(&(contract_counts){3, some, open3, NULL}, CONTRACT_SBG); // who did not leave at once never did
    assert_int_equal(k.state, ESTIMATE_THIN);
    estimate e = contract_survival(&k, 3);
    assert_near(e.value, 0.6, 0.001);
    assert_near(contract_forecast(&k, (int64_t[3]){0, 0, 10}, 3, 5).value, 10, 0.01);
    assert_int_equal(contract_forecast(&k, none, 3, 5).state, ESTIMATE_NONE);
    contract_counts nobody = contract_count(&a, NULL, 0, 12);
    assert_int_equal(contract_fit(&nobody, CONTRACT_BDW).state, ESTIMATE_REFUSED);
}

static void stays_are_counted_by_renewals(void **state) {
    (void)state;
    static const stay x[] = {
        {.time = 0, .ended = true},
        {.time = 12, .ended = true},
        {.time = 12.5, .ended = true, .count = 3},
        {.time = 11, .ended = false},
        {.time = 12, .ended = false},
        {.time = 36.2, .ended = false, .enter = 13},
        {.time = NAN},
        {.time = 3, .enter = 4},
        {.time = 30, .ended = true, .enter = 29},
    };
    contract_counts d = contract_count(&a, x, COUNT(x), 12);
    assert_int_equal(d.periods, 4);
    static const int64_t lost[] = {2, 3, 1, 0}, open[] = {1, 1, 0, 1, 0}, late[] = {0, 1, 1, 0, 0};
    for (size_t t = 0; t < 4; t++) assert_int_equal(d.lost[t], lost[t]);
    for (size_t t = 0; t < 5; t++) assert_int_equal(d.open[t], open[t]);
    for (size_t t = 0; t < 5; t++) assert_int_equal(d.late[t], late[t]);
}

static void any_counts_give_finite_answers(void **state) {
    (void)state;
    rng r = rng_seed(33);
    for (int round = 0; round < 100; round++) {
        arena kept = a;
        size_t periods = (size_t)rng_range(&r, 1, 30);
        int64_t *lost = make(&a, int64_t, periods), *open = make(&a, int64_t, periods + 1);
        for (size_t t = 0; t < periods; t++) lost[t] = rng_chance(&r, .5) ? rng_range(&r, 0, 1000) : 0;
        for (size_t t = 0; t <= periods; t++) open[t] = rng_chance(&r, .4) ? rng_range(&r, 0, 100000) : 0;
        contract_counts d = {periods, lost, open, NULL};
        contract k = contract_fit(&d, rng_chance(&r, .5) ? CONTRACT_SBG : CONTRACT_BDW);
        if (k.state == ESTIMATE_REFUSED) continue;
        assert_true(isfinite(k.loglik) && k.loglik <= 0 && k.mean > 0 && k.mean < 1 && k.c > 0);
        double before = 1;
        for (double t = 1; t < 60; t += 7) {
            estimate e = contract_survival(&k, t);
            assert_true(e.value >= 0 && e.value <= before + 1e-12 && e.lo <= e.value && e.value <= e.hi && e.hi <= 1);
            before = e.value;
        }
        estimate l = contract_residual(&k, 5, .05), f = contract_forecast(&k, open, periods + 1, 3);
        assert_true(isfinite(l.value) && l.lo <= l.value && l.value <= l.hi + 1e-9 && l.hi < 21.01);
        assert_true(f.state == ESTIMATE_NONE || (f.lo <= f.value + 1e-6 && f.value <= f.hi + 1e-6));
        a = kept;
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_cohorts_of_fader_and_hardie),
        cmocka_unit_test(seven_years_tell_the_next_five),
        cmocka_unit_test(lifetimes_agree_with_the_closed_form),
        cmocka_unit_test(intervals_cover),
        cmocka_unit_test(the_weibull_kind_is_recovered_with_late_entries),
        cmocka_unit_test(customers_who_are_alike_have_one_rate),
        cmocka_unit_test(it_says_what_it_cannot_know),
        cmocka_unit_test(stays_are_counted_by_renewals),
        cmocka_unit_test(any_counts_give_finite_answers),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
