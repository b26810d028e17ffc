// Hardship: customers who are to be treated gently, and what was arranged with them. Every look is noted.
#include "act/hardship.h"
#include "know/fold.h"
#include "serve/api_care.h"

static bool note(call *c, const char *action, int64_t id, int64_t customer, err *e) {
    str detail = customer ? str_fmt(c->a, "{\"customer\":%" PRId64 "}", customer) : S("");
    return audit(c, action, id ? str_fmt(c->a, "hardship:%" PRId64, id) : S("hardships"), detail, e);
}

// ---- reading ----

bool hardships_list(call *c, err *e) {
    paging p;
    hardship *all;
    size_t n;
    int64_t last = 0;
    if (!page_open(c, &p, e) || !store_begin_read(c->s, e)) return false;
    const hardship_ask ask = {.below = p.first ? 0 : p.after[0],
                              .all = in_bool(c, "all"),
                              .kind = hardship_kind_of(in_str(c, "kind")),
                              .customer = in_int(c, "customer", 0),
                              .most = p.limit + 1};
    if (!hardship_list(c->a, c->s, &ask, c->now_us, &all, &n, e)) return false;
    for (size_t i = 0; i < n && i < (size_t)p.limit; i++)
        hardship_json(&c->out, NULL, &all[i], c->now_us), last = all[i].id;
    page_close(c, &p, n > (size_t)p.limit, last, 0);
    return note(c, "hardship.list", 0, ask.customer, e);
}

bool hardships_show(call *c, err *e) {
    int64_t id;
    hardship x;
    hardship_plan *plans;
    size_t n;
    if (!param_id(c, 0, &id, e) || !store_begin_read(c->s, e) || !hardship_get(c->a, c->s, id, c->now_us, &x, e) ||
        !hardship_plans(c->a, c->s, id, c->now_us, &plans, &n, e))
        return false;
    call_etag(c, x.version);
    json_open(&c->out, NULL, '{');
    hardship_json(&c->out, "hardship", &x, c->now_us);
    json_open(&c->out, "plans", '[');
    for (size_t i = 0; i < n; i++) hardship_plan_json(&c->out, NULL, &plans[i]);
    json_close(&c->out, ']');
    json_close(&c->out, '}');
    return note(c, "hardship.look", id, x.customer ? x.customer : x.profile_id, e);
}

// ---- writing ----

static bool until_in(call *c, int64_t *until_us, err *e) {
    if (!str_eq(in_str(c, "until"), S("ever"))) return moment_in(c, "until", in_str(c, "until"), until_us, e);
    *until_us = -1;
    return true;
}

static bool put_stored(call *c, int64_t id, err *e) {
    hardship x;
    if (!hardship_get(c->a, c->s, id, c->now_us, &x, e)) return false;
    call_etag(c, x.version);
    hardship_json(&c->out, NULL, &x, c->now_us);
    return true;
}

bool hardships_make(call *c, err *e) {
    err why = {0};
    hardship x = {.customer = in_int(c, "customer", 0),
                  .kind = hardship_kind_of(in_str(c, "kind")),
                  .consent = in_bool(c, "consent"),
                  .consent_how = str_trim(in_str(c, "consent_how")),
                  .purpose = str_trim(in_str(c, "purpose")),
                  .note = str_trim(in_str(c, "note")),
                  .by = who_text(c->a, &c->who)};
    if (!moment_in(c, "since", in_str(c, "since"), &x.since_us, e) || !until_in(c, &x.until_us, e)) return false;
    if (!hardship_add(know_ledger(c->d->k), c->a, &x, &why)) return fail_named(c, e, &why);
    call_status(c, 201);
    call_location(c, str_fmt(c->a, "/api/hardships/%" PRId64, x.id));
    return note(c, "hardship.make", x.id, x.customer, e) && put_stored(c, x.id, e);
}

bool hardships_change(call *c, err *e) {
    int64_t id;
    hardship x;
    err why = {0};
    if (!param_id(c, 0, &id, e) || !hardship_get(c->a, c->s, id, c->now_us, &x, e) || !call_if_match(c, x.version, e))
        return false;
    if (in_has(c, "until") && !until_in(c, &x.until_us, e)) return false;
    if (in_has(c, "consent")) x.consent = in_bool(c, "consent");
    if (in_has(c, "consent_how")) x.consent_how = str_trim(in_str(c, "consent_how"));
    if (in_has(c, "purpose")) x.purpose = str_trim(in_str(c, "purpose"));
    if (in_has(c, "note")) x.note = str_trim(in_str(c, "note"));
    if (!hardship_change(know_ledger(c->d->k), c->a, &x, &why)) return fail_named(c, e, &why);
    return note(c, "hardship.change", id, x.customer, e) && put_stored(c, id, e);
}

bool hardships_end(call *c, err *e) {
    int64_t id;
    hardship x;
    return param_id(c, 0, &id, e) && hardship_get(c->a, c->s, id, c->now_us, &x, e) && call_if_match(c, x.version, e) &&
           hardship_end(know_ledger(c->d->k), c->a, id, e) && note(c, "hardship.end", id, x.customer, e);
}

static bool offer_in(call *c, hardship_offer *o, err *e) {
    zone *z;
    int64_t first_us;
    if (!param_id(c, 0, &o->hardship, e) || !store_zone(c->s, c->a, &z, e) ||
        !currency_in(c, "currency", in_str(c, "currency"), &o->currency, e))
        return false;
    if (!time_parse(in_str(c, "first"), z, 0, &first_us)) return fail_field(c, e, "first", "'first' is no day");
    o->owed = in_int(c, "owed", 0), o->let_off = in_int(c, "let_off", 0), o->after_plan = in_int(c, "after", 0);
    o->parts = (int)MAX(MIN(in_int(c, "parts", 0), 1000), 0), o->first_day = zone_days(z, first_us);
    o->every_months = (int)MAX(MIN(in_int(c, "every_months", 0), 1000), -1);
    o->every_days = (int)MAX(MIN(in_int(c, "every_days", 0), 1000), -1);
    o->by = who_text(c->a, &c->who), o->role = c->who.role;
    return true;
}

static bool note_plan(call *c, const hardship_plan *p, err *e) {
    if (!store_begin(c->s, e)) return false;
    if (note(c, "hardship.arrange", p->hardship, p->profile_id, e) && ledger_commit(know_ledger(c->d->k), e))
        return true;
    store_rollback(c->s);
    return false;
}

bool hardships_arrange(call *c, err *e) {
    hardship_offer o = {0};
    hardship_plan p = {0};
    redline_answer answer = {0};
    err why = {0};
    if (!offer_in(c, &o, e)) return false;
    if (!hardship_arrange(know_ledger(c->d->k), c->a, &o, &p, &answer, &why)) return fail_named(c, e, &why);
    if (!note_plan(c, &p, e)) return false;
    call_status(c, 201);
    json_open(&c->out, NULL, '{');
    hardship_plan_json(&c->out, "plan", &p);
    redline_answer_json(&c->out, "answer", &answer);
    json_close(&c->out, '}');
    return true;
}
