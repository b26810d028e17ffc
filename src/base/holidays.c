#include "base/civil.h"

enum rule { FIXED, EASTER, NTH };
enum weekend { STAYS, NEAREST, NEXT };

typedef struct {
    char country[3];
    int16_t first, last;
    enum rule rule;
    int8_t a, b, c;
} holiday;

static const holiday table[] = {
#define HOLIDAY(country, first, last, rule, a, b, c, name) {#country, first, last, rule, a, b, c},
#include "base/holidays.def"
};

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
    case FIXED: return days_of((ymd){year, h->a, h->b});
    case EASTER: return easter(year) + h->a;
    case NTH: return nth(year, h->a, h->b, h->c);
    }
    return 0;
}

typedef struct {
    int32_t days[64];
    int n;
} day_set;

static bool in_set(const day_set *s, int32_t day) {
    for (int i = 0; i < s->n; i++)
        if (s->days[i] == day) return true;
    return false;
}

static void add(day_set *s, int32_t day) {
    assert(s->n < (int)COUNT(s->days));
    if (!in_set(s, day)) s->days[s->n++] = day;
}

// The free day that people get for a holiday on a weekend.
static void add_instead(day_set *s, const holiday *h, int32_t day) {
    const int of_week = weekday(day);
    if (h->rule != FIXED || h->c == STAYS || of_week < 5) return;
    if (h->c == NEAREST) {
        add(s, of_week == 5 ? day - 1 : day + 1);
        return;
    }
    while (weekday(day) >= 5 || in_set(s, day)) day++;
    add(s, day);
}

static int by_day(const void *x, const void *y) {
    const int32_t a = *(const int32_t *)x, b = *(const int32_t *)y;
    return (a > b) - (a < b);
}

int holidays_of(str country, int32_t year, int32_t *days, int max) {
    day_set s = {0};
    // The year after is looked at too: a New Year's Day on a Saturday is kept on 31 December.
    for (int instead = 0; instead < 2; instead++)
        for (int32_t y = year; y <= year + 1; y++)
            for (size_t i = 0; i < COUNT(table); i++) {
                const holiday *h = &table[i];
                if (!str_eq_ci(country, str_c(h->country)) || y < h->first || y > h->last) continue;
                if (instead)
                    add_instead(&s, h, day_in(h, y));
                else
                    add(&s, day_in(h, y));
            }
    qsort(s.days, (size_t)s.n, sizeof *s.days, by_day);
    int n = 0;
    for (int i = 0; i < s.n && n < max; i++)
        if (ymd_of(s.days[i]).year == year) days[n++] = s.days[i];
    return n;
}
