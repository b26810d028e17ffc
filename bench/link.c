// Links files whose truth is known and prints how well: link FILE [--against FILE] [--truth-column NAME | --matches
// FILE
// --id-a NAME --id-b NAME] [--by COLUMNS] [--clean] [--more]. A truth column's text before "-org" or "-dup" counts.
#include <math.h>
#include <sys/resource.h>

#include "base/input.h"
#include "base/rng.h"
#include "link/cluster.h"
#include "link/model.h"
#include "link/truth.h"

typedef struct {
    const char *file, *against, *truth_column, *matches, *id_a, *id_b, *by;
    bool clean, more;
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

static void show_wrong(const link_model *m, const link_pairs *p, const uint32_t *truth) {
    rng r = rng_seed(1);
    for (size_t i = 0, shown = 0; i < p->n * 50 && shown < 40; i++) {
        const link_pair *x = &p->p[rng_range(&r, 0, (int64_t)p->n - 1)];
        if ((truth[x->a] == truth[x->b]) != (getenv("MISS") != NULL) ||
            x->weight < (float)atof(getenv("LO") ? getenv("LO") : "4") ||
            x->weight > (float)atof(getenv("HI") ? getenv("HI") : "99"))
            continue;
        shown++;
        printf("%+.1f", (double)x->weight);
        uint64_t pat;
        link_model_weight(m, x->a, x->b, &pat);
        float all = m->score.prior, home = m->score.prior_home;
        for (int g = 0; g < m->score.n_groups; g++) {
            const int code = link_code(&m->score.group[g], pat);
            printf(" %+.1f/%+.1f", (double)m->score.stranger[g][code],
                   m->score.homes ? (double)m->score.housemate[g][code] : 0);
            all += m->score.stranger[g][code], home += m->score.homes ? m->score.housemate[g][code] : 0;
        }
        printf(" = %.1f/%.1f", (double)all, (double)home);
        for (int f = 0; f < m->t->n_fields; f++) {
            const str a = intern_text(&m->t->field[f].v, link_row(m->t, x->a)[f]),
                      b = intern_text(&m->t->field[f].v, link_row(m->t, x->b)[f]);
            printf(" | %.*s%s%.*s", STR_ARG(a),
                   link_level(pat, f) == link_levels(m->t->field[f].col.kind) - 1 ? "==" : " ~ ", STR_ARG(b));
        }
        printf("\n");
    }
}

static asked read_args(int argc, char **argv) {
    asked q = {.file = argv[1]};
    for (int i = 2; i < argc; i++) {
        const char **to = !strcmp(argv[i], "--against")        ? &q.against
                          : !strcmp(argv[i], "--truth-column") ? &q.truth_column
                          : !strcmp(argv[i], "--matches")      ? &q.matches
                          : !strcmp(argv[i], "--id-a")         ? &q.id_a
                          : !strcmp(argv[i], "--id-b")         ? &q.id_b
                          : !strcmp(argv[i], "--by")           ? &q.by
                                                               : NULL;
        if (to && i + 1 < argc) *to = argv[++i];
        q.clean |= !strcmp(argv[i], "--clean"), q.more |= !strcmp(argv[i], "--more");
    }
    return q;
}

int main(int argc, char **argv) {
    if (argc < 2) return 2;
    const asked q = read_args(argc, argv);
    arena a = arena_open((size_t)64 << 30);
    err e = {0};
    link_table t;
    link_model m;
    link_pairs p;
    const double c0 = seconds(), w0 = wall();
    if (!link_table_read(&a, &t, &(link_read){.path = q.file, .against = q.against, .by = str_c(q.by)}, &e))
        return fprintf(stderr, "%s\n", e.msg), 1;
    const double c1 = seconds();
    if (!link_model_learn(&m, &t, &(link_model_opts){.floor = getenv("FLOOR") ? (float)atof(getenv("FLOOR")) : 0}, &e))
        return fprintf(stderr, "%s\n", e.msg), 1;
    const double c2 = seconds();
    if (!link_model_pairs(&m, &p, &e)) return fprintf(stderr, "%s\n", e.msg), 1;
    const double c3 = seconds();
    uint32_t *cluster = make(&a, uint32_t, t.rows), *truth = make(&a, uint32_t, t.rows);
    uint8_t *clean = make(&a, uint8_t, t.rows);
    for (uint32_t i = 0; i < t.rows; i++) clean[i] = i < t.rows_a ? 1 : 2;
    link_cluster_opts o = {.clean = q.clean ? clean : NULL};
    if (!link_cluster(&a, p.p, p.n, t.rows, &o, cluster, &e)) return fprintf(stderr, "%s\n", e.msg), 1;
    const double c4 = seconds(), w1 = wall();
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    read_truth(&q, &t, truth);
    const link_quality f = link_quality_pairs(cluster, truth, t.rows), b = link_quality_b3(cluster, truth, t.rows);
    printf("%s: %u rows, compared %" PRIu64 ", clusters P %.4f R %.4f F1 %.4f  B3 %.4f %.4f %.4f; cpu read %.2f learn "
           "%.2f pairs %.2f cluster %.2f, wall %.2f, %.0f MB\n",
           strrchr(q.file, '/') ? strrchr(q.file, '/') + 1 : q.file, t.rows, p.compared, f.precision, f.recall, f.f1,
           b.precision, b.recall, b.f1, c1 - c0, c2 - c1, c3 - c2, c4 - c3, w1 - w0, (double)u.ru_maxrss / 1024);
    if (q.more) show_model(&m), show_pairs(&m, &p, truth), show_wrong(&m, &p, truth);
    return 0;
}
