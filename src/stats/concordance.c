#include "stats/concordance.h"

#include "stats/order.h"

#include <math.h>

// How many customers there are at each rank of risk: sums below a rank in logarithmic time (Fenwick 1994).
typedef struct {
    double *sum;
    size_t n;
    double all;
} tree;

// Of those in the tree: how many are below, at and above a rank.
typedef struct {
    double below, same, above;
} split;

// One row in play. good counts the pairs it is part of that agree, pairs all of them.
typedef struct {
    double time, enter, count;
    double good, pairs;
    size_t rank; // from 1; equal risks have equal ranks
    int32_t stratum;
    bool ended;
} player;

static void tree_add(tree *t, size_t rank, double count) {
    t->all += count;
    for (; rank <= t->n; rank += rank & -rank) t->sum[rank] += count;
}

static double tree_to(const tree *t, size_t rank) {
    double sum = 0;
    for (; rank > 0; rank -= rank & -rank) sum += t->sum[rank];
    return sum;
}

static split tree_split(const tree *t, size_t rank) {
    double below = tree_to(t, rank - 1), upto = tree_to(t, rank);
    return (split){below, upto - below, t->all - upto};
}

static void tree_clear(tree *t) {
    memset(t->sum, 0, (t->n + 1) * sizeof *t->sum);
    t->all = 0;
}

// The rows in play in order of time, stratum by stratum; ranks are dense over all.
static size_t players_of(arena *a, const stay *x, const double *risk, const int32_t *stratum, size_t n, player **out) {
    player *all = make(a, player, n), *sorted = make(a, player, n);
    double *key = make(a, double, n);
    uint32_t *at = make(a, uint32_t, n);
    size_t m = 0, rank = 0;
    order_of(*a, risk, n, at);
    for (size_t i = 0; i < n; i++) {
        size_t row = at[i];
        if (!stay_watched(&x[row]) || isnan(risk[row])) continue;
        rank += m == 0 || risk[row] > key[m - 1];
        key[m] = risk[row];
        all[m++] = (player){x[row].time,
                            x[row].enter > 0 ? x[row].enter : -INFINITY,
                            (double)MAX(x[row].count, 1),
                            0,
                            0,
                            rank,
                            stratum ? stratum[row] : 0,
                            x[row].ended};
    }
    for (size_t i = 0; i < m; i++) key[i] = all[i].time;
    order_of(*a, key, m, at);
    for (size_t i = 0; i < m; i++) sorted[i] = all[at[i]];
    for (size_t i = 0; i < m; i++) key[i] = sorted[i].stratum;
    order_of(*a, key, m, at);
    for (size_t i = 0; i < m; i++) all[i] = sorted[at[i]];
    *out = all;
    return m;
}

// Each leaver against those who stayed longer, from the last time back; who had not entered by then is taken out.
static void as_leaver(player *p, const uint32_t *entry, size_t n, tree *t, concordance *c) {
    tree_clear(t);
    size_t out = n;
    for (size_t end = n; end > 0;) {
        size_t from = end;
        while (from > 0 && p[from - 1].time == p[end - 1].time) from--;
        for (size_t i = from; i < end; i++) {
            if (!p[i].ended) tree_add(t, p[i].rank, p[i].count);
        }
        for (; out > 0 && p[entry[out - 1]].enter >= p[from].time; out--) {
            tree_add(t, p[entry[out - 1]].rank, -p[entry[out - 1]].count);
        }
        for (size_t i = from; i < end; i++) {
            if (!p[i].ended) continue;
            split s = tree_split(t, p[i].rank);
            c->concordant += p[i].count * s.below;
            c->discordant += p[i].count * s.above;
            c->tied += p[i].count * s.same;
            p[i].good += s.below + s.same / 2;
            p[i].pairs += t->all;
        }
        for (size_t i = from; i < end; i++) {
            if (p[i].ended) tree_add(t, p[i].rank, p[i].count);
        }
        end = from;
    }
}

static void add_stayer(player *p, const tree *leavers, double sign) {
    split s = tree_split(leavers, p->rank);
    p->good += sign * (s.above + s.same / 2);
    p->pairs += sign * leavers->all;
}

// Each row against those who left before it while it was watched, from the first time on.
static void as_stayer(player *p, const uint32_t *entry, size_t n, tree *t) {
    tree_clear(t);
    size_t in = 0;
    for (size_t from = 0; from < n;) {
        size_t end = from;
        while (end < n && p[end].time == p[from].time) end++;
        for (; in < n && p[entry[in]].enter < p[from].time; in++) add_stayer(&p[entry[in]], t, -1);
        for (size_t i = from; i < end; i++) {
            if (p[i].ended) add_stayer(&p[i], t, 1);
        }
        for (size_t i = from; i < end; i++) {
            if (p[i].ended) tree_add(t, p[i].rank, p[i].count);
        }
        for (size_t i = from; i < end; i++) {
            if (!p[i].ended) add_stayer(&p[i], t, 1);
        }
        from = end;
    }
}

static void compare(arena scratch, player *p, size_t n, tree *t, concordance *c) {
    double *enter = make(&scratch, double, n);
    uint32_t *entry = make(&scratch, uint32_t, n);
    for (size_t i = 0; i < n; i++) enter[i] = p[i].enter;
    order_of(scratch, enter, n, entry);
    as_leaver(p, entry, n, t, c);
    as_stayer(p, entry, n, t);
}

static concordance finish(const player *p, size_t n, concordance c) {
    double pairs = c.concordant + c.discordant + c.tied, customers = 0;
    for (size_t i = 0; i < n; i++) customers += p[i].count;
    c.value = (estimate){.method = "concordance, jackknife", .n = (int64_t)customers, .eff = customers};
    if (!(pairs > 0)) {
        c.value = estimate_refused(c.value.method, "no two customers can be compared yet");
        return c;
    }
    double value = (c.concordant + c.tied / 2) / pairs;
    for (size_t i = 0; i < n; i++) {
        double moves = (p[i].good - value * p[i].pairs) / pairs;
        c.value.var += p[i].count * moves * moves;
    }
    double half = Z95 * sqrt(c.value.var);
    c.value.value = c.value.point = value;
    c.value.lo = value - half;
    c.value.hi = value + half;
    c.value.state = ESTIMATE_OK;
    estimate_clamp(&c.value, 0, 1);
    return c;
}

// Harrell et al. 1982, J. Am. Med. Assoc. 247.
concordance concordance_of(arena scratch, const stay *x, const double *risk, const int32_t *stratum, size_t n) {
    player *p = NULL;
    concordance c = {0};
    size_t m = players_of(&scratch, x, risk, stratum, n, &p), ranks = 0;
    for (size_t i = 0; i < m; i++) ranks = MAX(ranks, p[i].rank);
    tree t = {.sum = make(&scratch, double, ranks + 1), .n = ranks};
    for (size_t from = 0, end; from < m; from = end) {
        for (end = from; end < m && p[end].stratum == p[from].stratum;) end++;
        compare(scratch, p + from, end - from, &t, &c);
    }
    return finish(p, m, c);
}

concordance concordance_auc(arena scratch, const double *risk, const bool *happened, size_t n) {
    stay *x = make(&scratch, stay, n);
    for (size_t i = 0; i < n; i++) x[i] = (stay){.time = 1, .ended = happened[i]};
    concordance c = concordance_of(scratch, x, risk, NULL, n);
    c.value.method = "AUC, jackknife";
    return c;
}
