#include "stats/recall.h"

#include <math.h>

#include "stats/proportion.h"

typedef struct {
    double at, lo, hi;
} ranged;

// A weighted sum of independent shares, by recovering the variance near each limit from Wilson's intervals (MOVER: Zou
// and Donner 2008, Stat. Med. 27: 1693-1702): l = B - sqrt(sum of (w(p - lo))^2), and above likewise.
static ranged sum_of(const stratum *v, size_t n) {
    ranged x = {0};
    double below = 0, above = 0;
    for (size_t i = 0; i < n; i++) {
        if (v[i].size <= 0 || !v[i].asked) continue;
        const double p = (double)v[i].yes / (double)v[i].asked, w = v[i].size;
        double lo, hi;
        // The judged are a good part of a small population: n is raised as in sampling_eff.
        const double eff = sampling_eff((sampling){.base = (int64_t)llround(w)}, v[i].asked);
        proportion_wilson(p, eff, Z95, &lo, &hi);
        x.at += w * p;
        below += w * w * (p - lo) * (p - lo), above += w * w * (hi - p) * (hi - p);
    }
    x.lo = MAX(x.at - sqrt(below), 0), x.hi = x.at + sqrt(above);
    return x;
}

// A ratio of independent sums (Donner and Zou 2012, Stat. Methods Med. Res. 21: 347-359), the lower limit written so
// that nothing cancels. y.at > 0.
static ranged ratio_of(ranged x, ranged y) {
    const double xy = x.at * y.at, c = x.lo * (2 * x.at - x.lo), d = y.hi * (2 * y.at - y.hi);
    const double up_c = x.hi * (2 * x.at - x.hi), up_d = y.lo * (2 * y.at - y.lo);
    ranged r = {.at = x.at / y.at, .lo = 0, .hi = INFINITY};
    if (c > 0) r.lo = c / (xy + sqrt(fmax(xy * xy - c * d, 0)));
    if (up_d > 0) r.hi = (xy + sqrt(fmax(xy * xy - up_c * up_d, 0))) / up_d;
    return r;
}

static bool asked_all(const stratum *v, size_t n, int64_t *asked, bool *thin) {
    bool all = true;
    *asked = 0, *thin = false;
    for (size_t i = 0; i < n; i++) {
        *asked += v[i].asked;
        if (v[i].size <= 0) continue;
        all &= v[i].asked > 0;
        *thin |= v[i].asked < STRATUM_LEAST && (double)v[i].asked < v[i].size;
    }
    return all;
}

static void judge(arena *a, estimate *e, sampling s, int64_t asked, bool thin) {
    s.base = 0;
    estimate_judge(a, e, s, asked);
    if (!thin || e->state != ESTIMATE_OK) return;
    e->state = ESTIMATE_THIN;
    e->why = "ten and more have to be judged of each part";
}

estimate recall_found(arena *a, const stratum *v, size_t n, size_t inside, sampling s) {
    static const char method[] = "stratified, MOVER";
    int64_t asked;
    bool thin;
    assert(inside <= n);
    if (!asked_all(v, n, &asked, &thin)) return estimate_none(method, "not every part was judged yet");
    if (!asked) return estimate_none(method, "nobody was judged yet");
    const ranged in = sum_of(v, inside), out = sum_of(v + inside, n - inside);
    if (in.at + out.at <= 0) return estimate_none(method, "nobody who was judged is one of them");
    estimate e = {.method = method};
    judge(a, &e, s, asked, thin);
    e.value = e.point = in.at / (in.at + out.at);
    if (in.at > 0) { // r = out/in falls as the share 1/(1 + r) rises
        const ranged r = ratio_of(out, in);
        e.lo = 1 / (1 + r.hi), e.hi = 1 / (1 + r.lo);
    } else {
        const ranged r = ratio_of(in, out);
        e.lo = 0, e.hi = isinf(r.hi) ? 1 : r.hi / (1 + r.hi);
    }
    return e;
}

estimate recall_prevalence(arena *a, const stratum *v, size_t n, sampling s) {
    static const char method[] = "stratified, MOVER";
    int64_t asked;
    bool thin;
    double all = 0;
    if (!asked_all(v, n, &asked, &thin)) return estimate_none(method, "not every part was judged yet");
    for (size_t i = 0; i < n; i++) all += MAX(v[i].size, 0);
    if (!asked) return estimate_none(method, "nobody was judged yet");
    if (all <= 0) return estimate_none(method, "there is nobody");
    const ranged x = sum_of(v, n);
    estimate e = {.method = method, .value = x.at / all, .point = x.at / all, .lo = x.lo / all, .hi = x.hi / all};
    judge(a, &e, s, asked, thin);
    estimate_clamp(&e, 0, 1);
    return e;
}

estimate recall_weighted(arena *a, const double *weights, const bool *hit, size_t n, sampling s) {
    estimate e = {.method = "Wilson, effective n"};
    double sum = 0, hits = 0;
    s.deff = sampling_deff(weights, n);
    estimate_judge(a, &e, s, (int64_t)n);
    if (!n) return e;
    for (size_t i = 0; i < n; i++) sum += weights[i], hits += hit[i] ? weights[i] : 0;
    e.value = e.point = sum > 0 ? MIN(hits / sum, 1.0) : 0;
    proportion_wilson(e.value, e.eff, Z95, &e.lo, &e.hi);
    return e;
}

lift lift_of(int64_t hits, int64_t n, int64_t other_hits, int64_t other_n) {
    double x = (double)hits, y = (double)other_hits, nx = (double)n, ny = (double)other_n;
    if (n <= 0 || other_n <= 0) return (lift){NAN, NAN, NAN};
    if (!hits || !other_hits) x += .5, y += .5, nx += .5, ny += .5;
    const double ratio = x / nx / (y / ny), half = Z95 * sqrt(fmax(1 / x - 1 / nx + 1 / y - 1 / ny, 0));
    return (lift){ratio, ratio * exp(-half), ratio * exp(half)};
}
