// What the files of playbooks share.
#ifndef HEED_PLAYBOOK_PRIVATE_H
#define HEED_PLAYBOOK_PRIVATE_H

#include "act/occasion.h"
#include "act/playbook.h"
#include "base/map64.h"

enum { PLAY_CHUNK = 1000, PLAY_DATE_AHEAD_H = 30, PLAY_DATE_LATE_H = 12, PLAY_PATIENCE_DAYS = 14 };

// Who may enter: asked with what is known of earlier runs.
typedef struct {
    arena *a;
    store *s;
    const playbook_row *p;
    const play *d;
    int64_t now_us, since_us; // since: what happened before does not count
    zone *z;
    entrant *of;
    size_t n, room;
    map64 known; // customer and occasion, hashed
    map64 last;  // customer → last_us
    int64_t *last_us;
    size_t n_last, room_last;
    bool past;        // a try: earlier runs do not count, but those found here do
    map64 profile_of; // joined profiles → index into customers
    int64_t *customers;
    size_t n_customers, room_customers;
} entering;

must_use bool entering_begin(entering *k, arena *a, store *s, const playbook_row *p, const play *d, int64_t now_us,
                             err *e);
// Adds one unless it is known, comes too soon after the last, or is not in the sample.
void entering_add(entering *k, entrant x);
int64_t entering_customer(const entering *k, int64_t profile);
must_use bool entering_joined(entering *k, err *e); // reads whose customer joined profiles are
must_use bool entering_filter(entering *k, err *e); // those for whom "if" holds stay
void entering_sort(entering *k);

// The sources of entrants, each for what happened in since_us < t <= now_us.
must_use bool enter_events(entering *k, err *e);
must_use bool enter_dates(entering *k, int64_t until_us, err *e);
must_use bool enter_promises(entering *k, bool as_it_stood, err *e);

// What happened to some customers since: bits of enum kind. With only_after, of each its own time counts.
typedef struct {
    int64_t customer, since_us; // asked
    uint64_t kinds;             // found
    int64_t first_us[64];       // of each kind, the first time; 0: never
} happened;
must_use bool playbook_happened(arena *a, store *s, happened *of, size_t n, uint64_t kinds, int64_t until_us, err *e);

#endif
