#include "stats/rate.h"

#include "stats/dist.h"

#include <math.h>

// Garwood 1936, Biometrika 28: χ²(0.025; 2k)/2 and χ²(0.975; 2k + 2)/2; F31.
void rate_garwood(int64_t events, double *lo, double *hi) {
    *lo = events > 0 ? dist_gamma_at(0.025, (double)events) : 0;
    *hi = dist_gamma_at(0.975, (double)events + 1);
}

estimate rate(arena *a, rate_counts t, double per, sampling s) {
    assert(t.events >= 0);
    estimate e = {.method = "Garwood"};
    if (!s.of) s.of = "customer";
    estimate_judge(a, &e, s, (int64_t)llround(t.exposure));
    if (!(t.exposure > 0)) return e;
    if (e.state == ESTIMATE_NONE) e.state = ESTIMATE_THIN;
    double scale = per / t.exposure;
    rate_garwood(t.events, &e.lo, &e.hi);
    e.lo *= scale;
    e.hi *= scale;
    e.value = e.point = (double)t.events * scale;
    e.var = (double)t.events * scale * scale;
    return e;
}

// Clopper & Pearson 1934: exact limits of a binomial chance.
static void clopper_pearson(int64_t k, int64_t n, double *lo, double *hi) {
    *lo = k > 0 ? dist_beta_at(0.025, (double)k, (double)(n - k + 1)) : 0;
    *hi = k < n ? dist_beta_at(0.975, (double)k + 1, (double)(n - k)) : 1;
}

// Przyborowski & Wilenski 1940, Biometrika 31. Twice the smaller tail, which agrees with the interval of Clopper and
// Pearson: p < 0.05 exactly when the interval of the ratio excludes 1.
rate_ratio rate_ratio_of(rate_counts now, rate_counts before) {
    int64_t k = now.events, n = now.events + before.events;
    if (n == 0 || !(now.exposure > 0) || !(before.exposure > 0)) return (rate_ratio){NAN, 0, INFINITY, NAN};
    double odds = before.exposure / now.exposure, share = 1 / (1 + odds), lo, hi;
    clopper_pearson(k, n, &lo, &hi);
    double below = dist_binom_below(k, n, share), above = 1 - dist_binom_below(k - 1, n, share);
    return (rate_ratio){.ratio = k < n ? (double)k / (double)(n - k) * odds : INFINITY,
                        .lo = lo / (1 - lo) * odds,
                        .hi = hi < 1 ? hi / (1 - hi) * odds : INFINITY,
                        .p = MIN(1, 2 * MIN(below, above))};
}

// The interval joins the two exact ones (Zou & Donner 2008, Stat. Med. 27, the method of variance estimates recovery),
// because no exact interval of a difference of Poisson rates is in use; p stays exact.
change rate_change(rate_counts now, rate_counts before, double per) {
    if (!(now.exposure > 0) || !(before.exposure > 0)) return change_none();
    double l1, u1, l2, u2, s1 = per / now.exposure, s2 = per / before.exposure;
    rate_garwood(now.events, &l1, &u1);
    rate_garwood(before.events, &l2, &u2);
    double r1 = (double)now.events, r2 = (double)before.events, diff = r1 * s1 - r2 * s2;
    double p = now.events + before.events > 0 ? rate_ratio_of(now, before).p : 1;
    return (change){.diff = diff,
                    .lo = diff - hypot((r1 - l1) * s1, (u2 - r2) * s2),
                    .hi = diff + hypot((u1 - r1) * s1, (r2 - l2) * s2),
                    .p = p,
                    .method = "exact Poisson"};
}
