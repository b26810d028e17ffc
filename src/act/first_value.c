#include "act/first_value.h"

#include "base/map64.h"
#include "know/lists.h"
#include "ledger/ledger.h"
#include "sql/act_playbook.h"

#include <math.h>

typedef struct {
    int64_t customer, start_us, value_us; // value_us 0: none yet
    int32_t group;
} begun;

typedef struct {
    arena *a;
    store *s;
    const first_value_ask *ask;
    first_values *out;
    begun *of;
    size_t n, room;
    map64 by_customer; // → of
} reading;

static void add(reading *k, begun x) {
    if (k->n == k->room) {
        begun *more = make(k->a, begun, k->room = k->room ? k->room * 2 : 1024);
        if (k->n) memcpy(more, k->of, k->n * sizeof *more);
        k->of = more;
    }
    map64_put(&k->by_customer, x.customer, (int32_t)k->n);
    k->of[k->n++] = x;
}

static bool read_starts(reading *k, err *e) {
    bool orders = k->ask->value == KIND_order;
    for (row r = store_query(k->s, Q_playbook_terms, e, ""); row_next(&r);) {
        int64_t start = row_int(&r, k->ask->from_contract ? 3 : 1), value = orders ? row_int(&r, 2) : 0;
        if (start && start <= k->ask->now_us)
            add(k, (begun){row_int(&r, 0), start, value <= k->ask->now_us ? value : 0, 0});
    }
    return err_ok(e);
}

// ---- segments and the first time, by profile ----

static int32_t group_of(reading *k, str name) {
    first_values *o = k->out;
    for (size_t i = 1; i < o->n_groups; i++)
        if (str_eq(o->groups[i].segment, name)) return (int32_t)i;
    if (o->n_groups == STUCK_SEGMENTS) return 0;
    o->groups[o->n_groups].segment = str_dup(k->a, name);
    return (int32_t)o->n_groups++;
}

static bool read_people(reading *k, map64 *customer_of, err *e) {
    for (row r = store_query(k->s, Q_playbook_people, e, ""); row_next(&r);) {
        int32_t at = map64_get(&k->by_customer, row_int(&r, 1));
        if (at < 0) continue;
        map64_put(customer_of, row_int(&r, 0), at);
        if (row_str(&r, 3).len && !k->of[at].group) k->of[at].group = group_of(k, row_str(&r, 3));
    }
    return err_ok(e);
}

static bool read_values(reading *k, const map64 *customer_of, err *e) {
    int32_t *months;
    size_t n;
    if (k->ask->value == KIND_order) return true;
    if (!ledger_periods(k->s, k->a, &months, &n, e)) return false;
    for (size_t m = 0; m < n; m++)
        for (row r = store_query(k->s, Q_playbook_first_of, e, "ii", (int64_t)months[m], (int64_t)k->ask->value);
             row_next(&r);) {
            int32_t at = map64_get(customer_of, row_int(&r, 0));
            int64_t at_us = row_int(&r, 1);
            if (at < 0 || at_us > k->ask->now_us || at_us < k->of[at].start_us) continue;
            begun *x = &k->of[at];
            if (!x->value_us || at_us < x->value_us) x->value_us = at_us;
        }
    return err_ok(e);
}

// ---- curves ----

static double days_between(int64_t from_us, int64_t to_us) {
    return (double)MAX(to_us - from_us, INT64_C(0)) / (double)DAY_US;
}

enum { LEAST_DAYS = 1 }; // where most have it at once, a day without it is no sign yet

static void curve_of(reading *k, int32_t group) {
    first_value_group *g = &k->out->groups[group];
    size_t n = 0;
    for (size_t i = 0; i < k->n; i++) n += !group || k->of[i].group == group;
    stay *x = make(k->a, stay, n + 1);
    for (size_t i = 0; i < k->n; i++) {
        const begun *b = &k->of[i];
        if (group && b->group != group) continue;
        // A value before the start, or in the same moment, still is one: it took no time that could be seen.
        double t = days_between(b->start_us, b->value_us ? b->value_us : k->ask->now_us);
        x[g->n++] = (stay){.time = MAX(t, 1.0 / 1440), .ended = b->value_us != 0};
        g->had += b->value_us != 0;
    }
    survival fit = survival_fit(k->a, x, (size_t)g->n);
    g->half = survival_quantile(k->a, &fit, 0.5), g->p80 = survival_quantile(k->a, &fit, 0.8);
    bool told = g->n >= STUCK_NEEDS && g->p80.state != ESTIMATE_REFUSED && g->p80.state != ESTIMATE_NONE;
    g->beyond = told ? MAX(g->p80.value, LEAST_DAYS) : (double)NAN;
}

static void find_stuck(reading *k) {
    first_values *o = k->out;
    for (size_t i = 1; i < o->n_groups; i++)
        if (isnan(o->groups[i].beyond)) o->groups[i].beyond = o->groups[0].beyond;
    o->stuck = make(k->a, stuck_customer, k->n + 1);
    for (size_t i = 0; i < k->n; i++) {
        const begun *b = &k->of[i];
        double days = days_between(b->start_us, k->ask->now_us);
        first_value_group *g = &o->groups[b->group];
        if (b->value_us || !(days > g->beyond) || days > STUCK_DAYS) continue;
        o->stuck[o->n_stuck++] = (stuck_customer){b->customer, b->start_us, days, b->group};
        g->stuck++;
        if (b->group) o->groups[0].stuck++;
    }
}

bool first_value_read(arena *a, store *s, const first_value_ask *ask, first_values *out, err *e) {
    *out = (first_values){.groups = make(a, first_value_group, STUCK_SEGMENTS), .n_groups = 1};
    reading k = {.a = a, .s = s, .ask = ask, .out = out, .by_customer = map64_new(a, 1024)};
    map64 customer_of = map64_new(a, 1024);
    if (!read_starts(&k, e) || !read_people(&k, &customer_of, e) || !read_values(&k, &customer_of, e)) return false;
    for (size_t i = 0; i < out->n_groups; i++) curve_of(&k, (int32_t)i);
    find_stuck(&k);
    return true;
}
