// kept: answers of the server that stand in the store (serve/kept.h), and when none of them holds any more.
#ifndef HEED_KNOW_KEPT_H
#define HEED_KNOW_KEPT_H

#include "store/store.h"

// None of what was answered so far may be given any more, however old it says it is: after an erasure, an import that
// was taken back, a change of the time zone. In the transaction of what changes.
must_use bool kept_void(store *s, err *e);
// Which answers may be given: other than before after each kept_void.
must_use bool kept_era(arena *a, store *s, str *era, err *e);

#endif
