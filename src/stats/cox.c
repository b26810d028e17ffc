#include "stats/cox.h"

#include "stats/dist.h"
#include "stats/matrix.h"
#include "stats/order.h"

#include <math.h>

#define ALIASED 1e-11 // of a column's own variance: what is left of it is rounding

enum { ROUNDS = 40, PER_COVARIATE = 10 };

// The rows in play, stratum by stratum, latest first. Covariates are centred and of unit spread.
typedef struct {
    size_t n, p;
    double *z, *time, *enter, *count, *risk; // risk = exp(β z), times count
    bool *ended;
    int32_t *stratum;
    double *center, *scale, *left; // left: Σ z of the leavers
    enum cox_ties ties;
    double *above, *above_dead; // of each row's time: Σ 1/S0 and its part for the dying, see add_time
    bool late;                  // somebody entered late
    uint32_t *entry;            // then: rows in the order of entering, latest first, within a stratum
} rows;

typedef struct {
    double value, *slope, *bend; // log-likelihood, gradient, information (lower triangle)
    matrix_sum sum;              // how bend is summed
} level;

// Sums over everybody at risk, and over those who leave at one time.
typedef struct {
    double s0, *s1, d0, *d1, deaths;
} sums;

// The steps of the baseline, filled from the end.
typedef struct {
    cox_step *steps;
    double *mean;
    size_t at, end;
} baseline;

static bool usable(const cox_data *d, size_t i) {
    bool good = stay_watched(&d->x[i]);
    for (size_t j = 0; good && j < d->p; j++) good = isfinite(d->z[i * d->p + j]);
    return good;
}

// Which rows are in play, latest first, stratum by stratum.
static uint32_t *line_up(arena *a, const cox_data *d, size_t *n) {
    uint32_t *play = make(a, uint32_t, d->n), *at = make(a, uint32_t, d->n), *out = make(a, uint32_t, d->n);
    double *key = make(a, double, d->n);
    size_t m = 0;
    for (size_t i = 0; i < d->n; i++) {
        if (usable(d, i)) play[m++] = (uint32_t)i;
    }
    for (size_t i = 0; i < m; i++) key[i] = -d->x[play[i]].time;
    order_of(*a, key, m, at);
    for (size_t i = 0; i < m; i++) out[i] = play[at[i]];
    *n = m;
    if (!d->stratum) return out;
    for (size_t i = 0; i < m; i++) key[i] = d->stratum[out[i]];
    order_of(*a, key, m, at);
    for (size_t i = 0; i < m; i++) play[i] = out[at[i]];
    return play;
}

static void line_up_entries(arena *a, rows *r) {
    double *key = make(a, double, r->n);
    uint32_t *at = make(a, uint32_t, r->n), *by_entry = make(a, uint32_t, r->n);
    for (size_t i = 0; i < r->n; i++) key[i] = -r->enter[i];
    order_of(*a, key, r->n, by_entry);
    for (size_t i = 0; i < r->n; i++) key[i] = r->stratum[by_entry[i]];
    order_of(*a, key, r->n, at);
    r->entry = make(a, uint32_t, r->n);
    for (size_t i = 0; i < r->n; i++) r->entry[i] = by_entry[at[i]];
}

static void standardise(rows *r) {
    double all = 0;
    for (size_t i = 0; i < r->n; i++) {
        all += r->count[i];
        for (size_t j = 0; j < r->p; j++) r->center[j] += r->count[i] * r->z[i * r->p + j];
    }
    for (size_t j = 0; j < r->p; j++) r->center[j] /= all > 0 ? all : 1;
    for (size_t i = 0; i < r->n; i++) {
        for (size_t j = 0; j < r->p; j++) {
            double off = r->z[i * r->p + j] -= r->center[j];
            r->scale[j] += r->count[i] * off * off;
        }
    }
    for (size_t j = 0; j < r->p; j++) {
        double sd = sqrt(r->scale[j] / (all > 0 ? all : 1));
        r->scale[j] = sd > 1e-12 * fabs(r->center[j]) ? sd : 0;
    }
    for (size_t i = 0; i < r->n; i++) {
        for (size_t j = 0; j < r->p; j++) {
            double z = r->z[i * r->p + j] *= r->scale[j] > 0 ? 1 / r->scale[j] : 0;
            if (r->ended[i]) r->left[j] += r->count[i] * z;
        }
    }
}

static rows rows_of(arena *a, const cox_data *d) {
    rows r = {.p = d->p, .ties = d->ties};
    uint32_t *at = line_up(a, d, &r.n);
    r.z = make(a, double, r.n *r.p);
    r.time = make(a, double, r.n), r.enter = make(a, double, r.n), r.count = make(a, double, r.n);
    r.risk = make(a, double, r.n), r.above = make(a, double, r.n), r.above_dead = make(a, double, r.n);
    r.ended = make(a, bool, r.n), r.stratum = make(a, int32_t, r.n);
    r.center = make(a, double, r.p), r.scale = make(a, double, r.p), r.left = make(a, double, r.p);
    for (size_t i = 0; i < r.n; i++) {
        const stay *x = &d->x[at[i]];
        r.time[i] = x->time, r.ended[i] = x->ended, r.count[i] = (double)MAX(x->count, 1);
        r.enter[i] = x->enter > 0 ? x->enter : -INFINITY;
        r.late = r.late || x->enter > 0;
        r.stratum[i] = d->stratum ? d->stratum[at[i]] : 0;
        memcpy(&r.z[i * r.p], &d->z[at[i] * d->p], d->p * sizeof *r.z);
    }
    standardise(&r);
    if (r.late) line_up_entries(a, &r);
    return r;
}

static void add_row(const rows *r, size_t i, double sign, double *s0, double *s1) {
    double risk = sign * r->risk[i];
    const double *z = &r->z[i * r->p];
    *s0 += risk;
    for (size_t j = 0; j < r->p; j++) s1[j] += risk * z[j];
}

static void bend_both(double *bend, size_t p, const double *u, const double *v, double weight) {
    for (size_t i = 0; i < p; i++) {
        for (size_t j = 0; j <= i; j++) bend[i * p + j] += weight * (u[i] * v[j] + v[i] * u[j]);
    }
}

// The leavers of one time. With Efron's ties the k-th of d who leave meets S0 − (k/d) D0 at risk; the sums over k of
// 1/S0, k/d/S0 and so on are all that is needed, so that ties cost nothing. above and dead are Σ 1/S0 and Σ (k/d)/S0:
// everybody at risk enters the information with risk × above, the leavers with risk × dead less.
typedef struct {
    double above, dead, squares, dead_squares, dead2_squares, loglik;
} tied;

static tied tied_of(const sums *s, enum cox_ties ties) {
    tied t = {0};
    if (ties == COX_BRESLOW) {
        double one = 1 / s->s0;
        return (tied){s->deaths * one, 0, s->deaths * one * one, 0, 0, s->deaths * log(s->s0)};
    }
    for (double k = 0; k < s->deaths; k++) {
        double f = k / s->deaths, left = s->s0 - f * s->d0, one = 1 / left;
        t.above += one, t.dead += f * one, t.loglik += log(left);
        t.squares += one * one, t.dead_squares += f * one * one, t.dead2_squares += f * f * one * one;
    }
    return t;
}

static void add_time(level *v, const sums *s, size_t p, tied t) {
    v->value -= t.loglik;
    for (size_t j = 0; j < p; j++) v->slope[j] -= s->s1[j] * t.above;
    matrix_sum_add(&v->sum, s->s1, -t.squares);
    if (t.dead_squares > 0) {
        for (size_t j = 0; j < p; j++) v->slope[j] += s->d1[j] * t.dead;
        bend_both(v->bend, p, s->s1, s->d1, t.dead_squares);
        matrix_sum_add(&v->sum, s->d1, -t.dead2_squares);
    }
}

static void add_step(baseline *b, const rows *r, size_t i, const sums *s, tied t) {
    double *mean = &b->mean[--b->at * r->p];
    for (size_t j = 0; j < r->p; j++) {
        mean[j] = s->s1[j] * t.squares;
        if (t.dead_squares > 0) mean[j] -= s->d1[j] * t.dead_squares;
        if (r->scale[j] > 0) mean[j] *= r->scale[j];
    }
    b->steps[b->at] = (cox_step){r->stratum[i], r->time[i], t.above, t.squares, mean};
}

static void clear(sums *s, size_t p) {
    s->s0 = s->d0 = s->deaths = 0;
    memset(s->s1, 0, p * sizeof *s->s1);
    memset(s->d1, 0, p * sizeof *s->d1);
}

// The rows of one time, from..end−1, into the sums. What the leavers share matters only when there are several.
static void take_time(const rows *r, size_t from, size_t end, sums *s) {
    s->d0 = s->deaths = 0;
    for (size_t i = from; i < end; i++) {
        add_row(r, i, 1, &s->s0, s->s1);
        if (r->ended[i]) s->deaths += r->count[i];
    }
    if (!(s->deaths > 1)) return;
    memset(s->d1, 0, r->p * sizeof *s->d1);
    for (size_t i = from; i < end; i++) {
        if (r->ended[i]) add_row(r, i, 1, &s->d0, s->d1);
    }
}

// One pass backwards through a stratum's times. Rows keep what their time adds, for the information.
static void pass_times(rows *r, sums *s, level *v, baseline *b) {
    size_t out = 0;
    for (size_t from = 0, end; from < r->n; from = end) {
        bool fresh = from == 0 || r->stratum[from] != r->stratum[from - 1];
        if (fresh) clear(s, r->p), out = from;
        for (end = from; end < r->n && r->time[end] == r->time[from] && r->stratum[end] == r->stratum[from];) end++;
        for (; r->late && out < r->n && r->stratum[r->entry[out]] == r->stratum[from]; out++) {
            if (!(r->enter[r->entry[out]] >= r->time[from])) break;
            add_row(r, r->entry[out], -1, &s->s0, s->s1);
        }
        take_time(r, from, end, s);
        tied t = s->deaths > 0 ? tied_of(s, r->ties) : (tied){0};
        for (size_t i = from; i < end; i++) r->above[i] = t.above, r->above_dead[i] = r->ended[i] ? t.dead : 0;
        if (!(s->deaths > 0)) continue;
        add_time(v, s, r->p, t);
        if (b) add_step(b, r, from, s, t);
    }
}

// Whoever entered late was not at risk before: the sums of all times up to entering are taken off again.
static void drop_entries(const rows *r, const double *upto, double *weight, size_t from, size_t end) {
    size_t i = from;
    for (size_t k = from; k < end; k++) {
        size_t row = r->entry[k];
        while (i < end && r->time[i] > r->enter[row]) i++;
        if (i < end) weight[row] -= upto[i];
    }
}

// Σ over times of S2/S0 is Σ over rows of risk z zᵀ × Σ 1/S0 over the times at which the row was at risk: one pass over
// the rows instead of a matrix per time.
static void pass_rows(arena scratch, const rows *r, level *v) {
    double *weight = make(&scratch, double, r->n), *upto = make(&scratch, double, r->n);
    for (size_t end = r->n, from; end > 0; end = from) {
        double sum = 0;
        for (from = end; from > 0 && r->stratum[from - 1] == r->stratum[end - 1];) {
            size_t last = from;
            while (from > 0 && r->time[from - 1] == r->time[last - 1] && r->stratum[from - 1] == r->stratum[end - 1]) {
                from--;
            }
            sum += r->above[from];
            for (size_t i = from; i < last; i++) upto[i] = sum, weight[i] = sum - r->above_dead[i];
        }
        if (r->late) drop_entries(r, upto, weight, from, end);
    }
    for (size_t i = 0; i < r->n; i++) {
        double w = weight[i] * r->risk[i];
        if (w > 0) matrix_sum_add_row(&v->sum, &r->z[i * r->p], w);
    }
}

static level level_new(arena *a, size_t p) {
    level v = {.slope = make(a, double, p), .bend = make(a, double, p *p)};
    v.sum = matrix_sum_begin(a, v.bend, p);
    return v;
}

// Risks are divided by the greatest, so that nothing overflows; the likelihood does not notice.
static void evaluate(arena scratch, rows *r, const double *beta, level *v, baseline *b) {
    sums s = {.s1 = make(&scratch, double, r->p), .d1 = make(&scratch, double, r->p)};
    double most = -INFINITY, value = 0;
    for (size_t i = 0; i < r->n; i++) {
        const double *z = &r->z[i * r->p];
        double sum = 0;
        for (size_t j = 0; j < r->p; j++) sum += beta[j] * z[j];
        r->risk[i] = sum;
        most = MAX(most, sum);
    }
    if (b) b->at = b->end, most = 0; // a baseline is that of the average customer
    for (size_t i = 0; i < r->n; i++) {
        double over = r->risk[i] - most;
        r->risk[i] = r->count[i] * exp(MAX(-600, MIN(over, 600)));
        value += r->ended[i] ? r->count[i] * over : 0;
    }
    v->value = value;
    memcpy(v->slope, r->left, r->p * sizeof *v->slope);
    memset(v->bend, 0, r->p * r->p * sizeof *v->bend);
    pass_times(r, &s, v, b);
    pass_rows(scratch, r, v);
    matrix_sum_end(&v->sum);
}

// Newton's step, halved until the likelihood does not fall. False when it has stopped rising; the last evaluation gives
// the baseline too.
static bool climb(arena scratch, rows *r, double *beta, level *v, level *next, baseline *b) {
    size_t p = r->p;
    double *l = make(&scratch, double, p *p), *by = make(&scratch, double, p), *to = make(&scratch, double, p);
    memcpy(l, v->bend, p * p * sizeof *l);
    memcpy(by, v->slope, p * sizeof *by);
    matrix_cholesky(l, p, ALIASED);
    matrix_solve(l, p, by);
    double rise = 0;
    for (size_t j = 0; j < p; j++) rise += by[j] * v->slope[j] / 2;
    bool rises = rise > 1e-10;
    for (double part = 1; part > 1e-6; part /= 2) {
        for (size_t j = 0; j < p; j++) to[j] = beta[j] + part * by[j];
        evaluate(scratch, r, to, next, rises ? NULL : b);
        if (!(next->value >= v->value - 1e-11 * fabs(v->value))) continue;
        memcpy(beta, to, p * sizeof *to);
        level swap = *v;
        *v = *next, *next = swap;
        return rises;
    }
    return false;
}

static cox_test test_of(double chisq, size_t rank) {
    chisq = MAX(chisq, 0);
    return (cox_test){chisq, rank ? dist_chisq_above(chisq, (double)rank) : NAN, (int)rank};
}

// Coefficients and covariances back in the units of the covariates.
static void finish(arena scratch, const rows *r, const double *beta, const level *v, const double *se0, cox *k) {
    size_t p = r->p, rank;
    double *l = make(&scratch, double, p *p);
    memcpy(l, v->bend, p * p * sizeof *l);
    rank = matrix_cholesky(l, p, ALIASED);
    matrix_inverse(scratch, l, p, k->cov);
    double wald = 0;
    for (size_t i = 0; i < p; i++) {
        for (size_t j = 0; j <= i; j++) wald += (i == j ? 1 : 2) * beta[i] * beta[j] * v->bend[i * p + j];
    }
    k->wald = test_of(wald, rank);
    k->ratio = test_of(2 * (k->loglik - k->null), rank);
    for (size_t i = 0; i < p; i++) {
        double si = r->scale[i] > 0 ? r->scale[i] : 1;
        k->beta[i] = beta[i] / si;
        k->se[i] = sqrt(k->cov[i * p + i]) / si;
        k->runaway[i] = sqrt(k->cov[i * p + i]) > 20 * se0[i] && fabs(beta[i]) > 0;
        for (size_t j = 0; j < p; j++) k->cov[i * p + j] /= si * (r->scale[j] > 0 ? r->scale[j] : 1);
    }
}

// The baseline runs forward in time: cumulative, stratum by stratum, the last stratum first.
static void accumulate(const baseline *b, cox *k) {
    k->steps = b->steps + b->at;
    k->n_steps = b->end - b->at;
    for (size_t i = b->at + 1; i < b->end; i++) {
        cox_step *s = &b->steps[i];
        const cox_step *before = s - 1;
        if (before->stratum != s->stratum) continue;
        for (size_t j = 0; j < k->p; j++) b->mean[i * k->p + j] += before->mean[j];
        s->hazard += before->hazard;
        s->spread += before->spread;
    }
}

// What the result is kept in, before anything else: the work is done in what lies after.
static cox begin(arena *a, const cox_data *d, baseline *b) {
    size_t p = d->p, times = 0;
    for (size_t i = 0; i < d->n; i++) times += d->x[i].ended;
    *b = (baseline){make(a, cox_step, times), make(a, double, times *p), times, times};
    return (cox){.p = p,
                 .beta = make(a, double, p),
                 .se = make(a, double, p),
                 .cov = make(a, double, p *p),
                 .center = make(a, double, p),
                 .runaway = make(a, bool, p)};
}

static void count(const cox_data *d, const rows *r, cox *k) {
    for (size_t i = 0; i < r->n; i++) {
        k->n += (int64_t)r->count[i];
        k->ended += r->ended[i] ? (int64_t)r->count[i] : 0;
    }
    k->ignored = (int64_t)(d->n - r->n);
    memcpy(k->center, r->center, k->p * sizeof *k->center);
}

// log of the hazard relative to the average customer: what they are ranked by.
static double cox_risk(const cox *k, const double *z) {
    double sum = 0;
    for (size_t j = 0; j < k->p; j++) sum += k->beta[j] * (z[j] - k->center[j]);
    return sum;
}

static void agree(arena scratch, const cox_data *d, cox *k) {
    double *risk = make(&scratch, double, d->n);
    for (size_t i = 0; i < d->n; i++) risk[i] = usable(d, i) ? cox_risk(k, &d->z[i * d->p]) : NAN;
    k->agreement = concordance_of(scratch, d->x, risk, d->stratum, d->n);
}

static void judge(arena *a, cox *k) {
    k->state = ESTIMATE_OK;
    bool ran = false;
    for (size_t j = 0; j < k->p; j++) ran = ran || k->runaway[j];
    int64_t need = PER_COVARIATE * (int64_t)k->ratio.df;
    if (k->ended >= need && !ran) return;
    k->state = ESTIMATE_THIN;
    k->why = "everybody, or nobody, with one of these traits left: how strong it is cannot be told";
    if (k->ended >= need) return;
    k->why = str_z(a, str_fmt(a, "%" PRId64 " customers left; %d traits need %" PRId64, k->ended, k->ratio.df, need));
}

// Without covariates: the score test, and the standard errors there, beside which a runaway one stands out.
static void start(arena scratch, const level *v, cox *k, double *se0) {
    size_t p = k->p;
    double *l = make(&scratch, double, p *p), *inverse = make(&scratch, double, p *p);
    k->null = v->value;
    memcpy(l, v->bend, p * p * sizeof *l);
    size_t rank = matrix_cholesky(l, p, ALIASED);
    matrix_inverse(scratch, l, p, inverse);
    k->score = test_of(matrix_form(inverse, p, v->slope), rank);
    for (size_t j = 0; j < p; j++) se0[j] = sqrt(inverse[j * p + j]);
    if (k->ended > 0 && rank > 0) return;
    k->state = ESTIMATE_REFUSED;
    k->why = k->ended == 0 ? "nobody has left yet" : "the traits are the same for everybody";
}

static void fit(arena scratch, const cox_data *d, cox *k, baseline *b) {
    size_t p = d->p;
    rows r = rows_of(&scratch, d);
    count(d, &r, k);
    level v = level_new(&scratch, p), next = level_new(&scratch, p);
    double *beta = make(&scratch, double, p), *se0 = make(&scratch, double, p);
    evaluate(scratch, &r, beta, &v, NULL);
    start(scratch, &v, k, se0);
    if (k->state == ESTIMATE_REFUSED) return;
    while (k->rounds < ROUNDS && climb(scratch, &r, beta, &v, &next, b)) k->rounds++;
    k->loglik = v.value;
    finish(scratch, &r, beta, &v, se0, k);
    if (b->at == b->end) evaluate(scratch, &r, beta, &next, b); // it never settled
    accumulate(b, k);
    agree(scratch, d, k);
}

cox cox_fit(arena *a, const cox_data *d) {
    baseline b;
    cox k = begin(a, d, &b);
    fit(*a, d, &k, &b);
    if (k.state != ESTIMATE_REFUSED) judge(a, &k);
    return k;
}

static estimate refused(const cox *k) {
    return estimate_refused("Cox", k->why);
}

estimate cox_ratio(const cox *k, size_t j) {
    if (k->state == ESTIMATE_REFUSED) return refused(k);
    if (!(k->se[j] > 0)) return estimate_refused("Cox, Wald", "other traits already say the same");
    estimate e = {.method = "Cox, Wald", .n = k->n, .eff = (double)k->n, .state = k->state, .why = k->why};
    e.value = e.point = exp(k->beta[j]);
    e.lo = exp(k->beta[j] - Z95 * k->se[j]);
    e.hi = exp(k->beta[j] + Z95 * k->se[j]);
    e.var = e.value * e.value * k->se[j] * k->se[j];
    return e;
}

double cox_ratio_p(const cox *k, size_t j) {
    return k->state != ESTIMATE_REFUSED && k->se[j] > 0 ? dist_normal_both(k->beta[j] / k->se[j]) : NAN;
}

// The last step of the stratum at or before t.
static const cox_step *step_at(const cox *k, int32_t stratum, double t) {
    const cox_step *found = NULL;
    for (size_t lo = 0, hi = k->n_steps; lo < hi;) {
        size_t mid = lo + (hi - lo) / 2;
        const cox_step *s = &k->steps[mid];
        // Strata stand from the last to the first.
        bool before = s->stratum > stratum || (s->stratum == stratum && s->time <= t);
        if (before && s->stratum == stratum) found = s;
        if (before)
            lo = mid + 1;
        else
            hi = mid;
    }
    return found;
}

estimate cox_survival(const cox *k, const double *z, int32_t stratum, double t) {
    if (k->state == ESTIMATE_REFUSED) return refused(k);
    estimate e = {.method = "Cox, log-log", .n = k->n, .eff = (double)k->n, .state = k->state, .why = k->why};
    const cox_step *s = step_at(k, stratum, t);
    e.value = e.point = e.lo = e.hi = 1;
    if (!s) return e;
    double ratio = exp(cox_risk(k, z)), var = s->spread;
    for (size_t i = 0; i < k->p; i++) {
        double off = s->hazard * (z[i] - k->center[i]) - s->mean[i];
        for (size_t j = 0; j < k->p; j++) {
            double q = s->hazard * (z[j] - k->center[j]) - s->mean[j];
            var += off * q * k->cov[i * k->p + j];
        }
    }
    double gone = ratio * s->hazard, half = Z95 * sqrt(var) / s->hazard;
    e.value = e.point = exp(-gone);
    e.lo = exp(-gone * exp(half));
    e.hi = exp(-gone * exp(-half));
    e.var = e.value * e.value * ratio * ratio * var;
    return e;
}
