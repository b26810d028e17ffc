// What the files of the socket share and nobody else sees.
#ifndef HEED_HTTP_PRIVATE_H
#define HEED_HTTP_PRIVATE_H

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

#include "serve/http.h"
#include "serve/live.h"

// ---- the door: connections, and who has been too slow (http_door.c) ----

enum phase { PHASE_IDLE, PHASE_HEAD, PHASE_BODY, PHASE_WORK, PHASE_SEND, PHASE_STREAM };

typedef struct conn conn;
struct conn {
    conn *older, *newer; // while it is idle: in the order in which they became it
    int fd;
    bool open, listed, dropped; // under the door's lock
    atomic_int phase;
    _Atomic int64_t due_ms; // when it is shut; 0: never
    char peer[48];
};

typedef struct {
    pthread_mutex_t lock;
    conn *slots; // by number of the socket
    int n_slots, high;
    conn idle; // the head of the list
    int n_open, n_idle, most, spare;
    int64_t accepted, refused, overdue, dropped;
    int bell; // an eventfd: wakes the watch
    atomic_bool stop;
    pthread_t thread;
    bool started;
    int listeners[16], n_listeners;
} door;

int64_t http_now_ms(void);
bool door_open(http *h, err *e);
bool door_start(http *h, err *e); // lets in
void door_shut(http *h);          // no more connections
void door_close(http *h);         // frees it
void door_ring(http *h);          // wakes the watch
conn *door_conn(http *h, int fd);
void door_left(http *h, conn *c);
void conn_phase(http *h, conn *c, enum phase p, int64_t due_ms);
void door_sweep(http *h, bool idle_too, bool slow_too); // shuts who is overdue; idle ones; all but those at work

// ---- live pages (http_stream.c) ----

typedef struct stream stream;
struct stream {
    stream *before, *after;
    struct MHD_Connection *mc;
    http *h;
    live_at at;
    str first; // what is sent before all else
    char *out; // what is being sent
    size_t n, sent;
    bool joined, asleep, beat, over;
    int64_t last_ms, ends_ms;
};

typedef struct {
    pthread_mutex_t lock;
    stream all; // the head of the list
    int n;
    bool over;
    atomic_bool told;
    int64_t woken_ms;
} streams;

// An answer that goes on for ever; NULL when there are too many.
struct MHD_Response *stream_begin(http *h, stream *s, struct MHD_Connection *mc, arena *a, live_at at, str first);
void stream_end(http *h, stream *s);
void streams_tend(http *h, int64_t now_ms); // wakes those that have something to send
void streams_stop(http *h);
void streams_wake(void *ctx); // something was told

// ---- packing answers (http_pack.c) ----

typedef struct packer packer;
typedef struct {
    pthread_mutex_t lock;
    packer *spare[8];
    int n_spare;
} packers;

enum { PACK_WORTH = 1024 }; // below this a packet goes out anyhow
bool pack_worth(str type);
// Packs with what the client understands; the name of the coding, or NULL when it stays as it is.
const char *pack_body(packers *p, arena *a, str accept, str *body);
void packers_close(packers *p);

// ---- requests (http_turn.c) ----

// One request on its way: an exchange, and what the socket needs to know of it.
typedef struct turn turn;
enum turn_state { TURN_WORKING, TURN_SUSPENDED, TURN_ANSWERED };

struct turn {
    exchange x;
    http *h;
    struct MHD_Connection *mc;
    conn *c;
    turn *next;       // in the line, or among the spare
    atomic_int state; // enum turn_state
    bool begun;       // its head was read
    bool keep;        // what comes is kept, not thrown away
    size_t got, most; // of the body
    int64_t length;   // as announced; -1: in chunks
    int64_t body_ms;  // when its body began
    buf body;
    int file; // of a large body; -1: none
    err refused;
    stream stream;
};

enum MHD_Result turn_on_call(void *cls, struct MHD_Connection *mc, const char *url, const char *method,
                             const char *version, const char *data, size_t *n, void **ctx);
void *turn_on_uri(void *cls, const char *uri, struct MHD_Connection *mc);
void turn_on_end(void *cls, struct MHD_Connection *mc, void **ctx, enum MHD_RequestTerminationCode why);
void turn_run(turn *t);  // on a runner
void turn_free(turn *t); // for good

// ---- the whole (http.c) ----

struct http {
    http_opts o;
    struct MHD_Daemon *mhd;
    door door;
    streams streams;
    packers packers;
    atomic_bool stopping;
    _Atomic int64_t body_bytes;
    pthread_mutex_t lock; // of what follows
    turn *spare;          // to be used again
    int n_spare;
    pthread_cond_t come; // somebody waits for a runner
    turn *first, *last;
    int64_t waiting;
    bool end;
    pthread_t runners[64];
    int n_runners;
};

bool http_in_line(http *h, turn *t); // false when the line is full

#endif
