#include "stats/calibrate.h"

#include "stats/logit.h"
#include "stats/order.h"
#include "stats/reliability.h"

#include <math.h>

enum { FOLDS = 10 };

#define LEAST 1e-6 // nothing is impossible, and nothing certain

calibration calibrate_line(arena scratch, const double *odds, const bool *happened, size_t n) {
    double *hits = make(&scratch, double, n), ridge = 1e-6;
    for (size_t i = 0; i < n; i++) hits[i] = happened[i];
    logit_table t = {odds, 1};
    logit k = logit_fit(&scratch, &(logit_data){n, 1, 1, logit_dense, &t, hits, NULL, &ridge, NULL});
    calibration c = {.kind = CALIBRATION_LINE, .shift = k.beta[0], .slope = k.beta[1]};
    if (c.slope > 0) return c;
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += hits[i] / (double)n;
    return (calibration){.kind = CALIBRATION_LINE, .shift = logit_odds(sum)};
}

typedef struct {
    double odds, hits, n; // sums
} block;

// Pool adjacent violators. A step of few rows is drawn half a row towards even odds, so that none is 0 or 1.
calibration calibrate_steps(arena *a, const double *odds, const bool *happened, size_t n) {
    double *x = make(a, double, n), *p = make(a, double, n);
    arena scratch = *a;
    block *b = make(&scratch, block, n);
    uint32_t *at = make(&scratch, uint32_t, n);
    size_t k = 0;
    order_of(scratch, odds, n, at);
    for (size_t i = 0; i < n;) {
        block one = {0};
        for (double same = odds[at[i]]; i < n && odds[at[i]] == same; i++) {
            one = (block){one.odds + same, one.hits + happened[at[i]], one.n + 1};
        }
        while (k > 0 && b[k - 1].hits * one.n >= one.hits * b[k - 1].n) {
            k--;
            one = (block){one.odds + b[k].odds, one.hits + b[k].hits, one.n + b[k].n};
        }
        b[k++] = one;
    }
    for (size_t i = 0; i < k; i++) {
        x[i] = b[i].odds / b[i].n;
        p[i] = MAX((b[i].hits + 0.5) / (b[i].n + 1), i ? p[i - 1] : 0);
    }
    return (calibration){.kind = CALIBRATION_STEPS, .n = k, .odds = x, .p = p};
}

static double on_steps(const calibration *c, double odds) {
    size_t lo = 0, hi = c->n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (c->odds[mid] <= odds)
            lo = mid + 1;
        else
            hi = mid;
    }
    if (lo == 0) return c->p[0];
    if (lo == c->n) return c->p[c->n - 1];
    double part = (odds - c->odds[lo - 1]) / (c->odds[lo] - c->odds[lo - 1]);
    return c->p[lo - 1] + part * (c->p[lo] - c->p[lo - 1]);
}

double calibrate(const calibration *c, double odds) {
    double p = 0;
    switch (c->kind) {
    case CALIBRATION_NONE: p = logit_share(odds); break;
    case CALIBRATION_LINE: p = logit_share(c->shift + c->slope * odds); break;
    case CALIBRATION_STEPS: p = on_steps(c, odds); break;
    }
    return MAX(LEAST, MIN(p, 1 - LEAST));
}

static calibration of_kind(arena *a, enum calibration_kind kind, const double *odds, const bool *happened, size_t n) {
    switch (kind) {
    case CALIBRATION_NONE: break;
    case CALIBRATION_LINE: return calibrate_line(*a, odds, happened, n);
    case CALIBRATION_STEPS: return calibrate_steps(a, odds, happened, n);
    }
    return (calibration){0};
}

// Every tenth row of the sorted scores is a fold: folds that are as alike as can be, the same every time.
static void across(arena scratch, enum calibration_kind kind, const double *odds, const bool *happened, size_t n,
                   double *out) {
    uint32_t *at = make(&scratch, uint32_t, n);
    double *x = make(&scratch, double, n);
    bool *y = make(&scratch, bool, n);
    order_of(scratch, odds, n, at);
    for (size_t fold = 0; fold < FOLDS; fold++) {
        size_t m = 0;
        for (size_t i = 0; i < n; i++) {
            if (i % FOLDS != fold) x[m] = odds[at[i]], y[m++] = happened[at[i]];
        }
        arena own = scratch;
        calibration c = of_kind(&own, kind, x, y, m);
        for (size_t i = fold; i < n; i += FOLDS) out[at[i]] = calibrate(&c, odds[at[i]]);
    }
}

calibration calibrate_choose(arena *a, const double *odds, const bool *happened, size_t n, double *out) {
    arena scratch = *a;
    double *best = make(&scratch, double, n), *next = make(&scratch, double, n);
    enum calibration_kind kind = CALIBRATION_NONE;
    across(scratch, kind, odds, happened, n, best);
    for (enum calibration_kind k = CALIBRATION_LINE; k <= CALIBRATION_STEPS; k++) {
        across(scratch, k, odds, happened, n, next);
        change c = reliability_compare(scratch, best, next, happened, n);
        if (!(c.hi < 0)) continue;
        kind = k;
        memcpy(best, next, n * sizeof *best);
    }
    if (out) memcpy(out, best, n * sizeof *out);
    return of_kind(a, kind, odds, happened, n);
}
