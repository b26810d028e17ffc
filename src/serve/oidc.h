// oidc: signing in with the company's own identity provider (OpenID Connect, authorization code flow with PKCE).
#ifndef HEED_OIDC_H
#define HEED_OIDC_H

#include "serve/auth.h"

// What a provider said of itself lately.
typedef struct oidc_memory oidc_memory;
oidc_memory *oidc_memory_open(void);
void oidc_memory_close(oidc_memory *m);

#endif
