#include "stats/design.h"

#include <math.h>

enum { FIRST = FEATURE_OTHER + 1 };

// Knots at the middle of the distribution: after every fourth of the rows, of what is known. Bins hold equally many
// rows where there are many values.
static void add_bends(const feature_cut *c, int bends, design_feature *f) {
    int values = c->bins - FIRST;
    f->bends = (int16_t)MAX(0, MIN(MIN(bends, DESIGN_BENDS), values - 2));
    for (int k = 0; k < f->bends; k++) {
        int cut = (k + 1) * values / (f->bends + 1) - 1;
        f->knot[k] = (c->cuts[cut] - c->middle) / c->spread;
    }
}

static size_t add_number(const feature_cut *c, int64_t unknown, int bends, design_feature *f) {
    size_t at = f->from;
    if (unknown > 0 && c->known > 0) f->unknown = (int16_t)at++;
    if (!(c->spread > 0)) return at;
    f->line = (int16_t)at++;
    add_bends(c, bends, f);
    f->first_bend = (int16_t)at;
    return at + (size_t)f->bends;
}

static size_t add_classes(const int64_t *count, int bins, design_feature *f) {
    size_t at = f->from;
    for (int b = 0; b < bins; b++) {
        if (count[b] > 0) f->of_bin[b] = (int16_t)at++;
    }
    if (at > f->from + 1) return at;
    for (int b = 0; b < bins; b++) f->of_bin[b] = -1; // everybody is of one class
    return f->from;
}

design design_new(arena *a, const features *f, const feature_cuts *cuts, const uint32_t *rows, size_t n, int bends) {
    design d = {.cuts = cuts, .of = make(a, design_feature, f->n_features)};
    for (size_t j = 0; j < f->n_features; j++) {
        design_feature *x = &d.of[j];
        int64_t count[FEATURE_BINS] = {0};
        for (size_t i = 0; i < n; i++) count[features_bin(f, cuts, j, rows[i])]++;
        *x = (design_feature){.unknown = -1, .line = -1, .from = d.columns};
        for (int b = 0; b < FEATURE_BINS; b++) x->of_bin[b] = -1;
        bool number = f->of[j].number != NULL;
        x->to = number ? add_number(&cuts->of[j], count[FEATURE_UNKNOWN], bends, x)
                       : add_classes(count, cuts->of[j].bins, x);
        assert(x->to < INT16_MAX);
        d.parameters += x->to - x->from - (!number && x->to > x->from);
        d.columns = x->to;
    }
    return d;
}

static void number_row(const design_feature *f, const feature_cut *c, double value, double *x) {
    bool known = isfinite(value);
    if (f->unknown >= 0) x[f->unknown] = !known;
    if (f->line < 0 || !known) return;
    double z = (value - c->middle) / c->spread;
    x[f->line] = z;
    for (int k = 0; k < f->bends; k++) x[f->first_bend + k] = MAX(0, z - f->knot[k]);
}

void design_row(const design *d, const features *f, size_t row, double *x) {
    memset(x, 0, d->columns * sizeof *x);
    for (size_t j = 0; j < f->n_features; j++) {
        if (f->of[j].number) {
            number_row(&d->of[j], &d->cuts->of[j], f->of[j].number[row], x);
            continue;
        }
        int16_t at = d->of[j].of_bin[features_bin(f, d->cuts, j, row)];
        if (at >= 0) x[at] = 1;
    }
}
