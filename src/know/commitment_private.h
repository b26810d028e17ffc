// What the files of commitments in the store share.
#ifndef HEED_COMMITMENT_PRIVATE_H
#define HEED_COMMITMENT_PRIVATE_H

#include "know/commitment.h"
#include "know/lists.h"

must_use bool owed_profiles(store *s, arena *a, int64_t customer, int64_t **ids, size_t *n, err *e);
void owed_push(arena *a, commitment_step **list, size_t *n, size_t *room, commitment_step x);
commitment_step owed_read_step(arena *a, const row *r);
must_use bool owed_put_step(store *s, const commitment_step *x, err *e);
// From its steps, without what the customer's events say: owed_settle follows.
must_use bool owed_fold(store *s, arena a, int64_t id, err *e);
must_use bool owed_settle(store *s, arena a, int64_t customer, err *e);

// What is owed by rule to every customer, told customer by customer.
typedef bool (*owed_rule_fn)(void *ctx, const commitment_step *steps, size_t n, err *e);
must_use bool owed_by_rule(store *s, owed_rule_fn fn, void *ctx, err *e);

#endif
