#include "base/base.h"

#include <float.h>
#include <math.h>
#include <stdarg.h>

buf buf_new(arena *a, size_t max) {
    return (buf){.a = a, .max = max};
}

// Makes room for n more bytes, and one spare for vsnprintf's NUL. In place when nothing was allocated after the buf;
// otherwise the bytes move.
static bool room(buf *b, size_t n) {
    if (b->full || n > b->max - b->len) {
        b->full = true;
        return false;
    }
    if (b->s && n <= b->cap - b->len) return true;
    size_t need = b->len + n, want = MIN(MAX(MAX(need, b->cap * 2), 255), b->max);
    bool last = b->s && b->s + b->cap + 1 == b->a->at;
    size_t have = last ? b->cap + 1 : 0;
    if (want + 1 - have > arena_left(b->a)) want = need;
    char *p = make(b->a, char, want + 1 - have);
    if (!last) {
        if (b->len) memcpy(p, b->s, b->len);
        b->s = p;
    }
    b->cap = want;
    return true;
}

void buf_bytes(buf *b, const void *p, size_t n) {
    if (!n || !room(b, n)) return;
    memcpy(b->s + b->len, p, n);
    b->len += n;
}

void buf_add(buf *b, str x) {
    buf_bytes(b, x.s, x.len);
}

void buf_addc(buf *b, char c) {
    buf_bytes(b, &c, 1);
}

void buf_i64(buf *b, int64_t v) {
    char text[20] = {0};
    size_t at = sizeof text;
    uint64_t rest = v < 0 ? -(uint64_t)v : (uint64_t)v;
    do text[--at] = (char)('0' + rest % 10);
    while (rest /= 10);
    if (v < 0) text[--at] = '-';
    buf_bytes(b, text + at, sizeof text - at);
}

// The middle of the numbers that read back as v. Below a power of two doubles stand closer than above, so its middle
// is a little higher; without this a 17th digit would be printed where 16 do.
static long double middle(double v) {
    int exponent = 0;
    bool power = fabs(frexp(v, &exponent)) == 0.5 && fabs(v) > DBL_MIN;
    return power ? (long double)v * (1 + 0x1p-55L) : (long double)v;
}

// Fifteen digits always survive the way through a normal double, so fewer need not be tried (%g drops zeros).
void buf_f64(buf *b, double v) {
    char text[40];
    int n = 0;
    long double m = middle(v);
    if (v == trunc(v) && fabs(v) < 1e15) {
        n = snprintf(text, sizeof text, "%.0f", v);
    } else {
        for (int digits = fabs(v) < DBL_MIN ? 1 : 15; digits < 17; digits++) {
            n = snprintf(text, sizeof text, "%.*Lg", digits, m);
            if (strtod(text, NULL) == v) break;
            n = 0;
        }
        if (!n) n = snprintf(text, sizeof text, "%.17g", v);
    }
    buf_bytes(b, text, (size_t)n);
}

void buf_fmt(buf *b, const char *fmt, ...) {
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    size_t n = (size_t)vsnprintf(NULL, 0, fmt, args);
    if (room(b, n)) {
        vsnprintf(b->s + b->len, n + 1, fmt, again);
        b->len += n;
    }
    va_end(again);
    va_end(args);
}

void buf_varint(buf *b, uint64_t v) {
    unsigned char p[10];
    size_t n = 0;
    for (; v >= 0x80; v >>= 7) p[n++] = (unsigned char)(v | 0x80);
    p[n++] = (unsigned char)v;
    buf_bytes(b, p, n);
}

bool buf_read_varint(str *rest, uint64_t *v) {
    uint64_t sum = 0;
    for (size_t i = 0; i < rest->len && i < 10; i++) {
        uint64_t byte = (unsigned char)rest->s[i];
        if (i == 9 && byte > 1) return false;
        sum |= (byte & 0x7F) << (7 * i);
        if (byte & 0x80) continue;
        *rest = str_sub(*rest, i + 1, rest->len);
        *v = sum;
        return true;
    }
    return false;
}

uint64_t zigzag(int64_t v) {
    return (uint64_t)v << 1 ^ (v < 0 ? UINT64_MAX : 0);
}

int64_t unzigzag(uint64_t v) {
    return (int64_t)(v >> 1 ^ (v & 1 ? UINT64_MAX : 0));
}

static void escape(buf *b, unsigned char c) {
    static const char two[] = "\"\"\\\\\bb\ff\nn\rr\tt";
    for (size_t i = 0; i + 1 < sizeof two; i += 2)
        if ((unsigned char)two[i] == c) {
            buf_bytes(b, (char[]){'\\', two[i + 1]}, 2);
            return;
        }
    buf_fmt(b, "\\u%04x", c);
}

// How many bytes of x stand in a JSON string as they are.
static size_t plain(str x) {
    size_t i = 0;
    for (size_t n; i < x.len; i += n) {
        unsigned char c = (unsigned char)x.s[i];
        if (c < 0x20 || c == '"' || c == '\\') break;
        n = c < 0x80 ? 1 : str_utf8_1(str_sub(x, i, 4));
        if (!n) break;
    }
    return i;
}

void buf_json_str(buf *b, str x) {
    buf_addc(b, '"');
    while (x.len) {
        size_t n = plain(x);
        buf_bytes(b, x.s, n);
        x = str_sub(x, n, x.len);
        if (!x.len) break;
        if (x.s[0] & 0x80)
            buf_add(b, S("\xEF\xBF\xBD"));
        else
            escape(b, (unsigned char)x.s[0]);
        x = str_sub(x, 1, x.len);
    }
    buf_addc(b, '"');
}

void buf_reset(buf *b) {
    b->len = 0;
    b->full = false;
}

str buf_str(const buf *b) {
    return (str){b->s, b->len};
}
