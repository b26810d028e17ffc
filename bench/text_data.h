// text_data: the public sets that the measurements of text/ read, and their embeddings, which are kept between runs in
// $BUILD/bench-text.
#ifndef HEED_BENCH_TEXT_DATA_H
#define HEED_BENCH_TEXT_DATA_H

#include <fcntl.h>
#include <math.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/base.h"
#include "base/csv.h"
#include "base/input.h"
#include "base/json.h"
#include "base/rng.h"
#include "base/world.h"
#include "text/encoder.h"

typedef struct {
    str text, name; // name: the label as the file has it
    int label;
    double value;
} sample;

typedef struct {
    const char *name;
    sample *v;
    size_t n;
    float *embedding; // n × 512, NULL without the encoder
} samples;

static inline double cpu_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static inline void die(const err *e) {
    fprintf(stderr, "%s\n", e->msg);
    exit(1);
}

static inline str read_whole(arena *a, const char *dir, const char *path) {
    err e = {0};
    str out;
    const world *w = world_real();
    if (!w->read_file(w, a, str_z(a, str_fmt(a, "%s/%s", dir, path)), 1 << 30, &out, &e)) die(&e);
    return out;
}

// Columns of a CSV or of tab-separated lines.
static inline samples read_rows(arena *a, const char *dir, const char *path, char sep, int text, int name, bool head) {
    const str all = read_whole(a, dir, path);
    samples s = {.name = path, .v = make(a, sample, all.len / 4 + 1)};
    if (sep == ',') {
        input *in;
        err e = {0};
        csv_row row;
        if (!input_open(&in, str_z(a, str_fmt(a, "%s/%s", dir, path)), &e)) die(&e);
        csv *c = csv_open(a, input_read, in, (csv_opts){.sep = sep});
        while (csv_next(c, &row, &e))
            if (head)
                head = false;
            else if (row.n > text && row.n > name)
                s.v[s.n++] = (sample){str_dup(a, row.cells[text]), str_dup(a, row.cells[name]), -1, 0};
        input_close(in);
        return s;
    }
    for (str rest = all, line; rest.s;) {
        line = str_cut(&rest, '\n');
        if (str_ends(line, S("\r"))) line.len--;
        if (head || !line.len) {
            head = false;
            continue;
        }
        str cells[8] = {{0}};
        for (int i = 0; i < 8 && line.s; i++) cells[i] = str_cut(&line, sep);
        s.v[s.n++] = (sample){cells[text], cells[name], -1, 0};
    }
    return s;
}

// Labels are numbered in the order of their names.
static inline int by_name(const void *x, const void *y) {
    return str_cmp(*(const str *)x, *(const str *)y);
}
static inline size_t number_labels(arena *a, samples **sets, size_t n_sets, str **names) {
    str *v = make(a, str, 4096);
    size_t n = 0;
    for (size_t k = 0; k < n_sets; k++)
        for (size_t i = 0; i < sets[k]->n; i++) {
            size_t j = 0;
            while (j < n && !str_eq(v[j], sets[k]->v[i].name)) j++;
            if (j == n) v[n++] = sets[k]->v[i].name;
        }
    qsort(v, n, sizeof *v, by_name);
    for (size_t k = 0; k < n_sets; k++)
        for (size_t i = 0; i < sets[k]->n; i++)
            for (size_t j = 0; j < n; j++)
                if (str_eq(v[j], sets[k]->v[i].name)) sets[k]->v[i].label = (int)j;
    *names = v;
    return n;
}

static inline encoder *bench_encoder(arena *a, pack **p) {
    err e = {0};
    const char *place = getenv("HEED_TEXT");
    if (!place) place = "build/heed-text.data";
    if (getenv("NO_ENCODER") || access(place, R_OK) != 0 || !pack_open(a, p, place, &e)) {
        fprintf(stderr, "(without the data file of words: n-grams only)\n");
        *p = NULL;
        return NULL;
    }
    return encoder_open(a, *p);
}

// Embeddings of many texts, from the file of an earlier run when it holds the same texts.
static inline float *embed_all(arena *a, const encoder *enc, const char *name, const str *texts, size_t n) {
    if (!enc) return NULL;
    uint64_t sum = n;
    for (size_t i = 0; i < n; i++) sum = str_hash2(sum, texts[i]);
    const char *build = getenv("BUILD") ? getenv("BUILD") : "build";
    mkdir(str_z(a, str_fmt(a, "%s/bench-text", build)), 0755);
    const char *path = str_z(a, str_fmt(a, "%s/bench-text/%s-%016" PRIx64, build, name, sum));
    float *v = arena_alloc(a, sizeof(float), 64, n * EMBEDDING);
    FILE *f = fopen(path, "rb");
    if (f && fread(v, sizeof(float) * EMBEDDING, n, f) == n) return fclose(f), v;
    if (f) fclose(f);
    fprintf(stderr, "embedding %zu texts of %s …\n", n, name);
    arena scratch = arena_open(256 << 20);
    const double began = cpu_s();
    for (size_t i = 0; i < n; i += 32)
        encoder_embed(enc, scratch, texts + i, MIN(n - i, (size_t)32), v + i * EMBEDDING);
    fprintf(stderr, "  %.1f s of the processor\n", cpu_s() - began);
    arena_close(&scratch);
    f = fopen(path, "wb");
    if (f) fwrite(v, sizeof(float) * EMBEDDING, n, f), fclose(f);
    return v;
}

static inline void embed_samples(arena *a, const encoder *enc, const char *name, samples *s) {
    str *texts = make(a, str, s->n + 1);
    for (size_t i = 0; i < s->n; i++) texts[i] = s->v[i].text;
    s->embedding = embed_all(a, enc, name, texts, s->n);
}

// Things of which the texts of MAMS speak.
typedef struct {
    str text;
    size_t from, to;
    int is; // 0 negative, 1 neutral, 2 positive
} aspect;

static inline str aspect_attribute(str tag, const char *name) {
    const char *at = memmem(tag.s, tag.len, name, strlen(name));
    if (!at) return (str){0};
    str rest = str_sub(tag, (size_t)(at - tag.s) + strlen(name), tag.len);
    return str_cut(&rest, '"');
}

static inline str aspect_unescaped(arena *a, str x) {
    static const char *const names[][2] = {
        {"&amp;", "&"}, {"&quot;", "\""}, {"&apos;", "'"}, {"&lt;", "<"}, {"&gt;", ">"}};
    buf b = buf_new(a, x.len + 8);
    for (size_t i = 0, step; i < x.len; i += step) {
        step = 1;
        size_t k = 0;
        while (k < COUNT(names) && !str_starts(str_sub(x, i, x.len), str_c(names[k][0]))) k++;
        if (k < COUNT(names))
            buf_add(&b, str_c(names[k][1])), step = strlen(names[k][0]);
        else
            buf_addc(&b, x.s[i]);
    }
    return buf_str(&b);
}

static inline size_t read_aspects(arena *a, const char *dir, const char *path, aspect **out) {
    str rest = read_whole(a, dir, path), text = {0};
    *out = make(a, aspect, rest.len / 40);
    size_t n = 0;
    for (str tag; rest.s && rest.len;) {
        (void)str_cut(&rest, '<');
        if (!rest.s) break;
        tag = str_cut(&rest, '>');
        if (str_eq(tag, S("text"))) {
            str r = rest;
            text = aspect_unescaped(a, str_cut(&r, '<'));
        }
        int64_t from, to;
        if (!str_starts(tag, S("aspectTerm ")) || !str_i64(aspect_attribute(tag, " from=\""), &from) ||
            !str_i64(aspect_attribute(tag, " to=\""), &to))
            continue;
        const str p = aspect_attribute(tag, " polarity=\"");
        (*out)[n++] = (aspect){text, (size_t)from, (size_t)to,
                               str_starts(p, S("neg"))   ? 0
                               : str_starts(p, S("neu")) ? 1
                                                         : 2};
    }
    return n;
}

#endif
