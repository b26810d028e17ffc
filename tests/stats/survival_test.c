#include "stats/near.h"

#include "base/csv.h"
#include "base/input.h"
#include "base/rng.h"
#include "stats/survival.h"

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

// Freireich et al. 1963, Blood 21: weeks to relapse of 21 children on 6-MP and 21 on placebo.
static const stay drug[] = {{6, 1, 0, 0},  {6, 1, 0, 0},  {6, 1, 0, 0},  {6, 0, 0, 0},  {7, 1, 0, 0},  {9, 0, 0, 0},
                            {10, 1, 0, 0}, {10, 0, 0, 0}, {11, 0, 0, 0}, {13, 1, 0, 0}, {16, 1, 0, 0}, {17, 0, 0, 0},
                            {19, 0, 0, 0}, {20, 0, 0, 0}, {22, 1, 0, 0}, {23, 1, 0, 0}, {25, 0, 0, 0}, {32, 0, 0, 0},
                            {32, 0, 0, 0}, {34, 0, 0, 0}, {35, 0, 0, 0}};
static const stay placebo[] = {{1, 1, 0, 2},  {2, 1, 0, 2},  {3, 1, 0, 1},  {4, 1, 0, 2},
                               {5, 1, 0, 2},  {8, 1, 0, 4},  {11, 1, 0, 2}, {12, 1, 0, 2},
                               {15, 1, 0, 1}, {17, 1, 0, 1}, {22, 1, 0, 1}, {23, 1, 0, 1}};

// Kalbfleisch & Prentice, Cox & Oakes and every textbook since print these; the log-rank values are those of R.
static void the_leukaemia_trial(void **state) {
    (void)state;
    static const struct {
        double t, s, se;
    } rows[] = {{6, .8571, .0764},  {7, .8067, .0869},  {10, .7529, .0963}, {13, .6902, .1068},
                {16, .6275, .1141}, {22, .5378, .1282}, {23, .4482, .1346}};
    survival k = survival_fit(&a, drug, COUNT(drug));
    assert_int_equal(k.n, 21);
    assert_int_equal(k.ended, 9);
    for (size_t i = 0; i < COUNT(rows); i++) {
        estimate e = survival_at(&a, &k, rows[i].t);
        assert_near(e.value, rows[i].s, PRINTED(4));
        assert_near(sqrt(e.var), rows[i].se, PRINTED(4));
    }
    assert_near(survival_quantile(&a, &k, 0.5).value, 23, 0);
    survival p = survival_fit(&a, placebo, COUNT(placebo));
    assert_near(survival_quantile(&a, &p, 0.5).value, 8, 0);
    assert_near(survival_at(&a, &p, 10).value, 8.0 / 21, 1e-12);
    logrank r = survival_compare(a, drug, COUNT(drug), placebo, COUNT(placebo));
    assert_near(r.chisq, 16.79294, PRINTED(5));
    assert_near(r.p, 4.168809e-05, 1e-10);
    assert_near(r.observed, 9, 0);
    assert_near(r.expected, 19.3, PRINTED(1));
}

// Grana et al. 2002: glioma, the control group. R, survfit(conf.type = "log-log"), as in lifelines' tests.
static void log_log_interval_agrees_with_R(void **state) {
    (void)state;
    static const stay control[] = {{34, 1, 0, 0}, {32, 1, 0, 0}, {9, 1, 0, 0},
                                   {19, 1, 0, 0}, {50, 0, 0, 0}, {48, 0, 0, 0}};
    static const stay rit[] = {{53, 1, 0, 0}, {28, 0, 0, 0}, {69, 0, 0, 0}, {58, 0, 0, 0}, {54, 0, 0, 0}, {25, 1, 0, 0},
                               {51, 0, 0, 0}, {61, 0, 0, 0}, {57, 0, 0, 0}, {57, 0, 0, 0}, {50, 0, 0, 0}};
    static const struct {
        double t, s, lo, hi;
    } rows[] = {{9, .833, .2731, .975}, {19, .667, .1946, .904}, {32, .5, .1109, .804}, {34, .333, .0461, .676}};
    survival k = survival_fit(&a, control, COUNT(control));
    for (size_t i = 0; i < COUNT(rows); i++) {
        estimate e = survival_at(&a, &k, rows[i].t);
        assert_near(e.value, rows[i].s, PRINTED(3));
        assert_near(e.lo, rows[i].lo, PRINTED(4));
        assert_near(e.hi, rows[i].hi, PRINTED(3));
        assert_int_equal(e.state, ESTIMATE_THIN);
    }
    assert_near(survival_compare(a, rit, COUNT(rit), control, COUNT(control)).p, 0.0138, PRINTED(4));
}

// StatsDirect's example (lymphoma by stage): χ² = 6.70971; and two made-up sets that R was run on.
static void logrank_agrees_with_published_values(void **state) {
    (void)state;
    static const stay one[] = {{6, 1, 0, 0},   {19, 1, 0, 0},  {32, 1, 0, 0},  {42, 1, 0, 2},  {43, 0, 0, 0},
                               {94, 1, 0, 0},  {126, 0, 0, 0}, {169, 0, 0, 0}, {207, 1, 0, 0}, {211, 0, 0, 0},
                               {227, 0, 0, 0}, {253, 1, 0, 0}, {255, 0, 0, 0}, {270, 0, 0, 0}, {310, 0, 0, 0},
                               {316, 0, 0, 0}, {335, 0, 0, 0}, {346, 0, 0, 0}};
    static const stay two[] = {
        {4, 1, 0, 0},   {6, 1, 0, 0},   {10, 1, 0, 0},  {11, 1, 0, 3},  {13, 1, 0, 0},  {17, 1, 0, 0},  {20, 1, 0, 2},
        {21, 1, 0, 0},  {22, 1, 0, 0},  {24, 1, 0, 2},  {29, 1, 0, 0},  {30, 1, 0, 2},  {31, 1, 0, 0},  {33, 1, 0, 0},
        {34, 1, 0, 0},  {35, 1, 0, 0},  {39, 1, 0, 0},  {40, 1, 0, 0},  {41, 0, 0, 0},  {43, 0, 0, 0},  {45, 1, 0, 0},
        {46, 1, 0, 0},  {50, 1, 0, 0},  {56, 1, 0, 0},  {61, 0, 0, 2},  {63, 1, 0, 0},  {68, 1, 0, 0},  {82, 1, 0, 0},
        {85, 1, 0, 0},  {88, 1, 0, 0},  {89, 1, 0, 0},  {90, 1, 0, 0},  {93, 1, 0, 0},  {104, 1, 0, 0}, {110, 1, 0, 0},
        {134, 1, 0, 0}, {137, 1, 0, 0}, {160, 0, 0, 0}, {169, 1, 0, 0}, {171, 1, 0, 0}, {173, 1, 0, 0}, {175, 1, 0, 0},
        {184, 1, 0, 0}, {201, 1, 0, 0}, {222, 1, 0, 0}, {235, 0, 0, 0}, {247, 0, 0, 0}, {260, 0, 0, 0}, {284, 0, 0, 0},
        {290, 0, 0, 0}, {291, 0, 0, 0}, {302, 0, 0, 0}, {304, 0, 0, 0}, {341, 0, 0, 0}, {345, 0, 0, 0}};
    assert_near(survival_compare(a, one, COUNT(one), two, COUNT(two)).chisq, 6.70971, PRINTED(5));
    static const stay x[] = {{10, 1, 0, 0}, {20, 1, 0, 0}, {30, 1, 0, 0}};
    static const stay y[] = {{10, 1, 0, 0}, {20, 1, 0, 0}, {50, 1, 0, 0}};
    logrank r = survival_compare(a, x, 3, y, 3);
    assert_near(r.chisq, 0.254237, PRINTED(6));
    assert_near(r.p, 0.614107, PRINTED(6));
    static const stay u[] = {{10, 1, 0, 0}, {20, 0, 0, 0}, {30, 1, 0, 0}};
    static const stay v[] = {{10, 1, 0, 0}, {20, 0, 0, 0}, {50, 1, 0, 0}};
    r = survival_compare(a, u, 3, v, 3);
    assert_near(r.chisq, 0.384615, PRINTED(6));
    assert_near(r.p, 0.535143, PRINTED(6));
    assert_true(isnan(survival_compare(a, NULL, 0, NULL, 0).p));
}

// Cole & Hudgens 2010 (AIDS 24): years to AIDS of 78 men, half of whom were infected before the study began.
static void left_truncation_agrees_with_cole_and_hudgens(void **state) {
    (void)state;
    static const stay men[] = {
        {7.575, 0, 4.575, 0}, {6.750, 0, 3.750, 0}, {5.986, 0, 2.986, 0}, {5.970, 0, 2.970, 0}, {5.928, 0, 2.928, 0},
        {4.688, 1, 2.780, 0}, {5.626, 0, 2.626, 0}, {5.611, 0, 2.611, 0}, {5.550, 0, 2.550, 0}, {5.347, 0, 2.347, 0},
        {3.842, 0, 2.175, 0}, {3.655, 1, 2.094, 0}, {3.062, 1, 2.089, 0}, {5.042, 0, 2.042, 0}, {4.653, 0, 1.736, 0},
        {2.729, 1, 1.616, 0}, {4.564, 0, 1.564, 0}, {2.897, 1, 1.561, 0}, {4.556, 0, 1.556, 0}, {2.024, 1, 1.497, 0},
        {2.400, 1, 1.467, 0}, {3.043, 1, 1.363, 0}, {4.300, 0, 1.300, 0}, {1.169, 1, 0.919, 0}, {3.863, 0, 0.863, 0},
        {3.811, 0, 0.811, 0}, {3.788, 0, 0.788, 0}, {3.772, 0, 0.772, 0}, {1.894, 1, 0.747, 0}, {1.951, 1, 0.642, 0},
        {3.462, 0, 0.462, 0}, {3.336, 0, 0.336, 0}, {1.125, 0, 0.292, 0}, {1.258, 1, 0.266, 0}, {3.258, 0, 0.258, 0},
        {3.202, 0, 0.202, 0}, {3.186, 0, 0.186, 0}, {0.973, 1, 0.164, 0}, {3.128, 0, 0.128, 0}, {1.794, 1, 0.097, 0},
        {0.962, 1, 0.067, 0}, {1.255, 1, 0.050, 0}, {2.941, 0, 0.000, 0}, {1.619, 1, 0.000, 0}, {2.897, 0, 0.000, 0},
        {1.619, 1, 0.000, 0}, {2.456, 1, 0.000, 0}, {1.752, 1, 0.000, 0}, {2.798, 0, 0.000, 0}, {2.769, 0, 0.000, 0},
        {0.791, 1, 0.000, 0}, {2.753, 0, 0.000, 0}, {2.720, 0, 0.000, 0}, {1.881, 0, 0.000, 0}, {2.714, 0, 0.000, 0},
        {1.322, 1, 0.000, 0}, {2.658, 0, 0.000, 0}, {1.216, 1, 0.000, 0}, {0.269, 1, 0.000, 0}, {2.500, 1, 0.000, 0},
        {2.336, 0, 0.000, 0}, {2.131, 0, 0.000, 0}, {2.103, 0, 0.000, 0}, {0.086, 0, 0.000, 0}, {2.064, 0, 0.000, 0},
        {2.059, 0, 0.000, 0}, {1.107, 1, 0.000, 0}, {0.067, 0, 0.000, 0}, {1.616, 0, 0.000, 0}, {1.431, 0, 0.000, 0},
        {1.470, 0, 0.000, 0}, {0.820, 1, 0.000, 0}, {0.989, 0, 0.000, 0}, {0.578, 0, 0.000, 0}, {0.489, 0, 0.000, 0},
        {0.403, 0, 0.000, 0}, {0.350, 0, 0.000, 0}, {0.153, 0, 0.000, 0}};
    survival k = survival_fit(&a, men, COUNT(men));
    int deaths = 0;
    for (size_t i = 0; i < k.n_steps; i++) {
        const survival_step *st = &k.steps[i];
        deaths += st->ended > 0;
        if (st->time == 0.269) assert_int_equal(st->at_risk, 42);
        if (st->time == 0.791) assert_int_equal(st->at_risk, 44);
        if (st->time == 0.791) assert_near(st->s, 0.9540043290043292, 1e-15);
        if (st->time == 4.688) assert_int_equal(st->at_risk, 11);
    }
    assert_int_equal(deaths, 26);
    assert_near(survival_quantile(&a, &k, 0.5).value, 3, 0.1);
}

// Customers who were first seen late (R, as in lifelines' tests).
static void late_entry_agrees_with_published_values(void **state) {
    (void)state;
    static const stay x[] = {{2, 1, 1, 0}, {10, 1, 2, 0}, {5, 1, 4, 0}, {4, 1, 0, 0}, {3, 1, 0, 0}};
    static const double want[] = {0.667, 0.444, 0.222, 0.111, 0};
    survival k = survival_fit(&a, x, COUNT(x));
    assert_int_equal(k.n_steps, 5);
    for (size_t i = 0; i < 5; i++) assert_near(k.steps[i].s, want[i], PRINTED(3));
    static const stay y[] = {{2, 1, 1.9, 0}, {10, 1, 0, 0}, {5, 1, 0, 0}, {4, 1, 0, 0}, {3, 1, 0, 0}};
    k = survival_fit(&a, y, COUNT(y));
    for (size_t i = 0; i < 5; i++) assert_near(k.steps[i].s, 0.8 - 0.2 * (double)i, 1e-12);
    static const stay odd[] = {{2, 1, 2, 0}, {1, 1, 3, 0}, {NAN, 0, 0, 0}, {-1, 1, 0, 0}, {0, 1, 0, 0}, {4, 0, 0, 0}};
    k = survival_fit(&a, odd, COUNT(odd));
    assert_int_equal(k.ignored, 4);
    assert_near(k.steps[0].s, 0.5, 1e-12); // leaving on day 0 counts
}

static void without_censoring_it_is_counting(void **state) {
    (void)state;
    rng r = rng_seed(12);
    for (int round = 0; round < 50; round++) {
        stay x[60];
        int n = (int)rng_range(&r, 1, 60);
        for (int i = 0; i < n; i++) x[i] = (stay){.time = (double)rng_range(&r, 0, 20), .ended = true};
        survival k = survival_fit(&a, x, (size_t)n);
        for (int t = 0; t <= 20; t++) {
            int later = 0;
            for (int i = 0; i < n; i++) later += x[i].time > t;
            assert_near(survival_at(&a, &k, t).value, (double)later / n, 1e-12);
        }
    }
}

// The definition, slowly: at every time of leaving, count by looking at everybody.
static double product_limit(const stay *x, int n, double t) {
    double s = 1;
    for (double u = 0; u <= t; u++) {
        int risk = 0, left = 0;
        for (int i = 0; i < n; i++) {
            int count = (int)MAX(x[i].count, 1);
            if (x[i].time >= u && (x[i].enter < u || x[i].enter <= 0)) risk += count;
            if (x[i].time == u && x[i].ended) left += count;
        }
        if (left) s *= 1 - (double)left / risk;
    }
    return s;
}

static void random_curves_agree_with_the_definition(void **state) {
    (void)state;
    rng r = rng_seed(13);
    for (int round = 0; round < 200; round++) {
        stay x[40];
        int n = (int)rng_range(&r, 1, 40);
        for (int i = 0; i < n; i++) {
            double enter = rng_chance(&r, 0.5) ? (double)rng_range(&r, 0, 8) : 0;
            x[i] = (stay){enter + (double)rng_range(&r, 1, 12), rng_chance(&r, 0.6), enter, rng_range(&r, 0, 3)};
        }
        survival k = survival_fit(&a, x, (size_t)n);
        double before = 1;
        for (size_t i = 0; i < k.n_steps; i++) {
            const survival_step *st = &k.steps[i];
            assert_near(st->s, product_limit(x, n, st->time), 1e-12);
            assert_true(st->s <= before && st->lo <= st->s + 1e-12 && st->s <= st->hi + 1e-12);
            assert_true(st->lo >= 0 && st->hi <= 1);
            before = st->s;
        }
        rng_shuffle(&r, x, (size_t)n, sizeof *x);
        survival again = survival_fit(&a, x, (size_t)n);
        assert_int_equal(again.n_steps, k.n_steps);
        for (size_t i = 0; i < k.n_steps; i++) assert_near(again.steps[i].s, k.steps[i].s, 0);
    }
}

static void a_group_against_itself_is_no_difference(void **state) {
    (void)state;
    logrank r = survival_compare(a, drug, COUNT(drug), drug, COUNT(drug));
    assert_near(r.chisq, 0, 1e-12);
    logrank there = survival_compare(a, drug, COUNT(drug), placebo, COUNT(placebo));
    logrank back = survival_compare(a, placebo, COUNT(placebo), drug, COUNT(drug));
    assert_near(there.chisq, back.chisq, 1e-9);
    assert_near(there.expected + back.expected, there.observed + back.observed, 1e-9);
}

static void it_says_what_it_cannot_know(void **state) {
    (void)state;
    stay x[50];
    for (int i = 0; i < 50; i++) x[i] = (stay){.time = 1 + i % 10, .ended = false};
    survival k = survival_fit(&a, x, 50);
    estimate e = survival_at(&a, &k, 3);
    assert_near(e.value, 1, 0);
    assert_near(e.hi, 1, 0);
    assert_true(e.lo < 0.92 && e.lo > 0.85); // nobody of 35 left: not proof that nobody will
    assert_int_equal(survival_at(&a, &k, 11).state, ESTIMATE_REFUSED);
    estimate thin = survival_at(&a, &k, 9.5);
    assert_int_equal(thin.state, ESTIMATE_THIN);
    assert_string_equal(thin.why, "only 5 customers have been watched for so long");
    estimate half = survival_quantile(&a, &k, 0.5);
    assert_int_equal(half.state, ESTIMATE_REFUSED);
    assert_string_equal(half.why, "fewer than 50 % have left so far");
    assert_true(isinf(half.hi));
    survival none = survival_fit(&a, NULL, 0);
    assert_int_equal(survival_at(&a, &none, 1).state, ESTIMATE_NONE);
    assert_int_equal(survival_quantile(&a, &none, 0.5).state, ESTIMATE_NONE);
    stay all[40];
    for (int i = 0; i < 40; i++) all[i] = (stay){.time = 1 + i % 4, .ended = true};
    survival gone = survival_fit(&a, all, 40);
    estimate end = survival_at(&a, &gone, 100);
    assert_near(end.value, 0, 0);
    assert_true(end.hi > 0.05 && end.hi < 0.5);
}

// Intervals of a median hold the truth about 95 times in 100.
static void median_interval_covers(void **state) {
    (void)state;
    rng r = rng_seed(14);
    int covered = 0, rounds = 600;
    for (int round = 0; round < rounds; round++) {
        stay x[80];
        for (int i = 0; i < 80; i++) {
            double leave = rng_exp(&r, 1), seen = 3 * rng_unit(&r);
            x[i] = (stay){.time = MIN(leave, seen), .ended = leave <= seen};
        }
        arena scratch = a;
        survival k = survival_fit(&scratch, x, 80);
        estimate e = survival_quantile(&scratch, &k, 0.5);
        covered += e.lo <= log(2) && log(2) <= e.hi;
    }
    assert_near((double)covered / rounds, 0.95, 0.025);
}

// A CSV of the data folder as stays: columns of time and of the event, rows chosen by a third.
typedef struct {
    const char *file, *time, *event, *yes, *group, *of;
} csv_stays;

static int column(const csv_row *row, const char *name) {
    for (int i = 0; i < row->n; i++) {
        if (str_eq(row->cells[i], str_c(name))) return i;
    }
    fail_msg("no column %s", name);
    return -1;
}

static size_t read_stays(const char *dir, csv_stays q, stay *out, size_t max) {
    err e = {0};
    input *in = NULL;
    assert_ok(input_open(&in, str_z(&a, str_fmt(&a, "%s/clv/%s", dir, q.file)), &e), e);
    csv *c = csv_open(&a, input_read, in, (csv_opts){0});
    csv_row row;
    assert_true(csv_next(c, &row, &e));
    int time = column(&row, q.time), event = column(&row, q.event), group = q.group ? column(&row, q.group) : 0;
    size_t n = 0;
    while (csv_next(c, &row, &e)) {
        if (q.group && !str_eq(row.cells[group], str_c(q.of))) continue;
        double t;
        assert_true(str_f64(row.cells[time], &t) && n < max);
        out[n++] = (stay){.time = t, .ended = str_eq(row.cells[event], str_c(q.yes))};
    }
    assert_true(err_ok(&e));
    input_close(in);
    return n;
}

// R survival 3.5 and lifelines agree on these (the data's SOURCE.md).
static void telco_customers(void **state) {
    (void)state;
    test_need_data(dir);
    stay *x = make(&a, stay, 6000);
    size_t all = read_stays(dir, (csv_stays){"telco_A/telco_A.csv", "tenure", "Churn", "Yes", NULL, NULL}, x, 6000);
    assert_int_equal(all, 5209);
    size_t n = 0;
    for (size_t i = 0; i < all; i++) {
        if (x[i].time > 0) x[n++] = x[i];
    }
    survival k = survival_fit(&a, x, n);
    assert_int_equal(k.n, 5200);
    assert_int_equal(k.ended, 1394);
    static const struct { double t, s; } rows[] = {{1, .945192}, {12, .838723}, {24, .782902}, {72, .598842}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        estimate e = survival_at(&a, &k, rows[i].t);
        assert_near(e.value, rows[i].s, PRINTED(6));
        assert_int_equal(e.state, ESTIMATE_OK);
        assert_true(e.lo < e.value && e.value < e.hi);
    }
    assert_int_equal(survival_at(&a, &k, 73).state, ESTIMATE_REFUSED);
    assert_int_equal(survival_quantile(&a, &k, 0.5).state, ESTIMATE_REFUSED);
}

// R: survfit and survdiff on lung by sex: medians 310, 270, 426; χ² 10.3267, p 0.00131116.
static void lung_patients(void **state) {
    (void)state;
    test_need_data(dir);
    stay *x = make(&a, stay, 300), *men = make(&a, stay, 300), *women = make(&a, stay, 300);
    csv_stays q = {"survival/lung.csv", "time", "status", "1", NULL, "1"};
    size_t n = read_stays(dir, q, x, 300);
    q.group = "sex";
    size_t n_men = read_stays(dir, q, men, 300);
    q.of = "2";
    size_t n_women = read_stays(dir, q, women, 300);
    survival all = survival_fit(&a, x, n), m = survival_fit(&a, men, n_men), w = survival_fit(&a, women, n_women);
    assert_int_equal(all.n, 228);
    assert_int_equal(all.ended, 165);
    estimate half = survival_quantile(&a, &all, 0.5);
    assert_near(half.value, 310, 0);
    assert_near(half.lo, 284, 1); // R's default interval is on the log scale: [285, 363]
    assert_near(half.hi, 361, 2);
    assert_near(survival_quantile(&a, &m, 0.5).value, 270, 0);
    assert_near(survival_quantile(&a, &w, 0.5).value, 426, 0);
    logrank r = survival_compare(a, men, n_men, women, n_women);
    assert_near(r.chisq, 10.3267, PRINTED(4));
    assert_near(r.p, 0.00131116, PRINTED(8));
    assert_near(r.expected, 91.5817, PRINTED(4));
}

// lifelines' documentation: rulers of democracies and others, median 4 years, χ² 260.47.
static void rulers(void **state) {
    (void)state;
    test_need_data(dir);
    stay *x = make(&a, stay, 2000), *y = make(&a, stay, 2000), *all = make(&a, stay, 2000);
    csv_stays q = {"survival/dd.csv", "duration", "observed", "1", NULL, "Democracy"};
    size_t n_all = read_stays(dir, q, all, 2000);
    q.group = "democracy";
    size_t n = read_stays(dir, q, x, 2000);
    q.of = "Non-democracy";
    size_t m = read_stays(dir, q, y, 2000);
    assert_int_equal(n + m, n_all);
    survival k = survival_fit(&a, all, n_all);
    assert_near(survival_quantile(&a, &k, 0.5).value, 4, 0);
    assert_near(survival_compare(a, x, n, y, m).chisq, 260.47, PRINTED(2));
}

// A column of a file as group numbers in the order of first sight.
static int32_t read_groups(const char *dir, const char *file, const char *name, int32_t *out) {
    err e = {0};
    input *in = NULL;
    assert_ok(input_open(&in, str_z(&a, str_fmt(&a, "%s/clv/%s", dir, file)), &e), e);
    csv *c = csv_open(&a, input_read, in, (csv_opts){0});
    csv_row row;
    assert_true(csv_next(c, &row, &e));
    int at = column(&row, name);
    str seen[20];
    int32_t groups = 0;
    for (size_t n = 0; csv_next(c, &row, &e); n++) {
        int32_t g = 0;
        while (g < groups && !str_eq(seen[g], row.cells[at])) g++;
        if (g == groups) seen[groups++] = str_dup(&a, row.cells[at]);
        assert_true(groups < 20);
        out[n] = row.cells[at].len ? g : -1;
    }
    input_close(in);
    return groups;
}

// R survival 3.5: survdiff.
static void groups_agree_with_R(void **state) {
    (void)state;
    test_need_data(dir);
    static const csv_stays rossi = {"survival/rossi.csv", "week", "arrest", "1", NULL, NULL},
                           lung = {"survival/lung.csv", "time", "status", "1", NULL, NULL},
                           waltons = {"survival/waltons_dataset.csv", "T", "E", "1", NULL, NULL},
                           telco = {"telco_A/telco_A.csv", "tenure", "Churn", "Yes", NULL, NULL};
    static const struct {
        const csv_stays *of;
        const char *by;
        int df;
        double chisq, p;
    } rows[] = {
        {&rossi, "fin", 1, 3.83756957655, 0.050116117409},
        {&rossi, "race", 1, 0.576101713684, 0.447844394252},
        {&rossi, "wexp", 1, 9.91041914249, 0.00164345685409},
        {&rossi, "mar", 1, 3.9374355892, 0.0472227122181},
        {&rossi, "paro", 1, 0.325909100757, 0.56807794534},
        {&lung, "ph.ecog", 3, 21.9621316825, 6.6425353558e-05},
        {&waltons, "group", 1, 122.249125573, 2.03598322229e-28},
        {&telco, "Contract", 2, 1745.23009497, 0},
        {&telco, "PaymentMethod", 3, 587.397436837, 5.43764446962e-127},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        stay *x = make(&a, stay, 6000);
        int32_t *group = make(&a, int32_t, 6000);
        size_t n = read_stays(dir, *rows[i].of, x, 6000);
        int32_t groups = read_groups(dir, rows[i].of->file, rows[i].by, group);
        for (size_t k = 0; k < n; k++) {
            if (x[k].time == 0) group[k] = -1; // R was given customers of one month and more
        }
        logrank_groups r = survival_compare_groups(a, x, group, n, groups);
        assert_int_equal(r.df, rows[i].df);
        assert_near_at(rows[i].by, r.chisq, rows[i].chisq, 1e-7);
        assert_near_at(rows[i].by, r.p, rows[i].p, 1e-11);
    }
}

// Of two groups it is the plain test; a group that nobody was in, or that was never at risk beside another, is nothing.
static void two_groups_are_the_plain_test(void **state) {
    (void)state;
    rng r = rng_seed(15);
    for (int round = 0; round < 100; round++) {
        stay x[60], one[60], two[60];
        int32_t group[60];
        size_t n = (size_t)rng_range(&r, 4, 60), n1 = 0, n2 = 0;
        for (size_t i = 0; i < n; i++) {
            x[i] = (stay){(double)rng_range(&r, 1, 15), rng_chance(&r, 0.7), 0, rng_range(&r, 0, 3)};
            group[i] = (int32_t)rng_range(&r, -1, 1);
            if (group[i] == 0) one[n1++] = x[i];
            if (group[i] == 1) two[n2++] = x[i];
            if (group[i] == 1) group[i] = 3;
        }
        logrank plain = survival_compare(a, one, n1, two, n2);
        logrank_groups many = survival_compare_groups(a, x, group, n, 5);
        assert_int_equal(isnan(plain.p), isnan(many.p));
        if (isnan(plain.p)) continue;
        assert_int_equal(many.df, 1);
        assert_near(many.chisq, plain.chisq, 1e-9 * (1 + plain.chisq));
        assert_near(many.p, plain.p, 1e-10);
    }
    assert_true(isnan(survival_compare_groups(a, NULL, NULL, 0, 3).p));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_leukaemia_trial),
        cmocka_unit_test(log_log_interval_agrees_with_R),
        cmocka_unit_test(logrank_agrees_with_published_values),
        cmocka_unit_test(left_truncation_agrees_with_cole_and_hudgens),
        cmocka_unit_test(late_entry_agrees_with_published_values),
        cmocka_unit_test(without_censoring_it_is_counting),
        cmocka_unit_test(random_curves_agree_with_the_definition),
        cmocka_unit_test(a_group_against_itself_is_no_difference),
        cmocka_unit_test(it_says_what_it_cannot_know),
        cmocka_unit_test(median_interval_covers),
        cmocka_unit_test(telco_customers),
        cmocka_unit_test(lung_patients),
        cmocka_unit_test(rulers),
        cmocka_unit_test(groups_agree_with_R),
        cmocka_unit_test(two_groups_are_the_plain_test),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
