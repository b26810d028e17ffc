#include <gsl/gsl_sf_zeta.h>

#include "stats/confseq.h"
#include "stats/dist.h"

#include <math.h>

#define ALPHA 0.05

enum { PLAN = 500 };

// The precision of the normal mixture that is narrowest at v, as the authors approximate it.
static double rho_of(double v, double alpha) {
    double l = 2 * log(1 / alpha);
    return v / (l + log1p(l));
}

static int64_t plan_of(int64_t plan) {
    return plan > 0 ? plan : PLAN;
}

double confseq_normal(double v, double alpha, double v_opt) {
    double rho = rho_of(v_opt, alpha);
    return sqrt((v + rho) * (log1p(v / rho) + 2 * log(1 / alpha)));
}

double confseq_gamma_log(double s, double v, double v_opt, double c, double alpha_opt) {
    double rho = rho_of(v_opt, 2 * alpha_opt), cc = c * c; // one-sided: twice the α
    double a0 = rho / cc, a = (v + rho) / cc, x = (c * s + v) / cc;
    double before = a0 * log(a0) - lgamma(a0) - log(dist_gamma_below(a0, a0));
    return before + lgamma(a) + log(dist_gamma_below(x + a0, a)) - a * log(x + a0) + x;
}

double confseq_gamma(double v, double alpha, double v_opt, double c, double alpha_opt) {
    double need = log(1 / alpha), lo = 0, hi = MAX(v, 1);
    for (int i = 0; i < 100 && confseq_gamma_log(hi, v, v_opt, c, alpha_opt) < need; i++) hi *= 2;
    for (int i = 0; i < 100 && hi - lo > 1e-12 * hi; i++) {
        double middle = (lo + hi) / 2;
        if (confseq_gamma_log(middle, v, v_opt, c, alpha_opt) < need)
            lo = middle;
        else
            hi = middle;
    }
    return hi;
}

double confseq_stitched(double v, double alpha, double v_min, double c) {
    double eta = 2, s = 1.4, k1 = (pow(eta, 0.25) + pow(eta, -0.25)) / sqrt(2), k2 = (sqrt(eta) + 1) / 2;
    v = MAX(v, v_min);
    double l = s * log(log(eta * v / v_min)) + log(gsl_sf_zeta(s) / pow(log(eta), s)) + log(1 / alpha);
    double tail = k2 * c * l;
    return sqrt(k1 * k1 * v * l + tail * tail) + tail;
}

static double log_beta(double a, double b) {
    return lgamma(a) + lgamma(b) - lgamma(a + b);
}

// log of the mixture against the share p: beta priors with mean p and weight `prior` on the shares that it is not.
static double against(double p, double hits, double n, double prior) {
    double q = 1 - p, miss = n - hits;
    return log_beta(prior * p + hits, prior * q + miss) - log_beta(prior * p, prior * q) -
           (hits > 0 ? hits * log(p) : 0) - (miss > 0 ? miss * log(q) : 0);
}

// The share farthest from `inside` on the side of `outside` that is not ruled out.
static double edge(double inside, double outside, double hits, double n, double prior) {
    double end = outside;
    for (int i = 0; i < 200 && fabs(outside - inside) > 1e-13; i++) {
        double p = (inside + outside) / 2;
        bool ends = p <= 0 || p >= 1;
        if (!ends && against(p, hits, n, prior) < log(1 / ALPHA))
            inside = p;
        else
            outside = p;
    }
    return fabs(inside - end) < 1e-9 ? end : inside;
}

estimate confseq_share(arena *a, int64_t hits, int64_t n, int64_t plan) {
    estimate e = {.method = "confidence sequence, beta-binomial"};
    estimate_judge(a, &e, (sampling){0}, n);
    if (n <= 0) return e;
    double share = (double)hits / (double)n;
    double prior = MAX(rho_of((double)plan_of(plan), ALPHA) - 1, 1e-3);
    e.value = e.point = share;
    e.lo = hits > 0 ? edge(share, 0, (double)hits, (double)n, prior) : 0;
    e.hi = hits < n ? edge(share, 1, (double)hits, (double)n, prior) : 1;
    e.var = share * (1 - share) / (double)n;
    return e;
}

static double scaled(double x, double low, double high) {
    double u = (x - low) / (high - low);
    return MAX(0, MIN(u, 1));
}

void confseq_add(confseq_mean *s, double x) {
    assert(s->high > s->low && !isnan(x));
    double u = scaled(x, s->low, s->high), before = s->n ? s->sum / (double)s->n : 0.5;
    s->off += (u - before) * (u - before);
    s->sum += u;
    s->n++;
}

estimate confseq_mean_now(arena *a, const confseq_mean *s) {
    estimate e = {.method = "confidence sequence, empirical Bernstein"};
    estimate_judge(a, &e, (sampling){0}, s->n);
    if (s->n == 0) return e;
    double n = (double)s->n, wide = s->high - s->low, v_opt = (double)plan_of(s->plan) / 12; // as if evenly spread
    double half = confseq_gamma(s->off, ALPHA / 2, v_opt, 1, ALPHA / 2) / n * wide;
    e.value = e.point = s->low + wide * s->sum / n;
    e.lo = e.value - half;
    e.hi = e.value + half;
    e.var = wide * wide * s->off / (n * n);
    estimate_clamp(&e, s->low, s->high);
    return e;
}

// Each outcome becomes an unbiased guess of the effect: what is expected of the difference so far, and what this one
// was beyond its own expectation, weighted by the chance of its arm.
void confseq_try(confseq_effect *s, bool treated, double outcome) {
    assert(s->high > s->low && s->chance > 0 && s->chance < 1 && !isnan(outcome));
    double u = scaled(outcome, s->low, s->high), mean[2];
    for (int arm = 0; arm < 2; arm++) mean[arm] = s->arm_n[arm] > 0 ? s->arm_sum[arm] / s->arm_n[arm] : 0.5;
    double expected = mean[1] - mean[0], weight = treated ? 1 / s->chance : -1 / (1 - s->chance);
    double over = weight * (u - mean[treated]);
    s->sum += expected + over;
    s->off += over * over;
    s->n++;
    s->arm_n[treated]++;
    s->arm_sum[treated] += u;
}

change confseq_effect_now(const confseq_effect *s) {
    if (s->n == 0) return change_none();
    double rarer = MIN(s->chance, 1 - s->chance), c = 2 / rarer, n = (double)s->n, wide = s->high - s->low;
    double v_opt = (double)plan_of(s->plan) * 0.16 * (1 / s->chance + 1 / (1 - s->chance)); // of shares about 20 %
    double half = confseq_gamma(s->off, ALPHA / 2, v_opt, c, ALPHA / 2) / n;
    double up = confseq_gamma_log(fabs(s->sum), s->off, v_opt, c, ALPHA / 2), diff = s->sum / n;
    return (change){.diff = wide * diff,
                    .lo = wide * MAX(-1, diff - half),
                    .hi = wide * MIN(1, diff + half),
                    .p = MIN(1, 2 * exp(-up)),
                    .method = "confidence sequence, empirical Bernstein"};
}
