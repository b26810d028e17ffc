#include "ledger/private.h"
#include "sql/ledger.h"

// A version that comes back, and where it stands among the past ones.
typedef struct {
    record r;
    int64_t tie;
} older;

// Of every event that the import had replaced, the newest version that is left.
static bool read_older(ledger *l, arena *a, int64_t import_id, older **out, size_t *n, err *e) {
    size_t room = 1024;
    *out = make(a, older, room), *n = 0;
    for (row q = store_query(l->s, Q_past_under_import, e, "i", import_id); row_next(&q);) {
        older *last = *n ? &(*out)[*n - 1] : NULL;
        if (last && last->r.key == row_int(&q, 0)) {
            // The store sorts ties as signed numbers, versions are ordered by them as unsigned ones.
            if (last->r.edited_us != row_int(&q, 2) || (uint64_t)last->tie > (uint64_t)row_int(&q, 3)) continue;
            --*n;
        }
        if (*n == room) {
            older *more = make(a, older, room * 2);
            memcpy(more, *out, room * sizeof *more);
            *out = more, room *= 2;
        }
        record r = {
            .key = row_int(&q, 0), .profile_id = row_int(&q, 1), .edited_us = row_int(&q, 2), .at_us = row_int(&q, 4)};
        r.kind = (uint8_t)row_int(&q, 5), r.channel = (uint8_t)row_int(&q, 6), r.import_id = row_int(&q, 7);
        r.value = row_int(&q, 8), r.has_value = !row_null(&q, 8), r.unit = (int32_t)row_int(&q, 9);
        r.thread = row_int(&q, 10), r.has_thread = !row_null(&q, 10), r.body = str_dup(a, row_str(&q, 11));
        r.has_edited = r.edited_us != 0, r.period = event_period(r.at_us);
        (*out)[(*n)++] = (older){r, row_int(&q, 3)};
    }
    return err_ok(e);
}

static bool restore(ledger *l, arena scratch, const older *o, err *e) {
    return ledger_append_one(l, scratch, &o->r, e) &&
           store_run(l->s, Q_past_delete, NULL, e, "iiii", o->r.profile_id, o->r.key, o->r.edited_us, o->tie);
}

bool ledger_import_undo(ledger *l, int64_t import_id, bool purge, int64_t *events, err *e) {
    *events = 0;
    if (!ledger_ready(l, e) || !ledger_flush(l, e) || !store_begin(l->s, e)) return false;
    arena a = arena_open((size_t)1 << 34);
    older *back = NULL;
    size_t n = 0;
    bool ok = read_older(l, &a, import_id, &back, &n, e) &&
              (purge || store_run(l->s, Q_import_undo_past, NULL, e, "i", import_id)) &&
              store_run(l->s, Q_import_undo_events, events, e, "i", import_id) &&
              store_run(l->s, Q_import_purge_past, NULL, e, "ii", import_id, (int64_t)(purge ? 2 : 1));
    for (size_t i = 0; ok && i < n; i++) ok = restore(l, a, &back[i], e);
    ok = ok && store_run(l->s, Q_import_end, NULL, e, "iii", import_id, (int64_t)2, l->w->now_us(l->w)) &&
         store_commit(l->s, e);
    if (!ok) store_rollback(l->s), l->stale = true;
    arena_close(&a);
    return ok;
}
