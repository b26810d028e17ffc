// civil: dates, times, zones and business hours as people use them. Zones and locales come from ICU.
//
// Instants are microseconds since 1970-01-01T00:00Z (int64_t …_us). A civil date is days since 1970-01-01 (int32_t).
#ifndef HEED_CIVIL_H
#define HEED_CIVIL_H

#include "base/base.h"

#define SECOND_US INT64_C(1000000)
#define HOUR_US   (3600 * SECOND_US)
#define DAY_US    (24 * HOUR_US)

static inline int64_t floor_div(int64_t a, int64_t b) {
    return a / b - (a % b < 0); // b > 0; rounds towards the past, as the days before 1970 need
}

typedef struct {
    int32_t year;
    int8_t month, day;
} ymd; // month 1..12, day 1..31

int32_t days_of(ymd d); // proleptic Gregorian
ymd ymd_of(int32_t days);
bool ymd_ok(ymd d);
int32_t days_in_month(int32_t year, int month);
int weekday(int32_t days);                    // 0 Monday … 6 Sunday
int32_t add_months(int32_t days, int months); // the day is clamped: 31 January + 1 = 28 or 29 February
// The anniversary of d in a year; 29 February falls on 28 February in common years (or 1 March if after is true).
int32_t anniversary(ymd d, int32_t year, bool after);

// A time zone; lives in its arena and never changes, so threads may share it. NULL is UTC. Before 1900 and after 2100
// the nearest known offset holds.
typedef struct zone zone;
must_use bool zone_open(arena *a, str iana, zone **out, err *e); // "Europe/Berlin"; empty = UTC; ERR_invalid names it
str zone_name(const zone *z);
int32_t zone_days(const zone *z, int64_t at_us);              // the civil date there
int32_t zone_second(const zone *z, int64_t at_us, ymd *date); // second of the day there (0..86399), and the date
int32_t zone_offset_s(const zone *z, int64_t at_us);
// The instant of a civil time there. A time skipped by DST moves forward by the gap; an ambiguous one is the earlier.
int64_t zone_us(const zone *z, ymd date, int32_t second);
int64_t zone_day_start_us(const zone *z, int32_t days); // midnight, or the first instant of a day without one
int64_t zone_change_us(const zone *z, int64_t at_us);   // the next change of offset; INT64_MAX if none known

// Reads the times that systems write: ISO 8601 (date, T or blank, fraction to ns, Z or offset, no zone = z),
// "YYYYMMDD", unix s / ms / us / ns as integers of nine digits or more, float s, "2026-01-02 11:11:26 +0530",
// "2026-01-02 02:38:54 UTC", "1/2/2026 13:04:05", "01.02.2026 13:04", "01/02/2026 10:11:12 AM", RFC 2822,
// "Jan 2, 2026", "2 Jan 2026". Years 1 to 9999; two digits mean 1969 to 2068.
// day_first: 1 day before month, -1 month before day, 0 unknown: month first unless impossible. With points the day is
// always first. False if not a time, also if day_first makes it impossible.
bool time_parse(str x, const zone *z, int day_first, int64_t *at_us);
// A time as a person asks for it: any of these, or "30d", "8w", "6m", "1y" ago (months and years by the calendar).
bool time_asked(str x, const zone *z, int64_t now_us, int64_t *at_us);
// Decides day_first from a column of examples: 1, -1, or 0 when every example allows both.
int time_day_first(const str *examples, size_t n);

void buf_iso(buf *b, int64_t at_us); // "2026-01-02T03:04:05Z", fraction only when there is one
void buf_date(buf *b, int32_t days); // "2026-01-02"
str iso_str(arena *a, int64_t at_us);
str date_str(arena *a, int32_t days);

// Business time: weekly opening hours in a zone less holidays.
typedef struct {
    const zone *z;
    struct {
        int32_t open_s, close_s;
    } week[7];               // wall clock seconds of the day, Monday first; equal = closed
    const int32_t *holidays; // civil dates, sorted
    int n_holidays;
} calendar;
calendar calendar_always(const zone *z);                                    // every hour counts
calendar calendar_weekdays(const zone *z, int32_t open_s, int32_t close_s); // Monday to Friday
int64_t business_us(const calendar *c, int64_t from_us, int64_t to_us);     // open time between; negative if to < from
// The first instant by which that much open time has passed; backwards if open_us < 0, then the last instant with that
// much before from_us. INT64_MAX or INT64_MIN if there never is so much.
int64_t business_add(const calendar *c, int64_t from_us, int64_t open_us);
bool is_business_day(const calendar *c, int32_t days);
int32_t easter(int32_t year); // Gregorian, days since 1970
// Public holidays of a country in a year ("DE"), or of a region of it ("DE-BY", as ISO 3166-2 has it), sorted, with the
// weekdays given instead of weekends; returns how many (0 if not known). Room for 32 is enough.
int holidays_of(str country, int32_t year, int32_t *days, int max);
typedef struct {
    int32_t days;
    const char *name; // in English
    bool regional;    // only some regions of the country keep it
    bool instead;     // a weekday given for one on a weekend
} holiday_named;
int holidays_named(str country, int32_t year, holiday_named *out, int max); // the same with their names
typedef struct {
    const char *code, *name; // as the region calls itself
} holiday_region;
const holiday_region *holiday_regions(size_t *n); // those with holidays of their own, by country
enum { HOLIDAY_COUNTRIES = 32 };
size_t holiday_countries(const char **out, size_t max); // whose holidays are known, by code; at most so many

#endif
