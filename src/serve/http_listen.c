// Sockets that listen: made here, or passed on by systemd.
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "serve/http.h"

// ---- addresses ----

typedef struct {
    char host[256], port[8];
} place;

// "HOST:PORT", "[V6]:PORT", ":PORT".
static bool split(str x, place *p, err *e) {
    str host = x, port = S("");
    bool brackets = str_starts(x, S("["));
    ptrdiff_t end = brackets ? str_find(x, ']') : -1;
    int64_t n = -1;
    for (size_t i = x.len; i-- > 0 && !port.len;)
        if (x.s[i] == ':') host = str_sub(x, 0, i), port = str_sub(x, i + 1, x.len);
    if (brackets) {
        bool closed = end > 1 && (size_t)end + 1 == host.len;
        host = closed ? str_sub(host, 1, (size_t)end - 1) : S("[");
    } else if (str_find(host, ':') >= 0)
        host = S("["); // a bare address of version 6
    if (!str_i64(port, &n) || n < 0 || n > 65535 || str_starts(host, S("[")) || host.len >= sizeof p->host)
        return fail(e, ERR_usage, "'%.*s' is no address to listen on; write 127.0.0.1:8080 or [::1]:8080",
                    (int)MIN(x.len, 100), x.s);
    snprintf(p->host, sizeof p->host, "%.*s", STR_ARG(host));
    snprintf(p->port, sizeof p->port, "%d", (int)n);
    return true;
}

static bool listen_on(const struct addrinfo *a, int *fd, err *e) {
    int one = 1;
    *fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol);
    if (*fd < 0) return fail(e, ERR_unavailable, "no socket (%s)", strerror(errno));
    setsockopt(*fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (a->ai_family == AF_INET6) setsockopt(*fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one);
    if (!bind(*fd, a->ai_addr, a->ai_addrlen) && !listen(*fd, 4096)) return true;
    int why = errno;
    close(*fd);
    *fd = -1;
    if (why == EADDRINUSE)
        return fail(e, ERR_conflict, "another program listens there already; choose another port with --listen");
    if (why == EACCES)
        return fail(e, ERR_denied,
                    "this port is not permitted; take one above 1023, or let a proxy or systemd listen there");
    return fail(e, ERR_unavailable, "it cannot be listened on (%s)", strerror(why));
}

bool http_listen(str address, int *fd, err *e) {
    place p;
    struct addrinfo *found = NULL,
                    how = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    err why = {0};
    *fd = -1;
    if (!split(address, &p, e)) return false;
    if (!p.host[0]) snprintf(p.host, sizeof p.host, "0.0.0.0");
    int bad = getaddrinfo(p.host, p.port, &how, &found);
    if (bad)
        return fail(e, ERR_usage, "'%.*s' is no address to listen on (%s)", (int)MIN(address.len, 100), address.s,
                    gai_strerror(bad));
    bool ok = listen_on(found, fd, &why);
    freeaddrinfo(found);
    return ok || fail(e, why.code, "'%.*s': %s", (int)MIN(address.len, 100), address.s, why.msg);
}

str http_address(arena *a, int fd) {
    struct sockaddr_storage at = {0};
    socklen_t len = sizeof at;
    char host[NI_MAXHOST], port[NI_MAXSERV];
    if (getsockname(fd, (struct sockaddr *)&at, &len) || at.ss_family == AF_UNIX ||
        getnameinfo((struct sockaddr *)&at, len, host, sizeof host, port, sizeof port, NI_NUMERICHOST | NI_NUMERICSERV))
        return S("http://localhost");
    bool any = !strcmp(host, "0.0.0.0") || !strcmp(host, "::");
    return str_fmt(a, at.ss_family == AF_INET6 && !any ? "http://[%s]:%s" : "http://%s:%s", any ? "localhost" : host,
                   port);
}

// ---- systemd (sd_listen_fds(3), sd_notify(3)) ----

int http_inherited(int *fds, int most) {
    enum { FIRST = 3 };
    int64_t pid = 0, n = 0;
    const char *whose = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
    bool ours = whose && count && str_i64(str_c(whose), &pid) && pid == getpid() && str_i64(str_c(count), &n) && n > 0;
    unsetenv("LISTEN_PID"), unsetenv("LISTEN_FDS"), unsetenv("LISTEN_FDNAMES");
    if (!ours) return 0;
    int took = (int)MIN(n, most);
    for (int i = 0; i < took; i++) {
        fds[i] = FIRST + i;
        fcntl(fds[i], F_SETFD, FD_CLOEXEC);
    }
    return took;
}

void http_tell_manager(const char *state) {
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    size_t n = path ? strlen(path) : 0;
    if (!n || n >= sizeof to.sun_path || (path[0] != '/' && path[0] != '@')) return;
    memcpy(to.sun_path, path, n);
    if (path[0] == '@') to.sun_path[0] = 0; // an abstract name
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return;
    socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
    (void)!sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&to, len); // nobody need listen
    close(fd);
}
