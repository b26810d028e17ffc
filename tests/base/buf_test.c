#include "test.h"

#include "base/json.h"
#include "base/rng.h"

#include <float.h>
#include <math.h>

static arena a;

static int open_arena(void **state) {
    (void)state;
    a = arena_open(256 << 20);
    return 0;
}

static int close_arena(void **state) {
    (void)state;
    arena_close(&a);
    return 0;
}

static void pieces_stand_in_order(void **state) {
    (void)state;
    buf b = buf_new(&a, 1 << 20), other = buf_new(&a, 1 << 20);
    char *want = make(&a, char, 1 << 20);
    size_t n = 0;
    for (int i = 0; i < 20000; i++) {
        buf_fmt(&b, "%d,", i);
        n += (size_t)snprintf(want + n, (1 << 20) - n, "%d,", i);
        if (i % 100 == 0) buf_addc(&other, 'x'); // takes the end of the arena away, so that b must move
    }
    assert_false(b.full);
    assert_str(buf_str(&b), ((str){want, n}));
    assert_int_equal(other.len, 200);
    buf_reset(&b);
    assert_str(buf_str(&b), S(""));
    buf_i64(&b, INT64_MIN);
    assert_str(buf_str(&b), S("-9223372036854775808"));
    arena_reset(&a);
}

static void a_maximum_holds_and_says_so(void **state) {
    (void)state;
    buf b = buf_new(&a, 5);
    buf_add(&b, S("abc"));
    buf_fmt(&b, "%s", "de");
    assert_false(b.full);
    assert_str(buf_str(&b), S("abcde"));
    buf_addc(&b, 'f');
    assert_true(b.full);
    buf_reset(&b);
    buf_add(&b, S("abcd"));
    buf_fmt(&b, "%d", 123);
    buf_addc(&b, 'x');
    assert_true(b.full);
    assert_str(buf_str(&b), S("abcd"));
#ifndef __SANITIZE_ADDRESS__
    // A buf that would double beyond its arena takes what it needs instead. (Under ASan arenas keep zones between
    // blocks.)
    arena small = arena_open(1 << 16);
    buf c = buf_new(&small, 1 << 20);
    for (int i = 0; i < 40000; i++) buf_addc(&c, 'x');
    assert_int_equal(c.len, 40000);
    arena_close(&small);
#endif
}

static void growing_last_in_the_arena_is_free(void **state) {
    (void)state;
    arena_reset(&a);
    buf b = buf_new(&a, 1 << 20);
    for (int i = 0; i < 1000; i++) buf_add(&b, S("0123456789"));
#ifndef __SANITIZE_ADDRESS__
    assert_true(arena_used(&a) <= b.cap + 64);
#endif
    assert_int_equal(b.len, 10000);
    arena_reset(&a);
}

// Significant ones: those of an exponent and zeros in front do not count.
static int digits_of(str x) {
    int n = 0;
    for (size_t i = 0; i < x.len && (x.s[i] | 32) != 'e'; i++) n += x.s[i] >= (n ? '0' : '1') && x.s[i] <= '9';
    return n;
}

// The shortest texts are those of Python's repr and of "Printing Floating-Point Numbers Quickly and Accurately".
static void numbers_are_short(void **state) {
    (void)state;
    static const struct {
        double v;
        const char *text;
    } rows[] = {
        {0, "0"},
        {-0.0, "-0"},
        {1, "1"},
        {-12, "-12"},
        {0.1, "0.1"},
        {100000, "100000"},
        {1e22, "1e+22"},
        {1e23, "1e+23"},
        {123456.789, "123456.789"},
        {5e-324, "5e-324"},
        {0x1p-44, "5.684341886080802e-14"},
        {1.0 / 3, "0.3333333333333333"},
        {9007199254740993.0, "9007199254740992"},
        {DBL_MAX, "1.7976931348623157e+308"},
        {DBL_MIN, "2.2250738585072014e-308"},
        {9.5367431640625e-07, "9.5367431640625e-07"},
        {2e-3, "0.002"},
        {5e-5, "5e-05"},
        {0.1 + 0.2, "0.30000000000000004"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        buf b = buf_new(&a, 64);
        buf_f64(&b, rows[i].v);
        assert_str(buf_str(&b), str_c(rows[i].text));
    }
}

static void numbers_read_back_and_no_shorter_text_does(void **state) {
    (void)state;
    rng r = rng_seed(5);
    for (int i = 0; i < 60000; i++) {
        uint64_t bits = rng_u64(&r);
        double v = 0, back = 0;
        switch (i % 4) {
        case 0: memcpy(&v, &bits, sizeof v); break;
        case 1: v = ldexp(1, (int)rng_range(&r, -1074, 1023)); break;
        case 2: v = (double)rng_range(&r, -100000000, 100000000) / 100; break;
        default: v = ldexp((double)(bits >> 40), -1074); break;
        }
        if (!isfinite(v)) continue;
        buf b = buf_new(&a, 64);
        buf_f64(&b, v);
        str text = buf_str(&b);
        assert_true(str_f64(text, &back));
        assert_memory_equal(&v, &back, sizeof v);
        char shorter[40];
        int n = digits_of(text);
        if (v == trunc(v) && fabs(v) < 1e15) continue;
        if (n > 1) {
            snprintf(shorter, sizeof shorter, "%.*e", n - 2, v);
            if (strtod(shorter, NULL) == v) fail_msg("%.*s could be %s", STR_ARG(text), shorter);
        }
    }
    arena_reset(&a);
}

// LEB128 of 624485 is the example of the DWARF standard's readers (Wikipedia, "LEB128").
static void varints_are_leb128(void **state) {
    (void)state;
    static const struct {
        uint64_t v;
        str bytes;
    } rows[] = {
        {0, S("\0")},
        {127, S("\x7F")},
        {128, S("\x80\x01")},
        {624485, S("\xE5\x8E\x26")},
        {16384, S("\x80\x80\x01")},
        {UINT64_MAX, S("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01")},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        buf b = buf_new(&a, 16);
        buf_varint(&b, rows[i].v);
        assert_true(str_eq(buf_str(&b), rows[i].bytes));
        uint64_t v = 0;
        str rest = rows[i].bytes;
        assert_true(buf_read_varint(&rest, &v) && v == rows[i].v && !rest.len);
        for (size_t cut = 0; cut < rows[i].bytes.len; cut++) {
            rest = str_sub(rows[i].bytes, 0, cut);
            assert_false(buf_read_varint(&rest, &v));
            assert_int_equal(rest.len, cut);
        }
    }
    uint64_t v = 0;
    str much = S("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x02"),
        longer = S("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00");
    assert_false(buf_read_varint(&much, &v));
    assert_false(buf_read_varint(&longer, &v));
}

static void varints_and_zigzags_come_back(void **state) {
    (void)state;
    static const int64_t small[] = {0, -1, 1, -2, 2}; // become 0, 1, 2, 3, 4 (Protocol Buffers, "Encoding")
    for (size_t i = 0; i < COUNT(small); i++) assert_int_equal(zigzag(small[i]), i);
    assert_true(zigzag(INT64_MIN) == UINT64_MAX && zigzag(INT64_MAX) == UINT64_MAX - 1);
    rng r = rng_seed(3);
    buf b = buf_new(&a, 1 << 20);
    int64_t v[5000];
    for (size_t i = 0; i < COUNT(v); i++) {
        v[i] = (int64_t)rng_u64(&r) >> rng_range(&r, 0, 63);
        buf_varint(&b, zigzag(v[i]));
    }
    str rest = buf_str(&b);
    for (size_t i = 0; i < COUNT(v); i++) {
        uint64_t got = 0;
        assert_true(buf_read_varint(&rest, &got));
        assert_true(unzigzag(got) == v[i]);
    }
    assert_int_equal(rest.len, 0);
}

static void json_strings_are_escaped(void **state) {
    (void)state;
    static const struct {
        str in;
        const char *out;
    } rows[] = {
        {S(""), "\"\""},
        {S("a\"b\\c/"), "\"a\\\"b\\\\c/\""},
        {S("\b\f\n\r\t\0\x1F\x7F"), "\"\\b\\f\\n\\r\\t\\u0000\\u001f\x7F\""},
        {S("\xC3\xA9\xF0\x9F\x98\x80"), "\"\xC3\xA9\xF0\x9F\x98\x80\""},
        {S("a\xFF\xC3"), "\"a\xEF\xBF\xBD\xEF\xBF\xBD\""},
        {S("\xED\xA0\x80"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        buf b = buf_new(&a, 100);
        buf_json_str(&b, rows[i].in);
        assert_str(buf_str(&b), str_c(rows[i].out));
    }
    rng r = rng_seed(4);
    for (int i = 0; i < 20000; i++) {
        char p[12];
        size_t n = (size_t)rng_range(&r, 0, sizeof p);
        for (size_t k = 0; k < n; k++)
            p[k] = (char)(rng_chance(&r, 0.5) ? rng_range(&r, 0, 127) : rng_range(&r, 0, 255));
        buf b = buf_new(&a, 100);
        buf_json_str(&b, (str){p, n});
        json_t *v = NULL;
        err e = {0};
        assert_ok(json_read(buf_str(&b), &v, &e), e);
        if (str_utf8_ok((str){p, n})) assert_str(json_text(v), ((str){p, n}));
        json_decref(v);
    }
    arena_reset(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_stand_in_order),
        cmocka_unit_test(a_maximum_holds_and_says_so),
        cmocka_unit_test(growing_last_in_the_arena_is_free),
        cmocka_unit_test(numbers_are_short),
        cmocka_unit_test(numbers_read_back_and_no_shorter_text_does),
        cmocka_unit_test(varints_are_leb128),
        cmocka_unit_test(varints_and_zigzags_come_back),
        cmocka_unit_test(json_strings_are_escaped),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
