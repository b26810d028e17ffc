#include "stats/near.h"

#include "stats/concentration.h"

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

// Gini's mean difference over all pairs, divided by twice the mean.
static double slow_gini(const int64_t *x, size_t n) {
    double sum = 0, apart = 0;
    for (size_t i = 0; i < n; i++) {
        sum += (double)x[i];
        for (size_t j = 0; j < n; j++) apart += fabs((double)(x[i] - x[j]));
    }
    return apart / (2 * (double)n * sum);
}

static int descending(const void *x, const void *y) {
    int64_t u = *(const int64_t *)x, v = *(const int64_t *)y;
    return (u < v) - (u > v);
}

static void it_is_the_definition(void **state) {
    (void)state;
    rng r = rng_seed(91), dice = rng_seed(1);
    for (int round = 0; round < 50; round++) {
        int64_t x[100];
        size_t n = 100;
        for (size_t i = 0; i < n; i++) x[i] = (int64_t)exp(rng_normal(&r, 5, 1.5)) * rng_chance(&r, .8);
        concentration c = concentration_of(&a, x, n, 20, &dice);
        assert_near(c.gini.value, slow_gini(x, n), 1e-12);
        double lorenz[101], sum = 0, top = 0, area = 0;
        concentration_lorenz(a, x, n, 100, lorenz);
        qsort(x, n, sizeof *x, descending);
        for (size_t i = 0; i < n; i++) sum += (double)x[i];
        for (size_t i = 0, part = 0; i < n; i++) {
            top += (double)x[i];
            if (part < 4 && i + 1 == (size_t)llround(100 * concentration_part[part])) {
                assert_near(c.top[part++].value, top / sum, 1e-12);
            }
            assert_near(lorenz[n - 1 - i], 1 - top / sum, 1e-9);
            if (top - (double)x[i] < sum / 2 && top >= sum / 2) assert_near(c.half.value, (double)(i + 1) / 100, 0.01);
        }
        for (size_t i = 0; i < n; i++) area += (lorenz[i] + lorenz[i + 1]) / 200;
        assert_near(1 - 2 * area, c.gini.value, 1e-9); // twice the area between the curve and the diagonal
    }
}

// 1, 2, 3, 4, 5 have a Gini coefficient of 4/15; one who has everything of n has (n − 1)/n; and all alike have 0.
static void known_cases(void **state) {
    (void)state;
    rng r = rng_seed(92);
    assert_near(concentration_of(&a, (int64_t[]){1, 2, 3, 4, 5}, 5, 10, &r).gini.value, 4.0 / 15, 1e-12);
    int64_t one[50] = {[7] = 100}, same[50], loss[50];
    for (int i = 0; i < 50; i++) same[i] = 10, loss[i] = i - 10;
    concentration c = concentration_of(&a, one, 50, 100, &r);
    assert_near(c.gini.value, 0.98, 1e-12);
    assert_near(c.top[3].value, 1, 1e-12);
    c = concentration_of(&a, same, 50, 100, &r);
    assert_near(c.gini.value, 0, 1e-12);
    assert_near(c.top[2].value, 0.1, 1e-12);
    assert_near(c.half.value, 0.5, 1e-12);
    assert_int_equal(c.gini.state, ESTIMATE_OK);
    c = concentration_of(&a, loss, 50, 100, &r);
    assert_int_equal(c.negative, 10);
    assert_true(c.gini.value < 1 && c.gini.hi <= 1);
    assert_int_equal(concentration_of(&a, (int64_t[]){0, 0, -5}, 3, 10, &r).gini.state, ESTIMATE_REFUSED);
    assert_int_equal(concentration_of(&a, NULL, 0, 10, &r).half.state, ESTIMATE_REFUSED);
    assert_int_equal(concentration_of(&a, (int64_t[]){1, 2, 3, 4, 5}, 5, 10, &r).top[0].state, ESTIMATE_THIN);
}

// Lognormal values with σ = 1: Gini 2Φ(σ/√2) − 1 = .5205; the best fifth brings 1 − Φ(Φ⁻¹(.8) − 1) = .5629.
static void intervals_cover(void **state) {
    (void)state;
    rng r = rng_seed(93);
    int hits[2] = {0}, rounds = 300;
    for (int round = 0; round < rounds; round++) {
        arena kept = a;
        int64_t x[600];
        for (int i = 0; i < 600; i++) x[i] = (int64_t)(1e5 * exp(rng_normal(&r, 0, 1)));
        concentration c = concentration_of(&a, x, 600, 200, &r);
        hits[0] += c.gini.lo <= .5205 && .5205 <= c.gini.hi;
        hits[1] += c.top[3].lo <= .5629 && .5629 <= c.top[3].hi;
        a = kept;
    }
    assert_near((double)hits[0] / rounds, 0.94, 0.035); // percentile intervals of skewed values are a little short
    assert_near((double)hits[1] / rounds, 0.94, 0.035);
}

// Ten customers with 50 equal orders each are always the best of a hundred; among equals it is chance.
static void the_best_for_certain_and_by_luck(void **state) {
    (void)state;
    rng r = rng_seed(94);
    best_order *o = make(&a, best_order, 2000);
    size_t n = 0;
    for (uint32_t c = 0; c < 100; c++) {
        int orders = c < 5 ? 50 : 3;
        for (int i = 0; i < orders; i++) o[n++] = (best_order){c, 10 * i, 1000};
    }
    best_customers b =
        best_stability(&a, &(best_data){.orders = o, .n = n, .customers = 100, .rounds = 400, .cells = true}, &r);
    double sum = 0, equal = 0;
    for (int c = 0; c < 100; c++) {
        sum += b.best[c];
        assert_int_equal(b.is[c], c < 10);
        if (c < 5) assert_near(b.best[c], 1, 1e-9);
        if (c >= 5) equal += b.best[c] / 95;
        assert_true(b.cell[c] > 0 && b.cell[c] <= 1);
    }
    assert_near(sum, 10, 1e-9);
    assert_near(equal, 5.0 / 95, 1e-9);
    assert_true(b.overlap.value > 0.5 && b.overlap.value < 0.65); // five for certain, the others by luck and place
    assert_true(b.overlap.lo >= 0.5 && b.overlap.hi < 0.85);
    rng u = rng_seed(7), v = rng_seed(7);
    best_data d = {.orders = o, .n = n, .customers = 100, .top = 5, .rounds = 50};
    best_customers one = best_stability(&a, &d, &u), two = best_stability(&a, &d, &v);
    for (int c = 0; c < 100; c++) assert_near(one.best[c], two.best[c], 0);
    assert_near(one.overlap.value, 1, 1e-9);
    assert_true(one.cell == NULL);
    assert_int_equal(best_stability(&a, &(best_data){.customers = 3}, &r).overlap.state, ESTIMATE_NONE);
    assert_int_equal(best_stability(&a, &(best_data){0}, &r).overlap.state, ESTIMATE_NONE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_the_definition),
        cmocka_unit_test(known_cases),
        cmocka_unit_test(intervals_cover),
        cmocka_unit_test(the_best_for_certain_and_by_luck),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
