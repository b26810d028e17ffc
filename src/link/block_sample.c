#include <math.h>

#include "base/radix.h"
#include "link/block_private.h"

// Keys are taken into the sample by their hash, so that whole blocks are in it or not: that leaves pairs whole.
enum { HOT_IN_SAMPLE = 400, FIRST_SHARE = 16, SMALL = 60000 };

typedef struct {
    keyed *at;
    size_t n, cap;
} bucket;

static double place_of(uint64_t key, uint64_t seed) { // in [0, 1)
    return (double)(block_mix(key ^ seed) >> 11) * 0x1p-53;
}

static void put(bucket *k, uint64_t key, uint32_t row) {
    ROOM_FOR(k->at, &k->cap, k->n + 1);
    k->at[k->n++] = (keyed){key, row};
}

static void words_in(const link_blocks *b, const link_rule *r, uint32_t row, double share, uint64_t seed, bucket *k) {
    const int field = b->atom[r->atom[0]].field;
    const link_field *f = &b->t->field[field];
    const link_words w = link_words_of(f, link_row(b->t, row)[field]);
    for (uint32_t i = 0; i < w.n; i++)
        if (f->held[w.word[i]] <= r->most && place_of(w.word[i] + 1, seed) < share) put(k, w.word[i] + 1, row);
}

static void gather(const link_blocks *b, double share, uint64_t seed, bucket *k) {
    for (uint32_t i = 0; i < b->t->rows; i++) {
        const uint32_t *row = block_row(b, i);
        for (int r = 0; r < b->n_rules; r++) {
            const link_rule *rule = &b->rule[r];
            if (rule->words) {
                words_in(b, rule, i, share, seed + (uint64_t)r, &k[r]);
                continue;
            }
            const uint64_t key = rule->n ? block_key(rule, row) : 1;
            if (key && (!rule->n || place_of(key, seed + (uint64_t)r) < share)) put(&k[r], key, i);
        }
    }
}

static size_t run_end(const bucket *k, size_t from) {
    size_t to = from + 1;
    while (to < k->n && k->at[to].key == k->at[from].key) to++;
    return to;
}

static double pairs_in(const link_table *t, const keyed *x, size_t n) {
    if (!t->two) return (double)n * (double)(n - 1) / 2;
    size_t first = 0;
    for (size_t i = 0; i < n; i++) first += x[i].at < t->rows_a;
    return (double)first * (double)(n - first);
}

// Pairs of a rule in the sample, and in its blocks that are small enough.
static double count(const link_blocks *b, const bucket *k, size_t hot) {
    double sum = 0;
    for (size_t i = 0, to; i < k->n; i = to) {
        to = run_end(k, i);
        if (to - i <= hot) sum += pairs_in(b->t, k->at + i, to - i);
    }
    return sum;
}

static void add(link_sample *s, link_sampled p) {
    ROOM_FOR(s->pair, &s->cap, s->n + 1);
    s->pair[s->n++] = p;
}

static uint64_t key_of(const link_blocks *b, const link_rule *r, uint32_t x, uint32_t y) {
    return r->words ? (uint64_t)block_shared_word(b, r, x, y) + 1 : r->n ? block_key(r, block_row(b, x)) : 1;
}

// The pair, if no rule before this one has it in the sample. It stands for the inverse of its chance to be in it
// (Horvitz and Thompson 1952).
static void take(const link_blocks *b, int rule, uint64_t key, uint32_t x, uint32_t y, uint64_t seed,
                 link_sample *out) {
    const uint64_t rules = block_rules_of(b, x, y);
    double missed = 1;
    for (int r = 0; r < b->n_rules; r++) {
        if (!(rules >> r & 1)) continue;
        const link_rule *q = &b->rule[r];
        missed *= 1 - q->share;
        const uint64_t own = key_of(b, q, x, y);
        if (r < rule && (q->share >= 1 || place_of(own, seed + (uint64_t)r) < q->share)) return;
        if (r == rule && q->words && own != key && place_of(own, seed + (uint64_t)r) < q->share) return;
    }
    add(out, (link_sampled){x, y, rules, (float)(1 / fmax(1 - missed, 1e-9))});
}

static void pairs_of(const link_blocks *b, int rule, const bucket *k, size_t hot, uint64_t seed, link_sample *out) {
    const link_rule *r = &b->rule[rule];
    for (size_t i = 0, to; i < k->n; i = to) {
        to = run_end(k, i);
        if (to - i > hot || (r->n && r->share < 1 && place_of(k->at[i].key, seed + (uint64_t)rule) >= r->share))
            continue;
        for (size_t x = i; x < to; x++)
            for (size_t y = x + 1; y < to; y++)
                if (block_may_pair(b->t, k->at[x].at, k->at[y].at))
                    take(b, rule, k->at[i].key, k->at[x].at, k->at[y].at, seed, out);
    }
}

// Words in few enough records that their pairs stay within a budget.
static void bound_words(link_blocks *b, double budget) {
    for (int r = 0; r < b->n_rules; r++) {
        link_rule *rule = &b->rule[r];
        if (!rule->words) continue;
        const link_field *f = &b->t->field[b->atom[rule->atom[0]].field];
        double at[64] = {0};
        for (uint32_t w = 0; w < f->n_words; w++) {
            const double n = f->held[w];
            for (int step = 0; step < 64; step++)
                if (n <= 4 * pow(1.25, step)) at[step] += n * (n - 1) / (b->t->two ? 4 : 2);
        }
        int step = 0;
        while (step < 63 && at[step + 1] <= budget) step++;
        rule->most = (uint32_t)(4 * pow(1.25, step));
    }
}

void link_blocks_sample(link_blocks *b, double per_rule, double most, uint64_t seed, link_sample *out) {
    const double first = b->t->rows <= SMALL ? 1 : 1.0 / FIRST_SHARE;
    bucket k[LINK_RULES] = {0};
    *out = (link_sample){0};
    bound_words(b, fmax(1e6, 3.0 * b->t->rows));
    gather(b, first, seed, k);
    for (int r = 0; r < b->n_rules; r++) {
        link_rule *rule = &b->rule[r];
        const size_t hot = rule->n && !rule->words ? HOT_IN_SAMPLE : SIZE_MAX;
        arena scratch = arena_open(k[r].n * 16 + 65536);
        radix_sort(scratch, k[r].at, k[r].n);
        arena_close(&scratch);
        const double share = rule->n ? first : 1, n = count(b, &k[r], hot);
        rule->expected = n / share;
        rule->share = !rule->n ? 1 : fmin(share, per_rule / fmax(rule->expected, 1));
        if (share >= 1 && rule->expected <= per_rule) rule->share = 1;
        // What makes more pairs than may be compared cannot be chosen. Nor does it teach: the few of its pairs that
        // would be drawn stand for so many that one of them moves the whole fit.
        if (rule->n && rule->expected > most) rule->share = 0;
    }
    for (int r = 0; r < b->n_rules; r++) {
        const size_t hot = b->rule[r].n && !b->rule[r].words ? HOT_IN_SAMPLE : SIZE_MAX;
        pairs_of(b, r, &k[r], hot, seed, out);
        free(k[r].at);
    }
}

// What pairs that fulfil the same rules are worth together, and whether a chosen rule reaches them.
typedef struct {
    uint64_t rules;
    double worth;
    bool reached;
} kind_of;

typedef struct {
    kind_of *kind;
    size_t n;
    double total;
} coverage;

static int by_key(const void *p, const void *q) {
    const keyed *x = p, *y = q;
    if (x->key != y->key) return x->key < y->key ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

static coverage cover(const link_sample *s, const float *chance) {
    size_t had = 0, had_kind = 0;
    coverage c = {.kind = room_for(NULL, &had_kind, s->n + 1, sizeof *c.kind)};
    keyed *order = room_for(NULL, &had, s->n + 1, sizeof *order);
    for (size_t i = 0; i < s->n; i++) order[i] = (keyed){s->pair[i].rules, (uint32_t)i};
    if (s->n) qsort(order, s->n, sizeof *order, by_key);
    for (size_t i = 0; i < s->n; i++) {
        const double worth = (double)chance[order[i].at] * (double)s->pair[order[i].at].stands_for;
        if (!c.n || c.kind[c.n - 1].rules != order[i].key) c.kind[c.n++] = (kind_of){order[i].key, 0, false};
        c.kind[c.n - 1].worth += worth, c.total += worth;
    }
    free(order);
    return c;
}

static double gain(const coverage *c, int rule) {
    double sum = 0;
    for (size_t i = 0; i < c->n; i++)
        if (!c->kind[i].reached && c->kind[i].rules >> rule & 1) sum += c->kind[i].worth;
    return sum;
}

static int popcount_atoms(const link_blocks *b, uint64_t bits) {
    uint64_t words = 0;
    for (int r = 0; r < b->n_rules; r++)
        if (b->rule[r].words) words |= b->rule[r].need;
    return __builtin_popcountll(bits & ~words);
}

// The rule that reaches most for its price; -1 when none is worth it. Sorting all records costs about as much as
// comparing a tenth of a pair for each.
static int best(const link_blocks *b, const coverage *c, uint64_t chosen, uint64_t atoms, double left) {
    int at = -1;
    double most = 0;
    const double least = fmin(0.0005, (double)b->t->rows * 1e-9); // a small file has time for rare agreement
    for (int r = 0; r < b->n_rules; r++) {
        const link_rule *x = &b->rule[r];
        if (chosen >> r & 1 || x->expected > left || popcount_atoms(b, atoms | x->need) > LINK_KEPT) continue;
        const double g = gain(c, r), worth = g / (x->expected + 0.1 * (double)b->t->rows);
        if (g > least * c->total && worth > most) most = worth, at = r;
    }
    return at;
}

// Only the atoms of chosen rules stay with the records, in their own order.
static void compact(link_blocks *b) {
    uint64_t bits = 0;
    for (int r = 0; r < b->n_rules; r++) bits |= b->rule[r].need;
    int to[LINK_ATOMS] = {0}, n = 0;
    for (int i = 0; i < b->n_atoms; i++) {
        to[i] = n;
        if (bits >> i & 1) b->atom[n++] = b->atom[i];
    }
    const size_t was = (size_t)b->width, width = (size_t)MAX(n, 1);
    for (size_t row = 0; row < b->t->rows; row++)
        for (int i = 0; i < b->n_atoms; i++)
            if (bits >> i & 1) b->row[row * width + (size_t)to[i]] = b->row[row * was + (size_t)i];
    for (int r = 0; r < b->n_rules; r++) {
        b->rule[r].need = 0;
        for (int i = 0; i < b->rule[r].n; i++)
            b->rule[r].atom[i] = to[b->rule[r].atom[i]], b->rule[r].need |= (uint64_t)1 << b->rule[r].atom[i];
    }
    b->n_atoms = n, b->width = (int)width;
    uint32_t *less = realloc(b->row, ((size_t)b->t->rows * width + 1) * sizeof *less);
    if (less) b->row = less;
}

void link_blocks_choose(link_blocks *b, const link_sample *s, const float *chance, double budget) {
    coverage c = cover(s, chance);
    uint64_t chosen = 0, atoms = 0;
    link_rule kept[LINK_CHOSEN];
    int n = 0;
    b->reached = 0;
    for (int r; n < LINK_CHOSEN && (r = best(b, &c, chosen, atoms, budget)) >= 0;) {
        b->rule[r].recall = gain(&c, r) / fmax(c.total, 1e-9);
        b->reached += b->rule[r].recall;
        for (size_t i = 0; i < c.n; i++) c.kind[i].reached |= c.kind[i].rules >> r & 1;
        chosen |= (uint64_t)1 << r, atoms |= b->rule[r].need, budget -= b->rule[r].expected;
        kept[n++] = b->rule[r];
    }
    free(c.kind);
    int at = 0; // rules of words last: asking whether a pair fulfils one of them is dear
    for (int i = 0; i < n; i++)
        if (!kept[i].words) b->rule[at++] = kept[i];
    for (int i = 0; i < n; i++)
        if (kept[i].words) b->rule[at++] = kept[i];
    b->n_rules = n;
    compact(b);
}
