// A client that means harm, for a while: what it costs others is measured beside it.
//
//   serve_hostile KIND ADDRESS KEY SECONDS
//
// heads: 500 connections that send a head byte by byte. bodies: 300 that stop in the middle of a body. big: bodies of
// 1 GB, announced and in chunks. deep: JSON of 200,000 levels. idle: 10,000 connections that say nothing. floods: heads
// without end. bombs: bodies that unpack to a thousand times their size. Prints how often it could.
#include <poll.h>
#include <sys/resource.h>
#include <zlib.h>

#include "client.h"

enum { MANY = 10000, PIECE = 64 << 10 };

typedef struct {
    place to;
    const char *key;
    double until;
    int64_t done, answered;
} attack;

static bool over(const attack *x) {
    return seconds() >= x->until;
}

// Opens so many connections and says the same on each; how many stand.
static int open_many(attack *x, int *fds, int n, str said) {
    int stand = 0;
    for (int i = 0; i < n && !over(x); i++) {
        fds[i] = join_place(&x->to);
        if (fds[i] < 0) continue;
        stand++, x->done++;
        if (said.len) put_all(fds[i], said.s, said.len);
    }
    return stand;
}

static bool is_shut(int fd) {
    char c[4096];
    ssize_t n = recv(fd, c, sizeof c, MSG_DONTWAIT);
    return n == 0 || (n < 0 && errno != EAGAIN);
}

// A byte now and then on each, and a new connection for each that was shut.
static void drip(attack *x, int *fds, int n, str said) {
    while (!over(x)) {
        for (int i = 0; i < n && !over(x); i++) {
            if (fds[i] >= 0 && !is_shut(fds[i]) && put_all(fds[i], "x", 1)) continue;
            if (fds[i] >= 0) close(fds[i]);
            open_many(x, &fds[i], 1, said);
        }
        nap(0.2);
    }
}

static void slow(attack *x, int n, str said) {
    int *fds = malloc((size_t)n * sizeof *fds);
    for (int i = 0; i < n; i++) fds[i] = -1;
    open_many(x, fds, n, said);
    drip(x, fds, n, said);
    for (int i = 0; i < n; i++)
        if (fds[i] >= 0) close(fds[i]);
    free(fds);
}

static void idle(attack *x) {
    static int fds[MANY];
    x->answered = open_many(x, fds, MANY, S(""));
    while (!over(x)) nap(0.1);
    for (int i = 0; i < MANY; i++)
        if (fds[i] > 0) close(fds[i]);
}

static void big(attack *x) {
    char *zeros = calloc(1, PIECE), head[300];
    for (int chunked = 0; !over(x); chunked = !chunked) {
        int fd = join_place(&x->to);
        if (fd < 0) continue;
        snprintf(head, sizeof head, "POST /v1/batch HTTP/1.1\r\nHost: h\r\n%s\r\n\r\n",
                 chunked ? "Transfer-Encoding: chunked" : "Content-Length: 1073741824");
        bool goes = put_all(fd, head, strlen(head));
        for (size_t sent = 0; goes && sent < (size_t)1 << 30 && !over(x); sent += PIECE)
            goes = (!chunked || put_all(fd, "10000\r\n", 7)) && put_all(fd, zeros, PIECE) &&
                   (!chunked || put_all(fd, "\r\n", 2));
        x->done++;
        close(fd);
    }
    free(zeros);
}

// The same request again and again.
static void repeat(attack *x, str request) {
    char into[16384];
    int fd = -1;
    while (!over(x)) {
        if (fd < 0) fd = join_place(&x->to);
        int status = fd >= 0 && put_all(fd, request.s, request.len) ? take_answer(fd, into, sizeof into, NULL) : 0;
        x->done++, x->answered += status > 0;
        if (status > 0 && status != 413 && status != 431) continue;
        if (fd >= 0) close(fd);
        fd = -1;
    }
    if (fd >= 0) close(fd);
}

static str post(arena *a, const attack *x, str coding, str body) {
    buf b = buf_new(a, 64 << 20);
    buf_fmt(&b,
            "POST /v1/batch HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer %s\r\nContent-Type: "
            "application/json\r\n%.*sContent-Length: %zu\r\n\r\n",
            x->key, STR_ARG(coding), body.len);
    buf_add(&b, body);
    return buf_str(&b);
}

static void deep(attack *x, arena *a) {
    enum { LEVELS = 200000 };
    char *p = make(a, char, LEVELS);
    memset(p, '[', LEVELS);
    repeat(x, post(a, x, S(""), (str){p, LEVELS}));
}

static void floods(attack *x, arena *a) {
    buf b = buf_new(a, 8 << 20);
    buf_add(&b, S("GET /healthz HTTP/1.1\r\nHost: h\r\n"));
    for (int i = 0; i < 100000; i++) buf_fmt(&b, "X-%d: %d\r\n", i, i);
    repeat(x, buf_str(&b));
}

// 400 MB of blanks in 400 KB.
static void bombs(attack *x, arena *a) {
    enum { PACKED = 1 << 20 };
    double began = seconds();
    char *out = make(a, char, PACKED), *blanks = make(a, char, PIECE);
    memset(blanks, ' ', PIECE);
    z_stream z = {.next_out = (Bytef *)out, .avail_out = PACKED};
    deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY);
    for (int i = 0; i < 6400; i++) {
        z.next_in = (Bytef *)blanks, z.avail_in = PIECE;
        deflate(&z, Z_NO_FLUSH);
    }
    deflate(&z, Z_FINISH);
    deflateEnd(&z);
    x->until += seconds() - began; // packing is no attack
    repeat(x, post(a, x, S("Content-Encoding: gzip\r\n"), (str){out, PACKED - z.avail_out}));
}

int main(int argc, char **argv) {
    if (argc != 5) return fprintf(stderr, "usage: serve_hostile KIND ADDRESS KEY SECONDS\n"), 2;
    struct rlimit files = {0};
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    arena a = arena_open(256 << 20);
    str kind = str_c(argv[1]);
    attack x = {.to = place_of(argv[2]), .key = argv[3], .until = seconds() + strtod(argv[4], NULL)};
    if (str_eq(kind, S("heads")))
        slow(&x, 500, S("GET /healthz HTTP/1.1\r\nHost: h\r\nX: "));
    else if (str_eq(kind, S("bodies")))
        slow(&x, 300, S("POST /v1/batch HTTP/1.1\r\nHost: h\r\nContent-Length: 200000\r\n\r\n{\"batch\":["));
    else if (str_eq(kind, S("idle")))
        idle(&x);
    else if (str_eq(kind, S("big")))
        big(&x);
    else if (str_eq(kind, S("deep")))
        deep(&x, &a);
    else if (str_eq(kind, S("floods")))
        floods(&x, &a);
    else if (str_eq(kind, S("bombs")))
        bombs(&x, &a);
    else
        return fprintf(stderr, "no kind '%s'\n", argv[1]), 2;
    printf("{\"kind\":\"%s\",\"tries\":%" PRId64 ",\"answered\":%" PRId64 "}\n", argv[1], x.done, x.answered);
    return 0;
}
