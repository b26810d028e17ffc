// fetch: one request to somebody else's server, and the guard in front of it.
//
// An address that a person typed may point into our own network, at once or after its name was looked up again. So what
// counts is the address that is really connected to: it is checked as the socket is made, and anything that the public
// network does not route (loopback, private, link-local, shared, multicast, documentation, these inside IPv6, the
// metadata of clouds) is refused. Only https, no redirects, no proxy of the environment, no credentials in the address,
// and a limit on time and size.
#ifndef HEED_FETCH_H
#define HEED_FETCH_H

#include <sys/socket.h>

#include "base/base.h"

typedef struct {
    str name, value;
} fetch_header;

typedef struct {
    const char *method; // NULL: GET
    str url;
    const fetch_header *headers;
    size_t n_headers;
    str body;           // sent when the method is not GET or HEAD
    int timeout_ms;     // for all of it, from the look-up of the name to the last byte; 0: 20,000
    size_t most;        // of the reply's body; 0: 1 MiB
    bool cut;           // a longer reply is cut off there, else it is ERR_too_large
    bool allow_private; // also http, and addresses of private networks: tests, and companies within their own network
    const bool *cancel; // atomic: true breaks it off (ERR_unavailable); NULL: nobody does
    const char *pin;    // instead of asking for the name's address: "HOST:PORT:ADDRESS"; NULL: ask
} fetch_ask;

enum { FETCH_HEADERS = 64 };
typedef struct {
    int status;
    str body;
    bool cut; // there was more
    fetch_header headers[FETCH_HEADERS];
    int n_headers;
    int64_t took_us;
} fetch_reply;

// True when a server answered, whatever its status; all in a. Errors: invalid (the address cannot be used, with the
// remedy), denied (the guard), unavailable (no answer: no such name, refused, TLS, time), too_large.
must_use bool fetch(arena *a, const fetch_ask *ask, fetch_reply *out, err *e);
str fetch_header_of(const fetch_reply *r, const char *name); // any case; the last one of several; empty when absent

// Whether an address may be used at all, without connecting: for a form where a person types one.
must_use bool fetch_check(str url, bool allow_private, err *e);
// Whether the public network routes to this address.
bool address_public(const struct sockaddr *address);

#endif
