#include <math.h>

#include "text/label_inside.h"

#include "base/radix.h"
#include "base/rng.h"

enum { ROUNDS = 3, FOLDS = 5, FOLD_MOST = 4000, RARE_FROM = 2000 };

// An embedding counts twice as much as the words or the letters do (measured, docs/text-labels.md).
static const float EMBEDDING_SCALE = 2;

typedef struct {
    str name;
    size_t first_row; // of its definition
} defined;

struct label_learner {
    label_options o;
    arena a; // names
    model_rows *rows;
    list labels;  // defined
    list meaning; // int32_t for each row: the label it defines, or -1 for a message
    list message; // uint32_t: the row of each message
    list records; // label_record
    list scratch; // float: an embedding
    // What was learned last.
    arena fit;
    size_t fit_rows, fit_labels, fit_records, stride;
    gram_index index;
    float *dual; // fit_labels × fit_rows
    float *w;
    int32_t *taught; // for each row what it was taught as by the learner itself, -1 nothing
    label_model model;
};

label_learner *label_learner_new(label_options o) {
    arena a = arena_open(64 << 20);
    label_learner *l = make(&a, label_learner, 1);
    l->o = o;
    if (!(l->o.cost > 0)) l->o.cost = 1;
    if (!(l->o.right > 0)) l->o.right = 0.98;
    l->rows = model_rows_new(o.embedding);
    l->a = a;
    return l;
}

void label_learner_free(label_learner *l) {
    if (!l) return;
    model_rows_free(l->rows);
    list *const lists[] = {&l->labels, &l->meaning, &l->message, &l->records, &l->scratch};
    for (size_t i = 0; i < COUNT(lists); i++) list_free(lists[i]);
    arena_close(&l->fit);
    arena a = l->a;
    arena_close(&a);
}

size_t label_count(const label_learner *l) {
    return l->labels.n;
}

size_t label_messages(const label_learner *l) {
    return l->message.n;
}

static size_t add_row(label_learner *l, str text, const float *embedding, int32_t meaning) {
    const size_t d = l->o.embedding;
    arena scratch = l->a;
    float *x = make(&scratch, float, d + 1);
    for (size_t i = 0; embedding && i < d; i++) x[i] = embedding[i] * EMBEDDING_SCALE;
    *list_add(&l->meaning, int32_t, 1) = meaning;
    return model_rows_add(l->rows, (model_input){grams_of(&scratch, text), x});
}

static str spoken(arena *a, str name) {
    char *s = make(a, char, name.len + 1);
    for (size_t i = 0; i < name.len; i++) s[i] = strchr("_-/.:", name.s[i]) ? ' ' : name.s[i];
    return (str){s, name.len};
}

size_t label_define(label_learner *l, label_text t) {
    const size_t k = l->labels.n, n = 2 + t.n_phrases;
    assert(k < LABELS_MOST);
    *list_add(&l->labels, defined, 1) = (defined){str_dup(&l->a, t.name), model_rows_count(l->rows)};
    arena scratch = arena_open((n + 1) * (sizeof(str) + l->o.embedding * sizeof(float)) + t.name.len + (1 << 16));
    str *texts = make(&scratch, str, n);
    texts[0] = spoken(&scratch, t.name);
    texts[1] = t.about;
    for (size_t i = 0; i < t.n_phrases; i++) texts[2 + i] = t.phrases[i];
    float *v = make(&scratch, float, n * l->o.embedding + 1);
    if (l->o.embed && l->o.embedding) l->o.embed(l->o.ctx, texts, n, v);
    for (size_t i = 0; i < n; i++)
        if (texts[i].len) add_row(l, texts[i], v + i * l->o.embedding, (int32_t)k);
    arena_close(&scratch);
    return k;
}

size_t label_add(label_learner *l, str text, const float *embedding) {
    const size_t row = add_row(l, text, embedding, -1);
    *list_add(&l->message, uint32_t, 1) = (uint32_t)row;
    return l->message.n - 1;
}

void label_say(label_learner *l, size_t message, size_t label, enum label_answer answer) {
    assert(message < l->message.n && label < l->labels.n);
    *list_add(&l->records, label_record, 1) = (label_record){(uint32_t)message, (uint16_t)label, (uint8_t)answer};
}

void label_done(label_learner *l, size_t message) {
    assert(message < l->message.n);
    *list_add(&l->records, label_record, 1) = (label_record){(uint32_t)message, LABELS_MOST, ANSWER_no};
}

void label_forget(label_learner *l, size_t message) {
    model_rows_drop(l->rows, list_of(&l->message, uint32_t)[message]);
}

// ---- what is taught ----

// Truth of every row by what was said: rows × labels.
static void read_records(const label_learner *l, int8_t *truth) {
    const size_t K = l->labels.n;
    const label_record *r = list_of(&l->records, label_record);
    for (size_t i = 0; i < l->records.n; i++) {
        int8_t *of = truth + list_of(&l->message, uint32_t)[r[i].message] * K;
        const bool yes = r[i].answer == ANSWER_yes;
        if (r[i].label == LABELS_MOST) {
            for (size_t k = 0; k < K; k++)
                if (of[k] != 1) of[k] = -1;
            continue;
        }
        if (yes && !l->o.several) memset(of, -1, K);
        of[r[i].label] = yes ? 1 : r[i].answer == ANSWER_no ? -1 : 0;
    }
}

typedef struct {
    label_learner *l;
    const linear_data *d;
    size_t K, N, stride;
    int8_t *truth;     // N × K
    int32_t *taught;   // N
    float *sure;       // N: how much what it was taught counts
    float *y, *cost;   // K × N
    float *dual;       // K × N
    float *w;          // (columns + dense + 1) × stride
    linear_task *task; // K
} lesson;

static double envd(const char *n, double d) {
    const char *v = getenv(n);
    return v ? strtod(v, NULL) : d;
}

static void set_targets(lesson *s) {
    const int32_t *meaning = list_of(&s->l->meaning, int32_t);
    const float cost = (float)s->l->o.cost;
    const float CD = (float)envd("CD", 1), CP = (float)envd("CP", 0.5);
    for (size_t k = 0; k < s->K; k++)
        for (size_t i = 0; i < s->N; i++) {
            const int8_t t = s->truth[i * s->K + k];
            float y = t, c = t ? cost : 0;
            if (meaning[i] >= 0) y = meaning[i] == (int32_t)k ? 1 : -1, c = cost * CD;
            if (!t && s->taught[i] >= 0) y = s->taught[i] == (int32_t)k ? 1 : -1, c = cost * CP * s->sure[i];
            s->y[k * s->N + i] = y;
            s->cost[k * s->N + i] = c;
        }
}

static void learn(lesson *s) {
    linear_fit(s->d, s->task, s->K, (linear_terms){.threads = s->l->o.threads, .tolerance = envd("TOL", 0.1)});
}

typedef struct {
    uint32_t row;
    int32_t best;
    float margin;
} guess;

static int by_margin(const void *x, const void *y) {
    const guess *l = x, *r = y;
    if (l->best != r->best) return l->best < r->best ? -1 : 1;
    if (l->margin != r->margin) return l->margin > r->margin ? -1 : 1;
    return l->row < r->row ? -1 : l->row > r->row;
}

static guess guess_row(const lesson *s, size_t row, float *scores) {
    linear_scores(s->d, row, s->w, s->stride, scores);
    guess g = {(uint32_t)row, 0, 0};
    for (size_t k = 1; k < s->K; k++)
        if (scores[k] > scores[g.best]) g.best = (int32_t)k;
    float second = -INFINITY;
    for (size_t k = 0; k < s->K; k++)
        if ((int32_t)k != g.best) second = fmaxf(second, scores[k]);
    g.margin = s->K > 1 ? scores[g.best] - second : scores[0];
    return g;
}

// The surest part of the messages without an answer becomes examples, label by label.
static void teach_itself(lesson *s, arena scratch, double part) {
    const int32_t *meaning = list_of(&s->l->meaning, int32_t);
    guess *g = make(&scratch, guess, s->N + 1);
    float *scores = arena_alloc(&scratch, sizeof(float), 64, s->stride);
    size_t n = 0;
    for (size_t i = 0; i < s->N; i++) {
        s->taught[i] = -1;
        if (meaning[i] < 0 && !s->truth[i * s->K]) g[n++] = guess_row(s, i, scores);
    }
    if (n) qsort(g, n, sizeof *g, by_margin);
    for (size_t from = 0, to; from < n; from = to) {
        for (to = from; to < n && g[to].best == g[from].best; to++) {
        }
        const size_t take = (size_t)ceil((double)(to - from) * part);
        for (size_t i = from; i < from + take; i++) s->taught[g[i].row] = g[i].best, s->sure[g[i].row] = 1;
    }
}

// ---- held out ----

// Scores of answered messages by models that were fitted without them.
static size_t hold_out(const lesson *s, arena *a, float **scores, int8_t **truth) {
    const int32_t *meaning = list_of(&s->l->meaning, int32_t);
    uint32_t *rows = make(a, uint32_t, s->N + 1);
    size_t n = 0;
    for (size_t i = 0; i < s->N; i++) {
        bool any = false;
        for (size_t k = 0; meaning[i] < 0 && k < s->K; k++) any |= s->truth[i * s->K + k] != 0;
        if (any) rows[n++] = (uint32_t)i;
    }
    rng r = rng_seed(7);
    rng_shuffle(&r, rows, n, sizeof *rows);
    const size_t folds = n < 4 ? 0 : FOLDS, per = MIN((n + FOLDS - 1) / FOLDS, (size_t)FOLD_MOST / FOLDS);
    *scores = arena_alloc(a, sizeof(float), 64, (folds * per + 1) * s->stride);
    *truth = make(a, int8_t, (folds * per + 1) * s->K);
    size_t out = 0;
    for (size_t f = 0; f < folds; f++) {
        arena scratch = *a;
        const size_t from = f * per, to = MIN(from + per, n);
        if (from >= to) break;
        float *cost = make(&scratch, float, s->K * s->N);
        float *dual = make(&scratch, float, s->K * s->N);
        memcpy(cost, s->cost, s->K * s->N * sizeof *cost);
        memcpy(dual, s->dual, s->K * s->N * sizeof *dual);
        linear_task *task = make(&scratch, linear_task, s->K);
        float *w = arena_alloc(&scratch, sizeof(float), 64, (s->d->columns + s->d->dense + 1) * s->stride);
        for (size_t k = 0; k < s->K; k++) {
            for (size_t i = from; i < to; i++) cost[k * s->N + rows[i]] = 0;
            task[k] = (linear_task){s->y + k * s->N, cost + k * s->N, dual + k * s->N, w + k, s->stride};
        }
        linear_fit(s->d, task, s->K, (linear_terms){.threads = s->l->o.threads, .tolerance = envd("FTOL", 0.3)});
        for (size_t i = from; i < to; i++, out++) {
            linear_scores(s->d, rows[i], w, s->stride, *scores + out * s->stride);
            memcpy(*truth + out * s->K, s->truth + rows[i] * s->K, s->K);
        }
    }
    return out;
}

// ---- fit ----

static size_t room_of_fit(const label_learner *l, size_t cells) {
    const size_t N = model_rows_count(l->rows), K = l->labels.n + 16;
    const size_t numbers = (GRAM_COLUMNS + l->o.embedding + 1) * K * 3 + N * K * 24;
    return numbers * sizeof(float) + cells + (UINT64_C(64) << 20);
}

static lesson lesson_new(label_learner *l, arena *a) {
    lesson s = {.l = l, .K = l->labels.n, .N = model_rows_count(l->rows)};
    s.stride = (s.K + 3) / 4 * 4;
    s.d = model_matrix(l->rows, &l->index, true);
    s.truth = make(a, int8_t, s.N * s.K + 1);
    s.taught = make(a, int32_t, s.N + 1);
    s.sure = make(a, float, s.N + 1);
    s.y = make(a, float, s.N *s.K + 1);
    s.cost = make(a, float, s.N *s.K + 1);
    s.dual = make(a, float, s.N *s.K + 1);
    s.w = arena_alloc(a, sizeof(float), 64, (s.d->columns + s.d->dense + 1) * s.stride);
    s.task = make(a, linear_task, s.K + 1);
    for (size_t i = 0; i < s.N; i++) s.taught[i] = -1;
    for (size_t k = 0; k < s.K; k++)
        s.task[k] = (linear_task){s.y + k * s.N, s.cost + k * s.N, s.dual + k * s.N, s.w + k, s.stride};
    return s;
}

static void keep_model(label_learner *l, lesson *s, arena *a) {
    label_model *m = &l->model;
    m->several = l->o.several;
    m->labels = s->K;
    m->names = make(a, str, s->K + 1);
    m->cuts = make(a, label_cut, s->K + 1);
    for (size_t k = 0; k < s->K; k++) m->names[k] = list_of(&l->labels, defined)[k].name;
    m->m = model_new(a, l->index, s->d->dense, s->K, s->d->bias);
    for (size_t k = 0; k < s->K; k++) model_put(&m->m, k, s->w + k, s->stride);
}

const label_model *label_fit(label_learner *l) {
    arena a = arena_open(room_of_fit(l, 0));
    l->index = gram_index_new(&a, model_rows_seen(l->rows), model_rows_count(l->rows) >= RARE_FROM ? 2 : 1);
    lesson s = lesson_new(l, &a);
    read_records(l, s.truth);
    // Where the last fit ended is where this one begins.
    for (size_t k = 0; k < MIN(l->fit_labels, s.K); k++)
        memcpy(s.dual + k * s.N, l->dual + k * l->fit_rows, MIN(l->fit_rows, s.N) * sizeof(float));
    set_targets(&s);
    learn(&s);
    if (!l->o.alone && !l->o.several) {
        int R = (int)envd("ROUNDS", ROUNDS);
        for (int round = 1; round <= R; round++) {
            teach_itself(&s, a, envd("PART", 1) * round / R);
            set_targets(&s);
            learn(&s);
        }
    }
    keep_model(l, &s, &a);
    float *scores = NULL;
    int8_t *truth = NULL;
    arena scratch = a;
    const size_t n = envd("TUNE", 1) ? hold_out(&s, &scratch, &scores, &truth) : 0;
    label_tune(scratch, &l->model, &(label_evidence){n, s.K, s.stride, scores, truth, l->o.right});
    l->dual = s.dual;
    l->w = s.w;
    l->taught = s.taught;
    l->fit_rows = s.N;
    l->fit_labels = s.K;
    l->fit_records = l->records.n;
    l->stride = s.stride;
    arena_close(&l->fit);
    l->fit = a;
    return &l->model;
}
