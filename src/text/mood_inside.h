// mood_inside: what the files of mood share.
#ifndef HEED_MOOD_INSIDE_H
#define HEED_MOOD_INSIDE_H

#include "text/mood.h"

enum { MOOD_ABOUT = MOOD_VIEWS * EMBEDDING + MOOD_NEAR };

struct mood {
    pack_words vader, other[LANGUAGES];
    float is[3][MOOD_INPUTS + 1], words[3][MOOD_WORDS + 1]; // of each class; the last is the constant
    float about[3][MOOD_ABOUT + 1];
    float usual[3]; // what the meaning of a text adds to each class on average
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
// How likely each feeling is by the words that name it; out: FEELINGS zeros. Nothing is told of other languages than
// German and Spanish.
void mood_felt(arena scratch, const mood_pieces *p, enum language l, double *out);
double mood_squash(double sum);                                 // to -1..1, as VADER's compound
mood_reading mood_of_scores(const double score[3], bool guess); // softmax

#endif
