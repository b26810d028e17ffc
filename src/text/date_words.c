#include "text/date_words.h"
#include "text/pattern.h"

enum meaning {
    IS_DAY,
    IS_WEEKDAY,
    IS_WEEK,
    IS_WEEK_DAY,
    IS_WEEKEND,
    IS_MONTH,
    IS_MONTH_NAMED,
    IS_YEAR,
    IS_MINUTES,
    IS_HALF_HOUR,
    IS_HOURS,
    IS_OPEN_HOURS,
    IS_DAYS,
    IS_WORKDAYS,
    IS_MONTHS,
    IS_DATE,
    IS_NUMERIC,
    IS_ISO,
    IS_THE,
    IS_CLOCK,
    IS_PART,
    IS_NIGHT,
    IS_TODAY_PART,
    IS_SKIP,
};

typedef struct {
    enum language l;
    enum meaning means;
    int a, b;
    const char *pattern;
} wording;

static const wording wordings[] = {
#define DATE(l, means, a, b, pattern) {LANG_##l, IS_##means, a, b, pattern},
#include "text/date_words.def"
};

enum names { NAMES_number, NAMES_weekday, NAMES_month };

static const struct {
    enum language l;
    enum names what;
    int first;
    const char *words;
} names[] = {
#define NAMES(l, what, first, words) {LANG_##l, NAMES_##what, first, words},
#include "text/date_names.def"
};

// ---- what a pattern's #names stand for ----

typedef struct {
    int n, weekday, month, day, year, hour, minute; // 0 or -1 as long as they are not said
} values;

static const values nothing = {.n = 1, .weekday = -1, .year = -1, .hour = -1};

typedef struct {
    enum language l;
    values v;
} reading;

static bool named(enum language l, enum names what, str word, int *out) {
    for (size_t i = 0; i < COUNT(names); i++) {
        if (names[i].l != l || names[i].what != what) continue;
        *out = names[i].first;
        for (const char *p = names[i].words; *p; ++*out) {
            const size_t len = strcspn(p, " ");
            if (pattern_word((str){p, len}, word, ENDING_bare)) return true;
            p += len + (p[len] == ' ');
        }
    }
    return false;
}

static bool small(const token *t, int64_t lo, int64_t hi, int *out) {
    int64_t v;
    if (!t->number || t->word.len > 4 || !str_i64(t->word, &v) || v < lo || v > hi) return false;
    return *out = (int)v, true;
}

static bool follows(const tokens *t, size_t at, const char *words) {
    return at < t->n && t->v[at].from == t->v[at - 1].to && pattern_word(str_c(words), t->v[at].word, ENDING_bare);
}

// German sticks parts of the day to weekdays: "Montagvormittag" is a Monday, and the rest is seen by `part_of`.
static bool weekday_of(reading *r, str word) {
    if (named(r->l, NAMES_weekday, word, &r->v.weekday)) return true;
    if (r->l != LANG_de) return false;
    for (size_t cut = 6; cut < word.len; cut++)
        if (pattern_word(S("vormittag|mittag|nachmittag|abend|morgen"), str_sub(word, cut, word.len), ENDING_bare) &&
            named(r->l, NAMES_weekday, str_sub(word, 0, cut), &r->v.weekday))
            return true;
    return false;
}

static size_t known(void *ctx, str name, const tokens *t, size_t at) {
    reading *r = ctx;
    values *v = &r->v;
    if (at >= t->n) return NO_MATCH;
    const token *w = &t->v[at];
    bool ok = false;
    size_t end = at + 1;
    if (str_eq(name, S("n")))
        ok = small(w, 1, 999, &v->n) || named(r->l, NAMES_number, w->word, &v->n);
    else if (str_eq(name, S("wd")))
        ok = weekday_of(r, w->word);
    else if (str_eq(name, S("mon")))
        ok = named(r->l, NAMES_month, w->word, &v->month);
    else if (str_eq(name, S("m")))
        ok = small(w, 1, 12, &v->month);
    else if (str_eq(name, S("y")))
        ok = w->word.len >= 2 && small(w, 1, 9999, &v->year) && (v->year >= 1900 || w->word.len == 2);
    else if (str_eq(name, S("h")))
        ok = (small(w, 0, 24, &v->hour) || (r->l == LANG_es && named(r->l, NAMES_number, w->word, &v->hour))) &&
             !follows(t, end, "%|st|nd|rd|th");
    else if (str_eq(name, S("min")))
        ok = w->word.len == 2 && small(w, 0, 59, &v->minute);
    else if (str_eq(name, S("d")) || str_eq(name, S("dth"))) {
        ok = small(w, 1, 31, &v->day);
        const bool ordinal = ok && follows(t, end, "st|nd|rd|th");
        if (str_eq(name, S("dth"))) ok = ordinal;
        end += ordinal;
    }
    return ok ? end : NO_MATCH;
}

// ---- the calendar ----

typedef struct {
    const date_context *ctx;
    calendar cal;
    int32_t today;
    uint32_t starts[COUNT(wordings)]; // see pattern_starts
} desk;

static int32_t workday_back(const desk *d, int32_t day) {
    for (int i = 0; i < 14; i++)
        if (is_business_day(&d->cal, day - i)) return day - i;
    return day;
}

static int32_t week_start(int32_t day) {
    return day - weekday(day);
}

// The last business day of the week; its Sunday when there is none, as of a calendar that never opens.
static int32_t week_end(const desk *d, int weeks) {
    const int32_t monday = week_start(d->today) + 7 * weeks, last = workday_back(d, monday + 6);
    return MAX(last, weeks ? monday : d->today);
}

static int32_t month_end(const desk *d, int32_t any_day) {
    ymd date = ymd_of(any_day);
    date.day = (int8_t)days_in_month(date.year, date.month);
    return MAX(workday_back(d, days_of(date)), d->today);
}

static int32_t after_workdays(const desk *d, int n) {
    int32_t day = d->today;
    for (int tries = 0; n > 0 && tries < 5000; tries++) n -= is_business_day(&d->cal, ++day);
    return day;
}

// The next date of that day and month, today or later; the 29th of February waits for its year.
static bool next_date(const desk *d, int month, int day, int32_t *out) {
    const int32_t year = ymd_of(d->today).year;
    for (int32_t y = year; y <= year + 8; y++) {
        const ymd date = {y, (int8_t)month, (int8_t)day};
        if (!ymd_ok(date) || days_of(date) < d->today) continue;
        return *out = days_of(date), true;
    }
    return false;
}

static bool next_day_of_month(const desk *d, int day, int32_t *out) {
    for (int months = 0; months < 3; months++) {
        ymd date = ymd_of(d->today);
        date.day = 1;
        date = ymd_of(add_months(days_of(date), months));
        date.day = (int8_t)day;
        if (!ymd_ok(date) || days_of(date) < d->today) continue;
        return *out = days_of(date), true;
    }
    return false;
}

static bool in_year(int32_t year, int month, int day, int32_t *out) {
    const ymd date = {year < 100 ? 2000 + year : year, (int8_t)month, (int8_t)day};
    return ymd_ok(date) ? (*out = days_of(date), true) : false;
}

static int64_t at_second(const desk *d, int32_t day, int32_t second) {
    if (second >= 86400) return zone_day_start_us(d->ctx->z, day + 1);
    return zone_us(d->ctx->z, ymd_of(day), second);
}

static int64_t close_of(const desk *d, int32_t day) {
    const int64_t close = at_second(d, day, is_business_day(&d->cal, day) ? d->cal.week[weekday(day)].close_s : 86400);
    return close > d->ctx->said_us ? close : at_second(d, day, 86400);
}

// ---- from words to an item, and from neighbouring items to one ----

enum sort { NONE, A_WEEKDAY, A_WEEK, A_DATE, A_MOMENT };

typedef struct {
    size_t from, to;
    enum sort day_is;
    int32_t day;
    int weeks, weekday;
    int64_t moment_us;
    int32_t second; // of the day, -1: none said
    bool exact;     // the second was said, not only a part of the day
    bool back;      // "before": a day goes back to the one before
    bool skip;
} item;

static void set_day(item *x, enum sort is, int32_t day) {
    x->day_is = is;
    x->day = day;
}

static void set_weekday(item *x, const desk *d, const values *v, int which) {
    const int ahead = (v->weekday - weekday(d->today) + 7) % 7;
    x->weekday = v->weekday;
    set_day(x, A_WEEKDAY, d->today + (which != 2 && ahead == 0 ? 7 : ahead));
    if (which == 1) set_day(x, A_DATE, week_start(d->today) + 7 + v->weekday);
}

static void set_week(item *x, int weeks, int32_t day) {
    x->weeks = weeks;
    set_day(x, A_WEEK, day);
}

static bool set_date(item *x, const desk *d, const wording *w, const values *v) {
    int day = v->day, month = v->month;
    int32_t out = 0;
    if (w->means == IS_NUMERIC && w->l == LANG_en && (d->ctx->month_first || month > 12) && day <= 12)
        day = v->month, month = v->day;
    const bool ok = v->year >= 0 ? in_year(v->year, month, day, &out) : next_date(d, month, day, &out);
    set_day(x, A_DATE, out);
    return ok;
}

static bool set_month_named(item *x, const desk *d, int month, int day) {
    ymd now = ymd_of(d->today);
    const int32_t year = now.year + (month < now.month);
    const int32_t first = days_of((ymd){year, (int8_t)month, 1});
    set_day(x, A_DATE, day ? first + day - 1 : month_end(d, first));
    return x->day >= d->today;
}

static void set_moment(item *x, int64_t at_us) {
    x->day_is = A_MOMENT;
    x->moment_us = at_us;
}

static bool set_clock(item *x, const values *v, int a) {
    int hour = v->hour;
    if (a == 12 && hour > 12) a = 0;
    if (a == 12 || a == 0) hour = a == 12 && hour < 12 ? hour + 12 : hour;
    if (a == -1 && hour >= 1 && hour <= 6) hour += 12; // nobody means the night
    x->second = hour * 3600 + v->minute * 60;
    x->exact = true;
    return x->second <= 86400;
}

static bool item_of(const desk *d, const wording *w, const values *v, item *x) {
    const int64_t said = d->ctx->said_us;
    x->second = -1;
    switch (w->means) {
    case IS_DAY: set_day(x, A_DATE, d->today + w->a); break;
    case IS_WEEKDAY: set_weekday(x, d, v, w->a); break;
    case IS_WEEK: set_week(x, w->a, week_end(d, w->a)); break;
    case IS_WEEK_DAY: set_day(x, A_DATE, week_start(d->today) + 7 * w->a + w->b); break;
    case IS_WEEKEND: set_day(x, A_DATE, week_start(d->today) + 7 * w->a + 6); break;
    case IS_MONTH: set_day(x, A_DATE, month_end(d, add_months(d->today, w->a))); break;
    case IS_MONTH_NAMED: return set_month_named(x, d, v->month, w->a);
    case IS_YEAR: set_day(x, A_DATE, month_end(d, days_of((ymd){ymd_of(d->today).year, 12, 31}))); break;
    case IS_MINUTES: set_moment(x, said + v->n * 60 * SECOND_US); break;
    case IS_HALF_HOUR: set_moment(x, said + HOUR_US / 2); break;
    case IS_HOURS: set_moment(x, said + v->n * HOUR_US); break;
    case IS_OPEN_HOURS: set_moment(x, business_add(&d->cal, said, v->n * HOUR_US)); break;
    case IS_DAYS: set_day(x, A_DATE, d->today + w->a * v->n); break;
    case IS_WORKDAYS: set_day(x, A_DATE, after_workdays(d, v->n)); break;
    case IS_MONTHS: set_day(x, A_DATE, add_months(d->today, v->n)); break;
    case IS_DATE:
    case IS_NUMERIC:
    case IS_ISO: return set_date(x, d, w, v);
    case IS_THE: x->day_is = A_DATE; return next_day_of_month(d, v->day, &x->day);
    case IS_CLOCK: return set_clock(x, v, w->a);
    case IS_PART: x->second = w->a * 3600; break;
    case IS_NIGHT:
    case IS_TODAY_PART:
        set_day(x, A_DATE, d->today);
        x->second = w->a * 3600;
        break;
    case IS_SKIP: x->skip = true; break;
    }
    return true;
}

// The part of the day that stands within a German word: "Montagvormittag".
static int32_t part_of(enum language l, str word) {
    if (l != LANG_de || word.len < 10) return -1;
    if (str_ends(word, S("nachmittag"))) return 17 * 3600;
    if (str_ends(word, S("mittag")) || str_ends(word, S("morgen"))) return 12 * 3600;
    return str_ends(word, S("abend")) ? 86400 : -1;
}

// "three months free" is no time to come: a count of days or hours needs a word that says so before it.
static bool is_count(enum meaning m) {
    return m >= IS_MINUTES && m <= IS_MONTHS && m != IS_HALF_HOUR;
}

static bool counts_from_now(const tokens *t, enum language l, size_t at) {
    const char *const words[] = {"", "in|within|next|than|under|after|the",
                                 "in|innerhalb|binnen|nach|nachsten|spatestens|bis",
                                 "en|dentro|plazo|proximas|proximos|tras"};
    for (size_t back = 1; back <= 5 && back <= at; back++)
        if (pattern_word(str_c(words[l]), t->v[at - back].word, ENDING_bare)) return true;
    return false;
}

// A pattern that begins with a day, an hour or a year needs a digit.
static uint32_t starts_of(const char *p) {
    const bool digits = p[0] == '#' && (p[1] == 'd' || p[1] == 'h' || p[1] == 'y');
    return digits ? pattern_letter(S("0")) : pattern_starts(p);
}

static bool longest_at(const tokens *t, size_t at, enum language l, const desk *d, item *best) {
    const uint32_t letter = at < t->n ? pattern_letter(t->v[at].word) : 0;
    best->to = at;
    for (size_t i = 0; i < COUNT(wordings); i++) {
        if (wordings[i].l != l || !(d->starts[i] & letter)) continue;
        reading r = {l, nothing};
        const size_t end = pattern_at(wordings[i].pattern, t, at, &(pattern_hooks){.ctx = &r, .known = known});
        item x = {.from = at, .to = end};
        if (end == NO_MATCH || end <= best->to || (is_count(wordings[i].means) && !counts_from_now(t, l, at)) ||
            !item_of(d, &wordings[i], &r.v, &x))
            continue;
        if (x.day_is == A_WEEKDAY) x.second = part_of(l, t->v[end - 1].word);
        *best = x;
    }
    return best->to > at;
}

static bool word_before(const tokens *t, size_t at, size_t n, const char *words) {
    return at >= n && pattern_word(str_c(words), t->v[at - n].word, ENDING_bare);
}

// "before Friday" means Thursday; "since Friday" and "every Friday" are no time ahead.
static void look_back(const tokens *t, enum language l, item *x) {
    switch (l) {
    case LANG_en:
        x->back = word_before(t, x->from, 1, "before") ||
                  (word_before(t, x->from, 1, "the") && word_before(t, x->from, 2, "before"));
        x->skip |= word_before(t, x->from, 1, "since|from|last|past|every|each|ago|per");
        break;
    case LANG_de:
        x->back = word_before(t, x->from, 1, "vor") ||
                  (word_before(t, x->from, 1, "dem") && word_before(t, x->from, 2, "vor"));
        x->skip |= word_before(t, x->from, 1, "seit|vom|ab|jeden|jede|letzten|letzte|pro");
        break;
    case LANG_es:
        x->back = word_before(t, x->from, 1, "del") && word_before(t, x->from, 2, "antes");
        x->skip |= word_before(t, x->from, 1, "desde|cada|pasado") || (word_before(t, x->from, 2, "desde|cada"));
        break;
    case LANG_none:
    case LANGUAGES: break;
    }
    x->back &= x->day_is == A_DATE || x->day_is == A_WEEKDAY;
}

static bool only_joins(const tokens *t, size_t from, size_t to) {
    if (to - from > 3) return false;
    for (; from < to; from++)
        if (!pattern_word(S(",|at|by|on|in|the|of|until|before|between|am|um|bis|den|der|dem|im|vor|spatestens|a|de|el|"
                            "la|las|por|"
                            "antes|entre|del|first|thing|zum|gegen|around|about"),
                          t->v[from].word, ENDING_bare))
            return false;
    return true;
}

// Takes what y adds to x: a time of day to a day, a date to a weekday, a week to a weekday.
static bool join(const tokens *t, item *x, const item *y) {
    if (!only_joins(t, x->to, y->from) || x->skip || y->skip) return false;
    const bool two_days = x->day_is != NONE && y->day_is != NONE;
    if (x->day_is == A_MOMENT || y->day_is == A_MOMENT) return false;
    if (x->second >= 0 && y->second >= 0 && x->exact && y->exact) return false;
    if (two_days && x->day_is == A_WEEKDAY && y->day_is == A_WEEK)
        set_day(x, A_DATE, week_start(y->day) + x->weekday);
    else if (two_days && x->day_is == A_WEEK && y->day_is == A_WEEKDAY)
        set_day(x, A_DATE, week_start(x->day) + y->weekday);
    else if (two_days && x->day_is == A_WEEKDAY && y->day_is == A_DATE)
        set_day(x, A_DATE, y->day);
    else if (two_days)
        return false;
    else if (x->day_is == NONE)
        set_day(x, y->day_is, y->day), x->weekday = y->weekday, x->back = y->back;
    if (y->second >= 0 && (y->exact || !x->exact)) x->second = y->second, x->exact = y->exact;
    x->to = y->to;
    return true;
}

static bool finish(const desk *d, const item *x, date_words *out) {
    if (x->skip) return false;
    int32_t day = x->day - (x->back && x->second < 0);
    if (x->back && x->second < 0) day = MAX(workday_back(d, day), d->today);
    *out = (date_words){.from = x->from, .to = x->to, .to_minute = x->exact || x->day_is == A_MOMENT};
    if (x->day_is == A_MOMENT)
        out->due_us = x->moment_us;
    else if (x->day_is == NONE) {
        out->due_us = at_second(d, d->today, x->second);
        if (out->due_us <= d->ctx->said_us) out->due_us = at_second(d, d->today + 1, x->second);
    } else
        out->due_us = x->second >= 0 ? at_second(d, day, x->second) : close_of(d, day);
    out->day = zone_days(d->ctx->z, out->due_us - 1);
    return out->due_us > d->ctx->said_us;
}

size_t date_words_find(tokens t, enum language l, const date_context *ctx, date_words *out, size_t max) {
    desk d = {.ctx = ctx, .today = zone_days(ctx->z, ctx->said_us)};
    d.cal = ctx->calendar ? *ctx->calendar : calendar_weekdays(ctx->z, 9 * 3600, 17 * 3600);
    for (size_t i = 0; i < COUNT(wordings); i++)
        if (wordings[i].l == l) d.starts[i] = starts_of(wordings[i].pattern);
    size_t n = 0;
    item held = {0}, x;
    bool holding = false;
    for (size_t at = 0; at < t.n; at = x.to) {
        x = (item){0};
        if (!longest_at(&t, at, l, &d, &x)) {
            x.to = at + 1;
            continue;
        }
        item later = {0}; // "by 20 March" is no time of day, and "den 20. März" not the 20th of this month
        if (x.to > at + 1 && longest_at(&t, at + 1, l, &d, &later) && later.to > x.to) x = later;
        look_back(&t, l, &x);
        if (holding && join(&t, &held, &x)) continue;
        if (holding && n < max && finish(&d, &held, &out[n])) n++;
        held = x;
        holding = true;
    }
    if (holding && n < max && finish(&d, &held, &out[n])) n++;
    return n;
}
