// What the files of concessions share: concession.c (the two steps), concession_rows.c, concession_tell.c and
// approval.c.
#ifndef HEED_CONCESSION_PRIVATE_H
#define HEED_CONCESSION_PRIVATE_H

#include "decide/approval.h"
#include "decide/redline_private.h"

concession concession_read(arena *a, const row *r); // the columns of Q_concession_get
// Enters a concession that is reserved or committed into what a line sums.
must_use bool concession_count(store *s, const redline *x, const period_span *in, const concession *c, err *e);
// Counts it against all lines that sum and speak of it.
must_use bool concession_count_all(store *s, const checking *k, const concession *c, err *e);
// Takes it out again, whether reserved or committed.
must_use bool concession_uncount(store *s, arena scratch, int64_t id, err *e);

must_use bool approval_make(ledger *l, arena scratch, const concession *c, const checking *k, int64_t *id, err *e);
// A concession that waits no longer takes its request along.
must_use bool approval_close(ledger *l, int64_t concession, enum approval_state how, str by, str words, err *e);

#endif
