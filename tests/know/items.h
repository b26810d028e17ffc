// items: random events as the folds see them, for tests of timelines.
#ifndef HEED_ITEMS_H
#define HEED_ITEMS_H

#include "test.h"

#include "base/civil.h"
#include "base/rng.h"
#include "know/timeline.h"

static inline fold_item random_item(rng *r) {
    static const enum kind kinds[] = {KIND_order,
                                      KIND_order,
                                      KIND_order,
                                      KIND_payment,
                                      KIND_refund,
                                      KIND_cancel,
                                      KIND_return_,
                                      KIND_contract_start,
                                      KIND_contract_change,
                                      KIND_contract_end,
                                      KIND_message_in,
                                      KIND_message_out,
                                      KIND_message_auto,
                                      KIND_call,
                                      KIND_note,
                                      KIND_answer,
                                      KIND_ask,
                                      KIND_review,
                                      KIND_complaint,
                                      KIND_comment,
                                      KIND_usage,
                                      KIND_identify,
                                      KIND_conversation_solved};
    int32_t day = (int32_t)rng_range(r, -400, rng_chance(r, 0.5) ? 60 : 20500);
    fold_item x = {.kind = (uint8_t)kinds[rng_range(r, 0, COUNT(kinds) - 1)],
                   .channel = (uint8_t)rng_range(r, 0, 16),
                   .day = day,
                   .at_us = day * DAY_US + rng_range(r, 1, 3) * HOUR_US,
                   .value = rng_chance(r, 0.01) ? INT64_MAX : rng_range(r, -500, 100000),
                   .has_value = rng_chance(r, 0.9),
                   .thread = rng_range(r, -3, 3),
                   .complaint = rng_chance(r, 0.1),
                   .feedback = rng_chance(r, 0.2)};
    if (!x.at_us) x.at_us = 1;
    enum kind_class class = kind_class(x.kind);
    if (class == CLASS_SAID)
        x.unit = (int32_t)rng_range(r, 0, 11), x.value = rng_range(r, 0, 10) * 100;
    else
        x.unit = rng_chance(r, 0.7) ? 978 : rng_chance(r, 0.5) ? 840 : (int32_t)rng_range(r, 0, 999);
    return x;
}

// n items; every wait is that of a thread of its own, as those of different conversations are.
static inline fold_item *random_items(arena *a, rng *r, int n, double payments_only) {
    fold_item *xs = make(a, fold_item, n + 1);
    bool no_orders = rng_chance(r, payments_only);
    for (int i = 0; i < n; i++) {
        xs[i] = random_item(r);
        if (no_orders && xs[i].kind == KIND_order) xs[i].kind = KIND_payment;
        if (!rng_chance(r, 0.1)) continue;
        xs[i] = (fold_item){.thread = (int64_t)rng_u64(r), .at_us = rng_range(r, 1, 1000000), .waiting_known = true};
    }
    return xs;
}

static inline timeline take_all(arena *a, const fold_item *xs, int n) {
    timeline t = {0};
    for (int i = 0; i < n; i++) timeline_take(a, &t, &xs[i]);
    return t;
}

static inline str encoded(arena *a, const timeline *t) {
    buf b = buf_new(a, 16 << 20);
    timeline_encode(&b, t);
    assert_false(b.full);
    return buf_str(&b);
}

#endif
