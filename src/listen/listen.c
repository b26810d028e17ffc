#include <pthread.h>

#include "base/input.h"
#include "listen/adapter.h"
#include "listen/json_feed.h"
#include "listen/tally.h"

enum { LIFE = 512 << 20, ROW = 256 << 20, PROGRESS_ROWS = 1024 };
static const double SURE_ENOUGH = 0.5;
static const ymd AS_OF = {2025, 1, 1}; // of undated facts, so that the same file gives the same events on any day

// One file being read: who maps it, where rows go, and how far it is.
typedef struct {
    reading r;
    heard out;
    const sink *to;
    input *in;  // NULL for a single row
    str header; // for quarantine
    int64_t rows;
} session;

// Choosing the adapter

static const adapter *adapter_named(str name) {
    for (int i = 0; adapters[i]; i++)
        if (str_eq_ci(name, str_c(adapters[i]->name))) return adapters[i];
    return NULL;
}

static str few_columns(arena *a, const glance *g) {
    buf b = buf_new(a, 120);
    for (int i = 0; i < g->n_header && b.len < 90; i++)
        buf_fmt(&b, "%s%.*s", i ? ", " : "", (int)MIN(g->header[i].len, 30), g->header[i].len ? g->header[i].s : "");
    return buf_str(&b);
}

static bool not_sure(arena *life, const glance *g, err *e) {
    if (!g->header) return fail(e, ERR_invalid, "this JSON is of no known kind; name its format with --adapter");
    str columns = few_columns(life, g);
    return fail(e, ERR_invalid, "no known kind of file has the columns %.*s; say what they are with --column date=NAME",
                STR_ARG(columns));
}

static bool choose(arena *life, const glance *g, const listen_opts *opts, const adapter **as, double *sure, err *e) {
    enum format format = g->header ? FORMAT_CSV : FORMAT_JSON;
    *as = NULL;
    *sure = 0;
    if (opts->adapter.len) {
        *as = adapter_named(opts->adapter);
        if (!*as) return fail(e, ERR_usage, "no format is called \"%.*s\"", STR_ARG(opts->adapter));
        if ((*as)->format != format)
            return fail(e, ERR_invalid, "\"%s\" does not read %s", (*as)->name, format == FORMAT_CSV ? "CSV" : "JSON");
        *sure = (*as)->sure(g);
        return true;
    }
    for (int i = 0; adapters[i]; i++) {
        double s = adapters[i]->format == format ? adapters[i]->sure(g) : 0;
        if (s > *sure) *sure = s, *as = adapters[i];
    }
    // A mapping given by hand says enough about a file whose columns say too little.
    bool told = opts->map.len > 2 && format == FORMAT_CSV;
    if (*sure < SURE_ENOUGH && told) *as = &ADAPTER_generic_csv;
    return *sure >= SURE_ENOUGH || told || not_sure(life, g, e);
}

// Setting up

static bool read_map(reading *r, str map, err *e) {
    json_t *v = NULL;
    if (!json_read(map.len ? map : S("{}"), &v, e)) return false;
    r->map = v;
    return json_is_object(v) || fail(e, ERR_invalid, "the mapping must be a JSON object {\"field\": \"column\"}");
}

static bool read_as_of(reading *r, err *e) {
    str x = map_text(r, "as_of");
    int64_t fixed = r->as_of_us = zone_us(r->z, AS_OF, 0);
    if (x.len && !time_parse(x, r->z, 0, &r->as_of_us))
        return fail(e, ERR_invalid, "\"%.*s\" is no day; write \"as_of\" as 2026-01-31", STR_ARG(x));
    r->as_of_given = r->as_of_us != fixed;
    return true;
}

static bool begin(session *s, arena *life, const glance *g, const listen_opts *opts, const adapter *as, heard_as *how,
                  err *e) {
    reading *r = &s->r;
    assert(as);
    *r = (reading){
        .opts = opts, .as = as, .life = life, .header = g->header, .n_header = g->n_header, .guess = r->guess};
    r->row = arena_open(ROW);
    r->out = &s->out;
    s->out.events = make(life, event, ROW_EVENTS);
    r->header_rows = as->format == FORMAT_JSON ? 0 : as->header_rows ? as->header_rows : 1;
    r->day_first = opts->day_first;
    zone *z = NULL;
    if (!zone_open(life, opts->zone, &z, e)) return false;
    r->z = z;
    if (str_eq(zone_name(z), S("UTC"))) r->utc = z;
    r->money = currency_of(opts->currency.len ? opts->currency : S("EUR"));
    if (!r->money) return fail(e, ERR_invalid, "\"%.*s\" is no currency", STR_ARG(opts->currency));
    if (!read_map(r, opts->map, e) || !read_as_of(r, e)) return false;
    *how =
        (heard_as){.adapter = str_c(as->name), .label = str_c(as->label), .channel = as->channel, .mapping = S("{}")};
    how->source = opts->source.len ? opts->source : str_c(as->source);
    return !as->begin || as->begin(r, g, how, e);
}

static void end(session *s) {
    tally_close(s->r.keys);
    json_decref((json_t *)(uintptr_t)s->r.map);
    arena_close(&s->r.row);
}

// What a quarantined row needs besides itself: how the file was understood, then the header as it came.
static str header_for_later(const reading *r, const glance *g, const heard_as *how) {
    assert(r->as);
    if (r->as->format == FORMAT_JSON) return S("");
    buf b = buf_new(r->life, 1 << 20);
    bool plain = g->sep == ',' && !r->day_first && how->mapping.len <= 2;
    if (!plain) {
        json_out j = json_to(&b);
        buf_add(&b, S("#heed "));
        json_open(&j, NULL, '{');
        json_put_str(&j, "sep", (str){&g->sep, 1});
        json_put_int(&j, "day_first", r->day_first);
        json_put_raw(&j, "map", how->mapping);
        json_close(&j, '}');
    }
    if (!plain && r->header_rows > 0) buf_addc(&b, '\n');
    if (r->header_rows > 0) buf_add(&b, g->header_raw);
    for (int i = 1; i < r->header_rows && i <= g->n_rows; i++) {
        buf_addc(&b, '\n');
        buf_add(&b, g->rows[i - 1].raw);
    }
    return buf_str(&b);
}

static void hand_over(arena *a, heard_as *how, const heard_as *from) {
    *how = *from;
    how->adapter = str_dup(a, from->adapter);
    how->label = str_dup(a, from->label);
    how->source = str_dup(a, from->source);
    how->mapping = str_dup(a, from->mapping);
    how->notes = str_dup(a, from->notes);
}

// One row

static void start_row(session *s, int64_t line, str raw) {
    arena_reset(&s->r.row);
    s->out = (heard){.line = line, .events = s->out.events, .raw = raw, .header = s->header};
}

static void check_events(reading *r) {
    static const int64_t first_us = -25567 * DAY_US, last_us = 47482 * DAY_US; // 1900-01-01 to 2100-01-01
    for (int i = 0; i < r->out->n && !r->out->rejected; i++) {
        const event *ev = &r->out->events[i];
        if (!ev->ext.len) reject(r, "id", "nothing in it tells it from other rows");
        if (!ev->at_us) reject(r, "date", "it does not say when it happened");
        if (ev->at_us < first_us || ev->at_us >= last_us) reject(r, "date", "the year is not between 1900 and 2099");
    }
}

static bool finish_row(session *s, err *e) {
    reading *r = &s->r;
    heard *h = &s->out;
    if (!h->rejected && !h->skipped && !h->n) skip_row(r, "it says nothing");
    if (!h->rejected && !h->skipped) check_events(r);
    if (h->rejected) h->skipped = false;
    if (h->rejected || h->skipped) h->n = 0;
    s->rows++;
    bool more = s->to->row(s->to->ctx, h, e);
    if (s->in && s->to->progress && s->rows % PROGRESS_ROWS == 0)
        s->to->progress(s->to->ctx, input_done(s->in), input_total(s->in));
    return more;
}

static bool at_limit(const session *s) {
    return s->r.opts->limit > 0 && s->rows >= s->r.opts->limit;
}

static bool blank(const csv_row *row) {
    for (int i = 0; i < row->n; i++)
        if (str_trim(row->cells[i]).len) return false;
    return true;
}

static bool too_wide(const reading *r, const csv_row *row) {
    for (int i = r->n_header; i < row->n; i++)
        if (str_trim(row->cells[i]).len) return true;
    return false;
}

static bool one_row(session *s, const csv_row *row, err *e) {
    reading *r = &s->r;
    start_row(s, row->line, row->raw);
    r->cells = row;
    if (row->odd)
        reject(r, "row", "%s", row->odd);
    else if (blank(row))
        skip_row(r, "a blank line");
    else if (row->n > r->n_header && too_wide(r, row))
        reject(r, "row", "has %d cells where the header has %d; put cells that hold the separator in quotes", row->n,
               r->n_header);
    else
        r->as->row(r);
    return finish_row(s, e);
}

static bool one_item(session *s, const feed_item *item, err *e) {
    reading *r = &s->r;
    json_t *v = NULL;
    err why = {0};
    start_row(s, item->line, item->text);
    if (item->odd)
        reject(r, "row", "%s", item->odd);
    else if (r->as->row)
        r->as->row(r);
    else if (!json_read(item->text, &v, &why))
        reject(r, "row", "%s", why.msg);
    else
        r->as->item(r, v);
    bool more = finish_row(s, e);
    json_decref(v);
    return more;
}

// Whole files

static bool read_csv(session *s, const glance *g, err *e) {
    csv *c = csv_open(s->r.life, input_read, s->in, (csv_opts){.sep = g->sep});
    csv_row row;
    for (int i = 0; i < g->preamble + MAX(s->r.header_rows, 0); i++)
        if (!csv_next(c, &row, e)) return err_ok(e);
    while (!at_limit(s) && csv_next(c, &row, e))
        if (!one_row(s, &row, e)) return fail(e, ERR_internal, "reading was stopped");
    return err_ok(e);
}

static bool read_json(session *s, read_fn read, void *ctx, enum json_shape shape, str key, err *e) {
    json_feed *f = feed_open(s->r.life, read, ctx, shape, key);
    feed_item item;
    bool more = true;
    while (more && !at_limit(s) && feed_next(f, &item, e)) more = one_item(s, &item, e);
    feed_close(f);
    return more ? err_ok(e) : fail(e, ERR_internal, "reading was stopped");
}

// Looks at the first bytes and sets everything up; end and glance_close are due afterwards, whatever it returns.
static bool get_ready(session *s, arena *life, str head, const listen_opts *opts, glance *g, heard_as *how, err *e) {
    const adapter *as = NULL;
    double sure = 0;
    s->r.guess = true;
    if (!glance_look(life, head, head.len < GLANCE_BYTES, g, e)) return false;
    if (!choose(life, g, opts, &as, &sure, e)) return false;
    if (!begin(s, life, g, opts, as, how, e)) return false;
    how->sure = sure;
    s->header = header_for_later(&s->r, g, how);
    return true;
}

static bool read_input(arena *a, input *in, const listen_opts *opts, heard_as *as, const sink *to, err *e) {
    session s = {.to = to, .in = in};
    glance g = {0};
    heard_as how = {0};
    arena life = arena_open(LIFE);
    str head = input_peek(in, GLANCE_BYTES, e);
    bool ok = err_ok(e) && get_ready(&s, &life, head, opts, &g, &how, e);
    if (ok && as) hand_over(a, as, &how);
    if (ok) ok = g.header ? read_csv(&s, &g, e) : read_json(&s, input_read, in, g.shape, g.list_key, e);
    if (ok && to->progress) to->progress(to->ctx, input_done(in), input_total(in));
    end(&s);
    glance_close(&g);
    arena_close(&life);
    return ok;
}

bool listen_file(arena *a, const char *path, const listen_opts *opts, heard_as *as, const sink *to, err *e) {
    input *in = NULL;
    if (!input_open(&in, path, e)) return false;
    bool ok = read_input(a, in, opts, as, to, e);
    input_close(in);
    return ok;
}

// What a known sender posts is one thing, however many lists are in it, or an array of things.
bool listen_body(arena *a, str body, const listen_opts *opts, heard_as *as, const sink *to, err *e) {
    session s = {.to = to};
    glance g = {0};
    heard_as how = {0};
    arena life = arena_open(LIFE);
    memory m = {body};
    bool ok = get_ready(&s, &life, str_sub(body, 0, GLANCE_BYTES), opts, &g, &how, e);
    if (ok && as) hand_over(a, as, &how);
    if (ok && opts->adapter.len) {
        g.shape = str_starts(str_trim(body), S("[")) ? SHAPE_ARRAY : SHAPE_VALUES;
        g.list_key = S("");
    }
    if (ok && g.header) ok = fail(e, ERR_invalid, "the body is no JSON");
    if (ok) ok = read_json(&s, memory_read, &m, g.shape, g.list_key, e);
    end(&s);
    glance_close(&g);
    arena_close(&life);
    return ok;
}

bool listen_recognise(arena *a, str head, const listen_opts *opts, heard_as *as, err *e) {
    session s = {0};
    glance g = {0};
    heard_as how = {0};
    arena life = arena_open(LIFE);
    bool ok = get_ready(&s, &life, str_sub(head, 0, GLANCE_BYTES), opts, &g, &how, e);
    if (ok) hand_over(a, as, &how);
    end(&s);
    glance_close(&g);
    arena_close(&life);
    return ok;
}

// One row again

typedef struct {
    str header, map;
    char sep;
    int day_first;
} memo;

static void take_memo(memo *m, const json_t *v, arena *a) {
    str sep = json_at(v, "sep");
    if (sep.len) m->sep = sep.s[0];
    m->day_first = (int)json_integer_value(json_find(v, "day_first"));
    char *text = json_dumps(json_find(v, "map"), JSON_COMPACT);
    if (text) m->map = str_dup(a, str_c(text));
    free(text);
}

// The line of header_for_later, taken off the header.
static bool read_memo(arena *a, str header, memo *m, err *e) {
    *m = (memo){.header = header, .sep = ','};
    if (!str_starts(header, S("#heed "))) return true;
    json_t *v = NULL;
    str line = str_cut(&m->header, '\n');
    if (!json_read(str_sub(line, 6, line.len), &v, e)) return false;
    take_memo(m, v, a);
    json_decref(v);
    return true;
}

static bool again_csv(session *s, arena *life, const adapter *as, str header, str raw, listen_opts *opts, err *e) {
    memo m;
    glance g;
    heard_as how;
    if (!read_memo(life, header, &m, e) || !glance_again(life, m.header, raw, m.sep, &g, e)) return false;
    if (m.map.len > 2) opts->map = m.map;
    if (!opts->day_first) opts->day_first = m.day_first;
    s->r.guess = false;
    if (!begin(s, life, &g, opts, as, &how, e)) return false;
    s->header = header;
    const csv_row *row = s->r.header_rows <= 0 ? g.rows - 1 : &g.rows[s->r.header_rows - 1];
    if (s->r.header_rows > g.n_rows) return fail(e, ERR_invalid, "there is no row to read again");
    return one_row(s, row, e);
}

static bool again_json(session *s, arena *life, const adapter *as, str raw, const listen_opts *opts, err *e) {
    glance g = {.head = raw};
    heard_as how;
    json_t *v = NULL;
    if (json_read(raw, &v, NULL)) g.first = v;
    bool ok = begin(s, life, &g, opts, as, &how, e) && one_item(s, &(feed_item){1, raw, NULL}, e);
    glance_close(&g);
    return ok;
}

bool listen_again(arena *a, str adapter_name, str header, str raw, const listen_opts *opts, const sink *to, err *e) {
    (void)a;
    const adapter *as = adapter_named(adapter_name);
    if (!as) return fail(e, ERR_not_found, "no format is called \"%.*s\"", STR_ARG(adapter_name));
    session s = {.to = to};
    listen_opts mine = *opts;
    arena life = arena_open(LIFE);
    bool ok = as->format == FORMAT_CSV ? again_csv(&s, &life, as, header, raw, &mine, e)
                                       : again_json(&s, &life, as, raw, &mine, e);
    end(&s);
    arena_close(&life);
    return ok || fail(e, ERR_internal, "reading was stopped");
}

// The list of adapters as plain rows, made once.
static adapter_info infos[64];
static size_t n_infos;

static void list_infos(void) {
    for (size_t i = 0; adapters[i] && i + 1 < COUNT(infos); i++)
        infos[n_infos++] = (adapter_info){adapters[i]->name, adapters[i]->label, adapters[i]->source,
                                          adapters[i]->format == FORMAT_JSON};
}

const adapter_info *listen_adapters(size_t *n) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, list_infos);
    *n = n_infos;
    return infos;
}
