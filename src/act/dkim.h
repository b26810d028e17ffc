// dkim: signatures of what we send, so that a receiver knows that it came from us and was not changed on the way
// (RFC 6376, relaxed/relaxed, rsa-sha256; and ed25519-sha256 of RFC 8463).
#ifndef HEED_DKIM_H
#define HEED_DKIM_H

#include "base/world.h"

typedef struct {
    str domain, selector;
    bool ed25519; // else RSA
    str secret;   // RSA: PEM; ed25519: the seed in base64
} dkim_key;

enum { DKIM_KEYS = 4, DKIM_RSA_BITS = 2048 };
const char *dkim_algorithm(bool ed25519); // "rsa-sha256", "ed25519-sha256"

// A new key and its record: what to publish as TXT of SELECTOR._domainkey.DOMAIN. RSA takes a second.
must_use bool dkim_make(arena *a, const world *w, bool ed25519, str *secret, str *record, err *e);
must_use bool dkim_record(arena *a, const dkim_key *k, str *record, err *e);
// The same as a line of a zone file, cut into strings of at most 255 bytes (RFC 1035, 3.3.14).
str dkim_zone_line(arena *a, str domain, str selector, str record);

// Keys that were read, for signing many. They belong to a and are given back by dkim_close.
typedef struct dkim dkim;
must_use bool dkim_open(arena *a, const dkim_key *keys, size_t n, dkim **out, err *e);
void dkim_close(dkim *d); // NULL is fine

// The fields to put in front of a message, one for each key, each with its line end. The message has its final form:
// lines end with CRLF, fields are folded.
must_use bool dkim_sign(arena *a, const dkim *d, str message, int64_t now_us, str *fields, err *e);

// The pieces of it.
str dkim_relaxed_body(arena *a, str body);   // RFC 6376, 3.4.4
str dkim_relaxed_field(arena *a, str field); // 3.4.2; with its line end
// What key i signs: the named fields of the message, bottom up where one is there several times, none where it is not,
// and the signature's own field, whose b= is empty (3.7).
str dkim_signed_text(arena *a, str message, const str *names, size_t n, str field);
must_use bool dkim_signature(arena *a, const dkim *d, size_t i, str text, str *base64, err *e);

#endif
