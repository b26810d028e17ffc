#include "stats/near.h"

#include "base/rng.h"
#include "stats/did.h"

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

// ---- against others ----

// R 4.2: lm(y ~ d*since) and lm(y ~ d*t) with sandwich::vcovCL(cluster = u, type = "HC1"), and qt(·, G − 1), over this
// very table, from which some periods are missing.
static void it_agrees_with_R(void **state) {
    (void)state;
    did_unit x[14] = {0};
    for (int u = 0; u < 14; u++) {
        x[u].treated = u % 2 == 1;
        for (int t = -5; t <= 3; t++) {
            if ((u * 7 + t * 3) % 11 == 0) continue;
            double y = ((u * 37 + (t + 5) * 11 + u * (t + 5) * 5) % 23) / 4.0 + 0.3 * (t + 5) + u / 6.0;
            did_add(&x[u], t, t >= 0, y + (x[u].treated && t >= 0 ? 1.5 : 0));
        }
    }
    did d = did_of(&a, x, 14);
    assert_near(d.before[0].value, 4.45, 1e-12);
    assert_near(sqrt(d.before[0].var), 0.35772173072306, 1e-11);
    assert_near(d.before[1].value, 4.45 - 0.19362745098039, 1e-11);
    assert_near(d.effect.value, 1.69084967320262, 1e-11);
    assert_near(d.se, 0.48760973645842, 1e-11);
    assert_near(d.p, 4.1647938157566e-03, 1e-12);
    assert_near(d.effect.lo, 0.63743288197176, 1e-9);
    assert_near(d.effect.hi, 2.74426646443347, 1e-9);
    assert_near(d.trend.value, -0.74833829365079, 1e-11);
    assert_near(sqrt(d.trend.var), 0.27755045147648, 1e-11);
    assert_near(d.trend_p, 0.018325410915136, 1e-11);
    assert_int_equal(d.effect.state, ESTIMATE_THIN); // fourteen are few
}

// n stores whose change has this mean and standard error, about a level.
static void stores(did_unit *x, int n, bool treated, double before, double moved, double se) {
    const double sd = se * sqrt(n);
    for (int i = 0; i < n; i++) {
        x[i] = (did_unit){.treated = treated};
        did_add(&x[i], 0, false, before);
        did_add(&x[i], 1, true, before + moved + (i % 2 ? sd : -sd));
    }
}

// Card & Krueger 1994, table 3: stores with both waves, row 4 and the whole sample, row 3: changes of employment in New
// Jersey and Pennsylvania with their standard errors, and what follows from them.
static void the_minimum_wage_is_found_again(void **state) {
    (void)state;
    static const struct {
        double nj, nj_se, pa, pa_se, effect, se;
    } rows[] = {{0.47, 0.48, -2.28, 1.25, 2.75, 1.34}, {0.59, 0.54, -2.16, 1.25, 2.76, 1.36}};
    did_unit x[386];
    for (size_t i = 0; i < COUNT(rows); i++) {
        stores(x, 310, true, 20.44, rows[i].nj, rows[i].nj_se);
        stores(x + 310, 76, false, 23.33, rows[i].pa, rows[i].pa_se);
        did d = did_of(&a, x, 386);
        assert_near(d.effect.value, rows[i].effect, 0.0101); // the parts are printed with two decimals
        assert_near(d.se, rows[i].se, 0.0101);
        assert_near(d.before[1].value, 20.44, 1e-9);
        assert_near(d.before[0].value, 23.33, 1e-9);
        assert_near(d.before[0].value - d.before[1].value, 2.89, 1e-9); // as printed
        assert_int_equal(d.effect.state, ESTIMATE_THIN);                // one period before shows no trend
    }
}

// ---- against brute force: every row on its own, normal equations by elimination ----

enum { MOST = 400, COLS = 4 };
typedef struct {
    double x[MOST * 12][COLS], y[MOST * 12];
    int cluster[MOST * 12];
    int n, clusters;
} long_table;

static void invert(double m[COLS][COLS], double out[COLS][COLS]) {
    for (int i = 0; i < COLS; i++)
        for (int j = 0; j < COLS; j++) out[i][j] = i == j;
    for (int i = 0; i < COLS; i++) {
        int best = i;
        for (int r = i; r < COLS; r++)
            if (fabs(m[r][i]) > fabs(m[best][i])) best = r;
        for (int c = 0; c < COLS; c++) {
            double t = m[i][c];
            m[i][c] = m[best][c], m[best][c] = t;
            t = out[i][c], out[i][c] = out[best][c], out[best][c] = t;
        }
        for (int r = 0; r < COLS; r++) {
            double f = r == i ? 0 : m[r][i] / m[i][i];
            for (int c = 0; c < COLS; c++) m[r][c] -= f * m[i][c], out[r][c] -= f * out[i][c];
        }
    }
    for (int i = 0; i < COLS; i++)
        for (int c = 0; c < COLS; c++) out[i][c] /= m[i][i];
}

static void ols(const long_table *t, double *value, double *se) {
    static double score[MOST][COLS];
    double xx[COLS][COLS] = {0}, inv[COLS][COLS], b[COLS] = {0}, xy[COLS] = {0}, w[COLS] = {0}, var = 0;
    memset(score, 0, sizeof score);
    for (int i = 0; i < t->n; i++)
        for (int r = 0; r < COLS; r++) {
            xy[r] += t->x[i][r] * t->y[i];
            for (int c = 0; c < COLS; c++) xx[r][c] += t->x[i][r] * t->x[i][c];
        }
    invert(xx, inv);
    for (int r = 0; r < COLS; r++)
        for (int c = 0; c < COLS; c++) b[r] += inv[r][c] * xy[c];
    for (int i = 0; i < t->n; i++) {
        double e = t->y[i];
        for (int c = 0; c < COLS; c++) e -= t->x[i][c] * b[c];
        for (int c = 0; c < COLS; c++) score[t->cluster[i]][c] += t->x[i][c] * e;
    }
    for (int c = 0; c < COLS; c++) w[c] = inv[3][c];
    for (int g = 0; g < t->clusters; g++) {
        double s = 0;
        for (int c = 0; c < COLS; c++) s += w[c] * score[g][c];
        var += s * s;
    }
    *value = b[3];
    *se = sqrt(var * t->clusters / (t->clusters - 1.0) * (t->n - 1.0) / (t->n - COLS));
}

static void row_of(long_table *t, int cluster, double d, double when, double y) {
    memcpy(t->x[t->n], (double[COLS]){1, d, when, d * when}, sizeof t->x[0]);
    t->cluster[t->n] = cluster, t->y[t->n++] = y;
}

static void it_equals_regressions_row_by_row(void **state) {
    (void)state;
    static long_table all, before;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        rng r = rng_seed(seed);
        int n = (int)rng_range(&r, 8, MOST), first = -(int)rng_range(&r, 3, 8);
        did_unit *x = make(&a, did_unit, n);
        all.n = before.n = 0, all.clusters = before.clusters = n;
        for (int i = 0; i < n; i++) {
            double level = rng_normal(&r, 0, 1) * 5;
            x[i].treated = i < 2 ? i == 1 : rng_chance(&r, 0.3);
            for (int t = first; t < 4; t++) {
                if (t != -1 && t != 0 && t != first && rng_chance(&r, 0.2)) continue;
                double y = level + 0.2 * t + rng_normal(&r, 0, 1) + (x[i].treated && t >= 0);
                did_add(&x[i], t, t >= 0, y);
                row_of(&all, i, x[i].treated, t >= 0, y);
                if (t < 0) row_of(&before, i, x[i].treated, t, y);
            }
        }
        double value, se;
        did d = did_of(&a, x, (size_t)n);
        ols(&all, &value, &se);
        assert_near(d.effect.value, value, 1e-8);
        assert_near(d.se, se, 1e-8);
        ols(&before, &value, &se);
        assert_near(d.trend.value, value, 1e-8);
        assert_near(sqrt(d.trend.var), se, 1e-8);
    }
}

// Taking each customer out in turn (the jackknife; Efron & Stein 1981) tells the same spread, without any formula.
static void beyond_the_trend_equals_a_jackknife(void **state) {
    (void)state;
    enum { N = 300 };
    rng r = rng_seed(31);
    did_unit *x = make(&a, did_unit, N), *less = make(&a, did_unit, N);
    for (int i = 0; i < N; i++) {
        double level = rng_normal(&r, 0, 2);
        x[i].treated = i % 2;
        for (int t = -6; t < 4; t++)
            did_add(&x[i], t, t >= 0, level + rng_normal(&r, 0, 1) + (x[i].treated ? 0.3 * t + 2 * (t >= 0) : 0));
    }
    const did d = did_of(&a, x, N);
    double mean = 0, squares = 0, out[N];
    for (int k = 0; k < N; k++) {
        int n = 0;
        for (int i = 0; i < N; i++)
            if (i != k) less[n++] = x[i];
        out[k] = did_of(&a, less, (size_t)n).beyond.value, mean += out[k] / N;
    }
    for (int k = 0; k < N; k++) squares += (out[k] - mean) * (out[k] - mean);
    assert_near(sqrt(d.beyond.var) / sqrt(squares * (N - 1) / N), 1, 0.02);
    assert_near(d.beyond.value, d.effect.value - 5 * d.trend.value, 1e-9); // from −3.5 to 1.5
    assert_true(d.beyond.lo < 2 && d.beyond.hi > 2 &&
                d.effect.lo > 3); // the plain difference takes the trend for an effect
}

// ---- properties ----

static did simulated(rng *r, int n, double effect, double slope) {
    arena mine = a;
    did_unit *x = make(&mine, did_unit, n);
    for (int i = 0; i < n; i++) {
        double level = rng_normal(r, 0, 1);
        x[i].treated = i % 3 == 0;
        for (int t = -6; t < 6; t++)
            did_add(&x[i], t, t >= 0,
                    level + 0.1 * t + rng_normal(r, 0, 1) + (x[i].treated ? slope * t + (t >= 0 ? effect : 0) : 0));
    }
    return did_of(&mine, x, (size_t)n);
}

static void the_interval_holds_as_often_as_it_says(void **state) {
    (void)state;
    rng r = rng_seed(20261122);
    int inside = 0, refused = 0, all = 600;
    for (int i = 0; i < all; i++) {
        did d = simulated(&r, 120, 0.4, 0);
        inside += d.effect.lo <= 0.4 && d.effect.hi >= 0.4;
        refused += d.effect.state == ESTIMATE_REFUSED;
    }
    assert_in_range(inside, 552, 588); // 95 % of 600, give or take 3 standard errors
    assert_in_range(refused, 12, 50);  // 5 % of trends differ by chance
}

static void different_trends_before_claim_nothing(void **state) {
    (void)state;
    rng r = rng_seed(3);
    did d = simulated(&r, 600, 0, 0.3);
    assert_int_equal(d.effect.state, ESTIMATE_REFUSED);
    assert_string_equal(d.effect.why, "both groups moved differently before the policy already");
    d = simulated(&r, 600, 0.5, 0);
    assert_int_equal(d.effect.state, ESTIMATE_OK);
    assert_true(d.effect.lo > 0);
}

static void what_it_can_tell_it_tells_four_times_in_five(void **state) {
    (void)state;
    rng r = rng_seed(9);
    double tells = simulated(&r, 90, 0, 0).tells;
    int seen = 0;
    for (int i = 0; i < 400; i++) {
        did d = simulated(&r, 90, tells, 0);
        seen += d.p < 0.05;
    }
    assert_in_range(seen, 280, 360); // 320 expected; the standard error of the first is an estimate too
}

static void nothing_to_compare_is_said(void **state) {
    (void)state;
    did_unit x[3] = {{.treated = true}, {.treated = true}};
    assert_int_equal(did_of(&a, x, 0).effect.state, ESTIMATE_NONE);
    for (int t = -2; t < 2; t++) did_add(&x[0], t, t >= 0, t), did_add(&x[1], t, t >= 0, 2 * t);
    assert_int_equal(did_of(&a, x, 2).effect.state, ESTIMATE_NONE); // nobody outside
    for (int t = -2; t < 0; t++) did_add(&x[2], t, false, 1);
    assert_int_equal(did_of(&a, x, 3).effect.state, ESTIMATE_NONE); // nobody outside since
}

// Fieller's bounds are where the difference top − r × low is just as far from zero as chance allows.
static void the_bounds_of_a_ratio_are_fiellers(void **state) {
    (void)state;
    rng r = rng_seed(5);
    int told = 0;
    for (int i = 0; i < 2000; i++) {
        did_parts x = {.top = rng_normal(&r, 0, 1) * 10, .low = rng_normal(&r, 0, 1), .n = 50};
        double st = 0.1 + rng_unit(&r), sl = 0.02 + rng_unit(&r) * 0.3, rho = rng_unit(&r) * 1.8 - 0.9;
        x.top_var = st * st, x.low_var = sl * sl, x.cov = rho * st * sl;
        estimate e = did_ratio(&x);
        if (e.state != ESTIMATE_OK) {
            assert_true(fabs(x.low) <= Z95 * sl + 1e-12);
            continue;
        }
        told++;
        for (int side = 0; side < 2; side++) {
            double q = side ? e.hi : e.lo, far = x.top - q * x.low;
            double var = x.top_var - 2 * q * x.cov + q * q * x.low_var;
            assert_near(far * far / var, Z95 * Z95, 1e-6);
        }
        assert_true(e.lo <= e.value && e.value <= e.hi);
    }
    assert_true(told > 500);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_agrees_with_R),
        cmocka_unit_test(the_minimum_wage_is_found_again),
        cmocka_unit_test(it_equals_regressions_row_by_row),
        cmocka_unit_test(beyond_the_trend_equals_a_jackknife),
        cmocka_unit_test(the_interval_holds_as_often_as_it_says),
        cmocka_unit_test(different_trends_before_claim_nothing),
        cmocka_unit_test(what_it_can_tell_it_tells_four_times_in_five),
        cmocka_unit_test(nothing_to_compare_is_said),
        cmocka_unit_test(the_bounds_of_a_ratio_are_fiellers),
    };
    return cmocka_run_group_tests_name("did", tests, open_arena, close_arena);
}
