// told: what heed itself tells of a customer: under which identifier, and as which source.
//
// What people of ours and heed note (promises, concessions, points, consents) are events of the source "heed". What is
// told of a made-up customer has the source "sample-heed", which goes with the sample company.
#ifndef HEED_TOLD_H
#define HEED_TOLD_H

#include "ledger/ledger.h"

// The strongest identifier of any of their profiles, by which an event finds them; IDENT_none (kind 0) when they have
// none that joins. any, if not NULL: is there such a customer at all?
must_use bool told_ident(arena *a, store *s, int64_t customer, ident *out, bool *any, err *e);
// The same; ERR_not_found when there is no such customer, ERR_conflict when nothing names them.
must_use bool told_named(arena *a, store *s, int64_t customer, ident *out, err *e);
// Does the sample company alone know this customer?
must_use bool told_is_sample(store *s, int64_t customer, bool *sample, err *e);

// The import of this name ("promises") that holds what is told of a customer; made when it is new. customer 0: nobody
// in particular.
must_use bool told_place(ledger *l, str name, int64_t customer, int64_t *source, int64_t *import, err *e);
must_use bool told_place_of(ledger *l, str name, bool sample, int64_t *source, int64_t *import, err *e);

#endif
