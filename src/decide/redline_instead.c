// What would pass instead. Each proposal is found by solving the lines, and put to them once more before it is made: it
// is shown only when they allow it.
#include "decide/redline_private.h"

enum { MOST_INSTEAD = 6, MOST_PARTS = 24, MOST_DAYS = 21, QUARTER_US = 15 * 60 * 1000000u };

typedef struct {
    checking *k;
    redline_answer *out;
    err *e;
} solving;

static bool passes(solving *x, const concession_ask *ask) {
    redline_answer says;
    checking own = *x->k;
    arena scratch = *x->k->a;
    own.a = &scratch, own.words = false;
    bool ok = checking_judge(&own, ask, &says, x->e) && says.verdict == REDLINE_ALLOWED;
    return ok && err_ok(x->e);
}

static void propose(solving *x, concession_ask ask, bool can_ask, str what) {
    if (x->out->n_instead == MOST_INSTEAD) return;
    x->out->instead[x->out->n_instead++] = (redline_instead){.what = what, .ask = ask, .can_ask = can_ask};
}

static const locale *lang_of(const solving *x) {
    static const locale ours = LOCALE_ENGLISH;
    return x->k->lang ? x->k->lang : &ours;
}

static str in_words(const solving *x, enum word w, const word_place *places) {
    return word_with(x->k->a, lang_of(x), w, places);
}

static str money_in(const solving *x, int64_t minor) {
    int32_t unit = x->k->ask.currency;
    return x->k->lang ? local_money(x->k->a, x->k->lang, minor, currency_by_number(unit))
                      : money_words(x->k->a, minor, unit);
}

static str count_in(const solving *x, int64_t n) {
    return local_count(x->k->a, lang_of(x), n);
}

// ---- less ----

static concession_ask with(const concession_ask *ask, bool discount, int64_t v) {
    concession_ask x = *ask;
    if (discount)
        x.discount = v;
    else
        x.amount = v;
    return x;
}

// The largest that passes: no line minds less of it, so the border can be halved towards.
static void less(solving *x, bool discount) {
    const concession_ask *ask = &x->k->ask;
    int64_t lo = 0, hi = discount ? ask->discount : ask->amount; // lo passes (or is nothing), hi does not
    while (hi - lo > 1) {
        int64_t mid = lo + (hi - lo) / 2;
        concession_ask some = with(ask, discount, mid);
        if (passes(x, &some))
            lo = mid;
        else
            hi = mid;
    }
    if (lo <= 0) return;
    str amount = money_in(x, lo);
    int64_t bp = discount && ask->price > 0 ? (int64_t)((__int128)lo * 10000 / ask->price) : 0;
    str share = x->k->lang ? local_percent(x->k->a, x->k->lang, (double)bp / 1e4, 1) : bp_words(x->k->a, bp);
    propose(x, with(ask, discount, lo), true,
            bp ? in_words(x, WORD_server_instead_discount, PLACES({"share", share}, {"amount", amount}))
               : in_words(x, WORD_server_instead_amount, PLACES({"amount", amount})));
}

static int64_t part_of(int64_t v, int64_t n, int64_t of) {
    return v <= 0 ? v : (int64_t)((__int128)v * n / of);
}

static void fewer(solving *x) {
    const concession_ask *ask = &x->k->ask;
    for (int32_t n = ask->units - 1; n > 0 && n >= ask->units - 1000; n--) {
        concession_ask some = *ask;
        some.units = n;
        int64_t *figures[] = {&some.price, &some.discount, &some.cost, &some.amount};
        for (size_t i = 0; i < COUNT(figures); i++) *figures[i] = part_of(*figures[i], n, ask->units);
        if (!passes(x, &some)) continue;
        propose(x, some, true,
                in_words(x, WORD_server_instead_fewer, PLACES({"n", count_in(x, n)}, {"of", count_in(x, ask->units)})));
        return;
    }
}

// ---- in another way ----

// The whole price, but not at once: that costs no margin, and is often what a customer needs.
static void full_price(solving *x) {
    const concession_ask *ask = &x->k->ask;
    concession_ask some = with(ask, true, 0);
    if (ask->price <= 0 || ask->discount <= 0 || !passes(x, &some)) return;
    enum { TIMES = 3 };
    str each = money_in(x, (ask->price + TIMES - 1) / TIMES);
    propose(x, some, true, in_words(x, WORD_server_instead_full, PLACES({"n", count_in(x, TIMES)}, {"amount", each})));
}

static bool is_full(const redline_answer *out) {
    for (size_t i = 0; i < out->n_asked; i++) {
        const redline_asked *q = &out->asked[i];
        bool summed =
            q->line.kind == REDLINE_budget || q->line.kind == REDLINE_times || q->line.kind == REDLINE_service;
        if (q->verdict != REDLINE_ALLOWED && summed) return true;
    }
    return false;
}

// Only sums stand in the way: what one may cost, or how often, is not got round by cutting it into pieces.
static bool only_sums(const redline_answer *out) {
    for (size_t i = 0; i < out->n_asked; i++) {
        enum redline_kind k = out->asked[i].line.kind;
        if (out->asked[i].verdict != REDLINE_ALLOWED && k != REDLINE_budget && k != REDLINE_service) return false;
    }
    return true;
}

// In parts of which the first passes now.
static void in_parts(solving *x) {
    const concession_ask *ask = &x->k->ask;
    for (int n = 2; only_sums(x->out) && n <= MOST_PARTS; n++) {
        concession_ask first = with(ask, false, (ask->amount + n - 1) / n);
        if (!passes(x, &first)) continue;
        propose(x, first, true,
                in_words(x, WORD_server_instead_parts,
                         PLACES({"n", count_in(x, n)}, {"amount", money_in(x, first.amount)})));
        return;
    }
}

// When the period is over, if the sums of this one are all that stands in the way.
static bool next_period(solving *x) {
    int64_t when = 0;
    const zone *z;
    if (!is_full(x->out)) return true;
    x->k->next_period = true;
    bool ok = passes(x, &x->k->ask);
    x->k->next_period = false;
    for (size_t i = 0; ok && i < x->k->n; i++) {
        const standing *st = &x->k->lines[i];
        bool full = false;
        for (size_t j = 0; j < x->out->n_asked; j++)
            full |= x->out->asked[j].line.id == st->line.id && x->out->asked[j].verdict != REDLINE_ALLOWED;
        if (full && st->begun && st->line.period != PERIOD_NONE) when = MAX(when, st->period.until_us);
    }
    if (!ok || !when) return err_ok(x->e);
    if (!checking_zone(x->k, &z, x->e)) return false;
    int32_t day = zone_days(z, when);
    str from = x->k->lang ? local_day(x->k->a, x->k->lang, day) : date_str(x->k->a, day);
    propose(x, x->k->ask, false, in_words(x, WORD_server_instead_from, PLACES({"day", from})));
    return true;
}

// ---- later ----

static bool later(solving *x) {
    const concession_ask *ask = &x->k->ask;
    const zone *z;
    concession_ask some = *ask;
    int64_t at = MAX(ask->due_us, x->k->now_us);
    for (size_t i = 0; i < x->out->n_asked; i++) {
        const redline_asked *q = &x->out->asked[i];
        if (q->line.kind == REDLINE_lead) at = MAX(at, x->k->now_us + q->line.limit * HOUR_US);
    }
    at += (int64_t)QUARTER_US - 1, at -= at % (int64_t)QUARTER_US;
    for (int day = 0; day <= MOST_DAYS; day++, at += DAY_US) {
        some.due_us = at;
        if (!passes(x, &some)) {
            if (!err_ok(x->e)) return false;
            continue;
        }
        if (!checking_zone(x->k, &z, x->e)) return false;
        int32_t s = zone_second(z, at, NULL);
        str time =
            str_fmt(x->k->a, "%.*s %02d:%02d", STR_ARG(date_str(x->k->a, zone_days(z, at))), s / 3600, s / 60 % 60);
        if (x->k->lang) time = local_moment(x->k->a, x->k->lang, at, z);
        propose(x, some, true, in_words(x, WORD_server_instead_by, PLACES({"time", time})));
        return true;
    }
    return true;
}

bool checking_instead(checking *k, redline_answer *out, err *e) {
    solving x = {.k = k, .out = out, .e = e};
    out->instead = make(k->a, redline_instead, MOST_INSTEAD);
    if (k->ask.kind == CONCEDE_promise) return !k->ask.due_us || later(&x);
    if (k->ask.discount > 0) less(&x, true);
    if (k->ask.amount > 0) less(&x, false);
    if (k->ask.units > 1) fewer(&x);
    full_price(&x);
    if (k->ask.amount > 0 && !k->ask.discount) in_parts(&x);
    return err_ok(e) && next_period(&x);
}
