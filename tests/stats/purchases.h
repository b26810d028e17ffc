// purchases: customers for the tests of the purchase models: real logs of the data folder, and made-up people whose
// parameters are known.
#ifndef HEED_TEST_PURCHASES_H
#define HEED_TEST_PURCHASES_H

#include "base/civil.h"
#include "base/csv.h"
#include "base/input.h"
#include "base/map64.h"
#include "base/rng.h"
#include "stats/purchase.h"

#include <math.h>

// ---- Logs ----

typedef struct {
    uint32_t *who;
    int32_t *day;
    int64_t *amount;
    size_t n, max;
    map64 ids;
} log_rows;

static inline log_rows log_new(arena *a, size_t max) {
    return (log_rows){make(a, uint32_t, max), make(a, int32_t, max), make(a, int64_t, max), 0, max, map64_new(a, 64)};
}

static inline void log_add(log_rows *r, int64_t id, int32_t day, double amount) {
    bool made;
    assert(r->n < r->max);
    r->who[r->n] = (uint32_t)*map64_at(&r->ids, id, (int32_t)r->ids.n, &made);
    r->day[r->n] = day, r->amount[r->n] = llround(100 * amount);
    r->n++;
}

static inline purchase_log log_of(const log_rows *r) {
    return (purchase_log){
        .n = r->n, .customers = (uint32_t)r->ids.n, .who = r->who, .day = r->day, .amount = r->amount};
}

static inline int32_t day_of(int64_t yyyymmdd) {
    return days_of((ymd){(int32_t)(yyyymmdd / 10000), (int8_t)(yyyymmdd / 100 % 100), (int8_t)(yyyymmdd % 100)});
}

static inline FILE *data_open(const char *dir, const char *file) {
    char path[4096];
    snprintf(path, sizeof path, "%s/clv/%s", dir, file);
    return fopen(path, "r");
}

// CDNOW: the sample of 2,357 customers or all 23,570.
static inline purchase_log cdnow(arena *a, const char *dir, bool sample) {
    log_rows r = log_new(a, 80000);
    FILE *f = data_open(dir, sample ? "cdnow/CDNOW_sample.txt" : "cdnow/CDNOW_master.txt");
    char line[256];
    while (f && fgets(line, sizeof line, f)) {
        int64_t all = 0, id = 0, day = 0, cds = 0;
        double amount = 0;
        bool ok = sample ? sscanf(line, "%" SCNd64 " %" SCNd64 " %" SCNd64 " %" SCNd64 " %lf", &all, &id, &day, &cds,
                                  &amount) == 5
                         : sscanf(line, "%" SCNd64 " %" SCNd64 " %" SCNd64 " %lf", &id, &day, &cds, &amount) == 4;
        if (ok) log_add(&r, id, day_of(day), amount);
    }
    if (f) fclose(f);
    return log_of(&r);
}

// The published split: 273 days to 30 June 1998 held out.
static const purchase_window CDNOW_SPLIT = {.hold = 273};

// A CSV with id, date and amount in the columns named; rows that keep refuses are left out.
static inline purchase_log csv_log(arena *a, const char *dir, const char *file, const int columns[3],
                                   bool (*keep)(const csv_row *row)) {
    log_rows r = log_new(a, 20000);
    err e = {0};
    input *in = NULL;
    csv_row row;
    if (!input_open(&in, str_z(a, str_fmt(a, "%s/clv/%s", dir, file)), &e)) return log_of(&r);
    csv *c = csv_open(a, input_read, in, (csv_opts){0});
    for (bool head = true; csv_next(c, &row, &e); head = false) {
        int64_t id = 0;
        double amount = 0;
        int y, m, d;
        if (head || (keep && !keep(&row))) continue;
        if (!str_i64(row.cells[columns[0]], &id) || !str_f64(row.cells[columns[2]], &amount)) continue;
        if (sscanf(str_z(a, row.cells[columns[1]]), "%d-%d-%d", &y, &m, &d) != 3) continue;
        log_add(&r, id, day_of(y * 10000 + m * 100 + d), amount);
    }
    input_close(in);
    return log_of(&r);
}

static inline purchase_log apparel(arena *a, const char *dir) {
    return csv_log(a, dir, "apparel/apparel_tx.csv", (const int[]){0, 1, 2}, NULL);
}

static inline bool no_refund(const csv_row *row) {
    double amount;
    return str_eq(row->cells[6], S("0")) && str_f64(row->cells[5], &amount) && amount > 0;
}

static inline purchase_log online_retail(arena *a, const char *dir, bool refunds) {
    return csv_log(a, dir, "online_retail_A/invoices.csv", (const int[]){0, 2, 5}, refunds ? NULL : no_refund);
}

// ---- People by summaries ----

typedef struct {
    int32_t *x, *later;
    double *tx, *T, *gaps;
    size_t n;
} folk;

static inline folk folk_new(arena *a, size_t max) {
    return (folk){make(a, int32_t, max), make(a, int32_t, max), make(a, double, max),
                  make(a, double, max),  make(a, double, max),  0};
}

static inline void folk_add(folk *f, int32_t x, double tx, double T) {
    f->x[f->n] = x, f->tx[f->n] = tx, f->T[f->n] = T;
    f->n++;
}

static inline purchase_people people_of(const folk *f, double held) {
    return (purchase_people){.n = f->n,
                             .x = f->x,
                             .tx = f->tx,
                             .T = f->T,
                             .gaps = f->gaps,
                             .later = held > 0 ? f->later : NULL,
                             .held = held};
}

static inline folk donors(arena *a, const char *dir) {
    folk f = folk_new(a, 12000);
    FILE *in = data_open(dir, "donations/donations.csv");
    char line[128];
    while (in && fgets(line, sizeof line, in)) {
        int x, tx, n, count;
        if (sscanf(line, "%d,%d,%d,%d", &x, &tx, &n, &count) != 4) continue;
        while (count-- > 0) folk_add(&f, x, tx, n);
    }
    if (in) fclose(in);
    return f;
}

// A customer with rate and leaving drawn from the model's distributions, watched until T and then until T + held.
// Parameters as purchase_fit has them; days > 0: purchases fall on whole days of that length, in which two are one.
typedef struct {
    enum purchase_model model;
    int k;
    double p[4];
    double held, day;
} nature;

static inline void folk_live(folk *f, rng *r, const nature *w, double T) {
    double rate = rng_gamma(r, w->p[0], w->p[1]), t = 0, last = 0, end = INFINITY, leave = 0;
    if (w->model == PURCHASE_PARETO) end = rng_exp(r, rng_gamma(r, w->p[2], w->p[3]));
    if (w->model == PURCHASE_BG || w->model == PURCHASE_MBG) leave = rng_beta(r, w->p[2], w->p[3]);
    if (w->model == PURCHASE_MBG && rng_chance(r, leave)) end = 0;
    int32_t x = 0, later = 0;
    double tx = 0, gaps = 0;
    while (rate > 0) {
        for (int i = 0; i < w->k; i++) t += rng_exp(r, rate);
        if (t > end || t > T + w->held) break;
        double at = w->day > 0 ? fmax(ceil(t / w->day), 1) * w->day : t;
        if (at > last && at <= T) x++, tx = at, gaps += log(at - last);
        if (at > last && at > T && at <= T + w->held) later++;
        last = at;
        if (leave > 0 && rng_chance(r, leave)) break;
    }
    folk_add(f, x, tx, T);
    f->gaps[f->n - 1] = gaps, f->later[f->n - 1] = later;
}

#endif
