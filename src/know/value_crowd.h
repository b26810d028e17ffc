// What the models read, gathered in one pass over the summaries. Private to value.
#ifndef HEED_VALUE_CROWD_H
#define HEED_VALUE_CROWD_H

#include "base/civil.h"
#include "know/value.h"

// Everybody who bought in one currency: a log of purchases and refunds, customers numbered from 0.
typedef struct {
    int32_t currency;
    int64_t *customer; // by number
    size_t n_customers, room_customers;
    uint32_t *who;
    int32_t *day;
    int64_t *amount;
    size_t n, room;
} crowd;

// A contract that was ever running.
typedef struct {
    int64_t customer;
    int64_t start_us, end_us; // end 0: it runs
    int64_t monthly;          // what it was worth last
    int32_t currency;
    int32_t changes, last_change; // how often its worth changed; the sign of the last change
} spell;

enum { CROWDS = 32, FEATURES = 8 };

typedef struct {
    arena *a;
    zone *z;
    const value_terms *terms;
    int32_t today;
    crowd crowds[CROWDS];
    size_t n_crowds;
    spell *spells;
    size_t n_spells, room_spells;
    // Features of the spells at two moments: VALUE_RISK_DAYS ago (to learn from) and now (to predict).
    double *then[FEATURES], *now[FEATURES];
    int64_t customers, no_currency;
} gathered;

// The same of one customer. False with e clear: there is none.
must_use bool gather_one(arena *a, store *s, const value_terms *t, int64_t customer, gathered *g, err *e);
must_use bool gather(arena *a, store *s, const value_terms *t, void (*progress)(void *, int64_t), void *ctx,
                     gathered *g, err *e);
const char *gather_feature(int i); // its name, as people call it

// The models of buyers as the stored report names them.
const char *value_model_name(enum purchase_model m); // "pareto"
// The chances of further months for a contract of some age: here[m] is the chance to run for m months more.
void value_months(const contract *k, int64_t age, int32_t months, double *here);
double value_monthly(const value_terms *t); // what a payment a month later is worth now
int32_t value_horizon_months(const value_terms *t);
int64_t value_age(const spell *s, int64_t now_us); // whole months

#endif
