#include "know/timeline.h"

static bool has_orders(const timeline *t) {
    return t->first_order_us != 0;
}

bool timeline_is_purchase(const timeline *t, const purse_entry *p) {
    return p->kind == (has_orders(t) ? KIND_order : KIND_payment);
}

static int64_t purchases_in(const timeline *t, int32_t unit) {
    int64_t n = 0;
    for (int32_t i = 0; i < t->n_purse; i++)
        if (t->purse[i].unit == unit && timeline_is_purchase(t, &t->purse[i])) n += t->purse[i].count;
    return n;
}

// The currency of most purchases; of two equals the smaller number, so that the answer is one.
static int32_t main_currency(const timeline *t) {
    int32_t best = 0;
    int64_t most = 0, all = 0;
    for (int32_t i = 0; i < t->n_purse; i++)
        if (timeline_is_purchase(t, &t->purse[i])) all += t->purse[i].count;
    for (int32_t i = 0; i < t->n_purse && most * 2 <= all; i++) {
        int32_t unit = t->purse[i].unit;
        if (unit == best && most) continue;
        int64_t n = purchases_in(t, unit);
        if (n > most || (n == most && most && unit < best)) best = unit, most = n;
    }
    return best ? best : t->n_contracts ? t->contracts[0].unit : 0;
}

static int by_int(const void *a, const void *b) {
    return *(const int32_t *)a - *(const int32_t *)b;
}

static void derive_money(arena scratch, const timeline *t, summary *s) {
    int32_t *gaps = make(&scratch, int32_t, t->n_purse + 1), n_gaps = 0, last = INT32_MIN;
    for (int32_t i = 0; i < t->n_purse; i++) {
        const purse_entry *p = &t->purse[i];
        bool ours = p->unit == s->currency;
        if (p->kind == KIND_refund || p->kind == KIND_cancel)
            s->refunds += p->count, s->refund_value = sum64(s->refund_value, ours ? p->value : 0);
        if (p->kind == KIND_return_) s->returns += p->count;
        if (!timeline_is_purchase(t, p)) continue;
        s->orders += p->count, s->order_value = sum64(s->order_value, ours ? p->value : 0);
        if (p->day == last) continue;
        if (last != INT32_MIN) gaps[n_gaps++] = p->day - last;
        s->order_days++, last = p->day;
    }
    s->gap_days = -1;
    if (n_gaps < 2) return;
    qsort(gaps, (size_t)n_gaps, sizeof *gaps, by_int);
    s->gap_days = (gaps[(n_gaps - 1) / 2] + gaps[n_gaps / 2]) / 2;
}

// Walks each contract's entries in order of time: what it is worth now, and since and until when it ran.
static void derive_contracts(const timeline *t, summary *s) {
    int64_t ended = 0;
    bool running = false;
    for (int32_t i = 0, j; i < t->n_contracts; i = j) {
        int64_t worth = 0, end_us = 0;
        bool on = false;
        for (j = i; j < t->n_contracts && t->contracts[j].thread == t->contracts[i].thread; j++) {
            const contract_entry *c = &t->contracts[j];
            if (c->kind == KIND_contract_end)
                on = false, end_us = c->at_us, worth = 0;
            else
                on = true, worth = c->value;
            if (c->kind == KIND_contract_start && (!s->contract_since_us || c->at_us < s->contract_since_us))
                s->contract_since_us = c->at_us;
        }
        running |= on;
        if (on && (t->contracts[i].unit == s->currency || !s->currency))
            s->monthly_value = sum64(s->monthly_value, worth);
        if (end_us > ended) ended = end_us;
    }
    if (t->n_contracts && !s->contract_since_us) s->contract_since_us = t->contracts[0].at_us;
    if (!running) s->contract_until_us = ended;
}

static void derive_scores(const timeline *t, summary *s) {
    for (int32_t i = 0; i < t->n_scores; i++)
        if (!i || t->scores[i].last_us > s->last_score_us)
            s->last_score_us = t->scores[i].last_us, s->last_score = (int32_t)t->scores[i].last,
            s->last_instrument = t->scores[i].instrument;
}

summary timeline_summary(arena scratch, const timeline *t) {
    bool orders = has_orders(t);
    summary s = {.first_us = t->first_us,
                 .last_us = t->last_us,
                 .contacts_in = t->contacts_in,
                 .contacts_out = t->contacts_out,
                 .complaints = t->complaints,
                 .feedback = t->feedback,
                 .channels = t->channels,
                 .first_order_us = orders ? t->first_order_us : t->first_pay_us,
                 .last_order_us = orders ? t->last_order_us : t->last_pay_us,
                 .purchases_are_payments = !orders && t->first_pay_us};
    s.currency = main_currency(t);
    derive_money(scratch, t, &s);
    derive_contracts(t, &s);
    derive_scores(t, &s);
    for (int32_t i = 0; i < t->n_waits; i++)
        if (!s.waiting_us || t->waits[i].since_us < s.waiting_us) s.waiting_us = t->waits[i].since_us;
    return s;
}

purchases timeline_purchases(const timeline *t, int32_t from_day, int32_t to_day) {
    purchases p = {0};
    int32_t first = INT32_MIN, last = INT32_MIN;
    for (int32_t i = 0; i < t->n_purse; i++) {
        const purse_entry *x = &t->purse[i];
        if (!timeline_is_purchase(t, x) || x->day < from_day || x->day > to_day) continue;
        if (first == INT32_MIN) first = x->day;
        if (x->day != first) p.repeat_value = sum64(p.repeat_value, x->value);
        if (last != INT32_MIN && x->day != last) p.x++;
        last = x->day;
    }
    if (first == INT32_MIN) return p;
    p.t_x = last - first, p.T = (int64_t)to_day - first;
    return p;
}
