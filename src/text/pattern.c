#include "text/pattern.h"

// The future of a Spanish verb is its stem and one of few endings; the infinitive takes pronouns at its end.
static bool spanish(str end, enum ending e) {
    switch (e) {
    case ENDING_bare: return end.len <= 5;
    case ENDING_first: return str_eq(end, S("e")) || str_eq(end, S("emos"));
    case ENDING_third: return str_eq(end, S("a")) || str_eq(end, S("an"));
    case ENDING_future: return spanish(end, ENDING_first) || spanish(end, ENDING_third);
    }
    return false;
}

static bool fits(str want, str word, enum ending e) {
    const char last = want.len ? want.s[want.len - 1] : 0;
    if (last != '*' && last != '+') return str_eq(want, word);
    want.len--;
    if (!str_starts(word, want)) return false;
    return last == '*' || spanish(str_sub(word, want.len, word.len), e);
}

// The same as str_cut, for pieces of a few letters.
static str cut(str *rest, char sep) {
    size_t n = 0;
    while (n < rest->len && rest->s[n] != sep) n++;
    const str x = {rest->s, n};
    *rest = n < rest->len ? (str){rest->s + n + 1, rest->len - n - 1} : (str){0};
    return x;
}

bool pattern_word(str alternatives, str word, enum ending e) {
    while (alternatives.s) {
        const str want = cut(&alternatives, '|');
        if (want.len && word.len && want.s[0] != word.s[0]) continue;
        if (fits(want, word, e)) return true;
    }
    return false;
}

static size_t match(str p, const tokens *t, size_t at, const pattern_hooks *h, int depth);

static size_t over_gap(str gap, str rest, const tokens *t, size_t at, const pattern_hooks *h, int depth) {
    const size_t most = gap.len > 1 ? (size_t)(gap.s[1] - '0') : 10;
    for (size_t skipped = 0; skipped <= most; skipped++, at++) {
        const size_t end = match(rest, t, at, h, depth + 1);
        if (end != NO_MATCH) return end;
        if (at >= t->n || (h->in_the_way && h->in_the_way(h->ctx, t, at))) break;
    }
    return NO_MATCH;
}

static size_t element(str x, const tokens *t, size_t at, const pattern_hooks *h) {
    if (x.len > 1 && (x.s[0] == '@' || x.s[0] == '#')) return h->known(h->ctx, str_sub(x, 1, x.len), t, at);
    return at < t->n && pattern_word(x, t->v[at].word, h->ending) ? at + 1 : NO_MATCH;
}

static size_t match(str p, const tokens *t, size_t at, const pattern_hooks *h, int depth) {
    assert(depth < 64);
    if (!p.s || !p.len) return at;
    str x = cut(&p, ' ');
    if (x.s[0] == '~') return over_gap(x, p, t, at, h, depth);
    const bool may_lack = x.s[0] == '[';
    if (may_lack) x = str_sub(x, 1, x.len - 2);
    const size_t next = element(x, t, at, h);
    const size_t end = next == NO_MATCH ? NO_MATCH : match(p, t, next, h, depth + 1);
    return end == NO_MATCH && may_lack ? match(p, t, at, h, depth + 1) : end;
}

size_t pattern_at(const char *pattern, const tokens *t, size_t at, const pattern_hooks *h) {
    return match(str_c(pattern), t, at, h, 0);
}

uint32_t pattern_letter(str word) {
    const char c = word.len ? word.s[0] : 0;
    return UINT32_C(1) << (c >= 'a' && c <= 'z' ? c - 'a' : c >= '0' && c <= '9' ? 26 : 27);
}

uint32_t pattern_starts(const char *pattern) {
    uint32_t starts = 0;
    for (str rest = str_c(pattern); rest.s;) {
        str x = cut(&rest, ' ');
        const bool may_lack = x.s[0] == '[';
        if (may_lack) x = str_sub(x, 1, x.len - 2);
        if (x.s[0] == '~' || (x.len > 1 && (x.s[0] == '@' || x.s[0] == '#'))) return PATTERN_ANY;
        while (x.s) starts |= pattern_letter(cut(&x, '|'));
        if (!may_lack) return starts;
    }
    return PATTERN_ANY;
}
