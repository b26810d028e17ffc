// matmul: rows of floats times a matrix that is kept as 16-bit numbers, where it is mapped.
//
// For the few rows of one message a general sgemm spends most of its time on arranging the matrix anew for each call,
// and needs it as floats. Here it is arranged in the file: panels of 32 columns, in each row after row.
#ifndef HEED_MATMUL_H
#define HEED_MATMUL_H

#include "base/base.h"

enum { MATMUL_PANEL = 32 };

typedef struct {
    size_t in, out;     // out: a multiple of MATMUL_PANEL
    const int16_t *q;   // element (k, c) at (c / 32) * 32 * in + k * 32 + c % 32, times scale[c]
    const float *scale; // of each column
    const float *bias;
} matrix;

// y = x m + bias, or y += it. x holds n rows of m->in, y of m->out.
void matmul(const matrix *m, const float *x, size_t n, bool add, float *y);

#endif
