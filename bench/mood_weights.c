// Learns what src/text/mood_weights.def holds, and prints it: how the meaning of a text and the values of its words add
// up to a rating and to feelings.
//
//   mood_weights DATA > src/text/mood_weights.def
//
// From the ratings of Hutto & Gilbert (2014; MIT licence) and GoEmotions (Demszky et al. 2020; Apache-2.0). Sums over
// tens of thousands of texts, rounded to a byte each: no text can be got back from them.
#include "text/mood.h"
#include "text_data.h"

static arena a;
static mood *m;

static void print(const char *name, const float *w, size_t n) {
    float most = 1e-9f;
    for (size_t i = 0; i < n; i++) most = fmaxf(most, fabsf(w[i]));
    printf("WEIGHTS(\"%s\", %.6g,", name, most / 127);
    for (size_t i = 0; i < n; i++)
        printf("%s%02x",
               i % 50 ? ""
               : i    ? "\"\n        \""
                      : "\n        \"",
               (unsigned)(uint8_t)(int8_t)lrintf(w[i] / most * 127));
    printf("\")\n");
}

// Inputs weighted as mood_inputs gives them, so the weights need no scale.
static const float *input_of(const samples *s, size_t i, bool with) {
    float *x = make(&a, float, MOOD_INPUTS);
    mood_inputs(m, a, s->v[i].text, with ? s->embedding + i * EMBEDDING : NULL, LANG_en, x);
    for (int k = 0; k < EMBEDDING; k++) x[k] *= 2;
    return x;
}

static void unscale(float *w) {
    for (int k = 0; k < EMBEDDING; k++) w[k] *= 2;
}

static void ratings(const encoder *enc, bool with) {
    static const char *const rated[] = {"tweets", "amazonReviewSnippets", "movieReviewSnippets",
                                        "nytEditorialSnippets"};
    model_rows *r = model_rows_new(MOOD_INPUTS);
    float *y = make(&a, float, 1 << 16), *cost = make(&a, float, 1 << 16), w[MOOD_INPUTS + 1];
    size_t n = 0;
    for (int f = 0; f < 4; f++) {
        samples s = read_rows(&a, getenv("DATA"), str_z(&a, str_fmt(&a, "text/vader/%s_GroundTruth.txt", rated[f])),
                              '\t', 2, 1, false);
        embed_samples(&a, enc, rated[f], &s);
        for (size_t i = 0; i < s.n; i++, n++) {
            double v = 0;
            (void)str_f64(s.v[i].name, &v);
            y[n] = (float)v, cost[n] = 0.5f;
            arena kept = a;
            model_rows_add(r, (model_input){{0}, input_of(&s, i, with)});
            a.at = kept.at;
        }
    }
    const gram_index none = gram_index_new(&a, model_rows_seen(r), 1);
    const linear_data *d = model_matrix(r, &none, true);
    linear_task t = {y, cost, make(&a, float, n), w, 1};
    linear_fit(d, &t, 1, (linear_terms){.ridge = true, .tolerance = 0.1, .passes = 60});
    unscale(w);
    if (with)
        print("rating", w, MOOD_INPUTS + 1);
    else
        print("words", w + EMBEDDING, MOOD_WORDS + 1);
    model_rows_free(r);
}

// Logistic regression by gradient descent with momentum over all labels; probabilities need no threshold then.
static void feelings(const encoder *enc) {
    samples s = read_rows(&a, getenv("DATA"), "text/goemotions/train.tsv", '\t', 0, 1, false);
    embed_samples(&a, enc, "goemotions-train", &s);
    const size_t in = MOOD_INPUTS + 1;
    float *w = make(&a, float, FEELINGS *in), *v = make(&a, float, FEELINGS *in), *x = make(&a, float, s.n *in);
    int64_t k;
    for (size_t i = 0; i < s.n; i++) {
        arena kept = a;
        memcpy(x + i * in, input_of(&s, i, true), MOOD_INPUTS * sizeof *x);
        a.at = kept.at;
        x[i * in + MOOD_INPUTS] = 1;
    }
    rng r = rng_seed(3);
    for (int step = 0; step < 14 * (int)s.n; step++) {
        const size_t i = (size_t)rng_range(&r, 0, (int64_t)s.n - 1);
        const float rate = 0.05f / (1 + (float)step / (float)(10 * s.n));
        float y[FEELINGS] = {0};
        for (str rest = s.v[i].name; rest.s;)
            if (str_i64(str_cut(&rest, ','), &k)) y[k] = 1;
        for (int f = 0; f < FEELINGS; f++) {
            float *wf = w + (size_t)f * in, z = 0;
            const float *xi = x + i * in;
            for (size_t j = 0; j < in; j++) z += wf[j] * xi[j];
            const float g = 1 / (1 + expf(-z)) - y[f];
            if (fabsf(g) < 1e-3f) continue;
            for (size_t j = 0; j < in; j++) wf[j] -= rate * g * xi[j];
        }
    }
    for (int f = 0; f < FEELINGS; f++) {
        unscale(w + (size_t)f * in);
        print(mood_feeling_name((enum mood_feeling)f), w + (size_t)f * in, in);
    }
    (void)v;
}

int main(int argc, char **argv) {
    pack *p;
    a = arena_open(UINT64_C(4) << 30);
    setenv("DATA", argc > 1 ? argv[1] : "../shared/data", 1);
    const encoder *enc = bench_encoder(&a, &p);
    m = mood_open(&a, p);
    if (!enc) return 1;
    printf("// What bench/mood_weights.c learned: WEIGHTS(name, what a step of a byte stands for, bytes).\n"
           "// From the ratings of Hutto & Gilbert 2014 (MIT licence, C.J. Hutto) and GoEmotions, Demszky et al. 2020\n"
           "// (Apache-2.0, Google); inputs are those of mood_inputs and a constant; \"words\" has those of lexicons "
           "only.\n"
           "// clang-format off\n");
    ratings(enc, true);
    ratings(enc, false);
    feelings(enc);
    printf("// clang-format on\n#undef WEIGHTS\n");
}
