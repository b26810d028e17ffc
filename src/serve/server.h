// server: everything behind the socket: the store, its writer, its readers, the routes, live pages. serve/http.h puts a
// socket in front of it; tests call server_run.
#ifndef HEED_SERVER_H
#define HEED_SERVER_H

#include "base/log.h"
#include "serve/route.h"

typedef struct {
    const char *where; // the store
    bool create;
    const world *w;
    logger log;
    str origin;         // the public address, "https://heed.example.org", for links and signatures; "" = from --listen
    int readers;        // readers of the store; 0: 4
    size_t queue_bytes; // of what waits for the writer; 0: 64 MiB
    bool trust_proxy;   // believe X-Forwarded-For and X-Forwarded-Proto
    bool work; // also do jobs, read what webhooks bring and send messages, on threads of their own (`heed serve` does)
    bool allow_private; // messages may go by http and into private networks
} server_opts;

must_use bool server_open(server **out, server_opts o, err *e);
void server_close(server *sv); // finishes what waits; NULL is fine

// One request and its answer. All of it lives in its arena.
typedef struct exchange exchange;
struct exchange {
    arena a;
    request q;
    response r;
    const route *route; // what server_find found; NULL: 404 or 405 will be the answer
    str params[4];
    void (*done)(exchange *x); // called once, on any thread, perhaps before server_handle returns
    void *ctx;                 // of whoever made it
    call c;                    // private
    err failed;                // private
    char field[64];            // private
    tally counted;             // MODE_GIVE with events: of the batch it was part of
    int64_t began_us;          // private
    bool renews;               // asked by serve/kept.h itself
};

// As soon as the head of a request is there: which route it is, before its body arrives (limits, spooling).
void server_find(server *sv, exchange *x);
size_t server_most(const exchange *x); // the largest body that may follow, in bytes
// Bodies that go to a file are large: may whoever asks do that at all? Known before the first byte is received.
must_use bool server_admit(server *sv, exchange *x, err *e);
// With the whole body. Answers by x->done.
void server_handle(server *sv, exchange *x);
// Answers by x->done too: what was refused before it could be handled (a body too large, no room).
void server_refuse(server *sv, exchange *x, const err *e);
// The same, waiting for the answer: for tests, and for what is asked again. `as` not NULL: asked by them, whatever the
// request carries.
void server_run(server *sv, exchange *x, const who *as);

// For handlers.
writer *server_writer(server *sv);
const world *server_world(server *sv);
const server_opts *server_options(server *sv);
typedef struct raw_reader raw_reader;
raw_reader *server_raw(server *sv); // jobs/raw.h
typedef struct outgoing outgoing;
outgoing *server_outgoing(server *sv); // jobs/outgoing.h
typedef struct deliverer deliverer;
deliverer *server_deliverer(server *sv);
struct runner *server_jobs(server *sv);        // jobs/runner.h; NULL when it does not work
store *server_reader_take(server *sv, err *e); // waits for a free one
void server_reader_give(server *sv, store *s);
logger *server_log(server *sv);
typedef struct live live;
live *server_live(server *sv);
typedef struct throttle throttle;
throttle *server_throttle(server *sv);
typedef struct answers_kept answers_kept;
answers_kept *server_kept(server *sv);
typedef struct meanings meanings;
meanings *server_meanings(server *sv); // serve/meanings.h
typedef struct looks looks;
looks *server_looks(server *sv);

// Counts for /metrics, by route and status class, and how long answers took.
typedef struct {
    int64_t asked, by_class[6], took_us;
    int64_t took[16]; // histogram: below 1 ms, 2 ms, 4 ms, …
} route_count;
const route_count *server_counts(server *sv, size_t *n); // in the order of routes_all; approximate while it runs
// What stands in front of the server adds its own lines to /metrics, while it stands there. NULL: nothing.
void server_on_metrics(server *sv, void (*more)(void *ctx, buf *b), void *ctx);
void server_more_metrics(server *sv, buf *b);

#endif
