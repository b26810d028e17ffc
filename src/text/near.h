// near: texts that say the same in the same or nearly the same words, so that copies are read once and a person who
// writes ten times is counted once.
//
// Exact: equal once folded, without punctuation. Near: the shingles of five characters overlap (Jaccard) by `least` and
// more. Candidates come from MinHash bands (Broder 1997; Indyk & Motwani 1998) and are confirmed by counting; with
// embeddings, from 0.1 below `least` on if the meaning is the same too.
#ifndef HEED_NEAR_H
#define HEED_NEAR_H

#include "base/base.h"

enum { NEAR_HASHES = 64, NEAR_BANDS = 16 };

// What is kept of a text to find its like later: 136 bytes, all of them hashes.
typedef struct {
    uint64_t exact;             // of the folded words; 0: no letter or digit in it
    uint32_t bands[NEAR_BANDS]; // texts that share a band are candidates
    uint16_t shingles[32];      // MinHash, half of it: a rough Jaccard without the text
} near_sign;

near_sign near_sign_of(arena scratch, str text);
double near_rough(const near_sign *x, const near_sign *y); // Jaccard estimated from two signs
double near_jaccard(arena scratch, str x, str y);          // counted

typedef struct {
    str text;
    int64_t who;          // who wrote it; 0: not known, somebody else each time
    const int8_t *vector; // stored embedding; NULL: none
} near_text;

typedef struct {
    double least;   // Jaccard; 0: NEAR_LEAST
    double meaning; // cosine that confirms a candidate; 0: NEAR_MEANING
    bool brute;     // compare all with all: the slow twin for tests and small sets
} near_opts;
#define NEAR_LEAST   0.7
#define NEAR_MEANING 0.9

enum near_how { NEAR_alone, NEAR_first, NEAR_exact, NEAR_near };

typedef struct {
    uint32_t group;    // the index of the first text of the group, which is itself when it is alone
    enum near_how how; // NEAR_first: others are like it
    float jaccard;     // with the first of the group
    bool again;        // the same person said it before in this group
} near_mark;

typedef struct {
    size_t groups; // of two and more
    size_t exact, near;
    size_t distinct; // texts when each group counts once
    size_t voices;   // texts when each person counts once in each group: what counts are made of
} near_tally;

// Marks n texts in their order. A text joins a group only by being like the group's first, the most like of those it
// could join; so chains do not grow. scratch takes 400 bytes a text.
near_tally near_find(arena scratch, const near_text *x, size_t n, const near_opts *o, near_mark *out);

#endif
