// What is done with files: taking them in, trying that, taking them back, reading again what was not understood.
#include "base/civil.h"
#include "jobs/replay.h"
#include "jobs/uploads.h"
#include "jobs/work.h"
#include "know/settings.h"
#include "sql/ledger.h"
#include "sql/serve_jobs.h"

// ---- what came of it ----

void tally_tell(json_out *j, const tally *t) {
    json_put_int(j, "rows", t->rows);
    json_put_int(j, "new", t->added);
    json_put_int(j, "changed", t->changed);
    json_put_int(j, "same", t->same);
    json_put_int(j, "skipped", t->skipped);
    json_put_int(j, "quarantined", t->rejected);
    json_put_int(j, "events_new", t->events_added);
    json_put_int(j, "events_changed", t->events_changed);
    json_put_int(j, "events_same", t->events_same);
}

static void reasons_tell(json_out *j, const char *key, const take_reason *list, size_t n, bool fields) {
    json_open(j, key, '[');
    for (size_t i = 0; i < n; i++) {
        json_open(j, NULL, '{');
        json_put_int(j, "n", list[i].n);
        if (fields) json_put_str(j, "field", list[i].field);
        json_put_str(j, "reason", list[i].reason);
        json_close(j, '}');
    }
    json_close(j, ']');
}

// What a file brought: counts, imports, and why rows were skipped or are in quarantine.
static void import_tell(json_out *j, const take *t) {
    tally_tell(j, &t->sum);
    json_open(j, "imports", '[');
    for (size_t i = 0; i < t->n_parts && !t->dry; i++) {
        json_open(j, NULL, '{');
        json_put_int(j, "id", t->parts[i].import_id);
        json_put_str(j, "source", t->parts[i].source);
        json_put_int(j, "rows", t->parts[i].t.rows);
        json_close(j, '}');
    }
    json_close(j, ']');
    reasons_tell(j, "skipped_why", t->skipped, t->n_skipped, false);
    reasons_tell(j, "quarantined_why", t->bad, t->n_bad, true);
}

// ---- a file ----

static bool after_batch(void *ctx, const pump_batch *b, err *e) {
    job_at(ctx, b->done, b->total);
    return job_goes_on(ctx, e);
}

static bool file_of(job *j, import_run *r, upload *u, err *e) {
    store *s;
    int64_t id = json_integer_value(json_object_get(j->in, "upload"));
    if (!job_reader(j, &s, e) || !upload_get(j->a, s, id, u, e) || !upload_how(j->a, s, u, &r->how, e)) return false;
    r->path = str_z(j->a, u->path);
    r->t = (take){.life = j->a, .name = u->name};
    r->after = after_batch, r->ctx = j;
    return true;
}

static void tell_how(job *j, const import_run *r) {
    json_put_str(j->out, "file", r->t.name);
    json_put_str(j->out, "adapter", r->as.adapter);
    json_put_str(j->out, "label", r->as.label);
    json_put_str(j->out, "source", r->as.source);
    import_tell(j->out, &r->t);
}

typedef struct {
    upload u;
    bool ok;
} used;

// Imported, the file is of no use any more; else it can be looked at, and tried again.
static bool used_piece(void *ctx, desk *d, err *e) {
    const used *x = ctx;
    return x->ok ? upload_drop(d->s, &x->u, e) : store_run(d->s, Q_upload_job, NULL, e, "ii", x->u.id, INT64_C(0));
}

static bool optimize_piece(void *ctx, desk *d, err *e) {
    (void)ctx;
    return store_optimize(d->s, e);
}

bool job_import(job *j, err *e) {
    enum { OPTIMIZE_AT = 50000 };
    import_run r = {0};
    enum pump_side side;
    err quiet = {0};
    used x = {0};
    if (!file_of(j, &r, &x.u, e)) return false;
    r.t.w = j->w, r.t.job_id = j->row.id;
    x.ok = import_take(&r, &side, e);
    tell_how(j, &r);
    import_close(&r);
    bool goes_on = !x.ok && e->code == ERR_unavailable && !job_goes_on(j, &quiet); // at the next start
    err_clear(&quiet);
    if (!goes_on && !writer_do(j->w, used_piece, &x, &quiet) && x.ok) x.ok = fail(e, quiet.code, "%s", quiet.msg);
    if (x.ok && r.t.sum.events_added >= OPTIMIZE_AT) x.ok = writer_alone(j->w, optimize_piece, NULL, e);
    return x.ok;
}

// On a snapshot, with a ledger of its own that forgets everything afterwards.
bool job_import_check(job *j, err *e) {
    import_run r = {0};
    enum pump_side side;
    upload u;
    store *s;
    knowing *k = NULL;
    sources *known;
    if (!file_of(j, &r, &u, e) || !job_snapshot(j, &s, e) || !sources_read(j->a, s, &known, e) ||
        !know_open(&k, s, j->world, NULL, e))
        return false;
    r.t.l = know_ledger(k), r.t.dry = true, r.t.known = known;
    bool ok = import_take(&r, &side, e);
    if (ok) tell_how(j, &r);
    import_close(&r);
    know_close(k);
    return ok;
}

// ---- taking back ----

typedef struct {
    job *j;
    int64_t id, events;
} back;

// A run that was cut short may have taken it back already; then what is left is to compute everything anew.
static bool back_piece(void *ctx, desk *d, err *e) {
    back *x = ctx;
    int64_t state = -1;
    for (row r = store_query(d->s, Q_import_get, e, "i", x->id); row_next(&r);) state = row_int(&r, 3);
    if (err_ok(e) && state == IMPORT_UNDONE && x->j->row.tries > 1) return true;
    return import_may_undo(d->s, d->w, x->id, e) && import_take_back(know_ledger(d->k), x->id, &x->events, e);
}

static void rebuilt_up(void *ctx, int64_t done, int64_t total) {
    job_at(ctx, done, total);
}

bool job_import_undo(job *j, err *e) {
    back x = {.j = j, .id = json_integer_value(json_object_get(j->in, "import"))};
    rebuilt_report report = {0};
    if (!writer_rebuild(j->w, back_piece, &x, rebuilt_up, j, &report, e)) return false;
    json_put_int(j->out, "import", x.id);
    json_put_int(j->out, "events", x.events);
    return true;
}

bool job_rebuild(job *j, err *e) {
    rebuilt_report r = {0};
    if (!writer_rebuild(j->w, NULL, NULL, rebuilt_up, j, &r, e)) return false;
    json_put_int(j->out, "events", r.events);
    json_put_int(j->out, "customers", r.customers);
    return true;
}

// ---- quarantine ----

typedef struct {
    job *j;
    take_reason why[TAKE_REASONS];
    size_t n;
} staying;

static void on_stays(void *ctx, int64_t id, str field, str reason) {
    staying *x = ctx;
    (void)id;
    take_count(x->j->a, x->why, &x->n, field, reason, 1);
}

// Those that are named, or all that wait and fit.
static bool ids_of(job *j, int64_t **ids, size_t *n, err *e) {
    store *s;
    int64_t count = 0;
    const json_t *list = json_object_get(j->in, "ids");
    int64_t import = json_integer_value(json_object_get(j->in, "import"));
    int64_t source = json_integer_value(json_object_get(j->in, "source"));
    *n = 0;
    if (!job_reader(j, &s, e) || !store_int(s, Q_quarantine_count, &count, 0, e, "i", INT64_C(0))) return false;
    count = MAX(count, (int64_t)json_array_size(list));
    *ids = make(j->a, int64_t, count + 1);
    for (size_t i = 0; i < json_array_size(list); i++) (*ids)[(*n)++] = json_integer_value(json_array_get(list, i));
    if (list) return true;
    for (row r = store_query(s, Q_quarantine_fit, e, "iitt", import, source, json_at(j->in, "field"),
                             reason_pattern(j->a, json_at(j->in, "reason")));
         row_next(&r) && *n < (size_t)count;)
        (*ids)[(*n)++] = row_int(&r, 0);
    return err_ok(e);
}

bool job_replay(job *j, err *e) {
    enum { SOME = 100 };
    int64_t *ids;
    size_t n;
    replayed done = {0};
    staying stay = {.j = j};
    replay_opts how = {.w = j->w, .stays = on_stays, .ctx = &stay};
    if (!ids_of(j, &ids, &n, e)) return false;
    char *map = json_dumps(json_object_get(j->in, "columns"), JSON_COMPACT);
    if (map && strcmp(map, "{}") != 0) how.map = str_dup(j->a, str_c(map));
    free(map);
    replay *g = replay_open(how);
    bool ok = true;
    for (size_t i = 0; ok && i < n; i += SOME) {
        ok = job_goes_on(j, e) && replay_rows(g, ids + i, MIN(n - i, SOME), e);
        job_at(j, (int64_t)i, (int64_t)n);
    }
    err quiet = {0};
    if (!replay_end(g, &done, ok ? e : &quiet)) ok = false;
    replay_close(g);
    tally_tell(j->out, &done.sum);
    json_put_int(j->out, "still_waiting", done.still);
    reasons_tell(j->out, "still_why", stay.why, stay.n, true);
    return ok && writer_settle(j->w, e);
}
