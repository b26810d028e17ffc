// persist: a whim or a need? (D03, F42b)
//
//   index = ∛(persistence × breadth × independence), each 0..1
//   persistence   weeks in which it was said ÷ weeks since it was first said, the week of now included
//   breadth       exp(H) of the segments of those who say it ÷ exp(H) of all customers', at most 1; H = −Σ p ln p
//                 (Shannon 1948; effective numbers: Hill 1973, Ecology 54; Jost 2006, Oikos 113). Every voice weighs 1
//   independence  1 − share of the people who are of the loudest voice. A voice is an account, or a person without one;
//                 a text that several of them send in the same words is one voice of its own
// Whoever writes often counts once. One voice alone has independence 0, and so index 0.
#ifndef HEED_PERSIST_H
#define HEED_PERSIST_H

#include "stats/estimate.h"

typedef struct {
    int64_t person, week; // week: any running number
    int64_t account;      // 0: none, the person is a voice
    int64_t copy;         // group of texts that say the same in the same words; 0: none
    uint32_t segment;
} persist_said;

typedef struct {
    const persist_said *said;
    size_t rows;
    int64_t now;            // the week up to which; rows after it are left out
    const int64_t *segment; // [segments] how many customers each has; NULL: equally many
    size_t segments;
} persist_data;

typedef struct {
    estimate index; // 0..1; n is voices, THIN below 10; interval: one voice left out at a time, and weeks as chances
    double persistence, breadth, independence;
    int64_t weeks, weeks_since; // in which it was said; since it was first said, the last 2,000 weeks at most
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
