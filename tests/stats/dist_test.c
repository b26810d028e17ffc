#include "stats/near.h"

#include "stats/dist.h"

// Fisher & Yates, Statistical Tables; any textbook prints these.
static void quantiles_are_those_of_the_tables(void **state) {
    (void)state;
    static const struct {
        double df, t;
    } t[] = {{1, 12.706}, {2, 4.303}, {5, 2.571}, {10, 2.228}, {30, 2.042}, {120, 1.980}};
    for (size_t i = 0; i < COUNT(t); i++) {
        assert_near(dist_t_at(0.975, t[i].df), t[i].t, PRINTED(3));
        assert_near(dist_t_at(0.025, t[i].df), -t[i].t, PRINTED(3));
        assert_near(dist_t_both(dist_t_at(0.975, t[i].df), t[i].df), 0.05, 1e-12);
    }
    static const struct {
        double df, low, high;
    } chi[] = {{2, 0.0506, 7.378}, {10, 3.247, 20.483}, {20, 9.591, 34.170}, {100, 74.222, 129.561}};
    for (size_t i = 0; i < COUNT(chi); i++) {
        assert_near(2 * dist_gamma_at(0.025, chi[i].df / 2), chi[i].low, PRINTED(3));
        assert_near(2 * dist_gamma_at(0.975, chi[i].df / 2), chi[i].high, PRINTED(3));
    }
    assert_near(dist_normal_at(0.975), 1.959964, PRINTED(6));
    assert_near(dist_normal_at(0.995), 2.575829, PRINTED(6));
    assert_near(dist_normal_at(0.9), 1.281552, PRINTED(6));
    assert_near(dist_normal_both(1.959963984540054), 0.05, 1e-15);
    assert_near(dist_normal_both(-1.190), 0.234, PRINTED(3));
}

// Clopper-Pearson limits, Brown, Cai & DasGupta 2001 and others: Beta(0.025; k, n−k+1), Beta(0.975; k+1, n−k).
static void beta_quantiles_are_exact_binomial_limits(void **state) {
    (void)state;
    assert_near(dist_beta_at(0.975, 1, 10), 0.3085, PRINTED(4));
    assert_near(dist_beta_at(0.025, 1, 10), 0.0025, PRINTED(4));
    assert_near(dist_beta_at(0.975, 2, 9), 0.4450, PRINTED(4));
    assert_near(dist_beta_at(0.025, 5, 6), 0.1871, PRINTED(4));
    assert_near(dist_beta_at(0.975, 6, 5), 0.8129, PRINTED(4));
    assert_near(dist_beta_at(0.025, 10, 91), 0.0490, PRINTED(4));
    assert_near(dist_beta_at(0.975, 11, 90), 0.1762, PRINTED(4));
}

// The inverse of GSL 2.7.1 gives 9894.6 for the upper limit of 11,322 events; it must lie above the events.
static void large_counts_have_limits_on_both_sides(void **state) {
    (void)state;
    for (double k = 1; k < 1e9; k = floor(k * 1.07) + 1) {
        double lo = dist_gamma_at(0.025, k), hi = dist_gamma_at(0.975, k + 1);
        assert_true(lo < k && hi > k);
        if (k > 100) assert_near((hi - lo) / (2 * 1.96 * sqrt(k)), 1, 0.06);
    }
    assert_near(dist_gamma_at(0.975, 1e5), dist_gamma_at(0.975, 1e5 * (1 + 1e-12)), 0.01);
}

static double binomial(int k, int n, double q) {
    return exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)) * pow(q, k) * pow(1 - q, n - k);
}

static void binomial_tails_are_sums(void **state) {
    (void)state;
    for (int n = 1; n <= 40; n += 3) {
        for (double q = 0.05; q < 1; q += 0.15) {
            double sum = 0;
            for (int k = 0; k <= n; k++) {
                sum += binomial(k, n, q);
                assert_near(dist_binom_below(k, n, q), sum, 1e-11);
                if (sum > 1e-9 && sum < 1 - 1e-9) assert_int_equal(dist_binom_at(sum - 1e-10, n, q), k);
            }
        }
    }
    assert_near(dist_binom_below(-1, 5, 0.3), 0, 0);
}

// Where GSL gives up (counts of ten million), the approximation is close to the normal one and continuous.
static void huge_binomials_are_nearly_normal(void **state) {
    (void)state;
    for (int64_t n = 1000000; n <= INT64_C(10000000000); n *= 10) {
        double sd = sqrt(0.3 * 0.7 * (double)n);
        int64_t k = (int64_t)(0.3 * (double)n + 1.96 * sd);
        assert_near(dist_binom_below(k, n, 0.3), 0.975, 1e-3);
        assert_near(((double)dist_binom_at(0.5, n, 0.3) - 0.3 * (double)n) / sd, 0, 1e-2);
    }
}

static void quantiles_invert_and_grow(void **state) {
    (void)state;
    for (double a = 0.3; a < 5e4; a *= 2.7) {
        for (double b = 0.9; b < 5e4; b *= 2.7) {
            double before = 0;
            for (double p = 0.025; p < 1; p += 0.19) {
                double x = dist_beta_at(p, a, b);
                assert_true(x > before && x < 1);
                assert_near(dist_beta_below(x, a, b), p, 1e-9);
                before = x;
            }
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantiles_are_those_of_the_tables),
        cmocka_unit_test(beta_quantiles_are_exact_binomial_limits),
        cmocka_unit_test(large_counts_have_limits_on_both_sides),
        cmocka_unit_test(binomial_tails_are_sums),
        cmocka_unit_test(huge_binomials_are_nearly_normal),
        cmocka_unit_test(quantiles_invert_and_grow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
