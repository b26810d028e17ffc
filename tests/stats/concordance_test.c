#include "stats/near.h"

#include "base/rng.h"
#include "stats/concordance.h"
#include "stats/order.h"

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

static void the_order_is_that_of_sorting(void **state) {
    (void)state;
    rng r = rng_seed(1);
    static const double odd[] = {0.0, -0.0, INFINITY, -INFINITY, NAN, 1e-310, -1e-310, 5};
    double x[500];
    uint32_t at[500];
    for (int i = 0; i < 500; i++) x[i] = rng_chance(&r, .2) ? odd[rng_range(&r, 0, 7)] : rng_normal(&r, 0, 1e3);
    order_of(a, x, 500, at);
    for (int i = 1; i < 500; i++) {
        double before = x[at[i - 1]], now = x[at[i]];
        assert_true(isnan(now) || before <= now);
        if (before == now || (isnan(before) && isnan(now))) assert_true(at[i - 1] < at[i]);
    }
}

// Every pair, looked at one by one.
static concordance slow(const stay *x, const double *risk, const int32_t *stratum, size_t n, double *good,
                        double *all) {
    concordance c = {0};
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            if (i == j || stratum[i] != stratum[j] || !x[i].ended || isnan(risk[i]) || isnan(risk[j])) continue;
            bool first = x[i].time < x[j].time || (x[i].time == x[j].time && !x[j].ended);
            if (!first || (x[j].enter > 0 && x[j].enter >= x[i].time)) continue;
            double wi = (double)MAX(x[i].count, 1), wj = (double)MAX(x[j].count, 1);
            double agrees = risk[i] > risk[j] ? 1 : risk[i] == risk[j] ? 0.5 : 0;
            *(agrees == 1 ? &c.concordant : agrees == 0 ? &c.discordant : &c.tied) += wi * wj;
            good[i] += wj * agrees, good[j] += wi * agrees, all[i] += wj, all[j] += wi;
        }
    }
    double pairs = c.concordant + c.discordant + c.tied;
    c.value.value = (c.concordant + c.tied / 2) / pairs;
    for (size_t i = 0; i < n; i++) {
        double u = (good[i] - c.value.value * all[i]) / pairs;
        c.value.var += (double)MAX(x[i].count, 1) * u * u;
    }
    return c;
}

static void it_is_what_counting_pairs_gives(void **state) {
    (void)state;
    rng r = rng_seed(2);
    for (int round = 0; round < 200; round++) {
        stay x[50];
        double risk[50], good[50] = {0}, all[50] = {0};
        int32_t stratum[50];
        size_t n = (size_t)rng_range(&r, 1, 50);
        for (size_t i = 0; i < n; i++) {
            double enter = rng_chance(&r, .4) ? (double)rng_range(&r, 0, 8) : 0;
            x[i] = (stay){enter + (double)rng_range(&r, 1, 12), rng_chance(&r, .6), enter, rng_range(&r, 0, 3)};
            risk[i] = rng_chance(&r, .05) ? NAN : (double)rng_range(&r, -4, 4);
            stratum[i] = (int32_t)rng_range(&r, 0, 2);
        }
        concordance want = slow(x, risk, stratum, n, good, all), got = concordance_of(a, x, risk, stratum, n);
        assert_near(got.concordant, want.concordant, 1e-9);
        assert_near(got.discordant, want.discordant, 1e-9);
        assert_near(got.tied, want.tied, 1e-9);
        if (isnan(want.value.value)) {
            assert_int_equal(got.value.state, ESTIMATE_REFUSED);
            continue;
        }
        assert_near(got.value.value, want.value.value, 1e-12);
        assert_near(got.value.var, want.value.var, 1e-12);
        assert_true(got.value.lo <= got.value.value && got.value.value <= got.value.hi);
    }
}

// Hanley & McNeil 1982, Radiology 143: 109 CT images on a scale of five; W = .893, standard error .032 by their
// normal model and .0307 by DeLong's.
static void the_radiologist_of_hanley_and_mcneil(void **state) {
    (void)state;
    static const int normal[] = {33, 6, 6, 11, 2}, abnormal[] = {3, 2, 2, 11, 33};
    double risk[109];
    bool sick[109];
    size_t n = 0;
    for (int mark = 0; mark < 5; mark++) {
        for (int i = 0; i < normal[mark] + abnormal[mark]; i++) {
            sick[n] = i < abnormal[mark];
            risk[n++] = mark + 1;
        }
    }
    concordance c = concordance_auc(a, risk, sick, n);
    assert_near(c.value.value, 0.893, PRINTED(3));
    assert_near(sqrt(c.value.var), 0.0307, 0.0004);
    assert_int_equal(c.value.n, 109);
    assert_int_equal(concordance_auc(a, risk, (bool[109]){0}, n).value.state, ESTIMATE_REFUSED);
    assert_int_equal(concordance_auc(a, NULL, NULL, 0).value.state, ESTIMATE_REFUSED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_order_is_that_of_sorting),
        cmocka_unit_test(it_is_what_counting_pairs_gives),
        cmocka_unit_test(the_radiologist_of_hanley_and_mcneil),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
