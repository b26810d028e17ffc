#include "stats/near.h"

#include "base/rng.h"
#include "stats/logit.h"
#include "stats/uplift.h"

static arena a;

static int open_arena(void **state) {
    (void)state;
    a = arena_open((size_t)1 << 30);
    return 0;
}

static int close_arena(void **state) {
    (void)state;
    arena_close(&a);
    return 0;
}

// A trial: the call keeps customers of kind 0, drives away those of kind 2, and leaves the others as they are. Those
// who complain leave most, whatever one does.
typedef struct {
    double *complaints, *worth;
    int32_t *kind;
    bool *treated, *left;
    features t;
} trial;

static const double helps[] = {1.6, 0, -1.2};

static double chance(double complaints, int32_t kind, bool treated) {
    return logit_share(-1 + .5 * complaints - (treated ? helps[kind] : 0));
}

static trial make_trial(rng *r, size_t n, double held, bool fair) {
    trial t = {make(&a, double, n), make(&a, double, n), make(&a, int32_t, n),
               make(&a, bool, n),   make(&a, bool, n),   {0}};
    for (size_t i = 0; i < n; i++) {
        t.complaints[i] = (double)rng_poisson(r, 1);
        t.kind[i] = (int32_t)rng_range(r, 0, 2);
        t.worth[i] = 10000;
        t.treated[i] = !rng_chance(r, fair ? held : logit_share(1.5 * t.complaints[i] - 2));
        t.left[i] = rng_chance(r, chance(t.complaints[i], t.kind[i], t.treated[i]));
    }
    feature *f = make(&a, feature, 2);
    f[0] = (feature){.name = "complaints", .number = t.complaints};
    f[1] = (feature){.name = "kind", .class_of = t.kind, .n_classes = 3};
    t.t = (features){f, 2, n};
    return t;
}

static void it_finds_whom_the_call_keeps(void **state) {
    (void)state;
    rng r = rng_seed(105);
    trial t = make_trial(&r, 8000, .3, true);
    uplift_data d = {.table = t.t, .treated = t.treated, .left = t.left, .worth = t.worth, .cost = 300, .waves = 2};
    uplift k = uplift_fit(&a, &d);
    assert_int_equal(k.state, ESTIMATE_OK);
    assert_int_equal(k.treated + k.held, 8000);
    double error = 0, truth = 0, by_truth = 0, all = 0;
    for (size_t i = 0; i < 8000; i++) {
        double real = chance(t.complaints[i], t.kind[i], false) - chance(t.complaints[i], t.kind[i], true);
        double tau = uplift_effect(a, &k, &t.t, i);
        error += fabs(tau - real) / 8000;
        truth += uplift_treat(&k, tau, 10000) == (real * 10000 > 300);
        by_truth += MAX(0, real * 10000 - 300);
        all += real * 10000 - 300;
    }
    assert_true(error < 0.04);
    assert_true(truth > 0.97 * 8000);
    assert_true(k.effect.lo < all / 8e7 + .03 && all / 8e7 + .03 < k.effect.hi);
    assert_true(k.qini.lo > 0 && k.curve[UPLIFT_POINTS].part == 1);
    assert_near(k.curve[UPLIFT_POINTS].gain, k.effect.diff, 1e-9);
    assert_near(k.curve[0].gain, 0, 0);
    assert_true(k.curve[7].gain > k.curve[7].chance + 0.03);
    assert_true(k.gain_chosen.lo < by_truth && by_truth < k.gain_chosen.hi);
    assert_true(k.gain_all.lo < all && all < k.gain_all.hi);
    assert_true(k.gain_chosen.value > k.gain_all.value && k.gain_chosen.lo > 0);
    assert_near((double)k.chosen, 8000.0 / 3, 400);
}

// The curve against its definition, counted from the start at every point.
static void the_curve_is_its_definition(void **state) {
    (void)state;
    rng r = rng_seed(102);
    trial t = make_trial(&r, 4000, .5, true);
    uplift_data d = {.table = t.t, .treated = t.treated, .left = t.left, .waves = 5, .seed = 9};
    uplift k = uplift_fit(&a, &d);
    uplift again = uplift_fit(&a, &d);
    assert_near(k.qini.lo, again.qini.lo, 0);
    double mean = 0; // trapezoids between the points, which are coarse
    for (int i = 1; i <= UPLIFT_POINTS; i++) {
        mean +=
            (k.curve[i].gain - k.curve[i].chance + k.curve[i - 1].gain - k.curve[i - 1].chance) / (2 * UPLIFT_POINTS);
        assert_near(k.curve[i].part, (double)i / UPLIFT_POINTS, 1e-12);
        assert_near(k.curve[i].chance, k.curve[UPLIFT_POINTS].gain * i / UPLIFT_POINTS, 1e-12);
    }
    assert_near(mean, k.qini.value, 0.005);
}

static void it_refuses_what_cannot_tell(void **state) {
    (void)state;
    rng r = rng_seed(103);
    trial t = make_trial(&r, 4000, .5, false);
    uplift_data d = {.table = t.t, .treated = t.treated, .left = t.left, .cost = 1, .waves = 3};
    uplift k = uplift_fit(&a, &d);
    assert_int_equal(k.state, ESTIMATE_REFUSED);
    assert_true(strncmp(k.why, "the hold-out was not random", 27) == 0);
    assert_false(uplift_treat(&k, 1, 1e9));
    assert_near(uplift_effect(a, &k, &t.t, 0), 0, 0);
    t = make_trial(&r, 1000, .05, true);
    d = (uplift_data){.table = t.t, .treated = t.treated, .left = t.left, .waves = 3};
    k = uplift_fit(&a, &d);
    assert_int_equal(k.state, ESTIMATE_REFUSED);
    assert_true(strncmp(k.why, "of those held out, ", 19) == 0);
    t = make_trial(&r, 4000, .5, true);
    for (size_t i = 0; i < 4000; i++) t.left[i] = rng_chance(&r, .3); // a call that does nothing
    d = (uplift_data){.table = t.t, .treated = t.treated, .left = t.left, .waves = 3, .seed = 4};
    k = uplift_fit(&a, &d);
    assert_int_equal(k.state, ESTIMATE_THIN);
    assert_true(k.qini.lo < 0 && k.effect.p > 0.01);
    d.waves = 1;
    assert_string_equal(uplift_fit(&a, &d).why, "the first two waves are for learning: treat at random");
    assert_int_equal(uplift_fit(&a, &(uplift_data){0}).state, ESTIMATE_REFUSED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_finds_whom_the_call_keeps),
        cmocka_unit_test(the_curve_is_its_definition),
        cmocka_unit_test(it_refuses_what_cannot_tell),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
