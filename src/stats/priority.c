#include "stats/priority.h"

#include "stats/dist.h"
#include "stats/spread.h"

#include <math.h>

static const char *const NAMES[] = {"people", "value", "severity", "trend"};

const char *priority_factor_name(enum priority_factor f) {
    return NAMES[f];
}

// ---- The product ----

// Arms of ln(product), each the root of the sum of squares of the factors' arms, `wide` times as long.
static void arms(const estimate *f, size_t n, double wide, double *lo, double *hi) {
    double ln = 0, down = 0, up = 0, most = 1;
    *lo = 0;
    for (size_t i = 0; i < n; i++) most *= f[i].hi;
    for (size_t i = 0; i < n; i++) {
        if (!(f[i].value > 0)) { // its logarithm is nowhere; the product of the ends is on the safe side
            *hi = most;
            return;
        }
        double v = log(f[i].value), below = f[i].lo > 0 ? v - log(f[i].lo) : INFINITY, above = log(f[i].hi) - v;
        ln += v, down += below * below, up += above * above;
    }
    *lo = exp(ln - wide * sqrt(down));
    *hi = exp(ln + wide * sqrt(up));
}

estimate priority_product(arena *a, const estimate *factor, size_t n) {
    static const char method[] = "product, MOVER on logarithms";
    estimate e = {.value = 1, .method = method, .state = ESTIMATE_OK, .n = n ? factor[0].n : 0};
    for (size_t i = 0; i < n; i++) {
        if (!estimate_shown(&factor[i]))
            return estimate_none(
                method, str_z(a, str_fmt(a, "its %s is not known", n == PRIORITY_FACTORS ? NAMES[i] : "factor")));
        e.value *= factor[i].value;
        if (factor[i].state != ESTIMATE_THIN || e.why) continue;
        e.state = ESTIMATE_THIN;
        e.why = str_z(a, str_fmt(a, "%s: %s", n == PRIORITY_FACTORS ? NAMES[i] : "a factor",
                                 factor[i].why ? factor[i].why : "too few"));
    }
    e.point = e.value;
    arms(factor, n, 1, &e.lo, &e.hi);
    double sd = (e.hi - e.lo) / (2 * Z95);
    e.var = isfinite(sd) ? sd * sd : 0;
    return e;
}

// ---- The order ----

typedef struct {
    const priority_item *x;
    priority p;
} placed;

static int by_standing(const void *x, const void *y) {
    const placed *u = x, *v = y;
    bool known = estimate_shown(&u->p.size), other = estimate_shown(&v->p.size);
    if (known != other) return known ? -1 : 1;
    if (known && u->p.standing.value != v->p.standing.value) return u->p.standing.value > v->p.standing.value ? -1 : 1;
    const estimate *m = &u->x->factor[PRIORITY_PEOPLE], *n = &v->x->factor[PRIORITY_PEOPLE];
    if (estimate_shown(m) != estimate_shown(n)) return estimate_shown(m) ? -1 : 1;
    if (estimate_shown(m) && m->value != n->value) return m->value > n->value ? -1 : 1;
    if (u->x->id != v->x->id) return u->x->id < v->x->id ? -1 : 1;
    return (u->p.item > v->p.item) - (u->p.item < v->p.item);
}

static size_t count_below(const double *sorted, size_t n, double x, bool equal) {
    size_t lo = 0, hi = n;
    while (lo < hi) {
        size_t middle = (lo + hi) / 2;
        if (sorted[middle] < x || (equal && sorted[middle] == x))
            lo = middle + 1;
        else
            hi = middle;
    }
    return lo;
}

// Klein, Wright & Wieczorek 2020, J. R. Stat. Soc. A 183: with intervals that hold together at 95 % (Šidák 1967),
// whoever lies wholly above is before, and whoever lies wholly below is after.
static void ranks(arena scratch, placed *v, size_t n) {
    double *lo = make(&scratch, double, n), *hi = make(&scratch, double, n), *los = make(&scratch, double, n),
           *his = make(&scratch, double, n);
    size_t known = 0;
    for (size_t i = 0; i < n; i++) known += estimate_shown(&v[i].p.size);
    double each = known ? pow(0.95, 1 / (double)known) : 0.95, wide = dist_normal_at(0.5 + each / 2) / Z95;
    known = 0;
    for (size_t i = 0; i < n; i++) {
        if (!estimate_shown(&v[i].p.size)) continue;
        arms(v[i].x->factor, PRIORITY_FACTORS, wide, &lo[i], &hi[i]);
        los[known] = lo[i], his[known++] = hi[i];
    }
    spread_sort(los, known);
    spread_sort(his, known);
    for (size_t i = 0; i < n; i++) {
        bool shown = estimate_shown(&v[i].p.size);
        v[i].p.lo = shown ? 1 + known - count_below(los, known, hi[i], true) : 1;
        v[i].p.hi = shown ? n - count_below(his, known, lo[i], false) : n;
    }
}

const priority *priority_order(arena *a, const priority_item *x, size_t n) {
    priority *out = make(a, priority, n);
    placed *v = make(a, placed, n);
    for (size_t i = 0; i < n; i++) {
        v[i] = (placed){.x = &x[i], .p = {.item = i, .size = priority_product(a, x[i].factor, PRIORITY_FACTORS)}};
        if (!estimate_shown(&v[i].p.size)) continue;
        v[i].p.standing = persist_stand((persist_claim){.before = x[i].size_before,
                                                        .now = v[i].p.size.value,
                                                        .burst = x[i].burst,
                                                        .days = x[i].burst_days,
                                                        .grave = x[i].grave});
    }
    ranks(*a, v, n);
    if (n) qsort(v, n, sizeof *v, by_standing);
    for (size_t i = 0; i < n; i++) out[i] = v[i].p;
    return out;
}
