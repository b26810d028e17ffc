// pairs: what comparing records hands to whoever groups them.
//
// Records are numbered by row: those of the first file from 0, those of a second file after them. A pair stands once,
// with a < b. Its weight is its evidence in bits: log2 of the odds that both are the same, the prior odds included.
// Every weight is a whole number of LINK_GRAIN, so that sums of parts are exact in a float whatever their order.
#ifndef HEED_LINK_PAIRS_H
#define HEED_LINK_PAIRS_H

#include "base/base.h"

typedef struct {
    uint32_t a, b;
    float weight;
} link_pair;

#define LINK_GRAIN (1.0f / 256) // bits

float link_grain(double bits); // rounded to whole grains, between -4096 and 4096

// How weights become chances: a line through log odds, as the fit found them calibrated. Zero is the identity.
typedef struct {
    double slope_less_1, shift; // log2 odds = (1 + slope_less_1) weight + shift
} link_curve;

double link_chance(const link_curve *c, double weight); // that a pair of this weight is the same; NULL: as it says
// The chance of every pair where each of two files holds everybody once: a record has one partner at most, so what
// speaks for its other pairs speaks against this one. The prior odds reckon with rivals of a record whose odds come to
// 1 together, as those of strangers do on average; what is more than that stands against the pair's own.
void link_rivals(arena scratch, const link_curve *c, const link_pair *p, size_t n, uint32_t rows, float *chance);
double link_weight_of(const link_curve *c, double chance); // the weight at which the chance is reached; 0 < chance < 1

// Grouping (link/cluster.h) has this shape: cluster[i] becomes the smallest row of the cluster of row i.
//   bool link_cluster(arena *a, const link_pair *p, size_t n, uint32_t n_records, const link_cluster_opts *o,
//                     uint32_t *cluster, err *e);

#endif
