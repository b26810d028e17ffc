#include "stats/near.h"

#include "base/rng.h"
#include "stats/calibrate.h"
#include "stats/logit.h"
#include "stats/reliability.h"

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

// The examples in scikit-learn's documentation of brier_score_loss, log_loss and roc_auc_score.
static void scores_agree_with_published_examples(void **state) {
    (void)state;
    reliability r = reliability_of(&a, (double[]){.1, .9, .8, .3}, (bool[]){0, 1, 1, 0}, 4, 0);
    assert_near(r.brier.value, 0.0375, 1e-12);
    r = reliability_of(&a, (double[]){.9, .1, .2, .65}, (bool[]){1, 0, 0, 1}, 4, 0);
    assert_near(r.loss.value, 0.21616, PRINTED(5));
    r = reliability_of(&a, (double[]){.1, .4, .35, .8}, (bool[]){0, 0, 1, 1}, 4, 0);
    assert_near(r.auc.value.value, 0.75, 1e-12);
    assert_near(r.loss_base, log(2), 1e-12);
    assert_near(r.brier_base, 0.25, 1e-12);
    assert_near(reliability_loss(0, true), -log(1e-15), 1e-9);
    assert_near(reliability_loss(1, true), 0, 0);
}

// Bins partition the rows; what is said as it happens is nearly calibrated, and said double is not.
static void bins_show_what_was_said_and_seen(void **state) {
    (void)state;
    rng r = rng_seed(61);
    enum { N = 20000 };
    double *said = make(&a, double, N), *doubled = make(&a, double, N);
    bool *left = make(&a, bool, N);
    for (int i = 0; i < N; i++) {
        said[i] = rng_beta(&r, 1, 4) / 2;
        left[i] = rng_chance(&r, said[i]);
        doubled[i] = 2 * said[i];
    }
    reliability k = reliability_of(&a, said, left, N, 10), bad = reliability_of(&a, doubled, left, N, 10);
    int64_t rows = 0, covered = 0;
    double error = 0;
    assert_int_equal(k.n_bins, 10);
    for (size_t b = 0; b < k.n_bins; b++) {
        const reliability_bin *x = &k.bins[b];
        assert_true(x->from <= x->said && x->said <= x->to && (b == 0 || k.bins[b - 1].to < x->from));
        covered += x->seen.lo <= x->said && x->said <= x->seen.hi;
        rows += x->seen.n;
        error += (double)x->seen.n / N * fabs(x->said - x->seen.value);
    }
    assert_int_equal(rows, N);
    assert_true(covered >= 8);
    assert_near(k.ece, error, 1e-12);
    assert_true(k.ece < 0.01 && bad.ece > 0.08 && bad.loss.value > k.loss.value && k.loss.value < k.loss_base);
    assert_near(bad.auc.value.value, k.auc.value.value, 1e-12);
    assert_true(reliability_ece_wide(said, left, N, 10) < 0.01);
    change c = reliability_compare(a, doubled, said, left, N);
    assert_true(c.hi < 0 && c.p < 1e-6);
    assert_near(c.diff, k.loss.value - bad.loss.value, 1e-12);
    assert_near(reliability_compare(a, said, said, left, N).p, 1, 0);
    for (int i = 0; i < N; i++) said[i] = i % 3 ? .2 : .4; // equal probabilities stay together
    k = reliability_of(&a, said, left, N, 10);
    assert_int_equal(k.n_bins, 2);
}

// The minimax formula of isotonic regression (Robertson, Wright & Dykstra 1988): max over starts of min over ends of
// the mean. Steps are its level sets.
static void steps_are_the_isotonic_regression(void **state) {
    (void)state;
    rng r = rng_seed(62);
    for (int round = 0; round < 200; round++) {
        arena kept = a;
        size_t n = (size_t)rng_range(&r, 2, 60);
        double *x = make(&a, double, n), hits[20] = {0}, all[20] = {0}, best[20];
        bool *y = make(&a, bool, n);
        for (size_t i = 0; i < n; i++) {
            int at = (int)rng_range(&r, 0, 19);
            x[i] = at;
            y[i] = rng_chance(&r, .2 + .03 * at);
            hits[at] += y[i], all[at]++;
        }
        for (int i = 0; i < 20; i++) {
            best[i] = -1;
            for (int j = 0; j <= i; j++) {
                double least = 2;
                for (int k = i; k < 20; k++) {
                    double h = 0, m = 0;
                    for (int q = j; q <= k; q++) h += hits[q], m += all[q];
                    if (m > 0) least = MIN(least, h / m);
                }
                if (least <= 1) best[i] = MAX(best[i], least);
            }
        }
        calibration c = calibrate_steps(&a, x, y, n);
        size_t k = 0;
        for (int from = 0, end; from < 20; from = end) {
            double h = 0, m = 0, sum = 0;
            for (end = from; end < 20 && (all[end] == 0 || fabs(best[end] - best[from]) < 1e-12 || m == 0); end++) {
                if (m == 0) from = end;
                h += hits[end], m += all[end], sum += end * all[end];
            }
            if (m == 0) break;
            assert_near(c.odds[k], sum / m, 1e-9);
            assert_true(c.p[k] >= (h + .5) / (m + 1) - 1e-12);
            assert_true(k == 0 || c.p[k] >= c.p[k - 1]);
            k++;
        }
        assert_int_equal(k, c.n);
        a = kept;
    }
}

static void the_choice_is_no_more_than_is_needed(void **state) {
    (void)state;
    rng r = rng_seed(63);
    enum { N = 8000 };
    double *odds = make(&a, double, N), *twisted = make(&a, double, N), *said = make(&a, double, N);
    bool *left = make(&a, bool, N);
    for (int i = 0; i < N; i++) {
        odds[i] = rng_normal(&r, -1.5, 1.2);
        left[i] = rng_chance(&r, logit_share(odds[i]));
    }
    assert_int_equal(calibrate_choose(&a, odds, left, N, said).kind, CALIBRATION_NONE);
    assert_near(said[7], logit_share(odds[7]), 1e-12);
    for (int i = 0; i < N; i++) twisted[i] = 1 + 2 * odds[i];
    calibration c = calibrate_choose(&a, twisted, left, N, said);
    assert_int_equal(c.kind, CALIBRATION_LINE);
    assert_near(c.shift, -0.5, 0.1);
    assert_near(c.slope, 0.5, 0.03);
    assert_true(reliability_of(&a, said, left, N, 10).ece < 0.015);
    for (int i = 0; i < N; i++) twisted[i] = odds[i] < -1 ? -20 + odds[i] : 20 + odds[i];
    c = calibrate_choose(&a, twisted, left, N, said);
    assert_int_equal(c.kind, CALIBRATION_STEPS);
    assert_true(reliability_of(&a, said, left, N, 10).ece < 0.03);
    double before = 0;
    for (double x = -40; x < 40; x += .1) {
        double p = calibrate(&c, x);
        assert_true(p >= before && p > 0 && p < 1);
        before = p;
    }
    for (int i = 0; i < N; i++) twisted[i] = -odds[i]; // turned round: worth nothing, and not turned back
    c = calibrate_line(a, twisted, left, N);
    assert_near(c.slope, 0, 0);
    assert_near(calibrate(&(calibration){0}, 1000), 1, 2e-6);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores_agree_with_published_examples),
        cmocka_unit_test(bins_show_what_was_said_and_seen),
        cmocka_unit_test(steps_are_the_isotonic_regression),
        cmocka_unit_test(the_choice_is_no_more_than_is_needed),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
