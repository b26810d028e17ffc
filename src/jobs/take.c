#include "jobs/take.h"
#include "jobs/outgoing.h"
#include "sql/cli.h"
#include "sql/ledger.h"
#include "sql/serve_jobs.h"

enum { REASON = 400 };

const char *import_state_name(int64_t state) {
    static const char *const names[] = {"running", "done", "undone", "interrupted"};
    return state >= 0 && state < (int64_t)COUNT(names) ? names[state] : "unknown";
}

// What stands in quotes differs from row to row.
static str reason_kind(char room[REASON], str reason) {
    size_t n = 0;
    for (size_t i = 0; i < reason.len && n + 8 < REASON; i++) {
        char c = reason.s[i];
        bool opens = (c == '"' || c == '\'') && (i == 0 || reason.s[i - 1] == ' ');
        size_t end = i + 1;
        while (opens && end < reason.len && reason.s[end] != c) end++;
        room[n++] = c;
        if (!opens || end >= reason.len) continue;
        memcpy(room + n, "…", strlen("…"));
        n += strlen("…");
        room[n++] = c;
        i = end;
    }
    return (str){room, n};
}

void take_count(arena *life, take_reason *list, size_t *n, str field, str reason, int64_t count) {
    char room[REASON];
    str kind = reason_kind(room, reason);
    size_t i = 0;
    while (i < *n && !(str_eq(list[i].field, field) && str_eq(list[i].reason, kind))) i++;
    if (i == *n && i == TAKE_REASONS - 1)
        list[(*n)++] = (take_reason){S(""), S("other reasons"), 0};
    else if (i == *n && i < TAKE_REASONS)
        list[(*n)++] = (take_reason){str_dup(life, field), str_dup(life, kind), 0};
    list[MIN(i, TAKE_REASONS - 1)].n += count;
}

static taken *part_of(take *t, str source) {
    for (size_t i = 0; i < t->n_parts; i++)
        if (str_eq(t->parts[i].source, source)) return &t->parts[i];
    if (t->n_parts == t->room_parts) {
        taken *more = make(t->life, taken, t->room_parts = t->room_parts ? t->room_parts * 2 : 16);
        if (t->n_parts) memcpy(more, t->parts, t->n_parts * sizeof *more);
        t->parts = more;
    }
    t->parts[t->n_parts] = (taken){.source = str_dup(t->life, source)};
    return &t->parts[t->n_parts++];
}

// ---- an earlier run ----

// An import of the same job and source that was cut short: its rows count, and it goes on.
static bool go_on(take *t, taken *p, err *e) {
    store *s = ledger_store(t->l);
    char of_job[48];
    snprintf(of_job, sizeof of_job, "%%,\"job\":%" PRId64 "}", t->job_id);
    for (row r = store_query(s, Q_import_of_job, e, "tt", str_c(of_job), p->source); row_next(&r);) {
        p->import_id = row_int(&r, 0), p->source_id = row_int(&r, 1);
        p->t = (tally){.rows = row_int(&r, 2),
                       .added = row_int(&r, 3),
                       .changed = row_int(&r, 4),
                       .same = row_int(&r, 5),
                       .skipped = row_int(&r, 6),
                       .rejected = row_int(&r, 7)};
    }
    if (!err_ok(e)) return false;
    p->ahead = p->t.rows;
    tally_add(&t->sum, &p->t);
    return !p->import_id || store_run(s, Q_import_resume, NULL, e, "i", p->import_id);
}

static bool stored_before(taken *p, const pump_batch *b) {
    int64_t rows = b->rows + b->skipped + (int64_t)b->n_bad;
    bool was = p->ahead >= rows;
    p->ahead = was ? p->ahead - rows : 0;
    return was;
}

// ---- batches ----

// A source that is not there yet has no number in a dry run; none of its events can be known.
static bool begin_part(take *t, taken *p, enum channel channel, err *e) {
    if (t->dry) {
        const origin *known = source_by_name(t->known, p->source);
        p->source_id = known ? known->id : -(int64_t)t->n_parts;
        return true;
    }
    if (t->job_id && !go_on(t, p, e)) return false;
    if (p->import_id) return true;
    return ledger_source(t->l, p->source, t->adapter, channel, t->sample, &p->source_id, e) &&
           ledger_import_begin(t->l, p->source_id, t->name, t->mapping, &p->import_id, e);
}

static void count_reasons(take *t, const pump_batch *b) {
    for (size_t i = 0; i < b->n_bad; i++) take_count(t->life, t->bad, &t->n_bad, b->bad[i].field, b->bad[i].reason, 1);
    for (int i = 0; i < b->n_whys; i++)
        take_count(t->life, t->skipped, &t->n_skipped, S(""), b->whys[i].why, b->whys[i].n);
}

static bool batch_now(take *t, const pump_batch *b, err *e) {
    taken *p = part_of(t, b->source.len ? b->source : t->source);
    tally now;
    intake in = {.events = b->events,
                 .row_of = b->row_of,
                 .n = b->n,
                 .rows = b->rows,
                 .skipped = b->skipped,
                 .bad = b->bad,
                 .n_bad = b->n_bad};
    if (!p->source_id && !begin_part(t, p, b->source.len ? b->channel : t->channel, e)) return false;
    if (stored_before(p, b)) return count_reasons(t, b), true;
    bool ok = t->dry ? ledger_would(t->l, p->source_id, &in, &now, e) : ledger_write(t->l, p->import_id, &in, &now, e);
    if (!ok) return false;
    tally_add(&p->t, &now);
    tally_add(&t->sum, &now);
    count_reasons(t, b);
    return true;
}

// ---- on the writer's thread ----

typedef struct {
    take *t;
    const pump_batch *b;
} pass;

static bool batch_piece(void *ctx, desk *d, err *e) {
    pass *x = ctx;
    x->t->l = know_ledger(d->k); // another one after a rebuild
    return batch_now(x->t, x->b, e);
}

bool take_batch(take *t, const pump_batch *b, err *e) {
    return t->w ? writer_alone(t->w, batch_piece, &(pass){t, b}, e) : batch_now(t, b, e);
}

// ---- the end ----

static bool end_import(take *t, store *s, const taken *p, enum import_state state, err *e) {
    const world *w = ledger_world(t->l);
    return store_run(s, Q_import_end, NULL, e, "iii", p->import_id, (int64_t)state, w->now_us(w)) &&
           (state != IMPORT_DONE || !p->t.rejected || store_run(s, Q_quarantine_again, NULL, e, "i", p->import_id));
}

static bool tell_import(const take *t, desk *d, const taken *p, err *e) {
    enum { MOST = 8192, NAME = 500 };
    arena a = *d->a;
    desk mine = *d;
    buf b = buf_new(&a, MOST);
    json_out j = json_to(&b);
    json_open(&j, NULL, '{');
    json_put_int(&j, "import", p->import_id);
    json_put_str(&j, "source", str_sub(p->source.len ? p->source : t->source, 0, NAME));
    json_put_str(&j, "name", str_sub(t->name, 0, NAME));
    json_put_int(&j, "rows", p->t.rows);
    json_put_int(&j, "added", p->t.added);
    json_put_int(&j, "changed", p->t.changed);
    json_put_int(&j, "rejected", p->t.rejected);
    json_close(&j, '}');
    mine.a = &a;
    return t->sample || outgoing_tell(d->out, &mine, MESSAGE_imported, 0, buf_str(&b), e);
}

static bool end_piece(void *ctx, desk *d, err *e) {
    take *t = ctx;
    bool ok = true;
    t->l = know_ledger(d->k);
    for (size_t i = 0; ok && i < t->n_parts; i++)
        ok = end_import(t, d->s, &t->parts[i], IMPORT_DONE, e) && tell_import(t, d, &t->parts[i], e);
    return ok;
}

static bool stop_piece(void *ctx, desk *d, err *e) {
    take *t = ctx;
    bool ok = true;
    t->l = know_ledger(d->k);
    for (size_t i = 0; ok && i < t->n_parts; i++) ok = end_import(t, d->s, &t->parts[i], IMPORT_STOPPED, e);
    return ok;
}

bool take_flush(take *t, err *e) {
    if (t->dry || !t->n_parts) return true;
    return t->w ? writer_settle(t->w, e) : ledger_flush(t->l, e);
}

bool take_end(take *t, err *e) {
    if (t->dry) return true;
    if (t->w) return writer_do(t->w, end_piece, t, e) && writer_settle(t->w, e);
    bool ok = take_flush(t, e);
    for (size_t i = 0; ok && i < t->n_parts; i++) ok = end_import(t, ledger_store(t->l), &t->parts[i], IMPORT_DONE, e);
    return ok;
}

void take_stop(take *t) {
    err quiet = {0};
    bool ok = true;
    if (t->dry || !t->n_parts) return;
    if (t->w) ok = writer_do(t->w, stop_piece, t, &quiet);
    for (size_t i = 0; ok && !t->w && i < t->n_parts; i++)
        ok = end_import(t, ledger_store(t->l), &t->parts[i], IMPORT_STOPPED, &quiet);
}
