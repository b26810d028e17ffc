// rng: a seeded random generator (xoshiro256++, Blackman & Vigna 2019); the same seed gives the same numbers
// everywhere.
#ifndef HEED_RNG_H
#define HEED_RNG_H

#include "base/base.h"

typedef struct {
    uint64_t s[4];
} rng;

rng rng_seed(uint64_t seed);
rng rng_fork(uint64_t seed, uint64_t stream); // independent streams from one seed: one per customer
uint64_t rng_u64(rng *r);
int64_t rng_range(rng *r, int64_t lo, int64_t hi); // inclusive, unbiased
double rng_unit(rng *r);                           // [0, 1)
bool rng_chance(rng *r, double p);
double rng_exp(rng *r, double rate);
double rng_normal(rng *r, double mean, double sd);
double rng_gamma(rng *r, double shape, double rate);
double rng_beta(rng *r, double a, double b);
int64_t rng_poisson(rng *r, double mean);
size_t rng_pick(rng *r, const double *weights, size_t n);
void rng_shuffle(rng *r, void *items, size_t n, size_t size);

#endif
