// envelope: how much a role may concede by itself. Inside it is given at once and noted, and a share is looked at
// afterwards; outside somebody has to sign. A role without an envelope is bound by the red lines alone.
#ifndef HEED_ENVELOPE_H
#define HEED_ENVELOPE_H

#include "decide/redline.h"

typedef struct {
    str role;
    int64_t version;
    uint32_t of;  // bits 1 << concession_kind that the bounds are for; 0: all
    int64_t most; // what one may cost; 0: no bound, here and below
    int32_t currency;
    int64_t discount_bp;
    int64_t times; // how often one person may within the last day, week, month …
    enum redline_period period;
    str signer;        // who is asked beyond; empty: a manager
    int64_t hours;     // office hours in which that is to be answered; 0: 4
    int64_t review_bp; // share of what is given at once that is looked at afterwards
    str by;
    int64_t made_us;
    bool retired, sample;
} envelope;

// How much a role may sign: 3 owner, 2 manager, 1 agent, 0 everybody else.
int role_rank(str role);

// In the transaction of the writer: a new version. ERR_invalid names the field.
must_use bool envelope_put(ledger *l, envelope *x, const char **field, err *e);
// False with e clear when the role has none.
must_use bool envelope_get(arena *a, store *s, str role, envelope *out, err *e);
must_use bool envelopes_list(arena *a, store *s, envelope **out, size_t *n, err *e);
void envelope_json(json_out *j, const char *key, const envelope *x);
int64_t envelope_since(const envelope *x, int64_t now_us); // from when on its times are counted

#endif
