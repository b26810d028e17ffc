// Products of waves are a bell curve of the distance.
#include "test.h"

#include <math.h>

#include "base/rng.h"
#include "text/waves.h"

static float unit(rng *r) {
    return (float)((double)(rng_u64(r) >> 11) * 0x1p-53 - 0.5);
}

static double product(const float *x, const float *y, size_t n) {
    double s = 0;
    for (size_t i = 0; i < n; i++) s += (double)x[i] * y[i];
    return s;
}

// Rahimi & Recht 2007: the mean of products over directions by chance is the kernel; of 512 directions a product errs
// by no more than some 1.4²/√1024.
static void products_are_a_bell_curve(void **state) {
    (void)state;
    enum { PAIRS = 500 };
    rng r = rng_seed(3);
    double mean = 0, square = 0;
    for (int p = 0; p < PAIRS; p++) {
        float x[EMBEDDING], y[EMBEDDING], wx[WAVES], wy[WAVES];
        for (int i = 0; i < EMBEDDING; i++) x[i] = unit(&r), y[i] = x[i] * (float)(p % 5) / 4 + unit(&r);
        const double nx = sqrt(product(x, x, EMBEDDING)), ny = sqrt(product(y, y, EMBEDDING));
        const double far = 2 - 2 * product(x, y, EMBEDDING) / nx / ny;
        waves_of(x, wx);
        waves_of(y, wy);
        assert_true(fabs(product(wx, wx, WAVES) - 1.96) < 1e-3);
        const double off = product(wx, wy, WAVES) - 1.96 * exp(-1.25 * 1.25 * far / 2);
        mean += off / PAIRS, square += off * off / PAIRS;
    }
    assert_true(fabs(mean) < 0.01);
    assert_true(sqrt(square) < 0.06);
}

// By a transform written out, and the cosine of the library.
static void waves_are_what_they_say(void **state) {
    (void)state;
    float x[EMBEDDING], out[WAVES];
    double v[EMBEDDING], next[EMBEDDING], square = 0;
    rng r = rng_seed(5), signs = rng_seed(77);
    for (int i = 0; i < EMBEDDING; i++) x[i] = unit(&r), v[i] = x[i], square += v[i] * v[i];
    for (int layer = 0; layer < 3; layer++) {
        for (int i = 0; i < EMBEDDING; i += 64) {
            const uint64_t bits = rng_u64(&signs);
            for (int k = 0; k < 64; k++)
                if (bits >> k & 1) v[i + k] = -v[i + k];
        }
        for (int i = 0; i < EMBEDDING; i++) {
            next[i] = 0;
            for (int k = 0; k < EMBEDDING; k++) next[i] += __builtin_popcount((unsigned)(i & k)) % 2 ? -v[k] : v[k];
        }
        memcpy(v, next, sizeof v);
    }
    waves_of(x, out);
    for (int i = 0; i < EMBEDDING; i++) {
        const double turn = 1.25 * v[i] / 512 / sqrt(square);
        assert_float_equal(out[i], (float)(1.4 / sqrt(512) * cos(turn)), 1e-5);
        assert_float_equal(out[EMBEDDING + i], (float)(1.4 / sqrt(512) * sin(turn)), 1e-5);
    }
    memset(x, 0, sizeof x);
    waves_of(x, out);
    for (int i = 0; i < WAVES; i++) assert_true(out[i] == 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(products_are_a_bell_curve),
                                       cmocka_unit_test(waves_are_what_they_say)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
