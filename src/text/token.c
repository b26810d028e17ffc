#include "text/token.h"

static const char *const names[] = {"", "en", "de", "es"};

enum language language_named(str name) {
    for (int l = LANG_en; l < LANGUAGES; l++)
        if (str_eq_ci(str_sub(name, 0, 2), str_c(names[l])) && (name.len == 2 || name.s[2] == '-' || name.s[2] == '_'))
            return (enum language)l;
    return LANG_none;
}

const char *language_name(enum language l) {
    return names[l];
}

// ---- folding ----

// U+00C0 to U+00FF without their accents; '*' where two letters stand for one, '.' where there is no letter.
static const char latin[] = "aaaaaa*ceeeeiiiidnooooo.ouuuuy**aaaaaa*ceeeeiiiidnooooo.ouuuuy*y";

static size_t fold_latin(unsigned char c, char *out) {
    const char f = latin[c & 63];
    if (f == '.') return 0;
    if (f != '*') return out[0] = f, 1;
    const char *two = (c & 31) == 6 ? "ae" : c == 0x9F ? "ss" : "th";
    return out[0] = two[0], out[1] = two[1], 2;
}

// How many bytes at x belong to a word: 0 if none. Letters beyond Latin are taken as they are.
static size_t letter(str x) {
    const unsigned char c = (unsigned char)x.s[0];
    if (c < 0x80) return (c | 32) >= 'a' && (c | 32) <= 'z';
    const size_t n = str_utf8_1(x);
    if (n == 2 && c == 0xC2) return 0;                            // signs: « » ¿ ¡ and the blank that joins
    if (n == 2 && c == 0xC3) return x.s[1] == (char)0x97 ? 0 : 2; // ×
    return n == 3 && (c == 0xE2 || x.s[1] == (char)0x80) ? 0 : n; // quotation marks, dashes, currency
}

static bool digit(char c) {
    return c >= '0' && c <= '9';
}

// The apostrophe in both its forms.
static size_t apostrophe(str x) {
    if (x.len && x.s[0] == '\'') return 1;
    return str_starts(x, S("\xE2\x80\x99")) ? 3 : 0;
}

static bool blank(str x, size_t *n) {
    const char c = x.s[0];
    *n = 1;
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') return true;
    if (str_starts(x, S("\xC2\xA0"))) return *n = 2, true;
    return str_starts(x, S("\xE2\x80\xAF")) ? (*n = 3, true) : false;
}

// ---- words ----

typedef struct {
    arena *a;
    str x;
    tokens t;
} cutter;

static token *add(cutter *c, str word, size_t from, size_t to) {
    token *t = &c->t.v[c->t.n++];
    *t = (token){.word = word, .from = from, .to = to};
    return t;
}

static size_t word_end(str x, size_t at) {
    for (size_t step; at < x.len && (step = letter(str_sub(x, at, 4)));) at += step;
    return at;
}

// No letter grows by folding.
static size_t fold_letter(str x, char *out) {
    const unsigned char b = (unsigned char)x.s[0];
    if (x.len == 1) return out[0] = (char)(b | 32), 1;
    const unsigned char next = (unsigned char)x.s[1];
    if (b == 0xC3) return fold_latin(next, out);
    if (b == 0xCC || (b == 0xCD && next < 0xB0)) return 0; // an accent by itself
    memcpy(out, x.s, x.len);
    return x.len;
}

// The Spanish past keeps its accent as a second letter: "entregó" is not "entrego"; and "sí" is not "si".
static size_t word_at(cutter *c, size_t from, str *out) {
    const size_t end = word_end(c->x, from);
    const str whole = str_sub(c->x, from, end - from);
    char *s = make(c->a, char, whole.len + 1);
    size_t n = 0;
    for (size_t at = from, step; at < end; at += step) {
        step = letter(str_sub(c->x, at, 4));
        n += fold_letter(str_sub(c->x, at, step), s + n);
    }
    if (whole.len > 3 && str_ends(whole, S("\xC3\xB3"))) s[n++] = 'o';
    *out = (str){s, n};
    if (str_eq(whole, S("s\xC3\xAD")) || str_eq(whole, S("S\xC3\xAD"))) *out = S("yes");
    return end;
}

// What follows an apostrophe, undone; returns where the text goes on.
static size_t contraction(cutter *c, size_t at) {
    static const char *const endings[][2] = {
        {"ll", "will"}, {"re", "are"}, {"m", "am"}, {"ve", "have"}, {"d", "would"}};
    const size_t mark = apostrophe(str_sub(c->x, at, 3));
    str end;
    if (!mark) return at;
    const size_t to = word_at(c, at + mark, &end);
    token *last = &c->t.v[c->t.n - 1];
    if (str_eq(end, S("t")) && last->word.len > 1 && str_ends(last->word, S("n"))) {
        last->word.len--;
        if (str_eq(last->word, S("wo"))) last->word = S("will");
        if (str_eq(last->word, S("ca"))) last->word = S("can");
        if (str_eq(last->word, S("sha"))) last->word = S("shall");
        add(c, S("not"), at - 1, to);
        return to;
    }
    for (size_t i = 0; i < COUNT(endings); i++)
        if (str_eq(end, str_c(endings[i][0]))) return add(c, str_c(endings[i][1]), at, to), to;
    return str_eq(end, S("s")) ? to : at;
}

static size_t one(cutter *c, size_t at) {
    const str left = str_sub(c->x, at, c->x.len - at);
    size_t to = at, step;
    str word;
    if (digit(left.s[0])) {
        while (to < c->x.len && digit(c->x.s[to])) to++;
        add(c, str_sub(c->x, at, to - at), at, to)->number = true;
        return to;
    }
    if (letter(str_sub(left, 0, 4))) {
        to = word_at(c, at, &word);
        const unsigned char b = (unsigned char)left.s[0], next = left.len > 1 ? (unsigned char)left.s[1] : 0;
        if (word.len) add(c, word, at, to)->capital = (b >= 'A' && b <= 'Z') || (b == 0xC3 && next < 0xA0);
        return word.len ? contraction(c, to) : to;
    }
    step = MAX(str_utf8_1(str_sub(left, 0, 4)), 1);
    add(c, str_sub(left, 0, step), at, at + step)->punct = true;
    return at + step;
}

tokens tokens_of(arena *a, str x) {
    cutter c = {.a = a, .x = x, .t = {.v = make(a, token, x.len + 1)}};
    for (size_t at = 0, step; at < x.len;)
        if (blank(str_sub(x, at, 3), &step))
            at += step;
        else
            at = one(&c, at);
    return c.t;
}

// ---- sentences ----

static bool in_list(str w, const char *list) {
    for (str rest = str_c(list), one_word; rest.s;)
        if (one_word = str_cut(&rest, ' '), str_eq(w, one_word)) return true;
    return false;
}

// How the blanks between two tokens look: 0 none, 1 some, 2 a line ends, 3 an empty line or a new item of a list.
static int apart(str x, const token *l, const token *r) {
    int lines = 0;
    for (size_t i = l->to; i < r->from; i++) lines += x.s[i] == '\n';
    if (lines && (in_list(r->word, "- * >") || in_list(r->word, "\xE2\x80\xA2"))) return 3;
    return lines > 1 ? 3 : lines ? 2 : r->from > l->to;
}

static bool ends_with(const tokens *t, size_t i, str x) {
    static const char *const months =
        "januar februar marz april mai juni juli august september oktober november dezember "
        "jan feb mar apr jun jul aug sep sept okt nov dez";
    const token *p = &t->v[i], *next = i + 1 < t->n ? p + 1 : NULL, *last = i ? p - 1 : NULL;
    if (in_list(p->word, "! ? ;")) return true;
    if (!str_eq(p->word, S("."))) return false;
    if (!next) return true;
    const int gap = apart(x, p, next);
    if (gap == 0) return false;
    if (last && last->number && last->word.len <= 2 && last->to == p->from)
        return next->capital && !in_list(next->word, months);
    if (last && last->to == p->from &&
        in_list(last->word, "mr mrs ms dr nr bzw ca ggf evtl inkl zzgl usw sr sra no st approx a m p b z d"))
        return next->capital && last->word.len == 1 && in_list(last->word, "m");
    return true;
}

// A line that begins with ">" is somebody else's.
static size_t skip_quoted(const tokens *t, size_t i, str x) {
    while (i < t->n && str_eq(t->v[i].word, S(">")) && (i == 0 || apart(x, &t->v[i - 1], &t->v[i]) >= 2)) {
        do i++;
        while (i < t->n && apart(x, &t->v[i - 1], &t->v[i]) < 2);
    }
    return i;
}

bool tokens_sentence(tokens *rest, tokens *sentence, str x) {
    size_t from = skip_quoted(rest, 0, x), i = from;
    if (from >= rest->n) return false;
    for (; i < rest->n; i++) {
        if (i > from && apart(x, &rest->v[i - 1], &rest->v[i]) == 3) break;
        if (ends_with(rest, i, x)) {
            i++;
            break;
        }
    }
    *sentence = (tokens){rest->v + from, i - from};
    *rest = (tokens){rest->v + i, rest->n - i};
    return true;
}
