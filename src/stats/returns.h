// returns: the share of sold units that come back, counted only when they can no longer come back (F32).
//
// A unit sold yesterday has not been kept yet. Counting it as kept makes every recent month look good; so a line counts
// from the end of its return window on, with all that was returned of it.
#ifndef HEED_RETURNS_H
#define HEED_RETURNS_H

#include "stats/shrink.h"

// Units of one sale.
typedef struct {
    int64_t closes_us;      // when its return window ends
    int64_t sold, returned; // returned at any time, never more than sold
    int64_t faulty;         // of these, sent back because the product was at fault
} sale;

// Sold and returned units of the sales whose window has closed. The company's own figure counts faults (own_fault
// true), a customer's does not: faulty units leave both counts.
fraction returns_closed(const sale *x, size_t n, int64_t now_us, bool own_fault);
int64_t returns_open(const sale *x, size_t n, int64_t now_us); // units still inside their window

estimate returns_rate(arena *a, const sale *x, size_t n, int64_t now_us);

// Each customer's rate beside the one shrunk to the rate of the category (customers[i] from returns_closed without
// faults). unusual: at least 8 units, and the lower bound of the shrunk rate above twice the category's rate.
typedef struct {
    estimate raw, shrunk;
    bool unusual;
} customer_returns;
void returns_customers(arena *a, const fraction *customers, size_t n, customer_returns *out);

// The same where each customer has a rate to expect, from what everybody sends back of the products that this one buys.
// returns_weight: of the common Beta(expected × weight, …) by the method of moments over all customers: Σ n (p − m)²/(m
// (1 − m)) has the expectation k + ρ (N − k) (Kleinman 1973, with the means known); INFINITY when they differ no more
// than chance makes them, and NAN below three customers. unusual needs four units sent back beside all else: where
// hardly anything comes back, two parcels make nobody a case.
double returns_weight(const fraction *customers, const double *expected, size_t n);
customer_returns returns_against(arena *a, fraction customer, double expected, double weight);

#endif
