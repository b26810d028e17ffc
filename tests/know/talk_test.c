// A conversation: a set of steps, whatever the order; its stored form; who waits, beside the clocks of stats/clock.h.
#include "test.h"

#include "base/rng.h"
#include "know/talk.h"
#include "stats/clock.h"

enum { ROUNDS = 20000, MOST = 30 };
#define MINUTE_US (60 * SECOND_US)

static int set_up(void **state) {
    static arena a;
    a = arena_open(64 << 20);
    *state = &a;
    return 0;
}

static int tear_down(void **state) {
    arena_close(*state);
    return 0;
}

static str encoded(arena *a, const talk *t) {
    buf b = buf_new(a, 1 << 20);
    talk_encode(&b, t);
    return buf_str(&b);
}

static int random_steps(rng *r, talk_step *xs, int *channels) {
    int n = (int)rng_range(r, 0, MOST);
    for (int i = 0; i < n; i++) {
        xs[i] = (talk_step){rng_range(r, -20, 40) * MINUTE_US + 1, (uint8_t)rng_range(r, 0, TALK_note)};
        channels[i] = (int)rng_range(r, 0, 16);
    }
    return n;
}

// ---- a set ----

static void any_order_gives_the_same(void **state) {
    rng r = rng_seed(1);
    for (int round = 0; round < ROUNDS; round++) {
        arena a = *(arena *)*state;
        talk_step xs[MOST];
        int channels[MOST], at[MOST], n = random_steps(&r, xs, channels);
        talk t = {0}, u = {0}, back;
        err e = {0};
        for (int i = 0; i < n; i++) at[i] = i, talk_take(&a, &t, xs[i].at_us, (enum talk_who)xs[i].who, channels[i]);
        rng_shuffle(&r, at, (size_t)n, sizeof *at);
        for (int i = 0; i < n; i++) {
            int k = at[i];
            talk_take(&a, &u, xs[k].at_us, (enum talk_who)xs[k].who, channels[k]);
            // Now and then it is stored and read back in between.
            if (rng_chance(&r, 0.1)) assert_ok(talk_decode(&a, encoded(&a, &u), &u, &e), e);
        }
        assert_true(str_eq(encoded(&a, &t), encoded(&a, &u)));
        assert_ok(talk_decode(&a, encoded(&a, &t), &back, &e), e);
        assert_int_equal(back.n, n);
        assert_int_equal(back.channel, t.channel);
        for (int i = 0; i < n; i++) {
            assert_int_equal(back.steps[i].at_us, t.steps[i].at_us);
            assert_int_equal(back.steps[i].who, t.steps[i].who);
        }
        int first = -1; // the channel of the earliest step, of several the smallest
        for (int i = 0; i < n; i++)
            if (first < 0 || xs[i].at_us < xs[first].at_us ||
                (xs[i].at_us == xs[first].at_us && channels[i] < channels[first]))
                first = i;
        if (n) assert_int_equal(t.channel, channels[first]);
    }
}

static void damage_is_refused_or_harmless(void **state) {
    rng r = rng_seed(2);
    int refused = 0, rounds = 0;
    for (int round = 0; round < 2000; round++) {
        arena a = *(arena *)*state;
        talk_step xs[MOST];
        int channels[MOST], n = random_steps(&r, xs, channels);
        talk t = {0}, u, v;
        for (int i = 0; i < n; i++) talk_take(&a, &t, xs[i].at_us, (enum talk_who)xs[i].who, channels[i]);
        str bytes = encoded(&a, &t);
        char *copy = make(&a, char, bytes.len + 1);
        for (size_t cut = 0; cut <= bytes.len + 1; cut++) {
            err e = {0};
            if (cut == bytes.len) continue;
            memcpy(copy, bytes.s, bytes.len);
            assert_false(talk_decode(&a, (str){copy, cut}, &u, &e));
            assert_int_equal(e.code, ERR_corrupt);
        }
        for (int k = 0; k < 50; k++, rounds++) {
            err e = {0};
            memcpy(copy, bytes.s, bytes.len);
            copy[rng_range(&r, 0, (int64_t)bytes.len - 1)] = (char)rng_u64(&r);
            if (!talk_decode(&a, (str){copy, bytes.len}, &u, &e)) {
                refused++;
                continue;
            }
            (void)talk_now(&u);
            assert_ok(talk_decode(&a, encoded(&a, &u), &v, &e), e);
            assert_true(str_eq(encoded(&a, &u), encoded(&a, &v)));
        }
    }
    assert_true(refused > rounds / 4);
}

// ---- who waits ----

static size_t as_clock_steps(const talk *t, clock_step *out) {
    static const enum clock_who who[] = {CLOCK_OPENED, CLOCK_CUSTOMER, CLOCK_MACHINE, CLOCK_PERSON, CLOCK_SOLVED};
    size_t n = 0;
    for (int32_t i = 0; i < t->n; i++)
        if (t->steps[i].who != TALK_note) out[n++] = (clock_step){t->steps[i].at_us, who[t->steps[i].who]};
    return n;
}

static void waiting_is_that_of_the_clock(void **state) {
    rng r = rng_seed(3);
    int waits = 0, replies = 0;
    for (int round = 0; round < ROUNDS; round++) {
        arena a = *(arena *)*state;
        talk_step xs[MOST];
        clock_step steps[MOST];
        int channels[MOST], n = random_steps(&r, xs, channels);
        talk t = {0};
        for (int i = 0; i < n; i++) talk_take(&a, &t, xs[i].at_us, (enum talk_who)xs[i].who, channels[i]);
        talk_state s = talk_now(&t);
        size_t n_steps = as_clock_steps(&t, steps);
        clock_runs runs = clock_read(&a, steps, n_steps, NULL, 100 * MINUTE_US);
        int64_t reply = 0, waiting = runs.n ? runs.runs[runs.n - 1].waiting_us : 0;
        for (int i = 0; i < runs.n; i++)
            if (runs.runs[i].reply_us) reply = runs.runs[i].reply_us;
        if (s.waiting_us != waiting || s.first_reply_us != reply)
            fail_msg("round %d: waits since %" PRId64 ", the clock says %" PRId64 "; answered %" PRId64 ", %" PRId64,
                     round, s.waiting_us, waiting, s.first_reply_us, reply);
        waits += waiting != 0, replies += reply != 0;
        bool solved = runs.n && runs.runs[runs.n - 1].solved_us;
        if (solved) assert_true(s.solved_us >= runs.runs[runs.n - 1].solved_us);
        if (runs.n && !solved) assert_int_equal(s.solved_us, 0);
        if (n) assert_true(s.opened_us == t.steps[0].at_us && s.last_us == t.steps[n - 1].at_us);
    }
    assert_true(waits > ROUNDS / 10 && replies > ROUNDS / 10);
}

static const struct {
    const char *about, *steps;  // minute and who: o opened, c customer, m machine, p person, s solved, n note
    int waiting, solved, reply; // minutes, -1: none
} rows[] = {
    {"nothing yet", "", -1, -1, -1},
    {"a question", "5c", 5, -1, -1},
    {"twice asked, once waited", "5c 9c", 5, -1, -1},
    {"a machine answers nothing", "5c 6m", 5, -1, -1},
    {"nor does our note", "5c 6n", 5, -1, -1},
    {"answered", "5c 9p", -1, -1, 9},
    {"answered, and asked again", "5c 9p 12c", 12, -1, 9},
    {"the second answer is not the first", "5c 9p 12c 20p", -1, -1, 9},
    {"solved without a word", "5c 9s", -1, 9, -1},
    {"solved by the machine", "5c 6m 6s", -1, 6, -1},
    {"comes back after the solution", "5c 9p 10s 50c", 50, -1, 9},
    {"and is answered", "5c 9p 10s 50c 60p", -1, -1, 60},
    {"reopened without words", "5c 9p 10s 50o", 50, -1, 9},
    {"opened, then written", "5o 7c", 5, -1, -1},
    {"opened while it runs", "5c 9p 12o", -1, -1, 9},
    {"we began", "5p", -1, -1, -1},
    {"we began, the customer answers", "5p 8c", 8, -1, -1},
    {"thanks after the solution, solved again", "5c 9p 10s 12c 13s", -1, 13, 9},
    {"the reply before the solution of the same minute", "5c 9s 9p", -1, 9, 9},
};

static void conversations_by_hand(void **state) {
    for (size_t k = 0; k < COUNT(rows); k++) {
        arena a = *(arena *)*state;
        talk t = {0};
        static const char letters[] = "ocmpsn";
        int minute, used;
        char who;
        for (const char *p = rows[k].steps; sscanf(p, "%d%c%n", &minute, &who, &used) == 2; p += used)
            talk_take(&a, &t, minute * MINUTE_US, (enum talk_who)(strchr(letters, who) - letters), CHANNEL_email);
        talk_state s = talk_now(&t);
        const int64_t got[] = {s.waiting_us, s.solved_us, s.first_reply_us};
        const int want[] = {rows[k].waiting, rows[k].solved, rows[k].reply};
        for (int i = 0; i < 3; i++)
            if (got[i] != (want[i] < 0 ? 0 : want[i] * MINUTE_US))
                fail_msg("%s (%s): figure %d is %d, not %d", rows[k].about, rows[k].steps, i,
                         got[i] ? (int)(got[i] / MINUTE_US) : -1, want[i]);
    }
}

static void kinds_have_their_part(void **state) {
    (void)state;
    assert_int_equal(talk_who_of(KIND_message_in), TALK_customer);
    assert_int_equal(talk_who_of(KIND_message_out), TALK_person);
    assert_int_equal(talk_who_of(KIND_message_auto), TALK_machine);
    assert_int_equal(talk_who_of(KIND_conversation_solved), TALK_solved);
    assert_int_equal(talk_who_of(KIND_conversation_opened), TALK_opened);
    assert_int_equal(talk_who_of(KIND_call), TALK_person);
    assert_int_equal(talk_who_of(KIND_note), TALK_note);
    assert_true(talk_wait_key(1, 9) != talk_wait_key(2, 9));
    assert_true(talk_wait_key(1, 9) != talk_wait_key(1, 10));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_order_gives_the_same),     cmocka_unit_test(damage_is_refused_or_harmless),
        cmocka_unit_test(waiting_is_that_of_the_clock), cmocka_unit_test(conversations_by_hand),
        cmocka_unit_test(kinds_have_their_part),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
