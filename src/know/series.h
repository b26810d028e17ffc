// series: measures asked as people ask them: which, of what time, split by what, of which customers, and how they
// moved.
#ifndef HEED_SERIES_H
#define HEED_SERIES_H

#include "base/civil.h"
#include "know/measure.h"
#include "stats/many.h"

bool split_of(str name, enum split *out); // "month", "segment", "channel", "source"; "" is none
const char *split_name(enum split s);     // "" for none

typedef struct {
    uint32_t wanted; // bit per enum measure; 0: all that can be split so
    enum split split;
    int64_t since_us, until_us; // 0: the year before now, until now
    bool compare;               // also the time before, of the same length (not for months, which follow one another)
    const id_set *only;         // the profiles of a segment; NULL: everybody
    int64_t clock_us;
} series_ask;

enum { SERIES_MONTHS = 240 };

typedef struct {
    const zone *z;
    enum split split;
    uint32_t wanted;
    int64_t now_us; // see as_of_us
    bool historic, compared;
    time_span *spans; // the months; or the time, and with compare the time before it
    int n_spans;
    panel *p;
} series;

must_use bool series_read(arena *a, store *s, const series_ask *ask, series *out, err *e);

// A row of a series: a month, or a group, or all of the time; and how it moved against the one before.
typedef struct {
    int span, group;
    estimate now, before;
    change moved;
    enum verdict verdict;
} series_row;
// The rows of one measure. Its changes are judged together, so that one in twenty does not cry wolf.
series_row *series_rows(arena *a, const series *x, enum measure m, size_t *n);

#endif
