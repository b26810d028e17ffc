// persist: a whim or a need? (D03, F42b)
//
//   index = ∛(persistence × breadth × independence), each 0..1
//   persistence   weeks in which it was said ÷ weeks since it was first said, the week of now included
//   breadth       exp(H) of the segments of those who say it ÷ exp(H) of all customers', at most 1; H = −Σ p ln p
//                 (Shannon 1948; effective number: Hill 1973, Ecology 54; Jost 2006, Oikos 113)
//   independence  1 − share of the loudest voice. A voice is an account (or whoever referred it); what is a copy of
//                 what another said belongs to the one voice of all copies
// A person counts once a week however often they write. One person alone, or one copied text alone, has independence 0
// and so index 0.
#ifndef HEED_PERSIST_H
#define HEED_PERSIST_H

#include "stats/estimate.h"

typedef struct {
    int64_t person, week; // week: any running number
    int64_t account;      // the voice it belongs to; 0: the person's own
    int64_t copy;         // group of texts that say the same in the same words; 0: none
    uint32_t segment;
} persist_said;

typedef struct {
    const persist_said *said;
    size_t rows;
    int64_t now;            // the week up to which; rows after it are left out
    const int64_t *segment; // [segments] how many customers each has
    size_t segments;
} persist_data;

typedef struct {
    estimate index; // 0..1; n is voices; the interval by leaving out one voice at a time (jackknife on log odds)
    double persistence, breadth, independence;
    int64_t weeks, weeks_since; // in which it was said; since it was first said
    int64_t people, voices;
    double voices_effective;   // 1/Σ share²: as many equally loud ones (Simpson 1949; Hill's number of order 2)
    double segments_effective; // exp(H)
    int64_t segments;          // in which it was said
    double copied;             // share of what was said that are copies of something said before
} persist;

persist persist_of(arena *a, const persist_data *d);

// ---- A burst alone never raises priority ----

enum { PERSIST_HOLD = 14 }; // days
typedef struct {
    double before; // its priority when the burst began; NAN: it had none, then it starts at `floor`
    double now;    // what is computed today
    double floor;
    bool burst;   // burst.h says so today
    int64_t days; // since the burst began
    bool grave;   // safety, law, outage: never held
} persist_claim;

typedef struct {
    double value;    // to order by
    bool held;       // it is the value from before the burst
    const char *why; // NULL, or why it is held or not although it bursts
} persist_standing;

// In a burst the value from before stands for 14 days; what is still said then stands on its own. A value that falls is
// never held up.
persist_standing persist_stand(persist_claim c);

#endif
