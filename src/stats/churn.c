#include "stats/churn.h"

#include "base/rng.h"
#include "stats/logit.h"

#include <math.h>

enum { FOLDS = 5, SAMPLE = 40000, TREES = 300, STEP = 20, STOPS = TREES / STEP };

static const boost_opts grow = {.rounds = TREES, .rate = 0.05, .ridge = 3, .leaf = 5, .rows = 0.6, .columns = 0.4};

// Everything the learners share: the rows in play, their folds, bins and design.
typedef struct {
    const churn_data *d;
    uint32_t *rows; // n rows of the table
    size_t n;
    uint8_t *fold; // per place in rows
    bool *left;    // per place in rows
    const design *x;
    boost_table bins;
    double *ridge;
} course;

// Log odds of rows that the learner did not see, per place in rows.
typedef struct {
    double *logistic, *boosted, *together;
} unseen;

static uint64_t mixed(uint64_t seed, uint64_t x) {
    return str_hash2(seed, (str){(const char *)&x, sizeof x});
}

// A sample that keeps whole customers: those whose hashes are least.
static void choose_rows(arena *a, const churn_data *d, course *c) {
    size_t n = d->table.n;
    c->rows = make(a, uint32_t, n);
    uint64_t limit = n > SAMPLE ? (uint64_t)((double)SAMPLE / (double)n * (double)UINT64_MAX) : UINT64_MAX;
    for (size_t i = 0; i < n; i++) {
        uint64_t who = d->customer ? (uint64_t)d->customer[i] : i;
        if (mixed(d->seed, who) <= limit) c->rows[c->n++] = (uint32_t)i;
    }
}

// Folds of equally many of each outcome; of whole customers where they come several times.
static void choose_folds(arena *a, course *c) {
    c->fold = make(a, uint8_t, c->n);
    c->left = make(a, bool, c->n);
    uint32_t *at = make(a, uint32_t, c->n);
    for (size_t i = 0; i < c->n; i++) at[i] = (uint32_t)i, c->left[i] = c->d->left[c->rows[i]];
    rng dice = rng_fork(c->d->seed, 1);
    rng_shuffle(&dice, at, c->n, sizeof *at);
    size_t next[2] = {0, FOLDS / 2};
    for (size_t i = 0; i < c->n; i++) {
        size_t row = at[i];
        c->fold[row] = (uint8_t)(next[c->left[row]]++ % FOLDS);
        if (c->d->customer)
            c->fold[row] = (uint8_t)(mixed(c->d->seed + 1, (uint64_t)c->d->customer[c->rows[row]]) % FOLDS);
    }
}

static void code_rows(arena *a, course *c, const feature_cuts *cuts) {
    const features *t = &c->d->table;
    uint8_t *codes = make(a, uint8_t, c->n * t->n_features);
    int *bins = make(a, int, t->n_features);
    bool *ordered = make(a, bool, t->n_features);
    for (size_t j = 0; j < t->n_features; j++) {
        bins[j] = cuts->of[j].bins;
        ordered[j] = t->of[j].number != NULL;
        for (size_t i = 0; i < c->n; i++) codes[j * c->n + i] = features_bin(t, cuts, j, c->rows[i]);
    }
    c->bins = (boost_table){codes, bins, ordered, t->n_features, c->n};
}

// The places outside a fold, or (fold FOLDS) all of them; and those in it behind them.
static size_t parted(const course *c, size_t fold, uint32_t *out) {
    size_t in = 0, back = c->n;
    for (size_t i = 0; i < c->n; i++) out[c->fold[i] == fold ? --back : in++] = (uint32_t)i;
    return in;
}

typedef struct {
    const course *c;
    const uint32_t *at;
} chosen;

static size_t design_of(const void *of, size_t i, double *x) {
    const chosen *ch = of;
    design_row(ch->c->x, &ch->c->d->table, ch->c->rows[ch->at[i]], x);
    return 0;
}

static logit regress(arena *a, const course *c, const uint32_t *at, size_t n, const double *start) {
    double *hits = make(a, double, n);
    for (size_t i = 0; i < n; i++) hits[i] = c->left[at[i]];
    chosen of = {c, at};
    return logit_fit(
        a,
        &(logit_data){
            .n = n, .p = c->x->columns, .row = design_of, .of = &of, .hits = hits, .ridge = c->ridge, .start = start});
}

static double regressed(const course *c, const double *beta, size_t place, double *x) {
    design_row(c->x, &c->d->table, c->rows[place], x);
    double sum = beta[0];
    for (size_t j = 0; j < c->x->columns; j++) sum += beta[1 + j] * x[j];
    return sum;
}

static void run_logistic(arena scratch, const course *c, const double *whole, double *out) {
    uint32_t *at = make(&scratch, uint32_t, c->n);
    double *x = make(&scratch, double, c->x->columns);
    for (size_t fold = 0; fold < FOLDS; fold++) {
        arena own = scratch;
        size_t in = parted(c, fold, at);
        logit k = regress(&own, c, at, in, whole);
        for (size_t i = in; i < c->n; i++) out[at[i]] = regressed(c, k.beta, at[i], x);
    }
}

// Every fold's log odds at every stop; the number of trees is chosen for all folds together.
static int run_boosted(arena scratch, const course *c, double *out) {
    uint32_t *at = make(&scratch, uint32_t, c->n);
    double *odds = make(&scratch, double, c->n *STOPS), loss[STOPS] = {0};
    for (size_t fold = 0; fold < FOLDS; fold++) {
        arena own = scratch;
        size_t in = parted(c, fold, at);
        boost_opts o = grow;
        o.seed = mixed(c->d->seed, fold);
        boost_trees b = boost_fit(&own, &c->bins, c->left, at, in, o);
        for (size_t i = in; i < c->n; i++) {
            double sum = b.base;
            for (size_t s = 0; s < STOPS; s++) {
                sum += boost_sum(&b, s * STEP, (s + 1) * STEP, &c->bins.codes[at[i]], c->n);
                odds[s * c->n + at[i]] = sum;
                loss[s] += reliability_loss(logit_share(sum), c->left[at[i]]);
            }
        }
    }
    size_t best = 0;
    for (size_t s = 1; s < STOPS; s++) best = loss[s] < loss[best] ? s : best;
    memcpy(out, &odds[best * c->n], c->n * sizeof *out);
    return (int)(best + 1) * STEP;
}

static double loss_of(const double *odds, const course *c, double *said) {
    double sum = 0;
    for (size_t i = 0; i < c->n; i++) {
        said[i] = logit_share(odds[i]);
        sum += reliability_loss(said[i], c->left[i]) / (double)c->n;
    }
    return sum;
}

// The simplest learner that none measurably beats.
static enum churn_learner race(arena scratch, const course *c, unseen *u, churn_race *r) {
    double *p = make(&scratch, double, c->n), *q = make(&scratch, double, c->n), *s = make(&scratch, double, c->n);
    for (size_t i = 0; i < c->n; i++) u->together[i] = (u->logistic[i] + u->boosted[i]) / 2;
    r->loss[CHURN_LOGISTIC] = loss_of(u->logistic, c, p);
    r->loss[CHURN_TOGETHER] = loss_of(u->together, c, q);
    r->loss[CHURN_BOOSTED] = loss_of(u->boosted, c, s);
    r->together = reliability_compare(scratch, p, q, c->left, c->n);
    bool more = r->together.hi < 0;
    r->boosted = reliability_compare(scratch, more ? q : p, s, c->left, c->n);
    if (r->boosted.hi < 0) return CHURN_BOOSTED;
    return more ? CHURN_TOGETHER : CHURN_LOGISTIC;
}

static const char *told_of(arena *a, const churn *k) {
    const churn_race *r = &k->race;
    double plain = r->loss[CHURN_LOGISTIC], best = r->loss[k->learner];
    if (r->loss[CHURN_TOGETHER] == 0) return k->learner == CHURN_LOGISTIC ? "a logistic regression" : "boosted trees";
    double other = MIN(r->loss[CHURN_TOGETHER], r->loss[CHURN_BOOSTED]);
    if (k->learner == CHURN_LOGISTIC) {
        return str_z(
            a, str_fmt(a, "a logistic regression; boosted trees are not measurably better (log loss %.4f and %.4f)",
                       plain, other));
    }
    const char *name = k->learner == CHURN_TOGETHER ? "a logistic regression and boosted trees" : "boosted trees";
    return str_z(
        a, str_fmt(a, "%s, measurably better than the regression alone (log loss %.4f and %.4f)", name, best, plain));
}

// Everything that is missing, in one text; NULL when the data may be learned from.
static const char *missing(arena *a, const churn_data *d, const churn *k) {
    int64_t stayed = k->n - k->lost, rarer = MIN(k->lost, stayed), need = CHURN_PER_PARAMETER * (int64_t)k->parameters;
    str first = {0}, second = {0};
    if (rarer < CHURN_EACH) {
        first = str_fmt(a, "%" PRId64 " customers left and %" PRId64 " stayed; %d of each are needed", k->lost, stayed,
                        CHURN_EACH);
    } else if (k->parameters == 0) {
        first = S("nothing that is known differs between customers");
    } else if (rarer < need) {
        first = str_fmt(a,
                        "%" PRId64 " customers left and %" PRId64 " stayed; %zu parameters need %" PRId64
                        " of each: leave out columns",
                        k->lost, stayed, k->parameters, need);
    }
    if (d->horizon > 0 && d->history < CHURN_HORIZONS * d->horizon) {
        second = str_fmt(a, "%.0f days of history are known; %.0f are needed, three times the horizon", d->history,
                         CHURN_HORIZONS * d->horizon);
    }
    if (!first.len && !second.len) return NULL;
    bool both = first.len && second.len;
    return str_z(a, str_fmt(a, "%.*s%s%.*s", STR_ARG(first), both ? "; " : "", STR_ARG(second)));
}

// Bends are given up one by one where they would cost more than the data pay for.
static void make_design(arena *a, const churn_data *d, const course *c, churn *k) {
    k->cuts = make(a, feature_cuts, 1);
    *k->cuts = features_cut(a, &d->table, c->rows, c->n, 32, 20);
    int64_t lost = 0;
    for (size_t i = 0; i < c->n; i++) lost += d->left[c->rows[i]];
    int64_t pays = MIN(lost, (int64_t)c->n - lost) / CHURN_PER_PARAMETER;
    for (int bends = DESIGN_BENDS; bends >= 0; bends--) {
        k->x = design_new(a, &d->table, k->cuts, c->rows, c->n, bends);
        k->parameters = k->x.parameters;
        if ((int64_t)k->parameters <= pays) return;
    }
}

// A feature whose bins alone take nine tenths of the surprise away is rather the outcome itself.
static ptrdiff_t suspect_of(const course *c) {
    double hits = 0, n = (double)c->n;
    for (size_t i = 0; i < c->n; i++) hits += c->left[i];
    double base = -(hits * log(hits / n) + (n - hits) * log1p(-hits / n));
    for (size_t j = 0; j < c->bins.columns; j++) {
        double left[FEATURE_BINS] = {0}, all[FEATURE_BINS] = {0}, loss = 0;
        for (size_t i = 0; i < c->n; i++) {
            uint8_t bin = c->bins.codes[j * c->n + i];
            left[bin] += c->left[i], all[bin]++;
        }
        for (int b = 0; b < FEATURE_BINS; b++) {
            double p = (left[b] + 0.5) / (all[b] + 1);
            loss -= left[b] * log(p) + (all[b] - left[b]) * log1p(-p);
        }
        if (loss < 0.1 * base) return (ptrdiff_t)j;
    }
    return -1;
}

// The chosen learner on all rows.
static void settle(arena *a, const course *c, const logit *whole, const uint32_t *all, churn *k) {
    k->weight = k->learner == CHURN_BOOSTED ? 1 : k->learner == CHURN_TOGETHER ? 0.5 : 0;
    k->beta = make(a, double, k->x.columns);
    k->middle = make(a, double, k->x.columns);
    double *x = make(a, double, k->x.columns), base = whole->beta[0];
    for (size_t i = 0; i < c->n; i++) {
        design_row(c->x, &c->d->table, c->rows[i], x);
        for (size_t j = 0; j < k->x.columns; j++) k->middle[j] += x[j] / (double)c->n;
    }
    for (size_t j = 0; j < k->x.columns; j++) {
        k->beta[j] = whole->beta[1 + j];
        base += k->beta[j] * k->middle[j];
    }
    k->base = (1 - k->weight) * base;
    if (k->learner == CHURN_LOGISTIC) return;
    boost_opts o = grow;
    o.seed = mixed(c->d->seed, FOLDS);
    o.rounds = k->race.trees;
    boost_trees b = boost_fit(a, &c->bins, c->left, all, c->n, o);
    k->parts = boost_apart(a, &b, b.n_trees, &c->bins, all, c->n);
    k->base += k->weight * k->parts.base;
}

// Trains what was asked for on all folds but one, and takes its log odds for that one.
static double *cross(arena *a, const course *c, const logit *whole, churn *k) {
    unseen u = {make(a, double, c->n), make(a, double, c->n), make(a, double, c->n)};
    enum churn_learner only = c->d->only;
    k->learner = only;
    if (only != CHURN_BOOSTED) run_logistic(*a, c, whole->beta, u.logistic);
    if (only != CHURN_LOGISTIC) k->race.trees = run_boosted(*a, c, u.boosted);
    if (only == CHURN_ANY || only == CHURN_TOGETHER) {
        enum churn_learner best = race(*a, c, &u, &k->race);
        if (only == CHURN_ANY) k->learner = best;
    }
    return k->learner == CHURN_LOGISTIC ? u.logistic : k->learner == CHURN_BOOSTED ? u.boosted : u.together;
}

static void learn(arena *a, course *c, churn *k) {
    choose_folds(a, c);
    code_rows(a, c, k->cuts);
    c->x = &k->x;
    c->ridge = make(a, double, k->x.columns);
    for (size_t j = 0; j < k->x.columns; j++) c->ridge[j] = 1;
    k->suspect = suspect_of(c);
    uint32_t *all = make(a, uint32_t, c->n);
    for (size_t i = 0; i < c->n; i++) all[i] = (uint32_t)i;
    logit whole = regress(a, c, all, c->n, NULL);
    double *odds = cross(a, c, &whole, k), *said = make(a, double, c->n);
    k->line = calibrate_choose(a, odds, c->left, c->n, said);
    k->seen = reliability_of(a, said, c->left, c->n, 10);
    settle(a, c, &whole, all, k);
    k->told = told_of(a, k);
}

churn churn_fit(arena *a, const churn_data *d) {
    churn k = {.state = ESTIMATE_REFUSED, .n = (int64_t)d->table.n, .suspect = -1};
    for (size_t i = 0; i < d->table.n; i++) k.lost += d->left[i];
    course c = {.d = d};
    choose_rows(a, d, &c);
    k.learned = (int64_t)c.n;
    make_design(a, d, &c, &k);
    k.why = missing(a, d, &k);
    if (k.why) return k;
    k.state = ESTIMATE_OK;
    learn(a, &c, &k);
    if (k.suspect < 0) return k;
    k.state = ESTIMATE_THIN;
    k.why = str_z(a, str_fmt(a, "\"%s\" alone tells nearly everybody who left: leave it out if it was not known before",
                             d->table.of[k.suspect].name));
    return k;
}

// What each feature adds to the log odds of a row.
static void parts_of(arena scratch, const churn *k, const features *t, size_t row, double *part) {
    memset(part, 0, t->n_features * sizeof *part);
    if (k->weight > 0) {
        uint8_t *bins = make(&scratch, uint8_t, t->n_features);
        for (size_t j = 0; j < t->n_features; j++) bins[j] = features_bin(t, k->cuts, j, row);
        boost_explain(&k->parts, bins, part);
    }
    double *x = make(&scratch, double, k->x.columns);
    design_row(&k->x, t, row, x);
    for (size_t j = 0; j < t->n_features; j++) {
        double line = 0;
        for (size_t i = k->x.of[j].from; i < k->x.of[j].to; i++) line += k->beta[i] * (x[i] - k->middle[i]);
        part[j] = k->weight * part[j] + (1 - k->weight) * line;
    }
}

double churn_odds(arena scratch, const churn *k, const features *t, size_t row) {
    double *part = make(&scratch, double, t->n_features), sum = k->base;
    parts_of(scratch, k, t, row, part);
    for (size_t j = 0; j < t->n_features; j++) sum += part[j];
    return sum;
}

// The last bin that begins at p or below.
static const reliability_bin *bin_at(const reliability *r, double p) {
    size_t b = 0;
    while (b + 1 < r->n_bins && r->bins[b + 1].from <= p) b++;
    return &r->bins[b];
}

estimate churn_risk(arena scratch, const churn *k, const features *t, size_t row) {
    if (k->state == ESTIMATE_REFUSED) return estimate_refused("churn risk", k->why);
    double p = calibrate(&k->line, churn_odds(scratch, k, t, row));
    const reliability_bin *b = bin_at(&k->seen, p);
    return (estimate){.value = p,
                      .point = p,
                      .lo = MIN(p, b->seen.lo),
                      .hi = MAX(p, b->seen.hi),
                      .n = k->learned,
                      .method = "churn risk, calibrated",
                      .state = k->state,
                      .why = k->why};
}

static void keep_largest(churn_reason *out, size_t *n, size_t most, churn_reason r) {
    size_t at = *n < most ? (*n)++ : most;
    for (; at > 0 && fabs(out[at - 1].odds) < fabs(r.odds); at--) {
        if (at < most) out[at] = out[at - 1];
    }
    if (at < most) out[at] = r;
}

size_t churn_reasons(arena scratch, const churn *k, const features *t, size_t row, churn_reason *out, size_t most) {
    if (k->state == ESTIMATE_REFUSED) return 0;
    double *part = make(&scratch, double, t->n_features), odds = k->base;
    parts_of(scratch, k, t, row, part);
    for (size_t j = 0; j < t->n_features; j++) odds += part[j];
    size_t n = 0;
    for (size_t j = 0; j < t->n_features; j++) {
        double points = 100 * (calibrate(&k->line, odds) - calibrate(&k->line, odds - part[j]));
        if (fabs(points) >= 0.5) keep_largest(out, &n, most, (churn_reason){j, part[j], points});
    }
    return n;
}

str churn_reason_words(arena *a, const features *t, size_t row, const churn_reason *r) {
    str what = features_words(a, t, r->of, row);
    double points = fabs(r->points);
    return str_fmt(a, "%.*s %s the risk by %.0f point%s", STR_ARG(what), r->odds > 0 ? "raises" : "lowers", points,
                   points < 1.5 ? "" : "s");
}

reliability churn_score(arena *a, const churn *k, const features *t, const bool *left) {
    assert(k->state != ESTIMATE_REFUSED && t->n > 0);
    double *said = make(a, double, t->n);
    for (size_t i = 0; i < t->n; i++) said[i] = calibrate(&k->line, churn_odds(*a, k, t, i));
    return reliability_of(a, said, left, t->n, 10);
}
