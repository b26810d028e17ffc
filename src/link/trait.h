// trait: what comparing needs of a value, worked out once for each distinct value of a field.
#ifndef HEED_LINK_TRAIT_H
#define HEED_LINK_TRAIT_H

#include "link/table.h"

void link_traits(link_field *f, uint32_t rows);
// The same of one value more, of a field of neither full names nor texts. There must be room for it.
typedef struct link_names link_names;
link_names *link_names_open(void);
void link_names_close(link_names *n);
void link_trait_of(link_field *f, uint32_t v, const link_names *n);
uint64_t link_letters(str x); // a bit for each letter and digit that occurs
uint32_t link_sound(str x);   // how a name is spoken, roughly: equal for names that sound alike

// The words of value v of a full name or a text.
typedef struct {
    const uint32_t *word; // in order of their numbers
    uint32_t n;
} link_words;
static inline link_words link_words_of(const link_field *f, uint32_t v) {
    return (link_words){f->word + f->trait[v].mask, f->trait[v].text.n};
}

#endif
