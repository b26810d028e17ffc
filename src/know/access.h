// access: everything heed knows of one person, over all identities and channels, as one JSON document that a program
// can read on (GDPR art. 15 and 20): who they are, what happened, what was said, what follows from it, what they allow,
// where it came from, who gets it, how long it is kept. Names of employees and internal notes are left out.
#ifndef HEED_ACCESS_H
#define HEED_ACCESS_H

#include "know/page.h"

typedef struct {
    int64_t customer, now_us;
    bool notes;                    // internal notes too, where the law or the policy says so
    const char *const *recipients; // who gets data: addresses of endpoints
    size_t n_recipients;
} access_ask;

typedef struct {
    int64_t profiles, events, feedback;
} access_count;

// Appends the document to b. ERR_not_found when there is no such customer; ERR_too_large when b is full.
must_use bool access_write(arena *a, store *s, const access_ask *ask, buf *b, access_count *n, err *e);

#endif
