// What a policy does: by its hold-out, or by the difference of differences to customers outside its scope.
#include <math.h>

#include "decide/policy_private.h"

#include "base/money.h"
#include "know/figure.h"
#include "know/fold.h"
#include "stats/dist.h"
#include "stats/proportion.h"
#include "stats/spread.h"

enum { STRETCH = 30, BEFORE = 6, SINCE = 12, LATELY = 365 };

static const char *policy_by_name(enum policy_by b) {
    static const char *const names[] = {"nothing", "holdout", "differences"};
    return names[b];
}

static const char *policy_verdict_name(enum policy_verdict v) {
    static const char *const names[] = {"cannot_tell", "no_difference", "keeps", "loses"};
    return names[v];
}

// ---- what a customer did ----

static double net_between(const policy_seen *x, int32_t unit, int32_t from, int32_t to) { // from <= day < to
    double sum = 0;
    for (int32_t i = 0; i < x->t->n_purse; i++) {
        const purse_entry *p = &x->t->purse[i];
        if (p->day < from || p->day >= to || p->unit != unit) continue;
        if (timeline_is_purchase(x->t, p)) sum += (double)p->value;
        if (p->kind == KIND_refund || p->kind == KIND_cancel) sum -= (double)p->value;
    }
    return sum;
}

static double cost_between(const policy_seen *x, int32_t from, int32_t to) {
    double sum = 0;
    for (size_t i = 0; i < x->n_spent; i++)
        if (x->spent[i].day >= from && x->spent[i].day < to) sum += (double)x->spent[i].cost;
    return sum;
}

static bool bought_between(const timeline *t, int32_t from, int32_t to) {
    for (int32_t i = 0; i < t->n_purse; i++)
        if (t->purse[i].day >= from && t->purse[i].day < to && timeline_is_purchase(t, &t->purse[i])) return true;
    return false;
}

static int32_t first_bought(const timeline *t) {
    for (int32_t i = 0; i < t->n_purse; i++)
        if (timeline_is_purchase(t, &t->purse[i])) return t->purse[i].day;
    return INT32_MAX;
}

// Bought, or under contract at the end of it.
static bool kept_between(const policy_seen *x, const zone *z, int32_t from, int32_t to) {
    int64_t monthly;
    return bought_between(x->t, from, to) ||
           (x->t->n_contracts && contract_at(x->t, zone_day_start_us(z, to), &monthly));
}

// A customer at the start of a day: bought in the year before, or under contract.
static bool was_customer(const policy_seen *x, const zone *z, int32_t day) {
    int64_t monthly;
    return bought_between(x->t, day - LATELY, day) ||
           (x->t->n_contracts && contract_at(x->t, zone_day_start_us(z, day), &monthly));
}

// ---- by hold-out ----

typedef struct {
    int64_t n, kept;
    double value, value_sq, cost, cost_sq, cost_kept;
} arm;

typedef struct {
    const policy *p;
    const zone *z;
    arena units; // what take_unit keeps
    int32_t start, end, days;
    arm arms[2]; // held out, gets it
    did_unit *kept, *value;
    int32_t before, since; // stretches
    double cost, cost_sq;
    int64_t n, room, treated;
    int64_t scope, outside; // customers of both kinds
} measuring;

// Everybody in scope who was a customer when it began, or came since and has had the time to stay or go. Whoever is
// held out is counted so from the same day on, whatever they did (intention to treat).
static bool take_arm(void *ctx, const policy_seen *x, err *e) {
    measuring *k = ctx;
    (void)e;
    int32_t since = k->start;
    if (!was_customer(x, k->z, k->start)) since = MAX(first_bought(x->t), k->start);
    if (since == INT32_MAX || since > k->end - k->days) return true;
    arm *m = &k->arms[x->under];
    const double cost = cost_between(x, since, k->end), value = net_between(x, k->p->currency, since, k->end) - cost;
    const bool kept = kept_between(x, k->z, k->end - k->days, k->end);
    m->n++, m->kept += kept;
    m->value += value, m->value_sq += value * value;
    m->cost += cost, m->cost_sq += cost * cost, m->cost_kept += cost * kept;
    return true;
}

static void set_need(policy_effect *x) {
    const double aim = POLICY_TELL_BP / 1e4;
    if (!(x->tells > aim)) return;
    const double more = (x->tells / aim) * (x->tells / aim) - 1;
    x->need = (int64_t)ceil(MIN(more * (double)(x->with + x->without), 1e12));
}

static void cost_per_kept(arena *a, policy_effect *x, const arm *m, double diff) {
    const double n = (double)m->n, mean = m->cost / n, kept = (double)m->kept / n;
    const did_parts parts = {.top = mean,
                             .top_var = (m->cost_sq / n - mean * mean) / n,
                             .low = diff,
                             .low_var = x->kept[0].var + x->kept[1].var,
                             .cov = (m->cost_kept / n - mean * kept) / n,
                             .n = m->n};
    x->cost = spread_mean_of(a, m->n, m->cost, m->cost_sq, (sampling){.need = DID_UNITS, .of = "customer"});
    x->per_kept = did_ratio(&parts);
}

static bool by_holdout(arena *a, store *s, measuring *k, policy_pass *pass, policy_effect *x, err *e) {
    pass->each = take_arm, pass->ctx = k;
    if (!policy_scan(s, pass, e)) return false;
    const sampling many = {.need = DID_UNITS, .of = "customer"};
    for (int g = 0; g < 2; g++) {
        x->kept[g] = proportion(a, k->arms[g].kept, k->arms[g].n, many);
        x->value[g] = spread_mean_of(a, k->arms[g].n, k->arms[g].value, k->arms[g].value_sq, many);
    }
    x->without = k->arms[0].n, x->with = k->arms[1].n;
    x->kept_more = proportion_change(&x->kept[1], &x->kept[0]);
    x->value_more = spread_mean_change(&x->value[1], &x->value[0]);
    x->tells = did_tells(sqrt(x->kept[0].var + x->kept[1].var));
    if (!x->with || !x->without) {
        x->why = "nobody has been under it, or held out, for long enough";
        return true;
    }
    if (x->kept[0].state == ESTIMATE_THIN) x->why = x->kept[0].why;
    if (x->kept[1].state == ESTIMATE_THIN) x->why = x->kept[1].why;
    set_need(x);
    cost_per_kept(a, x, &k->arms[1], x->kept_more.diff);
    return true;
}

// ---- by difference in differences ----

static void panel_of(measuring *k, const policy_seen *x, did_unit *kept, did_unit *value) {
    double cost = 0;
    *kept = *value = (did_unit){.treated = x->scope};
    for (int32_t b = -k->before; b < k->since; b++) {
        const int32_t from = k->start + b * STRETCH, to = from + STRETCH;
        const double spent = b < 0 ? 0 : cost_between(x, from, to);
        did_add(kept, b, b >= 0, kept_between(x, k->z, from, to));
        did_add(value, b, b >= 0, net_between(x, k->p->currency, from, to) - spent);
        cost += spent / k->since;
    }
    if (x->scope) k->cost += cost, k->cost_sq += cost * cost, k->treated++;
}

// Those who were customers before the first stretch: chosen by nothing that is measured.
static bool take_unit(void *ctx, const policy_seen *x, err *e) {
    measuring *k = ctx;
    (void)e;
    k->scope += x->scope, k->outside += !x->scope;
    if (!was_customer(x, k->z, k->start - k->before * STRETCH)) return true;
    if (k->n == k->room) {
        const int64_t room = k->room ? k->room * 2 : 1024;
        did_unit *kept = make(&k->units, did_unit, room), *value = make(&k->units, did_unit, room);
        if (k->n)
            memcpy(kept, k->kept, (size_t)k->n * sizeof *kept), memcpy(value, k->value, (size_t)k->n * sizeof *value);
        k->kept = kept, k->value = value, k->room = room;
    }
    panel_of(k, x, &k->kept[k->n], &k->value[k->n]);
    k->n++;
    return true;
}

// Its range holds both ways: if the groups had moved alike, and if their trends before had gone on.
static change change_of(const did *d) {
    change c = {d->effect.value, d->effect.lo, d->effect.hi, d->p, "difference in differences"};
    if (!estimate_shown(&d->effect)) return change_none();
    if (!estimate_shown(&d->beyond)) return c;
    c.lo = MIN(c.lo, d->beyond.lo), c.hi = MAX(c.hi, d->beyond.hi);
    if (d->beyond.var > 0) c.p = fmax(c.p, dist_normal_both(d->beyond.value / sqrt(d->beyond.var)));
    return c;
}

static void differences(arena *a, measuring *k, policy_effect *x) {
    const did kept = did_of(a, k->kept, (size_t)k->n), value = did_of(a, k->value, (size_t)k->n);
    x->without = kept.units[0], x->with = kept.units[1];
    for (int g = 0; g < 2; g++) x->kept[g] = kept.since[g], x->value[g] = value.since[g];
    x->kept_more = change_of(&kept), x->value_more = change_of(&value);
    x->trend = kept.trend, x->trend_p = kept.trend_p;
    const double se = estimate_shown(&kept.effect) ? (x->kept_more.hi - x->kept_more.lo) / (2 * Z95) : NAN;
    x->tells = did_tells(se);
    x->why = kept.effect.state == ESTIMATE_OK ? NULL : kept.effect.why;
    x->cost = spread_mean_of(a, k->treated, k->cost, k->cost_sq, (sampling){.need = DID_UNITS, .of = "customer"});
    if (!estimate_shown(&kept.effect) || k->treated < 2) return;
    set_need(x);
    x->per_kept = did_ratio(&(did_parts){
        .top = x->cost.value, .top_var = x->cost.var, .low = kept.effect.value, .low_var = se * se, .n = k->treated});
}

static bool by_differences(arena *a, store *s, measuring *k, policy_pass *pass, policy_effect *x, err *e) {
    k->units = arena_open((size_t)1 << 34);
    pass->each = take_unit, pass->ctx = k, pass->outside = true;
    bool ok = policy_scan(s, pass, e);
    if (ok) differences(a, k, x);
    if (ok && !k->outside) x->by = POLICY_BY_NOTHING, x->why = "everybody gets it; give it a hold-out";
    arena_close(&k->units);
    return ok;
}

// ---- the verdict ----

static void decide(policy_effect *x) {
    const change *c = &x->kept_more;
    x->verdict = POLICY_CANNOT_TELL;
    if (x->why || !c->method || isnan(c->diff)) return;
    if (c->lo > 0)
        x->verdict = POLICY_KEEPS;
    else if (c->hi < 0)
        x->verdict = POLICY_LOSES;
    else if (!x->need)
        x->verdict = POLICY_NO_DIFFERENCE;
}

static str money_of(arena *a, double minor, int32_t unit) {
    return money_str(a, llround(MAX(MIN(minor, 9e15), -9e15)), currency_by_number(unit));
}

static str share_of(arena *a, double v) {
    return figure_value(a, UNIT_SHARE, v);
}

static void say_price(buf *b, arena *a, const policy_effect *x) {
    const bool hold = x->by == POLICY_BY_HOLDOUT;
    const char *what = hold ? "One more customer kept" : "One more customer kept active for 30 days";
    if (x->cost.value == 0 && x->cost.hi == 0) return buf_add(b, S(" It has cost nothing so far."));
    if (x->per_kept.state != ESTIMATE_OK) return;
    buf_fmt(b, " %s costs %.*s, likely %.*s to %.*s.", what, STR_ARG(money_of(a, x->per_kept.value, x->currency)),
            STR_ARG(money_of(a, x->per_kept.lo, x->currency)), STR_ARG(money_of(a, x->per_kept.hi, x->currency)));
}

static void say_value(buf *b, arena *a, const policy_effect *x) {
    const change *c = &x->value_more;
    if (!c->method || isnan(c->diff)) return;
    const char *sure = c->lo > 0 ? "more" : c->hi < 0 ? "less" : NULL;
    str lo = money_of(a, c->lo, x->currency), hi = money_of(a, c->hi, x->currency);
    if (sure)
        buf_fmt(b, " After its cost a customer with it brings %.*s %s%s (%.*s to %.*s).",
                STR_ARG(money_of(a, fabs(c->diff), x->currency)), sure, x->by == POLICY_BY_HOLDOUT ? "" : " in 30 days",
                STR_ARG(lo), STR_ARG(hi));
    else
        buf_fmt(b, " What a customer brings after its cost differs by no more than chance (%.*s to %.*s).", STR_ARG(lo),
                STR_ARG(hi));
}

static void say_cannot(buf *b, const policy_effect *x) {
    buf_add(b, S("Cannot tell yet: "));
    if (x->why)
        buf_add(b, str_c(x->why));
    else
        buf_fmt(b, "the difference is likely %.1f to %.1f points", x->kept_more.lo * 100, x->kept_more.hi * 100);
    if (x->need) buf_fmt(b, "; about %" PRId64 " more customers are needed to see a difference of 5 points", x->need);
    buf_addc(b, '.');
}

static str words_of(arena *a, const policy_effect *x) {
    buf b = buf_new(a, 4096);
    arena t = arena_open(1 << 16);
    const change *c = &x->kept_more;
    const char *what = x->by == POLICY_BY_HOLDOUT ? "are still here" : "are active in 30 days";
    if (x->verdict == POLICY_CANNOT_TELL) {
        say_cannot(&b, x);
    } else {
        const double with = x->kept[1].value;
        const double without = with - c->diff; // by differences: what would have been
        buf_fmt(&b,
                "Of %" PRId64
                " customers with it %.*s %s; without it %s %.*s: a difference of %.1f points, likely %.1f to %.1f.",
                x->with, STR_ARG(share_of(&t, with)), what, x->by == POLICY_BY_HOLDOUT ? "it is" : "it would be",
                STR_ARG(share_of(&t, without)), c->diff * 100, c->lo * 100, c->hi * 100);
        if (x->verdict == POLICY_NO_DIFFERENCE) buf_add(&b, S(" That is no difference that matters."));
        if (x->verdict == POLICY_LOSES) buf_add(&b, S(" It does not keep customers."));
        if (x->verdict == POLICY_KEEPS) say_price(&b, &t, x);
        say_value(&b, &t, x);
    }
    arena_close(&t);
    return buf_str(&b);
}

// ---- all of it ----

static void begin(measuring *k, policy_effect *x, const policy *p, const zone *z, int64_t start_us, int64_t end_us) {
    k->start = zone_days(z, start_us), k->end = zone_days(z, end_us);
    k->days = x->days, k->before = BEFORE;
    k->since = MIN((k->end - k->start) / STRETCH, SINCE);
    x->measured = (time_span){start_us, end_us};
    x->by = p->holdout_bp ? POLICY_BY_HOLDOUT : POLICY_BY_DIFFERENCES;
    if (x->by == POLICY_BY_DIFFERENCES && k->since < 1) x->why = "it has not held for 30 days yet";
    if (x->by == POLICY_BY_HOLDOUT && k->end - k->start < k->days)
        x->why = "its hold-out is younger than the time to stay";
}

bool policy_effect_read(arena *a, store *s, const policy *p, int64_t now_us, int days, policy_effect *out, err *e) {
    zone *z;
    policy *all;
    size_t n;
    const estimate none = estimate_none("", "nothing is measured yet");
    *out =
        (policy_effect){.days = days > 0 ? days : POLICY_DAYS, .currency = p->currency, .trend_p = NAN, .tells = NAN};
    out->kept[0] = out->kept[1] = out->value[0] = out->value[1] = out->cost = out->per_kept = out->trend = none;
    out->kept_more = out->value_more = change_none();
    if (!store_zone(s, a, &z, e) || !policy_history(a, s, p->id, &all, &n, e)) return false;
    const int64_t end_us = p->until_us ? MIN(now_us, p->until_us) : now_us;
    measuring k = {.p = p, .z = z};
    begin(&k, out, p, z, policy_start_us(all, n), end_us);
    // Who is in a segment by what they bought lately has bought more than usual lately, and will buy less by chance
    // alone. So it is asked of the time before anything that is measured.
    const int64_t ahead_us = out->by == POLICY_BY_DIFFERENCES ? BEFORE * STRETCH * DAY_US : 0;
    policy_pass pass = {.p = p, .z = z, .scope_us = out->measured.since_us - ahead_us, .now_us = now_us};
    bool ok = out->why || (out->by == POLICY_BY_HOLDOUT ? by_holdout(a, s, &k, &pass, out, e)
                                                        : by_differences(a, s, &k, &pass, out, e));
    out->scope_now = pass.scope_now;
    decide(out);
    out->words = words_of(a, out);
    return ok;
}

void policy_effect_json(json_out *j, const char *key, const policy_effect *x) {
    const currency *c = currency_by_number(x->currency);
    json_open(j, key, '{');
    json_put_str(j, "by", str_c(policy_by_name(x->by)));
    json_put_str(j, "verdict", str_c(policy_verdict_name(x->verdict)));
    json_put_str(j, "words", x->words);
    json_put_time(j, "since", x->measured.since_us);
    json_put_time(j, "until", x->measured.until_us);
    json_put_int(j, "days", x->days);
    json_put_bool(j, "scope_now", x->scope_now);
    json_put_int(j, "with", x->with);
    json_put_int(j, "without", x->without);
    figure_json(j, "kept_with", &x->kept[1]);
    figure_json(j, "kept_without", &x->kept[0]);
    figure_change_json(j, "kept_more", &x->kept_more);
    json_put_str(j, "currency", str_c(c ? c->code : ""));
    figure_json(j, "value_with", &x->value[1]);
    figure_json(j, "value_without", &x->value[0]);
    figure_change_json(j, "value_more", &x->value_more);
    figure_json(j, "cost", &x->cost);
    figure_json(j, "per_kept", &x->per_kept);
    figure_json(j, "trend", &x->trend);
    json_put_num(j, "trend_p", x->trend_p);
    json_put_num(j, "tells", x->tells);
    json_put_int(j, "need", x->need);
    json_close(j, '}');
}
