// Imports: what was taken in and can be taken back; and quarantine: what could not be read.
#include <sodium.h>

#include "base/civil.h"
#include "jobs/replay.h"
#include "jobs/take.h"
#include "jobs/work.h"
#include "serve/handlers.h"
#include "serve/work.h"
#include "sql/serve_jobs.h"

// ---- imports ----

static int import_state_of(str name) {
    for (int s = IMPORT_RUNNING; s <= IMPORT_STOPPED; s++)
        if (str_eq(name, str_c(import_state_name(s)))) return s;
    return -1;
}

// Columns of import_page.
static void put_import(call *c, const row *r) {
    static const char *const counts[] = {"rows", "added", "changed", "same", "skipped", "refused"};
    json_out *j = &c->out;
    int64_t state = row_int(r, 3), until = row_int(r, 4) + UNDO_DAYS * DAY_US;
    bool stream = row_str(r, 14).len == 0, back = state == IMPORT_DONE || state == IMPORT_STOPPED;
    json_open(j, NULL, '{');
    json_put_int(j, "id", row_int(r, 0));
    json_put_int(j, "source", row_int(r, 1));
    json_put_str(j, "source_name", row_str(r, 12));
    json_put_str(j, "name", row_str(r, 2));
    json_put_bool(j, "live", stream);
    json_put_bool(j, "sample", row_int(r, 13) != 0);
    json_put_str(j, "state", str_c(import_state_name(state)));
    json_put_time(j, "started", row_int(r, 4));
    json_put_time(j, "ended", row_int(r, 5));
    json_put_time(j, "last", row_int(r, 15));
    for (int k = 0; k < (int)COUNT(counts); k++) json_put_int(j, counts[k], row_int(r, 6 + k));
    json_put_time(j, "undo_until", back && until > c->now_us ? until : 0);
    json_put_raw(j, "how", stream ? S("{}") : row_str(r, 14));
    json_close(j, '}');
}

bool imports_page(call *c, err *e) {
    paging p;
    int64_t n = 0, last = 0;
    if (!page_open(c, &p, e)) return false;
    row r = store_query(c->s, Q_import_page, e, "iiii", p.first ? INT64_MAX : p.after[0], in_int(c, "source", 0),
                        (int64_t)import_state_of(in_str(c, "state")), p.limit + 1);
    while (n < p.limit && row_next(&r)) put_import(c, &r), last = row_int(&r, 0), n++;
    bool more = n == p.limit && row_next(&r);
    row_end(&r);
    page_close(c, &p, more, last, 0);
    return err_ok(e);
}

bool imports_show(call *c, err *e) {
    int64_t id;
    bool found = false;
    if (!param_id(c, 0, &id, e)) return false;
    for (row r = store_query(c->s, Q_import_one, e, "i", id); row_next(&r); found = true) put_import(c, &r);
    if (!err_ok(e)) return false;
    return found || fail(e, ERR_not_found, "there is no import %" PRId64, id);
}

bool imports_undo(call *c, err *e) {
    int64_t id, job_id;
    if (!param_id(c, 0, &id, e) || !import_may_undo(c->s, c->d->w, id, e)) return false;
    str args = str_fmt(c->a, "{\"import\":%" PRId64 "}", id);
    if (!job_underway(c->s, "import_undo", args, &job_id, e)) return false;
    if (job_id) return fail(e, ERR_conflict, "job %" PRId64 " does that already", job_id);
    return audit(c, "import.undo", str_fmt(c->a, "import:%" PRId64, id), S(""), e) &&
           job_begin(c, "import_undo", args, &job_id, e);
}

// ---- what was refused, as a file ----

// The separator of a table stands in the first line of its header when it is not a comma.
static char separator(str header) {
    json_t *memo = NULL;
    str first = str_cut(&header, '\n');
    char sep = ',';
    if (str_starts(first, S("#heed ")) && json_read(str_sub(first, 6, first.len), &memo, NULL)) {
        str mark = json_at(memo, "sep");
        if (mark.len) sep = mark.s[0];
    }
    json_decref(memo);
    return sep;
}

static void put_quoted(buf *b, str x) {
    buf_addc(b, '"');
    for (size_t i = 0; i < x.len; i++) {
        if (x.s[i] == '"') buf_addc(b, '"');
        buf_addc(b, x.s[i] == '\n' || x.s[i] == '\r' ? ' ' : x.s[i]);
    }
    buf_addc(b, '"');
}

static str line_end_off(str x) {
    while (x.len && (x.s[x.len - 1] == '\n' || x.s[x.len - 1] == '\r')) x.len--;
    return x;
}

static void put_header(buf *b, str header, char sep) {
    if (str_starts(header, S("#heed "))) str_cut(&header, '\n');
    buf_add(b, line_end_off(header));
    buf_addc(b, sep);
    buf_add(b, S("why refused\n"));
}

// A table with one column more, or a line of JSON for each element that could not be read.
static void put_refused(buf *b, const row *r, str *header) {
    str mine = row_str(r, 3), field = row_str(r, 1);
    char why[600];
    snprintf(why, sizeof why, "%.*s%s%.*s", STR_ARG(field), field.len ? ": " : "", STR_ARG(row_str(r, 2)));
    if (!mine.len) {
        buf_add(b, S("{\"why_refused\":"));
        buf_json_str(b, str_c(why));
        buf_add(b, S(",\"row\":"));
        buf_json_str(b, row_str(r, 4));
        buf_add(b, S("}\n"));
        return;
    }
    char sep = separator(mine);
    if (!header->s || !str_eq(*header, mine)) put_header(b, *header = str_dup(b->a, mine), sep);
    buf_add(b, line_end_off(row_str(r, 4)));
    buf_addc(b, sep);
    put_quoted(b, str_c(why));
    buf_addc(b, '\n');
}

bool imports_refused(call *c, err *e) {
    enum { ROWS = 100000, BYTES = 60 << 20 };
    int64_t id, known = 0;
    str header = {0};
    if (!param_id(c, 0, &id, e)) return false;
    for (row r = store_query(c->s, Q_import_one, e, "i", id); row_next(&r);) known = row_int(&r, 0);
    if (!err_ok(e)) return false;
    if (!known) return fail(e, ERR_not_found, "there is no import %" PRId64, id);
    if (!audit(c, "import.refused", str_fmt(c->a, "import:%" PRId64, id), S(""), e)) return false;
    buf b = buf_new(c->a, BYTES);
    for (row r = store_query(c->s, Q_quarantine_of_import, e, "ii", id, (int64_t)ROWS); row_next(&r);)
        put_refused(&b, &r, &header);
    if (b.full) return fail(e, ERR_too_large, "so much was refused that it does not fit into one file");
    const char *type = header.s ? "text/csv; charset=utf-8" : "application/x-ndjson";
    response_header(c->r, "Content-Disposition",
                    str_fmt(c->a, "attachment; filename=\"refused-%" PRId64 ".%s\"", id, header.s ? "csv" : "jsonl"));
    call_text(c, type, buf_str(&b));
    return err_ok(e);
}

// ---- quarantine ----

static int64_t quarantine_state_of(call *c) {
    str name = in_str(c, "state");
    for (int64_t s = QUARANTINE_WAITING; s <= QUARANTINE_SETTLED; s++)
        if (str_eq(name, str_c(quarantine_state_name(s)))) return s;
    return str_eq(name, S("any")) ? -1 : QUARANTINE_WAITING;
}

bool quarantine_page(call *c, err *e) {
    paging p;
    json_out *j = &c->out;
    int64_t n = 0, last = 0;
    if (!page_open(c, &p, e)) return false;
    row r = store_query(c->s, Q_quarantine_page, e, "iiiitti", p.first ? INT64_MAX : p.after[0], in_int(c, "import", 0),
                        in_int(c, "source", 0), quarantine_state_of(c), in_str(c, "field"), in_str(c, "reason"),
                        p.limit + 1);
    while (n < p.limit && row_next(&r)) {
        last = row_int(&r, 0), n++;
        json_open(j, NULL, '{');
        json_put_int(j, "id", last);
        json_put_int(j, "import", row_int(&r, 1));
        json_put_str(j, "source_name", row_str(&r, 8));
        json_put_str(j, "file", row_str(&r, 2));
        json_put_int(j, "line", row_int(&r, 3));
        json_put_str(j, "field", row_str(&r, 4));
        json_put_str(j, "reason", row_str(&r, 5));
        json_put_str(j, "state", str_c(quarantine_state_name(row_int(&r, 7))));
        json_put_time(j, "at", row_int(&r, 6));
        json_close(j, '}');
    }
    bool more = n == p.limit && row_next(&r);
    row_end(&r);
    page_close(c, &p, more, last, 0);
    return err_ok(e);
}

bool quarantine_facets(call *c, err *e) {
    enum { KINDS = 20000 };
    take_reason *list = make(c->a, take_reason, TAKE_REASONS);
    int64_t examples[TAKE_REASONS] = {0}, rows = 0;
    size_t n = 0;
    for (row r = store_query(c->s, Q_quarantine_reasons, e, "iiii", in_int(c, "import", 0), in_int(c, "source", 0),
                             quarantine_state_of(c), (int64_t)KINDS);
         row_next(&r);) {
        size_t before = n;
        rows += row_int(&r, 2);
        take_count(c->a, list, &n, row_str(&r, 0), row_str(&r, 1), row_int(&r, 2));
        if (n > before) examples[before] = row_int(&r, 3);
    }
    json_out *j = &c->out;
    json_open(j, NULL, '{');
    json_open(j, "items", '[');
    for (size_t i = 0; i < n; i++) {
        json_open(j, NULL, '{');
        json_put_str(j, "field", list[i].field);
        json_put_str(j, "reason", list[i].reason);
        json_put_int(j, "rows", list[i].n);
        json_put_int(j, "example", examples[i]);
        json_close(j, '}');
    }
    json_close(j, ']');
    json_put_int(j, "rows", rows);
    json_close(j, '}');
    return err_ok(e);
}

static void put_bytes(call *c, str raw) {
    json_out *j = &c->out;
    if (str_utf8_ok(raw)) {
        json_put_str(j, "text", raw);
        json_put_null(j, "base64");
        return;
    }
    size_t room = sodium_base64_encoded_len(raw.len, sodium_base64_VARIANT_ORIGINAL);
    char *text = make(c->a, char, room);
    sodium_bin2base64(text, room, (const unsigned char *)raw.s, raw.len, sodium_base64_VARIANT_ORIGINAL);
    json_put_null(j, "text");
    json_put_str(j, "base64", str_c(text));
}

bool quarantine_show(call *c, err *e) {
    int64_t id;
    bad b;
    if (!param_id(c, 0, &id, e) || !bad_get(c->a, c->s, id, &b, e) ||
        !audit(c, "quarantine.look", str_fmt(c->a, "quarantine:%" PRId64, id), S(""), e))
        return false;
    json_out *j = &c->out;
    json_open(j, NULL, '{');
    json_put_int(j, "id", b.id);
    json_put_int(j, "import", b.import_id);
    json_put_str(j, "file", b.file);
    json_put_int(j, "line", b.line);
    json_put_str(j, "field", b.field);
    json_put_str(j, "reason", b.reason);
    json_put_str(j, "state", str_c(quarantine_state_name(b.state)));
    json_put_time(j, "at", b.at_us);
    json_put_str(j, "header", b.header);
    put_bytes(c, b.raw);
    json_close(j, '}');
    return true;
}

// ---- many at once ----

// Nothing said is not everything said.
static bool picked(call *c, err *e) {
    static const char *const names[] = {"ids", "import", "source", "field", "reason"};
    bool any = in_bool(c, "all");
    for (size_t i = 0; i < COUNT(names); i++) any |= in_has(c, names[i]);
    return any ||
           fail_field(c, e, "ids", "say which rows: 'ids', 'import', 'source', 'field', 'reason', or 'all': true");
}

bool quarantine_settle(call *c, err *e) {
    int64_t rows = 0;
    if (!picked(c, e)) return false;
    char *ids = json_dumps(json_object_get(c->in, "ids"), JSON_COMPACT);
    bool ok = ids ? store_run(c->s, Q_quarantine_drop, &rows, e, "t", str_c(ids))
                  : store_run(c->s, Q_quarantine_drop_fit, &rows, e, "iitt", in_int(c, "import", 0),
                              in_int(c, "source", 0), in_str(c, "field"), reason_pattern(c->a, in_str(c, "reason")));
    free(ids);
    ok = ok && audit(c, "quarantine.drop", S("quarantine"), str_fmt(c->a, "{\"rows\":%" PRId64 "}", rows), e);
    json_open(&c->out, NULL, '{');
    json_put_int(&c->out, "rows", rows);
    json_close(&c->out, '}');
    return ok;
}

static bool all_there(call *c, err *e) {
    const json_t *ids = json_object_get(c->in, "ids");
    for (size_t i = 0; i < json_array_size(ids); i++) {
        bad b;
        arena scratch = *c->a;
        if (!bad_get(&scratch, c->s, json_integer_value(json_array_get(ids, i)), &b, e)) return false;
    }
    return true;
}

bool quarantine_replay(call *c, err *e) {
    int64_t id;
    if (!picked(c, e) || !all_there(c, e)) return false;
    char *text = json_dumps(c->in, JSON_COMPACT);
    str args = str_dup(c->a, str_c(text));
    free(text);
    return audit(c, "quarantine.replay", S("quarantine"), S(""), e) && job_begin(c, "replay", args, &id, e);
}
