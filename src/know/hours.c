#include "know/hours.h"

enum { DAY_S = 86400, MOST_DAYS = 400, MOST_MINUTES = 10 * 366 * 1440, TEXT_MOST = 8192 };

static const char *const names[7] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

static bool day_of(str x, int *day) {
    for (*day = 0; *day < 7; ++*day)
        if (str_eq_ci(x, str_c(names[*day]))) return true;
    return false;
}

// ---- hours ----

static bool days_read(str x, bool on[7]) {
    for (int i = 0; i < 7; i++) on[i] = str_eq_ci(x, S("daily"));
    if (on[0]) return true;
    while (x.s) {
        str part = str_cut(&x, '+'), first = str_cut(&part, '-'), last = part.s ? part : first;
        int from, to;
        if (!day_of(first, &from) || !day_of(last, &to)) return false;
        for (int i = from;; i = (i + 1) % 7) {
            on[i] = true;
            if (i == to) break;
        }
    }
    return true;
}

// "9", "9:00", "24:00"
static bool time_read(str x, int32_t *seconds) {
    int64_t h = 0, m = 0;
    str hours = str_cut(&x, ':');
    bool digits = hours.len > 0 && hours.len <= 2 && (!x.s || x.len == 2);
    for (size_t i = 0; i < hours.len; i++) digits &= hours.s[i] >= '0' && hours.s[i] <= '9';
    for (size_t i = 0; x.s && i < x.len; i++) digits &= x.s[i] >= '0' && x.s[i] <= '9';
    if (!digits || !str_i64(hours, &h) || (x.s && !str_i64(x, &m)) || m > 59) return false;
    *seconds = (int32_t)(h * 3600 + m * 60);
    return *seconds <= DAY_S;
}

static bool span_read(str part, calendar *cal, err *e) {
    str whole = part, days = str_cut(&part, ' '), span = str_trim(part), from = str_cut(&span, '-');
    bool on[7];
    int32_t open_s, close_s;
    if (!days_read(days, on) || !time_read(from, &open_s) || !span.s || !time_read(span, &close_s) || open_s >= close_s)
        return fail(e, ERR_invalid, "\"%.*s\" is no day with its hours; write mon-fri 09:00-17:00, sat 10-14",
                    (int)MIN(whole.len, 60), whole.s);
    for (int i = 0; i < 7; i++) {
        if (!on[i]) continue;
        if (cal->week[i].close_s > cal->week[i].open_s)
            return fail(e, ERR_invalid, "%s has hours twice; one span a day can be kept", names[i]);
        cal->week[i].open_s = open_s, cal->week[i].close_s = close_s;
    }
    return true;
}

bool hours_read(str text, calendar *cal, err *e) {
    bool any = false;
    memset(cal->week, 0, sizeof cal->week);
    text = str_trim(text);
    if (str_eq_ci(text, S("always"))) text = S("daily 0-24");
    if (text.len > TEXT_MOST) return fail(e, ERR_invalid, "the hours are too long; name each weekday once");
    while (text.s) {
        str rest = str_cut(&text, ',');
        while (rest.s) {
            str part = str_trim(str_cut(&rest, ';'));
            if (!part.len) continue;
            if (!span_read(part, cal, e)) return false;
            any = true;
        }
    }
    return any || fail(e, ERR_invalid, "no day is open; write mon-fri 09:00-17:00");
}

static bool same_hours(const calendar *c, int i, int j) {
    return c->week[i].open_s == c->week[j].open_s && c->week[i].close_s == c->week[j].close_s;
}

str hours_words(arena *a, const calendar *c) {
    buf b = buf_new(a, 512);
    bool daily = true;
    for (int i = 1; i < 7; i++) daily &= same_hours(c, i, 0);
    for (int i = 0, j; i < 7; i = j) {
        for (j = i + 1; j < 7 && same_hours(c, i, j);) j++;
        if (c->week[i].close_s <= c->week[i].open_s) continue;
        int open_s = c->week[i].open_s, close_s = c->week[i].close_s;
        if (b.len) buf_add(&b, S(", "));
        if (daily)
            buf_add(&b, S("daily"));
        else
            buf_fmt(&b, "%s", names[i]);
        if (!daily && j > i + 1) buf_fmt(&b, "-%s", names[j - 1]);
        buf_fmt(&b, " %02d:%02d-%02d:%02d", open_s / 3600, open_s / 60 % 60, close_s / 3600, close_s / 60 % 60);
    }
    return buf_str(&b);
}

// ---- days ----

static int by_day(const void *a, const void *b) {
    return *(const int32_t *)a < *(const int32_t *)b ? -1 : *(const int32_t *)a > *(const int32_t *)b;
}

static bool day_read(str x, int32_t *day) {
    int64_t y, m, d;
    if (x.len != 10 || x.s[4] != '-' || x.s[7] != '-') return false;
    for (size_t i = 0; i < x.len; i++)
        if (i != 4 && i != 7 && (x.s[i] < '0' || x.s[i] > '9')) return false;
    if (!str_i64(str_sub(x, 0, 4), &y) || !str_i64(str_sub(x, 5, 2), &m) || !str_i64(str_sub(x, 8, 2), &d))
        return false;
    ymd date = {(int32_t)y, (int8_t)m, (int8_t)d};
    if (y < 1 || !ymd_ok(date)) return false;
    *day = days_of(date);
    return true;
}

bool hours_days_read(arena *a, str text, int32_t **days, int *n, err *e) {
    int k = 0;
    *days = make(a, int32_t, MOST_DAYS), *n = 0;
    while (text.s) {
        str rest = str_cut(&text, ',');
        while (rest.s) {
            str x = str_trim(str_cut(&rest, ' '));
            if (!x.len) continue;
            if (k == MOST_DAYS) return fail(e, ERR_invalid, "more than 400 closed days; leave out those that are over");
            if (!day_read(x, &(*days)[k++]))
                return fail(e, ERR_invalid, "\"%.*s\" is no day; write it as 2026-12-24", (int)MIN(x.len, 40), x.s);
        }
    }
    if (k) qsort(*days, (size_t)k, sizeof **days, by_day);
    for (int i = 0; i < k; i++)
        if (!*n || (*days)[i] != (*days)[*n - 1]) (*days)[(*n)++] = (*days)[i];
    return true;
}

// ---- lengths ----

bool hours_length_read(str text, int64_t *minutes, err *e) {
    str x = str_trim(text);
    int64_t unit = 60, v;
    if (x.len && (x.s[x.len - 1] == 'm' || x.s[x.len - 1] == 'h' || x.s[x.len - 1] == 'd')) {
        unit = x.s[x.len - 1] == 'm' ? 1 : x.s[x.len - 1] == 'h' ? 60 : 1440;
        x = str_trim(str_sub(x, 0, x.len - 1));
    }
    if (!str_i64(x, &v) || v < 1 || v > MOST_MINUTES / unit)
        return fail(e, ERR_invalid, "\"%.*s\" is no length of time; write 30m, 4h or 2d", (int)MIN(text.len, 40),
                    text.s);
    *minutes = v * unit;
    return true;
}

str hours_length_words(arena *a, int64_t minutes) {
    if (minutes % 60) return str_fmt(a, "%" PRId64 "m", minutes);
    if (minutes % 1440 || minutes < 2 * 1440) return str_fmt(a, "%" PRId64 "h", minutes / 60);
    return str_fmt(a, "%" PRId64 "d", minutes / 1440);
}

bool hours_promises_read(str text, int64_t minutes[COMMITMENT_KINDS], err *e) {
    for (int k = 0; k < COMMITMENT_KINDS; k++) minutes[k] = 0;
    while (text.s) {
        str part = str_trim(str_cut(&text, ',')), whole = part;
        if (!part.len) continue;
        enum commitment_kind k = commitment_kind_of(str_cut(&part, ' '));
        if (!k || !part.s || minutes[k])
            return fail(e, ERR_invalid, "\"%.*s\" is no kind of commitment with its hours, once; write reply 4, fix 16",
                        (int)MIN(whole.len, 60), whole.s);
        if (!hours_length_read(part, &minutes[k], e)) return false;
    }
    return true;
}

str hours_promises_words(arena *a, const int64_t minutes[COMMITMENT_KINDS]) {
    buf b = buf_new(a, 1024);
    for (int k = COMMITMENT_none + 1; k < COMMITMENT_KINDS; k++) {
        if (!minutes[k]) continue;
        str length = hours_length_words(a, minutes[k]);
        buf_fmt(&b, "%s%s %.*s", b.len ? ", " : "", commitment_kind_row((enum commitment_kind)k)->name,
                STR_ARG(length));
    }
    return buf_str(&b);
}
