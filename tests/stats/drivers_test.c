#include "stats/near.h"

#include "stats/drivers.h"

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

// The measure's vector: relative weights, Shapley shares, and R², which both sum to.
static void the_vector_of_three_drivers(void **state) {
    (void)state;
    static const double r[] = {1, .6, .3, .6, 1, .4, .3, .4, 1}, ry[] = {.5, .45, .35};
    static const double johnson[] = {.151085, .095783, .064696}, shapley[] = {.150572, .098296, .062696};
    double j[3], s[3];
    assert_near(drivers_johnson(a, r, ry, 3, j), .311564, PRINTED(6));
    assert_near(drivers_shapley(a, r, ry, 3, s), .311564, PRINTED(6));
    for (int i = 0; i < 3; i++) assert_near(j[i], johnson[i], PRINTED(6));
    for (int i = 0; i < 3; i++) assert_near(s[i], shapley[i], PRINTED(6));
    assert_near(s[0] + s[1] + s[2], .311564, PRINTED(6));
}

static void gram(rng *r, size_t p, double *corr, double *ry) {
    double x[60][13], m[13 * 13] = {0};
    for (int i = 0; i < 60; i++) {
        double common = rng_normal(r, 0, 1);
        for (size_t j = 0; j <= p; j++) x[i][j] = common + rng_normal(r, 0, 1 + .2 * (double)j);
    }
    for (size_t j = 0; j <= p; j++) {
        double mean = 0, sd = 0;
        for (int i = 0; i < 60; i++) mean += x[i][j] / 60;
        for (int i = 0; i < 60; i++) x[i][j] -= mean, sd += x[i][j] * x[i][j];
        for (int i = 0; i < 60; i++) x[i][j] /= sqrt(sd);
    }
    for (size_t j = 0; j <= p; j++) {
        for (size_t k = 0; k <= p; k++) {
            for (int i = 0; i < 60; i++) m[j * 13 + k] += x[i][j] * x[i][k];
        }
    }
    for (size_t j = 0; j < p; j++) {
        ry[j] = m[j * 13 + p];
        for (size_t k = 0; k < p; k++) corr[j * p + k] = m[j * 13 + k];
    }
}

// R² of a set by Gaussian elimination.
static double slow_r2(const double *r, const double *ry, size_t p, unsigned set) {
    double m[8][9];
    size_t at[8], k = 0;
    for (size_t j = 0; j < p; j++) {
        if (set >> j & 1) at[k++] = j;
    }
    for (size_t i = 0; i < k; i++) {
        for (size_t j = 0; j < k; j++) m[i][j] = r[at[i] * p + at[j]];
        m[i][k] = ry[at[i]];
    }
    for (size_t i = 0; i < k; i++) {
        for (size_t u = 0; u < k; u++) {
            if (u == i) continue;
            double f = m[u][i] / m[i][i];
            for (size_t j = 0; j <= k; j++) m[u][j] -= f * m[i][j];
        }
    }
    double sum = 0;
    for (size_t i = 0; i < k; i++) sum += m[i][k] / m[i][i] * ry[at[i]];
    return sum;
}

// The mean over all orders, one by one.
static void orders(const double *r, const double *ry, size_t p, unsigned in, double *out, double *count) {
    if (in == (1u << p) - 1) *count += 1;
    for (size_t j = 0; j < p; j++) {
        if (in >> j & 1) continue;
        double before = *count;
        orders(r, ry, p, in | 1u << j, out, count);
        out[j] += (*count - before) * (slow_r2(r, ry, p, in | 1u << j) - slow_r2(r, ry, p, in));
    }
}

static void shapley_is_the_mean_over_orders(void **state) {
    (void)state;
    rng r = rng_seed(111);
    for (size_t p = 1; p <= 6; p++) {
        double corr[36], ry[6], got[6], want[6] = {0}, count = 0, j[6];
        gram(&r, p, corr, ry);
        double r2 = drivers_shapley(a, corr, ry, p, got), sum = 0;
        orders(corr, ry, p, 0, want, &count);
        for (size_t i = 0; i < p; i++) assert_near(got[i], want[i] / count, 1e-10);
        for (size_t i = 0; i < p; i++) sum += got[i];
        assert_near(sum, r2, 1e-12);
        assert_near(drivers_johnson(a, corr, ry, p, j), r2, 1e-10);
        for (size_t i = 0; i < p; i++) assert_true(j[i] >= 0 && fabs(j[i] - got[i]) < 0.1);
    }
}

static void twins_share(void **state) {
    (void)state;
    static const double r[] = {1, 1, .2, 1, 1, .2, .2, .2, 1}, ry[] = {.5, .5, .3};
    double j[3], s[3];
    double r2 = drivers_johnson(a, r, ry, 3, j);
    assert_near(drivers_shapley(a, r, ry, 3, s), r2, 1e-9);
    assert_near(j[0], j[1], 1e-9);
    assert_near(s[0], s[1], 1e-9);
    static const double bad[] = {1, NAN, NAN, 1};
    assert_true(isnan(drivers_johnson(a, bad, ry, 2, j)));
    assert_true(isnan(drivers_shapley(a, bad, ry, 2, j)));
}

enum { N = 600, P = 4 };

// Two drivers that matter, one that only goes with them, one of noise.
static void made_up(rng *r, double *x, double *y) {
    for (int i = 0; i < N; i++) {
        double *row = &x[i * P];
        row[0] = rng_normal(r, 0, 1);
        row[1] = .5 * row[0] + rng_normal(r, 0, 1);
        row[2] = .7 * row[0] + rng_normal(r, 0, .7);
        row[3] = rng_normal(r, 5, 2);
        y[i] = .6 * row[0] - .4 * row[1] + rng_normal(r, 0, 1);
    }
}

static void what_is_only_noise_is_not_shown(void **state) {
    (void)state;
    rng r = rng_seed(112);
    double *x = make(&a, double, N *P), y[N];
    made_up(&r, x, y);
    for (int m = DRIVERS_JOHNSON; m <= DRIVERS_SHAPLEY; m++) {
        drivers_data d = {x, y, N, P, NULL, (enum drivers_method)m, 300};
        drivers k = drivers_of(&a, &d, &r);
        assert_int_equal(k.state, ESTIMATE_OK);
        double sum = 0;
        for (int j = 0; j < P; j++) {
            sum += k.of[j].share.value;
            assert_true(k.of[j].share.lo <= k.of[j].share.value && k.of[j].share.value <= k.of[j].share.hi);
        }
        assert_near(sum, k.r2.value, 1e-12);
        assert_true(k.of[0].above_chance && !k.of[3].above_chance);
        assert_true(k.of[0].r > 0 && k.of[0].share.lo > k.of[3].share.hi);
    }
    int shown = 0;
    for (int round = 0; round < 60; round++) { // pure noise: shown seldom
        arena kept = a;
        for (int i = 0; i < N; i++) y[i] = rng_normal(&r, 0, 1);
        drivers k = drivers_of(&a, &(drivers_data){x, y, 100, P, NULL, DRIVERS_JOHNSON, 100}, &r);
        for (int j = 0; j < P; j++) shown += k.of[j].above_chance;
        a = kept;
    }
    assert_true(shown <= 12); // of 240
}

static void clusters_widen_the_interval(void **state) {
    (void)state;
    rng r = rng_seed(113);
    double *x = make(&a, double, N *P), *y = make(&a, double, N);
    int64_t *who = make(&a, int64_t, N);
    made_up(&r, x, y);
    for (int i = 0; i < N; i++) { // every answer is given ten times
        who[i] = i / 10;
        memcpy(&x[i * P], &x[i / 10 * 10 * P], P * sizeof *x);
        y[i] = y[i / 10 * 10];
    }
    drivers rows = drivers_of(&a, &(drivers_data){x, y, N, P, NULL, DRIVERS_JOHNSON, 300}, &r);
    drivers people = drivers_of(&a, &(drivers_data){x, y, N, P, who, DRIVERS_JOHNSON, 300}, &r);
    assert_near(sqrt(people.r2.var / rows.r2.var), sqrt(10), 0.8);
    assert_near(people.r2.eff, 60, 0);
}

static void it_says_what_it_cannot_know(void **state) {
    (void)state;
    rng r = rng_seed(114);
    double *x = make(&a, double, N *P), y[N];
    made_up(&r, x, y);
    y[3] = NAN, x[4 * P] = NAN;
    drivers k = drivers_of(&a, &(drivers_data){x, y, 60, P, NULL, DRIVERS_JOHNSON, 0}, &r);
    assert_int_equal(k.state, ESTIMATE_REFUSED);
    assert_string_equal(k.why, "58 full answers; 4 drivers need 60");
    assert_int_equal(k.ignored, 2);
    for (int i = 0; i < N; i++) y[i] = 7, x[i * P + 1] = 3;
    k = drivers_of(&a, &(drivers_data){x, y, N, P, NULL, DRIVERS_JOHNSON, 0}, &r);
    assert_string_equal(k.why, "the outcome is the same in all answers");
    for (int i = 0; i < N; i++) y[i] = rng_normal(&r, 0, 1);
    k = drivers_of(&a, &(drivers_data){x, y, N, P, NULL, DRIVERS_SHAPLEY, 50}, &r);
    assert_near(k.of[1].share.value, 0, 1e-12); // what does not vary is worth nothing
    assert_false(k.of[1].above_chance);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_vector_of_three_drivers),
        cmocka_unit_test(shapley_is_the_mean_over_orders),
        cmocka_unit_test(twins_share),
        cmocka_unit_test(what_is_only_noise_is_not_shown),
        cmocka_unit_test(clusters_widen_the_interval),
        cmocka_unit_test(it_says_what_it_cannot_know),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
