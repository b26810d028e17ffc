// stage_act: what the stage that a customer is in changes: kinds of messages that wait (the gate asks), and to whom
// goes what they write.
#ifndef HEED_STAGE_ACT_H
#define HEED_STAGE_ACT_H

#include "know/stage.h"
#include "know/stages.h"

// What holds back names kinds of messages that may wait: no answers, and nothing that a customer has to know.
must_use bool stage_act_check(const stage_row *x, const char **field, err *e);

// Is this kind of message held back from a customer now? stage: the name, else empty; until_us: when the stage ends if
// nothing happens, INT64_MAX: nobody knows.
must_use bool stage_holds(arena *a, store *s, int64_t customer, int64_t now_us, str kind, str *name, int64_t *until_us,
                          err *e);

// Gives what is open in the inbox, and was never anybody's, to whom the customers' stages say. In transactions of its
// own.
must_use bool stage_route_all(ledger *l, arena *a, int64_t now_us, int64_t *routed, err *e);

#endif
