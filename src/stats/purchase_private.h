// purchase_private: what the files of the purchase models share. Nobody else includes it, except their tests.
//
// A set is cut into strata of customers with equal traits, so that within one all have the same parameters. Everything
// costly depends on x alone, on a single time, or on a pair (x, time): those are listed once, and rows point to them.
#ifndef HEED_PURCHASE_PRIVATE_H
#define HEED_PURCHASE_PRIVATE_H

#include "stats/purchase.h"
#include "stats/special.h"

enum { PARAMS = 4, MOST_PARAMS = PARAMS + 3 * PURCHASE_TRAITS };

typedef struct {
    uint32_t x, t; // indexes of stratum.x and stratum.t
    double late;   // customers with this (x, T)
} pair;

typedef struct {
    uint32_t early, late; // pairs (x, tx) and (x, T)
    double count;
} cell;

typedef struct {
    double customers;
    size_t first; // number of its first row in the set
    size_t rows, n_pairs, n_x, n_t;
    const cell *row;   // sorted by x, T, tx
    const pair *pairs; // sorted by x and time
    const double *x, *x_count;
    const size_t *x_row;  // [n_x + 1]: the rows of each x
    const size_t *x_pair; // [n_x + 1]: the pairs of each x
    const double *t;
    const double *traits;
} stratum;

struct purchase_set {
    const purchase_people *people;
    size_t n_strata, rows;
    stratum *strata;
    const uint32_t *row_of; // [people.n]: row of the set; NO_ROW if ignored
    double gaps;            // Σ of people.gaps over those used; NAN when unknown
    double mean_T;
    purchase_size size;
};

enum { NO_ROW = UINT32_MAX };

static inline double row_x(const stratum *s, size_t row) {
    return s->x[s->pairs[s->row[row].late].x];
}
static inline double row_T(const stratum *s, size_t row) {
    return s->t[s->pairs[s->row[row].late].t];
}
static inline double row_tx(const stratum *s, size_t row) {
    return s->t[s->pairs[s->row[row].early].t];
}

// About `most` customers of s, evenly from all rows, for finding where to begin.
purchase_set *purchase_sample(arena *a, const purchase_set *s, size_t most);
// A set of one customer.
purchase_set *purchase_single(arena *a, const purchase_people *p);

// ---- What a model must be able to do. p: natural parameters; g: derivatives by their logarithms ----

typedef struct {
    double p[PARAMS];
    int k;
    enum purchase_model model;
} law;

// What is ahead of a customer known to be still with us, given x, T and in which of the k stages since the last
// purchase they stand.
typedef struct {
    double buys;     // expected purchases to the horizon
    double twice;    // E[X(X − 1)]
    double quiet;    // chance of none in the next `quiet`
    double worth;    // expected purchases to the horizon, each discounted
    double residual; // the same without end
} ahead;

enum { AHEADS = 5 };

// What depends on one time alone.
typedef struct {
    double ln, u; // ln(1 + t/α), t/(α + t)
} moment;

typedef double loglik_fn(arena scratch, const stratum *s, const law *l, double *g);

loglik_fn nbd_loglik, pareto_loglik, bg_loglik, bgbb_loglik;
// The rows of one x, when k > 1: Σ ln(S + e^d); `at` are the moments of the pairs.
double cnbd_rows(const stratum *s, const law *l, const moment *at, size_t block, double m, double *g);
double purchase_loglik(arena scratch, const stratum *s, const law *l, double *g); // of whatever model l is
// Of all strata at θ, with its gradient.
double purchase_loglik_all(arena scratch, const purchase_set *s, enum purchase_model m, int k, const double *theta,
                           double *g);

// A law over a stratum, with what P(alive) of its rows needs, found once for each pair or x.
typedef struct {
    law l;
    const stratum *s;
    const moment *at; // of the pairs
    double *lost;     // of the pairs: Pareto's Q(x, t); of each x: the log odds of leaving in the other models
    double *reach;    // of the pairs: Pareto's (r + x) ln(1 + t/α) + s ln(1 + t/β)
} view;

view purchase_view(arena *a, const stratum *s, const law *l);
// P(alive at T); stage[k] gets the chances of the stages given alive (stage[0] = 1 when k is 1).
double purchase_alive(const view *v, size_t row, double *stage);

ahead purchase_ahead(arena scratch, const law *l, double x, double T, int stage, const purchase_terms *t);
// The same for n times T, which share much.
void purchase_aheads(arena scratch, const law *l, double x, int stage, const purchase_terms *t, size_t n,
                     const double *T, ahead *out);
// P(n purchases in the next t), n = 0 … most, given alive.
void purchase_pmf(const law *l, double x, double T, int stage, double t, size_t most, double *out);

void pareto_view(arena *a, view *v);
void bg_view(arena *a, view *v);
double pareto_alive(const view *v, size_t row);
double bg_alive(const view *v, size_t row, double *stage);
double bgbb_alive(const law *l, double x, double tx, double n);
ahead nbd_ahead(const law *l, double x, double T, const purchase_terms *t);
ahead pareto_ahead(const law *l, double x, double T, const purchase_terms *t);
void cnbd_aheads(arena scratch, const law *l, double x, int stage, const purchase_terms *t, size_t n, const double *T,
                 ahead *out);
ahead bgbb_ahead(const law *l, double x, double T, const purchase_terms *t);
void nbd_pmf(const law *l, double x, double T, double t, size_t most, double *out);
void pareto_pmf(const law *l, double x, double T, double t, size_t most, double *out);
void cnbd_pmf(const law *l, double x, double T, int stage, double t, size_t most, double *out);
void bgbb_pmf(const law *l, double x, double T, double t, size_t most, double *out);

// ---- Parameters over strata: θ holds the logarithms of the parameters, then coefficients of the traits, those on
// buying before those on leaving ----

int purchase_base(enum purchase_model m);                // parameters without traits: 2 or 4
int purchase_width(enum purchase_model m, int n_traits); // of θ
law purchase_law(enum purchase_model m, int k, const double *theta, int n_traits, const double *traits);
// Adds to out what derivatives g by the logarithms of a stratum's parameters mean for θ.
void purchase_chain(enum purchase_model m, int n_traits, const double *traits, const double *g, double *out);
double purchase_constant(const purchase_set *s, enum purchase_model m, int k); // of the likelihood with Erlang-k gaps

#endif
