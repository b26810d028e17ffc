// Hardship: flags that end by themselves and hold nothing without consent; instalments that sum exactly, fall on civil
// days, and follow what was paid, whatever the order and however often they are settled.
#include "know/rig.h"

#include "act/hardship.h"
#include "know/access.h"
#include "know/erase.h"
#include "know/settings.h"
#include "sql/act.h"
#include "sql/decide_care.h"

enum { EUR = 978 };

static int64_t customer_of(rig *r, const char *user) {
    err e = {0};
    arena a = arena_open(1 << 20);
    int64_t *who;
    size_t n;
    assert_ok(erase_find(&a, r->s, IDENT_user_id, str_c(user), &who, &n, &e), e);
    assert_int_equal(n, 1);
    const int64_t id = who[0];
    arena_close(&a);
    return id;
}

static void open_with(rig *r, enum place place, const char *zone_name_) {
    err e = {0};
    rig_open(r, place);
    assert_ok(settings_put(r->s, "zone", str_c(zone_name_), &e), e);
    assert_ok(settings_put(r->s, "currency", S("EUR"), &e), e);
    const event evs[] = {order("o1", 20400, 5000, "7", "a@x.org"), order("o2", 20401, 5000, "8", "b@x.org")};
    rig_put(r, evs, COUNT(evs));
    rig_flush(r);
}

static bool in_txn(rig *r, bool (*fn)(rig *, void *, err *), void *ctx, err *e) {
    if (!store_begin(r->s, e)) return false;
    if (fn(r, ctx, e) && ledger_commit(know_ledger(r->k), e)) return true;
    store_rollback(r->s);
    return false;
}

static bool add(rig *r, void *x, err *e) {
    arena a = arena_open(1 << 20);
    bool ok = hardship_add(know_ledger(r->k), &a, x, e);
    arena_close(&a);
    return ok;
}
static bool change_it(rig *r, void *x, err *e) {
    arena a = arena_open(1 << 20);
    bool ok = hardship_change(know_ledger(r->k), &a, x, e);
    arena_close(&a);
    return ok;
}
static bool end(rig *r, void *x, err *e) {
    arena a = arena_open(1 << 20);
    bool ok = hardship_end(know_ledger(r->k), &a, ((hardship *)x)->id, e);
    arena_close(&a);
    return ok;
}

static hardship flagged(rig *r, enum hardship_kind kind, const char *user) {
    err e = {0};
    hardship x = {.customer = customer_of(r, user), .kind = kind, .by = S("account:1"), .consent = true};
    x.consent_how = S("by phone"), x.purpose = S("to arrange instalments"), x.note = S("lost the job in December");
    assert_ok(in_txn(r, add, &x, &e), e);
    return x;
}

static uint32_t states_of(rig *r, const char *user, int64_t *until_us) {
    err e = {0};
    uint32_t s = 0;
    const int64_t id = customer_of(r, user);
    assert_ok(hardship_states(r->s, &id, 1, r->now, &s, until_us, &e), e);
    return s;
}

// ---- flags ----

static void a_flag_holds_until_its_end(void **state) {
    rig r;
    int64_t until;
    open_with(&r, place_of(state), "Europe/Berlin");
    assert_int_equal(states_of(&r, "7", &until), 0);
    hardship x = flagged(&r, HARDSHIP_cannot_pay, "7");
    assert_int_equal(states_of(&r, "7", &until), STATE_HARDSHIP);
    assert_int_equal(until, r.now + 90 * DAY_US);
    hardship peace = {.customer = customer_of(&r, "7"), .kind = HARDSHIP_peace, .until_us = -1, .by = S("x")};
    err e = {0};
    assert_ok(in_txn(&r, add, &peace, &e), e);
    assert_int_equal(states_of(&r, "7", &until), STATE_HARDSHIP | STATE_DO_NOT_ASK);
    assert_int_equal(until, 0); // one of them for ever
    assert_int_equal(states_of(&r, "8", &until), 0);
    r.now += 90 * DAY_US;
    assert_int_equal(states_of(&r, "7", &until), STATE_DO_NOT_ASK);
    assert_ok(in_txn(&r, end, &peace, &e), e);
    assert_int_equal(states_of(&r, "7", &until), 0);
    assert_false(in_txn(&r, end, &x, &e));
    assert_int_equal(e.code, ERR_conflict);
    rig_close(&r);
}

static void nothing_is_kept_without_consent(void **state) {
    rig r;
    open_with(&r, place_of(state), "UTC");
    const int64_t who = customer_of(&r, "7");
    const struct {
        hardship x;
        const char *field;
    } bad[] = {
        {{.customer = who, .kind = HARDSHIP_bereaved, .note = S("her mother")}, "'note' needs"},
        {{.customer = who, .kind = HARDSHIP_bereaved, .consent = true}, "'consent_how' is empty"},
        {{.customer = who, .kind = HARDSHIP_bereaved, .consent = true, .consent_how = S("by phone"), .note = S("n")},
         "'purpose' is empty"},
        {{.customer = who}, "'kind' must"},
        {{.customer = who, .kind = HARDSHIP_cannot_pay, .until_us = r.now + 400 * DAY_US}, "'until' lies more"},
        {{.customer = who, .kind = HARDSHIP_cannot_pay, .until_us = -1}, "'until' is needed"},
        {{.customer = who, .kind = HARDSHIP_cannot_pay, .until_us = r.now - 1}, "'until' must lie ahead"},
        {{.customer = who, .kind = HARDSHIP_peace, .since_us = r.now + 1}, "'since' must not"},
    };
    for (size_t i = 0; i < COUNT(bad); i++) {
        err e = {0};
        hardship x = bad[i].x;
        assert_false(in_txn(&r, add, &x, &e));
        assert_int_equal(e.code, ERR_invalid);
        if (!strstr(e.msg, bad[i].field)) fail_msg("%s, want %s", e.msg, bad[i].field);
    }
    err e = {0};
    hardship nobody = {.customer = 999999, .kind = HARDSHIP_peace};
    assert_false(in_txn(&r, add, &nobody, &e));
    assert_int_equal(e.code, ERR_not_found);
    rig_close(&r);
}

static hardship read_it(rig *r, arena *a, int64_t id) {
    err e = {0};
    hardship x;
    assert_ok(hardship_get(a, r->s, id, r->now, &x, &e), e);
    return x;
}

static void details_go_with_the_flag(void **state) {
    rig r;
    arena a = arena_open(1 << 22);
    err e = {0};
    int64_t n;
    open_with(&r, place_of(state), "UTC");
    hardship x = flagged(&r, HARDSHIP_cannot_pay, "7"), y = read_it(&r, &a, x.id);
    assert_str(y.note, S("lost the job in December"));
    assert_int_equal(y.customer, customer_of(&r, "7"));
    hardship twice = x;
    assert_false(in_txn(&r, add, &twice, &e)); // one of a kind at a time
    assert_int_equal(e.code, ERR_conflict);
    e = (err){0};
    y.consent = false; // taken back: the note goes
    assert_ok(in_txn(&r, change_it, &y, &e), e);
    y = read_it(&r, &a, x.id);
    assert_str(y.note, S(""));
    assert_int_equal(y.version, 2);
    y.version = 1;
    assert_false(in_txn(&r, change_it, &y, &e));
    assert_int_equal(e.code, ERR_changed);
    hardship z = flagged(&r, HARDSHIP_bereaved, "8");
    r.now = z.until_us; // over, and not swept yet: it is read as if it were
    y = read_it(&r, &a, z.id);
    assert_str(y.note, S(""));
    e = (err){0};
    assert_ok(store_run(r.s, Q_hardship_clear_details, &n, &e, "ii", r.now + 1, INT64_C(500)), e);
    assert_int_equal(n, 2);
    assert_ok(store_run(r.s, Q_hardship_clear_details, &n, &e, "ii", r.now + 1, INT64_C(500)), e);
    assert_int_equal(n, 0);
    for (row q = store_query(r.s, Q_hardship_get, &e, "i", z.id); row_next(&q);) {
        for (int c = 6; c <= 11; c++)
            if (c != 7 && c != 10) assert_int_equal(row_str(&q, c).len, 0);
    }
    assert_ok(store_run(r.s, Q_sweep_hardship, &n, &e, "ii", r.now + 1, INT64_C(500)), e);
    assert_int_equal(n, 2);
    arena_close(&a);
    rig_close(&r);
}

// ---- instalments ----

static void the_31st_falls_on_the_last_day(void **state) {
    (void)state;
    arena a = arena_open(1 << 20);
    err e = {0};
    zone *z;
    hardship_part *p;
    assert_ok(zone_open(&a, S("Europe/Berlin"), &z, &e), e);
    hardship_offer o = {.owed = 10000, .parts = 6, .first_day = days_of((ymd){2027, 10, 31})};
    assert_ok(hardship_parts(&a, z, &o, &p, &e), e);
    static const char *const days[] = {"2027-10-31", "2027-11-30", "2027-12-31",
                                       "2028-01-31", "2028-02-29", "2028-03-31"};
    static const int64_t amounts[] = {1667, 1667, 1667, 1667, 1666, 1666};
    for (int i = 0; i < 6; i++) {
        assert_str(date_str(&a, p[i].day), str_c(days[i]));
        assert_int_equal(p[i].amount, amounts[i]);
        assert_int_equal(zone_days(z, p[i].due_us), p[i].day);                 // still that day there,
        assert_int_equal(zone_days(z, p[i].due_us + SECOND_US), p[i].day + 1); // to its end, when clocks change too
    }
    arena_close(&a);
}

static void parts_always_sum_exactly(void **state) {
    (void)state;
    arena life = arena_open(1 << 20);
    rng r = rng_seed(4);
    for (int i = 0; i < 5000; i++) {
        arena a = life;
        err e = {0};
        hardship_part *p;
        hardship_offer o = {.owed = rng_range(&r, 1, 1000000000), .first_day = (int32_t)rng_range(&r, 19000, 30000)};
        o.let_off = rng_chance(&r, 0.5) ? rng_range(&r, 0, o.owed - 1) : 0;
        o.parts = (int)rng_range(&r, 1, MIN(INT64_C(36), o.owed - o.let_off));
        if (rng_chance(&r, 0.3)) o.every_days = (int)rng_range(&r, 1, 30);
        assert_ok(hardship_parts(&a, NULL, &o, &p, &e), e);
        int64_t sum = 0;
        for (int k = 0; k < o.parts; k++) {
            sum += p[k].amount;
            assert_true(p[k].amount > 0 && p[k].amount <= p[0].amount && p[0].amount - p[k].amount <= 1);
            assert_true(!k || p[k].day > p[k - 1].day);
        }
        assert_true(sum == o.owed - o.let_off);
    }
    err e = {0};
    hardship_part *p;
    const hardship_offer bad[] = {{.owed = 0, .parts = 1},
                                  {.owed = 10, .let_off = 11, .parts = 1},
                                  {.owed = 10, .parts = 11},
                                  {.owed = 10000, .parts = 37},
                                  {.owed = 10000, .parts = 2, .every_months = 1, .every_days = 7},
                                  {.owed = 10000, .parts = 36, .every_months = 2}};
    for (size_t i = 0; i < COUNT(bad); i++) {
        e = (err){0};
        assert_false(hardship_parts(&life, NULL, &bad[i], &p, &e));
        assert_int_equal(e.code, ERR_invalid);
    }
    arena_close(&life);
}

static hardship_plan arranged(rig *r, arena *a, int64_t flag, int64_t owed, int parts) {
    err e = {0};
    hardship_plan p;
    redline_answer answer;
    hardship_offer o = {.hardship = flag, .owed = owed, .parts = parts, .role = S("owner"), .by = S("account:1")};
    o.first_day = zone_days(NULL, r->now) + 10;
    assert_ok(hardship_arrange(know_ledger(r->k), a, &o, &p, &answer, &e), e);
    assert_int_equal(answer.verdict, REDLINE_ALLOWED);
    return p;
}

static hardship_plan plan_of(rig *r, arena *a, int64_t id) {
    err e = {0};
    hardship_plan p;
    assert_ok(hardship_plan_get(a, r->s, id, r->now, &p, &e), e);
    return p;
}

static hardship_settled settle(rig *r) {
    err e = {0};
    hardship_settled done;
    rig_flush(r);
    assert_ok(hardship_settle(know_ledger(r->k), &done, &e), e);
    return done;
}

static enum commitment_status owed(rig *r, arena *a, int64_t id) {
    err e = {0};
    commitment c = {0};
    assert_true(commitment_get(a, r->s, id, &c, &e));
    return commitment_status(&c, r->now);
}

static void pay(rig *r, const char *ext, int64_t at_us, int64_t value, const char *user) {
    event ev = event_of(KIND_payment, at_us, ext);
    ev.value = value, ev.has_value = true, ev.unit = EUR;
    ev = from(ev, IDENT_user_id, user);
    rig_put(r, &ev, 1);
}

static void both_sides_keep_their_promise(void **state) {
    rig r;
    arena a = arena_open(1 << 24);
    open_with(&r, place_of(state), "UTC");
    hardship f = flagged(&r, HARDSHIP_cannot_pay, "7");
    hardship_plan p = arranged(&r, &a, f.id, 10000, 3);
    assert_int_equal(p.state, PLAN_AGREED);
    assert_int_equal(owed(&r, &a, p.still), OWED_open);
    assert_int_equal(owed(&r, &a, p.parts[0].commitment), OWED_open);
    assert_int_equal(p.parts[1].commitment, 0); // told when the first is over
    assert_true(read_it(&r, &a, f.id).until_us >= f.until_us);
    const int64_t ids[] = {p.parts[0].due_us, p.parts[1].due_us, p.parts[2].due_us};
    for (int i = 0; i < 3; i++) {
        r.now = ids[i] - DAY_US;
        pay(&r, i == 0 ? "p0" : i == 1 ? "p1" : "p2", r.now - HOUR_US, i ? 3333 : 3334, "7");
        settle(&r);
        settle(&r); // harmless the second time
        p = plan_of(&r, &a, p.id);
        assert_int_equal(p.parts[i].state, PART_PAID);
        assert_int_equal(owed(&r, &a, p.parts[i].commitment), OWED_kept);
        if (i < 2) assert_int_equal(owed(&r, &a, p.parts[i + 1].commitment), OWED_open);
    }
    assert_int_equal(p.state, PLAN_KEPT);
    assert_int_equal(p.paid, 10000);
    assert_int_equal(owed(&r, &a, p.still), OWED_kept);
    assert_verified(&r);
    arena_close(&a);
    rig_close(&r);
}

static void too_little_is_no_instalment(void **state) {
    rig r;
    arena a = arena_open(1 << 24);
    open_with(&r, place_of(state), "UTC");
    hardship_plan p = arranged(&r, &a, flagged(&r, HARDSHIP_cannot_pay, "7").id, 10000, 2);
    r.now += 2 * DAY_US;
    pay(&r, "some", r.now - HOUR_US, 3000, "7");
    settle(&r);
    p = plan_of(&r, &a, p.id);
    assert_int_equal(p.parts[0].state, PART_AHEAD);
    assert_int_equal(owed(&r, &a, p.parts[0].commitment), OWED_open); // opened again: 20.00 are missing
    r.now += DAY_US;
    pay(&r, "rest", r.now - HOUR_US, 7000, "7"); // all at once
    settle(&r);
    p = plan_of(&r, &a, p.id);
    assert_int_equal(p.state, PLAN_KEPT);
    assert_int_equal(owed(&r, &a, p.parts[0].commitment), OWED_kept);
    assert_int_equal(owed(&r, &a, p.parts[1].commitment), OWED_kept);
    arena_close(&a);
    rig_close(&r);
}

static void a_missed_part_asks_for_a_friendly_word(void **state) {
    rig r;
    arena a = arena_open(1 << 24);
    err e = {0};
    open_with(&r, place_of(state), "UTC");
    hardship f = flagged(&r, HARDSHIP_cannot_pay, "7");
    hardship_plan p = arranged(&r, &a, f.id, 9000, 3), q;
    r.now = p.parts[0].due_us + HOUR_US;
    assert_int_equal(settle(&r).missed, 1);
    assert_int_equal(settle(&r).missed, 0); // asked once
    p = plan_of(&r, &a, p.id);
    assert_int_equal(p.parts[0].state, PART_MISSED);
    assert_int_equal(owed(&r, &a, p.parts[0].commitment), OWED_broken);
    int64_t words = 0;
    for (row x = store_query(r.s, Q_commitment_scan, &e, ""); row_next(&x);)
        words += row_int(&x, 2) == COMMITMENT_task && str_starts(row_str(&x, 3), S("A friendly word first"));
    assert_int_equal(words, 1);
    // Planned anew: the old promises are nobody's any more, the new ones are.
    redline_answer answer;
    hardship_offer o = {.hardship = f.id, .owed = 9000, .parts = 9, .after_plan = p.id, .role = S("owner")};
    o.first_day = zone_days(NULL, r.now) + 20;
    assert_ok(hardship_arrange(know_ledger(r.k), &a, &o, &q, &answer, &e), e);
    const int64_t old_part = p.parts[0].commitment, old_still = p.still;
    settle(&r);
    assert_int_equal(plan_of(&r, &a, p.id).state, PLAN_ANEW);
    assert_int_equal(owed(&r, &a, old_part), OWED_withdrawn);
    assert_int_equal(owed(&r, &a, old_still), OWED_withdrawn);
    assert_int_equal(owed(&r, &a, q.parts[0].commitment), OWED_open);
    assert_ok(in_txn(&r, end, &f, &e), e);
    settle(&r);
    assert_int_equal(plan_of(&r, &a, q.id).state, PLAN_ENDED);
    assert_int_equal(owed(&r, &a, q.parts[0].commitment), OWED_withdrawn);
    arena_close(&a);
    rig_close(&r);
}

static void without_consent_nothing_is_arranged(void **state) {
    rig r;
    arena a = arena_open(1 << 24);
    err e = {0};
    hardship_plan p;
    redline_answer answer;
    open_with(&r, place_of(state), "UTC");
    hardship x = {.customer = customer_of(&r, "7"), .kind = HARDSHIP_cannot_pay, .by = S("account:1")};
    assert_ok(in_txn(&r, add, &x, &e), e);
    hardship_offer o = {.hardship = x.id, .owed = 9000, .parts = 3, .role = S("owner")};
    o.first_day = zone_days(NULL, r.now) + 20;
    assert_false(hardship_arrange(know_ledger(r.k), &a, &o, &p, &answer, &e));
    assert_int_equal(e.code, ERR_conflict);
    assert_non_null(strstr(e.msg, "consent"));
    o.hardship = 12345678, e = (err){0};
    assert_false(hardship_arrange(know_ledger(r.k), &a, &o, &p, &answer, &e));
    assert_int_equal(e.code, ERR_not_found);
    arena_close(&a);
    rig_close(&r);
}

// ---- rights ----

static void it_is_told_and_forgotten_with_the_person(void **state) {
    rig r;
    arena a = arena_open(1 << 26);
    err e = {0};
    open_with(&r, place_of(state), "UTC");
    hardship f = flagged(&r, HARDSHIP_cannot_pay, "7");
    arranged(&r, &a, f.id, 9000, 3);
    flagged(&r, HARDSHIP_peace, "8");
    buf b = buf_new(&a, 1 << 22);
    access_count n;
    const access_ask ask = {.customer = customer_of(&r, "7"), .now_us = r.now};
    assert_ok(access_write(&a, r.s, &ask, &b, &n, &e), e);
    assert_true(str_has(buf_str(&b), S("lost the job in December")));
    assert_true(str_has(buf_str(&b), S("\"instalments\":[{\"due\"")));
    erased gone;
    const erase_ask forget = {.customer = ask.customer, .mode = SUPPRESS_PAST};
    assert_ok(know_erase(r.k, &forget, &gone, &e), e);
    hardship *list;
    size_t some;
    assert_ok(hardship_list(&a, r.s, &(hardship_ask){.all = true}, r.now, &list, &some, &e), e);
    assert_int_equal(some, 1);
    assert_int_equal(list[0].kind, HARDSHIP_peace);
    int64_t plans = 0;
    for (row x = store_query(r.s, Q_hardship_plans_of, &e, "i", f.id); row_next(&x);) plans++;
    assert_int_equal(plans, 0);
    arena_close(&a);
    rig_close(&r);
}

int main(void) {
    struct CMUnitTest tests[] = {
        cmocka_unit_test(a_flag_holds_until_its_end),
        cmocka_unit_test(nothing_is_kept_without_consent),
        cmocka_unit_test(details_go_with_the_flag),
        cmocka_unit_test(the_31st_falls_on_the_last_day),
        cmocka_unit_test(parts_always_sum_exactly),
        cmocka_unit_test(both_sides_keep_their_promise),
        cmocka_unit_test(too_little_is_no_instalment),
        cmocka_unit_test(a_missed_part_asks_for_a_friendly_word),
        cmocka_unit_test(without_consent_nothing_is_arranged),
        cmocka_unit_test(it_is_told_and_forgotten_with_the_person),
    };
    return rig_run(tests, COUNT(tests));
}
