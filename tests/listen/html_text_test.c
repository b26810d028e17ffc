#include "test.h"

#include "base/rng.h"
#include "listen/html_text.h"

static const struct {
    const char *html, *text;
} rows[] = {
    {"", ""},
    {"plain words", "plain words"},
    {"<p>Hello</p>", "Hello"},
    {"<p>Hello everyone!</p>", "Hello everyone!"},
    {"<p>one</p><p>two</p>", "one\n\ntwo"},
    {"<div>one</div><div>two</div>", "one\ntwo"},
    {"one<br>two<br/>three<BR />four", "one\ntwo\nthree\nfour"},
    {"one<br><br><br><br>two", "one\n\ntwo"},
    {"<div>one</div><div><br></div><div>two</div>", "one\n\ntwo"}, // an empty line as mail programs write it
    {"  many \n\t blanks\r\n here ", "many blanks here"},
    {"a <b>bold</b><i>italic</i> word", "a bolditalic word"},
    {"<ul><li>one</li><li>two</li></ul>after", "- one\n- two\n\nafter"},
    {"<table><tr><td>a</td><td>b</td></tr><tr><th>c</th><td>d</td></tr></table>", "a b\nc d"},
    {"<script>var x = '<p>no</p>';</script>yes<style>p{}</style>", "yes"},
    {"<html><head><title>no</title></head><body>yes</body></html>", "yes"},
    {"<!-- no --> yes <!-- <p>no</p> -->", "yes"},
    {"<!DOCTYPE html><?xml version='1.0'?>yes", "yes"},
    {"a < b and c > d", "a < b and c > d"},
    {"5 <6 && 7> 3", "5 <6 && 7> 3"},
    {"I <3 you", "I <3 you"},
    {"unclosed <b", "unclosed <b"},
    {"<a href=\"x>y\" title='<>'>link</a> end", "link end"},
    {"<a title=\"never closed>text", "text"},
    {"say <img src=x alt=\"&#128522; smile\"> now", "say \xF0\x9F\x98\x8A smile now"},
    {"<pre>  two\n    four\n</pre>end", "two\n    four\nend"},
    {"above<hr>below", "above\n\nbelow"},
    {"x&nbsp;&nbsp;y\xC2\xA0z", "x y z"},
    {"&lt;p&gt; &amp;amp; &quot;q&quot; &apos;", "<p> &amp; \"q\" '"},
    // HTML 4.01 section 24.2 to 24.4, one of each table, and section 5.3.1's numbers
    {"&eacute;&Agrave;&szlig;&yuml;&copy;", "\xC3\xA9\xC3\x80\xC3\x9F\xC3\xBF\xC2\xA9"},
    {"&alpha;&Omega;&hearts;&infin;&rarr;", "\xCE\xB1\xCE\xA9\xE2\x99\xA5\xE2\x88\x9E\xE2\x86\x92"},
    {"&euro;&OElig;&ndash;&bull;&thetasym;", "\xE2\x82\xAC\xC5\x92\xE2\x80\x93\xE2\x80\xA2\xCF\x91"},
    {"&#229; &#xE5; &#Xe5; &#1048; &#x6C34;", "\xC3\xA5 \xC3\xA5 \xC3\xA5 \xD0\x98 \xE6\xB0\xB4"},
    {"&#128;&#x92;", "\xE2\x82\xAC\xE2\x80\x99"}, // HTML 5, 13.2.5.80: read as windows-1252
    {"R&D, AT&T, a&b;c &unknown; &amp", "R&D, AT&T, a&b;c &unknown; &"},
    {"?a=1&copy=2", "?a=1\xC2\xA9=2"},
    {"&ltx &lt;x", "&ltx <x"},
    {"&#0;&#xD800;&#x110000;", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
    {"&;&#;&#x;&", "&;&#;&#x;&"},
    {"<o:p>&nbsp;</o:p>x", "x"},
};

static void html_becomes_text(void **state) {
    (void)state;
    arena a = arena_open(1 << 20);
    for (size_t i = 0; i < COUNT(rows); i++) {
        const str got = html_text(&a, str_c(rows[i].html));
        if (!str_eq(got, str_c(rows[i].text)))
            fail_msg("%s: got \"%.*s\", want \"%s\"", rows[i].html, STR_ARG(got), rows[i].text);
    }
    arena_close(&a);
}

static void html_is_told_from_text(void **state) {
    (void)state;
    static const char *const yes[] = {"<p>x</p>", "a<br>b", "x &amp; y", "caf&eacute;"};
    static const char *const no[] = {"", "plain", "a < b > c", "R&D", "1 <2", "<b"};
    for (size_t i = 0; i < COUNT(yes); i++) assert_true(html_looks(str_c(yes[i])));
    for (size_t i = 0; i < COUNT(no); i++) assert_false(html_looks(str_c(no[i])));
}

static str escaped(arena *a, str x) {
    buf b = buf_new(a, 1 << 16);
    for (size_t i = 0; i < x.len; i++) {
        const char c = x.s[i];
        if (c == '<')
            buf_add(&b, S("&lt;"));
        else if (c == '>')
            buf_add(&b, S("&gt;"));
        else if (c == '&')
            buf_add(&b, S("&amp;"));
        else
            buf_addc(&b, c);
    }
    return buf_str(&b);
}

// Words that were escaped and wrapped in any tags come out as they went in.
static void escaped_words_survive(void **state) {
    (void)state;
    static const char letters[] = "ab<>&;#x1\"'/-=!\xC3\xA9";
    static const char *const wraps[][2] = {{"<p>", "</p>"},    {"<div class='a'>", "</div>"}, {"<b>", ""}, {"", "<br>"},
                                           {"<!-- c -->", ""}, {"<td a=\"<\">", "</td>"}};
    rng r = rng_seed(7);
    for (int round = 0; round < 20000; round++) {
        arena a = arena_open(1 << 20);
        buf b = buf_new(&a, 4096);
        for (int64_t n = rng_range(&r, 1, 24); n > 0; n--) {
            const int64_t k = rng_range(&r, 0, (int64_t)sizeof letters - 2);
            if (k >= (int64_t)sizeof letters - 3)
                buf_add(&b, S("\xC3\xA9"));
            else
                buf_addc(&b, letters[k]);
        }
        const str word = buf_str(&b);
        const int64_t w = rng_range(&r, 0, (int64_t)COUNT(wraps) - 1);
        const str html = str_fmt(&a, "%s%.*s%s", wraps[w][0], STR_ARG(escaped(&a, word)), wraps[w][1]);
        assert_str(html_text(&a, html), word);
        arena_close(&a);
    }
}

// Whatever comes: no longer than the input, well-formed if the input is, no white space at the ends, quickly.
static void any_bytes_are_safe(void **state) {
    (void)state;
    static const char *const parts[] = {"<",         ">",     "&",  ";",   "p",        "br",  "/",    "\"",
                                        "'",         "=",     " ",  "\n",  "<!--",     "-->", "<li>", "<script",
                                        "</script>", "<pre>", "&#", "x41", "\xC3\xA9", "alt", "<img "};
    rng r = rng_seed(11);
    for (int round = 0; round < 20000; round++) {
        arena a = arena_open(1 << 20);
        buf b = buf_new(&a, 4096);
        for (int64_t n = rng_range(&r, 0, 40); n > 0; n--)
            buf_add(&b, str_c(parts[rng_range(&r, 0, (int64_t)COUNT(parts) - 1)]));
        const str html = buf_str(&b), text = html_text(&a, html);
        assert_true(text.len <= html.len);
        assert_true(str_utf8_ok(text));
        assert_str(str_trim(text), text);
        arena_close(&a);
    }
}

static void long_input_takes_linear_time(void **state) {
    (void)state;
    static const char *const patterns[] = {"<a", "<a b=\"", "&#", "<!--", "<li>", "&", "<script>", "<p>\n"};
    enum { LONG = 1 << 20 };
    for (size_t i = 0; i < COUNT(patterns); i++) {
        arena a = arena_open(8 << 20);
        char *const s = make(&a, char, LONG);
        const size_t n = strlen(patterns[i]);
        for (size_t k = 0; k + n <= LONG; k += n) memcpy(s + k, patterns[i], n);
        const clock_t start = clock();
        const str text = html_text(&a, (str){s, LONG});
        (void)html_looks((str){s, LONG});
        assert_true(text.len <= LONG);
        assert_true(clock() - start < 5 * CLOCKS_PER_SEC);
        arena_close(&a);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(html_becomes_text),
        cmocka_unit_test(html_is_told_from_text),
        cmocka_unit_test(escaped_words_survive),
        cmocka_unit_test(any_bytes_are_safe),
        cmocka_unit_test(long_input_takes_linear_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
