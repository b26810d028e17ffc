// Passwords against the reference implementation's own vectors, and what is taken as a password.
#include <sodium.h>

#include "test.h"

#include "serve/password.h"
#include "serve/token.h"

static throttle *door(void) {
    static int64_t now;
    static world w;
    w = world_fixed(&now);
    return throttle_open(&w);
}

static bool right(throttle *t, const char *stored, const char *password) {
    err e = {0};
    bool same;
    arena a = arena_open(1 << 20);
    assert_ok(password_check(t, a, str_c(stored), str_c(password), &same, &e), e);
    arena_close(&a);
    return same;
}

// phc-winner-argon2, src/test.c, Argon2id, version 1.3.
static void hashes_of_the_reference_are_understood(void **state) {
    static const struct {
        const char *hash, *password;
    } rows[] = {
        {"$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc", "password"},
        {"$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4", "password"},
        {"$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$C4TWUs9rDEvq7w3+J4umqA32aWKB1+DSiRuBfYxFj94", "differentpassword"},
    };
    (void)state;
    throttle *t = door();
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_true(right(t, rows[i].hash, rows[i].password));
        assert_false(right(t, rows[i].hash, "Password"));
    }
    throttle_close(t);
}

static void a_password_is_kept_with_the_cost_that_is_promised(void **state) {
    (void)state;
    throttle *t = door();
    err e = {0};
    arena a = arena_open(1 << 20);
    str one, two;
    assert_ok(password_hash(t, &a, S("correct horse battery"), &one, &e), e);
    assert_ok(password_hash(t, &a, S("correct horse battery"), &two, &e), e);
    assert_true(str_starts(one, S("$argon2id$v=19$m=19456,t=2,p=1$")));
    assert_false(str_eq(one, two)); // salted
    assert_true(right(t, str_z(&a, one), "correct horse battery"));
    assert_false(right(t, str_z(&a, one), "correct horse batterx"));
    assert_false(right(t, "", ""));
    assert_false(right(t, "", "correct horse battery"));
    assert_false(right(t, "nonsense", "nonsense"));
    arena_close(&a);
    throttle_close(t);
}

static int64_t spent_us(throttle *t, const char *stored) {
    struct timespec from, to;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
    for (int i = 0; i < 4; i++) assert_false(right(t, stored, "not this one"));
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
    return (to.tv_sec - from.tv_sec) * 1000000 + (to.tv_nsec - from.tv_nsec) / 1000;
}

static void an_account_that_is_not_there_costs_as_much_as_one_that_is(void **state) {
    (void)state;
    throttle *t = door();
    err e = {0};
    arena a = arena_open(1 << 20);
    str kept;
    assert_ok(password_hash(t, &a, S("correct horse battery"), &kept, &e), e);
    int64_t there = spent_us(t, str_z(&a, kept)), absent = spent_us(t, "");
    assert_true(absent > there / 2 && absent < there * 2);
    arena_close(&a);
    throttle_close(t);
}

static void what_is_taken_as_a_password(void **state) {
    static const struct {
        const char *password, *says; // says NULL: taken
    } rows[] = {
        {"kurz", "too short"},
        {"neunnneun", "too short"},
        {"äöüäöüäöü", "too short"}, // nine characters, eighteen bytes
        {"aaaaaaaaaaaa", "too few characters"},
        {"1234567890", "first that are tried"},
        {"PassWord1234", "first that are tried"},
        {"my-Ada.Lovelace-1", "your e-mail"},
        {"tulips in a blue jar", NULL},
        {"ein Garten voller Tulpen", NULL},
        {"ключ от сада", NULL},
        {"x7#kP2$vQ9", NULL},
        {"bad \xff byte 12345", "UTF-8"},
    };
    (void)state;
    arena a = arena_open(1 << 20);
    for (size_t i = 0; i < COUNT(rows); i++) {
        err e = {0};
        bool ok = password_good(a, str_c(rows[i].password), S("ada.lovelace@example.org"), &e);
        if (ok != !rows[i].says || (!ok && !strstr(e.msg, rows[i].says)))
            fail_msg("'%s': %s", rows[i].password, ok ? "was taken" : e.msg);
    }
    char *longer = make(&a, char, 5000);
    for (int i = 0; i < 5000; i++) longer[i] = (char)('a' + i % 26);
    err e = {0};
    assert_false(password_good(a, (str){longer, 5000}, S("ada@example.org"), &e));
    assert_non_null(strstr(e.msg, "too long"));
    arena_close(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hashes_of_the_reference_are_understood),
        cmocka_unit_test(a_password_is_kept_with_the_cost_that_is_promised),
        cmocka_unit_test(an_account_that_is_not_there_costs_as_much_as_one_that_is),
        cmocka_unit_test(what_is_taken_as_a_password),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
