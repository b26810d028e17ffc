// What the files about privacy share and nobody else sees.
#ifndef HEED_JOBS_PRIVACY_PRIVATE_H
#define HEED_JOBS_PRIVACY_PRIVATE_H

#include "jobs/privacy.h"

// One of those whom a request means.
typedef struct {
    enum ident_kind kind; // none: a customer's number
    str value;            // canonical when raw, else the hash in lower case
    str format;
} subject;
typedef bool (*subject_fn)(void *ctx, const subject *x, err *e);
must_use bool privacy_subjects(arena *a, str subjects, str country, subject_fn fn, void *ctx, err *e);
must_use bool privacy_set(store *s, const privacy_request *r, enum privacy_state state, int64_t ended_us, str result,
                          str subjects, err *e);

#endif
