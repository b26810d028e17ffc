// value: what every customer is worth from now on, and whether they are still with us, as far as the data tell.
//
// Buyers without a contract by the models of stats/purchase.h, per currency; customers under contract by the curve of
// stats/contract.h; who is likely to leave a contract within 90 days by stats/churn.h. Where a model is refused, its
// figures stay empty and the report says why. What is computed replaces what the last fit said.
#ifndef HEED_VALUE_H
#define HEED_VALUE_H

#include "base/json.h"
#include "base/map64.h"
#include "know/measure.h"
#include "stats/churn.h"
#include "stats/concentration.h"
#include "stats/contract.h"
#include "stats/purchase.h"

typedef struct {
    int64_t now_us;
    int32_t horizon_days; // 0 = 365
    double yearly;        // discount; 0 = 0.10
    double margin;        // what is left of an amount; 0 = 1
} value_terms;

enum { VALUE_BUYS = 1, VALUE_CONTRACT = 2, VALUE_RISK_DAYS = 90, VALUE_REASONS = 4 };

// A figure with its range; NAN where there is none.
typedef struct {
    double value, lo, hi;
} value_range;

typedef struct {
    int64_t customer;
    int32_t currency, kind;
    value_range alive, buys, value, stays, risk; // value in minor units
    str why;                                     // JSON list of words
} value_row;

// Buyers of one currency.
typedef struct {
    int32_t currency;
    purchase_best best;
    purchase_totals totals;
    concentration spread;   // of what they are expected to bring
    double *track, *actual; // repeat purchases by week: expected and seen; n_weeks
    size_t n_weeks;
    double seen[11], expected[11]; // customers by number of repeat purchases; the last: ten or more
} value_buyers;

typedef struct {
    value_terms terms;
    value_buyers *buyers;
    size_t n_buyers;
    contract stay;      // months
    estimate will_stay; // of the running contracts, how many still run at the horizon
    int64_t running;
    churn risk;
    value_row *rows; // customers with a figure, by number
    size_t n_rows;
} value_fit;

// Reads all summaries and fits. progress counts customers; it may be NULL. All of it lives in a, which must be large.
must_use bool value_compute(arena *a, store *s, const value_terms *t, void (*progress)(void *, int64_t), void *ctx,
                            value_fit *out, err *e);
void value_report(json_out *j, const char *key, arena *a, const value_fit *f);

// Stores the fit, replacing the last one. In an open transaction of the writer.
must_use bool value_put_model(store *s, int64_t model_id, int64_t made_us, const value_fit *f, str report, err *e);
must_use bool value_put_rows(store *s, arena scratch, int64_t model_id, const value_row *rows, size_t n, err *e);
must_use bool value_forget_others(store *s, int64_t model_id, err *e);

// What is stored. False with e clear: no figure of this customer, no fit yet.
must_use bool value_of(arena *a, store *s, int64_t customer, value_row *out, err *e);
must_use bool value_newest(arena *a, store *s, int64_t *model_id, int64_t *as_of_us, int32_t *horizon_days, str *report,
                           err *e);
value_row value_read(arena *a, const row *r); // columns of value_get and value_best

// How the value of one customer may go: what stands in the middle of each of 20 equal parts of the chances, and the
// chance that it is nothing. From the parameters of the newest fit and what the customer had done by then: each
// contract runs on or ends by itself, and so does the buying beside it. Its mean is the value of the row.
enum { VALUE_DOTS = 20 };
typedef struct {
    double at[VALUE_DOTS]; // minor units, rising
    double nothing;
    bool known; // else there is nothing to show
} value_dots;
must_use bool value_dots_of(arena scratch, store *s, const value_row *v, value_dots *out, err *e);
// name: what the customer is called now; empty: not for who asks. dots may be NULL.
void value_json(json_out *j, const char *key, const value_row *v, str name, const value_dots *dots);

#endif
