// Returns: who sends back far more than others, the steps that follow, and whether they are fair.
#include "decide/abuse.h"
#include "serve/api_care.h"

bool returns_view(call *c, err *e) {
    abuse_view v;
    const int64_t months = in_int(c, "months", 0), window = in_int(c, "window", 0);
    if (months < 0 || months > 120) return fail_field(c, e, "months", "'months' must be 1 to 120");
    if (window < 0 || window > 730) return fail_field(c, e, "window", "'window' must be 1 to 730 days");
    const abuse_ask ask = {
        .now_us = c->now_us, .months = (int)months, .window_days = (int)window, .customer = in_int(c, "customer", 0)};
    if (!store_begin_read(c->s, e) || !abuse_read(c->a, c->s, &ask, &v, e)) return false;
    abuse_view_json(&c->out, NULL, &v);
    return audit(c, "returns.look", S("returns"), S(""), e);
}

bool returns_audit(call *c, err *e) {
    static const struct {
        const char *name;
        enum abuse_split by;
    } splits[] = {{"segment", ABUSE_BY_SEGMENT}, {"country", ABUSE_BY_COUNTRY}, {"language", ABUSE_BY_LANGUAGE}};
    enum abuse_split by = ABUSE_BY_SEGMENT;
    abuse_audit x;
    for (size_t i = 0; i < COUNT(splits); i++)
        if (str_eq(in_str(c, "by"), str_c(splits[i].name))) by = splits[i].by;
    if (!store_begin_read(c->s, e) || !abuse_audit_read(c->a, c->s, by, c->now_us - 365 * DAY_US, c->now_us, &x, e))
        return false;
    abuse_audit_json(&c->out, NULL, &x);
    return true;
}

// ---- steps ----

bool returns_steps(call *c, err *e) {
    paging p;
    abuse_step *all;
    size_t n;
    int64_t last = 0;
    if (!page_open(c, &p, e) || !store_begin_read(c->s, e)) return false;
    const abuse_list_ask ask = {.before = p.first ? 0 : p.after[0],
                                .now = in_bool(c, "now"),
                                .appeals = in_bool(c, "appeals"),
                                .customer = in_int(c, "customer", 0),
                                .now_us = c->now_us,
                                .most = p.limit + 1};
    if (!abuse_list(c->a, c->s, &ask, &all, &n, e)) return false;
    for (size_t i = 0; i < n && i < (size_t)p.limit; i++)
        abuse_step_json(&c->out, NULL, &all[i], c->now_us), last = all[i].id;
    page_close(c, &p, n > (size_t)p.limit, last, 0);
    return true;
}

static bool put_step(call *c, int64_t id, err *e) {
    abuse_step x;
    if (!abuse_get(c->a, c->s, id, &x, e)) return false;
    abuse_step_json(&c->out, NULL, &x, c->now_us);
    return true;
}

bool returns_show(call *c, err *e) {
    int64_t id;
    abuse_step x;
    if (!param_id(c, 0, &id, e) || !store_begin_read(c->s, e) || !abuse_get(c->a, c->s, id, &x, e)) return false;
    abuse_step_json(&c->out, NULL, &x, c->now_us);
    return look(c, x.customer ? x.customer : x.profile_id, e);
}

static bool note(call *c, const char *action, int64_t id, err *e) {
    return audit(c, action, str_fmt(c->a, "return_step:%" PRId64, id), S(""), e);
}

static bool frictions_in(call *c, uint32_t *out, err *e) {
    const json_t *list = json_object_get(c->in, "frictions");
    *out = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        uint32_t bit;
        if (!abuse_friction_of(json_text(json_array_get(list, i)), &bit))
            return fail_field(c, e, "frictions", "'frictions' names return_fee, no_instant_refund or no_goodwill");
        *out |= bit;
    }
    return true;
}

// A person who may sign signs by asking.
bool returns_make(call *c, err *e) {
    err why = {0};
    abuse_step x;
    abuse_new n = {.customer = in_int(c, "customer", 0),
                   .step = abuse_step_kind_of(in_str(c, "step")),
                   .words = in_str(c, "words"),
                   .by = who_text(c->a, &c->who),
                   .person = by_person(c) && (c->who.needs & N(redlines_write))};
    if (!frictions_in(c, &n.frictions, e) || !moment_in(c, "until", in_str(c, "until"), &n.until_us, e)) return false;
    if (!abuse_make(know_ledger(c->d->k), c->a, &n, &x, &why)) return fail_named(c, e, &why);
    call_status(c, 201);
    call_location(c, str_fmt(c->a, "/api/returns/steps/%" PRId64, x.id));
    return note(c, "return_step.make", x.id, e) && put_step(c, x.id, e);
}

bool returns_sign(call *c, err *e) {
    int64_t id;
    if (!param_id(c, 0, &id, e)) return false;
    if (!by_person(c)) return fail(e, ERR_denied, "a person signs; a key cannot");
    return abuse_sign(know_ledger(c->d->k), c->a, id, who_text(c->a, &c->who), e) &&
           note(c, "return_step.sign", id, e) && put_step(c, id, e);
}

bool returns_tell(call *c, err *e) {
    int64_t id;
    return param_id(c, 0, &id, e) && abuse_tell(know_ledger(c->d->k), c->a, id, e) &&
           note(c, "return_step.tell", id, e) && put_step(c, id, e);
}

bool returns_end(call *c, err *e) {
    int64_t id;
    return param_id(c, 0, &id, e) &&
           abuse_end(know_ledger(c->d->k), c->a, id, who_text(c->a, &c->who), in_str(c, "words"), e) &&
           note(c, "return_step.end", id, e) && put_step(c, id, e);
}

bool returns_appeal(call *c, err *e) {
    int64_t id;
    return param_id(c, 0, &id, e) && abuse_appeal(know_ledger(c->d->k), c->a, id, in_str(c, "words"), e) &&
           note(c, "return_step.appeal", id, e) && put_step(c, id, e);
}

bool returns_decide(call *c, err *e) {
    int64_t id;
    err why = {0};
    if (!param_id(c, 0, &id, e)) return false;
    if (!by_person(c)) return fail(e, ERR_denied, "a person decides; a key cannot");
    if (!abuse_decide(know_ledger(c->d->k), c->a, id, in_bool(c, "granted"), who_text(c->a, &c->who), in_str(c, "why"),
                      &why))
        return fail_named(c, e, &why);
    return note(c, "return_step.decide", id, e) && put_step(c, id, e);
}
