#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "cli/inside.h"
#include "cli/serving.h"
#include "serve/auth.h"
#include "serve/http.h"

enum { LISTENERS = 16, LINK_MINUTES = 24 * 60 };

typedef struct {
    cli *c;
    const serving *how;
    int fds[LISTENERS], n, signals;
    sigset_t before; // the signals that were blocked before
    server *sv;
    http *h;
    inside_door *door;
    str origin, link;
} running;

// ---- signals ----

static bool catch_signals(running *r, err *e) {
    sigset_t stops;
    sigemptyset(&stops);
    sigaddset(&stops, SIGTERM);
    sigaddset(&stops, SIGINT);
    signal(SIGPIPE, SIG_IGN);
    pthread_sigmask(SIG_BLOCK, &stops, &r->before);
    r->signals = signalfd(-1, &stops, SFD_CLOEXEC);
    return r->signals >= 0 || fail(e, ERR_internal, "signals cannot be received (%s)", strerror(errno));
}

static void wait_for_signal(const running *r) {
    struct signalfd_siginfo what;
    while (read(r->signals, &what, sizeof what) < 0 && errno == EINTR) {
    }
}

// From here on a second signal ends the program at once; what was acknowledged is on disk.
static void let_signals(running *r) {
    if (r->signals >= 0) close(r->signals);
    r->signals = -1;
    pthread_sigmask(SIG_SETMASK, &r->before, NULL);
}

// ---- opening ----

static bool listen_to(running *r, str address, err *e) {
    if (r->n == LISTENERS) return fail(e, ERR_usage, "%d addresses are listened on at most", LISTENERS);
    if (!http_listen(address, &r->fds[r->n], e)) return false;
    r->n++;
    return true;
}

static bool listen_all(running *r, err *e) {
    const serving *how = r->how;
    err taken = {0};
    for (size_t i = 0; i < how->listen.n; i++)
        if (!listen_to(r, how->listen.v[i], e)) return false;
    if (!r->n) r->n = http_inherited(r->fds, LISTENERS);
    if (r->n || listen_to(r, S("127.0.0.1:8080"), &taken)) return true;
    if (how->any && taken.code == ERR_conflict) return listen_to(r, S("127.0.0.1:0"), e);
    *e = taken;
    return false;
}

static bool open_server(running *r, err *e) {
    const serving *how = r->how;
    cli *c = r->c;
    int threads = http_threads();
    server_opts o = {.where = str_z(c->life, how->where),
                     .create = true,
                     .w = c->w,
                     .log = c->log,
                     .origin = r->origin,
                     .readers = threads + HTTP_RUNNERS,
                     .trust_proxy = how->trust_proxy,
                     .allow_private = how->allow_private,
                     .work = true};
    o.log.json = c->g.log_json;
    return server_open(&r->sv, o, e);
}

static bool open_http(running *r, err *e) {
    const serving *how = r->how;
    str where = how->where;
    bool in_folder = !str_starts(where, S("postgres"));
    http_opts o = {.sv = r->sv,
                   .listeners = r->fds,
                   .n_listeners = r->n,
                   .threads = http_threads(),
                   .runners = HTTP_RUNNERS,
                   .most = (int)MIN(how->most, 1 << 20),
                   .most_of_one = (int)MIN(how->most_of_one, 1 << 20),
                   .stop_ms = (int)MIN(how->stop_s, 86400) * 1000,
                   .spool = in_folder ? str_z(r->c->life, where) : NULL};
    bool ok = http_open(&r->h, &o, e);
    if (ok) r->n = 0; // they are its own now
    return ok;
}

// ---- the link for the owner ----

static bool make_link(void *ctx, desk *d, err *e) {
    running *r = ctx;
    str token = S("");
    if (!owner_link(d, r->how->link, LINK_MINUTES, &token, e)) return false;
    if (!token.len) return true;
    r->link = str_fmt(r->c->life, "%.*s/welcome/%.*s", STR_ARG(r->origin), STR_ARG(token));
    return audit_put(d, S("system"), "link.make", S("owner"), S(""), S(""), e);
}

static void tell_json(const running *r, str addresses[], int n) {
    reply out;
    reply_open(&out, r->c);
    json_open(&out.j, NULL, '{');
    json_put_str(&out.j, "store", r->how->where);
    json_open(&out.j, "addresses", '[');
    for (int i = 0; i < n; i++) json_put_str(&out.j, NULL, addresses[i]);
    json_close(&out.j, ']');
    json_put_str(&out.j, "origin", r->origin);
    json_put_str(&out.j, "link", r->link);
    json_close(&out.j, '}');
    reply_close(&out);
}

static void tell(const running *r, str addresses[], int n) {
    const cli *c = r->c;
    if (c->g.json)
        tell_json(r, addresses, n);
    else if (!c->g.quiet) {
        term_say(&c->t, "heed listens at ");
        for (int i = 0; i < n; i++) term_say(&c->t, "%s%.*s", i ? " and " : "", STR_ARG(addresses[i]));
        term_say(&c->t, ". Ctrl-C stops it.\n");
        if (r->link.len)
            term_say(&c->t, "To sign in as the owner, open this once, within a day:\n  %.*s\n", STR_ARG(r->link));
    }
    fflush(c->t.out);
}

// What reaches other machines must not be readable on the way.
static void warn_of_plain(const running *r, str addresses[], int n) {
    for (int i = 0; i < n && !r->how->trust_proxy; i++) {
        if (str_has(addresses[i], S("//127.")) || str_has(addresses[i], S("//[::1]"))) continue;
        cli_note(r->c,
                 "whoever is on the way can read what goes over %.*s; put a proxy with TLS in front (docs/serving.md)",
                 STR_ARG(addresses[i]));
        return;
    }
}

bool serving_run(cli *c, const serving *how, err *e) {
    running r = {.c = c, .how = how, .signals = -1};
    str addresses[LISTENERS] = {{0}};
    if (!listen_all(&r, e)) return false;
    int n = r.n;
    for (int i = 0; i < n; i++) addresses[i] = http_address(c->life, r.fds[i]);
    r.origin = how->origin.len ? how->origin : addresses[0];
    http_raise_files();
    bool ok = catch_signals(&r, e) && open_server(&r, e) && writer_do(server_writer(r.sv), make_link, &r, e) &&
              open_http(&r, e) && inside_open(&r.door, str_z(c->life, how->where), server_writer(r.sv), e);
    if (ok) {
        warn_of_plain(&r, addresses, n);
        tell(&r, addresses, n);
        http_tell_manager("READY=1");
        wait_for_signal(&r);
        http_tell_manager("STOPPING=1");
    }
    let_signals(&r);
    inside_close(r.door);
    http_close(r.h);
    server_close(r.sv);
    for (int i = 0; i < r.n; i++) close(r.fds[i]);
    return ok;
}
