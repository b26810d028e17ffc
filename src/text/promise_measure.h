// promise_measure: how well promises are noticed, on sentences that somebody has labelled.
//
// A set is a text of lines "language TAB part TAB label TAB kind TAB due TAB words", as tests/text/data/promises.tsv
// has them: label is promise, conditional or no; due a time of the context's zone, or "-". Lines with # are remarks.
#ifndef HEED_PROMISE_MEASURE_H
#define HEED_PROMISE_MEASURE_H

#include "text/promise.h"

typedef struct {
    str part;
    enum language language;
    int64_t sentences, promises;                    // promises: labelled so, conditional ones too
    int64_t noticed, right;                         // noticed by us; of these, those that are promises
    int64_t kind_right, due_right, condition_right; // of the right ones
} promise_tally;

// What differs from a label, for whoever tunes; may be NULL.
typedef void promise_miss(void *ctx, str line, const promise *got); // got NULL: nothing was noticed

// A row for each part and language in order of appearance. Fails with the number of the line that cannot be read.
must_use bool promise_measure(arena *a, str set, const promise_context *ctx, promise_tally *rows, size_t max, size_t *n,
                              promise_miss *miss, void *miss_ctx, err *e);

#endif
