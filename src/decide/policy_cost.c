// What a policy costs: each customer's share of it, day by day, and what it sums up to.
#include <math.h>

#include "decide/policy_private.h"

#include "base/money.h"
#include "know/figure.h"
#include "know/fold.h"
#include "know/segment.h"
#include "sql/cli.h"
#include "sql/decide_care.h"
#include "sql/know.h"

enum { MOST_SPENT = 1 << 16, MOST_MONTHS = 60 };

// ---- what was conceded ----

typedef struct {
    int64_t customer, cost;
    int32_t day;
} conceded;

typedef struct {
    policy_pass *k;
    arena *a;
    const id_set *scope; // NULL: everybody
    policy *versions;    // the newest first
    size_t n_versions;
    conceded *given;
    size_t n_given, at;
    policy_spent *spent;
    size_t n_spent;
} passing;

static bool read_conceded(store *s, passing *x, err *e) {
    const policy *p = x->k->p;
    size_t room = 0;
    if (p->cost != POLICY_COST_concessions) return true;
    for (row r = store_query(s, Q_policy_concessions, e, "iii", p->id, (int64_t)p->of, p->from_us); row_next(&r);) {
        if (row_null(&r, 0)) continue;
        if (row_int(&r, 3) && row_int(&r, 3) != p->currency) {
            x->k->other_money++;
            continue;
        }
        if (x->n_given == room) {
            conceded *more = make(x->a, conceded, room = room ? room * 2 : 256);
            if (x->n_given) memcpy(more, x->given, x->n_given * sizeof *more);
            x->given = more;
        }
        x->given[x->n_given++] = (conceded){row_int(&r, 0), row_int(&r, 2), zone_days(x->k->z, row_int(&r, 1))};
    }
    return err_ok(e);
}

// ---- what follows from a timeline ----

static void spend(passing *x, int32_t day, int64_t cost) {
    const policy *p = x->k->p;
    if (day < zone_days(x->k->z, p->from_us) || (p->until_us && day >= zone_days(x->k->z, p->until_us))) return;
    if (day > zone_days(x->k->z, x->k->now_us) || x->n_spent == MOST_SPENT) return;
    x->spent[x->n_spent++] = (policy_spent){day, cost};
}

// What one time cost on a day, by the version that stood then; the first one also speaks of the time before it was
// made.
static int64_t each_on(const passing *x, int32_t day) {
    size_t i = 0;
    while (i + 1 < x->n_versions && zone_days(x->k->z, x->versions[i].made_us) > day) i++;
    return x->n_versions ? x->versions[i].unit_cost : x->k->p->unit_cost;
}

// The newest purchase on or before a day; INT32_MIN: none is known.
static int32_t bought_before(const timeline *t, int32_t day) {
    int32_t last = INT32_MIN;
    for (int32_t i = 0; i < t->n_purse && t->purse[i].day <= day; i++)
        if (timeline_is_purchase(t, &t->purse[i])) last = t->purse[i].day;
    return last;
}

// Later than the days that everybody has? What belongs to no order that is known counts as in time.
static bool is_late(const policy *p, const timeline *t, int32_t day) {
    const int32_t order = bought_before(t, day);
    return !p->after_days || (order != INT32_MIN && day - order > p->after_days);
}

// Interest on what is paid late: payments settle orders from the oldest on. cost = amount × days late × rate / 365.
static void spend_on_terms(passing *x, const timeline *t) {
    const policy *p = x->k->p;
    int32_t o = 0;
    int64_t left = 0; // of the order at hand
    bool open = false;
    for (int32_t i = 0; i < t->n_purse; i++) {
        const purse_entry *pay = &t->purse[i];
        if (pay->kind != KIND_payment || pay->unit != p->currency) continue;
        for (int64_t money = pay->value; money > 0;) {
            while (!open && o < t->n_purse &&
                   !(t->purse[o].kind == KIND_order && t->purse[o].unit == p->currency && t->purse[o].value > 0))
                o++;
            if (!open && (o == t->n_purse || t->purse[o].day > pay->day)) break;
            if (!open) left = t->purse[o].value, open = true;
            const int64_t part = MIN(left, money);
            const int32_t late = pay->day - t->purse[o].day - p->after_days;
            if (late > 0) spend(x, pay->day, llround((double)part * late * (double)each_on(x, pay->day) / 1e4 / 365));
            money -= part, left -= part;
            if (!left) open = false, o++;
        }
    }
}

static void spend_on(passing *x, const timeline *t, const purse_entry *b) {
    const policy *p = x->k->p;
    switch (p->cost) {
    case POLICY_COST_returns:
        if (b->kind == KIND_return_ && is_late(p, t, b->day))
            for (int32_t k = 0; k < b->count; k++) spend(x, b->day, each_on(x, b->day));
        break;
    case POLICY_COST_refunds:
        if (b->kind != KIND_refund || !is_late(p, t, b->day)) break;
        if (b->unit == p->currency)
            spend(x, b->day, b->value);
        else
            x->k->other_money += b->count;
        break;
    case POLICY_COST_orders:
        if (timeline_is_purchase(t, b))
            for (int32_t k = 0; k < b->count; k++) spend(x, b->day, each_on(x, b->day));
        break;
    case POLICY_COST_none:
    case POLICY_COST_concessions:
    case POLICY_COST_terms:
    case POLICY_COSTS: break;
    }
}

static void spend_all(passing *x, int64_t customer, const timeline *t) {
    x->n_spent = 0;
    while (x->at < x->n_given && x->given[x->at].customer < customer) x->at++;
    for (; x->at < x->n_given && x->given[x->at].customer == customer; x->at++)
        spend(x, x->given[x->at].day, x->given[x->at].cost);
    for (int32_t i = 0; i < t->n_purse; i++) spend_on(x, t, &t->purse[i]);
    if (x->k->p->cost == POLICY_COST_terms) spend_on_terms(x, t);
}

// ---- who is in scope ----

static bool add_member(void *ctx, const summary *x, err *e) {
    (void)e;
    id_set_add(ctx, x->customer_id);
    return true;
}

static bool read_scope(store *s, passing *x, err *e) {
    segment_row seg;
    segment_rule *r;
    char field[SEGMENT_FIELD_LEN];
    int64_t last = 0;
    err why = {0};
    if (!x->k->p->segment) return true;
    if (!segment_get_id(x->a, s, x->k->p->segment, &seg, e))
        return err_ok(e) ? fail(e, ERR_conflict, "the policy is for segment %" PRId64 ", which is gone; change it",
                                x->k->p->segment)
                         : false;
    if (!store_int(s, Q_profile_last, &last, 0, e, "") || !segment_read_text(x->a, s, seg.rule, seg.id, &r, field, e))
        return false;
    id_set *set = make(x->a, id_set, 1);
    *set = (id_set){.bits = make(x->a, uint64_t, last / 64 + 1), .n = last + 1};
    segment_ask ask = {.rule = r, .now_us = x->k->scope_us, .past = true, .take = add_member, .ctx = set};
    x->scope = set;
    if (x->k->scope_us && x->k->scope_us < x->k->now_us && segment_scan(s, &ask, &why)) return true;
    if (!err_ok(&why) && why.code != ERR_invalid) return *e = why, false;
    x->k->scope_now = x->k->scope_us != 0;
    memset(set->bits, 0, (size_t)(last / 64 + 1) * sizeof *set->bits);
    ask.now_us = x->k->now_us, ask.past = false;
    return segment_scan(s, &ask, e);
}

static bool take_customer(passing *x, arena a, const row *r, err *e) {
    timeline t;
    policy_seen seen = {.customer = row_int(r, 0), .t = &t};
    seen.scope = !x->scope || id_set_has(x->scope, seen.customer);
    if (!seen.scope && !x->k->outside) return true;
    if (!timeline_decode(&a, row_str(r, 25), &t, e)) return false;
    seen.under = seen.scope && policy_holds(x->k->p, seen.customer);
    if (seen.under) {
        spend_all(x, seen.customer, &t);
        seen.spent = x->spent, seen.n_spent = x->n_spent;
    }
    return x->k->each(x->k->ctx, &seen, e);
}

bool policy_scan(store *s, policy_pass *k, err *e) {
    arena a = arena_open((size_t)1 << 34);
    passing x = {.k = k, .a = &a};
    x.spent = make(&a, policy_spent, MOST_SPENT);
    if (policy_history(&a, s, k->p->id, &x.versions, &x.n_versions, e) && read_conceded(s, &x, e) &&
        read_scope(s, &x, e)) {
        arena row_life = a;
        for (row r = store_query(s, Q_summary_scan, e, ""); row_next(&r);)
            if (!take_customer(&x, row_life, &r, e)) row_end(&r);
    }
    arena_close(&a);
    return err_ok(e);
}

int64_t policy_start_us(const policy *versions, size_t n) {
    size_t i = 0;
    while (i + 1 < n && versions[i + 1].segment == versions[0].segment &&
           versions[i + 1].holdout_bp == versions[0].holdout_bp && !versions[i + 1].retired)
        i++;
    // A first version may speak of what has held for long; a hold-out begins when it is decided on.
    const bool told_later = i + 1 < n || versions[i].holdout_bp;
    return told_later ? MAX(versions[i].from_us, versions[i].made_us) : versions[i].from_us;
}

// ---- the bill ----

typedef struct {
    policy_bill *b;
    int32_t first; // number of the first month
    double *sum, *squares;
    double all, all_squares, *mine;
    int64_t *times;
    arena *a;
} billing;

static int32_t month_no(int32_t day) {
    const ymd d = ymd_of(day);
    return d.year * 12 + d.month - 1;
}

static bool bill_customer(void *ctx, const policy_seen *x, err *e) {
    billing *k = ctx;
    (void)e;
    if (!x->under) return true;
    double total = 0;
    bool any = false;
    k->b->scope++;
    memset(k->mine, 0, k->b->n * sizeof *k->mine);
    memset(k->times, 0, k->b->n * sizeof *k->times);
    for (size_t i = 0; i < x->n_spent; i++) {
        const int32_t m = month_no(x->spent[i].day) - k->first;
        if (m < 0 || (size_t)m >= k->b->n) continue;
        k->mine[m] += (double)x->spent[i].cost, k->times[m]++, any = true;
    }
    for (size_t m = 0; m < k->b->n; m++) {
        k->b->months[m].times += k->times[m], k->b->months[m].customers += k->times[m] > 0;
        k->b->times += k->times[m];
        k->sum[m] += k->mine[m], k->squares[m] += k->mine[m] * k->mine[m], total += k->mine[m];
    }
    k->all += total, k->all_squares += total * total, k->b->customers += any;
    return true;
}

// The sum over customers who come by chance, each with what they cost: its variance is the sum of squares (compound
// Poisson; Klugman, Panjer & Willmot 2012, Loss Models, 9.3).
static estimate sum_of(arena *a, double sum, double squares, int64_t n) {
    estimate e = {.method = "compound Poisson", .value = sum, .point = sum, .var = squares};
    estimate_judge(a, &e, (sampling){.of = "customer"}, n);
    const double half = Z95 * sqrt(squares);
    e.lo = MAX(sum - half, 0.0), e.hi = sum + half;
    if (!n) e = estimate_none("compound Poisson", "nobody has used it");
    return e;
}

static void per_customer(policy_bill *b) {
    estimate *e = &b->per_customer;
    const double parts = (double)b->scope * (double)b->n;
    *e = b->total;
    if (b->scope <= 0 || !estimate_shown(e)) return;
    e->value /= parts, e->lo /= parts, e->hi /= parts, e->point /= parts, e->var /= parts * parts;
}

bool policy_bill_read(arena *a, store *s, const policy *p, int64_t now_us, int months, policy_bill *out, err *e) {
    zone *z;
    if (!store_zone(s, a, &z, e)) return false;
    const int64_t end_us = p->until_us ? MIN(now_us, p->until_us - 1) : now_us;
    const int32_t last = month_no(zone_days(z, end_us)), from = month_no(zone_days(z, p->from_us));
    const int n = MIN(MIN(months > 0 ? months : 12, MOST_MONTHS), MAX(last - from + 1, 0));
    *out = (policy_bill){.months = make(a, policy_month, n + 1), .n = (size_t)n, .currency = p->currency};
    billing k = {.b = out, .first = last - n + 1, .a = a, .times = make(a, int64_t, n + 1)};
    k.sum = make(a, double, n + 1), k.squares = make(a, double, n + 1), k.mine = make(a, double, n + 1);
    policy_pass pass = {.p = p, .z = z, .now_us = now_us, .each = bill_customer, .ctx = &k};
    if (!policy_scan(s, &pass, e)) return false;
    for (int m = 0; m < n; m++) {
        policy_month *x = &out->months[m];
        const int32_t no = k.first + m;
        x->day = days_of((ymd){no / 12, (int8_t)(no % 12 + 1), 1});
        x->cost = sum_of(a, k.sum[m], k.squares[m], x->customers);
    }
    out->total = sum_of(a, k.all, k.all_squares, out->customers);
    out->other_currency = pass.other_money;
    per_customer(out);
    return true;
}

void policy_bill_json(json_out *j, const char *key, const policy_bill *b) {
    const currency *c = currency_by_number(b->currency);
    json_open(j, key, '{');
    json_put_str(j, "currency", str_c(c ? c->code : ""));
    json_put_int(j, "scope", b->scope);
    json_put_int(j, "customers", b->customers);
    json_put_int(j, "times", b->times);
    figure_json(j, "total", &b->total);
    figure_json(j, "per_customer_month", &b->per_customer);
    json_put_int(j, "other_currency", b->other_currency);
    json_open(j, "months", '[');
    for (size_t i = 0; i < b->n; i++) {
        char day[16];
        const ymd d = ymd_of(b->months[i].day);
        snprintf(day, sizeof day, "%04d-%02d", (int)d.year, (int)d.month);
        json_open(j, NULL, '{');
        json_put_str(j, "month", str_c(day));
        json_put_int(j, "times", b->months[i].times);
        json_put_int(j, "customers", b->months[i].customers);
        figure_json(j, "cost", &b->months[i].cost);
        json_close(j, '}');
    }
    json_close(j, ']');
    json_close(j, '}');
}
