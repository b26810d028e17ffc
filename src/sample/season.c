#include "sample/season.h"
#include "base/civil.h"

enum { DAY_S = 86400, HOUR_S = 3600 };

// clang-format off
static const struct {
    double month[12], weekday[7], hour[24];
    bool rests; // on public holidays
} habits[RHYTHMS] = {
    [RHYTHM_shop] = {
        {0.95, 0.95, 1.00, 0.98, 0.95, 0.88, 0.82, 0.82, 0.97, 1.05, 1.20, 1.60},
        {1.15, 1.05, 1.00, 1.00, 0.90, 0.80, 1.10},
        {0.4, 0.2, 0.1, 0.1, 0.1, 0.3, 0.8, 1.3, 1.7, 2.0, 2.1, 2.0,
         2.1, 1.9, 1.8, 1.8, 1.9, 2.1, 2.4, 3.0, 3.4, 3.0, 2.0, 1.0},
        false},
    [RHYTHM_cafe] = {
        {0.95, 0.95, 1.00, 1.00, 1.02, 1.00, 0.95, 0.92, 1.00, 1.03, 1.05, 1.15},
        {0.80, 0.90, 0.95, 1.00, 1.10, 1.40, 0.85},
        {0, 0, 0, 0, 0, 0, 0, 2.0, 4.0, 3.5, 3.0, 2.5, 3.0, 2.8, 2.2, 2.4, 1.8, 1.0, 0, 0, 0, 0, 0, 0},
        true},
    [RHYTHM_office] = {
        {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1},
        {1, 1, 1, 1, 1, 0, 0},
        {0, 0, 0, 0, 0, 0, 0, 0, 1.0, 1.2, 1.2, 1.1, 0.7, 1.0, 1.1, 1.1, 1.0, 0.6, 0, 0, 0, 0, 0, 0},
        true},
};
// clang-format on

// Christmas shopping ends when parcels can no longer arrive in time.
static double christmas(ymd d) {
    if (d.month != 12) return 1;
    return d.day <= 19 ? 1.2 : d.day <= 23 ? 0.8 : 0.45;
}

static double day_weight(enum rhythm r, int32_t day) {
    ymd d = ymd_of(day);
    if (habits[r].rests) {
        int32_t off[32];
        int n = holidays_of(S("DE"), d.year, off, COUNT(off));
        for (int i = 0; i < n; i++)
            if (off[i] == day) return 0;
    }
    double w = habits[r].month[d.month - 1] * habits[r].weekday[weekday(day)];
    return r == RHYTHM_shop ? w * christmas(d) : w;
}

static void fill_hours(season *s, enum rhythm r) {
    double sum = 0;
    for (int h = 0; h < 24; h++) {
        s->hour_upto[r][h] = sum;
        sum += habits[r].hour[h];
    }
    for (int h = 0; h < 24; h++) s->hour_upto[r][h] /= sum;
    s->hour_upto[r][24] = 1;
}

// The clock reads 0 at the start of the span and the span's length in days at its end, whatever part of the first and
// the last local day lies outside.
static void fill_rhythm(arena *a, season *s, enum rhythm r) {
    fill_hours(s, r);
    double *upto = s->upto[r] = make(a, double, s->days + 1);
    for (int d = 0; d < s->days; d++) upto[d + 1] = upto[d] + day_weight(r, s->first_day + d);
    double from = season_clock(s, r, 0), to = season_clock(s, r, s->end_s);
    double scale = (double)s->end_s / DAY_S / (to - from);
    for (int d = 0; d <= s->days; d++) upto[d] = (upto[d] - from) * scale;
}

bool season_init(arena *a, season *s, int64_t now_us, int years, err *e) {
    zone *z;
    if (!zone_open(a, S("Europe/Berlin"), &z, e)) return false;
    int32_t end_day = (int32_t)(now_us / DAY_US);
    int32_t start_day = add_months(end_day, -12 * years);
    *s = (season){.start_us = start_day * DAY_US, .end_us = now_us};
    s->end_s = (now_us - s->start_us) / SECOND_US;
    s->first_day = zone_days(z, s->start_us);
    s->days = zone_days(z, now_us) - s->first_day + 1;
    s->midnight_s = make(a, int32_t, s->days + 1);
    for (int d = 0; d <= s->days; d++)
        s->midnight_s[d] = (int32_t)((zone_day_start_us(z, s->first_day + d) - s->start_us) / SECOND_US);
    for (enum rhythm r = 0; r < RHYTHMS; r++) fill_rhythm(a, s, r);
    return true;
}

int season_day(const season *s, int64_t at_s) {
    int d = (int)((at_s + 2 * HOUR_S) / DAY_S);
    if (d >= s->days) d = s->days - 1;
    while (d > 0 && at_s < s->midnight_s[d]) d--;
    while (d < s->days - 1 && at_s >= s->midnight_s[d + 1]) d++;
    return d;
}

// A day of 23 or 25 hours is stretched over the 24 of the habits: nobody counts coffee orders at three in the morning.
double season_clock(const season *s, enum rhythm r, int64_t at_s) {
    int d = season_day(s, at_s);
    double length = s->midnight_s[d + 1] - s->midnight_s[d];
    double hour = (double)(at_s - s->midnight_s[d]) / length * 24;
    if (hour > 24) hour = 24;
    int h = (int)hour < 24 ? (int)hour : 23;
    const double *upto = s->hour_upto[r];
    double part = upto[h] + (upto[h + 1] - upto[h]) * (hour - h);
    return s->upto[r][d] + (s->upto[r][d + 1] - s->upto[r][d]) * part;
}

static int last_not_above(const double *v, int n, double x) {
    int lo = 0, hi = n;
    while (hi - lo > 1) {
        int mid = lo + (hi - lo) / 2;
        if (v[mid] <= x)
            lo = mid;
        else
            hi = mid;
    }
    return lo;
}

int64_t season_time(const season *s, enum rhythm r, double days) {
    const double *upto = s->upto[r];
    if (days >= upto[s->days]) return s->midnight_s[s->days];
    int d = last_not_above(upto, s->days, days);
    double width = upto[d + 1] - upto[d];
    double part = width > 0 ? (days - upto[d]) / width : 0;
    int h = last_not_above(s->hour_upto[r], 24, part);
    double step = s->hour_upto[r][h + 1] - s->hour_upto[r][h];
    double hour = h + (step > 0 ? (part - s->hour_upto[r][h]) / step : 0);
    return s->midnight_s[d] + (int64_t)(hour / 24 * (s->midnight_s[d + 1] - s->midnight_s[d]));
}

int64_t season_after(const season *s, enum rhythm r, int64_t at_s, double days) {
    int64_t at = season_time(s, r, season_clock(s, r, at_s) + days);
    return at > at_s ? at : at_s + 1;
}
