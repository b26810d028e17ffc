// What learning who leaves costs and how good it is: one JSON object per line.
//
//   churn cox              Cox's model on 100,000 made-up customers with 10 traits
//   churn cox-csv          the same customers as CSV, for another program
//   churn learn [ROWS]     a churn model of ROWS (7000) customers and 20 columns, as it is trained once
//   churn folds FILE       ten folds of a file of customers whose last column, Churn, is Yes or No
#include <math.h>
#include <time.h>

#include "base/csv.h"
#include "base/input.h"
#include "base/rng.h"
#include "stats/churn.h"
#include "stats/cox.h"
#include "stats/logit.h"

enum { CUSTOMERS = 100000, TRAITS = 10, COLUMNS = 64, MOST_ROWS = 1 << 20 };

static double seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void make_customers(stay *x, double *z) {
    rng r = rng_seed(1);
    for (size_t i = 0; i < CUSTOMERS; i++) {
        double odds = 0;
        for (size_t j = 0; j < TRAITS; j++) {
            double v = j < TRAITS / 2 ? rng_normal(&r, 0, 1) : rng_chance(&r, 0.3);
            z[i * TRAITS + j] = v;
            odds += v * (0.1 * (double)j - 0.4);
        }
        double leave = rng_exp(&r, exp(odds)), seen = rng_exp(&r, 0.5);
        x[i] = (stay){.time = leave < seen ? leave : seen, .ended = leave < seen};
    }
}

static int run_cox(arena *a) {
    stay *x = make(a, stay, CUSTOMERS);
    double *z = make(a, double, CUSTOMERS *TRAITS);
    make_customers(x, z);
    double start = seconds();
    cox k = cox_fit(a, &(cox_data){.x = x, .z = z, .n = CUSTOMERS, .p = TRAITS});
    printf("{\"what\":\"cox\",\"customers\":%d,\"traits\":%d,\"seconds\":%.3f,\"loglik\":%.3f,\"concordance\":%.5f}\n",
           CUSTOMERS, TRAITS, seconds() - start, k.loglik, k.agreement.value.value);
    return 0;
}

static int print_cox(arena *a) {
    stay *x = make(a, stay, CUSTOMERS);
    double *z = make(a, double, CUSTOMERS *TRAITS);
    make_customers(x, z);
    printf("time,ended");
    for (int j = 0; j < TRAITS; j++) printf(",z%d", j);
    for (size_t i = 0; i < CUSTOMERS; i++) {
        printf("\n%.17g,%d", x[i].time, x[i].ended);
        for (size_t j = 0; j < TRAITS; j++) printf(",%.17g", z[i * TRAITS + j]);
    }
    printf("\n");
    return 0;
}

// Ten numbers and ten columns of classes; what matters bends, and two columns matter only together.
static features made_up(arena *a, size_t n, bool *left) {
    rng r = rng_seed(2);
    feature *f = make(a, feature, 20);
    for (int j = 0; j < 20; j++) {
        double *number = j < 10 ? make(a, double, n) : NULL;
        int32_t *kind = j < 10 ? NULL : make(a, int32_t, n);
        for (size_t i = 0; i < n; i++) {
            if (number) number[i] = rng_normal(&r, 0, 1);
            if (kind) kind[i] = (int32_t)rng_range(&r, 0, 3);
        }
        f[j] = (feature){.name = "column", .number = number, .class_of = kind, .n_classes = 4};
    }
    for (size_t i = 0; i < n; i++) {
        double odds = -1.5 + fabs(f[0].number[i]) - 0.5 * f[1].number[i] + 0.5 * (f[10].class_of[i] == 2);
        odds += 0.8 * ((f[11].class_of[i] > 1) == (f[12].class_of[i] > 1));
        left[i] = rng_chance(&r, logit_share(odds));
    }
    return (features){f, 20, n};
}

static int run_learn(arena *a, size_t n) {
    bool *left = make(a, bool, n);
    features t = made_up(a, n, left);
    double start = seconds();
    churn k = churn_fit(a, &(churn_data){.table = t, .left = left});
    double took = seconds() - start;
    printf(
        "{\"what\":\"learn\",\"rows\":%zu,\"columns\":20,\"seconds\":%.3f,\"log_loss\":%.5f,\"auc\":%.5f,\"ece\":%.4f,"
        "\"told\":\"%s\"}\n",
        n, took, k.seen.loss.value, k.seen.auc.value.value, k.seen.ece, k.told ? k.told : k.why);
    return 0;
}

// A column whose known cells are all numbers is one of numbers; the first column is the customer's own.
static features read_table(arena *a, const char *path, bool **left, err *e) {
    input *in = NULL;
    features t = {0};
    if (!input_open(&in, path, e)) return t;
    csv *c = csv_open(a, input_read, in, (csv_opts){0});
    csv_row row;
    str *cells = make(a, str, (size_t)MOST_ROWS);
    int columns = csv_next(c, &row, e) ? row.n : 0;
    feature *f = make(a, feature, COLUMNS);
    for (int j = 0; j < columns && j < COLUMNS; j++) f[j].name = str_z(a, row.cells[j]);
    while (columns && csv_next(c, &row, e) && (t.n + 1) * (size_t)columns < MOST_ROWS) {
        for (int j = 0; j < columns; j++) cells[t.n * (size_t)columns + (size_t)j] = str_dup(a, row.cells[j]);
        t.n++;
    }
    input_close(in);
    *left = make(a, bool, t.n);
    for (int j = 0; j < columns; j++) {
        double *number = make(a, double, t.n), v;
        int32_t *kind = make(a, int32_t, t.n);
        str *seen = make(a, str, FEATURE_BINS);
        bool all = true;
        for (size_t i = 0; i < t.n; i++) {
            str cell = str_trim(cells[i * (size_t)columns + (size_t)j]);
            bool is = str_f64(cell, &v);
            all = all && (is || cell.len == 0);
            number[i] = is ? v : (double)NAN;
            int32_t k = 0;
            while (k < f[j].n_classes && !str_eq(seen[k], cell)) k++;
            if (k == f[j].n_classes && k < FEATURE_BINS) seen[f[j].n_classes++] = cell;
            kind[i] = k;
            if (j == columns - 1) (*left)[i] = str_eq(cell, S("Yes"));
        }
        f[j].number = all ? number : NULL;
        f[j].class_of = all ? NULL : kind;
    }
    t.of = f + 1;
    t.n_features = columns > 2 ? (size_t)columns - 2 : 0;
    return t;
}

// Shuffled by seed, and dealt out so that each fold has equally many who left.
static void run_fold(arena a, const features *t, const bool *left, const uint32_t *at, size_t fold, double *said) {
    uint32_t *in = make(&a, uint32_t, t->n);
    bool *gone = make(&a, bool, t->n);
    size_t n = 0;
    for (size_t i = 0; i < t->n; i++) {
        if (i % 10 != fold) gone[n] = left[at[i]], in[n++] = at[i];
    }
    churn k = churn_fit(&a, &(churn_data){.table = features_pick(&a, t, in, n), .left = gone});
    for (size_t i = fold; i < t->n; i += 10) said[at[i]] = churn_risk(a, &k, t, at[i]).value;
}

static int run_folds(arena *a, const char *path) {
    err e = {0};
    bool *left = NULL;
    features t = read_table(a, path, &left, &e);
    if (!err_ok(&e) || t.n == 0) return fprintf(stderr, "churn: %s\n", e.msg), 1;
    double sums[3] = {0}, start = seconds();
    for (uint64_t seed = 1; seed <= 2; seed++) {
        double *said = make(a, double, t.n);
        uint32_t *at = make(a, uint32_t, t.n);
        size_t m = 0;
        for (int group = 0; group < 2; group++) {
            size_t from = m;
            for (size_t i = 0; i < t.n; i++) {
                if (left[i] == group) at[m++] = (uint32_t)i;
            }
            rng r = rng_seed(seed);
            rng_shuffle(&r, at + from, m - from, sizeof *at);
        }
        for (size_t fold = 0; fold < 10; fold++) run_fold(*a, &t, left, at, fold, said);
        reliability k = reliability_of(a, said, left, t.n, 10);
        sums[0] += k.loss.value / 2, sums[1] += k.auc.value.value / 2, sums[2] += k.ece / 2;
    }
    printf("{\"what\":\"folds\",\"rows\":%zu,\"columns\":%zu,\"seconds_per_fold\":%.3f,\"log_loss\":%.5f,\"auc\":%.5f,"
           "\"ece\":%.4f}\n",
           t.n, t.n_features, (seconds() - start) / 20, sums[0], sums[1], sums[2]);
    return 0;
}

int main(int argc, char **argv) {
    const char *what = argc > 1 ? argv[1] : "";
    arena a = arena_open((size_t)8 << 30);
    if (strcmp(what, "cox") == 0) return run_cox(&a);
    if (strcmp(what, "cox-csv") == 0) return print_cox(&a);
    if (strcmp(what, "learn") == 0) return run_learn(&a, argc > 2 ? strtoul(argv[2], NULL, 10) : 7000);
    if (strcmp(what, "folds") == 0 && argc > 2) return run_folds(&a, argv[2]);
    return fprintf(stderr, "usage: churn cox | cox-csv | learn [ROWS] | folds FILE\n"), 2;
}
