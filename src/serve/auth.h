// auth: who asks. Passwords, second factors, sessions, keys, one-time links.
//
// Tokens are 32 random bytes; only their hash is stored. Passwords are Argon2id. A session stands in an HttpOnly,
// SameSite=Lax cookie; whatever changes something needs the session's CSRF token, but for keys.
#ifndef HEED_AUTH_H
#define HEED_AUTH_H

#include "serve/server.h"

// Fills c->who from the cookie, from "Authorization: Bearer …" or "Basic key:", or leaves it nobody.
// ERR_signed_out when a token is there but is not valid. c->s must be a reader.
must_use bool auth_who(call *c, err *e);
// What a write key says of itself, for intake: the forms of CHANNELS (Basic with or without the colon, Bearer, a key in
// the body). ERR_signed_out when it is not known.
must_use bool auth_write_key(call *c, str key, who *out, err *e);

// Makes keys and accounts; also for the commands.
typedef struct {
    str name, source, adapter, by;
    enum channel channel;
    const char *const *scopes; // names of needs.def
    size_t n_scopes;
    int64_t per_minute;
} new_key;
// In a transaction of the writer. The token lives in d->a and is shown once.
must_use bool key_make(desk *d, const new_key *k, int64_t *key_id, str *token, err *e);
must_use bool account_make(desk *d, str email, str name, str role, int64_t *account_id, err *e);
// A link that works once ("/welcome/TOKEN"); purpose: "welcome", "reset", "signin".
must_use bool invite_make(desk *d, int64_t account_id, const char *purpose, int64_t minutes, str *token, err *e);

#endif
