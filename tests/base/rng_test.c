#include "test.h"

#include "base/rng.h"

#include <math.h>

// xoshiro256++ from the state 1, 2, 3, 4: the vector with which Rust's rand_xoshiro checks the authors' C code.
static void the_numbers_are_the_published_ones(void **state) {
    (void)state;
    static const uint64_t want[] = {41943041u,
                                    58720359u,
                                    3588806011781223u,
                                    3591011842654386u,
                                    9228616714210784205u,
                                    9973669472204895162u,
                                    14011001112246962877u,
                                    12406186145184390807u,
                                    15849039046786891736u,
                                    10450023813501588000u};
    rng r = {{1, 2, 3, 4}};
    for (size_t i = 0; i < COUNT(want); i++) assert_true(rng_u64(&r) == want[i]);
}

// SplitMix64 from 1234567 (Rosetta Code, "Pseudo-random numbers/Splitmix64").
static void seeds_are_spread_by_splitmix(void **state) {
    (void)state;
    rng r = rng_seed(1234567);
    assert_true(r.s[0] == 6457827717110365317u && r.s[1] == 3203168211198807973u);
    assert_true(r.s[2] == 9817491932198370423u && r.s[3] == 4593380528125082431u);
}

static void forks_differ_and_repeat(void **state) {
    (void)state;
    uint64_t first[40];
    size_t n = 0;
    for (uint64_t seed = 0; seed < 5; seed++)
        for (uint64_t stream = 0; stream < 8; stream++) {
            rng r = rng_fork(seed, stream), again = rng_fork(seed, stream);
            first[n] = rng_u64(&r);
            assert_true(first[n] == rng_u64(&again));
            for (size_t i = 0; i < n; i++) assert_true(first[i] != first[n]);
            n++;
        }
    // The first numbers of neighbouring streams are as independent as one stream's.
    double sum = 0, product = 0, last = 0;
    for (uint64_t stream = 0; stream < 100000; stream++) {
        rng r = rng_fork(1, stream);
        double u = rng_unit(&r) - 0.5;
        sum += u;
        product += u * last;
        last = u;
    }
    assert_true(fabs(sum / 1e5) < 5 * sqrt(1 / 12.0 / 1e5));
    assert_true(fabs(product / 1e5) < 5 * (1 / 12.0) / sqrt(1e5));
}

static void ranges_are_inclusive_and_even(void **state) {
    (void)state;
    rng r = rng_seed(1);
    int64_t count[7] = {0};
    for (int i = 0; i < 70000; i++) count[rng_range(&r, -3, 3) + 3]++;
    double chi2 = 0;
    for (int i = 0; i < 7; i++) chi2 += pow((double)count[i] - 10000, 2) / 10000;
    assert_true(chi2 < 22.46); // 0.999 quantile with 6 degrees of freedom
    assert_int_equal(rng_range(&r, 5, 5), 5);
    bool high = false, low = false;
    for (int i = 0; i < 200; i++) {
        int64_t v = rng_range(&r, INT64_MIN, INT64_MAX);
        high |= v > INT64_MAX / 2;
        low |= v < INT64_MIN / 2;
        v = rng_range(&r, INT64_MIN, INT64_MAX - 1);
        assert_true(v != INT64_MAX);
    }
    assert_true(high && low);
}

enum { N = 200000 };

typedef struct {
    double mean, variance;
} moments;

typedef double (*draw_fn)(rng *r, double x, double y);

static double draw_unit(rng *r, double x, double y) {
    return x + (y - x) * rng_unit(r);
}
static double draw_exp(rng *r, double rate, double y) {
    return (void)y, rng_exp(r, rate);
}
static double draw_poisson(rng *r, double mean, double y) {
    return (void)y, (double)rng_poisson(r, mean);
}
static double draw_chance(rng *r, double p, double y) {
    return (void)y, (double)rng_chance(r, p);
}

// Sample moments against the textbook's, within five standard errors (the fourth moment is estimated from the sample).
static void moments_are_those_of_the_textbook(void **state) {
    (void)state;
    static const struct {
        const char *what;
        draw_fn draw;
        double x, y;
        moments want;
    } rows[] = {
        {"uniform", draw_unit, 0, 1, {0.5, 1 / 12.0}},
        {"chance", draw_chance, 0.2, 0, {0.2, 0.16}},
        {"exponential", draw_exp, 2, 0, {0.5, 0.25}},
        {"normal", rng_normal, 3, 2, {3, 4}},
        {"gamma, large shape", rng_gamma, 4.5, 3, {1.5, 0.5}},
        {"gamma, small shape", rng_gamma, 0.25, 2, {0.125, 0.0625}},
        {"gamma, tiny shape", rng_gamma, 0.01, 1, {0.01, 0.01}},
        {"beta", rng_beta, 2, 3, {0.4, 0.04}},
        {"beta, both small", rng_beta, 0.5, 0.25, {2.0 / 3, 2.0 / 9 / 1.75}},
        {"beta, both tiny", rng_beta, 1e-6, 3e-6, {0.25, 0.1875 / (1 + 4e-6)}},
        {"poisson, none", draw_poisson, 0, 0, {0, 0}},
        {"poisson, few", draw_poisson, 0.7, 0, {0.7, 0.7}},
        {"poisson, some", draw_poisson, 29.5, 0, {29.5, 29.5}},
        {"poisson, many", draw_poisson, 250, 0, {250, 250}},
        {"poisson, very many", draw_poisson, 1e6, 0, {1e6, 1e6}},
    };
    rng r = rng_seed(7);
    for (size_t i = 0; i < COUNT(rows); i++) {
        double sum = 0, m2 = 0, m4 = 0;
        for (int k = 0; k < N; k++) {
            double d = rows[i].draw(&r, rows[i].x, rows[i].y) - rows[i].want.mean;
            sum += d;
            m2 += d * d;
            m4 += d * d * d * d;
        }
        double variance = m2 / N, error = sqrt(variance / N), error2 = sqrt((m4 / N - variance * variance) / N);
        if (fabs(sum / N) > 5 * error || fabs(variance - rows[i].want.variance) > 5 * error2 + 1e-12)
            fail_msg("%s: mean off by %g (error %g), variance %g, not %g (error %g)", rows[i].what, sum / N, error,
                     variance, rows[i].want.variance, error2);
    }
}

static int by_value(const void *x, const void *y) {
    return (*(const double *)x > *(const double *)y) - (*(const double *)x < *(const double *)y);
}

// Kolmogorov-Smirnov, 0.999 quantile 1.95 / sqrt(n).
static double distance(double *v, int n, double (*cdf)(double)) {
    qsort(v, (size_t)n, sizeof *v, by_value);
    double most = 0;
    for (int i = 0; i < n; i++)
        most = fmax(most, fmax(fabs(cdf(v[i]) - i / (double)n), fabs(cdf(v[i]) - (i + 1) / (double)n)));
    return most * sqrt(n);
}
static double exp_cdf(double x) {
    return 1 - exp(-x);
}
static double normal_cdf(double x) {
    return erfc(-x / sqrt(2)) / 2;
}
static double gamma2_cdf(double x) {
    return 1 - exp(-x) * (1 + x);
}
static double gamma_half_cdf(double x) {
    return erf(sqrt(x));
}
static double arcsine_cdf(double x) {
    return asin(sqrt(x)) * 2 / acos(-1);
}

static void shapes_are_those_of_the_textbook(void **state) {
    (void)state;
    rng r = rng_seed(9);
    static double v[5][N / 4];
    for (int i = 0; i < N / 4; i++) {
        v[0][i] = rng_exp(&r, 1);
        v[1][i] = rng_normal(&r, 0, 1);
        v[2][i] = rng_gamma(&r, 2, 1);
        v[3][i] = rng_gamma(&r, 0.5, 1);
        v[4][i] = rng_beta(&r, 0.5, 0.5);
    }
    double (*const cdf[])(double) = {exp_cdf, normal_cdf, gamma2_cdf, gamma_half_cdf, arcsine_cdf};
    for (int i = 0; i < 5; i++) assert_true(distance(v[i], N / 4, cdf[i]) < 1.95);
}

// Poisson by chi-squared against e^-m m^k / k!, on both sides of the change of method.
static void counts_are_poisson(void **state) {
    (void)state;
    static const double means[] = {3, 33, 120};
    rng r = rng_seed(10);
    for (size_t i = 0; i < COUNT(means); i++) {
        double m = means[i], chi2 = 0, cells = 0;
        int64_t count[400] = {0};
        for (int k = 0; k < N; k++) count[MIN(rng_poisson(&r, m), 399)]++;
        for (int k = 0; k < 400; k++) {
            double want = N * exp(k * log(m) - m - lgamma(k + 1));
            if (want < 10) continue;
            chi2 += pow((double)count[k] - want, 2) / want;
            cells++;
        }
        assert_true(chi2 < cells + 4.5 * sqrt(2 * cells));
    }
}

static void picks_follow_their_weights(void **state) {
    (void)state;
    static const double weights[] = {0, 1, 0, 3, 6, 0};
    rng r = rng_seed(11);
    double count[COUNT(weights)] = {0}, chi2 = 0;
    for (int i = 0; i < N; i++) count[rng_pick(&r, weights, COUNT(weights))]++;
    for (size_t i = 0; i < COUNT(weights); i++) {
        double want = N * weights[i] / 10;
        if (!weights[i]) assert_true(count[i] == 0);
        if (weights[i]) chi2 += pow(count[i] - want, 2) / want;
    }
    assert_true(chi2 < 13.8); // 0.999 quantile with 2 degrees of freedom
}

static void shuffles_are_fair(void **state) {
    (void)state;
    rng r = rng_seed(12);
    int count[27] = {0};
    double chi2 = 0;
    for (int i = 0; i < 60000; i++) {
        int items[3] = {0, 1, 2};
        rng_shuffle(&r, items, 3, sizeof *items);
        count[items[0] * 9 + items[1] * 3 + items[2]]++;
    }
    int orders = 0;
    for (int i = 0; i < 27; i++) {
        orders += count[i] > 0;
        if (count[i]) chi2 += pow(count[i] - 10000, 2) / 10000;
    }
    assert_int_equal(orders, 6);
    assert_true(chi2 < 20.52); // 0.999 quantile with 5 degrees of freedom
}

// The same on every machine: no libm in the draws. The sum was the same from gcc and clang, without
// optimisation and with fused multiplication allowed.
static void draws_repeat_bit_by_bit(void **state) {
    (void)state;
    rng r = rng_seed(42);
    uint64_t hash = 0;
    for (int i = 0; i < 20000; i++) {
        double v[] = {rng_unit(&r),
                      rng_exp(&r, 0.3),
                      rng_normal(&r, 1, 2),
                      rng_gamma(&r, 0.3, 2),
                      rng_gamma(&r, 7, 1),
                      rng_beta(&r, 2, 5),
                      (double)rng_poisson(&r, i % 100)};
        for (size_t k = 0; k < COUNT(v); k++) {
            uint64_t bits = 0;
            memcpy(&bits, &v[k], sizeof bits);
            hash = (hash ^ bits) * 0x9E3779B97F4A7C15u;
            hash ^= hash >> 29;
        }
    }
    if (hash != 0xB2998169FBAE3D71u) fail_msg("the sum is 0x%" PRIX64, hash);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_numbers_are_the_published_ones),
        cmocka_unit_test(seeds_are_spread_by_splitmix),
        cmocka_unit_test(forks_differ_and_repeat),
        cmocka_unit_test(ranges_are_inclusive_and_even),
        cmocka_unit_test(moments_are_those_of_the_textbook),
        cmocka_unit_test(shapes_are_those_of_the_textbook),
        cmocka_unit_test(counts_are_poisson),
        cmocka_unit_test(picks_follow_their_weights),
        cmocka_unit_test(shuffles_are_fair),
        cmocka_unit_test(draws_repeat_bit_by_bit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
