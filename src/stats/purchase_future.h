// purchase_future: what a fitted model expects of every row of a stratum, with derivatives by its parameters. Between
// the models and the files that make estimates of it.
#ifndef HEED_PURCHASE_FUTURE_H
#define HEED_PURCHASE_FUTURE_H

#include "stats/purchase_private.h"

enum future_of { ALIVE, BUYS, QUIET, WORTH, RESIDUAL, FUTURES };

typedef struct {
    double of[FUTURES];
    double by[FUTURES][PARAMS]; // by the logarithms of the stratum's parameters
    double var[FUTURES];        // from what is open about these
    double twice;               // E[X(X − 1)] of the purchases to the horizon
} future;

typedef void future_fn(void *ctx, size_t row, const future *f);
// Calls each for every row of s, in order.
void purchase_futures(arena scratch, const purchase_fit *f, const stratum *s, const purchase_terms *t, future_fn *each,
                      void *ctx);

#endif
