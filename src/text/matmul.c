#include "text/matmul.h"

// A product and a sum in one step, which ISO C forbids between statements.
#pragma GCC optimize("fp-contract=fast")

// A tile is some rows by two vectors of columns; its sums stay in registers while the matrix streams by once. The same
// code is compiled for several kinds of processors (vectors of L floats, tiles of at most R rows), and the widest that
// the machine has is taken. Conversion is in two steps because compilers know no single one that is fast.
#define TILES(name, ARCH, L, R)                                                                                        \
    typedef float name##_f __attribute__((vector_size(4 * (L)), aligned(4), may_alias));                               \
    typedef int32_t name##_i __attribute__((vector_size(4 * (L))));                                                    \
    typedef int16_t name##_h __attribute__((vector_size(2 * (L)), aligned(2), may_alias));                             \
    typedef struct {                                                                                                   \
        const matrix *m;                                                                                               \
        const float *x;                                                                                                \
        float *y;                                                                                                      \
        size_t column;                                                                                                 \
        bool add;                                                                                                      \
    } name##_at;                                                                                                       \
    ARCH static inline                                                                                                 \
        __attribute__((always_inline)) void name##_put(name##_at t, size_t column, size_t r, name##_f sum) {           \
        name##_f *y = (name##_f *)(t.y + r * t.m->out + column);                                                       \
        sum = sum * *(const name##_f *)(t.m->scale + column) + *(const name##_f *)(t.m->bias + column);                \
        if (t.add) sum += *y;                                                                                          \
        *y = sum;                                                                                                      \
    }                                                                                                                  \
    ARCH static inline __attribute__((always_inline)) void name##_tile(name##_at t, const size_t rows) {               \
        name##_f low[R] = {0}, high[R] = {0};                                                                          \
        const size_t in = t.m->in;                                                                                     \
        const int16_t *q = t.m->q + t.column / MATMUL_PANEL * MATMUL_PANEL * in + t.column % MATMUL_PANEL;             \
        for (size_t k = 0; k < in; k++, q += MATMUL_PANEL) {                                                           \
            const name##_f w0 =                                                                                        \
                __builtin_convertvector(__builtin_convertvector(*(const name##_h *)q, name##_i), name##_f);            \
            const name##_f w1 =                                                                                        \
                __builtin_convertvector(__builtin_convertvector(*(const name##_h *)(q + (L)), name##_i), name##_f);    \
            _Pragma("GCC unroll 12") for (size_t r = 0; r < rows; r++) {                                               \
                const float x = t.x[r * in + k];                                                                       \
                low[r] += x * w0;                                                                                      \
                high[r] += x * w1;                                                                                     \
            }                                                                                                          \
        }                                                                                                              \
        _Pragma("GCC unroll 12") for (size_t r = 0; r < rows; r++) {                                                   \
            name##_put(t, t.column, r, low[r]);                                                                        \
            name##_put(t, t.column + (L), r, high[r]);                                                                 \
        }                                                                                                              \
    }                                                                                                                  \
    ARCH static void name(const matrix *m, const float *x, size_t n, bool add, float *y) {                             \
        for (size_t column = 0; column < m->out; column += 2 * (L)) {                                                  \
            size_t rows, tiles = (n + (R)-1) / (R);                                                                    \
            for (size_t r = 0; r < n; r += rows, tiles--) {                                                            \
                rows = (n - r + tiles - 1) / tiles;                                                                    \
                const name##_at t = {m, x + r * m->in, y + r * m->out, column, add};                                   \
                switch (rows) { EACH_##R(name) }                                                                       \
            }                                                                                                          \
        }                                                                                                              \
    }
#define ROWS(name, rows)                                                                                               \
    case rows:                                                                                                         \
        name##_tile(t, rows);                                                                                          \
        break;
#define EACH_4(name) ROWS(name, 1) ROWS(name, 2) ROWS(name, 3) ROWS(name, 4)
#define EACH_6(name) EACH_4(name) ROWS(name, 5) ROWS(name, 6)
#define EACH_12(name)                                                                                                  \
    EACH_6(name) ROWS(name, 7) ROWS(name, 8) ROWS(name, 9) ROWS(name, 10) ROWS(name, 11) ROWS(name, 12)

TILES(any, , 4, 4)
#ifdef __x86_64__
TILES(avx2, __attribute__((target("avx2,fma"))), 8, 6)
TILES(avx512, __attribute__((target("avx512f,avx512bw,avx512vl"))), 16, 12)
#endif

void matmul(const matrix *m, const float *x, size_t n, bool add, float *y) {
    assert(m->out % MATMUL_PANEL == 0);
#ifdef __x86_64__
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")) {
        avx512(m, x, n, add, y);
        return;
    }
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        avx2(m, x, n, add, y);
        return;
    }
#endif
    any(m, x, n, add, y);
}
