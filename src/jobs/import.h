// import: one file into the ledger, for the command and for the server: how it is read, and that it can be taken back.
#ifndef HEED_JOBS_IMPORT_H
#define HEED_JOBS_IMPORT_H

#include "jobs/take.h"

// One file on its way in.
typedef struct {
    // what is to be done
    const char *path; // "-": standard input
    listen_opts how;
    size_t batch; // events stored at once; 0: 10,000
    take t;       // life, name, dry, known; and l, or w and job_id
    // Around each batch, on the calling thread; either may be NULL, and false stops it all.
    bool (*before)(void *ctx, const pump_batch *b, err *e);
    bool (*after)(void *ctx, const pump_batch *b, err *e);
    void *ctx;
    // what came of it
    heard_as as; // complete from the first batch on
    // private
    arena as_life;
    pump *p;
} import_run;

// Reads and stores it all. What the reader finds wrong concerns the file alone: what came before it is stored, and the
// import is marked as interrupted. side says who failed; PUMP_NONE with false: it was the end.
must_use bool import_take(import_run *r, enum pump_side *side, err *e);
void import_close(import_run *r); // forgets what `as` lives in

// The source of rows that name none: what was said, or for plain files what the file is called, or the format's own.
str import_source(arena *a, const heard_as *as, const listen_opts *how, str name);

// The options that a mapping kept.
must_use bool import_how(arena *a, str mapping, str *adapter, listen_opts *how, err *e);

// Taking an import back: allowed for UNDO_DAYS, and not while it runs. Afterwards the derived state must be rebuilt;
// "rebuild" stands in the settings until somebody has done so.
enum { UNDO_DAYS = 30 };
must_use bool import_may_undo(store *s, const world *w, int64_t id, err *e);
must_use bool import_take_back(ledger *l, int64_t id, int64_t *events, err *e);

#endif
