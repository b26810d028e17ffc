#include "stats/matrix.h"

#include <math.h>

// Row by row: a row that depends on those above leaves nothing at its diagonal.
size_t matrix_cholesky(double *m, size_t n, double tol) {
    size_t rank = 0;
    for (size_t i = 0; i < n; i++) {
        double *row = &m[i * n], left = row[i];
        for (size_t j = 0; j < i; j++) {
            const double *above = &m[j * n];
            double sum = row[j];
            for (size_t k = 0; k < j; k++) sum -= row[k] * above[k];
            row[j] = above[j] > 0 ? sum / above[j] : 0;
            left -= row[j] * row[j];
        }
        if (isnan(left)) return 0;
        bool aliased = !(left > tol * row[i]) || !(row[i] > 0);
        row[i] = aliased ? 0 : sqrt(left);
        for (size_t j = 0; aliased && j < i; j++) row[j] = 0;
        rank += !aliased;
    }
    return rank;
}

bool matrix_aliased(const double *l, size_t n, size_t j) {
    return !(l[j * n + j] > 0);
}

void matrix_solve(const double *l, size_t n, double *b) {
    for (size_t i = 0; i < n; i++) {
        const double *row = &l[i * n];
        double sum = b[i];
        for (size_t k = 0; k < i; k++) sum -= row[k] * b[k];
        b[i] = row[i] > 0 ? sum / row[i] : 0;
    }
    for (size_t i = n; i-- > 0;) {
        b[i] = l[i * n + i] > 0 ? b[i] / l[i * n + i] : 0;
        for (size_t k = 0; k < i; k++) b[k] -= l[i * n + k] * b[i];
    }
}

void matrix_inverse(arena scratch, const double *l, size_t n, double *out) {
    double *column = make(&scratch, double, n);
    for (size_t j = 0; j < n; j++) {
        memset(column, 0, n * sizeof *column);
        column[j] = !matrix_aliased(l, n, j);
        matrix_solve(l, n, column);
        for (size_t i = 0; i < n; i++) out[i * n + j] = column[i];
    }
}

double matrix_form(const double *m, size_t n, const double *x) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) sum += x[i] * m[i * n + j] * x[j];
    }
    return sum;
}

matrix_sum matrix_sum_begin(arena *a, double *m, size_t n) {
    return (matrix_sum){.m = m, .held = make(a, double, 4 * n), .n = n};
}

void matrix_sum_end(matrix_sum *s) {
    for (size_t k = s->k; k > 0 && k < 4; k++) s->weight[k] = 0, s->at[k] = s->at[0]; // what is missing counts nothing
    const double *a = s->at[0], *b = s->at[1], *c = s->at[2], *d = s->at[3];
    for (size_t i = 0; s->k && i < s->n; i++) {
        double u = s->weight[0] * a[i], v = s->weight[1] * b[i], w = s->weight[2] * c[i], x = s->weight[3] * d[i];
        double *row = &s->m[i * s->n];
        for (size_t j = 0; j <= i; j++) row[j] += u * a[j] + v * b[j] + (w * c[j] + x * d[j]);
    }
    s->k = 0;
}

void matrix_sum_add_row(matrix_sum *s, const double *x, double weight) {
    s->at[s->k] = x;
    s->weight[s->k++] = weight;
    if (s->k == 4) matrix_sum_end(s);
}

void matrix_sum_add(matrix_sum *s, const double *x, double weight) {
    double *copy = &s->held[s->k * s->n];
    memcpy(copy, x, s->n * sizeof *x);
    matrix_sum_add_row(s, copy, weight);
}
