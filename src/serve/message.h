// message: a request and its answer as plain values, so that every route runs in tests without a socket.
#ifndef HEED_MESSAGE_H
#define HEED_MESSAGE_H

#include "base/base.h"

enum method {
    METHOD_none,
    METHOD_GET,
    METHOD_HEAD,
    METHOD_POST,
    METHOD_PUT,
    METHOD_PATCH,
    METHOD_DELETE,
    METHOD_OPTIONS
};
const char *method_name(enum method m);
enum method method_of(str name);

typedef struct {
    str name, value;
} pair;

// Lives as long as its exchange.
typedef struct {
    enum method method;
    str path;  // as it came, before '?'
    str query; // after '?'
    const pair *headers;
    size_t n_headers;
    str body;       // packed as it came (Content-Encoding is undone by message_unpack)
    str spool;      // routes with SPOOL: the file that holds the body instead
    int64_t length; // of the body
    str peer;       // address of the client, without its port
    bool secure;    // came by TLS (a proxy says so)
} request;

str request_header(const request *q, const char *name); // empty when absent; the first of several
str request_cookie(const request *q, const char *name);
// A value of the query or of an application/x-www-form-urlencoded body, with %XX and + undone; empty when absent.
str form_value(arena *a, str form, const char *name);
bool form_has(str form, const char *name);
// The next pair of a form; false at the end.
bool form_next(arena *a, str *rest, pair *p);
str url_decode(arena *a, str x, bool plus); // what is not well-formed stays as it is
void url_encode(buf *b, str x);             // everything but unreserved characters

// Undoes gzip, deflate or zstd, named by Content-Encoding or recognised by its first bytes, up to `most` bytes.
// ERR_too_large beyond (a small body may unpack to a huge one), ERR_invalid when it is damaged.
must_use bool message_unpack(arena *a, const request *q, size_t most, str *body, err *e);

enum { RESPONSE_HEADERS = 24 };
typedef struct {
    int status;
    pair headers[RESPONSE_HEADERS];
    int n_headers;
    str body;
    bool live; // an event stream follows (serve/live.h); body is its beginning
} response;
void response_header(response *r, const char *name,
                     str value); // name is a literal; value lives as long as the exchange
str response_get(const response *r, const char *name);

#endif
