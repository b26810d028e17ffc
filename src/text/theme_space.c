#include <math.h>

#include "base/rng.h"
#include "text/floats.h"
#include "text/theme_inside.h"

enum {
    LEARNED_FROM = 20, // texts from which on the mean is believed by half
    SPARE = 20,        // directions more than are kept, so that those are found well
    ROUNDS = 5,
    LONG_NUMBER = 4,
};

// ---- tables of small numbers ----

static theme_table table_new(arena *a, size_t rows, size_t width) {
    return (theme_table){rows, width, make(a, int8_t, rows * width + 1), make(a, float, rows + 1),
                         make(a, float, rows *width + 1)};
}

static void table_spread(theme_table *t) {
    for (size_t i = 0; i < t->rows; i++)
        for (size_t k = 0; k < t->width; k++) t->v[i * t->width + k] = (float)t->q[i * t->width + k] * t->scale[i];
}

// What is used is what is kept, so that a model that was read again decides alike.
static void table_round(theme_table *t) {
    for (size_t i = 0; i < t->rows; i++) {
        float most = 0;
        for (size_t k = 0; k < t->width; k++) most = fmaxf(most, fabsf(t->v[i * t->width + k]));
        t->scale[i] = most / 127;
        for (size_t k = 0; k < t->width; k++)
            t->q[i * t->width + k] = most > 0 ? (int8_t)lrintf(t->v[i * t->width + k] / t->scale[i]) : 0;
    }
    table_spread(t);
}

static void table_write(buf *b, const theme_table *t) {
    buf_bytes(b, t->scale, t->rows * sizeof *t->scale);
    buf_bytes(b, t->q, t->rows * t->width);
}

static bool take(str *rest, void *out, size_t n) {
    if (rest->len < n) return false;
    if (n) memcpy(out, rest->s, n);
    *rest = str_sub(*rest, n, rest->len - n);
    return true;
}

static bool table_read(arena *a, str *rest, theme_table *t, size_t rows, size_t width) {
    if (rest->len < rows * (width + sizeof *t->scale)) return false;
    *t = table_new(a, rows, width);
    if (!take(rest, t->scale, rows * sizeof *t->scale) || !take(rest, t->q, rows * width)) return false;
    for (size_t i = 0; i < rows; i++)
        if (!(t->scale[i] >= 0 && t->scale[i] < 1e3f)) return false;
    table_spread(t);
    return true;
}

// ---- meaning ----

static bool has_vector(const theme_text *x) {
    return x->vector && !embedding_none(x->vector);
}

// The mean says what all are about and nothing of their differences. Of few texts it is believed in part.
static size_t learn_mean(theme_space *s, const theme_text *const *x, size_t n) {
    float v[EMBEDDING];
    size_t seen = 0;
    for (size_t i = 0; i < n; i++) {
        if (!has_vector(x[i])) continue;
        embedding_unpack(x[i]->vector, v);
        floats_add(s->mean, 1, v, EMBEDDING);
        seen++;
    }
    for (size_t k = 0; k < EMBEDDING; k++) s->mean[k] /= (float)(seen + LEARNED_FROM);
    return seen;
}

static void learn_meaning(theme_space *s, arena scratch, const theme_text *const *x, size_t n) {
    float v[EMBEDDING], *strength = make(&scratch, float, THEME_HALF);
    float *spread = make(&scratch, float, EMBEDDING *EMBEDDING);
    const size_t seen = learn_mean(s, x, n);
    s->meaning = seen > 0;
    for (size_t i = 0; i < n; i++) {
        if (!has_vector(x[i])) continue;
        embedding_unpack(x[i]->vector, v);
        floats_add(v, -1, s->mean, EMBEDDING);
        numbers_unit(v, EMBEDDING);
        for (size_t k = 0; k < EMBEDDING; k++) floats_add(spread + k * EMBEDDING, v[k] / (float)seen, v, EMBEDDING);
    }
    if (seen) numbers_directions(scratch, spread, EMBEDDING, MIN(seen, (size_t)THEME_HALF), s->turn.v, strength);
    table_round(&s->turn);
}

// ---- letters ----

typedef struct {
    size_t n, columns;
    size_t *start; // n + 1
    gram_weight *cells;
} sparse;

// Without long numbers: those of orders and customers bring together what has nothing in common but them.
static str without_numbers(arena *a, str text) {
    char *s = make(a, char, text.len + 1);
    size_t n = 0;
    for (size_t i = 0, end; i < text.len; i = end) {
        end = i;
        while (end < text.len && text.s[end] >= '0' && text.s[end] <= '9') end++;
        if (end - i >= LONG_NUMBER) {
            s[n++] = '0';
        } else {
            end = MAX(end, i + 1);
            memcpy(s + n, text.s + i, end - i);
            n += end - i;
        }
    }
    return (str){s, n};
}

static grams read_grams(arena *a, str text) {
    size_t cut = MIN(text.len, (size_t)THEME_READ);
    while (cut && cut < text.len && (text.s[cut] & 0xC0) == 0x80) cut--;
    return grams_of(a, without_numbers(a, str_sub(text, 0, cut)));
}

// Runs of letters that two texts and more have; when those are too many, that more texts have.
static gram_index learn_index(arena *a, const gram_counts *c, size_t n) {
    uint32_t least = n < LEARNED_FROM ? 1 : 2;
    for (;; least++) {
        size_t columns = 0;
        for (size_t i = GRAM_COLUMNS / 2; i < GRAM_COLUMNS; i++) columns += c->of[i] >= least;
        if (columns <= THEME_COLUMNS) break;
    }
    return gram_index_new(a, c, least);
}

static sparse weigh_all(arena *a, gram_index *index, arena *kept, const theme_text *const *x, size_t n) {
    gram_counts c = gram_counts_new(a);
    grams *g = make(a, grams, n + 1);
    sparse m = {.n = n, .start = make(a, size_t, n + 1)};
    size_t all = 0;
    for (size_t i = 0; i < n; i++) {
        g[i] = read_grams(a, x[i]->text);
        size_t kept_grams = 0;
        for (size_t k = 0; k < g[i].n; k++)
            if (GRAM_LETTERS(GRAM_COLUMN(g[i].v[k]))) g[i].v[kept_grams++] = g[i].v[k];
        all += g[i].n = kept_grams;
        gram_counts_add(&c, g[i], 1);
    }
    *index = learn_index(kept, &c, n);
    m.columns = index->n;
    m.cells = make(a, gram_weight, all + 1);
    for (size_t i = 0; i < n; i++) m.start[i + 1] = m.start[i] + grams_weigh(index, g[i], m.cells + m.start[i]);
    return m;
}

// y = m x and z = mᵀ y, for rows of `wide` numbers.
static void down(const sparse *m, const float *x, size_t wide, float *y) {
    memset(y, 0, m->n * wide * sizeof *y);
    for (size_t i = 0; i < m->n; i++)
        for (size_t k = m->start[i]; k < m->start[i + 1]; k++)
            floats_add(y + i * wide, m->cells[k].weight, x + m->cells[k].column * wide, wide);
}

static void across(const sparse *m, const float *y, size_t wide, float *z) {
    memset(z, 0, m->columns * wide * sizeof *z);
    for (size_t i = 0; i < m->n; i++)
        for (size_t k = m->start[i]; k < m->start[i + 1]; k++)
            floats_add(z + m->cells[k].column * wide, m->cells[k].weight, y + i * wide, wide);
}

static void turn_over(const float *x, size_t rows, size_t columns, float *y) {
    for (size_t i = 0; i < rows; i++)
        for (size_t k = 0; k < columns; k++) y[k * rows + i] = x[i * columns + k];
}

// Columns of y made orthonormal.
static void straighten(arena scratch, float *y, size_t n, size_t wide) {
    float *t = make(&scratch, float, n *wide + 1);
    turn_over(y, n, wide, t);
    numbers_orthonormal(t, wide, n);
    turn_over(t, wide, n, y);
}

// The strongest right singular vectors of the weights (Halko, Martinsson & Tropp 2011): columns × THEME_HALF.
static void learn_letters(theme_space *s, arena scratch, const sparse *m) {
    const size_t wide = MIN(MIN((size_t)THEME_HALF + SPARE, m->n), m->columns);
    if (!wide) return;
    rng r = rng_seed(2);
    float *y = make(&scratch, float, m->n *wide), *z = make(&scratch, float, m->columns *wide);
    double *small = make(&scratch, double, wide *wide), *v = make(&scratch, double, wide *wide);
    double *value = make(&scratch, double, wide);
    for (size_t i = 0; i < m->columns * wide; i++) z[i] = (float)rng_normal(&r, 0, 1);
    for (int round = 0; round < ROUNDS; round++) {
        down(m, z, wide, y);
        straighten(scratch, y, m->n, wide);
        across(m, y, wide, z);
    }
    for (size_t c = 0; c < m->columns; c++)
        for (size_t i = 0; i < wide; i++)
            for (size_t k = 0; k < wide; k++) small[i * wide + k] += (double)z[c * wide + i] * (double)z[c * wide + k];
    numbers_eigen(scratch, small, wide, v, value);
    for (size_t c = 0; c < m->columns; c++)
        for (size_t i = 0; i < MIN(wide, (size_t)THEME_HALF); i++) {
            if (value[i] <= value[0] * 1e-6) continue;
            double sum = 0;
            for (size_t k = 0; k < wide; k++) sum += v[i * wide + k] * (double)z[c * wide + k];
            s->letters.v[c * THEME_HALF + i] = (float)(sum / sqrt(value[i]));
        }
}

theme_space theme_space_learn(arena *a, arena scratch, const theme_text *const *x, size_t n) {
    theme_space s = {.mean = make(a, float, EMBEDDING), .turn = table_new(a, THEME_HALF, EMBEDDING)};
    learn_meaning(&s, scratch, x, n);
    const sparse m = weigh_all(&scratch, &s.index, a, x, n);
    s.letters = table_new(a, s.index.n, THEME_HALF);
    learn_letters(&s, scratch, &m);
    table_round(&s.letters);
    return s;
}

// ---- a text ----

// The part of a meaning that lies in the directions of these texts.
static float meaning_of(const theme_space *s, const int8_t *vector, float *out) {
    float v[EMBEDDING];
    embedding_unpack(vector, v);
    floats_add(v, -1, s->mean, EMBEDDING);
    for (size_t i = 0; i < THEME_HALF; i++) out[i] = floats_dot(v, s->turn.v + i * EMBEDDING, EMBEDDING);
    const float all = floats_dot(v, v, EMBEDDING), kept = floats_dot(out, out, THEME_HALF);
    numbers_unit(out, THEME_HALF);
    return all > 0 ? fminf(1, kept / all) : 0;
}

// The share of its runs of letters that these texts have too.
static float letters_of(const theme_space *s, arena scratch, str text, float *out) {
    const grams g = read_grams(&scratch, text);
    gram_weight *w = make(&scratch, gram_weight, g.n + 1);
    size_t all = 0;
    const size_t n = grams_weigh(&s->index, g, w);
    for (size_t i = 0; i < n; i++)
        floats_add(out, w[i].weight, s->letters.v + (size_t)w[i].column * THEME_HALF, THEME_HALF);
    for (size_t i = 0; i < g.n; i++) all += GRAM_LETTERS(GRAM_COLUMN(g.v[i]));
    numbers_unit(out, THEME_HALF);
    return all ? fminf(1, (float)n / (float)all) : 0;
}

float theme_space_of(const theme_space *s, arena scratch, str text, const int8_t *vector, float *out) {
    const bool meaning = s->meaning && vector && !embedding_none(vector);
    memset(out, 0, THEME_WIDTH * sizeof *out);
    const float meant = meaning ? meaning_of(s, vector, out) : 0;
    const float written = letters_of(s, scratch, text, out + THEME_HALF);
    numbers_unit(out, THEME_WIDTH);
    return sqrtf(meaning ? (meant + written) / 2 : written);
}

void theme_space_write(buf *b, const theme_space *s) {
    buf_varint(b, s->meaning);
    if (s->meaning) buf_bytes(b, s->mean, EMBEDDING * sizeof *s->mean);
    if (s->meaning) table_write(b, &s->turn);
    gram_index_write(b, &s->index);
    table_write(b, &s->letters);
}

static bool read_meaning(arena *a, str *rest, theme_space *s) {
    uint64_t meaning;
    if (!buf_read_varint(rest, &meaning) || meaning > 1) return false;
    s->meaning = meaning;
    if (!meaning) return true;
    s->mean = make(a, float, EMBEDDING);
    if (!take(rest, s->mean, EMBEDDING * sizeof *s->mean)) return false;
    for (size_t i = 0; i < EMBEDDING; i++)
        if (!(fabsf(s->mean[i]) <= 1)) return false;
    return table_read(a, rest, &s->turn, THEME_HALF, EMBEDDING);
}

bool theme_space_read(arena *a, str *rest, theme_space *s) {
    return read_meaning(a, rest, s) && gram_index_read(a, rest, &s->index) && s->index.n <= THEME_COLUMNS &&
           table_read(a, rest, &s->letters, s->index.n, THEME_HALF);
}
