// The socket and clients that keep the rules: connections, bodies, packing, live pages.
#include <zlib.h>
#include <zstd.h>

#include "socket.h"

// ---- ordinary clients ----

static void one_connection_asks_many_times(void **state) {
    (void)state;
    rig r;
    rig_open(&r);
    wire w = wire_open(r.port);
    for (int i = 0; i < 50; i++) assert_answer(wire_ask(&w, GET("/small")), 200, S("small"));
    assert_answer(wire_ask(&w, GET("/nowhere")), 404, S("nothing here"));
    assert_answer(wire_ask(&w, GET("/small")), 200, S("small"));
    assert_int_equal(http_look(r.h).accepted, 1);
    // HTTP/1.0 and Connection: close end it.
    answer a = wire_ask(&w, "GET /small HTTP/1.1\r\nHost: heed\r\nConnection: close\r\n\r\n");
    assert_answer(a, 200, S("small"));
    assert_true(wire_closed(&w));
    wire_close(&w);
    rig_close(&r);
}

static void requests_may_be_sent_before_the_answer_comes(void **state) {
    (void)state;
    rig r;
    rig_open(&r);
    arena a = arena_open(4 << 20);
    wire w = wire_open(r.port);
    wire_say(&w, GET("/small") "POST /later HTTP/1.1\r\nHost: heed\r\nContent-Length: 3\r\n\r\nabc" GET("/text")
                     GET("/seen") "POST /echo HTTP/1.1\r\nHost: heed\r\nContent-Length: 5\r\n\r\nhello" GET("/small"));
    assert_answer(wire_answer(&w), 200, S("small"));
    assert_answer(wire_answer(&w), 200, S("later 3"));
    assert_str(wire_answer(&w).body, text_of(&a));
    assert_true(str_starts(wire_answer(&w).body, S("path=/seen")));
    assert_answer(wire_answer(&w), 200, S("hello"));
    assert_answer(wire_answer(&w), 200, S("small"));
    wire_close(&w);
    arena_close(&a);
    rig_close(&r);
}

static void head_says_what_get_would_send(void **state) {
    (void)state;
    rig r;
    rig_open(&r);
    wire w = wire_open(r.port);
    wire_say(&w, "HEAD /small HTTP/1.1\r\nHost: heed\r\n\r\n");
    answer a = wire_answer_of(&w, true);
    assert_int_equal(a.status, 200);
    assert_str(answer_header(&a, "content-length"), S("5"));
    assert_answer(wire_ask(&w, GET("/small")), 200, S("small"));
    wire_close(&w);
    rig_close(&r);
}

static void a_target_arrives_as_it_was_written(void **state) {
    (void)state;
    rig r;
    rig_open(&r);
    wire w = wire_open(r.port);
    assert_answer(wire_ask(&w, GET("/seen?a=%20b+c&x&y=1%262")), 200,
                  S("path=/seen query=a=%20b+c&x&y=1%262 peer=127.0.0.1 secure=0 headers=1"));
    assert_answer(wire_ask(&w, GET("http://heed.example/seen?q")), 200,
                  S("path=/seen query=q peer=127.0.0.1 secure=0 headers=1"));
    assert_answer(wire_ask(&w, GET("/s%65en")), 404, S("nothing here"));
    answer a = wire_ask(&w, "GET seen HTTP/1.1\r\nHost: heed\r\n\r\n");
    assert_int_equal(a.status, 400);
    wire_close(&w);
    rig_close(&r);
}

static void a_proxy_is_believed_when_it_is_trusted(void **state) {
    (void)state;
    const char *ask = "GET /seen HTTP/1.1\r\nHost: heed\r\nX-Forwarded-For: 7.7.7.7\r\n"
                      "X-Forwarded-For: 6.6.6.6, 203.0.113.9\r\n"
                      "X-Forwarded-Proto: https\r\n\r\n";
    for (int trust = 0; trust < 2; trust++) {
        rig r;
        rig_open(&r);
        r.sv.o.trust_proxy = trust;
        wire w = wire_open(r.port);
        answer a = wire_ask(&w, ask);
        assert_int_equal(str_has(a.body, S("peer=203.0.113.9 secure=1")), trust);
        assert_int_equal(str_has(a.body, S("peer=127.0.0.1 secure=0")), !trust);
        assert_int_equal(answer_header(&a, "strict-transport-security").len > 0, trust);
        wire_close(&w);
        rig_close(&r);
    }
}

static void every_answer_is_safe(void **state) {
    (void)state;
    rig r;
    rig_open(&r);
    wire w = wire_open(r.port);
    static const char *const asked[] = {GET("/small"), GET("/nowhere"), GET("/page"),
                                        "POST /echo HTTP/1.1\r\nHost: heed\r\nContent-Length: 1\r\n\r\nx",
                                        "POST /tiny HTTP/1.1\r\nHost: heed\r\nContent-Length: 9999999\r\n\r\n"};
    for (size_t i = 0; i < COUNT(asked); i++) {
        answer a = wire_ask(&w, asked[i]);
        assert_str(answer_header(&a, "server"), S("heed"));
        assert_true(answer_header(&a, "date").len > 20);
        if (str_has(str_c(asked[i]), S("/page"))) { // what a page says itself stands
            assert_str(answer_header(&a, "content-security-policy"), S("default-src 'self'"));
            continue;
        }
        assert_str(answer_header(&a, "x-content-type-options"), S("nosniff"));
        assert_true(str_starts(answer_header(&a, "content-security-policy"), S("default-src 'none'")));
        assert_str(answer_header(&a, "cross-origin-resource-policy"), S("same-origin"));
        assert_str(answer_header(&a, "x-frame-options"), S("DENY"));
    }
    wire_close(&w);
    rig_close(&r);
}

// ---- bodies ----

static void bodies_arrive_whole(void **state) {
    (void)state;
    rig r;
    rig_open(&r);
    arena a = arena_open(64 << 20);
    static const size_t sizes[] = {0, 1, 100, 8191, 16384, 16385, 100000, 1 << 20};
    wire w = wire_open(r.port);
    for (size_t i = 0; i < COUNT(sizes); i++) {
        str body = body_of(&a, sizes[i], i);
        wire_put(&w, str_fmt(&a, "POST /echo HTTP/1.1\r\nHost: heed\r\nContent-Length: %zu\r\n\r\n", body.len));
        wire_put(&w, body);
        assert_answer(wire_answer(&w), 200, body);
    }
    // In chunks of any size, with an extension and a trailer.
    rng g = rng_seed(8);
    str body = body_of(&a, 300000, 9), rest = body;
    wire_say(&w, "POST /echo HTTP/1.1\r\nHost: heed\r\nTransfer-Encoding: chunked\r\n\r\n");
    while (rest.len) {
        str part = str_sub(rest, 0, (size_t)rng_range(&g, 1, 30000));
        wire_put(&w, str_fmt(&a, "%zx;x=1\r\n", part.len));
        wire_put(&w, part);
        wire_say(&w, "\r\n");
        rest = str_sub(rest, part.len, rest.len);
    }
    wire_say(&w, "0\r\nX-Trailer: 1\r\n\r\n");
    assert_answer(wire_answer(&w), 200, body);
    await(!http_look(r.h).body_bytes);
    wire_close(&w);
    arena_close(&a);
    rig_close(&r);
}

static void who_waits_to_be_told_to_go_on_is_told(void **state) {
    (void)state;
    rig r;
    rig_open(&r);
    wire w = wire_open(r.port);
    wire_say(&w, "POST /echo HTTP/1.1\r\nHost: heed\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
    assert_int_equal(wire_answer(&w).status, 100);
    wire_say(&w, "hello");
    assert_answer(wire_answer(&w), 200, S("hello"));
    // And is told no before a byte is sent.
    wire_say(&w, "POST /echo HTTP/1.1\r\nHost: heed\r\nExpect: 100-continue\r\nContent-Length: 1048577\r\n\r\n");
    answer a = wire_answer(&w);
    assert_int_equal(a.status, 413);
    assert_true(str_has(a.body, S("1048576 are taken here at most")));
    assert_true(wire_closed(&w));
    wire_close(&w);
    w = wire_open(r.port);
    wire_say(&w, "POST /nowhere HTTP/1.1\r\nHost: heed\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
    assert_int_equal(wire_answer(&w).status, 404);
    wire_close(&w);
    rig_close(&r);
}

static void too_large_is_refused_and_the_connection_goes_on_when_that_is_cheap(void **state) {
    (void)state;
    rig r;
    rig_open(&r);
    arena a = arena_open(16 << 20);
    wire w = wire_open(r.port);
    str body = body_of(&a, 5000, 1);
    for (int chunked = 0; chunked < 2; chunked++) {
        if (chunked)
            wire_say(&w, "POST /tiny HTTP/1.1\r\nHost: heed\r\nTransfer-Encoding: chunked\r\n\r\n1388\r\n");
        else
            wire_say(&w, "POST /tiny HTTP/1.1\r\nHost: heed\r\nContent-Length: 5000\r\n\r\n");
        wire_put(&w, body);
        if (chunked) wire_say(&w, "\r\n0\r\n\r\n");
        assert_int_equal(wire_answer(&w).status, 413);
        assert_answer(wire_ask(&w, GET("/small")), 200, S("small"));
    }
    wire_say(&w, "POST /nowhere HTTP/1.1\r\nHost: heed\r\nContent-Length: 5000\r\n\r\n");
    wire_put(&w, body);
    assert_answer(wire_answer(&w), 404, S("nothing here"));
    // What would take long to throw away is not taken: the answer comes at once, and the end with it.
    wire_say(&w, "POST /tiny HTTP/1.1\r\nHost: heed\r\nContent-Length: 1073741824\r\n\r\n");
    assert_int_equal(wire_answer(&w).status, 413);
    assert_true(wire_closed(&w));
    wire_close(&w);
    // In chunks without end it is cut off.
    w = wire_open(r.port);
    wire_say(&w, "POST /tiny HTTP/1.1\r\nHost: heed\r\nTransfer-Encoding: chunked\r\n\r\n");
    bool open = true;
    for (int i = 0; i < 2000 && open; i++)
        open = wire_say(&w, "1388\r\n") && wire_put(&w, body) && wire_say(&w, "\r\n");
    assert_false(open);
    wire_close(&w);
    assert_works(&r);
    arena_close(&a);
    rig_close(&r);
}

static void large_bodies_go_to_a_file(void **state) {
    (void)state;
    rig r;
    rig_open(&r);
    arena a = arena_open(16 << 20);
    wire w = wire_open(r.port);
    str body = body_of(&a, 2000000, 1);
    wire_say(&w, "POST /file HTTP/1.1\r\nHost: heed\r\nContent-Length: 2000000\r\n\r\n");
    wire_put(&w, body);
    assert_answer(wire_answer(&w), 200, S("2000000 bytes in a file, 0 in memory"));
    wire_say(&w, "POST /file HTTP/1.1\r\nHost: heed\r\nX-Stranger: 1\r\nContent-Length: 2000000\r\n\r\n");
    assert_answer(wire_answer(&w), 403, S("strangers send no files"));
    wire_close(&w);
    // Half of one that was cut off leaves nothing.
    w = wire_open(r.port);
    wire_say(&w, "POST /file HTTP/1.1\r\nHost: heed\r\nContent-Length: 2000000\r\n\r\n");
    wire_put(&w, str_sub(body, 0, 1000000));
    wire_close(&w);
    arena_close(&a);
    rig_close(&r);
}

static void bodies_together_have_a_limit(void **state) {
    (void)state;
    rig r;
    rig_open_with(&r, (http_opts){.threads = 2, .bodies = 100000});
    arena a = arena_open(16 << 20);
    str body = body_of(&a, 80000, 1);
    wire w = wire_open(r.port), v = wire_open(r.port);
    const char *head = "POST /echo HTTP/1.1\r\nHost: heed\r\nContent-Length: 80000\r\n\r\n";
    wire_say(&w, head);
    wire_put(&w, str_sub(body, 0, 79999));
    await(http_look(r.h).body_bytes >= 79999);
    wire_say(&v, head);
    wire_put(&v, body);
    assert_int_equal(wire_answer(&v).status, 429);
    wire_put(&w, str_sub(body, 79999, 1));
    assert_answer(wire_answer(&w), 200, body);
    wire_say(&v, head);
    wire_put(&v, body);
    assert_answer(wire_answer(&v), 200, body);
    wire_close(&w);
    wire_close(&v);
    arena_close(&a);
    rig_close(&r);
}

// ---- packing ----

static str unpacked(arena *a, const answer *x) {
    str coding = answer_header(x, "content-encoding");
    char *out = make(a, char, 1 << 20);
    if (str_eq(coding, S("zstd"))) return (str){out, ZSTD_decompress(out, 1 << 20, x->body.s, x->body.len)};
    z_stream z = {.next_in = (Bytef *)(uintptr_t)x->body.s,
                  .avail_in = (uInt)x->body.len,
                  .next_out = (Bytef *)out,
                  .avail_out = 1 << 20};
    assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
    assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
    inflateEnd(&z);
    return (str){out, z.total_out};
}

static void answers_are_packed_for_who_understands(void **state) {
    (void)state;
    static const struct {
        const char *accept, *coding;
    } cases[] = {{"gzip, deflate, br, zstd", "zstd"},
                 {"gzip;q=1.0, *;q=0", "gzip"},
                 {"GZIP", "gzip"},
                 {"zstd;q=0, gzip", "gzip"},
                 {"br", ""},
                 {"", ""},
                 {"gzip;q=0", ""},
                 {"identity", ""}};
    rig r;
    rig_open(&r);
    arena a = arena_open(64 << 20);
    wire w = wire_open(r.port);
    str text = text_of(&a);
    for (size_t i = 0; i < COUNT(cases); i++) {
        wire_put(&w, str_fmt(&a, "GET /text HTTP/1.1\r\nHost: heed\r\nAccept-Encoding: %s\r\n\r\n", cases[i].accept));
        answer x = wire_answer(&w);
        assert_int_equal(x.status, 200);
        assert_str(answer_header(&x, "content-encoding"), str_c(cases[i].coding));
        assert_str(answer_header(&x, "vary"), S("Accept-Encoding"));
        assert_str(cases[i].coding[0] ? unpacked(&a, &x) : x.body, text);
        assert_true(!cases[i].coding[0] || x.body.len < text.len / 5);
    }
    // Not what is small, and no page of somebody who is signed in.
    answer x = wire_ask(&w, "GET /small HTTP/1.1\r\nHost: heed\r\nAccept-Encoding: gzip\r\n\r\n");
    assert_answer(x, 200, S("small"));
    x = wire_ask(&w, "GET /page HTTP/1.1\r\nHost: heed\r\nAccept-Encoding: gzip\r\n\r\n");
    assert_str(answer_header(&x, "content-encoding"), S("gzip"));
    x = wire_ask(&w, "GET /page HTTP/1.1\r\nHost: heed\r\nAccept-Encoding: gzip\r\nCookie: heed=1\r\n\r\n");
    assert_str(answer_header(&x, "content-encoding"), S(""));
    wire_close(&w);
    arena_close(&a);
    rig_close(&r);
}

// ---- live pages ----

static void a_live_page_hears_and_goes_on_where_it_was(void **state) {
    (void)state;
    rig r;
    rig_open_with(&r, (http_opts){.threads = 2, .beat_ms = 200, .stream_ms = 4000});
    wire w = wire_open(r.port);
    str got;
    wire_say(&w, GET("/live"));
    assert_true(wire_until(&w, "retry: 3000\n\n", &got));
    assert_true(str_has(got, S("text/event-stream")));
    assert_false(str_has(got, S("Content-Encoding")));
    live_tell(r.sv.live, S("fresh"), S("{\"a\":1}"));
    assert_true(wire_until(&w, "id: 1\nevent: fresh\ndata: {\"a\":1}\n\n", &got));
    assert_true(wire_until(&w, ":\n\n", &got)); // a sign of life
    assert_true(wire_until(&w, ":\n\n", &got));
    assert_int_equal(http_look(r.h).streams, 1);
    assert_true(wire_until(&w, "\r\n0\r\n\r\n", &got)); // it must ask again now and then
    wire_close(&w);
    await(!http_look(r.h).streams);
    for (int i = 0; i < 5; i++) live_tell(r.sv.live, S("fresh"), S("{}"));
    w = wire_open(r.port);
    wire_say(&w, "GET /live HTTP/1.1\r\nHost: heed\r\nLast-Event-ID: 2\r\n\r\n");
    assert_true(wire_until(&w, "id: 6\nevent: fresh\ndata: {}\n\n", &got));
    assert_true(str_has(got, S("id: 3\n")) && !str_has(got, S("id: 2\n")));
    wire_close(&w);
    rig_close(&r);
}

static void live_pages_have_a_limit_and_end_with_the_server(void **state) {
    (void)state;
    rig r;
    rig_open_with(&r, (http_opts){.threads = 2, .most_streams = 3, .stop_ms = 60000});
    wire w[3], more = wire_open(r.port);
    str got;
    for (int i = 0; i < 3; i++) {
        w[i] = wire_open(r.port);
        wire_say(&w[i], GET("/live"));
        assert_true(wire_until(&w[i], "retry: 3000\n\n", &got));
    }
    assert_int_equal(wire_ask(&more, GET("/live")).status, 429);
    assert_answer(wire_ask(&more, GET("/small")), 200, S("small"));
    wire_close(&w[0]);
    int64_t began = wire_ms();
    rig_close(&r);
    assert_true(wire_ms() - began < 30000); // they are not waited for
    for (int i = 1; i < 3; i++) {
        assert_true(wire_until(&w[i], "0\r\n\r\n", &got)); // an orderly end
        wire_close(&w[i]);
    }
    wire_close(&more);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_connection_asks_many_times),
        cmocka_unit_test(requests_may_be_sent_before_the_answer_comes),
        cmocka_unit_test(head_says_what_get_would_send),
        cmocka_unit_test(a_target_arrives_as_it_was_written),
        cmocka_unit_test(a_proxy_is_believed_when_it_is_trusted),
        cmocka_unit_test(every_answer_is_safe),
        cmocka_unit_test(bodies_arrive_whole),
        cmocka_unit_test(who_waits_to_be_told_to_go_on_is_told),
        cmocka_unit_test(too_large_is_refused_and_the_connection_goes_on_when_that_is_cheap),
        cmocka_unit_test(large_bodies_go_to_a_file),
        cmocka_unit_test(bodies_together_have_a_limit),
        cmocka_unit_test(answers_are_packed_for_who_understands),
        cmocka_unit_test(a_live_page_hears_and_goes_on_where_it_was),
        cmocka_unit_test(live_pages_have_a_limit_and_end_with_the_server),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
