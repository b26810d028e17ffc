#include "listen/adapter.h"
#include "listen/json_feed.h"

enum { PREAMBLE_MAX = 10 };

ptrdiff_t memory_read(void *ctx, char *p, size_t n, err *e) {
    (void)e;
    memory *m = ctx;
    n = MIN(n, m->rest.len);
    if (n) memcpy(p, m->rest.s, n);
    m->rest = str_sub(m->rest, n, m->rest.len);
    return (ptrdiff_t)n;
}

// Files that are no text at all, by their first bytes, and what to do about them.
static const struct {
    const char *magic;
    size_t len;
    const char *is;
} binaries[] = {
    {"PK\x03\x04", 4, "a workbook or zip archive; save the sheet as CSV, or unpack it"},
    {"\xD0\xCF\x11\xE0", 4, "an old Excel workbook; save the sheet as CSV"},
    {"%PDF", 4, "a PDF; export the data as CSV or JSON"},
    {"SQLite format 3", 15, "a database; export the table as CSV"},
    {"PAR1", 4, "a Parquet file; export it as CSV"},
};

static bool refuse_binary(str bytes, err *e) {
    for (size_t i = 0; i < COUNT(binaries); i++)
        if (str_starts(bytes, (str){binaries[i].magic, binaries[i].len}))
            return fail(e, ERR_invalid, "the file is %s", binaries[i].is);
    return true;
}

static bool looks_json(str head) {
    str x = str_trim(head);
    if (x.len < 2 || (x.s[0] != '{' && x.s[0] != '[')) return false;
    str inside = str_trim(str_sub(x, 1, x.len));
    if (!inside.len) return false;
    return strchr(x.s[0] == '{' ? "\"}" : "{[]\"-0123456789", inside.s[0]) != NULL;
}

// Blank-separated logs have the same number of words, at least three, on every line, and no other separator.
static size_t words_of(str line) {
    size_t n = 0;
    for (size_t i = 0; i < line.len; i++) {
        if (strchr(",;\t|\"", line.s[i])) return 0;
        n += line.s[i] != ' ' && (!i || line.s[i - 1] == ' ');
    }
    return n;
}

static bool blank_separated(str head, bool whole) {
    size_t want = 0, lines = 0;
    for (str rest = head; rest.s && lines < 20;) {
        str line = str_trim(str_cut(&rest, '\n'));
        if (!line.len) continue;
        if (!rest.s && !whole && lines) break;
        size_t n = words_of(line);
        if (n < 3 || (want && n != want)) return false;
        want = n;
        lines++;
    }
    return lines > 0;
}

static csv_row row_copy(arena *a, const csv_row *row) {
    csv_row copy = *row;
    copy.cells = make(a, str, MAX(row->n, 1));
    for (int i = 0; i < row->n; i++) copy.cells[i] = str_dup(a, row->cells[i]);
    copy.raw = str_dup(a, row->raw);
    return copy;
}

static int filled(const csv_row *row) {
    int n = 0;
    for (int i = 0; i < row->n; i++) n += str_trim(row->cells[i]).len > 0;
    return n;
}

// A header follows after the blank rows, the separator line and the title lines that spreadsheets put above it.
static int preamble_of(const csv_row *rows, int n) {
    int widest = 0, k = 0;
    for (int i = 0; i < MIN(n, PREAMBLE_MAX * 2); i++) widest = MAX(widest, filled(&rows[i]));
    while (k < MIN(n - 1, PREAMBLE_MAX) && (filled(&rows[k]) == 0 || (filled(&rows[k]) == 1 && widest >= 3))) k++;
    return k;
}

static csv_row *rows_of(arena *a, str head, bool whole, char *sep, int *count, err *e) {
    memory m = {head};
    csv *c = csv_open(a, memory_read, &m, (csv_opts){.sep = *sep});
    int max = GLANCE_ROWS + PREAMBLE_MAX + 1, n = 0;
    csv_row *rows = make(a, csv_row, max), row = {0};
    for (; n < max && csv_next(c, &row, e); n++) rows[n] = row_copy(a, &row);
    if (!*sep) *sep = csv_sep(c);
    if (!whole && n == 1) fail(e, ERR_too_large, "the header row is longer than 64 KiB");
    if (!whole && n > 1 && n < max) n--; // the last one may be cut off
    *count = n;
    return rows;
}

static void set_header(arena *a, glance *g, const csv_row *rows, int n) {
    str *header = make(a, str, MAX(rows->n, 1));
    for (int i = 0; i < rows->n; i++) header[i] = str_trim(rows->cells[i]);
    g->header = header;
    g->n_header = rows->n;
    g->header_raw = rows->raw;
    g->rows = rows + 1;
    g->n_rows = MIN(n - 1, GLANCE_ROWS);
}

static bool look_csv(arena *a, glance *g, bool whole, err *e) {
    str first = str_sub(g->head, 0, 5);
    bool told = str_starts_ci(first, S("sep=")) && first.len == 5;
    g->sep = told ? first.s[4] : blank_separated(g->head, whole) ? ' ' : '\0';
    int n = 0;
    csv_row *rows = rows_of(a, g->head, whole, &g->sep, &n, e);
    if (!err_ok(e)) return false;
    g->preamble = told ? 1 : 0;
    g->preamble += preamble_of(rows + MIN(g->preamble, n), MAX(n - g->preamble, 0));
    if (g->preamble >= n) return fail(e, ERR_invalid, "the file holds no rows");
    set_header(a, g, rows + g->preamble, n - g->preamble);
    return true;
}

static void look_json(arena *a, glance *g, bool whole) {
    memory m = {g->head};
    g->shape = feed_shape(a, g->head, &g->list_key);
    json_feed *f = feed_open(a, memory_read, &m, g->shape, g->list_key);
    feed_item item;
    json_t *v = NULL;
    for (int i = 0; i < GLANCE_ROWS && !v && feed_next(f, &item, NULL); i++)
        if (!item.odd && !json_read(item.text, &v, NULL)) v = NULL;
    feed_close(f);
    g->first = v;
    v = NULL;
    if (whole && g->shape != SHAPE_LINES && json_read(str_trim(g->head), &v, NULL)) g->whole = v;
}

bool glance_look(arena *a, str bytes, bool whole, glance *g, err *e) {
    *g = (glance){0};
    if (!refuse_binary(bytes, e)) return false;
    g->head = text_to_utf8(a, bytes);
    if (!str_trim(g->head).len) return fail(e, ERR_invalid, "the file is empty");
    if (g->head.len && memchr(g->head.s, '\0', g->head.len))
        return fail(e, ERR_invalid, "the file is not text; export it as CSV or JSON");
    if (!looks_json(g->head)) return look_csv(a, g, whole, e);
    look_json(a, g, whole);
    return true;
}

bool glance_again(arena *a, str header, str raw, char sep, glance *g, err *e) {
    *g = (glance){.sep = sep};
    g->head = header.len ? str_fmt(a, "%.*s\n%.*s", STR_ARG(header), STR_ARG(raw)) : raw;
    int n = 0;
    csv_row *rows = rows_of(a, g->head, true, &g->sep, &n, e);
    if (!err_ok(e)) return false;
    if (!n) return fail(e, ERR_invalid, "there is no row to read again");
    set_header(a, g, rows, n);
    return true;
}

void glance_close(glance *g) {
    json_decref((json_t *)(uintptr_t)g->first);
    json_decref((json_t *)(uintptr_t)g->whole);
    g->first = g->whole = NULL;
}

int glance_column(const glance *g, const char *column) {
    for (int i = 0; i < g->n_header; i++)
        if (str_eq_ci(g->header[i], str_c(column))) return i;
    return -1;
}

bool glance_has(const glance *g, const char *column) {
    return glance_column(g, column) >= 0;
}

int glance_count(const glance *g, const char *const *columns, int n) {
    int found = 0;
    for (int i = 0; i < n; i++) found += glance_has(g, columns[i]);
    return found;
}

str glance_cell(const glance *g, int row, int column) {
    if (row < 0 || row >= g->n_rows || column < 0 || column >= g->rows[row].n) return S("");
    return str_trim(g->rows[row].cells[column]);
}
