// Times the purchase models (stats/purchase.h), and counts how often their intervals hold the truth.
//
//   value speed DATA [CUSTOMERS]   CDNOW in DATA/clv/cdnow, and so many made-up customers (default 1000000)
//   value recover [ROUNDS]         made-up customers with known parameters, again and again (default 200)
//   value summaries DATA           x,t_x,T of CDNOW, one customer a line, for other programs
//
// One thread. Each figure is the middle one of three runs, in milliseconds of the processor.
#include "../tests/stats/purchases.h"

#include <time.h>

static double now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double middle(double x, double y, double z) {
    return fmax(fmin(x, y), fmin(fmax(x, y), z));
}

// Runs what follows three times and leaves the middle time in the variable.
#define TIMED(ms, work)                                                                                                \
    do {                                                                                                               \
        double took_[3];                                                                                               \
        for (int run_ = 0; run_ < 3; run_++) {                                                                         \
            double began_ = now_ms();                                                                                  \
            work;                                                                                                      \
            took_[run_] = now_ms() - began_;                                                                           \
        }                                                                                                              \
        ms = middle(took_[0], took_[1], took_[2]);                                                                     \
    } while (0)

static const char *const NAMES[] = {"NBD", "Pareto/NBD", "BG/NBD", "MBG/NBD"};

static void time_people(arena a, const char *what, const purchase_people *p) {
    double ms = 0, all = 0;
    purchase_set *s = NULL;
    purchase_fit f = {0};
    purchase_spend g = {0};
    arena fresh = a;
    TIMED(ms, (fresh = a, s = purchase_group(&fresh, p)));
    all += ms;
    printf("%s: %zu customers, %zu distinct summaries\n", what, p->n, purchase_size_of(s).rows);
    printf("  %-12s %9.2f ms\n", "grouping", ms);
    a = fresh;
    TIMED(ms, (fresh = a, g = purchase_spend_fit(&fresh, p)));
    all += ms;
    printf("  %-12s %9.2f ms   log-likelihood %.4f\n", "Gamma-Gamma", ms, g.loglik);
    purchase_row *rows = make(&fresh, purchase_row, p->n);
    a = fresh;
    for (enum purchase_model m = PURCHASE_NBD; m <= PURCHASE_MBG; m++) {
        purchase_terms t = {.horizon = 365.25 / 7, .discount = purchase_discount(0.1, 7)};
        double fit_ms, predict_ms;
        TIMED(fit_ms, (fresh = a, f = purchase_fit_model(&fresh, s, m, (purchase_how){0})));
        TIMED(predict_ms, purchase_predict_all(&fresh, &f, &g, s, t, rows));
        all += fit_ms + predict_ms;
        printf("  %-12s %9.2f ms   predicting 12 months with value %8.2f ms   log-likelihood %.4f, %d evaluations\n",
               NAMES[m], fit_ms, predict_ms, f.loglik, f.evaluations);
    }
    printf("  %-12s %9.2f ms\n", "all of these", all);
}

// As tools of others simulate them: parameters of CDNOW, starting within 12 weeks, watched for 39.
static purchase_people made_up(arena *a, size_t n, bool days) {
    nature w = {PURCHASE_BG, 1, {0.243, 4.414, 0.793, 2.426}, 39, days ? 1.0 / 7 : 0};
    folk f = folk_new(a, n);
    rng r = rng_seed(20241);
    double *spend = make(a, double, n);
    for (size_t i = 0; i < n; i++) {
        double start = (double)rng_range(&r, 0, 83) + (days ? 0 : rng_unit(&r));
        folk_live(&f, &r, &w, (272 - start) / 7);
        double nu = rng_gamma(&r, 3.74, 15.44), x = f.x[i];
        spend[i] = x > 0 ? rng_gamma(&r, 6.25 * x, nu) / x : NAN;
    }
    purchase_people p = people_of(&f, 39);
    p.spend = spend;
    return p;
}

// Sixteen purchases of each customer, one row after another as a shop writes them.
static void time_log(arena a, size_t customers) {
    size_t n = 16 * customers;
    uint32_t *who = make(&a, uint32_t, n);
    int32_t *day = make(&a, int32_t, n);
    int64_t *amount = make(&a, int64_t, n);
    rng r = rng_seed(7);
    for (size_t i = 0; i < n; i++) {
        who[i] = (uint32_t)rng_range(&r, 0, (int64_t)customers - 1);
        day[i] = (int32_t)(i * 1000 / n), amount[i] = rng_range(&r, 100, 99999);
    }
    purchase_log log = {n, (uint32_t)customers, who, day, amount, false};
    double ms = 0;
    TIMED(ms, {
        arena fresh = a;
        purchase_summarise(&fresh, &log, (purchase_window){.hold = 300}, NULL);
    });
    printf("a log of %zu rows to summaries %.0f ms\n", n, ms);
}

static int speed(const char *data, size_t customers) {
    arena a = arena_open((size_t)64 << 30);
    for (int sample = 1; sample >= 0; sample--) {
        purchase_log log = cdnow(&a, data, sample);
        if (log.n == 0) {
            printf("no CDNOW in %s/clv/cdnow\n", data);
            break;
        }
        double ms;
        purchase_people p;
        arena fresh = a;
        TIMED(ms, (fresh = a, p = purchase_summarise(&fresh, &log, CDNOW_SPLIT, NULL)));
        printf("%zu rows to summaries %.2f ms\n", log.n, ms);
        time_people(fresh, sample ? "CDNOW, the sample" : "CDNOW, all", &p);
        TIMED(ms, {
            arena own = fresh;
            purchase_test(&own, &p, 0);
        });
        printf("  %-12s %9.2f ms\n", "back-test", ms);
    }
    purchase_people p = made_up(&a, customers, true);
    time_people(a, "made up, by days", &p);
    p = made_up(&a, customers, false);
    time_people(a, "made up, by seconds", &p);
    time_log(a, customers);
    arena_close(&a);
    return 0;
}

// ---- Recovery ----

typedef struct {
    int fits, params[4], buys, buyers, money;
} coverage;

static void one_round(arena a, const nature *w, uint64_t seed, size_t n, coverage *c) {
    rng r = rng_seed(seed);
    folk f = folk_new(&a, n);
    double *spend = make(&a, double, n), *later = make(&a, double, n), bought = 0, again = 0, money = 0;
    for (size_t i = 0; i < n; i++) {
        folk_live(&f, &r, w, 20 + 5.0 * (double)(i % 7));
        double nu = rng_gamma(&r, 5, 20), x = f.x[i], y = f.later[i];
        spend[i] = x > 0 ? rng_gamma(&r, 4 * x, nu) / x : NAN;
        later[i] = y > 0 ? rng_gamma(&r, 4 * y, nu) : 0;
        bought += y, again += y > 0, money += later[i];
    }
    purchase_people p = people_of(&f, w->held);
    p.spend = spend;
    purchase_set *s = purchase_group(&a, &p);
    purchase_fit fit = purchase_fit_model(&a, s, w->model, (purchase_how){.k = w->k});
    purchase_spend g = purchase_spend_fit(&a, &p);
    if (fit.boundary) return;
    purchase_totals t = purchase_predict_all(&a, &fit, &g, s, (purchase_terms){.horizon = w->held}, NULL);
    c->fits++;
    for (int k = 0; k < fit.n; k++) c->params[k] += fit.param[k].lo <= w->p[k] && w->p[k] <= fit.param[k].hi;
    c->buys += t.buys.lo <= bought && bought <= t.buys.hi;
    c->buyers += t.buyers.lo <= again && again <= t.buyers.hi;
    c->money += t.value.lo <= money && money <= t.value.hi;
}

static int recover(int rounds) {
    static const nature w[] = {{PURCHASE_NBD, 1, {0.6, 8}, 39, 0},
                               {PURCHASE_PARETO, 1, {0.8, 8, 0.8, 12}, 39, 0},
                               {PURCHASE_BG, 1, {0.5, 4, 0.8, 2.5}, 39, 0},
                               {PURCHASE_MBG, 1, {0.8, 6, 0.7, 2}, 39, 0},
                               {PURCHASE_MBG, 2, {0.8, 3, 0.7, 2}, 39, 0}};
    enum { CUSTOMERS = 3000 };
    arena a = arena_open((size_t)2 << 30);
    printf("95 %% intervals that hold the truth, of %d rounds with %d customers, and predicted totals that hold what "
           "then happens\n%-12s %s\n",
           rounds, CUSTOMERS, "", "  each parameter               purchases  buyers   money");
    for (size_t i = 0; i < COUNT(w); i++) {
        coverage c = {0};
        for (int k = 0; k < rounds; k++) one_round(a, &w[i], 1000 * i + (uint64_t)k + 1, CUSTOMERS, &c);
        printf("%-12s", w[i].k > 1 ? "MBG/CNBD-2" : NAMES[w[i].model]);
        for (int k = 0; k < 4; k++) {
            if (w[i].p[k] > 0)
                printf(" %5.1f %%", 100.0 * c.params[k] / c.fits);
            else
                printf("        ");
        }
        printf("    %5.1f %%  %5.1f %%  %5.1f %%%s\n", 100.0 * c.buys / c.fits, 100.0 * c.buyers / c.fits,
               100.0 * c.money / c.fits, c.fits < rounds ? "  (some ended where nobody leaves)" : "");
    }
    arena_close(&a);
    return 0;
}

static int summaries(const char *data) {
    arena a = arena_open((size_t)1 << 30);
    purchase_log log = cdnow(&a, data, false);
    purchase_people p = purchase_summarise(&a, &log, CDNOW_SPLIT, NULL);
    for (size_t i = 0; i < p.n; i++) printf("%d,%.17g,%.17g\n", p.x[i], p.tx[i], p.T[i]);
    arena_close(&a);
    return 0;
}

int main(int argc, char **argv) {
    int64_t n = 0;
    str what = str_c(argc > 1 ? argv[1] : ""), number = str_c(argv[argc - 1]);
    bool counted = str_i64(number, &n) && n > 0;
    if (str_eq(what, S("speed")) && argc > 2) return speed(argv[2], counted ? (size_t)n : 1000000);
    if (str_eq(what, S("recover"))) return recover(counted ? (int)n : 200);
    if (str_eq(what, S("summaries")) && argc > 2) return summaries(argv[2]);
    return fprintf(stderr, "usage: value speed DATA [CUSTOMERS] | recover [ROUNDS] | summaries DATA\n"), 2;
}
