#include <math.h>
#include <pthread.h>

#include "text/linear.h"

#include "base/rng.h"
#include "text/floats.h"

// Tasks of a block. Sixteen numbers of one column are one line of the cache.
enum { LANES = 16, QUADS = LANES / 4, STEPS = (1 << LINEAR_WEIGHT_BITS) - 1, BLOCKS_MOST = 64 };

typedef float quad __attribute__((vector_size(16)));
typedef struct {
    quad q[QUADS];
} lanes;

float linear_unit(float largest) {
    return largest > 0 ? largest / (float)STEPS : 0;
}

uint32_t linear_cell(uint32_t column, float weight, float unit) {
    const float steps = unit > 0 ? weight / unit + 0.5f : 0;
    return column << LINEAR_WEIGHT_BITS | (uint32_t)MIN(fmaxf(steps, 0), (float)STEPS);
}

// ---- one row against a block of tasks ----

static quad all(float v) {
    return (quad){v, v, v, v};
}

// Weights of a block: those of a column side by side, the dense ones task by task, so that tasks that have no need of a
// row cost nothing.
typedef struct {
    lanes *column, bias; // bias: of the constant input
    float *dense;        // LANES × d->dense
} weights;

static inline __attribute__((always_inline)) void dot_sparse(const linear_data *d, size_t row, const weights *w,
                                                             int quads, lanes *out) {
    lanes s = {0};
    const float unit = d->unit[row];
    for (uint32_t i = d->start[row]; i < d->start[row + 1]; i++) {
        const lanes *c = &w->column[d->cells[i] >> LINEAR_WEIGHT_BITS];
        const quad v = all((float)(int)(d->cells[i] & STEPS));
        for (int k = 0; k < quads; k++) s.q[k] += c->q[k] * v;
    }
    for (int k = 0; k < quads; k++) out->q[k] = s.q[k] * all(unit) + w->bias.q[k] * all(d->bias);
}

// The scores of the wanted tasks. A correction has few: they cost a quarter.
static void dot(const linear_data *d, size_t row, const weights *w, uint32_t wanted, lanes *out) {
    if (wanted < 16)
        dot_sparse(d, row, w, 1, out);
    else
        dot_sparse(d, row, w, QUADS, out);
    for (uint32_t left = d->dense ? wanted : 0; left; left &= left - 1) {
        const int k = __builtin_ctz(left);
        out->q[k / 4][k % 4] += floats_dot(d->x + row * d->dense, w->dense + (size_t)k * d->dense, d->dense);
    }
}

static inline __attribute__((always_inline)) void add_sparse(const linear_data *d, size_t row, weights *w, int quads,
                                                             const lanes *by) {
    lanes sparse;
    for (int k = 0; k < quads; k++) sparse.q[k] = by->q[k] * all(d->unit[row]);
    for (uint32_t i = d->start[row]; i < d->start[row + 1]; i++) {
        lanes *c = &w->column[d->cells[i] >> LINEAR_WEIGHT_BITS];
        const quad v = all((float)(int)(d->cells[i] & STEPS));
        for (int k = 0; k < quads; k++) c->q[k] += sparse.q[k] * v;
    }
}

static void add(const linear_data *d, size_t row, weights *w, size_t tasks, const lanes *by) {
    if (tasks <= 4)
        add_sparse(d, row, w, 1, by);
    else
        add_sparse(d, row, w, QUADS, by);
    for (int k = 0; k < QUADS; k++) w->bias.q[k] += by->q[k] * all(d->bias);
    for (size_t k = 0; k < LANES && d->dense; k++)
        if (by->q[k / 4][k % 4] != 0)
            floats_add(w->dense + k * d->dense, by->q[k / 4][k % 4], d->x + row * d->dense, d->dense);
}

static double square(const linear_data *d, size_t row) {
    double s = 0, x = (double)d->bias * d->bias;
    for (uint32_t i = d->start[row]; i < d->start[row + 1]; i++) {
        const double v = d->cells[i] & STEPS;
        s += v * v;
    }
    for (size_t i = 0; i < d->dense; i++) x += (double)d->x[row * d->dense + i] * d->x[row * d->dense + i];
    return s * d->unit[row] * d->unit[row] + x;
}

// ---- a block ----

typedef struct {
    float y[LANES], dual[LANES];
    float soft[LANES]; // 1 / (2 cost); below 0: left out
} row_state;

typedef struct {
    const linear_data *d;
    const linear_terms *terms;
    const float *squares;
    size_t n; // tasks
    row_state *rows;
    weights w;
    uint32_t *order, *mask;
    size_t active;
    uint32_t going; // lanes that are not settled
    float high[LANES], low[LANES], shrink[LANES];
    linear_work work;
} block;

static void block_read(block *b, const linear_task *t) {
    for (size_t i = 0; i < b->d->rows; i++) {
        row_state *r = &b->rows[i];
        lanes by = {0};
        bool any = false;
        for (size_t k = 0; k < b->n; k++) {
            const bool in = t[k].cost[i] > 0;
            r->y[k] = t[k].y[i];
            r->soft[k] = in ? 0.5f / t[k].cost[i] : -1;
            r->dual[k] = in ? t[k].dual[i] : 0;
            // A row whose answer was turned round begins anew.
            if (!b->terms->ridge && r->dual[k] * r->y[k] < 0) r->dual[k] = 0;
            by.q[k / 4][k % 4] = r->dual[k];
            any |= r->dual[k] != 0;
        }
        if (any) add(b->d, i, &b->w, b->n, &by);
    }
}

static void block_write(const block *b, const linear_task *t) {
    for (size_t k = 0; k < b->n; k++) {
        const size_t stride = t[k].stride ? t[k].stride : 1;
        for (size_t i = 0; i < b->d->rows; i++) t[k].dual[i] = b->rows[i].dual[k];
        float *w = t[k].w;
        for (size_t c = 0; c < b->d->columns; c++, w += stride) *w = b->w.column[c].q[k / 4][k % 4];
        for (size_t c = 0; c < b->d->dense; c++, w += stride) *w = b->w.dense[k * b->d->dense + c];
        *w = b->w.bias.q[k / 4][k % 4];
    }
}

static void all_active(block *b) {
    b->active = 0;
    for (size_t i = 0; i < b->d->rows; i++) {
        uint32_t mask = 0;
        for (size_t k = 0; k < b->n; k++) mask |= (uint32_t)(b->rows[i].soft[k] >= 0) << k;
        b->mask[i] = mask;
        if (mask) b->order[b->active++] = (uint32_t)i;
    }
    for (int k = 0; k < LANES; k++) b->shrink[k] = INFINITY;
}

// One coordinate of one task. Returns by how much the dual value moved.
static float move(block *b, row_state *r, uint32_t *mask, int k, float score, float q) {
    const float g = score - r->y[k] + r->dual[k] * r->soft[k];
    float violation = b->terms->ridge ? g : g * r->y[k];
    if (!b->terms->ridge && r->dual[k] == 0) {
        if (violation > b->shrink[k]) return *mask &= ~(1u << k), 0;
        violation = fminf(violation, 0);
    }
    b->high[k] = fmaxf(b->high[k], violation);
    b->low[k] = fminf(b->low[k], violation);
    if (fabsf(violation) < 1e-6f) return 0;
    float to = r->dual[k] - g / (q + r->soft[k]);
    if (!b->terms->ridge && to * r->y[k] < 0) to = 0;
    const float by = to - r->dual[k];
    r->dual[k] = to;
    return by;
}

static void visit(block *b, uint32_t row) {
    lanes score, by = {0};
    bool any = false;
    const uint32_t wanted = b->mask[row] & b->going;
    dot(b->d, row, &b->w, wanted, &score);
    for (uint32_t left = wanted; left; left &= left - 1) {
        const int k = __builtin_ctz(left);
        const float m = move(b, &b->rows[row], &b->mask[row], k, score.q[k / 4][k % 4], b->squares[row]);
        by.q[k / 4][k % 4] = m;
        any |= m != 0;
    }
    if (any) add(b->d, row, &b->w, b->n, &by);
}

static void shuffle(rng *r, uint32_t *v, size_t n) {
    for (size_t i = n; i > 1; i--) {
        const size_t j = (size_t)(((rng_u64(r) >> 32) * i) >> 32);
        const uint32_t t = v[i - 1];
        v[i - 1] = v[j];
        v[j] = t;
    }
}

// One pass over the active rows. Rows that no unsettled task needs drop out.
static void pass(block *b, rng *r) {
    for (int k = 0; k < LANES; k++) b->high[k] = -INFINITY, b->low[k] = INFINITY;
    shuffle(r, b->order, b->active);
    size_t kept = 0;
    for (size_t i = 0; i < b->active; i++) {
        const uint32_t row = b->order[i];
        if (!(b->mask[row] & b->going)) continue;
        visit(b, row);
        b->work.steps++;
        b->order[kept++] = row;
    }
    b->active = kept;
    b->work.passes++;
}

// Which tasks came within the tolerance in this pass, as bits; the others shrink by what it saw.
static uint32_t settle(block *b, double tolerance) {
    uint32_t settled = 0;
    for (size_t k = 0; k < b->n; k++) {
        if (!(b->going >> k & 1)) continue;
        if (!(b->high[k] - b->low[k] > tolerance)) settled |= 1u << k;
        b->shrink[k] = b->high[k] > 0 ? b->high[k] : INFINITY;
    }
    return settled;
}

// A task is done when a pass over all of its rows was within the tolerance. One that is settled only among the rows
// that are left to it waits until all are, and then sees every row again.
static void block_solve(block *b) {
    const double tolerance = b->terms->tolerance > 0 ? b->terms->tolerance : 0.1;
    const int most = b->terms->passes > 0 ? b->terms->passes : 300;
    rng r = rng_seed(b->terms->seed + 1);
    uint32_t left = (uint32_t)((UINT64_C(1) << b->n) - 1);
    for (bool whole = true; left && b->work.passes < most; whole = b->terms->ridge) {
        if (!b->going) {
            b->going = left;
            all_active(b);
            whole = true;
        }
        pass(b, &r);
        const uint32_t settled = settle(b, tolerance);
        b->going &= ~settled;
        if (whole) left &= ~settled;
    }
    b->work.settled = !left;
}

// ---- all blocks ----

typedef struct {
    const linear_data *d;
    const linear_task *t;
    size_t tasks, from, step; // blocks from, from + step, …
    const linear_terms *terms;
    const float *squares;
    linear_work work;
} share;

static void solve_block(share *s, size_t first) {
    const size_t rows = s->d->rows, columns = s->d->columns + s->d->dense;
    arena a = arena_open((columns * sizeof(lanes) + rows * (sizeof(row_state) + 16)) + (1 << 16));
    block b = {.d = s->d, .terms = s->terms, .squares = s->squares, .n = MIN(s->tasks - first, (size_t)LANES)};
    b.rows = make(&a, row_state, rows + 1);
    b.w.column = arena_alloc(&a, sizeof(lanes), 64, s->d->columns);
    b.w.dense = arena_alloc(&a, sizeof(float), 64, LANES * s->d->dense);
    b.order = make(&a, uint32_t, rows + 1);
    b.mask = make(&a, uint32_t, rows + 1);
    block_read(&b, s->t + first);
    block_solve(&b);
    block_write(&b, s->t + first);
    s->work.passes = MAX(s->work.passes, b.work.passes);
    s->work.settled &= b.work.settled;
    s->work.steps += b.work.steps;
    arena_close(&a);
}

static void *solve_share(void *arg) {
    share *s = arg;
    for (size_t i = s->from * LANES; i < s->tasks; i += s->step * LANES) solve_block(s, i);
    return NULL;
}

linear_work linear_fit(const linear_data *d, const linear_task *t, size_t tasks, linear_terms terms) {
    arena a = arena_open(d->rows * sizeof(float) + (1 << 16));
    float *squares = make(&a, float, d->rows + 1);
    for (size_t i = 0; i < d->rows; i++) squares[i] = (float)square(d, i);
    const size_t blocks = (tasks + LANES - 1) / LANES;
    const size_t n = MIN(MAX((size_t)MAX(terms.threads, 1), 1), MIN(blocks, (size_t)BLOCKS_MOST));
    share shares[BLOCKS_MOST];
    pthread_t ids[BLOCKS_MOST];
    bool runs[BLOCKS_MOST] = {false};
    for (size_t i = 0; i < n; i++) {
        shares[i] = (share){d, t, tasks, i, n, &terms, squares, {.settled = true}};
        // The last share is done here, and so is one that got no thread.
        runs[i] = i + 1 < n && pthread_create(&ids[i], NULL, solve_share, &shares[i]) == 0;
        if (!runs[i]) solve_share(&shares[i]);
    }
    linear_work w = {.settled = true};
    for (size_t i = 0; i < n; i++) {
        if (runs[i]) pthread_join(ids[i], NULL);
        w.passes = MAX(w.passes, shares[i].work.passes);
        w.settled &= shares[i].work.settled;
        w.steps += shares[i].work.steps;
    }
    arena_close(&a);
    return w;
}

void linear_weights(const linear_data *d, const float *dual, float *w, size_t stride) {
    for (size_t i = 0; i < d->columns + d->dense + 1; i++) w[i * stride] = 0;
    float *wd = w + d->columns * stride;
    for (size_t row = 0; row < d->rows; row++) {
        if (dual[row] == 0) continue;
        const float sparse = dual[row] * d->unit[row];
        for (uint32_t i = d->start[row]; i < d->start[row + 1]; i++)
            w[(d->cells[i] >> LINEAR_WEIGHT_BITS) * stride] += sparse * (float)(int)(d->cells[i] & STEPS);
        for (size_t i = 0; i < d->dense; i++) wd[i * stride] += dual[row] * d->x[row * d->dense + i];
        wd[d->dense * stride] += dual[row] * d->bias;
    }
}

double linear_score(const linear_data *d, size_t row, const float *w, size_t stride) {
    double s = 0, x = 0;
    if (!stride) stride = 1;
    for (uint32_t i = d->start[row]; i < d->start[row + 1]; i++)
        s += (double)(d->cells[i] & STEPS) * w[(d->cells[i] >> LINEAR_WEIGHT_BITS) * stride];
    const float *wd = w + d->columns * stride;
    for (size_t i = 0; i < d->dense; i++) x += (double)d->x[row * d->dense + i] * wd[i * stride];
    return s * d->unit[row] + x + (double)d->bias * wd[d->dense * stride];
}

void linear_scores(const linear_data *d, size_t row, const float *w, size_t stride, float *out) {
    quad *sum = (quad *)(void *)out;
    const size_t n = stride / 4;
    const float unit = d->unit[row];
    for (size_t k = 0; k < n; k++) sum[k] = (quad){0};
    for (uint32_t i = d->start[row]; i < d->start[row + 1]; i++) {
        const quad *c = (const quad *)(const void *)(w + (d->cells[i] >> LINEAR_WEIGHT_BITS) * stride);
        const quad v = all((float)(int)(d->cells[i] & STEPS) * unit);
        for (size_t k = 0; k < n; k++) sum[k] += c[k] * v;
    }
    const quad *wd = (const quad *)(const void *)(w + d->columns * stride);
    const float *x = d->x + row * d->dense;
    for (size_t i = 0; i < d->dense; i++, wd += n)
        for (size_t k = 0; k < n; k++) sum[k] += wd[k] * all(x[i]);
    for (size_t k = 0; k < n; k++) sum[k] += wd[k] * all(d->bias);
}
