#include "stats/near.h"

#include "base/rng.h"
#include "stats/proportion.h"
#include "stats/recall.h"

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

// Physicians' Health Study: 189 of 11,034 on placebo and 104 of 11,037 on aspirin had a heart attack; the ratio
// is 1.82, 95 % from 1.43 to 2.30 (Agresti 2002, Categorical Data Analysis, 3.1).
static void lift_of_aspirin(void **state) {
    (void)state;
    const lift x = lift_of(189, 11034, 104, 11037);
    assert_near(x.ratio, 1.82, .005);
    assert_near(x.lo, 1.43, .005);
    assert_near(x.hi, 2.30, .01);
    assert_true(isnan(lift_of(0, 0, 3, 10).ratio));
    const lift none = lift_of(0, 20, 5, 20);
    assert_true(none.lo > 0 && none.ratio < 1 && none.hi < 2);
}

// One part that is found, and as large a one that is not: the share is a ratio of two shares alone.
static void found_in_two_parts(void **state) {
    (void)state;
    const stratum v[] = {{1000, 40, 20}, {1000, 40, 20}};
    const estimate e = recall_found(&a, v, 2, 1, (sampling){0});
    assert_near(e.value, .5, 1e-12);
    assert_near(e.lo, 1 - e.hi, 1e-12);
    assert_int_equal(e.state, ESTIMATE_OK);
    assert_near(recall_found(&a, v, 2, 2, (sampling){0}).value, 1, 1e-12);
}

static void nobody_and_not_asked(void **state) {
    (void)state;
    const stratum none[] = {{100, 20, 0}, {1000, 20, 0}};
    assert_int_equal(recall_found(&a, none, 2, 1, (sampling){0}).state, ESTIMATE_NONE);
    const stratum part[] = {{100, 20, 5}, {1000, 0, 0}};
    assert_int_equal(recall_found(&a, part, 2, 1, (sampling){0}).state, ESTIMATE_NONE);
    const stratum missed[] = {{100, 20, 0}, {1000, 20, 5}};
    const estimate e = recall_found(&a, missed, 2, 1, (sampling){0});
    assert_near(e.value, 0, 1e-12);
    assert_true(e.hi > 0 && e.hi < .5);
    const stratum few[] = {{100, 40, 30}, {1000, 5, 0}};
    assert_int_equal(recall_found(&a, few, 2, 1, (sampling){0}).state, ESTIMATE_THIN);
    const stratum whole[] = {{7, 7, 6}, {1000, 40, 1}}; // of a part that was judged whole nothing more can be asked
    assert_int_equal(recall_found(&a, whole, 2, 1, (sampling){0}).state, ESTIMATE_OK);
}

// With few of those not found among the judged, the true recall still lies in the range in about 95 of 100 samples.
static void covers(void **state) {
    (void)state;
    static const struct {
        double size[3], p[3];
        int64_t asked[3];
    } worlds[] = {
        {{200, 2000, 20000}, {.8, .2, .01}, {40, 30, 30}},
        {{500, 1000, 4000}, {.7, .3, .05}, {40, 30, 30}},
        {{50, 300, 1500}, {.6, .25, .1}, {30, 40, 60}},
    };
    rng r = rng_seed(7);
    for (size_t w = 0; w < COUNT(worlds); w++) {
        int held = 0, rounds = 3000;
        double yes[3], all = 0;
        for (int h = 0; h < 3; h++) all += yes[h] = worlds[w].size[h] * worlds[w].p[h];
        for (int i = 0; i < rounds; i++) {
            arena scratch = a;
            stratum v[3];
            for (int h = 0; h < 3; h++) {
                v[h] = (stratum){worlds[w].size[h], worlds[w].asked[h], 0};
                // without replacement: how many of those drawn are among the yes
                double left = yes[h], of = worlds[w].size[h];
                for (int64_t k = 0; k < v[h].asked; k++, of--)
                    if (rng_chance(&r, left / of)) v[h].yes++, left--;
            }
            const estimate e = recall_found(&scratch, v, 3, 1, (sampling){0});
            held += e.state != ESTIMATE_NONE && e.lo <= yes[0] / all && yes[0] / all <= e.hi;
        }
        assert_true(held > .92 * rounds); // Wilson itself falls to that where a share is near 0
    }
}

static void weights_of_one_are_wilson(void **state) {
    (void)state;
    double w[50];
    bool hit[50];
    for (int i = 0; i < 50; i++) w[i] = 3, hit[i] = i < 20;
    const estimate e = recall_weighted(&a, w, hit, 50, (sampling){0}), plain = proportion(&a, 20, 50, (sampling){0});
    assert_near(e.lo, plain.lo, 1e-12);
    assert_near(e.hi, plain.hi, 1e-12);
    w[0] = 60; // one counts for twenty: the range is wider
    const estimate uneven = recall_weighted(&a, w, hit, 50, (sampling){0});
    assert_true(uneven.value > e.value && uneven.hi - uneven.lo > e.hi - e.lo);
    assert_int_equal(recall_weighted(&a, w, hit, 0, (sampling){0}).state, ESTIMATE_NONE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lift_of_aspirin),           cmocka_unit_test(found_in_two_parts),
        cmocka_unit_test(nobody_and_not_asked),      cmocka_unit_test(covers),
        cmocka_unit_test(weights_of_one_are_wilson),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
