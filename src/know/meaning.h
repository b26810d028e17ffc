// meaning: what the words of customers say, understood beside intake: language, mood, feelings, whether somebody said
// the same before, and where the words lie among all others.
//
// Everything in it follows from the events and the file of words (text/pack.h); it is made by a worker, some hundred
// texts at a time, and can be thrown away and made anew. Without the file of words languages and copies are told by
// letters, moods and places are not, and meaning_stands says so.
#ifndef HEED_MEANING_H
#define HEED_MEANING_H

#include "know/feedback.h"
#include "know/meaning_reader.h"
#include "ledger/ledger.h"

// ---- what is known of one word ----

typedef struct {
    int64_t profile, key, at_us;
    int32_t period; // of the event, with which ledger_get finds it
    enum channel channel;
    str lang; // empty: it cannot be told
    bool has_mood;
    int mood, bad, good;            // thousandths: -1000 to 1000, and the chances of each
    uint16_t feeling[FEELINGS];     // chance of each, in thousandths; 0: unlikely
    int64_t same_profile, same_key; // the first that says the same; itself when none does
    int64_t theme;                  // 0: none yet
    int theme_far;                  // thousandths
    const int8_t *vector;           // EMBEDDING numbers; NULL: none, or not asked for
} meaning;

must_use bool meaning_get(arena *a, store *s, int64_t profile, int64_t key, meaning *out, err *e); // ERR_not_found
must_use bool meaning_find_one(arena *a, store *s, int64_t profile, int64_t key, meaning *out, bool *there, err *e);
// Chance, in thousandths, that the last words of a customer, said from since_us on and before until_us, are unhappy: 0
// unless they are clearly so (MEANING_CLEAR).
enum { MEANING_CLEAR = 900 };
must_use bool meaning_sounds(store *s, int64_t customer, int64_t since_us, int64_t until_us, int *unhappy,
                             int64_t *at_us, err *e);
int meaning_class(const meaning *m); // the likeliest: -1 bad, 0 neither, 1 good; MOOD_UNKNOWN
// It and all that say the same, in order of time.
struct meaning_place {
    int64_t profile, key, at_us;
};
// The feedback of one, and whose it is; 0: it is gone, nobody known.
must_use bool meaning_whose(store *s, const struct meaning_place *p, int64_t *feedback, int64_t *customer, err *e);
must_use bool meaning_copies(arena *a, store *s, const meaning *m, size_t most, struct meaning_place **out, size_t *n,
                             err *e);

// One after the other in the order of time, since <= t < until (0: no bound); what it points to lives until the next.
// False stops. words: with the text, read from the event (slower).
typedef bool (*meaning_fn)(void *ctx, const meaning *m, str text, err *e);
typedef struct {
    int64_t since_us, until_us;
    bool words, vectors;
} meaning_ask;
must_use bool meaning_each(store *s, const meaning_ask *ask, meaning_fn fn, void *ctx, err *e);

// ---- the worker ----

enum { MEANING_MAKE = 2, MEANING_PIECE = 256 };

// What waits, read and understood by `r`, without writing: at most MEANING_PIECE of them.
typedef struct meaning_batch meaning_batch;
must_use bool meaning_read(arena *a, store *s, const reader *r, meaning_batch **out, size_t *n, err *e);
// Stores it, inside a transaction of the writer; what was erased or changed meanwhile is left out.
must_use bool meaning_store(store *s, const meaning_batch *b, err *e);
// The same in parts, each in a transaction, from `from` on; *next is 0 when all of it is stored. Broken off in between
// it is read again, without what is stored.
must_use bool meaning_store_part(store *s, const meaning_batch *b, size_t from, size_t *next, err *e);
// Places of different encoders are never compared: those of another one than r go before r makes its own, a part at a
// time, each in a transaction of the writer. False in *more when none is left, or none has to go.
must_use bool meaning_clears(arena *a, store *s, const reader *r, bool *more, err *e); // is there any to let go of
must_use bool meaning_clear_some(store *s, const reader *r, bool *more, err *e);
// The event is gone or has other words; these are those it had. Its topics go, too.
must_use bool meaning_forget(store *s, int64_t profile, int64_t key, str words, err *e);
must_use bool meaning_erase(store *s, int64_t profile, err *e);
must_use bool meaning_tidy(store *s, err *e); // after all feedback was written anew

typedef struct {
    int64_t understood, waiting; // words
    bool embeds;                 // places are stored
    bool weak;                   // some was understood without the file of words, and waits for it
    str make;
} meaning_standing;
must_use bool meaning_stands(arena *a, store *s, meaning_standing *out, err *e);
bool meaning_as_before(arena *a, str make, const reader *r); // r would make nothing anew

// ---- search ----

// Words and meaning fused (reciprocal ranks, text/seek.h). The index of places is 80 bytes a text in memory, read once
// and brought up to date at each question; it serves any number of threads, each with its own store and reader. The
// thousand that differ least in the signs of their numbers are compared whole.
typedef struct meaning_index meaning_index;
meaning_index *meaning_index_open(void);
void meaning_index_close(meaning_index *x); // NULL is fine

typedef struct {
    str words;                        // what is looked for; empty: only `like`
    const struct meaning_place *like; // or more like these
    size_t n_like;
    int64_t since_us, until_us; // 0: no bound
    int64_t channel;            // -1: any
    int mood;                   // MOOD_UNKNOWN: any
    int64_t topic;              // 0: any
    int64_t customer;           // 0: anybody
    size_t most;
} meaning_question;
typedef struct {
    int64_t profile, key, at_us, feedback;
    double score;   // of the fusion
    double meaning; // cosine; NAN: found by words only
    int words;      // its rank by words from 1; 0: not among them
    meaning known;  // key 0: not understood yet
} meaning_hit;
// The best first, copies of one person once. ERR_invalid when nothing is asked for. Without an index, or with a reader
// of another make than the store's, by words alone.
must_use bool meaning_find(arena *a, store *s, meaning_index *x, const reader *r, const meaning_question *q,
                           meaning_hit **out, size_t *n, err *e);

// Where in a text words stand that were looked for, whatever their letters' case and accents; and a part of it with the
// first of them in it, of at most so many bytes.
typedef struct {
    size_t from, to; // bytes
} meaning_mark_at;
size_t meaning_marks(arena *a, str text, str words, meaning_mark_at **out);
str meaning_snippet(str text, const meaning_mark_at *marks, size_t n, size_t most);

#endif
