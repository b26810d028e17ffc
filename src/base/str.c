#include <xxhash.h>

#include "base/base.h"

#include <math.h>
#include <stdarg.h>

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c | 32) : c;
}

static bool is_blank(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool same(const char *x, const char *y, size_t n) {
    return !n || !memcmp(x, y, n);
}

static bool same_ci(const char *x, const char *y, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (lower(x[i]) != lower(y[i])) return false;
    return true;
}

str str_c(const char *z) {
    return z ? (str){z, strlen(z)} : (str){0};
}

str str_dup(arena *a, str x) {
    return (str){str_z(a, x), x.len};
}

char *str_z(arena *a, str x) {
    char *p = make(a, char, x.len + 1);
    if (x.len) memcpy(p, x.s, x.len);
    return p;
}

str str_cat(arena *a, str x, str y) {
    char *p = make(a, char, x.len + y.len + 1);
    if (x.len) memcpy(p, x.s, x.len);
    if (y.len) memcpy(p + x.len, y.s, y.len);
    return (str){p, x.len + y.len};
}

str str_fmt(arena *a, const char *fmt, ...) {
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, fmt, args);
    size_t n = len > 0 ? (size_t)len : 0;
    char *p = make(a, char, n + 1);
    vsnprintf(p, n + 1, fmt, again);
    va_end(again);
    va_end(args);
    return (str){p, n};
}

bool str_eq(str x, str y) {
    return x.len == y.len && same(x.s, y.s, x.len);
}

bool str_eq_ci(str x, str y) {
    return x.len == y.len && same_ci(x.s, y.s, x.len);
}

int str_cmp(str x, str y) {
    size_t n = MIN(x.len, y.len);
    int c = n ? memcmp(x.s, y.s, n) : 0;
    return c ? c : (x.len > y.len) - (x.len < y.len);
}

bool str_starts(str x, str prefix) {
    return x.len >= prefix.len && same(x.s, prefix.s, prefix.len);
}

bool str_starts_ci(str x, str prefix) {
    return x.len >= prefix.len && same_ci(x.s, prefix.s, prefix.len);
}

bool str_ends(str x, str suffix) {
    return x.len >= suffix.len && (!suffix.len || same(x.s + x.len - suffix.len, suffix.s, suffix.len));
}

bool str_has(str x, str needle) {
    return !needle.len || (x.len && memmem(x.s, x.len, needle.s, needle.len));
}

bool str_has_ci(str x, str needle) {
    if (!needle.len) return true;
    for (size_t i = 0; i + needle.len <= x.len; i++)
        if (same_ci(x.s + i, needle.s, needle.len)) return true;
    return false;
}

ptrdiff_t str_find(str x, char c) {
    const char *p = x.len ? memchr(x.s, c, x.len) : NULL;
    return p ? p - x.s : -1;
}

str str_sub(str x, size_t from, size_t len) {
    if (!x.s) return x;
    from = MIN(from, x.len);
    return (str){x.s + from, MIN(len, x.len - from)};
}

static size_t blank_front(str x) {
    if (x.len && is_blank(x.s[0])) return 1;
    return x.len >= 2 && same(x.s, "\xC2\xA0", 2) ? 2 : 0;
}

static size_t blank_back(str x) {
    if (x.len && is_blank(x.s[x.len - 1])) return 1;
    return x.len >= 2 && same(x.s + x.len - 2, "\xC2\xA0", 2) ? 2 : 0;
}

str str_trim(str x) {
    for (size_t n; (n = blank_front(x));) x = (str){x.s + n, x.len - n};
    for (size_t n; (n = blank_back(x));) x.len -= n;
    return x;
}

str str_cut(str *rest, char sep) {
    str x = *rest;
    ptrdiff_t at = str_find(x, sep);
    if (at < 0) {
        *rest = (str){0};
        return x;
    }
    *rest = (str){x.s + at + 1, x.len - (size_t)at - 1};
    return (str){x.s, (size_t)at};
}

str str_lower(arena *a, str x) {
    char *p = str_z(a, x);
    for (size_t i = 0; i < x.len; i++) p[i] = lower(p[i]);
    return (str){p, x.len};
}

bool str_i64(str x, int64_t *v) {
    size_t i = x.len && (x.s[0] == '-' || x.s[0] == '+');
    bool minus = i && x.s[0] == '-';
    if (i == x.len) return false;
    int64_t sum = 0;
    for (; i < x.len; i++) {
        if (!is_digit(x.s[i]) || __builtin_mul_overflow(sum, 10, &sum)) return false;
        int digit = x.s[i] - '0';
        if (__builtin_add_overflow(sum, minus ? -digit : digit, &sum)) return false;
    }
    *v = sum;
    return true;
}

bool str_u64_hex(str x, uint64_t *v) {
    if (!x.len || x.len > 16) return false;
    uint64_t sum = 0;
    for (size_t i = 0; i < x.len; i++) {
        char c = lower(x.s[i]);
        if (!is_digit(c) && !(c >= 'a' && c <= 'f')) return false;
        sum = sum << 4 | (uint64_t)(is_digit(c) ? c - '0' : c - 'a' + 10);
    }
    *v = sum;
    return true;
}

static size_t digits(str x, size_t i) {
    size_t n = 0;
    while (i + n < x.len && is_digit(x.s[i + n])) n++;
    return n;
}

// strtod also takes white space, hexadecimal digits, infinities and NaN; none of them is a number in our inputs.
static bool is_number(str x) {
    size_t i = x.len && (x.s[0] == '-' || x.s[0] == '+');
    size_t whole = digits(x, i), part = 0;
    i += whole;
    if (i < x.len && x.s[i] == '.') {
        part = digits(x, i + 1);
        i += 1 + part;
    }
    if (!whole && !part) return false;
    if (i < x.len && (x.s[i] | 32) == 'e') {
        i++;
        i += i < x.len && (x.s[i] == '-' || x.s[i] == '+');
        size_t n = digits(x, i);
        if (!n) return false;
        i += n;
    }
    return i == x.len;
}

// The program never calls setlocale, so strtod reads a point.
bool str_f64(str x, double *v) {
    char z[512];
    if (x.len >= sizeof z || !is_number(x)) return false;
    memcpy(z, x.s, x.len);
    z[x.len] = 0;
    double d = strtod(z, NULL);
    if (!isfinite(d)) return false;
    *v = d;
    return true;
}

// Well-formed sequences of the Unicode Standard, table 3-7: what the second byte may be depends on the first.
size_t str_utf8_1(str x) {
    if (!x.len) return 0;
    const unsigned char *p = (const unsigned char *)x.s;
    unsigned c = p[0];
    if (c < 0x80) return 1;
    if (c < 0xC2 || c > 0xF4) return 0;
    size_t n = c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
    if (x.len < n) return 0;
    unsigned low = c == 0xE0 ? 0xA0 : c == 0xF0 ? 0x90 : 0x80, high = c == 0xED ? 0x9F : c == 0xF4 ? 0x8F : 0xBF;
    if (p[1] < low || p[1] > high) return 0;
    for (size_t i = 2; i < n; i++)
        if ((p[i] & 0xC0) != 0x80) return 0;
    return n;
}

size_t str_ascii(str x) {
    size_t i = 0;
    for (uint64_t w; i + sizeof w <= x.len; i += sizeof w) {
        memcpy(&w, x.s + i, sizeof w);
        if (w & 0x8080808080808080u) break;
    }
    while (i < x.len && !(x.s[i] & 0x80)) i++;
    return i;
}

bool str_utf8_ok(str x) {
    while (x.len) {
        size_t n = str_ascii(x);
        if (!n && !(n = str_utf8_1(x))) return false;
        x = (str){x.s + n, x.len - n};
    }
    return true;
}

uint64_t str_hash(str x) {
    return XXH3_64bits(x.s, x.len);
}

// Seeds are small numbers side by side (sources, kinds), and XXH3 joins them to texts of up to three bytes by exclusive
// or: (1, "000") would meet (2, "001"). The seed is spread over all bits first (the finalizer of splitmix64, Steele,
// Lea and Flood 2014); 0 stays 0.
static uint64_t spread(uint64_t x) {
    x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
    return x ^ (x >> 31);
}

uint64_t str_hash2(uint64_t seed, str x) {
    return XXH3_64bits_withSeed(x.s, x.len, spread(seed));
}
