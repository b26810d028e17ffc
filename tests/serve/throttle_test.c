// Guessing becomes slow, nobody else is locked out, and keys keep to their rate.
#include <pthread.h>

#include "test.h"

#include "base/rng.h"
#include "serve/throttle.h"
#include "serve/token.h"

#define SECOND INT64_C(1000000)
static const int64_t START = INT64_C(1767225600000000);

static throttle *door(void) {
    static int64_t now;
    static world w;
    w = world_fixed(&now);
    return throttle_open(&w);
}

static int64_t try_from(throttle *t, const char *account, const char *address, int64_t now) {
    return throttle_try(t, str_c(account), str_c(address), false, now);
}

static void waits_double_up_to_a_quarter_of_an_hour(void **state) {
    (void)state;
    throttle *t = door();
    int64_t now = START;
    for (int i = 0; i < 5; i++) assert_int_equal(try_from(t, "ada", "192.0.2.1", now), 0);
    int64_t expected = 1;
    for (int i = 0; i < 14; i++) {
        int64_t wait = try_from(t, "ada", "192.0.2.1", now);
        assert_int_equal(wait, expected * SECOND);
        assert_int_equal(try_from(t, "ada", "192.0.2.1", now + wait - 1), 1); // asking early does not make it longer
        now += wait;
        assert_int_equal(try_from(t, "ada", "192.0.2.1", now), 0);
        expected = MIN(expected * 2, 900);
    }
    assert_int_equal(try_from(t, "ada", "192.0.2.1", now + 4600 * SECOND), 0); // forgotten after an hour
    assert_int_equal(try_from(t, "ada", "192.0.2.1", now + 4600 * SECOND), 0);
    throttle_close(t);
}

static void a_right_one_is_forgiven(void **state) {
    (void)state;
    throttle *t = door();
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(try_from(t, "ada", "192.0.2.1", START), 0);
        throttle_good(t, S("ada"), S("192.0.2.1"), START);
    }
    throttle_close(t);
}

static void guessing_at_one_account_leaves_others_alone(void **state) {
    (void)state;
    throttle *t = door();
    for (int i = 0; i < 20; i++) try_from(t, "ada", "192.0.2.1", START);
    assert_true(try_from(t, "ada", "192.0.2.1", START) > 0);
    assert_int_equal(try_from(t, "ben", "192.0.2.1", START), 0); // the same address
    assert_int_equal(try_from(t, "ada", "192.0.2.2", START), 0); // the owner, elsewhere
    throttle_close(t);
}

static void one_address_cannot_go_through_all_accounts(void **state) {
    (void)state;
    throttle *t = door();
    char name[20];
    int allowed = 0;
    for (int i = 0; i < 1000; i++) {
        snprintf(name, sizeof name, "account %d", i);
        allowed += !try_from(t, name, "192.0.2.1", START);
    }
    assert_int_equal(allowed, 30);
    // An IPv6 network of 64 bits is one address.
    allowed = 0;
    for (int i = 0; i < 1000; i++) {
        char address[60];
        snprintf(name, sizeof name, "account %d", i);
        snprintf(address, sizeof address, "2001:db8:1:2:%x::%x", i, i);
        allowed += !try_from(t, name, address, START);
    }
    assert_int_equal(allowed, 30);
    throttle_close(t);
}

static void many_addresses_slow_down_but_do_not_lock_out(void **state) {
    (void)state;
    throttle *t = door();
    char address[30];
    int64_t now = START, allowed = 0;
    for (int i = 0; i < 3600; i++) { // an hour, a thousand addresses a second
        for (int k = 0; k < 10; k++) {
            snprintf(address, sizeof address, "198.51.%d.%d", i % 256, (i / 256) * 10 + k);
            allowed += !try_from(t, "ada", address, now);
        }
        now += SECOND;
    }
    assert_true(allowed >= 100 && allowed < 250);
    assert_true(try_from(t, "ada", "203.0.113.9", now) <= 60 * SECOND);
    assert_int_equal(throttle_try(t, S("ada"), S("203.0.113.1"), true, now), 0); // where they have been before
    throttle_close(t);
}

static void a_table_that_is_full_forgets_who_was_silent_for_longest(void **state) {
    (void)state;
    throttle *t = door();
    rng g = rng_seed(3);
    char address[40];
    for (int i = 0; i < 60000; i++) {
        snprintf(address, sizeof address, "%d.%d.%d.%d", (int)rng_range(&g, 1, 223), (int)rng_range(&g, 0, 255),
                 (int)rng_range(&g, 0, 255), (int)rng_range(&g, 0, 255));
        assert_true(try_from(t, address, address, START + i) >= 0);
    }
    for (int i = 0; i < 6; i++) try_from(t, "ada", "192.0.2.1", START + 60000 + i);
    assert_true(try_from(t, "ada", "192.0.2.1", START + 60010) > 0);
    throttle_close(t);
}

// Against a twin: in no stretch of time may there be more than the rate allows, and the wait is exact.
static void keys_keep_to_their_rate(void **state) {
    (void)state;
    rng g = rng_seed(11);
    for (int64_t rate = 1; rate <= 6000; rate *= 7) {
        throttle *t = door();
        int64_t now = START, allowed = 0;
        for (int i = 0; i < 20000; i++) {
            int64_t wait = throttle_key(t, 7, rate, now);
            allowed += !wait;
            if (wait && rng_chance(&g, 0.01)) {
                now += wait;
                assert_int_equal(throttle_key(t, 7, rate, now), 0);
                allowed++;
            }
            now += rng_range(&g, 0, 40000);
        }
        double minutes = (double)(now - START) / 60e6;
        assert_true((double)allowed <= (double)rate * (minutes + 1) + 1);
        assert_true((double)allowed >= MIN((double)rate * minutes * 0.98, 19000.0));
        throttle_close(t);
    }
}

static void keys_do_not_slow_each_other(void **state) {
    (void)state;
    throttle *t = door();
    for (int i = 0; i < 50; i++) throttle_key(t, 1, 10, START);
    assert_true(throttle_key(t, 1, 10, START) > 0);
    assert_int_equal(throttle_key(t, 2, 10, START), 0);
    assert_int_equal(throttle_key(t, 3, 0, START), 0);
    throttle_close(t);
}

typedef struct {
    throttle *t;
    int refused, at_once, most;
} crowd;

static void *enter_often(void *ctx) {
    crowd *c = ctx;
    for (int i = 0; i < 200; i++) {
        if (!throttle_enter(c->t, WORK_PASSWORD)) {
            __atomic_add_fetch(&c->refused, 1, __ATOMIC_SEQ_CST);
            continue;
        }
        int n = __atomic_add_fetch(&c->at_once, 1, __ATOMIC_SEQ_CST), most = c->most;
        while (n > most &&
               !__atomic_compare_exchange_n(&c->most, &most, n, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
        }
        __atomic_sub_fetch(&c->at_once, 1, __ATOMIC_SEQ_CST);
        throttle_leave(c->t, WORK_PASSWORD);
    }
    return NULL;
}

static void costly_work_is_done_by_two_at_a_time(void **state) {
    (void)state;
    pthread_t threads[8];
    crowd c = {.t = door()};
    for (size_t i = 0; i < COUNT(threads); i++) pthread_create(&threads[i], NULL, enter_often, &c);
    for (size_t i = 0; i < COUNT(threads); i++) pthread_join(threads[i], NULL);
    assert_true(c.most <= 2);
    assert_int_equal(c.refused, 0); // eight of them can wait
    assert_true(throttle_enter(c.t, WORK_FETCH));
    assert_true(throttle_enter(c.t, WORK_FETCH));
    assert_false(throttle_enter(c.t, WORK_FETCH)); // nobody waits for somebody else's server
    throttle_leave(c.t, WORK_FETCH);
    assert_true(throttle_enter(c.t, WORK_FETCH));
    throttle_close(c.t);
}

// ---- sealed notes ----

static void a_note_comes_back_unchanged_and_in_time_or_not_at_all(void **state) {
    (void)state;
    unsigned char key[SEAL_KEY] = {1, 2, 3}, other[SEAL_KEY] = {1, 2, 4};
    arena a = arena_open(1 << 24);
    rng g = rng_seed(5);
    str back;
    for (int i = 0; i < 300; i++) {
        arena_reset(&a);
        char *bytes = make(&a, char, 200);
        str text = {bytes, (size_t)rng_range(&g, 0, 199)};
        for (size_t k = 0; k < text.len; k++) bytes[k] = (char)rng_range(&g, 0, 255);
        str note = seal(&a, key, "test", text, START);
        assert_true(unseal(&a, key, "test", note, START - 1, &back));
        assert_str(back, text);
        assert_false(unseal(&a, key, "test", note, START, &back));
        assert_false(unseal(&a, other, "test", note, START - 1, &back));
        assert_false(unseal(&a, key, "rest", note, START - 1, &back));
        char *changed = str_z(&a, note);
        size_t at = (size_t)rng_range(&g, 0, (int64_t)note.len - 1);
        changed[at] = changed[at] == 'A' ? 'B' : 'A';
        assert_false(unseal(&a, key, "test", str_c(changed), START - 1, &back));
        assert_false(unseal(&a, key, "test", str_sub(note, 0, at), START - 1, &back));
    }
    assert_false(unseal(&a, key, "test", S(""), 0, &back));
    assert_false(unseal(&a, key, "test", S("."), 0, &back));
    arena_close(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waits_double_up_to_a_quarter_of_an_hour),
        cmocka_unit_test(a_right_one_is_forgiven),
        cmocka_unit_test(guessing_at_one_account_leaves_others_alone),
        cmocka_unit_test(one_address_cannot_go_through_all_accounts),
        cmocka_unit_test(many_addresses_slow_down_but_do_not_lock_out),
        cmocka_unit_test(a_table_that_is_full_forgets_who_was_silent_for_longest),
        cmocka_unit_test(keys_keep_to_their_rate),
        cmocka_unit_test(keys_do_not_slow_each_other),
        cmocka_unit_test(costly_work_is_done_by_two_at_a_time),
        cmocka_unit_test(a_note_comes_back_unchanged_and_in_time_or_not_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
