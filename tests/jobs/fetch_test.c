// The guard against the blocks of the IANA registries, and the door against a server that behaves badly on purpose.
// clang-format off
#include "test.h"
// clang-format on

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "jobs/fetch.h"

// A server of one connection, which sends what it was told to, whatever is asked.
typedef struct {
    int fd, port;
    const char *says;
    int slow_ms;
    pthread_t thread;
    char heard[4096];
} puppet;

static void *puppet_run(void *ctx) {
    puppet *p = ctx;
    int c = accept(p->fd, NULL, NULL);
    if (c < 0) return NULL;
    ssize_t n = recv(c, p->heard, sizeof p->heard - 1, 0);
    p->heard[n > 0 ? n : 0] = 0;
    for (const char *x = p->says; *x && p->slow_ms; x++) {
        if (send(c, x, 1, MSG_NOSIGNAL) < 1) break;
        usleep((useconds_t)p->slow_ms * 1000);
    }
    if (!p->slow_ms) (void)!send(c, p->says, strlen(p->says), MSG_NOSIGNAL);
    shutdown(c, SHUT_WR);
    while (recv(c, p->heard + sizeof p->heard - 1, 0, 0) > 0) continue;
    close(c);
    return NULL;
}

static void puppet_start(puppet *p, const char *says, int slow_ms) {
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    *p = (puppet){.fd = socket(AF_INET, SOCK_STREAM, 0), .says = says, .slow_ms = slow_ms};
    assert_int_equal(bind(p->fd, (struct sockaddr *)&at, len), 0);
    assert_int_equal(listen(p->fd, 4), 0);
    getsockname(p->fd, (struct sockaddr *)&at, &len);
    p->port = ntohs(at.sin_port);
    pthread_create(&p->thread, NULL, puppet_run, p);
}

static void puppet_end(puppet *p) {
    shutdown(p->fd, SHUT_RDWR);
    pthread_join(p->thread, NULL);
    close(p->fd);
}

static str address(arena *a, const puppet *p, const char *path) {
    return str_fmt(a, "http://127.0.0.1:%d%s", p->port, path);
}

static bool public(const char *text) {
    struct sockaddr_in four = {.sin_family = AF_INET};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6};
    if (inet_pton(AF_INET, text, &four.sin_addr) == 1) return address_public((struct sockaddr *)&four);
    assert_int_equal(inet_pton(AF_INET6, text, &six.sin6_addr), 1);
    return address_public((struct sockaddr *)&six);
}

// First and last address of every block that the registries "IPv4 Special-Purpose Address Space" and "IPv6
// Special-Purpose Address Space" mark as not globally reachable, of multicast, and the neighbours that are.
static void blocks_that_are_not_routed_are_refused(void **state) {
    static const char *const closed[] = {"0.0.0.0",
                                         "0.255.255.255",
                                         "10.0.0.0",
                                         "10.255.255.255",
                                         "100.64.0.0",
                                         "100.127.255.255",
                                         "127.0.0.1",
                                         "127.255.255.255",
                                         "169.254.0.0",
                                         "169.254.169.254",
                                         "169.254.255.255",
                                         "172.16.0.0",
                                         "172.31.255.255",
                                         "192.0.0.0",
                                         "192.0.0.255",
                                         "192.0.2.1",
                                         "192.88.99.1",
                                         "192.168.0.0",
                                         "192.168.255.255",
                                         "198.18.0.0",
                                         "198.19.255.255",
                                         "198.51.100.7",
                                         "203.0.113.9",
                                         "224.0.0.1",
                                         "239.255.255.255",
                                         "240.0.0.1",
                                         "255.255.255.255",
                                         "100.100.100.200",
                                         "168.63.129.16",
                                         "::",
                                         "::1",
                                         "::ffff:127.0.0.1",
                                         "::ffff:10.1.2.3",
                                         "::ffff:169.254.169.254",
                                         "::127.0.0.1",
                                         "64:ff9b::7f00:1",
                                         "64:ff9b::a00:1",
                                         "64:ff9b:1::1",
                                         "100::1",
                                         "2001::1",
                                         "2001:0:53aa:64c:1c82:2d21:80ff:ff01",
                                         "2001:1ff:ffff::1",
                                         "2001:db8::1",
                                         "2001:db8:ffff::1",
                                         "2002:7f00:1::1",
                                         "3fff::1",
                                         "3fff:fff::1",
                                         "5f00::1",
                                         "fc00::1",
                                         "fd00:ec2::254",
                                         "fdff::1",
                                         "fe80::1",
                                         "febf::1",
                                         "fec0::1",
                                         "ff02::1"};
    static const char *const open[] = {
        "1.0.0.0",         "9.255.255.255",  "11.0.0.0",         "100.63.255.255",       "100.128.0.0",
        "126.255.255.255", "128.0.0.0",      "169.253.255.255",  "169.255.0.0",          "172.15.255.255",
        "172.32.0.0",      "192.0.1.0",      "192.167.255.255",  "192.169.0.0",          "198.17.255.255",
        "198.20.0.0",      "8.8.8.8",        "223.255.255.255",  "2001:4860:4860::8888", "2606:4700::1111",
        "2a00:1450::1",    "::ffff:8.8.8.8", "64:ff9b::808:808", "2001:200::1"};
    (void)state;
    for (size_t i = 0; i < COUNT(closed); i++)
        if (public(closed[i])) fail_msg("%s is let through", closed[i]);
    for (size_t i = 0; i < COUNT(open); i++)
        if (!public(open[i])) fail_msg("%s is refused", open[i]);
}

static void an_address_is_checked_before_it_is_kept(void **state) {
    static const struct {
        const char *url;
        enum err_code code;
    } cases[] = {{"https://example.org/hook", ERR_none},
                 {"https://example.org:8443/hook?a=b", ERR_none},
                 {"https://[2606:4700::1111]/x", ERR_none},
                 {"http://example.org/hook", ERR_invalid},
                 {"ftp://example.org/hook", ERR_invalid},
                 {"file:///etc/passwd", ERR_invalid},
                 {"gopher://example.org/", ERR_invalid},
                 {"javascript:alert(1)", ERR_invalid},
                 {"", ERR_invalid},
                 {"example.org/hook", ERR_invalid},
                 {"https://", ERR_invalid},
                 {"https://me:secret@example.org/", ERR_invalid},
                 {"https://example.org@127.0.0.1/", ERR_invalid},
                 {"https://exa mple.org/", ERR_invalid},
                 {"https://example.org/\r\nX: 1", ERR_invalid},
                 {"https://127.0.0.1/", ERR_denied},
                 {"https://127.1/", ERR_denied},
                 {"https://0x7f000001/", ERR_denied},
                 {"https://2130706433/", ERR_denied},
                 {"https://017700000001/", ERR_denied},
                 {"https://[::1]/", ERR_denied},
                 {"https://[::ffff:10.0.0.1]/", ERR_denied},
                 {"https://169.254.169.254/latest/meta-data", ERR_denied}};
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        err e = {0};
        bool ok = fetch_check(str_c(cases[i].url), false, &e);
        if (e.code != cases[i].code || ok != (cases[i].code == ERR_none))
            fail_msg("%s: %s %s", cases[i].url, err_name(e.code), e.msg);
    }
}

// A name that was checked may be looked up again with another answer: what is connected to counts.
static void a_name_that_leads_inside_is_refused_as_it_connects(void **state) {
    arena a = arena_open(1 << 20);
    puppet p;
    err e = {0};
    fetch_reply out;
    (void)state;
    puppet_start(&p, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret", 0);
    const char *pin = str_z(&a, str_fmt(&a, "rebind.example.org:%d:127.0.0.1", p.port));
    str url = str_fmt(&a, "https://rebind.example.org:%d/", p.port);
    assert_ok(fetch_check(url, false, &e), e);
    assert_false(fetch(&a, &(fetch_ask){.url = url, .pin = pin}, &out, &e));
    assert_int_equal(e.code, ERR_denied);
    assert_int_equal(out.status, 0);
    pin = str_z(&a, str_fmt(&a, "rebind.example.org:%d:[::ffff:127.0.0.1]", p.port));
    err_clear(&e);
    assert_false(fetch(&a, &(fetch_ask){.url = url, .pin = pin}, &out, &e));
    assert_int_equal(e.code, ERR_denied);
    assert_int_equal(p.heard[0], 0);
    puppet_end(&p);
    arena_close(&a);
}

static void a_reply_comes_with_its_status_headers_and_bytes(void **state) {
    arena a = arena_open(1 << 20);
    puppet p;
    err e = {0};
    fetch_reply out;
    (void)state;
    puppet_start(&p, "HTTP/1.1 429 Slow\r\nRetry-After: 17\r\nX-Two: a\r\nX-Two: b\r\nContent-Length: 2\r\n\r\nno", 0);
    const fetch_header h[] = {{S("webhook-id"), S("m1")}};
    fetch_ask ask = {.method = "POST",
                     .url = address(&a, &p, "/hook?a=1"),
                     .headers = h,
                     .n_headers = 1,
                     .body = S("{\"a\":1}"),
                     .allow_private = true};
    assert_ok(fetch(&a, &ask, &out, &e), e);
    assert_int_equal(out.status, 429);
    assert_str(out.body, S("no"));
    assert_str(fetch_header_of(&out, "retry-after"), S("17"));
    assert_str(fetch_header_of(&out, "x-two"), S("b"));
    assert_non_null(strstr(p.heard, "POST /hook?a=1 HTTP/1.1\r\n"));
    assert_non_null(strstr(p.heard, "webhook-id: m1\r\n"));
    assert_non_null(strstr(p.heard, "\r\n\r\n{\"a\":1}"));
    assert_null(strstr(p.heard, "Expect:"));
    puppet_end(&p);
    arena_close(&a);
}

static void a_redirect_is_an_answer_and_is_not_followed(void **state) {
    arena a = arena_open(1 << 20);
    puppet p;
    err e = {0};
    fetch_reply out;
    (void)state;
    puppet_start(&p, "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", 0);
    assert_ok(fetch(&a, &(fetch_ask){.url = address(&a, &p, "/"), .allow_private = true}, &out, &e), e);
    assert_int_equal(out.status, 302);
    puppet_end(&p);
    arena_close(&a);
}

static void the_environment_names_no_proxy(void **state) {
    arena a = arena_open(1 << 20);
    puppet p;
    err e = {0};
    fetch_reply out;
    (void)state;
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
    puppet_start(&p, "HTTP/1.1 204 No\r\n\r\n", 0);
    assert_ok(fetch(&a, &(fetch_ask){.url = address(&a, &p, "/"), .allow_private = true}, &out, &e), e);
    assert_int_equal(out.status, 204);
    unsetenv("http_proxy");
    unsetenv("ALL_PROXY");
    puppet_end(&p);
    arena_close(&a);
}

static void time_and_size_have_their_limits(void **state) {
    arena a = arena_open(1 << 20);
    puppet p;
    err e = {0};
    fetch_reply out;
    (void)state;
    puppet_start(&p, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789", 0);
    assert_false(fetch(&a, &(fetch_ask){.url = address(&a, &p, "/"), .allow_private = true, .most = 4}, &out, &e));
    assert_int_equal(e.code, ERR_too_large);
    puppet_end(&p);

    err_clear(&e);
    puppet_start(&p, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789", 0);
    fetch_ask cut = {.url = address(&a, &p, "/"), .allow_private = true, .most = 4, .cut = true};
    assert_ok(fetch(&a, &cut, &out, &e), e);
    assert_str(out.body, S("0123"));
    assert_true(out.cut);
    puppet_end(&p);

    puppet_start(&p, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n0123456789", 50);
    fetch_ask slow = {.url = address(&a, &p, "/"), .allow_private = true, .timeout_ms = 300};
    assert_false(fetch(&a, &slow, &out, &e));
    assert_int_equal(e.code, ERR_unavailable);
    puppet_end(&p);
    arena_close(&a);
}

static void what_cannot_be_a_header_is_not_sent(void **state) {
    arena a = arena_open(1 << 20);
    err e = {0};
    fetch_reply out;
    (void)state;
    const fetch_header h[] = {{S("authorization"), S("Bearer x\r\nhost: evil")}};
    assert_false(fetch(&a, &(fetch_ask){.url = S("https://example.org/"), .headers = h, .n_headers = 1}, &out, &e));
    assert_int_equal(e.code, ERR_invalid);
    arena_close(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_that_are_not_routed_are_refused),
        cmocka_unit_test(an_address_is_checked_before_it_is_kept),
        cmocka_unit_test(a_name_that_leads_inside_is_refused_as_it_connects),
        cmocka_unit_test(a_reply_comes_with_its_status_headers_and_bytes),
        cmocka_unit_test(a_redirect_is_an_answer_and_is_not_followed),
        cmocka_unit_test(the_environment_names_no_proxy),
        cmocka_unit_test(time_and_size_have_their_limits),
        cmocka_unit_test(what_cannot_be_a_header_is_not_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
