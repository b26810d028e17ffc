// Words to look for, a line end, and a text: what is marked lies in the text, in order, and what is shown of it is a
// part of the text with the first mark in it.
#include "know/meaning.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    str text = {(const char *)data, n};
    const str words = str_cut(&text, '\n');
    if (!text.s || n > 1 << 16) return 0;
    arena a = arena_open((size_t)1 << 30);
    meaning_mark_at *marks;
    const size_t found = meaning_marks(&a, text, words, &marks);
    for (size_t i = 0; i < found; i++) {
        if (marks[i].from >= marks[i].to || marks[i].to > text.len) abort();
        if (i && marks[i].from < marks[i - 1].to) abort();
    }
    const str part = meaning_snippet(text, marks, found, 80);
    const size_t from = (size_t)(part.s - text.s);
    if (part.s < text.s || from + part.len > text.len || (text.len > 80 && part.len > 80)) abort();
    if (text.len > 80 && found && marks[0].to - marks[0].from < 40 &&
        (marks[0].from < from || marks[0].to > from + part.len))
        abort();
    arena_close(&a);
    return 0;
}
