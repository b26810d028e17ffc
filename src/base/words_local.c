// Numbers, days and money as people of a language write them: ICU does the work.
#include <unicode/udat.h>
#include <unicode/unumberformatter.h>
#include <unicode/ustring.h>

#include "base/words.h"

enum { TEXT_MOST = 200 };

// ICU's name of a locale. English without a country is the one of no country (001): days before months.
static const char *icu_name(const locale *l, char name[16]) {
    const char *country = l->country[0] ? l->country : l->lang == LOCALE_en ? "001" : "";
    (void)snprintf(name, 16, "%s%s%s", lang_code(l->lang), *country ? "_" : "", country);
    return name;
}

static str to_utf8(arena *a, const UChar *text, int32_t n) {
    char out[TEXT_MOST * 3];
    int32_t len = 0;
    UErrorCode st = U_ZERO_ERROR;
    u_strToUTF8(out, sizeof out, &len, text, n, &st);
    return U_FAILURE(st) ? S("") : str_dup(a, (str){out, (size_t)len});
}

// ---- numbers, by ICU's number skeletons ----

typedef struct {
    bool whole;
    int64_t n;
    double x;
} number;

static str formatted(arena *a, const locale *l, const char *skeleton, number v) {
    UErrorCode st = U_ZERO_ERROR;
    char name[16];
    UChar how[TEXT_MOST], text[TEXT_MOST];
    u_uastrcpy(how, skeleton);
    UNumberFormatter *f = unumf_openForSkeletonAndLocale(how, -1, icu_name(l, name), &st);
    UFormattedNumber *r = unumf_openResult(&st);
    if (v.whole)
        unumf_formatInt(f, v.n, r, &st);
    else
        unumf_formatDouble(f, v.x, r, &st);
    int32_t n = unumf_resultToString(r, text, TEXT_MOST, &st);
    unumf_closeResult(r);
    unumf_close(f);
    if (U_FAILURE(st)) return str_fmt(a, "%g", v.whole ? (double)v.n : v.x);
    for (int32_t i = 0; i < n; i++)
        if (text[i] == '-') text[i] = 0x2212; // the minus of typography, as wide as a digit
    return to_utf8(a, text, n);
}

// ".00" for two digits.
static const char *digits_of(int digits, char out[24]) {
    static const char precision[] = ".000000000000";
    int n = MIN(MAX(digits, 0), 12);
    (void)snprintf(out, 24, "%.*s", n ? n + 1 : 17, n ? precision : "precision-integer");
    return out;
}

str local_count(arena *a, const locale *l, int64_t n) {
    return formatted(a, l, "", (number){.whole = true, .n = n});
}

str local_number(arena *a, const locale *l, double x, int digits) {
    char p[24];
    return formatted(a, l, digits_of(digits, p), (number){.x = x});
}

str local_percent(arena *a, const locale *l, double share, int digits) {
    char p[24], how[64];
    (void)snprintf(how, sizeof how, "percent scale/100 %s", digits_of(digits, p));
    return formatted(a, l, how, (number){.x = share});
}

str local_money(arena *a, const locale *l, int64_t minor, const currency *c) {
    char p[24], how[64];
    double unit = 1;
    int digits = c ? c->exponent : 2;
    for (int i = 0; i < digits; i++) unit *= 10;
    if (c) (void)snprintf(how, sizeof how, "currency/%s %s", c->code, digits_of(digits, p));
    return formatted(a, l, c ? how : digits_of(digits, p), (number){.x = (double)minor / unit});
}

str local_span(arena *a, const locale *l, int64_t us) {
    static const struct {
        const char *unit;
        int64_t us;
    } units[] = {{"year", 365 * DAY_US}, {"month", 30 * DAY_US},     {"week", 7 * DAY_US}, {"day", DAY_US},
                 {"hour", HOUR_US},      {"minute", 60 * SECOND_US}, {"second", SECOND_US}};
    size_t i = 0;
    char how[64];
    while (i + 1 < COUNT(units) && us < 2 * units[i].us) i++;
    (void)snprintf(how, sizeof how, "unit/%s unit-width-full-name", units[i].unit);
    return formatted(a, l, how, (number){.whole = true, .n = MAX(us / units[i].us, 0)});
}

str local_length(arena *a, const locale *l, double s) {
    bool days = s >= 48 * 3600, hours = !days && s >= 5400, minutes = !days && !hours && s >= 90;
    double one = days ? 86400 : hours ? 3600 : minutes ? 60 : 1;
    char p[24], how[96];
    (void)snprintf(how, sizeof how, "unit/%s unit-width-%s %s",
                   days      ? "day"
                   : hours   ? "hour"
                   : minutes ? "minute"
                             : "second",
                   days ? "full-name" : "short", digits_of(hours, p));
    return formatted(a, l, how, (number){.x = s / one});
}

// ---- days ----

static str dated(arena *a, const locale *l, UDateFormatStyle day, UDateFormatStyle hour, double ms) {
    static const UChar utc[] = {'U', 'T', 'C', 0};
    UErrorCode st = U_ZERO_ERROR;
    char name[16];
    UChar text[TEXT_MOST];
    UDateFormat *f = udat_open(hour, day, icu_name(l, name), utc, -1, NULL, 0, &st);
    int32_t n = U_SUCCESS(st) ? udat_format(f, ms, text, TEXT_MOST, NULL, &st) : 0;
    if (f) udat_close(f);
    return U_FAILURE(st) ? S("") : to_utf8(a, text, n);
}

str local_day(arena *a, const locale *l, int32_t days) {
    return dated(a, l, UDAT_LONG, UDAT_NONE, (double)days * 86400e3);
}

str local_day_short(arena *a, const locale *l, int32_t days) {
    return dated(a, l, UDAT_MEDIUM, UDAT_NONE, (double)days * 86400e3);
}

str local_moment(arena *a, const locale *l, int64_t at_us, const zone *z) {
    ymd date;
    int32_t second = zone_second(z, at_us, &date);
    return dated(a, l, UDAT_LONG, UDAT_SHORT, ((double)days_of(date) * 86400 + second) * 1e3);
}
