// ident: identifiers in canonical form, and the values that never identify anybody.
#ifndef HEED_IDENT_H
#define HEED_IDENT_H

#include "ledger/event.h"

// The canonical form of a raw value: e-mail trimmed, IDN host in lower case; phone in E.164 (country is the default
// region, may be empty); ids trimmed, a spreadsheet's leading apostrophe taken off. Empty when the value is blocked
// (^[0-]*$, -1, null, none, anonymous, void, n/a, test@…, …) or malformed; *why then says which, for quarantine or
// notes.
str ident_canonical(arena *a, enum ident_kind kind, str raw, str country, const char **why);

// Adds (kind, raw) to the event in canonical form; false if it was blocked, malformed or a duplicate.
bool event_add_ident(arena *a, event *ev, enum ident_kind kind, str raw, str country);

// What the identifier table is keyed by.
uint64_t ident_hash(enum ident_kind kind, str value);

#endif
