// topic_learn: learning the topics of an axis, and from corrections.
//
// Learning reads alone and takes its time: people's answers, what sources say (a bounded part of it, the newest months
// first), and words that nobody spoke of. Where somebody said what words are about, they are taken to be about nothing
// else on that axis that they could have named, but for topics above and below: a person of the topics that there were,
// a source of those that bear its names. A correction goes on from what was learned last, in the writer's
// transaction, and looks at all history again: what the changed topics gained and lost.
#ifndef HEED_TOPIC_LEARN_H
#define HEED_TOPIC_LEARN_H

#include "know/topic_label.h"

#define TOPIC_RIGHT 0.9 // how often a topic that is given should be right

enum {
    TOPIC_EXAMPLES = 12000,  // words learned from, at most
    TOPIC_OF_SOURCE = 250,   // of one topic, those that a source says are about it
    TOPIC_POOL = 2000,       // words that nobody spoke of
    TOPIC_SCAN_MOST = 50000, // words that a correction looks at at once
};

typedef struct {
    enum topic_axis axis;
    size_t topics, examples, answers; // answers: of people
    int64_t answered_us;              // of the newest of them
    str labels, model, quality, learner, places;
} topic_learnt;
// topics 0: there is nothing to be learned on this axis.
must_use bool topic_learn(arena *a, store *s, const reader *r, enum topic_axis axis, topic_learnt *out, err *e);
// In a transaction of the writer. All history is looked at again from then on.
must_use bool topic_take(ledger *l, const topic_learnt *x, err *e);
must_use bool topic_again_begin(store *s, err *e);

// Whether there is something to learn that is worth it: topics changed, many answers, or a week went by.
must_use bool topic_learn_due(store *s, int64_t now_us, bool *due, err *e);

// In a transaction: somebody took back what they had said. It is due then, so that nothing of it stays.
must_use bool topic_unsaid(store *s, int64_t now_us, err *e);

// ---- one label, in words that both sides know ----

typedef struct {
    int64_t topic;
    enum label_answer answer;
    bool person;   // else the source says so
    int64_t at_us; // when the person said so
} topic_said_of;

// The label's text.
label_text topic_text(arena *a, const topic *t);
// What is said of words on an axis: topics as they stand today; people's word before the source's.
must_use bool topic_answers(arena *a, store *s, const topics *t, enum topic_axis axis, const topic_word *w,
                            topic_said_of **out, size_t *n, err *e);

// ---- corrections ----

// What the writer keeps in memory, so that a correction need not read it anew.
typedef struct topic_mind topic_mind;
topic_mind *topic_mind_open(void);
void topic_mind_close(topic_mind *m);  // NULL is fine
void topic_mind_forget(topic_mind *m); // somebody was erased

typedef struct {
    int64_t of, gained, lost;
} topic_effect;
typedef struct {
    bool learned; // false: there is no model yet
    topic_effect *effects;
    size_t n;
    int64_t looked, later; // words looked at again, and those that follow within minutes
} topic_corrected;
// Learns what people said since, on all axes, and looks at history again. mood may be NULL.
must_use bool topic_correct(arena *a, ledger *l, topic_mind *m, const mood *felt, topic_corrected *out, err *e);
// Somebody took back what they had said of words about these topics: they are learned without it, and looked for in
// history at once; the others follow when all is learned anew.
typedef struct {
    int64_t profile, key, said_us;
    const int64_t *of;
    size_t n;
} topic_unanswered;
must_use bool topic_correct_without(arena *a, ledger *l, topic_mind *m, const mood *felt, const topic_unanswered *x,
                                    topic_corrected *out, err *e);

#endif
