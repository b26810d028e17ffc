#include "stats/estimate.h"

#include "stats/dist.h"

#include <math.h>

// The finite population correction multiplies a standard error by √((N−n)/(N−1)), which is the same as n grown by the
// inverse of its square (Cochran 1977, Sampling Techniques, 2.6). Working with an effective n, as Korn & Graubard
// (1998) do for survey weights, keeps score intervals around the value at any n, and exact in a census. A base smaller
// than n cannot be the base: it is left out.
double sampling_eff(sampling s, int64_t n) {
    if (n <= 0) return 0;
    double eff = (double)n / (s.deff > 0 ? s.deff : 1);
    if (s.base <= 0 || n > s.base) return eff;
    if (n == s.base) return INFINITY;
    return eff * (double)(s.base - 1) / (double)(s.base - n);
}

// Kish 1965, Survey Sampling, 11.7.
double sampling_deff(const double *weights, size_t n) {
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++) {
        sum += weights[i];
        squares += weights[i] * weights[i];
    }
    return sum > 0 ? (double)n * squares / (sum * sum) : 1;
}

estimate estimate_none(const char *method, const char *why) {
    return (estimate){.method = method, .state = ESTIMATE_NONE, .why = why};
}

estimate estimate_refused(const char *method, const char *why) {
    return (estimate){.method = method, .state = ESTIMATE_REFUSED, .why = why};
}

// The smallest n whose effective n is enough: n/deff × (N−1)/(N−n) ≥ need, solved for n; never more than the base.
static int64_t needed_n(sampling s, double need) {
    double n = need * (s.deff > 0 ? s.deff : 1), base = (double)s.base;
    if (s.base > 0) n = n * base / (base - 1 + n);
    int64_t least = MAX((int64_t)ceil(n - 1e-9), 1);
    return s.base > 0 ? MIN(least, s.base) : least;
}

void estimate_judge(arena *a, estimate *e, sampling s, int64_t n) {
    double need = (double)(s.need > 0 ? s.need : ENOUGH);
    const char *of = s.of ? s.of : "answer";
    e->n = n;
    e->eff = sampling_eff(s, n);
    if (s.base < n) s.base = 0;
    e->state = n <= 0 ? ESTIMATE_NONE : e->eff < need ? ESTIMATE_THIN : ESTIMATE_OK;
    if (e->state == ESTIMATE_OK) return;
    int64_t more = needed_n(s, need) - n;
    if (n <= 0)
        e->why = str_z(a, str_fmt(a, "there is no %s yet", of));
    else if (more == 1)
        e->why = str_z(a, str_fmt(a, "1 more %s is needed", of));
    else
        e->why = str_z(a, str_fmt(a, "%" PRId64 " more %ss are needed", more, of));
}

void estimate_clamp(estimate *e, double lo, double hi) {
    e->lo = MAX(e->lo, lo);
    e->hi = MIN(e->hi, hi);
}

bool estimate_shown(const estimate *e) {
    return e->state == ESTIMATE_THIN || e->state == ESTIMATE_OK;
}

change change_none(void) {
    return (change){.p = NAN};
}

change change_wald(double diff, double var, const char *method) {
    double se = sqrt(var);
    double p = se > 0 ? dist_normal_both(diff / se) : diff == 0 ? 1 : 0;
    return (change){.diff = diff, .lo = diff - Z95 * se, .hi = diff + Z95 * se, .p = p, .method = method};
}

static bool has_variance(const estimate *e) {
    return estimate_shown(e) && (e->var > 0 || isinf(e->eff));
}

change estimate_change(const estimate *now, const estimate *before) {
    if (!has_variance(now) || !has_variance(before)) return change_none();
    return change_wald(now->point - before->point, now->var + before->var, "Z test");
}
