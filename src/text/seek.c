#include "text/seek.h"

#include <math.h>

// ---- products ----

// One loop for all processors; on x86 it is compiled a second and third time for those that multiply 32 and 64 bytes at
// once, and the widest that the machine has is taken.
static inline __attribute__((always_inline)) void products_body(const int8_t *rows, size_t n, const int16_t *query,
                                                                int32_t *out) {
    for (size_t r = 0; r < n; r++, rows += EMBEDDING) {
        int32_t sum = 0;
        for (int i = 0; i < EMBEDDING; i++) sum += rows[i] * query[i];
        out[r] = sum;
    }
}

#if defined __x86_64__ && defined __GNUC__
#define WIDE(name, width)                                                                                              \
    __attribute__((target(width), optimize("O3"))) static void name(const int8_t *rows, size_t n,                      \
                                                                    const int16_t *query, int32_t *out) {              \
        products_body(rows, n, query, out);                                                                            \
    }
WIDE(products_32, "avx2")
WIDE(products_64, "avx512f,avx512bw")
#endif
__attribute__((optimize("O3"))) static void products_any(const int8_t *rows, size_t n, const int16_t *query,
                                                         int32_t *out) {
    products_body(rows, n, query, out);
}

typedef void products_fn(const int8_t *rows, size_t n, const int16_t *query, int32_t *out);

static products_fn *widest(void) {
#if defined __x86_64__ && defined __GNUC__
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512bw")) return products_64;
    if (__builtin_cpu_supports("avx2")) return products_32;
#endif
    return products_any;
}

// ---- the best ----

static bool ahead(seek_hit x, seek_hit y) {
    return x.score > y.score || (x.score == y.score && x.at < y.at);
}

// A heap whose root is the worst of the best.
typedef struct {
    seek_hit *v;
    size_t n, k;
} best;

static void sink(best *b, size_t i) {
    for (size_t child; (child = 2 * i + 1) < b->n; i = child) {
        if (child + 1 < b->n && ahead(b->v[child], b->v[child + 1])) child++;
        if (!ahead(b->v[i], b->v[child])) return;
        const seek_hit x = b->v[i];
        b->v[i] = b->v[child];
        b->v[child] = x;
    }
}

static void offer(best *b, seek_hit x) {
    if (b->n == b->k) {
        if (!ahead(x, b->v[0])) return;
        b->v[0] = x;
        sink(b, 0);
        return;
    }
    size_t i = b->n++;
    for (; i && ahead(b->v[(i - 1) / 2], x); i = (i - 1) / 2) b->v[i] = b->v[(i - 1) / 2];
    b->v[i] = x;
}

static int by_score(const void *x, const void *y) {
    return ahead(*(const seek_hit *)x, *(const seek_hit *)y) ? -1 : 1;
}

size_t seek_merge(seek_hit *hits, size_t n, size_t k) {
    if (n > 1) qsort(hits, n, sizeof *hits, by_score);
    return MIN(n, k);
}

// ---- searching ----

enum { CHUNK = 256 };

static bool allowed(const seek_rows *r, size_t i) {
    return !r->allow || (r->allow[i / 64] >> (i % 64) & 1);
}

static bool any_allowed(const seek_rows *r, size_t from, size_t to) {
    for (size_t i = from; i < to; i++)
        if (allowed(r, i)) return true;
    return false;
}

size_t seek_part(arena scratch, const seek_rows *r, size_t from, size_t to, const int8_t *query, float least, size_t k,
                 seek_hit *out) {
    (void)scratch;
    products_fn *products = widest();
    const float one = embedding_dot((const int8_t[EMBEDDING]){1}, (const int8_t[EMBEDDING]){1});
    int16_t wide[EMBEDDING];
    int32_t sums[CHUNK];
    best b = {out, 0, k};
    for (int i = 0; i < EMBEDDING; i++) wide[i] = query[i];
    for (size_t at = from; k && at < to; at += CHUNK) {
        const size_t n = MIN(to - at, (size_t)CHUNK);
        if (r->allow && !any_allowed(r, at, at + n)) continue;
        products(r->rows + at * EMBEDDING, n, wide, sums);
        for (size_t i = 0; i < n; i++) {
            const seek_hit x = {(uint32_t)(at + i), (float)sums[i] * one};
            if (x.score >= least && (b.n < k || ahead(x, b.v[0])) && allowed(r, at + i)) offer(&b, x);
        }
    }
    return seek_merge(out, b.n, k);
}

size_t seek_top(arena scratch, const seek_rows *r, const int8_t *query, float least, size_t k, seek_hit *out) {
    return seek_part(scratch, r, 0, r->n, query, least, k, out);
}

size_t seek_like(arena scratch, const seek_rows *r, const uint32_t *examples, size_t n, float least, size_t k,
                 seek_hit *out) {
    float mean[EMBEDDING] = {0}, one[EMBEDDING];
    double square = 0;
    int8_t query[EMBEDDING];
    for (size_t e = 0; e < n; e++) {
        assert(examples[e] < r->n);
        embedding_unpack(r->rows + (size_t)examples[e] * EMBEDDING, one);
        for (int i = 0; i < EMBEDDING; i++) mean[i] += one[i];
    }
    for (int i = 0; i < EMBEDDING; i++) square += (double)mean[i] * mean[i];
    for (int i = 0; square > 0 && i < EMBEDDING; i++) mean[i] = (float)(mean[i] / sqrt(square));
    embedding_pack(mean, query);
    seek_hit *hits = make(&scratch, seek_hit, k + n);
    const size_t found = seek_top(scratch, r, query, least, k + n, hits);
    size_t kept = 0;
    for (size_t i = 0; i < found && kept < k; i++) {
        bool example = false;
        for (size_t e = 0; e < n; e++) example |= examples[e] == hits[i].at;
        if (!example) out[kept++] = hits[i];
    }
    return kept;
}

// ---- fusing ----

static int by_row(const void *x, const void *y) {
    const uint32_t a = ((const seek_hit *)x)->at, b = ((const seek_hit *)y)->at;
    return (a > b) - (a < b);
}

size_t seek_fuse(arena scratch, const seek_ranking *rankings, size_t n, size_t k, seek_hit *out) {
    size_t all = 0, m = 0, rows = 0;
    for (size_t i = 0; i < n; i++) all += rankings[i].n;
    seek_hit *x = make(&scratch, seek_hit, all);
    for (size_t i = 0; i < n; i++)
        for (size_t rank = 0; rank < rankings[i].n; rank++) {
            const float weight = rankings[i].weight > 0 ? rankings[i].weight : 1;
            x[m++] = (seek_hit){rankings[i].at[rank], weight / (float)(60 + rank + 1)};
        }
    if (m > 1) qsort(x, m, sizeof *x, by_row);
    for (size_t i = 0; i < m; i++)
        if (rows && x[rows - 1].at == x[i].at)
            x[rows - 1].score += x[i].score;
        else
            x[rows++] = x[i];
    rows = seek_merge(x, rows, k);
    if (rows) memcpy(out, x, rows * sizeof *x);
    return rows;
}
