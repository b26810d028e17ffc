// person: one customer as the store knows them: profiles, identifiers, links and figures. All of it lives in an arena.
#ifndef HEED_PERSON_H
#define HEED_PERSON_H

#include "base/json.h"
#include "know/timeline.h"
#include "ledger/sources.h"

typedef struct {
    enum ident_kind kind;
    bool is_key; // it names the profile in its source
    int64_t hash;
    str value;
} person_ident;

typedef struct {
    int64_t id;
    const origin *from;
    str name, country, segment, lang;
    str address, born; // see event.h
    person_ident *ids; // the key first
    size_t n_ids;
} person_profile;

// Why two profiles are, or are not, one customer.
typedef struct {
    int64_t a, b, hash;
    enum ident_kind kind;
    int state; // enum link_state
    str value; // of the identifier, if one of the profiles at hand has it
    str reason;
} person_link;

typedef struct {
    int64_t id;
    str name; // or the strongest identifier
    bool named;
    person_profile *profiles; // by id
    size_t n_profiles;
    person_link *links;
    size_t n_links;
    bool has_summary;
    summary sum;
} person;

enum { PERSON_IDENTS = 4096 };

// False with e clear when there is no such customer.
must_use bool person_read(arena *a, store *s, const sources *all, int64_t customer, person *out, err *e);
must_use bool person_links(arena *a, store *s, person *p, err *e); // fills links
const char *person_link_state(const person_link *l);               // "joined", "vetoed", "split", "told"
// The customers that somebody may mean: by number, identifier, or a part of a name or an identifier.
// country: for phones without a prefix; may be empty.
must_use bool person_find(arena scratch, store *s, str country, str what, int64_t *customers, size_t *n, size_t max,
                          err *e);
// The members of the customer's JSON object.
void person_json(json_out *j, const person *p);

summary summary_row(const row *r);              // from the columns of summary_get and summary_scan
str person_profiles(arena *a, const person *p); // their ids as a JSON list, for statements
// Identifiers of a profile, the key first.
must_use bool person_idents(arena *a, store *s, int64_t profile, person_ident **ids, size_t *n, err *e);

#endif
