// writer: the one thread that writes, and the line in front of it.
//
// Requests, imports and repeated work hand it pieces. What waits together is committed together: events of one source
// become one batch, and small pieces share one transaction. A piece is answered only after its commit. The line has a
// length: when it is full the caller is told to come back (ERR_busy), and nothing is lost that was taken.
#ifndef HEED_WRITER_H
#define HEED_WRITER_H

#include "jobs/holds.h"
#include "know/rebuild.h"
#include "know/stages.h"

typedef struct writer writer;
typedef struct outgoing outgoing; // jobs/outgoing.h

// What a piece of work may use while it runs on the writer's thread.
typedef struct {
    store *s;   // the writer's own handle; readers must not use it
    knowing *k; // with its ledger: know_ledger
    const world *w;
    arena *a; // of this piece; forgotten after it
    writer *owner;
    outgoing *out; // to tell others of what is done; NULL: nobody is told
} desk;

typedef struct {
    const char *where; // as store_open takes it
    bool create;
    const world *w;
    size_t most_bytes; // that may wait; 0: 64 MiB
    // After each commit that changed anything, and after summaries were brought up to date. May be NULL.
    void (*committed)(void *ctx, int64_t events);
    void (*settled)(void *ctx);
    // After whatever may have changed a customer or a figure: events, summaries, work with transactions of its own.
    // What was computed before does not hold any more. May be NULL.
    void (*changed)(void *ctx);
    // Called in the transaction for every event stored (sign +1) or taken back (-1). May be NULL.
    bool (*stored)(void *ctx, desk *d, const record *r, int sign, err *e);
    outgoing *out; // to tell others of verdicts, and for the desks; may be NULL
    void *ctx;
} writer_opts;

// Opens the store, takes its lock, does what a crash left, and starts the thread.
must_use bool writer_open(writer **out, writer_opts o, err *e);
// Does what waits, brings summaries up to date, and ends the thread. NULL is fine.
void writer_close(writer *w);

// A piece of writing. fn runs inside a transaction that others may share: it must not begin or commit one, and when it
// fails the transaction is undone and the others run again without it. It may therefore run twice: no effects beside
// the store. done is called on the writer's thread when the piece is durable or has failed (e says which).
typedef bool (*piece_fn)(void *ctx, desk *d, err *e);
typedef void (*piece_done)(void *ctx, const err *e);

must_use bool writer_post(writer *w, size_t bytes, piece_fn fn, piece_done done, void *ctx, err *e);
// The same, waiting for it. Never on the writer's own thread.
must_use bool writer_do(writer *w, piece_fn fn, void *ctx, err *e);
// For work with transactions of its own (an undo, a verdict, a batch of an import): fn runs with none open.
must_use bool writer_alone(writer *w, piece_fn fn, void *ctx, err *e);
// The same without waiting.
must_use bool writer_post_alone(writer *w, size_t bytes, piece_fn fn, piece_done done, void *ctx, err *e);

// Events of a live source. Everything in it must stay until done is called; `t` is then filled when it is not NULL.
typedef struct {
    str source; // its name; made when new, with this adapter and channel
    str adapter;
    enum channel channel;
    intake in;
    size_t bytes;
    tally *t; // of the whole batch that it was part of
    piece_done done;
    void *ctx;
} parcel;
must_use bool writer_take(writer *w, const parcel *p, err *e);

// How it goes, for /metrics and /readyz.
typedef struct {
    int64_t waiting, waiting_bytes; // pieces in line
    int64_t commits, pieces, events, failed;
    int64_t oldest_us; // how long the oldest event waits for its summary; 0: all are up to date
    int64_t commit_us; // time spent in commits, all together
} writer_state;
writer_state writer_look(writer *w);
bool writer_ok(writer *w, err *e); // false when it cannot write any more, with the reason

// What the calling thread hands over is counted under this name from now on (a text that stays); NULL: it ends.
void writer_known(writer *w, const char *as);
// Who held the writer how long; at most HOLDERS. "events" are those of live sources, "summaries" and "commit" its own
// work.
size_t writer_holds(writer *w, hold_row *out, size_t most);

// Brings summaries up to date and waits for it: for tests and for reports that must not be stale.
must_use bool writer_settle(writer *w, err *e);
// The derived state anew, without the ledger in between (know_rebuild). first, if not NULL, runs before it with
// transactions of its own (an undo): nobody writes between the two.
must_use bool writer_rebuild(writer *w, piece_fn first, void *first_ctx, rebuild_progress p, void *ctx,
                             rebuilt_report *out, err *e);

#endif
