// The table of values, beside a reader that is not ours: what it takes, where it says no, and what it passes on.
#include "track_rig.h"

#include "base/rng.h"

static bool reads(arena *a, str text, doc *d, err *e) {
    *e = (err){0};
    return doc_read(a, text, d, e);
}

static str put(arena *a, const doc *d, doc_id i) {
    buf b = buf_new(a, doc_room(d, i));
    doc_put(&b, d, i);
    assert_false(b.full);
    return buf_str(&b);
}

// ---- random values ----

static void random_text(buf *b, rng *r) {
    static const char *const parts[] = {"a",
                                        "Zürich",
                                        "😡",
                                        "\\n",
                                        "\\\"",
                                        "\\\\",
                                        "\\u00e4",
                                        "\\ud83d\\ude21",
                                        "/",
                                        "\\/",
                                        " ",
                                        "key",
                                        "\xE2\x80\xA8",
                                        "0123456789abcdef"};
    buf_addc(b, '"');
    for (int64_t n = rng_range(r, 0, 5); n > 0; n--) buf_add(b, str_c(parts[rng_range(r, 0, COUNT(parts) - 1)]));
    buf_addc(b, '"');
}

static void blank(buf *b, rng *r) {
    static const char *const blanks[] = {" ", "\n", "\t", "\r\n  "};
    if (rng_chance(r, 0.1)) buf_add(b, str_c(blanks[rng_range(r, 0, COUNT(blanks) - 1)]));
}

static void random_value(buf *b, rng *r, int depth) {
    static const char *const scalars[] = {
        "null", "true", "false", "0", "-1", "12.50", "1e3", "-0.0", "9007199254740993", "1E-7"};
    int64_t kind = rng_range(r, 0, depth > 5 ? 1 : 3);
    blank(b, r);
    if (kind == 0) buf_add(b, str_c(scalars[rng_range(r, 0, COUNT(scalars) - 1)]));
    if (kind == 1) random_text(b, r);
    if (kind >= 2) {
        buf_addc(b, kind == 2 ? '[' : '{');
        int64_t n = rng_range(r, 0, 4);
        for (int64_t i = 0; i < n; i++) {
            if (i) buf_addc(b, ',');
            blank(b, r);
            if (kind == 3) {
                buf_fmt(b, "\"%s%d\"", rng_chance(r, 0.5) ? "k" : "\\u00e4", (int)i);
                blank(b, r);
                buf_addc(b, ':');
            }
            random_value(b, r, depth + 1);
        }
        blank(b, r);
        buf_addc(b, kind == 2 ? ']' : '}');
    }
    blank(b, r);
}

static void what_is_passed_on_is_what_was_said(void **state) {
    (void)state;
    rng r = rng_seed(5);
    int large = 0;
    for (int i = 0; i < 20000; i++) {
        arena a = arena_open(1 << 22);
        buf b = buf_new(&a, 1 << 20);
        random_value(&b, &r, 0);
        str text = buf_str(&b);
        err e = {0};
        doc d;
        json_t *want = NULL, *got = NULL;
        assert_ok(json_read(text, &want, &e), e);
        assert_ok(reads(&a, text, &d, &e), e);
        str out = put(&a, &d, DOC_ROOT);
        assert_ok(json_read(out, &got, &e), e);
        assert_true(json_equal(want, got));
        for (size_t k = 0; k < out.len; k++) assert_true(out.s[k] != '\n' && out.s[k] != '\t'); // one line
        if (json_is_object(want)) assert_int_equal(doc_count(&d, DOC_ROOT), json_object_size(want));
        large += text.len > 200;
        json_decref(want), json_decref(got);
        arena_close(&a);
    }
    assert_true(large > 500);
}

// Whatever bytes: both readers agree, but for what is mended on purpose.
static void damage_is_seen_as_the_other_reader_sees_it(void **state) {
    (void)state;
    rng r = rng_seed(6);
    int good = 0, bad = 0;
    for (int i = 0; i < 60000; i++) {
        arena a = arena_open(1 << 22);
        buf b = buf_new(&a, 1 << 20);
        random_value(&b, &r, 3);
        str text = buf_str(&b);
        char *p = str_z(&a, text);
        if (text.len && rng_chance(&r, 0.7))
            p[rng_range(&r, 0, (int64_t)text.len - 1)] = "{}[],:\"\\0.-eEtx \x01\xff"[rng_range(&r, 0, 17)];
        size_t n = text.len - (size_t)rng_range(&r, 0, rng_chance(&r, 0.2) ? (int64_t)text.len : 0);
        err e = {0}, f = {0};
        doc d;
        json_t *want = NULL, *got = NULL;
        bool theirs = json_read((str){p, n}, &want, &e), ours = reads(&a, (str){p, n}, &d, &f);
        if (theirs && !ours) fail_msg("%.*s: %s", (int)n, p, f.msg);
        if (ours) {
            str out = put(&a, &d, DOC_ROOT);
            if (!json_read(out, &got, &f)) fail_msg("%.*s became %.*s: %s", (int)n, p, STR_ARG(out), f.msg);
            if (theirs) assert_true(json_equal(want, got));
        }
        good += theirs, bad += !ours;
        json_decref(want), json_decref(got);
        arena_close(&a);
    }
    assert_true(good > 5000 && bad > 5000);
}

// ---- by hand ----

static void what_is_no_json_is_refused_with_its_place(void **state) {
    (void)state;
    static const struct {
        const char *text, *says;
    } rows[] = {{"", "line 1, column 1: there is nothing"},
                {"{\"a\":1", "a comma or the end"},
                {"{\"a\" 1}", "line 1, column 6: a colon"},
                {"{a:1}", "the name of a member"},
                {"[1,]", "line 1, column 4: no value"},
                {"[01]", "no value"},
                {"[1.]", "ends in a point"},
                {"[1e]", "in its exponent"},
                {"[-]", "no value"},
                {"[tru]", "no value"},
                {"\"a", "does not end"},
                {"\"a\nb\"", "line 1, column 3: a control character"},
                {"\"\\x\"", "no such escape"},
                {"\"\\u12g4\"", "no such escape"},
                {"\"\\u12\"", "no such escape"},
                {"{}\n{}", "line 2, column 1: something follows"},
                {"[1}", "a comma or the end"},
                {"hello", "no value"}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        arena a = arena_open(1 << 20);
        doc d;
        err e;
        assert_false(reads(&a, str_c(rows[i].text), &d, &e));
        assert_int_equal(e.code, ERR_invalid);
        if (!strstr(e.msg, rows[i].says)) fail_msg("%s: %s", rows[i].text, e.msg);
        arena_close(&a);
    }
}

static void members_are_found_by_name_and_path(void **state) {
    (void)state;
    arena a = arena_open(1 << 20);
    doc d;
    err e;
    assert_true(reads(&a, S("\xEF\xBB\xBF {\"a\":{\"b\":[1,{\"c\":\"x\\ty\"}]},\"\\u0065\":true,\"n\":null,\"z\":[]}"),
                      &d, &e));
    assert_int_equal(doc_count(&d, DOC_ROOT), 4);
    doc_id b = doc_path(&d, DOC_ROOT, "a.b");
    assert_int_equal(doc_count(&d, b), 2);
    assert_str(doc_text(&a, &d, doc_get(&d, doc_after(&d, doc_first(b)), S("c"))), S("x\ty"));
    assert_true(doc_true(&d, doc_get(&d, DOC_ROOT, S("e")))); // escaped by somebody
    assert_int_equal(doc_get(&d, DOC_ROOT, S("b")), DOC_NONE);
    assert_int_equal(doc_path(&d, DOC_ROOT, "a.x.y"), DOC_NONE);
    assert_int_equal(doc_get(&d, DOC_NONE, S("a")), DOC_NONE);
    assert_true(doc_empty(&d, DOC_NONE) && doc_empty(&d, doc_get(&d, DOC_ROOT, S("n"))));
    assert_true(doc_empty(&d, doc_get(&d, DOC_ROOT, S("z"))));
    assert_str(doc_raw(&d, b), S("[1,{\"c\":\"x\\ty\"}]"));
    arena_close(&a);
}

static void there_is_an_end_to_values(void **state) {
    (void)state;
    arena a = arena_open((size_t)1 << 30);
    buf b = buf_new(&a, 8 << 20);
    buf_addc(&b, '[');
    for (int i = 0; i < DOC_VALUES; i++) buf_add(&b, S("0,"));
    b.s[b.len - 1] = ']';
    doc d;
    err e;
    assert_false(reads(&a, buf_str(&b), &d, &e));
    assert_int_equal(e.code, ERR_too_large);
    arena_close(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_passed_on_is_what_was_said),
        cmocka_unit_test(damage_is_seen_as_the_other_reader_sees_it),
        cmocka_unit_test(what_is_no_json_is_refused_with_its_place),
        cmocka_unit_test(members_are_found_by_name_and_path),
        cmocka_unit_test(there_is_an_end_to_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
