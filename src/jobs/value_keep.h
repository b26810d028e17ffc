// value_keep: puts a fit of what customers are worth in place of the last one, a part at a time, so that whoever else
// writes need not wait for all of it.
#ifndef HEED_VALUE_KEEP_H
#define HEED_VALUE_KEEP_H

#include "jobs/writer.h"
#include "know/value.h"

typedef struct {
    bool (*run)(void *ctx, piece_fn fn, void *of, err *e);            // a piece in a transaction of the writer
    bool (*goes_on)(void *ctx, int64_t done, int64_t of_all, err *e); // between parts: false stops; may be NULL
    void *ctx;
} value_keeper;
must_use bool value_keep(const value_fit *f, const value_keeper *k, err *e);

#endif
