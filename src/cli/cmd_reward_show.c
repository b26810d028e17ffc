// What customers have: entries, accounts, vouchers, programmes and what all of it will cost.
#include "cli/reward_cmd.h"

#include "act/programme.h"
#include "know/figure.h"
#include "sql/act_reward.h"

static str signed_count(arena *a, int64_t n) {
    return n < 0 ? str_fmt(a, "-%.*s", STR_ARG(term_count(a, -n))) : term_count(a, n);
}

static str day_or(arena *a, const zone *z, int64_t at_us, const char *otherwise) {
    return at_us ? say_day(a, z, at_us) : str_c(otherwise);
}

// ---- entries ----

bool reward_list_run(reward_at *x, err *e) {
    static const table_col cols[] = {{"entry", true, false},  {"day", false, false},   {"customer", false, false},
                                     {"what", false, false},  {"points", true, false}, {"left", true, false},
                                     {"until", false, false}, {"why", false, true}};
    cli *c = x->at.c;
    arena *a = c->life;
    table *t = table_new(a, cols, COUNT(cols));
    int64_t customer = 0, n = 0;
    reply r;
    if (x->o->customer.len && !customer_in(&x->at, x->o->customer, &customer, e)) return false;
    if (c->g.json) reply_open(&r, c), json_open(&r.j, NULL, '{'), json_open(&r.j, "rewards", '[');
    row q = store_query(x->at.s, Q_reward_entry_list, e, "iiiii", INT64_MAX, INT64_MAX, customer,
                        (int64_t)reward_what_of(x->o->what), x->o->limit);
    for (; row_next(&q); n++) {
        reward_entry v = reward_read(a, &q);
        if (c->g.json) {
            reward_json(&r.j, NULL, &v, row_int(&q, 20)), reply_some(&r);
            continue;
        }
        table_add(t, STYLE_plain, str_fmt(a, "%" PRId64, v.id));
        table_add(t, STYLE_plain, say_day(a, x->at.z, v.at_us));
        table_add(t, STYLE_plain, str_fmt(a, "customer:%" PRId64, row_int(&q, 20)));
        table_add(t, STYLE_plain, str_c(reward_what_name(v.what)));
        table_add(t, STYLE_bold, v.unit ? say_money(a, v.points, v.unit) : signed_count(a, v.counts));
        table_add(t, STYLE_plain, v.lot ? term_count(a, v.lot) : S(""));
        table_add(t, STYLE_plain, day_or(a, x->at.z, v.until_us ? v.until_us - 1 : 0, ""));
        table_add(t, STYLE_plain, term_clean(a, v.why, true));
    }
    if (c->g.json)
        json_close(&r.j, ']'), json_close(&r.j, '}'), reply_close(&r);
    else if (n)
        table_print(t, &c->t, 0);
    else
        term_say(&c->t, "There are no points yet: heed reward programme add, then heed reward run\n");
    return err_ok(e);
}

bool reward_show_run(reward_at *x, err *e) {
    static const table_col cols[] = {{"lot", true, false},   {"came", false, false},  {"left", true, false},
                                     {"from", false, false}, {"until", false, false}, {"why", false, true}};
    cli *c = x->at.c;
    arena *a = c->life;
    reward_entry *v;
    size_t n;
    int64_t customer, lots = 0;
    if (!customer_in(&x->at, c->args.v[1], &customer, e)) return false;
    if (c->g.json) {
        reply r;
        reply_open(&r, c);
        bool ok = reward_account_json(&r.j, NULL, x->at.s, customer, x->at.now_us, e);
        if (ok)
            reply_close(&r);
        else
            reply_drop(&r);
        return ok;
    }
    if (!reward_entries(a, x->at.s, customer, &v, &n, e)) return false;
    reward_account s = reward_account_of(v, n, x->at.now_us);
    term_say(&c->t, "customer:%" PRId64 " has %.*s", customer, STR_ARG(reward_points(a, s.balance)));
    term_say(&c->t, "; %.*s can be spent now", STR_ARG(term_count(a, s.usable)));
    if (s.waiting) term_say(&c->t, ", %.*s later", STR_ARG(term_count(a, s.waiting)));
    if (s.next_us)
        term_say(&c->t, ". %.*s of them until %.*s", STR_ARG(term_count(a, s.next)),
                 STR_ARG(say_day(a, x->at.z, s.next_us - 1)));
    term_say(&c->t, ".\nEver: %.*s given, %.*s spent, %.*s lapsed.\n", STR_ARG(term_count(a, s.given)),
             STR_ARG(term_count(a, s.spent)), STR_ARG(term_count(a, s.lapsed)));
    if (s.missing)
        term_say(&c->t, "%.*s more were told as spent and were not there.\n", STR_ARG(term_count(a, s.missing)));
    table *t = table_new(a, cols, COUNT(cols));
    for (size_t i = 0; i < n; i++) {
        if (!v[i].lot) continue;
        lots++;
        table_add(t, STYLE_plain, str_fmt(a, "%" PRId64, v[i].id));
        table_add(t, STYLE_plain, say_day(a, x->at.z, v[i].at_us));
        table_add(t, STYLE_bold, term_count(a, v[i].lot));
        table_add(t, STYLE_plain, v[i].from_us > x->at.now_us ? say_day(a, x->at.z, v[i].from_us) : S("now"));
        table_add(t, STYLE_plain, v[i].until_us ? say_day(a, x->at.z, v[i].until_us - 1) : S("for ever"));
        table_add(t, STYLE_plain, term_clean(a, v[i].why, true));
    }
    if (lots) table_print(t, &c->t, 2);
    return true;
}

// ---- what it will cost ----

static str about(arena *a, const estimate *x, int32_t unit) {
    if (!estimate_shown(x)) return S("not known");
    return str_fmt(a, "%.*s, likely %.*s to %.*s", STR_ARG(say_money(a, (int64_t)(x->value + 0.5), unit)),
                   STR_ARG(say_money(a, (int64_t)(x->lo + 0.5), unit)),
                   STR_ARG(say_money(a, (int64_t)(x->hi + 0.5), unit)));
}

static str sure(const estimate *x) {
    return x->state == ESTIMATE_OK ? S("") : str_c(x->why);
}

bool reward_liability_run(reward_at *x, err *e) {
    static const table_col cols[] = {{"of", false, true},
                                     {"open", true, false},
                                     {"at most", true, false},
                                     {"expected", false, false},
                                     {"", false, true}};
    cli *c = x->at.c;
    arena *a = c->life;
    liability l;
    reply r;
    if (!reward_liability(a, x->at.s, x->at.now_us, &l, e)) return false;
    if (c->g.json) {
        reply_open(&r, c);
        liability_json(&r.j, NULL, &l);
        reply_close(&r);
        return true;
    }
    if (!l.n && !l.n_vouchers) return term_say(&c->t, "No customer holds points or vouchers.\n"), true;
    table *t = table_new(a, cols, COUNT(cols));
    for (size_t i = 0; i < l.n; i++) {
        const liability_row *w = &l.rows[i];
        table_add(t, STYLE_bold, term_clean(a, w->name, true));
        table_add(t, STYLE_plain, reward_points(a, w->points));
        table_add(t, STYLE_plain, say_money(a, w->most, w->currency));
        table_add(t, STYLE_plain, about(a, &w->cost, w->currency));
        table_add(t, STYLE_dim, sure(&w->cost));
    }
    for (size_t i = 0; i < l.n_vouchers; i++) {
        const liability_vouchers *w = &l.vouchers[i];
        table_add(t, STYLE_bold, S("vouchers"));
        table_add(t, STYLE_plain, say_n(a, w->vouchers, "voucher", "vouchers"));
        table_add(t, STYLE_plain, say_money(a, w->most, w->currency));
        table_add(t, STYLE_plain, about(a, &w->cost, w->currency));
        table_add(t, STYLE_dim, sure(&w->cost));
    }
    table_print(t, &c->t, 0);
    return true;
}

// ---- vouchers ----

static void voucher_table(reward_at *x, const voucher *all, size_t n) {
    static const table_col cols[] = {{"voucher", true, false}, {"code", false, false},  {"takes off", true, false},
                                     {"state", false, false},  {"until", false, false}, {"for", false, false},
                                     {"why", false, true}};
    arena *a = x->at.c->life;
    table *t = table_new(a, cols, COUNT(cols));
    for (size_t i = 0; i < n; i++) {
        const voucher *v = &all[i];
        str off = say_money(a, v->value, v->currency);
        if (v->share_bp) off = str_fmt(a, "%g %%, at most %.*s", (double)v->share_bp / 100, STR_ARG(off));
        table_add(t, STYLE_plain, str_fmt(a, "%" PRId64, v->id));
        table_add(t, STYLE_bold, voucher_code_shown(a, v->code));
        table_add(t, STYLE_plain, off);
        table_add(t, STYLE_plain, str_c(voucher_state_name(voucher_now(v, x->at.now_us))));
        table_add(t, STYLE_plain, v->until_us ? say_day(a, x->at.z, v->until_us - 1) : S("for ever"));
        table_add(t, STYLE_plain,
                  v->profile_id ? str_fmt(a, "customer:%" PRId64, v->profile_id) : S("whoever holds it"));
        table_add(t, STYLE_plain, term_clean(a, v->why, true));
    }
    table_print(t, &x->at.c->t, 0);
}

static void voucher_say(reward_at *x, const voucher *v) {
    cli *c = x->at.c;
    reply r;
    if (!c->g.json) {
        voucher_table(x, v, 1);
        if (v->used)
            term_say(&c->t, "It takes %.*s off order %.*s.\n", STR_ARG(say_money(c->life, v->used, v->currency)),
                     STR_ARG(term_clean(c->life, v->held_for, true)));
        return;
    }
    reply_open(&r, c);
    voucher_json(&r.j, NULL, v, x->at.now_us);
    reply_close(&r);
}

static bool voucher_named(reward_at *x, voucher *v, err *e) {
    int64_t id;
    str which = x->at.c->args.v[2];
    if (str_i64(which, &id) && which.len < VOUCHER_CODE) return voucher_get(x->at.c->life, x->at.s, id, v, e);
    return voucher_find(x->at.c->life, x->at.s, which, v, e);
}

bool reward_voucher_list(reward_at *x, err *e) {
    enum { MOST = 500 };
    cli *c = x->at.c;
    voucher *all = make(c->life, voucher, MOST);
    size_t n = 0;
    int64_t customer = 0;
    reply r;
    if (c->args.n > 2) {
        voucher v;
        if (!voucher_named(x, &v, e)) return false;
        return voucher_say(x, &v), true;
    }
    if (x->o->customer.len && !customer_in(&x->at, x->o->customer, &customer, e)) return false;
    for (row q = store_query(x->at.s, Q_voucher_list, e, "iii", INT64_MAX, customer, MIN(x->o->limit, (int64_t)MOST));
         row_next(&q);)
        all[n++] = voucher_read(c->life, &q);
    if (c->g.json) {
        reply_open(&r, c), json_open(&r.j, NULL, '{'), json_open(&r.j, "vouchers", '[');
        for (size_t i = 0; i < n; i++) voucher_json(&r.j, NULL, &all[i], x->at.now_us), reply_some(&r);
        json_close(&r.j, ']'), json_close(&r.j, '}'), reply_close(&r);
    } else if (n)
        voucher_table(x, all, n);
    else
        term_say(&c->t, "There are no vouchers yet: heed reward voucher issue --value 5 --why 'thank you'\n");
    return err_ok(e);
}

// A day counts to its end.
static bool until_in(reward_at *x, int64_t *at_us, err *e) {
    if (!x->o->until.len) return true;
    if (!cli_time(x->at.c, x->at.z, "until", x->o->until, at_us, e)) return false;
    if (x->o->until.len == sizeof "2026-11-06" - 1) *at_us = zone_day_start_us(x->at.z, zone_days(x->at.z, *at_us) + 1);
    return true;
}

static bool unit_in(reward_at *x, int32_t *unit, err *e) {
    const currency *c = currency_of(x->o->currency.len ? x->o->currency : x->at.set.currency);
    *unit = c ? c->number : 0;
    return c || fail(e, ERR_usage, "name the --currency, or set the company's with heed init");
}

static bool issue(reward_at *x, voucher *v, err *e) {
    const reward_opts *o = x->o;
    int64_t share = 0;
    voucher_new n = {.points = MAX(o->points, 0),
                     .why = o->why,
                     .disclosure = o->disclosure,
                     .key = o->key,
                     .by = redline_me(x->at.c)};
    if (!o->value.len) return fail(e, ERR_usage, "say --value: what it takes off, of a --percent the most");
    if (!n.why.len) return fail(e, ERR_usage, "say --why; the customer may read it");
    if (!unit_in(x, &n.currency, e) || !money_in(&x->at, "value", o->value, &n.value, &n.currency, e) ||
        (o->least.len && !money_in(&x->at, "least", o->least, &n.least, NULL, e)) ||
        (o->percent.len && !percent_in("percent", o->percent, &share, e)) ||
        (o->customer.len && !customer_in(&x->at, o->customer, &n.customer, e)) ||
        (o->from.len && !cli_time(x->at.c, x->at.z, "from", o->from, &n.from_us, e)) || !until_in(x, &n.until_us, e))
        return false;
    n.share_bp = (int32_t)share;
    return voucher_issue(x->l, x->at.c->life, &n, v, e);
}

static bool hold(reward_at *x, voucher *v, err *e) {
    const reward_opts *o = x->o;
    voucher_use u = {.code = x->at.c->args.v[2], .order = o->order};
    if (!o->order.len || !o->value.len)
        return fail(e, ERR_usage, "write heed reward voucher hold CODE --order NAME --value AMOUNT");
    return unit_in(x, &u.currency, e) && money_in(&x->at, "value", o->value, &u.minor, &u.currency, e) &&
           (!o->customer.len || customer_in(&x->at, o->customer, &u.customer, e)) &&
           voucher_hold(x->l, x->at.c->life, &u, v, e);
}

bool reward_voucher_write(reward_at *x, err *e) {
    static const struct {
        const char *verb;
        bool (*with)(ledger *l, arena *a, int64_t id, str by, voucher *out, err *e);
    } steps[] = {{"redeem", voucher_redeem}, {"release", voucher_release}, {"cancel", voucher_cancel}};
    cli *c = x->at.c;
    str verb = c->args.v[1];
    voucher v, named;
    bool ok = false, known = false;
    if (str_eq(verb, S("issue")) && c->args.n == 2) known = true, ok = issue(x, &v, e);
    if (str_eq(verb, S("hold")) && c->args.n == 3) known = true, ok = hold(x, &v, e);
    for (size_t i = 0; i < COUNT(steps) && c->args.n == 3; i++)
        if (str_eq(verb, str_c(steps[i].verb)))
            known = true,
            ok = voucher_named(x, &named, e) && steps[i].with(x->l, c->life, named.id, redline_me(c), &v, e);
    if (!known)
        return fail(e, ERR_usage, "write heed reward voucher issue, or show, hold, redeem, release or cancel CODE");
    if (ok) voucher_say(x, &v);
    return ok;
}

// ---- programmes ----

static void programmes_say(reward_at *x, const programme *all, size_t n, bool one) {
    static const table_col cols[] = {{"programme", true, false}, {"version", true, false}, {"name", false, true},
                                     {"since", false, false},    {"", false, false},       {"rule", false, true}};
    cli *c = x->at.c;
    arena *a = c->life;
    reply r;
    if (c->g.json) {
        reply_open(&r, c);
        if (!one) json_open(&r.j, NULL, '{'), json_open(&r.j, "programmes", '[');
        for (size_t i = 0; i < n; i++) programme_json(&r.j, NULL, &all[i]), reply_some(&r);
        if (!one) json_close(&r.j, ']'), json_close(&r.j, '}');
        reply_close(&r);
        return;
    }
    if (!n) {
        term_say(&c->t, "There are no programmes yet: heed reward programme add Beans --for order --rate 1\n");
        return;
    }
    table *t = table_new(a, cols, COUNT(cols));
    for (size_t i = 0; i < n; i++) {
        table_add(t, STYLE_plain, str_fmt(a, "%" PRId64, all[i].id));
        table_add(t, STYLE_plain, str_fmt(a, "%" PRId64, all[i].version));
        table_add(t, STYLE_bold, term_clean(a, all[i].name, true));
        table_add(t, STYLE_plain, say_day(a, x->at.z, all[i].from_us));
        table_add(t, STYLE_plain, all[i].on ? S("on") : S("off"));
        table_add(t, STYLE_plain, term_clean(a, programme_words(a, &all[i]), true));
    }
    table_print(t, &c->t, 0);
}

bool reward_programme_list(reward_at *x, err *e) {
    cli *c = x->at.c;
    programme *all;
    size_t n;
    int64_t id;
    if (c->args.n < 3) {
        if (!programme_list(c->life, x->at.s, &all, &n, e)) return false;
        return programmes_say(x, all, n, false), true;
    }
    if (!cli_id("a programme", c->args.v[2], &id, e)) return false;
    if (!programme_versions(c->life, x->at.s, id, &all, &n, e))
        return err_ok(e) ? fail(e, ERR_not_found, "there is no programme %" PRId64, id) : false;
    programmes_say(x, all, str_eq(c->args.v[1], S("show")) ? 1 : n, str_eq(c->args.v[1], S("show")));
    return true;
}

static bool thousandths(const char *option, str text, int64_t *out, err *e) {
    double v;
    if (!text.len) return true;
    if (!str_f64(text, &v) || v < 0 || v > 1e9) return fail(e, ERR_usage, "--%s takes a number like 1 or 0.5", option);
    *out = (int64_t)(v * 1000 + 0.5);
    return true;
}

static bool rule_in(reward_at *x, programme *p, err *e) {
    const reward_opts *o = x->o;
    if (o->rounding.len && !rounding_of(o->rounding, &p->rounding))
        return fail(e, ERR_usage, "--rounding takes down, nearest or up");
    if (o->condition.len) p->condition = o->condition;
    if (o->disclosure.len) p->disclosure = o->disclosure;
    if (o->wait_days >= 0) p->wait_days = (int32_t)MIN(o->wait_days, (int64_t)99999);
    if (o->expiry_days >= 0) p->expiry_days = (int32_t)MIN(o->expiry_days, (int64_t)99999);
    if (o->day_points >= 0) p->day_points = o->day_points;
    if (o->day_times >= 0) p->day_times = (int32_t)MIN(o->day_times, (int64_t)99999);
    if (o->on) p->on = true;
    if (o->off) p->on = false;
    p->by = redline_me(x->at.c);
    return thousandths("rate", o->rate, &p->rate, e) && thousandths("worth", o->worth, &p->worth, e) &&
           (!o->from.len || cli_time(x->at.c, x->at.z, "from", o->from, &p->from_us, e)) &&
           until_in(x, &p->until_us, e);
}

bool reward_programme_write(reward_at *x, err *e) {
    cli *c = x->at.c;
    const char *field;
    int64_t id;
    programme p = {.worth = 1000, .on = true};
    str verb = c->args.v[1];
    if (c->args.n != 3 || (!str_eq(verb, S("add")) && !str_eq(verb, S("change"))))
        return fail(e, ERR_usage, "write heed reward programme add NAME, change ID, show ID or history ID");
    if (str_eq(verb, S("add"))) {
        p.name = c->args.v[2], p.earned_by = earned_by_of(x->o->earned_by);
        if (!p.earned_by) return fail(e, ERR_usage, "--for takes order, review, answer or referral");
        if (!x->o->rate.len) return fail(e, ERR_usage, "say --rate: points for 1 of the currency, or for each");
        if (!unit_in(x, &p.currency, e)) return false;
    } else if (!cli_id("a programme", c->args.v[2], &id, e) || !programme_get(c->life, x->at.s, id, &p, e))
        return false;
    if (str_eq(verb, S("change")) && x->o->name.len) p.name = x->o->name;
    if (!rule_in(x, &p, e) || !store_begin(x->at.s, e)) return false;
    bool ok = programme_put(x->l, c->life, &p, &field, e) && ledger_commit(x->l, e);
    if (!ok) store_rollback(x->at.s);
    if (ok) programmes_say(x, &p, 1, true);
    return ok;
}
