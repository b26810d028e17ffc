#include "stats/near.h"

#include "stats/purchases.h"

// Customers are made up from known parameters again and again: intervals must hold the truth, and totals what then
// happens, about 95 times in 100. bench/value does the same 200 times for every model, with more customers.

static const nature NATURES[] = {
    {PURCHASE_NBD, 1, {0.6, 8}, 39, 0},          {PURCHASE_PARETO, 1, {0.8, 8, 0.8, 12}, 39, 0},
    {PURCHASE_BG, 1, {0.5, 4, 0.8, 2.5}, 39, 0}, {PURCHASE_MBG, 1, {0.8, 6, 0.7, 2}, 39, 0},
    {PURCHASE_MBG, 2, {0.8, 3, 0.7, 2}, 39, 0},
};

// The share of `asked` that is 95 % but for chance: three standard deviations, wider where intervals go together.
static void about_95(const char *what, int inside, int asked, double together) {
    double share = (double)inside / asked, sd = sqrt(0.95 * 0.05 * together / asked);
    if (fabs(share - 0.95) > 3 * sd + 0.01) fail_msg("%s: %d of %d are inside", what, inside, asked);
}

static void intervals_hold_the_truth(void **state) {
    (void)state;
    enum { ROUNDS = 80, CUSTOMERS = 1200 };
    arena a = arena_open((size_t)1 << 30);
    for (size_t w = 0; w < COUNT(NATURES); w++) {
        int inside = 0, asked = 0, totals = 0, buyers = 0, fits = 0;
        const char *name = "";
        for (int round = 0; round < ROUNDS; round++) {
            arena scratch = a;
            rng r = rng_fork(91 + w, (uint64_t)round);
            folk f = folk_new(&scratch, CUSTOMERS);
            double bought = 0, again = 0;
            for (int i = 0; i < CUSTOMERS; i++) {
                folk_live(&f, &r, &NATURES[w], 20 + 5.0 * (i % 7));
                bought += f.later[i], again += f.later[i] > 0;
            }
            purchase_people p = people_of(&f, 39);
            purchase_set *s = purchase_group(&scratch, &p);
            purchase_fit fit = purchase_fit_model(&scratch, s, NATURES[w].model, (purchase_how){.k = NATURES[w].k});
            if (fit.boundary) continue;
            for (int k = 0; k < fit.n; k++, asked++)
                inside += fit.param[k].lo <= NATURES[w].p[k] && NATURES[w].p[k] <= fit.param[k].hi;
            purchase_totals t = purchase_predict_all(&scratch, &fit, NULL, s, (purchase_terms){.horizon = 39}, NULL);
            totals += t.buys.lo <= bought && bought <= t.buys.hi;
            buyers += t.buyers.lo <= again && again <= t.buyers.hi;
            fits++, name = fit.name;
        }
        assert_true(fits > ROUNDS - 4);
        about_95(name, inside, asked, asked / fits);
        about_95(name, totals, fits, 1);
        about_95(name, buyers, fits, 1);
    }
    arena_close(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intervals_hold_the_truth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
