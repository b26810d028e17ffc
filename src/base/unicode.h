// unicode: text of people: case folding, normal forms, words. ICU does the work.
#ifndef HEED_UNICODE_H
#define HEED_UNICODE_H

#include "base/base.h"

str text_fold(arena *a, str x);  // NFKC case folded, for comparing
str text_nfkc(arena *a, str x);  // NFKC as it is, capitals kept; x itself when it is ASCII
str text_ascii(arena *a, str x); // transliterated to ASCII lower case, for names: "Jürgen Müller" → "jurgen muller"
str idn_host(arena *a, str host); // ASCII form of a domain in lower case; empty if it is none
// Letters alone, in lower case, one blank for whatever else stood between; apostrophes before letters stay. No blank at
// the ends.
str text_letters(arena *a, str x);
// Letters alone in lower case, one blank for whatever else stood between; apostrophes between two letters stay.
str text_letters(arena *a, str x);
// Calls back for every word (letters, digits, apostrophes inside) with its folded form; for indexing and counting.
void text_words(arena scratch, str x, void (*word)(void *ctx, str w), void *ctx);
int text_width(str x); // columns on a terminal (wide characters count two, marks and controls none)
str text_clip(arena *a, str x, int columns); // cut to columns with "…" where it was longer

#endif
