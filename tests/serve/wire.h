// wire: a client that writes and reads bytes, so that tests can send what no library would.
#ifndef HEED_TEST_WIRE_H
#define HEED_TEST_WIRE_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "test.h"

enum { WIRE_MOST = 4 << 20, WIRE_WAIT_MS = 60000 };

typedef struct {
    int fd;
    char *b; // what was read
    size_t n, at;
    bool ended; // the other side closed
} wire;

// One answer; its texts live in the wire until the next one.
typedef struct {
    int status;
    str head, body;
    bool whole;
} answer;

static inline int64_t wire_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static inline bool wire_try(wire *w, int port) {
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int one = 1;
    *w = (wire){.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    if (w->fd < 0 || connect(w->fd, (struct sockaddr *)&to, sizeof to)) {
        if (w->fd >= 0) close(w->fd);
        return false;
    }
    setsockopt(w->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    w->b = malloc(WIRE_MOST);
    return true;
}

static inline wire wire_open(int port) {
    wire w;
    if (!wire_try(&w, port)) fail_msg("no connection to port %d: %s", port, strerror(errno));
    return w;
}

static inline void wire_close(wire *w) {
    close(w->fd);
    free(w->b);
    *w = (wire){.fd = -1};
}

static inline bool wire_put(wire *w, str x) {
    while (x.len) {
        ssize_t n = send(w->fd, x.s, x.len, MSG_NOSIGNAL);
        if (n <= 0) return false;
        x = str_sub(x, (size_t)n, x.len);
    }
    return true;
}

static inline bool wire_say(wire *w, const char *text) {
    return wire_put(w, str_c(text));
}

// Reads more within so many milliseconds; false at the end, or when nothing came.
static inline bool wire_more(wire *w, int wait_ms) {
    struct pollfd p = {.fd = w->fd, .events = POLLIN};
    if (w->ended || w->n == WIRE_MOST || poll(&p, 1, wait_ms) <= 0) return false;
    ssize_t n = recv(w->fd, w->b + w->n, WIRE_MOST - w->n, 0);
    if (n <= 0) w->ended = true;
    if (n > 0) w->n += (size_t)n;
    return n > 0;
}

static inline str wire_left(const wire *w) {
    return (str){w->b + w->at, w->n - w->at};
}

static inline ptrdiff_t wire_find(str x, const char *what) {
    char *p = x.len ? memmem(x.s, x.len, what, strlen(what)) : NULL;
    return p ? p - x.s : -1;
}

// Reads until the text is there; what stands before it and it are taken.
static inline bool wire_until(wire *w, const char *what, str *taken) {
    int64_t until = wire_ms() + WIRE_WAIT_MS;
    ptrdiff_t at;
    while ((at = wire_find(wire_left(w), what)) < 0)
        if (wire_ms() >= until || !wire_more(w, (int)MAX(until - wire_ms(), 0))) {
            if (w->ended || wire_ms() >= until) return false;
        }
    *taken = (str){w->b + w->at, (size_t)at + strlen(what)};
    w->at += taken->len;
    return true;
}

static inline str answer_header(const answer *a, const char *name) {
    str rest = a->head;
    str_cut(&rest, '\n');
    while (rest.s) {
        str line = str_cut(&rest, '\n'), key = str_cut(&line, ':');
        if (line.s && str_eq_ci(key, str_c(name))) return str_trim(line);
    }
    return S("");
}

static inline bool wire_take(wire *w, size_t n, str *taken) {
    int64_t until = wire_ms() + WIRE_WAIT_MS;
    while (w->n - w->at < n)
        if (!wire_more(w, (int)MAX(until - wire_ms(), 0))) return false;
    *taken = (str){w->b + w->at, n};
    w->at += n;
    return true;
}

// A body in chunks, put together in place.
static inline bool wire_chunks(wire *w, str *body) {
    char *to = w->b + w->at;
    size_t n = 0;
    for (;;) {
        str line, part, end;
        if (!wire_until(w, "\r\n", &line)) return false;
        size_t size = strtoul(line.s, NULL, 16);
        if (!wire_take(w, size, &part) || !wire_take(w, 2, &end)) return false;
        memmove(to + n, part.s, part.len);
        n += part.len;
        if (!size) break;
    }
    *body = (str){to, n};
    return true;
}

static inline int status_of(str head) {
    int64_t n = 0;
    return head.len > 12 && str_i64(str_sub(head, 9, 3), &n) ? (int)n : 0;
}

// The next answer. bare: to HEAD. An answer that is cut off is not whole.
static inline answer wire_answer_of(wire *w, bool bare) {
    answer a = {0};
    int64_t length = 0;
    if (w->at == w->n) w->at = w->n = 0;
    if (!wire_until(w, "\r\n\r\n", &a.head)) return a;
    a.status = status_of(a.head);
    str said = answer_header(&a, "content-length");
    if (a.status == 100 || a.status == 204 || a.status == 304 || bare)
        a.whole = true;
    else if (str_eq_ci(answer_header(&a, "transfer-encoding"), S("chunked")))
        a.whole = wire_chunks(w, &a.body);
    else
        a.whole = str_i64(said, &length) && wire_take(w, (size_t)length, &a.body);
    return a;
}

static inline answer wire_answer(wire *w) {
    return wire_answer_of(w, false);
}

static inline answer wire_ask(wire *w, const char *text) {
    wire_say(w, text);
    return wire_answer(w);
}

// Did the other side close within this time? What it says meanwhile is read.
static inline bool wire_closed_within(wire *w, int64_t ms) {
    int64_t until = wire_ms() + ms;
    while (!w->ended && wire_ms() < until) wire_more(w, (int)MAX(until - wire_ms(), 0));
    return w->ended;
}

static inline bool wire_closed(wire *w) {
    return wire_closed_within(w, WIRE_WAIT_MS);
}

#endif
