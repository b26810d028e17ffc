// How the web app leaves the program: files that never change, packed or not; a page that is filled in; and addresses
// that only browsers get it for. The files are made up here; those of the app are looked at by the scenario 85-web.
#include "rig.h"

#include <zlib.h>

#include "serve/assets.h"

static char packed[200];
static const char english[] = "<html data-theme=\"{{theme}}\"><meta content=\"{{csrf}}\"><meta content=\"{{me}}\">end";
static const char german[] = "<html lang=\"de\">";
const asset heed_web[] = {
    {"main-1.js", "text/javascript; charset=utf-8", "\"1\"", packed, packed + sizeof packed},
    {"w.js", "text/javascript; charset=utf-8", "\"4\"", packed, packed + sizeof packed},
    {"licences.txt", "text/plain; charset=utf-8", "\"5\"", packed, packed + sizeof packed},
    {"index.en.html", "text/html; charset=utf-8", "\"2\"", english, english + sizeof english - 1},
    {"index.de.html", "text/html; charset=utf-8", "\"3\"", german, german + sizeof german - 1},
    {0},
};
static const char script[] = "export default 1";
static serve_rig r;

// The rest of the room is zeros, which a reader of gzip passes over.
static int begin(void **state) {
    (void)state;
    z_stream z = {.next_in = (Bytef *)(uintptr_t)script, .avail_in = sizeof script - 1};
    z.next_out = (Bytef *)packed, z.avail_out = sizeof packed;
    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    deflateEnd(&z);
    serve_open(&r, NULL);
    return 0;
}

static int end(void **state) {
    (void)state;
    serve_close(&r);
    return 0;
}

static const response *ask(const char *path, const char *role, const char *name, const char *value) {
    pair headers[] = {{S("accept"), S("text/html,*/*")}, {str_c(name), str_c(value)}};
    who w = serve_as(role);
    return serve_ask_as(&r, "GET", path, headers, COUNT(headers), S(""), &w);
}

static void a_file_goes_out_packed_and_for_ever(void **state) {
    (void)state;
    const response *got = ask("/assets/main-1.js", "nobody", "accept-encoding", "gzip, br");
    assert_int_equal(got->status, 200);
    assert_str(response_get(got, "content-encoding"), S("gzip"));
    assert_str(response_get(got, "cache-control"), S("public, max-age=31536000, immutable"));
    assert_str(response_get(got, "content-type"), S("text/javascript; charset=utf-8"));
    assert_str(response_get(got, "etag"), S("\"1\""));
    assert_int_equal(got->body.len, sizeof packed);
    assert_int_equal(ask("/assets/main-1.js", "nobody", "if-none-match", "\"1\"")->status, 304);
    assert_int_equal(ask("/assets/main-2.js", "nobody", "x-none", "")->status, 404);
    assert_int_equal(ask("/assets/index.en.html", "owner", "x-none", "")->status, 404);
}

static void a_name_that_stays_is_asked_for_again(void **state) {
    (void)state;
    static const char *const names[] = {"/assets/w.js", "/assets/licences.txt"};
    for (size_t i = 0; i < COUNT(names); i++) {
        const response *got = ask(names[i], "nobody", "accept-encoding", "gzip");
        assert_int_equal(got->status, 200);
        assert_str(response_get(got, "cache-control"), S("no-cache"));
        assert_true(response_get(got, "etag").len > 0);
    }
    assert_int_equal(ask("/assets/w.js", "nobody", "if-none-match", "\"4\"")->status, 304);
}

static void who_cannot_unpack_gets_it_plain(void **state) {
    (void)state;
    const response *got = ask("/assets/main-1.js", "nobody", "x-none", "");
    assert_int_equal(response_get(got, "content-encoding").len, 0);
    assert_str(got->body, str_c(script));
}

static void the_page_is_filled_in_without_becoming_html(void **state) {
    (void)state;
    const response *got = ask("/customers/17", "owner", "cookie", "heed_theme=dark");
    assert_int_equal(got->status, 200);
    assert_true(str_has(got->body, S("data-theme=\"dark\"")));
    assert_true(str_has(got->body, S("&quot;customers_read&quot;")));
    assert_false(str_has(got->body, S("{{")));
    assert_true(str_ends(got->body, S("end")));
    str policy = response_get(got, "content-security-policy");
    assert_true(str_has(policy, S("script-src 'self'")) && str_has(policy, S("require-trusted-types-for 'script'")));
    assert_false(str_has(policy, S("unsafe")));
    got = ask("/", "owner", "cookie", "heed_theme=\"><script>");
    assert_true(str_has(got->body, S("data-theme=\"auto\"")));
}

static void the_language_is_that_of_the_reader(void **state) {
    (void)state;
    assert_str(ask("/", "owner", "accept-language", "fr, de-CH;q=0.8, en;q=0.5")->body, str_c(german));
    assert_str(ask("/", "owner", "cookie", "heed_lang=de")->body, str_c(german));
    assert_true(str_has(ask("/", "owner", "cookie", "heed_lang=../de")->body, S("data-theme")));
    assert_true(str_has(ask("/", "owner", "accept-language", "fr")->body, S("data-theme")));
}

static void who_is_not_signed_in_comes_back_to_the_page(void **state) {
    (void)state;
    const response *got = ask("/customers?waiting=1", "nobody", "x-none", "");
    assert_int_equal(got->status, 303);
    assert_str(response_get(got, "location"), S("/signin?next=%2Fcustomers%3Fwaiting%3D1"));
}

static void programs_are_told_that_nothing_is_there(void **state) {
    (void)state;
    assert_int_equal(serve_ask(&r, "GET", "/customers", "", "owner")->status, 404);
    assert_int_equal(ask("/api/nothing", "owner", "x-none", "")->status, 404);
    assert_int_equal(serve_ask(&r, "POST", "/customers", "", "owner")->status, 404);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_goes_out_packed_and_for_ever),
        cmocka_unit_test(a_name_that_stays_is_asked_for_again),
        cmocka_unit_test(who_cannot_unpack_gets_it_plain),
        cmocka_unit_test(the_page_is_filled_in_without_becoming_html),
        cmocka_unit_test(the_language_is_that_of_the_reader),
        cmocka_unit_test(who_is_not_signed_in_comes_back_to_the_page),
        cmocka_unit_test(programs_are_told_that_nothing_is_there),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
