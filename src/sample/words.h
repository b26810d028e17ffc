// words: what customers and staff write, put together from the rows of words_en.def, words_de.def and words_es.def,
// with known topic, mood and intent.
#ifndef HEED_SAMPLE_WORDS_H
#define HEED_SAMPLE_WORDS_H

#include "base/rng.h"
#include "sample/people.h"

enum topic {
#define TOPIC(name, category, weight) TOPIC_##name,
#include "sample/topics.def"
    TOPICS,
    TOPIC_any = TOPICS,
};
enum intent { INTENT_complain, INTENT_request, INTENT_ask, INTENT_inform, INTENT_praise, INTENT_cancel, INTENTS };

str topic_name(enum topic t);
str topic_category(enum topic t); // as the help desk files it
enum topic topic_pick(rng *r);    // what an unasked remark of a shop customer is about
str intent_word(enum intent i);

typedef struct {
    enum lang lang;
    enum topic topic;
    int mood;         // -1, 0, +1
    uint64_t order;   // an order number of theirs
    str first, staff; // given names
    str promise;      // a sentence of a reply; empty: none
} says;

// Each writes with the pen; intent, if asked for, is that of the words chosen.
str words_letter(pen *to, rng *r, const says *w, enum intent *intent); // with greeting and name
str words_chat(pen *to, rng *r, const says *w, enum intent *intent);   // a line or two
str words_remark(pen *to, rng *r, const says *w, enum intent *intent); // for the public: names no order
str words_again(pen *to, rng *r, const says *w);
str words_reply(pen *to, rng *r, const says *w, bool first); // of staff, in the mood of what was said
str words_bot(pen *to, rng *r, const says *w);

#endif
