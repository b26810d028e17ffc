#include <gsl/gsl_sf_psi.h>
#include <math.h>

#include "base/radix.h"
#include "stats/climb.h"
#include "stats/purchase_private.h"

enum { LEAST = 20, FIRM = 100, MONEY_PARAMS = 3, SAMPLE = 4000 };
static const double TOGETHER = 0.3, WALL = 9, STEEP = 3, PRICE = 1e-2; // the walls are those of purchase_fit.c

// Repeat buyers sorted by x, with money in units of the mean; and what the likelihood needs of all with the same x.
typedef struct {
    double x, n, ln_m; // how many, and Σ ln m
    size_t from, to;
} group;

typedef struct {
    size_t n, n_groups;
    double *total; // x m
    group *groups;
    double unit;
} purse;

static bool has_money(const purchase_people *p, size_t i) {
    return p->x[i] > 0 && p->spend[i] > 0 && isfinite(p->spend[i]);
}

static purse purse_of(arena *a, const purchase_people *p, size_t most, double unit) {
    keyed *k = make(a, keyed, p->n);
    purse b = {.unit = unit};
    size_t buyers = 0;
    for (size_t i = 0; i < p->n; i++)
        if (has_money(p, i)) k[buyers++] = (keyed){(uint64_t)p->x[i], (uint32_t)i};
    radix_sort(*a, k, buyers);
    size_t step = MAX(buyers / most, 1);
    b.total = make(a, double, buyers / step + 1);
    b.groups = make(a, group, buyers / step + 1);
    for (size_t i = step / 2; i < buyers; i += step) {
        double x = (double)k[i].key, m = p->spend[k[i].at] / unit;
        group *g = b.n_groups ? &b.groups[b.n_groups - 1] : NULL;
        if (!g || g->x != x) g = &b.groups[b.n_groups++], *g = (group){.x = x, .from = b.n};
        b.total[b.n++] = x * m;
        g->n++, g->ln_m += log(m), g->to = b.n;
    }
    return b;
}

static double psi(double x) {
    return gsl_sf_psi(x);
}

// Fader & Hardie 2013, note 025, equation 1a: mean spend m of x purchases has the density
//   Γ(px+q)/(Γ(px) Γ(q)) γ^q m^(px−1) x^px / (γ + m x)^(px+q).
static double money_loglik(void *ctx, const double *theta, double *grad) {
    const purse *b = ctx;
    double p = exp(theta[0]), q = exp(theta[1]), gamma = exp(theta[2]), sum = 0, by_p = 0, by_q = 0, by_gamma = 0;
    for (int i = 0; i < MONEY_PARAMS; i++)
        if (!(fabs(theta[i]) < 2 * WALL)) return -INFINITY;
    double psi_q = psi(q), ln_gamma = theta[2], ln_gamma_q = rising_ln(1, q) - theta[1]; // Γ(q) = Γ(1+q)/q
    for (size_t i = 0; i < b->n_groups; i++) {
        const group *g = &b->groups[i];
        double px = p * g->x, all = px + q, ln = 0, inverse = 0, psi_all = psi(all), ln_x = log(g->x);
        for (size_t k = g->from; k < g->to; k++) ln += log(gamma + b->total[k]), inverse += 1 / (gamma + b->total[k]);
        sum += g->n * (rising_ln(px, q) - ln_gamma_q + q * ln_gamma + px * ln_x) + (px - 1) * g->ln_m - all * ln;
        by_p += g->x * (g->n * (psi_all - psi(px) + ln_x) + g->ln_m - ln);
        by_q += g->n * (psi_all - psi_q + ln_gamma) - ln;
        by_gamma += g->n * q / gamma - all * inverse;
    }
    grad[0] = p * by_p, grad[1] = q * by_q, grad[2] = gamma * by_gamma;
    for (int i = 0; i < MONEY_PARAMS; i++) {
        double price = PRICE * exp(STEEP * (fabs(theta[i]) - WALL));
        sum -= price;
        grad[i] -= copysign(STEEP * price, theta[i]);
    }
    return sum - (double)b->n * log(b->unit);
}

static void reach(arena *a, purse *all, purse *few, double *theta, double *covariance, double *loglik) {
    static const double begin[][MONEY_PARAMS] = {{1.5, 1.4, -0.7}, {0, 1, 0.7}, {3, 2, 0.5}};
    double best = -INFINITY, at[MONEY_PARAMS], shape[9], curvature[9];
    climber c = {.f = money_loglik, .ctx = few, .n = MONEY_PARAMS};
    for (size_t i = 0; i < COUNT(begin); i++) {
        memcpy(at, begin[i], sizeof at);
        memset(shape, 0, sizeof shape);
        double height = climb(a, &c, at, shape, 1e-2);
        if (!(height > best)) continue;
        best = height;
        memcpy(theta, at, sizeof at);
        memcpy(covariance, shape, sizeof shape);
    }
    for (int i = 0; i < 9; i++) shape[i] = covariance[i] * (double)few->n / (double)all->n;
    c.ctx = all;
    climb(a, &c, theta, shape, 1e-8);
    climb_curvature(a, &c, theta, curvature);
    climb_covariance(*a, curvature, MONEY_PARAMS, 25, covariance);
    memcpy(shape, covariance, sizeof shape);
    *loglik = climb(a, &c, theta, shape, 1e-11);
}

// Pearson's correlation of spend and x, and how spend differs between customers.
static double survey(const purchase_people *p, purchase_spend *g) {
    double n = 0, m = 0, x = 0, mm = 0, xx = 0, mx = 0;
    for (size_t i = 0; i < p->n; i++) {
        if (p->x[i] > 0 && !has_money(p, i)) g->ignored++;
        if (!has_money(p, i)) continue;
        n++;
        double dm = p->spend[i] - m, dx = p->x[i] - x;
        m += dm / n, x += dx / n;
        mm += dm * (p->spend[i] - m), xx += dx * (p->x[i] - x), mx += dm * (p->x[i] - x);
    }
    g->n = (int64_t)n;
    g->correlation = mm > 0 && xx > 0 ? mx / sqrt(mm * xx) : 0;
    g->spread = m > 0 && n > 1 ? sqrt(mm / (n - 1)) / m : 0;
    return m;
}

static void judge(arena *a, purchase_spend *g) {
    g->state = g->n < FIRM ? ESTIMATE_THIN : ESTIMATE_OK, g->why = NULL;
    if (g->state == ESTIMATE_THIN) g->why = str_z(a, str_fmt(a, "only %" PRId64 " customers have bought again", g->n));
    if (fabs(g->correlation) > TOGETHER) {
        g->state = ESTIMATE_REFUSED;
        g->why = str_z(a, str_fmt(a,
                                  "who buys more often spends %s on a purchase (correlation %.2f), and the model of "
                                  "spend takes the two as independent",
                                  g->correlation > 0 ? "more" : "less", g->correlation));
    } else if (g->q <= 1) {
        g->state = ESTIMATE_REFUSED;
        g->why = "a few amounts are so large that no mean can be told";
    }
}

purchase_spend purchase_spend_fit(arena *a, const purchase_people *p) {
    purchase_spend g = {.state = ESTIMATE_NONE, .why = "no money is known", .mean = NAN};
    if (!p->spend) return g;
    double mean = survey(p, &g);
    if (g.n < LEAST) {
        g.state = ESTIMATE_REFUSED;
        g.why = str_z(a, str_fmt(a, "%d customers with the money of a repeat purchase are needed, there are %" PRId64,
                                 LEAST, g.n));
        return g;
    }
    double *covariance = make(a, double, MONEY_PARAMS *MONEY_PARAMS), theta[MONEY_PARAMS] = {0};
    arena brief = arena_open(purchase_arena(p->n, 0));
    purse all = purse_of(&brief, p, SIZE_MAX, mean), few = purse_of(&brief, p, SAMPLE, mean);
    reach(&brief, &all, &few, theta, covariance, &g.loglik);
    arena_close(&brief);
    g.p = exp(theta[0]), g.q = exp(theta[1]), g.gamma = exp(theta[2]) * mean;
    g.covariance = covariance;
    g.se[0] = g.p * sqrt(covariance[0]), g.se[1] = g.q * sqrt(covariance[4]), g.se[2] = g.gamma * sqrt(covariance[8]);
    if (g.q > 1) g.mean = g.p * g.gamma / (g.q - 1);
    judge(a, &g);
    return g;
}

// Note 025, equation 5: a weighted mean of what this customer and all customers spend.
double purchase_spend_mean(const purchase_spend *g, int32_t x, double m) {
    double total = x > 0 && m > 0 ? x * m : 0, px = total > 0 ? g->p * x : 0;
    return g->p * (g->gamma + total) / (px + g->q - 1);
}
