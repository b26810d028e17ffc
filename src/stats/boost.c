#include "stats/boost.h"

#include "base/rng.h"
#include "stats/logit.h"
#include "stats/order.h"

#include <math.h>

// First and second derivatives of the log loss, summed.
typedef struct {
    double g, h;
} slope;

// A way to cut the rows of a node in two.
typedef struct {
    int16_t column; // −1: none is worth it
    uint64_t left;
    double gain;
} split;

typedef struct {
    const boost_table *t;
    boost_opts o;
    const bool *happened;
    const uint32_t *rows;
    size_t n;
    double *odds;          // of rows[i] so far
    slope *at;             // of rows[i]
    uint32_t *seen, *side; // the rows a tree sees, as places in rows; and again, parted by a cut
    bool *used;            // the columns it sees
    slope *hist;           // three nodes × columns × FEATURE_BINS
    rng dice;
} work;

static boost_opts with_defaults(boost_opts o) {
    o.rounds = o.rounds > 0 ? o.rounds : 300;
    o.rate = o.rate > 0 ? o.rate : 0.05;
    o.ridge = o.ridge > 0 ? o.ridge : 3;
    o.leaf = o.leaf > 0 ? o.leaf : 3;
    o.rows = o.rows > 0 ? o.rows : 0.6;
    o.columns = o.columns > 0 ? o.columns : 0.6;
    return o;
}

static slope *hist_of(const work *w, int node, size_t column) {
    return &w->hist[((size_t)node * w->t->columns + column) * FEATURE_BINS];
}

static void fill(work *w, int node, const uint32_t *rows, size_t n) {
    for (size_t j = 0; j < w->t->columns; j++) {
        if (!w->used[j]) continue;
        slope *hist = hist_of(w, node, j);
        const uint8_t *codes = &w->t->codes[j * w->t->n];
        memset(hist, 0, FEATURE_BINS * sizeof *hist);
        for (size_t i = 0; i < n; i++) {
            slope *bin = &hist[codes[w->rows[rows[i]]]];
            bin->g += w->at[rows[i]].g;
            bin->h += w->at[rows[i]].h;
        }
    }
}

// What is in the root and not in one child is in the other.
static void fill_rest(work *w, int node, int child) {
    for (size_t j = 0; j < w->t->columns; j++) {
        if (!w->used[j]) continue;
        const slope *all = hist_of(w, 0, j), *part = hist_of(w, child, j);
        slope *rest = hist_of(w, node, j);
        for (int b = 0; b < FEATURE_BINS; b++) rest[b] = (slope){all[b].g - part[b].g, all[b].h - part[b].h};
    }
}

static double worth(slope s, double ridge) {
    return s.g * s.g / (s.h + ridge);
}

// Bins in the order in which they are cut: numbers by value, with the unknown first; classes by their mean slope, which
// holds the best cut of all (Fisher 1958, J. Am. Stat. Assoc. 53).
static int line_up(const work *w, const slope *hist, size_t column, uint8_t *out) {
    int n = 0;
    double key[FEATURE_BINS];
    for (int b = 0; b < w->t->bins[column]; b++) {
        if (!(hist[b].h > 1e-12)) continue;
        double k = w->t->ordered[column] ? b : hist[b].g / (hist[b].h + w->o.ridge);
        int at = n++;
        for (; at > 0 && key[at - 1] > k; at--) key[at] = key[at - 1], out[at] = out[at - 1];
        key[at] = k, out[at] = (uint8_t)b;
    }
    return n;
}

static void try_cuts(const work *w, const slope *hist, const uint8_t *line, int n, size_t column, slope all,
                     split *best) {
    slope left = {0};
    uint64_t mask = 0;
    for (int i = 0; i + 1 < n; i++) {
        left.g += hist[line[i]].g, left.h += hist[line[i]].h;
        mask |= (uint64_t)1 << line[i];
        slope right = {all.g - left.g, all.h - left.h};
        if (left.h < w->o.leaf || right.h < w->o.leaf) continue;
        double gain = worth(left, w->o.ridge) + worth(right, w->o.ridge) - worth(all, w->o.ridge);
        if (gain > best->gain) *best = (split){(int16_t)column, mask, gain};
    }
}

// The best cut of a node; the unknown of a number may also stand at the high end.
static split best_cut(const work *w, int node) {
    split best = {.column = -1, .gain = 1e-9};
    for (size_t j = 0; j < w->t->columns; j++) {
        if (!w->used[j]) continue;
        const slope *hist = hist_of(w, node, j);
        uint8_t line[FEATURE_BINS + 1];
        int n = line_up(w, hist, j, line);
        slope all = {0};
        for (int i = 0; i < n; i++) all.g += hist[line[i]].g, all.h += hist[line[i]].h;
        try_cuts(w, hist, line, n, j, all, &best);
        if (!w->t->ordered[j] || n < 3 || line[0] != FEATURE_UNKNOWN) continue;
        line[n] = FEATURE_UNKNOWN;
        try_cuts(w, hist, line + 1, n, j, all, &best);
    }
    return best;
}

static bool goes_left(uint64_t left, uint8_t bin) {
    return left >> bin & 1;
}

static uint8_t bin_of(const work *w, int16_t column, uint32_t row) {
    return w->t->codes[(size_t)column * w->t->n + w->rows[row]];
}

// The rows of a tree parted by its root: left ones first. How many are left.
static size_t part(work *w, const split *root, size_t n) {
    size_t left = 0, right = n;
    for (size_t i = 0; i < n; i++) {
        bool l = goes_left(root->left, bin_of(w, root->column, w->seen[i]));
        w->side[l ? left++ : --right] = w->seen[i];
    }
    return left;
}

// The child's cut and its two values; without a cut both values are the same.
static void grow_child(work *w, int node, slope all, int which, boost_tree *tree) {
    split s = best_cut(w, node);
    tree->next[which] = s.column;
    tree->below[which] = s.left;
    slope left = {0}, right = all;
    if (s.column >= 0) {
        const slope *hist = hist_of(w, node, (size_t)s.column);
        for (int b = 0; b < FEATURE_BINS; b++) {
            if (goes_left(s.left, (uint8_t)b)) left.g += hist[b].g, left.h += hist[b].h;
        }
        right = (slope){all.g - left.g, all.h - left.h};
    }
    double high = -w->o.rate * right.g / (right.h + w->o.ridge);
    tree->value[2 * which] = s.column >= 0 ? -w->o.rate * left.g / (left.h + w->o.ridge) : high;
    tree->value[2 * which + 1] = high;
}

static slope sum_of(const work *w, const uint32_t *rows, size_t n) {
    slope s = {0};
    for (size_t i = 0; i < n; i++) s.g += w->at[rows[i]].g, s.h += w->at[rows[i]].h;
    return s;
}

// A tree on the rows and columns that the dice choose. False when no cut is worth anything.
static bool grow(work *w, boost_tree *tree) {
    size_t n = 0, columns = w->t->columns, left;
    for (size_t i = 0; i < w->n; i++) {
        if (rng_chance(&w->dice, w->o.rows)) w->seen[n++] = (uint32_t)i;
    }
    for (size_t j = 0; j < columns; j++) w->used[j] = rng_chance(&w->dice, w->o.columns);
    w->used[rng_range(&w->dice, 0, (int64_t)columns - 1)] = true;
    fill(w, 0, w->seen, n);
    split root = best_cut(w, 0);
    if (root.column < 0) return false;
    left = part(w, &root, n);
    bool smaller = left <= n - left;
    fill(w, smaller ? 1 : 2, smaller ? w->side : w->side + left, smaller ? left : n - left);
    fill_rest(w, smaller ? 2 : 1, smaller ? 1 : 2);
    *tree = (boost_tree){.column = root.column, .left = root.left};
    grow_child(w, 1, sum_of(w, w->side, left), 0, tree);
    grow_child(w, 2, sum_of(w, w->side + left, n - left), 1, tree);
    return true;
}

static double value_of(const boost_tree *t, const uint8_t *at, size_t stride) {
    int right = !goes_left(t->left, at[(size_t)t->column * stride]);
    bool low = t->next[right] >= 0 && goes_left(t->below[right], at[(size_t)t->next[right] * stride]);
    return t->value[2 * right + !low];
}

static void take_slopes(work *w) {
    for (size_t i = 0; i < w->n; i++) {
        double p = logit_share(w->odds[i]);
        w->at[i] = (slope){p - w->happened[w->rows[i]], p * (1 - p)};
    }
}

static work work_new(arena *a, const boost_table *t, const bool *happened, const uint32_t *rows, size_t n,
                     boost_opts o) {
    work w = {.t = t, .o = with_defaults(o), .happened = happened, .rows = rows, .n = n};
    w.odds = make(a, double, n), w.at = make(a, slope, n);
    w.seen = make(a, uint32_t, n), w.side = make(a, uint32_t, n);
    w.used = make(a, bool, t->columns);
    w.hist = make(a, slope, 3 * t->columns * FEATURE_BINS);
    w.dice = rng_seed(o.seed);
    return w;
}

boost_trees boost_fit(arena *a, const boost_table *t, const bool *happened, const uint32_t *rows, size_t n,
                      boost_opts opts) {
    boost_opts o = with_defaults(opts);
    boost_trees b = {.trees = make(a, boost_tree, o.rounds)};
    arena scratch = *a;
    work w = work_new(&scratch, t, happened, rows, n, o);
    double hits = 0;
    for (size_t i = 0; i < n; i++) hits += happened[rows[i]];
    b.base = logit_odds((hits + 0.5) / ((double)n + 1));
    for (size_t i = 0; i < n; i++) w.odds[i] = b.base;
    for (int round = 0; round < o.rounds && t->columns; round++) {
        take_slopes(&w);
        boost_tree *tree = &b.trees[b.n_trees];
        if (!grow(&w, tree)) continue;
        for (size_t i = 0; i < n; i++) w.odds[i] += value_of(tree, &t->codes[rows[i]], t->n);
        b.n_trees++;
    }
    return b;
}

double boost_sum(const boost_trees *b, size_t from, size_t to, const uint8_t *at, size_t stride) {
    double sum = 0;
    for (size_t i = from; i < MIN(to, b->n_trees); i++) sum += value_of(&b->trees[i], at, stride);
    return sum;
}

static double *pair_of(arena *a, boost_parts *p, double **found, size_t u, size_t v) {
    size_t x = MIN(u, v), y = MAX(u, v);
    double **value = &found[x * p->columns + y];
    if (!*value) {
        *value = make(a, double, p->bins[x] * p->bins[y]);
        p->pairs[p->n_pairs++] = (boost_pair){x, y, *value};
    }
    return *value;
}

// One side of a tree: where the root's bin is on that side, what the child says.
static void add_side(arena *a, boost_parts *p, double **found, const boost_tree *t, int side) {
    size_t u = (size_t)t->column, v = t->next[side] < 0 ? u : (size_t)t->next[side];
    double *table = u == v ? p->curve[u] : pair_of(a, p, found, u, v);
    for (int i = 0; i < p->bins[u]; i++) {
        if (goes_left(t->left, (uint8_t)i) != (side == 0)) continue;
        for (int j = 0; j < p->bins[v]; j++) {
            if (u == v && i != j) continue;
            bool low = t->next[side] >= 0 && goes_left(t->below[side], (uint8_t)j);
            size_t at = u == v ? (size_t)i : u < v ? (size_t)(i * p->bins[v] + j) : (size_t)(j * p->bins[u] + i);
            table[at] += t->value[2 * side + !low];
        }
    }
}

// Moves the means of a table's lines to a curve; how much moved at most. step is from one cell of a line to the next.
static double move_means(double *table, const double *weight, double *curve, int lines, int cells, int skip, int step) {
    double most = 0;
    for (int i = 0; i < lines; i++) {
        double sum = 0, all = 0;
        for (int j = 0; j < cells; j++) {
            sum += weight[i * skip + j * step] * table[i * skip + j * step];
            all += weight[i * skip + j * step];
        }
        if (!(all > 0)) continue;
        for (int j = 0; j < cells; j++) table[i * skip + j * step] -= sum / all;
        curve[i] += sum / all;
        most = MAX(most, fabs(sum / all));
    }
    return most;
}

static void purify(arena scratch, boost_parts *p, const boost_pair *pair, const boost_table *t, const uint32_t *rows,
                   size_t n) {
    int bx = p->bins[pair->x], by = p->bins[pair->y];
    double *weight = make(&scratch, double, bx *by);
    for (size_t i = 0; i < n; i++) {
        weight[t->codes[pair->x * t->n + rows[i]] * by + t->codes[pair->y * t->n + rows[i]]]++;
    }
    for (int round = 0; round < 200; round++) {
        double across = move_means(pair->value, weight, p->curve[pair->x], bx, by, by, 1);
        double down = move_means(pair->value, weight, p->curve[pair->y], by, bx, 1, by);
        if (across < 1e-9 && down < 1e-9) return;
    }
}

boost_parts boost_apart(arena *a, const boost_trees *b, size_t trees, const boost_table *t, const uint32_t *rows,
                        size_t n) {
    size_t k = t->columns;
    boost_parts p = {.base = b->base, .columns = k, .bins = t->bins, .curve = make(a, double *, k)};
    p.pairs = make(a, boost_pair, k * (k - 1) / 2);
    double **found = make(a, double *, k *k);
    for (size_t j = 0; j < k; j++) p.curve[j] = make(a, double, t->bins[j]);
    for (size_t i = 0; i < MIN(trees, b->n_trees); i++) {
        add_side(a, &p, found, &b->trees[i], 0);
        add_side(a, &p, found, &b->trees[i], 1);
    }
    for (size_t i = 0; i < p.n_pairs; i++) purify(*a, &p, &p.pairs[i], t, rows, n);
    for (size_t j = 0; j < k; j++) {
        double mean = 0;
        for (size_t i = 0; i < n; i++) mean += p.curve[j][t->codes[j * t->n + rows[i]]] / (double)n;
        for (int i = 0; i < t->bins[j]; i++) p.curve[j][i] -= mean;
        p.base += mean;
    }
    return p;
}

void boost_explain(const boost_parts *p, const uint8_t *bins, double *part) {
    for (size_t j = 0; j < p->columns; j++) part[j] = p->curve[j][bins[j]];
    for (size_t i = 0; i < p->n_pairs; i++) {
        const boost_pair *q = &p->pairs[i];
        double half = q->value[bins[q->x] * p->bins[q->y] + bins[q->y]] / 2;
        part[q->x] += half;
        part[q->y] += half;
    }
}
