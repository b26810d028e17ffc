#include "stats/burst_private.h"
#include "stats/matrix.h"
#include "stats/spread.h"

#include <math.h>

// How much is believed before anything is seen: in four weeks a theme seldom grows or shrinks by more than a quarter,
// and days of the week seldom differ by more than a factor of e. Sparse series need it; large ones overrule it.
#define TREND_SD  0.25
#define SEASON_SD 1.0
#define SPREAD_SD 1.0 // and that ψ lies farther off than by 1 is not believed of a series too sparse to show it
// The normal quantile of one day in 200: beyond it a day counts less and less.
#define BOUND 2.576
enum { ROUNDS = 40 };

size_t burst_fit_row(const burst_fit *f, size_t t, size_t at[3], double x[3]) {
    at[0] = 0, x[0] = 1;
    at[1] = 1, x[1] = ((double)t - (double)(f->baseline - 1)) / f->unit;
    if (f->season < 2) return 2;
    at[2] = 2 + t % f->season, x[2] = 1;
    return 3;
}

static double mean_at(const burst_fit *f, size_t t) {
    size_t at[3];
    double x[3], sum = 0;
    size_t k = burst_fit_row(f, t, at, x);
    for (size_t i = 0; i < k; i++) sum += x[i] * f->beta[at[i]];
    return f->size[t] * exp(MIN(sum, 500));
}

// Of the level nothing is believed beforehand.
static double belief(size_t column) {
    return column == 0 ? 0 : column == 1 ? 1 / (TREND_SD * TREND_SD) : 1 / (SEASON_SD * SEASON_SD);
}

// How a day of so many counts: 1 up to the bound, then falling fast, so that bursts of the past hardly count (after
// Noufaily et al. 2013, Stat. Med. 32, whose weights fall as the square). The bound is moved out for the skewness of
// counts (Cornish & Fisher 1938): one day in 200 lies beyond it. What it takes from mean and square is given back; both
// lines run through what a normal and an exponential distribution lose.
typedef struct {
    double odd, step, square;
} bounded;

static bounded bound(double y, double mean, double spread) {
    double sd = sqrt(mean * (1 + spread * mean)), skew = (1 + 2 * spread * mean) / sd, r = (y - mean) / sd, w = 1;
    double most = BOUND + (BOUND * BOUND - 1) * MIN(skew, 4) / 6;
    if (r > most) w = most * most / (r * r), w *= w;
    double lost = MIN(0.024 + 0.041 * skew, 0.15);
    return (bounded){
        .odd = r * w, .step = r * w + MIN(0.0053 + 0.0042 * skew, 0.018), .square = r * r * w * w / (1 - lost)};
}

// One step of Fisher's scoring for the mean, and one of Newton for the spread, by Pearson's statistic.
typedef struct {
    double *info, *score, *l;
} work;

static double score_step(arena scratch, burst_fit *f, const double *y, const work *w) {
    size_t k = f->columns;
    memset(w->info, 0, k * k * sizeof *w->info);
    for (size_t j = 0; j < k; j++) {
        w->score[j] = -belief(j) * f->beta[j];
        w->info[j * k + j] = belief(j);
    }
    for (size_t t = 0; t < f->baseline; t++) {
        if (!(f->size[t] > 0)) continue;
        double mean = f->mean[t], weight = mean / (1 + f->spread * mean), x[3];
        double pull = bound(y[t], mean, f->spread).step * sqrt(weight);
        size_t at[3], m = burst_fit_row(f, t, at, x);
        for (size_t i = 0; i < m; i++) {
            w->score[at[i]] += pull * x[i];
            for (size_t j = 0; j <= i; j++) w->info[at[i] * k + at[j]] += weight * x[i] * x[j];
        }
    }
    memcpy(w->l, w->info, k * k * sizeof *w->l);
    matrix_cholesky(w->l, k, 1e-12);
    matrix_inverse(scratch, w->l, k, f->cov);
    matrix_solve(w->l, k, w->score);
    double far = 0;
    for (size_t j = 0; j < k; j++) {
        double move = MAX(-2, MIN(2, w->score[j]));
        f->beta[j] += move;
        far = MAX(far, fabs(move));
    }
    for (size_t t = 0; t < f->baseline; t++) f->mean[t] = mean_at(f, t);
    return far;
}

static double spread_step(burst_fit *f, const double *y) {
    double squares = 0, slope = 0, free = f->used;
    for (size_t j = 0; j < f->columns; j++) free -= 1 - belief(j) * f->cov[j * f->columns + j];
    for (size_t t = 0; t < f->baseline; t++) {
        if (!(f->size[t] > 0)) continue;
        squares += bound(y[t], f->mean[t], f->spread).square;
        slope += f->mean[t] / (1 + f->spread * f->mean[t]);
    }
    if (!(slope > 0)) return 0;
    double was = f->spread;
    f->spread = MAX(0, was + (squares - MAX(free, 1)) / slope);
    return fabs(f->spread - was) / (was + 1 / slope + 0.01);
}

// Pearson's statistic varies by 2 + 6 ψ + 1/variance of the day, the fourth cumulant of the negative binomial.
static double spread_sd(const burst_fit *f) {
    double sum = 0, slope = 0;
    for (size_t t = 0; t < f->baseline; t++) {
        double m = f->mean[t], v = m * (1 + f->spread * m);
        if (!(f->size[t] > 0)) continue;
        sum += 2 + 6 * f->spread + 1 / v;
        slope += m * m / v;
    }
    return slope > 0 ? MIN(sqrt(sum) / slope, SPREAD_SD + f->spread) : 0;
}

// A beginning that no burst of the past reaches: counts beyond three deviations (by the median) are cut there.
static void begin(arena scratch, burst_fit *f, const double *y) {
    double *v = make(&scratch, double, f->baseline);
    size_t n = 0;
    for (size_t t = 0; t < f->baseline; t++) {
        if (f->size[t] > 0) v[n++] = y[t] / f->size[t];
    }
    spread_sort(v, n);
    double middle = spread_quantile_at(v, n, 0.5), sum = 0;
    double *off = make(&scratch, double, n);
    for (size_t i = 0; i < n; i++) off[i] = fabs(v[i] - middle);
    spread_sort(off, n);
    double most = middle + 3 * MAX(1.4826 * spread_quantile_at(off, n, 0.5), sqrt(middle)) + 1;
    for (size_t i = 0; i < n; i++) sum += MIN(v[i], most);
    f->beta[0] = log(sum / (double)n);
    for (size_t t = 0; t < f->baseline; t++) f->mean[t] = mean_at(f, t);
}

// Half a person more over the whole baseline (Jeffreys' prior of a rate), so that nobody so far is no certainty.
burst_fit burst_fit_of(arena *a, const burst_series *s, const double *size, size_t baseline) {
    burst_fit f = {.n = s->n, .baseline = baseline, .season = s->season, .size = size};
    f.columns = s->season < 2 ? 2 : 2 + s->season;
    f.unit = s->season < 2 ? 4 : 28;
    f.beta = make(a, double, f.columns), f.cov = make(a, double, f.columns *f.columns);
    f.mean = make(a, double, s->n), f.odd = make(a, double, baseline);
    arena scratch = *a;
    double *y = make(&scratch, double, baseline);
    for (size_t t = 0; t < baseline; t++) f.used += size[t] > 0;
    for (size_t t = 0; t < baseline; t++) y[t] = (double)s->people[t] + 0.5 / f.used;
    begin(scratch, &f, y);
    work w = {.info = make(&scratch, double, f.columns *f.columns),
              .score = make(&scratch, double, f.columns),
              .l = make(&scratch, double, f.columns *f.columns)};
    for (int i = 0; i < ROUNDS; i++) {
        double moved = score_step(scratch, &f, y, &w), spread = spread_step(&f, y);
        if (i > 2 && moved < 1e-4 && spread < 1e-3) break;
    }
    f.spread_sd = spread_sd(&f);
    for (size_t t = 0; t < baseline; t++) f.odd[t] = size[t] > 0 ? bound(y[t], f.mean[t], f.spread).odd : 0;
    for (size_t t = baseline; t < s->n; t++) f.mean[t] = mean_at(&f, t);
    return f;
}
