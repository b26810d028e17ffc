// What somebody looks at who decides or judges: the words behind a sign, what was done since, what happened lately.
#include "decide/dissatisfied_private.h"

#include "know/commitment.h"
#include "know/fold.h"
#include "know/inbox.h"
#include "know/meaning.h"
#include "sql/act.h"
#include "sql/know.h"

enum { PROFILES = 64 };

static bool profiles_of(store *s, int64_t customer, int64_t *out, size_t *n, err *e) {
    *n = 0;
    for (row r = store_query(s, Q_profile_of_customer, e, "i", customer); row_next(&r);)
        if (*n < PROFILES) out[(*n)++] = row_int(&r, 0);
    return err_ok(e);
}

// ---- what was done ----

static bool read_promises(arena *a, store *s, const dissatisfied_one *x, int64_t now_us, dissatisfied_deeds *out,
                          err *e) {
    int64_t profiles[PROFILES];
    size_t n;
    if (!profiles_of(s, x->customer, profiles, &n, e)) return false;
    for (size_t i = 0; err_ok(e) && i < n; i++)
        for (row r = store_query(s, Q_commitment_of_profile, e, "i", profiles[i]); row_next(&r);) {
            const commitment c = commitment_read(a, &r);
            const enum commitment_status st = commitment_status(&c, now_us);
            if (commitment_is_theirs(c.kind) || c.made_us >= now_us) continue;
            if (st == OWED_broken && c.owner.len) out->owner = str_dup(a, c.owner);
            if (c.made_us >= x->since_us && c.made_us > out->promised_us && !c.standard_id && st != OWED_void)
                out->promised_us = c.made_us, out->commitment = c.id;
        }
    return err_ok(e);
}

static bool read_refund(arena scratch, store *s, const dissatisfied_one *x, const zone *z, dissatisfied_deeds *out,
                        err *e) {
    for (row r = store_query(s, Q_summary_get, e, "i", x->customer); row_next(&r);) {
        timeline t;
        if (!timeline_decode(&scratch, row_str(&r, 25), &t, e)) return row_end(&r), false;
        for (int32_t i = t.n_purse; i-- > 0 && !out->refunded_us;) {
            if (t.purse[i].kind != KIND_refund || t.purse[i].day <= zone_days(z, x->since_us)) continue;
            out->refunded_us = zone_day_start_us(z, t.purse[i].day), out->refund = t.purse[i].value;
        }
    }
    return err_ok(e);
}

bool dissatisfied_done(arena *a, store *s, const dissatisfied_one *x, int64_t now_us, dissatisfied_deeds *out, err *e) {
    enum { ITEMS = 20 };
    inbox_item items[ITEMS];
    size_t n = 0;
    zone *z;
    arena scratch = arena_open((size_t)1 << 28);
    *out = (dissatisfied_deeds){.answered_us = x->answered_us > x->since_us ? x->answered_us : 0};
    bool ok = store_zone(s, &scratch, &z, e) && read_promises(a, s, x, now_us, out, e) &&
              read_refund(scratch, s, x, z, out, e) && inbox_of_customer(&scratch, s, x->customer, items, ITEMS, &n, e);
    for (size_t i = 0; ok && i < n && !out->account; i++)
        if (inbox_tab_now(&items[i], now_us) != INBOX_DONE) out->account = items[i].assignee;
    arena_close(&scratch);
    return ok;
}

// ---- evidence ----

static bool read_words(arena *a, store *s, const sign *x, str *out, err *e) {
    record r;
    said what;
    if (!ledger_get(s, a, event_period(x->at_us), x->profile, x->at_us, x->place, &r, e)) return err_ok(e);
    if (said_of(a, &r, &what)) *out = what.text;
    return true;
}

bool dissatisfied_evidence(arena *a, store *s, const sign *x, sign_evidence *out, err *e) {
    *out = (sign_evidence){0};
    switch (signal_get(x->signal)->group) {
    case GROUP_SAID: {
        const struct meaning_place p = {x->profile, x->place, x->at_us};
        int64_t customer;
        return meaning_whose(s, &p, &out->feedback, &customer, e) && read_words(a, s, x, &out->words, e);
    }
    case GROUP_CONTACT: out->inbox = inbox_id_of(INBOX_talk, x->profile, x->place); return true;
    case GROUP_OWED: {
        commitment c;
        out->commitment = x->place;
        if (commitment_get(a, s, x->place, &c, e)) out->words = c.what;
        return err_ok(e);
    }
    case GROUP_MONEY:
    case GROUP_AWAY:
    case GROUP_PERSON:
    case SIGNAL_GROUPS: break;
    }
    return true;
}

// ---- what happened lately ----

typedef struct {
    arena *a;
    int64_t since_us, until_us;
    record *v;
    size_t n, most;
} lately;

// What people of ours noted about them is left out: it may say what heed or somebody thinks already.
static bool take_lately(void *ctx, const record *r, err *e) {
    lately *k = ctx;
    (void)e;
    if (r->at_us < k->since_us || r->at_us >= k->until_us || kind_class((enum kind)r->kind) == CLASS_FACT ||
        r->kind == KIND_note || r->kind == KIND_usage)
        return true;
    if (k->n == k->most) {
        size_t oldest = 0;
        for (size_t i = 1; i < k->n; i++)
            if (k->v[i].at_us < k->v[oldest].at_us) oldest = i;
        if (k->v[oldest].at_us >= r->at_us) return true;
        k->v[oldest] = k->v[--k->n];
    }
    k->v[k->n] = *r, k->v[k->n++].body = str_dup(k->a, r->body);
    return true;
}

static int latest_first(const void *p, const void *q) {
    const record *x = p, *y = q;
    if (x->at_us != y->at_us) return x->at_us > y->at_us ? -1 : 1;
    return (x->key > y->key) - (x->key < y->key);
}

bool dissatisfied_lately(arena *a, store *s, int64_t customer, int64_t now_us, size_t most, record **out, size_t *n,
                         err *e) {
    int64_t profiles[PROFILES];
    size_t n_profiles;
    lately k = {.a = a, .since_us = now_us - LATELY_DAYS * DAY_US, .until_us = now_us, .most = most};
    k.v = make(a, record, most + 1);
    if (!profiles_of(s, customer, profiles, &n_profiles, e)) return false;
    for (size_t i = 0; i < n_profiles; i++)
        if (!ledger_profile_events_since(s, profiles[i], k.since_us, take_lately, &k, e)) return false;
    if (k.n) qsort(k.v, k.n, sizeof *k.v, latest_first);
    *out = k.v, *n = k.n;
    return true;
}
