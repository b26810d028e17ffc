#include "stats/near.h"

#include "base/rng.h"
#include "stats/rfm.h"

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

static void fifths_of_different_values_are_equal_in_size(void **state) {
    (void)state;
    for (size_t n = 5; n <= 200; n += 5) {
        int64_t x[200];
        int8_t out[200];
        int sizes[6] = {0};
        for (size_t i = 0; i < n; i++) x[i] = (int64_t)((i * 77) % 1009);
        rfm_fifths(a, x, n, out);
        for (size_t i = 0; i < n; i++) sizes[out[i]]++;
        for (int k = 1; k <= 5; k++) assert_int_equal(sizes[k], n / 5);
    }
}

// Most customers of a shop bought once. They are one group, the lowest, and the most frequent buyers are the highest.
static void ties_are_never_split(void **state) {
    (void)state;
    static const int64_t orders[] = {1, 1, 1, 1, 1, 1, 2, 2, 3, 9};
    static const int8_t want[] = {1, 1, 1, 1, 1, 1, 4, 4, 5, 5};
    int8_t out[10];
    rfm_fifths(a, orders, 10, out);
    for (int i = 0; i < 10; i++) assert_int_equal(out[i], want[i]);
    static const int64_t same[] = {4, 4, 4};
    rfm_fifths(a, same, 3, out);
    assert_int_equal(out[0], 1);
    rfm_fifths(a, same, 1, out);
    assert_int_equal(out[0], 1);
    static const int64_t top[] = {1, 5, 5, 5};
    rfm_fifths(a, top, 4, out);
    assert_int_equal(out[0], 1);
    assert_int_equal(out[1], 5);
    rfm_fifths(a, NULL, 0, NULL);
}

static void scores_depend_on_values_only(void **state) {
    (void)state;
    rng r = rng_seed(41);
    for (int round = 0; round < 50; round++) {
        rfm_row x[120];
        rfm_score s[120], t[120];
        size_t n = (size_t)rng_range(&r, 1, 120);
        for (size_t i = 0; i < n; i++) {
            x[i] = (rfm_row){rng_range(&r, 0, 30), 1 + rng_poisson(&r, 0.8), rng_range(&r, -10, 40)};
        }
        rfm_scores(a, x, n, s);
        for (size_t i = 0; i < n; i++) {
            for (size_t j = 0; j < n; j++) {
                if (x[i].last == x[j].last) assert_int_equal(s[i].r, s[j].r);
                if (x[i].orders >= x[j].orders) assert_true(s[i].f >= s[j].f);
                if (x[i].money > x[j].money) assert_true(s[i].m >= s[j].m);
            }
            assert_true(s[i].cell > RFM_NONE && s[i].cell < RFM_CELLS);
        }
        rfm_row y[120];
        for (size_t i = 0; i < n; i++) y[i] = x[n - 1 - i];
        rfm_scores(a, y, n, t);
        for (size_t i = 0; i < n; i++) {
            const rfm_score *u = &t[i], *v = &s[n - 1 - i];
            assert_true(u->r == v->r && u->f == v->f && u->m == v->m && u->cell == v->cell);
        }
    }
}

// The map in common use on recency and frequency (money equal to frequency), as its regular expressions cut it.
static enum rfm_cell by_regex(int r, int f) {
    if (r <= 2 && f <= 2) return r == 1 ? RFM_LOST : RFM_HIBERNATING;
    if (r <= 2 && f <= 4) return RFM_AT_RISK;
    if (r <= 2) return RFM_CANNOT_LOSE;
    if (r == 3 && f <= 2) return RFM_SLEEPY;
    if (r == 3 && f == 3) return RFM_ATTENTION;
    if (r <= 4 && f >= 4) return RFM_LOYAL;
    if (r == 4 && f == 1) return RFM_PROMISING;
    if (r == 5 && f == 1) return RFM_NEW;
    if (f <= 3) return RFM_POTENTIAL;
    return RFM_CHAMPIONS;
}

static void every_score_has_one_cell(void **state) {
    (void)state;
    int seen[RFM_CELLS] = {0};
    for (int r = 1; r <= 5; r++) {
        for (int f = 1; f <= 5; f++) {
            assert_int_equal(rfm_cell_of(r, f, f), by_regex(r, f));
            for (int m = 1; m <= 5; m++) seen[rfm_cell_of(r, f, m)]++;
        }
    }
    int sum = 0;
    for (int c = 1; c < RFM_CELLS; c++) {
        assert_true(seen[c] > 0);
        sum += seen[c];
    }
    assert_int_equal(sum, 125);
    assert_int_equal(RFM_CELLS - 1, 11);
    assert_int_equal(rfm_cell_of(5, 3, 4), RFM_CHAMPIONS); // a half is rounded up
    assert_int_equal(rfm_cell_of(5, 1, 5), RFM_POTENTIAL);
    assert_int_equal(rfm_cell_of(0, 3, 3), RFM_NONE);
    assert_int_equal(rfm_cell_of(3, 6, 3), RFM_NONE);
    assert_string_equal(rfm_cell_name(rfm_cell_of(5, 5, 5)), "Champions");
    assert_string_equal(rfm_cell_name(rfm_cell_of(1, 5, 5)), "Cannot lose them");
    assert_string_equal(rfm_cell_name(rfm_cell_of(5, 1, 1)), "New customers");
    assert_string_equal(rfm_cell_name(RFM_NONE), "none");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fifths_of_different_values_are_equal_in_size),
        cmocka_unit_test(ties_are_never_split),
        cmocka_unit_test(scores_depend_on_values_only),
        cmocka_unit_test(every_score_has_one_cell),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
