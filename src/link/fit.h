// fit: what agreement says, learned without labels (Fellegi and Sunter 1969), and what each pair weighs.
//
// Three kinds of pairs are told apart: the same (m), strangers (u), and those who share a home or a family (h), whose
// agreement on name and place is one event and not many. Chances of levels among strangers come from random pairs;
// among the others by expectation and maximisation (Dempster, Laird and Rubin 1977) over counts of patterns: each
// field learns only from pairs that some rule found without looking at it, since the rule's own fields always agree.
//
// The weight of a pair is the sum of its parts, each a whole number of grains: log2(m/u) of every field, what the
// rarity of its value adds, the prior, and last what it loses because the two may only share a home.
#ifndef HEED_LINK_FIT_H
#define HEED_LINK_FIT_H

#include "link/block.h"
#include "link/cells.h"
#include "link/pairs.h"

typedef struct {
    link_group group[LINK_FIELDS];
    int n_groups;
    double *m[LINK_FIELDS], *u[LINK_FIELDS], *h[LINK_FIELDS], *total[LINK_FIELDS]; // [codes] of each group
    double pairs;                                                                  // that could be made
    double same, home; // how many of them are the same, and share a home, as the fit sees it
    bool bests;        // whether it was looked at who is most alike to whom,
    double best;       // and how often kin are
    double most;       // the same cannot be more
    double alike;      // share of random pairs whose names are alike
    bool homes;        // whether such pairs are told apart
    double loglik;     // per pair of the sample
    int rounds;
    double open;       // of what seems the same, the share that might as well not be
    const char *doubt; // NULL, or why the data cannot tell
} link_fit;

// Each of the two is the other's most alike. Where two files hold texts, the same are mostly so and others seldom,
// which is what their chances are learned from; weights do not look at it.
#define LINK_BEST      0x80000000u
#define LINK_SAME_BEST 0.85

typedef struct {
    uint64_t pattern;
    uint32_t open; // bits of the groups that some rule found it without; LINK_BEST
    float n;       // pairs
} link_counted;

void link_fit_strangers(link_fit *f, const link_table *t, uint64_t seed); // opens f: groups, totals and u
uint32_t link_fit_open(const link_fit *f, const link_blocks *b, uint64_t rules);
void link_fit_learn(link_fit *f, const link_table *t, const link_counted *c, size_t n);
double link_fit_chance(const link_fit *f, uint64_t pattern); // that a pair of this pattern is the same
void link_fit_close(link_fit *f);

#endif
