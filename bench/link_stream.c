// Stitching of a generated stream of events: link_stream EVENTS.csv TRUTH.csv (tools/gen_people.py --events).
#include "base/csv.h"
#include "base/input.h"
#include "link/stream.h"

#include <sys/resource.h>

static double cpu(void) {
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)u.ru_utime.tv_sec + (double)u.ru_utime.tv_usec / 1e6;
}

static bool is_nobody(str x) {
    static const char *const words[] = {"null", "anonymous", "0", "undefined", "-1", "none", "void"};
    for (size_t i = 0; i < COUNT(words); i++)
        if (str_eq_ci(x, str_c(words[i]))) return true;
    return false;
}

static stream_event *read_events(arena *a, const char *path, size_t *n) {
    static const struct {
        int column;
        uint8_t kind;
    } ids[] = {{5, 0}, {9, 1}, {6, 2}, {7, 3}, {4, 4}, {8, 5}};
    err e = {0};
    input *in;
    if (!input_open(&in, path, &e)) return fprintf(stderr, "%s\n", e.msg), NULL;
    csv *c = csv_open(a, input_read, in, (csv_opts){.sep = ','});
    stream_event *ev = make(a, stream_event, 20000000);
    csv_row row;
    csv_next(c, &row, &e);
    while (csv_next(c, &row, &e)) {
        stream_event *x = &ev[(*n)++];
        (void)str_i64(row.cells[1], &x->at_s);
        for (size_t i = 0; i < COUNT(ids); i++) {
            str cell = row.cells[ids[i].column];
            if (!cell.len || is_nobody(cell)) continue;
            x->kind[x->n] = ids[i].kind, x->hash[x->n++] = str_hash(str_lower(a, cell));
        }
    }
    input_close(in);
    return ev;
}

static int64_t *read_truth(arena *a, const char *path, size_t n) {
    err e = {0};
    input *in;
    if (!input_open(&in, path, &e)) return fprintf(stderr, "%s\n", e.msg), NULL;
    csv *c = csv_open(a, input_read, in, (csv_opts){.sep = ','});
    int64_t *t = make(a, int64_t, n);
    csv_row row;
    csv_next(c, &row, &e);
    for (size_t i = 0; i < n && csv_next(c, &row, &e); i++) (void)str_i64(row.cells[1], &t[i]);
    input_close(in);
    return t;
}

typedef struct {
    uint64_t a;
    int64_t b;
} both;

static int by_both(const void *p, const void *q) {
    const both *x = p, *y = q;
    if (x->a != y->a) return x->a < y->a ? -1 : 1;
    return (x->b > y->b) - (x->b < y->b);
}

static int by_b(const void *p, const void *q) {
    const both *x = p, *y = q;
    return (x->b > y->b) - (x->b < y->b);
}

// Pairs and B-cubed (Bagga & Baldwin 1998) of events.
static void score(arena a, const uint64_t *who, const int64_t *truth, size_t n) {
    both *x = make(&a, both, n);
    double tp = 0, pp = 0, tt = 0, bp = 0, br = 0, most = 0;
    for (size_t i = 0; i < n; i++) x[i] = (both){who[i], truth[i]};
    qsort(x, n, sizeof *x, by_b);
    int64_t top = x[n - 1].b;
    double *of = make(&a, double, top + 1);
    for (size_t i = 0; i < n; i++) of[x[i].b]++;
    for (int64_t i = 0; i <= top; i++) tt += of[i] * (of[i] - 1) / 2;
    qsort(x, n, sizeof *x, by_both);
    for (size_t i = 0, j; i < n; i = j) {
        for (j = i + 1; j < n && x[j].a == x[i].a;) j++;
        double all = (double)(j - i);
        pp += all * (all - 1) / 2, most = MAX(most, all);
        for (size_t k = i, l; k < j; k = l) {
            for (l = k + 1; l < j && x[l].b == x[k].b;) l++;
            double m = (double)(l - k);
            tp += m * (m - 1) / 2, bp += m * m / all, br += m * m / of[x[k].b];
        }
    }
    double P = tp / pp, R = tp / tt, p = bp / (double)n, r = br / (double)n;
    printf("pairs P %.4f R %.4f F1 %.4f   B3 %.4f (%.4f, %.4f)   largest %.0f\n", P, R, 2 * P * R / (P + R),
           2 * p * r / (p + r), p, r, most);
}

static double option(int argc, char **argv, const char *name, double fallback) {
    for (int i = 3; i + 1 < argc; i++)
        if (str_eq(str_c(argv[i]), str_c(name))) return strtod(argv[i + 1], NULL);
    return fallback;
}

// The profile of every event, for whoever wants to look at what went wrong.
static void dump(const char *path, const uint64_t *who, size_t n) {
    FILE *f = fopen(path, "w");
    for (size_t i = 0; f && i < n; i++) fprintf(f, "%016" PRIx64 "\n", who[i]);
    if (f) fclose(f);
}

// Every event is answered before the next one comes.
static void one_by_one(const stream_rules *r, const stream_event *ev, size_t n) {
    stream *s = stream_open(r, (uint32_t)n);
    err e = {0};
    uint64_t sum = 0;
    double t0 = cpu();
    for (size_t i = 0; i < n; i++) {
        if (!stream_see(s, &ev[i], 1, &e)) return;
        sum += stream_who(s, (uint32_t)i);
    }
    double t1 = cpu();
    printf("each answered as it comes: %.3f million a second (%" PRIx64 ")\n", (double)n / 1e6 / (t1 - t0), sum & 15);
    stream_close(s);
}

static void take_back(stream *s, size_t n) {
    struct timespec a, b;
    double most = 0, sum = 0;
    enum { TIMES = 10000 };
    for (uint32_t i = 0; i < TIMES; i++) {
        uint32_t at = (uint32_t)((uint64_t)i * 7919 % n);
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &a);
        stream_drop(s, at);
        stream_settle(s);
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &b);
        double ms = (double)(b.tv_sec - a.tv_sec) * 1e3 + (double)(b.tv_nsec - a.tv_nsec) / 1e6;
        sum += ms, most = MAX(most, ms);
    }
    printf("%d events taken back: %.4f ms each, the longest %.3f ms\n", TIMES, sum / TIMES, most);
}

int main(int argc, char **argv) {
    if (argc < 3) return fprintf(stderr, "usage: link_stream EVENTS.csv TRUTH.csv\n"), 2;
    arena a = arena_open((size_t)1 << 36);
    size_t n = 0;
    stream_event *ev = read_events(&a, argv[1], &n);
    int64_t *truth = ev ? read_truth(&a, argv[2], n) : NULL;
    if (!truth) return 1;
    stream_rules r = stream_usual();
    r.twins = option(argc, argv, "twins", r.twins), r.agree = option(argc, argv, "agree", r.agree);
    r.lead = option(argc, argv, "lead", r.lead);
    r.session_s = (uint32_t)option(argc, argv, "session", r.session_s);
    r.recency_s = (uint32_t)option(argc, argv, "recency", r.recency_s);
    for (int k = 0; k < 6; k++) {
        char name[16];
        snprintf(name, sizeof name, "people%d", k);
        r.kind[k].most_people = (uint16_t)option(argc, argv, name, r.kind[k].most_people);
    }
    err e = {0};
    stream *s = stream_open(&r, (uint32_t)n);
    double t0 = cpu();
    if (!stream_see(s, ev, n, &e)) return fprintf(stderr, "%s\n", e.msg), 1;
    double t1 = cpu();
    stream_settle(s);
    double t2 = cpu();
    uint64_t *who = make(&a, uint64_t, n);
    for (size_t i = 0; i < n; i++) who[i] = stream_who(s, (uint32_t)i);
    stream_totals t = stream_count(s);
    printf("%zu events: taken in %.3f s, settled %.3f s: %.2f million a second\n", n, t1 - t0, t2 - t1,
           (double)n / 1e6 / (t2 - t0));
    printf("%u values, %u profiles, %u owned, %u contested, %u hubs, %u demoted; largest component %u\n", t.values,
           t.profiles, t.owned, t.contested, t.hubs, t.demoted, t.largest_component);
    score(a, who, truth, n);
    for (int i = 3; i + 1 < argc; i++)
        if (str_eq(str_c(argv[i]), S("out"))) dump(argv[i + 1], who, n);
    one_by_one(&r, ev, n);
    take_back(s, n);
    stream_close(s);
    arena_close(&a);
}
