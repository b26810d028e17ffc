// Points and vouchers as people of ours and the programmes give, spend and take them back.
#include "know/rig.h"

#include "act/reward_earn.h"
#include "act/voucher.h"
#include "ledger/ident.h"
#include "sql/know.h"

enum { BASE_DAY = 20000 };

static int64_t customer_of(rig *r, const char *user) {
    err e = {0};
    int64_t id = 0;
    for (row q = store_query(r->s, Q_identifier_find, &e, "i", (int64_t)ident_hash(IDENT_user_id, str_c(user)));
         row_next(&q);)
        id = row_int(&q, 1);
    if (!err_ok(&e)) fail_msg("%s", e.msg);
    return id;
}

static reward_account account(rig *r, const char *user) {
    err e = {0};
    arena a = arena_open(1 << 24);
    reward_entry *v;
    size_t n;
    assert_ok(reward_entries(&a, r->s, customer_of(r, user), &v, &n, &e), e);
    reward_account out = reward_account_of(v, n, r->now);
    arena_close(&a);
    return out;
}

static programme plain(void) {
    return (programme){.name = S("Beans"),
                       .earned_by = EARNED_ORDER,
                       .currency = 978,
                       .rate = 1000,
                       .worth = 1000,
                       .expiry_days = 365,
                       .from_us = BASE_DAY * DAY_US,
                       .on = true,
                       .by = S("test")};
}

static int64_t add(rig *r, arena *a, programme p) {
    err e = {0};
    const char *field;
    ledger *l = know_ledger(r->k);
    assert_ok(store_begin(r->s, &e) && programme_put(l, a, &p, &field, &e) && ledger_commit(l, &e), e);
    return p.id;
}

static bool refuses(rig *r, arena *a, programme p, const char *want) {
    err e = {0};
    const char *field = "";
    bool ok = store_begin(r->s, &e) && programme_put(know_ledger(r->k), a, &p, &field, &e);
    store_rollback(r->s);
    return !ok && !strcmp(field, want);
}

// At the day's noon, with customers 7, 8 and 9.
static void begin(rig *r, void **state, arena *a) {
    *a = arena_open((size_t)1 << 30);
    rig_open(r, place_of(state));
    r->now = (BASE_DAY + 10) * DAY_US + DAY_US / 2;
    event evs[] = {order("o1", BASE_DAY + 1, 2599, "7", "ada@x.org"), order("o2", BASE_DAY + 2, 1000, "7", "ada@x.org"),
                   order("o3", BASE_DAY + 3, 5000, "8", "bob@x.org"),
                   from(event_of(KIND_usage, BASE_DAY * DAY_US, "u1"), IDENT_user_id, "9")};
    for (int i = 0; i < 3; i++) evs[i].thread = evs[i].ext;
    rig_put(r, evs, COUNT(evs));
    rig_flush(r);
}

static void end(rig *r, arena *a) {
    rig_flush(r);
    assert_verified(r);
    rig_close(r);
    arena_close(a);
}

static reward_tally run(rig *r) {
    err e = {0};
    reward_tally t;
    assert_ok(reward_run(know_ledger(r->k), &t, &e), e);
    return t;
}

static void points_are_rounded_as_the_rule_says(void **state) {
    (void)state;
    static const struct {
        int64_t minor, rate;
        enum rounding how;
        int64_t points;
    } rows[] = {{2599, 1000, ROUND_DOWN, 25},
                {2599, 1000, ROUND_NEAREST, 26},
                {2550, 1000, ROUND_NEAREST, 26},
                {2450, 1000, ROUND_NEAREST, 24},
                {2501, 1000, ROUND_UP, 26},
                {2500, 1000, ROUND_UP, 25},
                {199, 500, ROUND_DOWN, 0},
                {200, 500, ROUND_DOWN, 1},
                {-5, 1000, ROUND_UP, 0},
                {100, 1, ROUND_UP, 1},
                {INT64_MAX, 1000000000, ROUND_DOWN, INT64_C(1000000000000)}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        programme p = plain();
        p.rate = rows[i].rate, p.rounding = rows[i].how;
        assert_int_equal(programme_points(&p, rows[i].minor), rows[i].points);
    }
    programme yen = plain();
    yen.currency = 392; // no minor unit
    assert_int_equal(programme_points(&yen, 25), 25);
    assert_int_equal(programme_worth(&yen, 25), 25);
}

static void a_rule_never_asks_what_was_said(void **state) {
    rig r;
    arena a;
    begin(&r, state, &a);
    static const char *const asked[] = {"score nps >= 9", "mood = happy", "complaints = 0", "not feedback < 1",
                                        "orders >= 1 and (country = DE or mean_score csat5 >= 4)"};
    for (size_t i = 0; i < COUNT(asked); i++) {
        programme p = plain();
        p.condition = str_c(asked[i]);
        if (!refuses(&r, &a, p, "condition")) fail_msg("%s", asked[i]);
    }
    programme p = plain();
    p.earned_by = EARNED_REVIEW;
    assert_true(refuses(&r, &a, p, "disclosure"));
    p.disclosure = S("I got points for a positive review");
    assert_true(refuses(&r, &a, p, "disclosure"));
    p.disclosure = S("I got points for this review, whatever I wrote.");
    add(&r, &a, p);
    p = plain(), p.name = S("Points for 5-star reviews");
    assert_true(refuses(&r, &a, p, "name"));
    p = plain(), p.condition = S("orders >= 3");
    add(&r, &a, p);
    p = plain(), p.expiry_days = 10, p.wait_days = 10;
    assert_true(refuses(&r, &a, p, "expiry_days"));
    end(&r, &a);
}

static void orders_earn_and_what_comes_back_is_taken_back(void **state) {
    rig r;
    arena a;
    begin(&r, state, &a);
    add(&r, &a, plain());
    reward_tally t = run(&r);
    assert_int_equal(t.earned, 3);
    assert_int_equal(account(&r, "7").balance, 35);
    assert_int_equal(account(&r, "8").balance, 50);
    t = run(&r);
    assert_int_equal(t.earned + t.taken_back + t.expired, 0);
    // half of an order comes back, another one whole
    event back[] = {from(event_of(KIND_refund, (BASE_DAY + 5) * DAY_US, "r1"), IDENT_user_id, "8"),
                    from(event_of(KIND_cancel, (BASE_DAY + 5) * DAY_US, "x1"), IDENT_user_id, "7")};
    back[0].thread = S("o3"), back[0].value = 2500, back[0].has_value = true, back[0].unit = 978;
    back[1].thread = S("o1"), back[1].value = 2599, back[1].has_value = true, back[1].unit = 978;
    rig_put(&r, back, 2);
    t = run(&r);
    assert_int_equal(t.taken_back, 2);
    assert_int_equal(account(&r, "7").balance, 10);
    assert_int_equal(account(&r, "8").balance, 25);
    // the order turns out to have been larger, and on another day: it is earned anew
    event edit = order("o2", BASE_DAY + 4, 3000, "7", "ada@x.org");
    edit.thread = edit.ext, edit.edited_us = r.now;
    rig_put(&r, &edit, 1);
    run(&r);
    assert_int_equal(account(&r, "7").balance, 30);
    t = run(&r);
    assert_int_equal(t.earned + t.taken_back, 0);
    end(&r, &a);
}

static void an_undone_import_takes_its_points_away(void **state) {
    rig r;
    arena a;
    begin(&r, state, &a);
    add(&r, &a, plain());
    run(&r);
    rig_next_import(&r);
    int64_t second = r.import;
    event more = order("o9", BASE_DAY + 5, 9900, "7", "ada@x.org");
    rig_put(&r, &more, 1);
    run(&r);
    assert_int_equal(account(&r, "7").balance, 134);
    rig_undo(&r, second, false);
    reward_tally t = run(&r);
    assert_int_equal(t.taken_back, 1);
    assert_int_equal(account(&r, "7").balance, 35);
    t = run(&r);
    assert_int_equal(t.taken_back, 0);
    end(&r, &a);
}

// A new rate is for what comes; two programmes stand beside one another; a customer gets so many in a day.
static void versions_and_limits_hold(void **state) {
    rig r;
    arena a;
    begin(&r, state, &a);
    err e = {0};
    programme p = plain();
    p.id = add(&r, &a, p);
    run(&r);
    programme twice = p;
    twice.rate = 2000;
    add(&r, &a, twice);
    reward_tally t = run(&r);
    assert_int_equal(t.earned + t.taken_back, 0);
    event later[] = {order("o4", BASE_DAY + 11, 1000, "9", NULL), order("o5", BASE_DAY + 11, 1000, "9", NULL)};
    r.now += 2 * DAY_US;
    rig_put(&r, later, 2);
    run(&r);
    assert_int_equal(account(&r, "9").balance, 40);
    programme other = plain();
    other.name = S("Few"), other.day_points = 15, other.day_times = 1, other.from_us = (BASE_DAY + 11) * DAY_US;
    int64_t few = add(&r, &a, other);
    t = run(&r);
    assert_int_equal(t.held_back, 10);
    assert_int_equal(account(&r, "9").balance, 50);
    t = run(&r);
    assert_int_equal(t.earned, 0);
    programme back;
    assert_ok(programme_get(&a, r.s, few, &back, &e), e);
    assert_int_equal(back.version, 1);
    twice.currency = 840;
    assert_true(refuses(&r, &a, twice, ""));
    end(&r, &a);
}

static void points_wait_and_expire_by_the_calendar(void **state) {
    rig r;
    arena a;
    begin(&r, state, &a);
    programme p = plain();
    p.wait_days = 14, p.expiry_days = 30;
    add(&r, &a, p);
    run(&r);
    assert_int_equal(account(&r, "7").usable, 0);
    assert_int_equal(account(&r, "7").waiting, 35);
    r.now = (BASE_DAY + 16) * DAY_US;
    assert_int_equal(account(&r, "7").usable, 35);
    assert_true(account(&r, "7").next_us == (BASE_DAY + 32) * DAY_US); // the whole 30th day after day 1
    r.now = (BASE_DAY + 32) * DAY_US;
    reward_tally t = run(&r);
    assert_int_equal(t.expired, 1);
    assert_int_equal(account(&r, "7").balance, 10);
    t = run(&r);
    assert_int_equal(t.expired + t.earned + t.taken_back, 0);
    end(&r, &a);
}

// ---- by hand ----

static void given_once_spent_and_taken_back(void **state) {
    rig r;
    arena a;
    err e = {0};
    reward_done d, again;
    begin(&r, state, &a);
    int64_t seven = customer_of(&r, "7");
    ledger *l = know_ledger(r.k);
    reward_gift g = {.customer = seven, .points = 100, .why = S("thank you"), .by = S("account:1"), .key = S("k1")};
    assert_false(reward_give(l, &a, &g, &d, &e));
    assert_int_equal(e.code, ERR_conflict); // no programme says what a point is worth
    err_clear(&e);
    add(&r, &a, plain());
    assert_ok(reward_give(l, &a, &g, &d, &e), e);
    assert_int_equal(d.account.balance, 100);
    assert_int_equal(d.worth, 100);
    assert_ok(reward_give(l, &a, &g, &again, &e), e);
    assert_true(again.again && again.entry.id == d.entry.id && again.account.balance == 100);
    reward_spending x = {.customer = seven, .points = 101, .what = S("a bag"), .by = S("account:1")};
    assert_false(reward_spend(l, &a, &x, &again, &e));
    assert_int_equal(e.code, ERR_conflict);
    err_clear(&e);
    x.points = 60;
    assert_ok(reward_spend(l, &a, &x, &again, &e), e);
    assert_int_equal(again.account.usable, 40);
    int64_t spent = again.entry.id;
    assert_ok(reward_reverse(l, &a, spent, S("sent back"), S("account:1"), &again, &e), e);
    assert_int_equal(again.account.usable, 100);
    assert_false(reward_reverse(l, &a, spent, S("sent back"), S("account:1"), &again, &e));
    assert_int_equal(e.code, ERR_conflict);
    err_clear(&e);
    assert_ok(reward_reverse(l, &a, d.entry.id, S("a mistake"), S("account:1"), &again, &e), e);
    assert_int_equal(again.account.balance, 0);
    g.why = S("for a 5-star review"), g.key = S("k2");
    assert_false(reward_give(l, &a, &g, &d, &e));
    assert_int_equal(e.code, ERR_invalid);
    err_clear(&e);
    g.why = S("thanks"), g.customer = 999999;
    assert_false(reward_give(l, &a, &g, &d, &e));
    assert_int_equal(e.code, ERR_not_found);
    end(&r, &a);
}

// Killed between the decision and its event: told once, by whoever comes next.
static void a_crash_gives_nothing_twice_and_loses_nothing(void **state) {
    rig r;
    arena a = arena_open((size_t)1 << 28);
    err e = {0};
    rig_open(&r, lasting_place(state));
    event ev = order("o1", BASE_DAY, 100, "7", NULL);
    rig_put(&r, &ev, 1);
    rig_flush(&r);
    reward_told t = {.customer = customer_of(&r, "7"),
                     .what = REWARD_bonus,
                     .points = 5,
                     .at_us = r.now,
                     .ext = S("give:x"),
                     .why = S("thanks"),
                     .extra = S("\"by\":\"x\"")};
    assert_ok(store_begin(r.s, &e) && reward_tell_later(know_ledger(r.k), &a, &t, &e) &&
                  ledger_commit(know_ledger(r.k), &e),
              e);
    rig_crash(&r);
    assert_int_equal(account(&r, "7").balance, 0);
    assert_ok(reward_tell_untold(know_ledger(r.k), &a, &e), e);
    assert_int_equal(account(&r, "7").balance, 5);
    // and killed between the event and the row's end
    assert_ok(store_begin(r.s, &e) && reward_tell_later(know_ledger(r.k), &a, &t, &e) &&
                  ledger_commit(know_ledger(r.k), &e),
              e);
    rig_crash(&r);
    assert_ok(reward_tell_untold(know_ledger(r.k), &a, &e), e);
    assert_int_equal(account(&r, "7").balance, 5);
    rig_flush(&r);
    assert_verified(&r);
    rig_close(&r);
    arena_close(&a);
}

// ---- vouchers ----

static void codes_are_read_as_people_type_them(void **state) {
    (void)state;
    int64_t now = 5;
    world w = world_fixed(&now);
    arena a = arena_open(1 << 24);
    const char *why;
    char code[VOUCHER_CODE];
    for (int i = 0; i < 300; i++) {
        str made = voucher_code_made(&a, &w), shown = voucher_code_shown(&a, made);
        assert_true(voucher_code_read(shown, code, &why) && !memcmp(code, made.s, VOUCHER_CODE));
        char typed[64];
        snprintf(typed, sizeof typed, " %.*s ", STR_ARG(shown));
        for (char *p = typed; *p; p++)
            *p = *p == '0' ? 'o' : *p == '1' ? (i % 2 ? 'l' : 'I') : (char)(*p | (*p >= 'A' && *p <= 'Z' ? 32 : 0));
        assert_true(voucher_code_read(str_c(typed), code, &why) && !memcmp(code, made.s, VOUCHER_CODE));
        // every single wrong letter, and every two that changed places, are found
        static const char all[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
        for (int k = 0; k < VOUCHER_CODE; k++) {
            char bad[VOUCHER_CODE];
            memcpy(bad, made.s, sizeof bad);
            bad[k] = all[(strchr(all, bad[k]) - all + 1 + i % 31) % 32];
            assert_false(voucher_code_read((str){bad, sizeof bad}, code, &why));
            if (k + 1 == VOUCHER_CODE || made.s[k] == made.s[k + 1]) continue;
            memcpy(bad, made.s, sizeof bad);
            bad[k] = made.s[k + 1], bad[k + 1] = made.s[k];
            assert_false(voucher_code_read((str){bad, sizeof bad}, code, &why));
        }
    }
    // Crockford's own: 1234 in base 32 is 16J, and 1234 modulo 37 is 13, D
    assert_true(voucher_code_read(S("0000-0000-0000-16JD"), code, &why));
    assert_false(voucher_code_read(S("0000-0000-0000-16J"), code, &why));
    assert_false(voucher_code_read(S("0000-0000-0000-16UD"), code, &why));
    arena_close(&a);
}

static void a_voucher_is_used_once(void **state) {
    rig r;
    arena a;
    err e = {0};
    voucher v, w;
    begin(&r, state, &a);
    ledger *l = know_ledger(r.k);
    int64_t seven = customer_of(&r, "7");
    voucher_new n = {.customer = seven,
                     .value = 500,
                     .least = 2000,
                     .currency = 978,
                     .why = S("sorry for the wait"),
                     .until_us = r.now + 30 * DAY_US,
                     .by = S("account:1"),
                     .key = S("v1")};
    assert_ok(voucher_issue(l, &a, &n, &v, &e), e);
    assert_ok(voucher_issue(l, &a, &n, &w, &e), e);
    assert_true(v.id == w.id);
    str code = voucher_code_shown(&a, v.code);
    voucher_use u = {.code = code, .order = S("o77"), .minor = 1999, .currency = 978};
    assert_false(voucher_hold(l, &a, &u, &w, &e)); // too small
    err_clear(&e);
    u.minor = 2000, u.customer = customer_of(&r, "8");
    assert_false(voucher_hold(l, &a, &u, &w, &e)); // another's
    err_clear(&e);
    u.customer = seven;
    assert_ok(voucher_hold(l, &a, &u, &w, &e), e);
    assert_int_equal(w.used, 500);
    assert_ok(voucher_hold(l, &a, &u, &w, &e), e);
    voucher_use thief = u;
    thief.order = S("o78");
    assert_false(voucher_hold(l, &a, &thief, &w, &e));
    err_clear(&e);
    r.now += 16 * 60 * SECOND_US; // the reservation is over
    assert_false(voucher_redeem(l, &a, v.id, S("shop"), &w, &e));
    err_clear(&e);
    assert_ok(voucher_hold(l, &a, &thief, &w, &e), e);
    assert_ok(voucher_redeem(l, &a, v.id, S("shop"), &w, &e), e);
    assert_ok(voucher_redeem(l, &a, v.id, S("shop"), &w, &e), e);
    assert_false(voucher_hold(l, &a, &u, &w, &e));
    err_clear(&e);
    assert_false(voucher_cancel(l, &a, v.id, S("x"), &w, &e));
    err_clear(&e);
    // its order is cancelled: it can be used again
    assert_ok(voucher_release(l, &a, v.id, S("shop"), &w, &e), e);
    assert_ok(voucher_hold(l, &a, &u, &w, &e), e);
    assert_ok(voucher_release(l, &a, v.id, S("shop"), &w, &e), e);
    r.now += 40 * DAY_US;
    assert_int_equal(voucher_now(&w, r.now), VOUCHER_EXPIRED);
    int64_t over;
    assert_ok(voucher_sweep(l, &a, &over, &e), e);
    assert_int_equal(over, 1);
    assert_ok(voucher_sweep(l, &a, &over, &e), e);
    assert_int_equal(over, 0);
    end(&r, &a);
}

static void a_voucher_is_paid_with_points(void **state) {
    rig r;
    arena a;
    err e = {0};
    voucher v, w;
    begin(&r, state, &a);
    ledger *l = know_ledger(r.k);
    add(&r, &a, plain());
    run(&r);
    int64_t seven = customer_of(&r, "7");
    voucher_new n = {.customer = seven,
                     .value = 1000,
                     .share_bp = 1000,
                     .currency = 978,
                     .points = 36,
                     .why = S("10 %"),
                     .by = S("x")};
    assert_false(voucher_issue(l, &a, &n, &v, &e));
    err_clear(&e);
    n.points = 30;
    assert_ok(voucher_issue(l, &a, &n, &v, &e), e);
    assert_int_equal(account(&r, "7").balance, 5);
    assert_int_equal(v.concession, 0);
    assert_int_equal(voucher_takes(&v, 4005), 401);
    assert_int_equal(voucher_takes(&v, 400000), 1000);
    assert_ok(voucher_cancel(l, &a, v.id, S("x"), &w, &e), e);
    assert_int_equal(account(&r, "7").balance, 35);
    assert_ok(voucher_cancel(l, &a, v.id, S("x"), &w, &e), e);
    assert_int_equal(account(&r, "7").balance, 35);
    end(&r, &a);
}

static void the_same_hands_are_seen(void **state) {
    rig r;
    arena a;
    err e = {0};
    str why;
    begin(&r, state, &a);
    event evs[] = {
        from(from(event_of(KIND_usage, BASE_DAY * DAY_US, "d1"), IDENT_user_id, "20"), IDENT_email, "a.b+1@gmail.com"),
        from(from(event_of(KIND_usage, BASE_DAY * DAY_US, "d2"), IDENT_user_id, "21"), IDENT_email,
             "ab@googlemail.com"),
        from(from(event_of(KIND_usage, BASE_DAY * DAY_US, "d3"), IDENT_user_id, "22"), IDENT_anonymous_id, "device-9"),
        from(from(event_of(KIND_usage, BASE_DAY * DAY_US, "d4"), IDENT_user_id, "23"), IDENT_anonymous_id, "device-9")};
    rig_put(&r, evs, COUNT(evs));
    rig_flush(&r);
    assert_ok(reward_same_hands(&a, r.s, customer_of(&r, "20"), customer_of(&r, "21"), &why, &e), e);
    assert_true(why.len > 0);
    assert_ok(reward_same_hands(&a, r.s, customer_of(&r, "22"), customer_of(&r, "23"), &why, &e), e);
    assert_true(why.len > 0);
    assert_ok(reward_same_hands(&a, r.s, customer_of(&r, "7"), customer_of(&r, "8"), &why, &e), e);
    assert_int_equal(why.len, 0);
    end(&r, &a);
}

int main(void) {
    struct CMUnitTest tests[] = {
        cmocka_unit_test(points_are_rounded_as_the_rule_says),
        cmocka_unit_test(a_rule_never_asks_what_was_said),
        cmocka_unit_test(orders_earn_and_what_comes_back_is_taken_back),
        cmocka_unit_test(an_undone_import_takes_its_points_away),
        cmocka_unit_test(versions_and_limits_hold),
        cmocka_unit_test(points_wait_and_expire_by_the_calendar),
        cmocka_unit_test(given_once_spent_and_taken_back),
        cmocka_unit_test(a_crash_gives_nothing_twice_and_loses_nothing),
        cmocka_unit_test(codes_are_read_as_people_type_them),
        cmocka_unit_test(a_voucher_is_used_once),
        cmocka_unit_test(a_voucher_is_paid_with_points),
        cmocka_unit_test(the_same_hands_are_seen),
    };
    return rig_run(tests, COUNT(tests));
}
