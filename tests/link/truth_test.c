// Measures of a grouping, against counting by hand and a slow twin.
#include "test.h"

#include "base/rng.h"
#include "link/truth.h"

#include <math.h>

// The example of Amigó et al. 2009 needs a page; this one is counted by hand: {1 2 3} {4 5} against {1 2} {3 4 5}.
static void a_small_grouping_is_measured_as_by_hand(void **state) {
    (void)state;
    const uint32_t cluster[] = {0, 0, 0, 3, 3}, truth[] = {7, 7, 9, 9, 9};
    const link_quality p = link_quality_pairs(cluster, truth, 5), b = link_quality_b3(cluster, truth, 5);
    assert_true(fabs(p.precision - 2.0 / 4) < 1e-12 && fabs(p.recall - 2.0 / 4) < 1e-12);
    assert_true(fabs(b.precision - (2.0 / 3 + 2.0 / 3 + 1.0 / 3 + 1 + 1) / 5) < 1e-12);
    assert_true(fabs(b.recall - (1 + 1 + 1.0 / 3 + 2.0 / 3 + 2.0 / 3) / 5) < 1e-12);
}

static void measures_are_what_counting_every_pair_gives(void **state) {
    (void)state;
    rng r = rng_seed(4);
    for (int k = 0; k < 200; k++) {
        uint32_t x[40], y[40], n = (uint32_t)rng_range(&r, 2, 40);
        for (uint32_t i = 0; i < n; i++) x[i] = (uint32_t)rng_range(&r, 0, 9), y[i] = (uint32_t)rng_range(&r, 0, 9);
        double both = 0, in_x = 0, in_y = 0;
        for (uint32_t i = 0; i < n; i++)
            for (uint32_t j = i + 1; j < n; j++)
                both += x[i] == x[j] && y[i] == y[j], in_x += x[i] == x[j], in_y += y[i] == y[j];
        const link_quality q = link_quality_pairs(x, y, n);
        assert_true(fabs(q.precision - (in_x > 0 ? both / in_x : 1)) < 1e-12);
        assert_true(fabs(q.recall - (in_y > 0 ? both / in_y : 1)) < 1e-12);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_small_grouping_is_measured_as_by_hand),
        cmocka_unit_test(measures_are_what_counting_every_pair_gives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
