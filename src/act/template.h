// template: the words of a message, by name and language, with facts in double braces: "Thank you,
// {{first_name|there}}!".
//
// A fact (facts.def) that is needed and missing refuses the message; "{{fact|words}}" says what to write instead. Those
// that come with heed are named in templates.def and stand in the catalogue (base/words.h); what a company saves stands
// in the store, every version of it.
#ifndef HEED_TEMPLATE_H
#define HEED_TEMPLATE_H

#include "base/json.h"
#include "ledger/ledger.h"

enum fact {
#define FACT(name, needed, text) FACT_##name,
#include "act/facts.def"
    FACTS_ALL,
};
const char *fact_name(enum fact f);
const char *fact_text(enum fact f);
bool fact_needed(enum fact f);
enum fact fact_of(str name); // FACTS_ALL: there is none

typedef struct {
    str of[FACTS_ALL]; // empty: not known
} facts;

typedef struct {
    str name, lang;
    int64_t version; // 1: as it came with heed, or the first that was saved
    bool shipped;    // it stands as it came
    str subject, words, by;
    int64_t made_us; // 0: as it came
} template_row;

enum { TEMPLATE_NAME = 60, TEMPLATE_SUBJECT = 200, TEMPLATE_WORDS = 20000 };

// ---- words ----

// Is it sound? ERR_invalid names the place and the remedy: an unknown fact, a brace that is not closed, words that buy
// or pick reviews. field: "subject" or "words".
must_use bool template_check(arena scratch, str subject, str words, const char **field, err *e);
// With the facts put in. ERR_conflict names a fact that is needed and missing.
must_use bool template_fill(arena *a, const template_row *t, const facts *f, str *subject, str *words, err *e);
// Bits of enum fact that it names; without what it has other words for.
uint64_t template_needs(const template_row *t);

// How much it sounds like a machine, 0 (a person) to 100, and why.
enum { ROBOTIC_REASONS = 12, ROBOTIC_MUCH = 40 };
typedef struct {
    int score;
    const char *why[ROBOTIC_REASONS];
    int n;
} robotic;
robotic template_robotic(arena scratch, const template_row *t);

// ---- in the store ----

// By name in a language: that language ("de" for "de-AT"), else English, else whatever there is. False with e clear
// when nothing has this name.
must_use bool template_get(arena *a, store *s, str name, str lang, template_row *out, err *e);
// The same without another language.
must_use bool template_exact(arena *a, store *s, str name, str lang, template_row *out, err *e);
// The newest of each, by name and language.
must_use bool template_list(arena *a, store *s, template_row **out, size_t *n, err *e);
must_use bool template_versions(arena *a, store *s, str name, str lang, template_row **out, size_t *n, err *e);
// In a transaction of the writer; checks it, fills version and time. ERR_invalid.
must_use bool template_put(ledger *l, template_row *t, const char **field, err *e);

#endif
