#include <math.h>

#include "stats/climb.h"
#include "stats/purchase_private.h"

enum { LEAST = 20, LEAST_LEAVING = 40, FIRM = 100, STARTS = 5 };
static const double FLAT = 25;       // variance of a logarithm on which the data say nothing
static const double BOUNDARY = 0.01; // a gain in likelihood that is none

// ---- What is climbed: the likelihood, with walls far out on the logarithms, so that a ridge ends ----

typedef struct {
    arena scratch;
    const purchase_set *set;
    enum purchase_model model;
    int k, base;
    double middle[PARAMS];
} hill;

// What is taken off at a logarithm so far from the middle; nothing worth speaking of nearer than half as far.
static const double WALL = 9, STEEP = 3, PRICE = 1e-2;

static double price_at(const hill *h, const double *theta, double *g) {
    double sum = 0;
    for (int i = 0; i < h->base; i++) {
        double from = theta[i] - h->middle[i], price = PRICE * exp(STEEP * (fabs(from) - WALL));
        sum += price;
        if (g) g[i] -= copysign(STEEP * price, from);
    }
    return sum;
}

static double height_at(void *ctx, const double *theta, double *g) {
    hill *h = ctx;
    for (int i = 0; i < h->base; i++)
        if (!(fabs(theta[i] - h->middle[i]) < 2 * WALL)) return -INFINITY;
    double sum = purchase_loglik_all(h->scratch, h->set, h->model, h->k, theta, g);
    return sum - price_at(h, theta, g);
}

static hill hill_of(arena scratch, const purchase_set *s, enum purchase_model m, int k) {
    hill h = {scratch, s, m, k, purchase_base(m), {0}};
    if (m != PURCHASE_BGBB) h.middle[1] = log(s->mean_T);
    if (m == PURCHASE_PARETO) h.middle[3] = log(s->mean_T);
    return h;
}

// Among all customers less than a hundredth of one is expected to leave: the parameters of leaving would only wander
// further off.
static bool nobody_leaves(void *ctx, const double *theta) {
    hill *h = ctx;
    double share = 1;
    if (h->model == PURCHASE_PARETO) share = -expm1(-exp(theta[2]) * log1p(h->set->mean_T * exp(-theta[3])));
    if (h->model == PURCHASE_BG || h->model == PURCHASE_MBG) share = 1 / (1 + exp(theta[3] - theta[2]));
    return share * (double)h->set->size.customers < 1e-2;
}

static climber climber_of(hill *h) {
    return (climber){.f = height_at,
                     .leave = nobody_leaves,
                     .ctx = h,
                     .n = (size_t)purchase_width(h->model, h->set->people->n_traits)};
}

// ---- Where to begin. r and α of the NBD hold what is known of buying; leaving begins in several places, the last of
// them near none at all ----

typedef struct {
    int n;
    double at[STARTS][MOST_PARAMS];
} starts;

static void add_start(starts *s, const double *p, int base) {
    for (int i = 0; i < base; i++) s->at[s->n][i] = log(p[i]);
    s->n++;
}

static starts starts_of(const purchase_set *set, enum purchase_model m, int k, const double *nbd, purchase_how how) {
    starts s = {0};
    double r = nbd ? nbd[0] : 1, alpha = nbd ? nbd[1] : 1, t = set->mean_T, pace = (double)set->size.purchases + 1;
    pace /= (double)set->size.customers * t + 1e-300;
    if (m == PURCHASE_NBD) {
        add_start(&s, (double[]){1, 1 / pace}, 2);
        add_start(&s, (double[]){0.3, 0.3 / pace}, 2);
    } else if (m == PURCHASE_PARETO) {
        add_start(&s, (double[]){1.4 * r, 0.9 * alpha, 0.6, t / 2}, 4);
        add_start(&s, (double[]){1, 0.5 / pace, 1, 2 * t}, 4);
        add_start(&s, (double[]){r, alpha, 0.12, 4 * t}, 4);
    } else if (m == PURCHASE_BGBB) {
        add_start(&s, (double[]){1, 1, 0.7, 3}, 4);
        add_start(&s, (double[]){0.5, 1.5, 1, 9}, 4);
        add_start(&s, (double[]){1, 1, 0.2, 20}, 4);
    } else {
        add_start(&s, (double[]){m == PURCHASE_MBG ? 1.3 * r : 0.65 * r, 0.5 * alpha / k, 0.8, 2}, 4);
        add_start(&s, (double[]){1, 0.3 / pace / k, 0.5, 1.5}, 4);
        add_start(&s, (double[]){r, alpha / k, 0.3, 10}, 4);
    }
    if (how.start) {
        add_start(&s, how.start, purchase_base(m));
        int width = purchase_width(m, set->people->n_traits);
        for (int i = purchase_base(m); i < width; i++) s.at[s.n - 1][i] = how.start[i];
    }
    return s;
}

// The best of what is reached from the highest start and the one near the NBD.
static double best_start(hill *h, const starts *s, double *theta, double *shape, int *calls) {
    climber c = climber_of(h);
    double *g = make(&h->scratch, double, c.n), height[STARTS], best = -INFINITY;
    double *at = make(&h->scratch, double, c.n), *own = make(&h->scratch, double, c.n *c.n);
    for (int i = 0; i < s->n; i++) height[i] = height_at(h, s->at[i], g);
    for (int i = 0; i < s->n; i++) {
        int above = 0;
        for (int j = 0; j < s->n; j++) above += height[j] > height[i] || !isfinite(height[i]);
        if (above > 0 && i != 2) continue; // the third is the one near the NBD
        memcpy(at, s->at[i], c.n * sizeof *at);
        memset(own, 0, c.n * c.n * sizeof *own);
        c.most = 60;
        double reached = climb(&h->scratch, &c, at, own, 1e-2);
        if (!(reached > best + 1e-6)) continue;
        best = reached;
        memcpy(theta, at, c.n * sizeof *at);
        memcpy(shape, own, c.n * c.n * sizeof *own);
    }
    *calls += c.calls + s->n;
    return best;
}

// ---- The top over everybody ----

typedef struct {
    double theta[MOST_PARAMS], loglik;
    double *covariance;
    int calls;
} top;

// From near the top: up, the curvature there, and with it the last digits.
static void finish(arena *a, hill *h, top *t, double *shape) {
    climber c = climber_of(h);
    size_t n = c.n;
    double *curvature = make(a, double, (n * n));
    t->covariance = make(a, double, (n * n));
    t->loglik = climb(&h->scratch, &c, t->theta, shape, 1e-8);
    t->calls += c.calls, c.calls = 0;
    if (h->k == 1 && nobody_leaves(h, t->theta)) return; // the NBD will be told instead
    climb_curvature(&h->scratch, &c, t->theta, curvature);
    climb_covariance(h->scratch, curvature, n, FLAT, t->covariance);
    memcpy(shape, t->covariance, n * n * sizeof *shape);
    t->loglik = climb(&h->scratch, &c, t->theta, shape, 1e-11);
    t->loglik += price_at(h, t->theta, NULL);
    t->calls += c.calls;
}

// A few of many customers show where the top is; everybody shows it to the last digit.
static void rough(hill h, const starts *s, top *t, double *shape) {
    size_t n = (size_t)purchase_width(h.model, h.set->people->n_traits), all = (size_t)h.set->size.customers;
    size_t few = MIN(MAX(all / 8, 500), 2000);
    double share = 1;
    if (all > 2 * few) {
        h.set = purchase_sample(&h.scratch, h.set, few);
        share = (double)h.set->size.customers / (double)all;
    }
    int calls = 0;
    best_start(&h, s, t->theta, shape, &calls);
    for (size_t i = 0; i < n * n; i++) shape[i] *= share;
    if (share >= 1) t->calls += calls;
}

static top summit(arena *a, arena brief, const purchase_set *s, enum purchase_model m, int k, const double *nbd,
                  purchase_how how) {
    size_t n = (size_t)purchase_width(m, s->people->n_traits);
    double *shape = make(&brief, double, (n * n));
    hill h = hill_of(brief, s, m, k);
    starts begin = starts_of(s, m, k, nbd, how);
    top t = {0};
    rough(h, &begin, &t, shape);
    finish(a, &h, &t, shape);
    return t;
}

// Every start over everybody, for when the usual way ends where nobody leaves.
static void insist(arena *a, arena brief, const purchase_set *s, const purchase_fit *f, const double *nbd,
                   purchase_how how, top *best) {
    size_t n = (size_t)f->n;
    starts begin = starts_of(s, f->model, f->k, nbd, how);
    for (int i = 0; i < begin.n; i++) {
        if (i == 2) continue; // which is near the NBD
        hill h = hill_of(brief, s, f->model, f->k);
        double *shape = make(&h.scratch, double, (n * n));
        top t = {.calls = best->calls};
        memcpy(t.theta, begin.at[i], n * sizeof *t.theta);
        finish(a, &h, &t, shape);
        best->calls = t.calls;
        if (t.loglik > best->loglik + 1e-9) *best = t;
    }
}

// ---- What is told of it ----

static const char *const PARAM_NAMES[PURCHASE_MODELS][PARAMS] = {{"r", "alpha"},
                                                                 {"r", "alpha", "s", "beta"},
                                                                 {"r", "alpha", "a", "b"},
                                                                 {"r", "alpha", "a", "b"},
                                                                 {"alpha", "beta", "gamma", "delta"}};

static const char *model_name(arena *a, enum purchase_model m, int k) {
    static const char *const names[PURCHASE_MODELS] = {"NBD", "Pareto/NBD", "BG/NBD", "MBG/NBD", "BG/BB"};
    if (k <= 1) return names[m];
    return str_z(a, str_fmt(a, "%s/CNBD-%d", m == PURCHASE_BG ? "BG" : "MBG", k));
}

static const char *coefficient_name(arena *a, enum purchase_model m, int n_traits, int i) {
    int set = i / n_traits, trait = i % n_traits + 1;
    const char *on = set == 0 ? "buying" : m == PURCHASE_PARETO ? "leaving" : set == 1 ? "leaving (a)" : "leaving (b)";
    return str_z(a, str_fmt(a, "trait %d on %s", trait, on));
}

static void describe(arena *a, purchase_fit *f) {
    purchase_param *p = make(a, purchase_param, f->n);
    int base = purchase_base(f->model);
    for (int i = 0; i < f->n; i++) {
        double v = f->theta[i], sd = sqrt(f->covariance[i * f->n + i]);
        p[i] = (purchase_param){NULL, v, v - Z95 * sd, v + Z95 * sd, sd};
        if (i < base)
            p[i] = (purchase_param){PARAM_NAMES[f->model][i], exp(v), exp(p[i].lo), exp(p[i].hi), exp(v) * sd};
        else
            p[i].name = coefficient_name(a, f->model, f->n_traits, i - base);
    }
    f->param = p;
    f->aic = 2 * f->n - 2 * f->loglik;
    f->state = f->size.repeaters < FIRM ? ESTIMATE_THIN : ESTIMATE_OK;
    if (f->state == ESTIMATE_THIN)
        f->why = str_z(a, str_fmt(a, "only %" PRId64 " customers have bought again", f->size.repeaters));
}

static purchase_fit new_fit(arena *a, const purchase_set *s, enum purchase_model m, int k) {
    purchase_fit f = {.state = ESTIMATE_REFUSED, .model = m, .asked = m, .k = MAX(k, 1), .size = s->size};
    if (m != PURCHASE_BG && m != PURCHASE_MBG) f.k = 1;
    f.k = MIN(f.k, PURCHASE_RHYTHM);
    f.n_traits = s->people->n_traits;
    f.n = purchase_width(m, f.n_traits);
    f.name = model_name(a, m, f.k);
    return f;
}

static const char *refusal(arena *a, const purchase_fit *f, const purchase_set *s) {
    int64_t least = f->asked == PURCHASE_NBD ? LEAST : LEAST_LEAVING;
    if (s->size.repeaters < least)
        return str_z(a, str_fmt(a, "%" PRId64 " customers who bought again are needed, there %s %" PRId64, least,
                                s->size.repeaters == 1 ? "is" : "are", s->size.repeaters));
    if (f->asked == PURCHASE_BGBB && f->n_traits > 0) return "the BG/BB model has no traits";
    for (size_t k = 0; k < s->n_strata && f->asked == PURCHASE_BGBB; k++)
        for (size_t i = 0; i < s->strata[k].n_t; i++)
            if (s->strata[k].t[i] != floor(s->strata[k].t[i]))
                return "the BG/BB model counts whole opportunities to buy";
    return NULL;
}

static void take(arena *a, purchase_fit *f, const purchase_set *s, const top *t) {
    double *theta = make(a, double, f->n);
    memcpy(theta, t->theta, (size_t)f->n * sizeof *theta);
    f->theta = theta, f->covariance = t->covariance, f->evaluations = t->calls;
    f->loglik = t->loglik + purchase_constant(s, f->model, f->k);
    describe(a, f);
}

// The likelihood of the models with leaving approaches that of the NBD as nobody leaves. When they reach no more than
// it does, their parameters wander off without end, and the NBD is the answer.
static void fit_leaving(arena *a, arena brief, purchase_fit *f, const purchase_set *s, const top *nbd,
                        purchase_how how) {
    double natural[2] = {exp(nbd->theta[0]), exp(nbd->theta[1])};
    top t = summit(a, brief, s, f->model, f->k, natural, how);
    if (f->k == 1 && t.loglik < nbd->loglik + BOUNDARY) insist(a, brief, s, f, natural, how, &t);
    if (f->k > 1 || t.loglik >= nbd->loglik + BOUNDARY) {
        hill h = hill_of(brief, s, f->model, f->k);
        f->boundary = nobody_leaves(&h, t.theta);
        take(a, f, s, &t);
        return;
    }
    f->boundary = true, f->model = PURCHASE_NBD;
    f->n = purchase_width(PURCHASE_NBD, f->n_traits);
    f->name = model_name(a, PURCHASE_NBD, 1);
    take(a, f, s, nbd);
    f->evaluations += t.calls;
}

purchase_fit purchase_fit_model(arena *a, const purchase_set *s, enum purchase_model m, purchase_how how) {
    purchase_fit f = new_fit(a, s, m, how.k);
    f.why = refusal(a, &f, s);
    if (f.why) return f;
    arena brief = arena_open(purchase_arena(s->rows, 0));
    if (m == PURCHASE_BGBB || m == PURCHASE_NBD) {
        top t = summit(a, brief, s, m, 1, NULL, how);
        take(a, &f, s, &t);
    } else {
        top nbd = summit(a, brief, s, PURCHASE_NBD, 1, NULL, (purchase_how){0});
        fit_leaving(a, brief, &f, s, &nbd, how);
    }
    arena_close(&brief);
    return f;
}

// Until the likelihood has fallen twice, as Reutterer, Platzer & Schroeder search.
purchase_fit purchase_fit_rhythm(arena *a, const purchase_set *s, enum purchase_model m) {
    purchase_fit best = purchase_fit_model(a, s, m, (purchase_how){.k = 1});
    if (isnan(s->gaps) || best.state == ESTIMATE_REFUSED) return best;
    for (int k = 2, falls = 0; k <= PURCHASE_RHYTHM && falls < 2; k++) {
        purchase_fit f = purchase_fit_model(a, s, m, (purchase_how){.k = k});
        falls = f.loglik > best.loglik ? 0 : falls + 1;
        if (f.loglik > best.loglik) best = f;
    }
    return best;
}

purchase_fit purchase_fit_known(arena *a, const purchase_set *s, enum purchase_model m, int k, const double *param) {
    purchase_fit f = new_fit(a, s, m, k);
    double *theta = make(a, double, f.n), *g = make(a, double, f.n);
    for (int i = 0; i < f.n; i++) theta[i] = i < purchase_base(m) ? log(param[i]) : param[i];
    f.theta = theta, f.covariance = make(a, double, (f.n * f.n));
    f.loglik = purchase_loglik_all(*a, s, m, f.k, theta, g) + purchase_constant(s, m, f.k);
    describe(a, &f);
    return f;
}
