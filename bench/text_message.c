// Times the full understanding of one message, one at a time, on one core: language, meaning, mood and feelings, what
// is wanted, topics, copies, place among themes. Prints a table of processor time.
//
//   text_message DATA
//
// Topics are learned from Banking77's training set and themes found in 3,000 of it; its test set is read.
#include "text/intent.h"
#include "text/langid.h"
#include "text/mood.h"
#include "text/near.h"
#include "text/theme.h"
#include "text_data.h"

typedef struct {
    arena a;
    pack *p;
    encoder *enc;
    langid *lang;
    mood *m;
    label_learner *wants, *topics;
    theme_model *themes;
} bench;

static void embed(void *ctx, const str *texts, size_t n, float *out) {
    arena scratch = arena_open(64 << 20);
    encoder_embed(((bench *)ctx)->enc, scratch, texts, n, out);
    arena_close(&scratch);
}

static void learn(bench *b, const samples *train, const str *names, size_t K) {
    label_options o = {.alone = true};
    if (b->enc) o.embedding = EMBEDDING, o.embed = embed, o.ctx = b;
    b->topics = label_learner_new(o);
    for (size_t k = 0; k < K; k++) label_define(b->topics, (label_text){.name = names[k]});
    for (size_t i = 0; i < train->n; i++) {
        label_add(b->topics, train->v[i].text, train->embedding ? train->embedding + i * EMBEDDING : NULL);
        label_say(b->topics, i, (size_t)train->v[i].label, ANSWER_yes);
    }
    label_fit(b->topics);
    o.several = true;
    b->wants = label_learner_new(o);
    intent_define(b->wants);
    label_fit(b->wants);
}

static void find_themes(bench *b, const samples *train) {
    const size_t n = MIN(train->n, (size_t)3000);
    theme_text *x = make(&b->a, theme_text, n);
    theme_mark *marks = make(&b->a, theme_mark, n);
    for (size_t i = 0; i < n; i++) {
        int8_t *v = make(&b->a, int8_t, EMBEDDING);
        if (train->embedding) embedding_pack(train->embedding + i * EMBEDDING, v);
        x[i] = (theme_text){.text = train->v[i].text, .vector = train->embedding ? v : NULL};
    }
    const theme_options o = {.k = 77, .words = b->p, .make = b->enc ? str_c(encoder_make(b->enc)) : S("")};
    b->themes = theme_find(&b->a, arena_open((size_t)1 << 32), x, n, &o, marks).model;
}

enum { LANGUAGE, MEANING, MOOD, WANTS, TOPICS, COPIES, THEME, GRAMS, STEPS };

static void read_one(bench *b, str text, double *took) {
    float x[EMBEDDING];
    int8_t bytes[EMBEDDING];
    arena s = b->a;
    const float *at = b->enc ? x : NULL;
    double now[STEPS + 1];
    now[LANGUAGE] = cpu_s();
    (void)langid_of(b->lang, s, text);
    now[MEANING] = cpu_s();
    if (b->enc) encoder_embed(b->enc, s, &text, 1, x), embedding_pack(x, bytes);
    now[MOOD] = cpu_s();
    (void)mood_read(b->m, s, text, at, LANG_en);
    now[WANTS] = cpu_s();
    (void)label_decide(&s, label_learned(b->wants), text, at);
    now[TOPICS] = cpu_s();
    (void)label_decide(&s, label_learned(b->topics), text, at);
    now[COPIES] = cpu_s();
    (void)near_sign_of(s, text);
    now[THEME] = cpu_s();
    (void)theme_assign(b->themes, s, text, b->enc ? bytes : NULL);
    now[GRAMS] = cpu_s();
    (void)grams_of(&s, text);
    now[STEPS] = cpu_s();
    for (int k = 0; k < STEPS; k++) took[k] += now[k + 1] - now[k];
}

int main(int argc, char **argv) {
    static const char *const names[STEPS] = {
        "language",    "meaning (encoder)", "mood, 28 feelings",  "what is wanted",
        "topics (77)", "signs of copies",   "place among themes", "n-grams, which topics begin with"};
    const char *dir = argc > 1 ? argv[1] : "../shared/data";
    bench b = {.a = arena_open(UINT64_C(16) << 30)};
    double took[STEPS] = {0}, all = 0;
    b.enc = bench_encoder(&b.a, &b.p);
    b.lang = langid_open(&b.a, b.p);
    b.m = mood_open(&b.a, b.p);
    samples train = read_rows(&b.a, dir, "text/banking77/train.csv", ',', 0, 1, true);
    samples test = read_rows(&b.a, dir, "text/banking77/test.csv", ',', 0, 1, true);
    embed_samples(&b.a, b.enc, "banking77-train", &train);
    samples *sets[] = {&train};
    str *labels;
    const size_t K = number_labels(&b.a, sets, 1, &labels), n = MIN(test.n, (size_t)1000);
    learn(&b, &train, labels, K);
    find_themes(&b, &train);
    for (size_t i = 0; i < n; i++) read_one(&b, test.v[i].text, took);
    printf("%zu messages, one at a time; ms of the processor for each\n", n);
    for (int k = 0; k < STEPS; k++) {
        printf("  %-34s %7.4f\n", names[k], took[k] * 1e3 / (double)n);
        if (k != GRAMS) all += took[k];
    }
    printf("  %-34s %7.4f\n", "all of it", all * 1e3 / (double)n);
}
