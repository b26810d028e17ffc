// The gate: which rule answers, in which order, and what each of them says; against a twin that knows of no database.
#include "act/gate_rig.h"

#include "act/hardship.h"
#include "know/access.h"
#include "know/erase.h"
#include "sql/act_gate.h"

// ---- the order ----

enum { TABLE = 1 << GATE_RULES };

static const char *const night = "NZ", *const day = "DE"; // at noon UTC it is one o'clock at night in Auckland

static void make_so(rig *r, int64_t who, const char *user, unsigned objects) {
    err e = {0};
    ledger *l = know_ledger(r->k);
    char email[64];
    snprintf(email, sizeof email, "%s@example.org", user);
    if (objects & 1U << RULE_consent) consent_says(r, user, "surveys", false, r->now - 50 * DAY_US);
    if (objects & 1U << RULE_once) went_out(r, who, GATE_reward, r->now - 100 * DAY_US, "t", "o", "", "");
    if (objects & 1U << RULE_budget) {
        went_out(r, who, GATE_care, r->now - 9 * DAY_US, "", "", "", "");
        went_out(r, who, GATE_care, r->now - 8 * DAY_US, "", "", "", "");
    }
    if (objects & 1U << RULE_clock) went_out(r, who, GATE_survey, r->now - 40 * DAY_US, "", "", "", "");
    if (objects & 1U << RULE_survey) {
        event ev = from(event_of(KIND_answer, r->now - 20 * DAY_US, user), IDENT_user_id, user);
        ev.value = 900, ev.has_value = true, ev.unit = INSTRUMENT_nps;
        rig_put(r, &ev, 1);
    }
    in_transaction(r);
    if (objects & 1U << RULE_address) assert_ok(address_note(l, who, str_c(email), ADDRESS_hard, &e), e);
    if (objects & 1U << RULE_state)
        assert_ok(store_run(r->s, Q_gate_pause_put, NULL, &e, "iii", who, r->now - 1, r->now + DAY_US), e);
    if (objects & 1U << RULE_suppressed)
        assert_ok(suppress_put(r->s, &r->w, IDENT_email, str_c(email), SUPPRESS_ALL, r->now, 1, &e), e);
    end_transaction(r);
}

// Every combination of objections: the first in the order answers, and each step by itself says what it would say.
static void the_first_rule_that_objects_answers(void **state) {
    rig r;
    err e = {0};
    rig_open(&r, place_of(state));
    r.now = GATE_NOON;
    arena a = arena_open((size_t)1 << 30);
    set_limit(&r, "clock_survey", "", 60);
    set_limit(&r, "per_minute", "segment:crowded", 1);
    gate_quota full = {.survey = S("nps"), .quota = S("full"), .most = 1, .by = S("test")};
    in_transaction(&r);
    assert_ok(gate_quota_put(r.s, &full, &e), e);
    end_transaction(&r);
    int64_t other = person_of(&r, "other", day, "");
    went_out(&r, other, GATE_survey, r.now, "", "", "nps", "full");
    int step = on_server(state) ? 7 : 1; // a part of them is enough where every statement goes over a wire
    for (unsigned objects = 0; objects < TABLE; objects += (unsigned)step) {
        arena_reset(&a);
        char user[32];
        snprintf(user, sizeof user, "u%u", objects);
        int64_t who = person_of(&r, user, objects & 1U << RULE_quiet ? night : day,
                                objects & 1U << RULE_spread ? "crowded" : "plain");
        make_so(&r, who, user, objects);
        gate_ask ask = {.kind = GATE_survey,
                        .customer = who,
                        .channel = CHANNEL_email,
                        .template = S("t"),
                        .occasion = S("o"),
                        .survey = S("nps"),
                        .quota = objects & 1U << RULE_quota ? S("full") : S("free"),
                        .by = S("test")};
        gate_answer steps[GATE_RULES], got = look_at(&r, &a, &ask, r.now);
        assert_ok(gate_steps(&a, r.s, &ask, r.now, 0, steps, &e), e);
        enum gate_rule first = GATE_RULES;
        for (int k = GATE_RULES - 1; k >= 0; k--) {
            bool is = steps[k].verdict != GATE_ALLOW, should = (objects & 1U << k) != 0;
            if (should) first = (enum gate_rule)k;
            if (is != should) fail_msg("%s of %x: %s", gate_rule_name((enum gate_rule)k), objects, is ? "yes" : "no");
            if (is) assert_true(steps[k].reason.len > 0);
        }
        assert_string_equal(got.rule, gate_rule_name(first));
        assert_int_equal(got.verdict == GATE_ALLOW, first == GATE_RULES);
        if (got.verdict == GATE_DELAY) assert_true(got.until_us > r.now);
        // An answer is kept back by nothing but peace for good and a dead address.
        ask.kind = GATE_reply, ask.survey = ask.quota = ask.occasion = S("");
        got = look_at(&r, &a, &ask, r.now);
        unsigned hard = objects & (1U << RULE_suppressed | 1U << RULE_address);
        assert_int_equal(got.verdict == GATE_ALLOW, hard == 0);
    }
    arena_close(&a);
    rig_close(&r);
}

// ---- budgets and clocks, against a twin ----

typedef struct {
    int64_t at_us;
    enum gate_kind kind;
    int occasion;
} sent;

enum { MANY = 400 };

typedef struct {
    sent list[MANY];
    int n;
} twin;

// The answer by going through everything day by day: when is the first moment at which it fits?
static bool fits(const twin *t, enum gate_kind k, int64_t at_us, int64_t now_us) {
    const gate_kind_row *row_of = gate_kind_row_of(k);
    int used = row_of->halves;
    for (int i = 0; i < t->n; i++) {
        if (t->list[i].at_us > now_us) continue;
        int64_t age = at_us - t->list[i].at_us;
        if (age < 30 * DAY_US) used += gate_kind_row_of(t->list[i].kind)->halves;
    }
    return !row_of->halves || used <= 4;
}

static int64_t clock_until(const twin *t, enum gate_kind k, int64_t now_us) {
    int64_t until = 0;
    for (int i = 0; i < t->n; i++)
        if (t->list[i].kind == k && t->list[i].at_us <= now_us)
            until = MAX(until, t->list[i].at_us + gate_kind_row_of(k)->days * DAY_US);
    return until;
}

static gate_answer twin_says(const twin *t, enum gate_kind k, int occasion, int64_t now_us) {
    gate_answer out = {.rule = ""};
    for (int i = 0; i < t->n; i++)
        if (occasion && t->list[i].occasion == occasion) return (gate_answer){.verdict = GATE_SKIP, .rule = "once"};
    if (!fits(t, k, now_us, now_us)) {
        out = (gate_answer){.verdict = GATE_DELAY, .rule = "budget", .until_us = INT64_MAX};
        for (int i = 0; i < t->n; i++) {
            int64_t at = t->list[i].at_us + 30 * DAY_US;
            if (at > now_us && at < out.until_us && fits(t, k, at, now_us)) out.until_us = at;
        }
        return out;
    }
    int64_t until = clock_until(t, k, now_us);
    if (until > now_us) out = (gate_answer){.verdict = GATE_DELAY, .rule = "clock", .until_us = until};
    return out;
}

static void budgets_and_clocks_are_those_of_the_twin(void **state) {
    static const enum gate_kind kinds[] = {GATE_reply,  GATE_dunning, GATE_renewal, GATE_thanks,
                                           GATE_reward, GATE_care,    GATE_welcome, GATE_marketing};
    rig r;
    rig_open(&r, place_of(state));
    arena a = arena_open((size_t)1 << 28);
    set_limit(&r, "quiet_from", "", 8);
    for (uint64_t seed = 1; seed <= (on_server(state) ? 2U : 6U); seed++) {
        rng g = rng_seed(seed);
        twin t = {.n = 0};
        char user[16];
        snprintf(user, sizeof user, "u%d", (int)seed);
        r.now = GATE_NOON;
        int64_t who = person_of(&r, user, "DE", "");
        consent_says(&r, user, "marketing_email", true, r.now - DAY_US);
        gate_answer answers[MANY];
        gate_ask asks[MANY];
        int64_t times[MANY];
        for (int i = 0; i < MANY; i++) {
            int occasion = rng_chance(&g, 0.7) ? (int)rng_range(&g, 1, 300) : 0;
            r.now += rng_range(&g, 1, 3 * DAY_US);
            asks[i] = (gate_ask){.kind = kinds[rng_range(&g, 0, COUNT(kinds) - 1)],
                                 .customer = who,
                                 .channel = CHANNEL_email,
                                 .template = S("t"),
                                 .occasion = occasion ? str_fmt(&a, "o%d", occasion) : S(""),
                                 .by = S("test")};
            gate_answer want = twin_says(&t, asks[i].kind, occasion, r.now);
            answers[i] = pass(&r, &a, &asks[i]), times[i] = r.now;
            if (answers[i].verdict != want.verdict || strcmp(answers[i].rule, want.rule) != 0 ||
                answers[i].until_us != want.until_us)
                fail_msg("%d: %s %s %" PRId64 ", not %s %s %" PRId64, i, gate_verdict_name(answers[i].verdict),
                         answers[i].rule, answers[i].until_us, gate_verdict_name(want.verdict), want.rule,
                         want.until_us);
            if (want.verdict == GATE_ALLOW) t.list[t.n++] = (sent){r.now, asks[i].kind, occasion};
        }
        // Each answer is found again long after, from what was known then.
        for (int i = 0; i < MANY; i += 7) {
            err e = {0};
            gate_answer steps[GATE_RULES];
            assert_ok(gate_steps(&a, r.s, &asks[i], times[i], answers[i].id, steps, &e), e);
            int first = 0;
            while (first < GATE_RULES && steps[first].verdict == GATE_ALLOW) first++;
            assert_string_equal(answers[i].rule, gate_rule_name((enum gate_rule)first));
            if (first < GATE_RULES) assert_true(steps[first].until_us == answers[i].until_us);
        }
    }
    arena_close(&a);
    rig_close(&r);
}

// ---- one by one ----

typedef struct {
    rig r;
    arena a;
    int64_t who;
    gate_ask ask;
} one;

static void begin_one(one *o, void **state, enum gate_kind k) {
    rig_open(&o->r, place_of(state));
    o->r.now = GATE_NOON;
    o->a = arena_open((size_t)1 << 26);
    o->who = person_of(&o->r, "ada", "DE", "Gold");
    o->ask = (gate_ask){.kind = k, .customer = o->who, .channel = CHANNEL_email, .by = S("test")};
}

static void end_one(one *o) {
    arena_close(&o->a);
    rig_close(&o->r);
}

static void expect(one *o, enum gate_verdict v, const char *rule, int64_t until_us) {
    gate_answer x = look_at(&o->r, &o->a, &o->ask, o->r.now);
    if (x.verdict != v || strcmp(x.rule, rule) != 0 || (until_us && x.until_us != until_us))
        fail_msg("%s %s %" PRId64 " (%.*s)", gate_verdict_name(x.verdict), x.rule, x.until_us, STR_ARG(x.reason));
}

static void marketing_needs_to_be_allowed(void **state) {
    one o;
    begin_one(&o, state, GATE_marketing);
    expect(&o, GATE_SKIP, "consent", 0);
    consent_says(&o.r, "ada", "marketing_sms", true, o.r.now - 9);
    expect(&o, GATE_SKIP, "consent", 0);
    consent_says(&o.r, "ada", "marketing_email", true, o.r.now - 8);
    expect(&o, GATE_ALLOW, "", 0);
    o.ask.channel = CHANNEL_whatsapp;
    expect(&o, GATE_SKIP, "consent", 0);
    o.ask.channel = CHANNEL_email;
    consent_says(&o.r, "ada", "marketing", false, o.r.now - 7); // another tool's word for all of it
    expect(&o, GATE_SKIP, "consent", 0);
    o.ask.kind = GATE_thanks;
    expect(&o, GATE_ALLOW, "", 0);
    consent_says(&o.r, "ada", "contact", false, o.r.now - 6);
    expect(&o, GATE_SKIP, "consent", 0); // whatever can be refused
    consent_says(&o.r, "ada", "courtesy", true, o.r.now - 5);
    expect(&o, GATE_ALLOW, "", 0); // the newer word
    o.ask.kind = GATE_dunning;
    expect(&o, GATE_ALLOW, "", 0);
    end_one(&o);
}

static void existing_customers_only_where_it_is_set(void **state) {
    one o;
    begin_one(&o, state, GATE_marketing);
    event bought = order("o1", o.r.now / DAY_US - 10, 5000, "ada", NULL);
    rig_put(&o.r, &bought, 1);
    rig_flush(&o.r);
    expect(&o, GATE_SKIP, "consent", 0);
    set_limit(&o.r, "existing_customer", "country:AT", 1);
    expect(&o, GATE_SKIP, "consent", 0);
    set_limit(&o.r, "existing_customer", "country:DE", 1);
    expect(&o, GATE_ALLOW, "", 0);
    o.ask.kind = GATE_referral; // never for what asks a favour
    expect(&o, GATE_SKIP, "consent", 0);
    o.ask.kind = GATE_marketing;
    consent_says(&o.r, "ada", "marketing_email", false, o.r.now - 8);
    expect(&o, GATE_SKIP, "consent", 0);
    end_one(&o);
}

static void an_open_complaint_keeps_surveys_back(void **state) {
    one o;
    begin_one(&o, state, GATE_survey);
    event bad = from(event_of(KIND_complaint, o.r.now - 5 * DAY_US, "bad"), IDENT_user_id, "ada");
    bad.text = S("it broke"), bad.thread = S("t1");
    rig_put(&o.r, &bad, 1);
    rig_flush(&o.r);
    expect(&o, GATE_DELAY, "state", o.r.now + 85 * DAY_US);
    event other = from(event_of(KIND_conversation_solved, o.r.now - 4 * DAY_US, "s2"), IDENT_user_id, "ada");
    other.thread = S("t2");
    rig_put(&o.r, &other, 1);
    expect(&o, GATE_DELAY, "state", 0);
    event solved = from(event_of(KIND_conversation_solved, o.r.now - 3 * DAY_US, "s1"), IDENT_user_id, "ada");
    solved.thread = S("t1");
    rig_put(&o.r, &solved, 1);
    expect(&o, GATE_ALLOW, "", 0);
    event review = from(event_of(KIND_review, o.r.now - DAY_US, "rev"), IDENT_user_id, "ada");
    review.value = 100, review.has_value = true, review.unit = INSTRUMENT_stars5;
    rig_put(&o.r, &review, 1);
    rig_flush(&o.r);
    expect(&o, GATE_DELAY, "state", 0);
    o.ask.kind = GATE_dunning; // what is due is due
    expect(&o, GATE_ALLOW, "", 0);
    end_one(&o);
}

static void surveys_of_other_tools_count(void **state) {
    one o;
    begin_one(&o, state, GATE_survey);
    event asked = from(event_of(KIND_ask, o.r.now - 13 * DAY_US, "ask"), IDENT_user_id, "ada");
    asked.unit = INSTRUMENT_nps;
    rig_put(&o.r, &asked, 1);
    rig_flush(&o.r);
    expect(&o, GATE_DELAY, "survey", o.r.now + DAY_US);
    o.ask.kind = GATE_reminder;
    expect(&o, GATE_ALLOW, "", 0);
    event answered = from(event_of(KIND_answer, o.r.now - 12 * DAY_US, "answer"), IDENT_user_id, "ada");
    answered.value = 900, answered.has_value = true, answered.unit = INSTRUMENT_nps;
    rig_put(&o.r, &answered, 1);
    rig_flush(&o.r);
    expect(&o, GATE_SKIP, "survey", 0); // no reminder of what was answered
    o.ask.kind = GATE_survey;
    expect(&o, GATE_DELAY, "survey", o.r.now + 18 * DAY_US);
    end_one(&o);
}

static void what_was_not_sent_does_not_count(void **state) {
    one o;
    err e = {0};
    begin_one(&o, state, GATE_survey);
    o.ask.template = S("nps"), o.ask.occasion = S("order:1");
    gate_answer first = pass(&o.r, &o.a, &o.ask);
    assert_int_equal(first.verdict, GATE_ALLOW);
    expect(&o, GATE_SKIP, "once", 0);
    in_transaction(&o.r);
    assert_ok(gate_unsent(know_ledger(o.r.k), first.id, &e), e);
    end_transaction(&o.r);
    expect(&o, GATE_ALLOW, "", 0);
    in_transaction(&o.r);
    assert_false(gate_unsent(know_ledger(o.r.k), first.id, &e));
    assert_int_equal(e.code, ERR_not_found);
    store_rollback(o.r.s);
    end_one(&o);
}

static void two_who_become_one_have_one_budget(void **state) {
    one o;
    err e = {0};
    begin_one(&o, state, GATE_welcome);
    int64_t other = person_of(&o.r, "bob", "DE", "");
    for (int i = 0; i < 2; i++) {
        o.ask.customer = o.who;
        assert_int_equal(pass(&o.r, &o.a, &o.ask).verdict, GATE_ALLOW);
        o.ask.customer = other;
        assert_int_equal(pass(&o.r, &o.a, &o.ask).verdict, GATE_ALLOW);
        o.r.now += HOUR_US;
    }
    expect(&o, GATE_ALLOW, "", 0);
    assert_ok(know_join(o.r.k, o.who, other, S("test"), &e), e);
    expect(&o, GATE_DELAY, "budget", GATE_NOON + 30 * DAY_US);
    o.ask.customer = o.who; // whichever number is known
    expect(&o, GATE_DELAY, "budget", GATE_NOON + 30 * DAY_US);
    assert_ok(know_verdict_undo(o.r.k, o.who, other, &e), e);
    expect(&o, GATE_ALLOW, "", 0);
    end_one(&o);
}

static void nights_end_where_the_person_lives(void **state) {
    static const struct {
        const char *country;
        int64_t now, from, until; // seconds after noon UTC
        int month;
    } cases[] = {{"DE", 0, 0, 0, 0},
                 {"DE", 9 * 3600, 19 * 3600, 20 * 3600, 0}, // 22:00 there, until eight
                 {"US", 0, 4 * 3600, 5 * 3600, 0},          // seven in New York, four in Los Angeles
                 {"US", 3 * 3600, 4 * 3600, 5 * 3600, 0},   // ten, and seven
                 {"US", 5 * 3600, 0, 0, 0},
                 {"NZ", 0, 7 * 3600, 8 * 3600, 0}};
    rig r;
    rig_open(&r, place_of(state));
    arena a = arena_open((size_t)1 << 26);
    for (size_t i = 0; i < COUNT(cases); i++) {
        char user[16];
        snprintf(user, sizeof user, "u%zu", i);
        gate_ask ask = {.kind = GATE_welcome, .channel = CHANNEL_email, .by = S("test")};
        ask.customer = person_of(&r, user, cases[i].country, "");
        gate_answer x = look_at(&r, &a, &ask, GATE_NOON + cases[i].now * SECOND_US);
        bool later = x.verdict == GATE_DELAY;
        assert_int_equal(later, cases[i].until != 0);
        if (!later) continue;
        assert_string_equal(x.rule, "quiet");
        assert_true(x.until_us >= GATE_NOON + cases[i].from * SECOND_US);
        assert_true(x.until_us < GATE_NOON + cases[i].until * SECOND_US);
        ask.kind = GATE_service;
        assert_int_equal(look_at(&r, &a, &ask, GATE_NOON + cases[i].now * SECOND_US).verdict, GATE_ALLOW);
    }
    // The night in which the clocks go forward in Berlin is an hour shorter: eight o'clock is 06:00 UTC.
    gate_ask ask = {.kind = GATE_welcome, .channel = CHANNEL_email, .by = S("test")};
    ask.customer = person_of(&r, "spring", "DE", "");
    int64_t midnight = INT64_C(1774738800000000); // 2026-03-29T00:00 in Berlin, 2026-03-28T23:00Z
    gate_answer x = look_at(&r, &a, &ask, midnight);
    assert_true(x.until_us >= midnight + 7 * HOUR_US && x.until_us < midnight + 8 * HOUR_US);
    arena_close(&a);
    rig_close(&r);
}

static void many_at_once_are_spread(void **state) {
    enum { PEOPLE = 300 };
    rig r;
    rig_open(&r, place_of(state));
    r.now = GATE_NOON;
    arena a = arena_open((size_t)1 << 28);
    set_limit(&r, "per_minute", "", 100);
    int passed = 0;
    int64_t by_hour[6] = {0};
    for (int i = 0; i < PEOPLE; i++) {
        char user[16];
        snprintf(user, sizeof user, "u%d", i);
        gate_ask ask = {.kind = GATE_welcome, .channel = CHANNEL_email, .template = S("hello"), .by = S("test")};
        ask.customer = person_of(&r, user, "DE", "");
        gate_answer x = pass(&r, &a, &ask);
        passed += x.verdict == GATE_ALLOW;
        if (x.verdict == GATE_ALLOW) continue;
        assert_string_equal(x.rule, "spread");
        int64_t hours = (x.until_us - r.now) / HOUR_US;
        assert_true(hours >= 1 && hours < 5);
        by_hour[hours]++;
        assert_true(look_at(&r, &a, &ask, r.now + 5 * SECOND_US).until_us == x.until_us); // asked again, the same
    }
    assert_int_equal(passed, 100);
    for (int h = 1; h < 5; h++) assert_in_range(by_hour[h], 25, 75); // 50 each; six standard deviations are 37
    arena_close(&a);
    rig_close(&r);
}

static void addresses_that_do_not_work_get_nothing(void **state) {
    one o;
    err e = {0};
    begin_one(&o, state, GATE_welcome);
    ledger *l = know_ledger(o.r.k);
    in_transaction(&o.r);
    assert_ok(address_note(l, o.who, S("Ada@Example.org"), ADDRESS_soft, &e), e);
    assert_ok(address_note(l, o.who, S("ada@example.org"), ADDRESS_soft, &e), e);
    end_transaction(&o.r);
    expect(&o, GATE_ALLOW, "", 0);
    in_transaction(&o.r);
    assert_ok(address_note(l, o.who, S("ada@example.org"), ADDRESS_soft, &e), e);
    end_transaction(&o.r);
    expect(&o, GATE_DELAY, "address", o.r.now + 7 * DAY_US);
    in_transaction(&o.r);
    assert_ok(address_note(l, o.who, S("ada@example.org"), ADDRESS_works, &e), e);
    assert_ok(address_note(l, o.who, S("old@example.org"), ADDRESS_hard, &e), e);
    end_transaction(&o.r);
    expect(&o, GATE_ALLOW, "", 0); // another one works
    o.ask.address = S("OLD@example.org ");
    expect(&o, GATE_SKIP, "address", 0);
    o.ask.address = S("ada@example.org");
    in_transaction(&o.r);
    assert_ok(address_note(l, o.who, S("ada@example.org"), ADDRESS_complaint, &e), e);
    end_transaction(&o.r);
    expect(&o, GATE_SKIP, "address", 0);
    o.ask.kind = GATE_service;
    expect(&o, GATE_ALLOW, "", 0);
    end_one(&o);
}

static int64_t kept_of(rig *r, int64_t who) {
    err e = {0};
    int64_t n = 0;
    for (row q = store_query(r->s, Q_gate_list_of, &e, "iiitii", INT64_MAX, INT64_C(-1), INT64_C(0), S(""),
                             INT64_C(100), who);
         row_next(&q);)
        n++;
    for (row q = store_query(r->s, Q_gate_address_get, &e, "it", who, S("")); row_next(&q);) n++;
    for (row q = store_query(r->s, Q_gate_pause_get, &e, "i", who); row_next(&q);) n++;
    assert_ok(err_ok(&e), e);
    return n;
}

static void take_gently(one *o, enum hardship_kind k, int64_t until_us) {
    err e = {0};
    hardship x = {.customer = o->who, .kind = k, .until_us = until_us, .by = S("test")};
    in_transaction(&o->r);
    assert_ok(hardship_add(know_ledger(o->r.k), &o->a, &x, &e), e);
    end_transaction(&o->r);
}

static void who_is_in_need_gets_no_reminders_of_payments(void **state) {
    one o;
    err e = {0};
    uint32_t is = 0;
    int64_t until = 0;
    begin_one(&o, state, GATE_dunning);
    expect(&o, GATE_ALLOW, "", 0);
    take_gently(&o, HARDSHIP_cannot_pay, o.r.now + 20 * DAY_US);
    expect(&o, GATE_DELAY, "state", o.r.now + 20 * DAY_US);
    assert_ok(gate_states(&o.a, o.r.s, o.who, o.r.now, &is, &until, &e), e);
    assert_int_equal(is, STATE_HARDSHIP);
    assert_true(until == o.r.now + 20 * DAY_US);
    o.ask.kind = GATE_reward; // a gift is no burden
    expect(&o, GATE_ALLOW, "", 0);
    take_gently(&o, HARDSHIP_bereaved, o.r.now + 40 * DAY_US);
    expect(&o, GATE_DELAY, "state", o.r.now + 40 * DAY_US);
    o.ask.kind = GATE_service;
    expect(&o, GATE_ALLOW, "", 0);
    o.r.now += 41 * DAY_US;
    o.ask.kind = GATE_dunning;
    expect(&o, GATE_ALLOW, "", 0);
    end_one(&o);
}

// Nobody is asked how we did while an apology is owed, and nobody knows until when.
static void a_broken_promise_comes_before_questions(void **state) {
    one o;
    begin_one(&o, state, GATE_survey);
    event made = from(event_of(KIND_commitment_made, o.r.now - 5 * DAY_US, "made"), IDENT_user_id, "ada");
    made.thread = S("c1"), made.topic = S("delivery"), made.text = S("you will have it by Friday");
    made.value = o.r.now - DAY_US, made.has_value = true;
    rig_put(&o.r, &made, 1);
    expect(&o, GATE_SKIP, "state", 0);
    o.ask.kind = GATE_service; // the apology itself
    expect(&o, GATE_ALLOW, "", 0);
    o.ask.kind = GATE_survey;
    event kept = from(event_of(KIND_commitment_kept, o.r.now - 2 * DAY_US, "kept"), IDENT_user_id, "ada");
    kept.thread = S("c1");
    rig_put(&o.r, &kept, 1);
    expect(&o, GATE_ALLOW, "", 0);
    end_one(&o);
}

// What is kept of a person is given to them, and goes with them.
static void what_is_kept_is_given_out_and_erased(void **state) {
    one o;
    err e = {0};
    erased gone;
    access_count n;
    begin_one(&o, state, GATE_welcome);
    o.ask.occasion = S("first order");
    assert_int_equal(pass(&o.r, &o.a, &o.ask).verdict, GATE_ALLOW);
    in_transaction(&o.r);
    assert_ok(address_note(know_ledger(o.r.k), o.who, S("old@example.org"), ADDRESS_hard, &e), e);
    assert_ok(store_run(o.r.s, Q_gate_pause_put, NULL, &e, "iii", o.who, o.r.now, o.r.now + DAY_US), e);
    end_transaction(&o.r);
    assert_int_equal(kept_of(&o.r, o.who), 3);
    buf b = buf_new(&o.a, 1 << 20);
    access_ask ask = {.customer = o.who, .now_us = o.r.now};
    arena scratch = arena_open((size_t)1 << 26);
    assert_ok(access_write(&scratch, o.r.s, &ask, &b, &n, &e), e);
    arena_close(&scratch);
    assert_true(str_has(buf_str(&b), S("first order")) && str_has(buf_str(&b), S("old@example.org")));
    assert_true(str_has(buf_str(&b), S("asked_for_peace\":[{")));
    assert_ok(know_erase(o.r.k, &(erase_ask){.customer = o.who, .mode = SUPPRESS_PAST}, &gone, &e), e);
    assert_int_equal(kept_of(&o.r, o.who), 0);
    end_one(&o);
}

static void nothing_goes_to_nobody(void **state) {
    one o;
    gate_answer x;
    begin_one(&o, state, GATE_service);
    err none = {0}, gone = {0}, kind = {0};
    gate_ask ask = {.kind = GATE_service};
    assert_false(gate_look(&o.a, o.r.s, &ask, o.r.now, &x, &none));
    assert_int_equal(none.code, ERR_invalid);
    ask.customer = 123456789;
    assert_false(gate_look(&o.a, o.r.s, &ask, o.r.now, &x, &gone));
    assert_int_equal(gone.code, ERR_not_found);
    ask = (gate_ask){.kind = GATE_KINDS, .customer = o.who};
    assert_false(gate_look(&o.a, o.r.s, &ask, o.r.now, &x, &kind));
    assert_int_equal(kind.code, ERR_invalid);
    end_one(&o);
}

static void segments_and_countries_have_limits_of_their_own(void **state) {
    one o;
    err e = {0};
    gate_limits x;
    begin_one(&o, state, GATE_service);
    set_limit(&o.r, "budget", "", 3);
    set_limit(&o.r, "budget", "country:DE", 4);
    assert_ok(gate_limits_for(o.r.s, S("Gold"), S("DE"), &x, &e), e);
    assert_int_equal(x.of[LIMIT_budget], 4);
    set_limit(&o.r, "budget", "segment:Gold", 5);
    assert_ok(gate_limits_for(o.r.s, S("Gold"), S("DE"), &x, &e), e);
    assert_int_equal(x.of[LIMIT_budget], 5);
    assert_ok(gate_limits_for(o.r.s, S("Silver"), S("AT"), &x, &e), e);
    assert_int_equal(x.of[LIMIT_budget], 3);
    assert_int_equal(x.of[LIMIT_clock_none + GATE_referral], 180);
    in_transaction(&o.r);
    assert_ok(gate_limit_drop(o.r.s, LIMIT_budget, S(""), &e), e);
    end_transaction(&o.r);
    assert_ok(gate_limits_for(o.r.s, S("Silver"), S("AT"), &x, &e), e);
    assert_int_equal(x.of[LIMIT_budget], 2);
    gate_limit_set bad = {.limit = LIMIT_budget, .scope = S("country:Germany"), .by = S("t"), .value = 1};
    assert_false(gate_limit_put(&o.a, o.r.s, &bad, &e));
    assert_int_equal(e.code, ERR_invalid);
    end_one(&o);
}

int main(void) {
    struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_rule_that_objects_answers),
        cmocka_unit_test(budgets_and_clocks_are_those_of_the_twin),
        cmocka_unit_test(marketing_needs_to_be_allowed),
        cmocka_unit_test(existing_customers_only_where_it_is_set),
        cmocka_unit_test(an_open_complaint_keeps_surveys_back),
        cmocka_unit_test(who_is_in_need_gets_no_reminders_of_payments),
        cmocka_unit_test(a_broken_promise_comes_before_questions),
        cmocka_unit_test(surveys_of_other_tools_count),
        cmocka_unit_test(what_was_not_sent_does_not_count),
        cmocka_unit_test(two_who_become_one_have_one_budget),
        cmocka_unit_test(nights_end_where_the_person_lives),
        cmocka_unit_test(many_at_once_are_spread),
        cmocka_unit_test(addresses_that_do_not_work_get_nothing),
        cmocka_unit_test(what_is_kept_is_given_out_and_erased),
        cmocka_unit_test(nothing_goes_to_nobody),
        cmocka_unit_test(segments_and_countries_have_limits_of_their_own),
    };
    return rig_run(tests, COUNT(tests));
}
