#include <math.h>

#include "text/encoder.h"

#include "text/floats.h"
#include "text/matmul.h"
#include "text/pieces.h"

// Universal Sentence Encoder lite: two transformer layers over pieces of words, whose mean goes through one dense
// layer (Cer et al. 2018, https://arxiv.org/abs/1803.11175; the graph is that of the package named in the pack).
enum { VOCABULARY = 8002, NARROW = 256, WIDE = 512, HIDDEN = 1536, HEADS = 4, LAYERS = 2, LONGEST = 128, ROWS = 512 };
_Static_assert((int)WIDE == (int)EMBEDDING, "the last layer gives the vector");

typedef struct {
    int size;
    const float *scale, *bias;
} norm;

typedef struct {
    int size;
    norm before;
    matrix qkv, joined, through; // through: how what came in is added to what goes on, where sizes differ
    norm between;
    matrix up, down;
} layer;

struct encoder {
    const pieces *vocabulary;
    const float *scales;    // of the rows below
    const int16_t *vectors; // of the pieces
    float *position;        // LONGEST × NARROW
    layer layers[LAYERS];
    matrix last;
};

// ---- opening ----

typedef struct {
    arena *a;
    const char *at;
    size_t left;
} reader;

static const void *take(reader *r, size_t bytes) {
    if (bytes > r->left) return r->left = 0, r->at = NULL, NULL;
    const void *p = r->at;
    if (p) r->at += bytes, r->left -= bytes;
    return p;
}

static const float *take_floats(reader *r, int n) {
    return take(r, (size_t)n * sizeof(float));
}

static norm take_norm(reader *r, int size) {
    const float *scale = take_floats(r, size);
    return (norm){size, scale, take_floats(r, size)};
}

static matrix take_matrix(reader *r, size_t in, size_t out) {
    const float *scale = take_floats(r, (int)out);
    const int16_t *q = take(r, in * out * sizeof *q);
    return (matrix){in, out, q, scale, take_floats(r, (int)out)};
}

static layer take_layer(reader *r, int size) {
    layer l = {.size = size};
    l.before = take_norm(r, size);
    l.qkv = take_matrix(r, (size_t)size, 3 * (size_t)size);
    l.joined = take_matrix(r, (size_t)size, WIDE);
    if (size != WIDE) l.through = take_matrix(r, (size_t)size, WIDE);
    l.between = take_norm(r, WIDE);
    l.up = take_matrix(r, WIDE, HIDDEN);
    l.down = take_matrix(r, HIDDEN, WIDE);
    return l;
}

// Where a piece stands: sines and cosines of falling frequency (Vaswani et al. 2017).
static float *positions(arena *a, const float *frequency) {
    float *out = make(a, float, LONGEST *NARROW);
    for (int p = 0; p < LONGEST; p++)
        for (int i = 0; i < NARROW / 2; i++) {
            out[p * NARROW + i] = sinf((float)p * frequency[i]);
            out[p * NARROW + NARROW / 2 + i] = cosf((float)p * frequency[i]);
        }
    return out;
}

encoder *encoder_open(arena *a, const pack *p) {
    str bytes;
    const pieces *vocabulary = pieces_open(a, p);
    if (!vocabulary || pieces_count(vocabulary) > VOCABULARY || !pack_section(p, S("encoder"), &bytes)) return NULL;
    reader r = {a, bytes.s, bytes.len};
    encoder *enc = make(a, encoder, 1);
    enc->vocabulary = vocabulary;
    enc->scales = take_floats(&r, VOCABULARY);
    enc->vectors = take(&r, VOCABULARY * NARROW * sizeof *enc->vectors);
    const float *frequency = take_floats(&r, NARROW / 2);
    if (!frequency) return NULL;
    enc->position = positions(a, frequency);
    enc->layers[0] = take_layer(&r, NARROW);
    enc->layers[1] = take_layer(&r, WIDE);
    enc->last = take_matrix(&r, WIDE, EMBEDDING);
    return enc->last.bias && !r.left ? enc : NULL;
}

const char *encoder_make(const encoder *enc) {
    (void)enc;
    return "use-lite 1";
}

size_t encoder_pieces(const encoder *enc, arena scratch, str text, uint16_t *ids, size_t max) {
    return pieces_of(enc->vocabulary, scratch, text, ids, max);
}

// ---- one step each ----

typedef struct {
    int at, n; // rows of a text
} stretch;

// Ba, Kiros & Hinton 2016.
static void norm_apply(const norm *l, const float *x, size_t rows, float *y) {
    for (size_t r = 0; r < rows; r++, x += l->size, y += l->size) {
        float mean = 0, spread = 0;
        for (int i = 0; i < l->size; i++) mean += x[i];
        mean /= (float)l->size;
        for (int i = 0; i < l->size; i++) spread += (x[i] - mean) * (x[i] - mean);
        const float k = 1 / sqrtf(spread / (float)l->size + 1e-6F);
        for (int i = 0; i < l->size; i++) y[i] = (x[i] - mean) * k * l->scale[i] + l->bias[i];
    }
}

static void soften(float *x, int n) {
    float most = x[0], sum = 0;
    for (int i = 1; i < n; i++) most = MAX(most, x[i]);
    for (int i = 0; i < n; i++) sum += x[i] = expf(x[i] - most);
    for (int i = 0; i < n; i++) x[i] /= sum;
}

// Every piece of a text looks at every other, in four ways (Vaswani et al. 2017).
static void attend(const float *qkv, stretch t, int size, float *weights, float *out) {
    const int head = size / HEADS, step = 3 * size;
    const float *first = qkv + (size_t)t.at * (size_t)step;
    const float k = 1 / sqrtf((float)head);
    for (int h = 0; t.n && h < HEADS; h++) {
        const float *q = first + h * head;
        for (int r = 0; r < t.n; r++) {
            float *w = weights + r * t.n, *y = out + (t.at + r) * size + h * head;
            for (int c = 0; c < t.n; c++) w[c] = k * floats_dot(q + r * step, q + size + c * step, (size_t)head);
            soften(w, t.n);
            memset(y, 0, (size_t)head * sizeof *y);
            for (int c = 0; c < t.n; c++) floats_add(y, w[c], q + 2 * size + c * step, (size_t)head);
        }
    }
}

// ---- a batch ----

// What is being computed: the texts' pieces below one another, without gaps.
typedef struct {
    stretch *texts;
    size_t n;
    int rows;
    float *x, *y;   // rows × WIDE
    float *large;   // rows × HIDDEN, which is also three times WIDE
    float *weights; // LONGEST × LONGEST
} batch;

// No piece is shorter than a byte, and one stands for the blank before the text.
static size_t most_pieces(str text) {
    return MIN(text.len + 1, (size_t)LONGEST);
}

static batch batch_new(arena *a, const str *texts, size_t n) {
    size_t rows = 0, longest = 0;
    for (size_t i = 0; i < n; i++) {
        const size_t most = most_pieces(texts[i]);
        longest = MAX(longest, most);
        rows = MIN(rows + most, (size_t)ROWS);
    }
    return (batch){
        .texts = make(a, stretch, MIN(n, (size_t)ROWS)),
        .x = make(a, float, rows *WIDE),
        .y = make(a, float, MAX(rows, MIN(n, (size_t)ROWS)) * WIDE),
        .large = make(a, float, rows *HIDDEN),
        .weights = make(a, float, longest *longest),
    };
}

// In the graph a piece's vector is added twice.
static void place(const encoder *enc, uint16_t id, int position, float *x) {
    const int16_t *q = enc->vectors + (size_t)id * NARROW;
    const float *p = enc->position + position * NARROW;
    const float scale = 2 * enc->scales[id];
    for (int i = 0; i < NARROW; i++) x[i] = (float)q[i] * scale + p[i];
}

static void layer_apply(const layer *l, batch *b) {
    const size_t rows = (size_t)b->rows;
    norm_apply(&l->before, b->x, rows, b->y);
    matmul(&l->qkv, b->y, rows, false, b->large);
    for (size_t i = 0; i < b->n; i++) attend(b->large, b->texts[i], l->size, b->weights, b->y);
    float *sum = b->x;
    if (l->through.q) {
        sum = b->large;
        matmul(&l->through, b->x, rows, false, sum);
    }
    matmul(&l->joined, b->y, rows, true, sum);
    if (sum != b->x) memcpy(b->x, sum, rows * WIDE * sizeof *sum);
    norm_apply(&l->between, b->x, rows, b->y);
    matmul(&l->up, b->y, rows, false, b->large);
    for (size_t i = 0; i < rows * HIDDEN; i++) b->large[i] = MAX(b->large[i], 0);
    matmul(&l->down, b->large, rows, true, b->x);
}

static void to_length_one(float *v) {
    double sum = 0;
    for (int i = 0; i < EMBEDDING; i++) sum += (double)v[i] * v[i];
    const float k = sum > 0 ? (float)(1 / sqrt(sum)) : 0;
    for (int i = 0; i < EMBEDDING; i++) v[i] *= k;
}

// Empty stretches give zeros.
static void finish(const encoder *enc, batch *b, float *out) {
    float *mean = b->y;
    memset(mean, 0, b->n * WIDE * sizeof *mean);
    for (size_t t = 0; t < b->n; t++)
        for (int r = 0; r < b->texts[t].n; r++)
            for (int i = 0; i < WIDE; i++)
                mean[t * WIDE + (size_t)i] += b->x[(b->texts[t].at + r) * WIDE + i] / (float)b->texts[t].n;
    matmul(&enc->last, mean, b->n, false, out);
    for (size_t t = 0; t < b->n; t++) {
        float *v = out + t * EMBEDDING;
        for (int i = 0; i < EMBEDDING; i++) v[i] = b->texts[t].n ? tanhf(v[i]) : 0;
        to_length_one(v);
    }
}

static void run(const encoder *enc, batch *b, float *out) {
    for (int i = 0; b->rows && i < LAYERS; i++) layer_apply(&enc->layers[i], b);
    if (b->n) finish(enc, b, out);
    b->n = 0;
    b->rows = 0;
}

static bool says_something(const pieces *p, const uint16_t *ids, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (ids[i] >= PIECES_FIRST && !str_eq(pieces_text(p, ids[i]), S("▁"))) return true;
    return false;
}

// Names of accounts and addresses say nothing, and the encoder takes them for words.
static str without_names(arena *a, str x) {
    static const char *const begins[] = {"@", "http://", "https://"};
    char *s = NULL;
    size_t n = 0;
    for (size_t i = 0, to; i < x.len; i = to) {
        for (to = i; to < x.len && x.s[to] != ' '; to++) {
        }
        const str piece = str_sub(x, i, to - i);
        bool drop = false;
        for (size_t k = 0; k < COUNT(begins); k++) drop |= piece.len > 1 && str_starts(piece, str_c(begins[k]));
        while (to < x.len && x.s[to] == ' ') to++;
        if (drop && !s) s = make(a, char, x.len), memcpy(s, x.s, n = i);
        if (!drop && s) memcpy(s + n, x.s + i, to - i), n += to - i;
    }
    return s ? (str){s, n} : x;
}

void encoder_embed(const encoder *enc, arena scratch, const str *texts, size_t n, float *out) {
    batch b = batch_new(&scratch, texts, n);
    for (size_t i = 0; i < n; i++) {
        uint16_t ids[LONGEST];
        arena brief = scratch;
        const str text = without_names(&brief, texts[i]);
        size_t length = pieces_of(enc->vocabulary, brief, text, ids, most_pieces(text));
        if (!says_something(enc->vocabulary, ids, length)) length = 0;
        if (b.n == ROWS || b.rows + (int)length > ROWS) {
            const size_t from = i - b.n;
            run(enc, &b, out + from * EMBEDDING);
        }
        for (size_t k = 0; k < length; k++) place(enc, ids[k], (int)k, b.x + (b.rows + (int)k) * NARROW);
        b.texts[b.n++] = (stretch){b.rows, (int)length};
        b.rows += (int)length;
    }
    const size_t from = n - b.n;
    run(enc, &b, out + from * EMBEDDING);
}

// ---- views ----

// The word of each piece: a piece with the mark of a blank begins one. Pieces before the first word are its own.
static void words_of_pieces(const pieces *p, const uint16_t *ids, size_t n, uint32_t *word) {
    uint32_t at = 0;
    for (size_t i = 0; i < n; i++) {
        at += i > 0 && str_starts(pieces_text(p, ids[i]), S("▁"));
        word[i] = at;
    }
}

void encoder_views(const encoder *enc, arena scratch, const str *words, size_t n, const float *weights, size_t views,
                   float *out) {
    size_t len = 0;
    for (size_t i = 0; i < n; i++) len += words[i].len + 1;
    buf text = buf_new(&scratch, len + 1);
    for (size_t i = 0; i < n; i++) buf_fmt(&text, "%s%.*s", i ? " " : "", STR_ARG(words[i]));
    const str all = buf_str(&text);
    uint16_t ids[LONGEST];
    uint32_t word[LONGEST];
    batch b = batch_new(&scratch, &all, 1);
    float *mean = make(&scratch, float, views *WIDE);
    const size_t length = pieces_of(enc->vocabulary, scratch, all, ids, most_pieces(all));
    words_of_pieces(enc->vocabulary, ids, length, word);
    for (size_t k = 0; k < length; k++) place(enc, ids[k], (int)k, b.x + k * NARROW);
    b.texts[0] = (stretch){0, (int)length};
    b.n = 1, b.rows = (int)length;
    for (int i = 0; b.rows && i < LAYERS; i++) layer_apply(&enc->layers[i], &b);
    for (size_t v = 0; v < views; v++) {
        float sum = 0;
        for (size_t k = 0; k < length; k++) sum += word[k] < n ? weights[v * n + word[k]] : 0;
        for (size_t k = 0; k < length && sum > 0; k++)
            if (word[k] < n && weights[v * n + word[k]] != 0)
                floats_add(mean + v * WIDE, weights[v * n + word[k]] / sum, b.x + k * WIDE, WIDE);
    }
    matmul(&enc->last, mean, views, false, out);
    for (size_t v = 0; v < views; v++) {
        bool any = false;
        for (size_t i = 0; i < n; i++) any |= weights[v * n + i] != 0;
        for (int i = 0; i < EMBEDDING; i++)
            out[v * EMBEDDING + (size_t)i] = any ? tanhf(out[v * EMBEDDING + (size_t)i]) : 0;
        to_length_one(out + v * EMBEDDING);
    }
}

// ---- stored form ----

// A number of a vector of length one is about 0.044; 512 steps to one lose nothing that matters, and one scale for all
// vectors makes their product a sum of whole numbers.
#define STEPS 512.0F

void embedding_pack(const float *v, int8_t *out) {
    for (int i = 0; i < EMBEDDING; i++) out[i] = (int8_t)lrintf(fminf(fmaxf(v[i] * STEPS, -127), 127));
}

void embedding_unpack(const int8_t *v, float *out) {
    for (int i = 0; i < EMBEDDING; i++) out[i] = (float)v[i];
    to_length_one(out);
}

float embedding_dot(const int8_t *x, const int8_t *y) {
    int32_t sum = 0;
    for (int i = 0; i < EMBEDDING; i++) sum += x[i] * y[i];
    return (float)sum / (STEPS * STEPS);
}

float embedding_cosine(const float *x, const float *y) {
    double xy = 0, xx = 0, yy = 0;
    for (int i = 0; i < EMBEDDING; i++) xy += (double)x[i] * y[i], xx += (double)x[i] * x[i], yy += (double)y[i] * y[i];
    return xx > 0 && yy > 0 ? (float)(xy / sqrt(xx * yy)) : 0;
}

bool embedding_none(const int8_t *v) {
    for (int i = 0; i < EMBEDDING; i++)
        if (v[i]) return false;
    return true;
}
