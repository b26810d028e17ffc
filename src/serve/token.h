// token: secrets that are handed out once, and notes that travel through a browser.
//
// A token is 32 random bytes in letters that are safe in addresses. Only its hash is stored: whoever reads the store
// can sign in nowhere.
#ifndef HEED_TOKEN_H
#define HEED_TOKEN_H

#include "base/world.h"

enum { TOKEN_HASH = 32, SEAL_KEY = 32 };

str token_new(arena *a, const world *w, const char *prefix);
str token_hash(arena *a, str token); // TOKEN_HASH bytes, BLAKE2b
bool secret_same(str x, str y);      // in a time that does not tell where they differ

str base64url(arena *a, str bytes); // without padding
// Either alphabet, with or without padding; false for anything else.
bool base64_bytes(arena *a, str text, str *bytes);
str hex_of(arena *a, str bytes);

// Text that comes back unchanged and in time, or not at all: a MAC over it, its purpose and its end. It can be read by
// whoever carries it.
str seal(arena *a, const unsigned char key[SEAL_KEY], const char *purpose, str text, int64_t until_us);
bool unseal(arena *a, const unsigned char key[SEAL_KEY], const char *purpose, str sealed, int64_t now_us, str *text);

#endif
