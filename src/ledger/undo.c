#include "ledger/private.h"

// Versions that the import had replaced come back, each the newest of its key that is left.
typedef struct {
    int64_t profile_id, key;
} past_key;

static bool restore_one(ledger *l, arena a, const past_key *k, err *e) {
    record r = {.profile_id = k->profile_id, .key = k->key};
    int64_t tie = 0;
    bool found = false;
    for (row q = store_query(l->s, Q_past_of_key, e, "ii", k->profile_id, k->key); row_next(&q);) {
        r.edited_us = row_int(&q, 0), r.has_edited = r.edited_us != 0, tie = row_int(&q, 1), r.at_us = row_int(&q, 2);
        r.kind = (uint8_t)row_int(&q, 3), r.channel = (uint8_t)row_int(&q, 4), r.import_id = row_int(&q, 5);
        r.value = row_int(&q, 6), r.has_value = !row_null(&q, 6), r.unit = (int32_t)row_int(&q, 7);
        r.thread = row_int(&q, 8), r.has_thread = !row_null(&q, 8), r.body = str_dup(&a, row_str(&q, 9));
        found = true;
        row_end(&q);
        break;
    }
    if (!found || !err_ok(e)) return err_ok(e);
    r.period = event_period(r.at_us);
    return store_ensure_period(l->s, r.period, e) && ledger_append_one(l, a, &r, e) &&
           store_run(l->s, Q_past_delete, NULL, e, "iiii", r.profile_id, r.key, r.edited_us, tie);
}

// Keys whose current version belongs to the import and that have an older one.
static bool with_past(ledger *l, arena *a, int64_t import_id, past_key **keys, size_t *n, err *e) {
    *n = 0;
    size_t room = 1 << 16;
    *keys = make(a, past_key, room);
    for (row r = store_query(l->s, Q_past_under_import, e, "i", import_id); row_next(&r);) {
        if (*n == room) {
            past_key *more = make(a, past_key, room * 2);
            memcpy(more, *keys, room * sizeof *more);
            *keys = more, room *= 2;
        }
        (*keys)[(*n)++] = (past_key){row_int(&r, 0), row_int(&r, 1)};
    }
    return err_ok(e);
}

bool ledger_import_undo(ledger *l, int64_t import_id, bool purge, int64_t *events, err *e) {
    *events = 0;
    if (!ledger_ready(l, e) || !ledger_flush(l, e) || !store_begin(l->s, e)) return false;
    arena a = arena_open((size_t)1 << 32);
    past_key *keys;
    size_t n;
    bool ok = with_past(l, &a, import_id, &keys, &n, e) &&
              (purge || store_run(l->s, Q_import_undo_past, NULL, e, "i", import_id)) &&
              store_run(l->s, Q_import_undo_events, events, e, "i", import_id) &&
              store_run(l->s, Q_import_purge_past, NULL, e, "ii", import_id, (int64_t)(purge ? 2 : 1));
    for (size_t i = 0; ok && i < n; i++) ok = restore_one(l, a, &keys[i], e);
    ok = ok && store_run(l->s, Q_import_end, NULL, e, "iii", import_id, (int64_t)2, l->w->now_us(l->w)) &&
         store_commit(l->s, e);
    if (!ok) store_rollback(l->s), l->stale = true;
    arena_close(&a);
    return ok;
}
