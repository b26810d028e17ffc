#include "test.h"

#include <math.h>

#include "cli/picture.h"

static str drawn(arena *a, const picture *p, int columns) {
    char *text = NULL;
    size_t n = 0;
    FILE *f = open_memstream(&text, &n);
    term t = {.out = f, .err = f, .columns = columns};
    arena scratch = arena_open(1 << 20);
    picture_text(scratch, &t, p);
    arena_close(&scratch);
    fclose(f);
    str out = str_dup(a, (str){text, n});
    free(text);
    return out;
}

static str svg_of(arena *a, const picture *p) {
    buf b = buf_new(a, 1 << 20);
    picture_svg(&b, p);
    assert_false(b.full);
    return buf_str(&b);
}

static int count(str text, const char *what) {
    int n = 0;
    for (size_t i = 0; i + strlen(what) <= text.len; i++) n += memcmp(text.s + i, what, strlen(what)) == 0;
    return n;
}

static const double RISING[] = {0, 1, 2, 3, 4, 5}, FALLING[] = {5, 4, 3, 2, 1, 0};

static picture two_lines(void) {
    picture p = {.title = "A <title> & more", .x_name = "weeks", .y_name = "n", .step = 1, .n = 6, .n_lines = 2};
    p.lines[0] = (picture_line){"seen", RISING, NULL, NULL};
    p.lines[1] = (picture_line){"model", FALLING, RISING, FALLING};
    return p;
}

static void lines_go_where_their_values_are(void **state) {
    (void)state;
    arena a = arena_open(4 << 20);
    picture p = two_lines();
    str text = drawn(&a, &p, 0), first = str_cut(&text, '\n'), top = str_cut(&text, '\n');
    assert_str(first, S("A <title> & more"));
    // At the top the falling line begins and the rising one ends.
    assert_true(str_starts(top, S("         5 |o")));
    assert_int_equal(str_trim(top).s[str_trim(top).len - 1], '*');
    assert_true(str_has(text, S("seen")) && str_has(text, S("model")));
    arena_close(&a);
}

static void no_line_is_wider_than_the_terminal(void **state) {
    (void)state;
    arena a = arena_open(4 << 20);
    picture p = two_lines();
    for (int columns = 40; columns <= 120; columns += 20) {
        for (str rest = drawn(&a, &p, columns); rest.s;) assert_in_range(str_cut(&rest, '\n').len, 0, columns);
    }
    arena_close(&a);
}

static void what_is_missing_or_odd_is_drawn_without_harm(void **state) {
    (void)state;
    arena a = arena_open(8 << 20);
    const double odd[] = {NAN, -3, INFINITY, 1e300, 0, -INFINITY};
    const char *const labels[] = {"a", "b", "c", "d", "e", "f"};
    picture p = two_lines();
    p.lines[0] = (picture_line){"odd", odd, odd, odd};
    for (p.n = 0; p.n <= 6; p.n++) {
        assert_true(drawn(&a, &p, 80).len > 0);
        str svg = svg_of(&a, &p);
        assert_false(str_has(svg, S("nan")) || str_has(svg, S("inf")));
        picture bars = p;
        bars.labels = labels;
        assert_true(drawn(&a, &bars, 80).len > 0);
        svg = svg_of(&a, &bars);
        assert_false(str_has(svg, S("nan")) || str_has(svg, S("inf")));
    }
    arena_close(&a);
}

static void an_svg_stands_alone(void **state) {
    (void)state;
    arena a = arena_open(4 << 20);
    picture p = two_lines();
    str svg = svg_of(&a, &p);
    assert_true(str_starts(svg, S("<svg xmlns=\"http://www.w3.org/2000/svg\"")));
    assert_true(str_has(svg, S("<title>A &lt;title&gt; &amp; more</title>")));
    assert_int_equal(count(svg, "<polyline"), 2);
    assert_int_equal(count(svg, "<polygon"), 1);
    assert_true(str_has(svg, S("prefers-color-scheme:dark")));
    // Nothing is fetched and nothing runs; what is opened is closed.
    assert_int_equal(count(svg, "http"), 1);
    assert_false(str_has(svg, S("<script")) || str_has(svg, S("url(")));
    assert_int_equal(count(svg, "<text"), count(svg, "</text>"));
    arena_close(&a);
}

static void bars_are_as_long_as_their_values(void **state) {
    (void)state;
    arena a = arena_open(4 << 20);
    const double y[] = {10, 5, 0};
    const char *const labels[] = {"x", "y", "z"};
    picture p = {.title = "t", .x_name = "x", .y_name = "y", .n = 3, .n_lines = 1, .labels = labels};
    p.lines[0] = (picture_line){"seen", y, NULL, NULL};
    str text = drawn(&a, &p, 0);
    str_cut(&text, '\n');
    int first = count(str_cut(&text, '\n'), "="), second = count(str_cut(&text, '\n'), "=");
    assert_int_equal(first, 2 * second);
    assert_int_equal(count(str_cut(&text, '\n'), "="), 0);
    assert_int_equal(count(svg_of(&a, &p), "<rect class=\"b0\""), 4);
    arena_close(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_go_where_their_values_are),
        cmocka_unit_test(no_line_is_wider_than_the_terminal),
        cmocka_unit_test(what_is_missing_or_odd_is_drawn_without_harm),
        cmocka_unit_test(an_svg_stands_alone),
        cmocka_unit_test(bars_are_as_long_as_their_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
