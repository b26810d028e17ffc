// Themes of public sets whose labels people gave: how well groups found without labels agree with them, whether they
// stay when texts come in another order or more come, whether names lead back, and what it costs.
//
//   build/bench/text_themes ../shared/data [scale [N]]     scale: a million made of them instead
#include <sys/mman.h>

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
    double *both = make(&a, double, k * s->labels), *mine = make(&a, double, k), *theirs = make(&a, double, s->labels);
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
    int8_t *v = make(a, int8_t, s->n * EMBEDDING);
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

// ---- texts that are far ----

static void outside(arena a, const char *text, const set *in) {
    theme_mark *marks = make(&a, theme_mark, in->n);
    arena kept = arena_open((size_t)1 << 32), scratch = arena_open((size_t)1 << 33);
    const themes t = theme_find(&kept, scratch, in->x, in->n, &(theme_options){.k = 150}, marks);
    const set out = load(&a, read_clinc(&a, text, "oos_test"), "clinc-oos_test");
    const set more = load(&a, read_clinc(&a, text, "val"), "clinc-val");
    size_t far_out = 0, far_in = 0;
    for (size_t i = 0; i < out.n; i++) far_out += theme_assign(t.model, scratch, out.x[i].text, out.x[i].vector).far;
    for (size_t i = 0; i < more.n; i++) far_in += theme_assign(t.model, scratch, more.x[i].text, more.x[i].vector).far;
    printf("    new texts of CLINC150: %.1f %% of its labels are \"other\", %.1f %% of none of them\n",
           100 * (double)far_in / (double)more.n, 100 * (double)far_out / (double)out.n);
    arena_close(&kept);
    arena_close(&scratch);
}

// ---- as texts keep coming ----

static double dice(const theme_mark *x, uint32_t theme_x, const theme_mark *y, uint32_t theme_y, size_t n) {
    double both = 0, all = 0;
    for (size_t i = 0; i < n; i++) {
        const bool in_x = x[i].theme == theme_x, in_y = y[i].theme == theme_y;
        both += in_x && in_y;
        all += in_x + in_y;
    }
    return all > 0 ? 2 * both / all : 0;
}

static void growth(arena a, const set *s) {
    set g = *s;
    uint32_t *at = make(&a, uint32_t, s->n);
    rng r = rng_seed(11);
    for (size_t i = 0; i < s->n; i++) at[i] = (uint32_t)i;
    rng_shuffle(&r, at, s->n, sizeof *at);
    g.x = make(&a, theme_text, s->n);
    for (size_t i = 0; i < s->n; i++) g.x[i] = s->x[at[i]];
    theme_mark *then = make(&a, theme_mark, s->n), *now = make(&a, theme_mark, s->n);
    arena kept = arena_open((size_t)1 << 32), scratch = arena_open((size_t)1 << 33);
    const size_t before = s->n * 10 / 11;
    const themes t = theme_find(&kept, scratch, g.x, before, &(theme_options){.k = 77}, then);
    for (int anew = 0; anew < 2; anew++) {
        const theme_options o = {.before = t.model, .anew = anew, .k = anew ? 77 : 0};
        const themes u = theme_find(&kept, scratch, g.x, g.n, &o, now);
        size_t stay = 0, renamed = 0, moved = 0;
        for (uint32_t i = 0; i < t.n; i++)
            for (uint32_t k = 0; k < u.n; k++) {
                if (dice(then, i, now, k, before) <= 0.7) continue;
                stay++;
                renamed += u.v[k].id != t.v[i].id || !str_eq(u.v[k].name, t.v[i].name);
            }
        for (size_t i = 0; i < before; i++) moved += u.v[now[i].theme].id != t.v[then[i].theme].id;
        printf("    10 %% more texts, %s: %zu of %zu themes keep over 70 %% of their texts, %zu of them renamed; %.1f "
               "%% of "
               "texts are in another theme, %zu themes gone, %zu themes now\n",
               anew ? "grouped anew" : "going on", stay, t.n, renamed, 100 * (double)moved / (double)before, u.n_gone,
               u.n);
    }
    arena_close(&kept);
    arena_close(&scratch);
}

// ---- a million ----

static size_t most_mb;

static size_t anonymous_mb(void) {
    char line[256];
    size_t kb = 0;
    FILE *f = fopen("/proc/self/status", "r");
    while (f && fgets(line, sizeof line, f))
        if (sscanf(line, "RssAnon: %zu", &kb) == 1) break;
    if (f) fclose(f);
    return kb / 1024;
}

static void look(void *ctx, size_t done, size_t all) {
    (void)ctx;
    most_mb = MAX(most_mb, anonymous_mb());
    fprintf(stderr, "  %zu of %zu, %zu MB\n", done, all, anonymous_mb());
}

// Texts put together of two, vectors between theirs, in a file that is mapped as the store's would be.
static void scale(arena *a, const set *s, size_t n) {
    const char *build = getenv("BUILD") ? getenv("BUILD") : "build";
    const char *path = str_z(a, str_fmt(a, "%s/bench-text/scale.vectors", build));
    FILE *f = fopen(path, "wb+");
    arena texts = arena_open((size_t)1 << 34);
    theme_text *x = make(&texts, theme_text, n);
    theme_mark *marks = make(&texts, theme_mark, n);
    rng r = rng_seed(1);
    for (size_t i = 0; i < n; i++) {
        const theme_text *p = &s->x[rng_range(&r, 0, (int64_t)s->n - 1)],
                         *q = &s->x[rng_range(&r, 0, (int64_t)s->n - 1)];
        float v[EMBEDDING], w[EMBEDDING];
        int8_t stored[EMBEDDING];
        embedding_unpack(p->vector, v);
        embedding_unpack(q->vector, w);
        double length = 0;
        for (size_t k = 0; k < EMBEDDING; k++) v[k] += 0.25f * w[k], length += (double)(v[k] * v[k]);
        for (size_t k = 0; k < EMBEDDING; k++) v[k] = (float)((double)v[k] / sqrt(length));
        embedding_pack(v, stored);
        fwrite(stored, 1, sizeof stored, f);
        const str end = str_sub(q->text, 0, (size_t)rng_range(&r, 5, 25));
        x[i] =
            (theme_text){str_fmt(&texts, "%.*s %.*s", STR_ARG(p->text), STR_ARG(end)), NULL, rng_range(&r, 1, 300000)};
    }
    fflush(f);
    const int8_t *rows = mmap(NULL, n * EMBEDDING, PROT_READ, MAP_SHARED, fileno(f), 0);
    for (size_t i = 0; i < n; i++) x[i].vector = rows + i * EMBEDDING;
    const size_t before = anonymous_mb();
    arena kept = arena_open((size_t)1 << 32), scratch = arena_open((size_t)1 << 34);
    const theme_options o = {.words = words, .embed = enc ? embed : NULL, .progress = look};
    const double began = cpu_s();
    most_mb = 0;
    const themes t = theme_find(&kept, scratch, x, n, &o, marks);
    printf("%zu texts: %zu themes in %.1f s of the processor; %zu MB beyond texts and vectors (which took %zu)\n", n,
           t.n, cpu_s() - began, MAX(most_mb, anonymous_mb()) - before, before);
    fclose(f);
    remove(path);
}

int main(int argc, char **argv) {
    const char *data = argc > 1 ? argv[1] : "../shared/data";
    arena a = arena_open((size_t)1 << 35);
    char *text = str_z(&a, str_fmt(&a, "%s/text", data));
    enc = bench_encoder(&a, &words);
    if (argc > 2) {
        const set all = load(&a, read_rows(&a, text, "banking77/train.csv", ',', 0, 1, true), "banking77-train");
        scale(&a, &all, argc > 3 ? (size_t)strtoul(argv[3], NULL, 10) : 1000000);
        return 0;
    }
    const set test = load(&a, read_rows(&a, text, "banking77/test.csv", ',', 0, 1, true), "banking77-test");
    one(a, "Banking77 test", &test, 77, 77, true);
    one(a, "Banking77 test", &test, 0, 0, false);
    growth(a, &test);
    set bare = test;
    bare.x = make(&a, theme_text, test.n);
    for (size_t i = 0; i < test.n; i++) bare.x[i] = (theme_text){test.x[i].text, NULL, test.x[i].who};
    one(a, "... without embeddings", &bare, 77, 0, false);
    const set clinc = load(&a, read_clinc(&a, text, "test"), "clinc-test");
    one(a, "CLINC150 test", &clinc, 150, 0, false);
    one(a, "CLINC150 test", &clinc, 0, 0, false);
    outside(a, text, &clinc);
    const set train = load(&a, read_rows(&a, text, "banking77/train.csv", ',', 0, 1, true), "banking77-train");
    one(a, "Banking77 train", &train, 77, 0, false);
    one(a, "Banking77 train", &train, 0, 0, false);
    const set bitext = load(
        &a, read_rows(&a, text, "bitext_intents/Bitext_Sample_Customer_Service_Training_Dataset.csv", ',', 0, 1, true),
        "bitext-train");
    one(a, "Bitext, 27 intents", &bitext, 27, 0, false);
    one(a, "Bitext, 27 intents", &bitext, 0, 30, false);
    const set air = load(&a, read_rows(&a, text, "airline/Tweets.csv", ',', 4, 2, true), "airline");
    one(a, "airline tweets", &air, 0, 40, false);
    return 0;
}
