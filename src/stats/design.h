// design: the columns that a regression sees of features: one per class, and for a number a line that may bend.
#ifndef HEED_DESIGN_H
#define HEED_DESIGN_H

#include "stats/features.h"

enum { DESIGN_BENDS = 3 };

// Where the columns of one feature stand; −1: there is none.
typedef struct {
    int16_t unknown, line;        // numbers: 1 where not known; the value in standard deviations from the mean
    int16_t first_bend, bends;    // (value − knot) above the knot, 0 below
    double knot[DESIGN_BENDS];    // in standard deviations
    int16_t of_bin[FEATURE_BINS]; // classes: 1 in the column of their bin
    size_t from, to;              // all its columns: from..to − 1
} design_feature;

typedef struct {
    const feature_cuts *cuts;
    design_feature *of;
    size_t columns, parameters; // parameters: one less per feature of classes, whose columns sum to 1
} design;

// Only what the chosen rows have gets a column: no column for unknown where all is known, none for what does not vary.
// A number with few distinct values bends less. Lives in a; so must cuts.
design design_new(arena *a, const features *f, const feature_cuts *cuts, const uint32_t *rows, size_t n, int bends);
void design_row(const design *d, const features *f, size_t row, double *x);

#endif
