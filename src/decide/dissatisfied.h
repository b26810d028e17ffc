// dissatisfied: who of the customers is dissatisfied, by the union of what says so, and how right that is (K21).
//
// A sign is one thing that happened and speaks for it: a bad score, a promise not kept, a silence (signals.def). Signs
// end: what a customer said, by a good word of theirs that came later; what went wrong between us, by a good word after
// an answer of ours; a return, by the next order; all of them, when a person says "no" or "dealt with". The chance that
// a customer is dissatisfied is that not all of their open signs are mistaken (noisy-or, Pearl 1988, Probabilistic
// Reasoning in Intelligent Systems, 4.3.2): 1 - the product of 1 - strength, over groups, of each of which only the
// strongest sign counts, since one event told twice is one event. Another sign never lowers it.
//
// It can be told for any moment of the past, from what was known then; the figures of dissatisfied_right.h rest on
// that.
#ifndef HEED_DISSATISFIED_H
#define HEED_DISSATISFIED_H

#include "base/map64.h"
#include "know/judged.h"
#include "know/talk.h"

enum signal {
#define SIGNAL(name, group, strength, days, label, text) SIGNAL_##name,
#include "decide/signals.def"
    SIGNALS,
};
enum signal_group { GROUP_SAID, GROUP_CONTACT, GROUP_OWED, GROUP_MONEY, GROUP_AWAY, GROUP_PERSON, SIGNAL_GROUPS };
typedef struct {
    const char *name, *label, *text;
    enum signal_group group;
    int days;
    double strength; // the default
} signal_row;
const signal_row *signal_get(enum signal x);
const char *signal_group_name(enum signal_group g); // "said"
bool signal_of(str name, enum signal *out);

enum { DISSATISFIED_FROM = 500, DISSATISFIED_ACTIVE_DAYS = 365 };
// Listed are those of whom it is likelier than not: from this chance on, in thousandths. Counted are customers of whom
// anything was heard in a year.

typedef struct {
    int64_t customer, profile, at_us;
    int64_t place; // the event's key; of a conversation its thread; of a promise its number; of money and silence 0
    int64_t
        detail; // a score x 100, a chance in thousandths, how many conversations, days of silence or of waiting, money
    enum signal signal;
    enum instrument instrument; // of a score
} sign;

// The chance from which signals are there, by their bits; strength may be NULL: the defaults.
double dissatisfied_chance(uint32_t signals, const double *strength);

typedef struct {
    int64_t customer, value, since_us; // at stake, as in today.h; since the first open sign
    int64_t answered_us, good_us;      // when we answered last, and when they said something good last; 0: never known
    int64_t said_us;                   // when a colleague said something of them last, and what
    enum judged_says said;
    double chance;
    uint32_t signals; // of open signs
    int32_t currency;
    int32_t first, n; // of the open signs, the newest first
} dissatisfied_one;

typedef struct {
    int64_t population;   // of whom anything was heard in a year
    int64_t listed, weak; // among them and beyond: listed, and with signs that are too weak
    dissatisfied_one *v;  // with any open sign, by customer
    size_t n;
    sign *signs;
    int64_t counts[SIGNALS]; // listed customers with each
    int64_t *everybody;      // when it was asked for, by number
    size_t n_everybody;
} dissatisfaction;
bool dissatisfied_listed(const dissatisfied_one *x);

typedef struct {
    int64_t at_us;          // from what happened before
    const double *strength; // SIGNALS of them; NULL: the defaults
    int64_t heard_us; // what colleagues said before this counts, too; 0: before at_us. A coarse clock: a second on
    bool everybody;   // list all who are counted, with signs or without
} dissatisfied_ask;
must_use bool dissatisfied_find(arena *a, store *s, const dissatisfied_ask *ask, dissatisfaction *out, err *e);
void dissatisfied_by_value(dissatisfaction *d); // what is most at stake first; then the surest

// What was done for a customer since a moment: our last answer, a promise that was made, money that went back; 0:
// nothing. And who deals with it: whoever has taken their newest open item of the inbox (account), else who owes the
// promise.
typedef struct {
    int64_t answered_us, promised_us, commitment, refunded_us, refund;
    int64_t account;
    str owner;
} dissatisfied_deeds;
must_use bool dissatisfied_done(arena *a, store *s, const dissatisfied_one *x, int64_t now_us, dissatisfied_deeds *out,
                                err *e);

// What somebody opens to see a sign: words and scores (feedback), a conversation in the inbox (inbox), a promise
// (commitment); else the customer. words: what they said; may be empty.
typedef struct {
    int64_t feedback, inbox, commitment;
    str words;
} sign_evidence;
must_use bool dissatisfied_evidence(arena *a, store *s, const sign *x, sign_evidence *out, err *e);

// What happened between a customer and us in LATELY_DAYS, the newest first: what whoever judges sees.
enum { LATELY_DAYS = 365, LATELY_MOST = 12 };
must_use bool dissatisfied_lately(arena *a, store *s, int64_t customer, int64_t now_us, size_t most, record **out,
                                  size_t *n, err *e);

// ---- what a person says ----

// Told of the customer by an event; undo is what takes it back. month: of the sample that asked, or 0. ERR_not_found
// when there is no such customer, or they are not in that sample.
must_use bool dissatisfied_say(ledger *l, arena *a, int64_t customer, enum judged_says says, int month, str by,
                               str *undo, err *e);
must_use bool dissatisfied_unsay(ledger *l, arena *a, int64_t customer, str undo, str by, err *e);

#endif
