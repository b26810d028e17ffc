// smtp_sink: a mail server for tests, in a process of its own: it does what a script says at each step, remembers what
// it received, and can kill whoever sends at a moment that counts.
#ifndef HEED_SMTP_SINK_H
#define HEED_SMTP_SINK_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

enum sink_step { SINK_NONE, SINK_GREET, SINK_EHLO, SINK_MAIL, SINK_RCPT, SINK_DATA, SINK_BODY, SINK_DOT, SINK_AFTER };
enum sink_deed {
    SINK_ANSWER, // with a status of its own
    SINK_DROP,   // closes without a word
    SINK_SLOW,   // answers well, after some milliseconds
    SINK_KILL,   // kills whoever sends, then closes
};

enum { SINK_IDS = 16384, SINK_ID = 80, SINK_KEPT = 65536 };

typedef struct {
    // The script: at this step, this many more times (-1: always), the deed.
    _Atomic int step, deed, times, status, ms;
    _Atomic int body_bytes; // SINK_BODY: after so many bytes of it
    _Atomic int utf8, auth; // what it offers
    _Atomic int victim;     // process that SINK_KILL kills
    // What came of it.
    _Atomic int connections, deeds, n_ids;
    char ids[SINK_IDS][SINK_ID]; // Message-IDs in the order received whole
    char from[300], to[300], last[SINK_KEPT];
    _Atomic int last_len;
} sink_shared;

typedef struct {
    int port;
    pid_t pid;
    sink_shared *sh;
} smtp_sink;

typedef struct {
    int fd;
    sink_shared *sh;
} sink_session;

static inline void sink_say(int fd, const char *text) {
    char line[400];
    int n = snprintf(line, sizeof line, "%s\r\n", text);
    if (send(fd, line, (size_t)n, MSG_NOSIGNAL) < 0) return;
}

// False: the connection is to be closed.
static inline bool sink_act(const sink_session *s, enum sink_step step, const char *well) {
    sink_shared *sh = s->sh;
    char line[100];
    if (atomic_load(&sh->step) != (int)step || atomic_load(&sh->times) == 0) {
        if (well) sink_say(s->fd, well);
        return true;
    }
    if (atomic_load(&sh->times) > 0) atomic_fetch_sub(&sh->times, 1);
    atomic_fetch_add(&sh->deeds, 1);
    switch ((enum sink_deed)atomic_load(&sh->deed)) {
    case SINK_ANSWER:
        snprintf(line, sizeof line, "%d as the script says", atomic_load(&sh->status));
        sink_say(s->fd, line);
        return atomic_load(&sh->status) != 421 && step != SINK_GREET;
    case SINK_DROP: return false;
    case SINK_SLOW:
        usleep((useconds_t)atomic_load(&sh->ms) * 1000);
        if (well) sink_say(s->fd, well);
        return true;
    case SINK_KILL:
        if (atomic_load(&sh->victim) > 0) kill((pid_t)atomic_exchange(&sh->victim, 0), SIGKILL);
        return false;
    }
    return false;
}

static inline void sink_keep(sink_shared *sh, const char *m, size_t n) {
    const char *at = memmem(m, n, "Message-ID: <", 13);
    int i = atomic_fetch_add(&sh->n_ids, 1);
    if (i >= SINK_IDS) abort();
    if (at) {
        at += 13;
        size_t k = 0;
        while (k + 1 < SINK_ID && at + k < m + n && at[k] != '>') k++;
        memcpy(sh->ids[i], at, k);
    }
    size_t kept = MIN(n, (size_t)SINK_KEPT - 1);
    memcpy(sh->last, m, kept);
    sh->last[kept] = 0;
    atomic_store(&sh->last_len, (int)kept);
}

// A line without its end, from a buffer over the connection; false when it is closed.
typedef struct {
    char in[8192];
    size_t n, at;
} sink_in;
static inline int sink_byte(int fd, sink_in *b) {
    if (b->at == b->n) {
        ssize_t got = recv(fd, b->in, sizeof b->in, 0);
        if (got <= 0) return -1;
        b->n = (size_t)got, b->at = 0;
    }
    return (unsigned char)b->in[b->at++];
}
static inline bool sink_line(int fd, sink_in *b, char *line, size_t room) {
    size_t n = 0;
    for (int c; (c = sink_byte(fd, b)) != '\n';) {
        if (c < 0) return false;
        if (n + 1 < room && c != '\r') line[n++] = (char)c;
    }
    line[n] = 0;
    return true;
}

static inline bool sink_body(const sink_session *s, sink_in *b) {
    enum { ROOM = 1 << 21 };
    char *m = malloc(ROOM);
    size_t n = 0;
    bool ok = true;
    for (;;) {
        int c = sink_byte(s->fd, b);
        if (c < 0 || n == ROOM) break;
        m[n++] = (char)c;
        if ((int)n == atomic_load(&s->sh->body_bytes) && !sink_act(s, SINK_BODY, NULL)) break;
        if ((n >= 5 && !memcmp(m + n - 5, "\r\n.\r\n", 5)) || (n == 3 && !memcmp(m, ".\r\n", 3))) {
            // A server that refuses has not taken it.
            bool refuses = atomic_load(&s->sh->step) == SINK_DOT && atomic_load(&s->sh->deed) == SINK_ANSWER &&
                           atomic_load(&s->sh->times) != 0;
            if (!refuses) sink_keep(s->sh, m, n - 3);
            ok = sink_act(s, SINK_DOT, "250 2.0.0 taken as 1A2B");
            free(m);
            return ok && sink_act(s, SINK_AFTER, NULL);
        }
    }
    free(m);
    return false;
}

static inline void sink_copy(char *to, const char *line) {
    const char *open = strchr(line, '<'), *close = open ? strchr(open, '>') : NULL;
    size_t n = close ? MIN((size_t)(close - open - 1), (size_t)299) : 0;
    if (n) memcpy(to, open + 1, n);
    to[n] = 0;
}

static inline bool sink_command(const sink_session *s, sink_in *b, const char *line) {
    if (!strncmp(line, "EHLO", 4) || !strncmp(line, "HELO", 4)) {
        char hello[200];
        snprintf(hello, sizeof hello, "250-sink.example\r\n250-8BITMIME\r\n%s%s250 PIPELINING",
                 atomic_load(&s->sh->utf8) ? "250-SMTPUTF8\r\n" : "",
                 atomic_load(&s->sh->auth) ? "250-AUTH PLAIN\r\n" : "");
        return sink_act(s, SINK_EHLO, hello);
    }
    if (!strncmp(line, "MAIL FROM", 9)) return sink_copy(s->sh->from, line), sink_act(s, SINK_MAIL, "250 2.1.0 go on");
    if (!strncmp(line, "RCPT TO", 7)) return sink_copy(s->sh->to, line), sink_act(s, SINK_RCPT, "250 2.1.5 go on");
    if (!strcmp(line, "DATA")) {
        int before = atomic_load(&s->sh->deeds);
        if (!sink_act(s, SINK_DATA, "354 send it")) return false;
        bool no = atomic_load(&s->sh->deeds) != before && atomic_load(&s->sh->deed) == SINK_ANSWER;
        return no || sink_body(s, b);
    }
    if (!strcmp(line, "QUIT")) return sink_say(s->fd, "221 bye"), false;
    if (!strncmp(line, "AUTH PLAIN", 10)) return sink_say(s->fd, "535 5.7.8 not you"), true;
    sink_say(s->fd, strcmp(line, "RSET") && strcmp(line, "NOOP") ? "500 what?" : "250 fine");
    return true;
}

static inline void *sink_serve(void *ctx) {
    sink_session *s = ctx;
    sink_in *b = calloc(1, sizeof *b);
    char line[2000];
    int one = 1;
    setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (sink_act(s, SINK_GREET, "220 sink.example ESMTP"))
        while (sink_line(s->fd, b, line, sizeof line) && sink_command(s, b, line)) {
        }
    close(s->fd);
    free(b);
    free(s);
    return NULL;
}

static inline void sink_accept(int listening, sink_shared *sh) {
    for (;;) {
        int fd = accept(listening, NULL, NULL);
        if (fd < 0) continue;
        atomic_fetch_add(&sh->connections, 1);
        sink_session *s = calloc(1, sizeof *s);
        *s = (sink_session){fd, sh};
        pthread_t t;
        pthread_attr_t small;
        pthread_attr_init(&small);
        pthread_attr_setdetachstate(&small, PTHREAD_CREATE_DETACHED);
        if (pthread_create(&t, &small, sink_serve, s)) close(fd), free(s);
        pthread_attr_destroy(&small);
    }
}

// Before any thread of the test is there.
static inline smtp_sink sink_open(void) {
    smtp_sink s = {.sh = mmap(NULL, sizeof(sink_shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)};
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM, 0), parent = getpid();
    if (s.sh == MAP_FAILED || fd < 0 || bind(fd, (struct sockaddr *)&at, n) || listen(fd, 128) ||
        getsockname(fd, (struct sockaddr *)&at, &n))
        fail_msg("no sink");
    s.port = ntohs(at.sin_port);
    s.pid = fork();
    if (!s.pid) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() == parent) sink_accept(fd, s.sh);
        _exit(0);
    }
    close(fd);
    return s;
}

static inline void sink_close(smtp_sink *s) {
    kill(s->pid, SIGKILL);
    waitpid(s->pid, NULL, 0);
    munmap(s->sh, sizeof(sink_shared));
}

static inline void sink_script(smtp_sink *s, enum sink_step step, enum sink_deed deed, int times, int value) {
    atomic_store(&s->sh->times, 0);
    atomic_store(&s->sh->step, (int)step);
    atomic_store(&s->sh->deed, (int)deed);
    atomic_store(&s->sh->status, value);
    atomic_store(&s->sh->ms, value);
    atomic_store(&s->sh->body_bytes, step == SINK_BODY ? MAX(value, 1) : -1);
    atomic_store(&s->sh->times, times);
}

static inline int sink_received(const smtp_sink *s) {
    return atomic_load(&s->sh->n_ids);
}

// How many different messages, and how often the one that came most often.
static inline int sink_different(const smtp_sink *s, int *most) {
    int n = sink_received(s), different = 0;
    *most = 0;
    for (int i = 0; i < n; i++) {
        int same = 0, before = 0;
        for (int k = 0; k < n; k++) {
            bool eq = !strcmp(s->sh->ids[i], s->sh->ids[k]);
            same += eq, before += eq && k < i;
        }
        different += !before;
        *most = MAX(*most, same);
    }
    return different;
}

static inline int sink_count(const smtp_sink *s, str token) {
    int found = 0;
    for (int i = 0; i < sink_received(s); i++) found += str_has(str_c(s->sh->ids[i]), token);
    return found;
}

#endif
