#include "decide/policy.h"

#include "base/money.h"
#include "decide/abuse.h"
#include "know/segment.h"
#include "know/settings.h"
#include "sql/decide_care.h"

typedef struct {
    const char *name;
    bool each, days;
} cost_row;
static const cost_row costs[POLICY_COSTS] = {
    [POLICY_COST_none] = {"none", false, false},
#define POLICY_COST(name, id, each, days, text) [POLICY_COST_##name] = {#name, each, days},
#include "decide/policy_costs.def"
};

const char *policy_cost_name(enum policy_cost c) {
    return c < POLICY_COSTS ? costs[c].name : costs[POLICY_COST_none].name;
}

enum policy_cost policy_cost_of(str name) {
    for (enum policy_cost c = 1; c < POLICY_COSTS; c++)
        if (str_eq(name, str_c(costs[c].name))) return c;
    return POLICY_COST_none;
}

// ---- reading ----

static policy read_policy(arena *a, const row *r) {
    return (policy){.id = row_int(r, 0),
                    .version = row_int(r, 1),
                    .name = str_dup(a, row_str(r, 2)),
                    .about = str_dup(a, row_str(r, 3)),
                    .cost = (enum policy_cost)row_int(r, 4),
                    .unit_cost = row_int(r, 5),
                    .of = (uint32_t)row_int(r, 6),
                    .after_days = (int32_t)row_int(r, 7),
                    .currency = (int32_t)row_int(r, 8),
                    .segment = row_int(r, 9),
                    .from_us = row_int(r, 10),
                    .until_us = row_int(r, 11),
                    .holdout_bp = (int32_t)row_int(r, 12),
                    .reason = str_dup(a, row_str(r, 13)),
                    .made_us = row_int(r, 14),
                    .by = str_dup(a, row_str(r, 15)),
                    .retired = row_int(r, 16) != 0};
}

bool policy_get(arena *a, store *s, int64_t id, policy *out, err *e) {
    bool found = false;
    for (row r = store_query(s, Q_policy_get, e, "i", id); row_next(&r);) *out = read_policy(a, &r), found = true;
    if (found || !err_ok(e)) return err_ok(e);
    return fail(e, ERR_not_found, "there is no policy %" PRId64 "; 'heed policy list' names them", id);
}

static bool read_all(arena *a, row r, size_t most, policy **out, size_t *n, err *e) {
    size_t room = 16;
    *out = make(a, policy, room), *n = 0;
    while (row_next(&r)) {
        if (*n == most) continue;
        if (*n == room) {
            policy *more = make(a, policy, room * 2);
            memcpy(more, *out, room * sizeof *more);
            *out = more, room *= 2;
        }
        (*out)[(*n)++] = read_policy(a, &r);
    }
    return err_ok(e);
}

bool policy_list(arena *a, store *s, bool retired, int64_t after, int64_t most, policy **out, size_t *n, err *e) {
    return read_all(a, store_query(s, Q_policy_list, e, "iii", after, (int64_t)retired, most), (size_t)most, out, n, e);
}

bool policy_history(arena *a, store *s, int64_t id, policy **out, size_t *n, err *e) {
    if (!read_all(a, store_query(s, Q_policy_history, e, "i", id), SIZE_MAX, out, n, e)) return false;
    return *n || fail(e, ERR_not_found, "there is no policy %" PRId64 "; 'heed policy list' names them", id);
}

// ---- writing ----

enum { MOST_NAME = 100, MOST_WORDS = 2000, MOST_HOLDOUT = 5000, MOST_DAYS = 3650 };

static bool sound(const policy *x, err *e) {
    const cost_row *c = &costs[x->cost < POLICY_COSTS ? x->cost : 0];
    if (!x->name.len || x->name.len > MOST_NAME)
        return fail(e, ERR_invalid, "'name' must be a text of 1 to %d bytes", MOST_NAME);
    if (x->about.len > MOST_WORDS || x->reason.len > MOST_WORDS)
        return fail(e, ERR_invalid, "'about' and 'reason' hold at most %d bytes", MOST_WORDS);
    if (!x->cost || x->cost >= POLICY_COSTS)
        return fail(e, ERR_invalid, "'cost' must be concessions, returns, refunds, terms or orders");
    if (c->each && x->unit_cost <= 0)
        return fail(e, ERR_invalid, "'unit_cost' must be above 0: what it costs us each time");
    if (!c->each && x->unit_cost) return fail(e, ERR_invalid, "'unit_cost' is of returns, terms and orders alone");
    if (x->after_days < 0 || x->after_days > MOST_DAYS || (x->after_days && !c->days))
        return fail(e, ERR_invalid, "'after_days' must be 0 to %d, and is of returns, refunds and terms alone",
                    MOST_DAYS);
    if (x->of && x->cost != POLICY_COST_concessions)
        return fail(e, ERR_invalid, "'kinds' of concessions belong to the cost concessions alone");
    if (x->holdout_bp < 0 || x->holdout_bp > MOST_HOLDOUT)
        return fail(e, ERR_invalid, "'holdout' must be 0 to 0.5 of the customers");
    if (x->until_us && x->until_us <= x->from_us) return fail(e, ERR_invalid, "'until' must be later than 'from'");
    return true;
}

static bool settle_currency(arena *a, store *s, policy *x, err *e) {
    settings set;
    const currency *c;
    if (x->currency) return true;
    if (!settings_read(a, s, &set, e)) return false;
    c = currency_of(set.currency);
    x->currency = c ? c->number : 978;
    return true;
}

static bool segment_is_there(arena *a, store *s, int64_t segment, err *e) {
    segment_row x;
    if (!segment || segment_get_id(a, s, segment, &x, e)) return true;
    return err_ok(e) ? fail(e, ERR_invalid,
                            "'segment': there is no segment %" PRId64 "; 'heed segment list' names them", segment)
                     : false;
}

bool policy_put(ledger *l, arena *a, policy *x, err *e) {
    store *s = ledger_store(l);
    const world *w = ledger_world(l);
    policy now = {0};
    x->made_us = w->now_us(w);
    if (!x->from_us) x->from_us = x->made_us;
    if (!sound(x, e) || !settle_currency(a, s, x, e) || !segment_is_there(a, s, x->segment, e)) return false;
    if (!x->version && !ledger_id(l, &x->id, e)) return false;
    if (x->version && !policy_get(a, s, x->id, &now, e)) return false;
    if (now.version != x->version)
        return fail(e, ERR_changed, "policy %" PRId64 " has a newer version, %" PRId64 "; read it again", x->id,
                    now.version);
    x->version++;
    const int64_t until = x->until_us;
    return store_run(s, Q_policy_put, NULL, e, "iittiiiiiiiIititii", x->id, x->version, x->name, x->about,
                     (int64_t)x->cost, x->unit_cost, (int64_t)x->of, (int64_t)x->after_days, (int64_t)x->currency,
                     x->segment, x->from_us, until ? &until : NULL, (int64_t)x->holdout_bp, x->reason, x->made_us,
                     x->by, (int64_t)x->retired, (int64_t)x->sample);
}

// ---- whom it holds for ----

bool policy_holds(const policy *p, int64_t customer) {
    const int64_t both[2] = {p->id, customer};
    return (int64_t)(str_hash((str){(const char *)both, sizeof both}) % 10000) >= p->holdout_bp;
}

static bool in_segment(arena *a, store *s, const policy *p, int64_t customer, int64_t now_us, bool *in, err *e) {
    segment_row x;
    segment_rule *r;
    char field[SEGMENT_FIELD_LEN];
    if (!segment_get_id(a, s, p->segment, &x, e)) return *in = false, err_ok(e);
    return segment_read_text(a, s, x.rule, x.id, &r, field, e) && segment_which(a, s, r, now_us, &customer, 1, in, e);
}

// What a step after many returns takes out of a policy, in words; empty: nothing.
static str held(const policy *p, uint32_t frictions) {
    if (p->cost == POLICY_COST_returns && frictions & FRICTION_return_fee)
        return S("sending back costs this customer a fee for now, a step after many returns");
    if (p->cost == POLICY_COST_refunds && frictions & FRICTION_no_instant_refund)
        return S("money comes back to this customer once the parcel was looked at, a step after many returns");
    if (p->cost == POLICY_COST_concessions && frictions & FRICTION_no_goodwill)
        return S("goodwill is on hold for this customer, a step after many returns");
    return S("");
}

bool policy_covers(arena *a, store *s, const policy *p, int64_t customer, int64_t now_us, bool *covers, str *why,
                   err *e) {
    bool in = true;
    enum abuse_step_kind step;
    uint32_t frictions;
    *covers = false;
    if (p->retired)
        *why = S("the policy is retired");
    else if (now_us < p->from_us)
        *why = S("the policy does not hold yet");
    else if (p->until_us && now_us >= p->until_us)
        *why = S("the policy has ended");
    else if (p->segment && !in_segment(a, s, p, customer, now_us, &in, e))
        return false;
    else if (!in)
        *why = S("the customer is not in its segment");
    else if (!policy_holds(p, customer))
        *why = S("the customer is in the hold-out, by which its effect is measured");
    else if (!abuse_step_of_customer(s, customer, now_us, &step, &frictions, e))
        return false;
    else
        *why = held(p, frictions), *covers = !why->len;
    return true;
}

// ---- as JSON ----

static void put_kinds(json_out *j, uint32_t of) {
    json_open(j, "kinds", '[');
    for (enum concession_kind k = 1; k < CONCESSION_KINDS; k++)
        if (of >> k & 1) json_put_str(j, NULL, str_c(concession_name(k)));
    json_close(j, ']');
}

void policy_json(json_out *j, const char *key, const policy *p) {
    const currency *c = currency_by_number(p->currency);
    json_open(j, key, '{');
    json_put_int(j, "id", p->id);
    json_put_int(j, "version", p->version);
    json_put_str(j, "name", p->name);
    json_put_str(j, "about", p->about);
    json_put_str(j, "cost", str_c(policy_cost_name(p->cost)));
    json_put_int(j, "unit_cost", p->unit_cost);
    json_put_str(j, "currency", str_c(c ? c->code : ""));
    put_kinds(j, p->of);
    json_put_int(j, "after_days", p->after_days);
    if (p->segment)
        json_put_int(j, "segment", p->segment);
    else
        json_put_null(j, "segment");
    json_put_time(j, "from", p->from_us);
    json_put_time(j, "until", p->until_us);
    json_put_num(j, "holdout", p->holdout_bp / 10000.0);
    json_put_str(j, "reason", p->reason);
    json_put_time(j, "made", p->made_us);
    json_put_str(j, "by", p->by);
    json_put_bool(j, "retired", p->retired);
    json_close(j, '}');
}
