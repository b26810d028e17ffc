// How fast the outbox sends beside a bare loop of libcurl that sends the same bytes to the same server, in one run.
// Usage: outbox [MESSAGES [FOLDER]]
//
// The server is a process of this program that takes everything. The outbox claims, asks the gate again, composes,
// signs, marks each message as unsure on the disk before its end, and keeps the answer; the bare loop does none of it.
#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "act/mail_setup.h"
#include "jobs/send.h"
#include "know/fold.h"
#include "ledger/ident.h"
#include "sql/know.h"

#define NOON INT64_C(1795262400000000) // 2026-11-21T12:00Z

// ---- a server that takes everything ----

static void say(int fd, const char *text) {
    if (send(fd, text, strlen(text), MSG_NOSIGNAL) < 0) return;
}

static void *serve(void *ctx) {
    int fd = (int)(intptr_t)ctx, one = 1;
    FILE *in = fdopen(fd, "r");
    char line[2000];
    bool body = false;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    say(fd, "220 bench ESMTP\r\n");
    while (in && fgets(line, sizeof line, in)) {
        if (body) {
            if (strcmp(line, ".\r\n") != 0) continue;
            body = false;
            say(fd, "250 taken\r\n");
        } else if (!strncmp(line, "DATA", 4)) {
            body = true;
            say(fd, "354 go\r\n");
        } else if (!strncmp(line, "EHLO", 4)) {
            say(fd, "250-bench\r\n250 8BITMIME\r\n");
        } else if (!strncmp(line, "QUIT", 4)) {
            break;
        } else {
            say(fd, "250 fine\r\n");
        }
    }
    if (in) fclose(in);
    return NULL;
}

static int start_server(pid_t *pid) {
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&at, n) || listen(fd, 64) || getsockname(fd, (struct sockaddr *)&at, &n))
        exit(1);
    *pid = fork();
    if (*pid) return close(fd), ntohs(at.sin_port);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (;;) {
        pthread_t t;
        int c = accept(fd, NULL, NULL);
        if (c >= 0 && !pthread_create(&t, NULL, serve, (void *)(intptr_t)c)) pthread_detach(t);
    }
}

// ---- the bare loop ----

typedef struct {
    str message;
    size_t given;
    int n, port;
} loop;

static size_t give(char *p, size_t size, size_t n, void *ctx) {
    loop *l = ctx;
    size_t k = MIN(size * n, l->message.len - l->given);
    memcpy(p, l->message.s + l->given, k);
    l->given += k;
    return k;
}

static size_t swallow(char *p, size_t size, size_t n, void *ctx) {
    (void)p, (void)ctx;
    return size * n;
}

static void *bare(void *ctx) {
    loop *l = ctx;
    char url[80];
    snprintf(url, sizeof url, "smtp://127.0.0.1:%d/example.com", l->port);
    CURL *h = curl_easy_init();
    for (int i = 0; i < l->n; i++) {
        struct curl_slist *to = curl_slist_append(NULL, "<ada@example.org>");
        l->given = 0;
        curl_easy_reset(h);
        curl_easy_setopt(h, CURLOPT_URL, url);
        curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(h, CURLOPT_UPLOAD, 1L);
        curl_easy_setopt(h, CURLOPT_READFUNCTION, give);
        curl_easy_setopt(h, CURLOPT_READDATA, l);
        curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, swallow);
        curl_easy_setopt(h, CURLOPT_MAIL_FROM, "<bounce@example.com>");
        curl_easy_setopt(h, CURLOPT_MAIL_RCPT, to);
        if (curl_easy_perform(h)) exit(2);
        curl_slist_free_all(to);
    }
    curl_easy_cleanup(h);
    return NULL;
}

static double seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double time_bare(str message, int port, int n, int threads) {
    pthread_t t[16];
    loop l[16];
    double began = seconds();
    for (int i = 0; i < threads; i++) {
        l[i] = (loop){.message = message, .n = n / threads, .port = port};
        pthread_create(&t[i], NULL, bare, &l[i]);
    }
    for (int i = 0; i < threads; i++) pthread_join(t[i], NULL);
    return (double)(n / threads * threads) / (seconds() - began);
}

// ---- the outbox ----

typedef struct {
    int n, round, port;
    bool rsa;
    str sample; // a message, as it goes out
} company;

static bool people(void *ctx, desk *d, err *e) {
    const company *x = ctx;
    ledger *l = know_ledger(d->k);
    int64_t source, import;
    tally t;
    event *evs = make(d->a, event, x->n);
    int32_t *rows = make(d->a, int32_t, x->n);
    for (int i = 0; i < x->n; i++) {
        evs[i] = (event){.kind = KIND_order, .channel = CHANNEL_shop, .at_us = NOON - DAY_US, .mood = MOOD_UNKNOWN};
        evs[i].ext = str_fmt(d->a, "o%d", i), evs[i].value = 1000, evs[i].has_value = true, evs[i].unit = 978;
        evs[i].ids[0] = (ident){IDENT_email, str_fmt(d->a, "p%d@d%d.example.org", i, i % 50)}, evs[i].n_ids = 1;
        rows[i] = i;
    }
    intake in = {.events = evs, .row_of = rows, .n = (size_t)x->n, .rows = x->n};
    mail_setup m = {.host = S("127.0.0.1"),
                    .port = x->port,
                    .tls = S("none"),
                    .from_address = S("shop@example.com"),
                    .from_name = S("Kastanie"),
                    .bounce_address = S("bounce@example.com"),
                    .postal = S("Kastanie, Berlin"),
                    .on = true};
    mail_key k;
    return ledger_source(l, S("shop"), S("test"), CHANNEL_shop, false, &source, e) &&
           ledger_import_begin(l, source, S("t"), S("{}"), &import, e) && ledger_write(l, import, &in, &t, e) &&
           store_begin(d->s, e) && mail_setup_write(d->a, d->s, d->w, &m, S("bench"), e) &&
           mail_key_make(l, d->a, S("example.com"), S("b"), !x->rsa, S("bench"), &k, e) &&
           mail_key_state(d->s, k.id, MAIL_KEY_SIGNS, e) && ledger_commit(l, e);
}

static bool messages(void *ctx, desk *d, err *e) {
    company *x = ctx;
    outbox_put_answer out = {0};
    for (int i = 0; i < x->n; i++) {
        int64_t customer = 0;
        arena a = *d->a;
        str address = str_fmt(&a, "p%d@d%d.example.org", i, i % 50);
        for (row r = store_query(d->s, Q_identifier_find, e, "i", (int64_t)ident_hash(IDENT_email, address));
             row_next(&r);)
            customer = row_int(&r, 1);
        outbox_new n = {
            .gate = {.kind = GATE_service,
                     .customer = customer,
                     .address = address,
                     .template = S("bench"),
                     .occasion = str_fmt(&a, "round:%d", x->round),
                     .by = S("bench")},
            .subject = S("Your order is on its way"),
            .text =
                S("Dear customer,\n\nyour order left us today and will reach you by Friday. You can follow it here: "
                  "https://example.org/track?order=1027\n\nIf anything is not as it should be, just answer this "
                  "mail.\n\nYours,\nAda"),
            .lang = S("en")};
        if (!outbox_put(know_ledger(d->k), &a, &n, &out, e)) return false;
    }
    outbox_row o;
    mail_setup m;
    arena a = arena_open(1 << 24); // the sample outlives the piece
    return outbox_get(&a, d->s, out.id, &o, e) && mail_setup_read(&a, d->s, &m, e) &&
           mail_of_row(&a, d->s, &m, &o, NOON, NULL, &x->sample, e);
}

typedef struct {
    int64_t left; // atomic
} landing;

static void landed(void *ctx, int64_t id, enum outbox_state state) {
    (void)id, (void)state;
    __atomic_sub_fetch(&((landing *)ctx)->left, 1, __ATOMIC_ACQ_REL);
}

static void must(bool ok, const err *e) {
    if (ok) return;
    fprintf(stderr, "outbox: %s\n", e->msg);
    exit(1);
}

static double time_outbox(writer *w, const char *where, company *x, int threads) {
    err e = {0};
    landing l = {.left = x->n};
    x->round++;
    must(writer_do(w, messages, x, &e), &e);
    double began = seconds();
    sender *s = send_open(
        (send_opts){.where = where, .w = w, .world = world_real(), .threads = threads, .ended = landed, .ctx = &l});
    must(send_start(s, &e), &e);
    while (__atomic_load_n(&l.left, __ATOMIC_ACQUIRE) > 0) usleep(1000);
    double took = seconds() - began;
    send_stop(s);
    send_close(s);
    return (double)x->n / took;
}

int main(int argc, char **argv) {
    company x = {.n = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 4000};
    char where[400], command[500];
    err e = {0};
    pid_t server;
    x.port = start_server(&server);
    snprintf(where, sizeof where, "%s/outbox-bench-%d", argc > 2 ? argv[2] : "/tmp", (int)getpid());
    for (int rsa = 0; rsa < 2; rsa++) {
        writer *w;
        x.rsa = rsa != 0;
        must(writer_open(&w, (writer_opts){.where = where, .create = true, .w = world_real()}, &e), &e);
        must(writer_alone(w, people, &x, &e), &e);
        for (int threads = 1; threads <= 4; threads *= 4) {
            double ours = time_outbox(w, where, &x, threads), theirs = time_bare(x.sample, x.port, x.n, threads);
            printf("%s, %d connection%s: %.0f messages/s of %zu bytes; bare libcurl %.0f; %.2f of it\n",
                   x.rsa ? "rsa-sha256" : "ed25519-sha256", threads, threads == 1 ? "" : "s", ours, x.sample.len,
                   theirs, ours / theirs);
        }
        writer_close(w);
        snprintf(command, sizeof command, "rm -rf '%s'", where);
        if (system(command)) return 1;
    }
    kill(server, SIGKILL);
    return 0;
}
