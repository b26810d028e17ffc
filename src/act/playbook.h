// playbook: what we do for a customer when something happens: who enters, by which steps, until what stops it, and
// whether it made a difference to those who were left alone by chance.
//
// A playbook is a definition (JSON, docs/playbooks.md) with a name. A customer goes through it once for an occasion. Of
// those who enter, some are held out by a stable draw; their outcome is compared with that of the others. Every message
// passes the gate; a task is a commitment. Runs are rows: a crash between two steps loses nothing and repeats nothing.
#ifndef HEED_PLAYBOOK_H
#define HEED_PLAYBOOK_H

#include "act/gate.h"
#include "act/template.h"
#include "base/civil.h"
#include "know/measure.h"
#include "know/segment.h"

// ---- the definition ----

enum play_trigger {
    TRIGGER_event,   // something happened
    TRIGGER_segment, // a customer entered a segment
    TRIGGER_date,    // a birthday, an anniversary, a renewal
    TRIGGER_promise, // a promise to them is broken
    TRIGGER_measure, // a figure of the company crossed a bound, and surely so
    TRIGGER_stuck,   // beyond the time by which most of their segment had their first value
    TRIGGER_rhythm,  // nobody of ours has spoken to them for so long
};
enum play_date { DATE_birthday, DATE_anniversary, DATE_renewal };

enum play_step_kind {
    STEP_message,
    STEP_task,
    STEP_wait,
    STEP_branch,    // goes on at `otherwise` when the rule does not hold
    STEP_jump,      // goes on at `otherwise`
    STEP_apologise, // notes that we said sorry for the promise
    STEP_stop,
};
typedef struct {
    enum play_step_kind kind;
    str template;          // message
    enum gate_kind gate;   //
    str what, owner, team; // task
    int32_t hours;         // task: due in so many hours; 0: by the hours of tasks
    int64_t wait_us;       // wait: so long
    enum kind until;       // wait: or until this happens; 0: nothing ends it
    segment_rule *rule;    // branch
    int32_t otherwise;     // branch, jump
} play_step;

// What ends a run before its end.
enum play_stop { STOP_replied = 1, STOP_bought = 2, STOP_complained = 4, STOP_unsubscribed = 8, STOP_left = 16 };
enum play_outcome { OUTCOME_active, OUTCOME_order, OUTCOME_renewal, OUTCOME_answer, OUTCOME_complaint, OUTCOMES };
const char *play_outcome_name(enum play_outcome o); // "active", "order", …

enum { PLAY_STEPS = 60, PLAY_MILLION = 1000000, PLAY_FRESH_DAYS = 3, PLAY_FIELD = 64 };

typedef struct {
    enum play_trigger trigger;
    // event
    enum kind event;
    bool first, again; // only the customer's first of its kind; only others
    str *named;        // its topic or name is one of these; none: any
    size_t n_named;
    int32_t instrument; // of a score; 0: any
    double least, most; // of a score; -INFINITY, INFINITY: any
    // segment, rhythm
    segment_rule *segment; // rhythm: of whom
    // date
    enum play_date date;
    int32_t before_days, at_s, term_months; // how many days before; second of the customer's day; of a contract
    int leap;                               // 29 February: 0 as the country has it, 1 on 28 February, 2 on 1 March
    // measure
    enum measure measure;
    double bound;
    bool below;
    int32_t days; // measure: of so many days; rhythm: silence
    // stuck
    enum kind value_event; // what their first value is
    bool from_contract;    // counted from the first contract, else from the first sight

    segment_rule *only;   // "if"; NULL: everybody
    int32_t hold, sample; // of a million: left alone; may enter at all
    int32_t again_days;   // not again within so many days
    uint32_t stops;       // bits of play_stop
    uint32_t purposes;    // bits of enum purpose: what its messages are sent for and can be refused
    enum play_outcome outcome;
    int32_t outcome_days;
    str from, reply_to; // who stands behind its messages
    play_step *steps;
    int32_t n_steps;
} play;

// Reads a definition. Segments it names are read from the store. field: the place of a mistake, like "steps.0.wait".
must_use bool play_read(arena *a, store *s, str json, play *out, char field[PLAY_FIELD], err *e);
str play_words(arena *a, const play *p); // its trigger in one sentence

// ---- those that are kept, and those that come with heed ----

typedef struct {
    int64_t id;
    str name, about, definition, by;
    bool on, shipped; // shipped: it comes with heed
    int64_t on_us, looked_us, created_us, updated_us, version;
} playbook_row;

must_use bool playbook_list(arena *a, store *s, playbook_row **out, size_t *n, err *e); // by number
// By name or number. False with e clear when there is none.
must_use bool playbook_get(arena *a, store *s, str which, playbook_row *out, err *e);
must_use bool playbook_get_id(arena *a, store *s, int64_t id, playbook_row *out, err *e);
// In a transaction of the writer. id 0: a new one. Checks it whole: name, definition, templates; what is switched on
// has somebody who stands behind it. ERR_invalid with the field; ERR_conflict when the name is taken.
must_use bool playbook_put(ledger *l, playbook_row *x, char field[PLAY_FIELD], err *e);

// ---- runs ----

enum run_state { RUN_going, RUN_ended, RUN_stopped, RUN_failed };
const char *run_state_name(enum run_state s);
typedef struct {
    int64_t id, playbook, version, profile; // profile 0: about the company
    str occasion, facts, why;
    bool held;
    int32_t hold, step;
    enum run_state state;
    int64_t since_us, entered_us, next_us, ended_us;
} playbook_run;
playbook_run playbook_run_read(arena *a, const row *r); // columns of playbook_run_get
// False with e clear: there is none.
must_use bool playbook_run_get(arena *a, store *s, int64_t id, playbook_run *out, err *e);
must_use bool playbook_run_stop(ledger *l, int64_t id, str why, err *e); // ERR_conflict when it has ended
// A run that cannot go on. Transactions of its own.
must_use bool playbook_run_fail(ledger *l, int64_t id, str why, err *e);
// The definition it began with.
must_use bool playbook_of_run(arena *a, store *s, const playbook_run *r, play *out, err *e);

// Is a customer held out, or in the sample? Always the same for the same playbook and customer.
bool playbook_draw(int64_t playbook, int64_t customer, const char *what, int32_t of_million);

// ---- who enters ----

typedef struct {
    int64_t customer; // 0: about the company
    int64_t at_us;    // when it happened, or is to happen
    int64_t next_us;  // when the first step is due
    str occasion, facts;
} entrant;
typedef struct {
    entrant *of; // by time, then customer
    size_t n;
    str inside;  // who is in the segment now, to be kept
    bool looked; // it was time to look, and there is something to keep
} entrants;
// Asked of a reader; writes nothing. Those who were taken in for the occasion already are left out.
must_use bool playbook_entrants(arena *a, store *s, const playbook_row *p, const play *d, int64_t now_us, entrants *out,
                                err *e);
// In a transaction: rows for these, twice is harmless; then, at the end, that it was looked at.
must_use bool playbook_take_in(ledger *l, const playbook_row *p, const play *d, const entrant *x, size_t n,
                               int64_t *taken, err *e);
must_use bool playbook_looked(ledger *l, const playbook_row *p, const entrants *x, int64_t now_us, err *e);

// ---- steps ----

// Takes a run as far as it goes now. It stops before what needs transactions of its own (a task, an apology): *alone.
// In an open transaction.
must_use bool playbook_go(ledger *l, arena *a, playbook_run *r, bool *alone, err *e);
// That one step, with transactions of its own. Twice is harmless.
must_use bool playbook_go_alone(ledger *l, arena *a, playbook_run *r, err *e);
// Is it the run that cannot go on, rather than the store?
bool playbook_of_one(const err *e);
// All of it for what is due by now: for tests and for tries. Transactions of its own.
typedef struct {
    int64_t entered, steps, failed;
    int64_t now_us; // private
} playbook_tally;
must_use bool playbook_minute(ledger *l, int64_t now_us, playbook_tally *t, err *e);

// ---- facts of a customer, for the words ----

typedef struct {
    facts known;
    str lang, email, name, first_name;
    bool firm;
} playbook_person;
// from: who stands behind it; occasion: JSON of the run, or empty.
must_use bool playbook_person_read(arena *a, store *s, int64_t customer, str from, str occasion, str lang,
                                   int64_t now_us, playbook_person *out, err *e);
// The person of the preview, where no customer is named.
playbook_person playbook_persona(arena *a, str lang, str from, int64_t now_us);

#endif
