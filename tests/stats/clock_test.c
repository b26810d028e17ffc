#include "stats/near.h"

#include "base/rng.h"
#include "stats/clock.h"

static arena a;

static int open_arena(void **state) {
    (void)state;
    a = test_arena();
    return 0;
}

static int close_arena(void **state) {
    (void)state;
    arena_close(&a);
    return 0;
}

#define MINUTES INT64_C(60000000)
enum { DAY_MIN = 24 * 60, HOUR_MIN = 60, T0 = 1000000 }; // minutes; T0 so that no instant is 0

// A conversation in a line: letters of who, minutes after the start. o opened, c customer, m machine, p person, s
// solved.
static size_t steps_of(const char *text, clock_step *out) {
    static const char who[] = "ocmps";
    size_t n = 0;
    for (const char *s = text; *s;) {
        if (*s == ' ') {
            s++;
            continue;
        }
        const char *at = strchr(who, *s++);
        assert_non_null(at);
        char *end;
        out[n].who = (enum clock_who)(at - who);
        out[n++].at_us = (T0 + strtoll(s, &end, 10)) * MINUTES;
        s = end;
    }
    return n;
}

// The clocks in a line: start>first reply!solved?waiting since, and each later wait as (from-to); minutes.
static void buf_minute(buf *b, char mark, int64_t at_us) {
    if (at_us) buf_fmt(b, "%c%" PRId64, mark, at_us / MINUTES - T0);
}

static str show(const char *text, int64_t now_min) {
    clock_step steps[64];
    size_t n = steps_of(text, steps);
    clock_runs r = clock_read(&a, steps, n, NULL, (T0 + now_min) * MINUTES);
    buf b = buf_new(&a, 4096);
    for (int i = 0; i < r.n; i++) {
        const clock_run *c = &r.runs[i];
        if (i) buf_addc(&b, ' ');
        buf_minute(&b, c->reopened ? 'R' : 'S', c->start_us);
        buf_minute(&b, '>', c->reply_us);
        for (int j = 1; j < c->n_waits; j++) {
            if (c->waits[j].end == CLOCK_WAITING) continue;
            buf_fmt(&b, "(%" PRId64 "-%" PRId64 "%s)", c->waits[j].from_us / MINUTES - T0,
                    c->waits[j].to_us / MINUTES - T0, c->waits[j].end == CLOCK_CLOSED ? " closed" : "");
        }
        buf_minute(&b, '!', c->solved_us);
        buf_minute(&b, '?', c->waiting_us);
    }
    return buf_str(&b);
}

static void golden_conversations(void **state) {
    (void)state;
    enum { LATER = 10 * DAY_MIN };
    static const struct {
        const char *steps, *want, *about;
    } rows[] = {
        {"", "", "nothing happened"},
        {"c0 p7", "S0>7", "asked and answered"},
        {"c0", "S0?0", "asked and waiting"},
        {"c0 m1", "S0?0", "a bot's answer is not an answer"},
        {"c0 c3 c9", "S0?0", "waiting since the first unanswered word"},
        {"c0 p5 c20 c25 p30", "S0>5(20-30)", "the next reply counts from the first of two messages"},
        {"c0 p5 c20 c25", "S0>5?20", "waiting again since 20"},
        {"c0 p5 c20 m21 p30", "S0>5(20-30)", "a bot between does not stop the wait"},
        {"c0 p5 p6 p7", "S0>5", "three answers are one reply"},
        {"c0 p5 s60", "S0>5!60", "solved"},
        {"c0 s60", "S0!60", "solved without an answer: no first reply, and no wait left"},
        {"c0 p5 c20 s60", "S0>5(20-60 closed)!60", "solved over an open question"},
        {"o0 c0 p4", "S0>4", "opened by the message itself"},
        {"o0 p4", "S0>4", "only the ticket's opening is known"},
        {"c0 o2 p4", "S0>4", "handed over by the bot: the customer has waited since 0"},
        {"p0 c30 p40", "S30>40", "we began: the clock starts with the customer's answer"},
        {"p0", "", "we wrote and nobody answered"},
        {"m0 p1 s2", "", "no customer, no clock"},
        {"c0 p5 s60 p70", "S0>5!60", "a word after the solution starts nothing"},
        {"c0 p5 s60 c100", "S0>5!60 R100?100", "reopened by the customer, waiting since then"},
        {"c0 p5 s60 s61 c100 p101 s102", "S0>5!60 R100>101!102", "solved twice is solved once"},
        {"c0 p5 s60 o100 p103", "S0>5!60 R100>103", "reopened by hand"},
        {"c0 p5 s5", "S0>5!5", "answered and solved at the same moment"},
        {"p40 c30 p0", "S30>40", "steps in another order"},
        {"c0 p99999999", "S0?0", "what lies in the future has not happened"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        str got = show(rows[i].steps, LATER);
        if (!str_eq(got, str_c(rows[i].want)))
            fail_msg("%s (%s): got \"%.*s\", want \"%s\"", rows[i].about, rows[i].steps, STR_ARG(got), rows[i].want);
    }
}

// The case of Chatwoot's pull request 12058: a bot answers and solves; five days and an hour later the customer comes
// back, and a person answers within ten minutes. The first reply took 10 minutes, not 5 d 1 h 10 m.
static void reopened_after_a_bot_takes_ten_minutes(void **state) {
    (void)state;
    const int64_t back = 5 * DAY_MIN + HOUR_MIN;
    clock_step s[] = {{T0 * MINUTES, CLOCK_OPENED},
                      {T0 * MINUTES, CLOCK_CUSTOMER},
                      {(T0 + 1) * MINUTES, CLOCK_MACHINE},
                      {(T0 + 2) * MINUTES, CLOCK_SOLVED},
                      {(T0 + back) * MINUTES, CLOCK_CUSTOMER},
                      {(T0 + back) * MINUTES, CLOCK_OPENED},
                      {(T0 + back + 1) * MINUTES, CLOCK_MACHINE},
                      {(T0 + back + 10) * MINUTES, CLOCK_PERSON}};
    clock_runs r = clock_read(&a, s, COUNT(s), NULL, (T0 + back + 30) * MINUTES);
    assert_int_equal(r.n, 2);
    assert_int_equal(r.runs[0].reply_us, 0);
    assert_int_equal(r.runs[0].solved_open_us, 2 * MINUTES);
    assert_false(r.runs[0].reopened);
    assert_true(r.runs[1].reopened);
    assert_int_equal(r.runs[1].reply_open_us, 10 * MINUTES);
    assert_int_equal(r.runs[1].waiting_us, 0);
    assert_int_equal(r.runs[1].n_waits, 1);
    assert_int_equal(r.runs[1].waits[0].end, CLOCK_REPLIED);
}

// Asked on Friday at 16:50, answered on Monday at 9:10, open Monday to Friday from 9 to 17: 20 minutes.
static void open_hours_are_those_of_the_calendar(void **state) {
    (void)state;
    zone *berlin;
    err e = {0};
    assert_ok(zone_open(&a, S("Europe/Berlin"), &berlin, &e), e);
    calendar week = calendar_weekdays(berlin, 9 * 3600, 17 * 3600);
    int64_t friday = zone_us(berlin, (ymd){2024, 3, 29}, 16 * 3600 + 50 * 60);
    int64_t monday = zone_us(berlin, (ymd){2024, 4, 1}, 9 * 3600 + 10 * 60); // the clocks go forward in between
    clock_step s[] = {{friday, CLOCK_CUSTOMER}, {monday, CLOCK_PERSON}, {monday + HOUR_US, CLOCK_CUSTOMER}};
    clock_runs r = clock_read(&a, s, COUNT(s), &week, monday + 2 * HOUR_US);
    assert_int_equal(r.n, 1);
    assert_int_equal(r.runs[0].reply_open_us, 20 * MINUTES);
    assert_int_equal(r.runs[0].waiting_open_us, HOUR_US);
    assert_int_equal(r.runs[0].waiting_us, monday + HOUR_US);
    const int32_t holidays[] = {days_of((ymd){2024, 3, 29}), days_of((ymd){2024, 4, 1})}; // Easter
    week.holidays = holidays;
    week.n_holidays = 2;
    r = clock_read(&a, s, COUNT(s), &week, monday + 2 * HOUR_US);
    assert_int_equal(r.runs[0].reply_open_us, 0);
    assert_int_equal(clock_read(&a, s, COUNT(s), NULL, monday).runs[0].reply_open_us, monday - friday);
}

// A slow reading of the rules, step by step, to set beside the table.
typedef struct {
    int64_t start, reply, solved, waiting;
} slow_clock;

static int slow_read(const clock_step *s, size_t n, slow_clock *out) {
    int k = 0;
    bool running = false;
    for (size_t i = 0; i < n; i++) {
        bool calls = s[i].who == CLOCK_CUSTOMER || s[i].who == CLOCK_OPENED;
        if (!running && calls) {
            out[k++] = (slow_clock){.start = s[i].at_us, .waiting = s[i].at_us};
            running = true;
            continue;
        }
        if (!running) continue;
        slow_clock *c = &out[k - 1];
        if (s[i].who == CLOCK_CUSTOMER && !c->waiting) c->waiting = s[i].at_us;
        if (s[i].who == CLOCK_PERSON) {
            if (!c->reply) c->reply = s[i].at_us;
            c->waiting = 0;
        }
        if (s[i].who == CLOCK_SOLVED) {
            c->solved = s[i].at_us;
            c->waiting = 0;
            running = false;
        }
    }
    return k;
}

static void random_conversations_follow_the_rules(void **state) {
    (void)state;
    rng r = rng_seed(81);
    for (int round = 0; round < 5000; round++) {
        clock_step s[20];
        slow_clock want[20];
        size_t n = (size_t)rng_range(&r, 0, 20);
        for (size_t i = 0; i < n; i++) {
            s[i] = (clock_step){(T0 + 3 * (int64_t)i) * MINUTES, (enum clock_who)rng_range(&r, 0, CLOCK_STEPS - 1)};
        }
        int k = slow_read(s, n, want);
        rng_shuffle(&r, s, n, sizeof *s);
        int64_t now = (T0 + 100) * MINUTES;
        clock_runs got = clock_read(&a, s, n, NULL, now);
        assert_int_equal(got.n, k);
        for (int i = 0; i < k; i++) {
            const clock_run *c = &got.runs[i];
            assert_int_equal(c->start_us, want[i].start);
            assert_int_equal(c->reply_us, want[i].reply);
            assert_int_equal(c->solved_us, want[i].solved);
            assert_int_equal(c->waiting_us, want[i].waiting);
            assert_true(c->n_waits >= 1 && c->waits[0].from_us == c->start_us);
            for (int j = 0; j < c->n_waits; j++) {
                assert_true(c->waits[j].to_us >= c->waits[j].from_us);
                assert_int_equal(c->waits[j].open_us, c->waits[j].to_us - c->waits[j].from_us);
                if (j) assert_true(c->waits[j].from_us > c->waits[j - 1].to_us);
            }
            if (c->reply_us) assert_int_equal(c->waits[0].to_us, c->reply_us);
        }
    }
}

// Machines may say what they like: without them the clocks are the same.
static void machines_change_nothing(void **state) {
    (void)state;
    rng r = rng_seed(82);
    for (int round = 0; round < 1000; round++) {
        clock_step with[20], without[20];
        size_t n = (size_t)rng_range(&r, 0, 20), m = 0;
        for (size_t i = 0; i < n; i++) {
            with[i] = (clock_step){(T0 + (int64_t)i) * MINUTES, (enum clock_who)rng_range(&r, 0, CLOCK_STEPS - 1)};
            if (with[i].who != CLOCK_MACHINE) without[m++] = with[i];
        }
        clock_runs x = clock_read(&a, with, n, NULL, (T0 + 50) * MINUTES);
        clock_runs y = clock_read(&a, without, m, NULL, (T0 + 50) * MINUTES);
        assert_int_equal(x.n, y.n);
        for (int i = 0; i < x.n; i++) {
            assert_int_equal(x.runs[i].reply_us, y.runs[i].reply_us);
            assert_int_equal(x.runs[i].waiting_us, y.runs[i].waiting_us);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden_conversations),
        cmocka_unit_test(reopened_after_a_bot_takes_ten_minutes),
        cmocka_unit_test(open_hours_are_those_of_the_calendar),
        cmocka_unit_test(random_conversations_follow_the_rules),
        cmocka_unit_test(machines_change_nothing),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
