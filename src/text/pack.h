// pack: the data file of words (heed-text.data): weights of the encoder, lexicons and tables that others made and
// scripts/text-data has packed. It is mapped, never copied, and shared by all processes that read it.
//
// Everything in text works without it, on n-grams and what the team has labelled; pack_missing says what is weaker
// then. docs/text.md describes the format and names the licence of every section.
#ifndef HEED_PACK_H
#define HEED_PACK_H

#include "base/base.h"

typedef struct pack pack;

// Maps the file and checks its version, its table and its checksums. NULL for p is a pack without sections everywhere.
must_use bool pack_open(arena *a, pack **p, const char *path, err *e);
must_use bool pack_read(arena *a, pack **p, str bytes, err *e); // the same of bytes that stay (aligned to 64)
void pack_close(pack *p);

// Where the file is: HEED_TEXT, then the store's folder (may be empty), then beside the program and in its
// ../share/heed. NULL when it is nowhere; HEED_TEXT counts even when there is no such file, so that pack_open
// complains.
const char *pack_place(arena *a, str store);
const char *pack_missing(void); // one sentence for whoever runs without it

bool pack_section(const pack *p, str name, str *bytes); // aligned to 64; false: there is none
// Section i in the order of the file, with what it was made of ("vader-sentiment 1.1.3, MIT").
bool pack_about(const pack *p, size_t i, str *name, str *origin, size_t *bytes);

// Words with numbers. The words are folded (text_fold of base/unicode.h), except emoticons and emoji.
//
//   lexicon.vader      valence -4..4, standard deviation     lexicon.en  lexicon.de  lexicon.es   AFINN, -5..5
//   frequency.en       log10 of occurrences per million       stop.en  stop.de  stop.es            (no numbers)
typedef struct {
    size_t n, columns;
    const uint32_t *slots, *ends;
    const int16_t *values;
    const char *text;
    size_t mask;
    double unit;
} pack_words;

enum { PACK_COLUMNS = 4 }; // at most

bool pack_words_of(const pack *p, str name, pack_words *out);     // false, and out is empty: there is none
bool pack_word(const pack_words *t, str word, double *columns);   // columns may be NULL
str pack_word_at(const pack_words *t, size_t i, double *columns); // words 0 … n - 1, in the order of their bytes

#endif
