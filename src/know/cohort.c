#include "know/cohort.h"

#include "know/fold.h"
#include "know/panel_private.h"
#include "sql/know.h"
#include "stats/proportion.h"
#include "stats/survival.h"

static const char *const names[COHORTS] = {"still_here", "bought"};

bool cohort_of_name(str name, enum cohort_of *of) {
    for (int i = 0; i < COHORTS; i++)
        if (str_eq(name, str_c(names[i]))) return *of = (enum cohort_of)i, true;
    return false;
}

const char *cohort_name(enum cohort_of of) {
    return names[of];
}

// What is counted of one month's customers, or of everybody.
typedef struct {
    int64_t customers;
    int32_t *ended, *watched, n_days; // stays by whole days
    int64_t *bought, *could;          // by months since; could: who had such a month, if it is not the same for all
} counts;

typedef struct {
    arena *a;
    const cohort_ask *ask;
    cohorts *out;
    int first_month, this_month, n_months; // months counted from year 0; rows while they are filled
    counts *of, all;
} counting;

static int month_of(int32_t day) {
    ymd d = ymd_of(day);
    return d.year * 12 + d.month - 1;
}

static int32_t first_day(int month) {
    return days_of((ymd){month / 12, (int8_t)(month % 12 + 1), 1});
}

// Twelve are the 365 days of still_here.
static int age_days(int months) {
    return (months * 365 + 6) / 12;
}

static void open_tally(counting *k, counts *t, int32_t days) {
    *t = (counts){.n_days = days};
    if (k->ask->of == COHORT_STILL_HERE)
        t->ended = make(k->a, int32_t, (size_t)days + 1), t->watched = make(k->a, int32_t, (size_t)days + 1);
    else
        t->bought = make(k->a, int64_t, (size_t)k->n_months), t->could = make(k->a, int64_t, (size_t)k->n_months);
}

static void put_stay(counts *t, const panel_stayed *x) {
    int32_t day = (int32_t)MIN(x->days, (int64_t)t->n_days);
    t->customers++;
    if (x->ended)
        t->ended[day]++;
    else
        t->watched[day]++;
}

static void take_stay(counting *k, const timeline *t) {
    panel_stayed x;
    if (!panel_stay(k->out->z, t, k->out->now_us, k->out->silent_days, &x)) return;
    int at = month_of(x.first) - k->first_month;
    put_stay(&k->all, &x);
    if (at >= 0 && at < k->n_months) put_stay(&k->of[at], &x);
}

// Days on which they bought come in order.
static void take_buyer(counting *k, const timeline *t) {
    int32_t today = zone_days(k->out->z, k->out->now_us - 1);
    int begun = -1, last = -1;
    for (int32_t i = 0; i < t->n_purse; i++) {
        const purse_entry *e = &t->purse[i];
        if (!timeline_is_purchase(t, e) || e->day > today) continue;
        int month = month_of(e->day);
        if (month == last) continue;
        if (begun < 0) begun = month;
        last = month;
        int at = begun - k->first_month, age = month - begun;
        if (at >= 0) k->of[at].bought[age]++;
        if (age < k->n_months && month < k->this_month) k->all.bought[age]++;
    }
    if (begun < 0) return;
    k->all.customers++;
    for (int age = 0; age < k->n_months && begun + age < k->this_month; age++) k->all.could[age]++;
    if (begun >= k->first_month) k->of[begun - k->first_month].customers++;
}

static bool count_all(counting *k, store *s, err *e) {
    arena life = arena_open((size_t)1 << 30);
    for (row r = store_query(s, Q_summary_scan, e, ""); row_next(&r);) {
        arena a = life;
        timeline t;
        if (k->ask->only && !id_set_has(k->ask->only, row_int(&r, 0))) continue;
        if (!timeline_decode(&a, row_str(&r, 25), &t, e)) {
            row_end(&r);
            break;
        }
        if (k->ask->of == COHORT_STILL_HERE)
            take_stay(k, &t);
        else
            take_buyer(k, &t);
    }
    arena_close(&life);
    return err_ok(e);
}

// ---- the figures ----

static survival curve_of(arena *a, const counts *t) {
    stay *x = make(a, stay, 2 * ((size_t)t->n_days + 1));
    size_t n = 0;
    for (int32_t d = 0; d <= t->n_days; d++) {
        if (t->ended[d]) x[n++] = (stay){.time = d, .ended = true, .count = t->ended[d]};
        if (t->watched[d]) x[n++] = (stay){.time = d, .count = t->watched[d]};
    }
    return survival_fit(a, x, n);
}

// In the first month all have bought: that is how they began. Few are few all the same.
static estimate bought(arena *a, int64_t hits, int64_t n, int age) {
    if (!n) return estimate_none("Wilson", "nobody began then");
    estimate x = proportion(a, hits, n, (sampling){.of = "buyer"});
    if (!age) x.lo = x.hi = 1;
    return x;
}

// How many ages a row has: those that its first day can have reached.
static int ages_of(const counting *k, int month) {
    int n = 0;
    int32_t today = zone_days(k->out->z, k->out->now_us - 1);
    if (k->ask->of == COHORT_BOUGHT) return k->this_month - month + 1;
    while (n < k->n_months && first_day(month) + age_days(n) <= today) n++;
    return n;
}

static bool is_running(const counting *k, int month, int age) {
    if (k->ask->of == COHORT_BOUGHT) return month + age == k->this_month;
    return first_day(month + 1) - 1 + age_days(age) > zone_days(k->out->z, k->out->now_us - 1);
}

static void fill_row(counting *k, cohort_row *r, const counts *t, int month) {
    const zone *z = k->out->z;
    survival curve = {0};
    r->month = (time_span){zone_day_start_us(z, first_day(month)), zone_day_start_us(z, first_day(month + 1))};
    r->customers = t->customers;
    r->n_cells = ages_of(k, month);
    r->cells = make(k->a, cohort_cell, (size_t)r->n_cells + 1);
    if (k->ask->of == COHORT_STILL_HERE) curve = curve_of(k->a, t);
    for (int age = 0; age < r->n_cells; age++)
        r->cells[age] =
            (cohort_cell){.of = k->ask->of == COHORT_BOUGHT ? bought(k->a, t->bought[age], t->customers, age)
                                                            : survival_at(k->a, &curve, age_days(age)),
                          .running = is_running(k, month, age)};
}

static void fill_all(counting *k) {
    cohort_row *r = &k->out->all;
    const counts *t = &k->all;
    survival curve = {0};
    if (k->ask->of == COHORT_STILL_HERE) curve = curve_of(k->a, t);
    r->customers = t->customers;
    r->cells = make(k->a, cohort_cell, (size_t)k->n_months);
    for (int age = 0; age < k->n_months; age++) {
        estimate x = k->ask->of == COHORT_BOUGHT ? bought(k->a, t->bought[age], t->could[age], age)
                                                 : survival_at(k->a, &curve, age_days(age));
        if (!estimate_shown(&x)) break;
        r->cells[r->n_cells++].of = x;
    }
}

static void fill(counting *k) {
    cohorts *out = k->out;
    int from = 0;
    while (from < k->n_months && !k->of[from].customers) from++;
    out->rows = make(k->a, cohort_row, (size_t)k->n_months);
    for (int i = from; i < k->n_months; i++) fill_row(k, &out->rows[out->n_rows++], &k->of[i], k->first_month + i);
    fill_all(k);
}

bool cohorts_read(arena *a, store *s, const cohort_ask *ask, cohorts *out, err *e) {
    zone *z;
    *out = (cohorts){0};
    if (!store_zone(s, a, &z, e) || !as_of_us(s, ask->clock_us, &out->now_us, &out->historic, e)) return false;
    out->z = z;
    if (ask->of == COHORT_STILL_HERE && !panel_silence(s, &out->silent_days, e)) return false;
    counting k = {.a = a, .ask = ask, .out = out, .n_months = ask->months ? ask->months : COHORT_MONTHS};
    int32_t today = zone_days(z, out->now_us - 1);
    assert(k.n_months > 0 && k.n_months <= COHORT_MOST);
    k.this_month = month_of(today), k.first_month = k.this_month - k.n_months + 1;
    k.of = make(a, counts, (size_t)k.n_months);
    for (int i = 0; i < k.n_months; i++) open_tally(&k, &k.of[i], today - first_day(k.first_month + i) + 2);
    open_tally(&k, &k.all, STAY_DAYS);
    if (!count_all(&k, s, e)) return false;
    fill(&k);
    return true;
}
