// Rules made ready, and asked of one customer after the other.
#include "know/segment_private.h"

#include "base/money.h"
#include "know/feedback.h"
#include "know/fold.h"
#include "know/person.h"
#include "sql/cli.h"
#include "sql/serve_know.h"

// ---- making ready ----

// Complaints and feedback of some days, or until a day, are counted among what was said.
static bool of_feedback(const rule_test *t) {
    return t->field->column == COLUMN_complaints || t->field->column == COLUMN_feedback;
}

static bool is_core(enum summary_column c) {
    switch (c) {
    case COLUMN_customer:
    case COLUMN_first_us:
    case COLUMN_last_us:
    case COLUMN_currency:
    case COLUMN_orders:
    case COLUMN_order_value:
    case COLUMN_last_order_us:
    case COLUMN_complaints:
    case COLUMN_waiting_us:
    case COLUMN_contract_since:
    case COLUMN_contract_until:
    case COLUMN_monthly_value:
    case COLUMN_channels: return true;
    default: return false;
    }
}

static void need(segment_rule *r, rule_test *t) {
    bool side = of_feedback(t);
    r->said |= side && t->in_days;
    switch (t->field->from) {
    case FROM_COUNTRY:
    case FROM_SEGMENT:
    case FROM_LANG:
    case FROM_ORIGIN: r->facts = side = true; break;
    case FROM_IDENT: r->idents = side = true; break;
    case FROM_VALUE:
    case FROM_SCORE:
    case FROM_MEAN_SCORE: r->state = true; break;
    case FROM_MOOD: r->all_columns = true; break;
    case FROM_COLUMN:
    case FROM_WAITING:
    case FROM_CONTRACT:
    case FROM_CHANNEL:
    case FROM_CURRENCY:
        r->state |= t->in_days && !side;
        r->all_columns |= !is_core(t->field->column);
        break;
    }
    t->side = side ? r->n_sides++ : -1;
}

// Where evaluation begins for a node, when `yes` and `no` are where it goes on: all, any and not disappear.
static int32_t lead(segment_rule *r, int32_t node, int32_t yes, int32_t no) {
    const rule_node *n = &r->nodes[node];
    int32_t children[MOST_NODES], k = 0, to = n->kind == NODE_ANY ? no : yes;
    switch (n->kind) {
    case NODE_TEST: r->tests[n->test].yes = yes, r->tests[n->test].no = no; return n->test;
    case NODE_NOT: return lead(r, n->child, no, yes);
    case NODE_SEGMENT: return lead(r, n->child, yes, no);
    case NODE_ALL:
    case NODE_ANY: break;
    }
    for (int32_t c = n->child; c >= 0; c = r->nodes[c].next) children[k++] = c;
    while (k-- > 0) to = n->kind == NODE_ALL ? lead(r, children[k], to, no) : lead(r, children[k], yes, to);
    return to;
}

void segment_compile(segment_rule *r) {
    for (int32_t i = 0; i < r->n_tests; i++) need(r, &r->tests[i]);
    r->start = lead(r, r->root, ACCEPT, REJECT);
}

bool segment_asks(const segment_rule *r, const char *field) {
    for (int32_t i = 0; i < r->n_tests; i++)
        if (!strcmp(r->tests[i].field->shown.name, field)) return true;
    return false;
}

// ---- the time of asking ----

// Days count by the calendar: at least n days ago is before the day after that day began.
static void days_to_times(const asking *k, bounds *b) {
    int64_t lo = b->lo, hi = b->hi;
    b->hi = lo <= -MOST_DAYS ? INT64_MAX : zone_day_start_us(k->z, k->today - (int32_t)lo + 1) - 1;
    b->lo = hi >= MOST_DAYS ? INT64_MIN : zone_day_start_us(k->z, k->today - (int32_t)hi);
}

// A time, or the day that it is: [at, end].
static void time_given(const asking *k, const rule_test *t, int64_t *at, int64_t *end) {
    *at = 0;
    (void)time_parse(t->text, k->z, 0, at);
    *end = *at;
    if (t->text.len == 10) {
        int32_t day = zone_days(k->z, *at);
        *at = zone_day_start_us(k->z, day), *end = zone_day_start_us(k->z, day + 1) - 1;
    }
}

static bounds bounds_of(const asking *k, const rule_test *t) {
    bounds b = {.lo = INT64_MIN, .hi = INT64_MAX, .from_day = INT32_MIN, .from_us = INT64_MIN};
    int64_t at = t->value, end = at;
    if (t->field->type == TYPE_TIME) time_given(k, t, &at, &end);
    switch (t->op) {
    case OP_NE:
        b.invert = true;
        // fall through
    case OP_EQ: b.lo = at, b.hi = end; break;
    case OP_LT: b.hi = at == INT64_MIN ? (b.lo = INT64_MAX, INT64_MIN) : at - 1; break;
    case OP_LE: b.hi = end; break;
    case OP_GT: b.lo = end == INT64_MAX ? (b.hi = INT64_MIN, INT64_MAX) : end + 1; break;
    case OP_GE: b.lo = at; break;
    case OP_IN:
    case OP_KNOWN:
    case OP_UNKNOWN:
    case OPS: break;
    }
    if (t->field->type == TYPE_DAYS && t->op < OP_IN) days_to_times(k, &b);
    if (t->in_days) b.from_day = k->today - t->in_days + 1, b.from_us = zone_day_start_us(k->z, b.from_day);
    return b;
}

static bool may_ask_the_past(const segment_rule *r, err *e) {
    for (int32_t i = 0; i < r->n_tests; i++)
        if (!r->tests[i].field->shown.past)
            return fail(e, ERR_invalid,
                        "'%s' is not remembered day by day, so no past day can be asked for; leave it out",
                        r->tests[i].field->shown.name);
    return true;
}

// z: the store's zone, or NULL to have it opened.
static bool begin_in(asking *k, arena *a, store *s, const segment_rule *r, zone *z, int64_t now_us, bool past, err *e) {
    static const segment_rule everybody = {.start = ACCEPT};
    *k = (asking){.a = a, .s = s, .r = r ? r : &everybody, .z = z, .now_us = now_us, .past = past};
    if (past && !may_ask_the_past(k->r, e)) return false;
    if (!k->z && !store_zone(s, a, &k->z, e)) return false;
    k->today = zone_days(k->z, now_us);
    k->until_us = past ? zone_day_start_us(k->z, k->today + 1) : INT64_MAX;
    k->bounds = make(a, bounds, k->r->n_tests + 1);
    for (int32_t i = 0; i < k->r->n_tests; i++) k->bounds[i] = bounds_of(k, &k->r->tests[i]);
    return true;
}

bool asking_begin(asking *k, arena *a, store *s, const segment_rule *r, int64_t now_us, bool past, err *e) {
    return begin_in(k, a, s, r, NULL, now_us, past, e);
}

// ---- the past: what a timeline was at the end of a day ----

static void forget_after(const asking *k, timeline *t) {
    int32_t n = 0;
    while (n < t->n_purse && t->purse[n].day <= k->today) n++;
    t->n_purse = n, n = 0;
    for (int32_t i = 0; i < t->n_contracts; i++)
        if (t->contracts[i].at_us < k->until_us) t->contracts[n++] = t->contracts[i];
    t->n_contracts = n, t->n_waits = t->n_scores = 0;
    int32_t order = INT32_MIN, pay = INT32_MIN;
    for (int32_t i = 0; i < t->n_purse; i++) {
        if (t->purse[i].kind == KIND_order) order = t->purse[i].day;
        if (t->purse[i].kind == KIND_payment) pay = t->purse[i].day;
    }
    // Of the last one before the day's end only its day is remembered, which is what days count by.
    if (t->first_order_us >= k->until_us || order == INT32_MIN) t->first_order_us = t->last_order_us = 0;
    if (t->first_pay_us >= k->until_us || pay == INT32_MIN) t->first_pay_us = t->last_pay_us = 0;
    if (t->last_order_us >= k->until_us) t->last_order_us = MAX(zone_day_start_us(k->z, order), t->first_order_us);
    if (t->last_pay_us >= k->until_us) t->last_pay_us = MAX(zone_day_start_us(k->z, pay), t->first_pay_us);
}

void subject_state(subject *x, str state) {
    x->read = true;
    x->there = timeline_decode(x->a, state, &x->t, x->e) && x->t.first_us < x->k->until_us;
    if (!x->there) x->t = (timeline){0};
    if (x->there && x->k->past) forget_after(x->k, &x->t);
}

static void subject_timeline(subject *x) {
    if (!x->read) subject_state(x, x->state_at >= 0 ? row_str(x->r, x->state_at) : S(""));
}

const summary *subject_summary(subject *x) {
    if (x->summed) return &x->sum;
    subject_timeline(x);
    x->sum = timeline_summary(*x->a, &x->t);
    x->sum.customer_id = x->id;
    x->summed = true;
    return &x->sum;
}

// ---- one customer ----

static int64_t of_summary(const summary *s, enum summary_column c) {
    switch (c) {
    case COLUMN_customer: return s->customer_id;
    case COLUMN_first_us: return s->first_us;
    case COLUMN_last_us: return s->last_us;
    case COLUMN_currency: return s->currency;
    case COLUMN_orders: return s->orders;
    case COLUMN_order_days: return s->order_days;
    case COLUMN_order_value: return s->order_value;
    case COLUMN_first_order_us: return s->first_order_us;
    case COLUMN_last_order_us: return s->last_order_us;
    case COLUMN_gap_days: return s->gap_days;
    case COLUMN_refunds: return s->refunds;
    case COLUMN_refund_value: return s->refund_value;
    case COLUMN_returns: return s->returns;
    case COLUMN_contacts_in: return s->contacts_in;
    case COLUMN_contacts_out: return s->contacts_out;
    case COLUMN_complaints: return s->complaints;
    case COLUMN_feedback: return s->feedback;
    case COLUMN_last_score: return s->last_score;
    case COLUMN_last_instrument: return s->last_instrument;
    case COLUMN_last_score_us: return s->last_score_us;
    case COLUMN_waiting_us: return s->waiting_us;
    case COLUMN_contract_since: return s->contract_since_us;
    case COLUMN_contract_until: return s->contract_until_us;
    case COLUMN_monthly_value: return s->monthly_value;
    case COLUMN_channels: return (int64_t)s->channels;
    case COLUMN_state:
    case COLUMNS: break;
    }
    return 0;
}

static int64_t column_of(subject *x, enum summary_column c) {
    if (!x->r || x->at[c] < 0) return of_summary(subject_summary(x), c);
    if (c == COLUMN_gap_days && row_null(x->r, x->at[c])) return -1;
    return row_int(x->r, x->at[c]);
}

// Orders, refunds and returns of the last days, and what they came to in one currency.
static int64_t of_purse(subject *x, const rule_test *t, const bounds *b, int32_t unit) {
    int64_t count = 0, money = 0;
    enum summary_column c = t->field->column;
    subject_timeline(x);
    for (int32_t i = x->t.n_purse - 1; i >= 0 && x->t.purse[i].day >= b->from_day; i--) {
        const purse_entry *p = &x->t.purse[i];
        bool mine = c == COLUMN_orders || c == COLUMN_order_value ? timeline_is_purchase(&x->t, p)
                    : c == COLUMN_returns                         ? p->kind == KIND_return_
                                                                  : p->kind == KIND_refund || p->kind == KIND_cancel;
        if (!mine || p->day > x->k->today) continue;
        count += p->count;
        if (p->unit == unit) money = sum64(money, p->value);
    }
    return t->field->type == TYPE_MONEY ? money : count;
}

// Net money of the last 365 days, or a year of contract.
static int64_t at_stake(subject *x) {
    int64_t v = 0;
    subject_summary(x);
    for (int32_t i = 0; i < x->t.n_purse; i++) {
        const purse_entry *p = &x->t.purse[i];
        if (p->day <= x->k->today - 365 || p->unit != x->sum.currency) continue;
        if (timeline_is_purchase(&x->t, p)) v = sum64(v, p->value);
        if (p->kind == KIND_refund || p->kind == KIND_cancel) v = sum64(v, -p->value);
    }
    int64_t contract = x->sum.contract_until_us ? 0 : sum64(0, (int64_t)((uint64_t)x->sum.monthly_value * 12));
    return MAX(MAX(v, contract), 0);
}

static const score_entry *score_on(subject *x, int32_t instrument) {
    subject_timeline(x);
    for (int32_t i = 0; i < x->t.n_scores; i++)
        if (x->t.scores[i].instrument == instrument) return &x->t.scores[i];
    return NULL;
}

static bool score_value(subject *x, const rule_test *t, int64_t *v) {
    const score_entry *s = score_on(x, t->unit);
    if (!s) return false;
    *v = t->field->from == FROM_SCORE ? s->last : (int64_t)((double)s->sum / s->n + (s->sum < 0 ? -0.5 : 0.5));
    return true;
}

static bool of_column(subject *x, const rule_test *t, int64_t *v) {
    *v = column_of(x, t->field->column);
    switch (t->field->type) {
    case TYPE_DAYS:
    case TYPE_TIME: return *v != 0;
    case TYPE_MONEY: return t->op >= OP_KNOWN || column_of(x, COLUMN_currency) == t->unit;
    case TYPE_NUMBER: return t->field->column != COLUMN_gap_days || *v >= 0;
    case TYPE_FLAG:
    case TYPE_SCORE:
    case TYPE_SET: break;
    }
    return true;
}

bool subject_value(subject *x, int32_t test, int64_t *v) {
    const rule_test *t = &x->k->r->tests[test];
    if (t->side >= 0 && (t->in_days || x->k->past)) return *v = side_count(x->k, x->id, t->side), true;
    if (t->in_days) return *v = of_purse(x, t, &x->k->bounds[test], t->unit), true;
    switch (t->field->from) {
    case FROM_COLUMN: return of_column(x, t, v);
    case FROM_VALUE: *v = at_stake(x); return t->op >= OP_KNOWN || x->sum.currency == t->unit;
    case FROM_SCORE:
    case FROM_MEAN_SCORE: return score_value(x, t, v);
    case FROM_WAITING: return *v = column_of(x, COLUMN_waiting_us) != 0, true;
    case FROM_CONTRACT: *v = column_of(x, COLUMN_contract_since) && !column_of(x, COLUMN_contract_until); return true;
    case FROM_MOOD:
    case FROM_CHANNEL:
    case FROM_CURRENCY:
    case FROM_COUNTRY:
    case FROM_SEGMENT:
    case FROM_LANG:
    case FROM_ORIGIN:
    case FROM_IDENT: break;
    }
    return false;
}

// Which of a closed list stand there: bits.
static uint64_t set_bits(subject *x, const rule_test *t) {
    if (t->field->from == FROM_CHANNEL) return (uint64_t)column_of(x, COLUMN_channels);
    if (!column_of(x, COLUMN_last_score_us)) return 0;
    int mood = score_mood((enum instrument)column_of(x, COLUMN_last_instrument), column_of(x, COLUMN_last_score));
    return mood == MOOD_UNKNOWN ? 0 : (uint64_t)1 << (mood + 1);
}

// Is one of the texts there? For "known": is any?
static bool in_set(subject *x, const rule_test *t) {
    bool any = t->op >= OP_KNOWN;
    if (t->side >= 0) return id_set_has(&x->k->sides.bits[t->side], x->id);
    if (t->field->from != FROM_CURRENCY) return (set_bits(x, t) & (any ? ~UINT64_C(0) : t->bits)) != 0;
    int64_t unit = column_of(x, COLUMN_currency);
    const currency *c = currency_by_number((int)unit);
    for (size_t i = 0; c && i < t->n_list; i++)
        if (str_eq(t->list[i], str_c(c->code))) return true;
    return any && c;
}

bool subject_holds(subject *x, int32_t test) {
    const rule_test *t = &x->k->r->tests[test];
    const bounds *b = &x->k->bounds[test];
    int64_t v;
    if (t->field->type == TYPE_SET) return in_set(x, t) != (t->op == OP_NE || t->op == OP_UNKNOWN);
    bool known = subject_value(x, test, &v);
    if (t->op >= OP_KNOWN) return known == (t->op == OP_KNOWN);
    return known && (v >= b->lo && v <= b->hi) != b->invert;
}

static bool member(subject *x) {
    int32_t at = x->k->r->start;
    while (at >= 0) at = subject_holds(x, at) ? x->k->r->tests[at].yes : x->k->r->tests[at].no;
    return at == ACCEPT;
}

// ---- all ----

static const int8_t in_core[COLUMNS] = {
    [COLUMN_customer] = 0,       [COLUMN_first_us] = 1,        [COLUMN_last_us] = 2,
    [COLUMN_currency] = 3,       [COLUMN_orders] = 4,          [COLUMN_order_value] = 5,
    [COLUMN_last_order_us] = 6,  [COLUMN_complaints] = 7,      [COLUMN_waiting_us] = 8,
    [COLUMN_contract_since] = 9, [COLUMN_contract_until] = 10, [COLUMN_monthly_value] = 11,
    [COLUMN_channels] = 12,      [COLUMN_order_days] = -1,     [COLUMN_first_order_us] = -1,
    [COLUMN_gap_days] = -1,      [COLUMN_refunds] = -1,        [COLUMN_refund_value] = -1,
    [COLUMN_returns] = -1,       [COLUMN_contacts_in] = -1,    [COLUMN_contacts_out] = -1,
    [COLUMN_feedback] = -1,      [COLUMN_last_score] = -1,     [COLUMN_last_instrument] = -1,
    [COLUMN_last_score_us] = -1};
static const int8_t in_all[COLUMNS] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12,
                                       13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24};
enum { STATE_OF_CORE = 13, STATE_ALONE = 1 };

static summary core_row(const row *r) {
    return (summary){.customer_id = row_int(r, 0),
                     .first_us = row_int(r, 1),
                     .last_us = row_int(r, 2),
                     .currency = (int32_t)row_int(r, 3),
                     .orders = row_int(r, 4),
                     .order_value = row_int(r, 5),
                     .last_order_us = row_int(r, 6),
                     .complaints = row_int(r, 7),
                     .waiting_us = row_int(r, 8),
                     .contract_since_us = row_int(r, 9),
                     .contract_until_us = row_int(r, 10),
                     .monthly_value = row_int(r, 11),
                     .channels = (uint64_t)row_int(r, 12)};
}

// How the pass reads: the columns that are asked for; the states too, where a test may need one; of the past the states
// alone.
typedef struct {
    enum query q;
    const int8_t *at; // NULL: the state alone
    int state_at;
} reading;

static reading reading_of(const asking *k) {
    if (k->past) return (reading){Q_segment_state, NULL, STATE_ALONE};
    if (k->r->state) return (reading){Q_segment_core_state, in_core, STATE_OF_CORE};
    if (k->r->all_columns) return (reading){Q_segment_columns, in_all, -1};
    return (reading){Q_segment_core, in_core, -1};
}

static bool take_member(subject *x, const segment_ask *ask, const row *r, err *e) {
    if (!ask->take) return true;
    if (!x->r) return ask->take(ask->ctx, subject_summary(x), e);
    summary sum = x->at == in_all ? summary_row(r) : core_row(r);
    return ask->take(ask->ctx, &sum, e);
}

static bool scan(asking *k, const segment_ask *ask, err *e) {
    arena life = arena_open((size_t)1 << 30);
    reading how = reading_of(k);
    int64_t seen = 0, n = 0;
    for (row r = store_query(k->s, how.q, e, "i", ask->after); row_next(&r);) {
        arena a = life;
        subject x = {.k = k, .r = how.at ? &r : NULL, .at = how.at, .state_at = how.state_at, .a = &a, .e = e};
        x.id = row_int(&r, 0);
        if (k->past) subject_state(&x, row_str(&r, STATE_ALONE));
        bool known = !k->past || x.there, in = known && member(&x);
        seen += known, n += in;
        if (!err_ok(e) || (in && !take_member(&x, ask, &r, e))) row_end(&r);
    }
    arena_close(&life);
    if (ask->seen) *ask->seen = seen;
    if (ask->members) *ask->members = n;
    return err_ok(e);
}

bool segment_scan(store *s, const segment_ask *ask, err *e) {
    arena a = arena_open((size_t)1 << 33);
    asking k;
    bool ok = asking_begin(&k, &a, s, ask->rule, ask->now_us, ask->past, e) && sides_read(&k, e) && scan(&k, ask, e);
    arena_close(&a);
    return ok;
}

bool segment_which(arena *a, store *s, const segment_rule *r, int64_t now_us, const int64_t *ids, size_t n, bool *in,
                   err *e) {
    zone *z;
    arena life = *a;
    return store_zone(s, &life, &z, e) && segment_which_in(life, s, r, z, now_us, ids, n, in, e);
}

bool segment_which_in(arena a, store *s, const segment_rule *r, zone *z, int64_t now_us, const int64_t *ids, size_t n,
                      bool *in, err *e) {
    for (size_t i = 0; i < n; i++) {
        asking k;
        arena scratch = a;
        in[i] = false;
        if (!begin_in(&k, &scratch, s, r, z, now_us, false, e) || !asking_one(&k, ids[i], e)) return false;
        for (row q = store_query(s, Q_segment_one, e, "i", ids[i]); row_next(&q);) {
            subject x = {.k = &k, .a = &scratch, .e = e, .id = ids[i], .state_at = -1};
            subject_state(&x, row_str(&q, 1));
            in[i] = member(&x);
        }
        if (!err_ok(e)) return false;
    }
    return true;
}

// ---- the profiles of members ----

static bool add_member(void *ctx, const summary *x, err *e) {
    (void)e;
    id_set_add(ctx, x->customer_id);
    return true;
}

bool segment_profiles(arena *a, store *s, const segment_rule *r, int64_t now_us, id_set *out, err *e) {
    int64_t last = 0;
    if (!store_int(s, Q_profile_last, &last, 0, e, "")) return false;
    *out = (id_set){.bits = make(a, uint64_t, last / 64 + 1), .n = last + 1};
    segment_ask ask = {.rule = r, .now_us = now_us, .take = add_member, .ctx = out};
    if (!segment_scan(s, &ask, e)) return false;
    for (row q = store_query(s, Q_profile_joined, e, ""); row_next(&q);)
        if (id_set_has(out, row_int(&q, 0))) id_set_add(out, row_int(&q, 1));
    return err_ok(e);
}
