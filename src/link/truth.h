// truth: how good a grouping is where somebody knows what is right. Only for measuring; nothing is chosen by it.
#ifndef HEED_LINK_TRUTH_H
#define HEED_LINK_TRUTH_H

#include "link/pairs.h"

typedef struct {
    double precision, recall, f1;
} link_quality;

// Groups by number, one for each record. Over pairs of records, and over records (B-cubed: Bagga and Baldwin 1998).
link_quality link_quality_pairs(const uint32_t *cluster, const uint32_t *truth, uint32_t n);
link_quality link_quality_b3(const uint32_t *cluster, const uint32_t *truth, uint32_t n);

#endif
