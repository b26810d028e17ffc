#include "listen/html_text.h"

// clang-format off
// HTML 4.01 section 24 and XML's apos, sorted by name for bsearch.
static const struct entity { char name[9]; uint16_t code; } entities[] = {
    {"AElig", 0xc6}, {"Aacute", 0xc1}, {"Acirc", 0xc2}, {"Agrave", 0xc0}, {"Alpha", 0x391}, {"Aring", 0xc5},
    {"Atilde", 0xc3}, {"Auml", 0xc4}, {"Beta", 0x392}, {"Ccedil", 0xc7}, {"Chi", 0x3a7}, {"Dagger", 0x2021},
    {"Delta", 0x394}, {"ETH", 0xd0}, {"Eacute", 0xc9}, {"Ecirc", 0xca}, {"Egrave", 0xc8}, {"Epsilon", 0x395},
    {"Eta", 0x397}, {"Euml", 0xcb}, {"Gamma", 0x393}, {"Iacute", 0xcd}, {"Icirc", 0xce}, {"Igrave", 0xcc},
    {"Iota", 0x399}, {"Iuml", 0xcf}, {"Kappa", 0x39a}, {"Lambda", 0x39b}, {"Mu", 0x39c}, {"Ntilde", 0xd1},
    {"Nu", 0x39d}, {"OElig", 0x152}, {"Oacute", 0xd3}, {"Ocirc", 0xd4}, {"Ograve", 0xd2}, {"Omega", 0x3a9},
    {"Omicron", 0x39f}, {"Oslash", 0xd8}, {"Otilde", 0xd5}, {"Ouml", 0xd6}, {"Phi", 0x3a6}, {"Pi", 0x3a0},
    {"Prime", 0x2033}, {"Psi", 0x3a8}, {"Rho", 0x3a1}, {"Scaron", 0x160}, {"Sigma", 0x3a3}, {"THORN", 0xde},
    {"Tau", 0x3a4}, {"Theta", 0x398}, {"Uacute", 0xda}, {"Ucirc", 0xdb}, {"Ugrave", 0xd9}, {"Upsilon", 0x3a5},
    {"Uuml", 0xdc}, {"Xi", 0x39e}, {"Yacute", 0xdd}, {"Yuml", 0x178}, {"Zeta", 0x396}, {"aacute", 0xe1},
    {"acirc", 0xe2}, {"acute", 0xb4}, {"aelig", 0xe6}, {"agrave", 0xe0}, {"alefsym", 0x2135}, {"alpha", 0x3b1},
    {"amp", 0x26}, {"and", 0x2227}, {"ang", 0x2220}, {"apos", 0x27}, {"aring", 0xe5}, {"asymp", 0x2248},
    {"atilde", 0xe3}, {"auml", 0xe4}, {"bdquo", 0x201e}, {"beta", 0x3b2}, {"brvbar", 0xa6}, {"bull", 0x2022},
    {"cap", 0x2229}, {"ccedil", 0xe7}, {"cedil", 0xb8}, {"cent", 0xa2}, {"chi", 0x3c7}, {"circ", 0x2c6},
    {"clubs", 0x2663}, {"cong", 0x2245}, {"copy", 0xa9}, {"crarr", 0x21b5}, {"cup", 0x222a}, {"curren", 0xa4},
    {"dArr", 0x21d3}, {"dagger", 0x2020}, {"darr", 0x2193}, {"deg", 0xb0}, {"delta", 0x3b4}, {"diams", 0x2666},
    {"divide", 0xf7}, {"eacute", 0xe9}, {"ecirc", 0xea}, {"egrave", 0xe8}, {"empty", 0x2205}, {"emsp", 0x2003},
    {"ensp", 0x2002}, {"epsilon", 0x3b5}, {"equiv", 0x2261}, {"eta", 0x3b7}, {"eth", 0xf0}, {"euml", 0xeb},
    {"euro", 0x20ac}, {"exist", 0x2203}, {"fnof", 0x192}, {"forall", 0x2200}, {"frac12", 0xbd}, {"frac14", 0xbc},
    {"frac34", 0xbe}, {"frasl", 0x2044}, {"gamma", 0x3b3}, {"ge", 0x2265}, {"gt", 0x3e}, {"hArr", 0x21d4},
    {"harr", 0x2194}, {"hearts", 0x2665}, {"hellip", 0x2026}, {"iacute", 0xed}, {"icirc", 0xee}, {"iexcl", 0xa1},
    {"igrave", 0xec}, {"image", 0x2111}, {"infin", 0x221e}, {"int", 0x222b}, {"iota", 0x3b9}, {"iquest", 0xbf},
    {"isin", 0x2208}, {"iuml", 0xef}, {"kappa", 0x3ba}, {"lArr", 0x21d0}, {"lambda", 0x3bb}, {"lang", 0x2329},
    {"laquo", 0xab}, {"larr", 0x2190}, {"lceil", 0x2308}, {"ldquo", 0x201c}, {"le", 0x2264}, {"lfloor", 0x230a},
    {"lowast", 0x2217}, {"loz", 0x25ca}, {"lrm", 0x200e}, {"lsaquo", 0x2039}, {"lsquo", 0x2018}, {"lt", 0x3c},
    {"macr", 0xaf}, {"mdash", 0x2014}, {"micro", 0xb5}, {"middot", 0xb7}, {"minus", 0x2212}, {"mu", 0x3bc},
    {"nabla", 0x2207}, {"nbsp", 0xa0}, {"ndash", 0x2013}, {"ne", 0x2260}, {"ni", 0x220b}, {"not", 0xac},
    {"notin", 0x2209}, {"nsub", 0x2284}, {"ntilde", 0xf1}, {"nu", 0x3bd}, {"oacute", 0xf3}, {"ocirc", 0xf4},
    {"oelig", 0x153}, {"ograve", 0xf2}, {"oline", 0x203e}, {"omega", 0x3c9}, {"omicron", 0x3bf}, {"oplus", 0x2295},
    {"or", 0x2228}, {"ordf", 0xaa}, {"ordm", 0xba}, {"oslash", 0xf8}, {"otilde", 0xf5}, {"otimes", 0x2297},
    {"ouml", 0xf6}, {"para", 0xb6}, {"part", 0x2202}, {"permil", 0x2030}, {"perp", 0x22a5}, {"phi", 0x3c6},
    {"pi", 0x3c0}, {"piv", 0x3d6}, {"plusmn", 0xb1}, {"pound", 0xa3}, {"prime", 0x2032}, {"prod", 0x220f},
    {"prop", 0x221d}, {"psi", 0x3c8}, {"quot", 0x22}, {"rArr", 0x21d2}, {"radic", 0x221a}, {"rang", 0x232a},
    {"raquo", 0xbb}, {"rarr", 0x2192}, {"rceil", 0x2309}, {"rdquo", 0x201d}, {"real", 0x211c}, {"reg", 0xae},
    {"rfloor", 0x230b}, {"rho", 0x3c1}, {"rlm", 0x200f}, {"rsaquo", 0x203a}, {"rsquo", 0x2019}, {"sbquo", 0x201a},
    {"scaron", 0x161}, {"sdot", 0x22c5}, {"sect", 0xa7}, {"shy", 0xad}, {"sigma", 0x3c3}, {"sigmaf", 0x3c2},
    {"sim", 0x223c}, {"spades", 0x2660}, {"sub", 0x2282}, {"sube", 0x2286}, {"sum", 0x2211}, {"sup", 0x2283},
    {"sup1", 0xb9}, {"sup2", 0xb2}, {"sup3", 0xb3}, {"supe", 0x2287}, {"szlig", 0xdf}, {"tau", 0x3c4},
    {"there4", 0x2234}, {"theta", 0x3b8}, {"thetasym", 0x3d1}, {"thinsp", 0x2009}, {"thorn", 0xfe}, {"tilde", 0x2dc},
    {"times", 0xd7}, {"trade", 0x2122}, {"uArr", 0x21d1}, {"uacute", 0xfa}, {"uarr", 0x2191}, {"ucirc", 0xfb},
    {"ugrave", 0xf9}, {"uml", 0xa8}, {"upsih", 0x3d2}, {"upsilon", 0x3c5}, {"uuml", 0xfc}, {"weierp", 0x2118},
    {"xi", 0x3be}, {"yacute", 0xfd}, {"yen", 0xa5}, {"yuml", 0xff}, {"zeta", 0x3b6}, {"zwj", 0x200d},
    {"zwnj", 0x200c},
};
// clang-format on

// What windows-1252 has where Unicode has C1 controls: browsers read &#128; to &#159; so (HTML 5, 13.2.5.80).
static const uint16_t c1[32] = {0x20ac, 0x81,   0x201a, 0x192,  0x201e, 0x2026, 0x2020, 0x2021, 0x2c6,  0x2030, 0x160,
                                0x2039, 0x152,  0x8d,   0x17d,  0x8f,   0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
                                0x2013, 0x2014, 0x2dc,  0x2122, 0x161,  0x203a, 0x153,  0x9d,   0x17e,  0x178};

// What an element does to the text around it.
enum effect { INLINE, BLOCK, PARAGRAPH, CELL, ITEM, VERBATIM, HIDDEN, IMAGE, RULE };

// clang-format off
static const struct { const char *name; enum effect effect; } elements[] = {
    {"p", PARAGRAPH}, {"h1", PARAGRAPH}, {"h2", PARAGRAPH}, {"h3", PARAGRAPH}, {"h4", PARAGRAPH}, {"h5", PARAGRAPH},
    {"h6", PARAGRAPH}, {"ul", PARAGRAPH}, {"ol", PARAGRAPH}, {"dl", PARAGRAPH}, {"table", PARAGRAPH},
    {"blockquote", PARAGRAPH}, {"div", BLOCK}, {"br", BLOCK}, {"tr", BLOCK}, {"dt", BLOCK}, {"dd", BLOCK},
    {"section", BLOCK}, {"article", BLOCK}, {"header", BLOCK}, {"footer", BLOCK}, {"address", BLOCK}, {"form", BLOCK},
    {"fieldset", BLOCK}, {"option", BLOCK}, {"figure", BLOCK}, {"body", BLOCK}, {"caption", BLOCK}, {"center", BLOCK},
    {"td", CELL}, {"th", CELL}, {"li", ITEM}, {"pre", VERBATIM}, {"textarea", VERBATIM}, {"script", HIDDEN},
    {"style", HIDDEN}, {"head", HIDDEN}, {"title", HIDDEN}, {"template", HIDDEN}, {"noscript", HIDDEN}, {"img", IMAGE},
    {"hr", RULE},
};
// clang-format on

// The text so far. Space and line ends are owed, not written, until a character follows them.
typedef struct {
    char *s;
    size_t len;
    bool blank;   // a blank is owed
    int lines;    // line ends owed, at most 2
    int verbatim; // depth of <pre>
} page;

static void put(page *p, const char *s, size_t n) {
    if (p->len) {
        for (int i = 0; i < p->lines; i++) p->s[p->len++] = '\n';
        if (!p->lines && p->blank) p->s[p->len++] = ' ';
    }
    p->lines = 0;
    p->blank = false;
    memcpy(p->s + p->len, s, n);
    p->len += n;
}

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static bool is_alpha(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_alnum(char c) {
    return is_alpha(c) || (c >= '0' && c <= '9');
}

static void owe_lines(page *p, int n) {
    if (p->lines < n) p->lines = n;
}

static void put_char(page *p, const char *s, size_t n) {
    if (n > 1 || !is_space(*s))
        put(p, s, n);
    else if (p->verbatim && *s == '\n')
        p->lines = MIN(p->lines + 1, 2);
    else if (p->verbatim && *s != '\r' && p->len)
        put(p, s, 1);
    else
        p->blank = true;
}

static size_t utf8(uint32_t code, char out[4]) {
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    size_t n = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i > 0; i--, code >>= 6) out[i] = (char)(0x80 | (code & 0x3f));
    out[0] = (char)((0xf00 >> n & 0xff) | code);
    return n;
}

static uint32_t entity_named(str name) {
    size_t lo = 0, hi = COUNT(entities);
    while (lo < hi) {
        const size_t mid = (lo + hi) / 2;
        const int order = str_cmp(str_c(entities[mid].name), name);
        if (order == 0) return entities[mid].code;
        if (order < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return 0;
}

// The number of "#233" or "#xE9"; what no character has becomes U+FFFD.
static uint32_t entity_number(str digits) {
    const bool hex = digits.len && (*digits.s | 0x20) == 'x';
    uint32_t code = 0;
    size_t i = hex;
    if (digits.len <= i) return 0;
    for (; i < digits.len; i++) {
        const char c = digits.s[i];
        uint32_t d = 0;
        if (c >= '0' && c <= '9')
            d = (uint32_t)(c - '0');
        else if (hex && (c | 0x20) >= 'a' && (c | 0x20) <= 'f')
            d = (uint32_t)((c | 0x20) - 'a' + 10);
        else
            return 0;
        if (code < 0x110000) code = code * (hex ? 16 : 10) + d;
    }
    if (code >= 0x80 && code < 0xa0) code = c1[code - 0x80];
    const bool none = code == 0 || code >= 0x110000 || (code >= 0xd800 && code < 0xe000);
    const bool control = code < 0x20 && code != '\t' && code != '\n' && code != '\r';
    return none || control ? 0xfffd : code;
}

// Reads the entity at the front of x ("&eacute;…"), gives its character; 0 = the ampersand is text. The semicolon may
// be missing before anything but a letter or digit, as in "a &lt b".
static size_t entity_at(str x, uint32_t *code) {
    size_t n = 1;
    if (n < x.len && x.s[n] == '#') n++;
    while (n < x.len && n < 12 && is_alnum(x.s[n])) n++;
    const str name = str_sub(x, 1, n - 1);
    if (!name.len || (n < x.len && is_alnum(x.s[n]))) return 0;
    *code = name.s[0] == '#' ? entity_number(str_sub(name, 1, name.len)) : entity_named(name);
    if (!*code) return 0;
    return n < x.len && x.s[n] == ';' ? n + 1 : n;
}

static void put_text(page *p, str x) {
    for (size_t i = 0; i < x.len;) {
        uint32_t code = 0;
        const size_t used = x.s[i] == '&' ? entity_at(str_sub(x, i, x.len), &code) : 0;
        char bytes[4];
        if (str_starts(str_sub(x, i, 2), S("\xc2\xa0"))) { // a no-break space is a blank to a reader of plain text
            p->blank = true;
            i += 2;
            continue;
        }
        if (code == 0xa0) code = ' ';
        const size_t n = used ? utf8(code, bytes) : 0;
        if (used && n <= used)
            put_char(p, bytes, n);
        else
            put_char(p, x.s + i, 1);
        i += used && n <= used ? used : 1;
    }
}

typedef struct {
    str name;   // as written
    str inside; // attributes
    bool closing;
    size_t len; // of the whole tag; 0 = it is none
} tag;

// The end of a tag: the first '>' outside quotes; a tag that is never closed is text.
static size_t tag_end(str x, size_t from) {
    char quote = 0;
    for (size_t i = from; i < x.len; i++) {
        const char c = x.s[i];
        if (quote) {
            if (c == quote) quote = 0;
        } else if (c == '>') {
            return i + 1;
        } else if ((c == '"' || c == '\'') && x.s[i - 1] == '=') {
            quote = c;
        }
    }
    const ptrdiff_t plain = str_find(str_sub(x, from, x.len), '>'); // a quote never closed: take the nearest end
    return plain < 0 ? 0 : from + (size_t)plain + 1;
}

static size_t comment_end(str x) {
    for (size_t i = 4; i + 2 < x.len; i++)
        if (memcmp(x.s + i, "-->", 3) == 0) return i + 3;
    return x.len;
}

static tag tag_at(str x) {
    tag t = {0};
    if (str_starts(x, S("<!--"))) return (tag){.len = comment_end(x)};
    size_t n = 1;
    t.closing = n < x.len && x.s[n] == '/';
    if (t.closing) n++;
    const bool odd = n < x.len && (x.s[n] == '!' || x.s[n] == '?');
    if (!odd && (n >= x.len || !is_alpha(x.s[n]))) return t;
    const size_t start = n;
    while (n < x.len && (is_alnum(x.s[n]) || x.s[n] == ':' || x.s[n] == '-')) n++;
    t.name = str_sub(x, start, n - start);
    t.len = tag_end(x, MAX(n, start + odd));
    if (t.len) t.inside = str_sub(x, n, t.len - 1 - n);
    return t;
}

static enum effect effect_of(str name) {
    for (size_t i = 0; i < COUNT(elements); i++)
        if (str_eq_ci(name, str_c(elements[i].name))) return elements[i].effect;
    return INLINE;
}

// Where the text after a hidden element goes on: behind its closing tag, or at the end.
static size_t hidden_end(str x, str name) {
    for (size_t i = 0; i + 2 + name.len <= x.len; i++)
        if (x.s[i] == '<' && x.s[i + 1] == '/' && str_eq_ci(str_sub(x, i + 2, name.len), name)) {
            const size_t end = tag_end(x, i + 2);
            return end ? end : x.len;
        }
    return x.len;
}

static str attribute(str inside, str name) {
    for (size_t i = 0; i + name.len + 2 < inside.len; i++) {
        const bool here = is_space(inside.s[i]) && str_eq_ci(str_sub(inside, i + 1, name.len), name) &&
                          inside.s[i + 1 + name.len] == '=';
        const char quote = here ? inside.s[i + 2 + name.len] : 0;
        if (quote != '"' && quote != '\'') continue;
        str rest = str_sub(inside, i + 3 + name.len, inside.len);
        return str_cut(&rest, quote);
    }
    return (str){0};
}

static void start_item(page *p, bool closing) {
    owe_lines(p, 1);
    if (!closing) put(p, "- ", 2);
}

// Applies a tag; returns how much of x it took, which for hidden elements includes what they hold.
static size_t apply(page *p, tag t, str x) {
    switch (effect_of(t.name)) {
    case INLINE: break;
    case BLOCK: p->lines = str_eq_ci(t.name, S("br")) ? MIN(p->lines + 1, 2) : MAX(p->lines, 1); break;
    case PARAGRAPH: owe_lines(p, 2); break;
    case CELL: p->blank = true; break;
    case ITEM: start_item(p, t.closing); break;
    case IMAGE: put_text(p, attribute(t.inside, S("alt"))); break;
    case RULE: owe_lines(p, 2); break;
    case VERBATIM:
        owe_lines(p, 1);
        p->verbatim = MAX(p->verbatim + (t.closing ? -1 : 1), 0);
        break;
    case HIDDEN:
        if (!t.closing && !str_ends(t.inside, S("/"))) return t.len + hidden_end(str_sub(x, t.len, x.len), t.name);
        break;
    }
    return t.len;
}

// Behind the last '>' nothing is a tag; looking for its end again and again would take quadratic time.
static size_t markup_end(str x) {
    while (x.len && x.s[x.len - 1] != '>') x.len--;
    return x.len;
}

str html_text(arena *a, str html) {
    // Owed space never makes the text longer than the input: each owed byte stands for a tag or a blank that was there.
    page p = {.s = arena_alloc(a, 1, 1, html.len + 1)};
    const size_t markup = markup_end(html);
    for (size_t i = 0; i < html.len;) {
        const str rest = str_sub(html, i, html.len);
        if (*rest.s != '<') {
            const ptrdiff_t next = str_find(rest, '<');
            const str text = str_sub(rest, 0, next < 0 ? rest.len : (size_t)next);
            put_text(&p, text);
            i += text.len;
            continue;
        }
        const tag t = i < markup || str_starts(rest, S("<!--")) ? tag_at(rest) : (tag){0};
        if (t.len)
            i += apply(&p, t, rest);
        else
            put_char(&p, html.s + i++, 1);
    }
    return str_trim((str){p.s, p.len});
}

bool html_looks(str text) {
    const size_t markup = markup_end(text);
    for (size_t i = 0; i < text.len; i++) {
        uint32_t code = 0;
        const str rest = str_sub(text, i, text.len);
        if (i < markup && text.s[i] == '<' && tag_at(rest).len) return true;
        if (text.s[i] == '&' && entity_at(rest, &code)) return true;
    }
    return false;
}
