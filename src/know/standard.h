// standard: what we promise everybody by rule ("the first reply within 4 open hours"), and the commitments that follow.
//
// They are a fold: a function of a customer's events, of the standards and agreements and their history, and of who is
// one customer. So they are the same whatever arrives in which order, they can be computed again, and `heed verify`
// proves them. Written as events by a sweep they would have stood in the ledger as if somebody had told them, would
// have been left behind by an undone import, and could have come twice. A commitment's number is a hash of the standard
// and of the event that started it; people may speak of it like of any other.
#ifndef HEED_STANDARD_H
#define HEED_STANDARD_H

#include "know/agreement.h"
#include "stats/clock.h"

enum standard_start {
    START_none,
#define START(name, id, kind, text) START_##name = id,
#include "know/standard_starts.def"
    STANDARD_STARTS,
};
const char *standard_start_name(enum standard_start s);
enum standard_start standard_start_of(str name); // START_none if there is no such one

typedef struct {
    int64_t id, version;
    str name;
    enum commitment_kind kind;
    enum standard_start starts;
    str segment;          // as a source calls it; empty: all
    enum channel channel; // CHANNEL_unknown: any
    str priority;         // as the event's body says it; empty: any
    int64_t minutes;
    enum commitment_clock clock; // open hours of the customer's agreement, or every hour
    int64_t from_us, until_us;   // for what happens from <= t < until; 0: for ever
    int64_t created_us;
    str by;
    bool sample;
} standard;

typedef struct standards standards;
must_use bool standards_read(arena *a, store *s, standards **out, err *e); // all versions, and the agreements
const standard *standards_rows(const standards *x, size_t *n);
agreements *standards_agreements(const standards *x);
must_use bool standards_any(store *s, bool *any, err *e);

// ---- what follows ----

// What a customer's event says of this.
typedef struct {
    int64_t at_us, key, profile, thread;
    uint8_t kind, channel;
    bool has_thread;
    bool thanks; // a message of nothing but thanks: nobody waits for an answer to it
    bool staff;  // it names who of ours has it
    str priority, segment;
} standard_event;
// Could an event change what is owed by rule?
bool standard_minds(const record *r);
standard_event standard_event_of(arena *a, const record *r);
enum clock_who standard_who(const standard_event *ev); // its step in a conversation
int standard_by_talk(const void *a, const void *b);    // for qsort: conversations, and in each the steps in order
// The steps (made; void when its conversation was closed without an answer, in time) that follow from all events of one
// customer, in any order. Sorted by number and time. Lives in a.
void standards_steps(arena *a, standards *x, const int64_t *profiles, size_t n_profiles, standard_event *evs, size_t n,
                     commitment_step **out, size_t *n_out);

// ---- changing; in an open transaction of the writer ----

must_use bool standard_check(standard *x, const char **field, err *e);
// id 0: a new one; else a new version from x->from_us on. Then commitment_by_rule_since.
must_use bool standard_put(ledger *l, standard *x, err *e);
must_use bool standard_end(store *s, const standard *x, int64_t until_us, err *e);

#endif
