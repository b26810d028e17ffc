// mood_own: how customers of this company sound, learned from what came with a score.
//
// The lexicons of heed know few words of German and Spanish and none of a trade ("fad" says little good of coffee). But
// reviews and answers bring scores and words together, in every language that customers write, and a team's own
// thousand of them say more than any list. What is learned (text/label.h) is taken only if, on words held out, it tells
// more moods right than the lexicons do; and of a single text whoever is surer is heard.
#ifndef HEED_MOOD_OWN_H
#define HEED_MOOD_OWN_H

#include "know/meaning.h"
#include "text/label.h"

enum {
    MOOD_LEAST = 200,   // words with a score; from fewer nothing is learned
    MOOD_LEAST_OF = 20, // of the unhappy, and of the happy
    MOOD_MOST = 8000,   // the newest are learned from
    MOOD_AGAIN = 20000, // the newest words without a score are looked at again
};

typedef struct {
    int64_t texts;         // with a score
    double right, lexicon; // share told right: of those held out; and by lexicons alone
    bool better;           // it is to be taken
    str model;
} mood_learnt;

// Reads alone. With too few texts, better is false and model is empty.
must_use bool mood_own_learn(arena *a, store *s, const reader *r, mood_learnt *out, err *e);
// In a transaction of the writer: takes it up, or lets go of the last one where the lexicons are better by now.
must_use bool mood_own_take(store *s, int64_t now_us, const mood_learnt *l, err *e);
// After it was taken up, in transactions: newest words without a score are to be looked at again, some at a time. `at`
// is where it goes on, at first INT64_MAX; INT64_MIN: all of them are. What is marked twice is looked at once.
must_use bool mood_own_again(store *s, int64_t *at_us, int64_t *left, err *e);
// In a transaction: somebody from whose words it may have learned is erased, or the sample company goes. It is learned
// anew as soon as the next job looks, and what was read by it is read again.
must_use bool mood_own_forget(store *s, err *e);
must_use bool mood_own_due(store *s, bool *due, err *e);
must_use bool mood_own_done(store *s,
                            err *e); // in a transaction: it is learned, and what was to be read again is marked
// NULL: nothing was learned. It lives in a.
must_use bool mood_own_open(arena *a, store *s, label_model **out, err *e);

// How a text sounds by it, if it is surer than what m says already (told: whether m says anything). False: m stays.
bool mood_own_says(const label_model *own, arena scratch, str text, const float *embedding, bool told, mood_reading *m);

typedef struct {
    int64_t made_us, texts; // made_us 0: nothing was learned
    double right, lexicon;
} mood_standing;
must_use bool mood_own_stands(store *s, mood_standing *out, err *e);

#endif
