#include "link/judge.h"

#include "base/radix.h"

#include <math.h>

// How far chances may be from the truth, in natural log odds, and the number of the same from its estimate: the least
// round numbers that hold the truth on every file of bench/link.
#define ODDS_DOWN  1.0
#define ODDS_UP    1.5
#define SAME_OFF   0.02 // whatever is seen,
#define SAME_GREY  2.5  // and this much of what lies between
#define SAME_TEXTS 0.35
#define TEXT_TRUST 0.25 // texts: evidence is worth this part of what it says

enum { MOST_BY_PATH = 64 };

static double shifted(double p, double by) {
    p = fmin(fmax(p, 1e-9), 1 - 1e-9);
    return 1 / (1 + exp(-(log(p / (1 - p)) + by)));
}

static double shrunk(double p, double to) {
    p = fmin(fmax(p, 1e-9), 1 - 1e-9);
    return 1 / (1 + exp(-to * log(p / (1 - p))));
}

// ---- what chances say of the pairs put together ----

typedef struct {
    const link_judge_in *in;
    uint32_t *local;          // per record: its number in its cluster
    double bold, plain;       // expected right ones: by way of a third record too, and by what was compared
    double timid;             // the latter with the trust that texts deserve
    double together, crossed; // pairs; pairs that one-to-one files allow
    double outside;           // chances of pairs that are not together
    double grey, sure;        // of all pairs compared: sum of p (1 - p), sum of p
    uint32_t *n, *n_a;        // per cluster: records; records of the first file
} judging;

static double chance_of(const judging *j, size_t i) {
    return j->in->chance ? (double)j->in->chance[i] : link_chance(j->in->curve, (double)j->in->p[i].weight);
}

static void add_pairs(judging *j, double n, double bold, double plain) {
    j->bold += n * bold, j->plain += n * plain;
    j->timid += n * (j->in->texts ? shrunk(plain, TEXT_TRUST) : plain);
}

// A pair is also the same when both are the same as a third.
static void judge_small(arena scratch, judging *j, const keyed *pairs, size_t n, uint32_t size) {
    double *p = make(&scratch, double, (size_t)size *size);
    for (size_t i = 0; i < n; i++) {
        const link_pair *x = &j->in->p[pairs[i].at];
        uint32_t a = j->local[x->a], b = j->local[x->b];
        p[a * size + b] = p[b * size + a] = chance_of(j, pairs[i].at);
    }
    for (uint32_t a = 0; a < size; a++)
        for (uint32_t b = a + 1; b < size; b++) {
            double best = p[a * size + b];
            for (uint32_t c = 0; c < size; c++)
                if (c != a && c != b) best = fmax(best, p[a * size + c] * p[b * size + c]);
            add_pairs(j, 1, best, p[a * size + b] > 0 ? p[a * size + b] : best); // 0: never compared
        }
}

static void judge_large(judging *j, const keyed *pairs, size_t n, uint32_t size) {
    double sum = 0, all = (double)size * (size - 1) / 2;
    for (size_t i = 0; i < n; i++) sum += chance_of(j, pairs[i].at);
    double mean = n ? sum / (double)n : 0;
    add_pairs(j, all, mean, mean);
}

static void number_records(arena *a, judging *j) {
    uint32_t rows = j->in->rows;
    j->local = make(a, uint32_t, rows + 1), j->n = make(a, uint32_t, rows + 1), j->n_a = make(a, uint32_t, rows + 1);
    for (uint32_t i = 0; i < rows; i++) {
        uint32_t c = j->in->cluster[i];
        j->local[i] = j->n[c]++;
        j->n_a[c] += i < j->in->rows_a;
    }
    for (uint32_t i = 0; i < rows; i++) {
        double n = j->n[i], left = j->n_a[i];
        j->together += n * (n - 1) / 2, j->crossed += fmin(left, n - left);
    }
}

static void judge_pairs(arena scratch, judging *j) {
    const link_judge_in *in = j->in;
    keyed *k = make(&scratch, keyed, in->n + 1);
    size_t n = 0;
    for (size_t i = 0; i < in->n; i++) {
        double p = chance_of(j, i);
        j->grey += p * (1 - p), j->sure += p;
        if (in->cluster[in->p[i].a] != in->cluster[in->p[i].b])
            j->outside += p;
        else
            k[n++] = (keyed){in->cluster[in->p[i].a], (uint32_t)i};
    }
    radix_sort(scratch, k, n);
    for (size_t i = 0, e; i < n; i = e) {
        for (e = i + 1; e < n && k[e].key == k[i].key;) e++;
        uint32_t size = j->n[k[i].key];
        if (size <= MOST_BY_PATH)
            judge_small(scratch, j, k + i, e - i, size);
        else
            judge_large(j, k + i, e - i, size);
    }
}

// ---- ranges ----

// The files may hold everybody once or not; if they do, what is too many is wrong, and as many again may be wrong
// among those that have one partner.
static double least_of_two_files(const judging *j, double one_to_one) {
    double more = j->crossed > 0 ? (j->together - j->crossed) / j->crossed : 0;
    return one_to_one * (1 - fmin(more, 1));
}

static link_range precision_of(const judging *j, double one_to_one) {
    if (j->together <= 0) return (link_range){1, 0, 1};
    double p = j->bold / j->together, q = j->plain / j->together, wide = 2 * sqrt(q * (1 - q) / j->together);
    link_range r = {(p + q) / 2, shifted(j->timid / j->together, -ODDS_DOWN) - wide, shifted(p, ODDS_UP) + wide};
    if (j->in->texts && one_to_one < 1) r.lo = fmin(r.lo, least_of_two_files(j, one_to_one));
    if (one_to_one < 1) r.at = fmin(r.at, (r.at + one_to_one) / 2);
    // Nothing found wrong among n leaves room for three (Hanley & Lippman-Hand 1983).
    return (link_range){r.at, fmax(fmin(r.lo, 1 - 3 / (j->together + 3)), 0), fmin(fmax(r.hi, 1 - 1e-3), 1)};
}

// Three ways to count the same: what was put together rightly and what lies outside; that and what no rule reached; and
// the mixture's. In large files the last two come from samples in which the same are few, and may be far too many; so
// the range spans all three.
static link_range same_of(const judging *j) {
    double reached = j->in->reached > 0 ? fmin(j->in->reached, 1) : 1;
    double seen = fmax((j->bold + j->plain) / 2 + j->outside, 1), all = seen / reached;
    double mixture = j->in->same > 0 ? j->in->same : seen;
    double grey = j->sure > 0 ? j->grey / j->sure : 1, off = SAME_OFF + SAME_GREY * grey + 2 / sqrt(seen);
    if (j->in->texts) off += SAME_TEXTS;
    return (link_range){sqrt(seen * all), fmin(seen, mixture) / (1 + off), fmax(all, mixture) * (1 + off)};
}

void link_judge(arena scratch, const link_judge_in *in, link_judged *out) {
    judging j = {.in = in};
    bool two = in->rows_a && in->rows_a < in->rows;
    number_records(&scratch, &j);
    judge_pairs(scratch, &j);
    *out = (link_judged){.together = j.together, .one_to_one = 1};
    if (two && j.together > 0) out->one_to_one = fmin(j.crossed / j.together, 1);
    out->between = j.sure > 0 ? j.grey / j.sure : 0;
    link_range p = out->precision = precision_of(&j, out->one_to_one);
    link_range s = out->same = same_of(&j);
    double t = j.together;
    out->recall = (link_range){fmin(p.at * t / s.at, 1), fmin(p.lo * t / s.hi, 1), fmin(p.hi * t / s.lo, 1)};
}

// ---- what blocking reaches ----

link_range link_reach(const float *chance, const uint64_t *rules, const float *stands_for, size_t n) {
    double once = 0, twice = 0, all = 0;
    for (size_t i = 0; i < n; i++) {
        double c = (double)chance[i] * (stands_for ? (double)stands_for[i] : 1);
        int k = __builtin_popcountll(rules[i]);
        if (!k) continue;
        all += c, once += k == 1 ? c : 0, twice += k == 2 ? c : 0;
    }
    if (all <= 0) return (link_range){0, 0, 1};
    // The bias-corrected form stands where nothing was reached twice (Chao 1987, eq. 11 and 12).
    double missed = twice > 0 ? once * once / (2 * twice) : once * (once - 1) / 2;
    missed = fmax(missed, 0);
    double x = twice > 0 ? once / twice : 0, variance = twice * (x * x / 2 + x * x * x + x * x * x * x / 4);
    if (twice <= 0) variance = fmax(once * (2 * once - 1) * (2 * once - 1) / 4, 0);
    double spread = missed > 0 ? exp(1.96 * sqrt(log(1 + variance / (missed * missed)))) : 1;
    return (link_range){all / (all + missed), all / (all + missed * spread), all / (all + missed / spread)};
}
