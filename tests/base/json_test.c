#include "test.h"

#include "base/input.h"
#include "json_twin.h"

#include <ftw.h>
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

static void values_are_read(void **state) {
    (void)state;
    static const struct {
        str text;
        const char *error; // NULL: it is fine
    } rows[] = {
        {S("{}"), NULL},
        {S("[]"), NULL},
        {S("1"), NULL},
        {S("\"x\""), NULL},
        {S(" null "), NULL},
        {S("true"), NULL},
        {S("\xEF\xBB\xBF{}"), NULL},
        {S("{\"a\":1,\"a\":2}"), NULL},
        {S("\"a\\u0000b\""), NULL},
        {S(""), "line 1, column 0"},
        {S("{} x"), "line 1, column 4"},
        {S("[1,\n 2,]"), "line 2, column 4"},
        {S("{\"a\":\"\xFF\"}"), "line 1, column 6: unable to decode byte 0xff"},
        {S("[\n\"\xC3(\"]"), "line 2, column 1"},
        {S("\"\xED\xA0\x80\""), "unable to decode byte 0xed"},
        {S("99999999999999999999"), "too big integer"},
        {S("nan"), "invalid token"},
        {S("{'a':1}"), "line 1, column 2"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        json_t *v = NULL;
        err e = {0};
        bool ok = json_read(rows[i].text, &v, &e);
        if (ok != !rows[i].error) fail_msg("%.*s: %s", STR_ARG(rows[i].text), ok ? "was read" : e.msg);
        if (!ok && (e.code != ERR_invalid || !strstr(e.msg, rows[i].error)))
            fail_msg("%.*s: %s", STR_ARG(rows[i].text), e.msg);
        if (ok) json_decref(v);
        assert_true(ok || !v);
    }
    buf deep = buf_new(&a, 10000);
    for (int i = 0; i < 5000; i++) buf_addc(&deep, '[');
    json_t *v = NULL;
    err e = {0};
    assert_false(json_read(buf_str(&deep), &v, &e));
    assert_non_null(strstr(e.msg, "depth"));
}

static void paths_lead_to_values(void **state) {
    (void)state;
    static const char text[] =
        "{\"a\":{\"b\":[10,{\"c\":\"deep\"},null]},\"0\":\"zero\",\"n\":null,\"t\":true,\"f\":false,"
        "\"r\":0.1,\"i\":-7,\"e\":\"\",\"z\":\"a\\u0000b\",\"big\":9007199254740993}";
    static const struct {
        const char *path, *text, *scalar;
        bool found;
    } rows[] = {
        {"a.b.1.c", "deep", "deep", 1},
        {"a.b.0", "", "10", 1},
        {"a.b.2", "", "", 0},
        {"a.b.3", "", "", 0},
        {"a.b.-1", "", "", 0},
        {"a.b.x", "", "", 0},
        {"a.b", "", "", 1},
        {"0", "zero", "zero", 1},
        {"n", "", "", 0},
        {"t", "", "true", 1},
        {"f", "", "false", 1},
        {"r", "", "0.1", 1},
        {"i", "", "-7", 1},
        {"e", "", "", 1},
        {"e.x", "", "", 0},
        {"missing", "", "", 0},
        {"missing.too", "", "", 0},
        {"", "", "", 0},
        {"big", "", "9007199254740993", 1},
    };
    json_t *v = NULL;
    err e = {0};
    assert_ok(json_read(S(text), &v, &e), e);
    for (size_t i = 0; i < COUNT(rows); i++) {
        const json_t *found = json_find(v, rows[i].path);
        assert_int_equal(found != NULL, rows[i].found);
        assert_str(json_at(v, rows[i].path), str_c(rows[i].text));
        assert_str(json_scalar(&a, found), str_c(rows[i].scalar));
    }
    assert_str(json_at(v, "z"), S("a\0b"));
    assert_str(json_text(NULL), S(""));
    assert_null(json_find(NULL, "a"));
    json_decref(v);
}

static void commas_are_placed(void **state) {
    (void)state;
    buf b = buf_new(&a, 1000);
    json_out j = json_to(&b);
    json_open(&j, NULL, '{');
    json_open(&j, "none", '[');
    json_close(&j, ']');
    json_open(&j, "list", '[');
    json_put_int(&j, NULL, INT64_MIN);
    json_put_num(&j, NULL, 0.5);
    json_put_num(&j, NULL, NAN);
    json_put_num(&j, NULL, -INFINITY);
    json_open(&j, NULL, '{');
    json_close(&j, '}');
    json_put_bool(&j, NULL, true);
    json_close(&j, ']');
    json_put_bool(&j, "no", false);
    json_put_str(&j, "quo\"te", S("a\nb"));
    json_put_null(&j, "nothing");
    json_put_raw(&j, "raw", S("{\"x\":1}"));
    json_close(&j, '}');
    assert_str(buf_str(&b), S("{\"none\":[],\"list\":[-9223372036854775808,0.5,null,null,{},true],\"no\":false,"
                              "\"quo\\\"te\":\"a\\nb\",\"nothing\":null,\"raw\":{\"x\":1}}"));
    json_t *v = NULL;
    err e = {0};
    assert_ok(json_read(buf_str(&b), &v, &e), e);
    json_decref(v);
}

static int files;

// A real payload, read, written and read again, is the same value (a whole number in a real comes back as a number).
static int check_payload(const char *path, const struct stat *st, int kind, struct FTW *ftw) {
    (void)ftw;
    if (kind != FTW_F || !str_ends(str_c(path), S(".json")) || st->st_size > 4 << 20) return 0;
    arena_reset(&a);
    err e = {0};
    input *in = NULL;
    assert_ok(input_open(&in, path, &e), e);
    char *text = make(&a, char, st->st_size + 1);
    size_t n = 0;
    for (ptrdiff_t got; (got = input_read(in, text + n, (size_t)st->st_size + 1 - n, &e)) > 0;) n += (size_t)got;
    input_close(in);
    json_t *v = NULL, *again = NULL;
    if (!json_read((str){text, n}, &v, &e)) fail_msg("%s: %s", path, e.msg);
    buf b = buf_new(&a, 64 << 20), b2 = buf_new(&a, 64 << 20);
    json_out j = json_to(&b), j2 = json_to(&b2);
    json_write(&j, NULL, v);
    assert_ok(json_read(buf_str(&b), &again, &e), e);
    json_write(&j2, NULL, again);
    assert_str(buf_str(&b), buf_str(&b2));
    json_decref(v);
    json_decref(again);
    files++;
    return 0;
}

static void real_payloads_survive_a_round_trip(void **state) {
    (void)state;
    test_need_data(dir);
    char path[4096];
    snprintf(path, sizeof path, "%s/channels", dir);
    assert_int_equal(nftw(path, check_payload, 20, 0), 0);
    assert_true(files > 100);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_read),
        cmocka_unit_test(paths_lead_to_values),
        cmocka_unit_test(commas_are_placed),
        cmocka_unit_test(real_payloads_survive_a_round_trip),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
