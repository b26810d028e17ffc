// promise: notices what staff promise a customer in what they write or say, in English, German and Spanish.
//
// A sentence is a promise when we, or somebody for us, say what we will do for the customer or what they will get.
// Questions, the past, what we cannot or only try to do, customers' words and advertising are none. The rules are rows:
// promise_acts.def (what is promised), promise_frames.def (how one promises), promise_signs.def (what speaks for and
// against). `docs/promises.md` shows how well it works.
#ifndef HEED_PROMISE_H
#define HEED_PROMISE_H

#include "text/date_words.h"

enum promise_kind {
#define PROMISE_KIND(name, about) PROMISE_##name,
#include "text/promise_kinds.def"
    PROMISE_KINDS
};
const char *promise_kind_name(enum promise_kind k);

typedef struct {
    date_context when;
    enum language language; // LANG_none: told from the words, sentence by sentence
    int least;              // points; 0: PROMISE_LEAST
} promise_context;

enum { PROMISE_LEAST = 4 };

typedef struct {
    enum promise_kind kind;
    enum language language;
    bool conditional; // on something the customer or somebody else does first
    size_t from, to;  // the sentence, bytes of the text
    str words;        // the same
    str why;          // the words that say so, in normal form: "i will … call you back"
    str due_words;    // empty when no time is said
    int64_t due_us;   // 0: no time is said
    int32_t due_day;  // the civil date of it
    bool to_minute;   // a time of day or a count of hours was said
    int points;       // weight of the evidence
    double sure;      // how many of a hundred sentences with such weight are promises, as a share
} promise;

// The promises of a text in its order, at most one a sentence and max in all. Texts live in a, words in the text.
size_t promise_find(arena *a, str words, const promise_context *ctx, promise *out, size_t max);

#endif
