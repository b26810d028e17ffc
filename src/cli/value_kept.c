// `heed value` and `heed churn` over the store: the newest fit, or a new one.
#include <math.h>

#include "base/money.h"
#include "cli/desk.h"
#include "cli/say.h"
#include "cli/value_cmd.h"
#include "jobs/value_keep.h"
#include "know/people.h"
#include "sql/know_value.h"

// ---- fitting anew ----

static bool run_piece(void *ctx, piece_fn fn, void *of, err *e) {
    return desk_run(ctx, fn, of, e);
}

static void seen_so_far(void *ctx, int64_t n) {
    progress_at(ctx, n, 0, 0);
}

static bool fit_now(cli *c, const value_terms *terms, err *e) {
    desk d;
    value_fit f;
    value_terms t = *terms;
    bool historic;
    if (!desk_open(c, "POST /api/value does it there", &d, e)) return false;
    arena a = arena_open((size_t)1 << 36);
    progress bar = progress_begin(&c->t, S("value"), "customers");
    bool ok = as_of_us(d.s, c->w->now_us(c->w), &t.now_us, &historic, e) &&
              value_compute(&a, d.s, &t, seen_so_far, &bar, &f, e);
    progress_end(&bar);
    ok = ok && value_keep(&f, &(value_keeper){.run = run_piece, .ctx = &d}, e);
    desk_close(&d);
    arena_close(&a);
    return ok;
}

// ---- what is stored ----

typedef struct {
    cli *c;
    store *s;
    int64_t model, as_of_us;
    str report;
    value_row *best, *risk;
    people_card *best_who, *risk_who;
    size_t n_best, n_risk;
} kept;

static bool read_rows(kept *k, bool risk, int64_t most, value_row **rows, people_card **who, size_t *n, err *e) {
    arena *a = k->c->life;
    *rows = make(a, value_row, (size_t)most + 1), *who = make(a, people_card, (size_t)most + 1), *n = 0;
    row r = risk ? store_query(k->s, Q_value_at_risk, e, "i", most)
                 : store_query(k->s, Q_value_best, e, "dii", HUGE_VAL, INT64_MAX, most);
    while (row_next(&r)) {
        (*rows)[*n] = value_read(a, &r);
        (*who)[*n].id = (*rows)[*n].customer;
        ++*n;
    }
    return err_ok(e) && people_fill(a, k->s, *who, *n, e);
}

static bool read_kept(kept *k, int64_t most, err *e) {
    int32_t horizon;
    if (!value_newest(k->c->life, k->s, &k->model, &k->as_of_us, &horizon, &k->report, e)) {
        if (!err_ok(e)) return false;
        return fail(e, ERR_not_found,
                    "nothing is fitted yet; 'heed value --fit' does it, and a server does it by itself");
    }
    return read_rows(k, false, most, &k->best, &k->best_who, &k->n_best, e) &&
           read_rows(k, true, most, &k->risk, &k->risk_who, &k->n_risk, e);
}

static str share(arena *a, value_range r) {
    return isfinite(r.value) ? str_fmt(a, "%.0f %%", 100 * r.value) : S("-");
}

static const char *code_of(int32_t number) {
    const currency *k = currency_by_number(number);
    return k ? k->code : "";
}

static str who(arena *a, const people_card *p) {
    str name = p->name.len ? p->name : p->known_by;
    return name.len ? term_clean(a, name, true) : str_fmt(a, "customer %" PRId64, p->id);
}

static void show_best(const kept *k) {
    static const table_col cols[] = {{NULL, true, false}, {"customer", false, true},   {"value", true, false},
                                     {"", false, false},  {"still ours", true, false}, {"purchases", true, false}};
    arena a = k->c->scratch;
    if (!k->n_best) return;
    term_say(&k->c->t, "\n");
    term_head(&k->c->t, "The best customers");
    table *t = table_new(&a, cols, COUNT(cols));
    for (size_t i = 0; i < k->n_best; i++) {
        const value_row *v = &k->best[i];
        const char *code = code_of(v->currency);
        table_add(t, STYLE_dim, str_fmt(&a, "%" PRId64, v->customer));
        table_add(t, STYLE_plain, who(&a, &k->best_who[i]));
        table_add(t, STYLE_bold, show_money(&a, v->value.value, code));
        table_add(t, STYLE_dim,
                  str_fmt(&a, "(%.*s to %.*s)", STR_ARG(show_money(&a, v->value.lo, code)),
                          STR_ARG(show_money(&a, v->value.hi, code))));
        table_add(t, STYLE_plain, share(&a, isfinite(v->alive.value) ? v->alive : v->stays));
        table_add(t, STYLE_plain, isfinite(v->buys.value) ? show_num(&a, v->buys.value) : S("contract"));
    }
    table_print(t, &k->c->t, 2);
}

static str reasons(arena *a, str list, size_t most) {
    json_t *v = NULL;
    str all = S("");
    if (!json_read(list, &v, NULL)) return all;
    for (size_t i = 0; i < json_array_size(v) && i < most; i++)
        all = str_fmt(a, "%.*s%s%.*s", STR_ARG(all), i ? "; " : "", STR_ARG(json_text(json_array_get(v, i))));
    json_decref(v);
    return term_clean(a, all, true);
}

static void show_at_risk(const kept *k) {
    arena a = k->c->scratch;
    static const table_col cols[] = {{NULL, true, false}, {"customer", false, false}, {"may leave", true, false},
                                     {"", false, false},  {"value", true, false},     {"why", false, true}};
    if (!k->n_risk) return;
    term_say(&k->c->t, "\n");
    term_head(&k->c->t, "Those with most to lose: value times risk");
    table *t = table_new(&a, cols, COUNT(cols));
    for (size_t i = 0; i < k->n_risk; i++) {
        const value_row *v = &k->risk[i];
        table_add(t, STYLE_dim, str_fmt(&a, "%" PRId64, v->customer));
        table_add(t, STYLE_plain, who(&a, &k->risk_who[i]));
        table_add(t, STYLE_bold, share(&a, v->risk));
        table_add(t, STYLE_dim, str_fmt(&a, "(%.0f to %.0f %%)", 100 * v->risk.lo, 100 * v->risk.hi));
        table_add(t, STYLE_plain, show_money(&a, v->value.value, code_of(v->currency)));
        table_add(t, STYLE_dim, reasons(&a, v->why, 2));
    }
    table_print(t, &k->c->t, 2);
}

static void answer(const kept *k, bool with_best) {
    reply r;
    reply_open(&r, k->c);
    json_open(&r.j, NULL, '{');
    json_put_int(&r.j, "model", k->model);
    reply_time(&r, "as_of", k->as_of_us);
    json_put_raw(&r.j, "report", k->report);
    if (with_best) {
        json_open(&r.j, "best", '[');
        for (size_t i = 0; i < k->n_best; i++) value_json(&r.j, NULL, &k->best[i], k->best_who[i].name, NULL);
        json_close(&r.j, ']');
    }
    json_open(&r.j, "at_risk", '[');
    for (size_t i = 0; i < k->n_risk; i++) value_json(&r.j, NULL, &k->risk[i], k->risk_who[i].name, NULL);
    json_close(&r.j, ']');
    json_close(&r.j, '}');
    reply_close(&r);
}

static void show_report(const kept *k, const json_t *report, const settings *set, const value_opts *o) {
    cli *c = k->c;
    arena a = c->scratch;
    const json_t *buyers = json_object_get(report, "buyers");
    int days = (int)json_integer_value(json_object_get(report, "horizon_days"));
    value_words w = {.unit = "week", .until = str_fmt(&a, "the next %d days", days)};
    settings_mark(c, set);
    term_say(&c->t, "As of %.*s, for %.*s customers\n", STR_ARG(say_day(&a, NULL, k->as_of_us)),
             STR_ARG(term_count(&a, (int64_t)json_integer_value(json_object_get(report, "customers")))));
    for (size_t i = 0; i < json_array_size(buyers); i++) {
        const json_t *x = json_array_get(buyers, i);
        cli one = *c;
        one.scratch = a;
        if (json_array_size(buyers) > 1)
            term_say(&c->t, "\n== %.*s ==\n", STR_ARG(json_text(json_object_get(x, "currency"))));
        value_show_buyers(&one, x, &w);
    }
    value_show_contracts(c, report);
    show_best(k);
    show_at_risk(k);
    if (json_array_size(buyers) && !c->g.quiet) value_show_pictures(c, json_array_get(buyers, 0), &w);
    (void)o;
}

static bool open_kept(kept *k, settings *set, int64_t most, json_t **report, err *e) {
    if (!place_read(k->c, &k->s, e)) return false;
    bool ok = store_begin_read(k->s, e) && settings_read(k->c->life, k->s, set, e) && read_kept(k, most, e) &&
              json_read(k->report, report, e);
    store_close(k->s);
    return ok;
}

bool value_of_store(cli *c, const value_opts *o, const value_terms *t, err *e) {
    kept k = {.c = c};
    settings set;
    json_t *report = NULL;
    value_terms terms = *t;
    double days = 365;
    if (o->out.len || o->map.len || o->hold || o->gross || o->until.len || o->currency.len)
        return fail(
            e, ERR_usage,
            "name the file: heed value FILE; --out, --map, --hold, --until, --currency and --gross are for files");
    if (o->horizon.len && !value_days(o->horizon, "--horizon", 0, &days, e)) return false;
    if ((o->horizon.len || o->discount.len || o->margin.len) && !o->fit)
        return fail(e, ERR_usage, "--horizon, --discount and --margin change the fit; give --fit too");
    terms.horizon_days = (int32_t)lround(days);
    if (o->fit && !fit_now(c, &terms, e)) return false;
    if (!open_kept(&k, &set, MIN(o->limit, 1000), &report, e)) return false;
    bool ok = true;
    const json_t *buyers = json_array_get(json_object_get(report, "buyers"), 0);
    if (o->svg.len)
        ok = buyers ? value_write_svg(c, buyers, &(value_words){.unit = "week"}, o->svg, e)
                    : fail(e, ERR_not_found, "--svg: nobody bought anything yet, so that there is nothing to draw");
    if (ok && c->g.json)
        answer(&k, true);
    else if (ok)
        show_report(&k, report, &set, o);
    json_decref(report);
    return ok;
}

bool value_risk_of_store(cli *c, int64_t most, err *e) {
    kept k = {.c = c};
    settings set;
    json_t *report = NULL;
    if (!open_kept(&k, &set, MIN(most, 1000), &report, e)) return false;
    if (c->g.json) {
        answer(&k, false);
    } else {
        settings_mark(c, &set);
        value_show_risk(c, json_object_get(report, "risk"));
        show_at_risk(&k);
    }
    json_decref(report);
    return true;
}

bool value_contracts_of_store(cli *c, err *e) {
    kept k = {.c = c};
    settings set;
    json_t *report = NULL;
    if (!open_kept(&k, &set, 1, &report, e)) return false;
    const json_t *contracts = json_object_get(report, "contracts");
    if (c->g.json) {
        reply r;
        char *text = json_dumps(contracts, JSON_COMPACT | JSON_ENCODE_ANY);
        reply_open(&r, c);
        json_open(&r.j, NULL, '{');
        json_put_int(&r.j, "model", k.model);
        reply_time(&r, "as_of", k.as_of_us);
        json_put_raw(&r.j, "contracts", str_c(text ? text : "null"));
        json_close(&r.j, '}');
        reply_close(&r);
        free(text);
    } else {
        settings_mark(c, &set);
        value_show_contracts(c, report);
        if (json_integer_value(json_object_get(contracts, "running")) == 0) term_say(&c->t, "No contract runs.\n");
    }
    json_decref(report);
    return true;
}
