// climb: the highest point of a smooth function whose gradient is known: maximum likelihood.
//
// BFGS (Nocedal & Wright 2006, chapter 6) with a step that is never long, and the curvature from differences of the
// gradient. A handful of evaluations from a good start; GSL's minimisers need several times as many.
#ifndef HEED_CLIMB_H
#define HEED_CLIMB_H

#include "base/base.h"

typedef double climb_fn(void *ctx, const double *x, double *gradient); // NAN or −INFINITY: not there

typedef struct {
    climb_fn *f;
    void *ctx;
    size_t n;
    double stride;                             // no coordinate moves further in one step; 0 = 1.5
    int most;                                  // steps; 0 = 200
    bool (*leave)(void *ctx, const double *x); // NULL, or true where going on leads nowhere
    int calls;                                 // counted
} climber;

// Moves x up until a step promises less than `gain`. shape: n × n, the inverse of the negative Hessian as far as known;
// all 0 for nothing known; improved on the way. Returns the height. What must stand while f runs is allocated in a, so
// that f may have a copy of a made afterwards as its scratch.
double climb(arena *a, climber *c, double *x, double *shape, double gain);
// The negative Hessian at x, by central differences of the gradient.
void climb_curvature(arena *a, climber *c, const double *x, double *out);
// The inverse of a symmetric matrix, as a covariance: directions that are flat or fall upwards get `most` as variance.
// Returns how many directions that were.
int climb_covariance(arena scratch, const double *curvature, size_t n, double most, double *out);

#endif
