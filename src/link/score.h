// score: what a pair weighs under a fit, and of what that is the sum.
#ifndef HEED_LINK_SCORE_H
#define HEED_LINK_SCORE_H

#include "link/fit.h"

typedef struct {
    const link_table *t;
    link_group group[LINK_FIELDS];
    int n_groups;
    float *stranger[LINK_FIELDS], *housemate[LINK_FIELDS]; // [codes] of each group: log2(m/u) and log2(m/h)
    float *rare[LINK_FIELDS];                              // [v.n] of each field: what agreeing on this value adds
    float fresh[LINK_FIELDS];                              // the same for a value that was not seen before
    double m[LINK_FIELDS][1 << LINK_BITS];                 // of each level of each field: how often the same are on it,
    double u[LINK_FIELDS][1 << LINK_BITS];                 // and strangers
    bool at_home[LINK_FIELDS];                             // people of one home agree on it anyway
    bool homes;
    bool bests;              // who is most alike to whom counts,
    float best, not_best;    // and adds this
    float prior, prior_home; // log2 of the odds before anything is compared
    link_curve curve;
} link_score;

void link_score_open(link_score *s, const link_table *t, const link_fit *f);
void link_score_close(link_score *s);
float link_weight(const link_score *s, uint64_t pattern, const uint32_t *a, const uint32_t *b);
// What the rarity of the values of field i adds.
float link_rarity(const link_score *s, uint64_t pattern, int i, const uint32_t *a, const uint32_t *b);

// A part of a weight. Their sum, in any order, is the weight.
typedef struct {
    enum { LINK_PART_PRIOR, LINK_PART_FIELD, LINK_PART_RARE, LINK_PART_HOME, LINK_PART_BEST } what;
    int field;      // of the second and third kind
    int level;      //
    double m, u;    // how often the same and strangers are on this level of the field, whatever the others say
    uint32_t count; // rows that hold the value, for its rarity
    float bits;
} link_part;

// weight: of the pair as link_model_pairs gave it, which knows who is most alike to whom. Parts of nothing are left
// out.
size_t link_explain(arena *a, const link_score *s, const link_fit *f, uint64_t pattern, const uint32_t *ra,
                    const uint32_t *rb, float weight, link_part **parts);

#endif
