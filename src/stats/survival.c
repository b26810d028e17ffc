#include "stats/survival.h"

#include "stats/dist.h"
#include "stats/matrix.h"
#include "stats/proportion.h"

#include <math.h>

// The stays of one group in order of leaving and of entering, read forward in time.
typedef struct {
    stay *exits;
    stay *entries;
    size_t n, i, j;
    int64_t entered, gone;
} sweep;

// At one time: who is at risk, who leaves, who is seen for the last time. Entering at t is at risk after t only.
typedef struct {
    int64_t at_risk, ended, last_seen;
} moment;

static int by_time(const void *x, const void *y) {
    double u = ((const stay *)x)->time, v = ((const stay *)y)->time;
    return (u > v) - (u < v);
}

static int by_entry(const void *x, const void *y) {
    double u = ((const stay *)x)->enter, v = ((const stay *)y)->enter;
    return (u > v) - (u < v);
}

// Watched from the start means at risk at time 0 too, so that a customer who leaves on day 0 counts.
bool stay_watched(const stay *x) {
    return x->time >= 0 && isfinite(x->time) && x->count >= 0 && (x->enter <= 0 || x->time > x->enter);
}

size_t stay_periods(double time, double period) {
    return (size_t)floor(time / period + 1e-9);
}

size_t stay_ended_in(double time, double period) {
    double t = ceil(time / period - 1e-9);
    return t > 1 ? (size_t)t - 1 : 0;
}

static sweep sweep_new(arena *a, const stay *x, size_t n) {
    sweep s = {.exits = make(a, stay, n), .entries = make(a, stay, n)};
    for (size_t i = 0; i < n; i++) {
        if (!stay_watched(&x[i])) continue;
        stay y = x[i];
        y.count = MAX(y.count, 1);
        y.enter = y.enter > 0 ? y.enter : -INFINITY;
        s.exits[s.n] = s.entries[s.n] = y;
        s.n++;
    }
    if (s.n) qsort(s.exits, s.n, sizeof *s.exits, by_time);
    if (s.n) qsort(s.entries, s.n, sizeof *s.entries, by_entry);
    return s;
}

static double sweep_next_time(const sweep *s) {
    return s->i < s->n ? s->exits[s->i].time : INFINITY;
}

static moment sweep_to(sweep *s, double t) {
    for (; s->j < s->n && s->entries[s->j].enter < t; s->j++) s->entered += s->entries[s->j].count;
    moment m = {.at_risk = s->entered - s->gone};
    for (; s->i < s->n && s->exits[s->i].time == t; s->i++) {
        int64_t count = s->exits[s->i].count;
        s->gone += count;
        if (s->exits[s->i].ended)
            m.ended += count;
        else
            m.last_seen += count;
    }
    return m;
}

// The interval on the scale of log(−log S), with Greenwood's variance: Kalbfleisch & Prentice 2002, The Statistical
// Analysis of Failure Time Data, 1.4. It has no value at S = 1, where nobody of those at risk has left, and at S = 0,
// where everybody has; Wilson's interval of that share stands there.
static void log_log_interval(survival_step *st, const survival_step *before) {
    if (st->s >= 1) {
        proportion_wilson(1, (double)st->at_risk, Z95, &st->lo, &st->hi);
    } else if (st->s <= 0) {
        proportion_wilson(0, (double)st->at_risk, Z95, &st->lo, &st->hi);
        if (before) st->hi = MIN(st->hi, before->hi);
    } else {
        double theta = Z95 * sqrt(st->greenwood) / log(st->s);
        st->lo = pow(st->s, exp(-theta));
        st->hi = pow(st->s, exp(theta));
    }
}

// Kaplan & Meier 1958, J. Am. Stat. Assoc. 53; Greenwood 1926.
survival survival_fit(arena *a, const stay *x, size_t n) {
    survival_step *steps = make(a, survival_step, n);
    survival k = {.steps = steps};
    arena scratch = *a;
    sweep sw = sweep_new(&scratch, x, n);
    double s = 1, greenwood = 0;
    k.ignored = (int64_t)(n - sw.n);
    while (sw.i < sw.n) {
        survival_step *st = &steps[k.n_steps];
        st->time = sweep_next_time(&sw);
        moment m = sweep_to(&sw, st->time);
        double at_risk = (double)m.at_risk, ended = (double)m.ended;
        s *= 1 - ended / at_risk;
        if (m.ended < m.at_risk) greenwood += ended / (at_risk * (at_risk - ended));
        st->at_risk = m.at_risk;
        st->ended = m.ended;
        st->last_seen = m.last_seen;
        st->s = s;
        st->greenwood = greenwood;
        log_log_interval(st, k.n_steps ? st - 1 : NULL);
        k.n += m.ended + m.last_seen;
        k.ended += m.ended;
        k.n_steps++;
    }
    return k;
}

// The first step later than t; n_steps if there is none.
static size_t step_after(const survival *k, double t) {
    size_t lo = 0, hi = k->n_steps;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (k->steps[mid].time <= t)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

enum { WATCHED = 10 }; // fewer at risk than this and one customer moves the curve by more than a tenth

// How many are watched at t: at risk at the step at t, or else at the next one.
static int64_t watched_at(const survival *k, double t, size_t after) {
    if (after > 0 && k->steps[after - 1].time == t) return k->steps[after - 1].at_risk;
    return after < k->n_steps ? k->steps[after].at_risk : 0;
}

estimate survival_at(arena *a, const survival *k, double t) {
    estimate e = {.method = "Kaplan-Meier, log-log Greenwood"};
    estimate_judge(a, &e, (sampling){.of = "customer"}, k->n);
    if (k->n == 0) return e;
    size_t after = step_after(k, t);
    const survival_step *st = after > 0 ? &k->steps[after - 1] : NULL;
    int64_t risk = watched_at(k, t, after);
    bool all_left = st && st->s <= 0;
    if (risk == 0 && !all_left) return estimate_refused(e.method, "nobody has been a customer for so long yet");
    survival_step now = st ? *st : (survival_step){.s = 1};
    if (now.s >= 1) {
        now.at_risk = risk;
        log_log_interval(&now, NULL);
    }
    e.value = e.point = now.s;
    e.lo = now.lo;
    e.hi = now.hi;
    e.eff = (double)risk;
    double half = now.s >= 1 ? 1 - now.lo : now.hi;
    e.var = now.s > 0 && now.s < 1 ? now.s * now.s * now.greenwood : half * half / (Z95 * Z95);
    if (e.state == ESTIMATE_OK && risk < WATCHED) {
        e.state = ESTIMATE_THIN;
        e.why = str_z(a, str_fmt(a, "only %" PRId64 " customers have been watched for so long", risk));
    }
    return e;
}

// The first time at which a curve has come down to `level`; products of fractions miss it by rounding.
static double first_at(const survival *k, double level, size_t offset) {
    for (size_t i = 0; i < k->n_steps; i++) {
        double value;
        memcpy(&value, (const char *)&k->steps[i] + offset, sizeof value);
        if (value <= level + 1e-12) return k->steps[i].time;
    }
    return INFINITY;
}

// Brookmeyer & Crowley 1982, Biometrics 38: the interval holds the times at which the pointwise interval covers 1 − q.
estimate survival_quantile(arena *a, const survival *k, double q) {
    estimate e = {.method = "Kaplan-Meier, Brookmeyer-Crowley"};
    estimate_judge(a, &e, (sampling){.of = "customer"}, k->n);
    if (k->n == 0) return e;
    double longest = k->steps[k->n_steps - 1].time;
    e.value = e.point = first_at(k, 1 - q, offsetof(survival_step, s));
    e.lo = MIN(first_at(k, 1 - q, offsetof(survival_step, lo)), longest);
    e.hi = first_at(k, 1 - q, offsetof(survival_step, hi));
    if (isfinite(e.value)) return e;
    e.value = e.point = 0;
    e.state = ESTIMATE_REFUSED;
    e.why = str_z(a, str_fmt(a, "fewer than %.0f %% have left so far", 100 * q));
    return e;
}

// Mantel 1966, Cancer Chemother. Rep. 50: at each time, the leavers of group x given all margins are hypergeometric.
logrank survival_compare(arena scratch, const stay *x, size_t n, const stay *y, size_t m) {
    sweep sx = sweep_new(&scratch, x, n), sy = sweep_new(&scratch, y, m);
    logrank r = {0};
    double var = 0;
    while (sx.i < sx.n || sy.i < sy.n) {
        double t = MIN(sweep_next_time(&sx), sweep_next_time(&sy));
        moment mx = sweep_to(&sx, t), my = sweep_to(&sy, t);
        double d = (double)(mx.ended + my.ended), risk = (double)(mx.at_risk + my.at_risk);
        double share = (double)mx.at_risk / risk;
        r.observed += (double)mx.ended;
        r.expected += d * share;
        if (risk > 1) var += d * share * (1 - share) * (risk - d) / (risk - 1);
    }
    double over = r.observed - r.expected;
    r.chisq = var > 0 ? over * over / var : NAN;
    r.p = var > 0 ? dist_normal_both(sqrt(r.chisq)) : NAN;
    return r;
}

// One sweep for each group's stays.
static sweep *sweeps_of(arena *a, const stay *x, const int32_t *group, size_t n, int32_t groups) {
    size_t *end = make(a, size_t, groups + 1), k = (size_t)groups;
    for (size_t i = 0; i < n; i++) {
        if (group[i] >= 0 && group[i] < groups) end[group[i] + 1]++;
    }
    for (size_t g = 0; g < k; g++) end[g + 1] += end[g];
    stay *sorted = make(a, stay, end[k]);
    size_t *at = make(a, size_t, groups);
    memcpy(at, end, k * sizeof *at);
    for (size_t i = 0; i < n; i++) {
        if (group[i] >= 0 && group[i] < groups) sorted[at[group[i]]++] = x[i];
    }
    sweep *s = make(a, sweep, groups);
    for (size_t g = 0; g < k; g++) s[g] = sweep_new(a, sorted + end[g], end[g + 1] - end[g]);
    return s;
}

static double earliest(const sweep *s, size_t k) {
    double t = INFINITY;
    for (size_t g = 0; g < k; g++) t = MIN(t, sweep_next_time(&s[g]));
    return t;
}

// The leavers of all groups at one time are multivariate hypergeometric: adds what each group has over expectation, and
// its covariances.
static void add_moment(const moment *m, size_t k, double *over, double *var) {
    double d = 0, risk = 0;
    for (size_t g = 0; g < k; g++) d += (double)m[g].ended, risk += (double)m[g].at_risk;
    if (!(d > 0)) return;
    double spread = risk > 1 ? d * (risk - d) / (risk - 1) : 0;
    for (size_t g = 0; g < k; g++) {
        double share = (double)m[g].at_risk / risk;
        over[g] += (double)m[g].ended - d * share;
        for (size_t h = 0; h < k; h++) var[g * k + h] += spread * share * ((g == h) - (double)m[h].at_risk / risk);
    }
}

// Peto & Peto 1972, J. R. Stat. Soc. A 135: the quadratic form of all groups. One of them follows from the others; its
// column is aliased, as is that of a group nobody of whom was ever at risk beside another.
logrank_groups survival_compare_groups(arena scratch, const stay *x, const int32_t *group, size_t n, int32_t groups) {
    assert(groups > 0);
    size_t k = (size_t)groups;
    sweep *s = sweeps_of(&scratch, x, group, n, groups);
    moment *m = make(&scratch, moment, k);
    double *over = make(&scratch, double, k), *solved = make(&scratch, double, k), *var = make(&scratch, double, k *k);
    for (double t; isfinite(t = earliest(s, k));) {
        for (size_t g = 0; g < k; g++) m[g] = sweep_to(&s[g], t);
        add_moment(m, k, over, var);
    }
    logrank_groups r = {.chisq = NAN, .p = NAN, .df = (int)matrix_cholesky(var, k, 1e-9)};
    if (r.df == 0) return r;
    memcpy(solved, over, k * sizeof *over);
    matrix_solve(var, k, solved);
    r.chisq = 0;
    for (size_t g = 0; g < k; g++) r.chisq += over[g] * solved[g];
    r.p = dist_chisq_above(r.chisq, r.df);
    return r;
}
