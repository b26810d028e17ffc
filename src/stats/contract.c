#include <gsl/gsl_sf_psi.h>

#include "stats/contract.h"
#include "stats/matrix.h"

#include <math.h>

// The curve is fitted in logit of the mean chance, log of α+β and log c: the first is nearly uncorrelated with the
// second, and both ends of the second are real: customers who are all alike (∞), and those who either leave at once or
// never (0).
enum { MEAN, SUM, SHAPE, K };

#define SUM_MAX   11.5 // α+β of 100,000: from there on customers are alike
#define SUM_MIN   -9.2 // α+β of 0.0001
#define SHAPE_MAX 3.0  // c between 1/20 and 20

typedef struct {
    const contract_counts *d;
    bool alike;
    bool free[K]; // which parameters move
} problem;

// log of the share still here after t periods, and its slopes.
typedef struct {
    double value, slope[K];
} point;

static double mean_of(const double *at) {
    return 1 / (1 + exp(-at[MEAN]));
}

// log Γ(x+a) − log Γ(x), and the same of ψ, without losing the digits where x is large: Stirling's series, cut where
// its next term is below 1e−15.
static double gamma_gap(double x, double a) {
    if (x < 50) return lgamma(x + a) - lgamma(x);
    double u = 1 / x, v = 1 / (x + a), gap = (v - u) / 12 - (v * v * v - u * u * u) / 360;
    return (x - 0.5) * log1p(a / x) + a * (log(x + a) - 1) + gap + (pow(v, 5) - pow(u, 5)) / 1260;
}

static double psi_gap(double x, double a) {
    if (x < 50) return gsl_sf_psi(x + a) - gsl_sf_psi(x);
    double u = 1 / x, v = 1 / (x + a), uu = u * u, vv = v * v;
    return log1p(a / x) + a * u * v / 2 - (vv - uu) / 12 + (vv * vv - uu * uu) / 120 -
           (vv * vv * vv - uu * uu * uu) / 252;
}

static point log_survival(const double *at, bool alike, double t) {
    point p = {0};
    if (!(t > 0)) return p;
    double mean = mean_of(at), c = exp(at[SHAPE]), w = at[SHAPE] == 0 ? t : pow(t, c), per_w;
    if (alike) { // S = (1 − mean)^w
        per_w = log1p(-mean);
        p.value = w * per_w;
        p.slope[MEAN] = -w * mean;
    } else { // S = B(α, β+w)/B(α, β)
        double sum = exp(at[SUM]), alpha = mean * sum, beta = sum - alpha;
        double all = -psi_gap(sum, w), by_beta = psi_gap(beta, w) + all;
        p.value = gamma_gap(beta, alpha) - gamma_gap(beta + w, alpha);
        p.slope[MEAN] = alpha * (1 - mean) * (all - by_beta);
        p.slope[SUM] = alpha * all + beta * by_beta;
        per_w = -psi_gap(beta + w, alpha);
    }
    p.slope[SHAPE] = per_w * w * log(t) * c;
    return p;
}

static void add(double *value, double *slope, point p, double weight) {
    *value += weight * p.value;
    for (int i = 0; i < K; i++) slope[i] += weight * p.slope[i];
}

// Log-likelihood and gradient; leaving after t renewals has probability S(t) − S(t+1).
static double likelihood(const problem *q, const double *at, double *slope) {
    double value = 0;
    memset(slope, 0, K * sizeof *slope);
    point here = {0};
    for (size_t t = 0; t <= q->d->periods; t++) {
        double open = (double)q->d->open[t] - (q->d->late ? (double)q->d->late[t] : 0);
        if (open != 0) add(&value, slope, here, open);
        if (t == q->d->periods) break;
        point next = log_survival(at, q->alike, (double)t + 1);
        double lost = (double)q->d->lost[t], step = next.value - here.value;
        if (lost > 0) {
            value += lost * (here.value + log(-expm1(step)));
            double back = 1 / expm1(-step); // −d log(1−e^step)/d step
            for (int i = 0; i < K; i++) {
                slope[i] += lost * (here.slope[i] - back * (next.slope[i] - here.slope[i]));
            }
        }
        here = next;
    }
    for (int i = 0; i < K; i++) slope[i] = q->free[i] ? slope[i] : 0;
    return value;
}

// −H of the free parameters by central differences of the gradient; 1 on the diagonal of the others.
static void curvature(const problem *q, const double *at, double *out) {
    memset(out, 0, K * K * sizeof *out);
    for (int j = 0; j < K; j++) {
        double up[K], down[K], g1[K], g0[K], h = 1e-5;
        memcpy(up, at, sizeof up);
        memcpy(down, at, sizeof down);
        up[j] += h;
        down[j] -= h;
        likelihood(q, up, g1);
        likelihood(q, down, g0);
        for (int i = 0; i < K; i++) out[i * K + j] = q->free[i] && q->free[j] ? (g0[i] - g1[i]) / (2 * h) : i == j;
    }
    for (int i = 0; i < K; i++) {
        for (int j = 0; j < i; j++) out[i * K + j] = out[j * K + i] = (out[i * K + j] + out[j * K + i]) / 2;
    }
}

static void keep_inside(double *at) {
    at[MEAN] = MAX(-15, MIN(15, at[MEAN]));
    at[SUM] = MAX(SUM_MIN, MIN(SUM_MAX, at[SUM]));
    at[SHAPE] = MAX(-SHAPE_MAX, MIN(SHAPE_MAX, at[SHAPE]));
}

// Newton's step, damped until the likelihood rises (Levenberg 1944).
static bool step(const problem *q, double *at, double *value, double *slope, double *damp) {
    double h[K * K];
    curvature(q, at, h);
    for (; *damp < 1e12; *damp *= 10) {
        double l[K * K], to[K], g[K];
        memcpy(l, h, sizeof l);
        memcpy(to, slope, sizeof to);
        for (int i = 0; i < K; i++) l[i * K + i] += *damp * (1 + fabs(h[i * K + i]));
        if (matrix_cholesky(l, K, 1e-14) < K) continue;
        matrix_solve(l, K, to);
        for (int i = 0; i < K; i++) to[i] = at[i] + MAX(-2, MIN(2, to[i]));
        keep_inside(to);
        double there = likelihood(q, to, g);
        if (!(there > *value)) continue;
        memcpy(at, to, sizeof to);
        memcpy(slope, g, sizeof g);
        *value = there;
        *damp = MAX(*damp / 30, 1e-9);
        return true;
    }
    return false;
}

static double climb(const problem *q, double *at) {
    double slope[K], value = likelihood(q, at, slope), damp = 1e-3;
    if (!isfinite(value)) return -INFINITY;
    for (int i = 0; i < 100; i++) {
        double before = value;
        if (!step(q, at, &value, slope, &damp) || value - before < 1e-12 * fabs(value)) break;
    }
    return value;
}

// 95 % intervals of α, β and c on the log scale: log α = log mean + log sum, log β = log(1 − mean) + log sum.
static void intervals(contract *k) {
    double mean = k->mean, by[K][K] = {{1 - mean, 1, 0}, {-mean, 1, 0}, {0, 0, 1}};
    const double value[K] = {k->alpha, k->beta, k->c};
    for (int i = 0; i < K; i++) {
        double half = Z95 * sqrt(matrix_form(k->cov, K, by[i]));
        bool none = k->alike && i != SHAPE;
        k->lo[i] = none ? NAN : value[i] * exp(-half);
        k->hi[i] = none ? NAN : value[i] * exp(half);
    }
}

// Which parameters the data determine: those inside their bounds.
static contract finish(problem q, contract k) {
    k.mean = mean_of(k.at);
    k.c = exp(k.at[SHAPE]);
    k.alpha = k.alike ? INFINITY : k.mean * exp(k.at[SUM]);
    k.beta = k.alike ? INFINITY : exp(k.at[SUM]) - k.alpha;
    bool polar = !k.alike && k.at[SUM] < SUM_MIN + 0.01;
    q.alike = k.alike;
    q.free[SUM] = q.free[SUM] && !k.alike && !polar;
    double h[K * K], inverse[K * K];
    curvature(&q, k.at, h);
    bool flat = matrix_cholesky(h, K, 1e-12) < K;
    for (size_t j = 0; j < K; j++) { // identity columns, solved one by one
        double column[K] = {0};
        column[j] = q.free[j];
        matrix_solve(h, K, column);
        for (size_t i = 0; i < K; i++) inverse[i * K + j] = q.free[i] ? column[i] : 0;
    }
    memcpy(k.cov, inverse, sizeof k.cov);
    intervals(&k);
    k.state = ESTIMATE_OK;
    if (k.lost < ENOUGH || flat || polar) k.state = ESTIMATE_THIN;
    if (k.lost < ENOUGH) k.why = "fewer than 30 customers have left so far";
    if (flat || polar) k.why = "nearly all who left did so at once; how the rest will leave is not known yet";
    return k;
}

static contract refused(enum contract_kind kind, const char *why) {
    return (contract){.kind = kind, .c = 1, .state = ESTIMATE_REFUSED, .why = why};
}

// Customers, those lost, renewals faced; why the counts carry no curve, or NULL.
static const char *tally(const contract_counts *d, contract *k, double *faced) {
    int64_t past_first = 0;
    for (size_t t = 0; t <= d->periods; t++) {
        int64_t lost = t < d->periods ? d->lost[t] : 0, late = d->late ? d->late[t] : 0;
        assert(lost >= 0 && d->open[t] >= 0 && late >= 0);
        k->n += d->open[t] + lost;
        k->lost += lost;
        *faced += (double)t * (double)(d->open[t] - late) + (double)(t + 1) * (double)lost;
        past_first += t > 0 ? lost + d->open[t] : 0;
        if (d->open[t] || lost) k->periods = t + (lost > 0);
    }
    if (!(*faced > 0)) return "nobody has come to a renewal yet";
    if (k->lost == 0) return "nobody has left yet; how many will is not known";
    if (past_first == 0) return "nobody has ever renewed";
    return NULL;
}

contract contract_fit(const contract_counts *d, enum contract_kind kind) {
    contract k = {.kind = kind, .alike = true, .c = 1};
    double faced = 0;
    const char *why = tally(d, &k, &faced);
    if (why) return refused(kind, why);
    bool bends = kind == CONTRACT_BDW;
    problem one = {.d = d, .alike = true, .free = {true, false, bends}}, all = {.d = d, .free = {true, true, bends}};
    double churn = MIN((double)k.lost / faced, 1 - 1e-6);
    k.at[MEAN] = log(churn / (1 - churn));
    k.loglik = climb(&one, k.at);
    double from = k.at[MEAN];
    for (double sum = -1; sum < 6; sum += 2) {
        double at[K] = {from, sum, 0}, value = climb(&all, at);
        if (!(value > k.loglik + 1e-7) || at[SUM] > SUM_MAX - 0.01) continue;
        k.alike = false;
        k.loglik = value;
        memcpy(k.at, at, sizeof at);
    }
    return finish(all, k);
}

contract contract_choose(const contract_counts *d) {
    contract plain = contract_fit(d, CONTRACT_SBG);
    if (plain.state == ESTIMATE_REFUSED) return plain;
    contract bent = contract_fit(d, CONTRACT_BDW);
    bool better = bent.state == ESTIMATE_OK && 2 * (bent.loglik - plain.loglik) > Z95 * Z95;
    return better ? bent : plain;
}

const char *contract_name(const contract *k) {
    if (k->alike) return k->kind == CONTRACT_SBG ? "geometric" : "discrete Weibull";
    return k->kind == CONTRACT_SBG ? "shifted-beta-geometric" : "beta-discrete-Weibull";
}

static estimate begin(const contract *k) {
    return (estimate){.method = contract_name(k), .n = k->n, .eff = (double)k->n, .state = k->state, .why = k->why};
}

// A share with the delta method on the logit scale; slope is that of log(share), var_more what chance adds.
static void share_interval(const contract *k, estimate *e, double share, const double *slope, double var_more) {
    double var = share * share * matrix_form(k->cov, K, slope) + var_more;
    e->value = e->point = e->lo = e->hi = share;
    e->var = var;
    if (!(share > 0) || !(share < 1)) return;
    double half = Z95 * sqrt(var) / (share * (1 - share)), odds = log(share / (1 - share));
    e->lo = MIN(1 / (1 + exp(half - odds)), share);
    e->hi = MAX(1 / (1 + exp(-half - odds)), share);
}

static point ahead(const contract *k, double from, double to) {
    point p = log_survival(k->at, k->alike, to), q = log_survival(k->at, k->alike, from);
    add(&p.value, p.slope, q, -1);
    return p;
}

static estimate share_ahead(const contract *k, double from, double to) {
    estimate e = begin(k);
    if (k->state == ESTIMATE_REFUSED) return e;
    point p = ahead(k, from, to);
    share_interval(k, &e, exp(p.value), p.slope, 0);
    return e;
}

estimate contract_survival(const contract *k, double t) {
    return share_ahead(k, 0, t);
}

estimate contract_renewal(const contract *k, double t) {
    return share_ahead(k, t, t + 1);
}

estimate contract_forecast(const contract *k, const int64_t *here, size_t n, double periods) {
    estimate e = begin(k);
    if (k->state == ESTIMATE_REFUSED) return e;
    double all = 0, left = 0, chance = 0, slope[K] = {0};
    for (size_t t = 0; t < n; t++) {
        if (here[t] <= 0) continue;
        point p = ahead(k, (double)t, (double)t + periods);
        double count = (double)here[t], share = exp(p.value);
        all += count;
        left += count * share;
        chance += count * share * (1 - share);
        for (int i = 0; i < K; i++) slope[i] += count * share * p.slope[i];
    }
    if (!(all > 0)) return estimate_none(e.method, "there are no customers to forecast");
    for (int i = 0; i < K; i++) slope[i] /= left > 0 ? left : 1;
    share_interval(k, &e, left / all, slope, chance / (all * all));
    e.value *= all, e.point *= all, e.lo *= all, e.hi *= all, e.var *= all * all;
    return e;
}

// Σ over j of S(renewed+1+j)/S(renewed) / (1+discount)^j, summed until what is left cannot be seen.
static void residual(const contract *k, double renewed, double discount, double *sum, double *slope) {
    point now = log_survival(k->at, k->alike, renewed);
    double v = 1 / (1 + discount), factor = 1;
    for (double t = renewed + 1;; t++, factor *= v) {
        point p = log_survival(k->at, k->alike, t);
        double term = factor * exp(p.value - now.value);
        *sum += term;
        for (int i = 0; i < K; i++) slope[i] += term * (p.slope[i] - now.slope[i]);
        if (!(term / (1 - v) > 1e-12 * *sum)) return;
    }
}

static estimate lifetime(const contract *k, double renewed, double discount, double first, double weight) {
    estimate e = begin(k);
    if (k->state == ESTIMATE_REFUSED) return e;
    if (!(discount >= 1e-4)) return estimate_refused(e.method, "a lifetime needs a discount rate of 0.0001 or more");
    double sum = 0, slope[K] = {0};
    residual(k, renewed, discount, &sum, slope);
    e.value = e.point = first + weight * sum;
    e.var = weight * weight * matrix_form(k->cov, K, slope);
    double half = sum > 0 ? Z95 * sqrt(e.var) / (weight * sum) : 0; // on the log scale of what is uncertain
    e.lo = first + weight * sum * exp(-half);
    e.hi = first + weight * MIN(sum * exp(half), (1 + discount) / discount);
    return e;
}

estimate contract_residual(const contract *k, int64_t renewed, double discount) {
    return lifetime(k, (double)renewed, discount, 0, 1);
}

estimate contract_lifetime(const contract *k, double discount) {
    return lifetime(k, 0, discount, 1, 1 / (1 + discount));
}

contract_counts contract_count(arena *a, const stay *x, size_t n, double period) {
    assert(period > 0);
    contract_counts d = {0};
    for (size_t i = 0; i < n; i++) {
        if (stay_watched(&x[i])) d.periods = MAX(d.periods, stay_periods(x[i].time, period) + 1);
    }
    int64_t *lost = make(a, int64_t, d.periods), *open = make(a, int64_t, d.periods + 1);
    int64_t *late = make(a, int64_t, d.periods + 1);
    for (size_t i = 0; i < n; i++) {
        if (!stay_watched(&x[i])) continue;
        int64_t count = MAX(x[i].count, 1);
        size_t t = x[i].ended ? stay_ended_in(x[i].time, period) : stay_periods(x[i].time, period);
        (x[i].ended ? lost : open)[t] += count;
        if (x[i].enter > 0) late[MIN(stay_periods(x[i].enter, period), t)] += count;
    }
    d.lost = lost, d.open = open, d.late = late;
    return d;
}
