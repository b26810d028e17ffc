#include <math.h>

#include "test.h"

#include "base/rng.h"
#include "text/theme.h"

static int set_up(void **state) {
    static arena a;
    a = arena_open((size_t)1 << 30);
    *state = &a;
    return 0;
}

static int tear_down(void **state) {
    arena_close(*state);
    return 0;
}

// The best sum over all ways to give rows different columns, or none.
static double by_enumeration(const double *gain, size_t rows, size_t columns, size_t row, unsigned used) {
    if (row == rows) return 0;
    double best = rows > columns ? by_enumeration(gain, rows, columns, row + 1, used) : -INFINITY;
    for (size_t c = 0; c < columns; c++) {
        if (used >> c & 1) continue;
        best = fmax(best, gain[row * columns + c] + by_enumeration(gain, rows, columns, row + 1, used | 1u << c));
    }
    return best;
}

// Every row has a column, or every column a row.
static double sum_of(const double *gain, size_t rows, size_t columns, const uint32_t *column) {
    double sum = 0;
    unsigned used = 0;
    size_t paired = 0;
    for (size_t i = 0; i < rows; i++) {
        if (column[i] == THEME_NONE) continue;
        assert_true(column[i] < columns && !(used >> column[i] & 1));
        used |= 1u << column[i];
        sum += gain[i * columns + column[i]];
        paired++;
    }
    assert_int_equal(paired, MIN(rows, columns));
    return sum;
}

static void pairs_gain_as_much_as_any_way_of_pairing(void **state) {
    rng r = rng_seed(1);
    for (int round = 0; round < 3000; round++) {
        const size_t rows = (size_t)rng_range(&r, 1, 6), columns = (size_t)rng_range(&r, 1, 6);
        double gain[36], scale = round % 3 ? 1 : 1e6;
        uint32_t column[6];
        for (size_t i = 0; i < rows * columns; i++)
            gain[i] = round % 2 ? (double)rng_range(&r, -2, 3) : scale * (rng_unit(&r) - 0.3);
        theme_pair(*(arena *)*state, gain, rows, columns, column);
        const double got = sum_of(gain, rows, columns, column);
        double want = by_enumeration(gain, rows, columns, 0, 0);
        if (rows > columns) { // as many as can be must be paired, so turn it round
            double turned[36];
            for (size_t i = 0; i < rows; i++)
                for (size_t k = 0; k < columns; k++) turned[k * rows + i] = gain[i * columns + k];
            want = by_enumeration(turned, columns, rows, 0, 0);
        }
        if (fabs(got - want) > 1e-6) fail_msg("%zu x %zu: %g, not %g", rows, columns, got, want);
    }
}

static void pairs_of_nothing(void **state) {
    uint32_t column[3];
    theme_pair(*(arena *)*state, NULL, 0, 0, NULL);
    theme_pair(*(arena *)*state, NULL, 3, 0, column);
    for (int i = 0; i < 3; i++) assert_true(column[i] == THEME_NONE);
}

// ---- groups then and now ----

static void random_groups(rng *r, uint32_t *then, size_t n_then, uint32_t *now, size_t n_now, size_t n) {
    for (size_t i = 0; i < n; i++) {
        then[i] = rng_chance(r, 0.1) ? THEME_NONE : (uint32_t)rng_range(r, 0, (int64_t)n_then - 1);
        now[i] = rng_chance(r, 0.7) && then[i] < n_now ? then[i] : (uint32_t)rng_range(r, 0, (int64_t)n_now - 1);
    }
}

static double dice(const uint32_t *then, uint32_t x, const uint32_t *now, uint32_t y, size_t n) {
    double both = 0, all = 0;
    for (size_t i = 0; i < n; i++) both += then[i] == x && now[i] == y, all += (then[i] == x) + (now[i] == y);
    return all > 0 ? 2 * both / all : 0;
}

static void groups_that_share_most_keep_together(void **state) {
    enum { N = 120, MOST = 9 };
    rng r = rng_seed(2);
    for (int round = 0; round < 500; round++) {
        uint32_t then[N], now[N], of[MOST];
        double likeness[MOST];
        const size_t n_then = (size_t)rng_range(&r, 1, MOST), n_now = (size_t)rng_range(&r, 1, MOST);
        random_groups(&r, then, n_then, now, n_now, N);
        theme_match(*(arena *)*state, then, n_then, now, n_now, N, 0.3, of, likeness);
        for (uint32_t g = 0; g < n_now; g++) {
            if (of[g] != THEME_NONE) {
                assert_true(fabs(likeness[g] - dice(then, of[g], now, g, N)) < 1e-12 && likeness[g] >= 0.3);
                for (uint32_t other = 0; other < g; other++) assert_true(of[other] != of[g]);
            }
            for (uint32_t h = 0; h < n_then; h++)
                if (dice(then, h, now, g, N) > 2.0 / 3) assert_int_equal(of[g], h);
        }
    }
}

static void nothing_in_common_is_no_match(void **state) {
    const uint32_t then[] = {0, 0, 1, 1, THEME_NONE}, now[] = {2, 1, 0, 2, 1};
    uint32_t of[4];
    double likeness[4];
    theme_match(*(arena *)*state, then, 2, now, 4, 5, 0.9, of, likeness);
    for (int i = 0; i < 4; i++) assert_true(of[i] == THEME_NONE);
    theme_match(*(arena *)*state, NULL, 0, now, 3, 0, 0.5, of, likeness);
    for (int i = 0; i < 3; i++) assert_true(of[i] == THEME_NONE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_gain_as_much_as_any_way_of_pairing),
        cmocka_unit_test(pairs_of_nothing),
        cmocka_unit_test(groups_that_share_most_keep_together),
        cmocka_unit_test(nothing_in_common_is_no_match),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
