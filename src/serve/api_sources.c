// Sources: where facts come from, and what came.
#include "base/civil.h"
#include "serve/handlers.h"
#include "serve/server.h"
#include "sql/ledger.h"
#include "sql/serve_jobs.h"

// ---- looking ----

typedef struct {
    int64_t id, n;
} count_of;

enum { SOURCES = 4096 };

static bool read_waiting(call *c, count_of *all, size_t *n, err *e) {
    *n = 0;
    for (row r = store_query(c->s, Q_source_waiting, e, ""); row_next(&r);)
        if (*n < SOURCES) all[(*n)++] = (count_of){row_int(&r, 0), row_int(&r, 1)};
    return err_ok(e);
}

static int64_t waiting_of(const count_of *all, size_t n, int64_t id) {
    for (size_t i = 0; i < n; i++)
        if (all[i].id == id) return all[i].n;
    return 0;
}

static const char *state_of(int64_t last_us, int64_t now_us) {
    return !last_us ? "new" : now_us - last_us < DAY_US ? "live" : "quiet";
}

// Columns of source_page.
static void put_source(call *c, const row *r, int64_t waiting) {
    json_out *j = &c->out;
    str name = row_str(r, 1), label = row_str(r, 2);
    json_open(j, NULL, '{');
    json_put_int(j, "id", row_int(r, 0));
    json_put_str(j, "name", name);
    json_put_str(j, "label", label.len ? label : row_str(r, 1));
    json_put_str(j, "adapter", row_str(r, 3));
    json_put_str(j, "channel", channel_name((enum channel)row_int(r, 4)));
    json_put_bool(j, "sample", row_int(r, 5) != 0);
    json_put_str(j, "state", str_c(state_of(row_int(r, 13), c->now_us)));
    json_put_int(j, "imports", row_int(r, 8));
    json_put_int(j, "rows", row_int(r, 9));
    json_put_int(j, "added", row_int(r, 10));
    json_put_int(j, "changed", row_int(r, 11));
    json_put_int(j, "refused", row_int(r, 12));
    json_put_int(j, "waiting", waiting);
    json_put_time(j, "last", row_int(r, 13));
    json_put_time(j, "created", row_int(r, 6));
    json_put_int(j, "version", row_int(r, 7));
    json_close(j, '}');
}

bool sources_page(call *c, err *e) {
    paging p;
    count_of *waiting = make(c->a, count_of, SOURCES);
    size_t n_waiting;
    int64_t n = 0, last = 0;
    if (!read_waiting(c, waiting, &n_waiting, e) || !page_open(c, &p, e)) return false;
    row r = store_query(c->s, Q_source_page, e, "iii", p.after[0], INT64_C(0), p.limit + 1);
    while (n < p.limit && row_next(&r)) {
        last = row_int(&r, 0), n++;
        put_source(c, &r, waiting_of(waiting, n_waiting, last));
    }
    bool more = n == p.limit && row_next(&r);
    row_end(&r);
    page_close(c, &p, more, last, 0);
    return err_ok(e);
}

static bool show(call *c, int64_t id, err *e) {
    count_of *waiting = make(c->a, count_of, SOURCES);
    size_t n;
    bool found = false;
    if (!read_waiting(c, waiting, &n, e)) return false;
    for (row r = store_query(c->s, Q_source_page, e, "iii", INT64_C(0), id, INT64_C(1)); row_next(&r); found = true) {
        call_etag(c, row_int(&r, 7));
        put_source(c, &r, waiting_of(waiting, n, id));
    }
    if (!err_ok(e)) return false;
    return found || fail(e, ERR_not_found, "there is no source %" PRId64, id);
}

bool sources_show(call *c, err *e) {
    int64_t id;
    return param_id(c, 0, &id, e) && show(c, id, e);
}

// ---- changing ----

static bool name_fits(str name) {
    bool ok = name.len > 0;
    for (size_t i = 0; ok && i < name.len; i++) {
        char k = name.s[i];
        bool inner = i > 0 && (k == '-' || k == '_' || k == '.');
        ok = (k >= 'a' && k <= 'z') || (k >= '0' && k <= '9') || inner;
    }
    return ok;
}

static bool make_source(call *c, str name, enum channel channel, int64_t *id, err *e) {
    int64_t there = 0;
    for (row r = store_query(c->s, Q_source_list, e, ""); row_next(&r);)
        if (str_eq(row_str(&r, 1), name)) there = row_int(&r, 0);
    if (!err_ok(e)) return false;
    if (there) return fail(e, ERR_conflict, "source %" PRId64 " is called \"%.*s\" already", there, STR_ARG(name));
    return ledger_source(know_ledger(c->d->k), name, S("live"), channel, false, id, e);
}

bool sources_make(call *c, err *e) {
    int64_t id;
    str name = in_str(c, "name"), of = in_str(c, "channel");
    enum channel channel = of.len ? channel_of(of) : CHANNEL_web;
    if (!name_fits(name))
        return fail_field(c, e, "name", "'name' takes lower-case letters, digits, '-', '_' and '.', such as shop-de");
    if (of.len && channel == CHANNEL_unknown)
        return fail_field(c, e, "channel", "there is no channel \"%.*s\"", (int)MIN(of.len, 40), of.s);
    if (!make_source(c, name, channel, &id, e) || !store_begin(c->s, e)) return false;
    str label = in_str(c, "label");
    bool ok = (!label.len || store_run(c->s, Q_source_label, NULL, e, "it", id, label)) &&
              audit(c, "source.make", str_fmt(c->a, "source:%" PRId64, id), S(""), e) && show(c, id, e) &&
              ledger_commit(know_ledger(c->d->k), e);
    if (!ok) return store_rollback(c->s), false;
    call_status(c, 201);
    call_location(c, str_fmt(c->a, "/api/sources/%" PRId64, id));
    return true;
}

bool sources_label(call *c, err *e) {
    int64_t id, version = 0;
    if (!param_id(c, 0, &id, e)) return false;
    for (row r = store_query(c->s, Q_source_page, e, "iii", INT64_C(0), id, INT64_C(1)); row_next(&r);)
        version = row_int(&r, 7);
    if (!err_ok(e)) return false;
    if (!version) return fail(e, ERR_not_found, "there is no source %" PRId64, id);
    return call_if_match(c, version, e) && store_run(c->s, Q_source_label, NULL, e, "it", id, in_str(c, "label")) &&
           audit(c, "source.label", str_fmt(c->a, "source:%" PRId64, id), S(""), e) && show(c, id, e);
}
