// sample: the sample company, Kastanie Coffee Roasters: a web shop, coffee subscriptions, a café and a wholesale side.
//
// It is a simulation whose truth is known: who is who behind every identifier, why each customer left, what each text
// means, which of the staff are good. The product sees only events; the truth goes to a side file for tests. The same
// options give the same bytes on every machine, in any locale, at any time. It is also the load generator.
#ifndef HEED_SAMPLE_H
#define HEED_SAMPLE_H

#include "ledger/event.h"

// Shop orders follow BG/NBD (Fader, Hardie and Lee 2005) on the shop's season clock, whose weeks run faster in December
// and at weekends but equal calendar weeks over the whole span. Purchase rate per week ~ Gamma(R, rate ALPHA); after
// each repeat order a customer leaves for good with a probability ~ Beta(A, B). Two causes come on top and are recorded
// as such in the truth: the carrier's breakdown and the price rise.
#define SAMPLE_R     0.95
#define SAMPLE_ALPHA 9.0
#define SAMPLE_A     1.1
#define SAMPLE_B     4.2

// The worth of an order follows gamma-gamma (Fader and Hardie 2013): Gamma(P, rate nu) with nu ~ Gamma(Q, rate GAMMA)
// per customer, in euros; the mean order is P * GAMMA / (Q - 1) = 27.00. Rounded to ten cents, at least MIN_ORDER.
#define SAMPLE_P         6.25
#define SAMPLE_Q         9.0
#define SAMPLE_GAMMA     34.56
#define SAMPLE_MIN_ORDER 3.90

// Café visits follow BG/NBD too, on the café's own season clock.
#define SAMPLE_CAFE_R     1.5
#define SAMPLE_CAFE_ALPHA 2.2
#define SAMPLE_CAFE_A     1.0
#define SAMPLE_CAFE_B     16.0

// Monthly chance that a subscription ends, by month of tenure: the 1st, the 2nd, 3rd to 6th, 7th to 12th, later. It is
// multiplied by PRICE_HAZARD at the first three renewals after the price rise, and by LATE_HAZARD while the carrier is
// down.
#define SAMPLE_CHURN_1      0.09
#define SAMPLE_CHURN_2      0.07
#define SAMPLE_CHURN_6      0.05
#define SAMPLE_CHURN_12     0.035
#define SAMPLE_CHURN_LATER  0.025
#define SAMPLE_PRICE_HAZARD 2.5
#define SAMPLE_LATE_HAZARD  1.8

#define SAMPLE_PRICE_RISE   0.12 // of the monthly price
#define SAMPLE_PRICE_LEAVES 0.10 // of shop customers who come back after the rise turn away instead of buying
#define SAMPLE_LATE_SHARE   0.65 // of parcels while the carrier is down; 0.03 at other times
#define SAMPLE_LATE_LEAVES  0.20 // of customers leave because this parcel was late, while the carrier is down
#define SAMPLE_NEVER_TOP    0.15 // of people never give the top mark, however content they are
#define SAMPLE_ABUSERS      0.01 // of shop customers send most of their orders back
#define SAMPLE_LABELLED     0.70 // of help desk tickets carry a category, and a few of these are wrong
#define SAMPLE_MISLABELLED  0.06

#define SAMPLE_PROMISES           0.50 // of replies and phone calls promise something
#define SAMPLE_PROMISES_NOTED     0.80 // of these are noted as a commitment; the others stand in the mail alone
#define SAMPLE_PROMISES_FORGOTTEN 0.05 // of those noted are never kept
#define SAMPLE_ALLOWS             0.55 // of shop customers allow us to write to them

typedef struct {
    int64_t customers; // 1 to SAMPLE_MAX_CUSTOMERS
    int years;         // 1 to 20, back from now_us
    uint64_t seed;
    int64_t now_us; // round it to the day for the same bytes all day long; before the year 2200
    bool plain;     // trade and talk alone: no promises, consents, birthdays and recommendations
} sample_opts;

enum { SAMPLE_MAX_CUSTOMERS = 100000000 };

// Where everything goes. Events come in the order of time, truth (one JSON object a line, without the newline) when it
// becomes true. Strs live until the call returns. A false from either stops the run. truth and progress may be NULL;
// progress counts simulated days.
//
// Truth lines by "truth": company, model (a process and its parameters), episode, staff, person (with every identifier
// they may use), left (when, which process and why: own, late_delivery or price), hurt (by what, and how much of their
// contentment is lost by then: it is halved in 28 days, thirded in 56), text (source and ext of the event, topic, mood,
// intent, lang). Contentment is a person's "content" less what is lost; while prices are news, less 0.45. Asked whether
// they would recommend, people give 8.5 + 1.3 of it on average.
typedef struct {
    bool (*event)(void *ctx, str source, enum channel channel, const event *ev, err *e); // channel is the source's own
    bool (*truth)(void *ctx, str line, err *e);
    void (*progress)(void *ctx, int64_t done, int64_t total);
    void *ctx;
} sample_sink;

// Address space that sample_run needs in its scratch arena; what it really touches is about half of it, some 80 bytes a
// customer.
size_t sample_memory(const sample_opts *o);

// Lives through the years. ERR_invalid for options out of range, ERR_too_large when scratch is too small.
must_use bool sample_run(arena scratch, const sample_opts *o, const sample_sink *to, err *e);

#endif
