#include "base/radix.h"
#include "base/rng.h"
#include "link/bloom.h"

#include <math.h>

// Likeness in steps; pairs taken at random are fitted from here up to the valley before those that are the same, and
// kept from where they are few.
enum { STEPS = BLOOM_STEPS, SAMPLES = 200000, AROUND = 3 };
#define FIT_FROM  1.0   // deviations over the mean
#define ENOUGH    100.0 // more pairs in a step say no more than these: the tail counts, not the middle
#define FEW       2.0   // pairs for each record
#define KEEP_FROM 3.0
#define MOST_BITS 24.0

typedef struct {
    uint32_t i, j; // places in order
    uint16_t step;
} candidate;

typedef struct {
    arena *a;
    const bloom_key *k;
    uint32_t *order; // by block; the first file's before the second's
    uint32_t n, n_a;
    const uint64_t *block;
    double count[STEPS + 1];
    int from; // step from which candidates are kept
    candidate *c;
    size_t n_c, room_c;
} matching;

static uint32_t common(const bloom_key *x, const bloom_key *y, int words) {
    uint32_t both = 0;
    for (int i = 0; i < words; i++) both += (uint32_t)__builtin_popcountll(x->w[i] & y->w[i]);
    return both;
}

static void keep(matching *m, uint32_t i, uint32_t j, int step) {
    if (m->n_c == m->room_c) {
        candidate *more = make(m->a, candidate, m->room_c = m->room_c ? m->room_c * 2 : 4096);
        if (m->n_c) memcpy(more, m->c, m->n_c * sizeof *more);
        m->c = more;
    }
    m->c[m->n_c++] = (candidate){i, j, (uint16_t)step};
}

static inline __attribute__((always_inline)) void row_body(matching *m, uint32_t i, uint32_t from, uint32_t to) {
    const bloom_key *x = &m->k[m->order[i]];
    int words = x->bits / 64;
    for (uint32_t j = from; j < to; j++) {
        const bloom_key *y = &m->k[m->order[j]];
        uint32_t both = common(x, y, words), all = (uint32_t)x->ones + y->ones;
        int step = all ? (int)(2 * both * STEPS / all) : 0;
        m->count[step]++;
        if (step >= m->from) keep(m, i, j, step);
    }
}

#if defined(__x86_64__)
__attribute__((target("popcnt"))) static void row_fast(matching *m, uint32_t i, uint32_t from, uint32_t to) {
    row_body(m, i, from, to);
}
#endif
static void row_plain(matching *m, uint32_t i, uint32_t from, uint32_t to) {
    row_body(m, i, from, to);
}

typedef void row_fn(matching *m, uint32_t i, uint32_t from, uint32_t to);

static row_fn *row_of_machine(void) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("popcnt")) return row_fast;
#endif
    return row_plain;
}

static void put_in_order(arena *a, matching *m) {
    keyed *k = make(a, keyed, m->n + 1);
    for (uint32_t i = 0; i < m->n; i++) k[i] = (keyed){m->block ? m->block[i] : 0, i};
    radix_sort(*a, k, m->n); // keeps the order of equal ones: the first file's come first
    m->order = make(a, uint32_t, m->n + 1);
    for (uint32_t i = 0; i < m->n; i++) m->order[i] = k[i].at;
}

static bool of_first(const matching *m, uint32_t place) {
    return m->order[place] < m->n_a;
}

static uint32_t block_end(const matching *m, uint32_t from) {
    uint32_t to = from + 1;
    while (to < m->n && (!m->block || m->block[m->order[to]] == m->block[m->order[from]])) to++;
    return to;
}

static void compare_all(matching *m) {
    row_fn *row = row_of_machine();
    for (uint32_t from = 0, to; from < m->n; from = to) {
        to = block_end(m, from);
        uint32_t second = from;
        while (second < to && of_first(m, second)) second++;
        if (m->n_a)
            for (uint32_t i = from; i < second; i++) row(m, i, second, to);
        else
            for (uint32_t i = from; i < to; i++) row(m, i, i + 1, to);
    }
}

// Mean and deviation of pairs that are compared and have mostly nothing to do with one another.
static void sample(arena scratch, const matching *m, bloom_pairs *out) {
    rng r = rng_seed(1);
    double sum = 0, squares = 0, n = 1e-9;
    uint32_t *begins = make(&scratch, uint32_t, m->n), *ends = make(&scratch, uint32_t, m->n);
    for (uint32_t from = 0, to; from < m->n; from = to) {
        to = block_end(m, from);
        for (uint32_t i = from; i < to; i++) begins[i] = from, ends[i] = to;
    }
    for (int i = 0; i < SAMPLES; i++) {
        const uint32_t a = (uint32_t)rng_range(&r, 0, (int64_t)m->n - 1),
                       b = (uint32_t)rng_range(&r, begins[a], (int64_t)ends[a] - 1);
        if (a == b) continue;
        const double d = bloom_dice(&m->k[m->order[a]], &m->k[m->order[b]]);
        sum += d, squares += d * d, n++;
    }
    out->mean = sum / n;
    out->sd = sqrt(fmax(squares / n - out->mean * out->mean, 1e-6));
}

// The logarithm of the number of random pairs per step, as a parabola that falls ever faster: c = a + b t + d t²,
// t in deviations over the mean. Where the counts bend the other way, it is a line, which tells rather too many.
typedef struct {
    double a, b, d, mean, sd;
} tail;

static double random_pairs(const tail *t, int step) {
    double x = ((step + 0.5) / STEPS - t->mean) / t->sd;
    return exp(t->a + t->b * x + t->d * x * x);
}

// Up to where pairs are mostly taken at random: those that are the same are not many more than records, and where they
// stand apart their number falls to a valley before it rises again.
static int mostly_random(const matching *m, const bloom_pairs *p) {
    double least = INFINITY, above = 0;
    int valley = STEPS, few = STEPS;
    for (int i = (int)fmin((p->mean + FIT_FROM * p->sd) * STEPS, STEPS); i <= STEPS; i++) {
        double sum = 0;
        for (int j = MAX(i - AROUND, 0); j <= MIN(i + AROUND, STEPS); j++) sum += m->count[j];
        if (sum < least) least = sum, valley = i;
        if (sum > 2 * least + 10) break;
    }
    while (few && above < FEW * m->n) above += m->count[few--];
    return MIN(valley - 2 * AROUND, few);
}

// Weighted least squares; a count's logarithm varies by one over the count.
static tail fit_tail(const matching *m, const bloom_pairs *p) {
    const int to = mostly_random(m, p);
    double s[5] = {0}, y[3] = {0};
    for (int i = 0; i <= STEPS; i++) {
        double c = m->count[i], x = ((i + 0.5) / STEPS - p->mean) / p->sd, power = c / (1 + c / ENOUGH);
        if (c <= 0 || x < FIT_FROM || i > to) continue;
        for (int k = 0; k < 5; k++, power *= x) {
            s[k] += power;
            if (k < 3) y[k] += power * log(c);
        }
    }
    tail t = {.a = s[0] > 0 ? y[0] / s[0] : 0, .mean = p->mean, .sd = p->sd};
    double m11 = s[2] - s[1] * s[1] / s[0], m12 = s[3] - s[1] * s[2] / s[0], m22 = s[4] - s[2] * s[2] / s[0];
    double y1 = y[1] - s[1] * y[0] / s[0], y2 = y[2] - s[2] * y[0] / s[0], det = m11 * m22 - m12 * m12;
    if (!(s[0] > 0) || !(m11 > 1e-9)) return t.b = -KEEP_FROM, t;
    t.b = y1 / m11;
    if (det > 1e-9 * m11 * m22) t.d = fmin((m11 * y2 - m12 * y1) / det, 0);
    if (t.d < 0) t.b = (y1 - m12 * t.d) / m11;
    t.a = (y[0] - t.b * s[1] - t.d * s[2]) / s[0];
    return t;
}

static void weigh(const matching *m, const tail *t, double *bits) {
    double best = -MOST_BITS;
    for (int i = m->from; i <= STEPS; i++) {
        double all = 0, random = 0;
        for (int j = MAX(i - 2, 0); j <= MIN(i + 2, STEPS); j++) all += m->count[j], random += random_pairs(t, j);
        double odds = log2(fmax(all - random, 1e-6) / fmax(random, 1e-9));
        best = bits[i] = fmax(best, fmin(odds, MOST_BITS)); // more alike is never less the same
    }
}

static int step_of(const bloom_key *x, const bloom_key *y) {
    const uint32_t all = (uint32_t)x->ones + y->ones;
    return all ? (int)(2 * common(x, y, BLOOM_WORDS) * STEPS / all) : 0;
}

// Of the first n_a records, or of the others: the share whose best partner is more alike than a step.
static void better(const int *best, uint32_t from, uint32_t to, double *share) {
    double n[STEPS + 1] = {0}, sum = 0;
    for (uint32_t i = from; i < to; i++) n[best[i]]++;
    for (int s = STEPS; s >= 0; s--) share[s] = sum / MAX(to - from, 1u), sum += n[s];
}

void bloom_one_to_one(arena scratch, const bloom_key *k, uint32_t n, uint32_t n_a, bloom_pairs *p) {
    int *best = make(&scratch, int, n), *step = make(&scratch, int, p->n + 1);
    double a[STEPS + 1], b[STEPS + 1], all[STEPS + 1] = {0}, bits[STEPS + 1], most = -MOST_BITS;
    for (size_t i = 0; i < p->n; i++) {
        const link_pair *x = &p->p[i];
        const int s = step[i] = step_of(&k[x->a], &k[x->b]);
        best[x->a] = MAX(best[x->a], s), best[x->b] = MAX(best[x->b], s);
    }
    better(best, 0, n_a, a), better(best, n_a, n, b);
    for (size_t i = 0; i < p->n; i++) all[step[i]] += best[p->p[i].a] == step[i] && best[p->p[i].b] == step[i];
    for (int s = 0; s <= STEPS; s++) {
        double seen = 0, random = 0;
        for (int j = MAX(s - AROUND, 0); j <= MIN(s + AROUND, STEPS); j++)
            seen += all[j], random += p->random[j] * (1 - a[j]) * (1 - b[j]);
        most = bits[s] = fmax(most, fmin(log2(fmax(seen - random, 1e-6) / fmax(random, 1e-9)), MOST_BITS));
    }
    for (size_t i = 0; i < p->n; i++) {
        link_pair *x = &p->p[i];
        if (best[x->a] != step[i] || best[x->b] != step[i]) continue;
        x->weight = fmaxf(x->weight, link_grain(bits[step[i]] + bloom_dice(&k[x->a], &k[x->b])));
    }
}

bool bloom_match(arena *a, const bloom_key *k, uint32_t n, uint32_t n_a, const uint64_t *block, bloom_pairs *out,
                 err *e) {
    *out = (bloom_pairs){0};
    for (uint32_t i = 1; i < n; i++)
        if (k[i].bits != k[0].bits)
            return fail(e, ERR_invalid, "key %u has %u bits and others %u; encode both files alike", i + 1, k[i].bits,
                        k[0].bits);
    if (n < 2) return true;
    arena own = arena_open(((size_t)n + 2) * 64 + ((size_t)1 << 34));
    matching m = {.a = &own, .k = k, .n = n, .n_a = n_a, .block = block};
    put_in_order(&own, &m);
    sample(own, &m, out);
    m.from = (int)fmin((out->mean + KEEP_FROM * out->sd) * STEPS, STEPS - 1);
    out->least = (double)m.from / STEPS;
    compare_all(&m);
    double bits[STEPS + 1] = {0};
    tail t = fit_tail(&m, out);
    weigh(&m, &t, bits);
    for (int i = 0; i <= STEPS; i++) out->random[i] = random_pairs(&t, i);
    out->p = make(a, link_pair, m.n_c + 1);
    for (size_t i = 0; i < m.n_c; i++) {
        uint32_t x = m.order[m.c[i].i], y = m.order[m.c[i].j];
        // What is alike in the same step is told apart by a grain for each part of it.
        out->p[out->n++] = (link_pair){MIN(x, y), MAX(x, y), link_grain(bits[m.c[i].step] + bloom_dice(&k[x], &k[y]))};
    }
    arena_close(&own);
    return true;
}
