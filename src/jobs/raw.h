// raw: what webhooks brought, byte for byte, and its way to the ledger.
//
// A body is stored before the sender is answered. One thread reads what waits, in the order in which it came: the
// adapter of the source turns it into events, the writer stores them, and the row is marked as read, or as not
// understood with the reason. Whatever was read can be read again; the events' keys make that harmless.
#ifndef HEED_RAW_H
#define HEED_RAW_H

#include "base/log.h"
#include "jobs/hooks.h"

enum raw_state { RAW_WAITING, RAW_READ, RAW_REFUSED };
const char *raw_state_name(int64_t state); // "waiting", "read", "refused"
int raw_state_of(str name);                // -1 if there is none

typedef struct {
    int64_t id, source_id, at_us, state, tries, size;
    str source, delivery, headers, body, reason;
} raw_row;
raw_row raw_read(arena *a, const row *r);                                    // columns of raw_next, raw_get, raw_list
must_use bool raw_get(arena *a, store *s, int64_t id, raw_row *out, err *e); // ERR_not_found

// In a transaction of the writer. id 0: the sender's delivery was stored before.
typedef struct {
    int64_t source_id;
    str delivery, headers, body;
} raw_new;
must_use bool raw_put(desk *d, const raw_new *n, int64_t *id, err *e);
// The headers as they are kept: a JSON object without anything that could be a secret.
str raw_headers(arena *a, const sent *q);

// To be read again, in a transaction of the writer: one, or all of a source since a time (those in one state, or -1).
must_use bool raw_replay(desk *d, int64_t id, err *e); // ERR_not_found
must_use bool raw_replay_since(desk *d, int64_t source_id, int64_t since_us, int state, int64_t *n, err *e);

typedef struct raw_reader raw_reader;
typedef struct {
    const char *where; // the store
    writer *w;
    const world *world;
    const logger *log; // NULL: silent
    // A request about personal data was made of what came: there is a job to do. May be NULL; on any thread.
    void (*asked)(void *ctx);
    void *ctx;
} raw_opts;
raw_reader *raw_open(raw_opts o);
void raw_stop(raw_reader *r);                   // ends the thread; NULL is fine
void raw_close(raw_reader *r);                  // after the writer; NULL is fine
must_use bool raw_start(raw_reader *r, err *e); // a thread that reads whenever something was stored
// A piece has stored something, or something is to be read again: the thread looks after the next raw_committed.
void raw_announce(raw_reader *r);
void raw_committed(raw_reader *r);
// Reads everything that waits, on this thread.
must_use bool raw_work(raw_reader *r, err *e);

#endif
