#include "stats/near.h"

#include "base/rng.h"
#include "stats/proportion.h"

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

// F20 and section 8 of the specification.
static void wilson_vectors(void **state) {
    (void)state;
    static const struct {
        int64_t hits, n;
        double lo, hi;
    } rows[] = {
        {8, 10, .4902, .9433}, {5, 5, .5655, 1},         {80, 100, .7112, .8666},
        {2, 2, .3424, 1},      {100, 101, .9460, .9983}, {0, 5, 0, .4345},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        estimate e = proportion(&a, rows[i].hits, rows[i].n, (sampling){0});
        char what[40];
        snprintf(what, sizeof what, "%d of %d", (int)rows[i].hits, (int)rows[i].n);
        assert_near_at(what, e.lo, rows[i].lo, PRINTED(4));
        assert_near_at(what, e.hi, rows[i].hi, PRINTED(4));
        assert_near_at(what, e.value, (double)rows[i].hits / (double)rows[i].n, 1e-15);
        assert_int_equal(e.state, rows[i].n < 30 ? ESTIMATE_THIN : ESTIMATE_OK);
    }
}

static void no_answers_no_number(void **state) {
    (void)state;
    estimate e = proportion(&a, 0, 0, (sampling){0});
    assert_int_equal(e.state, ESTIMATE_NONE);
    assert_false(estimate_shown(&e));
    assert_string_equal(e.why, "there is no answer yet");
}

// Wilson's limits are the chances whose normal test just accepts the share seen: the definition, not the formula.
static void wilson_limits_solve_the_score_equation(void **state) {
    (void)state;
    for (int n = 1; n <= 50; n++) {
        for (int k = 0; k <= n; k++) {
            double p = (double)k / n, lo, hi;
            proportion_wilson(p, n, Z95, &lo, &hi);
            assert_true(lo <= p && p <= hi && lo >= 0 && hi <= 1);
            if (k > 0) assert_near((p - lo) / sqrt(lo * (1 - lo) / n), Z95, 1e-9);
            if (k < n) assert_near((hi - p) / sqrt(hi * (1 - hi) / n), Z95, 1e-9);
        }
    }
}

static double chance_of(int k, int n, double q) {
    return exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) + k * log(q) + (n - k) * log1p(-q));
}

// Exact coverage, by adding up the binomial outcomes whose interval holds the truth. Brown, Cai & DasGupta 2001 (Stat.
// Sci. 16) find the mean close to 95 % and the dips near 0 and 1 not below 0.83.
static void wilson_covers_by_enumeration(void **state) {
    (void)state;
    for (int n = 2; n <= 50; n++) {
        double sum = 0, least = 1;
        int points = 0;
        for (double q = 0.005; q < 1; q += 0.005) {
            double covered = 0;
            for (int k = 0; k <= n; k++) {
                double lo, hi;
                proportion_wilson((double)k / n, n, Z95, &lo, &hi);
                if (lo <= q && q <= hi) covered += chance_of(k, n, q);
            }
            sum += covered;
            least = MIN(least, covered);
            points++;
        }
        assert_near(sum / points, 0.955, 0.012);
        assert_true(least > 0.82);
    }
}

// A company of 60: 25 answers know more than 25 of a million, and 60 of 60 know everything.
static void finite_population_narrows(void **state) {
    (void)state;
    estimate open = proportion(&a, 20, 25, (sampling){0}), small = proportion(&a, 20, 25, (sampling){.base = 60});
    double f = sqrt((60.0 - 25) / (60 - 1)), lo, hi;
    proportion_wilson(0.8, 25, Z95 * f, &lo, &hi); // the standard error multiplied, as the convention says
    assert_near(small.lo, lo, 1e-12);
    assert_near(small.hi, hi, 1e-12);
    assert_true(small.lo > open.lo && small.hi < open.hi);
    assert_int_equal(open.state, ESTIMATE_THIN);
    assert_int_equal(small.state, ESTIMATE_OK);
    estimate all = proportion(&a, 48, 60, (sampling){.base = 60});
    assert_near(all.lo, 0.8, 0);
    assert_near(all.hi, 0.8, 0);
    assert_int_equal(all.state, ESTIMATE_OK);
    estimate odd = proportion(&a, 50, 61, (sampling){.base = 60}); // more answers than customers: no correction
    assert_true(odd.hi - odd.lo > 0.15);
}

static void design_effect_widens(void **state) {
    (void)state;
    double equal[] = {2, 2, 2, 2}, one[] = {1, 0, 0, 0}, mixed[] = {1, 3};
    assert_near(sampling_deff(equal, 4), 1, 1e-15);
    assert_near(sampling_deff(one, 4), 4, 1e-15);
    assert_near(sampling_deff(mixed, 2), 1.25, 1e-15); // CV² = 1/4
    assert_near(sampling_deff(NULL, 0), 1, 0);
    estimate plain = proportion(&a, 50, 100, (sampling){0}), weighted = proportion(&a, 50, 100, (sampling){.deff = 2});
    estimate half = proportion(&a, 25, 50, (sampling){0});
    assert_true(weighted.lo < plain.lo);
    assert_near(weighted.lo, half.lo, 1e-15);
    assert_int_equal(weighted.n, 100);
}

static void why_says_how_many_more(void **state) {
    (void)state;
    static const struct {
        int64_t n;
        sampling s;
        const char *why;
    } rows[] = {
        {18, {0}, "12 more answers are needed"},
        {29, {0}, "1 more answer is needed"},
        {30, {0}, NULL},
        {10, {.of = "customer"}, "20 more customers are needed"},
        {30, {.deff = 2}, "30 more answers are needed"},
        {5, {.base = 6}, "1 more answer is needed"},
        {20, {.base = 60}, "1 more answer is needed"},
        {21, {.base = 60}, NULL},
        {3, {.need = 5}, "2 more answers are needed"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        estimate e = proportion(&a, 1, rows[i].n, rows[i].s);
        if (!rows[i].why)
            assert_null(e.why);
        else
            assert_string_equal(e.why, rows[i].why);
        assert_int_equal(e.state, rows[i].why ? ESTIMATE_THIN : ESTIMATE_OK);
    }
}

// What the why text promises is kept: so many more answers suffice, one fewer does not.
static void why_is_true(void **state) {
    (void)state;
    rng r = rng_seed(7);
    for (int i = 0; i < 2000; i++) {
        sampling s = {.base = rng_chance(&r, 0.5) ? rng_range(&r, 2, 200) : 0, .deff = 1 + 2 * rng_unit(&r)};
        int64_t n = rng_range(&r, 1, s.base ? MIN(s.base, 40) : 40);
        estimate e = proportion(&a, 0, n, s);
        if (e.state != ESTIMATE_THIN) continue;
        int64_t more = strtoll(e.why, NULL, 10);
        assert_true(more >= 1);
        assert_int_equal(proportion(&a, 0, n + more, s).state, ESTIMATE_OK);
        if (more > 1) assert_int_equal(proportion(&a, 0, n + more - 1, s).state, ESTIMATE_THIN);
    }
}

static change between(int64_t x1, int64_t n1, int64_t x2, int64_t n2) {
    estimate now = proportion(&a, x1, n1, (sampling){0}), before = proportion(&a, x2, n2, (sampling){0});
    return proportion_change(&now, &before);
}

// Newcombe 1998, Stat. Med. 17: 873-890, table II, method 10.
static void newcombe_table(void **state) {
    (void)state;
    static const struct {
        int64_t x1, n1, x2, n2;
        double lo, hi;
    } rows[] = {
        {56, 70, 48, 80, .0524, .3339}, {9, 10, 3, 10, .1705, .8090},  {6, 7, 2, 7, .0582, .8062},
        {5, 56, 0, 29, -.0381, .1926},  {0, 10, 0, 20, -.1611, .2775}, {0, 10, 0, 10, -.2775, .2775},
        {10, 10, 0, 20, .6791, 1},      {10, 10, 0, 10, .6075, 1},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        change c = between(rows[i].x1, rows[i].n1, rows[i].x2, rows[i].n2);
        char what[40];
        snprintf(what, sizeof what, "row %zu", i);
        assert_near_at(what, c.lo, rows[i].lo, PRINTED(4));
        assert_near_at(what, c.hi, rows[i].hi, PRINTED(4));
    }
}

static void change_of_shares_agrees_with_itself(void **state) {
    (void)state;
    rng r = rng_seed(11);
    for (int i = 0; i < 3000; i++) {
        int64_t n1 = rng_range(&r, 1, 200), n2 = rng_range(&r, 1, 200);
        int64_t x1 = rng_range(&r, 0, n1), x2 = rng_range(&r, 0, n2);
        change c = between(x1, n1, x2, n2), back = between(x2, n2, x1, n1);
        assert_true(c.lo <= c.diff && c.diff <= c.hi && c.p >= 0 && c.p <= 1);
        if (fabs(c.p - 0.05) > 1e-6) assert_int_equal(c.p<0.05, c.lo> 0 || c.hi < 0);
        assert_near(back.lo, -c.hi, 1e-12);
        assert_near(back.p, c.p, 1e-9);
    }
    change certain = between(100000000, 100000000, 0, 100000000);
    assert_near(certain.p, 0, 1e-300);
    assert_true(isnan(between(0, 0, 3, 5).p));
}

static void scores_by_top_marks_and_mean(void **state) {
    (void)state;
    scored csat = proportion_csat(&a, (const int64_t[]){2, 3, 5, 30, 60}, (sampling){0});
    assert_near(csat.share.value, 0.9, 1e-15);
    assert_near(csat.mean.value, (2 + 6 + 15 + 120 + 300) / 100.0, 1e-12);
    scored ces = proportion_ces(&a, (const int64_t[]){1, 1, 2, 6, 20, 40, 30}, (sampling){0});
    assert_near(ces.share.value, 0.9, 1e-15);
    assert_near(ces.mean.value, (1 + 2 + 6 + 24 + 100 + 240 + 210) / 100.0, 1e-12);
    assert_true(ces.mean.hi <= 7 && ces.mean.lo >= 1);
    scored three = proportion_scored(&a, (const int64_t[]){1, 1, 38}, 3, 1, 1, (sampling){0});
    assert_near(three.share.value, 0.95, 1e-15);
    assert_int_equal(proportion_csat(&a, (const int64_t[5]){0}, (sampling){0}).mean.state, ESTIMATE_NONE);
    scored happy = proportion_csat(&a, (const int64_t[]){0, 0, 0, 0, 50}, (sampling){0});
    assert_int_equal(happy.share.state, ESTIMATE_OK);
    assert_int_equal(happy.mean.state, ESTIMATE_THIN); // nothing varies, so nothing is known of the spread
    assert_near(happy.mean.hi, 5, 0);
}

static void response_rate_counts_all_who_were_asked(void **state) {
    (void)state;
    estimate e = proportion_response(&a, (dispositions){60, 10, 20, 90, 5, 15});
    assert_near(e.value, 0.3, 1e-15);
    assert_int_equal(e.n, 200);
    assert_string_equal(e.method, "AAPOR RR1, Wilson");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wilson_vectors),
        cmocka_unit_test(no_answers_no_number),
        cmocka_unit_test(wilson_limits_solve_the_score_equation),
        cmocka_unit_test(wilson_covers_by_enumeration),
        cmocka_unit_test(finite_population_narrows),
        cmocka_unit_test(design_effect_widens),
        cmocka_unit_test(why_says_how_many_more),
        cmocka_unit_test(why_is_true),
        cmocka_unit_test(newcombe_table),
        cmocka_unit_test(change_of_shares_agrees_with_itself),
        cmocka_unit_test(scores_by_top_marks_and_mean),
        cmocka_unit_test(response_rate_counts_all_who_were_asked),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
