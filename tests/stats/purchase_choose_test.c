#include "stats/near.h"

#include "stats/purchases.h"

static arena a;

static int open_arena(void **state) {
    (void)state;
    a = arena_open((size_t)4 << 30);
    return 0;
}

static int close_arena(void **state) {
    (void)state;
    arena_close(&a);
    return 0;
}

static const purchase_trial *trial(const purchase_backtest *b, const char *name) {
    for (size_t i = 0; i < b->n; i++)
        if (strcmp(b->trial[i].name, name) == 0) return &b->trial[i];
    fail_msg("no trial of %s", name);
    return NULL;
}

// What four programs reach on the 39 weeks held out, and a naive rate beside them.
static void the_back_test_of_cdnow(void **state) {
    (void)state;
    test_need_data(dir);
    static const struct {
        bool sample;
        const char *name;
        double bias, mae, rmse, auc;
    } w[] = {{true, "the same pace goes on", 55.7, 1.0237, 2.2119, 0.7598},
             {true, "NBD", 55.7, 1.0410, 1.8595, 0.7738},
             {true, "BG/NBD", -12.2, 0.7854, 1.6080, 0.7725},
             {true, "MBG/NBD", -16.2, 0.7648, 1.6072, 0.7728},
             {true, "Pareto/NBD", -11.5, 0.7545, 1.6029, 0.7787},
             {false, "the same pace goes on", 47.4, 1.0380, 2.1582, 0.7538},
             {false, "NBD", 47.4, 1.0546, 1.8594, 0.7602},
             {false, "BG/NBD", -14.3, 0.8187, 1.7329, 0.7630},
             {false, "MBG/NBD", -19.1, 0.7945, 1.7396, 0.7651},
             {false, "Pareto/NBD", -12.9, 0.7938, 1.7262, 0.7687}};
    purchase_backtest test[2];
    for (int sample = 0; sample < 2; sample++) {
        purchase_log log = cdnow(&a, dir, sample);
        purchase_people *p = make(&a, purchase_people, 1);
        *p = purchase_summarise(&a, &log, CDNOW_SPLIT, NULL);
        test[sample] = purchase_test(&a, p, 0);
        assert_int_equal(test[sample].actual, sample ? 1882 : 19684);
        assert_near(test[sample].actual_money / 100, sample ? 70976.39 : 776961.13, 0.005);
        assert_near(test[sample].held, 39, 0);
        assert_int_equal(test[sample].n_models, 4); // no rhythm shows in CDs
        assert_int_equal(test[sample].n, 6);
        assert_string_equal(test[sample].trial[0].name, "MBG/NBD");
        for (size_t i = 0; i + 1 < test[sample].n_models; i++)
            assert_true(test[sample].trial[i].score >= test[sample].trial[i + 1].score);
        assert_true(trial(&test[sample], "NBD")->behind > 4 * trial(&test[sample], "NBD")->error);
    }
    for (size_t i = 0; i < COUNT(w); i++) {
        const purchase_trial *t = trial(&test[w[i].sample], w[i].name);
        assert_near_at(w[i].name, 100 * t->bias, w[i].bias, 0.06);
        assert_near_at(w[i].name, t->mae, w[i].mae, 0.6e-4);
        assert_near_at(w[i].name, t->rmse, w[i].rmse, 0.6e-4);
        assert_near_at(w[i].name, t->auc, w[i].auc, 0.6e-4);
    }
    assert_string_equal(test[1].said, "MBG/NBD foretold the time held out best (log score -0.9821 a customer), BG/NBD "
                                      "about as well (-0.9845).");
}

static void the_whole_way_from_a_log(void **state) {
    (void)state;
    test_need_data(dir);
    purchase_log log = cdnow(&a, dir, true);
    purchase_best b = purchase_choose(&a, &log, (purchase_ask){.hold = 273});
    assert_int_equal(b.fit.state, ESTIMATE_OK);
    assert_string_equal(b.fit.name, "MBG/NBD");
    assert_int_equal(b.people.n, 2357);
    assert_int_equal(b.fit.size.purchases, 2457 + 1882); // fitted anew on all
    assert_int_equal(b.spend.state, ESTIMATE_OK);
    assert_non_null(strstr(b.said, "MBG/NBD foretold the time held out best"));
    purchase_set *s = purchase_group(&a, &b.people);
    purchase_totals t = purchase_predict_all(&a, &b.fit, &b.spend, s, (purchase_terms){.horizon = 52}, NULL);
    assert_true(t.buys.value > 1000 && t.value.lo < t.value.value);
    // Without a word about it a third is held out.
    b = purchase_choose(&a, &log, (purchase_ask){0});
    assert_near(b.test.held, 182.0 / 7, 0.2);
    // From summaries with what came later the same model, fitted on what came before.
    purchase_people p = purchase_summarise(&a, &log, CDNOW_SPLIT, NULL);
    b = purchase_choose_of(&a, &p, 0);
    assert_string_equal(b.fit.name, "MBG/NBD");
    assert_near(b.fit.loglik, -9582.135716, 1e-6);
    // From summaries alone by AIC.
    p.later = NULL, p.held = 0;
    b = purchase_choose_of(&a, &p, 0);
    assert_string_equal(b.fit.name, "MBG/NBD");
    assert_int_equal(b.test.n, 0);
    assert_non_null(strstr(b.said, "describes what was seen best (AIC); nothing was held out"));
    b = purchase_choose_of(&a, &p, 1u << PURCHASE_NBD | 1u << PURCHASE_PARETO);
    assert_string_equal(b.fit.name, "Pareto/NBD");
}

static void a_shop_that_nobody_leaves(void **state) {
    (void)state;
    test_need_data(dir);
    purchase_log log = online_retail(&a, dir, false);
    unsigned plain = 1u << PURCHASE_NBD | 1u << PURCHASE_PARETO | 1u << PURCHASE_BG;
    purchase_best b = purchase_choose(&a, &log, (purchase_ask){.hold = 100, .models = plain});
    assert_string_equal(b.fit.name, "NBD");
    assert_int_equal(b.test.n_models, 1); // the others end at the same place and are not shown thrice
    assert_non_null(strstr(b.said, "no sign that anybody has left for good"));
}

// The model that made the data is found, or one that is as good; and its total holds what happened.
static void the_model_that_made_the_data_scores_best(void **state) {
    (void)state;
    static const nature w[] = {{PURCHASE_PARETO, 1, {1.5, 6, 0.7, 8}, 30, 0},
                               {PURCHASE_BG, 1, {0.5, 3, 1.2, 2}, 30, 0},
                               {PURCHASE_MBG, 1, {2, 6, 1, 2}, 30, 0},
                               {PURCHASE_MBG, 3, {2, 2, 1, 2}, 30, 0}};
    for (size_t i = 0; i < COUNT(w); i++) {
        rng r = rng_fork(82, i);
        arena before = a;
        folk f = folk_new(&a, 5000);
        for (int k = 0; k < 5000; k++) folk_live(&f, &r, &w[i], 20 + 30 * rng_unit(&r));
        purchase_people p = people_of(&f, 30);
        purchase_backtest b = purchase_test(&a, &p, 0);
        const purchase_trial *best = &b.trial[0];
        bool same = best->fit.model == w[i].model && best->fit.k == w[i].k;
        for (size_t k = 0; k < b.n_models && !same; k++)
            same = b.trial[k].fit.model == w[i].model && b.trial[k].fit.k == w[i].k &&
                   b.trial[k].behind < 2 * b.trial[k].error;
        if (!same) fail_msg("model %d k %d: %s", w[i].model, w[i].k, b.said);
        if (w[i].k > 1) assert_int_equal(best->fit.k, w[i].k);
        a = before;
    }
}

static void what_cannot_be_judged_is_said(void **state) {
    (void)state;
    rng r = rng_seed(83);
    folk f = folk_new(&a, 600);
    nature w = {PURCHASE_BG, 1, {0.3, 20, 0.8, 2}, 20, 0};
    for (int i = 0; i < 60; i++) folk_live(&f, &r, &w, 30);
    purchase_people p = people_of(&f, 20);
    purchase_backtest b = purchase_test(&a, &p, 0);
    assert_int_equal(b.n_models, 0);
    assert_int_equal(b.n, 2);
    assert_non_null(strstr(b.said, "No model could be fitted: 20 customers who bought again are needed"));
    purchase_best best = purchase_choose_of(&a, &p, 0);
    assert_int_equal(best.fit.state, ESTIMATE_REFUSED);
    assert_non_null(strstr(best.said, "No model could be fitted"));
    p.later = NULL;
    b = purchase_test(&a, &p, 0);
    assert_int_equal(b.n, 0);
    assert_string_equal(b.said, "Nothing was held out to judge the models by.");
    best = purchase_choose(&a, &(purchase_log){0}, (purchase_ask){0});
    assert_int_equal(best.fit.state, ESTIMATE_REFUSED);
    assert_int_equal(best.people.n, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_back_test_of_cdnow),        cmocka_unit_test(the_whole_way_from_a_log),
        cmocka_unit_test(a_shop_that_nobody_leaves),     cmocka_unit_test(the_model_that_made_the_data_scores_best),
        cmocka_unit_test(what_cannot_be_judged_is_said),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
