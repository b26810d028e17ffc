// features: what is known of customers, as columns of numbers and classes, and how a learner sees it: cut into bins.
//
// Unknown is a value of its own: that a customer never told a birthday may say more than the birthday.
#ifndef HEED_FEATURES_H
#define HEED_FEATURES_H

#include "base/base.h"

// One column. A number is NAN where it is not known (infinities count as not known), a class below 0.
typedef struct {
    const char *name;           // as people call it: "months with us"
    const double *number;       // n values, or NULL
    const int32_t *class_of;    // n classes from 0, or NULL; exactly one of the two is given
    const char *const *classes; // their names
    int32_t n_classes;
} feature;

typedef struct {
    const feature *of;
    size_t n_features, n;
} features;

enum { FEATURE_UNKNOWN, FEATURE_OTHER, FEATURE_BINS = 64 }; // the first bins of every feature; most bins there can be

// How a feature is cut. Bin 0 holds what is not known, bin 1 rare and unseen classes (never a number). Numbers follow
// in rising order, divided by cuts: bin 2 + k holds those above cut k − 1 and up to cut k. Classes follow in their
// order.
typedef struct {
    int bins;
    double *cuts;      // numbers: bins − 3 of them
    uint8_t *of_class; // classes: n_classes bins
    int32_t n_classes;
    double middle, spread; // numbers: mean and standard deviation of what is known; spread 0 when they do not vary
    int64_t known;
} feature_cut;

typedef struct {
    feature_cut *of;
    size_t n_features;
} feature_cuts;

// Learned from the chosen rows: each distinct number a bin while there are at most `most` (0 = 32), else bins of
// equally many rows; each class a bin if it has at least `rare` (0 = 20) rows. Lives in a.
feature_cuts features_cut(arena *a, const features *f, const uint32_t *rows, size_t n, int most, int64_t rare);

// The chosen rows as a table of their own. Lives in a.
features features_pick(arena *a, const features *t, const uint32_t *rows, size_t n);

uint8_t features_bin(const features *f, const feature_cuts *c, size_t j, size_t row);

// Words for what a row has: "Contract is Month-to-month", "tenure is 3", "age is not known". Lives in a.
str features_words(arena *a, const features *f, size_t j, size_t row);

#endif
