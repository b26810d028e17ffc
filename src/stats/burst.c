#include "stats/burst.h"

#include "stats/burst_private.h"
#include "stats/dist.h"
#include "stats/many.h"
#include "stats/matrix.h"

#include <math.h>

// ---- People per period ----

static int by_person(const void *x, const void *y) {
    const burst_said *u = x, *v = y;
    if (u->person != v->person) return u->person < v->person ? -1 : 1;
    return (u->period > v->period) - (u->period < v->period);
}

void burst_people(arena scratch, const burst_said *said, size_t rows, int64_t quiet, int64_t *people, size_t n) {
    if (n) memset(people, 0, n * sizeof *people);
    if (!rows) return;
    burst_said *s = make(&scratch, burst_said, rows);
    memcpy(s, said, rows * sizeof *s);
    qsort(s, rows, sizeof *s, by_person);
    int64_t counted = 0;
    for (size_t i = 0; i < rows; i++) {
        bool same = i > 0 && s[i].person == s[i - 1].person;
        if (same && s[i].period - counted < MAX(quiet, 1)) continue;
        counted = s[i].period;
        if (counted >= 0 && counted < (int64_t)n) people[counted]++;
    }
}

// ---- Counts with a mean and a variance ----

// Size and chance of the negative binomial with that mean and variance.
typedef struct {
    double size, chance;
    bool poisson;
} counts;

static counts counts_of(double mean, double variance) {
    if (!(variance > mean * (1 + 1e-9))) return (counts){.poisson = true};
    double size = mean * mean / (variance - mean);
    return (counts){.size = size, .chance = mean / (size + mean)};
}

// P(X ≥ k) is an incomplete beta or gamma function (Johnson, Kemp & Kotz 2005, Univariate Discrete Distributions, 5.6
// and 4.2), so that small chances keep their digits.
double burst_chance(double mean, double variance, int64_t seen) {
    if (seen <= 0) return 1;
    if (!(mean > 0)) return 0;
    counts c = counts_of(mean, variance);
    if (c.poisson) return dist_gamma_below(mean, (double)seen);
    return dist_beta_below(c.chance, (double)seen, c.size);
}

// The largest k with P(X ≥ k) ≥ above, between two that bracket it.
static int64_t reached(double mean, double variance, double above) {
    int64_t lo = 0, hi = 1;
    while (burst_chance(mean, variance, hi) >= above) lo = hi, hi *= 2;
    while (hi - lo > 1) {
        int64_t middle = lo + (hi - lo) / 2;
        *(burst_chance(mean, variance, middle) >= above ? &lo : &hi) = middle;
    }
    return lo;
}

// The smallest k with P(X ≤ k) ≥ q is the largest with P(X ≥ k) > 1 − q.
void burst_range(double mean, double variance, double *lo, double *hi) {
    *lo = *hi = 0;
    if (!(mean > 0)) return;
    *lo = (double)reached(mean, variance, 0.975 + 1e-12);
    *hi = (double)reached(mean, variance, 0.025 + 1e-12);
}

// ---- The newest windows ----

// Days that resemble those before: sums of w of them vary by 1 + 2 Σ (1 − j/w) ρⱼ more than their own spread says
// (Bartlett 1946), never below 1. Two fitted parameters, level and trend, make each ρ look smaller by 2/n of that whole
// factor (Marriott & Pope 1954), which is solved for it.
typedef struct {
    double rho[14], n;
    size_t lags;
} hanging;

typedef struct {
    double factor, sd; // and the standard error of its logarithm
} hang;

static hanging hanging_of(const burst_fit *f) {
    hanging h = {.lags = MIN(COUNT(h.rho) - 1, f->baseline / 8), .n = MAX(f->used, 1)};
    double square = 0;
    for (size_t t = 0; t < f->baseline; t++) square += f->odd[t] * f->odd[t];
    square = MAX(square, h.n - (double)f->columns); // of nothing but zeros no day says anything of another
    for (size_t j = 1; j <= h.lags; j++) {
        for (size_t t = j; t < f->baseline; t++) h.rho[j] += f->odd[t] * f->odd[t - j] / square;
    }
    return h;
}

static hang hang_of(const hanging *h, size_t w) {
    double sum = 1, weights = 0, squares = 0;
    for (size_t j = 1; j <= h->lags && j < w; j++) {
        double weight = 1 - (double)j / (double)w;
        sum += 2 * weight * h->rho[j];
        weights += weight, squares += weight * weight;
    }
    double factor = sum / (1 - 4 * weights / h->n);
    return (hang){.factor = MAX(factor, 1), .sd = 2 * sqrt(squares / h->n)};
}

// How far the level of whole weeks lies off what was fitted, beyond what chance explains: the variance of its
// logarithm. A level that wanders for weeks is no burst, but windows would take it for one. Weeks count by what was
// expected in them, and none for more than twice that, so that a burst of the past says little of it.
enum { WEEK = 7 };
// What is fitted lies in the middle of where the level wandered to, and windows are weeks after it: a level that walks
// is several times as far off there. Chosen on series that are made up (bench/burst watch, power;
// docs/topics-statistics.md).
#define WANDER 6
static double wander_of(const burst_fit *f, const burst_series *s, double rho) {
    double squares = 0, chance = 0, weeks = 0;
    for (size_t end = f->baseline; end >= WEEK && f->season == WEEK; end -= WEEK) {
        double mean = 0, own = 0, seen = 0;
        for (size_t t = end - WEEK; t < end; t++) {
            const double m = f->mean[t];
            mean += m, own += m * (1 + f->spread * m), seen += (double)s->people[t];
        }
        if (!(mean > 0)) continue;
        const double off = MIN(fabs(seen - mean) / mean, 1), weight = mean * mean / own;
        squares += weight * off * off, chance += weight * own * (1 - rho) / (mean * mean), weeks += weight;
    }
    return weeks > 0 ? MAX(squares - chance, 0) / weeks : 0;
}

typedef struct {
    double mean, square, own, doubt; // Σ mean² ; variances: of the counts, and of the mean as it is known
} forecast;

static forecast forecast_of(arena scratch, const burst_fit *f, size_t from, size_t to) {
    double *slope = make(&scratch, double, f->columns);
    forecast k = {0};
    for (size_t t = from; t < to; t++) {
        size_t at[3];
        double x[3], mean = f->mean[t];
        size_t m = burst_fit_row(f, t, at, x);
        for (size_t i = 0; i < m; i++) slope[at[i]] += mean * x[i];
        k.mean += mean;
        k.square += mean * mean;
        k.own += mean * (1 + f->spread * mean);
    }
    k.doubt = matrix_form(f->cov, f->columns, slope);
    return k;
}

// A normal distribution as five points (Gauss-Hermite), and as three.
static const double FIVE[] = {-2.856970013872806, -1.355626179974266, 0, 1.355626179974266, 2.856970013872806};
static const double FIVE_WEIGHT[] = {0.01125741132772069, 0.2220759220056126, 8. / 15, 0.2220759220056126,
                                     0.01125741132772069};
static const double THREE[] = {-1.7320508075688772, 0, 1.7320508075688772}, THREE_WEIGHT[] = {1. / 6, 2. / 3, 1. / 6};
// Beyond it the doubt about the mean is put into the variance, which is exact for Poisson counts and few people.
#define DOUBT_MOST 0.5

// A chance under the fitted mean and spread is too small when one of them is too small by chance: it is averaged over
// what they may be, both nearly normal in their logarithms. Small chances need that most.
static double chance_of(const forecast *c, hang h, double doubt, double spread_sd, int64_t seen) {
    double part = c->own > 0 ? spread_sd * c->square / c->own : 0, p = 0;
    double sd = sqrt(part * part + h.sd * h.sd), off = MIN(sqrt(doubt) / c->mean, DOUBT_MOST);
    double rest = MAX(doubt / (c->mean * c->mean) - off * off, 0);
    for (size_t i = 0; i < COUNT(THREE); i++) {
        double f = exp(THREE[i] * off - off * off / 2), mean = c->mean * f,
               own = c->own * f * f - c->mean * f * (f - 1);
        for (size_t j = 0; j < COUNT(FIVE); j++) {
            double variance = MAX(own * h.factor * exp(FIVE[j] * sd), mean) + rest * mean * mean;
            p += THREE_WEIGHT[i] * FIVE_WEIGHT[j] * burst_chance(mean, variance, seen);
        }
    }
    return p;
}

static burst_window window_of(arena *a, const burst_series *s, const burst_fit *f, const hanging *h, size_t w,
                              const burst *b) {
    burst_window k = {.periods = w, .p = NAN, .adjusted = NAN, .state = b->state, .why = b->why};
    for (size_t t = s->n - w; t < s->n; t++) k.seen += s->people[t];
    forecast c = forecast_of(*a, f, s->n - w, s->n);
    hang here = hang_of(h, w);
    double doubt = c.doubt * b->hang + WANDER * b->wander * c.mean * c.mean;
    k.expected = c.mean;
    burst_range(c.mean, c.own * here.factor + doubt, &k.lo, &k.hi);
    k.ratio = c.mean > 0 ? (double)k.seen / c.mean : NAN;
    if (c.mean > 0) k.p = chance_of(&c, here, doubt, f->spread_sd * sqrt(b->hang), k.seen);
    if (k.seen < BURST_PEOPLE && k.state == ESTIMATE_OK) {
        k.state = ESTIMATE_THIN;
        k.why = str_z(a, str_fmt(a, "%d of the %d people that make a burst", (int)k.seen, BURST_PEOPLE));
    }
    return k;
}

// ---- A series ----

typedef struct {
    size_t least, good, longest;
    size_t window[BURST_WINDOWS];
} plan;

static plan plan_of(const burst_series *s) {
    bool days = s->season > 1;
    plan p = {.least = days ? MAX((size_t)BURST_LEAST, 4 * s->season) : BURST_LEAST_WEEKS,
              .good = days ? MAX((size_t)BURST_GOOD, 8 * s->season) : BURST_GOOD_WEEKS};
    static const size_t usual[2][BURST_WINDOWS] = {{1, 4}, {1, 3, 7, 28}};
    memcpy(p.window, s->windows[0] ? s->windows : usual[days], sizeof p.window);
    for (size_t i = 0; i < BURST_WINDOWS; i++) {
        bool fits = p.window[i] + p.least <= s->n;
        if (fits) p.longest = MAX(p.longest, p.window[i]);
    }
    return p;
}

// The sizes with mean 1 over the baseline, and how many periods of it have one.
static size_t sizes_of(arena *a, const burst_series *s, size_t baseline, const double **out) {
    double *v = make(a, double, s->n), sum = 0;
    size_t used = 0;
    for (size_t t = 0; t < s->n; t++) v[t] = !s->all ? 1 : s->all[t] > 0 ? s->all[t] : 0;
    for (size_t t = 0; t < baseline; t++) sum += v[t], used += v[t] > 0;
    for (size_t t = 0; t < s->n && used; t++) v[t] *= (double)used / sum;
    *out = v;
    return used;
}

static burst refused(arena *a, const burst_series *s, const plan *p, size_t used) {
    burst b = {.baseline = used, .best = -1, .level = NAN, .growth = NAN, .hang = 1, .state = ESTIMATE_REFUSED};
    size_t newest = p->longest ? p->longest : p->window[0];
    b.why = str_z(a, str_fmt(a, "%zu more %s are needed to know what is usual", p->least + newest - (used + p->longest),
                             s->season > 1 ? "days" : "weeks"));
    b.expected = make(a, double, s->n);
    for (size_t i = 0; i < BURST_WINDOWS; i++)
        b.window[i] = (burst_window){.periods = p->window[i],
                                     .expected = NAN,
                                     .lo = NAN,
                                     .hi = NAN,
                                     .ratio = NAN,
                                     .p = NAN,
                                     .adjusted = NAN,
                                     .state = b.state,
                                     .why = b.why};
    return b;
}

static burst_window too_long(arena *a, const burst_series *s, const plan *p, size_t w) {
    burst_window k = {.periods = w,
                      .expected = NAN,
                      .lo = NAN,
                      .hi = NAN,
                      .ratio = NAN,
                      .p = NAN,
                      .adjusted = NAN,
                      .state = ESTIMATE_REFUSED};
    k.why = str_z(a, str_fmt(a, "%zu more %s are needed before so long a window", p->least + w - s->n,
                             s->season > 1 ? "days" : "weeks"));
    return k;
}

static int best_of(const burst *b) {
    int best = -1;
    for (int i = 0; i < BURST_WINDOWS && b->window[i].periods; i++) {
        double p = b->window[i].p;
        if (!isnan(p) && (best < 0 || p < b->window[best].p)) best = i;
    }
    return best;
}

burst burst_of(arena *a, const burst_series *s) {
    assert(s->season <= BURST_SEASON_MOST);
    plan p = plan_of(s);
    const double *size;
    size_t baseline = s->n - p.longest, used = sizes_of(a, s, baseline, &size);
    if (!p.longest || used < p.least) return refused(a, s, &p, p.longest ? used : s->n);
    burst_fit f = burst_fit_of(a, s, size, baseline);
    hanging h = hanging_of(&f);
    burst b = {.expected = f.mean, .baseline = baseline, .spread = f.spread, .hang = hang_of(&h, p.longest).factor};
    b.wander = wander_of(&f, s, MAX(0, MIN(h.rho[1], 0.9)));
    b.state = used < p.good ? ESTIMATE_THIN : ESTIMATE_OK;
    if (used < p.good)
        b.why = str_z(a, str_fmt(a, "what is usual is known from %zu %s only; %zu more are needed", used,
                                 s->season > 1 ? "days" : "weeks", p.good - used));
    double sum = 0;
    size_t turn = MAX(s->season, 1);
    for (size_t t = baseline - turn; t < baseline; t++) sum += size[t] > 0 ? f.mean[t] / size[t] : f.mean[t];
    b.level = sum / (double)turn;
    b.growth = expm1(f.beta[1]);
    for (size_t i = 0; i < BURST_WINDOWS && p.window[i]; i++)
        b.window[i] =
            p.window[i] > p.longest ? too_long(a, s, &p, p.window[i]) : window_of(a, s, &f, &h, p.window[i], &b);
    b.best = best_of(&b);
    return b;
}

// ---- Many series ----

void burst_adjust(arena scratch, burst *b, size_t n, size_t unseen) {
    double *p = make(&scratch, double, n *BURST_WINDOWS), tests = 0;
    for (size_t i = 0; i < n * BURST_WINDOWS; i++) {
        const burst_window *w = &b[i / BURST_WINDOWS].window[i % BURST_WINDOWS];
        p[i] = w->periods ? w->p : NAN;
        tests += !isnan(p[i]);
    }
    many_adjust(scratch, p, p, n * BURST_WINDOWS);
    // Tests that found nothing stand behind all others, and raise each p by their number.
    const double more = tests > 0 ? (tests + (double)unseen * BURST_WINDOWS) / tests : 1;
    for (size_t i = 0; i < n * BURST_WINDOWS; i++)
        b[i / BURST_WINDOWS].window[i % BURST_WINDOWS].adjusted = isnan(p[i]) ? NAN : MIN(p[i] * more, 1);
}

bool burst_rising(const burst_window *w) {
    return w->periods && w->state == ESTIMATE_OK && w->adjusted < SIGNIFICANT;
}

// Benjamini and Hochberg at the level 1/patience: while nothing is going on any discovery is a false one, and the
// chance of any is at most the level, on each day; so the expected number of such days is their number times the level.
size_t burst_alarms(arena scratch, burst *b, size_t n, size_t unseen, double patience) {
    double level = 1 / (patience > 1 ? patience : BURST_PATIENCE);
    size_t alarms = 0;
    burst_adjust(scratch, b, n, unseen);
    for (size_t i = 0; i < n; i++) {
        b[i].alarm = false;
        for (size_t j = 0; j < BURST_WINDOWS; j++) {
            const burst_window *w = &b[i].window[j];
            b[i].alarm |= w->periods && w->state == ESTIMATE_OK && w->adjusted < level;
        }
        alarms += b[i].alarm;
    }
    return alarms;
}
