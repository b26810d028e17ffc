// What a fit says, as JSON and as rows.
#include <math.h>

#include "know/value_crowd.h"

#include "base/money.h"
#include "know/figure.h"
#include "sql/know_value.h"

// ---- rows ----

enum { RANGES = 5 };

static const value_range *range_at(const value_row *v, int i) {
    const value_range *const all[RANGES] = {&v->alive, &v->buys, &v->value, &v->stays, &v->risk};
    return all[i];
}

bool value_put_rows(store *s, arena scratch, int64_t model_id, const value_row *rows, size_t n, err *e) {
    enum { COLS = 20 };
    int64_t *num[4];
    double *real[RANGES * 3];
    unsigned char *none[RANGES * 3];
    str *why = make(&scratch, str, n + 1);
    for (int c = 0; c < 4; c++) num[c] = make(&scratch, int64_t, n + 1);
    for (int c = 0; c < RANGES * 3; c++)
        real[c] = make(&scratch, double, n + 1), none[c] = make(&scratch, unsigned char, n + 1);
    for (size_t i = 0; i < n; i++) {
        const value_row *v = &rows[i];
        num[0][i] = v->customer, num[1][i] = model_id, num[2][i] = v->currency, num[3][i] = v->kind;
        for (int k = 0; k < RANGES; k++) {
            const value_range *r = range_at(v, k);
            const double three[] = {r->value, r->lo, r->hi};
            for (int c = 0; c < 3; c++) {
                bool there = isfinite(three[c]);
                real[k * 3 + c][i] = there ? three[c] : 0, none[k * 3 + c][i] = !there;
            }
        }
        why[i] = v->why.len ? v->why : S("[]");
    }
    column cols[COLS];
    for (int c = 0; c < 4; c++) cols[c] = (column){'i', num[c], NULL};
    for (int c = 0; c < RANGES * 3; c++) {
        bool always = c / 3 == 2; // a value there always is
        cols[4 + c] = (column){'d', real[c], always ? NULL : none[c]};
    }
    cols[COLS - 1] = (column){'t', why, NULL};
    return store_bulk(s, Q_value_put, cols, COLS, n, NULL, e);
}

bool value_forget_others(store *s, int64_t model_id, err *e) {
    return store_run(s, Q_value_others_drop, NULL, e, "i", model_id) &&
           store_run(s, Q_value_models_drop, NULL, e, "i", model_id);
}

bool value_put_model(store *s, int64_t model_id, int64_t made_us, const value_fit *f, str report, err *e) {
    return store_run(s, Q_value_model_put, NULL, e, "iiiit", model_id, made_us, f->terms.now_us,
                     (int64_t)f->terms.horizon_days, report);
}

static value_range range_in(const row *r, int col) {
    if (row_null(r, col)) return (value_range){NAN, NAN, NAN};
    return (value_range){row_double(r, col), row_double(r, col + 1), row_double(r, col + 2)};
}

value_row value_read(arena *a, const row *r) {
    return (value_row){.customer = row_int(r, 0),
                       .currency = (int32_t)row_int(r, 1),
                       .kind = (int32_t)row_int(r, 2),
                       .alive = range_in(r, 3),
                       .buys = range_in(r, 6),
                       .value = range_in(r, 9),
                       .stays = range_in(r, 12),
                       .risk = range_in(r, 15),
                       .why = str_dup(a, row_str(r, 18))};
}

bool value_of(arena *a, store *s, int64_t customer, value_row *out, err *e) {
    bool found = false;
    for (row r = store_query(s, Q_value_get, e, "i", customer); row_next(&r);) *out = value_read(a, &r), found = true;
    return found && err_ok(e);
}

bool value_newest(arena *a, store *s, int64_t *model_id, int64_t *as_of_us, int32_t *horizon_days, str *report,
                  err *e) {
    bool found = false;
    for (row r = store_query(s, Q_value_model_newest, e, ""); row_next(&r);) {
        *model_id = row_int(&r, 0), *as_of_us = row_int(&r, 1), *horizon_days = (int32_t)row_int(&r, 2);
        *report = str_dup(a, row_str(&r, 3)), found = true;
    }
    return found && err_ok(e);
}

static void range_json(json_out *j, const char *key, value_range r) {
    if (!isfinite(r.value)) {
        json_put_null(j, key);
        return;
    }
    json_open(j, key, '{');
    json_put_num(j, "value", r.value);
    json_put_num(j, "lo", r.lo);
    json_put_num(j, "hi", r.hi);
    json_close(j, '}');
}

static void dots_json(json_out *j, const value_dots *d) {
    if (!d || !d->known) return json_put_null(j, "quantiles"), json_put_null(j, "nothing");
    json_open(j, "quantiles", '[');
    for (int i = 0; i < VALUE_DOTS; i++) {
        json_open(j, NULL, '{');
        json_put_num(j, "p", (i + 0.5) / VALUE_DOTS);
        json_put_num(j, "value", d->at[i]);
        json_close(j, '}');
    }
    json_close(j, ']');
    json_put_num(j, "nothing", d->nothing);
}

void value_json(json_out *j, const char *key, const value_row *v, str name, const value_dots *dots) {
    const currency *c = currency_by_number(v->currency);
    json_open(j, key, '{');
    json_put_int(j, "customer", v->customer);
    if (name.len)
        json_put_str(j, "name", name);
    else
        json_put_null(j, "name");
    json_put_str(j, "currency", c ? str_c(c->code) : S(""));
    json_put_bool(j, "contract", v->kind & VALUE_CONTRACT);
    range_json(j, "alive", v->alive);
    range_json(j, "buys", v->buys);
    range_json(j, "value", v->value);
    range_json(j, "stays", v->stays);
    range_json(j, "risk", v->risk);
    json_put_raw(j, "why", v->why);
    dots_json(j, dots);
    json_close(j, '}');
}

// ---- the report ----

static void state_json(json_out *j, enum estimate_state state, const char *why) {
    json_put_str(j, "state", str_c(figure_state(state)));
    if (why) json_put_str(j, "why", str_c(why));
}

static void numbers_json(json_out *j, const char *key, const double *v, size_t n) {
    json_open(j, key, '[');
    for (size_t i = 0; i < n; i++) json_put_num(j, NULL, v[i]);
    json_close(j, ']');
}

static void fit_json(json_out *j, const char *key, const purchase_fit *f) {
    json_open(j, key, '{');
    state_json(j, f->state, f->why);
    if (f->state != ESTIMATE_REFUSED) {
        json_put_str(j, "name", str_c(f->name));
        json_put_str(j, "kind", str_c(value_model_name(f->model)));
        json_put_int(j, "rhythm", f->k);
        json_put_bool(j, "boundary", f->boundary);
        json_put_num(j, "loglik", f->loglik);
        json_put_int(j, "customers", f->size.customers);
        json_put_int(j, "repeat_buyers", f->size.repeaters);
        json_open(j, "parameters", '[');
        for (int i = 0; i < f->n; i++) {
            json_open(j, NULL, '{');
            json_put_str(j, "name", str_c(f->param[i].name));
            json_put_num(j, "value", f->param[i].value);
            json_put_num(j, "lo", f->param[i].lo);
            json_put_num(j, "hi", f->param[i].hi);
            json_close(j, '}');
        }
        json_close(j, ']');
    }
    json_close(j, '}');
}

static void spend_json(json_out *j, const purchase_spend *g) {
    json_open(j, "spend", '{');
    state_json(j, g->state, g->why);
    json_put_num(j, "mean", g->mean);
    json_put_num(j, "correlation", g->correlation);
    json_put_num(j, "p", g->p);
    json_put_num(j, "q", g->q);
    json_put_num(j, "gamma", g->gamma);
    json_put_int(j, "n", g->n);
    json_close(j, '}');
}

static void trials_json(json_out *j, const purchase_backtest *t) {
    json_open(j, "back_test", '{');
    json_put_num(j, "held_weeks", t->held);
    json_put_int(j, "actual", t->actual);
    json_put_num(j, "actual_money", t->actual_money);
    json_put_str(j, "said", t->said ? str_c(t->said) : S(""));
    json_open(j, "trials", '[');
    for (size_t i = 0; i < t->n; i++) {
        const purchase_trial *x = &t->trial[i];
        json_open(j, NULL, '{');
        json_put_str(j, "name", str_c(x->name));
        json_put_bool(j, "model", x->model);
        figure_json(j, "total", &x->total);
        figure_json(j, "money", &x->money);
        json_put_num(j, "bias", x->bias);
        json_put_num(j, "mae", x->mae);
        json_put_num(j, "score", x->score);
        json_put_num(j, "auc", x->auc);
        json_close(j, '}');
    }
    json_close(j, ']');
    json_close(j, '}');
}

static void totals_json(json_out *j, const purchase_totals *t) {
    json_open(j, "totals", '{');
    figure_json(j, "alive", &t->alive);
    figure_json(j, "buys", &t->buys);
    figure_json(j, "value", &t->value);
    json_close(j, '}');
}

static void spread_json(json_out *j, const concentration *c) {
    static const char *const names[CONCENTRATION_PARTS] = {"top_1", "top_5", "top_10", "top_20"};
    json_open(j, "concentration", '{');
    figure_json(j, "gini", &c->gini);
    for (int i = 0; i < CONCENTRATION_PARTS; i++) figure_json(j, names[i], &c->top[i]);
    figure_json(j, "half", &c->half);
    json_close(j, '}');
}

static void buyers_json(json_out *j, const value_buyers *b) {
    const currency *c = currency_by_number(b->currency);
    json_open(j, NULL, '{');
    json_put_str(j, "currency", c ? str_c(c->code) : S(""));
    json_put_str(j, "said", b->best.said ? str_c(b->best.said) : S(""));
    fit_json(j, "model", &b->best.fit);
    if (b->best.fit.state != ESTIMATE_REFUSED) {
        spend_json(j, &b->best.spend);
        totals_json(j, &b->totals);
        trials_json(j, &b->best.test);
        spread_json(j, &b->spread);
        json_open(j, "picture", '{');
        numbers_json(j, "weeks_expected", b->track, b->n_weeks);
        numbers_json(j, "weeks_seen", b->actual, b->n_weeks);
        numbers_json(j, "repeats_seen", b->seen, COUNT(b->seen));
        numbers_json(j, "repeats_expected", b->expected, COUNT(b->expected));
        json_close(j, '}');
    }
    json_close(j, '}');
}

static void contracts_json(json_out *j, const value_fit *f) {
    const contract *k = &f->stay;
    json_open(j, "contracts", '{');
    state_json(j, k->state, k->why);
    json_put_int(j, "running", f->running);
    if (k->state != ESTIMATE_REFUSED) {
        json_put_str(j, "name", str_c(contract_name(k)));
        json_put_int(j, "n", k->n);
        json_put_int(j, "lost", k->lost);
        json_put_num(j, "alpha", k->alpha);
        json_put_num(j, "beta", k->beta);
        json_put_num(j, "c", k->c);
        json_put_bool(j, "alike", k->alike);
        numbers_json(j, "at", k->at, COUNT(k->at));
        figure_json(j, "will_stay", &f->will_stay);
        json_open(j, "survival", '[');
        for (int t = 0; t <= 36; t += 3) {
            estimate s = contract_survival(k, t);
            json_open(j, NULL, '{');
            json_put_int(j, "months", t);
            figure_json(j, "share", &s);
            json_close(j, '}');
        }
        json_close(j, ']');
    }
    json_close(j, '}');
}

static void risk_json(json_out *j, const churn *k) {
    json_open(j, "risk", '{');
    state_json(j, k->state, k->why);
    json_put_int(j, "days", VALUE_RISK_DAYS);
    json_put_int(j, "n", k->n);
    json_put_int(j, "lost", k->lost);
    if (k->state != ESTIMATE_REFUSED) {
        json_put_str(j, "told", k->told ? str_c(k->told) : S(""));
        figure_json(j, "log_loss", &k->seen.loss);
        json_put_num(j, "log_loss_base", k->seen.loss_base);
        figure_json(j, "brier", &k->seen.brier);
        json_put_num(j, "calibration_error", k->seen.ece);
        json_open(j, "reliability", '[');
        for (size_t i = 0; i < k->seen.n_bins; i++) {
            json_open(j, NULL, '{');
            json_put_num(j, "said", k->seen.bins[i].said);
            figure_json(j, "seen", &k->seen.bins[i].seen);
            json_close(j, '}');
        }
        json_close(j, ']');
    }
    json_close(j, '}');
}

void value_report(json_out *j, const char *key, arena *a, const value_fit *f) {
    (void)a;
    json_open(j, key, '{');
    json_put_time(j, "as_of", f->terms.now_us);
    json_put_int(j, "horizon_days", f->terms.horizon_days);
    json_put_num(j, "discount", f->terms.yearly);
    json_put_num(j, "margin", f->terms.margin);
    json_put_int(j, "customers", (int64_t)f->n_rows);
    json_open(j, "buyers", '[');
    for (size_t i = 0; i < f->n_buyers; i++) buyers_json(j, &f->buyers[i]);
    json_close(j, ']');
    contracts_json(j, f);
    risk_json(j, &f->risk);
    json_close(j, '}');
}
