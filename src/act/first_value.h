// first_value: how long it takes until somebody has the first thing that is worth something to them (F27), by segment,
// and who takes longer than most: Kaplan-Meier from the start to the first value; whoever has none yet is censored.
#ifndef HEED_FIRST_VALUE_H
#define HEED_FIRST_VALUE_H

#include "act/occasion.h"
#include "ledger/event.h"
#include "stats/survival.h"
#include "store/store.h"

enum { STUCK_SEGMENTS = 64, STUCK_NEEDS = 30, STUCK_DAYS = 365 };

typedef struct {
    enum kind value;    // what counts as the first value: an order, the first use …
    bool from_contract; // from the first contract on; else from the first sight
    int64_t now_us;
} first_value_ask;

typedef struct {
    str segment;    // empty: those of no segment; of the first row: everybody
    int64_t n, had; // of how many, and how many have had it
    estimate half;  // days by which half have had it
    estimate p80;   // days by which four of five have had it
    double beyond;  // whoever waits longer is stuck: p80, or everybody's where the segment is too small; NAN: not told
    int64_t stuck;  // how many are
} first_value_group;

typedef struct {
    int64_t customer, start_us;
    double days; // without it
    int32_t group;
} stuck_customer;

typedef struct {
    first_value_group *groups; // the first: everybody
    size_t n_groups;
    stuck_customer *stuck; // by number; of those who began within STUCK_DAYS
    size_t n_stuck;
} first_values;

must_use bool first_value_read(arena *a, store *s, const first_value_ask *ask, first_values *out, err *e);

#endif
