// password: Argon2id, and which passwords are taken.
//
// The cost is OWASP's least: 19 MiB and two passes (Password Storage Cheat Sheet). Few are computed at a time, never on
// the writer's thread.
#ifndef HEED_PASSWORD_H
#define HEED_PASSWORD_H

#include "serve/throttle.h"

// Ten characters or more of any kind, not from a list of common ones, not the e-mail: NIST SP 800-63B, 5.1.1.2, asks
// for no more, and for no rules of what must be in it. ERR_invalid says what to do.
must_use bool password_good(arena scratch, str password, str email, err *e);
must_use bool password_hash(throttle *t, arena *a, str password, str *out, err *e);
// Takes as long when `stored` is empty: whether there is an account cannot be told by the clock. ERR_too_many when too
// many are asked at once.
must_use bool password_check(throttle *t, arena scratch, str stored, str password, bool *same, err *e);

#endif
