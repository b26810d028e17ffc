// judge: how good a grouping probably is, where nobody knows what is right.
//
// What is told are ranges meant to hold the truth nineteen times in twenty. They come from what can be seen: the
// chances of the pairs put together, directly and by way of a third record; how many pairs lie between yes and no; how
// many pairs are the same according to the mixture of patterns; and, between two files, how many pairs there are more
// than there could be if each file held everybody once. How wide they must be was measured on the files of bench/link,
// whose truth is known: chances of texts are far less sure of themselves than they say (words of one title are one
// event), so a file that lives by texts gets wide ones.
#ifndef HEED_LINK_JUDGE_H
#define HEED_LINK_JUDGE_H

#include "link/pairs.h"

typedef struct {
    double at, lo, hi;
} link_range;

typedef struct {
    const link_pair *p; // as compared; grouping may have put others together too
    size_t n;
    const uint32_t *cluster;
    uint32_t rows, rows_a;   // rows_a: of the first of two files; as many as rows, or 0, when there is one
    const link_curve *curve; // NULL: weights mean what they say
    const float *chance;     // of each pair, where they are known better (link_rivals); or NULL
    double same;             // pairs that are the same, as the mixture of patterns says; 0: unknown
    double reached;          // share of them that was compared; 0: all
    bool texts;              // much of the evidence is titles or descriptions
} link_judge_in;

typedef struct {
    link_range precision, recall; // of the pairs put together
    link_range same;              // pairs that are the same, found or not
    double together;              // pairs put together
    double one_to_one;            // two files: the share that could be right if each held everybody once; else 1
    double between;               // share of what is the same that lies between yes and no
} link_judged;

void link_judge(arena scratch, const link_judge_in *in, link_judged *out);

// What blocking rules reach of what is the same, from how often several rules reach the same pair: those that none
// reaches are estimated from those that one or two do (Chao 1987, his lower bound of the number there are, with the
// log-normal interval). It assumes no rule is another in disguise, and is an upper bound of the share where rules look
// at the same fields. `chance`: that a pair is the same; `rules`: bits of those that reach it; `stands_for`: how many
// pairs it stands for, NULL: itself.
link_range link_reach(const float *chance, const uint64_t *rules, const float *stands_for, size_t n);

#endif
