#include <math.h>

#include "text/label_audit.h"

void audit_count(const int32_t *given, const int32_t *meant, size_t n, size_t labels, audit_label *out) {
    for (size_t k = 0; k < labels; k++) out[k] = (audit_label){0};
    for (size_t i = 0; i < n; i++) {
        if (given[i] >= 0) out[given[i]].given++;
        if (meant[i] >= 0) out[meant[i]].meant++;
        if (given[i] >= 0 && given[i] == meant[i]) out[given[i]].both++;
    }
}

double audit_alpha(const int32_t *x, const int32_t *y, size_t n, size_t labels) {
    double pairs = 0, differ = 0, same = 0;
    for (size_t i = 0; i < n; i++)
        if (x[i] >= 0 && y[i] >= 0) pairs++, differ += x[i] != y[i];
    // Both answers to a message are values: 2 pairs in all.
    for (size_t k = 0; k < labels; k++) {
        double of = 0;
        for (size_t i = 0; i < n; i++)
            if (x[i] >= 0 && y[i] >= 0) of += (x[i] == (int32_t)k) + (y[i] == (int32_t)k);
        same += of * (of - 1);
    }
    const double values = 2 * pairs, expected = values > 1 ? 1 - same / (values * (values - 1)) : 0;
    return expected > 0 ? 1 - differ / pairs / expected : NAN;
}

double audit_coverage(const size_t *seen, size_t labels) {
    double all = 0, once = 0;
    for (size_t k = 0; k < labels; k++) all += (double)seen[k], once += seen[k] == 1;
    return all > 0 ? 1 - once / all : NAN;
}
