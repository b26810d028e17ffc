#include "cli/cells.h"

#include "base/input.h"
#include "listen/columns.h"

enum { NAMED = 30 };
static const size_t MOST_CELLS = (size_t)1 << 27;

typedef struct {
    input *in;
    progress bar;
    size_t rows;
} feed;

static ptrdiff_t read_some(void *ctx, char *p, size_t n, err *e) {
    feed *f = ctx;
    progress_at(&f->bar, (int64_t)f->rows, input_done(f->in), input_total(f->in));
    return input_read(f->in, p, n, e);
}

static bool look(arena *a, input *in, glance *g, err *e) {
    str head = input_peek(in, GLANCE_BYTES, e);
    if (!err_ok(e) || !glance_look(a, head, head.len < GLANCE_BYTES, g, e)) return false;
    bool plain = g->header != NULL;
    glance_close(g);
    return plain || fail(e, ERR_invalid, "the file is JSON; save it as CSV, a row for each customer");
}

// Room doubles; what was before stays in the arena, which is address space.
static void add_row(arena *a, cells *t, size_t *room, const csv_row *row) {
    if (t->n == *room) {
        *room = *room ? *room * 2 : 1024;
        str *more = make(a, str, *room * (size_t)t->columns);
        if (t->n) memcpy(more, t->at, t->n * (size_t)t->columns * sizeof *more);
        t->at = more;
    }
    for (int i = 0; i < t->columns; i++)
        t->at[t->n * (size_t)t->columns + (size_t)i] = i < row->n ? str_dup(a, str_trim(row->cells[i])) : S("");
    t->n++;
}

static bool read_rows(arena *a, feed *f, const glance *g, cells *t, err *e) {
    arena own = arena_open((size_t)64 << 20);
    csv *c = csv_open(&own, read_some, f, (csv_opts){.sep = g->sep});
    size_t room = 0;
    int skip = g->preamble + 1;
    for (csv_row row; csv_next(c, &row, e); f->rows++) {
        if (skip-- > 0) continue;
        if (row.n == 0 || row.n > t->columns) t->odd++;
        if (row.n == 0) continue;
        if (t->n * (size_t)t->columns > MOST_CELLS) {
            fail(e, ERR_too_large, "the file has more than %zu cells; take a sample of its rows", MOST_CELLS);
            break;
        }
        add_row(a, t, &room, &row);
    }
    arena_close(&own);
    return err_ok(e);
}

bool cells_read(arena *a, const cli *c, const char *path, cells *out, err *e) {
    glance g;
    feed f = {.bar = progress_begin(&c->t, str_c(path), "rows")};
    *out = (cells){0};
    if (!input_open(&f.in, path, e)) return false;
    bool ok = look(a, f.in, &g, e);
    if (ok) {
        out->columns = g.n_header;
        out->names = make(a, str, (size_t)MAX(g.n_header, 1));
        for (int i = 0; i < g.n_header; i++) out->names[i] = term_clean(a, g.header[i], true);
        ok = read_rows(a, &f, &g, out, e);
    }
    progress_end(&f.bar);
    input_close(f.in);
    return ok && (out->n || fail(e, ERR_invalid, "the file has a header and no rows"));
}

str cells_at(const cells *t, size_t row, int column) {
    return t->at[row * (size_t)t->columns + (size_t)column];
}

// Any case; -1 if there is none.
static int cells_column(const cells *t, str name) {
    for (int i = 0; i < t->columns; i++)
        if (str_eq_ci(t->names[i], name)) return i;
    return -1;
}

int cells_find(arena scratch, const cells *t, const char *names) {
    for (str rest = str_c(names); rest.s;) {
        str name = str_cut(&rest, ' ');
        for (int i = 0; i < t->columns; i++) {
            arena brief = scratch;
            if (str_eq(plain_name(&brief, t->names[i]), name)) return i;
        }
    }
    return -1;
}

bool cells_asked(arena *a, const cells *t, const char *option, str name, int *column, err *e) {
    *column = cells_column(t, name);
    if (*column >= 0) return true;
    str all = S("");
    for (int i = 0; i < MIN(t->columns, NAMED); i++)
        all = str_fmt(a, "%.*s%s%.*s", STR_ARG(all), i ? ", " : "", (int)MIN(t->names[i].len, 40), t->names[i].s);
    return fail(e, ERR_usage, "%s: the file has no column \"%.*s\"; it has %.*s", option, (int)MIN(name.len, 40),
                name.s, (int)MIN(all.len, 300), all.s);
}

bool cells_numeric(const cells *t, int column) {
    double v;
    bool any = false;
    for (size_t i = 0; i < t->n; i++) {
        str x = cells_at(t, i, column);
        if (!x.len) continue;
        if (!str_f64(x, &v)) return false;
        any = true;
    }
    return any;
}
