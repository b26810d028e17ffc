// boost: a gradient-boosted model whose every answer can be taken apart: a sum of one curve per feature and one table
// per pair of features.
//
// Trees of two levels, fitted one after the other to what the sum so far gets wrong (Friedman 2001, Ann. Stat. 29; the
// steps and gains of Chen & Guestrin 2016, KDD). A tree of two levels looks at pairs of features, so that the sum of
// all is exactly tables of pairs; these are purified (Lengerich et al. 2020, AISTATS): what a pair has of one feature
// alone moves to that feature's curve. Halves of what is left between two features go to each of them, which makes the
// parts of a customer's answer add up to it.
#ifndef HEED_BOOST_H
#define HEED_BOOST_H

#include "stats/features.h"

// Bins (features.h) of n rows, column by column: codes[j × n + i].
typedef struct {
    const uint8_t *codes;
    const int *bins;     // per column, at most FEATURE_BINS
    const bool *ordered; // per column: a number, whose bins have an order
    size_t columns, n;
} boost_table;

// Zero means the default.
typedef struct {
    int rounds;     // trees: 300
    double rate;    // share of each step that is taken: 0.05
    double ridge;   // added to the curvature of a leaf: 3
    double leaf;    // least curvature Σ p(1−p) of a leaf: 3
    double rows;    // share of the rows a tree sees: 0.6
    double columns; // share of the columns: 0.6
    uint64_t seed;  // of these choices; the same gives the same trees
} boost_opts;

typedef struct boost_tree {
    int16_t column, next[2]; // the root's column, and those of its two children; −1: not split further
    uint64_t left, below[2]; // bins that go left, there and at the children
    double value[4];         // log odds: left-left, left-right, right-left, right-right
} boost_tree;

typedef struct {
    double base; // log odds before any tree
    boost_tree *trees;
    size_t n_trees;
} boost_trees;

// Learns whether happened[i] from the chosen rows. Lives in a.
boost_trees boost_fit(arena *a, const boost_table *t, const bool *happened, const uint32_t *rows, size_t n,
                      boost_opts opts);
// Log odds that the trees from..to − 1 add for a row; at is the bin of its first column, the next ones `stride` apart.
double boost_sum(const boost_trees *b, size_t from, size_t to, const uint8_t *at, size_t stride);

// The same model as curves and tables.
typedef struct {
    size_t x, y;   // columns, x < y
    double *value; // bins of x × bins of y
} boost_pair;

typedef struct {
    double base; // log odds of the average row
    size_t columns;
    const int *bins;
    double **curve; // per column its bins; averages 0 over the rows
    boost_pair *pairs;
    size_t n_pairs;
} boost_parts;

// Takes the first `trees` trees apart, with the chosen rows as the population that averages are of. Lives in a.
boost_parts boost_apart(arena *a, const boost_trees *b, size_t trees, const boost_table *t, const uint32_t *rows,
                        size_t n);
// part[j] is what column j adds to the log odds of the row with these bins; their sum and base are the log odds of the
// trees.
void boost_explain(const boost_parts *p, const uint8_t *bins, double *part);

#endif
