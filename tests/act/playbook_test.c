// Playbooks on both stores: who enters, what stops them, that nothing is done twice whatever is killed, and that the
// draw is fair.
#include "act/playbooks.h"
#include "sql/act_playbook.h"
#include "sql/know.h"

// ---- entering ----

static void a_first_order_is_thanked_once(void **state) {
    desk_of d;
    playbook_run r[4];
    open_desk(&d, state);
    allow(&d, 1);
    tell(&d, KIND_order, 2); // before it is on
    pass(&d, HOUR_US * 10);
    int64_t id = put_play(&d, "first", FIRST_ORDER, true);
    pass(&d, HOUR_US);
    tell(&d, KIND_order, 1);
    pass(&d, 1000);
    tell(&d, KIND_order, 1);
    tell(&d, KIND_order, 2);
    assert_int_equal(minute(&d).entered, 1);
    assert_int_equal(minute(&d).entered, 0);
    assert_int_equal(messages(&d), 0);
    hours(&d, 30);
    assert_int_equal(runs_of(&d, id, r, 4), 1);
    assert_str(notes_of(&d, r[0].id), S("message task"));
    assert_int_equal(r[0].state, RUN_ended);
    assert_int_equal(messages(&d), 1);
    assert_int_equal(tasks(&d), 1);
    hours(&d, 30);
    assert_int_equal(messages(&d), 1);
    (void)assert_verified(&d.r);
    close_desk(&d);
}

// The clock going back neither lets anybody in twice nor sends twice.
static void the_clock_may_go_back(void **state) {
    desk_of d;
    playbook_run r[4];
    open_desk(&d, state);
    allow(&d, 1);
    int64_t id = put_play(&d, "first", FIRST_ORDER, true);
    pass(&d, 12 * HOUR_US);
    tell(&d, KIND_order, 1);
    hours(&d, 3);
    pass(&d, -3 * HOUR_US);
    hours(&d, 40);
    pass(&d, -20 * HOUR_US);
    hours(&d, 60);
    assert_int_equal(runs_of(&d, id, r, 4), 1);
    assert_int_equal(messages(&d), 1);
    assert_int_equal(tasks(&d), 1);
    close_desk(&d);
}

// The same events in another order and in other batches let the same customers in, for the same occasions.
static uint64_t entered_by(desk_of *d, int64_t playbook) {
    err e = {0};
    uint64_t sum = 0;
    playbook_run *r = make(&d->a, playbook_run, 2000);
    size_t n = runs_of(d, playbook, r, 2000);
    for (size_t i = 0; i < n; i++)
        for (row q = store_query(d->r.s, Q_identifier_of_profile, &e, "i", r[i].profile); row_next(&q);)
            if (row_int(&q, 0) == IDENT_user_id) {
                sum += str_hash2(str_hash(r[i].occasion), row_str(&q, 1));
                row_end(&q);
            }
    return sum + n;
}

static void who_enters_does_not_depend_on_the_order_of_arrival(void **state) {
    uint64_t want[2] = {0};
    for (uint64_t seed = 1; seed <= 4; seed++) {
        desk_of d;
        enum { N = 400 };
        open_desk(&d, state);
        int64_t ids[2] = {
            put_play(&d, "first", FIRST_ORDER, true),
            put_play(&d, "low",
                     "{\"from\":\"M\",\"hold\":0,\"trigger\":{\"event\":\"answer\",\"instrument\":\"nps\","
                     "\"most\":6},\"steps\":[{\"task\":{\"what\":\"Call\"}}]}",
                     true)};
        event *evs = make(&d.a, event, N);
        rng g = rng_seed(77);
        for (int i = 0; i < N; i++) {
            bool order = rng_chance(&g, 0.5);
            evs[i] = said_by(&d, order ? KIND_order : KIND_answer, T0 + rng_range(&g, 1, 47) * HOUR_US,
                             (int)rng_range(&g, 1, 80));
            evs[i].ext = str_fmt(&d.a, "e%d", i);
            if (!order)
                evs[i].value = rng_range(&g, 0, 10) * 100, evs[i].has_value = true, evs[i].unit = INSTRUMENT_nps;
        }
        rng shuffle = rng_seed(seed);
        rng_shuffle(&shuffle, evs, N, sizeof *evs);
        put_batches(&d.r, evs, N, &shuffle, 0.2);
        pass(&d, 48 * HOUR_US);
        (void)minute(&d);
        for (int i = 0; i < 2; i++) {
            uint64_t got = entered_by(&d, ids[i]);
            if (seed == 1) want[i] = got;
            assert_int_equal(got, want[i]);
            assert_true(got > 0);
        }
        close_desk(&d);
    }
}

static void whoever_comes_into_a_segment_enters(void **state) {
    desk_of d;
    playbook_run r[4];
    open_desk(&d, state);
    for (int i = 0; i < 3; i++) pass(&d, HOUR_US), tell(&d, KIND_order, 1); // in it already
    tell(&d, KIND_order, 2);
    int64_t id = put_play(&d, "regulars",
                          "{\"from\":\"M\",\"hold\":0,\"trigger\":{\"segment\":\"orders >= 3\"},\"stop\":[\"left\"],"
                          "\"steps\":[{\"task\":{\"what\":\"Say hello\"}}]}",
                          true);
    hours(&d, 2);
    assert_int_equal(runs_of(&d, id, r, 4), 0);
    tell(&d, KIND_order, 2), pass(&d, HOUR_US), tell(&d, KIND_order, 2);
    hours(&d, 1);
    assert_int_equal(runs_of(&d, id, r, 4), 1);
    hours(&d, 30);
    assert_int_equal(runs_of(&d, id, r, 4), 1);
    assert_int_equal(tasks(&d), 1);
    close_desk(&d);
}

static void a_broken_promise_is_apologised_for(void **state) {
    desk_of d;
    playbook_run r[4];
    open_desk(&d, state);
    allow(&d, 1);
    int64_t id = put_play(&d, "sorry",
                          "{\"from\":\"Maria Lopez\",\"hold\":0,\"trigger\":{\"promise\":\"broken\"},\"steps\":["
                          "{\"message\":{\"template\":\"apology\",\"kind\":\"service\"}},{\"apologise\":true}]}",
                          true);
    event ev = said_by(&d, KIND_commitment_made, d.r.now + 1, 1);
    ev.topic = S("callback"), ev.text = S("I will call you tomorrow."), ev.thread = S("p1");
    ev.value = d.r.now + DAY_US, ev.has_value = true;
    rig_put(&d.r, &ev, 1);
    hours(&d, 23);
    assert_int_equal(runs_of(&d, id, r, 4), 0);
    hours(&d, 20);
    assert_int_equal(runs_of(&d, id, r, 4), 1);
    assert_str(notes_of(&d, r[0].id), S("message apologised"));
    assert_int_equal(messages(&d), 1);
    (void)assert_verified(&d.r);
    close_desk(&d);
}

// Who turns out to be one customer is taken through once; who is forgotten leaves nothing behind.
static void customers_that_are_one_go_through_once(void **state) {
    err e = {0};
    desk_of d;
    playbook_run r[4];
    erased gone = {0};
    open_desk(&d, state);
    tell(&d, KIND_usage, 1); // the smaller number
    int64_t id =
        put_play(&d, "regulars",
                 "{\"hold\":0,\"trigger\":{\"event\":\"order\",\"first\":true},\"steps\":[{\"wait\":{\"days\":2}},"
                 "{\"task\":{\"what\":\"Say hello\"}}]}",
                 true);
    pass(&d, HOUR_US), tell(&d, KIND_order, 2), hours(&d, 2);
    assert_int_equal(runs_of(&d, id, r, 4), 1);
    // The same phone: 1 and 2 are one, known by the number of 1.
    assert_ok(know_join(d.r.k, 1, r[0].profile, S("test"), &e), e);
    tell(&d, KIND_usage, 1), hours(&d, 1);
    assert_int_equal(runs_of(&d, id, r, 4), 1);
    hours(&d, 60);
    assert_int_equal(runs_of(&d, id, r, 4), 1);
    assert_int_equal(tasks(&d), 1);
    assert_ok(know_erase(d.r.k, &(erase_ask){.customer = 1, .mode = SUPPRESS_ALL}, &gone, &e), e);
    assert_int_equal(runs_of(&d, id, r, 4), 0);
    close_desk(&d);
}

// ---- birthdays ----

static void born(desk_of *d, int who, const char *day, const char *zone_name, const char *country) {
    event ev = said_by(d, KIND_identify, d->r.now - DAY_US, who);
    ev.extra = str_fmt(&d->a, "\"traits\":{\"birthday\":\"%s\"%s%s%s}", day, zone_name ? ",\"timezone\":\"" : "",
                       zone_name ? zone_name : "", zone_name ? "\"" : "");
    if (country) ev.country = str_c(country);
    rig_put(&d->r, &ev, 1);
}

static void a_birthday_is_greeted_in_the_morning_of_the_customers_day(void **state) {
    desk_of d;
    playbook_run r[8];
    open_desk(&d, state);
    d.r.now = INT64_C(1771977600000000); // 2026-02-25
    for (int i = 1; i <= 5; i++) allow(&d, i);
    born(&d, 1, "1990-02-27", "Asia/Tokyo", "JP");   // 27 February 10:00 there is 01:00 UTC
    born(&d, 2, "1990-02-27T00:00:00Z", NULL, "US"); // 16:00 UTC
    born(&d, 3, "1988-02-29", NULL, "DE");           // 28 February, 09:00 UTC
    born(&d, 4, "1988-02-29", NULL, "GB");           // 1 March, 10:00 UTC
    born(&d, 5, "1990-07-01", NULL, NULL);
    int64_t id = put_play(&d, "greet",
                          "{\"from\":\"Maria Lopez\",\"hold\":0,\"trigger\":{\"date\":\"birthday\",\"at\":\"10:00\"},"
                          "\"steps\":[{\"message\":{\"template\":\"birthday\",\"kind\":\"greeting\"}}]}",
                          true);
    static const int64_t at[] = {INT64_C(1772154000000000), INT64_C(1772208000000000), INT64_C(1772269200000000),
                                 INT64_C(1772359200000000)};
    for (size_t i = 0; i < COUNT(at); i++) {
        while (d.r.now < at[i] - HOUR_US) hours(&d, 1);
        assert_int_equal(messages(&d), (int64_t)i);
        d.r.now = at[i];
        (void)minute(&d);
        assert_int_equal(messages(&d), (int64_t)i + 1);
    }
    hours(&d, 48);
    assert_int_equal(runs_of(&d, id, r, 8), 4);
    assert_int_equal(messages(&d), 4);
    close_desk(&d);
}

// ---- stopping ----

static void what_happens_meanwhile_stops_it(void **state) {
    static const struct {
        const char *stop;
        enum kind kind;
        bool stops;
    } cases[] = {{"replied", KIND_message_in, true},   {"replied", KIND_order, false},
                 {"bought", KIND_order, true},         {"complained", KIND_complaint, true},
                 {"unsubscribed", KIND_consent, true}, {"complained", KIND_message_in, false}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        desk_of d;
        playbook_run r[2];
        open_desk(&d, state);
        allow(&d, 1);
        char text[600];
        snprintf(text, sizeof text,
                 "{\"from\":\"M\",\"hold\":0,\"trigger\":{\"event\":\"order\",\"first\":true},\"stop\":[\"%s\"],"
                 "\"steps\":[{\"wait\":{\"hours\":10}},{\"task\":{\"what\":\"Do\"}}]}",
                 cases[i].stop);
        int64_t id = put_play(&d, "stop", text, true);
        pass(&d, HOUR_US), tell(&d, KIND_order, 1), hours(&d, 2);
        event ev = said_by(&d, cases[i].kind, d.r.now, 1);
        if (cases[i].kind == KIND_consent) ev.topic = S("marketing_email"), ev.value = 0, ev.has_value = true;
        rig_put(&d.r, &ev, 1);
        hours(&d, 12);
        assert_int_equal(runs_of(&d, id, r, 2), 1);
        assert_int_equal(r[0].state, cases[i].stops ? RUN_stopped : RUN_ended);
        assert_int_equal(tasks(&d), cases[i].stops ? 0 : 1);
        close_desk(&d);
    }
}

// Thanks are a courtesy: who refuses offers still gets them, who refuses courtesies does not.
static void a_refusal_stops_what_it_refuses(void **state) {
    static const char *const refused[] = {"marketing_email", "courtesy"};
    for (int i = 0; i < 2; i++) {
        desk_of d;
        playbook_run r[2];
        open_desk(&d, state);
        allow(&d, 1);
        int64_t id = put_play(&d, "first", FIRST_ORDER, true);
        pass(&d, 10 * HOUR_US), tell(&d, KIND_order, 1), hours(&d, 2);
        event ev = said_by(&d, KIND_consent, d.r.now, 1);
        ev.topic = str_c(refused[i]), ev.value = 0, ev.has_value = true;
        rig_put(&d.r, &ev, 1);
        hours(&d, 40);
        assert_int_equal(runs_of(&d, id, r, 2), 1);
        assert_int_equal(r[0].state, i ? RUN_stopped : RUN_ended);
        assert_int_equal(messages(&d), i ? 0 : 1);
        close_desk(&d);
    }
}

static void switched_off_nothing_more_is_done(void **state) {
    desk_of d;
    playbook_run r[2];
    err e = {0};
    char field[PLAY_FIELD];
    playbook_row x;
    open_desk(&d, state);
    int64_t id = put_play(&d, "first", FIRST_ORDER, true);
    pass(&d, HOUR_US), tell(&d, KIND_order, 1), hours(&d, 2);
    assert_true(playbook_get_id(&d.a, d.r.s, id, &x, &e));
    x.on = false;
    assert_ok(store_begin(d.r.s, &e) && playbook_put(know_ledger(d.r.k), &x, field, &e) &&
                  ledger_commit(know_ledger(d.r.k), &e),
              e);
    tell(&d, KIND_order, 2), hours(&d, 40);
    assert_int_equal(runs_of(&d, id, r, 2), 1);
    assert_int_equal(r[0].state, RUN_stopped);
    assert_int_equal(messages(&d) + tasks(&d), 0);
    close_desk(&d);
}

static void a_wait_ends_when_what_it_waits_for_happens(void **state) {
    desk_of d;
    playbook_run r[2];
    open_desk(&d, state);
    int64_t id = put_play(
        &d, "wait",
        "{\"from\":\"M\",\"hold\":0,\"trigger\":{\"event\":\"contract_start\"},\"steps\":["
        "{\"wait\":{\"until\":\"usage\",\"days\":5}},{\"branch\":{\"if\":\"orders >= 1\",\"then\":["
        "{\"task\":{\"what\":\"Thank\"}}],\"else\":[{\"wait\":{\"days\":1}},{\"task\":{\"what\":\"Call\"}}]}}]}",
        true);
    pass(&d, HOUR_US), tell(&d, KIND_contract_start, 1), hours(&d, 10);
    tell(&d, KIND_usage, 1), hours(&d, 2);
    assert_int_equal(tasks(&d), 0);
    hours(&d, 24);
    assert_int_equal(runs_of(&d, id, r, 2), 1);
    assert_str(notes_of(&d, r[0].id), S("branch task"));
    assert_int_equal(r[0].state, RUN_ended);
    assert_int_equal(tasks(&d), 1);
    close_desk(&d);
}

// ---- the draw ----

static void the_draw_is_stable_and_fair(void **state) {
    (void)state;
    enum { N = 200000 };
    int64_t held[3] = {0}, both = 0;
    for (int64_t c = 1; c <= N; c++) {
        bool x = playbook_draw(101, c, "hold", 100000), y = playbook_draw(102, c, "hold", 100000);
        held[0] += x, held[1] += y, both += x && y;
        held[2] += playbook_draw(101, c, "sample", 250000);
        assert_int_equal(x, playbook_draw(101, c, "hold", 100000));
        // Who is held out of a tenth is held out of a fifth too.
        assert_true(!x || playbook_draw(101, c, "hold", 200000));
    }
    // Four standard deviations of a binomial; two playbooks draw independently.
    assert_true(fabs((double)held[0] - 0.1 * N) < 4 * sqrt(N * 0.1 * 0.9));
    assert_true(fabs((double)held[1] - 0.1 * N) < 4 * sqrt(N * 0.1 * 0.9));
    assert_true(fabs((double)held[2] - 0.25 * N) < 4 * sqrt(N * 0.25 * 0.75));
    assert_true(fabs((double)both - 0.01 * N) < 4 * sqrt(N * 0.01 * 0.99));
    assert_false(playbook_draw(101, 7, "hold", 0));
    assert_true(playbook_draw(101, 7, "hold", PLAY_MILLION));
}

// ---- crashes ----

// What a program killed between two writes leaves: the transaction that was open is gone. Here each call of the engine
// is cut off after a number of statements by a store that is closed under it.
static void killed_between_steps_nothing_is_done_twice(void **state) {
    err e = {0};
    desk_of d;
    open_desk(&d, state);
    allow(&d, 1);
    int64_t id = put_play(&d, "first", FIRST_ORDER, true);
    pass(&d, HOUR_US * 10), tell(&d, KIND_order, 1);
    (void)minute(&d);
    pass(&d, 26 * HOUR_US);
    playbook_run r[2];
    bool alone;
    ledger *l;
    // In the transaction of the message, before the commit.
    assert_int_equal(runs_of(&d, id, r, 2), 1);
    l = know_ledger(d.r.k);
    assert_ok(store_begin(d.r.s, &e) && playbook_go(l, &d.a, &r[0], &alone, &e), e);
    store_rollback(d.r.s);
    (void)rig_crash(&d.r);
    assert_int_equal(messages(&d), 0);
    // After it: the message is there, the task is not.
    l = know_ledger(d.r.k);
    assert_int_equal(runs_of(&d, id, r, 2), 1);
    assert_ok(store_begin(d.r.s, &e) && playbook_go(l, &d.a, &r[0], &alone, &e) && ledger_commit(l, &e), e);
    assert_true(alone);
    playbook_run at_task = r[0];
    (void)rig_crash(&d.r);
    assert_int_equal(messages(&d), 1);
    assert_int_equal(tasks(&d), 0);
    // The task's event is written, and the step after it is lost: as if the row had never been saved.
    l = know_ledger(d.r.k);
    assert_ok(playbook_go_alone(l, &d.a, &r[0], &e), e);
    assert_ok(store_begin(d.r.s, &e) &&
                  store_run(d.r.s, Q_playbook_run_put, NULL, &e, "iiiiiiIt", at_task.id, (int64_t)at_task.step + 1,
                            (int64_t)RUN_going, (int64_t)at_task.step, at_task.since_us, at_task.next_us, NULL,
                            S("")) &&
                  ledger_commit(l, &e),
              e);
    (void)rig_crash(&d.r);
    pass(&d, 5 * HOUR_US);
    (void)minute(&d);
    hours(&d, 5);
    assert_int_equal(messages(&d), 1);
    assert_int_equal(tasks(&d), 1);
    assert_int_equal(runs_of(&d, id, r, 2), 1);
    assert_int_equal(r[0].state, RUN_ended);
    (void)assert_verified(&d.r);
    close_desk(&d);
}

// A stale copy of a run does nothing: its step was done meanwhile.
static void two_at_once_do_a_step_once(void **state) {
    err e = {0};
    desk_of d;
    bool alone;
    playbook_run r[2];
    open_desk(&d, state);
    allow(&d, 1);
    int64_t id = put_play(&d, "first", FIRST_ORDER, true);
    pass(&d, HOUR_US * 10), tell(&d, KIND_order, 1);
    (void)minute(&d);
    pass(&d, 26 * HOUR_US);
    assert_int_equal(runs_of(&d, id, r, 2), 1);
    playbook_run stale = r[0];
    ledger *l = know_ledger(d.r.k);
    assert_ok(store_begin(d.r.s, &e) && playbook_go(l, &d.a, &r[0], &alone, &e) && ledger_commit(l, &e), e);
    assert_ok(store_begin(d.r.s, &e), e);
    assert_false(playbook_go(l, &d.a, &stale, &alone, &e));
    assert_int_equal(e.code, ERR_changed);
    store_rollback(d.r.s);
    assert_int_equal(messages(&d), 1);
    close_desk(&d);
}

// ---- clocks: figures, stuck starts, rhythm ----

static void days(desk_of *d, int n) {
    for (int i = 0; i < n; i++) pass(d, DAY_US), (void)minute(d);
}

static void a_figure_that_surely_fell_is_a_task_for_us(void **state) {
    desk_of d;
    playbook_run r[4];
    open_desk(&d, state);
    int64_t id = put_play(&d, "nps",
                          "{\"trigger\":{\"measure\":\"nps\",\"below\":0,\"days\":30},\"steps\":[{\"task\":{\"what\":"
                          "\"Find out why\",\"hours\":48}}]}",
                          true);
    for (int i = 0; i < 60; i++) {
        event ev = said_by(&d, KIND_answer, d.r.now + 1000 + i, i);
        ev.value = 1000, ev.has_value = true, ev.unit = INSTRUMENT_nps;
        rig_put(&d.r, &ev, 1);
    }
    days(&d, 3);
    assert_int_equal(runs_of(&d, id, r, 4), 0);
    for (int i = 0; i < 200; i++) {
        event ev = said_by(&d, KIND_answer, d.r.now + 1000 + i, 100 + i);
        ev.value = 0, ev.has_value = true, ev.unit = INSTRUMENT_nps;
        rig_put(&d.r, &ev, 1);
    }
    days(&d, 4);
    assert_int_equal(runs_of(&d, id, r, 4), 1);
    assert_int_equal(r[0].profile, 0);
    assert_false(r[0].held);
    assert_int_equal(tasks(&d), 1);
    close_desk(&d);
}

// 50 of 60 use it within ten days; ten never do. Stuck is who waits longer than four of five.
static void who_gets_nowhere_is_offered_help(void **state) {
    desk_of d;
    playbook_run r[20];
    open_desk(&d, state);
    int64_t id =
        put_play(&d, "stuck",
                 "{\"from\":\"M\",\"hold\":0,\"trigger\":{\"stuck\":\"usage\",\"from\":\"contract\"},\"steps\":["
                 "{\"task\":{\"what\":\"Call\"}}]}",
                 true);
    for (int i = 0; i < 60; i++) tell(&d, KIND_contract_start, i);
    for (int day = 1; day <= 10; day++) {
        days(&d, 1);
        for (int i = 0; i < 5; i++) tell(&d, KIND_usage, day * 5 + i - 5);
    }
    days(&d, 5);
    assert_int_equal(runs_of(&d, id, r, 20), 10);
    for (int i = 0; i < 10; i++) assert_true(r[i].profile > 50);
    days(&d, 5);
    assert_int_equal(runs_of(&d, id, r, 20), 10);
    close_desk(&d);
}

static void silence_has_a_ceiling_and_a_floor(void **state) {
    desk_of d;
    playbook_run r[20];
    open_desk(&d, state);
    int64_t id =
        put_play(&d, "rhythm",
                 "{\"hold\":0,\"trigger\":{\"rhythm\":{\"days\":20,\"segment\":\"contract\"}},\"again_days\":10,"
                 "\"steps\":[{\"task\":{\"what\":\"Call\"}}]}",
                 true);
    for (int i = 1; i <= 2; i++) tell(&d, KIND_contract_start, i);
    days(&d, 15);
    tell(&d, KIND_call, 2);
    days(&d, 10); // day 25: the first has been silent since the beginning; with the second we spoke on day 15
    assert_int_equal(runs_of(&d, id, r, 20), 1);
    days(&d, 7); // day 32: still the first alone, whose next time is day 31
    assert_int_equal(runs_of(&d, id, r, 20), 2);
    assert_int_equal(r[0].profile, r[1].profile);
    days(&d, 5); // day 37: the second too
    assert_int_equal(runs_of(&d, id, r, 20), 3);
    close_desk(&d);
}

// ---- kills ----

// Another process takes everybody on and is killed at any moment; another one goes on. In the end each has one message
// and one task.
static void killed_at_any_moment_nothing_is_lost_or_doubled(void **state) {
    enum { PEOPLE = 12, KILLS = 40 };
    err e = {0};
    desk_of d;
    open_desk(&d, state);
    for (int i = 1; i <= PEOPLE; i++) allow(&d, i);
    int64_t id = put_play(&d, "first", FIRST_ORDER, true);
    pass(&d, 10 * HOUR_US);
    for (int i = 1; i <= PEOPLE; i++) tell(&d, KIND_order, i);
    rig_flush(&d.r);
    (void)minute(&d);
    pass(&d, 26 * HOUR_US);
    know_close(d.r.k);
    store_close(d.r.s);
    rng g = rng_seed(11);
    int finished = 0;
    for (int i = 0; i < KILLS || !finished; i++) {
        pid_t child = fork();
        if (!child) {
            store *s;
            knowing *k;
            playbook_tally t = {0};
            bool ok = store_open(&s, str_c(d.r.f->where), (store_opts){0}, &e) && store_lock(s, 5000, &e) &&
                      know_open(&k, s, &d.r.w, NULL, &e) && playbook_minute(know_ledger(k), d.r.now, &t, &e);
            _exit(ok ? 0 : 1);
        }
        if (i < KILLS) usleep((useconds_t)rng_range(&g, 0, 25000)), kill(child, SIGKILL);
        finished += child_status(child) == 0;
    }
    d.r.s = d.r.f->s = open_again(d.r.f, (store_opts){0});
    assert_ok(store_lock(d.r.s, 5000, &e) && know_open(&d.r.k, d.r.s, &d.r.w, NULL, &e), e);
    for (int i = 0; i < 30; i++) hours(&d, 1); // those whom the gate delayed
    playbook_run r[PEOPLE + 1];
    assert_int_equal(runs_of(&d, id, r, PEOPLE + 1), PEOPLE);
    for (int i = 0; i < PEOPLE; i++) assert_int_equal(r[i].state, RUN_ended);
    assert_int_equal(messages(&d), PEOPLE);
    assert_int_equal(tasks(&d), PEOPLE);
    (void)assert_verified(&d.r);
    close_desk(&d);
}

int main(void) {
    struct CMUnitTest tests[] = {
        cmocka_unit_test(a_first_order_is_thanked_once),
        cmocka_unit_test(the_clock_may_go_back),
        cmocka_unit_test(who_enters_does_not_depend_on_the_order_of_arrival),
        cmocka_unit_test(whoever_comes_into_a_segment_enters),
        cmocka_unit_test(a_broken_promise_is_apologised_for),
        cmocka_unit_test(customers_that_are_one_go_through_once),
        cmocka_unit_test(a_birthday_is_greeted_in_the_morning_of_the_customers_day),
        cmocka_unit_test(what_happens_meanwhile_stops_it),
        cmocka_unit_test(a_refusal_stops_what_it_refuses),
        cmocka_unit_test(switched_off_nothing_more_is_done),
        cmocka_unit_test(a_wait_ends_when_what_it_waits_for_happens),
        cmocka_unit_test(the_draw_is_stable_and_fair),
        cmocka_unit_test(killed_between_steps_nothing_is_done_twice),
        cmocka_unit_test(two_at_once_do_a_step_once),
        cmocka_unit_test(a_figure_that_surely_fell_is_a_task_for_us),
        cmocka_unit_test(who_gets_nowhere_is_offered_help),
        cmocka_unit_test(silence_has_a_ceiling_and_a_floor),
        cmocka_unit_test(killed_at_any_moment_nothing_is_lost_or_doubled),
    };
    return rig_run(tests, COUNT(tests));
}
