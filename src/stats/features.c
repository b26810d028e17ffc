#include "stats/features.h"

#include "stats/order.h"

#include <math.h>

enum { FIRST = 2 }; // the first bin of what is known

// The known numbers of the chosen rows in rising order.
static size_t known_numbers(arena *a, const double *x, const uint32_t *rows, size_t n, double **out) {
    double *known = make(a, double, n), *sorted = make(a, double, n);
    uint32_t *at = make(a, uint32_t, n);
    size_t m = 0;
    for (size_t i = 0; i < n; i++) {
        if (isfinite(x[rows[i]])) known[m++] = x[rows[i]];
    }
    order_of(*a, known, m, at);
    for (size_t i = 0; i < m; i++) sorted[i] = known[at[i]];
    *out = sorted;
    return m;
}

static double between(double low, double high) {
    double middle = low + (high - low) / 2;
    return middle < high ? middle : low;
}

// Cuts after every so many rows, each moved up to where the value changes.
static int cut_numbers(const double *x, size_t n, int most, double *cuts) {
    size_t distinct = n > 0;
    for (size_t i = 1; i < n; i++) distinct += x[i] != x[i - 1];
    int k = 0;
    for (size_t i = 1, last = 0; i < n && k < most - 1; i++) {
        bool full = distinct <= (size_t)most || (i - last) * (size_t)most >= n;
        if (x[i] == x[i - 1] || !full) continue;
        cuts[k++] = between(x[i - 1], x[i]);
        last = i;
    }
    return k;
}

static void cut_number(arena scratch, const double *x, const uint32_t *rows, size_t n, int most, feature_cut *c) {
    double *sorted, sum = 0, squares = 0;
    size_t m = known_numbers(&scratch, x, rows, n, &sorted);
    for (size_t i = 0; i < m; i++) sum += sorted[i];
    c->middle = m ? sum / (double)m : 0;
    for (size_t i = 0; i < m; i++) squares += (sorted[i] - c->middle) * (sorted[i] - c->middle);
    double spread = m ? sqrt(squares / (double)m) : 0;
    c->spread = spread > 1e-12 * fabs(c->middle) ? spread : 0;
    c->known = (int64_t)m;
    c->bins = FIRST + 1 + cut_numbers(sorted, m, most, c->cuts);
}

static void cut_classes(arena scratch, const feature *f, const uint32_t *rows, size_t n, int64_t rare, feature_cut *c) {
    int64_t *count = make(&scratch, int64_t, f->n_classes);
    double *less = make(&scratch, double, f->n_classes);
    uint32_t *at = make(&scratch, uint32_t, f->n_classes);
    for (size_t i = 0; i < n; i++) {
        int32_t k = f->class_of[rows[i]];
        if (k >= 0 && k < f->n_classes) count[k]++, c->known++;
    }
    for (int32_t k = 0; k < f->n_classes; k++) less[k] = -(double)count[k];
    order_of(scratch, less, (size_t)f->n_classes, at);
    for (int32_t k = 0; k < f->n_classes; k++) c->of_class[k] = FEATURE_OTHER;
    for (int32_t i = 0; i < MIN(f->n_classes, (int32_t)(FEATURE_BINS - FIRST)); i++) {
        if (count[at[i]] >= rare) c->of_class[at[i]] = FIRST;
    }
    c->bins = FIRST;
    for (int32_t k = 0; k < f->n_classes; k++) {
        if (c->of_class[k] == FIRST) c->of_class[k] = (uint8_t)c->bins++;
    }
}

feature_cuts features_cut(arena *a, const features *f, const uint32_t *rows, size_t n, int most, int64_t rare) {
    most = most > 0 ? MIN(most, FEATURE_BINS - FIRST) : 32;
    feature_cuts c = {make(a, feature_cut, f->n_features), f->n_features};
    for (size_t j = 0; j < f->n_features; j++) {
        const feature *x = &f->of[j];
        assert(!x->number != !x->class_of);
        if (x->number) {
            c.of[j].cuts = make(a, double, most);
            cut_number(*a, x->number, rows, n, most, &c.of[j]);
        } else {
            c.of[j].of_class = make(a, uint8_t, x->n_classes);
            c.of[j].n_classes = x->n_classes;
            cut_classes(*a, x, rows, n, rare > 0 ? rare : 20, &c.of[j]);
        }
    }
    return c;
}

features features_pick(arena *a, const features *t, const uint32_t *rows, size_t n) {
    feature *f = make(a, feature, t->n_features);
    for (size_t j = 0; j < t->n_features; j++) {
        f[j] = t->of[j];
        double *number = f[j].number ? make(a, double, n) : NULL;
        int32_t *kind = f[j].class_of ? make(a, int32_t, n) : NULL;
        for (size_t i = 0; i < n; i++) {
            if (number) number[i] = f[j].number[rows[i]];
            if (kind) kind[i] = f[j].class_of[rows[i]];
        }
        f[j].number = number, f[j].class_of = kind;
    }
    return (features){f, t->n_features, n};
}

static uint8_t bin_of_number(const feature_cut *c, double x) {
    if (!isfinite(x)) return FEATURE_UNKNOWN;
    int lo = 0, hi = c->bins - FIRST - 1; // how many cuts are below x
    while (lo < hi) {
        int mid = lo + (hi - lo) / 2;
        if (c->cuts[mid] < x)
            lo = mid + 1;
        else
            hi = mid;
    }
    return (uint8_t)(FIRST + lo);
}

uint8_t features_bin(const features *f, const feature_cuts *c, size_t j, size_t row) {
    if (f->of[j].number) return bin_of_number(&c->of[j], f->of[j].number[row]);
    int32_t k = f->of[j].class_of[row];
    if (k < 0) return FEATURE_UNKNOWN;
    return k < c->of[j].n_classes ? c->of[j].of_class[k] : (uint8_t)FEATURE_OTHER;
}

str features_words(arena *a, const features *f, size_t j, size_t row) {
    const char *name = f->of[j].name;
    if (f->of[j].number) {
        double x = f->of[j].number[row];
        return isfinite(x) ? str_fmt(a, "%s is %.6g", name, x) : str_fmt(a, "%s is not known", name);
    }
    int32_t k = f->of[j].class_of[row];
    if (k < 0) return str_fmt(a, "%s is not known", name);
    bool named = k < f->of[j].n_classes && f->of[j].classes;
    return named ? str_fmt(a, "%s is %s", name, f->of[j].classes[k]) : str_fmt(a, "%s is %d", name, (int)k);
}
