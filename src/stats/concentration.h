// concentration: how much of the value comes from how few customers, and how sure it is who the best are.
#ifndef HEED_CONCENTRATION_H
#define HEED_CONCENTRATION_H

#include "base/rng.h"
#include "stats/rfm.h"

enum { CONCENTRATION_PARTS = 4 };
extern const double concentration_part[CONCENTRATION_PARTS]; // .01, .05, .1, .2

typedef struct {
    estimate gini;                     // 0: all alike; 1: one has everything
    estimate top[CONCENTRATION_PARTS]; // share of the value that the best 1, 5, 10, 20 % of customers bring
    estimate half;                     // the smallest share of the customers that brings half of the value
    int64_t n, negative;               // customers; those whose value is below 0 count as 0
    double sum;                        // of the values counted
} concentration;

// Values of n customers in minor units. Intervals by resampling customers (rounds 0 = 500, 200 above 50,000 customers;
// percentile). THIN below 30 customers, REFUSED when nobody has any value. Gini 1914; Lorenz 1905.
concentration concentration_of(arena *a, const int64_t *value, size_t n, int rounds, rng *r);

// The Lorenz curve at `points` + 1 equal steps from the poorest: out[i] is the share of the value that the i/points
// lowest customers bring.
void concentration_lorenz(arena scratch, const int64_t *value, size_t n, size_t points, double *out);

// One order of one of the customers 0 to customers − 1.
typedef struct {
    uint32_t customer;
    int64_t day, money; // any number that grows with time; minor units
} best_order;

typedef struct {
    const best_order *orders;
    size_t n, customers;
    size_t top; // how many are the best; 0 = a tenth
    int rounds; // 0 = 200
    bool cells; // also resample the RFM cells, which takes a sort per round
} best_data;

// Had the same customers ordered with the luck of another year: orders are drawn with replacement, as a Poisson number
// of each. Whoever is among the best in nearly every round is so for certain; whoever is in half of them got in by one
// order.
typedef struct {
    bool *is;         // [customers] among the best now, ties broken by place
    double *best;     // [customers] share of rounds among the best
    double *cell;     // [customers] share of rounds in the same RFM cell; NULL without cells
    estimate overlap; // how many of the best of now are so in a round, as a share of them
} best_customers;
best_customers best_stability(arena *a, const best_data *d, rng *r);

#endif
