// occasion: days of the calendar that come round again: a birthday, an anniversary, the end of a contract's term.
//
// Such a day is a civil date where the customer lives. Who was born on 29 February has their day in common years on the
// 28th, or on 1 March where the law says so.
#ifndef HEED_OCCASION_H
#define HEED_OCCASION_H

#include "base/civil.h"

// A birthday as people and systems write it: 1988-02-29 (what follows the date is left out: it is no instant),
// --02-29 and 02-29 without a year. Years before 1900 and those that stand for none (1604, 1900, 1904) are read as
// unknown: year 0.
bool birthday_read(str x, ymd *out);

// Where 29 February moves to 1 March in common years.
bool occasion_moves_on(str country);

// The first day on or after `from` on which it comes round, and how many years after the first it is then (0: the year
// is not known). The first day itself does not count as coming round.
int32_t occasion_next(ymd first, int32_t from, bool moves_on, int32_t *years);
// The same by terms of months: a contract of 12 months that began on `first`.
int32_t term_next(int32_t first, int32_t months, int32_t from);

// The zone by whose day a country lives; the home's own zone when it lies in that country. Empty: not known.
str country_zone(arena *a, str country, str home_zone);

// Zones opened once each, by name or country.
typedef struct zones zones;
zones *zones_new(arena *a, const zone *home);
// The zone of a customer: the one that they told, else that of their country, else the company's.
const zone *zones_of(zones *k, str told, str country);

#endif
