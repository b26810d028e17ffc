// The triangle of cohorts beside counts made straight from what happened, person by person.
#include "know/rig.h"

#include <math.h>

#include "know/cohort.h"
#include "know/series.h"
#include "sql/know.h"

enum { PEOPLE = 700, DAYS = 1000, MOST = 60000, PER = 120 };

typedef struct {
    int32_t days[PER]; // on which they bought, rising, each once
    int n;
    int32_t start, end; // of a contract; end 0: it runs. start 0: none
} life;

typedef struct {
    rig r;
    arena a;
    life *people;
    int32_t today; // the first day that has not been seen whole
} company;

static void put_contract(company *c, event *ev, int who, int32_t day, bool end) {
    *ev = event_of(end ? KIND_contract_end : KIND_contract_start, day * DAY_US + 5000,
                   str_z(&c->a, str_fmt(&c->a, "%s%d", end ? "x" : "c", who)));
    ev->thread = str_fmt(&c->a, "t%d", who);
    if (!end) ev->value = 2000, ev->has_value = true, ev->unit = 978;
    *ev = from(*ev, IDENT_user_id, str_z(&c->a, str_fmt(&c->a, "u%d", who)));
}

// Three in four buy at a pace of their own until they stop; one in four has a contract.
static size_t live(company *c, event *evs, uint64_t seed) {
    rng g = rng_seed(seed);
    size_t n = 0;
    for (int i = 0; i < PEOPLE; i++) {
        life *p = &c->people[i];
        int32_t day = c->today - (int32_t)rng_range(&g, 2, DAYS);
        const char *user = str_z(&c->a, str_fmt(&c->a, "u%d", i));
        if (i % 4 == 0) {
            p->start = day;
            put_contract(c, &evs[n++], i, day, false);
            if (rng_chance(&g, 0.4)) p->end = day + (int32_t)rng_range(&g, 1, 500);
            if (p->end >= c->today) p->end = 0;
            if (p->end) put_contract(c, &evs[n++], i, p->end, true);
            continue;
        }
        int pace = (int)rng_range(&g, 3, 60);
        double leaves = 0.02 + 0.2 * rng_unit(&g);
        for (; day < c->today && p->n < PER; day += (int32_t)rng_range(&g, 1, 2 * pace)) {
            p->days[p->n++] = day;
            evs[n++] = order(str_z(&c->a, str_fmt(&c->a, "o%d.%d", i, p->n)), day, 1000, user, NULL);
            if (rng_chance(&g, leaves)) break;
        }
    }
    return n;
}

static company *company_open(void **state, uint64_t seed) {
    company *c = calloc(1, sizeof *c);
    c->a = arena_open((size_t)1 << 28);
    c->people = make(&c->a, life, PEOPLE);
    event *evs = make(&c->a, event, MOST);
    rig_open(&c->r, place_of(state));
    c->today = (int32_t)(c->r.now / DAY_US);
    size_t n = live(c, evs, seed);
    for (size_t i = 0; i < n; i += 500) rig_put(&c->r, evs + i, MIN(n - i, (size_t)500));
    rig_flush(&c->r);
    return c;
}

static void company_close(company *c) {
    rig_close(&c->r);
    arena_close(&c->a);
    free(c);
}

static cohorts ask(company *c, enum cohort_of of, int months, const id_set *only) {
    err e = {0};
    cohorts out;
    cohort_ask k = {.of = of, .months = months, .only = only, .clock_us = c->r.now};
    assert_ok(cohorts_read(&c->a, c->r.s, &k, &out, &e), e);
    return out;
}

// ---- the slow way ----

static int month_no(int32_t day) {
    ymd d = ymd_of(day);
    return 12 * d.year + d.month;
}

static int month_of_row(const cohorts *x, int i) {
    return month_no(zone_days(x->z, x->rows[i].month.since_us));
}

static int by_number(const void *x, const void *y) {
    return *(const int32_t *)x - *(const int32_t *)y;
}

static int32_t silence(company *c) {
    int32_t *gaps = make(&c->a, int32_t, (size_t)PEOPLE * PER);
    size_t n = 0;
    for (int i = 0; i < PEOPLE; i++)
        for (int k = 1; k < c->people[i].n; k++) gaps[n++] = c->people[i].days[k] - c->people[i].days[k - 1];
    qsort(gaps, n, sizeof *gaps, by_number);
    return gaps[(size_t)ceil(0.95 * (double)n) - 1];
}

typedef struct {
    int32_t first, days;
    bool ended;
} stayed;

static bool stay_of(const company *c, const life *p, int32_t silent, stayed *out) {
    if (p->start) {
        *out = (stayed){p->start, (p->end ? p->end : c->today - 1) - p->start, p->end > 0};
        return out->days > 0;
    }
    int32_t first = p->days[0], last = p->days[p->n - 1], seen = c->today - 1;
    bool gone = seen - last > silent;
    *out = (stayed){first, gone ? MAX(last - first, 1) : seen - first, gone};
    return seen > first;
}

// The product-limit estimator as Kaplan and Meier wrote it (1958), a day at a time; NAN when nobody was watched so
// long.
static double product_limit(const stayed *x, size_t n, int32_t t) {
    double s = 1;
    size_t far = 0;
    for (int32_t d = 1; d <= t; d++) {
        int64_t risk = 0, left = 0;
        for (size_t i = 0; i < n; i++) risk += x[i].days >= d, left += x[i].days == d && x[i].ended;
        if (risk) s *= 1 - (double)left / (double)risk;
    }
    for (size_t i = 0; i < n; i++) far += x[i].days >= t;
    return far || s <= 0 ? s : NAN;
}

static size_t stays_of(company *c, int32_t silent, int month, stayed *out) { // month 0: everybody
    size_t n = 0;
    for (int i = 0; i < PEOPLE; i++)
        if (stay_of(c, &c->people[i], silent, &out[n]) && (!month || month_no(out[n].first) == month)) n++;
    return n;
}

static void check_cell(const cohort_cell *cell, double want, int64_t n, const char *where, int age) {
    if (isnan(want) == estimate_shown(&cell->of)) fail_msg("%s, age %d: shown, or not, against the count", where, age);
    if (isnan(want)) return;
    if (cell->of.n != n) fail_msg("%s, age %d: n is %d, not %d", where, age, (int)cell->of.n, (int)n);
    if (fabs(cell->of.value - want) > 1e-9) fail_msg("%s, age %d: %.9f, not %.9f", where, age, cell->of.value, want);
    if (cell->of.lo > cell->of.value || cell->of.hi < cell->of.value)
        fail_msg("%s, age %d: outside its range", where, age);
    if (n && n < ENOUGH && cell->of.state == ESTIMATE_OK) fail_msg("%s, age %d: %d are few", where, age, (int)n);
}

// ---- tests ----

static void still_here_is_kaplan_meier_within_each_month(void **state) {
    company *c = company_open(state, 11);
    stayed *x = make(&c->a, stayed, PEOPLE);
    cohorts out = ask(c, COHORT_STILL_HERE, 36, NULL);
    int32_t silent = silence(c);
    int64_t sum = 0;
    assert_int_equal(out.silent_days, silent);
    assert_in_range(out.n_rows, 33, 34);
    for (int i = 0; i < out.n_rows; i++) {
        const cohort_row *r = &out.rows[i];
        size_t n = stays_of(c, silent, month_of_row(&out, i), x);
        assert_int_equal(r->customers, n);
        sum += r->customers;
        for (int age = 0; age < r->n_cells; age++) {
            int32_t days = (int32_t)lround(age * 365.0 / 12);
            bool all = true; // could all who began get so far?
            for (size_t k = 0; k < n; k++) all &= x[k].first + days < c->today;
            check_cell(&r->cells[age], n ? product_limit(x, n, days) : NAN, (int64_t)n, "still here", age);
            if (n && !all && !r->cells[age].running) fail_msg("row %d, age %d is not said to run", i, age);
        }
        assert_true(r->n_cells <= out.n_rows - i + 1);
    }
    assert_int_equal(sum, stays_of(c, silent, 0, x));
    company_close(c);
}

// Twelve months of everybody are the measure of that name, to the last digit.
static void a_year_of_everybody_is_the_measure(void **state) {
    company *c = company_open(state, 12);
    err e = {0};
    series m;
    size_t n;
    stayed *x = make(&c->a, stayed, PEOPLE);
    series_ask how = {.wanted = 1u << MEASURE_still_here, .clock_us = c->r.now};
    cohorts out = ask(c, COHORT_STILL_HERE, 0, NULL);
    assert_ok(series_read(&c->a, c->r.s, &how, &m, &e), e);
    series_row *rows = series_rows(&c->a, &m, MEASURE_still_here, &n);
    assert_int_equal(n, 1);
    assert_true(out.all.n_cells > 12);
    const estimate *a = &out.all.cells[12].of, *b = &rows[0].now;
    assert_true(a->value == b->value && a->lo == b->lo && a->hi == b->hi && a->n == b->n && a->state == b->state);
    n = stays_of(c, silence(c), 0, x);
    for (int age = 0; age < out.all.n_cells; age++)
        check_cell(&out.all.cells[age], product_limit(x, n, (int32_t)lround(age * 365.0 / 12)), (int64_t)n, "all", age);
    company_close(c);
}

static bool bought_in(const life *p, int month) {
    for (int k = 0; k < p->n; k++)
        if (month_no(p->days[k]) == month) return true;
    return false;
}

static void bought_counts_buyers_of_each_month(void **state) {
    company *c = company_open(state, 13);
    enum { MONTHS = 18 };
    cohorts out = ask(c, COHORT_BOUGHT, MONTHS, NULL);
    int now = month_no(c->today - 1);
    assert_int_equal(out.n_rows, MONTHS);
    for (int i = 0; i < out.n_rows; i++) {
        const cohort_row *r = &out.rows[i];
        int month = month_of_row(&out, i);
        assert_int_equal(r->n_cells, now - month + 1);
        for (int age = 0; age < r->n_cells; age++) {
            int64_t n = 0, hits = 0;
            for (int p = 0; p < PEOPLE; p++) {
                const life *who = &c->people[p];
                if (!who->n || month_no(who->days[0]) != month) continue;
                n++, hits += bought_in(who, month + age);
            }
            assert_int_equal(r->customers, n);
            check_cell(&r->cells[age], n ? (double)hits / (double)n : NAN, n, "bought", age);
            assert_int_equal(r->cells[age].running, month + age == now);
        }
    }
    for (int age = 0; age < out.all.n_cells; age++) {
        int64_t n = 0, hits = 0;
        for (int p = 0; p < PEOPLE; p++) {
            const life *who = &c->people[p];
            if (!who->n || month_no(who->days[0]) + age >= now) continue;
            n++, hits += bought_in(who, month_no(who->days[0]) + age);
        }
        check_cell(&out.all.cells[age], n ? (double)hits / (double)n : NAN, n, "all", age);
    }
    company_close(c);
}

static void a_segment_counts_its_members_alone(void **state) {
    company *c = company_open(state, 14);
    uint64_t bits[64] = {0};
    id_set some = {bits, 0, 64 * 64}, nobody = {NULL, 0, 0};
    int64_t members = 0, seen = 0, i = 0;
    err e = {0};
    for (row r = store_query(c->r.s, Q_summary_scan, &e, ""); row_next(&r); i++)
        if (i % 3 == 0) id_set_add(&some, row_int(&r, 0)), members++;
    cohorts part = ask(c, COHORT_STILL_HERE, COHORT_MOST, &some), none = ask(c, COHORT_BOUGHT, 0, &nobody);
    for (int k = 0; k < part.n_rows; k++) seen += part.rows[k].customers;
    assert_int_equal(seen, part.all.customers);
    assert_true(seen <= members && seen > members * 9 / 10);
    assert_int_equal(none.n_rows, 0);
    assert_int_equal(none.all.n_cells, 0);
    company_close(c);
}

static void names_are_read_back(void **state) {
    (void)state;
    enum cohort_of of;
    for (int i = 0; i < COHORTS; i++)
        assert_true(cohort_of_name(str_c(cohort_name((enum cohort_of)i)), &of) && of == (enum cohort_of)i);
    assert_false(cohort_of_name(S("left"), &of));
}

int main(void) {
    struct CMUnitTest tests[] = {
        cmocka_unit_test(still_here_is_kaplan_meier_within_each_month),
        cmocka_unit_test(a_year_of_everybody_is_the_measure),
        cmocka_unit_test(bought_counts_buyers_of_each_month),
        cmocka_unit_test(a_segment_counts_its_members_alone),
        cmocka_unit_test(names_are_read_back),
    };
    return rig_run(tests, COUNT(tests));
}
