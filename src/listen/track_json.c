#include "listen/track_json.h"

typedef struct {
    const char *p, *end, *from;
    arena *a;
    doc_value *v;
    uint32_t n, room;
    uint32_t open; // the structure at hand; while it is open its `next` is the one around it
    uint32_t depth;
    err *e;
} scan;

enum { NONE = UINT32_MAX };

static bool broken(scan *s, const char *what) {
    const char *line = s->from;
    int lines = 1;
    for (const char *p = s->from; p < s->p; p++)
        if (*p == '\n') line = p + 1, lines++;
    return fail(s->e, ERR_invalid, "not JSON at line %d, column %d: %s", lines, (int)(s->p - line) + 1, what);
}

// ---- values ----

static bool push(scan *s, enum doc_type type, const char *from, const char *to, uint8_t flags) {
    if (s->n == s->room) {
        if (s->room >= DOC_VALUES)
            return fail(s->e, ERR_too_large, "the body holds more than %d values; send it in parts", DOC_VALUES);
        s->room = MIN(2 * s->room, (uint32_t)DOC_VALUES);
        doc_value *more = make(s->a, doc_value, s->room);
        memcpy(more, s->v, s->n * sizeof *more);
        s->v = more;
    }
    s->v[s->n] = (doc_value){(uint32_t)(from - s->from), (uint32_t)(to - from), s->n + 1, (uint8_t)type, flags};
    s->n++;
    if (flags & DOC_ODD && s->open != NONE) s->v[s->open].flags |= DOC_ODD;
    return true;
}

static void blanks(scan *s) {
    const char *p = s->p;
    while (p < s->end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t')) p++;
    if (p != s->p && s->open != NONE) s->v[s->open].flags |= DOC_BLANKS;
    s->p = p;
}

// How many of the next eight bytes are plain ASCII inside a text; 8: all. A byte below n shows as a borrow into its
// high bit (Hacker's Delight, 6-1); what a borrow falsifies stands after the byte that caused it, so the first is
// exact.
static size_t plain_of_eight(const char *p) {
    static const uint64_t ones = UINT64_C(0x0101010101010101), high = ones * 0x80;
    uint64_t x;
    memcpy(&x, p, sizeof x);
    if (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__) x = __builtin_bswap64(x);
    const uint64_t quote = x ^ ones * '"', slash = x ^ ones * '\\';
    const uint64_t stop = (x | (x - ones * 0x20) | (quote - ones) | (slash - ones)) & high;
    return stop ? (size_t)__builtin_ctzll(stop) / 8 : 8;
}

static const char *past_plain(const char *p, const char *end) {
    while (end - p >= 8) {
        size_t n = plain_of_eight(p);
        p += n;
        if (n < 8) return p;
    }
    while (p < end && (unsigned char)*p >= 0x20 && (unsigned char)*p < 0x80 && *p != '"' && *p != '\\') p++;
    return p;
}

static int hex4(const char *p) {
    int v = 0;
    for (int i = 0; i < 4; i++) {
        int c = p[i] | 0x20, digit = c >= 'a' && c <= 'f' ? c - 'a' + 10 : p[i] - '0';
        if (digit < 0 || digit > 15 || (digit > 9 && c < 'a')) return -1;
        v = v << 4 | digit;
    }
    return v;
}

static bool is_high(int u) {
    return u >= 0xD800 && u < 0xDC00;
}
static bool is_low(int u) {
    return u >= 0xDC00 && u < 0xE000;
}

// \uXXXX, with its other half if it is one of two. Bytes taken, 0: malformed; *odd: it stands for no character.
static size_t unicode_escape(const char *p, const char *end, uint32_t *character, bool *odd) {
    int u = end - p >= 6 ? hex4(p + 2) : -1, v = -1;
    if (u < 0) return 0;
    *odd = u == 0 || is_high(u) || is_low(u);
    *character = (uint32_t)u;
    if (!is_high(u) || end - p < 12 || p[6] != '\\' || p[7] != 'u' || !is_low(v = hex4(p + 8))) return 6;
    *odd = false;
    *character = 0x10000 + ((uint32_t)(u - 0xD800) << 10) + (uint32_t)(v - 0xDC00);
    return 12;
}

static char unescaped(char c) {
    switch (c) {
    case '"':
    case '\\':
    case '/': return c;
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    }
    return 0;
}

static bool escape(scan *s, uint8_t *flags) {
    *flags |= DOC_ESCAPED;
    if (s->end - s->p >= 2 && unescaped(s->p[1])) {
        s->p += 2;
        return true;
    }
    uint32_t character;
    bool odd = false;
    size_t n = s->end - s->p >= 2 && s->p[1] == 'u' ? unicode_escape(s->p, s->end, &character, &odd) : 0;
    if (!n) return broken(s, "no such escape");
    if (odd) *flags |= DOC_ODD;
    s->p += n;
    return true;
}

static bool string(scan *s) {
    const char *from = ++s->p;
    uint8_t flags = 0;
    for (;;) {
        s->p = past_plain(s->p, s->end);
        if (s->p >= s->end) return broken(s, "a text does not end");
        unsigned char c = (unsigned char)*s->p;
        if (c == '"') break;
        if (c == '\\') {
            if (!escape(s, &flags)) return false;
        } else if (c >= 0x80) {
            size_t n = str_utf8_1((str){s->p, (size_t)(s->end - s->p)});
            if (!n) flags |= DOC_ODD;
            s->p += n ? n : 1;
        } else {
            return broken(s, "a control character in a text");
        }
    }
    return push(s, DOC_TEXT, from, s->p++, flags);
}

static const char *digits(const char *p, const char *end) {
    while (p < end && *p >= '0' && *p <= '9') p++;
    return p;
}

// A whole number that 64 bits cannot hold, or a real that no double reaches, is odd.
static bool out_of_reach(str x, bool whole) {
    int64_t i;
    double f;
    if (whole) return x.len > 18 && !str_i64(x, &i);
    return !str_f64(x, &f);
}

static bool number(scan *s) {
    const char *from = s->p, *p = from + (*from == '-'), *q = digits(p, s->end);
    bool whole = true, large = q - p > 300;
    if (q == p || (*p == '0' && q - p > 1)) return broken(s, "no value");
    if (q < s->end && *q == '.') {
        p = q + 1, q = digits(p, s->end), whole = false;
        if (q == p) return broken(s, "a number ends in a point");
    }
    if (q < s->end && (*q | 0x20) == 'e') {
        p = q + 1 + (q + 1 < s->end && (q[1] == '+' || q[1] == '-')), q = digits(p, s->end), whole = false;
        if (q == p) return broken(s, "a number ends in its exponent");
        large = true;
    }
    str x = {from, (size_t)(q - from)};
    bool odd = (whole ? x.len > 18 : large) && out_of_reach(x, whole);
    s->p = q;
    return push(s, whole ? DOC_WHOLE : DOC_REAL, from, q, odd ? DOC_ODD : 0);
}

static bool word(scan *s, str w, enum doc_type type) {
    if ((size_t)(s->end - s->p) < w.len || memcmp(s->p, w.s, w.len) != 0) return broken(s, "no value");
    s->p += w.len;
    return push(s, type, s->p - w.len, s->p, 0);
}

static bool scalar(scan *s) {
    switch (*s->p) {
    case '"': return string(s);
    case 't': return word(s, S("true"), DOC_TRUE);
    case 'f': return word(s, S("false"), DOC_FALSE);
    case 'n': return word(s, S("null"), DOC_NULL);
    default: return number(s);
    }
}

// ---- structures ----

static bool name(scan *s) {
    blanks(s);
    if (s->p >= s->end || *s->p != '"') return broken(s, "the name of a member is expected");
    if (!string(s)) return false;
    blanks(s);
    if (s->p >= s->end || *s->p != ':') return broken(s, "a colon is expected");
    s->p++;
    return true;
}

static bool open_it(scan *s) {
    bool object = *s->p == '{';
    if (!push(s, object ? DOC_OBJECT : DOC_LIST, s->p, s->p + 1, 0)) return false;
    s->v[s->n - 1].next = s->open;
    s->open = s->n - 1;
    if (++s->depth > DOC_DEPTH) s->v[s->open].flags |= DOC_DEEP;
    s->p++;
    return true;
}

static void close_it(scan *s) {
    doc_value *v = &s->v[s->open];
    uint32_t around = v->next;
    s->p++;
    v->len = (uint32_t)(s->p - s->from) - v->at;
    v->next = s->n;
    if (around != NONE) s->v[around].flags |= v->flags & (DOC_ODD | DOC_BLANKS | DOC_DEEP);
    s->open = around;
    s->depth--;
}

static char closing(const scan *s) {
    return s->v[s->open].type == DOC_OBJECT ? '}' : ']';
}

// After a value: closes what ends here; *more: another value of the structure at hand follows.
static bool after_value(scan *s, bool *more) {
    for (*more = false; s->open != NONE;) {
        blanks(s);
        if (s->p < s->end && *s->p == ',') {
            s->p++;
            *more = true;
            return s->v[s->open].type != DOC_OBJECT || name(s);
        }
        if (s->p >= s->end || *s->p != closing(s)) return broken(s, "a comma or the end of what is open is expected");
        close_it(s);
    }
    return true;
}

// A value up to the first one in it: a scalar whole, a structure entered; *inside: the next value stands in it.
static bool value(scan *s, bool *inside) {
    *inside = false;
    blanks(s);
    if (s->p >= s->end) return broken(s, "a value is expected");
    if (*s->p != '{' && *s->p != '[') return scalar(s);
    if (!open_it(s)) return false;
    blanks(s);
    if (s->p < s->end && *s->p == closing(s)) {
        close_it(s);
        return true;
    }
    *inside = true;
    return s->v[s->open].type != DOC_OBJECT || name(s);
}

bool doc_read(arena *a, str text, doc *out, err *e) {
    static const char mark[] = "\xEF\xBB\xBF";
    if (str_starts(text, S(mark))) text = str_sub(text, 3, text.len);
    if (text.len >= UINT32_MAX) return fail(e, ERR_too_large, "the body is too large; send it in parts");
    scan s = {.p = text.s, .end = text.s + text.len, .from = text.s, .a = a, .open = NONE, .e = e};
    s.room = (uint32_t)MIN(text.len / 8 + 16, (size_t)DOC_VALUES);
    s.v = make(a, doc_value, s.room);
    s.n = DOC_ROOT; // v[DOC_NONE] is a null
    for (bool more = true; more;) {
        bool inside = false;
        if (!text.len || !value(&s, &inside)) return text.len ? false : broken(&s, "there is nothing");
        if (!inside && !after_value(&s, &more)) return false;
    }
    blanks(&s);
    if (s.p != s.end) return broken(&s, "something follows the value");
    *out = (doc){text.s, s.v, s.n};
    return true;
}

// ---- looking ----

enum doc_type doc_type(const doc *d, doc_id i) {
    return (enum doc_type)d->v[i].type;
}

bool doc_true(const doc *d, doc_id i) {
    return d->v[i].type == DOC_TRUE;
}

bool doc_false(const doc *d, doc_id i) {
    return d->v[i].type == DOC_FALSE;
}

static bool structure(const doc *d, doc_id i) {
    return d->v[i].type == DOC_OBJECT || d->v[i].type == DOC_LIST;
}

bool doc_empty(const doc *d, doc_id i) {
    return d->v[i].type == DOC_NULL || (structure(d, i) && d->v[i].next == i + 1);
}

doc_id doc_first(doc_id i) {
    return i + 1;
}

doc_id doc_after(const doc *d, doc_id i) {
    return d->v[i].next;
}

size_t doc_count(const doc *d, doc_id i) {
    size_t n = 0;
    bool object = d->v[i].type == DOC_OBJECT;
    for (doc_id k = i + 1; structure(d, i) && k < d->v[i].next; k = d->v[object ? k + 1 : k].next) n++;
    return n;
}

str doc_raw(const doc *d, doc_id i) {
    const doc_value *v = &d->v[i];
    uint32_t quote = v->type == DOC_TEXT;
    return (str){d->text + v->at - quote, v->len + 2 * quote};
}

// ---- texts ----

static size_t put_utf8(char *to, uint32_t c) {
    if (c < 0x80) return to[0] = (char)c, 1;
    if (c < 0x800) return to[0] = (char)(0xC0 | c >> 6), to[1] = (char)(0x80 | (c & 0x3F)), 2;
    if (c < 0x10000) {
        to[0] = (char)(0xE0 | c >> 12), to[1] = (char)(0x80 | (c >> 6 & 0x3F)), to[2] = (char)(0x80 | (c & 0x3F));
        return 3;
    }
    to[0] = (char)(0xF0 | c >> 18), to[1] = (char)(0x80 | (c >> 12 & 0x3F));
    to[2] = (char)(0x80 | (c >> 6 & 0x3F)), to[3] = (char)(0x80 | (c & 0x3F));
    return 4;
}

// One character of a text that was read before, or what stands where there is none.
typedef struct {
    str raw;    // the bytes it takes
    uint32_t c; // 0: raw is the character itself
    bool odd;
} piece;

static piece piece_at(const char *p, const char *end) {
    bool odd = false;
    uint32_t c = 0;
    if ((unsigned char)*p >= 0x80) {
        size_t n = str_utf8_1((str){p, (size_t)(end - p)});
        return (piece){{p, n ? n : 1}, 0, !n};
    }
    if (*p != '\\') return (piece){{p, 1}, 0, false};
    if (p[1] != 'u') return (piece){{p, 2}, (unsigned char)unescaped(p[1]), false};
    size_t n = unicode_escape(p, end, &c, &odd);
    return (piece){{p, n}, c, odd};
}

static const str REPLACEMENT = {"\xEF\xBF\xBD", 3}; // U+FFFD

// An odd byte becomes three, everything else no more than it was.
static str decode(arena *a, str raw) {
    char *s = arena_alloc(a, 1, 1, raw.len * 3);
    size_t n = 0;
    for (const char *p = raw.s, *end = raw.s + raw.len; p < end;) {
        piece x = piece_at(p, end);
        str as = x.odd ? REPLACEMENT : x.raw;
        if (x.c && !x.odd)
            n += put_utf8(s + n, x.c);
        else
            memcpy(s + n, as.s, as.len), n += as.len;
        p += x.raw.len;
    }
    return (str){s, n};
}

str doc_text(arena *a, const doc *d, doc_id i) {
    const doc_value *v = &d->v[i];
    str raw = {d->text + v->at, v->len};
    if (v->type != DOC_TEXT) return S("");
    return v->flags & (DOC_ESCAPED | DOC_ODD) ? decode(a, raw) : raw;
}

str doc_scalar(arena *a, const doc *d, doc_id i) {
    switch (doc_type(d, i)) {
    case DOC_TEXT: return doc_text(a, d, i);
    case DOC_WHOLE:
    case DOC_REAL:
    case DOC_TRUE:
    case DOC_FALSE: return doc_raw(d, i);
    case DOC_NULL:
    case DOC_OBJECT:
    case DOC_LIST: break;
    }
    return S("");
}

// Nobody escapes the names that we know, but they may.
static bool named_slowly(str raw, str is) {
    for (const char *p = raw.s, *end = raw.s + raw.len; p < end;) {
        piece x = piece_at(p, end);
        char utf8[4];
        str as = x.odd ? REPLACEMENT : x.c ? (str){utf8, put_utf8(utf8, x.c)} : x.raw;
        if (!str_starts(is, as)) return false;
        is = str_sub(is, as.len, is.len);
        p += x.raw.len;
    }
    return !is.len;
}

bool doc_named(const doc *d, doc_id name, str is) {
    const doc_value *v = &d->v[name];
    if (v->flags & DOC_ESCAPED) return named_slowly((str){d->text + v->at, v->len}, is);
    return v->len == is.len && memcmp(d->text + v->at, is.s, is.len) == 0;
}

doc_id doc_get(const doc *d, doc_id object, str name) {
    if (d->v[object].type != DOC_OBJECT) return DOC_NONE;
    for (doc_id k = object + 1; k < d->v[object].next; k = d->v[k + 1].next)
        if (doc_named(d, k, name)) return k + 1;
    return DOC_NONE;
}

doc_id doc_path(const doc *d, doc_id object, const char *path) {
    for (str rest = str_c(path); rest.s;) {
        str part = str_cut(&rest, '.');
        object = doc_get(d, object, part);
    }
    return object;
}

// ---- passing on ----

size_t doc_room(const doc *d, doc_id i) {
    size_t n = doc_raw(d, i).len;
    return d->v[i].flags & DOC_ODD ? 3 * n + 2 : n; // an odd byte becomes three, a number gets quotes
}

static void put_text(buf *b, const doc *d, doc_id i) {
    str raw = {d->text + d->v[i].at, d->v[i].len};
    buf_addc(b, '"');
    for (const char *p = raw.s, *end = raw.s + raw.len; p < end;) {
        piece x = piece_at(p, end);
        buf_add(b, x.odd ? REPLACEMENT : x.raw);
        p += x.raw.len;
    }
    buf_addc(b, '"');
}

static void put_odd(buf *b, const doc *d, doc_id i) {
    if (d->v[i].type == DOC_TEXT)
        put_text(b, d, i);
    else
        buf_json_str(b, doc_raw(d, i)); // digits that would be lost otherwise
}

static void put_list(buf *b, const doc *d, doc_id i) {
    buf_addc(b, '[');
    for (doc_id k = i + 1; k < d->v[i].next; k = d->v[k].next) {
        if (k > i + 1) buf_addc(b, ',');
        doc_put(b, d, k);
    }
    buf_addc(b, ']');
}

void doc_put(buf *b, const doc *d, doc_id i) {
    uint8_t flags = d->v[i].flags;
    if (!(flags & (DOC_ODD | DOC_BLANKS)) || flags & DOC_DEEP) {
        buf_add(b, doc_raw(d, i));
    } else if (d->v[i].type == DOC_LIST) {
        put_list(b, d, i);
    } else if (d->v[i].type == DOC_OBJECT) {
        buf_addc(b, '{');
        doc_put_members(b, d, i, false, NULL, NULL);
        buf_addc(b, '}');
    } else {
        put_odd(b, d, i);
    }
}

bool doc_put_members(buf *b, const doc *d, doc_id object, bool comma, doc_leave leave, const void *ctx) {
    if (d->v[object].type != DOC_OBJECT) return comma;
    for (doc_id k = object + 1; k < d->v[object].next; k = d->v[k + 1].next) {
        if (leave && leave(ctx, d, k)) continue;
        if (comma) buf_addc(b, ',');
        doc_put(b, d, k);
        buf_addc(b, ':');
        doc_put(b, d, k + 1);
        comma = true;
    }
    return comma;
}
