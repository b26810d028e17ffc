#include "serve/html.h"

// Control characters, and U+200E, U+200F, U+202A … U+202E, U+2066 … U+2069.
static bool unwanted(str c) {
    if (c.len == 1) return ((unsigned char)c.s[0] < ' ' && c.s[0] != '\n' && c.s[0] != '\t') || c.s[0] == 127;
    if (c.len == 2) return c.s[0] == '\xC2' && (unsigned char)c.s[1] < 0xA0;
    if (c.len != 3 || c.s[0] != '\xE2') return false;
    unsigned char x = (unsigned char)c.s[1], y = (unsigned char)c.s[2];
    return (x == 0x80 && (y == 0x8E || y == 0x8F || (y >= 0xAA && y <= 0xAE))) || (x == 0x81 && y >= 0xA6 && y <= 0xA9);
}

static void put(buf *b, str c) {
    switch (c.s[0]) {
    case '&': buf_add(b, S("&amp;")); return;
    case '<': buf_add(b, S("&lt;")); return;
    case '>': buf_add(b, S("&gt;")); return;
    case '"': buf_add(b, S("&quot;")); return;
    case '\'': buf_add(b, S("&#39;")); return;
    default: buf_add(b, c);
    }
}

void html_put(buf *b, str x) {
    while (x.len) {
        size_t n = str_utf8_1(x);
        str c = n ? str_sub(x, 0, n) : S("\xEF\xBF\xBD");
        if (!unwanted(c)) put(b, c);
        x = str_sub(x, n ? n : 1, x.len);
    }
}

void html_fmt(buf *b, const char *fmt, const str *texts) {
    for (str rest = str_c(fmt); rest.len;) {
        ptrdiff_t at = str_find(rest, '%');
        bool slot = at >= 0 && (size_t)at + 1 < rest.len && rest.s[at + 1] == 's';
        size_t plain = at < 0 ? rest.len : (size_t)at + !slot;
        buf_add(b, str_sub(rest, 0, plain));
        if (slot) html_put(b, *texts++);
        rest = str_sub(rest, plain + (slot ? 2 : 0), rest.len);
    }
}
