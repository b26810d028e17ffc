#include "stats/near.h"

#include "stats/purchase_twin.h"
#include "stats/purchases.h"

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

typedef struct {
    int32_t x;
    double tx, T;
} customer;

static const customer CUSTOMERS[] = {{0, 0, 20}, {2, 30.43, 38.86}, {7, 12, 12}, {25, 27, 36.9}};
static const purchase_terms TERMS = {.horizon = 26, .quiet = 8, .discount = 0.01, .margin = 1, .residual = true};

static const law LAWS[] = {
    {{0.553, 10.578, 0.606, 11.669}, 1, PURCHASE_PARETO}, // CDNOW: α < β
    {{0.9, 12, 1, 3}, 1, PURCHASE_PARETO},                // s = 1, α > β
    {{2, 1, 1.7, 60}, 1, PURCHASE_PARETO},                // far apart
    {{0.8, 5, 0.4, 5}, 1, PURCHASE_PARETO},               // α = β
    {{0.6, 4.414, 0.793, 2.426}, 1, PURCHASE_BG},
    {{1.5, 8, 1, 1}, 1, PURCHASE_BG}, // a = 1
    {{0.525, 6.183, 0.891, 1.614}, 1, PURCHASE_MBG},
    {{2, 20, 1.5, 4}, 1, PURCHASE_MBG},
    {{0.8, 3, 0.7, 2}, 2, PURCHASE_MBG},
    {{0.85, 1.45, 0.79, 2.42}, 3, PURCHASE_BG},
    {{1.2, 1, 1, 3}, 4, PURCHASE_MBG},
};

static void same_as_twin(const law *l, customer c) {
    twin w = twin_of(l, c.x, c.tx, c.T, TERMS, l->k > 1 || c.x > 20 ? 0.12 : 0.25);
    arena scratch = a;
    purchase_set *s = set_of_one(&scratch, c.x, c.tx, c.T);
    double g[PARAMS], stage[PURCHASE_RHYTHM];
    const char *what = str_z(&scratch, str_fmt(&scratch, "model %d k %d r %g x %d", l->model, l->k, l->p[0], c.x));
    assert_near_at(what, purchase_loglik(scratch, &s->strata[0], l, g), w.loglik, 1e-8);
    view v = purchase_view(&scratch, &s->strata[0], l);
    double alive = purchase_alive(&v, 0, stage);
    assert_near_at(what, alive, w.alive, 1e-9);
    ahead sum = {0};
    for (int j = 0; j < l->k; j++) {
        ahead f = purchase_ahead(a, l, c.x, c.T, j, &TERMS);
        sum.buys += stage[j] * f.buys, sum.twice += stage[j] * f.twice, sum.quiet += stage[j] * f.quiet;
        sum.worth += stage[j] * f.worth, sum.residual += stage[j] * f.residual;
    }
    assert_near_at(what, sum.buys / w.next.buys, 1, 1e-8);
    assert_near_at(what, sum.twice / w.next.twice, 1, 1e-8);
    assert_near_at(what, sum.quiet, w.next.quiet, 1e-9);
    if (l->k == 1) assert_near_at(what, sum.worth / w.next.worth, 1, 1e-7);
    assert_near_at(what, sum.residual / w.next.residual, 1, 1e-7);
}

static void models_agree_with_their_definition(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(LAWS); i++)
        for (size_t k = 0; k < (LAWS[i].k > 1 ? 2 : COUNT(CUSTOMERS)); k++) same_as_twin(&LAWS[i], CUSTOMERS[k]);
    static const law donors = {{1.204, 0.75, 0.657, 2.783}, 1, PURCHASE_BGBB};
    static const customer c[] = {{0, 0, 6}, {1, 3, 6}, {3, 6, 6}, {6, 6, 6}, {2, 5, 40}};
    for (size_t k = 0; k < COUNT(c); k++) same_as_twin(&donors, c[k]);
}

// BTYDplus prints these for k = 3 in its own checks; with and without dropout at zero.
static void regular_buyers_agree_with_BTYDplus(void **state) {
    (void)state;
    law l = {{0.5, 2, 0.3, 0.6}, 3, PURCHASE_BG};
    double g[PARAMS], pmf[3], constant = 2 * 3 - 3 * log(2);
    arena scratch = a;
    purchase_set *s = set_of_one(&scratch, 3, 12, 14), *t = set_of_one(&scratch, 4, 12, 14);
    assert_near(purchase_loglik(scratch, &s->strata[0], &l, g) + constant, -10.42500, PRINTED(5));
    assert_near(purchase_loglik(scratch, &t->strata[0], &l, g) + constant - log(2), -12.22396, PRINTED(5));
    purchase_pmf(&l, 0, 0, 0, 10, 2, pmf);
    assert_near(pmf[2], 0.05669, PRINTED(5));
    l.model = PURCHASE_MBG;
    purchase_pmf(&l, 0, 0, 0, 10, 2, pmf);
    assert_near(pmf[2] * 0.6 / 0.9, 0.04548, PRINTED(5));
}

// The manual of BTYD, and Hardie's spreadsheet for the BG/NBD paper.
static void new_customers_agree_with_BTYD(void **state) {
    (void)state;
    law l = {{0.243, 4.414, 0.793, 2.426}, 1, PURCHASE_BG};
    double pmf[21];
    purchase_pmf(&l, 0, 0, 0, 2, 10, pmf);
    assert_near(pmf[10], 1.07869e-07, 0.5e-12);
    purchase_pmf(&l, 0, 0, 0, 39, 0, pmf);
    assert_near(pmf[0], 0.5737864, PRINTED(7));
    static const double tail[] = {0.0019995214, 0.0015170236, 0.0011633150, 0.0009003148, 0.0007023638,
                                  0.0005517902, 0.0004361913, 0.0003467171, 0.0002769613, 0.0002222260};
    purchase_pmf(&l, 0, 0, 0, 30, 20, pmf);
    for (int n = 11; n <= 20; n++) assert_near(pmf[n], tail[n - 11], PRINTED(10));
    static const double t[] = {0.1429, 1, 3, 31.8571, 32, 78},
                        buys[] = {0.0078, 0.0532, 0.1506, 1.0405, 1.0437, 1.8576};
    law fitted = {{0.242595, 4.413602, 0.792922, 2.425907}, 1, PURCHASE_BG}; // the spreadsheet does not round
    for (int i = 0; i < 6; i++)
        assert_near(purchase_ahead(a, &fitted, 0, 0, 0, &(purchase_terms){.horizon = t[i]}).buys, buys[i],
                    t[i] < 78 ? PRINTED(4) : 5e-4); // its series is cut short
    law p = {{0.55, 10.56, 0.61, 11.64}, 1, PURCHASE_PARETO};
    static const double by[] = {0.05077821, 0.09916088, 0.14542507, 0.18979930, 0.23247466,
                                0.27361274, 0.31335159, 0.35181024, 0.38909211};
    for (int i = 0; i < 9; i++)
        assert_near(purchase_ahead(a, &p, 0, 0, 0, &(purchase_terms){.horizon = i + 1}).buys, by[i], PRINTED(8));
}

// What a distribution of purchases says must be what the sums over it say.
static void distributions_have_their_moments(void **state) {
    (void)state;
    enum { MOST = 3000 };
    double *pmf = make(&a, double, MOST + 1);
    for (size_t i = 0; i < COUNT(LAWS); i++) {
        for (int stage = 0; stage < LAWS[i].k; stage++) {
            double sum = 0, mean = 0, twice = 0;
            purchase_terms t = {.horizon = 26, .quiet = 26};
            ahead f = purchase_ahead(a, &LAWS[i], 5, 30, stage, &t);
            purchase_pmf(&LAWS[i], 5, 30, stage, 26, MOST, pmf);
            for (int n = 0; n <= MOST; n++) sum += pmf[n], mean += n * pmf[n], twice += n * (n - 1.0) * pmf[n];
            assert_near(sum, 1, 1e-10);
            assert_near(mean / f.buys, 1, 1e-8);
            assert_near(twice / f.twice, 1, 1e-7);
            assert_near(pmf[0], f.quiet, 1e-10);
        }
    }
    law donors = {{1.204, 0.75, 0.657, 2.783}, 1, PURCHASE_BGBB};
    ahead f = purchase_ahead(a, &donors, 3, 6, 0, &(purchase_terms){.horizon = 9, .quiet = 9});
    double sum = 0, mean = 0, twice = 0;
    purchase_pmf(&donors, 3, 6, 0, 9, 9, pmf);
    for (int n = 0; n <= 9; n++) sum += pmf[n], mean += n * pmf[n], twice += n * (n - 1.0) * pmf[n];
    assert_near(sum, 1, 1e-12);
    assert_near(mean, f.buys, 1e-12);
    assert_near(twice, f.twice, 1e-12);
    assert_near(pmf[0], f.quiet, 1e-12);
}

// ---- Gradients ----

static folk some_people(rng *r, size_t n, bool days) {
    folk f = folk_new(&a, n + 4);
    nature w = {PURCHASE_MBG, 1, {0.6, 6, 0.8, 2.5}, 0, days ? 1.0 / 7 : 0};
    for (size_t i = 0; i < n; i++) folk_live(&f, r, &w, 10 + floor(210 * rng_unit(r)) / 7);
    folk_add(&f, 0, 0, 0), folk_add(&f, 3, 0, 12), folk_add(&f, 40, 12, 12), folk_add(&f, 90, 20, 30);
    return f;
}

static void check_gradient(const purchase_set *s, enum purchase_model m, int k, const double *theta, int n) {
    double g[MOST_PARAMS], up[MOST_PARAMS], at[MOST_PARAMS];
    arena scratch = a;
    double here = purchase_loglik_all(scratch, s, m, k, theta, g);
    assert_true(isfinite(here));
    for (int i = 0; i < n; i++) {
        double h = 1e-4, f[4];
        for (int j = 0; j < 4; j++) {
            memcpy(at, theta, (size_t)n * sizeof *at);
            at[i] += h * (double[]){-2, -1, 1, 2}[j];
            f[j] = purchase_loglik_all(scratch, s, m, k, at, up);
        }
        double slope = (f[0] - 8 * f[1] + 8 * f[2] - f[3]) / (12 * h);
        if (fabs(slope - g[i]) > 1e-5 * (fabs(slope) + 1) + 1e-10 * fabs(here))
            fail_msg("model %d k %d parameter %d: %.10g by the formula, %.10g by differences", m, k, i, g[i], slope);
    }
}

static void gradients_agree_with_differences(void **state) {
    (void)state;
    rng r = rng_seed(31);
    folk f = some_people(&r, 150, true);
    purchase_people p = people_of(&f, 0);
    purchase_set *s = purchase_group(&a, &p);
    for (int round = 0; round < 60; round++) {
        double theta[PARAMS];
        for (int i = 0; i < PARAMS; i++) theta[i] = 5 * rng_unit(&r) - 2;
        if (round % 10 == 0) theta[3] = theta[1]; // α = β
        check_gradient(s, PURCHASE_NBD, 1, theta, 2);
        check_gradient(s, PURCHASE_PARETO, 1, theta, 4);
        check_gradient(s, PURCHASE_BG, 1 + round % 4, theta, 4);
        check_gradient(s, PURCHASE_MBG, 1 + round % 3, theta, 4);
    }
    folk d = folk_new(&a, 60);
    for (int i = 0; i < 60; i++) {
        int n = (int)rng_range(&r, 0, 12), x = (int)rng_range(&r, 0, n), tx = x ? (int)rng_range(&r, x, n) : 0;
        folk_add(&d, x, tx, n);
    }
    purchase_people q = people_of(&d, 0);
    s = purchase_group(&a, &q);
    for (int round = 0; round < 20; round++) {
        double theta[PARAMS];
        for (int i = 0; i < PARAMS; i++) theta[i] = 5 * rng_unit(&r) - 2;
        check_gradient(s, PURCHASE_BGBB, 1, theta, 4);
    }
}

static void gradients_by_traits_agree_with_differences(void **state) {
    (void)state;
    rng r = rng_seed(32);
    folk f = some_people(&r, 80, true);
    purchase_people p = people_of(&f, 0);
    double *z = make(&a, double, 2 * p.n);
    for (size_t i = 0; i < p.n; i++) z[2 * i] = rng_chance(&r, 0.4), z[2 * i + 1] = (double)rng_range(&r, -1, 1);
    p.traits = z, p.n_traits = 2;
    purchase_set *s = purchase_group(&a, &p);
    assert_int_equal(s->n_strata, 6);
    for (enum purchase_model m = PURCHASE_NBD; m <= PURCHASE_MBG; m++) {
        double theta[MOST_PARAMS];
        int n = purchase_width(m, 2);
        assert_int_equal(n, m == PURCHASE_NBD ? 4 : m == PURCHASE_PARETO ? 8 : 10);
        for (int i = 0; i < n; i++) theta[i] = 1.5 * rng_unit(&r) - 0.5;
        check_gradient(s, m, 1, theta, n);
    }
}

// ---- Grouping ----

static void groups_count_everybody_once(void **state) {
    (void)state;
    rng r = rng_seed(33);
    for (int days = 0; days < 2; days++) {
        folk f = some_people(&r, 6000, days);
        f.x[5] = -1, f.tx[6] = 99, f.T[7] = NAN;
        purchase_people p = people_of(&f, 0);
        purchase_set *s = purchase_group(&a, &p);
        assert_int_equal(s->size.customers, 6001);
        assert_int_equal(s->size.ignored, 3);
        assert_true(days ? s->rows < 3500 : s->rows == 6001);
        double *count = make(&a, double, s->rows), total = 0;
        for (size_t i = 0; i < p.n; i++) {
            if (s->row_of[i] == UINT32_MAX) continue;
            assert_near(row_x(&s->strata[0], s->row_of[i]), p.x[i], 0);
            assert_near(row_tx(&s->strata[0], s->row_of[i]), p.tx[i], 0);
            assert_near(row_T(&s->strata[0], s->row_of[i]), p.T[i], 0);
            count[s->row_of[i]]++;
        }
        for (size_t i = 0; i < s->rows; i++) assert_near(count[i], s->strata[0].row[i].count, 0);
        for (size_t i = 0; i < s->strata[0].n_pairs; i++) total += s->strata[0].pairs[i].late;
        assert_near(total, 6001, 0);
        purchase_set *few = purchase_sample(&a, s, 500);
        assert_true(llabs(few->size.customers - 500) <= 1);
    }
}

// The likelihood of all is the sum of that of each.
static void likelihoods_add_up(void **state) {
    (void)state;
    rng r = rng_seed(34);
    for (int days = 0; days < 2; days++) {
        folk f = some_people(&r, 1500, days);
        purchase_people p = people_of(&f, 0);
        purchase_set *s = purchase_group(&a, &p);
        for (size_t i = 0; i < COUNT(LAWS); i++) {
            double sum = 0, g[PARAMS];
            for (size_t k = 0; k < p.n; k++) {
                arena scratch = a;
                double x[] = {p.x[k]}, one[] = {1}, t[] = {p.tx[k], p.T[k]};
                size_t ends[] = {0, 1}, pairs[] = {0, 2};
                pair both[] = {{0, 0, 0}, {0, 1, 1}};
                cell row = {0, 1, 1};
                stratum alone = {1, 0, 1, 2, 1, 2, &row, both, x, one, ends, pairs, t, NULL};
                sum += purchase_loglik(scratch, &alone, &LAWS[i], g);
            }
            assert_near(purchase_loglik(a, &s->strata[0], &LAWS[i], g) / sum, 1, 1e-11);
        }
    }
}

// ---- Far corners ----

static void check_corner(const law *l, int32_t x, double tx, double T) {
    arena scratch = a;
    purchase_set *s = set_of_one(&scratch, x, tx, T);
    double g[PARAMS], stage[PURCHASE_RHYTHM], ll = purchase_loglik(scratch, &s->strata[0], l, g);
    view v = purchase_view(&scratch, &s->strata[0], l);
    double alive = purchase_alive(&v, 0, stage);
    ahead f = purchase_ahead(a, l, x, T, 0, &TERMS);
    bool ok = isfinite(ll) && alive >= 0 && alive <= 1 && f.buys >= 0 && isfinite(f.buys) && f.twice >= 0 &&
              isfinite(f.twice) && f.quiet >= 0 && f.quiet <= 1 + 1e-12 && f.worth >= 0 &&
              f.worth <= f.buys * (1 + 1e-6) && f.residual >= f.worth * (1 - 1e-4) && isfinite(f.residual);
    for (int i = 0; i < PARAMS && l->model != PURCHASE_NBD; i++) ok = ok && isfinite(g[i]);
    if (!ok)
        fail_msg(
            "model %d (%g %g %g %g) x %d tx %g T %g: ll %g alive %g buys %g twice %g quiet %g worth %g residual %g",
            l->model, l->p[0], l->p[1], l->p[2], l->p[3], x, tx, T, ll, alive, f.buys, f.twice, f.quiet, f.worth,
            f.residual);
}

// x to thousands, tx = T, x = 0, T = 0, s = 1, a = 1; tiny and huge parameters. The last are those on which other
// programs failed (lifetimes' and CLVTools' tests).
static void nothing_is_ever_not_a_number(void **state) {
    (void)state;
    static const double values[] = {1e-3, 0.5, 1, 1 + 1e-9, 7, 300, 1e5};
    static const customer c[] = {{0, 0, 0},        {0, 0, 39},     {1, 0, 10},     {5, 20, 20},         {1000, 0.5, 40},
                                 {1000, 39.9, 40}, {5000, 30, 39}, {3, 1e-9, 1e6}, {200, 100, 100.001}, {1, 1e5, 1e6}};
    rng r = rng_seed(35);
    for (int round = 0; round < 15; round++) {
        law l = {.k = 1};
        for (int i = 0; i < PARAMS; i++) l.p[i] = values[rng_range(&r, 0, COUNT(values) - 1)];
        for (size_t i = 0; i < COUNT(c); i++) {
            for (l.model = PURCHASE_NBD; l.model <= PURCHASE_MBG; l.model++) check_corner(&l, c[i].x, c[i].tx, c[i].T);
            law k = {.p = {l.p[0], l.p[1], l.p[2], l.p[3]}, .k = 2 + round % 5, .model = PURCHASE_MBG};
            if (c[i].x <= 1000) check_corner(&k, c[i].x, c[i].tx, c[i].T);
        }
    }
    static const law odd = {{10.465, 7.98565181e-03, 3.0516, 2.820}, 1, PURCHASE_PARETO};
    static const customer o[] = {{400, 5, 6}, {500, 1, 37}, {500, 4, 37}, {40, 5, 6}, {50, 1, 37}};
    for (size_t i = 0; i < COUNT(o); i++) check_corner(&odd, o[i].x, o[i].tx, o[i].T);
    static const law shop = {{0.5143, 2.8845, 0.2856, 14.1087}, 1, PURCHASE_PARETO};
    static const customer q[] = {
        {221, 103.42857, 103.57143}, {254, 97.14286, 97.28571}, {161, 94.71429, 98.0}, {204, 98.57143, 99.42857}};
    for (size_t i = 0; i < COUNT(q); i++) check_corner(&shop, q[i].x, q[i].tx, q[i].T);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(models_agree_with_their_definition),
        cmocka_unit_test(regular_buyers_agree_with_BTYDplus),
        cmocka_unit_test(new_customers_agree_with_BTYD),
        cmocka_unit_test(distributions_have_their_moments),
        cmocka_unit_test(gradients_agree_with_differences),
        cmocka_unit_test(gradients_by_traits_agree_with_differences),
        cmocka_unit_test(groups_count_everybody_once),
        cmocka_unit_test(likelihoods_add_up),
        cmocka_unit_test(nothing_is_ever_not_a_number),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
