// topic_label: which words are about which topic: what people say, what sources say, and what was learned.
//
// Reading and deciding goes beside the writer, storing is quick. What people say is asked when it is stored, so that
// nothing that they said meanwhile is lost.
#ifndef HEED_TOPIC_LABEL_H
#define HEED_TOPIC_LABEL_H

#include "know/topic.h"

// Words that were understood.
typedef struct {
    int64_t profile, key, at_us;
    int32_t period;
    str text, source; // source: what the source calls it; empty: nothing
    enum language lang;
    bool has_mood;
    int mood;             // of the whole, thousandths
    const int8_t *vector; // NULL: they have no place
} topic_word;

// The newest first, from before this on.
typedef struct {
    int64_t at_us, profile, key;
} topic_cursor;
extern const topic_cursor TOPIC_FROM_NOW;

must_use bool topic_word_get(arena *a, store *s, int64_t profile, int64_t key, topic_word *out, bool *there, err *e);
// Its row among the feedback; 0: it has none.
must_use bool topic_word_place(store *s, const topic_word *w, int64_t *feedback, enum channel *channel, err *e);
// And the other way round: the words of a row.
must_use bool topic_word_of(arena *a, store *s, int64_t feedback, topic_word *out, bool *there, err *e);
must_use bool topic_words_before(arena *a, store *s, const topic_cursor *from, size_t most, topic_word **out, size_t *n,
                                 topic_cursor *next, err *e);

typedef struct {
    int64_t topic; // as its name leads to; who shows it asks topics_now
    enum topic_how how;
    int sure; // thousandths
    bool has_mood;
    int mood; // of what is said about it, thousandths
} topic_tag;

// As they stand, at most `room`.
must_use bool topic_tags_standing(store *s, int64_t profile, int64_t key, topic_tag *out, size_t room, size_t *n,
                                  err *e);

// What people said of words, by this taxonomy.
must_use bool topic_said_of_words(arena *a, store *s, const topics *t, int64_t profile, int64_t key, topic_tag **out,
                                  size_t *n, err *e);

// The taxonomy and what was learned, ready to decide; lives in a. m: NULL: moods are those of the whole.
typedef struct topic_judge topic_judge;
must_use bool topic_judge_open(arena *a, store *s, const mood *m, topic_judge **out, err *e);
void topic_judge_hears(topic_judge *j, const reader *r); // moods by the encoder of r, too; NULL: by words alone
const topics *topic_judge_topics(const topic_judge *j);
bool topic_judge_learned(const topic_judge *j); // there is something that was learned
// What the source says and what was learned; a topic once.
size_t topic_judge_tags(arena *a, const topic_judge *j, const topic_word *w, topic_tag **out);
// Why words are about a topic, or not: parts that sum to the score. False: nothing was learned of it.
bool topic_judge_why(arena *a, const topic_judge *j, int64_t of, const topic_word *w, model_reasons *out, double *sure);
// What is felt about it: near the words that say most for it. False: it cannot be told.
bool topic_judge_mood(const topic_judge *j, arena scratch, int64_t of, const topic_word *w, int *out);

// Words in one piece; from which chance in thousandths a person is asked, and at least and at most where chances are
// guesses.
enum { TOPIC_PIECE = 256, TOPIC_DOUBT = 250, TOPIC_DOUBT_LEAST = 20, TOPIC_DOUBT_GUESSED = 950 };

// What waits to be looked at (from NULL), or all from a place on.
typedef struct topic_batch topic_batch;
must_use bool topic_batch_read(arena *a, store *s, const topic_judge *j, const topic_cursor *from, size_t most,
                               topic_batch **out, size_t *n, topic_cursor *next, err *e);
must_use bool topic_batch_one(arena *a, store *s, const topic_judge *j, int64_t profile, int64_t key, topic_batch **out,
                              err *e);
typedef struct {
    int64_t looked, gained, lost; // words; topics given that were not, and the other way round
} topic_labelled;
// In a transaction of the writer.
must_use bool topic_batch_store(store *s, const topics *t, const topic_batch *b, topic_labelled *sum, err *e);

// How far history was looked at again since something was learned.
typedef struct {
    bool under_way;
    int64_t run; // counts the times that it began: what was read for an earlier one holds no more
    topic_cursor at;
    int64_t done, total;
} topic_again;
must_use bool topic_again_read(store *s, topic_again *out, err *e);
must_use bool topic_again_write(store *s, const topic_again *x, err *e);

#endif
