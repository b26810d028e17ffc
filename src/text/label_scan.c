#include "text/label_scan.h"

#include <math.h>

#include "text/floats.h"
#include "text/label_inside.h"

enum { LINE = 4 };
static const double LITTLE = 0.01; // a probability below which nobody asks

typedef float quad __attribute__((vector_size(16)));

// What is known of a column, and in which row it was met last, how often.
typedef struct {
    uint32_t row, times;
    float rarity, weight; // of the first label
} column;

struct label_scan {
    const label_model *m;
    uint32_t *labels;
    size_t n, more; // more: labels beside the first, in whole lines
    column *columns;
    float *weights; // columns × more
    float *dense;   // n × (EMBEDDING or WAVES), for an embedding of length one
    size_t wide;    // numbers of it; 0: places are not known
    float *bias;    // n
    float *most;    // n: what words and letters add at most
    uint32_t row;   // counted, to know what was met in this one
    uint32_t *met;  // columns of the row
    size_t words;   // columns of words, which come first
};

static double logit(double p) {
    return log(p / (1 - p));
}

float label_scan_least(const label_model *m, size_t label, float best) {
    if (!m->several) return best - m->temperature * (float)logit(1 - LITTLE);
    const label_cut *c = &m->cuts[label];
    return c->scale > 0 ? (float)((logit(LITTLE) - c->shift) / c->scale) : -INFINITY;
}

// ---- making ready ----

// Words add at most the length of their weights above zero, and so do letters (Cauchy and Schwarz).
static float most_of(const label_scan *s, size_t label) {
    double square[2] = {0, 0};
    for (size_t c = 0; c < s->m->m.index.n; c++) {
        const double w = fmaxf(model_weight(&s->m->m, label, c), 0);
        square[c >= s->words] += w * w;
    }
    return (float)(sqrt(square[0]) + sqrt(square[1])) * 1.0001f;
}

static void take_label(label_scan *s, size_t k) {
    const model *m = &s->m->m;
    const size_t label = s->labels[k];
    assert(label < s->m->labels);
    for (size_t c = 0; c < m->index.n; c++) {
        const float w = model_weight(m, label, c);
        if (k)
            s->weights[c * s->more + k - 1] = w;
        else
            s->columns[c].weight = w;
    }
    for (size_t i = 0; i < s->wide; i++)
        s->dense[k * s->wide + i] = m->of_dense[i * m->width + label] * (s->m->waves ? 1 : LABEL_EMBEDDING);
    s->bias[k] = m->of_dense[m->dense * m->width + label] * m->bias;
}

label_scan *label_scan_new(arena *a, const label_model *m, const uint32_t *labels, size_t n) {
    label_scan *s = make(a, label_scan, 1);
    const size_t columns = m->m.index.n;
    *s = (label_scan){
        .m = m, .labels = make(a, uint32_t, n + 1), .n = n, .more = n ? (n - 1 + LINE - 1) / LINE * LINE : 0};
    if (n) memcpy(s->labels, labels, n * sizeof *labels);
    s->words = gram_index_words(&m->m.index);
    s->wide = m->waves || m->m.dense == EMBEDDING ? m->m.dense : 0;
    s->columns = arena_alloc(a, sizeof(column), 64, columns + 1);
    s->weights = arena_alloc(a, sizeof(float), 64, columns * s->more + LINE);
    s->dense = arena_alloc(a, sizeof(float), 64, n * s->wide + LINE);
    s->bias = make(a, float, n + 1);
    s->most = make(a, float, n + 1);
    s->met = make(a, uint32_t, columns + 1);
    for (size_t c = 0; c < columns; c++) s->columns[c].rarity = m->m.index.rarity[c];
    for (size_t k = 0; k < n; k++) {
        take_label(s, k);
        s->most[k] = most_of(s, labels[k]);
    }
    return s;
}

// ---- rows ----

static void dense_scores(const label_scan *s, const int8_t *embedding, float *out) {
    memcpy(out, s->bias, s->n * sizeof *out);
    if (!embedding || !s->wide) return;
    if (s->m->waves) {
        float x[EMBEDDING], waves[WAVES];
        for (int i = 0; i < EMBEDDING; i++) x[i] = embedding[i];
        waves_of(x, waves);
        for (size_t k = 0; k < s->n; k++) out[k] += floats_dot(s->dense + k * WAVES, waves, WAVES);
        return;
    }
    int32_t square = 0;
    for (int i = 0; i < EMBEDDING; i++) square += embedding[i] * embedding[i];
    if (!square) return;
    const float scale = 1 / sqrtf((float)square);
    for (size_t k = 0; k < s->n; k++)
        out[k] += scale * floats_dot_bytes(s->dense + k * EMBEDDING, embedding, EMBEDDING);
}

// The columns of a text, each once; how often stands with them.
static inline __attribute__((always_inline)) size_t meet_body(label_scan *s, const gram_columns *g) {
    size_t n = 0;
    for (size_t i = 0; i < g->n; i++) {
        const uint32_t at = gram_index_of(&s->m->m.index, g->v[i]);
        if (at == GRAM_UNKNOWN) continue;
        column *c = &s->columns[at];
        if (c->row != s->row) {
            c->row = s->row;
            c->times = 0;
            s->met[n++] = at;
        }
        c->times++;
    }
    return n;
}

#ifdef __x86_64__
__attribute__((target("popcnt"))) static size_t meet_fast(label_scan *s, const gram_columns *g) {
    return meet_body(s, g);
}
#endif

static size_t meet(label_scan *s, const gram_columns *g) {
    if (!++s->row) { // four thousand million rows later
        for (size_t c = 0; c < s->m->m.index.n; c++) s->columns[c].row = 0;
        s->row = 1;
    }
#ifdef __x86_64__
    if (__builtin_cpu_supports("popcnt")) return meet_fast(s, g);
#endif
    return meet_body(s, g);
}

static float weight_of(const column *c) {
    return c->times == 1 ? c->rarity : (1 + logf((float)MIN(c->times, (1u << GRAM_COUNT_BITS) - 1))) * c->rarity;
}

static void gram_scores(label_scan *s, arena scratch, str text, float *out) {
    const gram_columns g = gram_columns_of(&scratch, text);
    const size_t n = meet(s, &g), lines = s->more / LINE;
    float square[2] = {0}, first[2] = {0};
    quad *sum = arena_alloc(&scratch, sizeof(quad), 16, 2 * lines + 1);
    for (size_t i = 0; i < n; i++) {
        const size_t at = s->met[i];
        const bool letters = at >= s->words;
        const float w = weight_of(&s->columns[at]);
        square[letters] += w * w;
        first[letters] += w * s->columns[at].weight;
        const quad *more = (const quad *)(const void *)(s->weights + at * s->more);
        for (size_t k = 0; k < lines; k++) sum[letters * lines + k] += more[k] * (quad){w, w, w, w};
    }
    for (int part = 0; part < 2; part++) {
        if (!(square[part] > 0)) continue;
        const float scale = 1 / sqrtf(square[part]);
        out[0] += scale * first[part];
        for (size_t k = 1; k < s->n; k++) out[k] += scale * sum[(size_t)part * lines + (k - 1) / LINE][(k - 1) % LINE];
    }
}

static bool any_reaches(const float *scores, const float *more, size_t n, float least) {
    for (size_t k = 0; k < n; k++)
        if (scores[k] + (more ? more[k] : 0) >= least) return true;
    return false;
}

size_t label_scan_rows(label_scan *s, arena scratch, const label_stored *rows, size_t n, float *scores) {
    size_t reached = 0;
    for (size_t i = 0; s->n && i < n; i++) {
        float *out = scores + i * s->n;
        dense_scores(s, rows[i].embedding, out);
        bool reaches = any_reaches(out, s->most, s->n, rows[i].least);
        if (reaches) {
            gram_scores(s, scratch, rows[i].text, out);
            reaches = any_reaches(out, NULL, s->n, rows[i].least);
        }
        for (size_t k = 0; !reaches && k < s->n; k++) out[k] = -INFINITY;
        reached += reaches;
    }
    return reached;
}

label_choice label_scan_choice(const label_scan *s, size_t i, float score) {
    const label_cut *c = &s->m->cuts[s->labels[i]];
    const double sure = 1 / (1 + exp(-(double)(c->scale * score + c->shift)));
    return (label_choice){s->labels[i], score, sure, sure >= c->least};
}
