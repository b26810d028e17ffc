// pump: one thread reads and parses, the calling thread writes, and a few batches travel between them in a ring. The
// reader waits when all are full, so memory stays the same however long the input is.
#ifndef HEED_PUMP_H
#define HEED_PUMP_H

#include "ledger/ledger.h"
#include "listen/listen.h"

typedef struct pump pump;

enum { PUMP_WHYS = 24 };

// How many rows were skipped for one reason.
typedef struct {
    str why;
    int64_t n;
} pump_why;

// Rows on their way to the ledger. Everything in it lives until the writer returns.
typedef struct {
    str source; // as given to pump_put
    enum channel channel;
    event *events;
    int32_t *row_of;
    size_t n;
    bad_row *bad;
    size_t n_bad;
    int64_t rows, skipped;
    pump_why whys[PUMP_WHYS];
    int n_whys;
    int64_t done, total; // how far the input was read when the batch was full: bytes, or what the reader counts
} pump_batch;

enum pump_side { PUMP_NONE, PUMP_READER, PUMP_WRITER };

typedef struct {
    size_t max_events, max_bytes; // of a batch; 0: 10,000 events, 8 MiB
    int open;                     // batches of different sources that are filled at once; 0: one
    // Runs on a thread of its own and calls pump_put for every row.
    bool (*read)(void *ctx, pump *p, err *e);
    // Runs on the calling thread, batch after batch in the order in which they were full.
    bool (*write)(void *ctx, const pump_batch *b, err *e);
    void *ctx;
} pump_opts;

// Runs until everything is written, or until either side fails: what was read before the reader failed is written, and
// what was not written when the writer failed is forgotten. side says who failed; it may be NULL.
must_use bool pump_run(const pump_opts *o, enum pump_side *side, err *e);

// For the reader: copies a row into the batch of its source. A row is never split. False when the writer has failed.
must_use bool pump_put(pump *p, str source, enum channel channel, str file, const heard *h, err *e);
// An event with its texts in a, all of them in one piece.
void event_copy(arena *a, event *to, const event *from);
void pump_progress(pump *p, int64_t done, int64_t total);

#endif
