#include "act/referral_note.h"

#include <math.h>

#include "base/civil.h"
#include "base/map64.h"
#include "know/fold.h"
#include "know/measure.h"
#include "know/told.h"
#include "sql/know.h"
#include "stats/dist.h"

enum { YEAR_DAYS = 365, MONTHS = 12, WORDS_MOST = 400 };

// ---- noting ----

static bool may(arena *a, store *s, const referral_note *n, err *e) {
    referral_link *links;
    size_t k;
    if (n->referrer == n->customer)
        return fail(e, ERR_conflict, "customer %" PRId64 " cannot have brought themselves", n->customer);
    if (!referral_graph(a, s, &links, &k, e)) return false;
    map64 at = map64_new(a, k + 1);
    for (size_t i = 0; i < k; i++) map64_put(&at, links[i].customer, (int32_t)i);
    if (map64_get(&at, n->customer) >= 0)
        return fail(e, ERR_conflict, "it has been noted already why customer %" PRId64 " came", n->customer);
    for (int32_t i = n->referrer ? map64_get(&at, n->referrer) : -1; i >= 0; i = links[i].parent)
        if (links[i].referrer == n->customer)
            return fail(e, ERR_conflict,
                        "customer %" PRId64 " was brought by customer %" PRId64 ", so it cannot be the other way",
                        n->referrer, n->customer);
    return true;
}

static str extra_of(arena *a, const referral_note *n, ident who) {
    buf b = buf_new(a, 1 << 12);
    buf_add(&b, S("\"by\":")), buf_json_str(&b, n->by);
    if (n->asked) buf_add(&b, S(",\"asked\":true"));
    if (!who.kind) return buf_str(&b);
    buf_add(&b, S(",\"referrer_kind\":")), buf_json_str(&b, ident_name(who.kind));
    buf_add(&b, S(",\"referrer\":")), buf_json_str(&b, who.value);
    return buf_str(&b);
}

bool referral_write(ledger *l, arena *a, const referral_note *n, err *e) {
    store *s = ledger_store(l);
    const world *w = ledger_world(l);
    ident who = {0}, of = {0};
    int64_t source, import, at = n->at_us ? n->at_us : w->now_us(w);
    tally t;
    if (!n->what) return fail(e, ERR_invalid, "'what' is friend, review, search, ad or other");
    if (n->words.len > WORDS_MOST) return fail(e, ERR_invalid, "'words' are longer than %d letters", WORDS_MOST);
    if (!told_named(a, s, n->customer, &who, e) || (n->referrer && !told_named(a, s, n->referrer, &of, e)) ||
        !may(a, s, n, e))
        return false;
    if (!told_place(l, S("referrals"), n->customer, &source, &import, e)) return false;
    event ev = {.kind = KIND_referral,
                .channel = CHANNEL_staff,
                .at_us = at,
                .ids = {who},
                .n_ids = 1,
                .topic = str_c(referral_what_name(n->what)),
                .text = n->words,
                .mood = MOOD_UNKNOWN,
                .extra = extra_of(a, n, of)};
    ev.ext = str_fmt(a, "referral:%d:%.*s", (int)who.kind, STR_ARG(who.value));
    intake in = {.events = &ev, .row_of = &(int32_t){0}, .n = 1, .rows = 1};
    return ledger_write(l, import, &in, &t, e);
}

// ---- earned growth ----

// Σy/Σx − 1 over customers by the delta method, y what the same and the earned new ones brought: few large customers
// carry little information whatever their number, so Kish's (Σx)²/Σx² must be enough.
estimate growth_estimate(arena *a, const growth_of *v, size_t n) {
    estimate e = {.method = "delta method over customers"};
    double x = 0, y = 0, x2 = 0, y2 = 0, xy = 0;
    int64_t of = 0;
    for (size_t i = 0; i < n; i++) {
        double xi = (double)v[i].before, yi = (double)v[i].again + (double)v[i].fresh;
        x += xi, y += yi, x2 += xi * xi, y2 += yi * yi, xy += xi * yi, of += v[i].before > 0;
    }
    if (x <= 0) return estimate_none(e.method, "there was no revenue in the year before");
    double eff = x * x / x2, r = y / x, m = (double)n, squares = y2 - 2 * r * xy + r * r * x2;
    estimate_judge(a, &e, (sampling){.deff = (double)of / eff, .of = "customer"}, of);
    e.value = e.point = r - 1;
    e.var = n > 1 ? m / (m - 1) * MAX(squares, 0) / (x * x) : 0;
    double half = n > 1 ? dist_t_at(0.975, MAX((double)of - 1, 1)) * sqrt(e.var) : INFINITY;
    e.lo = e.value - half, e.hi = e.value + half;
    estimate_clamp(&e, -1, INFINITY);
    return e;
}

// What a customer brought in a year: purchases less what went back; of who is under contract and buys nothing, the
// monthly worth at the beginning of each month.
static int64_t revenue(const timeline *t, const zone *z, int32_t unit, int64_t since_us, int64_t until_us) {
    int32_t from = zone_days(z, since_us), to = zone_days(z, until_us);
    int64_t sum = 0, monthly;
    bool buys = false;
    for (int32_t i = 0; i < t->n_purse; i++) {
        const purse_entry *p = &t->purse[i];
        bool bought = timeline_is_purchase(t, p);
        buys |= bought;
        if (p->unit != unit || p->day < from || p->day >= to) continue;
        if (bought) sum = sum64(sum, p->value);
        if (kind_sign((enum kind)p->kind) < 0) sum = sum64(sum, -p->value);
    }
    if (buys || !t->n_contracts) return MAX(sum, 0);
    for (int m = 0; m < MONTHS; m++)
        if (contract_at(t, since_us + (until_us - since_us) / MONTHS * m + 1, &monthly)) sum = sum64(sum, monthly);
    return MAX(sum, 0);
}

static bool bought_before(const timeline *t, const zone *z, int64_t at_us) {
    int32_t day = zone_days(z, at_us);
    for (int32_t i = 0; i < t->n_purse; i++)
        if (t->purse[i].day < day && timeline_is_purchase(t, &t->purse[i])) return true;
    for (int32_t i = 0; i < t->n_contracts; i++)
        if (t->contracts[i].at_us < at_us) return true;
    return false;
}

typedef struct {
    arena *a;
    zone *z;
    earned_growth *out;
    map64 came; // customer → how + 1
    growth_of *v;
    size_t n, room;
} growing;

static void add(growing *g, growth_of x) {
    if (g->n == g->room) {
        growth_of *more = make(g->a, growth_of, g->room = g->room ? g->room * 2 : 1024);
        if (g->n) memcpy(more, g->v, g->n * sizeof *more);
        g->v = more;
    }
    g->v[g->n++] = x;
}

static void take(growing *g, int64_t customer, const timeline *t) {
    earned_growth *o = g->out;
    int64_t year = o->until_us - o->since_us, before = revenue(t, g->z, o->currency, o->since_us - year, o->since_us);
    int64_t now = revenue(t, g->z, o->currency, o->since_us, o->until_us);
    if (before > 0) {
        o->before = sum64(o->before, before), o->again = sum64(o->again, now), o->customers++;
        add(g, (growth_of){before, now, 0});
        return;
    }
    if (!now || bought_before(t, g->z, o->since_us)) return; // who comes back is neither new nor kept
    int32_t how = map64_get(&g->came, customer);
    o->fresh++, o->told += how >= 0;
    if (how == CAME_EARNED) {
        o->earned = sum64(o->earned, now);
        add(g, (growth_of){0, 0, now});
    } else if (how >= 0)
        o->bought = sum64(o->bought, now);
    else
        o->unknown = sum64(o->unknown, now);
}

static bool main_currency(store *s, int32_t *unit, err *e) {
    enum { KINDS = 1000 };
    int64_t many[KINDS] = {0}, best = 0;
    *unit = 0;
    for (row r = store_query(s, Q_summary_scan, e, ""); row_next(&r);) {
        int64_t c = row_int(&r, 3);
        if (c > 0 && c < KINDS && ++many[c] > best) best = many[c], *unit = (int32_t)c;
    }
    return err_ok(e);
}

bool earned_growth_read(arena *a, store *s, int64_t until_us, earned_growth *out, err *e) {
    referral_link *links;
    size_t n;
    growing g = {.a = a, .out = out};
    *out = (earned_growth){.since_us = until_us - YEAR_DAYS * DAY_US, .until_us = until_us};
    if (!store_zone(s, a, &g.z, e) || !main_currency(s, &out->currency, e) || !referral_graph(a, s, &links, &n, e))
        return false;
    g.came = map64_new(a, n + 1);
    for (size_t i = 0; i < n; i++) {
        bool wrong = links[i].flaw == REFERRAL_SELF || links[i].flaw == REFERRAL_CIRCLE;
        map64_put(&g.came, links[i].customer, (int32_t)(wrong ? CAME_OTHER : referral_how(links[i].what)));
    }
    arena life = arena_open((size_t)1 << 30);
    for (row r = store_query(s, Q_summary_scan, e, ""); row_next(&r);) {
        arena one = life;
        timeline t;
        if (!timeline_decode(&one, row_str(&r, 25), &t, e)) {
            row_end(&r);
            break;
        }
        take(&g, row_int(&r, 0), &t);
    }
    arena_close(&life);
    growth_of *part = make(a, growth_of, g.n + 1);
    for (size_t i = 0; i < g.n; i++) part[i] = (growth_of){g.v[i].before, g.v[i].again, 0};
    out->nrr = growth_estimate(a, part, g.n);
    for (size_t i = 0; i < g.n; i++) part[i] = (growth_of){g.v[i].before, 0, g.v[i].fresh};
    out->enc = growth_estimate(a, part, g.n);
    // A share of its own, not a growth: what was taken off is added again.
    estimate *own[] = {&out->nrr, &out->enc};
    for (size_t i = 0; i < COUNT(own); i++)
        if (estimate_shown(own[i])) own[i]->value++, own[i]->point++, own[i]->lo++, own[i]->hi++;
    out->growth = growth_estimate(a, g.v, g.n);
    if (out->growth.state == ESTIMATE_OK && out->told * 2 < out->fresh)
        out->growth.state = ESTIMATE_THIN,
        out->growth.why = "fewer than half of the new customers told why they came; the others count as not earned";
    return err_ok(e);
}
