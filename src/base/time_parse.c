#include "base/civil.h"

// What is left to read. Every reader below takes what it knows off the front, or leaves `p` alone and says no.
typedef struct {
    const char *p, *end;
} rest;

typedef struct {
    ymd date;
    int32_t second, us; // of the day
    int32_t offset_s;
    bool has_clock, has_offset;
} moment;

enum { LONGEST = 96 };                     // characters; JavaScript's Date.toString needs about 70
enum { YEAR_FIRST = 1, YEAR_LAST = 9999 }; // what buf_iso prints in four digits

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_letter(char c) {
    return (c | 32) >= 'a' && (c | 32) <= 'z';
}

static char peek(const rest *r) {
    return r->p < r->end ? *r->p : 0;
}

static bool take(rest *r, char c) {
    if (peek(r) != c || !c) return false;
    r->p++;
    return true;
}

// Blanks, and the narrow and non-breaking ones that spreadsheets and browsers put before AM.
static bool blanks(rest *r) {
    const char *from = r->p;
    for (;;) {
        const size_t left = (size_t)(r->end - r->p);
        if (left && (*r->p == ' ' || *r->p == '\t'))
            r->p++;
        else if (left > 1 && memcmp(r->p, "\xc2\xa0", 2) == 0)
            r->p += 2;
        else if (left > 2 && memcmp(r->p, "\xe2\x80\xaf", 3) == 0)
            r->p += 3;
        else
            return r->p > from;
    }
}

// At most `most` digits; returns how many were taken.
static int digits(rest *r, int most, int32_t *v) {
    int n = 0;
    *v = 0;
    for (; n < most && is_digit(peek(r)); n++) *v = *v * 10 + (*r->p++ - '0');
    return n;
}

static int digits_ahead(const rest *r) {
    const char *p = r->p;
    while (p < r->end && is_digit(*p)) p++;
    return (int)(p - r->p);
}

static str word(rest *r) {
    str w = {r->p, 0};
    while (is_letter(peek(r))) r->p++;
    w.len = (size_t)(r->p - w.s);
    return w;
}

// Digits after a point, to microseconds; what is finer is cut off.
static bool fraction(rest *r, int32_t *us) {
    if (!is_digit(peek(r))) return false;
    *us = 0;
    for (int32_t unit = 100000; is_digit(peek(r)); unit /= 10) *us += unit * (*r->p++ - '0');
    return true;
}

// "AM", "p.m.", "a. m."; 0 if there is none.
static char half_of_day(rest *r) {
    rest t = *r;
    blanks(&t);
    const char half = (char)(peek(&t) | 32);
    if (half != 'a' && half != 'p') return 0;
    t.p++;
    if (take(&t, '.')) blanks(&t);
    if ((peek(&t) | 32) != 'm') return 0;
    t.p++;
    take(&t, '.');
    if (is_letter(peek(&t))) return 0;
    r->p = t.p;
    return half;
}

static bool twelve_hours(char half, int32_t *hour) {
    if (half == 'a' && *hour > 12) return false;
    if (*hour == 12) *hour = 0;
    if (half == 'p' && *hour < 12) *hour += 12; // "13:04 PM" is written too
    return true;
}

// "13:04", "13:04:05.123", "130405", "1:04 PM", "1 PM", and "13" when bare_hour.
static bool clock_time(rest *r, moment *m, bool bare_hour) {
    const int n = digits_ahead(r);
    int32_t hour, minute = 0, second = 0;
    if (n == 4 || n == 6) {
        digits(r, 2, &hour);
        digits(r, 2, &minute);
        digits(r, 2, &second);
    } else {
        if (n < 1 || n > 2 || digits(r, 2, &hour) != n) return false;
        if (take(r, ':')) {
            if (digits(r, 2, &minute) != 2) return false;
            if (take(r, ':') && digits(r, 2, &second) == 0) return false;
            bare_hour = true;
        } else {
            bare_hour = bare_hour && n == 2;
        }
    }
    if (n != 4 && (peek(r) == '.' || peek(r) == ',') && r->p + 1 < r->end && is_digit(r->p[1])) {
        r->p++;
        fraction(r, &m->us);
    }
    const char half = half_of_day(r);
    if (half ? !twelve_hours(half, &hour) : n <= 2 && !bare_hour) return false;
    if (hour > 24 || minute > 59 || second > 60 || (hour == 24 && (minute || second || m->us))) return false;
    m->second = hour * 3600 + minute * 60 + second;
    m->has_clock = true;
    return true;
}

// "+01", "+0100", "+01:00", "-03:30:00".
static bool signed_offset(rest *r, int32_t *s) {
    const char sign = peek(r);
    if (sign != '+' && sign != '-') return false;
    rest t = {r->p + 1, r->end};
    int32_t part[3] = {0};
    if (digits(&t, 2, &part[0]) != 2) return false;
    for (int i = 1; i < 3 && (is_digit(peek(&t)) || peek(&t) == ':'); i++) {
        take(&t, ':');
        if (digits(&t, 2, &part[i]) != 2) return false;
    }
    if (part[0] > 15 || part[1] > 59 || part[2] > 59) return false; // the widest in use ever was 15:56
    *s = (part[0] * 3600 + part[1] * 60 + part[2]) * (sign == '-' ? -1 : 1);
    r->p = t.p;
    return true;
}

// The names of RFC 2822 and of Europe; other abbreviations mean different zones to different people.
static bool named_offset(str w, int32_t *s) {
    static const struct {
        char name[5];
        int8_t hours;
    } names[] = {
        {"Z", 0},    {"UTC", 0},  {"GMT", 0},  {"UT", 0},   {"EST", -5}, {"EDT", -4}, {"CST", -6},
        {"CDT", -5}, {"MST", -7}, {"MDT", -6}, {"PST", -8}, {"PDT", -7}, {"CET", 1},  {"CEST", 2},
        {"MEZ", 1},  {"MESZ", 2}, {"WET", 0},  {"WEST", 1}, {"BST", 1},  {"EET", 2},  {"EEST", 3},
    };
    for (size_t i = 0; i < COUNT(names); i++)
        if (str_eq_ci(w, str_c(names[i].name))) return *s = names[i].hours * 3600, true;
    return false;
}

// "Z", "+0530", " UTC", "GMT+0100 (CET)", "+01:00[Europe/Berlin]".
static void offset(rest *r, moment *m) {
    rest t = *r;
    blanks(&t);
    if (is_letter(peek(&t))) {
        const str w = word(&t);
        if (!named_offset(w, &m->offset_s)) return;
        if (m->offset_s == 0 && w.len > 1) signed_offset(&t, &m->offset_s);
    } else if (!signed_offset(&t, &m->offset_s)) {
        return;
    }
    m->has_offset = true;
    r->p = t.p;
    blanks(&t);
    const char close = peek(&t) == '(' ? ')' : peek(&t) == '[' ? ']' : 0;
    if (close && t.end[-1] == close) r->p = r->end;
}

static bool in_years(int64_t us) {
    return us >= -62135596800 * SECOND_US && us < 253402300800 * SECOND_US; // the years 1 to 9999
}

static bool finish(const moment *m, const zone *z, int64_t *at_us) {
    if (!ymd_ok(m->date) || m->date.year < YEAR_FIRST || m->date.year > YEAR_LAST) return false;
    const int64_t us = m->has_offset ? ((int64_t)days_of(m->date) * 86400 + m->second - m->offset_s) * SECOND_US
                                     : zone_us(z, m->date, m->second);
    if (!in_years(us)) return false;
    *at_us = us + m->us;
    return true;
}

// What follows a date made of numbers: nothing, or a time of day and perhaps an offset.
static bool rest_of_day(rest *r, moment *m, bool iso) {
    if (r->p == r->end) return true;
    const char c = peek(r);
    if (iso && (c == 'T' || c == 't' || c == '_')) {
        r->p++;
    } else {
        const bool comma = take(r, ',');
        if (!blanks(r) && !comma) return false;
    }
    if (!clock_time(r, m, iso)) return false;
    offset(r, m);
    return r->p == r->end;
}

static int32_t full_year(int32_t year, int n) {
    return n > 2 ? year : year < 69 ? 2000 + year : 1900 + year; // as POSIX reads two digits
}

// "2026-01-02…", "2026/1/2…": the year stands first, so nothing is in doubt.
static bool year_first(rest r, const zone *z, int64_t *at_us) {
    moment m = {0};
    int32_t month, day;
    digits(&r, 4, &m.date.year);
    const char sep = *r.p++;
    if (!digits(&r, 2, &month) || !take(&r, sep) || !digits(&r, 2, &day)) return false;
    m.date.month = (int8_t)month;
    m.date.day = (int8_t)day;
    return rest_of_day(&r, &m, true) && finish(&m, z, at_us);
}

// The two numbers before a year, and what stands between them.
typedef struct {
    int32_t a, b;
    char sep;
} pair;

static bool take_pair(rest *r, pair *p) {
    if (!digits(r, 2, &p->a)) return false;
    p->sep = peek(r);
    if ((p->sep != '/' && p->sep != '.' && p->sep != '-') || !take(r, p->sep)) return false;
    if (p->sep == '.') blanks(r); // "2. 1. 2026"
    return digits(r, 2, &p->b) && take(r, p->sep);
}

// Nobody writes 12.31.2026, so points mean day first whatever the column says.
static bool is_day_first(pair p, int day_first) {
    return p.sep == '.' || day_first > 0 || (day_first == 0 && p.a > 12);
}

static bool year_last(rest r, const zone *z, int day_first, int64_t *at_us) {
    moment m = {0};
    pair p;
    int32_t year;
    if (!take_pair(&r, &p)) return false;
    if (p.sep == '.') blanks(&r);
    const int n = digits(&r, 4, &year);
    if (n != 2 && n != 4) return false;
    const bool day = is_day_first(p, day_first);
    m.date = (ymd){full_year(year, n), (int8_t)(day ? p.b : p.a), (int8_t)(day ? p.a : p.b)};
    return rest_of_day(&r, &m, false) && finish(&m, z, at_us);
}

// "20260102", "20260102T030405Z", "202601020304", "20260102030405".
static bool compact(rest r, const zone *z, int64_t *at_us) {
    moment m = {0};
    int32_t month, day;
    const int n = digits_ahead(&r);
    digits(&r, 4, &m.date.year);
    digits(&r, 2, &month);
    digits(&r, 2, &day);
    if (m.date.year < 1800 || m.date.year > 2199) return false;
    m.date.month = (int8_t)month;
    m.date.day = (int8_t)day;
    if (n > 8) {
        if (!clock_time(&r, &m, false)) return false;
        offset(&r, &m);
        return r.p == r.end && finish(&m, z, at_us);
    }
    return rest_of_day(&r, &m, true) && finish(&m, z, at_us);
}

// Seconds, milli-, micro- or nanoseconds by size: each reaches beyond the year 5000 before the next begins in 1973.
// Fewer than nine digits are no time but somebody's quantity.
static bool unix_time(rest r, int64_t *at_us) {
    const bool minus = take(&r, '-');
    const int n = digits_ahead(&r);
    if (n < 9 || n > 19) return false;
    const str whole = {r.p, (size_t)n};
    int64_t v;
    if (!str_i64(whole, &v)) return false;
    r.p += n;
    int32_t us = 0;
    if (take(&r, '.') && !fraction(&r, &us)) return false;
    if (r.p != r.end) return false;
    if (v < INT64_C(100000000000))
        v = v * SECOND_US + us;
    else if (v < INT64_C(100000000000000))
        v = v * 1000 + us / 1000;
    else if (v >= INT64_C(100000000000000000))
        v /= 1000;
    if (minus) v = -v;
    if (!in_years(v)) return false;
    *at_us = v;
    return true;
}

static bool is_name_in(str w, const char *const *names, int n, int *which) {
    if (w.len < 3) return false;
    for (int i = 0; i < n; i++)
        if (str_starts_ci(str_c(names[i]), w)) return *which = i, true;
    return false;
}

// The parts of a date with its month in letters, in whatever order they come.
typedef struct {
    moment m;
    bool weekday;
} worded;

static bool worded_name(rest *r, worded *w) {
    static const char *const months[] = {"january", "february", "march",     "april",   "may",      "june",
                                         "july",    "august",   "september", "october", "november", "december"};
    static const char *const weekdays[] = {"monday", "tuesday",  "wednesday", "thursday",
                                           "friday", "saturday", "sunday"};
    const str name = word(r);
    int which;
    take(r, '.');
    if (is_name_in(name, months, 12, &which)) {
        if (w->m.date.month) return false;
        w->m.date.month = (int8_t)(which + 1);
        return true;
    }
    if (is_name_in(name, weekdays, 7, &which)) {
        if (w->weekday) return false;
        return w->weekday = true;
    }
    return w->m.date.day && !w->m.has_clock && str_eq_ci(name, S("at")) && blanks(r) && is_digit(peek(r));
}

// "1st" to "31st"; other letters stay where they are.
static void ordinal(rest *r) {
    rest t = *r;
    const str w = word(&t);
    if (str_eq_ci(w, S("st")) || str_eq_ci(w, S("nd")) || str_eq_ci(w, S("rd")) || str_eq_ci(w, S("th"))) r->p = t.p;
}

static bool worded_number(rest *r, worded *w) {
    moment *m = &w->m;
    const int n = digits_ahead(r);
    int32_t v;
    const bool is_clock = r->p + n < r->end && r->p[n] == ':' && n <= 2 && m->date.day;
    if (is_clock || (m->date.day && m->date.year)) {
        if (m->has_clock || !clock_time(r, m, false)) return false;
        offset(r, m);
        return true;
    }
    if (digits(r, 4, &v) != n || n == 3) return false;
    if (n == 4 || (m->date.day && m->date.month)) {
        if (m->date.year) return false;
        m->date.year = full_year(v, n);
        if (!m->has_clock) take(r, ':'); // 02/Jan/2026:13:04:05, as web servers log
        return n != 1;
    }
    if (m->date.day) return false;
    m->date.day = (int8_t)v;
    ordinal(r);
    return true;
}

// "Jan 2, 2026 10:11 AM", "2 Jan 2026", "Fri, 02 Jan 2026 03:04:05 +0100", "Fri Jan  2 03:04:05 2026", "02-Jan-26".
static bool with_words(rest r, const zone *z, int64_t *at_us) {
    worded w = {0};
    const ymd *d = &w.m.date;
    for (char c; (c = peek(&r)) != 0;) {
        if (is_letter(c)) {
            if (!worded_name(&r, &w)) return false;
        } else if (is_digit(c)) {
            if (!worded_number(&r, &w)) return false;
        } else if (c == ',' || (strchr("-/.", c) && !(d->year && d->month && d->day))) {
            r.p++;
        } else if (!blanks(&r)) {
            return false;
        }
    }
    return r.p == r.end && d->month && d->day && d->year && finish(&w.m, z, at_us);
}

bool time_parse(str x, const zone *z, int day_first, int64_t *at_us) {
    x = str_trim(x);
    if (x.len < 6 || x.len > LONGEST) return false;
    const rest r = {x.s, x.s + x.len};
    const int n = digits_ahead(&r);
    const char after = (size_t)n < x.len ? x.s[n] : 0;
    if (n == 4 && (after == '-' || after == '/' || after == '.') && is_digit(x.s[5])) return year_first(r, z, at_us);
    if ((n == 8 || n == 12 || n == 14) && after != '.' && compact(r, z, at_us)) return true;
    if ((n >= 9 || x.s[0] == '-') && unix_time(r, at_us)) return true;
    rest ahead = r;
    pair p;
    if (take_pair(&ahead, &p)) return year_last(r, z, day_first, at_us);
    return with_words(r, z, at_us);
}

int time_day_first(const str *examples, size_t n) {
    size_t day = 0, month = 0, points = 0, other = 0;
    for (size_t i = 0; i < n; i++) {
        const str x = str_trim(examples[i]);
        rest r = {x.s, x.s + x.len};
        pair p;
        if (!take_pair(&r, &p)) continue;
        if (p.sep == '.')
            points++;
        else
            other++;
        if (p.sep == '.') continue;
        day += p.a > 12 && p.b <= 12;
        month += p.b > 12 && p.a <= 12;
    }
    if (other == 0) return points > 0;
    // A few slips do not hide what the column is; a real mixture stays undecided.
    return day > 10 * month ? 1 : month > 10 * day ? -1 : 0;
}
