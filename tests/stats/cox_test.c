#include "stats/near.h"

#include "base/csv.h"
#include "base/input.h"
#include "base/rng.h"
#include "stats/cox.h"

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

enum { MOST = 6000, WIDE = 12 };

// A CSV file as stays and covariates. A column "name=value" is 1 where the cell is that value.
typedef struct {
    const char *file, *time, *event, *yes, *enter, *stratum;
    const char *z[WIDE + 1];
} source;

static str cell_of(const csv_row *head, const csv_row *row, str name) {
    for (int i = 0; i < head->n; i++) {
        if (str_eq(head->cells[i], name)) return row->cells[i];
    }
    fail_msg("no column %.*s", STR_ARG(name));
    return (str){0};
}

static double number_of(str cell) {
    double v = NAN;
    return str_f64(cell, &v) ? v : NAN;
}

static csv_row keep_head(const csv_row *row) {
    csv_row head = *row;
    head.cells = make(&a, str, row->n);
    for (int i = 0; i < row->n; i++) head.cells[i] = str_dup(&a, row->cells[i]);
    return head;
}

static void read_row(const csv_row *head, const csv_row *row, const source *q, size_t n, stay *x, double *z,
                     int32_t *g) {
    x[n] = (stay){.time = number_of(cell_of(head, row, str_c(q->time)))};
    x[n].ended = str_eq(cell_of(head, row, str_c(q->event)), str_c(q->yes));
    if (q->enter) x[n].enter = number_of(cell_of(head, row, str_c(q->enter)));
    if (q->stratum) g[n] = (int32_t)number_of(cell_of(head, row, str_c(q->stratum)));
    size_t p = 0;
    for (; q->z[p]; p++) continue;
    for (size_t j = 0; j < p; j++) {
        str value = str_c(q->z[j]), name = str_cut(&value, '=');
        str cell = cell_of(head, row, name);
        z[n * p + j] = value.s ? str_eq(cell, value) : number_of(cell);
    }
}

static cox_data load(const char *dir, const source *q) {
    err e = {0};
    input *in = NULL;
    assert_ok(input_open(&in, str_z(&a, str_fmt(&a, "%s/clv/%s", dir, q->file)), &e), e);
    csv *c = csv_open(&a, input_read, in, (csv_opts){0});
    csv_row row;
    assert_true(csv_next(c, &row, &e));
    csv_row head = keep_head(&row);
    stay *x = make(&a, stay, MOST);
    double *z = make(&a, double, MOST *WIDE);
    int32_t *g = make(&a, int32_t, MOST);
    size_t n = 0, p = 0;
    while (csv_next(c, &row, &e)) read_row(&head, &row, q, n++, x, z, g);
    input_close(in);
    while (q->z[p]) p++;
    return (cox_data){.x = x, .z = z, .n = n, .p = p, .stratum = q->stratum ? g : NULL};
}

static const source rossi = {
    "survival/rossi.csv", "week", "arrest", "1", NULL, NULL, {"fin", "age", "race", "wexp", "mar", "paro", "prio"}};

// Allison 1995; R survival 3.5-3: coxph, to as many digits as it was asked for.
static void rossi_agrees_with_R(void **state) {
    (void)state;
    test_need_data(dir);
    static const struct {
        double loglik, null, score, wald, concordance, se, last, beta[7], error[7];
    } want[] = {
        {-658.747659446,
         -675.380632347,
         33.5286888997,
         32.1126106806,
         0.640329247100,
         0.0266581227726,
         0.956499219069,
         {-0.3794221665, -0.0574377427, 0.3138997878, -0.1497956977, -0.4337038779, -0.0848710825, 0.0914970810},
         {0.1913794807135, 0.0219994706007, 0.3079927765574, 0.2122242962486, 0.3818680576688, 0.1957566719066,
          0.0286485499600}},
        {-659.120605677,
         -675.683389417,
         33.3828204241,
         31.9810174608,
         0.640423183505,
         0.0266476562236,
         0.950727380605,
         {-0.3790218874, -0.0572459250, 0.3141297669, -0.1511146001, -0.4327825738, -0.0849828353, 0.0911115421},
         {0.1913644258598, 0.0219831857251, 0.3080172797370, 0.2121231608837, 0.3817949352629, 0.1957482073092,
          0.0286312529561}},
    };
    cox_data d = load(dir, &rossi);
    for (int ties = 0; ties < 2; ties++) {
        d.ties = ties == 0 ? COX_EFRON : COX_BRESLOW;
        cox k = cox_fit(&a, &d);
        assert_int_equal(k.n, 432);
        assert_int_equal(k.ended, 114);
        assert_int_equal(k.state, ESTIMATE_OK);
        for (int j = 0; j < 7; j++) {
            assert_near(k.beta[j], want[ties].beta[j], 2e-9);
            assert_near(k.se[j], want[ties].error[j], 1e-9);
            assert_false(k.runaway[j]);
        }
        assert_near(k.loglik, want[ties].loglik, 1e-8);
        assert_near(k.null, want[ties].null, 1e-8);
        assert_near(k.score.chisq, want[ties].score, 1e-7);
        assert_near(k.wald.chisq, want[ties].wald, 1e-6);
        assert_near(k.ratio.chisq, 2 * (want[ties].loglik - want[ties].null), 1e-7);
        assert_int_equal(k.ratio.df, 7);
        assert_near(k.agreement.value.value, want[ties].concordance, 1e-9);
        assert_near(sqrt(k.agreement.value.var), want[ties].se, 1e-9);
        double off = 0; // R's baseline is that of covariates 0
        for (int j = 0; j < 7; j++) off -= k.beta[j] * k.center[j];
        assert_near(k.steps[k.n_steps - 1].hazard * exp(off), want[ties].last, 1e-7);
    }
    cox k = cox_fit(&a, &d);
    estimate e = cox_ratio(&k, 0); // Breslow: exp(coef) .6845, .4704 to .9961, p .0476329
    assert_near(e.value, 0.684530630, 1e-8);
    assert_near(e.lo, 0.470438862, 1e-8);
    assert_near(e.hi, 0.996053304, 1e-8);
    assert_near(cox_ratio_p(&k, 0), 0.0476329, PRINTED(7));
}

// R: survfit(coxph, newdata, conf.type = "log-log").
static void curves_agree_with_R(void **state) {
    (void)state;
    test_need_data(dir);
    static const double z[2][7] = {{0, 20, 1, 0, 0, 1, 3}, {1, 30, 1, 0, 0, 1, 0}};
    static const double want[2][2][2][4] = {{{{.946890105940, .0153314515372, .906997330498, .969952005979},
                                              {.984148630490, .00615445638026, .966176110568, .992607701585}},
                                             {{.605487451203, .0533235076932, .492756432466, .700701419121},
                                              {.863380038751, .03815946179062, .767263501228, .921773361602}}},
                                            {{{.946975629302, .0153074237515, .907143994079, .970000939996},
                                              {.984120005435, .00616035838874, .966136810555, .992589591411}},
                                             {{.606475367672, .0532437342014, .493875679818, .701522582954},
                                              {.863352080392, .03813855239046, .767306898369, .921724215721}}}};
    cox_data d = load(dir, &rossi);
    for (int ties = 0; ties < 2; ties++) {
        d.ties = ties == 0 ? COX_EFRON : COX_BRESLOW;
        cox k = cox_fit(&a, &d);
        for (int when = 0; when < 2; when++) {
            for (int who = 0; who < 2; who++) {
                const double *w = want[ties][when][who];
                estimate e = cox_survival(&k, z[who], 0, when ? 52 : 10);
                assert_near(e.value, w[0], 1e-9);
                assert_near(sqrt(e.var), w[1], 1e-9);
                assert_near(e.lo, w[2], 1e-9);
                assert_near(e.hi, w[3], 1e-9);
            }
        }
        assert_near(cox_survival(&k, z[0], 0, 0.5).value, 1, 0);
        assert_near(cox_survival(&k, z[0], 0, 500).value, want[ties][1][0][0], 1e-9);
    }
}

// R: strata(race); Stanford's heart transplants, who enter late; the customers of a phone company (the data's
// SOURCE.md).
static void strata_late_entries_and_customers_agree_with_R(void **state) {
    (void)state;
    test_need_data(dir);
    source by = {"survival/rossi.csv", "week", "arrest", "1", NULL, "race", {"fin", "age", "prio"}};
    cox_data d = load(dir, &by);
    cox k = cox_fit(&a, &d);
    static const double rossi_beta[] = {-0.3641719234528, -0.0674582341639, 0.1007481769986},
                        rossi_se[] = {0.1906664336463, 0.0209346229281, 0.0271436952007};
    for (int j = 0; j < 3; j++) assert_near(k.beta[j], rossi_beta[j], 1e-7);
    for (int j = 0; j < 3; j++) assert_near(k.se[j], rossi_se[j], 1e-9);
    assert_near(k.null, -636.926967332, 1e-8);
    assert_near(k.loglik, -621.895194551, 1e-8);
    assert_near(k.agreement.value.value, 0.625372737740, 1e-9);
    assert_near(sqrt(k.agreement.value.var), 0.0289578371584, 1e-9);

    source heart = {"survival/stanford_heart.csv",           "stop", "event", "1", "start", NULL,
                    {"age", "year", "surgery", "transplant"}};
    static const double beta[2][4] = {{0.0271666409577, -0.1463463456742, -0.6372098899670, -0.0102507724091},
                                      {0.0271520807645, -0.1461157500026, -0.6358434755982, -0.0118958509638}},
                        se[] = {0.0137141152103, 0.0704679795189, 0.3672259961803, 0.3137547983375},
                        loglik[] = {-290.565616218, -290.794534648}, null[] = {-298.121355673, -298.325606736};
    d = load(dir, &heart);
    for (int ties = 0; ties < 2; ties++) {
        d.ties = ties == 0 ? COX_EFRON : COX_BRESLOW;
        k = cox_fit(&a, &d);
        for (int j = 0; j < 4; j++) assert_near(k.beta[j], beta[ties][j], 1e-7);
        for (int j = 0; j < 4 && ties == 0; j++) assert_near(k.se[j], se[j], 1e-8);
        assert_near(k.loglik, loglik[ties], 1e-8);
        assert_near(k.null, null[ties], 1e-8);
        if (ties == 0) assert_near(k.agreement.value.value, 0.635760123921, 1e-9);
        if (ties == 0) assert_near(sqrt(k.agreement.value.var), 0.033079624557, 1e-9);
    }

    source telco = {"telco_A/telco_A.csv",
                    "tenure",
                    "Churn",
                    "Yes",
                    NULL,
                    NULL,
                    {"gender=Male", "SeniorCitizen", "Partner=Yes", "Dependents=Yes", "PhoneService=Yes",
                     "MultipleLines=Yes", "OnlineSecurity=Yes", "OnlineBackup=Yes", "DeviceProtection=Yes",
                     "TechSupport=Yes", "PaperlessBilling=Yes", "Contract=Two year"}};
    d = load(dir, &telco);
    stay *x = make(&a, stay, d.n);
    for (size_t i = 0; i < d.n; i++) x[i] = d.x[i].time > 0 ? d.x[i] : (stay){.time = NAN};
    d.x = x;
    k = cox_fit(&a, &d);
    assert_int_equal(k.n, 5200);
    assert_int_equal(k.ended, 1394);
    assert_int_equal(k.ignored, 9);
    assert_true(k.agreement.value.value > 0.75);
}

// The partial likelihood by its definition, every leaver against everybody at risk.
static double slow_likelihood(const cox_data *d, const double *beta) {
    double value = 0;
    for (size_t i = 0; i < d->n; i++) {
        bool first = d->x[i].ended;
        for (size_t j = 0; j < i; j++) {
            if (d->x[j].ended && d->x[j].time == d->x[i].time && d->stratum[j] == d->stratum[i]) first = false;
        }
        if (!first) continue;
        double s0 = 0, d0 = 0, deaths = 0;
        for (size_t j = 0; j < d->n; j++) {
            const stay *x = &d->x[j];
            if (d->stratum[j] != d->stratum[i] || x->time < d->x[i].time) continue;
            if (x->enter > 0 && x->enter >= d->x[i].time) continue;
            double eta = 0, count = (double)MAX(x->count, 1);
            for (size_t c = 0; c < d->p; c++) eta += beta[c] * d->z[j * d->p + c];
            s0 += count * exp(eta);
            if (!x->ended || x->time != d->x[i].time) continue;
            d0 += count * exp(eta), deaths += count, value += count * eta;
        }
        for (double k = 0; k < deaths; k++) value -= log(s0 - (d->ties == COX_EFRON ? k / deaths : 0) * d0);
    }
    return value;
}

static void random_fits_are_maxima_of_the_definition(void **state) {
    (void)state;
    rng r = rng_seed(41);
    for (int round = 0; round < 60; round++) {
        arena kept = a;
        enum { N = 60, P = 3 };
        stay x[N];
        double z[N * P];
        int32_t g[N];
        for (int i = 0; i < N; i++) {
            double enter = rng_chance(&r, .3) ? (double)rng_range(&r, 0, 4) : 0;
            for (int j = 0; j < P; j++) z[i * P + j] = rng_normal(&r, 5, 2);
            double late = (double)rng_range(&r, 1, 9 - (z[i * P] > 5 ? 4 : 0));
            x[i] = (stay){enter + late, rng_chance(&r, .7), enter, rng_range(&r, 0, 3)};
            g[i] = (int32_t)rng_range(&r, 0, 1);
        }
        cox_data d = {x, z, g, N, P, round % 2 ? COX_EFRON : COX_BRESLOW};
        cox k = cox_fit(&a, &d);
        double zero[P] = {0};
        assert_near(k.null, slow_likelihood(&d, zero), 1e-8);
        assert_near(k.loglik, slow_likelihood(&d, k.beta), 1e-8);
        double inverse[P * P];
        for (int i = 0; i < P; i++) { // slope 0, and the information is the curvature there
            for (int j = 0; j < P; j++) {
                double h = 1e-4, f[2][2], b[P];
                for (int u = 0; u < 4; u++) {
                    memcpy(b, k.beta, sizeof b);
                    b[i] += u & 1 ? h : -h;
                    b[j] += u & 2 ? h : -h;
                    f[u & 1][u >> 1] = slow_likelihood(&d, b);
                }
                inverse[i * P + j] = -(f[1][1] - f[1][0] - f[0][1] + f[0][0]) / (4 * h * h);
            }
        }
        for (int i = 0; i < P; i++) {
            for (int j = 0; j < P; j++) {
                double one = 0;
                for (int c = 0; c < P; c++) one += inverse[i * P + c] * k.cov[c * P + j];
                assert_near(one, i == j, 2e-3);
            }
        }
        rng_shuffle(&r, x, 1, sizeof *x);
        a = kept;
    }
}

static void columns_that_say_nothing_do_no_harm(void **state) {
    (void)state;
    rng r = rng_seed(42);
    enum { N = 400, P = 4 };
    stay x[N];
    double z[N * P], two[N * 2];
    for (int i = 0; i < N; i++) {
        two[i * 2] = rng_normal(&r, 0, 1), two[i * 2 + 1] = rng_chance(&r, .5);
        double *row = &z[i * P];
        row[0] = two[i * 2], row[1] = 7, row[2] = two[i * 2 + 1], row[3] = 3 - row[0] + 2 * row[2];
        double leave = rng_exp(&r, exp(.5 * row[0])), seen = rng_exp(&r, .5);
        x[i] = (stay){.time = MIN(leave, seen), .ended = leave <= seen};
    }
    cox more = cox_fit(&a, &(cox_data){x, z, NULL, N, P, COX_EFRON});
    cox less = cox_fit(&a, &(cox_data){x, two, NULL, N, 2, COX_EFRON});
    assert_near(more.loglik, less.loglik, 1e-8);
    assert_near(more.beta[0], less.beta[0], 1e-8);
    assert_near(more.beta[2], less.beta[1], 1e-8);
    assert_near(more.beta[1], 0, 0);
    assert_near(more.beta[3], 0, 0);
    assert_int_equal(more.ratio.df, 2);
    assert_int_equal(cox_ratio(&more, 3).state, ESTIMATE_REFUSED);
    assert_true(isnan(cox_ratio_p(&more, 1)));
}

static void it_says_what_it_cannot_know(void **state) {
    (void)state;
    rng r = rng_seed(43);
    enum { N = 200 };
    stay x[N];
    double z[N * 2], flat[N] = {0};
    for (int i = 0; i < N; i++) {
        z[2 * i] = i % 4 == 0, z[2 * i + 1] = rng_normal(&r, 0, 1);
        x[i] = (stay){.time = 1 + rng_unit(&r), .ended = i % 4 != 0 && rng_chance(&r, .5)}; // of these, nobody leaves
    }
    cox k = cox_fit(&a, &(cox_data){x, z, NULL, N, 2, COX_EFRON});
    assert_int_equal(k.state, ESTIMATE_THIN);
    assert_true(k.runaway[0] && !k.runaway[1]);
    assert_true(k.beta[0] < -10 && isfinite(k.loglik) && fabs(k.beta[1]) < 1);
    k = cox_fit(&a, &(cox_data){x, flat, NULL, N, 1, COX_EFRON});
    assert_int_equal(k.state, ESTIMATE_REFUSED);
    for (int i = 0; i < N; i++) x[i].ended = i == 1 || i == 2;
    k = cox_fit(&a, &(cox_data){x, z, NULL, N, 2, COX_EFRON});
    assert_int_equal(k.state, ESTIMATE_THIN);
    assert_string_equal(k.why, "2 customers left; 2 traits need 20");
    for (int i = 0; i < N; i++) x[i].ended = false;
    k = cox_fit(&a, &(cox_data){x, z, NULL, N, 2, COX_EFRON});
    assert_string_equal(k.why, "nobody has left yet");
    assert_int_equal(cox_survival(&k, z, 0, 1).state, ESTIMATE_REFUSED);
    k = cox_fit(&a, &(cox_data){NULL, NULL, NULL, 0, 2, COX_EFRON});
    assert_int_equal(k.state, ESTIMATE_REFUSED);
    for (int i = 0; i < N; i++) x[i].ended = i % 3 == 0, z[2 * i] = 1e6 * z[2 * i + 1] + (i == 7 ? NAN : 0);
    k = cox_fit(&a, &(cox_data){x, z, NULL, N, 2, COX_EFRON});
    assert_int_equal(k.ignored, 1);
    assert_int_equal(k.ratio.df, 1);
}

// 100 studies of customers whose hazard ratio is known.
static void intervals_cover(void **state) {
    (void)state;
    rng r = rng_seed(44);
    int hits[2] = {0}, rounds = 400;
    for (int round = 0; round < rounds; round++) {
        arena kept = a;
        enum { N = 250 };
        stay x[N];
        double z[N * 2];
        for (int i = 0; i < N; i++) {
            z[2 * i] = rng_normal(&r, 0, 1), z[2 * i + 1] = rng_chance(&r, .3);
            double leave = rng_exp(&r, exp(.4 * z[2 * i] - .7 * z[2 * i + 1])), seen = rng_exp(&r, .6);
            x[i] = (stay){.time = ceil(20 * MIN(leave, seen)), .ended = leave <= seen};
        }
        cox k = cox_fit(&a, &(cox_data){x, z, NULL, N, 2, COX_EFRON});
        hits[0] += fabs(k.beta[0] - .4) < Z95 * k.se[0];
        hits[1] += fabs(k.beta[1] + .7) < Z95 * k.se[1];
        a = kept;
    }
    assert_near((double)hits[0] / rounds, 0.95, 0.025);
    assert_near((double)hits[1] / rounds, 0.95, 0.025);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rossi_agrees_with_R),
        cmocka_unit_test(curves_agree_with_R),
        cmocka_unit_test(strata_late_entries_and_customers_agree_with_R),
        cmocka_unit_test(random_fits_are_maxima_of_the_definition),
        cmocka_unit_test(columns_that_say_nothing_do_no_harm),
        cmocka_unit_test(it_says_what_it_cannot_know),
        cmocka_unit_test(intervals_cover),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
