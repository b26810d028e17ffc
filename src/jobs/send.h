// send: sends what is due in the outbox, each message once.
//
// A message is claimed by a lease, asked about once more (act/outbox.h), composed, signed, and given to the mail
// server. When the server has all of it but the end, "unsure" is committed; only then the end follows. So after a
// crash at any moment a message is either still to be sent, or unsure and never sent again by itself, or known to be
// sent. This is the only place that speaks SMTP.
#ifndef HEED_SEND_H
#define HEED_SEND_H

#include "act/outbox.h"
#include "base/log.h"
#include "jobs/writer.h"

enum { SEND_PARALLEL = 4, SEND_DAYS = 5 };

typedef struct sender sender;
typedef struct {
    const char *where; // the store
    writer *w;
    const world *world;
    const logger *log; // NULL: silent
    int threads;       // 0: SEND_PARALLEL
    int timeout_ms;    // for one answer of the server; 0: 60,000
    // A try has ended. May be NULL; called on any thread.
    void (*ended)(void *ctx, int64_t id, enum outbox_state state);
    void *ctx;
} send_opts;
// One for each store and process: what an earlier one left half done is taken up again.
sender *send_open(send_opts o);
void send_stop(sender *d);  // gives what is under way a moment, and ends the threads; NULL is fine
void send_close(sender *d); // after send_stop, before or after the writer; NULL is fine
must_use bool send_start(sender *d, err *e);
void send_committed(sender *d); // something was committed: looks soon whether there is something to send
// Sends what is due, on this thread, until nothing is, and tells of it.
must_use bool send_due(sender *d, int64_t *tries, err *e);

// What follows from how a try went.
typedef struct {
    enum outbox_state state; // SENT, UNSURE, FAILED or WAITING
    int64_t pause_s;         // WAITING: until the next try
    bool server;             // the server is to blame, or our account there: everything waits
} send_fate;
typedef struct {
    bool marked, taken, before_mail, mail; // how far it came: nothing was said of a message yet; no further than MAIL
    int status;
} send_seen;

#endif
