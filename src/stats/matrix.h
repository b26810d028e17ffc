// matrix: systems of a symmetric, positive semidefinite matrix, as every regression solves them.
//
// n × n values row by row. GSL's Cholesky stops the program on a matrix that is not positive definite, and columns that
// say the same thing twice are everyday: here such a column is aliased, its solution and variance are 0, and the others
// are as if it were not there.
#ifndef HEED_MATRIX_H
#define HEED_MATRIX_H

#include "base/base.h"

// L with LLᵀ = m, in the lower triangle of m; only that triangle is read. A column whose pivot falls below `tol` of its
// diagonal is aliased: its row and column of L become 0. Returns the rank; 0 with a NaN anywhere.
size_t matrix_cholesky(double *m, size_t n, double tol);
bool matrix_aliased(const double *l, size_t n, size_t j);

void matrix_solve(const double *l, size_t n, double *b);                    // b becomes m⁻¹ b
void matrix_inverse(arena scratch, const double *l, size_t n, double *out); // both triangles; out is not l
double matrix_form(const double *m, size_t n, const double *x);             // xᵀ m x, m with both triangles

// Σ weight x xᵀ, added to the lower triangle of m; four vectors at a time, which is what makes it fast. m is complete
// after matrix_sum_end.
typedef struct {
    double *m, *held, weight[4];
    const double *at[4];
    size_t n, k;
} matrix_sum;
matrix_sum matrix_sum_begin(arena *a, double *m, size_t n);
void matrix_sum_add(matrix_sum *s, const double *x, double weight);     // keeps a copy
void matrix_sum_add_row(matrix_sum *s, const double *x, double weight); // x stays as it is until the end
void matrix_sum_end(matrix_sum *s);

#endif
