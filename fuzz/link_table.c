// link_table: whatever a file holds, every cell gets a value, comparing is symmetric and like itself, and what is
// learned from it gives weights that are numbers and the sums of their parts.
#include "link/model.h"

#include <math.h>

typedef struct {
    str rest;
} feed;

static ptrdiff_t feed_read(void *ctx, char *p, size_t n, err *e) {
    (void)e;
    feed *f = ctx;
    n = MIN(n, f->rest.len);
    if (n) memcpy(p, f->rest.s, n);
    f->rest = str_sub(f->rest, n, f->rest.len);
    return (ptrdiff_t)n;
}

enum { COLUMNS = 10, ROWS = 30 };

static link_head head_of(arena *a, str text) {
    feed f = {text};
    csv *c = csv_open(a, feed_read, &f, (csv_opts){.max_row = 1 << 16});
    str *names = make(a, str, COLUMNS);
    const str **rows = make(a, const str *, ROWS);
    link_head h = {.name = names, .row = rows};
    csv_row row;
    if (!csv_next(c, &row, NULL)) return h;
    h.n = MIN(row.n, COLUMNS);
    for (int i = 0; i < h.n; i++) names[i] = str_dup(a, row.cells[i]);
    while (h.n_rows < ROWS && csv_next(c, &row, NULL)) {
        str *cells = make(a, str, COLUMNS);
        for (int i = 0; i < h.n && i < row.n; i++) cells[i] = str_dup(a, row.cells[i]);
        rows[h.n_rows++] = cells;
    }
    return h;
}

static void check_pair(arena scratch, const link_model *m, uint32_t x, uint32_t y) {
    uint64_t pattern, back;
    const float w = link_model_weight(m, x, y, &pattern);
    assert(isfinite(w) && w == link_model_weight(m, y, x, &back) && pattern == back);
    link_part *part;
    const size_t n =
        link_explain(&scratch, &m->score, &m->fit, pattern, link_row(m->t, x), link_row(m->t, y), w, &part);
    float sum = 0;
    for (size_t i = 0; i < n; i++) sum += part[i].bits;
    assert(sum == w);
}

static void check(arena *a, const link_table *t) {
    link_comparer c = link_comparer_open(t);
    for (uint32_t x = 0; x < t->rows; x++) {
        const uint64_t p = link_pattern(&c, link_row(t, x), link_row(t, x));
        for (int i = 0; i < t->n_fields; i++) {
            const int level = link_level(p, i), top = link_levels(t->field[i].col.kind) - 1;
            const bool again = t->field[i].col.kind == LINK_full && t->given >= 0; // a full name may be the given one
            assert(link_row(t, x)[i] < t->field[i].v.n);
            assert(level == (link_row(t, x)[i] ? top : 0) || (again && !level));
        }
    }
    link_comparer_close(&c);
    link_model m;
    link_pairs p;
    err e = {0};
    if (link_model_learn(&m, t, &(link_model_opts){.threads = 1}, &e)) {
        for (uint32_t x = 0; x + 1 < t->rows; x++) check_pair(*a, &m, x, x + 1);
        assert(link_model_pairs(&m, &p, &e));
        for (size_t i = 0; i < p.n; i++) assert(p.p[i].a < p.p[i].b && p.p[i].b < t->rows);
        link_pairs_close(&p);
    }
    link_model_close(&m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size > 4096) return 0;
    arena a = arena_open((size_t)32 << 20);
    const link_head h = head_of(&a, (str){(const char *)data, size});
    link_table t;
    err e = {0};
    if (link_table_of(&a, &t, &h, (str){0}, &e)) {
        assert(t.rows == h.n_rows);
        check(&a, &t);
        link_table_close(&t);
    }
    arena_close(&a);
    return 0;
}
