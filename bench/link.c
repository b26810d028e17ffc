// Links files whose truth is known and prints how well and how fast, a line each (bench/link/accuracy):
//   link FILE [--against FILE] [--truth-column NAME | --matches FILE --id-a NAME --id-b NAME] [--by COLUMNS] [--clean]
//        [--name WHAT] [--peer WORDS] [--ask N] [--seed N] [--honest] [--more]
// --ask has N pairs answered from the truth and learns from them. --honest shows whether what is told without the truth
// is true. Of a truth column that begins with "rec-" what stands before the next hyphen counts (Febrl). --more shows
// the fit.
#include <math.h>
#include <sys/resource.h>

#include "base/input.h"
#include "link/judge.h"
#include "link/label.h"
#include "link/model.h"
#include "link/truth.h"

typedef struct {
    const char *file, *against, *truth_column, *matches, *id_a, *id_b, *by, *name, *peer;
    bool clean, more, honest;
    size_t ask;
    uint64_t seed;
} asked;

static double seconds(void) {
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + 1e-6 * (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

static double wall(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

typedef struct {
    input *in;
    csv *c;
    csv_row row;
    arena a;
} opened;

static opened open_csv(const char *path) {
    err e = {0};
    opened o = {.a = arena_open((size_t)64 << 20)};
    if (!input_open(&o.in, path, &e)) fprintf(stderr, "%s\n", e.msg), exit(1);
    o.c = csv_open(&o.a, input_read, o.in, (csv_opts){0});
    csv_next(o.c, &o.row, &e);
    return o;
}

static void close_csv(opened *o) {
    input_close(o->in);
    arena_close(&o->a);
}

static int column(const opened *o, const char *name) {
    for (int i = 0; i < o->row.n; i++)
        if (str_eq(str_trim(o->row.cells[i]), str_c(name))) return i;
    fprintf(stderr, "no column %s\n", name);
    exit(1);
}

// Texts of a column, numbered; appended to out.
static uint32_t read_column(const char *path, const char *name, intern *t, uint32_t *out, uint32_t at) {
    opened o = open_csv(path);
    const int c = column(&o, name), n = o.row.n;
    err e = {0};
    while (csv_next(o.c, &o.row, &e)) {
        if (o.row.n <= 1 && n > 1) continue;
        str x = c < o.row.n ? str_trim(o.row.cells[c]) : (str){0};
        if (str_starts(x, S("rec-"))) x.len = (size_t)str_find(str_sub(x, 4, x.len), '-') + 4;
        out[at++] = intern_put(t, x);
    }
    close_csv(&o);
    return at;
}

static uint32_t root(uint32_t *p, uint32_t i) {
    while (p[i] != i) i = p[i] = p[p[i]];
    return i;
}

static void read_truth(const asked *q, const link_table *t, uint32_t *truth) {
    intern names = intern_open();
    if (q->truth_column) {
        uint32_t n = read_column(q->file, q->truth_column, &names, truth, 0);
        if (q->against) read_column(q->against, q->truth_column, &names, truth, n);
        return;
    }
    uint32_t *id = calloc(t->rows + 1, sizeof *id), *row_a = calloc(t->rows * 2 + 2, sizeof *id),
             *row_b = calloc(t->rows * 2 + 2, sizeof *id);
    uint32_t n = read_column(q->file, q->id_a, &names, id, 0);
    for (uint32_t i = 0; i < n; i++) row_a[id[i]] = i + 1;
    if (q->against) {
        const uint32_t m = read_column(q->against, q->id_b, &names, id, n);
        for (uint32_t i = n; i < m; i++) row_b[id[i]] = i + 1;
    }
    for (uint32_t i = 0; i < t->rows; i++) truth[i] = i;
    opened o = open_csv(q->matches);
    err e = {0};
    while (csv_next(o.c, &o.row, &e)) {
        const uint32_t x = intern_find(&names, o.row.cells[0]), y = intern_find(&names, o.row.cells[1]);
        const uint32_t a = row_a[x], b = q->against ? row_b[y] : row_a[y];
        if (!a || !b) continue;
        truth[root(truth, a - 1)] = root(truth, b - 1);
    }
    for (uint32_t i = 0; i < t->rows; i++) truth[i] = root(truth, i);
    close_csv(&o);
}

static void show_model(const link_model *m) {
    arena a = arena_open((size_t)16 << 20);
    const link_fit *f = &m->fit;
    printf("  fit: same %.0f home %.0f of %.3g pairs, %d rounds, sampled %zu, recall of rules %.4f\n", f->same, f->home,
           f->pairs, f->rounds, m->sampled, m->blocks.reached);
    for (int r = 0; r < m->blocks.n_rules; r++) {
        const link_rule *x = &m->blocks.rule[r];
        str text = link_rule_text(&a, &m->blocks, x);
        printf("  rule %-50.*s expected %9.0f pairs %9" PRIu64 " fresh %9" PRIu64 " hot %9" PRIu64 " recall +%.4f\n",
               STR_ARG(text), x->expected, x->pairs, x->fresh, x->too_hot, x->recall);
    }
    for (int g = 0; g < f->n_groups; g++)
        for (int i = 0; i < f->group[g].n; i++) {
            double p[3][16];
            cells_margin(&f->group[g], f->m[g], i, p[0]);
            cells_margin(&f->group[g], f->u[g], i, p[1]);
            cells_margin(&f->group[g], f->h[g], i, p[2]);
            const link_field *x = &m->t->field[f->group[g].field[i]];
            printf("  %.*s (%s)%s\n", STR_ARG(x->col.name), link_kind_name(x->col.kind),
                   m->score.at_home[f->group[g].field[i]] ? " at home" : "");
            for (int l = 1; l < f->group[g].levels[i]; l++)
                printf("      %-40s m %.4f u %.3g h %.4f  %+.2f\n", link_level_text(x->col.kind, l), p[0][l], p[1][l],
                       p[2][l], log2(p[0][l] / p[1][l]));
        }
    arena_close(&a);
}

// Where pairs are lost, and whether weights mean what they say.
static void show_pairs(const link_model *m, const link_pairs *p, const uint32_t *truth) {
    enum { BINS = 14 };
    double n[BINS] = {0}, right[BINS] = {0}, all = 0;
    uint32_t *size = calloc((size_t)m->t->rows * 2 + 2, sizeof *size);
    for (uint32_t i = 0; i < m->t->rows; i++) all += size[truth[i]]++;
    double found = 0, best = 0, tp = 0, at = 0;
    for (size_t i = 0; i < p->n; i++) {
        const int k = (int)fmin(fmax(floor((double)p->p[i].weight / 2) + 3, 0), BINS - 1);
        const bool same = truth[p->p[i].a] == truth[p->p[i].b];
        n[k]++, right[k] += same, found += same;
    }
    double f_here = 0, said = 0;
    for (int k = BINS - 1; k >= 0; k--) {
        tp += right[k], said += n[k];
        const double f = 2 * tp / (said + all);
        if (f > best) best = f, at = (k - 3) * 2;
        if (k == 3) f_here = f;
    }
    printf("  true pairs %.0f, kept %.4f of them in %zu; pair F1 at 0 bits %.4f, best %.4f at %.0f bits\n", all,
           found / fmax(all, 1), p->n, f_here, best, at);
    for (int k = 0; k < BINS; k++)
        printf("    %+3d bits %9.0f pairs, %.4f right (said %.4f)\n", (k - 3) * 2, n[k], n[k] > 0 ? right[k] / n[k] : 0,
               link_chance(NULL, (k - 3) * 2 + 1));
    free(size);
}

typedef struct {
    uint64_t pattern;
    double said, right, n;
} by_pattern;

static int by_name(const void *p, const void *q) {
    const by_pattern *x = p, *y = q;
    return (x->pattern > y->pattern) - (x->pattern < y->pattern);
}

static int by_miss(const void *p, const void *q) {
    const by_pattern *x = p, *y = q;
    const double dx = fabs(x->said - x->right), dy = fabs(y->said - y->right);
    return (dx < dy) - (dx > dy);
}

// Combinations of levels whose weights are furthest from the truth.
static void show_misses(const link_model *m, const link_pairs *p, const uint32_t *truth) {
    by_pattern *x = calloc(p->n + 1, sizeof *x);
    size_t n = 0;
    for (size_t i = 0; i < p->n; i++) {
        link_model_weight(m, p->p[i].a, p->p[i].b, &x[i].pattern);
        x[i].n = 1, x[i].said = link_chance(&m->score.curve, (double)p->p[i].weight);
        x[i].right = truth[p->p[i].a] == truth[p->p[i].b];
    }
    qsort(x, p->n, sizeof *x, by_name);
    for (size_t i = 0; i < p->n; i++)
        if (n && x[n - 1].pattern == x[i].pattern)
            x[n - 1].n += x[i].n, x[n - 1].said += x[i].said, x[n - 1].right += x[i].right;
        else
            x[n++] = x[i];
    qsort(x, n, sizeof *x, by_miss);
    for (size_t i = 0; i < n && i < 40; i++) {
        printf("  %8.0f pairs, said %8.0f right %8.0f ", x[i].n, x[i].said, x[i].right);
        for (int f = 0; f < m->t->n_fields; f++)
            printf(" %.*s%d", STR_ARG(str_sub(m->t->field[f].col.name, 0, 4)), link_level(x[i].pattern, f));
        printf("\n");
    }
    free(x);
}

static bool is_kept(const link_pairs *p, uint32_t a, uint32_t b) {
    size_t lo = 0, hi = p->n;
    while (lo < hi) {
        const size_t mid = (lo + hi) / 2;
        if (p->p[mid].a < a || (p->p[mid].a == a && p->p[mid].b < b))
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < p->n && p->p[lo].a == a && p->p[lo].b == b;
}

// Pairs that are the same and were not kept: what they weigh, and what no rule looked at though it would have counted.
static void show_lost(const link_model *m, const link_pairs *p, const uint32_t *truth) {
    const uint32_t n = m->t->rows;
    uint32_t *next = calloc((size_t)n * 2 + 2, sizeof *next), *last = calloc((size_t)n * 2 + 2, sizeof *last);
    by_pattern *x = calloc((size_t)n * 4, sizeof *x);
    double light = 0, blind = 0;
    size_t k = 0;
    for (uint32_t i = 0; i < n; i++) next[i] = last[truth[i]], last[truth[i]] = i + 1;
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t j = next[i]; j && k < (size_t)n * 4; j = next[j - 1]) {
            if (is_kept(p, j - 1, i)) continue;
            uint64_t pattern;
            const double w = (double)link_model_weight(m, j - 1, i, &pattern);
            *(w < 0 ? &light : &blind) += 1;
            if (w >= 0) x[k++] = (by_pattern){pattern, 0, 1, 1};
        }
    printf("  lost: %.0f that weigh less than nothing, %.0f that no rule brought together\n", light, blind);
    qsort(x, k, sizeof *x, by_name);
    size_t kinds = 0;
    for (size_t i = 0; i < k; i++)
        if (kinds && x[kinds - 1].pattern == x[i].pattern)
            x[kinds - 1].right++;
        else
            x[kinds++] = x[i];
    qsort(x, kinds, sizeof *x, by_miss);
    for (size_t i = 0; i < kinds && i < 40; i++) {
        printf("  %8.0f lost ", x[i].right);
        for (int f = 0; f < m->t->n_fields; f++)
            printf(" %.*s%d", STR_ARG(str_sub(m->t->field[f].col.name, 0, 4)), link_level(x[i].pattern, f));
        printf("\n");
    }
    free(next);
    free(last);
    free(x);
}

static asked read_args(int argc, char **argv) {
    asked q = {.file = argv[1], .name = argv[1]};
    for (int i = 2; i < argc; i++) {
        const char **to = !strcmp(argv[i], "--against")        ? &q.against
                          : !strcmp(argv[i], "--truth-column") ? &q.truth_column
                          : !strcmp(argv[i], "--matches")      ? &q.matches
                          : !strcmp(argv[i], "--id-a")         ? &q.id_a
                          : !strcmp(argv[i], "--id-b")         ? &q.id_b
                          : !strcmp(argv[i], "--by")           ? &q.by
                          : !strcmp(argv[i], "--name")         ? &q.name
                          : !strcmp(argv[i], "--peer")         ? &q.peer
                                                               : NULL;
        if (to && i + 1 < argc) *to = argv[++i];
        if (!strcmp(argv[i], "--ask") && i + 1 < argc) q.ask = strtoul(argv[++i], NULL, 10);
        if (!strcmp(argv[i], "--seed") && i + 1 < argc) q.seed = strtoull(argv[++i], NULL, 10);
        q.honest |= !strcmp(argv[i], "--honest"), q.clean |= !strcmp(argv[i], "--clean"),
            q.more |= !strcmp(argv[i], "--more");
    }
    return q;
}

typedef struct {
    arena a;
    link_table t;
    link_model m;
    link_pairs p;
    uint32_t *cluster;
    link_said *said;
    size_t n_said;
    double read, learned, paired, grouped; // processor seconds when each was done
} run;

static bool link_all(run *r, const asked *q, err *e) {
    const link_read read = {.path = q->file, .against = q->against, .by = str_c(q->by)};
    if (!link_table_read(&r->a, &r->t, &read, e)) return false;
    r->read = seconds();
    if (!link_model_learn(&r->m, &r->t, &(link_model_opts){.seed = q->seed}, e)) return false;
    r->learned = seconds();
    if (!link_model_pairs(&r->m, &r->p, e)) return false;
    r->paired = seconds();
    return true;
}

static bool group(run *r, const asked *q, err *e) {
    r->cluster = make(&r->a, uint32_t, r->t.rows);
    uint8_t *clean = make(&r->a, uint8_t, r->t.rows);
    for (uint32_t i = 0; i < r->t.rows; i++) clean[i] = i < r->t.rows_a ? 1 : 2;
    const link_cluster_opts o = {.clean = q->clean ? clean : NULL, .said = r->said, .n_said = r->n_said};
    if (!link_cluster(&r->a, r->p.p, r->p.n, r->t.rows, &o, r->cluster, e)) return false;
    r->grouped = seconds();
    return true;
}

static bool ask(run *r, const asked *q, const uint32_t *truth, err *e) {
    link_pair *p = make(&r->a, link_pair, q->ask);
    r->n_said = link_ask(&r->m, &r->p, NULL, 0, q->ask, p);
    r->said = make(&r->a, link_said, r->n_said);
    for (size_t i = 0; i < r->n_said; i++) r->said[i] = (link_said){p[i].a, p[i].b, truth[p[i].a] == truth[p[i].b]};
    link_learned told;
    link_learn_labels(&r->m, r->said, r->n_said, &told);
    link_pairs_close(&r->p);
    return link_model_pairs(&r->m, &r->p, e);
}

static bool by_texts(const link_table *t) {
    for (int i = 0; i < t->n_fields; i++)
        if (t->field[i].col.kind == LINK_text) return true;
    return false;
}

static void put_range(const char *what, double truth, const link_range *r) {
    printf("  %s %.4f told %.4f (%.4f to %.4f)%s\n", what, truth, r->at, r->lo, r->hi,
           truth < r->lo || truth > r->hi ? " OUTSIDE" : "");
}

// Whether what is told without the truth is true: the range of precision and recall, and the chances of pairs.
static float *chances(const run *r, bool clean, arena *a) {
    float *x = make(a, float, r->p.n + 1);
    arena scratch = arena_open(r->p.n * 8 + (size_t)r->t.rows * 8 + (1 << 16));
    for (size_t i = 0; i < r->p.n; i++) x[i] = (float)link_chance(&r->m.score.curve, (double)r->p.p[i].weight);
    if (clean && r->t.rows_a < r->t.rows) link_rivals(scratch, &r->m.score.curve, r->p.p, r->p.n, r->t.rows, x);
    arena_close(&scratch);
    return x;
}

static void show_honest(const run *r, const uint32_t *truth, const link_quality *f, bool clean) {
    static const double from[] = {0.05, 0.25, 0.5, 0.75, 0.9, 0.97, 0.99, 0.999};
    double n[COUNT(from)] = {0}, said[COUNT(from)] = {0}, right[COUNT(from)] = {0};
    arena a = arena_open(r->p.n * 4 + (1 << 16));
    const float *chance = chances(r, clean, &a);
    const link_judge_in in = {.p = r->p.p,
                              .n = r->p.n,
                              .cluster = r->cluster,
                              .rows = r->t.rows,
                              .rows_a = r->t.rows_a,
                              .curve = &r->m.score.curve,
                              .chance = chance,
                              .same = r->m.fit.same,
                              .reached = r->m.blocks.reached,
                              .texts = by_texts(&r->t)};
    link_judged j;
    arena scratch = arena_open((size_t)r->t.rows * 32 + r->p.n * 64 + (1 << 22));
    link_judge(scratch, &in, &j);
    arena_close(&scratch);
    put_range("precision", f->precision, &j.precision);
    put_range("recall   ", f->recall, &j.recall);
    for (size_t i = 0; i < r->p.n; i++) {
        const link_pair *x = &r->p.p[i];
        const double p = (double)chance[i];
        size_t k = COUNT(from) - 1;
        while (k && p < from[k]) k--;
        n[k]++, said[k] += p, right[k] += truth[x->a] == truth[x->b];
    }
    printf("  slope %.3f\n  said ", 1 + r->m.score.curve.slope_less_1);
    for (size_t k = 0; k < COUNT(from); k++) printf(n[k] > 0 ? "  %.4f" : "       -", said[k] / n[k]);
    printf("\n  right");
    for (size_t k = 0; k < COUNT(from); k++) printf(n[k] > 0 ? "  %.4f" : "       -", right[k] / n[k]);
    printf("\n  pairs");
    for (size_t k = 0; k < COUNT(from); k++) printf(" %7.0f", n[k]);
    printf("\n");
    arena_close(&a);
}

int main(int argc, char **argv) {
    if (argc < 2) return 2;
    const asked q = read_args(argc, argv);
    const double began = wall();
    run r = {.a = arena_open((size_t)64 << 30)};
    err e = {0};
    bool ok = link_all(&r, &q, &e);
    uint32_t *truth = make(&r.a, uint32_t, ok ? r.t.rows : 1);
    if (ok && q.ask) read_truth(&q, &r.t, truth), ok = ask(&r, &q, truth, &e);
    ok = ok && group(&r, &q, &e);
    if (!ok) return fprintf(stderr, "%s\n", e.msg), 1;
    const double took = wall() - began;
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    read_truth(&q, &r.t, truth);
    const link_quality f = link_quality_pairs(r.cluster, truth, r.t.rows),
                       b = link_quality_b3(r.cluster, truth, r.t.rows);
    printf("%-26s %9u %.4f %.4f %.4f %.4f %10" PRIu64 " %6.2f %6.2f %6.2f %6.2f %7.2f %6.2f %5.0f  %s\n", q.name,
           r.t.rows, f.precision, f.recall, f.f1, b.f1, r.p.compared, r.read, r.learned - r.read, r.paired - r.learned,
           r.grouped - r.paired, r.grouped, took, (double)u.ru_maxrss / 1024, q.peer ? q.peer : "");
    if (q.honest) show_honest(&r, truth, &f, q.clean);
    if (q.more)
        show_model(&r.m), show_pairs(&r.m, &r.p, truth), show_misses(&r.m, &r.p, truth), show_lost(&r.m, &r.p, truth);
    return 0;
}
