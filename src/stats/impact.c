#include "stats/impact.h"

#include "stats/spread.h"

#include <math.h>

enum { ROUNDS = 400, ORDERS = 400, ORDERS_AGAIN = 40, FEW = 30 };

// Rows with the same themes are one pattern: only their number and their sum matter. Patterns of one call are the same
// in all resamples; themes[] of each are sorted and different.
typedef struct {
    size_t n, themes;
    const uint32_t *start, *theme; // of pattern i: theme[start[i]] to theme[start[i + 1] − 1]
    const uint32_t *of, *in;       // patterns that hold theme t: in[of[t]] to in[of[t + 1] − 1]
    size_t bare;                   // the pattern without themes, or n
} patterns;

typedef struct {
    double *rows, *sum; // [n] of each pattern
} weights;

// ---- Patterns ----

typedef struct {
    const uint32_t *theme;
    size_t n, row;
} themed;

static int by_theme(const void *x, const void *y) {
    uint32_t u = *(const uint32_t *)x, v = *(const uint32_t *)y;
    return (u > v) - (u < v);
}

static int by_pattern(const void *x, const void *y) {
    const themed *u = x, *v = y;
    if (u->n != v->n) return u->n < v->n ? -1 : 1;
    for (size_t i = 0; i < u->n; i++) {
        if (u->theme[i] != v->theme[i]) return u->theme[i] < v->theme[i] ? -1 : 1;
    }
    return (u->row > v->row) - (u->row < v->row);
}

static bool alike(const themed *u, const themed *v) {
    return u->n == v->n && (!u->n || !memcmp(u->theme, v->theme, u->n * sizeof *u->theme));
}

static themed *themed_rows(arena *a, const impact_data *d) {
    themed *t = make(a, themed, d->rows);
    uint32_t *all = make(a, uint32_t, d->start[d->rows]);
    for (size_t i = 0; i < d->rows; i++) {
        uint32_t *mine = all + d->start[i];
        size_t n = d->start[i + 1] - d->start[i], kept = 0;
        for (size_t j = 0; j < n; j++) mine[j] = d->theme[d->start[i] + j];
        if (n) qsort(mine, n, sizeof *mine, by_theme);
        for (size_t j = 0; j < n; j++) {
            assert(mine[j] < d->themes);
            if (!kept || mine[kept - 1] != mine[j]) mine[kept++] = mine[j];
        }
        t[i] = (themed){mine, kept, i};
    }
    return t;
}

static void index_themes(arena *a, patterns *p) {
    uint32_t *of = make(a, uint32_t, p->themes + 2), *in = make(a, uint32_t, p->start[p->n]);
    for (size_t i = 0; i < p->start[p->n]; i++) of[p->theme[i] + 2]++;
    for (size_t t = 0; t < p->themes; t++) of[t + 2] += of[t + 1];
    for (size_t i = 0; i < p->n; i++) {
        for (size_t j = p->start[i]; j < p->start[i + 1]; j++) in[of[p->theme[j] + 1]++] = (uint32_t)i;
    }
    p->of = of, p->in = in;
}

// The patterns, and into pattern[rows] which one each row has.
static patterns patterns_of(arena *a, const impact_data *d, uint32_t *pattern) {
    patterns p = {.themes = d->themes};
    uint32_t *start = make(a, uint32_t, d->rows + 1), *theme = make(a, uint32_t, d->start[d->rows]);
    themed *t = themed_rows(a, d);
    qsort(t, d->rows, sizeof *t, by_pattern);
    for (size_t i = 0; i < d->rows; i++) {
        if (i == 0 || !alike(&t[i], &t[i - 1])) {
            if (t[i].n) memcpy(theme + start[p.n], t[i].theme, t[i].n * sizeof *theme);
            start[p.n + 1] = start[p.n] + (uint32_t)t[i].n;
            p.n++;
        }
        pattern[t[i].row] = (uint32_t)(p.n - 1);
    }
    p.start = start, p.theme = theme;
    p.bare = p.n && start[1] == 0 ? 0 : p.n;
    index_themes(a, &p);
    return p;
}

// ---- Shapley values ----

typedef struct {
    double rows, sum;
} part;

static part all_of(const patterns *p, const weights *w) {
    part k = {0};
    for (size_t i = 0; i < p->n; i++) k.rows += w->rows[i], k.sum += w->sum[i];
    return k;
}

// The score of what is left; of nothing it is the score of all.
static double score(part left, double all) {
    return left.rows > 0.5 ? left.sum / left.rows : all;
}

// m of the rows without any theme of each set, for all sets: sums over subsets of the complement (Yates 1937), then the
// steps weighted by how many orders take them.
static void by_sets(arena scratch, const patterns *p, const weights *w, double *out) {
    size_t k = p->themes, sets = (size_t)1 << k;
    part *in = make(&scratch, part, sets), whole = all_of(p, w);
    double *m = make(&scratch, double, sets), all = score(whole, 0), *share = make(&scratch, double, k);
    for (size_t i = 0; i < p->n; i++) {
        size_t set = 0;
        for (size_t j = p->start[i]; j < p->start[i + 1]; j++) set |= (size_t)1 << p->theme[j];
        in[set].rows += w->rows[i], in[set].sum += w->sum[i];
    }
    for (size_t t = 0; t < k; t++) {
        for (size_t set = 0; set < sets; set++) {
            if (!(set >> t & 1)) continue;
            const part *less = &in[set ^ (size_t)1 << t];
            in[set].rows += less->rows, in[set].sum += less->sum;
        }
    }
    for (size_t set = 0; set < sets; set++) m[set] = score(in[sets - 1 - set], all);
    for (size_t s = 0; s < k; s++)
        share[s] = exp(lgamma((double)s + 1) + lgamma((double)(k - s)) - lgamma((double)k + 1));
    memset(out, 0, k * sizeof *out);
    for (size_t set = 0; set < sets; set++) {
        size_t size = (size_t)__builtin_popcountll(set);
        for (size_t t = 0; t < k; t++) {
            if (!(set >> t & 1)) out[t] += share[size] * (m[set] - m[set | (size_t)1 << t]);
        }
    }
}

// One order: themes leave one after the other, and with each the rows that still have none of those before.
static void walk(arena scratch, const patterns *p, const weights *w, const uint32_t *order, bool reverse,
                 double *step) {
    bool *gone = make(&scratch, bool, p->n);
    part left = all_of(p, w);
    double all = score(left, 0), before = all;
    for (size_t i = 0; i < p->themes; i++) {
        uint32_t t = order[reverse ? p->themes - 1 - i : i];
        for (size_t j = p->of[t]; j < p->of[t + 1]; j++) {
            size_t k = p->in[j];
            if (gone[k]) continue;
            gone[k] = true;
            left.rows -= w->rows[k], left.sum -= w->sum[k];
        }
        double now = score(left, all);
        step[t] += before - now;
        before = now;
    }
}

// Orders drawn at random, each with its reverse (Castro, Gómez & Tejada 2009, Comput. Oper. Res. 36; antithetic:
// Mitchell et al. 2022, J. Mach. Learn. Res. 23). error: standard errors over the pairs, or NULL.
static void by_orders(arena scratch, const patterns *p, const weights *w, const uint32_t *orders, size_t n, double *out,
                      double *error) {
    size_t k = p->themes;
    assert(orders && n > 1);
    double *step = make(&scratch, double, k), *square = make(&scratch, double, k);
    memset(out, 0, k * sizeof *out);
    for (size_t i = 0; i < n; i++) {
        memset(step, 0, k * sizeof *step);
        walk(scratch, p, w, orders + i * k, false, step);
        walk(scratch, p, w, orders + i * k, true, step);
        for (size_t t = 0; t < k; t++) out[t] += step[t] / 2, square[t] += step[t] * step[t] / 4;
    }
    for (size_t t = 0; t < k; t++) {
        out[t] /= (double)n;
        double var = (square[t] / (double)n - out[t] * out[t]) / (double)(n - 1);
        if (error) error[t] = sqrt(MAX(var, 0));
    }
}

static void leave_outs(const patterns *p, const weights *w, double *out) {
    part all = all_of(p, w);
    for (size_t t = 0; t < p->themes; t++) {
        part left = all;
        for (size_t j = p->of[t]; j < p->of[t + 1]; j++) left.rows -= w->rows[p->in[j]], left.sum -= w->sum[p->in[j]];
        out[t] = score(all, 0) - score(left, score(all, 0));
    }
}

// ---- Resamples ----

typedef struct {
    const impact_data *d;
    const patterns *p;
    const uint32_t *pattern, *orders;
    size_t orders_n;
    bool exact;
} plan;

static void weigh(const plan *l, const size_t *rows, size_t n, weights *w) {
    memset(w->rows, 0, l->p->n * sizeof *w->rows);
    memset(w->sum, 0, l->p->n * sizeof *w->sum);
    for (size_t i = 0; i < n; i++) {
        size_t row = rows ? rows[i] : i;
        w->rows[l->pattern[row]] += 1;
        w->sum[l->pattern[row]] += l->d->value[row];
    }
}

// What one resample is worth: Shapley values, leave-outs, the score of all, and of the rows without themes.
static void outcome_of(arena scratch, const plan *l, const weights *w, size_t orders, double *out, double *error) {
    size_t k = l->p->themes;
    if (l->exact)
        by_sets(scratch, l->p, w, out);
    else
        by_orders(scratch, l->p, w, l->orders, orders, out, error);
    leave_outs(l->p, w, out + k);
    out[2 * k] = score(all_of(l->p, w), NAN);
    bool bare = l->p->bare < l->p->n && w->rows[l->p->bare] > 0;
    out[2 * k + 1] = bare ? w->sum[l->p->bare] / w->rows[l->p->bare] : NAN;
}

// The percentile interval of column c of all rounds.
static void interval(arena scratch, const double *all, size_t rounds, size_t width, size_t c, estimate *e) {
    double *v = make(&scratch, double, rounds), mean = 0;
    size_t n = 0;
    for (size_t i = 0; i < rounds; i++) {
        if (isfinite(all[i * width + c])) v[n++] = all[i * width + c];
    }
    if (n < 2 || n * 20 < rounds * 19) {
        e->lo = -INFINITY, e->hi = INFINITY, e->state = ESTIMATE_THIN;
        if (!e->why) e->why = "the figure has no value in too many resamples";
        return;
    }
    spread_sort(v, n);
    e->lo = spread_quantile_at(v, n, 0.025), e->hi = spread_quantile_at(v, n, 0.975);
    for (size_t i = 0; i < n; i++) mean += v[i] / (double)n;
    for (size_t i = 0; i < n; i++) e->var += (v[i] - mean) * (v[i] - mean) / (double)(n - 1);
}

static estimate figure(arena *a, double value, int64_t rows, int64_t customers) {
    estimate e = {.value = value, .point = value, .method = "cluster bootstrap, percentile"};
    estimate_judge(a, &e, (sampling){.of = "customer"}, customers);
    e.n = rows;
    return e;
}

// How many customers have a row of each theme, of any, and of none (counted by clusters of rows).
static void count(arena scratch, const impact_data *d, const patterns *p, const uint32_t *pattern,
                  const spread_clusters *c, impact_theme *theme, int64_t *bare) {
    size_t *seen = make(&scratch, size_t, d->themes);
    *bare = 0;
    for (size_t i = 0; i < c->n; i++) {
        bool none = false;
        for (size_t r = c->start[i]; r < c->start[i + 1]; r++) {
            size_t k = pattern[c->rows[r]];
            none |= k == p->bare;
            for (size_t j = p->start[k]; j < p->start[k + 1]; j++) {
                uint32_t t = p->theme[j];
                theme[t].rows++;
                theme[t].customers += seen[t] != i + 1;
                seen[t] = i + 1;
            }
        }
        *bare += none;
    }
}

static uint32_t *orders_of(arena *a, size_t themes, size_t n, rng *r) {
    uint32_t *o = make(a, uint32_t, n * themes);
    for (size_t i = 0; i < n; i++) {
        for (size_t t = 0; t < themes; t++) o[i * themes + t] = (uint32_t)t;
        rng_shuffle(r, o + i * themes, themes, sizeof *o);
    }
    return o;
}

static double *resamples(arena *a, const plan *l, const spread_clusters *c, size_t rounds, size_t width, rng *r) {
    double *all = make(a, double, rounds *width);
    arena scratch = *a;
    weights w = {make(&scratch, double, l->p->n), make(&scratch, double, l->p->n)};
    for (size_t i = 0; i < rounds; i++) {
        arena in = scratch;
        size_t n, *rows = spread_draw(&in, c, r, &n);
        weigh(l, rows, n, &w);
        outcome_of(in, l, &w, MIN(l->orders_n, (size_t)ORDERS_AGAIN), all + i * width, NULL);
    }
    return all;
}

static impact nothing(const impact_data *d) {
    impact k = {.n = d->themes, .state = ESTIMATE_NONE, .why = "nothing was scored yet"};
    k.all = k.rest = estimate_none("cluster bootstrap, percentile", k.why);
    return k;
}

static void judge(arena *a, impact *k, int64_t bare_rows) {
    k->state = k->all.state, k->why = k->all.why;
    if (bare_rows >= FEW || k->state != ESTIMATE_OK) return;
    if (!bare_rows) {
        k->why = "every row has a theme: the themes are compared with one another";
        return;
    }
    k->state = ESTIMATE_THIN;
    k->why = str_z(a, str_fmt(a, "only %d rows have no theme to compare with; %d are needed", (int)bare_rows, FEW));
}

impact impact_of(arena *a, const impact_data *d, int rounds, rng *r) {
    if (!d->rows) return nothing(d);
    size_t times = rounds > 0 ? (size_t)rounds : ROUNDS, width = 2 * d->themes + 2;
    impact_theme *theme = make(a, impact_theme, d->themes);
    double *now = make(a, double, width), *error = make(a, double, d->themes);
    uint32_t *pattern = make(a, uint32_t, d->rows);
    patterns p = patterns_of(a, d, pattern);
    plan l = {.d = d, .p = &p, .pattern = pattern, .exact = d->themes <= IMPACT_EXACT, .orders_n = ORDERS};
    if (!l.exact) l.orders = orders_of(a, d->themes, ORDERS, r);
    spread_clusters c = spread_clusters_of(a, d->customer, d->rows);
    weights w = {make(a, double, p.n), make(a, double, p.n)};
    weigh(&l, NULL, d->rows, &w);
    outcome_of(*a, &l, &w, ORDERS, now, error);
    int64_t bare, bare_rows = p.bare < p.n ? (int64_t)w.rows[p.bare] : 0;
    count(*a, d, &p, pattern, &c, theme, &bare);
    double *rough = make(a, double, width); // the same orders as in the resamples, whose middle it is
    outcome_of(*a, &l, &w, ORDERS_AGAIN, rough, NULL);
    const double *all = resamples(a, &l, &c, times, width, r);
    impact k = {.theme = theme, .n = d->themes, .exact = l.exact, .orders = l.exact ? 0 : 2 * ORDERS};
    for (size_t t = 0; t < d->themes; t++) {
        theme[t].shapley = figure(a, now[t], theme[t].rows, theme[t].customers);
        theme[t].leave_out = figure(a, now[d->themes + t], theme[t].rows, theme[t].customers);
        theme[t].error = error[t];
        interval(*a, all, times, width, t, &theme[t].shapley);
        theme[t].shapley.lo += now[t] - rough[t], theme[t].shapley.hi += now[t] - rough[t];
        interval(*a, all, times, width, d->themes + t, &theme[t].leave_out);
        k.joint += now[t], k.overlap += now[d->themes + t];
    }
    k.overlap -= k.joint;
    k.all = figure(a, now[width - 2], (int64_t)d->rows, (int64_t)c.n);
    interval(*a, all, times, width, width - 2, &k.all);
    k.rest = bare_rows ? figure(a, now[width - 1], bare_rows, bare)
                       : estimate_none("cluster bootstrap, percentile", "every row has a theme");
    if (bare_rows) interval(*a, all, times, width, width - 1, &k.rest);
    judge(a, &k, bare_rows);
    return k;
}
