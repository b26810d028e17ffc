// How long customers wait: known mistakes of help desks come out right, and the hours are those that somebody would
// count who looked at every minute.
#include "know/rig.h"

#include "act/clocks.h"
#include "sql/know.h"

#define MINUTE_US (60 * SECOND_US)
enum { THURSDAY = 19999, DAYS = 12, MINUTES = DAYS * 1440 };

static event message(enum kind kind, int64_t at_us, const char *ext, const char *staff) {
    event ev = event_of(kind, at_us, ext);
    ev.thread = S("T"), ev.text = S("Where is my parcel?"), ev.staff = str_c(staff);
    return from(ev, IDENT_user_id, "7");
}

static clocked *clocks(rig *r, arena *a, int64_t now_us, size_t *n) {
    err e = {0};
    clocked *list;
    int64_t customer = 0;
    for (row q = store_query(r->s, Q_profile_scan, &e, ""); row_next(&q);) customer = row_int(&q, 1);
    assert_ok(clocks_of_customer(a, r->s, customer, now_us, &list, n, &e), e);
    return list;
}

static void all_hours(rig *r) {
    err e = {0};
    const char *field = "";
    arena a = arena_open(1 << 20);
    agreement x = {.name = S("Day and night"), .hours = S("always"), .from_us = 1};
    assert_ok(store_begin(r->s, &e), e);
    assert_ok(agreement_check(&a, &x, &field, &e), e);
    assert_ok(agreement_put(know_ledger(r->k), &x, &e), e);
    assert_ok(agreement_give(know_ledger(r->k), &(agreement_given){.agreement_id = x.id, .from_us = 1}, &e), e);
    assert_ok(ledger_commit(know_ledger(r->k), &e), e);
    arena_close(&a);
}

// chatwoot pull request 12058: a bot answers and solves; 5 days and an hour later the customer comes back, and a person
// answers within ten minutes. Not 5 d 1 h 10 m.
static void reopened_after_a_bot_takes_ten_minutes(void **state) {
    rig r;
    size_t n;
    arena a = arena_open(1 << 24);
    const int64_t t = THURSDAY * DAY_US + 10 * HOUR_US, back = t + 5 * DAY_US + HOUR_US;
    rig_open(&r, place_of(state));
    all_hours(&r);
    event evs[] = {message(KIND_message_in, t, "1", ""), message(KIND_message_auto, t + MINUTE_US, "2", "bot"),
                   message(KIND_conversation_solved, t + 2 * MINUTE_US, "3", ""),
                   message(KIND_message_in, back, "4", ""),
                   message(KIND_message_out, back + 10 * MINUTE_US, "5", "Olga")};
    rig_put(&r, evs, COUNT(evs));
    clocked *c = clocks(&r, &a, back + DAY_US, &n);
    assert_int_equal(n, 2);
    assert_true(!c[0].reply_us && c[0].solved_us && !c[0].reopened);
    assert_true(c[1].reopened && c[1].reply_open_us == 10 * MINUTE_US);
    assert_true(str_eq(c[1].agreement, S("Day and night")));
    rig_close(&r);
    arena_close(&a);
}

// chatwoot 11787: the reply after a reopening counted from before the solution (985,492 s). freescout 5225: who writes
// twice waits since the first.
static void each_wait_begins_where_it_begins(void **state) {
    rig r;
    size_t n;
    arena a = arena_open(1 << 24);
    const int64_t t = THURSDAY * DAY_US + 10 * HOUR_US;
    rig_open(&r, place_of(state));
    all_hours(&r);
    event evs[] = {message(KIND_message_in, t, "1", ""),
                   message(KIND_message_out, t + 42 * SECOND_US, "2", "Olga"),
                   message(KIND_conversation_solved, t + 26285 * SECOND_US, "3", "Olga"),
                   message(KIND_conversation_opened, t + 985000 * SECOND_US, "4", ""),
                   message(KIND_message_in, t + 985000 * SECOND_US, "5", ""),
                   message(KIND_message_in, t + 985300 * SECOND_US, "6", ""),
                   message(KIND_message_out, t + 985492 * SECOND_US, "7", "Olga"),
                   message(KIND_message_in, t + 986000 * SECOND_US, "8", "")};
    evs[7].text = S("Perfect, thank you!");
    rig_put(&r, evs, COUNT(evs));
    clocked *c = clocks(&r, &a, t + 990000 * SECOND_US, &n);
    assert_int_equal(n, 2);
    assert_true(c[0].reply_open_us == 42 * SECOND_US && c[0].solved_open_us == 26285 * SECOND_US);
    assert_true(c[1].reply_open_us == 492 * SECOND_US);
    assert_true(!c[1].waiting_us && c[1].n_waits == 1); // thanks wait for nothing
    rig_close(&r);
    arena_close(&a);
}

static void unassigned_time_is_the_teams(void **state) {
    rig r;
    size_t n;
    arena a = arena_open(1 << 24);
    const int64_t t = THURSDAY * DAY_US + 15 * HOUR_US;
    rig_open(&r, place_of(state)); // open from 9 to 17
    event evs[] = {message(KIND_message_in, t, "1", ""), message(KIND_note, t + HOUR_US, "2", "Olga"),
                   message(KIND_message_out, t + 19 * HOUR_US, "3", "Olga"),
                   message(KIND_message_in, t + 20 * HOUR_US, "4", ""),
                   message(KIND_message_out, t + 21 * HOUR_US, "5", "Olga")};
    rig_put(&r, evs, COUNT(evs));
    clocked *c = clocks(&r, &a, t + DAY_US, &n);
    assert_int_equal(n, 1);
    assert_int_equal(c[0].n_waits, 2);
    assert_true(c[0].waits[0].open_us == 3 * HOUR_US && c[0].waits[0].team_us == HOUR_US);
    assert_true(c[0].waits[1].open_us == HOUR_US && c[0].waits[1].team_us == 0);
    rig_close(&r);
    arena_close(&a);
}

// ---- minute by minute ----

static const char *const hours[] = {"mon-fri 09:00-17:00", "daily 0-24", "mon+wed 8-12, sat 10-14:30",
                                    "sun 23-24, mon 0-1"};
static const char *const zones[] = {"UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu"};

static bool open_at(const calendar *c, int64_t at_us) {
    ymd d;
    int32_t s = zone_second(c->z, at_us, &d);
    const int day = weekday(days_of(d));
    return is_business_day(c, days_of(d)) && s >= c->week[day].open_s && s < c->week[day].close_s;
}

typedef struct {
    int64_t reply, solved, waiting, waits, team; // open minutes, summed over all clocks
} counted;

// Walks through every minute with nothing but what is true in it.
static counted count_minutes(const calendar *cal, const uint8_t *what, const bool *staff, int64_t start_us) {
    counted sum = {0};
    counted run = {0};
    bool running = false, waiting = false, replied = false, named = false;
    for (int m = 0; m <= MINUTES; m++) {
        bool in = what[m] == 'c' || what[m] == 'o', out = what[m] == 'p', solved = what[m] == 's';
        named |= staff[m];
        if (in && !running) running = true, waiting = true, replied = false, run = (counted){0};
        if (what[m] == 'c') waiting = true;
        if (out && running) {
            if (waiting && !replied) replied = true, sum.reply += run.reply;
            waiting = false;
        }
        if (solved && running) sum.solved += run.solved, running = waiting = false;
        if (!running || m == MINUTES || !open_at(cal, start_us + m * MINUTE_US)) continue;
        run.solved++;
        if (!replied) run.reply++;
        if (waiting) sum.waits++, sum.team += !named;
    }
    return sum;
}

static void it_is_what_every_minute_says(void **state) {
    rig r;
    err e = {0};
    (void)state;
    rig_open(&r, place_of(state));
    for (int round = 0; round < 60; round++) {
        arena a = arena_open(1 << 24);
        rng g = rng_seed((uint64_t)round + 1);
        uint8_t what[MINUTES + 1] = {0};
        bool staff[MINUTES + 1] = {0};
        // Around the change of the clocks of October 2024, and of November in New York.
        const int64_t start = (20022 + rng_range(&g, 0, 6)) * DAY_US;
        standard_event evs[40];
        size_t n = 0, k;
        for (int i = 0; i < 30; i++) {
            int m = (int)rng_range(&g, 0, MINUTES - 1);
            if (what[m]) continue;
            what[m] = (uint8_t) "ccmpso"[rng_range(&g, 0, 5)];
            const enum kind kind = what[m] == 'c'   ? KIND_message_in
                                   : what[m] == 'm' ? KIND_message_auto
                                   : what[m] == 'p' ? KIND_message_out
                                   : what[m] == 's' ? KIND_conversation_solved
                                                    : KIND_conversation_opened;
            staff[m] = rng_chance(&g, 0.2);
            evs[n++] = (standard_event){
                .at_us = start + m * MINUTE_US, .key = i, .profile = 1, .kind = (uint8_t)kind, .staff = staff[m]};
        }
        agreements *all;
        agreement x = {.name = S("X"),
                       .hours = str_c(hours[round % 4]),
                       .zone = str_c(zones[round / 4 % 4]),
                       .country = S("DE"),
                       .closed = S("2024-10-30"),
                       .from_us = 1};
        const char *field = "";
        assert_ok(store_begin(r.s, &e), e);
        assert_ok(agreement_check(&a, &x, &field, &e), e);
        assert_ok(agreement_put(know_ledger(r.k), &x, &e), e);
        assert_ok(agreement_give(know_ledger(r.k),
                                 &(agreement_given){.agreement_id = x.id, .profile_id = 1, .from_us = round + 1}, &e),
                  e);
        assert_ok(ledger_commit(know_ledger(r.k), &e), e);
        assert_ok(agreements_read(&a, r.s, &all, &e), e);
        clocked *c;
        const int64_t profile = 1;
        clocks_from(&a, all, &profile, 1, S(""), evs, n, start + MINUTES * MINUTE_US, &c, &k);
        counted got = {0};
        for (size_t i = 0; i < k; i++) {
            got.reply += c[i].reply_open_us / MINUTE_US, got.solved += c[i].solved_open_us / MINUTE_US;
            for (int j = 0; j < c[i].n_waits; j++)
                got.waits += c[i].waits[j].open_us / MINUTE_US, got.team += c[i].waits[j].team_us / MINUTE_US;
        }
        const agreement_terms *t = agreements_for(all, &profile, 1, S(""), start);
        assert_true(t->row && t->row->id == x.id);
        counted want = count_minutes(&t->cal, what, staff, start);
        assert_int_equal(got.reply, want.reply);
        assert_int_equal(got.solved, want.solved);
        assert_int_equal(got.waits, want.waits);
        assert_int_equal(got.team, want.team);
        arena_close(&a);
    }
    rig_close(&r);
}

int main(void) {
    struct CMUnitTest tests[] = {
        cmocka_unit_test(reopened_after_a_bot_takes_ten_minutes),
        cmocka_unit_test(each_wait_begins_where_it_begins),
        cmocka_unit_test(unassigned_time_is_the_teams),
        cmocka_unit_test(it_is_what_every_minute_says),
    };
    return rig_run(tests, COUNT(tests));
}
