#include "stats/retention.h"

#include "stats/dist.h"
#include "stats/proportion.h"

#include <math.h>

estimate retention_logo_churn(arena *a, int64_t lost, int64_t active) {
    return proportion(a, lost, active, (sampling){.of = "customer"});
}

void retention_add(retention_sums *s, worth w) {
    if (w.start <= 0) return;
    int64_t now = MAX(w.now, 0), kept = MIN(w.start, now);
    double x = (double)w.start, g = (double)kept, h = (double)now;
    s->so_far.start += w.start;
    s->so_far.expansion += now - kept;
    if (now > 0)
        s->so_far.contraction += w.start - kept;
    else
        s->so_far.churned += w.start;
    s->so_far.customers++;
    s->so_far.lost += now == 0;
    s->x2 += x * x;
    s->g += g, s->g2 += g * g, s->gx += g * x;
    s->h += h, s->h2 += h * h, s->hx += h * x;
}

// Σy/Σx over customers by the delta method (ratio estimator, Cochran 1977, 2.11): the variance of the ratio is
// n/(n−1) Σ(y − rx)² / (Σx)², with Student's interval. Few large customers carry little information whatever their
// number, so that Kish's (Σx)²/Σx² must be enough, not n. When every customer's ratio is the same, nothing varies, and
// Wilson's bound for "none of so many" stands in for the interval.
static estimate ratio(arena *a, const retention_sums *s, double y, double y2, double xy) {
    estimate e = {.method = "delta method over customers"};
    double n = (double)s->so_far.customers, x = (double)s->so_far.start;
    double eff = n > 0 ? x * x / s->x2 : 0;
    estimate_judge(a, &e, (sampling){.deff = n > 0 ? n / eff : 1, .of = "customer"}, s->so_far.customers);
    if (s->so_far.customers == 0) return e;
    double r = y / x, squares = y2 - 2 * r * xy + r * r * s->x2;
    e.value = e.point = r;
    if (squares > 1e-12 * y2 && n > 1) {
        e.var = n / (n - 1) * squares / (x * x);
        double half = dist_t_at(0.975, n - 1) * sqrt(e.var);
        e.lo = r - half;
        e.hi = r + half;
    } else {
        double lo, hi;
        proportion_wilson(1, eff, Z95, &lo, &hi);
        e.method = "no change seen, Wilson";
        e.lo = r - (1 - lo);
        e.hi = r + (1 - lo);
        e.var = (1 - lo) * (1 - lo) / (Z95 * Z95);
    }
    estimate_clamp(&e, 0, INFINITY);
    return e;
}

retention retention_finish(arena *a, const retention_sums *s) {
    retention r = s->so_far;
    r.gross = ratio(a, s, s->g, s->g2, s->gx);
    r.net = ratio(a, s, s->h, s->h2, s->hx);
    if (r.customers > 0) estimate_clamp(&r.gross, 0, 1);
    r.logo_churn = retention_logo_churn(a, r.lost, r.customers);
    return r;
}

retention retention_of(arena *a, const worth *x, size_t n) {
    retention_sums s = {0};
    for (size_t i = 0; i < n; i++) retention_add(&s, x[i]);
    return retention_finish(a, &s);
}
