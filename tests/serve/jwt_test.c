// Signed claims: the examples of RFC 7515, and everything that is nearly one of them.
#include "test.h"

#include "base/rng.h"
#include "serve/jwt.h"
#include "serve/oidc.h"
#include "serve/token.h"

#define CLAIMS "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"

// RFC 7515, appendix A.2.
static const char RSA_KEY[] = "{\"kty\":\"RSA\",\"n\":\"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_"
                              "wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0B"
                              "m4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-"
                              "bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-"
                              "UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-"
                              "DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2"
                              "PAcDTW9gb54h4FRWyuXpoQ\",\"e\":\"AQAB\"%s}";
static const char RSA_TOKEN[] =
    "eyJhbGciOiJSUzI1NiJ9." CLAIMS ".cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_"
    "lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1d"
    "nZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--"
    "xi12jzDwus"
    "C-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
// Appendix A.3.
static const char EC_KEY[] = "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
                             "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"%s}";
static const char EC_TOKEN[] =
    "eyJhbGciOiJFUzI1NiJ9." CLAIMS
    ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
// Appendix A.1: a shared secret, which no provider's public key is.
static const char HMAC_TOKEN[] =
    "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." CLAIMS ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

typedef struct {
    arena a;
    json_t *keys, *claims;
    bool unknown;
    err e;
} bench;

static bool reads(bench *b, str token, const char *keys) {
    json_decref(b->keys);
    json_decref(b->claims);
    arena_reset(&b->a);
    b->e = (err){0};
    b->keys = b->claims = NULL;
    assert_ok(json_read(str_c(keys), &b->keys, &b->e), b->e);
    return jwt_read(&b->a, token, b->keys, &b->claims, &b->unknown, &b->e);
}

static char *set_of(char *text, size_t size, const char *rsa_more, const char *ec_more) {
    char rsa[1200], ec[600];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(rsa, sizeof rsa, RSA_KEY, rsa_more);
    snprintf(ec, sizeof ec, EC_KEY, ec_more);
#pragma GCC diagnostic pop
    snprintf(text, size, "{\"keys\":[%s,%s]}", rsa, ec);
    return text;
}

static void begin(bench *b) {
    *b = (bench){.a = arena_open(1 << 24)};
}

static void end(bench *b) {
    json_decref(b->keys);
    json_decref(b->claims);
    arena_close(&b->a);
}

static void the_examples_of_the_standard_are_right(void **state) {
    (void)state;
    char keys[2500];
    bench b;
    begin(&b);
    set_of(keys, sizeof keys, "", "");
    const char *const tokens[] = {RSA_TOKEN, EC_TOKEN};
    for (size_t i = 0; i < COUNT(tokens); i++) {
        assert_ok(reads(&b, str_c(tokens[i]), keys), b.e);
        assert_str(json_at(b.claims, "iss"), S("joe"));
        assert_int_equal(json_integer_value(json_object_get(b.claims, "exp")), 1300819380);
    }
    end(&b);
}

static void one_other_letter_anywhere_and_it_is_wrong(void **state) {
    (void)state;
    char keys[2500], token[1200];
    bench b;
    begin(&b);
    set_of(keys, sizeof keys, "", "");
    rng g = rng_seed(9);
    for (int i = 0; i < 600; i++) {
        const char *from = i % 2 ? RSA_TOKEN : EC_TOKEN;
        size_t n = strlen(from);
        memcpy(token, from, n + 1);
        size_t at = (size_t)rng_range(&g, 0, (int64_t)n - 1);
        char other = (char)rng_range(&g, 33, 126);
        if (token[at] == other) continue;
        token[at] = other;
        // The last letter of a part may hold bits that mean nothing.
        if (reads(&b, str_c(token), keys)) fail_msg("'%c' for '%c' at %zu of %s", other, from[at], at, from);
    }
    for (size_t n = 0; n < sizeof EC_TOKEN - 1; n++) assert_false(reads(&b, (str){EC_TOKEN, n}, keys));
    end(&b);
}

static void only_the_keys_decide_how_it_is_signed(void **state) {
    (void)state;
    char keys[2500];
    bench b;
    begin(&b);
    set_of(keys, sizeof keys, "", "");
    assert_false(reads(&b, S(HMAC_TOKEN), keys));
    assert_non_null(strstr(b.e.msg, "HS256"));
    assert_false(reads(&b, S("eyJhbGciOiJub25lIn0." CLAIMS "."), keys)); // RFC 7515, appendix A.5: none
    assert_false(reads(&b, S("eyJhbGciOiJub25lIn0." CLAIMS "." CLAIMS), keys));
    assert_false(reads(&b, S(""), keys));
    assert_false(reads(&b, S("a.b.c"), keys));
    assert_false(reads(&b, S("...."), keys));
    // {"alg":"RS256","crit":["x"]}: what is critical and not known refuses.
    assert_false(reads(&b, S("eyJhbGciOiJSUzI1NiIsImNyaXQiOlsieCJdfQ." CLAIMS ".AAAA"), keys));
    end(&b);
}

static void a_key_for_something_else_does_not_count(void **state) {
    static const struct {
        const char *more;
        bool right;
    } rows[] = {{",\"use\":\"sig\"", true},   {",\"use\":\"enc\"", false},
                {",\"alg\":\"RS256\"", true}, {",\"alg\":\"RS512\"", false},
                {",\"kid\":\"any\"", true},   {",\"use\":\"sig\",\"alg\":\"RS256\"", true}};
    (void)state;
    char keys[2500];
    bench b;
    begin(&b);
    for (size_t i = 0; i < COUNT(rows); i++) {
        set_of(keys, sizeof keys, rows[i].more, "");
        assert_int_equal(reads(&b, S(RSA_TOKEN), keys), rows[i].right);
        assert_int_equal(b.unknown, !rows[i].right);
    }
    assert_false(reads(&b, S(RSA_TOKEN), "{\"keys\":[]}"));
    assert_true(b.unknown);
    assert_false(reads(&b, S(RSA_TOKEN), "{}"));
    // {"alg":"RS256","kid":"other"}
    set_of(keys, sizeof keys, ",\"kid\":\"mine\"", "");
    assert_false(reads(&b, S("eyJhbGciOiJSUzI1NiIsImtpZCI6Im90aGVyIn0." CLAIMS ".AAAA"), keys));
    assert_true(b.unknown);
    end(&b);
}

static void short_and_broken_keys_sign_nothing(void **state) {
    static const char *const keys[] = {
        "{\"keys\":[{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"}]}",
        "{\"keys\":[{\"kty\":\"RSA\",\"n\":\"\",\"e\":\"\"}]}",
        "{\"keys\":[{\"kty\":\"RSA\"}]}",
        "{\"keys\":[1,null,\"x\",[],{}]}",
        "{\"keys\":{\"kty\":\"RSA\"}}",
    };
    static const char *const curves[] = {
        // a point that is not on the curve, and another curve
        "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\",\"y\":"
        "\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a1\"}]}",
        "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\",\"y\":"
        "\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}]}",
    };
    (void)state;
    bench b;
    begin(&b);
    for (size_t i = 0; i < COUNT(keys); i++) assert_false(reads(&b, S(RSA_TOKEN), keys[i]));
    for (size_t i = 0; i < COUNT(curves); i++) assert_false(reads(&b, S(EC_TOKEN), curves[i]));
    end(&b);
}

// RFC 7636, appendix B.
static void the_challenge_is_that_of_the_standard(void **state) {
    (void)state;
    arena a = arena_open(1 << 16);
    assert_str(oidc_challenge(&a, S("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")),
               S("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"));
    arena_close(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_examples_of_the_standard_are_right),
        cmocka_unit_test(one_other_letter_anywhere_and_it_is_wrong),
        cmocka_unit_test(only_the_keys_decide_how_it_is_signed),
        cmocka_unit_test(a_key_for_something_else_does_not_count),
        cmocka_unit_test(short_and_broken_keys_sign_nothing),
        cmocka_unit_test(the_challenge_is_that_of_the_standard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
