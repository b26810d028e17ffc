// voices: what customers said, filtered: the newest first, the best match first, or counted by what it is.
#ifndef HEED_VOICES_H
#define HEED_VOICES_H

#include "know/voice.h"

typedef struct {
    str words;                  // all of them must be there; late* finds all that begin so. Empty: any
    int64_t since_us, until_us; // since <= t < until; 0: no bound
    int64_t channel;            // -1: any
    int64_t source_id, customer;
    enum kind kind;
    enum instrument instrument;
    bool scored; // only with a score from score_lo to score_hi (x 100)
    int64_t score_lo, score_hi;
    int mood;     // MOOD_UNKNOWN: any
    bool unhappy; // of this mood, or a complaint
    str topic;
    bool with_words; // only with words of their own
    bool read;       // mood and language as heed reads them where the source said none
    bool newest;     // with words to look for: by time, instead of the best match first
    bool next;       // after this one: its time and number; of best matches: how many went before, and 0
    int64_t key, id;
    int64_t limit; // 0: all
} voices_ask;

// One after the other, without words and name (voice_fill); texts live until the next. False stops.
typedef bool (*voice_fn)(void *ctx, const voice *v, err *e);
// ERR_invalid when there is no word in the words.
must_use bool voices_each(store *s, const sources *all, const voices_ask *ask, voice_fn fn, void *ctx, err *e);

// How many there are, and of each kind of each sort.
enum facet {
    FACET_channel,
    FACET_source,
    FACET_instrument,
    FACET_mood,
    FACET_kind,
    FACET_topic,
    FACET_language,
    FACET_month,
    FACETS
};
const char *facet_name(enum facet f);
typedef struct {
    str value; // "email", "unhappy", "2026-08" …
    int64_t n;
} facet_row;
typedef struct {
    int64_t total;
    facet_row *rows[FACETS]; // the most frequent first, months in order
    size_t n[FACETS];
} facets;
enum { FACET_ROWS = 50 }; // of each, at most
must_use bool voices_facets(arena *a, store *s, const sources *all, const voices_ask *ask, facets *out, err *e);

// One of them, with its words. False with e clear when there is none.
must_use bool voice_get(arena *a, store *s, const sources *all, int64_t id, voice *out, err *e);
const char *mood_name(int mood); // "unhappy", "neither", "happy"; NULL when not known

#endif
