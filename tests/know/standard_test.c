// What is owed by rule: it follows from the events, the standards and the agreements, whatever the order, the batches,
// a a rebuild, an undo or a changed standard; scope, time and the hours of the customer's agreement count.
#include "know/rig.h"

#include "know/commitment.h"
#include "know/standard.h"
#include "sql/act.h"

enum { N = 300, BASE_DAY = 19999 }; // Thursday, 2024-10-03

static void put_standard(rig *r, standard x) {
    err e = {0};
    const char *field = "";
    if (!x.from_us) x.from_us = 1;
    if (!x.minutes) x.minutes = 240;
    assert_ok(store_begin(r->s, &e), e);
    assert_ok(standard_check(&x, &field, &e), e);
    assert_ok(standard_put(know_ledger(r->k), &x, &e), e);
    assert_ok(commitment_by_rule_since(r->s, x.from_us, &e), e);
    assert_ok(ledger_commit(know_ledger(r->k), &e), e);
}

static void put_agreement(rig *r, agreement x, int64_t profile, const char *segment) {
    err e = {0};
    const char *field = "";
    arena a = arena_open(1 << 20);
    x.from_us = 1;
    assert_ok(store_begin(r->s, &e), e);
    assert_ok(agreement_check(&a, &x, &field, &e), e);
    assert_ok(agreement_put(know_ledger(r->k), &x, &e), e);
    agreement_given g = {.agreement_id = x.id, .profile_id = profile, .segment = str_c(segment), .from_us = 1};
    assert_ok(agreement_give(know_ledger(r->k), &g, &e), e);
    assert_ok(commitment_by_rule_since(r->s, 1, &e), e);
    assert_ok(ledger_commit(know_ledger(r->k), &e), e);
    arena_close(&a);
}

static event talk_event(enum kind kind, int64_t at_us, const char *ext, const char *thread, const char *user) {
    event ev = event_of(kind, at_us, ext);
    ev.thread = str_c(thread);
    return from(ev, IDENT_user_id, user);
}

static commitment *all_of(rig *r, arena *a, size_t *n) {
    err e = {0};
    commitment *list = make(a, commitment, 4096);
    *n = 0;
    for (row q = store_query(r->s, Q_commitment_scan, &e, ""); row_next(&q);) list[(*n)++] = commitment_read(a, &q);
    assert_ok(err_ok(&e), e);
    return list;
}

static const commitment *made_at(const commitment *list, size_t n, int64_t at_us) {
    for (size_t i = 0; i < n; i++)
        if (list[i].made_us == at_us) return &list[i];
    return NULL;
}

static void replies_are_owed_and_kept(void **state) {
    rig r;
    size_t n;
    arena a = arena_open(1 << 24);
    const int64_t t = BASE_DAY * DAY_US + 10 * HOUR_US; // Thursday, 10:00
    rig_open(&r, place_of(state));
    put_standard(&r, (standard){.name = S("First reply"), .kind = COMMITMENT_reply, .starts = START_first_message});
    put_standard(&r, (standard){.name = S("Next reply"), .kind = COMMITMENT_reply, .starts = START_next_message});
    put_standard(
        &r, (standard){.name = S("Solved"), .kind = COMMITMENT_fix, .starts = START_first_message, .minutes = 16 * 60});
    event evs[] = {talk_event(KIND_message_in, t, "m1", "T", "7"),
                   talk_event(KIND_message_auto, t + 60 * SECOND_US, "m2", "T", "7"), // a bot answers nothing
                   talk_event(KIND_message_in, t + HOUR_US, "m3", "T", "7"),          // still the same wait
                   talk_event(KIND_message_out, t + 2 * HOUR_US, "m4", "T", "7"),
                   talk_event(KIND_message_in, t + 3 * HOUR_US, "m5", "T", "7"),
                   talk_event(KIND_conversation_solved, t + 4 * HOUR_US, "s1", "T", "7"),
                   talk_event(KIND_message_in, t + 28 * HOUR_US, "m6", "T", "7"), // Friday 14:00
                   talk_event(KIND_message_in, t, "m7", "U", "8")};
    rig_put(&r, evs, COUNT(evs));
    commitment *all = all_of(&r, &a, &n);
    assert_int_equal(n, 7); // 3 first replies, 1 next, 3 fixes
    for (size_t i = 0; i < n; i++) {
        const commitment *c = &all[i];
        assert_true(c->standard_id != 0);
        if (c->kind == COMMITMENT_fix) continue;
        bool other = !c->kept_us && !c->void_us && c->made_us == t;
        if (c->made_us == t && !other) assert_true(c->kept_us == t + 2 * HOUR_US && c->first_due_us == t + 4 * HOUR_US);
        // Closed without an answer, and in time: it counts nowhere.
        if (c->made_us == t + 3 * HOUR_US) assert_true(c->void_us == t + 4 * HOUR_US && !c->kept_us);
        // From Friday 14:00 three hours, and the fourth on Monday.
        if (c->made_us == t + 28 * HOUR_US) assert_true(c->first_due_us == (BASE_DAY + 4) * DAY_US + 10 * HOUR_US);
    }
    int kept_fixes = 0;
    for (size_t i = 0; i < n; i++) kept_fixes += all[i].kind == COMMITMENT_fix && all[i].kept_us == t + 4 * HOUR_US;
    assert_int_equal(kept_fixes, 1);
    rig_flush(&r);
    assert_verified(&r);
    rig_close(&r);
    arena_close(&a);
}

static void the_customers_agreement_counts(void **state) {
    rig r;
    size_t n;
    arena a = arena_open(1 << 24);
    const int64_t fri = (BASE_DAY + 1) * DAY_US + 15 * HOUR_US; // 15:00 UTC
    rig_open(&r, place_of(state));
    event evs[] = {talk_event(KIND_message_in, fri, "m1", "A", "1"),
                   talk_event(KIND_message_in, fri + 1, "m2", "B", "2"),
                   talk_event(KIND_message_in, fri + 2, "m3", "C", "3")};
    evs[1].segment = S("Gold");
    rig_put(&r, evs, COUNT(evs));
    put_standard(&r, (standard){.name = S("First reply"), .kind = COMMITMENT_reply, .starts = START_first_message});
    commitment *all = all_of(&r, &a, &n);
    const int64_t monday = (BASE_DAY + 4) * DAY_US;
    assert_int_equal(n, 3);
    assert_true(made_at(all, n, fri)->due_us == monday + 11 * HOUR_US);
    // Everybody: open on Saturdays too. Gold: always, and within an hour. Customer 3: Monday is closed.
    put_agreement(&r, (agreement){.name = S("Shop"), .hours = S("mon-sat 9-17")}, 0, "");
    put_agreement(&r, (agreement){.name = S("Gold"), .hours = S("always"), .promises = S("reply 1")}, 0, "gold");
    put_agreement(&r, (agreement){.name = S("Three"), .hours = S("mon-fri 08:00-16:00"), .closed = S("2024-10-07")},
                  made_at(all, n, fri + 2)->profile_id, "");
    all = all_of(&r, &a, &n);
    assert_int_equal(n, 3);
    assert_true(made_at(all, n, fri)->due_us == (BASE_DAY + 2) * DAY_US + 11 * HOUR_US);
    assert_true(made_at(all, n, fri + 1)->due_us == fri + 1 + HOUR_US);
    assert_true(made_at(all, n, fri + 2)->due_us == monday + DAY_US + 11 * HOUR_US + 2);
    rig_flush(&r);
    assert_verified(&r);
    rig_rebuild(&r);
    assert_verified(&r);
    rig_close(&r);
    arena_close(&a);
}

static void scope_and_time_of_a_standard_hold(void **state) {
    rig r;
    size_t n;
    err e = {0};
    arena a = arena_open(1 << 24);
    const int64_t t = BASE_DAY * DAY_US + 10 * HOUR_US;
    rig_open(&r, place_of(state));
    standard vip = {.name = S("Complaints of key accounts"),
                    .kind = COMMITMENT_reply,
                    .starts = START_complaint,
                    .segment = S("key"),
                    .priority = S("high"),
                    .channel = CHANNEL_email,
                    .clock = CLOCK_ALWAYS,
                    .minutes = 60,
                    .from_us = t};
    put_standard(&r, vip);
    event evs[6];
    for (int i = 0; i < 6; i++) {
        evs[i] = talk_event(KIND_complaint, t + i, str_z(&a, str_fmt(&a, "c%d", i)), "T", "7");
        evs[i].channel = CHANNEL_email, evs[i].extra = S("\"priority\":\"High\""), evs[i].segment = S("Key");
    }
    evs[0].at_us = t - 1;                     // before it held
    evs[1].channel = CHANNEL_chat;            // another channel
    evs[2].extra = S("\"priority\":\"low\""); // another priority
    evs[3].segment = S("other");              // not of the segment then
    rig_put(&r, evs, 6);
    commitment *all = all_of(&r, &a, &n);
    assert_int_equal(n, 2);
    assert_true(all[0].due_us == all[0].made_us + HOUR_US);
    // From the fifth on it is two hours; what was promised before stays as it was.
    standards *x;
    assert_ok(standards_read(&a, r.s, &x, &e), e);
    size_t rows;
    standard next = standards_rows(x, &rows)[0];
    assert_int_equal(rows, 1);
    next.minutes = 120, next.from_us = t + 5;
    put_standard(&r, next);
    all = all_of(&r, &a, &n);
    assert_int_equal(n, 2);
    assert_true(made_at(all, n, t + 4)->due_us == t + 4 + HOUR_US);
    assert_true(made_at(all, n, t + 5)->due_us == t + 5 + 2 * HOUR_US);
    rig_flush(&r);
    assert_verified(&r);
    // Retired from the beginning: nothing is owed any more.
    assert_ok(standards_read(&a, r.s, &x, &e), e);
    const standard *all_rows = standards_rows(x, &rows);
    assert_int_equal(rows, 2);
    assert_ok(store_begin(r.s, &e), e);
    for (size_t i = 0; i < rows; i++) assert_ok(standard_end(r.s, &all_rows[i], t, &e), e);
    assert_ok(commitment_by_rule_since(r.s, t, &e), e);
    assert_ok(ledger_commit(know_ledger(r.k), &e), e);
    all_of(&r, &a, &n);
    assert_int_equal(n, 0);
    rig_flush(&r);
    rig_close(&r);
    arena_close(&a);
}

// ---- in any order ----

static void put_three(rig *r) {
    put_standard(r, (standard){.name = S("First"), .kind = COMMITMENT_reply, .starts = START_first_message});
    put_standard(r, (standard){.name = S("Any"),
                               .kind = COMMITMENT_reply,
                               .starts = START_message,
                               .clock = CLOCK_ALWAYS,
                               .channel = CHANNEL_web});
    put_standard(r, (standard){.name = S("Back"), .kind = COMMITMENT_refund, .starts = START_return, .minutes = 20000});
    put_standard(r, (standard){.name = S("Solve"), .kind = COMMITMENT_fix, .starts = START_first_message});
    put_agreement(r, (agreement){.name = S("All"), .hours = S("mon-sat 9-17"), .country = S("DE")}, 0, "");
    put_agreement(r, (agreement){.name = S("Pro"), .hours = S("always"), .promises = S("reply 30m")}, 0, "pro");
}

static uint64_t sum_of(rig *r, size_t *n) {
    arena a = arena_open((size_t)1 << 26);
    commitment *all = all_of(r, &a, n);
    uint64_t sum = 0;
    for (size_t i = 0; i < *n; i++) {
        const commitment *c = &all[i];
        const int64_t v[] = {c->kind, c->about != 0, c->made_us, c->due_us, c->kept_us, c->void_us, c->done_key};
        sum += str_hash((str){(const char *)v, sizeof v});
    }
    arena_close(&a);
    return sum;
}

static void shuffle(event *evs, int n, uint64_t seed) {
    rng g = rng_seed(seed);
    for (int i = n - 1; i > 0; i--) {
        int k = (int)rng_range(&g, 0, i);
        event t = evs[i];
        evs[i] = evs[k], evs[k] = t;
    }
}

static void a_replay_says_the_same(void **state) {
    for (uint64_t seed = 1; seed <= 4; seed++) {
        arena a = arena_open(1 << 24);
        event evs[N];
        uint64_t want = 0;
        size_t n_want = 0;
        random_events(&a, seed, evs, N);
        for (int round = 0; round < 4; round++) {
            rig r;
            size_t n;
            rng g = rng_seed(seed * 100 + (uint64_t)round);
            rig_open(&r, place_of(state));
            if (round != 1) put_three(&r); // else afterwards
            if (round) shuffle(evs, N, seed * 10 + (uint64_t)round);
            for (int i = 0, k; i < N; i += k) {
                k = (int)rng_range(&g, 1, 60);
                k = round ? MIN(k, N - i) : N - i;
                rig_put(&r, evs + i, (size_t)k);
                if (round == 2 && rng_chance(&g, 0.3)) rig_flush(&r);
            }
            if (round == 1) put_three(&r);
            rig_flush(&r);
            uint64_t sum = sum_of(&r, &n);
            if (!round) want = sum, n_want = n;
            assert_true(n > 20);
            assert_int_equal(n, n_want);
            assert_true(sum == want);
            assert_verified(&r);
            if (round == 3) {
                rig_rebuild(&r);
                assert_true(sum_of(&r, &n) == want);
                assert_verified(&r);
                rig_undo(&r, r.import, false);
                sum_of(&r, &n);
                assert_int_equal(n, 0);
                assert_verified(&r);
            }
            rig_close(&r);
        }
        arena_close(&a);
    }
}

static void what_is_tampered_with_is_found(void **state) {
    rig r;
    err e = {0};
    rebuilt_report out;
    size_t n;
    arena a = arena_open(1 << 22);
    rig_open(&r, place_of(state));
    put_standard(&r, (standard){.name = S("First"), .kind = COMMITMENT_reply, .starts = START_first_message});
    event ev = talk_event(KIND_message_in, BASE_DAY * DAY_US, "m1", "T", "7");
    rig_put(&r, &ev, 1);
    rig_flush(&r);
    commitment *all = all_of(&r, &a, &n);
    assert_int_equal(n, 1);
    assert_ok(store_run(r.s, Q_commitment_step_drop, NULL, &e, "iii", all[0].id, ev.at_us,
                        (int64_t)event_key(r.source, S("m1"))),
              e);
    assert_ok(store_run(r.s, Q_commitment_drop, NULL, &e, "i", all[0].id), e);
    assert_ok(know_verify(&a, r.s, NULL, NULL, &out, &e), e);
    assert_true(out.differences > 0);
    rig_rebuild(&r);
    assert_verified(&r);
    rig_close(&r);
    arena_close(&a);
}

int main(void) {
    struct CMUnitTest tests[] = {
        cmocka_unit_test(replies_are_owed_and_kept),         cmocka_unit_test(the_customers_agreement_counts),
        cmocka_unit_test(scope_and_time_of_a_standard_hold), cmocka_unit_test(a_replay_says_the_same),
        cmocka_unit_test(what_is_tampered_with_is_found),
    };
    return rig_run(tests, COUNT(tests));
}
