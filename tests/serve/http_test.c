// The socket, in front of a server of our own that answers at once, later, slowly or with what it was sent. What the
// real one answers is the business of other tests.
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <zlib.h>
#include <zstd.h>

#include "wire.h"

#include "base/rng.h"
#include "serve/http.h"
#include "serve/live.h"

// ---- the server behind the socket ----

struct server {
    server_opts o;
    live *live;
    atomic_int handled, later;
    void (*more)(void *ctx, buf *b);
    void *more_ctx;
};

enum { BIG = 3 << 20 };
static const route ROUTES[] = {
    {.method = METHOD_GET, .path = "/small", .mode = MODE_READ},
    {.method = METHOD_GET, .path = "/slow", .mode = MODE_READ},
    {.method = METHOD_GET, .path = "/text", .mode = MODE_READ},
    {.method = METHOD_GET, .path = "/page", .mode = MODE_READ},
    {.method = METHOD_GET, .path = "/big", .mode = MODE_READ},
    {.method = METHOD_GET, .path = "/seen", .mode = MODE_READ},
    {.method = METHOD_GET, .path = "/live", .mode = MODE_READ},
    {.method = METHOD_POST, .path = "/echo", .mode = MODE_GIVE, .most_kb = 1024},
    {.method = METHOD_POST, .path = "/tiny", .mode = MODE_GIVE, .most_kb = 1},
    {.method = METHOD_POST, .path = "/later", .mode = MODE_WRITE},
    {.method = METHOD_POST, .path = "/open", .mode = MODE_GIVE, .flags = ROUTE_OPEN},
    {.method = METHOD_POST, .path = "/file", .mode = MODE_GIVE, .flags = ROUTE_SPOOL, .most_kb = 4096},
};

void server_find(server *sv, exchange *x) {
    (void)sv;
    x->route = NULL;
    for (size_t i = 0; i < COUNT(ROUTES); i++) {
        bool fits = ROUTES[i].method == x->q.method || (ROUTES[i].method == METHOD_GET && x->q.method == METHOD_HEAD);
        if (fits && str_eq(x->q.path, str_c(ROUTES[i].path))) x->route = &ROUTES[i];
    }
}

size_t server_most(const exchange *x) {
    return (size_t)(x->route->most_kb ? x->route->most_kb : 256) << 10;
}

static void say(exchange *x, int status, str body) {
    x->r = (response){.status = status, .body = body};
    response_header(&x->r, "Content-Type", S("text/plain"));
}

void server_refuse(server *sv, exchange *x, const err *e) {
    (void)sv;
    say(x, err_http(e->code), str_dup(&x->a, str_c(e->msg)));
    x->done(x);
}

bool server_admit(server *sv, exchange *x, err *e) {
    (void)sv;
    return !request_header(&x->q, "x-stranger").len || fail(e, ERR_denied, "strangers send no files");
}

static void *answer_later(void *ctx) {
    exchange *x = ctx;
    server *sv = x->c.sv;
    nanosleep(&(struct timespec){.tv_nsec = (x->q.length % 7) * 300000}, NULL);
    say(x, 200, str_fmt(&x->a, "later %d", (int)x->q.length));
    sv->later++;
    x->done(x);
    return NULL;
}

static str big_text(arena *a) {
    char *p = make(a, char, BIG);
    rng r = rng_seed(3);
    for (size_t i = 0; i < BIG; i++) p[i] = (char)('a' + rng_range(&r, 0, 25));
    return (str){p, BIG};
}

static str text_of(arena *a) {
    buf b = buf_new(a, 1 << 20);
    for (int i = 0; i < 2000; i++) buf_fmt(&b, "line %d of a text that repeats itself\n", i);
    return buf_str(&b);
}

static str file_text(exchange *x) {
    struct stat st = {0};
    str path = x->q.spool;
    bool there = path.len && !stat(path.s, &st);
    return str_fmt(&x->a, "%d bytes in a file, %d in memory", there ? (int)st.st_size : -1, (int)x->q.body.len);
}

static str seen_of(exchange *x) {
    return str_fmt(&x->a, "path=%.*s query=%.*s peer=%.*s secure=%d headers=%d", STR_ARG(x->q.path),
                   STR_ARG(x->q.query), STR_ARG(x->q.peer), x->q.secure, (int)x->q.n_headers);
}

void server_handle(server *sv, exchange *x) {
    const char *path = x->route ? x->route->path : "";
    pthread_t t;
    sv->handled++;
    x->c.sv = sv;
    if (!strcmp(path, "/later")) {
        pthread_attr_t apart;
        pthread_attr_init(&apart);
        pthread_attr_setdetachstate(&apart, PTHREAD_CREATE_DETACHED);
        if (pthread_create(&t, &apart, answer_later, x)) abort();
        pthread_attr_destroy(&apart);
        return;
    }
    say(x, x->route ? 200 : 404, x->route ? S("small") : S("nothing here"));
    if (!strcmp(path, "/slow")) nanosleep(&(struct timespec){.tv_nsec = 400000000}, NULL);
    if (!strcmp(path, "/echo") || !strcmp(path, "/open")) x->r.body = x->q.body;
    if (!strcmp(path, "/text")) x->r.body = text_of(&x->a);
    if (!strcmp(path, "/big")) x->r.body = big_text(&x->a);
    if (!strcmp(path, "/seen")) x->r.body = seen_of(x);
    if (!strcmp(path, "/file")) x->r.body = file_text(x);
    if (!strcmp(path, "/page")) {
        x->r.n_headers = 0;
        response_header(&x->r, "Content-Type", S("text/html"));
        response_header(&x->r, "X-Frame-Options", S("SAMEORIGIN"));
        x->r.body = text_of(&x->a);
    }
    if (!strcmp(path, "/live")) {
        x->r.n_headers = 0;
        response_header(&x->r, "Content-Type", S("text/event-stream"));
        x->r.live = true, x->r.body = S("retry: 3000\n\n");
        x->c.who.needs = N(measures_read);
    }
    x->done(x);
}

const server_opts *server_options(server *sv) {
    return &sv->o;
}
live *server_live(server *sv) {
    return sv->live;
}
void server_on_metrics(server *sv, void (*more)(void *ctx, buf *b), void *ctx) {
    sv->more = more, sv->more_ctx = ctx;
}

// ---- a socket in front of it ----

typedef struct {
    server sv;
    http *h;
    int port;
    char dir[64];
} rig;

static void rig_open_with(rig *r, http_opts o) {
    err e = {0};
    int fd;
    arena a = arena_open(4096);
    *r = (rig){.sv.live = live_open(1)};
    snprintf(r->dir, sizeof r->dir, "/tmp/heed-http.XXXXXX");
    assert_non_null(mkdtemp(r->dir));
    assert_ok(http_listen(S("127.0.0.1:0"), &fd, &e), e);
    str at = http_address(&a, fd);
    int64_t port = 0;
    assert_true(str_starts(at, S("http://127.0.0.1:")));
    assert_true(str_i64(str_sub(at, 17, at.len), &port));
    o.sv = &r->sv, o.listeners = &fd, o.n_listeners = 1, o.spool = r->dir;
    assert_ok(http_open(&r->h, &o, &e), e);
    r->port = (int)port;
    arena_close(&a);
}

static void rig_open(rig *r) {
    rig_open_with(r, (http_opts){.threads = 2});
}

static void rig_close(rig *r) {
    http_close(r->h);
    live_close(r->sv.live);
    assert_int_equal(rmdir(r->dir), 0); // no file of a body is left
}

#define GET(path) "GET " path " HTTP/1.1\r\nHost: heed\r\n\r\n"

static void assert_answer(answer a, int status, str body) {
    assert_true(a.whole);
    assert_int_equal(a.status, status);
    assert_str(a.body, body);
}

static void assert_works(const rig *r) {
    wire w = wire_open(r->port);
    assert_answer(wire_ask(&w, GET("/small")), 200, S("small"));
    wire_close(&w);
}

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
    assert_true(wire_closed(&w, 2000));
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
    const char *ask = "GET /seen HTTP/1.1\r\nHost: heed\r\nX-Forwarded-For: 6.6.6.6, 203.0.113.9\r\n"
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
        assert_str(answer_header(&a, "x-content-type-options"), S("nosniff"));
        assert_true(str_starts(answer_header(&a, "content-security-policy"), S("default-src 'none'")));
        assert_str(answer_header(&a, "cross-origin-resource-policy"), S("same-origin"));
        assert_true(answer_header(&a, "date").len > 20);
        bool own = str_has(str_c(asked[i]), S("/page")); // what the answer says itself stands
        assert_str(answer_header(&a, "x-frame-options"), own ? S("SAMEORIGIN") : S("DENY"));
    }
    wire_close(&w);
    rig_close(&r);
}

// ---- bodies ----

static str body_of(arena *a, size_t n, uint64_t seed) {
    char *p = make(a, char, n);
    rng r = rng_seed(seed);
    for (size_t i = 0; i < n; i++) p[i] = (char)rng_range(&r, 0, 255);
    return (str){p, n};
}

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
    while (http_look(r.h).body_bytes) nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
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
    assert_true(wire_closed(&w, 2000));
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
    assert_true(wire_closed(&w, 2000));
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
    while (http_look(r.h).body_bytes < 79999) nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
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
    rig_open_with(&r, (http_opts){.threads = 2, .beat_ms = 200, .stream_ms = 1500});
    wire w = wire_open(r.port);
    str got;
    wire_say(&w, GET("/live"));
    assert_true(wire_until(&w, "retry: 3000\n\n", &got, 2000));
    assert_true(str_has(got, S("text/event-stream")));
    assert_false(str_has(got, S("Content-Encoding")));
    live_tell(r.sv.live, S("fresh"), S("{\"a\":1}"));
    assert_true(wire_until(&w, "id: 1\nevent: fresh\ndata: {\"a\":1}\n\n", &got, 2000));
    assert_true(wire_until(&w, ":\n\n", &got, 2000)); // a sign of life
    assert_true(wire_until(&w, ":\n\n", &got, 2000));
    assert_int_equal(http_look(r.h).streams, 1);
    assert_true(wire_until(&w, "\r\n0\r\n\r\n", &got, 4000)); // it must ask again now and then
    wire_close(&w);
    while (http_look(r.h).streams) nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    for (int i = 0; i < 5; i++) live_tell(r.sv.live, S("fresh"), S("{}"));
    w = wire_open(r.port);
    wire_say(&w, "GET /live HTTP/1.1\r\nHost: heed\r\nLast-Event-ID: 2\r\n\r\n");
    assert_true(wire_until(&w, "id: 6\nevent: fresh\ndata: {}\n\n", &got, 2000));
    assert_true(str_has(got, S("id: 3\n")) && !str_has(got, S("id: 2\n")));
    wire_close(&w);
    rig_close(&r);
}

static void live_pages_have_a_limit_and_end_with_the_server(void **state) {
    (void)state;
    rig r;
    rig_open_with(&r, (http_opts){.threads = 2, .most_streams = 3});
    wire w[3], more = wire_open(r.port);
    str got;
    for (int i = 0; i < 3; i++) {
        w[i] = wire_open(r.port);
        wire_say(&w[i], GET("/live"));
        assert_true(wire_until(&w[i], "retry: 3000\n\n", &got, 2000));
    }
    assert_int_equal(wire_ask(&more, GET("/live")).status, 429);
    assert_answer(wire_ask(&more, GET("/small")), 200, S("small"));
    wire_close(&w[0]);
    int64_t began = wire_ms();
    rig_close(&r);
    assert_true(wire_ms() - began < 2000);
    for (int i = 1; i < 3; i++) {
        assert_true(wire_until(&w[i], "0\r\n\r\n", &got, 1000)); // an orderly end
        wire_close(&w[i]);
    }
    wire_close(&more);
}

// ---- those who are slow, and those who are many ----

static void closed_after(rig *r, const char *text, int least_ms, int most_ms) {
    wire w = wire_open(r->port);
    int64_t began = wire_ms();
    wire_say(&w, text);
    while (!w.ended && wire_ms() - began < most_ms) {
        wire_more(&w, 50);
        if (!w.ended && *text) wire_say(&w, "x"); // a byte now and then
    }
    int64_t took = wire_ms() - began;
    if (!w.ended || took < least_ms) fail_msg("%s: closed %d after %d ms", text, w.ended, (int)took);
    wire_close(&w);
}

static void the_slow_are_shut_out(void **state) {
    (void)state;
    rig r;
    rig_open_with(&r, (http_opts){.threads = 2, .head_ms = 400, .idle_ms = 900, .grace_ms = 400, .rate = 1000});
    closed_after(&r, "", 300, 1500);                                      // says nothing
    closed_after(&r, "GET /sm", 300, 1500);                               // half a line
    closed_after(&r, "GET /small HTTP/1.1\r\nHost: h\r\nX: ", 300, 1500); // half a head
    closed_after(&r, "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 99999\r\n\r\nhalf", 300, 1500);
    closed_after(&r, "POST /file HTTP/1.1\r\nHost: h\r\nContent-Length: 99999\r\n\r\nhalf", 300, 1500);
    closed_after(&r, "POST /nowhere HTTP/1.1\r\nHost: h\r\nContent-Length: 99999\r\n\r\nhalf", 300, 1500);
    assert_true(http_look(r.h).overdue >= 4);
    // Between requests more time is given, and no less after each.
    wire w = wire_open(r.port);
    for (int i = 0; i < 3; i++) {
        assert_answer(wire_ask(&w, GET("/small")), 200, S("small"));
        assert_false(wire_closed(&w, 600));
    }
    assert_true(wire_closed(&w, 1500));
    wire_close(&w);
    rig_close(&r);
}

// Who does not read its answer holds it no longer than its size allows.
static void who_does_not_read_is_shut_out(void **state) {
    (void)state;
    rig r;
    rig_open_with(&r, (http_opts){.threads = 2, .grace_ms = 300, .rate = 4 << 20});
    wire w = {.b = malloc(WIRE_MOST)};
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)r.port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int small = 4096;
    w.fd = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(w.fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    assert_int_equal(connect(w.fd, (struct sockaddr *)&to, sizeof to), 0);
    for (int i = 0; i < 4; i++) wire_say(&w, GET("/big"));
    int64_t began = wire_ms();
    while (!http_look(r.h).overdue && wire_ms() - began < 8000)
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    assert_true(http_look(r.h).overdue > 0);
    wire_close(&w);
    assert_works(&r);
    rig_close(&r);
}

static void the_longest_idle_make_room(void **state) {
    (void)state;
    rig r;
    rig_open_with(&r, (http_opts){.threads = 2, .most = 40});
    wire w[100];
    // A hundred come; the one that goes on working stays, whoever else is sent away.
    wire busy = wire_open(r.port);
    for (int i = 0; i < 100; i++) {
        assert_answer(wire_ask(&busy, GET("/small")), 200, S("small"));
        w[i] = wire_open(r.port);
        if (i % 2) wire_say(&w[i], "GET /sm");
    }
    assert_answer(wire_ask(&busy, GET("/small")), 200, S("small"));
    assert_works(&r);
    http_state s = http_look(r.h);
    assert_true(s.open <= 40);
    assert_true(s.dropped >= 50);
    assert_true(wire_closed(&w[0], 1000));
    for (int i = 0; i < 100; i++) wire_close(&w[i]);
    wire_close(&busy);
    rig_close(&r);
}

static void one_address_gets_its_share(void **state) {
    (void)state;
    rig r;
    rig_open_with(&r, (http_opts){.threads = 2, .most_of_one = 3});
    wire w[5];
    int served = 0;
    for (int i = 0; i < 5; i++) {
        w[i] = wire_open(r.port);
        wire_say(&w[i], GET("/small"));
        served += wire_answer(&w[i]).status == 200;
    }
    assert_int_equal(served, 3);
    for (int i = 0; i < 5; i++) wire_close(&w[i]);
    rig_close(&r);
}

static void floods_of_headers_are_refused(void **state) {
    (void)state;
    rig r;
    rig_open(&r);
    arena a = arena_open(16 << 20);
    buf b = buf_new(&a, 8 << 20);
    buf_add(&b, S("GET /small HTTP/1.1\r\nHost: h\r\n"));
    for (int i = 0; i < 20000; i++) buf_fmt(&b, "X-%d: y\r\n", i);
    buf_add(&b, S("\r\n"));
    wire w = wire_open(r.port);
    wire_put(&w, buf_str(&b));
    assert_int_equal(wire_answer(&w).status, 431);
    wire_close(&w);
    // What real clients send passes: cookies of some kilobytes, a hundred headers.
    b = buf_new(&a, 1 << 20);
    buf_add(&b, S("GET /small HTTP/1.1\r\nHost: h\r\nCookie: "));
    for (int i = 0; i < 5000; i++) buf_addc(&b, 'c');
    for (int i = 0; i < 50; i++) buf_fmt(&b, "\r\nX-%d: %040d", i, i);
    buf_add(&b, S("\r\n\r\n"));
    w = wire_open(r.port);
    wire_put(&w, buf_str(&b));
    assert_int_equal(wire_answer(&w).status, 200);
    wire_close(&w);
    arena_close(&a);
    rig_close(&r);
}

static void what_could_be_read_in_two_ways_is_refused(void **state) {
    (void)state;
    static const char *const asked[] = {
        "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: +5\r\n\r\nhello",
        "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\nhello",
        "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999999\r\n\r\nhello",
        "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "GET /small HTTP/1.1\r\n\r\n",
        "GET /small HTTP/9.9\r\nHost: h\r\n\r\n",
        "GET\r\n\r\n",
        "\x16\x03\x01\x02\x01\x01\xfc\x03\x03 TLS where none is spoken\r\n\r\n",
    };
    rig r;
    rig_open(&r);
    for (size_t i = 0; i < COUNT(asked); i++) {
        wire w = wire_open(r.port);
        wire_say(&w, asked[i]);
        answer a = wire_answer(&w);
        if (a.status && (a.status < 400 || a.status > 505)) fail_msg("%s: answered %d", asked[i], a.status);
        if (!wire_closed(&w, 2000)) fail_msg("%s: goes on", asked[i]);
        wire_close(&w);
    }
    assert_int_equal(r.sv.handled, 0);
    rig_close(&r);
}

// ---- many at once ----

typedef struct {
    int port, asked, whole, refused, cut;
    uint64_t seed;
    atomic_bool *stop;
} client;

static void *ask_on_and_on(void *ctx) {
    client *c = ctx;
    rng g = rng_seed(c->seed);
    arena a = arena_open(16 << 20);
    wire w;
    bool open = false;
    while (!*c->stop || open) {
        if (!open && !(open = wire_try(&w, c->port))) break;
        arena_reset(&a);
        size_t n = (size_t)rng_range(&g, 0, 3000);
        bool later = rng_chance(&g, 0.5);
        str body = body_of(&a, n, (uint64_t)rng_range(&g, 0, 1 << 30));
        c->asked++;
        bool sent = wire_put(&w, str_fmt(&a, "POST %s HTTP/1.1\r\nHost: h\r\nContent-Length: %zu\r\n\r\n",
                                         later ? "/later" : "/echo", n)) &&
                    wire_put(&w, body);
        answer x = sent ? wire_answer(&w) : (answer){0};
        if (x.whole) {
            c->whole++;
            if (later ? !str_eq(x.body, str_fmt(&a, "later %zu", n)) : !str_eq(x.body, body)) abort();
        } else if (!x.head.len)
            c->refused++; // the connection was idle when the server stopped
        else
            c->cut++;
        if (!x.whole || str_eq_ci(answer_header(&x, "connection"), S("close"))) {
            wire_close(&w);
            open = false;
        }
    }
    arena_close(&a);
    return NULL;
}

static void a_stop_under_load_cuts_no_answer(void **state) {
    (void)state;
    rig r;
    rig_open(&r);
    enum { CLIENTS = 8 };
    client c[CLIENTS] = {{0}};
    pthread_t t[CLIENTS];
    atomic_bool stop = false;
    for (int i = 0; i < CLIENTS; i++) {
        c[i] = (client){.port = r.port, .seed = (uint64_t)i, .stop = &stop};
        pthread_create(&t[i], NULL, ask_on_and_on, &c[i]);
    }
    nanosleep(&(struct timespec){.tv_nsec = 500000000}, NULL);
    stop = true;
    http_close(r.h);
    int asked = 0, whole = 0;
    for (int i = 0; i < CLIENTS; i++) {
        pthread_join(t[i], NULL);
        assert_int_equal(c[i].cut, 0);
        assert_true(c[i].refused <= 1);
        asked += c[i].asked, whole += c[i].whole;
    }
    // Whatever was answered was handled once, and whatever was handled was answered, but for who had gone.
    assert_true(whole > 100 && asked - whole <= CLIENTS);
    assert_true(r.sv.handled >= whole && r.sv.handled <= asked);
    wire w;
    assert_false(wire_try(&w, r.port));
    live_close(r.sv.live);
    rmdir(r.dir);
}

static void *ask_slow(void *ctx) {
    wire w = wire_open(((rig *)ctx)->port);
    assert_answer(wire_ask(&w, GET("/slow")), 200, S("small"));
    wire_close(&w);
    return NULL;
}

static void a_slow_report_holds_up_nobody(void **state) {
    (void)state;
    rig r;
    rig_open_with(&r, (http_opts){.threads = 2, .runners = 2});
    pthread_t t[6];
    for (int i = 0; i < 6; i++) pthread_create(&t[i], NULL, ask_slow, &r);
    nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
    wire w = wire_open(r.port);
    int64_t began = wire_ms();
    for (int i = 0; i < 20; i++) {
        wire_say(&w, "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi");
        assert_answer(wire_answer(&w), 200, S("hi"));
    }
    assert_true(wire_ms() - began < 300);
    wire_close(&w);
    for (int i = 0; i < 6; i++) pthread_join(t[i], NULL);
    rig_close(&r);
}

static void a_stop_waits_for_what_is_under_way_and_not_for_the_slow(void **state) {
    (void)state;
    rig r;
    rig_open_with(&r, (http_opts){.threads = 2, .stop_ms = 600});
    wire slow = wire_open(r.port), half = wire_open(r.port), idle = wire_open(r.port);
    wire_say(&slow, GET("/slow"));
    wire_say(&half, "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 50\r\n\r\nhalf");
    assert_answer(wire_ask(&idle, GET("/small")), 200, S("small"));
    while (http_look(r.h).idle != 1 || r.sv.handled < 2) nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    int64_t began = wire_ms();
    rig_close(&r);
    assert_in_range(wire_ms() - began, 500, 3000);
    answer a = wire_answer(&slow);
    assert_answer(a, 200, S("small"));
    assert_str(answer_header(&a, "connection"), S("close"));
    assert_true(wire_closed(&half, 1000));
    assert_true(wire_closed(&idle, 1000));
    wire_close(&slow);
    wire_close(&half);
    wire_close(&idle);
}

// ---- addresses and systemd ----

static void addresses_are_read_or_refused_with_the_remedy(void **state) {
    (void)state;
    static const char *const bad[] = {"",         "8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x",  "127.0.0.1:65536",
                                      "::1:80",   "[::1", "[::1]80",   "[]:80",      "127.0.0.1:-1", "no host here:80",
                                      "[::1]x:80"};
    for (size_t i = 0; i < COUNT(bad); i++) {
        err e = {0};
        int fd = -1;
        if (http_listen(str_c(bad[i]), &fd, &e)) fail_msg("'%s' is taken", bad[i]);
        assert_int_equal(e.code, ERR_usage);
        assert_int_equal(fd, -1);
    }
    arena a = arena_open(4096);
    err e = {0};
    int one, two;
    assert_ok(http_listen(S(":0"), &one, &e), e);
    assert_true(str_starts(http_address(&a, one), S("http://localhost:")));
    close(one);
    if (http_listen(S("[::1]:0"), &two, &e)) {
        assert_true(str_starts(http_address(&a, two), S("http://[::1]:")));
        close(two);
    }
    err taken = {0};
    assert_true(http_listen(S("127.0.0.1:0"), &one, &(err){0}));
    str at = str_sub(http_address(&a, one), 7, 100);
    assert_false(http_listen(at, &two, &taken));
    assert_int_equal(taken.code, ERR_conflict);
    close(one);
    arena_close(&a);
}

static void two_addresses_are_one_server(void **state) {
    (void)state;
    rig r = {.sv.live = live_open(1)};
    err e = {0};
    int fds[2], port[2];
    for (int i = 0; i < 2; i++) {
        struct sockaddr_in at;
        socklen_t len = sizeof at;
        assert_ok(http_listen(S("127.0.0.1:0"), &fds[i], &e), e);
        getsockname(fds[i], (struct sockaddr *)&at, &len);
        port[i] = ntohs(at.sin_port);
    }
    assert_ok(http_open(&r.h, &(http_opts){.sv = &r.sv, .listeners = fds, .n_listeners = 2}, &e), e);
    for (int i = 0; i < 2; i++) {
        r.port = port[i];
        assert_works(&r);
    }
    http_close(r.h);
    live_close(r.sv.live);
}

// In a process of its own, because it concerns the numbers of its files and its surroundings.
static void sockets_of_systemd_are_taken_over(void **state) {
    (void)state;
    err e = {0};
    int fd;
    assert_ok(http_listen(S("127.0.0.1:0"), &fd, &e), e);
    pid_t child = fork();
    if (!child) {
        int fds[4], again[4];
        char pid[20];
        snprintf(pid, sizeof pid, "%d", (int)getpid());
        dup2(fd, 3);
        setenv("LISTEN_PID", pid, 1), setenv("LISTEN_FDS", "1", 1);
        bool ok =
            http_inherited(fds, 4) == 1 && fds[0] == 3 && fcntl(3, F_GETFD) == FD_CLOEXEC && !getenv("LISTEN_FDS");
        ok &= http_inherited(again, 4) == 0;
        setenv("LISTEN_PID", "1", 1), setenv("LISTEN_FDS", "1", 1); // another's
        ok &= http_inherited(again, 4) == 0;
        _exit(ok ? 0 : 1);
    }
    int status = -1;
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
    close(fd);
}

static void systemd_is_told(void **state) {
    (void)state;
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    char got[32] = "";
    int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    snprintf(at.sun_path, sizeof at.sun_path, "/tmp/heed-notify.%d", (int)getpid());
    unlink(at.sun_path);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
    http_tell_manager("READY=1"); // nobody to tell
    setenv("NOTIFY_SOCKET", at.sun_path, 1);
    http_tell_manager("READY=1");
    unsetenv("NOTIFY_SOCKET");
    assert_int_equal(recv(fd, got, sizeof got - 1, MSG_DONTWAIT), 7);
    assert_string_equal(got, "READY=1");
    close(fd);
    unlink(at.sun_path);
}

static void figures_are_told(void **state) {
    (void)state;
    rig r;
    rig_open(&r);
    assert_works(&r);
    arena a = arena_open(1 << 16);
    buf b = buf_new(&a, 1 << 14);
    r.sv.more(r.sv.more_ctx, &b);
    assert_true(str_has(buf_str(&b), S("\nheed_http_accepted_total 1\n")));
    arena_close(&a);
    rig_close(&r);
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
        cmocka_unit_test(the_slow_are_shut_out),
        cmocka_unit_test(who_does_not_read_is_shut_out),
        cmocka_unit_test(the_longest_idle_make_room),
        cmocka_unit_test(one_address_gets_its_share),
        cmocka_unit_test(floods_of_headers_are_refused),
        cmocka_unit_test(what_could_be_read_in_two_ways_is_refused),
        cmocka_unit_test(a_stop_under_load_cuts_no_answer),
        cmocka_unit_test(a_slow_report_holds_up_nobody),
        cmocka_unit_test(a_stop_waits_for_what_is_under_way_and_not_for_the_slow),
        cmocka_unit_test(addresses_are_read_or_refused_with_the_remedy),
        cmocka_unit_test(two_addresses_are_one_server),
        cmocka_unit_test(sockets_of_systemd_are_taken_over),
        cmocka_unit_test(systemd_is_told),
        cmocka_unit_test(figures_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
