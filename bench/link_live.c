// Records that come one at a time to a large file that was linked: link_live FILE ARRIVING.csv. The second has the same
// columns. Each is compared, grouped, and its best pair told in parts; then some are taken back.
#include <sys/resource.h>

#include "base/input.h"
#include "link/live.h"

enum { MOST = 1000000, DROPS = 10000 };

static double now_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

typedef struct {
    arena a;
    link_table t;
    link_model m;
    link_pairs p;
    link_live *l;
    double took[MOST];
    size_t n, grouped, parts;
    double compared;
} run;

static bool begin(run *r, const char *path, err *e) {
    r->a = arena_open((size_t)64 << 30);
    if (!link_table_read(&r->a, &r->t, &(link_read){.path = path}, e)) return false;
    if (!link_model_learn(&r->m, &r->t, &(link_model_opts){0}, e) || !link_model_pairs(&r->m, &r->p, e)) return false;
    uint32_t *cluster = make(&r->a, uint32_t, r->t.rows);
    return link_cluster(&r->a, r->p.p, r->p.n, r->t.rows, NULL, cluster, e) &&
           link_live_open(&r->l, &r->t, &r->m, &r->p, cluster, e);
}

static size_t tell(run *r, const link_arrival *x) {
    const link_pair *best = NULL;
    for (size_t i = 0; i < x->n; i++)
        if (!best || x->pairs[i].weight > best->weight) best = &x->pairs[i];
    if (!best) return 0;
    arena scratch = r->a;
    link_part *part;
    return link_live_explain(r->l, &scratch, best, &part);
}

static bool arrive(run *r, const char *path, err *e) {
    input *in;
    csv_row row;
    arena mine = arena_open((size_t)64 << 20);
    if (!input_open(&in, path, e)) return false;
    csv *c = csv_open(&mine, input_read, in, (csv_opts){0});
    csv_next(c, &row, e);
    while (r->n < MOST && csv_next(c, &row, e)) {
        link_arrival x;
        const double from = now_us();
        if (!link_live_add(r->l, row.cells, row.n, &x, e)) return false;
        r->parts += tell(r, &x);
        r->took[r->n++] = now_us() - from;
        r->compared += x.compared, r->grouped += x.cluster != x.row;
    }
    input_close(in);
    arena_close(&mine);
    return err_ok(e);
}

static int by_value(const void *p, const void *q) {
    const double x = *(const double *)p, y = *(const double *)q;
    return (x > y) - (x < y);
}

static bool take_back(run *r, err *e) {
    double sum = 0, most = 0;
    const uint32_t first = r->t.rows - (uint32_t)r->n, n = (uint32_t)MIN(r->n, (size_t)DROPS);
    for (uint32_t i = 0; i < n; i++) {
        const double from = now_us();
        if (!link_live_drop(r->l, first + (uint32_t)((uint64_t)i * 7919 % r->n), e)) return false;
        const double took = now_us() - from;
        sum += took, most = MAX(most, took);
    }
    printf("%u taken back: %.3f ms each, the longest %.3f ms\n", n, sum / n / 1e3, most / 1e3);
    return true;
}

int main(int argc, char **argv) {
    if (argc < 3) return fprintf(stderr, "usage: link_live FILE ARRIVING.csv\n"), 2;
    run *r = calloc(1, sizeof *r);
    err e = {0};
    if (!r || !begin(r, argv[1], &e)) return fprintf(stderr, "%s\n", e.msg), 1;
    printf("%u records linked; %zu pairs kept\n", r->t.rows, r->p.n);
    if (!arrive(r, argv[2], &e)) return fprintf(stderr, "%s\n", e.msg), 1;
    double sum = 0;
    for (size_t i = 0; i < r->n; i++) sum += r->took[i];
    qsort(r->took, r->n, sizeof *r->took, by_value);
    printf("%zu came one at a time: %.0f a second; half within %.1f us, 99 %% within %.1f us, 99.9 %% within %.1f us, "
           "the longest %.2f ms\n",
           r->n, (double)r->n / sum * 1e6, r->took[r->n / 2], r->took[r->n * 99 / 100], r->took[r->n * 999 / 1000],
           r->took[r->n - 1] / 1e3);
    printf("each compared with %.1f; %zu joined somebody; %.1f parts told of each\n", r->compared / (double)r->n,
           r->grouped, (double)r->parts / (double)r->n);
    if (!take_back(r, &e)) return fprintf(stderr, "%s\n", e.msg), 1;
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    printf("%.0f MB\n", (double)u.ru_maxrss / 1024);
    return 0;
}
