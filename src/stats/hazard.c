#include "stats/hazard.h"

#include "stats/order.h"

#include <math.h>

enum { EACH = 100, PER_TRAIT = 10, PER_BAND = 10, BANDS = 60 };

// The periods a stay was watched, from..to, and whether it ended in the last of them.
typedef struct {
    size_t from, to; // to is one past the last
    bool ended;
    int64_t count;
} span;

// What the regression sees: a row of traits in a band.
typedef struct {
    const double *z;
    size_t band;
} cell;

typedef struct {
    const cell *cells;
    size_t p;
} cells_of_rows;

static size_t cell_row(const void *of, size_t i, double *x) {
    const cells_of_rows *c = of;
    if (c->p) memcpy(x, c->cells[i].z, c->p * sizeof *x);
    return c->cells[i].band;
}

static bool usable(const hazard_data *d, size_t i) {
    bool good = stay_watched(&d->x[i]);
    for (size_t j = 0; good && j < d->p; j++) good = isfinite(d->z[i * d->p + j]);
    return good;
}

static span span_of(const stay *x, double period) {
    span s = {.ended = x->ended, .count = MAX(x->count, 1)};
    s.from = x->enter > 0 ? (size_t)ceil(x->enter / period - 1e-9) : 0;
    s.to = x->ended ? stay_ended_in(x->time, period) + 1 : stay_periods(x->time, period);
    return s;
}

static void count(const hazard_data *d, span *spans, hazard *k) {
    for (size_t i = 0; i < d->n; i++) {
        span s = usable(d, i) ? span_of(&d->x[i], d->period) : (span){0};
        if (s.to <= s.from) s = (span){0};
        spans[i] = s;
        k->ignored += s.to == 0;
        k->n += s.count;
        k->ended += s.ended ? s.count : 0;
        k->trials += (int64_t)(s.to - s.from) * s.count;
        k->longest = MAX(k->longest, s.to);
    }
}

static int64_t leavers_needed(const hazard *k) {
    return MAX((int64_t)EACH, PER_TRAIT * (int64_t)k->p);
}

static bool enough_left(const hazard *k) {
    return k->ended >= leavers_needed(k);
}

static const char *missing(arena *a, const hazard *k) {
    int64_t stayed = k->n - k->ended, need = leavers_needed(k);

    if (!enough_left(k))
        return str_z(a, str_fmt(a, "%" PRId64 " customers left; %" PRId64 " are needed", k->ended, need));
    return str_z(a, str_fmt(a, "%" PRId64 " customers stayed; %d are needed", stayed, EACH));
}

// Bands close as soon as enough have left in them; what remains at the end belongs to the last.
static void make_bands(arena scratch, const span *spans, size_t n, hazard *k) {
    int64_t *left = make(&scratch, int64_t, k->longest), sum = 0, rest = k->ended;
    for (size_t i = 0; i < n; i++) {
        if (spans[i].ended) left[spans[i].to - 1] += spans[i].count;
    }
    int64_t each = MAX((int64_t)PER_BAND, k->ended / BANDS + 1);
    k->bands = 1;
    for (size_t t = 0; t < k->longest && k->bands < BANDS; t++) {
        sum += left[t], rest -= left[t];
        if (sum < each || rest < each) continue;
        k->from[k->bands++] = t + 1;
        sum = 0;
    }
}

static size_t band_of(const hazard *k, size_t period) {
    size_t b = k->bands - 1;
    while (k->from[b] > period) b--;
    return b;
}

// The rows ordered by their traits, so that equal ones stand together (equal hashes of different traits only cost a
// cell more).
static uint32_t *together(arena *a, const hazard_data *d) {
    uint32_t *at = make(a, uint32_t, d->n);
    double *key = make(a, double, d->n);
    for (size_t i = 0; i < d->n; i++) {
        key[i] = d->p ? (double)(str_hash((str){(const char *)&d->z[i * d->p], d->p * sizeof *d->z}) >> 11) : 0;
    }
    order_of(*a, key, d->n, at);
    return at;
}

typedef struct {
    cell *cells;
    double *hits, *trials;
    size_t n, room;
} table;

static void add_span(const hazard *k, const span *s, double *hits, double *trials) {
    for (size_t b = 0; b < k->bands; b++) {
        size_t from = MAX(k->from[b], s->from), to = b + 1 < k->bands ? MIN(k->from[b + 1], s->to) : s->to;
        if (from < to) trials[b] += (double)s->count * (double)(to - from);
    }
    if (s->ended) hits[band_of(k, s->to - 1)] += (double)s->count;
}

static bool same(const double *x, const double *y, size_t p) {
    return p == 0 || memcmp(x, y, p * sizeof *x) == 0;
}

// How many bands the spans of a run of equal rows touch is not known before: room is made for the worst.
static table tabulate(arena *a, const hazard_data *d, const span *spans, const hazard *k) {
    const uint32_t *at = together(a, d);
    size_t room = 0;
    for (size_t i = 0; i < d->n; i++)
        room += spans[i].to ? band_of(k, spans[i].to - 1) - band_of(k, spans[i].from) + 1 : 0;
    table t = {make(a, cell, room), make(a, double, room), make(a, double, room), 0, room};
    double *hits = make(a, double, k->bands), *trials = make(a, double, k->bands);
    for (size_t i = 0, end; i < d->n; i = end) {
        const double *z = d->p ? &d->z[at[i] * d->p] : NULL;
        memset(hits, 0, k->bands * sizeof *hits);
        memset(trials, 0, k->bands * sizeof *trials);
        for (end = i; end < d->n && same(z, d->p ? &d->z[at[end] * d->p] : NULL, d->p); end++) {
            if (spans[at[end]].to) add_span(k, &spans[at[end]], hits, trials);
        }
        for (size_t b = 0; b < k->bands; b++) {
            if (!(trials[b] > 0)) continue;
            assert(t.n < t.room);
            t.cells[t.n] = (cell){z, b};
            t.hits[t.n] = hits[b];
            t.trials[t.n++] = trials[b];
        }
    }
    return t;
}

// The regression's own result, moved to where it stays.
static void keep_fit(const logit *fit, hazard *k) {
    size_t all = fit->groups + fit->p;
    double *beta = k->fit.beta, *cov = k->fit.cov;
    memcpy(beta, fit->beta, all * sizeof *beta);
    memcpy(cov, fit->cov, all * all * sizeof *cov);
    k->fit = *fit;
    k->fit.beta = beta, k->fit.cov = cov;
}

static void work(arena scratch, const hazard_data *d, const span *spans, hazard *k) {
    make_bands(scratch, spans, d->n, k);
    table t = tabulate(&scratch, d, spans, k);
    k->cells = t.n;
    cells_of_rows of = {t.cells, d->p};
    logit fit = logit_fit(
        &scratch,
        &(logit_data){
            .n = t.n, .p = d->p, .groups = k->bands, .row = cell_row, .of = &of, .hits = t.hits, .trials = t.trials});
    keep_fit(&fit, k);
}

hazard hazard_fit(arena *a, const hazard_data *d) {
    assert(d->period > 0);
    size_t most = d->p + BANDS;
    hazard k = {.p = d->p, .from = make(a, size_t, BANDS), .state = ESTIMATE_REFUSED};
    k.fit.beta = make(a, double, most);
    k.fit.cov = make(a, double, most *most);
    arena scratch = *a;
    span *spans = make(&scratch, span, d->n);
    count(d, spans, &k);
    bool enough = enough_left(&k) && k.n - k.ended >= EACH;
    if (enough) work(scratch, d, spans, &k);
    if (!enough) k.why = missing(a, &k);
    if (!enough) return k;
    k.state = k.fit.converged ? ESTIMATE_OK : ESTIMATE_THIN;
    if (!k.fit.converged)
        k.why = "everybody, or nobody, with one of these traits left: how strong it is cannot be told";
    return k;
}

static estimate begin(const hazard *k, const char *method) {
    return (estimate){.method = method, .n = k->n, .eff = (double)k->n, .state = k->state, .why = k->why};
}

static double odds_of(const hazard *k, const double *z, size_t band) {
    double sum = k->fit.beta[band];
    for (size_t j = 0; j < k->p; j++) sum += k->fit.beta[k->bands + j] * z[j];
    return sum;
}

// xᵀ cov x where x is the sum of `levels` on the bands and `traits` × z.
static double variance(const hazard *k, const double *levels, double traits, const double *z) {
    size_t all = k->bands + k->p;
    double sum = 0;
    for (size_t i = 0; i < all; i++) {
        double u = i < k->bands ? levels[i] : traits * z[i - k->bands];
        for (size_t j = 0; u != 0 && j < all; j++) {
            sum += u * k->fit.cov[i * all + j] * (j < k->bands ? levels[j] : traits * z[j - k->bands]);
        }
    }
    return sum;
}

estimate hazard_in(const hazard *k, const double *z, size_t period) {
    estimate e = begin(k, "discrete-time hazard");
    if (k->state == ESTIMATE_REFUSED) return e;
    size_t band = band_of(k, period);
    double levels[BANDS] = {0}, odds = odds_of(k, z, band);
    levels[band] = 1;
    double se = sqrt(variance(k, levels, 1, z));
    e.value = e.point = logit_share(odds);
    e.lo = logit_share(odds - Z95 * se);
    e.hi = logit_share(odds + Z95 * se);
    e.var = pow(e.value * (1 - e.value) * se, 2);
    return e;
}

// log S is the sum of log(1 − h); each period moves it by −h for one more of its log odds. The interval is that of
// log(−log S), as for every curve here.
estimate hazard_survival(const hazard *k, const double *z, size_t from, size_t to) {
    estimate e = begin(k, "discrete-time hazard, log-log");
    if (k->state == ESTIMATE_REFUSED) return e;
    double levels[BANDS] = {0}, gone = 0, traits = 0;
    for (size_t b = 0; b < k->bands; b++) {
        size_t start = MAX(k->from[b], from), end = b + 1 < k->bands ? MIN(k->from[b + 1], to) : to;
        if (start >= end) continue;
        double odds = odds_of(k, z, b), periods = (double)(end - start);
        levels[b] = periods * logit_share(odds);
        traits += levels[b];
        gone += periods * (odds > 0 ? odds + log1p(exp(-odds)) : log1p(exp(odds)));
    }
    e.value = e.point = e.lo = e.hi = exp(-gone);
    if (!(gone > 0)) return e;
    double var = variance(k, levels, traits, z), half = Z95 * sqrt(var) / gone;
    e.lo = exp(-gone * exp(half));
    e.hi = exp(-gone * exp(-half));
    e.var = e.value * e.value * var;
    return e;
}

estimate hazard_ratio(const hazard *k, size_t j) {
    estimate e = begin(k, "discrete-time hazard, Wald");
    if (k->state == ESTIMATE_REFUSED) return e;
    size_t at = k->bands + j, all = k->bands + k->p;
    double beta = k->fit.beta[at], var = k->fit.cov[at * all + at];
    if (!(var > 0)) return estimate_refused(e.method, "other traits already say the same");
    e.value = e.point = exp(beta);
    e.lo = exp(beta - Z95 * sqrt(var));
    e.hi = exp(beta + Z95 * sqrt(var));
    e.var = e.value * e.value * var;
    return e;
}
