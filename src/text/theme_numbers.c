#include <math.h>

#include "base/rng.h"
#include "text/floats.h"
#include "text/theme_inside.h"

enum { SPARE = 20, ROUNDS = 5, SWEEPS = 60 };

void numbers_unit(float *x, size_t n) {
    const double length = sqrt((double)floats_dot(x, x, n));
    for (size_t i = 0; i < n; i++) x[i] = length > 1e-12 ? (float)((double)x[i] / length) : 0;
}

// Twice, for what rounding leaves (Giraud et al. 2005).
void numbers_orthonormal(float *rows, size_t n, size_t width) {
    for (size_t i = 0; i < n; i++) {
        float *x = rows + i * width;
        const float before = floats_dot(x, x, width);
        for (int again = 0; again < 2; again++)
            for (size_t k = 0; k < i; k++)
                floats_add(x, -floats_dot(x, rows + k * width, width), rows + k * width, width);
        const float after = floats_dot(x, x, width);
        if (after <= before * 1e-8f)
            memset(x, 0, width * sizeof *x);
        else
            numbers_unit(x, width);
    }
}

static void rotate(double *m, double *v, size_t n, size_t p, size_t q) {
    const double apq = m[p * n + q];
    if (fabs(apq) < 1e-300) return;
    const double theta = (m[q * n + q] - m[p * n + p]) / (2 * apq);
    const double t = (theta >= 0 ? 1 : -1) / (fabs(theta) + sqrt(theta * theta + 1));
    const double c = 1 / sqrt(t * t + 1), s = t * c;
    for (size_t k = 0; k < n; k++) {
        const double x = m[k * n + p], y = m[k * n + q];
        m[k * n + p] = c * x - s * y;
        m[k * n + q] = s * x + c * y;
    }
    for (size_t k = 0; k < n; k++) {
        const double x = m[p * n + k], y = m[q * n + k];
        m[p * n + k] = c * x - s * y;
        m[q * n + k] = s * x + c * y;
    }
    for (size_t k = 0; k < n; k++) {
        const double x = v[p * n + k], y = v[q * n + k];
        v[p * n + k] = c * x - s * y;
        v[q * n + k] = s * x + c * y;
    }
}

static double beside_diagonal(const double *m, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++) sum += i == k ? 0 : m[i * n + k] * m[i * n + k];
    return sum;
}

static void sort_falling(arena scratch, size_t n, double *v, double *value) {
    double *row = make(&scratch, double, n + 1);
    for (size_t i = 0; i < n; i++) {
        size_t best = i;
        for (size_t k = i + 1; k < n; k++)
            if (value[k] > value[best]) best = k;
        if (best == i) continue;
        const double x = value[i];
        value[i] = value[best], value[best] = x;
        memcpy(row, v + i * n, n * sizeof *v);
        memcpy(v + i * n, v + best * n, n * sizeof *v);
        memcpy(v + best * n, row, n * sizeof *v);
    }
}

void numbers_eigen(arena scratch, double *m, size_t n, double *v, double *value) {
    double all = 0;
    for (size_t i = 0; i < n * n; i++) all += m[i] * m[i];
    memset(v, 0, n * n * sizeof *v);
    for (size_t i = 0; i < n; i++) v[i * n + i] = 1;
    for (int sweep = 0; sweep < SWEEPS && beside_diagonal(m, n) > all * 1e-18; sweep++)
        for (size_t p = 0; p < n; p++)
            for (size_t q = p + 1; q < n; q++) rotate(m, v, n, p, q);
    for (size_t i = 0; i < n; i++) value[i] = m[i * n + i];
    sort_falling(scratch, n, v, value);
}

// y = x m for rows x; m is symmetric.
static void times(const float *x, size_t n, const float *m, size_t size, float *y) {
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < size; k++) y[i * size + k] = floats_dot(x + i * size, m + k * size, size);
}

void numbers_directions(arena scratch, const float *m, size_t size, size_t n, float *out, float *strength) {
    const size_t wide = MIN(n + SPARE, size);
    rng r = rng_seed(1);
    float *q = make(&scratch, float, wide *size), *y = make(&scratch, float, wide *size);
    double *small = make(&scratch, double, wide *wide), *v = make(&scratch, double, wide *wide);
    double *value = make(&scratch, double, wide);
    for (size_t i = 0; i < wide * size; i++) q[i] = (float)rng_normal(&r, 0, 1);
    numbers_orthonormal(q, wide, size);
    for (int round = 0; round < ROUNDS; round++) {
        times(q, wide, m, size, y);
        times(y, wide, m, size, q);
        numbers_orthonormal(q, wide, size);
    }
    times(q, wide, m, size, y);
    for (size_t i = 0; i < wide; i++)
        for (size_t k = 0; k < wide; k++) small[i * wide + k] = (double)floats_dot(q + i * size, y + k * size, size);
    for (size_t i = 0; i < wide; i++)
        for (size_t k = 0; k < i; k++)
            small[i * wide + k] = small[k * wide + i] = (small[i * wide + k] + small[k * wide + i]) / 2;
    numbers_eigen(scratch, small, wide, v, value);
    memset(out, 0, n * size * sizeof *out);
    for (size_t i = 0; i < n; i++) {
        strength[i] = i < wide ? (float)fmax(0, value[i]) : 0;
        if (i >= wide || value[i] <= value[0] * 1e-6) continue;
        for (size_t k = 0; k < wide; k++) floats_add(out + i * size, (float)v[i * wide + k], q + k * size, size);
    }
}
