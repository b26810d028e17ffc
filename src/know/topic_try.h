// topic_try: what a change of the taxonomy would do to the words that are stored, before it is made. Nothing is stored.
//
// What only moves names and places is told from the labels that stand. Where the change says something new of what a
// topic is (its sentence, its phrases, new topics), the axis is learned twice, with and without it, from so few words
// that a person can wait, and both decide the newest words; told is how they differ.
#ifndef HEED_TOPIC_TRY_H
#define HEED_TOPIC_TRY_H

#include "know/topic_learn.h"
#include "stats/estimate.h"

enum { TOPIC_TRY_WORDS = 20000, TOPIC_TRY_LEARNING = 4000, TOPIC_TRY_EXAMPLES = 5, TOPIC_TRY_NOTES = 6 };

typedef struct {
    topic_word w;
    int64_t customer;
    int sure;
} topic_example;
typedef struct {
    int64_t topic; // below 0: a new one
    str name;
    int64_t gains, loses, stays, doubts, people; // doubts: words that would wait for a person
    topic_example examples[TOPIC_TRY_EXAMPLES];  // of those that it gains or loses
    size_t n;
} topic_move;
typedef struct {
    topic_move *moves;
    size_t n;
    int64_t looked, without; // words looked at; of those that move, without any topic of the axis then
    bool all;
    estimate precision; // of what the topic is given then; NONE: nobody has answered
    const char *notes[TOPIC_TRY_NOTES];
    size_t n_notes;
} topic_outlook;
must_use bool topic_try(arena *a, store *s, topics *t, const reader *r, topic_change *c, topic_outlook *out,
                        const char **field, err *e);

#endif
