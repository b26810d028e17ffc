// auth: who asks. Passwords, second factors, sessions, keys, one-time links.
//
// Tokens are 32 random bytes; only their hash is stored. Passwords are Argon2id. A session stands in an HttpOnly,
// SameSite=Lax cookie; whatever changes something needs the session's CSRF token, but for keys.
#ifndef HEED_AUTH_H
#define HEED_AUTH_H

#include "serve/server.h"

// Fills c->who from "Authorization: Bearer …" or "Basic key:", or from the cookie, or leaves it nobody. c->s must be a
// reader, and the body must be there. Errors: signed_out (a key that is not valid, on a route that needs something),
// too_many (with Retry-After), denied (a cookie that wants to change something without its CSRF token, or a form that
// another site sent). A session that ended is nobody.
must_use bool auth_who(call *c, err *e);
// Who a write key is, for intake: whatever form it came in (Basic with or without the colon, Bearer, in the body).
// ERR_signed_out when it is not known or brings no events, ERR_too_many as above.
must_use bool auth_write_key(call *c, str key, who *out, err *e);

// What follows is for the writer's thread, and for commands that hold the store. The caller notes who did it (audit),
// except for keys.

// Makes a key, with no transaction open: it has its own, because the source may be new, and notes it in the audit log.
// The token lives in d->a and is shown once.
typedef struct {
    str name;
    str source, adapter; // write keys: where its events come from; else empty
    enum channel channel;
    const char *const *scopes; // names of needs.def; write keys: none
    size_t n_scopes;
    int64_t per_minute; // 0: no limit of its own
    str by, address;    // who_text; "system"
} new_key;
must_use bool key_make(desk *d, const new_key *k, int64_t *key_id, str *token, err *e);

// In a transaction. An e-mail that is taken is ERR_conflict.
must_use bool account_make(desk *d, str email, str name, str role, int64_t *account_id, err *e);
// A link that works once ("/welcome/TOKEN"); purpose: "welcome", "reset", "signin". Earlier ones for the same purpose
// work no more.
must_use bool invite_make(desk *d, int64_t account_id, const char *purpose, int64_t minutes, str *token, err *e);
// A link for the owner. "welcome": for the first one, made now, who says their name at the link; *token is empty when
// somebody can sign in already. "signin": for the oldest owner, made if there is none.
must_use bool owner_link(desk *d, const char *purpose, int64_t minutes, str *token, err *e);
// One entry of the audit log. detail: a JSON object, or empty.
must_use bool audit_put(desk *d, str by, const char *action, str subject, str detail, str address, err *e);

// After a change of keys is committed by other means than key_make: those in memory are read anew.
void keys_changed(server *sv);

#endif
