#include <dirent.h>
#include <unistd.h>

#include "serve/http_private.h"

enum { HEAD = 16 << 10, BODIES = 256 << 20, LINE = 1024 };

int http_threads(void) {
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n < 2 ? 2 : n > HTTP_THREADS_MOST ? HTTP_THREADS_MOST : (int)n;
}

// ---- runners ----

bool http_in_line(http *h, turn *t) {
    pthread_mutex_lock(&h->lock);
    bool room = h->waiting < LINE;
    if (room) {
        t->next = NULL;
        if (h->first)
            h->last->next = t;
        else
            h->first = t;
        h->last = t, h->waiting++;
        pthread_cond_signal(&h->come);
    }
    pthread_mutex_unlock(&h->lock);
    return room;
}

static void *serve_runner(void *ctx) {
    http *h = ctx;
    pthread_mutex_lock(&h->lock);
    for (;;) {
        turn *t = h->first;
        if (!t && h->end) break;
        if (!t) {
            pthread_cond_wait(&h->come, &h->lock);
            continue;
        }
        h->first = t->next, h->waiting--;
        pthread_mutex_unlock(&h->lock);
        turn_run(t);
        pthread_mutex_lock(&h->lock);
    }
    pthread_mutex_unlock(&h->lock);
    return NULL;
}

static bool start_runners(http *h, err *e) {
    for (int i = 0; i < h->o.runners; i++, h->n_runners++)
        if (pthread_create(&h->runners[i], NULL, serve_runner, h))
            return fail(e, ERR_internal, "no thread for requests");
    return true;
}

static void stop_runners(http *h) {
    pthread_mutex_lock(&h->lock);
    h->end = true;
    pthread_cond_broadcast(&h->come);
    pthread_mutex_unlock(&h->lock);
    for (int i = 0; i < h->n_runners; i++) pthread_join(h->runners[i], NULL);
    h->n_runners = 0;
}

// ---- opening ----

static void on_connection(void *cls, struct MHD_Connection *mc, void **ctx, enum MHD_ConnectionNotificationCode what) {
    http *h = cls;
    if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
        if (*ctx) door_left(h, *ctx);
        return;
    }
    const union MHD_ConnectionInfo *i = MHD_get_connection_info(mc, MHD_CONNECTION_INFO_CONNECTION_FD);
    *ctx = door_conn(h, i->connect_fd);
}

// Paths and queries are taken as they came; whoever reads them undoes %XX.
static size_t leave(void *cls, struct MHD_Connection *mc, char *s) {
    (void)cls, (void)mc;
    return strlen(s);
}

// Connections are added by the door, which keeps to the limit. libmicrohttpd's own limit stands far beyond, because it
// does not survive reaching it (0.9.75 keeps a lock).
static bool start_mhd(http *h, err *e) {
    unsigned most = (unsigned)h->door.most * 2 + 1024, pool = (unsigned)h->o.threads;
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ITC | MHD_ALLOW_SUSPEND_RESUME;
    struct MHD_OptionItem more[] = {
        {MHD_OPTION_PER_IP_CONNECTION_LIMIT, h->o.most_of_one, NULL},
        {MHD_OPTION_THREAD_POOL_SIZE, pool, NULL},
        {MHD_OPTION_END, 0, NULL},
    };
    h->mhd = MHD_start_daemon(flags, 0, NULL, NULL, turn_on_call, h, MHD_OPTION_CONNECTION_LIMIT, most * pool,
                              MHD_OPTION_CONNECTION_MEMORY_LIMIT, h->o.head, MHD_OPTION_CONNECTION_TIMEOUT,
                              (unsigned)(h->o.idle_ms / 1000 + 30), MHD_OPTION_STRICT_FOR_CLIENT, 1,
                              MHD_OPTION_URI_LOG_CALLBACK, turn_on_uri, h, MHD_OPTION_UNESCAPE_CALLBACK, leave, NULL,
                              MHD_OPTION_NOTIFY_COMPLETED, turn_on_end, h, MHD_OPTION_NOTIFY_CONNECTION, on_connection,
                              h, MHD_OPTION_ARRAY, more, MHD_OPTION_END);
    return h->mhd || fail(e, ERR_unavailable, "the HTTP library does not start");
}

static http_opts with_defaults(http_opts o) {
    const char *tmp = getenv("TMPDIR");
    if (!o.threads) o.threads = http_threads();
    if (!o.runners) o.runners = HTTP_RUNNERS;
    o.runners = MIN(o.runners, 64);
    if (!o.head) o.head = HEAD;
    if (!o.bodies) o.bodies = BODIES;
    if (!o.spool) o.spool = tmp && *tmp ? tmp : "/tmp";
    if (!o.head_ms) o.head_ms = 10000;
    if (!o.idle_ms) o.idle_ms = 75000;
    if (!o.grace_ms) o.grace_ms = 10000;
    if (!o.rate) o.rate = 1024;
    if (!o.beat_ms) o.beat_ms = 15000;
    if (!o.stream_ms) o.stream_ms = 600000;
    if (!o.stop_ms) o.stop_ms = 20000;
    return o;
}

// A killed process leaves files of bodies that were never handled; nobody was told that they are kept.
static void sweep_spool(const char *where) {
    DIR *d = opendir(where);
    if (!d) return;
    // cppcheck-suppress readdirCalled ; the folder is this function's own
    for (struct dirent *f; (f = readdir(d));)
        if (str_starts(str_c(f->d_name), S(".heed-body."))) unlinkat(dirfd(d), f->d_name, 0);
    closedir(d);
}

static void more_metrics(void *ctx, buf *b);

bool http_open(http **out, const http_opts *o, err *e) {
    http *h = calloc(1, sizeof *h);
    assert(h);
    h->o = with_defaults(*o);
    h->door.bell = -1;
    h->streams.all.before = h->streams.all.after = &h->streams.all;
    pthread_mutex_init(&h->lock, NULL);
    pthread_cond_init(&h->come, NULL);
    pthread_mutex_init(&h->streams.lock, NULL);
    pthread_mutex_init(&h->packers.lock, NULL);
    if (o->spool) sweep_spool(o->spool);
    bool ok = door_open(h, e) && start_mhd(h, e) && start_runners(h, e);
    if (!h->o.most_streams) h->o.most_streams = MAX(h->door.most / 4, 16);
    if (ok) {
        live_on_wake(server_live(o->sv), streams_wake, h);
        server_on_metrics(o->sv, more_metrics, h);
        ok = door_start(h, e);
    }
    if (!ok) return http_close(h), false;
    *out = h;
    return true;
}

// ---- closing ----

static int open_now(http *h) {
    pthread_mutex_lock(&h->door.lock);
    int n = h->door.n_open;
    pthread_mutex_unlock(&h->door.lock);
    return n;
}

// Answers under way finish; the rest is shut, at once when it is idle and in the end when it is slow. What is being
// written is waited for in any case.
static void drain(http *h) {
    int64_t until = http_now_ms() + h->o.stop_ms;
    while (open_now(h)) {
        streams_stop(h);
        door_sweep(h, true, http_now_ms() >= until);
        nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    }
}

void http_close(http *h) {
    if (!h) return;
    atomic_store(&h->stopping, true);
    server_on_metrics(h->o.sv, NULL, NULL);
    live_on_wake(server_live(h->o.sv), NULL, NULL);
    door_shut(h);
    if (h->mhd) drain(h);
    stop_runners(h);
    if (h->mhd) MHD_stop_daemon(h->mhd);
    door_close(h);
    packers_close(&h->packers);
    while (h->spare) {
        turn *t = h->spare;
        h->spare = t->next;
        turn_free(t);
    }
    pthread_mutex_destroy(&h->lock);
    pthread_mutex_destroy(&h->streams.lock);
    pthread_cond_destroy(&h->come);
    free(h);
}

// ---- looking ----

http_state http_look(http *h) {
    http_state s = {.body_bytes = atomic_load(&h->body_bytes), .most = h->door.most};
    pthread_mutex_lock(&h->door.lock);
    s.open = h->door.n_open, s.idle = h->door.n_idle;
    s.accepted = h->door.accepted, s.refused = h->door.refused;
    s.overdue = h->door.overdue, s.dropped = h->door.dropped;
    pthread_mutex_unlock(&h->door.lock);
    pthread_mutex_lock(&h->streams.lock);
    s.streams = h->streams.n;
    pthread_mutex_unlock(&h->streams.lock);
    pthread_mutex_lock(&h->lock);
    s.waiting = h->waiting;
    pthread_mutex_unlock(&h->lock);
    return s;
}

static void gauge(buf *b, const char *name, const char *type, const char *help, int64_t v) {
    buf_fmt(b, "# HELP heed_http_%s %s\n# TYPE heed_http_%s %s\nheed_http_%s %" PRId64 "\n", name, help, name, type,
            name, v);
}

static void more_metrics(void *ctx, buf *b) {
    http_state s = http_look(ctx);
    gauge(b, "connections", "gauge", "Connections that are open.", s.open);
    gauge(b, "connections_idle", "gauge", "Of these, those that wait between requests.", s.idle);
    gauge(b, "connections_most", "gauge", "How many may be open.", s.most);
    gauge(b, "streams", "gauge", "Live pages that are open.", s.streams);
    gauge(b, "waiting", "gauge", "Requests in line for a thread.", s.waiting);
    gauge(b, "body_bytes", "gauge", "Bytes of bodies that are being received.", s.body_bytes);
    gauge(b, "accepted_total", "counter", "Connections that came in.", s.accepted);
    gauge(b, "refused_total", "counter", "Connections for which there was no room.", s.refused);
    gauge(b, "overdue_total", "counter", "Connections shut because they were too slow.", s.overdue);
    gauge(b, "dropped_total", "counter", "Idle connections shut to make room.", s.dropped);
}
