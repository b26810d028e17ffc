// model: linear models over messages: what n-grams and dense numbers (an embedding, what lexicons say) add up to, for
// any number of outputs at once. What each word adds can be told, and the parts sum to the score.
//
// Rows are what a model is fitted to. A model stands alone: it holds the columns it knows, their rarity, and weights
// of two bytes each.
#ifndef HEED_MODEL_H
#define HEED_MODEL_H

#include "text/features.h"
#include "text/linear.h"

typedef struct {
    grams g;
    const float *dense; // NULL: zeros
} model_input;

// ---- rows ----

typedef struct model_rows model_rows;
model_rows *model_rows_new(size_t dense); // numbers of a row beside its grams
void model_rows_free(model_rows *r);
size_t model_rows_add(model_rows *r, model_input in); // copies; returns the row's number
void model_rows_drop(model_rows *r, size_t row); // erased: its numbers are zeros, and it no longer counts for rarity
bool model_rows_dropped(const model_rows *r, size_t row);
size_t model_rows_count(const model_rows *r);
model_input model_row(const model_rows *r, size_t row);
const gram_counts *model_rows_seen(const model_rows *r);

// Rows as numbers by an index: all of them, or only what was added since the last call with the same index.
const linear_data *model_matrix(model_rows *r, const gram_index *index, bool anew);

// ---- models ----

typedef struct {
    gram_index index;
    size_t dense, outputs, width; // width: outputs in whole lines
    uint16_t *grams;              // index.n × width, the upper halves of floats
    float *of_dense;              // (dense + 1) × width, the last of the bias
    float bias;                   // what stands for the constant input
} model;

model model_new(arena *a, gram_index index, size_t dense, size_t outputs, float bias);
void model_put(model *m, size_t output, const float *w, size_t stride); // as linear_fit leaves them
float model_weight(const model *m, size_t output, size_t column);       // of a column of the index

enum { MODEL_MOST = 1024 };                                                  // outputs
void model_score(const model *m, arena scratch, model_input in, float *out); // outputs numbers

// What a score is made of. The parts sum to it: to the rounding of doubles.
typedef struct {
    str *piece;   // the text between blanks
    double *part; // what its words and letters add
    size_t pieces;
    double dense; // what the dense numbers add, `of_dense` by number
    double bias;
    double score;
} model_reasons;
model_reasons model_explain(arena *a, const model *m, size_t output, str text, const float *dense);
double model_explain_dense(const model *m, size_t output, const float *dense, size_t from, size_t to);

void model_write(buf *b, const model *m);
bool model_read(arena *a, str *rest, model *m); // false: damaged

#endif
