// langid: the language of a text, or none when it cannot be told.
//
// One character n-gram model over the pack's table; without the pack, words that only English, German or Spanish has.
// A text that could be several languages ("hotel", "ok", "12:30") is told as none: a wrong certainty sends a message to
// the wrong rules, an honest "none" to those that work for all.
#ifndef HEED_LANGID_H
#define HEED_LANGID_H

#include "text/pack.h"

typedef struct langid langid;

typedef struct {
    char code[4];   // ISO 639-1 where there is one, else 639-3; empty: nothing in it speaks for any language
    double sure;    // how many of a hundred such answers are right, as a share
    char second[4]; // the next best
    double second_sure;
    bool told; // sure enough to act upon; false: treat the language as unknown
} language_guess;

enum { LANGID_SHORT = 15 }; // letters below which only the very sure is told

langid *langid_open(arena *a, const pack *p); // never NULL
language_guess langid_of(const langid *l, arena scratch, str text);
// The same where only some languages are possible ("en", "de", …): those a company serves. n 0: all.
language_guess langid_among(const langid *l, arena scratch, str text, const char *const *codes, size_t n);
size_t langid_languages(const langid *l, const char *const **codes);

#endif
