// What a mail provider or a person's browser sends to the page of preferences.
#include "act/preference.h"

typedef struct {
    str name, value;
} field;

enum { MOST_FIELDS = 64, MOST_VALUE = 200 };

// ---- application/x-www-form-urlencoded ----

static int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    c = (char)(c | 32);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static str unescape(arena *a, str x) {
    char *out = make(a, char, x.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < x.len; i++) {
        int hi = x.s[i] == '%' && i + 2 < x.len ? hex_digit(x.s[i + 1]) : -1;
        int lo = hi >= 0 ? hex_digit(x.s[i + 2]) : -1;
        if (lo >= 0) {
            out[n++] = (char)(hi * 16 + lo);
            i += 2;
        } else
            out[n++] = x.s[i] == '+' ? ' ' : x.s[i];
    }
    return (str){out, n};
}

static size_t read_form(arena *a, str body, field *out) {
    size_t n = 0;
    for (str rest = body; rest.s && n < MOST_FIELDS;) {
        str value = str_cut(&rest, '&'), name = str_cut(&value, '=');
        if (!name.len || name.len > MOST_VALUE || value.len > MOST_VALUE * 3) continue;
        out[n++] = (field){unescape(a, name), value.s ? unescape(a, value) : S("")};
    }
    return n;
}

// ---- multipart/form-data (RFC 7578) ----

static str parameter(str head, const char *name) {
    str want = str_c(name);
    for (size_t i = 0; i + want.len < head.len; i++) {
        str at = str_sub(head, i, head.len);
        bool begins = !i || strchr("; \t", head.s[i - 1]);
        if (!begins || !str_starts_ci(at, want) || at.s[want.len] != '=') continue;
        at = str_sub(at, want.len + 1, at.len);
        if (at.len && at.s[0] == '"') {
            at = str_sub(at, 1, at.len);
            return str_cut(&at, '"');
        }
        size_t n = 0;
        while (n < at.len && !strchr("; \t\r\n", at.s[n]) && at.s[n]) n++;
        return str_sub(at, 0, n);
    }
    return S("");
}

static ptrdiff_t find(str x, str needle) {
    for (size_t i = 0; needle.len && i + needle.len <= x.len; i++)
        if (!memcmp(x.s + i, needle.s, needle.len)) return (ptrdiff_t)i;
    return -1;
}

// The end of a part's head: an empty line. Bare line feeds are common enough.
static bool split_part(str part, str *head, str *value) {
    ptrdiff_t at = find(part, S("\r\n\r\n"));
    size_t gap = 4;
    if (at < 0) at = find(part, S("\n\n")), gap = 2;
    if (at < 0) return false;
    *head = str_sub(part, 0, (size_t)at);
    *value = str_sub(part, (size_t)at + gap, part.len);
    if (str_ends(*value, S("\n"))) value->len--;
    if (str_ends(*value, S("\r"))) value->len--;
    return true;
}

static size_t read_parts(arena *a, str boundary, str body, field *out) {
    size_t n = 0;
    str mark = str_fmt(a, "--%.*s", STR_ARG(boundary)), rest = body, head, value;
    ptrdiff_t at = find(rest, mark);
    while (at >= 0 && n < MOST_FIELDS) {
        rest = str_sub(rest, (size_t)at + mark.len, rest.len);
        if (str_starts(rest, S("--"))) break;
        at = find(rest, mark);
        str part = at >= 0 ? str_sub(rest, 0, (size_t)at) : rest;
        if (!split_part(part, &head, &value) || value.len > MOST_VALUE) continue;
        str name = parameter(head, "name");
        if (name.len && name.len <= MOST_VALUE) out[n++] = (field){name, value};
    }
    return n;
}

// ---- what it means ----

static str value_of(const field *f, size_t n, const char *name) {
    for (size_t i = 0; i < n; i++)
        if (str_eq(f[i].name, str_c(name))) return f[i].value;
    return (str){0};
}

static uint32_t purposes_in(const field *f, size_t n, const char *name) {
    uint32_t bits = 0;
    for (size_t i = 0; i < n; i++)
        if (str_eq(f[i].name, str_c(name))) bits |= UINT32_C(1) << purpose_named(f[i].value);
    return bits & ~(UINT32_C(1) << PURPOSE_none);
}

preference_said preference_read(arena *a, str content_type, str body) {
    static const struct {
        const char *name;
        enum preference_what what;
    } words[] = {{"save", PREFER_save}, {"all_off", PREFER_all_off}, {"wake", PREFER_wake}, {"undo", PREFER_undo}};
    field *f = make(a, field, MOST_FIELDS);
    preference_said out = {0};
    str boundary =
        str_starts_ci(str_trim(content_type), S("multipart/form-data")) ? parameter(content_type, "boundary") : S("");
    bool parts = boundary.len > 0 && boundary.len <= 70; // RFC 2046, 5.1.1
    size_t n = parts ? read_parts(a, boundary, body, f) : read_form(a, body, f);
    str act = value_of(f, n, "do");
    if (str_eq_ci(value_of(f, n, "List-Unsubscribe"), S("One-Click"))) out.what = PREFER_one_click;
    for (size_t i = 0; i < COUNT(words) && !out.what; i++)
        if (str_eq(act, str_c(words[i].name))) out.what = words[i].what;
    if (!out.what && str_eq(act, S("pause30"))) out.what = PREFER_pause, out.days = 30;
    if (!out.what && str_eq(act, S("pause90"))) out.what = PREFER_pause, out.days = 90;
    if (out.what == PREFER_save) out.on = purposes_in(f, n, "on"), out.shown = purposes_in(f, n, "shown");
    return out;
}
