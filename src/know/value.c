#include <math.h>

#include "know/value_crowd.h"

#include "base/civil.h"

enum { WEEK = 7, MONTHS = 12, MOST_WEEKS = 260, ROUNDS = 200, AGES = 1200 };

static const value_range NOTHING = {NAN, NAN, NAN};
static const double MONTH_S = 2629746;

static value_range range_of(const estimate *e) {
    return estimate_shown(e) ? (value_range){e->value, e->lo, e->hi} : NOTHING;
}

static value_range of_purchase(purchase_range r) {
    return (value_range){r.value, r.lo, r.hi};
}

// ---- rows: a customer may buy in one currency and be under contract too ----

typedef struct {
    arena *a;
    value_fit *f;
    map64 at; // customer → index
    size_t room;
} rows;

static value_row *row_for(rows *x, int64_t customer, int32_t currency) {
    bool made;
    int32_t *at = map64_at(&x->at, customer, (int32_t)x->f->n_rows, &made);
    if (!made) return &x->f->rows[*at];
    if (x->f->n_rows == x->room) {
        size_t room = x->room ? x->room * 2 : 1024;
        value_row *more = make(x->a, value_row, room);
        if (x->room) memcpy(more, x->f->rows, x->room * sizeof *more);
        x->f->rows = more, x->room = room;
    }
    value_row *r = &x->f->rows[x->f->n_rows++];
    *r = (value_row){.customer = customer,
                     .currency = currency,
                     .alive = NOTHING,
                     .buys = NOTHING,
                     .value = {0, 0, 0},
                     .stays = NOTHING,
                     .risk = NOTHING,
                     .why = S("[]")};
    return r;
}

static void add_value(value_row *r, value_range v) {
    if (!isfinite(v.value)) return;
    r->value.value += v.value, r->value.lo += v.lo, r->value.hi += v.hi;
}

// ---- buyers ----

static void tracked(arena *a, value_buyers *b, const purchase_log *log, const purchase_set *set) {
    int32_t first = b->best.tally.first, last = b->best.tally.last;
    b->n_weeks = (size_t)MIN(MAX((last - first) / WEEK, 1), MOST_WEEKS);
    b->track = make(a, double, b->n_weeks), b->actual = make(a, double, b->n_weeks);
    purchase_track(*a, &b->best.fit, set, 1, b->n_weeks, b->track);
    purchase_track_actual(*a, log, (purchase_window){0}, 1, b->n_weeks, b->actual);
    purchase_histogram(*a, &b->best.fit, set, 10, b->seen, b->expected);
}

static void of_buyers(rows *x, const crowd *c, const purchase_row *predicted, const purchase_people *p) {
    for (size_t i = 0; i < p->n; i++) {
        const purchase_row *y = &predicted[i];
        int64_t customer = c->customer[p->who ? p->who[i] : i];
        value_row *r = row_for(x, customer, c->currency);
        r->kind |= VALUE_BUYS;
        r->alive = of_purchase(y->alive), r->buys = of_purchase(y->buys);
        add_value(r, of_purchase(y->value));
    }
}

static void spread_of(arena *a, value_buyers *b, const purchase_row *predicted, size_t n) {
    int64_t *worth = make(a, int64_t, n + 1);
    rng dice = rng_seed(1);
    for (size_t i = 0; i < n; i++)
        worth[i] = isfinite(predicted[i].value.value) ? (int64_t)llround(predicted[i].value.value) : 0;
    b->spread = concentration_of(a, worth, n, ROUNDS, &dice);
}

static void fit_buyers(rows *x, const gathered *g, const crowd *c, value_buyers *b) {
    arena *a = x->a;
    const value_terms *t = g->terms;
    purchase_log log = {
        .n = c->n, .customers = (uint32_t)c->n_customers, .who = c->who, .day = c->day, .amount = c->amount};
    b->currency = c->currency;
    b->best = purchase_choose(a, &log, (purchase_ask){.end = g->today});
    if (b->best.fit.state == ESTIMATE_REFUSED) return;
    purchase_set *set = purchase_group(a, &b->best.people);
    purchase_terms how = {
        .horizon = (double)t->horizon_days / WEEK, .discount = purchase_discount(t->yearly, WEEK), .margin = t->margin};
    purchase_row *predicted = make(a, purchase_row, b->best.people.n + 1);
    // Without any money (all amounts are zero) there is no spend model, and what is predicted is no worth.
    bool money = b->best.spend.state != ESTIMATE_NONE;
    b->totals = purchase_predict_all(a, &b->best.fit, money ? &b->best.spend : NULL, set, how, predicted);
    for (size_t i = 0; !money && i < b->best.people.n; i++)
        predicted[i].value = predicted[i].residual = (purchase_range){NAN, NAN, NAN};
    if (!money) b->totals.value = b->totals.residual = estimate_none("spend", "no amounts are known");
    tracked(a, b, &log, set);
    spread_of(a, b, predicted, b->best.people.n);
    of_buyers(x, c, predicted, &b->best.people);
}

// ---- contracts ----

static double months_of(const spell *s, int64_t now_us) {
    return (double)((s->end_us ? s->end_us : now_us) - s->start_us) / 1e6 / MONTH_S;
}

static void fit_contracts(rows *x, const gathered *g) {
    value_fit *f = x->f;
    stay *stays = make(x->a, stay, g->n_spells + 1);
    for (size_t i = 0; i < g->n_spells; i++)
        stays[i] = (stay){.time = months_of(&g->spells[i], g->terms->now_us), .ended = g->spells[i].end_us != 0};
    contract_counts counts = contract_count(x->a, stays, g->n_spells, 1);
    f->stay = contract_choose(&counts);
    for (size_t i = 0; i < g->n_spells; i++) f->running += !g->spells[i].end_us;
    if (f->stay.state != ESTIMATE_REFUSED)
        f->will_stay = contract_forecast(&f->stay, counts.open, counts.periods + 1, g->terms->horizon_days / 30.4375);
}

int32_t value_horizon_months(const value_terms *t) {
    return (int32_t)lround(t->horizon_days / 30.4375);
}

double value_monthly(const value_terms *t) {
    return pow(1 + t->yearly, -1.0 / MONTHS);
}

int64_t value_age(const spell *s, int64_t now_us) {
    return (int64_t)MIN(MAX(months_of(s, now_us), 0), AGES - 1);
}

void value_months(const contract *k, int64_t age, int32_t months, double *here) {
    here[0] = 1;
    for (int32_t m = 0; m < months; m++) here[m + 1] = here[m] * contract_renewal(k, (double)(age + m)).value;
}

// Chances of further months for a contract of some age, multiplied month by month; the range takes each month at the
// same end of its range, which is wider than needed and never too narrow.
typedef struct {
    value_range months, end; // expected discounted months to the horizon; chance to be there at its end
} future;

static future future_of(const contract *k, int64_t age, const value_terms *t) {
    future f = {{0, 0, 0}, {1, 1, 1}};
    int32_t months = value_horizon_months(t);
    double monthly = value_monthly(t), discount = 1;
    for (int32_t m = 0; m < months; m++) {
        estimate next = contract_renewal(k, (double)(age + m));
        f.end.value *= next.value, f.end.lo *= next.lo, f.end.hi *= next.hi;
        discount *= monthly;
        f.months.value += discount * f.end.value, f.months.lo += discount * f.end.lo;
        f.months.hi += discount * f.end.hi;
    }
    return f;
}

static void of_contracts(rows *x, const gathered *g) {
    const contract *k = &x->f->stay;
    future *by_age = make(x->a, future, AGES);
    bool *known = make(x->a, bool, AGES);
    for (size_t i = 0; i < g->n_spells; i++) {
        const spell *s = &g->spells[i];
        if (s->end_us) continue;
        value_row *r = row_for(x, s->customer, s->currency);
        r->kind |= VALUE_CONTRACT;
        int64_t age = value_age(s, g->terms->now_us);
        if (k->state == ESTIMATE_REFUSED || s->currency != r->currency) continue;
        if (!known[age]) by_age[age] = future_of(k, age, g->terms), known[age] = true;
        const future *y = &by_age[age];
        double worth = (double)s->monthly * g->terms->margin;
        add_value(r, (value_range){worth * y->months.value, worth * y->months.lo, worth * y->months.hi});
        if (!isfinite(r->stays.value) || y->end.value > r->stays.value) r->stays = y->end;
    }
}

// ---- who is likely to leave ----

static features table_of(arena *a, double *const *columns, const uint32_t *which, size_t n) {
    feature *of = make(a, feature, FEATURES);
    for (int i = 0; i < FEATURES; i++) {
        double *v = make(a, double, n + 1);
        for (size_t k = 0; k < n; k++) v[k] = columns[i][which[k]];
        of[i] = (feature){.name = gather_feature(i), .number = v};
    }
    return (features){of, FEATURES, n};
}

static str reasons_of(arena *a, const churn *k, const features *t, size_t which) {
    churn_reason list[VALUE_REASONS];
    size_t n = churn_reasons(*a, k, t, which, list, VALUE_REASONS);
    buf b = buf_new(a, 1 << 14);
    json_out j = json_to(&b);
    json_open(&j, NULL, '[');
    for (size_t i = 0; i < n; i++) {
        arena scratch = arena_open(1 << 16);
        json_put_str(&j, NULL, churn_reason_words(&scratch, t, which, &list[i]));
        arena_close(&scratch);
    }
    json_close(&j, ']');
    return buf_str(&b);
}

static void fit_risk(rows *x, const gathered *g) {
    arena *a = x->a;
    value_fit *f = x->f;
    uint32_t *then = make(a, uint32_t, g->n_spells + 1), *now = make(a, uint32_t, g->n_spells + 1);
    bool *left = make(a, bool, g->n_spells + 1);
    int64_t *whose = make(a, int64_t, g->n_spells + 1), first = g->terms->now_us;
    size_t n = 0, m = 0;
    for (size_t i = 0; i < g->n_spells; i++) {
        const spell *s = &g->spells[i];
        first = MIN(first, s->start_us);
        if (!s->end_us) now[m++] = (uint32_t)i;
        if (!isnan(g->then[0][i])) left[n] = s->end_us != 0, whose[n] = s->customer, then[n++] = (uint32_t)i;
    }
    churn_data d = {.table = table_of(a, g->then, then, n),
                    .left = left,
                    .customer = whose,
                    .history = (double)(g->terms->now_us - first) / DAY_US - VALUE_RISK_DAYS,
                    .horizon = VALUE_RISK_DAYS,
                    .seed = 1};
    f->risk = churn_fit(a, &d);
    if (f->risk.state == ESTIMATE_REFUSED) return;
    features table = table_of(a, g->now, now, m);
    for (size_t i = 0; i < m; i++) {
        const spell *s = &g->spells[now[i]];
        estimate risk = churn_risk(*a, &f->risk, &table, i);
        value_row *r = row_for(x, s->customer, s->currency);
        if (!estimate_shown(&risk) || (isfinite(r->risk.value) && r->risk.value >= risk.value)) continue;
        r->risk = range_of(&risk);
        r->why = reasons_of(a, &f->risk, &table, i);
    }
}

// ---- all of it ----

static int by_customer(const void *p, const void *q) {
    const value_row *x = p, *y = q;
    return (x->customer > y->customer) - (x->customer < y->customer);
}

bool value_compute(arena *a, store *s, const value_terms *t, void (*progress)(void *, int64_t), void *ctx,
                   value_fit *out, err *e) {
    gathered g;
    value_terms terms = *t;
    if (!terms.horizon_days) terms.horizon_days = 365;
    if (terms.yearly == 0) terms.yearly = 0.10;
    if (terms.margin == 0) terms.margin = 1;
    *out = (value_fit){.terms = terms};
    if (!gather(a, s, &out->terms, progress, ctx, &g, e)) return false;
    rows x = {.a = a, .f = out, .at = map64_new(a, 1024)};
    out->buyers = make(a, value_buyers, g.n_crowds + 1);
    for (size_t i = 0; i < g.n_crowds; i++) fit_buyers(&x, &g, &g.crowds[i], &out->buyers[out->n_buyers++]);
    fit_contracts(&x, &g);
    of_contracts(&x, &g);
    fit_risk(&x, &g);
    if (out->n_rows) qsort(out->rows, out->n_rows, sizeof *out->rows, by_customer);
    return true;
}
