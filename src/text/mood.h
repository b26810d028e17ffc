// mood: how a text feels about what it speaks of: how good or bad, which feelings, clause by clause and thing by thing,
// and the words that say so.
//
// Lexicons give each word a value; what stands around it turns or strengthens it (Hutto & Gilbert 2014). English,
// German and Spanish have lexicons in the pack. What the values of words, and with the encoder the meaning of the
// whole, add up to was learned from texts that people rated (mood_weights.def says from which, and their licences). A
// team's own answers are learned on top of it with label.h: mood_inputs are the numbers to give it instead of the
// embedding alone.
#ifndef HEED_MOOD_H
#define HEED_MOOD_H

#include "text/encoder.h"
#include "text/label.h"
#include "text/langid.h"
#include "text/token.h"

enum {
    MOOD_WORDS = 16,                      // numbers that lexicons give of a text
    MOOD_INPUTS = EMBEDDING + MOOD_WORDS, // with the embedding before them
};

enum mood_feeling {
#define FEELING(name, sign, about) FEELING_##name,
#include "text/mood_feelings.def"
    FEELINGS
};
const char *mood_feeling_name(enum mood_feeling f);
int mood_feeling_sign(enum mood_feeling f); // 1 a good one, -1 a bad one, 0 neither

enum mood_class { MOOD_bad, MOOD_neither, MOOD_good };
const char *mood_class_name(enum mood_class c);

typedef struct mood mood;
mood *mood_open(arena *a, const pack *p); // a pack without lexicons: everything is neither good nor bad, and says so

typedef struct {
    size_t from, to; // bytes of the text
    double value;    // with what stands around it, -1..1
    bool turned;     // by a negation
    int clause;
    double adds; // to the logarithm of how much likelier good is than bad; mood_why only
} mood_word;

// By which lists to read a text of which the language was guessed, and whether the encoder, which knows English, may
// read it too; false: heed has no words of its language, and should say so.
bool mood_language(const language_guess *g, enum language *l, bool *meaning);

typedef struct {
    double value; // -1..1: how likely it is good less how likely it is bad
    enum mood_class is;
    double sure[3];           // probability of each class, where they come equally often
    double feeling[FEELINGS]; // probability of each: with an embedding, or in German and Spanish by words
    bool guess;               // from words alone, or from nothing
} mood_reading;

// embedding NULL: from the words alone.
mood_reading mood_read(const mood *m, arena scratch, str text, const float *embedding, enum language l);
// The words with a value, in the order of the text.
size_t mood_words_of(arena *a, const mood *m, str text, enum language l, mood_word **words);

// The same with what each of them adds to what mood_read says (the difference that it makes), and what the meaning of
// the whole adds beyond what it does in the average text.
size_t mood_why(arena *a, const mood *m, str text, const float *embedding, enum language l, mood_word **words,
                double *meaning);

typedef struct {
    size_t from, to;
    double value;
    bool contrast; // begins with "but"
} mood_clause;
size_t mood_clauses(arena *a, const mood *m, str text, enum language l, mood_clause **clauses);

// How the text feels about what stands at from..to, by words alone: those near it and in the same clause count most.
mood_reading mood_about(const mood *m, arena scratch, str text, size_t from, size_t to, enum language l);
// The same with the encoder: from what the place means where it stands (mood_views: MOOD_VIEWS × EMBEDDING numbers),
// and from how the clause around it reads by itself: mood_read of mood_window.
enum { MOOD_VIEWS = 2 };
void mood_views(const mood *m, const encoder *enc, arena scratch, str text, size_t from, size_t to, enum language l,
                float *out);
mood_reading mood_about_by(const mood *m, arena scratch, str text, size_t from, size_t to, enum language l,
                           const float *views, const mood_reading *clause);

// MOOD_INPUTS numbers of a text, for learners of one's own; embedding may be NULL.
void mood_inputs(const mood *m, arena scratch, str text, const float *embedding, enum language l, float *out);
// What stands around a place, as inputs of a learner about aspects (linear.h): words with their side and whether they
// are negated, weighted 1 / (1 + d / 4) / (1 + c) at a distance of d words across c clauses, of length one together;
// and numbers of lexicons weighted alike. mood_window is the clause around the place, for an embedding.
enum { MOOD_NEAR = 10, MOOD_NEAR_BITS = 18 };
typedef struct {
    uint32_t *column; // below 1 << MOOD_NEAR_BITS
    float *weight;
    size_t n;
    float numbers[MOOD_NEAR];
} mood_near;
mood_near mood_near_of(arena *a, const mood *m, str text, size_t from, size_t to, enum language l);
str mood_window(const mood *m, arena scratch, str text, size_t from, size_t to, enum language l);

#endif
