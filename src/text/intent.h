// intent: what customers want of us, ready from the first day: labels with phrases in English, German and Spanish.
//
// They are ordinary labels: what people answer is learned on top of the phrases, and a team may rename, add and leave
// out. Until somebody has answered they are first guesses from phrases alone (docs/text-labels.md says how good).
#ifndef HEED_INTENT_H
#define HEED_INTENT_H

#include "text/label.h"

enum intent {
#define INTENT(name, about) INTENT_##name,
#define PHRASE(language, words)
#include "text/intents.def"
    INTENTS
};
const char *intent_label_name(enum intent i);
const char *intent_label_about(enum intent i);
size_t intent_label_phrases(enum intent i, str *out, size_t most); // in all languages

// Adds all of them to a learner in their order; the first gets the number that is returned. A learner for them has
// `several` set: a message may ask for help and complain.
size_t intent_define(label_learner *l);

#endif
