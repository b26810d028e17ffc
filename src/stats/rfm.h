// rfm: recency, frequency and money in fifths of the company's own customers, and eleven cells with names (F19).
#ifndef HEED_RFM_H
#define HEED_RFM_H

#include "stats/estimate.h"

// One customer. Orders on the same day are one order: count days.
typedef struct {
    int64_t last;   // when the last order was: any number that grows with time
    int64_t orders; // days with an order
    int64_t money;  // minor units, net of refunds
} rfm_row;

enum rfm_cell {
    RFM_NONE,
    RFM_CHAMPIONS,
    RFM_LOYAL,
    RFM_POTENTIAL,
    RFM_NEW,
    RFM_PROMISING,
    RFM_ATTENTION,
    RFM_SLEEPY,
    RFM_AT_RISK,
    RFM_CANNOT_LOSE,
    RFM_HIBERNATING,
    RFM_LOST,
    RFM_CELLS,
};

typedef struct {
    int8_t r, f, m; // 1 (lowest fifth) to 5
    enum rfm_cell cell;
} rfm_score;

// Scores every customer among all. Equal values get equal scores, whatever the order of the rows.
void rfm_scores(arena scratch, const rfm_row *x, size_t n, rfm_score *out);

// Fifths of any values: out[i] is 1 to 5. Without ties, each fifth has n/5 customers.
void rfm_fifths(arena scratch, const int64_t *x, size_t n, int8_t *out);

enum rfm_cell rfm_cell_of(int r, int f, int m);
const char *rfm_cell_name(enum rfm_cell cell); // "Cannot lose them"

#endif
