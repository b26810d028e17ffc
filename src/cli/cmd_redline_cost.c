// heed redline cost, economics and envelope: what serving costs, what things cost, and what a role may give by itself.
#include "cli/redline_cmd.h"
#include "decide/cost.h"
#include "know/figure.h"

#include <math.h>

enum { YEAR_DAYS = 365 };

// ---- what serving has cost ----

static void say_cost(const redline_at *x, const serve_cost *s, const estimate *mean) {
    static const table_col cols[] = {{NULL, false, false}, {NULL, true, false}, {NULL, false, true}};
    arena *a = x->c->life;
    table *t = table_new(a, cols, COUNT(cols));
    const struct {
        const char *name;
        int64_t minor;
        str words;
    } rows[] = {{"time", s->time_cost,
                 str_fmt(a, "%.*s, %.*s", STR_ARG(say_n(a, s->contacts, "contact", "contacts")),
                         STR_ARG(term_span(a, (double)s->seconds)))},
                {"beside the time", s->contact_cost, S("")},
                {"returns", s->return_cost, say_n(a, s->returns, "return", "returns")},
                {"given away", s->concessions, S("")},
                {"rewards", s->rewards, S("")},
                {"all together", s->total, S("")},
                {"what they bought", s->order_value, S("in their whole time")}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        table_add(t, STYLE_plain, str_c(rows[i].name));
        table_add(t, i == 5 ? STYLE_bold : STYLE_plain, say_money(a, rows[i].minor, s->currency));
        table_add(t, STYLE_dim, rows[i].words);
    }
    table_print(t, &x->c->t, 0);
    if (mean && estimate_shown(mean) && isinf(mean->eff))
        term_say(&x->c->t, "For each of %.*s %.*s\n", STR_ARG(say_n(a, s->customers, "customer", "customers")),
                 STR_ARG(say_money(a, (int64_t)mean->value, s->currency)));
    else if (mean && estimate_shown(mean))
        term_say(&x->c->t, "For each of %.*s %.*s, likely %.*s to %.*s\n",
                 STR_ARG(say_n(a, s->customers, "customer", "customers")),
                 STR_ARG(say_money(a, (int64_t)mean->value, s->currency)),
                 STR_ARG(say_money(a, (int64_t)mean->lo, s->currency)),
                 STR_ARG(say_money(a, (int64_t)mean->hi, s->currency)));
    term_say(&x->c->t, "Taken for granted: %.*s\n", STR_ARG(s->assumed));
}

static bool of_group(redline_at *x, int64_t since, serve_cost *cost, estimate *mean, err *e) {
    segment_row group;
    segment_rule *rule = NULL;
    char place[SEGMENT_FIELD_LEN];
    int64_t id;
    arena *a = x->c->life;
    if (x->o->segment.len && (!segment_in(x, x->o->segment, &id, e) || !segment_get_id(a, x->s, id, &group, e) ||
                              !segment_read_text(a, x->s, group.rule, group.id, &rule, place, e)))
        return false;
    return cost_of_segment(a, x->s, rule, since, x->now_us, 0, cost, mean, e);
}

bool redline_cost_run(redline_at *x, err *e) {
    cli *c = x->c;
    serve_cost cost;
    estimate mean = {0};
    int64_t since = x->now_us - YEAR_DAYS * DAY_US, id;
    bool one = c->args.n > 1;
    if (x->o->since.len && !cli_time(c, x->z, "since", x->o->since, &since, e)) return false;
    if (one && x->o->segment.len) return fail(e, ERR_usage, "name a customer or a --segment, not both");
    if (one ? !customer_in(x, c->args.v[1], &id, e) || !cost_to_serve(c->life, x->s, id, since, x->now_us, &cost, e)
            : !of_group(x, since, &cost, &mean, e))
        return false;
    if (!c->g.json) {
        settings_mark(c, &x->set);
        say_cost(x, &cost, one ? NULL : &mean);
        return true;
    }
    reply r;
    reply_open(&r, c);
    json_open(&r.j, NULL, '{');
    serve_cost_json(&r.j, "cost", &cost);
    if (one)
        json_put_null(&r.j, "mean");
    else
        figure_json(&r.j, "mean", &mean);
    json_close(&r.j, '}');
    reply_close(&r);
    return true;
}

// ---- economics ----

typedef struct {
    redline_at at;
    economics eco;
    envelope env;
} setting;

static bool number_in(const char *option, str text, double by, int64_t *out, err *e) {
    double v;
    if (!str_f64(str_trim(text), &v) || v < 0 || v > 1e6) return fail(e, ERR_usage, "--%s takes a number", option);
    *out = (int64_t)(v * by + 0.5);
    return true;
}

static bool economics_in(const redline_at *x, economics *k, err *e) {
    const redline_opts *o = x->o;
    const struct {
        const char *name;
        str text;
        int64_t *minor;
    } figures[] = {{"hour-rate", o->hour_rate, &k->hour_rate},
                   {"contact-cost", o->contact_cost, &k->contact_cost},
                   {"return-cost", o->return_cost, &k->return_cost}};
    for (size_t i = 0; i < COUNT(figures); i++)
        if (figures[i].text.len && !money_in(x, figures[i].name, figures[i].text, figures[i].minor, &k->currency, e))
            return false;
    if (o->cost.len && str_ends(str_trim(o->cost), S("%"))) {
        k->cost = -1;
        if (!percent_in("cost", o->cost, &k->cost_bp, e)) return false;
    } else if (o->cost.len) {
        k->cost_bp = -1;
        if (!money_in(x, "cost", o->cost, &k->cost, &k->currency, e)) return false;
    }
    if (o->channels.len) k->channels = o->channels;
    return (!o->contact_minutes.len || number_in("contact-minutes", o->contact_minutes, 60, &k->contact_s, e)) &&
           (!o->agents.len || number_in("agents", o->agents, 100, &k->agents, e));
}

// What is not named stays as it was.
static bool economics_piece(void *ctx, desk *d, err *e) {
    setting *x = ctx;
    economics *all;
    size_t n;
    const char *field;
    cli *c = x->at.c;
    if (!redline_begin(&x->at, d->s, e) || !economics_list(c->life, d->s, &all, &n, e)) return false;
    const currency *own = currency_of(x->at.set.currency);
    x->eco = (economics){.cost_bp = -1, .cost = -1, .currency = own ? own->number : 0};
    for (size_t i = 0; i < n; i++)
        if (str_eq(all[i].product, x->at.o->product)) x->eco = all[i];
    x->eco.product = x->at.o->product, x->eco.by = redline_me(c);
    return economics_in(&x->at, &x->eco, e) && economics_put(know_ledger(d->k), &x->eco, &field, e);
}

static str cost_words(arena *a, const economics *k) {
    if (k->cost_bp >= 0) return str_fmt(a, "%.4g %% of the price", (double)k->cost_bp / 100);
    return k->cost >= 0 ? str_fmt(a, "%.*s each", STR_ARG(say_money(a, k->cost, k->currency))) : S("not known");
}

static void say_economics(cli *c, const economics *all, size_t n) {
    static const table_col cols[] = {{"product", false, true},   {"costs", true, false},     {"an hour", true, false},
                                     {"a contact", true, false}, {"beside it", true, false}, {"a return", true, false},
                                     {"at work", true, false}};
    arena *a = c->life;
    table *t = table_new(a, cols, COUNT(cols));
    assert(all || !n);
    for (size_t i = 0; i < n; i++) {
        table_add(t, STYLE_bold, all[i].product.len ? term_clean(a, all[i].product, true) : S("all"));
        table_add(t, STYLE_plain, cost_words(a, &all[i]));
        table_add(t, STYLE_plain, say_money(a, all[i].hour_rate, all[i].currency));
        table_add(t, STYLE_plain, str_fmt(a, "%.4g min", (double)all[i].contact_s / 60));
        table_add(t, STYLE_plain, say_money(a, all[i].contact_cost, all[i].currency));
        table_add(t, STYLE_plain, say_money(a, all[i].return_cost, all[i].currency));
        table_add(t, STYLE_plain, str_fmt(a, "%.4g", (double)all[i].agents / 100));
    }
    if (n)
        table_print(t, &c->t, 0);
    else
        term_say(&c->t, "Nobody has said yet what things cost: heed redline economics --cost 60%% --hour-rate 36\n");
}

static bool show_all(cli *c, bool envelopes, err *e);

bool redline_economics_run(cli *c, const redline_opts *o, err *e) {
    desk d;
    setting x = {.at = {.c = c, .o = o}};
    bool says = o->cost.len || o->hour_rate.len || o->contact_minutes.len || o->contact_cost.len ||
                o->return_cost.len || o->agents.len || o->channels.len;
    if (!says) return show_all(c, false, e);
    if (!desk_open(c, "say it by its address /api/economics", &d, e)) return false;
    bool ok = desk_run(&d, economics_piece, &x, e);
    if (ok && c->g.json) {
        reply r;
        reply_open(&r, c);
        economics_json(&r.j, NULL, &x.eco);
        reply_close(&r);
    } else if (ok)
        say_economics(c, &x.eco, 1);
    desk_close(&d);
    return ok;
}

// ---- envelopes ----

static bool envelope_in(const redline_at *x, envelope *v, err *e) {
    const redline_opts *o = x->o;
    for (size_t i = 0; i < o->of.n; i++) {
        enum concession_kind k = concession_of(o->of.v[i]);
        if (!k) return fail(e, ERR_usage, "--of takes discount, refund, reward, grant, hardship, service …");
        v->of |= 1u << k;
    }
    if (o->times) v->times = o->times;
    if (o->hours) v->hours = o->hours;
    if (o->signer.len) v->signer = o->signer;
    if (o->period.len && !redline_period_of(o->period, &v->period))
        return fail(e, ERR_usage, "--period takes day, week, month, quarter or year");
    return (!o->most.len || money_in(x, "most", o->most, &v->most, &v->currency, e)) &&
           (!o->discount.len || percent_in("discount", o->discount, &v->discount_bp, e)) &&
           (!o->review.len || percent_in("review", o->review, &v->review_bp, e));
}

static bool envelope_piece(void *ctx, desk *d, err *e) {
    setting *x = ctx;
    cli *c = x->at.c;
    const char *field;
    if (!redline_begin(&x->at, d->s, e)) return false;
    if (!envelope_get(c->life, d->s, c->args.v[1], &x->env, e) && !err_ok(e)) return false;
    const currency *own = currency_of(x->at.set.currency);
    if (!x->env.currency && own) x->env.currency = own->number;
    if (x->at.o->of.n) x->env.of = 0;
    x->env.role = c->args.v[1], x->env.by = redline_me(c), x->env.retired = false;
    return envelope_in(&x->at, &x->env, e) && envelope_put(know_ledger(d->k), &x->env, &field, e);
}

static void say_envelopes(cli *c, const envelope *all, size_t n) {
    static const table_col cols[] = {
        {"role", false, false},   {"one may cost", true, false}, {"discount", true, false}, {"how often", true, false},
        {"beyond", false, false}, {"answered in", true, false},  {"looked at", true, false}};
    arena *a = c->life;
    table *t = table_new(a, cols, COUNT(cols));
    for (size_t i = 0; i < n; i++) {
        const envelope *v = &all[i];
        table_add(t, STYLE_bold, v->role);
        table_add(t, STYLE_plain, v->most ? say_money(a, v->most, v->currency) : S("no bound"));
        table_add(t, STYLE_plain, v->discount_bp ? str_fmt(a, "%.4g %%", (double)v->discount_bp / 100) : S("no bound"));
        table_add(t, STYLE_plain,
                  v->times ? str_fmt(a, "%" PRId64 " a %s", v->times, redline_period_name(v->period)) : S("no bound"));
        table_add(t, STYLE_plain, v->signer.len ? v->signer : S("manager"));
        table_add(t, STYLE_plain, str_fmt(a, "%" PRId64 " h", v->hours ? v->hours : 4));
        table_add(t, STYLE_plain, str_fmt(a, "%.4g %%", (double)v->review_bp / 100));
    }
    if (n)
        table_print(t, &c->t, 0);
    else
        term_say(&c->t, "No role has an envelope yet: heed redline envelope agent --most 20 --discount 10%%\n");
}

static bool show_all(cli *c, bool envelopes, err *e) {
    store *s;
    economics *eco = NULL;
    envelope *env = NULL;
    size_t n = 0;
    if (!place_read(c, &s, e)) return false;
    bool ok = envelopes ? envelopes_list(c->life, s, &env, &n, e) : economics_list(c->life, s, &eco, &n, e);
    store_close(s);
    if (ok && c->g.json) {
        reply r;
        reply_open(&r, c);
        json_open(&r.j, NULL, '{');
        json_open(&r.j, envelopes ? "envelopes" : "economics", '[');
        for (size_t i = 0; i < n; i++) {
            if (envelopes)
                envelope_json(&r.j, NULL, &env[i]);
            else
                economics_json(&r.j, NULL, &eco[i]);
        }
        json_close(&r.j, ']');
        json_close(&r.j, '}');
        reply_close(&r);
    } else if (ok && envelopes)
        say_envelopes(c, env, n);
    else if (ok)
        say_economics(c, eco, n);
    return ok;
}

bool redline_envelope_run(cli *c, const redline_opts *o, err *e) {
    desk d;
    setting x = {.at = {.c = c, .o = o}};
    if (c->args.n < 2) return show_all(c, true, e);
    if (!desk_open(c, "say it by its address /api/envelopes", &d, e)) return false;
    bool ok = desk_run(&d, envelope_piece, &x, e);
    if (ok && c->g.json) {
        reply r;
        reply_open(&r, c);
        envelope_json(&r.j, NULL, &x.env);
        reply_close(&r);
    } else if (ok)
        say_envelopes(c, &x.env, 1);
    desk_close(&d);
    return ok;
}
