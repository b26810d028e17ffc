#include "base/civil.h"

static bool is_leap(int32_t year) {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

// Years begin in March here, so that the leap day is the last of its year; eras are 400 years of 146,097 days
// (Hinnant, "chrono-compatible low-level date algorithms").
int32_t days_of(ymd d) {
    const int64_t y = (int64_t)d.year - (d.month <= 2);
    const int64_t era = floor_div(y, 400);
    const int64_t of_era = y - era * 400;
    const int64_t of_year = (153 * (d.month + (d.month > 2 ? -3 : 9)) + 2) / 5 + d.day - 1;
    return (int32_t)(era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468);
}

ymd ymd_of(int32_t days) {
    const int64_t z = (int64_t)days + 719468;
    const int64_t era = floor_div(z, 146097);
    const int64_t of_era = z - era * 146097;
    const int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    const int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    const int64_t month = (5 * of_year + 2) / 153;
    const int64_t day = of_year - (153 * month + 2) / 5 + 1;
    return (ymd){(int32_t)(year + era * 400 + (month >= 10)), (int8_t)(month < 10 ? month + 3 : month - 9),
                 (int8_t)day};
}

int32_t days_in_month(int32_t year, int month) {
    static const int8_t common[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (month < 1 || month > 12) return 0;
    return common[month - 1] + (month == 2 && is_leap(year));
}

bool ymd_ok(ymd d) {
    return d.day >= 1 && d.day <= days_in_month(d.year, d.month);
}

int weekday(int32_t days) {
    return (int)(((int64_t)days % 7 + 10) % 7); // day 0 is a Thursday
}

int32_t add_months(int32_t days, int months) {
    ymd d = ymd_of(days);
    const int64_t at = (int64_t)d.year * 12 + d.month - 1 + months;
    d.year = (int32_t)floor_div(at, 12);
    d.month = (int8_t)(at - (int64_t)d.year * 12 + 1);
    d.day = (int8_t)MIN(d.day, days_in_month(d.year, d.month));
    return days_of(d);
}

int32_t anniversary(ymd d, int32_t year, bool after) {
    const bool moved = d.month == 2 && d.day == 29 && !is_leap(year);
    d.year = year;
    if (moved) d.day = 28;
    return days_of(d) + (moved && after);
}

// Decimal digits from the right, with leading zeros.
static void put_digits(char *p, int width, int64_t v) {
    while (width > 0) {
        p[--width] = (char)('0' + v % 10);
        v /= 10;
    }
}

void buf_date(buf *b, int32_t days) {
    const ymd d = ymd_of(days);
    if (d.year < 0 || d.year > 9999) {
        buf_fmt(b, "%" PRId32 "-%02d-%02d", d.year, d.month, d.day);
        return;
    }
    char text[10] = "0000-00-00";
    put_digits(text, 4, d.year);
    put_digits(text + 5, 2, d.month);
    put_digits(text + 8, 2, d.day);
    buf_bytes(b, text, sizeof text);
}

void buf_iso(buf *b, int64_t at_us) {
    const int64_t days = floor_div(at_us, DAY_US);
    const int64_t us = at_us - days * DAY_US;
    const int64_t s = us / SECOND_US, fraction = us % SECOND_US;
    char text[] = "T00:00:00.000000Z";
    put_digits(text + 1, 2, s / 3600);
    put_digits(text + 4, 2, s / 60 % 60);
    put_digits(text + 7, 2, s % 60);
    put_digits(text + 10, 6, fraction);
    const size_t len = fraction == 0 ? 9 : fraction % 1000 == 0 ? 13 : 16;
    text[len] = 'Z';
    buf_date(b, (int32_t)days);
    buf_bytes(b, text, len + 1);
}

str iso_str(arena *a, int64_t at_us) {
    buf b = buf_new(a, 64);
    buf_iso(&b, at_us);
    return buf_str(&b);
}

str date_str(arena *a, int32_t days) {
    buf b = buf_new(a, 32);
    buf_date(&b, days);
    return buf_str(&b);
}

bool time_asked(str x, const zone *z, int64_t now_us, int64_t *at_us) {
    int64_t n;
    bool ago = x.len >= 2 && str_i64(str_sub(x, 0, x.len - 1), &n) && n >= 0 && n <= 40000;
    int32_t today = zone_days(z, now_us);
    if (!ago) return time_parse(x, z, 0, at_us);
    switch (x.s[x.len - 1]) {
    case 'd': today -= (int32_t)n; break;
    case 'w': today -= (int32_t)n * 7; break;
    case 'm': today = add_months(today, -(int)n); break;
    case 'y': today = add_months(today, -(int)n * 12); break;
    default: return time_parse(x, z, 0, at_us);
    }
    *at_us = zone_day_start_us(z, today);
    return true;
}
