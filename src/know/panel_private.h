// What the passes gather, shared by panel.c (passes over what was said), panel_people.c (over summaries) and measure.c.
#ifndef HEED_PANEL_PRIVATE_H
#define HEED_PANEL_PRIVATE_H

#include "base/civil.h"
#include "base/map64.h"
#include "know/measure.h"
#include "stats/retention.h"

enum { STAY_DAYS = 366 * 30 };

typedef struct {
    double *v;
    size_t n, room;
} doubles;

// One span and group.
typedef struct {
    int64_t nps[11], csat[5], ces[7], stars[5];
    int64_t asked, answered, complaints;
    int64_t customers, active, buyers, returning, sold, sent_back, contracts, contracts_lost;
    retention_sums revenue;
    int32_t *ended, *watched; // stays by whole days; NULL until needed
    doubles replies, waits;   // seconds
} cell;

struct panel {
    arena *a;
    store *s;
    panel_ask ask;
    zone *z;
    cell *cells; // span-major
    int n_groups, room_groups;
    str *groups;
    map64 group_ids;    // hash of the label → group
    map64 segment_of;   // customer → group, by segment
    map64 source_group; // minus the source id → group, by source
    int64_t customers;
    int32_t silent_days; // longer silences than this mean gone, without a contract
    int64_t returns_seen, contracts_seen, orders_seen;
};

cell *panel_cell(panel *p, int span, int group);
int panel_group_of(panel *p, str label);
bool panel_wants(const panel *p, enum measure m);
bool panel_counts(const panel *p, int64_t profile);         // is it one of those asked for?
void panel_tell(const panel *p, enum measure m, counted x); // to whoever asks for each, if the measure is wanted
must_use bool panel_people(panel *p, err *e);

// How long a customer has stayed as of a time (F16): a contract runs until its end; a buyer is gone when silent for
// longer than silent_days. False when there is no length yet.
typedef struct {
    int32_t first; // civil day of the first contract or purchase
    int64_t days;
    bool ended;
} panel_stayed;
bool panel_stay(const zone *z, const timeline *t, int64_t until_us, int32_t silent_days, panel_stayed *out);
// The silence that 95 % of all gaps between orders stay below, from the first 50,000 customers (F16).
must_use bool panel_silence(store *s, int32_t *days, err *e);

#endif
