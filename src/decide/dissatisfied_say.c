// What a person says of a customer becomes an event.
#include "decide/dissatisfied_private.h"

#include "base/json.h"
#include "know/told.h"
#include "sql/decide_dissatisfied.h"
#include "sql/know.h"

static str ext_of(arena *a, int64_t profile, int64_t at_us) {
    return str_fmt(a, "judged:%" PRId64 ":%" PRId64, profile, at_us);
}

static event event_of(arena *a, const judgement *j) {
    return (event){.kind = KIND_judged,
                   .channel = CHANNEL_staff,
                   .at_us = j->at_us,
                   .ext = ext_of(a, j->profile, j->at_us),
                   .of_profile = j->profile,
                   .value = j->month,
                   .has_value = j->month != 0,
                   .topic = str_c(judged_name(j->says)),
                   .mood = MOOD_UNKNOWN,
                   .staff = j->who};
}

static bool tell(ledger *l, int64_t import, const event *ev, err *e) {
    tally counted;
    int32_t of = 0;
    intake in = {.events = ev, .row_of = &of, .n = 1, .rows = 1};
    return ledger_write(l, import, &in, &counted, e) && ledger_settle(l, e);
}

// The profile under which the customer was drawn.
static bool sampled_as(store *s, int month, int64_t customer, int64_t *profile, err *e) {
    bool there = false;
    for (row r = store_query(s, Q_judged_sample_list, e, "i", (int64_t)month); row_next(&r);)
        if (row_int(&r, 4) == customer) *profile = row_int(&r, 0), there = true;
    return err_ok(e) && (there || fail(e, ERR_not_found, "customer %" PRId64 " is not in the sample of %04d-%02d",
                                       customer, month / 100, month % 100));
}

static bool is_known(store *s, int64_t customer, err *e) {
    bool there = false;
    for (row r = store_query(s, Q_profile_of_customer, e, "i", customer); row_next(&r);) there = true;
    return err_ok(e) && (there || fail(e, ERR_not_found, "there is no customer %" PRId64, customer));
}

bool dissatisfied_say(ledger *l, arena *a, int64_t customer, enum judged_says says, int month, str by, str *undo,
                      err *e) {
    const world *w = ledger_world(l);
    store *s = ledger_store(l);
    judgement j = {.profile = customer, .says = says, .month = month, .who = by};
    int64_t source, import, last;
    if (!is_known(s, customer, e) || (month && !sampled_as(s, month, customer, &j.profile, e)) ||
        !told_place(l, S("dissatisfied"), customer, &source, &import, e) ||
        !store_int(s, Q_judged_later, &last, 0, e, "i", j.profile))
        return false;
    j.at_us =
        MAX(w->now_us(w), last + 1); // what is said now comes after what was said before, however coarse the clock
    *undo = str_fmt(a, "%" PRIx64, (uint64_t)j.at_us);
    const event ev = event_of(a, &j);
    return tell(l, import, &ev, e);
}

// ---- taking back ----

typedef struct {
    int64_t at_us, source;
    arena *a;
    record found;
    bool there;
} looking;

static bool find_said(void *ctx, const record *r, err *e) {
    looking *k = ctx;
    (void)e;
    if (r->kind != KIND_judged || r->at_us != k->at_us) return true;
    if (r->key != (int64_t)event_key(k->source, ext_of(k->a, r->profile_id, r->at_us))) return true;
    json_t *doc = NULL;
    err quiet = {0};
    k->found = *r, k->there = json_read(r->body, &doc, &quiet) && judged_of(json_at(doc, "topic")) != JUDGED_nothing;
    json_decref(doc);
    return true;
}

static bool time_of(str undo, int64_t *at_us) {
    uint64_t v = 0;
    if (!undo.len || undo.len > 16) return false;
    for (size_t i = 0; i < undo.len; i++) {
        const char *at = undo.s[i] ? strchr("0123456789abcdef", undo.s[i]) : NULL;
        if (!at) return false;
        v = v << 4 | (uint64_t)(at - "0123456789abcdef");
    }
    return *at_us = (int64_t)v, *at_us > 0;
}

bool dissatisfied_unsay(ledger *l, arena *a, int64_t customer, str undo, str by, err *e) {
    const world *w = ledger_world(l);
    store *s = ledger_store(l);
    looking k = {.a = a};
    int64_t import, profiles[64];
    size_t n = 0;
    if (!time_of(undo, &k.at_us)) return fail(e, ERR_invalid, "'undo' is what an answer gave as 'undo'");
    if (!told_place(l, S("dissatisfied"), customer, &k.source, &import, e)) return false;
    for (row r = store_query(s, Q_profile_of_customer, e, "i", customer); row_next(&r);)
        if (n < COUNT(profiles)) profiles[n++] = row_int(&r, 0);
    for (size_t i = 0; err_ok(e) && i < n && !k.there; i++)
        if (!ledger_profile_events_since(s, profiles[i], k.at_us, find_said, &k, e)) return false;
    if (!err_ok(e)) return false;
    if (!k.there)
        return fail(e, ERR_not_found, "there is nothing to take back: it was taken back already, or never said");
    const judgement nothing = {.profile = k.found.profile_id, .at_us = k.at_us, .who = by};
    event ev = event_of(a, &nothing);
    ev.edited_us = MAX(w->now_us(w), k.found.edited_us + 1);
    return tell(l, import, &ev, e);
}
