// The rules, one by one. Each leaves the answer as it is when it does not object.
#include "act/address.h"
#include "act/gate_private.h"
#include "know/suppress.h"
#include "sql/act_gate.h"
#include "sql/know.h"

static void skip(gate_answer *out, str reason) {
    out->verdict = GATE_SKIP, out->reason = reason;
}

static void delay(gate_answer *out, int64_t until_us, str reason) {
    out->verdict = GATE_DELAY, out->until_us = until_us, out->reason = reason;
}

static str day(weighing *w, int64_t at_us) {
    return date_str(w->a, (int32_t)floor_div(at_us, DAY_US));
}

static int64_t limit(const weighing *w, enum gate_limit l) {
    return w->limits.of[l];
}

// ---- the law ----

bool rule_suppressed(weighing *w, gate_answer *out, err *e) {
    enum { MOST = 64 };
    int64_t any = 0, hashes[MOST], hit = 0;
    size_t n = 0;
    if (!store_int(w->s, Q_gate_suppressed_any, &any, 0, e, "") || !any) return err_ok(e);
    for (size_t i = 0; i < w->n_profiles; i++) {
        n = 0;
        for (row r = store_query(w->s, Q_identifier_of_profile, e, "i", w->profiles[i]); row_next(&r);)
            if (n < MOST && suppress_hash(w->s, (enum ident_kind)row_int(&r, 0), row_str(&r, 1), &hashes[n], e)) n++;
        for (size_t k = 0; k < n && !hit; k++)
            if (!store_int(w->s, Q_gate_suppressed, &hit, 0, e, "i", hashes[k])) return false;
    }
    if (hit) skip(out, S("they asked to be left alone for good"));
    return err_ok(e);
}

// What was said later is not known yet. A moment more is allowed: words within one tick of the clock follow one
// another.
static const consent *find(const consent *list, size_t n, const char *purpose, int64_t now_us) {
    for (size_t i = 0; i < n; i++)
        if (str_eq(list[i].purpose, str_c(purpose)) && list[i].at_us <= now_us + SECOND_US) return &list[i];
    return NULL;
}

// Directive 2002/58/EC, article 13(2), and what countries made of it: who has bought may get e-mails about similar
// things of ours until they refuse. Never for what asks a favour.
static bool is_existing_customer(weighing *w, bool *is, err *e) {
    enum gate_kind k = w->ask->kind;
    bool may = limit(w, LIMIT_existing_customer) > 0 && w->purpose == PURPOSE_marketing_email &&
               (k == GATE_marketing || k == GATE_greeting || k == GATE_care);
    *is = false;
    if (!may) return true;
    if (!weigh_bought(w, e)) return false;
    *is = w->contract || (w->orders && w->last_order_us + limit(w, LIMIT_existing_days) * DAY_US > w->now_us);
    return true;
}

bool rule_consent(weighing *w, gate_answer *out, err *e) {
    static const char *const wider[] = {"marketing", "contact"}; // refused as a whole, by other tools' words
    consent *list;
    size_t n;
    bool customer;
    const purpose_row *p = purpose_of(w->purpose);
    if (!p) return true;
    if (!consent_read(w->a, w->s, w->profiles, w->n_profiles, &list, &n, e)) return false;
    const consent *said = find(list, n, p->name, w->now_us);
    for (size_t i = p->opt_in ? 0 : 1; i < COUNT(wider); i++) {
        const consent *all = find(list, n, wider[i], w->now_us);
        if (all && !all->given && (!said || all->at_us >= said->at_us)) said = all;
    }
    if (said && !said->given)
        return skip(out,
                    str_fmt(w->a, "%.*s was refused on %.*s", STR_ARG(said->purpose), STR_ARG(day(w, said->at_us)))),
               true;
    if (said || !p->opt_in) return true;
    if (!is_existing_customer(w, &customer, e)) return false;
    if (!customer) skip(out, str_fmt(w->a, "they never allowed %s", p->name));
    return true;
}

// ---- the address ----

// Where it will go is not known yet: to one that works, if there is any.
static bool any_works(weighing *w, address_state *x, err *e) {
    enum { MOST = 32 };
    arena scratch = *w->a;
    str list[MOST];
    size_t n = 0;
    for (size_t i = 0; i < w->n_profiles; i++)
        for (row r = store_query(w->s, Q_identifier_of_profile, e, "i", w->profiles[i]); row_next(&r);)
            if (row_int(&r, 0) == IDENT_email && n < MOST) list[n++] = str_dup(&scratch, row_str(&r, 1));
    for (size_t i = 0; i < n; i++) {
        address_state one;
        if (!address_read(&scratch, w->s, w->profiles, w->n_profiles, list[i], w->now_us, &one, e)) return false;
        if (!one.hard_us && !one.complaint_us && one.softs < ADDRESS_SOFT_MOST) *x = (address_state){0};
    }
    return err_ok(e);
}

bool rule_address(weighing *w, gate_answer *out, err *e) {
    address_state x;
    if (w->ask->channel != CHANNEL_email && !w->ask->address.len) return true;
    if (!address_read(w->a, w->s, w->profiles, w->n_profiles, w->ask->address, w->now_us, &x, e)) return false;
    if (x.address.len && !w->ask->address.len && !any_works(w, &x, e)) return false;
    int64_t again = x.soft_us + ADDRESS_SOFT_DAYS * DAY_US;
    if (x.hard_us)
        skip(out, str_fmt(w->a, "a message to %.*s came back for good on %.*s", STR_ARG(x.address),
                          STR_ARG(day(w, x.hard_us))));
    else if (x.complaint_us && w->purpose)
        skip(out, str_fmt(w->a, "%.*s called a message of ours unwanted on %.*s", STR_ARG(x.address),
                          STR_ARG(day(w, x.complaint_us))));
    else if (x.softs >= ADDRESS_SOFT_MOST && again > w->now_us)
        delay(out, again,
              str_fmt(w->a, "%.*s was not reached %" PRId64 " times in a row", STR_ARG(x.address), x.softs));
    return true;
}

// ---- the person ----

bool rule_state(weighing *w, gate_answer *out, err *e) {
    uint32_t states = 0;
    int64_t until = 0;
    str text;
    if (w->kind->states && !weigh_states(w, w->kind->states, &states, &until, e)) return false;
    if (states)
        text = gate_states_text(w->a, states);
    else if (!weigh_stage(w, &text, &until, e))
        return false;
    if (!text.len) return true;
    if (until > w->now_us)
        delay(out, until, text);
    else
        skip(out, text);
    return true;
}

bool rule_once(weighing *w, gate_answer *out, err *e) {
    const gate_ask *ask = w->ask;
    int64_t at = 0;
    if (!ask->occasion.len) return true;
    for (size_t i = 0; i < w->n_profiles && !at; i++)
        if (!store_int(w->s, Q_gate_once, &at, 0, e, "ittii", w->profiles[i], ask->occasion, ask->template, w->now_us,
                       w->before_id))
            return false;
    if (at) skip(out, str_fmt(w->a, "the same went out on %.*s already", STR_ARG(day(w, at))));
    return true;
}

static str asks_text(arena *a, int halves) {
    return halves % 2 ? str_fmt(a, "%d.5", halves / 2) : str_fmt(a, "%d", halves / 2);
}

// Oldest first, until what is left leaves room for this one.
bool rule_budget(weighing *w, gate_answer *out, err *e) {
    int64_t days = limit(w, LIMIT_budget_days), most = limit(w, LIMIT_budget) * 2, window = days * DAY_US, used = 0;
    int halves = w->kind->halves;
    if (!halves) return true;
    if (halves > most) return skip(out, S("the budget of asks is smaller than this one")), true;
    if (!weigh_contacts(w, e)) return false;
    for (size_t i = 0; i < w->n_contacts; i++)
        if (w->contacts[i].at_us > w->now_us - window) used += w->contacts[i].halves;
    int64_t left = used;
    for (size_t i = 0; i < w->n_contacts && left + halves > most; i++) {
        const gate_contact *x = &w->contacts[i];
        if (x->at_us <= w->now_us - window || !x->halves) continue;
        left -= x->halves;
        out->until_us = x->at_us + window;
    }
    if (used + halves <= most) return true;
    delay(out, out->until_us,
          str_fmt(w->a, "%.*s of %.*s asks within %" PRId64 " days are used", STR_ARG(asks_text(w->a, (int)used)),
                  STR_ARG(asks_text(w->a, (int)most)), days));
    return true;
}

bool rule_clock(weighing *w, gate_answer *out, err *e) {
    int64_t days = limit(w, (enum gate_limit)(LIMIT_clock_none + (int)w->ask->kind)), last = 0;
    if (!days) return true;
    if (!weigh_contacts(w, e)) return false;
    // Questions of other tools are no messages of ours: the survey's own clock knows them.
    for (size_t i = 0; i < w->n_contacts; i++) {
        const gate_contact *x = &w->contacts[i];
        if (x->kind == w->ask->kind && !x->answer && !x->foreign) last = x->at_us;
    }
    if (last && last + days * DAY_US > w->now_us)
        delay(out, last + days * DAY_US,
              str_fmt(w->a, "the last %s went out on %.*s; %" PRId64 " days lie between two", w->kind->name,
                      STR_ARG(day(w, last)), days));
    return true;
}

// ---- surveys ----

bool rule_survey(weighing *w, gate_answer *out, err *e) {
    int64_t asked = 0, answered = 0, until = 0;
    bool reminder = w->ask->kind == GATE_reminder;
    if (w->ask->kind != GATE_survey && !reminder) return true;
    if (!weigh_contacts(w, e)) return false;
    for (size_t i = 0; i < w->n_contacts; i++) {
        const gate_contact *x = &w->contacts[i];
        if (x->answer)
            answered = x->at_us;
        else if (x->kind == GATE_survey)
            asked = x->at_us;
    }
    if (reminder) {
        if (answered && answered >= asked) skip(out, str_fmt(w->a, "they answered on %.*s", STR_ARG(day(w, answered))));
        return true;
    }
    if (answered) until = answered + limit(w, LIMIT_answered_days) * DAY_US;
    if (asked > answered) until = MAX(until, asked + limit(w, LIMIT_unanswered_days) * DAY_US);
    if (until <= w->now_us) return true;
    delay(out, until,
          answered && until == answered + limit(w, LIMIT_answered_days) * DAY_US
              ? str_fmt(w->a, "they answered a survey on %.*s", STR_ARG(day(w, answered)))
              : str_fmt(w->a, "they were asked on %.*s and did not answer", STR_ARG(day(w, asked))));
    return true;
}

bool rule_quota(weighing *w, gate_answer *out, err *e) {
    gate_quota q;
    int64_t n = 0;
    const gate_ask *ask = w->ask;
    if (!ask->survey.len || ask->kind == GATE_reminder) return true;
    if (!gate_quota_get(w->a, w->s, ask->survey, ask->quota, &q, e)) return false;
    if (!q.version) return true;
    int64_t since = q.days ? w->now_us - q.days * DAY_US : INT64_MIN;
    if (!store_int(w->s, Q_gate_sampled, &n, 0, e, "ttiiii", ask->survey, ask->quota, since, w->now_us, w->before_id,
                   q.most))
        return false;
    if (n >= q.most) skip(out, str_fmt(w->a, "%" PRId64 " of %" PRId64 " were asked of this group", n, q.most));
    return true;
}

// ---- when ----

static bool is_urgent(const weighing *w) {
    return w->ask->kind == GATE_reply || w->ask->kind == GATE_service;
}

static bool is_quiet(const weighing *w, int32_t second) {
    int64_t from = limit(w, LIMIT_quiet_from) * 3600, until = limit(w, LIMIT_quiet_until) * 3600;
    if (from == until) return false;
    return from < until ? second >= from && second < until : second >= from || second < until;
}

static int32_t second_of_day(int64_t at_us, int32_t offset_s) {
    int64_t s = floor_div(at_us, SECOND_US) + offset_s;
    return (int32_t)(s - floor_div(s, 86400) * 86400);
}

// From here on the end of the quiet hours there; at_us itself when it is not quiet.
static bool quiet_end(weighing *w, str zone_name, int64_t *at_us, int32_t *second, err *e) {
    gate_offset o;
    zone *z;
    arena scratch = *w->a;
    if (!gate_offset_at(scratch, w->s, zone_name, *at_us, w->keep && *at_us == w->now_us, &o, e)) return false;
    *second = second_of_day(*at_us, o.offset_s);
    if (!is_quiet(w, *second)) return true;
    int64_t wait_s = limit(w, LIMIT_quiet_until) * 3600 - *second, end;
    if (wait_s <= 0) wait_s += 86400;
    end = floor_div(*at_us, SECOND_US) * SECOND_US + wait_s * SECOND_US;
    if (end > o.until_us && zone_open(&scratch, zone_name, &z, e)) // the clocks change that night
        end -= (zone_offset_s(z, end) - o.offset_s) * SECOND_US;
    *at_us = end;
    return err_ok(e);
}

bool rule_quiet(weighing *w, gate_answer *out, err *e) {
    enum { TURNS = 4, WAKING_S = 3600 };
    int32_t second = 0, shown = -1;
    if (is_urgent(w)) return true;
    gate_place p = gate_place_of(w->country, w->zone);
    int64_t at = w->now_us, before = at;
    for (int turn = 0; turn < TURNS; turn++) {
        before = at;
        for (int i = 0; i < p.n; i++) {
            int64_t was = at;
            if (!quiet_end(w, p.zones[i], &at, &second, e)) return false;
            if (at != was && shown < 0) shown = second;
        }
        if (at == before) break;
    }
    if (at == w->now_us) return true;
    // Not everybody on the stroke of the hour.
    at += (int64_t)(weigh_chance(w, floor_div(at, DAY_US)) % WAKING_S) * SECOND_US;
    delay(out, at, str_fmt(w->a, "it is %02d:%02d where they are", shown / 3600, shown / 60 % 60));
    return true;
}

bool rule_spread(weighing *w, gate_answer *out, err *e) {
    int64_t minute = floor_div(w->now_us, 60 * SECOND_US) * 60 * SECOND_US, most = limit(w, LIMIT_per_minute), n = 0;
    if (is_urgent(w)) return true;
    if (!store_int(w->s, Q_gate_flow, &n, 0, e, "iiii", minute, w->now_us, w->before_id, most)) return false;
    if (n < most) return true;
    int64_t hour = floor_div(w->now_us, HOUR_US) + 1, span = limit(w, LIMIT_spread_hours) * 3600;
    int64_t later = (int64_t)(weigh_chance(w, hour) % (uint64_t)span);
    delay(out, hour * HOUR_US + later * SECOND_US,
          str_fmt(w->a, "%" PRId64 " messages go out within this minute; the others are spread", n));
    return true;
}
