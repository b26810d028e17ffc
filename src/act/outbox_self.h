// outbox_self: a message to oneself, to try whether what we send arrives. It takes the way of every other: whoever gets
// it is a customer afterwards, because nothing is sent to anybody else.
#ifndef HEED_OUTBOX_SELF_H
#define HEED_OUTBOX_SELF_H

#include "act/outbox.h"
#include "base/words.h"

// In transactions of its own.
must_use bool outbox_self(ledger *l, arena *a, str address, const locale *lang, str by, outbox_put_answer *out, err *e);

#endif
