#include "stats/near.h"

#include "base/csv.h"
#include "base/input.h"
#include "base/rng.h"
#include "stats/churn.h"
#include "stats/logit.h"

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

enum { TELCO = 6000, COLUMNS = 19, SEEN = 8 };

// A column of classes in the order of first sight.
static int32_t class_of(feature *f, str name) {
    const char **classes = (const char **)(uintptr_t)f->classes;
    for (int32_t k = 0; k < f->n_classes; k++) {
        if (str_eq(str_c(classes[k]), name)) return k;
    }
    assert_true(f->n_classes < SEEN);
    classes[f->n_classes] = str_z(&a, name);
    return f->n_classes++;
}

// The customers of a phone company: columns 2 to 20 are known of them, the last says who left.
static features load(const char *dir, bool **left) {
    err e = {0};
    input *in = NULL;
    assert_ok(input_open(&in, str_z(&a, str_fmt(&a, "%s/clv/telco_A/telco_A.csv", dir)), &e), e);
    csv *c = csv_open(&a, input_read, in, (csv_opts){0});
    csv_row row;
    assert_true(csv_next(c, &row, &e));
    feature *f = make(&a, feature, COLUMNS);
    *left = make(&a, bool, TELCO);
    for (int j = 0; j < COLUMNS; j++) {
        f[j].name = str_z(&a, row.cells[j + 1]);
        bool number = j == 1 || j == 4 || j == 17 || j == 18;
        if (number) f[j].number = make(&a, double, TELCO);
        if (!number) f[j].class_of = make(&a, int32_t, TELCO);
        f[j].classes = make(&a, const char *, SEEN);
    }
    size_t n = 0;
    for (; csv_next(c, &row, &e); n++) {
        for (int j = 0; j < COLUMNS; j++) {
            double v = NAN;
            if (f[j].number) {
                bool known = str_f64(row.cells[j + 1], &v);
                ((double *)(uintptr_t)f[j].number)[n] = known ? v : (double)NAN;
            } else {
                ((int32_t *)(uintptr_t)f[j].class_of)[n] = class_of(&f[j], row.cells[j + 1]);
            }
        }
        (*left)[n] = str_eq(row.cells[20], S("Yes"));
    }
    input_close(in);
    return (features){f, COLUMNS, n};
}

// Ten folds of equally many leavers; what each model says of the fold that it did not see.
static void cross(const features *t, const bool *left, enum churn_learner only, double *said, int *together) {
    uint32_t *rows = make(&a, uint32_t, t->n), *in = make(&a, uint32_t, t->n);
    size_t m = 0;
    for (int group = 0; group < 2; group++) {
        size_t from = m;
        for (size_t i = 0; i < t->n; i++) {
            if (left[i] == group) rows[m++] = (uint32_t)i;
        }
        rng dice = rng_seed(1);
        rng_shuffle(&dice, rows + from, m - from, sizeof *rows);
    }
    for (size_t fold = 0; fold < 10; fold++) {
        arena own = a;
        size_t n = 0;
        bool *gone = make(&own, bool, t->n);
        for (size_t i = 0; i < t->n; i++) {
            if (i % 10 != fold) gone[n] = left[rows[i]], in[n++] = rows[i];
        }
        churn k = churn_fit(&own, &(churn_data){.table = features_pick(&own, t, in, n), .left = gone, .only = only});
        assert_int_equal(k.state, ESTIMATE_OK);
        *together += k.learner == CHURN_TOGETHER;
        for (size_t i = fold; i < t->n; i += 10) said[rows[i]] = churn_risk(own, &k, t, rows[i]).value;
    }
}

// Issue and data's SOURCE.md: logistic .41499/.84885, xgboost .40889/.85219 (log loss/AUC, 10-fold).
static void the_phone_company_is_told_better_than_by_others(void **state) {
    (void)state;
    test_need_data(dir);
    bool *left;
    features t = load(dir, &left);
    assert_int_equal(t.n, 5209);
    double *said = make(&a, double, t.n);
    int together = 0;
    cross(&t, left, CHURN_ANY, said, &together);
    reliability r = reliability_of(&a, said, left, t.n, 10);
    print_message("log loss %.5f AUC %.5f ECE %.4f Brier %.5f, trees in %d of 10\n", r.loss.value, r.auc.value.value,
                  r.ece, r.brier.value, together);
    assert_int_equal(r.hits, 1394);
    assert_true(r.loss.value <= 0.4109);
    assert_true(r.auc.value.value >= 0.8500);
    assert_true(r.ece <= 0.02);
    assert_true(reliability_ece_wide(said, left, t.n, 10) <= 0.02);
    assert_true(r.brier.value <= 0.1329);
}

static void its_reasons_add_up_and_its_own_scores_hold(void **state) {
    (void)state;
    test_need_data(dir);
    bool *left;
    features t = load(dir, &left);
    for (int only = CHURN_LOGISTIC; only <= CHURN_BOOSTED; only++) {
        arena kept = a;
        churn_data d = {.table = t, .left = left, .only = (enum churn_learner)only, .seed = 3};
        churn k = churn_fit(&a, &d), again = only == CHURN_BOOSTED ? churn_fit(&a, &d) : k;
        assert_int_equal(k.suspect, -1);
        assert_int_equal(k.learner, only);
        assert_int_equal(k.parameters, 40);
        assert_true(k.seen.loss.value < 0.4160 && k.seen.auc.value.value > 0.845 && k.seen.ece < 0.02);
        reliability inside = churn_score(&a, &k, &t, left);
        assert_true(inside.loss.value < k.seen.loss.value); // what it learned from flatters it
        for (size_t i = 0; i < t.n; i += 97) {
            churn_reason r[COLUMNS];
            estimate e = churn_risk(a, &k, &t, i);
            size_t n = churn_reasons(a, &k, &t, i, r, COLUMNS);
            assert_near(e.value, churn_risk(a, &again, &t, i).value, 0);
            assert_true(e.lo <= e.value && e.value <= e.hi && e.hi - e.lo < 0.2);
            double sum = k.base, odds = churn_odds(a, &k, &t, i);
            for (size_t j = 0; j < n; j++) {
                sum += r[j].odds;
                assert_true(j == 0 || fabs(r[j].odds) <= fabs(r[j - 1].odds));
                double without = calibrate(&k.line, odds - r[j].odds);
                assert_near(r[j].points, 100 * (e.value - without), 1e-9);
                assert_true((r[j].points > 0) == (r[j].odds > 0));
            }
            churn_reason first[3];
            size_t three = churn_reasons(a, &k, &t, i, first, 3);
            for (size_t j = 0; j < three; j++) assert_int_equal(first[j].of, r[j].of);
            if (n == COLUMNS) assert_near(sum, odds, 1e-9);
        }
        a = kept;
    }
}

// A made-up shop: who leaves depends on the number of visits, on the kind of contract, and on one class only when
// another is of one kind.
typedef struct {
    double *visits, *noise;
    int32_t *kind, *side;
    bool *left;
    features t;
} shop;

static shop make_shop(rng *r, size_t n, double pair) {
    shop s = {make(&a, double, n),  make(&a, double, n), make(&a, int32_t, n),
              make(&a, int32_t, n), make(&a, bool, n),   {0}};
    static const char *const names[] = {"A", "B", "C"};
    for (size_t i = 0; i < n; i++) {
        s.visits[i] = rng_chance(r, .1) ? (double)NAN : floor(rng_exp(r, .2));
        s.noise[i] = rng_normal(r, 0, 1);
        s.kind[i] = (int32_t)rng_range(r, 0, 2);
        s.side[i] = (int32_t)rng_range(r, 0, 1);
        double odds = -1 - (isnan(s.visits[i]) ? -1 : .15 * s.visits[i]) + .8 * (s.kind[i] == 2);
        odds += pair * ((s.kind[i] == 1) == (s.side[i] == 1) ? 1 : -1);
        s.left[i] = rng_chance(r, logit_share(odds));
    }
    feature *f = make(&a, feature, 4);
    f[0] = (feature){.name = "visits", .number = s.visits};
    f[1] = (feature){.name = "noise", .number = s.noise};
    f[2] = (feature){.name = "kind", .class_of = s.kind, .classes = names, .n_classes = 3};
    f[3] = (feature){.name = "side", .class_of = s.side, .classes = names, .n_classes = 2};
    s.t = (features){f, 4, n};
    return s;
}

static void trees_come_in_only_where_they_are_better(void **state) {
    (void)state;
    rng r = rng_seed(81);
    shop plain = make_shop(&r, 4000, 0), pairs = make_shop(&r, 4000, 1.2);
    churn k = churn_fit(&a, &(churn_data){.table = plain.t, .left = plain.left});
    assert_int_equal(k.learner, CHURN_LOGISTIC);
    assert_true(strncmp(k.told, "a logistic regression; boosted trees are not measurably better", 62) == 0);
    shop later = make_shop(&r, 4000, 0);
    reliability fresh = churn_score(&a, &k, &later.t, later.left);
    assert_near(fresh.loss.value, k.seen.loss.value, 0.03);
    assert_true(fresh.ece < 0.03);
    k = churn_fit(&a, &(churn_data){.table = pairs.t, .left = pairs.left});
    assert_int_equal(k.learner, CHURN_BOOSTED);
    assert_true(k.race.boosted.hi < 0 && k.race.loss[CHURN_BOOSTED] < k.race.loss[CHURN_LOGISTIC] - .03);
    later = make_shop(&r, 4000, 1.2);
    fresh = churn_score(&a, &k, &later.t, later.left);
    assert_near(fresh.loss.value, k.seen.loss.value, 0.03);
}

static void what_is_only_noise_tells_nothing(void **state) {
    (void)state;
    rng r = rng_seed(82);
    shop s = make_shop(&r, 3000, 0);
    for (size_t i = 0; i < s.t.n; i++) s.left[i] = rng_chance(&r, .2);
    churn k = churn_fit(&a, &(churn_data){.table = s.t, .left = s.left});
    assert_int_equal(k.state, ESTIMATE_OK);
    assert_true(k.seen.auc.value.lo < 0.5 && k.seen.auc.value.hi < 0.56);
    assert_true(k.seen.loss.value < k.seen.loss_base + 0.01 && k.seen.ece < 0.03);
}

// A customer who comes ten times is known by a trait; only folds of whole customers show that it tells nothing new.
static void customers_stay_in_one_fold(void **state) {
    (void)state;
    rng r = rng_seed(83);
    enum { WHO = 300, TIMES = 10, N = WHO * TIMES };
    double *trait = make(&a, double, N);
    int64_t *customer = make(&a, int64_t, N);
    bool *left = make(&a, bool, N);
    for (int i = 0; i < N; i++) {
        rng own = rng_fork(5, (uint64_t)(i % WHO));
        customer[i] = 1000 + i % WHO;
        trait[i] = rng_normal(&own, 0, 1);
        left[i] = rng_chance(&own, .3);
    }
    feature f = {.name = "trait", .number = trait};
    churn_data d = {.table = {&f, 1, N}, .left = left, .only = CHURN_BOOSTED};
    double blind = churn_fit(&a, &d).seen.auc.value.value;
    d.customer = customer;
    double honest = churn_fit(&a, &d).seen.auc.value.value;
    assert_true(blind > 0.6 && honest < 0.56);
    (void)r;
}

static void below_the_gates_it_refuses_and_says_what_is_missing(void **state) {
    (void)state;
    rng r = rng_seed(84);
    shop s = make_shop(&r, 1000, 0);
    for (size_t i = 0; i < s.t.n; i++) s.left[i] = i % 11 == 0;
    churn_data d = {.table = s.t, .left = s.left, .history = 200, .horizon = 90};
    churn k = churn_fit(&a, &d);
    assert_int_equal(k.state, ESTIMATE_REFUSED);
    assert_string_equal(k.why,
                        "91 customers left and 909 stayed; 100 of each are needed; 200 days of history are known; "
                        "270 are needed, three times the horizon");
    assert_int_equal(churn_risk(a, &k, &s.t, 0).state, ESTIMATE_REFUSED);
    assert_int_equal(churn_reasons(a, &k, &s.t, 0, NULL, 0), 0);
    for (size_t i = 0; i < s.t.n; i++) s.left[i] = i % 9 == 0;
    d.history = 270;
    k = churn_fit(&a, &d);
    assert_int_equal(k.state, ESTIMATE_OK);
    assert_int_equal(k.parameters, 10); // three bends in both numbers would be twelve, and 111 pay for eleven
    feature wide[20];
    for (int j = 0; j < 20; j++) wide[j] = s.t.of[j % 2];
    d.table = (features){wide, 20, s.t.n};
    k = churn_fit(&a, &d);
    assert_int_equal(k.state, ESTIMATE_REFUSED);
    assert_string_equal(k.why, "112 customers left and 888 stayed; 30 parameters need 300 of each: leave out columns");
    double same[1000] = {0};
    feature flat = {.name = "same", .number = same};
    d.table = (features){&flat, 1, 1000};
    k = churn_fit(&a, &d);
    assert_string_equal(k.why, "nothing that is known differs between customers");
    k = churn_fit(&a, &(churn_data){0});
    assert_int_equal(k.state, ESTIMATE_REFUSED);
}

// The day of leaving, among the traits, is not a trait.
static void the_outcome_among_the_traits_is_noticed(void **state) {
    (void)state;
    rng r = rng_seed(85);
    shop s = make_shop(&r, 2000, 0);
    for (size_t i = 0; i < s.t.n; i++) s.noise[i] = s.left[i] ? rng_unit(&r) : (double)NAN;
    churn k = churn_fit(&a, &(churn_data){.table = s.t, .left = s.left});
    assert_int_equal(k.state, ESTIMATE_THIN);
    assert_int_equal(k.suspect, 1);
    assert_string_equal(k.why,
                        "\"noise\" alone tells nearly everybody who left: leave it out if it was not known before");
    estimate e = churn_risk(a, &k, &s.t, 0);
    assert_int_equal(e.state, ESTIMATE_THIN);
    s = make_shop(&r, 2000, 0);
    k = churn_fit(&a, &(churn_data){.table = s.t, .left = s.left});
    churn_reason one[4];
    size_t n = 0, row = 0;
    for (; row < 100 && !(n > 0 && one[0].of == 2); row++) n = churn_reasons(a, &k, &s.t, row, one, 4);
    str words = churn_reason_words(&a, &s.t, row - 1, &one[0]);
    assert_true(str_starts(words, S("kind is ")) && str_has(words, S(" the risk by ")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_phone_company_is_told_better_than_by_others),
        cmocka_unit_test(its_reasons_add_up_and_its_own_scores_hold),
        cmocka_unit_test(trees_come_in_only_where_they_are_better),
        cmocka_unit_test(what_is_only_noise_tells_nothing),
        cmocka_unit_test(customers_stay_in_one_fold),
        cmocka_unit_test(below_the_gates_it_refuses_and_says_what_is_missing),
        cmocka_unit_test(the_outcome_among_the_traits_is_noticed),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
