#include <unicode/ucal.h>
#include <unicode/uenum.h>

#include "act/occasion.h"

// ---- birthdays ----

static bool digits(str x, size_t at, size_t n, int32_t *v) {
    *v = 0;
    if (at + n > x.len) return false;
    for (size_t i = at; i < at + n; i++) {
        if (x.s[i] < '0' || x.s[i] > '9') return false;
        *v = *v * 10 + (x.s[i] - '0');
    }
    return true;
}

static bool month_day(str x, size_t at, int32_t year, ymd *out) {
    int32_t month, day;
    if (!digits(x, at, 2, &month) || at + 2 >= x.len || x.s[at + 2] != '-' || !digits(x, at + 3, 2, &day)) return false;
    *out = (ymd){year, (int8_t)month, (int8_t)day};
    ymd whole = {year ? year : 2000, (int8_t)month, (int8_t)day};
    return month <= 12 && ymd_ok(whole);
}

// Calendars of phones keep 1604 for "no year", spreadsheets 1900 and 1904.
static int32_t year_known(int32_t year) {
    return year <= 1900 || year == 1904 ? 0 : year;
}

bool birthday_read(str x, ymd *out) {
    int32_t year;
    x = str_trim(x);
    if (str_starts(x, S("--"))) return x.len == 7 && month_day(x, 2, 0, out);
    if (x.len == 5) return month_day(x, 0, 0, out);
    if (!digits(x, 0, 4, &year) || x.len < 10 || x.s[4] != '-' || !month_day(x, 5, year, out)) return false;
    out->year = year_known(year);
    return x.len == 10 || x.s[10] == 'T' || x.s[10] == ' ';
}

// England and Wales, and Hong Kong (Age of Majority (Related Provisions) Ordinance, cap. 410, s. 5).
bool occasion_moves_on(str country) {
    return str_eq_ci(country, S("GB")) || str_eq_ci(country, S("HK"));
}

// ---- coming round ----

int32_t occasion_next(ymd first, int32_t from, bool moves_on, int32_t *years) {
    int32_t year = ymd_of(from).year;
    if (first.year) year = MAX(year, first.year + 1);
    int32_t day = anniversary(first, year, moves_on);
    if (day < from) day = anniversary(first, ++year, moves_on);
    *years = first.year ? year - first.year : 0;
    return day;
}

int32_t term_next(int32_t first, int32_t months, int32_t from) {
    ymd a = ymd_of(first), b = ymd_of(from);
    int64_t apart = (int64_t)(b.year - a.year) * 12 + b.month - a.month;
    int64_t k = MAX(apart / months - 1, 1);
    while (add_months(first, (int)(k * months)) < from) k++;
    return add_months(first, (int)(k * months));
}

// ---- zones ----

static const struct {
    const char *country, *zone;
} several[] = {
#define COUNTRY_ZONE(country, zone) {#country, zone},
#include "act/zones.def"
};

// The only zone that ICU places in a country, or the home's when it is one of them.
static str only_zone(arena *a, const char *country, str home) {
    UErrorCode st = U_ZERO_ERROR;
    UEnumeration *all = ucal_openTimeZoneIDEnumeration(UCAL_ZONE_TYPE_CANONICAL_LOCATION, country, NULL, &st);
    str found = {0};
    int32_t n = 0, len;
    for (const char *id; U_SUCCESS(st) && (id = uenum_next(all, &len, &st)) && U_SUCCESS(st); n++) {
        found = str_dup(a, (str){id, (size_t)len});
        if (str_eq(found, home)) return uenum_close(all), found;
    }
    uenum_close(all);
    return n == 1 ? found : (str){0};
}

str country_zone(arena *a, str country, str home_zone) {
    if (country.len != 2) return (str){0};
    for (size_t i = 0; i < 2; i++)
        if ((country.s[i] | 32) < 'a' || (country.s[i] | 32) > 'z') return (str){0};
    char code[3] = {(char)(country.s[0] & ~32), (char)(country.s[1] & ~32), 0};
    str id = only_zone(a, code, home_zone);
    for (size_t i = 0; !id.len && i < COUNT(several); i++)
        if (str_eq(str_c(code), str_c(several[i].country))) id = str_c(several[i].zone);
    return id;
}

typedef struct {
    str name; // of a zone, or a country in two letters
    const zone *z;
} named_zone;

enum { MOST_ZONES = 1024 };

struct zones {
    arena *a;
    const zone *home;
    named_zone of[MOST_ZONES];
    size_t n;
};

zones *zones_new(arena *a, const zone *home) {
    zones *k = make(a, zones, 1);
    k->a = a, k->home = home;
    return k;
}

// What is not known is remembered too, as NULL with `known` false.
static const zone *find(zones *k, str name, bool is_country, bool *known) {
    for (size_t i = 0; i < k->n; i++)
        if (str_eq_ci(k->of[i].name, name)) return *known = k->of[i].z != NULL, k->of[i].z;
    zone *z = NULL;
    err quiet = {0};
    str id = is_country ? country_zone(k->a, name, zone_name(k->home)) : name;
    if (id.len && !zone_open(k->a, id, &z, &quiet)) z = NULL;
    if (k->n < MOST_ZONES) k->of[k->n++] = (named_zone){str_dup(k->a, name), z};
    return *known = z != NULL, z;
}

const zone *zones_of(zones *k, str told, str country) {
    bool known = false;
    const zone *z = NULL;
    if (told.len) z = find(k, told, false, &known);
    if (!known && country.len == 2) z = find(k, country, true, &known);
    return known ? z : k->home;
}
