#include "stats/its.h"

#include "stats/dist.h"
#include "stats/logit.h"
#include "stats/matrix.h"

#include <math.h>

enum { BEFORE = 8, AFTER = 4, BEFORE_GOOD = 12, AFTER_GOOD = 8 };
// Columns of one segment; those of the treated segment beside a control stand after them, as what it has more.
enum { ONE, TIME, STEP, BEND, SINE, COSINE, COLUMNS };

typedef struct {
    const its_data *d;
    size_t k, all; // columns of a segment, and of both
    bool both;
    double *x; // scratch for a row: all
    double *beta;
    double *cov, *wide; // Newey and West's, and that of errors of which each is like the one before (0: not asked for)
} model;

static bool known(const double *value, const double *trials, size_t t) {
    return isfinite(value[t]) && (!trials || trials[t] > 0);
}

// The row of a segment in a period; without the change: as if it had not happened to the treated one alone.
static void row_of(const model *m, size_t t, bool treated, bool changed, double *x) {
    const its_data *d = m->d;
    double since = t >= d->at ? (double)(t - d->at) : 0, step = t >= d->at, turn = 0, own[COLUMNS];
    if (m->k > SINE) turn = 2 * M_PI * (double)t / (double)d->season;
    own[ONE] = 1, own[TIME] = (double)t, own[STEP] = step, own[BEND] = since;
    own[SINE] = sin(turn), own[COSINE] = cos(turn);
    for (size_t j = 0; j < m->k; j++) {
        bool of_change = j == STEP || j == BEND;
        bool gone = of_change && treated && !changed;
        x[j] = gone && !m->both ? 0 : own[j];
        if (m->both) x[m->k + j] = treated && !gone ? own[j] : 0;
    }
}

// Rows: period 0 treated, period 0 control, period 1 treated …
static size_t logit_row(const void *of, size_t i, double *x) {
    const model *m = of;
    size_t t = m->both ? i / 2 : i;
    row_of(m, t, !m->both || i % 2 == 0, true, m->x);
    memcpy(x, m->x + 1, (m->all - 1) * sizeof *x); // the intercept is logit's own
    return 0;
}

static double value_at(const model *m, size_t i, double *trials) {
    const its_data *d = m->d;
    size_t t = m->both ? i / 2 : i;
    bool control = m->both && i % 2;
    const double *value = control ? d->control : d->value, *of = control ? d->control_trials : d->trials;
    bool gap = !known(value, of, t);
    *trials = gap ? 0 : of ? of[t] : 1;
    return gap ? 0 : value[t];
}

static double predict(const model *m, const double *x) {
    double sum = 0;
    for (size_t j = 0; j < m->all; j++) sum += m->beta[j] * x[j];
    return m->d->trials ? logit_share(sum) : sum;
}

// How much the prediction moves with the linear sum.
static double gain(const model *m, double predicted) {
    return m->d->trials ? predicted * (1 - predicted) : 1;
}

static void fit_logistic(arena scratch, model *m) {
    size_t n = m->d->n * (m->both ? 2 : 1);
    double *hits = make(&scratch, double, n), *trials = make(&scratch, double, n);
    for (size_t i = 0; i < n; i++) hits[i] = value_at(m, i, &trials[i]);
    logit k = logit_fit(
        &scratch, &(logit_data){.n = n, .p = m->all - 1, .row = logit_row, .of = m, .hits = hits, .trials = trials});
    memcpy(m->beta, k.beta, m->all * sizeof *m->beta);
}

// Least squares: the sums, solved.
static void fit_line(arena scratch, model *m) {
    size_t n = m->d->n * (m->both ? 2 : 1);
    double *xx = make(&scratch, double, m->all * m->all), trials;
    for (size_t i = 0; i < n; i++) {
        double y = value_at(m, i, &trials);
        if (!(trials > 0)) continue;
        row_of(m, m->both ? i / 2 : i, !m->both || i % 2 == 0, true, m->x);
        for (size_t u = 0; u < m->all; u++) {
            m->beta[u] += m->x[u] * y;
            for (size_t v = 0; v < m->all; v++) xx[u * m->all + v] += m->x[u] * m->x[v];
        }
    }
    matrix_cholesky(xx, m->all, 1e-12);
    matrix_solve(xx, m->all, m->beta);
}

// What the errors of a period are: per side the row divided by the error's own spread, and the error so divided.
typedef struct {
    double *row;   // [n × 2 × all]
    double *error; // [n × 2]; 0 in gaps
    double *bread; // all × all, lower triangle: the information
    size_t used;   // periods with any value
} errors;

static errors errors_of(arena *a, const model *m) {
    size_t n = m->d->n, k = m->all;
    errors e = {.row = make(a, double, 2 * n * k), .error = make(a, double, 2 * n), .bread = make(a, double, k *k)};
    for (size_t t = 0; t < n; t++) {
        bool any = false;
        for (size_t side = 0; side < (m->both ? 2u : 1u); side++) {
            double trials, y = value_at(m, m->both ? 2 * t + side : t, &trials), *x = e.row + (2 * t + side) * k;
            if (!(trials > 0)) continue;
            any = true;
            row_of(m, t, side == 0, true, x);
            double p = predict(m, x), over = m->d->trials ? y - trials * p : y - p;
            double spread = sqrt((m->d->trials ? trials : 1) * gain(m, p));
            e.error[2 * t + side] = spread > 0 ? over / spread : 0;
            for (size_t j = 0; j < k; j++) x[j] *= spread;
            for (size_t u = 0; u < k; u++) {
                for (size_t v = 0; v <= u; v++) e.bread[u * k + v] += x[u] * x[v];
            }
        }
        e.used += any;
    }
    return e;
}

// Newey & West 1987, Econometrica 55: products of scores up to `lag` periods apart, weighted down in a line.
static void meat_by_lags(arena scratch, const model *m, const errors *e, int lag, double *meat) {
    size_t k = m->all, n = m->d->n;
    double *score = make(&scratch, double, n *k);
    for (size_t i = 0; i < 2 * n; i++) {
        for (size_t j = 0; j < k; j++) score[i / 2 * k + j] += e->error[i] * e->row[i * k + j];
    }
    double more = (double)e->used / (double)(e->used - m->k);
    for (size_t l = 0; l <= (size_t)lag; l++) {
        double weight = more * (1 - (double)l / (double)(lag + 1));
        for (size_t t = l; t < n; t++) {
            const double *u = &score[t * k], *v = &score[(t - l) * k];
            for (size_t i = 0; i < k; i++) {
                for (size_t j = 0; j < k; j++) meat[i * k + j] += weight * (u[i] * v[j] + (l ? v[i] * u[j] : 0));
            }
        }
    }
}

// How much an error is like the one before it. k fitted parameters make it look less so by about (k + (k + 2) ρ)/n: the
// biases for a mean and for a trend (Marriott & Pope 1954, Biometrika 41), carried on.
static double likeness(const model *m, const errors *e) {
    double together = 0, squares = 0, before = 0, k = (double)m->k, n = (double)e->used;
    for (size_t t = 0; t < m->d->n; t++) {
        double now = e->error[2 * t] - e->error[2 * t + 1];
        together += now * before;
        squares += now * now;
        before = now;
    }
    double rho = squares > 0 ? (together / squares + k / n) / (1 - (k + 2) / n) : 0;
    return MAX(0, MIN(rho, 0.95));
}

// The same products as they are expected of errors of which each is like the one before: ρ to the power of the
// distance.
static void meat_by_likeness(arena scratch, const model *m, const errors *e, double *meat) {
    size_t k = m->all, n = m->d->n;
    double rho = likeness(m, e), c[2][2] = {{0}}, *sum = make(&scratch, double, 2 * k),
           *now = make(&scratch, double, 2 * k);
    for (size_t t = 0; t < n; t++) {
        for (int a = 0; a < 2; a++) {
            for (int b = 0; b < 2; b++) c[a][b] += e->error[2 * t + (size_t)a] * e->error[2 * t + (size_t)b];
        }
    }
    for (size_t t = 0; t < n; t++) { // sum: what the errors before share with this one
        for (size_t a = 0; a < 2; a++) {
            for (size_t j = 0; j < k; j++) {
                now[a * k + j] = 0;
                for (size_t b = 0; b < 2; b++)
                    now[a * k + j] += c[a][b] / (double)(e->used - m->k) * e->row[(2 * t + b) * k + j];
            }
            const double *x = &e->row[(2 * t + a) * k], *y = &now[a * k], *s = &sum[a * k];
            for (size_t i = 0; i < k; i++) {
                for (size_t j = 0; j < k; j++) meat[i * k + j] += x[i] * (y[j] + s[j]) + s[i] * x[j];
            }
        }
        for (size_t j = 0; j < 2 * k; j++) sum[j] = rho * (sum[j] + now[j]);
    }
}

static void sandwich(arena scratch, const model *m, const double *inverse, const double *meat, double *cov) {
    size_t k = m->all;
    double *half = make(&scratch, double, k *k);
    for (size_t i = 0; i < k; i++) {
        for (size_t j = 0; j < k; j++) {
            for (size_t u = 0; u < k; u++) half[i * k + j] += inverse[i * k + u] * meat[u * k + j];
        }
    }
    for (size_t i = 0; i < k; i++) {
        for (size_t j = 0; j < k; j++) {
            for (size_t u = 0; u < k; u++) cov[i * k + j] += half[i * k + u] * inverse[u * k + j];
        }
    }
}

// Both covariances; without an own choice of lags the wider of the two counts for each figure, because Newey and West's
// is too narrow in short series (Turner et al. 2021, BMC Med. Res. Methodol. 21).
static size_t covariances(arena *a, model *m, int lag, bool own) {
    size_t k = m->all;
    m->cov = make(a, double, k *k), m->wide = make(a, double, k *k);
    arena scratch = *a;
    errors e = errors_of(&scratch, m);
    double *meat = make(&scratch, double, k *k), *inverse = make(&scratch, double, k *k);
    matrix_cholesky(e.bread, k, 1e-12);
    matrix_inverse(scratch, e.bread, k, inverse);
    meat_by_lags(scratch, m, &e, lag, meat);
    sandwich(scratch, m, inverse, meat, m->cov);
    if (own) return e.used;
    memset(meat, 0, k * k * sizeof *meat);
    meat_by_likeness(scratch, m, &e, meat);
    sandwich(scratch, m, inverse, meat, m->wide);
    return e.used;
}

static estimate figure(const model *m, double value, const double *slope, size_t used, const its *k) {
    double var = MAX(matrix_form(m->cov, m->all, slope), matrix_form(m->wide, m->all, slope));
    double half = dist_t_at(0.975, (double)(used - m->k)) * sqrt(var);
    return (estimate){.value = value,
                      .point = value,
                      .lo = value - half,
                      .hi = value + half,
                      .var = var,
                      .n = (int64_t)used,
                      .eff = (double)used,
                      .method = "segmented regression, Newey-West",
                      .state = k->state,
                      .why = k->why};
}

// The treated segment from..n − 1, with and without the change: the mean difference and how the parameters move it.
static estimate difference(arena scratch, const model *m, size_t from, size_t used, const its *k) {
    double *slope = make(&scratch, double, m->all), *x = make(&scratch, double, m->all), sum = 0, n = 0;
    for (size_t t = from; t < m->d->n; t++) {
        for (int changed = 0; changed < 2; changed++) {
            row_of(m, t, true, changed, x);
            double p = predict(m, x), sign = changed ? 1 : -1;
            sum += sign * p;
            for (size_t j = 0; j < m->all; j++) slope[j] += sign * gain(m, p) * x[j];
        }
        n++;
    }
    for (size_t j = 0; j < m->all; j++) slope[j] /= n;
    return figure(m, sum / n, slope, used, k);
}

static estimate coefficient(const model *m, size_t column, size_t used, const its *k) {
    double slope[2 * COLUMNS] = {0};
    size_t at = m->both ? m->k + column : column;
    slope[at] = 1;
    return figure(m, m->beta[at], slope, used, k);
}

static const char *told_of(const its *k, bool control) {
    if (k->mean.lo <= 0 && k->mean.hi >= 0) return "cannot tell: what is seen may be chance";
    if (!control) return "something changed then; without a segment that was not touched it cannot be told what";
    return k->mean.value > 0 ? "it made a difference: more than the segment that was not touched"
                             : "it made a difference: less than the segment that was not touched";
}

static its judge(arena *a, const its_data *d, bool both) {
    its k = {.state = ESTIMATE_OK};
    size_t before = 0, after = 0;
    for (size_t t = 0; t < d->n; t++) {
        bool counts = known(d->value, d->trials, t) && (!both || known(d->control, d->control_trials, t));
        *(t < d->at ? &before : &after) += counts;
    }
    if (before < BEFORE || after < AFTER) {
        k.state = ESTIMATE_REFUSED;
        k.why = str_z(a, str_fmt(a, "cannot tell: %zu periods before and %zu after are known; %d and %d are needed",
                                 before, after, BEFORE, AFTER));
    } else if (before < BEFORE_GOOD || after < AFTER_GOOD) {
        k.state = ESTIMATE_THIN;
        k.why = "fewer than 12 periods before or 8 after: the trends are rough";
    }
    return k;
}

its its_of(arena *a, const its_data *d) {
    bool both = d->control != NULL;
    assert(!both || !d->trials == !d->control_trials);
    its k = judge(a, d, both);
    k.expected = make(a, double, d->n);
    if (k.state == ESTIMATE_REFUSED) {
        k.level = k.slope = k.mean = k.last = estimate_refused("segmented regression, Newey-West", k.why);
        k.told = k.why;
        return k;
    }
    arena scratch = *a;
    model m = {.d = d, .k = d->season > 0 && d->n >= 2 * d->season ? COLUMNS : SINE, .both = both};
    m.all = both ? 2 * m.k : m.k;
    m.x = make(&scratch, double, m.all), m.beta = make(&scratch, double, m.all);
    m.cov = make(&scratch, double, m.all *m.all);
    k.lag = d->lag < 0 ? 0 : d->lag > 0 ? d->lag : (int)floor(4 * pow((double)d->n / 100, 2.0 / 9));
    k.lag = MIN(k.lag, (int)d->n - 1);
    if (d->trials)
        fit_logistic(scratch, &m);
    else
        fit_line(scratch, &m);
    size_t used = covariances(&scratch, &m, k.lag, d->lag != 0);
    for (size_t t = 0; t < d->n; t++) {
        row_of(&m, t, true, false, m.x);
        k.expected[t] = predict(&m, m.x);
    }
    k.level = coefficient(&m, STEP, used, &k);
    k.slope = coefficient(&m, BEND, used, &k);
    k.mean = difference(scratch, &m, d->at, used, &k);
    k.last = difference(scratch, &m, d->n - 1, used, &k);
    k.told = told_of(&k, both);
    return k;
}
