// uplift: whom a treatment (a call, an offer) keeps who would have left without it, learned from a random hold-out
// (F25).
//
// Those at the highest risk are often those whom nothing keeps, or whom a call reminds to leave (Ascarza 2018, J.
// Marketing Res. 55). What counts is the difference that the treatment makes, and only a hold-out chosen by dice shows
// it.
#ifndef HEED_UPLIFT_H
#define HEED_UPLIFT_H

#include "stats/churn.h"

typedef struct {
    features table;      // as known before the treatment
    const bool *treated; // per row; false: held out at random
    const bool *left;    // per row: gone at the end of the horizon
    const double *worth; // per row: what keeping this customer brings, in minor units; NULL: 1 each
    double cost;         // of one treatment, minor units
    int waves;           // waves that were treated at random so far
    uint64_t seed;
} uplift_data;

// The customers by predicted effect, best first: when the first `part` of them were treated, the share of all customers
// kept who would have left; and the same were they treated in any order.
typedef struct {
    double part, gain, chance;
} uplift_point;

enum { UPLIFT_POINTS = 20, UPLIFT_WAVES = 2 };

typedef struct {
    // REFUSED: too few in one arm (the gates of churn.h for each), or a hold-out that was not random. THIN: fewer than
    // two random waves, or an order that is not measurably better than chance; then treat at random, or everybody, or
    // nobody.
    enum estimate_state state;
    const char *why;
    int64_t treated, held;
    change effect;       // share who stayed: treated less held out
    churn with, without; // risk of leaving with the treatment, and without
    estimate qini;       // mean of gain less chance over the curve; above 0: the order is worth something
    uplift_point curve[UPLIFT_POINTS + 1];
    double cost;
    // Judged on rows that the models had not seen, in minor units for all n customers, against treating nobody.
    int64_t chosen; // whom uplift_treat would choose
    estimate gain_chosen, gain_all;
} uplift;

// Two models, one for each arm (Radcliffe & Surry 1999); Qini curve as Radcliffe 2007, intervals by bootstrap. Lives in
// a.
uplift uplift_fit(arena *a, const uplift_data *d);

// τ̂ of one customer: by how much the treatment lowers the chance of leaving; −1..1.
double uplift_effect(arena scratch, const uplift *k, const features *t, size_t row);
// Treat if and only if the expected gain exceeds the cost.
bool uplift_treat(const uplift *k, double effect, double worth);

#endif
