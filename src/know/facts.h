// facts: what a batch says of profiles (name, country, segment, language, address, day of birth), newest first by the
// time it was said.
#ifndef HEED_FACTS_H
#define HEED_FACTS_H

#include "base/map64.h"
#include "ledger/ledger.h"

enum { FACTS = 6 };
extern const char *const fact_names[FACTS]; // as the bodies of events call them: name, country, segment, lang, …

typedef struct {
    int64_t profile, source_id; // source_id 0: the profile is known already
    str said[FACTS];
    int64_t at_us[FACTS];
} profile_facts;

typedef struct {
    arena *a;
    map64 by_profile;
    profile_facts *rows;
    size_t n, room;
} facts_set;

// When a version said what it says: when it happened, or when it was edited after that.
static inline int64_t facts_time(int64_t at_us, int64_t edited_us) {
    return edited_us ? MAX(at_us, edited_us) : at_us;
}

facts_set facts_new(arena *a);
void facts_made(facts_set *f, int64_t profile, int64_t source_id);
bool facts_is_made(const facts_set *f, int64_t profile);                              // made in this set
void facts_said(facts_set *f, int64_t profile, int64_t at_us, const str said[FACTS]); // empty: not said
must_use bool facts_write(const facts_set *f, store *s, err *e); // new profiles stand for themselves as customers

// The facts in a stored body.
void facts_of_body(str body, str said[FACTS]);

#endif
