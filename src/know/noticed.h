// noticed: what reading of messages proposes: promises in our own words, and a word of the customer after a fix that is
// not thanks. Nothing follows from a proposal by itself; a person accepts or dismisses it (act/proposal.h).
//
// Messages are read as they are stored, when they are at most two weeks old; an import of years proposes nothing. A
// proposal's number is a hash of its event and its place in the words, so that reading twice proposes once, and what
// was dismissed stays dismissed.
#ifndef HEED_NOTICED_H
#define HEED_NOTICED_H

#include "ledger/ledger.h"

enum proposal_what { PROPOSAL_promise = 1, PROPOSAL_reopen = 2 };
enum proposal_state { PROPOSAL_OPEN, PROPOSAL_ACCEPTED, PROPOSAL_DISMISSED };

// What one batch brings to be read. `a` lives as long as the batch, `words` is forgotten after every message.
typedef struct noticing noticing;
noticing *noticing_new(arena *a, arena *words, store *s, int64_t now_us);
// An event stored (sign +1) or taken back (-1).
must_use bool noticing_take(noticing *n, const record *r, int sign, err *e);
// When what is owed is known: what customers wrote after a fix.
must_use bool noticing_end(noticing *n, err *e);

// Proposals whose event is gone go too.
must_use bool noticed_tidy(store *s, err *e);

#endif
