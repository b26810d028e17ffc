#include "stats/burst.h"

#include <math.h>

// What every state costs at every place, row by row, and what a step up costs.
typedef struct {
    size_t n, states;
    double *cost, up;
} lattice;

static lattice lattice_of(arena *a, size_t n, size_t states, double gamma) {
    return (lattice){.n = n,
                     .states = states,
                     .cost = make(a, double, n *states),
                     .up = (gamma > 0 ? gamma : 1) * log((double)MAX(n, 1))};
}

// Viterbi 1967, IEEE Trans. Inf. Theory 13. The way begins below, in state 0.
static double cheapest(arena scratch, const lattice *l, uint8_t *state) {
    size_t k = l->states;
    if (!l->n) return 0;
    uint8_t *from = make(&scratch, uint8_t, l->n * k);
    double *now = make(&scratch, double, k), *next = make(&scratch, double, k);
    for (size_t j = 1; j < k; j++) now[j] = INFINITY;
    for (size_t t = 0; t < l->n; t++) {
        for (size_t j = 0; j < k; j++) {
            double best = INFINITY;
            for (size_t i = 0; i < k; i++) {
                double c = now[i] + (j > i ? (double)(j - i) * l->up : 0);
                if (c < best) best = c, from[t * k + j] = (uint8_t)i;
            }
            next[j] = best + l->cost[t * k + j];
        }
        memcpy(now, next, k * sizeof *now);
    }
    size_t at = 0;
    for (size_t j = 1; j < k; j++) {
        if (now[j] < now[at]) at = j;
    }
    double cost = now[at];
    for (size_t t = l->n; t-- > 0;) {
        state[t] = (uint8_t)at;
        at = from[t * k + at];
    }
    return cost;
}

static int by_place(const void *x, const void *y) {
    const burst_interval *u = x, *v = y;
    if (u->from != v->from) return u->from < v->from ? -1 : 1;
    return (u->level > v->level) - (u->level < v->level);
}

// Runs of states at or above a level; the weight is what the level saves against the one below it. `more` is 1 where
// places are gaps between moments.
static burst_states told(arena *a, const lattice *l, size_t more) {
    uint8_t *state = make(a, uint8_t, l->n);
    burst_states b = {.state = state, .cost = cheapest(*a, l, state)};
    size_t starts = 0;
    for (size_t t = 0; t < l->n; t++) {
        size_t before = t ? state[t - 1] : 0;
        starts += state[t] > before ? state[t] - before : 0;
    }
    burst_interval *v = make(a, burst_interval, starts);
    for (size_t level = 1; level < l->states; level++) {
        for (size_t t = 0; t < l->n; t++) {
            if (state[t] < level) continue;
            burst_interval k = {.level = (int)level, .from = t};
            for (; t < l->n && state[t] >= level; t++)
                k.weight += l->cost[t * l->states + level - 1] - l->cost[t * l->states + level];
            k.to = t - 1 + more;
            v[b.n++] = k;
        }
    }
    if (b.n) qsort(v, b.n, sizeof *v, by_place);
    b.interval = v;
    return b;
}

// −ln of the binomial chance, and of the Poisson chance. Where nothing is usual no state says more than another.
static double binomial_cost(double hits, double all, double share) {
    double p = MIN(share, 0.9999);
    if (!(p > 0)) return 0;
    return -(lgamma(all + 1) - lgamma(hits + 1) - lgamma(all - hits + 1) + hits * log(p) + (all - hits) * log1p(-p));
}

static double poisson_cost(double hits, double mean) {
    if (!(mean > 0)) return 0;
    return mean - hits * log(mean) + lgamma(hits + 1);
}

burst_states burst_batches(arena *a, const int64_t *hits, const int64_t *all, const double *usual, size_t n,
                           burst_rule rule) {
    size_t states = rule.states ? (size_t)rule.states : 2;
    double scale = rule.scale > 1 ? rule.scale : 2, sum = 0, of = 0;
    assert(states >= 1 && states <= BURST_STATES);
    for (size_t t = 0; t < n; t++) {
        assert(hits[t] >= 0 && (!all || hits[t] <= all[t]));
        sum += (double)hits[t], of += all ? (double)all[t] : 1;
    }
    lattice l = lattice_of(a, n, states, rule.gamma);
    for (size_t t = 0; t < n; t++) {
        double base = usual ? usual[t] : of > 0 ? sum / of : 0;
        for (size_t j = 0; j < states; j++, base *= scale)
            l.cost[t * states + j] =
                all ? binomial_cost((double)hits[t], (double)all[t], base) : poisson_cost((double)hits[t], base);
    }
    return told(a, &l, 0);
}

// Gaps are exponential with the rate n/T sⁱ; beyond ⌈1 + log T/δ⌉ states, δ the shortest gap, none is ever cheapest.
burst_states burst_gaps(arena *a, const double *at, size_t n, burst_rule rule) {
    double scale = rule.scale > 1 ? rule.scale : 2, least = INFINITY;
    size_t gaps = n > 1 ? n - 1 : 0;
    for (size_t t = 0; t < gaps; t++) {
        assert(at[t + 1] > at[t]);
        least = MIN(least, at[t + 1] - at[t]);
    }
    double span = gaps ? at[gaps] - at[0] : 1;
    double enough = gaps ? ceil(1 + (log(span) - log(least)) / log(scale)) : 1;
    size_t states = rule.states ? (size_t)rule.states : (size_t)MIN(enough, BURST_STATES);
    assert(states >= 1 && states <= BURST_STATES);
    lattice l = lattice_of(a, gaps, states, rule.gamma);
    for (size_t t = 0; t < gaps; t++) {
        double rate = (double)gaps / span;
        for (size_t j = 0; j < states; j++, rate *= scale)
            l.cost[t * states + j] = rate * (at[t + 1] - at[t]) - log(rate);
    }
    return told(a, &l, 1);
}
