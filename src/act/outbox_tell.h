// outbox_tell: what happened to messages, as events of their customers: sent (message_auto, message_out when a person
// stands behind an answer, ask for surveys), came back (bounce), called unwanted (and so consent is withdrawn).
//
// A row is committed first and told of after, under a key that is the same each time; so a crash in between costs
// nothing and doubles nothing.
#ifndef HEED_OUTBOX_TELL_H
#define HEED_OUTBOX_TELL_H

#include "act/outbox.h"

enum { OUTBOX_TELL_MOST = 500 };
// In transactions of its own. *n: how many were told of; fewer than OUTBOX_TELL_MOST: none is left.
must_use bool outbox_tell(ledger *l, arena *a, size_t *n, err *e);

#endif
