// erase: a person asked to be forgotten (GDPR art. 17). Everything of all their profiles goes: events and their older
// versions, identifiers, names, conversations, feedback and its place in the search index, consent, raw payloads, rows
// in quarantine, messages to others. What stays are salted hashes, so that nothing comes back, and a count as proof.
#ifndef HEED_ERASE_H
#define HEED_ERASE_H

#include "know/stages.h"
#include "know/suppress.h"

typedef struct {
    int64_t customer;
    enum suppress_mode mode;
    int64_t request_id; // that asked for it; 0: none
} erase_ask;

typedef struct {
    int64_t profiles, identifiers, events, raw, quarantine, messages;
    bool rebuild; // an identifier that many shared is shared by fewer now: groups must be decided anew
} erased;

// In transactions of its own. ERR_not_found when there is no such customer.
must_use bool know_erase(knowing *k, const erase_ask *ask, erased *out, err *e);
// The customers behind an identifier, wherever it was seen.
must_use bool erase_find(arena *a, store *s, enum ident_kind kind, str value, int64_t **customers, size_t *n, err *e);
// Does a text hold this identifier, standing by itself? Letters of e-mails are compared without case.
bool erase_mentions(str text, enum ident_kind kind, str value);

#endif
