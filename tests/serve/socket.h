// socket: http.h in front of a server of the test's own, which answers at once, later, slowly or with what it was sent.
// What the real one answers is the business of other tests.
#ifndef HEED_TEST_SOCKET_H
#define HEED_TEST_SOCKET_H

#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>

#include "wire.h"

#include "base/rng.h"
#include "serve/http.h"
#include "serve/live.h"

// ---- the server behind the socket ----

struct server {
    server_opts o;
    live *live;
    atomic_int handled, later;
    atomic_bool hold; // /slow answers when it is taken away
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

static inline void say(exchange *x, int status, str body) {
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

static inline void *answer_later(void *ctx) {
    exchange *x = ctx;
    server *sv = x->c.sv;
    nanosleep(&(struct timespec){.tv_nsec = (x->q.length % 7) * 300000}, NULL);
    say(x, 200, str_fmt(&x->a, "later %d", (int)x->q.length));
    sv->later++;
    x->done(x);
    return NULL;
}

static inline str big_text(arena *a) {
    char *p = make(a, char, BIG);
    rng r = rng_seed(3);
    for (size_t i = 0; i < BIG; i++) p[i] = (char)('a' + rng_range(&r, 0, 25));
    return (str){p, BIG};
}

static inline str text_of(arena *a) {
    buf b = buf_new(a, 1 << 20);
    for (int i = 0; i < 2000; i++) buf_fmt(&b, "line %d of a text that repeats itself\n", i);
    return buf_str(&b);
}

static inline str file_text(exchange *x) {
    struct stat st = {0};
    str path = x->q.spool;
    bool there = path.len && !stat(path.s, &st);
    return str_fmt(&x->a, "%d bytes in a file, %d in memory", there ? (int)st.st_size : -1, (int)x->q.body.len);
}

static inline str seen_of(exchange *x) {
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
    while (!strcmp(path, "/slow") && sv->hold) usleep(1000);
    if (!strcmp(path, "/echo") || !strcmp(path, "/open")) x->r.body = x->q.body;
    if (!strcmp(path, "/text")) x->r.body = text_of(&x->a);
    if (!strcmp(path, "/big")) x->r.body = big_text(&x->a);
    if (!strcmp(path, "/seen")) x->r.body = seen_of(x);
    if (!strcmp(path, "/file")) x->r.body = file_text(x);
    if (!strcmp(path, "/page")) {
        x->r.n_headers = 0;
        response_header(&x->r, "Content-Type", S("text/html"));
        response_header(&x->r, "Content-Security-Policy", S("default-src 'self'"));
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

static inline void rig_open_with(rig *r, http_opts o) {
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

static inline void rig_open(rig *r) {
    rig_open_with(r, (http_opts){.threads = 2});
}

static inline void rig_close(rig *r) {
    http_close(r->h);
    live_close(r->sv.live);
    assert_int_equal(rmdir(r->dir), 0); // no file of a body is left
}

#define GET(path) "GET " path " HTTP/1.1\r\nHost: heed\r\n\r\n"

static inline void assert_answer(answer a, int status, str body) {
    assert_true(a.whole);
    assert_int_equal(a.status, status);
    assert_str(a.body, body);
}

static inline void assert_works(const rig *r) {
    wire w = wire_open(r->port);
    assert_answer(wire_ask(&w, GET("/small")), 200, S("small"));
    wire_close(&w);
}

static inline str body_of(arena *a, size_t n, uint64_t seed) {
    char *p = make(a, char, n);
    rng r = rng_seed(seed);
    for (size_t i = 0; i < n; i++) p[i] = (char)rng_range(&r, 0, 255);
    return (str){p, n};
}

#endif
