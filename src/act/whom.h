// whom: by what a customer is named when we say something of them ourselves.
#ifndef HEED_WHOM_H
#define HEED_WHOM_H

#include "ledger/ledger.h"

// The strongest identifier of any of their profiles, by which an event of the source "heed" finds them; kind
// IDENT_none when they have none that joins.
must_use bool whom_ident(arena *a, store *s, int64_t customer, ident *out, err *e);

#endif
