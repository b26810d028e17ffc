#include "listen/json_feed.h"

#include "test.h"

#include "base/rng.h"
#include "base/text.h"

typedef struct {
    str rest;
    size_t step;
} feed;

static ptrdiff_t feed_read(void *ctx, char *p, size_t n, err *e) {
    (void)e;
    feed *f = ctx;
    n = MIN(MIN(n, f->step), f->rest.len);
    if (n) memcpy(p, f->rest.s, n);
    f->rest = str_sub(f->rest, n, f->rest.len);
    return (ptrdiff_t)n;
}

// The elements as compact JSON, one per line; broken ones as "! what is wrong".
static str elements(arena *a, str text, size_t step) {
    feed from = {text, step};
    str key;
    enum json_shape shape = feed_shape(a, text_to_utf8(a, str_sub(text, 0, GLANCE_BYTES)), &key);
    json_feed *f = feed_open(a, feed_read, &from, shape, key);
    buf b = buf_new(a, 16 << 20);
    feed_item item;
    err e = {0};
    while (feed_next(f, &item, &e)) {
        json_t *v = NULL;
        if (item.odd)
            buf_fmt(&b, "! %s\n", item.odd);
        else if (!json_read(item.text, &v, NULL))
            buf_add(&b, S("! not JSON\n"));
        char *text_of = v ? json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
        if (text_of) buf_fmt(&b, "%s\n", text_of);
        free(text_of);
        json_decref(v);
    }
    assert_true(err_ok(&e));
    feed_close(f);
    return buf_str(&b);
}

static void the_shape_is_seen_at_the_beginning(void **state) {
    (void)state;
    static const struct {
        const char *text;
        enum json_shape shape;
        const char *key;
    } rows[] = {
        {"[{\"a\":1}]", SHAPE_ARRAY, ""},
        {"{\"a\":1}\n{\"a\":2}\n", SHAPE_LINES, ""},
        {"{\"a\":1}\n", SHAPE_VALUES, ""},
        {"{\n  \"a\": 1\n}\n{\n  \"a\": 2\n}\n", SHAPE_VALUES, ""},
        {"{\"tickets\":[{\"id\":1}],\"next_page\":null}", SHAPE_LIST, "tickets"},
        {"{\"count\":0,\"reviews\":[]}", SHAPE_LIST, "reviews"},
        {"{\"object\":\"list\",\"has_more\":false,\"data\":[{\"id\":\"ch_1\"}]}", SHAPE_LIST, "data"},
        {"{\"feed\":{\"author\":{},\"entry\":[{\"id\":{}}],\"link\":[{}]}}", SHAPE_LIST, "feed.entry"},
        {"{\"feed\":{\"entry\":{\"id\":{}}}}", SHAPE_LIST, "feed.entry"},
        {"{\"feed\":{\"author\":{}}}", SHAPE_VALUES, ""},
        {"{\"id\":1,\"line_items\":[{\"id\":2}]}", SHAPE_VALUES, ""}, // an order: what it lists is its own
        {"{\"line_items\":[{\"id\":2}],\"id\":1}", SHAPE_VALUES, ""},
        {"{\"id\":\"evt_1\",\"data\":{\"items\":[{}]}}", SHAPE_VALUES, ""},
        {"{\"total\":1,\"widgets\":[{\"id\":2}]}", SHAPE_LIST, "widgets"},
        {"{\"name\":\"x\",\"widgets\":[{\"id\":2}]}", SHAPE_VALUES, ""}, // of no known name, beside other things
        {"{\"users\":[{\"id\":9}],\"tickets\":[{\"id\":1}]}", SHAPE_LIST, "tickets"},
        {"{\"data\":[{\"id\":1}]}\n{\"data\":[{\"id\":2}]}\n", SHAPE_LIST, "data"},
        {"{\"at\":1,\"data\":[{\"id\":1}]}\n{\"at\":2,\"data\":[]}\n", SHAPE_LINES, ""},
        {"{\"a\":1}\nbroken\n{\"a\":2}\n{\"a\":3}\n", SHAPE_LINES, ""},
    };
    arena a = arena_open(8 << 20);
    for (size_t i = 0; i < COUNT(rows); i++) {
        str key;
        enum json_shape shape = feed_shape(&a, str_c(rows[i].text), &key);
        if (shape != rows[i].shape) fail_msg("row %zu: shape %d", i, (int)shape);
        assert_str(key, str_c(rows[i].key));
    }
    arena_close(&a);
}

static void every_element_comes_once_and_broken_ones_say_so(void **state) {
    (void)state;
    static const struct {
        const char *text, *want;
    } rows[] = {
        {"[1,\"two\",{\"three\":[3]},null]", "1\n\"two\"\n{\"three\":[3]}\nnull\n"},
        {"[]", ""},
        {" [ { \"a\" : \"],}\\\"\" } ] ", "{\"a\":\"],}\\\"\"}\n"},
        {"[{\"a\":1}][{\"a\":2}]", "{\"a\":1}\n{\"a\":2}\n"}, // pages, one after the other
        {"{\"tickets\":[{\"a\":1},{\"a\":2}],\"users\":[{\"b\":3}]}", "{\"a\":1}\n{\"a\":2}\n"},
        {"{\"meta\":{\"x\":[1]},\"tickets\":[{\"a\":1}]}{\"tickets\":[{\"a\":2}]}", "{\"a\":1}\n{\"a\":2}\n"},
        {"{\"feed\":{\"id\":{},\"entry\":{\"a\":1},\"z\":2}}", "{\"a\":1}\n"},
        {"{\"a\":1}\n\n{\"a\":2}\r\n{\"a\":3}", "{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n"},
        {"{\"a\":1}\n{\"a\":\n{\"a\":3}\n", "{\"a\":1}\n! not JSON\n{\"a\":3}\n"},
        {"{\n \"a\":1}\n{\n \"a\":2}\n", "{\"a\":1}\n{\"a\":2}\n"},
        {"[{\"a\":1},{\"a\":nope},{\"a\":3}]", "{\"a\":1}\n! not JSON\n{\"a\":3}\n"},
        {"[\n{\"a\":1},\n{\"a\":\"open},\n{\"a\":3}\n]",
         "{\"a\":1}\n! a text is not closed before the line ends\n{\"a\":3}\n"},
        {"[{\"a\":1},{\"a\":2}", "{\"a\":1}\n{\"a\":2}\n! the list does not end; is the file complete?\n"},
        {"[{\"a\":1},{\"a\":", "{\"a\":1}\n! the value is cut off; is the file complete?\n"},
        {"{\"tickets\":[{\"a\":1}", "{\"a\":1}\n! the list does not end; is the file complete?\n"},
        {"{\"a\":1} }", "{\"a\":1}\n! a bracket is closed that was not opened\n"},
    };
    arena a = arena_open(256 << 20);
    for (size_t i = 0; i < COUNT(rows); i++)
        for (size_t step = 1; step < 100; step += 13) {
            str got = elements(&a, str_c(rows[i].text), step);
            if (!str_eq(got, str_c(rows[i].want)))
                fail_msg("row %zu, %zu bytes at a time: got\n%.*swant\n%s", i, step, STR_ARG(got), rows[i].want);
            arena_reset(&a);
        }
    arena_close(&a);
}

static json_t *random_value(rng *r, int depth) {
    static const char *const texts[] = {"",         "plain", "with \"quotes\" and \\", "line\nbreak", "{[,]}",
                                        "Zürich 👍", "\x01\t"};
    switch (rng_range(r, depth > 3 ? 2 : 0, 6)) {
    case 0: {
        json_t *o = json_object();
        for (int64_t i = rng_range(r, 0, 4); i > 0; i--) {
            char key[8];
            snprintf(key, sizeof key, "k%d", (int)rng_range(r, 0, 99));
            json_object_set_new(o, key, random_value(r, depth + 1));
        }
        return o;
    }
    case 1: {
        json_t *list = json_array();
        for (int64_t i = rng_range(r, 0, 4); i > 0; i--) json_array_append_new(list, random_value(r, depth + 1));
        return list;
    }
    case 2: return json_integer((json_int_t)rng_u64(r));
    case 3: return json_real(rng_normal(r, 0, 1e6));
    case 4: return json_boolean(rng_chance(r, 0.5));
    case 5: return json_null();
    default: return json_string(texts[rng_range(r, 0, (int64_t)COUNT(texts) - 1)]);
    }
}

// The same elements as an array, inside an object, one per line, and one after the other, plain and pretty.
static void write_as(buf *b, const json_t *list, int shape, size_t flags) {
    static const char *const before[] = {"[", "{\"page\":1,\"orders\":[", "", ""}, *const after[] = {"]", "],\"x\":{}}",
                                                                                                     "", ""};
    static const char *const between[] = {",", " ,\n", "\n", " "};
    buf_add(b, str_c(before[shape]));
    for (size_t i = 0; i < json_array_size(list); i++) {
        char *text = json_dumps(json_array_get(list, i), flags | JSON_ENCODE_ANY);
        if (i) buf_add(b, str_c(between[shape]));
        buf_add(b, str_c(text));
        free(text);
    }
    buf_add(b, str_c(after[shape]));
}

static void any_list_comes_out_as_it_went_in(void **state) {
    (void)state;
    rng r = rng_seed(11);
    arena a = arena_open(512 << 20);
    for (int round = 0; round < 400; round++) {
        json_t *list = json_array();
        buf want = buf_new(&a, 4 << 20);
        for (int64_t n = rng_range(&r, 2, 12); n > 0; n--) {
            json_t *o = json_object();
            json_object_set_new(o, "said", random_value(&r, 0));
            json_array_append_new(list, o);
            char *text = json_dumps(o, JSON_COMPACT);
            buf_fmt(&want, "%s\n", text);
            free(text);
        }
        for (int shape = 0; shape < 4; shape++) {
            buf b = buf_new(&a, 4 << 20);
            write_as(&b, list, shape, shape != 2 && round % 2 ? JSON_INDENT(2) : JSON_COMPACT);
            str got = elements(&a, buf_str(&b), (size_t)rng_range(&r, 1, 5000));
            if (!str_eq(got, buf_str(&want)))
                fail_msg("shape %d of\n%.*s\ngave\n%.*s", shape, STR_ARG(buf_str(&b)), STR_ARG(got));
        }
        json_decref(list);
        arena_reset(&a);
    }
    arena_close(&a);
}

static void utf_16_reads_the_same(void **state) {
    (void)state;
    static const char text[] = "[{\"a\":\"Zürich 👍\"},{\"a\":2}]";
    arena a = arena_open(256 << 20);
    for (int big = 0; big < 2; big++) {
        char wide[512];
        size_t n = 0;
        const unsigned char *p = (const unsigned char *)text;
        wide[n++] = (char)(big ? 0xFE : 0xFF);
        wide[n++] = (char)(big ? 0xFF : 0xFE);
        while (*p) { // UTF-8 to UTF-16, for this text only
            uint32_t c = *p < 0x80 ? *p : *p < 0xE0 ? (*p & 31u) << 6 | (p[1] & 63u) : 0x1F44D;
            p += *p < 0x80 ? 1 : *p < 0xE0 ? 2 : 4;
            uint32_t units[2] = {c, 0};
            if (c > 0xFFFF) units[0] = 0xD83D, units[1] = 0xDC4D;
            for (int i = 0; i < (units[1] ? 2 : 1); i++) {
                wide[n++] = (char)(big ? units[i] >> 8 : units[i] & 255);
                wide[n++] = (char)(big ? units[i] & 255 : units[i] >> 8);
            }
        }
        assert_str(elements(&a, (str){wide, n}, 7), S("{\"a\":\"Zürich 👍\"}\n{\"a\":2}\n"));
    }
    arena_close(&a);
}

typedef struct {
    int64_t left;
    size_t at;
} endless;

// "[{…},{…}, …]" of as many elements as wanted, made as it is read.
static ptrdiff_t endless_read(void *ctx, char *p, size_t n, err *e) {
    static const char one[] = "{\"id\":1234567,\"text\":\"some words of a customer\"},";
    endless *f = ctx;
    (void)e;
    size_t got = 0;
    while (got < n && f->left > 0) {
        p[got++] = one[f->at++];
        if (f->at == sizeof one - 1) f->at = 0, f->left--;
    }
    return (ptrdiff_t)got;
}

static void a_long_list_takes_no_more_memory_than_a_short_one(void **state) {
    (void)state;
    arena a = arena_open(1 << 20);
    endless from = {.left = 200000};
    json_feed *f = feed_open(&a, endless_read, &from, SHAPE_VALUES, S(""));
    feed_item item;
    int64_t n = 0;
    while (feed_next(f, &item, NULL)) {
        n++;
        assert_int_equal(item.line, n);
        assert_null(item.odd);
        assert_int_equal(item.text.len, 48);
    }
    assert_int_equal(n, 200000);
    feed_close(f);
    assert_true(arena_used(&a) < 4096);
    arena_close(&a);
}

static ptrdiff_t huge_read(void *ctx, char *p, size_t n, err *e) {
    size_t *at = ctx;
    (void)e;
    static const size_t size = FEED_ITEM_MAX + 1000;
    size_t got = 0;
    for (; got < n && *at < size + 8; ++*at, got++)
        p[got] = *at == 0 || *at == size ? '"' : *at < size ? 'x' : " 5 6 7  "[*at - size];
    return (ptrdiff_t)got;
}

static void an_element_too_long_is_told_and_passed_over(void **state) {
    (void)state;
    arena a = arena_open(1 << 20);
    size_t at = 0;
    json_feed *f = feed_open(&a, huge_read, &at, SHAPE_VALUES, S(""));
    feed_item item;
    assert_true(feed_next(f, &item, NULL));
    assert_non_null(item.odd);
    assert_true(feed_next(f, &item, NULL));
    assert_null(item.odd);
    assert_str(item.text, S("5"));
    feed_close(f);
    arena_close(&a);
}

static ptrdiff_t failing_read(void *ctx, char *p, size_t n, err *e) {
    int *calls = ctx;
    (void)n;
    if ((*calls)++) {
        fail(e, ERR_unavailable, "the disk is gone");
        return -1;
    }
    memcpy(p, "[{\"a\":1},{\"a\"", 13);
    return 13;
}

static void a_failure_to_read_is_no_end(void **state) {
    (void)state;
    arena a = arena_open(1 << 20);
    int calls = 0;
    json_feed *f = feed_open(&a, failing_read, &calls, SHAPE_ARRAY, S(""));
    feed_item item;
    err e = {0};
    while (feed_next(f, &item, &e)) assert_null(item.odd);
    assert_int_equal(e.code, ERR_unavailable);
    feed_close(f);
    arena_close(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_shape_is_seen_at_the_beginning),
        cmocka_unit_test(every_element_comes_once_and_broken_ones_say_so),
        cmocka_unit_test(any_list_comes_out_as_it_went_in),
        cmocka_unit_test(utf_16_reads_the_same),
        cmocka_unit_test(a_long_list_takes_no_more_memory_than_a_short_one),
        cmocka_unit_test(an_element_too_long_is_told_and_passed_over),
        cmocka_unit_test(a_failure_to_read_is_no_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
