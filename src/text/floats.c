#include "text/floats.h"

// A product and a sum in one step, which ISO C forbids between statements.
#pragma GCC optimize("fp-contract=fast")

// Vectors of L floats; four sums at once hide how long one takes. The order of summing differs from machine to machine
// in the last bits, as it does with any library for this.
#define FLOATS(name, ARCH, L)                                                                                          \
    typedef float name##_f __attribute__((vector_size(4 * (L)), aligned(4), may_alias));                               \
    ARCH static float name##_dot(const float *x, const float *y, size_t n) {                                           \
        name##_f sum[4] = {0};                                                                                         \
        float s = 0;                                                                                                   \
        size_t i = 0;                                                                                                  \
        for (; i + 4 * (L) <= n; i += 4 * (L))                                                                         \
            _Pragma("GCC unroll 4") for (size_t k = 0; k < 4; k++) sum[k] +=                                           \
                *(const name##_f *)(x + i + k * (L)) * *(const name##_f *)(y + i + k * (L));                           \
        sum[0] = (sum[0] + sum[1]) + (sum[2] + sum[3]);                                                                \
        for (size_t k = 0; k < (L); k++) s += sum[0][k];                                                               \
        for (; i < n; i++) s += x[i] * y[i];                                                                           \
        return s;                                                                                                      \
    }                                                                                                                  \
    typedef int8_t name##_b __attribute__((vector_size(L), aligned(1), may_alias));                                    \
    ARCH static float name##_dot_bytes(const float *x, const int8_t *y, size_t n) {                                    \
        name##_f sum[4] = {0};                                                                                         \
        float s = 0;                                                                                                   \
        size_t i = 0;                                                                                                  \
        for (; i + 4 * (L) <= n; i += 4 * (L))                                                                         \
            _Pragma("GCC unroll 4") for (size_t k = 0; k < 4; k++) sum[k] +=                                           \
                *(const name##_f *)(x + i + k * (L)) *                                                                 \
                __builtin_convertvector(*(const name##_b *)(y + i + k * (L)), name##_f);                               \
        sum[0] = (sum[0] + sum[1]) + (sum[2] + sum[3]);                                                                \
        for (size_t k = 0; k < (L); k++) s += sum[0][k];                                                               \
        for (; i < n; i++) s += x[i] * (float)y[i];                                                                    \
        return s;                                                                                                      \
    }                                                                                                                  \
    ARCH static void name##_add(float *y, float k, const float *x, size_t n) {                                         \
        size_t i = 0;                                                                                                  \
        for (; i + (L) <= n; i += (L)) *(name##_f *)(y + i) += k * *(const name##_f *)(x + i);                         \
        for (; i < n; i++) y[i] += k * x[i];                                                                           \
    }

FLOATS(any, , 4)
#ifdef __x86_64__
FLOATS(avx2, __attribute__((target("avx2,fma"))), 8)
FLOATS(avx512, __attribute__((target("avx512f"))), 16)
#endif

float floats_dot(const float *x, const float *y, size_t n) {
#ifdef __x86_64__
    if (__builtin_cpu_supports("avx512f")) return avx512_dot(x, y, n);
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return avx2_dot(x, y, n);
#endif
    return any_dot(x, y, n);
}

float floats_dot_bytes(const float *x, const int8_t *y, size_t n) {
#ifdef __x86_64__
    if (__builtin_cpu_supports("avx512f")) return avx512_dot_bytes(x, y, n);
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return avx2_dot_bytes(x, y, n);
#endif
    return any_dot_bytes(x, y, n);
}

void floats_add(float *y, float k, const float *x, size_t n) {
#ifdef __x86_64__
    if (__builtin_cpu_supports("avx512f")) {
        avx512_add(y, k, x, n);
        return;
    }
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        avx2_add(y, k, x, n);
        return;
    }
#endif
    any_add(y, k, x, n);
}
