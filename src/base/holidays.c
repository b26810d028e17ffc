#include "base/civil.h"

enum rule { FIXED, EASTER, NTH, SINCE, EVEN, BRIGID, NAFELS };
enum weekend { STAYS, NEAREST, NEXT, MONDAY, BEFORE };

typedef struct {
    char country[3];
    const char *regions; // "BW BY"; NULL: all of it
    int16_t first, last;
    enum rule rule;
    int8_t a, b, c;
    const char *name;
} holiday;

static const holiday table[] = {
#define HOLIDAY(country, first, last, rule, a, b, c, name)     {#country, NULL, first, last, rule, a, b, c, name},
#define IN(country, regions, first, last, rule, a, b, c, name) {#country, regions, first, last, rule, a, b, c, name},
#define ALONE(country, region)
#define WITHOUT(country, regions, name)
#define REGION(code, name)
#include "base/holidays.def"
};
static const struct {
    const char *country, *region;
} alone[] = {
#define HOLIDAY(country, first, last, rule, a, b, c, name)
#define IN(country, regions, first, last, rule, a, b, c, name)
#define ALONE(country, region) {#country, region},
#define WITHOUT(country, regions, name)
#define REGION(code, name)
#include "base/holidays.def"
};
static const struct {
    const char *country, *regions, *name;
} without[] = {
#define HOLIDAY(country, first, last, rule, a, b, c, name)
#define IN(country, regions, first, last, rule, a, b, c, name)
#define ALONE(country, region)
#define WITHOUT(country, regions, name) {#country, regions, name},
#define REGION(code, name)
#include "base/holidays.def"
};
static const holiday_region regions[] = {
#define HOLIDAY(country, first, last, rule, a, b, c, name)
#define IN(country, regions, first, last, rule, a, b, c, name)
#define ALONE(country, region)
#define WITHOUT(country, regions, name)
#define REGION(code, name) {code, name},
#include "base/holidays.def"
};

const holiday_region *holiday_regions(size_t *n) {
    return *n = COUNT(regions), regions;
}

// The anonymous algorithm that "Nature" printed in 1876, as in Meeus, Astronomical Algorithms, chapter 8.
int32_t easter(int32_t year) {
    const int32_t a = year % 19, b = year / 100, c = year % 100;
    const int32_t g = (8 * b + 13) / 25;
    const int32_t h = (19 * a + b - b / 4 - g + 15) % 30;
    const int32_t l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
    const int32_t m = (a + 11 * h + 22 * l) / 451;
    const int32_t n = h + l - 7 * m + 114;
    return days_of((ymd){year, (int8_t)(n / 31), (int8_t)(n % 31 + 1)});
}

static int32_t nth(int32_t year, int month, int day_of_week, int n) {
    const int32_t first = days_of((ymd){year, (int8_t)month, 1});
    if (n > 0) return first + (day_of_week - weekday(first) + 7) % 7 + 7 * (n - 1);
    const int32_t last = first + days_in_month(year, month) - 1;
    return last - (weekday(last) - day_of_week + 7) % 7;
}

static int32_t day_in(const holiday *h, int32_t year) {
    switch (h->rule) {
    case FIXED: {
        const int32_t day = days_of((ymd){year, h->a, h->b});
        return h->c == BEFORE && weekday(day) == 6 ? day - 1 : day;
    }
    case EASTER: return easter(year) + h->a;
    case NTH: return nth(year, h->a, h->b, h->c);
    case SINCE:
    case EVEN: {
        const int32_t from = days_of((ymd){year, h->a, h->b});
        return from + (h->c - weekday(from) + 7) % 7;
    }
    case BRIGID: {
        const int32_t first = days_of((ymd){year, 2, 1});
        return weekday(first) == 4 ? first : nth(year, 2, 0, 1);
    }
    case NAFELS: {
        const int32_t first = nth(year, 4, 3, 1);
        return first == easter(year) - 3 ? first + 7 : first;
    }
    }
    return 0;
}

typedef struct {
    int32_t days;
    const holiday *of;
    bool instead;
} kept_day;
typedef struct {
    kept_day days[64];
    int n;
} day_set;

static bool in_set(const day_set *s, int32_t day) {
    for (int i = 0; i < s->n; i++)
        if (s->days[i].days == day) return true;
    return false;
}

static void add(day_set *s, const holiday *h, int32_t day, bool instead) {
    assert(s->n < (int)COUNT(s->days));
    if (!in_set(s, day)) s->days[s->n++] = (kept_day){day, h, instead};
}

// The free day that people get for a holiday on a weekend.
static void add_instead(day_set *s, const holiday *h, int32_t day) {
    const int of_week = weekday(day);
    if (h->rule != FIXED || h->c == STAYS || h->c == BEFORE || of_week < (h->c == MONDAY ? 6 : 5)) return;
    if (h->c == NEAREST) {
        add(s, h, of_week == 5 ? day - 1 : day + 1, true);
        return;
    }
    while (weekday(day) >= 5 || in_set(s, day)) day++;
    add(s, h, day, true);
}

static int by_day(const void *x, const void *y) {
    const int32_t a = ((const kept_day *)x)->days, b = ((const kept_day *)y)->days;
    return (a > b) - (a < b);
}

static bool known_region(str code) {
    for (size_t i = 0; i < COUNT(regions); i++)
        if (str_eq_ci(code, str_c(regions[i].code))) return true;
    return false;
}

static bool is_alone(str country, str region) {
    for (size_t i = 0; region.len && i < COUNT(alone); i++)
        if (str_eq_ci(country, str_c(alone[i].country)) && str_eq_ci(region, str_c(alone[i].region))) return true;
    return false;
}

static bool among(str region, const char *list) {
    for (str rest = str_c(list); region.len && rest.s;)
        if (str_eq_ci(region, str_cut(&rest, ' '))) return true;
    return false;
}

static bool kept_in(const holiday *h, str country, str region, bool all_own) {
    if (!str_eq_ci(country, str_c(h->country))) return false;
    if (h->regions) return among(region, h->regions);
    for (size_t i = 0; region.len && i < COUNT(without); i++)
        if (!strcmp(without[i].country, h->country) && !strcmp(without[i].name, h->name) &&
            among(region, without[i].regions))
            return false;
    return !all_own;
}

static bool in_year(const holiday *h, int32_t year) {
    return year >= h->first && year <= h->last && !(h->rule == EVEN && year % 2);
}

// Also those of the year after: a New Year's Day on a Saturday is kept on 31 December.
static void kept_days(str country, int32_t year, day_set *s) {
    s->n = 0;
    if (str_has(country, S("-")) && !known_region(country)) return;
    str region = country;
    country = str_cut(&region, '-');
    const bool all_own = is_alone(country, region);
    for (int instead = 0; instead < 2; instead++)
        for (int32_t y = year; y <= year + 1; y++)
            for (size_t i = 0; i < COUNT(table); i++) {
                const holiday *h = &table[i];
                if (!kept_in(h, country, region, all_own) || !in_year(h, y)) continue;
                if (instead)
                    add_instead(s, h, day_in(h, y));
                else
                    add(s, h, day_in(h, y), false);
            }
    if (s->n) qsort(s->days, (size_t)s->n, sizeof *s->days, by_day);
}

int holidays_of(str country, int32_t year, int32_t *days, int max) {
    day_set s;
    int n = 0;
    kept_days(country, year, &s);
    for (int i = 0; i < s.n && n < max; i++)
        if (ymd_of(s.days[i].days).year == year) days[n++] = s.days[i].days;
    return n;
}

// A region that stands alone has rows for what the whole country keeps too.
static bool everywhere(const holiday *h) {
    for (size_t i = 0; i < COUNT(table); i++)
        if (!table[i].regions && !strcmp(table[i].country, h->country) && !strcmp(table[i].name, h->name)) return true;
    return false;
}

int holidays_named(str country, int32_t year, holiday_named *out, int max) {
    day_set s;
    int n = 0;
    kept_days(country, year, &s);
    for (int i = 0; i < s.n && n < max; i++) {
        const kept_day *k = &s.days[i];
        if (ymd_of(k->days).year == year)
            out[n++] = (holiday_named){k->days, k->of->name, !everywhere(k->of), k->instead};
    }
    return n;
}

size_t holiday_countries(const char **out, size_t max) {
    size_t n = 0;
    for (size_t i = 0; i < COUNT(table); i++) {
        size_t at = 0;
        while (at < n && strcmp(out[at], table[i].country) < 0) at++;
        if ((at < n && !strcmp(out[at], table[i].country)) || n == max) continue;
        memmove(out + at + 1, out + at, (n - at) * sizeof *out);
        out[at] = table[i].country, n++;
    }
    return n;
}
