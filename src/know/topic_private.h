// topic_private: what the files of topics share.
#ifndef HEED_TOPIC_PRIVATE_H
#define HEED_TOPIC_PRIVATE_H

#include "base/json.h"
#include "know/topic_learn.h"

// The topics of a learner's labels (0: nothing is said of it), and whether sources call words so.
typedef struct {
    const int64_t *ids;
    const bool *named;
    size_t n;
} topic_labels;
// Tells a learner what is said of a message: of each label anew where anything is said. told, where not NULL: of each
// label 1 yes or near to it, -1 no, 0 nothing.
void topic_teach(label_learner *l, size_t message, const topics *t, const topic_labels *of, const topic_said_of *v,
                 size_t n, int8_t *told);

// From which chance in thousandths a person is asked; label: its row of what is kept as quality.
int topic_doubt(const json_t *label);

// Of a name, however it is written.
int64_t topic_fold(arena scratch, str name);

// A taxonomy that stands nowhere: names[i] leads to the topic name_of[i].
topics *topics_of(arena *a, topic *v, size_t n, str *names, int64_t *name_of, size_t n_names);
// The taxonomy as it would be after a change; new topics have numbers below 0.
must_use bool topics_after(arena *a, topics *t, topic_change *c, topics **out, const char **field, err *e);

// Learning of so much that a person can wait for it.
typedef struct {
    size_t examples, of_source, pool;
} topic_limits;
must_use bool topic_learn_some(arena *a, store *s, const reader *r, const topics *t, enum topic_axis axis,
                               topic_limits most, topic_learnt *out, err *e);
// What was learned, ready to decide by this taxonomy.
must_use bool topic_judge_with(arena *a, topics *t, const topic_learnt *l, topic_judge **out, err *e);
// What words feel about a topic, from the words that say most for it; in English, where there is heed's own encoder,
// from what they mean where they stand and from the clause around them. enc may be NULL.
void topic_mood_of(const mood *m, const encoder *enc, arena scratch, const topic_word *w, const model_reasons *r,
                   bool *has, int *out);

#endif
