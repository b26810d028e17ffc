#include "ledger/ident.h"
#include "listen/adapter.h"
#include "listen/tally.h"

#include <stdarg.h>

enum { EXTRA_MAX = 128 << 10 };

int column_of(const reading *r, const char *name) {
    for (int i = 0; i < r->n_header; i++)
        if (str_eq_ci(r->header[i], str_c(name))) return i;
    return -1;
}

// Spreadsheets put an apostrophe before what they must not take for a number or a formula.
static str without_apostrophe(str x) {
    if (x.len < 2 || x.s[0] != '\'') return x;
    char c = x.s[1];
    return (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '=' || c == '@' ? str_sub(x, 1, x.len) : x;
}

str cell(const reading *r, int column) {
    if (column < 0 || !r->cells || column >= r->cells->n) return S("");
    str x = r->cells->cells[column];
    if (!x.len) return x;
    unsigned char first = (unsigned char)x.s[0], last = (unsigned char)x.s[x.len - 1];
    bool plain = first > ' ' && first < 0x80 && first != '\'' && last > ' ' && last < 0x80;
    return plain ? x : without_apostrophe(str_trim(x));
}

event *event_new(reading *r, enum kind kind, enum channel channel) {
    heard *h = r->out;
    if (h->n == ROW_EVENTS) {
        reject(r, "row", "says more than %d things; split it", ROW_EVENTS);
        h->n--;
    }
    event *ev = &h->events[h->n++];
    *ev = (event){.kind = kind, .channel = channel, .mood = MOOD_UNKNOWN};
    return ev;
}

void reject(reading *r, const char *field, const char *fmt, ...) {
    heard *h = r->out;
    if (h->rejected) return;
    char text[1024];
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    h->rejected = true;
    h->skipped = false;
    h->field = str_dup(&r->row, str_c(*field ? field : "row")); // a column may have no name
    h->reason = str_dup(&r->row, (str){text, (size_t)MIN(MAX(n, 0), (int)sizeof text - 1)});
}

void skip_row(reading *r, const char *why) {
    if (r->out->rejected) return;
    r->out->skipped = true;
    r->out->reason = str_dup(&r->row, str_c(why));
}

static int two(const char *p) {
    unsigned a = (unsigned char)p[0] - '0', b = (unsigned char)p[1] - '0';
    return a < 10 && b < 10 ? (int)(a * 10 + b) : -1;
}

// "YYYY-MM-DD", with " HH:MM:SS" or "THH:MM:SS" (and "Z"), and "YYYYMMDD": what most files hold, in a tenth of the
// time.
static bool quick_time(str x, ymd *d, int32_t *second, bool *utc) {
    bool dashed = x.len >= 10 && x.s[4] == '-' && x.s[7] == '-';
    if (!dashed && x.len != 8) return false;
    const char *p = x.s;
    int century = two(p), year = two(p + 2), month = two(p + (dashed ? 5 : 4)), day = two(p + (dashed ? 8 : 6));
    if (century < 15 || year < 0 || month < 1 || day < 1) return false;
    *d = (ymd){century * 100 + year, (int8_t)month, (int8_t)day};
    *second = 0;
    *utc = false;
    if (!ymd_ok(*d)) return false;
    if (x.len == 10 || x.len == 8) return true;
    *utc = x.len == 20 && p[19] == 'Z';
    if ((x.len != 19 && !*utc) || (p[10] != ' ' && p[10] != 'T') || p[13] != ':' || p[16] != ':') return false;
    int h = two(p + 11), m = two(p + 14), s = two(p + 17);
    if (h < 0 || h > 23 || m < 0 || m > 59 || s < 0 || s > 59) return false;
    *second = (h * 60 + m) * 60 + s;
    return true;
}

bool read_time(reading *r, const char *field, str x, int64_t *at_us) {
    ymd d;
    int32_t second = 0;
    bool utc = false;
    if (quick_time(x, &d, &second, &utc)) {
        *at_us = utc || r->z == r->utc ? days_of(d) * DAY_US + second * SECOND_US : zone_us(r->z, d, second);
        return true;
    }
    if (x.len && time_parse(x, r->z, r->day_first, at_us)) return true;
    if (!x.len)
        reject(r, field, "empty; a time is needed, such as 2026-01-31 or 2026-01-31T14:05:00Z");
    else
        reject(r, field, "\"%.*s\" is no time; write it as 2026-01-31 or 2026-01-31T14:05:00Z", (int)MIN(x.len, 60),
               x.s);
    return false;
}

// Plain digits with a point and no more decimals than the currency has.
static bool quick_minor(str x, int exponent, int64_t *minor) {
    size_t i = x.len && x.s[0] == '-';
    bool minus = i;
    int64_t v = 0;
    int decimals = -1;
    if (i == x.len || x.len > 15) return false;
    for (; i < x.len; i++) {
        if (x.s[i] == '.' && decimals < 0 && i + 1 < x.len) {
            decimals = 0;
            continue;
        }
        unsigned digit = (unsigned char)x.s[i] - '0';
        if (digit > 9 || (decimals >= 0 && ++decimals > exponent)) return false;
        v = v * 10 + digit;
    }
    for (int k = MAX(decimals, 0); k < exponent; k++) v *= 10;
    *minor = minus ? -v : v;
    return true;
}

bool read_money(reading *r, const char *field, str x, const currency *c, event *ev) {
    if (!c) c = r->money;
    if (quick_minor(x, c->exponent, &ev->value) || money_parse(x, c, &ev->value, &c)) {
        ev->has_value = true;
        ev->unit = c->number;
        return true;
    }
    reject(r, field, "\"%.*s\" is no amount of money; write it as 1234.50", (int)MIN(x.len, 60), x.s);
    return false;
}

const currency *row_currency(reading *r, const char *field, str code) {
    if (!code.len) return r->money;
    if (r->last && str_eq_ci(code, str_c(r->last->code))) return r->last;
    const currency *c = currency_of(code);
    if (c)
        r->last = c;
    else
        reject(r, field, "\"%.*s\" is no currency; write its ISO 4217 code, such as EUR", (int)MIN(code.len, 30),
               code.s);
    return c;
}

bool read_score(reading *r, const char *field, str x, enum instrument i, event *ev) {
    int lo = 0, hi = 0;
    double v = 0;
    ptrdiff_t comma = str_find(x, ',');
    if (comma >= 0) {
        char *point = str_z(&r->row, x);
        point[comma] = '.';
        x = (str){point, x.len};
    }
    if (!instrument_range(i, &lo, &hi) || !str_f64(x, &v) || v < lo || v > hi) {
        reject(r, field, "\"%.*s\" is no score from %d to %d", (int)MIN(x.len, 60), x.s, lo, hi);
        return false;
    }
    ev->value = (int64_t)(v * 100 + 0.5);
    ev->has_value = true;
    ev->unit = (int32_t)i;
    return true;
}

void add_ident(reading *r, event *ev, enum ident_kind kind, str raw) {
    if (raw.len) event_add_ident(&r->row, ev, kind, raw, r->opts->country);
}

// Each call copies what is there, so that is kept short; a cell of more bytes is no trait.
void add_extra(reading *r, event *ev, const char *key, str value) {
    if (!value.len || ev->extra.len + value.len > EXTRA_MAX) return;
    buf b = buf_new(&r->row, 8 * EXTRA_MAX);
    if (ev->extra.len) buf_addc(&b, ',');
    buf_json_str(&b, str_c(key));
    buf_addc(&b, ':');
    buf_json_str(&b, value);
    if (!b.full) ev->extra = str_cat(&r->row, ev->extra, buf_str(&b));
}

static str join(reading *r, const char *noun, str id, const char *part) {
    size_t n = strlen(noun), m = part ? strlen(part) : 0;
    char *p = make(&r->row, char, n + id.len + m + 3);
    memcpy(p, noun, n);
    p[n] = ':';
    if (id.len) memcpy(p + n + 1, id.s, id.len);
    size_t len = n + 1 + id.len;
    if (part) {
        p[len++] = ':';
        memcpy(p + len, part, m);
        len += m;
    }
    return (str){p, len};
}

str key_of(reading *r, const char *noun, str id) {
    return join(r, noun, id, NULL);
}
str key_part(reading *r, const char *noun, str id, const char *part) {
    return join(r, noun, id, part);
}

str row_key(reading *r, const char *noun, str content) {
    uint64_t hash = str_hash(content);
    char text[40], hex[] = "0123456789abcdef", *p = text;
    if (!r->keys) r->keys = tally_open(r->life);
    for (int shift = 60; shift >= 0; shift -= 4) *p++ = hex[hash >> shift & 15];
    str plain = join(r, noun, (str){text, 16}, NULL);
    *p++ = '#';
    p += snprintf(p, 12, "%" PRIu32, tally_count(r->keys, str_hash(plain)));
    return join(r, noun, (str){text, (size_t)(p - text)}, NULL);
}

str row_content(reading *r) {
    size_t n = 0;
    for (int i = 0; i < r->cells->n; i++) n += r->cells->cells[i].len + 1;
    char *p = make(&r->row, char, n + 1), *at = p;
    for (int i = 0; i < r->cells->n; i++) {
        str x = cell(r, i);
        if (x.len) memcpy(at, x.s, x.len);
        at += x.len;
        *at++ = '\x1F';
    }
    while (at > p && at[-1] == '\x1F') at--; // rows with and without trailing empty cells are the same row
    return (str){p, (size_t)(at - p)};
}

str map_text(const reading *r, const char *key) {
    const json_t *v = json_object_get(r->map, key);
    return v ? json_scalar(r->life, v) : S("");
}
