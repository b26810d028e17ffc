// The pass over summaries: what is counted per customer.
#include "know/panel_private.h"
#include "sql/know.h"

enum { RETURN_DAYS = 30, BACK_DAYS = 30, ACTIVE_DAYS = 365, GAP_SAMPLE = 50000, GAP_MAX = 2000 };

// The walk of one contract up to an instant: on or off, and for how much.
bool contract_at(const timeline *t, int64_t at_us, int64_t *monthly) {
    bool any = false;
    *monthly = 0;
    for (int32_t i = 0, j; i < t->n_contracts; i = j) {
        bool on = false;
        int64_t v = 0;
        for (j = i; j < t->n_contracts && t->contracts[j].thread == t->contracts[i].thread; j++) {
            const contract_entry *c = &t->contracts[j];
            if (c->at_us >= at_us) continue;
            on = c->kind != KIND_contract_end, v = on ? c->value : 0;
        }
        any |= on, *monthly += v;
    }
    return any;
}

// One customer at hand.
typedef struct {
    panel *p;
    const timeline *t;
    int group;
    counted told; // what is told of this customer
} person;

static void tell(const person *x, enum measure m, int64_t at_us, int64_t start, int64_t end, bool hit) {
    counted c = x->told;
    c.at_us = at_us, c.start = start, c.end = end, c.hit = hit;
    panel_tell(x->p, m, c);
}

static void tell_day(const person *x, enum measure m, int32_t day, int64_t start, bool hit) {
    if (x->p->ask.each) tell(x, m, zone_day_start_us(x->p->z, day), start, 0, hit);
}

static int32_t day_at(const panel *p, int64_t at_us) {
    return zone_days(p->z, at_us);
}

static bool bought_between(const person *x, int32_t from, int32_t to) { // from <= day < to
    for (int32_t i = 0; i < x->t->n_purse; i++) {
        const purse_entry *e = &x->t->purse[i];
        if (e->day >= from && e->day < to && timeline_is_purchase(x->t, e)) return true;
    }
    return false;
}

static void take_buyer(const person *x, cell *c, int32_t from, int32_t to) {
    int32_t first = INT32_MAX, in = INT32_MIN;
    for (int32_t i = 0; i < x->t->n_purse; i++) {
        const purse_entry *e = &x->t->purse[i];
        if (!timeline_is_purchase(x->t, e)) continue;
        first = MIN(first, e->day);
        if (e->day >= from && e->day < to) in = MAX(in, e->day);
    }
    if (in == INT32_MIN) return;
    c->buyers++, c->returning += first < in;
    tell_day(x, MEASURE_repeat, in, first, first < in);
}

// What came back after the orders of a day and before the next ones is counted as sent back of them, never more than
// was sold. Entries come by day, then kind: the orders of a day, in whatever currency, stand together.
static void take_returns(const person *x, cell *c, int32_t from, int32_t to, int32_t now) {
    const timeline *t = x->t;
    for (int32_t i = 0, j; i < t->n_purse; i = j) {
        int32_t day = t->purse[i].day, sold = 0, back = 0;
        for (j = i; j < t->n_purse && t->purse[j].day == day && t->purse[j].kind == KIND_order; j++)
            sold += t->purse[j].count;
        if (j == i) j++;
        if (!sold || day < from || day >= to || day + RETURN_DAYS > now) continue;
        for (int32_t k = j; k < t->n_purse && t->purse[k].day < now && t->purse[k].kind != KIND_order; k++)
            if (t->purse[k].kind == KIND_return_) back += t->purse[k].count;
        back = MIN(back, sold);
        c->sold += sold, c->sent_back += back;
        for (int32_t k = 0; k < back; k++) tell_day(x, MEASURE_returns, day, sold, true);
    }
}

// When the contracts last changed, or ended, before an instant.
static int64_t last_entry(const timeline *t, int64_t before_us, bool ends_only) {
    int64_t at = 0;
    for (int32_t i = 0; i < t->n_contracts; i++) {
        const contract_entry *c = &t->contracts[i];
        if (c->at_us < before_us && (!ends_only || c->kind == KIND_contract_end) && (!at || c->at_us > at))
            at = c->at_us;
    }
    return at;
}

static void take_contract(const person *x, cell *c, const time_span *s) {
    int64_t start, end, later;
    if (!contract_at(x->t, s->since_us, &start)) return;
    bool still = contract_at(x->t, s->until_us, &end);
    if (!still) { // back within 30 days is not lost
        int64_t back_us = MIN(s->until_us + BACK_DAYS * DAY_US, x->p->ask.now_us);
        still = contract_at(x->t, back_us, &later), end = still ? later : 0;
    }
    c->contracts++, c->contracts_lost += !still;
    if (!still) tell(x, MEASURE_churn, last_entry(x->t, s->until_us, true), start, end, true);
    if (start <= 0) return;
    retention_add(&c->revenue, (worth){start, end});
    if (start == end) return;
    tell(x, MEASURE_grr, last_entry(x->t, s->until_us, false), start, end, !still);
    tell(x, MEASURE_nrr, last_entry(x->t, s->until_us, false), start, end, !still);
}

bool panel_stay(const zone *z, const timeline *t, int64_t until_us, int32_t silent_days, panel_stayed *out) {
    int64_t worth_now, first = INT64_MAX, end = 0;
    for (int32_t i = 0; i < t->n_contracts; i++) {
        const contract_entry *k = &t->contracts[i];
        if (k->at_us >= until_us) continue;
        first = MIN(first, k->at_us);
        if (k->kind == KIND_contract_end) end = MAX(end, k->at_us);
    }
    if (first != INT64_MAX) {
        bool on = contract_at(t, until_us, &worth_now);
        *out = (panel_stayed){zone_days(z, first), ((on ? until_us : end) - first) / DAY_US, !on};
        return out->days > 0;
    }
    int32_t last = zone_days(z, until_us) - 1;
    purchases b = timeline_purchases(t, INT32_MIN, last);
    if (!b.T) return false;
    bool gone = b.T - b.t_x > silent_days;
    // Who never came back counts as having stayed a day: a stay of no length would drop out of the curve.
    *out = (panel_stayed){last - (int32_t)b.T, gone ? MAX(b.t_x, 1) : b.T, gone};
    return out->days > 0;
}

static void take_stay(const person *x, cell *c, const time_span *s) {
    panel *p = x->p;
    panel_stayed k;
    if (!panel_stay(p->z, x->t, s->until_us, p->silent_days, &k)) return;
    tell_day(x, MEASURE_still_here, k.first, k.days, k.ended);
    if (!c->ended) c->ended = make(p->a, int32_t, STAY_DAYS + 1), c->watched = make(p->a, int32_t, STAY_DAYS + 1);
    if (k.ended)
        c->ended[MIN(k.days, (int64_t)STAY_DAYS)]++;
    else
        c->watched[MIN(k.days, (int64_t)STAY_DAYS)]++;
}

static void take_person(const person *x) {
    panel *p = x->p;
    for (int i = 0; i < p->ask.n_spans; i++) {
        const time_span *s = &p->ask.spans[i];
        cell *c = panel_cell(p, i, x->group);
        int32_t from = day_at(p, s->since_us), to = day_at(p, s->until_us);
        int64_t worth_end;
        if (x->t->first_us >= s->until_us || s->since_us >= s->until_us) continue;
        c->customers++;
        c->active += bought_between(x, to - ACTIVE_DAYS, to) || contract_at(x->t, s->until_us, &worth_end);
        if (panel_wants(p, MEASURE_repeat)) take_buyer(x, c, from, to);
        if (panel_wants(p, MEASURE_returns)) take_returns(x, c, from, to, day_at(p, p->ask.now_us));
        if (x->t->n_contracts) take_contract(x, c, s);
        if (panel_wants(p, MEASURE_still_here)) take_stay(x, c, s);
    }
    for (int32_t i = 0; i < x->t->n_purse; i++)
        p->returns_seen += x->t->purse[i].kind == KIND_return_,
            p->orders_seen += timeline_is_purchase(x->t, &x->t->purse[i]);
    p->contracts_seen += x->t->n_contracts > 0;
}

bool panel_silence(store *s, int32_t *days, err *e) {
    int64_t gaps[GAP_MAX + 1] = {0}, n = 0, seen = 0, sum = 0;
    arena life = arena_open((size_t)1 << 30);
    for (row r = store_query(s, Q_summary_scan, e, ""); row_next(&r);) {
        arena a = life;
        timeline t;
        if (seen++ == GAP_SAMPLE || !timeline_decode(&a, row_str(&r, 25), &t, e)) {
            row_end(&r);
            break;
        }
        int32_t last = INT32_MIN;
        for (int32_t i = 0; i < t.n_purse; i++) {
            if (!timeline_is_purchase(&t, &t.purse[i]) || t.purse[i].day == last) continue;
            if (last != INT32_MIN) gaps[MIN(t.purse[i].day - last, GAP_MAX)]++, n++;
            last = t.purse[i].day;
        }
    }
    *days = 365;
    for (int32_t d = 0; n >= 30 && d <= GAP_MAX; d++)
        if ((sum += gaps[d]) * 20 >= n * 19) {
            *days = d;
            break;
        }
    arena_close(&life);
    return err_ok(e);
}

bool panel_people(panel *p, err *e) {
    if (panel_wants(p, MEASURE_still_here) && !panel_silence(p->s, &p->silent_days, e)) return false;
    arena life = arena_open((size_t)1 << 30);
    for (row r = store_query(p->s, Q_summary_scan, e, ""); row_next(&r);) {
        arena a = life;
        timeline t;
        if (!panel_counts(p, row_int(&r, 0))) continue; // a customer's number is that of one of its profiles
        if (!timeline_decode(&a, row_str(&r, 25), &t, e)) {
            row_end(&r);
            break;
        }
        int32_t g = p->ask.split == SPLIT_SEGMENT ? map64_get(&p->segment_of, row_int(&r, 0)) : 0;
        if (g < 0) g = panel_group_of(p, S(""));
        p->customers++;
        // Split by channel or source, people are counted once, in the first group; shares of those are not asked.
        counted told = {.customer_id = row_int(&r, 0), .unit = (int32_t)row_int(&r, 3)};
        if (p->n_groups) take_person(&(person){p, &t, g, told});
    }
    arena_close(&life);
    return err_ok(e);
}
