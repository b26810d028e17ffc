// mood_inside: what the files of mood share.
#ifndef HEED_MOOD_INSIDE_H
#define HEED_MOOD_INSIDE_H

#include "text/mood.h"

struct mood {
    pack_words vader, other[LANGUAGES];
    float rating[MOOD_INPUTS + 1], words[MOOD_WORDS + 1]; // the last is the constant
    float feeling[FEELINGS][MOOD_INPUTS + 1];
};

typedef struct {
    str piece;    // as it stands in the text
    str word;     // folded, without signs around it
    double value; // -4..4 with what stands around it, 0 none
    bool turned, negation, contrast, capitals;
    int clause, sentence;
    int signs; // ! and ? at its end, as bits 1 and 2
} mood_piece;

typedef struct {
    mood_piece *v;
    size_t n;
    int clauses;
} mood_pieces;

mood_pieces mood_cut(arena *a, const mood *m, str text, enum language l);
void mood_words_numbers(const mood_pieces *p, float *out); // MOOD_WORDS
double mood_squash(double sum);                            // to -1..1, as VADER's compound
// A rating from -4 to 4 with the standard deviation of its error, as a reading.
mood_reading mood_classes(double rating, double sd, bool guess);

#endif
