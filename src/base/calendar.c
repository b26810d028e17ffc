#include "base/civil.h"

calendar calendar_always(const zone *z) {
    calendar c = {.z = z};
    for (int i = 0; i < 7; i++) c.week[i].close_s = 86400;
    return c;
}

calendar calendar_weekdays(const zone *z, int32_t open_s, int32_t close_s) {
    calendar c = {.z = z};
    for (int i = 0; i < 5; i++) {
        c.week[i].open_s = open_s;
        c.week[i].close_s = close_s;
    }
    return c;
}

// How much of a weekday's hours lies before a time of that day.
static int64_t open_before(const calendar *c, int of_week, int64_t us) {
    const int64_t open = c->week[of_week].open_s * SECOND_US, close = c->week[of_week].close_s * SECOND_US;
    return us <= open ? 0 : MIN(us, close) - open;
}

static int64_t open_in_day(const calendar *c, int of_week) {
    return (c->week[of_week].close_s - c->week[of_week].open_s) * SECOND_US;
}

static int64_t open_in_week(const calendar *c) {
    int64_t sum = 0;
    for (int i = 0; i < 7; i++) sum += open_in_day(c, i);
    return sum;
}

// The index of the first holiday on or after a day.
static int holiday_from(const calendar *c, int64_t day) {
    int lo = 0, hi = c->n_holidays;
    while (lo < hi) {
        const int mid = lo + (hi - lo) / 2;
        if (c->holidays[mid] < day)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

bool is_business_day(const calendar *c, int32_t days) {
    if (open_in_day(c, weekday(days)) <= 0) return false;
    const int i = holiday_from(c, days);
    return i == c->n_holidays || c->holidays[i] != days;
}

// Hours by the clock on the wall from day 0 to a local time, as if there were no holidays.
static int64_t weekly(const calendar *c, int64_t local_us) {
    const int64_t day = floor_div(local_us, DAY_US);
    const int64_t monday = day + 3; // day 0 is a Thursday
    const int64_t weeks = floor_div(monday, 7);
    const int of_week = (int)(monday - weeks * 7);
    int64_t sum = weeks * open_in_week(c) + open_before(c, of_week, local_us - day * DAY_US);
    for (int i = 0; i < of_week; i++) sum += open_in_day(c, i);
    return sum;
}

// The hours that holidays take away between two local times.
static int64_t closed(const calendar *c, int64_t from, int64_t to) {
    int64_t sum = 0;
    const int64_t last = floor_div(to, DAY_US);
    for (int i = holiday_from(c, floor_div(from, DAY_US)); i < c->n_holidays && c->holidays[i] <= last; i++) {
        const int64_t start = c->holidays[i] * DAY_US;
        if (i > 0 && c->holidays[i] == c->holidays[i - 1]) continue;
        sum += weekly(c, MIN(to, start + DAY_US)) - weekly(c, MAX(from, start));
    }
    return sum;
}

#define FOREVER_US (INT64_MAX / 4) // 73,000 years: sentinels beyond it count as it, so that sums stay in range

// Between two changes of the offset the clock on the wall runs evenly, so open time there is a difference of two sums.
static int64_t open_between(const calendar *c, int64_t from, int64_t to) {
    int64_t sum = 0;
    while (from < to) {
        const int64_t until = MIN(zone_change_us(c->z, from), to);
        const int64_t offset = zone_offset_s(c->z, from) * SECOND_US;
        sum += weekly(c, until + offset) - weekly(c, from + offset) - closed(c, from + offset, until + offset);
        from = until;
    }
    return sum;
}

static int64_t in_range(int64_t at_us) {
    return MAX(-FOREVER_US, MIN(at_us, FOREVER_US));
}

int64_t business_us(const calendar *c, int64_t from_us, int64_t to_us) {
    from_us = in_range(from_us);
    to_us = in_range(to_us);
    return to_us >= from_us ? open_between(c, from_us, to_us) : -open_between(c, to_us, from_us);
}

int64_t business_add(const calendar *c, int64_t from_us, int64_t open_us) {
    if (open_us == 0) return from_us;
    from_us = in_range(from_us);
    const int64_t way = open_us < 0 ? -1 : 1, wanted = in_range(open_us) * way;
    // Open time never shrinks with the distance: double it until it holds enough, then halve the doubt.
    int64_t near = 0, far = MAX(wanted, DAY_US);
    while (far <= FOREVER_US / 16 && business_us(c, from_us, from_us + far * way) * way < wanted) {
        near = far;
        far *= 2;
    }
    if (far > FOREVER_US / 16) return way > 0 ? INT64_MAX : INT64_MIN;
    while (far - near > 1) {
        const int64_t mid = near + (far - near) / 2;
        if (business_us(c, from_us, from_us + mid * way) * way < wanted)
            near = mid;
        else
            far = mid;
    }
    return from_us + far * way;
}
