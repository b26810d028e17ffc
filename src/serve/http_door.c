// Who comes in, who has been waiting, and who has been too slow.
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "serve/http_private.h"

enum { TICK_MS = 100, FULL_MS = 5, TAKE_AT_ONCE = 64, OTHER_FILES = 512 };

int64_t http_now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

conn *door_conn(http *h, int fd) {
    return fd >= 0 && fd < h->door.n_slots ? &h->door.slots[fd] : NULL;
}

// ---- the list of the idle ----

static void list_add(door *d, conn *c) {
    c->newer = &d->idle, c->older = d->idle.older;
    c->older->newer = c, d->idle.older = c;
    c->listed = true, d->n_idle++;
}

static void list_remove(door *d, conn *c) {
    if (!c->listed) return;
    c->older->newer = c->newer, c->newer->older = c->older;
    c->listed = false, d->n_idle--;
}

void conn_phase(http *h, conn *c, enum phase p, int64_t due_ms) {
    bool was_idle = atomic_exchange(&c->phase, (int)p) == PHASE_IDLE;
    atomic_store(&c->due_ms, due_ms);
    if (was_idle == (p == PHASE_IDLE)) return;
    pthread_mutex_lock(&h->door.lock);
    if (p == PHASE_IDLE && c->open)
        list_add(&h->door, c);
    else
        list_remove(&h->door, c);
    pthread_mutex_unlock(&h->door.lock);
}

// ---- shutting ----

// libmicrohttpd closes a socket only after door_left, so under the lock the number is still that of this connection.
static void shut(conn *c) {
    if (!c->dropped) shutdown(c->fd, SHUT_RDWR);
    c->dropped = true;
}

static void drop_oldest(door *d) {
    for (conn *c = d->idle.newer; c != &d->idle; c = c->newer) {
        if (c->dropped) continue;
        shut(c);
        d->dropped++;
        return;
    }
}

void door_sweep(http *h, bool idle_too, bool slow_too) {
    door *d = &h->door;
    int64_t now = http_now_ms();
    pthread_mutex_lock(&d->lock);
    for (int i = 0; i < d->high; i++) {
        conn *c = &d->slots[i];
        if (!c->open || c->dropped) continue;
        int64_t due = atomic_load(&c->due_ms);
        enum phase p = (enum phase)atomic_load(&c->phase);
        bool late = due && now >= due;
        if (late || (idle_too && p == PHASE_IDLE) || (slow_too && p != PHASE_WORK)) {
            shut(c);
            d->overdue += late && p != PHASE_IDLE;
        }
    }
    pthread_mutex_unlock(&d->lock);
}

void door_left(http *h, conn *c) {
    door *d = &h->door;
    pthread_mutex_lock(&d->lock);
    if (c->open) {
        list_remove(d, c);
        c->open = false, d->n_open--;
    }
    pthread_mutex_unlock(&d->lock);
}

// ---- coming in ----

static void put_peer(conn *c, const struct sockaddr_storage *from) {
    const void *p = from;
    char *text = c->peer;
    snprintf(text, sizeof c->peer, "local");
    if (from->ss_family == AF_INET)
        inet_ntop(AF_INET, &((const struct sockaddr_in *)p)->sin_addr, text, sizeof c->peer);
    if (from->ss_family == AF_INET6)
        inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)p)->sin6_addr, text, sizeof c->peer);
    if (!strncmp(text, "::ffff:", 7) && strchr(text, '.')) memmove(text, text + 7, strlen(text + 7) + 1);
}

static bool arrive(http *h, int fd, const struct sockaddr_storage *from) {
    door *d = &h->door;
    pthread_mutex_lock(&d->lock);
    bool room = fd < d->n_slots && d->n_open < d->most;
    if (room) {
        conn *c = &d->slots[fd];
        if (c->open) list_remove(d, c), d->n_open--;
        put_peer(c, from);
        c->fd = fd, c->open = true, c->dropped = false, c->listed = false;
        atomic_store(&c->phase, PHASE_IDLE);
        atomic_store(&c->due_ms, http_now_ms() + h->o.head_ms);
        list_add(d, c);
        d->n_open++, d->accepted++;
        d->high = MAX(d->high, fd + 1);
        if (d->n_open > d->most - d->spare) drop_oldest(d);
    } else
        d->refused++;
    pthread_mutex_unlock(&d->lock);
    return room;
}

static void take_in(http *h, int listener) {
    for (int i = 0; i < TAKE_AT_ONCE; i++) {
        struct sockaddr_storage from = {0};
        socklen_t len = sizeof from;
        int fd = accept4(listener, (struct sockaddr *)&from, &len, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd < 0 && (errno == EMFILE || errno == ENFILE)) {
            pthread_mutex_lock(&h->door.lock);
            drop_oldest(&h->door);
            pthread_mutex_unlock(&h->door.lock);
        }
        if (fd < 0) return;
        if (!arrive(h, fd, &from))
            close(fd);
        else if (MHD_add_connection(h->mhd, fd, (struct sockaddr *)&from, len) != MHD_YES)
            door_left(h, &h->door.slots[fd]); // it closed the socket itself
    }
}

// Without room, who knocks waits in the kernel's line.
static bool has_room(door *d) {
    pthread_mutex_lock(&d->lock);
    bool room = d->n_open < d->most;
    if (!room) drop_oldest(d);
    pthread_mutex_unlock(&d->lock);
    return room;
}

static void *watch(void *ctx) {
    http *h = ctx;
    door *d = &h->door;
    int64_t swept = 0;
    while (!atomic_load(&d->stop)) {
        struct pollfd p[COUNT(d->listeners) + 1] = {{.fd = d->bell, .events = POLLIN}};
        nfds_t n = 1;
        bool room = has_room(d);
        for (int i = 0; i < d->n_listeners && room; i++)
            p[n++] = (struct pollfd){.fd = d->listeners[i], .events = POLLIN};
        poll(p, n, room ? TICK_MS : FULL_MS);
        eventfd_t rung;
        if (p[0].revents) eventfd_read(d->bell, &rung);
        for (nfds_t i = 1; i < n; i++)
            if (p[i].revents) take_in(h, p[i].fd);
        int64_t now = http_now_ms();
        if (now - swept >= TICK_MS) door_sweep(h, false, false), swept = now;
        streams_tend(h, now);
    }
    return NULL;
}

void door_ring(http *h) {
    eventfd_write(h->door.bell, 1);
}

// ---- opening and closing ----

int64_t http_raise_files(void) {
    struct rlimit r = {0};
    if (getrlimit(RLIMIT_NOFILE, &r)) return 1024;
    if (r.rlim_cur < r.rlim_max) {
        r.rlim_cur = r.rlim_max;
        if (setrlimit(RLIMIT_NOFILE, &r)) getrlimit(RLIMIT_NOFILE, &r);
    }
    return r.rlim_cur > INT32_MAX ? INT32_MAX : (int64_t)r.rlim_cur;
}

static int64_t files_allowed(void) {
    struct rlimit r = {0};
    if (getrlimit(RLIMIT_NOFILE, &r) || r.rlim_cur > INT32_MAX) return INT32_MAX;
    return (int64_t)r.rlim_cur;
}

bool door_open(http *h, err *e) {
    door *d = &h->door;
    enum { MOST = 16384 };
    int64_t files = files_allowed(), left = files > 2 * OTHER_FILES ? files - OTHER_FILES : files / 2;
    d->most = (int)MIN(h->o.most ? h->o.most : MOST, left);
    d->spare = MIN(d->most / 8, 64);
    d->n_slots = (int)MIN(files, d->most + 2 * OTHER_FILES + 1024);
    d->idle.older = d->idle.newer = &d->idle;
    pthread_mutex_init(&d->lock, NULL);
    d->slots = calloc((size_t)d->n_slots, sizeof *d->slots);
    d->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (!d->slots || d->bell < 0) return fail(e, ERR_internal, "no memory for connections");
    assert(h->o.n_listeners <= (int)COUNT(d->listeners));
    for (int i = 0; i < h->o.n_listeners; i++) {
        int fd = d->listeners[d->n_listeners++] = h->o.listeners[i];
        fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    }
    return true;
}

bool door_start(http *h, err *e) {
    door *d = &h->door;
    d->started = !pthread_create(&d->thread, NULL, watch, h);
    return d->started || fail(e, ERR_internal, "no thread for connections");
}

void door_shut(http *h) {
    door *d = &h->door;
    atomic_store(&d->stop, true);
    if (d->started) {
        door_ring(h);
        pthread_join(d->thread, NULL);
    }
    d->started = false;
    for (int i = 0; i < d->n_listeners; i++) close(d->listeners[i]);
    d->n_listeners = 0;
}

void door_close(http *h) {
    door *d = &h->door;
    if (d->bell >= 0) close(d->bell);
    free(d->slots);
    pthread_mutex_destroy(&d->lock);
}
