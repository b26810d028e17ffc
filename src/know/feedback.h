// feedback: what customers said, from every channel: ratings, remarks, messages, complaints. One row each; the words
// stay in the event, and a search index stands beside.
#ifndef HEED_FEEDBACK_H
#define HEED_FEEDBACK_H

#include "ledger/ledger.h"

// What an event says, if it says anything.
typedef struct {
    str text, topic, lang;
    int64_t score; // x 100
    bool has_score;
    enum instrument instrument;
    int mood;       // the source's own word, else from the score; MOOD_UNKNOWN
    bool complaint; // any expression of dissatisfaction, whatever it is called (ISO 10002)
} said;

bool said_by_kind(enum kind k); // events of this kind may say something
// False when the event says nothing. Texts live in a.
bool said_of(arena *a, const record *r, said *out);
// The mood a score speaks of: the instrument's lower, middle and upper part (NPS groups; bottom-2 and top-2 of five).
int score_mood(enum instrument i, int64_t score);

// Rows gathered in one batch and written with it.
typedef struct feedback_rows feedback_rows;
feedback_rows *feedback_new(arena *life);
void feedback_close(feedback_rows *f); // NULL is fine
must_use bool feedback_take(feedback_rows *f, const record *r, const said *s, int64_t source_id);
must_use bool feedback_write(feedback_rows *f, ledger *l, err *e);
void feedback_forget(feedback_rows *f);
must_use bool feedback_remove(store *s, const record *r, err *e); // its row and its words

#endif
