// gate: whether something may be sent to a person now. Everything that is sent passes it, in one order: consent of the
// law, the person's state, the budget of contacts of all kinds together, the clock of the kind, the clock of the
// survey, the quota of the sample; gate_rules.def has all of them. The first that objects answers; every answer is
// kept.
#ifndef HEED_GATE_H
#define HEED_GATE_H

#include "ledger/ledger.h"

// What a person may be in, so that some things are not sent to them. Read from what is known: hardship.h, open
// complaints, the bereaved flag, "do not ask before", and addresses that do not work.
enum person_state {
    STATE_HARDSHIP = 1,
    STATE_BEREAVED = 2,
    STATE_COMPLAINT = 4,  // an open complaint
    STATE_DO_NOT_ASK = 8, // they asked for peace, until a day or for ever
    STATE_BROKEN = 16,    // a promise to them is broken and nobody has apologised yet
    STATE_ANY = 31,
};
enum gate_kind {
    GATE_none,
#define GATE(name, id, consent, states, halves, days, text) GATE_##name = id,
#include "act/gate_kinds.def"
    GATE_KINDS,
};
const char *gate_kind_name(enum gate_kind k);
enum gate_kind gate_kind_of(str name); // GATE_none if there is no such kind
typedef struct {
    const char *name, *consent, *text;
    uint32_t states; // that keep it back
    int halves, days;
} gate_kind_row;
const gate_kind_row *gate_kind_row_of(enum gate_kind k); // of GATE_none and unknown ones: NULL

enum gate_rule {
#define RULE(name, text) RULE_##name,
#include "act/gate_rules.def"
    GATE_RULES,
};
const char *gate_rule_name(enum gate_rule r); // "" for GATE_RULES
const char *gate_rule_text(enum gate_rule r);

enum gate_verdict { GATE_ALLOW, GATE_DELAY, GATE_SKIP };
const char *gate_verdict_name(enum gate_verdict v); // "allow", "delay", "skip"

typedef struct {
    enum gate_kind kind;
    int64_t customer; // 0 is refused: nothing is sent to nobody
    enum channel channel;
    str address;       // where to; empty: not known yet
    str template;      // which words; with the occasion it is sent once
    str occasion;      // "birthday:2026", "order:1027"
    str survey, quota; // the survey, and the group of the sample it counts for; empty: none
    str by;            // who or what asks: "playbook:3", "account:1"
} gate_ask;

typedef struct {
    enum gate_verdict verdict;
    int64_t id;       // of the record; 0 in a dry run
    int64_t until_us; // GATE_DELAY: ask again then
    str reason;       // in words, for people
    const char *rule; // which step answered: "consent", "state", "budget" … of gate_rules.def; "" allowed
} gate_answer;

// A dry run: nothing is written. now_us may lie in the past or the future ("who would have got it").
must_use bool gate_look(arena *a, store *s, const gate_ask *ask, int64_t now_us, gate_answer *out, err *e);
// In an open transaction of the writer: answers and keeps the answer. An allowed one counts as sent from now on, unless
// gate_unsent takes it back.
must_use bool gate_pass(ledger *l, arena *a, const gate_ask *ask, gate_answer *out, err *e);
must_use bool gate_unsent(ledger *l, int64_t gate_id, err *e);
// The states of a customer now, as bits, with until when they are known to last (0: not known).
must_use bool gate_states(arena *a, store *s, int64_t customer, int64_t now_us, uint32_t *states, int64_t *until_us,
                          err *e);
str gate_states_text(arena *a, uint32_t states); // "in hardship, an open complaint"

// What each step says by itself, whether or not an earlier one objects already: for who asks why. before 0: now; else
// as of that record, as far as it can be known afterwards: what was said of consent and states since then is left out,
// what was lifted since then is gone.
must_use bool gate_steps(arena *a, store *s, const gate_ask *ask, int64_t now_us, int64_t before,
                         gate_answer out[GATE_RULES], err *e);

// Are these the words of an honest request? False when they ask for a good rating, or only those to rate who are
// content (16 CFR 465.4, 465.7); *why says what is wrong, and what to write. why may be NULL.
bool gate_words_ok(str text, str *why);

#endif
