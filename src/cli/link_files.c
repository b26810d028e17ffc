#include "base/csv.h"
#include "base/input.h"
#include "cli/link_cmd.h"

// A file read once more, for what the engine does not keep.
typedef struct {
    input *in;
    csv *c;
    csv_row row;
    arena a;
    int columns; // of its first line
} again;

static bool again_open(again *f, const char *path, err *e) {
    *f = (again){.a = arena_open((size_t)64 << 20)};
    if (!input_open(&f->in, path, e)) return arena_close(&f->a), false;
    f->c = csv_open(&f->a, input_read, f->in, (csv_opts){0});
    csv_next(f->c, &f->row, e);
    f->columns = f->row.n;
    return err_ok(e);
}

static bool again_next(again *f, err *e) { // the rows that the engine took
    while (csv_next(f->c, &f->row, e))
        if (f->row.n > 1 || f->columns == 1) return true;
    return false;
}

static void again_close(again *f) {
    input_close(f->in);
    arena_close(&f->a);
}

static str cell(const again *f, int column) {
    return column >= 0 && column < f->row.n ? str_trim(f->row.cells[column]) : (str){0};
}

static bool column_called(const again *f, str name, int *at) {
    for (int c = 0; c < f->row.n; c++)
        if (str_eq_ci(str_trim(f->row.cells[c]), name)) return *at = c, true;
    return false;
}

// ---- ids ----

static bool ids_of(link_job *j, const char *path, int column, uint32_t from, uint32_t to, err *e) {
    again f;
    if (!again_open(&f, path, e)) return false;
    for (uint32_t i = from; i < to && again_next(&f, e); i++) {
        str id = cell(&f, column);
        char number[16];
        if (!id.len) id = (str){number, (size_t)snprintf(number, sizeof number, "%u", i - from + 1)};
        const uint32_t had = j->ids.n, k = j->id_of[i] = intern_put(&j->ids, id);
        ROOM_FOR(j->row_of, &j->cap_row, (size_t)k + 1);
        if (k == had) j->row_of[k] = i + 1;
    }
    again_close(&f);
    return err_ok(e);
}

bool link_ids(link_job *j, err *e) {
    j->ids = intern_open();
    ROOM_FOR(j->id_of, &j->cap_id, (size_t)j->t.rows + 1);
    memset(j->id_of, 0, ((size_t)j->t.rows + 1) * sizeof *j->id_of);
    return ids_of(j, j->file, j->t.plan.id, 0, j->t.rows_a, e) &&
           (!j->second || ids_of(j, j->second, j->t.plan_b.id, j->t.rows_a, j->t.rows, e));
}

str link_id(const link_job *j, uint32_t row) {
    return intern_text(&j->ids, j->id_of[row]);
}

bool link_row_of(const link_job *j, str id, const char *option, uint32_t *row, err *e) {
    const uint32_t k = intern_find(&j->ids, id);
    if (!k) return fail(e, ERR_not_found, "%s: no record is called '%.*s'", option, (int)MIN(id.len, 60), id.s);
    return *row = j->row_of[k] - 1, true;
}

// ---- labels ----

static int answer_of(str x) { // 1 yes, 0 no, -1 none
    static const char *const yes[] = {"yes", "y", "1", "true", "same"}, *const no[] = {"no", "n", "0", "false",
                                                                                       "other"};
    for (size_t i = 0; i < COUNT(yes); i++) {
        if (str_eq_ci(x, str_c(yes[i]))) return 1;
        if (str_eq_ci(x, str_c(no[i]))) return 0;
    }
    return -1;
}

bool link_labels_read(link_job *j, err *e) {
    again f;
    const char *path = str_z(j->a, j->o->labels);
    if (!again_open(&f, path, e)) return false;
    int a = -1, b = -1, same = -1;
    bool ok = true;
    size_t cap = 0;
    link_said *said = NULL;
    if (!column_called(&f, S("a"), &a) || !column_called(&f, S("b"), &b) || !column_called(&f, S("same"), &same))
        ok = fail(e, ERR_invalid, "\"%s\" has no columns a, b and same; heed link --ask writes such a file", path);
    while (ok && again_next(&f, e)) {
        uint32_t x = 0, y = 0;
        const int is = answer_of(cell(&f, same));
        if (is < 0 && cell(&f, same).len)
            ok = fail(e, ERR_invalid, "line %" PRId64 ": \"same\" is \"%.*s\"; write yes or no", f.row.line,
                      STR_ARG(cell(&f, same)));
        if (is < 0) continue;
        ok = link_row_of(j, cell(&f, a), "--labels", &x, e) && link_row_of(j, cell(&f, b), "--labels", &y, e);
        if (!ok || x == y) continue;
        ROOM_FOR(said, &cap, j->n_said + 1);
        said[j->n_said++] = (link_said){x, y, is == 1};
    }
    again_close(&f);
    if (ok && err_ok(e)) {
        j->said = make(j->a, link_said, j->n_said);
        if (said) memcpy(j->said, said, j->n_said * sizeof *said);
        link_learn_labels(&j->m, j->said, j->n_said, &j->learned);
    }
    free(said);
    return ok && err_ok(e);
}

// ---- truth ----

static bool truth_column(link_job *j, const char *path, uint32_t from, uint32_t to, intern *names, uint32_t *truth,
                         err *e) {
    again f;
    int at;
    if (!again_open(&f, path, e)) return false;
    if (!column_called(&f, j->o->truth, &at)) {
        again_close(&f);
        return fail(e, ERR_usage, "--truth: there is no column '%.*s' in \"%s\", and no such file",
                    STR_ARG(j->o->truth), path);
    }
    for (uint32_t i = from; i < to && again_next(&f, e); i++) {
        const str x = cell(&f, at);
        truth[i] = x.len ? j->t.rows + intern_put(names, x) : i;
    }
    again_close(&f);
    return err_ok(e);
}

static uint32_t root(uint32_t *p, uint32_t i) {
    while (p[i] != i) i = p[i] = p[p[i]];
    return i;
}

// Ids with their cluster, or pairs of ids; the name of the second column tells.
static bool truth_file(link_job *j, intern *names, uint32_t *truth, err *e) {
    again f;
    int at;
    if (!again_open(&f, str_z(j->a, j->o->truth), e)) return false;
    const bool clusters = column_called(&f, S("cluster"), &at);
    for (uint32_t i = 0; i < j->t.rows; i++) truth[i] = i;
    while (again_next(&f, e)) {
        const uint32_t x = intern_find(&j->ids, cell(&f, 0)), y = clusters ? 0 : intern_find(&j->ids, cell(&f, 1));
        if (!x || (!clusters && !y)) continue;
        const uint32_t a = j->row_of[x] - 1;
        if (clusters)
            truth[a] = j->t.rows + intern_put(names, cell(&f, at));
        else
            truth[root(truth, a)] = root(truth, j->row_of[y] - 1);
    }
    for (uint32_t i = 0; i < j->t.rows && !clusters; i++) truth[i] = root(truth, i);
    again_close(&f);
    return err_ok(e);
}

bool link_truth_read(link_job *j, err *e) {
    intern names = intern_open();
    uint32_t *truth = make(j->a, uint32_t, j->t.rows);
    FILE *is_file = fopen(str_z(j->a, j->o->truth), "rb");
    if (is_file) fclose(is_file);
    const bool ok = is_file ? truth_file(j, &names, truth, e)
                            : truth_column(j, j->file, 0, j->t.rows_a, &names, truth, e) &&
                                  (!j->second || truth_column(j, j->second, j->t.rows_a, j->t.rows, &names, truth, e));
    intern_close(&names);
    if (!ok) return false;
    j->right.known = true;
    j->right.clusters = link_quality_pairs(j->cluster, truth, j->t.rows);
    j->right.b3 = link_quality_b3(j->cluster, truth, j->t.rows);
    return true;
}

// ---- what is written ----

bool link_sheet_open(link_sheet *s, arena *a, str path, err *e) {
    *s = (link_sheet){.path = str_z(a, path), .a = arena_open((size_t)8 << 20), .ok = true};
    s->f = fopen(s->path, "wb");
    s->b = buf_new(&s->a, 4 << 20);
    if (s->f) return true;
    arena_close(&s->a);
    return fail(e, ERR_denied, "\"%s\" cannot be written; name a file in a folder that is yours", s->path);
}

void link_sheet_row(link_sheet *s, bool last) {
    if (s->b.len < 1 << 20 && !last) return;
    s->ok = fwrite(s->b.s, 1, s->b.len, s->f) == s->b.len && s->ok;
    buf_reset(&s->b);
}

bool link_sheet_close(link_sheet *s, err *e) {
    link_sheet_row(s, true);
    if (fclose(s->f) != 0 || !s->ok) fail(e, ERR_full, "\"%s\" could not be written; is its disk full?", s->path);
    arena_close(&s->a);
    return err_ok(e);
}

// A cluster is called by the id of its first record.
bool link_write_clusters(link_job *j, err *e) {
    link_sheet s;
    if (!link_sheet_open(&s, j->a, j->o->out, e)) return false;
    buf_add(&s.b, j->second ? S("file,id,cluster\n") : S("id,cluster\n"));
    for (uint32_t i = 0; i < j->t.rows; i++) {
        if (j->second) buf_add(&s.b, i < j->t.rows_a ? S("1,") : S("2,"));
        csv_write_cell(&s.b, link_id(j, i), ',');
        buf_addc(&s.b, ',');
        csv_write_cell(&s.b, link_id(j, j->cluster[i]), ',');
        buf_addc(&s.b, '\n');
        link_sheet_row(&s, false);
    }
    return link_sheet_close(&s, e);
}

static void ask_row(const link_job *j, link_sheet *s, const link_pair *p) {
    csv_write_cell(&s->b, link_id(j, p->a), ',');
    buf_addc(&s->b, ',');
    csv_write_cell(&s->b, link_id(j, p->b), ',');
    buf_fmt(&s->b, ",,%.4f", link_chance(&j->m.score.curve, (double)p->weight));
    for (int i = 0; i < j->t.n_fields; i++) {
        const link_field *f = &j->t.field[i];
        const str x = intern_text(&f->v, link_row(&j->t, p->a)[i]), y = intern_text(&f->v, link_row(&j->t, p->b)[i]);
        arena scratch = s->a;
        buf_addc(&s->b, ',');
        csv_write_cell(&s->b, str_eq(x, y) ? x : str_fmt(&scratch, "%.*s / %.*s", STR_ARG(x), STR_ARG(y)), ',');
    }
    buf_addc(&s->b, '\n');
    link_sheet_row(s, false);
}

bool link_write_ask(link_job *j, err *e) {
    link_sheet s;
    link_pair *ask = make(j->a, link_pair, (size_t)j->o->limit);
    const size_t n = link_ask(&j->m, &j->p, j->said, j->n_said, (size_t)j->o->limit, ask);
    if (!link_sheet_open(&s, j->a, j->o->ask, e)) return false;
    buf_add(&s.b, S("a,b,same,chance"));
    for (int i = 0; i < j->t.n_fields; i++) {
        buf_addc(&s.b, ',');
        csv_write_cell(&s.b, j->t.field[i].col.name, ',');
    }
    buf_addc(&s.b, '\n');
    for (size_t i = 0; i < n; i++) ask_row(j, &s, &ask[i]);
    return link_sheet_close(&s, e);
}

double link_chance_of(const link_job *j, const link_pair *p) {
    return j->chance ? (double)j->chance[p - j->p.p] : link_chance(&j->m.score.curve, (double)p->weight);
}

bool link_write_pairs(link_job *j, err *e) {
    link_sheet s;
    if (!link_sheet_open(&s, j->a, j->o->pairs, e)) return false;
    buf_add(&s.b, S("a,b,weight,chance,together\n"));
    for (size_t i = 0; i < j->p.n; i++) {
        const link_pair *p = &j->p.p[i];
        csv_write_cell(&s.b, link_id(j, p->a), ',');
        buf_addc(&s.b, ',');
        csv_write_cell(&s.b, link_id(j, p->b), ',');
        buf_fmt(&s.b, ",%.8g,%.6f,%s\n", (double)p->weight, link_chance_of(j, p),
                j->cluster[p->a] == j->cluster[p->b] ? "yes" : "no");
        link_sheet_row(&s, false);
    }
    return link_sheet_close(&s, e);
}
