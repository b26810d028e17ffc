// meaning_store [N]: search by meaning over a store of N texts (1,000,000 unless said): how many of the ten nearest are
// found that comparing everything whole finds, how long a question takes, and what the index takes in memory.
//
// The texts are the training texts of Banking77, CLINC150 and GoEmotions; beyond them each is taken again with its
// vector moved at random (noise of half its length, a cosine of about .9 with itself), so that every place of the store
// is crowded. Questions are the test texts of Banking77 and CLINC150, which are not in the store.
#include "text_data.h"

#include "know/lists.h"
#include "know/meaning_private.h"
#include "sql/know_meaning.h"
#include "text/seek.h"

enum { TOP = 10, QUESTIONS = 200, PART = 20000 };
#define NOISE 0.5

typedef struct {
    arena a;
    int8_t *rows;
    size_t n, room;
    float *questions;
    size_t n_questions;
} data;

static double clock_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void put(data *d, const float *v, size_t n) {
    for (size_t i = 0; i < n && d->n < d->room; i++) embedding_pack(v + i * EMBEDDING, d->rows + d->n++ * EMBEDDING);
}

static void take(data *d, const encoder *enc, samples s, const char *name, bool question) {
    str *texts = make(&d->a, str, s.n);
    for (size_t i = 0; i < s.n; i++) texts[i] = s.v[i].text;
    float *v = embed_all(&d->a, enc, name, texts, s.n);
    if (!question) {
        put(d, v, s.n);
        return;
    }
    const size_t step = MAX(s.n / (QUESTIONS / 2), (size_t)1);
    for (size_t i = 0; i < s.n && d->n_questions < QUESTIONS; i += step)
        memcpy(d->questions + d->n_questions++ * EMBEDDING, v + i * EMBEDDING, EMBEDDING * sizeof *v);
}

static samples clinc(arena *a, const char *dir, const char *part) {
    const str all = read_whole(a, dir, "clinc150/data_full.json");
    json_t *doc;
    err e = {0};
    if (!json_read(all, &doc, &e)) die(&e);
    const json_t *list = json_object_get(doc, part);
    samples s = {.name = part, .v = make(a, sample, json_array_size(list))};
    for (; s.n < json_array_size(list); s.n++)
        s.v[s.n] = (sample){.text = str_dup(a, json_text(json_array_get(json_array_get(list, s.n), 0)))};
    json_decref(doc);
    return s;
}

static void crowd(data *d) {
    const size_t own = d->n;
    rng g = rng_seed(7);
    if (!own) return;
    for (size_t i = 0; d->n < d->room; i = (i + 1) % own) {
        float v[EMBEDDING];
        double square = 0;
        embedding_unpack(d->rows + i * EMBEDDING, v);
        for (int k = 0; k < EMBEDDING; k++) {
            v[k] += (float)rng_normal(&g, 0, NOISE / sqrt(EMBEDDING));
            square += (double)v[k] * v[k];
        }
        for (int k = 0; k < EMBEDDING; k++) v[k] = (float)(v[k] / sqrt(square));
        put(d, v, 1);
    }
}

static void fill(store *s, const data *d, size_t from, size_t to) {
    arena a = arena_open((size_t)1 << 30);
    err e = {0};
    const size_t n = to - from;
    int64_t *v[6];
    str *codes = make(&a, str, n), *vectors = make(&a, str, n);
    for (int c = 0; c < 6; c++) v[c] = make(&a, int64_t, n);
    for (size_t i = 0; i < n; i++) {
        unsigned char *code = make(&a, unsigned char, MEANING_CODE);
        const int8_t *one = d->rows + (from + i) * EMBEDDING;
        meaning_code(one, code);
        v[0][i] = (int64_t)(from + i + 1), v[1][i] = 1, v[2][i] = (int64_t)(from + i + 1);
        v[3][i] = (int64_t)(from + i) * 1000000, v[4][i] = 1, v[5][i] = MOOD_UNKNOWN;
        codes[i] = (str){(const char *)code, MEANING_CODE}, vectors[i] = (str){(const char *)one, EMBEDDING};
    }
    const column cols[] = {{'i', v[0], NULL}, {'i', v[1], NULL}, {'i', v[2], NULL},  {'i', v[3], NULL},
                           {'i', v[4], NULL}, {'i', v[5], NULL}, {'b', codes, NULL}, {'b', vectors, NULL}};
    if (!store_begin(s, &e) || !store_bulk(s, Q_meaning_vector_put, cols, 8, n, NULL, &e) || !store_commit(s, &e))
        die(&e);
    arena_close(&a);
}

typedef struct {
    double scan, compare; // seconds of the processor
    double clock;
    size_t found;
} asked;

static void ask(store *s, meaning_index *x, const data *d, size_t question, asked *sum) {
    arena a = arena_open((size_t)1 << 28);
    err e = {0};
    int8_t query[EMBEDDING];
    unsigned char code[MEANING_CODE];
    int64_t *places = make(&a, int64_t, MEANING_LOOKED);
    const meaning_bounds any = {.channel = -1, .mood = MOOD_UNKNOWN};
    embedding_pack(d->questions + question * EMBEDDING, query);
    double cpu = cpu_s();
    const double clock = clock_s();
    if (!meaning_index_follow(x, s, &e)) die(&e);
    meaning_code(query, code);
    const size_t n = meaning_index_near(x, a, code, &any, places);
    sum->scan += cpu_s() - cpu, cpu = cpu_s();
    seek_hit *hits = make(&a, seek_hit, n + 1);
    size_t got = 0;
    for (row r = store_query(s, Q_meaning_places, &e, "t", list_json(&a, places, n)); row_next(&r); got++)
        hits[got] = (seek_hit){(uint32_t)row_int(&r, 0), embedding_dot(query, (const int8_t *)row_str(&r, 3).s)};
    got = seek_merge(hits, got, TOP);
    sum->compare += cpu_s() - cpu;
    sum->clock += clock_s() - clock;
    const seek_rows all = {d->rows, d->n, NULL};
    seek_hit best[TOP];
    const size_t n_best = seek_top(a, &all, query, -1, TOP, best);
    for (size_t i = 0; i < n_best; i++)
        for (size_t k = 0; k < got; k++) sum->found += hits[k].at == best[i].at + 1;
    arena_close(&a);
}

int main(int argc, char **argv) {
    int64_t n = 1000000;
    const char *dir = getenv("HEED_DATA") ? getenv("HEED_DATA") : "../shared/data";
    err e = {0};
    pack *p;
    store *s;
    if (argc > 1 && (!str_i64(str_c(argv[1]), &n) || n < 1)) return fprintf(stderr, "meaning_store [N]\n"), 2;
    data d = {.a = arena_open((size_t)1 << 34), .room = (size_t)n};
    const char *text = str_z(&d.a, str_fmt(&d.a, "%s/text", dir));
    encoder *enc = bench_encoder(&d.a, &p);
    if (!enc) return 1;
    d.rows = arena_alloc(&d.a, 1, 64, d.room * EMBEDDING);
    d.questions = make(&d.a, float, QUESTIONS *EMBEDDING);
    take(&d, enc, read_rows(&d.a, text, "banking77/test.csv", ',', 0, 1, true), "banking77-test", true);
    take(&d, enc, clinc(&d.a, text, "test"), "clinc-test", true);
    take(&d, enc, read_rows(&d.a, text, "banking77/train.csv", ',', 0, 1, true), "banking77-train", false);
    take(&d, enc, clinc(&d.a, text, "train"), "clinc-train", false);
    take(&d, enc, clinc(&d.a, text, "val"), "clinc-val", false);
    take(&d, enc, read_rows(&d.a, text, "goemotions/train.tsv", '\t', 0, 1, false), "goemotions-train", false);
    const size_t own = d.n;
    crowd(&d);
    char place[] = "/tmp/heed-meaning-XXXXXX";
    if (!mkdtemp(place) || !store_open(&s, str_c(place), (store_opts){.create = true}, &e)) die(&e);
    double began = clock_s();
    for (size_t i = 0; i < d.n; i += PART) fill(s, &d, i, MIN(i + PART, d.n));
    const meaning_mark mark = {1, S("1 bench"), 0, (int64_t)d.n, false};
    if (!meaning_mark_write(s, &mark, &e)) die(&e);
    printf("%zu texts (%zu of their own), stored in %.1f s\n", d.n, own, clock_s() - began);
    meaning_index *x = meaning_index_open();
    double cpu = cpu_s();
    began = clock_s();
    if (!meaning_index_follow(x, s, &e)) die(&e);
    printf("read into memory in %.2f s (processor %.2f s), %.0f MB\n", clock_s() - began, cpu_s() - cpu,
           (double)meaning_index_bytes(x) / 1e6);
    asked sum = {0};
    for (size_t i = 0; i < d.n_questions; i++) ask(s, x, &d, i, &sum);
    const double q = (double)d.n_questions;
    printf("a question: %.4f s by the clock; processor: %.4f s of signs, %.4f s of comparing %d\n", sum.clock / q,
           sum.scan / q, sum.compare / q, MEANING_LOOKED);
    printf("recall@%d: %.4f\n", TOP, (double)sum.found / q / TOP);
    meaning_index_close(x);
    store_close(s);
    return system(str_z(&d.a, str_fmt(&d.a, "rm -rf %s", place))) != 0;
}
