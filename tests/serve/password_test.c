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
        const char *password;
        enum password_flaw flaw;
    } rows[] = {
        {"kurz", PASSWORD_SHORT},
        {"neunnneun", PASSWORD_SHORT},
        {"äöüäöüäöü", PASSWORD_SHORT}, // nine characters, eighteen bytes
        {"aaaaaaaaaaaa", PASSWORD_REPEATS},
        {"1234567890", PASSWORD_COMMON},
        {"PassWord1234", PASSWORD_COMMON},
        {"my-Ada.Lovelace-1", PASSWORD_EMAIL},
        {"tulips in a blue jar", PASSWORD_GOOD},
        {"ein Garten voller Tulpen", PASSWORD_GOOD},
        {"ключ от сада", PASSWORD_GOOD},
        {"x7#kP2$vQ9", PASSWORD_GOOD},
        {"bad \xff byte 12345", PASSWORD_BYTES},
    };
    (void)state;
    arena a = arena_open(1 << 20);
    for (size_t i = 0; i < COUNT(rows); i++) {
        enum password_flaw flaw = password_flaw(a, str_c(rows[i].password), S("ada.lovelace@example.org"));
        if (flaw != rows[i].flaw) fail_msg("'%s': flaw %d", rows[i].password, (int)flaw);
        str says = word_of(&LOCALE_ENGLISH, password_words(flaw));
        if (flaw) assert_true(str_has(says, S("password")));
    }
    char *longer = make(&a, char, 5000);
    for (int i = 0; i < 5000; i++) longer[i] = (char)('a' + i % 26);
    assert_int_equal(password_flaw(a, (str){longer, 5000}, S("ada@example.org")), PASSWORD_LONG);
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
