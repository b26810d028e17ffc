#include "stats/near.h"

#include "base/rng.h"
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

// Student's sleep data (Biometrika 1908), as R's `sleep`.
static const double drug1[] = {0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0};
static const double drug2[] = {1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4};

// R: t.test(extra ~ group): p = 0.07939, [-3.3654832, 0.2054832]; paired: mean 1.58, [0.7001142, 2.4598858].
static void means_agree_with_R(void **state) {
    (void)state;
    estimate x = spread_mean(&a, drug1, 10, (sampling){0}), y = spread_mean(&a, drug2, 10, (sampling){0});
    assert_near(x.value, 0.75, 1e-12);
    assert_near(y.value, 2.33, 1e-12);
    change c = spread_mean_change(&x, &y);
    assert_near(c.lo, -3.3654832, PRINTED(7));
    assert_near(c.hi, 0.2054832, PRINTED(7));
    assert_near(c.p, 0.07939, PRINTED(5));
    double more[10];
    for (int i = 0; i < 10; i++) more[i] = drug2[i] - drug1[i];
    estimate d = spread_mean(&a, more, 10, (sampling){0});
    assert_near(d.value, 1.58, 1e-12);
    assert_near(d.lo, 0.7001142, PRINTED(7));
    assert_near(d.hi, 2.4598858, PRINTED(7));
}

static void means_without_spread_are_thin(void **state) {
    (void)state;
    double same[40];
    for (int i = 0; i < 40; i++) same[i] = 0.1;
    estimate e = spread_mean(&a, same, 40, (sampling){0});
    assert_int_equal(e.state, ESTIMATE_THIN);
    assert_near(e.lo, 0.1, 1e-12);
    assert_true(isnan(spread_mean_change(&e, &e).p));
    estimate all = spread_mean(&a, same, 40, (sampling){.base = 40});
    assert_int_equal(all.state, ESTIMATE_OK);
    assert_int_equal(spread_mean(&a, NULL, 0, (sampling){0}).state, ESTIMATE_NONE);
    assert_int_equal(spread_mean(&a, same, 1, (sampling){0}).state, ESTIMATE_THIN);
}

static void far_values_keep_their_digits(void **state) {
    (void)state;
    double far[10];
    for (int i = 0; i < 10; i++) far[i] = 1.7e15 + 8 * drug1[i] * 10;
    estimate e = spread_mean(&a, far, 10, (sampling){0}), near = spread_mean(&a, drug1, 10, (sampling){0});
    assert_near((e.hi - e.lo) / 80, near.hi - near.lo, 0.01);
}

// R: quantile(1:10, c(.1, .25, .5, .9)), type 7.
static void quantiles_agree_with_R(void **state) {
    (void)state;
    double x[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    assert_near(spread_quantile_at(x, 10, .1), 1.9, 1e-12);
    assert_near(spread_quantile_at(x, 10, .25), 3.25, 1e-12);
    assert_near(spread_quantile_at(x, 10, .5), 5.5, 1e-12);
    assert_near(spread_quantile_at(x, 10, .9), 9.1, 1e-12);
    assert_near(spread_quantile_at(x, 10, 1), 10, 0);
    assert_near(spread_quantile_at(x, 1, .3), 1, 0);
}

// The ranks that bound a median with at least 95 % (Campbell & Gardner 1988, Br. Med. J. 296, and any table since).
static void median_ranks_are_those_of_the_table(void **state) {
    (void)state;
    static const struct {
        size_t n;
        double lo, hi;
    } rows[] = {{6, 1, 6}, {9, 2, 8}, {10, 2, 9}, {15, 4, 12}, {20, 6, 15}, {30, 10, 21}, {50, 18, 33}, {100, 40, 61}};
    double x[100];
    for (int i = 0; i < 100; i++) x[i] = i + 1;
    for (size_t i = 0; i < COUNT(rows); i++) {
        estimate e = spread_median(&a, x, rows[i].n, (sampling){0});
        char what[20];
        snprintf(what, sizeof what, "n = %zu", rows[i].n);
        assert_near_at(what, e.lo, rows[i].lo, 0);
        assert_near_at(what, e.hi, rows[i].hi, 0);
    }
    estimate few = spread_median(&a, x, 5, (sampling){.need = 3});
    assert_int_equal(few.state, ESTIMATE_THIN);
    assert_string_equal(few.why, "6 values are needed for a 95 % interval");
    assert_near(few.lo, 1, 0);
    assert_near(few.hi, 5, 0);
    assert_int_equal(spread_median(&a, x, 0, (sampling){0}).state, ESTIMATE_NONE);
}

// Two values can be wrong on one side each: the ranks are the narrowest whose tails stay within 2.5 %, by counting.
static void quantile_ranks_are_the_narrowest(void **state) {
    (void)state;
    double x[200];
    for (int i = 0; i < 200; i++) x[i] = i + 1;
    for (size_t n = 80; n <= 200; n += 17) {
        for (double q = 0.1; q < 0.95; q += 0.2) {
            estimate e = spread_quantile(&a, x, n, q, (sampling){0});
            double tail = 0, low = 0, high = 0;
            for (size_t k = 0; k <= n; k++) { // P(X = k), X values below the quantile
                tail += exp(lgamma((double)n + 1) - lgamma((double)k + 1) - lgamma((double)(n - k) + 1) +
                            (double)k * log(q) + (double)(n - k) * log1p(-q));
                if (tail <= 0.025) low = (double)k + 1;
                if (tail >= 0.975 && high == 0) high = (double)k + 1;
            }
            assert_near(e.lo, low, 0);
            assert_near(e.hi, high, 0);
            assert_true(e.lo <= e.value && e.value <= e.hi);
        }
    }
}

static double mean_of(const void *data, const size_t *rows, size_t n) {
    const double *x = data;
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += x[rows[i]];
    return sum / (double)n;
}

typedef struct {
    double lsat, gpa;
} school;

static double correlation(const void *data, const size_t *rows, size_t n) {
    const school *s = data;
    double x = 0, y = 0, xx = 0, yy = 0, xy = 0;
    for (size_t i = 0; i < n; i++) {
        double u = s[rows[i]].lsat, v = s[rows[i]].gpa;
        x += u, y += v, xx += u * u, yy += v * v, xy += u * v;
    }
    double m = (double)n;
    return (xy - x * y / m) / sqrt((xx - x * x / m) * (yy - y * y / m));
}

// Efron & Tibshirani 1993, table 3.1: 15 law schools, correlation .776, bootstrap standard error .132.
static void bootstrap_of_the_law_schools(void **state) {
    (void)state;
    static const school s[] = {{576, 3.39}, {635, 3.30}, {558, 2.81}, {578, 3.03}, {666, 3.44},
                               {580, 3.07}, {555, 3.00}, {661, 3.43}, {651, 3.36}, {605, 3.13},
                               {653, 3.12}, {575, 2.74}, {545, 2.76}, {572, 2.88}, {594, 2.96}};
    rng r = rng_seed(1);
    estimate e = spread_bootstrap(&a, s, COUNT(s), NULL, correlation, 3200, &r);
    assert_near(e.value, 0.776, PRINTED(3));
    assert_near(sqrt(e.var), 0.132, 0.008);
    assert_true(e.lo > 0.4 && e.lo < 0.52 && e.hi > 0.94 && e.hi < 0.98);
    assert_int_equal(e.state, ESTIMATE_THIN);
}

static void bootstrap_of_a_mean_is_nearly_student(void **state) {
    (void)state;
    double x[300];
    rng r = rng_seed(2);
    for (int i = 0; i < 300; i++) x[i] = rng_normal(&r, 10, 3);
    estimate t = spread_mean(&a, x, 300, (sampling){0}), e = spread_bootstrap(&a, x, 300, NULL, mean_of, 4000, &r);
    assert_near(e.lo, t.lo, 0.05);
    assert_near(e.hi, t.hi, 0.05);
    rng again = rng_seed(9), same = rng_seed(9);
    estimate first = spread_bootstrap(&a, x, 300, NULL, mean_of, 100, &again);
    estimate second = spread_bootstrap(&a, x, 300, NULL, mean_of, 100, &same);
    assert_near(first.lo, second.lo, 0);
}

// 40 customers gave 10 equal answers each: there are 40 answers' worth of information, not 400.
static void cluster_bootstrap_sees_the_customers(void **state) {
    (void)state;
    double x[400], one[40];
    int64_t customer[400];
    rng r = rng_seed(4);
    for (int i = 0; i < 40; i++) one[i] = rng_normal(&r, 0, 1);
    for (int i = 0; i < 400; i++) {
        customer[i] = (i * 7) % 40;
        x[i] = one[customer[i]];
    }
    estimate rows = spread_bootstrap(&a, x, 400, NULL, mean_of, 2000, &r);
    estimate people = spread_bootstrap(&a, x, 400, customer, mean_of, 2000, &r);
    estimate truth = spread_mean(&a, one, 40, (sampling){0});
    assert_near(sqrt(people.var / truth.var), 1, 0.06);
    assert_near(sqrt(people.var / rows.var), sqrt(10), 0.25);
    assert_int_equal(people.n, 400);
    assert_near(people.eff, 40, 0);
    int64_t own[400];
    for (int i = 0; i < 400; i++) own[i] = i;
    rng u = rng_seed(6), v = rng_seed(6);
    estimate plain = spread_bootstrap(&a, x, 400, NULL, mean_of, 200, &u);
    estimate each = spread_bootstrap(&a, x, 400, own, mean_of, 200, &v);
    assert_near(each.lo, plain.lo, 0);
}

static double never(const void *data, const size_t *rows, size_t n) {
    (void)data, (void)rows, (void)n;
    return NAN;
}

static void bootstrap_refuses_what_has_no_value(void **state) {
    (void)state;
    double x[] = {1, 2, 3};
    rng r = rng_seed(1);
    assert_int_equal(spread_bootstrap(&a, x, 3, NULL, never, 50, &r).state, ESTIMATE_REFUSED);
    assert_int_equal(spread_bootstrap(&a, x, 0, NULL, mean_of, 50, &r).state, ESTIMATE_NONE);
}

static void order_of_values_does_not_matter(void **state) {
    (void)state;
    rng r = rng_seed(8);
    double x[77];
    for (int i = 0; i < 77; i++) x[i] = rng_exp(&r, 0.2);
    estimate m = spread_median(&a, x, 77, (sampling){0}), e = spread_mean(&a, x, 77, (sampling){0});
    rng_shuffle(&r, x, 77, sizeof *x);
    assert_near(spread_median(&a, x, 77, (sampling){0}).lo, m.lo, 0);
    assert_near(spread_mean(&a, x, 77, (sampling){0}).hi, e.hi, 1e-12);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(means_agree_with_R),
        cmocka_unit_test(means_without_spread_are_thin),
        cmocka_unit_test(far_values_keep_their_digits),
        cmocka_unit_test(quantiles_agree_with_R),
        cmocka_unit_test(median_ranks_are_those_of_the_table),
        cmocka_unit_test(quantile_ranks_are_the_narrowest),
        cmocka_unit_test(bootstrap_of_the_law_schools),
        cmocka_unit_test(bootstrap_of_a_mean_is_nearly_student),
        cmocka_unit_test(cluster_bootstrap_sees_the_customers),
        cmocka_unit_test(bootstrap_refuses_what_has_no_value),
        cmocka_unit_test(order_of_values_does_not_matter),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
