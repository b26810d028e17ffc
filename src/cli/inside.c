#include "cli/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { LINE_MOST = 1 << 20, ARGS_MOST = 4096, WAIT_S = 20, FDS = 2, HEAD = 64 };

// ---- where it is ----

// An address may be longer than a socket's name can be; the folder's own descriptor is short.
static bool address(const char *where, int *dir, struct sockaddr_un *out) {
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    bool url = str_starts(str_c(where), S("postgres"));
    *out = (struct sockaddr_un){.sun_family = AF_UNIX};
    *dir = open(!url ? where : runtime && *runtime ? runtime : "/nowhere", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (*dir < 0) return false;
    if (url)
        snprintf(out->sun_path, sizeof out->sun_path, "/proc/self/fd/%d/heed-%016" PRIx64 ".sock", *dir,
                 str_hash(str_c(where)));
    else
        snprintf(out->sun_path, sizeof out->sun_path, "/proc/self/fd/%d/heed.sock", *dir);
    return true;
}

static bool write_all(int fd, const char *s, size_t n) {
    while (n) {
        ssize_t sent = send(fd, s, n, MSG_NOSIGNAL);
        if (sent <= 0) return false;
        s += sent, n -= (size_t)sent;
    }
    return true;
}

static void wait_at_most(int fd, int seconds) {
    struct timeval t = {.tv_sec = seconds};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof t);
}

// ---- asking ----

static str line_of(cli *c) {
    buf b = buf_new(c->life, LINE_MOST);
    json_out j = json_to(&b);
    json_open(&j, NULL, '{');
    json_open(&j, "args", '[');
    for (int i = 0; i < c->argc; i++) json_put_str(&j, NULL, str_c(c->argv[i]));
    json_close(&j, ']');
    json_put_bool(&j, "color", c->t.color);
    json_put_int(&j, "columns", c->t.columns);
    json_close(&j, '}');
    buf_addc(&b, '\n');
    return b.full ? S("") : buf_str(&b);
}

// The first byte carries the descriptors of standard input and of the working folder.
static bool send_line(int fd, str line, const int fds[FDS]) {
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(sizeof(int) * FDS)];
    } u = {0};
    struct iovec first = {(void *)line.s, 1};
    struct msghdr m = {.msg_iov = &first, .msg_iovlen = 1, .msg_control = u.room, .msg_controllen = sizeof u.room};
    struct cmsghdr *h = CMSG_FIRSTHDR(&m);
    h->cmsg_level = SOL_SOCKET, h->cmsg_type = SCM_RIGHTS, h->cmsg_len = CMSG_LEN(sizeof(int) * FDS);
    memcpy(CMSG_DATA(h), fds, sizeof(int) * FDS);
    return sendmsg(fd, &m, MSG_NOSIGNAL) == 1 && write_all(fd, line.s + 1, line.len - 1);
}

static bool copy_out(FILE *from, int64_t n, FILE *to) {
    char some[4096];
    while (n > 0) {
        size_t got = fread(some, 1, (size_t)MIN(n, (int64_t)sizeof some), from);
        if (!got) return false;
        fwrite(some, 1, got, to);
        n -= (int64_t)got;
    }
    return true;
}

// "STATUS BYTES BYTES\n", then what it said to the one and to the other.
static bool read_answer(cli *c, FILE *from) {
    char head[HEAD];
    int64_t v[3];
    if (!fgets(head, sizeof head, from)) return false;
    str rest = str_trim(str_c(head));
    for (int i = 0; i < 3; i++)
        if (!str_i64(str_cut(&rest, ' '), &v[i]) || v[i] < 0) return false;
    c->answered = true, c->answer = (int)MIN(v[0], 255);
    return copy_out(from, v[1], c->t.out) && copy_out(from, v[2], c->t.err);
}

bool inside_ask(cli *c, const char *where) {
    struct sockaddr_un to;
    int dir = -1, fd = -1, fds[FDS] = {STDIN_FILENO, -1};
    str line = line_of(c);
    if (!line.len || c->in || c->g.now.len || !address(where, &dir, &to)) return false;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    fds[1] = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (fcntl(STDIN_FILENO, F_GETFD) < 0) fds[0] = null;
    bool ok = fd >= 0 && fds[1] >= 0 && null >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) == 0;
    ok = ok && send_line(fd, line, fds);
    FILE *from = ok && fd >= 0 ? fdopen(fd, "r") : NULL;
    if (from) {
        fflush(c->t.out);
        if (!read_answer(c, from) && !c->answered) {
            fprintf(c->t.err, "heed: the server that holds the store stopped before it answered\n");
            c->answered = true, c->answer = err_exit(ERR_unavailable);
        }
        fclose(from);
    } else if (fd >= 0)
        close(fd);
    if (null >= 0) close(null);
    if (fds[1] >= 0) close(fds[1]);
    close(dir);
    return c->answered;
}

// ---- answering ----

struct inside_door {
    arena a;
    const char *where;
    writer *w;
    int fd, dir, home, wake[2];
    struct sockaddr_un at;
    pthread_t thread;
};

bool inside_read(arena *a, str json, inside_line *out, err *e) {
    *out = (inside_line){0};
    json_error_t bad;
    json_t *root = json_loadb(json.s, json.len, JSON_REJECT_DUPLICATES, &bad);
    const json_t *args = json_object_get(root, "args");
    size_t n = json_array_size(args);
    bool ok = n && n <= ARGS_MOST;
    out->argv = make(a, char *, n + 1);
    for (size_t i = 0; ok && i < n; i++) {
        const char *text = json_string_value(json_array_get(args, i));
        ok = text != NULL;
        if (ok) out->argv[out->argc++] = (char *)str_z(a, str_c(text));
    }
    out->color = json_is_true(json_object_get(root, "color"));
    out->columns = (int)MAX(0, MIN(json_integer_value(json_object_get(root, "columns")), 10000));
    json_decref(root);
    return ok || fail(e, ERR_invalid, "a command line was expected");
}

typedef struct {
    inside_door *door;
    inside_line line;
    int fds[FDS];
    int status;
    FILE *out, *err;
} visit;

// The folder is this thread's own, so that file names of the command line mean what they mean to whoever typed them.
static bool run_piece(void *ctx, desk *d, err *e) {
    visit *v = ctx;
    struct inside in = {.d = *d, .where = v->door->where, .color = v->line.color, .columns = v->line.columns};
    if (unshare(CLONE_FS) != 0 || fchdir(v->fds[1]) != 0)
        return fail(e, ERR_unavailable, "the server cannot go to the folder of the command");
    v->status = cli_inside(v->line.argc, v->line.argv, &in, v->out, v->err);
    return fchdir(v->door->home) == 0 || fail(e, ERR_unavailable, "the server cannot come back to its folder");
}

// "-" is the standard input of whoever asks.
static void name_input(arena *a, visit *v) {
    for (int i = 1; i < v->line.argc; i++)
        if (str_eq(str_c(v->line.argv[i]), S("-")))
            v->line.argv[i] = (char *)str_z(a, str_fmt(a, "/proc/self/fd/%d", v->fds[0]));
}

static bool receive(int fd, char *line, size_t most, size_t *len, int fds[FDS]) {
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(sizeof(int) * FDS)];
    } u = {0};
    struct iovec first = {line, 1};
    struct msghdr m = {.msg_iov = &first, .msg_iovlen = 1, .msg_control = u.room, .msg_controllen = sizeof u.room};
    if (recvmsg(fd, &m, MSG_CMSG_CLOEXEC) != 1) return false;
    struct cmsghdr *h = CMSG_FIRSTHDR(&m);
    if (h && h->cmsg_type == SCM_RIGHTS && h->cmsg_len == CMSG_LEN(sizeof(int) * FDS))
        memcpy(fds, CMSG_DATA(h), sizeof(int) * FDS);
    for (*len = 1; line[*len - 1] != '\n';) {
        ssize_t got = *len < most ? recv(fd, line + *len, most - *len, 0) : 0;
        if (got <= 0) return false;
        *len += (size_t)got;
    }
    return fds[0] >= 0 && fds[1] >= 0;
}

static bool is_ours(int fd) {
    struct ucred who = {0};
    socklen_t n = sizeof who;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &n) == 0 && (who.uid == geteuid() || who.uid == 0);
}

static void answer(int fd, visit *v) {
    arena a = arena_open((size_t)16 << 20);
    char *line = make(&a, char, LINE_MOST), *told = NULL, *noted = NULL, head[HEAD];
    size_t len = 0, n_said = 0, n_noted = 0;
    err e = {0};
    if (receive(fd, line, LINE_MOST, &len, v->fds) && inside_read(&a, (str){line, len}, &v->line, &e)) {
        name_input(&a, v);
        v->out = open_memstream(&told, &n_said), v->err = open_memstream(&noted, &n_noted);
        if (v->out && v->err && !writer_alone(v->door->w, run_piece, v, &e) && !v->status) {
            fprintf(v->err, "heed: %s\n", e.msg);
            v->status = err_exit(e.code);
        }
        if (v->out) fclose(v->out);
        if (v->err) fclose(v->err);
        snprintf(head, sizeof head, "%d %zu %zu\n", v->status, n_said, n_noted);
        bool sent = write_all(fd, head, strlen(head)) && write_all(fd, told, n_said) && write_all(fd, noted, n_noted);
        (void)sent; // whoever asked may be gone
        free(told), free(noted);
    }
    arena_close(&a);
}

static void *stand(void *ctx) {
    inside_door *x = ctx;
    struct pollfd at[2] = {{.fd = x->fd, .events = POLLIN}, {.fd = x->wake[0], .events = POLLIN}};
    while (poll(at, 2, -1) >= 0 || errno == EINTR) {
        if (at[1].revents) break;
        struct sockaddr_un whose;
        socklen_t len = sizeof whose;
        int fd = at[0].revents ? accept4(x->fd, (struct sockaddr *)&whose, &len, SOCK_CLOEXEC) : -1;
        if (fd < 0) continue;
        visit v = {.door = x, .fds = {-1, -1}};
        wait_at_most(fd, WAIT_S);
        if (is_ours(fd)) answer(fd, &v);
        for (int i = 0; i < FDS; i++)
            if (v.fds[i] >= 0) close(v.fds[i]);
        close(fd);
    }
    return NULL;
}

bool inside_open(inside_door **out, const char *where, writer *w, err *e) {
    *out = NULL;
    arena a = arena_open(1 << 16);
    inside_door *x = make(&a, inside_door, 1);
    *x = (inside_door){.a = a, .where = str_z(&a, str_c(where)), .w = w, .fd = -1, .dir = -1, .wake = {-1, -1}};
    x->a = a;
    x->home = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (!address(where, &x->dir, &x->at)) return inside_close(x), err_ok(e);
    unlink(x->at.sun_path);
    x->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool ok = x->home >= 0 && x->fd >= 0 && bind(x->fd, (struct sockaddr *)&x->at, sizeof x->at) == 0 &&
              chmod(x->at.sun_path, S_IRUSR | S_IWUSR) == 0 && listen(x->fd, 16) == 0 && pipe2(x->wake, O_CLOEXEC) == 0;
    if (ok && pthread_create(&x->thread, NULL, stand, x) == 0) return *out = x, true;
    fail(e, ERR_unavailable, "commands cannot reach the server: %s", strerror(errno));
    return inside_close(x), false;
}

void inside_close(inside_door *x) {
    if (!x) return;
    if (x->thread) {
        ssize_t woken = write(x->wake[1], "", 1);
        (void)woken; // a pipe that is empty takes a byte
        pthread_join(x->thread, NULL);
        unlink(x->at.sun_path);
    }
    const int fds[] = {x->fd, x->dir, x->home, x->wake[0], x->wake[1]};
    for (size_t i = 0; i < COUNT(fds); i++)
        if (fds[i] >= 0) close(fds[i]);
    arena a = x->a;
    arena_close(&a);
}
