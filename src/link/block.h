// block: which pairs of records are looked at. Records that agree on the key of a rule ("same birth date, given names
// of one root") are a block, and the pairs inside blocks are compared; no pair twice, whatever the number of rules it
// fulfils.
//
// The rules that could apply stand in blocks.def. A sample of their pairs is drawn first; once a model has judged it,
// the rules are chosen that reach most of what seems to match for the fewest pairs. Blocks that are too large are split
// by further agreement, and what is left out is counted.
#ifndef HEED_LINK_BLOCK_H
#define HEED_LINK_BLOCK_H

#include "link/table.h"

enum link_how {
    LINK_HOW_NONE,
    LINK_HOW_value,
    LINK_HOW_root,      // of a given name: the name it is a form of
    LINK_HOW_initial,   // first letter
    LINK_HOW_sound,     // of a name
    LINK_HOW_begin,     // first letters; of a postcode its area
    LINK_HOW_both,      // given and family name, in either order
    LINK_HOW_year,      //
    LINK_HOW_yearmonth, //
    LINK_HOW_monthday,  //
    LINK_HOW_house,     // street and number
    LINK_HOW_street,    //
    LINK_HOW_user,      // of an e-mail address: what stands before the @
    LINK_HOW_head,      // of a number: its first half
    LINK_HOW_tail,      // and its last
    LINK_HOW_words,     // any word that is not too common
};

typedef struct {
    int field;
    enum link_how how;
} link_atom;

enum { LINK_ATOMS = 48, LINK_KEPT = 16, LINK_RULES = 64, LINK_CHOSEN = 20 };

typedef struct {
    int atom[3], n;   // in link_blocks.atom; n 0: every pair
    bool words;       // the only atom is a field of words
    uint32_t most;    // words: a word in more records than this makes no block
    uint64_t need;    // bits of its atoms
    uint32_t fields;  // bits of the fields it looks at
    double share;     // of its blocks that were sampled
    double expected;  // pairs it makes, as the sample says
    double recall;    // of what seems to match in the sample: share that it reaches
    uint64_t pairs;   // pairs it made,
    uint64_t fresh;   // of these, not made by a rule before it
    uint64_t too_hot; // pairs left out because even the split blocks were too large
} link_rule;

typedef struct {
    const link_table *t;
    link_atom atom[LINK_ATOMS];
    int n_atoms, width;
    uint32_t *row; // [rows][width] what a record has of each atom; 0: missing
    link_rule rule[LINK_RULES];
    int n_rules;
    double reached; // share of what seems to match in the sample that the chosen rules reach
} link_blocks;

// A sampled pair and how many pairs it stands for.
typedef struct {
    uint32_t a, b;
    uint64_t rules; // bits of those it fulfils
    float stands_for;
} link_sampled;

typedef struct {
    link_sampled *pair;
    size_t n, cap;
} link_sample;

void link_blocks_open(link_blocks *b, const link_table *t);
void link_blocks_close(link_blocks *b);
// most: rules that make more pairs than this are not drawn from.
void link_blocks_sample(link_blocks *b, double per_rule, double most, uint64_t seed, link_sample *out);
// chance[i]: that sampled pair i matches. Keeps the best rules within the budget of pairs, cheapest first.
void link_blocks_choose(link_blocks *b, const link_sample *s, const float *chance, double budget);

// Called for every pair; rules are bits of the chosen rules that it fulfils.
typedef void link_emit(void *ctx, uint32_t a, uint32_t b, uint32_t rules);
// Runs the rules on as many threads as there are contexts.
must_use bool link_blocks_run(link_blocks *b, link_emit *emit, void *const *ctx, int n_threads, err *e);

str link_rule_text(arena *a, const link_blocks *b, const link_rule *r); // "birth date, root of given name"

#endif
