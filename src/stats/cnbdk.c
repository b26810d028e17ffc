#include <math.h>

#include "stats/purchase_private.h"

// Reutterer, Platzer & Schroeder 2021. Times between purchases are Erlang-k: a purchase is every k-th event of a
// Poisson process whose rates are Gamma(r, α), and leaving is as in the BG/NBD or MBG/NBD (k = 1). A customer with us
// stands in one of k stages since the last purchase, so that their future is a mixture of k exact ones.

// tⱼ: likelihood of j events since the last purchase, relative to none: (r+kx)ⱼ/j! (Δ/(α+T))^j. Returns their sum.
static double stages(const law *l, double x, double tx, double T, double *t) {
    double rx = l->p[0] + l->k * x, share = (T - tx) / (l->p[1] + T), sum = 1;
    t[0] = 1;
    for (int j = 1; j < l->k; j++) {
        t[j] = t[j - 1] * (rx + j - 1) / j * share;
        sum += t[j];
    }
    return sum;
}

double cnbd_rows(const stratum *s, const law *l, const moment *at, size_t block, double m, double *g) {
    double r = l->p[0], alpha = l->p[1], x = s->x[block], rx = r + l->k * x, sum = 0;
    double ln_odds = m > 0 ? log(l->p[2] / (l->p[3] + m - 1)) : -INFINITY, t[PURCHASE_RHYTHM];
    for (size_t i = s->x_row[block]; i < s->x_row[block + 1]; i++) {
        const cell *c = &s->row[i];
        double T = s->t[s->pairs[c->late].t], all = stages(l, x, s->t[s->pairs[c->early].t], T, t);
        double by_r = 0, by_alpha = 0, risen = 0;
        for (int j = 1; j < l->k; j++) {
            risen += 1 / (rx + j - 1);
            by_r += t[j] * risen, by_alpha -= t[j] * j;
        }
        double ln = at[c->late].ln - at[c->early].ln, d = ln_odds + rx * ln, total = log_sum(log(all), d);
        double gone = exp(d - total), here = exp(-total);
        sum += c->count * total;
        g[0] += c->count * r * (gone * ln + here * by_r);
        g[1] += c->count * (gone * rx * (at[c->early].u - at[c->late].u) + here * by_alpha * alpha / (alpha + T));
        if (m <= 0) continue;
        g[2] += c->count * gone;
        g[3] -= c->count * gone * l->p[3] / (l->p[3] + m - 1);
    }
    return sum;
}

double bg_alive(const view *v, size_t row, double *stage) {
    const stratum *s = v->s;
    const cell *c = &s->row[row];
    uint32_t block = s->pairs[c->late].x;
    double x = s->x[block], rx = v->l.p[0] + v->l.k * x;
    double d = v->lost[block] + rx * (v->at[c->late].ln - v->at[c->early].ln);
    double all = stages(&v->l, x, s->t[s->pairs[c->early].t], s->t[s->pairs[c->late].t], stage);
    for (int j = 0; j < v->l.k; j++) stage[j] /= all;
    return 1 / (1 + exp(d - log(all)));
}

// ---- The future of a customer who is with us in stage j ----

// Events until `t` are NegBin(R, z): R = r + kx + j, z = t/(α + T + t). Whoever never left would buy the (i+1)-th time
// with event k(i+1) − j; having stayed after i purchases has the chance βᵢ = B(a, b+m+i)/B(a, b+m).
typedef struct {
    double shape, b; // R; b + m
    double a;
    int k, j;
} bound;

static bound bound_of(const law *l, double x, int stage) {
    double m = x + (l->model == PURCHASE_MBG);
    return (bound){l->p[0] + l->k * x + stage, l->p[3] + m, l->p[2], l->k, stage};
}

typedef struct {
    double buys, twice;
} sums;

// For one chance p of leaving: Σ qⁱ P(events > i) = (1 − F)/p and Σ 2i qⁱ P(…) = 2q ((1 − F)/p² + F′/p), where
// F = (1 + p odds)^−R is the generating function of the events at q = 1 − p.
static sums at_chance(double shape, double odds, double p, double q) {
    double y = p * odds, f = -expm1(-shape * log1p(y)) / p, slope = -shape * odds * exp(-(shape + 1) * log1p(y));
    double twice = 2 * q * (f + slope) / p;
    if (y * (shape + 1) < 1e-5) twice = q * shape * (shape + 1) * odds * odds * (1 - 2 * (shape + 2) * y / 3);
    return (sums){f, twice};
}

// The mean of these over p ~ Beta(a, b), by the trapezoidal rule in the logit of p, for events without number: it costs
// the same for any. Outside of the grid both are as at its ends. k events are one purchase, which is exact for k = 1.
static sums expect_wide(const bound *f, double odds) {
    double a = f->a, b = f->b, width = sqrt(1 / a + 1 / b), middle = log(a / b), step = fmin(0.25, 0.7 * width);
    odds /= f->k;
    double low = fmax(middle - 45 / a - 10 * width - fmin(4, 40 / a), log(1e-12 / (1 + f->shape * odds)));
    double high = fmin(middle + 45 / b + 10 * width + fmin(4, 40 / b), 36), all = 0;
    double top = -a * log1p(b / a) - b * log1p(a / b);
    sums s = {0};
    for (double w = low; w <= high; w += step) {
        double ln_p = -log1p(exp(-w)), ln_q = -log1p(exp(w)), weight = step * exp(a * ln_p + b * ln_q - top);
        if (w <= low) weight *= 0.5 + 1 / (a * step);
        if (w + step > high) weight *= 0.5 + 1 / (b * step);
        sums one = at_chance(f->shape, odds, exp(ln_p), exp(ln_q));
        all += weight, s.buys += weight * one.buys, s.twice += weight * one.twice;
    }
    return (sums){s.buys / all, s.twice / all};
}

// What depends on x alone: for each number n of events the ratio of P(n + 1) to P(n), less the factor z; the purchases
// expected after n events, c(n) = Σ βᵢ over k(i+1) − j ≤ n; and Σ 2i βᵢ. Filled as far as somebody needs.
typedef struct {
    bound f;
    size_t filled;
    double *ratio, *c, *c2;
    double stay, i; // βᵢ and i of the next purchase
} ladder;

enum { MANY = 2000, RUNGS = MANY + 64 };

static ladder ladder_of(arena *a, const law *l, double x, int stage) {
    ladder d = {.f = bound_of(l, x, stage), .ratio = make(a, double, RUNGS), .c = make(a, double, RUNGS), .stay = 1};
    d.c2 = make(a, double, RUNGS);
    return d;
}

static void fill(ladder *d, size_t to) {
    const bound *f = &d->f;
    for (; d->filled < to; d->filled++) {
        size_t n = d->filled;
        d->ratio[n] = (f->shape + (double)n) / ((double)n + 1);
        if (n > 0) d->c[n] = d->c[n - 1], d->c2[n] = d->c2[n - 1];
        if ((double)n < f->k * (d->i + 1) - f->j) continue;
        d->c[n] += d->stay, d->c2[n] += 2 * d->i * d->stay;
        d->stay *= (f->b + d->i) / (f->a + f->b + d->i);
        d->i++;
    }
}

// Σ P(n events) c(n): all terms positive, for every a. odds = t/(α + T). In the end P falls geometrically and c rises
// by less than one a step; where no event at all underflows, the sum begins where events do.
static sums expect(ladder *d, double odds) {
    const bound *f = &d->f;
    double mean = f->shape * odds, ln_none = -f->shape * log1p(odds), z = odds / (1 + odds);
    double wide = 12 * sqrt(mean * (1 + odds));
    if (mean + wide + 36 * (1 + odds) > MANY) return expect_wide(f, odds);
    double at = ln_none > -600 ? 0 : fmax(0, floor(mean - wide));
    double mass = exp(rising_ln(f->shape, at) - rising_ln(1, at) + (at > 0 ? at * log(z) : 0) + ln_none);
    sums s = {0};
    for (size_t n = (size_t)at; n + 8 <= RUNGS;) {
        if (d->filled < n + 9) fill(d, MIN(n + 64, RUNGS));
        for (size_t to = n + 8; n < to; n++) {
            s.buys += mass * d->c[n];
            s.twice += mass * d->c2[n];
            mass *= d->ratio[n] * z;
        }
        double falls = fmax(d->ratio[n - 1], 1) * z; // no later ratio is larger
        if (falls >= 1 || (double)n < mean) continue;
        double rest = mass / (1 - falls) * (d->c[n - 1] + 1 / (1 - falls));
        if (rest <= 1e-13 * s.buys || rest < 1e-300) break;
    }
    return s;
}

// E e^(−δt) summed over the purchases to come: Σ βᵢ E[ρ^(k(i+1)−j)], ρ = λ/(λ + δ), is ρ^(k−j) ₂F₁(1, b; a+b; ρ^k) for
// a rate λ, averaged over Gamma(R, A). The trapezoidal rule in ln λ converges geometrically. The first term of the
// series is taken out, because a + b may be below 1.
static double without_end(const bound *f, double alpha, double delta) {
    double shape = f->shape, middle = log(shape / alpha), width = 1 / sqrt(shape);
    double low = middle - fmax(9 * width, 36 / (shape + f->k - f->j));
    double high = log((shape + 10 * sqrt(shape) + 45) / alpha), step = fmin(0.3, 0.75 * width), sum = 0;
    for (double v = low; v < high; v += step) {
        double ln_weight = shape * (v - middle) - alpha * exp(v) + shape, weight = exp(ln_weight);
        double ln_rho = -log1p(delta * exp(-v)), z = exp(f->k * ln_rho), rest = -expm1(f->k * ln_rho);
        double more = f->b / (f->a + f->b) * z * hyper_one(f->b + 1, f->a + f->b + 1, z, rest).s;
        sum += weight * exp((f->k - f->j) * ln_rho) * (1 + more);
    }
    int sign;
    double norm = exp(shape - shape * log(shape) + lgamma_r(shape, &sign)) / step;
    return sum / norm;
}

// ∫₀ʰ e^(−δu) dE(u) = e^(−δh) E(h) + δ ∫ e^(−δu) E(u) du, where E as a function of w = ln(1 + u/A) is smooth. It bends
// most where w is small, the more so the more purchases would end in leaving: panels halve towards 0 for them.
static double discounted(ladder *d, double alpha, double h, double buys, double delta) {
    const bound *f = &d->f;
    if (delta <= 0) return buys;
    double end = log1p(h / alpha), sum = 0, leavings = f->shape * h / alpha / f->k * f->a / (f->a + f->b);
    int panels = 1 + (int)fmin(12, fmax(0, ceil(log2(fmax(end / 2, leavings / 6)))));
    for (int k = 0; k < panels; k++) {
        double to = end * pow(2, -k), from = k + 1 < panels ? to / 2 : 0;
        for (int i = 0; i < 8; i++) {
            double w = from + (to - from) * GAUSS8[i].at, u = alpha * expm1(w);
            sum += (to - from) * GAUSS8[i].weight * exp(w - delta * u) * expect(d, u / alpha).buys;
        }
    }
    return exp(-delta * h) * buys + delta * alpha * sum;
}

// P(events < k − j) of NegBin(R, z).
static double no_purchase(const bound *f, double odds) {
    double mass = exp(-f->shape * log1p(odds)), sum = mass, z = odds / (1 + odds);
    for (int n = 1; n < f->k - f->j; n++) {
        mass *= (f->shape + n - 1) / n * z;
        sum += mass;
    }
    return sum;
}

void cnbd_aheads(arena scratch, const law *l, double x, int stage, const purchase_terms *t, size_t n, const double *T,
                 ahead *out) {
    ladder d = ladder_of(&scratch, l, x, stage);
    for (size_t i = 0; i < n; i++) {
        double alpha = l->p[1] + T[i];
        sums s = expect(&d, t->horizon / alpha);
        out[i] = (ahead){.buys = s.buys,
                         .twice = s.twice,
                         .quiet = no_purchase(&d.f, t->quiet / alpha),
                         .worth = discounted(&d, alpha, t->horizon, s.buys, t->discount),
                         .residual = t->residual ? without_end(&d.f, alpha, t->discount) : NAN};
    }
}

// n purchases: events reach exactly n of them and the customer stayed after the n − 1 before, or events reach more and
// the customer left right after the n-th.
void cnbd_pmf(const law *l, double x, double T, int stage, double t, size_t most, double *out) {
    bound f = bound_of(l, x, stage);
    double odds = t / (l->p[1] + T), ln_z = log(odds) - log1p(odds);
    double ln_mass = -f.shape * log1p(odds), events = 0, below = 0, stay = 1;
    for (size_t n = 0; n <= most; n++) {
        double mine = 0, before = stay;
        for (int i = n == 0 ? f.j : 0; i < f.k; i++) {
            mine += exp(ln_mass);
            ln_mass += log((f.shape + events) / (events + 1)) + ln_z;
            events++;
        }
        below += mine;
        out[n] = mine;
        if (n == 0) continue;
        stay *= (f.b + (double)n - 1) / (f.a + f.b + (double)n - 1);
        out[n] = before * mine + (before - stay) * fmax(0, 1 - below);
    }
}
