// runs: more records than memory should hold, sorted. Sorted runs go to a temporary file that nobody else sees and come
// back as one sorted stream (Knuth 5.4, multiway merge).
//
// A record is plain bytes of one size; its first 16 bytes are two unsigned 64-bit numbers by which all is sorted.
#ifndef HEED_RUNS_H
#define HEED_RUNS_H

#include "base/radix.h"

typedef struct runs runs;

// dir: where the file is made (and unlinked at once); empty: the system's place for temporary files.
must_use bool runs_open(runs **out, str dir, size_t record_size, err *e); // a multiple of 8, at least 16
void runs_close(runs *r);                                                 // NULL is fine
// Adds a run: the records in the order of `order` (indexes in .at), which the caller has sorted. ERR_full when the disk
// is.
must_use bool runs_add(runs *r, const void *records, const keyed *order, size_t n, err *e);
size_t runs_count(const runs *r);
// Reads everything in order; equal keys come in the order they were added. false at the end, or with e filled.
must_use bool runs_begin(runs *r, err *e);
bool runs_next(runs *r, const void **record, err *e); // valid until the next call
void runs_reset(runs *r);                             // empty again

#endif
