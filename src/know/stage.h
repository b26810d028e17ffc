// stage: where on the journey with us a customer is, and was whenever they said something.
//
// A company's journey is an ordered list of stages, rows that it may change. Each has a rule over facts
// (stage_facts.def) that follow from what happened to the customer before a moment; of the stages whose rule holds at
// that moment, the last on the journey is the customer's. So the stage at a moment is a function of the set of the
// customer's events before it and of the rules, and begins with the first of them: in which order events came does not
// matter, customers joined and split again are where they were, and everything stored of it can be thrown away and told
// anew. Between two events it changes only where a fact that counts time crosses a bound of a rule, and these moments
// are computed, not watched for.
//
// A rule in words: orders >= 1 and days_since_order < 5 or days_waiting >= 2. "and" binds before "or"; nothing always
// holds. docs/stages.md explains it.
#ifndef HEED_STAGE_H
#define HEED_STAGE_H

#include "base/map64.h"
#include "know/feedback.h"

enum stage_fact {
#define STAGE_FACT(name, kind, text) STAGE_##name,
#include "know/stage_facts.def"
    STAGE_FACTS,
};
enum stage_fact_kind { FACT_COUNT, FACT_DAYS, FACT_RHYTHMS, FACT_YEARLY };
typedef struct {
    const char *name, *text;
    enum stage_fact_kind kind;
} stage_fact_row;
const stage_fact_row *stage_fact_at(size_t i); // NULL after the last

enum stage_op { STAGE_EQ, STAGE_NE, STAGE_LT, STAGE_LE, STAGE_GT, STAGE_GE, STAGE_OPS };

typedef struct {
    enum stage_fact fact;
    enum stage_op op;
    int64_t value; // thousandths
} stage_test;

enum { STAGE_TESTS = 64, STAGES_MOST = 24, STAGE_ACTS = 12, STAGE_RULE_LEN = 2000 };
typedef struct {
    stage_test v[STAGE_TESTS];
    bool or_before[STAGE_TESTS]; // a new group begins here
    size_t n;                    // 0: it always holds
} stage_rule;
// ERR_invalid names the word and the remedy.
must_use bool stage_rule_read(str words, stage_rule *out, err *e);
str stage_rule_words(arena *a, const stage_rule *r); // in one form, which stage_rule_read reads again

// ---- a stage, and the journey ----

// What a stage changes in how we behave, always or only while the customer's last words sound unhappy.
enum stage_do { STAGE_hold, STAGE_route, STAGE_guide, STAGE_DOS };
const char *stage_do_name(enum stage_do d);
typedef struct {
    enum stage_do what;
    bool unhappy;
    str kinds[16]; // STAGE_hold: kinds of messages (act/gate_kinds.def)
    size_t n_kinds;
    str to, text; // STAGE_route: a role or an account's address; STAGE_guide: a sentence or two
} stage_act;

typedef struct {
    int64_t id, place, made_us, version;
    str name, about, words, acts_json, by;
    bool used, sample;
    stage_rule rule;
    stage_act acts[STAGE_ACTS];
    size_t n_acts;
} stage_row;

typedef struct {
    stage_row *v; // by place
    size_t n;
    uint64_t print; // the same for rules that put everybody where they are
} journey;
must_use bool journey_read(arena *a, store *s, journey *out, err *e);
const stage_row *journey_by_id(const journey *j, int64_t id); // NULL
// By number or name, in use or not; ERR_not_found names the remedy.
must_use bool journey_find(const journey *j, str which, const stage_row **out, err *e);

// Reads rule and acts of texts into *x; field: where a mistake is.
must_use bool stage_check(arena *a, stage_row *x, const char **field, err *e);
str stage_acts_write(arena *a, const stage_act *v, size_t n);

// The first journey of a store, in a transaction of its own; later it does nothing.
must_use bool stage_begin(store *s, int64_t now_us, err *e);
// In a transaction of the writer. id 0: a new one. Place, name, about, words, acts_json and used are taken; place
// counts from 1. What it was is kept. ERR_conflict when the name is taken.
must_use bool stage_put(arena *a, store *s, stage_row *x, int64_t now_us, const char **field, err *e);
// The stage as it was before its last change, which is itself a change. ERR_conflict: it was never changed.
must_use bool stage_undo(arena *a, store *s, int64_t id, str by, int64_t now_us, stage_row *out, err *e);
must_use bool stage_history(arena *a, store *s, int64_t id, stage_row *out, size_t most, size_t *n, err *e);

// ---- the function ----

// What a rule can learn from an event.
typedef struct {
    int64_t at_us, key, profile, thread;
    enum kind kind;
    bool complaint, said;
} stage_event;
typedef struct {
    stage_event *v; // in any order
    size_t n, room;
} stage_events;
bool stage_minds(enum kind k); // is there anything that it changes?
must_use bool stage_events_read(arena *a, store *s, int64_t customer, stage_events *out, err *e);

typedef struct {
    int64_t from_us; // for moments from here on
    int64_t stage;   // 0: none
} stage_spell;
typedef struct {
    stage_spell *v;
    size_t n;
    int64_t due_us; // when it changes next if nothing happens; INT64_MAX: never
} stage_path;
// Where a customer was until until_us, first spell first. Sorts the events.
stage_path stage_path_of(arena *a, const journey *j, stage_events *ev, int64_t until_us);
int64_t stage_path_at(const stage_path *p, int64_t at_us, int64_t *since_us); // 0: none; since_us may be NULL

// ---- what is stored of it ----

// Of one customer at a moment, from what is stored where that holds, else from the events. id 0: in none.
typedef struct {
    int64_t id, since_us, due_us;
} stage_now;
must_use bool stage_of(arena *a, store *s, const journey *j, int64_t customer, int64_t at_us, stage_now *out, err *e);
must_use bool stage_spells(arena *a, store *s, int64_t customer, stage_spell **out, size_t *n, err *e);
// Have the customer's last words since they came into the stage clearly sounded unhappy?
must_use bool stage_unhappy(store *s, int64_t customer, const stage_now *x, int64_t now_us, bool *unhappy, err *e);
// The acts of the customer's stage that hold now. *st NULL: in none.
must_use bool stage_acts_now(arena *a, store *s, int64_t customer, int64_t now_us, stage_now *at, const stage_row **st,
                             const stage_act **out, size_t *n, err *e);

// ---- the worker ----

enum { STAGE_PIECE = 256 };
// Who is to be told, read without writing: at most STAGE_PIECE customers, or as many words.
typedef struct stage_batch stage_batch;
must_use bool stage_read(arena *a, store *s, int64_t now_us, stage_batch **out, size_t *n, err *e);
must_use bool stage_store(store *s, const stage_batch *b, err *e); // in a transaction
typedef struct {
    int64_t waiting;     // customers and words that are to be told
    int64_t again, left; // after other rules: left of all; 0: nothing is under way
} stage_standing;
must_use bool stage_stands(store *s, stage_standing *out, err *e);

// Something happened to customers; rows of n numbers.
must_use bool stage_touch(store *s, const int64_t *customers, size_t n, err *e);
must_use bool stage_erase(store *s, int64_t customer, err *e);

#endif
