// thanks: whether words are nothing but thanks ("great, that works now, thank you!"), in English, German and Spanish.
#ifndef HEED_THANKS_H
#define HEED_THANKS_H

#include "base/base.h"

// Short, with a word of thanks or relief, without a question and without a word that takes it back.
bool words_are_thanks(arena scratch, str words);

#endif
