// Policies: kept in versions, with what they cost and what they do.
#include "serve/api_care.h"

#include <math.h>

#include "decide/policy.h"
#include "sql/know.h"

bool fail_named(call *c, err *e, const err *why) {
    char field[64];
    str msg = str_c(why->msg);
    const ptrdiff_t end = msg.len > 1 && msg.s[0] == '\'' ? str_find(str_sub(msg, 1, msg.len), '\'') : -1;
    if (why->code != ERR_invalid || end <= 0 || (size_t)end >= sizeof field) return *e = *why, false;
    snprintf(field, sizeof field, "%.*s", (int)end, msg.s + 1);
    return fail_field(c, e, field, "%s", why->msg);
}

bool by_person(const call *c) {
    return c->who.kind == WHO_ACCOUNT;
}

static double in_share(const call *c, const char *name, double otherwise) {
    const json_t *v = json_object_get(c->in, name);
    return json_is_number(v) ? json_number_value(v) : otherwise;
}

// ---- reading ----

static bool policy_asked(call *c, policy *p, err *e) {
    int64_t id;
    return param_id(c, 0, &id, e) && policy_get(c->a, c->s, id, p, e);
}

bool policies_list(call *c, err *e) {
    paging page;
    policy *all;
    size_t n;
    int64_t last = 0;
    if (!page_open(c, &page, e) || !store_begin_read(c->s, e) ||
        !policy_list(c->a, c->s, in_bool(c, "retired"), page.first ? 0 : page.after[0], page.limit + 1, &all, &n, e))
        return false;
    for (size_t i = 0; i < n && i < (size_t)page.limit; i++) policy_json(&c->out, NULL, &all[i]), last = all[i].id;
    page_close(c, &page, n > (size_t)page.limit, last, 0);
    return true;
}

bool policies_show(call *c, err *e) {
    policy p, *all;
    size_t n;
    if (!store_begin_read(c->s, e) || !policy_asked(c, &p, e) || !policy_history(c->a, c->s, p.id, &all, &n, e))
        return false;
    call_etag(c, p.version);
    json_open(&c->out, NULL, '{');
    policy_json(&c->out, "policy", &p);
    json_open(&c->out, "versions", '[');
    for (size_t i = 0; i < n && i < 1000; i++) policy_json(&c->out, NULL, &all[i]);
    json_close(&c->out, ']');
    json_close(&c->out, '}');
    return true;
}

bool policies_cost(call *c, err *e) {
    policy p;
    policy_bill b;
    const int64_t months = in_int(c, "months", 12);
    if (months < 1 || months > 60) return fail_field(c, e, "months", "'months' must be 1 to 60");
    if (!store_begin_read(c->s, e) || !policy_asked(c, &p, e) ||
        !policy_bill_read(c->a, c->s, &p, c->now_us, (int)months, &b, e))
        return false;
    policy_bill_json(&c->out, NULL, &b);
    return true;
}

bool policies_effect(call *c, err *e) {
    policy p;
    policy_effect x;
    const int64_t days = in_int(c, "days", POLICY_DAYS);
    if (days < 7 || days > 730) return fail_field(c, e, "days", "'days' must be 7 to 730");
    if (!store_begin_read(c->s, e) || !policy_asked(c, &p, e) ||
        !policy_effect_read(c->a, c->s, &p, c->now_us, (int)days, &x, e))
        return false;
    policy_effect_json(&c->out, NULL, &x);
    return true;
}

bool policies_covers(call *c, err *e) {
    policy p;
    int64_t customer, profiles = 0;
    bool covers;
    str why;
    if (!param_id(c, 1, &customer, e) || !store_begin_read(c->s, e) || !policy_asked(c, &p, e)) return false;
    for (row r = store_query(c->s, Q_profile_of_customer, e, "i", customer); row_next(&r);) profiles++;
    if (!err_ok(e)) return false;
    if (!profiles) return fail(e, ERR_not_found, "there is no customer %" PRId64, customer);
    if (!policy_covers(c->a, c->s, &p, customer, c->now_us, &covers, &why, e)) return false;
    json_open(&c->out, NULL, '{');
    json_put_bool(&c->out, "covers", covers);
    json_put_bool(&c->out, "held_out", !policy_holds(&p, customer));
    if (why.len)
        json_put_str(&c->out, "why", why);
    else
        json_put_null(&c->out, "why");
    json_close(&c->out, '}');
    return true;
}

// ---- writing ----

// What both a new one and a change may say; what is not said stays.
static bool shared_in(call *c, policy *p, err *e) {
    const double share = in_share(c, "holdout", p->holdout_bp / 1e4);
    if (!(share >= 0 && share <= 0.5)) return fail_field(c, e, "holdout", "'holdout' must be a share from 0 to 0.5");
    const int64_t days = in_int(c, "after_days", p->after_days);
    if (days < 0 || days > 3650) return fail_field(c, e, "after_days", "'after_days' must be 0 to 3650");
    p->holdout_bp = (int32_t)lround(share * 1e4), p->after_days = (int32_t)days;
    p->unit_cost = in_int(c, "unit_cost", p->unit_cost), p->segment = in_int(c, "segment", p->segment);
    if (in_has(c, "name")) p->name = str_trim(in_str(c, "name"));
    if (in_has(c, "about")) p->about = in_str(c, "about");
    p->reason = in_str(c, "reason"), p->by = who_text(c->a, &c->who);
    return !in_has(c, "until") || moment_in(c, "until", in_str(c, "until"), &p->until_us, e);
}

static bool put_policy(call *c, policy *p, const char *action, err *e) {
    err why = {0};
    if (!policy_put(know_ledger(c->d->k), c->a, p, &why)) return fail_named(c, e, &why);
    str detail = str_fmt(c->a, "{\"version\":%" PRId64 "}", p->version);
    return audit(c, action, str_fmt(c->a, "policy:%" PRId64, p->id), detail, e);
}

bool policies_make(call *c, err *e) {
    policy p = {.cost = policy_cost_of(in_str(c, "cost"))};
    if (!shared_in(c, &p, e) || !moment_in(c, "from", in_str(c, "from"), &p.from_us, e) ||
        !currency_in(c, "currency", in_str(c, "currency"), &p.currency, e) ||
        !kinds_in(c, "kinds", json_object_get(c->in, "kinds"), &p.of, e) || !put_policy(c, &p, "policy.make", e))
        return false;
    call_status(c, 201);
    call_location(c, str_fmt(c->a, "/api/policies/%" PRId64, p.id));
    call_etag(c, p.version);
    policy_json(&c->out, NULL, &p);
    return true;
}

bool policies_change(call *c, err *e) {
    policy p;
    if (!policy_asked(c, &p, e) || !call_if_match(c, p.version, e) || !shared_in(c, &p, e) ||
        !put_policy(c, &p, "policy.change", e))
        return false;
    call_etag(c, p.version);
    policy_json(&c->out, NULL, &p);
    return true;
}

bool policies_retire(call *c, err *e) {
    policy p;
    if (!policy_asked(c, &p, e) || !call_if_match(c, p.version, e)) return false;
    if (p.retired) return fail(e, ERR_conflict, "policy %" PRId64 " is retired already", p.id);
    p.retired = true, p.reason = S("retired"), p.by = who_text(c->a, &c->who);
    return put_policy(c, &p, "policy.retire", e);
}
