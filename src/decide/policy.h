// policy: what customers get beyond what they must get (free returns, goodwill, more time to pay), with its running
// cost and its measured effect, so that generosity is neither blind nor cut blindly.
//
// A policy is a row with versions; rows are never changed, and the greatest version stands. Its cost is read from what
// happened (policy_costs.def). A hold-out is a share of the customers in scope who do not get it, chosen by a hash of
// policy and customer: nobody needs to remember who. With one, the effect is the difference between those who get it
// and those who do not; without one, the difference in differences to customers outside its scope (stats/did.h).
#ifndef HEED_POLICY_H
#define HEED_POLICY_H

#include "decide/concession.h"
#include "know/measure.h"
#include "stats/did.h"

enum policy_cost {
    POLICY_COST_none,
#define POLICY_COST(name, id, each, days, text) POLICY_COST_##name = id,
#include "decide/policy_costs.def"
    POLICY_COSTS,
};
const char *policy_cost_name(enum policy_cost c);
enum policy_cost policy_cost_of(str name); // POLICY_COST_none if there is none

typedef struct {
    int64_t id, version;
    str name, about;
    enum policy_cost cost;
    int64_t unit_cost;         // of costs that take one: minor units each time; terms: hundredths of a percent a year
    uint32_t of;               // concessions: bits 1 << concession_kind; 0: those that name this policy
    int32_t after_days;        // only what happens later than this after the order
    int32_t currency;          // 0: the store's
    int64_t segment;           // 0: everybody
    int64_t from_us, until_us; // until_us 0: for ever
    int32_t holdout_bp;        // of 10,000 customers
    str reason;                // why this version was made
    int64_t made_us;
    str by;
    bool retired, sample;
} policy;

// ---- the ledger of policies; writing in an open transaction of the writer ----

// Version 0 makes a new one; else the version that was read, and a newer one is made of it (ERR_changed when it does
// not stand any more). ERR_invalid names what is wrong. Fills id, version, made_us and currency.
must_use bool policy_put(ledger *l, arena *a, policy *x, err *e);
must_use bool policy_get(arena *a, store *s, int64_t id, policy *out, err *e); // ERR_not_found
// The standing versions after number `after`, at most `most`; and all versions of one, the newest first.
must_use bool policy_list(arena *a, store *s, bool retired, int64_t after, int64_t most, policy **out, size_t *n,
                          err *e);
must_use bool policy_history(arena *a, store *s, int64_t id, policy **out, size_t *n, err *e);

// Does this customer get it, by the hash alone? A matter of the policy's number and hold-out, stable for ever.
bool policy_holds(const policy *p, int64_t customer);
// Does this customer get it now: it stands, is in its time, the customer is in its segment and not held out, and no
// step after many returns (abuse.h) is in the way? why, in words, when not.
must_use bool policy_covers(arena *a, store *s, const policy *p, int64_t customer, int64_t now_us, bool *covers,
                            str *why, err *e);

// ---- what it costs ----

typedef struct {
    int32_t day; // the first of the month
    int64_t times, customers;
    estimate cost; // minor units; its range is what chance makes of so many customers: a compound Poisson sum
} policy_month;
typedef struct {
    policy_month *months; // the oldest first; the last one is not over
    size_t n;
    int64_t times, customers, scope; // scope: customers who may use it
    estimate total, per_customer;    // of all months; per_customer: of those who may use it, per month
    int32_t currency;
    int64_t other_currency; // times that are not counted because they are in other money
} policy_bill;
must_use bool policy_bill_read(arena *a, store *s, const policy *p, int64_t now_us, int months, policy_bill *out,
                               err *e);

// ---- what it does ----

enum policy_by { POLICY_BY_NOTHING, POLICY_BY_HOLDOUT, POLICY_BY_DIFFERENCES };
enum policy_verdict { POLICY_CANNOT_TELL, POLICY_NO_DIFFERENCE, POLICY_KEEPS, POLICY_LOSES };

enum { POLICY_DAYS = 90, POLICY_TELL_BP = 500 }; // a difference of five points should be told

// Kept: by hold-out, bought or under contract within the last `days` days, of those who were customers before these
// began; by differences, bought or under contract in an average stretch of 30 days. Value: orders less cancellations,
// refunds and what the policy cost, in minor units, since the policy began, or in 30 days.
typedef struct {
    enum policy_by by;
    time_span measured;
    int days;
    bool scope_now;        // the segment is that of today, because the past cannot be asked
    int64_t with, without; // customers
    estimate kept[2];      // without, with
    estimate value[2];     // before the difference: without, with
    change kept_more;      // shares: with less without
    change value_more;     // minor units per customer
    estimate cost;         // per customer who gets it
    estimate per_kept;     // what one more customer kept costs (by differences: kept active for 30 days)
    estimate trend;        // by differences: the difference of trends before, in shares per stretch
    double trend_p;        // NAN: not known
    double tells;          // the smallest difference of shares that so many customers show
    int64_t need;          // so many more customers are needed to tell five points; 0: none
    enum policy_verdict verdict;
    const char *why; // what is missing, when it cannot be told
    str words;       // the verdict in one or two sentences
    int32_t currency;
} policy_effect;
must_use bool policy_effect_read(arena *a, store *s, const policy *p, int64_t now_us, int days, policy_effect *out,
                                 err *e);

// ---- as JSON, for commands and the API alike ----

void policy_json(json_out *j, const char *key, const policy *p);
void policy_bill_json(json_out *j, const char *key, const policy_bill *b);
void policy_effect_json(json_out *j, const char *key, const policy_effect *x);

#endif
