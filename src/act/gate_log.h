// gate_log: what the gate was asked and what it said, for people who want to know why.
#ifndef HEED_GATE_LOG_H
#define HEED_GATE_LOG_H

#include "act/gate.h"

typedef struct {
    int64_t id, profile, at_us, until_us, unsent_us; // 0: none
    enum gate_kind kind;
    enum channel channel;
    enum gate_verdict verdict;
    int halves;
    str template, occasion, survey, quota, rule, reason, by;
} gate_record;
gate_ask gate_record_ask(const gate_record *r); // what was asked then

// ERR_not_found when there is none.
must_use bool gate_record_get(arena *a, store *s, int64_t id, gate_record *out, err *e);

typedef struct {
    int64_t customer; // 0: of anybody
    int verdict;      // -1: any
    enum gate_kind kind;
    str rule;       // empty: any
    int64_t before; // 0: from the newest on
    int64_t limit;  // at most 1,000
} gate_records_ask;
// Newest first.
must_use bool gate_records(arena *a, store *s, const gate_records_ask *ask, gate_record **out, size_t *n, err *e);

// How many, by day in the store's zone, kind, verdict and rule, since <= t < until; at most 20,000 rows.
typedef struct {
    int32_t day;
    enum gate_kind kind;
    enum gate_verdict verdict;
    str rule;
    int64_t n;
} gate_count;
must_use bool gate_counts(arena *a, store *s, int64_t since_us, int64_t until_us, gate_count **out, size_t *n, err *e);

#endif
