#include "test.h"

// All versions are tested, not only the one that this machine takes.
#include "text/matmul.c"

#include "base/rng.h"

typedef void version(const matrix *m, const float *x, size_t n, bool add, float *y);

// The product as it is defined, in double precision.
static void twin(const matrix *m, const float *x, size_t n, bool add, float *y) {
    for (size_t r = 0; r < n; r++)
        for (size_t c = 0; c < m->out; c++) {
            double sum = 0;
            for (size_t k = 0; k < m->in; k++)
                sum += (double)x[r * m->in + k] * m->q[c / 32 * 32 * m->in + k * 32 + c % 32];
            y[r * m->out + c] = (float)(sum * m->scale[c] + m->bias[c] + (add ? y[r * m->out + c] : 0));
        }
}

static void check(arena a, rng *r, version *v, size_t n, size_t in, size_t out, bool add) {
    int16_t *q = make(&a, int16_t, in * out);
    float *scale = make(&a, float, out), *bias = make(&a, float, out), *x = make(&a, float, n *in);
    float *got = make(&a, float, n *out), *want = make(&a, float, n *out);
    for (size_t i = 0; i < in * out; i++) q[i] = (int16_t)rng_range(r, INT16_MIN, INT16_MAX);
    for (size_t i = 0; i < out; i++) scale[i] = (float)rng_unit(r) / 32767, bias[i] = (float)rng_normal(r, 0, 1);
    for (size_t i = 0; i < n * in; i++) x[i] = (float)rng_normal(r, 0, 1);
    for (size_t i = 0; i < n * out; i++) got[i] = want[i] = (float)rng_normal(r, 0, 1);
    const matrix m = {in, out, q, scale, bias};
    twin(&m, x, n, add, want);
    v(&m, x, n, add, got);
    for (size_t i = 0; i < n * out; i++)
        if (!(got[i] - want[i] < 1e-3F && want[i] - got[i] < 1e-3F))
            fail_msg("%zu x %zu x %zu: %g is %g at %zu", n, in, out, (double)want[i], (double)got[i], i);
}

static void every_version_multiplies(void **state) {
    arena a = *(arena *)*state;
    version *versions[] = {matmul, any, NULL, NULL};
#ifdef __x86_64__
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) versions[2] = avx2;
    if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")) versions[3] = avx512;
#endif
    rng r = rng_seed(3);
    for (size_t v = 0; v < COUNT(versions); v++)
        for (size_t n = 0; versions[v] && n < 40; n++)
            check(a, &r, versions[v], n, (size_t)rng_range(&r, 1, 70), 32 * (size_t)rng_range(&r, 1, 4), n % 2);
}

int main(void) {
    arena a = arena_open(64 << 20);
    void *start = &a;
    const struct CMUnitTest tests[] = {cmocka_unit_test_prestate(every_version_multiplies, start)};
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_close(&a);
    return failed;
}
