// Files that are sent to be imported: what is in them, how they are to be read, and the jobs that read them.
#include <unistd.h>

#include "base/civil.h"
#include "base/money.h"
#include "jobs/runner.h"
#include "jobs/uploads.h"
#include "know/wire.h"
#include "listen/columns.h"
#include "serve/auth.h"
#include "serve/handlers.h"
#include "serve/work.h"
#include "sql/serve_jobs.h"

// ---- showing ----

static void put_id(json_out *j, const char *key, int64_t id) {
    if (id)
        json_put_int(j, key, id);
    else
        json_put_null(j, key);
}

static void put_text(json_out *j, const char *key, str x) {
    if (x.len)
        json_put_str(j, key, x);
    else
        json_put_null(j, key);
}

static void put_row(json_out *j, const upload *u) {
    json_put_int(j, "id", u->id);
    json_put_str(j, "name", u->name);
    json_put_int(j, "bytes", u->bytes);
    json_put_time(j, "created", u->created_us);
    json_put_str(j, "by", u->by);
    put_id(j, "job", u->job_id);
    json_put_int(j, "version", u->version);
}

static const char *dates_of(int64_t day_first) {
    return day_first > 0 ? "day_first" : day_first < 0 ? "month_first" : "auto";
}

static void put_how(json_out *j, const json_t *how) {
    static const char *const names[] = {"source", "adapter", "zone", "country", "currency"};
    json_open(j, "how", '{');
    for (size_t i = 0; i < COUNT(names); i++) put_text(j, names[i], json_at(how, names[i]));
    char *map = json_dumps(json_object_get(how, "columns"), JSON_COMPACT);
    json_put_raw(j, "columns", map ? str_c(map) : S("{}"));
    free(map);
    json_put_str(j, "dates", str_c(dates_of(json_integer_value(json_object_get(how, "day_first")))));
    json_close(j, '}');
}

static void put_format(json_out *j, const heard_as *as) {
    json_open(j, "format", '{');
    json_put_str(j, "adapter", as->adapter);
    json_put_str(j, "label", as->label);
    json_put_num(j, "sure", as->sure);
    json_put_str(j, "source", as->source);
    json_put_str(j, "channel", channel_name(as->channel));
    json_put_raw(j, "columns", as->mapping.len ? as->mapping : S("{}"));
    json_open(j, "notes", '[');
    for (str rest = as->notes; rest.s && rest.len;) {
        str line = str_trim(str_cut(&rest, '\n'));
        if (line.len) json_put_str(j, NULL, line);
    }
    json_close(j, ']');
    json_close(j, '}');
}

static void put_columns(json_out *j, const look *l) {
    json_open(j, "columns", '[');
    for (size_t i = 0; i < l->n_columns; i++) {
        const look_column *k = &l->columns[i];
        json_open(j, NULL, '{');
        json_put_str(j, "name", k->name);
        put_text(j, "field", k->field);
        json_open(j, "samples", '[');
        for (int s = 0; s < k->n; s++) json_put_str(j, NULL, k->samples[s]);
        json_close(j, ']');
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void put_look(json_out *j, const look *l) {
    bool ok = err_ok(&l->problem);
    put_text(j, "problem", str_c(l->problem.msg));
    if (ok)
        put_format(j, &l->as);
    else
        json_put_null(j, "format");
    json_open(j, "others", '[');
    for (size_t i = 0; i < l->n_others; i++) {
        json_open(j, NULL, '{');
        json_put_str(j, "adapter", str_c(l->others[i].name));
        json_put_str(j, "label", str_c(l->others[i].label));
        json_put_num(j, "sure", l->others[i].sure);
        json_close(j, '}');
    }
    json_close(j, ']');
    put_columns(j, l);
    json_open(j, "fields", '[');
    for (int f = 0; f < FIELDS && l->n_columns; f++) json_put_str(j, NULL, str_c(field_id((enum field)f)));
    json_close(j, ']');
}

// What is wrong with the file is part of the answer: a person may know better.
static bool show(call *c, const upload *u, err *e) {
    look *l = make(c->a, look, 1);
    listen_opts how;
    json_t *words = NULL;
    if (!upload_how(c->a, c->s, u, &how, e)) return false;
    if (!look_at(c->a, str_z(c->a, u->path), &how, l, e) || !json_read(u->how, &words, e)) return false;
    l->as.source = import_source(c->a, &l->as, &how, u->name);
    json_out *j = &c->out;
    call_etag(c, u->version);
    json_open(j, NULL, '{');
    put_row(j, u);
    put_how(j, words);
    put_look(j, l);
    json_close(j, '}');
    json_decref(words);
    return true;
}

static bool get(call *c, upload *u, err *e) {
    int64_t id;
    return param_id(c, 0, &id, e) && upload_get(c->a, c->s, id, u, e);
}

bool uploads_show(call *c, err *e) {
    upload u;
    return get(c, &u, e) && show(c, &u, e);
}

bool uploads_page(call *c, err *e) {
    paging p;
    int64_t n = 0, last = 0;
    if (!page_open(c, &p, e)) return false;
    row r = store_query(c->s, Q_upload_list, e, "ii", p.first ? INT64_MAX : p.after[0], p.limit + 1);
    while (n < p.limit && row_next(&r)) {
        upload u = upload_read(c->a, &r);
        json_open(&c->out, NULL, '{');
        put_row(&c->out, &u);
        json_close(&c->out, '}');
        last = u.id, n++;
    }
    bool more = n == p.limit && row_next(&r);
    row_end(&r);
    page_close(c, &p, more, last, 0);
    return err_ok(e);
}

// ---- coming in ----

typedef struct {
    upload u;
    int64_t was; // version that was read
    str by, address;
} note;

static bool put_piece(void *ctx, desk *d, err *e) {
    note *x = ctx;
    return upload_put(d, &x->u, e) &&
           audit_put(d, x->by, "upload.make", str_fmt(d->a, "upload:%" PRId64, x->u.id), S(""), x->address, e);
}

// The last part of what it was called, without what could mislead a reader.
static str clean_name(arena *a, str name) {
    enum { MOST = 200 };
    while (str_find(name, '/') >= 0) str_cut(&name, '/');
    while (str_find(name, '\\') >= 0) str_cut(&name, '\\');
    buf b = buf_new(a, MOST + 8);
    for (size_t i = 0; i < name.len && b.len < MOST;) {
        size_t n = str_utf8_1(str_sub(name, i, name.len));
        if (n && (unsigned char)name.s[i] >= 0x20 && name.s[i] != 0x7F) buf_add(&b, str_sub(name, i, n));
        i += n ? n : 1;
    }
    return b.len ? buf_str(&b) : S("file");
}

bool uploads_make(call *c, err *e) {
    note x = {.by = who_text(c->a, &c->who), .address = c->q->peer};
    str source = form_value(c->a, c->q->query, "source"), where = str_c(server_options(c->sv)->where);
    if (!c->q->length) return fail(e, ERR_invalid, "the body is empty; send the file as the body");
    x.u.name = clean_name(c->a, form_value(c->a, c->q->query, "name"));
    x.u.by = x.by;
    buf how = buf_new(c->a, 4096);
    json_out j = json_to(&how);
    json_open(&j, NULL, '{');
    if (source.len) json_put_str(&j, "source", str_sub(source, 0, 64));
    json_close(&j, '}');
    x.u.how = buf_str(&how);
    if (!upload_keep(c->a, where, server_world(c->sv), c->q->spool, c->q->body, &x.u.path, &x.u.bytes, e)) return false;
    if (!writer_do(server_writer(c->sv), put_piece, &x, e)) return unlink(str_z(c->a, x.u.path)), false;
    call_status(c, 201);
    call_location(c, str_fmt(c->a, "/api/uploads/%" PRId64, x.u.id));
    return show(c, &x.u, e);
}

// ---- how it is to be read ----

static bool change_piece(void *ctx, desk *d, err *e) {
    note *x = ctx;
    upload now;
    if (!upload_get(d->a, d->s, x->u.id, &now, e)) return false;
    if (now.version != x->was) return fail(e, ERR_changed, "somebody changed it meanwhile; read it again");
    if (now.job_id) return fail(e, ERR_conflict, "job %" PRId64 " reads it already", now.job_id);
    return store_run(d->s, Q_upload_change, NULL, e, "it", x->u.id, x->u.how) &&
           audit_put(d, x->by, "upload.change", str_fmt(d->a, "upload:%" PRId64, x->u.id), S(""), x->address, e);
}

// What was said before, with what is said now.
static json_t *merged(call *c, const upload *u, err *e) {
    static const char *const names[] = {"source", "adapter", "zone", "country", "currency", "columns"};
    json_t *how = NULL;
    if (!json_read(u->how, &how, e)) return NULL;
    for (size_t i = 0; i < COUNT(names); i++) {
        json_t *v = json_object_get(c->in, names[i]);
        bool nothing = json_is_null(v) || (json_is_string(v) && !json_string_length(v));
        if (v && nothing) json_object_del(how, names[i]);
        if (v && !nothing) json_object_set(how, names[i], v);
    }
    str dates = in_str(c, "dates");
    int day_first = str_eq(dates, S("day_first")) ? 1 : str_eq(dates, S("month_first")) ? -1 : 0;
    if (json_object_get(c->in, "dates")) json_object_set_new(how, "day_first", json_integer(day_first));
    return how;
}

static bool check_change(call *c, err *e) {
    size_t n;
    const adapter_info *all = listen_adapters(&n);
    str format = in_str(c, "adapter"), name = in_str(c, "zone"), money = in_str(c, "currency");
    bool known = !format.len;
    zone *z;
    err why = {0};
    arena scratch = *c->a;
    for (size_t i = 0; i < n; i++) known |= str_eq_ci(format, str_c(all[i].name));
    if (!known) return fail_field(c, e, "adapter", "no format is called \"%.*s\"", (int)MIN(format.len, 60), format.s);
    if (name.len && !zone_open(&scratch, name, &z, &why))
        return fail_field(c, e, "zone", "'zone' must be an IANA name such as Europe/Berlin");
    if (money.len && !currency_of(money))
        return fail_field(c, e, "currency", "'currency' must be an ISO 4217 code such as EUR");
    return true;
}

bool uploads_change(call *c, err *e) {
    note x = {.by = who_text(c->a, &c->who), .address = c->q->peer};
    if (!get(c, &x.u, e) || !call_if_match(c, x.u.version, e) || !check_change(c, e)) return false;
    json_t *how = merged(c, &x.u, e);
    char *text = how ? json_dumps(how, JSON_COMPACT) : NULL;
    x.was = x.u.version;
    if (text) x.u.how = str_dup(c->a, str_c(text));
    free(text);
    json_decref(how);
    if (!err_ok(e) || !writer_do(server_writer(c->sv), change_piece, &x, e)) return false;
    x.u.version++;
    return show(c, &x.u, e);
}

bool uploads_drop(call *c, err *e) {
    upload u;
    if (!get(c, &u, e)) return false;
    if (u.job_id) return fail(e, ERR_conflict, "job %" PRId64 " reads it; cancel that first", u.job_id);
    return upload_drop(c->s, &u, e) && audit(c, "upload.drop", str_fmt(c->a, "upload:%" PRId64, u.id), S(""), e);
}

// ---- its first rows ----

static bool on_row(void *ctx, const heard *h, err *e) {
    call *c = ctx;
    json_out *j = &c->out;
    (void)e;
    json_open(j, NULL, '{');
    json_put_int(j, "line", h->line);
    json_put_str(j, "becomes", h->rejected ? S("quarantined") : h->skipped ? S("skipped") : S("events"));
    put_text(j, "field", h->field);
    put_text(j, "reason", h->reason);
    json_open(j, "events", '[');
    for (int i = 0; i < h->n; i++) {
        wire w = wire_of_event(c->a, h->source, &h->events[i]);
        buf line = buf_new(c->a, 1 << 20);
        wire_line(&line, &w);
        json_put_raw(j, NULL, str_trim(buf_str(&line)));
    }
    json_close(j, ']');
    json_close(j, '}');
    return true;
}

bool uploads_rows(call *c, err *e) {
    upload u;
    listen_opts how;
    heard_as as;
    sink to = {.row = on_row, .ctx = c};
    int64_t rows = in_int(c, "rows", 10);
    if (rows < 1 || rows > 100) return fail_field(c, e, "rows", "'rows' must be 1 to 100");
    if (!get(c, &u, e) || !upload_how(c->a, c->s, &u, &how, e) ||
        !audit(c, "upload.look", str_fmt(c->a, "upload:%" PRId64, u.id), S(""), e))
        return false;
    how.limit = rows;
    json_open(&c->out, NULL, '{');
    json_open(&c->out, "items", '[');
    if (!listen_file(c->a, str_z(c->a, u.path), &how, &as, &to, e)) return false;
    json_close(&c->out, ']');
    json_close(&c->out, '}');
    return true;
}

// ---- jobs ----

static str about(call *c, const upload *u) {
    return str_fmt(c->a, "{\"upload\":%" PRId64 "}", u->id);
}

bool uploads_check(call *c, err *e) {
    upload u;
    int64_t id;
    if (!get(c, &u, e) || !job_underway(c->s, "import_check", about(c, &u), &id, e)) return false;
    if (id) return fail(e, ERR_conflict, "job %" PRId64 " does that already", id);
    return job_begin(c, "import_check", about(c, &u), &id, e);
}

bool uploads_run(call *c, err *e) {
    upload u;
    int64_t id;
    if (!get(c, &u, e)) return false;
    if (u.job_id) return fail(e, ERR_conflict, "job %" PRId64 " does that already", u.job_id);
    return audit(c, "upload.import", str_fmt(c->a, "upload:%" PRId64, u.id), S(""), e) &&
           job_begin(c, "import", about(c, &u), &id, e) && store_run(c->s, Q_upload_job, NULL, e, "ii", u.id, id);
}
