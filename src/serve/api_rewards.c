// Points: listed, given, spent, taken back; what they will cost; and the programmes that give them.
#include "serve/api_rewards.h"

#include <math.h>

#include "act/reward_show.h"
#include "know/fold.h"
#include "know/settings.h"
#include "sql/act_reward.h"
#include "sql/know.h"

bool reward_unit_in(call *c, const char *field, int32_t *out, err *e) {
    settings set;
    if (!currency_in(c, field, in_str(c, field), out, e)) return false;
    if (*out) return true;
    if (!settings_read(c->a, c->s, &set, e)) return false;
    const currency *x = currency_of(set.currency);
    *out = x ? x->number : 0;
    return x || fail_field(c, e, field, "'%s' is needed, because the company's currency is not set", field);
}

bool reward_end_in(call *c, const char *field, int64_t *at_us, err *e) {
    zone *z;
    if (!moment_in(c, field, in_str(c, field), at_us, e) || !*at_us) return err_ok(e);
    if (in_str(c, field).len != sizeof "2026-11-06" - 1) return true;
    if (!store_zone(c->s, c->a, &z, e)) return false;
    *at_us = zone_day_start_us(z, zone_days(z, *at_us) + 1);
    return true;
}

// 0: nobody known any more.
static bool reward_owner(call *c, int64_t profile, int64_t *customer, err *e) {
    str list = str_fmt(c->a, "[%" PRId64 "]", profile);
    *customer = 0;
    for (row r = store_query(c->s, Q_profile_some, e, "t", list); row_next(&r);) *customer = row_int(&r, 1);
    return err_ok(e);
}

static bool there_is(call *c, int64_t customer, err *e) {
    int64_t n = 0;
    for (row r = store_query(c->s, Q_profile_of_customer, e, "i", customer); row_next(&r);) n++;
    if (err_ok(e) && !n) return fail(e, ERR_not_found, "there is no customer %" PRId64, customer);
    return err_ok(e);
}

// ---- reading ----

bool rewards_page(call *c, err *e) {
    paging p;
    int64_t n = 0, at_us = 0, id = 0;
    enum reward_what what = reward_what_of(in_str(c, "what"));
    if (!page_open(c, &p, e)) return false;
    row r = store_query(c->s, Q_reward_entry_list, e, "iiiii", p.first ? INT64_MAX : p.after[0],
                        p.first ? INT64_MAX : p.after[1], in_int(c, "customer", 0), (int64_t)what, p.limit + 1);
    for (; row_next(&r); n++) {
        if (n >= p.limit) continue;
        reward_entry x = reward_read(c->a, &r);
        reward_json(&c->out, NULL, &x, row_int(&r, 20));
        at_us = x.at_us, id = x.id;
    }
    page_close(c, &p, n > p.limit, at_us, id);
    return err_ok(e);
}

bool rewards_show(call *c, err *e) {
    int64_t id, customer;
    reward_entry x;
    if (!param_id(c, 0, &id, e)) return false;
    if (!reward_get(c->a, c->s, id, &x, e))
        return err_ok(e) ? fail(e, ERR_not_found, "there is no entry %" PRId64 " of points", id) : false;
    if (!reward_owner(c, x.profile_id, &customer, e)) return false;
    reward_json(&c->out, NULL, &x, customer);
    return true;
}

bool customer_rewards(call *c, err *e) {
    int64_t id;
    return param_id(c, 0, &id, e) && there_is(c, id, e) && reward_account_json(&c->out, NULL, c->s, id, c->now_us, e);
}

bool rewards_liability(call *c, err *e) {
    liability x;
    if (!store_begin_read(c->s, e) || !reward_liability(c->a, c->s, c->now_us, &x, e)) return false;
    liability_json(&c->out, NULL, &x);
    return true;
}

// ---- writing: what was done is stored by now, its note follows in a transaction of its own ----

static bool note_done(call *c, const char *action, const reward_done *d, int64_t customer, err *e) {
    str detail = str_fmt(c->a, "{\"customer\":%" PRId64 ",\"points\":%" PRId64 "}", customer, d->entry.points);
    reward_done_json(&c->out, NULL, d, customer);
    return store_begin(c->s, e) && audit(c, action, str_fmt(c->a, "reward:%" PRId64, d->entry.id), detail, e) &&
           ledger_commit(know_ledger(c->d->k), e);
}

bool rewards_give(call *c, err *e) {
    reward_done d;
    reward_gift g = {.customer = in_int(c, "customer", 0),
                     .points = in_int(c, "points", 0),
                     .programme = in_int(c, "programme", 0),
                     .why = str_trim(in_str(c, "why")),
                     .disclosure = in_str(c, "disclosure"),
                     .expiry_days = in_int(c, "expiry_days", 0),
                     .by = who_text(c->a, &c->who),
                     .role = c->who.role,
                     .key = in_str(c, "key")};
    if (g.points <= 0) return fail_field(c, e, "points", "'points' must be above 0");
    if (!g.why.len) return fail_field(c, e, "why", "'why' says what they are for; the customer may read it");
    if (!reward_give(know_ledger(c->d->k), c->a, &g, &d, e)) return false;
    call_status(c, d.waits ? 202 : d.again ? 200 : 201);
    if (d.entry.id) call_location(c, str_fmt(c->a, "/api/rewards/%" PRId64, d.entry.id));
    return note_done(c, "reward.give", &d, g.customer, e);
}

bool rewards_spend(call *c, err *e) {
    reward_done d;
    reward_spending x = {.customer = in_int(c, "customer", 0),
                         .points = in_int(c, "points", 0),
                         .what = str_trim(in_str(c, "what")),
                         .by = who_text(c->a, &c->who),
                         .key = in_str(c, "key")};
    if (x.points <= 0) return fail_field(c, e, "points", "'points' must be above 0");
    if (!x.what.len) return fail_field(c, e, "what", "'what' says what they are spent for");
    if (!reward_spend(know_ledger(c->d->k), c->a, &x, &d, e)) return false;
    call_status(c, d.again ? 200 : 201);
    call_location(c, str_fmt(c->a, "/api/rewards/%" PRId64, d.entry.id));
    return note_done(c, "reward.spend", &d, x.customer, e);
}

bool rewards_reverse(call *c, err *e) {
    int64_t id, customer;
    reward_done d;
    str why = str_trim(in_str(c, "why"));
    if (!param_id(c, 0, &id, e)) return false;
    if (!why.len) return fail_field(c, e, "why", "'why' says why it is taken back; the customer may read it");
    if (!reward_reverse(know_ledger(c->d->k), c->a, id, why, who_text(c->a, &c->who), &d, e) ||
        !reward_owner(c, d.entry.profile_id, &customer, e))
        return false;
    return note_done(c, "reward.reverse", &d, customer, e);
}

// ---- programmes ----

static int64_t thousandths(const call *c, const char *name, int64_t otherwise) {
    double v = json_number_value(json_object_get(c->in, name)) * 1000;
    if (!in_has(c, name)) return otherwise;
    return fabs(v) < 1e15 ? llround(v) : -1;
}

static bool days_in(call *c, const char *name, int32_t *out, err *e) {
    int64_t v = in_int(c, name, *out);
    *out = (int32_t)v;
    return (v >= 0 && v <= 36600) || fail_field(c, e, name, "'%s' must be 0 to 36600", name);
}

static bool rule_in(call *c, programme *x, err *e) {
    if (in_has(c, "name")) x->name = str_trim(in_str(c, "name"));
    if (in_has(c, "rounding")) (void)rounding_of(in_str(c, "rounding"), &x->rounding);
    if (in_has(c, "condition")) x->condition = str_trim(in_str(c, "condition"));
    if (in_has(c, "disclosure")) x->disclosure = str_trim(in_str(c, "disclosure"));
    if (in_has(c, "on")) x->on = in_bool(c, "on");
    x->rate = thousandths(c, "rate", x->rate), x->worth = thousandths(c, "worth", x->worth);
    x->day_points = in_int(c, "day_points", x->day_points);
    x->by = who_text(c->a, &c->who);
    return days_in(c, "wait_days", &x->wait_days, e) && days_in(c, "expiry_days", &x->expiry_days, e) &&
           days_in(c, "day_times", &x->day_times, e) &&
           (!in_has(c, "until") || reward_end_in(c, "until", &x->until_us, e));
}

static bool put_rule(call *c, const char *action, programme *x, err *e) {
    const char *field;
    err why = {0};
    if (!programme_put(know_ledger(c->d->k), c->a, x, &field, &why))
        return fail_about(c, e, *field ? field : NULL, &why);
    str detail = str_fmt(c->a, "{\"version\":%" PRId64 "}", x->version);
    if (!audit(c, action, str_fmt(c->a, "programme:%" PRId64, x->id), detail, e)) return false;
    call_etag(c, x->version);
    programme_json(&c->out, NULL, x);
    return true;
}

bool programmes_make(call *c, err *e) {
    programme x = {.earned_by = earned_by_of(in_str(c, "earned_by")), .worth = 1000, .on = true};
    if (!reward_unit_in(c, "currency", &x.currency, e) || !moment_in(c, "from", in_str(c, "from"), &x.from_us, e) ||
        !rule_in(c, &x, e) || !put_rule(c, "programme.make", &x, e))
        return false;
    call_status(c, 201);
    call_location(c, str_fmt(c->a, "/api/programmes/%" PRId64, x.id));
    return true;
}

bool programmes_change(call *c, err *e) {
    programme x;
    int64_t id;
    return param_id(c, 0, &id, e) && programme_get(c->a, c->s, id, &x, e) && call_if_match(c, x.version, e) &&
           rule_in(c, &x, e) && put_rule(c, "programme.change", &x, e);
}

bool programmes_show(call *c, err *e) {
    programme x;
    int64_t id;
    if (!param_id(c, 0, &id, e) || !programme_get(c->a, c->s, id, &x, e)) return false;
    call_etag(c, x.version);
    programme_json(&c->out, NULL, &x);
    return true;
}

// By number from `after` on; history counts versions down.
static void put_page(call *c, const paging *p, const programme *list, size_t n, bool history) {
    int64_t put = 0, key = 0;
    bool more = false;
    for (size_t i = 0; i < n; i++) {
        int64_t k = history ? -list[i].version : list[i].id;
        if (!p->first && k <= p->after[0]) continue;
        if (put++ == p->limit) more = true;
        if (put > p->limit) break;
        programme_json(&c->out, NULL, &list[i]);
        key = k;
    }
    page_close(c, p, more, key, 0);
}

bool programmes_page(call *c, err *e) {
    paging p;
    programme *list;
    size_t n;
    if (!page_open(c, &p, e) || !programme_list(c->a, c->s, &list, &n, e)) return false;
    put_page(c, &p, list, n, false);
    return true;
}

bool programmes_history(call *c, err *e) {
    paging p;
    programme *list;
    size_t n;
    int64_t id;
    if (!param_id(c, 0, &id, e) || !page_open(c, &p, e)) return false;
    if (!programme_versions(c->a, c->s, id, &list, &n, e))
        return err_ok(e) ? fail(e, ERR_not_found, "there is no programme %" PRId64, id) : false;
    put_page(c, &p, list, n, true);
    return true;
}
