// gate_settings: the numbers of the gate: limits for everybody, a segment or a country, and quotas of samples.
#ifndef HEED_GATE_SETTINGS_H
#define HEED_GATE_SETTINGS_H

#include "act/gate.h"

enum gate_limit {
#define LIMIT(name, otherwise, lo, hi, unit, text) LIMIT_##name,
#include "act/gate_limits.def"
    LIMIT_clock_none, // the clock of GATE_none, then one for each kind, in the order of their numbers
    GATE_LIMITS = LIMIT_clock_none + GATE_KINDS,
};
enum { GATE_DAYS_MOST = 400 }; // no window looks back further

typedef struct {
    const char *name, *unit, *text;
    int64_t otherwise, lo, hi; // what holds unless it is set
} gate_limit_row;
bool gate_limit_row_of(enum gate_limit l, gate_limit_row *out); // false: there is no such limit
enum gate_limit gate_limit_named(str name);                     // GATE_LIMITS: there is none

typedef struct {
    int64_t of[GATE_LIMITS];
} gate_limits;
// What holds for somebody: the row of their segment, else of their country, else of everybody, else the default.
must_use bool gate_limits_for(store *s, str segment, str country, gate_limits *out, err *e);

// A row that somebody set. scope: empty (everybody), "segment:Gold", "country:DE".
typedef struct {
    enum gate_limit limit;
    str scope, by;
    int64_t value, at_us, version; // version 0: not set
} gate_limit_set;
must_use bool gate_limits_list(arena *a, store *s, gate_limit_set **out, size_t *n, err *e);
must_use bool gate_limit_get(arena *a, store *s, enum gate_limit l, str scope, gate_limit_set *out, err *e);
// In an open transaction. ERR_invalid names what is wrong with the scope or the value.
must_use bool gate_limit_put(arena *a, store *s, const gate_limit_set *x, err *e);
must_use bool gate_limit_drop(store *s, enum gate_limit l, str scope, err *e); // back to what holds unless it is set

// How many of a group a survey asks.
typedef struct {
    str survey, quota, by;
    int64_t most, days, at_us, version; // days 0: at all
} gate_quota;
must_use bool gate_quotas_list(arena *a, store *s, gate_quota **out, size_t *n, err *e);
must_use bool gate_quota_get(arena *a, store *s, str survey, str quota, gate_quota *out, err *e);
must_use bool gate_quota_put(store *s, const gate_quota *x, err *e);
must_use bool gate_quota_drop(store *s, str survey, str quota, err *e);

// Where somebody lives, as far as it matters for the hour of the day.
typedef struct {
    str zones[2]; // the second may be empty
    int n;
} gate_place;
gate_place gate_place_of(str country, str store_zone);
typedef struct {
    int64_t from_us, until_us; // while it holds
    int32_t offset_s;
} gate_offset;
// From what the store remembers; else from the zone. keep: then the store remembers it (in an open transaction).
must_use bool gate_offset_at(arena scratch, store *s, str zone_name, int64_t now_us, bool keep, gate_offset *out,
                             err *e);

#endif
