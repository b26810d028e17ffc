// Labels, linear models and n-grams: against slow twins, properties, and a fixed part of Banking77.
#include "../test.h"

#include <math.h>

#include "base/csv.h"
#include "base/input.h"
#include "base/rng.h"
#include "text/encoder.h"
#include "text/intent.h"
#include "text/label_audit.h"
#include "text/label_scan.h"

static arena a;

static int setup(void **state) {
    (void)state;
    a = arena_open(UINT64_C(2) << 30);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    arena_close(&a);
    return 0;
}

// ---- n-grams ----

static void grams_are_words_and_letters(void **state) {
    (void)state;
    // " ab " has 3 runs of two, 2 of three, 1 of four letters; one word.
    assert_int_equal(grams_of(&a, S("ab")).n, 7);
    const grams g = grams_of(&a, S("ab ab"));
    assert_int_equal(g.n, 8); // and the pair
    for (size_t i = 0; i < 7; i++) assert_int_equal(GRAM_COUNT(g.v[i]), 2);
    assert_int_equal(grams_of(&a, S("")).n, 0);
    const grams x = grams_of(&a, S("Ärger")), y = grams_of(&a, S("ärger"));
    assert_int_equal(x.n, y.n);
    assert_memory_equal(x.v, y.v, x.n * sizeof *x.v);
}

static str random_text(rng *r, size_t most) {
    static const char *const pieces[] = {"card",         " ", "a",   "\xC3\xA4", "don't", "  ",
                                         "\xE2\x82\xAC", "!", "pay", "\xFF",     "x.y",   "\n"};
    buf b = buf_new(&a, most * 8 + 64);
    for (int64_t n = rng_range(r, 0, (int64_t)most); n; n--)
        buf_add(&b, str_c(pieces[rng_range(r, 0, COUNT(pieces) - 1)]));
    return buf_str(&b);
}

static int by_number(const void *x, const void *y) {
    const uint32_t l = *(const uint32_t *)x, r = *(const uint32_t *)y;
    return (l > r) - (l < r);
}

static void grams_come_back_from_bytes(void **state) {
    (void)state;
    rng r = rng_seed(1);
    for (int round = 0; round < 300; round++) {
        arena kept = a;
        const grams g = grams_of(&a, random_text(&r, 80));
        buf b = buf_new(&a, 1 << 20);
        grams_pack(&b, g);
        grams back;
        str rest = buf_str(&b);
        assert_true(grams_unpack(&a, &rest, &back));
        assert_int_equal(rest.len, 0);
        assert_int_equal(back.n, g.n);
        if (g.n) qsort(g.v, g.n, sizeof *g.v, by_number);
        if (g.n) assert_memory_equal(back.v, g.v, g.n * sizeof *g.v);
        a.at = kept.at;
    }
}

static void every_place_is_counted(void **state) {
    (void)state;
    rng r = rng_seed(2);
    for (int round = 0; round < 100; round++) {
        const str text = random_text(&r, 60);
        const grams g = grams_of(&a, text);
        const gram_places p = gram_places_of(&a, text);
        size_t sum = 0;
        for (size_t i = 0; i < g.n; i++) sum += GRAM_COUNT(g.v[i]);
        assert_int_equal(sum, p.n);
        for (size_t i = 0; i < p.n; i++) assert_true(p.v[i].first <= p.v[i].last && p.v[i].last < p.pieces);
    }
}

static void weights_have_length_one(void **state) {
    (void)state;
    gram_counts c = gram_counts_new(&a);
    const grams x = grams_of(&a, S("my card has not arrived")), y = grams_of(&a, S("the card is lost"));
    gram_counts_add(&c, x, 1);
    gram_counts_add(&c, y, 1);
    const gram_index ix = gram_index_new(&a, &c, 1);
    gram_weight *w = make(&a, gram_weight, x.n);
    const size_t n = grams_weigh(&ix, x, w);
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += (double)w[i].weight * w[i].weight;
    assert_true(fabs(sum - 2) < 1e-4); // words and letters one each
    gram_counts_add(&c, y, -1);
    assert_int_equal(gram_index_new(&a, &c, 1).n, x.n);
}

// ---- linear ----

typedef struct {
    linear_data d;
    double *full; // rows × (columns + dense + 1)
    size_t width;
} problem;

static problem random_problem(rng *r, size_t rows, size_t columns, size_t dense) {
    problem p = {.width = columns + dense + 1};
    uint32_t *start = make(&a, uint32_t, rows + 1), *cells = make(&a, uint32_t, rows * columns);
    float *unit = make(&a, float, rows), *x = arena_alloc(&a, sizeof(float), 64, rows * dense);
    p.full = make(&a, double, rows *p.width);
    for (size_t i = 0; i < rows; i++) {
        unit[i] = linear_unit(1);
        start[i + 1] = start[i];
        for (size_t c = 0; c < columns; c++) {
            if (!rng_chance(r, 0.3)) continue;
            const uint32_t cell = linear_cell((uint32_t)c, (float)rng_unit(r), unit[i]);
            cells[start[i + 1]++] = cell;
            p.full[i * p.width + c] = (double)(cell & 4095) * unit[i];
        }
        for (size_t k = 0; k < dense; k++)
            p.full[i * p.width + columns + k] = x[i * dense + k] = (float)rng_normal(r, 0, 0.5);
        p.full[i * p.width + columns + dense] = 1;
    }
    p.d = (linear_data){rows, columns, dense, start, cells, unit, x, 1};
    return p;
}

// The primal by plain gradient descent: slow, and not ours to get wrong in the same way.
static void slow(const problem *p, const float *y, const float *cost, bool ridge, double *w) {
    double lipschitz = 1;
    for (size_t i = 0; i < p->d.rows; i++) {
        double q = 0;
        for (size_t k = 0; k < p->width; k++) q += p->full[i * p->width + k] * p->full[i * p->width + k];
        lipschitz += 2 * cost[i] * q;
    }
    double *g = make(&a, double, p->width), *before = make(&a, double, p->width), *at = make(&a, double, p->width);
    memset(w, 0, p->width * sizeof *w);
    for (int step = 1; step < 20000; step++) {
        for (size_t k = 0; k < p->width; k++)
            at[k] = w[k] + (step - 1.0) / (step + 2.0) * (w[k] - before[k]), before[k] = w[k], g[k] = at[k];
        for (size_t i = 0; i < p->d.rows; i++) {
            double s = 0;
            for (size_t k = 0; k < p->width; k++) s += at[k] * p->full[i * p->width + k];
            const double miss = ridge ? s - y[i] : y[i] * s < 1 ? s - y[i] : 0;
            for (size_t k = 0; miss != 0 && k < p->width; k++) g[k] += 2 * cost[i] * miss * p->full[i * p->width + k];
        }
        for (size_t k = 0; k < p->width; k++) w[k] = at[k] - g[k] / lipschitz;
    }
}

static void fits_as_a_slow_twin(bool ridge) {
    rng r = rng_seed(ridge ? 3 : 4);
    const problem p = random_problem(&r, 60, 12, 5);
    enum { TASKS = 19 };
    linear_task t[TASKS];
    double *w = make(&a, double, p.width);
    for (int k = 0; k < TASKS; k++) {
        float *y = make(&a, float, p.d.rows), *cost = make(&a, float, p.d.rows);
        for (size_t i = 0; i < p.d.rows; i++) {
            y[i] = ridge ? (float)rng_normal(&r, 0, 1) : rng_chance(&r, 0.3) ? 1 : -1;
            cost[i] = rng_chance(&r, 0.1) ? 0 : (float)(0.2 + rng_unit(&r));
        }
        t[k] = (linear_task){y, cost, make(&a, float, p.d.rows), make(&a, float, p.width), 1};
    }
    const linear_work work =
        linear_fit(&p.d, t, TASKS, (linear_terms){.ridge = ridge, .tolerance = 1e-4, .passes = 5000, .threads = 2});
    assert_true(work.settled);
    for (int k = 0; k < TASKS; k += 6) {
        slow(&p, t[k].y, t[k].cost, ridge, w);
        for (size_t c = 0; c < p.width; c++)
            if (fabs(w[c] - t[k].w[c]) > 2e-3) fail_msg("task %d weight %zu: %f, slowly %f", k, c, t[k].w[c], w[c]);
    }
    // From where it ended nothing is left to do.
    const linear_work again = linear_fit(&p.d, t, TASKS, (linear_terms){.ridge = ridge, .tolerance = 1e-2});
    assert_int_equal(again.passes, 1);
}

static void hinge_fits_as_a_slow_twin(void **state) {
    (void)state;
    fits_as_a_slow_twin(false);
}

static void ridge_fits_as_a_slow_twin(void **state) {
    (void)state;
    fits_as_a_slow_twin(true);
}

// ---- labels ----

static const char *const said[][2] = {
    {"card", "my card has not arrived"},
    {"card", "where is my new card"},
    {"card", "the card is lost"},
    {"card", "I never got the card"},
    {"card", "send me another card"},
    {"card", "card still missing"},
    {"refund", "I want my money back"},
    {"refund", "where is my refund"},
    {"refund", "please refund the order"},
    {"refund", "refund not received"},
    {"refund", "give me a refund now"},
    {"refund", "money back please"},
    {"praise", "thank you, great service"},
    {"praise", "I love it"},
    {"praise", "great work, thanks"},
    {"praise", "you are great, thanks a lot"},
    {"praise", "lovely people"},
    {"praise", "thanks, all is great"},
};

static label_learner *small_learner(void) {
    static const char *const names[] = {"card", "refund", "praise"};
    label_learner *l = label_learner_new((label_options){0});
    for (size_t k = 0; k < COUNT(names); k++) label_define(l, (label_text){.name = str_c(names[k])});
    for (size_t i = 0; i < COUNT(said); i++) {
        const size_t m = label_add(l, str_c(said[i][1]), NULL);
        for (size_t k = 0; k < COUNT(names); k++)
            if (strcmp(names[k], said[i][0]) == 0) label_say(l, m, k, ANSWER_yes);
    }
    return l;
}

static size_t best(const label_model *m, const char *text) {
    return label_decide(&a, m, str_c(text), NULL).v[0].label;
}

static void labels_are_learned_and_explained(void **state) {
    (void)state;
    label_learner *l = small_learner();
    const label_model *m = label_fit(l);
    assert_int_equal(best(m, "is my card coming?"), 0);
    assert_int_equal(best(m, "I'd like a refund"), 1);
    assert_int_equal(best(m, "thanks, great"), 2);
    const str text = S("please give me a refund for the card");
    for (size_t k = 0; k < 3; k++) {
        const model_reasons r = label_reasons(&a, m, k, text, NULL);
        double sum = r.dense + r.bias;
        for (size_t i = 0; i < r.pieces; i++) sum += r.part[i];
        assert_true(fabs(sum - r.score) < 1e-9);
        const label_choices c = label_decide(&a, m, text, NULL);
        for (size_t i = 0; i < c.n; i++)
            if (c.v[i].label == k) assert_true(fabs((double)c.v[i].score - r.score) < 1e-4);
        if (k == 1) assert_true(r.part[4] > r.part[0] && r.part[4] > 0); // "refund"
    }
    label_learner_free(l);
}

static void a_correction_is_effective_at_once(void **state) {
    (void)state;
    label_learner *l = small_learner();
    const label_model *m = label_fit(l);
    const char *text = "the parcel with the card came, marvellous";
    assert_int_equal(best(m, text), 0);
    const size_t at = label_add(l, str_c(text), NULL);
    label_say(l, at, 2, ANSWER_yes);
    m = label_correct(l);
    assert_int_equal(best(m, text), 2);
    assert_int_equal(best(m, "is my card coming?"), 0);
    label_learner_free(l);
}

static void what_is_forgotten_teaches_nothing(void **state) {
    (void)state;
    label_learner *x = small_learner(), *y = small_learner();
    const size_t at = label_add(x, S("zebra zebra refund"), NULL);
    label_say(x, at, 0, ANSWER_yes);
    label_fit(x);
    label_forget(x, at);
    const str text = S("the zebra wants a refund");
    const label_choices p = label_decide(&a, label_fit(x), text, NULL), q = label_decide(&a, label_fit(y), text, NULL);
    assert_int_equal(p.v[0].label, 1);
    assert_int_equal(p.v[0].label, q.v[0].label);
    assert_true(fabsf(p.v[0].score - q.v[0].score) < 0.05f);
    label_learner_free(x);
    label_learner_free(y);
}

static void questions_are_about_doubt(void **state) {
    (void)state;
    label_learner *l = small_learner();
    label_add(l, S("card card card"), NULL);
    const size_t doubt = label_add(l, S("a refund of the card"), NULL);
    label_add(l, S("thanks, great service"), NULL);
    label_fit(l);
    size_t ask[10];
    const size_t n = label_ask(l, ask, 10);
    assert_true(n >= 1);
    assert_int_equal(ask[0], doubt);
    label_learner_free(l);
}

static void a_model_comes_back_from_bytes(void **state) {
    (void)state;
    label_learner *l = small_learner();
    const label_model *m = label_fit(l);
    label_model *back;
    err e = {0};
    buf b = buf_new(&a, 1 << 24);
    label_write(&b, m);
    assert_ok(label_read(&a, buf_str(&b), &back, &e), e);
    const label_choices x = label_decide(&a, m, S("my card"), NULL), y = label_decide(&a, back, S("my card"), NULL);
    assert_int_equal(x.n, y.n);
    for (size_t i = 0; i < x.n; i++) assert_true(x.v[i].score == y.v[i].score && x.v[i].sure == y.v[i].sure);
    rng r = rng_seed(9);
    for (int i = 0; i < 200; i++) {
        char *bytes = make(&a, char, b.len);
        memcpy(bytes, b.s, b.len);
        bytes[rng_range(&r, 0, (int64_t)b.len - 1)] ^= (char)(1 << rng_range(&r, 0, 7));
        err_clear(&e);
        assert_false(label_read(&a, (str){bytes, b.len}, &back, &e));
        assert_false(
            label_read(&a, str_sub(buf_str(&b), 0, (size_t)rng_range(&r, 0, (int64_t)b.len - 1)), &back, NULL));
    }
    label_learner_free(l);
}

// ---- a learner that is kept, and all history ----

static void same_choices(const label_model *x, const label_model *y, str text, const float *v) {
    const label_choices p = label_decide(&a, x, text, v), q = label_decide(&a, y, text, v);
    assert_int_equal(p.v[0].label, q.v[0].label);
    assert_true(fabsf(p.v[0].score - q.v[0].score) < 1e-3f && fabs(p.known - q.known) < 1e-2);
}

static float *random_vector(rng *r) {
    float *v = make(&a, float, EMBEDDING);
    int8_t bytes[EMBEDDING];
    double square = 0;
    for (int i = 0; i < EMBEDDING; i++) v[i] = (float)rng_normal(r, 0, 1), square += (double)v[i] * v[i];
    for (int i = 0; i < EMBEDDING; i++) v[i] /= (float)sqrt(square);
    embedding_pack(v, bytes);
    embedding_unpack(bytes, v);
    return v;
}

// Random messages of three labels, whose embeddings lean to a direction of each.
static label_learner *random_learner(rng *r, bool several, size_t n, str *texts, float **v) {
    label_learner *l = label_learner_new((label_options){.several = several, .embedding = EMBEDDING});
    static const char *const names[] = {"card", "refund", "praise"};
    for (size_t k = 0; k < COUNT(names); k++) label_define(l, (label_text){.name = str_c(names[k])});
    for (size_t i = 0; i < n; i++) {
        const size_t k = (size_t)rng_range(r, 0, 2), w = (size_t)rng_range(r, 0, COUNT(said) - 1);
        texts[i] = str_fmt(&a, "%s %s %.*s", names[k], said[w][1], STR_ARG(random_text(r, 20)));
        v[i] = rng_chance(r, 0.1) ? NULL : random_vector(r);
        for (int d = 0; v[i] && d < 100; d++) v[i][(int)k * 100 + d] = fabsf(v[i][(int)k * 100 + d]);
        const size_t m = label_add(l, texts[i], v[i]);
        if (rng_chance(r, 0.6)) label_say(l, m, k, ANSWER_yes);
        if (several && rng_chance(r, 0.3)) label_say(l, m, (k + 1) % 3, rng_chance(r, 0.5) ? ANSWER_yes : ANSWER_no);
        if (several && rng_chance(r, 0.5)) label_done(l, m);
    }
    return l;
}

enum { KEPT = 120 };

static void a_learner_comes_back_from_bytes(void **state) {
    (void)state;
    rng r = rng_seed(21);
    for (int several = 0; several < 2; several++) {
        str *texts = make(&a, str, KEPT);
        float **v = make(&a, float *, KEPT);
        label_learner *l = random_learner(&r, several, KEPT, texts, v), *back;
        const label_options o = {.embedding = EMBEDDING};
        err e = {0};
        buf b = buf_new(&a, 1 << 26);
        assert_null(label_learned(l));
        label_learner_write(&b, l);
        assert_ok(label_learner_read(buf_str(&b), o, &back, &e), e);
        assert_null(label_learned(back));
        const label_model *m = label_fit(l), *n = label_fit(back);
        for (size_t i = 0; i < KEPT; i++) same_choices(m, n, texts[i], v[i]);
        label_learner_free(back);
        label_forget(l, 3);
        label_say(l, 5, 2, ANSWER_yes);
        b.len = 0;
        label_learner_write(&b, l);
        assert_ok(label_learner_read(buf_str(&b), o, &back, &e), e);
        assert_int_equal(label_messages(back), KEPT);
        n = label_learned(back);
        for (size_t i = 0; i < KEPT; i++) {
            const label_choices x = label_decide(&a, m, texts[i], v[i]), y = label_decide(&a, n, texts[i], v[i]);
            assert_int_equal(x.n, y.n);
            assert_true(x.v[0].score == y.v[0].score && x.v[0].sure == y.v[0].sure && x.known == y.known);
        }
        // Both learn on from where they stood.
        m = label_correct(l), n = label_correct(back);
        for (size_t i = 0; i < KEPT; i++) same_choices(m, n, texts[i], v[i]);
        size_t x, y, ask[2][5];
        label_changed(l, &x), label_changed(back, &y);
        assert_int_equal(x, y);
        assert_true(x > 0);
        assert_int_equal(label_ask(l, ask[0], 5), label_ask(back, ask[1], 5));
        m = label_fit(l), n = label_fit(back);
        for (size_t i = 0; i < KEPT; i++) same_choices(m, n, texts[i], v[i]);
        label_learner_free(back);
        assert_false(label_learner_read(buf_str(&b), (label_options){0}, &back, NULL));
        for (int i = 0; i < 100; i++) {
            char *bytes = make(&a, char, b.len);
            memcpy(bytes, b.s, b.len);
            bytes[rng_range(&r, 0, (int64_t)b.len - 1)] ^= (char)(1 << rng_range(&r, 0, 7));
            err_clear(&e);
            assert_false(label_learner_read((str){bytes, b.len}, o, &back, &e));
        }
        label_learner_free(l);
    }
}

// Against label_decide, row by row; and nothing that reaches its least is left out.
static void all_history_is_scored_as_one_message(void **state) {
    (void)state;
    rng r = rng_seed(22);
    for (int several = 0; several < 2; several++) {
        str *texts = make(&a, str, KEPT);
        float **v = make(&a, float *, KEPT), scores[KEPT * 3];
        label_learner *l = random_learner(&r, several, KEPT, texts, v);
        const label_model *m = label_fit(l);
        for (size_t n = 1; n <= 3; n++) {
            const uint32_t labels[] = {2, 0, 1};
            label_stored *rows = make(&a, label_stored, KEPT);
            label_scan *s = label_scan_new(&a, m, labels, n);
            for (size_t i = 0; i < KEPT; i++) {
                int8_t *bytes = make(&a, int8_t, EMBEDDING);
                if (v[i]) embedding_pack(v[i], bytes), embedding_unpack(bytes, v[i]);
                const float least = rng_chance(&r, 0.3) ? -INFINITY : (float)rng_normal(&r, 0.5, 1);
                rows[i] = (label_stored){texts[i], v[i] ? bytes : NULL, least};
            }
            const size_t reached = label_scan_rows(s, a, rows, KEPT, scores);
            size_t left = 0;
            for (size_t i = 0; i < KEPT; i++) {
                const label_choices c = label_decide(&a, m, texts[i], v[i]);
                const bool out = isinf(scores[i * n]);
                left += out;
                for (size_t k = 0; k < n; k++)
                    for (size_t j = 0; j < c.n; j++) {
                        if (c.v[j].label != labels[k]) continue;
                        if (out) assert_true(c.v[j].score < rows[i].least + 1e-4f);
                        if (!out) assert_true(fabsf(c.v[j].score - scores[i * n + k]) < 1e-3f);
                        if (several && !out) {
                            const label_choice x = label_scan_choice(s, k, c.v[j].score);
                            assert_true(fabs(x.sure - c.v[j].sure) < 1e-6 && x.given == c.v[j].given);
                            if (x.sure > 0.0101) assert_true(x.score >= label_scan_least(m, x.label, 0));
                        }
                    }
            }
            assert_int_equal(reached + left, KEPT);
            assert_true(left > 0);
        }
        label_learner_free(l);
    }
}

static void intents_are_ready(void **state) {
    (void)state;
    label_learner *l = label_learner_new((label_options){.several = true});
    intent_define(l);
    const label_model *m = label_fit(l);
    assert_int_equal(label_model_count(m), INTENTS);
    assert_int_equal(best(m, "please cancel my subscription"), INTENT_cancel_risk);
    assert_int_equal(best(m, "the app crashes after the update"), INTENT_bug);
    assert_int_equal(best(m, "ich möchte meinen Vertrag kündigen"), INTENT_cancel_risk);
    assert_int_equal(best(m, "me cobraron dos veces la factura"), INTENT_payment_trouble);
    label_learner_free(l);
}

// ---- audit ----

static void alpha_is_krippendorffs(void **state) {
    (void)state;
    // Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability", A: binary data, two observers: alpha = 0.095.
    const int32_t x[] = {0, 1, 0, 0, 0, 0, 0, 0, 1, 0}, y[] = {1, 1, 1, 0, 0, 1, 0, 0, 0, 0};
    assert_true(fabs(audit_alpha(x, y, 10, 2) - 0.095) < 0.0005);
    // B: nominal data of five values, two observers: alpha = 0.692.
    const int32_t p[] = {0, 0, 1, 1, 3, 2, 2, 2, 4, 3, 3, 0}, q[] = {1, 0, 1, 1, 1, 2, 2, 2, 4, 3, 3, 3};
    assert_true(fabs(audit_alpha(p, q, 12, 5) - 0.692) < 0.0005);
    // F40: seven labels of sixty seen once.
    size_t seen[8] = {53, 1, 1, 1, 1, 1, 1, 1};
    assert_true(fabs(audit_coverage(seen, 8) - 0.883) < 0.0005);
}

// ---- Banking77 ----

// 12 of its labels, every third training row: n-grams alone.
static void banking_is_learned(void **state) {
    (void)state;
    test_need_data(dir);
    label_learner *l = label_learner_new((label_options){.alone = true});
    str names[12];
    size_t labels = 0, tests = 0, right = 0;
    for (int part = 0; part < 2; part++) {
        input *in;
        err e = {0};
        csv_row row;
        char path[4096];
        snprintf(path, sizeof path, "%s/text/banking77/%s.csv", dir, part ? "test" : "train");
        if (!input_open(&in, path, &e)) skip();
        csv *c = csv_open(&a, input_read, in, (csv_opts){.sep = ','});
        const label_model *m = part ? label_fit(l) : NULL;
        for (int64_t i = 0; csv_next(c, &row, &e); i++) {
            size_t k = 0;
            if (i == 0 || row.n < 2) continue;
            while (k < labels && !str_eq(names[k], row.cells[1])) k++;
            if (k == labels && (part || labels == COUNT(names))) continue;
            if (k == labels) {
                names[labels++] = str_dup(&a, row.cells[1]);
                label_define(l, (label_text){.name = names[k]});
            }
            arena kept = a;
            if (part)
                tests++, right += label_decide(&a, m, row.cells[0], NULL).v[0].label == k;
            else if (i % 3 == 0)
                label_say(l, label_add(l, row.cells[0], NULL), k, ANSWER_yes);
            a.at = kept.at;
        }
        input_close(in);
    }
    const double accuracy = (double)right / (double)tests;
    if (accuracy < 0.93) fail_msg("%zu of %zu", right, tests);
    label_learner_free(l);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grams_are_words_and_letters),
        cmocka_unit_test(grams_come_back_from_bytes),
        cmocka_unit_test(every_place_is_counted),
        cmocka_unit_test(weights_have_length_one),
        cmocka_unit_test(hinge_fits_as_a_slow_twin),
        cmocka_unit_test(ridge_fits_as_a_slow_twin),
        cmocka_unit_test(labels_are_learned_and_explained),
        cmocka_unit_test(a_correction_is_effective_at_once),
        cmocka_unit_test(what_is_forgotten_teaches_nothing),
        cmocka_unit_test(questions_are_about_doubt),
        cmocka_unit_test(a_model_comes_back_from_bytes),
        cmocka_unit_test(a_learner_comes_back_from_bytes),
        cmocka_unit_test(all_history_is_scored_as_one_message),
        cmocka_unit_test(intents_are_ready),
        cmocka_unit_test(alpha_is_krippendorffs),
        cmocka_unit_test(banking_is_learned),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
