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

#endif
