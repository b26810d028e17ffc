#include <math.h>

#include "stats/purchase_private.h"

// Pareto/NBD. Fader & Hardie 2005 (note 009) write the likelihood by Gauss's hypergeometric function. Here it is
//
//   Γ(r+x)/Γ(r) α^r β^s (α+T)^−(r+x) (β+T)^−s · (1 − Q(x,T) + Q(x,tx) e^(E(x,T) − E(x,tx)))
//
// with E(x,t) = (r+x) ln(α+t) + s ln(β+t), and Q(x,t) the chance that a customer who is with us at t leaves before the
// next purchase: s/R S ρ, R = r + s + x, after Euler's transformation of ₂F₁ to one with positive, falling terms:
//   α ≥ β:  S = ₂F₁(1, r+x; R+1; (α−β)/(α+t)),  ρ = 1
//   α < β:  S = ₂F₁(1, s+1; R+1; (β−α)/(β+t)),  ρ = (α+t)/(β+t)
// Q depends on pairs (x, t) only, and its series' coefficients on x only. The second bracket is 1/P(alive).

typedef struct {
    double ln, reach, lost; // ln(1 + t/α); E less its value at t = 0; Q
    double by[PARAMS];      // of Q, by the logarithms of r, α, s, β
} point;

// Derivatives of the likelihood by reach and lost of a pair, gathered from its rows.
typedef struct {
    double reach, lost;
} pull;

// z and 1 − z at t.
static void argument(const law *l, double t, double *z, double *rest) {
    double at = l->p[1] + t, bt = l->p[3] + t, wide = fmax(at, bt);
    *z = fabs(l->p[1] - l->p[3]) / wide, *rest = fmin(at, bt) / wide;
}

static void lost_at(const law *l, double x, double t, const hyper *f, point *q) {
    double r = l->p[0], alpha = l->p[1], s = l->p[2], beta = l->p[3], R = r + s + x;
    double at = alpha + t, bt = beta + t, ratio = at / bt;
    if (alpha >= beta) {
        q->lost = s / R * f->s;
        q->by[0] = r * (-q->lost / R + s / R * (f->by_d + f->by_e));
        q->by[1] = alpha * s / R * f->by_z * bt / (at * at);
        q->by[2] = q->lost * (1 - s / R) + s * s / R * f->by_e;
        q->by[3] = -beta * s / R * f->by_z / at;
    } else {
        q->lost = s / R * f->s * ratio;
        q->by[0] = r * (-q->lost / R + s / R * f->by_e * ratio);
        q->by[1] = alpha * (q->lost / at - s / R * f->by_z * ratio / bt);
        q->by[2] = q->lost * (1 - s / R) + s * s / R * (f->by_d + f->by_e) * ratio;
        q->by[3] = beta * (-q->lost / bt + s / R * f->by_z * ratio * ratio / bt);
    }
}

// Q(x, t): the chance of leaving before the next purchase.
static double pareto_lost(const law *l, double x, double t) {
    double r = l->p[0], alpha = l->p[1], s = l->p[2], beta = l->p[3], R = r + s + x, at = alpha + t, bt = beta + t;
    if (alpha >= beta) return s / R * hyper_one(r + x, R + 1, (alpha - beta) / at, bt / at).s;
    return s / R * hyper_one(s + 1, R + 1, (beta - alpha) / bt, at / bt).s * at / bt;
}

// The pairs of one x share a series, which must reach to the largest z, that of the least t.
static void block_points(arena scratch, const stratum *s, const law *l, size_t block, hyper_series *h, point *q) {
    size_t from = s->x_pair[block], n = s->x_pair[block + 1] - from;
    double *z = make(&scratch, double, n), *rest = make(&scratch, double, n), x = s->x[block], most = 0;
    hyper *f = make(&scratch, hyper, n);
    for (size_t i = 0; i < n; i++) {
        argument(l, s->t[s->pairs[from + i].t], &z[i], &rest[i]);
        most = fmax(most, z[i]);
    }
    hyper_fill(h, l->p[1] >= l->p[3] ? l->p[0] + x : l->p[2] + 1, l->p[0] + l->p[2] + x + 1, most);
    hyper_at(h, n, z, rest, f);
    for (size_t i = 0; i < n; i++) lost_at(l, x, s->t[s->pairs[from + i].t], &f[i], &q[from + i]);
}

static point *points(arena *a, const stratum *s, const law *l) {
    point *q = make(a, point, s->n_pairs);
    double *ln_a = make(a, double, s->n_t), *reach_s = make(a, double, s->n_t);
    hyper_series h = hyper_new(a);
    for (size_t i = 0; i < s->n_t; i++) {
        ln_a[i] = ln_above(s->t[i] / l->p[1]);
        reach_s[i] = l->p[2] * ln_above(s->t[i] / l->p[3]);
    }
    for (size_t i = 0; i < s->n_x; i++) block_points(*a, s, l, i, &h, q);
    for (size_t i = 0; i < s->n_pairs; i++) {
        const pair *p = &s->pairs[i];
        q[i].ln = ln_a[p->t];
        q[i].reach = (l->p[0] + s->x[p->x]) * q[i].ln + reach_s[p->t];
    }
    return q;
}

// ln(1 − Q(T) + Q(tx) e^Δ) of all rows, and what pulls at their pairs.
static double rows_part(const stratum *s, const point *q, pull *p) {
    double sum = 0;
    for (size_t i = 0; i < s->rows; i++) {
        const cell *c = &s->row[i];
        const point *late = &q[c->late], *early = &q[c->early];
        double here = fmax(1 - late->lost, 1e-300), delta = late->reach - early->reach, m, w;
        if (delta < 600) {
            w = exp(delta), m = here + early->lost * w;
            sum += c->count * log(m);
            m = c->count / m, w *= m;
        } else {
            sum += c->count * (delta + log(early->lost));
            m = 0, w = c->count / early->lost;
        }
        p[c->late].lost -= m;
        p[c->early].lost += w;
        p[c->late].reach += w * early->lost;
        p[c->early].reach -= w * early->lost;
    }
    return sum;
}

double pareto_loglik(arena scratch, const stratum *s, const law *l, double *g) {
    pull *p = make(&scratch, pull, s->n_pairs);
    const point *q = points(&scratch, s, l);
    double r = l->p[0], alpha = l->p[1], ln_alpha = log(alpha), beta = l->p[3], sum = rows_part(s, q, p);
    memset(g, 0, PARAMS * sizeof *g);
    for (size_t i = 0; i < s->n_x; i++) {
        double x = s->x[i], n = s->x_count[i];
        sum += n * (rising_ln(r, x) - x * ln_alpha);
        g[0] += n * r * rising_by(r, x);
        g[1] -= n * x;
    }
    for (size_t i = 0; i < s->n_pairs; i++) {
        const pair *pr = &s->pairs[i];
        double t = s->t[pr->t], rx = r + s->x[pr->x], pulled = p[i].reach - pr->late;
        sum -= pr->late * q[i].reach;
        for (int k = 0; k < PARAMS; k++) g[k] += p[i].lost * q[i].by[k];
        g[0] += pulled * r * q[i].ln;
        g[1] -= pulled * rx * t / (alpha + t);
        g[2] += pulled * (q[i].reach - rx * q[i].ln);
        g[3] -= pulled * l->p[2] * t / (beta + t);
    }
    return sum;
}

void pareto_view(arena *a, view *v) {
    const stratum *s = v->s;
    v->reach = make(a, double, s->n_pairs);
    v->lost = make(a, double, s->n_pairs);
    arena scratch = *a;
    const point *q = points(&scratch, s, &v->l);
    for (size_t i = 0; i < s->n_pairs; i++) v->reach[i] = q[i].reach, v->lost[i] = q[i].lost;
}

double pareto_alive(const view *v, size_t row) {
    const cell *c = &v->s->row[row];
    double delta = v->reach[c->late] - v->reach[c->early];
    return 1 / fmax(1, 1 - v->lost[c->late] + v->lost[c->early] * exp(delta));
}

// ---- The future of a customer who is with us: λ is Gamma(r+x, α+T), μ is Gamma(s, β+T), and they are independent ----

// Buying within t: buying at all before leaving, less doing so only after t has passed without either.
static double quiet(const law *l, double x, double T, double t) {
    double reach = (l->p[0] + x) * log1p(t / (l->p[1] + T)) + l->p[2] * log1p(t / (l->p[3] + T));
    return pareto_lost(l, x, T) + exp(-reach) * (1 - pareto_lost(l, x, T + t));
}

ahead pareto_ahead(const law *l, double x, double T, const purchase_terms *t) {
    double rx = l->p[0] + x, alpha = l->p[1] + T, s = l->p[2], beta = l->p[3] + T, pace = rx / alpha;
    double stay = decay_integral(0, beta, s, t->horizon);
    return (ahead){.buys = pace * stay,
                   .twice = pace * (pace + 1 / alpha) * 2 * decay_moment(beta, s, t->horizon),
                   .quiet = quiet(l, x, T, t->quiet),
                   .worth = pace * (t->discount > 0 ? decay_integral(t->discount, beta, s, t->horizon) : stay),
                   .residual = t->residual ? pace * decay_integral(t->discount, beta, s, INFINITY) : NAN};
}

// Poisson purchases until leaving or t: leaving at u has the density s β^s (β+u)^−(s+1), and until u purchases are
// NegBin(r+x). Panels on a logarithmic scale, fine enough for the narrowest of these distributions.
void pareto_pmf(const law *l, double x, double T, double t, size_t most, double *out) {
    double rx = l->p[0] + x, alpha = l->p[1] + T, s = l->p[2], beta = l->p[3] + T, scale = fmin(alpha, beta);
    double end = log1p(t / scale), width = fmin(0.7, 6 / sqrt(rx + (double)most + 1));
    int panels = 1 + (int)fmin(400, end / width);
    law nbd = {.p = {l->p[0], l->p[1]}, .k = 1};
    nbd_pmf(&nbd, x, T, t, most, out);
    double stay = exp(-s * log1p(t / beta));
    for (size_t n = 0; n <= most; n++) out[n] *= stay;
    for (int i = 0; i < 16 * panels; i++) {
        double w = end / panels * (i / 16 + GAUSS16[i % 16].at), u = scale * expm1(w), z = u / (alpha + u);
        double leave = s / (beta + u) * exp(-s * log1p(u / beta)) * (scale + u);
        double mass = leave * GAUSS16[i % 16].weight * end / panels * exp(-rx * log1p(u / alpha));
        for (size_t n = 0; n <= most; n++) {
            out[n] += mass;
            mass *= (rx + (double)n) / ((double)n + 1) * z;
        }
    }
}
