// How the value of one customer may go.
#include <math.h>

#include "base/money.h"
#include "know/value_crowd.h"

static const char *const names[PURCHASE_MODELS] = {"nbd", "pareto", "bg", "mbg", "bgbb"};

const char *value_model_name(enum purchase_model m) {
    return names[m];
}

static bool value_model_of(str name, enum purchase_model *m) {
    for (int i = 0; i < PURCHASE_MODELS; i++)
        if (str_eq(name, str_c(names[i]))) return *m = (enum purchase_model)i, true;
    return false;
}

// ---- what the contracts may bring: sums with their chances ----

enum { MASSES = 2000, MONTHS_MOST = 240 };

typedef struct {
    double v, chance;
} mass;

typedef struct {
    mass *of;
    size_t n;
} masses;

static int by_size(const void *x, const void *y) {
    const mass *p = x, *q = y;
    return (p->v > q->v) - (p->v < q->v);
}

// Neighbours become one, at their mean, until they are few enough.
static void thin_out(masses *m) {
    if (m->n) qsort(m->of, m->n, sizeof *m->of, by_size);
    while (m->n > MASSES) {
        size_t n = 0;
        for (size_t i = 0; i < m->n; i += 2) {
            mass x = m->of[i], y = i + 1 < m->n ? m->of[i + 1] : (mass){0, 0};
            double sum = x.chance + y.chance;
            m->of[n++] = (mass){sum > 0 ? (x.v * x.chance + y.v * y.chance) / sum : x.v, sum};
        }
        m->n = n;
    }
}

// With one contract more, that runs on or ends independently of the others.
static masses add_contract(arena *a, const masses *before, const spell *s, const contract *k, const value_terms *t) {
    int32_t months = MIN(value_horizon_months(t), MONTHS_MOST);
    double here[MONTHS_MOST + 1], monthly = value_monthly(t), worth = (double)s->monthly * t->margin;
    masses out = {make(a, mass, before->n * (size_t)(months + 1)), 0};
    value_months(k, value_age(s, t->now_us), months, here);
    for (size_t i = 0; i < before->n; i++) {
        double paid = 0, discount = 1;
        for (int32_t m = 0; m <= months; m++) { // it runs for m months more, and not for m + 1
            double chance = m < months ? here[m] - here[m + 1] : here[m];
            out.of[out.n++] = (mass){before->of[i].v + paid, before->of[i].chance * chance};
            discount *= monthly, paid += worth * discount;
        }
    }
    thin_out(&out);
    return out;
}

// ---- the fit, from the stored report ----

static double number(const json_t *v, const char *path) {
    return json_number_value(json_find(v, path));
}

static const json_t *buyers_of(const json_t *report, int32_t unit) {
    const currency *c = currency_by_number(unit);
    const json_t *all = json_object_get(report, "buyers");
    for (size_t i = 0; c && i < json_array_size(all); i++)
        if (str_eq(json_at(json_array_get(all, i), "currency"), str_c(c->code))) return json_array_get(all, i);
    return NULL;
}

static bool buying(arena *a, const json_t *b, const gathered *g, purchase_spread *out) {
    enum purchase_model model;
    double param[8] = {0};
    const json_t *list = json_find(b, "model.parameters"), *spend = json_object_get(b, "spend");
    if (!g->n_crowds || !value_model_of(json_at(b, "model.kind"), &model) || !json_find(spend, "q")) return false;
    for (size_t i = 0; i < json_array_size(list) && i < COUNT(param); i++)
        param[i] = number(json_array_get(list, i), "value");
    const crowd *c = &g->crowds[0];
    purchase_log log = {.n = c->n, .customers = 1, .who = c->who, .day = c->day, .amount = c->amount};
    purchase_people one = purchase_summarise(a, &log, (purchase_window){.end = g->today}, NULL);
    if (!one.n) return false;
    static const double none[9] = {0};
    purchase_fit f = purchase_fit_known(a, purchase_group(a, &one), model, (int)number(b, "model.rhythm"), param);
    purchase_spend money = {.state = ESTIMATE_OK,
                            .p = number(spend, "p"),
                            .q = number(spend, "q"),
                            .gamma = number(spend, "gamma"),
                            .covariance = none};
    purchase_terms how = {.horizon = g->terms->horizon_days / 7.0,
                          .discount = purchase_discount(g->terms->yearly, 7),
                          .margin = g->terms->margin};
    purchase_one x = {one.x[0], one.tx[0], one.T[0], one.spend ? one.spend[0] : NAN, NULL};
    return money.q > 1 && purchase_spread_of(a, &f, &money, x, how, out);
}

static bool contract_in(const json_t *report, contract *out) {
    const json_t *k = json_object_get(report, "contracts"), *at = json_object_get(k, "at");
    *out = (contract){.state = ESTIMATE_OK, .alike = json_is_true(json_object_get(k, "alike"))};
    for (size_t i = 0; i < COUNT(out->at); i++) out->at[i] = json_number_value(json_array_get(at, i));
    return json_array_size(at) == COUNT(out->at);
}

// ---- both ----

typedef struct {
    masses fixed;
    purchase_spread bought;
    bool buys;
} prospect;

static double below(const prospect *p, double v) {
    double sum = 0;
    for (size_t i = 0; i < p->fixed.n && p->fixed.of[i].v <= v; i++)
        sum += p->fixed.of[i].chance * (p->buys ? purchase_spread_below(&p->bought, v - p->fixed.of[i].v) : 1);
    return sum;
}

// Bisection, between amounts that are doubled until enough lies below.
static double at_chance(const prospect *p, double chance, double from) {
    double lo = from, hi = fmax(from, 1);
    if (below(p, from) >= chance) return from;
    while (below(p, hi) < chance && hi < 1e18) lo = hi, hi *= 2;
    for (int i = 0; i < 60 && hi - lo > fmax(0.5, 1e-4 * hi); i++) {
        double mid = (lo + hi) / 2;
        if (below(p, mid) >= chance)
            hi = mid;
        else
            lo = mid;
    }
    return hi;
}

static bool prospect_of(arena *a, const json_t *report, const gathered *g, const value_row *v, prospect *out) {
    contract k;
    bool runs = contract_in(report, &k), any = false;
    *out = (prospect){.fixed = {make(a, mass, 1), 1}};
    out->fixed.of[0] = (mass){0, 1};
    out->buys = v->kind & VALUE_BUYS && buying(a, buyers_of(report, v->currency), g, &out->bought);
    for (size_t i = 0; runs && i < g->n_spells; i++) {
        const spell *s = &g->spells[i];
        if (s->end_us || s->currency != v->currency || !s->monthly) continue;
        out->fixed = add_contract(a, &out->fixed, s, &k, g->terms);
        any = true;
    }
    return any || out->buys;
}

bool value_dots_of(arena scratch, store *s, const value_row *v, value_dots *out, err *e) {
    arena *a = &scratch;
    value_terms t = {0};
    gathered g;
    prospect p;
    int64_t model;
    str text;
    json_t *report = NULL;
    *out = (value_dots){0};
    if (!value_newest(a, s, &model, &t.now_us, &t.horizon_days, &text, e) || !json_read(text, &report, e))
        return err_ok(e);
    t.yearly = number(report, "discount"), t.margin = number(report, "margin");
    if (gather_one(a, s, &t, v->customer, &g, e) && prospect_of(a, report, &g, v, &p)) {
        out->known = true, out->nothing = below(&p, 0);
        for (int i = 0; i < VALUE_DOTS; i++) out->at[i] = at_chance(&p, (i + 0.5) / VALUE_DOTS, i ? out->at[i - 1] : 0);
    }
    json_decref(report);
    return err_ok(e);
}
