#include "stats/uplift.h"

#include "base/rng.h"
#include "stats/order.h"
#include "stats/proportion.h"
#include "stats/spread.h"

#include <math.h>

enum { FOLDS = 5, ROUNDS = 400 };

// One arm's rows outside a fold (FOLDS: all of them).
static churn fit_arm(arena *a, const uplift_data *d, const uint8_t *fold, size_t without, bool treated) {
    uint32_t *rows = make(a, uint32_t, d->table.n);
    bool *left = make(a, bool, d->table.n);
    size_t n = 0;
    for (size_t i = 0; i < d->table.n; i++) {
        if (d->treated[i] != treated || fold[i] == without) continue;
        left[n] = d->left[i];
        rows[n++] = (uint32_t)i;
    }
    return churn_fit(
        a, &(churn_data){
               .table = features_pick(a, &d->table, rows, n), .left = left, .only = CHURN_LOGISTIC, .seed = d->seed});
}

static uint8_t *folds_of(arena *a, const uplift_data *d) {
    uint8_t *fold = make(a, uint8_t, d->table.n);
    uint32_t *at = make(a, uint32_t, d->table.n);
    size_t next[4] = {0};
    for (size_t i = 0; i < d->table.n; i++) at[i] = (uint32_t)i;
    rng dice = rng_fork(d->seed, 2);
    rng_shuffle(&dice, at, d->table.n, sizeof *at);
    for (size_t i = 0; i < d->table.n; i++) {
        fold[at[i]] = (uint8_t)(next[2 * d->treated[at[i]] + d->left[at[i]]]++ % FOLDS);
    }
    return fold;
}

static double effect_of(arena scratch, const churn *with, const churn *without, const features *t, size_t row) {
    return churn_risk(scratch, without, t, row).value - churn_risk(scratch, with, t, row).value;
}

// τ̂ of every row by models that have not seen it; why not, or NULL.
static const char *cross(arena scratch, const uplift_data *d, const uint8_t *fold, double *effect) {
    for (size_t f = 0; f < FOLDS; f++) {
        arena own = scratch;
        churn with = fit_arm(&own, d, fold, f, true), without = fit_arm(&own, d, fold, f, false);
        if (with.state == ESTIMATE_REFUSED || without.state == ESTIMATE_REFUSED) {
            return "too few left, or stayed, to learn on four fifths of the customers and judge on the last";
        }
        for (size_t i = 0; i < d->table.n; i++) {
            if (fold[i] == f) effect[i] = effect_of(own, &with, &without, &d->table, i);
        }
    }
    return NULL;
}

// What the Qini curve is made of; rows are named by their place in the order of effect.
typedef struct {
    const uplift_data *d;
    const uint32_t *at; // row of each place
    size_t n;
    uint32_t *count; // how often each place was drawn
    uplift_point *curve;
} ranking;

// Radcliffe 2007: kept with the treatment, less those who stayed of as many held out. As shares of the customers.
static double qini_of(const void *data, const size_t *places, size_t n) {
    ranking *k = (ranking *)(uintptr_t)data;
    double seen[2] = {0}, stayed[2] = {0}, area = 0, all = 0, treated = 0, steps = 0;
    memset(k->count, 0, k->n * sizeof *k->count);
    for (size_t i = 0; i < n; i++) {
        k->count[places[i]]++;
        treated += k->d->treated[k->at[places[i]]];
    }
    for (int pass = 0; pass < 2; pass++) { // the end of the curve first: it is what chance is measured by
        size_t point = 0;
        double done = 0;
        memset(seen, 0, sizeof seen), memset(stayed, 0, sizeof stayed);
        for (size_t i = 0; i <= k->n; i++) {
            double gain = seen[0] > 0 ? (stayed[1] - stayed[0] * seen[1] / seen[0]) / treated : 0,
                   part = done / (double)n;
            while (pass && k->curve && point <= UPLIFT_POINTS && part >= (double)point / UPLIFT_POINTS - 1e-12) {
                k->curve[point] =
                    (uplift_point){(double)point / UPLIFT_POINTS, gain, all * (double)point / UPLIFT_POINTS};
                point++;
            }
            if (i == k->n) {
                all = gain;
                break;
            }
            double drawn = k->count[i];
            bool arm = k->d->treated[k->at[i]];
            seen[arm] += drawn, stayed[arm] += drawn * !k->d->left[k->at[i]];
            done += drawn;
            if (pass && drawn > 0) area += drawn * (gain - all * part), steps += drawn;
        }
    }
    return steps > 0 ? area / steps : NAN;
}

static void rank(arena *a, const uplift_data *d, const double *effect, uplift *k) {
    arena scratch = *a;
    size_t n = d->table.n;
    double *less = make(&scratch, double, n);
    uint32_t *at = make(&scratch, uint32_t, n);
    size_t *places = make(&scratch, size_t, n);
    for (size_t i = 0; i < n; i++) less[i] = -effect[i], places[i] = i;
    order_of(scratch, less, n, at);
    ranking r = {d, at, n, make(&scratch, uint32_t, n), k->curve};
    qini_of(&r, places, n);
    r.curve = NULL;
    rng dice = rng_fork(d->seed, 3);
    k->qini = spread_bootstrap(&scratch, &r, n, NULL, qini_of, ROUNDS, &dice);
    k->qini.why = NULL; // n is past the gates
}

static double worth_of(const uplift_data *d, size_t i) {
    return d->worth ? d->worth[i] : 1;
}

// What treating the chosen rows brings: their number × the difference of the means of what stayed, less the cost.
static estimate gain_of(const uplift_data *d, const bool *chosen) {
    double n[2] = {0}, sum[2] = {0}, squares[2] = {0}, all = 0;
    for (size_t i = 0; i < d->table.n; i++) {
        if (!chosen[i]) continue;
        double kept = d->left[i] ? 0 : worth_of(d, i);
        bool arm = d->treated[i];
        n[arm]++, sum[arm] += kept, squares[arm] += kept * kept;
        all++;
    }
    if (n[0] < 2 || n[1] < 2) return estimate_none("difference of means", "nearly nobody is worth the cost");
    estimate e = {.method = "difference of means", .n = (int64_t)all, .eff = all, .state = ESTIMATE_OK};
    double diff = sum[1] / n[1] - sum[0] / n[0];
    for (int arm = 0; arm < 2; arm++) {
        e.var += (squares[arm] - sum[arm] * sum[arm] / n[arm]) / (n[arm] - 1) / n[arm] * all * all;
    }
    e.value = e.point = all * (diff - d->cost);
    e.lo = e.value - Z95 * sqrt(e.var);
    e.hi = e.value + Z95 * sqrt(e.var);
    return e;
}

static void judge_policy(arena scratch, const uplift_data *d, const double *effect, uplift *k) {
    bool *chosen = make(&scratch, bool, d->table.n), *all = make(&scratch, bool, d->table.n);
    for (size_t i = 0; i < d->table.n; i++) {
        chosen[i] = uplift_treat(k, effect[i], worth_of(d, i));
        all[i] = true;
        k->chosen += chosen[i];
    }
    k->gain_chosen = gain_of(d, chosen);
    k->gain_all = gain_of(d, all);
}

// Dice know nothing of the customers: whether somebody was treated must not be told by what is known of him.
static bool random_arms(arena scratch, const uplift_data *d) {
    churn k = churn_fit(&scratch,
                        &(churn_data){.table = d->table, .left = d->treated, .only = CHURN_LOGISTIC, .seed = d->seed});
    return k.state == ESTIMATE_REFUSED || k.seen.auc.value.lo < 0.55;
}

static uplift refused(uplift k, const char *why) {
    k.state = ESTIMATE_REFUSED;
    k.why = why;
    k.qini = k.gain_chosen = k.gain_all = estimate_refused("uplift", why);
    return k;
}

static void average_effect(arena *a, const uplift_data *d, uplift *k) {
    int64_t stayed[2] = {0};
    for (size_t i = 0; i < d->table.n; i++) {
        *(d->treated[i] ? &k->treated : &k->held) += 1;
        stayed[d->treated[i]] += !d->left[i];
    }
    estimate with = proportion(a, stayed[1], k->treated, (sampling){.of = "customer"});
    estimate without = proportion(a, stayed[0], k->held, (sampling){.of = "customer"});
    k->effect = proportion_change(&with, &without);
}

uplift uplift_fit(arena *a, const uplift_data *d) {
    uplift k = {.cost = d->cost};
    average_effect(a, d, &k);
    uint8_t *fold = folds_of(a, d);
    k.with = fit_arm(a, d, fold, FOLDS, true);
    k.without = fit_arm(a, d, fold, FOLDS, false);
    if (k.with.state == ESTIMATE_REFUSED) {
        return refused(k, str_z(a, str_fmt(a, "of those treated, %s", k.with.why)));
    }
    if (k.without.state == ESTIMATE_REFUSED) {
        return refused(k, str_z(a, str_fmt(a, "of those held out, %s", k.without.why)));
    }
    if (!random_arms(*a, d)) {
        return refused(k, "the hold-out was not random: what is known of the customers tells who was treated");
    }
    double *effect = make(a, double, d->table.n);
    const char *why = cross(*a, d, fold, effect);
    if (why) return refused(k, why);
    rank(a, d, effect, &k);
    judge_policy(*a, d, effect, &k);
    k.state = ESTIMATE_OK;
    if (!(k.qini.lo > 0)) k.why = "the order is not measurably better than chance: treat at random, or all, or nobody";
    if (d->waves < UPLIFT_WAVES) k.why = "the first two waves are for learning: treat at random";
    if (k.why) k.state = ESTIMATE_THIN;
    return k;
}

double uplift_effect(arena scratch, const uplift *k, const features *t, size_t row) {
    if (k->state == ESTIMATE_REFUSED) return 0;
    return effect_of(scratch, &k->with, &k->without, t, row);
}

bool uplift_treat(const uplift *k, double effect, double worth) {
    return k->state != ESTIMATE_REFUSED && effect * worth - k->cost > 0;
}
