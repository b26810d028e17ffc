#include "stats/many.h"

#include <math.h>

typedef struct {
    double p;
    size_t i;
} ranked;

static int by_p(const void *x, const void *y) {
    double u = ((const ranked *)x)->p, v = ((const ranked *)y)->p;
    return (u > v) - (u < v);
}

// Benjamini & Hochberg 1995, J. R. Stat. Soc. B 57; adjusted values as Yekutieli & Benjamini 1999: the least m/j × p₍ⱼ₎
// over all j from the own rank on.
void many_adjust(arena scratch, const double *p, double *adjusted, size_t n) {
    ranked *r = make(&scratch, ranked, n);
    size_t m = 0;
    for (size_t i = 0; i < n; i++) {
        if (!isnan(p[i]))
            r[m++] = (ranked){p[i], i};
        else
            adjusted[i] = NAN;
    }
    if (m) qsort(r, m, sizeof *r, by_p);
    double least = 1;
    for (size_t j = m; j > 0; j--) {
        least = MIN(least, r[j - 1].p * ((double)m / (double)j));
        adjusted[r[j - 1].i] = least;
    }
}

enum verdict verdict_of(const estimate *now, const estimate *before, const change *c, int better, double adjusted_p) {
    if (!estimate_shown(now) || !estimate_shown(before)) return VERDICT_NONE;
    if (now->state == ESTIMATE_THIN || before->state == ESTIMATE_THIN) return VERDICT_TOO_FEW;
    if (isnan(c->p) || isnan(adjusted_p)) return VERDICT_NONE;
    bool changed = adjusted_p < SIGNIFICANT && (c->lo > 0 || c->hi < 0);
    if (!changed) return VERDICT_NO_CHANGE;
    if (better == 0) return VERDICT_NONE;
    return (c->diff > 0) == (better > 0) ? VERDICT_BETTER : VERDICT_WORSE;
}

const char *verdict_text(enum verdict v) {
    switch (v) {
    case VERDICT_NONE: return "no verdict";
    case VERDICT_TOO_FEW: return "too few answers";
    case VERDICT_NO_CHANGE: return "no clear change";
    case VERDICT_BETTER: return "clearly better";
    case VERDICT_WORSE: return "clearly worse";
    }
    return "no verdict";
}
