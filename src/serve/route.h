// route: what the server can be asked. Routes are rows; dispatch, permission, validation, limits, OpenAPI, the
// reference page and the tests follow from them.
//
// A handler is `bool NAME(call *c, err *e)`. It reads what was asked from c->in (checked against its shape already),
// writes JSON through c->out, and returns; false answers with problem+json made from e. Handlers hold no rules: they
// call the rooms below.
#ifndef HEED_ROUTE_H
#define HEED_ROUTE_H

#include "base/json.h"
#include "base/words.h"
#include "jobs/writer.h"
#include "serve/message.h"

enum need {
#define NEED(name, text) NEED_##name,
#include "serve/needs.def"
};
#define N(name) (UINT64_C(1) << NEED_##name)
const char *need_name(enum need n);
bool role_needs(str role, uint64_t *needs);                  // false when there is no such role
bool needs_of(const json_t *names, uint64_t *needs, err *e); // of a key's scopes

enum who_kind { WHO_NOBODY, WHO_ACCOUNT, WHO_KEY, WHO_SYSTEM };

// Who asks.
typedef struct {
    enum who_kind kind;
    int64_t id; // account or key
    str name;   // e-mail of the account, name of the key
    str role;
    uint64_t needs;    // what they may; bits of enum need
    int64_t source_id; // write keys: the source whose events they bring
    str source;        // its name
    str csrf;          // accounts: what a form or header X-CSRF-Token must repeat
} who;
str who_text(arena *a, const who *w); // "account:3", as the audit log has it

enum mode {
    MODE_READ,  // runs on the request's thread with a reader of the store
    MODE_WRITE, // runs on the writer's thread, in a transaction; answered after its commit. It may run twice.
    MODE_ALONE, // the same, with transactions of its own
    MODE_GIVE,  // runs on the request's thread and leaves c->give for the writer; answered after its commit
};

enum { ROUTE_PLAIN = 0, ROUTE_SPOOL = 1, ROUTE_FORM = 2, ROUTE_OPEN = 4, ROUTE_WORDS = 8 };
// SPOOL: the body goes to a file. FORM: the body is a form of our own pages. OPEN: any origin may call it (CORS).
// WORDS: it shows what customers said, so that looking at it is noted (serve/looks.h).

typedef struct call call;
typedef bool (*handler)(call *c, err *e);

typedef struct {
    enum method method;
    const char *path; // "/api/customers/{id}"; "{x}" stands for one part
    handler run;
    const char *name; // of the handler: the operationId and the golden file
    enum need need;
    enum mode mode;
    const char *asks;   // shape of the query (GET, DELETE) or of the JSON body; "" = none, "*" = anything: c->q->body
    const char *gives;  // shape of the answer; "" = 204, "[x]" = a page of x, "*" = not JSON
    int flags, most_kb; // most_kb: largest body, unpacked; 0: 256
    const char *text;   // one sentence
} route;
const route *routes_all(size_t *n);

typedef struct server server;

// What MODE_GIVE leaves for the writer: events, or a piece.
typedef struct {
    parcel events;  // .in.n or .in.n_bad > 0: these
    piece_fn piece; // else this, if not NULL
    void *ctx;
    size_t bytes;
} gift;

struct call {
    server *sv;
    arena *a; // of the exchange
    const request *q;
    response *r;
    const route *route;
    str params[4]; // of the path, decoded
    who who;
    const json_t *in; // what was asked, checked; NULL when the route asks "*"
    store *s;         // to read with (READ, GIVE), or the writer's (WRITE, ALONE)
    desk *d;          // WRITE, ALONE
    buf b;            // the answer
    json_out out;
    gift give;
    int64_t now_us;
    // private to page.h
    locale lang;
    bool lang_chosen, english, for_another;
    bool noted; // something stands in the audit log already
    // private to kept.h
    uint64_t change;
    bool renews, passing;
    // private to the dispatcher
    void *pass;
};

// Reading what was asked. Absent: empty, 0, false.
str in_str(const call *c, const char *name);
int64_t in_int(const call *c, const char *name, int64_t otherwise);
bool in_bool(const call *c, const char *name);
bool in_has(const call *c, const char *name);                      // given, and not null
must_use bool param_id(const call *c, int i, int64_t *id, err *e); // ERR_not_found unless a whole number above 0

// Keyset paging, the same everywhere: ?limit= (1 to 500, 50 unless said) and ?after= (what "next" was).
// A handler reads `limit + 1` rows after the key, puts at most `limit`, and says how it ended.
typedef struct {
    int64_t limit;
    int64_t after[2]; // the key of the last row of the page before; 0: from the beginning
    bool first;
} paging;
must_use bool page_open(call *c, paging *p, err *e);                             // writes {"items":[
void page_close(call *c, const paging *p, bool more, int64_t key, int64_t key2); // ],"next":…}

// Optimistic locking: the version of what was read goes out as ETag; a change names it in If-Match.
void call_etag(call *c, int64_t version);
must_use bool call_if_match(call *c, int64_t version,
                            err *e); // ERR_changed (412), or ERR_required (428) when there is none
void call_status(call *c, int status);
void call_location(call *c, str path);
void call_text(call *c, const char *type, str body);        // an answer that is not JSON
void out_time(json_out *j, const char *key, int64_t at_us); // "2026-11-21T20:14:00Z"; null when 0

// A problem with one field of the input: the answer names it beside the message.
__attribute__((format(printf, 4, 5))) bool fail_field(call *c, err *e, const char *field, const char *fmt, ...);

// Notes who did what; in the transaction of the handler (WRITE, ALONE), or as a piece of its own (READ of what is
// sensitive). detail is a JSON object, or empty.
must_use bool audit(call *c, const char *action, str subject, str detail, err *e);

#endif
