// What the rules of the gate read.
#include "act/gate_private.h"

#include "know/lists.h"
#include "know/settings.h"
#include "sql/act_gate.h"
#include "sql/know.h"

// A customer's number may have become a profile's of another one since it was noted.
static bool read_profiles(weighing *w, int64_t customer, err *e) {
    w->n_profiles = 0, w->customer = customer;
    for (row r = store_query(w->s, Q_profile_of_customer, e, "i", customer); row_next(&r);) {
        if (w->n_profiles < GATE_PROFILES)
            list_push(w->a, &w->profiles, &w->n_profiles, &w->room_profiles, row_int(&r, 0));
        if (!w->country.len && row_str(&r, 3).len == 2) w->country = str_dup(w->a, row_str(&r, 3));
        if (!w->segment.len) w->segment = str_dup(w->a, row_str(&r, 4));
    }
    return err_ok(e);
}

static str upper2(arena *a, str x) {
    char *s = make(a, char, 2);
    for (size_t i = 0; i < 2; i++) s[i] = x.s[i] >= 'a' && x.s[i] <= 'z' ? (char)(x.s[i] - 32) : x.s[i];
    return (str){s, 2};
}

bool weigh_open(weighing *w, err *e) {
    const gate_ask *ask = w->ask;
    settings set;
    int64_t now_of = 0;
    w->kind = gate_kind_row_of(ask->kind);
    if (!w->kind) return fail(e, ERR_invalid, "%d is no kind of message", (int)ask->kind);
    if (ask->customer <= 0) return fail(e, ERR_invalid, "nothing is sent to nobody; name the customer");
    w->purpose = purpose_of_kind(ask->kind, ask->channel);
    if (!read_profiles(w, ask->customer, e)) return false;
    if (!w->n_profiles && (!store_int(w->s, Q_gate_customer_of, &now_of, 0, e, "i", ask->customer) ||
                           (now_of && !read_profiles(w, now_of, e))))
        return false;
    if (!w->n_profiles) return fail(e, ERR_not_found, "there is no customer %" PRId64, ask->customer);
    if (!settings_get(w->a, w->s, "zone", &set.zone, e) || !settings_get(w->a, w->s, "country", &set.country, e))
        return false;
    w->zone = set.zone, w->home = set.country;
    if (!w->country.len) w->country = set.country;
    if (w->country.len == 2) w->country = upper2(w->a, w->country);
    return gate_limits_for(w->s, w->segment, w->country, &w->limits, e);
}

// ---- what reached the person ----

static int contact_order(const void *x, const void *y) {
    const gate_contact *a = x, *b = y;
    if (a->at_us != b->at_us) return a->at_us < b->at_us ? -1 : 1;
    return (int)a->answer - (int)b->answer;
}

// Beyond the most nothing changes any more: no budget is that large.
static void take(weighing *w, gate_contact x) {
    if (w->n_contacts == GATE_PASSED) return;
    if (w->n_contacts == w->room_contacts) {
        gate_contact *more = make(w->a, gate_contact, w->room_contacts = w->room_contacts ? w->room_contacts * 2 : 16);
        if (w->n_contacts) memcpy(more, w->contacts, w->n_contacts * sizeof *more);
        w->contacts = more;
    }
    w->contacts[w->n_contacts++] = x;
}

static bool read_passed(weighing *w, int64_t profile, int64_t since_us, err *e) {
    for (row r = store_query(w->s, Q_gate_passed, e, "iiii", profile, since_us, w->now_us, w->before_id); row_next(&r);)
        take(w, (gate_contact){row_int(&r, 0), (enum gate_kind)row_int(&r, 1), (int)row_int(&r, 2), false, false});
    return err_ok(e);
}

// Questions that other tools sent, as their events tell, and what was answered to anybody's.
static bool read_asked(weighing *w, int64_t profile, int64_t since_us, err *e) {
    int halves = gate_kind_row_of(GATE_survey)->halves;
    for (int32_t p = event_period(since_us); p <= event_period(w->now_us); p++)
        for (row r = store_query(w->s, Q_gate_asked, e, "iiii", (int64_t)p, profile, since_us, w->now_us);
             row_next(&r);) {
            bool answer = row_int(&r, 1) == KIND_answer;
            take(w, (gate_contact){row_int(&r, 0), GATE_survey, answer ? 0 : halves, answer, true});
        }
    return err_ok(e);
}

bool weigh_contacts(weighing *w, err *e) {
    const int64_t *l = w->limits.of;
    int64_t asked = MAX(l[LIMIT_budget_days], l[LIMIT_answered_days]), days;
    if (w->has_contacts) return true;
    asked = MAX(asked, l[LIMIT_unanswered_days]);
    days = MAX(asked, l[LIMIT_clock_none + (int)w->ask->kind]);
    for (size_t i = 0; i < w->n_profiles; i++)
        if (!read_passed(w, w->profiles[i], w->now_us - days * DAY_US, e) ||
            !read_asked(w, w->profiles[i], w->now_us - asked * DAY_US, e))
            return false;
    if (w->n_contacts > 1) qsort(w->contacts, w->n_contacts, sizeof *w->contacts, contact_order);
    w->has_contacts = true;
    return true;
}

bool weigh_bought(weighing *w, err *e) {
    if (w->has_bought) return true;
    for (row r = store_query(w->s, Q_gate_complaints, e, "i", w->customer); row_next(&r);) {
        w->complaints = row_int(&r, 0), w->orders = row_int(&r, 1), w->last_order_us = row_int(&r, 2);
        w->contract = row_int(&r, 3) && (!row_int(&r, 4) || row_int(&r, 4) > w->now_us);
    }
    return w->has_bought = err_ok(e);
}

uint64_t weigh_chance(const weighing *w, int64_t salt) {
    uint64_t h = str_hash2((uint64_t)w->customer * 0x9E3779B97F4A7C15u, w->ask->template);
    return str_hash2(h ^ (uint64_t)salt, w->ask->occasion);
}
