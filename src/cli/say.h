// say: amounts, scores and times in the words of people. Texts live in a.
#ifndef HEED_SAY_H
#define HEED_SAY_H

#include "base/civil.h"
#include "ledger/event.h"

str say_time(arena *a, const zone *z, int64_t at_us); // "2026-01-31 14:05" in the zone
str say_day(arena *a, const zone *z, int64_t at_us);
str say_ago(arena *a, int64_t at_us, int64_t now_us); // "3 days", "5 hours", "2 years": how long it is
str say_money(arena *a, int64_t minor, int32_t unit);
str say_score(arena *a, int64_t score, enum instrument i);                            // "4 of 5 stars", "9 of 10"
str say_value(arena *a, enum kind kind, bool has_value, int64_t value, int32_t unit); // empty when there is none
str say_n(arena *a, int64_t n, const char *one, const char *many);                    // "1 row", "1,200 rows"
str say_kind(arena *a, enum kind kind);                                               // "message in"

#endif
