// label_audit: how good labels are, from a sample that people labelled without seeing what was given.
#ifndef HEED_LABEL_AUDIT_H
#define HEED_LABEL_AUDIT_H

#include "base/base.h"

// Labels are numbers from 0; below 0: none was given.
typedef struct {
    size_t given, meant, both; // by the one to be judged, by the judge, by both
} audit_label;

// Counts of each label over n messages.
void audit_count(const int32_t *given, const int32_t *meant, size_t n, size_t labels, audit_label *out);

// Krippendorff's alpha for nominal data and two who label (Krippendorff 2011): 1 - seen / expected disagreement. What
// one of them left out does not count. 1 is full agreement, 0 what chance gives; NAN when there is nothing to tell.
double audit_alpha(const int32_t *x, const int32_t *y, size_t n, size_t labels);

// How much of what customers speak of has a label in a sample: 1 - f1 / N, f1 labels that were seen once (Good 1953).
double audit_coverage(const size_t *seen, size_t labels);

#endif
