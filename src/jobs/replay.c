#include "base/json.h"

#include "jobs/import.h"
#include "jobs/pump.h"
#include "jobs/replay.h"
#include "know/settings.h"
#include "sql/ledger.h"
#include "sql/serve_jobs.h"

enum { ROW_MOST = 256, BATCH_EVENTS = 4096, BATCH_ROWS = 256 };

struct replay {
    replay_opts o;
    store *s;
    ledger *l;
    arena life, row, batch;
    replayed done;
    int64_t import_id, from_id; // the new import, and the source it is for
    // the rows that are gathered, all of one source
    event *events;
    int32_t *row_of;
    int64_t *ids;
    size_t n, n_ids;
    int64_t rows, skipped;
    // the row at hand
    event said[ROW_MOST];
    heard copy;
};

const char *quarantine_state_name(int64_t state) {
    static const char *const names[] = {"waiting", "replayed", "settled"};
    return state >= 0 && state < (int64_t)COUNT(names) ? names[state] : "unknown";
}

bad bad_read(arena *a, const row *r) {
    return (bad){.id = row_int(r, 0),
                 .import_id = row_int(r, 1),
                 .file = str_dup(a, row_str(r, 2)),
                 .line = row_int(r, 3),
                 .field = str_dup(a, row_str(r, 4)),
                 .reason = str_dup(a, row_str(r, 5)),
                 .header = str_dup(a, row_str(r, 6)),
                 .raw = str_dup(a, row_str(r, 7)),
                 .at_us = row_int(r, 8),
                 .state = row_int(r, 9)};
}

bool bad_get(arena *a, store *s, int64_t id, bad *out, err *e) {
    bool found = false;
    for (row r = store_query(s, Q_quarantine_get, e, "i", id); row_next(&r);) *out = bad_read(a, &r), found = true;
    if (!err_ok(e)) return false;
    return found ||
           fail(e, ERR_not_found, "there is no row %" PRId64 " in quarantine; 'heed quarantine list' lists them", id);
}

str reason_pattern(arena *a, str reason) {
    str dots = S("…");
    buf b = buf_new(a, reason.len * 2 + 1);
    for (size_t i = 0; i < reason.len; i++) {
        char c = reason.s[i];
        if (str_starts(str_sub(reason, i, reason.len), dots)) {
            buf_addc(&b, '%');
            i += dots.len - 1;
            continue;
        }
        if (c == '%' || c == '_' || c == '!') buf_addc(&b, '!');
        buf_addc(&b, c);
    }
    return buf_str(&b);
}

// ---- what is gathered goes in ----

static void empty(replay *g) {
    arena_reset(&g->batch);
    g->events = make(&g->batch, event, BATCH_EVENTS + ROW_MOST);
    g->row_of = make(&g->batch, int32_t, BATCH_EVENTS + ROW_MOST);
    g->ids = make(&g->batch, int64_t, BATCH_ROWS + 1);
    g->n = g->n_ids = 0;
    g->rows = g->skipped = 0;
}

static bool end_import(replay *g, err *e) {
    if (!g->import_id) return true;
    if (!g->o.w) return ledger_import_end(g->l, g->import_id, e); // the server merges in its own time
    const world *w = ledger_world(g->l);
    return store_run(g->s, Q_import_end, NULL, e, "iii", g->import_id, (int64_t)IMPORT_DONE, w->now_us(w));
}

// Rows of one source go into one new import.
static bool begin(replay *g, int64_t source_id, err *e) {
    if (g->import_id && g->from_id == source_id) return true;
    if (!end_import(g, e)) return false;
    g->from_id = source_id, g->done.imports++;
    str mapping = g->o.map.len ? g->o.map : S("{}");
    return ledger_import_begin(g->l, source_id, S("replay of quarantine"), mapping, &g->import_id, e);
}

static bool mark(replay *g, err *e) {
    if (!store_begin(g->s, e)) return false;
    bool ok = true;
    for (size_t i = 0; ok && i < g->n_ids; i++)
        ok = store_run(g->s, Q_quarantine_state, NULL, e, "ii", g->ids[i], (int64_t)QUARANTINE_REPLAYED);
    ok = ok && store_commit(g->s, e);
    if (!ok) store_rollback(g->s);
    return ok;
}

// A crash between the two leaves rows that wait although they are in; replayed again they are known.
static bool put_gathered(replay *g, err *e) {
    intake in = {.events = g->events, .row_of = g->row_of, .n = g->n, .rows = g->rows, .skipped = g->skipped};
    tally t;
    if (!g->n_ids) return true;
    if (!ledger_write(g->l, g->import_id, &in, &t, e) || !mark(g, e)) return false;
    tally_add(&g->done.sum, &t);
    empty(g);
    return true;
}

static bool gather(replay *g, int64_t id, int64_t source_id, err *e) {
    const heard *h = &g->copy;
    if ((g->from_id != source_id || g->n >= BATCH_EVENTS || g->n_ids >= BATCH_ROWS) && !put_gathered(g, e))
        return false;
    if (!begin(g, source_id, e)) return false;
    for (int i = 0; i < h->n; i++) {
        event_copy(&g->batch, &g->events[g->n], &g->said[i]);
        g->row_of[g->n++] = (int32_t)g->rows;
    }
    g->rows += h->n > 0, g->skipped += h->skipped;
    g->ids[g->n_ids++] = id;
    return true;
}

// ---- one row ----

static bool on_row(void *ctx, const heard *h, err *e) {
    replay *g = ctx;
    (void)e;
    g->copy = (heard){.skipped = h->skipped, .rejected = h->rejected, .n = (int)MIN(h->n, ROW_MOST)};
    g->copy.field = str_dup(&g->row, h->field), g->copy.reason = str_dup(&g->row, h->reason);
    for (int i = 0; i < g->copy.n; i++) event_copy(&g->row, &g->said[i], &h->events[i]);
    return true;
}

// What came live was not read by a mapping: its source knows how, and the store what goes without saying.
static bool how_of_source(replay *g, str adapter, listen_opts *how, err *e) {
    settings set;
    if (!settings_read(&g->row, g->s, &set, e)) return false;
    *how = (listen_opts){.zone = set.zone, .country = set.country, .currency = set.currency};
    return adapter.len > 0 || fail(e, ERR_invalid, "its source does not say how it is read");
}

static bool how_of(replay *g, const bad *b, str *adapter, listen_opts *how, int64_t *source_id, err *e) {
    str mapping = S(""), of_source = S("");
    *source_id = 0;
    for (row r = store_query(g->s, Q_import_how, e, "i", b->import_id); row_next(&r);) {
        *source_id = row_int(&r, 0);
        mapping = str_dup(&g->row, row_str(&r, 1)), of_source = str_dup(&g->row, row_str(&r, 2));
    }
    if (!err_ok(e)) return false;
    if (!*source_id) return fail(e, ERR_not_found, "the import of row %" PRId64 " is gone", b->id);
    bool ok =
        mapping.len ? import_how(&g->row, mapping, adapter, how, e) : how_of_source(g, *adapter = of_source, how, e);
    if (ok && g->o.map.len) how->map = g->o.map;
    return ok;
}

// How a row of CSV was understood stands in the first line of its header, where what the person says now takes the
// place of what was said or guessed then.
static bool with_map(replay *g, str header, str *out, err *e) {
    json_t *memo = NULL, *mine = NULL;
    str rest = header, first = str_cut(&rest, '\n');
    *out = header;
    if (!g->o.map.len || !str_starts(first, S("#heed "))) return true;
    bool ok = json_read(str_sub(first, 6, first.len), &memo, e) && json_read(g->o.map, &mine, e);
    if (ok) json_object_update(json_object_get(memo, "map"), mine);
    char *text = ok ? json_dumps(memo, JSON_COMPACT) : NULL;
    if (text) *out = str_fmt(&g->row, "#heed %s\n%.*s", text, STR_ARG(rest));
    free(text);
    json_decref(mine);
    json_decref(memo);
    return ok;
}

static void stays(replay *g, const bad *b, str field, str reason) {
    g->done.still++;
    if (g->o.stays) g->o.stays(g->o.ctx, b->id, field, reason);
}

// Wrong with the row, or with the store that holds it?
static bool concerns_row(const err *e) {
    return e->code == ERR_invalid || e->code == ERR_not_found || e->code == ERR_usage || e->code == ERR_corrupt;
}

static bool one_row(replay *g, int64_t id, err *e) {
    str adapter = S(""), header;
    listen_opts how;
    int64_t source_id;
    bad b;
    err why = {0};
    sink to = {.row = on_row, .ctx = g};
    arena_reset(&g->row);
    if (!bad_get(&g->row, g->s, id, &b, e)) return false;
    if (b.state != QUARANTINE_WAITING) {
        if (g->o.was) g->o.was(g->o.ctx, b.id, b.state);
        return true;
    }
    g->copy = (heard){0};
    bool ok = how_of(g, &b, &adapter, &how, &source_id, &why) && with_map(g, b.header, &header, &why) &&
              listen_again(&g->row, adapter, header, b.raw, &how, &to, &why);
    if (!ok && !err_ok(&why) && !concerns_row(&why)) return *e = why, false;
    if (ok && !g->copy.rejected) return gather(g, b.id, source_id, e);
    stays(g, &b, g->copy.field, ok ? g->copy.reason : str_c(why.msg));
    return true;
}

static bool some_rows(replay *g, const int64_t *ids, size_t n, err *e) {
    bool ok = true;
    empty(g);
    for (size_t i = 0; ok && i < n; i++) ok = one_row(g, ids[i], e);
    return ok && put_gathered(g, e);
}

// ---- on the writer's thread ----

typedef struct {
    replay *g;
    const int64_t *ids;
    size_t n;
} some;

static void at_desk(replay *g, desk *d) {
    g->s = d->s, g->l = know_ledger(d->k);
}

static bool rows_piece(void *ctx, desk *d, err *e) {
    some *x = ctx;
    at_desk(x->g, d);
    return some_rows(x->g, x->ids, x->n, e);
}

static bool end_piece(void *ctx, desk *d, err *e) {
    replay *g = ctx;
    at_desk(g, d);
    return end_import(g, e);
}

replay *replay_open(replay_opts o) {
    arena life = arena_open((size_t)1 << 20);
    replay *g = make(&life, replay, 1);
    *g = (replay){.o = o, .l = o.l, .s = o.l ? ledger_store(o.l) : NULL};
    g->life = life, g->row = arena_open((size_t)1 << 32), g->batch = arena_open((size_t)1 << 34);
    return g;
}

void replay_close(replay *g) {
    arena_close(&g->row);
    arena_close(&g->batch);
    arena life = g->life;
    arena_close(&life);
}

bool replay_rows(replay *g, const int64_t *ids, size_t n, err *e) {
    return g->o.w ? writer_alone(g->o.w, rows_piece, &(some){g, ids, n}, e) : some_rows(g, ids, n, e);
}

bool replay_end(replay *g, replayed *out, err *e) {
    bool ok = g->o.w ? writer_alone(g->o.w, end_piece, g, e) : end_import(g, e);
    *out = g->done;
    return ok;
}
