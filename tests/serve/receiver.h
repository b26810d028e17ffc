// receiver: somebody who gets our messages, and answers as a test tells them to.
#ifndef HEED_RECEIVER_H
#define HEED_RECEIVER_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rig.h"

enum { HEARD = 2000, HEARD_BYTES = 32 << 10 };

typedef struct {
    char head[2048], *body; // body: HEARD_BYTES
    size_t n_body;
} heard_request;

typedef struct receiver receiver;
struct receiver {
    int fd, port;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t idle;
    int open; // connections being served
    bool stop;
    int at_once, most_at_once; // requests being answered
    heard_request *heard;
    int n;
    // How the i-th request is answered: a whole HTTP answer; NULL: 200.
    const char *(*script)(receiver *r, int i);
    const char *always;
    int wait_ms;
};

typedef struct {
    receiver *r;
    int fd;
} visit;

static inline bool receive_request(int fd, heard_request *h) {
    char *room = malloc(64 << 10), *end = NULL;
    size_t n = 0, length = 0;
    while (n < (64 << 10) - 1) {
        ssize_t got = recv(fd, room + n, (64 << 10) - 1 - n, 0);
        if (got <= 0) break;
        n += (size_t)got;
        room[n] = 0;
        if (!end && (end = strstr(room, "\r\n\r\n"))) {
            const char *l = strcasestr(room, "content-length:");
            length = l && l < end ? strtoul(l + 15, NULL, 10) : 0;
        }
        if (end && n >= (size_t)(end + 4 - room) + length) break;
    }
    if (end) {
        snprintf(h->head, sizeof h->head, "%.*s", (int)(end + 2 - room), room);
        h->n_body = MIN(length, (size_t)HEARD_BYTES - 1);
        h->body = calloc(1, HEARD_BYTES);
        memcpy(h->body, end + 4, h->n_body);
    }
    free(room);
    return end != NULL;
}

static inline void *receiver_visit(void *ctx) {
    visit *v = ctx;
    receiver *r = v->r;
    heard_request h = {.body = NULL};
    if (receive_request(v->fd, &h)) {
        pthread_mutex_lock(&r->lock);
        int i = r->n++;
        assert_true(i < HEARD);
        r->heard[i] = h;
        const char *answer = r->script ? r->script(r, i) : r->always;
        r->at_once++;
        if (r->at_once > r->most_at_once) r->most_at_once = r->at_once;
        for (int ms = 0; ms < r->wait_ms; ms += 5) {
            pthread_mutex_unlock(&r->lock);
            usleep(5000);
            pthread_mutex_lock(&r->lock);
        }
        r->at_once--;
        pthread_mutex_unlock(&r->lock);
        if (!answer) answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
        (void)!send(v->fd, answer, strlen(answer), MSG_NOSIGNAL);
    }
    close(v->fd);
    pthread_mutex_lock(&r->lock);
    r->open--;
    pthread_cond_signal(&r->idle);
    pthread_mutex_unlock(&r->lock);
    free(v);
    return NULL;
}

static inline void *receiver_run(void *ctx) {
    receiver *r = ctx;
    for (int fd; (fd = accept(r->fd, NULL, NULL)) >= 0;) {
        pthread_t t;
        visit *v = malloc(sizeof *v);
        *v = (visit){r, fd};
        pthread_mutex_lock(&r->lock);
        r->open++;
        pthread_mutex_unlock(&r->lock);
        pthread_create(&t, NULL, receiver_visit, v);
        pthread_detach(t);
    }
    return NULL;
}

static inline void receiver_open(receiver *r) {
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    *r = (receiver){.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    r->heard = calloc(HEARD, sizeof *r->heard);
    pthread_mutex_init(&r->lock, NULL);
    pthread_cond_init(&r->idle, NULL);
    assert_int_equal(bind(r->fd, (struct sockaddr *)&at, len), 0);
    assert_int_equal(listen(r->fd, 64), 0);
    getsockname(r->fd, (struct sockaddr *)&at, &len);
    r->port = ntohs(at.sin_port);
    pthread_create(&r->thread, NULL, receiver_run, r);
}

static inline void receiver_close(receiver *r) {
    shutdown(r->fd, SHUT_RDWR);
    pthread_join(r->thread, NULL);
    close(r->fd);
    pthread_mutex_lock(&r->lock);
    while (r->open) pthread_cond_wait(&r->idle, &r->lock);
    pthread_mutex_unlock(&r->lock);
    for (int i = 0; i < r->n; i++) free(r->heard[i].body);
    free(r->heard);
    pthread_cond_destroy(&r->idle);
    pthread_mutex_destroy(&r->lock);
}

static inline void receiver_wait(receiver *r, int ms) {
    pthread_mutex_lock(&r->lock);
    r->wait_ms = ms;
    pthread_mutex_unlock(&r->lock);
}

static inline int receiver_count(receiver *r) {
    pthread_mutex_lock(&r->lock);
    int n = r->n;
    pthread_mutex_unlock(&r->lock);
    return n;
}

static inline str receiver_header(const heard_request *h, const char *name) {
    for (str rest = str_c(h->head); rest.s;) {
        str value = str_cut(&rest, '\n'), key = str_cut(&value, ':');
        if (value.s && str_eq_ci(key, str_c(name))) return str_trim(value);
    }
    return S("");
}

#endif
