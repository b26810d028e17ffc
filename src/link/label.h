// label: learning from pairs that somebody has decided, and choosing which to ask for next.
//
// What was learned without labels stays the start. Every level of every field may move from it, and so may the prior,
// as far as the labels carry: a logistic regression whose coefficients are held to nothing by a normal prior (ridge;
// Hoerl and Kennard 1970), fitted by Newton's method. It needs no random choice of pairs: asking for the doubtful ones
// does not mislead it, because it models the answer given the pair.
#ifndef HEED_LINK_LABEL_H
#define HEED_LINK_LABEL_H

#include "link/cluster.h"
#include "link/model.h"

typedef struct {
    size_t same, other;   // labels that were learned from
    double before, after; // bits of surprise a label, before and after
} link_learned;

// Changes the weights of m. What people said of pairs that contradict one another weighs equally.
void link_learn_labels(link_model *m, const link_said *said, size_t n, link_learned *out);

// Up to n pairs that teach most: doubtful ones, of patterns many pairs have, no two of one pattern, none already said.
// Returns how many; p is of link_model_pairs.
size_t link_ask(const link_model *m, const link_pairs *p, const link_said *said, size_t n_said, size_t n,
                link_pair *out);

#endif
