#include "decide/redline_private.h"

#include "know/measure.h"

// ---- names ----

static const char *const concessions[CONCESSION_KINDS] = {
#define CONCESSION(name, id, text) [id] = #name,
#include "decide/concessions.def"
};
static const struct {
    const char *name, *unit;
    bool sums;
} kinds[REDLINE_KINDS] = {
#define IN_BP                               "bp"
#define IN_MONEY                            "money"
#define IN_HOURS                            "hours"
#define IN_COUNT                            "count"
#define IN_VALUE                            "value"
#define REDLINE(name, id, unit, sums, text) [id] = {#name, IN_##unit, sums},
#include "decide/redlines.def"
};
static const char *const periods[] = {"none", "day", "week", "month", "quarter", "year"};

const char *concession_name(enum concession_kind k) {
    return k > 0 && k < CONCESSION_KINDS ? concessions[k] : "";
}

enum concession_kind concession_of(str name) {
    for (int i = 1; i < CONCESSION_KINDS; i++)
        if (str_eq(name, str_c(concessions[i]))) return (enum concession_kind)i;
    return CONCEDE_none;
}

const char *redline_kind_name(enum redline_kind k) {
    return k > 0 && k < REDLINE_KINDS ? kinds[k].name : "";
}

enum redline_kind redline_kind_of(str name) {
    for (int i = 1; i < REDLINE_KINDS; i++)
        if (str_eq(name, str_c(kinds[i].name))) return (enum redline_kind)i;
    return REDLINE_none;
}

const char *redline_unit(enum redline_kind k) {
    return k > 0 && k < REDLINE_KINDS ? kinds[k].unit : "";
}

bool redline_sums(enum redline_kind k) {
    return k > 0 && k < REDLINE_KINDS && kinds[k].sums;
}

const char *redline_period_name(enum redline_period p) {
    return periods[p];
}

bool redline_period_of(str name, enum redline_period *p) {
    for (size_t i = 0; i < COUNT(periods); i++)
        if (str_eq(name, str_c(periods[i]))) return *p = (enum redline_period)i, true;
    return false;
}

const char *redline_verdict_name(enum redline_verdict v) {
    static const char *const names[] = {"allowed", "signature", "refused"};
    return names[v];
}

// "win_win".
static const char *win_name(enum win w) {
    static const char *const names[] = {"unknown", "win_win", "win_lose", "lose_win", "lose_lose", "unsure"};
    return names[w];
}

// ---- words ----

str bp_words(arena *a, int64_t bp) {
    if (bp % 100 == 0) return str_fmt(a, "%" PRId64 " %%", bp / 100);
    return str_fmt(a, bp % 10 ? "%.2f %%" : "%.1f %%", (double)bp / 100);
}

str money_words(arena *a, int64_t minor, int32_t unit) {
    return money_str(a, minor, currency_by_number(unit));
}

int64_t share_of(int64_t amount, int64_t bp) {
    __int128 x = (__int128)amount * bp;
    return (int64_t)((x + (x < 0 ? -5000 : 5000)) / 10000);
}

str redline_limit_words(arena *a, const redline *x, int64_t v) {
    enum measure m;
    switch (x->kind) {
    case REDLINE_margin:
    case REDLINE_discount: return bp_words(a, v);
    case REDLINE_amount:
    case REDLINE_service:
    case REDLINE_budget: return money_words(a, v, x->currency);
    case REDLINE_times: return str_fmt(a, "%" PRId64 " %s", v, v == 1 ? "time" : "times");
    case REDLINE_pace: return str_fmt(a, "%" PRId64 " an agent hour", v);
    case REDLINE_lead: return str_fmt(a, "%" PRId64 " %s", v, v == 1 ? "hour" : "hours");
    case REDLINE_measure:
        if (measure_of(x->measure, &m) && measure_get(m)->unit == UNIT_SHARE) return bp_words(a, v);
        if (measure_of(x->measure, &m) && measure_get(m)->unit == UNIT_DURATION)
            return str_fmt(a, "%.4g h", (double)v / 100);
        return str_fmt(a, "%.4g", (double)v / 100);
    case REDLINE_none:
    case REDLINE_KINDS: break;
    }
    return S("");
}

bool redline_speaks(const redline *x, const concession_ask *ask) {
    if (x->of && !(x->of >> ask->kind & 1)) return false;
    return (!x->product.len || str_eq(x->product, ask->product)) &&
           (!x->channel.len || str_eq(x->channel, ask->channel)) && (!x->role.len || str_eq(x->role, ask->role));
}

// ---- JSON ----

static void put_money(json_out *j, const char *key, int64_t minor, int32_t number) {
    const currency *c = currency_by_number(number);
    json_open(j, key, '{');
    json_put_int(j, "value", minor);
    json_put_str(j, "currency", str_c(c ? c->code : ""));
    json_close(j, '}');
}

static void put_or_null(json_out *j, const char *key, str v) {
    if (v.len)
        json_put_str(j, key, v);
    else
        json_put_null(j, key);
}

static void put_scope(json_out *j, const redline *x) {
    json_open(j, "of", '[');
    for (int i = 1; i < CONCESSION_KINDS; i++)
        if (x->of >> i & 1) json_put_str(j, NULL, str_c(concessions[i]));
    json_close(j, ']');
    if (x->segment)
        json_put_int(j, "segment", x->segment);
    else
        json_put_null(j, "segment");
    put_or_null(j, "product", x->product);
    put_or_null(j, "channel", x->channel);
    put_or_null(j, "role", x->role);
    put_or_null(j, "measure", x->measure);
}

void redline_json(json_out *j, const char *key, const redline *x) {
    const currency *c = currency_by_number(x->currency);
    json_open(j, key, '{');
    json_put_int(j, "id", x->id);
    json_put_int(j, "version", x->version);
    json_put_str(j, "name", x->name);
    json_put_str(j, "kind", str_c(redline_kind_name(x->kind)));
    json_put_int(j, "limit", x->limit);
    json_put_str(j, "unit", str_c(redline_unit(x->kind)));
    put_or_null(j, "currency", str_c(c && !strcmp(redline_unit(x->kind), "money") ? c->code : ""));
    json_put_str(j, "period", str_c(periods[x->period]));
    put_scope(j, x);
    json_put_bool(j, "below", x->below);
    put_or_null(j, "signer", x->signer);
    json_put_str(j, "why", x->why);
    json_put_time(j, "from", x->from_us);
    json_put_time(j, "until", x->until_us);
    json_put_time(j, "made", x->made_us);
    json_put_str(j, "by", x->by);
    json_put_time(j, "ended", x->ended_us);
    json_put_bool(j, "retired", x->retired);
    json_close(j, '}');
}

static void put_asked(json_out *j, const redline_asked *x) {
    json_open(j, NULL, '{');
    if (x->line.id)
        json_put_int(j, "line", x->line.id);
    else
        json_put_null(j, "line");
    json_put_str(j, "name", x->line.name);
    json_put_str(j, "kind", str_c(redline_kind_name(x->line.kind)));
    json_put_str(j, "verdict", str_c(redline_verdict_name(x->verdict)));
    put_or_null(j, "signer", x->verdict == REDLINE_SIGNATURE ? x->line.signer : S(""));
    json_put_int(j, "limit", x->line.limit);
    json_put_str(j, "unit", str_c(redline_unit(x->line.kind)));
    json_put_int(j, "before", x->before);
    json_put_int(j, "after", x->after);
    json_put_int(j, "headroom", x->headroom);
    json_put_str(j, "sum", x->sum);
    json_put_str(j, "why", x->line.why);
    json_close(j, '}');
}

static void put_instead(json_out *j, const redline_instead *x, int32_t unit) {
    json_open(j, NULL, '{');
    json_put_str(j, "what", x->what);
    json_put_bool(j, "can_ask", x->can_ask);
    put_money(j, "price", MAX(x->ask.price, 0), unit);
    put_money(j, "discount", MAX(x->ask.discount, 0), unit);
    put_money(j, "amount", MAX(x->ask.amount, 0), unit);
    json_put_int(j, "units", x->ask.units);
    json_put_time(j, "due", x->ask.due_us);
    json_close(j, '}');
}

static void put_wins(json_out *j, const redline_wins *w, int32_t unit) {
    json_open(j, "wins", '{');
    json_put_str(j, "who", str_c(win_name(w->win)));
    put_money(j, "theirs", w->theirs, unit);
    put_money(j, "theirs_lo", w->theirs_lo, unit);
    put_money(j, "theirs_hi", w->theirs_hi, unit);
    put_money(j, "ours_lo", w->ours_lo, unit);
    put_money(j, "ours_hi", w->ours_hi, unit);
    json_put_num(j, "pays_from", w->pays_from);
    json_put_str(j, "sum", w->sum);
    json_close(j, '}');
}

void redline_answer_json(json_out *j, const char *key, const redline_answer *x) {
    json_open(j, key, '{');
    json_put_str(j, "verdict", str_c(redline_verdict_name(x->verdict)));
    put_or_null(j, "signer", x->signer);
    put_money(j, "costs", x->costs, x->currency);
    if (x->has_margin) {
        put_money(j, "margin", x->margin, x->currency);
        json_put_int(j, "margin_bp", x->margin_bp);
    } else {
        json_put_null(j, "margin");
        json_put_null(j, "margin_bp");
    }
    json_open(j, "lines", '[');
    for (size_t i = 0; i < x->n_asked; i++) put_asked(j, &x->asked[i]);
    json_close(j, ']');
    json_open(j, "instead", '[');
    for (size_t i = 0; i < x->n_instead; i++) put_instead(j, &x->instead[i], x->currency);
    json_close(j, ']');
    put_wins(j, &x->wins, x->currency);
    json_put_str(j, "assumed", x->assumed);
    json_close(j, '}');
}

bool redline_refuse(arena scratch, const redline_answer *x, err *e) {
    arena *a = &scratch;
    const redline_asked *worst = x->n_asked ? &x->asked[0] : NULL;
    str line = worst ? worst->line.name : S("a red line");
    str why = worst && worst->sum.len ? worst->sum : S("it is not allowed");
    str remedy = x->n_instead ? str_fmt(a, "; possible is %.*s", STR_ARG(x->instead[0].what))
                 : x->verdict == REDLINE_SIGNATURE
                     ? str_fmt(a, "; %.*s can sign for it", STR_ARG(x->signer.len ? x->signer : S("nobody")))
                     : S("");
    return fail(e, ERR_conflict, "\"%.*s\" stands in the way: %.*s%.*s", (int)MIN(line.len, (size_t)40), line.s,
                (int)MIN(why.len, (size_t)110), why.s, (int)MIN(remedy.len, (size_t)70), remedy.s);
}
