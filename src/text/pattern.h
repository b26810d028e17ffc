// pattern: rules about words, written as words.
//
//   word|word     one of these words; "pay*" is any word that begins so, "llamar+" a Spanish verb (see ending)
//   [element]     may be absent
//   ~   ~3        up to ten (three) tokens that are not in the way
//   @name  #name  what the caller knows: a class of words, a number, a verb
#ifndef HEED_PATTERN_H
#define HEED_PATTERN_H

#include "text/token.h"

// Forms of a Spanish verb: llamar(le); llamaré, llamaremos; llamará, llamarán; any of the future.
enum ending { ENDING_bare, ENDING_first, ENDING_third, ENDING_future };

typedef struct {
    void *ctx;
    // The token after what name stands for at `at`, or NO_MATCH.
    size_t (*known)(void *ctx, str name, const tokens *t, size_t at);
    bool (*in_the_way)(void *ctx, const tokens *t, size_t at); // no gap leads over this token; NULL: none is
    enum ending ending;
} pattern_hooks;

#define NO_MATCH SIZE_MAX
size_t pattern_at(const char *pattern, const tokens *t, size_t at,
                  const pattern_hooks *h);                    // the token after, or NO_MATCH
bool pattern_word(str alternatives, str word, enum ending e); // one element of words

// To pass over most patterns quickly: a bit for each letter with which what fits can begin, and the letter of a word.
#define PATTERN_ANY UINT32_MAX
uint32_t pattern_starts(const char *pattern); // PATTERN_ANY where it begins with a gap or with @ or #
uint32_t pattern_letter(str word);

#endif
