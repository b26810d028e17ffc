#include <math.h>

#include "text/waves.h"

#include "base/rng.h"

// How fast waves change and how long all of them are together: chosen by cross-validation within the training set of
// Banking77 (docs/text-labels.md). Words and letters are of length one each.
#define WAVES_PACE   1.25f
#define WAVES_LENGTH 1.4f

// Eight numbers at a time; where the machine has no such registers the compiler takes two of four.
typedef float eight __attribute__((vector_size(32)));
typedef int32_t mask __attribute__((vector_size(32)));
enum { LANES = 8, VECTORS = EMBEDDING / LANES, LAYERS = 3 };
#define FORCED static inline __attribute__((always_inline))

// Three layers of signs and transforms make directions as even as by chance. Signs are as a seed gives them, for ever
// the same.
FORCED void turn_signs(eight *v, rng *r) {
    const mask bit = {1, 2, 4, 8, 16, 32, 64, 128};
    for (size_t i = 0; i < VECTORS;) {
        uint64_t signs = rng_u64(r);
        for (int k = 0; k < 8; k++, i++, signs >>= 8) {
            const mask all = bit & (int32_t)(signs & 0xFF);
            v[i] = (eight)((mask)v[i] ^ ((all == bit) & INT32_MIN));
        }
    }
}

// The Hadamard transform: among the lanes of each vector first, then among vectors.
FORCED void hadamard(eight *v) {
    const mask by1 = {1, 0, 3, 2, 5, 4, 7, 6}, by2 = {2, 3, 0, 1, 6, 7, 4, 5}, by4 = {4, 5, 6, 7, 0, 1, 2, 3};
    const eight s1 = {1, -1, 1, -1, 1, -1, 1, -1}, s2 = {1, 1, -1, -1, 1, 1, -1, -1}, s4 = {1, 1, 1, 1, -1, -1, -1, -1};
    for (size_t i = 0; i < VECTORS; i++) {
        eight x = v[i];
        x = __builtin_shuffle(x, by1) + x * s1;
        x = __builtin_shuffle(x, by2) + x * s2;
        v[i] = __builtin_shuffle(x, by4) + x * s4;
    }
    for (size_t step = 1; step < VECTORS; step *= 2)
        for (size_t from = 0; from < VECTORS; from += 2 * step)
            for (size_t i = from; i < from + step; i++) {
                const eight x = v[i], y = v[i + step];
                v[i] = x + y;
                v[i + step] = x - y;
            }
}

// cos(2πt): t is brought to within half a turn of zero, where cos(2π|t|) is the sine of what is left to a quarter; of
// the sine's series five terms leave an error below 4e-6.
FORCED void cosine(const eight *v, float turns, float later, float size, float *out) {
    const float whole = 12582912; // 1.5 · 2²³: what is added to it and taken off again is rounded
    const eight t = *v * turns + later, near = t - ((t + whole) - whole);
    const eight x = 0.25f - (eight)((mask)near & INT32_MAX), xx = x * x;
    const eight c = x * (6.2831853f + xx * (-41.341702f + xx * (81.605249f + xx * (-76.705860f + xx * 42.058694f))));
    const eight sized = c * size;
    memcpy(out, &sized, sizeof sized);
}

FORCED void waves_body(const float *embedding, float *out) {
    eight v[VECTORS];
    float square = 0;
    for (size_t i = 0; i < EMBEDDING; i++) square += embedding[i] * embedding[i];
    if (!(square > 0)) {
        memset(out, 0, WAVES * sizeof *out);
        return;
    }
    memcpy(v, embedding, sizeof v);
    rng r = rng_seed(77);
    for (int layer = 0; layer < LAYERS; layer++) {
        turn_signs(v, &r);
        hadamard(v);
    }
    const float turns = WAVES_PACE * 0.15915494f / 512 / sqrtf(square); // 1/2π, and √512 twice of the transforms
    const float size = WAVES_LENGTH * 0.044194174f;                     // 1/√512
    for (size_t i = 0; i < VECTORS; i++) {
        cosine(&v[i], turns, 0, size, out + i * LANES);
        cosine(&v[i], turns, -0.25f, size, out + EMBEDDING + i * LANES);
    }
}

#ifdef __x86_64__
__attribute__((target("avx2"))) static void waves_fast(const float *embedding, float *out) {
    waves_body(embedding, out);
}
#endif

void waves_of(const float *embedding, float *out) {
#ifdef __x86_64__
    if (__builtin_cpu_supports("avx2")) {
        waves_fast(embedding, out);
        return;
    }
#endif
    waves_body(embedding, out);
}
