#include "base/json.h"

#include "jobs/import.h"
#include "know/settings.h"
#include "sql/cli.h"
#include "sql/ledger.h"

enum { MAP_MOST = 1 << 20 };

// ---- the reading thread ----

static bool on_row(void *ctx, const heard *h, err *e) {
    import_run *r = ctx;
    str from = r->how.source.len ? S("") : h->source;
    return pump_put(r->p, from, r->as.channel, r->t.name, h, e);
}

static void on_progress(void *ctx, int64_t done, int64_t total) {
    pump_progress(((import_run *)ctx)->p, done, total);
}

static bool read_file(void *ctx, pump *p, err *e) {
    import_run *r = ctx;
    sink to = {.row = on_row, .progress = on_progress, .ctx = r};
    r->p = p;
    return listen_file(&r->as_life, r->path, &r->how, &r->as, &to, e);
}

// ---- the writing thread ----

// The name of a plain file without its ending, its folder and what numbers it ("orders-2025-02.csv" is "orders"), so
// that files of one kind are one source and numbers of different ones do not meet.
static str stem_of(arena *a, str path) {
    buf b = buf_new(a, path.len + 1);
    while (str_find(path, '/') >= 0) str_cut(&path, '/');
    path = str_cut(&path, '.');
    bool text = str_utf8_ok(path);
    for (size_t i = 0; i < path.len; i++) {
        unsigned char c = (unsigned char)path.s[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= 0x80 && text);
        if (letter)
            buf_addc(&b, (char)c);
        else if (b.len && b.s[b.len - 1] != '-')
            buf_addc(&b, '-');
    }
    while (b.len && b.s[b.len - 1] == '-') b.len--;
    return str_lower(a, buf_str(&b));
}

str import_source(arena *a, const heard_as *as, const listen_opts *how, str name) {
    bool plain = str_starts(as->adapter, S("generic-")) && !how->source.len;
    str stem = plain ? stem_of(a, name) : S("");
    return stem.len ? stem : as->source;
}

static str import_mapping(arena *a, const heard_as *as, const listen_opts *how, int64_t job_id) {
    buf b = buf_new(a, 4 * MAP_MOST);
    json_out j = json_to(&b);
    json_open(&j, NULL, '{');
    json_put_str(&j, "adapter", as->adapter);
    json_put_raw(&j, "columns", as->mapping.len ? as->mapping : S("{}"));
    json_put_str(&j, "zone", how->zone);
    json_put_str(&j, "country", how->country);
    json_put_str(&j, "currency", how->currency);
    json_put_int(&j, "day_first", how->day_first);
    if (job_id) json_put_int(&j, "job", job_id); // the last member: an earlier run is found by it
    json_close(&j, '}');
    return buf_str(&b);
}

static void learn(import_run *r) {
    bool named = strcmp(r->path, "-") != 0;
    r->as.source = import_source(r->t.life, &r->as, &r->how, named ? r->t.name : S(""));
    r->t.adapter = r->as.adapter, r->t.source = r->as.source, r->t.channel = r->as.channel;
    r->t.mapping = import_mapping(r->t.life, &r->as, &r->how, r->t.job_id);
}

static bool write_batch(void *ctx, const pump_batch *b, err *e) {
    import_run *r = ctx;
    if (!r->t.adapter.len) learn(r);
    return (!r->before || r->before(r->ctx, b, e)) && take_batch(&r->t, b, e) && (!r->after || r->after(r->ctx, b, e));
}

bool import_take(import_run *r, enum pump_side *side, err *e) {
    pump_opts run = {.max_events = r->batch, .open = 8, .read = read_file, .write = write_batch, .ctx = r};
    err quiet = {0};
    if (!r->as_life.base) r->as_life = arena_open(64 << 20);
    bool ok = pump_run(&run, side, e);
    if (ok && !r->t.adapter.len) learn(r);
    ok = ok && take_end(&r->t, e);
    if (!ok && *side == PUMP_READER && !take_flush(&r->t, &quiet)) *side = PUMP_WRITER;
    if (!ok) take_stop(&r->t);
    return ok;
}

void import_close(import_run *r) {
    if (r->as_life.base) arena_close(&r->as_life);
}

// ---- what is kept of it ----

bool import_how(arena *a, str mapping, str *adapter, listen_opts *how, err *e) {
    json_t *v = NULL;
    if (!json_read(mapping, &v, e)) return false;
    char *columns = json_dumps(json_object_get(v, "columns"), JSON_COMPACT);
    *adapter = str_dup(a, json_at(v, "adapter"));
    *how = (listen_opts){.zone = str_dup(a, json_at(v, "zone")),
                         .country = str_dup(a, json_at(v, "country")),
                         .currency = str_dup(a, json_at(v, "currency")),
                         .map = str_dup(a, str_c(columns)),
                         .day_first = (int)json_integer_value(json_object_get(v, "day_first"))};
    free(columns);
    json_decref(v);
    return adapter->len || fail(e, ERR_corrupt, "the import does not say how it was read");
}

// ---- taking it back ----

bool import_may_undo(store *s, const world *w, int64_t id, err *e) {
    int64_t now = w->now_us(w), state = -1, started = 0;
    for (row r = store_query(s, Q_import_get, e, "i", id); row_next(&r);)
        state = row_int(&r, 3), started = row_int(&r, 4);
    if (!err_ok(e)) return false;
    if (state < 0) return fail(e, ERR_not_found, "there is no import %" PRId64 "; 'heed import --list' lists them", id);
    if (state == IMPORT_RUNNING)
        return fail(e, ERR_conflict, "import %" PRId64 " is still running; take it back when it has ended", id);
    if (state == IMPORT_UNDONE) return fail(e, ERR_conflict, "import %" PRId64 " was undone already", id);
    if (now - started > UNDO_DAYS * DAY_US)
        return fail(e, ERR_conflict, "import %" PRId64 " is older than %d days and stays", id, UNDO_DAYS);
    return true;
}

bool import_take_back(ledger *l, int64_t id, int64_t *events, err *e) {
    store *s = ledger_store(l);
    return settings_put(s, "rebuild", S("due"), e) && ledger_import_undo(l, id, false, events, e) &&
           store_run(s, Q_quarantine_settle, NULL, e, "i", id);
}
