#include "act/inbox_card.h"

#include <math.h>

#include "act/commitment_note.h"
#include "base/civil.h"
#include "know/agreement.h"
#include "know/fold.h"
#include "know/lists.h"
#include "sql/inbox.h"
#include "sql/know.h"

enum { PROFILES = 1000, QUIET_GAPS = 3, QUIET_DAYS = 14, QUIET_ORDERS = 4, YEAR = 365 };
// The likelihood of an end within 90 days above which it is said.
static const double LEAVING = 0.25;

static void hint(inbox_hint *out, size_t *n, const char *what, str text) {
    out[(*n)++] = (inbox_hint){what, text};
}

// The same silence by which decide/needs.c calls somebody gone quiet.
static bool gone_quiet(arena *a, store *s, const summary *m, int64_t now_us, int *days, err *e) {
    zone *z;
    *days = 0;
    if (m->gap_days < 0 || m->orders < QUIET_ORDERS || !m->last_order_us) return true;
    if (!store_zone(s, a, &z, e)) return false;
    int silent = zone_days(z, now_us) - zone_days(z, m->last_order_us);
    if (silent >= QUIET_GAPS * MAX(m->gap_days, 1) && silent >= QUIET_DAYS && silent <= YEAR) *days = silent;
    return true;
}

bool inbox_hints(arena *a, store *s, int64_t customer, const summary *m, const value_row *v, bool secrets,
                 int64_t now_us, inbox_hint out[INBOX_HINTS], size_t *n, err *e) {
    uint32_t states;
    int64_t until;
    int silent = 0;
    *n = 0;
    if (!gate_states(a, s, customer, now_us, &states, &until, e)) return false;
    if (m && !gone_quiet(a, s, m, now_us, &silent, e)) return false;
    if (secrets && states & STATE_HARDSHIP)
        hint(out, n, "hardship", S("they are in hardship: no reminders, no offers"));
    if (secrets && states & STATE_BEREAVED) hint(out, n, "bereaved", S("they have lost somebody"));
    if (states & STATE_COMPLAINT) hint(out, n, "complaint", S("a complaint of theirs is open"));
    if (states & STATE_BROKEN) hint(out, n, "broken", S("a promise to them is broken, and nobody has said sorry"));
    if (states & STATE_DO_NOT_ASK) hint(out, n, "do_not_ask", S("they asked for peace: ask them nothing"));
    if (v && v->risk.value >= LEAVING)
        hint(out, n, "leaving", str_fmt(a, "likely to end the contract: %.0f %%", v->risk.value * 100));
    if (silent)
        hint(out, n, "silent",
             str_fmt(a, "no order for %d days; usually every %d days", silent, (int)MAX(m->gap_days, 1)));
    return true;
}

bool inbox_owes(arena *a, store *s, int64_t customer, int64_t thread, inbox_owed *out, size_t most, size_t *n, err *e) {
    int64_t *ids = make(a, int64_t, PROFILES);
    size_t n_ids = 0;
    *n = 0;
    for (row r = store_query(s, Q_profile_of_customer, e, "i", customer); row_next(&r);)
        if (n_ids < PROFILES) ids[n_ids++] = row_int(&r, 0);
    for (row r = store_query(s, Q_inbox_promise, e, "t", list_json(a, ids, n_ids)); row_next(&r);) {
        enum commitment_kind k = (enum commitment_kind)row_int(&r, 1);
        if (*n < most && !commitment_is_theirs(k))
            out[(*n)++] = (inbox_owed){row_int(&r, 0), row_int(&r, 3), k, str_dup(a, row_str(&r, 2)),
                                       thread && row_int(&r, 4) == thread};
    }
    return err_ok(e);
}

bool inbox_offers(arena *a, store *s, int64_t customer, int64_t now_us, inbox_offer out[INBOX_OFFERS], size_t *n,
                  err *e) {
    static const enum commitment_kind kinds[INBOX_OFFERS] = {COMMITMENT_promise, COMMITMENT_callback, COMMITMENT_fix,
                                                             COMMITMENT_refund};
    *n = 0;
    for (size_t i = 0; i < INBOX_OFFERS; i++) {
        int64_t due;
        err none = {0}; // an agreement without open hours left has no date to offer
        if (!commitment_due_for(a, s, customer, kinds[i], now_us, &due, &none)) {
            if (none.code == ERR_conflict) continue;
            return *e = none, false;
        }
        out[(*n)++] = (inbox_offer){kinds[i], due};
    }
    return true;
}

bool inbox_reply_within(arena *a, store *s, int64_t now_us, int64_t *minutes, bool *open_hours, err *e) {
    const commitment_row *of = commitment_kind_row(COMMITMENT_reply);
    agreements *all;
    const agreement_terms *t;
    if (!agreements_read(a, s, &all, e)) return false;
    t = agreements_for(all, NULL, 0, S(""), now_us);
    *minutes = t->minutes[COMMITMENT_reply] ? t->minutes[COMMITMENT_reply] : of->hours * 60;
    *open_hours = of->clock == CLOCK_OPEN;
    return true;
}

bool inbox_may_reply(arena *a, store *s, int64_t customer, str by, int64_t now_us, gate_answer *out, err *e) {
    gate_ask ask = {.kind = GATE_reply, .customer = customer, .channel = CHANNEL_email, .by = by};
    return gate_look(a, s, &ask, now_us, out, e);
}
