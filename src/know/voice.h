// voice: what a customer said, as commands and pages show it: a row of feedback with its words and who said it.
#ifndef HEED_VOICE_H
#define HEED_VOICE_H

#include "base/json.h"
#include "ledger/sources.h"

typedef struct {
    int64_t id, profile, customer, at_us, key, score;
    int32_t period;
    enum kind kind;
    enum channel channel;
    const origin *from;
    enum instrument instrument;
    bool has_score, has_mood, has_words;
    int mood;
    str topic, lang, words, name;
    bool has_felt; // how it sounds, and in which language it is, as heed reads it (know/meaning.h)
    int felt;
    str read_lang;
} voice;

// Without words and name; texts live in a. The columns are those of feedback_page and feedback_find.
voice voice_row(arena *a, const sources *all, const row *r);
void voice_as_read(voice *v);                                    // where the source said neither mood nor language
must_use bool voice_words(arena *a, store *s, voice *v, err *e); // from the event
// Words, the customer and their name; a voice of nobody known has customer 0.
must_use bool voice_fill(arena *a, store *s, voice *v, err *e);
void voice_json(json_out *j, const voice *v);      // one object
void voice_json_open(json_out *j, const voice *v); // that stays open for more

#endif
