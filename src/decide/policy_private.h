// policy_private: one customer after the other, as the cost and the effect of a policy see them.
#ifndef HEED_POLICY_PRIVATE_H
#define HEED_POLICY_PRIVATE_H

#include "base/civil.h"
#include "decide/policy.h"

typedef struct {
    int32_t day;
    int64_t cost;
} policy_spent;

typedef struct {
    int64_t customer;
    bool scope; // in the segment
    bool under; // in scope and not held out
    const timeline *t;
    const policy_spent *spent; // by day
    size_t n_spent;
} policy_seen;
typedef bool (*policy_fn)(void *ctx, const policy_seen *x, err *e);

typedef struct {
    const policy *p;
    const zone *z;
    int64_t scope_us; // the segment as it was then; 0: as it is now
    int64_t now_us;
    bool outside; // customers out of scope too
    policy_fn each;
    void *ctx;
    bool scope_now;      // filled: the past of the segment cannot be asked, it is that of now
    int64_t other_money; // filled: costs that are not counted because they are in another currency
} policy_pass;
must_use bool policy_scan(store *s, policy_pass *k, err *e);

int64_t policy_start_us(const policy *versions, size_t n); // since when it holds for those whom it holds for now

#endif
