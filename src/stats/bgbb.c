#include <math.h>

#include "stats/purchase_private.h"

// BG/BB. At each of n opportunities a customer leaves with chance θ ~ Beta(γ, δ), and if still with us buys with chance
// p ~ Beta(α, β). Fader, Hardie & Shang 2010, equation 3: having bought x times, last at opportunity tx, means being
// with us at least until then; the sum is over how much longer it was.

// Terms relative to the one of leaving right after tx: w[i], i = 0 … n − tx − 1, and the last of still being with us.
// Derivatives of ln w by the logarithms of the parameters go through the same recurrences.
typedef struct {
    double ln, by[PARAMS];
} term;

static term first_term(const law *l, double x, double tx) {
    double a = l->p[0], b = l->p[1], c = l->p[2], d = l->p[3];
    term t = {rising_ln(a, x) + rising_ln(b, tx - x) - rising_ln(a + b, tx) + rising_ln(d, tx) + log(c) -
                  rising_ln(c + d, tx + 1),
              {0}};
    double both = rising_by(a + b, tx), ends = rising_by(c + d, tx + 1);
    t.by[0] = a * (rising_by(a, x) - both);
    t.by[1] = b * (rising_by(b, tx - x) - both);
    t.by[2] = 1 - c * ends;
    t.by[3] = d * (rising_by(d, tx) - ends);
    return t;
}

// One more opportunity without a purchase before leaving.
static void next_term(const law *l, double x, double at, term *t) {
    double a = l->p[0], b = l->p[1], c = l->p[2], d = l->p[3];
    t->ln += log((b + at - x) / (a + b + at) * (d + at) / (c + d + at + 1));
    t->by[0] -= a / (a + b + at);
    t->by[1] += b / (b + at - x) - b / (a + b + at);
    t->by[2] -= c / (c + d + at + 1);
    t->by[3] += d / (d + at) - d / (c + d + at + 1);
}

// From leaving after opportunity n (which nobody sees) to being with us at n: B(γ+1, δ+n) becomes B(γ, δ+n).
static void last_term(const law *l, double n, term *t) {
    double c = l->p[2], d = l->p[3];
    t->ln += log((c + d + n) / c);
    t->by[2] += c / (c + d + n) - 1;
    t->by[3] += d / (c + d + n);
}

// ln of the likelihood of one row, its derivatives into by, and P(alive at n).
static double row_loglik(const law *l, double x, double tx, double n, double *by, double *alive) {
    term t = first_term(l, x, tx);
    double top = -INFINITY, sum = 0, dot[PARAMS] = {0}, share = 0;
    for (double at = tx; at <= n; at++) {
        term u = t;
        if (at >= n) last_term(l, n, &u);
        double scale = exp(fmin(top - u.ln, 0)), add = exp(fmin(u.ln - top, 0));
        top = fmax(top, u.ln), sum = sum * scale + add, share = add;
        for (int k = 0; k < PARAMS; k++) dot[k] = dot[k] * scale + add * u.by[k];
        next_term(l, x, at, &t);
    }
    for (int k = 0; k < PARAMS && by; k++) by[k] = dot[k] / sum;
    if (alive) *alive = share / sum;
    return top + log(sum);
}

double bgbb_loglik(arena scratch, const stratum *s, const law *l, double *g) {
    (void)scratch;
    double sum = 0, by[PARAMS];
    memset(g, 0, PARAMS * sizeof *g);
    for (size_t i = 0; i < s->rows; i++) {
        sum += s->row[i].count * row_loglik(l, row_x(s, i), row_tx(s, i), row_T(s, i), by, NULL);
        for (int k = 0; k < PARAMS; k++) g[k] += s->row[i].count * by[k];
    }
    return sum;
}

double bgbb_alive(const law *l, double x, double tx, double n) {
    double alive;
    row_loglik(l, x, tx, n, NULL, &alive);
    return alive;
}

// ---- The future of a customer with us at n: p is Beta(α+x, β+n−x), θ is Beta(γ, δ+n), and they are independent ----

ahead bgbb_ahead(const law *l, double x, double n, const purchase_terms *t) {
    double all = l->p[0] + l->p[1] + n, a = l->p[0] + x, b = all - a, c = l->p[2], d = l->p[3] + n, p = a / all;
    double p2 = p * (a + 1) / (all + 1), stay = 1, none = 1, step = exp(-t->discount), factor = 1;
    ahead f = {.quiet = t->quiet > 0 ? 0 : 1, .residual = t->residual ? 0 : NAN};
    for (double i = 0; i < t->horizon || i < t->quiet || (t->residual && factor * stay > 1e-14); i++) {
        double before = stay;
        stay *= (d + i) / (c + d + i), factor *= step;
        if (i < t->horizon) f.buys += p * stay, f.twice += 2 * i * p2 * stay, f.worth += p * stay * factor;
        if (t->residual) f.residual += p * stay * factor;
        if (i >= t->quiet) continue;
        f.quiet += (before - stay) * none;
        none *= (b + i) / (all + i);
        if (i + 1 >= t->quiet) f.quiet += stay * none;
    }
    return f;
}

// Beta-binomial purchases in the opportunities before leaving.
void bgbb_pmf(const law *l, double x, double n, double t, size_t most, double *out) {
    double a = l->p[0] + x, b = l->p[1] + n - x, c = l->p[2], d = l->p[3] + n, stay = 1;
    memset(out, 0, (most + 1) * sizeof *out);
    for (double m = 0; m <= t; m++) { // with us for m more
        double weight = m >= t ? stay : stay * c / (c + d + m);
        double mass = exp(rising_ln(b, m) - rising_ln(a + b, m));
        for (size_t k = 0; k <= most && (double)k <= m; k++) {
            out[k] += weight * mass;
            double q = (double)k;
            if (q < m) mass *= (m - q) / (q + 1) * (a + q) / (b + m - q - 1);
        }
        stay *= (d + m) / (c + d + m);
    }
}
