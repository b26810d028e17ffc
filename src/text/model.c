#include <math.h>

#include "text/model.h"

#include "text/list.h"

// ---- rows ----

// ---- rows ----

struct model_rows {
    size_t dense;
    arena a; // this, and the counts
    gram_counts seen;
    list start, gram, x; // uint64_t (rows + 1), uint32_t, float
    list out;            // bool: dropped
    // The matrix of the first `made` rows, by this index.
    const gram_index *index;
    size_t made;
    list at, cell, unit; // uint32_t (rows + 1), uint32_t, float
    linear_data matrix;
};

model_rows *model_rows_new(size_t dense) {
    arena a = arena_open((1 << 16) + GRAM_COLUMNS * sizeof(uint32_t));
    model_rows *r = make(&a, model_rows, 1);
    r->dense = dense;
    r->seen = gram_counts_new(&a);
    r->a = a;
    *list_add(&r->start, uint64_t, 1) = 0;
    return r;
}

void model_rows_free(model_rows *r) {
    if (!r) return;
    list *const lists[] = {&r->start, &r->gram, &r->x, &r->out, &r->at, &r->cell, &r->unit};
    for (size_t i = 0; i < COUNT(lists); i++) list_free(lists[i]);
    arena a = r->a;
    arena_close(&a);
}

size_t model_rows_count(const model_rows *r) {
    return r->start.n - 1;
}

size_t model_rows_add(model_rows *r, model_input in) {
    uint32_t *g = list_add(&r->gram, uint32_t, in.g.n);
    if (in.g.n) memcpy(g, in.g.v, in.g.n * sizeof *g);
    *list_add(&r->start, uint64_t, 1) = r->gram.n;
    float *x = list_add(&r->x, float, r->dense);
    if (in.dense && r->dense)
        memcpy(x, in.dense, r->dense * sizeof *x);
    else if (r->dense)
        memset(x, 0, r->dense * sizeof *x);
    *list_add(&r->out, bool, 1) = false;
    gram_counts_add(&r->seen, in.g, 1);
    return model_rows_count(r) - 1;
}

model_input model_row(const model_rows *r, size_t row) {
    const uint64_t *start = list_of(&r->start, uint64_t);
    return (model_input){{list_of(&r->gram, uint32_t) + start[row], start[row + 1] - start[row]},
                         list_of(&r->x, float) + row * r->dense};
}

void model_rows_drop(model_rows *r, size_t row) {
    if (model_rows_dropped(r, row)) return;
    const model_input in = model_row(r, row);
    gram_counts_add(&r->seen, in.g, -1);
    const uint64_t *start = list_of(&r->start, uint64_t);
    if (in.g.n) memset(list_of(&r->gram, uint32_t) + start[row], 0, in.g.n * sizeof(uint32_t));
    if (r->dense) memset(list_of(&r->x, float) + row * r->dense, 0, r->dense * sizeof(float));
    list_of(&r->out, bool)[row] = true;
}

bool model_rows_dropped(const model_rows *r, size_t row) {
    return list_of(&r->out, bool)[row];
}

const gram_counts *model_rows_seen(const model_rows *r) {
    return &r->seen;
}

static void matrix_add(model_rows *r, arena scratch, size_t row) {
    const model_input in = model_row(r, row);
    gram_weight *w = make(&scratch, gram_weight, in.g.n + 1);
    const size_t n = model_rows_dropped(r, row) ? 0 : grams_weigh(r->index, in.g, w);
    float largest = 0;
    for (size_t i = 0; i < n; i++) largest = fmaxf(largest, w[i].weight);
    const float unit = linear_unit(largest);
    uint32_t *c = list_add(&r->cell, uint32_t, n);
    for (size_t i = 0; i < n; i++) c[i] = linear_cell(w[i].column, w[i].weight, unit);
    *list_add(&r->unit, float, 1) = unit;
    *list_add(&r->at, uint32_t, 1) = (uint32_t)r->cell.n;
}

const linear_data *model_matrix(model_rows *r, const gram_index *index, bool anew) {
    if (anew || !r->index) {
        r->cell.n = r->unit.n = r->at.n = r->made = 0;
        *list_add(&r->at, uint32_t, 1) = 0;
    }
    r->index = index;
    arena scratch = arena_open(GRAM_TEXT * 64);
    for (; r->made < model_rows_count(r); r->made++) matrix_add(r, scratch, r->made);
    arena_close(&scratch);
    assert(r->cell.n < UINT32_MAX);
    r->matrix = (linear_data){.rows = r->made,
                              .columns = index->n,
                              .dense = r->dense,
                              .start = list_of(&r->at, uint32_t),
                              .cells = list_of(&r->cell, uint32_t),
                              .unit = list_of(&r->unit, float),
                              .x = list_of(&r->x, float),
                              .bias = 1};
    return &r->matrix;
}

// ---- models ----

// Eight weights of two bytes are read at a time.
enum { LINE = 8 };

typedef uint16_t half8 __attribute__((vector_size(16)));
typedef uint16_t half4 __attribute__((vector_size(8)));
typedef uint32_t bits4 __attribute__((vector_size(16)));
typedef float quad __attribute__((vector_size(16)));

// The upper half of a float, rounded: eight bits of precision, which is less than what the choice of rows changes.
static uint16_t half_of(float v) {
    uint32_t bits;
    memcpy(&bits, &v, sizeof bits);
    return (uint16_t)((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}

static float of_half(uint16_t h) {
    const uint32_t bits = (uint32_t)h << 16;
    float v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

static model empty(arena *a, gram_index index, size_t dense, size_t outputs, float bias) {
    const size_t width = (outputs + LINE - 1) / LINE * LINE;
    return (model){.index = index,
                   .dense = dense,
                   .outputs = outputs,
                   .width = width,
                   .bias = bias,
                   .grams = arena_alloc(a, sizeof(uint16_t), 64, index.n * width),
                   .of_dense = arena_alloc(a, sizeof(float), 64, (dense + 1) * width)};
}

model model_new(arena *a, gram_index index, size_t dense, size_t outputs, float bias) {
    return empty(a, index, dense, outputs, bias);
}

void model_put(model *m, size_t output, const float *w, size_t stride) {
    if (!stride) stride = 1;
    for (size_t c = 0; c < m->index.n; c++) m->grams[c * m->width + output] = half_of(w[c * stride]);
    w += m->index.n * stride;
    for (size_t i = 0; i <= m->dense; i++) m->of_dense[i * m->width + output] = w[i * stride];
}

float model_weight(const model *m, size_t output, size_t column) {
    return of_half(m->grams[column * m->width + output]);
}

static void add_line(quad *sum, const uint16_t *line, size_t width, float weight) {
    const quad v = {weight, weight, weight, weight};
    const bits4 up = {1 << 16, 1 << 16, 1 << 16, 1 << 16}; // a product is a shift, which the analyzer misreads
    for (size_t k = 0; k < width; k += LINE, sum += 2, line += LINE) {
        half4 lo, hi;
        memcpy(&lo, line, sizeof lo);
        memcpy(&hi, line + 4, sizeof hi);
        const bits4 l = __builtin_convertvector(lo, bits4) * up, h = __builtin_convertvector(hi, bits4) * up;
        sum[0] += (quad)l * v;
        sum[1] += (quad)h * v;
    }
}

static void add_dense(quad *sum, const float *line, size_t width, float x) {
    const quad v = {x, x, x, x};
    for (size_t k = 0; k < width; k += 4) *sum++ += *(const quad *)(const void *)(line + k) * v;
}

void model_score(const model *m, arena scratch, model_input in, float *out) {
    gram_weight *w = make(&scratch, gram_weight, in.g.n + 1);
    quad *sum = arena_alloc(&scratch, sizeof(quad), 16, m->width / 4);
    const size_t n = grams_weigh(&m->index, in.g, w);
    for (size_t i = 0; i < n; i++) add_line(sum, m->grams + w[i].column * m->width, m->width, w[i].weight);
    for (size_t i = 0; in.dense && i < m->dense; i++)
        if (in.dense[i] != 0) add_dense(sum, m->of_dense + i * m->width, m->width, in.dense[i]);
    add_dense(sum, m->of_dense + m->dense * m->width, m->width, m->bias);
    if (m->outputs) memcpy(out, sum, m->outputs * sizeof *out);
}

// ---- reasons ----

double model_explain_dense(const model *m, size_t output, const float *dense, size_t from, size_t to) {
    double s = 0;
    for (size_t i = from; dense && i < to; i++) s += (double)dense[i] * m->of_dense[i * m->width + output];
    return s;
}

// A gram's weight is shared by the places where it occurs, and a pair's by its two words.
static void share(const model *m, const gram_places *p, const double *of_gram, model_reasons *r) {
    for (size_t i = 0; i < p->n; i++) {
        const uint32_t at = gram_index_of(&m->index, p->v[i].column);
        if (at == GRAM_UNKNOWN) continue;
        r->part[p->v[i].first] += of_gram[at] / 2;
        r->part[p->v[i].last] += of_gram[at] / 2;
    }
}

model_reasons model_explain(arena *a, const model *m, size_t output, str text, const float *dense) {
    const gram_places p = gram_places_of(a, text);
    model_reasons r = {.piece = p.piece, .part = make(a, double, p.pieces + 1), .pieces = p.pieces};
    arena scratch = *a;
    const grams g = grams_of(&scratch, text);
    gram_weight *w = make(&scratch, gram_weight, g.n + 1);
    const size_t n = grams_weigh(&m->index, g, w);
    double *of_gram = make(&scratch, double, m->index.n + 1);
    uint32_t *times = make(&scratch, uint32_t, m->index.n + 1);
    for (size_t i = 0; i < p.n; i++) {
        const uint32_t at = gram_index_of(&m->index, p.v[i].column);
        if (at != GRAM_UNKNOWN) times[at]++;
    }
    for (size_t i = 0; i < n; i++)
        of_gram[w[i].column] =
            (double)w[i].weight * of_half(m->grams[w[i].column * m->width + output]) / times[w[i].column];
    share(m, &p, of_gram, &r);
    r.dense = model_explain_dense(m, output, dense, 0, m->dense);
    r.bias = (double)m->bias * m->of_dense[m->dense * m->width + output];
    r.score = r.dense + r.bias;
    for (size_t i = 0; i < r.pieces; i++) r.score += r.part[i];
    return r;
}

// ---- stored ----

// Numbers are stored as every machine that heed runs on holds them, lowest byte first.
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "models are stored with the lowest byte first");

void model_write(buf *b, const model *m) {
    buf_varint(b, m->dense);
    buf_varint(b, m->outputs);
    buf_bytes(b, &m->bias, sizeof m->bias);
    gram_index_write(b, &m->index);
    for (size_t c = 0; c < m->index.n; c++) buf_bytes(b, m->grams + c * m->width, m->outputs * sizeof *m->grams);
    for (size_t i = 0; i <= m->dense; i++) buf_bytes(b, m->of_dense + i * m->width, m->outputs * sizeof *m->of_dense);
}

static bool take(str *rest, void *out, size_t n) {
    if (rest->len < n) return false;
    if (n) memcpy(out, rest->s, n);
    *rest = str_sub(*rest, n, rest->len - n);
    return true;
}

enum { DENSE_MOST = 1 << 14 };

static bool sound(const model *m) {
    for (size_t i = 0; i < m->index.n * m->width; i++)
        if (!(fabsf(of_half(m->grams[i])) < 1e6f)) return false;
    for (size_t i = 0; i < (m->dense + 1) * m->width; i++)
        if (!(fabsf(m->of_dense[i]) < 1e6f)) return false;
    return fabsf(m->bias) < 1e6f;
}

bool model_read(arena *a, str *rest, model *m) {
    uint64_t dense, outputs;
    gram_index index;
    float bias;
    *m = (model){0};
    if (!buf_read_varint(rest, &dense) || dense > DENSE_MOST || !buf_read_varint(rest, &outputs) ||
        outputs > MODEL_MOST || !take(rest, &bias, sizeof bias) || !gram_index_read(a, rest, &index) ||
        rest->len < outputs * (index.n * sizeof(uint16_t) + (dense + 1) * sizeof(float)))
        return false;
    *m = empty(a, index, dense, outputs, bias);
    for (size_t c = 0; c < index.n; c++) (void)take(rest, m->grams + c * m->width, outputs * sizeof *m->grams);
    for (size_t i = 0; i <= dense; i++) (void)take(rest, m->of_dense + i * m->width, outputs * sizeof *m->of_dense);
    return sound(m);
}
