// keys: programs that ask, or send events. A key is shown once and stored as a hash; keys seen lately are kept in
// memory, so that no event has to wait for a look into the store.
#ifndef HEED_KEYS_H
#define HEED_KEYS_H

#include "serve/auth.h"

typedef struct {
    int64_t id, source_id, per_minute, created_us, seen_us, revoked_us, version; // seen, revoked: 0 never
    str name, hint, source, created_by;
    uint64_t needs;
} api_key;
void key_row(arena *a, const row *r, api_key *k); // of Q_key_get and Q_key_list
must_use bool key_get(arena *a, store *s, int64_t id, api_key *k, err *e);

// Who asks with this token. ERR_signed_out when it is unknown or revoked; ERR_too_many (with Retry-After) when it asks
// too often.
must_use bool key_who(call *c, str token, who *out, err *e);
typedef struct keyring keyring;
keyring *keyring_open(void);
void keyring_close(keyring *k);

#endif
