// cost: what things and service cost us, where nobody says it better; and what serving a customer has cost.
//
// Cost to serve is built from activities (F26; Kaplan and Anderson 2004): contacts by channel × time each × rate of an
// hour, what a contact costs beside the time, goods sent back, and what was given away. Times and rates are what the
// company says they are, so every figure names what it rests on, and what was left out because nobody said it.
#ifndef HEED_COST_H
#define HEED_COST_H

#include "base/json.h"
#include "know/segment.h"
#include "stats/estimate.h"

typedef struct {
    str product; // empty: all that have no row of their own
    int64_t version;
    int32_t currency;     // 0: the store's
    int64_t cost_bp;      // variable cost, of the price; below 0: `cost` is given instead
    int64_t cost;         // of one unit; below 0: neither is known
    int64_t hour_rate;    // what an hour of serving costs
    int64_t contact_s;    // how long a contact takes, in seconds
    int64_t contact_cost; // what it costs beside the time
    int64_t return_cost;  // what handling a return costs
    str channels;         // JSON: {"mail":{"seconds":360,"cost":5}}, where it differs; empty: nowhere
    int64_t agents;       // people at work in an open hour, in hundredths; 0: not known
    str by;
    int64_t made_us;
    bool retired, sample;
} economics;

// In the transaction of the writer: a new version. ERR_invalid names the field.
must_use bool economics_put(ledger *l, economics *x, const char **field, err *e);
// Of a product, or of all. False with e clear when nobody said anything.
must_use bool economics_for(arena *a, store *s, str product, economics *out, err *e);
must_use bool economics_list(arena *a, store *s, economics **out, size_t *n, err *e);
void economics_json(json_out *j, const char *key, const economics *x);

// What serving somebody cost in a time, in minor units.
typedef struct {
    int64_t customers; // of whom this is the sum
    int32_t currency;
    int64_t contacts, seconds, returns;
    int64_t time_cost, contact_cost, return_cost, concessions, rewards, total;
    int64_t order_value; // what they bought in their whole time, beside it
    bool known;          // is there a row of economics at all
    str assumed;         // what was taken for granted, in words
} serve_cost;
must_use bool cost_to_serve(arena *a, store *s, int64_t customer, int64_t since_us, int64_t until_us, serve_cost *out,
                            err *e);
// Of a segment (NULL: of everybody): the mean per customer with its range, from an equal share of at most `most`
// members (0: 400), and their sum.
must_use bool cost_of_segment(arena *a, store *s, const segment_rule *rule, int64_t since_us, int64_t until_us,
                              size_t most, serve_cost *sum, estimate *mean, err *e);
void serve_cost_json(json_out *j, const char *key, const serve_cost *x);

// What one contact costs by these economics, over the channels of `bits` (summary.channels; 0: any).
int64_t cost_of_contact(const economics *x, uint64_t bits);

#endif
