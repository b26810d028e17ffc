#include "stats/near.h"

#include "base/rng.h"
#include "stats/contingency.h"

// Agresti 2007, table 2.5 (party by gender); Snee 1974 (hair by eye colour); R: chisq.test, and G by its formula.
static void tables_agree_with_published_values(void **state) {
    (void)state;
    static const int64_t party[] = {762, 327, 468, 484, 239, 477};
    contingency c = contingency_of(party, 2, 3);
    assert_near(c.chisq, 30.0701490958, 1e-9);
    assert_near(c.p, 2.95358918321e-07, 1e-17);
    assert_near(c.g, 30.0166926132, 1e-9);
    assert_int_equal(c.df, 2);
    assert_int_equal(c.state, ESTIMATE_OK);
    static const int64_t hair[] = {68, 20, 15, 5, 119, 84, 54, 29, 26, 17, 14, 14, 7, 94, 10, 16};
    c = contingency_of(hair, 4, 4);
    assert_near(c.chisq, 138.289841626, 1e-8);
    assert_near(c.g, 146.443578465, 1e-8);
    assert_int_equal(c.df, 9);
    assert_near(c.v, 0.279, PRINTED(3));
    static const int64_t smokers[] = {83, 3, 90, 3, 129, 7, 70, 12}; // Fleiss 1981, as in R's prop.test
    c = contingency_of(smokers, 4, 2);
    assert_near(c.chisq, 12.6004112971, 1e-9);
    assert_near(c.p, 0.00558547666163, 1e-12);
}

// Mendel 1866: 315 round yellow, 108 round green, 101 wrinkled yellow, 32 wrinkled green peas.
static void mendels_peas(void **state) {
    (void)state;
    contingency c = contingency_fit((int64_t[]){315, 108, 101, 32}, (double[]){9, 3, 3, 1}, 4);
    assert_near(c.chisq, 0.470023980815, 1e-11);
    assert_near(c.p, 0.925425895104, 1e-11);
    assert_near(c.g, 0.475445238998, 1e-11);
    c = contingency_fit((int64_t[]){423, 133}, (double[]){.75, .25}, 2);
    assert_near(c.chisq, 0.345323741007, 1e-11);
    assert_near(c.g, 0.348721725588, 1e-11);
}

static void it_says_when_counts_are_too_few(void **state) {
    (void)state;
    assert_int_equal(contingency_of((int64_t[]){3, 1, 1, 4}, 2, 2).state, ESTIMATE_THIN);
    contingency c = contingency_of((int64_t[]){10, 0, 12, 20, 0, 3, 0, 0, 0}, 3, 3); // empty lines are no lines
    assert_int_equal(c.df, 1);
    assert_true(isnan(contingency_of((int64_t[]){0, 0, 5, 6}, 2, 2).p));
    assert_true(isnan(contingency_of((int64_t[]){5, 0, 6, 0}, 2, 2).p));
    assert_true(isnan(contingency_of(NULL, 0, 0).p));
    assert_true(isnan(contingency_fit((int64_t[]){0, 0}, (double[]){1, 1}, 2).p));
    assert_near(contingency_fit((int64_t[]){9, 1, 5}, (double[]){1, 0, 1}, 3).p, 0, 0);
}

// Under the null both tests reject one time in twenty.
static void the_level_holds(void **state) {
    (void)state;
    rng r = rng_seed(121);
    int alarms[2] = {0}, rounds = 4000;
    for (int round = 0; round < rounds; round++) {
        int64_t n[6] = {0};
        for (int i = 0; i < 300; i++) n[3 * (i % 2) + (int)rng_range(&r, 0, 2)]++;
        contingency c = contingency_of(n, 2, 3);
        alarms[0] += c.p < .05, alarms[1] += c.g_p < .05;
    }
    assert_near((double)alarms[0] / rounds, .05, .012);
    assert_near((double)alarms[1] / rounds, .05, .012);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_agree_with_published_values),
        cmocka_unit_test(mendels_peas),
        cmocka_unit_test(it_says_when_counts_are_too_few),
        cmocka_unit_test(the_level_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
