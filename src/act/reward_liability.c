#include "act/reward_liability.h"

#include <math.h>

#include "sql/act_reward.h"
#include "stats/dist.h"
#include "stats/proportion.h"

enum { MONTHS = 60, GROUPS = 20, MONTH_DAYS = 30, NEED = 30, PROGRAMMES = 64 };
#define MONTH_US (MONTH_DAYS * DAY_US)

// Points by age in months: how many were there at its beginning, and how many of them were spent within it. Of the
// month that is not over yet the half counts, as of all that is censored.
typedef struct {
    double there[MONTHS], spent[MONTHS];
} table;

// What is left now, by age and by how many months it still has (MONTHS: no end is in sight).
typedef struct {
    double left[MONTHS][MONTHS + 1];
} open_lots;

typedef struct {
    int64_t now_us;
    programme *list;
    size_t n_list;
    table of[GROUPS];
    open_lots *open[PROGRAMMES]; // by programme, all customers
    int64_t points[PROGRAMMES];
    double squares[PROGRAMMES]; // of what each customer has
    int64_t customers, spenders;
    arena *a;
} gathering;

static int month_of(int64_t us) {
    return (int)MAX(MIN(us / MONTH_US, (int64_t)MONTHS - 1), (int64_t)0);
}

static size_t programme_index(const gathering *g, int64_t id) {
    for (size_t i = 0; i < g->n_list && i + 1 < PROGRAMMES; i++)
        if (g->list[i].id == id) return i;
    return MIN(g->n_list, (size_t)PROGRAMMES - 1);
}

// `points` of a lot that began at `from` were there until `end`, when they were spent, expired, were taken back, or are
// still there.
static void add_life(table *t, int64_t from_us, int64_t end_us, double points, bool spent, bool censored) {
    int last = month_of(end_us - from_us);
    for (int m = 0; m < last; m++) t->there[m] += points;
    t->there[last] += censored ? points / 2 : points;
    if (spent) t->spent[last] += points;
}

// Oldest first, as the fold does it; what came back by a reversal counts as never spent.
static void add_spending(gathering *g, table *t, const reward_entry *v, size_t n) {
    int64_t *left = make(g->a, int64_t, n + 1);
    size_t head = 0;
    for (size_t i = 0; i < n; i++)
        left[i] = v[i].points > 0 && !v[i].unit && v[i].what != REWARD_reverse ? v[i].points - v[i].taken : 0;
    for (size_t i = 0; i < n; i++) {
        int64_t want = v[i].what == REWARD_redeem && !v[i].unit ? -v[i].counts - v[i].taken : 0;
        for (size_t k = head; want > 0 && k < n; k++) {
            if (left[k] <= v[k].lot) {
                if (k == head) head++;
                continue;
            }
            if (v[k].from_us > v[i].at_us || (v[k].until_us && v[k].until_us <= v[i].at_us)) continue;
            int64_t took = MIN(want, left[k] - v[k].lot);
            add_life(t, v[k].at_us, v[i].at_us, (double)took, true, false);
            left[k] -= took, want -= took;
        }
    }
    for (size_t i = 0; i < n; i++) {
        bool over = v[i].until_us && v[i].until_us <= g->now_us;
        if (left[i] > 0) add_life(t, v[i].at_us, over ? v[i].until_us : g->now_us, (double)left[i], false, !over);
    }
}

static void add_open(gathering *g, const reward_entry *x) {
    if (x->lot <= 0 || x->unit || (x->until_us && x->until_us <= g->now_us)) return;
    size_t p = programme_index(g, x->programme);
    int age = month_of(g->now_us - x->at_us);
    int64_t rest = x->until_us ? (x->until_us - g->now_us + MONTH_US - 1) / MONTH_US : MONTHS;
    if (!g->open[p]) g->open[p] = make(g->a, open_lots, 1);
    g->open[p]->left[age][MIN(rest, (int64_t)MONTHS)] += (double)x->lot;
    g->points[p] += x->lot;
}

static bool take_customer(void *ctx, int64_t customer, const reward_entry *v, size_t n, err *e) {
    gathering *g = ctx;
    bool spends = false;
    (void)e;
    int64_t before[PROGRAMMES];
    memcpy(before, g->points, sizeof before);
    for (size_t i = 0; i < n; i++) add_open(g, &v[i]), spends |= v[i].what == REWARD_redeem && v[i].counts < 0;
    for (size_t p = 0; p < PROGRAMMES; p++) {
        double own = (double)(g->points[p] - before[p]);
        g->squares[p] += own * own;
    }
    arena keep = *g->a; // what follows is forgotten; open lots stay
    add_spending(g, &g->of[((uint64_t)customer * UINT64_C(0x9E3779B97F4A7C15) >> 32) % GROUPS], v, n);
    *g->a = keep;
    g->customers++, g->spenders += spends;
    return true;
}

// The share of the open points that will be spent, by the table of all groups but one (-1: of all).
static double share_of(const gathering *g, size_t p, int but) {
    double hazard[MONTHS], will = 0, all = 0, last = 0;
    for (int m = 0; m < MONTHS; m++) {
        double there = 0, spent = 0;
        for (int k = 0; k < GROUPS; k++)
            if (k != but) there += g->of[k].there[m], spent += g->of[k].spent[m];
        last = hazard[m] = there > 0 ? fmin(spent / there, 1) : last; // beyond what was seen: as in the month before
    }
    for (int age = 0; age < MONTHS; age++) {
        double stays = 1;
        for (int rest = 0; rest <= MONTHS; rest++) {
            double left = g->open[p]->left[age][rest];
            all += left, will += left * (1 - stays);
            stays *= 1 - hazard[MIN(age + rest, MONTHS - 1)];
        }
    }
    return all > 0 ? will / all : 0;
}

static estimate judge_share(const gathering *g, arena *a, size_t p) {
    estimate x = {.method = "life table, jackknife over customers"};
    double of[GROUPS], mean = 0, squares = 0;
    estimate_judge(a, &x, (sampling){.need = NEED, .of = "spender"}, g->spenders);
    if (!g->spenders) {
        x.state = ESTIMATE_THIN, x.value = 1, x.lo = 0, x.hi = 1, x.method = "nobody has spent any yet";
        x.why = "nobody has spent any yet, so that all of them may be";
        return x;
    }
    x.value = x.point = share_of(g, p, -1);
    for (int k = 0; k < GROUPS; k++) of[k] = share_of(g, p, k), mean += of[k] / GROUPS;
    for (int k = 0; k < GROUPS; k++) squares += (of[k] - mean) * (of[k] - mean);
    // Beside not knowing the share well: each customer spends, or does not, what they have together.
    double all = (double)g->points[p], scatter = x.value * (1 - x.value) * g->squares[p] / (all * all);
    x.var = squares * (GROUPS - 1) / GROUPS + scatter;
    double half = dist_t_at(0.975, GROUPS - 1) * sqrt(x.var);
    x.lo = x.value - half, x.hi = x.value + half;
    estimate_clamp(&x, 0, 1);
    return x;
}

static estimate times(estimate x, double by) {
    x.value *= by, x.lo *= by, x.hi *= by, x.point *= by, x.var *= by * by;
    return x;
}

static void put_rows(gathering *g, arena *a, liability *out) {
    out->rows = make(a, liability_row, PROGRAMMES);
    for (size_t p = 0; p < PROGRAMMES; p++) {
        if (!g->points[p]) continue;
        const programme *of = p < g->n_list ? &g->list[p] : g->n_list ? &g->list[0] : NULL;
        liability_row *r = &out->rows[out->n++];
        *r = (liability_row){.programme = p < g->n_list ? g->list[p].id : 0,
                             .name = p < g->n_list ? g->list[p].name : S("of no programme"),
                             .currency = of ? of->currency : 0,
                             .points = g->points[p],
                             .most = of ? programme_worth(of, g->points[p]) : 0};
        r->share = judge_share(g, a, p);
        r->cost = times(r->share, (double)r->most);
        if (!of)
            r->cost =
                estimate_refused("life table, jackknife over customers", "no programme says what a point is worth");
    }
}

static bool put_vouchers(arena *a, store *s, int64_t now_us, liability *out, err *e) {
    enum { MOST = 64 };
    out->vouchers = make(a, liability_vouchers, MOST);
    for (row r = store_query(s, Q_voucher_owed, e, "i", now_us); row_next(&r);)
        if (out->n_vouchers < MOST)
            out->vouchers[out->n_vouchers++] = (liability_vouchers){
                .currency = (int32_t)row_int(&r, 0), .vouchers = row_int(&r, 1), .most = row_int(&r, 2)};
    for (size_t i = 0; i < out->n_vouchers; i++) {
        liability_vouchers *v = &out->vouchers[i];
        v->share = estimate_none("Wilson", "no voucher is over yet");
        v->cost = times(v->share, 0);
    }
    for (row r = store_query(s, Q_voucher_ended, e, "i", now_us); row_next(&r);)
        for (size_t i = 0; i < out->n_vouchers; i++) {
            liability_vouchers *v = &out->vouchers[i];
            if (v->currency != row_int(&r, 0)) continue;
            v->share = proportion(a, row_int(&r, 3), row_int(&r, 1), (sampling){.of = "voucher"});
            v->cost = times(v->share, (double)v->most);
        }
    return err_ok(e);
}

bool reward_liability(arena *a, store *s, int64_t now_us, liability *out, err *e) {
    arena life = arena_open((size_t)1 << 32);
    gathering *g = make(&life, gathering, 1);
    *g = (gathering){.now_us = now_us, .a = &life};
    *out = (liability){0};
    bool ok = programme_list(a, s, &g->list, &g->n_list, e) && reward_each(s, take_customer, g, e);
    if (ok) put_rows(g, a, out);
    out->customers = g->customers;
    ok = ok && put_vouchers(a, s, now_us, out, e);
    arena_close(&life);
    return ok;
}
