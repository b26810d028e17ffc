#include "stats/near.h"

#include "base/rng.h"
#include "stats/shrink.h"

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

// The BCG vaccine trials (Colditz et al. 1994; R package metafor, dat.bcg): log risk ratios by DerSimonian & Laird.
// metafor: τ² = 0.3088, Q = 152.2330, mean −0.7141, standard error 0.1787.
static void the_bcg_trials(void **state) {
    (void)state;
    static const double t[13][4] = {{4, 119, 11, 128},       {6, 300, 29, 274},        {3, 228, 11, 209},
                                    {62, 13536, 248, 12619}, {33, 5036, 47, 5761},     {180, 1361, 372, 1079},
                                    {8, 2537, 10, 619},      {505, 87886, 499, 87892}, {29, 7470, 45, 7232},
                                    {17, 1699, 65, 1600},    {186, 50448, 141, 27197}, {5, 2493, 3, 2338},
                                    {27, 16886, 29, 17825}};
    group_mean x[13];
    for (int i = 0; i < 13; i++) {
        double n1 = t[i][0] + t[i][1], n2 = t[i][2] + t[i][3];
        x[i] = (group_mean){.mean = log(t[i][0] / n1 / (t[i][2] / n2)),
                            .var = 1 / t[i][0] - 1 / n1 + 1 / t[i][2] - 1 / n2,
                            .n = (int64_t)(n1 + n2)};
    }
    normal_prior p = shrink_normal_prior(x, 13);
    assert_near(p.q, 152.2330, PRINTED(4));
    assert_near(p.between, 0.3088, PRINTED(4));
    assert_near(p.mean, -0.7141, PRINTED(4));
    assert_near(sqrt(p.var), 0.1787, PRINTED(4));
}

// Eight schools (Rubin 1981; Gelman et al., Bayesian Data Analysis 5.5): they differ no more than chance; the pooled
// effect is 7.7 with standard error 4.1.
static void eight_schools_are_one(void **state) {
    (void)state;
    static const double y[] = {28, 8, -3, 7, -1, 1, 18, 12}, s[] = {15, 10, 16, 11, 9, 11, 10, 18};
    group_mean x[8];
    for (int i = 0; i < 8; i++) x[i] = (group_mean){y[i], s[i] * s[i], 60};
    normal_prior p = shrink_normal_prior(x, 8);
    assert_near(p.between, 0, 0);
    assert_near(p.mean, 7.7, PRINTED(1));
    assert_near(sqrt(p.var), 4.1, PRINTED(1));
    shrunk out[8];
    shrink_means(&a, x, 8, (sampling){0}, out);
    for (int i = 0; i < 8; i++) {
        assert_near(out[i].raw.value, y[i], 0);
        assert_near(out[i].shrunk.value, p.mean, 1e-12);
        assert_near(sqrt(out[i].shrunk.var), sqrt(p.var), 1e-12);
    }
}

// The weight that made the data is found again, and the shrunk shares are nearer to the truth than the raw ones.
static void beta_prior_is_recovered(void **state) {
    (void)state;
    enum { K = 4000 };
    rng r = rng_seed(31);
    fraction *x = make(&a, fraction, K);
    double *truth = make(&a, double, K);
    for (int i = 0; i < K; i++) {
        truth[i] = rng_beta(&r, 3, 12);
        x[i].n = rng_range(&r, 1, 60);
        for (int64_t j = 0; j < x[i].n; j++) x[i].hits += rng_chance(&r, truth[i]);
    }
    beta_prior p = shrink_prior(x, K);
    assert_near(p.mean, 0.2, 0.01);
    assert_near(p.weight, 15, 1.5);
    shrunk *out = make(&a, shrunk, K);
    shrink_shares(&a, x, K, (sampling){0}, out);
    double raw = 0, eb = 0;
    int covered = 0;
    for (int i = 0; i < K; i++) {
        raw += pow(out[i].raw.value - truth[i], 2);
        eb += pow(out[i].shrunk.value - truth[i], 2);
        covered += out[i].shrunk.lo <= truth[i] && truth[i] <= out[i].shrunk.hi;
        double lo = MIN(p.mean, out[i].raw.value), hi = MAX(p.mean, out[i].raw.value);
        assert_true(out[i].shrunk.value >= lo - 1e-12 && out[i].shrunk.value <= hi + 1e-12);
        assert_true(out[i].shrunk.lo <= out[i].shrunk.value && out[i].shrunk.value <= out[i].shrunk.hi);
    }
    assert_true(eb < 0.6 * raw);
    assert_near((double)covered / K, 0.95, 0.015);
}

static void normal_prior_is_recovered(void **state) {
    (void)state;
    enum { K = 3000 };
    rng r = rng_seed(32);
    group_mean *x = make(&a, group_mean, K);
    double *truth = make(&a, double, K);
    for (int i = 0; i < K; i++) {
        truth[i] = rng_normal(&r, 4, 0.5);
        double var = 0.1 + rng_unit(&r);
        x[i] = (group_mean){rng_normal(&r, truth[i], sqrt(var)), var, 40};
    }
    normal_prior p = shrink_normal_prior(x, K);
    assert_near(p.mean, 4, 0.05);
    assert_near(p.between, 0.25, 0.05);
    shrunk *out = make(&a, shrunk, K);
    shrink_means(&a, x, K, (sampling){0}, out);
    double raw = 0, eb = 0;
    int covered = 0;
    for (int i = 0; i < K; i++) {
        raw += pow(out[i].raw.value - truth[i], 2);
        eb += pow(out[i].shrunk.value - truth[i], 2);
        covered += out[i].shrunk.lo <= truth[i] && truth[i] <= out[i].shrunk.hi;
    }
    assert_true(eb < 0.6 * raw);
    assert_near((double)covered / K, 0.95, 0.015);
}

// With equal n, Kleinman's moment is the one-way analysis of variance of the single answers.
static void equal_groups_reduce_to_the_analysis_of_variance(void **state) {
    (void)state;
    static const int64_t hits[] = {1, 4, 9, 12, 15, 3, 7};
    enum { N = 20, K = 7 };
    fraction x[K];
    double all = 0;
    for (int i = 0; i < K; i++) x[i] = (fraction){hits[i], N}, all += (double)hits[i];
    double m = all / (N * K), s = 0;
    for (int i = 0; i < K; i++) s += N * pow((double)hits[i] / N - m, 2);
    double rho = (s / (m * (1 - m)) - (K - 1)) / ((K - 1) * (double)(N - 1));
    beta_prior p = shrink_prior(x, K);
    assert_near(p.weight, 1 / rho - 1, 1e-9);
    shrunk sh = shrink_share(&a, &p, x[0], (sampling){0});
    assert_near(sh.shrunk.value, (m * p.weight + 1) / (p.weight + N), 1e-12);
}

static void groups_that_do_not_differ_are_pooled(void **state) {
    (void)state;
    fraction x[] = {{5, 50}, {5, 50}, {5, 50}, {5, 50}};
    shrunk out[4];
    beta_prior p = shrink_prior(x, 4);
    assert_true(isinf(p.weight));
    shrink_shares(&a, x, 4, (sampling){0}, out);
    assert_near(out[0].shrunk.value, 0.1, 1e-12);
    assert_true(out[0].shrunk.hi < out[0].raw.hi);
    fraction none[] = {{0, 10}, {0, 20}, {0, 5}};
    shrink_shares(&a, none, 3, (sampling){0}, out);
    assert_near(out[2].shrunk.value, 0, 0);
    assert_true(out[2].shrunk.hi > 0.05 && out[2].shrunk.hi < out[2].raw.hi);
}

static void two_groups_are_too_few(void **state) {
    (void)state;
    fraction x[] = {{5, 50}, {25, 50}, {0, 0}};
    shrunk out[3];
    shrink_shares(&a, x, 3, (sampling){0}, out);
    assert_near(out[0].shrunk.value, 0.1, 1e-12);
    assert_int_equal(out[0].shrunk.state, ESTIMATE_THIN);
    assert_string_equal(out[0].shrunk.why, "3 groups are needed to tell how much groups differ");
    assert_int_equal(out[2].shrunk.state, ESTIMATE_NONE);
    assert_int_equal(shrink_prior(NULL, 0).groups, 0);
    group_mean g[] = {{1, 0.5, 40}};
    shrink_means(&a, g, 1, (sampling){0}, out);
    assert_int_equal(out[0].shrunk.state, ESTIMATE_THIN);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_bcg_trials),
        cmocka_unit_test(eight_schools_are_one),
        cmocka_unit_test(beta_prior_is_recovered),
        cmocka_unit_test(normal_prior_is_recovered),
        cmocka_unit_test(equal_groups_reduce_to_the_analysis_of_variance),
        cmocka_unit_test(groups_that_do_not_differ_are_pooled),
        cmocka_unit_test(two_groups_are_too_few),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
