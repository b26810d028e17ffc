// label_scan: a few labels over very many messages that are stored already: what a correction, or a label that is new,
// changes in all history.
//
// Where a message may have several labels each of them stands for itself, and its new score says all. Where it has one
// at most, a label concerns only messages that it could win: those whose best score it comes near, and those that it
// had before. label_scan_least says how near that is.
#ifndef HEED_LABEL_SCAN_H
#define HEED_LABEL_SCAN_H

#include "text/label.h"

typedef struct label_scan label_scan;

typedef struct {
    str text;
    const int8_t *embedding; // EMBEDDING bytes as embedding_pack made them; NULL: not known
    float least;             // scores below it are of no interest; -INFINITY: all are wanted
} label_stored;

// Scores below this of a label change nothing for a message: with several labels, it has less than one percent; with
// one, it takes less than one percent from the message's best label, whose score is `best`.
float label_scan_least(const label_model *m, size_t label, float best);

// Makes ready for these labels of a model, at most LABELS_MOST; the model must stay as it is meanwhile. One thread, one
// scan.
label_scan *label_scan_new(arena *a, const label_model *m, const uint32_t *labels, size_t n);

// The scores of each row, as many as there are labels, in the order of label_scan_new: what label_decide says, up to
// rounding; -INFINITY where none of them reaches the row's least. Returns how many rows reach it.
size_t label_scan_rows(label_scan *s, arena scratch, const label_stored *rows, size_t n, float *scores);

// Where a message may have several labels: what a score of the scan's i-th label means.
label_choice label_scan_choice(const label_scan *s, size_t i, float score);

#endif
