#include "stats/near.h"

#include "stats/purchase_private.h"
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

static purchase_people cdnow_people(const char *dir, bool sample) {
    purchase_log log = cdnow(&a, dir, sample);
    return purchase_summarise(&a, &log, CDNOW_SPLIT, NULL);
}

static purchase_outlook look(const purchase_fit *f, int32_t x, double tx, double T, double horizon) {
    return purchase_predict(&a, f, NULL, (purchase_one){x, tx, T, NAN, NULL}, (purchase_terms){.horizon = horizon});
}

// Fader & Hardie's spreadsheets and BTYD's walk-through, on the CDNOW sample.
static void single_customers_agree_with_published_values(void **state) {
    (void)state;
    test_need_data(dir);
    purchase_people p = cdnow_people(dir, true);
    purchase_set *s = purchase_group(&a, &p);
    purchase_fit pareto = purchase_fit_model(&a, s, PURCHASE_PARETO, (purchase_how){0});
    purchase_fit bg = purchase_fit_model(&a, s, PURCHASE_BG, (purchase_how){0});
    assert_near(look(&pareto, 0, 0, 0, 52).buys.value, 1.473, PRINTED(3));
    purchase_outlook o = look(&pareto, 26, 216.0 / 7, 31, 52);
    assert_near(o.buys.value, 25.454, 2e-3); // the walk-through prints 25.46
    assert_near(o.alive.value, 0.99787, PRINTED(5));
    static const double lapsed[] = {0.706, 0.144, 0.0225, 0.0031};
    for (int i = 0; i < 4; i++) assert_near(look(&pareto, 10 + 5 * i, 20, 39, 52).buys.value, lapsed[i], 6e-4);
    assert_near(look(&bg, 2, 30.43, 38.86, 39).buys.value, 1.226, PRINTED(3));
    assert_near(look(&bg, 0, 0, 39, 39).alive.value, 1, 0);
    double par[] = {0.243, 4.414, 0.793, 2.426};
    purchase_fit printed = purchase_fit_known(&a, s, PURCHASE_BG, 1, par);
    assert_near(look(&printed, 0, 0, 0, 39).quiet.value, 0.5737864, PRINTED(7));
}

// What four programs say of the 39 weeks held out, in all.
static void everybody_agrees_with_other_programs(void **state) {
    (void)state;
    test_need_data(dir);
    static const struct {
        bool sample;
        enum purchase_model m;
        double total;
    } w[] = {{true, PURCHASE_BG, 1653.4},   {true, PURCHASE_MBG, 1576.7},   {true, PURCHASE_PARETO, 1665.5},
             {false, PURCHASE_BG, 16873.7}, {false, PURCHASE_MBG, 15933.6}, {false, PURCHASE_PARETO, 17153.0}};
    purchase_people p[2] = {cdnow_people(dir, false), cdnow_people(dir, true)};
    purchase_set *s[2] = {purchase_group(&a, &p[0]), purchase_group(&a, &p[1])};
    for (size_t i = 0; i < COUNT(w); i++) {
        purchase_fit f = purchase_fit_model(&a, s[w[i].sample], w[i].m, (purchase_how){0});
        purchase_totals t = purchase_predict_all(&a, &f, NULL, s[w[i].sample], (purchase_terms){.horizon = 39}, NULL);
        assert_near_at(f.name, t.buys.value, w[i].total, w[i].sample ? PRINTED(1) : 0.3);
        assert_near(t.value.value, t.buys.value, 1e-6 * t.buys.value); // without money and discount
    }
}

static void same_range(const char *what, purchase_range got, const estimate *want, double within) {
    assert_near_at(what, got.value, want->value, within * fabs(want->value) + 1e-12);
    assert_near_at(what, got.lo, want->lo, 1e-4 * fabs(want->hi) + 1e-9);
    assert_near_at(what, got.hi, want->hi, 1e-4 * fabs(want->hi) + 1e-9);
}

// Many are predicted by interpolation between some; one alone is not. And totals are sums.
static void many_are_predicted_as_one(void **state) {
    (void)state;
    rng r = rng_seed(51);
    for (int kind = 0; kind < 6; kind++) {
        enum purchase_model m = (enum purchase_model)MIN(kind, (int)PURCHASE_MBG);
        nature w = {m == PURCHASE_NBD ? PURCHASE_BG : m, kind > 3 ? 3 : 1, {0.8, 6, 0.9, 3}, 0, kind % 2 ? 1.0 / 7 : 0};
        folk f = folk_new(&a, 900);
        for (int i = 0; i < 900; i++) folk_live(&f, &r, &w, (double)rng_range(&r, 1, 500) / 7);
        purchase_people p = people_of(&f, 0);
        double *z = make(&a, double, p.n);
        for (size_t i = 0; i < p.n; i++) z[i] = (double)(i % 3);
        if (kind == 5) p.traits = z, p.n_traits = 1;
        purchase_set *s = purchase_group(&a, &p);
        purchase_fit fit = purchase_fit_model(&a, s, m, (purchase_how){.k = w.k});
        purchase_row *rows = make(&a, purchase_row, p.n);
        purchase_terms t = {
            .horizon = 30, .quiet = 6, .discount = 0.004, .margin = 0.5, .serve = 0.1, .residual = true};
        purchase_totals sum = purchase_predict_all(&a, &fit, NULL, s, t, rows);
        double alive = 0, buys = 0, buyers = 0, value = 0, residual = 0;
        for (size_t i = 0; i < p.n; i++) {
            alive += rows[i].alive.value, buys += rows[i].buys.value, buyers += 1 - rows[i].quiet.value;
            value += rows[i].value.value, residual += rows[i].residual.value;
            if (i % 7) continue;
            purchase_one c = {p.x[i], p.tx[i], p.T[i], NAN, p.traits ? &z[i] : NULL};
            arena scratch = a;
            purchase_outlook o = purchase_predict(&scratch, &fit, NULL, c, t);
            if (p.traits) {
                c.traits = NULL;
                assert_int_equal(purchase_predict(&scratch, &fit, NULL, c, t).buys.state, ESTIMATE_REFUSED);
            }
            same_range("alive", rows[i].alive, &o.alive, 1e-10);
            same_range("buys", rows[i].buys, &o.buys, 1e-8);
            same_range("quiet", rows[i].quiet, &o.quiet, 1e-8);
            same_range("value", rows[i].value, &o.value, 1e-7);
            same_range("residual", rows[i].residual, &o.residual, 1e-6);
            assert_true(o.residual.value >= o.value.value && o.value.value <= 0.4 * o.buys.value);
            assert_true(o.few <= o.buys.value + 1 && o.buys.value <= o.many + 1);
        }
        assert_near(sum.alive.value / alive, 1, 1e-12);
        assert_near(sum.buys.value / buys, 1, 1e-12);
        assert_near(sum.buyers.value / buyers, 1, 1e-12);
        assert_near(sum.value.value / value, 1, 1e-12);
        assert_near(sum.residual.value / residual, 1, 1e-12);
    }
}

// A standard normal in each direction of the covariance, so that θ moves as the data leave open.
static void draw(rng *r, const purchase_fit *f, double *theta) {
    double l[MOST_PARAMS * MOST_PARAMS] = {0};
    int n = f->n;
    for (int i = 0; i < n; i++) {
        for (int j = 0; j <= i; j++) {
            double sum = f->covariance[i * n + j];
            for (int k = 0; k < j; k++) sum -= l[i * n + k] * l[j * n + k];
            l[i * n + j] = i == j ? sqrt(sum) : sum / l[j * n + j];
        }
    }
    memcpy(theta, f->theta, (size_t)n * sizeof *theta);
    for (int k = 0; k < n; k++) {
        double z = rng_normal(r, 0, 1);
        for (int i = k; i < n; i++) theta[i] += l[i * n + k] * z;
    }
}

// The delta method beside the parametric bootstrap: what predictions do when the parameters are drawn anew.
static void intervals_are_those_of_drawn_parameters(void **state) {
    (void)state;
    rng r = rng_seed(52);
    static const nature w[] = {{PURCHASE_PARETO, 1, {0.7, 8, 0.8, 14}, 0, 1.0 / 7},
                               {PURCHASE_BG, 1, {0.6, 5, 0.9, 3}, 0, 1.0 / 7},
                               {PURCHASE_MBG, 2, {0.9, 3, 0.8, 3}, 0, 1.0 / 7}};
    for (size_t k = 0; k < COUNT(w); k++) {
        folk f = folk_new(&a, 6000);
        for (int i = 0; i < 6000; i++) folk_live(&f, &r, &w[k], (double)rng_range(&r, 150, 260) / 7);
        purchase_people p = people_of(&f, 0);
        purchase_set *s = purchase_group(&a, &p);
        purchase_fit fit = purchase_fit_model(&a, s, w[k].model, (purchase_how){.k = w[k].k});
        purchase_terms t = {.horizon = 26, .quiet = 8};
        purchase_one c = {3, 20, 30, NAN, NULL};
        purchase_outlook o = purchase_predict(&a, &fit, NULL, c, t);
        enum { DRAWS = 400 };
        double log_buys[DRAWS], alive[DRAWS], mean_b = 0, mean_a = 0, var_b = 0, var_a = 0;
        for (int i = 0; i < DRAWS; i++) {
            arena scratch = a;
            double theta[MOST_PARAMS], p4[PARAMS];
            draw(&r, &fit, theta);
            for (int j = 0; j < PARAMS; j++) p4[j] = exp(theta[j]);
            purchase_fit known = purchase_fit_known(&scratch, s, w[k].model, w[k].k, p4);
            purchase_outlook d = purchase_predict(&scratch, &known, NULL, c, t);
            log_buys[i] = log(d.buys.value), alive[i] = log(d.alive.value / (1 - d.alive.value));
            mean_b += log_buys[i] / DRAWS, mean_a += alive[i] / DRAWS;
        }
        for (int i = 0; i < DRAWS; i++) {
            var_b += (log_buys[i] - mean_b) * (log_buys[i] - mean_b) / (DRAWS - 1);
            var_a += (alive[i] - mean_a) * (alive[i] - mean_a) / (DRAWS - 1);
        }
        double far_b = log(o.buys.hi / o.buys.lo) / 2 / Z95;
        double far_a = log(o.alive.hi / (1 - o.alive.hi) * (1 - o.alive.lo) / o.alive.lo) / 2 / Z95;
        assert_near(far_b / sqrt(var_b), 1, 0.15);
        assert_near(far_a / sqrt(var_a), 1, 0.15);
    }
}

static void money_follows_margin_and_service(void **state) {
    (void)state;
    test_need_data(dir);
    purchase_people p = cdnow_people(dir, true);
    purchase_set *s = purchase_group(&a, &p);
    purchase_spend g = purchase_spend_fit(&a, &p);
    purchase_fit f = purchase_fit_model(&a, s, PURCHASE_PARETO, (purchase_how){0});
    double yearly = purchase_discount(0.15, 7);
    assert_near(yearly, log(1.15) / 52.17857, 1e-7);
    purchase_terms t = {.horizon = 52, .discount = yearly};
    purchase_row *rows = make(&a, purchase_row, p.n), *half = make(&a, purchase_row, p.n);
    purchase_totals whole = purchase_predict_all(&a, &f, &g, s, t, rows);
    t.margin = 0.5;
    purchase_totals part = purchase_predict_all(&a, &f, &g, s, t, half);
    assert_near(part.value.value / whole.value.value, 0.5, 1e-12);
    assert_near((part.value.hi - part.value.lo) / (whole.value.hi - whole.value.lo), 0.5, 1e-9);
    double *margins = make(&a, double, p.n), *serves = make(&a, double, p.n), want = 0;
    for (size_t i = 0; i < p.n; i++) {
        margins[i] = 0.1 * (double)(i % 5), serves[i] = 100.0 * (double)(i % 3);
        double spend = purchase_spend_mean(&g, p.x[i], p.spend[i]);
        assert_near(rows[i].value.value, half[i].value.value * 2, 1e-9 * rows[i].value.value);
        want += rows[i].value.value / spend * (margins[i] * spend - serves[i]);
    }
    t.margins = margins, t.serves = serves;
    purchase_totals own = purchase_predict_all(&a, &f, &g, s, t, half);
    assert_near(own.value.value / want, 1, 1e-9);
    for (size_t i = 0; i < p.n; i++) assert_true(half[i].value.lo <= half[i].value.hi);
    assert_int_equal(own.residual.state, ESTIMATE_NONE);
    t = (purchase_terms){.horizon = 52, .residual = true}; // without a discount there is no value without end
    assert_int_equal(purchase_predict_all(&a, &f, &g, s, t, NULL).residual.state, ESTIMATE_NONE);
}

// Refused money does not take the rest with it, and a customer who cannot be is refused.
static const double no_covariance[9] = {0};
static const purchase_spend known_spend = {
    .state = ESTIMATE_OK, .p = 6.25, .q = 3.74, .gamma = 15.44, .covariance = no_covariance, .n = 946};

static purchase_fit known_fit(const double *p, enum purchase_model m) {
    const int32_t *x = (const int32_t[]){3, 0, 1};
    const double *tx = (const double[]){20, 0, 5}, *T = (const double[]){38, 30, 30};
    purchase_people some = {.n = 3, .x = x, .tx = tx, .T = T};
    return purchase_fit_known(&a, purchase_group(&a, &some), m, 1, p);
}

// The mean of what may come is what is expected; the sum of the tail of a distribution is its mean.
static void what_may_come_has_the_expected_mean(void **state) {
    (void)state;
    static const double par[PURCHASE_MODELS][4] = {[PURCHASE_NBD] = {0.55, 10.6},
                                                   [PURCHASE_PARETO] = {0.55, 10.6, 0.61, 11.7},
                                                   [PURCHASE_BG] = {0.243, 4.41, 0.793, 2.43},
                                                   [PURCHASE_MBG] = {0.525, 6.18, 0.891, 1.614}};
    static const purchase_one ones[] = {{0, 0, 38, NAN, NULL}, {2, 30, 38.9, 22.5, NULL}, {26, 30.9, 31, 35, NULL}};
    purchase_terms t = {.horizon = 52, .discount = purchase_discount(0.1, 7), .margin = 0.4};
    for (enum purchase_model m = PURCHASE_NBD; m <= PURCHASE_MBG; m++) {
        purchase_fit f = known_fit(par[m], m);
        for (size_t i = 0; i < COUNT(ones); i++) {
            purchase_spread s;
            assert_true(purchase_spread_of(&a, &f, &known_spend, ones[i], t, &s));
            double want = purchase_predict(&a, &f, &known_spend, ones[i], t).value.value, sum = 0, before = -1;
            double step = want / 400, far = 400 * want + 4000;
            for (double v = step / 2; v < far; v += step) { // the middle of each stretch
                double below = purchase_spread_below(&s, v);
                assert_true(below >= before - 1e-12);
                before = below, sum += step * (1 - below);
                if (v > 40 * want && step < want / 4) step *= 2, v += step / 4;
                if (below > 1 - 1e-12) break;
            }
            if (fabs(sum - want) > 0.01 * want) fail_msg("model %d, customer %zu: %g, not %g", m, i, sum, want);
        }
    }
}

// Of a million customers made as the models say, those who have done the same as one: what they bring until the
// horizon. NBD is told by the number of purchases alone, and of BG those who never came back have all done the same.
static void simulate_alike(rng *r, const double *p, bool leaves, int32_t x, double T, double horizon, double m,
                           double *money, size_t *n, size_t most) {
    while (*n < most) {
        double pace = rng_gamma(r, p[0], p[1]), quits = leaves ? rng_beta(r, p[2], p[3]) : 0, at = 0;
        int32_t seen = 0;
        int later = 0;
        bool here = true;
        while (here && seen <= x) {
            at += rng_exp(r, pace);
            if (at > T + horizon) break;
            if (at > T)
                later++;
            else
                seen++;
            here = !leaves || !rng_chance(r, quits);
        }
        if (seen != x) continue;
        double total = x > 0 ? x * m : 0, px = total > 0 ? known_spend.p * x : 0, sum = 0;
        double nu = rng_gamma(r, known_spend.q + px, known_spend.gamma + total);
        for (int i = 0; i < later; i++) sum += rng_gamma(r, known_spend.p, nu);
        money[(*n)++] = sum;
    }
}

static void what_may_come_is_what_comes_to_those_alike(void **state) {
    enum { DRAWS = 20000 };
    static const struct {
        enum purchase_model model;
        double p[4];
        int32_t x;
        double T, m;
    } rows[] = {
        {PURCHASE_NBD, {0.8, 12, 0, 0}, 3, 40, 28},
        {PURCHASE_NBD, {0.8, 12, 0, 0}, 0, 40, NAN},
        {PURCHASE_BG, {0.6, 5, 0.8, 2.4}, 0, 20, NAN},
    };
    (void)state;
    rng r = rng_seed(99);
    for (size_t i = 0; i < COUNT(rows); i++) {
        arena life = arena_open((size_t)1 << 28);
        double *money = make(&life, double, DRAWS);
        size_t n = 0;
        purchase_spread s;
        purchase_fit f = known_fit(rows[i].p, rows[i].model);
        purchase_one one = {rows[i].x, rows[i].x ? rows[i].T - 5 : 0, rows[i].T, rows[i].m, NULL};
        assert_true(purchase_spread_of(&life, &f, &known_spend, one, (purchase_terms){.horizon = 52}, &s));
        simulate_alike(&r, rows[i].p, rows[i].model == PURCHASE_BG, rows[i].x, rows[i].T, 52, rows[i].m, money, &n,
                       DRAWS);
        for (double v = 0; v < 400; v += 20) {
            size_t below = 0;
            for (size_t k = 0; k < n; k++) below += money[k] <= v;
            double seen = (double)below / (double)n, said = purchase_spread_below(&s, v);
            double far = 4.5 * sqrt(fmax(said * (1 - said), 1e-4) / (double)n); // one in 150,000
            if (fabs(seen - said) > far) fail_msg("row %zu, up to %g: %.4f seen, %.4f said", i, v, seen, said);
        }
        arena_close(&life);
    }
}

static void what_cannot_be_told_is_refused(void **state) {
    (void)state;
    rng r = rng_seed(53);
    folk f = folk_new(&a, 500);
    nature w = {PURCHASE_BG, 1, {0.8, 6, 0.8, 3}, 0, 0};
    for (int i = 0; i < 500; i++) folk_live(&f, &r, &w, 30);
    f.tx[3] = 99;
    purchase_people p = people_of(&f, 0);
    double *spend = make(&a, double, p.n);
    for (size_t i = 0; i < p.n; i++) spend[i] = 10 * (p.x[i] + rng_unit(&r)); // who buys more spends more
    p.spend = spend;
    purchase_spend g = purchase_spend_fit(&a, &p);
    assert_int_equal(g.state, ESTIMATE_REFUSED);
    assert_true(g.correlation > 0.9);
    purchase_set *s = purchase_group(&a, &p);
    purchase_fit fit = purchase_fit_model(&a, s, PURCHASE_BG, (purchase_how){0});
    purchase_row *rows = make(&a, purchase_row, p.n);
    purchase_terms t = {.horizon = 26};
    purchase_totals sum = purchase_predict_all(&a, &fit, &g, s, t, rows);
    assert_int_equal(sum.value.state, ESTIMATE_REFUSED);
    assert_string_equal(sum.value.why, g.why);
    assert_int_equal(sum.buys.state, ESTIMATE_OK);
    assert_true(isnan(rows[0].value.value) && rows[0].buys.value > 0);
    assert_true(isnan(rows[3].buys.value));
    purchase_outlook o = purchase_predict(&a, &fit, &g, (purchase_one){2, 10, 20, 5, NULL}, t);
    assert_int_equal(o.value.state, ESTIMATE_REFUSED);
    assert_int_equal(o.buys.state, ESTIMATE_OK);
    assert_int_equal(look(&fit, 2, 30, 20, 5).buys.state, ESTIMATE_REFUSED);
    assert_int_equal(look(&fit, 0, 3, 20, 5).buys.state, ESTIMATE_REFUSED);
    assert_int_equal(look(&fit, -1, 0, 20, 5).buys.state, ESTIMATE_REFUSED);
    purchase_outlook now = look(&fit, 2, 10, 20, 0); // nothing is bought in no time
    assert_true(now.buys.value == 0 && now.quiet.value == 1 && now.many == 0);
}

// Poisson-Gamma without leaving: the range of the number of purchases by its own distribution.
static void ranges_of_purchases_hold_what_happens(void **state) {
    (void)state;
    rng r = rng_seed(54);
    folk f = folk_new(&a, 4000);
    nature w = {PURCHASE_BG, 1, {0.9, 6, 0.8, 3}, 20, 0};
    for (int i = 0; i < 4000; i++) folk_live(&f, &r, &w, 30);
    purchase_people p = people_of(&f, 20);
    purchase_fit fit = purchase_fit_model(&a, purchase_group(&a, &p), PURCHASE_BG, (purchase_how){0});
    int inside = 0, at_ends = 0;
    for (size_t i = 0; i < p.n; i += 4) {
        arena scratch = a;
        purchase_one c = {p.x[i], p.tx[i], p.T[i], NAN, NULL};
        purchase_outlook o = purchase_predict(&scratch, &fit, NULL, c, (purchase_terms){.horizon = 20});
        inside += o.few <= p.later[i] && p.later[i] <= o.many;
        at_ends += p.later[i] > 0 && (p.later[i] == o.few || p.later[i] == o.many);
    }
    assert_true(inside > 940 && inside - at_ends < 995);
}

// Three years of 1,000 customers whose parameters are known, counted week by week.
static void curves_and_histogram_follow_the_simulation(void **state) {
    (void)state;
    for (int kind = 0; kind < 3; kind++) {
        rng r = rng_fork(55, (uint64_t)kind);
        nature w = {(enum purchase_model)(PURCHASE_PARETO + kind), kind == 2 ? 2 : 1, {1.2, 6, 0.8, 3}, 0, 0};
        enum { N = 20000, WEEKS = 60, MOST = 6 };
        folk f = folk_new(&a, N);
        double actual[WEEKS] = {0}, cumulative[WEEKS], seen[MOST + 1], expected[MOST + 1];
        for (int i = 0; i < N; i++) {
            double T = 40 + (i % 20), born = 60 - T, rate = rng_gamma(&r, w.p[0], w.p[1]), end = INFINITY, leave = 0;
            if (w.model == PURCHASE_PARETO)
                end = rng_exp(&r, rng_gamma(&r, w.p[2], w.p[3]));
            else
                leave = rng_beta(&r, w.p[2], w.p[3]);
            if (w.model == PURCHASE_MBG && rng_chance(&r, leave)) end = 0;
            int x = 0;
            double tx = 0;
            for (double t = 0;;) {
                for (int k = 0; k < w.k; k++) t += rng_exp(&r, rate);
                if (t > end || t > T) break;
                actual[(int)fmin(WEEKS - 1, floor(born + t))]++;
                x++, tx = t;
                if (leave > 0 && rng_chance(&r, leave)) break;
            }
            folk_add(&f, x, tx, T);
        }
        for (int i = 1; i < WEEKS; i++) actual[i] += actual[i - 1];
        purchase_people p = people_of(&f, 0);
        purchase_set *s = purchase_group(&a, &p);
        purchase_fit fit = purchase_fit_known(&a, s, w.model, w.k, w.p);
        // The oldest are 59 weeks old: their first purchase was a week after the beginning of these weeks.
        purchase_track(a, &fit, s, 1, WEEKS - 1, cumulative);
        for (int i = 5; i < WEEKS - 1; i++) assert_near(cumulative[i] / actual[i + 1], 1, 5 / sqrt(actual[i + 1] / 3));
        purchase_histogram(a, &fit, s, MOST, seen, expected);
        double sum = 0;
        for (int i = 0; i <= MOST; i++) {
            assert_near((seen[i] - expected[i]) / sqrt(expected[i]), 0, 4);
            sum += expected[i];
        }
        assert_near(sum, N, 1e-6);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(single_customers_agree_with_published_values),
        cmocka_unit_test(everybody_agrees_with_other_programs),
        cmocka_unit_test(many_are_predicted_as_one),
        cmocka_unit_test(intervals_are_those_of_drawn_parameters),
        cmocka_unit_test(money_follows_margin_and_service),
        cmocka_unit_test(what_may_come_has_the_expected_mean),
        cmocka_unit_test(what_may_come_is_what_comes_to_those_alike),
        cmocka_unit_test(what_cannot_be_told_is_refused),
        cmocka_unit_test(ranges_of_purchases_hold_what_happens),
        cmocka_unit_test(curves_and_histogram_follow_the_simulation),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
