#include "link/table.h"

#include "base/input.h"
#include "link/taking.h"
#include "link/trait.h"

enum { SAMPLE = 2000 };

static void begin(link_table *t) {
    t->n_fields = t->plan.n;
    for (int i = 0; i < t->n_fields; i++) t->field[i] = (link_field){.col = t->plan.field[i], .v = intern_open()};
}

// Which texts of one field of names stand in the other as well.
static void cross(link_field *f, const link_field *g) {
    size_t had = 0;
    f->other = room_for(NULL, &had, f->v.n, sizeof *f->other);
    for (uint32_t v = 0; v < f->v.n; v++) f->other[v] = intern_find(&g->v, intern_text(&f->v, v));
}

static void finish(link_table *t) {
    t->given = t->family = t->full = t->email = -1;
    for (int i = 0; i < t->n_fields; i++) {
        if (t->field[i].col.kind == LINK_given && t->given < 0) t->given = i;
        if (t->field[i].col.kind == LINK_family && t->family < 0) t->family = i;
        if (t->field[i].col.kind == LINK_full && t->full < 0) t->full = i;
        if (t->field[i].col.kind == LINK_email && t->email < 0) t->email = i;
    }
    if (t->given >= 0 && t->family >= 0) {
        cross(&t->field[t->given], &t->field[t->family]);
        cross(&t->field[t->family], &t->field[t->given]);
    }
    for (int i = 0; i < t->n_fields; i++) {
        intern_done(&t->field[i].v);
        link_traits(&t->field[i], t->rows);
    }
}

void link_table_close(link_table *t) {
    for (int i = 0; i < t->n_fields; i++) {
        link_field *f = &t->field[i];
        intern_close(&f->v);
        free(f->other);
        free(f->trait);
        free(f->word);
        free(f->idf);
        free(f->held);
    }
    free(t->cell);
    *t = (link_table){0};
}

bool link_table_of(arena *a, link_table *t, const link_head *h, str by, err *e) {
    *t = (link_table){0};
    if (!link_plan_make(a, h, by, &t->plan, e)) return false;
    begin(t);
    taking *k = taking_open(t, &t->plan);
    for (size_t i = 0; i < h->n_rows; i++) taking_row(k, h->row[i], h->n);
    taking_close(k);
    t->rows_a = t->rows;
    finish(t);
    return true;
}

// The first rows of a file, kept to guess by: names of the columns, and rows as wide as there are names.
typedef struct {
    link_head h;
    str *name;
    const str **row;
} head;

static str *copy_row(arena *a, const csv_row *row, int n) {
    str *cells = make(a, str, n);
    for (int c = 0; c < n && c < row->n; c++) cells[c] = str_dup(a, row->cells[c]);
    return cells;
}

static bool read_head(arena *a, csv *in, head *h, err *e) {
    csv_row row;
    if (!csv_next(in, &row, e)) return fail(e, ERR_invalid, "the file is empty; give one with a line of column names");
    const int n = MIN(row.n, LINK_COLUMNS);
    h->name = copy_row(a, &row, n);
    for (int c = 0; c < n; c++) h->name[c] = str_trim(h->name[c]);
    h->row = make(a, const str *, SAMPLE);
    h->h = (link_head){.name = h->name, .n = n, .row = h->row};
    while (h->h.n_rows < SAMPLE && csv_next(in, &row, e))
        if (row.n > 1 || n == 1) h->row[h->h.n_rows++] = copy_row(a, &row, n);
    return err_ok(e);
}

static bool read_rows(taking *k, link_table *t, csv *in, const head *h, const input *file, const link_read *o, err *e) {
    const uint64_t most = o->most_rows ? o->most_rows : (uint64_t)1 << 31;
    for (size_t i = 0; i < h->h.n_rows; i++) taking_row(k, h->row[i], h->h.n);
    csv_row row;
    uint64_t rows = t->rows + h->h.n_rows;
    while (csv_next(in, &row, e)) {
        if (row.n <= 1 && h->h.n > 1) continue;
        if (++rows > most) return fail(e, ERR_full, "more than %" PRIu64 " records; link them in parts", most);
        taking_row(k, row.cells, row.n);
        if (o->progress && !(rows & 0x3fff))
            o->progress(o->ctx, "read", (uint64_t)input_done(file), (uint64_t)input_total(file));
    }
    return err_ok(e);
}

static bool read_file(arena *a, link_table *t, const char *path, const link_plan *first, const link_read *o, err *e) {
    input *file;
    if (!input_open(&file, path, e)) return false;
    arena mine = arena_open((size_t)256 << 20);
    csv *in = csv_open(&mine, input_read, file, (csv_opts){0});
    head h;
    link_plan *plan = first ? &t->plan_b : &t->plan;
    bool ok = read_head(&mine, in, &h, e) &&
              (first ? link_plan_match(a, first, &h.h, plan, e) : link_plan_make(a, &h.h, o->by, plan, e));
    if (ok && !first) begin(t);
    if (ok) {
        taking *k = taking_open(t, plan);
        ok = read_rows(k, t, in, &h, file, o, e);
        taking_close(k);
    }
    arena_close(&mine);
    input_close(file);
    return ok;
}

bool link_table_read(arena *a, link_table *t, const link_read *o, err *e) {
    *t = (link_table){.two = o->against != NULL};
    bool ok = read_file(a, t, o->path, NULL, o, e);
    t->rows_a = t->rows;
    if (ok && o->against) ok = read_file(a, t, o->against, &t->plan, o, e);
    if (!ok) return link_table_close(t), false;
    finish(t);
    return true;
}
