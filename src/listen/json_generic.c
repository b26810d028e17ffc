#include "listen/json_feed.h"
#include "listen/json_item.h"
#include "listen/plan.h"

// Any JSON is read as the CSV that it could have been: members of members become columns ("customer.email"), lists of
// plain values one cell. What the columns mean is for the generic CSV adapter to guess.
enum { DEPTH_MAX = 6, PATH_MAX_LEN = 200, COLUMNS_MAX = 512, CELL_MAX = 1 << 20 };

// The columns found so far, and the cells of one element under them.
typedef struct {
    arena *a;
    str *names, *cells;
    int n;
    bool fixed;    // no new columns; what has none is a stranger
    buf strangers; // the inside of an object
    int likely;
} sheet;

static int column_at(sheet *s, str name) {
    for (int i = 0; i < s->n; i++) {
        const int k = (s->likely + i) % s->n;
        if (str_eq(s->names[k], name)) return k;
    }
    if (s->fixed || s->n == COLUMNS_MAX) return -1;
    s->names[s->n] = str_dup(s->a, name);
    return s->n++;
}

static void put(sheet *s, str name, str value) {
    const int k = column_at(s, name);
    s->likely = k + 1;
    if (k >= 0) s->cells[k] = value;
    if (k >= 0 || !s->fixed || !value.len || s->strangers.len + name.len + value.len > CELL_MAX / 8) return;
    if (s->strangers.len) buf_addc(&s->strangers, ',');
    buf_json_str(&s->strangers, name);
    buf_addc(&s->strangers, ':');
    buf_json_str(&s->strangers, value);
}

static str printed(arena *a, const json_t *v) {
    char *const text = json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY);
    const str copy = str_dup(a, str_c(text));
    free(text);
    return copy;
}

static str list_text(arena *a, const json_t *list) {
    buf b = buf_new(a, CELL_MAX);
    for (size_t i = 0; i < json_array_size(list) && !b.full; i++) {
        const json_t *const v = json_array_get(list, i);
        if (json_is_object(v) || json_is_array(v)) return printed(a, list);
        if (i) buf_add(&b, S(", "));
        buf_add(&b, json_scalar(a, v));
    }
    return buf_str(&b);
}

static void flatten(sheet *s, str path, const json_t *v, int depth) {
    if (!json_is_object(v)) {
        put(s, path, json_is_array(v) ? list_text(s->a, v) : json_scalar(s->a, v));
        return;
    }
    if (depth == DEPTH_MAX || path.len > PATH_MAX_LEN) {
        put(s, path, printed(s->a, v));
        return;
    }
    json_t *const o = (json_t *)(uintptr_t)v;
    for (void *at = json_object_iter(o); at; at = json_object_iter_next(o, at)) {
        const str key = {json_object_iter_key(at), json_object_iter_key_len(at)};
        const str name = path.len ? str_fmt(s->a, "%.*s.%.*s", STR_ARG(path), STR_ARG(key)) : key;
        flatten(s, name, json_object_iter_value(at), depth + 1);
    }
}

// The elements in the head as rows of a sheet. Columns that only later rows have are absent from the earlier ones.
static glance as_table(arena *a, const glance *g) {
    glance table = {.head = g->head, .sep = ','};
    memory m = {g->head};
    feed_item item;
    json_t *v = NULL;
    sheet s = {.a = a, .names = make(a, str, COLUMNS_MAX)};
    csv_row *const rows = make(a, csv_row, GLANCE_ROWS);
    json_feed *const f = feed_open(a, memory_read, &m, g->shape, g->list_key);
    while (table.n_rows < GLANCE_ROWS && feed_next(f, &item, NULL)) {
        if (item.odd || !json_read(item.text, &v, NULL)) continue;
        s.cells = make(a, str, COLUMNS_MAX);
        if (json_is_object(v)) flatten(&s, S(""), v, 0);
        for (int i = 0; i < s.n; i++) s.cells[i] = str_dup(a, s.cells[i]);
        rows[table.n_rows++] = (csv_row){.line = item.line, .cells = s.cells, .n = s.n};
        json_decref(v);
    }
    feed_close(f);
    table.header = s.names;
    table.n_header = s.n;
    table.rows = rows;
    return table;
}

// Systems send much JSON that is about no customer. One element shows too little to guess from, and rows in which
// nobody is named and nothing is rated are somebody's products or settings.
static double worth_reading(arena *a, const glance *table) {
    static const enum field people[] = {FIELD_email, FIELD_phone, FIELD_first, FIELD_last, FIELD_author, FIELD_score};
    columns c;
    if (table->n_rows < 2 || table->n_header < 2) return 0;
    const plan p = plan_guess(a, table, &c);
    const int customer = p.column[FIELD_customer]; // a bare "id" may be anybody's, or a thing's
    if (customer >= 0 && !str_eq_ci(table->header[customer], S("id"))) return p.sure;
    for (size_t i = 0; i < COUNT(people); i++)
        if (p.column[people[i]] >= 0) return p.sure;
    return MIN(p.sure, 0.3);
}

static double generic_sure(const glance *g) {
    arena a = arena_open(256 << 20);
    const glance table = json_is_object(g->first) ? as_table(&a, g) : (glance){0};
    const double sure = worth_reading(&a, &table);
    arena_close(&a);
    return sure < 0.5 ? sure : 0.5 + (sure - 0.5) * 0.4; // never above an adapter that knows the format
}

static bool generic_begin(reading *r, const glance *g, heard_as *as, err *e) {
    glance *const table = make(r->life, glance, 1);
    *table = as_table(r->life, g);
    r->header = table->header;
    r->n_header = table->n_header;
    return ADAPTER_generic_csv.begin(r, table, as, e);
}

static void generic_item(reading *r, const json_t *v) {
    if (!json_is_object(v)) {
        reject(r, "row", "must be an object with named members");
        return;
    }
    sheet s = {.a = &r->row, .names = (str *)(uintptr_t)r->header, .n = r->n_header, .fixed = true};
    s.cells = make(&r->row, str, MAX(r->n_header, 1));
    s.strangers = buf_new(&r->row, CELL_MAX);
    flatten(&s, S(""), v, 0);
    csv_row row = {.line = r->out->line, .cells = s.cells, .n = r->n_header, .raw = r->out->raw};
    r->cells = &row;
    ADAPTER_generic_csv.row(r);
    r->cells = NULL;
    if (!r->out->n || !s.strangers.len) return;
    event *const ev = &r->out->events[0];
    ev->extra = item_join(r, ev->extra, ",", buf_str(&s.strangers));
}

const adapter ADAPTER_generic_json = {
    .name = "generic-json",
    .label = "any JSON, members guessed by name and content",
    .source = "json",
    .channel = CHANNEL_import,
    .format = FORMAT_JSON,
    .sure = generic_sure,
    .begin = generic_begin,
    .item = generic_item,
};
