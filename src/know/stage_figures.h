// stage_figures: what stages come to in a stretch of time: who is and was in them, how what is said in them sounds, of
// what it speaks, how long people stay and where they go. People count once, and so do the same words of one person;
// shares of moods have the interval of persons, not of words.
#ifndef HEED_STAGE_FIGURES_H
#define HEED_STAGE_FIGURES_H

#include "know/meaning.h"
#include "know/stage.h"
#include "stats/estimate.h"

enum { STAGE_TOPICS = 6 };
typedef struct {
    int64_t topic, people, words;
    str name;
    estimate unhappy; // of the words about it whose mood is told
} stage_topic;

typedef struct {
    int64_t stage; // 0: none
    estimate share;
} stage_step;

typedef struct {
    int64_t now;    // customers in it now
    estimate share; // of all customers
    int64_t words, people, words_before;
    estimate unhappy, happy, unhappy_before; // of the words whose mood is told: by their score, else as they sound
    change changed;                          // of the unhappy
    double p;                                // adjusted for all stages
    int64_t feeling[FEELINGS];               // people in whose words it is likely
    stage_topic topics[STAGE_TOPICS];        // those of most people first
    size_t n_topics;
    estimate reached; // customers who were in it at some time of the stretch, of all there were
    int64_t entered;  // customers who came into it in the stretch
    estimate days;    // the median stay, in days, of stays that began in the stretch or the year before it
    stage_step next[STAGES_MOST + 1]; // where stays that ended in the stretch went on, the most frequent first
    size_t n_next;
} stage_figures;

typedef struct {
    stage_figures *of; // as the journey has them
    int64_t customers, since_us, until_us;
    int64_t words, untold; // said in the stretch; of these, of which no stage is told, or none was
} stages_figures;
must_use bool stage_count(arena *a, store *s, const journey *j, int64_t since_us, int64_t until_us, int64_t now_us,
                          stages_figures *out, err *e);

// Words of a stage, the newest first, from before (at, key).
typedef struct {
    int64_t since_us, before_us, before_key;
    size_t most;
} stage_words_ask;
must_use bool stage_words(arena *a, store *s, int64_t stage, const stage_words_ask *ask, meaning **out, size_t *n,
                          err *e);
must_use bool stage_said(arena *a, store *s, const meaning *m, str *out, err *e); // the text of one; empty: it is gone

// What a change would come to for the customers there are: nobody is told anew.
typedef struct {
    int64_t looked, customers; // looked at: all, or every so many
    int64_t is, would;         // in the stage now, and then; of those looked at
    int64_t unhappy;           // of those that would be: the last words there sound so
    int64_t held;              // of those that would be: something would be held back from them now
    int64_t routed;            // open items of the inbox that would go to somebody
} stage_outlook;
must_use bool stage_try(arena *a, store *s, const stage_row *x, int64_t now_us, stage_outlook *out, err *e);

#endif
