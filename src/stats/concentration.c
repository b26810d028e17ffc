#include "stats/concentration.h"

#include "stats/order.h"
#include "stats/spread.h"

#include <math.h>

const double concentration_part[CONCENTRATION_PARTS] = {0.01, 0.05, 0.1, 0.2};

enum { FIGURES = CONCENTRATION_PARTS + 2, GINI = CONCENTRATION_PARTS, HALF };

// Chances of 0, 1, 2, … draws of one customer: Poisson with mean 1, which is what drawing n of n with replacement is
// when n is large. One call of the dice each.
static int draws(rng *r) {
    static const double upto[] = {0.36787944117144233, 0.73575888234288467, 0.91969860292860584, 0.98101184312384615,
                                  0.99634015317265629, 0.99940581518241833, 0.99991675885071196, 0.99998975080332536};
    double u = rng_unit(r);
    int k = 0;
    while (k < 8 && u >= upto[k]) k++;
    return k;
}

// All figures of values in rising order, each standing `count` times (NULL: once). False without any value.
static bool figures_of(const double *value, const uint8_t *count, size_t n, double *out) {
    double all = 0, sum = 0, rank = 0, below = 0;
    for (size_t i = 0; i < n; i++) {
        double k = count ? count[i] : 1;
        below += k * value[i] * (2 * rank + k + 1); // Σ rank × value over k equal ones, doubled
        rank += k, sum += k * value[i];
    }
    all = rank;
    if (!(sum > 0) || !(all > 0)) return false;
    out[GINI] = below / (all * sum) - (all + 1) / all;
    double left = 0, worth = 0;
    size_t next = 0;
    bool half = false;
    for (size_t i = n; i-- > 0;) { // from the best down; a part that ends within a customer takes its share of him
        double k = count ? count[i] : 1;
        while (next < CONCENTRATION_PARTS && left + k >= concentration_part[next] * all) {
            out[next] = (worth + (concentration_part[next] * all - left) * value[i]) / sum;
            next++;
        }
        if (!half && worth + k * value[i] >= sum / 2) {
            out[HALF] = (left + (sum / 2 - worth) / value[i]) / all;
            half = true;
        }
        left += k, worth += k * value[i];
    }
    return true;
}

static double *sorted_of(arena *a, const int64_t *value, size_t n, int64_t *negative) {
    double *x = make(a, double, n), *out = make(a, double, n);
    uint32_t *at = make(a, uint32_t, n);
    for (size_t i = 0; i < n; i++) {
        x[i] = value[i] > 0 ? (double)value[i] : 0;
        *negative += value[i] < 0;
    }
    order_of(*a, x, n, at);
    for (size_t i = 0; i < n; i++) out[i] = x[at[i]];
    return out;
}

static const char few[] = "fewer than 30 customers";

static estimate figure(arena *a, size_t n, double value, double *rounds, size_t good) {
    estimate e = {.method = "bootstrap, percentile", .value = value, .point = value};
    estimate_judge(a, &e, (sampling){.of = "customer"}, (int64_t)n);
    double mean = 0;
    spread_sort(rounds, good);
    for (size_t i = 0; i < good; i++) mean += rounds[i] / (double)good;
    for (size_t i = 0; i < good; i++)
        e.var += (rounds[i] - mean) * (rounds[i] - mean) / (double)MAX(good - 1, (size_t)1);
    e.lo = good ? MIN(spread_quantile_at(rounds, good, 0.025), value) : value;
    e.hi = good ? MAX(spread_quantile_at(rounds, good, 0.975), value) : value;
    return e;
}

static concentration refused(concentration c, const char *why) {
    estimate none = estimate_refused("bootstrap, percentile", why);
    c.gini = c.half = none;
    for (size_t i = 0; i < CONCENTRATION_PARTS; i++) c.top[i] = none;
    return c;
}

concentration concentration_of(arena *a, const int64_t *value, size_t n, int rounds, rng *r) {
    concentration c = {.n = (int64_t)n};
    arena scratch = *a;
    double *x = sorted_of(&scratch, value, n, &c.negative), now[FIGURES], drawn[FIGURES];
    for (size_t i = 0; i < n; i++) c.sum += x[i];
    if (!figures_of(x, NULL, n, now)) return refused(c, "no customer has brought any value yet");
    size_t times = rounds > 0 ? (size_t)rounds : n > 50000 ? 200 : 500, good = 0;
    double *figures = make(&scratch, double, times *FIGURES);
    uint8_t *count = make(&scratch, uint8_t, n);
    for (size_t t = 0; t < times; t++) {
        for (size_t i = 0; i < n; i++) count[i] = (uint8_t)draws(r);
        if (!figures_of(x, count, n, drawn)) continue;
        for (size_t f = 0; f < FIGURES; f++) figures[f * times + good] = drawn[f];
        good++;
    }
    estimate e[FIGURES];
    for (size_t f = 0; f < FIGURES; f++) e[f] = figure(&scratch, n, now[f], &figures[f * times], good);
    for (size_t f = 0; f < FIGURES; f++) e[f].why = e[f].why ? few : NULL;
    memcpy(c.top, e, sizeof c.top);
    c.gini = e[GINI], c.half = e[HALF];
    return c;
}

void concentration_lorenz(arena scratch, const int64_t *value, size_t n, size_t points, double *out) {
    int64_t negative = 0;
    double *x = sorted_of(&scratch, value, n, &negative), all = 0, sum = 0;
    for (size_t i = 0; i < n; i++) all += x[i];
    size_t next = 0;
    for (size_t i = 0; i <= n; i++) {
        while (next <= points && (double)next * (double)n <= (double)i * (double)points) {
            double over = (double)i - (double)next * (double)n / (double)points; // of the last customer
            out[next++] = all > 0 ? (sum - (i ? over * x[i - 1] : 0)) / all : 0;
        }
        if (i < n) sum += x[i];
    }
}

// What the drawn orders make of each customer.
static void tally(const best_data *d, const uint8_t *count, rfm_row *out) {
    memset(out, 0, d->customers * sizeof *out);
    for (size_t i = 0; i < d->n; i++) {
        const best_order *o = &d->orders[i];
        int64_t k = count ? count[i] : 1;
        rfm_row *row = &out[o->customer];
        if (k == 0) continue;
        row->last = row->orders ? MAX(row->last, o->day) : o->day;
        row->orders += k;
        row->money += k * o->money;
    }
}

// Marks the `top` customers of the most money, the first of equals first; nobody without money.
static void mark_best(arena scratch, const rfm_row *x, size_t n, size_t top, bool *out) {
    double *less = make(&scratch, double, n);
    uint32_t *at = make(&scratch, uint32_t, n);
    for (size_t i = 0; i < n; i++) less[i] = -(double)x[i].money;
    order_of(scratch, less, n, at);
    memset(out, 0, n * sizeof *out);
    for (size_t i = 0; i < top; i++) out[at[i]] = x[at[i]].money > 0;
}

best_customers best_stability(arena *a, const best_data *d, rng *r) {
    size_t n = d->customers, top = MIN(d->top ? d->top : (n + 9) / 10, n);
    size_t rounds = d->rounds > 0 ? (size_t)d->rounds : 200;
    best_customers b = {
        .is = make(a, bool, n), .best = make(a, double, n), .cell = d->cells ? make(a, double, n) : NULL};
    arena scratch = *a;
    rfm_row *row = make(&scratch, rfm_row, n);
    rfm_score *now = make(&scratch, rfm_score, n), *then = make(&scratch, rfm_score, n);
    uint8_t *count = make(&scratch, uint8_t, d->n);
    bool *is = make(&scratch, bool, n);
    double *shared = make(&scratch, double, rounds), best_now = 0;
    tally(d, NULL, row);
    mark_best(scratch, row, n, top, b.is);
    if (d->cells) rfm_scores(scratch, row, n, now);
    for (size_t i = 0; i < n; i++) best_now += b.is[i];
    for (size_t t = 0; t < rounds; t++) {
        for (size_t i = 0; i < d->n; i++) count[i] = (uint8_t)draws(r);
        tally(d, count, row);
        mark_best(scratch, row, n, top, is);
        if (d->cells) rfm_scores(scratch, row, n, then);
        for (size_t i = 0; i < n; i++) {
            b.best[i] += is[i] / (double)rounds;
            if (d->cells) b.cell[i] += (now[i].cell == then[i].cell) / (double)rounds;
            shared[t] += is[i] && b.is[i];
        }
    }
    if (!(best_now > 0)) {
        b.overlap = estimate_none("bootstrap, percentile", "no customer has brought any value yet");
        return b;
    }
    double mean = 0;
    for (size_t t = 0; t < rounds; t++) mean += (shared[t] /= best_now) / (double)rounds;
    b.overlap = figure(&scratch, n, mean, shared, rounds);
    b.overlap.why = b.overlap.why ? few : NULL;
    return b;
}
