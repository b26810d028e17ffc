#include "jobs/company_rules.h"

#include "act/hardship.h"
#include "base/civil.h"
#include "decide/approval.h"
#include "decide/cost.h"
#include "decide/envelope.h"
#include "decide/policy.h"
#include "know/agreement.h"
#include "know/people.h"
#include "know/settings.h"
#include "know/standard.h"
#include "sql/know.h"

#define OF(kind) (1u << CONCEDE_##kind)

// Those who answer at the sample company (sample/staff.def).
static const char *const staff[] = {
#define STAFF(name, hours, quality, share) name,
#include "sample/staff.def"
};

enum { EUR = 978 };
// A company of more customers than this is for measuring; its standards hold from today on, which is soon done.
enum { SMALL = 20000 };
enum { STANDARD_DAYS = 120, COMPLAINERS = 40, GIFTS = 60, BUDGET_NEAR = 34000 };

typedef struct {
    ledger *l;
    store *s;
    arena a;
    int64_t now_us;
} making;

// ---- what was decided ----

static bool lines(making *k, err *e) {
    const redline rows[] = {
#define LINE(n, k, lim, per, kinds, sign, reason)                                                                      \
    {.name = S(n),                                                                                                     \
     .kind = REDLINE_##k,                                                                                              \
     .limit = (lim),                                                                                                   \
     .period = PERIOD_##per,                                                                                           \
     .of = (kinds),                                                                                                    \
     .signer = S(sign),                                                                                                \
     .why = S(reason),                                                                                                 \
     .measure = REDLINE_##k == REDLINE_measure ? S("csat") : S(""),                                                    \
     .by = S("sample"),                                                                                                \
     .sample = true},
#include "jobs/company_rules.def"
    };
    const char *field;
    for (size_t i = 0; i < COUNT(rows); i++) {
        redline x = rows[i];
        if (!redline_put(k->l, k->a, &x, &field, e)) return false;
    }
    return true;
}

static bool envelopes(making *k, err *e) {
    const envelope rows[] = {
#define ENVELOPE(who, much, bp, often, sign)                                                                           \
    {.role = S(who),                                                                                                   \
     .most = (much),                                                                                                   \
     .discount_bp = (bp),                                                                                              \
     .times = (often),                                                                                                 \
     .period = PERIOD_DAY,                                                                                             \
     .signer = S(sign),                                                                                                \
     .review_bp = 1000,                                                                                                \
     .by = S("sample"),                                                                                                \
     .sample = true},
#include "jobs/company_rules.def"
    };
    const char *field;
    for (size_t i = 0; i < COUNT(rows); i++) {
        envelope x = rows[i];
        if (!envelope_put(k->l, &x, &field, e)) return false;
    }
    return true;
}

static bool standards_of_ours(making *k, err *e) {
    const standard rows[] = {
#define STANDARD(n, k, start, min, hours)                                                                              \
    {.name = S(n),                                                                                                     \
     .kind = COMMITMENT_##k,                                                                                           \
     .starts = START_##start,                                                                                          \
     .minutes = (min),                                                                                                 \
     .clock = CLOCK_##hours,                                                                                           \
     .by = S("sample"),                                                                                                \
     .sample = true},
#include "jobs/company_rules.def"
    };
    const char *field;
    agreement open = {.name = S("Office hours"),
                      .hours = S("mon-fri 08:30-18:00"),
                      .country = S("DE"),
                      .by = S("sample"),
                      .sample = true};
    agreement_given all = {.by = S("sample"), .sample = true};
    int64_t customers;
    if (!store_int(k->s, Q_summary_count, &customers, 0, e, "")) return false;
    open.from_us = all.from_us = customers > SMALL ? k->now_us : k->now_us - STANDARD_DAYS * DAY_US;
    if (!agreement_check(&k->a, &open, &field, e) || !agreement_put(k->l, &open, e)) return false;
    all.agreement_id = open.id;
    if (!agreement_give(k->l, &all, e)) return false;
    for (size_t i = 0; i < COUNT(rows); i++) {
        standard x = rows[i];
        x.from_us = open.from_us;
        if (!standard_check(&x, &field, e) || !standard_put(k->l, &x, e)) return false;
    }
    return commitment_by_rule_since(k->s, open.from_us, e);
}

static bool policies(making *k, err *e) {
    const policy rows[] = {
#define POLICY(n, c, unit, kinds, holdout, what)                                                                       \
    {.name = S(n),                                                                                                     \
     .about = S(what),                                                                                                 \
     .cost = POLICY_COST_##c,                                                                                          \
     .unit_cost = (unit),                                                                                              \
     .of = (kinds),                                                                                                    \
     .holdout_bp = (holdout),                                                                                          \
     .reason = S("sample"),                                                                                            \
     .by = S("sample"),                                                                                                \
     .sample = true},
#include "jobs/company_rules.def"
    };
    economics costs = {.cost_bp = 5200,
                       .cost = -1,
                       .hour_rate = 2800,
                       .contact_s = 420,
                       .return_cost = 450,
                       .agents = 200,
                       .by = S("sample"),
                       .sample = true};
    const char *field;
    for (size_t i = 0; i < COUNT(rows); i++) {
        policy x = rows[i];
        x.from_us = k->now_us - STANDARD_DAYS * DAY_US;
        if (!policy_put(k->l, &k->a, &x, e)) return false;
    }
    return economics_put(k->l, &costs, &field, e);
}

static bool decide_all(making *k, err *e) {
    if (!store_begin(k->s, e)) return false;
    bool ok = lines(k, e) && envelopes(k, e) && standards_of_ours(k, e) && policies(k, e) &&
              settings_put(k->s, "sample_rules", S("made"), e) && ledger_commit(k->l, e);
    if (!ok) store_rollback(k->s);
    return ok;
}

// ---- what follows ----

static bool concede(making *k, const concession_ask *ask, const char *key, size_t i, concession_made *out, err *e) {
    concession_new n = {.ask = *ask, .key = str_fmt(&k->a, "%s:%zu", key, i), .sample = true};
    if (!concession_reserve(k->l, &k->a, &n, out, e)) return false;
    return out->state != CONCESSION_RESERVED || concession_commit(k->l, &k->a, out->id, n.ask.by, e);
}

// To customers who complained, in turn, until the month's goodwill is nearly used up.
static bool gifts(making *k, err *e) {
    const struct {
        enum concession_kind kind;
        int64_t amount;
        str reason;
    } rows[] = {
#define GIFT(k, much, why) {CONCEDE_##k, much, S(why)},
#include "jobs/company_rules.def"
    };
    people_card *who;
    size_t n;
    bool more;
    int64_t spent = 0;
    people_ask ask = {.sort = PEOPLE_complaints, .falling = true, .limit = COMPLAINERS, .now_us = k->now_us};
    if (!people_list(&k->a, k->s, &ask, &who, &n, &more, e)) return false;
    while (n && !who[n - 1].sum.complaints) n--;
    for (size_t i = 0; n && i < GIFTS && spent < BUDGET_NEAR; i++) {
        const people_card *to = &who[i % n];
        concession_made made;
        concession_ask x = {.kind = rows[i % COUNT(rows)].kind,
                            .customer = to->id,
                            .amount = rows[i % COUNT(rows)].amount,
                            .reason = rows[i % COUNT(rows)].reason,
                            .role = i % 5 ? S("agent") : S("manager"),
                            .by = str_c(staff[i % COUNT(staff)]),
                            .currency = EUR};
        redline_answer says; // in a small company the same few would get more than a line allows
        if (!redline_check(&k->a, k->s, &x, k->now_us, &says, e)) return false;
        if (says.verdict != REDLINE_ALLOWED) continue;
        if (!concede(k, &x, "sample-gift", i, &made, e)) return false;
        if (made.state == CONCESSION_RESERVED) spent += x.amount;
    }
    return true;
}

// Two that are more than their role may give.
static bool requests(making *k, err *e) {
    people_card *who;
    size_t n;
    bool more;
    people_ask ask = {.sort = PEOPLE_order_value, .falling = true, .limit = 4, .now_us = k->now_us};
    if (!people_list(&k->a, k->s, &ask, &who, &n, &more, e)) return false;
    for (size_t i = 0; i < MIN(n, (size_t)2); i++) {
        concession_made made;
        concession_ask x = {.customer = who[i].id, .role = S("agent"), .by = str_c(staff[5]), .currency = EUR};
        if (i == 0)
            x.kind = CONCEDE_discount, x.price = 48000, x.discount = 7200,
            x.reason = S("orders for the whole year if we come down by 15 %");
        else
            x.kind = CONCEDE_grant, x.amount = 4500,
            x.reason = S("two deliveries late in one month; a tasting for their team");
        if (!concede(k, &x, "sample-request", i, &made, e)) return false;
    }
    return true;
}

static bool gentle(making *k, err *e) {
    people_card *who;
    size_t n;
    bool more;
    people_ask ask = {.sort = PEOPLE_monthly_value, .falling = true, .limit = 3, .now_us = k->now_us};
    if (!people_list(&k->a, k->s, &ask, &who, &n, &more, e) || !n) return err_ok(e);
    hardship x = {.customer = who[n - 1].id,
                  .kind = HARDSHIP_cannot_pay,
                  .since_us = k->now_us,
                  .consent = true,
                  .consent_us = k->now_us,
                  .consent_how = S("by phone"),
                  .purpose = S("instalments instead of a reminder"),
                  .by = str_c(staff[0]),
                  .sample = true};
    return hardship_add(k->l, &k->a, &x, e);
}

static bool give_all(making *k, err *e) {
    if (!store_begin(k->s, e)) return false;
    bool ok = gifts(k, e) && requests(k, e) && gentle(k, e) && settings_put(k->s, "sample_rules", S("done"), e) &&
              ledger_commit(k->l, e);
    if (!ok) store_rollback(k->s);
    return ok && concessions_tell(k->l, NULL, e);
}

bool company_rules(ledger *l, err *e) {
    const world *w = ledger_world(l);
    making k = {.l = l, .s = ledger_store(l), .a = arena_open((size_t)1 << 30), .now_us = w->now_us(w)};
    str stage;
    bool ok = settings_get(&k.a, k.s, "sample_rules", &stage, e);
    if (ok && !stage.len) ok = decide_all(&k, e);
    if (ok && !str_eq(stage, S("done"))) ok = give_all(&k, e);
    arena_close(&k.a);
    return ok && ledger_flush(l, e);
}
