// Themes of public sets whose labels people gave: how well groups found without labels agree with them, whether they
// stay when texts come in another order or more come, whether names lead back, and what it costs.
//
//   build/bench/text_themes ../shared/data [all]
#include "text_data.h"

#include "text/theme.h"

typedef struct {
    theme_text *x;
    int *label;
    size_t n, labels;
} set;

typedef struct {
    double nmi, ari, accuracy;
} agreement;

static const encoder *enc;
static pack *words;

static void embed(void *ctx, const str *texts, size_t n, float *out) {
    (void)ctx;
    arena scratch = arena_open((size_t)256 << 20);
    encoder_embed(enc, scratch, texts, n, out);
    arena_close(&scratch);
}

static double entropy(const double *count, size_t k, double n) {
    double h = 0;
    for (size_t i = 0; i < k; i++)
        if (count[i] > 0) h -= count[i] / n * log(count[i] / n);
    return h;
}

static double pairs(double n) {
    return n * (n - 1) / 2;
}

// Normalised mutual information (arithmetic mean), adjusted Rand index (Hubert & Arabie 1985), accuracy by the best
// pairing of groups with labels.
static agreement agree(arena a, const set *s, const theme_mark *marks, size_t k) {
    double *both = make(&a, double, k *s->labels), *mine = make(&a, double, k), *theirs = make(&a, double, s->labels);
    uint32_t *pair = make(&a, uint32_t, k);
    double n = 0, mutual = 0, together = 0, in_mine = 0, in_theirs = 0, hit = 0;
    for (size_t i = 0; i < s->n; i++) {
        if (marks[i].theme == THEME_NONE) continue;
        both[marks[i].theme * s->labels + (size_t)s->label[i]]++;
        mine[marks[i].theme]++, theirs[s->label[i]]++, n++;
    }
    for (size_t i = 0; i < k; i++)
        for (size_t j = 0; j < s->labels; j++) {
            const double x = both[i * s->labels + j];
            if (x > 0) mutual += x / n * log(x * n / (mine[i] * theirs[j]));
            together += pairs(x);
        }
    for (size_t i = 0; i < k; i++) in_mine += pairs(mine[i]);
    for (size_t j = 0; j < s->labels; j++) in_theirs += pairs(theirs[j]);
    theme_pair(a, both, k, s->labels, pair);
    for (size_t i = 0; i < k; i++)
        if (pair[i] != THEME_NONE) hit += both[i * s->labels + pair[i]];
    const double expected = in_mine * in_theirs / pairs(n);
    return (agreement){2 * mutual / (entropy(mine, k, n) + entropy(theirs, s->labels, n)),
                       (together - expected) / ((in_mine + in_theirs) / 2 - expected), hit / (double)s->n};
}

static set set_of(arena *a, const samples *s, size_t labels) {
    set out = {make(a, theme_text, s->n), make(a, int, s->n), s->n, labels};
    int8_t *v = make(a, int8_t, s->n *EMBEDDING);
    for (size_t i = 0; i < s->n; i++) {
        if (s->embedding) embedding_pack(s->embedding + i * EMBEDDING, v + i * EMBEDDING);
        out.x[i] = (theme_text){s->v[i].text, s->embedding ? v + i * EMBEDDING : NULL, (int64_t)i + 1};
        out.label[i] = s->v[i].label;
    }
    return out;
}

static size_t count_far(const theme_mark *m, size_t n) {
    size_t far = 0;
    for (size_t i = 0; i < n; i++) far += m[i].far;
    return far;
}

static void print_names(const themes *t, size_t most) {
    for (size_t i = 0; i < MIN(t->n, most); i++)
        printf("      %3zu people  %-44.*s %s  [%.*s | %.*s]\n", t->v[i].voices, STR_ARG(t->v[i].name),
               t->v[i].leads_back ? "   " : "(!)", STR_ARG(t->v[i].words[0]), STR_ARG(t->v[i].words[1]));
}

static void shuffle_check(arena a, const set *s, const theme_options *o, const theme_mark *marks, const themes *t) {
    theme_text *x = make(&a, theme_text, s->n);
    uint32_t *at = make(&a, uint32_t, s->n);
    theme_mark *again = make(&a, theme_mark, s->n);
    rng r = rng_seed(7);
    for (size_t i = 0; i < s->n; i++) at[i] = (uint32_t)i;
    rng_shuffle(&r, at, s->n, sizeof *at);
    for (size_t i = 0; i < s->n; i++) x[i] = s->x[at[i]];
    arena kept = arena_open((size_t)1 << 32);
    const themes u = theme_find(&kept, a, x, s->n, o, again);
    size_t differ = u.n != t->n, names = 0;
    for (size_t i = 0; i < s->n; i++)
        differ += again[i].theme != marks[at[i]].theme || memcmp(&again[i].distance, &marks[at[i]].distance, 4) != 0;
    for (size_t i = 0; i < MIN(u.n, t->n); i++) names += !str_eq(u.v[i].name, t->v[i].name) || u.v[i].id != t->v[i].id;
    printf("    shuffled: %zu texts and %zu names differ\n", differ, names);
    arena_close(&kept);
}

static void one(arena a, const char *name, const set *s, size_t k, size_t show, bool check) {
    theme_options o = {.k = k, .words = words, .embed = enc ? embed : NULL};
    theme_mark *marks = make(&a, theme_mark, s->n);
    arena kept = arena_open((size_t)1 << 32), scratch = arena_open((size_t)1 << 33);
    const double began = cpu_s();
    const themes t = theme_find(&kept, scratch, s->x, s->n, &o, marks);
    const double took = cpu_s() - began;
    const agreement g = agree(a, s, marks, t.n);
    size_t back = 0;
    for (size_t i = 0; i < t.n; i++) back += t.v[i].leads_back;
    printf("%-24s %6zu texts, %3zu labels%s: %3zu themes  NMI %.3f ARI %.3f ACC %.3f  other %.1f %% (from %.2f)  "
           "names back %.1f %%  %.1f s\n",
           name, s->n, s->labels, k ? "" : ", k chosen", t.n, g.nmi, g.ari, g.accuracy,
           100 * (double)count_far(marks, s->n) / (double)s->n, theme_far(t.model), 100 * (double)back / (double)t.n,
           took);
    print_names(&t, show);
    if (check) shuffle_check(a, s, &o, marks, &t);
    buf b = buf_new(&a, (size_t)1 << 30);
    theme_write(&b, t.model);
    const double then = cpu_s();
    for (size_t i = 0; i < MIN(s->n, (size_t)3000); i++) theme_assign(t.model, scratch, s->x[i].text, s->x[i].vector);
    if (check)
        printf("    a model of %.1f MB assigns a text in %.1f µs\n", (double)b.len / 1e6,
               (cpu_s() - then) * 1e6 / (double)MIN(s->n, (size_t)3000));
    arena_close(&kept);
    arena_close(&scratch);
    fflush(stdout);
}

static samples read_clinc(arena *a, const char *data, const char *part) {
    const str all = read_whole(a, data, "clinc150/data_full.json");
    json_t *j;
    err e = {0};
    if (!json_read(all, &j, &e)) die(&e);
    const json_t *v = json_object_get(j, part);
    samples s = {.name = part, .v = make(a, sample, json_array_size(v))};
    for (size_t i = 0; i < json_array_size(v); i++) {
        const json_t *row = json_array_get(v, i);
        s.v[s.n++] = (sample){str_dup(a, str_c(json_string_value(json_array_get(row, 0)))),
                              str_dup(a, str_c(json_string_value(json_array_get(row, 1)))), -1, 0};
    }
    json_decref(j);
    return s;
}

static set load(arena *a, samples s, const char *name) {
    samples *all = &s;
    str *names;
    const size_t labels = number_labels(a, &all, 1, &names);
    embed_samples(a, enc, name, &s);
    return set_of(a, &s, labels);
}

int main(int argc, char **argv) {
    const char *data = argc > 1 ? argv[1] : "../shared/data";
    arena a = arena_open((size_t)1 << 35);
    char *text = str_z(&a, str_fmt(&a, "%s/text", data));
    enc = bench_encoder(&a, &words);
    const set test = load(&a, read_rows(&a, text, "banking77/test.csv", ',', 0, 1, true), "banking77-test");
    one(a, "Banking77 test", &test, 77, 77, true);
    one(a, "Banking77 test", &test, 0, 0, false);
    set bare = test;
    bare.x = make(&a, theme_text, test.n);
    for (size_t i = 0; i < test.n; i++) bare.x[i] = (theme_text){test.x[i].text, NULL, test.x[i].who};
    one(a, "... without embeddings", &bare, 77, 0, false);
    const set clinc = load(&a, read_clinc(&a, text, "test"), "clinc-test");
    one(a, "CLINC150 test", &clinc, 150, 0, false);
    one(a, "CLINC150 test", &clinc, 0, 0, false);
    const set train = load(&a, read_rows(&a, text, "banking77/train.csv", ',', 0, 1, true), "banking77-train");
    one(a, "Banking77 train", &train, 77, 0, false);
    one(a, "Banking77 train", &train, 0, 0, false);
    const set bitext =
        load(&a, read_rows(&a, text, "bitext_intents/Bitext_Sample_Customer_Service_Training_Dataset.csv", ',', 0, 1, true),
             "bitext-train");
    one(a, "Bitext, 27 intents", &bitext, 27, 0, false);
    one(a, "Bitext, 27 intents", &bitext, 0, 30, false);
    const set air = load(&a, read_rows(&a, text, "airline/Tweets.csv", ',', 4, 2, true), "airline");
    one(a, "airline tweets", &air, 0, 40, false);
    return 0;
}
