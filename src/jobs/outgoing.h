// outgoing: telling others what happened, by Standard Webhooks 1.0.0 (standardwebhooks.com).
//
// A message is written in the transaction of what it tells of, so that none is lost and none lies; a deliverer sends
// it, again and again until it is taken or given up. Only endpoints that want its type get it. What is old when it is
// stored (an import of last year's orders) is no news, and neither is the sample company.
#ifndef HEED_OUTGOING_H
#define HEED_OUTGOING_H

#include "base/json.h"
#include "base/log.h"
#include "jobs/writer.h"

enum message {
#define MESSAGE(id, type, shape, text) MESSAGE_##id,
#include "jobs/messages.def"
    MESSAGES,
};
typedef struct {
    const char *type, *shape, *text;
} message_row;
const message_row *message_rows(size_t *n);
enum message message_of(str type); // MESSAGES if there is none

// ---- where messages go ----

enum { ENDPOINTS = 100, ENDPOINT_SECRETS = 4 };
enum endpoint_state { ENDPOINT_ON, ENDPOINT_OFF, ENDPOINT_FAILED };
const char *endpoint_state_name(int64_t state); // "on", "off", "failed"

typedef struct {
    str secret;
    int64_t until_us; // an older one that is still signed with; 0: for good
} endpoint_secret;

typedef struct {
    int64_t id, state, failing_us, created_us, version;
    str url, about, types;                     // types: JSON list; []: everything
    endpoint_secret secrets[ENDPOINT_SECRETS]; // the newest first
    int n_secrets;
} endpoint;
endpoint endpoint_read(arena *a, const row *r); // columns of endpoint_get and endpoint_list
must_use bool endpoint_get(arena *a, store *s, int64_t id, endpoint *out, err *e); // ERR_not_found

outgoing *outgoing_open(const world *w, bool allow_private); // allow_private: also http, and private networks
void outgoing_close(outgoing *o);                            // NULL is fine

// In a transaction of the writer, all of them. types: JSON list of names. The secret is shown once; it lives in d->a.
must_use bool endpoint_make(outgoing *o, desk *d, str url, str about, const json_t *types, int64_t *id, str *secret,
                            err *e);
must_use bool endpoint_change(outgoing *o, desk *d, const endpoint *p, str url, str about, const json_t *types, err *e);
// A new secret; what was signed with before is for another day, so that the receiver can change at leisure.
must_use bool endpoint_rotate(outgoing *o, desk *d, const endpoint *p, str *secret, err *e);
// Off: nothing is sent, and nothing new is written; what waits goes out when it is on again.
must_use bool endpoint_turn(outgoing *o, desk *d, int64_t id, enum endpoint_state state, err *e);
must_use bool endpoint_drop(outgoing *o, desk *d, int64_t id, err *e);
must_use bool endpoint_test(outgoing *o, desk *d, const endpoint *p, int64_t *delivery_id, err *e);

// ---- telling ----

// The callback of writer_opts.stored; ctx: the outgoing.
must_use bool outgoing_stored(void *ctx, desk *d, const record *r, int sign, err *e);
// A person's word about who is who.
must_use bool outgoing_verdict(outgoing *o, desk *d, const verdict_told *t, err *e);
// Everything else, in the transaction of what is told (o: the desk's, NULL tells nobody). data: a JSON object. profile:
// whom it tells of, or 0.
must_use bool outgoing_tell(outgoing *o, desk *d, enum message m, int64_t profile, str data, err *e);

// ---- deliveries ----

enum delivery_state { DELIVERY_WAITING, DELIVERY_DONE, DELIVERY_LOST };
const char *delivery_state_name(int64_t state); // "waiting", "delivered", "given up"
int delivery_state_of(str name);                // -1 if there is none

typedef struct {
    int64_t id, endpoint_id, state, tries, next_us, created_us, ended_us;
    str message, type, body;
} delivery;
delivery delivery_read(arena *a, const row *r); // columns of delivery_get and delivery_list
must_use bool delivery_get(arena *a, store *s, int64_t id, delivery *out, err *e); // ERR_not_found
int64_t delivery_next_us(const delivery *x); // 0: it is not tried any more, or its endpoint is off
// Once more, now. In a transaction of the writer.
must_use bool delivery_again(outgoing *o, desk *d, int64_t id, err *e);
must_use bool delivery_again_since(outgoing *o, desk *d, int64_t endpoint_id, int64_t since_us, int64_t *n, err *e);

// ---- sending (deliver.c) ----

enum { DELIVERY_TRIES = 10, DELIVERY_PARALLEL = 8, DELIVERY_PER_ENDPOINT = 4 };

typedef struct deliverer deliverer;
typedef struct {
    const char *where; // the store
    writer *w;
    outgoing *out;
    const world *world;
    const logger *log; // NULL: silent
    int timeout_ms;    // of one try; 0: 20,000
    // A delivery ended, for good or bad. May be NULL; called on any thread.
    void (*ended)(void *ctx, int64_t endpoint_id, bool delivered);
    void *ctx;
} deliver_opts;
deliverer *deliver_open(deliver_opts o);
void deliver_stop(deliverer *d);  // breaks off the tries that are under way, and ends the threads; NULL is fine
void deliver_close(deliverer *d); // after the writer; NULL is fine
must_use bool deliver_start(deliverer *d, err *e);
void deliver_committed(deliverer *d); // something was committed: looks whether there is something to send
// Sends what is due, on this thread, until nothing is.
must_use bool deliver_due(deliverer *d, int64_t *sent, err *e);

#endif
