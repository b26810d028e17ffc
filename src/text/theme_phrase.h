// theme_phrase: runs of words that one theme has and others have not.
//
// A run of up to six words neither begins nor ends with a small word (theme_small.def). What it gains is
// p log(p / q): p the share of a theme's texts that have it, q that of all others together with how common its words
// are (the contribution to the divergence of Kullback & Leibler 1951, as c-TF-IDF is).
#ifndef HEED_THEME_PHRASE_H
#define HEED_THEME_PHRASE_H

#include "text/theme_inside.h"

enum { PHRASE_WORDS = 6 };

typedef struct {
    uint64_t key;
    uint64_t words[PHRASE_WORDS]; // hashes
    size_t n;
    str raw; // as most people write it
    float votes;
    uint32_t texts; // of the theme that have it
    uint32_t last;  // text that was counted last
    float gain;
} phrase;

typedef struct phrases phrases;

phrases *phrases_count(arena *a, arena scratch, const theme_finder *f, const themes *t, const theme_mark *marks);
// Those that tell a theme best, no two sharing most of their words; they live in the arena of phrases_count.
size_t phrases_best(phrases *p, arena scratch, uint32_t theme, const phrase **out, size_t most);
// Those that would do for a name: the same, but several may share words.
size_t phrases_names(phrases *p, arena scratch, uint32_t theme, const phrase **out, size_t most);
bool phrase_shares(const phrase *x, const phrase *y); // a word
// A piece of the i-th text from the middle of a theme, without what says nothing, or as it begins; may be empty.
str phrases_piece(phrases *p, arena scratch, uint32_t theme, size_t i, bool whole);

#endif
