#include "test.h"

#include "base/json.h"
#include "base/log.h"

static int64_t at(void *ctx) {
    return *(int64_t *)ctx;
}

// What one call writes; the caller frees it.
static char *logged(bool json, enum log_level least, enum log_level level, int64_t *now, const char *value) {
    char *text = NULL;
    size_t n = 0;
    FILE *f = open_memstream(&text, &n);
    logger l = {.out = f, .least = least, .json = json, .now_us = now ? at : NULL, .ctx = now};
    log_line(&l, level, "import done", "rows", "12", "file", value, NULL);
    fclose(f);
    return text;
}

static void lines_are_for_people_or_machines(void **state) {
    (void)state;
    int64_t day = 1735787045678901, before = -1;
    static const struct {
        bool json, timed, early;
        enum log_level least, level;
        const char *value, *want;
    } rows[] = {
        {0, 1, 0, LOG_INFO, LOG_INFO, "a.csv", "2025-01-02T03:04:05.678Z info  import done rows=12 file=a.csv\n"},
        {0, 0, 0, LOG_INFO, LOG_ERROR, "a b.csv", "error import done rows=12 file=\"a b.csv\"\n"},
        {0, 0, 0, LOG_DEBUG, LOG_DEBUG, "x\ny", "debug import done rows=12 file=\"x\\ny\"\n"},
        {0, 0, 0, LOG_INFO, LOG_WARN, "", "warn  import done rows=12 file=\"\"\n"},
        {0, 0, 0, LOG_INFO, LOG_WARN, "a=b", "warn  import done rows=12 file=\"a=b\"\n"},
        {0, 0, 0, LOG_INFO, LOG_DEBUG, "dropped", ""},
        {0, 1, 1, LOG_INFO, LOG_INFO, "x", "1969-12-31T23:59:59.999Z info  import done rows=12 file=x\n"},
        {1, 1, 0, LOG_INFO, LOG_INFO, "a\"b",
         "{\"at\":\"2025-01-02T03:04:05.678Z\",\"level\":\"info\",\"what\":\"import "
         "done\",\"rows\":\"12\",\"file\":\"a\\\"b\"}\n"},
        {1, 0, 0, LOG_INFO, LOG_INFO, "\xFF",
         "{\"level\":\"info\",\"what\":\"import done\",\"rows\":\"12\",\"file\":\"\xEF\xBF\xBD\"}\n"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        int64_t *now = !rows[i].timed ? NULL : rows[i].early ? &before : &day;
        char *text = logged(rows[i].json, rows[i].least, rows[i].level, now, rows[i].value);
        assert_str(str_c(text), str_c(rows[i].want));
        free(text);
    }
}

static void a_line_that_is_too_long_stays_one_line(void **state) {
    (void)state;
    char *value = malloc(20001);
    memset(value, 'x', 20000);
    value[20000] = 0;
    for (int json = 0; json < 2; json++) {
        char *text = logged(json, LOG_INFO, LOG_WARN, NULL, value);
        assert_true(strlen(text) < 200);
        assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
        assert_non_null(strstr(text, "longer than"));
        json_t *v = NULL;
        if (json) assert_true(json_read(str_c(text), &v, NULL));
        json_decref(v);
        free(text);
    }
    free(value);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_for_people_or_machines),
        cmocka_unit_test(a_line_that_is_too_long_stays_one_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
