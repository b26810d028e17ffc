// jwt: signed claims (RFC 7519) of an identity provider, checked against its public keys (RFC 7517). RS256 and ES256
// alone; which of the two is decided by the key, never by what a token says of itself.
#ifndef HEED_JWT_H
#define HEED_JWT_H

#include "base/json.h"

// True when one of the keys signed it; the caller owns *claims. ERR_denied says why not. *unknown is set when it names
// a key that is not among them: the provider may have changed its keys.
must_use bool jwt_read(arena *a, str token, const json_t *keys, json_t **claims, bool *unknown, err *e);

#endif
