#include <unicode/ucal.h>
#include <unicode/ustring.h>

#include "base/civil.h"

// A stretch of time with one offset from UTC. Everything here counts whole seconds: no zone changes between two.
typedef struct {
    int64_t from_s;
    int32_t offset_s;
} span;

enum { NEAR_SHIFT = 24, NEARS = 377, MAX_SPANS = 1024 };
#define FIRST_S INT64_C(-2208988800) // 1900-01-01
#define LAST_S  INT64_C(4102444800)  // 2100-01-01; outside the two the nearest offset holds
#define NEVER_S (INT64_MAX / 4)

// Nothing changes after opening, so threads may share a zone. `near` makes a look-up two steps: it names the span at
// the start of every stretch of 2^24 seconds (194 days), and few stretches see more than one change.
struct zone {
    str name;
    const span *spans; // the first begins before all time; one more after the last begins never
    uint16_t near[NEARS];
};

static const span utc_spans[] = {{-NEVER_S, 0}, {NEVER_S, 0}};
static const zone utc = {.name = {"UTC", 3}, .spans = utc_spans};

static const span *span_at(const zone *z, int64_t s) {
    if (!z) z = &utc;
    const int64_t n = (s - FIRST_S) >> NEAR_SHIFT;
    const span *p = z->spans + z->near[n < 0 ? 0 : n >= NEARS ? NEARS - 1 : n];
    while (p[1].from_s <= s) p++;
    return p;
}

// Every change of offset that ICU knows between FIRST_S and LAST_S; returns how many spans.
static int spans_of(UCalendar *cal, span *spans, UErrorCode *st) {
    int n = 0;
    UDate at = (double)FIRST_S * 1000;
    do {
        ucal_setMillis(cal, at, st);
        const int32_t ms = ucal_get(cal, UCAL_ZONE_OFFSET, st) + ucal_get(cal, UCAL_DST_OFFSET, st);
        if (U_FAILURE(*st)) return 0;
        const int64_t from = n == 0 ? -NEVER_S : (int64_t)(at / 1000);
        if (n == 0 || spans[n - 1].offset_s != ms / 1000) spans[n++] = (span){from, ms / 1000};
    } while (n < MAX_SPANS - 1 && ucal_getTimeZoneTransitionDate(cal, UCAL_TZ_TRANSITION_NEXT, &at, st) &&
             at < (double)LAST_S * 1000);
    spans[n] = (span){NEVER_S, 0};
    return n;
}

static void fill_near(zone *z) {
    uint16_t i = 0;
    for (int k = 0; k < NEARS; k++) {
        const int64_t s = FIRST_S + ((int64_t)k << NEAR_SHIFT);
        while (z->spans[i + 1].from_s <= s) i++;
        z->near[k] = i;
    }
}

// ICU takes any text for a zone and silently means GMT, so the name is looked up first.
static bool known_zone(str iana, UChar *id, int32_t capacity) {
    if (iana.len >= (size_t)capacity || str_eq(iana, S("Etc/Unknown"))) return false;
    for (size_t i = 0; i < iana.len; i++) {
        const char c = iana.s[i];
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && !(c >= '0' && c <= '9') && (c == 0 || !strchr("/_+-:", c))) return false;
        id[i] = (UChar)c;
    }
    UChar canonical[128];
    UBool is_system = 0;
    UErrorCode st = U_ZERO_ERROR;
    ucal_getCanonicalTimeZoneID(id, (int32_t)iana.len, canonical, (int32_t)COUNT(canonical), &is_system, &st);
    return U_SUCCESS(st);
}

bool zone_open(arena *a, str iana, zone **out, err *e) {
    if (iana.len == 0) iana = S("UTC");
    UChar id[64];
    if (!known_zone(iana, id, (int32_t)COUNT(id)))
        return fail(e, ERR_invalid, "\"%.*s\" is not a time zone; write one like \"Europe/Berlin\"",
                    (int)MIN(iana.len, 80), iana.s);
    UErrorCode st = U_ZERO_ERROR;
    UCalendar *cal = ucal_open(id, (int32_t)iana.len, "", UCAL_GREGORIAN, &st);
    span found[MAX_SPANS];
    const int n = U_SUCCESS(st) ? spans_of(cal, found, &st) : 0;
    if (cal) ucal_close(cal);
    if (U_FAILURE(st)) return fail(e, ERR_internal, "time zone \"%.*s\": %s", STR_ARG(iana), u_errorName(st));
    span *spans = make(a, span, n + 1);
    memcpy(spans, found, (size_t)(n + 1) * sizeof *spans);
    zone *z = make(a, zone, 1);
    z->name = str_dup(a, iana);
    z->spans = spans;
    fill_near(z);
    *out = z;
    return true;
}

str zone_name(const zone *z) {
    return z ? z->name : utc.name;
}

int32_t zone_offset_s(const zone *z, int64_t at_us) {
    return span_at(z, floor_div(at_us, SECOND_US))->offset_s;
}

int32_t zone_days(const zone *z, int64_t at_us) {
    const int64_t s = floor_div(at_us, SECOND_US);
    return (int32_t)floor_div(s + span_at(z, s)->offset_s, 86400);
}

int32_t zone_second(const zone *z, int64_t at_us, ymd *date) {
    const int64_t s = floor_div(at_us, SECOND_US);
    const int64_t local = s + span_at(z, s)->offset_s;
    const int64_t days = floor_div(local, 86400);
    if (date) *date = ymd_of((int32_t)days);
    return (int32_t)(local - days * 86400);
}

// The first span that ends after a local time. If the local time lies before its start it was skipped.
// Two days earlier is before it whatever the offsets are: Samoa once changed by a whole day.
static const span *span_of_local(const zone *z, int64_t local, bool *skipped) {
    const span *p = span_at(z, local - 2 * 86400);
    while (local >= p[1].from_s + p[0].offset_s) p++;
    *skipped = local < p->from_s + p->offset_s;
    return p;
}

int64_t zone_us(const zone *z, ymd date, int32_t second) {
    const int64_t local = (int64_t)days_of(date) * 86400 + second;
    bool skipped;
    const span *p = span_of_local(z, local, &skipped);
    return (local - (skipped ? p[-1].offset_s : p->offset_s)) * SECOND_US;
}

int64_t zone_day_start_us(const zone *z, int32_t days) {
    const int64_t local = (int64_t)days * 86400;
    bool skipped;
    const span *p = span_of_local(z, local, &skipped);
    return (skipped ? p->from_s : local - p->offset_s) * SECOND_US;
}

int64_t zone_change_us(const zone *z, int64_t at_us) {
    const int64_t next = span_at(z, floor_div(at_us, SECOND_US))[1].from_s;
    return next >= NEVER_S ? INT64_MAX : next * SECOND_US;
}
