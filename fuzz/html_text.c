// Any bytes as HTML: the text is no longer than they are, is well-formed when they are, has no white space at its ends,
// and words that are escaped come back as they were.
#include "listen/html_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static str escaped(arena *a, str x) {
    buf b = buf_new(a, 8 * x.len + 8);
    for (size_t i = 0; i < x.len; i++) {
        const char c = x.s[i];
        if (c == '<')
            buf_add(&b, S("&lt;"));
        else if (c == '&')
            buf_add(&b, S("&amp;"));
        else
            buf_addc(&b, c);
    }
    return buf_str(&b);
}

// What white space becomes outside <pre>: one blank, and none at the ends.
static str folded(arena *a, str x) {
    buf b = buf_new(a, x.len + 1);
    for (size_t i = 0; i < x.len; i++) {
        const bool nbsp = i + 1 < x.len && x.s[i] == '\xC2' && x.s[i + 1] == '\xA0';
        const bool space = nbsp || memchr(" \t\r\n\f", x.s[i], 5);
        if (!space)
            buf_addc(&b, x.s[i]);
        else if (b.len && b.s[b.len - 1] != ' ')
            buf_addc(&b, ' ');
        i += nbsp;
    }
    return str_trim(buf_str(&b));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    arena a = arena_open(16 * size + (1 << 16));
    const str html = {(const char *)data, size}, text = html_text(&a, html);
    assert(text.len <= html.len);
    assert(!str_utf8_ok(html) || str_utf8_ok(text));
    assert(str_trim(text).len == text.len);
    (void)html_looks(html);
    assert(str_eq(html_text(&a, escaped(&a, html)), folded(&a, html)));
    arena_close(&a);
    return 0;
}
