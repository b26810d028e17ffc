// figure: measures in the words of people: "39, likely 30 to 47", "clearly better".
#ifndef HEED_FIGURE_H
#define HEED_FIGURE_H

#include "base/json.h"
#include "base/words.h"
#include "know/measure.h"
#include "stats/many.h"

str figure_value(arena *a, enum unit u, double v);          // "39", "12.3 %", "8.4", "2 h 5 min"
str figure_range(arena *a, enum unit u, const estimate *e); // "likely 30 to 47"
str figure_change(arena *a, enum unit u, const change *c);  // "+12 (from -8 to +33)"; empty when there is none
// The same for who reads another language.
str figure_value_in(arena *a, const locale *l, enum unit u, double v);
str figure_range_in(arena *a, const locale *l, enum unit u, const estimate *e);
void figure_json(json_out *j, const char *key, const estimate *e);
void figure_change_json(json_out *j, const char *key, const change *c);
const char *figure_state(enum estimate_state s); // "ok", "thin", "none", "refused"
const char *figure_verdict(enum verdict v);      // "better", "worse", "no_change", "too_few", "none": for JSON

#endif
