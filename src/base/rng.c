#include "base/rng.h"

#include <math.h>

#ifdef __clang__
#pragma STDC FP_CONTRACT OFF // gcc has it off in -std=c17
#endif

// SplitMix64 (Steele, Lea & Flood 2014), which the authors of xoshiro recommend for seeding.
static uint64_t split(uint64_t *state) {
    uint64_t z = *state += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

rng rng_seed(uint64_t seed) {
    rng r;
    for (int i = 0; i < 4; i++) r.s[i] = split(&seed);
    return r;
}

// Both numbers stand whole in the state, so no two pairs share a stream; the first rounds mix them.
rng rng_fork(uint64_t seed, uint64_t stream) {
    rng r = {{split(&seed), split(&stream), split(&seed), ~split(&stream)}};
    for (int i = 0; i < 16; i++) rng_u64(&r);
    return r;
}

static uint64_t rotl(uint64_t x, int k) {
    return x << k | x >> (64 - k);
}

uint64_t rng_u64(rng *r) {
    uint64_t *s = r->s, result = rotl(s[0] + s[3], 23) + s[0], t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotl(s[3], 45);
    return result;
}

// Lemire 2019: the high half of a product, thrown again in the few cases that would favour some numbers.
int64_t rng_range(rng *r, int64_t lo, int64_t hi) {
    assert(lo <= hi);
    uint64_t n = (uint64_t)hi - (uint64_t)lo + 1;
    if (!n) return (int64_t)rng_u64(r);
    unsigned __int128 m = (unsigned __int128)rng_u64(r) * n;
    for (uint64_t least = -n % n; (uint64_t)m < least;) m = (unsigned __int128)rng_u64(r) * n;
    return (int64_t)((uint64_t)lo + (uint64_t)(m >> 64));
}

double rng_unit(rng *r) {
    return (double)(rng_u64(r) >> 11) * 0x1p-53;
}

bool rng_chance(rng *r, double p) {
    return rng_unit(r) < p;
}

// libm's log and exp may differ in the last bit from one machine to the next, and these numbers must not: the four
// operations, sqrt and frexp are exact everywhere.

static const double LN2_HIGH = 0x1.62e42fefa38p-1, LN2_LOW = 0x1.ef35793c7673p-45;

static double ln(double x) {
    static const double odd[] = {1.0 / 25, 1.0 / 23, 1.0 / 21, 1.0 / 19, 1.0 / 17, 1.0 / 15,
                                 1.0 / 13, 1.0 / 11, 1.0 / 9,  1.0 / 7,  1.0 / 5,  1.0 / 3};
    int k = 0;
    double m = frexp(x, &k);
    if (m < 0.70710678118654752) {
        m *= 2;
        k--;
    }
    double s = (m - 1) / (m + 1), s2 = s * s, sum = 0;
    for (size_t i = 0; i < COUNT(odd); i++) sum = (sum + odd[i]) * s2;
    return k * LN2_HIGH + (k * LN2_LOW + 2 * s * sum + 2 * s);
}

static double power_of_e(double x) {
    if (x < -745) return 0;
    double k = floor(x / 0.69314718055994531 + 0.5), rest = x - k * LN2_HIGH - k * LN2_LOW, sum = 1;
    for (int i = 15; i > 0; i--) sum = 1 + sum * rest / i;
    return ldexp(sum, (int)k);
}

static double open_unit(rng *r) {
    return ((double)(rng_u64(r) >> 12) + 0.5) * 0x1p-52;
}

double rng_exp(rng *r, double rate) {
    return -ln(open_unit(r)) / rate;
}

// Marsaglia's polar method; the second number is thrown away, so that a state is four words and nothing else.
double rng_normal(rng *r, double mean, double sd) {
    for (;;) {
        double x = 2 * rng_unit(r) - 1, y = 2 * rng_unit(r) - 1, q = x * x + y * y;
        if (q > 0 && q < 1) return mean + sd * x * sqrt(-2 * ln(q) / q);
    }
}

// Marsaglia & Tsang 2000; a shape below one is raised by one and brought back by a power of a uniform number.
double rng_gamma(rng *r, double shape, double rate) {
    assert(shape > 0 && rate > 0);
    double back = shape < 1 ? power_of_e(ln(open_unit(r)) / shape) : 1;
    double d = shape + (shape < 1) - 1.0 / 3, c = 1 / sqrt(9 * d);
    for (;;) {
        double x = rng_normal(r, 0, 1), v = 1 + c * x;
        if (v <= 0) continue;
        v = v * v * v;
        if (ln(open_unit(r)) < x * x / 2 + d - d * v + d * ln(v)) return back * d * v / rate;
    }
}

// With both parameters tiny both gammas may vanish; then the beta is all but a coin.
double rng_beta(rng *r, double a, double b) {
    double x = rng_gamma(r, a, 1), y = rng_gamma(r, b, 1);
    return x + y > 0 ? x / (x + y) : rng_chance(r, a / (a + b));
}

enum { SMALL = 30 };

// Devroye 1986, X.4.3: the middle of n uniform numbers halves the problem until it is small.
static int64_t binomial(rng *r, int64_t n, double p) {
    int64_t k = 0;
    while (n > SMALL) {
        int64_t i = n / 2 + 1;
        double middle = rng_beta(r, (double)i, (double)(n + 1 - i));
        if (middle > p) {
            n = i - 1;
            p /= middle;
        } else {
            k += i;
            n -= i;
            p = (p - middle) / (1 - middle);
        }
    }
    for (; n > 0; n--) k += rng_chance(r, p);
    return k;
}

// Ahrens & Dieter 1974: a gamma says when the n-th event falls; few events are counted by inversion.
int64_t rng_poisson(rng *r, double mean) {
    assert(mean >= 0 && mean < 1e15);
    int64_t k = 0;
    while (mean > SMALL) {
        int64_t n = (int64_t)(mean * 7 / 8);
        double when = rng_gamma(r, (double)n, 1);
        if (when > mean) return k + binomial(r, n - 1, mean / when);
        k += n;
        mean -= when;
    }
    double u = rng_unit(r), p = power_of_e(-mean);
    for (int i = 1; u >= p && i < 1000; i++, k++) {
        u -= p;
        p *= mean / i;
    }
    return k;
}

size_t rng_pick(rng *r, const double *weights, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += weights[i];
    assert(sum > 0);
    double u = rng_unit(r) * sum;
    size_t last = 0;
    for (size_t i = 0; i < n; i++) {
        if (weights[i] <= 0) continue;
        if (u < weights[i]) return i;
        u -= weights[i];
        last = i;
    }
    return last; // rounding ate the rest of the last weight
}

void rng_shuffle(rng *r, void *items, size_t n, size_t size) {
    char *p = items;
    for (size_t i = n; i > 1; i--) {
        char *x = p + (i - 1) * size, *y = p + (size_t)rng_range(r, 0, (int64_t)i - 1) * size;
        for (size_t k = 0; k < size; k++) {
            char t = x[k];
            x[k] = y[k];
            y[k] = t;
        }
    }
}
