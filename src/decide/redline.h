// redline: what the business cannot bear, as rows; and the one check that everything passes which gives something away.
//
// A red line has a kind (redlines.def), a limit, a scope (which concessions, segment, product, channel, role) and, for
// sums, a period in the store's calendar. Rows are versioned and never changed: what was decided can be explained by
// the lines that held then. A check answers allowed, allowed with a signature, or refused, with its arithmetic, and
// names what would pass instead.
#ifndef HEED_REDLINE_H
#define HEED_REDLINE_H

#include "base/json.h"
#include "know/commitment.h"

enum concession_kind {
    CONCEDE_none,
#define CONCESSION(name, id, text) CONCEDE_##name = id,
#include "decide/concessions.def"
    CONCESSION_KINDS, // one above the last
};
enum redline_kind {
    REDLINE_none,
#define REDLINE(name, id, unit, sums, text) REDLINE_##name = id,
#include "decide/redlines.def"
    REDLINE_KINDS,
};
const char *concession_name(enum concession_kind k); // "discount"
enum concession_kind concession_of(str name);        // CONCEDE_none if there is no such kind
const char *redline_kind_name(enum redline_kind k);
enum redline_kind redline_kind_of(str name);

// ---- the lines ----

enum redline_period { PERIOD_NONE, PERIOD_DAY, PERIOD_WEEK, PERIOD_MONTH, PERIOD_QUARTER, PERIOD_YEAR };

typedef struct {
    int64_t id, version;
    str name; // "Discounts in the café trade"
    enum redline_kind kind;
    int64_t limit;    // in the unit of its kind
    int32_t currency; // of money; 0: the store's
    enum redline_period period;
    uint32_t of;                // bits 1 << concession_kind; 0: all
    int64_t segment;            // 0: all customers
    str product, channel, role; // empty: all
    str measure;                // REDLINE_measure: its name; REDLINE_lead: the kind of commitment, empty: all
    bool below;                 // REDLINE_measure: the value must stay below the limit, else above
    str signer;                 // the role whose signature lets it be crossed; empty: nobody's
    str why;                    // shown to whoever is refused
    int64_t from_us, until_us;  // when it holds; until_us 0: for ever
    str by;
    bool retired;
    bool sample;               // belongs to the sample company
    int64_t made_us, ended_us; // when this version came, and when another one took its place (0: it stands)
} redline;

const char *redline_period_name(enum redline_period p); // "month"; "none"
bool redline_period_of(str name, enum redline_period *p);
const char *redline_unit(enum redline_kind k); // "bp", "money", "hours", "count", "value"
bool redline_sums(enum redline_kind k);        // over a period?

// In the transaction of the writer. id 0: a new one, whose number is filled in; else a new version of it. Who changes
// what a line counts, counts the running period anew. ERR_invalid names the field.
must_use bool redline_put(ledger *l, arena scratch, redline *x, const char **field, err *e);
must_use bool redline_retire(ledger *l, arena scratch, int64_t id, str by, err *e);
// By number or name, as it stands. False with e clear when there is none.
must_use bool redline_get(arena *a, store *s, str which, redline *out, err *e);
must_use bool redline_get_id(arena *a, store *s, int64_t id, redline *out, err *e);
must_use bool redlines_list(arena *a, store *s, bool retired, redline **out, size_t *n, err *e);
must_use bool redline_history(arena *a, store *s, int64_t id, redline **out, size_t *n, err *e); // the newest first
void redline_json(json_out *j, const char *key, const redline *x);
str redline_limit_words(arena *a, const redline *x, int64_t v); // a figure in the unit of its limit: "15 %"

// ---- what is asked ----

// Amounts in minor units. Below zero: not known, and taken from the store (prices' usual share of cost, the customer's
// cost to serve). Zero is zero.
typedef struct {
    enum concession_kind kind;
    int64_t customer; // 0: nobody in particular
    str product, channel;
    str role, by;                 // who concedes
    int32_t currency;             // 0: the store's
    int64_t price;                // before the discount; below zero: their usual order
    int64_t discount;             // of the price
    int64_t discount_bp;          // instead of `discount`: a share of the price; 0: none
    int64_t cost;                 // what the thing itself costs us
    int64_t service;              // expected cost of serving the customer until the next purchase
    int64_t amount;               // other concessions: what it costs us
    int32_t units;                // 0: one
    enum commitment_kind promise; // CONCEDE_promise: what is promised, and by when
    int64_t due_us;
    int64_t policy; // the generous policy that it is under; 0: none
    str reason;
} concession_ask;

// ---- the answer ----

enum redline_verdict { REDLINE_ALLOWED, REDLINE_SIGNATURE, REDLINE_REFUSED };
const char *redline_verdict_name(enum redline_verdict v); // "allowed", "signature", "refused"

// One line that was asked, whatever it said. line.id 0: no line but the envelope of the role, the rule that nobody
// loses, or a step after many returns.
typedef struct {
    redline line;
    enum redline_verdict verdict;
    int64_t before, after; // what stood, and what would stand; of sums with what is reserved
    int64_t headroom;      // what is left below (above) the limit afterwards; below zero: by how much it is crossed
    str sum; // the arithmetic in words: "price 100.00 − discount 15.00 − cost 70.00 = 15.00: 17.6 % …"
} redline_asked;

// What would pass instead.
typedef struct {
    str what; // "a discount of at most 8 %", "four instalments of 25.00", "a smaller scope: 3 of 5"
    concession_ask ask;
    bool can_ask; // `ask` can be put as it is
} redline_instead;

// Who gains and who loses: what the customer gets out of it, and what we get, each with its range in minor units.
enum win { WIN_UNKNOWN, WIN_WIN, WIN_LOSE, LOSE_WIN, LOSE_LOSE, WIN_UNSURE }; // the customer first, then we
typedef struct {
    enum win win;
    int64_t theirs, theirs_lo, theirs_hi;
    int64_t ours_lo, ours_hi; // nothing changes, or all that they are expected to bring is kept by it
    double pays_from;         // the share of what they are expected to bring that it must save to pay; NAN: not known
    str sum;                  // in words
} redline_wins;

typedef struct {
    enum redline_verdict verdict; // the worst of all
    str signer;                   // whose signature is needed; of several the one with the most
    redline_asked *asked;         // the worst first
    size_t n_asked;
    redline_instead *instead;
    size_t n_instead;
    int64_t costs;             // what the concession costs us, minor units of `currency`
    int64_t margin, margin_bp; // what is left of the price, when there is one
    bool has_margin;
    int32_t currency;
    redline_wins wins;
    str assumed; // what was not known and taken from the store, in words; empty: nothing
} redline_answer;

// Reads only; under a millisecond of processor time. What it says holds until somebody else concedes: who concedes
// reserves (concession.h), which asks again in the writer's transaction.
must_use bool redline_check(arena *a, store *s, const concession_ask *ask, int64_t now_us, redline_answer *out, err *e);
void redline_answer_json(json_out *j, const char *key, const redline_answer *x);
// May this be promised? For whoever notes a commitment. ERR_invalid when there is no such kind.
must_use bool redline_promise(arena *a, store *s, enum commitment_kind kind, int64_t customer, int64_t due_us, str role,
                              int64_t now_us, redline_answer *out, err *e);
// The refusal of an answer that is not allowed, as an error in words: the line, why, and what would pass. False.
bool redline_refuse(arena scratch, const redline_answer *x, err *e);

// ---- lines that are nearly used up ----

typedef struct {
    redline line;
    int64_t used, reserved;    // committed in the running period, and reserved beside it; of measures the value
    int64_t from_us, until_us; // of the period; 0: none
    double share;              // of the limit, with what is reserved
    str sum;                   // "850.00 of 1,000.00 EUR are given in November, 40.00 of them reserved"
} redline_used;

// Lines of all customers together (budgets, pace, measures) of whose limit at least this share is used, the fullest
// first; 0: 80 %. Above 1 they are crossed.
must_use bool redlines_near(arena *a, store *s, int64_t now_us, double share, redline_used **out, size_t *n, err *e);

// The newest values of the figures that lines ask about, over 90 days: read now and then, because they take a pass over
// everything, and kept in a transaction of the writer.
typedef struct {
    str name;
    int64_t at_us, value, lo, hi, n; // in hundredths of what is shown: 12.5 % is 1250, 30 points 3000, 2 hours 200
    int state;                       // enum estimate_state
} redline_measured;
must_use bool redlines_measure(arena *a, store *s, int64_t now_us, redline_measured **out, size_t *n, err *e);
must_use bool redlines_measured(store *s, const redline_measured *x, size_t n, err *e);

#endif
