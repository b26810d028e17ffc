// Each kind of line, asked. A line says what stood, what would stand, and in words how that comes about.
#include "decide/abuse.h"
#include "decide/redline_private.h"

#include "know/measure.h"
#include "sql/decide_redline.h"

#include <math.h>

enum { SOON_US = 3600 * 1000000u };

static int64_t ask_costs(const concession_ask *ask) {
    return ask->kind == CONCEDE_promise ? 0 : MAX(ask->discount, 0) + MAX(ask->amount, 0);
}

typedef struct {
    checking *k;
    const concession_ask *ask;
    standing *st; // NULL: the envelope
    redline_asked *out;
    bool says; // the line has something to say of this ask
    bool crossed;
} asking;

__attribute__((format(printf, 2, 3))) static void say(asking *x, const char *fmt, ...) {
    char text[600];
    va_list args;
    if (!x->k->words) return;
    va_start(args, fmt);
    int n = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    x->out->sum = str_dup(x->k->a, (str){text, (size_t)MIN(n, (int)sizeof text - 1)});
}

// Amounts for a sentence; nothing when no sentence is asked for.
static str m(const asking *x, int64_t minor) {
    return x->k->words ? money_words(x->k->a, minor, x->ask->currency) : S("");
}
static str p(const asking *x, int64_t bp) {
    return x->k->words ? bp_words(x->k->a, bp) : S("");
}

// ---- of the price (F30) ----

typedef struct {
    int64_t margin, net;
} margin_parts;

static margin_parts margin_of(const concession_ask *ask) {
    int64_t net = ask->price - ask->discount;
    return (margin_parts){net - MAX(ask->cost, 0) - MAX(ask->service, 0) - ask->amount, net};
}

// The share of what is paid; nothing paid leaves nothing.
static int64_t margin_bp(margin_parts x) {
    if (x.net <= 0) return -10000;
    double bp = floor((double)x.margin * 10000 / (double)x.net);
    return bp < -1e9 ? -1000000000 : (int64_t)bp;
}

static void ask_margin(asking *x) {
    const concession_ask *q = x->ask;
    if (q->price <= 0 || q->kind == CONCEDE_promise) return;
    x->says = true;
    if (q->cost < 0) {
        x->crossed = true, x->out->headroom = 0;
        say(x, "what it costs us is not known, so that nobody can tell what is left of the price");
        return;
    }
    concession_ask plain = *q;
    plain.discount = plain.amount = 0;
    margin_parts now = margin_of(q);
    x->out->before = margin_bp(margin_of(&plain)), x->out->after = margin_bp(now);
    x->out->headroom = x->out->after - x->out->line.limit;
    x->crossed = now.net <= 0 || (__int128)now.margin * 10000 < (__int128)x->out->line.limit * now.net;
    if (!x->k->words) return;
    buf b = buf_new(x->k->a, 600);
    buf_fmt(&b, "price %.*s", STR_ARG(m(x, q->price)));
    const struct {
        const char *name;
        int64_t minor;
    } less[] = {{"discount", q->discount}, {"cost", q->cost}, {"service", q->service}, {"given", q->amount}};
    for (size_t i = 0; i < COUNT(less); i++)
        if (less[i].minor > 0) buf_fmt(&b, " − %s %.*s", less[i].name, STR_ARG(m(x, less[i].minor)));
    buf_fmt(&b, " = %.*s: %.*s of what is paid, %.*s is the least", STR_ARG(m(x, now.margin)),
            STR_ARG(p(x, x->out->after)), STR_ARG(p(x, x->out->line.limit)));
    x->out->sum = buf_str(&b);
}

static void ask_discount(asking *x, int64_t most_bp) {
    const concession_ask *q = x->ask;
    if (q->discount <= 0) return;
    x->says = true;
    if (q->price <= 0) {
        x->crossed = true;
        say(x, "the price is not known, so that nobody can tell how much of it is given away");
        return;
    }
    x->out->after = (int64_t)((__int128)q->discount * 10000 / q->price), x->out->headroom = most_bp - x->out->after;
    x->crossed = (__int128)q->discount * 10000 > (__int128)most_bp * q->price;
    say(x, "%.*s of %.*s is %.*s, %.*s is the most", STR_ARG(m(x, q->discount)), STR_ARG(m(x, q->price)),
        STR_ARG(p(x, x->out->after)), STR_ARG(p(x, most_bp)));
}

static void ask_amount(asking *x, int64_t most) {
    int64_t costs = ask_costs(x->ask);
    if (costs <= 0) return;
    x->says = true, x->crossed = costs > most;
    x->out->after = costs, x->out->headroom = most - costs;
    say(x, "it costs %.*s, %.*s is the most", STR_ARG(m(x, costs)), STR_ARG(m(x, most)));
}

// ---- sums ----

static void ask_budget(asking *x) {
    const sums *t = &x->st->all;
    const redline *line = &x->out->line;
    int64_t costs = ask_costs(x->ask), spent = x->k->next_period ? 0 : t->spent, held = x->k->next_period ? 0 : t->held;
    if (costs <= 0) return;
    x->says = true;
    x->out->before = spent + held, x->out->after = x->out->before + costs;
    x->out->headroom = line->limit - x->out->after, x->crossed = x->out->after > line->limit;
    say(x, "%.*s given%s%.*s%s + %.*s = %.*s of %.*s %.*s", STR_ARG(m(x, spent)), held ? ", " : "",
        STR_ARG(held ? m(x, held) : S("")), held ? " reserved" : "", STR_ARG(m(x, costs)), STR_ARG(m(x, x->out->after)),
        STR_ARG(m(x, line->limit)), STR_ARG(period_words(line->period)));
}

static bool ask_times(asking *x, err *e) {
    const redline *line = &x->out->line;
    if (!x->k->who.customer) return true;
    if (!checking_person(x->k, x->st, e)) return false;
    const sums *t = &x->st->person;
    x->says = true;
    x->out->before = x->k->next_period ? 0 : t->times + t->held_times, x->out->after = x->out->before + 1;
    x->out->headroom = line->limit - x->out->after, x->crossed = x->out->after > line->limit;
    say(x, "%" PRId64 " given %.*s; this would be number %" PRId64 ", %" PRId64 " %s allowed", x->out->before,
        STR_ARG(period_words(line->period)), x->out->after, line->limit, line->limit == 1 ? "is" : "are");
    return true;
}

static bool ask_service(asking *x, err *e) {
    const redline *line = &x->out->line;
    int64_t costs = ask_costs(x->ask);
    if (!x->k->who.customer || costs <= 0) return true;
    if (!checking_person(x->k, x->st, e)) return false;
    const sums *t = &x->st->person;
    bool anew = x->k->next_period;
    int64_t given = anew ? 0 : t->spent + t->held, served = anew ? 0 : x->st->served;
    x->says = true;
    x->out->before = served + given, x->out->after = x->out->before + costs;
    x->out->headroom = line->limit - x->out->after, x->crossed = x->out->after > line->limit;
    say(x, "serving them has cost %.*s %.*s, %.*s was given + %.*s = %.*s of %.*s", STR_ARG(m(x, served)),
        STR_ARG(period_words(line->period)), STR_ARG(m(x, given)), STR_ARG(m(x, costs)), STR_ARG(m(x, x->out->after)),
        STR_ARG(m(x, line->limit)));
    return true;
}

// ---- promises ----

// Replies and calls that fall due until then, for each hour of work that there is until then.
static bool ask_pace(asking *x, err *e) {
    checking *k = x->k;
    const concession_ask *q = x->ask;
    const calendar *open;
    const zone *z;
    const redline *line = &x->out->line;
    if (q->kind != CONCEDE_promise || (q->promise != COMMITMENT_reply && q->promise != COMMITMENT_callback) ||
        !q->due_us)
        return true;
    x->says = true;
    if (!k->has_economics || !k->eco.agents) {
        say(x, "how many people are at work is not known, so that this line says nothing");
        return true;
    }
    int64_t from = INT64_MIN, to = MAX(q->due_us, k->now_us + (int64_t)SOON_US), begin = k->now_us;
    if (!checking_hours(k, &open, e)) return false;
    if (line->period != PERIOD_NONE) {
        if (!checking_zone(k, &z, e)) return false;
        period_span in = period_at(z, line->period, q->due_us);
        if (in.from_us > k->now_us) from = begin = in.from_us;
        to = in.until_us - 1;
    }
    int64_t owed;
    if (!store_int(k->s, Q_redline_promises_due, &owed, 0, e, "iiii", from, to, (int64_t)COMMITMENT_reply,
                   (int64_t)COMMITMENT_callback))
        return false;
    double hours = (double)business_us(open, begin, to) / (double)HOUR_US * (double)k->eco.agents / 100;
    double after = (double)(owed + 1), most = (double)line->limit * hours;
    x->crossed = after > most;
    x->out->before = hours > 0 ? (int64_t)ceil((double)owed / hours) : owed;
    x->out->after = hours > 0 ? (int64_t)ceil(after / hours) : owed + 1;
    x->out->headroom = (int64_t)floor(most - after);
    say(x,
        "%" PRId64 " replies and calls are due until then, with this one %" PRId64 ", in %.1f hours of work: %.2f an "
        "hour, %" PRId64 " is the most",
        owed, owed + 1, hours, hours > 0 ? after / hours : after, line->limit);
    return true;
}

static void ask_lead(asking *x) {
    const concession_ask *q = x->ask;
    const redline *line = &x->out->line;
    if (q->kind != CONCEDE_promise || !q->due_us) return;
    if (line->measure.len && commitment_kind_of(line->measure) != q->promise) return;
    int64_t ahead = q->due_us - x->k->now_us;
    x->says = true, x->crossed = ahead < line->limit * HOUR_US;
    x->out->after = floor_div(ahead, HOUR_US), x->out->headroom = x->out->after - line->limit;
    if (x->crossed && x->out->headroom >= 0) x->out->headroom = -1;
    say(x, "it is due in %.1f hours, %" PRId64 " is the least", (double)ahead / (double)HOUR_US, line->limit);
}

// ---- figures ----

// Crossed only when the whole range lies beyond: a figure that may as well stand on the right side stops nobody.
static bool ask_measure(asking *x, err *e) {
    const redline *line = &x->out->line;
    int64_t lo = 0, hi = 0, state = ESTIMATE_NONE;
    for (row r = store_query(x->k->s, Q_redline_measure_get, e, "t", line->measure); row_next(&r);)
        x->out->before = x->out->after = row_int(&r, 1), lo = row_int(&r, 2), hi = row_int(&r, 3),
        state = row_int(&r, 5);
    if (!err_ok(e)) return false;
    x->says = true;
    if (state != ESTIMATE_OK) {
        say(x, "%.*s %s, so that this line says nothing", STR_ARG(line->measure),
            state == ESTIMATE_THIN ? "rests on too few answers" : "has not been measured");
        return true;
    }
    int64_t at = x->out->after;
    x->crossed = line->below ? lo >= line->limit : hi <= line->limit;
    bool sure = x->crossed || (line->below ? hi < line->limit : lo > line->limit);
    x->out->headroom = line->below ? line->limit - at : at - line->limit;
    if (!x->k->words) return true;
    arena *a = x->k->a;
    say(x, "%.*s is %.*s, likely %.*s to %.*s, and must stay %s %.*s%s", STR_ARG(line->measure),
        STR_ARG(redline_limit_words(a, line, at)), STR_ARG(redline_limit_words(a, line, lo)),
        STR_ARG(redline_limit_words(a, line, hi)), line->below ? "below" : "above",
        STR_ARG(redline_limit_words(a, line, line->limit)), sure ? "" : ": not sure, so that it stops nobody");
    return true;
}

// ---- all of them ----

static bool other_currency(const redline *line, const concession_ask *ask) {
    return !strcmp(redline_unit(line->kind), "money") && line->currency && line->currency != ask->currency;
}

// A line of money cannot tell what another currency is worth. Unless there is one of its kind for that, asking in it
// would be a way around.
static void ask_abroad(asking *x) {
    const redline *line = &x->out->line;
    for (size_t i = 0; i < x->k->n; i++) {
        const redline *other = &x->k->lines[i].line;
        if (other->kind == line->kind && !other_currency(other, x->ask)) return;
    }
    if (ask_costs(x->ask) <= 0) return;
    const currency *own = currency_by_number(line->currency);
    x->says = x->crossed = true;
    say(x, "this line is in %s and says nothing of another currency", own ? own->code : "its own");
}

static bool ask_line(asking *x, err *e) {
    const redline *line = &x->out->line;
    if (other_currency(line, x->ask)) return ask_abroad(x), true;
    switch (line->kind) {
    case REDLINE_margin: ask_margin(x); break;
    case REDLINE_discount: ask_discount(x, line->limit); break;
    case REDLINE_amount: ask_amount(x, line->limit); break;
    case REDLINE_budget: ask_budget(x); break;
    case REDLINE_lead: ask_lead(x); break;
    case REDLINE_service: return ask_service(x, e);
    case REDLINE_times: return ask_times(x, e);
    case REDLINE_pace: return ask_pace(x, e);
    case REDLINE_measure: return ask_measure(x, e);
    case REDLINE_none:
    case REDLINE_KINDS: break;
    }
    return true;
}

static void add(redline_answer *out, asking *x) {
    redline_asked *q = x->out;
    if (!x->says) return;
    if (x->crossed) q->verdict = q->line.signer.len ? REDLINE_SIGNATURE : REDLINE_REFUSED;
    if (q->verdict > out->verdict) out->verdict = q->verdict;
    if (q->verdict == REDLINE_SIGNATURE && role_rank(q->line.signer) > role_rank(out->signer))
        out->signer = q->line.signer;
    out->n_asked++;
}

static asking begin(checking *k, const concession_ask *ask, redline_answer *out, const redline *line, standing *st) {
    redline_asked *q = &out->asked[out->n_asked];
    *q = (redline_asked){.line = *line};
    return (asking){.k = k, .ask = ask, .st = st, .out = q};
}

static void ask_envelope(checking *k, const concession_ask *ask, redline_answer *out) {
    const envelope *v = &k->env;
    redline line = {.name = S("what the role may give by itself"),
                    .signer = v->signer.len ? v->signer : S("manager"),
                    .currency = v->currency};
    if (v->discount_bp) {
        line.kind = REDLINE_discount, line.limit = v->discount_bp;
        asking x = begin(k, ask, out, &line, NULL);
        ask_discount(&x, v->discount_bp), add(out, &x);
    }
    if (v->most) {
        line.kind = REDLINE_amount, line.limit = v->most;
        asking x = begin(k, ask, out, &line, NULL);
        if (other_currency(&line, ask))
            ask_abroad(&x);
        else
            ask_amount(&x, v->most);
        add(out, &x);
    }
    if (!v->times) return;
    line.kind = REDLINE_times, line.limit = v->times, line.period = v->period;
    asking x = begin(k, ask, out, &line, NULL);
    x.says = true, x.crossed = k->env_times + 1 > v->times;
    x.out->before = k->env_times, x.out->after = k->env_times + 1, x.out->headroom = v->times - x.out->after;
    say(&x, "given %" PRId64 " times by them within a %s, %" PRId64 " %s allowed", k->env_times,
        redline_period_name(v->period), v->times, v->times == 1 ? "is" : "are");
    add(out, &x);
}

// Whoever loses for sure does so by somebody's signature (D06).
static void ask_wins(checking *k, const concession_ask *ask, redline_answer *out) {
    out->wins = checking_wins(k, ask, out);
    enum win w = out->wins.win;
    bool by_hand = ask->kind == CONCEDE_discount || ask->kind == CONCEDE_refund || ask->kind == CONCEDE_grant ||
                   ask->kind == CONCEDE_service;
    if (!by_hand || !ask->role.len || (w != WIN_LOSE && w != LOSE_WIN && w != LOSE_LOSE)) return;
    redline line = {.name = S("nobody loses"), .signer = S("manager"), .kind = REDLINE_amount};
    asking x = begin(k, ask, out, &line, NULL);
    x.says = x.crossed = true;
    x.out->after = out->costs, x.out->headroom = out->wins.ours_hi, x.out->sum = out->wins.sum;
    add(out, &x);
}

// Beyond our duty, whoever sent back far more than others gets nothing without a signature while such a step holds
// (decide/abuse.h): neither goodwill nor, where the parcel is to be looked at first, money at once.
static void ask_frictions(checking *k, const concession_ask *ask, redline_answer *out) {
    enum concession_kind c = ask->kind;
    bool goodwill = c == CONCEDE_discount || c == CONCEDE_refund || c == CONCEDE_reward || c == CONCEDE_grant ||
                    c == CONCEDE_service;
    bool held = k->frictions & FRICTION_no_goodwill && goodwill;
    bool later = !held && k->frictions & FRICTION_no_instant_refund && c == CONCEDE_refund;
    redline line = {.name = S("a step after many returns"), .signer = S("manager"), .kind = REDLINE_amount};
    if (!held && !later) return;
    asking x = begin(k, ask, out, &line, NULL);
    x.says = x.crossed = true;
    x.out->after = out->costs, x.out->headroom = -out->costs;
    say(&x, "%s; the steps of this customer say why and until when",
        held ? "what we give beyond our duty is on hold for them"
             : "money comes back to them once the parcel has arrived and was looked at");
    add(out, &x);
}

static int worst_first(const void *a, const void *b) {
    const redline_asked *x = a, *y = b;
    if (x->verdict != y->verdict) return x->verdict > y->verdict ? -1 : 1;
    return (x->line.id > y->line.id) - (x->line.id < y->line.id);
}

bool checking_judge(checking *k, const concession_ask *ask, redline_answer *out, err *e) {
    *out = (redline_answer){.asked = make(k->a, redline_asked, k->n + 5),
                            .currency = ask->currency,
                            .costs = ask_costs(ask),
                            .has_margin = ask->price > 0 && ask->cost >= 0 && ask->kind != CONCEDE_promise};
    if (out->has_margin) out->margin = margin_of(ask).margin, out->margin_bp = margin_bp(margin_of(ask));
    for (size_t i = 0; i < k->n; i++) {
        asking x = begin(k, ask, out, &k->lines[i].line, &k->lines[i]);
        if (!ask_line(&x, e)) return false;
        add(out, &x);
    }
    if (k->has_envelope) ask_envelope(k, ask, out);
    ask_wins(k, ask, out);
    ask_frictions(k, ask, out);
    if (k->words) qsort(out->asked, out->n_asked, sizeof *out->asked, worst_first);
    return true;
}

bool redline_check(arena *a, store *s, const concession_ask *ask, int64_t now_us, redline_answer *out, err *e) {
    checking k;
    *out = (redline_answer){0};
    if (!checking_open(&k, a, s, ask, now_us, e) || !checking_judge(&k, &k.ask, out, e)) return false;
    out->assumed = buf_str(&k.assumed);
    return out->verdict == REDLINE_ALLOWED || checking_instead(&k, out, e);
}

bool redline_promise(arena *a, store *s, enum commitment_kind kind, int64_t customer, int64_t due_us, str role,
                     int64_t now_us, redline_answer *out, err *e) {
    if (kind <= COMMITMENT_none || kind >= COMMITMENT_KINDS)
        return fail(e, ERR_invalid, "that is no kind of commitment");
    concession_ask ask = {
        .kind = CONCEDE_promise, .customer = customer, .role = role, .promise = kind, .due_us = due_us};
    return redline_check(a, s, &ask, now_us, out, e);
}
