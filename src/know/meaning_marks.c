// Where in a text the words stand that were looked for.
#include "know/meaning.h"
#include "text/token.h"

static bool looked_for(const tokens *words, str word) {
    for (size_t i = 0; i < words->n; i++)
        if (!words->v[i].punct && str_eq(words->v[i].word, word)) return true;
    return false;
}

size_t meaning_marks(arena *a, str text, str words, meaning_mark_at **out) {
    const tokens in = tokens_of(a, text), wanted = tokens_of(a, words);
    size_t n = 0;
    *out = make(a, meaning_mark_at, in.n + 1);
    for (size_t i = 0; i < in.n; i++) {
        const token *t = &in.v[i];
        if (t->punct || !looked_for(&wanted, t->word)) continue;
        if (n && t->from < (*out)[n - 1].to) continue; // two words of one: "won't"
        (*out)[n++] = (meaning_mark_at){t->from, t->to};
    }
    return n;
}

static size_t back_to_word(str x, size_t at) {
    while (at > 0 && x.s[at - 1] != ' ' && x.s[at - 1] != '\n') at--;
    return at;
}

static bool inside_letter(str x, size_t at) {
    return at < x.len && (x.s[at] & 0xC0) == 0x80;
}

str meaning_snippet(str text, const meaning_mark_at *marks, size_t n, size_t most) {
    if (text.len <= most) return text;
    // From a third before the first of them, or so that the end of the text is filled.
    const size_t first = n ? marks[0].from : 0, last = n ? marks[0].to : 0;
    size_t from = MIN(first > most / 3 ? first - most / 3 : 0, text.len - most);
    while (from < first && inside_letter(text, from)) from++;
    const size_t word = back_to_word(text, from);
    if (from - word < most / 3 && last <= word + most) from = word;
    size_t to = MIN(from + most, text.len);
    while (to > from && inside_letter(text, to)) to--;
    const size_t end = back_to_word(text, to);
    if (to < text.len && end > from && end >= last) to = end;
    return str_sub(text, from, to - from);
}
