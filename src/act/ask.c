#include <sodium.h>

#include "act/ask.h"

#include "act/gate_settings.h"
#include "base/civil.h"
#include "know/fold.h"
#include "know/settings.h"
#include "ledger/ident.h"
#include "sql/know.h"
#include "sql/widget.h"

// ---- who it is ----

// Whoever reads the store cannot tell which browser it was: the key never leaves it, but stands in it, so this keeps
// numbers of visitors out of copies and not from whoever has all of it.
static bool person_of(store *s, const char *kind, str value, int64_t *out, err *e) {
    unsigned char key[PREFERENCE_KEY], sub[32], hash[crypto_generichash_BYTES];
    crypto_generichash_state st;
    if (!preference_key(s, key, e)) return false;
    crypto_kdf_derive_from_key(sub, sizeof sub, 3, "heedasks", key);
    crypto_generichash_init(&st, sub, sizeof sub, sizeof hash);
    crypto_generichash_update(&st, (const unsigned char *)kind, strlen(kind) + 1);
    crypto_generichash_update(&st, (const unsigned char *)value.s, value.len);
    crypto_generichash_final(&st, hash, sizeof hash);
    memcpy(out, hash, sizeof *out);
    sodium_memzero(key, sizeof key), sodium_memzero(sub, sizeof sub);
    return true;
}

static bool customer_of(store *s, str user, int64_t *customer, err *e) {
    int64_t hash = (int64_t)ident_hash(IDENT_user_id, user);
    for (row r = store_query(s, Q_identifier_find, e, "i", hash); row_next(&r);)
        if (!*customer) *customer = row_int(&r, 1);
    return err_ok(e);
}

static bool id_ok(str x, size_t least) {
    for (size_t i = 0; i < x.len; i++) {
        char c = x.s[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_'))
            return false;
    }
    return x.len >= least && x.len <= ASK_ID;
}

bool ask_person_read(arena *a, store *s, const site *x, str visitor, str user, str hash, ask_person *out, err *e) {
    const char *why = NULL;
    *out = (ask_person){0};
    if (user.len <= ASK_USER && site_signed(*a, x, user, hash))
        out->user = ident_canonical(a, IDENT_user_id, user, S(""), &why);
    if (id_ok(visitor, 8)) out->visitor = ident_canonical(a, IDENT_anonymous_id, visitor, S(""), &why);
    if (out->user.len && (!customer_of(s, out->user, &out->customer, e) ||
                          !person_of(s, "user", out->user, &out->persons[out->n_persons++], e)))
        return false;
    return !out->visitor.len || person_of(s, "visitor", out->visitor, &out->persons[out->n_persons++], e);
}

ident ask_ident(const ask_person *who) {
    if (who->user.len) return (ident){IDENT_user_id, who->user};
    if (who->visitor.len) return (ident){IDENT_anonymous_id, who->visitor};
    return (ident){0};
}

// ---- how often ----

typedef struct {
    int64_t at_us, question, until_us;
    int state;
} past;
enum { PAST_MOST = 800, HALVES = 2 };

typedef struct {
    arena *a;
    store *s;
    const site *x;
    const ask_person *who;
    int64_t now_us, until_us; // ask again then; 0: whenever
    past *past;
    size_t n;
    gate_limits limits;
    str zone;
} weighing;

static bool read_past(weighing *w, err *e) {
    w->past = make(w->a, past, PAST_MOST);
    for (int i = 0; i < w->who->n_persons; i++)
        for (row r = store_query(w->s, Q_asked_of_person, e, "iii", w->who->persons[i],
                                 w->now_us - GATE_DAYS_MOST * DAY_US, w->now_us);
             row_next(&r);)
            if (w->n < PAST_MOST)
                w->past[w->n++] = (past){row_int(&r, 0), row_int(&r, 1), row_int(&r, 3), (int)row_int(&r, 2)};
    return err_ok(e);
}

static bool open_weighing(weighing *w, err *e) {
    str country;
    return settings_get(w->a, w->s, "zone", &w->zone, e) && settings_get(w->a, w->s, "country", &country, e) &&
           gate_limits_for(w->s, S(""), country, &w->limits, e) && read_past(w, e);
}

static bool later(weighing *w, int64_t until_us) {
    if (until_us <= w->now_us) return true;
    w->until_us = w->until_us ? MIN(w->until_us, until_us) : until_us;
    return false;
}

// "Not now" holds for whoever said it, known or not.
static bool in_peace(weighing *w) {
    int64_t until = 0;
    for (size_t i = 0; i < w->n; i++) until = MAX(until, w->past[i].until_us);
    return !later(w, until);
}

// The gate's own limits, by what was asked of this browser: a stranger has no other past with us.
static bool stranger_may(weighing *w) {
    const int64_t *l = w->limits.of;
    int64_t window = l[LIMIT_budget_days] * DAY_US, used = 0, oldest = 0;
    int64_t clock = l[LIMIT_clock_none + (int)GATE_survey] * DAY_US;
    for (size_t i = 0; i < w->n; i++) {
        const past *p = &w->past[i];
        bool twin = false; // the same, noted of the user and of the browser
        for (size_t k = 0; k < i; k++) twin |= w->past[k].at_us == p->at_us;
        if (twin || (!p->question && p->state == 2)) continue;
        int64_t rest = l[p->state == 1 ? LIMIT_answered_days : LIMIT_unanswered_days] * DAY_US;
        if (!later(w, p->at_us + MAX(rest, clock))) return false;
        if (p->at_us <= w->now_us - window) continue;
        used += HALVES;
        oldest = oldest ? MIN(oldest, p->at_us) : p->at_us;
    }
    return used + HALVES <= l[LIMIT_budget] * HALVES || !later(w, (oldest ? oldest : w->now_us) + window);
}

// Where somebody is whom we do not know, nobody knows either: it is the store's own night.
static bool is_night(weighing *w, bool *night, err *e) {
    gate_offset o;
    int64_t from = w->limits.of[LIMIT_quiet_from], until = w->limits.of[LIMIT_quiet_until];
    if (!gate_offset_at(*w->a, w->s, w->zone, w->now_us, false, &o, e)) return false;
    int64_t s = floor_div(w->now_us, SECOND_US) + o.offset_s, hour = (s - floor_div(s, 86400) * 86400) / 3600;
    *night = from != until && (from < until ? hour >= from && hour < until : hour >= from || hour < until);
    if (*night) later(w, w->now_us + HOUR_US);
    return true;
}

// The same people for the whole of a question's days, then others: whoever is not among them is left alone.
static bool is_chosen(weighing *w, const question *q) {
    int64_t span = q->days * DAY_US, turn = floor_div(w->now_us, span);
    uint64_t h = (uint64_t)w->who->persons[0] * UINT64_C(0x9E3779B97F4A7C15);
    h = str_hash2(h ^ (uint64_t)(q->id * 1000003 + turn), S("share"));
    if ((int)(h % 100) < q->share) return true;
    later(w, (turn + 1) * span);
    return false;
}

static bool is_due(weighing *w, const question *q) {
    int64_t last = 0;
    for (size_t i = 0; i < w->n; i++)
        if (w->past[i].question == q->id) last = MAX(last, w->past[i].at_us);
    return !last || later(w, last + q->days * DAY_US);
}

static gate_ask asks_of(weighing *w, const question *q) {
    return (gate_ask){.kind = GATE_survey,
                      .customer = w->who->customer,
                      .channel = CHANNEL_web,
                      .survey = q->name,
                      .by = str_fmt(w->a, "site:%" PRId64, w->x->id)};
}

// Whom we know passes the gate; a look, or (l not NULL) for good.
static bool gate_says(weighing *w, ledger *l, const question *q, bool *may, err *e) {
    gate_answer out;
    gate_ask ask = asks_of(w, q);
    if (!(l ? gate_pass(l, w->a, &ask, &out, e) : gate_look(w->a, w->s, &ask, w->now_us, &out, e))) return false;
    *may = out.verdict == GATE_ALLOW;
    if (out.verdict == GATE_DELAY) later(w, out.until_us);
    return true;
}

static bool may_ask(weighing *w, const question *q, bool *may, err *e) {
    bool night = false;
    *may = is_chosen(w, q) && is_due(w, q);
    if (!*may) return true;
    if (w->who->customer) return gate_says(w, NULL, q, may, e);
    *may = stranger_may(w);
    if (*may && !is_night(w, &night, e)) return false;
    *may &= !night;
    return true;
}

static bool choose(weighing *w, question *out, err *e) {
    question *all;
    size_t n;
    bool may = false;
    *out = (question){0};
    if (!w->who->n_persons) return true; // nobody to remember it of
    if (!question_list(w->a, w->s, w->x->id, &all, &n, e)) return false;
    bool any = false;
    for (size_t i = 0; i < n; i++) any |= all[i].active && all[i].way == QUESTION_widget;
    if (!any) return true;
    if (!open_weighing(w, e)) return false;
    if (in_peace(w)) return true;
    for (size_t i = 0; i < n && !may; i++) {
        if (!all[i].active || all[i].way != QUESTION_widget) continue;
        if (!may_ask(w, &all[i], &may, e)) return false;
        if (may) *out = all[i];
    }
    return true;
}

bool ask_next(arena *a, store *s, const site *x, const ask_person *who, int64_t now_us, question *out, int64_t *again_s,
              err *e) {
    weighing w = {.a = a, .s = s, .x = x, .who = who, .now_us = now_us};
    if (!choose(&w, out, e)) return false;
    int64_t wait = w.until_us ? (w.until_us - now_us) / SECOND_US : ASK_AGAIN_MOST_S;
    *again_s = MIN(MAX(wait, ASK_AGAIN_LEAST_S), ASK_AGAIN_MOST_S);
    return true;
}

// Noted of the user and of the browser, so that signing out begins nothing anew.
static bool put_asked(ledger *l, const ask_person *who, const question *q, int64_t at_us, int64_t asked, err *e) {
    for (int i = 0; i < who->n_persons; i++) {
        int64_t id = asked, of = i ? 0 : q->id, told = i || !who->customer;
        if (i && !ledger_id(l, &id, e)) return false;
        if (!store_run(ledger_store(l), Q_asked_put, NULL, e, "iiiiiiii", id, of, who->persons[i], who->customer, at_us,
                       (int64_t)0, (int64_t)0, told))
            return false;
    }
    return true;
}

bool ask_claim(ledger *l, arena *a, const site *x, const ask_person *who, int64_t *asked, question *out, err *e) {
    const world *clock = ledger_world(l);
    weighing w = {.a = a, .s = ledger_store(l), .x = x, .who = who, .now_us = clock->now_us(clock)};
    bool may = true;
    *asked = 0;
    if (!choose(&w, out, e)) return false;
    if (!out->id || (who->customer && !gate_says(&w, l, out, &may, e))) return err_ok(e);
    if (!may) return true;
    return ledger_id(l, asked, e) && put_asked(l, who, out, w.now_us, *asked, e);
}

// ---- afterwards ----

bool ask_answered(store *s, int64_t asked, err *e) {
    return store_run(s, Q_asked_end, NULL, e, "iii", asked, (int64_t)1, (int64_t)0);
}

bool ask_declined(ledger *l, const ask_person *who, int64_t asked, bool for_ever, err *e) {
    const world *w = ledger_world(l);
    store *s = ledger_store(l);
    int64_t now = w->now_us(w), until = for_ever ? INT64_MAX : now + ASK_NOT_NOW_DAYS * DAY_US, n = 0, id;
    if (asked && !store_run(s, Q_asked_end, &n, e, "iii", asked, (int64_t)2, until)) return false;
    // A wish for good holds in this browser and for the user, wherever else they are asked.
    for (int i = 0; i < who->n_persons; i++) {
        if (!for_ever && n) break;
        if (!ledger_id(l, &id, e) || !store_run(s, Q_asked_put, NULL, e, "iiiiiiii", id, (int64_t)0, who->persons[i],
                                                who->customer, now, (int64_t)2, until, (int64_t)1))
            return false;
    }
    return true;
}

bool ask_counts(store *s, int64_t question_id, int64_t since_us, int64_t *asked, int64_t *answered, err *e) {
    *asked = *answered = 0;
    for (row r = store_query(s, Q_asked_counts, e, "ii", question_id, since_us); row_next(&r);)
        *asked = row_int(&r, 0), *answered = row_int(&r, 1);
    return err_ok(e);
}
