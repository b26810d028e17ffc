#include <math.h>

#include "base/map64.h"
#include "base/unicode.h"
#include "cli/say.h"
#include "cli/text_cmd.h"
#include "text/seek.h"

// BM25 (Robertson & Zaragoza 2009) with its usual two numbers.
#define BM25_K 1.2
#define BM25_B 0.75
enum { MOST_TERMS = 64, MOST_FOUND = 1000, LEAST_MEANING = 40 };

typedef struct {
    text_job *j;
    seek_hit by_words[MOST_FOUND], by_meaning[MOST_FOUND], hits[MOST_FOUND];
    size_t n_words, n_meaning, n;
    bool meaning; // was looked at
} found;

// ---- by words ----

typedef struct {
    map64 terms; // of the query, to their number
    size_t n_terms;
    int32_t count[MOST_TERMS]; // in the text that is being read
    int64_t length;
} counter;

static void add_term(void *ctx, str word) {
    counter *k = ctx;
    bool made;
    if (k->n_terms == MOST_TERMS) return;
    map64_at(&k->terms, (int64_t)str_hash(word), (int32_t)k->n_terms, &made);
    k->n_terms += made;
}

static void count_word(void *ctx, str word) {
    counter *k = ctx;
    const int32_t at = map64_get(&k->terms, (int64_t)str_hash(word));
    k->length++;
    if (at >= 0) k->count[at]++;
}

// How often each term stands in each text, and how long the texts are.
static void count_all(found *f, counter *k, uint16_t *counts, int32_t *lengths) {
    text_job *j = f->j;
    for (size_t i = 0; i < j->n; i++) {
        memset(k->count, 0, sizeof k->count);
        k->length = 0;
        text_words(j->c->scratch, j->rows[i].text, count_word, k);
        lengths[i] = (int32_t)k->length;
        for (size_t t = 0; t < k->n_terms; t++) counts[i * k->n_terms + t] = (uint16_t)MIN(k->count[t], UINT16_MAX);
    }
}

static int by_score(const void *x, const void *y) {
    const seek_hit *a = x, *b = y;
    if (a->score > b->score || a->score < b->score) return a->score > b->score ? -1 : 1;
    return a->at < b->at ? -1 : 1;
}

static void rank_words(found *f, str query) {
    text_job *j = f->j;
    arena a = *j->a;
    counter k = {.terms = map64_new(&a, MOST_TERMS)};
    text_words(j->c->scratch, query, add_term, &k);
    if (!k.n_terms) return;
    uint16_t *counts = make(&a, uint16_t, j->n * k.n_terms);
    int32_t *lengths = make(&a, int32_t, j->n);
    count_all(f, &k, counts, lengths);
    double mean = 0, idf[MOST_TERMS] = {0};
    for (size_t i = 0; i < j->n; i++) {
        mean += (double)lengths[i] / (double)j->n;
        for (size_t t = 0; t < k.n_terms; t++) idf[t] += counts[i * k.n_terms + t] > 0;
    }
    for (size_t t = 0; t < k.n_terms; t++) idf[t] = log(1 + ((double)j->n - idf[t] + 0.5) / (idf[t] + 0.5));
    seek_hit *all = make(&a, seek_hit, j->n);
    size_t n = 0;
    for (size_t i = 0; i < j->n; i++) {
        double score = 0;
        for (size_t t = 0; t < k.n_terms; t++) {
            const double c = counts[i * k.n_terms + t];
            score += idf[t] * c * (BM25_K + 1) / (c + BM25_K * (1 - BM25_B + BM25_B * lengths[i] / mean));
        }
        if (score > 0) all[n++] = (seek_hit){(uint32_t)i, (float)score};
    }
    if (n) qsort(all, n, sizeof *all, by_score);
    f->n_words = MIN(n, (size_t)MOST_FOUND);
    if (n) memcpy(f->by_words, all, f->n_words * sizeof *all);
}

// ---- by meaning ----

static float least_of(const text_job *j) {
    return (float)(j->o->least ? j->o->least : LEAST_MEANING) / 100;
}

static bool rank_meaning(found *f, str query, err *e) {
    text_job *j = f->j;
    int8_t *rows, wanted[EMBEDDING];
    float v[EMBEDDING];
    if (!text_vectors(j, &rows, e) || !rows) return err_ok(e);
    const seek_rows r = {rows, j->n, NULL};
    if (!reader_embed(j->read, j->c->scratch, &query, 1, v, e)) return false;
    embedding_pack(v, wanted);
    f->meaning = true;
    if (!embedding_none(wanted)) f->n_meaning = seek_top(*j->a, &r, wanted, least_of(j), MOST_FOUND, f->by_meaning);
    return true;
}

static bool rank_like(found *f, str line, err *e) {
    text_job *j = f->j;
    int64_t wanted;
    int8_t *rows;
    uint32_t at = 0;
    if (!str_i64(line, &wanted)) return fail(e, ERR_usage, "--like is the number of a line of the file");
    while (at < j->n && j->rows[at].line != wanted) at++;
    if (at == j->n) return fail(e, ERR_not_found, "no text stands on line %" PRId64, wanted);
    if (!text_vectors(j, &rows, e)) return false;
    if (!rows)
        return fail(e, ERR_unavailable, "--like goes by meaning, which needs the file of words (`make text-data`)");
    const seek_rows r = {rows, j->n, NULL};
    f->meaning = true;
    f->n_meaning = seek_like(*j->a, &r, &at, 1, least_of(j), MOST_FOUND, f->by_meaning);
    return true;
}

static void fuse(found *f) {
    arena a = *f->j->a;
    uint32_t *words = make(&a, uint32_t, MOST_FOUND), *meaning = make(&a, uint32_t, MOST_FOUND);
    for (size_t i = 0; i < f->n_words; i++) words[i] = f->by_words[i].at;
    for (size_t i = 0; i < f->n_meaning; i++) meaning[i] = f->by_meaning[i].at;
    const seek_ranking both[] = {{words, f->n_words, 0}, {meaning, f->n_meaning, 0}};
    const size_t limit = f->j->o->limit ? MIN((size_t)f->j->o->limit, (size_t)MOST_FOUND) : MOST_FOUND;
    f->n = seek_fuse(a, both, 2, limit, f->hits);
}

// ---- telling ----

static double score_in(const seek_hit *hits, size_t n, uint32_t at) {
    for (size_t i = 0; i < n; i++)
        if (hits[i].at == at) return (double)hits[i].score;
    return 0;
}

// Rounded vectors may come out a little more alike than equal ones.
static double meaning_of(const found *f, uint32_t at) {
    return fmin(1, score_in(f->by_meaning, f->n_meaning, at));
}

static void put_all(const found *f) {
    text_job *j = f->j;
    reply r;
    reply_open(&r, j->c);
    json_open(&r.j, NULL, '{');
    json_put_str(&r.j, "file", j->path);
    json_put_str(&r.j, "column", j->column);
    json_put_int(&r.j, "texts", (int64_t)j->n);
    json_put_bool(&r.j, "meaning", f->meaning);
    json_open(&r.j, "found", '[');
    for (size_t i = 0; i < f->n; i++) {
        const uint32_t at = f->hits[i].at;
        json_open(&r.j, NULL, '{');
        json_put_int(&r.j, "line", j->rows[at].line);
        json_put_num(&r.j, "words", round(100 * score_in(f->by_words, f->n_words, at)) / 100);
        json_put_num(&r.j, "meaning", round(100 * meaning_of(f, at)) / 100);
        json_put_str(&r.j, "text", j->rows[at].text);
        json_close(&r.j, '}');
        reply_some(&r);
    }
    json_close(&r.j, ']');
    json_close(&r.j, '}');
    reply_close(&r);
}

static void show(const found *f) {
    static const table_col cols[] = {
        {"line", true, false}, {"words", true, false}, {"meaning", true, false}, {"text", false, true}};
    text_job *j = f->j;
    table *t = table_new(j->a, cols, COUNT(cols));
    for (size_t i = 0; i < f->n; i++) {
        const uint32_t at = f->hits[i].at;
        const double words = score_in(f->by_words, f->n_words, at), meaning = meaning_of(f, at);
        table_add(t, STYLE_dim, term_count(j->a, j->rows[at].line));
        table_add(t, STYLE_plain, words > 0 ? str_fmt(j->a, "%.1f", words) : S(""));
        table_add(t, STYLE_plain, meaning > 0 ? str_fmt(j->a, "%.2f", meaning) : S(""));
        table_add(t, STYLE_plain, term_clean(j->a, str_sub(j->rows[at].text, 0, 400), true));
    }
    if (f->n)
        table_print(t, &j->c->t, 0);
    else
        term_say(&j->c->t, "Nothing like it was found in %.*s.\n",
                 STR_ARG(say_n(j->a, (int64_t)j->n, "text", "texts")));
}

static str joined(arena *a, strs words) {
    str out = S("");
    for (size_t i = 0; i < words.n; i++)
        out = str_fmt(a, "%.*s%s%.*s", STR_ARG(out), i ? " " : "", STR_ARG(words.v[i]));
    return out;
}

bool text_search(text_job *j, err *e) {
    found *f = make(j->a, found, 1);
    f->j = j;
    const str query = joined(j->a, j->rest), like = j->o->like;
    if (!query.len == !like.len)
        return fail(e, ERR_usage, "say what to look for: words after the file, or --like LINE");
    if (j->o->least > 100) return fail(e, ERR_usage, "--least is a likeness in percent, such as 40");
    if (!text_open(j, e) || !text_read(j, e)) return false;
    if (query.len) rank_words(f, query);
    if (!(query.len ? rank_meaning(f, query, e) : rank_like(f, like, e))) return false;
    fuse(f);
    if (j->c->g.json)
        put_all(f);
    else
        show(f);
    return true;
}
