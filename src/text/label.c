#include <math.h>

#include "text/label_inside.h"

#include "base/radix.h"
#include "base/rng.h"

// Rounds of self-training and the part of the messages that the last of them takes, folds for what is held out and how
// many messages that are at most, from how many messages on a gram must occur twice. Measured: docs/text-labels.md.
enum {
    ROUNDS = 4,
    FOLDS = 5,
    FOLD_MOST = 1500,
    FEW_FOLDS_FROM = 3000,
    FEW_FOLDS = 2,
    RARE_FROM = 2000,
    POOL = 3000,
    TAUGHT_FROM = 300,
    TAUGHT_FOLDS = 3,
    EVEN_ROUNDS = 5
};
static const double PART = 0.8, TOLERANCE = 0.3, EVEN_TEMPERATURE = 0.15, EVEN_STRENGTH = 0.5;
static const float COST_OF_NAME = 1, COST_OF_GUESS = 0.5f, COST_OF_SILENCE = 0.3f;

label_learner *label_learner_new(label_options o) {
    arena a = arena_open(64 << 20);
    label_learner *l = make(&a, label_learner, 1);
    l->o = o;
    l->cost = l->o.cost > 0 ? l->o.cost : 1;
    if (!(l->o.right > 0)) l->o.right = 0.98;
    l->rows = model_rows_new(label_dense(o.embedding));
    l->a = a;
    return l;
}

void label_learner_free(label_learner *l) {
    if (!l) return;
    model_rows_free(l->rows);
    list *const lists[] = {&l->labels, &l->meaning, &l->message, &l->records, &l->changed, &l->places};
    for (size_t i = 0; i < COUNT(lists); i++) list_free(lists[i]);
    arena_close(&l->fit);
    arena_close(&l->duals);
    arena a = l->a;
    arena_close(&a);
}

size_t label_count(const label_learner *l) {
    return l->labels.n;
}

str label_defined(const label_learner *l, size_t label) {
    assert(label < l->labels.n);
    return list_of(&l->labels, defined)[label].name;
}

bool label_several(const label_learner *l) {
    return l->o.several;
}

size_t label_messages(const label_learner *l) {
    return l->message.n;
}

void label_waves_of(const int8_t *bytes, float *out) {
    float embedding[EMBEDDING];
    embedding_unpack(bytes, embedding);
    waves_of(embedding, out);
}

size_t label_add_row(label_learner *l, model_input in, const int8_t *bytes, int32_t meaning) {
    if (label_waves(l->o.embedding)) memcpy(list_add(&l->places, int8_t, EMBEDDING), bytes, EMBEDDING);
    *list_add(&l->meaning, int32_t, 1) = meaning;
    return model_rows_add(l->rows, in);
}

// An embedding is learned from as the bytes say it that a store keeps too.
static size_t add_row(label_learner *l, str text, const float *embedding, int32_t meaning) {
    arena scratch = l->a;
    float *x = make(&scratch, float, label_dense(l->o.embedding) + 1);
    int8_t bytes[EMBEDDING] = {0};
    if (embedding && label_waves(l->o.embedding)) {
        embedding_pack(embedding, bytes);
        label_waves_of(bytes, x);
    } else {
        for (size_t i = 0; embedding && i < l->o.embedding; i++) x[i] = embedding[i] * LABEL_EMBEDDING;
    }
    return label_add_row(l, (model_input){grams_of(&scratch, text), x}, bytes, meaning);
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
    const size_t row = list_of(&l->message, uint32_t)[message];
    model_rows_drop(l->rows, row);
    if (label_waves(l->o.embedding)) memset(list_of(&l->places, int8_t) + row * EMBEDDING, 0, EMBEDDING);
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
    float *y, *cost;   // K × N
    float *dual;       // K × N
    float *w;          // (columns + dense + 1) × stride
    linear_task *task; // K
} lesson;

// The truth of a row that a fold leaves out: it neither teaches nor is taught.
enum { LEFT_OUT = 2 };

// What one row says of one label, and how much that counts. The text of a label is an example of it; for the others it
// is none, or, where a message may have several labels, hardly one.
static float target(const lesson *s, size_t row, size_t k, float *cost) {
    const float whole = (float)s->l->cost;
    const int32_t meaning = list_of(&s->l->meaning, int32_t)[row];
    const int8_t t = s->truth[row * s->K + k];
    *cost = 0;
    if (model_rows_dropped(s->l->rows, row) || t == LEFT_OUT) return 0;
    *cost = t ? whole : 0;
    if (t) return t;
    const int32_t is = meaning >= 0 ? meaning : s->taught[row];
    if (is < 0) return 0;
    *cost = whole * (meaning >= 0 ? COST_OF_NAME : COST_OF_GUESS);
    if (is == (int32_t)k) return 1;
    if (s->l->o.several) *cost *= COST_OF_SILENCE;
    return -1;
}

static void set_targets(lesson *s) {
    for (size_t k = 0; k < s->K; k++)
        for (size_t i = 0; i < s->N; i++) s->y[k * s->N + i] = target(s, i, k, &s->cost[k * s->N + i]);
}

static linear_terms terms_of(const label_learner *l) {
    return (linear_terms){.threads = l->o.threads, .tolerance = TOLERANCE};
}

static void learn(lesson *s) {
    linear_fit(s->d, s->task, s->K, terms_of(s->l));
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

// Scores of the messages without an answer, moved so that each label comes as often as it does among the answers: the
// learner would else give everything to the few labels of which it knows most.
static void even_out(const lesson *s, arena scratch, float *scores, size_t n) {
    double *want = make(&scratch, double, s->K + 1), *mass = make(&scratch, double, s->K + 1), total = 0;
    float *p = make(&scratch, float, s->stride + 1), *shift = make(&scratch, float, s->K + 1);
    for (size_t k = 0; k < s->K; k++) {
        want[k] = 1;
        for (size_t i = 0; i < s->N; i++) want[k] += s->truth[i * s->K + k] == 1;
        total += want[k];
    }
    for (int round = 0; round < EVEN_ROUNDS; round++) {
        for (size_t k = 0; k < s->K; k++) mass[k] = 1e-9;
        for (size_t i = 0; i < n; i++) {
            for (size_t k = 0; k < s->K; k++) p[k] = scores[i * s->stride + k] + shift[k];
            label_softmax(p, s->K, (float)EVEN_TEMPERATURE);
            for (size_t k = 0; k < s->K; k++) mass[k] += p[k];
        }
        for (size_t k = 0; k < s->K; k++)
            shift[k] -= (float)(EVEN_STRENGTH * EVEN_TEMPERATURE * log(mass[k] * total / (want[k] * (double)n)));
    }
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < s->K; k++) scores[i * s->stride + k] += shift[k];
}

static guess guess_row(const lesson *s, uint32_t row, const float *scores) {
    guess g = {row, 0, 0};
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
    uint32_t *rows = make(&scratch, uint32_t, s->N + 1);
    size_t n = 0;
    for (size_t i = 0; i < s->N; i++) {
        s->taught[i] = -1;
        if (meaning[i] < 0 && !s->truth[i * s->K]) rows[n++] = (uint32_t)i;
    }
    float *scores = arena_alloc(&scratch, sizeof(float), 64, s->stride * (n + 1));
    for (size_t i = 0; i < n; i++) linear_scores(s->d, rows[i], s->w, s->stride, scores + i * s->stride);
    if (n) even_out(s, scratch, scores, n);
    for (size_t i = 0; i < n; i++) g[i] = guess_row(s, rows[i], scores + i * s->stride);
    if (n) qsort(g, n, sizeof *g, by_margin);
    for (size_t from = 0, to; from < n; from = to) {
        for (to = from; to < n && g[to].best == g[from].best; to++) {
        }
        const size_t take = (size_t)ceil((double)(to - from) * part);
        for (size_t i = from; i < from + take; i++) s->taught[g[i].row] = g[i].best;
    }
}

static bool any_unanswered(const lesson *s) {
    const int32_t *meaning = list_of(&s->l->meaning, int32_t);
    for (size_t i = 0; i < s->N; i++)
        if (meaning[i] < 0 && !s->truth[i * s->K] && !model_rows_dropped(s->l->rows, i)) return true;
    return false;
}

static void teach(lesson *s, arena scratch) {
    for (int round = 1; round <= ROUNDS; round++) {
        teach_itself(s, scratch, PART * round / ROUNDS);
        set_targets(s);
        learn(s);
    }
}

// ---- held out ----

// A lesson without some rows. What the learner taught itself would know their answers: it teaches itself anew, from a
// part of the messages, which is enough to judge it.
static lesson lesson_without(const lesson *s, arena *a, const uint32_t *rows, size_t n) {
    lesson f = *s;
    f.truth = make(a, int8_t, s->N * s->K + 1);
    f.taught = make(a, int32_t, s->N + 1);
    f.y = make(a, float, s->N * s->K + 1);
    f.cost = make(a, float, s->N * s->K + 1);
    f.dual = make(a, float, s->N * s->K + 1);
    f.w = arena_alloc(a, sizeof(float), 64, (s->d->columns + s->d->dense + 1) * s->stride);
    f.task = make(a, linear_task, s->K + 1);
    memcpy(f.truth, s->truth, s->N * s->K);
    for (size_t i = 0; i < n; i++) memset(f.truth + rows[i] * s->K, LEFT_OUT, s->K);
    for (size_t i = 0; i < s->N; i++) f.taught[i] = -1;
    for (size_t k = 0; k < s->K; k++)
        f.task[k] = (linear_task){f.y + k * s->N, f.cost + k * s->N, f.dual + k * s->N, f.w + k, s->stride};
    return f;
}

static void leave_pool(lesson *f) {
    const int32_t *meaning = list_of(&f->l->meaning, int32_t);
    size_t pool = 0, seen = 0;
    for (size_t i = 0; i < f->N; i++) pool += meaning[i] < 0 && !f->truth[i * f->K];
    const size_t step = (pool + POOL - 1) / POOL;
    for (size_t i = 0; i < f->N; i++)
        if (meaning[i] < 0 && !f->truth[i * f->K] && seen++ % step) memset(f->truth + i * f->K, LEFT_OUT, f->K);
}

static void learn_without(const lesson *s, lesson *f, arena scratch, bool taught) {
    if (taught) {
        f->y = make(&scratch, float, s->N * s->K + 1);
        for (size_t k = 0; k < s->K; k++) f->task[k].y = f->y + k * s->N;
        leave_pool(f);
        set_targets(f);
        learn(f);
        teach(f, scratch);
        return;
    }
    memcpy(f->dual, s->dual, s->K * s->N * sizeof *f->dual);
    set_targets(f);
    learn(f);
}

// Scores of answered messages by models that were fitted without them.
static size_t hold_out(const lesson *s, arena *a, bool taught, float **scores, int8_t **truth) {
    const int32_t *meaning = list_of(&s->l->meaning, int32_t);
    uint32_t *rows = make(a, uint32_t, s->N + 1);
    size_t n = 0;
    for (size_t i = 0; i < s->N; i++) {
        bool any = false;
        for (size_t k = 0; meaning[i] < 0 && k < s->K; k++) any |= s->truth[i * s->K + k] != 0;
        if (any && !model_rows_dropped(s->l->rows, i)) rows[n++] = (uint32_t)i;
    }
    rng r = rng_seed(7);
    rng_shuffle(&r, rows, n, sizeof *rows);
    const bool few = n >= FEW_FOLDS_FROM && !s->l->o.several; // thresholds of rare labels need every message
    const size_t folds = n < 4 ? 0 : few ? FEW_FOLDS : taught && n >= TAUGHT_FROM ? TAUGHT_FOLDS : FOLDS;
    const size_t per = few ? MIN((n + FOLDS - 1) / FOLDS, (size_t)FOLD_MOST) : (n + FOLDS - 1) / FOLDS;
    *scores = arena_alloc(a, sizeof(float), 64, (folds * per + 1) * s->stride);
    *truth = make(a, int8_t, (folds * per + 1) * s->K);
    size_t out = 0;
    for (size_t f = 0; f < folds; f++) {
        arena scratch = *a;
        const size_t from = f * per, to = MIN(from + per, n);
        if (from >= to) break;
        lesson without = lesson_without(s, &scratch, rows + from, to - from);
        learn_without(s, &without, scratch, taught);
        for (size_t i = from; i < to; i++, out++) {
            linear_scores(s->d, rows[i], without.w, s->stride, *scores + out * s->stride);
            memcpy(*truth + out * s->K, s->truth + rows[i] * s->K, s->K);
        }
    }
    return out;
}

// ---- after it taught itself ----

enum { ALIGN_MOST = 4000, ALIGN_LEAST = 50 };

static double mean_sure(const lesson *s, const float *scores, size_t n, float temperature, float *sure) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        const float *v = scores + i * s->stride;
        float most = -INFINITY;
        double z = 0;
        for (size_t k = 0; k < s->K; k++) most = fmaxf(most, v[k]);
        for (size_t k = 0; k < s->K; k++) z += exp((v[k] - most) / temperature);
        sure[i] = (float)(1 / z);
        sum += sure[i];
    }
    return sum / (double)n;
}

static int falling(const void *x, const void *y) {
    const float l = *(const float *)x, r = *(const float *)y;
    return (l < r) - (l > r);
}

// The models that judged what was held out had fewer answers and a part of the messages. This one is surer than they
// were: with their temperature it says too much. It is better, too: to be as sure on average as they were right would
// say too little. It takes the middle of both, and gives without asking as large a share as they.
static void align(const lesson *s, arena scratch, label_model *m) {
    float *scores = arena_alloc(&scratch, sizeof(float), 64, (size_t)ALIGN_MOST * s->stride);
    float *sure = make(&scratch, float, ALIGN_MOST);
    size_t n = 0;
    for (size_t i = 0; i < s->N && n < ALIGN_MOST; i++)
        if (s->taught[i] >= 0 || (list_of(&s->l->meaning, int32_t)[i] < 0 && !s->truth[i * s->K]))
            linear_scores(s->d, i, s->w, s->stride, scores + n++ * s->stride);
    if (!n || m->quality.messages < ALIGN_LEAST) return;
    double lo = log(0.01), hi = log(10);
    for (int i = 0; i < 30; i++) {
        const double middle = (lo + hi) / 2;
        *(mean_sure(s, scores, n, (float)exp(middle), sure) > m->quality.accuracy ? &lo : &hi) = middle;
    }
    m->temperature = sqrtf(m->temperature * (float)exp(lo));
    (void)mean_sure(s, scores, n, m->temperature, sure);
    qsort(sure, n, sizeof *sure, falling);
    const size_t given = (size_t)(m->quality.automatic * (double)n);
    m->given = given ? sure[given - 1] : 2;
    m->quality.temperature = m->temperature;
}

// ---- how closely to follow the answers ----

enum { CHOOSE_FROM = 300, CHOOSE_LABELS = 16, CHOOSE_FOLDS = 5, CHOOSE_MOST = 2 };
static const double COSTS[] = {1, 0.3, 0.1, 0.03}, WORSE = 0.01;

// A part of what is to be learned that is large enough to choose by: some labels, and the answered messages that have
// one of them.
typedef struct {
    const lesson *s;
    uint32_t labels[CHOOSE_LABELS];
    size_t n;
    uint32_t *rows; // in no order
    size_t n_rows;
} trial;

static bool in_trial(const trial *t, size_t row) {
    const int8_t *truth = t->s->truth + row * t->s->K;
    if (list_of(&t->s->l->meaning, int32_t)[row] >= 0 || model_rows_dropped(t->s->l->rows, row)) return false;
    for (size_t i = 0; i < t->n; i++)
        if (t->s->l->o.several ? truth[t->labels[i]] != 0 : truth[t->labels[i]] == 1) return true;
    return false;
}

static trial trial_new(const lesson *s, arena *a) {
    trial t = {.s = s, .rows = make(a, uint32_t, s->N + 1)};
    for (size_t k = 0; k < s->K; k += (s->K + CHOOSE_LABELS - 1) / CHOOSE_LABELS) t.labels[t.n++] = (uint32_t)k;
    for (size_t i = 0; i < s->N; i++)
        if (in_trial(&t, i)) t.rows[t.n_rows++] = (uint32_t)i;
    rng r = rng_seed(11);
    rng_shuffle(&r, t.rows, t.n_rows, sizeof *t.rows);
    return t;
}

// Scores of a fold by what the others teach.
static void try_fold(const trial *t, arena scratch, size_t from, size_t to, double factor, float *scores,
                     size_t stride) {
    const lesson *s = t->s;
    linear_task task[CHOOSE_LABELS];
    float *w = arena_alloc(&scratch, sizeof(float), 64, (s->d->columns + s->d->dense + 1) * stride);
    for (size_t k = 0; k < t->n; k++) {
        const float *all = s->cost + t->labels[k] * s->N;
        float *cost = make(&scratch, float, s->N);
        for (size_t i = 0; i < t->n_rows; i++)
            if (i < from || i >= to) cost[t->rows[i]] = all[t->rows[i]] * (float)factor;
        task[k] = (linear_task){s->y + t->labels[k] * s->N, cost, make(&scratch, float, s->N), w + k, stride};
    }
    linear_fit(s->d, task, t->n, terms_of(s->l));
    for (size_t i = from; i < to; i++) linear_scores(s->d, t->rows[i], w, stride, scores + i * stride);
}

static double served(const trial *t, arena scratch, double factor) {
    const lesson *s = t->s;
    const size_t per = t->n_rows / CHOOSE_FOLDS, n = per * CHOOSE_MOST, stride = (t->n + 3) / 4 * 4;
    float *scores = arena_alloc(&scratch, sizeof(float), 64, n * stride);
    int8_t *truth = make(&scratch, int8_t, n * t->n);
    label_model m = {.several = s->l->o.several, .cuts = make(&scratch, label_cut, t->n + 1)};
    for (size_t f = 0; f < CHOOSE_MOST; f++) try_fold(t, scratch, f * per, (f + 1) * per, factor, scores, stride);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < t->n; k++) truth[i * t->n + k] = s->truth[t->rows[i] * s->K + t->labels[k]];
    label_tune(scratch, &m, &(label_evidence){n, t->n, stride, scores, truth, s->l->o.right});
    return m.quality.accuracy;
}

// The cost with which most messages that are held out come out right: from the largest on, until it becomes worse.
static void choose_cost(lesson *s, arena scratch) {
    if (s->l->o.cost > 0) return;
    s->l->cost = 1;
    const trial t = trial_new(s, &scratch);
    if (t.n_rows < CHOOSE_FROM) return;
    set_targets(s);
    double of[COUNT(COSTS)];
    size_t best = 0, n = 0;
    while (n < COUNT(COSTS) && (!n || of[n - 1] >= of[best] - WORSE)) {
        of[n] = served(&t, scratch, COSTS[n]);
        if (of[n] > of[best]) best = n;
        n++;
    }
    s->l->cost = COSTS[best];
    if (best == 0 || best + 1 == n) return;
    // The top of the parabola through the best and those beside it, over the logarithm of the cost.
    const double up = of[best] - of[best - 1], down = of[best] - of[best + 1];
    const double shift = up + down > 0 ? (up - down) / (2 * (up + down)) : 0;
    s->l->cost = COSTS[best] * exp(shift * log(COSTS[best + 1] / COSTS[best]));
}

// ---- fit ----

size_t label_room(const label_learner *l, size_t more) {
    const size_t N = model_rows_count(l->rows), K = l->labels.n + 16;
    const size_t numbers = (GRAM_COLUMNS + label_dense(l->o.embedding) + 1) * K * 3 + N * K * 24;
    return numbers * sizeof(float) + more + (UINT64_C(64) << 20);
}

static lesson lesson_new(label_learner *l, arena *a, bool anew) {
    lesson s = {.l = l, .K = l->labels.n, .N = model_rows_count(l->rows)};
    s.stride = (s.K + 3) / 4 * 4;
    s.d = model_matrix(l->rows, &l->index, anew);
    s.truth = make(a, int8_t, s.N * s.K + 1);
    s.taught = make(a, int32_t, s.N + 1);
    s.y = make(a, float, s.N *s.K + 1);
    s.cost = make(a, float, s.N *s.K + 1);
    s.dual = make(a, float, s.N *s.K + 1);
    if (anew) s.w = arena_alloc(a, sizeof(float), 64, (s.d->columns + s.d->dense + 1) * s.stride);
    s.task = make(a, linear_task, s.K + 1);
    for (size_t i = 0; i < s.N; i++) s.taught[i] = -1;
    for (size_t k = 0; k < s.K; k++)
        s.task[k] = (linear_task){s.y + k * s.N, s.cost + k * s.N, s.dual + k * s.N, s.w ? s.w + k : NULL, s.stride};
    return s;
}

static void keep_model(label_learner *l, lesson *s, arena *a) {
    label_model *m = &l->model;
    m->several = l->o.several;
    m->waves = label_waves(l->o.embedding);
    m->labels = s->K;
    m->names = make(a, str, s->K + 1);
    m->cuts = make(a, label_cut, s->K + 1);
    m->held = m->several ? make(a, label_held, s->K + 1) : NULL;
    for (size_t k = 0; k < s->K; k++) m->names[k] = list_of(&l->labels, defined)[k].name;
    m->m = model_new(a, l->index, s->d->dense, s->K, s->d->bias);
    for (size_t k = 0; k < s->K; k++) model_put(&m->m, k, s->w + k, s->stride);
}

// What the next fit or correction begins with, in memory of its own.
static void keep_lesson(label_learner *l, const lesson *s) {
    arena a = arena_open((s->N * s->K + s->N) * sizeof(float) + (1 << 16));
    float *dual = make(&a, float, s->N * s->K + 1);
    int32_t *taught = make(&a, int32_t, s->N + 1);
    memcpy(dual, s->dual, s->N * s->K * sizeof *dual);
    memcpy(taught, s->taught, s->N * sizeof *taught);
    arena_close(&l->duals);
    l->duals = a;
    l->dual = dual;
    l->taught = taught;
    l->fit_rows = s->N;
    l->fit_labels = s->K;
    l->fit_records = l->records.n;
}

static void tell_changed(label_learner *l, const uint32_t *which, size_t n) {
    l->changed.n = 0;
    uint32_t *v = list_add(&l->changed, uint32_t, n);
    for (size_t i = 0; i < n; i++) v[i] = which ? which[i] : (uint32_t)i;
}

const label_model *label_fit(label_learner *l) {
    arena a = arena_open(label_room(l, 0));
    l->index = gram_index_new(&a, model_rows_seen(l->rows), model_rows_count(l->rows) >= RARE_FROM ? 2 : 1);
    lesson s = lesson_new(l, &a, true);
    read_records(l, s.truth);
    // Where the last fit ended is where this one begins.
    for (size_t k = 0; k < MIN(l->fit_labels, s.K); k++)
        memcpy(s.dual + k * s.N, l->dual + k * l->fit_rows, MIN(l->fit_rows, s.N) * sizeof(float));
    choose_cost(&s, a);
    set_targets(&s);
    learn(&s);
    const bool taught = !l->o.alone && !l->o.several && any_unanswered(&s);
    if (taught) teach(&s, a);
    keep_model(l, &s, &a);
    float *scores = NULL;
    int8_t *truth = NULL;
    arena scratch = a;
    const size_t n = hold_out(&s, &scratch, taught, &scores, &truth);
    label_tune(scratch, &l->model, &(label_evidence){n, s.K, s.stride, scores, truth, l->o.right});
    if (taught) align(&s, scratch, &l->model);
    l->w = s.w;
    l->stride = s.stride;
    arena_close(&l->fit);
    l->fit = a;
    keep_lesson(l, &s);
    tell_changed(l, NULL, s.K);
    return &l->model;
}

const label_model *label_learned(const label_learner *l) {
    return l->fit_labels ? &l->model : NULL;
}

const uint32_t *label_changed(const label_learner *l, size_t *n) {
    *n = l->changed.n;
    return list_of(&l->changed, uint32_t);
}

void label_learn_weights(label_learner *l) {
    arena a = l->fit, scratch = arena_open(label_room(l, 0));
    const linear_data *d = model_matrix(l->rows, &l->index, true);
    const size_t K = l->fit_labels, N = d->rows;
    l->stride = (K + 3) / 4 * 4;
    l->w = arena_alloc(&a, sizeof(float), 64, (d->columns + d->dense + 1) * l->stride);
    float *dual = make(&scratch, float, N + 1);
    for (size_t k = 0; k < K; k++) {
        memcpy(dual, l->dual + k * l->fit_rows, l->fit_rows * sizeof *dual);
        linear_weights(d, dual, l->w + k, l->stride);
    }
    l->fit = a;
    arena_close(&scratch);
}

// ---- corrections ----

// Labels of which a row now says something else than when they were learned.
static size_t changed(label_learner *l, const lesson *s, arena scratch, uint32_t *out) {
    int8_t *before = make(&scratch, int8_t, s->N * s->K + 1);
    bool *is = make(&scratch, bool, s->K + 1);
    const size_t now = l->records.n;
    size_t n = 0;
    l->records.n = l->fit_records;
    read_records(l, before);
    l->records.n = now;
    for (size_t i = 0; i < s->N; i++) {
        const int8_t *was = before + i * s->K, *t = s->truth + i * s->K;
        if (memcmp(was, t, s->K) == 0) continue;
        float *scores = arena_alloc(&scratch, sizeof(float), 64, l->stride);
        linear_scores(s->d, i, l->w, l->stride, scores);
        for (size_t k = 0; k < s->K; k++)
            is[k] |= was[k] != t[k] && (l->o.several || t[k] == 1 || was[k] == 1 || scores[k] > -0.5f);
    }
    for (size_t k = 0; k < s->K; k++)
        if (is[k]) out[n++] = (uint32_t)k;
    return n;
}

const label_model *label_correct(label_learner *l) {
    if (!l->fit.base || l->fit_labels != l->labels.n) return label_fit(l);
    arena scratch = arena_open(label_room(l, 0));
    arena a = scratch;
    lesson s = lesson_new(l, &a, false);
    read_records(l, s.truth);
    uint32_t *which = make(&a, uint32_t, s.K + 1);
    linear_task *task = make(&a, linear_task, s.K + 1);
    memcpy(s.taught, l->taught, l->fit_rows * sizeof *s.taught);
    for (size_t k = 0; k < s.K; k++) memcpy(s.dual + k * s.N, l->dual + k * l->fit_rows, l->fit_rows * sizeof(float));
    set_targets(&s);
    const size_t n = changed(l, &s, a, which);
    for (size_t i = 0; i < n; i++) {
        task[i] = s.task[which[i]];
        task[i].w = l->w + which[i];
    }
    linear_fit(s.d, task, n, terms_of(l));
    for (size_t i = 0; i < n; i++) model_put(&l->model.m, which[i], l->w + which[i], l->stride);
    keep_lesson(l, &s);
    tell_changed(l, which, n);
    arena_close(&scratch);
    return &l->model;
}
