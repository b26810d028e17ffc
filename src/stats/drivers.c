#include <gsl/gsl_eigen.h>

#include "stats/drivers.h"
#include "stats/matrix.h"
#include "stats/spread.h"

#include <math.h>

static bool finite_all(const double *x, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(x[i])) return false;
    }
    return true;
}

// R = V Δ² Vᵀ; with Λ = V Δ Vᵀ the drivers have orthogonal counterparts, whose coefficients are Λ⁻¹ r_y; each driver
// takes of every counterpart the square of its correlation with it.
double drivers_johnson(arena scratch, const double *r, const double *ry, size_t p, double *out) {
    memset(out, 0, p * sizeof *out);
    if (p == 0 || !finite_all(r, p * p) || !finite_all(ry, p)) return NAN;
    gsl_matrix *m = gsl_matrix_alloc(p, p), *v = gsl_matrix_alloc(p, p);
    gsl_vector *squares = gsl_vector_alloc(p);
    gsl_eigen_symmv_workspace *w = gsl_eigen_symmv_alloc(p);
    for (size_t i = 0; i < p * p; i++) m->data[i] = r[i];
    gsl_eigen_symmv(m, squares, v, w);
    double *lambda = make(&scratch, double, p *p), *beta = make(&scratch, double, p), sum = 0;
    for (size_t k = 0; k < p; k++) {
        double square = gsl_vector_get(squares, k), delta = sqrt(MAX(square, 0)), along = 0;
        for (size_t i = 0; i < p; i++) along += gsl_matrix_get(v, i, k) * ry[i];
        for (size_t i = 0; i < p; i++) {
            double vi = gsl_matrix_get(v, i, k);
            if (square > 1e-10) beta[i] += vi * along / delta; // directions without variance say nothing
            for (size_t j = 0; j < p; j++) lambda[i * p + j] += vi * delta * gsl_matrix_get(v, j, k);
        }
    }
    gsl_matrix_free(m), gsl_matrix_free(v), gsl_vector_free(squares), gsl_eigen_symmv_free(w);
    for (size_t j = 0; j < p; j++) {
        for (size_t k = 0; k < p; k++) out[j] += lambda[j * p + k] * lambda[j * p + k] * beta[k] * beta[k];
        sum += out[j];
    }
    return sum;
}

// R² of the drivers in a set.
static double r2_of(const double *r, const double *ry, size_t p, unsigned set) {
    double m[DRIVERS_MOST * DRIVERS_MOST], b[DRIVERS_MOST];
    size_t at[DRIVERS_MOST], k = 0;
    for (size_t j = 0; j < p; j++) {
        if (set >> j & 1) at[k++] = j;
    }
    for (size_t i = 0; i < k; i++) {
        b[i] = ry[at[i]];
        for (size_t j = 0; j < k; j++) m[i * k + j] = r[at[i] * p + at[j]];
    }
    matrix_cholesky(m, k, 1e-10);
    matrix_solve(m, k, b);
    double sum = 0;
    for (size_t i = 0; i < k; i++) sum += b[i] * ry[at[i]];
    return sum;
}

// What a driver adds to R², averaged over all orders in which drivers can come in.
double drivers_shapley(arena scratch, const double *r, const double *ry, size_t p, double *out) {
    assert(p <= DRIVERS_MOST);
    memset(out, 0, p * sizeof *out);
    if (p == 0 || !finite_all(r, p * p) || !finite_all(ry, p)) return NAN;
    unsigned sets = 1u << p;
    double *r2 = make(&scratch, double, sets), weight[DRIVERS_MOST];
    for (unsigned s = 1; s < sets; s++) r2[s] = r2_of(r, ry, p, s);
    weight[0] = 1 / (double)p; // k! (p − 1 − k)! / p! for a set of k others
    for (size_t k = 1; k < p; k++) weight[k] = weight[k - 1] * (double)k / (double)(p - k);
    for (unsigned s = 0; s < sets; s++) {
        double w = weight[__builtin_popcount(s) % DRIVERS_MOST];
        for (size_t j = 0; j < p; j++) {
            if (!(s >> j & 1)) out[j] += w * (r2[s | 1u << j] - r2[s]);
        }
    }
    return r2[sets - 1];
}

// Rows in play, and their correlations; a column that does not vary correlates with nothing.
typedef struct {
    const drivers_data *d;
    const uint32_t *rows;
    size_t n, p;         // p with the column of noise, when there is one
    const double *noise; // per place in rows, or NULL
    double *mean, *sd, *r, *ry, *row;
} play;

static void take_row(const play *k, size_t place, double *out) {
    size_t row = k->rows[place];
    memcpy(out, &k->d->x[row * k->d->p], k->d->p * sizeof *out);
    if (k->noise) out[k->d->p] = k->noise[place];
    out[k->p] = k->d->y[row];
}

// Correlations of the drawn places (NULL: all), the outcome as the last column. False when the outcome does not vary.
static bool correlate(play *k, const size_t *drawn, size_t n) {
    size_t all = k->p + 1;
    memset(k->mean, 0, all * sizeof *k->mean);
    memset(k->r, 0, all * all * sizeof *k->r);
    for (size_t i = 0; i < n; i++) {
        take_row(k, drawn ? drawn[i] : i, k->row);
        for (size_t j = 0; j < all; j++) k->mean[j] += k->row[j] / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        take_row(k, drawn ? drawn[i] : i, k->row);
        for (size_t j = 0; j < all; j++) {
            k->row[j] -= k->mean[j];
            for (size_t m = 0; m <= j; m++) k->r[j * all + m] += k->row[j] * k->row[m];
        }
    }
    for (size_t j = 0; j < all; j++) k->sd[j] = sqrt(k->r[j * all + j]);
    for (size_t j = 0; j < all; j++) {
        bool flat = !(k->sd[j] > 1e-12 * fabs(k->mean[j]) * sqrt((double)n));
        if (flat) k->sd[j] = 0;
    }
    for (size_t j = 0; j < all; j++) {
        for (size_t m = 0; m < j; m++) {
            double both = k->sd[j] * k->sd[m];
            k->r[m * all + j] = k->r[j * all + m] = both > 0 ? k->r[j * all + m] / both : 0;
        }
        k->r[j * all + j] = 1;
    }
    return k->sd[k->p] > 0;
}

// The correlation matrix of p + 1 columns taken apart: out[p], R².
static double shares_of(arena scratch, const play *k, double *out) {
    size_t p = k->p, all = p + 1;
    double *r = make(&scratch, double, p *p);
    for (size_t i = 0; i < p; i++) {
        k->ry[i] = k->r[i * all + p];
        for (size_t j = 0; j < p; j++) r[i * p + j] = k->r[i * all + j];
    }
    bool exact = k->d->method == DRIVERS_SHAPLEY && p <= DRIVERS_MOST;
    return exact ? drivers_shapley(scratch, r, k->ry, p, out) : drivers_johnson(scratch, r, k->ry, p, out);
}

static spread_clusters clusters_of(arena *a, const play *k) {
    int64_t *ids = k->d->cluster ? make(a, int64_t, k->n) : NULL;
    for (size_t i = 0; ids && i < k->n; i++) ids[i] = k->d->cluster[k->rows[i]];
    return spread_clusters_of(a, ids, k->n);
}

static play play_new(arena *a, const drivers_data *d) {
    uint32_t *rows = make(a, uint32_t, d->n);
    play k = {.d = d, .rows = rows, .p = d->p};
    for (size_t i = 0; i < d->n; i++) {
        if (finite_all(&d->x[i * d->p], d->p) && isfinite(d->y[i])) rows[k.n++] = (uint32_t)i;
    }
    size_t all = d->p + 2;
    k.mean = make(a, double, all), k.sd = make(a, double, all), k.row = make(a, double, all);
    k.ry = make(a, double, all), k.r = make(a, double, all *all);
    return k;
}

// In each round a new column of noise stands beside the drivers: what it is worth is what chance is worth.
static size_t resample(arena scratch, play *k, size_t times, rng *r, double *share, double *r2, double *over) {
    size_t p = k->d->p, good = 0;
    spread_clusters c = clusters_of(&scratch, k);
    double *noise = make(&scratch, double, k->n), *out = make(&scratch, double, p + 1);
    for (size_t t = 0; t < times; t++) {
        arena own = scratch;
        size_t n, *drawn = spread_draw(&own, &c, r, &n);
        for (size_t i = 0; i < k->n; i++) noise[i] = rng_normal(r, 0, 1);
        k->noise = noise, k->p = p + 1;
        if (n < 2 || !correlate(k, drawn, n)) continue;
        shares_of(own, k, out);
        for (size_t j = 0; j < p; j++) over[j * times + good] = out[j] - out[p];
        k->noise = NULL, k->p = p;
        correlate(k, drawn, n);
        r2[good] = shares_of(own, k, out);
        for (size_t j = 0; j < p; j++) share[j * times + good] = out[j];
        good++;
    }
    return good;
}

static estimate interval(double value, double *rounds, size_t good, int64_t n, double eff) {
    estimate e = {
        .value = value, .point = value, .n = n, .eff = eff, .state = ESTIMATE_OK, .method = "bootstrap, percentile"};
    double mean = 0;
    spread_sort(rounds, good);
    for (size_t i = 0; i < good; i++) mean += rounds[i] / (double)good;
    for (size_t i = 0; i < good; i++) e.var += (rounds[i] - mean) * (rounds[i] - mean) / (double)(good - 1);
    e.lo = MIN(value, spread_quantile_at(rounds, good, 0.025));
    e.hi = MAX(value, spread_quantile_at(rounds, good, 0.975));
    return e;
}

drivers drivers_of(arena *a, const drivers_data *d, rng *r) {
    drivers out = {.of = make(a, driver, d->p), .state = ESTIMATE_REFUSED};
    arena scratch = *a;
    play k = play_new(&scratch, d);
    size_t need = DRIVERS_PER * d->p, times = d->rounds > 1 ? (size_t)d->rounds : 500;
    out.n = (int64_t)k.n, out.ignored = (int64_t)(d->n - k.n);
    out.r2 = estimate_refused("bootstrap, percentile", NULL);
    if (d->p == 0 || k.n < need) {
        out.why = str_z(a, str_fmt(a, "%zu full answers; %zu drivers need %zu", k.n, d->p, need));
        return out;
    }
    if (!correlate(&k, NULL, k.n)) {
        out.why = "the outcome is the same in all answers";
        return out;
    }
    double *now = make(&scratch, double, d->p), r2_now = shares_of(scratch, &k, now);
    for (size_t j = 0; j < d->p; j++) out.of[j].r = k.ry[j];
    double *share = make(&scratch, double, d->p *times), *over = make(&scratch, double, d->p *times);
    double *r2 = make(&scratch, double, times);
    size_t good = resample(scratch, &k, times, r, share, r2, over);
    if (good * 20 < times * 19) {
        out.why = "the outcome varies in too few answers";
        return out;
    }
    out.state = ESTIMATE_OK;
    double eff = (double)clusters_of(&scratch, &k).n;
    out.r2 = interval(r2_now, r2, good, out.n, eff);
    for (size_t j = 0; j < d->p; j++) {
        out.of[j].share = interval(now[j], &share[j * times], good, out.n, eff);
        spread_sort(&over[j * times], good);
        out.of[j].above_chance = spread_quantile_at(&over[j * times], good, 0.025) > 0;
    }
    return out;
}
