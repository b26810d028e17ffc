// hours: opening hours, days and lengths of time as people write them.
//
//     mon-fri 09:00-17:00, sat 10-14       one span a day; days that are not named are closed
//     mon+wed 8-12; daily 0-24; always     + joins days
//     2026-12-24 2026-12-31                further days that are closed
//     30m, 4h, 2d                          a length; a bare number is hours, a day is 24 of them
//     reply 4, fix 16h                     a length for each kind of commitment
#ifndef HEED_HOURS_H
#define HEED_HOURS_H

#include "base/civil.h"
#include "know/commitment.h"

// Fills cal->week alone. ERR_invalid names the part and the remedy. At least one day must be open.
must_use bool hours_read(str text, calendar *cal, err *e);
str hours_words(arena *a, const calendar *cal); // in one form, which hours_read reads again
// Days sorted, each once; at most 400.
must_use bool hours_days_read(arena *a, str text, int32_t **days, int *n, err *e);
must_use bool hours_length_read(str text, int64_t *minutes, err *e); // 1 minute to 10 years
str hours_length_words(arena *a, int64_t minutes);                   // "4h", "30m", "1h 30m" is "90m"
must_use bool hours_promises_read(str text, int64_t minutes[COMMITMENT_KINDS], err *e); // 0: not named
str hours_promises_words(arena *a, const int64_t minutes[COMMITMENT_KINDS]);

#endif
