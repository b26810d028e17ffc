// topic_private: what the files of topics share.
#ifndef HEED_TOPIC_PRIVATE_H
#define HEED_TOPIC_PRIVATE_H

#include "know/topic_learn.h"

// Tells a learner of the topics `ids` what is said of a message: all of it anew.
void topic_teach(label_learner *l, size_t message, const topics *t, const int64_t *ids, size_t n_ids,
                 const topic_said_of *v, size_t n);

// What words feel about a topic, from the words that say most for it.
void topic_mood_of(const mood *m, arena scratch, const topic_word *w, const model_reasons *r, bool *has, int *out);

#endif
