#include "ledger/private.h"
#include "sql/ledger.h"

record record_read(arena *a, const row *r, int at) {
    str body = row_str(r, at + 7);
    return (record){
        .kind = (uint8_t)row_int(r, at),
        .channel = (uint8_t)row_int(r, at + 1),
        .import_id = row_int(r, at + 2),
        .value = row_int(r, at + 3),
        .has_value = !row_null(r, at + 3),
        .unit = (int32_t)row_int(r, at + 4),
        .thread = row_int(r, at + 5),
        .has_thread = !row_null(r, at + 5),
        .edited_us = row_int(r, at + 6),
        .has_edited = !row_null(r, at + 6),
        .body = a ? str_dup(a, body) : body,
    };
}

uint64_t record_tie(const record *r) {
    int64_t parts[] = {r->at_us, r->kind, r->channel, r->has_value ? r->value : INT64_MIN, r->unit, r->thread};
    return str_hash2(str_hash((str){(const char *)parts, sizeof parts}), r->body);
}

bool ledger_get(store *s, arena *a, int32_t period, int64_t profile_id, int64_t at_us, int64_t key, record *out,
                err *e) {
    bool found = false;
    for (row r = store_query(s, Q_event_get, e, "iiii", (int64_t)period, profile_id, at_us, key); row_next(&r);) {
        *out = record_read(a, &r, 0);
        out->period = period, out->profile_id = profile_id, out->at_us = at_us, out->key = key;
        found = true;
    }
    return found && err_ok(e);
}

bool ledger_periods(store *s, arena *a, int32_t **periods, size_t *n, err *e) {
    int64_t p;
    size_t room = 0;
    *n = 0, *periods = NULL;
    if (!store_int(s, Q_event_period_first, &p, INT64_MIN, e, "")) return false;
    while (p != INT64_MIN) {
        if (*n == room) {
            int32_t *more = make(a, int32_t, room = room ? room * 2 : 256);
            if (*n) memcpy(more, *periods, *n * sizeof *more);
            *periods = more;
        }
        (*periods)[(*n)++] = (int32_t)p;
        if (!store_int(s, Q_event_period_next, &p, INT64_MIN, e, "i", p)) return false;
    }
    return true;
}

// stopped, unless NULL: fn wants no more.
static bool call_back(row r, record_fn fn, void *ctx, bool *stopped, err *e) {
    while (row_next(&r)) {
        record rec = record_read(NULL, &r, 4);
        rec.period = (int32_t)row_int(&r, 0), rec.profile_id = row_int(&r, 1);
        rec.at_us = row_int(&r, 2), rec.key = row_int(&r, 3);
        if (fn(ctx, &rec, e)) continue;
        row_end(&r);
        if (stopped) *stopped = true;
    }
    return err_ok(e);
}

bool ledger_profile_events(store *s, int64_t profile_id, record_fn fn, void *ctx, err *e) {
    // PostgreSQL's key leads with the profile; SQLite's with the month, so it is asked month by month.
    if (store_kind_of(s) == STORE_POSTGRES)
        return call_back(store_query(s, Q_event_all_of_profile, e, "i", profile_id), fn, ctx, NULL, e);
    arena a = arena_open(1 << 24);
    int32_t *periods;
    size_t n;
    bool ok = ledger_periods(s, &a, &periods, &n, e);
    for (size_t i = 0; ok && i < n; i++)
        ok = call_back(store_query(s, Q_event_of_profile, e, "ii", (int64_t)periods[i], profile_id), fn, ctx, NULL, e);
    arena_close(&a);
    return ok;
}

bool ledger_profile_events_since(store *s, int64_t profile_id, int64_t since_us, record_fn fn, void *ctx, err *e) {
    int64_t period = event_period(since_us) - INT64_C(1);
    bool stopped = false;
    if (store_kind_of(s) == STORE_POSTGRES)
        return call_back(store_query(s, Q_event_since_of_profile, e, "ii", profile_id, period + 1), fn, ctx, NULL, e);
    while (!stopped && store_int(s, Q_event_period_next, &period, INT64_MIN, e, "i", period) && period != INT64_MIN)
        if (!call_back(store_query(s, Q_event_of_profile, e, "ii", period, profile_id), fn, ctx, &stopped, e))
            return false;
    return err_ok(e);
}

bool ledger_all_events(store *s, record_fn fn, void *ctx, err *e) {
    arena a = arena_open(1 << 24);
    int32_t *periods;
    size_t n;
    bool ok = ledger_periods(s, &a, &periods, &n, e);
    for (size_t i = 0; ok && i < n; i++) {
        for (row r = store_query(s, Q_event_of_period, e, "i", (int64_t)periods[i]); row_next(&r);) {
            record rec = record_read(NULL, &r, 3);
            rec.period = periods[i], rec.profile_id = row_int(&r, 0), rec.at_us = row_int(&r, 1),
            rec.key = row_int(&r, 2);
            if (!fn(ctx, &rec, e)) row_end(&r);
        }
        ok = err_ok(e);
    }
    arena_close(&a);
    return ok;
}
