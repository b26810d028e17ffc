// commitment: what we owe: a promise, a reply, a delivery, a date. A fold of its events, and of those that keep it.
//
// A commitment is a set of steps (made, moved, kept, withdrawn, opened again, void, confirmed, apologised for), so the
// order in which they arrive does not matter. The steps' thread names it within its source; they need not all name the
// customer. Kinds that are kept by events (commitments.def) are kept by the first such event of the customer after the
// commitment was made.
#ifndef HEED_COMMITMENT_H
#define HEED_COMMITMENT_H

#include "ledger/ledger.h"

enum commitment_kind {
    COMMITMENT_none,
#define COMMITMENT(name, id, hours, clock, keeps, text) COMMITMENT_##name = id,
#include "know/commitments.def"
    COMMITMENT_KINDS, // one above the last
};
enum commitment_clock { CLOCK_OPEN, CLOCK_ALWAYS };
enum commitment_keeper {
    KEEP_NOTHING,
    KEEP_REPLY,
    KEEP_CALL,
    KEEP_DELIVERY,
    KEEP_REFUND,
    KEEP_PAYMENT,
    KEEP_RENEWAL,
    KEEP_SOLVED,
};
typedef struct {
    const char *name, *text;
    int hours;
    enum commitment_clock clock;
    enum commitment_keeper keeper;
} commitment_row;
const commitment_row *commitment_kind_row(enum commitment_kind k); // of COMMITMENT_none and unknown ones: a promise's
enum commitment_kind commitment_kind_of(str name);                 // COMMITMENT_none if there is no such kind
bool commitment_is_theirs(enum commitment_kind k); // owed by the customer: no promise of ours is broken by it

// One event about a commitment.
typedef struct {
    int64_t id, at_us, key, profile_id;
    enum kind what;
    int64_t due_us; // 0: none named
    int64_t about;  // the conversation it was made in, as event.thread has it; 0: none
    str topic, words, owner, team;
    int64_t standard_id; // made by this rule; 0: said by an event
} commitment_step;

typedef struct {
    int64_t id, profile_id;
    enum commitment_kind kind;
    str what, owner, team;
    int64_t about;
    int64_t made_us, due_us, first_due_us, judged_us; // 0: no date
    int32_t moves;
    bool agreed_before_due;
    int64_t open_us;
    int64_t said_kept_us, done_us, done_key, kept_us, withdrawn_us, void_us; // 0: not
    int64_t confirmed_us; // the customer says that it is solved, since it was last open; 0: not
    int64_t sorry_us;     // we said sorry for breaking it, since it was last open; 0: not
    int32_t reopened;     // how often it was open again
    int64_t standard_id;  // made by this rule; 0: by a person or a source
} commitment;

// Its number: 53 bits of (source, name), the same wherever and whenever it is computed; or the one that the event's
// body names as "commitment", by which a person says something of what another source knows.
int64_t commitment_id(const record *r);
bool commitment_is_step(enum kind k);
// Could an event of this kind keep any commitment?
bool commitment_is_keeper(enum kind k);
// What an event says; false when it is no step. source_id: of the event. Texts live in a.
bool commitment_step_of(arena *a, const record *r, int64_t source_id, commitment_step *out);
// The steps of one commitment, in any order, without what the customer's other events say. False when none of them
// made it: then there is no commitment yet.
bool commitment_fold(commitment_step *steps, size_t n, commitment *out);
// Does this event of the same customer keep it? Not before open_us.
bool commitment_keeps(const commitment *c, const record *r);
// Enters the event that keeps it first; at_us 0: none does.
void commitment_done(commitment *c, int64_t at_us, int64_t key);

// Where it stands. Judged by F28: by the first date, or by a new one that was agreed once and before the first was due.
enum commitment_status {
    OWED_open,
    OWED_kept,
    OWED_renegotiated, // kept by the new date, which counts as kept
    OWED_kept_late,
    OWED_broken, // due and not kept
    OWED_withdrawn,
    OWED_void,
    OWED_STATUSES,
};
enum commitment_status commitment_status(const commitment *c, int64_t now_us);
const char *commitment_status_name(enum commitment_status s); // "kept_late"
bool commitment_status_of(str name, enum commitment_status *out);
static inline bool commitment_closed(const commitment *c) {
    return c->kept_us || c->withdrawn_us || c->void_us;
}

// ---- in the store ----

commitment commitment_read(arena *a, const row *r); // the columns of Q_commitment_get
// False with e clear when there is none.
must_use bool commitment_get(arena *a, store *s, int64_t id, commitment *out, err *e);
must_use bool commitment_steps(arena *a, store *s, int64_t id, commitment_step **out, size_t *n, err *e);

// For stages, repair, verify and erase.
must_use bool commitment_take(store *s, const record *r, int64_t source_id, int sign, err *e); // a step, or it is gone
must_use bool commitment_anew(store *s, const int64_t *ids, size_t n, err *e);                 // from their steps
// The events that keep what is owed to these customers, looked for anew.
must_use bool commitment_settle(store *s, const int64_t *customers, size_t n, err *e);
must_use bool commitment_settle_profiles(store *s, const int64_t *profiles, size_t n, err *e);
must_use bool commitment_all_anew(store *s, err *e); // from all steps and events, and by the standards
must_use bool commitment_erase(store *s, int64_t profile_id, err *e);
// What is owed by rule (know/standard.h): of the customers of some profiles, whose events changed; of all who are
// touched by standards or agreements that changed from since_us on.
must_use bool commitment_by_rule(store *s, const int64_t *profiles, size_t n, err *e);
must_use bool commitment_by_rule_since(store *s, int64_t since_us, err *e);

// A set of steps in memory, to be compared with what is stored.
typedef struct commitment_check commitment_check;
commitment_check *commitment_check_new(arena *a);
void commitment_check_step(commitment_check *c, const record *r, int64_t source_id);
must_use bool commitment_check_all(commitment_check *c, store *s, int64_t *differences, str *first, err *e);

#endif
