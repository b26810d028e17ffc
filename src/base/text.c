#include "base/text.h"

enum { HEAD = 64 << 10 };
static const char BAD[] = "\xEF\xBF\xBD";

static size_t put(char *out, uint32_t c) {
    unsigned char *p = (unsigned char *)out;
    if (c < 0x80) {
        p[0] = (unsigned char)c;
        return 1;
    }
    size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = n; --i; c >>= 6) p[i] = (unsigned char)(0x80 | (c & 0x3F));
    p[0] = (unsigned char)(0xF0 << (4 - n) | c);
    return n;
}

// Without a mark UTF-16 shows in its zero bytes: ASCII characters, if only the separators, leave them on one side. In a
// short text a single stray NUL is a large share, so more is asked of it.
static enum text_kind guess_utf16(str head) {
    size_t zeros[2] = {0}, share = head.len < 256 ? 5 : 40;
    for (size_t i = 0; i < head.len; i++) zeros[i & 1] += !head.s[i];
    for (int side = 0; side < 2; side++)
        if (zeros[side] * share >= head.len && zeros[side] > zeros[!side] * 8)
            return side ? TEXT_UTF16LE : TEXT_UTF16BE;
    return TEXT_ASCII;
}

enum text_kind text_guess(str head, size_t *skip) {
    static const struct {
        str mark;
        enum text_kind kind;
    } marks[] = {{S("\xEF\xBB\xBF"), TEXT_UTF8}, {S("\xFF\xFE"), TEXT_UTF16LE}, {S("\xFE\xFF"), TEXT_UTF16BE}};
    for (size_t i = 0; i < COUNT(marks); i++)
        if (str_starts(head, marks[i].mark)) {
            *skip = marks[i].mark.len;
            return marks[i].kind;
        }
    *skip = 0;
    enum text_kind wide = guess_utf16(head);
    if (wide) return wide;
    size_t good = 0, bad = 0;
    bool cut = head.len >= HEAD;
    for (size_t i = 0; (i += str_ascii(str_sub(head, i, head.len))) < head.len;) {
        size_t n = str_utf8_1(str_sub(head, i, 4));
        if (!n && cut && head.len - i < 4) break;
        good += n > 0;
        bad += !n;
        i += MAX(n, 1);
    }
    return bad > good ? TEXT_LATIN1 : good ? TEXT_UTF8 : TEXT_ASCII;
}

const char *text_encoding(str head, size_t *skip) {
    static const char *const names[] = {"utf-8", "utf-8", "latin-1", "utf-16le", "utf-16be"};
    return names[text_guess(head, skip)];
}

// What windows-1252 has where Latin-1 has control characters; its five gaps stay control characters, as on the web.
size_t text_from_latin1(char *out, str x) {
    static const uint16_t high[32] = {0x20AC, 0x81,   0x201A, 0x192,  0x201E, 0x2026, 0x2020, 0x2021,
                                      0x2C6,  0x2030, 0x160,  0x2039, 0x152,  0x8D,   0x17D,  0x8F,
                                      0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                      0x2DC,  0x2122, 0x161,  0x203A, 0x153,  0x9D,   0x17E,  0x178};
    size_t n = 0;
    for (size_t i = 0; i < x.len; i++) {
        unsigned char c = (unsigned char)x.s[i];
        n += put(out + n, c >= 0x80 && c < 0xA0 ? high[c - 0x80] : c);
    }
    return n;
}

size_t text_mend(char *out, str x) {
    size_t n = 0;
    while (x.len) {
        size_t good = str_ascii(x);
        if (!good) good = str_utf8_1(x);
        memcpy(out + n, good ? x.s : BAD, good ? good : 3);
        n += good ? good : 3;
        x = str_sub(x, MAX(good, 1), x.len);
    }
    return n;
}

static uint32_t unit(str x, size_t at, bool big) {
    const unsigned char *p = (const unsigned char *)x.s + at;
    return big ? (uint32_t)(p[0] << 8 | p[1]) : (uint32_t)(p[1] << 8 | p[0]);
}

size_t text_from_utf16(char *out, str *x, bool big, bool last) {
    size_t n = 0, at = 0;
    while (x->len - at >= 2) {
        uint32_t c = unit(*x, at, big), low = 0;
        bool lead = c >= 0xD800 && c < 0xDC00;
        if (lead && x->len - at < 4 && !last) break;
        if (lead && x->len - at >= 4) low = unit(*x, at + 2, big);
        bool pair = low >= 0xDC00 && low < 0xE000;
        if (pair)
            c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
        else if (c >= 0xD800 && c < 0xE000)
            c = 0xFFFD;
        n += put(out + n, c);
        at += pair ? 4 : 2;
    }
    if (last && at < x->len) {
        n += put(out + n, 0xFFFD);
        at = x->len;
    }
    *x = str_sub(*x, at, x->len);
    return n;
}

str text_to_utf8(arena *a, str bytes) {
    size_t skip = 0;
    enum text_kind kind = text_guess(bytes, &skip);
    str x = str_sub(bytes, skip, bytes.len);
    if (kind <= TEXT_UTF8 && str_utf8_ok(x)) return str_dup(a, x);
    char *out = make(a, char, x.len * 3 + 1);
    size_t n = 0;
    switch (kind) {
    case TEXT_ASCII:
    case TEXT_UTF8: n = text_mend(out, x); break;
    case TEXT_LATIN1: n = text_from_latin1(out, x); break;
    case TEXT_UTF16LE:
    case TEXT_UTF16BE: n = text_from_utf16(out, &x, kind == TEXT_UTF16BE, true); break;
    }
    return (str){out, n};
}
