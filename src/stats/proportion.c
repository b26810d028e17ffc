#include "stats/proportion.h"

#include "stats/dist.h"
#include "stats/spread.h"

#include <math.h>

// Wilson 1927, J. Am. Stat. Assoc. 22: (p + z²/2n ± z√(p(1−p)/n + z²/4n²)) / (1 + z²/n); F20.
void proportion_wilson(double p, double n, double z, double *lo, double *hi) {
    double k = z * z / n;
    double middle = p + k / 2, half = sqrt(k * p * (1 - p) + k * k / 4);
    *lo = p <= 0 ? 0 : MAX((middle - half) / (1 + k), 0);
    *hi = p >= 1 ? 1 : MIN((middle + half) / (1 + k), 1);
}

estimate proportion_clustered(arena *a, const int64_t *hits, const int64_t *n, size_t persons) {
    double y = 0, m = 0, squares = 0, spread = 0, deff;
    for (size_t i = 0; i < persons; i++) {
        y += (double)hits[i], m += (double)n[i];
        squares += (double)n[i] * (double)n[i];
    }
    if (m <= 0) return proportion(a, 0, 0, (sampling){.of = "word"});
    const double p = y / m, most = squares / m;
    for (size_t i = 0; i < persons; i++) spread += pow((double)hits[i] - p * (double)n[i], 2);
    deff = persons > 1 && p > 0 && p < 1 ? spread * (double)persons / (double)(persons - 1) / (m * p * (1 - p)) : most;
    deff = MIN(MAX(deff, 1), most);
    return proportion(a, (int64_t)llround(y), (int64_t)llround(m), (sampling){.deff = deff, .of = "word"});
}

estimate proportion(arena *a, int64_t hits, int64_t n, sampling s) {
    assert(hits >= 0 && hits <= n);
    estimate e = {.method = "Wilson"};
    estimate_judge(a, &e, s, n);
    if (n <= 0) return e;
    double p = (double)hits / (double)n;
    e.value = e.point = p;
    e.var = p * (1 - p) / e.eff;
    proportion_wilson(p, e.eff, Z95, &e.lo, &e.hi);
    return e;
}

typedef struct {
    double p1, n1, p2, n2;
} two_shares;

// Newcombe 1998, Stat. Med. 17: 873-890, method 10: the limits lie √((p₁−l₁)² + (u₂−p₂)²) below and
// √((u₁−p₁)² + (p₂−l₂)²) above the difference, l and u being Wilson's.
static void newcombe(two_shares t, double z, double *below, double *above) {
    double l1, u1, l2, u2;
    proportion_wilson(t.p1, t.n1, z, &l1, &u1);
    proportion_wilson(t.p2, t.n2, z, &l2, &u2);
    *below = hypot(t.p1 - l1, u2 - t.p2);
    *above = hypot(u1 - t.p1, t.p2 - l2);
}

// The z at which the interval just reaches 0: its distance grows with z.
static double newcombe_p(two_shares t) {
    double diff = t.p1 - t.p2, lo = 0, hi = 40, below, above;
    if (diff == 0) return 1;
    for (int i = 0; i < 80; i++) {
        double z = (lo + hi) / 2;
        newcombe(t, z, &below, &above);
        if (diff > 0 ? below < diff : above < -diff)
            lo = z;
        else
            hi = z;
    }
    return dist_normal_both((lo + hi) / 2);
}

change proportion_change(const estimate *now, const estimate *before) {
    if (!estimate_shown(now) || !estimate_shown(before) || now->eff <= 0 || before->eff <= 0) return change_none();
    two_shares t = {now->point, now->eff, before->point, before->eff};
    double below, above;
    newcombe(t, Z95, &below, &above);
    double diff = t.p1 - t.p2;
    return (change){.diff = diff,
                    .lo = MAX(diff - below, -1),
                    .hi = MIN(diff + above, 1),
                    .p = newcombe_p(t),
                    .method = "Newcombe hybrid score"};
}

scored proportion_scored(arena *a, const int64_t *counts, int points, int top, int lowest, sampling s) {
    int64_t n = 0, hits = 0;
    double sum = 0, squares = 0;
    for (int i = 0; i < points; i++) {
        double mark = lowest + i, count = (double)counts[i];
        n += counts[i];
        if (i >= points - top) hits += counts[i];
        sum += count * mark;
        squares += count * mark * mark;
    }
    scored x = {.share = proportion(a, hits, n, s), .mean = spread_mean_of(a, n, sum, squares, s)};
    if (n > 0) estimate_clamp(&x.mean, lowest, lowest + points - 1);
    return x;
}

// ISO 10004:2018; the top two boxes of five.
scored proportion_csat(arena *a, const int64_t counts[5], sampling s) {
    return proportion_scored(a, counts, 5, 2, 1, s);
}

// Dixon, Toman & DeLisi 2013, The Effortless Experience (CES 2.0): agreement with "made it easy", 5 to 7 of seven.
scored proportion_ces(arena *a, const int64_t counts[7], sampling s) {
    return proportion_scored(a, counts, 7, 3, 1, s);
}

// AAPOR, Standard Definitions (9th edition 2016): RR1 = I / ((I + P) + (R + NC + O) + (UH + UO)).
estimate proportion_response(arena *a, dispositions d) {
    int64_t asked = d.complete + d.partial + d.refused + d.no_contact + d.other + d.unknown;
    estimate e = proportion(a, d.complete, asked, (sampling){.of = "invitation"});
    e.method = "AAPOR RR1, Wilson";
    return e;
}
