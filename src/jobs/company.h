// company: the sample company into a store, and out of it again.
#ifndef HEED_COMPANY_H
#define HEED_COMPANY_H

#include "jobs/take.h"
#include "sample/sample.h"

typedef struct {
    // what is to be done
    sample_opts how;
    take t;                                                // life, and l or w
    bool (*truth)(void *ctx, str line, err *e);            // on the simulating thread; may be NULL
    bool (*after)(void *ctx, const pump_batch *b, err *e); // on the calling thread, after each batch; may be NULL
    void *ctx;
    // private
    arena scratch;
    pump *p;
    int64_t events;
} company;

// Lives through the years. The store's setting "sample" says before and after what is in it (company_stamp).
must_use bool company_fill(company *c, err *e);
str company_source(arena *a, str name); // how the sources of the simulation are called in a store

// What the sample in a store was made from; done: all of it is there.
str company_stamp(arena *a, const sample_opts *o, bool done);
// A run that was interrupted goes on with the same company, as of the same day: how is then of that day. ERR_conflict
// when another one is there.
must_use bool company_compare(str stamp, sample_opts *how, bool *done, err *e);

// Out again: its events for good, then its sources, imports and the setting. Rebuild after it.
must_use bool company_purge(ledger *l, int64_t *events, err *e);
must_use bool company_forget(store *s, err *e);

#endif
