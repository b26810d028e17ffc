// client: a plain HTTP client over blocking sockets, for measurements: no library stands between the clock and the
// server.
#ifndef HEED_BENCH_CLIENT_H
#define HEED_BENCH_CLIENT_H

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/base.h"

typedef struct {
    struct sockaddr_in to;
    char host[64];
} place;

// "http://127.0.0.1:8080"
static inline place place_of(const char *address) {
    place p = {.to = {.sin_family = AF_INET}};
    str rest = str_c(address);
    int64_t port = 0;
    if (str_starts(rest, S("http://"))) rest = str_sub(rest, 7, rest.len);
    snprintf(p.host, sizeof p.host, "%.*s", STR_ARG(rest));
    str host = str_cut(&rest, ':');
    char ip[64];
    snprintf(ip, sizeof ip, "%.*s", STR_ARG(host));
    if (!str_i64(rest, &port) || inet_pton(AF_INET, ip, &p.to.sin_addr) != 1) {
        fprintf(stderr, "'%s' is no address such as http://127.0.0.1:8080\n", address);
        exit(2);
    }
    p.to.sin_port = htons((uint16_t)port);
    return p;
}

static inline double seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static inline void nap(double s) {
    nanosleep(&(struct timespec){.tv_sec = (time_t)s, .tv_nsec = (long)((s - (double)(time_t)s) * 1e9)}, NULL);
}

// -1 when it cannot.
static inline int join_place(const place *p) {
    int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct timeval patience = {.tv_sec = 20};
    if (fd >= 0 && !connect(fd, (const struct sockaddr *)&p->to, sizeof p->to)) {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
        return fd;
    }
    if (fd >= 0) close(fd);
    return -1;
}

static inline bool put_all(int fd, const char *p, size_t n) {
    while (n) {
        ssize_t some = send(fd, p, n, MSG_NOSIGNAL);
        if (some <= 0) return false;
        p += some, n -= (size_t)some;
    }
    return true;
}

// Reads one answer with a Content-Length; its status, or 0 when the connection ended before. Larger bodies than `most`
// are read and forgotten.
static inline int take_answer(int fd, char *into, size_t most, size_t *body) {
    size_t n = 0, head = 0, length = 0;
    while (!head) {
        if (n == most) return 0;
        ssize_t some = recv(fd, into + n, most - n, 0);
        if (some <= 0) return 0;
        n += (size_t)some;
        char *end = memmem(into, n, "\r\n\r\n", 4);
        head = end ? (size_t)(end - into) + 4 : 0;
    }
    char *l = memmem(into, head, "Content-Length: ", 16);
    if (l) length = strtoul(l + 16, NULL, 10);
    for (size_t have = n - head; have < length;) {
        char rest[65536];
        size_t want = MIN(sizeof rest, length - have);
        ssize_t some = recv(fd, n < most ? into + n : rest, n < most ? MIN(most - n, length - have) : want, 0);
        if (some <= 0) return 0;
        have += (size_t)some, n += n < most ? (size_t)some : 0;
    }
    if (body) *body = length;
    return (int)strtol(into + 9, NULL, 10);
}

// ---- how long answers took ----

typedef struct {
    double *v;
    size_t n, most;
} times;

static inline void times_add(times *t, double s) {
    if (!t->v) t->most = 1 << 20, t->v = malloc(t->most * sizeof *t->v);
    if (t->n < t->most) t->v[t->n++] = s;
}

static inline int times_order(const void *x, const void *y) {
    double a = *(const double *)x, b = *(const double *)y;
    return a < b ? -1 : a > b;
}

// The value below which this share lies, in milliseconds.
static inline double times_at(times *t, double share) {
    if (!t->n) return 0;
    qsort(t->v, t->n, sizeof *t->v, times_order);
    size_t i = (size_t)(share * (double)t->n);
    return t->v[MIN(i, t->n - 1)] * 1000;
}

static inline void times_join(times *into, const times *from) {
    for (size_t i = 0; i < from->n; i++) times_add(into, from->v[i]);
}

#endif
