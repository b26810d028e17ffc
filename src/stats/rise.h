// rise: is a theme mentioned more often now than in the weeks before? (F41)
//
// Many themes are tested at once: pass all p through many_adjust before anything is called rising.
#ifndef HEED_RISE_H
#define HEED_RISE_H

#include "stats/estimate.h"

typedef struct {
    int64_t now, now_all;       // rows with the theme, and all rows, in the latest window
    int64_t before, before_all; // the same in the trailing window (13 weeks), without the latest
} rise_counts;

typedef struct {
    double g, p;   // G and its p value; NAN when it cannot be tested
    int direction; // +1 the share is higher now, −1 lower, 0 equal
    double share, share_before;
    enum estimate_state state; // THIN when a cell of the table is expected to hold fewer than 5 rows
    const char *why;
} rise;

rise rise_test(rise_counts c);

#endif
