// model: linking a table from end to end: which pairs to look at, what agreement says, what every pair weighs.
#ifndef HEED_LINK_MODEL_H
#define HEED_LINK_MODEL_H

#include "link/score.h"

typedef struct {
    int threads;   // 0: 2
    uint64_t seed; // of what is drawn at random; the same seed gives the same result
    double budget; // pairs compared at most, about; 0: by the number of records
    float floor;   // pairs of less weight are not kept; 0: LINK_FLOOR
    link_progress *progress;
    void *ctx;
} link_model_opts;

#define LINK_FLOOR (-3.0f)

typedef struct {
    const link_table *t;
    link_blocks blocks;
    link_fit fit;
    link_score score;
    size_t sampled; // pairs that were drawn to learn from
    link_model_opts o;
} link_model;

typedef struct {
    link_pair *p; // by a, then b
    size_t n, cap;
    uint64_t compared;
} link_pairs;

must_use bool link_model_learn(link_model *m, const link_table *t, const link_model_opts *o, err *e);
must_use bool link_model_pairs(link_model *m, link_pairs *out, err *e);
void link_model_close(link_model *m);
void link_pairs_close(link_pairs *p);
float link_model_weight(const link_model *m, uint32_t a, uint32_t b, uint64_t *pattern);

#endif
