// oidc: signing in with the company's own identity provider (OpenID Connect Core 1.0, authorization code flow with
// PKCE, RFC 7636).
//
// What a sign-in has to remember (state, nonce, verifier) stands in a sealed cookie of ten minutes, so that nothing is
// stored of those who never come back. The provider's description and keys are kept in memory for an hour.
#ifndef HEED_OIDC_H
#define HEED_OIDC_H

#include "serve/auth.h"

typedef struct {
    bool on, inside; // inside: the provider stands in our own network, or speaks http
    str issuer, client_id, secret, domain, role, label;
    int64_t version; // 0: never set
} oidc_settings;
must_use bool oidc_read(arena *a, store *s, oidc_settings *out, err *e);
must_use bool oidc_write(arena *a, store *s, const oidc_settings *o, err *e); // in a transaction
str oidc_redirect(const call *c); // the address to which the provider sends people back

// Whom the provider says it is.
typedef struct {
    str subject; // with the issuer in it: two providers never mean the same person
    str email, name;
    bool verified; // the e-mail is theirs
} oidc_person;
// Where to send the browser; sets the cookie.
must_use bool oidc_begin(call *c, const oidc_settings *o, str next, str *address, err *e);
// What came back. Errors: denied (with what was wrong), unavailable (the provider cannot be reached), too_many.
must_use bool oidc_return(call *c, const oidc_settings *o, oidc_person *who_is, str *next, err *e);
// RFC 7636, 4.2: S256.
str oidc_challenge(arena *a, str verifier);

// What a provider said of itself lately.
typedef struct oidc_memory oidc_memory;
oidc_memory *oidc_memory_open(void);
void oidc_memory_close(oidc_memory *m);

#endif
