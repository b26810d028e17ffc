// text_moods: what `heed text moods` has read, for its pictures and files.
#ifndef HEED_TEXT_MOODS_H
#define HEED_TEXT_MOODS_H

#include "cli/text_cmd.h"
#include "text/mood.h"

typedef struct {
    size_t from, to; // in the text
    mood_reading is;
} text_clause;

typedef struct {
    language_guess in;
    enum language by; // whose lists it was read by
    bool read;        // heed has words of its language
    mood_reading is;
    mood_word *words; // that say so
    size_t n;
    double meaning;       // what the meaning of the whole adds
    size_t first, count;  // of its mentions
    text_clause *clauses; // with --each
    size_t n_clauses;
} text_mood;

typedef struct {
    size_t row, about; // number of what was asked for
    size_t from, to;   // in the text; both 0: it is not in it, and the whole text was read
    mood_reading is;
    mood_word *words; // near it
    size_t n;
} text_mention;

typedef struct {
    str word;
    size_t row;
    int64_t texts;
    double value; // on average
} text_said;

typedef struct {
    text_job *j;
    text_opts o;
    int8_t *vectors; // NULL: without the encoder
    const encoder *enc;
    text_mood *v;
    int64_t read, guesses, counts[3];
    double mean, feeling[FEELINGS]; // feeling: in how many texts it is to be expected
    text_said *good, *bad;
    size_t n_good, n_bad;
    str *abouts;
    size_t n_abouts;
    text_mention *mentions;
    size_t n_mentions;
} text_moods_read;

enum { MOOD_REASONS = 5 };
typedef struct {
    str words;
    double adds;
} mood_reason;
// The words that say most, and what the meaning of the whole adds, the weightiest first.
size_t moods_reasons(const text_moods_read *m, arena *a, size_t row, mood_reason *out);

// A word in small letters, without signs around it; "not … good" where it is turned.
str moods_word(arena *a, str piece, bool turned);

void moods_show(text_moods_read *m);
void moods_json(text_moods_read *m);
must_use bool moods_csv(text_moods_read *m, err *e);

#endif
