#include "text/letter.h"

// A greeting is so short, and so is each line that closes a letter.
enum { GREETING_WORDS = 5, CLOSING_WORDS = 6, CLOSING_LINES = 4 };

static size_t words_in(str x) {
    size_t n = 0;
    bool in = false;
    for (size_t i = 0; i < x.len; i++) {
        const bool blank = (unsigned char)x.s[i] <= ' ';
        n += !blank && !in, in = !blank;
    }
    return n;
}

static bool ends_in(str x, const char *signs) {
    x = str_trim(x);
    return x.len && strchr(signs, x.s[x.len - 1]) != NULL;
}

// The first line if it greets: short, and ended by a comma or the like, or alone in its paragraph.
static str without_greeting(str text) {
    const char *end = text.len ? memchr(text.s, '\n', text.len) : NULL;
    if (!end) return text;
    const str line = str_sub(text, 0, (size_t)(end - text.s));
    const str rest = str_trim(str_sub(text, line.len, text.len - line.len));
    const bool greets = ends_in(line, ",!:") && !ends_in(line, "?");
    return rest.len && words_in(line) && words_in(line) <= GREETING_WORDS && greets ? rest : text;
}

static bool closes(str paragraph) {
    size_t lines = 0;
    while (paragraph.len) {
        const str line = str_cut(&paragraph, '\n');
        if (words_in(line) > CLOSING_WORDS || ++lines > CLOSING_LINES || ends_in(line, ".?")) return false;
    }
    return lines > 0;
}

// The last paragraph if it only says goodbye.
static str without_closing(str text) {
    size_t at = text.len;
    while (at > 1 && !(text.s[at - 1] == '\n' && text.s[at - 2] == '\n')) at--;
    if (at < 2) return text;
    const str rest = str_trim(str_sub(text, 0, at - 2));
    return rest.len && closes(str_trim(str_sub(text, at, text.len - at))) ? rest : text;
}

str letter_matter(str text) {
    str x = str_trim(text);
    for (int i = 0; i < 2; i++) x = without_closing(x); // "Thanks", and the name below it
    return without_greeting(x);
}
