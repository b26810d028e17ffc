// password: Argon2id, and which passwords are taken.
//
// The cost is OWASP's least: 19 MiB and two passes (Password Storage Cheat Sheet). Few are computed at a time, never on
// the writer's thread.
#ifndef HEED_PASSWORD_H
#define HEED_PASSWORD_H

#include "base/words.h"
#include "serve/throttle.h"

// Ten characters or more of any kind, not from a list of common ones, not the e-mail: NIST SP 800-63B, 5.1.1.2, asks
// for no more, and for no rules of what must be in it.
enum password_flaw {
    PASSWORD_GOOD,
    PASSWORD_BYTES, // no UTF-8
    PASSWORD_SHORT,
    PASSWORD_LONG,
    PASSWORD_REPEATS,
    PASSWORD_EMAIL, // holds it
    PASSWORD_COMMON,
};
enum password_flaw password_flaw(arena scratch, str password, str email);
enum word password_words(enum password_flaw f); // what to do about it
must_use bool password_hash(throttle *t, arena *a, str password, str *out, err *e);
// Takes as long when `stored` is empty: whether there is an account cannot be told by the clock. ERR_too_many when too
// many are asked at once.
must_use bool password_check(throttle *t, arena scratch, str stored, str password, bool *same, err *e);

#endif
