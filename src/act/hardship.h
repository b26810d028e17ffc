// hardship: customers who are to be treated gently: they cannot pay, have lost somebody, or asked for peace.
//
// A flag is kind and time, and always ends by itself (a wish for peace may be for ever). Whatever is kept beyond that,
// a short note or an arrangement, needs the customer's consent and a purpose, and is deleted when the flag ends. While
// one holds the gate keeps back marketing, surveys and dunning (gate_kinds.def). Every look at it is for whoever calls
// to note in the audit log.
#ifndef HEED_HARDSHIP_H
#define HEED_HARDSHIP_H

#include "act/gate.h"
#include "base/civil.h"
#include "base/json.h"
#include "decide/concession.h"

enum hardship_kind {
    HARDSHIP_none,
#define HARDSHIP(name, id, state, days, most, text) HARDSHIP_##name = id,
#include "act/hardships.def"
    HARDSHIP_KINDS,
};
const char *hardship_kind_name(enum hardship_kind k); // "cannot_pay"
enum hardship_kind hardship_kind_of(str name);        // HARDSHIP_none if there is no such kind

// The states of one customer, read over its profiles: STATE_HARDSHIP, STATE_BEREAVED, STATE_DO_NOT_ASK. until_us: when
// the last of them is over; 0: there are none, or one is for ever. It may be NULL.
must_use bool hardship_states(store *s, const int64_t *profiles, size_t n, int64_t now_us, uint32_t *states,
                              int64_t *until_us, err *e);

// ---- flags ----

typedef struct {
    int64_t id, profile_id, customer;
    enum hardship_kind kind;
    int64_t since_us, until_us; // until_us 0: for ever
    int64_t ended_us;           // ended by a person; 0: not
    bool consent;
    int64_t consent_us;
    str consent_how;   // "by phone"
    str purpose, note; // empty once it is over
    int64_t made_us;
    str by;
    int64_t version;
    bool sample;
} hardship;
bool hardship_holds(const hardship *x, int64_t now_us);

enum { HARDSHIP_NOTE = 280 };
// In an open transaction of the writer. customer and kind are needed; until_us 0: as long as its kind usually lasts,
// below 0: for ever. ERR_conflict when one of the kind holds already, ERR_invalid names the field and the remedy.
must_use bool hardship_add(ledger *l, arena *a, hardship *x, err *e);
// Other times, purpose, note or consent; without consent the note goes. version: the one that was read.
must_use bool hardship_change(ledger *l, arena *a, hardship *x, err *e);
must_use bool hardship_end(ledger *l, arena *a, int64_t id, err *e); // and what was arranged under it
must_use bool hardship_get(arena *a, store *s, int64_t id, int64_t now_us, hardship *out, err *e); // ERR_not_found

typedef struct {
    int64_t below; // numbers; 0: from the newest on
    bool all;      // those that are over too
    enum hardship_kind kind;
    int64_t customer, most; // 0: any; 0: 100
} hardship_ask;
must_use bool hardship_list(arena *a, store *s, const hardship_ask *ask, int64_t now_us, hardship **out, size_t *n,
                            err *e);

// ---- what was arranged ----

enum part_state { PART_AHEAD, PART_PAID, PART_MISSED };
typedef struct {
    int32_t part, day; // from 1; the civil day by whose end it is due
    int64_t due_us, amount;
    int64_t commitment; // 0: not told yet: a part is told when the one before it is over
    int64_t word_us;    // when a friendly word was asked for, because it was missed
    int64_t paid_us;    // when all until here was paid; 0: not yet
    enum part_state state;
} hardship_part;

enum hardship_plan_state { PLAN_DRAFTED, PLAN_AGREED, PLAN_KEPT, PLAN_ANEW, PLAN_ENDED };
const char *hardship_plan_state_name(enum hardship_plan_state s);
typedef struct {
    int64_t id, hardship, profile_id;
    enum hardship_plan_state state; // drafted: waits for a signature, or is being told
    int32_t currency;
    int64_t owed, let_off; // minor units; the parts sum to owed less let_off
    int64_t concession, still, still_until_us;
    int64_t after_plan; // the one that it replaces; 0: none
    int64_t made_us, version;
    str by;
    hardship_part *parts;
    size_t n;
    int64_t paid; // since it was made
} hardship_plan;

typedef struct {
    int64_t hardship;
    int64_t owed, let_off;
    int32_t currency; // 0: the store's
    int parts;
    int32_t first_day;            // civil
    int every_months, every_days; // both 0: a month; days count from the first day
    int64_t after_plan;           // replaces this one
    str by, role;
} hardship_offer;

// The parts of an offer: they sum exactly (the first ones are greater by one minor unit where it does not divide), and
// fall on the first one's day of the month, or on the last day of shorter months (31 January, 28 February, 31 March).
must_use bool hardship_parts(arena *a, const zone *z, const hardship_offer *o, hardship_part **out, err *e);
// In transactions of its own: checks and reserves what it costs by the red lines, and tells the promises of both sides.
// The flag must hold, with consent; it is made to last as long as the plan. answer says what the red lines say;
// refused: ERR_conflict, waiting for a signature: the plan stays drafted until hardship_settle finds it granted.
must_use bool hardship_arrange(ledger *l, arena *a, const hardship_offer *o, hardship_plan *out, redline_answer *answer,
                               err *e);
must_use bool hardship_plan_get(arena *a, store *s, int64_t id, int64_t now_us, hardship_plan *out, err *e);
must_use bool hardship_plans(arena *a, store *s, int64_t hardship, int64_t now_us, hardship_plan **out, size_t *n,
                             err *e);

typedef struct {
    int64_t told, paid, missed, kept, ended;
} hardship_settled;
// In transactions of its own; again and again, harmless the second time: finishes what was begun, notes what was paid,
// tells the next part, asks for a friendly word where a part was missed, and closes plans that are kept.
must_use bool hardship_settle(ledger *l, hardship_settled *out, err *e);

// ---- as JSON, for commands and the API alike ----

void hardship_json(json_out *j, const char *key, const hardship *x, int64_t now_us);
void hardship_plan_json(json_out *j, const char *key, const hardship_plan *x);

#endif
