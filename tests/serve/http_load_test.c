// The socket and those who are slow, many or hostile; how it stops, and how it begins.
#include <fcntl.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "socket.h"

// ---- those who are slow, and those who are many ----

static void closed_after(rig *r, const char *text, int least_ms) {
    wire w = wire_open(r->port);
    int64_t began = wire_ms();
    wire_say(&w, text);
    while (!w.ended && wire_ms() - began < WIRE_WAIT_MS) {
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
    rig_open_with(&r, (http_opts){.threads = 2, .head_ms = 400, .idle_ms = 3000, .grace_ms = 400, .rate = 1000});
    closed_after(&r, "", 300);                                      // says nothing
    closed_after(&r, "GET /sm", 300);                               // half a line
    closed_after(&r, "GET /small HTTP/1.1\r\nHost: h\r\nX: ", 300); // half a head
    closed_after(&r, "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 99999\r\n\r\nhalf", 300);
    closed_after(&r, "POST /file HTTP/1.1\r\nHost: h\r\nContent-Length: 99999\r\n\r\nhalf", 300);
    closed_after(&r, "POST /nowhere HTTP/1.1\r\nHost: h\r\nContent-Length: 99999\r\n\r\nhalf", 300);
    assert_true(http_look(r.h).overdue >= 4);
    // Between requests more time is given, and no less after each.
    wire w = wire_open(r.port);
    for (int i = 0; i < 3; i++) {
        assert_answer(wire_ask(&w, GET("/small")), 200, S("small"));
        assert_false(wire_closed_within(&w, 600));
    }
    assert_true(wire_closed(&w));
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
    await(http_look(r.h).overdue > 0);
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
        await(http_look(r.h).accepted == i + 2); // or many would come at one time
        if (i % 2) wire_say(&w[i], "GET /sm");
    }
    assert_answer(wire_ask(&busy, GET("/small")), 200, S("small"));
    assert_works(&r);
    http_state s = http_look(r.h);
    assert_true(s.open <= 40);
    assert_true(s.dropped >= 50);
    assert_true(wire_closed(&w[0]));
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
        if (!wire_closed(&w)) fail_msg("%s: goes on", asked[i]);
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
    await(r.sv.handled > 300);
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
    r.sv.hold = true;
    for (int i = 0; i < 6; i++) pthread_create(&t[i], NULL, ask_slow, &r);
    await(r.sv.handled == 2); // as many as there are runners for
    wire w = wire_open(r.port);
    for (int i = 0; i < 20; i++) {
        wire_say(&w, "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi");
        assert_answer(wire_answer(&w), 200, S("hi"));
    }
    assert_int_equal(r.sv.handled, 22);
    r.sv.hold = false;
    wire_close(&w);
    for (int i = 0; i < 6; i++) pthread_join(t[i], NULL);
    rig_close(&r);
}

static void *let_go(void *ctx) {
    usleep(900000); // longer than the slow are given
    ((rig *)ctx)->sv.hold = false;
    return NULL;
}

static void a_stop_waits_for_what_is_under_way_and_not_for_the_slow(void **state) {
    (void)state;
    rig r;
    rig_open_with(&r, (http_opts){.threads = 2, .stop_ms = 600});
    pthread_t t;
    r.sv.hold = true;
    wire slow = wire_open(r.port), half = wire_open(r.port), idle = wire_open(r.port);
    wire_say(&slow, GET("/slow"));
    wire_say(&half, "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 50\r\n\r\nhalf");
    assert_answer(wire_ask(&idle, GET("/small")), 200, S("small"));
    await(http_look(r.h).open == 3 && http_look(r.h).idle == 1 && r.sv.handled == 2);
    pthread_create(&t, NULL, let_go, &r);
    rig_close(&r);
    pthread_join(t, NULL);
    answer a = wire_answer(&slow);
    assert_answer(a, 200, S("small"));
    assert_str(answer_header(&a, "connection"), S("close"));
    assert_true(wire_closed(&half));
    assert_true(wire_closed(&idle));
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
