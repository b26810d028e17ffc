#include "stats/chart.h"

#include <math.h>

enum { RUN = 8, ENOUGH_POINTS = 12 };

#define D2 1.128 // the mean range of two normal values, in sigmas

// A point as the charts of counts see it: its value, and the sigma of such a value.
typedef struct {
    double value, sigma, expected; // expected: hits or events at the centre
} count_point;

static int same_side(const chart_point *p, size_t at, size_t last, double beyond) {
    int sum = 0;
    double side = p[at].z > 0 ? 1 : -1;
    for (size_t i = at, seen = 0; seen < last; i--) {
        if (!p[i].gap) {
            sum += side * p[i].z > beyond;
            seen++;
        }
        if (i == 0) break;
    }
    return sum;
}

static void apply_rules(chart *c, chart_point *p) {
    c->first = -1;
    for (size_t i = 0; i < c->n; i++) {
        if (p[i].gap || p[i].z == 0) continue;
        double far = fabs(p[i].z);
        p[i].rules |= far > 3 ? CHART_BEYOND : 0;
        p[i].rules |= far > 2 && same_side(p, i, 3, 2) >= 2 ? CHART_TWO : 0;
        p[i].rules |= far > 1 && same_side(p, i, 5, 1) >= 4 ? CHART_FOUR : 0;
        p[i].rules |= same_side(p, i, RUN, 0) >= RUN ? CHART_RUN : 0;
        if (p[i].rules && c->first < 0) c->first = (ptrdiff_t)i;
    }
    c->points = p;
}

static chart refused(chart c, chart_point *p, const char *why) {
    for (size_t i = 0; i < c.n; i++) p[i].gap = true;
    c.points = p;
    c.first = -1;
    c.state = ESTIMATE_REFUSED;
    c.why = why;
    return c;
}

static void judge(chart *c, size_t counted, double expected) {
    c->state = ESTIMATE_OK;
    if (expected < 5) c->why = "fewer than five are expected in a period: limits are rough";
    if (counted < ENOUGH_POINTS) c->why = "limits from fewer than 12 periods are rough";
    if (c->why) c->state = ESTIMATE_THIN;
}

// σz: the spread of the standardised baseline by its moving ranges; never below 1.
static double wander(const count_point *x, const chart_point *p, size_t baseline) {
    double sum = 0, before = NAN, pairs = 0;
    for (size_t i = 0; i < baseline; i++) {
        if (p[i].gap) continue;
        if (!isnan(before)) sum += fabs(p[i].z - before), pairs++;
        before = x[i].sigma > 0 ? p[i].z : before;
    }
    return pairs > 0 ? MAX(1, sum / pairs / D2) : 1;
}

// Limits of counts, point by point; top is the greatest possible value.
static chart of_counts(const count_point *x, chart_point *p, chart c, size_t baseline, bool laney, double top) {
    size_t counted = 0;
    double expected = INFINITY;
    for (size_t i = 0; i < c.n; i++) {
        p[i].gap = isnan(x[i].value);
        p[i].value = p[i].gap ? 0 : x[i].value;
        p[i].z = x[i].sigma > 0 && !p[i].gap ? (x[i].value - c.center) / x[i].sigma : 0;
        if (p[i].gap || i >= baseline) continue;
        counted++;
        expected = MIN(expected, x[i].expected);
    }
    c.more = laney ? wander(x, p, baseline) : 1;
    for (size_t i = 0; i < c.n; i++) {
        p[i].z /= c.more;
        p[i].lo = p[i].gap ? c.center : MAX(0, c.center - 3 * c.more * x[i].sigma);
        p[i].hi = p[i].gap ? c.center : MIN(top, c.center + 3 * c.more * x[i].sigma);
    }
    judge(&c, counted, expected);
    apply_rules(&c, p);
    return c;
}

chart chart_shares(arena *a, const fraction *x, size_t n, size_t baseline, bool laney) {
    chart c = {.n = n};
    chart_point *p = make(a, chart_point, n);
    arena scratch = *a;
    count_point *k = make(&scratch, count_point, n);
    double hits = 0, all = 0;
    baseline = baseline ? MIN(baseline, n) : n;
    for (size_t i = 0; i < baseline; i++) hits += (double)x[i].hits, all += (double)x[i].n;
    if (!(all > 0)) return refused(c, p, "nothing was counted yet");
    c.center = hits / all;
    double one = sqrt(c.center * (1 - c.center));
    for (size_t i = 0; i < n; i++) {
        double m = (double)x[i].n;
        k[i] = (count_point){m > 0 ? (double)x[i].hits / m : (double)NAN, m > 0 ? one / sqrt(m) : 0,
                             m * MIN(c.center, 1 - c.center)};
    }
    return of_counts(k, p, c, baseline, laney, 1);
}

chart chart_rates(arena *a, const rate_counts *x, size_t n, size_t baseline, bool laney) {
    chart c = {.n = n};
    chart_point *p = make(a, chart_point, n);
    arena scratch = *a;
    count_point *k = make(&scratch, count_point, n);
    double events = 0, all = 0;
    baseline = baseline ? MIN(baseline, n) : n;
    for (size_t i = 0; i < baseline; i++) {
        if (!(x[i].exposure > 0)) continue;
        events += (double)x[i].events, all += x[i].exposure;
    }
    if (!(all > 0)) return refused(c, p, "nothing was counted yet");
    c.center = events / all;
    for (size_t i = 0; i < n; i++) {
        double m = x[i].exposure;
        k[i] =
            (count_point){m > 0 ? (double)x[i].events / m : (double)NAN, m > 0 ? sqrt(c.center / m) : 0, m * c.center};
    }
    return of_counts(k, p, c, baseline, laney, INFINITY);
}

chart chart_values(arena *a, const double *x, size_t n, size_t baseline) {
    chart c = {.n = n, .more = 1};
    chart_point *p = make(a, chart_point, n);
    double sum = 0, ranges = 0, counted = 0, pairs = 0, before = NAN;
    baseline = baseline ? MIN(baseline, n) : n;
    for (size_t i = 0; i < baseline; i++) {
        if (!isfinite(x[i])) continue;
        if (!isnan(before)) ranges += fabs(x[i] - before), pairs++;
        sum += x[i], before = x[i], counted++;
    }
    if (!(pairs > 0)) return refused(c, p, "limits need at least two values");
    c.center = sum / counted;
    c.sigma = ranges / pairs / D2;
    for (size_t i = 0; i < n; i++) {
        p[i].gap = !isfinite(x[i]);
        p[i].value = p[i].gap ? 0 : x[i];
        double off = p[i].gap ? 0 : x[i] - c.center;
        p[i].z = c.sigma > 0 ? off / c.sigma : off == 0 ? 0 : copysign(INFINITY, off);
        p[i].lo = c.center - 3 * c.sigma;
        p[i].hi = c.center + 3 * c.sigma;
    }
    judge(&c, (size_t)counted, INFINITY);
    apply_rules(&c, p);
    return c;
}

const chart_drift *chart_cusum(arena *a, const double *z, size_t n, double slack, double limit) {
    chart_drift *d = make(a, chart_drift, n);
    double up = 0, down = 0;
    size_t up_since = 0, down_since = 0;
    slack = slack > 0 ? slack : 0.5;
    limit = limit > 0 ? limit : 5;
    for (size_t i = 0; i < n; i++) {
        double x = isnan(z[i]) ? 0 : z[i], back = isnan(z[i]) ? 0 : slack;
        if (up == 0) up_since = i;
        if (down == 0) down_since = i;
        up += x - back, up = MAX(0, up);
        down -= x + back, down = MAX(0, down);
        d[i] = (chart_drift){up, down, up > limit || down > limit, up >= down ? up_since : down_since};
    }
    return d;
}
