// token: what people write, cut into sentences and words in one form, so that rules can be rows of plain words.
//
// Words are in lower case without accents ("Grüße" → "grusse", "mañana" → "manana"; Spanish "sí" → "yes", for it is not
// "si"; "entregó" → "entregoo", for it is not "entrego"). English contractions are undone: "won't" → "will not", "I'll"
// → "i will". Punctuation is a token of its own.
#ifndef HEED_TOKEN_H
#define HEED_TOKEN_H

#include "base/base.h"

enum language { LANG_none, LANG_en, LANG_de, LANG_es, LANGUAGES };
enum language language_named(str name); // "en", "de-AT"; LANG_none if it is none of ours
const char *language_name(enum language l);

typedef struct {
    str word;        // folded
    size_t from, to; // bytes in the text
    bool punct, number;
    bool capital; // begins with a capital letter
} token;

typedef struct {
    token *v;
    size_t n;
} tokens;

tokens tokens_of(arena *a, str x);

// Takes the next sentence off; lines that quote (">") are left out. False at the end.
bool tokens_sentence(tokens *rest, tokens *sentence, str x);

#endif
