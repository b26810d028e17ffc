// meaning_reader: what reads words, for commands over files and for the store alike: the file of words (text/pack.h),
// and heed's own encoder or the program that HEED_ENCODER names (docs/text.md). It serves any number of threads; opened
// in milliseconds.
#ifndef HEED_MEANING_READER_H
#define HEED_MEANING_READER_H

#include "text/label.h"
#include "text/langid.h"
#include "text/mood.h"

typedef struct reader reader;
// where: the store's folder, in which the file of words may lie; empty for a database. A missing file is no error.
must_use bool reader_open(arena *a, reader **out, str where, err *e);
void reader_close(reader *r);                   // NULL is fine
bool reader_embeds(const reader *r);            // texts have places
bool reader_own(const reader *r);               // and they are of heed's own encoder, which moods were learned with
const char *reader_make(const reader *r);       // of its vectors: those of different makes are never compared
const pack *reader_words(const reader *r);      // NULL: there is no file of words
const encoder *reader_encoder(const reader *r); // heed's own; NULL: there is none
const mood *reader_mood(const reader *r);       // without the file it knows no words
const langid *reader_languages(const reader *r);
// What was learned of how this company's customers sound (know/mood_own.h); it must outlive the reader. NULL: nothing.
void reader_take_moods(reader *r, const label_model *own);
const label_model *reader_moods(const reader *r);
// n × 512 numbers. ERR_unavailable when a program of the user's own does not answer.
must_use bool reader_embed(const reader *r, arena scratch, const str *texts, size_t n, float *out, err *e);

#endif
