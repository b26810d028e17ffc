#include "stats/near.h"

#include "base/csv.h"
#include "base/input.h"
#include "base/rng.h"
#include "stats/hazard.h"

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

// All cells of a CSV file without its head.
static size_t read_cells(const char *dir, const char *file, str (*out)[24], size_t most) {
    err e = {0};
    input *in = NULL;
    assert_ok(input_open(&in, str_z(&a, str_fmt(&a, "%s/clv/%s", dir, file)), &e), e);
    csv *c = csv_open(&a, input_read, in, (csv_opts){0});
    csv_row row;
    assert_true(csv_next(c, &row, &e));
    size_t n = 0;
    for (; csv_next(c, &row, &e); n++) {
        assert_true(n < most && row.n <= 24);
        for (int i = 0; i < row.n; i++) out[n][i] = str_dup(&a, row.cells[i]);
    }
    input_close(in);
    return n;
}

static double number(str x) {
    double v = NAN;
    return str_f64(x, &v) ? v : NAN;
}

// R: glm(y ~ factor(t) - 1 + …, binomial) on the person-periods of rossi, 13 weeks each.
static void rossi_agrees_with_R(void **state) {
    (void)state;
    test_need_data(dir);
    str(*cells)[24] = (str(*)[24])make(&a, str, 24 * 500);
    size_t n = read_cells(dir, "survival/rossi.csv", cells, 500);
    stay *x = make(&a, stay, n);
    double *z = make(&a, double, n * 7);
    for (size_t i = 0; i < n; i++) {
        x[i] = (stay){.time = number(cells[i][0]), .ended = str_eq(cells[i][1], S("1"))};
        for (size_t j = 0; j < 7; j++) z[i * 7 + j] = number(cells[i][2 + j]);
    }
    hazard k = hazard_fit(&a, &(hazard_data){x, z, n, 7, 13});
    static const double beta[] = {-1.9846112513093, -1.3307735756198, -1.4594328577638, -1.1245075860553,
                                  -0.3968566253086, -0.0573062411961, 0.3423512452298,  -0.1598655827609,
                                  -0.4653982918623, -0.0715971145123, 0.0996132162013},
                        se[] = {0.6440723235857, 0.6272157363924, 0.6309594931519, 0.6296796617260,
                                0.2009998379757, 0.0224563381458, 0.3221904389815, 0.2212588838421,
                                0.3924367750105, 0.2064093786625, 0.0313134904404};
    assert_int_equal(k.state, ESTIMATE_OK);
    assert_int_equal(k.bands, 4);
    assert_int_equal(k.trials, 1573);
    assert_int_equal(k.ended, 114);
    assert_near(k.fit.loglik, -388.525116067, 1e-8);
    for (size_t j = 0; j < 11; j++) {
        assert_near(k.fit.beta[j], beta[j], 1e-8);
        assert_near(sqrt(k.fit.cov[j * 11 + j]), se[j], 1e-7); // glm's are those of the round before
    }
    double share = 1;
    for (size_t t = 0; t < 4; t++) share *= 1 - hazard_in(&k, z, t).value;
    estimate year = hazard_survival(&k, z, 0, 4), half = hazard_survival(&k, z, 2, 4);
    assert_near(year.value, share, 1e-12);
    assert_near(half.value * hazard_survival(&k, z, 0, 2).value, share, 1e-12);
    assert_true(year.lo < year.value && year.value < year.hi);
    assert_near(hazard_ratio(&k, 6).value, exp(0.0996132162013), 1e-8);
}

static size_t columns(const void *of, size_t i, double *out) {
    str(*cells)[24] = (str(*)[24])(uintptr_t)of;
    out[0] = number(cells[i][5]), out[1] = number(cells[i][18]), out[2] = number(cells[i][2]);
    out[3] = str_eq(cells[i][15], S("Two year")), out[4] = str_eq(cells[i][8], S("Fiber optic"));
    return 0;
}

// R: glm on the customers of a phone company.
static void telco_agrees_with_R(void **state) {
    (void)state;
    test_need_data(dir);
    str(*cells)[24] = (str(*)[24])make(&a, str, 24 * 6000);
    size_t all = read_cells(dir, "telco_A/telco_A.csv", cells, 6000), n = 0;
    double *hits = make(&a, double, all);
    for (size_t i = 0; i < all; i++) {
        if (isnan(number(cells[i][19]))) continue;
        memcpy(cells[n], cells[i], sizeof cells[n]);
        hits[n] = str_eq(cells[n][20], S("Yes"));
        n++;
    }
    logit k = logit_fit(&a, &(logit_data){.n = n, .p = 5, .row = columns, .of = cells, .hits = hits});
    static const double beta[] = {-1.3271029270576, -0.0450643738872, 0.0158245991594,
                                  0.5148713846405,  -1.4165182470429, 0.9027743730540},
                        se[] = {0.11907855906545, 0.00223253520793, 0.00262502236415,
                                0.09385106762590, 0.19552755025095, 0.13516745582787};
    for (int j = 0; j < 6; j++) assert_near(k.beta[j], beta[j], 1e-8);
    for (int j = 0; j < 6; j++) assert_near(sqrt(k.cov[j * 7]), se[j], 1e-6);
    assert_near(k.loglik, -2251.45053006, PRINTED(8));
    assert_near(k.null, -3022.95088532, PRINTED(8));
    assert_true(k.converged);
}

// Without traits and with a band per period the curve is Kaplan and Meier's.
static void without_traits_it_is_kaplan_meier(void **state) {
    (void)state;
    rng r = rng_seed(51);
    enum { N = 2000 };
    stay *x = make(&a, stay, N);
    for (int i = 0; i < N; i++) {
        double enter = rng_chance(&r, .3) ? (double)rng_range(&r, 1, 4) : 0;
        x[i] = (stay){enter + (double)rng_range(&r, 1, 9), rng_chance(&r, .5), enter, rng_range(&r, 0, 2)};
    }
    hazard k = hazard_fit(&a, &(hazard_data){x, NULL, N, 0, 1});
    survival km = survival_fit(&a, x, N);
    for (size_t t = 1; t < k.bands; t++) {
        assert_int_equal(k.from[t], t);
        estimate want = survival_at(&a, &km, (double)t), got = hazard_survival(&k, NULL, 0, t);
        assert_near(got.value, want.value, 1e-9);
        assert_near(got.lo, want.lo, 2e-3);
        assert_near(got.hi, want.hi, 2e-3);
    }
    assert_int_equal(k.cells, k.bands);
}

// Counting customers alike together changes nothing: the same regression on one row per person and period.
static void cells_are_the_person_periods(void **state) {
    (void)state;
    rng r = rng_seed(52);
    for (int round = 0; round < 10; round++) {
        arena kept = a;
        enum { N = 600, P = 2 };
        stay *x = make(&a, stay, N);
        double *z = make(&a, double, N *P), *rows = make(&a, double, N * 40 * 10), *hits = make(&a, double, N * 40);
        for (int i = 0; i < N; i++) {
            z[i * P] = (double)rng_range(&r, 0, 2), z[i * P + 1] = round % 2 ? rng_normal(&r, 0, 1) : 1;
            double time = 0;
            while (time < 6 && !rng_chance(&r, .2 + .1 * z[i * P])) time++;
            x[i] = (stay){.time = time == 6 ? 6 : time + 1, .ended = time < 6};
            if (rng_chance(&r, .1)) x[i] = (stay){.time = 3.4, .ended = false};
        }
        hazard k = hazard_fit(&a, &(hazard_data){x, z, N, P, 1});
        size_t n = 0, wide = k.bands - 1 + P;
        for (int i = 0; i < N; i++) {
            for (size_t t = 0; t < (x[i].ended ? (size_t)x[i].time : (size_t)floor(x[i].time)); t++) {
                double *row = &rows[n * wide];
                memset(row, 0, wide * sizeof *row);
                for (size_t b = 1; b < k.bands; b++)
                    row[b - 1] = t >= k.from[b] && (b + 1 == k.bands || t < k.from[b + 1]);
                memcpy(row + k.bands - 1, &z[i * P], P * sizeof *row);
                hits[n++] = x[i].ended && (double)t + 1 == x[i].time;
            }
        }
        assert_int_equal(n, k.trials);
        logit_table table = {rows, wide};
        logit plain = logit_fit(&a, &(logit_data){n, wide, 1, logit_dense, &table, hits, NULL, NULL, NULL});
        assert_near(plain.loglik, k.fit.loglik, 1e-7);
        assert_near(plain.beta[k.bands], k.fit.beta[k.bands], 1e-7);
        assert_near(plain.cov[k.bands * (wide + 1) + k.bands], k.fit.cov[k.bands * (k.bands + P) + k.bands], 1e-7);
        if (round % 2 == 0) assert_int_equal(k.cells, 3 * k.bands);
        if (round % 2 == 0) assert_int_equal(hazard_ratio(&k, 1).state, ESTIMATE_REFUSED);
        a = kept;
    }
}

// A ridge draws coefficients to 0 by as much as the penalised likelihood says: its slope is 0 at the answer.
static void a_ridge_is_the_maximum_of_its_penalty(void **state) {
    (void)state;
    rng r = rng_seed(53);
    enum { N = 300, P = 3 };
    double x[N * P], hits[N], trials[N], ridge[P] = {5, 0, 20};
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < P; j++) x[i * P + j] = rng_normal(&r, j, 1);
        trials[i] = (double)rng_range(&r, 0, 4);
        hits[i] = 0;
        for (int t = 0; t < (int)trials[i]; t++) hits[i] += rng_chance(&r, logit_share(x[i * P] - .5));
    }
    logit_table table = {x, P};
    logit_data d = {N, P, 1, logit_dense, &table, hits, trials, ridge, NULL};
    logit k = logit_fit(&a, &d);
    double slope[P + 1] = {0};
    for (int i = 0; i < N; i++) {
        double odds = k.beta[0];
        for (int j = 0; j < P; j++) odds += k.beta[1 + j] * x[i * P + j];
        double over = hits[i] - trials[i] * logit_share(odds);
        slope[0] += over;
        for (int j = 0; j < P; j++) slope[1 + j] += over * x[i * P + j];
    }
    assert_near(slope[0], 0, 1e-6);
    for (int j = 0; j < P; j++) assert_near(slope[1 + j], ridge[j] * k.beta[1 + j], 1e-6);
    d.ridge = NULL;
    logit free = logit_fit(&a, &d);
    assert_true(fabs(free.beta[1]) > fabs(k.beta[1]) && free.loglik > k.loglik);
    assert_near(logit_share(logit_odds(.3)), .3, 1e-15);
    assert_near(logit_share(-800), 0, 0);
    assert_near(logit_share(800), 1, 0);
}

static void it_refuses_below_the_gates(void **state) {
    (void)state;
    enum { N = 400, P = 15 };
    rng r = rng_seed(54);
    stay *x = make(&a, stay, N);
    double *z = make(&a, double, N *P);
    for (int i = 0; i < N * P; i++) z[i] = rng_normal(&r, 0, 1);
    for (int i = 0; i < N; i++) x[i] = (stay){.time = 1 + i % 5, .ended = i < 99};
    hazard k = hazard_fit(&a, &(hazard_data){x, z, N, 1, 1});
    assert_int_equal(k.state, ESTIMATE_REFUSED);
    assert_string_equal(k.why, "99 customers left; 100 are needed");
    assert_int_equal(hazard_in(&k, z, 0).state, ESTIMATE_REFUSED);
    for (int i = 0; i < N; i++) x[i].ended = i < 120;
    k = hazard_fit(&a, &(hazard_data){x, z, N, P, 1});
    assert_string_equal(k.why, "120 customers left; 150 are needed");
    for (int i = 0; i < N; i++) x[i].ended = i < 350;
    k = hazard_fit(&a, &(hazard_data){x, z, N, 2, 1});
    assert_string_equal(k.why, "50 customers stayed; 100 are needed");
    for (int i = 0; i < N; i++) z[i] = i % 2, x[i].ended = i % 2; // the trait says who leaves
    k = hazard_fit(&a, &(hazard_data){x, z, N, 1, 1});
    assert_int_equal(k.state, ESTIMATE_THIN);
    k = hazard_fit(&a, &(hazard_data){NULL, NULL, 0, 1, 1});
    assert_int_equal(k.state, ESTIMATE_REFUSED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rossi_agrees_with_R),
        cmocka_unit_test(telco_agrees_with_R),
        cmocka_unit_test(without_traits_it_is_kaplan_meier),
        cmocka_unit_test(cells_are_the_person_periods),
        cmocka_unit_test(a_ridge_is_the_maximum_of_its_penalty),
        cmocka_unit_test(it_refuses_below_the_gates),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
