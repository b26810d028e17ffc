#include "stats/contingency.h"

#include "stats/dist.h"

#include <math.h>

static void add_cell(contingency *c, double observed, double expected, double *low) {
    if (!(expected > 0)) {
        if (observed > 0) c->chisq = c->g = INFINITY;
        return;
    }
    c->chisq += (observed - expected) * (observed - expected) / expected;
    if (observed > 0) c->g += 2 * observed * log(observed / expected);
    c->least = MIN(c->least, expected);
    *low += expected < 5;
}

static contingency none(const char *why) {
    return (contingency){.chisq = NAN, .p = NAN, .g = NAN, .g_p = NAN, .v = NAN, .why = why};
}

static contingency finish(contingency c, double cells, double low) {
    c.g = MAX(c.g, 0);
    c.p = dist_chisq_above(c.chisq, c.df);
    c.g_p = dist_chisq_above(c.g, c.df);
    c.state = low > cells / 5 || c.least < 1 ? ESTIMATE_THIN : ESTIMATE_OK;
    if (c.state == ESTIMATE_THIN) c.why = "too few are expected in some classes to test";
    return c;
}

static double sum_of(const int64_t *counts, size_t n, size_t step) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        assert(counts[i * step] >= 0);
        sum += (double)counts[i * step];
    }
    return sum;
}

contingency contingency_of(const int64_t *counts, size_t rows, size_t columns) {
    contingency c = {.least = INFINITY};
    double all = sum_of(counts, rows * columns, 1), cells = 0, low = 0;
    int groups = 0, classes = 0;
    for (size_t j = 0; j < columns; j++) classes += sum_of(counts + j, rows, columns) > 0;
    for (size_t i = 0; i < rows; i++) {
        double row = sum_of(counts + i * columns, columns, 1);
        groups += row > 0;
        for (size_t j = 0; row > 0 && j < columns; j++) {
            double column = sum_of(counts + j, rows, columns);
            if (!(column > 0)) continue;
            add_cell(&c, (double)counts[i * columns + j], row * column / all, &low);
            cells++;
        }
    }
    if (groups < 2) return none("there is nothing to compare with");
    if (classes < 2) return none("all are of one class");
    c.df = (groups - 1) * (classes - 1);
    c.v = sqrt(c.chisq / (all * (MIN(groups, classes) - 1)));
    return finish(c, cells, low);
}

contingency contingency_fit(const int64_t *counts, const double *shares, size_t n) {
    contingency c = {.least = INFINITY, .v = NAN};
    double all = sum_of(counts, n, 1), weight = 0, cells = 0, low = 0;
    for (size_t i = 0; i < n; i++) weight += shares[i];
    for (size_t i = 0; i < n; i++) {
        add_cell(&c, (double)counts[i], all * shares[i] / weight, &low);
        cells += shares[i] > 0;
    }
    if (!(all > 0)) return none("nothing was counted");
    if (cells < 2) return none("all are expected in one class");
    c.df = (int)cells - 1;
    return finish(c, cells, low);
}
