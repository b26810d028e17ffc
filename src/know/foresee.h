// foresee: what a person's word about who is who would change, before it is said: which customers there would be, of
// which profiles, under which number, with which figures. Nothing is written.
#ifndef HEED_FORESEE_H
#define HEED_FORESEE_H

#include "know/person.h"

enum saying { SAYING_SPLIT, SAYING_JOIN, SAYING_UNDO };

typedef struct {
    int64_t id;
    int64_t *profiles; // by number
    size_t n_profiles;
    str name; // or what they are known by
    bool has_summary;
    summary sum; // folded from their events as they are now
    int64_t conversations, waiting;
} foreseen_customer;

typedef struct {
    foreseen_customer *now, *then; // those that the word touches, by number
    size_t n_now, n_then;
} foresight;

// SPLIT: profile y is not of customer x. JOIN, UNDO: of two profiles. The same errors as when it is said.
must_use bool foresee(arena *a, store *s, enum saying w, int64_t x, int64_t y, foresight *out, err *e);

#endif
