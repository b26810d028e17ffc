#include "link/cluster_private.h"

#include <math.h>

// The heaviest one-to-one matching by shortest augmenting paths with potentials (Kuhn 1955, Munkres 1957, in the O(n²m)
// form of Jonker & Volgenant 1987). A pair below the bar costs nothing, as does leaving a record alone.
enum { MOST_STEPS = 20000000 };

typedef struct {
    uint32_t n, m;        // rows of the smaller source, columns of the larger one
    const uint32_t *cost; // n × m: what is won
    int64_t *u, *v;
    uint32_t *match, *way; // per column, from 1
} matching;

static int64_t cost_of(const matching *g, uint32_t i, uint32_t j) {
    return -(int64_t)g->cost[(size_t)(i - 1) * g->m + (j - 1)];
}

static void match_row(arena scratch, matching *g, uint32_t i) {
    int64_t *low = make(&scratch, int64_t, g->m + 1);
    bool *used = make(&scratch, bool, g->m + 1);
    for (uint32_t j = 0; j <= g->m; j++) low[j] = INT64_MAX;
    g->match[0] = i;
    uint32_t at = 0;
    do {
        uint32_t row = g->match[at], next = 0;
        int64_t step = INT64_MAX;
        used[at] = true;
        for (uint32_t j = 1; j <= g->m; j++) {
            if (used[j]) continue;
            int64_t slack = cost_of(g, row, j) - g->u[row] - g->v[j];
            if (slack < low[j]) low[j] = slack, g->way[j] = at;
            if (low[j] < step) step = low[j], next = j;
        }
        for (uint32_t j = 0; j <= g->m; j++)
            if (used[j])
                g->u[g->match[j]] += step, g->v[j] -= step;
            else if (low[j] != INT64_MAX)
                low[j] -= step;
        at = next;
    } while (g->match[at]);
    for (uint32_t j; at; at = j) j = g->way[at], g->match[at] = g->match[j];
}

// Numbers the records of each source from 1; false unless all are of exactly two clean sources.
static bool two_sides(const one_component *c, uint32_t *place, uint32_t *n, uint8_t *source) {
    for (uint32_t i = 0; i < c->n; i++) {
        uint8_t s = clean_of(c, i);
        int side = s == source[0] || !source[0] ? 0 : 1;
        if (!source[side]) source[side] = s;
        if (!s || s != source[side]) return false;
        place[i] = ++n[side];
    }
    return n[0] && n[1];
}

static void count_outbid(arena scratch, const one_component *c) {
    float *best = make(&scratch, float, c->n);
    for (uint32_t i = 0; i < c->n; i++) best[i] = -INFINITY;
    for (uint32_t i = 0; i < c->n_pairs; i++) {
        const link_pair *p = &c->p[i];
        if (c->of[p->a] == c->of[p->b]) best[p->a] = best[p->b] = p->weight;
    }
    for (uint32_t i = 0; i < c->n_pairs; i++) {
        const link_pair *p = &c->p[i];
        if (c->of[p->a] == c->of[p->b] || cluster_grains(p->weight) < c->join) continue;
        c->told->refused++, c->told->outbid++;
        if (p->weight == best[p->a] || p->weight == best[p->b]) c->told->tied++;
    }
}

bool cluster_by_match(arena scratch, one_component *c) {
    uint32_t *place = make(&scratch, uint32_t, c->n), n[2] = {0};
    uint8_t source[2] = {0};
    if (c->said || c->o->greedy || !c->o->clean || !two_sides(c, place, n, source)) return false;
    int rows = n[0] <= n[1] ? 0 : 1;
    matching g = {.n = n[rows], .m = n[!rows]};
    if ((uint64_t)g.n * g.n * g.m > MOST_STEPS) return false;
    uint32_t *cost = make(&scratch, uint32_t, (size_t)g.n * g.m), *local[2];
    for (int i = 0; i < 2; i++) local[i] = make(&scratch, uint32_t, n[i] + 1);
    for (uint32_t i = 0; i < c->n; i++) {
        c->of[i] = i;
        local[clean_of(c, i) == source[0] ? 0 : 1][place[i]] = i;
    }
    for (uint32_t i = 0; i < c->n_pairs; i++) {
        const link_pair *p = &c->p[i];
        bool a_is_row = clean_of(c, p->a) == source[rows];
        int64_t w = isinf(p->weight) ? INT64_MIN : cluster_grains(p->weight);
        if (w < c->join || clean_of(c, p->a) == clean_of(c, p->b)) continue;
        uint32_t x = a_is_row ? p->a : p->b, y = a_is_row ? p->b : p->a;
        cost[(size_t)(place[x] - 1) * g.m + (place[y] - 1)] = (uint32_t)(w - c->join) + 1;
    }
    g.cost = cost, g.u = make(&scratch, int64_t, g.n + 1), g.v = make(&scratch, int64_t, g.m + 1);
    g.match = make(&scratch, uint32_t, g.m + 1), g.way = make(&scratch, uint32_t, g.m + 1);
    for (uint32_t i = 1; i <= g.n; i++) match_row(scratch, &g, i);
    for (uint32_t j = 1; j <= g.m; j++) {
        uint32_t i = g.match[j];
        if (!i || !cost[(size_t)(i - 1) * g.m + (j - 1)]) continue;
        uint32_t x = local[rows][i], y = local[!rows][j];
        c->of[x] = c->of[y] = MIN(x, y);
    }
    if (c->told) count_outbid(scratch, c);
    return true;
}
