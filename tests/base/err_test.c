#include "test.h"

static void the_first_failure_wins(void **state) {
    (void)state;
    err e = {0};
    assert_true(err_ok(&e));
    assert_false(fail(&e, ERR_invalid, "\"%s\" is not a %s", "x", "day"));
    assert_false(fail(&e, ERR_internal, "later"));
    assert_int_equal(e.code, ERR_invalid);
    assert_string_equal(e.msg, "\"x\" is not a day");
    assert_false(err_ok(&e));
    err_clear(&e);
    assert_true(err_ok(&e));
    assert_string_equal(e.msg, "");
    assert_false(fail(NULL, ERR_invalid, "nobody asks"));
}

static void a_long_message_is_cut(void **state) {
    (void)state;
    err e = {0};
    fail(&e, ERR_invalid, "%0999d", 7);
    assert_int_equal(strlen(e.msg), sizeof e.msg - 1);
}

static void every_row_can_be_asked(void **state) {
    (void)state;
    static const struct {
        enum err_code code;
        const char *name;
        int http, exit;
    } rows[] = {{ERR_none, "none", 200, 0},
                {ERR_usage, "usage", 400, 2},
                {ERR_not_found, "not_found", 404, 4},
                {ERR_internal, "internal", 500, 70}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_string_equal(err_name(rows[i].code), rows[i].name);
        assert_int_equal(err_http(rows[i].code), rows[i].http);
        assert_int_equal(err_exit(rows[i].code), rows[i].exit);
    }
    for (int code = ERR_usage; code <= ERR_internal; code++) {
        enum err_code c = (enum err_code)code;
        assert_true(err_text(c) && err_text(c)[0] >= 'a' && err_text(c)[strlen(err_text(c)) - 1] != '.');
        assert_in_range(err_http(c), 400, 599);
        assert_in_range(err_exit(c), 2, 125);
        for (int other = ERR_usage; other < code; other++)
            assert_int_not_equal(err_exit(c), err_exit((enum err_code)other));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_failure_wins),
        cmocka_unit_test(a_long_message_is_cut),
        cmocka_unit_test(every_row_can_be_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
