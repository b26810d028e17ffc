#include <gsl/gsl_sf_psi.h>
#include <math.h>

#include "stats/special.h"

const node GAUSS16[16] = {
    {0.0052995325041750337, 0.013576229705877047}, {0.027712488463383712, 0.031126761969323946},
    {0.067184398806084128, 0.047579255841246392},  {0.12229779582249848, 0.062314485627766936},
    {0.19106187779867813, 0.074797994408288366},   {0.27099161117138631, 0.084578259697501269},
    {0.35919822461037054, 0.091301707522461794},   {0.45249374508118128, 0.094725305227534248},
    {0.54750625491881872, 0.094725305227534248},   {0.64080177538962946, 0.091301707522461794},
    {0.72900838882861369, 0.084578259697501269},   {0.80893812220132187, 0.074797994408288366},
    {0.87770220417750152, 0.062314485627766936},   {0.93281560119391587, 0.047579255841246392},
    {0.97228751153661629, 0.031126761969323946},   {0.99470046749582497, 0.013576229705877047},
};
const node GAUSS8[8] = {
    {0.019855071751231884, 0.05061426814518813}, {0.10166676129318663, 0.11119051722668724},
    {0.23723379504183551, 0.15685332293894364},  {0.4082826787521751, 0.18134189168918099},
    {0.5917173212478249, 0.18134189168918099},   {0.76276620495816449, 0.15685332293894364},
    {0.89833323870681337, 0.11119051722668724},  {0.98014492824876812, 0.05061426814518813},
};

double log_sum(double a, double b) {
    double top = fmax(a, b);
    return isinf(top) ? top : top + log1p(exp(fmin(a, b) - top));
}

enum { FEW = 32 };

static double ln_gamma(double x) {
    int sign;
    return lgamma_r(x, &sign);
}

double rising_ln(double r, double x) {
    if (x > FEW || x != floor(x)) return ln_gamma(r + x) - ln_gamma(r);
    double sum = 0;
    for (int i = 0; i < (int)x; i++) sum += log(r + i);
    return sum;
}

double rising_by(double r, double x) {
    if (x > FEW || x != floor(x)) return gsl_sf_psi(r + x) - gsl_sf_psi(r);
    double sum = 0;
    for (int i = 0; i < (int)x; i++) sum += 1 / (r + i);
    return sum;
}

// With d < e the terms of the series fall at least as fast as zⁿ. Beyond FAR it would need thousands of them.
static const double FAR = 0.97, TINY = 1e-18;

hyper_series hyper_new(arena *a) {
    hyper_series h = {.c = make(a, double, HYPER_TERMS)};
    h.cd = make(a, double, HYPER_TERMS);
    h.ce = make(a, double, HYPER_TERMS);
    return h;
}

void hyper_fill(hyper_series *h, double d, double e, double most) {
    double c = 1, by_d = 0, by_e = 0, power = 1, z = fmin(most, FAR);
    h->d = d, h->e = e, h->n = 0;
    while (h->n < HYPER_TERMS) {
        h->c[h->n] = c, h->cd[h->n] = c * by_d, h->ce[h->n] = -c * by_e;
        double k = (double)h->n++;
        if (c * power < TINY && h->n > 2) break;
        by_d += 1 / (d + k), by_e += 1 / (e + k);
        c *= (d + k) / (e + k), power *= z;
    }
}

// The end of Euler's integral (below) from u on, where w = (1 − z)(1 + q) with dq small: a binomial series in q.
static void add_tail(double d, double r, double z, double rest, double u, hyper *sum) {
    double q = z / rest * exp(-u), term = exp(-r * u - d * log(rest)), ln = -log(rest), least = 1e-18 * sum->s;
    for (double k = 0; fabs(term) > least; k++) {
        double f = term * r / (r + k);
        sum->s += f;
        sum->by_d += f * ln;
        sum->by_e -= f * (u + 1 / (r + k));
        sum->by_z += f * (d / rest + k / (z * rest));
        term *= -(d + k) / (k + 1) * q, ln += 1 / (d + k);
    }
}

// Euler's integral with the variable e^(−u): S = R ∫ e^(−Ru) w^(−d) du, w = 1 − z + z e^(−u), R = e − 1. Its slope
// changes where w leaves 1 − z, over a length of about one, so that panels of that length suffice; where it is steep
// they are shorter.
static hyper hyper_far(double d, double e, double z, double rest) {
    double r = e - 1, end = fmax(log(z / rest) + log1p(d) + 3, 0), u = 0;
    hyper sum = {0};
    while (u < end) {
        double share = z * exp(-u) / (rest + z * exp(-u));
        double slope = fabs(d * share - r), before = sum.s;
        double width = fmin(fmin(d < 10 ? 1.2 : 1, 3 / (slope + 1e-9)), end - u);
        for (int i = 0; i < 8; i++) {
            double v = u + width * GAUSS8[i].at, shrunk = exp(-v), w = rest + z * shrunk, ln_w = log(w);
            double f = r * width * GAUSS8[i].weight * exp(-r * v - d * ln_w);
            sum.s += f;
            sum.by_d -= f * ln_w;
            sum.by_e -= f * v;
            sum.by_z += f * d * (1 - shrunk) / w;
        }
        u += width;
        if (d * share < r && sum.s - before < 1e-17 * sum.s) break;
    }
    if (u >= end) add_tail(d, r, z, rest, u, &sum);
    sum.by_e += sum.s / r;
    return sum;
}

// Four polynomials at four points side by side: the steps of one wait for one another, those of four do not.
typedef double lanes __attribute__((vector_size(32)));
enum { LANES = 4 };

static void four_at(const hyper_series *h, const double *z, hyper *out) {
    double most = 0;
    for (int i = 0; i < LANES; i++) most = fmax(most, z[i]);
    size_t n = h->n;
    if (n > 48 && most > 1e-12) n = MIN(n, (size_t)(-41.5 / log(most)) + 3);
    lanes at = {z[0], z[1], z[2], z[3]}, s = {0}, by_d = {0}, by_e = {0}, by_z = {0};
    while (n-- > 0) {
        by_z = by_z * at + s;
        s = s * at + h->c[n];
        by_d = by_d * at + h->cd[n];
        by_e = by_e * at + h->ce[n];
    }
    for (int i = 0; i < LANES; i++) out[i] = (hyper){s[i], by_d[i], by_e[i], by_z[i]};
}

void hyper_at(const hyper_series *h, size_t n, const double *z, const double *rest, hyper *out) {
    double near[LANES] = {0};
    hyper four[LANES];
    size_t who[LANES] = {0}, waiting = 0;
    for (size_t i = 0; i < n; i++) {
        if (z[i] > FAR)
            out[i] = hyper_far(h->d, h->e, z[i], rest[i]);
        else
            near[waiting] = z[i], who[waiting++] = i;
        if (waiting == 0 || (waiting < LANES && i + 1 < n)) continue;
        for (size_t k = waiting; k < LANES; k++) near[k] = near[0];
        four_at(h, near, four);
        for (size_t k = 0; k < waiting; k++) out[who[k]] = four[k];
        waiting = 0;
    }
}

hyper hyper_one(double d, double e, double z, double rest) {
    if (z > 0.9) return hyper_far(d, e, z, rest);
    hyper s = {0};
    double c = 1, by_d = 0, by_e = 0, before = 0;
    for (double k = 0;; k++) {
        s.s += c, s.by_d += c * by_d, s.by_e -= c * by_e, s.by_z += k * before;
        if (c < TINY * s.s && k > 1) return s;
        by_d += 1 / (d + k), by_e += 1 / (e + k);
        before = c * (d + k) / (e + k), c = before * z;
    }
}

// (e^x − 1)/x.
static double expm1_over(double x) {
    return fabs(x) < 1e-300 ? 1 : expm1(x) / x;
}

// With u = b(e^w − 1) the integrand is b e^((1−s)w) times the discount; without one it has a closed form that is
// regular at s = 1.
double decay_integral(double delta, double b, double s, double h) {
    double end = log1p(h / b);
    if (delta <= 0) return b * end * expm1_over((1 - s) * end);
    double y = delta * b, sum = 0;
    end = fmin(end, log1p(45 / y));
    if (s > 1) end = fmin(end, 45 / (s - 1));
    for (double w = 0; w < end;) {
        double width = fmin(end - w, fmin(1, 12 / (y * exp(w + 1) + fabs(1 - s))));
        for (int i = 0; i < 16; i++) {
            double v = w + width * GAUSS16[i].at;
            sum += width * GAUSS16[i].weight * exp((1 - s) * v - y * expm1(v));
        }
        w += width;
    }
    return b * sum;
}

double decay_moment(double b, double s, double h) {
    double end = log1p(h / b);
    if (end < 1e-3) return h * h * (0.5 - s * h / b / 3 + s * (s + 1) * h * h / (b * b) / 8);
    return b * b * end * (expm1_over((2 - s) * end) - expm1_over((1 - s) * end));
}
