// rebuild: the whole derived state, computed again from the events alone: to prove that what is stored is equal, or to
// write it anew (after an undo, a change of time zone, or damage).
#ifndef HEED_REBUILD_H
#define HEED_REBUILD_H

#include "know/stages.h"

typedef struct {
    int64_t events, profiles, customers, conversations, feedback;
    int64_t differences; // rows that differ
    str first;           // what differs first, in words, naming the customer; empty when all is equal
    double seconds_read; // reading and folding the events
    double seconds_compared;
} rebuilt_report;

// Progress: events read so far, of about how many.
typedef void (*rebuild_progress)(void *ctx, int64_t done, int64_t total);

// Folds all events into memory and compares row by row. ERR_differs is not raised here: see differences.
must_use bool know_verify(arena *a, store *s, rebuild_progress p, void *ctx, rebuilt_report *out, err *e);
// Folds all events and writes the derived tables anew, in one transaction. The ledger must be closed.
must_use bool know_rebuild(arena *a, store *s, const world *w, rebuild_progress p, void *ctx, rebuilt_report *out,
                           err *e);

#endif
