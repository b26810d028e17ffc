// abuse: customers who send back far more than others do, and fair steps towards them (F32).
//
// A return counts when the return window of its sale has closed, and not when the product or we were at fault: by the
// reason that is told, or because everybody sends that product back. A customer's rate is drawn towards that of all who
// buy the same products (stats/returns.h); the class needs eight units and a lower bound above twice the rate to
// expect. Steps go one after the other: a notice, a friction, and back. A person signs every step beyond a notice; each
// has its evidence, words for the customer, an end, and an appeal that stops it until a person has decided.
#ifndef HEED_ABUSE_H
#define HEED_ABUSE_H

#include "base/json.h"
#include "ledger/ledger.h"
#include "stats/estimate.h"
#include "stats/many.h"

enum abuse_step_kind {
    ABUSE_none,
#define ABUSE_STEP(name, id, days, person, text) ABUSE_##name = id,
#include "decide/abuse_steps.def"
    ABUSE_STEPS,
};
enum abuse_friction {
#define ABUSE_FRICTION(name, bit, text) FRICTION_##name = 1 << bit,
#include "decide/abuse_frictions.def"
};
const char *abuse_step_name(enum abuse_step_kind k);
enum abuse_step_kind abuse_step_kind_of(str name);
bool abuse_friction_of(str name, uint32_t *bit);

// ---- who sends back how much ----

enum { RETURN_WINDOW_DAYS = 30, ABUSE_MONTHS = 24 };

typedef struct {
    int64_t now_us;
    int months;       // of sales; 0: 24
    int window_days;  // 0: the store's setting, else 30
    int64_t customer; // this one is always among the answers; 0: none
    size_t most;      // customers; 0: 100
} abuse_ask;

typedef struct {
    int64_t customer;
    int64_t sold, returned; // units whose window has closed, without faults
    int64_t faulty, open;   // sent back because of a fault; still in their window
    estimate raw, shrunk;
    double expected; // the rate of all who buy the same products
    bool unusual;    // the class
} abuse_person;
typedef struct {
    str name; // empty: sales that name no product
    int64_t sold, returned, faulty;
    estimate shrunk; // returns for other reasons than told faults, drawn towards all products
    bool at_fault;   // sent back by everybody: none of its returns counts against a customer
} abuse_product;
typedef struct {
    abuse_person *people; // unusual ones first, then by lower bound; the one asked for is among them
    size_t n_people;
    abuse_product *products; // those at fault first, then by units; at most 100
    size_t n_products;
    int64_t customers, sold, returned, faulty, unusual, unmatched; // unmatched: returns of no sale that is known
    double rate;                                                   // all together
    int window_days, months;
} abuse_view;
must_use bool abuse_read(arena *a, store *s, const abuse_ask *ask, abuse_view *out, err *e);

// ---- steps ----

enum abuse_state {
    ABUSE_PROPOSED, // waits for a person
    ABUSE_HOLDS,
    ABUSE_APPEALED, // stopped until a person has decided
    ABUSE_GRANTED,  // stopped: the customer was right
    ABUSE_OVER,
};
const char *abuse_state_name(enum abuse_state s);

typedef struct {
    int64_t id, profile_id, customer;
    enum abuse_step_kind step;
    uint32_t frictions;
    str evidence, words; // JSON; as it is explained to the customer
    int64_t made_us, from_us, until_us, told_us, ended_us, appeal_us, decided_us;
    str by, signed_by, ended_by, ended_why, appeal_words, decided_by, decided_why;
    bool granted;
    int64_t version;
} abuse_step;
enum abuse_state abuse_state_of(const abuse_step *x, int64_t now_us);

// What holds for a customer now: the highest step in force; ABUSE_none when there is none, it is only proposed, is
// appealed against, or over. frictions may be NULL.
must_use bool abuse_step_of_customer(store *s, int64_t customer, int64_t now_us, enum abuse_step_kind *step,
                                     uint32_t *frictions, err *e);

typedef struct {
    int64_t customer;
    enum abuse_step_kind step;
    uint32_t frictions; // of a friction; 0: a return fee
    int64_t until_us;   // 0: as long as its kind usually lasts
    str words;          // 0: made from the evidence
    str by;
    bool person; // a person asks, who thereby signs
} abuse_new;
// In an open transaction of the writer. A notice needs the class; a friction needs a notice that the customer was told
// of at least 14 days ago, the class still, and a person; restoring needs a friction. ERR_conflict says what is
// missing.
must_use bool abuse_make(ledger *l, arena *a, const abuse_new *n, abuse_step *out, err *e);
must_use bool abuse_get(arena *a, store *s, int64_t id, abuse_step *out, err *e); // ERR_not_found
must_use bool abuse_sign(ledger *l, arena *a, int64_t id, str by, err *e);        // a proposed one; by a person
must_use bool abuse_tell(ledger *l, arena *a, int64_t id, err *e);                // the customer was told
must_use bool abuse_end(ledger *l, arena *a, int64_t id, str by, str why, err *e);
must_use bool abuse_appeal(ledger *l, arena *a, int64_t id, str words, err *e);
must_use bool abuse_decide(ledger *l, arena *a, int64_t id, bool granted, str by, str why, err *e);

typedef struct {
    int64_t before;   // numbers below; 0: from the newest on
    bool now;         // only those that are not over
    bool appeals;     // only appeals that wait
    int64_t customer; // 0: any
    int64_t now_us, most;
} abuse_list_ask;
must_use bool abuse_list(arena *a, store *s, const abuse_list_ask *ask, abuse_step **out, size_t *n, err *e);

// ---- is it fair? ----

enum abuse_split { ABUSE_BY_SEGMENT = 1, ABUSE_BY_COUNTRY, ABUSE_BY_LANGUAGE };

typedef struct {
    str group; // empty: not known
    int64_t customers, under;
    estimate share;
    change more; // less the share of all others
    double p;    // adjusted for how many groups are compared (Benjamini & Hochberg 1995)
    bool uneven; // p below 0.05, and more of them than of the others
} abuse_group;
typedef struct {
    abuse_group *groups; // the highest share first
    size_t n;
    struct {
        int64_t made, appealed, waiting, granted, ended;
    } steps[ABUSE_STEPS];
} abuse_audit;
must_use bool abuse_audit_read(arena *a, store *s, enum abuse_split by, int64_t since_us, int64_t now_us,
                               abuse_audit *out, err *e);

// ---- as JSON, for commands and the API alike ----

void abuse_person_json(json_out *j, const char *key, const abuse_person *x);
void abuse_view_json(json_out *j, const char *key, const abuse_view *x);
void abuse_step_json(json_out *j, const char *key, const abuse_step *x, int64_t now_us);
void abuse_audit_json(json_out *j, const char *key, const abuse_audit *x);

#endif
