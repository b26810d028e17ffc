// One-time codes against the vectors of RFC 4226, RFC 6238 and RFC 4648.
#include "test.h"

#include "base/rng.h"
#include "serve/totp.h"

static const char SECRET[] = "12345678901234567890"; // RFC 4226, appendix D; RFC 6238, appendix B

static void counters_give_the_codes_of_rfc_4226(void **state) {
    static const uint32_t codes[] = {755224, 287082, 359152, 969429, 338314, 254676, 287922, 162583, 399871, 520489};
    (void)state;
    for (int i = 0; i < (int)COUNT(codes); i++) assert_int_equal(totp_code(S(SECRET), i, 6), codes[i]);
}

static void times_give_the_codes_of_rfc_6238(void **state) {
    static const struct {
        int64_t time;
        uint32_t code;
    } rows[] = {{59, 94287082},         {1111111109, 7081804},  {1111111111, 14050471},
                {1234567890, 89005924}, {2000000000, 69279037}, {INT64_C(20000000000), 65353130}};
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_int_equal(totp_code(S(SECRET), rows[i].time / TOTP_STEP_S, 8), rows[i].code);
}

static void keys_are_typed_as_rfc_4648_says(void **state) {
    static const char *const rows[][2] = {{"", ""},
                                          {"f", "MY"},
                                          {"fo", "MZXQ"},
                                          {"foo", "MZXW6"},
                                          {"foob", "MZXW6YQ"},
                                          {"fooba", "MZXW6YTB"},
                                          {"foobar", "MZXW6YTBOI"}};
    (void)state;
    arena a = arena_open(1 << 16);
    for (size_t i = 0; i < COUNT(rows); i++) assert_str(base32(&a, str_c(rows[i][0])), str_c(rows[i][1]));
    arena_close(&a);
}

static void the_address_says_what_apps_need(void **state) {
    (void)state;
    arena a = arena_open(1 << 16);
    assert_str(totp_address(&a, S(SECRET), S("ada@example.org"), S("heed example.org")),
               S("otpauth://totp/heed%20example.org:ada%40example.org?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
                 "&issuer=heed%20example.org&algorithm=SHA1&digits=6&period=30"));
    arena_close(&a);
}

static str code_at(arena *a, int64_t step) {
    return str_fmt(a, "%06" PRIu32, totp_code(S(SECRET), step, 6));
}

static void a_code_is_right_one_step_early_or_late_and_counts_once(void **state) {
    (void)state;
    arena a = arena_open(1 << 20);
    rng g = rng_seed(4);
    for (int i = 0; i < 300; i++) {
        int64_t step = rng_range(&g, 1, INT64_C(1) << 33), now = step * 30000000 + rng_range(&g, 0, 29999999);
        for (int64_t d = -1; d <= 1; d++) {
            str code = code_at(&a, step + d);
            int64_t right = totp_check(S(SECRET), code, now, 0);
            assert_true(right >= step - 1 && right <= step + 1);
            assert_int_equal(totp_code(S(SECRET), right, 6), totp_code(S(SECRET), step + d, 6));
            assert_int_equal(totp_check(S(SECRET), code, now, step + 1), 0);
        }
        arena_reset(&a);
    }
    assert_int_equal(totp_check(S(SECRET), S("287 082"), 59000000, 0), 1); // people type blanks
    assert_int_equal(totp_check(S(SECRET), S("287082"), 59000000, 1), 0);
    arena_close(&a);
}

static void what_is_no_code_is_never_right(void **state) {
    static const char *const bad[] = {"", "0", "28708", "2870822", "28708a", "287082\n287082", "-287082x", " "};
    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) assert_int_equal(totp_check(S(SECRET), str_c(bad[i]), 59000000, 0), 0);
    assert_int_equal(totp_check(S(""), S("000000"), 59000000, 0), 0);
    char longer[5000];
    memset(longer, '7', sizeof longer);
    assert_int_equal(totp_check(S(SECRET), (str){longer, sizeof longer}, 59000000, 0), 0);
}

static void recovery_codes_work_once_each(void **state) {
    (void)state;
    int64_t now = 0;
    world w = world_fixed(&now);
    arena a = arena_open(1 << 20);
    str codes[RECOVERY_CODES], stored, left;
    recovery_new(&a, &w, codes, &stored);
    assert_int_equal(recovery_left(stored), RECOVERY_CODES);
    for (int i = 0; i < RECOVERY_CODES; i++) {
        assert_int_equal(codes[i].len, 19);
        assert_false(str_has(stored, codes[i]));
        for (int k = 0; k < i; k++) assert_false(str_eq(codes[i], codes[k]));
    }
    for (int i = 0; i < RECOVERY_CODES; i++) {
        char upper[32] = {0};
        for (size_t k = 0; k < codes[i].len; k++)
            upper[k] = (char)(codes[i].s[k] >= 'a' && codes[i].s[k] <= 'z' ? codes[i].s[k] - 32 : codes[i].s[k]);
        assert_true(recovery_use(&a, stored, str_c(upper), &left));
        assert_int_equal(recovery_left(left), RECOVERY_CODES - i - 1);
        assert_false(recovery_use(&a, left, codes[i], &stored));
        stored = left;
    }
    assert_false(recovery_use(&a, stored, S(""), &left));
    assert_false(recovery_use(&a, S(""), codes[0], &left));
    arena_close(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counters_give_the_codes_of_rfc_4226),
        cmocka_unit_test(times_give_the_codes_of_rfc_6238),
        cmocka_unit_test(keys_are_typed_as_rfc_4648_says),
        cmocka_unit_test(the_address_says_what_apps_need),
        cmocka_unit_test(a_code_is_right_one_step_early_or_late_and_counts_once),
        cmocka_unit_test(what_is_no_code_is_never_right),
        cmocka_unit_test(recovery_codes_work_once_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
