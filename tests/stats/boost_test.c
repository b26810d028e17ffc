#include "stats/near.h"

#include "base/rng.h"
#include "stats/boost.h"
#include "stats/design.h"
#include "stats/logit.h"
#include "stats/reliability.h"

static arena a;

static int open_arena(void **state) {
    (void)state;
    a = test_arena();
    return 0;
}

static int close_arena(void **state) {
    (void)state;
    arena_close(&a);
    return 0;
}

static uint32_t *rows_to(size_t n) {
    uint32_t *rows = make(&a, uint32_t, n);
    for (size_t i = 0; i < n; i++) rows[i] = (uint32_t)i;
    return rows;
}

static void bins_hold_what_they_say(void **state) {
    (void)state;
    rng r = rng_seed(71);
    for (int round = 0; round < 100; round++) {
        arena kept = a;
        size_t n = (size_t)rng_range(&r, 0, 400);
        int distinct = (int)rng_range(&r, 1, 90), most = (int)rng_range(&r, 2, 70);
        double *x = make(&a, double, n + 1);
        int32_t *k = make(&a, int32_t, n + 1);
        for (size_t i = 0; i < n; i++) {
            x[i] = rng_chance(&r, .1) ? NAN : (double)rng_range(&r, 0, distinct) / 3;
            k[i] = (int32_t)rng_range(&r, -1, 5) * (rng_chance(&r, .9) ? 1 : 0);
        }
        x[n] = INFINITY, k[n] = 77;
        feature f[] = {{.name = "x", .number = x}, {.name = "k", .class_of = k, .n_classes = 6}};
        features t = {f, 2, n + 1};
        feature_cuts c = features_cut(&a, &t, rows_to(n), n, most, 5);
        assert_true(c.of[0].bins <= 2 + MIN(most, FEATURE_BINS - 2));
        int64_t count[6] = {0}, per_bin[FEATURE_BINS] = {0}, known = 0;
        for (size_t i = 0; i < n; i++) {
            uint8_t b = features_bin(&t, &c, 0, i);
            assert_int_equal(b == FEATURE_UNKNOWN, isnan(x[i]));
            if (b >= 2 && b > 2) assert_true(x[i] > c.of[0].cuts[b - 3]);
            if (b >= 2 && b < c.of[0].bins - 1) assert_true(x[i] <= c.of[0].cuts[b - 2]);
            if (k[i] >= 0) count[k[i]]++;
            per_bin[b]++;
            known += b >= 2;
        }
        assert_int_equal(c.of[0].known, known);
        for (int b = 2; b < c.of[0].bins; b++) assert_true(known == 0 || per_bin[b] > 0);
        for (size_t i = 0; i < n; i++) {
            uint8_t b = features_bin(&t, &c, 1, i);
            assert_int_equal(b, k[i] < 0 ? FEATURE_UNKNOWN : count[k[i]] < 5 ? FEATURE_OTHER : c.of[1].of_class[k[i]]);
        }
        assert_int_equal(features_bin(&t, &c, 0, n), FEATURE_UNKNOWN);
        assert_int_equal(features_bin(&t, &c, 1, n), FEATURE_OTHER);
        a = kept;
    }
    double age[] = {41.5, NAN};
    int32_t kind[] = {1, -1};
    const char *names[] = {"monthly", "yearly"};
    feature f[] = {{.name = "age", .number = age},
                   {.name = "contract", .class_of = kind, .classes = names, .n_classes = 2}};
    features t = {f, 2, 2};
    assert_str(features_words(&a, &t, 0, 0), S("age is 41.5"));
    assert_str(features_words(&a, &t, 0, 1), S("age is not known"));
    assert_str(features_words(&a, &t, 1, 0), S("contract is yearly"));
    assert_str(features_words(&a, &t, 1, 1), S("contract is not known"));
}

// Columns of the design: what varies, and nothing twice.
static void the_design_has_what_varies(void **state) {
    (void)state;
    enum { N = 200 };
    double few[N], many[N], same[N], gaps[N];
    int32_t kind[N], one[N];
    for (int i = 0; i < N; i++) {
        few[i] = i % 2, many[i] = i, same[i] = 3, gaps[i] = i % 4 ? (double)(i % 3) : NAN;
        kind[i] = i % 3, one[i] = 0;
    }
    feature f[] = {{.name = "few", .number = few},
                   {.name = "many", .number = many},
                   {.name = "same", .number = same},
                   {.name = "gaps", .number = gaps},
                   {.name = "kind", .class_of = kind, .n_classes = 3},
                   {.name = "one", .class_of = one, .n_classes = 1}};
    features t = {f, 6, N};
    feature_cuts c = features_cut(&a, &t, rows_to(N), N, 32, 20);
    design d = design_new(&a, &t, &c, rows_to(N), N, 3);
    static const size_t wide[] = {1, 4, 0,
                                  3, 3, 0}; // a line; with bends; none; unknown, line and a bend; classes; none
    for (size_t j = 0; j < 6; j++) assert_int_equal(d.of[j].to - d.of[j].from, wide[j]);
    assert_int_equal(d.parameters, 10);
    double x[11], y[11];
    design_row(&d, &t, 4, x);
    assert_near(x[d.of[3].unknown], 1, 0);
    assert_near(x[d.of[3].line], 0, 0);
    assert_near(x[d.of[4].from] + x[d.of[4].from + 1] + x[d.of[4].from + 2], 1, 0);
    design_row(&d, &t, 199, x);
    design_row(&d, &t, 0, y);
    assert_near(x[d.of[1].line] - y[d.of[1].line], 199 / c.of[1].spread, 1e-9);
    for (int k = 0; k < 3; k++) { // bends begin at the quarters
        double knot = d.of[1].knot[k] * c.of[1].spread + c.of[1].middle;
        assert_near(knot, 50 * (k + 1), 6);
        assert_true(x[d.of[1].first_bend + k] > 0 && y[d.of[1].first_bend + k] == 0);
    }
}

// A random table: two numbers and two classes with unknowns, and an outcome of pairs of them.
static boost_table random_table(rng *r, size_t n, bool *left) {
    static const bool ordered[] = {true, false, true, false};
    int *bins = make(&a, int, 4);
    uint8_t *codes = make(&a, uint8_t, 4 * n);
    for (size_t j = 0; j < 4; j++) {
        bins[j] = (int)rng_range(r, 4, 9);
        for (size_t i = 0; i < n; i++) codes[j * n + i] = (uint8_t)rng_range(r, rng_chance(r, .1) ? 0 : 2, bins[j] - 1);
    }
    for (size_t i = 0; i < n; i++) {
        double odds =
            (codes[i] > 4) - 1.5 * (codes[n + i] == 3) + 2 * ((codes[2 * n + i] > 3) != (codes[3 * n + i] == 2)) - 1;
        left[i] = rng_chance(r, logit_share(odds));
    }
    return (boost_table){codes, bins, ordered, 4, n};
}

// Of all ways to send bins left, the tree's first cut has the largest gain: every subset of classes, every cut of
// numbers with the unknown on either side.
static void the_first_cut_is_the_best(void **state) {
    (void)state;
    rng r = rng_seed(72);
    for (int round = 0; round < 30; round++) {
        arena kept = a;
        enum { N = 120 };
        bool left[N];
        boost_table t = random_table(&r, N, left);
        boost_opts o = {.rounds = 1, .rate = 1, .ridge = 1e-9, .leaf = 2, .rows = 1, .columns = 1};
        boost_trees b = boost_fit(&a, &t, left, rows_to(N), N, o);
        double p = logit_share(b.base), best = 0, got = 0;
        for (size_t j = 0; j < 4; j++) {
            uint64_t all = ((uint64_t)1 << t.bins[j]) - 1;
            for (uint64_t mask = 1; mask < all; mask++) {
                uint64_t numbers = mask >> 1; // of numbers: those from the lowest up to a cut
                if (t.ordered[j] && (numbers & (numbers + 1)) != 0) continue;
                double gl = 0, hl = 0, gr = 0, hr = 0;
                for (int i = 0; i < N; i++) {
                    bool goes = mask >> t.codes[j * N + (size_t)i] & 1;
                    *(goes ? &gl : &gr) += p - left[i];
                    *(goes ? &hl : &hr) += p * (1 - p);
                }
                if (hl < 2 || hr < 2) continue;
                double gain = gl * gl / (hl + 1e-9) + gr * gr / (hr + 1e-9);
                best = MAX(best, gain);
            }
        }
        if (b.n_trees) {
            double gl = 0, hl = 0, gr = 0, hr = 0; // the tree's mask may leave out bins that nobody is in
            for (int i = 0; i < N; i++) {
                bool goes = b.trees[0].left >> t.codes[(size_t)b.trees[0].column * N + (size_t)i] & 1;
                *(goes ? &gl : &gr) += p - left[i];
                *(goes ? &hl : &hr) += p * (1 - p);
            }
            got = gl * gl / (hl + 1e-9) + gr * gr / (hr + 1e-9);
        }
        assert_near(got, best, 1e-9);
        a = kept;
    }
}

static double told(const boost_trees *b, const boost_table *t, size_t row) {
    return b->base + boost_sum(b, 0, b->n_trees, &t->codes[row], t->n);
}

// Curves, tables and parts are the trees, to the last digit; and what a pair has of one feature alone is in its curve.
static void parts_add_up_to_the_trees(void **state) {
    (void)state;
    rng r = rng_seed(73);
    for (int round = 0; round < 5; round++) {
        arena kept = a;
        enum { N = 1500 };
        bool *left = make(&a, bool, N);
        boost_table t = random_table(&r, N, left);
        uint32_t *rows = rows_to(N);
        boost_trees b = boost_fit(&a, &t, left, rows, N, (boost_opts){.rounds = 80, .seed = 5});
        boost_parts p = boost_apart(&a, &b, b.n_trees, &t, rows, N);
        double mean = 0, sums[4] = {0};
        for (size_t i = 0; i < N; i++) {
            uint8_t bins[4];
            double part[4], sum = p.base;
            for (size_t j = 0; j < 4; j++) bins[j] = t.codes[j * N + i];
            boost_explain(&p, bins, part);
            for (size_t j = 0; j < 4; j++) sum += part[j], sums[j] += part[j];
            assert_near(sum, told(&b, &t, i), 1e-9);
            mean += told(&b, &t, i) / N;
        }
        assert_near(p.base, mean, 1e-9);
        for (size_t j = 0; j < 4; j++) assert_near(sums[j] / N, 0, 1e-7);
        for (size_t q = 0; q < p.n_pairs; q++) {
            const boost_pair *pair = &p.pairs[q];
            double by_x[FEATURE_BINS] = {0}, by_y[FEATURE_BINS] = {0};
            assert_true(pair->x < pair->y);
            for (size_t i = 0; i < N; i++) {
                uint8_t x = t.codes[pair->x * N + i], y = t.codes[pair->y * N + i];
                by_x[x] += pair->value[x * t.bins[pair->y] + y];
                by_y[y] += pair->value[x * t.bins[pair->y] + y];
            }
            for (int k = 0; k < FEATURE_BINS; k++) assert_near(by_x[k], 0, 1e-5);
            for (int k = 0; k < FEATURE_BINS; k++) assert_near(by_y[k], 0, 1e-5);
        }
        a = kept;
    }
}

static double loss_of(const boost_trees *b, size_t trees, const boost_table *t, const bool *left, size_t from,
                      size_t to) {
    double sum = 0;
    for (size_t i = from; i < to; i++) {
        sum += reliability_loss(logit_share(b->base + boost_sum(b, 0, trees, &t->codes[i], t->n)), left[i]);
    }
    return sum / (double)(to - from);
}

// It finds what only pairs tell, on rows that it has not seen, and each tree lowers the loss of those it has.
static void it_learns_pairs(void **state) {
    (void)state;
    rng r = rng_seed(74);
    enum { N = 6000, SEEN = 4000 };
    bool *left = make(&a, bool, N);
    boost_table t = random_table(&r, N, left);
    boost_trees b = boost_fit(&a, &t, left, rows_to(SEEN), SEEN, (boost_opts){.rows = 1, .columns = 1});
    double best = 0, base = loss_of(&b, 0, &t, left, SEEN, N);
    for (size_t i = SEEN; i < N; i++) { // what could be known at best
        const uint8_t *c = &t.codes[i];
        double odds = (c[0] > 4) - 1.5 * (c[N] == 3) + 2 * ((c[2 * N] > 3) != (c[3 * N] == 2)) - 1;
        best += reliability_loss(logit_share(odds), left[i]) / (N - SEEN);
    }
    double got = loss_of(&b, b.n_trees, &t, left, SEEN, N);
    assert_true(got < best + 0.1 * (base - best));
    double before = 10;
    for (size_t k = 0; k <= b.n_trees; k += 20) {
        double now = loss_of(&b, k, &t, left, 0, SEEN);
        assert_true(now < before);
        before = now;
    }
    boost_trees again =
        boost_fit(&a, &t, left, rows_to(SEEN), SEEN, (boost_opts){.rows = .5, .columns = .5, .seed = 3});
    boost_trees same = boost_fit(&a, &t, left, rows_to(SEEN), SEEN, (boost_opts){.rows = .5, .columns = .5, .seed = 3});
    for (size_t i = 0; i < N; i++) assert_near(told(&again, &t, i), told(&same, &t, i), 0);
}

static void odd_tables_do_no_harm(void **state) {
    (void)state;
    bool left[50] = {0};
    uint8_t codes[50] = {0};
    int bins[1] = {2};
    boost_table t = {codes, bins, (bool[]){true}, 1, 50};
    boost_trees b = boost_fit(&a, &t, left, rows_to(50), 50, (boost_opts){0});
    assert_int_equal(b.n_trees, 0);
    assert_true(b.base < -4);
    boost_parts p = boost_apart(&a, &b, b.n_trees, &t, rows_to(50), 50);
    double part = 1;
    boost_explain(&p, codes, &part);
    assert_near(part, 0, 0);
    boost_table none = {codes, bins, NULL, 0, 50};
    assert_int_equal(boost_fit(&a, &none, left, rows_to(50), 50, (boost_opts){0}).n_trees, 0);
    assert_int_equal(boost_fit(&a, &t, left, NULL, 0, (boost_opts){0}).n_trees, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bins_hold_what_they_say),   cmocka_unit_test(the_design_has_what_varies),
        cmocka_unit_test(the_first_cut_is_the_best), cmocka_unit_test(parts_add_up_to_the_trees),
        cmocka_unit_test(it_learns_pairs),           cmocka_unit_test(odd_tables_do_no_harm),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
