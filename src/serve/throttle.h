// throttle: what the door remembers between requests, in memory alone: who failed to sign in, how fast keys ask, which
// keys it has seen. It forgets when the program ends.
#ifndef HEED_THROTTLE_H
#define HEED_THROTTLE_H

#include "base/world.h"

typedef struct throttle throttle;
throttle *throttle_open(const world *w);
void throttle_close(throttle *t); // NULL is fine

// Signing in: counts one attempt as failed before it is looked at, so that many at once gain nothing. The answer is how
// long to wait, in microseconds; 0: go on. Whoever fails waits twice as long each time, up to a quarter of an hour: by
// account and address together after 5 attempts, by address after 30. By account alone, from whatever addresses, after
// 100, up to a minute, and not for an address from which they have signed in (`known`): guessing at somebody's account
// must not lock them out. Accounts that do not exist count like others.
int64_t throttle_try(throttle *t, str account, str address, bool known, int64_t now_us);
void throttle_good(throttle *t, str account, str address, int64_t now_us); // the attempt was right

// Asking: each key may ask so often a minute, and save up what it does not use for one minute. The answer as above.
int64_t throttle_key(throttle *t, int64_t key_id, int64_t per_minute, int64_t now_us);

// Costly work, only few at a time: whoever comes then waits a moment, and when too many wait the answer is false.
enum work { WORK_PASSWORD, WORK_FETCH, WORKS };
bool throttle_enter(throttle *t, enum work w);
void throttle_leave(throttle *t, enum work w);

// The key of notes that travel through browsers (token.h); another one for each run of the program.
const unsigned char *throttle_secret(const throttle *t);

// The keys seen lately (serve/keys.c), and what an identity provider said of itself (serve/oidc.c).
typedef struct keyring keyring;
keyring *throttle_keyring(throttle *t);
typedef struct oidc_memory oidc_memory;
oidc_memory *throttle_oidc(throttle *t);

#endif
