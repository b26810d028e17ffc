#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>

#include "stats/dist.h"

#include <math.h>

// Beyond this shape the normal approximation of the inverse is exact to eight digits, and GSL is near its limits.
#define GAMMA_MAX 1e5

double dist_normal_both(double z) {
    return erfc(fabs(z) / sqrt(2));
}

double dist_t_both(double t, double df) {
    if (df > 1e7) return dist_normal_both(t);
    return 2 * gsl_cdf_tdist_Q(fabs(t), df);
}

double dist_chisq_above(double x, double df) {
    if (!(x > 0)) return isnan(x) ? x : 1;
    return isinf(x) ? 0 : gsl_cdf_chisq_Q(x, df);
}

// Far above its mean GSL's expansion fails and stops the program; there is nothing left above there. Very large shapes
// are normal in the cube root (Wilson & Hilferty 1931), to seven digits.
double dist_gamma_below(double x, double shape) {
    if (!(x > 0)) return 0;
    if (x > shape + 12 * sqrt(shape) + 50) return 1;
    if (shape <= GAMMA_MAX) return gsl_cdf_gamma_P(x, shape, 1);
    double z = (cbrt(x / shape) - 1 + 1 / (9 * shape)) * 3 * sqrt(shape);
    return 0.5 * erfc(-z / sqrt(2));
}

// Peizer & Pratt 1968, J. Am. Stat. Assoc. 63: nearly normal, for sizes at which GSL's continued fraction runs out of
// terms and returns NaN (a and b of millions); the error is below 1e-8 there.
static double g_peizer(double x) {
    double y = 1 - x;
    if (fabs(y) < 1e-4) return y / 3 + y * y / 6;
    if (x <= 0) return 1;
    return (1 - x * x + 2 * x * log(x)) / (y * y);
}

static double beta_normal(double x, double a, double b) {
    double n = a + b - 1, p = b - 0.5, q = a - 0.5;
    double d = b - 1.0 / 3 - (n + 1.0 / 3) * (1 - x) + 0.02 * ((1 - x) / b - x / a + (0.5 - (1 - x)) / (a + b));
    double z = d * sqrt((1 + x * g_peizer(p / (n * (1 - x))) + (1 - x) * g_peizer(q / (n * x))) /
                        ((n + 1.0 / 6) * x * (1 - x)));
    return 0.5 * erfc(-z / sqrt(2));
}

double dist_beta_below(double x, double a, double b) {
    if (x <= 0) return 0;
    if (x >= 1) return 1;
    double p = gsl_cdf_beta_P(x, a, b);
    return isnan(p) ? beta_normal(x, a, b) : p;
}

double dist_binom_below(int64_t k, int64_t n, double q) {
    if (k < 0) return 0;
    if (k >= n) return 1;
    return dist_beta_below(1 - q, (double)(n - k), (double)k + 1);
}

double dist_normal_at(double p) {
    return gsl_cdf_ugaussian_Pinv(p);
}

typedef struct {
    double (*below)(double x, double a, double b);
    double (*density)(double x, double a, double b);
    double a, b;
} curve;

// Newton's step where it stays inside the bracket and halves it, else the middle; below is increasing.
static double solve(curve c, double p, double lo, double hi, double x) {
    for (int i = 0; i < 200 && hi - lo > 1e-15 * fabs(hi); i++) {
        double over = c.below(x, c.a, c.b) - p, slope = c.density(x, c.a, c.b);
        if (over == 0) return x;
        if (over > 0)
            hi = x;
        else
            lo = x;
        double next = x - over / slope;
        bool inside = isfinite(next) && next > lo && next < hi;
        if (inside && fabs(next - x) <= 1e-15 * fabs(x)) return next;
        x = inside && i % 8 != 7 ? next : lo + (hi - lo) / 2;
    }
    return x;
}

static double t_below(double x, double df, double unused) {
    (void)unused;
    return gsl_cdf_tdist_P(x, df);
}

static double t_density(double x, double df, double unused) {
    (void)unused;
    return gsl_ran_tdist_pdf(x, df);
}

double dist_t_at(double p, double df) {
    if (df > 1e7) return dist_normal_at(p);
    if (p < 0.5) return -dist_t_at(1 - p, df);
    double hi = 1;
    while (gsl_cdf_tdist_P(hi, df) < p && hi < 1e300) hi *= 2;
    return solve((curve){t_below, t_density, df, 0}, p, 0, hi, hi / 2);
}

static double gamma_below(double x, double shape, double unused) {
    (void)unused;
    return x > 0 ? gsl_cdf_gamma_P(x, shape, 1) : 0;
}

static double gamma_density(double x, double shape, double unused) {
    (void)unused;
    return gsl_ran_gamma_pdf(x, shape, 1);
}

// Wilson & Hilferty 1931: the cube root of a gamma variable is nearly normal.
static double wilson_hilferty(double p, double shape) {
    double r = 1 - 1 / (9 * shape) + dist_normal_at(p) / (3 * sqrt(shape));
    return shape * r * r * r;
}

double dist_gamma_at(double p, double shape) {
    double start = wilson_hilferty(p, shape);
    if (shape > GAMMA_MAX) return start;
    double hi = MAX(start, shape) + 1;
    while (gamma_below(hi, shape, 0) < p && hi < 1e300) hi *= 2;
    return solve((curve){gamma_below, gamma_density, shape, 0}, p, 0, hi, start > 0 ? start : hi / 2);
}

static double beta_density(double x, double a, double b) {
    return gsl_ran_beta_pdf(x, a, b);
}

double dist_beta_at(double p, double a, double b) {
    return solve((curve){dist_beta_below, beta_density, a, b}, p, 0, 1, a / (a + b));
}

int64_t dist_binom_at(double p, int64_t n, double q) {
    int64_t lo = -1, hi = n; // P(X ≤ lo) < p ≤ P(X ≤ hi)
    while (hi - lo > 1) {
        int64_t mid = lo + (hi - lo) / 2;
        if (dist_binom_below(mid, n, q) < p)
            lo = mid;
        else
            hi = mid;
    }
    return hi;
}
