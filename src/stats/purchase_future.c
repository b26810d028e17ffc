#include <math.h>

#include "stats/purchase_future.h"

enum { LAWS = PARAMS + 1, NODES = 16, MOST_DIRECT = 24 };
static const double STEP = 1e-5; // of a logarithm, for derivatives by differences

// Predictions at the parameters and at each of them moved a little: five laws, whose tables are made once.
typedef struct {
    const stratum *s;
    const purchase_terms *t;
    int laws, stages;
    law law[LAWS];
    view view[LAWS];
    double covariance[PARAMS * PARAMS]; // of the logarithms of the stratum's parameters
    ahead *at_node;                     // [laws][stages][nodes of one x]
    size_t nodes;
    double node[NODES], weight[NODES], scale; // Chebyshev points in ln(1 + T/scale)
    bool spread;                              // the nodes stand for all T between the least and the largest
} outlook;

static void covariance_of(const purchase_fit *f, const stratum *s, double *out) {
    double jacobian[PARAMS][MOST_PARAMS] = {{0}};
    int base = purchase_base(f->model);
    for (int i = 0; i < base; i++) {
        double unit[PARAMS] = {0};
        unit[i] = 1;
        purchase_chain(f->model, f->n_traits, s->traits, unit, jacobian[i]);
    }
    for (int i = 0; i < base; i++) {
        for (int j = 0; j < base; j++) {
            double sum = 0;
            for (int k = 0; k < f->n; k++)
                for (int m = 0; m < f->n; m++) sum += jacobian[i][k] * f->covariance[k * f->n + m] * jacobian[j][m];
            out[i * PARAMS + j] = sum;
        }
    }
}

static outlook outlook_of(arena *a, const purchase_fit *f, const stratum *s, const purchase_terms *t) {
    outlook o = {.s = s, .t = t, .laws = 1 + purchase_base(f->model), .stages = f->k};
    covariance_of(f, s, o.covariance);
    for (int i = 0; i < o.laws; i++) {
        o.law[i] = purchase_law(f->model, f->k, f->theta, f->n_traits, s->traits);
        if (i > 0) o.law[i].p[i - 1] *= exp(STEP);
        o.view[i] = purchase_view(a, s, &o.law[i]);
    }
    o.scale = o.law[0].p[1];
    o.at_node = make(a, ahead, o.laws * o.stages * MOST_DIRECT);
    return o;
}

// The times T of the customers with one x: few are computed one by one; many by sixteen points between the least and
// the largest, from which all others are interpolated to about ten digits, because the future is smooth in T.
static void prepare(arena scratch, outlook *o, size_t block, double *direct) {
    const stratum *s = o->s;
    double least = INFINITY, largest = 0, x = s->x[block], last = -1;
    size_t n = 0;
    for (size_t i = s->x_row[block]; i < s->x_row[block + 1]; i++) {
        double T = row_T(s, i);
        least = fmin(least, T), largest = fmax(largest, T);
        if (T != last && n < MOST_DIRECT) direct[n] = T;
        n += T != last, last = T;
    }
    o->spread = n > MOST_DIRECT;
    o->nodes = o->spread ? NODES : n;
    double low = log1p(least / o->scale), high = log1p(largest / o->scale);
    for (size_t k = 0; k < NODES && o->spread; k++) {
        double angle = M_PI * (2 * (double)k + 1) / (2 * NODES);
        o->node[k] = (low + high) / 2 + (high - low) / 2 * cos(angle);
        o->weight[k] = (k % 2 ? -1 : 1) * sin(angle);
        direct[k] = fmax(0, o->scale * expm1(o->node[k]));
    }
    for (int i = 0; i < o->laws; i++)
        for (int j = 0; j < o->stages; j++)
            purchase_aheads(scratch, &o->law[i], x, j, o->t, o->nodes, direct,
                            o->at_node + (size_t)(i * o->stages + j) * MOST_DIRECT);
}

// Barycentric interpolation (Berrut & Trefethen 2004, SIAM Review 46(3)): the share of each node in the value at T.
static void shares_at(const outlook *o, double T, double *share) {
    double v = log1p(T / o->scale), sum = 0;
    memset(share, 0, NODES * sizeof *share);
    for (size_t k = 0; k < NODES; k++) {
        double d = v - o->node[k];
        if (fabs(d) < 1e-13) {
            memset(share, 0, NODES * sizeof *share);
            share[k] = 1;
            return;
        }
        share[k] = o->weight[k] / d, sum += share[k];
    }
    for (size_t k = 0; k < NODES; k++) share[k] /= sum;
}

static ahead mix(const ahead *at, const double *share) {
    ahead m = {0};
    for (size_t k = 0; k < NODES; k++) {
        m.buys += share[k] * at[k].buys, m.twice += share[k] * at[k].twice, m.quiet += share[k] * at[k].quiet;
        m.worth += share[k] * at[k].worth, m.residual += share[k] * at[k].residual;
    }
    return m;
}

// What is ahead at one T under all laws and stages; n is which of the block's times it is.
static void ahead_at(const outlook *o, double T, size_t n, ahead *out) {
    double share[NODES];
    if (o->spread) shares_at(o, T, share);
    for (int i = 0; i < o->laws * o->stages; i++) {
        const ahead *at = o->at_node + (size_t)i * MOST_DIRECT;
        out[i] = o->spread ? mix(at, share) : at[n];
    }
}

typedef struct {
    double of[FUTURES], twice;
} values;

static values values_of(const outlook *o, int i, size_t row, const ahead *a) {
    double stage[PURCHASE_RHYTHM], alive = purchase_alive(&o->view[i], row, stage);
    ahead sum = {0};
    for (int j = 0; j < o->stages; j++) {
        const ahead *b = &a[i * o->stages + j];
        sum.buys += stage[j] * b->buys, sum.twice += stage[j] * b->twice, sum.quiet += stage[j] * b->quiet;
        sum.worth += stage[j] * b->worth, sum.residual += stage[j] * b->residual;
    }
    return (values){{alive, alive * sum.buys, 1 - alive + alive * sum.quiet, alive * sum.worth, alive * sum.residual},
                    alive * sum.twice};
}

static future future_of(const outlook *o, size_t row, const ahead *a) {
    values base = values_of(o, 0, row, a);
    future f = {.twice = base.twice};
    memcpy(f.of, base.of, sizeof f.of);
    for (int i = 1; i < o->laws; i++) {
        values moved = values_of(o, i, row, a);
        for (int k = 0; k < FUTURES; k++) f.by[k][i - 1] = (moved.of[k] - base.of[k]) / STEP;
    }
    for (int k = 0; k < FUTURES; k++)
        for (int i = 0; i < PARAMS; i++)
            for (int j = 0; j < PARAMS; j++) f.var[k] += f.by[k][i] * o->covariance[i * PARAMS + j] * f.by[k][j];
    return f;
}

void purchase_futures(arena scratch, const purchase_fit *f, const stratum *s, const purchase_terms *t, future_fn *each,
                      void *ctx) {
    outlook o = outlook_of(&scratch, f, s, t);
    ahead *a = make(&scratch, ahead, o.laws * o.stages);
    double *direct = make(&scratch, double, MOST_DIRECT);
    for (size_t block = 0; block < s->n_x; block++) {
        prepare(scratch, &o, block, direct);
        double last = -1;
        size_t n = 0;
        for (size_t i = s->x_row[block]; i < s->x_row[block + 1]; i++) {
            double T = row_T(s, i);
            if (T != last) ahead_at(&o, T, n++, a);
            last = T;
            future one = future_of(&o, i, a);
            each(ctx, i, &one);
        }
    }
}
