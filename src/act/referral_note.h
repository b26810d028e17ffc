// referral_note: noting because of whom a customer came; and earned growth (F17).
#ifndef HEED_REFERRAL_NOTE_H
#define HEED_REFERRAL_NOTE_H

#include "know/referral.h"
#include "stats/estimate.h"

typedef struct {
    int64_t customer; // who came
    enum referral_what what;
    int64_t referrer; // who recommended us, if that is known; else 0
    str words, by;
    int64_t at_us; // when they came; 0: now
    // It is known only because of a question asked at their first order, once: an answer after another is no second
    // word.
    bool asked;
} referral_note;
// As an event of the source "heed", in transactions of its own. ERR_not_found; ERR_conflict when a customer would have
// brought themselves, or somebody who brought them, or has been noted already.
must_use bool referral_write(ledger *l, arena *a, const referral_note *n, err *e);

// F17 (Reichheld, Darnell, Burns, HBR 2021): EGR = NRR + ENC − 100. NRR: of last year's revenue, what its customers
// brought this year; ENC: what new customers who came by recommendation brought this year, by the same revenue.
typedef struct {
    int64_t since_us, until_us; // this year; the last one is as long and ends where it begins
    int32_t currency;
    int64_t before, again, earned, bought,
        unknown;                    // revenue: last year's; this year's of the same, and of new customers
    int64_t customers, fresh, told; // last year's; new ones; of them those who told why they came
    estimate nrr, enc, growth;      // shares: 0.04 is 4.0
} earned_growth;
typedef struct {
    int64_t before, again, fresh; // a customer's revenue last year and this; fresh: new and earned
} growth_of;
// Of customers' figures; the range is that of a ratio over customers (Cochran 1977, 2.11).
estimate growth_estimate(arena *a, const growth_of *x, size_t n);
must_use bool earned_growth_read(arena *a, store *s, int64_t until_us, earned_growth *out, err *e);

#endif
