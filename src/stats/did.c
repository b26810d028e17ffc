#include <math.h>

#include "stats/did.h"

#include "stats/dist.h"
#include "stats/matrix.h"

enum { K = 4 }; // the intercept, the group, the time, and their product
static const double Z80 = 0.8416212335729143;

void did_add(did_unit *u, int32_t period, bool since, double y) {
    if (since) {
        u->n_since++, u->since += y, u->t_since += period;
        return;
    }
    const double t = period;
    u->n_before++, u->before += y;
    u->t += t, u->tt += t * t, u->ty += t * y;
}

double did_tells(double se) {
    return (Z95 + Z80) * se;
}

// ---- least squares on four columns, with errors that hang together within a customer ----

typedef struct {
    double b[K], cov[K * K];
    int64_t clusters, rows;
    double last[K]; // the last row of (Σ x xᵀ)⁻¹: a customer's score times it is what it adds to the last coefficient
    double correct; // of the variance, for few customers
    bool known;     // enough to invert
} fit;

// What a customer adds: Σ x xᵀ, Σ x y.
typedef void (*adds_fn)(const did_unit *u, double xx[K * K], double xy[K], int64_t *rows);

static void adds_times(const did_unit *u, double xx[K * K], double xy[K], int64_t *rows) {
    const double d = u->treated, n0 = u->n_before, n1 = u->n_since, n = n0 + n1;
    const double m[K * K] = {n,  n * d,  n1, n1 * d, n * d,  n * d,  n1 * d, n1 * d,
                             n1, n1 * d, n1, n1 * d, n1 * d, n1 * d, n1 * d, n1 * d};
    const double v[K] = {u->before + u->since, d * (u->before + u->since), u->since, d * u->since};
    memcpy(xx, m, sizeof m), memcpy(xy, v, sizeof v);
    *rows = u->n_before + u->n_since;
}

static void adds_trend(const did_unit *u, double xx[K * K], double xy[K], int64_t *rows) {
    const double d = u->treated, n = u->n_before, t = u->t, tt = u->tt;
    const double m[K * K] = {n, n * d, t,  t * d,  n * d, n * d, t * d,  t * d,
                             t, t * d, tt, tt * d, t * d, t * d, tt * d, tt * d};
    const double v[K] = {u->before, d * u->before, u->ty, d * u->ty};
    memcpy(xx, m, sizeof m), memcpy(xy, v, sizeof v);
    *rows = u->n_before;
}

// The middle of the sandwich: Σ s sᵀ of the customers' scores s = Σ x (y − x b).
static void scores(const did_unit *x, size_t n, adds_fn adds, const double *b, double *meat) {
    double xx[K * K], xy[K], s[K];
    int64_t rows;
    memset(meat, 0, K * K * sizeof *meat);
    for (size_t i = 0; i < n; i++) {
        adds(&x[i], xx, xy, &rows);
        for (int r = 0; r < K; r++) {
            s[r] = xy[r];
            for (int c = 0; c < K; c++) s[r] -= xx[r * K + c] * b[c];
        }
        for (int r = 0; r < K; r++)
            for (int c = 0; c < K; c++) meat[r * K + c] += s[r] * s[c];
    }
}

static void times(const double *x, const double *y, double *out) {
    for (int r = 0; r < K; r++)
        for (int c = 0; c < K; c++) {
            out[r * K + c] = 0;
            for (int k = 0; k < K; k++) out[r * K + c] += x[r * K + k] * y[k * K + c];
        }
}

static fit fit_of(arena scratch, const did_unit *x, size_t n, adds_fn adds) {
    fit f = {0};
    double sum[K * K] = {0}, inv[K * K], meat[K * K], half[K * K], xx[K * K], xy[K];
    for (size_t i = 0; i < n; i++) {
        int64_t rows;
        adds(&x[i], xx, xy, &rows);
        for (int k = 0; k < K * K; k++) sum[k] += xx[k];
        for (int k = 0; k < K; k++) f.b[k] += xy[k];
        f.rows += rows, f.clusters += rows > 0;
    }
    f.known = matrix_cholesky(sum, K, 1e-10) == K && f.rows > K && f.clusters > 1;
    if (!f.known) return f;
    matrix_inverse(scratch, sum, K, inv);
    matrix_solve(sum, K, f.b);
    scores(x, n, adds, f.b, meat);
    times(inv, meat, half), times(half, inv, f.cov);
    const double g = (double)f.clusters, rows = (double)f.rows;
    f.correct = g / (g - 1) * (rows - 1) / (rows - K);
    for (int k = 0; k < K * K; k++) f.cov[k] *= f.correct;
    for (int k = 0; k < K; k++) f.last[k] = inv[(K - 1) * K + k];
    return f;
}

static double adds_to_last(const fit *f, adds_fn adds, const did_unit *u) {
    double xx[K * K], xy[K], sum = 0;
    int64_t rows;
    adds(u, xx, xy, &rows);
    for (int r = 0; r < K; r++) {
        for (int c = 0; c < K; c++) xy[r] -= xx[r * K + c] * f->b[c];
        sum += f->last[r] * xy[r];
    }
    return sum;
}

// Both coefficients come from the same customers, so their difference is judged customer by customer.
static estimate beyond_trend(const did_unit *x, size_t n, const fit *effect, const fit *trend, const char *method) {
    double t[2] = {0}, rows[2] = {0};
    for (size_t i = 0; i < n; i++) {
        t[0] += x[i].t, t[1] += x[i].t_since;
        rows[0] += x[i].n_before, rows[1] += x[i].n_since;
    }
    const double far = t[1] / rows[1] - t[0] / rows[0];
    estimate e = {.n = effect->clusters, .method = method, .state = ESTIMATE_OK, .eff = (double)effect->clusters};
    e.value = e.point = effect->b[K - 1] - far * trend->b[K - 1];
    for (size_t i = 0; i < n; i++) {
        const double d = adds_to_last(effect, adds_times, &x[i]) - far * adds_to_last(trend, adds_trend, &x[i]);
        e.var += d * d;
    }
    e.var *= effect->correct;
    const double half = dist_t_at(0.975, (double)effect->clusters - 1) * sqrt(e.var);
    e.lo = e.value - half, e.hi = e.value + half;
    return e;
}

// A sum of coefficients, with its interval.
static estimate of_fit(const fit *f, const double w[K], const char *method, int64_t n) {
    estimate e = {.n = n, .method = method, .state = ESTIMATE_OK, .eff = (double)n};
    for (int r = 0; r < K; r++) {
        e.value += w[r] * f->b[r];
        for (int c = 0; c < K; c++) e.var += w[r] * w[c] * f->cov[r * K + c];
    }
    const double half = dist_t_at(0.975, (double)f->clusters - 1) * sqrt(e.var);
    e.point = e.value, e.lo = e.value - half, e.hi = e.value + half;
    return e;
}

static double p_of(const estimate *e, const fit *f) {
    return e->var > 0 ? dist_t_both(e->value / sqrt(e->var), (double)f->clusters - 1) : NAN;
}

// ---- what is said of it ----

static const char *const METHOD = "difference in differences";

static void judge(arena *a, did *d, size_t periods) {
    const int64_t few = MIN(d->units[0], d->units[1]);
    if (few < DID_UNITS) {
        d->effect.state = ESTIMATE_THIN;
        d->effect.why = str_z(a, str_fmt(a, "%" PRId64 " more customers %s are needed", DID_UNITS - few,
                                         d->units[1] <= d->units[0] ? "under the policy" : "outside it"));
    } else if (periods < DID_PERIODS) {
        d->effect.state = ESTIMATE_THIN;
        d->effect.why = "too few periods before the policy to see whether both groups moved alike";
    } else if (d->trend_p < 0.05) {
        d->effect.state = ESTIMATE_REFUSED;
        d->effect.why = "both groups moved differently before the policy already";
    } else if (!(d->effect.var > 0)) {
        d->effect.state = ESTIMATE_THIN;
        d->effect.why = "nothing differs between customers, so chance cannot be judged";
    }
}

static size_t periods_before(const did_unit *x, size_t n) {
    int32_t most = 0;
    for (size_t i = 0; i < n; i++) most = MAX(most, x[i].n_before);
    return (size_t)most;
}

did did_of(arena *a, const did_unit *x, size_t n) {
    did d = {.effect = estimate_none(METHOD, "there are not both groups, before the policy and since"),
             .trend = estimate_none(METHOD, "too few periods before the policy"),
             .beyond = estimate_none(METHOD, "too few periods before the policy"),
             .trend_p = NAN,
             .p = NAN,
             .se = NAN,
             .tells = NAN};
    for (size_t i = 0; i < n; i++) d.units[x[i].treated] += x[i].n_before + x[i].n_since > 0;
    for (int g = 0; g < 2; g++) d.before[g] = d.since[g] = d.effect;
    const fit f = fit_of(*a, x, n, adds_times);
    if (!f.known) return d;
    for (int g = 0; g < 2; g++) {
        d.before[g] = of_fit(&f, (double[K]){1, g, 0, 0}, METHOD, d.units[g]);
        d.since[g] = of_fit(&f, (double[K]){1, g, 1, g}, METHOD, d.units[g]);
    }
    d.effect = of_fit(&f, (double[K]){0, 0, 0, 1}, METHOD, d.units[0] + d.units[1]);
    d.se = sqrt(d.effect.var), d.p = p_of(&d.effect, &f), d.tells = did_tells(d.se);
    const size_t periods = periods_before(x, n);
    const fit before = periods >= DID_PERIODS ? fit_of(*a, x, n, adds_trend) : (fit){0};
    if (before.known) {
        d.trend = of_fit(&before, (double[K]){0, 0, 0, 1}, METHOD, d.units[0] + d.units[1]);
        d.trend_p = p_of(&d.trend, &before);
        d.beyond = beyond_trend(x, n, &f, &before, METHOD);
    }
    judge(a, &d, periods);
    return d;
}

estimate did_ratio(const did_parts *x) {
    static const char *const how = "Fieller";
    const double z2 = Z95 * Z95, g = z2 * x->low_var / (x->low * x->low);
    if (!(x->low != 0) || !(g < 1))
        return estimate_refused(how, "the effect may be none, so no number bounds the ratio");
    const double r = x->top / x->low;
    const double root = x->top_var - 2 * r * x->cov + r * r * x->low_var -
                        g * (x->low_var > 0 ? x->top_var - x->cov * x->cov / x->low_var : 0);
    const double mid = (r - (x->low_var > 0 ? g * x->cov / x->low_var : 0)) / (1 - g);
    const double half = Z95 / fabs(x->low) * sqrt(MAX(root, 0.0)) / (1 - g);
    return (estimate){.value = r,
                      .lo = mid - half,
                      .hi = mid + half,
                      .n = x->n,
                      .method = how,
                      .state = ESTIMATE_OK,
                      .point = r,
                      .eff = (double)x->n};
}
