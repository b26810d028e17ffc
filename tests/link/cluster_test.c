// Grouping of records from weighted pairs: against a slow twin, and the properties that the header promises.
#include "test.h"

#include "base/rng.h"
#include "link/cluster.h"

#include <math.h>

enum { MOST = 24 };

typedef struct {
    link_pair p[MOST * MOST];
    size_t n;
    uint32_t records;
    link_said said[8];
    size_t n_said;
    uint8_t clean[MOST];
    uint64_t canon[MOST];
} graph;

// Weights on a coarse grid, so that equal means happen.
static graph random_graph(rng *r, bool said, bool clean) {
    graph g = {.records = (uint32_t)rng_range(r, 2, MOST - 1)};
    double dense = rng_unit(r);
    for (uint32_t a = 0; a < g.records; a++)
        for (uint32_t b = a + 1; b < g.records; b++)
            if (rng_chance(r, dense))
                g.p[g.n++] = (link_pair){a, b, rng_chance(r, 0.03) ? -INFINITY : (float)rng_range(r, -12, 12)};
    for (int i = 0; said && i < 5; i++) {
        uint32_t a = (uint32_t)rng_range(r, 0, g.records - 1), b = (uint32_t)rng_range(r, 0, g.records - 1);
        if (a != b) g.said[g.n_said++] = (link_said){a, b, rng_chance(r, 0.4)};
    }
    for (uint32_t i = 0; i < g.records; i++) {
        g.clean[i] = clean ? (uint8_t)rng_range(r, 0, 3) : 0;
        g.canon[i] = rng_u64(r);
    }
    return g;
}

static link_cluster_opts opts_of(const graph *g) {
    bool clean = false;
    for (uint32_t i = 0; i < g->records; i++) clean |= g->clean[i];
    return (link_cluster_opts){.said = g->said,
                               .n_said = g->n_said,
                               .clean = clean ? g->clean : NULL,
                               .canon = g->canon,
                               .join = 1,
                               .cap = 6,
                               .greedy = false};
}

static void cluster_of(const graph *g, link_cluster_opts o, uint32_t *out) {
    arena a = arena_open(1 << 20);
    err e = {0};
    assert_ok(link_cluster(&a, g->p, g->n, g->records, &o, out, &e), e);
    arena_close(&a);
}

// ---- the twin: everything from the definition, over a matrix ----

typedef struct {
    const graph *g;
    double w[MOST][MOST];
    bool seen[MOST][MOST], never[MOST][MOST];
    uint32_t of[MOST]; // smallest member by canon
    bool sources;
} twin;

static void twin_fill(twin *t, float cap) {
    const graph *g = t->g;
    for (size_t i = 0; i < g->n; i++) {
        uint32_t a = g->p[i].a, b = g->p[i].b;
        if (isinf(g->p[i].weight))
            t->never[a][b] = t->never[b][a] = true;
        else
            t->seen[a][b] = t->seen[b][a] = true,
            t->w[a][b] = t->w[b][a] = fmax(fmin((double)g->p[i].weight, (double)cap), -(double)cap);
    }
    for (size_t i = 0; i < g->n_said; i++)
        if (!g->said[i].same) {
            uint32_t a = g->said[i].a, b = g->said[i].b;
            t->never[a][b] = t->never[b][a] = true;
        }
}

static void twin_join(twin *t, uint32_t x, uint32_t y) {
    uint32_t to = t->g->canon[x] < t->g->canon[y] ? x : y;
    for (uint32_t i = 0; i < t->g->records; i++)
        if (t->of[i] == x || t->of[i] == y) t->of[i] = to;
}

static bool twin_good(const twin *t, uint32_t a, uint32_t b) {
    for (size_t i = 0; i < t->g->n; i++) {
        const link_pair *p = &t->g->p[i];
        if ((p->a == a && p->b == b) || (p->a == b && p->b == a)) return !isinf(p->weight) && p->weight >= 1;
    }
    return false;
}

// The most triangles that a pair between the two stands in.
static int twin_support(const twin *t, uint32_t x, uint32_t y) {
    int most = 0;
    for (uint32_t i = 0; i < t->g->records && !t->sources; i++)
        for (uint32_t j = 0; j < t->g->records; j++) {
            int n = 0;
            if (t->of[i] != x || t->of[j] != y || !twin_good(t, i, j)) continue;
            for (uint32_t k = 0; k < t->g->records; k++) n += twin_good(t, i, k) && twin_good(t, k, j);
            most = MAX(most, n);
        }
    return most;
}

static double twin_best(const twin *t, uint32_t x, uint32_t y) {
    double best = -INFINITY;
    for (size_t i = 0; i < t->g->n; i++) {
        const link_pair *p = &t->g->p[i];
        bool between = (t->of[p->a] == x && t->of[p->b] == y) || (t->of[p->a] == y && t->of[p->b] == x);
        if (between) best = fmax(best, (double)p->weight);
    }
    return best;
}

// NAN when the two may not join, or nothing connects them.
static double twin_mean(const twin *t, uint32_t x, uint32_t y, double unseen) {
    double sum = 0, n = 0, seen = 0;
    for (uint32_t i = 0; i < t->g->records; i++)
        for (uint32_t j = 0; j < t->g->records; j++) {
            if (t->of[i] != x || t->of[j] != y) continue;
            if (t->never[i][j] || (t->g->clean[i] && t->g->clean[i] == t->g->clean[j])) return NAN;
            n++, seen += t->seen[i][j], sum += t->seen[i][j] ? t->w[i][j] : unseen;
        }
    return seen > 0 ? sum / n : NAN;
}

static bool twin_better(const twin *t, double m, uint32_t x, uint32_t y, double best, uint32_t bx, uint32_t by) {
    const uint64_t *c = t->g->canon;
    if (m != best) return m > best;
    int s = twin_support(t, x, y), bs = twin_support(t, bx, by);
    if (s != bs) return s > bs;
    double p = twin_best(t, x, y), q = twin_best(t, bx, by);
    if (p != q) return p > q;
    uint64_t lo = MIN(c[x], c[y]), hi = MAX(c[x], c[y]), blo = MIN(c[bx], c[by]), bhi = MAX(c[bx], c[by]);
    return lo != blo ? lo < blo : hi < bhi;
}

static void twin_cluster(const graph *g, link_cluster_opts o, uint32_t *out) {
    twin t = {.g = g, .sources = o.clean};
    twin_fill(&t, o.cap);
    for (uint32_t i = 0; i < g->records; i++) t.of[i] = i;
    for (size_t i = 0; i < g->n_said; i++)
        if (g->said[i].same) twin_join(&t, t.of[g->said[i].a], t.of[g->said[i].b]);
    for (bool more = true; more;) {
        more = false;
        double best = 0;
        uint32_t bx = 0, by = 0;
        for (uint32_t x = 0; x < g->records; x++)
            for (uint32_t y = x + 1; y < g->records; y++) {
                if (t.of[x] != x || t.of[y] != y) continue;
                double m = twin_mean(&t, x, y, (double)LINK_UNSEEN_BITS);
                if (isnan(m) || m < (double)o.join || (more && !twin_better(&t, m, x, y, best, bx, by))) continue;
                more = true, best = m, bx = x, by = y;
            }
        if (more) twin_join(&t, bx, by);
    }
    for (uint32_t i = 0; i < g->records; i++) {
        out[i] = i;
        for (uint32_t j = 0; j < i; j++)
            if (t.of[j] == t.of[i]) {
                out[i] = j;
                break;
            }
    }
}

static void same_clusters(const graph *g, const uint32_t *got, const uint32_t *want, const char *what) {
    for (uint32_t i = 0; i < g->records; i++)
        if (got[i] != want[i]) fail_msg("%s: record %u is in %u, not in %u", what, i, got[i], want[i]);
}

static void clusters_are_those_of_the_definition(void **state) {
    (void)state;
    rng r = rng_seed(7);
    for (int k = 0; k < 3000; k++) {
        graph g = random_graph(&r, k % 3 == 1, k % 3 == 2);
        uint32_t fast[MOST], slow[MOST];
        link_cluster_opts o = opts_of(&g);
        o.greedy = true;
        cluster_of(&g, o, fast);
        twin_cluster(&g, opts_of(&g), slow);
        same_clusters(&g, fast, slow, "the twin");
    }
}

// ---- properties ----

static void neither_order_of_pairs_nor_of_records_matters(void **state) {
    (void)state;
    rng r = rng_seed(8);
    for (int k = 0; k < 1000; k++) {
        graph g = random_graph(&r, true, k % 2), h = g;
        uint32_t to[MOST], one[MOST], two[MOST], want[MOST];
        for (uint32_t i = 0; i < g.records; i++) to[i] = i;
        rng_shuffle(&r, to, g.records, sizeof *to);
        rng_shuffle(&r, h.p, h.n, sizeof *h.p);
        for (size_t i = 0; i < h.n; i++) {
            uint32_t a = to[h.p[i].a], b = to[h.p[i].b];
            h.p[i].a = MIN(a, b), h.p[i].b = MAX(a, b);
        }
        for (size_t i = 0; i < h.n_said; i++) h.said[i].a = to[h.said[i].a], h.said[i].b = to[h.said[i].b];
        for (uint32_t i = 0; i < g.records; i++) h.canon[to[i]] = g.canon[i], h.clean[to[i]] = g.clean[i];
        cluster_of(&g, opts_of(&g), one);
        cluster_of(&h, opts_of(&h), two);
        for (uint32_t i = 0; i < g.records; i++) {
            uint32_t least = UINT32_MAX;
            for (uint32_t j = 0; j < g.records; j++)
                if (one[j] == one[i]) least = MIN(least, to[j]);
            want[to[i]] = least;
        }
        same_clusters(&h, two, want, "renumbered");
    }
}

static void a_component_decided_again_alone_is_the_same(void **state) {
    (void)state;
    rng r = rng_seed(9);
    for (int k = 0; k < 500; k++) {
        graph g = random_graph(&r, true, k % 2), h = g;
        uint32_t whole[MOST], component[MOST], alone[MOST];
        link_components(g.p, g.n, g.records, 1, component);
        cluster_of(&g, opts_of(&g), whole);
        uint32_t pick = component[rng_range(&r, 0, g.records - 1)];
        for (size_t i = 0; i < g.n_said; i++)
            if (g.said[i].same) pick = UINT32_MAX; // a person's word connects components too
        h.n = 0;
        for (size_t i = 0; i < g.n; i++)
            if (component[g.p[i].a] == pick) h.p[h.n++] = g.p[i];
        cluster_of(&h, opts_of(&h), alone);
        for (uint32_t i = 0; i < g.records; i++)
            if (component[i] == pick && alone[i] != whole[i]) fail_msg("record %u: %u, not %u", i, alone[i], whole[i]);
    }
}

static void what_a_person_said_holds_and_taken_back_leaves_no_trace(void **state) {
    (void)state;
    rng r = rng_seed(10);
    for (int k = 0; k < 1000; k++) {
        graph g = random_graph(&r, true, false), h = g;
        uint32_t before[MOST], with[MOST], after[MOST];
        link_clusters told = {0};
        h.n_said = 0;
        cluster_of(&h, opts_of(&h), before);
        link_cluster_opts o = opts_of(&g);
        o.told = &told;
        cluster_of(&g, o, with);
        uint32_t conflicts = 0;
        for (size_t i = 0; i < g.n_said; i++) {
            bool together = with[g.said[i].a] == with[g.said[i].b];
            if (g.said[i].same) assert_true(together);
            conflicts += !g.said[i].same && together;
        }
        assert_int_equal(conflicts, told.conflicts);
        g.n_said = 0;
        cluster_of(&g, opts_of(&g), after);
        same_clusters(&g, after, before, "taken back");
    }
}

static void one_bad_pair_does_not_chain(void **state) {
    (void)state;
    link_pair p[64];
    size_t n = 0;
    for (uint32_t g = 0; g < 2; g++)
        for (uint32_t i = 0; i < 5; i++)
            for (uint32_t j = i + 1; j < 5; j++) p[n++] = (link_pair){g * 5 + i, g * 5 + j, 14};
    p[n++] = (link_pair){4, 5, 30};
    uint32_t out[10];
    arena a = arena_open(1 << 20);
    link_clusters told;
    link_cluster_opts o = {.told = &told};
    err e = {0};
    assert_ok(link_cluster(&a, p, n, 10, &o, out, &e), e);
    for (uint32_t i = 0; i < 10; i++) assert_int_equal(out[i], i / 5 * 5);
    assert_int_equal(told.components, 1);
    assert_int_equal(told.clusters, 2);
    assert_int_equal(told.refused, 1);
    for (uint32_t i = 0; i < 8; i++) p[n++] = (link_pair){i % 4, 6 + i / 4, 6}; // 9 of 25: more than a third
    o.unseen = -1;
    assert_ok(link_cluster(&a, p, n, 10, &o, out, &e), e);
    assert_int_equal(told.clusters, 1);
    p[n - 1].weight = -3; // 8 of 25: a bridge
    assert_ok(link_cluster(&a, p, n, 10, &o, out, &e), e);
    assert_int_equal(told.n_alarms, 1);
    assert_true(told.alarms[0].bridge && !told.alarms[0].large);
    assert_int_equal(told.alarms[0].bridge_a, 0);
    assert_int_equal(told.alarms[0].bridge_b, 5);
    assert_int_equal(told.alarms[0].bridge_seen, 8);
    assert_int_equal(told.alarms[0].bridge_of, 25);
    arena_close(&a);
}

// ---- two clean sources ----

// The heaviest matching by trying all of them.
static float heaviest(const graph *g, uint32_t row, uint32_t used) {
    if (row == g->records) return 0;
    float best = heaviest(g, row + 1, used);
    for (size_t i = 0; i < g->n; i++) {
        const link_pair *p = &g->p[i];
        if (p->a != row || p->weight < 1 || used >> p->b & 1) continue;
        best = fmaxf(best, p->weight - 1 + LINK_GRAIN + heaviest(g, row + 1, used | 1u << p->b));
    }
    return best;
}

static void two_clean_sources_get_the_heaviest_matching(void **state) {
    (void)state;
    rng r = rng_seed(11);
    for (int k = 0; k < 500; k++) {
        graph g = {.records = (uint32_t)rng_range(&r, 2, 11)};
        uint32_t half = (uint32_t)rng_range(&r, 1, g.records - 1), out[MOST], of[MOST] = {0};
        for (uint32_t i = 0; i < g.records; i++) g.clean[i] = i < half ? 5 : 64, g.canon[i] = rng_u64(&r);
        for (uint32_t a = 0; a < half; a++)
            for (uint32_t b = half; b < g.records; b++)
                if (rng_chance(&r, 0.6)) g.p[g.n++] = (link_pair){a, b, (float)rng_range(&r, -4, 12)};
        cluster_of(&g, opts_of(&g), out);
        float sum = 0;
        for (size_t i = 0; i < g.n; i++)
            if (out[g.p[i].a] == out[g.p[i].b]) sum += g.p[i].weight - 1 + LINK_GRAIN;
        for (uint32_t i = 0; i < g.records; i++) assert_true(++of[out[i]] <= 2);
        assert_true(sum == heaviest(&g, 0, 0));
    }
}

static void ties_between_clean_sources_are_said(void **state) {
    (void)state;
    graph g = {.records = 3, .n = 2, .p = {{0, 1, 5}, {0, 2, 5}}, .clean = {1, 2, 2}, .canon = {3, 2, 1}};
    link_clusters told;
    link_cluster_opts o = opts_of(&g);
    o.told = &told;
    uint32_t out[MOST];
    cluster_of(&g, o, out);
    assert_int_equal(told.outbid, 1);
    assert_int_equal(told.tied, 1);
    g.p[0].weight = 6;
    cluster_of(&g, o, out);
    assert_int_equal(out[1], 0);
    assert_int_equal(told.tied, 0);
}

static void a_cluster_of_a_hundred_among_pairs_is_an_alarm(void **state) {
    (void)state;
    arena a = arena_open(1 << 28);
    uint32_t n = 20100, *out = make(&a, uint32_t, n);
    link_pair *p = make(&a, link_pair, 20000);
    size_t m = 0;
    for (uint32_t i = 0; i < 20000; i += 2) p[m++] = (link_pair){i, i + 1, 3};
    for (uint32_t i = 20000; i < n; i++)
        for (uint32_t j = i + 1; j < n; j++) p[m++] = (link_pair){i, j, 3};
    link_clusters told;
    link_cluster_opts o = {.told = &told};
    err e = {0};
    assert_ok(link_cluster(&a, p, m, n, &o, out, &e), e);
    assert_int_equal(told.largest_cluster, 100);
    assert_int_equal(told.n_alarms, 1);
    assert_int_equal(told.alarms[0].cluster, 20000);
    assert_true(told.alarms[0].large);
    arena_close(&a);
}

static void nothing_and_nonsense_are_answered(void **state) {
    (void)state;
    uint32_t out[4];
    arena a = arena_open(1 << 20);
    err e = {0};
    assert_ok(link_cluster(&a, NULL, 0, 0, NULL, out, &e), e);
    assert_ok(link_cluster(&a, NULL, 0, 3, NULL, out, &e), e);
    assert_int_equal(out[2], 2);
    link_pair p = {1, 7, 3};
    assert_false(link_cluster(&a, &p, 1, 3, NULL, out, &e));
    assert_int_equal(e.code, ERR_invalid);
    arena_close(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clusters_are_those_of_the_definition),
        cmocka_unit_test(neither_order_of_pairs_nor_of_records_matters),
        cmocka_unit_test(a_component_decided_again_alone_is_the_same),
        cmocka_unit_test(what_a_person_said_holds_and_taken_back_leaves_no_trace),
        cmocka_unit_test(one_bad_pair_does_not_chain),
        cmocka_unit_test(two_clean_sources_get_the_heaviest_matching),
        cmocka_unit_test(ties_between_clean_sources_are_said),
        cmocka_unit_test(a_cluster_of_a_hundred_among_pairs_is_an_alarm),
        cmocka_unit_test(nothing_and_nonsense_are_answered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
