// timeline: what is remembered of one customer so that every figure of the summary can be derived from it.
//
// A timeline is a set: taking the same events in any order gives the same timeline, and two timelines merge into the
// one that all their events would have given. That is why order of arrival does not matter and merging customers is
// cheap.
#ifndef HEED_TIMELINE_H
#define HEED_TIMELINE_H

#include "ledger/event.h"

// An event as the folds see it.
typedef struct {
    int64_t customer, profile;
    int64_t at_us, value, thread;
    int32_t unit, source_id;
    int32_t day; // the civil date in the store's time zone
    uint8_t kind, channel;
    bool has_value : 1, complaint : 1;
    bool feedback : 1;      // a rating or words
    bool waiting_known : 1; // not an event: thread waits since at_us, or no more (at_us 0)
} fold_item;

// Money of one day: how many and how much.
typedef struct {
    int32_t day, unit, count;
    uint8_t kind;  // order, cancel, refund, return_, payment
    int64_t value; // minor units
} purse_entry;

typedef struct {
    int64_t thread, at_us, value;
    int32_t unit;
    uint8_t kind; // contract_start, contract_change, contract_end
} contract_entry;

typedef struct {
    int64_t thread, since_us;
} wait_entry;

typedef struct {
    int64_t last_us, last, sum; // scores x 100
    int32_t n;
    uint8_t instrument;
} score_entry;

typedef struct {
    int64_t first_us, last_us;             // of everything the person did or said, and we to them
    int64_t first_order_us, last_order_us; // 0: none
    int64_t first_pay_us, last_pay_us;
    int64_t contacts_in, contacts_out, complaints, feedback;
    uint64_t channels;         // bit per channel
    purse_entry *purse;        // by day, kind, unit
    contract_entry *contracts; // by thread, time
    wait_entry *waits;         // by thread
    score_entry *scores;       // by instrument
    int32_t n_purse, room_purse, n_contracts, room_contracts, n_waits, room_waits, n_scores, room_scores;
} timeline;

// Sums of absurd amounts wrap instead of being undefined, so that even they come out the same in any order.
static inline int64_t sum64(int64_t x, int64_t y) {
    return (int64_t)((uint64_t)x + (uint64_t)y);
}

void timeline_take(arena *a, timeline *t, const fold_item *x);
void timeline_merge(arena *a, timeline *t, const timeline *other);
bool timeline_empty(const timeline *t); // nothing but facts is known: there is no summary
void timeline_encode(buf *b, const timeline *t);
must_use bool timeline_decode(arena *a, str state, timeline *t, err *e); // ERR_corrupt

// The figures of the summary table, derived. Money is in the currency of most purchases; other currencies are left out.
typedef struct {
    int64_t customer_id;
    int32_t currency;
    int64_t first_us, last_us;
    int64_t orders, order_days, order_value, first_order_us, last_order_us;
    int32_t gap_days; // median days between order days; -1 with fewer than two gaps
    int64_t refunds, refund_value, returns;
    int64_t contacts_in, contacts_out, complaints, feedback;
    int32_t last_score, last_instrument;
    int64_t last_score_us, waiting_us, contract_since_us, contract_until_us, monthly_value;
    uint64_t channels;
    bool purchases_are_payments; // the customer has payments but no orders
} summary;
summary timeline_summary(arena scratch, const timeline *t);

// What purchase models need: x repeat purchase days, t_x and T in days from the first purchase day, and money of
// repeats.
typedef struct {
    int64_t x, t_x, T, repeat_value;
} purchases;
purchases timeline_purchases(const timeline *t, int32_t from_day, int32_t to_day);

bool timeline_is_purchase(const timeline *t, const purse_entry *p); // an order, or a payment where there are no orders

#endif
