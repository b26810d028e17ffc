#include "stats/nps.h"

#include "stats/dist.h"

#include <math.h>

nps_counts nps_count(const int64_t counts[11]) {
    nps_counts c = {0};
    for (int mark = 0; mark <= 10; mark++) {
        if (mark >= 9)
            c.promoters += counts[mark];
        else if (mark >= 7)
            c.passives += counts[mark];
        else
            c.detractors += counts[mark];
    }
    return c;
}

// Reichheld 2003, Harvard Business Review 81(12): the question is answered from 0 to 10.
estimate nps_of_marks(arena *a, const int64_t *counts, int lowest, int highest, sampling s) {
    if (lowest == 0 && highest == 10) return nps(a, nps_count(counts), s);
    str why = str_fmt(a, "the scale is %d to %d; this score is defined on 0 to 10 only", lowest, highest);
    return estimate_refused("adjusted Wald", str_z(a, why));
}

// Rocks 2016, Am. Stat. 70(4) (arXiv 1601.07235): Wald's interval after adding 3/4 of an answer to promoters and
// detractors and 3 to n (F02). A design effect or finite population enters by the effective n, in shares, so that a
// census ends at the raw score.
estimate nps(arena *a, nps_counts c, sampling s) {
    estimate e = {.method = "adjusted Wald"};
    estimate_judge(a, &e, s, c.promoters + c.passives + c.detractors);
    if (e.n <= 0) return e;
    double one = 1 / e.eff, p = (double)c.promoters / (double)e.n, d = (double)c.detractors / (double)e.n;
    double pa = (p + 0.75 * one) / (1 + 3 * one), da = (d + 0.75 * one) / (1 + 3 * one);
    double v = pa + da - (pa - da) * (pa - da);
    e.value = 100 * (p - d);
    e.point = 100 * (pa - da);
    e.var = 1e4 * v * one / (1 + 3 * one);
    e.lo = MIN(e.point - Z95 * sqrt(e.var), e.value); // a single answer's score lies outside by a point
    e.hi = MAX(e.point + Z95 * sqrt(e.var), e.value);
    estimate_clamp(&e, -100, 100);
    return e;
}

change nps_change(const estimate *now, const estimate *before) {
    change c = estimate_change(now, before);
    if (c.method) c.method = "Z on adjusted scores";
    return c;
}

// Student 1908 on the differences: each person moved by −2, −1, 0, 1 or 2 groups, worth 100 points each.
change nps_change_paired(const int64_t moved[3][3]) {
    double n = 0, sum = 0, squares = 0;
    for (int i = 0; i < 3; i++) {
        for (int j = 0; j < 3; j++) {
            double count = (double)moved[i][j], step = j - i;
            n += count;
            sum += count * step;
            squares += count * step * step;
        }
    }
    if (n < 2) return change_none();
    double mean = sum / n, se = sqrt((squares - n * mean * mean) / (n - 1) / n);
    if (!(se > 0)) return (change){.diff = 100 * mean, .lo = 100 * mean, .hi = 100 * mean, .p = mean == 0 ? 1 : NAN};
    double half = dist_t_at(0.975, n - 1) * se;
    return (change){.diff = 100 * mean,
                    .lo = 100 * (mean - half),
                    .hi = 100 * (mean + half),
                    .p = dist_t_both(mean / se, n - 1),
                    .method = "paired t"};
}

// F03, solved from the interval above: n = ⌈z²v/δ²⌉ − 3; the finite population after Cochran 1977, 4.2.
int64_t nps_need(double v, double margin, int64_t base) {
    double d = margin / 100, n = Z95 * Z95 * v / (d * d);
    if (base > 0) n = n / (1 + (n - 1) / (double)base);
    return MAX((int64_t)ceil(n - 1e-9) - 3, 1);
}

// Cohen 1988, Statistical Power Analysis: n = 2v (z₀.₉₇₅ + z_power)²/δ² in each wave (F04).
int64_t nps_per_wave(double v, double points, double power) {
    double d = points / 100, z = Z95 + dist_normal_at(power);
    return (int64_t)ceil(2 * v * z * z / (d * d) - 1e-9);
}
