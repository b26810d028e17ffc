#include "stats/near.h"

#include "base/rng.h"
#include "stats/nps.h"

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

static estimate score(int64_t p, int64_t n, int64_t d) {
    return nps(&a, (nps_counts){p, n, d}, (sampling){0});
}

// Section 8 of the specification: raw, adjusted, and the interval before it is clamped to the scale.
static void score_vectors(void **state) {
    (void)state;
    static const struct {
        nps_counts c;
        double raw, adjusted, lo, hi;
    } rows[] = {
        {{50, 30, 20}, 30.00, 29.13, 14.05, 44.20}, {{3, 1, 1}, 40.00, 25.00, -29.78, 79.78},
        {{5, 0, 0}, 100, 62.50, 17.49, 107.51},     {{420, 310, 270}, 15.00, 14.96, 9.90, 20.01},
        {{0, 0, 4}, -100, -57.14, -107.34, -6.94},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        estimate e = nps(&a, rows[i].c, (sampling){0});
        char what[40];
        snprintf(what, sizeof what, "row %zu", i);
        assert_near_at(what, e.value, rows[i].raw, PRINTED(2));
        assert_near_at(what, e.point, rows[i].adjusted, PRINTED(2));
        assert_near_at(what, e.point - Z95 * sqrt(e.var), rows[i].lo, PRINTED(2));
        assert_near_at(what, e.point + Z95 * sqrt(e.var), rows[i].hi, PRINTED(2));
        assert_near_at(what, e.lo, MAX(rows[i].lo, -100), PRINTED(2));
        assert_near_at(what, e.hi, MIN(rows[i].hi, 100), PRINTED(2));
        assert_int_equal(e.state, e.n < 30 ? ESTIMATE_THIN : ESTIMATE_OK);
    }
}

// F04: a 13-point "rise" on 100 answers is not one; on 1,000 it is.
static void change_vectors(void **state) {
    (void)state;
    estimate before = score(50, 30, 20), now = score(58, 27, 15);
    change c = nps_change(&now, &before);
    assert_near(c.diff, 12.62, PRINTED(2));
    assert_near(c.lo, -8.16, PRINTED(2));
    assert_near(c.hi, 33.41, PRINTED(2));
    assert_near(c.diff / sqrt(now.var + before.var), 1.190, PRINTED(3));
    assert_near(c.p, .234, PRINTED(3));
    before = score(500, 300, 200), now = score(580, 270, 150);
    c = nps_change(&now, &before);
    assert_near(c.diff, 12.96, PRINTED(2));
    assert_near(c.lo, 6.31, PRINTED(2));
    assert_near(c.hi, 19.61, PRINTED(2));
    assert_near(c.p, .0001, PRINTED(4));
    estimate none = score(0, 0, 0);
    assert_true(isnan(nps_change(&now, &none).p));
}

// F03 and F04.
static void sample_size_vectors(void **state) {
    (void)state;
    static const struct {
        double v, margin;
        int64_t n;
    } rows[] = {{.61, 5, 935}, {.61, 10, 232}, {.61, 15, 102}, {1, 5, 1534}, {1, 10, 382}, {1, 15, 168}};
    for (size_t i = 0; i < COUNT(rows); i++) assert_int_equal(nps_need(rows[i].v, rows[i].margin, 0), rows[i].n);
    assert_int_equal(nps_per_wave(.61, 10, 0.8), 958);
    assert_int_equal(nps_per_wave(.61, 5, 0.8), 3831);
    assert_true(nps_need(.61, 10, 60) < 60);
    assert_int_equal(nps_need(.61, 10, INT64_C(1000000000)), 232);
}

// What the planner asks for is what the interval delivers.
static void planned_answers_reach_the_margin(void **state) {
    (void)state;
    for (double margin = 5; margin <= 20; margin += 2.5) {
        int64_t n = nps_need(1, margin, 0), half = (n + 1) / 2;
        estimate e = score(half, 0, n - half);
        assert_near(Z95 * sqrt(e.var), margin, 0.06 * margin);
    }
}

static void marks_are_grouped_and_other_scales_refused(void **state) {
    (void)state;
    const int64_t counts[11] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    nps_counts c = nps_count(counts);
    assert_int_equal(c.detractors, 28);
    assert_int_equal(c.passives, 17);
    assert_int_equal(c.promoters, 21);
    estimate ok = nps_of_marks(&a, counts, 0, 10, (sampling){0});
    assert_near(ok.value, 100 * (21.0 - 28) / 66, 1e-12);
    estimate bad = nps_of_marks(&a, counts, 1, 10, (sampling){0});
    assert_int_equal(bad.state, ESTIMATE_REFUSED);
    assert_string_equal(bad.why, "the scale is 1 to 10; this score is defined on 0 to 10 only");
    assert_int_equal(nps_of_marks(&a, (const int64_t[11]){0}, 0, 10, (sampling){0}).state, ESTIMATE_NONE);
}

// Exact coverage of the interval by adding up all trinomial outcomes of 30 answers: close to 95 %, as Rocks reports.
static void interval_covers_by_enumeration(void **state) {
    (void)state;
    static const double truth[][2] = {{.5, .2}, {.3, .3}, {.6, .1}, {.2, .5}, {.45, .15}, {.1, .1}};
    enum { N = 30 };
    for (size_t t = 0; t < COUNT(truth); t++) {
        double p = truth[t][0], d = truth[t][1], covered = 0;
        for (int i = 0; i <= N; i++) {
            for (int j = 0; i + j <= N; j++) {
                double chance = exp(lgamma(N + 1) - lgamma(i + 1) - lgamma(j + 1) - lgamma(N - i - j + 1) + i * log(p) +
                                    j * log(d) + (N - i - j) * log(1 - p - d));
                estimate e = score(i, N - i - j, j);
                if (e.lo <= 100 * (p - d) && 100 * (p - d) <= e.hi) covered += chance;
            }
        }
        assert_near(covered, 0.955, 0.015);
    }
}

static void interval_holds_the_score_and_narrows(void **state) {
    (void)state;
    rng r = rng_seed(3);
    for (int i = 0; i < 5000; i++) {
        nps_counts c = {rng_range(&r, 0, 60), rng_range(&r, 0, 60), rng_range(&r, 0, 60)};
        int64_t n = c.promoters + c.passives + c.detractors;
        if (n == 0) continue;
        estimate e = nps(&a, c, (sampling){0});
        estimate small = nps(&a, c, (sampling){.base = n + rng_range(&r, 0, 100)});
        estimate wide = nps(&a, c, (sampling){.deff = 1.5});
        assert_true(e.lo <= e.value && e.value <= e.hi && e.lo >= -100 && e.hi <= 100);
        assert_true(small.lo <= small.value && small.value <= small.hi);
        assert_true(small.var <= e.var + 1e-9);
        assert_true(wide.var >= e.var - 1e-9 || n < 5);
        nps_counts mirrored = {c.detractors, c.passives, c.promoters};
        estimate m = nps(&a, mirrored, (sampling){0});
        assert_near(m.lo, -e.hi, 1e-9);
    }
    estimate census = nps(&a, (nps_counts){30, 20, 10}, (sampling){.base = 60});
    assert_near(census.lo, census.value, 1e-12);
    assert_near(census.hi, census.value, 1e-12);
}

// 20 people stay, 10 passives become promoters: the same people show a change that two samples would hide.
static void same_people_are_compared_in_pairs(void **state) {
    (void)state;
    const int64_t moved[3][3] = {{10, 0, 0}, {0, 10, 10}, {0, 0, 20}};
    change c = nps_change_paired(moved);
    assert_near(c.diff, 20, 1e-12);
    double se = 100 * sqrt((10 - 50 * 0.2 * 0.2) / 49 / 50);
    assert_near(c.lo, 20 - 2.0096 * se, 0.01); // t(0.975; 49) = 2.0096
    assert_true(c.p < 0.01);
    const int64_t nobody[3][3] = {{0}}, still[3][3] = {{5, 0, 0}, {0, 5, 0}, {0, 0, 5}};
    assert_true(isnan(nps_change_paired(nobody).p));
    assert_near(nps_change_paired(still).p, 1, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(score_vectors),
        cmocka_unit_test(change_vectors),
        cmocka_unit_test(sample_size_vectors),
        cmocka_unit_test(planned_answers_reach_the_margin),
        cmocka_unit_test(marks_are_grouped_and_other_scales_refused),
        cmocka_unit_test(interval_covers_by_enumeration),
        cmocka_unit_test(interval_holds_the_score_and_narrows),
        cmocka_unit_test(same_people_are_compared_in_pairs),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
