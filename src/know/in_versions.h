// in_versions: rows that are never changed but followed by a newer version, which ends the one before.
#ifndef HEED_IN_VERSIONS_H
#define HEED_IN_VERSIONS_H

#include "ledger/ledger.h"

typedef struct {
    enum query all;          // id, version, …, by id and version
    int from_col, until_col; // of `all`
    enum query until;        // until_us = $3 of id $1, version $2
} in_versions;

// What a row from from_us on is: a new one (*id 0, which is filled in) with version 1, or the next version of one that
// is there; what of it would still hold then ends at from_us. In an open transaction of the writer.
must_use bool in_versions_next(ledger *l, const in_versions *t, int64_t from_us, int64_t *id, int64_t *version, err *e);

#endif
