// season: how fast life runs. A rhythm is a clock that ticks faster in December, on Saturdays and in the evening.
//
// Each rhythm maps real seconds to its own days one to one and in order, so a process that is Poisson on the rhythm's
// clock has that rhythm's seasons in real time and keeps its textbook formulas. Over the whole span, one rhythm day is
// one calendar day on average. Real time is seconds since the span began; local time is Berlin's.
#ifndef HEED_SAMPLE_SEASON_H
#define HEED_SAMPLE_SEASON_H

#include "base/base.h"

enum rhythm { RHYTHM_shop, RHYTHM_cafe, RHYTHM_office, RHYTHMS };

typedef struct {
    int64_t start_us, end_us;      // the span; start is a midnight in UTC
    int64_t end_s;                 // its length in seconds
    int days;                      // civil days that it touches, one more at the end
    int32_t first_day;             // the civil day of start in Berlin
    int32_t *midnight_s;           // when each local day begins; days + 1 entries
    double *upto[RHYTHMS];         // rhythm days passed at each midnight; days + 1 entries
    double hour_upto[RHYTHMS][25]; // share of a day's ticks before each hour
} season;

must_use bool season_init(arena *a, season *s, int64_t now_us, int years, err *e);

double season_clock(const season *s, enum rhythm r, int64_t at_s); // rhythm days passed
int64_t season_time(const season *s, enum rhythm r, double days);  // the inverse; end_s or later when beyond the span
int64_t season_after(const season *s, enum rhythm r, int64_t at_s, double days); // that many rhythm days later
int season_day(const season *s, int64_t at_s);                                   // local day number within the span

#endif
