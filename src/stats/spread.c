#include "stats/spread.h"

#include "stats/dist.h"

#include <math.h>

// Student 1908, Biometrika 6.
estimate spread_mean_of(arena *a, int64_t n, double sum, double squares, sampling s) {
    estimate e = {.method = "Student t"};
    estimate_judge(a, &e, s, n);
    if (n <= 0) return e;
    double mean = sum / (double)n;
    e.value = e.point = e.lo = e.hi = mean;
    if (isinf(e.eff)) return e;
    double var = n > 1 ? (squares - sum * mean) / (double)(n - 1) : 0;
    bool flat = !(var > 1e-14 * squares / (double)n);
    if (flat) {
        e.state = ESTIMATE_THIN;
        if (!e.why) e.why = "all values are equal; how far they spread is not known";
        return e;
    }
    e.var = var / e.eff;
    double half = dist_t_at(0.975, (double)(n - 1)) * sqrt(e.var);
    e.lo = mean - half;
    e.hi = mean + half;
    return e;
}

// Two passes: the sums of squares of far-away values would lose their digits in one.
estimate spread_mean(arena *a, const double *x, size_t n, sampling s) {
    double sum = 0, off = 0, squares = 0;
    bool flat = true;
    for (size_t i = 0; i < n; i++) {
        sum += x[i];
        flat = flat && x[i] == x[0];
    }
    double mean = n ? flat ? x[0] : sum / (double)n : 0;
    for (size_t i = 0; i < n; i++) {
        off += x[i] - mean;
        squares += (x[i] - mean) * (x[i] - mean);
    }
    estimate e = spread_mean_of(a, (int64_t)n, off, squares, s);
    e.value += mean;
    e.point += mean;
    e.lo += mean;
    e.hi += mean;
    return e;
}

// Welch 1947, Biometrika 34, with Satterthwaite's degrees of freedom (1946).
change spread_mean_change(const estimate *now, const estimate *before) {
    change c = estimate_change(now, before);
    if (!c.method || isinf(now->eff) || isinf(before->eff)) return c;
    double v1 = now->var, v2 = before->var, v = v1 + v2;
    double df = v * v / (v1 * v1 / (double)(now->n - 1) + v2 * v2 / (double)(before->n - 1));
    double half = dist_t_at(0.975, df) * sqrt(v);
    return (change){.diff = c.diff,
                    .lo = c.diff - half,
                    .hi = c.diff + half,
                    .p = dist_t_both(c.diff / sqrt(v), df),
                    .method = "Welch t"};
}

static int by_value(const void *x, const void *y) {
    double u = *(const double *)x, v = *(const double *)y;
    return (u > v) - (u < v);
}

void spread_sort(double *x, size_t n) {
    if (n) qsort(x, n, sizeof *x, by_value);
}

// Hyndman & Fan 1996, Am. Stat. 50: type 7.
double spread_quantile_at(const double *sorted, size_t n, double q) {
    assert(n > 0 && q >= 0 && q <= 1);
    double at = q * (double)(n - 1);
    size_t i = MIN((size_t)at, n - 1), j = MIN(i + 1, n - 1);
    return sorted[i] + (at - (double)i) * (sorted[j] - sorted[i]);
}

// The fewest values whose whole range holds the q-quantile with 95 %: q^n and (1−q)^n both at most 2.5 %.
static int64_t values_needed(double q) {
    double worst = MAX(q, 1 - q);
    return (int64_t)ceil(log(0.025) / log(worst) - 1e-9);
}

// Conover 1999, Practical Nonparametric Statistics, 3.2: ranks from the binomial distribution. With X ~ Bin(n, q)
// values below the quantile, x₍ᵣ₎ and x₍ₛ₎ bound it with P(X ≤ r−1) ≤ 2.5 % and P(X ≤ s−1) ≥ 97.5 %.
static void order_interval(const double *sorted, int64_t n, double q, estimate *e) {
    int64_t below = dist_binom_at(0.025, n, q);
    if (dist_binom_below(below, n, q) > 0.025) below--;
    int64_t above = dist_binom_at(0.975, n, q);
    e->lo = sorted[MAX(below, 0)];
    e->hi = sorted[MIN(above, n - 1)];
}

estimate spread_quantile(arena *a, const double *x, size_t n, double q, sampling s) {
    assert(q > 0 && q < 1);
    estimate e = {.method = "order statistics"};
    estimate_judge(a, &e, s, (int64_t)n);
    if (n == 0) return e;
    arena scratch = *a;
    double *sorted = make(&scratch, double, n);
    memcpy(sorted, x, n * sizeof *x);
    spread_sort(sorted, n);
    e.value = e.point = spread_quantile_at(sorted, n, q);
    int64_t need = values_needed(q);
    order_interval(sorted, (int64_t)n, q, &e);
    if ((int64_t)n >= need) return e;
    e.lo = sorted[0];
    e.hi = sorted[n - 1];
    e.state = ESTIMATE_THIN;
    e.why = str_z(a, str_fmt(a, "%" PRId64 " values are needed for a 95 %% interval", need));
    return e;
}

estimate spread_median(arena *a, const double *x, size_t n, sampling s) {
    return spread_quantile(a, x, n, 0.5, s);
}

typedef struct {
    int64_t id;
    size_t row;
} member;

static int by_cluster(const void *x, const void *y) {
    const member *u = x, *v = y;
    if (u->id != v->id) return u->id < v->id ? -1 : 1;
    return (u->row > v->row) - (u->row < v->row);
}

spread_clusters spread_clusters_of(arena *a, const int64_t *ids, size_t n) {
    member *m = make(a, member, n);
    for (size_t i = 0; i < n; i++) m[i] = (member){ids ? ids[i] : (int64_t)i, i};
    qsort(m, n, sizeof *m, by_cluster);
    spread_clusters c = {.rows = make(a, size_t, n), .start = make(a, size_t, n + 1)};
    for (size_t i = 0; i < n; i++) {
        c.rows[i] = m[i].row;
        if (i == 0 || m[i].id != m[i - 1].id) c.start[c.n++] = i;
    }
    c.start[c.n] = n;
    return c;
}

size_t *spread_draw(arena *a, const spread_clusters *c, rng *r, size_t *n) {
    size_t *drawn = make(a, size_t, c->n), at = 0;
    *n = 0;
    for (size_t i = 0; i < c->n; i++) {
        drawn[i] = (size_t)rng_range(r, 0, (int64_t)c->n - 1);
        *n += c->start[drawn[i] + 1] - c->start[drawn[i]];
    }
    size_t *rows = make(a, size_t, *n);
    for (size_t i = 0; i < c->n; i++) {
        size_t from = c->start[drawn[i]], width = c->start[drawn[i] + 1] - from;
        memcpy(rows + at, c->rows + from, width * sizeof *rows);
        at += width;
    }
    return rows;
}

static double resample(arena scratch, const spread_clusters *c, const void *data, spread_statistic f, rng *r) {
    size_t n, *rows = spread_draw(&scratch, c, r, &n);
    return f(data, rows, n);
}

// The percentile interval of the resampled statistic; false when too many resamples gave no value.
static bool percentile_interval(double *stat, size_t rounds, estimate *e) {
    size_t good = 0;
    for (size_t i = 0; i < rounds; i++) {
        if (isfinite(stat[i])) stat[good++] = stat[i];
    }
    if (good < 2 || good * 20 < rounds * 19) return false;
    spread_sort(stat, good);
    double mean = 0, squares = 0;
    for (size_t i = 0; i < good; i++) mean += stat[i] / (double)good;
    for (size_t i = 0; i < good; i++) squares += (stat[i] - mean) * (stat[i] - mean);
    e->lo = spread_quantile_at(stat, good, 0.025);
    e->hi = spread_quantile_at(stat, good, 0.975);
    e->var = squares / (double)(good - 1);
    return true;
}

// Efron & Tibshirani 1993, An Introduction to the Bootstrap, ch. 13; clusters as Davison & Hinkley 1997, 3.8.
estimate spread_bootstrap(arena *a, const void *data, size_t n, const int64_t *cluster, spread_statistic f, int rounds,
                          rng *r) {
    const char *method = cluster ? "cluster bootstrap, percentile" : "bootstrap, percentile";
    if (n == 0) return estimate_none(method, "there are no values yet");
    arena scratch = *a;
    spread_clusters c = spread_clusters_of(&scratch, cluster, n);
    size_t times = rounds > 0 ? (size_t)rounds : 2000;
    double *stat = make(&scratch, double, times);
    for (size_t i = 0; i < times; i++) stat[i] = resample(scratch, &c, data, f, r);
    estimate e = {.method = method, .value = f(data, c.rows, n)};
    bool ok = isfinite(e.value) && percentile_interval(stat, times, &e);
    if (!ok) return estimate_refused(method, "the figure has no value in too many resamples");
    e.point = e.value;
    estimate_judge(a, &e, (sampling){.of = cluster ? "cluster" : "value"}, (int64_t)c.n);
    e.n = (int64_t)n;
    return e;
}
