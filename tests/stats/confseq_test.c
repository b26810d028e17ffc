#include "stats/near.h"

#include "base/rng.h"
#include "stats/confseq.h"
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

// The tests of the authors' own implementation, whose targets are from another of theirs in R.
static void boundaries_agree_with_the_authors(void **state) {
    (void)state;
    assert_near(confseq_normal(100, .05, 100), 30.35209, 1e-5);
    assert_near(confseq_gamma_log(10, 100, 100, 2, .05), -0.2490165, 1e-7);
    assert_near(confseq_gamma(100, .05, 100, 2, .05), 33.02017, 1e-5);
    assert_near(confseq_stitched(100, .05, 10, 3), 64.48755, 1e-5);
    assert_near(confseq_stitched(100, .05, 10, -1), 28.99389, 1e-5);
    assert_true(isfinite(confseq_gamma(1e7, .025, 100, 1, .025)));
    assert_true(isfinite(confseq_gamma(0, .025, 1e6, 40, .025)));
}

static void shares_agree_with_the_authors(void **state) {
    (void)state;
    static const struct {
        int64_t hits, n, plan;
        double lo, hi;
    } rows[] = {{700, 1000, 100, 0.651629, 0.745949},
                {15, 50, 50, 0.129556, 0.511896},
                {5, 50, 50, 0.013021, 0.269264},
                {1, 50, 50, 0, 0.13489},
                {1, 2, 50, 0, 1},
                {100, 200, 1, 0.328923, 0.671076},
                {0, 1, 50, 0, 1},
                {1, 1, 50, 0, 1}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        estimate e = confseq_share(&a, rows[i].hits, rows[i].n, rows[i].plan);
        assert_near(e.lo, rows[i].lo, 2e-6);
        assert_near(e.hi, rows[i].hi, 2e-6);
    }
    assert_int_equal(confseq_share(&a, 0, 0, 0).state, ESTIMATE_NONE);
    estimate e = confseq_share(&a, 0, 100000, 0);
    assert_true(e.lo == 0 && e.hi < 2e-4);
}

// Looking after every answer: the intervals that hold always do, and the ordinary one does not by far.
static void they_hold_at_every_look(void **state) {
    (void)state;
    rng r = rng_seed(141);
    int wrong[4] = {0}, rounds = 250;
    for (int round = 0; round < rounds; round++) {
        arena kept = a;
        confseq_mean m = {.low = 0, .high = 10, .plan = 200};
        confseq_effect t = {.low = 0, .high = 1, .chance = .3, .plan = 200};
        int64_t hits = 0;
        bool missed[4] = {0};
        for (int n = 1; n <= 600; n++) {
            hits += rng_chance(&r, .2);
            confseq_add(&m, 10 * rng_beta(&r, 2, 5));
            bool treated = rng_chance(&r, .3);
            confseq_try(&t, treated, rng_chance(&r, treated ? .35 : .25));
            if (n % 10) continue; // a look
            estimate share = confseq_share(&a, hits, n, 200), mean = confseq_mean_now(&a, &m);
            change c = confseq_effect_now(&t);
            double lo, hi;
            proportion_wilson((double)hits / n, n, Z95, &lo, &hi);
            missed[0] |= !(share.lo <= .2 && .2 <= share.hi);
            missed[1] |= !(mean.lo <= 20.0 / 7 && 20.0 / 7 <= mean.hi);
            missed[2] |= !(c.lo <= .1 && .1 <= c.hi);
            missed[3] |= !(lo <= .2 && .2 <= hi);
        }
        for (int k = 0; k < 4; k++) wrong[k] += missed[k];
        a = kept;
    }
    for (int k = 0; k < 3; k++) assert_true(wrong[k] <= .07 * rounds);
    assert_true(wrong[3] > .15 * rounds);
}

static void they_are_not_much_wider(void **state) {
    (void)state;
    rng r = rng_seed(142);
    confseq_mean m = {.low = 0, .high = 1, .plan = 1000};
    for (int i = 0; i < 1000; i++) confseq_add(&m, rng_beta(&r, 3, 3));
    estimate e = confseq_mean_now(&a, &m);
    double plain = Z95 * sqrt(e.var);
    assert_true(e.hi - e.value > 1.3 * plain && e.hi - e.value < 2 * plain);
    estimate s = confseq_share(&a, 200, 1000, 1000);
    plain = Z95 * sqrt(.16 / 1000);
    assert_true(s.hi - s.value > 1.3 * plain && s.hi - s.value < 1.7 * plain);
    confseq_add(&m, 99); // outside: taken as the nearest
    assert_true(confseq_mean_now(&a, &m).hi < 1);
    assert_int_equal(confseq_mean_now(&a, &(confseq_mean){.high = 1}).state, ESTIMATE_NONE);
}

// The authors' example of a treatment: its first hundred outcomes. They expect 0 of an arm that nobody was in yet and
// we one half, which moves the first steps a little.
static void an_effect_is_nearly_the_authors(void **state) {
    (void)state;
    static const char y[] =
        "1001010001000010100011111010000101100100000010010000000000100000010000001101000000000100010000011010";
    static const char w[] =
        "1000010011100100101101100100010101111001111010011100101100111110010111100000010100001110010010010001";
    confseq_effect s = {.low = 0, .high = 1, .chance = .5, .plan = 50};
    for (int i = 0; i < 100; i++) confseq_try(&s, w[i] == '1', y[i] == '1');
    change c = confseq_effect_now(&s);
    assert_near(c.diff, 0.1068, 0.01);
    assert_near(c.hi, 0.5687, 0.01);
    assert_near(c.lo, -0.3550, 0.01);
    assert_near(c.p, 1, 0);
    rng r = rng_seed(143);
    for (int i = 0; i < 5000; i++) {
        bool treated = rng_chance(&r, .5);
        confseq_try(&s, treated, rng_chance(&r, treated ? .4 : .2));
    }
    c = confseq_effect_now(&s);
    assert_true(c.lo > 0 && c.p < 1e-6);
    confseq_effect money = {.low = -100, .high = 300, .chance = .5};
    confseq_try(&money, true, 50);
    c = confseq_effect_now(&money);
    assert_near(c.hi, 400, 1e-9);
    assert_near(c.lo, -400, 1e-9);
    assert_true(confseq_effect_now(&(confseq_effect){.chance = .5}).method == NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(boundaries_agree_with_the_authors), cmocka_unit_test(shares_agree_with_the_authors),
        cmocka_unit_test(they_hold_at_every_look),           cmocka_unit_test(they_are_not_much_wider),
        cmocka_unit_test(an_effect_is_nearly_the_authors),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
