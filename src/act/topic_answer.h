// topic_answer: a person says what words are about. It is an event like the topics that people name in the inbox; it
// stands at once, is learned at once, and all history is looked at again for the topics concerned.
#ifndef HEED_TOPIC_ANSWER_H
#define HEED_TOPIC_ANSWER_H

#include "act/inbox_reply.h"
#include "know/stages.h"
#include "know/topic_learn.h"

typedef struct {
    int64_t feedback;        // of which words
    const int64_t *yes, *no; // topics
    size_t n_yes, n_no;
    str where; // the store, beside which the file of words may lie
} topic_answer;

// With transactions of its own. ERR_not_found, ERR_invalid name what is wrong. *undo is what topic_answer_back takes.
must_use bool topic_answer_take(knowing *k, arena *a, const topic_answer *x, const inbox_hand *h, topic_corrected *out,
                                str *undo, err *e);
// Takes an answer back: the words are about what the model and all other answers say again, at once; what is like them
// follows for the topics that it named, and for the others when all is learned anew, within a minute. ERR_not_found: it
// was taken back already.
must_use bool topic_answer_back(knowing *k, arena *a, int64_t feedback, str undo, str where, const inbox_hand *h,
                                topic_corrected *out, err *e);

#endif
