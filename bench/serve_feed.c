// Feeds a running server, and says how fast it took what it was sent.
//
//   serve_feed make EVENTS BYTES                       tracking calls, one a line, on standard output
//   serve_feed batch ADDRESS KEY FILE PER CONNECTIONS  posts the lines of FILE, so many a batch, each once
//   serve_feed single ADDRESS KEY CONNECTIONS SECONDS  one event a request
//   serve_feed forever ADDRESS KEY SEED ACKED          numbered events through every outage; what was acknowledged
//                                                      stands in the file ACKED, a number a line
//   serve_feed probe ADDRESS KEY SECONDS               an ordinary client: reads and posts, one after the other
//   serve_feed get ADDRESS KEY PATHS TIMES             reads the addresses in a file, so many times altogether
//
// Each prints one JSON object.
#include <signal.h>

#include "client.h"

#include "base/rng.h"

enum { ANSWER = 64 << 10, THREADS = 128 };

typedef struct {
    place to;
    const char *key;
    char basic[200]; // "Basic BASE64"
} target;

static target target_of(const char *address, const char *key) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    target t = {.to = place_of(address), .key = key};
    char text[120] = {0};
    size_t n = (size_t)snprintf(text, sizeof text - 3, "%s:", key), k = 6;
    memcpy(t.basic, "Basic ", 6);
    for (size_t i = 0; i < n; i += 3) {
        unsigned long v = (unsigned long)(unsigned char)text[i] << 16 | (unsigned long)(unsigned char)text[i + 1] << 8 |
                          (unsigned char)text[i + 2];
        for (int d = 0; d < 4; d++) t.basic[k++] = digits[v >> (18 - 6 * d) & 63];
    }
    for (size_t pad = (3 - n % 3) % 3; pad; pad--) t.basic[k - pad] = '=';
    return t;
}

// ---- events ----

// A company of N / 10 customers who sign up, look and buy. Every call has an id of its own and exactly so many bytes.
static void put_call(buf *b, int64_t i, size_t bytes, uint64_t seed) {
    size_t from = b->len;
    rng r = rng_seed(seed * 1000003 + (uint64_t)i);
    int64_t user = rng_range(&r, 0, i / 10 + 9);
    int kind = (int)rng_range(&r, 0, 9);
    buf_fmt(b,
            "{\"messageId\":\"m%" PRIu64 "-%" PRId64 "\",\"userId\":\"u%" PRId64
            "\",\"timestamp\":\"2026-%02d-%02dT%02d:%02d:%02d.%03dZ\",",
            seed, i, user, (int)(i % 9) + 1, (int)(i % 28) + 1, (int)(i % 24), (int)(i % 60), (int)(i / 7 % 60),
            (int)(i % 1000));
    if (kind == 0)
        buf_fmt(b,
                "\"type\":\"identify\",\"traits\":{\"email\":\"u%" PRId64 "@example.org\",\"name\":\"User %" PRId64
                "\"}",
                user, user);
    else if (kind < 4)
        buf_fmt(b,
                "\"type\":\"track\",\"event\":\"Order Completed\",\"properties\":{\"order_id\":\"o%" PRIu64 "-%" PRId64
                "\",\"total\":%d.%02d,\"currency\":\"EUR\"}",
                seed, i, (int)rng_range(&r, 5, 90), (int)(i % 100));
    else
        buf_fmt(b, "\"type\":\"track\",\"event\":\"Product Viewed\",\"properties\":{\"sku\":\"s%d\",\"price\":%d}",
                (int)rng_range(&r, 1, 900), (int)rng_range(&r, 5, 90));
    buf_fmt(b, ",\"context\":{\"library\":{\"name\":\"feed\"},\"feed\":\"m%" PRIu64 "-%" PRId64 "\",\"note\":\"", seed,
            i);
    while (b->len - from + 3 < bytes) buf_addc(b, (char)('a' + rng_range(&r, 0, 25)));
    buf_add(b, S("\"}}"));
}

static int make_calls(int64_t n, size_t bytes) {
    arena a = arena_open(1 << 20);
    buf b = buf_new(&a, 1 << 19);
    for (int64_t i = 0; i < n; i++) {
        buf_reset(&b);
        put_call(&b, i, bytes, 1);
        buf_addc(&b, '\n');
        fwrite(b.s, 1, b.len, stdout);
    }
    return 0;
}

static void put_head(buf *b, const target *t, const char *path, size_t length) {
    buf_fmt(b,
            "POST %s HTTP/1.1\r\nHost: %s\r\nAuthorization: %s\r\nContent-Type: application/json\r\nContent-Length: "
            "%zu\r\n\r\n",
            path, t->to.host, t->basic, length);
}

// ---- batches of a file ----

typedef struct {
    const target *t;
    const str *requests; // each a whole one
    size_t n;
    atomic_size_t *next;
    atomic_bool *stop;
    uint64_t seed;
    times took;
    int64_t ok, refused, cut;
} worker;

static void *post_all(void *ctx) {
    worker *w = ctx;
    char *into = malloc(ANSWER);
    int fd = join_place(&w->t->to);
    for (size_t i; (i = atomic_fetch_add(w->next, 1)) < w->n;)
        for (;;) {
            double began = seconds();
            if (fd < 0) fd = join_place(&w->t->to);
            int status =
                fd >= 0 && put_all(fd, w->requests[i].s, w->requests[i].len) ? take_answer(fd, into, ANSWER, NULL) : 0;
            if (status == 200) {
                times_add(&w->took, seconds() - began);
                w->ok++;
                break;
            }
            if (status == 429 || status == 503) {
                w->refused++;
                nap(0.05); // it said 2 seconds; here the line is what is measured
                continue;
            }
            w->cut++;
            fprintf(stderr, "answered %d: %.300s\n", status, status ? into : "");
            if (w->cut > 20) exit(1);
            if (fd >= 0) close(fd);
            fd = -1;
        }
    if (fd >= 0) close(fd);
    free(into);
    return NULL;
}

static void tell(const char *what, double took, worker *w, int n, int64_t events_each) {
    times all = {0};
    int64_t ok = 0, refused = 0, cut = 0;
    for (int i = 0; i < n; i++) {
        times_join(&all, &w[i].took);
        ok += w[i].ok, refused += w[i].refused, cut += w[i].cut;
    }
    printf("{\"%s\":%" PRId64 ",\"seconds\":%.3f,\"per_second\":%.0f,\"p50_ms\":%.2f,\"p99_ms\":%.2f,\"most_ms\":%.2f,"
           "\"refused\":%" PRId64 ",\"cut\":%" PRId64 "}\n",
           what, ok * events_each, took, (double)(ok * events_each) / took, times_at(&all, 0.5), times_at(&all, 0.99),
           times_at(&all, 1), refused, cut);
}

static str read_file(const char *path, arena *a) {
    FILE *f = fopen(path, "r");
    if (!f) fprintf(stderr, "cannot read %s\n", path), exit(2);
    fseek(f, 0, SEEK_END);
    size_t n = (size_t)ftell(f);
    rewind(f);
    char *p = make(a, char, n);
    if (fread(p, 1, n, f) != n) exit(2);
    fclose(f);
    return (str){p, n};
}

static int post_batches(const target *t, const char *path, int64_t per, int connections) {
    arena a = arena_open((size_t)64 << 30);
    str text = read_file(path, &a), rest = text;
    size_t most = 0, n = 0;
    for (size_t i = 0; i < text.len; i++) most += text.s[i] == '\n';
    str *requests = make(&a, str, most / (size_t)per + 1);
    buf body = buf_new(&a, 16 << 20);
    arena out = arena_open((size_t)64 << 30);
    while (rest.len) {
        buf_reset(&body);
        buf_add(&body, S("{\"batch\":["));
        for (int64_t k = 0; k < per && rest.len; k++) {
            if (k) buf_addc(&body, ',');
            buf_add(&body, str_cut(&rest, '\n'));
        }
        buf_add(&body, S("],\"sentAt\":\"2026-11-01T00:00:00.000Z\"}"));
        buf whole = buf_new(&out, 16 << 20);
        put_head(&whole, t, "/v1/batch", body.len);
        buf_add(&whole, buf_str(&body));
        requests[n++] = buf_str(&whole);
    }
    worker w[THREADS] = {{0}};
    pthread_t threads[THREADS];
    atomic_size_t next = 0;
    connections = MIN(connections, THREADS);
    double began = seconds();
    for (int i = 0; i < connections; i++) {
        w[i] = (worker){.t = t, .requests = requests, .n = n, .next = &next};
        pthread_create(&threads[i], NULL, post_all, &w[i]);
    }
    for (int i = 0; i < connections; i++) pthread_join(threads[i], NULL);
    tell("events", seconds() - began, w, connections, per);
    return 0;
}

// ---- one event a request ----

static void *post_single(void *ctx) {
    worker *w = ctx;
    arena a = arena_open(1 << 20);
    char *into = malloc(ANSWER);
    int fd = join_place(&w->t->to);
    for (int64_t i = 0; !*w->stop && fd >= 0; i++) {
        arena_reset(&a);
        buf body = buf_new(&a, 1 << 16), whole = {0};
        put_call(&body, i, 1000, w->seed);
        arena rest = a;
        whole = buf_new(&rest, 1 << 17);
        put_head(&whole, w->t, "/v1/track", body.len);
        buf_add(&whole, buf_str(&body));
        double began = seconds();
        int status = put_all(fd, whole.s, whole.len) ? take_answer(fd, into, ANSWER, NULL) : 0;
        if (status == 200) w->ok++, times_add(&w->took, seconds() - began);
        if (status == 429 || status == 503) w->refused++, nap(0.05);
        if (!status) {
            w->cut++;
            close(fd);
            fd = join_place(&w->t->to);
        }
    }
    if (fd >= 0) close(fd);
    free(into);
    return NULL;
}

static int post_singles(const target *t, int connections, double length) {
    worker w[THREADS] = {{0}};
    pthread_t threads[THREADS];
    atomic_bool stop = false;
    connections = MIN(connections, THREADS);
    double began = seconds();
    for (int i = 0; i < connections; i++) {
        w[i] = (worker){.t = t, .stop = &stop, .seed = (uint64_t)(1000 + i)};
        pthread_create(&threads[i], NULL, post_single, &w[i]);
    }
    nap(length);
    stop = true;
    for (int i = 0; i < connections; i++) pthread_join(threads[i], NULL);
    tell("events", seconds() - began, w, connections, 1);
    return 0;
}

// ---- through every outage ----

static atomic_bool ended;

static void on_term(int sig) {
    (void)sig;
    ended = true;
}

typedef struct {
    const target *t;
    FILE *acked;
    uint64_t seed;
    int64_t sent, ok;
} forever;

// What was not acknowledged is sent again, with the same numbers, as a library would.
static void *post_forever(void *ctx) {
    enum { PER = 5 };
    forever *f = ctx;
    arena a = arena_open(1 << 22);
    char *into = malloc(ANSWER);
    int fd = -1;
    for (int64_t i = 0; !ended; i += PER) {
        arena_reset(&a);
        buf body = buf_new(&a, 1 << 20), line = buf_new(&a, 1 << 12);
        buf_add(&body, S("{\"batch\":["));
        for (int k = 0; k < PER; k++) {
            if (k) buf_addc(&body, ',');
            put_call(&body, i + k, 500, f->seed);
        }
        buf_add(&body, S("]}"));
        buf head = buf_new(&a, 1 << 12);
        put_head(&head, f->t, "/v1/batch", body.len);
        f->sent += PER;
        for (int status = 0; status != 200 && !ended;) {
            if (fd < 0 && (fd = join_place(&f->t->to)) < 0) {
                nap(0.02);
                continue;
            }
            status = put_all(fd, head.s, head.len) && put_all(fd, body.s, body.len)
                         ? take_answer(fd, into, ANSWER, NULL)
                         : 0;
            if (status == 200) {
                for (int k = 0; k < PER; k++) buf_fmt(&line, "m%" PRIu64 "-%" PRId64 "\n", f->seed, i + k);
                f->ok += PER;
                fwrite(line.s, 1, line.len, f->acked);
                fflush(f->acked);
            } else if (status) {
                nap(0.05);
            } else {
                close(fd);
                fd = -1;
            }
        }
    }
    if (fd >= 0) close(fd);
    free(into);
    return NULL;
}

static int post_until_told(const target *t, uint64_t seed, const char *acked) {
    enum { MANY = 4 };
    forever f[MANY];
    pthread_t threads[MANY];
    FILE *out = fopen(acked, "a");
    int64_t sent = 0, ok = 0;
    if (!out) return 2;
    signal(SIGTERM, on_term);
    for (int i = 0; i < MANY; i++) {
        f[i] = (forever){.t = t, .acked = out, .seed = seed * MANY + (uint64_t)i};
        pthread_create(&threads[i], NULL, post_forever, &f[i]);
    }
    for (int i = 0; i < MANY; i++) {
        pthread_join(threads[i], NULL);
        sent += f[i].sent, ok += f[i].ok;
    }
    fclose(out);
    printf("{\"sent\":%" PRId64 ",\"acknowledged\":%" PRId64 "}\n", sent, ok);
    return 0;
}

// ---- an ordinary client ----

static int probe(const target *t, double length) {
    arena a = arena_open(1 << 20);
    char *into = malloc(ANSWER);
    worker w = {.t = t};
    double until = seconds() + length, began = seconds();
    int fd = -1;
    for (int64_t i = 0; seconds() < until; i++) {
        arena_reset(&a);
        buf body = buf_new(&a, 1 << 12), whole = {0};
        put_call(&body, i, 400, 77777);
        arena rest = a;
        whole = buf_new(&rest, 1 << 14);
        if (i % 2)
            put_head(&whole, t, "/v1/track", body.len), buf_add(&whole, buf_str(&body));
        else
            buf_fmt(&whole, "GET /readyz HTTP/1.1\r\nHost: %s\r\n\r\n", t->to.host);
        double start = seconds();
        if (fd < 0) fd = join_place(&t->to); // being let in again counts
        int status = fd >= 0 && put_all(fd, whole.s, whole.len) ? take_answer(fd, into, ANSWER, NULL) : 0;
        if (status == 200)
            w.ok++, times_add(&w.took, seconds() - start);
        else if (status)
            w.refused++;
        else {
            w.cut++;
            if (fd >= 0) close(fd);
            fd = -1;
        }
        nap(0.002);
    }
    tell("answers", seconds() - began, &w, 1, 1);
    free(into);
    return 0;
}

// ---- reading ----

static int get_paths(const target *t, const char *path, int64_t n) {
    arena a = arena_open(64 << 20), scratch = arena_open(1 << 16);
    str text = read_file(path, &a), *paths = make(&a, str, text.len / 2 + 1);
    size_t all = 0;
    worker w = {.t = t};
    char *into = malloc(ANSWER);
    int fd = join_place(&t->to);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){.tv_sec = 600}, sizeof(struct timeval)); // under valgrind
    for (str rest = text; rest.len;) {
        str line = str_cut(&rest, '\n');
        if (line.len) paths[all++] = line;
    }
    double began = seconds();
    for (int64_t i = 0; i < n && fd >= 0 && all; i++) {
        arena_reset(&scratch);
        buf b = buf_new(&scratch, 1 << 15);
        buf_fmt(&b, "GET %.*s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\n\r\n",
                STR_ARG(paths[(size_t)i % all]), t->to.host, t->key);
        double start = seconds();
        int status = put_all(fd, b.s, b.len) ? take_answer(fd, into, ANSWER, NULL) : 0;
        if (status == 200)
            w.ok++, times_add(&w.took, seconds() - start);
        else
            w.refused++, fprintf(stderr, "%.*s answered %d\n", STR_ARG(paths[(size_t)i % all]), status);
        if (!status) break;
    }
    tell("answers", seconds() - began, &w, 1, 1);
    return w.refused > 0;
}

static int64_t number(const char *text) {
    int64_t n = 0;
    if (!str_i64(str_c(text), &n) || n < 0) fprintf(stderr, "'%s' is no number\n", text), exit(2);
    return n;
}

int main(int argc, char **argv) {
    const char *what = argc > 1 ? argv[1] : "";
    if (argc == 4 && !strcmp(what, "make")) return make_calls(number(argv[2]), (size_t)number(argv[3]));
    target t = argc > 3 ? target_of(argv[2], argv[3]) : (target){0};
    if (argc == 7 && !strcmp(what, "batch")) return post_batches(&t, argv[4], number(argv[5]), (int)number(argv[6]));
    if (argc == 6 && !strcmp(what, "single")) return post_singles(&t, (int)number(argv[4]), (double)number(argv[5]));
    if (argc == 6 && !strcmp(what, "forever")) return post_until_told(&t, (uint64_t)number(argv[4]), argv[5]);
    if (argc == 6 && !strcmp(what, "get")) return get_paths(&t, argv[4], number(argv[5]));
    if (argc == 5 && !strcmp(what, "probe")) return probe(&t, (double)number(argv[4]));
    return fprintf(stderr, "usage: serve_feed make|batch|single|forever|probe|get … (see its first lines)\n"), 2;
}
