#include "text/thanks.h"

#include "text/token.h"

enum { MOST_WORDS = 30, MOST_BYTES = 4000 };

// Folded, as text/token.h makes words.
static const char *const good[] = {
    "thank",        "thanks",   "thx",     "ty",         "cheers", "great",     "perfect",  "solved",  "works",
    "fixed",        "danke",    "dank",    "dankeschon", "super",  "prima",     "klasse",   "perfekt", "geklappt",
    "funktioniert", "erledigt", "gracias", "perfecto",   "genial", "excelente", "funciona", "resuelto"};
static const char *const against[] = {"not",           "no",      "never", "still", "but", "however", "again",
                                      "unfortunately", "nicht",   "kein",  "keine", "nie", "noch",    "aber",
                                      "leider",        "wieder",  "doch",  "nunca", "aun", "pero",    "sigue",
                                      "todavia",       "tampoco", "otra"};

static bool is_one_of(str word, const char *const *list, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (str_eq(word, str_c(list[i]))) return true;
    return false;
}

bool words_are_thanks(arena scratch, str words) {
    if (words.len > MOST_BYTES) return false;
    tokens all = tokens_of(&scratch, words), one;
    size_t n = 0;
    bool thanks = false;
    while (tokens_sentence(&all, &one, words))
        for (size_t i = 0; i < one.n; i++) {
            const token *t = &one.v[i];
            if (t->punct && str_has(t->word, S("?"))) return false;
            if (t->punct) continue;
            if (is_one_of(t->word, against, COUNT(against)) || ++n > MOST_WORDS) return false;
            thanks |= is_one_of(t->word, good, COUNT(good));
        }
    return thanks;
}
