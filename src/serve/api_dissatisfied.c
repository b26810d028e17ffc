// Dissatisfied customers: the list with its reasons, what people say of it, and how right it is.
#include "decide/dissatisfied_right.h"
#include "know/figure.h"
#include "know/people.h"
#include "know/stages.h"
#include "know/topic_audit.h"
#include "serve/api_customers.h"
#include "serve/handlers.h"
#include "serve/live.h"
#include "serve/server.h"
#include "sql/inbox.h"

#include <math.h>

static void put_number(json_out *j, const char *key, int64_t id) {
    if (id)
        json_put_int(j, key, id);
    else
        json_put_null(j, key);
}

static void put_text(json_out *j, const char *key, str v) {
    if (v.len)
        json_put_str(j, key, v);
    else
        json_put_null(j, key);
}

static void put_share(json_out *j, const char *key, double v) {
    json_put_num(j, key, isnan(v) ? v : round(v * 1000) / 1000);
}

static bool name_of(call *c, int64_t customer, str *name, err *e) {
    people_card card = {.id = customer};
    if (!people_fill(c->a, c->s, &card, 1, e)) return false;
    *name = card.name;
    return true;
}

// ---- the list ----

static bool put_sign(call *c, const sign *x, const dissatisfied_now *now, int32_t unit, err *e) {
    json_out *j = &c->out;
    const signal_row *of = signal_get(x->signal);
    const enum signal k = x->signal;
    sign_evidence ev;
    if (!dissatisfied_evidence(c->a, c->s, x, &ev, e)) return false;
    const bool counts =
        k == SIGNAL_repeat_contact || k == SIGNAL_long_wait || k == SIGNAL_silence || k == SIGNAL_broken_promise;
    const bool money = k == SIGNAL_sent_back || k == SIGNAL_money_back || k == SIGNAL_downgraded;
    json_open(j, NULL, '{');
    json_put_str(j, "signal", str_c(of->name));
    json_put_str(j, "group", str_c(signal_group_name(of->group)));
    put_share(j, "strength", now->strength[k]);
    json_put_time(j, "at", x->at_us);
    json_put_num(j, "score", k == SIGNAL_low_score ? (double)x->detail / 100 : NAN);
    put_text(j, "instrument", k == SIGNAL_low_score ? instrument_name(x->instrument) : S(""));
    json_put_num(j, "sure", k == SIGNAL_unhappy_words ? (double)x->detail / 1000 : NAN);
    if (counts)
        json_put_int(j, "count", x->detail);
    else
        json_put_null(j, "count");
    put_money(j, "amount", x->detail, money ? unit : 0);
    put_text(j, "words", ev.words);
    put_number(j, "feedback", ev.feedback);
    put_number(j, "inbox", ev.inbox);
    put_number(j, "commitment", ev.commitment);
    json_close(j, '}');
    return true;
}

static bool put_owner(call *c, const dissatisfied_deeds *d, err *e) {
    str name = d->owner;
    for (row r = store_query(c->s, Q_inbox_person, e, "i", d->account); d->account && row_next(&r);)
        name = str_dup(c->a, row_str(&r, 0).len ? row_str(&r, 0) : row_str(&r, 1));
    put_text(&c->out, "owner", name);
    return err_ok(e);
}

static bool put_one(call *c, const dissatisfied_one *x, const dissatisfied_now *now, err *e) {
    json_out *j = &c->out;
    dissatisfied_deeds d;
    str name;
    if (!name_of(c, x->customer, &name, e) || !dissatisfied_done(c->a, c->s, x, now->now_us, &d, e)) return false;
    json_open(j, NULL, '{');
    json_put_int(j, "customer", x->customer);
    json_put_str(j, "name", name);
    put_share(j, "chance", x->chance);
    json_put_bool(j, "listed", dissatisfied_listed(x));
    json_put_time(j, "since", x->since_us);
    put_money(j, "at_stake", x->value, x->currency);
    json_open(j, "signs", '[');
    for (int32_t i = 0; i < x->n; i++)
        if (!put_sign(c, &now->d.signs[x->first + i], now, x->currency, e)) return false;
    json_close(j, ']');
    json_open(j, "done", '{');
    json_put_time(j, "answered", d.answered_us);
    json_put_time(j, "promised", d.promised_us);
    put_number(j, "commitment", d.commitment);
    json_put_time(j, "refunded", d.refunded_us);
    put_money(j, "refund", d.refund, d.refunded_us ? x->currency : 0);
    json_close(j, '}');
    if (!put_owner(c, &d, e)) return false;
    put_text(j, "said", x->said ? str_c(judged_name(x->said)) : S(""));
    json_put_time(j, "said_at", x->said_us);
    json_close(j, '}');
    return true;
}

// What is most at stake first; the page after a customer begins where they stand, or stood.
static bool is_after(const dissatisfied_one *x, const paging *p) {
    if (p->first) return true;
    if (x->value != p->after[0]) return x->value < p->after[0];
    return x->customer > p->after[1];
}

static int by_value_only(const void *p, const void *q) {
    const dissatisfied_one *x = p, *y = q;
    if (x->value != y->value) return x->value > y->value ? -1 : 1;
    return (x->customer > y->customer) - (x->customer < y->customer);
}

bool dissatisfied_page(call *c, err *e) {
    dissatisfied_now *now = make(c->a, dissatisfied_now, 1);
    enum signal signal = SIGNALS;
    const int64_t customer = in_int(c, "customer", 0);
    paging p;
    int64_t n = 0, value = 0, id = 0;
    if (in_has(c, "signal") && !signal_of(in_str(c, "signal"), &signal))
        return fail_field(c, e, "signal", "there is no such sign; GET /api/dissatisfied/count names them all");
    if (!store_begin_read(c->s, e) || !dissatisfied_read(c->a, c->s, c->now_us, now, e) || !page_open(c, &p, e))
        return false;
    if (now->d.n) qsort(now->d.v, now->d.n, sizeof *now->d.v, by_value_only);
    for (size_t i = 0; i < now->d.n && n <= p.limit; i++) {
        const dissatisfied_one *x = &now->d.v[i];
        if (!is_after(x, &p) || (signal != SIGNALS && !(x->signals >> signal & 1)) ||
            (customer && customer != x->customer))
            continue;
        if (!in_bool(c, "all") && !dissatisfied_listed(x)) continue;
        if (n++ == p.limit) break;
        value = x->value, id = x->customer;
        if (!put_one(c, x, now, e)) return false;
    }
    page_close(c, &p, n > p.limit, value, id);
    return err_ok(e);
}

bool dissatisfied_count(call *c, err *e) {
    json_out *j = &c->out;
    dissatisfied_now *now = make(c->a, dissatisfied_now, 1);
    dissatisfied_report *x = make(c->a, dissatisfied_report, 1);
    int64_t waiting;
    if (!store_begin_read(c->s, e) || !dissatisfied_read(c->a, c->s, c->now_us, now, e) ||
        !dissatisfied_tell(c->a, c->s, c->now_us, x, e) || !dissatisfied_waits(c->a, c->s, c->now_us, &waiting, e))
        return false;
    json_open(j, NULL, '{');
    json_put_time(j, "now", now->now_us);
    json_put_int(j, "customers", now->d.population);
    json_put_int(j, "listed", now->d.listed);
    json_put_int(j, "weak", now->d.weak);
    json_open(j, "signals", '[');
    for (int s = 0; s < SIGNALS; s++) {
        json_open(j, NULL, '{');
        json_put_str(j, "signal", str_c(signal_get((enum signal)s)->name));
        json_put_int(j, "customers", now->d.counts[s]);
        json_close(j, '}');
    }
    json_close(j, ']');
    figure_json(j, "precision", &x->precision);
    figure_json(j, "recall", &x->recall);
    json_put_int(j, "waiting", waiting);
    json_close(j, '}');
    return true;
}

// ---- how right ----

static void put_parts(json_out *j, const dissatisfied_report *x) {
    json_open(j, "parts", '[');
    for (int p = 0; p < DISSATISFIED_PARTS; p++) {
        json_open(j, NULL, '{');
        json_put_str(j, "part", str_c(dissatisfied_part_name((enum dissatisfied_part)p)));
        json_put_int(j, "customers", llround(x->part[p].size));
        json_put_int(j, "drawn", x->part[p].drawn);
        json_put_int(j, "yes", x->part[p].yes);
        json_put_int(j, "no", x->part[p].no);
        json_put_int(j, "unsure", x->part[p].unsure);
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void put_lines(json_out *j, const dissatisfied_report *x, const dissatisfied_now *now) {
    json_open(j, "signals", '[');
    for (int s = 0; s < SIGNALS; s++) {
        const signal_row *of = signal_get((enum signal)s);
        const dissatisfied_line *l = &x->lines[s];
        json_open(j, NULL, '{');
        json_put_str(j, "signal", str_c(of->name));
        json_put_str(j, "group", str_c(signal_group_name(of->group)));
        json_put_int(j, "days", of->days);
        json_put_int(j, "listed", now->d.counts[s]);
        put_share(j, "strength", l->strength);
        put_share(j, "default", of->strength);
        json_put_int(j, "judged", l->judged);
        figure_json(j, "precision", &l->precision);
        figure_json(j, "unique", &l->unique);
        json_close(j, '}');
    }
    json_close(j, ']');
}

static bool put_later(call *c, int64_t now_us, err *e) {
    static const int days[] = {30, 60};
    json_out *j = &c->out;
    json_open(j, "later", '[');
    for (size_t i = 0; i < COUNT(days); i++) {
        dissatisfied_after x;
        if (!dissatisfied_outcomes(c->a, c->s, now_us, days[i], &x, e)) return false;
        for (int o = 0; o < DISSATISFIED_OUTCOMES; o++) {
            json_open(j, NULL, '{');
            json_put_int(j, "days", x.days);
            json_put_str(j, "outcome", str_c(dissatisfied_outcome_name((enum dissatisfied_outcome)o)));
            figure_json(j, "listed", &x.of[o].listed);
            figure_json(j, "others", &x.of[o].others);
            figure_change_json(j, "change", &x.of[o].diff);
            json_put_num(j, "times", x.of[o].times.ratio);
            json_put_num(j, "times_lo", x.of[o].times.lo);
            json_put_num(j, "times_hi", x.of[o].times.hi);
            json_close(j, '}');
        }
    }
    json_close(j, ']');
    return true;
}

bool dissatisfied_figures(call *c, err *e) {
    json_out *j = &c->out;
    dissatisfied_now *now = make(c->a, dissatisfied_now, 1);
    dissatisfied_report *x = make(c->a, dissatisfied_report, 1);
    if (!store_begin_read(c->s, e) || !dissatisfied_read(c->a, c->s, c->now_us, now, e) ||
        !dissatisfied_tell(c->a, c->s, c->now_us, x, e))
        return false;
    json_open(j, NULL, '{');
    json_put_int(j, "months", x->months);
    put_parts(j, x);
    figure_json(j, "precision", &x->precision);
    figure_json(j, "precision_any", &x->precision_any);
    figure_json(j, "recall", &x->recall);
    figure_json(j, "recall_any", &x->recall_any);
    figure_json(j, "prevalence", &x->prevalence);
    put_share(j, "said", x->said);
    put_lines(j, x, now);
    if (!put_later(c, now->now_us, e)) return false;
    json_close(j, '}');
    return true;
}

// ---- the sample ----

static void put_happened(call *c, const record *r) {
    json_out *j = &c->out;
    said w = {0};
    const bool words = said_of(c->a, r, &w) || r->kind == KIND_message_out;
    json_open(j, NULL, '{');
    json_put_time(j, "at", r->at_us);
    json_put_str(j, "kind", kind_name((enum kind)r->kind));
    json_put_str(j, "channel", channel_name((enum channel)r->channel));
    json_put_num(j, "score", w.has_score ? (double)w.score / 100 : NAN);
    put_text(j, "instrument", w.has_score ? instrument_name(w.instrument) : S(""));
    const enum kind_class of = kind_class((enum kind)r->kind);
    put_money(j, "amount", r->value, r->has_value && (of == CLASS_MONEY || of == CLASS_CONTRACT) ? r->unit : 0);
    put_text(j, "words", words ? w.text : S(""));
    json_close(j, '}');
}

static bool put_drawn(call *c, const dissatisfied_sampled *x, int64_t now_us, err *e) {
    json_out *j = &c->out;
    record *v = NULL;
    size_t n = 0;
    str name;
    if (!name_of(c, x->customer, &name, e)) return false;
    if (!x->said && !dissatisfied_lately(c->a, c->s, x->customer, now_us, LATELY_MOST, &v, &n, e)) return false;
    json_open(j, NULL, '{');
    json_put_int(j, "customer", x->customer);
    json_put_str(j, "name", name);
    put_text(j, "says", x->said ? str_c(judged_name(x->said)) : S(""));
    json_open(j, "lately", '[');
    for (size_t i = 0; i < n; i++) put_happened(c, &v[i]);
    json_close(j, ']');
    json_close(j, '}');
    return true;
}

bool dissatisfied_audit(call *c, err *e) {
    json_out *j = &c->out;
    dissatisfied_sampled *v;
    size_t n;
    int64_t judged = 0, now_us;
    bool historic;
    const int month = topic_month(c->now_us);
    if (!store_begin_read(c->s, e) || !as_of_us(c->s, c->now_us, &now_us, &historic, e) ||
        !dissatisfied_sampled_in(c->a, c->s, month, &v, &n, e))
        return false;
    json_open(j, NULL, '{');
    json_put_str(j, "month", topic_month_text(c->a, month));
    json_put_bool(j, "drawn", n > 0);
    for (size_t i = 0; i < n; i++) judged += v[i].said != JUDGED_nothing;
    json_put_int(j, "judged", judged);
    json_open(j, "items", '[');
    for (size_t i = 0; i < n; i++)
        if (!put_drawn(c, &v[i], now_us, e)) return false;
    json_close(j, ']');
    json_close(j, '}');
    return true;
}

static void tell_live(call *c, int64_t customer) {
    live_tell(server_live(c->sv), S("dissatisfied"), str_fmt(c->a, "{\"customer\":%" PRId64 "}", customer));
}

static bool note(call *c, const char *action, int64_t customer, err *e) {
    return store_begin(c->s, e) && audit(c, action, str_fmt(c->a, "customer:%" PRId64, customer), S("{}"), e) &&
           ledger_commit(know_ledger(c->d->k), e);
}

bool dissatisfied_draws(call *c, err *e) {
    dissatisfied_sample x;
    bool due;
    if (!dissatisfied_due(c->s, c->now_us, &due, e)) return false;
    if (!due) return fail(e, ERR_conflict, "this month's sample is drawn already");
    if (!dissatisfied_draw(c->a, c->s, c->now_us, &x, e) || !store_begin(c->s, e) || !dissatisfied_keep(c->s, &x, e) ||
        !audit(c, "dissatisfied.draw", topic_month_text(c->a, x.of.month), S("{}"), e) ||
        !ledger_commit(know_ledger(c->d->k), e))
        return false;
    live_tell(server_live(c->sv), S("dissatisfied"), S("{}"));
    json_open(&c->out, NULL, '{');
    json_put_str(&c->out, "month", topic_month_text(c->a, x.of.month));
    json_put_int(&c->out, "drawn", (int64_t)x.n);
    json_close(&c->out, '}');
    return true;
}

// ---- what people say ----

bool dissatisfied_answer(call *c, err *e) {
    const int64_t customer = in_int(c, "customer", 0);
    const enum judged_says says = judged_of(in_str(c, "says"));
    const bool blind = in_bool(c, "blind");
    str undo;
    if (blind && says == JUDGED_settled)
        return fail_field(c, e, "says", "whoever is in the sample is judged: yes, no or unsure");
    if (!dissatisfied_say(know_ledger(c->d->k), c->a, customer, says, blind ? topic_month(c->now_us) : 0,
                          who_text(c->a, &c->who), &undo, e) ||
        !note(c, "dissatisfied.say", customer, e))
        return false;
    tell_live(c, customer);
    json_open(&c->out, NULL, '{');
    json_put_int(&c->out, "customer", customer);
    json_put_str(&c->out, "undo", undo);
    json_close(&c->out, '}');
    return true;
}

bool dissatisfied_undo(call *c, err *e) {
    const int64_t customer = in_int(c, "customer", 0);
    if (!dissatisfied_unsay(know_ledger(c->d->k), c->a, customer, in_str(c, "undo"), who_text(c->a, &c->who), e) ||
        !note(c, "dissatisfied.undo", customer, e))
        return false;
    tell_live(c, customer);
    return true;
}
