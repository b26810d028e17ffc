// consent: what a person allowed us, by purpose. Events of kind consent say it; the newest word of a profile stands.
#ifndef HEED_CONSENT_H
#define HEED_CONSENT_H

#include "ledger/ledger.h"

// What an event says: topic is the purpose ("marketing_email"), value 1 given, 0 withdrawn.
typedef struct {
    str purpose;
    bool given;
} consent_said;

must_use bool consent_take(store *s, const record *r, err *e);    // an event was stored
must_use bool consent_anew(store *s, int64_t profile_id, err *e); // from the profile's events
// The name of a purpose in canonical form: lower case, words joined by '_'; empty when it is none.
str consent_purpose(arena *a, str raw);

// What a customer allows: of several profiles the newest word about a purpose.
typedef struct {
    str purpose;
    bool given;
    int64_t at_us, profile_id;
} consent;
must_use bool consent_read(arena *a, store *s, const int64_t *profiles, size_t n, consent **out, size_t *n_out, err *e);

#endif
