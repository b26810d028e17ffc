#include "stats/near.h"

#include "base/rng.h"
#include "stats/matrix.h"

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

// XᵀWX of random rows, so that the matrix is positive definite; its lower triangle is what matrix_sum gives.
static void random_gram(rng *r, size_t n, double *m) {
    memset(m, 0, n * n * sizeof *m);
    double twin[144] = {0};
    arena scratch = a;
    matrix_sum sum = matrix_sum_begin(&scratch, twin, n);
    for (size_t row = 0; row < n + 3; row++) {
        double x[12], w = rng_unit(r) + 0.1;
        for (size_t i = 0; i < n; i++) x[i] = rng_normal(r, 0, 1 + (double)i);
        matrix_sum_add(&sum, x, w);
        for (size_t i = 0; i < n; i++) {
            for (size_t j = 0; j < n; j++) m[i * n + j] += w * x[i] * x[j];
        }
    }
    matrix_sum_end(&sum);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j <= i; j++) assert_near(twin[i * n + j], m[i * n + j], 1e-9);
    }
}

static void the_inverse_times_the_matrix_is_one(void **state) {
    (void)state;
    rng r = rng_seed(5);
    for (int round = 0; round < 200; round++) {
        size_t n = (size_t)rng_range(&r, 1, 12);
        double m[144], l[144], inv[144], b[12], back[12];
        random_gram(&r, n, m);
        memcpy(l, m, sizeof m);
        assert_int_equal(matrix_cholesky(l, n, 1e-12), n);
        matrix_inverse(a, l, n, inv);
        for (size_t i = 0; i < n; i++) b[i] = back[i] = rng_normal(&r, 0, 1);
        matrix_solve(l, n, back);
        for (size_t i = 0; i < n; i++) {
            double again = 0;
            for (size_t k = 0; k < n; k++) again += m[i * n + k] * back[k];
            assert_near(again, b[i], 1e-7);
            for (size_t j = 0; j < n; j++) {
                double one = 0;
                for (size_t k = 0; k < n; k++) one += m[i * n + k] * inv[k * n + j];
                assert_near(one, i == j, 1e-7);
            }
        }
    }
}

// A column that is the sum of two others changes nothing for them.
static void a_column_said_twice_is_left_out(void **state) {
    (void)state;
    rng r = rng_seed(6);
    double small[9], m[16], l[16], part[9], b[4] = {1, 2, 0, 3}, c[3] = {1, 2, 3};
    random_gram(&r, 3, small);
    static const size_t from[4][2] = {{0, 0}, {1, 1}, {0, 1}, {2, 2}};
    for (size_t i = 0; i < 4; i++) {
        for (size_t j = 0; j < 4; j++) {
            double sum = 0;
            for (size_t u = 0; u < 1 + (i == 2); u++) {
                for (size_t v = 0; v < 1 + (j == 2); v++) sum += small[from[i][u] * 3 + from[j][v]];
            }
            m[i * 4 + j] = sum;
        }
    }
    memcpy(l, m, sizeof m);
    memcpy(part, small, sizeof small);
    assert_int_equal(matrix_cholesky(l, 4, 1e-10), 3);
    assert_true(matrix_aliased(l, 4, 2));
    assert_false(matrix_aliased(l, 4, 3));
    assert_int_equal(matrix_cholesky(part, 3, 1e-10), 3);
    matrix_solve(l, 4, b);
    matrix_solve(part, 3, c);
    assert_near(b[0], c[0], 1e-9);
    assert_near(b[1], c[1], 1e-9);
    assert_near(b[2], 0, 0);
    assert_near(b[3], c[2], 1e-9);
    double inv[16];
    matrix_inverse(a, l, 4, inv);
    assert_near(inv[2 * 4 + 2], 0, 0);
    double x[4] = {1, -1, 5, 2};
    assert_true(matrix_form(inv, 4, x) > 0);
}

static void what_is_not_a_number_has_no_rank(void **state) {
    (void)state;
    double m[4] = {1, 0, NAN, 1}, zero[4] = {0};
    assert_int_equal(matrix_cholesky(m, 2, 1e-12), 0);
    assert_int_equal(matrix_cholesky(zero, 2, 1e-12), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_inverse_times_the_matrix_is_one),
        cmocka_unit_test(a_column_said_twice_is_left_out),
        cmocka_unit_test(what_is_not_a_number_has_no_rank),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
