// seal: a few bytes that only we can write and read, as a short text for links.
//
// TAG NOTE in base64url. The note is encrypted by XChaCha20 with the tag as its nonce; the tag is the keyed BLAKE2b-128
// of the plain note. It is made of what it hides, as in SIV (RFC 5297): the same note always gives the same text, and
// nothing can be told from two of them but whether they are the same. `use` (eight letters) keeps texts of different
// uses apart: one never opens as another.
#ifndef HEED_SEAL_H
#define HEED_SEAL_H

#include "base/base.h"

enum { SEAL_KEY = 32, SEAL_NOTE_MOST = 64 };

str seal_text(arena *a, const unsigned char key[SEAL_KEY], const char use[9], const unsigned char *note, size_t n);
// False when it is no text of this key, use and length.
bool seal_open(const unsigned char key[SEAL_KEY], const char use[9], str text, unsigned char *note, size_t n);

#endif
