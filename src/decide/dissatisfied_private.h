// dissatisfied_private: what the files of decide/dissatisfied… share.
#ifndef HEED_DISSATISFIED_PRIVATE_H
#define HEED_DISSATISFIED_PRIVATE_H

#include "base/civil.h"
#include "decide/dissatisfied.h"
#include "know/timeline.h"

// What is known of a customer beside their signs, all of it before the moment asked for.
typedef struct {
    int64_t answered_us, good_us, said_us;
    int64_t cleared_us; // when a colleague said last that they are not, or that it is dealt with
    enum judged_says said;
} about_one;

typedef struct {
    arena *a, scratch;
    store *s;
    zone *z;
    int64_t at_us, heard_us;
    int32_t day;
    sign *v; // found, in no order
    size_t n, room;
    map64 who; // customer → index into people
    about_one *people;
    size_t n_people, room_people;
} gathering;

about_one *gather_about(gathering *g, int64_t customer);
void gather_sign(gathering *g, sign x);
int64_t gather_since(const gathering *g, enum signal x); // its window begins
// Words and scores, conversations, promises, agreements, what people said; then, of each customer, money and silence.
must_use bool gather_said(gathering *g, err *e);
must_use bool gather_talks(gathering *g, err *e);
must_use bool gather_owed(gathering *g, err *e);
must_use bool gather_judged(gathering *g, err *e);
must_use bool gather_summary(gathering *g, arena scratch, const row *r, const timeline *t, err *e);
bool gather_needs_timeline(const gathering *g, const row *r); // else t may be NULL
// Were they in their rhythm of buying at that moment: four days and more, and not silent yet? quiet: or silent.
bool rhythm_at(arena scratch, const timeline *t, int32_t day, int32_t *gap_days, int32_t *last_day);
bool rhythm_is_silent(int32_t gap_days, int32_t silent_days);

#endif
