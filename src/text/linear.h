// linear: linear models over sparse and dense inputs together, many at a time: who says yes (squared hinge) or how much
// (ridge), each with L2 regularisation.
//
//   minimise  ½ |w|² + Σ cost_i max(0, 1 - y_i w·x_i)²     (Hsieh et al. 2008, "A dual coordinate descent method")
//   minimise  ½ |w|² + Σ cost_i (y_i - w·x_i)²
//
// Solved in the dual, one row at a time, for a block of tasks at once: the rows are read once for all of them. The dual
// values are kept by the caller; to begin with those of a former fit makes a small change cheap.
#ifndef HEED_LINEAR_H
#define HEED_LINEAR_H

#include "base/base.h"

enum {
    LINEAR_WEIGHT_BITS = 12, // a cell is column << 12 | weight in steps of the row's unit
    LINEAR_COLUMNS = 1 << 20,
};

typedef struct {
    size_t rows, columns, dense;
    const uint32_t *start; // rows + 1: where the cells of a row begin
    const uint32_t *cells;
    const float *unit; // rows: what a weight of one stands for
    const float *x;    // rows × dense; zeros where there is nothing
    float bias;        // a further dense input that is the same for all rows; 0: none
} linear_data;

typedef struct {
    const float *y;    // rows: +1 or -1; for ridge any number
    const float *cost; // rows: 0 leaves a row out
    float *dual;       // rows: where to begin, zeros at first; and where it ended
    float *w;          // out: columns, then dense, then the bias, each `stride` after the other
    size_t stride;     // 0: 1
} linear_task;

typedef struct {
    bool ridge;
    double tolerance; // largest difference of violations (LIBLINEAR's -e); 0: 0.1
    int passes;       // at most; 0: 300
    int threads;      // 0: 1
    uint64_t seed;    // of the order of rows; the same seed gives the same weights
} linear_terms;

typedef struct {
    int passes;   // of the slowest block
    bool settled; // all tasks came within the tolerance
    size_t steps; // rows looked at
} linear_work;

linear_work linear_fit(const linear_data *d, const linear_task *t, size_t tasks, linear_terms terms);

// The weights of one task as its dual values make them: the sum of all rows, each times its own.
void linear_weights(const linear_data *d, const float *dual, float *w, size_t stride);

// w·x of a row, with weights as a task leaves them. In double, for checking.
double linear_score(const linear_data *d, size_t row, const float *w, size_t stride);

// All tasks of a row: weights one column after the other, `stride` numbers each (a multiple of four, as the place of w
// is of sixteen bytes); as many scores.
void linear_scores(const linear_data *d, size_t row, const float *w, size_t stride, float *out);

// The weight of a cell in steps, and the unit for the largest weight of a row.
float linear_unit(float largest);
uint32_t linear_cell(uint32_t column, float weight, float unit);

#endif
