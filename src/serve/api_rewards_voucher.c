// Vouchers: issued, held for an order, redeemed, let go; why customers came; and growth that they earned us.
#include "serve/api_rewards.h"

#include <math.h>

#include "act/referral_note.h"
#include "act/reward_show.h"
#include "act/voucher.h"
#include "know/measure.h"
#include "sql/act_reward.h"

bool vouchers_page(call *c, err *e) {
    paging p;
    int64_t n = 0, id = 0;
    if (!page_open(c, &p, e)) return false;
    row r = store_query(c->s, Q_voucher_list, e, "iii", p.first ? INT64_MAX : p.after[0], in_int(c, "customer", 0),
                        p.limit + 1);
    for (; row_next(&r); n++) {
        if (n >= p.limit) continue;
        voucher v = voucher_read(c->a, &r);
        voucher_json(&c->out, NULL, &v, c->now_us);
        id = v.id;
    }
    page_close(c, &p, n > p.limit, id, 0);
    return err_ok(e);
}

static bool put_voucher(call *c, const voucher *v) {
    voucher_json(&c->out, NULL, v, c->now_us);
    return true;
}

// A code is as good as money, so whoever looks at one is noted.
bool vouchers_show(call *c, err *e) {
    int64_t id;
    voucher v;
    return param_id(c, 0, &id, e) && voucher_get(c->a, c->s, id, &v, e) &&
           audit(c, "voucher.look", str_fmt(c->a, "voucher:%" PRId64, v.id), S(""), e) && put_voucher(c, &v);
}

bool vouchers_find(call *c, err *e) {
    voucher v;
    return voucher_find(c->a, c->s, in_str(c, "code"), &v, e) &&
           audit(c, "voucher.look", str_fmt(c->a, "voucher:%" PRId64, v.id), S(""), e) && put_voucher(c, &v);
}

static bool note(call *c, const char *action, const voucher *v, err *e) {
    voucher_json(&c->out, NULL, v, c->now_us);
    return store_begin(c->s, e) && audit(c, action, str_fmt(c->a, "voucher:%" PRId64, v->id), S(""), e) &&
           ledger_commit(know_ledger(c->d->k), e);
}

bool vouchers_issue(call *c, err *e) {
    voucher v;
    double percent = json_number_value(json_object_get(c->in, "percent"));
    voucher_new n = {.customer = in_int(c, "customer", 0),
                     .value = in_int(c, "value", 0),
                     .least = in_int(c, "least", 0),
                     .points = in_int(c, "points", 0),
                     .why = str_trim(in_str(c, "why")),
                     .disclosure = in_str(c, "disclosure"),
                     .by = who_text(c->a, &c->who),
                     .role = c->who.role,
                     .key = in_str(c, "key")};
    if (in_has(c, "percent") && !(percent > 0 && percent <= 100))
        return fail_field(c, e, "percent", "'percent' must be above 0 and at most 100");
    n.share_bp = (int32_t)lround(percent * 100);
    if (n.value <= 0)
        return fail_field(c, e, "value", "'value' must be above 0; of a percentage it is the most that it takes off");
    if (!reward_unit_in(c, "currency", &n.currency, e) || !moment_in(c, "from", in_str(c, "from"), &n.from_us, e) ||
        !reward_end_in(c, "until", &n.until_us, e) || !voucher_issue(know_ledger(c->d->k), c->a, &n, &v, e))
        return false;
    call_status(c, 201);
    call_location(c, str_fmt(c->a, "/api/vouchers/%" PRId64, v.id));
    return note(c, "voucher.issue", &v, e);
}

bool vouchers_hold(call *c, err *e) {
    voucher v;
    voucher_use u = {.code = in_str(c, "code"),
                     .order = str_trim(in_str(c, "order")),
                     .minor = in_int(c, "value", 0),
                     .customer = in_int(c, "customer", 0),
                     .hold_s = in_int(c, "hold_s", 0)};
    return reward_unit_in(c, "currency", &u.currency, e) && voucher_hold(know_ledger(c->d->k), c->a, &u, &v, e) &&
           note(c, "voucher.hold", &v, e);
}

typedef bool (*voucher_fn)(ledger *l, arena *a, int64_t id, str by, voucher *out, err *e);
static bool with(call *c, voucher_fn fn, const char *action, err *e) {
    int64_t id;
    voucher v;
    return param_id(c, 0, &id, e) && fn(know_ledger(c->d->k), c->a, id, who_text(c->a, &c->who), &v, e) &&
           note(c, action, &v, e);
}

bool vouchers_redeem(call *c, err *e) {
    return with(c, voucher_redeem, "voucher.redeem", e);
}
bool vouchers_release(call *c, err *e) {
    return with(c, voucher_release, "voucher.release", e);
}
bool vouchers_cancel(call *c, err *e) {
    return with(c, voucher_cancel, "voucher.cancel", e);
}

// ---- why customers came ----

bool referrals_page(call *c, err *e) {
    paging p;
    referral_link *links;
    size_t n;
    if (!page_open(c, &p, e) || !referral_graph(c->a, c->s, &links, &n, e)) return false;
    size_t from = p.first ? 0 : (size_t)MAX(p.after[0], 0), to = MIN(n, from + (size_t)p.limit);
    for (size_t i = from; i < to; i++) referral_json(&c->out, NULL, &links[i]);
    page_close(c, &p, to < n, (int64_t)to, 0);
    return true;
}

static bool put_referral(call *c, int64_t customer, err *e) {
    referral_link *links;
    size_t n;
    if (!referral_graph(c->a, c->s, &links, &n, e)) return false;
    for (size_t i = 0; i < n; i++)
        if (links[i].customer == customer) return referral_json(&c->out, NULL, &links[i]), true;
    return fail(e, ERR_internal, "a referral was noted and is not there");
}

bool referrals_add(call *c, err *e) {
    referral_note n = {.customer = in_int(c, "customer", 0),
                       .what = referral_what_of(in_str(c, "what")),
                       .referrer = in_int(c, "referrer", 0),
                       .words = str_trim(in_str(c, "words")),
                       .by = who_text(c->a, &c->who),
                       .asked = in_bool(c, "asked")};
    str detail = str_fmt(c->a, "{\"what\":\"%s\"}", referral_what_name(n.what));
    if (!moment_in(c, "at", in_str(c, "at"), &n.at_us, e) || !referral_write(know_ledger(c->d->k), c->a, &n, e) ||
        !store_begin(c->s, e) || !audit(c, "referral.add", str_fmt(c->a, "customer:%" PRId64, n.customer), detail, e) ||
        !ledger_commit(know_ledger(c->d->k), e))
        return false;
    call_status(c, 201);
    return put_referral(c, n.customer, e);
}

bool referrals_growth(call *c, err *e) {
    earned_growth g;
    int64_t until;
    bool historic;
    if (!moment_in(c, "until", in_str(c, "until"), &until, e)) return false;
    if (!store_begin_read(c->s, e) || (!until && !as_of_us(c->s, c->now_us, &until, &historic, e))) return false;
    if (!earned_growth_read(c->a, c->s, until, &g, e)) return false;
    growth_json(&c->out, NULL, &g);
    return true;
}
