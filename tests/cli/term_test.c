// What reaches a terminal: no control characters, aligned columns, plain text in a pipe.
#include "test.h"

#include "base/rng.h"
#include "base/unicode.h"
#include "cli/term.h"

static void words_cannot_move_the_cursor(void **state) {
    (void)state;
    static const struct {
        const char *in, *line, *lines;
    } rows[] = {
        {"plain", "plain", "plain"},
        {"a\nb\tc", "a b c", "a\nb\tc"},
        {"\033[31mred\033[0m", "red", "red"},
        {"\033]0;title\007x", "x", "x"},
        {"\033[2J\033[Hgone", "gone", "gone"},
        {"a\rb\bc\x7F", "abc", "abc"},
        {"\xC2\x9B"
         "31m",
         "31m", "31m"},                                   // CSI as one character of C1
        {"x\xE2\x80\xAEtxt.exe", "xtxt.exe", "xtxt.exe"}, // right-to-left override
        {"\xFF\xFE", "\xEF\xBF\xBD\xEF\xBF\xBD", "\xEF\xBF\xBD\xEF\xBF\xBD"},
        {"Müller 日本 🚀", "Müller 日本 🚀", "Müller 日本 🚀"},
        {"\033", "", ""},
        {"\033[", "", ""},
    };
    arena a = arena_open(1 << 20);
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_str(term_clean(&a, str_c(rows[i].in), true), str_c(rows[i].line));
        assert_str(term_clean(&a, str_c(rows[i].in), false), str_c(rows[i].lines));
    }
    arena_close(&a);
}

static void any_bytes_become_clean(void **state) {
    (void)state;
    rng r = rng_seed(3);
    for (int i = 0; i < 20000; i++) {
        arena a = arena_open(1 << 16);
        char bytes[24];
        size_t n = (size_t)rng_range(&r, 0, sizeof bytes);
        for (size_t k = 0; k < n; k++) bytes[k] = (char)rng_range(&r, 0, rng_chance(&r, 0.3) ? 40 : 255);
        str out = term_clean(&a, (str){bytes, n}, true);
        assert_true(str_utf8_ok(out));
        for (size_t k = 0; k < out.len; k++) assert_true((unsigned char)out.s[k] >= 0x20 && out.s[k] != 0x7F);
        assert_str(term_clean(&a, out, true), out);
        arena_close(&a);
    }
}

static str printed(arena *a, FILE *f) {
    char text[4096];
    rewind(f);
    size_t n = fread(text, 1, sizeof text, f);
    return str_dup(a, (str){text, n});
}

static void tables_are_aligned(void **state) {
    (void)state;
    arena a = arena_open(1 << 20);
    FILE *f = tmpfile();
    term t = {.out = f, .err = f};
    table *x = table_new(&a, (table_col[]){{"name", false, true}, {"n", true, false}, {"end", false, false}}, 3);
    const char *cells[] = {"Jürgen", "7", "", "日本", "1,234", "z"};
    for (size_t i = 0; i < COUNT(cells); i++) table_add(x, STYLE_bold, str_c(cells[i]));
    assert_int_equal(table_rows(x), 2);
    table_print(x, &t, 2);
    assert_str(printed(&a, f), S("  name        n  end\n"
                                 "  Jürgen      7\n"
                                 "  日本    1,234  z\n"));
    fclose(f);
    arena_close(&a);
}

static void a_narrow_terminal_cuts_one_column(void **state) {
    (void)state;
    arena a = arena_open(1 << 20);
    FILE *f = tmpfile();
    term t = {.out = f, .err = f, .columns = 24};
    table *x = table_new(&a, (table_col[]){{NULL, false, false}, {NULL, false, true}}, 2);
    table_add(x, STYLE_plain, S("2026-01-31"));
    table_add(x, STYLE_plain, S("many words of a customer"));
    table_print(x, &t, 0);
    str out = str_trim(printed(&a, f));
    assert_int_equal(text_width(out), 24);
    assert_true(str_ends(out, S("…")));
    fclose(f);
    arena_close(&a);
}

static void numbers_are_grouped(void **state) {
    (void)state;
    static const struct {
        int64_t n;
        const char *text;
    } rows[] = {
        {0, "0"}, {999, "999"}, {1000, "1,000"}, {-1234567, "-1,234,567"}, {INT64_MAX, "9,223,372,036,854,775,807"}};
    arena a = arena_open(1 << 16);
    for (size_t i = 0; i < COUNT(rows); i++) assert_str(term_count(&a, rows[i].n), str_c(rows[i].text));
    assert_str(term_span(&a, 3.21), S("3.2 s"));
    assert_str(term_span(&a, 125), S("2 min 5 s"));
    assert_str(term_span(&a, 7260), S("2 h 1 min"));
    arena_close(&a);
}

// Progress is for people who watch; a pipe stays clean.
static void a_pipe_sees_no_progress(void **state) {
    (void)state;
    arena a = arena_open(1 << 16);
    FILE *f = tmpfile();
    term t = term_open(f, f, false, false);
    assert_false(t.color);
    assert_false(t.progress);
    assert_int_equal(t.columns, 0);
    progress p = progress_begin(&t, S("x"), "rows");
    p.began_s -= 10;
    progress_at(&p, 5, 1, 2);
    progress_end(&p);
    assert_int_equal(printed(&a, f).len, 0);
    t.progress = true;
    progress_at(&p, 5000, 1, 2);
    assert_true(str_has(printed(&a, f), S("50 %")));
    fclose(f);
    arena_close(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_cannot_move_the_cursor), cmocka_unit_test(any_bytes_become_clean),
        cmocka_unit_test(tables_are_aligned),           cmocka_unit_test(a_narrow_terminal_cuts_one_column),
        cmocka_unit_test(numbers_are_grouped),          cmocka_unit_test(a_pipe_sees_no_progress),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
