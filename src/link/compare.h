// compare: how alike two records are, field by field, as levels (levels.def) packed into one number.
//
// Comparing is symmetric, and a function of the two standard forms alone. What two values were found to be is
// remembered, because names come back.
#ifndef HEED_LINK_COMPARE_H
#define HEED_LINK_COMPARE_H

#include "link/table.h"

enum { LINK_BITS = 4, LINK_LEVELS = 9 }; // bits a field has in a pattern; most levels of a field, "missing" included

// The level of given names of two records whose given and family names are swapped.
#define LINK_NAMES_SWAPPED 6
// The level of e-mail addresses whose users are the same and made of names that are alike: how rare that is among
// strangers is told of strangers of such names.
#define LINK_EMAIL_OF_NAMES 3

static inline int link_level(uint64_t pattern, int field) {
    return (int)(pattern >> (field * LINK_BITS)) & ((1 << LINK_BITS) - 1);
}
static inline uint64_t link_with(uint64_t pattern, int field, int level) {
    const int at = field * LINK_BITS;
    return (pattern & ~((uint64_t)((1 << LINK_BITS) - 1) << at)) | (uint64_t)level << at;
}

int link_levels(enum link_kind k);                        // with "missing"; the highest is "same"
const char *link_level_text(enum link_kind k, int level); // "a slip apart"
int link_level_rank(enum link_kind k, int level);         // of levels but "missing"

typedef struct {
    const link_table *t;
    uint64_t *memo; // places of pairs of values, the newest stays
} link_comparer;

link_comparer link_comparer_open(const link_table *t); // one for each thread
void link_comparer_close(link_comparer *c);
int link_compare(link_comparer *c, int field, uint32_t x, uint32_t y); // two values of a field
uint64_t link_pattern(link_comparer *c, const uint32_t *a, const uint32_t *b);
// Whether the names of a pattern are alike, so that what is made of them is too.
bool link_names_alike(const link_table *t, uint64_t pattern);
double link_cosine(const link_field *f, uint32_t x, uint32_t y); // of two texts' words, rarer ones counting more

#endif
